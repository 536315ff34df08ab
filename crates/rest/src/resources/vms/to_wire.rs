//! A VM as oVirt shows it. Pure: rows and the time in, a document out.

use ferrovirt_engine::reading::vms::VmView;
use ferrovirt_model::Millis;
use ferrovirt_model::catalogue::instance_types;
use ferrovirt_model::catalogue::operating_systems::{self, Architecture};
use ferrovirt_model::vm::lifecycle;
use ferrovirt_model::vm::{
    BootDevice, ConsoleKind, Definition, Firmware, GuestFacts, Initialization, MigrationOptions, MigrationSupport,
    RandomSource, ResumeBehaviour, SerialNumber, VmRun, VmStatus, Workload,
};
use ferrovirt_wire::types::{self, Timestamp};
use ferrovirt_wire::{List, tree};

use crate::api::hrefs::Hrefs;
use crate::api::links;

/// The document of a VM.
pub(crate) fn vm(hrefs: &Hrefs, view: &VmView, now: Millis) -> types::Vm {
    let vm = &view.vm;
    let status = lifecycle::status(vm, view.run.as_ref(), now);
    let mut document = types::Vm {
        name: Some(vm.name.clone()),
        creation_time: Some(Timestamp(vm.created_at)),
        cluster: Some(Box::new(links::reference(hrefs.of("clusters", vm.cluster), vm.cluster))),
        template: Some(Box::new(links::reference(hrefs.of("templates", vm.template), vm.template))),
        original_template: Some(Box::new(links::reference(hrefs.of("templates", vm.template), vm.template))),
        cpu_profile: vm.cpu_profile.map(|id| Box::new(links::reference(hrefs.of("cpuprofiles", id), id))),
        next_run_configuration_exists: Some(vm.next_run.is_some()),
        has_illegal_images: Some(view.has_illegal_images),
        run_once: Some(view.run_once),
        use_latest_template_version: Some(false),
        status: Some(wire_status(status)),
        ..types::Vm::default()
    };
    // Who changes the size of a machine makes it one of its own.
    let size = vm.definition.instance_type.and_then(instance_types::instance_type);
    document.instance_type = size
        .filter(|size| size.fits(&vm.definition))
        .map(|size| Box::new(links::reference(hrefs.of("instancetypes", size.id), size.id)));
    define(&mut document, hrefs, &vm.definition);
    if let Some(stop) = &vm.last_stop {
        document.stop_time = Some(Timestamp(stop.at));
        document.stop_reason = Some(stop.reason.clone()).filter(|reason| !reason.is_empty());
    }
    match &view.run {
        Some(run) => runs(&mut document, hrefs, run),
        // Clients sort by it: oVirt sends the creation of a VM that never ran.
        None if vm.last_stop.is_none() => document.stop_time = Some(Timestamp(vm.created_at)),
        None => {}
    }
    if let Some(guest) = &view.guest {
        tells(&mut document, guest);
    }
    if let Some(service) = tree::service("VmService") {
        links::decorate(service, &hrefs.of("vms", vm.id), vm.id, &mut document);
    }
    document
}

fn wire_status(status: VmStatus) -> types::VmStatus {
    match status {
        VmStatus::Down => types::VmStatus::Down,
        VmStatus::WaitForLaunch => types::VmStatus::WaitForLaunch,
        VmStatus::PoweringUp => types::VmStatus::PoweringUp,
        VmStatus::Up => types::VmStatus::Up,
        VmStatus::Paused => types::VmStatus::Paused,
        VmStatus::Migrating => types::VmStatus::Migrating,
        VmStatus::PoweringDown => types::VmStatus::PoweringDown,
        VmStatus::RebootInProgress => types::VmStatus::RebootInProgress,
        VmStatus::ImageLocked => types::VmStatus::ImageLocked,
        VmStatus::NotResponding => types::VmStatus::NotResponding,
        VmStatus::Unknown => types::VmStatus::Unknown,
    }
}

fn runs(document: &mut types::Vm, hrefs: &Hrefs, run: &VmRun) {
    document.host = Some(Box::new(links::reference(hrefs.of("hosts", run.host), run.host)));
    document.start_time = run.started_at.map(Timestamp);
    document.status_detail = run.pause_reason.clone();
    if let (Some(display), Some(console)) = (&mut document.display, run.graphics.first()) {
        display.address = Some(console.address.clone());
        display.port = console.port.map(i64::from);
        display.secure_port = console.tls_port.map(i64::from);
    }
}

