//! The disks of a VM: attach, make and attach, change how one hangs, detach, remove.

use async_trait::async_trait;
use ferrovirt_model::events::{EventDraft, sentences};
use ferrovirt_model::ids::{DiskId, VmId};
use ferrovirt_model::permits::Permit;
use ferrovirt_model::refusal::Refusal;
use ferrovirt_model::storage::{self, Disk, DiskContent};
use ferrovirt_model::vm::{DiskAttachment, DiskInterface, Vm};
use ferrovirt_store::Areas;
use ferrovirt_store::tx::Change;

use super::devices::{changeable, tell_host};
use crate::action::{Action, ActionContext};
use crate::actions::disk::{NewDisk, remove};
use crate::failure::Result;
use crate::hosts::reach;
use crate::jobs::plug_device::Plug;

/// How a disk hangs: parts that are `None` were not named.
#[derive(Clone, Copy, Debug, Default)]
pub struct Hanging {
    /// The bus.
    pub interface: Option<DiskInterface>,
    /// The VM boots from it.
    pub bootable: Option<bool>,
    /// The device is in.
    pub active: Option<bool>,
    /// The guest may not write.
    pub read_only: Option<bool>,
    /// Pass discard on to the storage.
    pub pass_discard: Option<bool>,
}

/// The disk that is to be attached.
#[derive(Clone, Debug)]
pub enum Which {
    /// One that exists.
    Existing(DiskId),
    /// A new one.
    New(Box<NewDisk>),
}

/// Attach a disk to a VM.
#[derive(Clone, Debug)]
pub struct AttachDisk {
    /// The VM.
    pub vm: VmId,
    /// The disk.
    pub disk: Which,
    /// How it is to hang.
    pub hanging: Hanging,
    /// The names of VM and disk, as far as they are known.
    pub names: (Option<String>, String),
}

async fn one_boot_disk(cx: &mut ActionContext<'_>, vm: VmId, but: DiskId) -> Result<()> {
    let others = cx.tx.vms().attachments(&[vm]).await?;
    if others.iter().any(|other| other.bootable && other.disk != but) {
        return Err(Refusal::rule("Another disk of the VM is bootable already: only one may be.").into());
    }
    Ok(())
}

impl AttachDisk {
    /// A disk that exists, its row locked, which may hang on this VM.
    async fn existing(&self, cx: &mut ActionContext<'_>, vm: &Vm, id: DiskId) -> Result<Disk> {
        let disk = cx.tx.disks().lock_row(id).await?.ok_or_else(|| Refusal::no_such("Disk", id))?;
        cx.require(Permit::AttachDisk, id).await?;
        storage::lifecycle::may_touch(&disk, true)?;
        if disk.content == DiskContent::Iso {
            return Err(
                Refusal::rule(format!("Disk '{}' holds a CD image: insert it into the drive.", disk.alias)).into()
            );
        }
        let users = cx.tx.vms().attachments_of_disks(&[id]).await?;
        if users.iter().any(|user| user.vm == vm.id) {
            return Err(Refusal::rule(format!("Disk '{}' is attached to the VM already.", disk.alias)).into());
        }
        if !users.is_empty() && !disk.shareable {
            let sentence = format!("Disk '{}' is attached to another VM and not shareable.", disk.alias);
            return Err(Refusal::Busy { sentence }.into());
        }
        if !cx.tx.disks().templates_of(&[id]).await?.is_empty() {
            return Err(Refusal::rule(format!("Disk '{}' belongs to a template.", disk.alias)).into());
        }
        let home = reach::place(&mut cx.tx, &disk).await?.domain;
        let cluster = cx.tx.clusters().get(&[vm.cluster]).await?.pop();
        let reachable = cluster.is_some_and(|cluster| reach::data_center_of(&home) == cluster.data_center);
        if !reachable {
            return Err(Refusal::rule("The disk lies in another data center than the VM.").into());
        }
        Ok(disk)
    }
}

#[async_trait]
impl Action for AttachDisk {
    type Output = DiskId;

