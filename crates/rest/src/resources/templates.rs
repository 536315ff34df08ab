//! Templates: lists, single ones, how they are made from VMs, changed and removed, and what they consist of.

use std::collections::BTreeMap;

use ferrovirt_engine::actions::template::{Add, DiskWish, NewVersion, Remove, Update};
use ferrovirt_engine::reading::templates::TemplateAttachment;
use ferrovirt_model::ids::{ClusterId, DiskId, NicId, ObjectKind, TemplateId};
use ferrovirt_model::template::Template;
use ferrovirt_wire::{List, types};

use super::hung::Hung;
use super::{clusters, disks, shared, vms};
use crate::api::call::Call;
use crate::api::fault::Fault;
use crate::api::follow::{Batch, Follow, distinct};
use crate::api::registry::{Answer, Registry};
use crate::api::reply::Reply;

mod devices;
mod map;

pub(crate) fn register(r: &mut Registry) {
    r.on("TemplatesService", "list", list);
    r.on("TemplatesService", "add", add);
    r.on("TemplateService", "get", get);
    r.on("TemplateService", "update", update);
    r.on("TemplateService", "remove", remove);
    r.on("TemplateNicsService", "list", list_nics);
    r.on("TemplateNicService", "get", get_nic);
    r.on("TemplateDiskAttachmentsService", "list", list_attachments);
    r.on("TemplateDiskAttachmentService", "get", get_attachment);
    devices::register(r);
}

async fn list(call: Call) -> Answer {
    let templates = call.engine().list_templates(&call.caller, &call.list_query()?).await?;
    Ok(Reply::ok(List::from(present(&call, &call.follow, &templates).await?)))
}

async fn get(call: Call) -> Answer {
    Ok(Reply::ok(one(&call, call.id("template")?).await?))
}

async fn add(call: Call) -> Answer {
    let body: types::Template = call.body()?;
    let base = body.version.as_ref().and_then(|version| version.base_template.as_deref());
    let base = shared::read_id::<TemplateId>("template", base.and_then(|base| base.id.as_deref()))?;
    call.require("Template", "name", body.name.is_some() || base.is_some())?;
    let vm = body.vm.as_deref();
    let vm_reference = vm.map(|vm| shared::read_reference("vm", vm.id.as_deref(), vm.name.as_deref())).transpose()?;
    let vm_reference = vm_reference.flatten().ok_or_else(|| Fault::incomplete("Template", "vm.id|name", "add"))?;
    if vm.is_some_and(|vm| vm.snapshots.as_ref().is_some_and(|snapshots| !snapshots.items.is_empty())) {
        return Err(Fault::not_served("TemplatesService.add_from_vm_snapshot"));
    }
    if call.params.flag("seal")? {
        return Err(Fault::value_not_served("TemplatesService.add.seal"));
    }
    let cluster = body.cluster.as_deref();
    let cluster = cluster.map(|one| shared::read_reference("cluster", one.id.as_deref(), one.name.as_deref()));
    let domain = body.storage_domain.as_deref();
    let ask = Add {
        name: body.name.clone().unwrap_or_default(),
        vm: vm_reference,
        cluster: cluster.transpose()?.flatten(),
        version: base.map(|base| NewVersion {
            base,
            name: body.version.as_ref().and_then(|version| version.version_name.clone()),
        }),
        domain: domain.map(shared::domain_reference).transpose()?.flatten(),
        disks: wishes(&body)?,
        edit: vms::from_wire::edit(map::as_vm(body))?,
        permissions: call.params.flag("clone_permissions")?,
        found: None,
    };
    let done = call.engine().act(&call.caller, ask).await?;
    let document = one(&call, done.value).await?;
    let href = call.item_href(done.value);
    Ok(if done.job.is_some() { Reply::accepted(href, document) } else { Reply::created(href, document) })
}

/// How the disks shall be, by the VM's disk: `vm.disk_attachments`.
fn wishes(body: &types::Template) -> Result<BTreeMap<DiskId, DiskWish>, Fault> {
    let mut wishes = BTreeMap::new();
    let attachments = body.vm.as_deref().and_then(|vm| vm.disk_attachments.as_ref());
    for disk in attachments.into_iter().flat_map(|list| &list.items).filter_map(|one| one.disk.as_deref()) {
        let Some(id) = shared::read_id::<DiskId>("disk", disk.id.as_deref())? else { continue };
        wishes.insert(id, disks::map::wish(disk)?);
    }
    Ok(wishes)
}

async fn update(call: Call) -> Answer {
    let id: TemplateId = call.id("template")?;
    let body: types::Template = call.body()?;
    let ask = Update {
        template: id,
        name: body.name.clone(),
        version_name: body.version.as_ref().and_then(|version| version.version_name.clone()),
        edit: vms::from_wire::edit(map::as_vm(body))?,
        was: None,
    };
    call.engine().act(&call.caller, ask).await?;
    Ok(Reply::ok(one(&call, id).await?))
}

async fn remove(call: Call) -> Answer {
    call.engine().act(&call.caller, Remove::new(call.id("template")?)).await?;
    Ok(Reply::removed())
}

async fn list_nics(call: Call) -> Answer {
    let id = seen(&call).await?;
    let nics = call.engine().template_nics(&[id]).await?;
    Ok(Reply::ok(nics.iter().map(|(owner, nic)| map::nic(&call.hrefs, *owner, nic)).collect::<List<_>>()))
}

