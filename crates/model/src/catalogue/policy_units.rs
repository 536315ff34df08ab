//! Policy units of the scheduler: filters, weights, balancers and selectors with the ids that clients know, and the
//! checks on their parameters.

use uuid::{Uuid, uuid};

use UnitKind::{Balancer, Filter, Selector, Weight};

/// What a policy unit does.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum UnitKind {
    /// Rules hosts out.
    Filter,
    /// Ranks hosts.
    Weight,
    /// Moves VMs between hosts.
    Balancer,
    /// Joins the ranks of the weights.
    Selector,
}

/// One unit that scheduling policies are made of.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct PolicyUnit {
    /// What it does.
    pub kind: UnitKind,
    /// Its name on the wire.
    pub name: &'static str,
    /// Its fixed id.
    pub id: Uuid,
    /// Whether every policy runs it.
    pub mandatory: bool,
    /// Its parameters, each with the regular expression that a value must match.
    pub parameters: &'static [(&'static str, &'static str)],
}

const fn unit(
    kind: UnitKind,
    name: &'static str,
    id: Uuid,
    parameters: &'static [(&'static str, &'static str)],
) -> PolicyUnit {
    PolicyUnit { kind, name, id, mandatory: false, parameters }
}

const fn mandatory(name: &'static str, id: Uuid) -> PolicyUnit {
    PolicyUnit { kind: Filter, name, id, mandatory: true, parameters: &[] }
}

