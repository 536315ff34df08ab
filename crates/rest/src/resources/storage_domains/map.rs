//! Storage domains between the engine's terms and the wire's.

use ferrovirt_engine::actions::named::Named;
use ferrovirt_engine::actions::storage::{Create, Settings};
use ferrovirt_engine::reading::storage::DomainView;
use ferrovirt_model::ids::{HostId, StorageConnectionId, StorageDomainId};
use ferrovirt_model::refusal::Refusal;
use ferrovirt_model::storage::{Disk, DomainClass, DomainStatus, StorageConnection, StorageKind};
use ferrovirt_wire::{List, Word, types};
use uuid::Uuid;

use crate::api::fault::Fault;
use crate::api::hrefs::Hrefs;
use crate::api::links;
use crate::resources::shared::{decorate, filled, number, read_id, word};

/// A domain as it stands alone. Its status shows only as long as it belongs to no data centre.
pub(crate) fn to_wire(hrefs: &Hrefs, view: &DomainView) -> types::StorageDomain {
    let mut shown = plain(hrefs, view);
    if view.domain.attachment.is_none() {
        shown.status = status(view.status);
    }
    let id = view.domain.id;
    decorate("StorageDomainService", &hrefs.of("storagedomains", id), id, &mut shown);
    shown
}

/// A domain as it stands in its data centre.
pub(crate) fn attached(hrefs: &Hrefs, view: &DomainView) -> types::StorageDomain {
    let mut shown = plain(hrefs, view);
    shown.status = status(view.status);
    let id = view.domain.id;
    let Some(attachment) = &view.domain.attachment else { return to_wire(hrefs, view) };
    let place = attachment.data_center;
    shown.data_center = Some(Box::new(links::reference(hrefs.of("datacenters", place), place)));
    let href = hrefs.within("datacenters", place, "storagedomains", id);
    decorate("AttachedStorageDomainService", &href, id, &mut shown);
    shown
}

fn status(status: DomainStatus) -> Option<types::StorageDomainStatus> {
    word(status.as_str())
}

fn plain(hrefs: &Hrefs, view: &DomainView) -> types::StorageDomain {
    let domain = &view.domain;
    let place = domain.attachment.as_ref().map(|attachment| attachment.data_center);
    let places: Vec<types::DataCenter> =
        place.into_iter().map(|id| links::reference(hrefs.of("datacenters", id), id)).collect();
    types::StorageDomain {
        name: Some(domain.name.clone()),
        description: Some(domain.description.clone()),
        comment: Some(domain.comment.clone()),
        available: domain.available.and_then(number),
        backup: Some(domain.backup),
        block_size: Some(512),
        committed: number(domain.committed),
        critical_space_action_blocker: Some(i64::from(domain.critical_space_gib)),
        discard_after_delete: Some(domain.discard_after_delete),
        external_status: Some(types::ExternalStatus::Ok),
        master: Some(domain.attachment.as_ref().is_some_and(|attachment| attachment.master)),
        storage: Some(Box::new(storage(&domain.connection))),
        storage_format: word(&domain.format),
        supports_discard: Some(false),
        supports_discard_zeroes_data: Some(false),
        r#type: word(domain.class.as_str()),
        used: domain.used.and_then(number),
        warning_low_space_indicator: Some(i64::from(domain.warning_low_space_percent)),
        wipe_after_delete: Some(domain.wipe_after_delete),
        data_centers: (!places.is_empty()).then(|| List::from(places)),
        ..Default::default()
    }
}

fn storage(connection: &StorageConnection) -> types::HostStorage {
    types::HostStorage {
        address: filled(&connection.address),
        mount_options: filled(&connection.mount_options),
        nfs_retrans: connection.nfs_retransmissions.and_then(number),
        nfs_timeo: connection.nfs_timeout.and_then(number),
        nfs_version: word(&connection.nfs_version).filter(|_| connection.kind == StorageKind::Nfs),
        path: filled(&connection.path),
        r#type: word(connection.kind.as_str()),
        vfs_type: filled(&connection.vfs_type),
        ..Default::default()
    }
}

/// An ISO image of a domain, which is a disk.
pub(super) fn file(hrefs: &Hrefs, domain: StorageDomainId, disk: &Disk) -> types::File {
    types::File {
        id: Some(disk.id.to_string()),
        href: Some(hrefs.within("storagedomains", domain, "files", disk.id)),
        name: Some(disk.alias.clone()),
        r#type: Some("iso".to_owned()),
        storage_domain: Some(Box::new(links::reference(hrefs.of("storagedomains", domain), domain))),
        ..Default::default()
    }
}

/// A request for a new domain.
pub(super) fn create(body: &types::StorageDomain, host: Named<HostId>) -> Result<Create, Fault> {
    let class = body.r#type.and_then(|class| DomainClass::parse(class.as_str()));
    let class = class.ok_or_else(|| {
        let given = body.r#type.map_or("", Word::as_str);
        Fault::from(Refusal::bad_value("type", given, "data, iso or export can be made"))
    })?;
    let storage = body.storage.as_deref().ok_or_else(|| Fault::incomplete("StorageDomain", "storage", "add"))?;
    Ok(Create {
        id: read_id("StorageDomain", body.id.as_deref())?,
        name: body.name.clone().unwrap_or_default(),
        description: body.description.clone().unwrap_or_default(),
        comment: body.comment.clone().unwrap_or_default(),
        class,
        connection: connection(storage)?,
        host,
        wipe_after_delete: body.wipe_after_delete.unwrap_or(false),
        discard_after_delete: body.discard_after_delete.unwrap_or(false),
        backup: body.backup.unwrap_or(false),
        warning_low_space_percent: whole("warning_low_space_indicator", body.warning_low_space_indicator)?,
        critical_space_gib: whole("critical_space_action_blocker", body.critical_space_action_blocker)?,
        block_size: whole("block_size", body.block_size)?.unwrap_or(0),
    })
}

