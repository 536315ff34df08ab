//! Small questions that doors ask of the engine: how many of each kind, does the database answer, may this user hear of
//! that change.

use std::time::Duration;

use ferrovirt_model::ids::{JobId, ObjectKind, ObjectRef, TransferId};
use ferrovirt_store::events;
use ferrovirt_store::outbox::Notice;
use ferrovirt_store::tx::Areas;
use uuid::Uuid;

pub use ferrovirt_store::overview::{Count, Summary};

use crate::core::{Engine, now};
use crate::failure::Result;
use crate::session::Session;

/// A database that says nothing for so long does not answer.
const ANSWER: Duration = Duration::from_secs(2);

impl Engine {
    /// How many hosts, storage domains, users and VMs there are, and how many of each are up.
    ///
    /// # Errors
    /// Trouble with the store.
    pub async fn summary(&self) -> Result<Summary> {
        Ok(self.store().read().await?.overview().summary(now()).await?)
    }

    /// Whether the database answers within two seconds.
    pub async fn database_answers(&self) -> bool {
        tokio::time::timeout(ANSWER, self.store().healthy()).await.unwrap_or(false)
    }

    /// The number of the newest change that was told.
    #[must_use]
    pub fn newest_change(&self) -> i64 {
        self.changes().newest()
    }

    /// Whether a session may hear of a change. Administrators hear of all; others of what they may know of, of their own
    /// jobs and transfers, and of the entries of the event log that they may read.
    ///
    /// # Errors
    /// Trouble with the store.
    pub async fn may_see(&self, session: &Session, notice: &Notice) -> Result<bool> {
        if session.administrator {
            return Ok(true);
        }
        let Some(kind) = ObjectKind::parse(&notice.kind) else { return Ok(false) };
        let mut reader = self.store().read().await?;
        if kind == ObjectKind::Event {
            let Ok(number) = notice.object_id.parse() else { return Ok(false) };
            return Ok(reader.events().get(number, Some(&events::seen_by(session.user))).await?.is_some());
        }
        let Ok(id) = Uuid::parse_str(&notice.object_id) else { return Ok(false) };
        match kind {
            ObjectKind::Job => {
                let job = reader.jobs().get(JobId(id)).await?;
                Ok(job.is_some_and(|job| job.owner == Some(session.user)))
            }
            ObjectKind::User => Ok(id == session.user.0),
            // What is gone lies under nothing any more; that an id is gone tells nobody anything.
            _ if notice.change == "removed" => Ok(true),
            ObjectKind::ImageTransfer => match reader.transfers().get(TransferId(id)).await? {
                Some(transfer) if transfer.owner == Some(session.user) => Ok(true),
                Some(transfer) => Ok(reader.permissions().sees(session.user, transfer.disk.into()).await?),
                None => Ok(false),
            },
            _ => Ok(reader.permissions().sees(session.user, ObjectRef { kind, id }).await?),
        }
    }
}
