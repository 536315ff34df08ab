//! The devices of a domain: disks, NICs, screens, ports and the rest. Pure; also renders one device for hot plug.

use std::path::Path;

use ferrovirt_hostapi::{CdromSpec, DiskSpec, GraphicsSpec, NicSpec, VmSpec};

use super::boot::{self, Orders};
use super::tree::Element;
use super::{Place, SpecError};

/// The alias of the CD-ROM drive.
pub const CDROM_ALIAS: &str = "ua-cdrom";
/// The alias of the drive with first-boot data.
const FIRST_BOOT_ALIAS: &str = "ua-first-boot";
/// How often the balloon driver tells its statistics, seconds.
const BALLOON_PERIOD: u32 = 5;

/// Hands out `vda`, `vdb`, … for each kind of bus.
#[derive(Default)]
struct Names {
    virtio: usize,
    scsi: usize,
    ide: usize,
}

impl Names {
    fn next(&mut self, bus: &str) -> String {
        let (prefix, count) = match bus {
            "virtio" => ("vd", &mut self.virtio),
            "ide" => ("hd", &mut self.ide),
            _ => ("sd", &mut self.scsi),
        };
        *count += 1;
        format!("{prefix}{}", letters(*count - 1))
    }
}

/// 0 is `a`, 25 `z`, 26 `aa`.
pub(crate) fn letters(mut number: usize) -> String {
    let mut text = Vec::new();
    loop {
        text.push(b'a' + (number % 26) as u8);
        if number < 26 {
            break;
        }
        number = number / 26 - 1;
    }
    text.reverse();
    text.into_iter().map(char::from).collect()
}

/// The alias of a disk: it stays the same over hot plug and migration.
pub fn disk_alias(disk: &DiskSpec) -> String {
    if disk.device_alias.is_empty() { format!("ua-{}", disk.disk_id) } else { disk.device_alias.clone() }
}

/// The alias of a NIC.
pub fn nic_alias(nic: &NicSpec) -> String {
    if nic.device_alias.is_empty() { format!("ua-{}", nic.id) } else { nic.device_alias.clone() }
}

pub(super) fn devices(spec: &VmSpec, place: &Place, orders: &Orders) -> Result<Element, SpecError> {
    let mut devices = Element::new("devices");
    let mut names = Names::default();
    for (index, disk_spec) in spec.disks.iter().enumerate() {
        let bus = bus(&disk_spec.interface, boot::is_q35(spec))?;
        let (path, direct) =
            place.disks.get(&disk_spec.disk_id).ok_or_else(|| SpecError::NoFile(disk_spec.disk_id.clone()))?;
        let order = orders.get(&format!("disk/{}", disk_spec.disk_id)).copied();
        let thread = (bus == "virtio" && spec.io_threads > 0).then(|| index as u32 % spec.io_threads + 1);
        devices.children.push(disk(disk_spec, path, *direct, bus, &names.next(bus), order, thread));
    }
    let cd_bus = if boot::is_q35(spec) { "sata" } else { "ide" };
    if spec.cdrom.is_some() {
        let order = orders.get("cdrom").copied();
        devices.children.push(cdrom(place.cdrom.as_deref(), cd_bus, &names.next(cd_bus), CDROM_ALIAS, order));
    }
    if let Some(path) = &place.first_boot {
        devices.children.push(cdrom(Some(path), cd_bus, &names.next(cd_bus), FIRST_BOOT_ALIAS, None));
    }
    devices.children.extend(controllers(spec));
    for nic_spec in &spec.nics {
        devices.children.push(nic(nic_spec, orders.get(&format!("nic/{}", nic_spec.id)).copied())?);
    }
    devices.children.extend([channel("org.qemu.guest_agent.0"), channel("org.ferrovirt.guest.0")]);
    if spec.serial_console {
        devices.children.push(Element::new("serial").with("type", "pty"));
        devices
            .children
            .push(Element::new("console").with("type", "pty").child(Element::new("target").with("type", "serial")));
    }
    devices.children.extend(screens(spec, place)?);
    devices.children.extend(extras(spec)?);
    Ok(devices)
}

fn bus(interface: &str, q35: bool) -> Result<&'static str, SpecError> {
    Ok(match interface {
        "" | "virtio" => "virtio",
        "virtio_scsi" => "scsi",
        "sata" => "sata",
        // q35 has no IDE controller; the guest sees an AHCI disk.
        "ide" if q35 => "sata",
        "ide" => "ide",
        other => return Err(SpecError::Unknown { what: "disk interface", value: other.to_owned() }),
    })
}

