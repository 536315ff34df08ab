//! Grants: on the system, on objects, and of users and groups.

use ferrovirt_engine::actions::named::Named;
use ferrovirt_engine::actions::permission::{Add, Remove, To};
use ferrovirt_model::ids::{GroupId, ObjectKind, ObjectRef, UserId};
use ferrovirt_model::permission::{Permission, Principal};
use ferrovirt_wire::types;

use super::hung::holder;
use super::related::{many, one};
use super::{owners, shared};
use crate::api::call::Call;
use crate::api::fault::Fault;
use crate::api::hrefs::Hrefs;
use crate::api::links;
use crate::api::registry::{Answer, Registry};
use crate::api::reply::Reply;

/// The segment of these collections.
const SEGMENT: &str = "permissions";

pub(crate) fn register(r: &mut Registry) {
    r.on("SystemPermissionsService", "list", list_system);
    r.on("SystemPermissionsService", "add", add_system);
    r.on("AssignedPermissionsService", "list", list);
    r.on("AssignedPermissionsService", "add", add);
    r.on("PermissionService", "get", get);
    r.on("PermissionService", "remove", remove);
}

async fn list_system(call: Call) -> Answer {
    let grants = call.engine().permissions_on(&call.caller, ObjectRef::SYSTEM).await?;
    many(&call, documents(&call, &grants)).await
}

async fn list(call: Call) -> Answer {
    let owner = owners::owner_of(&call, SEGMENT)?;
    let grants = if is_principal(owner) {
        call.engine().permissions_of(&call.caller, owner).await?
    } else {
        call.engine().permissions_on(&call.caller, owner).await?
    };
    many(&call, documents(&call, &grants)).await
}

async fn add_system(call: Call) -> Answer {
    let body: types::Permission = call.body()?;
    let to = principal(&body)?.ok_or_else(|| Fault::incomplete("Permission", "user.id|group.id", "add"))?;
    let object = object(&body)?.unwrap_or(ObjectRef::SYSTEM);
    give(call, &body, to, object).await
}

async fn add(call: Call) -> Answer {
    let owner = owners::owner_of(&call, SEGMENT)?;
    let body: types::Permission = call.body()?;
    // Below a user or group the body names the object; below an object it names the user or group.
    let (to, object) = match owner.kind {
        ObjectKind::User => (To::User(Named::Id(UserId(owner.id))), object(&body)?.unwrap_or(ObjectRef::SYSTEM)),
        ObjectKind::Group => (To::Group(Named::Id(GroupId(owner.id))), object(&body)?.unwrap_or(ObjectRef::SYSTEM)),
        _ => {
            let to = principal(&body)?;
            (to.ok_or_else(|| Fault::incomplete("Permission", "user.id|group.id", "add"))?, owner)
        }
    };
    give(call, &body, to, object).await
}

async fn give(call: Call, body: &types::Permission, to: To, object: ObjectRef) -> Answer {
    let role = body.role.as_deref();
    let role = role.map(|role| shared::read_reference("role", role.id.as_deref(), role.name.as_deref())).transpose()?;
    let role = role.flatten().ok_or_else(|| Fault::incomplete("Permission", "role.id|name", "add"))?;
    let grant = call.engine().act(&call.caller, Add::new(to, role, object)).await?.value;
    let href = call.item_href(grant.id);
    Ok(Reply::created(href.clone(), document(&call.hrefs, &href, &grant)))
}

async fn get(call: Call) -> Answer {
    let grant = call.engine().permission(&call.caller, call.id("permission")?).await?;
    if owners::owner(&call, SEGMENT)?.is_some_and(|owner| !belongs(&grant, owner)) {
        return Err(Fault::no_such("permission", &grant.id.to_string()));
    }
    one(&call, document(&call.hrefs, &call.href, &grant)).await
}

async fn remove(call: Call) -> Answer {
    let within = owners::owner(&call, SEGMENT)?;
    call.engine().act(&call.caller, Remove::new(call.id("permission")?, within)).await?;
    Ok(Reply::removed())
}

