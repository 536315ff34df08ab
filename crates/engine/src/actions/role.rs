//! What users ask of roles: sets of permits of their own. Predefined roles stay as they are.

mod add;
mod permits;
mod remove;
mod update;

pub use add::Add;
pub use permits::{AddPermit, RemovePermit};
pub use remove::Remove;
pub use update::Update;

use ferrovirt_model::ids::RoleId;
use ferrovirt_model::permission::Role;
use ferrovirt_model::permits::{Permit, RoleKind};
use ferrovirt_model::refusal::Refusal;
use ferrovirt_store::Areas;

use crate::action::ActionContext;
use crate::failure::Result;

/// A permit as a request names it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Wanted {
    /// By its number.
    Id(u32),
    /// By its name.
    Name(String),
}

/// The permit that is meant, if a role of that kind may hold it.
fn permit(wanted: &Wanted, administrative: bool) -> Result<Permit> {
    let (found, text) = match wanted {
        Wanted::Id(id) => (Permit::from_id(*id), id.to_string()),
        Wanted::Name(name) => (Permit::from_name(name), name.clone()),
    };
    let permit = found.ok_or_else(|| Refusal::no_such("Permit", text))?;
    if permit.kind() == RoleKind::Admin && !administrative {
        let sentence = format!("The permit {} is for administrators' roles alone.", permit.name());
        return Err(Refusal::rule(sentence).into());
    }
    Ok(permit)
}

/// A role that may be changed.
async fn mutable(
    cx: &mut ActionContext<'_>,
    id: RoleId,
    verb: &'static str,
    name: &mut Option<String>,
) -> Result<Role> {
    let role = cx.tx.permissions().lock_role(id).await?.ok_or_else(|| Refusal::no_such("Role", id))?;
    *name = Some(role.name.clone());
    cx.require(Permit::ManipulateRoles, role.id).await?;
    if !role.mutable {
        return Err(Refusal::Predefined { what: "Role", name: role.name, verb }.into());
    }
    Ok(role)
}

async fn check_free(cx: &mut ActionContext<'_>, name: &str, but: Option<RoleId>) -> Result<()> {
    if name.trim().is_empty() {
        return Err(Refusal::Missing { entity: "Role", field: "name" }.into());
    }
    let roles = cx.tx.permissions().roles().await?;
    if roles.iter().any(|role| role.name == name && Some(role.id) != but) {
        return Err(Refusal::NameTaken { kind: "Role", name: name.to_owned() }.into());
    }
    Ok(())
}
