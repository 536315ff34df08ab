//! A file's own bytes. All work is done on blocking threads. It refuses to know what the bytes mean.

use std::fs::{File, OpenOptions};
use std::io;
use std::os::fd::AsFd;
use std::os::unix::fs::{FileExt, OpenOptionsExt};
use std::path::Path;
use std::sync::Arc;

use bytes::{Bytes, BytesMut};
use nix::errno::Errno;
use nix::fcntl::{FallocateFlags, fallocate};
use nix::unistd::{Whence, lseek};

use super::extents::{Collector, Extent};
use crate::storage::blocking::write_zeroes;

/// An open file.
pub(super) struct FileBackend {
    file: Arc<File>,
    /// The file keeps its length, as a raw disk does; an image's file grows as it is written.
    fixed: bool,
}

async fn work<T: Send + 'static>(work: impl FnOnce() -> io::Result<T> + Send + 'static) -> io::Result<T> {
    tokio::task::spawn_blocking(work).await.map_err(io::Error::other)?
}

fn signed(value: u64) -> io::Result<i64> {
    i64::try_from(value).map_err(|_| io::Error::from(Errno::EFBIG))
}

impl FileBackend {
    pub(super) async fn open(path: &Path, write: bool, fixed: bool) -> io::Result<Self> {
        let path = path.to_path_buf();
        let file =
            work(move || OpenOptions::new().read(true).write(write).custom_flags(nix::libc::O_NOFOLLOW).open(path))
                .await?;
        Ok(FileBackend { file: Arc::new(file), fixed })
    }

    pub(super) fn fixed(&self) -> bool {
        self.fixed
    }

    pub(super) async fn size(&self) -> io::Result<u64> {
        let file = Arc::clone(&self.file);
        work(move || Ok(file.metadata()?.len())).await
    }

    pub(super) async fn read(&self, offset: u64, length: usize) -> io::Result<Bytes> {
        let file = Arc::clone(&self.file);
        work(move || {
            let mut room = BytesMut::zeroed(length);
            file.read_exact_at(&mut room, offset)?;
            Ok(room.freeze())
        })
        .await
    }

    pub(super) async fn write(&self, offset: u64, bytes: Bytes) -> io::Result<()> {
        let file = Arc::clone(&self.file);
        work(move || file.write_all_at(&bytes, offset)).await
    }

    pub(super) async fn zero(&self, offset: u64, length: u64, sparse: bool) -> io::Result<()> {
        let (file, fixed) = (Arc::clone(&self.file), self.fixed);
        work(move || zero(&file, offset, length, sparse, fixed)).await
    }

    pub(super) async fn flush(&self) -> io::Result<()> {
        let file = Arc::clone(&self.file);
        work(move || file.sync_data()).await
    }

    pub(super) async fn extents(&self) -> io::Result<Vec<Extent>> {
        let file = Arc::clone(&self.file);
        work(move || extents(&file)).await
    }
}

fn zero(file: &File, offset: u64, length: u64, sparse: bool, fixed: bool) -> io::Result<()> {
    let end = offset.saturating_add(length);
    let held = file.metadata()?.len();
    if !fixed && end > held {
        // What lies beyond the end is a hole already.
        file.set_len(end)?;
    }
    let inside = end.min(held).saturating_sub(offset);
    if inside == 0 {
        return Ok(());
    }
    let mode = if sparse {
        FallocateFlags::FALLOC_FL_PUNCH_HOLE | FallocateFlags::FALLOC_FL_KEEP_SIZE
    } else {
        FallocateFlags::FALLOC_FL_ZERO_RANGE
    };
    match fallocate(file, mode, signed(offset)?, signed(inside)?) {
        Ok(()) => Ok(()),
        Err(Errno::EOPNOTSUPP | Errno::ENOSYS | Errno::EINVAL) => write_zeroes(file, offset, offset + inside),
        Err(errno) => Err(errno.into()),
    }
}

fn extents(file: &File) -> io::Result<Vec<Extent>> {
    let size = file.metadata()?.len();
    let mut collector = Collector::default();
    while collector.end() < size {
        let at = collector.end();
        let data = match lseek(file.as_fd(), signed(at)?, Whence::SeekData) {
            Ok(data) => u64::try_from(data).unwrap_or(at).min(size),
            // Nothing but a hole up to the end.
            Err(Errno::ENXIO) => size,
            // A file system that can't tell: all of it is data.
            Err(Errno::EINVAL | Errno::EOPNOTSUPP) => {
                collector.push(size - at, false, false);
                break;
            }
            Err(errno) => return Err(errno.into()),
        };
        collector.push(data - at, true, false);
        if data < size {
            let hole = lseek(file.as_fd(), signed(data)?, Whence::SeekHole)?;
            let hole = u64::try_from(hole).unwrap_or(size).clamp(data + 1, size);
            collector.push(hole - data, false, false);
        }
    }
    Ok(collector.all())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn holes_are_seen_and_made() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("disk");
        std::fs::write(&path, vec![1_u8; 3 << 20]).unwrap();
        let backend = FileBackend::open(&path, true, true).await.unwrap();
        backend.zero(1 << 20, 1 << 20, true).await.unwrap();
        let kinds: Vec<(u64, bool)> =
            backend.extents().await.unwrap().iter().map(|one| (one.start, one.zero)).collect();
        assert_eq!(kinds, [(0, false), (1 << 20, true), (2 << 20, false)]);
        backend.zero(2 << 20, 5 << 20, false).await.unwrap();
        assert_eq!(backend.size().await.unwrap(), 3 << 20, "a disk keeps its size");
        let image = FileBackend::open(&path, true, false).await.unwrap();
        image.zero(3 << 20, 1 << 20, true).await.unwrap();
        assert_eq!(image.size().await.unwrap(), 4 << 20, "an image grows");
        assert!(image.read((4 << 20) - 10, 20).await.is_err(), "no bytes beyond the end");
    }

    #[tokio::test]
    async fn links_are_not_followed() {
        let folder = tempfile::tempdir().unwrap();
        let link = folder.path().join("link");
        std::os::unix::fs::symlink("/etc/passwd", &link).unwrap();
        assert!(FileBackend::open(&link, false, true).await.is_err());
    }
}
