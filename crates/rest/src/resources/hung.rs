//! Grants and tags that hang on objects, for links that are followed: one read for all objects, whatever their number.
//! Refuses to know who may see an object: it is asked only for objects that the caller sees.

use std::collections::HashMap;

use ferrovirt_model::ids::{ObjectKind, ObjectRef, RoleId, UserId};
use ferrovirt_model::permission::{Permission, Principal};
use ferrovirt_wire::{List, types};
use uuid::Uuid;

use super::{owners, permissions, roles, tags, users};
use crate::api::call::Call;
use crate::api::fault::Fault;
use crate::api::follow::{Batch, Follow, distinct};

/// What hangs on objects of one kind, as far as the request follows it.
#[derive(Default)]
pub(crate) struct Hung {
    permissions: Option<HashMap<Uuid, Vec<types::Permission>>>,
    tags: Option<HashMap<Uuid, Vec<types::Tag>>>,
}

impl Hung {
    /// Reads what is followed below the objects.
    pub(crate) async fn read(
        call: &Call,
        follow: &Follow,
        kind: ObjectKind,
        objects: impl IntoIterator<Item = Uuid>,
    ) -> Result<Self, Fault> {
        let mut hung = Self::default();
        if follow.is_empty() {
            return Ok(hung);
        }
        let objects: Vec<Uuid> = objects.into_iter().collect();
        if let Some(below) = follow.at("permissions") {
            hung.permissions = Some(grants(call, below, kind, &objects).await?);
        }
        if follow.wants("tags") {
            hung.tags = Some(assigned(call, kind, &objects).await?);
        }
        Ok(hung)
    }

    /// The grants on an object; nothing where they are not followed.
    pub(crate) fn permissions(&mut self, object: impl Into<Uuid>) -> Option<List<types::Permission>> {
        let all = self.permissions.as_mut()?;
        Some(List::from(all.remove(&object.into()).unwrap_or_default()))
    }

    /// The tags of an object; nothing where they are not followed.
    pub(crate) fn tags(&mut self, object: impl Into<Uuid>) -> Option<List<types::Tag>> {
        let all = self.tags.as_mut()?;
        Some(List::from(all.remove(&object.into()).unwrap_or_default()))
    }
}

async fn grants(
    call: &Call,
    below: &Follow,
    kind: ObjectKind,
    objects: &[Uuid],
) -> Result<HashMap<Uuid, Vec<types::Permission>>, Fault> {
    let found = call.engine().permissions_on_each(objects).await?;
    let roles: HashMap<RoleId, types::Role> = match below.at("role") {
        Some(below) => {
            let all = call.engine().roles().await?;
            all.iter().map(|role| (role.id, roles::document(&call.hrefs, below, role))).collect()
        }
        None => HashMap::new(),
    };
    let users = match below.wants("user") {
        true => call.engine().users(&call.caller, &distinct(found.iter().filter_map(holder))).await?,
        false => Vec::new(),
    };
    let users = Batch::by(users, |user| user.id);
    let mut sorted: HashMap<Uuid, Vec<types::Permission>> = HashMap::new();
    for grant in &found {
        let href = below_object(call, kind, grant.object.id, "permissions", grant.id);
        let mut document = permissions::document(&call.hrefs, &href, grant);
        if let Some(role) = roles.get(&grant.role) {
            document.role = Some(Box::new(role.clone()));
        }
        if let Some(user) = holder(grant).and_then(|id| users.one(&id)) {
            document.user = Some(Box::new(users::own(&call.hrefs, user)));
        }
        sorted.entry(grant.object.id).or_default().push(document);
    }
    Ok(sorted)
}

fn holder(grant: &Permission) -> Option<UserId> {
    match grant.principal {
        Principal::User(id) => Some(id),
        Principal::Group(_) => None,
    }
}

async fn assigned(call: &Call, kind: ObjectKind, objects: &[Uuid]) -> Result<HashMap<Uuid, Vec<types::Tag>>, Fault> {
    let found = call.engine().tags_of_each(objects).await?;
    let present = |(id, own): (Uuid, Vec<ferrovirt_model::tag::Tag>)| {
        let object = ObjectRef { kind, id };
        let shown = own.iter().map(|tag| {
            let href = below_object(call, kind, id, "tags", tag.id);
            tags::assigned(&call.hrefs, object, &href, tag)
        });
        (id, shown.collect())
    };
    Ok(found.into_iter().map(present).collect())
}

fn below_object(call: &Call, kind: ObjectKind, object: Uuid, rel: &str, id: impl std::fmt::Display) -> String {
    let base = owners::href(&call.hrefs, ObjectRef { kind, id: object }).unwrap_or_default();
    format!("{base}/{rel}/{id}")
}
