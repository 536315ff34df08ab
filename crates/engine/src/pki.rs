//! The internal authority: it signs the engine's certificate and those of hosts, and nothing else.
//!
//! Keys live in files of the data folder that the engine's user alone can read. The engine's own certificate can change
//! at any moment; whoever serves or dials asks for the current one. Refuses to know who may have a certificate: callers
//! decide that before they ask.

mod authority;
mod files;
mod served;

use std::net::IpAddr;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use ferrovirt_model::Millis;
use ferrovirt_model::ids::HostId;
use ferrovirt_model::secret::Secret;
use rustls::ClientConfig;
use rustls::sign::CertifiedKey;
use tokio::sync::watch;

use crate::failure::Trouble;
use crate::hosts::{HostTls, certificate_name};

use authority::{Authority, Order};
use served::EngineIdentity;

/// The URI that only the engine's certificate carries.
const ENGINE_URI: &str = "ferrovirt:engine";
/// A day.
const DAY: Duration = Duration::from_secs(24 * 3600);
/// How long the engine's certificate and those of hosts live, unless the configuration says otherwise.
pub const USUAL_LIFETIME: Duration = Duration::from_secs(90 * 24 * 3600);

/// How certificates are made.
#[derive(Clone, Debug)]
pub struct PkiConfig {
    /// Where keys and certificates live.
    pub folder: PathBuf,
    /// The engine's name.
    pub fqdn: String,
    /// Addresses on which the engine listens, apart from loopback.
    pub addresses: Vec<IpAddr>,
    /// How long the engine's certificate lives.
    pub engine_lifetime: Duration,
    /// How long a host's certificate lives.
    pub host_lifetime: Duration,
}

impl PkiConfig {
    /// For an engine of this name, all else as usual.
    #[must_use]
    pub fn new(folder: impl Into<PathBuf>, fqdn: impl Into<String>) -> Self {
        Self {
            folder: folder.into(),
            fqdn: fqdn.into(),
            addresses: Vec::new(),
            engine_lifetime: USUAL_LIFETIME,
            host_lifetime: USUAL_LIFETIME,
        }
    }
}

/// A certificate for a host.
#[derive(Clone, Debug)]
pub struct Issued {
    /// PEM.
    pub certificate_pem: String,
    /// The authority, PEM.
    pub ca_pem: String,
    /// Hex.
    pub serial: String,
    /// The key that it binds: SubjectPublicKeyInfo, DER.
    pub public_key: Vec<u8>,
    /// From when it holds.
    pub issued_at: Millis,
    /// Until when.
    pub expires_at: Millis,
}

/// The authority and the engine's own certificate. Clones share both.
#[derive(Clone, Debug)]
pub struct Pki {
    inner: Arc<Inner>,
}

#[derive(Debug)]
struct Inner {
    config: PkiConfig,
    authority: Authority,
    current: watch::Sender<Arc<EngineIdentity>>,
    host_tls: Arc<ClientConfig>,
}

impl Pki {
    /// Opens the authority of a data folder, and makes what is missing: the authority itself at the first start, the
    /// engine's certificate where there is none for the configured names or the old one is nearly over.
    ///
    /// # Errors
    /// [`Trouble::Io`] for files, [`Trouble::Certificates`] for their content.
    pub fn open(config: PkiConfig, now: Millis) -> Result<Self, Trouble> {
        files::make_folder(&config.folder)?;
        let authority = Authority::open(&config.folder, now)?;
        let names = engine_names(&config);
        let stored = EngineIdentity::load(&config.folder, &authority)?;
        let identity = match stored.filter(|found| found.carries(&names) && !found.due(now)) {
            Some(identity) => identity,
            None => EngineIdentity::make(&config, &authority, &names, now)?,
        };
        let current = watch::Sender::new(Arc::new(identity));
        let host_tls = served::host_tls(&authority, current.subscribe())?;
        Ok(Self { inner: Arc::new(Inner { config, authority, current, host_tls }) })
    }

    /// The authority's certificate, PEM.
    #[must_use]
    pub fn ca_certificate_pem(&self) -> String {
        self.inner.authority.certificate_pem().to_owned()
    }

    /// SHA-256 of the authority's certificate in DER, hex: what join tokens carry.
    #[must_use]
    pub fn ca_fingerprint(&self) -> String {
        self.inner.authority.fingerprint()
    }

