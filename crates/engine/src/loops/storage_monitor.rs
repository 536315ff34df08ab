//! Which storage domains some up host reaches, and what that makes of their data centres.

use std::collections::HashSet;
use std::sync::Arc;

use ferrovirt_model::data_center;
use ferrovirt_model::events::sentences;
use ferrovirt_model::host::{Host, HostStatus, lifecycle};
use ferrovirt_model::ids::{ClusterId, DataCenterId, HostId};
use ferrovirt_model::storage::{DomainClass, DomainIntent, StorageDomain};
use ferrovirt_store::Areas;
use ferrovirt_store::tx::{Change, Tx};

use crate::action::event;
use crate::core::{Engine, now};
use crate::failure::Result;
use crate::hosts::reach;

/// A host's word on a domain counts for so long, ms: hosts repeat theirs at each check.
const WORD_COUNTS: i64 = 60_000;

/// One pass.
pub(super) async fn run(engine: Arc<Engine>) -> Result<()> {
    let mut tx = engine.store().begin().await?;
    let at = now();
    let hosts = tx.hosts().all().await?;
    let up: HashSet<HostId> =
        hosts.iter().filter(|host| lifecycle::status(host) == HostStatus::Up).map(|host| host.id).collect();
    // A host whose connection is being made anew keeps its last word: an engine that restarts finds storage as it was.
    let in_grace: HashSet<HostId> = hosts.iter().filter(|host| reach::in_grace(host)).map(|host| host.id).collect();
    let words = tx.storage().host_views(None).await?;
    for data_center in tx.data_centers().all().await? {
        let domains = tx.storage().of_data_centers(&[data_center.id]).await?;
        for domain in &domains {
            let heard = |fresh: bool| {
                words.iter().any(|word| {
                    word.domain == domain.id
                        && word.ready
                        && (up.contains(&word.host) && (!fresh || at - word.checked_at < WORD_COUNTS)
                            || in_grace.contains(&word.host))
                })
            };
            settle(&mut tx, domain, heard(true)).await?;
        }
        let clusters: HashSet<ClusterId> =
            tx.clusters().of_data_centers(&[data_center.id]).await?.into_iter().map(|cluster| cluster.id).collect();
        let here: Vec<&Host> = hosts.iter().filter(|host| clusters.contains(&host.cluster)).collect();
        derive(&mut tx, data_center.id, &data_center.name, &here, at).await?;
    }
    tx.commit().await?;
    Ok(())
}

async fn settle(tx: &mut Tx, domain: &StorageDomain, ready: bool) -> Result<()> {
    let active = domain.attachment.as_ref().is_some_and(|attachment| attachment.intent == DomainIntent::Active);
    if active && tx.storage().set_ready(domain.id, ready).await? {
        tx.changed(domain.id, Change::Updated);
    }
    Ok(())
}

/// Whether a host is meant to be up and is not: neither set aside, on its way there, nor yet to join.
fn missed(host: &Host) -> bool {
    !matches!(
        lifecycle::status(host),
        HostStatus::Up
            | HostStatus::PreparingForMaintenance
            | HostStatus::Maintenance
            | HostStatus::PendingApproval
            | HostStatus::Installing
            | HostStatus::InstallFailed
    )
}

async fn derive(tx: &mut Tx, id: DataCenterId, name: &str, hosts: &[&Host], at: i64) -> Result<()> {
    let hosts_up = hosts.iter().filter(|host| lifecycle::status(host) == HostStatus::Up).count();
    let domains = tx.storage().of_data_centers(&[id]).await?;
    let data: Vec<&StorageDomain> = domains.iter().filter(|domain| domain.class == DomainClass::Data).collect();
    let count = |want: fn(&ferrovirt_model::storage::DomainAttachment) -> bool| {
        data.iter().filter(|domain| domain.attachment.as_ref().is_some_and(want)).count()
    };
    let attached = count(|attachment| attachment.intent != DomainIntent::Attaching);
    let active = count(|attachment| attachment.intent == DomainIntent::Active && attachment.ready);
    let aside = count(|attachment| attachment.intent == DomainIntent::Maintenance);
    let status = data_center::status(attached, active, aside, hosts_up);
    if !tx.data_centers().set_status(id, status).await? {
        return Ok(());
    }
    tx.changed(id, Change::Updated);
    let sentence = match status {
        data_center::DataCenterStatus::Up => sentences::SYSTEM_CHANGE_STORAGE_POOL_STATUS_UP_REPORTING_HOSTS,
        // Where users have set its hosts aside, nothing is wrong.
        data_center::DataCenterStatus::Problematic if !hosts.iter().copied().any(missed) => return Ok(()),
        data_center::DataCenterStatus::Problematic => {
            sentences::SYSTEM_CHANGE_STORAGE_POOL_STATUS_NON_RESPONSIVE_NO_REPORTING_HOSTS
        }
        data_center::DataCenterStatus::NotOperational => sentences::SYSTEM_CHANGE_STORAGE_POOL_STATUS_PROBLEMATIC,
        _ => return Ok(()),
    };
    tx.log(event(&sentence.draft().data_center(id, name), "", at));
    Ok(())
}
