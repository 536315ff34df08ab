//! Disks between the engine's terms and the wire's.

use ferrovirt_engine::actions::disk::{NewDisk, Settings};
use ferrovirt_engine::actions::named::Named;
use ferrovirt_engine::actions::template::DiskWish;
use ferrovirt_engine::reading::disks::DiskView;
use ferrovirt_model::ids::StorageDomainId;
use ferrovirt_model::refusal::Refusal;
use ferrovirt_model::storage::{DiskContent, DiskFormat, DiskState};
use ferrovirt_wire::{List, Word, types};

use crate::api::fault::Fault;
use crate::api::hrefs::Hrefs;
use crate::api::links;
use crate::resources::shared::{decorate, number, read_id};

/// A disk.
pub(crate) fn to_wire(hrefs: &Hrefs, view: &DiskView) -> types::Disk {
    let disk = &view.disk;
    let volume = disk.volume.as_ref();
    let actual = volume.map(|volume| volume.actual_size);
    let domain: Option<types::StorageDomain> =
        volume.map(|volume| links::reference(hrefs.of("storagedomains", volume.domain), volume.domain));
    let locked = disk.lock.is_some() || disk.state == DiskState::Locked;
    let mut shown = types::Disk {
        name: Some(disk.alias.clone()),
        description: Some(disk.description.clone()),
        actual_size: actual.and_then(number),
        alias: Some(disk.alias.clone()),
        backup: Some(match disk.incremental_backup {
            true => types::DiskBackup::Incremental,
            false => types::DiskBackup::None,
        }),
        content_type: Some(match disk.content {
            DiskContent::Data => types::DiskContentType::Data,
            DiskContent::Iso => types::DiskContentType::Iso,
        }),
        format: Some(format(disk.format)),
        image_id: volume.map(|volume| volume.id.to_string()),
        propagate_errors: Some(disk.propagate_errors),
        provisioned_size: number(disk.provisioned_size),
        qcow_version: (disk.format == DiskFormat::Qcow2).then_some(types::QcowVersion::Qcow2V3),
        shareable: Some(disk.shareable),
        sparse: Some(disk.sparse),
        status: Some(match disk.state {
            _ if locked => types::DiskStatus::Locked,
            DiskState::Illegal => types::DiskStatus::Illegal,
            DiskState::Ok | DiskState::Locked => types::DiskStatus::Ok,
        }),
        storage_type: Some(types::DiskStorageType::Image),
        total_size: actual.and_then(number),
        wipe_after_delete: Some(disk.wipe_after_delete),
        disk_profile: view.profile.map(|id| Box::new(links::reference(hrefs.of("diskprofiles", id), id))),
        storage_domains: domain.map(|domain| List::from(vec![domain])),
        ..Default::default()
    };
    decorate("DiskService", &hrefs.of("disks", disk.id), disk.id, &mut shown);
    shown
}

/// A disk format; the wire calls qcow2 cow.
pub(crate) fn format(format: DiskFormat) -> types::DiskFormat {
    match format {
        DiskFormat::Raw => types::DiskFormat::Raw,
        DiskFormat::Qcow2 => types::DiskFormat::Cow,
    }
}

/// Reads a disk format.
pub(crate) fn read_format(format: types::DiskFormat) -> DiskFormat {
    match format {
        types::DiskFormat::Raw => DiskFormat::Raw,
        types::DiskFormat::Cow => DiskFormat::Qcow2,
    }
}

/// The name: `alias` and `name` say the same.
fn alias(body: &types::Disk) -> Option<String> {
    body.alias.clone().or_else(|| body.name.clone())
}

/// A request for a new disk.
pub(crate) fn new_disk(body: &types::Disk, domain: Named<StorageDomainId>) -> Result<NewDisk, Fault> {
    let content = match body.content_type {
        None | Some(types::DiskContentType::Data) => DiskContent::Data,
        Some(types::DiskContentType::Iso) => DiskContent::Iso,
        Some(other) => {
            let why = "disks for data and iso can be made";
            return Err(Refusal::bad_value("content_type", other.as_str(), why).into());
        }
    };
    Ok(NewDisk {
        id: read_id("Disk", body.id.as_deref())?,
        alias: alias(body).filter(|alias| !alias.is_empty()).unwrap_or_else(|| "disk".to_owned()),
        description: body.description.clone().unwrap_or_default(),
        provisioned_size: size("provisioned_size", body.provisioned_size)?.unwrap_or(0),
        initial_size: size("initial_size", body.initial_size)?,
        format: body.format.map_or(DiskFormat::Raw, read_format),
        sparse: body.sparse,
        content,
        shareable: body.shareable.unwrap_or(false),
        wipe_after_delete: body.wipe_after_delete,
        propagate_errors: body.propagate_errors.unwrap_or(false),
        incremental_backup: body.backup == Some(types::DiskBackup::Incremental),
        domain,
        profile: match body.disk_profile.as_deref() {
            Some(profile) => read_id("DiskProfile", profile.id.as_deref())?,
            None => None,
        },
    })
}

