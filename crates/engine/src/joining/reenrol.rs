//! A known host asks for a new certificate with its own key as the credential, however old its certificate is.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use ferrovirt_model::events::sentences;
use ferrovirt_model::ids::HostId;
use ferrovirt_model::refusal::Refusal;
use ferrovirt_store::tx::{Areas, Change};
use ring::signature::{ECDSA_P256_SHA256_ASN1, UnparsedPublicKey};

use super::enrol::unusable;
use super::{Enrolled, certificate_names};
use crate::action::event;
use crate::core::{Engine, now};
use crate::failure::{Result, Trouble};

/// How far the host's clock may be from ours, in seconds.
const CLOCKS: u64 = 300;

/// A known host's request.
#[derive(Clone, Debug)]
pub struct Reenroll {
    /// Which host.
    pub host: HostId,
    /// The certificate request, PEM.
    pub csr_pem: String,
    /// Seconds since the epoch at the host.
    pub timestamp: i64,
    /// ECDSA over `host id, timestamp, request`, one a line, by the registered key; base64.
    pub signature: String,
}

impl Engine {
    /// Signs a new certificate for a known host.
    ///
    /// # Errors
    /// [`Refusal::StaleToken`] for a host that is not known, a signature that does not fit, or a request that is old or
    /// was seen before: which of these, a stranger is not told.
    pub async fn reenroll(&self, ask: Reenroll) -> Result<Enrolled> {
        let stale = || Refusal::StaleToken { what: "request for a new certificate" };
        let at = now();
        if ask.timestamp.abs_diff(at / 1000) > CLOCKS || ask.csr_pem.len() > 20_000 {
            return Err(stale().into());
        }
        let mut tx = self.store().begin().await?;
        let host = tx.hosts().lock_row(ask.host).await?.filter(|host| host.enrolled).ok_or_else(stale)?;
        // A break in the middle of a rotation leaves the host with its own key or with the next one: either is good.
        let mut proven = false;
        for key in tx.hosts().public_keys(ask.host).await? {
            proven |= signed(&ask, &key)?;
        }
        if !proven {
            tracing::warn!(host = %ask.host, "a request for a new certificate carried a wrong signature");
            return Err(stale().into());
        }
        if !tx.hosts().advance_reenrolment(ask.host, ask.timestamp).await? {
            return Err(stale().into());
        }
        // The request carries the host's name and address as it believes them; those that count are the engine's.
        let names = certificate_names(&mut tx, &host).await?;
        let issued = self.pki().issue_host(&ask.csr_pem, host.id, &names, at).map_err(unusable)?;
        tx.hosts()
            .record_certificate(host.id, &issued.serial, &issued.public_key, issued.issued_at, issued.expires_at)
            .await?;
        tx.changed(host.id, Change::Updated);
        let draft = sentences::HOST_CERTIFICATION_ENROLLMENT_FINISHED.draft().host(host.id, host.name.clone());
        tx.log(event(&draft.with("UserName", ferrovirt_model::events::SYSTEM_USER), "", at));
        tx.commit().await?;
        self.kicks().hosts.notify_waiters();
        tracing::info!(host = %host.id, "a host renewed its certificate by itself");
        Ok(Enrolled { host: host.id, certificate_pem: issued.certificate_pem, ca_pem: issued.ca_pem })
    }
}

fn signed(ask: &Reenroll, key: &[u8]) -> Result<bool> {
    let Ok(signature) = STANDARD.decode(&ask.signature) else { return Ok(false) };
    let text = format!("{}\n{}\n{}", ask.host, ask.timestamp, ask.csr_pem);
    let (_, key) = <x509_parser::x509::SubjectPublicKeyInfo<'_> as x509_parser::prelude::FromDer<_>>::from_der(key)
        .map_err(|error| Trouble::Certificates(format!("the kept key of host {}: {error}", ask.host)))?;
    let key = UnparsedPublicKey::new(&ECDSA_P256_SHA256_ASN1, &key.subject_public_key.data);
    Ok(key.verify(text.as_bytes(), &signature).is_ok())
}
