//! What a VM needs of a host.

use std::collections::{BTreeMap, BTreeSet};

use ferrovirt_model::catalogue::cluster_levels::ClusterLevel;
use ferrovirt_model::cluster::Cluster;
use ferrovirt_model::ids::{ClusterId, HostId, NetworkId, StorageDomainId, VmId};
use ferrovirt_model::vm::{Firmware, MigrationSupport, Vm, Workload};

use super::{Load, OVERHEAD};

/// What a VM needs of a host.
#[derive(Clone, Debug, PartialEq)]
pub struct Request {
    /// The VM.
    pub vm: VmId,
    /// The cluster that it belongs to.
    pub cluster: ClusterId,
    /// The cluster's level, or the VM's own.
    pub level: ClusterLevel,
    /// Bytes that it has at start.
    pub memory: u64,
    /// Bytes that the host must have for it in any case.
    pub memory_guaranteed: u64,
    /// Bytes that QEMU takes besides.
    pub overhead: u64,
    /// Virtual CPUs.
    pub cpus: u32,
    /// Its sockets, cores a socket, threads a core.
    pub topology: (u32, u32, u32),
    /// Thousandths of a host CPU that must be its alone; 0 for a VM that shares.
    pub cpu_reserved_milli: u64,
    /// Percent of its virtual CPUs that it uses now, where it runs and was measured.
    pub cpu_percent: Option<f64>,
    /// The name of the cluster's CPU type.
    pub cpu_type: Option<String>,
    /// A CPU model of the VM's own, in place of the cluster's.
    pub cpu_model: Option<String>,
    /// CPUs of the host that it is pinned to.
    pub pinned_cpus: BTreeSet<u32>,
    /// It is tuned for high performance.
    pub high_performance: bool,
    /// An exact machine type of the VM's own.
    pub machine: Option<String>,
    /// Chipset and firmware.
    pub firmware: Firmware,
    /// Networks that its plugged NICs join, with their names.
    pub networks: BTreeMap<NetworkId, String>,
    /// Storage domains that its disks lie on, with their names.
    pub domains: BTreeMap<StorageDomainId, String>,
    /// Only these hosts, when there are any: a pin, or the target that the user named.
    pub only: Vec<HostId>,
    /// Rather these than others.
    pub preferred: Vec<HostId>,
    /// Not these, with the reason: a migration's source, hosts that just failed to start it.
    pub barred: Vec<(HostId, String)>,
    /// Where it runs now: it is to move.
    pub source: Option<HostId>,
    /// It is restarted when it fails.
    pub highly_available: bool,
    /// The cluster keeps room to restart the VMs of a lost host.
    pub ha_reservation: bool,
    /// Memory that may be promised, in percent of what a host has.
    pub memory_overcommit_percent: u32,
    /// Whether hardware threads count as cores.
    pub threads_as_cores: bool,
}

impl Request {
    /// What a VM needs by its own definition and its cluster's settings; the caller adds networks, domains and hosts to
    /// keep out.
    #[must_use]
    pub fn of(vm: &Vm, cluster: &Cluster) -> Self {
        let definition = &vm.definition;
        let settings = &cluster.settings;
        let hosts = &definition.placement.hosts;
        let pinned = definition.placement.affinity == MigrationSupport::Pinned;
        Self {
            vm: vm.id,
            cluster: vm.cluster,
            level: definition.compatibility.unwrap_or(settings.version).into(),
            memory: definition.memory,
            memory_guaranteed: definition.memory_guaranteed.min(definition.memory),
            overhead: OVERHEAD,
            cpus: definition.cpu.count(),
            topology: (definition.cpu.sockets, definition.cpu.cores, definition.cpu.threads),
            cpu_reserved_milli: 0,
            cpu_percent: None,
            cpu_type: settings.cpu_type.clone(),
            cpu_model: definition.cpu.model.clone(),
            pinned_cpus: crate::platform::pinned_cpus(&definition.cpu).into_iter().collect(),
            high_performance: definition.workload == Workload::HighPerformance,
            machine: definition.machine.clone(),
            firmware: crate::platform::firmware(vm, cluster),
            networks: BTreeMap::new(),
            domains: BTreeMap::new(),
            only: if pinned { hosts.clone() } else { Vec::new() },
            preferred: hosts.clone(),
            barred: Vec::new(),
            source: None,
            highly_available: definition.high_availability.enabled,
            ha_reservation: settings.ha_reservation,
            memory_overcommit_percent: settings.memory_overcommit_percent,
            threads_as_cores: settings.threads_as_cores,
        }
    }

    /// Bytes that a host must have for it, overhead included.
    #[must_use]
    pub fn memory_needed(&self) -> u64 {
        self.memory_guaranteed.saturating_add(self.overhead)
    }

    /// The load that a host takes on with it.
    #[must_use]
    pub fn load(&self) -> Load {
        Load {
            vm: self.vm,
            memory_guaranteed: self.memory_guaranteed,
            overhead: self.overhead,
            cpus: self.cpus,
            cpu_reserved_milli: self.cpu_reserved_milli,
            pending: true,
            highly_available: self.highly_available,
        }
    }
}
