//! Make the disks of a VM that is made from a template: layers on the template's disks, or copies of them. The VM's row
//! is there already, locked by this job; as long as it is, the template can't be removed.
//!
//! ```text
//!  make each disk ─▶ VM and disks are free
//!        undo: remove the disks ─▶ remove the VM
//! ```

use std::time::Duration;

use async_trait::async_trait;
use ferrovirt_model::events::{EventSentence, sentences};
use ferrovirt_model::ids::VmId;
use ferrovirt_model::storage::DiskState;
use ferrovirt_model::template::BLANK;
use ferrovirt_store::Areas;
use ferrovirt_store::tx::Change;
use serde::{Deserialize, Serialize};

use super::disk_set::DiskSet;
use super::{Job, JobContext, Turn};
use crate::actions::vm::remove;
use crate::failure::Result;

/// The job.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct CreateVmFromTemplate {
    /// The VM.
    pub vm: VmId,
    /// The disks are copies: once they are there, the VM no longer needs the template.
    pub clone: bool,
    /// Its disks.
    pub disks: DiskSet,
}

impl CreateVmFromTemplate {
    fn with(self, disks: DiskSet) -> Self {
        Self { disks, ..self }
    }

    async fn tell(&self, cx: &mut JobContext<'_>, sentence: EventSentence) -> Result<()> {
        let Some(view) = cx.tx().await?.vms().view(self.vm).await? else { return Ok(()) };
        cx.log(sentence.draft().vm(view.vm.id, view.vm.name)).await
    }
}

#[async_trait]
impl Job for CreateVmFromTemplate {
    const KIND: &'static str = "create_vm_from_template";
    const DEADLINE: Duration = Duration::from_secs(24 * 3600);

    fn step(&self) -> (&'static str, String) {
        self.disks.step()
    }

    async fn forward(self, cx: &mut JobContext<'_>) -> Result<Turn<Self>> {
        match self.disks.clone().forward(cx).await? {
            Turn::Next(disks) => Ok(Turn::Next(self.with(disks))),
            Turn::Wait(disks, pause) => Ok(Turn::Wait(self.with(disks), pause)),
            Turn::Done => {
                self.disks.settle(cx, DiskState::Ok).await?;
                let tx = cx.tx().await?;
                tx.vms().set_lock(self.vm, None).await?;
                if self.clone {
                    tx.vms().set_template(self.vm, BLANK).await?;
                }
                tx.changed(self.vm, Change::Updated);
                self.tell(cx, sentences::USER_ADD_VM_FINISHED_SUCCESS).await?;
                Ok(Turn::Done)
            }
        }
    }

    async fn unwind(self, cx: &mut JobContext<'_>) -> Result<Turn<Self>> {
        match self.disks.clone().unwind(cx).await? {
            Turn::Next(disks) => return Ok(Turn::Next(self.with(disks))),
            Turn::Wait(disks, pause) => return Ok(Turn::Wait(self.with(disks), pause)),
            Turn::Done => {}
        }
        self.tell(cx, sentences::USER_ADD_VM_FINISHED_FAILURE).await?;
        let tx = cx.tx().await?;
        if let Some(vm) = tx.vms().lock_row(self.vm).await? {
            remove::forget(tx, &vm).await?;
        }
        self.disks.forget(cx).await?;
        Ok(Turn::Done)
    }

    async fn give_up(self, cx: &mut JobContext<'_>) -> Result<()> {
        self.tell(cx, sentences::USER_ADD_VM_FINISHED_FAILURE).await?;
        self.disks.settle(cx, DiskState::Illegal).await?;
        let tx = cx.tx().await?;
        tx.vms().set_lock(self.vm, None).await?;
        tx.changed(self.vm, Change::Updated);
        Ok(())
    }
}
