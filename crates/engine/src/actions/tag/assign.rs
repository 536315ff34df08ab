//! Hang a tag on a VM, host, template, user or group, and take it off.

use async_trait::async_trait;
use ferrovirt_model::events::{EventDraft, EventSentence, sentences};
use ferrovirt_model::ids::{HostId, ObjectKind, ObjectRef, TagId, TemplateId, VmId};
use ferrovirt_model::permits::Permit;
use ferrovirt_model::refusal::Refusal;
use ferrovirt_model::tag::Tag;
use ferrovirt_store::Areas;
use ferrovirt_store::tx::Change;

use super::{all, find};
use crate::action::{Action, ActionContext};
use crate::actions::named::Named;
use crate::actions::objects;
use crate::failure::Result;

/// Hang a tag on an object.
#[derive(Clone, Debug)]
pub struct Assign {
    tag: Named<TagId>,
    object: ObjectRef,
    names: Option<(String, String)>,
}

impl Assign {
    /// Of `tag` on `object`.
    #[must_use]
    pub fn new(tag: Named<TagId>, object: ObjectRef) -> Self {
        Self { tag, object, names: None }
    }
}

#[async_trait]
impl Action for Assign {
    type Output = Tag;

    async fn perform(&mut self, cx: &mut ActionContext<'_>) -> Result<Tag> {
        let (tag, name) = look(cx, &self.tag, self.object).await?;
        self.names = Some((tag.name.clone(), name.clone()));
        cx.tx.tags().assign(tag.id, self.object).await?;
        cx.tx.changed(self.object, Change::Updated);
        cx.log(draft(told(self.object.kind)?.attached, &tag.name, self.object, &name));
        Ok(tag)
    }

    fn failed(&self) -> Option<EventDraft> {
        let (tag, name) = self.names.as_ref()?;
        Some(draft(told(self.object.kind).ok()?.attach_failed, tag, self.object, name))
    }
}

/// Take a tag off an object.
#[derive(Clone, Debug)]
pub struct Unassign {
    tag: TagId,
    object: ObjectRef,
    names: Option<(String, String)>,
}

impl Unassign {
    /// Of `tag` from `object`.
    #[must_use]
    pub fn new(tag: TagId, object: ObjectRef) -> Self {
        Self { tag, object, names: None }
    }
}

#[async_trait]
impl Action for Unassign {
    type Output = ();

    async fn perform(&mut self, cx: &mut ActionContext<'_>) -> Result<()> {
        let (tag, name) = look(cx, &Named::Id(self.tag), self.object).await?;
        self.names = Some((tag.name.clone(), name.clone()));
        if !cx.tx.tags().unassign(tag.id, self.object).await? {
            return Err(Refusal::no_such("Tag", tag.id).into());
        }
        cx.tx.changed(self.object, Change::Updated);
        cx.log(draft(told(self.object.kind)?.detached, &tag.name, self.object, &name));
        Ok(())
    }

    fn failed(&self) -> Option<EventDraft> {
        let (tag, name) = self.names.as_ref()?;
        Some(draft(told(self.object.kind).ok()?.detach_failed, tag, self.object, name))
    }
}

async fn look(cx: &mut ActionContext<'_>, tag: &Named<TagId>, object: ObjectRef) -> Result<(Tag, String)> {
    told(object.kind)?;
    let name = objects::name(&mut cx.tx, object).await?;
    cx.require(Permit::TagManagement, object).await?;
    let tag = find(&all(cx).await?, tag)?;
    cx.require(Permit::TagManagement, ObjectRef::SYSTEM).await?;
    Ok((tag, name))
}

/// The events of one kind of object.
struct Told {
    attached: EventSentence,
    attach_failed: EventSentence,
    detached: EventSentence,
    detach_failed: EventSentence,
}

fn told(kind: ObjectKind) -> Result<Told> {
    let told =
        |attached, attach_failed, detached, detach_failed| Told { attached, attach_failed, detached, detach_failed };
    Ok(match kind {
        ObjectKind::Vm => told(
            sentences::USER_ATTACH_TAG_TO_VM,
            sentences::USER_ATTACH_TAG_TO_VM_FAILED,
            sentences::USER_DETACH_VM_FROM_TAG,
            sentences::USER_DETACH_VM_FROM_TAG_FAILED,
        ),
        ObjectKind::Host => told(
            sentences::USER_ATTACH_TAG_TO_VDS,
            sentences::USER_ATTACH_TAG_TO_VDS_FAILED,
            sentences::USER_DETACH_VDS_FROM_TAG,
            sentences::USER_DETACH_VDS_FROM_TAG_FAILED,
        ),
        ObjectKind::Template => told(
            sentences::USER_ATTACH_TAG_TO_TEMPLATE,
            sentences::USER_ATTACH_TAG_TO_TEMPLATE_FAILED,
            sentences::USER_DETACH_TEMPLATE_FROM_TAG,
            sentences::USER_DETACH_TEMPLATE_FROM_TAG_FAILED,
        ),
        ObjectKind::User => told(
            sentences::USER_ATTACH_TAG_TO_USER,
            sentences::USER_ATTACH_TAG_TO_USER_FAILED,
            sentences::USER_DETACH_USER_FROM_TAG,
            sentences::USER_DETACH_USER_FROM_TAG_FAILED,
        ),
        ObjectKind::Group => told(
            sentences::USER_ATTACH_TAG_TO_USER_GROUP,
            sentences::USER_ATTACH_TAG_TO_USER_GROUP_FAILED,
            sentences::USER_DETACH_USER_GROUP_FROM_TAG,
            sentences::USER_DETACH_USER_GROUP_FROM_TAG_FAILED,
        ),
        other => {
            return Err(Refusal::rule(format!("A tag can't hang on a {}.", objects::word(other))).into());
        }
    })
}

fn draft(sentence: EventSentence, tag: &str, object: ObjectRef, name: &str) -> EventDraft {
    let draft = sentence.draft().with("TagName", tag);
    match object.kind {
        ObjectKind::Vm => draft.vm(VmId(object.id), name).with("VmsNames", name),
        ObjectKind::Host => draft.host(HostId(object.id), name).with("VdsNames", name),
        ObjectKind::Template => draft.template(TemplateId(object.id), name).with("TemplatesNames", name),
        ObjectKind::User => draft.with("AttachUsersNames", name).with("DetachUsersNames", name),
        _ => draft.with("AttachGroupsNames", name).with("DetachGroupsNames", name),
    }
}
