//! One virtio serial port: finding it by name, and reading and writing without ever waiting. What is said is unknown here.
//!
//! Linux tells in no other way whether the host listens: reading gives end-of-file while it does not, and "would block"
//! while it does and is silent (`drivers/char/virtio_console.c`). Polling such a port returns at once for ever, so the
//! loop watches it edge-triggered.

use std::fs::{self, File, OpenOptions};
use std::io::{self, Read, Write};
use std::os::unix::fs::OpenOptionsExt;
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use nix::fcntl::OFlag;

/// What is kept for a host that reads slowly. Beyond it the host is taken as gone.
const MAXIMUM_OUTGOING: usize = 4 * 1024 * 1024;
const FIRST_RETRY: Duration = Duration::from_secs(1);
const LONGEST_RETRY: Duration = Duration::from_secs(30);
/// The largest piece that the driver takes at once.
const PIECE: usize = 32 * 1024;

/// A port and what waits to be written to it.
#[derive(Debug)]
pub(crate) struct Port {
    name: &'static str,
    path: Option<PathBuf>,
    file: Option<File>,
    connected: bool,
    outgoing: Vec<u8>,
    retry_at: Option<Instant>,
    retry_after: Duration,
}

impl Port {
    /// A closed port. `path` overrides the search by name.
    pub(crate) fn new(name: &'static str, path: Option<PathBuf>) -> Self {
        Self {
            name,
            path,
            file: None,
            connected: false,
            outgoing: Vec::new(),
            retry_at: Some(Instant::now()),
            retry_after: FIRST_RETRY,
        }
    }

    /// When to call [`Port::open`] next; `None` while it is open.
    pub(crate) fn retry_at(&self) -> Option<Instant> {
        self.retry_at
    }

    /// Makes the next [`Port::open`] due now, because a device appeared.
    pub(crate) fn hurry(&mut self, now: Instant) {
        if self.file.is_none() {
            self.retry_at = Some(now);
            self.retry_after = FIRST_RETRY;
        }
    }

    /// The host listens.
    pub(crate) fn is_connected(&self) -> bool {
        self.connected
    }

    /// The open device, for the loop to watch.
    pub(crate) fn file(&self) -> Option<&File> {
        self.file.as_ref()
    }

    /// Opens the port if it is there and free. On failure the next try is put off, twice as long each time.
    pub(crate) fn open(&mut self, now: Instant) -> Result<(), PortError> {
        match self.try_open() {
            Ok(file) => {
                self.file = Some(file);
                self.retry_at = None;
                self.retry_after = FIRST_RETRY;
                Ok(())
            }
            Err(error) => {
                self.retry_at = Some(now + self.retry_after);
                self.retry_after = (self.retry_after * 2).min(LONGEST_RETRY);
                Err(error)
            }
        }
    }

    fn try_open(&self) -> Result<File, PortError> {
        let path = match &self.path {
            Some(path) => path.clone(),
            None => find(self.name).ok_or(PortError::Missing(self.name))?,
        };
        let flags = OFlag::O_NONBLOCK | OFlag::O_CLOEXEC | OFlag::O_NOCTTY;
        OpenOptions::new()
            .read(true)
            .write(true)
            .custom_flags(flags.bits())
            .open(&path)
            .map_err(|source| PortError::Open { path, source })
    }

    /// Reads all there is into `sink`. Returns true if the host was away before and listens now. A device that is gone
    /// closes the port.
    pub(crate) fn read(&mut self, now: Instant, mut sink: impl FnMut(&[u8])) -> bool {
        let was_connected = self.connected;
        let mut buffer = [0u8; 4096];
        loop {
            let Some(file) = self.file.as_mut() else { return false };
            match file.read(&mut buffer) {
                Ok(0) => {
                    self.connected = false;
                    self.outgoing = Vec::new();
                    return false;
                }
                Ok(count) => {
                    self.connected = true;
                    sink(buffer.get(..count).unwrap_or_default());
                }
                Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
                Err(error) if error.kind() == io::ErrorKind::WouldBlock => {
                    self.connected = true;
                    return !was_connected;
                }
                Err(_) => {
                    self.close(now);
                    return false;
                }
            }
        }
    }

