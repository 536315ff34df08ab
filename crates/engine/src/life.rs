//! The beginning and the end of an engine's process, as the other engines and the event log see them.

use ferrovirt_model::events::{EventSentence, sentences};
use ferrovirt_store::tx::Areas;
use uuid::Uuid;

use crate::action::event;
use crate::core::{Engine, now};
use crate::failure::Result;

impl Engine {
    /// Logs that the engine started. `before` is the process that used the same data folder before, and that is known to
    /// be dead: its lease need not run out.
    ///
    /// # Errors
    /// Trouble with the store.
    pub async fn started(&self, before: Option<Uuid>) -> Result<()> {
        self.note(sentences::VDC_START, before).await
    }

    /// Logs that the engine is about to stop.
    ///
    /// # Errors
    /// Trouble with the store.
    pub async fn stopping(&self) -> Result<()> {
        self.note(sentences::VDC_STOP, None).await
    }

    async fn note(&self, sentence: EventSentence, dead: Option<Uuid>) -> Result<()> {
        let mut tx = self.store().begin().await?;
        if let Some(dead) = dead {
            tx.lease().release(dead).await?;
        }
        tx.log(event(&sentence.draft(), "", now()));
        tx.commit().await?;
        Ok(())
    }
}
