//! Long work with undo: a typed state, saved after each step; steps that may be done twice; an undo that leads back.
//!
//! A job is a value. `forward` does one step and says what comes next; `unwind` does one step back. What they write goes
//! through [`JobContext::tx`], which the runner commits together with the new state, so a crash falls between steps and
//! never inside one. What they ask of a host carries [`JobContext::key`], by which the agent knows a repeated request.

use std::time::Duration;

use async_trait::async_trait;
use ferrovirt_hostapi::CommandKey;
use ferrovirt_model::Millis;
use ferrovirt_model::event::Severity;
use ferrovirt_model::events::EventDraft;
use ferrovirt_model::host::Host;
use ferrovirt_model::ids::{HostId, JobId, ObjectKind, ObjectRef, UserId};
use ferrovirt_model::job::{Job as JobRow, JobStatus};
use ferrovirt_store::jobs::{Heading, Running};
use ferrovirt_store::tx::{Areas, Change, Tx};
use serde::Serialize;
use serde::de::DeserializeOwned;

use crate::action::event;
use crate::core::Engine;
use crate::failure::{Result, Trouble};
use crate::hosts::HostDoor;

pub mod activate_storage_domain;
pub mod add_disk;
pub mod copy_disk;
pub mod create_storage_domain;
pub mod create_template;
pub mod create_vm_from_template;
pub mod deactivate_storage_domain;
pub mod disk_set;
pub mod domain_hosts;
pub mod extend_disk;
pub mod maintain_host;
pub mod migrate_vm;
pub mod outcome;
pub mod plug_device;
pub mod power_vm;
pub mod registry;
pub mod remove_disk;
pub mod remove_storage_domain;
pub mod remove_template;
pub mod remove_vm;
pub mod runner;
pub mod start_vm;
pub mod stop_vm;
pub mod transfer_image;
pub mod volumes;

