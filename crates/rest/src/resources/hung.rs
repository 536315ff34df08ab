//! Grants and tags that hang on objects, for links that are followed: one read for all objects, whatever their number.
//! Refuses to know who may see an object: it is asked only for objects that the caller sees.

use ferrovirt_model::ids::{ObjectKind, ObjectRef};
use ferrovirt_model::permission::{Permission, Principal};
use ferrovirt_wire::{List, types};
use uuid::Uuid;

use super::related::{hang, ids_of};
use super::{owners, permissions, tags};
use crate::api::call::Call;
use crate::api::fault::Fault;
use crate::api::follow::Follow;
use crate::api::links::Entity;

/// Puts grants into the documents of objects of one kind, where they are followed: those on the objects, and those that
/// users and groups hold.
pub(crate) async fn permissions<P: Entity + Send>(
    call: &Call,
    follow: &Follow,
    kind: ObjectKind,
    shown: &mut [P],
    place: fn(&mut P) -> &mut Option<List<types::Permission>>,
) -> Result<(), Fault> {
    let Some(below) = follow.at("permissions") else { return Ok(()) };
    let ids: Vec<Uuid> = ids_of(shown);
    let held = matches!(kind, ObjectKind::User | ObjectKind::Group);
    let found = match held {
        true => call.engine().permissions_of_each(&ids).await?,
        false => call.engine().permissions_on_each(&ids).await?,
    };
    let row = |grant: &Permission| {
        let owner = if held { holder(grant) } else { grant.object.id };
        let href = below_object(call, kind, owner, "permissions", grant.id);
        (owner.to_string(), permissions::document(&call.hrefs, &href, grant))
    };
    hang(call, below, shown, place, found.iter().map(row).collect()).await
}

/// Puts tags into the documents of objects of one kind, where they are followed.
pub(crate) async fn tags<P: Entity + Send>(
    call: &Call,
    follow: &Follow,
    kind: ObjectKind,
    shown: &mut [P],
    place: fn(&mut P) -> &mut Option<List<types::Tag>>,
) -> Result<(), Fault> {
    let Some(below) = follow.at("tags") else { return Ok(()) };
    let found = call.engine().tags_of_each(&ids_of(shown)).await?;
    let mut rows = Vec::new();
    for (id, own) in &found {
        for tag in own {
            let href = below_object(call, kind, *id, "tags", tag.id);
            rows.push((id.to_string(), tags::assigned(&call.hrefs, ObjectRef { kind, id: *id }, &href, tag)));
        }
    }
    hang(call, below, shown, place, rows).await
}

/// The id of whoever holds a grant.
pub(crate) fn holder(grant: &Permission) -> Uuid {
    match grant.principal {
        Principal::User(id) => id.0,
        Principal::Group(id) => id.0,
    }
}

fn below_object(call: &Call, kind: ObjectKind, object: Uuid, rel: &str, id: impl std::fmt::Display) -> String {
    let base = owners::href(&call.hrefs, ObjectRef { kind, id: object }).unwrap_or_default();
    format!("{base}/{rel}/{id}")
}
