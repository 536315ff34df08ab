//! Data centres and clusters, and how their VMs migrate and their hosts are fenced. Plain types of the wire: no rule of any format stands here.

use serde::{Deserialize, Serialize};

use super::*;
use crate::word::words;

/// Hosts that VMs can move between.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Cluster {
    pub href: Option<String>,
    pub id: Option<String>,
    pub actions: Option<Actions>,
    pub name: Option<String>,
    pub description: Option<String>,
    pub comment: Option<String>,
    pub creation_status: Option<CreationStatus>,
    #[serde(default)]
    pub link: Vec<Link>,
    pub ballooning_enabled: Option<bool>,
    pub bios_type: Option<BiosType>,
    pub cpu: Option<Cpu>,
    pub custom_scheduling_policy_properties: Option<List<Property>>,
    pub display: Option<Display>,
    pub error_handling: Option<ErrorHandling>,
    pub fencing_policy: Option<FencingPolicy>,
    pub fips_mode: Option<FipsMode>,
    pub firewall_type: Option<FirewallType>,
    pub gluster_service: Option<bool>,
    pub gluster_tuned_profile: Option<String>,
    pub ha_reservation: Option<bool>,
    pub ksm: Option<Ksm>,
    pub log_max_memory_used_threshold: Option<i64>,
    pub log_max_memory_used_threshold_type: Option<LogMaxMemoryUsedThresholdType>,
    pub maintenance_reason_required: Option<bool>,
    pub memory_policy: Option<MemoryPolicy>,
    pub migration: Option<MigrationOptions>,
    pub optional_reason: Option<bool>,
    pub required_rng_sources: Option<RequiredRngSources>,
    pub serial_number: Option<SerialNumber>,
    pub supported_versions: Option<List<Version>>,
    pub switch_type: Option<SwitchType>,
    pub threads_as_cores: Option<bool>,
    pub trusted_service: Option<bool>,
    pub tunnel_migration: Option<bool>,
    pub upgrade_correlation_id: Option<String>,
    pub upgrade_in_progress: Option<bool>,
    pub upgrade_percent_complete: Option<i64>,
    pub version: Option<Box<Version>>,
    pub virt_service: Option<bool>,
    pub vnc_encryption: Option<bool>,
    pub affinity_groups: Option<List<AffinityGroup>>,
    pub cpu_profiles: Option<List<CpuProfile>>,
    pub data_center: Option<Box<DataCenter>>,
    pub enabled_features: Option<List<ClusterFeature>>,
    pub external_network_providers: Option<List<ExternalProvider>>,
    pub gluster_hooks: Option<List<GlusterHook>>,
    pub gluster_volumes: Option<List<GlusterVolume>>,
    pub mac_pool: Option<Box<MacPool>>,
    pub management_network: Option<Box<Network>>,
    pub network_filters: Option<List<NetworkFilter>>,
    pub networks: Option<List<Network>>,
    pub permissions: Option<List<Permission>>,
    pub scheduling_policy: Option<Box<SchedulingPolicy>>,
}

/// CPU limits for VMs of a cluster.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct CpuProfile {
    pub href: Option<String>,
    pub id: Option<String>,
    pub actions: Option<Actions>,
    pub name: Option<String>,
    pub description: Option<String>,
    pub comment: Option<String>,
    pub creation_status: Option<CreationStatus>,
    #[serde(default)]
    pub link: Vec<Link>,
    pub cluster: Option<Box<Cluster>>,
    pub permissions: Option<List<Permission>>,
    pub qos: Option<Box<Qos>>,
}

/// Clusters and storage that belong together.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct DataCenter {
    pub href: Option<String>,
    pub id: Option<String>,
    pub actions: Option<Actions>,
    pub name: Option<String>,
    pub description: Option<String>,
    pub comment: Option<String>,
    pub creation_status: Option<CreationStatus>,
    #[serde(default)]
    pub link: Vec<Link>,
    pub local: Option<bool>,
    pub quota_mode: Option<QuotaModeType>,
    pub status: Option<DataCenterStatus>,
    pub storage_format: Option<StorageFormat>,
    pub supported_versions: Option<List<Version>>,
    pub version: Option<Box<Version>>,
    pub clusters: Option<List<Cluster>>,
    pub iscsi_bonds: Option<List<IscsiBond>>,
    pub mac_pool: Option<Box<MacPool>>,
    pub networks: Option<List<Network>>,
    pub permissions: Option<List<Permission>>,
    pub qoss: Option<List<Qos>>,
    pub quotas: Option<List<Quota>>,
    pub storage_domains: Option<List<StorageDomain>>,
}

