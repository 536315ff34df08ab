//! The one runner of jobs: takes up every unfinished job when its engine begins to lead, and each new one as it comes.
//!
//! One task a job. Each turn: read the row, do one step, save state and rows in one transaction that first proves that
//! this engine still leads. An engine that lost the lease saves nothing and lets go.

use std::collections::HashSet;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use ferrovirt_model::Millis;
use ferrovirt_model::ids::{JobId, ObjectKind, ObjectRef, StepId};
use ferrovirt_model::job::{JobStatus, Step};
use ferrovirt_store::jobs::{Heading, Running};
use ferrovirt_store::tx::{Areas, Change, Tx};
use uuid::Uuid;

use super::{Job, JobContext, Turn};
use crate::core::{Engine, now};
use crate::failure::{Failure, Result, Trouble};

/// Pause before the first new try after trouble; it doubles up to [`LONGEST_PAUSE`].
const FIRST_PAUSE: Duration = Duration::from_millis(250);
/// The longest pause between tries.
const LONGEST_PAUSE: Duration = Duration::from_secs(15);

/// Which jobs have a task now.
#[derive(Debug, Default)]
pub struct Runner {
    turning: Mutex<HashSet<JobId>>,
    wake: tokio::sync::Notify,
}

/// How a turn ended.
enum Outcome {
    /// Go on at this time.
    Continue(Millis),
    /// The job has ended, or belongs to another engine now.
    LetGo,
}

impl Runner {
    /// A job has been written or is to be looked at: turn it as soon as possible.
    pub fn wake(&self) {
        self.wake.notify_waiters();
        self.wake.notify_one();
    }

    fn take(&self, job: JobId) -> bool {
        self.turning.lock().unwrap_or_else(PoisonError::into_inner).insert(job)
    }

    fn release(&self, job: JobId) {
        self.turning.lock().unwrap_or_else(PoisonError::into_inner).remove(&job);
    }

    /// Jobs that have a task now.
    #[must_use]
    pub fn active(&self) -> usize {
        self.turning.lock().unwrap_or_else(PoisonError::into_inner).len()
    }
}

/// Turns jobs while this engine leads with `epoch`; ends when it no longer does.
///
/// # Errors
/// Never by itself; trouble with the store is tried again.
pub async fn run(engine: Arc<Engine>, epoch: i64) {
    loop {
        if engine.leading() != Some(epoch) {
            return;
        }
        match unfinished(&engine).await {
            Ok(jobs) => {
                for (id, kind) in jobs {
                    spawn(&engine, id, kind, epoch);
                }
            }
            Err(failure) => {
                tracing::warn!(error = &failure as &dyn std::error::Error, "unfinished jobs could not be read")
            }
        }
        let wake = engine.jobs().wake.notified();
        let _timed_out = tokio::time::timeout(Duration::from_secs(2), wake).await;
    }
}

async fn unfinished(engine: &Engine) -> Result<Vec<(JobId, String)>> {
    let jobs = engine.store().read().await?.jobs().unfinished().await?;
    Ok(jobs.into_iter().map(|running| (running.job.id, running.job.kind)).collect())
}

fn spawn(engine: &Arc<Engine>, id: JobId, kind: String, epoch: i64) {
    if !engine.jobs().take(id) {
        return;
    }
    let engine = Arc::clone(engine);
    tokio::spawn(async move {
        super::registry::drive(&engine, id, &kind, epoch).await;
        engine.jobs().release(id);
    });
}

