//! Plug a device of a running VM in or out, change its link or its CD: one request to the host, then the row that says so.
//!
//! The VM is held meanwhile, so that it neither moves nor stops with a device half in. Where the host refuses, the row
//! goes back to what it was; where its answer can't be had, undoing asks the host for the opposite.

use std::time::Duration;

use async_trait::async_trait;
use ferrovirt_hostapi::{CdromSpec, DeviceRequest, device_request};
use ferrovirt_model::events::{EventDraft, sentences};
use ferrovirt_model::ids::{DataCenterId, DiskId, HostId, NicId, VmId, VnicProfileId};
use ferrovirt_model::refusal::Refusal;
use ferrovirt_model::storage::DiskState;
use ferrovirt_model::vm::{Vm, VmNic};
use ferrovirt_plan::platform::{self, DiskDevice, NicDevice};
use ferrovirt_store::tx::Change;
use ferrovirt_store::vms::DeviceOwner;
use ferrovirt_store::{Areas, Tx};
use serde::{Deserialize, Serialize};

use super::{Job, JobContext, Turn};
use crate::actions::vm::{machine, nics::nic_event};
use crate::failure::{Failure, Result, Trouble};
use crate::hosts::{WORK, within};

/// How often a disk that is being made is looked at.
const LOOK: Duration = Duration::from_millis(500);
/// The most queues of a NIC that is plugged in later.
const QUEUES: u32 = 1;

/// The job.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct PlugDevice {
    /// The VM.
    pub vm: VmId,
    /// Where it runs.
    pub host: HostId,
    /// The run.
    pub generation: u64,
    /// What is done.
    pub what: Plug,
}

/// What is done with a device.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Plug {
    /// A NIC comes in.
    NicIn(NicId),
    /// A NIC goes out.
    NicOut(NicId),
    /// A NIC's link or network changes; the row has the new one, this has the old.
    NicLink {
        /// The NIC.
        nic: NicId,
        /// The cable was in.
        linked: bool,
        /// The profile was this.
        profile: Option<VnicProfileId>,
    },
    /// A disk comes in.
    DiskIn(DiskId),
    /// A disk goes out; it stays attached.
    DiskOut(DiskId),
    /// A disk goes out and is detached.
    DiskGone(DiskId),
    /// Another CD comes into the drive, or none.
    Cd {
        /// The CD.
        now: Option<DiskId>,
        /// What lies there until then.
        before: Option<DiskId>,
    },
}

/// Which request it is.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Verb {
    Attach,
    Detach,
    Update,
}

impl Plug {
    fn verb(self) -> Verb {
        match self {
            Self::NicIn(_) | Self::DiskIn(_) => Verb::Attach,
            Self::NicOut(_) | Self::DiskOut(_) | Self::DiskGone(_) => Verb::Detach,
            Self::NicLink { .. } => Verb::Update,
            Self::Cd { now, .. } => cd_verb(now),
        }
    }

    /// The request that undoes it.
    fn back(self) -> Verb {
        match self {
            Self::Cd { before, .. } => cd_verb(before),
            _ => match self.verb() {
                Verb::Attach => Verb::Detach,
                Verb::Detach => Verb::Attach,
                Verb::Update => Verb::Update,
            },
        }
    }
}

/// One drive, which holds one CD: a new one pushes the old one out.
fn cd_verb(cd: Option<DiskId>) -> Verb {
    if cd.is_some() { Verb::Attach } else { Verb::Detach }
}

enum Device {
    Nic(Box<NicDevice>),
    Disk(Box<DiskDevice>),
    Cd(Option<Box<DiskDevice>>),
}

#[async_trait]
impl Job for PlugDevice {
    const KIND: &'static str = "plug_device";
    const DEADLINE: Duration = Duration::from_secs(900);

    fn step(&self) -> (&'static str, String) {
        let what = match self.what.verb() {
            Verb::Attach => "Plugging the device in",
            Verb::Detach => "Plugging the device out",
            Verb::Update => "Changing the device",
        };
        ("tell", what.to_owned())
    }

