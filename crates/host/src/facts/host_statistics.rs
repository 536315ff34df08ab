//! How the host does: samples of `/proc`, and rates between two of them.

use std::collections::BTreeMap;
use std::time::Instant;

use ferrovirt_hostapi::{HostStatistics, NicStatistics, NumaStatistics, VmPhase, VmState};

use super::hardware::{self, line};

/// Processor time in ticks.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
struct Ticks {
    user: u64,
    system: u64,
    idle: u64,
    total: u64,
}

/// Counters of one moment.
#[derive(Debug, Clone)]
pub struct Sample {
    at: Instant,
    memory: String,
    processors: BTreeMap<String, Ticks>,
    load: f64,
    nics: BTreeMap<String, [u64; 8]>,
    boot_time: i64,
    shared: u64,
    numa: Vec<(u32, u64, Vec<u32>)>,
}

fn ticks(line: &str) -> Option<(String, Ticks)> {
    let mut words = line.split_whitespace();
    let name = words.next().filter(|name| name.starts_with("cpu"))?;
    let numbers: Vec<u64> = words.filter_map(|word| word.parse().ok()).collect();
    let [user, nice, system, idle, wait, interrupt, soft, steal, ..] = numbers.as_slice() else { return None };
    let ticks = Ticks {
        user: user + nice,
        system: system + interrupt + soft + steal,
        idle: idle + wait,
        total: numbers.iter().take(8).sum(),
    };
    Some((name.to_owned(), ticks))
}

fn nic(line: &str) -> Option<(String, [u64; 8])> {
    let (name, rest) = line.split_once(':')?;
    let numbers: Vec<u64> = rest.split_whitespace().filter_map(|word| word.parse().ok()).collect();
    Some((
        name.trim().to_owned(),
        numbers.get(..16).map(|all| [all[0], all[2], all[3], all[8], all[10], all[11], 0, 0])?,
    ))
}

/// Taps of VMs are the VMs' own statistics.
fn is_host_nic(name: &str) -> bool {
    name != "lo" && !name.starts_with("vnet") && !name.starts_with("tap")
}

impl Sample {
    /// Looks at the host. Blocks for moments: call it on a thread that may.
    pub fn take() -> Self {
        let read = |path: &str| std::fs::read_to_string(path).unwrap_or_default();
        let nodes = hardware::numa_nodes().into_iter().map(|(index, folder)| {
            let memory = std::fs::read_to_string(folder.join("meminfo")).unwrap_or_default();
            (index, hardware::kib_field(&memory, "MemFree"), hardware::number_list(&line(folder.join("cpulist"))))
        });
        Sample {
            at: Instant::now(),
            memory: read("/proc/meminfo"),
            processors: read("/proc/stat").lines().filter_map(ticks).collect(),
            load: read("/proc/loadavg").split_whitespace().nth(1).and_then(|word| word.parse().ok()).unwrap_or(0.0),
            nics: read("/proc/net/dev").lines().filter_map(nic).filter(|(name, _)| is_host_nic(name)).collect(),
            boot_time: hardware::boot_time(),
            shared: line("/sys/kernel/mm/ksm/pages_sharing").parse::<u64>().unwrap_or(0) * 4096,
            numa: nodes.collect(),
        }
    }

