//! A scheduling policy that can be run: which filters are asked in which order, which weights count how much, who
//! balances, and the values of their parameters.
//!
//! Names, ids and meanings of the units are oVirt's (package `bll.scheduling.policyunits` of its engine); the catalogue
//! stands in [`ferrovirt_model::catalogue`]. A unit whose facts are not known to Ferrovirt yet takes part and lets every
//! host pass: [`FilterUnit::idle`] and [`WeightUnit::idle`] say so, and why.

use std::collections::BTreeMap;

use ferrovirt_model::catalogue::policies::{self, BUILT_IN_POLICIES, BuiltInPolicy};
use ferrovirt_model::catalogue::policy_units::{POLICY_UNITS, PolicyUnit, UnitKind, named, policy_unit};
use serde::{Deserialize, Serialize};
use uuid::Uuid;

/// Declares the units of one kind with their oVirt names.
macro_rules! units {
    ($(#[$about:meta])* $kind:ident, $unit_kind:expr, { $($(#[$doc:meta])* $unit:ident = $name:literal,)* }) => {
        $(#[$about])*
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
        pub enum $kind {
            $($(#[$doc])* $unit,)*
        }

        impl $kind {
            /// Every unit of this kind.
            pub const ALL: &[Self] = &[$(Self::$unit,)*];

            /// The name on the wire.
            #[must_use]
            pub fn name(self) -> &'static str {
                match self { $(Self::$unit => $name,)* }
            }

            /// The unit with this name.
            #[must_use]
            pub fn parse(name: &str) -> Option<Self> {
                match name { $($name => Some(Self::$unit),)* _ => None }
            }

            /// Its entry in the catalogue.
            #[must_use]
            pub fn entry(self) -> Option<&'static PolicyUnit> {
                named($unit_kind, self.name())
            }
        }
    };
}

units!(
    /// A unit that rules hosts out.
    FilterUnit, UnitKind::Filter, {
        /// The host has as many CPUs as the VM.
        Cpu = "CPU",
        /// The host's CPU offers the cluster's type, or the VM's own model.
        CpuLevel = "CPU-Level",
        /// The host has not been loaded above `HighUtilization` for `CpuOverCommitDurationMinutes`.
        CpuOverloaded = "CPUOverloaded",
        /// A VM that is resized to its host finds the sockets and cores.
        CpuTopology = "CPUTopology",
        /// In a cluster under maintenance only highly available VMs start; others may only move.
        ClusterInMaintenance = "ClusterInMaintenance",
        /// The host can run VMs of the level.
        CompatibilityVersion = "Compatibility-Version",
        /// The CPUs that the VM is pinned to exist.
        CpuPinning = "CpuPinning",
        /// The host offers the VM's machine type.
        EmulatedMachine = "Emulated-Machine",
        /// Hosts of the self-hosted engine.
        HostedEngine = "HA",
        /// Hooks that the VM asks for are there.
        HostHooks = "Host-hooks",
        /// Host devices of the VM are there.
        HostDevice = "HostDevice",
        /// Room is kept for the self-hosted engine.
        HostedEngineSpares = "HostedEngineSpares",
        /// Huge pages are free.
        HugePages = "HugePages",
        /// No move back to an older system while a cluster is upgraded.
        InClusterUpgrade = "InClusterUpgrade",
        /// Mediated devices are there.
        MediatedDevice = "MDevice",
        /// Memory may be promised, and is free.
        Memory = "Memory",
        /// A VM does not move to where it is.
        Migration = "Migration",
        /// The frequency of the time stamp counter is kept.
        TscFrequency = "Migration-Tsc-Frequency",
        /// Virtual NUMA nodes fit.
        Numa = "NUMA",
        /// The host has the networks of the VM.
        Network = "Network",
        /// The VM may run on the host.
        PinToHost = "PinToHost",
        /// No more than `MaximumAllowedSwapUsage` percent of swap are used.
        Swap = "Swap",
        /// The storage domains of leases are ready.
        LeasesReady = "VM leases ready",
        /// Hard rules between VMs.
        VmAffinity = "VmAffinityGroups",
        /// Hard rules between VMs and hosts.
        HostAffinity = "VmToHostsAffinityGroups",
    }
);

units!(
    /// A unit that ranks hosts.
    WeightUnit, UnitKind::Weight, {
        /// Pinned CPUs and NUMA nodes fit.
        PinningCompatibility = "CPU and NUMA pinning compatibility",
        /// The sockets of a VM of high performance fit.
        HighPerformanceCpu = "CPU for high performance VMs",
        /// One NUMA node holds the VM.
        SingleNumaNode = "Fit VM to single host NUMA node",
        /// Our own: hosts in use first, then where the fewest places for large VMs are lost, then the tightest.
        Packing = "FerrovirtPacking",
        /// Hosts of the self-hosted engine.
        HostedEngine = "HA",
        /// The newest system first.
        InClusterUpgrade = "InClusterUpgrade",
        /// The least CPU load.
        CpuEven = "OptimalForCpuEvenDistribution",
        /// The most CPU load below `HighUtilization`.
        CpuSaving = "OptimalForCpuPowerSaving",
        /// The fewest VMs.
        GuestsEven = "OptimalForEvenGuestDistribution",
        /// The fewest highly available VMs.
        HaReservation = "OptimalForHaReservation",
        /// The most memory left.
        MemoryEven = "OptimalForMemoryEvenDistribution",
        /// The least memory left.
        MemorySaving = "OptimalForMemoryPowerSaving",
        /// Hosts that the VM prefers.
        PreferredHosts = "PreferredHosts",
        /// Rules between VMs.
        VmAffinity = "VmAffinityGroups",
        /// Rules between VMs and hosts.
        HostAffinity = "VmToHostsAffinityGroups",
    }
);

units!(
    /// A unit that moves VMs.
    BalancerUnit, UnitKind::Balancer, {
        /// Nobody does.
        None = "None",
        /// oVirt's even distribution.
        Even = "OptimalForEvenDistribution",
        /// oVirt's even distribution of guests.
        EvenGuests = "OptimalForEvenGuestDistribution",
        /// oVirt's power saving.
        PowerSaving = "OptimalForPowerSaving",
        /// Our own: several moves at once, each worth its cost.
        FerrovirtBalanced = "FerrovirtBalanced",
        /// Our own: the fewest hosts that carry the load without overload.
        FerrovirtSaving = "FerrovirtSaving",
    }
);

units!(
    /// A unit that joins what the weights say.
    SelectorUnit, UnitKind::Selector, {
        /// The sum of the numbers.
        Basic = "BasicWeighting",
        /// The sum of the ranks.
        Rank = "RankSelector",
    }
);

const NO_HOSTED_ENGINE: &str = "there is no self-hosted engine yet";

impl FilterUnit {
    /// Why the unit lets every host pass, where it does: facts that are not known yet.
    #[must_use]
    pub fn idle(self) -> Option<&'static str> {
        match self {
            Self::HostedEngine | Self::HostedEngineSpares => Some(NO_HOSTED_ENGINE),
            Self::CpuTopology => Some("VMs are not resized to their host yet"),
            Self::HostHooks => Some("hosts do not tell their hooks yet"),
            Self::HostDevice | Self::MediatedDevice => Some("VMs have no host devices yet"),
            Self::HugePages => Some("hosts do not tell their huge pages yet"),
            Self::Numa => Some("VMs have no virtual NUMA nodes yet"),
            Self::TscFrequency => Some("hosts do not tell the frequency of their counter yet"),
            Self::LeasesReady => Some("VMs have no leases yet"),
            Self::CompatibilityVersion => Some("every host agent runs every level"),
            _ => None,
        }
    }
}

impl WeightUnit {
    /// Why the unit ranks every host alike, where it does: facts that are not known yet.
    #[must_use]
    pub fn idle(self) -> Option<&'static str> {
        match self {
            Self::HostedEngine => Some(NO_HOSTED_ENGINE),
            Self::PinningCompatibility => Some("VMs have no virtual NUMA nodes yet"),
            _ => None,
        }
    }
}

