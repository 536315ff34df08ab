//! Hardware of virtual machines. Plain types of the wire: no rule of any format stands here.

use serde::{Deserialize, Serialize};

use super::*;
use crate::word::words;

/// Firmware of a VM.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Bios {
    pub boot_menu: Option<BootMenu>,
    pub r#type: Option<BiosType>,
}

/// What a VM boots from, in order.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Boot {
    pub devices: Option<BootDevices>,
}

/// Whether the firmware shows its boot menu.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct BootMenu {
    pub enabled: Option<bool>,
}

/// The serial console of a VM.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Console {
    pub enabled: Option<bool>,
}

/// A CPU core of a host.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Core {
    pub index: Option<i64>,
    pub socket: Option<i64>,
}

/// CPU of a host, a VM or a cluster.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Cpu {
    pub architecture: Option<Architecture>,
    pub cores: Option<List<Core>>,
    pub cpu_tune: Option<CpuTune>,
    pub level: Option<i64>,
    pub mode: Option<CpuMode>,
    pub name: Option<String>,
    pub speed: Option<f64>,
    pub topology: Option<CpuTopology>,
    pub r#type: Option<String>,
}

/// Sockets, cores in a socket, threads in a core.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct CpuTopology {
    pub cores: Option<i64>,
    pub sockets: Option<i64>,
    pub threads: Option<i64>,
}

/// Which virtual CPU runs on which physical CPUs.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct CpuTune {
    pub vcpu_pins: Option<List<VcpuPin>>,
}

/// Pinning and topology that the engine chose at start.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct DynamicCpu {
    pub cpu_tune: Option<CpuTune>,
    pub topology: Option<CpuTopology>,
}

/// What devices of a VM have in common.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Device {
    pub href: Option<String>,
    pub id: Option<String>,
    pub actions: Option<Actions>,
    pub name: Option<String>,
    pub description: Option<String>,
    pub comment: Option<String>,
    pub creation_status: Option<CreationStatus>,
    #[serde(default)]
    pub link: Vec<Link>,
    pub instance_type: Option<Box<InstanceType>>,
    pub template: Option<Box<Template>>,
    pub vm: Option<Box<Vm>>,
    pub vms: Option<List<Vm>>,
}

/// A CD drive of a VM and the image in it.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Cdrom {
    pub href: Option<String>,
    pub id: Option<String>,
    pub actions: Option<Actions>,
    pub name: Option<String>,
    pub description: Option<String>,
    pub comment: Option<String>,
    pub creation_status: Option<CreationStatus>,
    #[serde(default)]
    pub link: Vec<Link>,
    pub instance_type: Option<Box<InstanceType>>,
    pub template: Option<Box<Template>>,
    pub vm: Option<Box<Vm>>,
    pub vms: Option<List<Vm>>,
    pub file: Option<Box<File>>,
}

/// Graphics of a VM.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Display {
    pub address: Option<String>,
    pub allow_override: Option<bool>,
    pub certificate: Option<Box<Certificate>>,
    pub copy_paste_enabled: Option<bool>,
    pub disconnect_action: Option<String>,
    pub disconnect_action_delay: Option<i64>,
    pub file_transfer_enabled: Option<bool>,
    pub keyboard_layout: Option<String>,
    pub monitors: Option<i64>,
    pub port: Option<i64>,
    pub proxy: Option<String>,
    pub secure_port: Option<i64>,
    pub single_qxl_pci: Option<bool>,
    pub smartcard_enabled: Option<bool>,
    pub r#type: Option<DisplayType>,
    pub video_type: Option<VideoType>,
}

/// A file: an ISO image, or one of a payload.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct File {
    pub href: Option<String>,
    pub id: Option<String>,
    pub actions: Option<Actions>,
    pub name: Option<String>,
    pub description: Option<String>,
    pub comment: Option<String>,
    pub creation_status: Option<CreationStatus>,
    #[serde(default)]
    pub link: Vec<Link>,
    pub content: Option<String>,
    pub r#type: Option<String>,
    pub storage_domain: Option<Box<StorageDomain>>,
}

/// A floppy drive of a VM and the image in it.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Floppy {
    pub href: Option<String>,
    pub id: Option<String>,
    pub actions: Option<Actions>,
    pub name: Option<String>,
    pub description: Option<String>,
    pub comment: Option<String>,
    pub creation_status: Option<CreationStatus>,
    #[serde(default)]
    pub link: Vec<Link>,
    pub instance_type: Option<Box<InstanceType>>,
    pub template: Option<Box<Template>>,
    pub vm: Option<Box<Vm>>,
    pub vms: Option<List<Vm>>,
    pub file: Option<Box<File>>,
}

