//! Remove a disk with its volume. The disk's row is locked by this job until it is gone.

use std::time::Duration;

use async_trait::async_trait;
use ferrovirt_model::events::EventSentence;
use ferrovirt_model::events::sentences;
use ferrovirt_model::ids::{DiskId, HostId};
use ferrovirt_model::storage::{Disk, DiskState};
use ferrovirt_store::Areas;
use ferrovirt_store::tx::Change;
use serde::{Deserialize, Serialize};

use super::{Job, JobContext, Turn, volumes};
use crate::failure::Result;
use crate::hosts::reach;

/// The job.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct RemoveDisk {
    /// The disk.
    pub disk: DiskId,
    /// The state that it goes back to when it could not be removed.
    pub was: DiskState,
    /// The host that removes it, once it was chosen.
    pub host: Option<HostId>,
}

impl RemoveDisk {
    /// From the beginning.
    #[must_use]
    pub fn new(disk: DiskId, was: DiskState) -> Self {
        Self { disk, was, host: None }
    }

    async fn parts(&self, cx: &JobContext<'_>) -> Result<Option<(Disk, HostId)>> {
        let mut reader = cx.engine.store().read().await?;
        let Some(disk) = reader.disks().get(&[self.disk]).await?.pop() else { return Ok(None) };
        let place = reach::place(&mut reader, &disk).await?;
        let host = reach::keep_or_choose(&mut reader, &place.domain, self.host).await?;
        Ok(Some((disk, host)))
    }

    async fn tell(&self, cx: &mut JobContext<'_>, disk: &Disk, sentence: EventSentence) -> Result<()> {
        let mut draft = sentence.draft().disk(&disk.alias);
        if let Some(volume) = &disk.volume {
            let domain = cx.tx().await?.storage().get(&[volume.domain]).await?.pop();
            draft = domain.into_iter().fold(draft, |draft, domain| draft.storage_domain(domain.id, domain.name));
        }
        cx.log(draft).await
    }

    async fn settle(&self, cx: &mut JobContext<'_>, disk: &Disk, state: DiskState) -> Result<()> {
        let tx = cx.tx().await?;
        tx.disks().set_state(disk.id, state, None).await?;
        tx.changed(disk.id, Change::Updated);
        self.tell(cx, disk, sentences::USER_FINISHED_FAILED_REMOVE_DISK).await
    }
}

#[async_trait]
impl Job for RemoveDisk {
    const KIND: &'static str = "remove_disk";
    const DEADLINE: Duration = Duration::from_secs(900);

    fn step(&self) -> (&'static str, String) {
        match self.host {
            None => ("choose", "Choosing a host for the work".to_owned()),
            Some(_) => ("remove", "Removing the disk from its storage".to_owned()),
        }
    }

    async fn forward(self, cx: &mut JobContext<'_>) -> Result<Turn<Self>> {
        let Some((disk, host)) = self.parts(cx).await? else { return Ok(Turn::Done) };
        if self.host != Some(host) {
            return Ok(Turn::Next(Self { host: Some(host), ..self }));
        }
        volumes::remove(cx, host, &disk).await?;
        self.tell(cx, &disk, sentences::USER_FINISHED_REMOVE_DISK).await?;
        let tx = cx.tx().await?;
        let users = tx.vms().attachments_of_disks(&[disk.id]).await?;
        tx.disks().remove(disk.id).await?;
        tx.permissions().forget(disk.id.into()).await?;
        tx.changed(disk.id, Change::Removed);
        for user in users {
            tx.changed(user.vm, Change::Updated);
        }
        Ok(Turn::Done)
    }

    async fn unwind(self, cx: &mut JobContext<'_>) -> Result<Turn<Self>> {
        let known = cx.engine.store().read().await?.disks().get(&[self.disk]).await?.pop();
        let Some(disk) = known else { return Ok(Turn::Done) };
        let mut state = self.was;
        if self.host.is_some() {
            // Someone was asked: only a look says whether the volume is still whole.
            let Some((disk, host)) = self.parts(cx).await? else { return Ok(Turn::Done) };
            if self.host != Some(host) {
                return Ok(Turn::Next(Self { host: Some(host), ..self }));
            }
            if volumes::look(cx, host, &disk).await?.is_none() {
                state = DiskState::Illegal;
            }
        }
        self.settle(cx, &disk, state).await?;
        Ok(Turn::Done)
    }

    async fn give_up(self, cx: &mut JobContext<'_>) -> Result<()> {
        let Some(disk) = cx.tx().await?.disks().lock_row(self.disk).await? else { return Ok(()) };
        self.settle(cx, &disk, DiskState::Illegal).await
    }
}
