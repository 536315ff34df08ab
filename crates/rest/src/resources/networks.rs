//! Logical networks: all of them, and those of one data centre.

use ferrovirt_engine::actions::named::Named;
use ferrovirt_engine::actions::network::{Add, Remove, Update};
use ferrovirt_model::ids::{DataCenterId, NetworkId, ObjectKind};
use ferrovirt_model::network::Network;
use ferrovirt_wire::types;

use super::related::{hang, ids_of, inlined};
use super::shared::read_reference;
use super::{hung, vnic_profiles};
use crate::api::call::Call;
use crate::api::fault::Fault;
use crate::api::follow::Follow;
use crate::api::registry::{Answer, Registry};
use crate::api::reply::Reply;

mod map;

pub(crate) use map::{to_wire, used};

pub(crate) fn register(r: &mut Registry) {
    r.on("NetworksService", "list", list);
    r.on("NetworksService", "add", add);
    r.on("NetworkService", "get", get);
    r.on("NetworkService", "update", update);
    r.on("NetworkService", "remove", remove);
    r.on("DataCenterNetworksService", "list", list_of_data_center);
    r.on("DataCenterNetworksService", "add", add);
    r.on("DataCenterNetworkService", "get", get);
    r.on("DataCenterNetworkService", "update", update);
    r.on("DataCenterNetworkService", "remove", remove);
}

async fn list(call: Call) -> Answer {
    let found = call.engine().list_networks(&call.caller, &call.list_query()?).await?;
    let shown = present(&call, &call.follow, found).await?;
    Ok(Reply::ok(types::List::from(shown)))
}

async fn list_of_data_center(call: Call) -> Answer {
    let data_center: DataCenterId = call.id("data_center")?;
    call.engine().data_center(&call.caller, data_center).await?;
    let found = call.engine().networks_of_data_centers(&call.caller, &[data_center]).await?;
    let shown = present(&call, &call.follow, found).await?;
    Ok(Reply::ok(types::List::from(shown)))
}

async fn get(call: Call) -> Answer {
    let id = asked(&call).await?;
    Ok(Reply::ok(shown(&call, id).await?))
}

async fn add(call: Call) -> Answer {
    let body: types::Network = call.body()?;
    call.require("Network", "name", body.name.is_some())?;
    let Some(data_center) = place(&call, &body)? else {
        return Err(Fault::incomplete("Network", "dataCenter.name|id", call.operation.method));
    };
    let with_profile = body.profile_required.unwrap_or(true);
    let action = Add::new(data_center, map::from_wire(&body)?, with_profile);
    let done = call.engine().act(&call.caller, action).await?;
    Ok(Reply::created(call.hrefs.of("networks", done.value), shown(&call, done.value).await?))
}

async fn update(call: Call) -> Answer {
    let id = asked(&call).await?;
    let wish = map::from_wire(&call.body()?)?;
    call.engine().act(&call.caller, Update::new(id, wish)).await?;
    Ok(Reply::ok(shown(&call, id).await?))
}

async fn remove(call: Call) -> Answer {
    let id = asked(&call).await?;
    call.engine().act(&call.caller, Remove::new(id)).await?;
    Ok(Reply::removed())
}

/// The data centre of a new network: the one whose collection was asked, or the one that the body names.
fn place(call: &Call, body: &types::Network) -> Result<Option<Named<DataCenterId>>, Fault> {
    if call.ids.iter().any(|(name, _)| *name == "data_center") {
        return Ok(Some(Named::Id(call.id("data_center")?)));
    }
    let named = body.data_center.as_deref();
    read_reference("DataCenter", named.and_then(|one| one.id.as_deref()), named.and_then(|one| one.name.as_deref()))
}

/// The network of the path; below a data centre it must be one of its own.
async fn asked(call: &Call) -> Result<NetworkId, Fault> {
    let id: NetworkId = call.id("network")?;
    if call.ids.iter().any(|(name, _)| *name == "data_center") {
        let data_center: DataCenterId = call.id("data_center")?;
        if call.engine().network(&call.caller, id).await?.data_center != data_center {
            return Err(Fault::not_found());
        }
    }
    Ok(id)
}

async fn shown(call: &Call, id: NetworkId) -> Result<types::Network, Fault> {
    let found = call.engine().network(&call.caller, id).await?;
    present(call, &call.follow, vec![found]).await?.pop().ok_or_else(Fault::not_found)
}

/// Networks as documents, with what the client follows.
pub(crate) async fn present(call: &Call, follow: &Follow, found: Vec<Network>) -> Result<Vec<types::Network>, Fault> {
    inlined(call, follow, found.iter().map(|one| map::to_wire(&call.hrefs, one)).collect()).await
}

/// The lists below networks that are followed.
pub(super) async fn lists(call: &Call, follow: &Follow, shown: &mut [types::Network]) -> Result<(), Fault> {
    hung::permissions(call, follow, ObjectKind::Network, shown, |one| &mut one.permissions).await?;
    if let Some(below) = follow.at("vnic_profiles") {
        let found = call.engine().vnic_profiles_of(&call.caller, &ids_of(shown)).await?;
        let rows =
            found.iter().map(|one| (one.network.to_string(), vnic_profiles::to_wire(&call.hrefs, one))).collect();
        hang(call, below, shown, |one| &mut one.vnic_profiles, rows).await?;
    }
    Ok(())
}
