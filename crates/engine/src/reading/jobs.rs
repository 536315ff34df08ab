//! Jobs and their steps as users read them.

use ferrovirt_model::ids::{JobId, StepId};
use ferrovirt_model::job::{Job, Step};
use ferrovirt_model::search::Entity;
use ferrovirt_store::{Areas, jobs};

use super::{sees_all, the_one};
use crate::core::{Engine, now};
use crate::failure::Result;
use crate::listing::{self, ListQuery};
use crate::session::Caller;

impl Engine {
    /// Jobs by search: all for administrators, their own for others.
    ///
    /// # Errors
    /// A refusal for a search that can't be read; trouble with the store.
    pub async fn list_jobs(&self, caller: &Caller, query: &ListQuery) -> Result<Vec<Job>> {
        let search = listing::compile(Entity::Job, query, now())?;
        let scope = (!sees_all(caller)).then(|| jobs::owned_by(caller.session.user));
        Ok(self.store().read().await?.jobs().list(&search, scope.as_deref()).await?)
    }

    /// A job.
    ///
    /// # Errors
    /// [`ferrovirt_model::refusal::Refusal::NoSuchObject`], or trouble with the store.
    pub async fn job(&self, caller: &Caller, id: JobId) -> Result<Job> {
        the_one(self.jobs_by_id(caller, &[id]).await?, "Job", id)
    }

    /// Jobs by id, in no order; those that the caller may not know of are left out.
    ///
    /// # Errors
    /// Trouble with the store.
    pub async fn jobs_by_id(&self, caller: &Caller, ids: &[JobId]) -> Result<Vec<Job>> {
        let mut found = self.store().read().await?.jobs().several(ids).await?;
        found.retain(|job| sees_all(caller) || job.owner == Some(caller.session.user));
        Ok(found)
    }

    /// The steps of jobs that the caller sees, by job and in order.
    ///
    /// # Errors
    /// Trouble with the store.
    pub async fn job_steps(&self, jobs: &[JobId]) -> Result<Vec<Step>> {
        Ok(self.store().read().await?.jobs().steps(jobs).await?)
    }

    /// A step of a job.
    ///
    /// # Errors
    /// [`ferrovirt_model::refusal::Refusal::NoSuchObject`], or trouble with the store.
    pub async fn job_step(&self, caller: &Caller, job: JobId, id: StepId) -> Result<Step> {
        self.job(caller, job).await?;
        let mut steps = self.job_steps(&[job]).await?;
        steps.retain(|step| step.id == id);
        the_one(steps, "Step", id)
    }
}
