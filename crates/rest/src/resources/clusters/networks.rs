//! The networks that a cluster uses.

use ferrovirt_engine::actions::cluster::{AssignNetwork, UnassignNetwork, Usage};
use ferrovirt_model::ids::{ClusterId, NetworkId};
use ferrovirt_wire::types;

use crate::api::call::Call;
use crate::api::fault::Fault;
use crate::api::registry::{Answer, Registry};
use crate::api::reply::Reply;
use crate::resources::networks::used;
use crate::resources::related::{inlined, many};
use crate::resources::shared::read_reference;

pub(super) fn register(r: &mut Registry) {
    r.on("ClusterNetworksService", "list", list);
    r.on("ClusterNetworksService", "add", add);
    r.on("ClusterNetworkService", "get", get);
    r.on("ClusterNetworkService", "update", update);
    r.on("ClusterNetworkService", "remove", remove);
}

async fn list(call: Call) -> Answer {
    let cluster: ClusterId = call.id("cluster")?;
    call.engine().cluster(&call.caller, cluster).await?;
    let found = call.engine().cluster_networks(&call.caller, &[cluster]).await?;
    many(&call, found.iter().map(|one| used(&call.hrefs, one)).collect()).await
}

async fn get(call: Call) -> Answer {
    Ok(Reply::ok(shown(&call, call.id("cluster")?, call.id("network")?).await?))
}

async fn add(call: Call) -> Answer {
    let cluster: ClusterId = call.id("cluster")?;
    let body: types::Network = call.body()?;
    let named = read_reference("Network", body.id.as_deref(), body.name.as_deref())?;
    let Some(network) = named else {
        return Err(Fault::incomplete("Network", "id|name", call.operation.method));
    };
    let action = AssignNetwork::new(cluster, network, usage(&body));
    let done = call.engine().act(&call.caller, action).await?;
    let href = call.hrefs.within("clusters", cluster, "networks", done.value);
    Ok(Reply::created(href, shown(&call, cluster, done.value).await?))
}

async fn update(call: Call) -> Answer {
    let (cluster, network): (ClusterId, NetworkId) = (call.id("cluster")?, call.id("network")?);
    let body: types::Network = call.body()?;
    call.engine().act(&call.caller, AssignNetwork::change(cluster, network, usage(&body))).await?;
    Ok(Reply::ok(shown(&call, cluster, network).await?))
}

async fn remove(call: Call) -> Answer {
    let action = UnassignNetwork::new(call.id("cluster")?, call.id("network")?);
    call.engine().act(&call.caller, action).await?;
    Ok(Reply::removed())
}

async fn shown(call: &Call, cluster: ClusterId, network: NetworkId) -> Result<types::Network, Fault> {
    let found = call.engine().cluster_network(&call.caller, cluster, network).await?;
    let shown = vec![used(&call.hrefs, &found)];
    inlined(call, &call.follow, shown).await?.pop().ok_or_else(Fault::not_found)
}

/// A list of usages says all; without one, what is left open stays.
fn usage(body: &types::Network) -> Usage {
    let says = |usage: types::NetworkUsage| body.usages.as_ref().map(|all| all.usage.contains(&usage));
    Usage {
        required: body.required,
        display: says(types::NetworkUsage::Display).or(body.display),
        migration: says(types::NetworkUsage::Migration),
        management: says(types::NetworkUsage::Management),
        default_route: says(types::NetworkUsage::DefaultRoute),
        gluster: says(types::NetworkUsage::Gluster),
    }
}
