//! The host's identity: key, certificate, enrolment and rotation. It refuses to know what is served with it.
//!
//! A host joins once with a token of the engine. From then on the engine renews the certificate over the host door;
//! where that was missed and the certificate ran out, the host heals by itself: it signs a new request with its key.

mod enroll;
mod renew;
mod store;
mod tls;

use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicI64, Ordering};
use std::sync::{Arc, PoisonError, RwLock};
use std::time::{SystemTime, UNIX_EPOCH};

use ferrovirt_hostapi as api;

use crate::config::Config;
pub use enroll::join;
pub use store::KeyPem;
use store::Material;
pub use tls::DoorStream;

/// Why the host has no usable identity.
#[derive(Debug, thiserror::Error)]
pub enum JoinError {
    /// `join` was never run here.
    #[error("this host has not joined an engine yet: run `ferrovirt-host join --token T`")]
    NotJoined,
    /// The token is no token.
    #[error("the token can't be read: {0}")]
    Token(String),
    /// The engine's certificate authority is not the one that the token names: somebody stands in between.
    #[error("the engine at {url} shows a certificate authority with fingerprint {found}, the token names {expected}")]
    Fingerprint {
        /// Who was asked.
        url: String,
        /// SHA-256 of what it showed.
        found: String,
        /// What the token says.
        expected: String,
    },
    /// The engine could not be asked.
    #[error("asking the engine: {0}")]
    Engine(String),
    /// The engine said no.
    #[error("the engine refused ({status}): {reason}")]
    Refused {
        /// HTTP status.
        status: u16,
        /// What it said.
        reason: String,
    },
    /// A certificate that does not fit the key, the authority or the host.
    #[error("the certificate can't be used: {0}")]
    Certificate(String),
    /// A file could not be read or written.
    #[error("{path}: {source}")]
    File {
        /// The file.
        path: PathBuf,
        /// What the system said.
        source: std::io::Error,
    },
}

impl From<JoinError> for tonic::Status {
    fn from(error: JoinError) -> Self {
        let text = error.to_string();
        match error {
            JoinError::Certificate(_) => tonic::Status::invalid_argument(text),
            JoinError::NotJoined => tonic::Status::failed_precondition(text),
            _ => tonic::Status::internal(text),
        }
    }
}

/// The identity of a joined host. Cheap to clone; every clone sees a renewed certificate at once.
#[derive(Clone)]
pub struct Identity {
    inner: Arc<Inner>,
}

struct Inner {
    folder: PathBuf,
    current: RwLock<Arc<Live>>,
    /// Seconds since the epoch when the engine last came in.
    engine_seen: AtomicI64,
}

/// One generation of the identity, ready to serve.
struct Live {
    material: Material,
    facts: store::Facts,
    door: Arc<rustls::ServerConfig>,
    transfer: Arc<rustls::ServerConfig>,
}

fn now_seconds() -> i64 {
    SystemTime::now().duration_since(UNIX_EPOCH).map_or(0, |since| i64::try_from(since.as_secs()).unwrap_or(i64::MAX))
}

/// Where the identity of a host lies.
fn folder(config: &Config) -> PathBuf {
    config.state_dir.join("pki")
}

impl Identity {
    /// Loads the identity that `join` left.
    pub fn load(config: &Config) -> Result<Self, JoinError> {
        tls::install_provider();
        let folder = folder(config);
        let material = Material::load(&folder)?;
        let live = Live::new(material)?;
        store::write_files(&folder, &live.material)?;
        let inner = Inner { folder, current: RwLock::new(Arc::new(live)), engine_seen: AtomicI64::new(now_seconds()) };
        Ok(Identity { inner: Arc::new(inner) })
    }

    fn live(&self) -> Arc<Live> {
        Arc::clone(&self.inner.current.read().unwrap_or_else(PoisonError::into_inner))
    }

    /// The id that the engine gave this host.
    pub fn host_id(&self) -> String {
        self.live().material.host_id.clone()
    }

