//! Renews certificates before a third of their life is left: the engine's own, and each connected host's over its door.
//! Warns of those that could not be renewed. The authority's own certificate is only warned of.

use std::sync::Arc;

use ferrovirt_hostapi::{Empty, SignedCertificate};
use ferrovirt_model::Millis;
use ferrovirt_model::events::{EventSentence, SYSTEM_USER, sentences};
use ferrovirt_model::host::{Host, HostIntent, HostLink};
use ferrovirt_store::Areas;
use ferrovirt_store::tx::Change;

use crate::action::event;
use crate::core::{Engine, now};
use crate::failure::{Result, Trouble};
use crate::hosts::{ANSWER, within};
use crate::joining::{certificate_names, date};
use crate::pki::due;

const DAY: Millis = 24 * 3600 * 1000;
/// The same warning is not said again for so long.
const QUIET: Millis = DAY;
/// The authority is warned of so early, because all hosts must join anew when it ends.
const AUTHORITY_NOTICE: Millis = 365 * DAY;

/// One pass.
pub(super) async fn run(engine: Arc<Engine>) -> Result<()> {
    let at = now();
    if engine.pki().engine_due(at) {
        renew_engine(&engine, at).await?;
    }
    if engine.pki().ca_expires_at() - at < AUTHORITY_NOTICE {
        let ends = date(engine.pki().ca_expires_at());
        warn(&engine, sentences::ENGINE_CA_CERTIFICATION_IS_ABOUT_TO_EXPIRE, None, &ends, at).await?;
    }
    let hosts = engine.store().read().await?.hosts().all().await?;
    for host in hosts.iter().filter(|host| host.enrolled) {
        look_after(&engine, host, at).await?;
    }
    Ok(())
}

/// Followers renew theirs too: each engine shows its own certificate. Runs on every engine, for as long as it lives.
pub async fn keep_own(engine: Arc<Engine>) {
    loop {
        tokio::time::sleep(std::time::Duration::from_secs(60)).await;
        let at = now();
        if engine.leading().is_none()
            && engine.pki().engine_due(at)
            && let Err(failure) = renew_engine(&engine, at).await
        {
            tracing::error!(
                error = &failure as &dyn std::error::Error,
                "the engine's certificate could not be renewed"
            );
        }
    }
}

async fn renew_engine(engine: &Engine, at: Millis) -> Result<()> {
    let pki = engine.pki().clone();
    let renewed = tokio::task::spawn_blocking(move || pki.renew_engine(at)).await;
    match renewed.map_err(|error| Trouble::Broken(format!("a renewal ended badly: {error}")))? {
        Ok(()) => {
            engine.hosts().rotate(engine.pki().host_door_tls());
            Ok(())
        }
        Err(trouble) => {
            let ends = date(engine.pki().engine_validity().1);
            warn(engine, sentences::ENGINE_CERTIFICATION_IS_ABOUT_TO_EXPIRE, None, &ends, at).await?;
            Err(trouble.into())
        }
    }
}

async fn look_after(engine: &Engine, host: &Host, at: Millis) -> Result<()> {
    let mut reader = engine.store().read().await?;
    let Some((issued_at, expires_at)) = reader.hosts().certificate_validity(host.id).await? else { return Ok(()) };
    drop(reader);
    if !due(issued_at, expires_at, at) {
        return Ok(());
    }
    if host.link == HostLink::Connected && host.intent != HostIntent::PendingApproval {
        match rotate(engine, host).await {
            Ok(()) => return Ok(()),
            Err(failure) => {
                tracing::warn!(host = %host.id, error = &failure as &dyn std::error::Error, "a host's certificate could not be renewed");
                say(engine, sentences::HOST_CERTIFICATION_ENROLLMENT_FAILED, host, QUIET).await?;
            }
        }
    }
    let ends = date(expires_at);
    if at > expires_at {
        warn(engine, sentences::HOST_CERTIFICATION_HAS_EXPIRED, Some(host), &ends, at).await
    } else if expires_at - at < (expires_at - issued_at) / 3 {
        warn(engine, sentences::HOST_CERTIFICATION_IS_ABOUT_TO_EXPIRE, Some(host), &ends, at).await
    } else {
        Ok(())
    }
}

/// The host makes a key and keeps it; we sign, and expect the key; the host takes both into use; we record that. A break
/// between the steps costs nothing: the next pass begins anew, and a host that must renew by itself meanwhile is known by
/// the key that it had as well as by the expected one.
async fn rotate(engine: &Engine, host: &Host) -> Result<()> {
    say(engine, sentences::HOST_CERTIFICATION_ENROLLMENT_STARTED, host, 0).await?;
    let door = engine.host_door(host.id).await?;
    let request = door.heard(door.client().begin_rotation(within(ANSWER, Empty {})).await)?;
    let at = now();
    let mut tx = engine.store().begin().await?;
    let names = certificate_names(&mut tx, host).await?;
    let issued = engine.pki().issue_host(&request.csr_pem, host.id, &names, at)?;
    tx.hosts().expect_key(host.id, &issued.public_key).await?;
    tx.commit().await?;
    let signed = SignedCertificate { certificate_pem: issued.certificate_pem, ca_pem: issued.ca_pem };
    door.heard(door.client().finish_rotation(within(ANSWER, signed)).await)?;
    let mut tx = engine.store().begin().await?;
    if tx.hosts().lock_row(host.id).await?.is_none() {
        tracing::info!(host = %host.id, "a host was removed while its certificate was renewed");
        return Ok(());
    }
    tx.hosts()
        .record_certificate(host.id, &issued.serial, &issued.public_key, issued.issued_at, issued.expires_at)
        .await?;
    tx.changed(host.id, Change::Updated);
    let draft = sentences::HOST_CERTIFICATION_ENROLLMENT_FINISHED.draft().host(host.id, host.name.clone());
    tx.log(event(&draft.with("UserName", SYSTEM_USER), "", at));
    tx.commit().await?;
    Ok(())
}

async fn say(engine: &Engine, sentence: EventSentence, host: &Host, quiet: Millis) -> Result<()> {
    let at = now();
    let mut tx = engine.store().begin().await?;
    let last = tx.events().last_of(sentence.event.code.0, Some(host.id.0)).await?;
    if last.is_none_or(|last| at - last >= quiet) {
        let draft = sentence.draft().host(host.id, host.name.clone()).with("UserName", SYSTEM_USER);
        tx.log(event(&draft, "", at));
    }
    tx.commit().await?;
    Ok(())
}

async fn warn(engine: &Engine, sentence: EventSentence, host: Option<&Host>, ends: &str, at: Millis) -> Result<()> {
    let mut tx = engine.store().begin().await?;
    let last = tx.events().last_of(sentence.event.code.0, host.map(|host| host.id.0)).await?;
    if last.is_none_or(|last| at - last >= QUIET) {
        let draft = sentence.draft().with("ExpirationDate", ends);
        let draft = match host {
            Some(host) => draft.host(host.id, host.name.clone()),
            None => draft,
        };
        tx.log(event(&draft, "", at));
    }
    tx.commit().await?;
    Ok(())
}
