//! Hosts, their hardware and power management. Plain types of the wire: no rule of any format stands here.

use serde::{Deserialize, Serialize};

use super::*;
use crate::word::words;

/// A fence agent of a host.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Agent {
    pub href: Option<String>,
    pub id: Option<String>,
    pub actions: Option<Actions>,
    pub name: Option<String>,
    pub description: Option<String>,
    pub comment: Option<String>,
    pub creation_status: Option<CreationStatus>,
    #[serde(default)]
    pub link: Vec<Link>,
    pub address: Option<String>,
    pub concurrent: Option<bool>,
    pub encrypt_options: Option<bool>,
    pub options: Option<List<OptionSetting>>,
    pub order: Option<i64>,
    pub password: Option<String>,
    pub port: Option<i64>,
    pub r#type: Option<String>,
    pub username: Option<String>,
    pub host: Option<Box<Host>>,
}

/// Read and write counts of a block size.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct BlockStatistic {
    pub statistics: Option<List<Statistic>>,
}

/// A certificate.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Certificate {
    pub href: Option<String>,
    pub id: Option<String>,
    pub actions: Option<Actions>,
    pub name: Option<String>,
    pub description: Option<String>,
    pub comment: Option<String>,
    pub creation_status: Option<CreationStatus>,
    #[serde(default)]
    pub link: Vec<Link>,
    pub content: Option<String>,
    pub organization: Option<String>,
    pub subject: Option<String>,
}

/// A host.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Host {
    pub href: Option<String>,
    pub id: Option<String>,
    pub actions: Option<Actions>,
    pub name: Option<String>,
    pub description: Option<String>,
    pub comment: Option<String>,
    pub creation_status: Option<CreationStatus>,
    #[serde(default)]
    pub link: Vec<Link>,
    pub address: Option<String>,
    pub auto_numa_status: Option<AutoNumaStatus>,
    pub certificate: Option<Box<Certificate>>,
    pub cpu: Option<Cpu>,
    pub device_passthrough: Option<HostDevicePassthrough>,
    pub display: Option<Display>,
    pub external_status: Option<ExternalStatus>,
    pub hardware_information: Option<HardwareInformation>,
    pub hosted_engine: Option<HostedEngine>,
    pub iscsi: Option<IscsiDetails>,
    pub kdump_status: Option<KdumpStatus>,
    pub ksm: Option<Ksm>,
    pub libvirt_version: Option<Box<Version>>,
    pub max_scheduling_memory: Option<i64>,
    pub memory: Option<i64>,
    pub network_operation_in_progress: Option<bool>,
    pub numa_supported: Option<bool>,
    pub os: Option<OperatingSystem>,
    pub override_iptables: Option<bool>,
    pub ovn_configured: Option<bool>,
    pub port: Option<i64>,
    pub power_management: Option<PowerManagement>,
    pub protocol: Option<HostProtocol>,
    pub reinstallation_required: Option<bool>,
    pub root_password: Option<String>,
    pub se_linux: Option<SeLinux>,
    pub spm: Option<Spm>,
    pub ssh: Option<Box<Ssh>>,
    pub status: Option<HostStatus>,
    pub status_detail: Option<String>,
    pub summary: Option<VmSummary>,
    pub transparent_hugepages: Option<TransparentHugePages>,
    pub r#type: Option<HostType>,
    pub update_available: Option<bool>,
    pub version: Option<Box<Version>>,
    pub vgpu_placement: Option<VgpuPlacement>,
    pub affinity_labels: Option<List<AffinityLabel>>,
    pub agents: Option<List<Agent>>,
    pub cluster: Option<Box<Cluster>>,
    pub cpu_units: Option<List<HostCpuUnit>>,
    pub devices: Option<List<HostDevice>>,
    pub external_host_provider: Option<Box<ExternalHostProvider>>,
    pub external_network_provider_configurations: Option<List<ExternalNetworkProviderConfiguration>>,
    pub hooks: Option<List<Hook>>,
    pub katello_errata: Option<List<KatelloErratum>>,
    pub network_attachments: Option<List<NetworkAttachment>>,
    pub nics: Option<List<HostNic>>,
    pub host_numa_nodes: Option<List<NumaNode>>,
    pub permissions: Option<List<Permission>>,
    pub statistics: Option<List<Statistic>>,
    pub storage_connection_extensions: Option<List<StorageConnectionExtension>>,
    pub storages: Option<List<HostStorage>>,
    pub tags: Option<List<Tag>>,
    pub unmanaged_networks: Option<List<UnmanagedNetwork>>,
}

