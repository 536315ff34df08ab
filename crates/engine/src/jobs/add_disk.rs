//! Make a disk's volume on its storage domain. The disk's row is there already, locked by this job.
//!
//! ```text
//!  choose a host ─▶ make the volume ─▶ the disk is ok
//!        undo: remove the volume ─▶ remove the disk
//! ```

use std::time::Duration;

use async_trait::async_trait;
use ferrovirt_model::events::sentences;
use ferrovirt_model::ids::{DiskId, HostId, VmId};
use ferrovirt_model::storage::{Disk, DiskState};
use ferrovirt_store::Areas;
use ferrovirt_store::tx::Change;
use serde::{Deserialize, Serialize};

use super::{Job, JobContext, Turn, volumes};
use crate::failure::Result;
use crate::hosts::reach;

/// The job.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct AddDisk {
    /// The disk.
    pub disk: DiskId,
    /// Bytes of content that it is made to take.
    pub initial_size: u64,
    /// The VM that it was made for.
    pub vm: Option<VmId>,
    /// The host that makes it, once it was chosen.
    pub host: Option<HostId>,
}

impl AddDisk {
    /// From the beginning.
    #[must_use]
    pub fn new(disk: DiskId, initial_size: u64, vm: Option<VmId>) -> Self {
        Self { disk, initial_size, vm, host: None }
    }

    /// The disk and the host that works on it; a host that is not the one of before must be saved first.
    async fn parts(&self, cx: &JobContext<'_>) -> Result<(Disk, HostId)> {
        let mut reader = cx.engine.store().read().await?;
        let disk = reach::disk(&mut reader, self.disk).await?;
        let place = reach::place(&mut reader, &disk).await?;
        let host = reach::keep_or_choose(&mut reader, &place.domain, self.host).await?;
        Ok((disk, host))
    }

    fn on(self, host: HostId) -> Self {
        Self { host: Some(host), ..self }
    }

    async fn tell(&self, cx: &mut JobContext<'_>, alias: &str, made: bool) -> Result<()> {
        let vm = match self.vm {
            Some(id) => cx.tx().await?.vms().view(id).await?.map(|view| view.vm),
            None => None,
        };
        let draft = match (vm, made) {
            (Some(vm), true) => sentences::USER_ADD_DISK_TO_VM_FINISHED_SUCCESS.draft().vm(vm.id, vm.name),
            (Some(vm), false) => sentences::USER_ADD_DISK_TO_VM_FINISHED_FAILURE.draft().vm(vm.id, vm.name),
            (None, true) => sentences::USER_ADD_DISK_FINISHED_SUCCESS.draft(),
            (None, false) => sentences::USER_ADD_DISK_FINISHED_FAILURE.draft(),
        };
        cx.log(draft.disk(alias)).await
    }
}

#[async_trait]
impl Job for AddDisk {
    const KIND: &'static str = "add_disk";
    const DEADLINE: Duration = Duration::from_secs(1800);

    fn step(&self) -> (&'static str, String) {
        match self.host {
            None => ("choose", "Choosing a host for the work".to_owned()),
            Some(_) => ("create", "Making the disk on its storage".to_owned()),
        }
    }

    async fn forward(self, cx: &mut JobContext<'_>) -> Result<Turn<Self>> {
        let (disk, host) = self.parts(cx).await?;
        if self.host != Some(host) {
            return Ok(Turn::Next(self.on(host)));
        }
        let made = volumes::create(cx, host, &disk, self.initial_size).await?;
        let tx = cx.tx().await?;
        if let Some(volume) = &disk.volume {
            tx.disks().set_actual_size(volume.id, made.actual_size).await?;
        }
        tx.disks().set_state(disk.id, DiskState::Ok, None).await?;
        tx.changed(disk.id, Change::Updated);
        if let Some(vm) = self.vm {
            tx.changed(vm, Change::Updated);
        }
        self.tell(cx, &disk.alias, true).await?;
        Ok(Turn::Done)
    }

    async fn unwind(self, cx: &mut JobContext<'_>) -> Result<Turn<Self>> {
        let known = cx.engine.store().read().await?.disks().get(&[self.disk]).await?.pop();
        let Some(disk) = known else { return Ok(Turn::Done) };
        if self.host.is_some() {
            let (disk, host) = self.parts(cx).await?;
            if self.host != Some(host) {
                return Ok(Turn::Next(self.on(host)));
            }
            volumes::take_back(cx, host, &disk).await?;
        }
        let tx = cx.tx().await?;
        tx.disks().remove(disk.id).await?;
        tx.permissions().forget(disk.id.into()).await?;
        tx.changed(disk.id, Change::Removed);
        if let Some(vm) = self.vm {
            tx.changed(vm, Change::Updated);
        }
        self.tell(cx, &disk.alias, false).await?;
        Ok(Turn::Done)
    }

    async fn give_up(self, cx: &mut JobContext<'_>) -> Result<()> {
        let tx = cx.tx().await?;
        let Some(disk) = tx.disks().lock_row(self.disk).await? else { return Ok(()) };
        tx.disks().set_state(disk.id, DiskState::Illegal, None).await?;
        tx.changed(disk.id, Change::Updated);
        self.tell(cx, &disk.alias, false).await
    }
}
