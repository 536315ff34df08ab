//! Logical networks, NICs and vNIC profiles. Plain types of the wire: no rule of any format stands here.

use serde::{Deserialize, Serialize};

use super::*;
use crate::word::words;

/// Name servers and search domains.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Dns {
    pub search_domains: Option<List<Host>>,
    pub servers: Option<List<Host>>,
}

/// Name servers that hosts ask.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct DnsResolverConfiguration {
    pub name_servers: Option<NameServers>,
}

/// An IP address with its net mask and gateway.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Ip {
    pub address: Option<String>,
    pub gateway: Option<String>,
    pub netmask: Option<String>,
    pub version: Option<IpVersion>,
}

/// A MAC address.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Mac {
    pub address: Option<String>,
}

/// A pool of MAC addresses for VMs.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct MacPool {
    pub href: Option<String>,
    pub id: Option<String>,
    pub actions: Option<Actions>,
    pub name: Option<String>,
    pub description: Option<String>,
    pub comment: Option<String>,
    pub creation_status: Option<CreationStatus>,
    #[serde(default)]
    pub link: Vec<Link>,
    pub allow_duplicates: Option<bool>,
    pub default_pool: Option<bool>,
    pub ranges: Option<List<Range>>,
    pub permissions: Option<List<Permission>>,
}

/// A logical network.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Network {
    pub href: Option<String>,
    pub id: Option<String>,
    pub actions: Option<Actions>,
    pub name: Option<String>,
    pub description: Option<String>,
    pub comment: Option<String>,
    pub creation_status: Option<CreationStatus>,
    #[serde(default)]
    pub link: Vec<Link>,
    pub display: Option<bool>,
    pub dns_resolver_configuration: Option<DnsResolverConfiguration>,
    pub ip: Option<Ip>,
    pub mtu: Option<i64>,
    pub port_isolation: Option<bool>,
    pub profile_required: Option<bool>,
    pub required: Option<bool>,
    pub status: Option<NetworkStatus>,
    pub stp: Option<bool>,
    pub usages: Option<NetworkUsages>,
    pub vdsm_name: Option<String>,
    pub vlan: Option<Vlan>,
    pub cluster: Option<Box<Cluster>>,
    pub data_center: Option<Box<DataCenter>>,
    pub external_provider: Option<Box<OpenStackNetworkProvider>>,
    pub external_provider_physical_network: Option<Box<Network>>,
    pub network_labels: Option<List<NetworkLabel>>,
    pub permissions: Option<List<Permission>>,
    pub qos: Option<Box<Qos>>,
    pub vnic_profiles: Option<List<VnicProfile>>,
}

/// A filter for packets of a VM.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct NetworkFilter {
    pub href: Option<String>,
    pub id: Option<String>,
    pub actions: Option<Actions>,
    pub name: Option<String>,
    pub description: Option<String>,
    pub comment: Option<String>,
    pub creation_status: Option<CreationStatus>,
    #[serde(default)]
    pub link: Vec<Link>,
    pub version: Option<Box<Version>>,
}

/// A parameter of the network filter of a NIC.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct NetworkFilterParameter {
    pub href: Option<String>,
    pub id: Option<String>,
    pub actions: Option<Actions>,
    pub name: Option<String>,
    pub description: Option<String>,
    pub comment: Option<String>,
    pub creation_status: Option<CreationStatus>,
    #[serde(default)]
    pub link: Vec<Link>,
    pub value: Option<String>,
    pub nic: Option<Box<Nic>>,
}

/// A label that brings networks to host interfaces.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct NetworkLabel {
    pub href: Option<String>,
    pub id: Option<String>,
    pub actions: Option<Actions>,
    pub name: Option<String>,
    pub description: Option<String>,
    pub comment: Option<String>,
    pub creation_status: Option<CreationStatus>,
    #[serde(default)]
    pub link: Vec<Link>,
    pub host_nic: Option<Box<HostNic>>,
    pub network: Option<Box<Network>>,
}

