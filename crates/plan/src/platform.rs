//! What a host is told of a VM: the complete machine, worked out from the VM, its cluster, its devices and the host.
//!
//! The host agent renders exactly this and adds no choice of its own. Nothing here knows domain XML.

mod devices;
#[cfg(test)]
pub(crate) mod tests;

use std::collections::BTreeSet;

use ferrovirt_hostapi::{Firmware as FirmwareKind, GraphicsSpec, VmSpec};
use ferrovirt_model::catalogue::cluster_levels::ClusterLevel;
use ferrovirt_model::catalogue::cpu_types;
use ferrovirt_model::catalogue::operating_systems::{self, Family, OperatingSystem, Tpm};
use ferrovirt_model::cluster::Cluster;
use ferrovirt_model::host::HostFacts;
use ferrovirt_model::ids::{DataCenterId, DiskId};
use ferrovirt_model::network::{Network, VnicProfile};
use ferrovirt_model::storage::{Disk, StorageConnection};
use ferrovirt_model::vm::{
    BootDevice, Cpu, DiskAttachment, DiskInterface, Firmware, RandomSource, SerialNumber, Vm, VmNic,
};

use crate::first_boot;

pub use devices::{connection_spec, disk_spec, may_boot, nic_spec, volume_ref};

/// Sockets that a guest may be given by hot plug. oVirt offers 16 as well.
const HOTPLUG_SOCKETS: u32 = 16;
/// The most queues of a NIC; more cost memory and bring nothing.
const MAX_QUEUES: u32 = 4;

/// All that the machine of a VM follows from.
#[derive(Clone, Debug)]
pub struct Machine<'a> {
    /// The VM, with the definition that applies to this run.
    pub vm: &'a Vm,
    /// Its cluster.
    pub cluster: &'a Cluster,
    /// Its data centre.
    pub data_center: DataCenterId,
    /// The host that will run it.
    pub host: &'a HostFacts,
    /// The hardware id of that host, for VMs that show it to their guest.
    pub host_hardware_id: &'a str,
    /// The number of the run.
    pub generation: u64,
    /// Its disks. Those that are not active are left out.
    pub disks: &'a [DiskDevice],
    /// Its NICs. Those that are not plugged are left out.
    pub nics: &'a [NicDevice],
    /// The CD in its drive.
    pub cdrom: Option<&'a DiskDevice>,
    /// The address on which the host's consoles listen.
    pub display_address: &'a str,
    /// The incarnation under which the guest finds first-boot data, where it does.
    pub first_boot: Option<uuid::Uuid>,
}

/// A disk of a VM with all that a host must know to reach it.
#[derive(Clone, Debug, PartialEq)]
pub struct DiskDevice {
    /// How it hangs on the VM.
    pub attachment: DiskAttachment,
    /// The disk.
    pub disk: Disk,
    /// The way to the domain that its volume lies on.
    pub connection: StorageConnection,
}

/// A NIC of a VM with what it joins.
#[derive(Clone, Debug, PartialEq)]
pub struct NicDevice {
    /// The NIC.
    pub nic: VmNic,
    /// Its profile.
    pub profile: Option<VnicProfile>,
    /// The profile's network.
    pub network: Option<Network>,
}

/// What keeps a machine from being described.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Incomplete {
    /// The disk has no volume.
    #[error("disk {0} has no volume")]
    NoVolume(DiskId),
    /// The VM would read a file of its host that is not for guests.
    #[error("the file {0:?} does not lie in {folder}, the folder of what may be booted", folder = ferrovirt_hostapi::BOOT_FOLDER)]
    NotToBoot(String),
}

/// Chipset and firmware of a VM: its own, or its cluster's, or Q35 with BIOS.
#[must_use]
pub fn firmware(vm: &Vm, cluster: &Cluster) -> Firmware {
    vm.definition.firmware.or(cluster.settings.firmware).unwrap_or(Firmware::Q35Bios)
}

