//! Several disks that one job makes, one after the other: empty, as a layer on another disk, or as a copy of one. A part
//! of jobs, not a job: what comes before and after is theirs. The rows are there already, locked by the job.
//!
//! ```text
//!  each piece:  Create(volume) ─▶ next piece
//!                    │ it is a copy
//!                    ▼
//!                  Copy(begin) ─▶ Await(task) ─▶ next piece
//!                    ▲                │ the host lost the task
//!                    └─── Clear ◀─────┘
//!  undo: from the piece that stands now back to the first, remove what was made
//! ```

use std::time::Duration;

use ferrovirt_model::ids::{DiskId, HostId};
use ferrovirt_model::refusal::Refusal;
use ferrovirt_model::storage::{Disk, DiskState};
use ferrovirt_store::Areas;
use ferrovirt_store::tx::Change;
use serde::{Deserialize, Serialize};

use super::volumes::{self, TaskEnd, TaskOf};
use super::{JobContext, Turn};
use crate::failure::{Failure, Result, Trouble};
use crate::hosts::reach;

/// A host that restarts loses its copies; so often they are begun anew.
const TRIES: u32 = 3;
/// So many seconds it waits for some host to come up: an engine that has just taken over has yet to hear from them.
const WAITS: u32 = 30;

/// One disk to be made.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Piece {
    /// What its content is copied from; `None`: it is empty, or a layer.
    pub source: Option<DiskId>,
    /// The disk.
    pub target: DiskId,
}

/// The disks, and how far it is.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct DiskSet {
    /// The disks in their order.
    pub pieces: Vec<Piece>,
    /// Which is being made, or taken back.
    at: usize,
    /// A host may have begun with it.
    touched: bool,
    /// The host that works on it, once it was chosen.
    host: Option<HostId>,
    /// The host that worked on the disk before: it is asked again rather than another.
    last: Option<HostId>,
    /// How often its copy was begun, or a host was looked for.
    tries: u32,
    stage: Stage,
}

/// Where one piece stands.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
enum Stage {
    Create,
    Copy,
    Await(TaskOf),
    Clear,
}

impl DiskSet {
    /// From the beginning.
    #[must_use]
    pub fn new(pieces: Vec<Piece>) -> Self {
        Self { pieces, at: 0, touched: false, host: None, last: None, tries: 0, stage: Stage::Create }
    }

    /// The present step, for the job's own.
    #[must_use]
    pub fn step(&self) -> (&'static str, String) {
        let number = self.pieces.len().min(self.at + 1);
        let of = format!("disk {number} of {}", self.pieces.len());
        match self.stage {
            _ if self.at >= self.pieces.len() => ("finish", "Finishing".to_owned()),
            Stage::Create => ("create", format!("Making {of}")),
            Stage::Copy | Stage::Await(_) => ("copy", format!("Copying {of}")),
            Stage::Clear => ("clear", format!("Preparing to copy {of} again")),
        }
    }

    fn at(self, stage: Stage) -> Self {
        Self { stage, ..self }
    }

    fn on(self, host: HostId) -> Self {
        Self { host: Some(host), touched: true, tries: 0, ..self }
    }

    fn next(self) -> Self {
        Self { at: self.at + 1, touched: false, host: None, last: self.host, tries: 0, stage: Stage::Create, ..self }
    }

    /// Does the present step. [`Turn::Done`]: all are made, and still locked.
    ///
    /// # Errors
    /// A refusal turns the job back; trouble is tried again.
    pub async fn forward(self, cx: &mut JobContext<'_>) -> Result<Turn<Self>> {
        let Some(piece) = self.pieces.get(self.at).copied() else { return Ok(Turn::Done) };
        if cx.cancelled {
            return Err(Refusal::rule("it was cancelled").into());
        }
        let target = read(cx, piece.target).await?;
        let Some(host) = self.host else {
            return match choose(cx, &target, self.last).await {
                Ok(host) => Ok(Turn::Next(self.on(host))),
                Err(Failure::Refused(Refusal::NoActiveHost)) if self.tries < WAITS => {
                    Ok(Turn::Wait(Self { tries: self.tries + 1, ..self }, Duration::from_secs(1)))
                }
                Err(failure) => Err(failure),
            };
        };
        match (self.stage.clone(), piece.source) {
            (Stage::Create, None) => {
                let made = volumes::create(cx, host, &target, 0).await?;
                measured(cx, &target, made.actual_size).await?;
                Ok(Turn::Next(self.next()))
            }
            (Stage::Create, Some(source)) => {
                let source = read(cx, source).await?;
                let content = source.volume.as_ref().map_or(0, |volume| volume.actual_size);
                volumes::create(cx, host, &target, content.min(target.provisioned_size)).await?;
                Ok(Turn::Next(self.at(Stage::Copy)))
            }
            (Stage::Copy, Some(source)) => {
                let source = read(cx, source).await?;
                let task = volumes::copy(cx, host, &source, &target).await?;
                let tries = self.tries + 1;
                Ok(Turn::Next(Self { tries, stage: Stage::Await(task), ..self }))
            }
            (Stage::Await(task), _) => self.wait(cx, host, &target, &task).await,
            (Stage::Clear, _) => {
                volumes::take_back(cx, host, &target).await?;
                Ok(Turn::Next(self.at(Stage::Create)))
            }
            (Stage::Copy, None) => Err(Trouble::Broken("a disk is copied from nothing".to_owned()).into()),
        }
    }

