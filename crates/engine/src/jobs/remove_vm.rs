//! Remove a VM with its disks: one disk after the other, the VM's row last. Rows and disks are locked by this job.
//!
//! ```text
//!  for each disk: choose a host ─▶ remove the volume and the disk's row        then: remove the VM's row
//! ```
//! A disk that its storage refuses to remove stays, illegal and attached to nothing, and the VM goes without it. Turning
//! back gives the remaining disks and the VM free; what is gone stays gone.

use std::time::Duration;

use async_trait::async_trait;
use ferrovirt_model::events::sentences;
use ferrovirt_model::ids::{DiskId, HostId, VmId};
use ferrovirt_model::storage::{Disk, DiskState};
use ferrovirt_store::Areas;
use ferrovirt_store::tx::Change;
use serde::{Deserialize, Serialize};

use super::{Job, JobContext, Turn, volumes};
use crate::actions::vm::remove::forget;
use crate::failure::{Failure, Result};
use crate::hosts::reach;

/// The job.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct RemoveVm {
    /// The VM.
    pub vm: VmId,
    /// Disks that are still there; the first is next.
    pub disks: Vec<Doomed>,
    /// The host that removes the first of them, once it was chosen.
    pub host: Option<HostId>,
    /// Names of disks that could not be removed.
    pub kept: Vec<String>,
}

/// A disk that goes with the VM.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Doomed {
    /// The disk.
    pub disk: DiskId,
    /// Its state before.
    pub was: DiskState,
}

impl RemoveVm {
    /// From the beginning.
    #[must_use]
    pub fn new(vm: VmId, disks: Vec<Doomed>) -> Self {
        Self { vm, disks, host: None, kept: Vec::new() }
    }

    /// The state after the first disk has been dealt with.
    fn past_first(mut self) -> Self {
        self.disks.remove(0);
        self.host = None;
        self
    }

    async fn parts(&self, cx: &JobContext<'_>, id: DiskId) -> Result<Option<(Disk, HostId)>> {
        let mut reader = cx.engine.store().read().await?;
        let Some(disk) = reader.disks().get(&[id]).await?.pop() else { return Ok(None) };
        let place = reach::place(&mut reader, &disk).await?;
        let host = reach::keep_or_choose(&mut reader, &place.domain, self.host).await?;
        Ok(Some((disk, host)))
    }

    async fn remove_disk(mut self, cx: &mut JobContext<'_>, id: DiskId) -> Result<Turn<Self>> {
        let Some((disk, host)) = self.parts(cx, id).await? else { return Ok(Turn::Next(self.past_first())) };
        if self.host != Some(host) {
            return Ok(Turn::Next(Self { host: Some(host), ..self }));
        }
        match volumes::remove(cx, host, &disk).await {
            Ok(()) => {
                let tx = cx.tx().await?;
                tx.disks().remove(id).await?;
                tx.permissions().forget(id.into()).await?;
                tx.changed(id, Change::Removed);
            }
            Err(Failure::Refused(refusal)) => {
                tracing::warn!(disk = %id, host = %host, %refusal, "a disk of a removed VM stays");
                let vm = self.vm;
                let tx = cx.tx().await?;
                tx.vms().remove_attachment(vm, id).await?;
                tx.disks().set_state(id, DiskState::Illegal, None).await?;
                tx.changed(id, Change::Updated);
                self.kept.push(disk.alias);
            }
            Err(trouble) => return Err(trouble),
        }
        Ok(Turn::Next(self.past_first()))
    }

    async fn finish(self, cx: &mut JobContext<'_>) -> Result<Turn<Self>> {
        let id = self.vm;
        let tx = cx.tx().await?;
        let Some(vm) = tx.vms().lock_row(id).await? else { return Ok(Turn::Done) };
        forget(tx, &vm).await?;
        let draft = if self.kept.is_empty() {
            sentences::USER_REMOVE_VM_FINISHED.draft()
        } else {
            sentences::USER_REMOVE_VM_FINISHED_WITH_ILLEGAL_DISKS.draft().with("DisksNames", self.kept.join(", "))
        };
        cx.log(draft.vm(id, vm.name)).await?;
        Ok(Turn::Done)
    }

    /// Gives a disk free. Where a host was asked to remove it, only a look says whether it is whole.
    async fn give_free(&self, cx: &mut JobContext<'_>, doomed: &Doomed, state: DiskState) -> Result<()> {
        let id = doomed.disk;
        let tx = cx.tx().await?;
        if tx.disks().lock_row(id).await?.is_some() {
            tx.disks().set_state(id, state, None).await?;
            tx.changed(id, Change::Updated);
        }
        Ok(())
    }

    async fn release(&self, cx: &mut JobContext<'_>) -> Result<()> {
        let id = self.vm;
        let tx = cx.tx().await?;
        let Some(vm) = tx.vms().lock_row(id).await? else { return Ok(()) };
        tx.vms().set_lock(id, None).await?;
        tx.changed(id, Change::Updated);
        cx.log(sentences::USER_FAILED_REMOVE_VM.draft().vm(id, vm.name)).await
    }
}

#[async_trait]
impl Job for RemoveVm {
    const KIND: &'static str = "remove_vm";
    const DEADLINE: Duration = Duration::from_secs(1800);

    fn step(&self) -> (&'static str, String) {
        match (self.disks.first(), self.host) {
            (None, _) => ("finish", "Removing the VM".to_owned()),
            (Some(_), None) => ("choose", "Choosing a host for the work".to_owned()),
            (Some(_), Some(_)) => ("remove", "Removing a disk from its storage".to_owned()),
        }
    }

    async fn forward(self, cx: &mut JobContext<'_>) -> Result<Turn<Self>> {
        match self.disks.first().map(|doomed| doomed.disk) {
            Some(disk) => self.remove_disk(cx, disk).await,
            None => self.finish(cx).await,
        }
    }

    async fn unwind(self, cx: &mut JobContext<'_>) -> Result<Turn<Self>> {
        let Some(first) = self.disks.first().cloned() else {
            self.release(cx).await?;
            return Ok(Turn::Done);
        };
        let mut state = first.was;
        if self.host.is_some() {
            let Some((disk, host)) = self.parts(cx, first.disk).await? else {
                return Ok(Turn::Next(self.past_first()));
            };
            if self.host != Some(host) {
                return Ok(Turn::Next(Self { host: Some(host), ..self }));
            }
            if volumes::look(cx, host, &disk).await?.is_none() {
                state = DiskState::Illegal;
            }
        }
        self.give_free(cx, &first, state).await?;
        Ok(Turn::Next(self.past_first()))
    }

    async fn give_up(self, cx: &mut JobContext<'_>) -> Result<()> {
        for (index, doomed) in self.disks.iter().enumerate() {
            // Nobody can say whether the one that a host was asked about is whole.
            let asked = index == 0 && self.host.is_some();
            self.give_free(cx, doomed, if asked { DiskState::Illegal } else { doomed.was }).await?;
        }
        self.release(cx).await
    }
}
