//! A data centre: the scope of storage and networks.

use serde::{Deserialize, Serialize};

use crate::ids::{DataCenterId, MacPoolId};

/// A data centre as its administrators set it up.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct DataCenter {
    /// The id.
    pub id: DataCenterId,
    /// Unique.
    pub name: String,
    /// Free text.
    pub description: String,
    /// Free text.
    pub comment: String,
    /// Storage of one host only.
    pub local: bool,
    /// Compatibility level, major and minor.
    pub version: (u32, u32),
    /// disabled, audit or enabled.
    pub quota_mode: QuotaMode,
    /// Where its clusters take MAC addresses by default.
    pub mac_pool: MacPoolId,
    /// Derived by the storage monitor.
    pub status: DataCenterStatus,
}

/// Whether quotas bind.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum QuotaMode {
    /// Not looked at.
    Disabled,
    /// Looked at, not enforced.
    Audit,
    /// Enforced.
    Enabled,
}

/// The state of a data centre.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum DataCenterStatus {
    /// No storage was ever attached.
    Uninitialized,
    /// A data domain is active.
    Up,
    /// All domains are in maintenance.
    Maintenance,
    /// Hosts are up, yet no data domain answers.
    NotOperational,
    /// No host is up to look.
    Problematic,
}

/// The status that follows from the domains and hosts of a data centre.
///
/// `attached` counts data domains, `active` those that answer, `maintenance` those set aside, `hosts_up` hosts that could
/// look.
#[must_use]
pub fn status(attached: usize, active: usize, maintenance: usize, hosts_up: usize) -> DataCenterStatus {
    match (attached, active) {
        (0, _) => DataCenterStatus::Uninitialized,
        (_, 1..) => DataCenterStatus::Up,
        _ if maintenance == attached => DataCenterStatus::Maintenance,
        _ if hosts_up == 0 => DataCenterStatus::Problematic,
        _ => DataCenterStatus::NotOperational,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn status_table() {
        assert_eq!(status(0, 0, 0, 2), DataCenterStatus::Uninitialized);
        assert_eq!(status(2, 1, 1, 1), DataCenterStatus::Up);
        assert_eq!(status(2, 0, 2, 1), DataCenterStatus::Maintenance);
        assert_eq!(status(2, 0, 1, 1), DataCenterStatus::NotOperational);
        assert_eq!(status(1, 0, 0, 0), DataCenterStatus::Problematic);
    }
}
