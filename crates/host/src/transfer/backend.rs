//! What a ticket reads and writes: a file's own bytes, or a guest's view of a qcow2 through NBD. It refuses to know
//! tickets and HTTP.

use bytes::Bytes;

use super::extents::Extent;
use super::file::FileBackend;
use super::nbd_server::NbdBackend;

/// Bytes that one read or write moves.
pub(super) const STEP: usize = 1 << 20;

/// An open disk.
pub(super) enum Backend {
    File(FileBackend),
    Nbd(Box<NbdBackend>),
}

impl Backend {
    /// Bytes that can be read.
    pub(super) async fn size(&self) -> std::io::Result<u64> {
        match self {
            Backend::File(file) => file.size().await,
            Backend::Nbd(nbd) => Ok(nbd.size()),
        }
    }

    /// Requests that may run at once without standing in each other's way: readers, writers.
    pub(super) fn connections(&self) -> (u32, u32) {
        match self {
            // A growing image has one writer: ranges beyond its end depend on order.
            Backend::File(file) => (8, if file.fixed() { 8 } else { 1 }),
            Backend::Nbd(_) => (8, 8),
        }
    }

    /// Reads exactly `length` bytes, at most [`STEP`].
    pub(super) async fn read(&self, offset: u64, length: usize) -> std::io::Result<Bytes> {
        match self {
            Backend::File(file) => file.read(offset, length).await,
            Backend::Nbd(nbd) => nbd.read(offset, length).await,
        }
    }

    /// Writes all bytes.
    pub(super) async fn write(&self, offset: u64, bytes: Bytes) -> std::io::Result<()> {
        match self {
            Backend::File(file) => file.write(offset, bytes).await,
            Backend::Nbd(nbd) => nbd.write(offset, &bytes).await,
        }
    }

    /// Makes a range read as zeroes, without taking room where that is possible and `sparse`.
    pub(super) async fn zero(&self, offset: u64, length: u64, sparse: bool) -> std::io::Result<()> {
        match self {
            Backend::File(file) => file.zero(offset, length, sparse).await,
            Backend::Nbd(nbd) => nbd.zero(offset, length, sparse).await,
        }
    }

    /// Brings everything that was written onto stable storage.
    pub(super) async fn flush(&self) -> std::io::Result<()> {
        match self {
            Backend::File(file) => file.flush().await,
            Backend::Nbd(nbd) => nbd.flush().await,
        }
    }

    /// Which ranges hold data, from start to end.
    pub(super) async fn extents(&self) -> std::io::Result<Vec<Extent>> {
        match self {
            Backend::File(file) => file.extents().await,
            Backend::Nbd(nbd) => nbd.extents().await,
        }
    }

    pub(super) async fn close(&self, written: bool) -> std::io::Result<()> {
        match self {
            Backend::File(file) if written => file.flush().await,
            Backend::File(_) => Ok(()),
            Backend::Nbd(nbd) => nbd.close(written).await,
        }
    }
}
