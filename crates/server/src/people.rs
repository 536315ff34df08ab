//! `passwd` and the members of groups: what an administrator changes of the engine's own directory at the machine itself,
//! whether the engine runs or not. Refuses to know rows.

use std::io::{BufRead, IsTerminal, Read, Write};

use ferrovirt_engine::sign_on::accounts;
use ferrovirt_model::refusal::Refusal;
use ferrovirt_model::secret::Secret;
use ferrovirt_store::{Address, Store};
use nix::sys::termios::{self, LocalFlags, SetArg};
use tokio_util::sync::CancellationToken;

use crate::config::Config;
use crate::data_folder::{DataFolder, Held};
use crate::error::{Result, ServerError, at};
use crate::postgres::Postgres;
use crate::run::{Database, open_database, outside};

/// Connections that a command takes: the running engine has most of them.
const CONNECTIONS: u32 = 2;
/// So much is read of a line, bytes: more than any password may have, so that one that is too long is seen to be so.
const LINE: u64 = 4096;

/// Gives a user of the internal directory another password; their sessions end. Says whose it is, with the profile.
///
/// # Errors
/// What keeps it from the database; a user that there is not.
pub async fn change_password(folder: &DataFolder, user: &str, password: &Secret) -> Result<String> {
    let at_hand = AtHand::open(folder).await?;
    let changed = accounts::change_password(&at_hand.database.store, user, password).await;
    at_hand.close().await;
    Ok(changed?.principal)
}

/// Puts a user into a group, or takes them out of it.
///
/// # Errors
/// What keeps it from the database; a user or group that there is not.
pub async fn set_member(folder: &DataFolder, group: &str, user: &str, member: bool) -> Result<()> {
    let at_hand = AtHand::open(folder).await?;
    let changed = accounts::set_member(&at_hand.database.store, group, user, member).await;
    at_hand.close().await;
    Ok(changed?)
}

/// The engine's database, for one command.
struct AtHand {
    database: Database,
    /// Where no engine runs, this process has the folder, and the database's server with it.
    _held: Option<Held>,
}

impl AtHand {
    async fn open(folder: &DataFolder) -> Result<Self> {
        let Some(config) = Config::read(&folder.config())? else {
            let what = "there is no such file; run setup first".to_owned();
            return Err(ServerError::Configuration { path: folder.config(), what });
        };
        match folder.hold() {
            Ok(held) => Ok(Self {
                database: open_database(folder, &config, &CancellationToken::new()).await?,
                _held: Some(held),
            }),
            Err(ServerError::InUse(_)) => {
                let address = match outside(&config) {
                    Some(url) => Address::Url(url),
                    None => Postgres::of(folder.postgres())?.address(),
                };
                let store = Store::open_beside(address.options()?, CONNECTIONS).await?;
                Ok(Self { database: Database { store, keeper: None }, _held: None })
            }
            Err(error) => Err(error),
        }
    }

    async fn close(self) {
        self.database.close().await;
    }
}

/// Reads a new password: asked for twice at a terminal, else the first line of standard input.
///
/// # Errors
/// [`ServerError::File`] of standard input; a refusal where the two differ.
pub fn read_password(user: &str) -> Result<Secret> {
    let input = std::io::stdin();
    if !input.is_terminal() {
        return line(&mut input.lock());
    }
    let first = unseen(&format!("New password of {user}: "))?;
    let second = unseen("Once more: ")?;
    if first.expose() != second.expose() {
        return Err(ferrovirt_engine::Failure::from(Refusal::rule("The two passwords differ.")).into());
    }
    Ok(first)
}

fn line(input: &mut impl BufRead) -> Result<Secret> {
    let mut text = String::new();
    input.take(LINE).read_line(&mut text).map_err(at("standard input".as_ref()))?;
    Ok(Secret::new(text.trim_end_matches(['\n', '\r'])))
}

/// Asks at the terminal without showing what is typed.
fn unseen(question: &str) -> Result<Secret> {
    let terminal = |errno: nix::errno::Errno| at("the terminal".as_ref())(errno.into());
    let input = std::io::stdin();
    let before = termios::tcgetattr(&input).map_err(terminal)?;
    let mut hidden = before.clone();
    hidden.local_flags.remove(LocalFlags::ECHO);
    let mut errors = std::io::stderr();
    errors.write_all(question.as_bytes()).and_then(|()| errors.flush()).map_err(at("the terminal".as_ref()))?;
    termios::tcsetattr(&input, SetArg::TCSAFLUSH, &hidden).map_err(terminal)?;
    let typed = line(&mut input.lock());
    let shown = termios::tcsetattr(&input, SetArg::TCSAFLUSH, &before).map_err(terminal);
    errors.write_all(b"\n").map_err(at("the terminal".as_ref()))?;
    shown.and(typed)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_first_line_is_the_password() {
        for (text, password) in [("a b\n", "a b"), ("x\r\ny\n", "x"), (" spaces stay ", " spaces stay "), ("", "")] {
            assert_eq!(line(&mut text.as_bytes()).unwrap().expose(), password);
        }
    }
}
