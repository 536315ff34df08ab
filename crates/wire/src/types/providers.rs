//! Outside providers of hosts, networks, images and volumes. Plain types of the wire: no rule of any format stands here.

use serde::{Deserialize, Serialize};

use super::*;
use crate::word::words;

/// How hosts reach the agent of a network provider.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct AgentConfiguration {
    pub address: Option<String>,
    pub broker_type: Option<MessageBrokerType>,
    pub network_mappings: Option<String>,
    pub password: Option<String>,
    pub port: Option<i64>,
    pub username: Option<String>,
}

/// A compute resource of an outside host provider.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct ExternalComputeResource {
    pub href: Option<String>,
    pub id: Option<String>,
    pub actions: Option<Actions>,
    pub name: Option<String>,
    pub description: Option<String>,
    pub comment: Option<String>,
    pub creation_status: Option<CreationStatus>,
    #[serde(default)]
    pub link: Vec<Link>,
    pub provider: Option<String>,
    pub url: Option<String>,
    pub user: Option<String>,
    pub external_host_provider: Option<Box<ExternalHostProvider>>,
}

/// A host that an outside provider discovered.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct ExternalDiscoveredHost {
    pub href: Option<String>,
    pub id: Option<String>,
    pub actions: Option<Actions>,
    pub name: Option<String>,
    pub description: Option<String>,
    pub comment: Option<String>,
    pub creation_status: Option<CreationStatus>,
    #[serde(default)]
    pub link: Vec<Link>,
    pub ip: Option<String>,
    pub last_report: Option<String>,
    pub mac: Option<String>,
    pub subnet_name: Option<String>,
    pub external_host_provider: Option<Box<ExternalHostProvider>>,
}

/// A host group of an outside provider.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct ExternalHostGroup {
    pub href: Option<String>,
    pub id: Option<String>,
    pub actions: Option<Actions>,
    pub name: Option<String>,
    pub description: Option<String>,
    pub comment: Option<String>,
    pub creation_status: Option<CreationStatus>,
    #[serde(default)]
    pub link: Vec<Link>,
    pub architecture_name: Option<String>,
    pub domain_name: Option<String>,
    pub operating_system_name: Option<String>,
    pub subnet_name: Option<String>,
    pub external_host_provider: Option<Box<ExternalHostProvider>>,
}

/// A provider of hosts (Foreman).
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct ExternalHostProvider {
    pub href: Option<String>,
    pub id: Option<String>,
    pub actions: Option<Actions>,
    pub name: Option<String>,
    pub description: Option<String>,
    pub comment: Option<String>,
    pub creation_status: Option<CreationStatus>,
    #[serde(default)]
    pub link: Vec<Link>,
    pub authentication_url: Option<String>,
    pub password: Option<String>,
    pub properties: Option<List<Property>>,
    pub requires_authentication: Option<bool>,
    pub url: Option<String>,
    pub username: Option<String>,
    pub certificates: Option<List<Certificate>>,
    pub compute_resources: Option<List<ExternalComputeResource>>,
    pub discovered_hosts: Option<List<ExternalDiscoveredHost>>,
    pub host_groups: Option<List<ExternalHostGroup>>,
    pub hosts: Option<List<Host>>,
}

/// Which outside network provider a host uses.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct ExternalNetworkProviderConfiguration {
    pub href: Option<String>,
    pub id: Option<String>,
    pub actions: Option<Actions>,
    pub name: Option<String>,
    pub description: Option<String>,
    pub comment: Option<String>,
    pub creation_status: Option<CreationStatus>,
    #[serde(default)]
    pub link: Vec<Link>,
    pub external_network_provider: Option<Box<ExternalProvider>>,
    pub host: Option<Box<Host>>,
}

/// What outside providers have in common.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct ExternalProvider {
    pub href: Option<String>,
    pub id: Option<String>,
    pub actions: Option<Actions>,
    pub name: Option<String>,
    pub description: Option<String>,
    pub comment: Option<String>,
    pub creation_status: Option<CreationStatus>,
    #[serde(default)]
    pub link: Vec<Link>,
    pub authentication_url: Option<String>,
    pub password: Option<String>,
    pub properties: Option<List<Property>>,
    pub requires_authentication: Option<bool>,
    pub url: Option<String>,
    pub username: Option<String>,
}