    async fn forward(self, cx: &mut JobContext<'_>) -> Result<Turn<Self>> {
        if self.unready(cx).await? {
            return Ok(Turn::Wait(self, LOOK));
        }
        self.ask(cx, self.what.verb()).await?;
        self.note(cx, true).await?;
        self.release(cx).await?;
        Ok(Turn::Done)
    }

    async fn unwind(self, cx: &mut JobContext<'_>) -> Result<Turn<Self>> {
        if self.running(cx).await? {
            self.restore(cx).await?;
            match self.ask_back(cx, self.what.back()).await {
                // It was never done, so there is nothing to undo.
                Ok(()) | Err(Failure::Refused(_)) => {}
                Err(trouble) => return Err(trouble),
            }
        }
        self.note(cx, false).await?;
        self.release(cx).await?;
        Ok(Turn::Done)
    }

    async fn give_up(self, cx: &mut JobContext<'_>) -> Result<()> {
        self.note(cx, false).await?;
        self.release(cx).await
    }
}

impl PlugDevice {
    async fn running(&self, cx: &mut JobContext<'_>) -> Result<bool> {
        let (vm, generation) = (self.vm, self.generation);
        let mut reader = cx.engine.store().read().await?;
        Ok(reader.vms().view(vm).await?.and_then(|view| view.run).is_some_and(|run| run.generation == generation))
    }

    /// A disk that is still being made comes in when it is there.
    async fn unready(&self, cx: &JobContext<'_>) -> Result<bool> {
        let Plug::DiskIn(id) = self.what else { return Ok(false) };
        let disk = cx.engine.store().read().await?.disks().get(&[id]).await?.pop();
        Ok(disk.is_some_and(|disk| disk.state == DiskState::Locked))
    }

    async fn device(&self, areas: &mut impl Areas) -> Result<Device> {
        match self.what {
            Plug::NicIn(id) | Plug::NicOut(id) | Plug::NicLink { nic: id, .. } => {
                let found = machine::nics(areas, self.vm).await?.into_iter().find(|device| device.nic.id == id);
                Ok(Device::Nic(Box::new(found.ok_or_else(|| Refusal::no_such("NIC", id))?)))
            }
            Plug::DiskIn(id) | Plug::DiskOut(id) | Plug::DiskGone(id) => {
                let found = machine::disks(areas, self.vm).await?.into_iter().find(|device| device.disk.id == id);
                Ok(Device::Disk(Box::new(found.ok_or_else(|| Refusal::no_such("Disk", id))?)))
            }
            Plug::Cd { now, .. } => self.cd(areas, now).await,
        }
    }

    async fn cd(&self, areas: &mut impl Areas, cd: Option<DiskId>) -> Result<Device> {
        Ok(Device::Cd(match cd {
            Some(id) => Some(Box::new(machine::cd(areas, self.vm, id).await?)),
            None => None,
        }))
    }

    async fn ask(&self, cx: &JobContext<'_>, verb: Verb) -> Result<()> {
        let mut reader = cx.engine.store().read().await?;
        let device = self.device(&mut reader).await?;
        self.send(cx, &mut reader, device, verb).await
    }

    /// As [`PlugDevice::ask`], with a NIC as it was before.
    async fn ask_back(&self, cx: &JobContext<'_>, verb: Verb) -> Result<()> {
        let mut reader = cx.engine.store().read().await?;
        let mut device = match self.what {
            Plug::Cd { before, .. } => self.cd(&mut reader, before).await?,
            _ => self.device(&mut reader).await?,
        };
        if let (Plug::NicLink { linked, profile, .. }, Device::Nic(nic)) = (self.what, &mut device) {
            nic.nic.linked = linked;
            nic.nic.profile = profile;
            nic.profile = match profile {
                Some(id) => reader.networks().profiles(&[id]).await?.pop(),
                None => None,
            };
            nic.network = match &nic.profile {
                Some(profile) => reader.networks().get(&[profile.network]).await?.pop(),
                None => None,
            };
        }
        self.send(cx, &mut reader, device, verb).await
    }

