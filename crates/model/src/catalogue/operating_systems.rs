//! The catalogue of guest operating systems: what hardware a guest of each kind can use. Resolved for the newest cluster
//! level; limits that depend on the level are in [`super::cluster_levels`].

mod table;

use serde::{Deserialize, Serialize};

/// The family of a guest system.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Family {
    /// Linux.
    Linux,
    /// Windows.
    Windows,
    /// Anything else.
    Other,
}

/// A CPU architecture.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Architecture {
    /// AMD64 and Intel 64.
    #[serde(rename = "x86_64")]
    X86_64,
    /// IBM POWER.
    Ppc64,
    /// IBM Z.
    S390x,
}

impl Architecture {
    /// The name on the wire.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::X86_64 => "x86_64",
            Self::Ppc64 => "ppc64",
            Self::S390x => "s390x",
        }
    }
}

/// How a disk is attached.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum DiskInterface {
    /// IDE; only on the older chipset.
    Ide,
    /// VirtIO block.
    Virtio,
    /// VirtIO SCSI.
    VirtioScsi,
    /// SATA; only on the newer chipset.
    Sata,
    /// The SCSI of POWER.
    SpaprVscsi,
}

/// The model of a NIC.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum NicModel {
    /// VirtIO.
    Virtio,
    /// Realtek 8139.
    Rtl8139,
    /// Intel, PCI.
    E1000,
    /// Intel, PCI Express.
    E1000e,
    /// Realtek first, VirtIO once the guest has the driver.
    Rtl8139Virtio,
    /// A function of a host NIC.
    PciPassthrough,
    /// The NIC of POWER.
    SpaprVlan,
}

/// Whether a guest can use a TPM.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Tpm {
    /// It can't.
    Unsupported,
    /// It can.
    Supported,
    /// It must have one.
    Required,
}

/// How a guest is configured at its first start.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Initialization {
    /// cloud-init.
    CloudInit,
    /// Windows' Sysprep.
    Sysprep,
    /// Ignition, format 2.3.0.
    Ignition,
}

/// A value that depends on the chipset.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ByChipset {
    /// With i440fx.
    pub i440fx: &'static str,
    /// With Q35.
    pub q35: &'static str,
}

impl ByChipset {
    const fn same(value: &'static str) -> Self {
        Self { i440fx: value, q35: value }
    }

    /// The value for a chipset.
    #[must_use]
    pub fn on(self, q35: bool) -> &'static str {
        if q35 { self.q35 } else { self.i440fx }
    }
}

/// A guest operating system.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct OperatingSystem {
    /// The number that is its id on the wire.
    pub id: u32,
    /// The name that VMs carry.
    pub name: &'static str,
    /// The name that people read.
    pub display_name: &'static str,
    /// Its family.
    pub family: Family,
    /// The architecture that it runs on.
    pub architecture: Architecture,
    /// 32 or 64.
    pub bits: u8,
    /// The least memory that it needs, in MiB.
    pub min_memory_mib: u64,
    /// The fewest CPUs that it needs.
    pub min_cpus: u32,
    /// What disks may be attached by; see [`OperatingSystem::disk_interfaces_on`].
    pub disk_interfaces: &'static [DiskInterface],
    /// Which NICs it has drivers for.
    pub nic_models: &'static [NicModel],
    /// Whether CPUs may be added while it runs.
    pub cpu_hotplug: bool,
    /// Whether CPUs may be taken while it runs.
    pub cpu_hotunplug: bool,
    /// Consoles and the video devices that go with them, the preferred first.
    pub videos: &'static [(&'static str, &'static str)],
    /// The sound device.
    pub sound: ByChipset,
    /// Whether desktops get the sound device unasked.
    pub sound_enabled: bool,
    /// The USB controller.
    pub usb_controller: ByChipset,
    /// The watchdog.
    pub watchdog_model: &'static str,
    /// How it is configured at first start.
    pub initialization: Initialization,
    /// Whether it profits from Hyper-V enlightenments.
    pub hyperv: bool,
    /// Whether it takes the hardware clock for local time.
    pub clock_is_local_time: bool,
    /// Whether it can use a TPM.
    pub tpm: Tpm,
    /// Whether it runs on Q35.
    pub q35: bool,
    /// Whether it starts with secure boot.
    pub secure_boot: bool,
    /// The kind of its serial console.
    pub console_target: &'static str,
    /// How many PCI devices it copes with.
    pub max_pci_devices: u32,
    /// CPU models that it can't run on, in lower case.
    pub unsupported_cpus: &'static [&'static str],
    /// Whether it is kept for old VMs only.
    pub deprecated: bool,
}

impl OperatingSystem {
    /// What disks may be attached by on a chipset.
    pub fn disk_interfaces_on(&self, q35: bool) -> impl Iterator<Item = DiskInterface> {
        let barred = if q35 { DiskInterface::Ide } else { DiskInterface::Sata };
        self.disk_interfaces.iter().copied().filter(move |interface| *interface != barred)
    }

    /// What a CD drive is attached by: `ide`, `sata` or `scsi`.
    #[must_use]
    pub fn cd_interface(&self, q35: bool) -> &'static str {
        match self.architecture {
            Architecture::X86_64 if q35 => "sata",
            Architecture::X86_64 => "ide",
            Architecture::Ppc64 | Architecture::S390x => "scsi",
        }
    }

    /// The video device that goes with a console, the preferred one.
    #[must_use]
    pub fn video_for(&self, console: &str) -> Option<&'static str> {
        self.videos.iter().find(|(kind, _)| *kind == console).map(|(_, video)| *video)
    }
}

/// Every guest operating system, by id.
#[must_use]
pub fn all() -> &'static [OperatingSystem] {
    table::OPERATING_SYSTEMS
}

/// The system with this name.
#[must_use]
pub fn named(name: &str) -> Option<&'static OperatingSystem> {
    all().iter().find(|system| system.name.eq_ignore_ascii_case(name))
}

/// The system with this id.
#[must_use]
pub fn by_id(id: u32) -> Option<&'static OperatingSystem> {
    all().binary_search_by_key(&id, |system| system.id).ok().map(|index| &all()[index])
}

/// The system with this id, or [`other`] for one that nobody knows.
#[must_use]
pub fn or_other(id: u32) -> &'static OperatingSystem {
    by_id(id).unwrap_or_else(other)
}

/// The system of VMs that name none, or one that nobody knows.
#[must_use]
pub fn other() -> &'static OperatingSystem {
    &all()[0]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ids_ascend_and_names_are_unique() {
        assert!(all().windows(2).all(|pair| pair[0].id < pair[1].id));
        assert_eq!(all().len(), 61);
        for system in all() {
            assert_eq!(named(system.name).map(|found| found.id), Some(system.id));
            assert_eq!(by_id(system.id).map(|found| found.name), Some(system.name));
        }
        assert_eq!(other().name, "other");
    }

    #[test]
    fn the_chipset_decides_between_ide_and_sata() {
        let q35: Vec<_> = other().disk_interfaces_on(true).collect();
        assert!(q35.contains(&DiskInterface::Sata) && !q35.contains(&DiskInterface::Ide));
        assert_eq!(other().cd_interface(false), "ide");
        assert_eq!(other().video_for("vnc"), Some("vga"));
    }
}
