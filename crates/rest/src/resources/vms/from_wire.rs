//! A VM's document as a change of its definition: elements that are absent change nothing. No rule of the data centre
//! stands here, but for the defaults that oVirt gives to elements that depend on each other.

use std::str::FromStr;

use ferrovirt_engine::actions::named::Named;
use ferrovirt_engine::actions::vm::definition::Edit;
use ferrovirt_model::catalogue::instance_types::{self, INSTANCE_TYPES, InstanceType};
use ferrovirt_model::catalogue::operating_systems;
use ferrovirt_model::ids::{CpuProfileId, DiskId, HostId};
use ferrovirt_model::refusal::Refusal;
use ferrovirt_model::secret::Secret;
use ferrovirt_model::vm::{
    BootDevice, ConsoleKind, Cpu, Definition, DirectBoot, Display, Firmware, HighAvailability, Initialization,
    MigrationOptions, MigrationSupport, NicInitialization, Placement, RandomSource, ResumeBehaviour, SerialNumber,
    Workload,
};
use ferrovirt_wire::Word as _;
use ferrovirt_wire::types;
use uuid::Uuid;

use super::unserved;
use crate::api::fault::Fault;

type Result<T> = std::result::Result<T, Refusal>;

/// A reference as it stands in a body: an id's text or a name.
pub(crate) enum Reference {
    /// An id's text.
    Id(String),
    /// A name.
    Name(String),
}

impl Reference {
    /// The reference with its id read.
    pub(crate) fn read<Id: FromStr>(self, kind: &'static str) -> std::result::Result<Named<Id>, Fault> {
        match self {
            Self::Id(text) => text.parse().map(Named::Id).map_err(|_| Refusal::bad_value("id", &text, kind).into()),
            Self::Name(name) => Ok(Named::Name(name)),
        }
    }
}

/// A reference by id, or by name where there is no id.
pub(crate) fn named(id: &Option<String>, name: &Option<String>) -> Option<Reference> {
    let filled = |text: &Option<String>| text.clone().filter(|text| !text.is_empty());
    filled(id).map(Reference::Id).or_else(|| filled(name).map(Reference::Name))
}

/// The id that a client chose for a new object.
pub(crate) fn own_id(id: &Option<String>) -> std::result::Result<Option<Uuid>, Fault> {
    let Some(text) = id.as_deref().filter(|text| !text.is_empty()) else { return Ok(None) };
    Uuid::parse_str(text).map(Some).map_err(|_| Refusal::bad_value("id", text, "a UUID is wanted").into())
}

/// The CPU profile that a document names.
pub(crate) fn cpu_profile(body: &types::Vm) -> std::result::Result<Option<CpuProfileId>, Fault> {
    let id = body.cpu_profile.as_deref().map(|profile| own_id(&profile.id)).transpose()?.flatten();
    Ok(id.map(CpuProfileId))
}

/// The change that a document asks for.
pub(crate) fn edit(body: types::Vm) -> std::result::Result<Edit, Fault> {
    unserved::vm(&body)?;
    // What can't be read is refused here already, with the least that a definition can be.
    apply(&body, &mut Definition::default())?;
    Ok(Box::new(move |definition| apply(&body, definition)))
}

fn apply(body: &types::Vm, definition: &mut Definition) -> Result<()> {
    texts(body, definition);
    if body.instance_type.is_some() {
        resize(sized(body)?, definition);
    }
    memory(body, definition)?;
    if let Some(cpu) = &body.cpu {
        processors(cpu, &mut definition.cpu)?;
    }
    if let Some(shares) = body.cpu_shares {
        definition.cpu.shares = number("cpu_shares", shares)?;
    }
    if let Some(model) = &body.custom_cpu_model {
        definition.cpu.model = text(model);
    }
    system(body, definition)?;
    boot(body, definition);
    if let Some(display) = &body.display {
        picture(display, &mut definition.display)?;
    }
    policies(body, definition)?;
    devices(body, definition);
    if let Some(drives) = &body.cdroms {
        definition.cdrom = drives.items.first().map(cd).transpose()?.flatten();
    }
    if let Some(initialization) = &body.initialization {
        definition.initialization = Some(first_boot(initialization, definition.initialization.take()));
    }
    Ok(())
}