/// The values of the units' parameters by their oVirt names; what is not set has oVirt's default.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Parameters(pub BTreeMap<String, String>);

impl Parameters {
    fn number<T: std::str::FromStr>(&self, name: &str) -> Option<T> {
        self.0.get(name)?.parse().ok()
    }

    /// Percent of a host's CPUs above which it is overloaded. oVirt's default is 80.
    #[must_use]
    pub fn high_utilization(&self) -> f64 {
        self.number("HighUtilization").unwrap_or(80.0)
    }

    /// Percent of a host's CPUs below which it is hardly used. oVirt's default is 0 (`LowUtilizationForEvenlyDistribute`).
    #[must_use]
    pub fn low_utilization(&self) -> f64 {
        self.number("LowUtilization").unwrap_or(0.0)
    }

    /// Minutes of overload before it counts. oVirt's default is 2.
    #[must_use]
    pub fn overload_minutes(&self) -> u32 {
        self.number("CpuOverCommitDurationMinutes").unwrap_or(2)
    }

    /// Virtual CPUs for each physical one above which a host is shunned; 0, and nothing, are no bound.
    #[must_use]
    pub fn cpu_ratio(&self) -> Option<f64> {
        self.number("VCpuToPhysicalCpuRatio").filter(|ratio| *ratio > 0.0)
    }

