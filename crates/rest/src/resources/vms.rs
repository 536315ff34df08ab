//! VMs: lists, single ones, and how they are made, changed and removed. What they are told is in `power`; their devices
//! and guests have files of their own.

use std::collections::BTreeMap;

use ferrovirt_engine::actions::vm::from_template::{FromTemplate, OwnDisk};
use ferrovirt_engine::actions::vm::{Add, Remove, Update};
use ferrovirt_engine::now;
use ferrovirt_engine::reading::vms::VmView;
use ferrovirt_model::Millis;
use ferrovirt_model::ids::{DiskId, VmId};
use ferrovirt_wire::{List, types};

use super::{disks, shared};

use crate::api::call::Call;
use crate::api::fault::Fault;
use crate::api::follow::Follow;
use crate::api::registry::{Answer, Registry};
use crate::api::reply::Reply;
use crate::api::unserved::refuse;
use crate::resources::related::inlined;

pub(crate) mod attachments;
pub(crate) mod cdroms;
mod consoles;
pub(crate) mod from_wire;
mod guest;
pub(crate) mod measures;
mod nics;
mod power;
mod related;
pub(crate) mod snapshots;
pub(crate) mod to_wire;
mod unserved;
mod viewer_file;

pub(crate) use nics::lists as lists_of_nics;
pub(crate) use related::lists;
pub(crate) use snapshots::lists as lists_of_snapshots;

pub(crate) fn register(r: &mut Registry) {
    r.on("VmsService", "list", list);
    r.on("VmsService", "add", add);
    r.on("VmService", "get", get);
    r.on("VmService", "update", update);
    r.on("VmService", "remove", remove);
    attachments::register(r);
    cdroms::register(r);
    consoles::register(r);
    guest::register(r);
    nics::register(r);
    power::register(r);
    snapshots::register(r);
}

async fn list(call: Call) -> Answer {
    let query = call.list_query()?;
    if call.follow.is_empty() {
        let views = call.engine().list_vms(&call.caller, &query).await?;
        let (hrefs, at) = (call.hrefs.clone(), now());
        return Ok(Reply::made(views.len(), move |place| to_wire::vm(&hrefs, &views[place], at)));
    }
    let views = call.engine().list_measured_vms(&call.caller, &query).await?;
    Ok(Reply::ok(List::from(documents(&call, &call.follow, &views, now()).await?)))
}

async fn get(call: Call) -> Answer {
    let id: VmId = call.id("vm")?;
    let view = call.engine().vm(&call.caller, id).await?;
    let view = if call.params.flag("next_run")? { next_run(view) } else { view };
    Ok(Reply::ok(one(&call, view).await?))
}

/// The VM as it will be after its next start.
fn next_run(mut view: VmView) -> VmView {
    if let Some(definition) = view.vm.next_run.clone() {
        view.vm.definition = *definition;
    }
    view
}

/// The documents of VMs with everything that the request wants inlined.
pub(crate) async fn documents(
    call: &Call,
    follow: &Follow,
    views: &[VmView],
    now: Millis,
) -> Result<Vec<types::Vm>, Fault> {
    let mut shown: Vec<types::Vm> = views.iter().map(|view| to_wire::vm(&call.hrefs, view, now)).collect();
    related::known(call, follow, views, &mut shown).await?;
    inlined(call, follow, shown).await
}

async fn one(call: &Call, view: VmView) -> Result<types::Vm, Fault> {
    let mut all = documents(call, &call.follow, &[view], now()).await?;
    all.pop().ok_or_else(Fault::not_found)
}

/// Hosts may be named; what follows knows them by their ids.
async fn identify_hosts(call: &Call, policy: &mut Option<types::VmPlacementPolicy>) -> Result<(), Fault> {
    let hosts = policy.iter_mut().filter_map(|policy| policy.hosts.as_mut()).flat_map(|hosts| &mut hosts.items);
    for host in hosts.filter(|host| host.id.is_none()) {
        let Some(name) = &host.name else { continue };
        let found = call.engine().host_named(&call.caller, name).await?;
        host.id = Some(found.ok_or_else(|| Fault::no_such("Host", name))?.to_string());
    }
    Ok(())
}