/// Import of a template from outside.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct ExternalTemplateImport {
    pub clone: Option<bool>,
    pub url: Option<String>,
    pub cluster: Option<Box<Cluster>>,
    pub cpu_profile: Option<Box<CpuProfile>>,
    pub host: Option<Box<Host>>,
    pub quota: Option<Box<Quota>>,
    pub storage_domain: Option<Box<StorageDomain>>,
    pub template: Option<Box<Template>>,
}

/// Import of a VM from another hypervisor.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct ExternalVmImport {
    pub name: Option<String>,
    pub password: Option<String>,
    pub provider: Option<ExternalVmProviderType>,
    pub sparse: Option<bool>,
    pub url: Option<String>,
    pub username: Option<String>,
    pub cluster: Option<Box<Cluster>>,
    pub cpu_profile: Option<Box<CpuProfile>>,
    pub drivers_iso: Option<Box<File>>,
    pub host: Option<Box<Host>>,
    pub quota: Option<Box<Quota>>,
    pub storage_domain: Option<Box<StorageDomain>>,
    pub vm: Option<Box<Vm>>,
}

/// An image of an OpenStack provider.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct OpenStackImage {
    pub href: Option<String>,
    pub id: Option<String>,
    pub actions: Option<Actions>,
    pub name: Option<String>,
    pub description: Option<String>,
    pub comment: Option<String>,
    pub creation_status: Option<CreationStatus>,
    #[serde(default)]
    pub link: Vec<Link>,
    pub openstack_image_provider: Option<Box<OpenStackImageProvider>>,
}

/// An OpenStack image provider (Glance).
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct OpenStackImageProvider {
    pub href: Option<String>,
    pub id: Option<String>,
    pub actions: Option<Actions>,
    pub name: Option<String>,
    pub description: Option<String>,
    pub comment: Option<String>,
    pub creation_status: Option<CreationStatus>,
    #[serde(default)]
    pub link: Vec<Link>,
    pub authentication_url: Option<String>,
    pub password: Option<String>,
    pub properties: Option<List<Property>>,
    pub requires_authentication: Option<bool>,
    pub url: Option<String>,
    pub username: Option<String>,
    pub tenant_name: Option<String>,
    pub certificates: Option<List<Certificate>>,
    pub images: Option<List<OpenStackImage>>,
}

/// A network of an OpenStack provider.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct OpenStackNetwork {
    pub href: Option<String>,
    pub id: Option<String>,
    pub actions: Option<Actions>,
    pub name: Option<String>,
    pub description: Option<String>,
    pub comment: Option<String>,
    pub creation_status: Option<CreationStatus>,
    #[serde(default)]
    pub link: Vec<Link>,
    pub openstack_network_provider: Option<Box<OpenStackNetworkProvider>>,
}

/// An OpenStack network provider (Neutron).
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct OpenStackNetworkProvider {
    pub href: Option<String>,
    pub id: Option<String>,
    pub actions: Option<Actions>,
    pub name: Option<String>,
    pub description: Option<String>,
    pub comment: Option<String>,
    pub creation_status: Option<CreationStatus>,
    #[serde(default)]
    pub link: Vec<Link>,
    pub authentication_url: Option<String>,
    pub password: Option<String>,
    pub properties: Option<List<Property>>,
    pub requires_authentication: Option<bool>,
    pub url: Option<String>,
    pub username: Option<String>,
    pub tenant_name: Option<String>,
    pub agent_configuration: Option<AgentConfiguration>,
    pub auto_sync: Option<bool>,
    pub external_plugin_type: Option<String>,
    pub plugin_type: Option<NetworkPluginType>,
    pub project_domain_name: Option<String>,
    pub project_name: Option<String>,
    pub read_only: Option<bool>,
    pub r#type: Option<OpenStackNetworkProviderType>,
    pub unmanaged: Option<bool>,
    pub user_domain_name: Option<String>,
    pub certificates: Option<List<Certificate>>,
    pub networks: Option<List<OpenStackNetwork>>,
    pub subnets: Option<List<OpenStackSubnet>>,
}

