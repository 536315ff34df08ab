//! How the VMs do: counters of libvirt, and rates between two looks. Processor use: 100 is one processor of the host.

use std::collections::HashMap;
use std::time::Instant;

use ferrovirt_hostapi::{DiskStatistics, NicStatistics, VmPhase, VmState, VmStatistics};

use super::Gathering;
use crate::hypervisor::{Counters, Device, DiskCounters, NicCounters};
use crate::reports::now_ms;

/// Counters of the last look, and the devices' names.
#[derive(Default)]
pub struct Rates {
    previous: HashMap<String, (Instant, Counters)>,
    devices: HashMap<String, Vec<Device>>,
}

/// Looks at all VMs once and tells what they do.
pub async fn gather(gathering: &Gathering, rates: &mut Rates) {
    let states: HashMap<String, VmState> = gathering
        .reports
        .vms()
        .into_iter()
        .filter(|state| state.phase() != VmPhase::Down)
        .map(|state| (state.vm_id.clone(), state))
        .collect();
    rates.previous.retain(|id, _| states.contains_key(id));
    rates.devices.retain(|id, _| states.contains_key(id));
    gathering.guests.follow(states.keys());
    if states.is_empty() {
        return;
    }
    let all = match gathering.hypervisor.counters().await {
        Ok(all) => all,
        Err(error) => {
            tracing::debug!(%error, "there are no statistics of VMs");
            return;
        }
    };
    for counters in all {
        let Some(state) = states.get(&counters.id) else { continue };
        let known = rates.devices.get(&counters.id);
        let targets = counters.disks.len() + counters.nics.len();
        if known.is_none_or(|devices| devices.len() < targets)
            && let Ok(Some(domain)) = gathering.hypervisor.domain(&counters.id).await
        {
            rates.devices.insert(counters.id.clone(), domain.devices);
        }
        let devices = rates.devices.get(&counters.id).map(Vec::as_slice).unwrap_or_default();
        let now = Instant::now();
        let previous = rates.previous.insert(counters.id.clone(), (now, counters.clone()));
        let before = previous.as_ref().map(|(at, counters)| (now.duration_since(*at).as_secs_f64(), counters));
        let mut told = statistics(&counters, before, devices, state);
        gathering.guests.complete(&mut told);
        gathering.reports.push_vm_statistics(told);
    }
}

fn rate(now: u64, then: Option<u64>, seconds: f64) -> f64 {
    match then {
        Some(then) if seconds > 0.0 => now.saturating_sub(then) as f64 / seconds,
        _ => 0.0,
    }
}

/// The id behind an alias of ours.
fn named(devices: &[Device], target: &str) -> Option<String> {
    let device = devices.iter().find(|device| device.target == target)?;
    Some(device.alias.strip_prefix("ua-").unwrap_or(&device.alias).to_owned())
}

fn statistics(now: &Counters, before: Option<(f64, &Counters)>, devices: &[Device], state: &VmState) -> VmStatistics {
    let seconds = before.map_or(0.0, |(seconds, _)| seconds);
    let then = before.map(|(_, counters)| counters);
    // Nanoseconds of a second, in percent.
    let percent = |now: u64, then: Option<u64>| rate(now, then, seconds) / 1e7;
    let total = percent(now.cpu_total_ns, then.map(|then| then.cpu_total_ns));
    let hypervisor = percent(now.cpu_hypervisor_ns, then.map(|then| then.cpu_hypervisor_ns)).min(total);
    let free = now.memory_unused.unwrap_or(0);
    let inside = now.memory_available.unwrap_or(now.memory_current);
    let elapsed = if state.started_at > 0 { (now_ms() - state.started_at).max(0) / 1000 } else { 0 };
    VmStatistics {
        vm_id: now.id.clone(),
        memory_installed: now.memory_current,
        memory_used: if now.memory_unused.is_some() { inside.saturating_sub(free) } else { 0 },
        memory_free: free,
        memory_buffered: 0,
        memory_cached: now.memory_caches.unwrap_or(0),
        cpu_guest_percent: total - hypervisor,
        cpu_hypervisor_percent: hypervisor,
        cpu_total_percent: total,
        elapsed_seconds: u64::try_from(elapsed).unwrap_or(0),
        nics: now
            .nics
            .iter()
            .filter_map(|nic| {
                let then = then.and_then(|then| then.nics.iter().find(|held| held.target == nic.target));
                Some(nic_statistics(named(devices, &nic.target)?, nic, then, seconds))
            })
            .collect(),
        disks: now
            .disks
            .iter()
            .filter_map(|disk| {
                let then = then.and_then(|then| then.disks.iter().find(|held| held.target == disk.target));
                Some(disk_statistics(named(devices, &disk.target)?, disk, then, seconds))
            })
            .collect(),
    }
}