    async fn send(&self, cx: &JobContext<'_>, areas: &mut impl Areas, device: Device, verb: Verb) -> Result<()> {
        let device = match device {
            Device::Nic(device) => device_request::Device::Nic(platform::nic_spec(&device, QUEUES, 0)),
            Device::Cd(device) => {
                let data_center = self.data_center(areas).await?;
                let volume = device
                    .map(|device| platform::volume_ref(&device.disk, &device.connection, data_center))
                    .transpose()
                    .map_err(|incomplete| Refusal::rule(incomplete.to_string()))?;
                device_request::Device::Cdrom(CdromSpec { present: volume.is_some(), volume })
            }
            Device::Disk(device) => {
                let spec = platform::disk_spec(&device, self.data_center(areas).await?, 0)
                    .map_err(|incomplete| Refusal::rule(incomplete.to_string()))?;
                device_request::Device::Disk(spec)
            }
        };
        let request = DeviceRequest {
            key: Some(cx.key()),
            vm_id: self.vm.to_string(),
            generation: self.generation,
            device: Some(device),
        };
        let door = cx.host_door(self.host).await?;
        let mut client = door.client();
        let request = within(WORK, request);
        let answer = match verb {
            Verb::Attach => client.attach_device(request).await,
            Verb::Detach => client.detach_device(request).await,
            Verb::Update => client.update_nic(request).await,
        };
        door.heard(answer)?;
        Ok(())
    }

    async fn data_center(&self, areas: &mut impl Areas) -> Result<DataCenterId> {
        let vm = areas.vms().view(self.vm).await?.ok_or_else(|| Refusal::no_such("VM", self.vm))?.vm;
        let cluster = areas.clusters().get(&[vm.cluster]).await?.pop();
        Ok(cluster.ok_or_else(|| Trouble::Broken(format!("VM {} has no cluster", vm.id)))?.data_center)
    }

    /// Puts a changed NIC's row back.
    async fn restore(&self, cx: &mut JobContext<'_>) -> Result<()> {
        let Plug::NicLink { nic: id, linked, profile } = self.what else { return Ok(()) };
        let vm = self.vm;
        let tx = cx.tx().await?;
        let Some(mut nic) = nic_row(tx, vm, id).await? else { return Ok(()) };
        nic.linked = linked;
        nic.profile = profile;
        Ok(tx.vms().put_nic(DeviceOwner::Vm(vm), &nic).await?)
    }

    /// Writes what is true now, and logs it.
    async fn note(&self, cx: &mut JobContext<'_>, done: bool) -> Result<()> {
        let id = self.vm;
        let tx = cx.tx().await?;
        let Some(view) = tx.vms().view(id).await? else { return Ok(()) };
        let draft = match self.what {
            Plug::NicIn(nic) => plug_nic(tx, &view.vm, nic, true, done).await?,
            Plug::NicOut(nic) => plug_nic(tx, &view.vm, nic, false, done).await?,
            Plug::NicLink { nic, .. } if !done => nic_row(tx, id, nic)
                .await?
                .map(|nic| nic_event(sentences::NETWORK_UPDATE_VM_INTERFACE_FAILED, &nic).vm(id, view.vm.name)),
            Plug::NicLink { .. } => None,
            Plug::Cd { now, before } => {
                let lies_there = if done { now } else { before };
                Some(change_cd(tx, self, &view.vm, lies_there, done).await?)
            }
            Plug::DiskIn(disk) | Plug::DiskOut(disk) | Plug::DiskGone(disk) => {
                plug_disk(tx, &view.vm, disk, self.what, done).await?
            }
        };
        match draft {
            Some(draft) => cx.log(draft).await,
            None => Ok(()),
        }
    }