    fn close(&mut self, now: Instant) {
        self.file = None;
        self.connected = false;
        self.outgoing = Vec::new();
        self.retry_at = Some(now + self.retry_after);
    }

    /// Queues bytes and writes what the host takes. Bytes for a host that is away are dropped.
    pub(crate) fn send(&mut self, now: Instant, bytes: &[u8]) {
        if !self.connected {
            return;
        }
        if self.outgoing.len() + bytes.len() > MAXIMUM_OUTGOING {
            crate::log::warning(&format!("the host does not read from {}: dropping what it has not read", self.name));
            self.outgoing = Vec::new();
            return;
        }
        self.outgoing.extend_from_slice(bytes);
        self.flush(now);
    }

    /// Writes what waits, as far as the host takes it.
    pub(crate) fn flush(&mut self, now: Instant) {
        let mut written = 0;
        while let Some(file) = self.file.as_mut() {
            let rest = self.outgoing.get(written..).unwrap_or_default();
            if rest.is_empty() {
                break;
            }
            match file.write(rest.get(..PIECE).unwrap_or(rest)) {
                Ok(0) => break,
                Ok(count) => written += count,
                Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
                Err(error) if error.kind() == io::ErrorKind::WouldBlock => break,
                Err(_) => return self.close(now),
            }
        }
        if written == self.outgoing.len() {
            // Give the memory back: the agent is idle most of the time.
            self.outgoing = Vec::new();
        } else {
            self.outgoing.drain(..written);
        }
    }
}

/// Why a port is not open.
#[derive(Debug, thiserror::Error)]
pub(crate) enum PortError {
    #[error("this machine has no port {0}")]
    Missing(&'static str),
    #[error("cannot open {}: {source}", path.display())]
    Open { path: PathBuf, source: io::Error },
}

/// The device of the port with this name: udev's link, or else what the kernel itself says, for systems without udev.
fn find(name: &str) -> Option<PathBuf> {
    let link = Path::new("/dev/virtio-ports").join(name);
    if link.exists() {
        return Some(link);
    }
    let named = |entry: &fs::DirEntry| {
        fs::read_to_string(entry.path().join("name")).is_ok_and(|found| found.trim_end() == name)
    };
    let ports = fs::read_dir("/sys/class/virtio-ports").ok()?;
    ports.flatten().find(named).map(|entry| Path::new("/dev").join(entry.file_name()))
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::os::fd::OwnedFd;
    use std::os::unix::net::UnixStream;

    fn pair() -> (Port, UnixStream) {
        let (ours, theirs) = UnixStream::pair().expect("a pair");
        ours.set_nonblocking(true).expect("non-blocking");
        let mut port = Port::new("test", None);
        port.file = Some(File::from(OwnedFd::from(ours)));
        (port, theirs)
    }

    #[test]
    fn a_silent_host_is_connected_and_a_closed_one_is_not() {
        let (mut port, theirs) = pair();
        let now = Instant::now();
        assert!(port.read(now, |_| {}));
        assert!(!port.read(now, |_| {}), "only the change is news");
        drop(theirs);
        assert!(!port.read(now, |_| {}));
        assert!(!port.is_connected());
        port.send(now, b"lost");
        assert!(port.outgoing.is_empty());
    }

    #[test]
    fn what_a_slow_host_does_not_take_waits_and_then_goes() {
        let (mut port, mut theirs) = pair();
        let now = Instant::now();
        port.read(now, |_| {});
        let sent = vec![7u8; 2 * 1024 * 1024];
        port.send(now, &sent);
        assert!(!port.outgoing.is_empty());
        let mut received = 0;
        let mut buffer = vec![0u8; 65536];
        while received < sent.len() {
            received += theirs.read(&mut buffer).expect("bytes");
            port.flush(now);
        }
        assert!(port.outgoing.is_empty());
    }

    #[test]
    fn a_missing_device_is_tried_again_later_and_later() {
        let mut port = Port::new("test", Some("/nonexistent/port".into()));
        let now = Instant::now();
        assert!(port.open(now).is_err());
        assert_eq!(port.retry_at(), Some(now + FIRST_RETRY));
        for _ in 0..10 {
            assert!(port.open(now).is_err());
        }
        assert_eq!(port.retry_at(), Some(now + LONGEST_RETRY));
    }
}
