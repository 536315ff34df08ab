//! Shuts the guest down through its own init system. It never forces: that is the host's business.

use crate::commands::{self, CommandError};

/// Shown to logged-in users when the host gives no message of its own.
pub(crate) const MESSAGE: &str = "shutdown asked for by the host";

/// How to stop.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Kind {
    PowerOff,
    Halt,
    Reboot,
}

/// Starts an orderly shutdown. `shutdown(8)` of systemd and sysvinit warns the users; the commands of busybox only act.
pub(crate) fn shut_down(kind: Kind, message: &str) -> Result<(), CommandError> {
    let (flags, plain): (&[&str], &str) = match kind {
        Kind::PowerOff => (&["-h", "-P"], "poweroff"),
        Kind::Halt => (&["-h", "-H"], "halt"),
        Kind::Reboot => (&["-r"], "reboot"),
    };
    if commands::find("shutdown").is_none() {
        return commands::run(plain, &[], None).map(drop);
    }
    // A message that begins with a dash would be read as an option.
    let arguments = [flags, &["+0", message.trim_start_matches('-')]].concat();
    commands::run("shutdown", &arguments, None).map(drop)
}
