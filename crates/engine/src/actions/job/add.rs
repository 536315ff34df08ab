//! Show a job of a program outside.

use async_trait::async_trait;
use ferrovirt_model::events::{EventDraft, sentences};
use ferrovirt_model::ids::{JobId, ObjectRef};
use ferrovirt_model::job::{Job, JobStatus};
use ferrovirt_model::permits::Permit;
use ferrovirt_model::refusal::Refusal;
use ferrovirt_store::Areas;
use ferrovirt_store::tx::Change;
use uuid::Uuid;

use crate::action::{Action, ActionContext};
use crate::failure::Result;

/// Show a job.
#[derive(Clone, Debug)]
pub struct Add {
    /// What is being done.
    pub description: String,
    /// It goes by itself some time after its end.
    pub auto_cleared: bool,
}

#[async_trait]
impl Action for Add {
    type Output = Job;

    async fn perform(&mut self, cx: &mut ActionContext<'_>) -> Result<Job> {
        cx.require(Permit::InjectExternalTasks, ObjectRef::SYSTEM).await?;
        if self.description.trim().is_empty() {
            return Err(Refusal::Missing { entity: "Job", field: "description" }.into());
        }
        let job = Job {
            id: JobId(Uuid::new_v4()),
            kind: "external".to_owned(),
            description: self.description.clone(),
            status: JobStatus::Started,
            owner: Some(cx.caller.session.user),
            correlation_id: cx.caller.correlation_id.clone(),
            external: true,
            auto_cleared: self.auto_cleared,
            started_at: cx.now,
            ended_at: None,
            updated_at: cx.now,
            failure: None,
            objects: Vec::new(),
        };
        cx.tx.jobs().put_external(&job).await?;
        cx.tx.changed(job.id, Change::Created);
        cx.log(sentences::USER_ADD_EXTERNAL_JOB.draft().with("description", &self.description));
        Ok(job)
    }

    fn failed(&self) -> Option<EventDraft> {
        Some(sentences::USER_ADD_EXTERNAL_JOB_FAILED.draft().with("description", &self.description))
    }
}
