//! The engine's own certificate: kept in one file with its key, shown to clients, and shown to hosts.

use std::path::Path;
use std::sync::Arc;

use ferrovirt_model::Millis;
use rcgen::KeyPair;
use rustls::client::ResolvesClientCert;
use rustls::crypto::ring;
use rustls::pki_types::PrivateKeyDer;
use rustls::pki_types::pem::PemObject;
use rustls::sign::CertifiedKey;
use rustls::{ClientConfig, RootCertStore, SignatureScheme};
use tokio::sync::watch;
use x509_parser::extensions::GeneralName;
use x509_parser::prelude::{FromDer, X509Certificate};

use super::authority::{Authority, Order, first_certificate, new_key, validity};
use super::{ENGINE_URI, KeyPem, PkiConfig, due, files, odd};
use crate::failure::Trouble;

/// The engine's certificate of the moment.
#[derive(Debug)]
pub struct EngineIdentity {
    pub(super) certificate_pem: String,
    pub(super) key: KeyPem,
    pub(super) served: Arc<CertifiedKey>,
    pub(super) issued_at: Millis,
    pub(super) expires_at: Millis,
    names: Vec<String>,
}

const FILE: &str = "engine.pem";

impl EngineIdentity {
    /// The stored one, if it is of this authority.
    pub(super) fn load(folder: &Path, authority: &Authority) -> Result<Option<Self>, Trouble> {
        let Some(text) = files::read(&folder.join(FILE))? else { return Ok(None) };
        // Certificate first, then the key: one file, so that the two always fit each other.
        let Some(start) = text.find("-----BEGIN PRIVATE KEY-----") else { return Ok(None) };
        let (certificate_pem, key) = text.split_at(start);
        let certificate = first_certificate(certificate_pem)?;
        let (_, parsed) = X509Certificate::from_der(&certificate).map_err(|error| odd(FILE)(&error))?;
        let (_, signer) = X509Certificate::from_der(authority.certificate()).map_err(|error| odd("ca.pem")(&error))?;
        if parsed.verify_signature(Some(signer.public_key())).is_err() {
            return Ok(None);
        }
        Self::of(certificate_pem.to_owned(), KeyPem::new(key)).map(Some)
    }

    /// A new key and certificate, stored before they are used.
    pub(super) fn make(
        config: &PkiConfig,
        authority: &Authority,
        names: &[String],
        now: Millis,
    ) -> Result<Self, Trouble> {
        let key: KeyPair = new_key()?;
        let order = Order {
            common_name: config.fqdn.clone(),
            names: names.to_vec(),
            uri: ENGINE_URI.to_owned(),
            lifetime: config.engine_lifetime,
        };
        let issued = authority.issue(&order, &key, now)?;
        let key = KeyPem::new(key.serialize_pem());
        files::replace(&config.folder.join(FILE), &format!("{}{}", issued.certificate_pem, key.expose()))?;
        tracing::info!(expires_at = issued.expires_at, "the engine has a new certificate");
        Self::of(issued.certificate_pem, key)
    }

    fn of(certificate_pem: String, key: KeyPem) -> Result<Self, Trouble> {
        let certificate = first_certificate(&certificate_pem)?;
        let (issued_at, expires_at) = validity(&certificate)?;
        let names = names(&certificate)?;
        let der =
            PrivateKeyDer::from_pem_slice(key.expose().as_bytes()).map_err(|error| odd("the engine's key")(&error))?;
        let signing = ring::default_provider()
            .key_provider
            .load_private_key(der)
            .map_err(|error| odd("the engine's key")(&error))?;
        let served = Arc::new(CertifiedKey::new(vec![certificate], signing));
        served.keys_match().map_err(|error| odd("the engine's key")(&error))?;
        Ok(Self { certificate_pem, key, served, issued_at, expires_at, names })
    }

    /// It names all of these.
    pub(super) fn carries(&self, names: &[String]) -> bool {
        names.iter().all(|name| self.names.contains(name))
    }

    /// It is to be renewed.
    pub(super) fn due(&self, now: Millis) -> bool {
        due(self.issued_at, self.expires_at, now)
    }
}

fn names(certificate: &[u8]) -> Result<Vec<String>, Trouble> {
    let (_, parsed) = X509Certificate::from_der(certificate).map_err(|error| odd("a certificate")(&error))?;
    let alternatives = parsed.subject_alternative_name().map_err(|error| odd("a certificate")(&error))?;
    let text = |name: &GeneralName<'_>| match name {
        GeneralName::DNSName(name) => Some((*name).to_owned()),
        GeneralName::IPAddress(bytes) => match bytes.len() {
            4 => <[u8; 4]>::try_from(*bytes).ok().map(|four| std::net::IpAddr::from(four).to_string()),
            _ => <[u8; 16]>::try_from(*bytes).ok().map(|sixteen| std::net::IpAddr::from(sixteen).to_string()),
        },
        _ => None,
    };
    Ok(alternatives.map(|found| found.value.general_names.iter().filter_map(text).collect()).unwrap_or_default())
}

/// Trusts the authority alone, and shows the certificate of the moment.
pub(super) fn host_tls(
    authority: &Authority,
    current: watch::Receiver<Arc<EngineIdentity>>,
) -> Result<Arc<ClientConfig>, Trouble> {
    let refuse = |error: rustls::Error| odd("the settings for hosts")(&error);
    let mut roots = RootCertStore::empty();
    roots.add(authority.certificate().clone()).map_err(refuse)?;
    let config = ClientConfig::builder_with_provider(Arc::new(ring::default_provider()))
        .with_safe_default_protocol_versions()
        .map_err(refuse)?
        .with_root_certificates(roots)
        .with_client_cert_resolver(Arc::new(Shown { current }));
    Ok(Arc::new(config))
}

#[derive(Debug)]
struct Shown {
    current: watch::Receiver<Arc<EngineIdentity>>,
}

impl ResolvesClientCert for Shown {
    fn resolve(&self, _authorities: &[&[u8]], _schemes: &[SignatureScheme]) -> Option<Arc<CertifiedKey>> {
        Some(Arc::clone(&self.current.borrow().served))
    }

    fn has_certs(&self) -> bool {
        true
    }
}
