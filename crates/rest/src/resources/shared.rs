//! Small things that the mappings of all areas use: words, versions, references by id or name.

use std::str::FromStr;

use ferrovirt_engine::actions::named::Named;
use ferrovirt_model::ids::StorageDomainId;
use ferrovirt_wire::{tree, types};
use uuid::Uuid;

use crate::api::fault::Fault;
use crate::api::links::{self, Entity};

/// A word of ours in the wire's list of words; unknown ones are left out.
pub(crate) fn word<T: FromStr>(text: &str) -> Option<T> {
    text.parse().ok()
}

/// A text, unless it is empty.
pub(crate) fn filled(text: &str) -> Option<String> {
    (!text.is_empty()).then(|| text.to_owned())
}

/// A number as the wire has it; larger ones than it can hold don't occur.
pub(crate) fn number(value: impl TryInto<i64>) -> Option<i64> {
    value.try_into().ok()
}

/// A compatibility level.
pub(crate) fn level((major, minor): (u32, u32)) -> types::Version {
    types::Version { major: number(major), minor: number(minor), ..Default::default() }
}

/// A compatibility level as the client gives it; both numbers are needed.
pub(crate) fn read_level(version: Option<&types::Version>) -> Option<(u32, u32)> {
    let version = version?;
    Some((u32::try_from(version.major?).ok()?, u32::try_from(version.minor?).ok()?))
}

/// Reads a reference by id or name; what has neither names nothing.
pub(crate) fn read_reference<Id: FromStr>(
    kind: &'static str,
    id: Option<&str>,
    name: Option<&str>,
) -> Result<Option<Named<Id>>, Fault> {
    match (id, name) {
        (Some(id), _) => body_id(kind, id).map(|id| Some(Named::Id(id))),
        (None, Some(name)) => Ok(Some(Named::Name(name.to_owned()))),
        (None, None) => Ok(None),
    }
}

/// Reads a reference to a storage domain.
pub(crate) fn domain_reference(domain: &types::StorageDomain) -> Result<Option<Named<StorageDomainId>>, Fault> {
    read_reference("StorageDomain", domain.id.as_deref(), domain.name.as_deref())
}

/// Reads an id inside a body.
pub(crate) fn read_id<Id: FromStr>(kind: &'static str, id: Option<&str>) -> Result<Option<Id>, Fault> {
    id.map(|id| body_id(kind, id)).transpose()
}

/// What stands for an id in a body and can't be one: the request is wrong, whatever there is. (In a path, it names nothing.)
pub(crate) fn body_id<Id: FromStr>(kind: &str, id: &str) -> Result<Id, Fault> {
    id.parse().map_err(|_| Fault::bad_parameter("id", id, &format!("the id of a {kind}")))
}

/// Gives an entity its id, href, links and actions by the name of its service.
pub(crate) fn decorate<T: Entity>(service: &'static str, href: &str, id: impl std::fmt::Display, entity: &mut T) {
    match tree::service(service) {
        Some(service) => links::decorate(service, href, id, entity),
        None => entity.identify(id.to_string(), href.to_owned()),
    }
}

/// An id that follows from other ids and words: for things that have no row of their own.
pub(crate) fn derived_id(space: Uuid, name: &str) -> Uuid {
    Uuid::new_v5(&space, name.as_bytes())
}