fn nic_statistics(name: String, now: &NicCounters, then: Option<&NicCounters>, seconds: f64) -> NicStatistics {
    NicStatistics {
        name,
        received_bytes: now.received,
        sent_bytes: now.sent,
        received_bytes_per_second: rate(now.received, then.map(|then| then.received), seconds),
        sent_bytes_per_second: rate(now.sent, then.map(|then| then.sent), seconds),
        receive_errors: now.receive_errors,
        send_errors: now.send_errors,
        receive_drops: now.receive_drops,
        send_drops: now.send_drops,
    }
}

fn disk_statistics(disk_id: String, now: &DiskCounters, then: Option<&DiskCounters>, seconds: f64) -> DiskStatistics {
    // Seconds of one operation, over those done since the last look.
    let latency = |time: u64, count: u64, then_time: Option<u64>, then_count: Option<u64>| {
        let count = count.saturating_sub(then_count.unwrap_or(0));
        let time = time.saturating_sub(then_time.unwrap_or(0));
        if then_count.is_none() || count == 0 { 0.0 } else { time as f64 / count as f64 / 1e9 }
    };
    DiskStatistics {
        disk_id,
        read_bytes_per_second: rate(now.read_bytes, then.map(|then| then.read_bytes), seconds),
        write_bytes_per_second: rate(now.write_bytes, then.map(|then| then.write_bytes), seconds),
        read_operations_per_second: rate(now.reads, then.map(|then| then.reads), seconds),
        write_operations_per_second: rate(now.writes, then.map(|then| then.writes), seconds),
        read_latency_seconds: latency(
            now.read_ns,
            now.reads,
            then.map(|then| then.read_ns),
            then.map(|then| then.reads),
        ),
        write_latency_seconds: latency(
            now.write_ns,
            now.writes,
            then.map(|then| then.write_ns),
            then.map(|then| then.writes),
        ),
        flush_latency_seconds: latency(
            now.flush_ns,
            now.flushes,
            then.map(|then| then.flush_ns),
            then.map(|then| then.flushes),
        ),
        read_bytes: now.read_bytes,
        write_bytes: now.write_bytes,
        actual_size: now.allocation,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rates_and_names() {
        let disk = |bytes| DiskCounters {
            target: "vda".into(),
            read_bytes: bytes,
            reads: bytes / 100,
            read_ns: bytes * 1000,
            ..Default::default()
        };
        let counters =
            |cpu, bytes| Counters { id: "a".into(), cpu_total_ns: cpu, disks: vec![disk(bytes)], ..Default::default() };
        let devices = [Device { alias: "ua-d1".into(), target: "vda".into() }];
        let then = counters(0, 0);
        let told = statistics(&counters(1_000_000_000, 2000), Some((2.0, &then)), &devices, &VmState::default());
        assert!((told.cpu_total_percent - 50.0).abs() < 0.001);
        assert_eq!(told.disks[0].disk_id, "d1");
        assert!((told.disks[0].read_bytes_per_second - 1000.0).abs() < 0.001);
        assert!((told.disks[0].read_latency_seconds - 1e-4).abs() < 1e-9);
        let first = statistics(&counters(5, 5), None, &devices, &VmState::default());
        assert_eq!(first.cpu_total_percent, 0.0, "one look makes no rate");
    }
}