fn filled(text: &str) -> Option<String> {
    (!text.is_empty()).then(|| text.to_owned())
}

/// What the guest says of itself.
fn tells(document: &mut types::Vm, guest: &GuestFacts) {
    document.fqdn = filled(&guest.fqdn).or_else(|| filled(&guest.hostname));
    if !guest.os_family.is_empty() || !guest.os_distribution.is_empty() {
        document.guest_operating_system = Some(types::GuestOperatingSystem {
            architecture: filled(&guest.architecture),
            codename: filled(&guest.os_codename),
            distribution: filled(&guest.os_distribution),
            family: filled(&guest.os_family),
            kernel: filled(&guest.kernel).map(|kernel| types::Kernel { version: Some(Box::new(version(&kernel))) }),
            version: filled(&guest.os_version).map(|text| Box::new(version(&text))),
        });
    }
    if !guest.timezone_name.is_empty() {
        let minutes = guest.timezone_offset_minutes;
        let sign = if minutes < 0 { '-' } else { '+' };
        document.guest_time_zone = Some(types::TimeZone {
            name: Some(guest.timezone_name.clone()),
            utc_offset: Some(format!("{sign}{:02}:{:02}", minutes.abs() / 60, minutes.abs() % 60)),
        });
    }
}

/// A version as a guest writes it: its text, and as many of its numbers as can be read.
fn version(text: &str) -> types::Version {
    let mut numbers = text.split(['.', '-']).map_while(|part| part.parse::<i64>().ok());
    types::Version {
        full_version: Some(text.to_owned()),
        major: numbers.next(),
        minor: numbers.next(),
        build: numbers.next(),
        revision: numbers.next(),
        ..types::Version::default()
    }
}

fn bytes(value: u64) -> Option<i64> {
    Some(i64::try_from(value).unwrap_or(i64::MAX))
}

/// What VMs and templates have in common.
pub(crate) fn define(document: &mut types::Vm, hrefs: &Hrefs, definition: &Definition) {
    let system = operating_systems::or_other(definition.os);
    document.description = Some(definition.description.clone());
    document.comment = Some(definition.comment.clone());
    document.bios = Some(bios(definition));
    document.console = Some(types::Console { enabled: Some(definition.serial_console) });
    document.cpu = Some(cpu(definition, system.architecture));
    document.cpu_pinning_policy = Some(if definition.cpu.pins.is_empty() {
        types::CpuPinningPolicy::None
    } else {
        types::CpuPinningPolicy::Manual
    });
    document.cpu_shares = Some(i64::from(definition.cpu.shares));
    document.custom_compatibility_version = definition.compatibility.map(|(major, minor)| {
        Box::new(types::Version { major: Some(i64::from(major)), minor: Some(i64::from(minor)), ..Default::default() })
    });
    document.custom_cpu_model.clone_from(&definition.cpu.model);
    document.custom_emulated_machine.clone_from(&definition.machine);
    document.custom_properties = custom_properties(definition);
    document.delete_protected = Some(definition.delete_protected);
    document.display = Some(display(definition));
    document.high_availability = Some(types::HighAvailability {
        enabled: Some(definition.high_availability.enabled),
        priority: Some(i64::from(definition.high_availability.priority)),
    });
    document.initialization = definition.initialization.as_ref().map(first_boot);
    document.io = Some(types::Io { threads: Some(i64::from(definition.io_threads)) });
    document.memory = bytes(definition.memory);
    document.memory_policy = Some(types::MemoryPolicy {
        ballooning: Some(definition.balloon),
        guaranteed: bytes(definition.memory_guaranteed),
        max: bytes(definition.memory_max),
        ..Default::default()
    });
    document.migration = Some(migration(&definition.migration));
    document.migration_downtime = Some(-1);
    document.multi_queues_enabled = Some(definition.multi_queues);
    document.origin = Some(definition.origin.clone());
    document.os = Some(os(definition, system.name));
    document.placement_policy = Some(placement(hrefs, definition));
    document.rng_device = definition.random_source.map(rng);
    document.serial_number = serial(&definition.serial_number);
    document.soundcard_enabled = Some(definition.sound);
    document.sso =
        Some(types::Sso { methods: Some(List::from(vec![types::Method { id: Some(types::SsoMethod::GuestAgent) }])) });
    document.start_paused = Some(definition.start_paused);
    document.stateless = Some(definition.stateless);
    document.storage_error_resume_behaviour = Some(match definition.storage_error_resume {
        ResumeBehaviour::AutoResume => types::VmStorageErrorResumeBehaviour::AutoResume,
        ResumeBehaviour::LeavePaused => types::VmStorageErrorResumeBehaviour::LeavePaused,
        ResumeBehaviour::Kill => types::VmStorageErrorResumeBehaviour::Kill,
    });
    document.time_zone = Some(types::TimeZone {
        name: Some(definition.time_zone.clone().unwrap_or_else(|| "Etc/GMT".to_owned())),
        utc_offset: None,
    });
    document.tpm_enabled = Some(definition.tpm);
    document.r#type = Some(match definition.workload {
        Workload::Desktop => types::VmType::Desktop,
        Workload::Server => types::VmType::Server,
        Workload::HighPerformance => types::VmType::HighPerformance,
    });
    document.usb =
        Some(types::Usb { enabled: Some(definition.usb), r#type: definition.usb.then_some(types::UsbType::Native) });
    document.virtio_scsi = Some(types::VirtioScsi { enabled: Some(definition.virtio_scsi) });
    document.virtio_scsi_multi_queues_enabled = Some(false);
}

fn bios(definition: &Definition) -> types::Bios {
    types::Bios {
        boot_menu: Some(types::BootMenu { enabled: Some(definition.boot_menu) }),
        r#type: Some(match definition.firmware {
            None => types::BiosType::ClusterDefault,
            Some(Firmware::I440fxBios) => types::BiosType::I440fxSeaBios,
            Some(Firmware::Q35Bios) => types::BiosType::Q35SeaBios,
            Some(Firmware::Q35Uefi) => types::BiosType::Q35Ovmf,
            Some(Firmware::Q35SecureBoot) => types::BiosType::Q35SecureBoot,
        }),
    }
}

