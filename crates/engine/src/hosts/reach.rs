//! Which host does a piece of storage work, and what it is told of the storage. Every healthy host is as good as another:
//! no host has a special part in storage. Refuses to know why the work is done.

use std::collections::HashSet;
use std::time::Duration;

use ferrovirt_hostapi::{CommandKey, DomainRequest, DomainState, VolumeRef};
use ferrovirt_model::host::{Host, HostDomainView, HostStatus, lifecycle};
use ferrovirt_model::ids::{ClusterId, DataCenterId, DiskId, HostId, StorageDomainId};
use ferrovirt_model::refusal::Refusal;
use ferrovirt_model::storage::{Disk, StorageDomain};
use ferrovirt_plan::platform;
use ferrovirt_store::Areas;
use ferrovirt_store::tx::Tx;
use rand::RngExt;
use uuid::Uuid;

use super::{HostDoor, within};
use crate::failure::{Result, Trouble};

/// How long a host may take to mount storage and look at a domain.
const ACTIVATION: Duration = Duration::from_secs(60);

/// A disk's volume with all that a host must know to find it.
#[derive(Clone, Debug)]
pub struct Place {
    /// The domain that it lies on.
    pub domain: StorageDomain,
    /// What the host is told.
    pub volume: VolumeRef,
}

/// Where a disk's volume lies.
///
/// # Errors
/// A refusal where the disk has no volume, [`Trouble::Broken`] where its domain is missing.
pub async fn place(areas: &mut impl Areas, disk: &Disk) -> Result<Place> {
    let volume = disk.volume.as_ref().ok_or_else(|| Refusal::rule(format!("Disk '{}' has no volume.", disk.alias)))?;
    let domain = domain(areas, volume.domain).await?;
    let volume = platform::volume_ref(disk, &domain.connection, data_center_of(&domain))
        .map_err(|incomplete| Refusal::rule(incomplete.to_string()))?;
    Ok(Place { domain, volume })
}

/// A disk by its id.
///
/// # Errors
/// [`Refusal::NoSuchObject`].
pub async fn disk(areas: &mut impl Areas, id: DiskId) -> Result<Disk> {
    Ok(areas.disks().get(&[id]).await?.pop().ok_or_else(|| Refusal::no_such("Disk", id))?)
}

/// A storage domain by its id.
///
/// # Errors
/// [`Refusal::NoSuchObject`].
pub async fn domain(areas: &mut impl Areas, id: StorageDomainId) -> Result<StorageDomain> {
    Ok(areas.storage().get(&[id]).await?.pop().ok_or_else(|| Refusal::no_such("Storage Domain", id))?)
}

/// The data centre that hosts are told; a domain outside any has the nil id.
#[must_use]
pub fn data_center_of(domain: &StorageDomain) -> DataCenterId {
    domain.attachment.as_ref().map_or(DataCenterId(Uuid::nil()), |attachment| attachment.data_center)
}

/// The hosts of a data centre that are up, by name.
///
/// # Errors
/// Trouble with the store.
pub async fn up_hosts(areas: &mut impl Areas, data_center: DataCenterId) -> Result<Vec<Host>> {
    let clusters: HashSet<ClusterId> =
        areas.clusters().of_data_centers(&[data_center]).await?.into_iter().map(|cluster| cluster.id).collect();
    let mut hosts = areas.hosts().all().await?;
    hosts.retain(|host| clusters.contains(&host.cluster) && lifecycle::status(host) == HostStatus::Up);
    Ok(hosts)
}

/// Whether some host of a data centre is up to look at its storage.
///
/// # Errors
/// Trouble with the store.
pub async fn some_host_up(areas: &mut impl Areas, domain: &StorageDomain) -> Result<bool> {
    match &domain.attachment {
        Some(attachment) => Ok(!up_hosts(areas, attachment.data_center).await?.is_empty()),
        None => Ok(false),
    }
}

/// The up hosts that say that they reach a domain.
async fn reaching(areas: &mut impl Areas, domain: &StorageDomain) -> Result<Vec<Host>> {
    let Some(attachment) = &domain.attachment else { return Ok(Vec::new()) };
    let ready: HashSet<HostId> = areas
        .storage()
        .host_views(None)
        .await?
        .into_iter()
        .filter(|view| view.domain == domain.id && view.ready)
        .map(|view| view.host)
        .collect();
    let mut hosts = up_hosts(areas, attachment.data_center).await?;
    hosts.retain(|host| ready.contains(&host.id));
    Ok(hosts)
}

/// An up host that reaches a domain, any of them.
///
/// # Errors
/// [`Refusal::NoActiveHost`].
pub async fn any(areas: &mut impl Areas, domain: &StorageDomain) -> Result<Host> {
    let mut hosts = reaching(areas, domain).await?;
    if hosts.is_empty() {
        return Err(Refusal::NoActiveHost.into());
    }
    let index = rand::rng().random_range(0..hosts.len());
    Ok(hosts.swap_remove(index))
}

