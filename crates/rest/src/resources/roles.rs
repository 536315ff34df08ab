//! Roles and their permits; the roles of a user or group.

use ferrovirt_engine::actions::role::{Add, AddPermit, Remove, RemovePermit, Update, Wanted};
use ferrovirt_model::ids::RoleId;
use ferrovirt_model::permission::Role;
use ferrovirt_model::permits::{Permit, RoleKind};
use ferrovirt_wire::types;

use super::related::{hang, many, one};
use super::{owners, shared};
use crate::api::call::Call;
use crate::api::fault::Fault;
use crate::api::follow::Follow;
use crate::api::hrefs::Hrefs;
use crate::api::links;
use crate::api::registry::{Answer, Registry};
use crate::api::reply::Reply;

pub(crate) fn register(r: &mut Registry) {
    r.on("RolesService", "list", list);
    r.on("RolesService", "add", add);
    r.on("RoleService", "get", get);
    r.on("RoleService", "update", update);
    r.on("RoleService", "remove", remove);
    r.on("AssignedRolesService", "list", list_assigned);
    r.on("PermitsService", "list", list_permits);
    r.on("PermitsService", "add", add_permit);
    r.on("PermitService", "get", get_permit);
    r.on("PermitService", "remove", remove_permit);
}

async fn list(call: Call) -> Answer {
    let roles = call.engine().roles().await?;
    many(&call, documents(&call, &roles)).await
}

async fn list_assigned(call: Call) -> Answer {
    let principal = owners::owner_of(&call, "roles")?;
    let roles = call.engine().roles_of(&call.caller, principal).await?;
    many(&call, documents(&call, &roles)).await
}

async fn get(call: Call) -> Answer {
    let role = call.engine().role(call.id("role")?).await?;
    one(&call, document(&call.hrefs, &role)).await
}

async fn add(call: Call) -> Answer {
    let body: types::Role = call.body()?;
    call.require("Role", "name", body.name.is_some())?;
    let permits = body.permits.unwrap_or_default().items;
    let ask = Add {
        name: body.name.unwrap_or_default(),
        description: body.description.unwrap_or_default(),
        administrative: body.administrative.unwrap_or(false),
        permits: permits.iter().map(wanted).collect::<Result<_, _>>()?,
    };
    let role = call.engine().act(&call.caller, ask).await?.value;
    Ok(Reply::created(call.item_href(role.id), document(&call.hrefs, &role)))
}

async fn update(call: Call) -> Answer {
    let body: types::Role = call.body()?;
    let ask = Update::new(call.id("role")?, body.name, body.description);
    let role = call.engine().act(&call.caller, ask).await?.value;
    one(&call, document(&call.hrefs, &role)).await
}

async fn remove(call: Call) -> Answer {
    call.engine().act(&call.caller, Remove::new(call.id("role")?)).await?;
    Ok(Reply::removed())
}

async fn list_permits(call: Call) -> Answer {
    let role = call.engine().role(call.id("role")?).await?;
    let permits = held(&role).into_iter().map(|one| permit(&call.hrefs, &call.item_href(one.id()), role.id, one));
    many(&call, permits.collect()).await
}

async fn add_permit(call: Call) -> Answer {
    let role: RoleId = call.id("role")?;
    let body: types::Permit = call.body()?;
    let added = call.engine().act(&call.caller, AddPermit::new(role, wanted(&body)?)).await?.value;
    let href = call.item_href(added.id());
    Ok(Reply::created(href.clone(), permit(&call.hrefs, &href, role, added)))
}

async fn get_permit(call: Call) -> Answer {
    let role = call.engine().role(call.id("role")?).await?;
    let id: u32 = call.id("permit")?;
    let found = held(&role).into_iter().find(|one| one.id() == id);
    let found = found.ok_or_else(|| Fault::no_such("permit", &id.to_string()))?;
    one(&call, permit(&call.hrefs, &call.href, role.id, found)).await
}

async fn remove_permit(call: Call) -> Answer {
    call.engine().act(&call.caller, RemovePermit::new(call.id("role")?, call.id("permit")?)).await?;
    Ok(Reply::removed())
}

fn held(role: &Role) -> Vec<Permit> {
    role.permits.iter().filter_map(|id| Permit::from_id(*id)).collect()
}

fn wanted(body: &types::Permit) -> Result<Wanted, Fault> {
    match (&body.id, &body.name) {
        (Some(id), _) => Ok(Wanted::Id(shared::body_id("permit", id)?)),
        (None, Some(name)) => Ok(Wanted::Name(name.clone())),
        (None, None) => Err(Fault::incomplete("Permit", "id|name", "add")),
    }
}

fn documents(call: &Call, roles: &[Role]) -> Vec<types::Role> {
    roles.iter().map(|role| document(&call.hrefs, role)).collect()
}

/// The document of a role.
pub(crate) fn document(hrefs: &Hrefs, role: &Role) -> types::Role {
    let href = hrefs.of("roles", role.id);
    let mut document = types::Role {
        name: Some(role.name.clone()),
        description: Some(role.description.clone()),
        administrative: Some(role.administrative),
        mutable: Some(role.mutable),
        ..Default::default()
    };
    shared::decorate("RoleService", &href, role.id, &mut document);
    document
}

/// The lists below roles that are followed.
pub(super) async fn lists(call: &Call, follow: &Follow, shown: &mut [types::Role]) -> Result<(), Fault> {
    let Some(below) = follow.at("permits") else { return Ok(()) };
    let mut rows = Vec::new();
    for role in call.engine().roles().await? {
        let href = call.hrefs.of("roles", role.id);
        let permits = held(&role).into_iter();
        let permits = permits.map(|one| permit(&call.hrefs, &format!("{href}/permits/{}", one.id()), role.id, one));
        rows.extend(permits.map(|one| (role.id.to_string(), one)));
    }
    hang(call, below, shown, |one| &mut one.permits, rows).await
}

fn permit(hrefs: &Hrefs, href: &str, role: RoleId, permit: Permit) -> types::Permit {
    let mut document = types::Permit {
        name: Some(permit.name().to_owned()),
        administrative: Some(permit.kind() == RoleKind::Admin),
        role: Some(Box::new(links::reference(hrefs.of("roles", role), role))),
        ..Default::default()
    };
    shared::decorate("PermitService", href, permit.id(), &mut document);
    document
}
