//! A host as the scheduler sees it: what it offers, what it has promised, and how busy it is.

use std::collections::BTreeSet;
use std::sync::Arc;

use ferrovirt_model::host::{Busy, Host, HostFacts, HostStatistics, HostStatus, lifecycle};
use ferrovirt_model::ids::{ClusterId, HostId, NetworkId, StorageDomainId, VmId};

use crate::MIB;

/// What QEMU itself takes for a VM besides the guest's memory, in bytes. oVirt counts 64 MiB as well.
pub const OVERHEAD: u64 = 64 * MIB;
/// What a host keeps for itself, in bytes. The default of oVirt's `host_reserved_mem` is of this size.
pub const HOST_RESERVE: u64 = 256 * MIB;
/// What a virtual CPU that was not measured yet is taken to use, in percent of a CPU: oVirt's `VcpuConsumptionPercentage`.
pub const VCPU_CONSUMPTION_PERCENT: f64 = 10.0;

/// What processors and QEMU of a host offer. Hosts that are alike share one, so that a question is answered once for all
/// of them.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Offer {
    /// CPU flags, and `model_<name>` for each usable model.
    pub cpu_flags: Vec<String>,
    /// Machine types.
    pub machines: Vec<String>,
    /// `kvm` or `tcg`: what VMs get.
    pub virtualization: String,
    /// The version of the operating system.
    pub os_version: String,
}

/// A host as the scheduler sees it.
#[derive(Clone, Debug, PartialEq)]
pub struct HostView {
    /// The id.
    pub id: HostId,
    /// The name, for reasons.
    pub name: String,
    /// Its cluster.
    pub cluster: ClusterId,
    /// Its status now.
    pub status: HostStatus,
    /// What its processors and QEMU offer.
    pub offer: Arc<Offer>,
    /// CPU sockets.
    pub sockets: u32,
    /// Cores a socket.
    pub cores: u32,
    /// Threads a core.
    pub threads: u32,
    /// Bytes of memory.
    pub memory: u64,
    /// Bytes of memory and number of CPUs of each NUMA node.
    pub numa: Vec<(u64, u32)>,
    /// Bytes of memory that are free now, by its newest measurement.
    pub memory_free: Option<u64>,
    /// Percent of all its CPUs that are in use now, 0 to 100.
    pub cpu_percent: Option<f64>,
    /// How busy its CPUs have been of late.
    pub busy: Arc<Busy>,
    /// Percent of swap in use.
    pub swap_percent: Option<u64>,
    /// Networks that stand on it.
    pub networks: BTreeSet<NetworkId>,
    /// Storage domains that it reaches.
    pub domains: BTreeSet<StorageDomainId>,
    /// What runs on it or is promised to it, the VM in question left out.
    pub loads: Loads,
}

impl HostView {
    /// A host by its rows. The caller adds networks, domains and loads.
    #[must_use]
    pub fn of(host: &Host, facts: &HostFacts, statistics: Option<&HostStatistics>) -> Self {
        let offer = Offer {
            cpu_flags: facts.cpu_flags.clone(),
            machines: facts.emulated_machines.clone(),
            virtualization: facts.virtualization.clone(),
            os_version: facts.os_version.clone(),
        };
        let numa =
            facts.numa_nodes.iter().map(|node| (node.memory, u32::try_from(node.cpus.len()).unwrap_or(u32::MAX)));
        Self {
            id: host.id,
            name: host.name.clone(),
            cluster: host.cluster,
            status: lifecycle::status(host),
            offer: Arc::new(offer),
            sockets: facts.cpu_sockets,
            cores: facts.cpu_cores,
            threads: facts.cpu_threads,
            memory: facts.memory,
            numa: numa.collect(),
            memory_free: statistics.map(|statistics| statistics.memory_free),
            cpu_percent: statistics.map(HostStatistics::cpu_percent),
            busy: statistics.map(|statistics| Arc::new(statistics.busy.clone())).unwrap_or_default(),
            swap_percent: statistics.and_then(|statistics| {
                let used = statistics.swap_total.saturating_sub(statistics.swap_free);
                used.saturating_mul(100).checked_div(statistics.swap_total)
            }),
            networks: BTreeSet::new(),
            domains: BTreeSet::new(),
            loads: Loads::default(),
        }
    }

    /// The CPUs that count for VMs: cores, or threads where the cluster counts them as cores.
    #[must_use]
    pub fn cpus(&self, threads_as_cores: bool) -> u32 {
        let cores = self.sockets.saturating_mul(self.cores);
        if threads_as_cores { cores.saturating_mul(self.threads.max(1)) } else { cores }
    }

    /// Bytes that may be promised in all.
    #[must_use]
    pub fn memory_room(&self, overcommit_percent: u32) -> u64 {
        let own = self.memory.saturating_sub(HOST_RESERVE);
        // Percent first would lose up to 100 bytes; bytes first could overflow only beyond 10^17.
        own.saturating_mul(u64::from(overcommit_percent)) / 100
    }

