//! Add and remove groups: names that roles can be given to.

use async_trait::async_trait;
use ferrovirt_model::events::{EventDraft, sentences};
use ferrovirt_model::ids::{GroupId, ObjectRef};
use ferrovirt_model::permission::Group;
use ferrovirt_model::permits::Permit;
use ferrovirt_model::refusal::Refusal;
use ferrovirt_store::Areas;
use ferrovirt_store::permissions::EVERYONE;
use ferrovirt_store::tx::Change;
use uuid::Uuid;

use crate::action::{Action, ActionContext};
use crate::actions::named::name_taken;
use crate::failure::Result;
use crate::sign_on::INTERNAL_DOMAIN;

/// Add a group.
#[derive(Clone, Debug)]
pub struct AddGroup {
    /// Its name.
    pub name: String,
}

#[async_trait]
impl Action for AddGroup {
    type Output = Group;

    async fn perform(&mut self, cx: &mut ActionContext<'_>) -> Result<Group> {
        cx.require(Permit::ManipulateUsers, ObjectRef::SYSTEM).await?;
        if self.name.trim().is_empty() {
            return Err(Refusal::Missing { entity: "Group", field: "name" }.into());
        }
        if cx.tx.users().groups().await?.iter().any(|group| group.name == self.name) {
            return Err(Refusal::NameTaken { kind: "Group", name: self.name.clone() }.into());
        }
        let group = Group { id: GroupId(Uuid::new_v4()), name: self.name.clone(), domain: INTERNAL_DOMAIN.to_owned() };
        cx.tx.users().put_group(&group).await.map_err(|error| name_taken(error, "Group", &group.name))?;
        cx.tx.changed(group.id, Change::Created);
        cx.log(sentences::USER_ADD.draft().with("NewUserName", &group.name));
        Ok(group)
    }

    fn failed(&self) -> Option<EventDraft> {
        Some(sentences::USER_FAILED_ADD_ADUSER.draft().with("NewUserName", &self.name))
    }
}

/// Remove a group, with all that it was granted.
#[derive(Clone, Debug)]
pub struct RemoveGroup {
    group: GroupId,
    name: Option<String>,
}

impl RemoveGroup {
    /// The end of `group`.
    #[must_use]
    pub fn new(group: GroupId) -> Self {
        Self { group, name: None }
    }
}

#[async_trait]
impl Action for RemoveGroup {
    type Output = ();

    async fn perform(&mut self, cx: &mut ActionContext<'_>) -> Result<()> {
        let group = cx.tx.users().groups_by_id(&[self.group]).await?.pop();
        let group = group.ok_or_else(|| Refusal::no_such("Group", self.group))?;
        self.name = Some(group.name.clone());
        cx.require(Permit::ManipulateUsers, self.group).await?;
        if group.id == EVERYONE {
            return Err(Refusal::Predefined { what: "Group", name: group.name, verb: "removed" }.into());
        }
        cx.tx.permissions().forget(group.id.into()).await?;
        cx.tx.users().remove_group(group.id).await?;
        cx.tx.changed(group.id, Change::Removed);
        cx.log(sentences::USER_REMOVE_AD_GROUP.draft().with("GroupName", group.name));
        Ok(())
    }

    fn failed(&self) -> Option<EventDraft> {
        Some(sentences::USER_REMOVE_AD_GROUP_FAILED.draft().with("GroupName", self.name.clone()?))
    }
}
