//! The frame of an action: what a user asks and gets at once.
//!
//! One transaction: authorise against every object named, look, change, log. An action that authorised nothing or logged
//! nothing does not commit: both are bugs, and the frame says so. A refusal rolls everything back and is logged by the
//! action's own failure event. A deadlock is the database's way to say that two transactions met: the one that it gave up
//! is tried again.

use std::time::Duration;

use async_trait::async_trait;
use ferrovirt_model::Millis;
use ferrovirt_model::events::EventDraft;
use ferrovirt_model::ids::{JobId, ObjectRef};
use ferrovirt_model::permits::Permit;
use ferrovirt_model::refusal::Refusal;
use ferrovirt_store::tx::{Areas, NewEvent, Tx};

use crate::core::{Engine, now};
use crate::failure::{Failure, Result, Trouble};
use crate::jobs::{Job, JobOrder};
use crate::session::Caller;

/// How often an action is tried where other transactions are in its way.
const ATTEMPTS: u32 = 5;
/// The pause before the second attempt; it grows from one to the next.
const PAUSE: Duration = Duration::from_millis(20);

/// What a user asks. Its file is named by its verb.
#[async_trait]
pub trait Action: Send {
    /// What the user gets.
    type Output: Send;

    /// Does it, inside the frame's transaction. Where another transaction was in the way, it is called again in a new one:
    /// it must not use up what was asked, and says by [`ActionContext::acts_outside`] where it can't be done twice.
    async fn perform(&mut self, cx: &mut ActionContext<'_>) -> Result<Self::Output>;

    /// The entry that the event log gets when it did not happen. Names what `perform` had found out by then.
    fn failed(&self) -> Option<EventDraft>;
}

/// What an action did.
#[derive(Clone, Debug)]
pub struct Done<T> {
    /// What the user gets.
    pub value: T,
    /// The long work that it began, where it did.
    pub job: Option<JobId>,
}

/// What an action works with.
pub struct ActionContext<'e> {
    /// The engine, for its host connections and its settings.
    pub engine: &'e Engine,
    /// Who asks.
    pub caller: &'e Caller,
    /// The transaction.
    pub tx: Tx,
    /// The time of the request, ms.
    pub now: Millis,
    authorised: bool,
    logged: bool,
    outside: bool,
    job: Option<JobId>,
}

impl ActionContext<'_> {
    /// The caller holds `permit` on `object` or something that it lies under.
    ///
    /// # Errors
    /// [`Refusal::NotAuthorized`].
    pub async fn require(&mut self, permit: Permit, object: impl Into<ObjectRef>) -> Result<()> {
        let user = self.caller.session.user;
        if !self.tx.permissions().holds(user, object.into(), permit.id()).await? {
            return Err(Refusal::NotAuthorized { permit: permit.name() }.into());
        }
        self.authorised = true;
        Ok(())
    }

    /// The action works on nothing but the caller's own things, which needs no permit.
    pub fn own_things(&mut self) {
        self.authorised = true;
    }

    /// The job that the action begins logs how it ended, and the log has no event for its beginning.
    pub fn job_tells(&mut self) {
        self.logged = true;
    }

    /// From here on the action does what no rollback takes back: it is not tried again.
    pub fn acts_outside(&mut self) {
        self.outside = true;
    }

    /// Lets a job that waits look again as soon as this has committed.
    ///
    /// # Errors
    /// Any trouble of the store.
    pub async fn kick(&mut self, id: JobId) -> Result<()> {
        self.tx.jobs().kick(id, self.now).await?;
        self.job = Some(id);
        Ok(())
    }

    /// Logs an event of this action, in the caller's name and under the request's correlation id.
    pub fn log(&mut self, draft: EventDraft) {
        self.logged = true;
        let event = self.signed(draft);
        self.tx.log(event);
    }

    fn signed(&self, draft: EventDraft) -> NewEvent {
        let session = &self.caller.session;
        let draft = draft.user(session.user, session.principal.clone());
        event(&draft, &self.caller.correlation_id, self.now)
    }

    /// Begins long work in the same transaction. It runs as soon as the transaction has committed.
    ///
    /// # Errors
    /// Any trouble of the store.
    pub async fn begin<J: Job>(&mut self, job: &J, description: String, objects: Vec<ObjectRef>) -> Result<JobId> {
        let id = JobId(uuid::Uuid::new_v4());
        self.begin_as(id, job, description, objects).await?;
        Ok(id)
    }

    /// As [`ActionContext::begin`], for a job whose id stands in the rows that it locks.
    ///
    /// # Errors
    /// Any trouble of the store.
    pub async fn begin_as<J: Job>(
        &mut self,
        id: JobId,
        job: &J,
        description: String,
        objects: Vec<ObjectRef>,
    ) -> Result<()> {
        let order = JobOrder {
            id,
            description,
            objects,
            owner: Some(self.caller.session.user),
            correlation_id: self.caller.correlation_id.clone(),
        };
        order.insert(&mut self.tx, job, self.now).await?;
        self.job = Some(id);
        Ok(())
    }
}

