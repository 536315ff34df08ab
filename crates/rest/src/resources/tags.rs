//! Tags, and the tags of VMs, hosts, templates, users and groups.

use ferrovirt_engine::actions::named::Named;
use ferrovirt_engine::actions::tag::{Add, Assign, Remove, Unassign, Update};
use ferrovirt_model::ids::{ObjectKind, ObjectRef, TagId};
use ferrovirt_model::tag::Tag;
use ferrovirt_wire::types;

use super::related::{many, one};
use super::{owners, shared};
use crate::api::call::Call;
use crate::api::fault::Fault;
use crate::api::hrefs::Hrefs;
use crate::api::links;
use crate::api::registry::{Answer, Registry};
use crate::api::reply::Reply;

pub(crate) fn register(r: &mut Registry) {
    r.on("TagsService", "list", list);
    r.on("TagsService", "add", add);
    r.on("TagService", "get", get);
    r.on("TagService", "update", update);
    r.on("TagService", "remove", remove);
    r.on("AssignedTagsService", "list", list_assigned);
    r.on("AssignedTagsService", "add", assign);
    r.on("AssignedTagService", "get", get_assigned);
    r.on("AssignedTagService", "remove", unassign);
}

async fn list(call: Call) -> Answer {
    let tags = call.engine().tags(&call.caller).await?;
    many(&call, tags.iter().map(|tag| own(&call.hrefs, tag)).collect()).await
}

async fn add(call: Call) -> Answer {
    let body: types::Tag = call.body()?;
    call.require("Tag", "name", body.name.is_some())?;
    let add = Add {
        name: body.name.clone().unwrap_or_default(),
        description: body.description.clone().unwrap_or_default(),
        parent: reference(body.parent.as_deref())?,
    };
    let tag = call.engine().act(&call.caller, add).await?.value;
    Ok(Reply::created(call.item_href(tag.id), own(&call.hrefs, &tag)))
}

async fn get(call: Call) -> Answer {
    let tag = call.engine().tag(&call.caller, call.id("tag")?).await?;
    one(&call, own(&call.hrefs, &tag)).await
}

async fn update(call: Call) -> Answer {
    let body: types::Tag = call.body()?;
    let parent = reference(body.parent.as_deref())?;
    let update = Update::new(call.id("tag")?, body.name, body.description, parent);
    let tag = call.engine().act(&call.caller, update).await?.value;
    Ok(Reply::ok(own(&call.hrefs, &tag)))
}

async fn remove(call: Call) -> Answer {
    call.engine().act(&call.caller, Remove::new(call.id("tag")?)).await?;
    Ok(Reply::removed())
}

async fn list_assigned(call: Call) -> Answer {
    let object = owners::owner_of(&call, "tags")?;
    let tags = call.engine().tags_of(&call.caller, object).await?;
    let tags = tags.iter().map(|tag| assigned(&call.hrefs, object, &call.item_href(tag.id), tag));
    many(&call, tags.collect()).await
}

async fn assign(call: Call) -> Answer {
    let object = owners::owner_of(&call, "tags")?;
    let body: types::Tag = call.body()?;
    let tag = reference(Some(&body))?.ok_or_else(|| Fault::incomplete("Tag", "id|name", "add"))?;
    let tag = call.engine().act(&call.caller, Assign::new(tag, object)).await?.value;
    let href = call.item_href(tag.id);
    let document = assigned(&call.hrefs, object, &href, &tag);
    Ok(Reply::created(href, document))
}

async fn get_assigned(call: Call) -> Answer {
    let object = owners::owner_of(&call, "tags")?;
    let id: TagId = call.id("tag")?;
    let tags = call.engine().tags_of(&call.caller, object).await?;
    let tag = tags.iter().find(|tag| tag.id == id).ok_or_else(|| Fault::no_such("tag", &id.to_string()))?;
    one(&call, assigned(&call.hrefs, object, &call.href, tag)).await
}

async fn unassign(call: Call) -> Answer {
    let object = owners::owner_of(&call, "tags")?;
    call.engine().act(&call.caller, Unassign::new(call.id("tag")?, object)).await?;
    Ok(Reply::removed())
}

fn reference(tag: Option<&types::Tag>) -> Result<Option<Named<TagId>>, Fault> {
    let Some(tag) = tag else { return Ok(None) };
    shared::read_reference("tag", tag.id.as_deref(), tag.name.as_deref())
}

fn document(hrefs: &Hrefs, tag: &Tag) -> types::Tag {
    types::Tag {
        name: Some(tag.name.clone()),
        description: Some(tag.description.clone()),
        parent: tag.parent.map(|parent| Box::new(links::reference(hrefs.of("tags", parent), parent))),
        ..Default::default()
    }
}

/// The document of a tag.
pub(super) fn own(hrefs: &Hrefs, tag: &Tag) -> types::Tag {
    let mut document = document(hrefs, tag);
    shared::decorate("TagService", &hrefs.of("tags", tag.id), tag.id, &mut document);
    document
}

/// A tag as it hangs on an object.
pub(crate) fn assigned(hrefs: &Hrefs, object: ObjectRef, href: &str, tag: &Tag) -> types::Tag {
    let mut document = document(hrefs, tag);
    match object.kind {
        ObjectKind::Vm => document.vm = owners::reference(hrefs, object),
        ObjectKind::Host => document.host = owners::reference(hrefs, object),
        ObjectKind::Template => document.template = owners::reference(hrefs, object),
        ObjectKind::User => document.user = owners::reference(hrefs, object),
        ObjectKind::Group => document.group = owners::reference(hrefs, object),
        _ => {}
    }
    shared::decorate("AssignedTagService", href, tag.id, &mut document);
    document
}
