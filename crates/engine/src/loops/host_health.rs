//! Which hosts lack what their cluster needs: networks, storage, CPU flags. Such a host is not operational, with a
//! sentence that says why; it is up again as soon as nothing is lacking.

use std::collections::{HashMap, HashSet};
use std::sync::{Mutex, PoisonError};

use ferrovirt_model::Millis;
use ferrovirt_model::catalogue::cluster_levels::ClusterLevel;
use ferrovirt_model::catalogue::cpu_types;
use ferrovirt_model::cluster::Cluster;
use ferrovirt_model::events::{EventDraft, sentences};
use ferrovirt_model::host::{Host, HostDomainView, HostFacts, HostIntent, HostLink, HostStatus, lifecycle};
use ferrovirt_model::ids::{ClusterId, DataCenterId, HostId, StorageDomainId};
use ferrovirt_model::network::HostNic;
use ferrovirt_model::storage::{DomainIntent, StorageDomain};
use ferrovirt_plan::networks;
use ferrovirt_store::Areas;
use ferrovirt_store::tx::{Change, Tx};

use super::network_sync::{self, Used};
use crate::action::event;
use crate::core::{Engine, now};
use crate::failure::Result;

/// How long a host may miss a domain that others reach, ms: oVirt's five minutes.
const STORAGE_PATIENCE: Millis = 5 * 60 * 1000;
/// How long a required network may lack before the host was asked to set it up, ms.
const NETWORK_PATIENCE: Millis = 60 * 1000;
/// A host's word on a domain counts for so long, ms.
const WORD_COUNTS: Millis = 60 * 1000;

/// Since when something is lacking.
#[derive(Debug, Default)]
pub struct Lacks {
    since: Mutex<HashMap<(HostId, Lack), Millis>>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
enum Lack {
    Networks,
    Domain(StorageDomainId),
}

impl Lacks {
    /// For how long it has been lacking; none when it is not.
    fn note(&self, host: HostId, lack: Lack, is: bool, at: Millis) -> Option<Millis> {
        let mut since = self.since.lock().unwrap_or_else(PoisonError::into_inner);
        if !is {
            since.remove(&(host, lack));
            return None;
        }
        Some(at - *since.entry((host, lack)).or_insert(at))
    }

