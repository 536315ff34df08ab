//! Disks and mounted file systems as the QEMU guest agent protocol writes them, with the place of each disk in the
//! machine so that libvirt can match it with its own.

use std::fs;
use std::path::{Path, PathBuf};

use serde_json::{Map, Value, json};

use crate::gather;
use crate::gather::storage::{self, Mount};

/// The last PCI address in a path of the kernel's, as domain, bus, slot and function.
fn pci_address(path: &str) -> Option<[u32; 4]> {
    let parse = |part: &str| -> Option<[u32; 4]> {
        let (domain, rest) = part.split_once(':')?;
        let (bus, rest) = rest.split_once(':')?;
        let (slot, function) = rest.split_once('.')?;
        let hex = |text: &str| u32::from_str_radix(text, 16).ok();
        Some([hex(domain)?, hex(bus)?, hex(slot)?, hex(function)?])
    };
    path.split('/').filter_map(parse).next_back()
}

fn bus_type(path: &str) -> &'static str {
    let has = |start: &str| path.split('/').any(|part| part.starts_with(start));
    let is_scsi = has("target");
    match () {
        () if has("nvme") => "nvme",
        () if has("usb") => "usb",
        () if has("ata") => "sata",
        () if has("virtio") && !is_scsi => "virtio",
        () if is_scsi => "scsi",
        () if has("mmc") => "mmc",
        () => "unknown",
    }
}

/// Channel, target and unit of a SCSI address `host:channel:target:unit` in the path; zeros without one.
fn scsi_address(path: &str) -> [u32; 3] {
    let parse = |part: &str| -> Option<[u32; 3]> {
        let numbers: Option<Vec<u32>> = part.split(':').map(|number| number.parse().ok()).collect();
        match numbers?.as_slice() {
            [_, channel, target, unit] => Some([*channel, *target, *unit]),
            _ => None,
        }
    };
    path.split('/').find_map(parse).unwrap_or_default()
}

fn address(folder: &Path) -> Value {
    let real = fs::canonicalize(folder).unwrap_or_else(|_| folder.to_owned());
    let path = real.to_string_lossy();
    let [channel, target, unit] = scsi_address(&path);
    // The protocol knows no "none": an address that is not there has minus one in each field.
    let pci = pci_address(&path).map(|fields| fields.map(i64::from)).unwrap_or([-1; 4]);
    let [domain, bus, slot, function] = pci;
    let mut answer = json!({
        "pci-controller": { "domain": domain, "bus": bus, "slot": slot, "function": function },
        "bus-type": bus_type(&path), "bus": channel, "target": target, "unit": unit,
        "dev": storage::device(folder),
    });
    let serial = storage::serial(folder);
    if let (Some(fields), false) = (answer.as_object_mut(), serial.is_empty()) {
        fields.insert("serial".into(), serial.into());
    }
    answer
}

/// The disks under a block device: itself, the disk of a partition, or what a mapped device stands on.
fn disks_under(folder: &Path, depth: usize) -> Vec<PathBuf> {
    if depth == 0 {
        return Vec::new();
    }
    if folder.join("partition").exists() {
        return folder.parent().map(|disk| disks_under(disk, depth - 1)).unwrap_or_default();
    }
    let below: Vec<PathBuf> = fs::read_dir(folder.join("slaves"))
        .map(|entries| entries.flatten().filter_map(|entry| fs::canonicalize(entry.path()).ok()).collect())
        .unwrap_or_default();
    if below.is_empty() {
        return vec![folder.to_owned()];
    }
    below.iter().flat_map(|lower| disks_under(lower, depth - 1)).collect()
}

/// Mapped devices on mapped devices end somewhere.
const DEEPEST: usize = 8;

fn describe_mount(mount: &Mount) -> Value {
    let folder = fs::canonicalize(Path::new("/sys/dev/block").join(&mount.number));
    let name = match &folder {
        Ok(folder) => folder.file_name().map(|name| name.to_string_lossy().into_owned()),
        // File systems over several devices have a number of their own.
        Err(_) => mount.source.rsplit('/').next().map(str::to_owned),
    };
    let disks: Vec<Value> = folder
        .map(|folder| disks_under(&folder, DEEPEST).iter().map(|disk| address(disk)).collect())
        .unwrap_or_default();
    let mut answer = Map::new();
    answer.insert("name".into(), name.unwrap_or_default().into());
    answer.insert("mountpoint".into(), mount.mount_point.clone().into());
    answer.insert("type".into(), mount.kind.clone().into());
    if let Some((total, used)) = storage::usage(&mount.mount_point) {
        answer.insert("total-bytes".into(), total.into());
        answer.insert("used-bytes".into(), used.into());
    }
    answer.insert("disk".into(), disks.into());
    Value::Object(answer)
}

pub(super) fn file_systems() -> Value {
    storage::mounts().iter().map(describe_mount).collect()
}

/// Each disk, followed by its partitions.
pub(super) fn disks() -> Value {
    let mut answer = Vec::new();
    for disk in storage::disk_folders() {
        answer.push(json!({
            "name": storage::device(&disk), "partition": false, "dependencies": [], "address": address(&disk),
        }));
        let Ok(entries) = fs::read_dir(&disk) else { continue };
        let mut partitions: Vec<PathBuf> =
            entries.flatten().map(|entry| entry.path()).filter(|path| path.join("partition").exists()).collect();
        partitions.sort_by_key(|path| gather::line(path.join("partition")).parse::<u32>().unwrap_or_default());
        for partition in partitions {
            answer.push(json!({
                "name": storage::device(&partition), "partition": true, "dependencies": [storage::device(&disk)],
            }));
        }
    }
    answer.into()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_place_of_a_disk_is_read_from_its_path() {
        let virtio = "/sys/devices/pci0000:00/0000:00:02.3/0000:04:00.0/virtio3/block/vda";
        assert_eq!(pci_address(virtio), Some([0, 4, 0, 0]));
        assert_eq!((bus_type(virtio), scsi_address(virtio)), ("virtio", [0, 0, 0]));
        let scsi = "/sys/devices/pci0000:00/0000:00:1f.2/virtio0/host2/target2:0:1/2:0:1:3/block/sda";
        assert_eq!((bus_type(scsi), scsi_address(scsi)), ("scsi", [0, 1, 3]));
        let sata = "/sys/devices/pci0000:00/0000:00:1f.2/ata1/host0/target0:0:0/0:0:0:0/block/sda";
        assert_eq!(bus_type(sata), "sata");
        assert_eq!(pci_address("/sys/devices/virtual/block/dm-0"), None);
    }
}
