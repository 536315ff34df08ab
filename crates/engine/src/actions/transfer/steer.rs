//! Say what becomes of a transfer that is under way: its job does it.

use async_trait::async_trait;
use ferrovirt_model::events::{EventDraft, sentences};
use ferrovirt_model::ids::TransferId;
use ferrovirt_model::permits::Permit;
use ferrovirt_model::refusal::Refusal;
use ferrovirt_model::transfer::{self, Ask, Phase};
use ferrovirt_store::Areas;
use ferrovirt_store::tx::Change;

use crate::action::{Action, ActionContext};
use crate::failure::Result;

/// Finalize, cancel, pause, resume or extend a transfer.
#[derive(Clone, Debug)]
pub struct Steer {
    /// The transfer.
    pub transfer: TransferId,
    /// What is asked.
    pub ask: Ask,
}

#[async_trait]
impl Action for Steer {
    type Output = ();

    async fn perform(&mut self, cx: &mut ActionContext<'_>) -> Result<()> {
        let found = cx.tx.transfers().lock_row(self.transfer).await?;
        let mut transfer = found.ok_or_else(|| Refusal::no_such("ImageTransfer", self.transfer))?;
        if transfer.owner == Some(cx.caller.session.user) {
            cx.own_things();
        } else {
            cx.require(Permit::EditDiskProperties, transfer.disk).await?;
        }
        transfer::may(transfer.phase, self.ask)?;
        let sentence = match self.ask {
            Ask::Pause => Some(sentences::TRANSFER_IMAGE_PAUSED_BY_USER),
            Ask::Resume => Some(sentences::TRANSFER_IMAGE_RESUMED_BY_USER),
            Ask::Finalize | Ask::Cancel | Ask::Extend => None,
        };
        transfer.phase = match self.ask {
            Ask::Finalize => Phase::FinalizingSuccess,
            Ask::Cancel => Phase::CancelledUser,
            Ask::Pause => Phase::PausedUser,
            Ask::Resume => Phase::Resuming,
            Ask::Extend => transfer.phase,
        };
        transfer.updated_at = cx.now;
        transfer.active &= self.ask == Ask::Extend;
        cx.tx.transfers().put(&transfer).await?;
        cx.tx.changed(transfer.id, Change::Updated);
        cx.kick(transfer.job).await?;
        match sentence {
            Some(sentence) => cx.log(sentence.draft()),
            None => cx.job_tells(),
        }
        Ok(())
    }

    /// oVirt's log has no event for a steering that is refused, and its only failure of a transfer says that the transfer
    /// itself failed, which it did not: it goes on as it was.
    fn failed(&self) -> Option<EventDraft> {
        None
    }
}
