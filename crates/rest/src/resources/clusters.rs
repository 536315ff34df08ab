//! Clusters, the networks that they use and their CPU profiles.

use std::collections::HashMap;

use ferrovirt_engine::actions::cluster::{Add, Remove, Update};
use ferrovirt_model::catalogue::network_filters;
use ferrovirt_model::cluster::Cluster;
use ferrovirt_model::ids::{ClusterId, NetworkId, ObjectKind};
use ferrovirt_wire::types;

use super::hung;
use super::networks::used;
use super::related::{hang, ids_of, inlined, put};
use super::shared::read_reference;
use super::vnic_profiles::filter_to_wire;
use crate::api::call::Call;
use crate::api::fault::Fault;
use crate::api::follow::Follow;
use crate::api::registry::{Answer, Registry};
use crate::api::reply::Reply;

mod cpu_profiles;
mod map;
mod networks;

pub(crate) use cpu_profiles::to_wire as cpu_profile;

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
    inlined(call, follow, documents(call, &found).await?).await
}

/// Clusters as documents.
pub(crate) async fn documents(call: &Call, found: &[Cluster]) -> Result<Vec<types::Cluster>, Fault> {
    let ids: Vec<ClusterId> = found.iter().map(|one| one.id).collect();
    let management: HashMap<ClusterId, NetworkId> =
        call.engine().management_networks(&ids).await?.into_iter().collect();
    Ok(found.iter().map(|one| map::to_wire(&call.hrefs, one, management.get(&one.id).copied())).collect())
}

/// The lists below clusters that are followed, and the networks that manage them.
pub(super) async fn lists(call: &Call, follow: &Follow, shown: &mut [types::Cluster]) -> Result<(), Fault> {
    hung::permissions(call, follow, ObjectKind::Cluster, shown, |one| &mut one.permissions).await?;
    let ids: Vec<ClusterId> = ids_of(shown);
    if let Some(below) = follow.at("networks") {
        let found = call.engine().cluster_networks(&call.caller, &ids).await?;
        let rows = found.iter().map(|one| (one.usage.cluster.to_string(), used(&call.hrefs, one))).collect();
        hang(call, below, shown, |one| &mut one.networks, rows).await?;
    }
    if let Some(below) = follow.at("cpu_profiles") {
        let found = call.engine().cpu_profiles(&call.caller, Some(&ids)).await?;
        let rows = found.iter().map(|one| (one.cluster.to_string(), cpu_profile(&call.hrefs, one))).collect();
        hang(call, below, shown, |one| &mut one.cpu_profiles, rows).await?;
    }
    if follow.wants("enabled_features") {
        put(shown, |one| &mut one.enabled_features, Vec::new());
    }
    if follow.wants("network_filters") {
        let filters = network_filters::NETWORK_FILTERS.iter();
        let rows = filters.flat_map(|filter| {
            ids.iter().map(|id| (id.to_string(), filter_to_wire(&call.hrefs, filter))).collect::<Vec<_>>()
        });
        put(shown, |one| &mut one.network_filters, rows);
    }
    if let Some(below) = follow.at("management_network") {
        let mut found = call.engine().cluster_networks(&call.caller, &ids).await?;
        found.retain(|one| one.usage.management);
        let owners: Vec<String> = found.iter().map(|one| one.usage.cluster.to_string()).collect();
        let documents = inlined(call, below, found.iter().map(|one| used(&call.hrefs, one)).collect()).await?;
        let mut found: HashMap<String, types::Network> = owners.into_iter().zip(documents).collect();
        for one in shown {
            let network = one.id.as_ref().and_then(|id| found.remove(id));
            one.management_network = network.map(Box::new).or(one.management_network.take());
        }
    }
    Ok(())
}

/// The lists below CPU profiles that are followed.
pub(super) async fn lists_of_cpu_profiles(
    call: &Call,
    follow: &Follow,
    shown: &mut [types::CpuProfile],
) -> Result<(), Fault> {
    hung::permissions(call, follow, ObjectKind::CpuProfile, shown, |one| &mut one.permissions).await
}
