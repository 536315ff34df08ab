//! End a job of a program outside, or take it off the list.

use async_trait::async_trait;
use ferrovirt_model::events::EventDraft;
use ferrovirt_model::ids::{JobId, ObjectRef};
use ferrovirt_model::job::JobStatus;
use ferrovirt_model::permits::Permit;
use ferrovirt_store::Areas;
use ferrovirt_store::tx::Change;

use super::{external, open};
use crate::action::{Action, ActionContext};
use crate::failure::Result;

/// End a job.
#[derive(Clone, Copy, Debug)]
pub struct End {
    /// Which.
    pub job: JobId,
    /// How: done, failed, or given up.
    pub status: JobStatus,
}

#[async_trait]
impl Action for End {
    type Output = ();

    async fn perform(&mut self, cx: &mut ActionContext<'_>) -> Result<()> {
        cx.require(Permit::InjectExternalTasks, ObjectRef::SYSTEM).await?;
        let mut job = open(cx, self.job).await?;
        job.status = self.status;
        job.ended_at = Some(cx.now);
        job.updated_at = cx.now;
        for mut step in cx.tx.jobs().steps(&[job.id]).await? {
            if step.status == JobStatus::Started {
                step.status = self.status;
                step.ended_at = Some(cx.now);
                cx.tx.jobs().put_step(&step).await?;
            }
        }
        cx.tx.jobs().put_external(&job).await?;
        cx.tx.changed(job.id, Change::Updated);
        // The list of jobs is the record of it; oVirt's log has an event for a job's beginning alone.
        cx.job_tells();
        Ok(())
    }

    fn failed(&self) -> Option<EventDraft> {
        None
    }
}

/// Take a job off the list.
#[derive(Clone, Copy, Debug)]
pub struct Clear {
    /// Which.
    pub job: JobId,
}

#[async_trait]
impl Action for Clear {
    type Output = ();

    async fn perform(&mut self, cx: &mut ActionContext<'_>) -> Result<()> {
        cx.require(Permit::InjectExternalTasks, ObjectRef::SYSTEM).await?;
        let job = external(cx, self.job).await?;
        cx.tx.jobs().remove(job.id).await?;
        cx.tx.changed(job.id, Change::Removed);
        cx.job_tells();
        Ok(())
    }

    fn failed(&self) -> Option<EventDraft> {
        None
    }
}
