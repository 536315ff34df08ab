//! The disks on one storage domain, below the domain itself and below its data centre.

use ferrovirt_engine::actions::disk::Remove;
use ferrovirt_engine::actions::named::Named;
use ferrovirt_engine::reading::disks::DiskView;
use ferrovirt_model::ids::{DataCenterId, StorageDomainId};
use ferrovirt_wire::List;

use super::{change, copy_from, make, present};
use crate::api::call::Call;
use crate::api::fault::Fault;
use crate::api::registry::{Answer, Registry};
use crate::api::reply::Reply;

pub(super) fn register(r: &mut Registry) {
    for (collection, item) in [
        ("StorageDomainDisksService", "StorageDomainDiskService"),
        ("AttachedStorageDomainDisksService", "AttachedStorageDomainDiskService"),
    ] {
        r.on(collection, "list", list);
        r.on(collection, "add", add);
        r.on(item, "get", get);
        r.on(item, "update", update);
        r.on(item, "remove", remove);
        r.on(item, "copy", copy);
    }
}

/// The domain of the path; where the path names a data centre, it must belong to it.
async fn domain(call: &Call) -> Result<StorageDomainId, Fault> {
    let id: StorageDomainId = call.id("storage_domain")?;
    let engine = call.engine();
    let view = if call.ids.iter().any(|(name, _)| *name == "data_center") {
        let place: DataCenterId = call.id("data_center")?;
        engine.attached_storage_domain(&call.caller, place, id).await?
    } else {
        engine.storage_domain(&call.caller, id).await?
    };
    Ok(view.domain.id)
}

/// The disk of the path, which must lie on the domain of the path.
async fn disk(call: &Call) -> Result<DiskView, Fault> {
    let domain = domain(call).await?;
    Ok(call.engine().disk_on(&call.caller, domain, call.id("disk")?).await?)
}

async fn list(call: Call) -> Answer {
    let domain = domain(&call).await?;
    if call.params.flag("unregistered")? {
        return Err(Fault::not_served("StorageDomainDisksService.list (unregistered)"));
    }
    let found = call.engine().disks_on(&call.caller, &[domain]).await?;
    Ok(Reply::ok(List::from(present(&call, &call.follow, found).await?)))
}

async fn add(call: Call) -> Answer {
    if call.params.flag("unregistered")? {
        return Err(Fault::not_served("StorageDomainDisksService.add (unregistered)"));
    }
    let domain = domain(&call).await?;
    make(&call, &call.body()?, Named::Id(domain)).await
}

async fn get(call: Call) -> Answer {
    let view = disk(&call).await?;
    Ok(Reply::ok(present(&call, &call.follow, vec![view]).await?.pop().ok_or_else(Fault::not_found)?))
}

async fn update(call: Call) -> Answer {
    let view = disk(&call).await?;
    change(&call, view.disk.id).await
}

async fn remove(call: Call) -> Answer {
    let view = disk(&call).await?;
    call.engine().act(&call.caller, Remove::new(view.disk.id)).await?;
    Ok(Reply::removed())
}

async fn copy(call: Call) -> Answer {
    let view = disk(&call).await?;
    copy_from(&call, view.disk.id).await
}
