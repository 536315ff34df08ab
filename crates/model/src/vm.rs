//! A virtual machine in three layers: what the user asked for ([`Vm`]), one incarnation on one host ([`VmRun`]), and the
//! status computed from both and the running job ([`lifecycle::status`]).

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use crate::Millis;
use crate::ids::{ClusterId, CpuProfileId, DiskId, HostId, JobId, NicId, TemplateId, UserId, VmId, VnicProfileId};

pub mod lifecycle;
mod observed;
mod restart;

pub use observed::{DiskRates, GuestDisk, GuestFacts, GuestNic, GuestPackage, GuestSession, NicRates, VmStatistics};
pub use restart::Restart;

/// What the user asked for. Written by actions alone, but for `generation` and `lock`, which jobs write.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Vm {
    /// The id, which is also the libvirt domain's.
    pub id: VmId,
    /// Unique within the data centre.
    pub name: String,
    /// Where it runs.
    pub cluster: ClusterId,
    /// The template that it was made from; Blank for none.
    pub template: TemplateId,
    /// All that templates have too.
    pub definition: Definition,
    /// The profile that limits its CPU use.
    pub cpu_profile: Option<CpuProfileId>,
    /// Who made it.
    pub created_by: Option<UserId>,
    /// When it was made.
    pub created_at: Millis,
    /// The number of the newest run; each start and each migration target takes the next.
    pub generation: u64,
    /// The job that holds it, where one does.
    pub lock: Option<Lock>,
    /// When and how the last run ended.
    pub last_stop: Option<LastStop>,
    /// A change that waits for the next start.
    pub next_run: Option<Box<Definition>>,
}

/// A job's hold on a VM: what it is doing decides what the user sees and may ask.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Lock {
    /// The job.
    pub job: JobId,
    /// What it does.
    pub purpose: LockPurpose,
}

/// Why a job holds a VM.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum LockPurpose {
    /// It is being started.
    Starting,
    /// It is being powered off.
    Stopping,
    /// It is moving to another host.
    Migrating,
    /// Its images are being made, copied or removed.
    Images,
    /// A device is being plugged in or out while it runs.
    Devices,
}

/// How the last run ended.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct LastStop {
    /// When.
    pub at: Millis,
    /// In words.
    pub reason: String,
    /// The machine did not end because someone asked for it.
    pub unexpected: bool,
}

/// The virtual hardware and its policies: what VMs and templates share.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct Definition {
    /// Free text.
    pub description: String,
    /// Free text.
    pub comment: String,
    /// Number in the operating system catalogue.
    pub os: u32,
    /// Desktop, server or high performance.
    pub workload: Workload,
    /// Bytes at start.
    pub memory: u64,
    /// Bytes up to which memory may be plugged in while it runs.
    pub memory_max: u64,
    /// Bytes that the host must have for it in any case.
    pub memory_guaranteed: u64,
    /// Sockets, cores, threads and what they look like.
    pub cpu: Cpu,
    /// Chipset and firmware; `None`: the cluster's.
    pub firmware: Option<Firmware>,
    /// An exact machine type in place of the cluster's.
    pub machine: Option<String>,
    /// In this order.
    pub boot_devices: Vec<BootDevice>,
    /// Show a menu at boot.
    pub boot_menu: bool,
    /// Boot a kernel given by path in place of a disk's boot sector.
    pub direct_boot: Option<DirectBoot>,
    /// Picture and keyboard.
    pub display: Display,
    /// A serial console.
    pub serial_console: bool,
    /// Memory may be taken back by a balloon.
    pub balloon: bool,
    /// A random number generator, and what feeds it.
    pub random_source: Option<RandomSource>,
    /// Name of a time zone; `None`: the default of the system.
    pub time_zone: Option<String>,
    /// Forget changes at each stop.
    pub stateless: bool,
    /// Refuse to remove it.
    pub delete_protected: bool,
    /// Start it with its CPUs stopped.
    pub start_paused: bool,
    /// Start it again elsewhere when its host is lost.
    pub high_availability: HighAvailability,
    /// Where it may run.
    pub placement: Placement,
    /// How it moves.
    pub migration: MigrationOptions,
    /// I/O threads.
    pub io_threads: u32,
    /// One queue a virtual CPU for NICs.
    pub multi_queues: bool,
    /// A virtio-scsi controller.
    pub virtio_scsi: bool,
    /// What the guest sees as its serial number.
    pub serial_number: SerialNumber,
    /// A sound card.
    pub sound: bool,
    /// USB.
    pub usb: bool,
    /// A smart card reader.
    pub smartcard: bool,
    /// A TPM.
    pub tpm: bool,
    /// What to do when storage fails and comes back.
    pub storage_error_resume: ResumeBehaviour,
    /// The disk whose CD image lies in the drive at start.
    pub cdrom: Option<DiskId>,
    /// First-boot data.
    pub initialization: Option<Initialization>,
    /// Custom properties by name.
    pub custom_properties: BTreeMap<String, String>,
    /// A compatibility level in place of the cluster's.
    pub compatibility: Option<(u32, u32)>,
    /// Where it came from.
    pub origin: String,
    /// The instance type that gave it its size when it was chosen.
    pub instance_type: Option<uuid::Uuid>,
}

