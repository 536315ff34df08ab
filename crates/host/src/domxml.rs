//! Domain XML, pure: what the engine promises, rendered in libvirt's words, and libvirt's answers read back.
//!
//! No file is touched, no clock read and no dice thrown: what depends on the host comes in as a [`Place`]. The vocabulary
//! is that of <https://libvirt.org/formatdomain.html>.

pub mod boot;
pub mod devices;
pub mod edit;
pub mod filters;
pub mod read;
pub mod tree;

use std::collections::BTreeMap;
use std::path::PathBuf;

use ferrovirt_hostapi::{Firmware, VmSpec};

use tree::Element;

/// The namespace of our element in a domain's metadata.
pub const NAMESPACE: &str = "http://ferrovirt.org/vm/1";
/// DIMMs that can be plugged in later.
const MEMORY_SLOTS: u32 = 16;

/// What runs the processors.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Accelerator {
    /// The processor itself.
    Kvm,
    /// Emulation.
    Tcg,
}

/// What a VM finds on this host.
#[derive(Debug, Clone)]
pub struct Place {
    /// KVM or emulation.
    pub accelerator: Accelerator,
    /// libvirt resource partition.
    pub partition: Option<String>,
    /// Where each disk's file is, by disk id; true where it can be opened with `O_DIRECT`.
    pub disks: BTreeMap<String, (PathBuf, bool)>,
    /// The file in the CD-ROM drive.
    pub cdrom: Option<PathBuf>,
    /// The drive with first-boot data.
    pub first_boot: Option<PathBuf>,
    /// The first VNC password. It has expired already: nobody can use it, and without one the screen would be open.
    pub console_password: String,
}

/// Why a promise can't be rendered.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum SpecError {
    /// A value that libvirt has no word for.
    #[error("{what} {value:?} is not known")]
    Unknown {
        /// Of what.
        what: &'static str,
        /// Which.
        value: String,
    },
    /// A file of the host that no guest may read.
    #[error("{what} {path:?} does not lie in {}, the folder of what may be booted", ferrovirt_hostapi::BOOT_FOLDER)]
    NotToBoot {
        /// Kernel or initial RAM disk.
        what: &'static str,
        /// Its path.
        path: String,
    },
    /// A disk without a file.
    #[error("disk {0} has no file on this host")]
    NoFile(String),
    /// A number out of range.
    #[error("{0}")]
    Bad(&'static str),
}

/// Renders the whole domain.
pub fn domain(spec: &VmSpec, place: &Place) -> Result<Element, SpecError> {
    check(spec)?;
    let orders = boot::orders(spec);
    let kind = match place.accelerator {
        Accelerator::Kvm => "kvm",
        Accelerator::Tcg => "qemu",
    };
    let mut domain = Element::new("domain")
        .with("type", kind)
        .child(Element::leaf("name", &spec.name))
        .child(Element::leaf("uuid", &spec.id))
        .child(metadata(&spec.id, spec.generation))
        .children(memory(spec))
        .child(processors(spec));
    if spec.io_threads > 0 {
        domain.children.push(Element::leaf("iothreads", spec.io_threads));
    }
    domain.children.extend(tuning(spec));
    if let Some(partition) = &place.partition {
        domain.children.push(Element::new("resource").child(Element::leaf("partition", partition)));
    }
    let domain = domain
        .child(sysinfo(spec))
        .child(boot::os(spec)?)
        .child(features(spec, place))
        .child(cpu(spec, place))
        .child(clock(spec)?)
        .child(Element::leaf("on_poweroff", "destroy"))
        .child(Element::leaf("on_reboot", "restart"))
        .child(Element::leaf("on_crash", "destroy"))
        .child(
            Element::new("pm")
                .child(Element::new("suspend-to-mem").with("enabled", "no"))
                .child(Element::new("suspend-to-disk").with("enabled", "no")),
        )
        .child(devices::devices(spec, place, &orders)?);
    Ok(domain)
}

fn check(spec: &VmSpec) -> Result<(), SpecError> {
    if spec.id.is_empty() || spec.name.is_empty() {
        return Err(SpecError::Bad("a VM needs an id and a name"));
    }
    if spec.memory < 1024 * 1024 {
        return Err(SpecError::Bad("a VM needs at least 1 MiB of memory"));
    }
    if spec.cpu_sockets == 0 || spec.cpu_cores == 0 || spec.cpu_threads == 0 {
        return Err(SpecError::Bad("a VM needs at least one processor"));
    }
    Ok(())
}

/// The element by which we know our own domains.
pub fn metadata(id: &str, generation: u64) -> Element {
    Element::new("metadata").child(
        Element::new("ferrovirt:vm")
            .with("xmlns:ferrovirt", NAMESPACE)
            .child(Element::leaf("ferrovirt:id", id))
            .child(Element::leaf("ferrovirt:generation", generation)),
    )
}

fn memory(spec: &VmSpec) -> Vec<Element> {
    let kib = spec.memory / 1024;
    let mut elements = Vec::new();
    if spec.memory_max > spec.memory {
        elements
            .push(Element::leaf("maxMemory", spec.memory_max / 1024).with("slots", MEMORY_SLOTS).with("unit", "KiB"));
    }
    elements.push(Element::leaf("memory", kib).with("unit", "KiB"));
    elements.push(Element::leaf("currentMemory", kib).with("unit", "KiB"));
    elements
}

fn sockets_max(spec: &VmSpec) -> u32 {
    spec.cpu_sockets_max.max(spec.cpu_sockets)
}