/// A CPU unit of a host and the VMs pinned to it.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct HostCpuUnit {
    pub href: Option<String>,
    pub id: Option<String>,
    pub actions: Option<Actions>,
    pub name: Option<String>,
    pub description: Option<String>,
    pub comment: Option<String>,
    pub creation_status: Option<CreationStatus>,
    #[serde(default)]
    pub link: Vec<Link>,
    pub core_id: Option<i64>,
    pub cpu_id: Option<i64>,
    pub runs_vdsm: Option<bool>,
    pub socket_id: Option<i64>,
    pub vms: Option<List<Vm>>,
}

/// A device of a host.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct HostDevice {
    pub href: Option<String>,
    pub id: Option<String>,
    pub actions: Option<Actions>,
    pub name: Option<String>,
    pub description: Option<String>,
    pub comment: Option<String>,
    pub creation_status: Option<CreationStatus>,
    #[serde(default)]
    pub link: Vec<Link>,
    pub capability: Option<String>,
    pub driver: Option<String>,
    pub iommu_group: Option<i64>,
    pub m_dev_types: Option<List<MDevType>>,
    pub physical_function: Option<Box<HostDevice>>,
    pub placeholder: Option<bool>,
    pub product: Option<Box<Product>>,
    pub vendor: Option<Box<Vendor>>,
    pub virtual_functions: Option<i64>,
    pub host: Option<Box<Host>>,
    pub parent_device: Option<Box<HostDevice>>,
    pub vm: Option<Box<Vm>>,
}

/// State of the self-hosted engine on a host.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct HostedEngine {
    pub active: Option<bool>,
    pub configured: Option<bool>,
    pub global_maintenance: Option<bool>,
    pub local_maintenance: Option<bool>,
    pub score: Option<i64>,
}

/// Storage that a host can see.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct HostStorage {
    pub href: Option<String>,
    pub id: Option<String>,
    pub actions: Option<Actions>,
    pub name: Option<String>,
    pub description: Option<String>,
    pub comment: Option<String>,
    pub creation_status: Option<CreationStatus>,
    #[serde(default)]
    pub link: Vec<Link>,
    pub address: Option<String>,
    pub driver_options: Option<List<Property>>,
    pub driver_sensitive_options: Option<List<Property>>,
    pub logical_units: Option<List<LogicalUnit>>,
    pub mount_options: Option<String>,
    pub nfs_retrans: Option<i64>,
    pub nfs_timeo: Option<i64>,
    pub nfs_version: Option<NfsVersion>,
    pub override_luns: Option<bool>,
    pub password: Option<String>,
    pub path: Option<String>,
    pub port: Option<i64>,
    pub portal: Option<String>,
    pub target: Option<String>,
    pub r#type: Option<StorageType>,
    pub username: Option<String>,
    pub vfs_type: Option<String>,
    pub volume_group: Option<VolumeGroup>,
    pub host: Option<Box<Host>>,
}

/// What a host is made of.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct HardwareInformation {
    pub family: Option<String>,
    pub manufacturer: Option<String>,
    pub product_name: Option<String>,
    pub serial_number: Option<String>,
    pub supported_rng_sources: Option<SupportedRngSources>,
    pub uuid: Option<String>,
    pub version: Option<String>,
}

