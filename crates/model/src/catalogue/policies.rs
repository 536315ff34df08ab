//! The scheduling policies that exist from the start: their units in order, and their property values.

use uuid::{Uuid, uuid};

/// A scheduling policy that can't be changed.
#[derive(Clone, Copy, Debug)]
pub struct BuiltInPolicy {
    /// Its name on the wire.
    pub name: &'static str,
    /// Its fixed id.
    pub id: Uuid,
    /// The hard rules: unit name and position (-1 first, 0 anywhere, 1 last).
    pub filters: &'static [(&'static str, i8)],
    /// The soft rules: unit name and factor.
    pub weights: &'static [(&'static str, u32)],
    /// The unit that moves VMs.
    pub balancer: &'static str,
    /// The unit that joins the ranks.
    pub selector: &'static str,
    /// Values of the units' parameters.
    pub properties: &'static [(&'static str, &'static str)],
}

/// The policy of new clusters: no balancing.
pub const NONE: Uuid = uuid!("b4ed2332-a7ac-4d5f-9596-99a439cb2812");

/// The hard rules of every policy but cluster_maintenance.
const FILTERS: &[(&str, i8)] = &[
    ("CPU", -1),
    ("CPUOverloaded", 0),
    ("Emulated-Machine", 0),
    ("HA", 0),
    ("Swap", 0),
    ("Memory", 0),
    ("NUMA", 0),
    ("HugePages", 0),
    ("Migration", 0),
    ("VmAffinityGroups", 0),
    ("VmToHostsAffinityGroups", 0),
    ("Network", 0),
    ("HostedEngineSpares", 0),
    ("Migration-Tsc-Frequency", 0),
    ("Host-hooks", 1),
];

/// The soft rules of the policies that spread by load.
const EVEN: &[(&str, u32)] = &[
    ("OptimalForCpuEvenDistribution", 2),
    ("OptimalForMemoryEvenDistribution", 1),
    ("PreferredHosts", 99),
    ("HA", 1),
    ("OptimalForHaReservation", 1),
    ("VmAffinityGroups", 1),
    ("VmToHostsAffinityGroups", 20),
    ("CPU for high performance VMs", 4),
    ("CPU and NUMA pinning compatibility", 5),
];

/// The soft rules of our own policies that fill hosts one after the other.
const PACKING: &[(&str, u32)] = &[
    ("FerrovirtPacking", 3),
    ("PreferredHosts", 99),
    ("HA", 1),
    ("OptimalForHaReservation", 1),
    ("VmAffinityGroups", 1),
    ("VmToHostsAffinityGroups", 20),
    ("CPU for high performance VMs", 4),
    ("CPU and NUMA pinning compatibility", 5),
];