/// The host that a job has begun its work on, for as long as it may come back; then another one. A job saves the answer
/// before it asks the host, so that it knows whom it asked.
///
/// # Errors
/// [`Refusal::NoActiveHost`] when none was asked yet and none is there, [`Trouble`] when one may be there in a moment, or
/// when the one that was asked is lost and no other is there.
pub async fn keep_or_choose(areas: &mut impl Areas, domain: &StorageDomain, kept: Option<HostId>) -> Result<HostId> {
    let Some(id) = kept else {
        let chosen = any(areas, domain).await;
        if chosen.is_err() {
            wait_for_grace(areas, data_center_of(domain)).await?;
        }
        return Ok(chosen?.id);
    };
    let still = match areas.hosts().get(id).await? {
        Some(host) => may_come_back(&host),
        None => false,
    };
    if still {
        return Ok(id);
    }
    let hosts = reaching(areas, domain).await?;
    hosts.first().map(|host| host.id).ok_or_else(|| Trouble::HostAway(id).into())
}

/// Nothing, where all hosts of a data centre are known to be up or not; trouble while some host's connection is being
/// made anew, as after the start of an engine: whoever waits will know more.
///
/// # Errors
/// [`Trouble::Unready`].
pub async fn wait_for_grace(areas: &mut impl Areas, data_center: DataCenterId) -> Result<()> {
    let clusters = areas.clusters().of_data_centers(&[data_center]).await?;
    let hosts = areas.hosts().all().await?;
    let comes = hosts.iter().find(|host| in_grace(host) && clusters.iter().any(|cluster| cluster.id == host.cluster));
    match comes {
        Some(host) => Err(Trouble::Unready(format!("host {} is being connected", host.name)).into()),
        None => Ok(()),
    }
}

/// Whether a host's connection is being made anew, and it was not given up.
#[must_use]
pub fn in_grace(host: &Host) -> bool {
    matches!(lifecycle::status(host), HostStatus::Connecting | HostStatus::Initializing | HostStatus::Unassigned)
}

/// Whether work that a host has begun is still best left to it.
#[must_use]
pub fn may_come_back(host: &Host) -> bool {
    matches!(
        lifecycle::status(host),
        HostStatus::Up
            | HostStatus::Connecting
            | HostStatus::Initializing
            | HostStatus::Unassigned
            | HostStatus::PreparingForMaintenance
            | HostStatus::NonOperational
    )
}

/// A key for a request that belongs to no job: each is new.
#[must_use]
pub fn loose_key(step: &str) -> CommandKey {
    CommandKey { job_id: Uuid::new_v4().to_string(), step: step.to_owned(), generation: 1 }
}

/// Lets a host use a domain of a data centre.
///
/// # Errors
/// The host's refusal, or that it is away.
pub async fn activate(
    door: &HostDoor,
    domain: &StorageDomain,
    data_center: DataCenterId,
    key: CommandKey,
) -> Result<DomainState> {
    let request = request(domain, data_center, key);
    door.heard(door.client().activate_domain(within(ACTIVATION, request)).await)
}

/// Ends a host's use of a domain.
///
/// # Errors
/// The host's refusal, or that it is away.
pub async fn deactivate(
    door: &HostDoor,
    domain: &StorageDomain,
    data_center: DataCenterId,
    key: CommandKey,
) -> Result<()> {
    let request = request(domain, data_center, key);
    door.heard(door.client().deactivate_domain(within(ACTIVATION, request)).await)?;
    Ok(())
}

/// What a host is told of a domain.
#[must_use]
pub fn request(domain: &StorageDomain, data_center: DataCenterId, key: CommandKey) -> DomainRequest {
    DomainRequest {
        key: Some(key),
        connection: Some(platform::connection_spec(&domain.connection)),
        domain_id: domain.id.to_string(),
        data_center_id: data_center.to_string(),
    }
}

/// Writes how a host sees a domain after it was asked to use it, and the space that it saw.
///
/// # Errors
/// Trouble with the store.
pub async fn note(tx: &mut Tx, host: HostId, domain: StorageDomainId, seen: &DomainState, at: i64) -> Result<()> {
    let view = HostDomainView {
        host,
        domain,
        ready: seen.ready,
        problem: seen.problem.clone(),
        latency_seconds: seen.latency_seconds,
        checked_at: at,
    };
    tx.storage().put_view(&view).await?;
    if seen.ready {
        tx.storage().set_space(domain, seen.total, seen.available).await?;
    }
    Ok(())
}

/// Writes that a host can't use a domain, and why.
///
/// # Errors
/// Trouble with the store.
pub async fn note_problem(tx: &mut Tx, host: HostId, domain: StorageDomainId, problem: String, at: i64) -> Result<()> {
    let seen = DomainState { problem, ..Default::default() };
    note(tx, host, domain, &seen, at).await
}
