//! The door to the hypervisor: what the agent asks of it, in our words.
//!
//! Three worlds stand behind it: libvirt with QEMU, libvirt's own test driver, and a scripted fake. One contract suite
//! (`contract`) runs on all of them. The trait refuses to know VM policy: it does what it is told and says what it sees.

use async_trait::async_trait;
use tokio::sync::broadcast;

#[cfg(test)]
pub mod contract;
pub mod fake;
pub mod libvirt;

/// Why the hypervisor did not do what it was asked.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum HypervisorError {
    /// There is no such running domain.
    #[error("the domain does not run here")]
    Missing,
    /// The domain's state forbids it.
    #[error("{0}")]
    Refused(String),
    /// The connection to the hypervisor is gone: whether the work was done is unknown.
    #[error("the hypervisor is away: {0}")]
    Away(String),
    /// The job was cancelled.
    #[error("cancelled")]
    Aborted,
    /// The agent in the guest does not answer.
    #[error("the guest agent does not answer: {0}")]
    GuestSilent(String),
    /// It was tried and failed.
    #[error("{0}")]
    Failed(String),
}

/// What every verb answers.
pub type Answer<T> = Result<T, HypervisorError>;

/// What a domain does now.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Activity {
    /// Its processors run.
    Running,
    /// Its processors stand.
    Paused(Pause),
    /// The guest has powered off and QEMU is ending.
    Ending,
    /// It crashed and is kept.
    Crashed,
}

/// Why a domain's processors stand.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Pause {
    /// Somebody asked.
    User,
    /// A migration: the last moments at the source, or all the time at the target.
    Migration,
    /// A disk failed.
    IoError,
    /// A disk's storage is full.
    NoSpace,
    /// The watchdog fired.
    Watchdog,
    /// QEMU has just been made and was not yet told to run.
    Starting,
    /// The network broke during post-copy: the memory is in two places.
    PostCopyFailed,
    /// Anything else.
    Other,
}

/// Where a VM's screen is served.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Graphics {
    /// `vnc`.
    pub kind: String,
    /// Where it listens.
    pub address: String,
    /// TCP port; none while QEMU has not opened one.
    pub port: Option<u16>,
}

/// A virtio-serial port of a domain.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Channel {
    /// Its name inside the guest.
    pub name: String,
    /// The Unix socket on the host.
    pub path: std::path::PathBuf,
    /// Whether something inside holds the port open.
    pub connected: bool,
}

/// One running domain as the hypervisor sees it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Domain {
    /// The VM's id.
    pub id: String,
    /// Its name.
    pub name: String,
    /// The generation that stands in its metadata; none for a domain that is not ours.
    pub generation: Option<u64>,
    /// What it does.
    pub activity: Activity,
    /// Its screens.
    pub graphics: Vec<Graphics>,
    /// Its virtio-serial ports.
    pub channels: Vec<Channel>,
    /// QEMU's process, where it is known.
    pub process: Option<u64>,
    /// Names of devices: alias to disk id or NIC id is a matter of `domxml`.
    pub devices: Vec<Device>,
}

/// A disk or NIC of a running domain.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Device {
    /// The alias given by us.
    pub alias: String,
    /// `vda`, `sda`, … or the tap's name.
    pub target: String,
}

/// What happened to a domain.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Happening {
    /// Its state changed: look at it.
    Changed,
    /// It runs after it was migrated here.
    Arrived,
    /// It ended.
    Ended(Ending),
    /// The guest rebooted itself or was reset.
    Rebooted,
    /// A disk failed; true where its storage is full.
    IoError {
        /// The disk's alias.
        device: String,
        /// The storage is full.
        full: bool,
    },
    /// The guest agent came or went.
    GuestAgent(bool),
    /// A job ended, with its numbers: a migration away, above all. Its domain may be gone.
    JobDone(Job),
    /// A migration began to send memory for the n-th time.
    Iteration(u32),
    /// A device was unplugged; the guest let go of it.
    DeviceRemoved(String),
    /// The guest keeps the device.
    DeviceKept(String),
}

