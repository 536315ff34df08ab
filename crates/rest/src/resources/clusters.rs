//! Clusters, the networks that they use and their CPU profiles.

use std::collections::HashMap;

use ferrovirt_engine::actions::cluster::{Add, Remove, Update};
use ferrovirt_model::cluster::Cluster;
use ferrovirt_model::ids::{ClusterId, NetworkId, ObjectKind};
use ferrovirt_wire::types;

use super::hung::Hung;
use super::shared::read_reference;
use super::{data_centers, networks as networks_area};
use crate::api::call::Call;
use crate::api::fault::Fault;
use crate::api::follow::{Batch, Follow, distinct};
use crate::api::registry::{Answer, Registry};
use crate::api::reply::Reply;

mod cpu_profiles;
mod map;
mod networks;

pub(crate) fn register(r: &mut Registry) {
    r.on("ClustersService", "list", list);
    r.on("ClustersService", "add", add);
    r.on("ClusterService", "get", get);
    r.on("ClusterService", "update", update);
    r.on("ClusterService", "remove", remove);
    // No feature of a cluster is optional here, so none is ever enabled.
    r.on("ClusterEnabledFeaturesService", "list", no_features);
    networks::register(r);
    cpu_profiles::register(r);
}

async fn list(call: Call) -> Answer {
    let within = match call.ids.iter().any(|(name, _)| *name == "data_center") {
        true => {
            let id = call.id("data_center")?;
            call.engine().data_center(&call.caller, id).await?;
            Some(id)
        }
        false => None,
    };
    let found = call.engine().list_clusters(&call.caller, &call.list_query()?, within).await?;
    let shown = present(&call, &call.follow, found).await?;
    Ok(Reply::ok(types::List::from(shown)))
}

async fn get(call: Call) -> Answer {
    let id = call.id("cluster")?;
    Ok(Reply::ok(shown(&call, id).await?))
}

async fn add(call: Call) -> Answer {
    let body: types::Cluster = call.body()?;
    call.require("Cluster", "name", body.name.is_some())?;
    let named = body.data_center.as_deref();
    let within = call.ids.iter().find(|(name, _)| *name == "data_center").map(|(_, id)| id.as_str());
    let id = named.and_then(|one| one.id.as_deref()).or(within);
    let data_center = read_reference("DataCenter", id, named.and_then(|one| one.name.as_deref()))?;
    let Some(data_center) = data_center else {
        return Err(Fault::incomplete("Cluster", "dataCenter.name|id", call.operation.method));
    };
    let network = body.management_network.as_deref();
    let management_network = read_reference(
        "Network",
        network.and_then(|one| one.id.as_deref()),
        network.and_then(|one| one.name.as_deref()),
    )?;
    let wish = map::from_wire(&body)?;
    let done = call.engine().act(&call.caller, Add { data_center, wish, management_network }).await?;
    Ok(Reply::created(call.hrefs.of("clusters", done.value), shown(&call, done.value).await?))
}

async fn update(call: Call) -> Answer {
    let id: ClusterId = call.id("cluster")?;
    let wish = map::from_wire(&call.body()?)?;
    call.engine().act(&call.caller, Update::new(id, wish)).await?;
    Ok(Reply::ok(shown(&call, id).await?))
}

async fn remove(call: Call) -> Answer {
    call.engine().act(&call.caller, Remove::new(call.id("cluster")?)).await?;
    Ok(Reply::removed())
}

async fn no_features(call: Call) -> Answer {
    call.engine().cluster(&call.caller, call.id("cluster")?).await?;
    Ok(Reply::ok(types::List::<types::ClusterFeature>::default()))
}

async fn shown(call: &Call, id: ClusterId) -> Result<types::Cluster, Fault> {
    let found = call.engine().cluster(&call.caller, id).await?;
    present(call, &call.follow, vec![found]).await?.pop().ok_or_else(Fault::not_found)
}

/// Clusters as documents, with what the client follows.
pub(crate) async fn present(call: &Call, follow: &Follow, found: Vec<Cluster>) -> Result<Vec<types::Cluster>, Fault> {
    let ids: Vec<ClusterId> = found.iter().map(|one| one.id).collect();
    let management: HashMap<ClusterId, NetworkId> =
        call.engine().management_networks(&ids).await?.into_iter().collect();
    let mut shown: Vec<types::Cluster> =
        found.iter().map(|one| map::to_wire(&call.hrefs, one, management.get(&one.id).copied())).collect();
    let mut hung = Hung::read(call, follow, ObjectKind::Cluster, ids.iter().map(|id| id.0)).await?;
    for (id, one) in ids.iter().zip(&mut shown) {
        one.permissions = hung.permissions(*id);
    }
    if follow.wants("networks") {
        let rows = call.engine().cluster_networks(&call.caller, &ids).await?;
        let batch = Batch::by(rows, |row| row.usage.cluster);
        for (id, one) in ids.iter().zip(&mut shown) {
            let used = batch.of(id).iter().map(|row| networks_area::used(&call.hrefs, row));
            one.networks = Some(used.collect());
        }
    }
    if follow.wants("cpu_profiles") {
        let batch = Batch::by(call.engine().cpu_profiles(&call.caller, Some(&ids)).await?, |row| row.cluster);
        for (id, one) in ids.iter().zip(&mut shown) {
            one.cpu_profiles = Some(batch.of(id).iter().map(|row| cpu_profiles::to_wire(&call.hrefs, row)).collect());
        }
    }
    if let Some(below) = follow.at("data_center") {
        let wanted = distinct(found.iter().map(|one| one.data_center));
        let rows = call.engine().data_centers(&call.caller, &wanted).await?;
        let keys: Vec<_> = rows.iter().map(|row| row.id).collect();
        let mapped = Box::pin(data_centers::present(call, below, rows)).await?;
        let batch = Batch::by(keys.into_iter().zip(mapped), |row| row.0);
        for (cluster, one) in found.iter().zip(&mut shown) {
            if let Some((_, data_center)) = batch.one(&cluster.data_center) {
                one.data_center = Some(Box::new(data_center.clone()));
            }
        }
    }
    Ok(shown)
}