    async fn perform(&mut self, cx: &mut ActionContext<'_>) -> Result<DiskId> {
        let view = cx.tx.vms().view(self.vm).await?.ok_or_else(|| Refusal::no_such("VM", self.vm))?;
        let disk = match &self.disk {
            Which::New(new) => new.alias.clone(),
            Which::Existing(id) => id.to_string(),
        };
        self.names = (Some(view.vm.name), disk);
        // Storage domains are locked before VMs.
        let new = match &self.disk {
            Which::New(new) => Some(new.begin(cx, Some(self.vm)).await?),
            Which::Existing(_) => None,
        };
        let (vm, run) = changeable(cx, self.vm, Permit::ConfigureVmStorage, &mut self.names.0).await?;
        let (disk, sentence) = match (&self.disk, new) {
            (_, Some(disk)) => (disk, sentences::USER_ADD_DISK_TO_VM),
            (Which::Existing(id), None) => (self.existing(cx, &vm, *id).await?, sentences::USER_ATTACH_DISK_TO_VM),
            (Which::New(_), None) => return Err(Refusal::rule("The disk was not made.").into()),
        };
        self.names.1.clone_from(&disk.alias);
        let active = self.hanging.active.unwrap_or(true);
        let attachment = DiskAttachment {
            vm: self.vm,
            disk: disk.id,
            interface: self.hanging.interface.unwrap_or(DiskInterface::VirtioScsi),
            bootable: self.hanging.bootable.unwrap_or(false),
            // A running VM's host plugs it in first.
            active: active && run.is_none(),
            read_only: self.hanging.read_only.unwrap_or(false),
            pass_discard: self.hanging.pass_discard.unwrap_or(false),
        };
        if attachment.bootable {
            one_boot_disk(cx, self.vm, disk.id).await?;
        }
        cx.tx.vms().put_attachment(&attachment).await?;
        cx.tx.changed(self.vm, Change::Updated);
        cx.tx.changed(disk.id, Change::Updated);
        cx.log(sentence.draft().vm(self.vm, vm.name.clone()).disk(&disk.alias));
        if let Some(run) = run.filter(|_| active) {
            tell_host(cx, &vm, &run, Plug::DiskIn(disk.id), "Plugging a disk into").await?;
        }
        Ok(disk.id)
    }

    fn failed(&self) -> Option<EventDraft> {
        let sentence = match self.disk {
            Which::Existing(_) => sentences::USER_FAILED_ATTACH_DISK_TO_VM,
            Which::New(_) => sentences::USER_FAILED_ADD_DISK_TO_VM,
        };
        Some(sentence.draft().vm(self.vm, self.names.0.clone()?).disk(&self.names.1))
    }
}

async fn attachment_of(cx: &mut ActionContext<'_>, vm: VmId, disk: DiskId) -> Result<(DiskAttachment, Disk)> {
    let found = cx.tx.vms().attachments(&[vm]).await?.into_iter().find(|attachment| attachment.disk == disk);
    let attachment = found.ok_or_else(|| Refusal::no_such("Disk attachment", disk))?;
    let disk = cx.tx.disks().lock_row(disk).await?.ok_or_else(|| Refusal::no_such("Disk", disk))?;
    Ok((attachment, disk))
}

/// What the log calls a disk of a VM; one that does not hang on it goes by its id.
async fn name_of(cx: &mut ActionContext<'_>, vm: VmId, id: DiskId) -> Result<String> {
    let hangs = cx.tx.vms().attachments(&[vm]).await?.iter().any(|attachment| attachment.disk == id);
    let disk = if hangs { cx.tx.disks().get(&[id]).await?.pop() } else { None };
    Ok(disk.map_or_else(|| id.to_string(), |disk| disk.alias))
}

/// Change how a disk hangs on a VM.
#[derive(Clone, Debug)]
pub struct UpdateAttachment {
    /// The VM.
    pub vm: VmId,
    /// The disk.
    pub disk: DiskId,
    /// What changes.
    pub hanging: Hanging,
    /// The names of VM and disk, as far as they are known.
    pub names: (Option<String>, String),
}

#[async_trait]
impl Action for UpdateAttachment {
    type Output = ();

