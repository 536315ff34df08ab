//! All hosts of a data centre take a storage domain into use, or let it go. Refuses to know why.

use ferrovirt_hostapi::DomainState;
use ferrovirt_model::host::Host;
use ferrovirt_model::ids::{DataCenterId, StorageDomainId};
use ferrovirt_model::refusal::Refusal;
use ferrovirt_model::storage::StorageDomain;
use ferrovirt_store::Areas;
use futures::future::join_all;

use super::JobContext;
use crate::failure::{Failure, Result, Trouble};
use crate::hosts::reach;

/// Asks every up host to use a domain, and writes how each sees it. Some host must be able to.
///
/// # Errors
/// [`Refusal::NoActiveHost`] where none is up; a host's own refusal where none is able to; trouble where all are away.
pub async fn activate(cx: &mut JobContext<'_>, domain: &StorageDomain, data_center: DataCenterId) -> Result<()> {
    let hosts = up(cx, data_center).await?;
    if hosts.is_empty() {
        let mut reader = cx.engine.store().read().await?;
        reach::wait_for_grace(&mut reader, data_center).await?;
        return Err(Refusal::NoActiveHost.into());
    }
    let asking: &JobContext<'_> = cx;
    let asked = hosts.iter().map(|host| async move {
        let key = asking.key_of(&format!("activate-{}", host.id));
        reach::activate(&asking.door_of(host)?, domain, data_center, key).await
    });
    let answers: Vec<Result<DomainState>> = join_all(asked).await;
    let able = answers.iter().any(|answer| answer.as_ref().is_ok_and(|seen| seen.ready));
    if !able {
        return Err(worst(answers, hosts.first()));
    }
    let at = cx.now;
    let tx = cx.tx().await?;
    for (host, answer) in hosts.iter().zip(answers) {
        match answer {
            Ok(seen) => reach::note(tx, host.id, domain.id, &seen, at).await?,
            Err(Failure::Refused(refusal)) => {
                reach::note_problem(tx, host.id, domain.id, refusal.to_string(), at).await?
            }
            // The loop that keeps hosts in step asks it when it is back.
            Err(Failure::Trouble(trouble)) => {
                tracing::warn!(host = %host.id, error = %trouble, "a host did not answer")
            }
        }
    }
    Ok(())
}

fn worst(answers: Vec<Result<DomainState>>, first: Option<&Host>) -> Failure {
    let mut trouble = None;
    for answer in answers {
        match answer {
            Err(Failure::Refused(refusal)) => return refusal.into(),
            Err(other) => trouble = Some(other),
            Ok(seen) => {
                let host = first.map(|host| host.name.clone()).unwrap_or_default();
                return Refusal::HostRefused { host, why: seen.problem }.into();
            }
        }
    }
    trouble.unwrap_or_else(|| Trouble::Broken("no host was asked".to_owned()).into())
}

/// Asks every host that uses a domain, or may, to let it go. One that is given up as away is left to the loop that keeps
/// hosts in step; one whose connection is being made anew is waited for, because it may well use the domain.
///
/// # Errors
/// A host's refusal: it still needs the domain. Trouble while a host may be there in a moment.
pub async fn deactivate(cx: &JobContext<'_>, domain: &StorageDomain, data_center: DataCenterId) -> Result<()> {
    reach::wait_for_grace(&mut cx.engine.store().read().await?, data_center).await?;
    let hosts = up(cx, data_center).await?;
    let asked = hosts.iter().map(|host| async move {
        let key = cx.key_of(&format!("deactivate-{}", host.id));
        reach::deactivate(&cx.door_of(host)?, domain, data_center, key).await
    });
    for (host, answer) in hosts.iter().zip(join_all(asked).await) {
        match answer {
            Ok(()) => {}
            Err(Failure::Refused(refusal)) => return Err(refusal.into()),
            Err(Failure::Trouble(trouble)) => {
                tracing::warn!(host = %host.id, error = %trouble, "a host did not let a storage domain go; it is asked again later");
            }
        }
    }
    Ok(())
}

/// As [`deactivate`], for an undo: a refusal is logged, and the loop asks again.
///
/// # Errors
/// Trouble with the store.
pub async fn let_go(cx: &JobContext<'_>, domain: &StorageDomain, data_center: DataCenterId) -> Result<()> {
    match deactivate(cx, domain, data_center).await {
        Err(Failure::Refused(refusal)) => {
            tracing::warn!(domain = %domain.id, %refusal, "a host keeps a storage domain for now");
            Ok(())
        }
        other => other,
    }
}

async fn up(cx: &JobContext<'_>, data_center: DataCenterId) -> Result<Vec<Host>> {
    let mut reader = cx.engine.store().read().await?;
    reach::up_hosts(&mut reader, data_center).await
}

/// A domain as it stands now; `None` when it is gone.
///
/// # Errors
/// Trouble with the store.
pub async fn domain(cx: &JobContext<'_>, id: StorageDomainId) -> Result<Option<StorageDomain>> {
    Ok(cx.engine.store().read().await?.storage().get(&[id]).await?.pop())
}
