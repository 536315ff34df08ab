//! Disks and the file systems on them, from `/proc/self/mountinfo` and `/sys/block`. Network file systems are left alone:
//! asking one whose server is away would hang the agent.

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};

use ferrovirt_guest::protocol::{Disk, FileSystem};
use nix::sys::statvfs::statvfs;

use super::line;

const SECTOR: u64 = 512;

/// One mounted file system that stands on a block device.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Mount {
    /// `major:minor` of the device.
    pub(crate) number: String,
    pub(crate) mount_point: String,
    pub(crate) kind: String,
    pub(crate) source: String,
}

/// Mounts on block devices in the order in which they were mounted, each device once.
pub(crate) fn mounts() -> Vec<Mount> {
    parse_mounts(&line("/proc/self/mountinfo"))
}

fn parse_mounts(text: &str) -> Vec<Mount> {
    let mut seen = BTreeSet::new();
    text.lines().filter_map(parse_mount).filter(|mount| seen.insert(mount.source.clone())).collect()
}

/// See `proc(5)`: the optional fields end with a dash.
fn parse_mount(line: &str) -> Option<Mount> {
    let (left, right) = line.split_once(" - ")?;
    let mut left = left.split(' ');
    let number = left.nth(2)?.to_owned();
    let mount_point = unescape(left.nth(1)?);
    let mut right = right.split(' ');
    let kind = right.next()?.to_owned();
    let source = unescape(right.next()?);
    let on_a_disk = source.starts_with("/dev/") || kind == "zfs";
    on_a_disk.then_some(Mount { number, mount_point, kind, source })
}

/// White space and backslashes stand as three octal digits.
fn unescape(field: &str) -> String {
    let bytes = field.as_bytes();
    let mut plain = Vec::with_capacity(bytes.len());
    let mut at = 0;
    while let Some(byte) = bytes.get(at) {
        let digits = field.get(at + 1..at + 4).and_then(|digits| u8::from_str_radix(digits, 8).ok());
        match digits {
            Some(code) if *byte == b'\\' => {
                plain.push(code);
                at += 4;
            }
            _ => {
                plain.push(*byte);
                at += 1;
            }
        }
    }
    String::from_utf8_lossy(&plain).into_owned()
}

/// Total and used bytes of the file system mounted there.
pub(crate) fn usage(mount_point: &str) -> Option<(u64, u64)> {
    let found = statvfs(Path::new(mount_point)).ok()?;
    let size = found.fragment_size();
    Some((found.blocks() * size, found.blocks().saturating_sub(found.blocks_free()) * size))
}

pub(crate) fn file_systems() -> Vec<FileSystem> {
    let with_usage = |mount: Mount| {
        let (total, used) = usage(&mount.mount_point)?;
        let Mount { mount_point, kind, source, .. } = mount;
        Some(FileSystem { mount_point, kind, device: source, total, used })
    };
    mounts().into_iter().filter_map(with_usage).collect()
}

/// The kernel's folders of all disks that have hardware behind them; loop devices and the like have none.
pub(crate) fn disk_folders() -> Vec<PathBuf> {
    let Ok(entries) = fs::read_dir("/sys/block") else { return Vec::new() };
    let mut folders: Vec<PathBuf> =
        entries.flatten().map(|entry| entry.path()).filter(|path| path.join("device").exists()).collect();
    folders.sort();
    folders
}

/// The serial number that the host gave a disk: virtio and NVMe say it in a file, SCSI in a vital product data page.
pub(crate) fn serial(folder: &Path) -> String {
    let plain = [line(folder.join("serial")), line(folder.join("device/serial"))];
    if let Some(serial) = plain.into_iter().find(|serial| !serial.is_empty()) {
        return serial;
    }
    let page = fs::read(folder.join("device/vpd_pg80")).unwrap_or_default();
    String::from_utf8_lossy(page.get(4..).unwrap_or_default()).trim_matches(['\0', ' ', '\n']).to_owned()
}

/// The device's name in `/dev`.
pub(crate) fn device(folder: &Path) -> String {
    let name = folder.file_name().map(|name| name.to_string_lossy().replace('!', "/")).unwrap_or_default();
    format!("/dev/{name}")
}

pub(crate) fn disks() -> Vec<Disk> {
    let read = |folder: &PathBuf| {
        let sectors: u64 = line(folder.join("size")).parse().unwrap_or_default();
        Disk { serial: serial(folder), device: device(folder), size: sectors.saturating_mul(SECTOR) }
    };
    disk_folders().iter().map(read).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn mounts_on_disks_are_found_once() {
        let text = "22 1 254:1 / / rw,relatime shared:1 - ext4 /dev/vda1 rw\n\
                    23 22 0:5 / /proc rw - proc proc rw\n\
                    24 22 254:1 /srv /srv rw - ext4 /dev/vda1 rw\n\
                    25 22 254:2 / /my\\040data rw shared:2 master:1 - xfs /dev/vdb rw\n\
                    26 22 0:40 / /net rw - nfs4 server:/x rw\nbroken\n";
        let found = parse_mounts(text);
        assert_eq!(found.len(), 2);
        assert_eq!((found[0].mount_point.as_str(), found[0].number.as_str()), ("/", "254:1"));
        assert_eq!((found[1].mount_point.as_str(), found[1].kind.as_str()), ("/my data", "xfs"));
    }

    #[test]
    fn escapes_are_undone_and_others_kept() {
        assert_eq!(unescape("a\\134b\\0"), "a\\b\\0");
        assert_eq!(unescape("é\\040ü"), "é ü");
    }
}
