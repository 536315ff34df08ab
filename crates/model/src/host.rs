//! A host: what administrators want of it ([`Host`]), what it says of itself ([`HostFacts`], [`HostStatistics`]), and the
//! status that follows ([`lifecycle`]).

use serde::{Deserialize, Serialize};

use crate::Millis;
use crate::ids::{ClusterId, HostId, StorageDomainId};

mod busy;
pub mod lifecycle;

pub use busy::Busy;

/// A host as it is known to the engine.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Host {
    /// The id, named by its certificate.
    pub id: HostId,
    /// Unique.
    pub name: String,
    /// Its cluster.
    pub cluster: ClusterId,
    /// Where the engine dials it.
    pub address: String,
    /// TCP port of its agent.
    pub port: u16,
    /// Free text.
    pub description: String,
    /// Free text.
    pub comment: String,
    /// What administrators want. Written by actions and the maintenance job.
    pub intent: HostIntent,
    /// What is known of it. Written by the host session alone.
    pub link: HostLink,
    /// Why it is not operational, when it is not. Written by the host monitor.
    pub problem: Option<String>,
    /// The reason that was given for maintenance.
    pub maintenance_reason: Option<String>,
    /// /etc/vdsm/vdsm.id of the host.
    pub hardware_id: String,
    /// A certificate was issued to it.
    pub enrolled: bool,
    /// When the newest certificate ends.
    pub certificate_expires_at: Option<Millis>,
    /// When the engine last heard of it.
    pub seen_at: Option<Millis>,
    /// The boot id at the last hello: a new one means that the machine restarted and runs no VM of before.
    pub boot_id: String,
    /// When it was added.
    pub created_at: Millis,
    /// Spared by the balancer, 0 to 1000: oVirt's SPM priority, kept for clients.
    pub spm_priority: i32,
}

/// What administrators want of a host.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum HostIntent {
    /// It joined by itself and waits to be approved.
    PendingApproval,
    /// It was added and has not joined yet.
    Installing,
    /// It did not join in time.
    InstallFailed,
    /// It shall run VMs.
    Active,
    /// Its VMs are leaving.
    PreparingForMaintenance,
    /// It shall run nothing.
    Maintenance,
}

impl HostIntent {
    /// The name in rows.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::PendingApproval => "pending_approval",
            Self::Installing => "installing",
            Self::InstallFailed => "install_failed",
            Self::Active => "active",
            Self::PreparingForMaintenance => "preparing_for_maintenance",
            Self::Maintenance => "maintenance",
        }
    }

    /// Reads what [`HostIntent::as_str`] wrote.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        [
            Self::PendingApproval,
            Self::Installing,
            Self::InstallFailed,
            Self::Active,
            Self::PreparingForMaintenance,
            Self::Maintenance,
        ]
        .into_iter()
        .find(|intent| intent.as_str() == text)
    }
}

/// What the engine knows of its connection to a host.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum HostLink {
    /// Never connected since the engine began, and within grace.
    Unassigned,
    /// Connected; the first full report has not been absorbed yet.
    Initializing,
    /// Connected and in step.
    Connected,
    /// The connection is lost, within grace.
    Connecting,
    /// Lost for longer than grace.
    NonResponsive,
}

impl HostLink {
    /// The name in rows.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Unassigned => "unassigned",
            Self::Initializing => "initializing",
            Self::Connected => "connected",
            Self::Connecting => "connecting",
            Self::NonResponsive => "non_responsive",
        }
    }

    /// Reads what [`HostLink::as_str`] wrote.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        [Self::Unassigned, Self::Initializing, Self::Connected, Self::Connecting, Self::NonResponsive]
            .into_iter()
            .find(|link| link.as_str() == text)
    }
}

/// The status that users see, in oVirt's terms. Computed, never stored.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum HostStatus {
    /// Joined, waits for approval.
    PendingApproval,
    /// Waits to join.
    Installing,
    /// Did not join.
    InstallFailed,
    /// Not looked at yet.
    Unassigned,
    /// Its first report is being absorbed.
    Initializing,
    /// Runs VMs.
    Up,
    /// The connection is lost, a moment ago.
    Connecting,
    /// The connection is lost.
    NonResponsive,
    /// Reachable, yet lacks something that its cluster needs.
    NonOperational,
    /// Its VMs are leaving.
    PreparingForMaintenance,
    /// Set aside.
    Maintenance,
}