    /// The address under which the host enrolled: what others reach it by.
    pub fn address(&self) -> String {
        self.live().material.address.clone()
    }

    /// The engine's address, for example `https://engine.example.com/ovirt-engine`.
    pub fn engine_url(&self) -> String {
        self.live().material.engine_url.clone()
    }

    /// TLS for the host door: HTTP/2, and only a client with a certificate of the engine comes in. Ask for it at each
    /// connection: that is how a renewed certificate gets into use without a restart.
    pub fn server_config(&self) -> Arc<rustls::ServerConfig> {
        Arc::clone(&self.live().door)
    }

    /// TLS for the transfer port: HTTP/1.1, any client. Ask for it at each connection.
    pub fn transfer_config(&self) -> Arc<rustls::ServerConfig> {
        Arc::clone(&self.live().transfer)
    }

    /// Days until the certificate runs out; negative afterwards.
    pub fn days_left(&self) -> f64 {
        let seconds = self.live().facts.not_after - now_seconds();
        // A certificate's life in seconds is far below what a double holds exactly.
        seconds as f64 / 86_400.0
    }

    /// The folder with `cacert.pem`, `servercert.pem`, `serverkey.pem`, `clientcert.pem` and `clientkey.pem` in the
    /// layout that libvirt and QEMU read for TLS migration (`migrate_tls_x509_cert_dir`). Kept up to date by rotation.
    pub fn tls_folder(&self) -> PathBuf {
        self.inner.folder.join("tls")
    }

    /// The engine came in with a good certificate: there is no need to heal.
    pub fn engine_seen(&self) {
        self.inner.engine_seen.store(now_seconds(), Ordering::Relaxed);
    }

    /// Makes a new key and a request for its certificate. The old pair serves on.
    pub fn begin_rotation(&self) -> Result<api::SigningRequest, JoinError> {
        renew::begin(self)
    }

    /// Takes the certificate for the new key into use, if it fits.
    pub fn finish_rotation(&self, signed: &api::SignedCertificate) -> Result<(), JoinError> {
        renew::finish(self, signed)
    }

    /// Keeps the identity alive: re-enrols when the certificate ran out, or runs out soon while the engine stays away.
    /// Never returns.
    pub async fn keep(self) {
        renew::keep(self).await;
    }

    /// Connections on `listener` that finished the handshake of the host door. A client that fails it is logged and
    /// dropped, and delays no other.
    pub fn incoming(
        &self,
        listener: tokio::net::TcpListener,
    ) -> tokio_stream::wrappers::ReceiverStream<std::io::Result<DoorStream>> {
        tls::incoming(self.clone(), listener)
    }

    fn swap(&self, material: Material) -> Result<(), JoinError> {
        let live = Live::new(material)?;
        live.material.save(&self.inner.folder)?;
        store::write_files(&self.inner.folder, &live.material)?;
        let days = (live.facts.not_after - now_seconds()) / 86_400;
        *self.inner.current.write().unwrap_or_else(PoisonError::into_inner) = Arc::new(live);
        tracing::info!(days, "a renewed certificate is in use");
        Ok(())
    }
}

impl Live {
    fn new(material: Material) -> Result<Self, JoinError> {
        let facts = material.check()?;
        let door = tls::door(&material)?;
        let transfer = tls::transfer(&material)?;
        Ok(Live { material, facts, door, transfer })
    }
}

/// What `join` sends beside the request.
#[derive(Debug, Clone, Copy)]
pub struct JoinOptions<'a> {
    /// The token that the administrator got.
    pub token: &'a str,
    /// The address that the engine shall dial; none: the one that leads to the engine.
    pub address: Option<&'a str>,
    /// The machine's own id.
    pub hardware_id: &'a str,
}

fn at(path: &Path) -> impl FnOnce(std::io::Error) -> JoinError {
    let path = path.to_path_buf();
    move |source| JoinError::File { path, source }
}

#[cfg(test)]
mod tests;