    /// MiB of schedulable memory below which a host is overloaded: oVirt's `MaxFreeMemoryForOverUtilized`.
    #[must_use]
    pub fn overloaded_below_mib(&self) -> Option<u64> {
        self.number("MaxFreeMemoryForOverUtilized")
    }

    /// MiB of schedulable memory above which a host is hardly used: oVirt's `MinFreeMemoryForUnderUtilized`.
    #[must_use]
    pub fn unused_above_mib(&self) -> Option<u64> {
        self.number("MinFreeMemoryForUnderUtilized")
    }

    /// Percent of swap that may be in use.
    #[must_use]
    pub fn swap_percent(&self) -> Option<u64> {
        self.number("MaximumAllowedSwapUsage")
    }

    /// What the share of highly available VMs is divided by. oVirt's default is 1.
    #[must_use]
    pub fn scale_down(&self) -> f64 {
        self.number("ScaleDown").unwrap_or(1.0_f64).max(1.0)
    }

    /// VMs on a host from which its guests are balanced. oVirt's default is 10.
    #[must_use]
    pub fn high_vm_count(&self) -> usize {
        self.number("HighVmCount").unwrap_or(10)
    }

    /// VMs by which the fullest host must exceed the emptiest. oVirt's default is 5.
    #[must_use]
    pub fn migration_threshold(&self) -> usize {
        self.number("MigrationThreshold").unwrap_or(5)
    }

    /// Empty hosts that stay on. oVirt's default is 0.
    #[must_use]
    pub fn hosts_in_reserve(&self) -> usize {
        self.number("HostsInReserve").unwrap_or(0)
    }

    /// Whether hosts are switched off and on. oVirt's default is false.
    #[must_use]
    pub fn power_management(&self) -> bool {
        self.0.get("EnableAutomaticHostPowerManagement").is_some_and(|value| value == "true")
    }
}

/// A policy, ready to decide.
#[derive(Clone, Debug, PartialEq)]
pub struct Policy {
    /// Its name, for explanations.
    pub name: String,
    /// In the order in which they are asked; each once.
    pub filters: Vec<FilterUnit>,
    /// With their factors; what has factor 0 has no say.
    pub weights: Vec<(WeightUnit, u32)>,
    /// Who moves VMs.
    pub balancer: BalancerUnit,
    /// How the weights are joined.
    pub selector: SelectorUnit,
    /// Values of parameters.
    pub parameters: Parameters,
}

