//! Steps of a job of a program outside.

use async_trait::async_trait;
use ferrovirt_model::events::EventDraft;
use ferrovirt_model::ids::{JobId, ObjectRef, StepId};
use ferrovirt_model::job::{Job, JobStatus, Step};
use ferrovirt_model::permits::Permit;
use ferrovirt_model::refusal::Refusal;
use ferrovirt_store::Areas;
use ferrovirt_store::tx::Change;
use uuid::Uuid;

use super::open;
use crate::action::{Action, ActionContext};
use crate::failure::Result;

/// Show a step.
#[derive(Clone, Debug)]
pub struct AddStep {
    /// Of which job.
    pub job: JobId,
    /// The step that it is part of.
    pub parent: Option<StepId>,
    /// validating, executing or finalizing.
    pub kind: String,
    /// What is being done.
    pub description: String,
}

#[async_trait]
impl Action for AddStep {
    type Output = Step;

    async fn perform(&mut self, cx: &mut ActionContext<'_>) -> Result<Step> {
        cx.require(Permit::InjectExternalTasks, ObjectRef::SYSTEM).await?;
        if self.description.trim().is_empty() {
            return Err(Refusal::Missing { entity: "Step", field: "description" }.into());
        }
        let job = open(cx, self.job).await?;
        let steps = cx.tx.jobs().steps(&[self.job]).await?;
        if let Some(parent) = self.parent
            && !steps.iter().any(|step| step.id == parent)
        {
            return Err(Refusal::no_such("Step", parent).into());
        }
        let step = Step {
            id: StepId(Uuid::new_v4()),
            job: self.job,
            parent: self.parent,
            number: u32::try_from(steps.len()).unwrap_or(u32::MAX),
            kind: self.kind.clone(),
            description: self.description.clone(),
            status: JobStatus::Started,
            progress: None,
            started_at: cx.now,
            ended_at: None,
            external_id: None,
        };
        cx.tx.jobs().put_step(&step).await?;
        touch(cx, job).await?;
        Ok(step)
    }

    fn failed(&self) -> Option<EventDraft> {
        None
    }
}

/// End a step.
#[derive(Clone, Copy, Debug)]
pub struct EndStep {
    /// Of which job.
    pub job: JobId,
    /// Which.
    pub step: StepId,
    /// How.
    pub status: JobStatus,
}

#[async_trait]
impl Action for EndStep {
    type Output = ();

    async fn perform(&mut self, cx: &mut ActionContext<'_>) -> Result<()> {
        cx.require(Permit::InjectExternalTasks, ObjectRef::SYSTEM).await?;
        let job = open(cx, self.job).await?;
        let found = cx.tx.jobs().steps(&[self.job]).await?.into_iter().find(|step| step.id == self.step);
        let mut step = found.ok_or_else(|| Refusal::no_such("Step", self.step))?;
        if step.status != JobStatus::Started {
            let sentence = format!("The step '{}' has ended already.", step.description);
            return Err(Refusal::Busy { sentence }.into());
        }
        step.status = self.status;
        step.ended_at = Some(cx.now);
        cx.tx.jobs().put_step(&step).await?;
        touch(cx, job).await
    }

    fn failed(&self) -> Option<EventDraft> {
        None
    }
}

async fn touch(cx: &mut ActionContext<'_>, mut job: Job) -> Result<()> {
    job.updated_at = cx.now;
    cx.tx.jobs().put_external(&job).await?;
    cx.tx.changed(job.id, Change::Updated);
    cx.job_tells();
    Ok(())
}