/// Describes the machine of a VM for a host.
///
/// # Errors
/// [`Incomplete`] when a disk can't be named to a host, or a file of the host is none to boot.
pub fn platform(machine: &Machine<'_>) -> Result<VmSpec, Incomplete> {
    let definition = &machine.vm.definition;
    let system = operating_systems::or_other(definition.os);
    let firmware = firmware(machine.vm, machine.cluster);
    let q35 = firmware != Firmware::I440fxBios;
    let level: ClusterLevel = definition.compatibility.unwrap_or(machine.cluster.settings.version).into();
    let boot = devices::BootOrder::of(machine);
    let disks = devices::disks(machine, &boot)?;
    let graphics = graphics(machine);
    Ok(VmSpec {
        id: machine.vm.id.to_string(),
        name: machine.vm.name.clone(),
        generation: machine.generation,
        memory: definition.memory,
        memory_max: definition.memory_max.max(definition.memory),
        memory_guaranteed: definition.memory_guaranteed.min(definition.memory),
        memory_balloon: definition.balloon,
        cpu_sockets: definition.cpu.sockets,
        cpu_cores: definition.cpu.cores,
        cpu_threads: definition.cpu.threads,
        cpu_sockets_max: sockets_max(machine, level, system),
        cpu_model: cpu_model(machine, level),
        cpu_host_passthrough: definition.cpu.host_passthrough && !emulated(machine.host),
        cpu_shares: definition.cpu.shares,
        pinned_cpus: pinned_cpus(&machine.vm.definition.cpu),
        machine: machine_type(machine, level, q35),
        firmware: firmware_kind(firmware).into(),
        boot_devices: definition.boot_devices.iter().map(|device| boot_device(*device).to_owned()).collect(),
        boot_menu: definition.boot_menu,
        direct_boot: devices::direct_boot(definition)?,
        virtio_scsi: definition.virtio_scsi
            || machine.disks.iter().any(|disk| disk.attachment.interface == DiskInterface::VirtioScsi),
        disks,
        nics: devices::nics(machine, &boot),
        cdrom: devices::cdrom(machine)?,
        video_model: video_model(machine, system, firmware),
        graphics_monitors: if graphics.is_empty() { 0 } else { definition.display.monitors.max(1) },
        graphics,
        keyboard: definition.display.keyboard.clone(),
        serial_console: definition.serial_console,
        random_generator: definition.random_source.is_some(),
        random_source: definition.random_source.map_or_else(String::new, |source| random_source(source).to_owned()),
        clock_offset: if system.clock_is_local_time { "localtime" } else { "utc" }.to_owned(),
        clock_adjustment_seconds: clock_adjustment(definition.time_zone.as_deref(), system),
        serial_number: serial_number(machine),
        io_threads: definition.io_threads,
        multi_queues: definition.multi_queues,
        os_family: os_family(system).to_owned(),
        start_paused: definition.start_paused,
        usb_controller: if definition.usb { system.usb_controller.on(q35).to_owned() } else { String::new() },
        sound_model: if definition.sound { system.sound.on(q35).to_owned() } else { String::new() },
        tpm: definition.tpm || system.tpm == Tpm::Required,
        custom_properties: definition.custom_properties.clone().into_iter().collect(),
        first_boot: machine.first_boot.map(|incarnation| {
            let data = definition.initialization.clone().unwrap_or_default();
            first_boot::drive(&data, incarnation)
        }),
    })
}

/// Whether the host emulates CPUs instead of lending its own.
fn emulated(host: &HostFacts) -> bool {
    host.virtualization == "tcg"
}

/// A host that emulates CPUs chooses the model itself: the same one on each such host.
fn cpu_model(machine: &Machine<'_>, level: ClusterLevel) -> String {
    let cpu = &machine.vm.definition.cpu;
    if emulated(machine.host) || cpu.host_passthrough {
        return String::new();
    }
    let of_cluster = || {
        let name = machine.cluster.settings.cpu_type.as_deref()?;
        cpu_types::named(level, name).map(|cpu_type| cpu_type.libvirt_model().to_owned())
    };
    cpu.model.clone().or_else(of_cluster).unwrap_or_default()
}

fn sockets_max(machine: &Machine<'_>, level: ClusterLevel, system: &OperatingSystem) -> u32 {
    let cpu = &machine.vm.definition.cpu;
    if !system.cpu_hotplug {
        return cpu.sockets;
    }
    let in_a_socket = cpu.cores.saturating_mul(cpu.threads).max(1);
    let most = (level.max_cpus() / in_a_socket).min(level.max_sockets()).min(HOTPLUG_SOCKETS);
    most.max(cpu.sockets)
}

