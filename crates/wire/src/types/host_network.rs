//! Networks as they stand on hosts. Plain types of the wire: no rule of any format stands here.

use serde::{Deserialize, Serialize};

use super::*;
use crate::word::words;

/// A bond: options and members.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Bonding {
    pub ad_partner_mac: Option<Mac>,
    pub options: Option<List<OptionSetting>>,
    pub slaves: Option<List<HostNic>>,
    pub active_slave: Option<Box<HostNic>>,
}

/// A network interface of a host.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct HostNic {
    pub href: Option<String>,
    pub id: Option<String>,
    pub actions: Option<Actions>,
    pub name: Option<String>,
    pub description: Option<String>,
    pub comment: Option<String>,
    pub creation_status: Option<CreationStatus>,
    #[serde(default)]
    pub link: Vec<Link>,
    pub ad_aggregator_id: Option<i64>,
    pub base_interface: Option<String>,
    pub bonding: Option<Bonding>,
    pub boot_protocol: Option<BootProtocol>,
    pub bridged: Option<bool>,
    pub check_connectivity: Option<bool>,
    pub custom_configuration: Option<bool>,
    pub ip: Option<Ip>,
    pub ipv6: Option<Ip>,
    pub ipv6_boot_protocol: Option<BootProtocol>,
    pub mac: Option<Mac>,
    pub mtu: Option<i64>,
    pub override_configuration: Option<bool>,
    pub properties: Option<List<Property>>,
    pub speed: Option<i64>,
    pub status: Option<NicStatus>,
    pub virtual_functions_configuration: Option<HostNicVirtualFunctionsConfiguration>,
    pub vlan: Option<Vlan>,
    pub host: Option<Box<Host>>,
    pub network: Option<Box<Network>>,
    pub network_labels: Option<List<NetworkLabel>>,
    pub physical_function: Option<Box<HostNic>>,
    pub qos: Option<Box<Qos>>,
    pub statistics: Option<List<Statistic>>,
}

/// Virtual functions of an SR-IOV interface.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct HostNicVirtualFunctionsConfiguration {
    pub all_networks_allowed: Option<bool>,
    pub max_number_of_virtual_functions: Option<i64>,
    pub number_of_virtual_functions: Option<i64>,
}

/// How a host interface gets its address.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct IpAddressAssignment {
    pub assignment_method: Option<BootProtocol>,
    pub ip: Option<Ip>,
}

/// What a switch told a host interface about itself.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct LinkLayerDiscoveryProtocolElement {
    pub href: Option<String>,
    pub id: Option<String>,
    pub actions: Option<Actions>,
    pub name: Option<String>,
    pub description: Option<String>,
    pub comment: Option<String>,
    pub creation_status: Option<CreationStatus>,
    #[serde(default)]
    pub link: Vec<Link>,
    pub oui: Option<i64>,
    pub properties: Option<List<Property>>,
    pub subtype: Option<i64>,
    pub r#type: Option<i64>,
}

/// A network attached to a host interface.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct NetworkAttachment {
    pub href: Option<String>,
    pub id: Option<String>,
    pub actions: Option<Actions>,
    pub name: Option<String>,
    pub description: Option<String>,
    pub comment: Option<String>,
    pub creation_status: Option<CreationStatus>,
    #[serde(default)]
    pub link: Vec<Link>,
    pub dns_resolver_configuration: Option<DnsResolverConfiguration>,
    pub in_sync: Option<bool>,
    pub ip_address_assignments: Option<List<IpAddressAssignment>>,
    pub properties: Option<List<Property>>,
    pub reported_configurations: Option<List<ReportedConfiguration>>,
    pub host: Option<Box<Host>>,
    pub host_nic: Option<Box<HostNic>>,
    pub network: Option<Box<Network>>,
    pub qos: Option<Box<Qos>>,
}

/// A setting of a host network, wanted and found.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct ReportedConfiguration {
    pub actual_value: Option<String>,
    pub expected_value: Option<String>,
    pub in_sync: Option<bool>,
    pub name: Option<String>,
}

/// A network on a host that the engine does not manage.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct UnmanagedNetwork {
    pub href: Option<String>,
    pub id: Option<String>,
    pub actions: Option<Actions>,
    pub name: Option<String>,
    pub description: Option<String>,
    pub comment: Option<String>,
    pub creation_status: Option<CreationStatus>,
    #[serde(default)]
    pub link: Vec<Link>,
    pub host: Option<Box<Host>>,
    pub host_nic: Option<Box<HostNic>>,
}

words! {
    /// What `host_nic.status` may say.
    NicStatus {
        Down = "down",
        Up = "up",
    }
}
