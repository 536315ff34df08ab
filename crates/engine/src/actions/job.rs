//! What programs outside ask of the list of jobs: to show work of theirs. The engine's own jobs are not theirs to change.

mod add;
mod end;
mod steps;

pub use add::Add;
pub use end::{Clear, End};
pub use steps::{AddStep, EndStep};

use ferrovirt_model::ids::JobId;
use ferrovirt_model::job::{Job, JobStatus};
use ferrovirt_model::refusal::Refusal;
use ferrovirt_store::Areas;

use crate::action::ActionContext;
use crate::failure::Result;

/// A job of a program outside that has not ended.
async fn open(cx: &mut ActionContext<'_>, id: JobId) -> Result<Job> {
    let job = external(cx, id).await?;
    if job.status != JobStatus::Started {
        let sentence = format!("The job '{}' has ended already.", job.description);
        return Err(Refusal::Busy { sentence }.into());
    }
    Ok(job)
}

/// A job of a program outside.
async fn external(cx: &mut ActionContext<'_>, id: JobId) -> Result<Job> {
    let job = cx.tx.jobs().get(id).await?.ok_or_else(|| Refusal::no_such("Job", id))?;
    if !job.external {
        let sentence = format!("The job '{}' is the engine's own. It ends by itself.", job.description);
        return Err(Refusal::rule(sentence).into());
    }
    Ok(job)
}
