//! The QEMU guest agent protocol (<https://www.qemu.org/docs/master/interop/qemu-ga-ref.html>), as far as libvirt asks it.
//!
//! One request in, at most one answer out. How bytes become requests is in [`framing`]; the commands of an area are in the
//! file of that area. Commands that could be turned against the guest's owner are off unless its owner switched them on.

mod clock;
mod disks;
mod execute;
mod file_systems;
pub(crate) mod framing;
mod memory_blocks;
mod network;
mod password;
mod processors;
mod ssh_keys;
mod suspend;
mod system;

use serde::Deserialize;
use serde::de::DeserializeOwned;
use serde_json::{Map, Value, json};

use crate::options::Options;
use crate::power::{self, Kind};
use framing::{Framed, SENTINEL};

/// Why a command was not done. The texts go to the host.
#[derive(Debug, thiserror::Error)]
pub(crate) enum CommandFailure {
    #[error("the command {0} is not known here")]
    Unknown(String),
    #[error("the command {0} is switched off in this guest")]
    Disabled(String),
    #[error("the command {0} has to wait: file systems are frozen")]
    Frozen(String),
    #[error("the arguments are wrong: {0}")]
    Arguments(#[from] serde_json::Error),
    #[error("{0}")]
    Refused(String),
    #[error("{what}: {source}")]
    System { what: String, source: std::io::Error },
    #[error(transparent)]
    Program(#[from] crate::commands::CommandError),
}

impl CommandFailure {
    /// Names what failed in front of the system's own text.
    pub(crate) fn system(what: impl Into<String>) -> impl FnOnce(std::io::Error) -> Self {
        let what = what.into();
        move |source| Self::System { what, source }
    }

    fn class(&self) -> &'static str {
        match self {
            Self::Unknown(_) | Self::Disabled(_) => "CommandNotFound",
            _ => "GenericError",
        }
    }
}

/// What a command answers; `None` where the protocol has no answer to success.
type Outcome = Result<Option<Value>, CommandFailure>;

#[derive(Deserialize)]
struct Request {
    execute: String,
    #[serde(default)]
    arguments: Map<String, Value>,
    id: Option<Value>,
}

/// Which option, if any, a command needs.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Gate {
    Always,
    /// Also while file systems are frozen.
    EvenFrozen,
    Exec,
    SshKeys,
    Passwords,
}

/// Every command, what it needs, and whether it answers on success.
const COMMANDS: &[(&str, Gate, bool)] = &[
    ("guest-sync", Gate::EvenFrozen, true),
    ("guest-sync-delimited", Gate::EvenFrozen, true),
    ("guest-ping", Gate::EvenFrozen, true),
    ("guest-info", Gate::EvenFrozen, true),
    ("guest-get-time", Gate::EvenFrozen, true),
    ("guest-set-time", Gate::Always, true),
    ("guest-shutdown", Gate::Always, false),
    ("guest-suspend-disk", Gate::Always, false),
    ("guest-suspend-ram", Gate::Always, false),
    ("guest-suspend-hybrid", Gate::Always, false),
    ("guest-network-get-interfaces", Gate::Always, true),
    ("guest-get-osinfo", Gate::Always, true),
    ("guest-get-host-name", Gate::Always, true),
    ("guest-get-timezone", Gate::Always, true),
    ("guest-get-users", Gate::Always, true),
    ("guest-get-fsinfo", Gate::Always, true),
    ("guest-get-disks", Gate::Always, true),
    ("guest-get-vcpus", Gate::Always, true),
    ("guest-set-vcpus", Gate::Always, true),
    ("guest-get-memory-blocks", Gate::Always, true),
    ("guest-set-memory-blocks", Gate::Always, true),
    ("guest-get-memory-block-info", Gate::Always, true),
    ("guest-fsfreeze-status", Gate::EvenFrozen, true),
    ("guest-fsfreeze-freeze", Gate::Always, true),
    ("guest-fsfreeze-freeze-list", Gate::Always, true),
    ("guest-fsfreeze-thaw", Gate::EvenFrozen, true),
    ("guest-fstrim", Gate::Always, true),
    ("guest-exec", Gate::Exec, true),
    ("guest-exec-status", Gate::Exec, true),
    ("guest-ssh-get-authorized-keys", Gate::SshKeys, true),
    ("guest-ssh-add-authorized-keys", Gate::SshKeys, true),
    ("guest-ssh-remove-authorized-keys", Gate::SshKeys, true),
    ("guest-set-user-password", Gate::Passwords, true),
];

/// The agent's side of the protocol and what it remembers between commands.
#[derive(Debug)]
pub(crate) struct Agent {
    options: Options,
    freezer: file_systems::Freezer,
    executions: execute::Executions,
}

/// Reads a command's arguments.
fn arguments<T: DeserializeOwned>(given: Map<String, Value>) -> Result<T, CommandFailure> {
    Ok(serde_json::from_value(Value::Object(given))?)
}

impl Agent {
    /// An agent that allows what `options` allow. File systems that an earlier agent left frozen are known to be so.
    pub(crate) fn new(options: Options) -> Self {
        let freezer = file_systems::Freezer::new(options.freeze_hooks.clone());
        Self { options, freezer, executions: execute::Executions::default() }
    }

    /// File systems are frozen: nothing must be written, not even a log.
    pub(crate) fn is_frozen(&self) -> bool {
        self.freezer.is_frozen()
    }

