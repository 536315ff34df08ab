//! The weights: each gives every host that fits a number; the smaller, the better.

use super::filters::version;
use super::host::VCPU_CONSUMPTION_PERCENT;
use super::rules::Ties;
use super::{HostView, Request};
use crate::policy::{Parameters, WeightUnit};
use crate::{GIB, MIB};

/// Worse than every number that a weight gives by measuring.
const WORST: f64 = 1e12;
/// The VM that packing keeps places for: CPUs, and bytes of memory.
const LARGE_VM: (u64, u64) = (32, 128 * GIB);

/// What a unit says of each host; nothing where it says the same of all.
pub(super) fn numbers(
    unit: WeightUnit,
    hosts: &[&HostView],
    request: &Request,
    parameters: &Parameters,
    ties: &Ties<'_>,
) -> Option<Vec<f64>> {
    let number: Box<dyn Fn(&HostView) -> f64 + '_> = match unit {
        WeightUnit::CpuEven => Box::new(move |host| cpu_even(host, request, parameters)),
        WeightUnit::CpuSaving => Box::new(move |host| cpu_saving(host, request, parameters)),
        WeightUnit::MemoryEven => Box::new(move |host| -(memory_after(host, request) as f64)),
        WeightUnit::MemorySaving => Box::new(memory_saving(hosts, request, parameters)),
        WeightUnit::GuestsEven => Box::new(|host| host.loads.len() as f64),
        WeightUnit::HaReservation => Box::new(ha_reservation(hosts, request, parameters)?),
        WeightUnit::PreferredHosts => {
            Box::new(
                |host| if request.preferred.is_empty() || request.preferred.contains(&host.id) { 0.0 } else { WORST },
            )
        }
        WeightUnit::VmAffinity => Box::new(|host| ties.vm_violations(host.id)),
        WeightUnit::HostAffinity => Box::new(|host| ties.host_violations(host.id)),
        WeightUnit::HighPerformanceCpu if request.high_performance => Box::new(|host| topology(host, request)),
        WeightUnit::SingleNumaNode => Box::new(|host| single_node(host, request)),
        WeightUnit::Packing => Box::new(move |host| packing(host, request, parameters)),
        WeightUnit::InClusterUpgrade => Box::new(newest_first(hosts)),
        // These are idle (`WeightUnit::idle`), or say nothing of this VM.
        WeightUnit::HighPerformanceCpu | WeightUnit::PinningCompatibility | WeightUnit::HostedEngine => return None,
    };
    let numbers: Vec<f64> = hosts.iter().map(|host| number(host)).collect();
    let first = numbers.first().copied()?;
    numbers.iter().any(|number| number.total_cmp(&first).is_ne()).then_some(numbers)
}

/// Percent of the host's CPUs in use with the VM there, to a tenth: less is noise.
fn cpu_after(host: &HostView, request: &Request) -> f64 {
    let now = host.cpu_load(request.threads_as_cores);
    if request.source == Some(host.id) {
        return now;
    }
    let cpus = f64::from(host.cpus(request.threads_as_cores).max(1));
    let own = f64::from(request.cpus) * request.cpu_percent.unwrap_or(VCPU_CONSUMPTION_PERCENT);
    ((now + own / cpus) * 10.0).round() / 10.0
}

/// Whether the virtual CPUs would exceed the policy's ratio.
fn over_ratio(host: &HostView, request: &Request, parameters: &Parameters) -> bool {
    let cpus = f64::from(host.cpus(request.threads_as_cores).max(1));
    parameters.cpu_ratio().is_some_and(|ratio| (host.loads.cpus() + u64::from(request.cpus)) as f64 / cpus > ratio)
}

fn cpu_even(host: &HostView, request: &Request, parameters: &Parameters) -> f64 {
    if over_ratio(host, request, parameters) { WORST } else { cpu_after(host, request) }
}

/// Hosts above the bound are the last to be asked, empty ones before them.
fn cpu_saving(host: &HostView, request: &Request, parameters: &Parameters) -> f64 {
    let after = cpu_after(host, request);
    if after > parameters.high_utilization() {
        WORST
    } else if host.loads.is_empty() {
        WORST / 2.0
    } else {
        -after
    }
}