/// Every policy unit.
pub const POLICY_UNITS: &[PolicyUnit] = &[
    unit(Balancer, "None", uuid!("38440000-8cf0-14bd-c43e-10b96e4ef00a"), &[]),
    unit(
        Balancer,
        "OptimalForEvenDistribution",
        uuid!("7db4ab05-81ab-42e8-868a-aee2df483ed2"),
        &[
            ("HighUtilization", "^([5-9][0-9])$"),
            ("MaxFreeMemoryForOverUtilized", "^([1-9][0-9]*)$"),
            ("MinFreeMemoryForUnderUtilized", "^([1-9][0-9]*)$"),
            ("CpuOverCommitDurationMinutes", "^([1-9][0-9]*)$"),
            ("VCpuToPhysicalCpuRatio", "^([0-2](\\.([0-9]+))?)$"),
        ],
    ),
    unit(
        Balancer,
        "OptimalForEvenGuestDistribution",
        uuid!("d58c8e32-44e1-418f-9222-52cd887bf9e0"),
        &[
            ("SpmVmGrace", "^([0-9]|[1-9][0-9]+)$"),
            ("HighVmCount", "^([0-9]|[1-9][0-9]+)$"),
            ("MigrationThreshold", "^([2-9]|[1-9][0-9]+)$"),
        ],
    ),
    unit(
        Balancer,
        "OptimalForPowerSaving",
        uuid!("736999d0-1023-46a4-9a75-1316ed50e151"),
        &[
            ("HighUtilization", "^([5-9][0-9])$"),
            ("MaxFreeMemoryForOverUtilized", "^([1-9][0-9]*)$"),
            ("MinFreeMemoryForUnderUtilized", "^([1-9][0-9]*)$"),
            ("CpuOverCommitDurationMinutes", "^([1-9][0-9]*)$"),
            ("LowUtilization", "^([0-9]|[1-4][0-9])$"),
            ("EnableAutomaticHostPowerManagement", "^(true|false)$"),
            ("HostsInReserve", "^[0-9][0-9]*$"),
        ],
    ),
    unit(
        Balancer,
        "FerrovirtBalanced",
        uuid!("0c1f5a52-3d0e-4d6b-9a55-fe770b1a0001"),
        &[("HighUtilization", "^([5-9][0-9])$"), ("CpuOverCommitDurationMinutes", "^([1-9][0-9]*)$")],
    ),
    unit(
        Balancer,
        "FerrovirtSaving",
        uuid!("0c1f5a52-3d0e-4d6b-9a55-fe770b1a0002"),
        &[
            ("HighUtilization", "^([5-9][0-9])$"),
            ("CpuOverCommitDurationMinutes", "^([1-9][0-9]*)$"),
            ("LowUtilization", "^([0-9]|[1-4][0-9])$"),
            ("EnableAutomaticHostPowerManagement", "^(true|false)$"),
            ("HostsInReserve", "^[0-9][0-9]*$"),
        ],
    ),
    unit(Filter, "CPU", uuid!("6d636bf6-a35c-4f9d-b68d-0731f720cddc"), &[]),
    mandatory("CPU-Level", uuid!("438b052c-90ab-40e8-9be0-a22560202ea6")),
    unit(
        Filter,
        "CPUOverloaded",
        uuid!("98842bc5-4094-4b83-8224-7b50f86a94c9"),
        &[("HighUtilization", "^([5-9][0-9])$"), ("CpuOverCommitDurationMinutes", "^([1-9][0-9]*)$")],
    ),
    mandatory("CPUTopology", uuid!("35c2f1a5-8928-48e9-81ac-4c49eb49d60e")),
    unit(Filter, "ClusterInMaintenance", uuid!("0bd8fef9-bcb4-4250-9998-410f01608d9b"), &[]),
    mandatory("Compatibility-Version", uuid!("3e4a7d54-9e7f-11e5-8994-feff819cdc9f")),
    mandatory("CpuPinning", uuid!("6d636bf6-a35c-4f9d-b68d-0731f731cddc")),
    unit(Filter, "Emulated-Machine", uuid!("58894b5b-d55d-4f85-8f82-5bf217e640b0"), &[]),
    unit(Filter, "HA", uuid!("e659c871-0bf1-4ccc-b748-f28f5d08dffd"), &[]),
    unit(Filter, "Host-hooks", uuid!("aae8c702-4756-4934-b84c-8daf59efc134"), &[]),
    mandatory("HostDevice", uuid!("728a21f1-f97e-4d32-bc3e-b3cc49756abb")),
    unit(
        Filter,
        "HostedEngineSpares",
        uuid!("53bff075-8306-446f-a53b-9c872a29d197"),
        &[("HeSparesCount", "^([0-9][0-9]*)$")],
    ),
    unit(Filter, "HugePages", uuid!("23e07b34-66dd-4735-bc45-bcddded02c05"), &[]),
    unit(Filter, "InClusterUpgrade", uuid!("84e6ddee-ab0d-42dd-82f0-c298889db567"), &[]),
    mandatory("MDevice", uuid!("aa604ea6-f758-4d28-8e05-bf5f4a0818bd")),
    unit(Filter, "Memory", uuid!("c9ddbb34-0e1d-4061-a8d7-b0893fa80932"), &[]),
    unit(Filter, "Migration", uuid!("e659c871-0bf1-4ccc-b748-f28f5d08ddda"), &[]),
    unit(Filter, "Migration-Tsc-Frequency", uuid!("47ea3cd0-8a2f-438d-9f63-49534178882a"), &[]),
    unit(Filter, "NUMA", uuid!("fcbfe4b1-b83e-4428-b9d3-b3d348b93be6"), &[]),
    unit(Filter, "Network", uuid!("72163d1c-9468-4480-99d9-0888664eb143"), &[]),
    mandatory("PinToHost", uuid!("12262ab6-9690-4bc3-a2b3-35573b172d54")),
    unit(
        Filter,
        "Swap",
        uuid!("43b9e654-337f-4b0d-a896-cbb22ce5a7fc"),
        &[("MaximumAllowedSwapUsage", "^1?[0-9]?[0-9]$")],
    ),
    mandatory("VM leases ready", uuid!("b454ae40-f767-45b1-949a-7e5bd04d83ab")),
    unit(Filter, "VmAffinityGroups", uuid!("84e6ddee-ab0d-42dd-82f0-c297779db566"), &[]),
    unit(Filter, "VmToHostsAffinityGroups", uuid!("e69808a9-8a41-40f1-94ba-dd5d385d82d8"), &[]),
    unit(Selector, "BasicWeighting", uuid!("0c89f215-9c4f-4bbb-8419-31a2d43ae7ea"), &[]),
    unit(Selector, "RankSelector", uuid!("b280e7de-5df8-401e-b004-a1414d79a687"), &[]),
    unit(Weight, "CPU and NUMA pinning compatibility", uuid!("1b14ac11-20e9-4593-a149-2eb83c60a330"), &[]),
    unit(Weight, "CPU for high performance VMs", uuid!("71931e14-f0e6-4f91-a7c8-d494a26e3a09"), &[]),
    unit(Weight, "Fit VM to single host NUMA node", uuid!("f58c1cb9-d91f-48a6-a196-c6d22fb10c4e"), &[]),
    unit(
        Weight,
        "FerrovirtPacking",
        uuid!("0c1f5a52-3d0e-4d6b-9a55-fe770b1a0003"),
        &[("VCpuToPhysicalCpuRatio", "^([0-2](\\.([0-9]+))?)$")],
    ),
    unit(Weight, "HA", uuid!("98e92667-6161-41fb-b3fa-34f820ccbc4b"), &[]),
    unit(Weight, "InClusterUpgrade", uuid!("84e6ddee-ab0d-42dd-82f0-c298889db568"), &[]),
    unit(
        Weight,
        "OptimalForCpuEvenDistribution",
        uuid!("7db4ab05-81ab-42e8-868a-aee2df483edb"),
        &[("VCpuToPhysicalCpuRatio", "^([0-2](\\.([0-9]+))?)$")],
    ),
    unit(
        Weight,
        "OptimalForCpuPowerSaving",
        uuid!("736999d0-1023-46a4-9a75-1316ed50e15b"),
        &[("HighUtilization", "^([5-9][0-9])$")],
    ),
    unit(
        Weight,
        "OptimalForEvenGuestDistribution",
        uuid!("3ba8c988-f779-42c0-90ce-caa8243edee7"),
        &[("SpmVmGrace", "^([0-9]|[1-9][0-9]+)$")],
    ),
    unit(
        Weight,
        "OptimalForHaReservation",
        uuid!("7f262d70-6cac-11e3-981f-0800200c9a66"),
        &[("ScaleDown", "(100|[1-9]|[1-9][0-9])$")],
    ),
    unit(Weight, "OptimalForMemoryEvenDistribution", uuid!("4134247a-9c58-4b9a-8593-530bb9e37c59"), &[]),
    unit(
        Weight,
        "OptimalForMemoryPowerSaving",
        uuid!("9dfe6086-646d-43b8-8eef-4d94de8472c8"),
        &[("MaxFreeMemoryForOverUtilized", "^([1-9][0-9]*)$"), ("MinFreeMemoryForUnderUtilized", "^([1-9][0-9]*)$")],
    ),
    unit(Weight, "PreferredHosts", uuid!("591cdb81-ba67-45b4-9642-e28f61a97d57"), &[]),
    unit(Weight, "VmAffinityGroups", uuid!("84e6ddee-ab0d-42dd-82f0-c297779db567"), &[]),
    unit(Weight, "VmToHostsAffinityGroups", uuid!("427aed70-dae3-48ba-8fe9-a902a9d563c8"), &[]),
];

/// The unit of this kind with this name. Some names stand for a filter and for a weight.
#[must_use]
pub fn named(kind: UnitKind, name: &str) -> Option<&'static PolicyUnit> {
    POLICY_UNITS.iter().find(|unit| unit.kind == kind && unit.name == name)
}

/// The unit with this id.
#[must_use]
pub fn policy_unit(id: Uuid) -> Option<&'static PolicyUnit> {
    POLICY_UNITS.iter().find(|unit| unit.id == id)
}
