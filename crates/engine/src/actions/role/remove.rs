//! Remove a role that nobody holds.

use async_trait::async_trait;
use ferrovirt_model::events::{EventDraft, sentences};
use ferrovirt_model::ids::RoleId;
use ferrovirt_model::refusal::Refusal;
use ferrovirt_store::Areas;
use ferrovirt_store::tx::Change;

use super::mutable;
use crate::action::{Action, ActionContext};
use crate::failure::Result;

/// Remove a role.
#[derive(Clone, Debug)]
pub struct Remove {
    role: RoleId,
    name: Option<String>,
}

impl Remove {
    /// The end of `role`.
    #[must_use]
    pub fn new(role: RoleId) -> Self {
        Self { role, name: None }
    }
}

#[async_trait]
impl Action for Remove {
    type Output = ();

    async fn perform(&mut self, cx: &mut ActionContext<'_>) -> Result<()> {
        let role = mutable(cx, self.role, "removed", &mut self.name).await?;
        let grants = cx.tx.permissions().grants_of_role(role.id).await?;
        if grants > 0 {
            return Err(Refusal::InUse { what: "Role", name: role.name, users: format!("{grants} grants") }.into());
        }
        cx.tx.permissions().remove_role(role.id).await?;
        cx.tx.changed(role.id, Change::Removed);
        cx.log(sentences::USER_REMOVE_ROLE.draft().with("RoleName", role.name));
        Ok(())
    }

    fn failed(&self) -> Option<EventDraft> {
        Some(sentences::USER_REMOVE_ROLE_FAILED.draft().with("RoleName", self.name.clone()?))
    }
}