fn disk(
    spec: &DiskSpec,
    path: &Path,
    direct: bool,
    bus: &str,
    target: &str,
    order: Option<u32>,
    thread: Option<u32>,
) -> Element {
    let (cache, io) = if direct { ("none", "native") } else { ("writethrough", "threads") };
    let policy = if spec.propagate_errors { "enospace" } else { "stop" };
    let format = if spec.format.is_empty() { "raw" } else { &spec.format };
    let driver = Element::new("driver")
        .with("name", "qemu")
        .with("type", format)
        .with("cache", cache)
        .with("io", io)
        .with("error_policy", policy)
        .with_some("discard", spec.discard.then_some("unmap"))
        .with_some("iothread", thread);
    let serial = if spec.serial.is_empty() { &spec.disk_id } else { &spec.serial };
    let mut disk = Element::new("disk")
        .with("type", "file")
        .with("device", "disk")
        .with("snapshot", "no")
        .child(driver)
        .child(Element::new("source").with("file", path.display()))
        .child(Element::new("target").with("dev", target).with("bus", bus));
    if spec.read_only {
        disk.children.push(Element::new("readonly"));
    }
    if spec.shareable {
        disk.children.push(Element::new("shareable"));
    }
    disk.children.push(Element::leaf("serial", serial));
    disk.children.extend(order.map(|order| Element::new("boot").with("order", order)));
    disk.children.push(Element::new("alias").with("name", disk_alias(spec)));
    disk
}

/// A disk for hot plug. `taken` are the target names in use.
pub fn plug_disk(
    spec: &DiskSpec,
    path: &Path,
    direct: bool,
    q35: bool,
    taken: &[String],
) -> Result<Element, SpecError> {
    let bus = bus(&spec.interface, q35)?;
    if bus == "ide" || bus == "sata" {
        return Err(SpecError::Bad("only virtio and virtio-scsi disks can be plugged into a running VM"));
    }
    let mut names = Names::default();
    let mut target = names.next(bus);
    while taken.contains(&target) {
        target = names.next(bus);
    }
    Ok(disk(spec, path, direct, bus, &target, None, None))
}

fn cdrom(path: Option<&Path>, bus: &str, target: &str, alias: &str, order: Option<u32>) -> Element {
    let mut disk = Element::new("disk")
        .with("type", "file")
        .with("device", "cdrom")
        .child(Element::new("driver").with("name", "qemu").with("type", "raw").with("error_policy", "report"));
    disk.children
        .extend(path.map(|path| Element::new("source").with("file", path.display()).with("startupPolicy", "optional")));
    disk.children.push(Element::new("target").with("dev", target).with("bus", bus).with("tray", "closed"));
    disk.children.push(Element::new("readonly"));
    disk.children.extend(order.map(|order| Element::new("boot").with("order", order)));
    disk.children.push(Element::new("alias").with("name", alias));
    disk
}

/// The drive with another disc, or none, to update a running domain. `target` is the drive's name in that domain.
pub fn change_disc(spec: &CdromSpec, path: Option<&Path>, bus: &str, target: &str) -> Element {
    cdrom(path.filter(|_| spec.present), bus, target, CDROM_ALIAS, None)
}

fn controllers(spec: &VmSpec) -> Vec<Element> {
    let mut controllers = Vec::new();
    let usb = if spec.usb_controller.is_empty() { "qemu-xhci" } else { &spec.usb_controller };
    if usb != "none" {
        controllers
            .push(Element::new("controller").with("type", "usb").with("index", 0).with("model", usb).with("ports", 8));
    }
    let scsi = spec.virtio_scsi || spec.disks.iter().any(|disk| disk.interface == "virtio_scsi");
    if scsi {
        let mut controller =
            Element::new("controller").with("type", "scsi").with("index", 0).with("model", "virtio-scsi");
        let mut driver = Element::new("driver");
        if spec.io_threads > 0 {
            driver.set("iothread", 1);
        }
        if spec.multi_queues {
            driver.set("queues", spec.cpu_sockets * spec.cpu_cores * spec.cpu_threads);
        }
        if !driver.attributes.is_empty() {
            controller.children.push(driver);
        }
        controllers.push(controller);
    }
    controllers.push(Element::new("controller").with("type", "virtio-serial").with("index", 0).with("ports", 16));
    if boot::is_q35(spec) {
        // Room for hot plug: each device sits on a port of its own.
        controllers.push(Element::new("controller").with("type", "pci").with("model", "pcie-root"));
        for index in 1..=16 {
            let port =
                Element::new("controller").with("type", "pci").with("index", index).with("model", "pcie-root-port");
            controllers.push(port);
        }
    }
    controllers
}

