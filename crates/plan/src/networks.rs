//! Which networks must stand on a host, whether they do, and which are lacking.
//!
//! Every VM network of the host's cluster is a bridge. The management network that stands already is left as it is; where
//! it lacks, it is set on the NIC that holds the host's address, addresses included. A network that stands on a NIC keeps
//! it. Any other network is a bridge without an uplink: VMs of one host reach each other there, and nothing else.

use std::collections::BTreeSet;

use ferrovirt_hostapi::NetworkAttachment;
use ferrovirt_model::cluster::ClusterNetwork;
use ferrovirt_model::ids::NetworkId;
use ferrovirt_model::network::{HostNic, Network};

/// A host with what it reports.
#[derive(Clone, Copy, Debug)]
pub struct HostNetworks<'a> {
    /// Where the engine dials it.
    pub address: &'a str,
    /// What it reports.
    pub nics: &'a [HostNic],
}

/// The networks that must stand on a host of the cluster, the management network first.
#[must_use]
pub fn desired(host: HostNetworks<'_>, cluster: &[(Network, ClusterNetwork)]) -> Vec<NetworkAttachment> {
    let mut wanted: Vec<&(Network, ClusterNetwork)> =
        cluster.iter().filter(|(network, _)| network.vm_network).collect();
    wanted.sort_by(|one, other| (!one.1.management, &one.0.name).cmp(&(!other.1.management, &other.0.name)));
    wanted.into_iter().map(|(network, usage)| attachment(host, network, usage)).collect()
}

fn attachment(host: HostNetworks<'_>, network: &Network, usage: &ClusterNetwork) -> NetworkAttachment {
    let (nic, vlan) = uplink(host, network, usage);
    NetworkAttachment {
        network_id: network.id.to_string(),
        name: network.name.clone(),
        bridge: network.device_name.clone(),
        nic,
        vlan,
        mtu: network.mtu,
        vm_network: true,
        stp: network.stp,
        ipv4: None,
        ipv6: None,
        default_route: false,
    }
}

/// The NIC under a network, with the tag.
fn uplink(host: HostNetworks<'_>, network: &Network, usage: &ClusterNetwork) -> (String, u32) {
    let standing = host.nics.iter().find(|nic| nic.kind != "bridge" && nic.network == Some(network.id));
    if let Some(nic) = standing {
        return match nic.kind.as_str() {
            "vlan" => (nic.base_nic.clone(), u32::from(nic.vlan)),
            _ => (nic.name.clone(), 0),
        };
    }
    let bridged = host.nics.iter().any(|nic| nic.kind == "bridge" && nic.name == network.device_name);
    if !usage.management || bridged {
        return (String::new(), 0);
    }
    let carries = |nic: &HostNic| {
        let holds = |text: &String| text.split('/').next() == Some(host.address);
        matches!(nic.kind.as_str(), "physical" | "bond" | "virtual")
            && nic.master.is_empty()
            && (nic.ipv4.iter().any(holds) || nic.ipv6.iter().any(holds))
    };
    let nic = host.nics.iter().find(|nic| carries(nic));
    (nic.map(|nic| nic.name.clone()).unwrap_or_default(), 0)
}

/// Whether setting these networks up moves the host's own address, so that the engine could lose it.
#[must_use]
pub fn moves_the_address(host: HostNetworks<'_>, desired: &[NetworkAttachment]) -> bool {
    desired.iter().any(|network| {
        !network.nic.is_empty() && !host.nics.iter().any(|nic| nic.kind == "bridge" && nic.name == network.bridge)
    })
}

/// Names of what is to be done: networks that do not stand as desired, and networks that shall go.
#[must_use]
pub fn differences(host: HostNetworks<'_>, desired: &[NetworkAttachment]) -> Vec<String> {
    let lacking = desired.iter().filter(|network| !stands(host.nics, network)).map(|network| network.name.clone());
    let wanted: BTreeSet<&str> = desired.iter().map(|network| network.network_id.as_str()).collect();
    let surplus = host
        .nics
        .iter()
        .filter(|nic| nic.kind == "bridge")
        .filter(|nic| nic.network.is_some_and(|id| !wanted.contains(id.to_string().as_str())))
        .map(|nic| nic.name.clone());
    lacking.chain(surplus).collect()
}

fn stands(nics: &[HostNic], network: &NetworkAttachment) -> bool {
    nics.iter().any(|nic| {
        nic.kind == "bridge"
            && nic.name == network.bridge
            && nic.network.is_some_and(|id| id.to_string() == network.network_id)
            && (network.mtu == 0 || nic.mtu == network.mtu)
    })
}

