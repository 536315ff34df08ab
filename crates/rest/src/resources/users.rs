//! Users and groups.

use std::collections::BTreeSet;

use ferrovirt_engine::actions::user::{Add, AddGroup, Remove, RemoveGroup};
use ferrovirt_model::ids::{ObjectKind, RoleId};
use ferrovirt_model::permission::{Group, Role, User};
use ferrovirt_model::secret::Secret;
use ferrovirt_wire::types;
use uuid::Uuid;

use super::related::{hang, ids_of, many, one};
use super::{domains, hung, roles, shared};
use crate::api::call::Call;
use crate::api::fault::Fault;
use crate::api::follow::Follow;
use crate::api::hrefs::Hrefs;
use crate::api::registry::{Answer, Registry};
use crate::api::reply::Reply;

pub(crate) fn register(r: &mut Registry) {
    r.on("UsersService", "list", list);
    r.on("UsersService", "add", add);
    r.on("UserService", "get", get);
    r.on("UserService", "remove", remove);
    r.on("DomainUserGroupsService", "list", groups_of_user);
    r.on("GroupsService", "list", list_groups);
    r.on("GroupsService", "add", add_group);
    r.on("GroupService", "get", get_group);
    r.on("GroupService", "remove", remove_group);
}

async fn list(call: Call) -> Answer {
    let users = call.engine().list_users(&call.caller, &call.list_query()?, None).await?;
    many(&call, users.iter().map(|one| own(&call.hrefs, one)).collect()).await
}

async fn add(call: Call) -> Answer {
    let body: types::User = call.body()?;
    let name = body.user_name.clone().or_else(|| body.principal.clone());
    call.require("User", "userName|principal", name.is_some())?;
    let domain = body.domain.as_deref().and_then(domain_name);
    let mut ask = Add::new(name.unwrap_or_default(), domain);
    ask.first_name = body.name.unwrap_or_default();
    ask.last_name = body.last_name.unwrap_or_default();
    ask.email = body.email.unwrap_or_default();
    ask.department = body.department.unwrap_or_default();
    let user = call.engine().add_user(&call.caller, ask, body.password.map(Secret::new)).await?;
    Ok(Reply::created(call.item_href(user.id), own(&call.hrefs, &user)))
}

/// The domain's name, given as such or by its id.
fn domain_name(domain: &types::Domain) -> Option<String> {
    if domain.name.is_some() {
        return domain.name.clone();
    }
    let internal = ferrovirt_engine::sign_on::INTERNAL_DOMAIN;
    let id = domain.id.as_deref()?;
    Some(if id.eq_ignore_ascii_case(&domains::id_of(internal)) { internal.to_owned() } else { id.to_owned() })
}

async fn get(call: Call) -> Answer {
    let found = call.engine().user(&call.caller, call.id("user")?).await?;
    one(&call, own(&call.hrefs, &found)).await
}

async fn remove(call: Call) -> Answer {
    call.engine().act(&call.caller, Remove::new(call.id("user")?)).await?;
    Ok(Reply::removed())
}

async fn groups_of_user(call: Call) -> Answer {
    let groups = call.engine().groups_of_user(&call.caller, call.id("user")?).await?;
    many(&call, groups.iter().map(|one| own_group(&call.hrefs, one)).collect()).await
}

async fn list_groups(call: Call) -> Answer {
    let groups = call.engine().list_groups(&call.caller, &call.list_query()?, false).await?;
    many(&call, groups.iter().map(|one| own_group(&call.hrefs, one)).collect()).await
}

async fn add_group(call: Call) -> Answer {
    let body: types::Group = call.body()?;
    call.require("Group", "name", body.name.is_some())?;
    let ask = AddGroup { name: body.name.unwrap_or_default() };
    let group = call.engine().act(&call.caller, ask).await?.value;
    Ok(Reply::created(call.item_href(group.id), own_group(&call.hrefs, &group)))
}

async fn get_group(call: Call) -> Answer {
    let group = call.engine().group(&call.caller, call.id("group")?).await?;
    one(&call, own_group(&call.hrefs, &group)).await
}

async fn remove_group(call: Call) -> Answer {
    call.engine().act(&call.caller, RemoveGroup::new(call.id("group")?)).await?;
    Ok(Reply::removed())
}

/// A user without id and address.
pub(super) fn user(hrefs: &Hrefs, user: &User) -> types::User {
    types::User {
        name: Some(user.first_name.clone()),
        department: Some(user.department.clone()),
        domain_entry_id: Some(user.domain_entry_id.clone()),
        email: Some(user.email.clone()),
        last_name: Some(user.last_name.clone()),
        namespace: Some(user.namespace.clone()),
        principal: Some(user.name.clone()),
        user_name: Some(format!("{}@{}", user.name, user.domain)),
        domain: Some(Box::new(domains::reference(hrefs, &user.domain))),
        ..Default::default()
    }
}

