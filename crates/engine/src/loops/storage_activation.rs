//! Keeps hosts in step with which storage domains are in use: an up host that does not use an active domain is told to,
//! one that still uses a domain which was set aside is told to let it go. A host that comes up learns of its domains here.

use std::collections::HashMap;
use std::sync::Arc;

use ferrovirt_model::host::{Host, HostDomainView};
use ferrovirt_model::ids::{DataCenterId, HostId, StorageDomainId};
use ferrovirt_model::storage::{DomainIntent, StorageDomain};
use ferrovirt_store::Areas;
use ferrovirt_store::search::Compiled;
use futures::future::join_all;

use crate::core::{Engine, now};
use crate::failure::{Failure, Result};
use crate::hosts::reach;

/// A host repeats its word on a domain every 10 s; one that has said nothing for so long, ms, does not watch it.
const FORGOTTEN: i64 = 45_000;
/// A host that could not use a domain is asked again after so long, ms. One that watches it repeats its word sooner.
const AGAIN: i64 = 20_000;

/// One thing that a host is to be told.
enum Order {
    Use(Host, StorageDomain, DataCenterId),
    LetGo(Host, StorageDomain),
}

/// One pass.
pub(super) async fn run(engine: Arc<Engine>) -> Result<()> {
    let orders = orders(&engine).await?;
    let done = join_all(orders.into_iter().map(|order| carry_out(&engine, order))).await;
    done.into_iter().collect::<Result<Vec<()>>>()?;
    Ok(())
}

async fn orders(engine: &Engine) -> Result<Vec<Order>> {
    let at = now();
    let mut reader = engine.store().read().await?;
    let domains = reader.storage().list(&Compiled::default(), None).await?;
    if domains.is_empty() {
        return Ok(Vec::new());
    }
    let views: HashMap<(HostId, StorageDomainId), HostDomainView> =
        reader.storage().host_views(None).await?.into_iter().map(|view| ((view.host, view.domain), view)).collect();
    let mut orders = Vec::new();
    for data_center in reader.data_centers().all().await? {
        for host in reach::up_hosts(&mut reader, data_center.id).await? {
            for domain in domains.iter().filter(|domain| domain.lock.is_none()) {
                let view = views.get(&(host.id, domain.id));
                if wanted(domain, data_center.id) {
                    if view.is_none_or(|view| stale(view, at)) {
                        orders.push(Order::Use(host.clone(), domain.clone(), data_center.id));
                    }
                } else if view.is_some() {
                    orders.push(Order::LetGo(host.clone(), domain.clone()));
                }
            }
        }
    }
    Ok(orders)
}

fn wanted(domain: &StorageDomain, data_center: DataCenterId) -> bool {
    domain
        .attachment
        .as_ref()
        .is_some_and(|attachment| attachment.data_center == data_center && attachment.intent == DomainIntent::Active)
}

fn stale(view: &HostDomainView, at: i64) -> bool {
    let age = at.saturating_sub(view.checked_at);
    if view.ready { age > FORGOTTEN } else { age > AGAIN }
}

async fn carry_out(engine: &Engine, order: Order) -> Result<()> {
    match order {
        Order::Use(host, domain, data_center) => take_into_use(engine, &host, &domain, data_center).await,
        Order::LetGo(host, domain) => let_go(engine, &host, &domain).await,
    }
}

async fn take_into_use(engine: &Engine, host: &Host, domain: &StorageDomain, data_center: DataCenterId) -> Result<()> {
    let asked =
        async { reach::activate(&engine.door_of(host)?, domain, data_center, reach::loose_key("activate")).await };
    let answer = asked.await;
    let mut tx = engine.store().begin().await?;
    // Where it was set aside while the host mounted it, the next pass tells the host so.
    match answer {
        Ok(seen) => {
            tracing::info!(host = %host.name, domain = %domain.name, ready = seen.ready, "a host uses a storage domain");
            reach::note(&mut tx, host.id, domain.id, &seen, now()).await?;
        }
        Err(Failure::Refused(refusal)) => {
            tracing::warn!(host = %host.name, domain = %domain.name, %refusal, "a host can't use a storage domain");
            reach::note_problem(&mut tx, host.id, domain.id, refusal.to_string(), now()).await?;
        }
        Err(Failure::Trouble(trouble)) => {
            tracing::debug!(host = %host.name, domain = %domain.name, error = %trouble, "a host did not answer");
            return Ok(());
        }
    }
    tx.commit().await?;
    engine.kicks().storage.notify_one();
    Ok(())
}

async fn let_go(engine: &Engine, host: &Host, domain: &StorageDomain) -> Result<()> {
    let data_center = reach::data_center_of(domain);
    let asked =
        async { reach::deactivate(&engine.door_of(host)?, domain, data_center, reach::loose_key("deactivate")).await };
    match asked.await {
        Ok(()) => {}
        Err(failure) => {
            tracing::warn!(host = %host.name, domain = %domain.name, error = %failure, "a host keeps a storage domain");
            return Ok(());
        }
    }
    let mut tx = engine.store().begin().await?;
    tx.storage().forget_view(host.id, domain.id).await?;
    tx.commit().await?;
    Ok(())
}
