//! Sending the guest to sleep: by systemd where it runs, which tells the programs, else by the kernel alone.

use std::fs;
use std::path::Path;

use super::{CommandFailure, Outcome};
use crate::commands;
use crate::gather;

/// How deep.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Kind {
    Memory,
    Disk,
    Hybrid,
}

/// Success has no answer: the guest sleeps.
pub(super) fn suspend(kind: Kind) -> Outcome {
    let (verb, state) = match kind {
        Kind::Memory => ("suspend", "mem"),
        Kind::Disk => ("hibernate", "disk"),
        Kind::Hybrid => ("hybrid-sleep", "disk"),
    };
    let can = |state: &str| gather::line("/sys/power/state").split_whitespace().any(|found| found == state);
    if !can(state) || (kind == Kind::Hybrid && !can("mem")) {
        return Err(CommandFailure::Refused(format!("this guest cannot {verb}")));
    }
    if Path::new("/run/systemd/system").is_dir() {
        commands::run("systemctl", &[verb], None)?;
        return Ok(None);
    }
    let write =
        |path: &str, text: &str| fs::write(path, text).map_err(CommandFailure::system(format!("cannot {verb}")));
    if kind == Kind::Hybrid {
        write("/sys/power/disk", "suspend")?;
    }
    write("/sys/power/state", state)?;
    Ok(None)
}