/// How a disk that is made from another one shall be.
pub(crate) fn wish(body: &types::Disk) -> Result<DiskWish, Fault> {
    Ok(DiskWish {
        alias: alias(body),
        format: body.format.map(read_format),
        sparse: body.sparse,
        domain: super::domain_of(body)?,
    })
}

/// A request for other settings of a disk.
pub(crate) fn settings(body: &types::Disk) -> Result<Settings, Fault> {
    Ok(Settings {
        alias: alias(body),
        description: body.description.clone(),
        provisioned_size: size("provisioned_size", body.provisioned_size)?,
        shareable: body.shareable,
        wipe_after_delete: body.wipe_after_delete,
        propagate_errors: body.propagate_errors,
        incremental_backup: body.backup.map(|backup| backup == types::DiskBackup::Incremental),
        profile: match body.disk_profile.as_deref() {
            Some(profile) => read_id("DiskProfile", profile.id.as_deref())?,
            None => None,
        },
    })
}

fn size(field: &'static str, value: Option<i64>) -> Result<Option<u64>, Fault> {
    let read = |value: i64| {
        u64::try_from(value).map_err(|_| Fault::from(Refusal::bad_value(field, value, "it must not be negative")))
    };
    value.map(read).transpose()
}

#[cfg(test)]
mod tests {
    use ferrovirt_model::ids::{DiskId, VolumeId};
    use ferrovirt_model::storage::{Disk, Volume};
    use uuid::Uuid;

    use super::*;

    fn view(state: DiskState) -> DiskView {
        let (id, domain) = (DiskId(Uuid::from_u128(1)), StorageDomainId(Uuid::from_u128(2)));
        let volume = Volume {
            id: VolumeId(Uuid::from_u128(3)),
            disk: id,
            domain,
            format: DiskFormat::Qcow2,
            actual_size: 4096,
            parent: None,
        };
        let disk = Disk {
            id,
            alias: "disk1".to_owned(),
            description: String::new(),
            provisioned_size: 1 << 30,
            format: DiskFormat::Qcow2,
            sparse: true,
            content: DiskContent::Data,
            shareable: false,
            wipe_after_delete: false,
            propagate_errors: false,
            incremental_backup: true,
            state,
            lock: None,
            volume: Some(volume),
            created_at: 0,
        };
        DiskView { disk, profile: None, vms: Vec::new(), template: None }
    }

    #[test]
    fn a_disk_reads_as_clients_know_it() {
        let shown = to_wire(&Hrefs::new("/ovirt-engine/api"), &view(DiskState::Ok));
        assert_eq!((shown.name.as_deref(), shown.alias.as_deref()), (Some("disk1"), Some("disk1")));
        assert_eq!(shown.format, Some(types::DiskFormat::Cow));
        assert_eq!(shown.status, Some(types::DiskStatus::Ok));
        assert_eq!(shown.backup, Some(types::DiskBackup::Incremental));
        assert_eq!(shown.href, Some(format!("/ovirt-engine/api/disks/{}", Uuid::from_u128(1))));
        assert_eq!(shown.storage_domains.unwrap().items[0].id, Some(Uuid::from_u128(2).to_string()));
        let locked = to_wire(&Hrefs::new("/ovirt-engine/api"), &view(DiskState::Locked));
        assert_eq!(locked.status, Some(types::DiskStatus::Locked));
    }

    #[test]
    fn a_new_disk_takes_what_the_body_says() {
        let id = Uuid::from_u128(7);
        let body = types::Disk {
            id: Some(id.to_string()),
            name: Some("by name".to_owned()),
            provisioned_size: Some(1024),
            format: Some(types::DiskFormat::Cow),
            ..Default::default()
        };
        let disk = new_disk(&body, Named::Name("data".to_owned())).unwrap();
        assert_eq!((disk.id, disk.alias.as_str()), (Some(DiskId(id)), "by name"));
        assert_eq!((disk.format, disk.provisioned_size), (DiskFormat::Qcow2, 1024));
        let negative = types::Disk { provisioned_size: Some(-1), ..body };
        assert!(new_disk(&negative, Named::Name("data".to_owned())).is_err());
    }
}
