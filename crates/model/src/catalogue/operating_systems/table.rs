//! The rows of the guest operating system catalogue, valid for cluster level 4.8: each names only where it differs from
//! its base.

use super::{Architecture, ByChipset, DiskInterface, Family, Initialization, NicModel, OperatingSystem, Tpm};

const OTHER: OperatingSystem = OperatingSystem {
    id: 0,
    name: "",
    display_name: "",
    family: Family::Other,
    architecture: Architecture::X86_64,
    bits: 64,
    min_memory_mib: 256,
    min_cpus: 1,
    disk_interfaces: &[DiskInterface::Ide, DiskInterface::VirtioScsi, DiskInterface::Virtio, DiskInterface::Sata],
    nic_models: &[NicModel::Rtl8139, NicModel::E1000, NicModel::E1000e, NicModel::Virtio, NicModel::PciPassthrough],
    cpu_hotplug: true,
    cpu_hotunplug: false,
    videos: &[("spice", "qxl"), ("vnc", "vga"), ("vnc", "qxl"), ("vnc", "bochs")],
    sound: ByChipset { i440fx: "ich6", q35: "ich9" },
    sound_enabled: true,
    usb_controller: ByChipset { i440fx: "piix3-uhci", q35: "qemu-xhci" },
    watchdog_model: "i6300esb",
    initialization: Initialization::CloudInit,
    hyperv: false,
    clock_is_local_time: false,
    tpm: Tpm::Unsupported,
    q35: true,
    secure_boot: true,
    console_target: "serial",
    max_pci_devices: 26,
    unsupported_cpus: &[],
    deprecated: false,
};

const LINUX: OperatingSystem =
    OperatingSystem { id: 0, name: "", display_name: "", family: Family::Linux, cpu_hotunplug: true, ..OTHER };

const RHEL: OperatingSystem =
    OperatingSystem { id: 0, name: "", display_name: "", min_memory_mib: 1024, tpm: Tpm::Supported, ..LINUX };

const WINDOWS: OperatingSystem = OperatingSystem {
    id: 0,
    name: "",
    display_name: "",
    family: Family::Windows,
    nic_models: &[
        NicModel::Rtl8139Virtio,
        NicModel::Rtl8139,
        NicModel::E1000,
        NicModel::E1000e,
        NicModel::Virtio,
        NicModel::PciPassthrough,
    ],
    cpu_hotunplug: false,
    sound: ByChipset::same("ich6"),
    initialization: Initialization::Sysprep,
    hyperv: true,
    clock_is_local_time: true,
    unsupported_cpus: &["conroe", "penryn", "nehalem", "opteron_g1"],
    ..RHEL
};

const POWER: OperatingSystem = OperatingSystem {
    id: 0,
    name: "",
    display_name: "",
    family: Family::Linux,
    architecture: Architecture::Ppc64,
    disk_interfaces: &[DiskInterface::Virtio, DiskInterface::VirtioScsi, DiskInterface::SpaprVscsi],
    nic_models: &[NicModel::Virtio, NicModel::SpaprVlan, NicModel::PciPassthrough],
    cpu_hotplug: false,
    videos: &[("vnc", "vga")],
    sound_enabled: false,
    usb_controller: ByChipset::same("nec-xhci"),
    q35: false,
    secure_boot: false,
    max_pci_devices: 29,
    ..OTHER
};

const Z: OperatingSystem = OperatingSystem {
    id: 0,
    name: "",
    display_name: "",
    architecture: Architecture::S390x,
    disk_interfaces: &[DiskInterface::Virtio, DiskInterface::VirtioScsi],
    nic_models: &[NicModel::Virtio],
    cpu_hotplug: true,
    videos: &[("spice", "qxl"), ("vnc", "vga"), ("vnc", "qxl"), ("vnc", "bochs")],
    usb_controller: ByChipset::same("none"),
    watchdog_model: "diag288",
    console_target: "sclp",
    max_pci_devices: 26,
    ..POWER
};