    /// The bytes that answer a request; `None` where silence is the answer.
    pub(crate) fn answer(&mut self, framed: &Framed) -> Option<Vec<u8>> {
        let request: Request = match framed {
            Framed::Request(bytes) => match serde_json::from_slice(bytes) {
                Ok(request) => request,
                Err(error) => return Some(failure(&CommandFailure::Arguments(error), None)),
            },
            Framed::Garbage => {
                return Some(failure(&CommandFailure::Refused("this is no JSON object".to_owned()), None));
            }
        };
        let delimited = request.execute == "guest-sync-delimited";
        let id = request.id.clone();
        let mut answer = match self.execute(request) {
            Ok(Some(value)) => line(json!({ "return": value }), id),
            Ok(None) => return None,
            Err(error) => failure(&error, id),
        };
        if delimited {
            answer.insert(0, SENTINEL);
        }
        Some(answer)
    }

    fn is_enabled(&self, gate: Gate) -> bool {
        match gate {
            Gate::Always | Gate::EvenFrozen => true,
            Gate::Exec => self.options.allow_exec,
            Gate::SshKeys => self.options.allow_ssh_keys,
            Gate::Passwords => self.options.allow_passwords,
        }
    }

    fn execute(&mut self, request: Request) -> Outcome {
        let Some((_, gate, _)) = COMMANDS.iter().find(|(name, _, _)| *name == request.execute) else {
            return Err(CommandFailure::Unknown(request.execute));
        };
        if !self.is_enabled(*gate) {
            return Err(CommandFailure::Disabled(request.execute));
        }
        if self.is_frozen() && *gate != Gate::EvenFrozen {
            return Err(CommandFailure::Frozen(request.execute));
        }
        self.perform(&request.execute, request.arguments)
    }

    fn perform(&mut self, command: &str, given: Map<String, Value>) -> Outcome {
        let answer = match command {
            "guest-sync" | "guest-sync-delimited" => system::sync(arguments(given)?),
            "guest-ping" => json!({}),
            "guest-info" => self.info(),
            "guest-get-time" => clock::get()?,
            "guest-set-time" => clock::set(arguments(given)?)?,
            "guest-shutdown" => return shutdown(arguments(given)?),
            "guest-suspend-disk" => return suspend::suspend(suspend::Kind::Disk),
            "guest-suspend-ram" => return suspend::suspend(suspend::Kind::Memory),
            "guest-suspend-hybrid" => return suspend::suspend(suspend::Kind::Hybrid),
            "guest-network-get-interfaces" => network::interfaces(),
            "guest-get-osinfo" => system::operating_system(),
            "guest-get-host-name" => system::host_name(),
            "guest-get-timezone" => system::time_zone()?,
            "guest-get-users" => system::users(),
            "guest-get-fsinfo" => disks::file_systems(),
            "guest-get-disks" => disks::disks(),
            "guest-get-vcpus" => processors::get()?,
            "guest-set-vcpus" => processors::set(arguments(given)?)?,
            "guest-get-memory-blocks" => memory_blocks::get()?,
            "guest-set-memory-blocks" => memory_blocks::set(arguments(given)?)?,
            "guest-get-memory-block-info" => memory_blocks::info()?,
            "guest-fsfreeze-status" => self.freezer.status(),
            "guest-fsfreeze-freeze" => self.freezer.freeze(None)?,
            "guest-fsfreeze-freeze-list" => self.freezer.freeze_list(arguments(given)?)?,
            "guest-fsfreeze-thaw" => self.freezer.thaw()?,
            "guest-fstrim" => file_systems::trim(arguments(given)?)?,
            "guest-exec" => self.executions.start(arguments(given)?)?,
            "guest-exec-status" => self.executions.status(arguments(given)?)?,
            "guest-ssh-get-authorized-keys" => ssh_keys::get(arguments(given)?)?,
            "guest-ssh-add-authorized-keys" => ssh_keys::add(arguments(given)?)?,
            "guest-ssh-remove-authorized-keys" => ssh_keys::remove(arguments(given)?)?,
            "guest-set-user-password" => password::set(arguments(given)?)?,
            _ => return Err(CommandFailure::Unknown(command.to_owned())),
        };
        Ok(Some(answer))
    }

    fn info(&self) -> Value {
        let describe = |(name, gate, answers): &(&str, Gate, bool)| json!({ "name": name, "enabled": self.is_enabled(*gate), "success-response": answers });
        let commands: Vec<Value> = COMMANDS.iter().map(describe).collect();
        json!({ "version": env!("CARGO_PKG_VERSION"), "supported_commands": commands })
    }
}

#[derive(Deserialize)]
struct ShutdownArguments {
    mode: Option<String>,
}

fn shutdown(arguments: ShutdownArguments) -> Outcome {
    let kind = match arguments.mode.as_deref() {
        None | Some("powerdown") => Kind::PowerOff,
        Some("halt") => Kind::Halt,
        Some("reboot") => Kind::Reboot,
        Some(_) => return Err(CommandFailure::Refused("the mode is powerdown, halt or reboot".to_owned())),
    };
    power::shut_down(kind, power::MESSAGE)?;
    Ok(None)
}

fn line(mut answer: Value, id: Option<Value>) -> Vec<u8> {
    if let (Some(fields), Some(id)) = (answer.as_object_mut(), id) {
        fields.insert("id".to_owned(), id);
    }
    let mut bytes = answer.to_string().into_bytes();
    bytes.push(b'\n');
    bytes
}

fn failure(error: &CommandFailure, id: Option<Value>) -> Vec<u8> {
    line(json!({ "error": { "class": error.class(), "desc": error.to_string() } }), id)
}

#[cfg(test)]
#[path = "qga/tests.rs"]
mod tests;
