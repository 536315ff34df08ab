//! A reader of qcow2 headers that believes nothing. It never opens what a header names, and never writes.
//!
//! Layout from QEMU's `docs/interop/qcow2.txt`. An image from outside is only taken when it stands alone: no backing
//! file, no external data file (CVE-2015-5163, CVE-2024-32498), no encryption, and the virtual size that was promised.

use std::fs::File;
use std::io;
use std::os::unix::fs::FileExt;
use std::path::{Path, PathBuf};

const MAGIC: &[u8; 4] = b"QFI\xfb";
/// Bytes of the file that may hold header, extensions and backing file name.
const HEAD: usize = 64 * 1024;
/// QEMU refuses larger level 1 tables (32 MiB of 8-byte entries).
const L1_LIMIT: u32 = 4 * 1024 * 1024;
const EXTENSION_END: u32 = 0;
const EXTENSION_BACKING_FORMAT: u32 = 0xE279_2ACA;
const EXTENSION_DATA_FILE: u32 = 0x4441_5441;
const INCOMPATIBLE_CORRUPT: u64 = 1 << 1;
const INCOMPATIBLE_DATA_FILE: u64 = 1 << 2;
/// Dirty, corrupt, data file, compression type, extended L2 entries: what QEMU 5.2 and later know.
const INCOMPATIBLE_KNOWN: u64 = 0b1_1111;
/// Longest chain that is walked.
const CHAIN_LIMIT: usize = 256;

/// Why an image is not taken.
#[derive(Debug, thiserror::Error)]
pub(super) enum Qcow2Error {
    #[error("it is no qcow2 image")]
    Magic,
    #[error("its header is damaged: {0}")]
    Damaged(&'static str),
    #[error("it names a backing file, {0:?}")]
    Backing(String),
    #[error("its backing file is {found:?} where {expected:?} belongs")]
    WrongBacking { found: String, expected: String },
    #[error("it does not say the format of its backing file")]
    BackingFormat,
    #[error("it keeps its data in another file")]
    DataFile,
    #[error("it is encrypted")]
    Encrypted,
    #[error("it is marked corrupt")]
    Corrupt,
    #[error("it needs features that this host does not know ({0:#x})")]
    Features(u64),
    #[error("its virtual size is {found} bytes where {expected} were promised")]
    Size { found: u64, expected: u64 },
    #[error("its chain of backing files does not end")]
    Endless,
    #[error("its backing file {0:?} lies outside the storage domain")]
    Outside(String),
    #[error("reading it: {0}")]
    Io(#[from] io::Error),
}

/// What a header says.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Header {
    pub(super) version: u32,
    /// Virtual size in bytes.
    pub(super) size: u64,
    pub(super) cluster_bits: u32,
    pub(super) backing_file: Option<String>,
    pub(super) backing_format: Option<String>,
    pub(super) data_file: bool,
    pub(super) encrypted: bool,
    pub(super) corrupt: bool,
    pub(super) unknown_features: u64,
}

fn u32_at(bytes: &[u8], at: usize) -> Result<u32, Qcow2Error> {
    bytes
        .get(at..at.saturating_add(4))
        .and_then(|four| four.try_into().ok())
        .map(u32::from_be_bytes)
        .ok_or(Qcow2Error::Damaged("it is too short"))
}

fn u64_at(bytes: &[u8], at: usize) -> Result<u64, Qcow2Error> {
    bytes
        .get(at..at.saturating_add(8))
        .and_then(|eight| eight.try_into().ok())
        .map(u64::from_be_bytes)
        .ok_or(Qcow2Error::Damaged("it is too short"))
}

impl Header {
    /// Reads the header of an open file.
    pub(super) fn read(file: &File) -> Result<Self, Qcow2Error> {
        let mut head = vec![0; HEAD];
        let mut filled = 0;
        while filled < HEAD {
            match file.read_at(&mut head[filled..], filled as u64)? {
                0 => break,
                more => filled += more,
            }
        }
        head.truncate(filled);
        Header::parse(&head)
    }

    /// Reads the header from the first bytes of an image.
    pub(super) fn parse(head: &[u8]) -> Result<Self, Qcow2Error> {
        if head.get(..4) != Some(MAGIC.as_slice()) {
            return Err(Qcow2Error::Magic);
        }
        let version = u32_at(head, 4)?;
        if !(2..=3).contains(&version) {
            return Err(Qcow2Error::Damaged("its version is neither 2 nor 3"));
        }
        let cluster_bits = u32_at(head, 20)?;
        if !(9..=21).contains(&cluster_bits) {
            return Err(Qcow2Error::Damaged("its cluster size is out of range"));
        }
        if u32_at(head, 36)? > L1_LIMIT {
            return Err(Qcow2Error::Damaged("its level 1 table is too large"));
        }
        let (features, length) = if version == 3 { (u64_at(head, 72)?, u32_at(head, 100)? as usize) } else { (0, 72) };
        if length < 72 || (version == 3 && length < 104) || length > head.len() {
            return Err(Qcow2Error::Damaged("its header length is out of range"));
        }
        let (backing_format, extension_data_file) = extensions(head, length)?;
        Ok(Header {
            version,
            size: u64_at(head, 24)?,
            cluster_bits,
            backing_file: backing_name(head)?,
            backing_format,
            data_file: extension_data_file || features & INCOMPATIBLE_DATA_FILE != 0,
            encrypted: u32_at(head, 32)? != 0,
            corrupt: features & INCOMPATIBLE_CORRUPT != 0,
            unknown_features: features & !INCOMPATIBLE_KNOWN,
        })
    }

