//! How hosts come in: a one-time token, a first certificate, and a new one for a host whose old one ran out.
//!
//! Whoever holds a token may bring one host. A token that names a host makes that host active; one that names none brings
//! a host that waits for approval, unless an administrator already waits for a host at its address. Refuses to know what
//! runs on a host.

mod enrol;
mod reenrol;
mod token;

use ferrovirt_model::Millis;
use ferrovirt_model::host::Host;
use ferrovirt_model::ids::HostId;
use ferrovirt_model::secret::Secret;
use ferrovirt_store::tx::{Areas, Tx};

use crate::failure::Result;

pub use enrol::Enroll;
pub use reenrol::Reenroll;
pub(crate) use token::date;

/// A token for a host that shall join.
#[derive(Clone, Debug)]
pub struct JoinToken {
    /// What the host's administrator passes on: base64url of JSON with the engine's address, the fingerprint of its
    /// authority, and the secret.
    pub token: Secret,
    /// Until when it holds.
    pub expires_at: Millis,
}

/// A host that has its certificate.
#[derive(Clone, Debug)]
pub struct Enrolled {
    /// Its id.
    pub host: HostId,
    /// PEM.
    pub certificate_pem: String,
    /// The authority, PEM.
    pub ca_pem: String,
}

/// What a host's certificate names besides its id: where the engine dials it, and what it calls itself.
pub(crate) async fn certificate_names(tx: &mut Tx, host: &Host) -> Result<Vec<String>> {
    let facts = tx.hosts().views(&[host.id]).await?.pop().and_then(|view| view.facts);
    let mut names = vec![host.address.clone(), host.name.clone()];
    names.extend(facts.map(|facts| facts.hostname));
    names.retain(|name| usable_name(name));
    Ok(names)
}

/// What a host may be reached by: an address or a name, as a certificate can carry it.
fn usable_name(name: &str) -> bool {
    let word = |c: char| c.is_ascii_alphanumeric() || matches!(c, '-' | '.' | '_');
    name.parse::<std::net::IpAddr>().is_ok() || (!name.is_empty() && name.len() <= 253 && name.chars().all(word))
}
