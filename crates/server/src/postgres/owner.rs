//! As whom the database server runs: PostgreSQL refuses to be root, so root hands it to a user without rights.

use std::os::unix::fs::{DirBuilderExt, MetadataExt};
use std::path::Path;

use nix::unistd::{Gid, Uid, User, chown};
use tokio::process::Command;

use super::trouble;
use crate::error::{Result, at};

/// Taken in this order; the first is made where none exists.
const NAMES: [&str; 2] = ["ferrovirt", "postgres"];

/// As whom the server runs.
#[derive(Clone, Copy, Debug)]
pub(super) enum Owner {
    /// As this process does.
    Same,
    /// As another user.
    Other(Uid, Gid),
}

impl Owner {
    /// The owner of the data folder, or who shall be it.
    pub(super) fn of(data: &Path) -> Result<Self> {
        if !Uid::effective().is_root() {
            return Ok(Self::Same);
        }
        if let Ok(folder) = std::fs::metadata(data) {
            let (user, group) = (Uid::from_raw(folder.uid()), Gid::from_raw(folder.gid()));
            if user.is_root() {
                return Err(trouble(format!("{} belongs to root, as whom PostgreSQL does not run", data.display())));
            }
            return Ok(Self::Other(user, group));
        }
        for name in NAMES {
            if let Some(found) = user(name)? {
                return Ok(Self::Other(found.uid, found.gid));
            }
        }
        make_user(NAMES[0])?;
        let made = user(NAMES[0])?.ok_or_else(|| trouble("its user was made and is not there"))?;
        Ok(Self::Other(made.uid, made.gid))
    }

    /// Makes a folder that the owner alone can enter.
    pub(super) fn make_folder(self, folder: &Path) -> Result<()> {
        std::fs::DirBuilder::new().mode(0o700).create(folder).map_err(at(folder))?;
        if let Self::Other(user, group) = self {
            chown(folder, Some(user), Some(group)).map_err(|errno| at(folder)(errno.into()))?;
        }
        Ok(())
    }

    /// Lets a command run as the owner. Supplementary groups are given up with the change of user.
    pub(super) fn become_it(self, command: &mut Command) {
        if let Self::Other(user, group) = self {
            command.uid(user.as_raw()).gid(group.as_raw());
        }
    }
}

fn user(name: &str) -> Result<Option<User>> {
    User::from_name(name).map_err(|errno| trouble(format!("user {name} can't be looked up: {errno}")))
}

fn make_user(name: &str) -> Result<()> {
    let made = std::process::Command::new("useradd")
        .args(["--system", "--user-group", "--no-create-home", "--home-dir", "/nonexistent"])
        .args(["--shell", "/usr/sbin/nologin", name])
        .output();
    match made {
        Ok(output) if output.status.success() => Ok(()),
        Ok(output) => Err(trouble(format!("user {name}: {}", String::from_utf8_lossy(&output.stderr).trim()))),
        Err(error) => Err(trouble(format!("user {name} can't be made: {error}"))),
    }
}
