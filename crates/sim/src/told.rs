//! What simulated hosts and guests say of themselves: capabilities, measurements that move, facts. Keeps nothing.

use ferrovirt_hostapi::{
    Capabilities, DiskStatistics, GraphicsState, GuestDisk, GuestFacts, GuestNic, GuestOs, GuestPackage,
    HostStatistics, NetworkState, NicStatistics, VmPhase, VmSpec, VmState, VmStatistics,
};

use crate::network::NIC;
use crate::world::{Machine, now};

/// Bytes of memory of a simulated host.
pub const MEMORY: u64 = 512 << 30;
const SOCKETS: u32 = 2;
const CORES: u32 = 32;
const THREADS: u32 = 2;
/// Packages of a guest.
const PACKAGES: u32 = 300;
/// How long a measured value takes to come round, s.
const PERIOD: f64 = 240.0;

/// What a host is.
#[must_use]
pub fn capabilities(name: &str, hardware_id: &str, boot_time: i64, network: NetworkState) -> Capabilities {
    let flags = ["vmx", "nx", "model_Nehalem", "model_Westmere", "model_SandyBridge", "model_Haswell-noTSX"];
    Capabilities {
        hostname: name.to_owned(),
        cpu_model: "Simulated CPU".to_owned(),
        cpu_vendor: "GenuineIntel".to_owned(),
        cpu_flags: flags.map(str::to_owned).into(),
        cpu_sockets: SOCKETS,
        cpu_cores_per_socket: CORES,
        cpu_threads_per_core: THREADS,
        cpu_mhz: 2800.0,
        memory: MEMORY,
        kernel_version: "6.1.0".to_owned(),
        os_name: "Simulated".to_owned(),
        os_version: "1".to_owned(),
        libvirt_version: "9.0.0".to_owned(),
        qemu_version: "7.2.0".to_owned(),
        agent_version: env!("CARGO_PKG_VERSION").to_owned(),
        kvm_usable: true,
        virtualization: "kvm".to_owned(),
        emulated_machines: vec!["pc".to_owned(), "q35".to_owned()],
        hardware_vendor: "Ferrovirt".to_owned(),
        hardware_product: "Simulated host".to_owned(),
        hardware_id: hardware_id.to_owned(),
        boot_time,
        network: Some(network),
        transfer_port: u64::from(ferrovirt_hostapi::TRANSFER_PORT),
        ..Capabilities::default()
    }
}

/// A number of its own for each id, the same at each start.
fn seed(id: &str) -> u32 {
    id.bytes().fold(2_166_136_261, |sum, byte| (sum ^ u32::from(byte)).wrapping_mul(16_777_619))
}

/// How busy something is at a second, 0 to 1: a slow wave with a quicker one on it, out of step with its neighbours.
fn activity(id: &str, second: u64) -> f64 {
    let phase = f64::from(seed(id)) / f64::from(u32::MAX);
    let at = (second % 1_000_000) as f64 / PERIOD;
    let wave = |frequency: f64| ((at * frequency + phase) * std::f64::consts::TAU).sin();
    ((wave(1.0) + wave(7.0) / 3.0) / (8.0 / 3.0) + 0.5).clamp(0.0, 1.0).powi(2)
}

/// A running VM's measurements.
#[must_use]
pub fn vm_statistics(machine: &Machine, second: u64) -> VmStatistics {
    let spec = &machine.spec;
    let busy = activity(&spec.id, second);
    let memory_used = (spec.memory as f64 * (0.2 + 0.6 * busy)) as u64;
    let elapsed = u64::try_from((now() - machine.state.started_at) / 1000).unwrap_or_default();
    let nic = |id: &String| NicStatistics {
        name: id.clone(),
        received_bytes: elapsed * 40_000,
        sent_bytes: elapsed * 15_000,
        received_bytes_per_second: busy * 4_000_000.0,
        sent_bytes_per_second: busy * 1_500_000.0,
        ..NicStatistics::default()
    };
    let disk = |id: &String| DiskStatistics {
        disk_id: id.clone(),
        read_bytes_per_second: busy * 2_000_000.0,
        write_bytes_per_second: busy * 6_000_000.0,
        read_operations_per_second: busy * 50.0,
        write_operations_per_second: busy * 150.0,
        read_latency_seconds: 0.0004,
        write_latency_seconds: 0.0009,
        ..DiskStatistics::default()
    };
    VmStatistics {
        vm_id: spec.id.clone(),
        memory_installed: spec.memory,
        memory_used,
        memory_free: spec.memory.saturating_sub(memory_used),
        cpu_guest_percent: busy * 80.0,
        cpu_hypervisor_percent: busy * 2.0,
        cpu_total_percent: busy * 82.0,
        elapsed_seconds: elapsed,
        nics: spec.nics.iter().map(|one| nic(&one.id)).collect(),
        disks: spec.disks.iter().map(|one| disk(&one.disk_id)).collect(),
        ..VmStatistics::default()
    }
}

