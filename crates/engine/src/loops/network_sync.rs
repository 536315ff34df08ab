//! Makes the networks of every host those of its cluster.
//!
//! Compares what hosts report with what `plan::networks` wants of them, and has the host set its networks up where they
//! differ. A host that refuses is asked again after growing pauses; what it said stands in [`NetworkMemory`], for the host
//! monitor. Nothing here survives a restart, and nothing needs to: a host that has its networks answers at once.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use ferrovirt_hostapi::{CommandKey, NetworkAttachment, NetworkState, SetupNetworksRequest};
use ferrovirt_model::Millis;
use ferrovirt_model::cluster::ClusterNetwork;
use ferrovirt_model::events::sentences;
use ferrovirt_model::host::{Host, HostIntent, HostLink};
use ferrovirt_model::ids::{ClusterId, HostId, NetworkId};
use ferrovirt_model::network::{HostNic, Network};
use ferrovirt_plan::networks::{self, HostNetworks};
use ferrovirt_store::Areas;
use ferrovirt_store::tx::{Change, Reader};
use futures::StreamExt;
use uuid::Uuid;

use crate::action::event;
use crate::core::{Engine, now};
use crate::failure::{Failure, Result};
use crate::hosts::{WORK, translate, within};

/// Hosts that are asked at the same time.
const AT_ONCE: usize = 16;
/// How long the engine has to reach a host again whose own address was moved, s.
const REACH_AGAIN: u32 = 60;
/// The first pause after a refusal, ms; it doubles.
const FIRST_PAUSE: Millis = 10_000;
/// The longest pause, ms.
const LONGEST_PAUSE: Millis = 300_000;

/// What the loop remembers of hosts.
#[derive(Debug, Default)]
pub struct NetworkMemory {
    hosts: Mutex<HashMap<HostId, Remembered>>,
}

#[derive(Clone, Debug, Default)]
struct Remembered {
    applied: Option<Vec<NetworkAttachment>>,
    failures: u32,
    problem: Option<String>,
    next_try: Millis,
}

impl NetworkMemory {
    fn of(&self, host: HostId) -> Remembered {
        self.hosts.lock().unwrap_or_else(PoisonError::into_inner).get(&host).cloned().unwrap_or_default()
    }

    fn set(&self, host: HostId, remembered: Remembered) {
        self.hosts.lock().unwrap_or_else(PoisonError::into_inner).insert(host, remembered);
    }

    fn keep_only(&self, hosts: &[Host]) {
        let known = |id: &HostId| hosts.iter().any(|host| host.id == *id);
        self.hosts.lock().unwrap_or_else(PoisonError::into_inner).retain(|id, _| known(id));
    }

    /// Why a host does not have its networks, where it was asked and said so.
    #[must_use]
    pub fn problem(&self, host: HostId) -> Option<String> {
        self.of(host).problem
    }

    /// The host was asked at least once, whatever it answered.
    #[must_use]
    pub fn asked(&self, host: HostId) -> bool {
        let remembered = self.of(host);
        remembered.applied.is_some() || remembered.failures > 0
    }
}

/// How clusters use the networks of their data centres.
pub(super) type Used = HashMap<ClusterId, Vec<(Network, ClusterNetwork)>>;

/// Reads them for some clusters.
pub(super) async fn used(reader: &mut Reader, clusters: &[ClusterId]) -> Result<Used> {
    let usages = reader.clusters().networks(clusters).await?;
    let ids: Vec<NetworkId> = usages.iter().map(|usage| usage.network).collect();
    let networks: HashMap<NetworkId, Network> =
        reader.networks().get(&ids).await?.into_iter().map(|network| (network.id, network)).collect();
    let mut used = Used::new();
    for usage in usages {
        if let Some(network) = networks.get(&usage.network) {
            used.entry(usage.cluster).or_default().push((network.clone(), usage));
        }
    }
    Ok(used)
}

/// One pass.
pub(super) async fn run(engine: Arc<Engine>) -> Result<()> {
    let mut reader = engine.store().read().await?;
    let all = reader.hosts().all().await?;
    engine.networks_memory().keep_only(&all);
    let hosts: Vec<Host> =
        all.into_iter().filter(|host| host.link == HostLink::Connected && host.intent == HostIntent::Active).collect();
    let ids: Vec<HostId> = hosts.iter().map(|host| host.id).collect();
    let mut clusters: Vec<ClusterId> = hosts.iter().map(|host| host.cluster).collect();
    clusters.sort();
    clusters.dedup();
    let used = used(&mut reader, &clusters).await?;
    let nics = reader.hosts().nics(&ids).await?;
    drop(reader);
    futures::stream::iter(hosts)
        .for_each_concurrent(AT_ONCE, |host| {
            let own: Vec<HostNic> = nics.iter().filter(|nic| nic.host == host.id).cloned().collect();
            let networks = used.get(&host.cluster).map(Vec::as_slice).unwrap_or_default();
            look_at(&engine, host, own, networks)
        })
        .await;
    Ok(())
}