/// A policy names something that does not exist.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum UnknownUnit {
    /// No unit has this id.
    #[error("no policy unit has the id {0}")]
    Id(Uuid),
    /// The unit is of another kind than its use.
    #[error("policy unit {0} can't be used like this")]
    Kind(&'static str),
}

/// What a policy consists of, by ids of units.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Parts<'a> {
    /// The name.
    pub name: &'a str,
    /// Filters with their positions: -1 first, 0 anywhere, 1 last.
    pub filters: Vec<(Uuid, i32)>,
    /// Weights with their factors.
    pub weights: Vec<(Uuid, u32)>,
    /// The balancer; nothing is none.
    pub balancer: Option<Uuid>,
    /// The selector; nothing is the sum of ranks.
    pub selector: Option<Uuid>,
}

impl Policy {
    /// Puts a policy together. Filters that are mandatory are added where they are not named.
    ///
    /// # Errors
    /// [`UnknownUnit`] for an id of no unit, or of a unit of another kind.
    pub fn new(parts: Parts<'_>, parameters: BTreeMap<String, String>) -> Result<Self, UnknownUnit> {
        let mut positioned = Vec::with_capacity(parts.filters.len());
        for (id, position) in &parts.filters {
            positioned.push((*position, of(*id, FilterUnit::parse, UnitKind::Filter)?));
        }
        positioned.sort_by_key(|(position, _)| *position);
        let mut filters: Vec<FilterUnit> = mandatory().collect();
        for (_, unit) in positioned {
            if !filters.contains(&unit) {
                filters.push(unit);
            }
        }
        let mut weights = Vec::with_capacity(parts.weights.len());
        for (id, factor) in &parts.weights {
            weights.push((of(*id, WeightUnit::parse, UnitKind::Weight)?, *factor));
        }
        let balancer = parts.balancer.map(|id| of(id, BalancerUnit::parse, UnitKind::Balancer)).transpose()?;
        let selector = parts.selector.map(|id| of(id, SelectorUnit::parse, UnitKind::Selector)).transpose()?;
        Ok(Self {
            name: parts.name.to_owned(),
            filters,
            weights,
            balancer: balancer.unwrap_or(BalancerUnit::None),
            selector: selector.unwrap_or(SelectorUnit::Rank),
            parameters: Parameters(parameters),
        })
    }

    /// A built-in policy, with values of a cluster's own over the policy's.
    #[must_use]
    pub fn built_in(policy: &BuiltInPolicy, own: &BTreeMap<String, String>) -> Self {
        let filters = policy.filters.iter().filter_map(|(name, place)| Some((*place, FilterUnit::parse(name)?)));
        let mut positioned: Vec<_> = filters.collect();
        positioned.sort_by_key(|(position, _)| *position);
        let mut parameters: BTreeMap<String, String> =
            policy.properties.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect();
        parameters.extend(own.clone());
        Self {
            name: policy.name.to_owned(),
            filters: mandatory().chain(positioned.into_iter().map(|(_, unit)| unit)).collect(),
            weights: policy
                .weights
                .iter()
                .filter_map(|(name, factor)| Some((WeightUnit::parse(name)?, *factor)))
                .collect(),
            balancer: BalancerUnit::parse(policy.balancer).unwrap_or(BalancerUnit::None),
            selector: SelectorUnit::parse(policy.selector).unwrap_or(SelectorUnit::Rank),
            parameters: Parameters(parameters),
        }
    }

    /// oVirt's `none`, the policy of clusters that chose no other.
    #[must_use]
    pub fn fallback() -> Self {
        let none = BUILT_IN_POLICIES.iter().find(|policy| policy.id == policies::NONE);
        none.map_or_else(
            || Self {
                name: String::new(),
                filters: mandatory().collect(),
                weights: Vec::new(),
                balancer: BalancerUnit::None,
                selector: SelectorUnit::Rank,
                parameters: Parameters::default(),
            },
            |policy| Self::built_in(policy, &BTreeMap::new()),
        )
    }

    /// The built-in policy with this name and no values of its own.
    #[must_use]
    pub fn named(name: &str) -> Option<Self> {
        let policy = BUILT_IN_POLICIES.iter().find(|policy| policy.name == name)?;
        Some(Self::built_in(policy, &BTreeMap::new()))
    }
}

