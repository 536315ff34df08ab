//! Rename a tag, describe it anew, or hang it elsewhere.

use async_trait::async_trait;
use ferrovirt_model::events::{EventDraft, sentences};
use ferrovirt_model::ids::{ObjectRef, TagId};
use ferrovirt_model::permits::Permit;
use ferrovirt_model::refusal::Refusal;
use ferrovirt_model::tag::Tag;
use ferrovirt_plan::names::{self, NameKind};
use ferrovirt_store::Areas;
use ferrovirt_store::tx::Change;

use super::{all, check_free, check_not_root, find, lies_under};
use crate::action::{Action, ActionContext};
use crate::actions::named::{Named, name_taken};
use crate::failure::Result;

/// Change a tag. What is `None` stays.
#[derive(Clone, Debug)]
pub struct Update {
    /// Which.
    pub tag: TagId,
    /// Its new name.
    pub name: Option<String>,
    /// Its new description.
    pub description: Option<String>,
    /// What it hangs from.
    pub parent: Option<Named<TagId>>,
    was: Option<String>,
}

impl Update {
    /// A change of `tag`.
    #[must_use]
    pub fn new(tag: TagId, name: Option<String>, description: Option<String>, parent: Option<Named<TagId>>) -> Self {
        Self { tag, name, description, parent, was: None }
    }
}

#[async_trait]
impl Action for Update {
    type Output = Tag;

    async fn perform(&mut self, cx: &mut ActionContext<'_>) -> Result<Tag> {
        let tags = all(cx).await?;
        let mut tag = find(&tags, &Named::Id(self.tag))?;
        self.was = Some(tag.name.clone());
        cx.require(Permit::TagManagement, ObjectRef::SYSTEM).await?;
        check_not_root(&tag, "changed")?;
        if let Some(name) = &self.name {
            names::check(NameKind::Tag, "Tag", name)?;
            check_free(&tags, name, Some(tag.id))?;
            tag.name.clone_from(name);
        }
        if let Some(description) = &self.description {
            tag.description.clone_from(description);
        }
        if let Some(parent) = &self.parent {
            let parent = find(&tags, parent)?;
            if lies_under(&tags, parent.id, tag.id) {
                let sentence = format!("Tag '{}' can't hang from itself or from what hangs from it.", tag.name);
                return Err(Refusal::rule(sentence).into());
            }
            tag.parent = Some(parent.id);
        }
        cx.tx.tags().put(&tag).await.map_err(|error| name_taken(error, "Tag", &tag.name))?;
        cx.tx.changed(tag.id, Change::Updated);
        cx.log(sentences::USER_UPDATE_TAG.draft().with("TagName", &tag.name));
        Ok(tag)
    }

    fn failed(&self) -> Option<EventDraft> {
        Some(sentences::USER_UPDATE_TAG_FAILED.draft().with("TagName", self.was.clone()?))
    }
}
