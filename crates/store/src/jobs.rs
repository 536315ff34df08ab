//! Jobs and their steps: what must survive a crash of the engine.

use ferrovirt_model::ids::{JobId, ObjectRef, StepId, UserId};
use ferrovirt_model::job::{Job, JobStatus, Step};
use sqlx::postgres::PgRow;
use sqlx::types::Json;
use sqlx::{PgConnection, Row};
use uuid::Uuid;

use crate::Result;
use crate::rows::{self, bigint};
use crate::search::Compiled;

/// Jobs and steps.
#[derive(Debug)]
pub struct Jobs<'c> {
    pub(crate) connection: &'c mut PgConnection,
}

/// Which way a job goes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Heading {
    /// To its goal.
    Forward,
    /// Back to the starting world.
    Unwind,
}

impl Heading {
    fn as_str(self) -> &'static str {
        match self {
            Self::Forward => "forward",
            Self::Unwind => "unwind",
        }
    }

    fn parse(text: &str) -> Option<Self> {
        [Self::Forward, Self::Unwind].into_iter().find(|heading| heading.as_str() == text)
    }
}

/// What the runner keeps of a job beside what users see.
#[derive(Clone, Debug, PartialEq)]
pub struct Running {
    /// What users see.
    pub job: Job,
    /// The job's typed state.
    pub state: serde_json::Value,
    /// Which way it goes.
    pub heading: Heading,
    /// Grows with each saved step: part of the key by which hosts know a request again.
    pub generation: u64,
    /// Tries of the present step.
    pub attempts: u32,
    /// Not before this time, ms.
    pub wake_at: i64,
    /// Unwinds after this time, ms.
    pub deadline: i64,
    /// Someone asked to give it up.
    pub cancel_asked: bool,
}

