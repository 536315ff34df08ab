//! Remove a tag, with all that hang from it.

use async_trait::async_trait;
use ferrovirt_model::events::{EventDraft, sentences};
use ferrovirt_model::ids::{ObjectRef, TagId};
use ferrovirt_model::permits::Permit;
use ferrovirt_store::Areas;
use ferrovirt_store::tx::Change;

use super::{all, check_not_root, find, lies_under};
use crate::action::{Action, ActionContext};
use crate::actions::named::Named;
use crate::failure::Result;

/// Remove a tag.
#[derive(Clone, Debug)]
pub struct Remove {
    tag: TagId,
    name: Option<String>,
}

impl Remove {
    /// The end of `tag`.
    #[must_use]
    pub fn new(tag: TagId) -> Self {
        Self { tag, name: None }
    }
}

#[async_trait]
impl Action for Remove {
    type Output = ();

    async fn perform(&mut self, cx: &mut ActionContext<'_>) -> Result<()> {
        let tags = all(cx).await?;
        let tag = find(&tags, &Named::Id(self.tag))?;
        self.name = Some(tag.name.clone());
        cx.require(Permit::TagManagement, ObjectRef::SYSTEM).await?;
        check_not_root(&tag, "removed")?;
        cx.tx.tags().remove(tag.id).await?;
        for gone in tags.iter().filter(|other| lies_under(&tags, other.id, tag.id)) {
            cx.tx.changed(gone.id, Change::Removed);
        }
        cx.log(sentences::USER_REMOVE_TAG.draft().with("TagName", tag.name));
        Ok(())
    }

    fn failed(&self) -> Option<EventDraft> {
        Some(sentences::USER_REMOVE_TAG_FAILED.draft().with("TagName", self.name.clone()?))
    }
}