/// The template's disks as the new VM shall have them.
fn own_disks(body: &types::Vm) -> Result<BTreeMap<DiskId, OwnDisk>, Fault> {
    let mut disks = BTreeMap::new();
    for attachment in body.disk_attachments.iter().flat_map(|list| &list.items) {
        let disk = attachment.disk.as_deref();
        let id = disk.and_then(|disk| disk.id.as_deref()).or(attachment.id.as_deref());
        let Some(id) = shared::read_id("Disk", id)? else {
            return Err(Fault::value_not_served("vm.disk_attachments without the id of a disk of the template"));
        };
        let wish = disk.map(disks::map::wish).transpose()?.unwrap_or_default();
        disks.insert(id, OwnDisk { disk: wish, hanging: attachments::hanging(attachment)? });
    }
    Ok(disks)
}

async fn add(call: Call) -> Answer {
    let mut body: types::Vm = call.body()?;
    if body.initialization.as_ref().is_some_and(|initialization| initialization.configuration.is_some()) {
        return Err(Fault::not_served("VmsService.add_from_configuration"));
    }
    if body.snapshots.as_ref().is_some_and(|snapshots| !snapshots.items.is_empty()) {
        return Err(Fault::not_served("VmsService.add_from_snapshot"));
    }
    let pinning = call.params.filled("auto_pinning_policy").is_some_and(|policy| policy != "disabled");
    refuse("VmsService.add", &[("seal", call.params.flag("seal")?), ("auto_pinning_policy", pinning)])?;
    call.require("Vm", "name", body.name.as_deref().is_some_and(|name| !name.is_empty()))?;
    identify_hosts(&call, &mut body.placement_policy).await?;
    let cluster = body.cluster.as_deref().and_then(|one| from_wire::named(&one.id, &one.name));
    let cluster = cluster.ok_or_else(|| Fault::incomplete("Vm", "cluster.id|name", "add"))?.read("Cluster")?;
    let template = body.template.as_deref().and_then(|one| from_wire::named(&one.id, &one.name));
    let template = template.ok_or_else(|| Fault::incomplete("Vm", "template.id|name", "add"))?.read("Template")?;
    let version = body.template.as_deref().and_then(|one| one.version.as_ref()).and_then(|one| one.version_number);
    let action = Add {
        id: from_wire::own_id(&body.id)?.map(VmId),
        name: body.name.clone().unwrap_or_default(),
        cluster,
        template,
        template_version: version.and_then(|number| u32::try_from(number).ok()),
        cpu_profile: from_wire::cpu_profile(&body)?,
        clone: call.params.flag("clone")?,
        own: FromTemplate {
            disks: own_disks(&body)?,
            domain: body.storage_domain.as_deref().map(shared::domain_reference).transpose()?.flatten(),
            permissions: call.params.flag("clone_permissions")?,
        },
        edit: from_wire::edit(body)?,
    };
    let done = call.engine().act(&call.caller, action).await?;
    let view = call.engine().vm(&call.caller, done.value).await?;
    let href = call.item_href(done.value);
    let document = one(&call, view).await?;
    Ok(if done.job.is_some() { Reply::accepted(href, document) } else { Reply::created(href, document) })
}

async fn update(call: Call) -> Answer {
    let id: VmId = call.id("vm")?;
    let mut body: types::Vm = call.body()?;
    refuse("vm", &[("storage_domain", body.storage_domain.is_some())])?;
    identify_hosts(&call, &mut body.placement_policy).await?;
    let cluster = match body.cluster.as_deref().and_then(|one| from_wire::named(&one.id, &one.name)) {
        Some(named) => Some(named.read("Cluster")?),
        None => None,
    };
    let next_run = call.params.flag("next_run")?;
    let action = Update {
        vm: id,
        name: body.name.clone(),
        cluster,
        cpu_profile: from_wire::cpu_profile(&body)?,
        edit: from_wire::edit(body)?,
        next_run,
        known_as: None,
    };
    call.engine().act(&call.caller, action).await?;
    let view = call.engine().vm(&call.caller, id).await?;
    let view = if next_run { self::next_run(view) } else { view };
    Ok(Reply::ok(one(&call, view).await?))
}

async fn remove(call: Call) -> Answer {
    let action = Remove::new(call.id("vm")?, call.params.flag("detach_only")?);
    call.engine().act(&call.caller, action).await?;
    Ok(Reply::removed())
}

#[cfg(test)]
mod tests;
