//! Logical networks, the profiles by which VMs join them, and pools of MAC addresses.

use serde::{Deserialize, Serialize};

use crate::ids::{DataCenterId, HostId, HostNicId, MacPoolId, NetworkId, VnicProfileId};

/// A logical network of a data centre.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Network {
    /// The id.
    pub id: NetworkId,
    /// Unique within the data centre.
    pub name: String,
    /// The data centre.
    pub data_center: DataCenterId,
    /// Free text.
    pub description: String,
    /// Free text.
    pub comment: String,
    /// 1 to 4094, `None`: untagged.
    pub vlan: Option<u16>,
    /// Bytes, 0: the default.
    pub mtu: u32,
    /// VMs may join it: it gets a bridge on hosts.
    pub vm_network: bool,
    /// Spanning tree on the bridge.
    pub stp: bool,
    /// VMs on it can't reach each other.
    pub port_isolation: bool,
    /// The device name on hosts, at most 15 bytes.
    pub device_name: String,
}

/// How VMs join a network.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct VnicProfile {
    /// The id.
    pub id: VnicProfileId,
    /// Unique within the network.
    pub name: String,
    /// The network.
    pub network: NetworkId,
    /// Free text.
    pub description: String,
    /// Free text.
    pub comment: String,
    /// Name of a packet filter; `None`: unfiltered.
    pub filter: Option<String>,
    /// The VM sees all traffic of the network.
    pub port_mirroring: bool,
    /// The VM gets a virtual function of the host's NIC.
    pub pass_through: bool,
    /// A VM with a virtual function may be moved.
    pub migratable: bool,
}

/// A pool of MAC addresses.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct MacPool {
    /// The id.
    pub id: MacPoolId,
    /// Unique.
    pub name: String,
    /// Free text.
    pub description: String,
    /// The same address may be used twice.
    pub allow_duplicates: bool,
    /// The pool of those that name none.
    pub default: bool,
    /// Inclusive ranges, lower-case colon form.
    pub ranges: Vec<(String, String)>,
}

/// A network interface that a host reports.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct HostNic {
    /// Stays the same while the name does.
    pub id: HostNicId,
    /// The host.
    pub host: HostId,
    /// eth0, ovirtmgmt …
    pub name: String,
    /// MAC address.
    pub mac_address: String,
    /// Bytes.
    pub mtu: u32,
    /// The link is up.
    pub up: bool,
    /// Bits a second, 0: unknown.
    pub speed: u64,
    /// address/prefix.
    pub ipv4: Vec<String>,
    /// address/prefix.
    pub ipv6: Vec<String>,
    /// physical, bridge, bond, vlan or virtual.
    pub kind: String,
    /// The bridge or bond that it belongs to.
    pub master: String,
    /// The interface under a VLAN.
    pub base_nic: String,
    /// VLAN id, 0: none.
    pub vlan: u16,
    /// Default gateway.
    pub gateway: String,
    /// none, dhcp or static.
    pub ipv4_method: String,
    /// The logical network on it.
    pub network: Option<NetworkId>,
}