impl Jobs<'_> {
    /// Adds a job of the engine's own.
    ///
    /// # Errors
    /// Any [`crate::StoreError`].
    pub async fn insert(&mut self, running: &Running) -> Result<()> {
        let job = &running.job;
        sqlx::query(
            "insert into job (id, kind, description, status, direction, state, generation, attempts, wake_at, deadline,
                 cancel_asked, owner_id, correlation_id, external, auto_cleared, started_at, updated_at, objects)
             values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $16, $17)",
        )
        .bind(job.id.0)
        .bind(&job.kind)
        .bind(&job.description)
        .bind(job.status.as_str())
        .bind(running.heading.as_str())
        .bind(Json(&running.state))
        .bind(bigint(running.generation))
        .bind(i32::try_from(running.attempts).unwrap_or(i32::MAX))
        .bind(running.wake_at)
        .bind(running.deadline)
        .bind(running.cancel_asked)
        .bind(job.owner.map(|id| id.0))
        .bind(&job.correlation_id)
        .bind(job.external)
        .bind(job.auto_cleared)
        .bind(job.started_at)
        .bind(Json(&job.objects))
        .execute(&mut *self.connection)
        .await?;
        Ok(())
    }

    /// Saves a job's state after a step. `false`: the row is not as it was read, because another engine saved it, or
    /// because it was asked to give up meanwhile. Whoever saves must read it anew.
    ///
    /// # Errors
    /// Any [`crate::StoreError`].
    pub async fn save(&mut self, running: &Running) -> Result<bool> {
        let job = &running.job;
        let done = sqlx::query(
            "update job set status = $2, direction = $3, state = $4, generation = $5, attempts = $6, wake_at = $7,
                 ended_at = $8, updated_at = $9, failure = $10, deadline = $11
             where id = $1 and generation <= $5 and status = 'started' and cancel_asked = $12",
        )
        .bind(job.id.0)
        .bind(job.status.as_str())
        .bind(running.heading.as_str())
        .bind(Json(&running.state))
        .bind(bigint(running.generation))
        .bind(i32::try_from(running.attempts).unwrap_or(i32::MAX))
        .bind(running.wake_at)
        .bind(job.ended_at)
        .bind(job.updated_at)
        .bind(&job.failure)
        .bind(running.deadline)
        .bind(running.cancel_asked)
        .execute(&mut *self.connection)
        .await?;
        Ok(done.rows_affected() == 1)
    }

    /// Lets a job that waits look again at once.
    ///
    /// # Errors
    /// Any [`crate::StoreError`].
    pub async fn kick(&mut self, id: JobId, now: i64) -> Result<()> {
        sqlx::query("update job set wake_at = $2 where id = $1 and wake_at > $2 and status = 'started'")
            .bind(id.0)
            .bind(now)
            .execute(&mut *self.connection)
            .await?;
        Ok(())
    }

    /// All jobs of the engine's own that have not ended.
    ///
    /// # Errors
    /// Any [`crate::StoreError`].
    pub async fn unfinished(&mut self) -> Result<Vec<Running>> {
        let rows = sqlx::query("select * from job where status = 'started' and not external order by started_at")
            .fetch_all(&mut *self.connection)
            .await?;
        rows.iter().map(running).collect()
    }

    /// One job as the runner knows it.
    ///
    /// # Errors
    /// Any [`crate::StoreError`].
    pub async fn running(&mut self, id: JobId) -> Result<Option<Running>> {
        let row = sqlx::query("select * from job where id = $1 and not external")
            .bind(id.0)
            .fetch_optional(&mut *self.connection)
            .await?;
        row.as_ref().map(running).transpose()
    }

    /// Asks a job to give up. Says whether it still runs.
    ///
    /// # Errors
    /// Any [`crate::StoreError`].
    pub async fn ask_cancel(&mut self, id: JobId) -> Result<bool> {
        let done = sqlx::query("update job set cancel_asked = true, wake_at = 0 where id = $1 and status = 'started'")
            .bind(id.0)
            .execute(&mut *self.connection)
            .await?;
        Ok(done.rows_affected() == 1)
    }

    /// Jobs as users see them.
    ///
    /// # Errors
    /// Any [`crate::StoreError`].
    pub async fn list(&mut self, search: &Compiled, scope: Option<&str>) -> Result<Vec<Job>> {
        let rows = search.fetch("job.*", "job", scope, &mut *self.connection).await?;
        rows.iter().map(job).collect()
    }

    /// One job as users see it.
    ///
    /// # Errors
    /// Any [`crate::StoreError`].
    pub async fn get(&mut self, id: JobId) -> Result<Option<Job>> {
        let row =
            sqlx::query("select * from job where id = $1").bind(id.0).fetch_optional(&mut *self.connection).await?;
        row.as_ref().map(job).transpose()
    }

    /// Several jobs as users see them, in no order.
    ///
    /// # Errors
    /// Any [`crate::StoreError`].
    pub async fn several(&mut self, ids: &[JobId]) -> Result<Vec<Job>> {
        let ids: Vec<Uuid> = ids.iter().map(|id| id.0).collect();
        let rows =
            sqlx::query("select * from job where id = any($1)").bind(ids).fetch_all(&mut *self.connection).await?;
        rows.iter().map(job).collect()
    }

    /// Adds or changes a job of an outside program.
    ///
    /// # Errors
    /// Any [`crate::StoreError`].
    pub async fn put_external(&mut self, job: &Job) -> Result<()> {
        sqlx::query(
            "insert into job (id, kind, description, status, direction, generation, attempts, wake_at, deadline,
                 cancel_asked, owner_id, correlation_id, external, auto_cleared, started_at, ended_at, updated_at, objects)
             values ($1, $2, $3, $4, 'forward', 0, 0, 0, 0, false, $5, $6, true, $7, $8, $9, $10, '[]')
             on conflict (id) do update set status = $4, ended_at = $9, updated_at = $10",
        )
        .bind(job.id.0)
        .bind(&job.kind)
        .bind(&job.description)
        .bind(job.status.as_str())
        .bind(job.owner.map(|id| id.0))
        .bind(&job.correlation_id)
        .bind(job.auto_cleared)
        .bind(job.started_at)
        .bind(job.ended_at)
        .bind(job.updated_at)
        .execute(&mut *self.connection)
        .await?;
        Ok(())
    }

    /// Removes a job.
    ///
    /// # Errors
    /// Any [`crate::StoreError`].
    pub async fn remove(&mut self, id: JobId) -> Result<()> {
        sqlx::query("delete from job where id = $1").bind(id.0).execute(&mut *self.connection).await?;
        Ok(())
    }

    /// Drops ended jobs: succeeded ones that ended before `finished`, others before `failed` (ms).
    ///
    /// # Errors
    /// Any [`crate::StoreError`].
    pub async fn prune(&mut self, finished: i64, failed: i64) -> Result<u64> {
        let done = sqlx::query(
            "delete from job where auto_cleared and
                 ((status = 'finished' and ended_at < $1) or (status in ('failed', 'aborted', 'unknown') and ended_at < $2))",
        )
        .bind(finished)
        .bind(failed)
        .execute(&mut *self.connection)
        .await?;
        Ok(done.rows_affected())
    }

    /// The steps of jobs, in order.
    ///
    /// # Errors
    /// Any [`crate::StoreError`].
    pub async fn steps(&mut self, jobs: &[JobId]) -> Result<Vec<Step>> {
        let ids: Vec<Uuid> = jobs.iter().map(|id| id.0).collect();
        let rows = sqlx::query("select * from job_step where job_id = any($1) order by job_id, number")
            .bind(ids)
            .fetch_all(&mut *self.connection)
            .await?;
        rows.iter().map(step).collect()
    }

    /// Adds a step or writes it over.
    ///
    /// # Errors
    /// Any [`crate::StoreError`].
    pub async fn put_step(&mut self, step: &Step) -> Result<()> {
        sqlx::query(
            "insert into job_step (id, job_id, parent_id, number, kind, description, status, progress, started_at, ended_at,
                 external_id)
             values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11)
             on conflict (id) do update set status = $7, progress = $8, ended_at = $10",
        )
        .bind(step.id.0)
        .bind(step.job.0)
        .bind(step.parent.map(|id| id.0))
        .bind(i32::try_from(step.number).unwrap_or(i32::MAX))
        .bind(&step.kind)
        .bind(&step.description)
        .bind(step.status.as_str())
        .bind(step.progress.map(|progress| i32::try_from(progress).unwrap_or(100)))
        .bind(step.started_at)
        .bind(step.ended_at)
        .bind(step.external_id)
        .execute(&mut *self.connection)
        .await?;
        Ok(())
    }
}

