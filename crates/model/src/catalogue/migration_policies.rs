//! Migration policies: how hard a live migration tries, and what it does when the guest writes faster than the network
//! carries. Downtimes are milliseconds.

use uuid::{Uuid, uuid};

use super::cluster_levels::ClusterLevel;

/// What is done to make a migration end.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ConvergenceAction {
    /// Allow the guest to stand still for so many milliseconds.
    SetDowntime(u32),
    /// Let the guest run on the target and fetch its memory from there.
    PostCopy,
    /// Give up.
    Abort,
}

/// One rung of the ladder.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ConvergenceItem {
    /// After how many rounds without progress it is taken.
    pub stalls: u32,
    /// What is done then.
    pub action: ConvergenceAction,
}

/// A migration policy.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct MigrationPolicy {
    /// Its fixed id.
    pub id: Uuid,
    /// The name that people read.
    pub name: &'static str,
    /// What it is for, a sentence.
    pub description: &'static str,
    /// The level from which clusters may have it.
    pub since: ClusterLevel,
    /// How many migrations a host may have under way in one direction.
    pub max_concurrent: u32,
    /// Whether the guest's CPUs are slowed down when it writes too fast.
    pub auto_converge: bool,
    /// Whether memory is compressed on the wire.
    pub compressed: bool,
    /// Whether the guest is told before and after.
    pub guest_events: bool,
    /// Whether memory is sent without copying.
    pub zero_copy: bool,
    /// The downtime that is allowed from the start; 0 leaves the host's default.
    pub initial_downtime_ms: u32,
    /// What is done while it stalls, by number of stalls.
    pub convergence: &'static [ConvergenceItem],
    /// What is done when nothing helped, in order.
    pub last: &'static [ConvergenceAction],
}

use ConvergenceAction::{Abort, PostCopy, SetDowntime};

const fn item(stalls: u32, downtime_ms: u32) -> ConvergenceItem {
    ConvergenceItem { stalls, action: SetDowntime(downtime_ms) }
}

/// No policy of ours: the host's defaults.
pub const LEGACY: Uuid = Uuid::nil();
/// The policy of new clusters.
pub const MINIMAL_DOWNTIME: Uuid = uuid!("80554327-0569-496b-bdeb-fcbbf52b827b");

const BASE: MigrationPolicy = MigrationPolicy {
    id: LEGACY,
    name: "Legacy",
    description: "Keeps to the defaults of the host.",
    since: ClusterLevel::new(4, 2),
    max_concurrent: 2,
    auto_converge: false,
    compressed: false,
    guest_events: false,
    zero_copy: false,
    initial_downtime_ms: 0,
    convergence: &[],
    last: &[],
};

const PATIENT: &[ConvergenceItem] = &[item(1, 150), item(2, 200), item(3, 300), item(4, 400), item(6, 500)];

/// Every migration policy.
pub const MIGRATION_POLICIES: &[MigrationPolicy] = &[
    BASE,
    MigrationPolicy {
        id: MINIMAL_DOWNTIME,
        name: "Minimal downtime",
        description: "Stands still for half a second at most, and gives up where that is not enough.",
        auto_converge: true,
        guest_events: true,
        initial_downtime_ms: 100,
        convergence: PATIENT,
        last: &[Abort],
        ..BASE
    },
    MigrationPolicy {
        id: uuid!("80554327-0569-496b-bdeb-fcbbf52b827c"),
        name: "Suspend workload if needed",
        description: "Gets nearly every machine across, and stands still for seconds where it must.",
        max_concurrent: 1,
        auto_converge: true,
        compressed: true,
        guest_events: true,
        initial_downtime_ms: 100,
        convergence: PATIENT,
        last: &[SetDowntime(5000), Abort],
        ..BASE
    },
    MigrationPolicy {
        id: uuid!("a7aeedb2-8d66-4e51-bb22-32595027ce71"),
        name: "Post-copy migration",
        description: "Lets the machine run on the target before its memory is there, where it stalls. A network failure \
                      then loses the machine.",
        auto_converge: true,
        guest_events: true,
        initial_downtime_ms: 100,
        convergence: &[item(1, 150), item(2, 200)],
        last: &[PostCopy, Abort],
        ..BASE
    },
    MigrationPolicy {
        id: uuid!("57237b82-b8c2-425f-b425-114b35219626"),
        name: "Very large VMs",
        description: "For machines with very much memory: one at a time, sent without copying.",
        since: ClusterLevel::new(4, 7),
        max_concurrent: 1,
        auto_converge: true,
        guest_events: true,
        zero_copy: true,
        initial_downtime_ms: 300,
        convergence: &[item(1, 400), item(2, 500), item(3, 700), item(4, 1000), item(6, 1500)],
        last: &[SetDowntime(5000), Abort],
        ..BASE
    },
];

/// The policy with this id, if clusters of the level may have it.
#[must_use]
pub fn policy(id: Uuid, level: ClusterLevel) -> Option<&'static MigrationPolicy> {
    at_level(level).find(|policy| policy.id == id)
}

/// The policies that clusters of a level may have.
pub fn at_level(level: ClusterLevel) -> impl Iterator<Item = &'static MigrationPolicy> {
    MIGRATION_POLICIES.iter().filter(move |policy| policy.since <= level)
}

/// The policies of a level as the option `MigrationPolicies` shows them.
#[must_use]
pub fn as_json(level: ClusterLevel) -> String {
    let own = at_level(level).filter(|policy| policy.id != LEGACY);
    let policies: Vec<_> = own.map(|policy| {
        let items: Vec<_> = policy.convergence.iter().map(|item| {
            format!(r#"{{"stallingLimit":{},"convergenceItem":{}}}"#, item.stalls, action_json(item.action))
        }).collect();
        let last: Vec<_> = policy.last.iter().map(|action| action_json(*action)).collect();
        format!(
            r#"{{"id":{{"uuid":"{}"}},"maxMigrations":{},"autoConvergence":{},"migrationCompression":{},"enableGuestEvents":{},"zeroCopy":{},"name":"{}","description":"{}","config":{{"convergenceItems":[{}],"initialItems":[{}],"lastItems":[{}]}}}}"#,
            policy.id, policy.max_concurrent, policy.auto_converge, policy.compressed, policy.guest_events,
            policy.zero_copy, policy.name, policy.description, items.join(","),
            action_json(SetDowntime(policy.initial_downtime_ms)), last.join(","),
        )
    }).collect();
    format!("[{}]", policies.join(","))
}

fn action_json(action: ConvergenceAction) -> String {
    match action {
        SetDowntime(ms) => format!(r#"{{"action":"setDowntime","params":["{ms}"]}}"#),
        PostCopy => r#"{"action":"postcopy","params":[]}"#.to_owned(),
        Abort => r#"{"action":"abort","params":[]}"#.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_option_is_json_with_the_policies_of_its_level() {
        let count = |level| {
            let list: serde_json::Value = serde_json::from_str(&as_json(level)).expect("JSON");
            list.as_array().map(Vec::len)
        };
        assert_eq!(count(ClusterLevel::new(4, 2)), Some(3));
        assert_eq!(count(ClusterLevel::LATEST), Some(4));
    }

    #[test]
    fn downtimes_only_grow() {
        for policy in MIGRATION_POLICIES {
            let mut downtime = policy.initial_downtime_ms;
            for item in policy.convergence {
                if let SetDowntime(next) = item.action {
                    assert!(next > downtime, "{}", policy.name);
                    downtime = next;
                }
            }
        }
    }
}
