//! The object in whose path a collection stands that hangs below many kinds: permissions, tags. Refuses to know whether
//! the object is there.

use ferrovirt_model::ids::{ObjectKind, ObjectRef};
use ferrovirt_wire::types;
use uuid::Uuid;

use super::shared;
use crate::api::call::Call;
use crate::api::fault::Fault;
use crate::api::hrefs::Hrefs;
use crate::api::links;

/// The kinds by the segment of their collection.
const SEGMENTS: &[(&str, ObjectKind)] = &[
    ("datacenters", ObjectKind::DataCenter),
    ("clusters", ObjectKind::Cluster),
    ("hosts", ObjectKind::Host),
    ("vms", ObjectKind::Vm),
    ("templates", ObjectKind::Template),
    ("disks", ObjectKind::Disk),
    ("storagedomains", ObjectKind::StorageDomain),
    ("networks", ObjectKind::Network),
    ("vnicprofiles", ObjectKind::VnicProfile),
    ("macpools", ObjectKind::MacPool),
    ("cpuprofiles", ObjectKind::CpuProfile),
    ("diskprofiles", ObjectKind::DiskProfile),
    ("users", ObjectKind::User),
    ("groups", ObjectKind::Group),
];

/// The object whose collection `segment` was asked, or one of whose items: `/vms/{id}/permissions/…`. `None` at the root.
pub(crate) fn owner(call: &Call, segment: &str) -> Result<Option<ObjectRef>, Fault> {
    let below = call.href.strip_prefix(call.hrefs.base()).unwrap_or(&call.href);
    owner_in(below, segment)
}

fn owner_in(path: &str, segment: &str) -> Result<Option<ObjectRef>, Fault> {
    let segments: Vec<&str> = path.split('/').filter(|part| !part.is_empty()).collect();
    let Some(at) = segments.iter().rposition(|part| *part == segment) else { return Ok(None) };
    let [.., collection, id] = segments.get(..at).unwrap_or_default() else { return Ok(None) };
    let kind = SEGMENTS.iter().find(|(known, _)| known == collection).map(|(_, kind)| *kind);
    // Pools, quotas and bonds are not served, so there is none.
    let kind = kind.ok_or_else(Fault::not_found)?;
    let id: Uuid = id.parse().map_err(|_| Fault::no_such(collection, id))?;
    Ok(Some(ObjectRef { kind, id }))
}

/// The same, where the collection always hangs below an object.
pub(crate) fn owner_of(call: &Call, segment: &str) -> Result<ObjectRef, Fault> {
    owner(call, segment)?.ok_or_else(Fault::not_found)
}

/// The href of an object of a kind that has a collection at the root.
pub(crate) fn href(hrefs: &Hrefs, object: ObjectRef) -> Option<String> {
    let (segment, _) = SEGMENTS.iter().find(|(_, kind)| *kind == object.kind)?;
    Some(hrefs.of(segment, object.id))
}

/// A boxed reference to an object.
pub(crate) fn reference<T: links::Entity>(hrefs: &Hrefs, object: ObjectRef) -> Option<Box<T>> {
    Some(Box::new(links::reference(href(hrefs, object)?, object.id)))
}

/// The object that an event or grant names in its body, by kind; ids alone, as clients send them.
pub(crate) fn named_in(
    vm: Option<&types::Vm>,
    host: Option<&types::Host>,
    template: Option<&types::Template>,
    cluster: Option<&types::Cluster>,
    data_center: Option<&types::DataCenter>,
    storage_domain: Option<&types::StorageDomain>,
) -> Result<Vec<ObjectRef>, Fault> {
    let asked = [
        (ObjectKind::Vm, vm.and_then(|one| one.id.as_deref())),
        (ObjectKind::Host, host.and_then(|one| one.id.as_deref())),
        (ObjectKind::Template, template.and_then(|one| one.id.as_deref())),
        (ObjectKind::Cluster, cluster.and_then(|one| one.id.as_deref())),
        (ObjectKind::DataCenter, data_center.and_then(|one| one.id.as_deref())),
        (ObjectKind::StorageDomain, storage_domain.and_then(|one| one.id.as_deref())),
    ];
    let mut found = Vec::new();
    for (kind, id) in asked {
        if let Some(id) = id {
            found.push(ObjectRef { kind, id: shared::body_id(kind.as_str(), id)? });
        }
    }
    Ok(found)
}

#[cfg(test)]
mod tests {
    use super::*;

    const ID: &str = "11111111-2222-3333-4444-555555555555";

    #[test]
    fn the_owner_is_the_object_right_before_the_collection() {
        let owner = |path: String| owner_in(&path, "permissions").unwrap();
        assert_eq!(owner("/permissions".to_owned()), None);
        assert_eq!(owner(format!("/permissions/{ID}")), None);
        let vm = Some(ObjectRef { kind: ObjectKind::Vm, id: ID.parse().unwrap() });
        assert_eq!(owner(format!("/vms/{ID}/permissions")), vm);
        assert_eq!(owner(format!("/vms/{ID}/permissions/{ID}")), vm);
        let deep = owner(format!("/datacenters/{ID}/clusters/{ID}/permissions"));
        assert_eq!(deep.map(|object| object.kind), Some(ObjectKind::Cluster));
        assert!(owner_in(&format!("/vmpools/{ID}/permissions"), "permissions").is_err());
        assert!(owner_in("/vms/web/permissions", "permissions").is_err());
    }
}