fn is_principal(object: ObjectRef) -> bool {
    matches!(object.kind, ObjectKind::User | ObjectKind::Group)
}

fn belongs(grant: &Permission, owner: ObjectRef) -> bool {
    grant.object.id == owner.id || holder(grant) == owner.id
}

fn principal(body: &types::Permission) -> Result<Option<To>, Fault> {
    if let Some(user) = body.user.as_deref() {
        let name = user.user_name.as_deref().or(user.principal.as_deref()).or(user.name.as_deref());
        return Ok(shared::read_reference("user", user.id.as_deref(), name)?.map(To::User));
    }
    let Some(group) = body.group.as_deref() else { return Ok(None) };
    Ok(shared::read_reference("group", group.id.as_deref(), group.name.as_deref())?.map(To::Group))
}

/// What the body names beside user and role.
fn object(body: &types::Permission) -> Result<Option<ObjectRef>, Fault> {
    let mut named = owners::named_in(
        body.vm.as_deref(),
        body.host.as_deref(),
        body.template.as_deref(),
        body.cluster.as_deref(),
        body.data_center.as_deref(),
        body.storage_domain.as_deref(),
    )?;
    if let Some(id) = body.disk.as_deref().and_then(|disk| disk.id.as_deref()) {
        named.push(ObjectRef { kind: ObjectKind::Disk, id: shared::body_id("disk", id)? });
    }
    Ok(named.pop())
}

fn documents(call: &Call, grants: &[Permission]) -> Vec<types::Permission> {
    grants.iter().map(|grant| document(&call.hrefs, &call.item_href(grant.id), grant)).collect()
}

/// The document of a grant at an address.
pub(crate) fn document(hrefs: &Hrefs, href: &str, grant: &Permission) -> types::Permission {
    let object = grant.object;
    let mut document = types::Permission {
        role: Some(Box::new(links::reference(hrefs.of("roles", grant.role), grant.role))),
        ..Default::default()
    };
    match grant.principal {
        Principal::User(id) => document.user = Some(Box::new(links::reference(hrefs.of("users", id), id))),
        Principal::Group(id) => document.group = Some(Box::new(links::reference(hrefs.of("groups", id), id))),
    }
    match object.kind {
        ObjectKind::Cluster => document.cluster = owners::reference(hrefs, object),
        ObjectKind::DataCenter => document.data_center = owners::reference(hrefs, object),
        ObjectKind::Disk => document.disk = owners::reference(hrefs, object),
        ObjectKind::Host => document.host = owners::reference(hrefs, object),
        ObjectKind::StorageDomain => document.storage_domain = owners::reference(hrefs, object),
        ObjectKind::Template => document.template = owners::reference(hrefs, object),
        ObjectKind::Vm => document.vm = owners::reference(hrefs, object),
        // The wire has no element for the other kinds; the address tells.
        _ => {}
    }
    shared::decorate("PermissionService", href, grant.id, &mut document);
    document
}

#[cfg(test)]
mod tests {
    use uuid::Uuid;

    use super::*;

    #[test]
    fn a_grant_names_who_what_and_where() {
        let vm = ObjectRef { kind: ObjectKind::Vm, id: Uuid::from_u128(3) };
        let grant = Permission {
            id: Uuid::from_u128(1).into(),
            principal: Principal::User(Uuid::from_u128(2).into()),
            role: Uuid::from_u128(4).into(),
            object: vm,
        };
        let document = document(&Hrefs::new("/api"), "/api/vms/3/permissions/1", &grant);
        assert!(document.user.is_some() && document.group.is_none() && document.vm.is_some());
        assert_eq!(document.role.as_deref().and_then(|role| role.id.clone()), Some(grant.role.to_string()));
        assert_eq!(object(&document).unwrap(), Some(vm), "what is written is read");
        assert_eq!(principal(&document).unwrap(), Some(To::User(Named::Id(Uuid::from_u128(2).into()))));
        let vm_grant = |owner: u128| belongs(&grant, ObjectRef { kind: ObjectKind::Vm, id: Uuid::from_u128(owner) });
        assert!(vm_grant(3) && vm_grant(2) && !vm_grant(9));
    }
}
