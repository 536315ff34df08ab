//! The scheduler at work: reads what the scheduler must know, lets [`ferrovirt_plan::place`] decide by the cluster's
//! policy, and keeps the decision with its reasons for users to read.

use std::collections::{BTreeMap, HashMap};

use ferrovirt_model::Millis;
use ferrovirt_model::catalogue::policies::BUILT_IN_POLICIES;
use ferrovirt_model::cluster::ClusterSettings;
use ferrovirt_model::ids::{HostId, VmId};
use ferrovirt_model::refusal::Refusal;
use ferrovirt_model::vm::{Definition, RunParticulars, RunPhase};
use ferrovirt_plan::place::{self, Explanation, HostView, Load, NoHost, OVERHEAD, Placement, Request, Snapshot};
use ferrovirt_plan::policy::Policy;
use ferrovirt_store::Areas;
use ferrovirt_store::placements::RunLoad;

use crate::actions::vm::machine;
use crate::failure::{Result, Trouble};
use crate::listing::{self, ListQuery};

/// What a VM asks of the scheduler besides what its definition says.
#[derive(Clone, Debug, Default)]
pub struct Terms {
    /// What the run has of its own.
    pub particulars: RunParticulars,
    /// The host that the user named.
    pub only: Option<HostId>,
    /// Hosts that failed to start it, with their words.
    pub barred: Vec<(HostId, String)>,
    /// Where it runs, and is to leave.
    pub source: Option<HostId>,
}

/// A decision that nothing follows from yet.
#[derive(Clone, Debug)]
pub struct Decision {
    vm: VmId,
    snapshot: Snapshot,
    policy: Policy,
    /// The host, or why there is none.
    pub outcome: std::result::Result<Placement, NoHost>,
}

impl Decision {
    /// The decision in words.
    #[must_use]
    pub fn explanation(&self) -> Explanation {
        Explanation::of(self.outcome.as_ref(), &self.snapshot, &self.policy)
    }

    /// Every host that would do.
    #[must_use]
    pub fn fitting(&self) -> Vec<HostId> {
        self.outcome.iter().flat_map(|placement| &placement.fit).map(|score| score.host).collect()
    }

    /// Writes the decision down for users to read.
    ///
    /// # Errors
    /// Trouble with the store.
    pub async fn keep(&self, areas: &mut impl Areas, at: Millis) -> Result<()> {
        let words = serde_json::to_value(self.explanation()).map_err(|error| Trouble::Broken(error.to_string()))?;
        areas.placements().put(self.vm, &words, at).await?;
        Ok(())
    }
}

/// Decides where a VM would run now. Changes nothing.
///
/// # Errors
/// A refusal where the VM is gone, or its CD; trouble with the store.
pub async fn decide(areas: &mut impl Areas, vm: VmId, terms: &Terms) -> Result<Decision> {
    let (request, policy) = request(areas, vm, terms).await?;
    let snapshot = snapshot(areas, &request).await?;
    let outcome = place::place(&snapshot, &request, &policy);
    Ok(Decision { vm, snapshot, policy, outcome })
}

/// Chooses a host for a run of a VM, writes the decision down, and answers the host. Until the transaction ends nobody
/// else chooses in the cluster: the caller writes the promise in the same one.
///
/// # Errors
/// [`Refusal::NoHost`] with each host's reason.
pub async fn place(areas: &mut impl Areas, vm: VmId, terms: &Terms, at: Millis) -> Result<HostId> {
    let cluster = areas.vms().view(vm).await?.ok_or_else(|| Refusal::no_such("VM", vm))?.vm.cluster;
    areas.placements().reserve(cluster).await?;
    let decision = decide(areas, vm, terms).await?;
    decision.keep(areas, at).await?;
    match decision.outcome {
        Ok(placement) => Ok(placement.host),
        Err(nowhere) => Err(Refusal::from(nowhere).into()),
    }
}

