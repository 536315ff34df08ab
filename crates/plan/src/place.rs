//! Which host runs a VM: filters say which hosts can't and why, a score orders the rest.
//!
//! A filter never overrides policy, and the reason of each refused host is kept for the user to read. The rules follow
//! oVirt's scheduler (filters Memory, CPU, CPU-Level, Network, PinToHost, Emulated-Machine, Migration); the score stands
//! for its even distribution.

mod filters;
#[cfg(test)]
mod tests;

use std::cmp::Reverse;
use std::collections::{BTreeMap, BTreeSet};

use ferrovirt_model::catalogue::cluster_levels::ClusterLevel;
use ferrovirt_model::cluster::Cluster;
use ferrovirt_model::host::{HostFacts, HostStatus};
use ferrovirt_model::ids::{ClusterId, HostId, NetworkId, StorageDomainId, VmId};
use ferrovirt_model::refusal::Refusal;
use ferrovirt_model::vm::{Firmware, MigrationSupport, Vm};
use serde::{Deserialize, Serialize};

use crate::MIB;

/// What QEMU itself takes for a VM besides the guest's memory, in bytes. oVirt counts 64 MiB as well.
pub const OVERHEAD: u64 = 64 * MIB;
/// What a host keeps for itself, in bytes. The default of oVirt's `host_reserved_mem` is of this size.
pub const HOST_RESERVE: u64 = 256 * MIB;

/// What is known of all hosts that might be asked.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Snapshot {
    /// The hosts, in any order.
    pub hosts: Vec<HostView>,
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
    /// What it says of itself.
    pub facts: HostFacts,
    /// Bytes of memory that are free now, by its newest measurement.
    pub memory_free: Option<u64>,
    /// Networks that stand on it.
    pub networks: BTreeSet<NetworkId>,
    /// Storage domains that it reaches.
    pub domains: BTreeSet<StorageDomainId>,
    /// What runs on it or is promised to it, the VM in question left out.
    pub loads: Vec<Load>,
}

/// What a VM takes of a host.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Load {
    /// The VM.
    pub vm: VmId,
    /// Bytes that the host must have for it in any case.
    pub memory_guaranteed: u64,
    /// Virtual CPUs.
    pub cpus: u32,
    /// Promised, and not measured yet: its memory is not part of what is used now.
    pub pending: bool,
}

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
    /// Virtual CPUs.
    pub cpus: u32,
    /// The name of the cluster's CPU type.
    pub cpu_type: Option<String>,
    /// A CPU model of the VM's own, in place of the cluster's.
    pub cpu_model: Option<String>,
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
            cpus: definition.cpu.count(),
            cpu_type: settings.cpu_type.clone(),
            cpu_model: definition.cpu.model.clone(),
            machine: definition.machine.clone(),
            firmware: crate::platform::firmware(vm, cluster),
            networks: BTreeMap::new(),
            domains: BTreeMap::new(),
            only: if pinned { hosts.clone() } else { Vec::new() },
            preferred: hosts.clone(),
            barred: Vec::new(),
            memory_overcommit_percent: settings.memory_overcommit_percent,
            threads_as_cores: settings.threads_as_cores,
        }
    }

    /// The load that a host takes on with it.
    #[must_use]
    pub fn load(&self) -> Load {
        Load { vm: self.vm, memory_guaranteed: self.memory_guaranteed, cpus: self.cpus, pending: true }
    }
}

/// How well a host suits. Larger is better; the order of the fields is the policy, and the last one breaks ties.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct Score {
    /// The VM's definition prefers it.
    pub preferred: bool,
    /// The fewest promised virtual CPUs for each physical one, in hundredths, the VM included.
    pub cpu_pressure_percent: Reverse<u64>,
    /// The most memory left to promise, in percent of what may be promised.
    pub memory_left_percent: u64,
    /// The fewest VMs.
    pub vms: Reverse<usize>,
    /// Whatever else: the same answer each time.
    pub tie: Reverse<HostId>,
}

/// Why a host can't run the VM.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct WhyNot {
    /// The host.
    pub host: HostId,
    /// A sentence that names it.
    pub reason: String,
}

/// The decision.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Placement {
    /// Where it runs.
    pub host: HostId,
    /// How well that host suits.
    pub score: Score,
    /// Why every host that can't was refused, by host id.
    pub why_not: Vec<WhyNot>,
    /// The hosts that could as well, the best first.
    pub others: Vec<HostId>,
}

/// No host can run it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, thiserror::Error)]
#[error("no host can run the VM: {}", reasons(why_not))]
pub struct NoHost {
    /// Why each was refused, by host id.
    pub why_not: Vec<WhyNot>,
}

fn reasons(why_not: &[WhyNot]) -> String {
    if why_not.is_empty() {
        return "the cluster has no host".to_owned();
    }
    why_not.iter().map(|why| why.reason.as_str()).collect::<Vec<_>>().join("; ")
}

impl From<NoHost> for Refusal {
    fn from(none: NoHost) -> Self {
        Self::NoHost { reasons: format!("{}.", reasons(&none.why_not)) }
    }
}

/// Chooses the host of a VM.
///
/// # Errors
/// [`NoHost`] with the reason of every host of the cluster.
pub fn place(snapshot: &Snapshot, request: &Request) -> Result<Placement, NoHost> {
    let mut hosts: Vec<&HostView> = snapshot.hosts.iter().filter(|host| host.cluster == request.cluster).collect();
    hosts.sort_by_key(|host| host.id);
    let mut why_not = Vec::new();
    let mut fit = Vec::new();
    for host in hosts {
        match filters::refuse(host, request) {
            Some(reason) => why_not.push(WhyNot { host: host.id, reason }),
            None => fit.push(score(host, request)),
        }
    }
    fit.sort_by_key(|score| Reverse(*score));
    let Some((best, others)) = fit.split_first() else {
        return Err(NoHost { why_not });
    };
    let others = others.iter().map(|score| score.tie.0).collect();
    Ok(Placement { host: best.tie.0, score: *best, why_not, others })
}

fn score(host: &HostView, request: &Request) -> Score {
    let promised: u64 = host.loads.iter().map(|load| u64::from(load.cpus)).sum::<u64>() + u64::from(request.cpus);
    let cpus = u64::from(filters::cpus(host, request)).max(1);
    let room = filters::memory_room(host, request.memory_overcommit_percent);
    let left = room.saturating_sub(filters::memory_promised(host) + request.memory_guaranteed + OVERHEAD);
    Score {
        preferred: request.preferred.contains(&host.id),
        cpu_pressure_percent: Reverse(promised * 100 / cpus),
        memory_left_percent: left * 100 / room.max(1),
        vms: Reverse(host.loads.len()),
        tie: Reverse(host.id),
    }
}