fn of<T>(id: Uuid, parse: fn(&str) -> Option<T>, kind: UnitKind) -> Result<T, UnknownUnit> {
    let unit = policy_unit(id).ok_or(UnknownUnit::Id(id))?;
    (unit.kind == kind).then(|| parse(unit.name)).flatten().ok_or(UnknownUnit::Kind(unit.name))
}

/// The filters that every policy asks, cheapest first.
fn mandatory() -> impl Iterator<Item = FilterUnit> {
    POLICY_UNITS.iter().filter(|unit| unit.mandatory).filter_map(|unit| FilterUnit::parse(unit.name))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_unit_of_the_catalogue_is_known_and_the_other_way_round() {
        for unit in POLICY_UNITS {
            let known = match unit.kind {
                UnitKind::Filter => FilterUnit::parse(unit.name).is_some(),
                UnitKind::Weight => WeightUnit::parse(unit.name).is_some(),
                UnitKind::Balancer => BalancerUnit::parse(unit.name).is_some(),
                UnitKind::Selector => SelectorUnit::parse(unit.name).is_some(),
            };
            assert!(known, "{:?} {}", unit.kind, unit.name);
        }
        assert!(FilterUnit::ALL.iter().all(|unit| unit.entry().is_some()));
        assert!(WeightUnit::ALL.iter().all(|unit| unit.entry().is_some()));
        assert!(BalancerUnit::ALL.iter().all(|unit| unit.entry().is_some()));
        assert!(SelectorUnit::ALL.iter().all(|unit| unit.entry().is_some()));
        assert_eq!(FilterUnit::ALL.len(), 25);
    }

    #[test]
    fn built_in_policies_keep_all_their_units() {
        for policy in BUILT_IN_POLICIES {
            let runnable = Policy::built_in(policy, &BTreeMap::new());
            assert_eq!(runnable.filters.len(), policy.filters.len() + mandatory().count(), "{}", policy.name);
            assert_eq!(runnable.weights.len(), policy.weights.len(), "{}", policy.name);
            assert_eq!(runnable.balancer.name(), policy.balancer);
        }
    }

    #[test]
    fn positions_order_filters_and_strangers_are_refused() {
        let id = |unit: FilterUnit| unit.entry().map(|entry| entry.id).expect("it is in the catalogue");
        let parts = Parts {
            name: "own",
            filters: vec![(id(FilterUnit::Swap), 1), (id(FilterUnit::Memory), 0), (id(FilterUnit::Cpu), -1)],
            ..Parts::default()
        };
        let policy = Policy::new(parts, BTreeMap::new()).expect("all are filters");
        let optional: Vec<_> =
            policy.filters.iter().copied().filter(|unit| !mandatory().any(|one| one == *unit)).collect();
        assert_eq!(optional, [FilterUnit::Cpu, FilterUnit::Memory, FilterUnit::Swap]);
        let stranger = Parts { filters: vec![(Uuid::nil(), 0)], ..Parts::default() };
        assert_eq!(Policy::new(stranger, BTreeMap::new()), Err(UnknownUnit::Id(Uuid::nil())));
        let misused = Parts { weights: vec![(id(FilterUnit::Cpu), 1)], ..Parts::default() };
        assert_eq!(Policy::new(misused, BTreeMap::new()), Err(UnknownUnit::Kind("CPU")));
    }

    #[test]
    fn values_of_the_cluster_go_before_the_policys() {
        let policy = BUILT_IN_POLICIES.iter().find(|policy| policy.name == "power_saving").expect("it is built in");
        let own = BTreeMap::from([("HighUtilization".to_owned(), "70".to_owned())]);
        let runnable = Policy::built_in(policy, &own);
        assert_eq!((runnable.parameters.high_utilization(), runnable.parameters.low_utilization()), (70.0, 20.0));
        assert!(!runnable.parameters.power_management());
    }
}
