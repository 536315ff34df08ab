//! Make a disk that hangs on no VM.

use async_trait::async_trait;
use ferrovirt_model::events::{EventDraft, sentences};
use ferrovirt_model::ids::DiskId;

use super::NewDisk;
use crate::action::{Action, ActionContext};
use crate::failure::Result;

/// Make a disk.
#[derive(Clone, Debug)]
pub struct Add {
    /// How it shall be.
    pub disk: NewDisk,
}

#[async_trait]
impl Action for Add {
    type Output = DiskId;

    async fn perform(&mut self, cx: &mut ActionContext<'_>) -> Result<DiskId> {
        let disk = self.disk.begin(cx, None).await?;
        cx.log(sentences::USER_ADD_DISK.draft().disk(&disk.alias));
        Ok(disk.id)
    }

    fn failed(&self) -> Option<EventDraft> {
        Some(sentences::USER_FAILED_ADD_DISK.draft().disk(&self.disk.alias))
    }
}
