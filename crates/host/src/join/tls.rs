//! TLS of the agent: who may come in at the host door, and what the agent shows. It refuses to know requests.

use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use rustls::pki_types::pem::PemObject;
use rustls::pki_types::{CertificateDer, PrivateKeyDer, UnixTime};
use rustls::server::WebPkiClientVerifier;
use rustls::server::danger::{ClientCertVerified, ClientCertVerifier};
use rustls::{DigitallySignedStruct, DistinguishedName, RootCertStore, ServerConfig, SignatureScheme};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::mpsc;
use tokio_stream::wrappers::ReceiverStream;
use x509_parser::prelude::{FromDer, X509Certificate};

use super::store::{Material, names};
use super::{Identity, JoinError};

/// The name that only the engine's client certificate carries.
pub(super) const ENGINE: &str = "ferrovirt:engine";
/// Handshakes take no longer.
const HANDSHAKE: Duration = Duration::from_secs(10);
/// Handshakes under way at once; further clients wait in the kernel's queue.
const AT_ONCE: usize = 64;

/// A connection of the engine.
pub type DoorStream = tokio_rustls::server::TlsStream<TcpStream>;

/// Makes ring the process's cryptography where nothing else is. Doing it twice is fine.
pub(super) fn install_provider() {
    // An error says that one is installed already.
    let _ = rustls::crypto::ring::default_provider().install_default();
}

fn odd(error: impl fmt::Display) -> JoinError {
    JoinError::Certificate(error.to_string())
}

type Pair = (Vec<CertificateDer<'static>>, PrivateKeyDer<'static>);

fn pair(material: &Material) -> Result<Pair, JoinError> {
    let chain: Result<Vec<_>, _> = CertificateDer::pem_slice_iter(material.certificate_pem.as_bytes()).collect();
    let key = PrivateKeyDer::from_pem_slice(material.key.expose().as_bytes()).map_err(odd)?;
    Ok((chain.map_err(odd)?, key))
}

fn roots(material: &Material) -> Result<RootCertStore, JoinError> {
    let mut roots = RootCertStore::empty();
    for certificate in CertificateDer::pem_slice_iter(material.ca_pem.as_bytes()) {
        roots.add(certificate.map_err(odd)?).map_err(odd)?;
    }
    Ok(roots)
}

/// The host door: mutual TLS, HTTP/2.
pub(super) fn door(material: &Material) -> Result<Arc<ServerConfig>, JoinError> {
    let (chain, key) = pair(material)?;
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    let chains = WebPkiClientVerifier::builder_with_provider(Arc::new(roots(material)?), Arc::clone(&provider))
        .build()
        .map_err(odd)?;
    let mut config = ServerConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()
        .map_err(odd)?
        .with_client_cert_verifier(Arc::new(EngineOnly { chains }))
        .with_single_cert(chain, key)
        .map_err(odd)?;
    config.alpn_protocols = vec![b"h2".to_vec()];
    Ok(Arc::new(config))
}

/// The transfer port: any client, HTTP/1.1; the ticket is the credential.
pub(super) fn transfer(material: &Material) -> Result<Arc<ServerConfig>, JoinError> {
    let (chain, key) = pair(material)?;
    let mut config = ServerConfig::builder_with_provider(Arc::new(rustls::crypto::ring::default_provider()))
        .with_safe_default_protocol_versions()
        .map_err(odd)?
        .with_no_client_auth()
        .with_single_cert(chain, key)
        .map_err(odd)?;
    config.alpn_protocols = vec![b"http/1.1".to_vec()];
    Ok(Arc::new(config))
}

/// Takes a client whose certificate the authority signed *and* that is the engine: a host's certificate opens no host.
#[derive(Debug)]
struct EngineOnly {
    chains: Arc<dyn ClientCertVerifier>,
}

impl ClientCertVerifier for EngineOnly {
    fn root_hint_subjects(&self) -> &[DistinguishedName] {
        self.chains.root_hint_subjects()
    }

    fn verify_client_cert(
        &self,
        end_entity: &CertificateDer<'_>,
        intermediates: &[CertificateDer<'_>],
        now: UnixTime,
    ) -> Result<ClientCertVerified, rustls::Error> {
        let verified = self.chains.verify_client_cert(end_entity, intermediates, now)?;
        let refuse = |why: &str| rustls::Error::General(why.to_owned());
        let (_, certificate) =
            X509Certificate::from_der(end_entity).map_err(|_| refuse("the client certificate can't be read"))?;
        if names(&certificate).iter().any(|name| name == ENGINE) {
            Ok(verified)
        } else {
            Err(refuse("the client certificate is not the engine's"))
        }
    }

    fn verify_tls12_signature(
        &self,
        message: &[u8],
        certificate: &CertificateDer<'_>,
        signature: &DigitallySignedStruct,
    ) -> Result<rustls::client::danger::HandshakeSignatureValid, rustls::Error> {
        self.chains.verify_tls12_signature(message, certificate, signature)
    }

    fn verify_tls13_signature(
        &self,
        message: &[u8],
        certificate: &CertificateDer<'_>,
        signature: &DigitallySignedStruct,
    ) -> Result<rustls::client::danger::HandshakeSignatureValid, rustls::Error> {
        self.chains.verify_tls13_signature(message, certificate, signature)
    }

    fn supported_verify_schemes(&self) -> Vec<SignatureScheme> {
        self.chains.supported_verify_schemes()
    }
}

/// Accepts and shakes hands, each connection on its own.
pub(super) fn incoming(identity: Identity, listener: TcpListener) -> ReceiverStream<std::io::Result<DoorStream>> {
    let (sender, receiver) = mpsc::channel(AT_ONCE);
    let turns = Arc::new(tokio::sync::Semaphore::new(AT_ONCE));
    tokio::spawn(async move {
        loop {
            let Ok(turn) = Arc::clone(&turns).acquire_owned().await else { return };
            let accepted = tokio::select! {
                () = sender.closed() => return,
                accepted = listener.accept() => accepted,
            };
            let (stream, peer) = match accepted {
                Ok(accepted) => accepted,
                Err(error) => {
                    // Out of file descriptors, most likely: a pause lets others end.
                    tracing::warn!(%error, "the host door can't accept");
                    tokio::time::sleep(Duration::from_millis(200)).await;
                    continue;
                }
            };
            let (identity, sender) = (identity.clone(), sender.clone());
            tokio::spawn(async move {
                let _turn = turn;
                // Small frames must not wait for more; a stream that can't take the option still works.
                let _ = stream.set_nodelay(true);
                let acceptor = tokio_rustls::TlsAcceptor::from(identity.server_config());
                match tokio::time::timeout(HANDSHAKE, acceptor.accept(stream)).await {
                    Ok(Ok(stream)) => {
                        identity.engine_seen();
                        // The server may have ended meanwhile: then the connection ends too.
                        let _ = sender.send(Ok(stream)).await;
                    }
                    Ok(Err(error)) => tracing::warn!(%peer, %error, "a client was refused at the host door"),
                    Err(_elapsed) => tracing::warn!(%peer, "a client did not finish its handshake at the host door"),
                }
            });
        }
    });
    ReceiverStream::new(receiver)
}