/// Turns one job of a known kind until it ends or this engine stops leading.
pub(super) async fn drive<J: Job>(engine: &Engine, id: JobId, epoch: i64) {
    let mut pause = FIRST_PAUSE;
    while engine.leading() == Some(epoch) {
        match turn::<J>(engine, id, epoch).await {
            Ok(Outcome::LetGo) => return,
            Ok(Outcome::Continue(at)) => {
                pause = FIRST_PAUSE;
                let wait = u64::try_from(at.saturating_sub(now())).unwrap_or_default();
                if wait > 0 {
                    engine.jobs().sleep(Duration::from_millis(wait)).await;
                }
            }
            Err(failure) => {
                tracing::warn!(
                    job = %id,
                    kind = J::KIND,
                    error = &failure as &dyn std::error::Error,
                    "a job's step is tried again"
                );
                tokio::time::sleep(pause).await;
                pause = (pause * 2).min(LONGEST_PAUSE);
            }
        }
    }
}

impl Runner {
    /// Sleeps, but wakes when some job was kicked: it may be this one that is to be cancelled.
    async fn sleep(&self, duration: Duration) {
        let wake = self.wake.notified();
        let _timed_out = tokio::time::timeout(duration, wake).await;
    }
}

async fn turn<J: Job>(engine: &Engine, id: JobId, epoch: i64) -> Result<Outcome> {
    let Some(mut running) = engine.store().read().await?.jobs().running(id).await? else {
        return Ok(Outcome::LetGo);
    };
    if running.job.status != JobStatus::Started {
        return Ok(Outcome::LetGo);
    }
    let at = now();
    if running.wake_at > at {
        return Ok(Outcome::Continue(running.wake_at));
    }
    let state: J = serde_json::from_value(running.state.clone())
        .map_err(|error| Trouble::Broken(format!("a {} job can't be read: {error}", J::KIND)))?;
    let late = at > running.deadline;
    if running.heading == Heading::Forward && late {
        running.job.failure = Some("it took too long".to_owned());
        return turn_back(engine, running, epoch, J::DEADLINE).await;
    }
    let mut cx = context(engine, &running, epoch, at, state.step().0);
    if running.heading == Heading::Unwind && late {
        state.give_up(&mut cx).await?;
        running.job.status = JobStatus::Failed;
        return finish(cx, running, epoch).await;
    }
    let step = state.step();
    let turned = match running.heading {
        Heading::Forward => state.clone().forward(&mut cx).await,
        Heading::Unwind => state.clone().unwind(&mut cx).await,
    };
    settle(cx, running, turned, step, epoch).await
}

fn context<'e>(engine: &'e Engine, running: &Running, epoch: i64, at: Millis, step: &str) -> JobContext<'e> {
    JobContext {
        engine,
        id: running.job.id,
        now: at,
        failure: running.job.failure.clone().unwrap_or_default(),
        cancelled: running.cancel_asked,
        owner: running.job.owner,
        correlation_id: running.job.correlation_id.clone(),
        epoch,
        step: match running.heading {
            Heading::Forward => step.to_owned(),
            Heading::Unwind => format!("undo/{step}"),
        },
        generation: running.generation,
        tx: None,
    }
}

