//! Waiting for a job's end, for requests whose clients expect the work done when they are answered.

use std::time::{Duration, Instant};

use ferrovirt_model::ids::JobId;
use ferrovirt_model::job::JobStatus;
use ferrovirt_model::refusal::Refusal;
use ferrovirt_store::Areas;

use crate::core::Engine;
use crate::failure::Result;

/// Pause between looks; short work ends within a few.
const LOOK: Duration = Duration::from_millis(60);

impl Engine {
    /// Waits until a job has ended, but not longer than `patience`. `false`: it goes on.
    ///
    /// # Errors
    /// The refusal that the job failed with; trouble with the store.
    pub async fn outlast(&self, job: JobId, patience: Duration) -> Result<bool> {
        let begun = Instant::now();
        loop {
            let known = self.store().read().await?.jobs().get(job).await?;
            let Some(known) = known else { return Ok(true) };
            match known.status {
                JobStatus::Finished => return Ok(true),
                JobStatus::Failed | JobStatus::Aborted => {
                    let why = known.failure.unwrap_or_else(|| "it was given up".to_owned());
                    return Err(Refusal::rule(why).into());
                }
                JobStatus::Started | JobStatus::Unknown if begun.elapsed() < patience => {
                    tokio::time::sleep(LOOK).await;
                }
                JobStatus::Started | JobStatus::Unknown => return Ok(false),
            }
        }
    }
}
