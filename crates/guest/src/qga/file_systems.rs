//! Freezing file systems for a snapshot, thawing and trimming them, with the programs `fsfreeze(8)` and `fstrim(8)`.
//!
//! What is frozen is also noted in a file in memory, so that an agent that was started again meanwhile can still thaw.

use std::fs;
use std::path::{Path, PathBuf};

use serde::Deserialize;
use serde_json::{Value, json};

use super::CommandFailure;
use crate::commands;
use crate::gather::storage::{self, Mount};
use crate::log;

/// `/run` stands in memory and is never frozen.
const NOTE: &str = "/run/ferrovirt-guest-agent.frozen";
/// Those that the kernel can freeze.
const FREEZABLE: [&str; 9] = ["ext2", "ext3", "ext4", "xfs", "btrfs", "f2fs", "jfs", "gfs2", "ocfs2"];

#[derive(Deserialize)]
pub(super) struct FreezeListArguments {
    mountpoints: Option<Vec<String>>,
}

#[derive(Deserialize)]
pub(super) struct TrimArguments {
    /// Bytes: smaller free pieces are left alone.
    minimum: Option<u64>,
}

/// Knows which file systems are frozen.
#[derive(Debug)]
pub(super) struct Freezer {
    hooks: Option<PathBuf>,
    frozen: Vec<String>,
    note: PathBuf,
}

impl Freezer {
    pub(super) fn new(hooks: Option<PathBuf>) -> Self {
        let note = PathBuf::from(NOTE);
        let frozen =
            fs::read_to_string(&note).map(|text| text.lines().map(str::to_owned).collect()).unwrap_or_default();
        Self { hooks, frozen, note }
    }

    pub(super) fn is_frozen(&self) -> bool {
        !self.frozen.is_empty()
    }

    pub(super) fn status(&self) -> Value {
        json!(if self.is_frozen() { "frozen" } else { "thawed" })
    }

    pub(super) fn freeze_list(&mut self, arguments: FreezeListArguments) -> Result<Value, CommandFailure> {
        self.freeze(arguments.mountpoints.as_deref())
    }

    /// Freezes what is mounted, the last mounted first, all or nothing. Answers how many it were.
    pub(super) fn freeze(&mut self, only: Option<&[String]>) -> Result<Value, CommandFailure> {
        let wanted = |mount: &Mount| only.is_none_or(|only| only.contains(&mount.mount_point));
        let freezable = |mount: &Mount| FREEZABLE.contains(&mount.kind.as_str()) && wanted(mount);
        let targets: Vec<String> =
            storage::mounts().into_iter().filter(freezable).map(|mount| mount.mount_point).rev().collect();
        self.run_hooks("freeze")?;
        fs::write(&self.note, targets.join("\n")).map_err(CommandFailure::system("cannot note what is frozen"))?;
        for target in targets {
            if let Err(error) = commands::run("fsfreeze", &["--freeze", &target], None) {
                self.thaw()?;
                return Err(error.into());
            }
            self.frozen.push(target);
        }
        if self.frozen.is_empty() {
            self.thaw()?;
            return Ok(json!(0));
        }
        Ok(json!(self.frozen.len()))
    }

    /// Thaws in the opposite order. Answers how many were thawed; one that was thawed by somebody else is no error.
    pub(super) fn thaw(&mut self) -> Result<Value, CommandFailure> {
        let mut thawed = 0;
        while let Some(target) = self.frozen.pop() {
            match commands::run("fsfreeze", &["--unfreeze", &target], None) {
                Ok(_) => thawed += 1,
                Err(error) => log::warning(&format!("{target} was not thawed: {error}")),
            }
        }
        match fs::remove_file(&self.note) {
            Err(error) if error.kind() != std::io::ErrorKind::NotFound => {
                return Err(CommandFailure::System { what: "cannot note the thaw".to_owned(), source: error });
            }
            _ => {}
        }
        self.run_hooks("thaw")?;
        Ok(json!(thawed))
    }

    fn run_hooks(&self, verb: &str) -> Result<(), CommandFailure> {
        let Some(folder) = &self.hooks else { return Ok(()) };
        let entries = fs::read_dir(folder).map_err(CommandFailure::system("cannot list the hooks"))?;
        let mut programs: Vec<PathBuf> =
            entries.flatten().map(|entry| entry.path()).filter(|path| path.is_file()).collect();
        programs.sort();
        for program in programs {
            run_hook(&program, verb)?;
        }
        Ok(())
    }
}

fn run_hook(program: &Path, verb: &str) -> Result<(), CommandFailure> {
    let name = program.display();
    let status = std::process::Command::new(program)
        .arg(verb)
        .stdin(std::process::Stdio::null())
        .status()
        .map_err(CommandFailure::system(format!("cannot run the hook {name}")))?;
    if status.success() {
        return Ok(());
    }
    let failed = format!("the hook {name} {verb} failed: {status}");
    if verb == "freeze" {
        return Err(CommandFailure::Refused(failed));
    }
    // The file systems are thawed already; the host can do nothing about it.
    log::warning(&failed);
    Ok(())
}

/// Tells the disks which blocks are free. Answers for each file system by itself.
pub(super) fn trim(arguments: TrimArguments) -> Result<Value, CommandFailure> {
    let minimum = arguments.minimum.unwrap_or_default().to_string();
    let trim_one = |mount: Mount| match commands::run("fstrim", &["-v", "-m", &minimum, &mount.mount_point], None) {
        Ok(output) => {
            let mut answer = json!({ "path": mount.mount_point, "minimum": arguments.minimum.unwrap_or_default() });
            if let (Some(fields), Some(bytes)) = (answer.as_object_mut(), trimmed_bytes(&output)) {
                fields.insert("trimmed".into(), bytes.into());
            }
            answer
        }
        Err(error) => json!({ "path": mount.mount_point, "error": error.to_string() }),
    };
    let paths: Vec<Value> = storage::mounts().into_iter().map(trim_one).collect();
    Ok(json!({ "paths": paths }))
}

/// `/: 1 GiB (1073741824 bytes) trimmed`, or without the brackets in busybox.
fn trimmed_bytes(output: &str) -> Option<u64> {
    let before = output.split(" bytes").next()?;
    let digits = before.rsplit(|character: char| !character.is_ascii_digit()).next()?;
    digits.parse().ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_number_of_trimmed_bytes_is_found() {
        assert_eq!(trimmed_bytes("/: 1 GiB (1073741824 bytes) trimmed\n"), Some(1_073_741_824));
        assert_eq!(trimmed_bytes("/: 4096 bytes were trimmed\n"), Some(4096));
        assert_eq!(trimmed_bytes("nothing"), None);
    }

    #[test]
    fn a_new_agent_knows_what_an_old_one_froze() {
        let folder = tempfile::tempdir().expect("a folder");
        let note = folder.path().join("note");
        fs::write(&note, "/srv\n/").expect("a note");
        let text = fs::read_to_string(&note).expect("a note");
        let freezer = Freezer { hooks: None, frozen: text.lines().map(str::to_owned).collect(), note };
        assert_eq!(freezer.status(), json!("frozen"));
    }
}