/// How a domain ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Ending {
    /// The guest powered off.
    Shutdown,
    /// Somebody on the host destroyed it.
    Destroyed,
    /// QEMU crashed, or the guest panicked.
    Crashed,
    /// It runs elsewhere now.
    Migrated,
    /// QEMU could not go on (also: an incoming migration that came to nothing).
    Failed,
}

/// One message of the hypervisor.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Event {
    /// Something happened to a domain.
    Domain {
        /// The VM's id.
        id: String,
        /// What.
        what: Happening,
    },
    /// The connection is back: everything may have changed.
    Reconnected,
    /// The connection is gone.
    Lost,
}

/// How a guest is asked for something.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Way {
    /// By the agent inside.
    Agent,
    /// By the power button.
    Acpi,
}

/// How a live migration is to be done.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct MigrationOrder {
    /// The target's libvirt.
    pub target_uri: String,
    /// Where the stream goes: `tcp://address`, without a port.
    pub stream_uri: String,
    /// The domain as the target shall make it.
    pub target_xml: String,
    /// MiB/s; 0: the hypervisor's default.
    pub bandwidth: u64,
    /// Slow the guest down where memory changes faster than it is sent.
    pub auto_converge: bool,
    /// Compress memory that is sent again.
    pub compressed: bool,
    /// Encrypt the stream; the target's certificate must name this.
    pub tls_name: Option<String>,
    /// Allow the switch to post-copy.
    pub post_copy: bool,
    /// Streams side by side; below 2: one.
    pub parallel: u32,
    /// The first longest pause, milliseconds; 0: the hypervisor's default.
    pub downtime_ms: u64,
    /// Skip the hypervisor's check that storage is shared.
    pub trust_storage: bool,
}

/// How far a job is.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Job {
    /// Milliseconds since it began.
    pub elapsed_ms: u64,
    /// Bytes altogether.
    pub total: u64,
    /// Bytes done.
    pub processed: u64,
    /// Bytes left of this round.
    pub remaining: u64,
    /// Milliseconds that the guest stood, of a finished job; expected, of a running one.
    pub downtime_ms: u64,
    /// Rounds over memory.
    pub iteration: u32,
}

/// Counters of one domain since it began; rates are a matter of `facts`.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Counters {
    /// The VM's id.
    pub id: String,
    /// Processor time of the whole process, nanoseconds.
    pub cpu_total_ns: u64,
    /// Processor time in the hypervisor's user and system mode, nanoseconds.
    pub cpu_hypervisor_ns: u64,
    /// Virtual processors that are on.
    pub processors: u32,
    /// Memory that the guest has now, bytes.
    pub memory_current: u64,
    /// Memory unused inside, where the balloon driver tells.
    pub memory_unused: Option<u64>,
    /// Memory available inside, where the balloon driver tells.
    pub memory_available: Option<u64>,
    /// Page cache inside.
    pub memory_caches: Option<u64>,
    /// NICs.
    pub nics: Vec<NicCounters>,
    /// Disks.
    pub disks: Vec<DiskCounters>,
}

/// Counters of a NIC, from the guest's side.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct NicCounters {
    /// The tap's name.
    pub target: String,
    /// Bytes received by the guest.
    pub received: u64,
    /// Bytes sent by the guest.
    pub sent: u64,
    /// Errors and drops, each way.
    pub receive_errors: u64,
    /// Errors while sending.
    pub send_errors: u64,
    /// Dropped on the way in.
    pub receive_drops: u64,
    /// Dropped on the way out.
    pub send_drops: u64,
}

/// Counters of a disk.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct DiskCounters {
    /// `vda`, …
    pub target: String,
    /// Bytes read.
    pub read_bytes: u64,
    /// Bytes written.
    pub write_bytes: u64,
    /// Reads done.
    pub reads: u64,
    /// Writes done.
    pub writes: u64,
    /// Flushes done.
    pub flushes: u64,
    /// Nanoseconds spent reading.
    pub read_ns: u64,
    /// Nanoseconds spent writing.
    pub write_ns: u64,
    /// Nanoseconds spent flushing.
    pub flush_ns: u64,
    /// Bytes that the image takes on storage.
    pub allocation: u64,
}

