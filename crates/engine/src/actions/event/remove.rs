//! Hide an entry of the event log, and show hidden ones again. Nothing is ever taken out of the log.

use async_trait::async_trait;
use ferrovirt_model::events::{EventDraft, sentences};
use ferrovirt_model::ids::ObjectRef;
use ferrovirt_model::permits::Permit;
use ferrovirt_model::refusal::Refusal;
use ferrovirt_store::Areas;

use crate::action::{Action, ActionContext};
use crate::failure::Result;

/// Hide an entry.
#[derive(Clone, Copy, Debug)]
pub struct Remove {
    /// Its number.
    pub event: i64,
}

#[async_trait]
impl Action for Remove {
    type Output = ();

    async fn perform(&mut self, cx: &mut ActionContext<'_>) -> Result<()> {
        cx.require(Permit::AuditLogManagement, ObjectRef::SYSTEM).await?;
        let there = cx.tx.events().get(self.event, None).await?.is_some();
        if !there || !cx.tx.events().hide(self.event, true).await? {
            return Err(Refusal::no_such("Event", self.event).into());
        }
        cx.log(sentences::USER_REMOVE_AUDIT_LOG.draft().with("AuditLogId", self.event));
        Ok(())
    }

    fn failed(&self) -> Option<EventDraft> {
        Some(sentences::USER_REMOVE_AUDIT_LOG_FAILED.draft().with("AuditLogId", self.event))
    }
}

/// Show every hidden entry again.
#[derive(Clone, Copy, Debug)]
pub struct Restore;

#[async_trait]
impl Action for Restore {
    type Output = ();

    async fn perform(&mut self, cx: &mut ActionContext<'_>) -> Result<()> {
        cx.require(Permit::AuditLogManagement, ObjectRef::SYSTEM).await?;
        cx.tx.events().show_all().await?;
        cx.log(sentences::USER_DISPLAY_ALL_AUDIT_LOG_EVENTS.draft());
        Ok(())
    }

    fn failed(&self) -> Option<EventDraft> {
        Some(sentences::USER_DISPLAY_ALL_AUDIT_LOG_EVENTS_FAILED.draft())
    }
}
