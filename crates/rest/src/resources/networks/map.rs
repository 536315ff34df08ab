//! A network as a document, by itself and as one cluster uses it, and back.

use ferrovirt_engine::actions::network::Wish;
use ferrovirt_engine::reading::clusters::UsedNetwork;
use ferrovirt_model::network::Network;
use ferrovirt_wire::types;

use crate::api::fault::Fault;
use crate::api::hrefs::Hrefs;
use crate::api::links::reference;
use crate::api::unserved::{on, refuse, text};
use crate::resources::shared::{decorate, number};

fn plain(hrefs: &Hrefs, from: &Network) -> types::Network {
    types::Network {
        name: Some(from.name.clone()),
        description: Some(from.description.clone()),
        comment: Some(from.comment.clone()),
        mtu: number(from.mtu),
        port_isolation: Some(from.port_isolation),
        stp: Some(from.stp),
        vdsm_name: Some(from.device_name.clone()),
        vlan: from.vlan.map(|tag| types::Vlan { id: number(tag) }),
        data_center: Some(Box::new(reference(hrefs.of("datacenters", from.data_center), from.data_center))),
        ..Default::default()
    }
}

/// A network by itself.
pub(crate) fn to_wire(hrefs: &Hrefs, from: &Network) -> types::Network {
    let usage = if from.vm_network { vec![types::NetworkUsage::Vm] } else { Vec::new() };
    let mut one = types::Network { usages: Some(types::NetworkUsages { usage }), ..plain(hrefs, from) };
    decorate("NetworkService", &hrefs.of("networks", from.id), from.id, &mut one);
    one
}

/// A network as one cluster uses it.
pub(crate) fn used(hrefs: &Hrefs, from: &UsedNetwork) -> types::Network {
    let cluster = from.usage.cluster;
    let pairs = [
        (from.usage.default_route, types::NetworkUsage::DefaultRoute),
        (from.usage.display, types::NetworkUsage::Display),
        (from.usage.gluster, types::NetworkUsage::Gluster),
        (from.usage.management, types::NetworkUsage::Management),
        (from.usage.migration, types::NetworkUsage::Migration),
        (from.network.vm_network, types::NetworkUsage::Vm),
    ];
    let usage = pairs.into_iter().filter(|(is, _)| *is).map(|(_, usage)| usage).collect();
    let mut one = types::Network {
        display: Some(from.usage.display),
        required: Some(from.usage.required),
        status: Some(match from.operational {
            true => types::NetworkStatus::Operational,
            false => types::NetworkStatus::NonOperational,
        }),
        usages: Some(types::NetworkUsages { usage }),
        cluster: Some(Box::new(reference(hrefs.of("clusters", cluster), cluster))),
        ..plain(hrefs, &from.network)
    };
    let id = from.network.id;
    decorate("ClusterNetworkService", &hrefs.within("clusters", cluster, "networks", id), id, &mut one);
    one
}

/// What networks ask for and nothing here does.
fn unserved(body: &types::Network) -> Result<(), Fault> {
    let servers = body.dns_resolver_configuration.as_ref().and_then(|one| one.name_servers.as_ref());
    let asked = [
        ("port_isolation", on(body.port_isolation)),
        ("qos", body.qos.as_deref().is_some_and(|qos| text(qos.id.as_ref()))),
        ("dns_resolver_configuration", servers.is_some_and(|servers| !servers.name_server.is_empty())),
        ("external_provider", body.external_provider.is_some()),
        ("external_provider_physical_network", body.external_provider_physical_network.is_some()),
    ];
    refuse("network", &asked)
}

pub(super) fn from_wire(body: &types::Network) -> Result<Wish, Fault> {
    unserved(body)?;
    Ok(Wish {
        name: body.name.clone(),
        description: body.description.clone(),
        comment: body.comment.clone(),
        // An empty element takes the tag away.
        vlan: body.vlan.as_ref().map(|vlan| vlan.id),
        mtu: body.mtu,
        vm_network: body.usages.as_ref().map(|all| all.usage.contains(&types::NetworkUsage::Vm)),
        stp: body.stp,
        port_isolation: body.port_isolation,
    })
}