fn connection(storage: &types::HostStorage) -> Result<StorageConnection, Fault> {
    if storage.id.is_some() {
        return Err(Fault::not_served("StorageDomainsService.add (on a connection that is there already)"));
    }
    let kind = storage.r#type.ok_or_else(|| Fault::incomplete("StorageDomain", "storage.type", "add"))?;
    let kind = StorageKind::parse(kind.as_str()).ok_or_else(|| {
        let why = "this version serves localfs, posixfs and nfs";
        Fault::from(Refusal::bad_value("storage.type", kind.as_str(), why))
    })?;
    let text = |text: &Option<String>| text.clone().unwrap_or_default();
    Ok(StorageConnection {
        id: StorageConnectionId(Uuid::nil()),
        kind,
        address: text(&storage.address),
        path: text(&storage.path),
        vfs_type: text(&storage.vfs_type),
        mount_options: text(&storage.mount_options),
        nfs_version: storage.nfs_version.map_or("auto", Word::as_str).to_owned(),
        nfs_timeout: whole("storage.nfs_timeo", storage.nfs_timeo)?,
        nfs_retransmissions: whole("storage.nfs_retrans", storage.nfs_retrans)?,
    })
}

/// A request for other settings of a domain.
pub(super) fn settings(body: &types::StorageDomain) -> Result<Settings, Fault> {
    Ok(Settings {
        name: body.name.clone(),
        description: body.description.clone(),
        comment: body.comment.clone(),
        wipe_after_delete: body.wipe_after_delete,
        discard_after_delete: body.discard_after_delete,
        backup: body.backup,
        warning_low_space_percent: whole("warning_low_space_indicator", body.warning_low_space_indicator)?,
        critical_space_gib: whole("critical_space_action_blocker", body.critical_space_action_blocker)?,
    })
}

fn whole(field: &'static str, value: Option<i64>) -> Result<Option<u32>, Fault> {
    let read = |value: i64| {
        u32::try_from(value).map_err(|_| Fault::from(Refusal::bad_value(field, value, "it must not be negative")))
    };
    value.map(read).transpose()
}

#[cfg(test)]
mod tests {
    use ferrovirt_model::ids::DataCenterId;
    use ferrovirt_model::storage::{DomainAttachment, DomainIntent};

    use super::*;

    fn body(kind: types::StorageType) -> types::StorageDomain {
        let storage = types::HostStorage {
            r#type: Some(kind),
            path: Some("/export".to_owned()),
            address: Some("nfs.test".to_owned()),
            ..Default::default()
        };
        types::StorageDomain {
            name: Some("data".to_owned()),
            r#type: Some(types::StorageDomainType::Data),
            storage: Some(Box::new(storage)),
            ..Default::default()
        }
    }

    #[test]
    fn what_is_made_reads_back() {
        let create = self::create(&body(types::StorageType::Nfs), Named::Name("host".to_owned())).unwrap();
        assert_eq!((create.connection.kind, create.connection.nfs_version.as_str()), (StorageKind::Nfs, "auto"));
        let mut view = DomainView { status: DomainStatus::Unattached, domain: create_domain(&create) };
        let hrefs = Hrefs::new("/ovirt-engine/api");
        let shown = to_wire(&hrefs, &view);
        assert_eq!(shown.status, Some(types::StorageDomainStatus::Unattached));
        assert_eq!(shown.storage.as_ref().and_then(|storage| storage.path.as_deref()), Some("/export"));
        let place = DataCenterId(Uuid::from_u128(9));
        view.domain.attachment =
            Some(DomainAttachment { data_center: place, intent: DomainIntent::Active, ready: true, master: true });
        view.status = DomainStatus::Active;
        assert_eq!(to_wire(&hrefs, &view).status, None, "alone, an attached domain shows no status");
        let shown = attached(&hrefs, &view);
        assert_eq!((shown.status, shown.master), (Some(types::StorageDomainStatus::Active), Some(true)));
        let href = format!("/ovirt-engine/api/datacenters/{place}/storagedomains/{}", view.domain.id);
        assert_eq!(shown.href, Some(href));
    }

    #[test]
    fn other_kinds_are_refused_clearly() {
        let refused = self::create(&body(types::StorageType::Iscsi), Named::Name("host".to_owned())).unwrap_err();
        assert!(refused.detail.contains("localfs, posixfs and nfs"), "{}", refused.detail);
    }

    fn create_domain(create: &Create) -> ferrovirt_model::storage::StorageDomain {
        ferrovirt_model::storage::StorageDomain {
            id: StorageDomainId(Uuid::from_u128(1)),
            name: create.name.clone(),
            description: String::new(),
            comment: String::new(),
            class: create.class,
            connection: create.connection.clone(),
            format: "v5".to_owned(),
            wipe_after_delete: false,
            discard_after_delete: false,
            backup: false,
            warning_low_space_percent: 10,
            critical_space_gib: 5,
            attachment: None,
            lock: None,
            available: Some(1),
            used: Some(2),
            committed: 0,
        }
    }
}