/// The CD that a drive's document names, by the id of its disk; none ejects.
pub(crate) fn cd(body: &types::Cdrom) -> Result<Option<DiskId>> {
    let id = body.file.as_ref().and_then(|file| file.id.as_deref()).filter(|id| !id.is_empty());
    id.map(|id| id.parse().map_err(|_| Refusal::no_such("CD image", id))).transpose()
}

fn text(value: &str) -> Option<String> {
    (!value.is_empty()).then(|| value.to_owned())
}

fn number<T: TryFrom<i64>>(field: &'static str, value: i64) -> Result<T> {
    T::try_from(value).map_err(|_| Refusal::bad_value(field, value, "it is out of range"))
}

fn set<T: Clone>(place: &mut T, value: &Option<T>) {
    if let Some(value) = value {
        place.clone_from(value);
    }
}

fn texts(body: &types::Vm, definition: &mut Definition) {
    set(&mut definition.description, &body.description);
    set(&mut definition.comment, &body.comment);
    set(&mut definition.delete_protected, &body.delete_protected);
    set(&mut definition.stateless, &body.stateless);
    set(&mut definition.start_paused, &body.start_paused);
    set(&mut definition.origin, &body.origin);
    set(&mut definition.multi_queues, &body.multi_queues_enabled);
    if let Some(properties) = &body.custom_properties {
        let pairs = properties.items.iter();
        definition.custom_properties =
            pairs.filter_map(|pair| Some((pair.name.clone()?, pair.value.clone().unwrap_or_default()))).collect();
    }
}

/// The instance type that a document names; an empty element names none.
fn sized(body: &types::Vm) -> Result<Option<&'static InstanceType>> {
    let named = body.instance_type.as_deref().and_then(|one| named(&one.id, &one.name));
    let (text, found) = match named {
        None => return Ok(None),
        Some(Reference::Id(id)) => (id.clone(), Uuid::parse_str(&id).ok().and_then(instance_types::instance_type)),
        Some(Reference::Name(name)) => (name.clone(), INSTANCE_TYPES.iter().find(|one| one.name == name)),
    };
    found.map(Some).ok_or_else(|| Refusal::no_such("Instance type", text))
}

/// An instance type gives its size once, when it is chosen; what the document says besides wins over it.
fn resize(size: Option<&'static InstanceType>, definition: &mut Definition) {
    let chosen = size.filter(|size| definition.instance_type != Some(size.id));
    definition.instance_type = size.map(|size| size.id);
    let Some(size) = chosen else { return };
    definition.memory = size.memory_mib << 20;
    definition.memory_guaranteed = definition.memory;
    definition.memory_max = size.max_memory_mib << 20;
    (definition.cpu.sockets, definition.cpu.cores, definition.cpu.threads) = (size.sockets, 1, 1);
}

/// Memory alone takes its guarantee and its limit along, as oVirt does: all of it, and four times.
fn memory(body: &types::Vm, definition: &mut Definition) -> Result<()> {
    let policy = body.memory_policy.as_ref();
    let wanted = |field, value: Option<i64>| value.filter(|value| *value != 0).map(|value| number(field, value));
    let guaranteed = wanted("memory_policy.guaranteed", policy.and_then(|policy| policy.guaranteed)).transpose()?;
    let max = wanted("memory_policy.max", policy.and_then(|policy| policy.max)).transpose()?;
    if let Some(memory) = body.memory {
        let old = definition.memory;
        definition.memory = number("memory", memory)?;
        let whole = definition.memory_guaranteed >= old;
        definition.memory_guaranteed =
            if whole { definition.memory } else { definition.memory_guaranteed.min(definition.memory) };
        definition.memory_max = definition.memory.saturating_mul(4);
    }
    set(&mut definition.memory_guaranteed, &guaranteed);
    set(&mut definition.memory_max, &max);
    set(&mut definition.balloon, &policy.and_then(|policy| policy.ballooning));
    Ok(())
}

