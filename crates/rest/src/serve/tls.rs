//! The TLS side of the listeners. The certificate is asked for at each handshake, so a rotated one is used at once.

use std::fmt;
use std::sync::Arc;

use ferrovirt_engine::pki::Pki;
use tokio_rustls::rustls::crypto::ring;
use tokio_rustls::rustls::server::{ClientHello, ResolvesServerCert};
use tokio_rustls::rustls::sign::CertifiedKey;
use tokio_rustls::rustls::{self, ServerConfig};

/// Whoever holds the certificate of a listener.
pub trait Certificates: Send + Sync + 'static {
    /// The one to use for a handshake now.
    fn current(&self) -> Arc<CertifiedKey>;
}

impl Certificates for Pki {
    fn current(&self) -> Arc<CertifiedKey> {
        self.server_certificate()
    }
}

struct Resolver(Arc<dyn Certificates>);

impl fmt::Debug for Resolver {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Resolver")
    }
}

impl ResolvesServerCert for Resolver {
    fn resolve(&self, _hello: ClientHello<'_>) -> Option<Arc<CertifiedKey>> {
        Some(self.0.current())
    }
}

/// TLS 1.2 and 1.3 with the library's own choice of suites; clients of this API show no certificate.
pub(super) fn server_config(
    certificates: Arc<dyn Certificates>,
    protocols: &[&[u8]],
) -> Result<Arc<ServerConfig>, rustls::Error> {
    let mut config = ServerConfig::builder_with_provider(Arc::new(ring::default_provider()))
        .with_safe_default_protocol_versions()?
        .with_no_client_auth()
        .with_cert_resolver(Arc::new(Resolver(certificates)));
    config.alpn_protocols = protocols.iter().map(|protocol| protocol.to_vec()).collect();
    Ok(Arc::new(config))
}
