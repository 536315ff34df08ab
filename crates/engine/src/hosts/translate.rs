//! The host door's messages as nouns. Total: what a host leaves out becomes an empty value, never a failure.

use std::collections::BTreeMap;

use ferrovirt_hostapi as host;
use ferrovirt_model::host::{Busy, HostFacts, HostStatistics, NumaNode};
use ferrovirt_model::ids::{HostId, HostNicId, NetworkId};
use ferrovirt_model::network::HostNic;
use ferrovirt_model::vm::lifecycle::{Exit, ExitKind, Observation};
use ferrovirt_model::vm::{
    ConsoleKind, DiskRates, GraphicsAddress, GuestDisk, GuestFacts, GuestNic, GuestPackage, GuestSession,
    MigrationProgress, NicRates, RunPhase, VmStatistics,
};
use uuid::Uuid;

/// A host's capabilities.
#[must_use]
pub fn facts(from: host::Capabilities) -> HostFacts {
    HostFacts {
        hostname: from.hostname,
        cpu_model: from.cpu_model,
        cpu_vendor: from.cpu_vendor,
        cpu_flags: from.cpu_flags,
        cpu_sockets: from.cpu_sockets,
        cpu_cores: from.cpu_cores_per_socket,
        cpu_threads: from.cpu_threads_per_core,
        cpu_mhz: from.cpu_mhz,
        memory: from.memory,
        kernel_version: from.kernel_version,
        os_name: from.os_name,
        os_version: from.os_version,
        libvirt_version: from.libvirt_version,
        qemu_version: from.qemu_version,
        agent_version: from.agent_version,
        virtualization: from.virtualization,
        kvm_usable: from.kvm_usable,
        emulated_machines: from.emulated_machines,
        hardware_vendor: from.hardware_vendor,
        hardware_product: from.hardware_product,
        hardware_serial: from.hardware_serial,
        hardware_version: from.hardware_version,
        hardware_family: from.hardware_family,
        boot_time: some_time(from.boot_time),
        numa_nodes: from
            .numa_nodes
            .into_iter()
            .map(|node| NumaNode { index: node.index, memory: node.memory, cpus: node.cpus })
            .collect(),
        problems: from.problems,
        transfer_port: u16::try_from(from.transfer_port).unwrap_or(host::TRANSFER_PORT),
        selinux_enforcing: from.selinux_enforcing,
        iscsi_initiator: from.iscsi_initiator,
    }
}

/// A host's measurements; for how long it has been busy is the reader's to tell.
#[must_use]
pub fn host_statistics(from: host::HostStatistics) -> HostStatistics {
    HostStatistics {
        memory_total: from.memory_total,
        memory_used: from.memory_used,
        memory_free: from.memory_free,
        memory_shared: from.memory_shared,
        memory_buffers: from.memory_buffers,
        memory_cached: from.memory_cached,
        swap_total: from.swap_total,
        swap_free: from.swap_free,
        swap_cached: from.swap_cached,
        cpu_user_percent: from.cpu_user_percent,
        cpu_system_percent: from.cpu_system_percent,
        cpu_idle_percent: from.cpu_idle_percent,
        load_average_5m: from.load_average_5m,
        ksm_cpu_percent: from.ksm_cpu_percent,
        boot_time: some_time(from.boot_time),
        nics: nic_rates(from.nics),
        active_vms: from.active_vms,
        migrating_vms: from.migrating_vms,
        busy: Busy::default(),
    }
}

/// The NICs of a host. The id follows from host and name, so it stays the same for as long as the name does.
#[must_use]
pub fn nics(id: HostId, from: &host::NetworkState) -> Vec<HostNic> {
    let network_of = |name: &str| {
        let presence = from.networks.iter().find(|presence| presence.bridge == name || presence.nic == name)?;
        presence.network_id.parse::<NetworkId>().ok()
    };
    from.nics
        .iter()
        .map(|nic| HostNic {
            id: HostNicId(Uuid::new_v5(&id.0, nic.name.as_bytes())),
            host: id,
            name: nic.name.clone(),
            mac_address: nic.mac_address.clone(),
            mtu: nic.mtu,
            up: nic.up,
            speed: nic.speed_bits_per_second,
            ipv4: nic.ipv4.clone(),
            ipv6: nic.ipv6.clone(),
            kind: nic.kind.clone(),
            master: nic.master.clone(),
            base_nic: nic.base_nic.clone(),
            vlan: u16::try_from(nic.vlan).unwrap_or_default(),
            gateway: nic.gateway.clone(),
            ipv4_method: nic.ipv4_method.clone(),
            network: network_of(&nic.name),
        })
        .collect()
}

/// What a host says of a VM's run.
#[must_use]
pub fn observation(from: &host::VmState) -> Observation {
    let exit = from
        .exit
        .as_ref()
        .filter(|exit| !exit.kind.is_empty())
        .map(|exit| Exit { kind: exit_kind(&exit.kind), message: exit.message.clone() });
    Observation {
        generation: from.generation,
        phase: phase(from.phase()),
        pause_reason: Some(from.pause_reason.clone()).filter(|reason| !reason.is_empty()),
        guest_agent: from.guest_agent,
        started_at: some_time(from.started_at),
        migration: from.migration.as_ref().filter(|progress| progress.active).map(|progress| MigrationProgress {
            percent: progress.percent.min(100),
            target: from.migration_target_host_id.parse().ok(),
            bytes_total: progress.bytes_total,
            bytes_processed: progress.bytes_processed,
            elapsed_ms: progress.elapsed_ms,
        }),
        graphics: from.graphics.iter().filter_map(graphics).collect(),
        exit,
    }
}

