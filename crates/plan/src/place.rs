//! Which host runs a VM: filters say which hosts can't and why, weights rank the rest.
//!
//! A filter never overrides policy, and the reason of each refused host is kept for the user to read ([`Explanation`]).
//! Which units are asked, and how much each weight counts, is the cluster's [`Policy`]. Units and their rules follow
//! oVirt's scheduler.

mod explain;
mod filters;
mod host;
mod ranks;
mod reason;
mod request;
mod rules;
#[cfg(test)]
mod tests;
mod weights;

use std::cmp::Reverse;

use ferrovirt_model::ids::HostId;
use ferrovirt_model::refusal::Refusal;

pub use explain::{Explanation, HostVerdict, WeightShare};
pub use filters::Rule;
pub use host::{HOST_RESERVE, HostView, Load, Loads, OVERHEAD, Offer, VCPU_CONSUMPTION_PERCENT};
pub use ranks::{Ranks, Score};
pub use reason::Reason;
pub use request::Request;
pub use rules::{AffinityRule, Parties};

use crate::policy::Policy;

/// What is known of all hosts that might be asked.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Snapshot {
    /// The hosts, in any order.
    pub hosts: Vec<HostView>,
    /// What is to run together or apart. Rules that do not name the VM are passed over.
    pub rules: Vec<AffinityRule>,
}

/// Why a host can't run the VM.
#[derive(Clone, Debug, PartialEq)]
pub struct WhyNot {
    /// The host.
    pub host: HostId,
    /// Its name, for sentences.
    pub name: String,
    /// Who says so.
    pub by: Rule,
    /// A sentence.
    pub reason: Reason,
}

/// The decision.
#[derive(Clone, Debug, PartialEq)]
pub struct Placement {
    /// Where it runs.
    pub host: HostId,
    /// The hosts that fit, the best first, each with its score; [`Placement::host`] is the first.
    pub fit: Vec<Score>,
    /// What each weight said of the hosts that fit.
    pub ranks: Ranks,
    /// Why every host that can't was refused, by host id.
    pub why_not: Vec<WhyNot>,
}

impl Placement {
    /// The hosts that could as well, the best first.
    pub fn others(&self) -> impl Iterator<Item = HostId> + '_ {
        self.fit.iter().skip(1).map(|score| score.host)
    }
}

/// No host can run it.
#[derive(Clone, Debug, PartialEq, thiserror::Error)]
#[error("no host can run the VM: {}", sentences(why_not))]
pub struct NoHost {
    /// Why each was refused, by host id.
    pub why_not: Vec<WhyNot>,
}

/// A sentence for each host; where many say the same, a few are named.
fn sentences(why_not: &[WhyNot]) -> String {
    const NAMED: usize = 20;
    if why_not.is_empty() {
        return "The cluster has no hosts.".to_owned();
    }
    let mut text: Vec<String> =
        why_not.iter().take(NAMED).map(|why| format!("Host {}: {}.", why.name, why.reason)).collect();
    if why_not.len() > NAMED {
        text.push(format!("{} hosts more can't run it either.", why_not.len() - NAMED));
    }
    text.join(" ")
}

impl From<NoHost> for Refusal {
    fn from(none: NoHost) -> Self {
        Self::NoHost { reasons: sentences(&none.why_not) }
    }
}

/// Chooses the host of a VM.
///
/// # Errors
/// [`NoHost`] with the reason of every host of the cluster.
pub fn place(snapshot: &Snapshot, request: &Request, policy: &Policy) -> Result<Placement, NoHost> {
    let mut hosts: Vec<&HostView> = snapshot.hosts.iter().filter(|host| host.cluster == request.cluster).collect();
    hosts.sort_unstable_by_key(|host| host.id);
    let ties = rules::Ties::of(&snapshot.rules, request.vm, &hosts);
    let mut asked = filters::Asked::new(request, policy, &ties, snapshot);
    let mut why_not = Vec::new();
    let mut fit = Vec::with_capacity(hosts.len());
    for host in hosts {
        match asked.refuse(host) {
            Some((by, reason)) => why_not.push(WhyNot { host: host.id, name: host.name.clone(), by, reason }),
            None => fit.push(host),
        }
    }
    if fit.is_empty() {
        return Err(NoHost { why_not });
    }
    let (ranks, mut scores) = ranks::rank(&fit, request, policy, &ties);
    scores.sort_unstable_by_key(|score| Reverse(*score));
    let Some(best) = scores.first() else { return Err(NoHost { why_not }) };
    Ok(Placement { host: best.host, fit: scores, ranks, why_not })
}

/// Whether one host could run the VM beside what it has, and why not. What balancing and maintenance ask of a target.
///
/// # Errors
/// Who refuses, and the reason.
pub fn may_run(snapshot: &Snapshot, host: &HostView, request: &Request, policy: &Policy) -> Result<(), (Rule, Reason)> {
    let hosts: Vec<&HostView> = snapshot.hosts.iter().filter(|host| host.cluster == request.cluster).collect();
    let ties = rules::Ties::of(&snapshot.rules, request.vm, &hosts);
    filters::Asked::new(request, policy, &ties, snapshot).refuse(host).map_or(Ok(()), Err)
}