/// The CPUs of a host that a VM is pinned to, ascending.
pub(crate) fn pinned_cpus(cpu: &Cpu) -> Vec<u32> {
    let mut cpus = BTreeSet::new();
    for part in cpu.pins.values().flat_map(|list| list.split(',')) {
        let (sign, part) = part.trim().strip_prefix('^').map_or((true, part.trim()), |rest| (false, rest));
        let (first, last) = part.split_once('-').unwrap_or((part, part));
        let (Ok(first), Ok(last)) = (first.parse::<u32>(), last.parse::<u32>()) else { continue };
        for cpu in first..=last.min(first.saturating_add(1023)) {
            if sign {
                cpus.insert(cpu);
            } else {
                cpus.remove(&cpu);
            }
        }
    }
    cpus.into_iter().collect()
}

/// The VM's own machine type, or the first of the cluster's level that the host offers, or the chipset's newest.
fn machine_type(machine: &Machine<'_>, level: ClusterLevel, q35: bool) -> String {
    if let Some(own) = &machine.vm.definition.machine {
        return own.clone();
    }
    let (prefix, newest) = if q35 { ("pc-q35", "q35") } else { ("pc-i440fx", "pc") };
    let of_level = level.emulated_machines().iter().filter(|name| name.starts_with(prefix));
    let offered = of_level.copied().find(|name| machine.host.emulated_machines.iter().any(|own| own == name));
    offered.unwrap_or(newest).to_owned()
}

fn firmware_kind(firmware: Firmware) -> FirmwareKind {
    match firmware {
        Firmware::I440fxBios | Firmware::Q35Bios => FirmwareKind::Bios,
        Firmware::Q35Uefi => FirmwareKind::Uefi,
        Firmware::Q35SecureBoot => FirmwareKind::UefiSecure,
    }
}

fn boot_device(device: BootDevice) -> &'static str {
    match device {
        BootDevice::HardDisk => "hd",
        BootDevice::Cdrom => "cdrom",
        BootDevice::Network => "network",
    }
}

fn random_source(source: RandomSource) -> &'static str {
    match source {
        RandomSource::Urandom => "urandom",
        RandomSource::Random => "random",
        RandomSource::Hwrng => "hwrng",
    }
}

fn os_family(system: &OperatingSystem) -> &'static str {
    match system.family {
        Family::Linux => "linux",
        Family::Windows => "windows",
        Family::Other => "other",
    }
}

/// Every definition of a console asks for VNC: hosts offer nothing else.
fn graphics(machine: &Machine<'_>) -> Vec<GraphicsSpec> {
    if machine.vm.definition.display.consoles.is_empty() {
        return Vec::new();
    }
    vec![GraphicsSpec { kind: "vnc".to_owned(), listen_address: machine.display_address.to_owned() }]
}

/// The VM's own video device, or its system's. UEFI has no VGA text mode to keep, so it gets the leaner device.
fn video_model(machine: &Machine<'_>, system: &OperatingSystem, firmware: Firmware) -> String {
    let display = &machine.vm.definition.display;
    if display.consoles.is_empty() {
        return "none".to_owned();
    }
    if let Some(own) = &display.video {
        return own.clone();
    }
    let uefi = matches!(firmware, Firmware::Q35Uefi | Firmware::Q35SecureBoot);
    let lean = uefi && system.videos.contains(&("vnc", "bochs"));
    if lean { "bochs" } else { system.video_for("vnc").unwrap_or("vga") }.to_owned()
}

fn serial_number(machine: &Machine<'_>) -> String {
    match &machine.vm.definition.serial_number {
        SerialNumber::Vm => machine.vm.id.to_string(),
        SerialNumber::Host => machine.host_hardware_id.to_owned(),
        SerialNumber::Custom(text) => text.clone(),
    }
}

/// Seconds east of UTC for a guest that takes the hardware clock for local time. Only zones of a fixed offset are known
/// here; a zone with summer time starts at UTC and is set by the guest.
fn clock_adjustment(zone: Option<&str>, system: &OperatingSystem) -> i64 {
    if !system.clock_is_local_time {
        return 0;
    }
    // In these names the sign is the other way round: Etc/GMT-3 is three hours east.
    let west: Option<i64> = zone.and_then(|zone| zone.strip_prefix("Etc/GMT")).and_then(|hours| hours.parse().ok());
    west.filter(|hours| (-14..=12).contains(hours)).map_or(0, |hours| -hours * 3600)
}

/// How many queues a VM's NICs have.
fn queues(machine: &Machine<'_>) -> u32 {
    if machine.vm.definition.multi_queues { machine.vm.definition.cpu.count().clamp(1, MAX_QUEUES) } else { 1 }
}