    /// Bytes that may be promised still.
    #[must_use]
    pub fn memory_left(&self, overcommit_percent: u32) -> u64 {
        self.memory_room(overcommit_percent).saturating_sub(self.loads.memory())
    }

    /// Percent of the CPUs in use: as measured, with what is promised and not measured yet; estimated from the virtual
    /// CPUs where there is no measurement.
    #[must_use]
    pub fn cpu_load(&self, threads_as_cores: bool) -> f64 {
        let cpus = f64::from(self.cpus(threads_as_cores).max(1));
        let unmeasured = match self.cpu_percent {
            Some(percent) => return percent + f64::from(self.loads.pending_cpus()) * VCPU_CONSUMPTION_PERCENT / cpus,
            None => self.loads.cpus(),
        };
        unmeasured as f64 * VCPU_CONSUMPTION_PERCENT / cpus
    }
}

/// What a VM takes of a host.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Load {
    /// The VM.
    pub vm: VmId,
    /// Bytes that the host must have for it in any case.
    pub memory_guaranteed: u64,
    /// Bytes that QEMU takes besides: [`OVERHEAD`] but in traces that count none.
    pub overhead: u64,
    /// Virtual CPUs.
    pub cpus: u32,
    /// Thousandths of a host CPU that are its alone. 0 for VMs that share, as all do unless they say otherwise.
    pub cpu_reserved_milli: u64,
    /// Promised, and not measured yet: it is no part of what is used now.
    pub pending: bool,
    /// It is restarted when it fails.
    pub highly_available: bool,
}

/// The loads of a host with their sums, which every decision asks for.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Loads {
    loads: Vec<Load>,
    memory: u64,
    pending_memory: u64,
    cpus: u64,
    pending_cpus: u32,
    reserved_milli: u64,
    highly_available: usize,
}

impl Loads {
    /// Adds what a VM takes.
    pub fn add(&mut self, load: Load) {
        self.count(&load, 1);
        self.loads.push(load);
    }

    /// Takes a VM away; nothing where it is not here.
    pub fn remove(&mut self, vm: VmId) -> Option<Load> {
        let at = self.loads.iter().position(|load| load.vm == vm)?;
        let load = self.loads.swap_remove(at);
        self.count(&load, -1);
        Some(load)
    }

    fn count(&mut self, load: &Load, sign: i64) {
        let memory = load.memory_guaranteed.saturating_add(load.overhead);
        add(&mut self.memory, memory, sign);
        add(&mut self.cpus, u64::from(load.cpus), sign);
        add(&mut self.reserved_milli, load.cpu_reserved_milli, sign);
        if load.pending {
            add(&mut self.pending_memory, memory, sign);
            self.pending_cpus = if sign > 0 {
                self.pending_cpus.saturating_add(load.cpus)
            } else {
                self.pending_cpus.saturating_sub(load.cpus)
            };
        }
        if load.highly_available {
            self.highly_available =
                if sign > 0 { self.highly_available + 1 } else { self.highly_available.saturating_sub(1) };
        }
    }

    /// Each load.
    pub fn iter(&self) -> std::slice::Iter<'_, Load> {
        self.loads.iter()
    }

    /// The number of VMs.
    #[must_use]
    pub fn len(&self) -> usize {
        self.loads.len()
    }

    /// Whether there is none.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.loads.is_empty()
    }

    /// Bytes that are promised, overhead included.
    #[must_use]
    pub fn memory(&self) -> u64 {
        self.memory
    }

    /// Bytes that are promised and not measured yet.
    #[must_use]
    pub fn pending_memory(&self) -> u64 {
        self.pending_memory
    }

    /// Virtual CPUs.
    #[must_use]
    pub fn cpus(&self) -> u64 {
        self.cpus
    }

    /// Virtual CPUs of VMs that are not measured yet.
    #[must_use]
    pub fn pending_cpus(&self) -> u32 {
        self.pending_cpus
    }

    /// Thousandths of CPUs that are reserved.
    #[must_use]
    pub fn reserved_milli(&self) -> u64 {
        self.reserved_milli
    }

    /// Highly available VMs.
    #[must_use]
    pub fn highly_available(&self) -> usize {
        self.highly_available
    }
}

fn add(sum: &mut u64, value: u64, sign: i64) {
    *sum = if sign > 0 { sum.saturating_add(value) } else { sum.saturating_sub(value) };
}

impl FromIterator<Load> for Loads {
    fn from_iter<I: IntoIterator<Item = Load>>(loads: I) -> Self {
        let mut all = Self::default();
        loads.into_iter().for_each(|load| all.add(load));
        all
    }
}

impl<'a> IntoIterator for &'a Loads {
    type Item = &'a Load;
    type IntoIter = std::slice::Iter<'a, Load>;

    fn into_iter(self) -> Self::IntoIter {
        self.iter()
    }
}