/// Saves what a step did.
async fn settle<J: Job>(
    mut cx: JobContext<'_>,
    mut running: Running,
    turned: Result<Turn<J>>,
    step: (&'static str, String),
    epoch: i64,
) -> Result<Outcome> {
    match turned {
        Ok(Turn::Next(state)) => {
            note_step(&mut cx, &running, &step, JobStatus::Finished).await?;
            running.state = encode(&state)?;
            running.generation += 1;
            running.attempts = 0;
            running.wake_at = cx.now;
            save(cx, running, epoch).await
        }
        Ok(Turn::Wait(state, pause)) => {
            note_step(&mut cx, &running, &step, JobStatus::Started).await?;
            running.state = encode(&state)?;
            running.wake_at = cx.now.saturating_add(i64::try_from(pause.as_millis()).unwrap_or(i64::MAX));
            save(cx, running, epoch).await
        }
        Ok(Turn::Done) => {
            note_step(&mut cx, &running, &step, JobStatus::Finished).await?;
            running.job.status = match running.heading {
                Heading::Forward => JobStatus::Finished,
                Heading::Unwind if running.cancel_asked => JobStatus::Aborted,
                Heading::Unwind => JobStatus::Failed,
            };
            finish(cx, running, epoch).await
        }
        Err(Failure::Refused(refusal)) if running.heading == Heading::Forward => {
            let engine = cx.engine;
            // What the refused step had written so far goes with its transaction.
            drop(cx);
            running.job.failure = Some(refusal.to_string());
            let mut cx = context(engine, &running, epoch, now(), step.0);
            note_step(&mut cx, &running, &step, JobStatus::Failed).await?;
            save_turned_back(cx, running, epoch, J::DEADLINE).await
        }
        Err(failure) => Err(failure),
    }
}

async fn turn_back(engine: &Engine, running: Running, epoch: i64, time: Duration) -> Result<Outcome> {
    let cx = context(engine, &running, epoch, now(), "");
    save_turned_back(cx, running, epoch, time).await
}

async fn save_turned_back(cx: JobContext<'_>, mut running: Running, epoch: i64, time: Duration) -> Result<Outcome> {
    running.heading = Heading::Unwind;
    running.generation += 1;
    running.attempts = 0;
    running.wake_at = cx.now;
    running.deadline = cx.now.saturating_add(i64::try_from(time.as_millis()).unwrap_or(i64::MAX));
    save(cx, running, epoch).await
}

async fn save(mut cx: JobContext<'_>, mut running: Running, epoch: i64) -> Result<Outcome> {
    running.job.updated_at = cx.now;
    let saved = Outcome::Continue(running.wake_at);
    commit(cx.take_tx().await?, &running, epoch, saved).await
}

async fn finish(mut cx: JobContext<'_>, mut running: Running, epoch: i64) -> Result<Outcome> {
    running.job.updated_at = cx.now;
    running.job.ended_at = Some(cx.now);
    commit(cx.take_tx().await?, &running, epoch, Outcome::LetGo).await
}

/// Commits what a turn did, and says `saved`. A row that is no longer as this turn read it, as when somebody asked the
/// job to give up meanwhile, is not written: the turn is taken again on the row as it is now.
async fn commit(mut tx: Tx, running: &Running, epoch: i64, saved: Outcome) -> Result<Outcome> {
    if !tx.lease().still_leads(epoch).await? {
        tx.rollback().await?;
        return Ok(Outcome::LetGo);
    }
    if !tx.jobs().save(running).await? {
        tx.rollback().await?;
        return Ok(Outcome::Continue(0));
    }
    tx.changed(ObjectRef { kind: ObjectKind::Job, id: running.job.id.0 }, Change::Updated);
    tx.commit().await?;
    Ok(saved)
}

async fn note_step(
    cx: &mut JobContext<'_>,
    running: &Running,
    step: &(&'static str, String),
    status: JobStatus,
) -> Result<()> {
    let (kind, description) = step;
    // One row a saved step: its id follows from job and generation, so a repeated step writes the same row.
    let name = format!("{}/{}", running.job.id, running.generation);
    let row = Step {
        id: StepId(Uuid::new_v5(&running.job.id.0, name.as_bytes())),
        job: running.job.id,
        parent: None,
        number: u32::try_from(running.generation).unwrap_or(u32::MAX),
        kind: (*kind).to_owned(),
        description: match running.heading {
            Heading::Forward => description.clone(),
            Heading::Unwind => format!("Undoing: {description}"),
        },
        status,
        progress: None,
        started_at: cx.now,
        ended_at: (status != JobStatus::Started).then_some(cx.now),
        external_id: None,
    };
    cx.tx().await?.jobs().put_step(&row).await?;
    Ok(())
}

fn encode<J: Job>(state: &J) -> Result<serde_json::Value> {
    serde_json::to_value(state)
        .map_err(|error| Trouble::Broken(format!("a {} job can't be written: {error}", J::KIND)).into())
}