/// An entry for the event log from its draft.
#[must_use]
pub fn event(draft: &EventDraft, correlation_id: &str, at: Millis) -> NewEvent {
    let kind = draft.event();
    NewEvent {
        code: kind.code.0,
        severity: kind.severity,
        message: draft.message(),
        at,
        correlation_id: draft.correlation_id.clone().unwrap_or_else(|| correlation_id.to_owned()),
        origin: "oVirt".to_owned(),
        custom_id: None,
        flood_rate: None,
        custom_data: None,
        about: draft.about.clone(),
    }
}

impl Engine {
    /// Runs an action in its frame.
    ///
    /// # Errors
    /// The refusal or trouble that stopped it; nothing has changed then but the log.
    pub async fn act<A: Action>(&self, caller: &Caller, mut action: A) -> Result<Done<A::Output>> {
        match self.attempt(caller, &mut action).await {
            Ok(done) => {
                if done.job.is_some() {
                    self.jobs().wake();
                }
                Ok(done)
            }
            Err(failure) => {
                self.log_failure(caller, &action, &failure).await;
                Err(failure)
            }
        }
    }

    async fn attempt<A: Action>(&self, caller: &Caller, action: &mut A) -> Result<Done<A::Output>> {
        let mut number = 1;
        loop {
            let mut outside = false;
            match self.attempt_once(caller, action, &mut outside).await {
                Err(Failure::Trouble(trouble)) if trouble.conflict() && !outside && number < ATTEMPTS => {
                    let action = std::any::type_name::<A>();
                    tracing::info!(action, number, "another transaction was in the way; trying again");
                    tokio::time::sleep(PAUSE * number).await;
                    number += 1;
                }
                outcome => return outcome,
            }
        }
    }

    async fn attempt_once<A: Action>(
        &self,
        caller: &Caller,
        action: &mut A,
        outside: &mut bool,
    ) -> Result<Done<A::Output>> {
        let tx = self.store().begin().await?;
        let (authorised, logged, job) = (false, false, None);
        let mut cx = ActionContext { engine: self, caller, tx, now: now(), authorised, logged, outside: false, job };
        let performed = action.perform(&mut cx).await;
        *outside = cx.outside;
        let value = performed?;
        if !cx.authorised || !cx.logged {
            let name = std::any::type_name::<A>();
            return Err(Trouble::Broken(format!("{name} authorised or logged nothing")).into());
        }
        let noted = cx.tx.noted().to_vec();
        cx.tx.commit().await?;
        noted.iter().for_each(|(kind, id, _)| self.heed(*kind, id));
        Ok(Done { value, job: cx.job })
    }

    async fn log_failure<A: Action>(&self, caller: &Caller, action: &A, failure: &Failure) {
        if let Failure::Trouble(trouble) = failure {
            tracing::error!(
                action = std::any::type_name::<A>(),
                error = trouble as &dyn std::error::Error,
                "an action failed"
            );
        }
        let Some(draft) = action.failed() else { return };
        let draft = draft.user(caller.session.user, caller.session.principal.clone());
        let draft = match failure {
            Failure::Refused(refusal) => draft.because(&refusal.to_string()),
            Failure::Trouble(_) => draft,
        };
        let entry = event(&draft, &caller.correlation_id, now());
        let logged = async {
            let mut tx = self.store().begin().await?;
            tx.log(entry);
            tx.commit().await
        };
        if let Err(error) = logged.await {
            tracing::error!(
                error = &error as &dyn std::error::Error,
                "a failure could not be written to the event log"
            );
        }
    }
}