/// A way to see the screen of a VM.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct GraphicsConsole {
    pub href: Option<String>,
    pub id: Option<String>,
    pub actions: Option<Actions>,
    pub name: Option<String>,
    pub description: Option<String>,
    pub comment: Option<String>,
    pub creation_status: Option<CreationStatus>,
    #[serde(default)]
    pub link: Vec<Link>,
    pub address: Option<String>,
    pub port: Option<i64>,
    pub protocol: Option<GraphicsType>,
    pub tls_port: Option<i64>,
    pub instance_type: Option<Box<InstanceType>>,
    pub template: Option<Box<Template>>,
    pub vm: Option<Box<Vm>>,
}

/// Whether a VM returns by itself after a failure, and how urgent it is.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct HighAvailability {
    pub enabled: Option<bool>,
    pub priority: Option<i64>,
}

/// Whether a VM uses devices of its host directly.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct HostDevicePassthrough {
    pub enabled: Option<bool>,
}

/// I/O threads of a VM.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Io {
    pub threads: Option<i64>,
}

/// Memory of a VM in bytes: guaranteed, maximum, ballooning.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct MemoryPolicy {
    pub ballooning: Option<bool>,
    pub guaranteed: Option<i64>,
    pub max: Option<i64>,
    pub over_commit: Option<MemoryOverCommit>,
    pub transparent_hugepages: Option<TransparentHugePages>,
}

/// Which host NUMA node a virtual one is pinned to.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct NumaNodePin {
    pub host_numa_node: Option<Box<NumaNode>>,
    pub index: Option<i64>,
    pub pinned: Option<bool>,
}

/// Operating system of a VM and how it boots; of a host, what runs on it.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct OperatingSystem {
    pub boot: Option<Boot>,
    pub cmdline: Option<String>,
    pub custom_kernel_cmdline: Option<String>,
    pub description: Option<String>,
    pub initrd: Option<String>,
    pub kernel: Option<String>,
    pub reported_kernel_cmdline: Option<String>,
    pub r#type: Option<String>,
    pub version: Option<Box<Version>>,
}

/// Random number generator of a VM.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct RngDevice {
    pub rate: Option<Rate>,
    pub source: Option<RngSource>,
}

/// Where the serial number of a VM comes from.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct SerialNumber {
    pub policy: Option<SerialNumberPolicy>,
    pub value: Option<String>,
}

/// Whether a VM has USB.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Usb {
    pub enabled: Option<bool>,
    pub r#type: Option<UsbType>,
}

/// The physical CPUs that one virtual CPU may run on.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct VcpuPin {
    pub cpu_set: Option<String>,
    pub vcpu: Option<i64>,
}

/// Whether a VM has a virtio-scsi controller.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct VirtioScsi {
    pub enabled: Option<bool>,
}

/// A NUMA node of a VM.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct VirtualNumaNode {
    pub href: Option<String>,
    pub id: Option<String>,
    pub actions: Option<Actions>,
    pub name: Option<String>,
    pub description: Option<String>,
    pub comment: Option<String>,
    pub creation_status: Option<CreationStatus>,
    #[serde(default)]
    pub link: Vec<Link>,
    pub cpu: Option<Cpu>,
    pub index: Option<i64>,
    pub memory: Option<i64>,
    pub node_distance: Option<String>,
    pub host: Option<Box<Host>>,
    pub statistics: Option<List<Statistic>>,
    pub numa_node_pins: Option<List<NumaNodePin>>,
    pub numa_tune_mode: Option<NumaTuneMode>,
    pub vm: Option<Box<Vm>>,
}

/// A mediated device (vGPU) of a VM.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct VmMediatedDevice {
    pub href: Option<String>,
    pub id: Option<String>,
    pub actions: Option<Actions>,
    pub name: Option<String>,
    pub description: Option<String>,
    pub comment: Option<String>,
    pub creation_status: Option<CreationStatus>,
    #[serde(default)]
    pub link: Vec<Link>,
    pub instance_type: Option<Box<InstanceType>>,
    pub template: Option<Box<Template>>,
    pub vm: Option<Box<Vm>>,
    pub vms: Option<List<Vm>>,
    pub spec_params: Option<List<Property>>,
}