pub(super) const OPERATING_SYSTEMS: &[OperatingSystem] = &[
    OperatingSystem { id: 0, name: "other", display_name: "Other OS", ..OTHER },
    OperatingSystem {
        id: 1,
        name: "windows_xp",
        display_name: "Windows XP",
        bits: 32,
        min_memory_mib: 256,
        disk_interfaces: &[DiskInterface::Ide, DiskInterface::Virtio, DiskInterface::Sata],
        sound: ByChipset::same("ac97"),
        tpm: Tpm::Unsupported,
        q35: false,
        secure_boot: false,
        unsupported_cpus: &[],
        ..WINDOWS
    },
    OperatingSystem {
        id: 3,
        name: "windows_2003",
        display_name: "Windows 2003",
        bits: 32,
        min_memory_mib: 256,
        sound: ByChipset::same("ac97"),
        tpm: Tpm::Unsupported,
        q35: false,
        secure_boot: false,
        unsupported_cpus: &[],
        ..WINDOWS
    },
    OperatingSystem {
        id: 4,
        name: "windows_2008",
        display_name: "Windows 2008",
        bits: 32,
        min_memory_mib: 256,
        sound: ByChipset::same("ac97"),
        tpm: Tpm::Unsupported,
        unsupported_cpus: &[],
        ..WINDOWS
    },
    OperatingSystem { id: 5, name: "other_linux", display_name: "Linux", ..LINUX },
    OperatingSystem {
        id: 7,
        name: "rhel_5",
        display_name: "Red Hat Enterprise Linux 5.x",
        bits: 32,
        min_memory_mib: 512,
        disk_interfaces: &[DiskInterface::Ide, DiskInterface::Virtio, DiskInterface::Sata],
        sound: ByChipset::same("ac97"),
        q35: false,
        secure_boot: false,
        ..LINUX
    },
    OperatingSystem {
        id: 8,
        name: "rhel_4",
        display_name: "Red Hat Enterprise Linux 4.x",
        bits: 32,
        disk_interfaces: &[DiskInterface::Ide, DiskInterface::Virtio, DiskInterface::Sata],
        sound: ByChipset::same("ac97"),
        q35: false,
        secure_boot: false,
        ..LINUX
    },
    OperatingSystem {
        id: 9,
        name: "rhel_3",
        display_name: "Red Hat Enterprise Linux 3.x",
        bits: 32,
        disk_interfaces: &[DiskInterface::Ide, DiskInterface::Virtio, DiskInterface::Sata],
        sound: ByChipset::same("ac97"),
        q35: false,
        secure_boot: false,
        ..LINUX
    },
    OperatingSystem {
        id: 10,
        name: "windows_2003x64",
        display_name: "Windows 2003 x64",
        sound: ByChipset::same("ac97"),
        tpm: Tpm::Unsupported,
        q35: false,
        secure_boot: false,
        unsupported_cpus: &[],
        ..WINDOWS
    },
    OperatingSystem {
        id: 11,
        name: "windows_7",
        display_name: "Windows 7",
        bits: 32,
        min_memory_mib: 256,
        tpm: Tpm::Unsupported,
        secure_boot: false,
        unsupported_cpus: &[],
        ..WINDOWS
    },
    OperatingSystem {
        id: 12,
        name: "windows_7x64",
        display_name: "Windows 7 x64",
        tpm: Tpm::Unsupported,
        secure_boot: false,
        unsupported_cpus: &[],
        ..WINDOWS
    },
    OperatingSystem {
        id: 13,
        name: "rhel_5x64",
        display_name: "Red Hat Enterprise Linux 5.x x64",
        min_memory_mib: 512,
        disk_interfaces: &[DiskInterface::Ide, DiskInterface::Virtio, DiskInterface::Sata],
        sound: ByChipset::same("ac97"),
        q35: false,
        secure_boot: false,
        ..LINUX
    },
    OperatingSystem {
        id: 14,
        name: "rhel_4x64",
        display_name: "Red Hat Enterprise Linux 4.x x64",
        disk_interfaces: &[DiskInterface::Ide, DiskInterface::Virtio, DiskInterface::Sata],
        sound: ByChipset::same("ac97"),
        q35: false,
        secure_boot: false,
        ..LINUX
    },
    OperatingSystem {
        id: 15,
        name: "rhel_3x64",
        display_name: "Red Hat Enterprise Linux 3.x x64",
        disk_interfaces: &[DiskInterface::Ide, DiskInterface::Virtio, DiskInterface::Sata],
        sound: ByChipset::same("ac97"),
        q35: false,
        secure_boot: false,
        ..LINUX
    },
    OperatingSystem {
        id: 16,
        name: "windows_2008x64",
        display_name: "Windows 2008 x64",
        tpm: Tpm::Unsupported,
        unsupported_cpus: &[],
        ..WINDOWS
    },
    OperatingSystem {
        id: 17,
        name: "windows_2008R2x64",
        display_name: "Windows 2008 R2 x64",
        tpm: Tpm::Unsupported,
        unsupported_cpus: &[],
        ..WINDOWS
    },
    OperatingSystem {
        id: 18,
        name: "rhel_6",
        display_name: "Red Hat Enterprise Linux 6.x",
        bits: 32,
        min_memory_mib: 512,
        sound: ByChipset::same("ich6"),
        ..LINUX
    },
    OperatingSystem {
        id: 19,
        name: "rhel_6x64",
        display_name: "Red Hat Enterprise Linux 6.x x64",
        min_memory_mib: 1024,
        sound: ByChipset::same("ich6"),
        ..LINUX
    },
    OperatingSystem {
        id: 20,
        name: "windows_8",
        display_name: "Windows 8",
        bits: 32,
        min_memory_mib: 256,
        unsupported_cpus: &["conroe", "opteron_g1"],
        ..WINDOWS
    },
    OperatingSystem {
        id: 21,
        name: "windows_8x64",
        display_name: "Windows 8 x64",
        unsupported_cpus: &["conroe", "opteron_g1"],
        ..WINDOWS
    },
    OperatingSystem {
        id: 23,
        name: "windows_2012x64",
        display_name: "Windows 2012 x64",
        unsupported_cpus: &["conroe", "opteron_g1"],
        ..WINDOWS
    },
    OperatingSystem { id: 24, name: "rhel_7x64", display_name: "Red Hat Enterprise Linux 7.x x64", ..RHEL },
    OperatingSystem {
        id: 25,
        name: "windows_2012R2x64",
        display_name: "Windows 2012R2 x64",
        unsupported_cpus: &["conroe", "opteron_g1"],
        ..WINDOWS
    },
    OperatingSystem {
        id: 26,
        name: "windows_10",
        display_name: "Windows 10",
        bits: 32,
        min_memory_mib: 256,
        ..WINDOWS
    },
    OperatingSystem { id: 27, name: "windows_10x64", display_name: "Windows 10 x64", ..WINDOWS },
    OperatingSystem { id: 28, name: "rhel_atomic7x64", display_name: "Red Hat Atomic 7.x x64", ..RHEL },
    OperatingSystem { id: 29, name: "windows_2016x64", display_name: "Windows 2016 x64", ..WINDOWS },
    OperatingSystem { id: 30, name: "rhel_8x64", display_name: "Red Hat Enterprise Linux 8.x x64", ..RHEL },
    OperatingSystem { id: 31, name: "windows_2019x64", display_name: "Windows 2019 x64", ..WINDOWS },
    OperatingSystem { id: 33, name: "other_linux_kernel_4", display_name: "Other Linux (kernel 4.x)", ..RHEL },
    OperatingSystem { id: 34, name: "rhel_9x64", display_name: "Red Hat Enterprise Linux 9.x x64", ..RHEL },
    OperatingSystem {
        id: 35,
        name: "rhcos_x64",
        display_name: "Red Hat Enterprise Linux CoreOS",
        initialization: Initialization::Ignition,
        ..RHEL
    },
    OperatingSystem {
        id: 36,
        name: "windows_11",
        display_name: "Windows 11",
        min_memory_mib: 4096,
        min_cpus: 2,
        tpm: Tpm::Required,
        ..WINDOWS
    },
    OperatingSystem { id: 37, name: "windows_2022", display_name: "Windows 2022", ..WINDOWS },
    OperatingSystem { id: 38, name: "windows_2025", display_name: "Windows 2025", ..WINDOWS },
    OperatingSystem { id: 39, name: "rhel_10x64", display_name: "Red Hat Enterprise Linux 10.x x64", ..RHEL },
    OperatingSystem { id: 1001, name: "other_ppc64", display_name: "Other OS", family: Family::Other, ..POWER },
    OperatingSystem { id: 1002, name: "other_linux_ppc64", display_name: "Linux", ..POWER },
    OperatingSystem {
        id: 1003,
        name: "rhel_6_ppc64",
        display_name: "Red Hat Enterprise Linux up to 6.8",
        unsupported_cpus: &["power8", "power9"],
        deprecated: true,
        ..POWER
    },
    OperatingSystem {
        id: 1004,
        name: "sles_11_ppc64",
        display_name: "SUSE Linux Enterprise Server 11",
        disk_interfaces: &[DiskInterface::Virtio, DiskInterface::SpaprVscsi],
        ..POWER
    },
    OperatingSystem {
        id: 1005,
        name: "ubuntu_14_04_ppc64",
        display_name: "Ubuntu Trusty Tahr LTS+",
        min_memory_mib: 64,
        ..POWER
    },
    OperatingSystem {
        id: 1006,
        name: "rhel_7_ppc64",
        display_name: "Red Hat Enterprise Linux 7.x",
        cpu_hotplug: true,
        cpu_hotunplug: true,
        tpm: Tpm::Supported,
        ..POWER
    },
    OperatingSystem { id: 1007, name: "rhel_6_9_plus_ppc64", display_name: "Red Hat Enterprise Linux 6.9+", ..POWER },
    OperatingSystem {
        id: 1008,
        name: "rhel_8_ppc64",
        display_name: "Red Hat Enterprise Linux 8.x",
        cpu_hotplug: true,
        cpu_hotunplug: true,
        tpm: Tpm::Supported,
        ..POWER
    },
    OperatingSystem {
        id: 1009,
        name: "rhel_9_ppc64",
        display_name: "Red Hat Enterprise Linux 9.x",
        cpu_hotplug: true,
        cpu_hotunplug: true,
        tpm: Tpm::Supported,
        ..POWER
    },
    OperatingSystem { id: 1193, name: "sles_11", display_name: "SUSE Linux Enterprise Server 11+", ..LINUX },
    OperatingSystem {
        id: 1252,
        name: "ubuntu_12_04",
        display_name: "Ubuntu Precise Pangolin LTS",
        min_memory_mib: 64,
        ..LINUX
    },
    OperatingSystem {
        id: 1253,
        name: "ubuntu_12_10",
        display_name: "Ubuntu Quantal Quetzal",
        min_memory_mib: 64,
        ..LINUX
    },
    OperatingSystem {
        id: 1254,
        name: "ubuntu_13_04",
        display_name: "Ubuntu Raring Ringtails",
        min_memory_mib: 64,
        ..LINUX
    },
    OperatingSystem {
        id: 1255,
        name: "ubuntu_13_10",
        display_name: "Ubuntu Saucy Salamander",
        min_memory_mib: 64,
        ..LINUX
    },
    OperatingSystem {
        id: 1256,
        name: "ubuntu_14_04",
        display_name: "Ubuntu Trusty Tahr LTS+",
        min_memory_mib: 64,
        ..LINUX
    },
    OperatingSystem {
        id: 1257,
        name: "ubuntu_18_04",
        display_name: "Ubuntu Bionic Beaver LTS+",
        min_memory_mib: 64,
        ..LINUX
    },
    OperatingSystem { id: 1300, name: "debian_7", display_name: "Debian 7+", min_memory_mib: 64, ..LINUX },
    OperatingSystem { id: 1301, name: "debian_9", display_name: "Debian 9+", min_memory_mib: 64, ..LINUX },
    OperatingSystem { id: 1500, name: "freebsd", display_name: "FreeBSD 9.2", bits: 32, ..OTHER },
    OperatingSystem { id: 1501, name: "freebsdx64", display_name: "FreeBSD 9.2 x64", ..OTHER },
    OperatingSystem { id: 2001, name: "other_s390x", display_name: "Other OS", family: Family::Other, ..Z },
    OperatingSystem { id: 2002, name: "other_linux_s390x", display_name: "Linux", ..Z },
    OperatingSystem {
        id: 2003,
        name: "rhel_7_s390x",
        display_name: "Red Hat Enterprise Linux 7.x",
        tpm: Tpm::Supported,
        ..Z
    },
    OperatingSystem { id: 2004, name: "sles_12_s390x", display_name: "SUSE Linux Enterprise Server 12", ..Z },
    OperatingSystem { id: 2005, name: "ubuntu_16_04_s390x", display_name: "Ubuntu Xenial Xerus LTS+", ..Z },
];
