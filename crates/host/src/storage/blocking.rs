//! File work off the event loop, with a deadline. A hung mount costs one blocking thread a caller, never the agent.
//!
//! A thread that a dead NFS server holds can't be ended; what waits for it can. It refuses to know what the work is.

use std::fs::{File, OpenOptions};
use std::io::Write;
use std::os::unix::fs::{FileExt, OpenOptionsExt};
use std::path::Path;
use std::time::Duration;

use super::{Answer, StorageError};

/// For work that touches a few small files.
pub(crate) const SHORT: Duration = Duration::from_secs(30);
/// For work that may move much data, such as allocating a file where the file system can't do it by itself.
pub(crate) const LONG: Duration = Duration::from_secs(6 * 3600);

/// Runs blocking work and waits at most `deadline` for it.
pub(crate) async fn within<T, F>(what: impl Into<String>, deadline: Duration, work: F) -> Answer<T>
where
    T: Send + 'static,
    F: FnOnce() -> Answer<T> + Send + 'static,
{
    let what = what.into();
    match tokio::time::timeout(deadline, tokio::task::spawn_blocking(work)).await {
        Ok(Ok(answer)) => answer,
        Ok(Err(panic)) => Err(StorageError::Io { context: what, source: std::io::Error::other(panic.to_string()) }),
        Err(_elapsed) => Err(StorageError::NotAnswering(format!("{what}: the storage did not answer in {deadline:?}"))),
    }
}

/// Writes a small file so that after a crash either the old or the new content is there, durably.
pub(crate) fn replace(path: &Path, content: &[u8], mode: u32) -> std::io::Result<()> {
    let name = path.file_name().map(|name| name.to_string_lossy().into_owned()).unwrap_or_default();
    let scratch = path.with_file_name(format!(".{name}.new"));
    let mut file = OpenOptions::new().write(true).create(true).truncate(true).mode(mode).open(&scratch)?;
    file.write_all(content)?;
    file.sync_all()?;
    std::fs::rename(&scratch, path)?;
    sync_folder(path.parent())
}

/// Makes the names in a folder durable.
pub(crate) fn sync_folder(folder: Option<&Path>) -> std::io::Result<()> {
    match folder {
        Some(folder) => File::open(folder)?.sync_all(),
        None => Ok(()),
    }
}

/// Reserves room for the whole file; writes zeroes where the file system can't reserve.
pub(crate) fn allocate(file: &File, from: u64, to: u64) -> std::io::Result<()> {
    use nix::errno::Errno;
    use nix::fcntl::{FallocateFlags, fallocate};
    let (Ok(offset), Ok(length)) = (i64::try_from(from), i64::try_from(to.saturating_sub(from))) else {
        return Err(std::io::Error::from(Errno::EFBIG));
    };
    if length == 0 {
        return Ok(());
    }
    match fallocate(file, FallocateFlags::empty(), offset, length) {
        Ok(()) => Ok(()),
        Err(Errno::EOPNOTSUPP | Errno::ENOSYS) => write_zeroes(file, from, to),
        Err(errno) => Err(errno.into()),
    }
}

/// Overwrites a range with zeroes.
pub(crate) fn write_zeroes(file: &File, from: u64, to: u64) -> std::io::Result<()> {
    let block = vec![0_u8; 4 << 20];
    let mut at = from;
    while at < to {
        let step = usize::try_from((to - at).min(block.len() as u64)).unwrap_or(block.len());
        file.write_all_at(&block[..step], at)?;
        at += step as u64;
    }
    file.sync_all()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn work_that_hangs_is_left_behind() {
        let started = std::time::Instant::now();
        let answer = within("reading", Duration::from_millis(50), || {
            std::thread::sleep(Duration::from_secs(2));
            Ok(())
        })
        .await;
        assert!(matches!(answer, Err(StorageError::NotAnswering(_))));
        assert!(started.elapsed() < Duration::from_secs(1));
    }

    #[test]
    fn replaced_files_are_whole() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("metadata");
        replace(&path, b"one", 0o660).unwrap();
        replace(&path, b"two", 0o660).unwrap();
        assert_eq!(std::fs::read(&path).unwrap(), b"two");
        assert_eq!(std::fs::read_dir(folder.path()).unwrap().count(), 1);
    }
}
