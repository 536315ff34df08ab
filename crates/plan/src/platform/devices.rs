//! The devices of a machine: disks, NICs, the CD drive, and the order in which they are booted from.

use ferrovirt_hostapi as host;
use ferrovirt_model::ids::{DataCenterId, DiskId, NicId};
use ferrovirt_model::storage::{Disk, StorageConnection};
use ferrovirt_model::vm::{BootDevice, Definition, DiskInterface, NicModel};

use super::{DiskDevice, Incomplete, Machine, NicDevice, queues};

/// The place of each device in the boot order, from 1 on. The CD drive takes the place that it has among them.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct BootOrder {
    disks: Vec<(DiskId, u32)>,
    nics: Vec<(NicId, u32)>,
}

impl BootOrder {
    /// Walks the boot devices in their order; each kind is taken once.
    pub(super) fn of(machine: &Machine<'_>) -> Self {
        let mut order = Self::default();
        let mut next = 1;
        let mut seen = Vec::new();
        for device in &machine.vm.definition.boot_devices {
            if seen.contains(device) {
                continue;
            }
            seen.push(*device);
            match device {
                BootDevice::HardDisk => {
                    for disk in machine.disks.iter().filter(|disk| disk.attachment.bootable && disk.attachment.active) {
                        order.disks.push((disk.disk.id, next));
                        next += 1;
                    }
                }
                BootDevice::Cdrom => next += 1,
                BootDevice::Network => {
                    for nic in machine.nics.iter().filter(|nic| nic.nic.plugged) {
                        order.nics.push((nic.nic.id, next));
                        next += 1;
                    }
                }
            }
        }
        order
    }

    fn of_disk(&self, id: DiskId) -> u32 {
        self.disks.iter().find(|(disk, _)| *disk == id).map_or(0, |(_, place)| *place)
    }

    fn of_nic(&self, id: NicId) -> u32 {
        self.nics.iter().find(|(nic, _)| *nic == id).map_or(0, |(_, place)| *place)
    }
}

pub(super) fn disks(machine: &Machine<'_>, boot: &BootOrder) -> Result<Vec<host::DiskSpec>, Incomplete> {
    let active = machine.disks.iter().filter(|disk| disk.attachment.active);
    active.map(|disk| disk_spec(disk, machine.data_center, boot.of_disk(disk.disk.id))).collect()
}

/// One disk as a host is told of it; also for plugging it into a running VM. `boot_order` 0: not booted from.
///
/// # Errors
/// [`Incomplete::NoVolume`].
pub fn disk_spec(
    device: &DiskDevice,
    data_center: DataCenterId,
    boot_order: u32,
) -> Result<host::DiskSpec, Incomplete> {
    let (disk, attachment) = (&device.disk, &device.attachment);
    let volume = disk.volume.as_ref().ok_or(Incomplete::NoVolume(disk.id))?;
    Ok(host::DiskSpec {
        disk_id: disk.id.to_string(),
        volume: Some(volume_ref(disk, &device.connection, data_center)?),
        format: volume.format.as_str().to_owned(),
        interface: interface(attachment.interface).to_owned(),
        read_only: attachment.read_only,
        shareable: disk.shareable,
        boot_order,
        discard: attachment.pass_discard,
        serial: disk.id.to_string(),
        propagate_errors: disk.propagate_errors,
        device_alias: format!("ua-{}", disk.id),
    })
}

/// Where a disk's active volume lies.
///
/// # Errors
/// [`Incomplete::NoVolume`].
pub fn volume_ref(
    disk: &Disk,
    connection: &StorageConnection,
    data_center: DataCenterId,
) -> Result<host::VolumeRef, Incomplete> {
    let volume = disk.volume.as_ref().ok_or(Incomplete::NoVolume(disk.id))?;
    Ok(host::VolumeRef {
        connection: Some(connection_spec(connection)),
        domain_id: volume.domain.to_string(),
        disk_id: disk.id.to_string(),
        volume_id: volume.id.to_string(),
        data_center_id: data_center.to_string(),
    })
}