impl Default for Definition {
    /// The Blank template: `default_objects` of oVirt's installed schema.
    fn default() -> Self {
        const GIB: u64 = 1 << 30;
        Self {
            description: String::new(),
            comment: String::new(),
            os: 0,
            workload: Workload::Server,
            memory: GIB,
            memory_max: 4 * GIB,
            memory_guaranteed: GIB,
            cpu: Cpu::default(),
            firmware: None,
            machine: None,
            boot_devices: vec![BootDevice::HardDisk],
            boot_menu: false,
            direct_boot: None,
            display: Display::default(),
            serial_console: false,
            balloon: true,
            random_source: Some(RandomSource::Urandom),
            time_zone: None,
            stateless: false,
            delete_protected: false,
            start_paused: false,
            high_availability: HighAvailability::default(),
            placement: Placement::default(),
            migration: MigrationOptions::default(),
            io_threads: 1,
            multi_queues: true,
            virtio_scsi: true,
            serial_number: SerialNumber::Vm,
            sound: false,
            usb: false,
            smartcard: false,
            tpm: false,
            storage_error_resume: ResumeBehaviour::AutoResume,
            cdrom: None,
            initialization: None,
            custom_properties: BTreeMap::new(),
            compatibility: None,
            origin: "ovirt".to_owned(),
            instance_type: None,
        }
    }
}

/// What the machine is tuned for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Workload {
    /// For a person at a screen.
    Desktop,
    /// For services.
    Server,
    /// For the last percent.
    HighPerformance,
}

/// Virtual CPUs.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Cpu {
    /// Sockets.
    pub sockets: u32,
    /// Cores a socket.
    pub cores: u32,
    /// Threads a core.
    pub threads: u32,
    /// A model in place of the cluster's.
    pub model: Option<String>,
    /// The host's own CPU, unmasked.
    pub host_passthrough: bool,
    /// Weight against other VMs; 0: the default.
    pub shares: u32,
    /// Pins: virtual CPU to physical CPUs.
    pub pins: BTreeMap<u32, String>,
}

impl Default for Cpu {
    fn default() -> Self {
        Self {
            sockets: 1,
            cores: 1,
            threads: 1,
            model: None,
            host_passthrough: false,
            shares: 0,
            pins: BTreeMap::new(),
        }
    }
}

impl Cpu {
    /// Virtual CPUs in all.
    #[must_use]
    pub fn count(&self) -> u32 {
        self.sockets.saturating_mul(self.cores).saturating_mul(self.threads)
    }
}

/// Chipset and firmware, as one choice.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Firmware {
    /// The old PC chipset with BIOS.
    I440fxBios,
    /// Q35 with BIOS.
    Q35Bios,
    /// Q35 with UEFI.
    Q35Uefi,
    /// Q35 with UEFI and secure boot.
    Q35SecureBoot,
}

/// A boot source.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum BootDevice {
    /// The bootable disk.
    HardDisk,
    /// The CD drive.
    Cdrom,
    /// PXE.
    Network,
}

/// Boot of a kernel by path.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct DirectBoot {
    /// Kernel path on the host.
    pub kernel: String,
    /// Initial RAM disk path on the host.
    pub initrd: String,
    /// Kernel command line.
    pub command_line: String,
}

/// Consoles and picture.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Display {
    /// Graphical consoles; empty: headless.
    pub consoles: Vec<ConsoleKind>,
    /// Screens.
    pub monitors: u32,
    /// Keyboard layout; empty: the default.
    pub keyboard: String,
    /// Video device; `None`: by operating system.
    pub video: Option<String>,
    /// Copy and paste between client and guest.
    pub copy_paste: bool,
    /// Files by drag and drop.
    pub file_transfer: bool,
    /// What happens when the console closes.
    pub disconnect_action: String,
}

