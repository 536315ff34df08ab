//! Where PostgreSQL's programs are on this machine. Refuses to run them but to ask their version.

use std::path::{Path, PathBuf};

use super::{first_line, trouble};
use crate::error::Result;

/// The programs of one version.
#[derive(Clone, Debug)]
pub(super) struct Programs {
    pub(super) folder: PathBuf,
    pub(super) major: u32,
}

impl Programs {
    /// Those that made the data folder; the newest where there is no data yet.
    pub(super) fn find(data: &Path) -> Result<Self> {
        let made_by = first_line(&data.join("PG_VERSION")).and_then(|version| version.parse::<u32>().ok());
        let mut found: Vec<Self> = folders().into_iter().filter_map(Self::in_folder).collect();
        found.sort_by_key(|programs| std::cmp::Reverse(programs.major));
        match made_by {
            Some(major) => found.into_iter().find(|programs| programs.major == major).ok_or_else(|| {
                trouble(format!("{} is of version {major}, whose programs are not installed", data.display()))
            }),
            None => found.into_iter().next().ok_or_else(|| trouble("its server programs are not installed")),
        }
    }

    fn in_folder(folder: PathBuf) -> Option<Self> {
        if !folder.join("initdb").is_file() || !folder.join("postgres").is_file() {
            return None;
        }
        let output = std::process::Command::new(folder.join("postgres")).arg("--version").output().ok()?;
        let major = major(&String::from_utf8_lossy(&output.stdout))?;
        Some(Self { folder, major })
    }
}

/// Debian's folders, those of PostgreSQL's own packages for Enterprise Linux, and PATH.
fn folders() -> Vec<PathBuf> {
    let entries = |parent: &str| std::fs::read_dir(parent).into_iter().flatten().flatten().map(|entry| entry.path());
    let debian = entries("/usr/lib/postgresql").map(|version| version.join("bin"));
    let enterprise = entries("/usr").filter(|path| path.to_string_lossy().starts_with("/usr/pgsql-"));
    let path = std::env::var_os("PATH").unwrap_or_default();
    let mut folders: Vec<PathBuf> = debian.chain(enterprise.map(|version| version.join("bin"))).collect();
    folders.extend(std::env::split_paths(&path).filter(|folder| folder.is_absolute()));
    folders.dedup();
    folders
}

/// The major version in `postgres (PostgreSQL) 15.13 (Debian …)`.
fn major(text: &str) -> Option<u32> {
    let version = text.split("(PostgreSQL)").nth(1)?.trim();
    version.split(|c: char| !c.is_ascii_digit()).next()?.parse().ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn versions_as_programs_say_them() {
        assert_eq!(major("postgres (PostgreSQL) 15.13 (Debian 15.13-0+deb12u1)\n"), Some(15));
        assert_eq!(major("postgres (PostgreSQL) 17beta1"), Some(17));
        assert_eq!(major("something else"), None);
    }
}
