//! The messages of the port `org.ferrovirt.guest.0`: JSON objects, one a line, at most 1 MiB each.
//!
//! A [`Report`] goes from guest to host and carries any of the facts; what is absent has not changed. A [`Request`] goes
//! from host to guest. Both name the protocol version; within a version fields are only ever added, and a reader ignores
//! those that it does not know. These types know nothing of how facts are gathered or what is done with them.

use serde::{Deserialize, Serialize};

use crate::bounded;

/// The port of the QEMU guest agent protocol, which libvirt speaks.
pub const QEMU_AGENT_PORT: &str = "org.qemu.guest_agent.0";
/// The port of the messages in this module.
pub const FACTS_PORT: &str = "org.ferrovirt.guest.0";
/// The version that this library speaks.
pub const PROTOCOL_VERSION: u32 = 1;
/// Longest message in bytes, the newline included.
pub const MAXIMUM_MESSAGE: usize = 1024 * 1024;
/// Seconds between two heartbeats of the agent.
pub const HEARTBEAT_SECONDS: u64 = 30;

/// From guest to host: what changed since the last report.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Report {
    /// [`PROTOCOL_VERSION`] of the sender.
    pub version: u32,
    /// Counts the reports since the agent started; a smaller number means that the agent was started again.
    #[serde(default, deserialize_with = "bounded::number")]
    pub sequence: u64,
    /// First report after a start, a reconnect or a refresh: all facts follow in it and in those after it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub hello: Option<Hello>,
    /// Sent every [`HEARTBEAT_SECONDS`], alone or with facts.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub heartbeat: Option<Heartbeat>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub host_name: Option<HostName>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub operating_system: Option<OperatingSystem>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub time_zone: Option<TimeZone>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub network: Option<Network>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub sessions: Option<Sessions>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub memory: Option<Memory>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub file_systems: Option<FileSystems>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub disks: Option<Disks>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub packages: Option<Packages>,
    /// Answer to a [`Request`].
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub reply: Option<Reply>,
}

/// Who speaks.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Hello {
    #[serde(default, deserialize_with = "bounded::text")]
    pub agent_version: String,
    /// Changes with each boot of the guest.
    #[serde(default, deserialize_with = "bounded::text")]
    pub boot_id: String,
}

/// The agent is alive.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Heartbeat {
    /// Seconds since the guest's kernel started.
    #[serde(default, deserialize_with = "bounded::number")]
    pub uptime_seconds: u64,
}

/// The names of the guest.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct HostName {
    /// As the kernel knows it.
    #[serde(default, deserialize_with = "bounded::text")]
    pub host_name: String,
    /// With its domain where the guest knows one, else the host name again.
    #[serde(default, deserialize_with = "bounded::text")]
    pub fqdn: String,
}

/// As in `os-release(5)` and `uname(2)`.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct OperatingSystem {
    /// `linux` here; other agents may say `windows`.
    #[serde(default, deserialize_with = "bounded::text")]
    pub family: String,
    /// `ID`, such as `debian`.
    #[serde(default, deserialize_with = "bounded::text")]
    pub distribution: String,
    /// `PRETTY_NAME`.
    #[serde(default, deserialize_with = "bounded::text")]
    pub name: String,
    /// `VERSION_ID`.
    #[serde(default, deserialize_with = "bounded::text")]
    pub version: String,
    /// `VERSION_CODENAME`.
    #[serde(default, deserialize_with = "bounded::text")]
    pub codename: String,
    /// Kernel release.
    #[serde(default, deserialize_with = "bounded::text")]
    pub kernel: String,
    /// Machine name of `uname(2)`, such as `x86_64`.
    #[serde(default, deserialize_with = "bounded::text")]
    pub architecture: String,
}

/// The guest's time zone.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct TimeZone {
    /// Name in the IANA data base where known (`Europe/Vienna`), else the abbreviation.
    #[serde(default, deserialize_with = "bounded::text")]
    pub name: String,
    /// Seconds east of Greenwich now.
    #[serde(default, deserialize_with = "bounded::offset_seconds")]
    pub offset_seconds: i32,
}

/// All network interfaces but the loopback.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Network {
    #[serde(default, deserialize_with = "bounded::list")]
    pub interfaces: Vec<Interface>,
}

/// One network interface.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Interface {
    #[serde(default, deserialize_with = "bounded::text")]
    pub name: String,
    /// `52:54:00:12:34:56`, lower case; empty for an interface without one.
    #[serde(default, deserialize_with = "bounded::text")]
    pub mac: String,
    #[serde(default, deserialize_with = "bounded::list")]
    pub addresses: Vec<Address>,
}

/// One address of an interface. An address that does not parse makes the report unreadable.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Address {
    pub address: std::net::IpAddr,
    /// Length of the network prefix; [`crate::reader`] refuses more than the address has bits.
    pub prefix_length: u8,
}

/// Who is logged in.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Sessions {
    #[serde(default, deserialize_with = "bounded::list")]
    pub sessions: Vec<Session>,
}