async fn get_nic(call: Call) -> Answer {
    let id = seen(&call).await?;
    let wanted: NicId = call.id("nic")?;
    let nics = call.engine().template_nics(&[id]).await?;
    let nic = nics.iter().find(|(_, nic)| nic.id == wanted).map(|(_, nic)| nic);
    Ok(Reply::ok(map::nic(&call.hrefs, id, nic.ok_or_else(|| Fault::no_such("nic", &wanted.to_string()))?)))
}

async fn list_attachments(call: Call) -> Answer {
    let id = seen(&call).await?;
    let hung = call.engine().template_disks(&[id]).await?;
    Ok(Reply::ok(List::from(attachments(&call, &call.follow, &hung).await?)))
}

async fn get_attachment(call: Call) -> Answer {
    let id = seen(&call).await?;
    let wanted: DiskId = call.id("attachment")?;
    let mut hung = call.engine().template_disks(&[id]).await?;
    hung.retain(|one| one.disk == wanted);
    let one = attachments(&call, &call.follow, &hung).await?.pop();
    Ok(Reply::ok(one.ok_or_else(|| Fault::no_such("disk attachment", &wanted.to_string()))?))
}

/// The template of the path, if the caller may know of it.
async fn seen(call: &Call) -> Result<TemplateId, Fault> {
    Ok(call.engine().template(&call.caller, call.id("template")?).await?.id)
}

async fn one(call: &Call, id: TemplateId) -> Result<types::Template, Fault> {
    let template = call.engine().template(&call.caller, id).await?;
    present(call, &call.follow, &[template]).await?.pop().ok_or_else(Fault::not_found)
}

/// Templates as documents, with what the client follows.
pub(crate) async fn present(
    call: &Call,
    follow: &Follow,
    templates: &[Template],
) -> Result<Vec<types::Template>, Fault> {
    let mut shown: Vec<types::Template> = templates.iter().map(|one| map::document(&call.hrefs, one)).collect();
    if follow.is_empty() {
        return Ok(shown);
    }
    let ids: Vec<TemplateId> = templates.iter().map(|template| template.id).collect();
    let mut hung = Hung::read(call, follow, ObjectKind::Template, ids.iter().map(|id| id.0)).await?;
    for (template, document) in templates.iter().zip(&mut shown) {
        document.permissions = hung.permissions(template.id);
        document.tags = hung.tags(template.id);
        if follow.wants("cdroms") {
            document.cdroms = Some(List::from(vec![devices::cdrom(&call.hrefs, template)]));
        }
        if follow.wants("graphics_consoles") {
            document.graphics_consoles = Some(devices::consoles(&call.hrefs, template));
        }
    }
    inline_devices(call, follow, &ids, &mut shown).await?;
    if let Some(below) = follow.at("cluster") {
        let wanted = distinct(templates.iter().filter_map(|one| one.cluster));
        let rows = call.engine().clusters(&call.caller, &wanted).await?;
        let keys: Vec<ClusterId> = rows.iter().map(|row| row.id).collect();
        let mapped = Box::pin(clusters::present(call, below, rows)).await?;
        let found = Batch::by(keys.into_iter().zip(mapped), |row| row.0);
        for (template, document) in templates.iter().zip(&mut shown) {
            if let Some((_, cluster)) = template.cluster.and_then(|id| found.one(&id)) {
                document.cluster = Some(Box::new(cluster.clone()));
            }
        }
    }
    Ok(shown)
}

async fn inline_devices(
    call: &Call,
    follow: &Follow,
    ids: &[TemplateId],
    shown: &mut [types::Template],
) -> Result<(), Fault> {
    if follow.wants("nics") {
        let nics = Batch::by(call.engine().template_nics(ids).await?, |(owner, _)| *owner);
        for (id, document) in ids.iter().zip(shown.iter_mut()) {
            document.nics = Some(nics.of(id).iter().map(|(owner, nic)| map::nic(&call.hrefs, *owner, nic)).collect());
        }
    }
    if let Some(below) = follow.at("disk_attachments") {
        let hung = call.engine().template_disks(ids).await?;
        let mapped = attachments(call, below, &hung).await?;
        let owners = hung.iter().map(|one| one.template);
        let found = Batch::by(owners.zip(mapped), |row| row.0);
        for (id, document) in ids.iter().zip(shown.iter_mut()) {
            document.disk_attachments = Some(found.of(id).iter().map(|row| row.1.clone()).collect());
        }
    }
    Ok(())
}

/// Disk attachments as documents, with what the client follows, in their order.
async fn attachments(
    call: &Call,
    follow: &Follow,
    hung: &[TemplateAttachment],
) -> Result<Vec<types::DiskAttachment>, Fault> {
    let mut shown: Vec<types::DiskAttachment> = hung.iter().map(|one| map::attachment(&call.hrefs, one)).collect();
    if let Some(below) = follow.at("disk") {
        let rows = call.engine().disks(&call.caller, &distinct(hung.iter().map(|one| one.disk))).await?;
        let keys: Vec<DiskId> = rows.iter().map(|row| row.disk.id).collect();
        let mapped = disks::present(call, below, rows).await?;
        let found = Batch::by(keys.into_iter().zip(mapped), |row| row.0);
        for (one, document) in hung.iter().zip(&mut shown) {
            if let Some((_, disk)) = found.one(&one.disk) {
                document.disk = Some(Box::new(disk.clone()));
            }
        }
    }
    Ok(shown)
}