/// A host's measurements with the VMs that it runs.
pub fn host_statistics<'m>(machines: impl Iterator<Item = &'m Machine>, boot_time: i64, second: u64) -> HostStatistics {
    let mut told = HostStatistics { memory_total: MEMORY, boot_time, ..HostStatistics::default() };
    let mut cores = 0.0;
    for machine in machines {
        let own = vm_statistics(machine, second);
        let cpus = machine.spec.cpu_sockets * machine.spec.cpu_cores * machine.spec.cpu_threads;
        cores += own.cpu_total_percent / 100.0 * f64::from(cpus);
        told.memory_used += own.memory_used;
        told.active_vms += 1;
        told.migrating_vms += u32::from(machine.state.migration.as_ref().is_some_and(|migration| migration.active));
    }
    let used = (cores * 100.0 / f64::from(SOCKETS * CORES * THREADS)).min(97.0);
    told.cpu_user_percent = used;
    told.cpu_system_percent = 1.0;
    told.cpu_idle_percent = 99.0 - used;
    told.load_average_5m = cores;
    told.memory_free = MEMORY.saturating_sub(told.memory_used);
    let rate = f64::from(told.active_vms) * 200_000.0;
    told.nics = vec![NicStatistics {
        name: NIC.to_owned(),
        received_bytes_per_second: rate,
        sent_bytes_per_second: rate,
        ..NicStatistics::default()
    }];
    told
}

/// What the state of a VM is that has just been started; its guest does not answer yet.
#[must_use]
pub fn started(spec: &VmSpec) -> VmState {
    let graphics = spec.graphics.iter().map(|graphics| GraphicsState {
        kind: graphics.kind.clone(),
        address: graphics.listen_address.clone(),
        port: 5900,
        tls_port: 0,
    });
    VmState {
        vm_id: spec.id.clone(),
        generation: spec.generation,
        phase: if spec.start_paused { VmPhase::Paused } else { VmPhase::Running }.into(),
        started_at: now(),
        graphics: graphics.collect(),
        ..VmState::default()
    }
}

/// What a simulated guest says of itself.
#[must_use]
pub fn guest(spec: &VmSpec) -> GuestFacts {
    let [_, b, c, d] = seed(&spec.id).to_be_bytes();
    let nic = |(index, nic): (usize, &ferrovirt_hostapi::NicSpec)| GuestNic {
        name: format!("eth{index}"),
        mac_address: nic.mac_address.clone(),
        addresses: vec![format!("10.{b}.{c}.{d}")],
    };
    GuestFacts {
        vm_id: spec.id.clone(),
        agent_version: env!("CARGO_PKG_VERSION").to_owned(),
        hostname: spec.name.clone(),
        fqdn: format!("{}.sim.internal", spec.name),
        os: Some(GuestOs {
            family: "linux".to_owned(),
            distribution: "Debian GNU/Linux".to_owned(),
            version: "12".to_owned(),
            codename: "bookworm".to_owned(),
            kernel: "6.1.0".to_owned(),
            architecture: "x86_64".to_owned(),
            pretty_name: "Debian GNU/Linux 12".to_owned(),
        }),
        timezone_name: "UTC".to_owned(),
        nics: spec.nics.iter().enumerate().map(nic).collect(),
        disks: vec![GuestDisk { path: "/".to_owned(), file_system: "ext4".to_owned(), total: 10 << 30, used: 3 << 30 }],
        packages: packages(),
        memory_total: spec.memory,
        ..GuestFacts::default()
    }
}

/// As many packages as a small server has: what the engine keeps of a guest is mostly these.
fn packages() -> Vec<GuestPackage> {
    let package = |name: String, version: &str| GuestPackage { name, version: version.to_owned() };
    let libraries = (1..PACKAGES).map(|number| package(format!("libsimulated-{number}"), "1.2.3-4+deb12u1"));
    std::iter::once(package("linux-image-amd64".to_owned(), "6.1.0")).chain(libraries).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_measured_moves_and_stays_in_its_bounds() {
        let values: Vec<f64> = (0..600).map(|second| activity("a VM", second)).collect();
        assert!(values.iter().all(|value| (0.0..=1.0).contains(value)));
        let (least, most) =
            values.iter().fold((1.0_f64, 0.0_f64), |(least, most), value| (least.min(*value), most.max(*value)));
        assert!(least < 0.1 && most > 0.6, "{least} to {most}");
        assert_ne!(activity("a VM", 10), activity("another VM", 10));
    }
}
