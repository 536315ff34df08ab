//! Commands that say what system this is and who uses it. They change nothing.

use serde::Deserialize;
use serde_json::{Map, Value, json};

use super::CommandFailure;
use crate::gather;

#[derive(Deserialize)]
pub(super) struct SyncArguments {
    id: i64,
}

pub(super) fn sync(arguments: SyncArguments) -> Value {
    json!(arguments.id)
}

pub(super) fn operating_system() -> Value {
    let kernel = gather::operating_system::kernel();
    let release = gather::operating_system::release();
    let mut answer = Map::new();
    answer.insert("kernel-release".into(), kernel.release.into());
    answer.insert("kernel-version".into(), kernel.version.into());
    answer.insert("machine".into(), kernel.machine.into());
    let fields = [
        ("id", "ID"),
        ("name", "NAME"),
        ("pretty-name", "PRETTY_NAME"),
        ("version", "VERSION"),
        ("version-id", "VERSION_ID"),
        ("variant", "VARIANT"),
        ("variant-id", "VARIANT_ID"),
    ];
    for (ours, theirs) in fields {
        if let Some(value) = release.get(theirs) {
            answer.insert(ours.into(), value.clone().into());
        }
    }
    Value::Object(answer)
}

pub(super) fn host_name() -> Value {
    json!({ "host-name": gather::names::read().host_name })
}

pub(super) fn time_zone() -> Result<Value, CommandFailure> {
    let unknown = || CommandFailure::Refused("the time zone of this guest cannot be read".to_owned());
    let (abbreviation, offset) = gather::time_zone::now().ok_or_else(unknown)?;
    Ok(json!({ "zone": abbreviation, "offset": offset }))
}

/// Each user once, with the earliest login, as the protocol has it.
pub(super) fn users() -> Value {
    let mut users: Vec<(String, u64)> = Vec::new();
    for session in gather::sessions::read() {
        match users.iter_mut().find(|(user, _)| *user == session.user) {
            Some((_, since)) => *since = (*since).min(session.login_time),
            None => users.push((session.user, session.login_time)),
        }
    }
    let describe = |(user, since): (String, u64)| json!({ "user": user, "login-time": since as f64 });
    users.into_iter().map(describe).collect()
}