/// One login session.
#[derive(Debug, Clone, Default, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct Session {
    #[serde(default, deserialize_with = "bounded::text")]
    pub user: String,
    /// Terminal or seat, such as `tty1`.
    #[serde(default, deserialize_with = "bounded::text")]
    pub terminal: String,
    /// Where the user came from; empty for a local login.
    #[serde(default, deserialize_with = "bounded::text")]
    pub remote_host: String,
    /// Seconds since 1970.
    #[serde(default, deserialize_with = "bounded::number")]
    pub login_time: u64,
}

/// Memory and swap use in bytes, as in `/proc/meminfo`.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Memory {
    #[serde(default, deserialize_with = "bounded::number")]
    pub total: u64,
    #[serde(default, deserialize_with = "bounded::number")]
    pub free: u64,
    /// What programs can still have without swapping.
    #[serde(default, deserialize_with = "bounded::number")]
    pub available: u64,
    #[serde(default, deserialize_with = "bounded::number")]
    pub buffers: u64,
    #[serde(default, deserialize_with = "bounded::number")]
    pub cached: u64,
    #[serde(default, deserialize_with = "bounded::number")]
    pub swap_total: u64,
    #[serde(default, deserialize_with = "bounded::number")]
    pub swap_free: u64,
}

/// Mounted file systems that stand on a disk.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct FileSystems {
    #[serde(default, deserialize_with = "bounded::list")]
    pub file_systems: Vec<FileSystem>,
}

/// One mounted file system, sizes in bytes.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct FileSystem {
    #[serde(default, deserialize_with = "bounded::text")]
    pub mount_point: String,
    /// Type, such as `ext4`.
    #[serde(default, deserialize_with = "bounded::text")]
    pub kind: String,
    /// Such as `/dev/vda1`.
    #[serde(default, deserialize_with = "bounded::text")]
    pub device: String,
    #[serde(default, deserialize_with = "bounded::number")]
    pub total: u64,
    #[serde(default, deserialize_with = "bounded::number")]
    pub used: u64,
}

/// Which virtual disk is which device in the guest.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Disks {
    #[serde(default, deserialize_with = "bounded::list")]
    pub disks: Vec<Disk>,
}

/// One disk device.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Disk {
    /// The serial number that the host gave the disk (its first 20 bytes on virtio); empty if it has none.
    #[serde(default, deserialize_with = "bounded::text")]
    pub serial: String,
    /// Such as `/dev/vda`.
    #[serde(default, deserialize_with = "bounded::text")]
    pub device: String,
    /// Bytes.
    #[serde(default, deserialize_with = "bounded::number")]
    pub size: u64,
}

/// Installed packages.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Packages {
    #[serde(default, deserialize_with = "bounded::package_list")]
    pub packages: Vec<Package>,
    /// There were more than a message holds.
    #[serde(default)]
    pub truncated: bool,
}

/// One installed package.
#[derive(Debug, Clone, Default, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct Package {
    #[serde(default, deserialize_with = "bounded::text")]
    pub name: String,
    #[serde(default, deserialize_with = "bounded::text")]
    pub version: String,
}

/// Answer to a [`Request`].
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Reply {
    /// The request's number.
    #[serde(default, deserialize_with = "bounded::number")]
    pub request: u64,
    pub accepted: bool,
    /// Why not, where `accepted` is false.
    #[serde(default, deserialize_with = "bounded::text")]
    pub detail: String,
}

/// From host to guest. Exactly one of the verbs is set.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Request {
    /// [`PROTOCOL_VERSION`] of the sender.
    pub version: u32,
    /// Comes back in [`Reply::request`].
    #[serde(default, deserialize_with = "bounded::number")]
    pub request: u64,
    /// Send all facts again. A host asks this when it connects.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub refresh: Option<Refresh>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub shutdown: Option<Shutdown>,
}

/// See [`Request::refresh`].
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Refresh {}

/// Shut the guest down or restart it, in order.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Shutdown {
    /// Restart instead of powering off.
    #[serde(default)]
    pub reboot: bool,
    /// Shown to the users who are logged in.
    #[serde(default, deserialize_with = "bounded::text")]
    pub message: String,
}

impl Request {
    /// Asks for all facts.
    pub fn refresh(request: u64) -> Self {
        Self { version: PROTOCOL_VERSION, request, refresh: Some(Refresh {}), shutdown: None }
    }

    /// Asks for an orderly shutdown or restart.
    pub fn shutdown(request: u64, reboot: bool, message: &str) -> Self {
        let shutdown = Shutdown { reboot, message: bounded::clean_text(message) };
        Self { version: PROTOCOL_VERSION, request, refresh: None, shutdown: Some(shutdown) }
    }
}

/// Why a message could not be written.
#[derive(Debug, thiserror::Error)]
pub enum EncodeError {
    #[error("the message cannot be written as JSON")]
    Json(#[from] serde_json::Error),
    #[error("the message has {0} bytes, more than {MAXIMUM_MESSAGE}")]
    TooLong(usize),
}

/// One message as a line, newline included.
pub fn encode<M: Serialize>(message: &M) -> Result<Vec<u8>, EncodeError> {
    let mut line = serde_json::to_vec(message)?;
    line.push(b'\n');
    if line.len() > MAXIMUM_MESSAGE {
        return Err(EncodeError::TooLong(line.len()));
    }
    Ok(line)
}