    async fn wait(self, cx: &mut JobContext<'_>, host: HostId, target: &Disk, task: &TaskOf) -> Result<Turn<Self>> {
        match volumes::task(cx, host, task).await? {
            TaskEnd::Running(_) => Ok(Turn::Wait(self, Duration::from_secs(1))),
            TaskEnd::Succeeded => {
                let seen = volumes::look(cx, host, target).await?;
                let message = || "the copy can't be looked at".to_owned();
                let seen = seen.ok_or_else(|| Trouble::HostFailed { host, message: message() })?;
                measured(cx, target, seen.actual_size).await?;
                Ok(Turn::Next(self.next()))
            }
            TaskEnd::Failed(why) if self.tries >= TRIES => {
                Err(Refusal::rule(format!("Copying disk '{}' failed: {why}", target.alias)).into())
            }
            TaskEnd::Failed(why) => {
                tracing::warn!(disk = %target.id, why, "a copy failed; it is begun anew");
                Ok(Turn::Next(self.at(Stage::Clear)))
            }
        }
    }

    /// Takes back what was made, one step. [`Turn::Done`]: nothing is on the storage any more; the rows are still there.
    ///
    /// # Errors
    /// Trouble, which is tried again.
    pub async fn unwind(self, cx: &mut JobContext<'_>) -> Result<Turn<Self>> {
        let piece = self.pieces.get(self.at).copied().filter(|_| self.touched);
        let target = match piece {
            Some(piece) => cx.engine.store().read().await?.disks().get(&[piece.target]).await?.pop(),
            None => None,
        };
        let Some(target) = target else { return Ok(self.down()) };
        let Some(host) = self.host else {
            let host = choose(cx, &target, self.last).await?;
            return Ok(Turn::Next(self.on(host)));
        };
        if let Stage::Await(task) = &self.stage {
            volumes::cancel_task(cx, host, task).await?;
        }
        volumes::take_back(cx, host, &target).await?;
        Ok(self.down())
    }

    fn down(self) -> Turn<Self> {
        match self.at.checked_sub(1) {
            Some(at) => {
                let last = self.host.or(self.last);
                Turn::Next(Self { at, touched: true, host: None, last, tries: 0, stage: Stage::Create, ..self })
            }
            None => Turn::Done,
        }
    }

    /// All disks can be used, or are known to be broken.
    ///
    /// # Errors
    /// Trouble with the store.
    pub async fn settle(&self, cx: &mut JobContext<'_>, state: DiskState) -> Result<()> {
        let tx = cx.tx().await?;
        for piece in &self.pieces {
            if tx.disks().lock_row(piece.target).await?.is_some() {
                tx.disks().set_state(piece.target, state, None).await?;
                tx.changed(piece.target, Change::Updated);
            }
        }
        Ok(())
    }

    /// Takes the disks out of all rows.
    ///
    /// # Errors
    /// Trouble with the store.
    pub async fn forget(&self, cx: &mut JobContext<'_>) -> Result<()> {
        let tx = cx.tx().await?;
        for piece in &self.pieces {
            tx.permissions().forget(piece.target.into()).await?;
            tx.disks().remove(piece.target).await?;
            tx.changed(piece.target, Change::Removed);
        }
        Ok(())
    }

    /// Lets go of the sources that this job holds.
    ///
    /// # Errors
    /// Trouble with the store.
    pub async fn release_sources(&self, cx: &mut JobContext<'_>) -> Result<()> {
        let job = cx.id;
        let tx = cx.tx().await?;
        for id in self.pieces.iter().filter_map(|piece| piece.source) {
            if let Some(source) = tx.disks().lock_row(id).await?
                && source.lock == Some(job)
            {
                tx.disks().set_state(id, DiskState::Ok, None).await?;
                tx.changed(id, Change::Updated);
            }
        }
        Ok(())
    }
}

async fn read(cx: &JobContext<'_>, id: DiskId) -> Result<Disk> {
    reach::disk(&mut cx.engine.store().read().await?, id).await
}

async fn choose(cx: &JobContext<'_>, disk: &Disk, last: Option<HostId>) -> Result<HostId> {
    let mut reader = cx.engine.store().read().await?;
    let place = reach::place(&mut reader, disk).await?;
    reach::keep_or_choose(&mut reader, &place.domain, last).await
}

async fn measured(cx: &mut JobContext<'_>, disk: &Disk, bytes: u64) -> Result<()> {
    if let Some(volume) = &disk.volume {
        cx.tx().await?.disks().set_actual_size(volume.id, bytes).await?;
    }
    Ok(())
}
