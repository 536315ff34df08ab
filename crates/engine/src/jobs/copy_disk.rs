//! Copy a disk into a new one. Both rows are locked by this job; the new one may lie on another domain and have another
//! format.
//!
//! ```text
//!  Create(volume) ─▶ Copy(begin) ─▶ Await(task) ─▶ both disks are ok
//!        ▲                │ the host lost the task
//!        └── Clear ◀──────┘
//! ```

use std::time::Duration;

use async_trait::async_trait;
use ferrovirt_model::events::{EventSentence, sentences};
use ferrovirt_model::ids::{DiskId, HostId};
use ferrovirt_model::refusal::Refusal;
use ferrovirt_model::storage::{Disk, DiskState};
use ferrovirt_store::Areas;
use ferrovirt_store::tx::Change;
use serde::{Deserialize, Serialize};

use super::volumes::{self, TaskEnd, TaskOf};
use super::{Job, JobContext, Turn};
use crate::failure::{Result, Trouble};
use crate::hosts::reach;

/// A host that restarts loses its copies; so often they are begun anew.
const TRIES: u32 = 3;

/// The job.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct CopyDisk {
    /// What is read.
    pub source: DiskId,
    /// What is made.
    pub target: DiskId,
    /// The host that copies, once it was chosen.
    pub host: Option<HostId>,
    /// How often the copy was begun.
    pub tries: u32,
    /// Where it stands.
    pub stage: Stage,
}

/// The steps.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub enum Stage {
    /// Make the target's volume.
    Create,
    /// Begin to copy.
    Copy,
    /// Wait for the host's task.
    Await(TaskOf),
    /// Remove what a lost task has left in the target.
    Clear,
}

impl CopyDisk {
    /// From the beginning.
    #[must_use]
    pub fn new(source: DiskId, target: DiskId) -> Self {
        Self { source, target, host: None, tries: 0, stage: Stage::Create }
    }

    fn at(self, stage: Stage) -> Self {
        Self { stage, ..self }
    }

    async fn parts(&self, cx: &JobContext<'_>) -> Result<(Disk, Disk)> {
        let mut reader = cx.engine.store().read().await?;
        Ok((reach::disk(&mut reader, self.source).await?, reach::disk(&mut reader, self.target).await?))
    }

    /// The host that reaches the target. One that is lost in the middle is waited for: what it still writes is unknown.
    async fn host(&self, cx: &JobContext<'_>, target: &Disk) -> Result<HostId> {
        match self.host {
            Some(host) => Ok(host),
            None => {
                let mut reader = cx.engine.store().read().await?;
                let place = reach::place(&mut reader, target).await?;
                reach::keep_or_choose(&mut reader, &place.domain, None).await
            }
        }
    }

    async fn finished(&self, cx: &mut JobContext<'_>, host: HostId, target: &Disk) -> Result<Turn<Self>> {
        let seen = volumes::look(cx, host, target).await?;
        let seen =
            seen.ok_or_else(|| Trouble::HostFailed { host, message: "the copy can't be looked at".to_owned() })?;
        let tx = cx.tx().await?;
        if let Some(volume) = &target.volume {
            tx.disks().set_actual_size(volume.id, seen.actual_size).await?;
        }
        tx.disks().set_state(target.id, DiskState::Ok, None).await?;
        tx.changed(target.id, Change::Updated);
        self.release_source(cx).await?;
        self.tell(cx, target, sentences::USER_COPIED_DISK_FINISHED_SUCCESS).await?;
        Ok(Turn::Done)
    }

    async fn release_source(&self, cx: &mut JobContext<'_>) -> Result<()> {
        let job = cx.id;
        let tx = cx.tx().await?;
        if let Some(source) = tx.disks().lock_row(self.source).await?
            && source.lock == Some(job)
        {
            tx.disks().set_state(source.id, DiskState::Ok, None).await?;
            tx.changed(source.id, Change::Updated);
        }
        Ok(())
    }