async fn look_at(engine: &Engine, host: Host, nics: Vec<HostNic>, cluster: &[(Network, ClusterNetwork)]) {
    let memory = engine.networks_memory();
    let before = memory.of(host.id);
    // A host that has not told its NICs yet can't be planned for.
    if nics.is_empty() || cluster.is_empty() || before.next_try > now() {
        return;
    }
    let there = HostNetworks { address: &host.address, nics: &nics };
    let desired = networks::desired(there, cluster);
    let differs = networks::differences(there, &desired);
    if differs.is_empty() && before.applied.as_ref() == Some(&desired) {
        return;
    }
    let moves = networks::moves_the_address(there, &desired);
    match set_up(engine, &host, desired.clone(), moves).await {
        Ok(state) => {
            let fresh = Remembered { applied: Some(desired), ..Remembered::default() };
            // A host that says yes and reports otherwise is not asked without end.
            let pause = if differs.is_empty() { 0 } else { FIRST_PAUSE };
            memory.set(host.id, Remembered { next_try: now() + pause, ..fresh });
            note(engine, &host, &state, &differs).await;
        }
        Err(failure) => {
            let failures = before.failures.saturating_add(1);
            let pause = FIRST_PAUSE.saturating_mul(1 << failures.min(5)).min(LONGEST_PAUSE);
            let why = failure.sentence();
            tracing::warn!(host = %host.id, failures, problem = why, "a host did not set its networks up");
            let problem = Some(why.clone());
            memory.set(host.id, Remembered { applied: None, failures, problem, next_try: now() + pause });
            // A host that went away in the middle is most often back at the next try; one that said no meant it.
            let telling = if matches!(failure, Failure::Refused(_)) { 1 } else { 3 };
            if failures == telling {
                log_failure(engine, &host, &differs, &why).await;
            }
        }
    }
}

async fn set_up(engine: &Engine, host: &Host, desired: Vec<NetworkAttachment>, moves: bool) -> Result<NetworkState> {
    let door = engine.door_of(host)?;
    let key = CommandKey { job_id: Uuid::new_v4().to_string(), step: "networks".to_owned(), generation: 1 };
    let request = SetupNetworksRequest {
        key: Some(key),
        desired,
        check_connectivity: moves,
        connectivity_timeout_seconds: REACH_AGAIN,
    };
    let state = door.heard(door.client().setup_networks(within(WORK, request)).await)?;
    if moves {
        // The host keeps the change only if the engine comes in again, by a connection of its own.
        engine.hosts().forget(host.id);
        let again = engine.door_of(host)?;
        again.hello(engine.installation(), Duration::from_secs(20)).await?;
    }
    Ok(state)
}

/// Writes what the host answered, as if it had been reported.
async fn note(engine: &Engine, host: &Host, state: &NetworkState, changed: &[String]) {
    let written = async {
        let mut tx = engine.store().begin().await?;
        if tx.hosts().lock_row(host.id).await?.is_none() {
            return Ok(());
        }
        tx.hosts().put_nics(host.id, &translate::nics(host.id, state)).await?;
        tx.changed(host.id, Change::Updated);
        if !changed.is_empty() {
            let draft = sentences::PERSIST_NETWORK_ON_HOST_FINISHED.draft().host(host.id, host.name.clone());
            let draft = draft.with("NetworkNames", changed.join(", ")).with("Sequence", 1).with("Total", 1);
            tx.log(event(&draft, "", now()));
        }
        tx.commit().await.map(|_| ())
    };
    if let Err(error) = written.await {
        tracing::warn!(host = %host.id, error = &error as &dyn std::error::Error, "a host's networks could not be noted");
    }
    engine.kicks().hosts.notify_one();
}

async fn log_failure(engine: &Engine, host: &Host, changed: &[String], why: &str) {
    let written = async {
        let mut tx = engine.store().begin().await?;
        let draft = sentences::PERSIST_NETWORK_ON_HOST_FAILED.draft().host(host.id, host.name.clone());
        let draft = draft.with("NetworkNames", changed.join(", ")).with("Sequence", 1).with("Total", 1);
        tx.log(event(&draft.because(why), "", now()));
        tx.commit().await
    };
    if let Err(error) = written.await {
        tracing::warn!(host = %host.id, error = &error as &dyn std::error::Error, "a failure could not be logged");
    }
}
