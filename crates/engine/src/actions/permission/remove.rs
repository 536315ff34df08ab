//! Take a role back. The last administrator of the system keeps theirs.

use async_trait::async_trait;
use ferrovirt_model::events::{EventDraft, sentences};
use ferrovirt_model::ids::{ObjectRef, PermissionId};
use ferrovirt_model::permission::Principal;
use ferrovirt_model::permits::Permit;
use ferrovirt_model::refusal::Refusal;
use ferrovirt_model::roles::SUPER_USER;
use ferrovirt_store::Areas;
use ferrovirt_store::tx::Change;

use super::{Told, check_rank, holder, principal_name, role};
use crate::action::{Action, ActionContext};
use crate::failure::Result;

/// Take a grant back.
#[derive(Clone, Debug)]
pub struct Remove {
    permission: PermissionId,
    within: Option<ObjectRef>,
    told: Told,
}

impl Remove {
    /// Of a grant; where `within` names an object, a user or a group, the grant must be on it or theirs.
    #[must_use]
    pub fn new(permission: PermissionId, within: Option<ObjectRef>) -> Self {
        Self { permission, within, told: Told::default() }
    }
}

#[async_trait]
impl Action for Remove {
    type Output = ();

    async fn perform(&mut self, cx: &mut ActionContext<'_>) -> Result<()> {
        let missing = || Refusal::no_such("Permission", self.permission);
        let grant = cx.tx.permissions().get(self.permission).await?.ok_or_else(missing)?;
        let holder = holder(grant.principal);
        if self.within.is_some_and(|within| within.id != grant.object.id && within.id != holder.id) {
            return Err(missing().into());
        }
        let subject = principal_name(cx, grant.principal).await?;
        let object_name = cx.tx.permissions().name_of(grant.object).await?.unwrap_or_default();
        self.told = Told { subject, object: Some(grant.object), object_name, ..Told::default() };
        cx.require(Permit::ManipulatePermissions, grant.object).await?;
        let role = role(cx, grant.role).await?;
        self.told.role.clone_from(&role.name);
        check_rank(cx, &role).await?;
        let rules = grant.role.0 == SUPER_USER && grant.object == ObjectRef::SYSTEM;
        if rules
            && matches!(grant.principal, Principal::User(_))
            && cx.tx.permissions().holders_of_system_role(grant.role).await? <= 1
        {
            return Err(Refusal::rule("The last administrator of the system can't lose that role.").into());
        }
        cx.tx.permissions().revoke(grant.id).await?;
        cx.tx.changed(grant.object, Change::Updated);
        cx.tx.changed(holder, Change::Updated);
        let draft = self.told.draft(sentences::USER_REMOVE_SYSTEM_PERMISSION, sentences::USER_REMOVE_PERMISSION);
        draft.into_iter().for_each(|draft| cx.log(draft));
        Ok(())
    }

    fn failed(&self) -> Option<EventDraft> {
        self.told.draft(sentences::USER_REMOVE_SYSTEM_PERMISSION_FAILED, sentences::USER_REMOVE_PERMISSION_FAILED)
    }
}
