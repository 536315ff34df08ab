//! Disks, alone and on their storage domains.

use ferrovirt_engine::actions::disk::{Add, Copy, Remove, Update};
use ferrovirt_engine::actions::named::Named;
use ferrovirt_engine::reading::disks::DiskView;
use ferrovirt_model::catalogue::statistics as catalogue;
use ferrovirt_model::ids::{DiskId, ObjectKind, StorageDomainId};
use ferrovirt_model::vm::DiskRates;
use ferrovirt_wire::{List, types};

use super::related::{each, hang, ids_of, inlined, put};
use super::shared::{domain_reference, read_id};
use super::statistics::{self, Figure};
use super::{hung, vms};
use crate::api::call::Call;
use crate::api::fault::Fault;
use crate::api::follow::Follow;
use crate::api::links;
use crate::api::registry::{Answer, Registry};
use crate::api::reply::Reply;
use crate::api::unserved::{refuse, text};

pub(crate) mod map;
mod on_domain;
mod snapshots;

pub(crate) use snapshots::images;

pub(crate) fn register(r: &mut Registry) {
    r.on("DisksService", "list", list);
    r.on("DisksService", "add", add);
    r.on("DiskService", "get", get);
    r.on("DiskService", "update", update);
    r.on("DiskService", "remove", remove);
    r.on("DiskService", "copy", copy);
    on_domain::register(r);
    snapshots::register(r);
}

async fn list(call: Call) -> Answer {
    let found = call.engine().list_disks(&call.caller, &call.list_query()?).await?;
    Ok(Reply::ok(List::from(present(&call, &call.follow, found).await?)))
}

async fn get(call: Call) -> Answer {
    let id = call.id("disk")?;
    Ok(Reply::ok(shown(&call, id).await?))
}

async fn add(call: Call) -> Answer {
    let body: types::Disk = call.body()?;
    let domain = domain_of(&body)?.ok_or_else(|| Fault::incomplete("Disk", "storage_domains.id|name", "add"))?;
    make(&call, &body, domain).await
}

/// Makes a disk on a domain, and answers it: it is locked as long as its job works.
async fn make(call: &Call, body: &types::Disk, domain: Named<StorageDomainId>) -> Answer {
    if body.lun_storage.is_some() {
        return Err(Fault::not_served("DisksService.add_lun"));
    }
    call.require("Disk", "provisioned_size", body.provisioned_size.is_some())?;
    call.require("Disk", "format", body.format.is_some())?;
    let disk = map::new_disk(body, domain)?;
    let done = call.engine().act(&call.caller, Add { disk }).await?;
    let href = call.hrefs.of("disks", done.value);
    Ok(Reply::accepted(href, shown(call, done.value).await?))
}

/// Where a body wants its disk.
pub(crate) fn domain_of(body: &types::Disk) -> Result<Option<Named<StorageDomainId>>, Fault> {
    let listed = body.storage_domains.as_ref().and_then(|domains| domains.items.first());
    let Some(domain) = listed.or(body.storage_domain.as_deref()) else { return Ok(None) };
    domain_reference(domain)
}

async fn update(call: Call) -> Answer {
    let id: DiskId = call.id("disk")?;
    change(&call, id).await
}

async fn change(call: &Call, id: DiskId) -> Answer {
    let settings = map::settings(&call.body()?)?;
    call.engine().act(&call.caller, Update::new(id, settings)).await?;
    Ok(Reply::ok(shown(call, id).await?))
}

async fn remove(call: Call) -> Answer {
    call.engine().act(&call.caller, Remove::new(call.id("disk")?)).await?;
    Ok(Reply::removed())
}

async fn copy(call: Call) -> Answer {
    let id: DiskId = call.id("disk")?;
    copy_from(&call, id).await
}

async fn copy_from(call: &Call, id: DiskId) -> Answer {
    let action = call.action()?;
    let quota = action.quota.as_deref().is_some_and(|quota| text(quota.id.as_ref()));
    refuse("DiskService.copy", &[("quota", quota)])?;
    let domain = action.storage_domain.as_deref().map(domain_reference).transpose()?.flatten();
    let alias = action.disk.as_deref().and_then(|disk| disk.alias.clone().or_else(|| disk.name.clone()));
    let profile = action.disk_profile.as_deref().and_then(|profile| profile.id.as_deref());
    let mut copy = Copy::new(id, domain, alias);
    copy.profile = read_id("DiskProfile", profile)?;
    let done = call.engine().act(&call.caller, copy).await?;
    let made = links::reference(call.hrefs.of("disks", done.value), done.value);
    let job = done.job.map(|job| Box::new(links::reference(call.hrefs.of("jobs", job), job)));
    Ok(Reply::action(types::Action { disk: Some(Box::new(made)), job, ..Default::default() }))
}