fn phase(from: host::VmPhase) -> Option<RunPhase> {
    match from {
        host::VmPhase::Unknown => Some(RunPhase::Unknown),
        host::VmPhase::Starting => Some(RunPhase::Starting),
        host::VmPhase::Running => Some(RunPhase::Running),
        host::VmPhase::Paused => Some(RunPhase::Paused),
        host::VmPhase::ShuttingDown => Some(RunPhase::ShuttingDown),
        host::VmPhase::Rebooting => Some(RunPhase::Rebooting),
        host::VmPhase::MigratingOut => Some(RunPhase::MigratingOut),
        host::VmPhase::MigratingIn => Some(RunPhase::MigratingIn),
        host::VmPhase::NotResponding => Some(RunPhase::NotResponding),
        host::VmPhase::Down => None,
    }
}

fn exit_kind(from: &str) -> ExitKind {
    match from {
        "shutdown_by_guest" => ExitKind::ShutdownByGuest,
        "shutdown_requested" => ExitKind::ShutdownRequested,
        "powered_off" => ExitKind::PoweredOff,
        "crashed" => ExitKind::Crashed,
        "failed_to_start" => ExitKind::FailedToStart,
        "migrated" => ExitKind::Migrated,
        _ => ExitKind::Lost,
    }
}

fn graphics(from: &host::GraphicsState) -> Option<GraphicsAddress> {
    let kind = match from.kind.as_str() {
        "vnc" => ConsoleKind::Vnc,
        "spice" => ConsoleKind::Spice,
        _ => return None,
    };
    let port = |number: i32| u16::try_from(number).ok().filter(|port| *port > 0);
    Some(GraphicsAddress { kind, address: from.address.clone(), port: port(from.port), tls_port: port(from.tls_port) })
}

/// A running VM's measurements.
#[must_use]
pub fn vm_statistics(from: host::VmStatistics) -> VmStatistics {
    VmStatistics {
        memory_installed: from.memory_installed,
        memory_used: from.memory_used,
        memory_free: from.memory_free,
        memory_buffered: from.memory_buffered,
        memory_cached: from.memory_cached,
        cpu_guest_percent: from.cpu_guest_percent,
        cpu_hypervisor_percent: from.cpu_hypervisor_percent,
        cpu_total_percent: from.cpu_total_percent,
        elapsed_seconds: from.elapsed_seconds,
        nics: nic_rates(from.nics),
        disks: from.disks.into_iter().map(|disk| (disk.disk_id.clone(), disk_rates(&disk))).collect(),
    }
}

fn disk_rates(from: &host::DiskStatistics) -> DiskRates {
    DiskRates {
        read_bytes_per_second: from.read_bytes_per_second,
        write_bytes_per_second: from.write_bytes_per_second,
        read_operations_per_second: from.read_operations_per_second,
        write_operations_per_second: from.write_operations_per_second,
        read_latency_seconds: from.read_latency_seconds,
        write_latency_seconds: from.write_latency_seconds,
        flush_latency_seconds: from.flush_latency_seconds,
        actual_size: from.actual_size,
    }
}

fn nic_rates(from: Vec<host::NicStatistics>) -> BTreeMap<String, NicRates> {
    from.into_iter()
        .map(|nic| {
            let rates = NicRates {
                received_bytes: nic.received_bytes,
                sent_bytes: nic.sent_bytes,
                received_bytes_per_second: nic.received_bytes_per_second,
                sent_bytes_per_second: nic.sent_bytes_per_second,
                receive_errors: nic.receive_errors,
                send_errors: nic.send_errors,
            };
            (nic.name, rates)
        })
        .collect()
}

/// What a guest says of itself.
#[must_use]
pub fn guest(from: host::GuestFacts) -> GuestFacts {
    let os = from.os.unwrap_or_default();
    GuestFacts {
        agent_version: from.agent_version,
        hostname: from.hostname,
        fqdn: from.fqdn,
        os_family: os.family,
        os_distribution: os.distribution,
        os_version: os.version,
        os_codename: os.codename,
        kernel: os.kernel,
        architecture: os.architecture,
        timezone_name: from.timezone_name,
        timezone_offset_minutes: from.timezone_offset_minutes,
        nics: from
            .nics
            .into_iter()
            .map(|nic| GuestNic { name: nic.name, mac_address: nic.mac_address, addresses: nic.addresses })
            .collect(),
        sessions: from
            .sessions
            .into_iter()
            .map(|session| GuestSession {
                user: session.user,
                domain: session.domain,
                address: session.address,
                console: session.console,
            })
            .collect(),
        disks: from
            .disks
            .into_iter()
            .map(|disk| GuestDisk {
                path: disk.path,
                file_system: disk.file_system,
                total: disk.total,
                used: disk.used,
            })
            .collect(),
        packages: from
            .packages
            .into_iter()
            .map(|package| GuestPackage { name: package.name, version: package.version })
            .collect(),
    }
}

fn some_time(at: i64) -> Option<i64> {
    (at > 0).then_some(at)
}
