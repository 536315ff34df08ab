//! How a live migration goes: bandwidth, and what is done when the guest writes faster than the network carries.
//!
//! The VM's own wishes come first, then its cluster's, then the policy's.

use ferrovirt_hostapi::ConvergenceStep;
use ferrovirt_model::catalogue::cluster_levels::ClusterLevel;
use ferrovirt_model::catalogue::migration_policies::{self, ConvergenceAction, MINIMAL_DOWNTIME, MigrationPolicy};
use ferrovirt_model::cluster::Cluster;
use ferrovirt_model::vm::{MigrationOptions, Vm};

use crate::{GIB, MIB};

/// Seconds that a migration may take for each GiB of memory before it counts as hopeless. The figure is oVirt's.
const SECONDS_FOR_A_GIB: u64 = 64;
/// Seconds that any migration may take.
const LEAST_SECONDS: u64 = 120;

/// How one migration goes.
#[derive(Clone, Debug, PartialEq)]
pub struct MigrationPlan {
    /// MiB in a second; 0: the hypervisor's own limit.
    pub bandwidth_mib_per_second: u64,
    /// Slow the guest down when it writes too fast.
    pub auto_converge: bool,
    /// Compress memory on the wire.
    pub compressed: bool,
    /// Encrypt the wire.
    pub encrypted: bool,
    /// Whether the last resort is to let the guest run on the target before its memory is there.
    pub post_copy: bool,
    /// Connections side by side; 0: one, of the ordinary kind.
    pub parallel_connections: u32,
    /// What is done after how many rounds without progress.
    pub convergence: Vec<ConvergenceStep>,
    /// After this the migration is given up.
    pub timeout_seconds: u32,
    /// How many migrations each of the two hosts may have under way.
    pub max_concurrent: u32,
}

/// Plans a migration. `link_bits_per_second` is the slower of the two hosts' links, where it is known.
#[must_use]
pub fn plan(vm: &Vm, cluster: &Cluster, link_bits_per_second: Option<u64>) -> MigrationPlan {
    let (own, of_cluster) = (&vm.definition.migration, &cluster.settings.migration);
    let level: ClusterLevel = vm.definition.compatibility.unwrap_or(cluster.settings.version).into();
    let policy = policy(own, of_cluster, level);
    MigrationPlan {
        bandwidth_mib_per_second: own
            .bandwidth_mib
            .or(of_cluster.bandwidth_mib)
            .unwrap_or_else(|| share_of_link(link_bits_per_second, policy.max_concurrent)),
        auto_converge: own.auto_converge.or(of_cluster.auto_converge).unwrap_or(policy.auto_converge),
        compressed: own.compressed.or(of_cluster.compressed).unwrap_or(policy.compressed),
        encrypted: own.encrypted.or(of_cluster.encrypted).unwrap_or(false),
        post_copy: policy.last.contains(&ConvergenceAction::PostCopy),
        parallel_connections: own.parallel.or(of_cluster.parallel).unwrap_or(0),
        convergence: schedule(policy),
        timeout_seconds: timeout(vm.definition.memory),
        max_concurrent: policy.max_concurrent,
    }
}

fn policy(own: &MigrationOptions, of_cluster: &MigrationOptions, level: ClusterLevel) -> &'static MigrationPolicy {
    let known = |id| migration_policies::policy(id, level);
    let wished = own.policy.and_then(known).or_else(|| of_cluster.policy.and_then(known));
    wished.or_else(|| known(MINIMAL_DOWNTIME)).unwrap_or(&migration_policies::MIGRATION_POLICIES[0])
}

/// An equal share of the link for each migration that may run at once.
fn share_of_link(bits_per_second: Option<u64>, concurrent: u32) -> u64 {
    let Some(bits) = bits_per_second.filter(|bits| *bits > 0) else { return 0 };
    (bits / 8 / MIB / u64::from(concurrent.max(1))).max(1)
}

/// The ladder of a policy: the first rung at once, the last ones one after the other behind all others.
fn schedule(policy: &MigrationPolicy) -> Vec<ConvergenceStep> {
    let mut steps = Vec::new();
    if policy.initial_downtime_ms > 0 {
        steps.push(step(0, ConvergenceAction::SetDowntime(policy.initial_downtime_ms)));
    }
    steps.extend(policy.convergence.iter().map(|item| step(item.stalls, item.action)));
    let mut stalls = policy.convergence.last().map_or(0, |item| item.stalls);
    for action in policy.last {
        stalls += 1;
        steps.push(step(stalls, *action));
    }
    steps
}

fn step(stalls: u32, action: ConvergenceAction) -> ConvergenceStep {
    let none = ConvergenceStep { stalls, downtime_ms: 0, abort: false, post_copy: false };
    match action {
        ConvergenceAction::SetDowntime(downtime_ms) => ConvergenceStep { downtime_ms, ..none },
        ConvergenceAction::PostCopy => ConvergenceStep { post_copy: true, ..none },
        ConvergenceAction::Abort => ConvergenceStep { abort: true, ..none },
    }
}

fn timeout(memory: u64) -> u32 {
    let seconds = memory.div_ceil(GIB).saturating_mul(SECONDS_FOR_A_GIB).max(LEAST_SECONDS);
    u32::try_from(seconds).unwrap_or(u32::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::platform::tests::{cluster, vm};

    fn rungs(plan: &MigrationPlan) -> String {
        let rung = |step: &ConvergenceStep| match step {
            ConvergenceStep { abort: true, stalls, .. } => format!("{stalls}:abort"),
            ConvergenceStep { post_copy: true, stalls, .. } => format!("{stalls}:post-copy"),
            ConvergenceStep { stalls, downtime_ms, .. } => format!("{stalls}:{downtime_ms}"),
        };
        plan.convergence.iter().map(rung).collect::<Vec<_>>().join(" ")
    }

    #[test]
    fn the_default_allows_half_a_second_and_then_gives_up() {
        let plan = plan(&vm(), &cluster(), Some(10_000_000_000));
        assert_eq!(rungs(&plan), "0:100 1:150 2:200 3:300 4:400 6:500 7:abort");
        assert_eq!(plan.bandwidth_mib_per_second, 596, "half of 10 Gbit/s");
        assert!(plan.auto_converge && !plan.compressed && !plan.post_copy);
        assert_eq!(plan.timeout_seconds, 120);
    }

    #[test]
    fn the_vms_wishes_go_before_the_clusters() {
        let (mut vm, mut cluster) = (vm(), cluster());
        cluster.settings.migration.policy = "a7aeedb2-8d66-4e51-bb22-32595027ce71".parse().ok();
        cluster.settings.migration.bandwidth_mib = Some(10);
        assert_eq!(rungs(&plan(&vm, &cluster, None)), "0:100 1:150 2:200 3:post-copy 4:abort");
        vm.definition.migration.policy = Some(migration_policies::LEGACY);
        vm.definition.migration.auto_converge = Some(true);
        let plan = plan(&vm, &cluster, None);
        assert_eq!((rungs(&plan).as_str(), plan.bandwidth_mib_per_second, plan.auto_converge), ("", 10, true));
    }

    #[test]
    fn a_link_that_nobody_knows_sets_no_limit() {
        assert_eq!(share_of_link(None, 2), 0);
        assert_eq!(share_of_link(Some(0), 2), 0);
        assert_eq!(share_of_link(Some(1_000_000), 2), 1);
    }
}