/// A network interface of a VM or template.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Nic {
    pub href: Option<String>,
    pub id: Option<String>,
    pub actions: Option<Actions>,
    pub name: Option<String>,
    pub description: Option<String>,
    pub comment: Option<String>,
    pub creation_status: Option<CreationStatus>,
    #[serde(default)]
    pub link: Vec<Link>,
    pub instance_type: Option<Box<InstanceType>>,
    pub template: Option<Box<Template>>,
    pub vm: Option<Box<Vm>>,
    pub vms: Option<List<Vm>>,
    pub boot_protocol: Option<BootProtocol>,
    pub interface: Option<NicInterface>,
    pub linked: Option<bool>,
    pub mac: Option<Mac>,
    pub on_boot: Option<bool>,
    pub plugged: Option<bool>,
    pub synced: Option<bool>,
    pub network: Option<Box<Network>>,
    pub network_attachments: Option<List<NetworkAttachment>>,
    pub network_filter_parameters: Option<List<NetworkFilterParameter>>,
    pub network_labels: Option<List<NetworkLabel>>,
    pub reported_devices: Option<List<ReportedDevice>>,
    pub statistics: Option<List<Statistic>>,
    pub virtual_function_allowed_labels: Option<List<NetworkLabel>>,
    pub virtual_function_allowed_networks: Option<List<Network>>,
    pub vnic_profile: Option<Box<VnicProfile>>,
}

/// Limits on storage, CPU or network.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Qos {
    pub href: Option<String>,
    pub id: Option<String>,
    pub actions: Option<Actions>,
    pub name: Option<String>,
    pub description: Option<String>,
    pub comment: Option<String>,
    pub creation_status: Option<CreationStatus>,
    #[serde(default)]
    pub link: Vec<Link>,
    pub cpu_limit: Option<i64>,
    pub inbound_average: Option<i64>,
    pub inbound_burst: Option<i64>,
    pub inbound_peak: Option<i64>,
    pub max_iops: Option<i64>,
    pub max_read_iops: Option<i64>,
    pub max_read_throughput: Option<i64>,
    pub max_throughput: Option<i64>,
    pub max_write_iops: Option<i64>,
    pub max_write_throughput: Option<i64>,
    pub outbound_average: Option<i64>,
    pub outbound_average_linkshare: Option<i64>,
    pub outbound_average_realtime: Option<i64>,
    pub outbound_average_upperlimit: Option<i64>,
    pub outbound_burst: Option<i64>,
    pub outbound_peak: Option<i64>,
    pub r#type: Option<QosType>,
    pub data_center: Option<Box<DataCenter>>,
}

/// The VLAN tag of a network.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Vlan {
    pub id: Option<i64>,
}

/// Whether a NIC is a virtual function of the host's card.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct VnicPassThrough {
    pub mode: Option<VnicPassThroughMode>,
}

/// How VM interfaces connect to a network.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct VnicProfile {
    pub href: Option<String>,
    pub id: Option<String>,
    pub actions: Option<Actions>,
    pub name: Option<String>,
    pub description: Option<String>,
    pub comment: Option<String>,
    pub creation_status: Option<CreationStatus>,
    #[serde(default)]
    pub link: Vec<Link>,
    pub custom_properties: Option<List<CustomProperty>>,
    pub migratable: Option<bool>,
    pub pass_through: Option<VnicPassThrough>,
    pub port_mirroring: Option<bool>,
    pub failover: Option<Box<VnicProfile>>,
    pub network: Option<Box<Network>>,
    pub network_filter: Option<Box<NetworkFilter>>,
    pub permissions: Option<List<Permission>>,
    pub qos: Option<Box<Qos>>,
}

words! {
    /// What `ip.version` may say.
    IpVersion {
        V4 = "v4",
        V6 = "v6",
    }
}

words! {
    /// What `network.status` may say.
    NetworkStatus {
        Operational = "operational",
        NonOperational = "non_operational",
    }
}

words! {
    /// What `network.usages` may say.
    NetworkUsage {
        DefaultRoute = "default_route",
        Display = "display",
        Gluster = "gluster",
        Management = "management",
        Migration = "migration",
        Vm = "vm",
    }
}

words! {
    /// What `nic.interface` may say.
    NicInterface {
        E1000 = "e1000",
        E1000e = "e1000e",
        Virtio = "virtio",
        Rtl8139 = "rtl8139",
        Rtl8139Virtio = "rtl8139_virtio",
        SpaprVlan = "spapr_vlan",
        PciPassthrough = "pci_passthrough",
    }
}

words! {
    /// What `qos.type` may say.
    QosType {
        Storage = "storage",
        Cpu = "cpu",
        Network = "network",
        Hostnetwork = "hostnetwork",
    }
}

words! {
    /// What `vnic_pass_through.mode` may say.
    VnicPassThroughMode {
        Enabled = "enabled",
        Disabled = "disabled",
    }
}
