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

/// Every built-in policy.
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
        weights: &[
            ("OptimalForCpuEvenDistribution", 2),
            ("OptimalForMemoryEvenDistribution", 1),
            ("PreferredHosts", 99),
            ("HA", 1),
            ("OptimalForHaReservation", 1),
            ("VmAffinityGroups", 1),
            ("VmToHostsAffinityGroups", 20),
            ("CPU for high performance VMs", 4),
            ("CPU and NUMA pinning compatibility", 5),
        ],
        balancer: "None",
        selector: "RankSelector",
        properties: &[("CpuOverCommitDurationMinutes", "2"), ("HighUtilization", "80")],
    },
    BuiltInPolicy {
        name: "evenly_distributed",
        id: uuid!("20d25257-b4bd-4589-92a6-c4c5c5d3fd1a"),
        filters: &[
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
        ],
        weights: &[
            ("OptimalForCpuEvenDistribution", 2),
            ("OptimalForMemoryEvenDistribution", 1),
            ("PreferredHosts", 99),
            ("HA", 1),
            ("OptimalForHaReservation", 1),
            ("VmAffinityGroups", 1),
            ("VmToHostsAffinityGroups", 20),
            ("CPU for high performance VMs", 4),
            ("CPU and NUMA pinning compatibility", 5),
        ],
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
        filters: &[
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
        ],
        weights: &[
            ("OptimalForCpuEvenDistribution", 2),
            ("OptimalForMemoryEvenDistribution", 1),
            ("PreferredHosts", 99),
            ("HA", 1),
            ("OptimalForHaReservation", 1),
            ("VmAffinityGroups", 1),
            ("VmToHostsAffinityGroups", 20),
            ("CPU for high performance VMs", 4),
            ("CPU and NUMA pinning compatibility", 5),
        ],
        balancer: "None",
        selector: "RankSelector",
        properties: &[("CpuOverCommitDurationMinutes", "2"), ("HighUtilization", "80")],
    },
    BuiltInPolicy {
        name: "power_saving",
        id: uuid!("5a2b0939-7d46-4b73-a469-e9c2c7fc6a53"),
        filters: &[
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
        ],
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
        filters: &[
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
        ],
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
];

#[cfg(test)]
mod tests {
    use super::*;
    use crate::catalogue::policy_units::POLICY_UNITS;

    #[test]
    fn policies_name_units_that_exist() {
        for policy in BUILT_IN_POLICIES {
            let names =
                policy.filters.iter().map(|(name, _)| *name).chain(policy.weights.iter().map(|(name, _)| *name));
            for name in names.chain([policy.balancer, policy.selector]) {
                assert!(POLICY_UNITS.iter().any(|unit| unit.name == name), "{} of {}", name, policy.name);
            }
        }
    }
}
