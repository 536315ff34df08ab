//! The filters: each gives a sentence when the host can't run the VM. The first that does ends the search for reasons.

use ferrovirt_model::catalogue::cpu_types;
use ferrovirt_model::host::HostStatus;
use ferrovirt_model::vm::Firmware;

use super::{HOST_RESERVE, HostView, OVERHEAD, Request};
use crate::MIB;

type Filter = fn(&HostView, &Request) -> Option<String>;

/// In the order in which they are asked: what is cheapest to understand first.
const FILTERS: &[Filter] = &[pinned, barred, up, cpu_count, cpu_level, memory, machine, networks, storage];

/// Why the host can't run the VM.
pub(super) fn refuse(host: &HostView, request: &Request) -> Option<String> {
    FILTERS.iter().find_map(|filter| filter(host, request))
}

fn pinned(host: &HostView, request: &Request) -> Option<String> {
    let elsewhere = !request.only.is_empty() && !request.only.contains(&host.id);
    elsewhere.then(|| format!("host {} is not one that the VM may run on", host.name))
}

fn barred(host: &HostView, request: &Request) -> Option<String> {
    let (_, why) = request.barred.iter().find(|(barred, _)| *barred == host.id)?;
    Some(format!("host {} is left out: {why}", host.name))
}

fn up(host: &HostView, _request: &Request) -> Option<String> {
    let status = host.status.as_str().replace('_', " ");
    (host.status != HostStatus::Up).then(|| format!("host {} is {status}", host.name))
}

/// The CPUs that count for VMs.
pub(super) fn cpus(host: &HostView, request: &Request) -> u32 {
    let cores = host.facts.cpu_sockets.saturating_mul(host.facts.cpu_cores);
    if request.threads_as_cores { cores.saturating_mul(host.facts.cpu_threads.max(1)) } else { cores }
}

fn cpu_count(host: &HostView, request: &Request) -> Option<String> {
    let cpus = cpus(host, request);
    let needed = request.cpus;
    (cpus < needed).then(|| format!("host {} has {cpus} CPUs, {needed} are needed", host.name))
}

/// A host without hardware virtualization emulates every model alike, so there only the architecture matters.
fn cpu_level(host: &HostView, request: &Request) -> Option<String> {
    let emulated = host.facts.virtualization == "tcg";
    if emulated {
        return None;
    }
    if let Some(model) = &request.cpu_model {
        let flag = format!("model_{}", model.split(',').next().unwrap_or(model));
        return (!host.facts.cpu_flags.contains(&flag))
            .then(|| format!("host {} can't offer CPU model {model}", host.name));
    }
    let cpu_type = cpu_types::named(request.level, request.cpu_type.as_deref()?)?;
    let lacking = cpu_type.lacking(&host.facts.cpu_flags);
    (!lacking.is_empty())
        .then(|| format!("the CPU of host {} is below {}: it lacks {}", host.name, cpu_type.name, lacking.join(", ")))
}

/// Bytes that may be promised in all.
pub(super) fn memory_room(host: &HostView, overcommit_percent: u32) -> u64 {
    let own = host.facts.memory.saturating_sub(HOST_RESERVE);
    // Percent first would lose up to 100 bytes; bytes first could overflow only beyond 10^17.
    own.saturating_mul(u64::from(overcommit_percent)) / 100
}

/// Bytes that are promised already.
pub(super) fn memory_promised(host: &HostView) -> u64 {
    host.loads.iter().fold(0, |sum, load| sum.saturating_add(load.memory_guaranteed).saturating_add(OVERHEAD))
}

fn memory(host: &HostView, request: &Request) -> Option<String> {
    let needed = request.memory_guaranteed.saturating_add(OVERHEAD);
    let room = memory_room(host, request.memory_overcommit_percent).saturating_sub(memory_promised(host));
    if room < needed {
        let (room, needed) = (room / MIB, needed.div_ceil(MIB));
        return Some(format!("host {} may promise {room} MiB of memory more, {needed} MiB are needed", host.name));
    }
    let pending = host.loads.iter().filter(|load| load.pending);
    let pending = pending.fold(0_u64, |sum, load| sum.saturating_add(load.memory_guaranteed).saturating_add(OVERHEAD));
    let free = host.memory_free?.saturating_sub(pending);
    (free < needed).then(|| {
        let (free, needed) = (free / MIB, needed.div_ceil(MIB));
        format!("host {} has {free} MiB of free memory, {needed} MiB are needed", host.name)
    })
}

/// A host that has not said which machines it offers is not refused for it.
fn machine(host: &HostView, request: &Request) -> Option<String> {
    let offered = &host.facts.emulated_machines;
    if offered.is_empty() {
        return None;
    }
    if let Some(machine) = &request.machine {
        return (!offered.contains(machine))
            .then(|| format!("host {} does not offer machine type {machine}", host.name));
    }
    let q35 = request.firmware != Firmware::I440fxBios;
    let (chipset, fits): (_, fn(&String) -> bool) = if q35 {
        ("Q35", |name| name == "q35" || name.starts_with("pc-q35"))
    } else {
        ("i440fx", |name| name == "pc" || name.starts_with("pc-i440fx"))
    };
    (!offered.iter().any(fits)).then(|| format!("host {} does not offer the chipset {chipset}", host.name))
}

fn networks(host: &HostView, request: &Request) -> Option<String> {
    let lacking = request.networks.iter().filter(|(id, _)| !host.networks.contains(id)).map(|(_, name)| name.as_str());
    let lacking: Vec<_> = lacking.collect();
    (!lacking.is_empty()).then(|| format!("host {} lacks network {}", host.name, lacking.join(", ")))
}

fn storage(host: &HostView, request: &Request) -> Option<String> {
    let lacking = request.domains.iter().filter(|(id, _)| !host.domains.contains(id)).map(|(_, name)| name.as_str());
    let lacking: Vec<_> = lacking.collect();
    (!lacking.is_empty()).then(|| format!("host {} does not reach storage domain {}", host.name, lacking.join(", ")))
}
