//! The data folder: what stands where in it, and that one engine at a time uses it.

use std::fs::{File, OpenOptions};
use std::os::unix::fs::{DirBuilderExt, OpenOptionsExt};
use std::path::{Path, PathBuf};

use nix::fcntl::{Flock, FlockArg};

use crate::error::{Result, ServerError, at};

/// The data folder of one engine.
#[derive(Clone, Debug)]
pub struct DataFolder {
    root: PathBuf,
}

/// Held for as long as an engine uses its folder; the system lets go when the process ends, however it ends.
#[derive(Debug)]
pub struct Held {
    _lock: Flock<File>,
}

impl DataFolder {
    /// At this path, which need not exist yet.
    ///
    /// # Errors
    /// [`ServerError::File`] when the current folder can't be told.
    pub fn at(path: &Path) -> Result<Self> {
        Ok(Self { root: std::path::absolute(path).map_err(at(path))? })
    }

    /// The folder itself.
    #[must_use]
    pub fn root(&self) -> &Path {
        &self.root
    }

    /// The configuration.
    #[must_use]
    pub fn config(&self) -> PathBuf {
        self.root.join("engine.toml")
    }

    /// Keys and certificates.
    #[must_use]
    pub fn pki(&self) -> PathBuf {
        self.root.join("pki")
    }

    /// Which process used the folder last.
    #[must_use]
    pub fn process(&self) -> PathBuf {
        self.root.join("process")
    }

    /// The database server's files and its socket.
    #[must_use]
    pub fn postgres(&self) -> PathBuf {
        self.root.join("pg")
    }

    /// Makes the folder. The database server's user passes through it to its own, so it is open to be passed.
    ///
    /// # Errors
    /// [`ServerError::File`].
    pub fn make(&self) -> Result<()> {
        std::fs::DirBuilder::new().recursive(true).mode(0o755).create(&self.root).map_err(at(&self.root))
    }

    /// Takes the folder for this process.
    ///
    /// # Errors
    /// [`ServerError::InUse`] when another engine has it.
    pub fn hold(&self) -> Result<Held> {
        let path = self.root.join("engine.lock");
        let file =
            OpenOptions::new().create(true).truncate(false).write(true).mode(0o600).open(&path).map_err(at(&path))?;
        match Flock::lock(file, FlockArg::LockExclusiveNonblock) {
            Ok(lock) => Ok(Held { _lock: lock }),
            Err((_, nix::errno::Errno::EWOULDBLOCK)) => Err(ServerError::InUse(self.root.clone())),
            Err((_, errno)) => Err(at(&path)(errno.into())),
        }
    }
}

/// Writes a file that its owner alone can read: after a crash the old content is there or the new one.
///
/// # Errors
/// [`ServerError::File`].
pub fn write_private(path: &Path, text: &str) -> Result<()> {
    use std::io::Write;
    let beside = path.with_extension("new");
    let write = || {
        let mut file = OpenOptions::new().write(true).create(true).truncate(true).mode(0o600).open(&beside)?;
        file.write_all(text.as_bytes())?;
        file.sync_all()?;
        std::fs::rename(&beside, path)
    };
    write().map_err(at(path))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_engine_at_a_time() {
        let parent = tempfile::tempdir().unwrap();
        let folder = DataFolder::at(&parent.path().join("data")).unwrap();
        folder.make().unwrap();
        let held = folder.hold().unwrap();
        assert!(matches!(folder.hold(), Err(ServerError::InUse(_))));
        drop(held);
        folder.hold().unwrap();
    }
}
