//! Add a permit to a role, and take one from it.

use async_trait::async_trait;
use ferrovirt_model::events::{EventDraft, sentences};
use ferrovirt_model::ids::RoleId;
use ferrovirt_model::permits::Permit;
use ferrovirt_model::refusal::Refusal;
use ferrovirt_store::Areas;
use ferrovirt_store::tx::Change;

use super::{Wanted, mutable, permit};
use crate::action::{Action, ActionContext};
use crate::failure::Result;

/// Add a permit.
#[derive(Clone, Debug)]
pub struct AddPermit {
    role: RoleId,
    permit: Wanted,
    name: Option<String>,
}

impl AddPermit {
    /// Of `permit` to `role`.
    #[must_use]
    pub fn new(role: RoleId, permit: Wanted) -> Self {
        Self { role, permit, name: None }
    }
}

#[async_trait]
impl Action for AddPermit {
    type Output = Permit;

    async fn perform(&mut self, cx: &mut ActionContext<'_>) -> Result<Permit> {
        let mut role = mutable(cx, self.role, "changed", &mut self.name).await?;
        let permit = permit(&self.permit, role.administrative)?;
        if !role.permits.contains(&permit.id()) {
            role.permits.push(permit.id());
            role.permits.sort_unstable();
        }
        cx.tx.permissions().put_role(&role).await?;
        cx.tx.changed(role.id, Change::Updated);
        let draft = sentences::USER_ATTACHED_ACTION_GROUP_TO_ROLE.draft().with("RoleName", role.name);
        cx.log(draft.with("ActionGroup", permit.name()));
        Ok(permit)
    }

    fn failed(&self) -> Option<EventDraft> {
        Some(sentences::USER_UPDATE_ROLE_FAILED.draft().with("RoleName", self.name.clone()?))
    }
}

/// Take a permit.
#[derive(Clone, Debug)]
pub struct RemovePermit {
    role: RoleId,
    permit: u32,
    name: Option<String>,
}

impl RemovePermit {
    /// Of the permit with that number from `role`.
    #[must_use]
    pub fn new(role: RoleId, permit: u32) -> Self {
        Self { role, permit, name: None }
    }
}

#[async_trait]
impl Action for RemovePermit {
    type Output = ();

    async fn perform(&mut self, cx: &mut ActionContext<'_>) -> Result<()> {
        let mut role = mutable(cx, self.role, "changed", &mut self.name).await?;
        let held = role.permits.len();
        role.permits.retain(|permit| *permit != self.permit);
        if role.permits.len() == held {
            return Err(Refusal::no_such("Permit", self.permit).into());
        }
        cx.tx.permissions().put_role(&role).await?;
        cx.tx.changed(role.id, Change::Updated);
        let name = Permit::from_id(self.permit).map_or_else(|| self.permit.to_string(), |one| one.name().to_owned());
        let draft = sentences::USER_DETACHED_ACTION_GROUP_FROM_ROLE.draft().with("RoleName", role.name);
        cx.log(draft.with("ActionGroup", name));
        Ok(())
    }

    fn failed(&self) -> Option<EventDraft> {
        Some(sentences::USER_UPDATE_ROLE_FAILED.draft().with("RoleName", self.name.clone()?))
    }
}
