//! Jobs as users see them: what is being done, how far it is and how it ended.

use serde::{Deserialize, Serialize};
use uuid::Uuid;

use crate::Millis;
use crate::ids::{JobId, ObjectRef, StepId, UserId};

/// A job.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Job {
    /// The id.
    pub id: JobId,
    /// The kind: the verb's file name.
    pub kind: String,
    /// A sentence that names the objects.
    pub description: String,
    /// How it stands.
    pub status: JobStatus,
    /// Who asked.
    pub owner: Option<UserId>,
    /// Ties it to the request and its events.
    pub correlation_id: String,
    /// Made by an outside program.
    pub external: bool,
    /// Removed by itself some time after its end.
    pub auto_cleared: bool,
    /// When it began.
    pub started_at: Millis,
    /// When it ended.
    pub ended_at: Option<Millis>,
    /// When it last changed.
    pub updated_at: Millis,
    /// Why it failed.
    pub failure: Option<String>,
    /// What it works on.
    pub objects: Vec<ObjectRef>,
}

/// How a job or step stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum JobStatus {
    /// Under way.
    Started,
    /// Done.
    Finished,
    /// Failed, and undone where it can be.
    Failed,
    /// Given up on request.
    Aborted,
    /// Nobody knows.
    Unknown,
}

impl JobStatus {
    /// The name in rows and on the wire.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Started => "started",
            Self::Finished => "finished",
            Self::Failed => "failed",
            Self::Aborted => "aborted",
            Self::Unknown => "unknown",
        }
    }

    /// Reads what [`JobStatus::as_str`] wrote.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        [Self::Started, Self::Finished, Self::Failed, Self::Aborted, Self::Unknown]
            .into_iter()
            .find(|status| status.as_str() == text)
    }
}

/// A step of a job.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Step {
    /// The id.
    pub id: StepId,
    /// The job.
    pub job: JobId,
    /// The step that it is part of.
    pub parent: Option<StepId>,
    /// 0 and up.
    pub number: u32,
    /// validating, executing, finalizing or a name of its own.
    pub kind: String,
    /// A sentence.
    pub description: String,
    /// How it stands.
    pub status: JobStatus,
    /// 0 to 100, where it is known.
    pub progress: Option<u32>,
    /// When it began.
    pub started_at: Millis,
    /// When it ended.
    pub ended_at: Option<Millis>,
    /// An outside program's id for it.
    pub external_id: Option<Uuid>,
}