/// Whether a network stands on a host as it is defined: its bridge, its size of packets, its tag on the NIC that carries
/// it.
#[must_use]
pub fn in_sync(nics: &[HostNic], network: &Network) -> bool {
    let own = || nics.iter().filter(|nic| nic.network == Some(network.id));
    let bridged = own().any(|nic| nic.kind == "bridge" && nic.name == network.device_name);
    let tagged = |nic: &HostNic| network.vlan.is_none_or(|tag| tag == nic.vlan);
    (bridged || !network.vm_network)
        && own().all(|nic| network.mtu == 0 || nic.mtu == network.mtu)
        && own().filter(|nic| nic.kind != "bridge").all(tagged)
}

/// The required networks that do not stand on the host, by name.
#[must_use]
pub fn lacking<'a>(nics: &[HostNic], cluster: &'a [(Network, ClusterNetwork)]) -> Vec<&'a Network> {
    let there: BTreeSet<NetworkId> = nics.iter().filter_map(|nic| nic.network).collect();
    let mut lacking: Vec<&Network> = cluster
        .iter()
        .filter(|(network, usage)| usage.required && !there.contains(&network.id))
        .map(|(network, _)| network)
        .collect();
    lacking.sort_by(|one, other| one.name.cmp(&other.name));
    lacking
}

#[cfg(test)]
mod tests {
    use ferrovirt_model::ids::{ClusterId, DataCenterId, HostId, HostNicId};
    use uuid::Uuid;

    use super::*;

    fn network(id: u128, name: &str, management: bool) -> (Network, ClusterNetwork) {
        let network = Network {
            id: NetworkId(Uuid::from_u128(id)),
            name: name.to_owned(),
            data_center: DataCenterId(Uuid::from_u128(1)),
            description: String::new(),
            comment: String::new(),
            vlan: None,
            mtu: 0,
            vm_network: true,
            stp: false,
            port_isolation: false,
            device_name: name.to_owned(),
        };
        let usage = ClusterNetwork {
            cluster: ClusterId(Uuid::from_u128(2)),
            network: network.id,
            required: true,
            display: management,
            migration: management,
            management,
            default_route: management,
            gluster: false,
        };
        (network, usage)
    }

    fn nic(name: &str, kind: &str, ipv4: &str, network: Option<u128>) -> HostNic {
        HostNic {
            id: HostNicId(Uuid::new_v5(&Uuid::nil(), name.as_bytes())),
            host: HostId(Uuid::from_u128(3)),
            name: name.to_owned(),
            mac_address: String::new(),
            mtu: 1500,
            up: true,
            speed: 0,
            ipv4: (!ipv4.is_empty()).then(|| ipv4.to_owned()).into_iter().collect(),
            ipv6: Vec::new(),
            kind: kind.to_owned(),
            master: String::new(),
            base_nic: String::new(),
            vlan: 0,
            gateway: String::new(),
            ipv4_method: String::new(),
            network: network.map(|id| NetworkId(Uuid::from_u128(id))),
        }
    }

    fn plan(nics: &[HostNic]) -> Vec<(String, String)> {
        let cluster = [network(11, "red", false), network(10, "ovirtmgmt", true)];
        let host = HostNetworks { address: "192.0.2.7", nics };
        desired(host, &cluster).into_iter().map(|one| (one.bridge, one.nic)).collect()
    }

    fn pair(bridge: &str, nic: &str) -> (String, String) {
        (bridge.to_owned(), nic.to_owned())
    }

    #[test]
    fn a_new_host_gets_its_management_network_where_its_address_is() {
        let nics = [nic("lo", "virtual", "127.0.0.1/8", None), nic("eth1", "physical", "192.0.2.7/24", None)];
        assert_eq!(plan(&nics), [pair("ovirtmgmt", "eth1"), pair("red", "")]);
        let host = HostNetworks { address: "192.0.2.7", nics: &nics };
        let wanted = desired(host, &[network(10, "ovirtmgmt", true)]);
        assert!(moves_the_address(host, &wanted));
    }

    #[test]
    fn a_bridge_that_stands_is_left_as_it_is() {
        let nics = [nic("eth1", "physical", "", None), nic("ovirtmgmt", "bridge", "192.0.2.7/24", None)];
        assert_eq!(plan(&nics), [pair("ovirtmgmt", ""), pair("red", "")]);
    }

    #[test]
    fn a_network_keeps_its_nic() {
        let nics = [nic("eth1", "physical", "", Some(10)), nic("eth2", "physical", "", Some(11))];
        assert_eq!(plan(&nics), [pair("ovirtmgmt", "eth1"), pair("red", "eth2")]);
    }

    #[test]
    fn what_differs_is_named() {
        let cluster = [network(10, "ovirtmgmt", true), network(11, "red", false)];
        let nics = [nic("ovirtmgmt", "bridge", "", Some(10)), nic("old", "bridge", "", Some(99))];
        let host = HostNetworks { address: "192.0.2.7", nics: &nics };
        assert_eq!(differences(host, &desired(host, &cluster)), ["red", "old"]);
        assert_eq!(lacking(&nics, &cluster).iter().map(|one| one.name.as_str()).collect::<Vec<_>>(), ["red"]);
    }
}