/// What OpenStack providers have in common.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct OpenStackProvider {
    pub href: Option<String>,
    pub id: Option<String>,
    pub actions: Option<Actions>,
    pub name: Option<String>,
    pub description: Option<String>,
    pub comment: Option<String>,
    pub creation_status: Option<CreationStatus>,
    #[serde(default)]
    pub link: Vec<Link>,
    pub authentication_url: Option<String>,
    pub password: Option<String>,
    pub properties: Option<List<Property>>,
    pub requires_authentication: Option<bool>,
    pub url: Option<String>,
    pub username: Option<String>,
    pub tenant_name: Option<String>,
}

/// A subnet of an OpenStack network.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct OpenStackSubnet {
    pub href: Option<String>,
    pub id: Option<String>,
    pub actions: Option<Actions>,
    pub name: Option<String>,
    pub description: Option<String>,
    pub comment: Option<String>,
    pub creation_status: Option<CreationStatus>,
    #[serde(default)]
    pub link: Vec<Link>,
    pub cidr: Option<String>,
    pub dns_servers: Option<DnsServers>,
    pub gateway: Option<String>,
    pub ip_version: Option<String>,
    pub openstack_network: Option<Box<OpenStackNetwork>>,
}

/// An OpenStack volume provider (Cinder).
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct OpenStackVolumeProvider {
    pub href: Option<String>,
    pub id: Option<String>,
    pub actions: Option<Actions>,
    pub name: Option<String>,
    pub description: Option<String>,
    pub comment: Option<String>,
    pub creation_status: Option<CreationStatus>,
    #[serde(default)]
    pub link: Vec<Link>,
    pub authentication_url: Option<String>,
    pub password: Option<String>,
    pub properties: Option<List<Property>>,
    pub requires_authentication: Option<bool>,
    pub url: Option<String>,
    pub username: Option<String>,
    pub tenant_name: Option<String>,
    pub authentication_keys: Option<List<OpenstackVolumeAuthenticationKey>>,
    pub certificates: Option<List<Certificate>>,
    pub data_center: Option<Box<DataCenter>>,
    pub volume_types: Option<List<OpenStackVolumeType>>,
}

/// A volume type of an OpenStack provider.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct OpenStackVolumeType {
    pub href: Option<String>,
    pub id: Option<String>,
    pub actions: Option<Actions>,
    pub name: Option<String>,
    pub description: Option<String>,
    pub comment: Option<String>,
    pub creation_status: Option<CreationStatus>,
    #[serde(default)]
    pub link: Vec<Link>,
    pub properties: Option<List<Property>>,
    pub openstack_volume_provider: Option<Box<OpenStackVolumeProvider>>,
}

/// A key for volumes of an OpenStack provider.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct OpenstackVolumeAuthenticationKey {
    pub href: Option<String>,
    pub id: Option<String>,
    pub actions: Option<Actions>,
    pub name: Option<String>,
    pub description: Option<String>,
    pub comment: Option<String>,
    pub creation_status: Option<CreationStatus>,
    #[serde(default)]
    pub link: Vec<Link>,
    pub creation_date: Option<Timestamp>,
    pub usage_type: Option<OpenstackVolumeAuthenticationKeyUsageType>,
    pub uuid: Option<String>,
    pub value: Option<String>,
    pub openstack_volume_provider: Option<Box<OpenStackVolumeProvider>>,
}

words! {
    /// What `external_vm_import.provider` may say.
    ExternalVmProviderType {
        Kvm = "kvm",
        Xen = "xen",
        Vmware = "vmware",
    }
}

words! {
    /// What `agent_configuration.broker_type` may say.
    MessageBrokerType {
        Qpid = "qpid",
        RabbitMq = "rabbit_mq",
    }
}

words! {
    /// What `openstack_network_provider.plugin_type` may say.
    NetworkPluginType {
        OpenVswitch = "open_vswitch",
    }
}

words! {
    /// What `openstack_network_provider.type` may say.
    OpenStackNetworkProviderType {
        Neutron = "neutron",
        External = "external",
    }
}

words! {
    /// What `openstack_volume_authentication_key.usage_type` may say.
    OpenstackVolumeAuthenticationKeyUsageType {
        Ceph = "ceph",
    }
}
