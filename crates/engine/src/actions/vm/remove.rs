//! Remove a VM: with its disks by a job, without any at once.

use async_trait::async_trait;
use ferrovirt_model::events::{EventDraft, sentences};
use ferrovirt_model::ids::{DiskId, JobId, VmId};
use ferrovirt_model::permits::Permit;
use ferrovirt_model::refusal::Refusal;
use ferrovirt_model::storage::{Disk, DiskState};
use ferrovirt_model::vm::lifecycle::{self, Ask};
use ferrovirt_model::vm::{Lock, LockPurpose, Vm};
use ferrovirt_store::Areas;
use ferrovirt_store::tx::Change;

use super::machine;
use crate::action::{Action, ActionContext};
use crate::failure::Result;
use crate::jobs::remove_vm::{Doomed, RemoveVm};

/// Remove a VM.
#[derive(Clone, Debug)]
pub struct Remove {
    /// The VM.
    pub vm: VmId,
    /// Its disks stay, attached to nothing.
    pub detach_only: bool,
    name: Option<String>,
}

impl Remove {
    /// A removal of `vm`, with its disks or without.
    #[must_use]
    pub fn new(vm: VmId, detach_only: bool) -> Self {
        Self { vm, detach_only, name: None }
    }

    /// The disks that go with the VM, locked: not those that others share or use.
    async fn disks(&self, cx: &mut ActionContext<'_>) -> Result<Vec<Disk>> {
        if self.detach_only {
            return Ok(Vec::new());
        }
        let mut ids: Vec<DiskId> =
            cx.tx.vms().attachments(&[self.vm]).await?.into_iter().map(|attachment| attachment.disk).collect();
        let shared: Vec<DiskId> = cx
            .tx
            .vms()
            .attachments_of_disks(&ids)
            .await?
            .into_iter()
            .filter(|attachment| attachment.vm != self.vm)
            .map(|attachment| attachment.disk)
            .collect();
        ids.sort();
        let mut disks = Vec::with_capacity(ids.len());
        for id in ids {
            let Some(disk) = cx.tx.disks().lock_row(id).await? else { continue };
            if disk.state == DiskState::Locked {
                return Err(Refusal::Locked { what: "Disk", name: disk.alias }.into());
            }
            if !disk.shareable && !shared.contains(&id) {
                disks.push(disk);
            }
        }
        Ok(disks)
    }

    async fn begin(&self, cx: &mut ActionContext<'_>, vm: &Vm, disks: Vec<Disk>) -> Result<()> {
        let id = JobId(uuid::Uuid::new_v4());
        let mut doomed = Vec::with_capacity(disks.len());
        for disk in disks {
            cx.tx.disks().set_state(disk.id, DiskState::Locked, Some(id)).await?;
            cx.tx.changed(disk.id, Change::Updated);
            doomed.push(Doomed { disk: disk.id, was: disk.state });
        }
        cx.tx.vms().set_lock(self.vm, Some(Lock { job: id, purpose: LockPurpose::Images })).await?;
        let job = RemoveVm::new(self.vm, doomed);
        cx.begin_as(id, &job, format!("Removing VM {}", vm.name), vec![self.vm.into()]).await?;
        cx.tx.changed(self.vm, Change::Updated);
        cx.job_tells();
        Ok(())
    }
}

#[async_trait]
impl Action for Remove {
    type Output = ();

    async fn perform(&mut self, cx: &mut ActionContext<'_>) -> Result<()> {
        let vm = cx.tx.vms().lock_row(self.vm).await?.ok_or_else(|| Refusal::no_such("VM", self.vm))?;
        self.name = Some(vm.name.clone());
        cx.require(Permit::DeleteVm, self.vm).await?;
        let run = cx.tx.vms().view(self.vm).await?.and_then(|view| view.run);
        lifecycle::may(&vm, run.as_ref(), Ask::Remove, cx.now)?;
        machine::runs_nowhere(&mut cx.tx, self.vm).await?;
        let disks = self.disks(cx).await?;
        if !disks.is_empty() {
            return self.begin(cx, &vm, disks).await;
        }
        forget(&mut cx.tx, &vm).await?;
        cx.log(sentences::USER_REMOVE_VM_FINISHED.draft().vm(vm.id, vm.name));
        Ok(())
    }

    fn failed(&self) -> Option<EventDraft> {
        Some(sentences::USER_FAILED_REMOVE_VM.draft().vm(self.vm, self.name.clone()?))
    }
}

/// Takes a VM out of all rows. Its disks, if any are left, hang on nothing then.
///
/// # Errors
/// Trouble with the store.
pub async fn forget(tx: &mut ferrovirt_store::Tx, vm: &Vm) -> Result<()> {
    for attachment in tx.vms().attachments(&[vm.id]).await? {
        tx.changed(attachment.disk, Change::Updated);
    }
    tx.permissions().forget(vm.id.into()).await?;
    tx.tags().forget(vm.id.into()).await?;
    tx.vms().remove(vm.id).await?;
    tx.changed(vm.id, Change::Removed);
    Ok(())
}