fn processors(body: &types::Cpu, cpu: &mut Cpu) -> Result<()> {
    if let Some(topology) = &body.topology {
        let part = |field, value: Option<i64>| value.map(|value| number::<u32>(field, value)).transpose();
        set(&mut cpu.sockets, &part("cpu.topology.sockets", topology.sockets)?);
        set(&mut cpu.cores, &part("cpu.topology.cores", topology.cores)?);
        set(&mut cpu.threads, &part("cpu.topology.threads", topology.threads)?);
    }
    if let Some(mode) = body.mode {
        cpu.host_passthrough = mode == types::CpuMode::HostPassthrough;
    }
    if let Some(tune) = &body.cpu_tune {
        let pins = tune.vcpu_pins.iter().flat_map(|pins| &pins.items);
        cpu.pins = pins
            .filter_map(|pin| Some((u32::try_from(pin.vcpu?).ok()?, pin.cpu_set.clone()?)))
            .filter(|(_, set)| !set.is_empty())
            .collect();
    }
    Ok(())
}

fn system(body: &types::Vm, definition: &mut Definition) -> Result<()> {
    if let Some(name) = body.os.as_ref().and_then(|os| os.r#type.as_deref()) {
        // `unassigned` is an old client's word for "other".
        let known = operating_systems::named(name).or_else(|| (name == "unassigned").then(operating_systems::other));
        definition.os = known.ok_or_else(|| Refusal::bad_value("os.type", name, "no such system is known"))?.id;
    }
    if let Some(kind) = body.r#type {
        definition.workload = match kind {
            types::VmType::Desktop => Workload::Desktop,
            types::VmType::Server => Workload::Server,
            types::VmType::HighPerformance => Workload::HighPerformance,
        };
    }
    if let Some(zone) = &body.time_zone {
        definition.time_zone = zone.name.as_deref().and_then(text);
    }
    if let Some(version) = body.custom_compatibility_version.as_deref() {
        definition.compatibility = match (version.major, version.minor) {
            (Some(major), Some(minor)) => Some((number("version", major)?, number("version", minor)?)),
            _ => None,
        };
    }
    if let Some(machine) = &body.custom_emulated_machine {
        definition.machine = text(machine);
    }
    Ok(())
}

fn boot(body: &types::Vm, definition: &mut Definition) {
    if let Some(devices) = body.os.as_ref().and_then(|os| os.boot.as_ref()).and_then(|boot| boot.devices.as_ref()) {
        definition.boot_devices = devices.device.iter().map(|device| boot_device(*device)).collect();
    }
    if let Some(os) = &body.os
        && (os.kernel.is_some() || os.initrd.is_some() || os.cmdline.is_some())
    {
        let mut direct = definition.direct_boot.take().unwrap_or_default();
        set(&mut direct.kernel, &os.kernel);
        set(&mut direct.initrd, &os.initrd);
        set(&mut direct.command_line, &os.cmdline);
        definition.direct_boot = Some(direct).filter(|direct| *direct != DirectBoot::default());
    }
    if let Some(bios) = &body.bios {
        set(&mut definition.boot_menu, &bios.boot_menu.as_ref().and_then(|menu| menu.enabled));
        if let Some(kind) = bios.r#type {
            definition.firmware = match kind {
                types::BiosType::ClusterDefault => None,
                types::BiosType::I440fxSeaBios => Some(Firmware::I440fxBios),
                types::BiosType::Q35SeaBios => Some(Firmware::Q35Bios),
                types::BiosType::Q35Ovmf => Some(Firmware::Q35Uefi),
                types::BiosType::Q35SecureBoot => Some(Firmware::Q35SecureBoot),
            };
        }
    }
}

/// A boot device in our words.
pub(crate) fn boot_device(device: types::BootDevice) -> BootDevice {
    match device {
        types::BootDevice::Hd => BootDevice::HardDisk,
        types::BootDevice::Cdrom => BootDevice::Cdrom,
        types::BootDevice::Network => BootDevice::Network,
    }
}

/// Hosts offer VNC. A client that asks for SPICE gets both: the definition keeps its wish.
fn picture(body: &types::Display, display: &mut Display) -> Result<()> {
    match body.r#type {
        Some(types::DisplayType::Vnc) => display.consoles = vec![ConsoleKind::Vnc],
        Some(types::DisplayType::Spice) => display.consoles = vec![ConsoleKind::Vnc, ConsoleKind::Spice],
        None => {}
    }
    if let Some(monitors) = body.monitors {
        display.monitors = number("display.monitors", monitors)?;
    }
    set(&mut display.keyboard, &body.keyboard_layout);
    set(&mut display.copy_paste, &body.copy_paste_enabled);
    set(&mut display.file_transfer, &body.file_transfer_enabled);
    set(&mut display.disconnect_action, &body.disconnect_action);
    if let Some(video) = body.video_type {
        display.video = Some(video.as_str().to_owned());
    }
    Ok(())
}