/// Long work. The implementing type is its state; its file is named by its verb.
#[async_trait]
pub trait Job: Serialize + DeserializeOwned + Clone + Send + Sync + 'static {
    /// Names the kind in rows.
    const KIND: &'static str;
    /// It turns back when it has not reached its goal in this time; turning back has as long again.
    const DEADLINE: Duration;

    /// The present step: a word for the key, and a sentence for users.
    fn step(&self) -> (&'static str, String);

    /// Does the present step.
    ///
    /// # Errors
    /// A refusal turns the job back. Trouble is tried again with growing pauses until the deadline.
    async fn forward(self, cx: &mut JobContext<'_>) -> Result<Turn<Self>>;

    /// Undoes one step. [`Turn::Done`] means that the starting world stands again.
    ///
    /// # Errors
    /// Trouble is tried again until the deadline; a refusal counts as trouble here.
    async fn unwind(self, cx: &mut JobContext<'_>) -> Result<Turn<Self>>;

    /// The undo ran out of time: writes rows alone, so that what users see is true and locks are released.
    ///
    /// # Errors
    /// Trouble with the store; tried again until it works.
    async fn give_up(self, cx: &mut JobContext<'_>) -> Result<()>;
}

/// What comes after a step.
#[derive(Clone, Debug, PartialEq)]
pub enum Turn<S> {
    /// The next step.
    Next(S),
    /// The same step again after a pause: it waits for something. The state may carry what was learned.
    Wait(S, Duration),
    /// The goal is reached (or, unwinding, the starting world).
    Done,
}

/// What a step works with.
pub struct JobContext<'e> {
    /// The engine.
    pub engine: &'e Engine,
    /// The job.
    pub id: JobId,
    /// The time of the step, ms.
    pub now: Millis,
    /// Why it turned back; empty while it goes forward.
    pub failure: String,
    /// Someone asked to give it up. Jobs that can stop half way look at it; for others the runner turns back.
    pub cancelled: bool,
    /// Who asked for the job.
    pub owner: Option<UserId>,
    correlation_id: String,
    epoch: i64,
    step: String,
    generation: u64,
    tx: Option<Tx>,
}

impl JobContext<'_> {
    /// The key of the present step: equal for each try of it, so that a host does it once.
    #[must_use]
    pub fn key(&self) -> CommandKey {
        self.key_of("")
    }

    /// The key of one of several requests within the present step.
    #[must_use]
    pub fn key_of(&self, part: &str) -> CommandKey {
        let step = if part.is_empty() { self.step.clone() } else { format!("{}/{part}", self.step) };
        CommandKey { job_id: self.id.to_string(), step, generation: self.generation }
    }

    /// The door of a host: what is asked there speaks for the epoch in which the runner took the job up. A turn that
    /// outlives its engine's lead asks nothing more.
    ///
    /// # Errors
    /// As [`Engine::host_door_in`].
    pub async fn host_door(&self, id: HostId) -> Result<HostDoor> {
        self.engine.host_door_in(self.epoch, id).await
    }

    /// As [`JobContext::host_door`], of a host that was read.
    ///
    /// # Errors
    /// As [`Engine::door_in`].
    pub fn door_of(&self, host: &Host) -> Result<HostDoor> {
        self.engine.door_in(self.epoch, host)
    }

    /// The step's transaction, begun at its first use: host requests come before, rows after.
    ///
    /// # Errors
    /// Trouble with the store.
    pub async fn tx(&mut self) -> Result<&mut Tx> {
        if self.tx.is_none() {
            self.tx = Some(self.engine.store().begin().await?);
        }
        self.tx.as_mut().ok_or_else(|| Trouble::Broken("a transaction vanished".to_owned()).into())
    }

    /// The step's transaction, to be ended by the runner.
    async fn take_tx(&mut self) -> Result<Tx> {
        self.tx().await?;
        self.tx.take().ok_or_else(|| Trouble::Broken("a transaction vanished".to_owned()).into())
    }

    /// Logs an event under the job's correlation id, in its owner's name where the draft names nobody. A failure says why
    /// the job turned back.
    ///
    /// # Errors
    /// Trouble with the store.
    pub async fn log(&mut self, draft: EventDraft) -> Result<()> {
        let owner = self.owner;
        let (correlation_id, at, why) = (self.correlation_id.clone(), self.now, self.failure.clone());
        let tx = self.tx().await?;
        let user = match owner.filter(|_| draft.about.user.is_none()) {
            Some(id) => tx.users().get(&[id]).await?.pop(),
            None => None,
        };
        let draft = match user {
            Some(user) => draft.user(user.id, user.principal),
            None => draft,
        };
        let failed = draft.event().severity == Severity::Error;
        let draft = if failed { draft.because(&why) } else { draft };
        tx.log(event(&draft, &correlation_id, at));
        Ok(())
    }
}

/// Everything about a new job but its state.
#[derive(Clone, Debug)]
pub struct JobOrder {
    /// Its id.
    pub id: JobId,
    /// A sentence that names the objects.
    pub description: String,
    /// What it works on.
    pub objects: Vec<ObjectRef>,
    /// Who asked; `None`: the system.
    pub owner: Option<UserId>,
    /// Ties it to the request and its events.
    pub correlation_id: String,
}

impl JobOrder {
    /// Writes the job's row; the runner takes it up after the commit.
    ///
    /// # Errors
    /// Trouble with the store.
    pub async fn insert<J: Job>(self, tx: &mut Tx, job: &J, now: Millis) -> Result<()> {
        let state = serde_json::to_value(job)
            .map_err(|error| Trouble::Broken(format!("a {} job can't be written: {error}", J::KIND)))?;
        let deadline = now.saturating_add(i64::try_from(J::DEADLINE.as_millis()).unwrap_or(i64::MAX));
        let running = Running {
            job: JobRow {
                id: self.id,
                kind: J::KIND.to_owned(),
                description: self.description,
                status: JobStatus::Started,
                owner: self.owner,
                correlation_id: self.correlation_id,
                external: false,
                auto_cleared: true,
                started_at: now,
                ended_at: None,
                updated_at: now,
                failure: None,
                objects: self.objects,
            },
            state,
            heading: Heading::Forward,
            generation: 1,
            attempts: 0,
            wake_at: now,
            deadline,
            cancel_asked: false,
        };
        tx.jobs().insert(&running).await?;
        tx.changed(ObjectRef { kind: ObjectKind::Job, id: self.id.0 }, Change::Created);
        Ok(())
    }
}