/// The most processors that the VM can get.
pub fn processors_max(spec: &VmSpec) -> u32 {
    sockets_max(spec) * spec.cpu_cores * spec.cpu_threads
}

fn processors(spec: &VmSpec) -> Element {
    let now = spec.cpu_sockets * spec.cpu_cores * spec.cpu_threads;
    let most = processors_max(spec);
    let element = Element::leaf("vcpu", most);
    if now < most { element.with("current", now) } else { element }
}

fn tuning(spec: &VmSpec) -> Vec<Element> {
    let mut cputune = Element::new("cputune");
    if spec.cpu_shares > 0 {
        cputune.children.push(Element::leaf("shares", spec.cpu_shares));
    }
    if !spec.pinned_cpus.is_empty() {
        let set = spec.pinned_cpus.iter().map(u32::to_string).collect::<Vec<_>>().join(",");
        for processor in 0..processors_max(spec) {
            cputune.children.push(Element::new("vcpupin").with("vcpu", processor).with("cpuset", &set));
        }
    }
    let mut elements = Vec::new();
    if !cputune.children.is_empty() {
        elements.push(cputune);
    }
    elements
}

fn sysinfo(spec: &VmSpec) -> Element {
    let serial = if spec.serial_number.is_empty() { &spec.id } else { &spec.serial_number };
    let entry = |name: &str, value: &str| Element::leaf("entry", value).with("name", name);
    Element::new("sysinfo").with("type", "smbios").child(
        Element::new("system")
            .child(entry("manufacturer", "Ferrovirt"))
            .child(entry("product", "Ferrovirt Virtual Machine"))
            .child(entry("version", "1"))
            .child(entry("serial", serial))
            .child(entry("uuid", &spec.id))
            .child(entry("family", "Ferrovirt")),
    )
}

fn features(spec: &VmSpec, place: &Place) -> Element {
    let mut features = Element::new("features").child(Element::new("acpi")).child(Element::new("apic"));
    if spec.os_family == "windows" && place.accelerator == Accelerator::Kvm {
        let on = |name: &str| Element::new(name).with("state", "on");
        features.children.push(
            Element::new("hyperv")
                .child(on("relaxed"))
                .child(on("vapic"))
                .child(on("spinlocks").with("retries", 8191))
                .child(on("vpindex"))
                .child(on("synic"))
                .child(on("stimer")),
        );
    }
    if Firmware::try_from(spec.firmware) == Ok(Firmware::UefiSecure) {
        features.children.push(Element::new("smm").with("state", "on"));
    }
    features.children.push(Element::new("vmcoreinfo").with("state", "on"));
    features
}

/// Under emulation every host offers the same processor, whatever metal it has: x86-64-v2, so that today's
/// distributions boot, and nothing that could tie a guest to one host.
fn emulated_cpu() -> Element {
    let feature = |name: &str| Element::new("feature").with("policy", "require").with("name", name);
    Element::new("cpu")
        .with("mode", "custom")
        .with("match", "exact")
        .with("check", "none")
        .child(Element::leaf("model", "qemu64").with("fallback", "allow"))
        .children(["ssse3", "sse4.1", "sse4.2", "popcnt", "cx16", "lahf_lm"].map(feature))
}

fn cpu(spec: &VmSpec, place: &Place) -> Element {
    let cpu = match place.accelerator {
        Accelerator::Tcg => emulated_cpu(),
        Accelerator::Kvm if spec.cpu_host_passthrough => {
            Element::new("cpu").with("mode", "host-passthrough").with("check", "none").with("migratable", "on")
        }
        Accelerator::Kvm if spec.cpu_model.is_empty() => Element::new("cpu").with("mode", "host-model"),
        Accelerator::Kvm => Element::new("cpu")
            .with("mode", "custom")
            .with("match", "exact")
            .with("check", "partial")
            .child(Element::leaf("model", &spec.cpu_model).with("fallback", "forbid")),
    };
    let topology = Element::new("topology")
        .with("sockets", sockets_max(spec))
        .with("cores", spec.cpu_cores)
        .with("threads", spec.cpu_threads);
    // libvirt wants the topology before features.
    let mut cpu = cpu;
    let position = cpu.children.iter().position(|child| child.name == "feature").unwrap_or(cpu.children.len());
    cpu.children.insert(position, topology);
    if spec.memory_max > spec.memory {
        // Memory can only be plugged into a NUMA node.
        cpu.children.push(
            Element::new("numa").child(
                Element::new("cell")
                    .with("id", 0)
                    .with("cpus", format!("0-{}", processors_max(spec) - 1))
                    .with("memory", spec.memory / 1024)
                    .with("unit", "KiB"),
            ),
        );
    }
    cpu
}

fn clock(spec: &VmSpec) -> Result<Element, SpecError> {
    let basis = match spec.clock_offset.as_str() {
        "" | "utc" => "utc",
        "localtime" => "localtime",
        other => return Err(SpecError::Unknown { what: "clock", value: other.to_owned() }),
    };
    let mut clock = Element::new("clock")
        .with("offset", "variable")
        .with("adjustment", spec.clock_adjustment_seconds)
        .with("basis", basis)
        .child(Element::new("timer").with("name", "rtc").with("tickpolicy", "catchup"))
        .child(Element::new("timer").with("name", "pit").with("tickpolicy", "delay"))
        .child(Element::new("timer").with("name", "hpet").with("present", "no"));
    if spec.os_family == "windows" {
        clock.children.push(Element::new("timer").with("name", "hypervclock").with("present", "yes"));
    }
    Ok(clock)
}

#[cfg(test)]
mod tests;