    async fn tell(&self, cx: &mut JobContext<'_>, target: &Disk, sentence: EventSentence) -> Result<()> {
        let mut draft = sentence.draft().disk(&target.alias);
        if let Some(volume) = &target.volume {
            let domain = cx.tx().await?.storage().get(&[volume.domain]).await?.pop();
            draft = domain.into_iter().fold(draft, |draft, domain| draft.storage_domain(domain.id, domain.name));
        }
        cx.log(draft).await
    }
}

#[async_trait]
impl Job for CopyDisk {
    const KIND: &'static str = "copy_disk";
    const DEADLINE: Duration = Duration::from_secs(24 * 3600);

    fn step(&self) -> (&'static str, String) {
        match self.stage {
            Stage::Create => ("create", "Making the new disk".to_owned()),
            Stage::Copy | Stage::Await(_) => ("copy", "Copying the disk".to_owned()),
            Stage::Clear => ("clear", "Preparing to copy the disk again".to_owned()),
        }
    }

    async fn forward(self, cx: &mut JobContext<'_>) -> Result<Turn<Self>> {
        let (source, target) = self.parts(cx).await?;
        let host = self.host(cx, &target).await?;
        if self.host != Some(host) {
            return Ok(Turn::Next(Self { host: Some(host), ..self }));
        }
        if cx.cancelled {
            return Err(Refusal::rule("the copy was cancelled").into());
        }
        match self.stage.clone() {
            Stage::Create => {
                let content = source.volume.as_ref().map_or(0, |volume| volume.actual_size);
                volumes::create(cx, host, &target, content).await?;
                Ok(Turn::Next(self.at(Stage::Copy)))
            }
            Stage::Copy => {
                let task = volumes::copy(cx, host, &source, &target).await?;
                let tries = self.tries + 1;
                Ok(Turn::Next(Self { tries, stage: Stage::Await(task), ..self }))
            }
            Stage::Await(task) => match volumes::task(cx, host, &task).await? {
                TaskEnd::Running(_) => Ok(Turn::Wait(self, Duration::from_secs(1))),
                TaskEnd::Succeeded => self.finished(cx, host, &target).await,
                TaskEnd::Failed(why) if self.tries >= TRIES => {
                    Err(Refusal::rule(format!("The copy failed: {why}")).into())
                }
                TaskEnd::Failed(why) => {
                    tracing::warn!(disk = %self.source, why, "a copy failed; it is begun anew");
                    Ok(Turn::Next(self.at(Stage::Clear)))
                }
            },
            Stage::Clear => {
                volumes::take_back(cx, host, &target).await?;
                Ok(Turn::Next(self.at(Stage::Create)))
            }
        }
    }

    async fn unwind(self, cx: &mut JobContext<'_>) -> Result<Turn<Self>> {
        let known = cx.engine.store().read().await?.disks().get(&[self.target]).await?.pop();
        if let (Some(target), Some(host)) = (&known, self.host) {
            if let Stage::Await(task) = &self.stage {
                volumes::cancel_task(cx, host, task).await?;
            }
            volumes::take_back(cx, host, target).await?;
        }
        if let Some(target) = known {
            self.tell(cx, &target, sentences::USER_COPIED_DISK_FINISHED_FAILURE).await?;
            let tx = cx.tx().await?;
            tx.disks().remove(target.id).await?;
            tx.permissions().forget(target.id.into()).await?;
            tx.changed(target.id, Change::Removed);
        }
        self.release_source(cx).await?;
        Ok(Turn::Done)
    }

    async fn give_up(self, cx: &mut JobContext<'_>) -> Result<()> {
        self.release_source(cx).await?;
        let tx = cx.tx().await?;
        let Some(target) = tx.disks().lock_row(self.target).await? else { return Ok(()) };
        tx.disks().set_state(target.id, DiskState::Illegal, None).await?;
        tx.changed(target.id, Change::Updated);
        self.tell(cx, &target, sentences::USER_COPIED_DISK_FINISHED_FAILURE).await
    }
}
