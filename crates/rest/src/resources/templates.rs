//! Templates: lists, single ones, how they are made from VMs, changed and removed, and what they consist of.

use std::collections::BTreeMap;

use ferrovirt_engine::actions::template::{Add, DiskWish, NewVersion, Remove, Update};
use ferrovirt_model::ids::{DiskId, NicId, ObjectKind, TemplateId};
use ferrovirt_model::template::Template;
use ferrovirt_wire::{List, types};

use super::related::{self, hang, ids_of, inlined, put};
use super::{disks, hung, shared, vms};
use crate::api::call::Call;
use crate::api::fault::Fault;
use crate::api::follow::Follow;
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
    related::many(&call, nics.iter().map(|(owner, nic)| map::nic(&call.hrefs, *owner, nic)).collect()).await
}

async fn get_nic(call: Call) -> Answer {
    let id = seen(&call).await?;
    let wanted: NicId = call.id("nic")?;
    let nics = call.engine().template_nics(&[id]).await?;
    let nic = nics.iter().find(|(_, nic)| nic.id == wanted).map(|(_, nic)| nic);
    let nic = nic.ok_or_else(|| Fault::no_such("nic", &wanted.to_string()))?;
    related::one(&call, map::nic(&call.hrefs, id, nic)).await
}

async fn list_attachments(call: Call) -> Answer {
    let id = seen(&call).await?;
    let hung = call.engine().template_disks(&[id]).await?;
    related::many(&call, hung.iter().map(|one| map::attachment(&call.hrefs, one)).collect()).await
}

async fn get_attachment(call: Call) -> Answer {
    let id = seen(&call).await?;
    let wanted: DiskId = call.id("attachment")?;
    let hung = call.engine().template_disks(&[id]).await?;
    let found = hung.iter().find(|one| one.disk == wanted);
    let found = found.ok_or_else(|| Fault::no_such("disk attachment", &wanted.to_string()))?;
    related::one(&call, map::attachment(&call.hrefs, found)).await
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
    if let Some(below) = follow.at("cdroms") {
        let rows = templates.iter().map(|one| (one.id.to_string(), devices::cdrom(&call.hrefs, one))).collect();
        hang(call, below, &mut shown, |one| &mut one.cdroms, rows).await?;
    }
    if let Some(below) = follow.at("graphics_consoles") {
        let consoles = |one: &Template| {
            let id = one.id.to_string();
            devices::consoles(&call.hrefs, one).into_iter().map(move |console| (id.clone(), console))
        };
        let rows = templates.iter().flat_map(consoles).collect();
        hang(call, below, &mut shown, |one| &mut one.graphics_consoles, rows).await?;
    }
    inlined(call, follow, shown).await
}

/// The lists below templates that are followed.
pub(super) async fn lists(call: &Call, follow: &Follow, shown: &mut [types::Template]) -> Result<(), Fault> {
    hung::permissions(call, follow, ObjectKind::Template, shown, |one| &mut one.permissions).await?;
    hung::tags(call, follow, ObjectKind::Template, shown, |one| &mut one.tags).await?;
    let ids: Vec<TemplateId> = ids_of(shown);
    if let Some(below) = follow.at("nics") {
        let found = call.engine().template_nics(&ids).await?;
        let rows = found.iter().map(|(owner, nic)| (owner.to_string(), map::nic(&call.hrefs, *owner, nic))).collect();
        hang(call, below, shown, |one| &mut one.nics, rows).await?;
    }
    if let Some(below) = follow.at("disk_attachments") {
        let found = call.engine().template_disks(&ids).await?;
        let rows = found.iter().map(|one| (one.template.to_string(), map::attachment(&call.hrefs, one))).collect();
        hang(call, below, shown, |one| &mut one.disk_attachments, rows).await?;
    }
    if follow.wants("watchdogs") {
        put(shown, |one| &mut one.watchdogs, Vec::new());
    }
    Ok(())
}