/// Every built-in policy: oVirt's five, then our own.
pub const BUILT_IN_POLICIES: &[BuiltInPolicy] = &[
    BuiltInPolicy {
        name: "cluster_maintenance",
        id: uuid!("7677771e-5eab-422e-83fa-dc04080d21b7"),
        filters: &[
            ("ClusterInMaintenance", -1),
            ("CPU", 0),
            ("CPUOverloaded", 0),
            ("Emulated-Machine", 0),
            ("HA", 0),
            ("Swap", 0),
            ("Memory", 0),
            ("NUMA", 0),
            ("HugePages", 0),
            ("Migration", 0),
            ("VmAffinityGroups", 0),
            ("VmToHostsAffinityGroups", 0),
            ("Network", 0),
            ("HostedEngineSpares", 0),
            ("Migration-Tsc-Frequency", 0),
            ("Host-hooks", 1),
        ],
        weights: EVEN,
        balancer: "None",
        selector: "RankSelector",
        properties: &[("CpuOverCommitDurationMinutes", "2"), ("HighUtilization", "80")],
    },
    BuiltInPolicy {
        name: "evenly_distributed",
        id: uuid!("20d25257-b4bd-4589-92a6-c4c5c5d3fd1a"),
        filters: FILTERS,
        weights: EVEN,
        balancer: "OptimalForEvenDistribution",
        selector: "RankSelector",
        properties: &[
            ("HeSparesCount", "0"),
            ("CpuOverCommitDurationMinutes", "2"),
            ("HighUtilization", "80"),
            ("VCpuToPhysicalCpuRatio", "0"),
        ],
    },
    BuiltInPolicy {
        name: "none",
        id: NONE,
        filters: FILTERS,
        weights: EVEN,
        balancer: "None",
        selector: "RankSelector",
        properties: &[("CpuOverCommitDurationMinutes", "2"), ("HighUtilization", "80")],
    },
    BuiltInPolicy {
        name: "power_saving",
        id: uuid!("5a2b0939-7d46-4b73-a469-e9c2c7fc6a53"),
        filters: FILTERS,
        weights: &[
            ("OptimalForCpuPowerSaving", 2),
            ("OptimalForMemoryPowerSaving", 1),
            ("PreferredHosts", 99),
            ("HA", 1),
            ("OptimalForHaReservation", 1),
            ("VmAffinityGroups", 1),
            ("VmToHostsAffinityGroups", 20),
            ("CPU for high performance VMs", 4),
            ("CPU and NUMA pinning compatibility", 5),
        ],
        balancer: "OptimalForPowerSaving",
        selector: "RankSelector",
        properties: &[
            ("HeSparesCount", "0"),
            ("CpuOverCommitDurationMinutes", "2"),
            ("HighUtilization", "80"),
            ("LowUtilization", "20"),
        ],
    },
    BuiltInPolicy {
        name: "vm_evenly_distributed",
        id: uuid!("8d5d7bec-68de-4a67-b53e-0ac54686d579"),
        filters: FILTERS,
        weights: &[
            ("OptimalForEvenGuestDistribution", 2),
            ("PreferredHosts", 99),
            ("HA", 1),
            ("OptimalForHaReservation", 1),
            ("VmAffinityGroups", 1),
            ("VmToHostsAffinityGroups", 20),
            ("CPU for high performance VMs", 4),
            ("CPU and NUMA pinning compatibility", 5),
        ],
        balancer: "OptimalForEvenGuestDistribution",
        selector: "RankSelector",
        properties: &[
            ("HeSparesCount", "0"),
            ("CpuOverCommitDurationMinutes", "2"),
            ("HighUtilization", "80"),
            ("HighVmCount", "10"),
            ("MigrationThreshold", "5"),
            ("SpmVmGrace", "5"),
        ],
    },
    BuiltInPolicy {
        name: "ferrovirt_balanced",
        id: uuid!("0c1f5a52-3d0e-4d6b-9a55-fe770b1a1001"),
        filters: FILTERS,
        weights: EVEN,
        balancer: "FerrovirtBalanced",
        selector: "RankSelector",
        properties: &[("CpuOverCommitDurationMinutes", "2"), ("HighUtilization", "80")],
    },
    BuiltInPolicy {
        name: "ferrovirt_packed",
        id: uuid!("0c1f5a52-3d0e-4d6b-9a55-fe770b1a1002"),
        filters: FILTERS,
        weights: PACKING,
        balancer: "None",
        selector: "RankSelector",
        properties: &[("CpuOverCommitDurationMinutes", "2"), ("HighUtilization", "80")],
    },
    BuiltInPolicy {
        name: "ferrovirt_saving",
        id: uuid!("0c1f5a52-3d0e-4d6b-9a55-fe770b1a1003"),
        filters: FILTERS,
        weights: PACKING,
        balancer: "FerrovirtSaving",
        selector: "RankSelector",
        properties: &[
            ("CpuOverCommitDurationMinutes", "2"),
            ("HighUtilization", "80"),
            ("LowUtilization", "20"),
            ("HostsInReserve", "1"),
            ("EnableAutomaticHostPowerManagement", "false"),
        ],
    },
];

#[cfg(test)]
mod tests {
    use super::*;
    use crate::catalogue::policy_units::{UnitKind, named};

    #[test]
    fn policies_name_units_that_exist_and_are_listed_once() {
        for policy in BUILT_IN_POLICIES {
            let filters = policy.filters.iter().map(|(name, _)| (UnitKind::Filter, *name));
            let weights = policy.weights.iter().map(|(name, _)| (UnitKind::Weight, *name));
            let others = [(UnitKind::Balancer, policy.balancer), (UnitKind::Selector, policy.selector)];
            for (kind, name) in filters.chain(weights).chain(others) {
                assert!(named(kind, name).is_some(), "{kind:?} {name} of {}", policy.name);
            }
            let ids = BUILT_IN_POLICIES.iter().filter(|other| other.id == policy.id || other.name == policy.name);
            assert_eq!(ids.count(), 1, "{} is listed once", policy.name);
        }
    }
}