    fn keep_only(&self, hosts: &HashSet<HostId>) {
        self.since.lock().unwrap_or_else(PoisonError::into_inner).retain(|(host, _), _| hosts.contains(host));
    }
}

/// What one pass looks at.
struct World {
    clusters: HashMap<ClusterId, Cluster>,
    networks: Used,
    nics: Vec<HostNic>,
    facts: HashMap<HostId, HostFacts>,
    domains: HashMap<DataCenterId, Vec<StorageDomain>>,
    words: Vec<HostDomainView>,
}

/// Why a host is not operational.
struct Fault {
    sentence: String,
    draft: EventDraft,
}

/// One pass over the hosts that are connected and shall run VMs.
pub(super) async fn run(engine: &Engine, hosts: &[Host]) -> Result<()> {
    let hosts: Vec<&Host> =
        hosts.iter().filter(|host| host.link == HostLink::Connected && host.intent == HostIntent::Active).collect();
    engine.lacks().keep_only(&hosts.iter().map(|host| host.id).collect());
    if hosts.is_empty() {
        return Ok(());
    }
    let mut world = read(engine, &hosts).await?;
    choose_cpu_types(engine, &hosts, &mut world).await?;
    for host in hosts {
        let fault = examine(engine, host, &world);
        if host.problem.as_deref() != fault.as_ref().map(|fault| fault.sentence.as_str()) {
            settle(engine, host, fault).await?;
        }
    }
    Ok(())
}

async fn read(engine: &Engine, hosts: &[&Host]) -> Result<World> {
    let ids: Vec<HostId> = hosts.iter().map(|host| host.id).collect();
    let clusters: HashSet<ClusterId> = hosts.iter().map(|host| host.cluster).collect();
    let clusters: Vec<ClusterId> = clusters.into_iter().collect();
    let mut reader = engine.store().read().await?;
    let known = reader.clusters().get(&clusters).await?;
    let data_centers: HashSet<DataCenterId> = known.iter().map(|cluster| cluster.data_center).collect();
    let mut domains = HashMap::new();
    for id in data_centers {
        domains.insert(id, reader.storage().of_data_centers(&[id]).await?);
    }
    let views = reader.hosts().views(&ids).await?;
    Ok(World {
        networks: network_sync::used(&mut reader, &clusters).await?,
        clusters: known.into_iter().map(|cluster| (cluster.id, cluster)).collect(),
        nics: reader.hosts().nics(&ids).await?,
        facts: views.into_iter().filter_map(|view| Some((view.host.id, view.facts?))).collect(),
        domains,
        words: reader.storage().host_views(None).await?,
    })
}

fn examine(engine: &Engine, host: &Host, world: &World) -> Option<Fault> {
    let cluster = world.clusters.get(&host.cluster)?;
    network_fault(engine, host, cluster, world)
        .or_else(|| cpu_fault(host, cluster, world))
        .or_else(|| storage_fault(engine, host, cluster, world))
}

fn network_fault(engine: &Engine, host: &Host, cluster: &Cluster, world: &World) -> Option<Fault> {
    let nics: Vec<HostNic> = world.nics.iter().filter(|nic| nic.host == host.id).cloned().collect();
    // A host that has not told its NICs yet can't be judged.
    if nics.is_empty() {
        return None;
    }
    let networks = world.networks.get(&cluster.id)?;
    let lacking = networks::lacking(&nics, networks);
    let memory = engine.networks_memory();
    let for_long = engine.lacks().note(host.id, Lack::Networks, !lacking.is_empty(), now())?;
    let said = memory.problem(host.id);
    // The host gets the chance to set them up first.
    if said.is_none() && for_long < NETWORK_PATIENCE {
        return None;
    }
    let names: Vec<&str> = lacking.iter().map(|network| network.name.as_str()).collect();
    let names = names.join(", ");
    let why = said.map_or_else(String::new, |said| format!(" ({})", said.trim_end_matches('.')));
    Some(Fault {
        sentence: format!("The host lacks networks that its cluster requires: {names}{why}."),
        draft: sentences::VDS_SET_NONOPERATIONAL_NETWORK
            .draft()
            .host(host.id, host.name.clone())
            .cluster(cluster.id, cluster.name.clone())
            .with("Networks", names),
    })
}

/// A host that emulates CPUs has every CPU.
fn cpu_fault(host: &Host, cluster: &Cluster, world: &World) -> Option<Fault> {
    let facts = world.facts.get(&host.id).filter(|facts| facts.virtualization != "tcg")?;
    let level = ClusterLevel::from(cluster.settings.version);
    let cpu = cpu_types::named(level, cluster.settings.cpu_type.as_deref()?)?;
    let lacking = cpu.lacking(&facts.cpu_flags);
    if lacking.is_empty() {
        return None;
    }
    let flags = lacking.join(", ");
    Some(Fault {
        sentence: format!("The host's CPU lacks what {} needs: {flags}.", cpu.name),
        draft: sentences::VDS_CPU_LOWER_THAN_CLUSTER.draft().host(host.id, host.name.clone()).with("CpuFlags", flags),
    })
}

fn storage_fault(engine: &Engine, host: &Host, cluster: &Cluster, world: &World) -> Option<Fault> {
    let at = now();
    let reaches = |id: HostId, domain: StorageDomainId| {
        let counts = |word: &HostDomainView| word.ready && at - word.checked_at < WORD_COUNTS;
        world.words.iter().any(|word| word.host == id && word.domain == domain && counts(word))
    };
    let mut missed = Vec::new();
    for domain in world.domains.get(&cluster.data_center)? {
        let active = domain.attachment.as_ref().is_some_and(|one| one.intent == DomainIntent::Active && one.ready);
        let misses = active && !reaches(host.id, domain.id);
        let for_long = engine.lacks().note(host.id, Lack::Domain(domain.id), misses, at);
        if for_long.is_some_and(|time| time >= STORAGE_PATIENCE) {
            missed.push(domain.name.as_str());
        }
    }
    if missed.is_empty() {
        return None;
    }
    let names = missed.join(", ");
    Some(Fault {
        sentence: format!("The host can't reach storage domains that other hosts reach: {names}."),
        draft: sentences::VDS_SET_NONOPERATIONAL_DOMAIN
            .draft()
            .host(host.id, host.name.clone())
            .with("StorageDomainNames", names),
    })
}

/// Writes what was found, and says so in the log.
async fn settle(engine: &Engine, host: &Host, fault: Option<Fault>) -> Result<()> {
    let mut tx = engine.store().begin().await?;
    let Some(current) = tx.hosts().lock_row(host.id).await? else { return Ok(()) };
    let sentence = fault.as_ref().map(|fault| fault.sentence.as_str());
    if !tx.hosts().set_problem(host.id, sentence).await? {
        return Ok(());
    }
    tx.changed(host.id, Change::Updated);
    match fault {
        Some(fault) => {
            let draft = name_data_center(&mut tx, fault.draft, current.cluster).await?;
            tx.log(event(&draft, "", now()));
        }
        None => {
            let fit = Host { problem: None, ..current };
            if lifecycle::status(&fit) == HostStatus::Up {
                let draft = sentences::VDS_DETECTED.draft().host(host.id, host.name.clone());
                tx.log(event(&draft.with("HostStatus", "Up"), "", now()));
            }
        }
    }
    tx.commit().await?;
    engine.kicks().storage.notify_one();
    Ok(())
}

async fn name_data_center(tx: &mut Tx, draft: EventDraft, cluster: ClusterId) -> Result<EventDraft> {
    let Some(cluster) = tx.clusters().get(&[cluster]).await?.pop() else { return Ok(draft) };
    let data_center = tx.data_centers().get(&[cluster.data_center]).await?.pop();
    Ok(match data_center {
        Some(data_center) => draft.data_center(data_center.id, data_center.name),
        None => draft,
    })
}

/// A cluster without a CPU type takes the best that its first host offers; where none fits it stays without, and VMs get
/// a model that every host has.
async fn choose_cpu_types(engine: &Engine, hosts: &[&Host], world: &mut World) -> Result<()> {
    for host in hosts.iter().filter(|host| host.problem.is_none()) {
        let Some(cluster) = world.clusters.get_mut(&host.cluster) else { continue };
        let level = ClusterLevel::from(cluster.settings.version);
        let Some(facts) = world.facts.get(&host.id) else { continue };
        let best = cpu_types::best_for(level, &facts.cpu_flags);
        let (Some(cpu), None) = (best, &cluster.settings.cpu_type) else { continue };
        let mut tx = engine.store().begin().await?;
        let Some(mut current) = tx.clusters().lock_row(cluster.id).await? else { continue };
        if current.settings.cpu_type.is_some() {
            continue;
        }
        current.settings.cpu_type = Some(cpu.name.to_owned());
        current.settings.architecture = Some(cpu.architecture().as_str().to_owned());
        tx.clusters().put(&current).await?;
        tx.changed(current.id, Change::Updated);
        let draft = sentences::SYSTEM_UPDATE_CLUSTER.draft().cluster(current.id, current.name.clone());
        tx.log(event(&draft, "", now()));
        tx.commit().await?;
        *cluster = current;
    }
    Ok(())
}
