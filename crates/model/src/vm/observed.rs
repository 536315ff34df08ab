//! What a guest and its host say of a running VM: shown, kept as it came, never acted on.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

/// What the guest says of itself: bounded and cleaned by the host's agent, shown and never acted on.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct GuestFacts {
    /// Version of the guest agent.
    pub agent_version: String,
    /// Host name.
    pub hostname: String,
    /// Full name.
    pub fqdn: String,
    /// linux, windows …
    pub os_family: String,
    /// Distribution.
    pub os_distribution: String,
    /// Version.
    pub os_version: String,
    /// Code name.
    pub os_codename: String,
    /// Kernel version.
    pub kernel: String,
    /// Architecture.
    pub architecture: String,
    /// Time zone name.
    pub timezone_name: String,
    /// Minutes east of UTC.
    pub timezone_offset_minutes: i32,
    /// Addresses by NIC.
    pub nics: Vec<GuestNic>,
    /// Logged-in users.
    pub sessions: Vec<GuestSession>,
    /// File systems.
    pub disks: Vec<GuestDisk>,
    /// Installed packages.
    pub packages: Vec<GuestPackage>,
}

/// A NIC as the guest sees it.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct GuestNic {
    /// Name in the guest.
    pub name: String,
    /// MAC address.
    pub mac_address: String,
    /// Addresses, IPv4 and IPv6.
    pub addresses: Vec<String>,
}

/// A user logged in to the guest.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct GuestSession {
    /// User name.
    pub user: String,
    /// Domain.
    pub domain: String,
    /// From where.
    pub address: String,
    /// At the machine's console.
    pub console: bool,
}

/// A file system of the guest.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct GuestDisk {
    /// Mount point.
    pub path: String,
    /// Kind.
    pub file_system: String,
    /// Bytes.
    pub total: u64,
    /// Bytes.
    pub used: u64,
}

/// An installed package of the guest.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct GuestPackage {
    /// Name.
    pub name: String,
    /// Version.
    pub version: String,
}

/// The newest measurements of a running VM.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct VmStatistics {
    /// Bytes.
    pub memory_installed: u64,
    /// Bytes.
    pub memory_used: u64,
    /// Bytes.
    pub memory_free: u64,
    /// Bytes.
    pub memory_buffered: u64,
    /// Bytes.
    pub memory_cached: u64,
    /// Percent of one CPU.
    pub cpu_guest_percent: f64,
    /// Percent of one CPU.
    pub cpu_hypervisor_percent: f64,
    /// Percent of all its CPUs.
    pub cpu_total_percent: f64,
    /// Seconds since QEMU began.
    pub elapsed_seconds: u64,
    /// By NIC id.
    pub nics: BTreeMap<String, NicRates>,
    /// By disk id.
    pub disks: BTreeMap<String, DiskRates>,
}

/// Traffic of a NIC.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct NicRates {
    /// Since the device began.
    pub received_bytes: u64,
    /// Since the device began.
    pub sent_bytes: u64,
    /// Now.
    pub received_bytes_per_second: f64,
    /// Now.
    pub sent_bytes_per_second: f64,
    /// Since the device began.
    pub receive_errors: u64,
    /// Since the device began.
    pub send_errors: u64,
}

/// Traffic of a disk.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct DiskRates {
    /// Now.
    pub read_bytes_per_second: f64,
    /// Now.
    pub write_bytes_per_second: f64,
    /// Now.
    pub read_operations_per_second: f64,
    /// Now.
    pub write_operations_per_second: f64,
    /// Of the last interval.
    pub read_latency_seconds: f64,
    /// Of the last interval.
    pub write_latency_seconds: f64,
    /// Of the last interval.
    pub flush_latency_seconds: f64,
    /// Bytes that the volume takes on its storage.
    pub actual_size: u64,
}