impl Default for Display {
    fn default() -> Self {
        Self {
            consoles: vec![ConsoleKind::Vnc],
            monitors: 1,
            keyboard: String::new(),
            video: None,
            copy_paste: true,
            file_transfer: true,
            disconnect_action: "LOCK_SCREEN".to_owned(),
        }
    }
}

/// A kind of graphical console.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ConsoleKind {
    /// VNC.
    Vnc,
    /// SPICE: kept in a definition for old clients; hosts of this product offer VNC.
    Spice,
}

/// What feeds the guest's random number generator.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum RandomSource {
    /// /dev/urandom of the host.
    Urandom,
    /// /dev/random of the host.
    Random,
    /// A hardware generator of the host.
    Hwrng,
}

/// Restart elsewhere.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct HighAvailability {
    /// Wanted.
    pub enabled: bool,
    /// 1 to 100, higher first.
    pub priority: u32,
}

/// Where a VM may run.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Placement {
    /// Whether and by whom it may be moved.
    pub affinity: MigrationSupport,
    /// Preferred or, when pinned, only hosts.
    pub hosts: Vec<HostId>,
}

/// Whether and by whom a VM may be moved.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum MigrationSupport {
    /// By the system and by users.
    #[default]
    Migratable,
    /// By users only.
    UserMigratable,
    /// Never.
    Pinned,
}

/// How a VM or a cluster's VMs move. `None` inherits.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct MigrationOptions {
    /// Id of a migration policy.
    pub policy: Option<uuid::Uuid>,
    /// Slow the guest down until it converges.
    pub auto_converge: Option<bool>,
    /// Compress pages.
    pub compressed: Option<bool>,
    /// TLS for the stream.
    pub encrypted: Option<bool>,
    /// MiB/s; `None`: by the policy.
    pub bandwidth_mib: Option<u64>,
    /// Parallel connections.
    pub parallel: Option<u32>,
}

/// What the guest sees as its serial number.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum SerialNumber {
    /// The VM's id.
    Vm,
    /// The host's hardware id.
    Host,
    /// Given text.
    Custom(String),
}

/// What to do when storage fails and comes back.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ResumeBehaviour {
    /// Go on by itself.
    AutoResume,
    /// Wait for the user.
    LeavePaused,
    /// End it.
    Kill,
}

/// First-boot data, as cloud-init takes it.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Initialization {
    /// Host name inside the guest.
    pub host_name: Option<String>,
    /// User name.
    pub user_name: Option<String>,
    /// Password of that user, hashed as `crypt` does before it is stored.
    pub root_password: Option<crate::secret::Secret>,
    /// SSH keys, one a line.
    pub authorized_ssh_keys: Option<String>,
    /// A script in cloud-config form.
    pub custom_script: Option<String>,
    /// Time zone.
    pub timezone: Option<String>,
    /// DNS servers.
    pub dns_servers: Option<String>,
    /// DNS search domains.
    pub dns_search: Option<String>,
    /// Make new SSH host keys.
    pub regenerate_ssh_keys: bool,
    /// NIC settings.
    pub nics: Vec<NicInitialization>,
}

/// First-boot settings of one NIC.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct NicInitialization {
    /// Device name in the guest.
    pub name: String,
    /// none, dhcp or static.
    pub protocol: String,
    /// Address.
    pub address: Option<String>,
    /// Mask.
    pub netmask: Option<String>,
    /// Gateway.
    pub gateway: Option<String>,
    /// none, dhcp, static, autoconf or poly_dhcp_autoconf; empty: nothing is said of IPv6.
    pub ipv6_protocol: String,
    /// IPv6 address.
    pub ipv6_address: Option<String>,
    /// Length of the IPv6 prefix.
    pub ipv6_netmask: Option<String>,
    /// IPv6 gateway.
    pub ipv6_gateway: Option<String>,
    /// Bring it up at boot; one that is not is left to the guest.
    pub on_boot: bool,
}

/// What a run has that its VM's definition does not say. Kept as long as the run, and handed to the next host's run.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct RunParticulars {
    /// The definition of this run alone, where it differs from the VM's.
    pub definition: Option<Box<Definition>>,
    /// The guest finds first-boot data, under this id of its incarnation: a new id makes it read them again.
    pub first_boot: Option<uuid::Uuid>,
    /// The CD in its drive.
    pub cdrom: Option<DiskId>,
    /// How long the guest stood when it moved here, ms.
    pub downtime_ms: Option<u64>,
    /// Why a user has asked for its end.
    pub stop_reason: Option<String>,
}