/// The newest decision for a VM, and when it was taken.
///
/// # Errors
/// Trouble with the store.
pub async fn kept(areas: &mut impl Areas, vm: VmId) -> Result<Option<(Millis, Explanation)>> {
    let Some((at, words)) = areas.placements().get(vm).await? else { return Ok(None) };
    let explanation = serde_json::from_value(words).map_err(|error| Trouble::Broken(error.to_string()))?;
    Ok(Some((at, explanation)))
}

/// The policy that a cluster's VMs are placed by.
fn policy(settings: &ClusterSettings) -> Policy {
    let chosen = settings.scheduling_policy.and_then(|id| BUILT_IN_POLICIES.iter().find(|policy| policy.id == id.0));
    chosen.map_or_else(Policy::fallback, |policy| Policy::built_in(policy, &BTreeMap::new()))
}

async fn request(areas: &mut impl Areas, id: VmId, terms: &Terms) -> Result<(Request, Policy)> {
    let view = areas.vms().view(id).await?.ok_or_else(|| Refusal::no_such("VM", id))?;
    let mut vm = view.vm;
    let cluster = areas.clusters().get(&[vm.cluster]).await?.pop();
    let cluster = cluster.ok_or_else(|| Refusal::no_such("Cluster", vm.cluster))?;
    if let Some(once) = &terms.particulars.definition {
        vm.definition = Definition::clone(once);
    }
    let mut request = Request::of(&vm, &cluster);
    for device in machine::nics(areas, id).await?.into_iter().filter(|device| device.nic.plugged) {
        if let Some(network) = device.network {
            request.networks.insert(network.id, network.name);
        }
    }
    let mut devices = machine::disks(areas, id).await?;
    devices.retain(|device| device.attachment.active);
    if let Some(disk) = terms.particulars.cdrom {
        devices.push(machine::cd(areas, id, disk).await?);
    }
    let domains: Vec<_> =
        devices.iter().filter_map(|device| device.disk.volume.as_ref()).map(|volume| volume.domain).collect();
    let domains = areas.storage().get(&domains).await?;
    request.domains = domains.into_iter().map(|domain| (domain.id, domain.name)).collect();
    if let Some(host) = terms.only {
        request.only = vec![host];
    }
    request.barred.clone_from(&terms.barred);
    request.source = terms.source;
    request.cpu_percent = view.statistics.filter(|_| terms.source.is_some()).map(|measured| measured.cpu_total_percent);
    Ok((request, policy(&cluster.settings)))
}

/// Every host of the VM's cluster as the scheduler sees it.
async fn snapshot(areas: &mut impl Areas, request: &Request) -> Result<Snapshot> {
    let everything = listing::compile(ferrovirt_model::search::Entity::Host, &ListQuery::all(), 0)?;
    let scope = format!("host.cluster_id = '{}'", request.cluster);
    let hosts = areas.hosts().list(&everything, Some(&scope)).await?;
    let mut reach = areas.placements().reach(request.cluster).await?;
    let mut loads: HashMap<HostId, Vec<Load>> = HashMap::new();
    for run in areas.placements().loads(request.cluster).await? {
        if run.vm != request.vm {
            loads.entry(run.host).or_default().push(load(&run));
        }
    }
    let views = hosts.into_iter().map(|host| {
        let id = host.host.id;
        let facts = host.facts.unwrap_or_default();
        HostView {
            networks: reach.networks.remove(&id).unwrap_or_default(),
            domains: reach.domains.remove(&id).unwrap_or_default(),
            loads: loads.remove(&id).unwrap_or_default().into_iter().collect(),
            ..HostView::of(&host.host, &facts, host.statistics.as_ref())
        }
    });
    Ok(Snapshot { hosts: views.collect(), rules: Vec::new() })
}

/// A run that is promised or on its way is no part of what its host measures yet.
fn load(run: &RunLoad) -> Load {
    Load {
        vm: run.vm,
        memory_guaranteed: run.memory_guaranteed,
        overhead: OVERHEAD,
        cpus: run.cpus,
        cpu_reserved_milli: 0,
        pending: matches!(run.phase, RunPhase::Promised | RunPhase::Starting | RunPhase::MigratingIn),
        highly_available: run.highly_available,
    }
}
