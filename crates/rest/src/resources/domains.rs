//! Directory domains: the internal one, with its users and groups. An id is the domain's name in hexadecimal digits.

use ferrovirt_engine::sign_on::INTERNAL_DOMAIN;
use ferrovirt_model::ids::{GroupId, UserId};
use ferrovirt_model::permission::{Group, User};
use ferrovirt_wire::types;

use super::related::{hang, many, one};
use super::{shared, users};
use crate::api::call::Call;
use crate::api::fault::Fault;
use crate::api::follow::Follow;
use crate::api::hrefs::Hrefs;
use crate::api::links;
use crate::api::registry::{Answer, Registry};
use crate::door::ListQuery;

pub(crate) fn register(r: &mut Registry) {
    r.on("DomainsService", "list", list);
    r.on("DomainService", "get", get);
    r.on("DomainUsersService", "list", list_users);
    r.on("DomainUserService", "get", get_user);
    r.on("DomainGroupsService", "list", list_groups);
    r.on("DomainGroupService", "get", get_group);
}

/// The id of the domain with a name.
pub(crate) fn id_of(name: &str) -> String {
    name.bytes().map(|byte| format!("{byte:02X}")).collect()
}

/// A reference to a domain, with its name: clients read it from users.
pub(crate) fn reference(hrefs: &Hrefs, name: &str) -> types::Domain {
    let id = id_of(name);
    let mut reference: types::Domain = links::reference(hrefs.of("domains", &id), &id);
    reference.name = Some(name.to_owned());
    reference
}

fn known(call: &Call) -> Result<(), Fault> {
    let id = call.text_id("domain")?;
    if id.eq_ignore_ascii_case(&id_of(INTERNAL_DOMAIN)) { Ok(()) } else { Err(Fault::no_such("domain", id)) }
}

/// The document of the internal domain.
pub(super) fn document(hrefs: &Hrefs) -> types::Domain {
    let mut document = types::Domain { name: Some(INTERNAL_DOMAIN.to_owned()), ..Default::default() };
    let id = id_of(INTERNAL_DOMAIN);
    shared::decorate("DomainService", &hrefs.of("domains", &id), id, &mut document);
    document
}

async fn list(call: Call) -> Answer {
    many(&call, vec![document(&call.hrefs)]).await
}

async fn get(call: Call) -> Answer {
    known(&call)?;
    one(&call, document(&call.hrefs)).await
}

async fn list_users(call: Call) -> Answer {
    known(&call)?;
    let users = call.engine().list_users(&call.caller, &call.list_query()?, Some(true)).await?;
    many(&call, users.iter().map(|one| user(&call.hrefs, one)).collect()).await
}

async fn get_user(call: Call) -> Answer {
    known(&call)?;
    let found = call.engine().user(&call.caller, call.id::<UserId>("user")?).await?;
    one(&call, user(&call.hrefs, &found)).await
}

async fn list_groups(call: Call) -> Answer {
    known(&call)?;
    let groups = call.engine().list_groups(&call.caller, &call.list_query()?, true).await?;
    many(&call, groups.iter().map(|one| group(&call.hrefs, one)).collect()).await
}

async fn get_group(call: Call) -> Answer {
    known(&call)?;
    let found = call.engine().group(&call.caller, call.id::<GroupId>("group")?).await?;
    one(&call, group(&call.hrefs, &found)).await
}

/// A user as the domain has it.
fn user(hrefs: &Hrefs, from: &User) -> types::User {
    let mut document = users::user(hrefs, from);
    let href = hrefs.within("domains", id_of(INTERNAL_DOMAIN), "users", from.id);
    shared::decorate("DomainUserService", &href, from.id, &mut document);
    document
}

/// A group as the domain has it.
fn group(hrefs: &Hrefs, from: &Group) -> types::Group {
    let mut document = users::group(hrefs, from);
    let href = hrefs.within("domains", id_of(INTERNAL_DOMAIN), "groups", from.id);
    shared::decorate("DomainGroupService", &href, from.id, &mut document);
    document
}

/// The lists below the domain that are followed.
pub(super) async fn lists(call: &Call, follow: &Follow, shown: &mut [types::Domain]) -> Result<(), Fault> {
    let id = id_of(INTERNAL_DOMAIN);
    if let Some(below) = follow.at("users") {
        let found = call.engine().list_users(&call.caller, &ListQuery::all(), Some(true)).await?;
        let rows = found.iter().map(|one| (id.clone(), user(&call.hrefs, one))).collect();
        hang(call, below, shown, |one| &mut one.users, rows).await?;
    }
    if let Some(below) = follow.at("groups") {
        let found = call.engine().list_groups(&call.caller, &ListQuery::all(), true).await?;
        let rows = found.iter().map(|one| (id.clone(), group(&call.hrefs, one))).collect();
        hang(call, below, shown, |one| &mut one.groups, rows).await?;
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_id_is_the_name_in_hexadecimal_digits() {
        assert_eq!(id_of("internal-authz"), "696E7465726E616C2D617574687A");
    }
}
