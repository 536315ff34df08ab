//! Decides which facts are worth a report: those that differ from what the host was told last. It keeps a fingerprint of
//! each, not the fact, so that an idle agent stays small. Ports are unknown here.

use std::collections::{BTreeMap, BTreeSet, hash_map::DefaultHasher};
use std::hash::Hasher;

use ferrovirt_guest::protocol::{Heartbeat, PROTOCOL_VERSION, Report};

use crate::gather::{self, Fact};

/// Heartbeats between two looks at the facts that nothing announces.
const SLOW_ROUND: u64 = 10;

/// What the host was told.
#[derive(Debug, Default)]
pub(crate) struct Publisher {
    sequence: u64,
    beats: u64,
    told: BTreeMap<Fact, u64>,
    package_stamp: Option<u64>,
}

impl Publisher {
    /// Gives a report its version and number.
    pub(crate) fn number(&mut self, mut report: Report) -> Report {
        self.sequence += 1;
        report.version = PROTOCOL_VERSION;
        report.sequence = self.sequence;
        report
    }

    /// All facts but the packages, for a host that has just come.
    pub(crate) fn everything(&mut self) -> Report {
        self.told.clear();
        self.package_stamp = None;
        let first = Report { hello: Some(gather::hello()), heartbeat: Some(beat()), ..Report::default() };
        let small = Fact::ALL.into_iter().filter(|fact| *fact != Fact::Packages).collect();
        let report = self.fill(first, &small);
        self.number(report)
    }

    /// The packages, which follow in a report of their own since they take longest.
    pub(crate) fn packages(&mut self) -> Report {
        let report = self.fill(Report::default(), &BTreeSet::from([Fact::Packages]));
        self.number(report)
    }

    /// Nothing but the sign of life, while file systems are frozen.
    pub(crate) fn heartbeat(&mut self) -> Report {
        self.number(Report { heartbeat: Some(beat()), ..Report::default() })
    }

    /// What of `due` truly changed, and with a heartbeat also the facts that only looking shows.
    pub(crate) fn changes(&mut self, due: &BTreeSet<Fact>, with_heartbeat: bool) -> Vec<Report> {
        let mut looked = due.clone();
        let mut report = Report::default();
        if with_heartbeat {
            self.beats += 1;
            report.heartbeat = Some(beat());
            looked.extend([Fact::Memory, Fact::Sessions, Fact::HostName]);
            if self.beats.is_multiple_of(2) {
                looked.insert(Fact::FileSystems);
            }
            if self.beats.is_multiple_of(SLOW_ROUND) {
                looked.extend(Fact::ALL);
            }
        }
        let report = self.fill(report, &looked);
        if report == Report::default() { Vec::new() } else { vec![self.number(report)] }
    }

    fn fill(&mut self, mut report: Report, facts: &BTreeSet<Fact>) -> Report {
        for fact in facts {
            if *fact == Fact::Packages && !self.packages_may_have_changed() {
                continue;
            }
            let mut alone = Report::default();
            gather::fact(*fact, &mut alone);
            let Ok(written) = serde_json::to_vec(&alone) else { continue };
            let mut hasher = DefaultHasher::new();
            hasher.write(&written);
            let print = hasher.finish();
            if self.told.insert(*fact, print) != Some(print) {
                gather::merge(&mut report, alone);
            }
        }
        report
    }

    /// Listing packages is costly; the time stamp of the package data base tells whether it is worth it.
    fn packages_may_have_changed(&mut self) -> bool {
        let stamp = gather::packages::stamp();
        let changed = self.package_stamp != Some(stamp);
        self.package_stamp = Some(stamp);
        changed
    }
}

fn beat() -> Heartbeat {
    Heartbeat { uptime_seconds: gather::uptime_seconds() }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nothing_is_told_twice() {
        let mut publisher = Publisher::default();
        let first = [publisher.everything(), publisher.packages()];
        assert!(first[0].hello.is_some() && first[0].operating_system.is_some() && first[0].memory.is_some());
        assert!(first[1].packages.is_some());
        let due = BTreeSet::from([Fact::OperatingSystem, Fact::TimeZone, Fact::Packages]);
        assert_eq!(publisher.changes(&due, false), Vec::new());
        let beat = publisher.changes(&BTreeSet::new(), true);
        assert_eq!(beat.len(), 1);
        assert!(beat[0].heartbeat.is_some() && beat[0].operating_system.is_none());
        assert!(beat[0].sequence > first[1].sequence);
    }
}
