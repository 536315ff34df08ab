//! Data centres and their networks.

use ferrovirt_engine::actions::data_center::{Add, Remove, Update};
use ferrovirt_model::data_center::DataCenter;
use ferrovirt_model::ids::{DataCenterId, ObjectKind};
use ferrovirt_wire::types;

use super::related::{hang, ids_of, inlined};
use super::{clusters, hung, networks, storage_domains};
use crate::api::call::Call;
use crate::api::fault::Fault;
use crate::api::follow::Follow;
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
    inlined(call, follow, found.iter().map(|one| map::to_wire(&call.hrefs, one)).collect()).await
}

/// The lists below data centres that are followed.
pub(super) async fn lists(call: &Call, follow: &Follow, shown: &mut [types::DataCenter]) -> Result<(), Fault> {
    hung::permissions(call, follow, ObjectKind::DataCenter, shown, |one| &mut one.permissions).await?;
    let ids: Vec<DataCenterId> = ids_of(shown);
    if let Some(below) = follow.at("clusters") {
        let found = call.engine().clusters_of_data_centers(&call.caller, &ids).await?;
        let documents = clusters::documents(call, &found).await?;
        let rows = found.iter().map(|one| one.data_center.to_string()).zip(documents).collect();
        hang(call, below, shown, |one| &mut one.clusters, rows).await?;
    }
    if let Some(below) = follow.at("networks") {
        let found = call.engine().networks_of_data_centers(&call.caller, &ids).await?;
        let rows = found.iter().map(|one| (one.data_center.to_string(), networks::to_wire(&call.hrefs, one))).collect();
        hang(call, below, shown, |one| &mut one.networks, rows).await?;
    }
    if let Some(below) = follow.at("storage_domains") {
        let found = call.engine().attached_storage_domains(&call.caller, &ids).await?;
        let rows = found.iter().filter_map(|view| {
            let place = view.domain.attachment.as_ref()?.data_center;
            Some((place.to_string(), storage_domains::map::attached(&call.hrefs, view)))
        });
        hang(call, below, shown, |one| &mut one.storage_domains, rows.collect()).await?;
    }
    Ok(())
}
