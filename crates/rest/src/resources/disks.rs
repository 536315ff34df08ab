//! Disks, alone and on their storage domains.

use ferrovirt_engine::actions::disk::{Add, Copy, Remove, Update};
use ferrovirt_engine::actions::named::Named;
use ferrovirt_engine::reading::disks::DiskView;
use ferrovirt_model::catalogue::statistics as catalogue;
use ferrovirt_model::ids::{DiskId, ObjectKind, StorageDomainId};
use ferrovirt_wire::{List, types};

use super::hung::Hung;
use super::shared::{domain_reference, read_id};
use super::statistics::{self, Figure};
use super::storage_domains;
use crate::api::call::Call;
use crate::api::fault::Fault;
use crate::api::follow::{Batch, Follow, distinct};
use crate::api::links;
use crate::api::registry::{Answer, Registry};
use crate::api::reply::Reply;
use crate::api::unserved::{refuse, text};

pub(crate) mod map;
mod on_domain;
mod snapshots;

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
    let id: DiskId = call.id("disk")?;
    let Some(rates) = call.engine().disk_rates(&call.caller, id).await? else { return Ok(Vec::new()) };
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
    Ok(statistics::present(&call.hrefs.of("disks", id), catalogue::DISK, value))
}

/// Disks as documents, with what the client follows.
pub(crate) async fn present(call: &Call, follow: &Follow, found: Vec<DiskView>) -> Result<Vec<types::Disk>, Fault> {
    let mut shown: Vec<types::Disk> = found.iter().map(|view| map::to_wire(&call.hrefs, view)).collect();
    let mut hung = Hung::read(call, follow, ObjectKind::Disk, found.iter().map(|view| view.disk.id.0)).await?;
    for (view, one) in found.iter().zip(&mut shown) {
        one.permissions = hung.permissions(view.disk.id);
    }
    let below = follow.at("storage_domains").or(follow.at("storage_domain"));
    if let Some(below) = below {
        let place = |view: &DiskView| view.disk.volume.as_ref().map(|volume| volume.domain);
        let ids = distinct(found.iter().filter_map(place));
        let rows = call.engine().storage_domains(&call.caller, &ids).await?;
        let keys: Vec<StorageDomainId> = rows.iter().map(|row| row.domain.id).collect();
        let mapped = Box::pin(storage_domains::present(call, below, rows)).await?;
        let batch = Batch::by(keys.into_iter().zip(mapped), |row| row.0);
        for (view, one) in found.iter().zip(&mut shown) {
            let domains = place(view).map(|id| batch.of(&id).iter().map(|row| row.1.clone()).collect());
            one.storage_domains = domains.or(one.storage_domains.take());
        }
    }
    Ok(shown)
}