/// On which hosts a VM may run, and whether it may migrate.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct VmPlacementPolicy {
    pub affinity: Option<VmAffinity>,
    pub hosts: Option<List<Host>>,
}

/// A watchdog of a VM and what happens when it barks.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Watchdog {
    pub href: Option<String>,
    pub id: Option<String>,
    pub actions: Option<Actions>,
    pub name: Option<String>,
    pub description: Option<String>,
    pub comment: Option<String>,
    pub creation_status: Option<CreationStatus>,
    #[serde(default)]
    pub link: Vec<Link>,
    pub instance_type: Option<Box<InstanceType>>,
    pub template: Option<Box<Template>>,
    pub vm: Option<Box<Vm>>,
    pub vms: Option<List<Vm>>,
    pub action: Option<WatchdogAction>,
    pub model: Option<WatchdogModel>,
}

/// The storage domain that holds the lease of a VM.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct StorageDomainLease {
    pub storage_domain: Option<Box<StorageDomain>>,
}

words! {
    /// What `bios.type`, `cluster.bios_type` may say.
    BiosType {
        ClusterDefault = "cluster_default",
        I440fxSeaBios = "i440fx_sea_bios",
        Q35SeaBios = "q35_sea_bios",
        Q35Ovmf = "q35_ovmf",
        Q35SecureBoot = "q35_secure_boot",
    }
}

words! {
    /// What `boot.devices` may say.
    BootDevice {
        Cdrom = "cdrom",
        Hd = "hd",
        Network = "network",
    }
}

words! {
    /// What `cpu.mode` may say.
    CpuMode {
        Custom = "custom",
        HostModel = "host_model",
        HostPassthrough = "host_passthrough",
    }
}

words! {
    /// What `display.type` may say.
    DisplayType {
        Vnc = "vnc",
        Spice = "spice",
    }
}

words! {
    /// What `graphics_console.protocol` may say.
    GraphicsType {
        Spice = "spice",
        Vnc = "vnc",
    }
}

words! {
    /// Declared by the API for values that travel as plain text.
    OsType {
        Unassigned = "unassigned",
        WindowsXp = "windows_xp",
        Windows2003 = "windows_2003",
        Windows2008 = "windows_2008",
        OtherLinux = "other_linux",
        Other = "other",
        Rhel5 = "rhel_5",
        Rhel4 = "rhel_4",
        Rhel3 = "rhel_3",
        Windows2003x64 = "windows_2003x64",
        Windows7 = "windows_7",
        Windows7x64 = "windows_7x64",
        Rhel5x64 = "rhel_5x64",
        Rhel4x64 = "rhel_4x64",
        Rhel3x64 = "rhel_3x64",
        Windows2008x64 = "windows_2008x64",
        Windows2008r2x64 = "windows_2008r2x64",
        Rhel6 = "rhel_6",
        Rhel6x64 = "rhel_6x64",
        Windows8 = "windows_8",
        Windows8x64 = "windows_8x64",
        Windows2012x64 = "windows_2012x64",
    }
}

words! {
    /// What `rng_device.source`, `hardware_information.supported_rng_sources`, `cluster.required_rng_sources` may say.
    RngSource {
        Random = "random",
        Urandom = "urandom",
        Hwrng = "hwrng",
    }
}

words! {
    /// What `serial_number.policy` may say.
    SerialNumberPolicy {
        Host = "host",
        Vm = "vm",
        Custom = "custom",
        None = "none",
    }
}

words! {
    /// What `usb.type` may say.
    UsbType {
        Legacy = "legacy",
        Native = "native",
    }
}

words! {
    /// What `display.video_type` may say.
    VideoType {
        Bochs = "bochs",
        Cirrus = "cirrus",
        Vga = "vga",
        Qxl = "qxl",
    }
}

words! {
    /// What `vm_placement_policy.affinity` may say.
    VmAffinity {
        Migratable = "migratable",
        UserMigratable = "user_migratable",
        Pinned = "pinned",
    }
}

words! {
    /// What `watchdog.action` may say.
    WatchdogAction {
        None = "none",
        Reset = "reset",
        Poweroff = "poweroff",
        Pause = "pause",
        Dump = "dump",
    }
}

words! {
    /// What `watchdog.model` may say.
    WatchdogModel {
        I6300esb = "i6300esb",
        Diag288 = "diag288",
    }
}
