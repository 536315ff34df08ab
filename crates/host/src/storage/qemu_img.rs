//! `qemu-img` in a cage: explicit formats, limits of memory and processor time, no new privileges, a deadline.
//!
//! Images from outside have made it eat all memory (CVE-2018-10908) and open files of its host; it is never asked to
//! guess a format, and headers are read by `qcow2` before it sees the file. It refuses to know what the image is for.

use std::ffi::{OsStr, OsString};
use std::process::Stdio;
use std::time::Duration;

use tokio::io::{AsyncReadExt, BufReader};
use tokio::process::{Child, Command};

use super::{Answer, StorageError};

/// What one call may use.
#[derive(Debug, Clone, Copy)]
pub(super) struct Limits {
    /// Bytes of address space.
    pub(super) address_space: u64,
    /// Seconds of processor time.
    pub(super) processor_seconds: u64,
    /// Wall-clock time.
    pub(super) deadline: Duration,
}

impl Limits {
    /// For calls that touch headers only.
    pub(super) const HEADER: Limits =
        Limits { address_space: 1 << 30, processor_seconds: 30, deadline: Duration::from_secs(300) };
    /// For copies of whole images.
    pub(super) const COPY: Limits =
        Limits { address_space: 4 << 30, processor_seconds: 24 * 3600, deadline: Duration::from_secs(48 * 3600) };
}

/// The caged command. `setpriv` and `prlimit` belong to util-linux, which every Linux host has.
fn command(arguments: &[OsString], limits: Limits) -> Command {
    let mut command = Command::new("setpriv");
    command
        .args(["--no-new-privs", "--", "prlimit", "--core=0"])
        .arg(format!("--as={}", limits.address_space))
        .arg(format!("--cpu={}", limits.processor_seconds))
        .args(["--", "qemu-img"])
        .args(arguments)
        .env_clear()
        .env("PATH", "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin")
        .env("LC_ALL", "C")
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .kill_on_drop(true);
    command
}

/// Collects arguments of any kind of text.
pub(super) fn arguments<const N: usize>(all: [&dyn AsRef<OsStr>; N]) -> Vec<OsString> {
    all.iter().map(|one| one.as_ref().to_owned()).collect()
}

/// A running `qemu-img`.
pub(super) struct Running {
    child: Child,
    deadline: Duration,
    verb: String,
}

/// Starts it.
pub(super) fn start(arguments: &[OsString], limits: Limits) -> Answer<Running> {
    let verb = arguments.first().map(|verb| verb.to_string_lossy().into_owned()).unwrap_or_default();
    let child = command(arguments, limits)
        .spawn()
        .map_err(|source| StorageError::io("starting qemu-img by setpriv and prlimit", source))?;
    Ok(Running { child, deadline: limits.deadline, verb })
}

impl Running {
    /// The process, for the record that finds it after a crash.
    pub(super) fn pid(&self) -> Option<u32> {
        self.child.id()
    }

    /// Waits for the end; `progress` hears percents as they are printed. Dropping the future kills the process.
    pub(super) async fn finish(mut self, mut progress: impl FnMut(u32)) -> Answer<()> {
        let stdout = self.child.stdout.take();
        let stderr = self.child.stderr.take();
        let listen = async {
            let Some(stdout) = stdout else { return };
            let (mut reader, mut line) = (BufReader::new(stdout), Vec::new());
            while let Ok(byte) = reader.read_u8().await {
                if matches!(byte, b'\r' | b'\n') {
                    percent(&line).into_iter().for_each(&mut progress);
                    line.clear();
                } else if line.len() < 256 {
                    line.push(byte);
                }
            }
        };
        let complain = async {
            let mut said = Vec::new();
            if let Some(stderr) = stderr {
                // What can't be read can't be told; the exit status still counts.
                let _ = stderr.take(16 * 1024).read_to_end(&mut said).await;
            }
            said
        };
        let all = async { tokio::join!(self.child.wait(), listen, complain) };
        let (status, (), said) = match tokio::time::timeout(self.deadline, all).await {
            Ok(ended) => ended,
            Err(_elapsed) => {
                let text = format!("qemu-img {} did not end in {:?}", self.verb, self.deadline);
                return Err(StorageError::NotAnswering(text));
            }
        };
        let status = status.map_err(|source| StorageError::io("waiting for qemu-img", source))?;
        if status.success() {
            return Ok(());
        }
        let said = String::from_utf8_lossy(&said).trim().replace('\n', " ");
        if said.contains("No space left on device") {
            return Err(StorageError::Full(format!("qemu-img {}: {said}", self.verb)));
        }
        Err(StorageError::Refused(format!("qemu-img {} ({status}): {said}", self.verb)))
    }
}

/// Runs a call that prints nothing.
pub(super) async fn run(arguments: &[OsString], limits: Limits) -> Answer<()> {
    start(arguments, limits)?.finish(|_percent| ()).await
}

/// `    (12.34/100%)` says 12.
fn percent(line: &[u8]) -> Option<u32> {
    let text = std::str::from_utf8(line).ok()?.trim();
    let number = text.strip_prefix('(')?.split('/').next()?;
    let whole = number.split('.').next()?.parse::<u32>().ok()?;
    Some(whole.min(100))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn progress_is_read() {
        assert_eq!(percent(b"    (12.34/100%)"), Some(12));
        assert_eq!(percent(b"(100.00/100%)"), Some(100));
        assert_eq!(percent(b"warning: x"), None);
        assert_eq!(percent(b"\xff"), None);
    }

    #[tokio::test]
    async fn the_cage_lets_an_image_be_made_and_says_what_failed() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("image");
        run(&arguments([&"create", &"-q", &"-f", &"qcow2", &path, &"1G"]), Limits::HEADER).await.unwrap();
        assert!(path.exists());
        let missing = folder.path().join("missing");
        let error = run(&arguments([&"resize", &"-f", &"qcow2", &missing, &"2G"]), Limits::HEADER).await.unwrap_err();
        assert!(error.to_string().contains("No such file"), "{error}");
    }

    #[tokio::test]
    async fn the_cage_limits_memory() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("image");
        let tight = Limits { address_space: 8 << 20, ..Limits::HEADER };
        assert!(run(&arguments([&"create", &"-q", &"-f", &"qcow2", &path, &"1G"]), tight).await.is_err());
    }
}
