//! Which engine leads: the fence against one that lost its lease and does not know it yet. The rule itself is the contract's
//! (`ferrovirt_hostapi::epoch`); here stands what this host has heard, on disk.

use std::io::{Error, ErrorKind};
use std::path::{Path, PathBuf};
use std::sync::{Mutex, PoisonError};

use ferrovirt_hostapi::epoch;
use tonic::Status;
use tonic::metadata::MetadataMap;

use crate::storage::blocking::{replace, sync_folder};

/// Where the highest epoch is remembered, in the agent's state folder.
const FILE: &str = "leader_epoch";

/// The highest epoch that was ever heard. Remembered on disk: a restart opens no gap.
#[derive(Debug)]
pub struct Epochs {
    file: PathBuf,
    highest: Mutex<Option<u64>>,
}

impl Epochs {
    /// Reads what was remembered.
    ///
    /// A file that holds no number is as none: nobody changes anything until an engine that leads has said hello. That is
    /// as much as can be known then, and an agent that does not start would leave its VMs alone.
    pub fn open(folder: &Path) -> std::io::Result<Self> {
        let file = folder.join(FILE);
        let highest = match std::fs::read(&file) {
            Ok(bytes) => {
                let number = std::str::from_utf8(&bytes).ok().and_then(|text| text.trim().parse().ok());
                if number.is_none() {
                    tracing::error!(file = %file.display(), "the leader's epoch is damaged; the next leader's hello counts");
                }
                number
            }
            Err(error) if error.kind() == ErrorKind::NotFound => None,
            Err(error) => return Err(Error::new(error.kind(), format!("{}: {error}", file.display()))),
        };
        Ok(Epochs { file, highest: Mutex::new(highest) })
    }

    /// Another engine will lead this host: what the one before it said counts no more.
    pub fn forget(folder: &Path) -> std::io::Result<()> {
        match std::fs::remove_file(folder.join(FILE)) {
            Ok(()) => sync_folder(Some(folder)),
            Err(error) if error.kind() == ErrorKind::NotFound => Ok(()),
            Err(error) => Err(error),
        }
    }

    /// An engine says hello.
    pub fn hello(&self, epoch: u64) -> Result<(), Status> {
        self.hear(|highest| epoch::greet(highest, epoch))
    }

    /// Whether a request may change something.
    pub fn admit(&self, metadata: &MetadataMap) -> Result<(), Status> {
        self.hear(|highest| epoch::admit(highest, metadata))
    }

    /// What was heard counts once it is on disk.
    fn hear(&self, rule: impl FnOnce(Option<u64>) -> Result<u64, Status>) -> Result<(), Status> {
        let mut highest = self.highest.lock().unwrap_or_else(PoisonError::into_inner);
        let epoch = rule(*highest)?;
        if *highest != Some(epoch) {
            replace(&self.file, format!("{epoch}\n").as_bytes(), 0o644)
                .map_err(|error| Status::internal(format!("the leader's epoch can't be remembered: {error}")))?;
            *highest = Some(epoch);
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use tonic::service::Interceptor;
    use tonic::{Code, Request};

    use super::*;

    fn from(epoch: u64) -> MetadataMap {
        epoch::EpochMark::new(epoch).call(Request::new(())).unwrap().metadata().clone()
    }

    #[test]
    fn an_engine_that_lost_the_lead_is_refused_for_ever() {
        let folder = tempfile::tempdir().unwrap();
        let epochs = Epochs::open(folder.path()).unwrap();
        assert_eq!(epochs.admit(&from(4)).unwrap_err().code(), Code::Unavailable, "hello comes first");
        epochs.hello(4).unwrap();
        epochs.admit(&from(4)).unwrap();
        epochs.admit(&from(5)).unwrap();
        assert_eq!(epochs.admit(&from(4)).unwrap_err().code(), Code::PermissionDenied);
        assert_eq!(epochs.hello(4).unwrap_err().code(), Code::PermissionDenied);
        let again = Epochs::open(folder.path()).unwrap();
        assert!(again.hello(4).is_err(), "a restart forgets nothing, whoever raised it");
        again.admit(&from(5)).unwrap();
        Epochs::forget(folder.path()).unwrap();
        Epochs::forget(folder.path()).unwrap();
        Epochs::open(folder.path()).unwrap().hello(1).unwrap();
    }

    #[test]
    fn a_damaged_memory_lets_the_agent_start_and_nobody_in_but_a_leader() {
        for damage in [&b""[..], b"\0\0\0\0", b"12x", b"\xff\xfe"] {
            let folder = tempfile::tempdir().unwrap();
            std::fs::write(folder.path().join(FILE), damage).unwrap();
            let epochs = Epochs::open(folder.path()).unwrap();
            assert_eq!(epochs.admit(&from(7)).unwrap_err().code(), Code::Unavailable);
            epochs.hello(7).unwrap();
            epochs.admit(&from(7)).unwrap();
            let names: Vec<_> =
                std::fs::read_dir(folder.path()).unwrap().map(|entry| entry.unwrap().file_name()).collect();
            assert_eq!(names, [FILE], "nothing is left beside it");
            assert!(Epochs::open(folder.path()).unwrap().hello(6).is_err());
        }
    }
}
