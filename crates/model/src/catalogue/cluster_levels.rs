//! Cluster levels: the compatibility versions of data centres and clusters, in order. A level decides which CPU types,
//! machine types and limits apply; it says nothing of what a host's software is called.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};

/// A compatibility version, such as 4.8.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct ClusterLevel {
    /// The part before the point.
    pub major: u32,
    /// The part behind it.
    pub minor: u32,
}

impl ClusterLevel {
    /// The level of new data centres and clusters.
    pub const LATEST: Self = Self::new(4, 8);

    /// Every level that a cluster may have, ascending.
    pub const SUPPORTED: [Self; 7] = [
        Self::new(4, 2),
        Self::new(4, 3),
        Self::new(4, 4),
        Self::new(4, 5),
        Self::new(4, 6),
        Self::new(4, 7),
        Self::new(4, 8),
    ];

    /// A level by its two numbers.
    #[must_use]
    pub const fn new(major: u32, minor: u32) -> Self {
        Self { major, minor }
    }

    /// Whether clusters may have it.
    #[must_use]
    pub fn is_supported(self) -> bool {
        Self::SUPPORTED.contains(&self)
    }

    /// The most virtual CPUs that a VM may have on x86.
    #[must_use]
    pub fn max_cpus(self) -> u32 {
        match self.minor {
            ..=4 => 384,
            5 => 512,
            _ => 710,
        }
    }

    /// The most sockets that a VM may have.
    #[must_use]
    pub fn max_sockets(self) -> u32 {
        if self.minor <= 5 { 16 } else { 10_000 }
    }

    /// The most cores in a socket.
    #[must_use]
    pub fn max_cores_per_socket(self) -> u32 {
        254
    }

    /// The most threads in a core.
    #[must_use]
    pub fn max_threads_per_core(self) -> u32 {
        8
    }

    /// The most memory that a 64-bit x86 VM may have, in MiB.
    #[must_use]
    pub fn max_memory_mib(self) -> u64 {
        match self.minor {
            ..=5 => 6_291_456,
            6 | 7 => 16_777_216,
            _ => 67_108_864,
        }
    }

    /// The storage format of new data domains.
    #[must_use]
    pub fn storage_format(self) -> &'static str {
        if self.minor < 3 { "v4" } else { "v5" }
    }

    /// Machine types of the level, the preferred first; a host must offer one of those of the chipset in use.
    #[must_use]
    pub fn emulated_machines(self) -> &'static [&'static str] {
        match self.minor {
            ..=2 => &["pc-i440fx-rhel7.3.0", "pc-i440fx-2.6", "pseries-rhel7.5.0", "s390-ccw-virtio-2.8"],
            3 => &["pc-i440fx-rhel7.6.0", "pc-i440fx-2.12", "pseries-rhel7.6.0-sxxm", "s390-ccw-virtio-2.12"],
            4 => &["pc-q35-rhel8.1.0", "pc-q35-4.1", "pc-i440fx-rhel7.6.0", "pc-i440fx-2.12", "pseries-rhel8.1.0"],
            5 => &["pc-q35-rhel8.3.0", "pc-q35-4.1", "pc-i440fx-rhel7.6.0", "pc-i440fx-2.12", "pseries-rhel8.3.0"],
            6 => &["pc-q35-rhel8.4.0", "pc-q35-4.1", "pc-i440fx-rhel7.6.0", "pc-i440fx-2.12", "pseries-rhel8.4.0"],
            7 => &["pc-q35-rhel8.6.0", "pc-q35-4.1", "pc-i440fx-rhel7.6.0", "pc-i440fx-2.12", "pseries-rhel8.4.0"],
            _ => &["pc-q35-rhel9.6.0", "pc-i440fx-rhel7.6.0", "pseries-rhel8.5.0", "s390-ccw-virtio-rhel9.4.0"],
        }
    }
}

impl From<(u32, u32)> for ClusterLevel {
    fn from((major, minor): (u32, u32)) -> Self {
        Self { major, minor }
    }
}

impl fmt::Display for ClusterLevel {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}.{}", self.major, self.minor)
    }
}

/// The text is not two numbers with a point between them.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("'{0}' is not a compatibility version such as {latest}", latest = ClusterLevel::LATEST)]
pub struct NotALevel(pub String);

impl FromStr for ClusterLevel {
    type Err = NotALevel;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let numbers =
            text.trim().split_once('.').and_then(|(major, minor)| Some((major.parse().ok()?, minor.parse().ok()?)));
        numbers.map(|(major, minor)| Self { major, minor }).ok_or_else(|| NotALevel(text.to_owned()))
    }
}

impl TryFrom<String> for ClusterLevel {
    type Error = NotALevel;

    fn try_from(text: String) -> Result<Self, Self::Error> {
        text.parse()
    }
}

impl From<ClusterLevel> for String {
    fn from(level: ClusterLevel) -> Self {
        level.to_string()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn levels_are_ordered_by_number_not_by_text() {
        assert!(ClusterLevel::new(4, 10) > ClusterLevel::new(4, 8));
        assert_eq!("4.8".parse(), Ok(ClusterLevel::LATEST));
        assert_eq!("4".parse::<ClusterLevel>(), Err(NotALevel("4".to_owned())));
        assert!(!ClusterLevel::new(3, 6).is_supported());
    }
}