/// A NIC, for a new domain or to plug in and change.
pub fn nic(spec: &NicSpec, order: Option<u32>) -> Result<Element, SpecError> {
    let model = match spec.model.as_str() {
        "" | "virtio" => "virtio",
        known @ ("e1000" | "e1000e" | "rtl8139") => known,
        other => return Err(SpecError::Unknown { what: "NIC model", value: other.to_owned() }),
    };
    let connected = !spec.bridge.is_empty();
    let mut nic = if connected {
        Element::new("interface").with("type", "bridge").child(Element::new("source").with("bridge", &spec.bridge))
    } else {
        Element::new("interface").with("type", "ethernet")
    };
    nic.children.insert(0, Element::new("mac").with("address", &spec.mac_address));
    nic.children.push(Element::new("model").with("type", model));
    if model == "virtio" && spec.queues > 1 {
        nic.children.push(Element::new("driver").with("name", "vhost").with("queues", spec.queues));
    }
    if connected && !spec.filter.is_empty() {
        nic.children.push(Element::new("filterref").with("filter", &spec.filter));
    }
    let state = if spec.linked && connected { "up" } else { "down" };
    nic.children.push(Element::new("link").with("state", state));
    if spec.mtu > 0 {
        nic.children.push(Element::new("mtu").with("size", spec.mtu));
    }
    nic.children.extend(order.map(|order| Element::new("boot").with("order", order)));
    nic.children.push(Element::new("alias").with("name", nic_alias(spec)));
    Ok(nic)
}

fn channel(name: &str) -> Element {
    Element::new("channel")
        .with("type", "unix")
        .child(Element::new("source").with("mode", "bind"))
        .child(Element::new("target").with("type", "virtio").with("name", name))
}

fn screens(spec: &VmSpec, place: &Place) -> Result<Vec<Element>, SpecError> {
    let mut elements =
        spec.graphics.iter().map(|graphics| screen(graphics, spec, place)).collect::<Result<Vec<_>, _>>()?;
    let model = match spec.video_model.as_str() {
        "" if spec.graphics.is_empty() => "none",
        "" => "vga",
        known @ ("vga" | "qxl" | "virtio" | "bochs" | "none" | "cirrus") => known,
        other => return Err(SpecError::Unknown { what: "video model", value: other.to_owned() }),
    };
    let mut model = Element::new("model").with("type", model);
    if spec.graphics_monitors > 1 && model.attribute("type") == Some("virtio") {
        model.set("heads", spec.graphics_monitors);
    }
    elements.push(Element::new("video").child(model));
    if !spec.graphics.is_empty() && spec.usb_controller != "none" {
        elements.push(Element::new("input").with("type", "tablet").with("bus", "usb"));
    }
    Ok(elements)
}

fn screen(graphics: &GraphicsSpec, spec: &VmSpec, place: &Place) -> Result<Element, SpecError> {
    if graphics.kind != "vnc" {
        return Err(SpecError::Unknown { what: "graphics protocol", value: graphics.kind.clone() });
    }
    let listen = if graphics.listen_address.is_empty() { "127.0.0.1" } else { &graphics.listen_address };
    Ok(Element::new("graphics")
        .with("type", "vnc")
        .with("port", -1)
        .with("autoport", "yes")
        .with("passwd", &place.console_password)
        .with("passwdValidTo", "1970-01-01T00:00:01")
        .with_some("keymap", Some(&spec.keyboard).filter(|keyboard| !keyboard.is_empty()))
        .child(Element::new("listen").with("type", "address").with("address", listen)))
}

fn extras(spec: &VmSpec) -> Result<Vec<Element>, SpecError> {
    let mut elements = Vec::new();
    if spec.memory_balloon {
        elements.push(
            Element::new("memballoon")
                .with("model", "virtio")
                .child(Element::new("stats").with("period", BALLOON_PERIOD)),
        );
    } else {
        elements.push(Element::new("memballoon").with("model", "none"));
    }
    if spec.random_generator {
        let source = match spec.random_source.as_str() {
            "" | "urandom" => "/dev/urandom",
            "random" => "/dev/random",
            "hwrng" => "/dev/hwrng",
            other => return Err(SpecError::Unknown { what: "source of randomness", value: other.to_owned() }),
        };
        elements.push(
            Element::new("rng").with("model", "virtio").child(Element::leaf("backend", source).with("model", "random")),
        );
    }
    if spec.tpm {
        elements.push(
            Element::new("tpm")
                .with("model", "tpm-crb")
                .child(Element::new("backend").with("type", "emulator").with("version", "2.0")),
        );
    }
    if !spec.sound_model.is_empty() && spec.sound_model != "none" {
        elements.push(Element::new("sound").with("model", &spec.sound_model));
    }
    Ok(elements)
}