    /// When the authority's certificate ends.
    #[must_use]
    pub fn ca_expires_at(&self) -> Millis {
        self.inner.authority.expires_at()
    }

    /// The engine's current certificate, PEM.
    #[must_use]
    pub fn engine_certificate_pem(&self) -> String {
        self.current().certificate_pem.clone()
    }

    /// When the engine's current certificate began and ends.
    #[must_use]
    pub fn engine_validity(&self) -> (Millis, Millis) {
        let current = self.current();
        (current.issued_at, current.expires_at)
    }

    /// The engine's current certificate and key, as listeners show them. Ask at each handshake.
    #[must_use]
    pub fn server_certificate(&self) -> Arc<CertifiedKey> {
        Arc::clone(&self.current().served)
    }

    /// Tells when the engine's certificate has changed.
    #[must_use]
    pub fn rotations(&self) -> watch::Receiver<Arc<EngineIdentity>> {
        self.inner.current.subscribe()
    }

    /// How the engine speaks to the transfer doors of hosts. Shows the engine's certificate of the moment.
    #[must_use]
    pub fn host_tls(&self) -> Arc<ClientConfig> {
        Arc::clone(&self.inner.host_tls)
    }

    /// What the engine shows to the doors of hosts, and whom it trusts there.
    #[must_use]
    pub fn host_door_tls(&self) -> HostTls {
        let current = self.current();
        HostTls {
            ca: self.ca_certificate_pem(),
            certificate: current.certificate_pem.clone(),
            key: current.key.clone(),
        }
    }

    /// Whether the engine's certificate is to be renewed: before a third of its life is left.
    #[must_use]
    pub fn engine_due(&self, now: Millis) -> bool {
        self.current().due(now)
    }

    /// Gives the engine a new key and certificate. They are in use from the next handshake on.
    ///
    /// # Errors
    /// As [`Pki::open`]; the old certificate stays in use then.
    pub fn renew_engine(&self, now: Millis) -> Result<(), Trouble> {
        let inner = &self.inner;
        let identity = EngineIdentity::make(&inner.config, &inner.authority, &engine_names(&inner.config), now)?;
        inner.current.send_replace(Arc::new(identity));
        Ok(())
    }

    /// Signs a host's certificate. Of the request, only the key is taken, and the proof that the sender holds it; the
    /// names are the caller's.
    ///
    /// # Errors
    /// [`Trouble::Certificates`] when the request is not one, or its signature is wrong.
    pub fn issue_host(&self, csr_pem: &str, id: HostId, names: &[String], now: Millis) -> Result<Issued, Trouble> {
        let key = authority::requested_key(csr_pem)?;
        let mut all = vec![certificate_name(id)];
        all.extend(names.iter().filter(|name| !name.is_empty()).cloned());
        all.dedup();
        let uri = format!("ferrovirt:host:{id}");
        let order = Order { common_name: id.to_string(), names: all, uri, lifetime: self.inner.config.host_lifetime };
        self.inner.authority.issue(&order, &key, now)
    }

    fn current(&self) -> Arc<EngineIdentity> {
        Arc::clone(&self.inner.current.borrow())
    }
}

/// Whether a certificate is to be renewed: a little earlier than a third of its life is left.
#[must_use]
pub fn due(issued_at: Millis, expires_at: Millis, now: Millis) -> bool {
    let life = expires_at.saturating_sub(issued_at);
    expires_at.saturating_sub(now) < life / 5 * 2
}

fn engine_names(config: &PkiConfig) -> Vec<String> {
    let mut names = vec![config.fqdn.clone(), "localhost".to_owned(), "127.0.0.1".to_owned(), "::1".to_owned()];
    let listening = config.addresses.iter().filter(|address| !address.is_unspecified() && !address.is_loopback());
    names.extend(listening.map(IpAddr::to_string));
    names.sort();
    names.dedup();
    names
}

/// Trouble with certificates, in a sentence.
fn odd(what: &str) -> impl Fn(&dyn std::fmt::Display) -> Trouble + '_ {
    move |error| Trouble::Certificates(format!("{what}: {error}"))
}

/// Trouble with a file.
fn at(path: &Path) -> impl Fn(std::io::Error) -> Trouble + '_ {
    move |source| Trouble::Io { what: path.display().to_string(), source }
}

/// A secret that is a key.
type KeyPem = Secret;

#[cfg(test)]
mod tests;
