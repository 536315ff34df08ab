//! Rename a role or describe it anew.

use async_trait::async_trait;
use ferrovirt_model::events::{EventDraft, sentences};
use ferrovirt_model::ids::RoleId;
use ferrovirt_model::permission::Role;
use ferrovirt_store::Areas;
use ferrovirt_store::tx::Change;

use super::{check_free, mutable};
use crate::action::{Action, ActionContext};
use crate::actions::named::name_taken;
use crate::failure::Result;

/// Change a role. What is `None` stays.
#[derive(Clone, Debug)]
pub struct Update {
    role: RoleId,
    name: Option<String>,
    description: Option<String>,
    was: Option<String>,
}

impl Update {
    /// A change of `role`.
    #[must_use]
    pub fn new(role: RoleId, name: Option<String>, description: Option<String>) -> Self {
        Self { role, name, description, was: None }
    }
}

#[async_trait]
impl Action for Update {
    type Output = Role;

    async fn perform(&mut self, cx: &mut ActionContext<'_>) -> Result<Role> {
        let mut role = mutable(cx, self.role, "changed", &mut self.was).await?;
        if let Some(name) = &self.name {
            check_free(cx, name, Some(role.id)).await?;
            role.name.clone_from(name);
        }
        if let Some(description) = &self.description {
            role.description.clone_from(description);
        }
        cx.tx.permissions().put_role(&role).await.map_err(|error| name_taken(error, "Role", &role.name))?;
        cx.tx.changed(role.id, Change::Updated);
        cx.log(sentences::USER_UPDATE_ROLE.draft().with("RoleName", &role.name));
        Ok(role)
    }

    fn failed(&self) -> Option<EventDraft> {
        Some(sentences::USER_UPDATE_ROLE_FAILED.draft().with("RoleName", self.was.clone()?))
    }
}
