//! Give a user or group a role on an object, and on all that lies under it.

use async_trait::async_trait;
use ferrovirt_model::events::{EventDraft, sentences};
use ferrovirt_model::ids::{GroupId, ObjectRef, PermissionId, RoleId, UserId};
use ferrovirt_model::permission::{Permission, Principal};
use ferrovirt_model::permits::Permit;
use ferrovirt_model::refusal::Refusal;
use ferrovirt_store::Areas;
use ferrovirt_store::tx::Change;
use uuid::Uuid;

use super::{Told, check_rank, holder, principal_name, role};
use crate::action::{Action, ActionContext};
use crate::actions::named::Named;
use crate::actions::objects;
use crate::failure::Result;
use crate::sign_on::{INTERNAL_DOMAIN, INTERNAL_PROFILE};

/// Who is given a role, as a request names them.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum To {
    /// A user.
    User(Named<UserId>),
    /// A group.
    Group(Named<GroupId>),
}

/// Give a role.
#[derive(Clone, Debug)]
pub struct Add {
    to: To,
    role: Named<RoleId>,
    object: ObjectRef,
    told: Told,
}

impl Add {
    /// Of `role` on `object`.
    #[must_use]
    pub fn new(to: To, role: Named<RoleId>, object: ObjectRef) -> Self {
        Self { to, role, object, told: Told::default() }
    }

    async fn principal(&self, cx: &mut ActionContext<'_>) -> Result<Principal> {
        match &self.to {
            To::User(Named::Id(id)) => Ok(Principal::User(*id)),
            To::Group(Named::Id(id)) => Ok(Principal::Group(*id)),
            To::User(Named::Name(typed)) => {
                let name = match typed.rsplit_once('@') {
                    Some((name, INTERNAL_DOMAIN | INTERNAL_PROFILE)) => name,
                    _ => typed,
                };
                let found = cx.tx.users().by_name(INTERNAL_DOMAIN, name).await?;
                let (user, _) = found.ok_or_else(|| Refusal::no_such("User", typed))?;
                Ok(Principal::User(user.id))
            }
            To::Group(Named::Name(name)) => {
                let found = cx.tx.users().groups().await?.into_iter().find(|group| group.name == *name);
                Ok(Principal::Group(found.ok_or_else(|| Refusal::no_such("Group", name))?.id))
            }
        }
    }
}

#[async_trait]
impl Action for Add {
    type Output = Permission;

    async fn perform(&mut self, cx: &mut ActionContext<'_>) -> Result<Permission> {
        let object_name = objects::name(&mut cx.tx, self.object).await?;
        self.told = Told { object: Some(self.object), object_name, ..Told::default() };
        cx.require(Permit::ManipulatePermissions, self.object).await?;
        let role = match &self.role {
            Named::Id(id) => role(cx, *id).await?,
            Named::Name(name) => {
                let found = cx.tx.permissions().roles().await?.into_iter().find(|role| role.name == *name);
                found.ok_or_else(|| Refusal::no_such("Role", name))?
            }
        };
        self.told.role.clone_from(&role.name);
        let principal = self.principal(cx).await?;
        self.told.subject = principal_name(cx, principal).await?;
        check_rank(cx, &role).await?;
        let known = cx.tx.permissions().on(self.object).await?;
        if let Some(same) = known.into_iter().find(|one| one.principal == principal && one.role == role.id) {
            // The same grant twice is one: nothing changes, and the answer is the one that stands.
            cx.job_tells();
            return Ok(same);
        }
        let permission = Permission { id: PermissionId(Uuid::new_v4()), principal, role: role.id, object: self.object };
        cx.tx.permissions().grant(&permission).await?;
        cx.tx.changed(self.object, Change::Updated);
        cx.tx.changed(holder(principal), Change::Updated);
        let draft = self.told.draft(sentences::USER_ADD_SYSTEM_PERMISSION, sentences::USER_ADD_PERMISSION);
        draft.into_iter().for_each(|draft| cx.log(draft));
        Ok(permission)
    }

    fn failed(&self) -> Option<EventDraft> {
        self.told.draft(sentences::USER_ADD_SYSTEM_PERMISSION_FAILED, sentences::USER_ADD_PERMISSION_FAILED)
    }
}