fn cpu(definition: &Definition, architecture: Architecture) -> types::Cpu {
    let own = &definition.cpu;
    let pins: Vec<types::VcpuPin> = own
        .pins
        .iter()
        .map(|(cpu, set)| types::VcpuPin { cpu_set: Some(set.clone()), vcpu: Some(i64::from(*cpu)) })
        .collect();
    types::Cpu {
        architecture: architecture.as_str().parse().ok(),
        cpu_tune: (!pins.is_empty()).then(|| types::CpuTune { vcpu_pins: Some(List::from(pins)) }),
        mode: own.host_passthrough.then_some(types::CpuMode::HostPassthrough),
        topology: Some(types::CpuTopology {
            cores: Some(i64::from(own.cores)),
            sockets: Some(i64::from(own.sockets)),
            threads: Some(i64::from(own.threads)),
        }),
        ..types::Cpu::default()
    }
}

fn custom_properties(definition: &Definition) -> Option<List<types::CustomProperty>> {
    let pairs = definition.custom_properties.iter();
    let all: Vec<types::CustomProperty> = pairs
        .map(|(name, value)| types::CustomProperty {
            name: Some(name.clone()),
            value: Some(value.clone()),
            ..Default::default()
        })
        .collect();
    (!all.is_empty()).then(|| List::from(all))
}

/// Headless VMs have no display element.
fn display(definition: &Definition) -> types::Display {
    let own = &definition.display;
    let spice = own.consoles.contains(&ConsoleKind::Spice);
    types::Display {
        allow_override: Some(true),
        copy_paste_enabled: Some(own.copy_paste),
        disconnect_action: Some(own.disconnect_action.clone()),
        disconnect_action_delay: Some(0),
        file_transfer_enabled: Some(own.file_transfer),
        keyboard_layout: filled(&own.keyboard),
        monitors: Some(i64::from(own.monitors)),
        single_qxl_pci: Some(false),
        smartcard_enabled: Some(definition.smartcard),
        r#type: if spice {
            Some(types::DisplayType::Spice)
        } else {
            own.consoles.first().map(|_| types::DisplayType::Vnc)
        },
        video_type: own.video.as_deref().and_then(|video| video.parse().ok()),
        ..types::Display::default()
    }
}

