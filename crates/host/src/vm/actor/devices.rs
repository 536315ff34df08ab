//! Plugging, unplugging and changing devices of a running VM. The promise in the ledger follows what was done.

use std::time::Duration;

use ferrovirt_hostapi::device_request::Device;
use ferrovirt_hostapi::{CdromSpec, DiskSpec, NicSpec};

use super::{Actor, Message, Reply};
use crate::domxml::tree::Element;
use crate::domxml::{boot, devices, edit};
use crate::vm::VmError;

/// How long a guest may take to let go of a device.
const UNPLUG: Duration = Duration::from_secs(20);

impl Actor {
    async fn current(&self, alias: &str) -> Result<Option<Element>, VmError> {
        let xml = self.world.hypervisor.live_xml(&self.vm_id).await?;
        edit::device(&xml, alias).map_err(|error| VmError::Failed(error.to_string()))
    }

    pub(super) async fn attach(&mut self, device: Device) -> Result<(), VmError> {
        match device {
            Device::Disk(disk) => self.attach_disk(disk).await,
            Device::Nic(nic) => self.attach_nic(nic).await,
            Device::Cdrom(cdrom) => self.change_disc(cdrom).await,
        }
    }

    async fn attach_disk(&mut self, disk: DiskSpec) -> Result<(), VmError> {
        let alias = devices::disk_alias(&disk);
        if self.current(&alias).await?.is_none() {
            let (path, direct) = self.world.places.disk(&disk).await?;
            let domain = self.world.hypervisor.domain(&self.vm_id).await?.ok_or(VmError::Unknown)?;
            let taken: Vec<_> = domain.devices.into_iter().map(|device| device.target).collect();
            let q35 = self.record.as_ref().is_none_or(|record| boot::is_q35(&record.spec));
            let xml = devices::plug_disk(&disk, &path, direct, q35, &taken)
                .map_err(|error| VmError::Invalid(error.to_string()))?
                .to_xml();
            self.world.hypervisor.attach(&self.vm_id, &xml).await?;
        }
        self.revise(|spec| {
            spec.disks.retain(|held| held.disk_id != disk.disk_id);
            spec.disks.push(disk);
        })
    }

    async fn attach_nic(&mut self, nic: NicSpec) -> Result<(), VmError> {
        let alias = devices::nic_alias(&nic);
        if self.current(&alias).await?.is_none() {
            self.world.places.nic(&nic).await?;
            let xml = devices::nic(&nic, None).map_err(|error| VmError::Invalid(error.to_string()))?.to_xml();
            self.world.hypervisor.attach(&self.vm_id, &xml).await?;
        }
        self.revise(|spec| {
            spec.nics.retain(|held| held.id != nic.id);
            spec.nics.push(nic);
        })
    }

    /// Ejects or loads a disc.
    async fn change_disc(&mut self, cdrom: CdromSpec) -> Result<(), VmError> {
        let xml = self.world.hypervisor.live_xml(&self.vm_id).await?;
        let drive = edit::cdrom(&xml).map_err(|error| VmError::Failed(error.to_string()))?;
        let target = drive.as_ref().and_then(|drive| drive.get("target"));
        let name = |attribute: &str| target.and_then(|target| target.attribute(attribute)).map(str::to_owned);
        let (Some(bus), Some(target)) = (name("bus"), name("dev")) else {
            return Err(VmError::Denied("the VM has no CD-ROM drive".into()));
        };
        let path = self.world.places.cdrom(&cdrom).await?;
        let xml = devices::change_disc(&cdrom, path.as_deref(), &bus, &target).to_xml();
        self.world.hypervisor.update(&self.vm_id, &xml).await?;
        self.revise(|spec| spec.cdrom = Some(cdrom))
    }

    /// The answer comes when the guest has let go.
    pub(super) async fn detach(&mut self, device: Device, reply: Reply) -> Option<(Reply, Result<(), VmError>)> {
        let alias = match &device {
            Device::Disk(disk) => devices::disk_alias(disk),
            Device::Nic(nic) => devices::nic_alias(nic),
            Device::Cdrom(_) => return Some((reply, self.change_disc(CdromSpec::default()).await)),
        };
        let element = match self.current(&alias).await {
            Ok(Some(element)) => element,
            Ok(None) => {
                let result = self.unplugged(&alias);
                return Some((reply, result));
            }
            Err(error) => return Some((reply, Err(error))),
        };
        if let Err(error) = self.world.hypervisor.detach(&self.vm_id, &element.to_xml()).await {
            return Some((reply, Err(error.into())));
        }
        self.unplugging.push((alias.clone(), reply));
        let mailbox = self.mailbox.clone();
        tokio::spawn(async move {
            // The event may come first: then nobody waits any more, and this changes nothing.
            tokio::time::sleep(UNPLUG).await;
            let kept = crate::hypervisor::Happening::DeviceKept(alias);
            if let Some(mailbox) = mailbox.upgrade() {
                let _ = mailbox.send(Message::Happened(kept)).await;
            }
        });
        None
    }

    fn answer_unplug(&mut self, alias: &str, result: &Result<(), VmError>) {
        for (waiting, reply) in std::mem::take(&mut self.unplugging) {
            if waiting == alias {
                let _ = reply.send(result.clone());
            } else {
                self.unplugging.push((waiting, reply));
            }
        }
    }

    pub(super) fn device_removed(&mut self, alias: &str) {
        let result = self.unplugged(alias);
        self.answer_unplug(alias, &result);
    }

    pub(super) fn device_kept(&mut self, alias: &str) {
        self.answer_unplug(alias, &Err(VmError::Failed("the guest does not let go of the device".into())));
    }

    fn unplugged(&mut self, alias: &str) -> Result<(), VmError> {
        self.revise(|spec| {
            spec.disks.retain(|disk| devices::disk_alias(disk) != alias);
            spec.nics.retain(|nic| devices::nic_alias(nic) != alias);
        })
    }

    /// Link, network or filter of a NIC, or the disc.
    pub(super) async fn update(&mut self, device: Device) -> Result<(), VmError> {
        let nic = match device {
            Device::Nic(nic) => nic,
            Device::Cdrom(cdrom) => return self.change_disc(cdrom).await,
            Device::Disk(_) => return Err(VmError::Invalid("a disk that is plugged in can't be changed".into())),
        };
        let current = self.current(&devices::nic_alias(&nic)).await?;
        let current = current.ok_or_else(|| VmError::Denied("the VM has no such NIC".into()))?;
        self.world.places.nic(&nic).await?;
        let wanted = devices::nic(&nic, None).map_err(|error| VmError::Invalid(error.to_string()))?;
        let changed = edit::nic(&current, &wanted);
        self.world.hypervisor.update(&self.vm_id, &changed.to_xml()).await?;
        self.revise(|spec| {
            spec.nics.retain(|held| held.id != nic.id);
            spec.nics.push(nic);
        })
    }

    fn revise(&mut self, change: impl FnOnce(&mut ferrovirt_hostapi::VmSpec)) -> Result<(), VmError> {
        if let Some(record) = self.record.as_mut() {
            change(&mut record.spec);
        }
        self.save()
    }
}