fn policies(body: &types::Vm, definition: &mut Definition) -> Result<()> {
    if let Some(ha) = &body.high_availability {
        let mut wanted: HighAvailability = definition.high_availability.clone();
        set(&mut wanted.enabled, &ha.enabled);
        if let Some(priority) = ha.priority {
            wanted.priority = number("high_availability.priority", priority)?;
        }
        definition.high_availability = wanted;
    }
    if let Some(placement) = &body.placement_policy {
        place(placement, &mut definition.placement)?;
    }
    if let Some(migration) = &body.migration {
        migrate(migration, &mut definition.migration)?;
    }
    if let Some(behaviour) = body.storage_error_resume_behaviour {
        definition.storage_error_resume = match behaviour {
            types::VmStorageErrorResumeBehaviour::AutoResume => ResumeBehaviour::AutoResume,
            types::VmStorageErrorResumeBehaviour::LeavePaused => ResumeBehaviour::LeavePaused,
            types::VmStorageErrorResumeBehaviour::Kill => ResumeBehaviour::Kill,
        };
    }
    Ok(())
}

/// The hosts that a placement names, by id.
pub(crate) fn hosts(body: &types::VmPlacementPolicy) -> Result<Vec<HostId>> {
    let named = body.hosts.iter().flat_map(|hosts| &hosts.items).filter_map(|host| host.id.as_deref());
    named.map(|id| id.parse().map_err(|_| Refusal::no_such("Host", id))).collect()
}

fn place(body: &types::VmPlacementPolicy, placement: &mut Placement) -> Result<()> {
    if let Some(affinity) = body.affinity {
        placement.affinity = match affinity {
            types::VmAffinity::Migratable => MigrationSupport::Migratable,
            types::VmAffinity::UserMigratable => MigrationSupport::UserMigratable,
            types::VmAffinity::Pinned => MigrationSupport::Pinned,
        };
    }
    if body.hosts.is_some() {
        placement.hosts = hosts(body)?;
    }
    Ok(())
}

fn inheritable(value: Option<types::InheritableBoolean>, place: &mut Option<bool>) {
    match value {
        Some(types::InheritableBoolean::True) => *place = Some(true),
        Some(types::InheritableBoolean::False) => *place = Some(false),
        Some(types::InheritableBoolean::Inherit) => *place = None,
        None => {}
    }
}

fn migrate(body: &types::MigrationOptions, options: &mut MigrationOptions) -> Result<()> {
    inheritable(body.auto_converge, &mut options.auto_converge);
    inheritable(body.compressed, &mut options.compressed);
    inheritable(body.encrypted, &mut options.encrypted);
    if let Some(policy) = body.policy.as_deref().and_then(|policy| policy.id.as_deref()) {
        let id = Uuid::parse_str(policy).map_err(|_| Refusal::no_such("Migration policy", policy))?;
        options.policy = Some(id);
    }
    if let Some(parallel) = body.custom_parallel_migrations {
        options.parallel = Some(number("migration.custom_parallel_migrations", parallel)?);
    }
    if let Some(bandwidth) = &body.bandwidth {
        let custom = bandwidth.custom_value.map(|value| number("migration.bandwidth.custom_value", value));
        options.bandwidth_mib = custom.transpose()?;
    }
    Ok(())
}