    async fn release(&self, cx: &mut JobContext<'_>) -> Result<()> {
        let vm = self.vm;
        let tx = cx.tx().await?;
        tx.vms().set_lock(vm, None).await?;
        tx.changed(vm, Change::Updated);
        Ok(())
    }
}

async fn nic_row(tx: &mut Tx, vm: VmId, id: NicId) -> Result<Option<VmNic>> {
    Ok(tx.vms().nics(&[vm.0]).await?.into_iter().map(|(_, nic)| nic).find(|nic| nic.id == id))
}

async fn plug_nic(tx: &mut Tx, vm: &Vm, id: NicId, inward: bool, done: bool) -> Result<Option<EventDraft>> {
    let Some(mut nic) = nic_row(tx, vm.id, id).await? else { return Ok(None) };
    nic.plugged = inward == done;
    tx.vms().put_nic(DeviceOwner::Vm(vm.id), &nic).await?;
    let sentence = match (inward, done) {
        (true, true) => sentences::NETWORK_ACTIVATE_VM_INTERFACE_SUCCESS,
        (true, false) => sentences::NETWORK_ACTIVATE_VM_INTERFACE_FAILURE,
        (false, true) => sentences::NETWORK_DEACTIVATE_VM_INTERFACE_SUCCESS,
        (false, false) => sentences::NETWORK_DEACTIVATE_VM_INTERFACE_FAILURE,
    };
    Ok(Some(nic_event(sentence, &nic).vm(vm.id, vm.name.clone())))
}

async fn change_cd(tx: &mut Tx, job: &PlugDevice, vm: &Vm, cd: Option<DiskId>, done: bool) -> Result<EventDraft> {
    let mut particulars = tx.vms().particulars(vm.id, job.generation).await?;
    particulars.cdrom = cd;
    tx.vms().put_particulars(vm.id, job.generation, &particulars).await?;
    let alias = match cd {
        Some(id) => tx.disks().get(&[id]).await?.pop().map(|disk| disk.alias).unwrap_or_default(),
        None => String::new(),
    };
    let mut draft = match (done, cd) {
        (true, Some(_)) => sentences::USER_CHANGE_DISK_VM.draft().with("DiskName", alias),
        (true, None) => sentences::USER_EJECT_VM_DISK.draft(),
        (false, _) => sentences::USER_FAILED_CHANGE_DISK_VM.draft(),
    };
    if let Some(host) = tx.hosts().get(job.host).await? {
        draft = draft.host(host.id, host.name);
    }
    Ok(draft.vm(vm.id, vm.name.clone()))
}

async fn plug_disk(tx: &mut Tx, vm: &Vm, id: DiskId, what: Plug, done: bool) -> Result<Option<EventDraft>> {
    let attachments = tx.vms().attachments(&[vm.id]).await?;
    let Some(mut attachment) = attachments.into_iter().find(|attachment| attachment.disk == id) else {
        return Ok(None);
    };
    let inward = matches!(what, Plug::DiskIn(_));
    if done && matches!(what, Plug::DiskGone(_)) {
        tx.vms().remove_attachment(vm.id, id).await?;
    } else {
        attachment.active = inward == done;
        tx.vms().put_attachment(&attachment).await?;
    }
    tx.changed(id, Change::Updated);
    let alias = tx.disks().get(&[id]).await?.pop().map(|disk| disk.alias).unwrap_or_default();
    let sentence = match (inward, done, what) {
        (_, true, Plug::DiskGone(_)) => sentences::USER_DETACH_DISK_FROM_VM,
        (_, false, Plug::DiskGone(_)) => sentences::USER_FAILED_DETACH_DISK_FROM_VM,
        (true, true, _) => sentences::USER_HOTPLUG_DISK,
        (true, false, _) => sentences::USER_FAILED_HOTPLUG_DISK,
        (false, true, _) => sentences::USER_HOTUNPLUG_DISK,
        (false, false, _) => sentences::USER_FAILED_HOTUNPLUG_DISK,
    };
    Ok(Some(sentence.draft().vm(vm.id, vm.name.clone()).disk(&alias)))
}
