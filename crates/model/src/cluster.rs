//! A cluster: hosts alike enough that a VM may run on any of them.

use serde::{Deserialize, Serialize};

use crate::ids::{ClusterId, DataCenterId, MacPoolId, NetworkId, SchedulingPolicyId};
use crate::vm::{Firmware, MigrationOptions};

/// A cluster as its administrators set it up.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Cluster {
    /// The id.
    pub id: ClusterId,
    /// Unique.
    pub name: String,
    /// The data centre whose storage its hosts see.
    pub data_center: DataCenterId,
    /// All else.
    pub settings: ClusterSettings,
}

/// The settings of a cluster.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct ClusterSettings {
    /// Free text.
    pub description: String,
    /// Free text.
    pub comment: String,
    /// Name in the CPU catalogue; `None` until the first host decides.
    pub cpu_type: Option<String>,
    /// x86_64, ppc64, s390x or undefined.
    pub architecture: Option<String>,
    /// Compatibility level, major and minor.
    pub version: (u32, u32),
    /// Memory that may be promised, in percent of what a host has: 100, 150 or 200 by custom.
    pub memory_overcommit_percent: u32,
    /// Take memory back by balloons.
    pub ballooning: bool,
    /// Share equal pages.
    pub ksm: bool,
    /// Share them across NUMA nodes.
    pub ksm_merge_across_nodes: bool,
    /// How VMs are spread.
    pub scheduling_policy: Option<SchedulingPolicyId>,
    /// Where VMs take MAC addresses; `None`: the data centre's pool.
    pub mac_pool: Option<MacPoolId>,
    /// How VMs move.
    pub migration: MigrationOptions,
    /// What happens to VMs when their host loses storage or a network.
    pub on_error: MigrateOnError,
    /// Chipset and firmware for new VMs.
    pub firmware: Option<Firmware>,
    /// Count hardware threads as cores.
    pub threads_as_cores: bool,
    /// Run VMs.
    pub virt_service: bool,
    /// Keep room to restart VMs of one lost host.
    pub ha_reservation: bool,
    /// Ask for a reason at power actions.
    pub optional_reason: bool,
    /// Ask for a reason at maintenance.
    pub maintenance_reason_required: bool,
    /// Linux bridges or Open vSwitch.
    pub switch: SwitchType,
    /// Fencing by power management.
    pub fencing_enabled: bool,
    /// Where VMs get their VNC encrypted.
    pub vnc_encryption: bool,
}

impl Default for ClusterSettings {
    fn default() -> Self {
        Self {
            description: String::new(),
            comment: String::new(),
            cpu_type: None,
            architecture: None,
            version: (4, 8),
            memory_overcommit_percent: 100,
            ballooning: true,
            ksm: true,
            ksm_merge_across_nodes: true,
            scheduling_policy: None,
            mac_pool: None,
            migration: MigrationOptions::default(),
            on_error: MigrateOnError::Migrate,
            firmware: None,
            threads_as_cores: false,
            virt_service: true,
            ha_reservation: false,
            optional_reason: false,
            maintenance_reason_required: false,
            switch: SwitchType::Legacy,
            fencing_enabled: true,
            vnc_encryption: false,
        }
    }
}

/// What happens to VMs when their host becomes not operational.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum MigrateOnError {
    /// Move all.
    Migrate,
    /// Move the highly available.
    MigrateHighlyAvailable,
    /// Move none.
    DoNotMigrate,
}

/// What connects VMs on a host.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum SwitchType {
    /// Linux bridges.
    Legacy,
    /// Open vSwitch.
    Ovs,
}

/// How a cluster uses a network of its data centre.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ClusterNetwork {
    /// The cluster.
    pub cluster: ClusterId,
    /// The network.
    pub network: NetworkId,
    /// A host without it is not operational.
    pub required: bool,
    /// Consoles listen here.
    pub display: bool,
    /// Migrations go here.
    pub migration: bool,
    /// The engine speaks to hosts here.
    pub management: bool,
    /// It holds the default route.
    pub default_route: bool,
    /// Gluster traffic.
    pub gluster: bool,
}
