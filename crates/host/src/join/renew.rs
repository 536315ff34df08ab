//! Renewal: rotation by the engine over the host door, and healing by the host when that did not happen in time.
//! It refuses to know how requests travel.

use std::time::Duration;

use ferrovirt_hostapi as api;

use super::store::{KeyPem, Material};
use super::{Identity, JoinError, at, enroll, now_seconds};
use crate::storage::blocking::replace;

/// How often the certificate's age is looked at.
const PERIOD: Duration = Duration::from_secs(60);
/// The first pause after a failure; it doubles.
const FIRST_PAUSE: Duration = Duration::from_secs(10);
/// The longest pause.
const LONGEST_PAUSE: Duration = Duration::from_secs(15 * 60);
/// An engine that has not come in for so long is not trusted to renew in time.
const ENGINE_AWAY_SECONDS: i64 = 3600;

const PENDING: &str = "pending-key.json";

/// Makes the next key and keeps it beside the current one, so that a restart in between loses nothing.
pub(super) fn begin(identity: &Identity) -> Result<api::SigningRequest, JoinError> {
    let live = identity.live();
    let key = KeyPem::generate()?;
    let names = [live.material.hostname.clone(), live.material.address.clone()];
    let csr_pem = key.request(&live.material.host_id, &names)?;
    let path = identity.inner.folder.join(PENDING);
    let text = serde_json::to_vec(&key).map_err(|error| at(&path)(error.into()))?;
    replace(&path, &text, 0o600).map_err(at(&path))?;
    Ok(api::SigningRequest { csr_pem })
}

/// Takes the pending key and its certificate into use. The same certificate again is fine.
pub(super) fn finish(identity: &Identity, signed: &api::SignedCertificate) -> Result<(), JoinError> {
    let live = identity.live();
    let path = identity.inner.folder.join(PENDING);
    let pending = match std::fs::read(&path) {
        Ok(text) => serde_json::from_slice::<KeyPem>(&text).map_err(|error| at(&path)(error.into()))?,
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => {
            return if live.material.certificate_pem == signed.certificate_pem {
                Ok(())
            } else {
                Err(JoinError::Certificate("no rotation was begun".into()))
            };
        }
        Err(source) => return Err(at(&path)(source)),
    };
    let ca_pem = if signed.ca_pem.is_empty() { live.material.ca_pem.clone() } else { signed.ca_pem.clone() };
    let material =
        Material { key: pending, certificate_pem: signed.certificate_pem.clone(), ca_pem, ..live.material.clone() };
    identity.swap(material)?;
    std::fs::remove_file(&path).map_err(at(&path))
}

/// Whether the host must heal itself now.
fn due(left: i64, lifetime: i64, engine_away: i64) -> bool {
    left <= 0 || (left < lifetime / 6 && engine_away > ENGINE_AWAY_SECONDS)
}

pub(super) async fn keep(identity: Identity) {
    let mut pause = FIRST_PAUSE;
    loop {
        let live = identity.live();
        let away = now_seconds() - identity.inner.engine_seen.load(std::sync::atomic::Ordering::Relaxed);
        if !due(live.facts.left(), live.facts.lifetime(), away) {
            pause = FIRST_PAUSE;
            tokio::time::sleep(PERIOD).await;
            continue;
        }
        match enroll::reenroll(&live.material).await.and_then(|material| identity.swap(material)) {
            Ok(()) => {
                tracing::info!("the host renewed its certificate by itself");
                identity.engine_seen();
            }
            Err(error) => {
                tracing::warn!(%error, retry_seconds = pause.as_secs(), "the certificate could not be renewed");
                tokio::time::sleep(pause).await;
                pause = (pause * 2).min(LONGEST_PAUSE);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn healing_begins_when_nobody_else_will() {
        let day = 86_400;
        assert!(due(0, 365 * day, 0), "an expired certificate heals even if a connection stands");
        assert!(due(30 * day, 365 * day, 2 * day), "soon out, and the engine is away");
        assert!(!due(30 * day, 365 * day, 60), "the engine is there: it rotates");
        assert!(!due(200 * day, 365 * day, 30 * day), "plenty left");
    }
}
