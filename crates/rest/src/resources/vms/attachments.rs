//! How disks hang on VMs. An attachment's id is its disk's.

use ferrovirt_engine::actions::vm::disks::{AttachDisk, DetachDisk, Hanging, UpdateAttachment, Which};
use ferrovirt_model::ids::{DiskId, VmId};
use ferrovirt_model::refusal::Refusal;
use ferrovirt_model::vm::{DiskAttachment, DiskInterface};
use ferrovirt_wire::{Word, types};

use crate::api::call::Call;
use crate::api::fault::Fault;
use crate::api::hrefs::Hrefs;
use crate::api::links;
use crate::api::registry::{Answer, Registry};
use crate::api::reply::Reply;
use crate::resources::disks;
use crate::resources::related::{inlined, many};
use crate::resources::shared::{decorate, read_id};

pub(super) fn register(r: &mut Registry) {
    r.on("DiskAttachmentsService", "list", list);
    r.on("DiskAttachmentsService", "add", add);
    r.on("DiskAttachmentService", "get", get);
    r.on("DiskAttachmentService", "update", update);
    r.on("DiskAttachmentService", "remove", remove);
}

/// An attachment as a document.
pub(super) fn to_wire(hrefs: &Hrefs, from: &DiskAttachment) -> types::DiskAttachment {
    let mut document = types::DiskAttachment {
        active: Some(from.active),
        bootable: Some(from.bootable),
        interface: Some(match from.interface {
            DiskInterface::Virtio => types::DiskInterface::Virtio,
            DiskInterface::VirtioScsi => types::DiskInterface::VirtioScsi,
            DiskInterface::Sata => types::DiskInterface::Sata,
            DiskInterface::Ide => types::DiskInterface::Ide,
        }),
        pass_discard: Some(from.pass_discard),
        read_only: Some(from.read_only),
        uses_scsi_reservation: Some(false),
        disk: Some(Box::new(links::reference(hrefs.of("disks", from.disk), from.disk))),
        vm: Some(Box::new(links::reference(hrefs.of("vms", from.vm), from.vm))),
        ..types::DiskAttachment::default()
    };
    let href = hrefs.within("vms", from.vm, "diskattachments", from.disk);
    decorate("DiskAttachmentService", &href, from.disk, &mut document);
    document
}

async fn list(call: Call) -> Answer {
    let view = call.engine().vm(&call.caller, call.id("vm")?).await?;
    let found = call.engine().attachments_of_vms(&[view.vm.id]).await?;
    many(&call, found.iter().map(|one| to_wire(&call.hrefs, one)).collect()).await
}

async fn one(call: &Call, vm: VmId, disk: DiskId) -> Result<types::DiskAttachment, Fault> {
    let (_, found) = call.engine().vm_attachment(&call.caller, vm, disk).await?;
    let shown = vec![to_wire(&call.hrefs, &found)];
    inlined(call, &call.follow, shown).await?.pop().ok_or_else(Fault::not_found)
}

async fn get(call: Call) -> Answer {
    Ok(Reply::ok(one(&call, call.id("vm")?, call.id("attachment")?).await?))
}

pub(super) fn hanging(body: &types::DiskAttachment) -> Result<Hanging, Fault> {
    let interface = match body.interface {
        None => None,
        Some(types::DiskInterface::Virtio) => Some(DiskInterface::Virtio),
        Some(types::DiskInterface::VirtioScsi) => Some(DiskInterface::VirtioScsi),
        Some(types::DiskInterface::Sata) => Some(DiskInterface::Sata),
        Some(types::DiskInterface::Ide) => Some(DiskInterface::Ide),
        Some(other @ types::DiskInterface::SpaprVscsi) => {
            return Err(Refusal::bad_value("interface", other.as_str(), "virtio_scsi, virtio, sata or ide").into());
        }
    };
    Ok(Hanging {
        interface,
        bootable: body.bootable,
        active: body.active,
        read_only: body.read_only,
        pass_discard: body.pass_discard,
    })
}

/// A disk that is named by its id exists; one that has a size is to be made, by that id where it has one.
async fn add(call: Call) -> Answer {
    let vm: VmId = call.id("vm")?;
    let body: types::DiskAttachment = call.body()?;
    let hanging = hanging(&body)?;
    call.require("DiskAttachment", "bootable", body.bootable.is_some())?;
    call.require("DiskAttachment", "interface", body.interface.is_some())?;
    let disk = body.disk.as_deref().cloned().unwrap_or_default();
    let id = body.id.as_deref().or(disk.id.as_deref());
    let which = match (read_id("Disk", id)?, disk.provisioned_size) {
        (Some(id), None) => Which::Existing(id),
        _ => {
            if disk.lun_storage.is_some() {
                return Err(Fault::not_served("DiskAttachmentsService.add with lun_storage"));
            }
            call.require("DiskAttachment", "disk.id|disk.provisioned_size", disk.provisioned_size.is_some())?;
            call.require("DiskAttachment", "disk.format", disk.format.is_some())?;
            let domain = disks::domain_of(&disk)?;
            let domain =
                domain.ok_or_else(|| Fault::incomplete("DiskAttachment", "disk.storage_domains.id|name", "add"))?;
            let mut new = disks::map::new_disk(&disk, domain)?;
            if disk.alias.is_none() && disk.name.is_none() {
                new.alias = default_alias(&call, vm).await?;
            }
            Which::New(Box::new(new))
        }
    };
    let made = matches!(which, Which::New(_));
    let action = AttachDisk { vm, disk: which, hanging, names: Default::default() };
    let done = call.engine().act(&call.caller, action).await?;
    let href = call.item_href(done.value);
    let document = one(&call, vm, done.value).await?;
    Ok(if made { Reply::accepted(href, document) } else { Reply::created(href, document) })
}

/// As oVirt names a VM's disks.
async fn default_alias(call: &Call, vm: VmId) -> Result<String, Fault> {
    let view = call.engine().vm(&call.caller, vm).await?;
    let number = call.engine().attachments_of_vms(&[vm]).await?.len() + 1;
    Ok(format!("{}_Disk{number}", view.vm.name))
}

/// A document may also change the disk itself: its alias, its description, its size.
async fn update(call: Call) -> Answer {
    let (vm, disk): (VmId, DiskId) = (call.id("vm")?, call.id("attachment")?);
    let body: types::DiskAttachment = call.body()?;
    let hanging = hanging(&body)?;
    if let Some(own) = body.disk.as_deref() {
        let settings = disks::map::settings(own)?;
        let plain = types::Disk { id: own.id.clone(), href: own.href.clone(), ..Default::default() };
        if *own != plain {
            let action = ferrovirt_engine::actions::disk::Update::new(disk, settings);
            call.engine().act(&call.caller, action).await?;
        }
    }
    let action = UpdateAttachment { vm, disk, hanging, names: Default::default() };
    call.engine().act(&call.caller, action).await?;
    Ok(Reply::ok(one(&call, vm, disk).await?))
}

async fn remove(call: Call) -> Answer {
    let action = DetachDisk {
        vm: call.id("vm")?,
        disk: call.id("attachment")?,
        detach_only: call.params.flag("detach_only")?,
        names: Default::default(),
    };
    call.engine().act(&call.caller, action).await?;
    Ok(Reply::removed())
}