/// Bytes that could still be promised with the VM there.
fn memory_after(host: &HostView, request: &Request) -> u64 {
    host.memory_left(request.memory_overcommit_percent).saturating_sub(request.memory_needed())
}

/// The least memory left first, but hosts with less than the policy's bound after all others, the emptiest of them first.
fn memory_saving<'a>(
    hosts: &[&HostView],
    request: &'a Request,
    parameters: &Parameters,
) -> impl Fn(&HostView) -> f64 + use<'a> {
    let most = hosts.iter().map(|host| host.memory_left(request.memory_overcommit_percent)).max().unwrap_or(0);
    let bound = parameters.overloaded_below_mib().unwrap_or(0).saturating_mul(MIB);
    move |host| {
        let left = memory_after(host, request);
        if left < bound { most as f64 * 1.1 + (bound - left) as f64 } else { left as f64 }
    }
}

/// The share of highly available VMs, where the cluster keeps room for them and the VM is one.
fn ha_reservation<'a>(
    hosts: &[&HostView],
    request: &Request,
    parameters: &'a Parameters,
) -> Option<impl Fn(&HostView) -> f64 + use<'a>> {
    if !request.highly_available || !request.ha_reservation {
        return None;
    }
    let most = hosts.iter().map(|host| host.loads.highly_available()).max().filter(|most| *most > 0)?;
    let scale = parameters.scale_down();
    Some(move |host: &HostView| {
        let share = (host.loads.highly_available() as f64 / most as f64 * 100.0).round();
        (share / scale).ceil()
    })
}

/// Sockets, cores and threads of the VM each find their like.
fn topology(host: &HostView, request: &Request) -> f64 {
    let (sockets, cores, threads) = request.topology;
    let fits = host.sockets >= sockets && host.cores >= cores && host.threads.max(1) >= threads;
    if fits { 0.0 } else { 1.0 }
}

/// One node holds memory and CPUs of the VM. A host that tells no nodes is one.
fn single_node(host: &HostView, request: &Request) -> f64 {
    let fits = host.numa.iter().any(|(memory, cpus)| *memory >= request.memory && *cpus >= request.cpus);
    if host.numa.is_empty() || fits { 0.0 } else { 1.0 }
}

fn newest_first<'a>(hosts: &[&HostView]) -> impl Fn(&HostView) -> f64 + use<'a> {
    let mut versions: Vec<Vec<u64>> = hosts.iter().map(|host| version(&host.offer.os_version)).collect();
    versions.sort_unstable();
    versions.dedup();
    move |host| {
        let own = version(&host.offer.os_version);
        (versions.len() - versions.partition_point(|other| *other <= own)) as f64
    }
}

/// Our packing: hosts in use first; among them where the fewest places for large VMs are lost; then where the least is
/// left, counted as the mean of the shares of CPU and memory.
fn packing(host: &HostView, request: &Request, parameters: &Parameters) -> f64 {
    if over_ratio(host, request, parameters) {
        return WORST;
    }
    let cpus = u64::from(host.cpus(request.threads_as_cores)) * 1000;
    let memory = host.memory_room(request.memory_overcommit_percent);
    // Where nobody reserves CPUs, the virtual ones stand for what is taken.
    let (taken, wanted) = if request.cpu_reserved_milli > 0 {
        (host.loads.reserved_milli(), request.cpu_reserved_milli)
    } else {
        (host.loads.cpus() * 1000, u64::from(request.cpus) * 1000)
    };
    let before = (cpus.saturating_sub(taken), memory.saturating_sub(host.loads.memory()));
    let after = (before.0.saturating_sub(wanted), before.1.saturating_sub(request.memory_needed()));
    let lost = places(before) - places(after);
    let share = |left: u64, of: u64| left as f64 / of.max(1) as f64;
    let left = f64::midpoint(share(after.0, cpus), share(after.1, memory));
    let unused = if host.loads.is_empty() { 1e6 } else { 0.0 };
    unused + lost as f64 * 10.0 + left
}

/// How many large VMs fit into what is left.
fn places((cpu_milli, memory): (u64, u64)) -> u64 {
    (cpu_milli / (LARGE_VM.0 * 1000)).min(memory / LARGE_VM.1)
}
