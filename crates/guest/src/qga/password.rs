//! Setting a user's password through `chpasswd(8)`. Off unless the guest's owner allows it; the password is never logged.

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use serde::Deserialize;
use serde_json::{Value, json};

use super::CommandFailure;
use crate::commands;

#[derive(Deserialize)]
pub(super) struct SetArguments {
    username: String,
    /// In base64.
    password: String,
    /// The password is a hash already.
    crypted: bool,
}

pub(super) fn set(arguments: SetArguments) -> Result<Value, CommandFailure> {
    let refused = |text: &str| CommandFailure::Refused(text.to_owned());
    let password = STANDARD.decode(&arguments.password).map_err(|_| refused("the password is not in base64"))?;
    if password.contains(&b'\n') {
        return Err(refused("the password holds a line break"));
    }
    let user = arguments.username;
    if user.is_empty() || user.contains([':', '\n']) {
        return Err(refused("this is no user name"));
    }
    let line = [user.as_bytes(), b":", &password, b"\n"].concat();
    let flags: &[&str] = if arguments.crypted { &["-e"] } else { &[] };
    commands::run("chpasswd", flags, Some(&line))?;
    Ok(json!({}))
}
