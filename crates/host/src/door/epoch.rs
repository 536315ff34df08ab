//! Which engine leads: the fence against one that lost its lease and does not know it yet.

use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, PoisonError};

use tonic::Status;

/// Where the highest epoch is remembered, in the agent's state folder.
const FILE: &str = "leader_epoch";

/// What one connection has said of itself.
#[derive(Debug, Clone, Default)]
pub struct Session {
    /// One more than the epoch of its hello; 0 before it said hello.
    heard: Arc<AtomicU64>,
}

/// The highest epoch that ever said hello. Remembered on disk: a restart opens no gap.
#[derive(Debug)]
pub struct Epochs {
    file: PathBuf,
    highest: Mutex<u64>,
}

impl Epochs {
    /// Reads what was remembered.
    pub fn open(folder: &Path) -> std::io::Result<Self> {
        let file = folder.join(FILE);
        let highest = match std::fs::read_to_string(&file) {
            Ok(text) => {
                text.trim().parse().map_err(|_| std::io::Error::other(format!("{} holds no number", file.display())))?
            }
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => 0,
            Err(error) => return Err(error),
        };
        Ok(Epochs { file, highest: Mutex::new(highest) })
    }

    /// Another engine will lead this host: what the one before it said counts no more.
    pub fn forget(folder: &Path) -> std::io::Result<()> {
        match std::fs::remove_file(folder.join(FILE)) {
            Err(error) if error.kind() != std::io::ErrorKind::NotFound => Err(error),
            _ => Ok(()),
        }
    }

    /// An engine says hello.
    pub fn hello(&self, session: Option<&Session>, epoch: u64) -> Result<(), Status> {
        let mut highest = self.highest.lock().unwrap_or_else(PoisonError::into_inner);
        if epoch < *highest {
            return Err(refused(epoch, *highest));
        }
        if epoch > *highest {
            let beside = self.file.with_extension("new");
            let written =
                std::fs::write(&beside, format!("{epoch}\n")).and_then(|()| std::fs::rename(&beside, &self.file));
            written.map_err(|error| Status::internal(format!("the leader's epoch can't be remembered: {error}")))?;
            *highest = epoch;
        }
        if let Some(session) = session {
            session.heard.store(epoch.saturating_add(1), Ordering::SeqCst);
        }
        Ok(())
    }

    /// Whether this connection may change something.
    pub fn admit(&self, session: Option<&Session>) -> Result<(), Status> {
        let highest = *self.highest.lock().unwrap_or_else(PoisonError::into_inner);
        let heard = session.map_or(0, |session| session.heard.load(Ordering::SeqCst));
        match heard.checked_sub(1) {
            Some(epoch) if epoch < highest => Err(refused(epoch, highest)),
            Some(_) => Ok(()),
            // A client that connects again by itself has not said hello on the new connection: it may, and try again.
            None => Err(Status::unavailable("say hello first: this connection has not told its leader epoch")),
        }
    }
}

fn refused(epoch: u64, highest: u64) -> Status {
    Status::permission_denied(format!("an engine of leader epoch {highest} was here; epoch {epoch} leads no more"))
}

#[cfg(test)]
mod tests {
    use tonic::Code;

    use super::*;

    #[test]
    fn an_engine_that_lost_the_lead_is_refused_for_ever() {
        let folder = tempfile::tempdir().unwrap();
        let epochs = Epochs::open(folder.path()).unwrap();
        let (old, new) = (Session::default(), Session::default());
        epochs.hello(Some(&old), 4).unwrap();
        epochs.admit(Some(&old)).unwrap();
        epochs.hello(Some(&new), 5).unwrap();
        assert_eq!(epochs.admit(Some(&old)).unwrap_err().code(), Code::PermissionDenied);
        assert_eq!(epochs.hello(Some(&old), 4).unwrap_err().code(), Code::PermissionDenied);
        epochs.admit(Some(&new)).unwrap();
        let again = Epochs::open(folder.path()).unwrap();
        assert!(again.hello(None, 4).is_err(), "a restart forgets nothing");
        Epochs::forget(folder.path()).unwrap();
        Epochs::forget(folder.path()).unwrap();
        Epochs::open(folder.path()).unwrap().hello(None, 1).unwrap();
        assert_eq!(again.admit(Some(&Session::default())).unwrap_err().code(), Code::Unavailable);
    }
}
