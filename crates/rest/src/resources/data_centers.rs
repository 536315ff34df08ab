//! Data centres and their networks.

use ferrovirt_engine::actions::data_center::{Add, Remove, Update};
use ferrovirt_model::data_center::DataCenter;
use ferrovirt_model::ids::{DataCenterId, ObjectKind};
use ferrovirt_wire::types;

use super::hung::Hung;
use super::{clusters, networks};
use crate::api::call::Call;
use crate::api::fault::Fault;
use crate::api::follow::{Batch, Follow};
use crate::api::registry::{Answer, Registry};
use crate::api::reply::Reply;

mod map;

pub(crate) fn register(r: &mut Registry) {
    r.on("DataCentersService", "list", list);
    r.on("DataCentersService", "add", add);
    r.on("DataCenterService", "get", get);
    r.on("DataCenterService", "update", update);
    r.on("DataCenterService", "remove", remove);
}

async fn list(call: Call) -> Answer {
    let found = call.engine().list_data_centers(&call.caller, &call.list_query()?).await?;
    let shown = present(&call, &call.follow, found).await?;
    Ok(Reply::ok(types::List::from(shown)))
}

async fn get(call: Call) -> Answer {
    let id = call.id("data_center")?;
    Ok(Reply::ok(shown(&call, id).await?))
}

async fn add(call: Call) -> Answer {
    let body: types::DataCenter = call.body()?;
    call.require("DataCenter", "name", body.name.is_some())?;
    let wish = map::from_wire(&body)?;
    let done = call.engine().act(&call.caller, Add { wish }).await?;
    Ok(Reply::created(call.hrefs.of("datacenters", done.value), shown(&call, done.value).await?))
}

async fn update(call: Call) -> Answer {
    let id: DataCenterId = call.id("data_center")?;
    let wish = map::from_wire(&call.body()?)?;
    call.engine().act(&call.caller, Update::new(id, wish)).await?;
    Ok(Reply::ok(shown(&call, id).await?))
}

async fn remove(call: Call) -> Answer {
    let force = call.params.flag("force")?;
    call.engine().act(&call.caller, Remove::new(call.id("data_center")?, force)).await?;
    Ok(Reply::removed())
}

async fn shown(call: &Call, id: DataCenterId) -> Result<types::DataCenter, Fault> {
    let found = call.engine().data_center(&call.caller, id).await?;
    present(call, &call.follow, vec![found]).await?.pop().ok_or_else(Fault::not_found)
}

/// Data centres as documents, with what the client follows.
pub(crate) async fn present(
    call: &Call,
    follow: &Follow,
    found: Vec<DataCenter>,
) -> Result<Vec<types::DataCenter>, Fault> {
    let ids: Vec<DataCenterId> = found.iter().map(|one| one.id).collect();
    let mut shown: Vec<types::DataCenter> = found.iter().map(|one| map::to_wire(&call.hrefs, one)).collect();
    let mut hung = Hung::read(call, follow, ObjectKind::DataCenter, ids.iter().map(|id| id.0)).await?;
    for (id, one) in ids.iter().zip(&mut shown) {
        one.permissions = hung.permissions(*id);
    }
    if let Some(below) = follow.at("clusters") {
        let rows = call.engine().clusters_of_data_centers(&call.caller, &ids).await?;
        let owners: Vec<DataCenterId> = rows.iter().map(|row| row.data_center).collect();
        let mapped = Box::pin(clusters::present(call, below, rows)).await?;
        let batch = Batch::by(owners.into_iter().zip(mapped), |row| row.0);
        for (id, one) in ids.iter().zip(&mut shown) {
            one.clusters = Some(batch.of(id).iter().map(|row| row.1.clone()).collect());
        }
    }
    if let Some(below) = follow.at("networks") {
        let rows = call.engine().networks_of_data_centers(&call.caller, &ids).await?;
        let owners: Vec<DataCenterId> = rows.iter().map(|row| row.data_center).collect();
        let mapped = Box::pin(networks::present(call, below, rows)).await?;
        let batch = Batch::by(owners.into_iter().zip(mapped), |row| row.0);
        for (id, one) in ids.iter().zip(&mut shown) {
            one.networks = Some(batch.of(id).iter().map(|row| row.1.clone()).collect());
        }
    }
    Ok(shown)
}
