//! Lists of plain values: the container's tag is the field's, the item's tag is the struct's field.

use serde::{Deserialize, Serialize};

use super::*;

/// Addresses of iSCSI targets.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct IscsiTargets {
    #[serde(default)]
    pub iscsi_target: Vec<String>,
}

/// Devices that a VM boots from, first choice first.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct BootDevices {
    #[serde(default)]
    pub device: Vec<BootDevice>,
}

/// Sources of random numbers that the hosts of a cluster must have.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct RequiredRngSources {
    #[serde(default)]
    pub required_rng_source: Vec<RngSource>,
}

/// Addresses of name servers that a host asks.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct NameServers {
    #[serde(default)]
    pub name_server: Vec<String>,
}

/// Transports of a Gluster volume.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct TransportTypes {
    #[serde(default)]
    pub transport_type: Vec<TransportType>,
}

/// Sources of random numbers that a host has.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct SupportedRngSources {
    #[serde(default)]
    pub supported_rng_source: Vec<RngSource>,
}

/// What a network is used for in a cluster.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct NetworkUsages {
    #[serde(default)]
    pub usage: Vec<NetworkUsage>,
}

/// Name servers of a subnet.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct DnsServers {
    #[serde(default)]
    pub dns_server: Vec<String>,
}