/// The document of a user.
pub(crate) fn own(hrefs: &Hrefs, one: &User) -> types::User {
    let mut document = user(hrefs, one);
    shared::decorate("UserService", &hrefs.of("users", one.id), one.id, &mut document);
    document
}

/// A group without id and address.
pub(super) fn group(hrefs: &Hrefs, group: &Group) -> types::Group {
    types::Group {
        name: Some(group.name.clone()),
        domain_entry_id: Some(group.id.to_string()),
        namespace: Some("*".to_owned()),
        domain: (!group.domain.is_empty()).then(|| Box::new(domains::reference(hrefs, &group.domain))),
        ..Default::default()
    }
}

/// The document of a group.
pub(super) fn own_group(hrefs: &Hrefs, one: &Group) -> types::Group {
    let mut document = group(hrefs, one);
    shared::decorate("GroupService", &hrefs.of("groups", one.id), one.id, &mut document);
    document
}

/// The lists below users that are followed.
pub(super) async fn lists(call: &Call, follow: &Follow, shown: &mut [types::User]) -> Result<(), Fault> {
    hung::permissions(call, follow, ObjectKind::User, shown, |one| &mut one.permissions).await?;
    hung::tags(call, follow, ObjectKind::User, shown, |one| &mut one.tags).await?;
    if let Some(below) = follow.at("roles") {
        let rows = held_roles(call, &ids_of(shown)).await?;
        hang(call, below, shown, |one| &mut one.roles, rows).await?;
    }
    if let Some(below) = follow.at("groups") {
        let found = call.engine().groups_of_users(&ids_of(shown)).await?;
        let rows = found.iter().map(|(user, group)| (user.to_string(), own_group(&call.hrefs, group))).collect();
        hang(call, below, shown, |one| &mut one.groups, rows).await?;
    }
    Ok(())
}

/// The lists below groups that are followed.
pub(super) async fn lists_of_groups(call: &Call, follow: &Follow, shown: &mut [types::Group]) -> Result<(), Fault> {
    hung::permissions(call, follow, ObjectKind::Group, shown, |one| &mut one.permissions).await?;
    hung::tags(call, follow, ObjectKind::Group, shown, |one| &mut one.tags).await?;
    if let Some(below) = follow.at("roles") {
        let rows = held_roles(call, &ids_of(shown)).await?;
        hang(call, below, shown, |one| &mut one.roles, rows).await?;
    }
    Ok(())
}

/// The roles that users or groups hold somewhere, each once.
async fn held_roles(call: &Call, holders: &[Uuid]) -> Result<Vec<(String, types::Role)>, Fault> {
    let grants = call.engine().permissions_of_each(holders).await?;
    let held: BTreeSet<(Uuid, RoleId)> = grants.iter().map(|grant| (hung::holder(grant), grant.role)).collect();
    let roles = call.engine().roles().await?;
    let row = |role: &Role, holder: &Uuid| {
        held.contains(&(*holder, role.id)).then(|| (holder.to_string(), roles::document(&call.hrefs, role)))
    };
    Ok(holders
        .iter()
        .flat_map(|holder| roles.iter().filter_map(|role| row(role, holder)).collect::<Vec<_>>())
        .collect())
}

#[cfg(test)]
mod tests {
    use ferrovirt_model::ids::UserId;
    use uuid::Uuid;

    use super::*;

    #[test]
    fn a_user_is_named_with_the_domain() {
        let text = |text: &str| text.to_owned();
        let jo = User {
            id: UserId(Uuid::nil()),
            name: text("jo"),
            domain: text("internal-authz"),
            domain_entry_id: text("7"),
            first_name: text("Jo"),
            last_name: text("Doe"),
            email: String::new(),
            department: String::new(),
            namespace: text("*"),
            principal: text("jo@internal"),
        };
        let document = own(&Hrefs::new("/api"), &jo);
        assert_eq!(document.user_name.as_deref(), Some("jo@internal-authz"));
        assert_eq!((document.name.as_deref(), document.principal.as_deref()), (Some("Jo"), Some("jo")));
        assert_eq!(document.domain.unwrap().name.as_deref(), Some("internal-authz"));
        let rels: Vec<_> = document.link.iter().filter_map(|link| link.rel.as_deref()).collect();
        assert!(rels.contains(&"permissions") && rels.contains(&"tags"), "{rels:?}");
        assert!(document.password.is_none());
    }
}