fn devices(body: &types::Vm, definition: &mut Definition) {
    if let Some(threads) = body.io.as_ref().and_then(|io| io.threads) {
        definition.io_threads = u32::try_from(threads).unwrap_or(u32::MAX);
    }
    set(&mut definition.serial_console, &body.console.as_ref().and_then(|console| console.enabled));
    set(&mut definition.virtio_scsi, &body.virtio_scsi.as_ref().and_then(|device| device.enabled));
    set(&mut definition.sound, &body.soundcard_enabled);
    set(&mut definition.usb, &body.usb.as_ref().and_then(|usb| usb.enabled));
    set(&mut definition.smartcard, &body.display.as_ref().and_then(|display| display.smartcard_enabled));
    set(&mut definition.tpm, &body.tpm_enabled);
    if let Some(device) = &body.rng_device {
        definition.random_source = device.source.map(|source| match source {
            types::RngSource::Random => RandomSource::Random,
            types::RngSource::Urandom => RandomSource::Urandom,
            types::RngSource::Hwrng => RandomSource::Hwrng,
        });
    }
    if let Some(serial) = &body.serial_number {
        definition.serial_number = match serial.policy {
            Some(types::SerialNumberPolicy::Host) => SerialNumber::Host,
            Some(types::SerialNumberPolicy::Custom) => SerialNumber::Custom(serial.value.clone().unwrap_or_default()),
            _ => SerialNumber::Vm,
        };
    }
}

/// First-boot data in our words. Both forms that clients send are read: the flat one and `cloud_init`. What is not named
/// stays as it was: the password above all, which no client is ever shown.
pub(crate) fn first_boot(body: &types::Initialization, held: Option<Initialization>) -> Initialization {
    let held = held.unwrap_or_default();
    let cloud = body.cloud_init.as_ref();
    let user = cloud.and_then(|cloud| cloud.users.as_ref()).and_then(|users| users.items.first());
    let keys = cloud.and_then(|cloud| cloud.authorized_keys.as_ref()).map(|keys| {
        let keys: Vec<String> = keys.items.iter().filter_map(|key| key.key.clone()).collect();
        keys.join("\n")
    });
    let host = cloud.and_then(|cloud| cloud.host.as_deref()).and_then(|host| host.address.clone());
    let password = body.root_password.clone().or_else(|| user.and_then(|user| user.password.clone()));
    let files = cloud.and_then(|cloud| cloud.files.as_ref()).and_then(|files| files.items.first());
    let nics = body.nic_configurations.as_ref().map(|nics| nics.items.iter().map(first_boot_nic).collect());
    let known = |text: Option<String>, held: Option<String>| text.or(held).filter(|text| !text.is_empty());
    Initialization {
        host_name: known(body.host_name.clone().or(host), held.host_name),
        user_name: known(
            body.user_name.clone().or_else(|| user.and_then(|user| user.user_name.clone())),
            held.user_name,
        ),
        root_password: match password {
            Some(password) => (!password.is_empty()).then(|| Secret::new(password)),
            None => held.root_password,
        },
        authorized_ssh_keys: known(body.authorized_ssh_keys.clone().or(keys), held.authorized_ssh_keys),
        custom_script: known(
            body.custom_script.clone().or_else(|| files.and_then(|file| file.content.clone())),
            held.custom_script,
        ),
        timezone: known(
            body.timezone.clone().or_else(|| cloud.and_then(|cloud| cloud.timezone.clone())),
            held.timezone,
        ),
        dns_servers: known(body.dns_servers.clone(), held.dns_servers),
        dns_search: known(body.dns_search.clone(), held.dns_search),
        regenerate_ssh_keys: body
            .regenerate_ssh_keys
            .or_else(|| cloud.and_then(|cloud| cloud.regenerate_ssh_keys))
            .unwrap_or(held.regenerate_ssh_keys),
        nics: nics.unwrap_or(held.nics),
    }
}

fn first_boot_nic(body: &types::NicConfiguration) -> NicInitialization {
    let (ip, ipv6) = (body.ip.clone().unwrap_or_default(), body.ipv6.clone().unwrap_or_default());
    NicInitialization {
        name: body.name.clone().unwrap_or_default(),
        protocol: body.boot_protocol.map_or("none", |protocol| protocol.as_str()).to_owned(),
        address: ip.address,
        netmask: ip.netmask,
        gateway: ip.gateway,
        ipv6_protocol: body.ipv6_boot_protocol.map_or("", |protocol| protocol.as_str()).to_owned(),
        ipv6_address: ipv6.address,
        ipv6_netmask: ipv6.netmask,
        ipv6_gateway: ipv6.gateway,
        on_boot: body.on_boot.unwrap_or(true),
    }
}