/// A hook script on a host.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Hook {
    pub href: Option<String>,
    pub id: Option<String>,
    pub actions: Option<Actions>,
    pub name: Option<String>,
    pub description: Option<String>,
    pub comment: Option<String>,
    pub creation_status: Option<CreationStatus>,
    #[serde(default)]
    pub link: Vec<Link>,
    pub event_name: Option<String>,
    pub md5: Option<String>,
    pub host: Option<Box<Host>>,
}

/// Sharing of equal memory pages.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Ksm {
    pub enabled: Option<bool>,
    pub merge_across_nodes: Option<bool>,
}

/// A kind of mediated device that a host offers.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct MDevType {
    pub available_instances: Option<i64>,
    pub description: Option<String>,
    pub human_readable_name: Option<String>,
    pub name: Option<String>,
}

/// A NUMA node of a host.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct NumaNode {
    pub href: Option<String>,
    pub id: Option<String>,
    pub actions: Option<Actions>,
    pub name: Option<String>,
    pub description: Option<String>,
    pub comment: Option<String>,
    pub creation_status: Option<CreationStatus>,
    #[serde(default)]
    pub link: Vec<Link>,
    pub cpu: Option<Cpu>,
    pub index: Option<i64>,
    pub memory: Option<i64>,
    pub node_distance: Option<String>,
    pub host: Option<Box<Host>>,
    pub statistics: Option<List<Statistic>>,
}

/// An option of a fence agent or of a volume.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(rename = "Option")]
pub struct OptionSetting {
    pub name: Option<String>,
    pub r#type: Option<String>,
    pub value: Option<String>,
}

/// How a proxy for power management is chosen.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct PmProxy {
    pub r#type: Option<PmProxyType>,
}

/// How the power of a host is switched.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct PowerManagement {
    pub address: Option<String>,
    pub agents: Option<List<Agent>>,
    pub automatic_pm_enabled: Option<bool>,
    pub enabled: Option<bool>,
    pub kdump_detection: Option<bool>,
    pub options: Option<List<OptionSetting>>,
    pub password: Option<String>,
    pub pm_proxies: Option<List<PmProxy>>,
    pub status: Option<PowerManagementStatus>,
    pub r#type: Option<String>,
    pub username: Option<String>,
}

/// SELinux mode of a host.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct SeLinux {
    pub mode: Option<SeLinuxMode>,
}

/// Whether a host is the storage pool manager, and its priority.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Spm {
    pub priority: Option<i64>,
    pub status: Option<SpmStatus>,
}

/// How the engine logs in to a host.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Ssh {
    pub href: Option<String>,
    pub id: Option<String>,
    pub actions: Option<Actions>,
    pub name: Option<String>,
    pub description: Option<String>,
    pub comment: Option<String>,
    pub creation_status: Option<CreationStatus>,
    #[serde(default)]
    pub link: Vec<Link>,
    pub authentication_method: Option<SshAuthenticationMethod>,
    pub fingerprint: Option<String>,
    pub port: Option<i64>,
    pub public_key: Option<String>,
    pub user: Option<Box<User>>,
}

/// An SSH key of a user, for the serial console.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct SshPublicKey {
    pub href: Option<String>,
    pub id: Option<String>,
    pub actions: Option<Actions>,
    pub name: Option<String>,
    pub description: Option<String>,
    pub comment: Option<String>,
    pub creation_status: Option<CreationStatus>,
    #[serde(default)]
    pub link: Vec<Link>,
    pub content: Option<String>,
    pub user: Option<Box<User>>,
}

/// Whether large memory pages are used.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct TransparentHugePages {
    pub enabled: Option<bool>,
}