/// First-boot data; its password stays here.
fn first_boot(own: &Initialization) -> types::Initialization {
    let nics: Vec<types::NicConfiguration> = own
        .nics
        .iter()
        .map(|nic| types::NicConfiguration {
            boot_protocol: nic.protocol.parse().ok(),
            ip: Some(types::Ip {
                address: nic.address.clone(),
                gateway: nic.gateway.clone(),
                netmask: nic.netmask.clone(),
                version: None,
            }),
            ipv6: (!nic.ipv6_protocol.is_empty()).then(|| types::Ip {
                address: nic.ipv6_address.clone(),
                gateway: nic.ipv6_gateway.clone(),
                netmask: nic.ipv6_netmask.clone(),
                version: Some(types::IpVersion::V6),
            }),
            ipv6_boot_protocol: nic.ipv6_protocol.parse().ok(),
            name: Some(nic.name.clone()),
            on_boot: Some(nic.on_boot),
        })
        .collect();
    types::Initialization {
        authorized_ssh_keys: own.authorized_ssh_keys.clone(),
        custom_script: own.custom_script.clone(),
        dns_search: own.dns_search.clone(),
        dns_servers: own.dns_servers.clone(),
        host_name: own.host_name.clone(),
        nic_configurations: (!nics.is_empty()).then(|| List::from(nics)),
        regenerate_ssh_keys: Some(own.regenerate_ssh_keys),
        timezone: own.timezone.clone(),
        user_name: own.user_name.clone(),
        ..types::Initialization::default()
    }
}

fn inheritable(value: Option<bool>) -> Option<types::InheritableBoolean> {
    Some(match value {
        None => types::InheritableBoolean::Inherit,
        Some(true) => types::InheritableBoolean::True,
        Some(false) => types::InheritableBoolean::False,
    })
}

fn migration(own: &MigrationOptions) -> types::MigrationOptions {
    types::MigrationOptions {
        auto_converge: inheritable(own.auto_converge),
        bandwidth: own.bandwidth_mib.map(|custom| types::MigrationBandwidth {
            assignment_method: Some(types::MigrationBandwidthAssignmentMethod::Custom),
            custom_value: i64::try_from(custom).ok(),
        }),
        compressed: inheritable(own.compressed),
        custom_parallel_migrations: own.parallel.map(i64::from),
        encrypted: inheritable(own.encrypted),
        parallel_migrations_policy: Some(match own.parallel {
            None => types::ParallelMigrationsPolicy::Inherit,
            Some(_) => types::ParallelMigrationsPolicy::Custom,
        }),
        policy: own
            .policy
            .map(|id| Box::new(types::MigrationPolicy { id: Some(id.to_string()), ..Default::default() })),
    }
}

fn os(definition: &Definition, name: &str) -> types::OperatingSystem {
    let devices = definition.boot_devices.iter().map(|device| match device {
        BootDevice::HardDisk => types::BootDevice::Hd,
        BootDevice::Cdrom => types::BootDevice::Cdrom,
        BootDevice::Network => types::BootDevice::Network,
    });
    let direct = definition.direct_boot.clone().unwrap_or_default();
    types::OperatingSystem {
        boot: Some(types::Boot { devices: Some(types::BootDevices { device: devices.collect() }) }),
        cmdline: filled(&direct.command_line),
        initrd: filled(&direct.initrd),
        kernel: filled(&direct.kernel),
        r#type: Some(name.to_owned()),
        ..types::OperatingSystem::default()
    }
}

fn placement(hrefs: &Hrefs, definition: &Definition) -> types::VmPlacementPolicy {
    let own = &definition.placement;
    let hosts: Vec<types::Host> =
        own.hosts.iter().map(|host| links::reference(hrefs.of("hosts", host), host)).collect();
    types::VmPlacementPolicy {
        affinity: Some(match own.affinity {
            MigrationSupport::Migratable => types::VmAffinity::Migratable,
            MigrationSupport::UserMigratable => types::VmAffinity::UserMigratable,
            MigrationSupport::Pinned => types::VmAffinity::Pinned,
        }),
        hosts: (!hosts.is_empty()).then(|| List::from(hosts)),
    }
}

fn rng(source: RandomSource) -> types::RngDevice {
    types::RngDevice {
        rate: None,
        source: Some(match source {
            RandomSource::Urandom => types::RngSource::Urandom,
            RandomSource::Random => types::RngSource::Random,
            RandomSource::Hwrng => types::RngSource::Hwrng,
        }),
    }
}

fn serial(number: &SerialNumber) -> Option<types::SerialNumber> {
    let of = |policy, value| Some(types::SerialNumber { policy: Some(policy), value });
    match number {
        // The default, which oVirt leaves out.
        SerialNumber::Vm => None,
        SerialNumber::Host => of(types::SerialNumberPolicy::Host, None),
        SerialNumber::Custom(text) => of(types::SerialNumberPolicy::Custom, Some(text.clone())),
    }
}