/// One incarnation on one host. Written by `absorb` alone, but for its birth, which the job that starts it writes.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct VmRun {
    /// The VM.
    pub vm: VmId,
    /// Larger than every earlier run's.
    pub generation: u64,
    /// The host that runs it or was told to.
    pub host: HostId,
    /// What the host says of it.
    pub phase: RunPhase,
    /// The run owns the VM: guests execute here. A migration's target gets it when the guest runs there.
    pub owner: bool,
    /// Why it is paused.
    pub pause_reason: Option<String>,
    /// The guest agent has answered in this run.
    pub guest_agent: bool,
    /// When the guest began to run; a migration does not change it.
    pub started_at: Option<Millis>,
    /// How far a migration is.
    pub migration: Option<MigrationProgress>,
    /// Where its consoles listen.
    pub graphics: Vec<GraphicsAddress>,
    /// When the last report came.
    pub reported_at: Millis,
}

/// What a host says of a run.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum RunPhase {
    /// Intended: the host has been or is about to be told.
    Promised,
    /// The host has begun.
    Starting,
    /// QEMU executes the guest.
    Running,
    /// QEMU has stopped the CPUs.
    Paused,
    /// The guest was asked to shut down.
    ShuttingDown,
    /// The guest is rebooting.
    Rebooting,
    /// It is being sent to another host.
    MigratingOut,
    /// It is being received.
    MigratingIn,
    /// QEMU's monitor does not answer.
    NotResponding,
    /// The host can't be reached, so nobody knows.
    Unknown,
}

/// How far a migration is.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct MigrationProgress {
    /// 0 to 100.
    pub percent: u32,
    /// Where it goes.
    pub target: Option<HostId>,
    /// Bytes to send, as known now.
    pub bytes_total: u64,
    /// Bytes sent.
    pub bytes_processed: u64,
    /// Since its start, in ms.
    pub elapsed_ms: u64,
}

/// Where a console listens.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct GraphicsAddress {
    /// The kind.
    pub kind: ConsoleKind,
    /// Address on the host.
    pub address: String,
    /// TCP port, where one is open.
    pub port: Option<u16>,
    /// TLS port, where one is open.
    pub tls_port: Option<u16>,
}

/// The status that users see, in oVirt's terms. Computed, never stored.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum VmStatus {
    /// Not running.
    Down,
    /// A host is being sought or told.
    WaitForLaunch,
    /// QEMU runs, the guest has not answered yet.
    PoweringUp,
    /// It runs.
    Up,
    /// The CPUs are stopped.
    Paused,
    /// Moving to another host.
    Migrating,
    /// The guest is shutting down.
    PoweringDown,
    /// The guest is rebooting.
    RebootInProgress,
    /// Its images are locked by a job.
    ImageLocked,
    /// QEMU does not answer.
    NotResponding,
    /// Its host can't be reached.
    Unknown,
}

impl VmStatus {
    /// The name in rows and searches.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Down => "down",
            Self::WaitForLaunch => "wait_for_launch",
            Self::PoweringUp => "powering_up",
            Self::Up => "up",
            Self::Paused => "paused",
            Self::Migrating => "migrating",
            Self::PoweringDown => "powering_down",
            Self::RebootInProgress => "reboot_in_progress",
            Self::ImageLocked => "image_locked",
            Self::NotResponding => "not_responding",
            Self::Unknown => "unknown",
        }
    }
}

/// A virtual NIC of a VM.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct VmNic {
    /// The id.
    pub id: NicId,
    /// nic1, nic2 …
    pub name: String,
    /// The profile, and with it the network; `None`: connected to nothing.
    pub profile: Option<VnicProfileId>,
    /// The device model.
    pub model: NicModel,
    /// Colon-separated lower case.
    pub mac_address: String,
    /// The cable is in.
    pub linked: bool,
    /// The device is in.
    pub plugged: bool,
    /// Description.
    pub description: String,
}

/// NIC device models.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum NicModel {
    /// virtio-net.
    Virtio,
    /// Intel e1000.
    E1000,
    /// Intel e1000e.
    E1000e,
    /// Realtek.
    Rtl8139,
}

/// How a disk hangs on a VM.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct DiskAttachment {
    /// The VM.
    pub vm: VmId,
    /// The disk.
    pub disk: DiskId,
    /// The bus.
    pub interface: DiskInterface,
    /// The VM boots from it.
    pub bootable: bool,
    /// The device is in.
    pub active: bool,
    /// The guest may not write.
    pub read_only: bool,
    /// Pass discard on to the storage.
    pub pass_discard: bool,
}

/// Disk buses.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum DiskInterface {
    /// virtio-blk.
    Virtio,
    /// virtio-scsi.
    VirtioScsi,
    /// SATA.
    Sata,
    /// IDE.
    Ide,
}