impl HostStatus {
    /// The name in searches and on the wire.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::PendingApproval => "pending_approval",
            Self::Installing => "installing",
            Self::InstallFailed => "install_failed",
            Self::Unassigned => "unassigned",
            Self::Initializing => "initializing",
            Self::Up => "up",
            Self::Connecting => "connecting",
            Self::NonResponsive => "non_responsive",
            Self::NonOperational => "non_operational",
            Self::PreparingForMaintenance => "preparing_for_maintenance",
            Self::Maintenance => "maintenance",
        }
    }
}

/// What a host says of itself and that seldom changes.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct HostFacts {
    /// Host name.
    pub hostname: String,
    /// As /proc/cpuinfo names it.
    pub cpu_model: String,
    /// GenuineIntel, AuthenticAMD …
    pub cpu_vendor: String,
    /// Flags and `model_…` names.
    pub cpu_flags: Vec<String>,
    /// Sockets.
    pub cpu_sockets: u32,
    /// Cores a socket.
    pub cpu_cores: u32,
    /// Threads a core.
    pub cpu_threads: u32,
    /// MHz.
    pub cpu_mhz: f64,
    /// Bytes.
    pub memory: u64,
    /// Kernel version.
    pub kernel_version: String,
    /// Operating system name.
    pub os_name: String,
    /// Operating system version.
    pub os_version: String,
    /// libvirt version.
    pub libvirt_version: String,
    /// QEMU version.
    pub qemu_version: String,
    /// Agent version.
    pub agent_version: String,
    /// kvm or tcg: what VMs get.
    pub virtualization: String,
    /// A probe guest ran under KVM.
    pub kvm_usable: bool,
    /// Machine types.
    pub emulated_machines: Vec<String>,
    /// Hardware maker.
    pub hardware_vendor: String,
    /// Hardware product.
    pub hardware_product: String,
    /// Hardware serial number.
    pub hardware_serial: String,
    /// Hardware version.
    pub hardware_version: String,
    /// Hardware family.
    pub hardware_family: String,
    /// When it booted.
    pub boot_time: Option<Millis>,
    /// NUMA nodes.
    pub numa_nodes: Vec<NumaNode>,
    /// Health items, in sentences.
    pub problems: Vec<String>,
    /// Image transfer port.
    pub transfer_port: u16,
    /// SELinux enforces.
    pub selinux_enforcing: bool,
    /// iSCSI initiator name.
    pub iscsi_initiator: String,
}

impl HostFacts {
    /// Logical CPUs.
    #[must_use]
    pub fn cpu_count(&self) -> u32 {
        self.cpu_sockets * self.cpu_cores * self.cpu_threads
    }
}

/// A NUMA node.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct NumaNode {
    /// Number.
    pub index: u32,
    /// Bytes.
    pub memory: u64,
    /// CPU numbers.
    pub cpus: Vec<u32>,
}

/// The newest measurements of a host.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct HostStatistics {
    /// Bytes.
    pub memory_total: u64,
    /// Bytes.
    pub memory_used: u64,
    /// Bytes.
    pub memory_free: u64,
    /// Bytes.
    pub memory_shared: u64,
    /// Bytes.
    pub memory_buffers: u64,
    /// Bytes.
    pub memory_cached: u64,
    /// Bytes.
    pub swap_total: u64,
    /// Bytes.
    pub swap_free: u64,
    /// Bytes.
    pub swap_cached: u64,
    /// Percent.
    pub cpu_user_percent: f64,
    /// Percent.
    pub cpu_system_percent: f64,
    /// Percent.
    pub cpu_idle_percent: f64,
    /// Load average over five minutes.
    pub load_average_5m: f64,
    /// Percent.
    pub ksm_cpu_percent: f64,
    /// When it booted.
    pub boot_time: Option<Millis>,
    /// By NIC name.
    pub nics: std::collections::BTreeMap<String, crate::vm::NicRates>,
    /// VMs that run.
    pub active_vms: u32,
    /// VMs that move.
    pub migrating_vms: u32,
    /// For how long its CPUs have been busy.
    pub busy: Busy,
}

impl HostStatistics {
    /// Percent of all CPUs in use.
    #[must_use]
    pub fn cpu_percent(&self) -> f64 {
        (100.0 - self.cpu_idle_percent).clamp(0.0, 100.0)
    }
}

/// How a host sees a storage domain.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct HostDomainView {
    /// The host.
    pub host: HostId,
    /// The domain.
    pub domain: StorageDomainId,
    /// It answers.
    pub ready: bool,
    /// Why not.
    pub problem: String,
    /// Seconds for the last check.
    pub latency_seconds: f64,
    /// When it was checked.
    pub checked_at: Millis,
}