/// What the hypervisor says of the host.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct HypervisorFacts {
    /// Version of the library's daemon, `9.0.0`.
    pub libvirt_version: String,
    /// Version of QEMU.
    pub qemu_version: String,
    /// Machine types.
    pub machines: Vec<String>,
    /// CPU models that guests could get here.
    pub usable_models: Vec<String>,
    /// `selinux`, `apparmor` or nothing.
    pub security_driver: String,
}

/// What a stock guest agent says when asked.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct AgentFacts {
    /// Typed parameters as libvirt names them (`os.id`, `user.0.name`, …).
    pub parameters: std::collections::BTreeMap<String, String>,
    /// Interfaces: name, MAC address, addresses.
    pub interfaces: Vec<(String, String, Vec<String>)>,
}

/// A host's hypervisor.
#[async_trait]
pub trait Hypervisor: Send + Sync + 'static {
    /// Everything that happens from now on.
    fn events(&self) -> broadcast::Receiver<Event>;
    /// What it is.
    async fn facts(&self, accelerator: crate::domxml::Accelerator) -> Answer<HypervisorFacts>;
    /// All running domains.
    async fn domains(&self) -> Answer<Vec<Domain>>;
    /// One running domain.
    async fn domain(&self, id: &str) -> Answer<Option<Domain>>;
    /// How the last run of the domain with this name ended, where something still says so.
    async fn how_ended(&self, name: &str) -> Option<Ending>;
    /// The description that a migration target needs, secrets included.
    async fn migratable_xml(&self, id: &str) -> Answer<String>;
    /// The description as it runs, secrets included.
    async fn live_xml(&self, id: &str) -> Answer<String>;
    /// Makes and starts a domain that leaves no trace when it ends.
    async fn start(&self, xml: &str, paused: bool) -> Answer<()>;
    /// Pulls the plug.
    async fn power_off(&self, id: &str) -> Answer<()>;
    /// Asks the guest to power off.
    async fn ask_shutdown(&self, id: &str, way: Way) -> Answer<()>;
    /// Shows a text to the users of the guest, by the agent inside.
    async fn tell_users(&self, id: &str, text: &str) -> Answer<()>;
    /// Asks the guest to reboot.
    async fn ask_reboot(&self, id: &str, way: Way) -> Answer<()>;
    /// Presses the reset button.
    async fn reset(&self, id: &str) -> Answer<()>;
    /// Stops the processors.
    async fn pause(&self, id: &str) -> Answer<()>;
    /// Lets the processors run.
    async fn resume(&self, id: &str) -> Answer<()>;
    /// Plugs a device in.
    async fn attach(&self, id: &str, device_xml: &str) -> Answer<()>;
    /// Asks the guest to let go of a device; `DeviceRemoved` tells when it did.
    async fn detach(&self, id: &str, device_xml: &str) -> Answer<()>;
    /// Changes a device that stays.
    async fn update(&self, id: &str, device_xml: &str) -> Answer<()>;
    /// Moves a domain to another host; returns when that ended one way or the other.
    async fn migrate(&self, id: &str, order: &MigrationOrder) -> Answer<()>;
    /// How far the running job is; none without a job.
    async fn job(&self, id: &str) -> Answer<Option<Job>>;
    /// Cancels the running job.
    async fn abort_job(&self, id: &str) -> Answer<()>;
    /// Where a cancelled migration has got stuck between QEMU and libvirt: lets it end. Says whether it was so.
    async fn release_migration(&self, id: &str) -> Answer<bool>;
    /// Changes the longest pause of the running migration.
    async fn set_downtime(&self, id: &str, milliseconds: u64) -> Answer<()>;
    /// Lets the target run now and fetch the rest.
    async fn switch_to_post_copy(&self, id: &str) -> Answer<()>;
    /// Grows the disk that stands in this file. False: no running domain of that id uses it.
    async fn resize_disk(&self, id: &str, path: &std::path::Path, size: u64) -> Answer<bool>;
    /// Counters of all running domains.
    async fn counters(&self) -> Answer<Vec<Counters>>;
    /// Asks the agent inside.
    async fn ask_guest(&self, id: &str) -> Answer<AgentFacts>;
    /// Makes sure that the named network filter exists.
    async fn ensure_filter(&self, name: &str) -> Answer<()>;
}