/// What hosts of outside providers have in common.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct ExternalHost {
    pub href: Option<String>,
    pub id: Option<String>,
    pub actions: Option<Actions>,
    pub name: Option<String>,
    pub description: Option<String>,
    pub comment: Option<String>,
    pub creation_status: Option<CreationStatus>,
    #[serde(default)]
    pub link: Vec<Link>,
    pub address: Option<String>,
    pub external_host_provider: Option<Box<ExternalHostProvider>>,
}

words! {
    /// What `host.auto_numa_status` may say.
    AutoNumaStatus {
        Disable = "disable",
        Enable = "enable",
        Unknown = "unknown",
    }
}

words! {
    /// Declared by the API for values that travel as plain text.
    EntityExternalStatus {
        Ok = "ok",
        Info = "info",
        Warning = "warning",
        Error = "error",
        Failure = "failure",
    }
}

words! {
    /// What `host.external_status`, `storage_domain.external_status` may say.
    ExternalStatus {
        Error = "error",
        Failure = "failure",
        Info = "info",
        Ok = "ok",
        Warning = "warning",
    }
}

words! {
    /// Declared by the API for values that travel as plain text.
    FenceType {
        Manual = "manual",
        Restart = "restart",
        Start = "start",
        Stop = "stop",
        Status = "status",
    }
}

words! {
    /// What `host.protocol` may say.
    HostProtocol {
        Xml = "xml",
        Stomp = "stomp",
    }
}

words! {
    /// What `host.status` may say.
    HostStatus {
        Down = "down",
        Error = "error",
        Initializing = "initializing",
        Installing = "installing",
        InstallFailed = "install_failed",
        Maintenance = "maintenance",
        NonOperational = "non_operational",
        NonResponsive = "non_responsive",
        PendingApproval = "pending_approval",
        PreparingForMaintenance = "preparing_for_maintenance",
        Connecting = "connecting",
        Reboot = "reboot",
        Unassigned = "unassigned",
        Up = "up",
        InstallingOs = "installing_os",
        Kdumping = "kdumping",
    }
}

words! {
    /// What `host.type` may say.
    HostType {
        Rhel = "rhel",
        RhevH = "rhev_h",
        OvirtNode = "ovirt_node",
    }
}

words! {
    /// What `host.kdump_status` may say.
    KdumpStatus {
        Unknown = "unknown",
        Disabled = "disabled",
        Enabled = "enabled",
    }
}

words! {
    /// What `host_storage.nfs_version`, `storage_connection.nfs_version` may say.
    NfsVersion {
        Auto = "auto",
        V3 = "v3",
        V4 = "v4",
        V4_0 = "v4_0",
        V4_1 = "v4_1",
        V4_2 = "v4_2",
    }
}

words! {
    /// What `pm_proxy.type` may say.
    PmProxyType {
        Cluster = "cluster",
        Dc = "dc",
        OtherDc = "other_dc",
    }
}

words! {
    /// What `power_management.status` may say.
    PowerManagementStatus {
        On = "on",
        Off = "off",
        Unknown = "unknown",
    }
}

words! {
    /// What `se_linux.mode` may say.
    SeLinuxMode {
        Enforcing = "enforcing",
        Permissive = "permissive",
        Disabled = "disabled",
    }
}

words! {
    /// What `spm.status` may say.
    SpmStatus {
        None = "none",
        Contending = "contending",
        Spm = "spm",
    }
}

words! {
    /// What `ssh.authentication_method` may say.
    SshAuthenticationMethod {
        Password = "password",
        Publickey = "publickey",
    }
}

words! {
    /// What `host_storage.type`, `storage_connection.type` may say.
    StorageType {
        Iscsi = "iscsi",
        Fcp = "fcp",
        Nfs = "nfs",
        Localfs = "localfs",
        Posixfs = "posixfs",
        Glusterfs = "glusterfs",
        Glance = "glance",
        Cinder = "cinder",
        ManagedBlockStorage = "managed_block_storage",
    }
}

words! {
    /// What `host.vgpu_placement` may say.
    VgpuPlacement {
        Consolidated = "consolidated",
        Separated = "separated",
    }
}
