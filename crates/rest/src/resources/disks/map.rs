//! Disks between the engine's terms and the wire's.

use ferrovirt_engine::actions::disk::{NewDisk, Settings};
use ferrovirt_engine::actions::named::Named;
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
