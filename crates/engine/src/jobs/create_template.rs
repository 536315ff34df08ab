//! Make a template's disks as copies of a VM's. The template's row is there already; template, VM and the VM's disks are
//! locked by this job.
//!
//! ```text
//!  copy each disk ─▶ template, VM and disks are free
//!        undo: remove the copies ─▶ remove the template, free the VM
//! ```

use std::time::Duration;

use async_trait::async_trait;
use ferrovirt_model::events::{EventSentence, sentences};
use ferrovirt_model::ids::{TemplateId, VmId};
use ferrovirt_model::storage::DiskState;
use ferrovirt_store::Areas;
use ferrovirt_store::tx::Change;
use serde::{Deserialize, Serialize};

use super::disk_set::DiskSet;
use super::{Job, JobContext, Turn};
use crate::failure::Result;

/// The job.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct CreateTemplate {
    /// The template.
    pub template: TemplateId,
    /// The VM that it is made from.
    pub vm: VmId,
    /// Its disks.
    pub disks: DiskSet,
}

impl CreateTemplate {
    fn with(self, disks: DiskSet) -> Self {
        Self { disks, ..self }
    }

    async fn free_vm(&self, cx: &mut JobContext<'_>) -> Result<()> {
        self.disks.release_sources(cx).await?;
        let job = cx.id;
        let tx = cx.tx().await?;
        if let Some(vm) = tx.vms().lock_row(self.vm).await?
            && vm.lock.is_some_and(|lock| lock.job == job)
        {
            tx.vms().set_lock(self.vm, None).await?;
            tx.changed(self.vm, Change::Updated);
        }
        Ok(())
    }

    async fn tell(&self, cx: &mut JobContext<'_>, sentence: EventSentence) -> Result<()> {
        let tx = cx.tx().await?;
        let template = tx.templates().get(&[self.template]).await?.pop();
        let vm = tx.vms().view(self.vm).await?.map(|view| view.vm);
        let mut draft = sentence.draft();
        draft = template.into_iter().fold(draft, |draft, one| draft.template(one.id, one.name));
        draft = vm.into_iter().fold(draft, |draft, one| draft.vm(one.id, one.name));
        cx.log(draft).await
    }
}

#[async_trait]
impl Job for CreateTemplate {
    const KIND: &'static str = "create_template";
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
                cx.tx().await?.templates().set_lock(self.template, None, false).await?;
                cx.tx().await?.changed(self.template, Change::Updated);
                self.free_vm(cx).await?;
                self.tell(cx, sentences::USER_ADD_VM_TEMPLATE_FINISHED_SUCCESS).await?;
                self.tell(cx, sentences::USER_ADD_VM_TEMPLATE_SUCCESS).await?;
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
        self.tell(cx, sentences::USER_ADD_VM_TEMPLATE_FINISHED_FAILURE).await?;
        self.disks.forget(cx).await?;
        let tx = cx.tx().await?;
        tx.permissions().forget(self.template.into()).await?;
        tx.templates().remove(self.template).await?;
        tx.changed(self.template, Change::Removed);
        self.free_vm(cx).await?;
        Ok(Turn::Done)
    }

    async fn give_up(self, cx: &mut JobContext<'_>) -> Result<()> {
        self.tell(cx, sentences::USER_ADD_VM_TEMPLATE_FINISHED_FAILURE).await?;
        self.disks.settle(cx, DiskState::Illegal).await?;
        cx.tx().await?.templates().set_lock(self.template, None, true).await?;
        cx.tx().await?.changed(self.template, Change::Updated);
        self.free_vm(cx).await
    }
}