    async fn perform(&mut self, cx: &mut ActionContext<'_>) -> Result<()> {
        self.names.1 = name_of(cx, self.vm, self.disk).await?;
        let (vm, run) = changeable(cx, self.vm, Permit::ConfigureVmStorage, &mut self.names.0).await?;
        let (old, disk) = attachment_of(cx, self.vm, self.disk).await?;
        let mut next = old.clone();
        next.interface = self.hanging.interface.unwrap_or(old.interface);
        next.bootable = self.hanging.bootable.unwrap_or(old.bootable);
        next.read_only = self.hanging.read_only.unwrap_or(old.read_only);
        next.pass_discard = self.hanging.pass_discard.unwrap_or(old.pass_discard);
        let active = self.hanging.active.unwrap_or(old.active);
        if run.is_some() && old.active && next != old {
            return Err(Refusal::rule(
                "How an active disk of a running VM hangs can't be changed: deactivate it first.",
            )
            .into());
        }
        if next.bootable && !old.bootable {
            one_boot_disk(cx, self.vm, self.disk).await?;
        }
        if run.is_none() {
            next.active = active;
        }
        cx.tx.vms().put_attachment(&next).await?;
        cx.tx.changed(self.vm, Change::Updated);
        cx.log(sentences::USER_UPDATE_VM_DISK.draft().vm(self.vm, vm.name.clone()).disk(&disk.alias));
        if let Some(run) = run.filter(|_| active != old.active) {
            storage::lifecycle::may_touch(&disk, active)?;
            let what = if active { Plug::DiskIn(disk.id) } else { Plug::DiskOut(disk.id) };
            tell_host(cx, &vm, &run, what, "Plugging a disk of").await?;
        }
        Ok(())
    }

    fn failed(&self) -> Option<EventDraft> {
        let draft = sentences::USER_FAILED_UPDATE_VM_DISK.draft().vm(self.vm, self.names.0.clone()?);
        Some(draft.disk(&self.names.1))
    }
}

/// Detach a disk from a VM, or remove it with its attachment.
#[derive(Clone, Debug)]
pub struct DetachDisk {
    /// The VM.
    pub vm: VmId,
    /// The disk.
    pub disk: DiskId,
    /// The disk stays.
    pub detach_only: bool,
    /// The names of VM and disk, as far as they are known.
    pub names: (Option<String>, String),
}

#[async_trait]
impl Action for DetachDisk {
    type Output = ();

    async fn perform(&mut self, cx: &mut ActionContext<'_>) -> Result<()> {
        self.names.1 = name_of(cx, self.vm, self.disk).await?;
        let (vm, run) = changeable(cx, self.vm, Permit::ConfigureVmStorage, &mut self.names.0).await?;
        let (attachment, disk) = attachment_of(cx, self.vm, self.disk).await?;
        storage::lifecycle::may_touch(&disk, false)?;
        let run = run.filter(|_| attachment.active);
        cx.tx.changed(disk.id, Change::Updated);
        cx.tx.changed(self.vm, Change::Updated);
        if self.detach_only {
            if let Some(run) = run {
                cx.job_tells();
                return tell_host(cx, &vm, &run, Plug::DiskGone(disk.id), "Detaching a disk of").await;
            }
            cx.tx.vms().remove_attachment(self.vm, disk.id).await?;
            cx.log(sentences::USER_DETACH_DISK_FROM_VM.draft().vm(self.vm, vm.name).disk(&disk.alias));
            return Ok(());
        }
        cx.require(Permit::DeleteDisk, disk.id).await?;
        if run.is_some() {
            return Err(
                Refusal::rule("Cannot remove an active disk of a running VM. Please deactivate it first.").into()
            );
        }
        let shared = cx.tx.vms().attachments_of_disks(&[disk.id]).await?.iter().any(|other| other.vm != self.vm);
        if shared {
            return Err(Refusal::rule("The disk is attached to other VMs too: detach it instead.").into());
        }
        cx.tx.vms().remove_attachment(self.vm, disk.id).await?;
        remove::begin(cx, &disk).await?;
        cx.log(sentences::USER_REMOVE_DISK_FROM_VM.draft().vm(self.vm, vm.name).disk(&disk.alias));
        Ok(())
    }

    fn failed(&self) -> Option<EventDraft> {
        let sentence = if self.detach_only {
            sentences::USER_FAILED_DETACH_DISK_FROM_VM
        } else {
            sentences::USER_FAILED_REMOVE_DISK_FROM_VM
        };
        Some(sentence.draft().vm(self.vm, self.names.0.clone()?).disk(&self.names.1))
    }
}