    /// What is told, with rates since an earlier sample.
    pub fn statistics(&self, previous: Option<&Sample>, vms: &[VmState]) -> HostStatistics {
        let memory = |name: &str| hardware::kib_field(&self.memory, name);
        let (total, available) = (memory("MemTotal"), memory("MemAvailable"));
        let all = self.percent(previous, &["cpu".to_owned()]);
        let in_phase = |wanted: &[VmPhase]| {
            let count = vms.iter().filter(|vm| wanted.contains(&vm.phase())).count();
            u32::try_from(count).unwrap_or(u32::MAX)
        };
        HostStatistics {
            memory_total: total,
            memory_used: total.saturating_sub(available),
            memory_free: available,
            memory_shared: self.shared,
            memory_buffers: memory("Buffers"),
            memory_cached: memory("Cached"),
            swap_total: memory("SwapTotal"),
            swap_free: memory("SwapFree"),
            swap_cached: memory("SwapCached"),
            cpu_user_percent: all[0],
            cpu_system_percent: all[1],
            cpu_idle_percent: all[2],
            load_average_5m: self.load,
            ksm_cpu_percent: 0.0,
            boot_time: self.boot_time,
            nics: self.nics.iter().map(|(name, now)| self.nic(name, now, previous)).collect(),
            active_vms: u32::try_from(vms.len()).unwrap_or(u32::MAX) - in_phase(&[VmPhase::Down, VmPhase::Unknown]),
            migrating_vms: in_phase(&[VmPhase::MigratingIn, VmPhase::MigratingOut]),
            numa: self
                .numa
                .iter()
                .map(|(index, free, cpus)| {
                    let names: Vec<String> = cpus.iter().map(|cpu| format!("cpu{cpu}")).collect();
                    let [user, system, idle] = self.percent(previous, &names);
                    NumaStatistics {
                        index: *index,
                        memory_free: *free,
                        cpu_user_percent: user,
                        cpu_system_percent: system,
                        cpu_idle_percent: idle,
                    }
                })
                .collect(),
        }
    }

    fn sum(&self, names: &[String]) -> Ticks {
        names.iter().filter_map(|name| self.processors.get(name)).fold(Ticks::default(), |sum, one| Ticks {
            user: sum.user + one.user,
            system: sum.system + one.system,
            idle: sum.idle + one.idle,
            total: sum.total + one.total,
        })
    }

    fn percent(&self, previous: Option<&Sample>, names: &[String]) -> [f64; 3] {
        let now = self.sum(names);
        let then = previous.map(|sample| sample.sum(names)).unwrap_or_default();
        let total = now.total.saturating_sub(then.total);
        if total == 0 {
            return [0.0, 0.0, 100.0];
        }
        let part = |now: u64, then: u64| now.saturating_sub(then) as f64 * 100.0 / total as f64;
        [part(now.user, then.user), part(now.system, then.system), part(now.idle, then.idle)]
    }

    fn nic(&self, name: &str, now: &[u64; 8], previous: Option<&Sample>) -> NicStatistics {
        let then =
            previous.and_then(|sample| Some((sample.nics.get(name)?, self.at.duration_since(sample.at).as_secs_f64())));
        let rate = |index: usize| match then {
            Some((then, seconds)) if seconds > 0.0 => now[index].saturating_sub(then[index]) as f64 / seconds,
            _ => 0.0,
        };
        NicStatistics {
            name: name.to_owned(),
            received_bytes: now[0],
            sent_bytes: now[3],
            received_bytes_per_second: rate(0),
            sent_bytes_per_second: rate(3),
            receive_errors: now[1],
            send_errors: now[4],
            receive_drops: now[2],
            send_drops: now[5],
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn proc_is_read() {
        let (name, read) = ticks("cpu0 10 0 20 60 10 0 0 0 0 0").unwrap();
        assert_eq!(name, "cpu0");
        assert_eq!(read, Ticks { user: 10, system: 20, idle: 70, total: 100 });
        assert!(ticks("ctxt 5").is_none());
        let (name, counters) = nic("  eth0: 100 1 2 3 0 0 0 0 200 1 4 5 0 0 0 0").unwrap();
        assert_eq!((name.as_str(), counters[0], counters[3]), ("eth0", 100, 200));
        assert!(!is_host_nic("vnet3"));
    }

    #[test]
    fn rates_lie_between_two_samples() {
        let mut first = Sample::take();
        first.processors = [("cpu".to_owned(), Ticks { user: 100, system: 100, idle: 800, total: 1000 })].into();
        let mut second = first.clone();
        second.processors = [("cpu".to_owned(), Ticks { user: 150, system: 100, idle: 850, total: 1100 })].into();
        let told = second.statistics(Some(&first), &[]);
        assert!((told.cpu_user_percent - 50.0).abs() < 0.01);
        assert!((told.cpu_idle_percent - 50.0).abs() < 0.01);
        assert!(told.memory_total > 0 && told.memory_free <= told.memory_total);
    }
}