    /// Refuses what no volume may be, whoever wrote it.
    pub(super) fn sound(&self) -> Result<(), Qcow2Error> {
        if self.data_file {
            return Err(Qcow2Error::DataFile);
        }
        if self.encrypted {
            return Err(Qcow2Error::Encrypted);
        }
        if self.corrupt {
            return Err(Qcow2Error::Corrupt);
        }
        if self.unknown_features != 0 {
            return Err(Qcow2Error::Features(self.unknown_features));
        }
        if self.backing_file.is_some() && !matches!(self.backing_format.as_deref(), Some("raw" | "qcow2")) {
            return Err(Qcow2Error::BackingFormat);
        }
        Ok(())
    }

    /// Refuses an uploaded image that is not what was promised. `parent` is the backing file that belongs there.
    pub(super) fn as_promised(&self, size: u64, parent: Option<&str>) -> Result<(), Qcow2Error> {
        self.sound()?;
        match (self.backing_file.as_deref(), parent) {
            (None, None) => {}
            (Some(found), None) => return Err(Qcow2Error::Backing(found.to_owned())),
            (found, Some(expected)) if found == Some(expected) => {}
            (found, Some(expected)) => {
                return Err(Qcow2Error::WrongBacking {
                    found: found.unwrap_or_default().to_owned(),
                    expected: expected.to_owned(),
                });
            }
        }
        if self.size == size { Ok(()) } else { Err(Qcow2Error::Size { found: self.size, expected: size }) }
    }
}

fn backing_name(head: &[u8]) -> Result<Option<String>, Qcow2Error> {
    let offset = u64_at(head, 8)?;
    let length = u32_at(head, 16)? as usize;
    if offset == 0 {
        return Ok(None);
    }
    if length == 0 || length > 1023 {
        return Err(Qcow2Error::Damaged("its backing file name has an impossible length"));
    }
    let start = usize::try_from(offset).map_err(|_| Qcow2Error::Damaged("its backing file name lies outside"))?;
    let name = start.checked_add(length).and_then(|end| head.get(start..end));
    let name = name.ok_or(Qcow2Error::Damaged("its backing file name lies outside"))?;
    Ok(Some(String::from_utf8_lossy(name).into_owned()))
}

/// The backing format, and whether an external data file is named.
fn extensions(head: &[u8], from: usize) -> Result<(Option<String>, bool), Qcow2Error> {
    let (mut at, mut format, mut data_file) = (from, None, false);
    // Version 2 images may end right after their header.
    while at + 8 <= head.len() {
        let (kind, length) = (u32_at(head, at)?, u32_at(head, at + 4)? as usize);
        if kind == EXTENSION_END {
            break;
        }
        let body = at.checked_add(8 + length).and_then(|end| head.get(at + 8..end));
        let body = body.ok_or(Qcow2Error::Damaged("a header extension lies outside"))?;
        match kind {
            EXTENSION_BACKING_FORMAT => format = Some(String::from_utf8_lossy(body).into_owned()),
            EXTENSION_DATA_FILE => data_file = true,
            _ => {}
        }
        at += 8 + length.next_multiple_of(8);
    }
    Ok((format, data_file))
}

/// Walks a chain of backing files from `leaf` and refuses whatever leaves `images`. Returns every file, leaf first.
pub(super) fn chain(leaf: &Path, qcow2: bool, images: &Path) -> Result<Vec<PathBuf>, Qcow2Error> {
    let mut files = vec![leaf.to_path_buf()];
    let (mut path, mut qcow2) = (leaf.to_path_buf(), qcow2);
    while qcow2 {
        if files.len() > CHAIN_LIMIT {
            return Err(Qcow2Error::Endless);
        }
        let header = Header::read(&File::open(&path)?)?;
        header.sound()?;
        let Some(backing) = header.backing_file else { break };
        path = resolve(&path, &backing, images)?;
        qcow2 = header.backing_format.as_deref() == Some("qcow2");
        files.push(path.clone());
    }
    Ok(files)
}

/// The file that a backing name means: `<volume>` beside the child, or `../<disk>/<volume>`.
fn resolve(child: &Path, backing: &str, images: &Path) -> Result<PathBuf, Qcow2Error> {
    let outside = || Qcow2Error::Outside(backing.to_owned());
    let is_id = |text: &str| uuid::Uuid::parse_str(text).is_ok();
    let disk = match backing.split('/').collect::<Vec<_>>().as_slice() {
        [volume] if is_id(volume) => child.parent().map(|disk| disk.join(volume)),
        ["..", disk, volume] if is_id(disk) && is_id(volume) => Some(images.join(disk).join(volume)),
        _ => None,
    };
    let path = disk.ok_or_else(outside)?;
    let folder = path.parent().ok_or_else(outside)?;
    for part in [folder, &path] {
        if std::fs::symlink_metadata(part)?.file_type().is_symlink() {
            return Err(outside());
        }
    }
    Ok(path)
}

#[cfg(test)]
mod tests;