/// What happens to VMs when their host fails.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct ErrorHandling {
    pub on_error: Option<MigrateOnError>,
}

/// When a host may be fenced.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct FencingPolicy {
    pub enabled: Option<bool>,
    pub skip_if_connectivity_broken: Option<SkipIfConnectivityBroken>,
    pub skip_if_gluster_bricks_up: Option<bool>,
    pub skip_if_gluster_quorum_not_met: Option<bool>,
    pub skip_if_sd_active: Option<SkipIfSdActive>,
}

/// Memory that VMs may take, in percent of the host's.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct MemoryOverCommit {
    pub percent: Option<i64>,
}

/// How much bandwidth migrations may use.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct MigrationBandwidth {
    pub assignment_method: Option<MigrationBandwidthAssignmentMethod>,
    pub custom_value: Option<i64>,
}

/// How VMs migrate.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct MigrationOptions {
    pub auto_converge: Option<InheritableBoolean>,
    pub bandwidth: Option<MigrationBandwidth>,
    pub compressed: Option<InheritableBoolean>,
    pub custom_parallel_migrations: Option<i64>,
    pub encrypted: Option<InheritableBoolean>,
    pub parallel_migrations_policy: Option<ParallelMigrationsPolicy>,
    pub policy: Option<Box<MigrationPolicy>>,
}

/// A migration policy.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct MigrationPolicy {
    pub href: Option<String>,
    pub id: Option<String>,
    pub actions: Option<Actions>,
    pub name: Option<String>,
    pub description: Option<String>,
    pub comment: Option<String>,
    pub creation_status: Option<CreationStatus>,
    #[serde(default)]
    pub link: Vec<Link>,
}

/// Do not fence when many hosts of the cluster are unreachable.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct SkipIfConnectivityBroken {
    pub enabled: Option<bool>,
    pub threshold: Option<i64>,
}

/// Do not fence a host whose storage lease is alive.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct SkipIfSdActive {
    pub enabled: Option<bool>,
}

words! {
    /// What `data_center.status` may say.
    DataCenterStatus {
        Uninitialized = "uninitialized",
        Up = "up",
        Maintenance = "maintenance",
        NotOperational = "not_operational",
        Problematic = "problematic",
        Contend = "contend",
    }
}

words! {
    /// What `cluster.fips_mode` may say.
    FipsMode {
        Undefined = "undefined",
        Disabled = "disabled",
        Enabled = "enabled",
    }
}

words! {
    /// What `cluster.firewall_type` may say.
    FirewallType {
        Iptables = "iptables",
        Firewalld = "firewalld",
    }
}

words! {
    /// What `migration.auto_converge`, `migration.compressed`, `migration.encrypted` may say.
    InheritableBoolean {
        True = "true",
        False = "false",
        Inherit = "inherit",
    }
}

words! {
    /// What `cluster.log_max_memory_used_threshold_type` may say.
    LogMaxMemoryUsedThresholdType {
        Percentage = "percentage",
        AbsoluteValueInMb = "absolute_value_in_mb",
    }
}

words! {
    /// What `error_handling.on_error` may say.
    MigrateOnError {
        Migrate = "migrate",
        DoNotMigrate = "do_not_migrate",
        MigrateHighlyAvailable = "migrate_highly_available",
    }
}

words! {
    /// What `migration_bandwidth.assignment_method` may say.
    MigrationBandwidthAssignmentMethod {
        Auto = "auto",
        Custom = "custom",
        HypervisorDefault = "hypervisor_default",
    }
}

words! {
    /// What `migration.parallel_migrations_policy` may say.
    ParallelMigrationsPolicy {
        Inherit = "inherit",
        Auto = "auto",
        AutoParallel = "auto_parallel",
        Disabled = "disabled",
        Custom = "custom",
    }
}

words! {
    /// What `data_center.quota_mode` may say.
    QuotaModeType {
        Enabled = "enabled",
        Disabled = "disabled",
        Audit = "audit",
    }
}

words! {
    /// What `cluster.switch_type` may say.
    SwitchType {
        Legacy = "legacy",
        Ovs = "ovs",
    }
}
