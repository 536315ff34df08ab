//! The CD in a VM's drive: for its next starts, or at once in the running guest.

use async_trait::async_trait;
use ferrovirt_model::events::{EventDraft, sentences};
use ferrovirt_model::ids::{DataCenterId, DiskId, VmId};
use ferrovirt_model::permits::Permit;
use ferrovirt_model::refusal::Refusal;
use ferrovirt_model::storage::{DiskContent, lifecycle as storage};
use ferrovirt_model::vm::lifecycle::{self, Ask};
use ferrovirt_store::Areas;
use ferrovirt_store::tx::Change;

use super::devices::{changeable, tell_host};
use super::known::Known;
use crate::action::{Action, ActionContext};
use crate::failure::Result;
use crate::hosts::reach;
use crate::jobs::plug_device::Plug;

/// Put another CD into a VM's drive, or none.
#[derive(Clone, Debug)]
pub struct ChangeCd {
    /// The VM.
    pub vm: VmId,
    /// The disk that holds the CD's image; `None` ejects.
    pub cd: Option<DiskId>,
    /// In the running guest, and for this run alone; otherwise for the starts to come.
    pub current: bool,
    known: Known,
}

impl ChangeCd {
    /// A change of the CD for the starts to come.
    #[must_use]
    pub fn for_starts(vm: VmId, cd: Option<DiskId>) -> Self {
        Self { vm, cd, current: false, known: Known::default() }
    }

    /// A change of the CD in the running guest.
    #[must_use]
    pub fn now(vm: VmId, cd: Option<DiskId>) -> Self {
        Self { vm, cd, current: true, known: Known::default() }
    }

    async fn change_now(&mut self, cx: &mut ActionContext<'_>) -> Result<()> {
        let (vm, run) = changeable(cx, self.vm, Permit::ChangeVmCd, &mut self.known.vm).await?;
        let run = run.ok_or_else(|| {
            Refusal::rule(format!("VM '{}' does not run: its CD can be changed for its next start.", vm.name))
        })?;
        let before = cx.tx.vms().particulars(self.vm, run.generation).await?.cdrom;
        let home = home(cx, &vm).await?;
        check(cx, before, self.cd, home).await?;
        cx.job_tells();
        tell_host(cx, &vm, &run, Plug::Cd { now: self.cd, before }, "Changing the CD of").await
    }

    async fn change_later(&mut self, cx: &mut ActionContext<'_>) -> Result<()> {
        let mut vm = cx.tx.vms().lock_row(self.vm).await?.ok_or_else(|| Refusal::no_such("VM", self.vm))?;
        cx.require(Permit::EditVmProperties, self.vm).await?;
        let run = cx.tx.vms().view(self.vm).await?.and_then(|view| view.run);
        lifecycle::may(&vm, run.as_ref(), Ask::Update, cx.now)?;
        let home = home(cx, &vm).await?;
        check(cx, vm.definition.cdrom, self.cd, home).await?;
        vm.definition.cdrom = self.cd;
        if let Some(next) = &mut vm.next_run {
            next.cdrom = self.cd;
        }
        cx.tx.vms().update(&vm).await?;
        cx.tx.changed(self.vm, Change::Updated);
        cx.log(sentences::USER_UPDATE_VM.draft().vm(self.vm, vm.name));
        Ok(())
    }
}

#[async_trait]
impl Action for ChangeCd {
    type Output = ();

    async fn perform(&mut self, cx: &mut ActionContext<'_>) -> Result<()> {
        self.known = Known::find(cx, self.vm).await?;
        if self.current { self.change_now(cx).await } else { self.change_later(cx).await }
    }

    fn failed(&self) -> Option<EventDraft> {
        let sentence =
            if self.current { sentences::USER_FAILED_CHANGE_DISK_VM } else { sentences::USER_FAILED_UPDATE_VM };
        self.known.draft(sentence, self.vm)
    }
}

async fn home(cx: &mut ActionContext<'_>, vm: &ferrovirt_model::vm::Vm) -> Result<DataCenterId> {
    let cluster = cx.tx.clusters().get(&[vm.cluster]).await?.pop();
    Ok(cluster.ok_or_else(|| Refusal::no_such("Cluster", vm.cluster))?.data_center)
}

/// Whether a CD may come into the drive of a VM of this data centre, in place of the one that lies there.
///
/// # Errors
/// A refusal where the disk is none of a CD, lies elsewhere or can't be read, or the caller may not use it.
pub async fn check(
    cx: &mut ActionContext<'_>,
    held: Option<DiskId>,
    wanted: Option<DiskId>,
    home: DataCenterId,
) -> Result<()> {
    let Some(id) = wanted.filter(|id| held != Some(*id)) else { return Ok(()) };
    let disk = cx.tx.disks().lock_row(id).await?.ok_or_else(|| Refusal::no_such("Disk", id))?;
    cx.require(Permit::AttachDisk, id).await?;
    if disk.content != DiskContent::Iso {
        return Err(Refusal::rule(format!("Disk '{}' holds no CD image.", disk.alias)).into());
    }
    storage::may_touch(&disk, true)?;
    let domain = reach::place(&mut cx.tx, &disk).await?.domain;
    if reach::data_center_of(&domain) != home {
        return Err(Refusal::rule("The CD image lies in another data center than the VM.").into());
    }
    let host_up = reach::some_host_up(&mut cx.tx, &domain).await?;
    storage::may(&domain, host_up, storage::Ask::Use)?;
    Ok(())
}
