//! Add a role.

use async_trait::async_trait;
use ferrovirt_model::events::{EventDraft, sentences};
use ferrovirt_model::ids::{ObjectRef, RoleId};
use ferrovirt_model::permission::Role;
use ferrovirt_model::permits::Permit;
use ferrovirt_store::Areas;
use ferrovirt_store::tx::Change;
use uuid::Uuid;

use super::{Wanted, check_free, permit};
use crate::action::{Action, ActionContext};
use crate::actions::named::name_taken;
use crate::failure::Result;

/// Add a role.
#[derive(Clone, Debug)]
pub struct Add {
    /// Its name.
    pub name: String,
    /// Free text.
    pub description: String,
    /// An administrators' role.
    pub administrative: bool,
    /// What it permits.
    pub permits: Vec<Wanted>,
}

#[async_trait]
impl Action for Add {
    type Output = Role;

    async fn perform(&mut self, cx: &mut ActionContext<'_>) -> Result<Role> {
        cx.require(Permit::ManipulateRoles, ObjectRef::SYSTEM).await?;
        check_free(cx, &self.name, None).await?;
        // Whoever has a role may sign in: that is what oVirt's roles hold in any case.
        let mut permits = vec![Permit::Login.id()];
        for wanted in &self.permits {
            permits.push(permit(wanted, self.administrative)?.id());
        }
        permits.sort_unstable();
        permits.dedup();
        let role = Role {
            id: RoleId(Uuid::new_v4()),
            name: self.name.clone(),
            description: self.description.clone(),
            administrative: self.administrative,
            mutable: true,
            permits,
        };
        cx.tx.permissions().put_role(&role).await.map_err(|error| name_taken(error, "Role", &self.name))?;
        cx.tx.changed(role.id, Change::Created);
        cx.log(sentences::USER_ADD_ROLE.draft().with("RoleName", &role.name));
        Ok(role)
    }

    fn failed(&self) -> Option<EventDraft> {
        Some(sentences::USER_ADD_ROLE_FAILED.draft().with("RoleName", &self.name))
    }
}
