//! Add a tag.

use async_trait::async_trait;
use ferrovirt_model::events::{EventDraft, sentences};
use ferrovirt_model::ids::{ObjectRef, TagId};
use ferrovirt_model::permits::Permit;
use ferrovirt_model::tag::{ROOT, Tag};
use ferrovirt_plan::names::{self, NameKind};
use ferrovirt_store::Areas;
use ferrovirt_store::tx::Change;
use uuid::Uuid;

use super::{all, check_free, find};
use crate::action::{Action, ActionContext};
use crate::actions::named::{Named, name_taken};
use crate::failure::Result;

/// Add a tag.
#[derive(Clone, Debug)]
pub struct Add {
    /// Its name.
    pub name: String,
    /// Free text.
    pub description: String,
    /// What it hangs from; `None`: the root.
    pub parent: Option<Named<TagId>>,
}

#[async_trait]
impl Action for Add {
    type Output = Tag;

    async fn perform(&mut self, cx: &mut ActionContext<'_>) -> Result<Tag> {
        cx.require(Permit::TagManagement, ObjectRef::SYSTEM).await?;
        names::check(NameKind::Tag, "Tag", &self.name)?;
        let tags = all(cx).await?;
        check_free(&tags, &self.name, None)?;
        let parent = match &self.parent {
            Some(named) => find(&tags, named)?.id,
            None => ROOT,
        };
        let tag = Tag {
            id: TagId(Uuid::new_v4()),
            name: self.name.clone(),
            description: self.description.clone(),
            parent: Some(parent),
        };
        cx.tx.tags().put(&tag).await.map_err(|error| name_taken(error, "Tag", &self.name))?;
        cx.tx.changed(tag.id, Change::Created);
        cx.log(sentences::USER_ADD_TAG.draft().with("TagName", &tag.name));
        Ok(tag)
    }

    fn failed(&self) -> Option<EventDraft> {
        Some(sentences::USER_ADD_TAG_FAILED.draft().with("TagName", &self.name))
    }
}
