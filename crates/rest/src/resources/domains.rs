//! Directory domains: the internal one, with its users and groups. An id is the domain's name in hexadecimal digits.

use ferrovirt_engine::sign_on::INTERNAL_DOMAIN;
use ferrovirt_model::ids::{GroupId, UserId};
use ferrovirt_wire::{List, types};

use super::{shared, users};
use crate::api::call::Call;
use crate::api::fault::Fault;
use crate::api::hrefs::Hrefs;
use crate::api::links;
use crate::api::registry::{Answer, Registry};
use crate::api::reply::Reply;

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

fn document(hrefs: &Hrefs) -> types::Domain {
    let mut document = types::Domain { name: Some(INTERNAL_DOMAIN.to_owned()), ..Default::default() };
    let id = id_of(INTERNAL_DOMAIN);
    shared::decorate("DomainService", &hrefs.of("domains", &id), id, &mut document);
    document
}

async fn list(call: Call) -> Answer {
    Ok(Reply::ok(List::from(vec![document(&call.hrefs)])))
}

async fn get(call: Call) -> Answer {
    known(&call)?;
    Ok(Reply::ok(document(&call.hrefs)))
}

async fn list_users(call: Call) -> Answer {
    known(&call)?;
    let users = call.engine().list_users(&call.caller, &call.list_query()?, Some(true)).await?;
    let users = users.iter().map(|user| {
        let mut document = users::user(&call.hrefs, user);
        shared::decorate("DomainUserService", &call.item_href(user.id), user.id, &mut document);
        document
    });
    Ok(Reply::ok(users.collect::<List<_>>()))
}

async fn get_user(call: Call) -> Answer {
    known(&call)?;
    let user = call.engine().user(&call.caller, call.id::<UserId>("user")?).await?;
    let mut document = users::user(&call.hrefs, &user);
    shared::decorate("DomainUserService", &call.href, user.id, &mut document);
    Ok(Reply::ok(document))
}

async fn list_groups(call: Call) -> Answer {
    known(&call)?;
    let groups = call.engine().list_groups(&call.caller, &call.list_query()?, true).await?;
    let groups = groups.iter().map(|group| {
        let mut document = users::group(&call.hrefs, group);
        shared::decorate("DomainGroupService", &call.item_href(group.id), group.id, &mut document);
        document
    });
    Ok(Reply::ok(groups.collect::<List<_>>()))
}

async fn get_group(call: Call) -> Answer {
    known(&call)?;
    let group = call.engine().group(&call.caller, call.id::<GroupId>("group")?).await?;
    let mut document = users::group(&call.hrefs, &group);
    shared::decorate("DomainGroupService", &call.href, group.id, &mut document);
    Ok(Reply::ok(document))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_id_is_the_name_in_hexadecimal_digits() {
        assert_eq!(id_of("internal-authz"), "696E7465726E616C2D617574687A");
    }
}
