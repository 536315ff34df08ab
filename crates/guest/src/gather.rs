//! Reads the facts of this guest from the kernel and from files. It sends nothing and remembers nothing; what cannot be
//! read is absent or empty, never invented.

pub(crate) mod memory;
pub(crate) mod names;
pub(crate) mod network;
pub(crate) mod operating_system;
pub(crate) mod packages;
pub(crate) mod sessions;
pub(crate) mod storage;
pub(crate) mod time_zone;

use std::fs;

use ferrovirt_guest::protocol::{Disks, FileSystems, Hello, Network, Report, Sessions};

/// A fact that is read, compared and told as one.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Fact {
    HostName,
    OperatingSystem,
    TimeZone,
    Network,
    Sessions,
    Memory,
    FileSystems,
    Disks,
    Packages,
}

impl Fact {
    pub(crate) const ALL: [Fact; 9] = [
        Fact::HostName,
        Fact::OperatingSystem,
        Fact::TimeZone,
        Fact::Network,
        Fact::Sessions,
        Fact::Memory,
        Fact::FileSystems,
        Fact::Disks,
        Fact::Packages,
    ];
}

/// Reads one fact into a report.
pub(crate) fn fact(fact: Fact, report: &mut Report) {
    match fact {
        Fact::HostName => report.host_name = Some(names::read()),
        Fact::OperatingSystem => report.operating_system = Some(operating_system::read()),
        Fact::TimeZone => report.time_zone = time_zone::read(),
        Fact::Network => report.network = Some(Network { interfaces: network::read() }),
        Fact::Sessions => report.sessions = Some(Sessions { sessions: sessions::read() }),
        Fact::Memory => report.memory = memory::read(),
        Fact::FileSystems => report.file_systems = Some(FileSystems { file_systems: storage::file_systems() }),
        Fact::Disks => report.disks = Some(Disks { disks: storage::disks() }),
        Fact::Packages => report.packages = Some(packages::read()),
    }
}

/// Moves the facts of `from` into `into`.
pub(crate) fn merge(into: &mut Report, from: Report) {
    into.host_name = from.host_name.or(into.host_name.take());
    into.operating_system = from.operating_system.or(into.operating_system.take());
    into.time_zone = from.time_zone.or(into.time_zone.take());
    into.network = from.network.or(into.network.take());
    into.sessions = from.sessions.or(into.sessions.take());
    into.memory = from.memory.or(into.memory.take());
    into.file_systems = from.file_systems.or(into.file_systems.take());
    into.disks = from.disks.or(into.disks.take());
    into.packages = from.packages.or(into.packages.take());
}

/// A small file of text, trimmed; empty if it cannot be read.
pub(crate) fn line(path: impl AsRef<std::path::Path>) -> String {
    fs::read(path).map(|bytes| String::from_utf8_lossy(&bytes).trim().to_owned()).unwrap_or_default()
}

/// Who this agent is.
pub(crate) fn hello() -> Hello {
    Hello { agent_version: env!("CARGO_PKG_VERSION").to_owned(), boot_id: line("/proc/sys/kernel/random/boot_id") }
}

/// Seconds since the kernel started.
pub(crate) fn uptime_seconds() -> u64 {
    line("/proc/uptime").split('.').next().and_then(|whole| whole.parse().ok()).unwrap_or_default()
}
