//! What is to run together or apart: affinity groups, resolved to VMs and hosts, as the scheduler asks them.
//!
//! oVirt's meaning: a positive rule between VMs lets a VM run where one of its companions runs, and anywhere while none
//! runs; a negative one keeps it from every host that runs one. Unlike there, each group is asked by itself, so that the
//! reason can name it.

use std::collections::{BTreeSet, HashMap};
use std::sync::Arc;

use ferrovirt_model::ids::{HostId, VmId};

use super::{HostView, Reason};

/// A rule of an affinity group. A group with a rule for VMs and one for hosts makes two.
#[derive(Clone, Debug, PartialEq)]
pub struct AffinityRule {
    /// The group's name.
    pub group: Arc<str>,
    /// The larger, the more a broken soft rule counts.
    pub priority: f64,
    /// Never broken by a decision, or only weighed.
    pub hard: bool,
    /// Together, or apart.
    pub positive: bool,
    /// The VMs that it binds.
    pub vms: BTreeSet<VmId>,
    /// To what.
    pub parties: Parties,
}

/// What a rule binds VMs to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Parties {
    /// Each other.
    EachOther,
    /// These hosts.
    Hosts(BTreeSet<HostId>),
}

/// The rules of one VM against the hosts as they are now.
pub(super) struct Ties<'a> {
    /// Rules between VMs, each with how many companions each host runs.
    vms: Vec<(&'a AffinityRule, HashMap<HostId, usize>)>,
    hosts: Vec<(&'a AffinityRule, &'a BTreeSet<HostId>)>,
}

impl<'a> Ties<'a> {
    pub(super) fn of(rules: &'a [AffinityRule], vm: VmId, hosts: &[&HostView]) -> Self {
        let mut ties = Self { vms: Vec::new(), hosts: Vec::new() };
        for rule in rules.iter().filter(|rule| rule.vms.contains(&vm)) {
            match &rule.parties {
                Parties::Hosts(named) => ties.hosts.push((rule, named)),
                Parties::EachOther => ties.vms.push((rule, HashMap::new())),
            }
        }
        if ties.vms.is_empty() {
            return ties;
        }
        for host in hosts {
            for load in &host.loads {
                for (rule, companions) in &mut ties.vms {
                    if load.vm != vm && rule.vms.contains(&load.vm) {
                        *companions.entry(host.id).or_default() += 1;
                    }
                }
            }
        }
        ties
    }

    /// The first hard rule between VMs that running there would break.
    pub(super) fn vm_refusal(&self, host: HostId) -> Option<Reason> {
        self.vms.iter().filter(|(rule, _)| rule.hard).find_map(|(rule, companions)| {
            let here = companions.contains_key(&host);
            match rule.positive {
                true if !here && !companions.is_empty() => Some(Reason::Together(Arc::clone(&rule.group))),
                false if here => Some(Reason::Apart(Arc::clone(&rule.group))),
                _ => None,
            }
        })
    }

    /// The first hard rule between VMs and hosts that running there would break.
    pub(super) fn host_refusal(&self, host: HostId) -> Option<Reason> {
        self.hosts.iter().filter(|(rule, _)| rule.hard).find_map(|(rule, hosts)| {
            match (rule.positive, hosts.contains(&host)) {
                (true, false) => Some(Reason::OtherHosts(Arc::clone(&rule.group))),
                (false, true) => Some(Reason::NotHere(Arc::clone(&rule.group))),
                _ => None,
            }
        })
    }

    /// How much of the rules between VMs would be broken: a companion elsewhere of a positive rule once, each companion
    /// here of a negative one, weighed by priority.
    pub(super) fn vm_violations(&self, host: HostId) -> f64 {
        let broken = self.vms.iter().map(|(rule, companions)| {
            let here = companions.get(&host).copied().unwrap_or(0);
            let times = match rule.positive {
                true => usize::from(here == 0 && !companions.is_empty()),
                false => here,
            };
            times as f64 * weight(rule)
        });
        broken.sum()
    }

    /// How many rules between VMs and hosts would be broken, weighed by priority.
    pub(super) fn host_violations(&self, host: HostId) -> f64 {
        let broken = self.hosts.iter().filter(|(rule, hosts)| rule.positive != hosts.contains(&host));
        broken.map(|(rule, _)| weight(rule)).sum()
    }
}

fn weight(rule: &AffinityRule) -> f64 {
    1.0 + rule.priority.max(0.0)
}