/// The jobs that a user asked for, as a condition.
#[must_use]
pub fn owned_by(user: UserId) -> String {
    format!("job.owner_id = '{user}'")
}

fn job(row: &PgRow) -> Result<Job> {
    Ok(Job {
        id: JobId(row.try_get("id")?),
        kind: row.try_get("kind")?,
        description: row.try_get("description")?,
        status: rows::word(row, "job", "status", JobStatus::parse)?,
        owner: row.try_get::<Option<Uuid>, _>("owner_id")?.map(UserId),
        correlation_id: row.try_get("correlation_id")?,
        external: row.try_get("external")?,
        auto_cleared: row.try_get("auto_cleared")?,
        started_at: row.try_get("started_at")?,
        ended_at: row.try_get("ended_at")?,
        updated_at: row.try_get("updated_at")?,
        failure: row.try_get("failure")?,
        objects: rows::json::<Vec<ObjectRef>>(row, "objects")?,
    })
}

fn running(row: &PgRow) -> Result<Running> {
    Ok(Running {
        job: job(row)?,
        state: rows::json(row, "state")?,
        heading: rows::word(row, "job", "direction", Heading::parse)?,
        generation: rows::size(row, "generation")?,
        attempts: row.try_get::<i32, _>("attempts")?.unsigned_abs(),
        wake_at: row.try_get("wake_at")?,
        deadline: row.try_get("deadline")?,
        cancel_asked: row.try_get("cancel_asked")?,
    })
}

fn step(row: &PgRow) -> Result<Step> {
    Ok(Step {
        id: StepId(row.try_get("id")?),
        job: JobId(row.try_get("job_id")?),
        parent: row.try_get::<Option<Uuid>, _>("parent_id")?.map(StepId),
        number: row.try_get::<i32, _>("number")?.unsigned_abs(),
        kind: row.try_get("kind")?,
        description: row.try_get("description")?,
        status: rows::word(row, "job_step", "status", JobStatus::parse)?,
        progress: row.try_get::<Option<i32>, _>("progress")?.map(i32::unsigned_abs),
        started_at: row.try_get("started_at")?,
        ended_at: row.try_get("ended_at")?,
        external_id: row.try_get("external_id")?,
    })
}