/// A storage connection as hosts are told of it.
#[must_use]
pub fn connection_spec(connection: &StorageConnection) -> host::StorageConnection {
    host::StorageConnection {
        id: connection.id.to_string(),
        kind: connection.kind.as_str().to_owned(),
        address: connection.address.clone(),
        path: connection.path.clone(),
        vfs_type: connection.vfs_type.clone(),
        mount_options: connection.mount_options.clone(),
        nfs_version: connection.nfs_version.clone(),
        nfs_timeout: connection.nfs_timeout.unwrap_or(0),
        nfs_retransmissions: connection.nfs_retransmissions.unwrap_or(0),
    }
}

fn interface(interface: DiskInterface) -> &'static str {
    match interface {
        DiskInterface::Virtio => "virtio",
        DiskInterface::VirtioScsi => "virtio_scsi",
        DiskInterface::Sata => "sata",
        DiskInterface::Ide => "ide",
    }
}

pub(super) fn nics(machine: &Machine<'_>, boot: &BootOrder) -> Vec<host::NicSpec> {
    let plugged = machine.nics.iter().filter(|nic| nic.nic.plugged);
    plugged.map(|nic| nic_spec(nic, queues(machine), boot.of_nic(nic.nic.id))).collect()
}

/// One NIC as a host is told of it; also for plugging it into a running VM. Only virtio has more than one queue.
#[must_use]
pub fn nic_spec(device: &NicDevice, queues: u32, boot_order: u32) -> host::NicSpec {
    let nic = &device.nic;
    let network = device.network.as_ref();
    host::NicSpec {
        id: nic.id.to_string(),
        mac_address: nic.mac_address.clone(),
        bridge: network.map_or_else(String::new, |network| network.device_name.clone()),
        model: model(nic.model).to_owned(),
        // A NIC that joins nothing has no link, whatever its cable says.
        linked: nic.linked && network.is_some(),
        mtu: network.map_or(0, |network| network.mtu),
        filter: device.profile.as_ref().and_then(|profile| profile.filter.clone()).unwrap_or_default(),
        boot_order,
        device_alias: format!("ua-{}", nic.id),
        queues: if nic.model == NicModel::Virtio { queues } else { 1 },
    }
}

fn model(model: NicModel) -> &'static str {
    match model {
        NicModel::Virtio => "virtio",
        NicModel::E1000 => "e1000",
        NicModel::E1000e => "e1000e",
        NicModel::Rtl8139 => "rtl8139",
    }
}

/// Every machine has a drive, empty or not, so that a CD can be inserted while it runs.
pub(super) fn cdrom(machine: &Machine<'_>) -> Result<Option<host::CdromSpec>, Incomplete> {
    let disk = machine.cdrom;
    let volume = disk.map(|disk| volume_ref(&disk.disk, &disk.connection, machine.data_center)).transpose()?;
    Ok(Some(host::CdromSpec { present: volume.is_some(), volume }))
}

/// A kernel in place of a disk's boot sector.
///
/// # Errors
/// [`Incomplete::NotToBoot`] for a file that guests may not read.
pub(super) fn direct_boot(definition: &Definition) -> Result<Option<host::DirectBoot>, Incomplete> {
    let Some(boot) = &definition.direct_boot else { return Ok(None) };
    if let Some(path) = [&boot.kernel, &boot.initrd].into_iter().find(|path| !may_boot(path)) {
        return Err(Incomplete::NotToBoot(path.clone()));
    }
    Ok((!boot.kernel.is_empty()).then(|| host::DirectBoot {
        kernel: boot.kernel.clone(),
        initrd: boot.initrd.clone(),
        command_line: boot.command_line.clone(),
    }))
}

/// Whether a VM may boot a file of its host; none at all is as good.
#[must_use]
pub fn may_boot(path: &str) -> bool {
    path.is_empty() || host::is_boot_file(path)
}
