//! Everything a guest has said about itself, folded from its reports. It knows no clock and no wire.

use crate::protocol::{
    Disks, FileSystems, Heartbeat, Hello, HostName, Memory, Network, OperatingSystem, Packages, Report, Sessions,
    TimeZone,
};

/// What a report changed.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Change {
    /// A fact that an engine stores has a new value (heartbeat, memory and disk use are statistics and do not count).
    pub facts: bool,
    /// A statistic (memory, use of file systems) has a new value.
    pub statistics: bool,
    /// The guest's agent was started again, or the guest was.
    pub restarted: bool,
}

/// The newest value of each fact; `None` until the guest has said it.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Facts {
    pub sequence: u64,
    pub hello: Option<Hello>,
    pub heartbeat: Option<Heartbeat>,
    pub host_name: Option<HostName>,
    pub operating_system: Option<OperatingSystem>,
    pub time_zone: Option<TimeZone>,
    pub network: Option<Network>,
    pub sessions: Option<Sessions>,
    pub memory: Option<Memory>,
    pub file_systems: Option<FileSystems>,
    pub disks: Option<Disks>,
    pub packages: Option<Packages>,
}

fn renew<T: PartialEq>(held: &mut Option<T>, said: Option<T>) -> bool {
    if said.is_none() || *held == said {
        return false;
    }
    *held = said;
    true
}

impl Facts {
    /// Folds a report in.
    pub fn absorb(&mut self, report: Report) -> Change {
        let rebooted = match (&self.hello, &report.hello) {
            (Some(old), Some(new)) => old.boot_id != new.boot_id,
            _ => false,
        };
        let restarted = rebooted || report.sequence < self.sequence;
        self.sequence = report.sequence;
        renew(&mut self.heartbeat, report.heartbeat);
        let memory = renew(&mut self.memory, report.memory);
        let file_systems = renew(&mut self.file_systems, report.file_systems);
        let changed = [
            renew(&mut self.hello, report.hello),
            renew(&mut self.host_name, report.host_name),
            renew(&mut self.operating_system, report.operating_system),
            renew(&mut self.time_zone, report.time_zone),
            renew(&mut self.network, report.network),
            renew(&mut self.sessions, report.sessions),
            renew(&mut self.disks, report.disks),
            renew(&mut self.packages, report.packages),
        ];
        Change { facts: changed.contains(&true), statistics: memory || file_systems, restarted }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_report_changes_only_what_it_names() {
        let mut facts = Facts::default();
        let name = HostName { host_name: "web".into(), fqdn: "web.example.org".into() };
        let first = Report { version: 1, sequence: 1, host_name: Some(name.clone()), ..Report::default() };
        assert!(facts.absorb(first.clone()).facts);
        assert_eq!(facts.absorb(Report { sequence: 2, ..first }), Change::default());
        let memory = Memory { total: 5, ..Memory::default() };
        let change = facts.absorb(Report { version: 1, sequence: 3, memory: Some(memory), ..Report::default() });
        assert_eq!(change, Change { facts: false, statistics: true, restarted: false });
        assert_eq!(facts.host_name, Some(name));
    }

    #[test]
    fn a_smaller_number_or_another_boot_is_a_restart() {
        let mut facts = Facts { sequence: 9, ..Facts::default() };
        assert!(facts.absorb(Report { sequence: 1, ..Report::default() }).restarted);
        let hello = |boot: &str| Some(Hello { agent_version: "1".into(), boot_id: boot.into() });
        facts.absorb(Report { sequence: 2, hello: hello("a"), ..Report::default() });
        assert!(!facts.absorb(Report { sequence: 3, hello: hello("a"), ..Report::default() }).restarted);
        assert!(facts.absorb(Report { sequence: 4, hello: hello("b"), ..Report::default() }).restarted);
    }
}