async fn shown(call: &Call, id: DiskId) -> Result<types::Disk, Fault> {
    let found = call.engine().disk(&call.caller, id).await?;
    present(call, &call.follow, vec![found]).await?.pop().ok_or_else(Fault::not_found)
}

/// How fast the disk of the path is read and written now; nothing while no VM runs with it.
pub(crate) async fn statistics(call: &Call) -> Result<Vec<types::Statistic>, Fault> {
    let view = call.engine().disk(&call.caller, call.id("disk")?).await?;
    let rates = call.engine().rates_of_disks(&[view]).await?;
    Ok(rates.iter().flat_map(|(id, rates)| measures(call, *id, rates)).collect())
}

fn measures(call: &Call, id: DiskId, rates: &DiskRates) -> Vec<types::Statistic> {
    let value = |name: &str| {
        let number = match name {
            "data.current.read" => rates.read_bytes_per_second,
            "data.current.read_ops" => rates.read_operations_per_second,
            "data.current.write" => rates.write_bytes_per_second,
            "data.current.write_ops" => rates.write_operations_per_second,
            "disk.flush.latency" => rates.flush_latency_seconds,
            "disk.read.latency" => rates.read_latency_seconds,
            "disk.write.latency" => rates.write_latency_seconds,
            _ => return None,
        };
        Some(Figure::Number(number))
    };
    statistics::present(&call.hrefs.of("disks", id), catalogue::DISK, value)
}

/// Disks as documents, with what the client follows.
pub(crate) async fn present(call: &Call, follow: &Follow, found: Vec<DiskView>) -> Result<Vec<types::Disk>, Fault> {
    inlined(call, follow, found.iter().map(|view| map::to_wire(&call.hrefs, view)).collect()).await
}

/// The lists below disks that are followed.
pub(super) async fn lists(call: &Call, follow: &Follow, shown: &mut [types::Disk]) -> Result<(), Fault> {
    hung::permissions(call, follow, ObjectKind::Disk, shown, |one| &mut one.permissions).await?;
    if let Some(below) = follow.at("storage_domains").or(follow.at("storage_domain")) {
        let places = shown.iter_mut().filter_map(|one| one.storage_domains.as_mut());
        each(call, below, places.flat_map(|list| &mut list.items).collect()).await?;
    }
    if let Some(below) = follow.at("snapshot") {
        let places = shown.iter_mut().filter_map(|one| one.snapshot.as_deref_mut());
        vms::snapshots::fill(call, below, places.collect()).await?;
    }
    if !follow.wants("statistics") && !follow.wants("disk_snapshots") {
        return Ok(());
    }
    let views = call.engine().disks(&call.caller, &ids_of(shown)).await?;
    if follow.wants("statistics") {
        let rates = call.engine().rates_of_disks(&views).await?;
        let rows = rates.iter().flat_map(|(id, rates)| {
            measures(call, *id, rates).into_iter().map(|one| (id.to_string(), one)).collect::<Vec<_>>()
        });
        put(shown, |one| &mut one.statistics, rows);
    }
    if let Some(below) = follow.at("disk_snapshots") {
        let mut rows = Vec::new();
        for view in views {
            let id = view.disk.id;
            let base = format!("{}/disksnapshots", call.hrefs.of("disks", id));
            let found = images(call, &base, &[view], false, false).await?;
            rows.extend(found.into_iter().map(|one| (id.to_string(), one)));
        }
        hang(call, below, shown, |one| &mut one.disk_snapshots, rows).await?;
    }
    Ok(())
}

/// What disk snapshots name, where it is followed.
pub(super) async fn lists_of_disk_snapshots(
    call: &Call,
    follow: &Follow,
    shown: &mut [types::DiskSnapshot],
) -> Result<(), Fault> {
    if let Some(below) = follow.at("storage_domains").or(follow.at("storage_domain")) {
        let places = shown.iter_mut().filter_map(|one| one.storage_domains.as_mut());
        each(call, below, places.flat_map(|list| &mut list.items).collect()).await?;
    }
    if let Some(below) = follow.at("snapshot") {
        let places = shown.iter_mut().filter_map(|one| one.snapshot.as_deref_mut());
        vms::snapshots::fill(call, below, places.collect()).await?;
    }
    Ok(())
}
