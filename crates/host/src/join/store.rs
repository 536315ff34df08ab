//! Key and certificates on disk: one file, replaced as a whole, readable by root alone. It refuses to know the network.

use std::os::unix::fs::DirBuilderExt;
use std::path::Path;

use rcgen::{KeyPair, PKCS_ECDSA_P256_SHA256, PublicKeyData};
use rustls::pki_types::CertificateDer;
use rustls::pki_types::pem::PemObject;
use serde::{Deserialize, Serialize};
use x509_parser::prelude::{FromDer, X509Certificate};

use super::{JoinError, at, now_seconds};
use crate::storage::blocking::replace;

/// A private key in PEM. It can't be printed.
#[derive(Clone, Serialize, Deserialize)]
#[serde(transparent)]
pub struct KeyPem(String);

impl std::fmt::Debug for KeyPem {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter.write_str("KeyPem(***)")
    }
}

impl KeyPem {
    /// Makes a new key: ECDSA on P-256.
    pub(super) fn generate() -> Result<Self, JoinError> {
        KeyPair::generate_for(&PKCS_ECDSA_P256_SHA256)
            .map(|pair| KeyPem(pair.serialize_pem()))
            .map_err(|error| JoinError::Certificate(error.to_string()))
    }

    /// For the one caller that must hand it on.
    pub(super) fn expose(&self) -> &str {
        &self.0
    }

    pub(super) fn pair(&self) -> Result<KeyPair, JoinError> {
        KeyPair::from_pem(&self.0).map_err(|error| JoinError::Certificate(format!("the key can't be read: {error}")))
    }

    /// A certificate request for this key. The engine decides the names; those here are what the host believes.
    pub(super) fn request(&self, common_name: &str, names: &[String]) -> Result<String, JoinError> {
        let odd = |error: rcgen::Error| JoinError::Certificate(error.to_string());
        let mut parameters = rcgen::CertificateParams::new(names.to_vec()).map_err(odd)?;
        parameters.distinguished_name = rcgen::DistinguishedName::new();
        parameters.distinguished_name.push(rcgen::DnType::CommonName, common_name);
        parameters.serialize_request(&self.pair()?).and_then(|request| request.pem()).map_err(odd)
    }

    /// Signs bytes: ECDSA with SHA-256, in ASN.1 DER.
    pub(super) fn sign(&self, message: &[u8]) -> Result<Vec<u8>, JoinError> {
        use rcgen::SigningKey;
        self.pair()?.sign(message).map_err(|error| JoinError::Certificate(error.to_string()))
    }
}

/// All that a joined host knows of itself.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(super) struct Material {
    pub(super) host_id: String,
    pub(super) engine_url: String,
    pub(super) address: String,
    pub(super) hostname: String,
    pub(super) key: KeyPem,
    pub(super) certificate_pem: String,
    pub(super) ca_pem: String,
}

/// What a certificate says, as far as the agent needs it. Times are seconds since the epoch.
#[derive(Debug, Clone, Copy)]
pub(super) struct Facts {
    pub(super) not_before: i64,
    pub(super) not_after: i64,
}

impl Material {
    pub(super) fn load(folder: &Path) -> Result<Self, JoinError> {
        let path = folder.join("identity.json");
        let text = std::fs::read(&path).map_err(|source| match source.kind() {
            std::io::ErrorKind::NotFound => JoinError::NotJoined,
            _ => JoinError::File { path: path.clone(), source },
        })?;
        serde_json::from_slice(&text).map_err(|error| JoinError::File { path, source: error.into() })
    }

    /// Replaces the stored identity; after a crash either the old one or this one is there.
    pub(super) fn save(&self, folder: &Path) -> Result<(), JoinError> {
        make_folder(folder)?;
        let path = folder.join("identity.json");
        let text = serde_json::to_vec_pretty(self).map_err(|error| at(&path)(error.into()))?;
        replace(&path, &text, 0o600).map_err(at(&path))
    }

    /// Refuses a certificate that is not for this key and this host, or not of this authority.
    pub(super) fn check(&self) -> Result<Facts, JoinError> {
        let refuse = |why: String| JoinError::Certificate(why);
        let certificate_der = first_certificate(&self.certificate_pem)?;
        let ca_der = first_certificate(&self.ca_pem)?;
        let parse = |der| X509Certificate::from_der(der).map(|(_, one)| one).map_err(|error| refuse(error.to_string()));
        let (certificate, ca) = (parse(&certificate_der)?, parse(&ca_der)?);
        if certificate.public_key().raw != self.key.pair()?.subject_public_key_info() {
            return Err(refuse("it belongs to another key".into()));
        }
        if certificate.verify_signature(Some(ca.public_key())).is_err() || certificate.issuer() != ca.subject() {
            return Err(refuse("the engine's authority did not sign it".into()));
        }
        let uri = format!("ferrovirt:host:{}", self.host_id);
        if !names(&certificate).contains(&uri) {
            return Err(refuse(format!("it does not name {uri}")));
        }
        let validity = certificate.validity();
        Ok(Facts { not_before: validity.not_before.timestamp(), not_after: validity.not_after.timestamp() })
    }
}

impl Facts {
    /// Seconds left, negative after the end.
    pub(super) fn left(&self) -> i64 {
        self.not_after - now_seconds()
    }

    /// The whole lifetime in seconds.
    pub(super) fn lifetime(&self) -> i64 {
        self.not_after - self.not_before
    }
}

/// The URI names of a certificate.
pub(super) fn names(certificate: &X509Certificate<'_>) -> Vec<String> {
    use x509_parser::extensions::GeneralName;
    let Ok(Some(alternatives)) = certificate.subject_alternative_name() else { return Vec::new() };
    let uri = |name: &GeneralName<'_>| match name {
        GeneralName::URI(uri) => Some((*uri).to_owned()),
        _ => None,
    };
    alternatives.value.general_names.iter().filter_map(uri).collect()
}

/// The first certificate of a PEM text, as DER.
pub(super) fn first_certificate(pem: &str) -> Result<Vec<u8>, JoinError> {
    let first = CertificateDer::from_pem_slice(pem.as_bytes());
    first.map(|der| der.to_vec()).map_err(|error| JoinError::Certificate(error.to_string()))
}

pub(super) fn make_folder(folder: &Path) -> Result<(), JoinError> {
    std::fs::DirBuilder::new().recursive(true).mode(0o700).create(folder).map_err(at(folder))
}

/// Files for libvirt and QEMU, in the names that they look for. Server and client use the same pair.
pub(super) fn write_files(folder: &Path, material: &Material) -> Result<(), JoinError> {
    let folder = folder.join("tls");
    make_folder(&folder)?;
    let (key, certificate) = (material.key.expose(), &material.certificate_pem);
    for (name, text, mode) in [
        ("ca-cert.pem", material.ca_pem.as_str(), 0o644),
        ("cacert.pem", &material.ca_pem, 0o644),
        ("server-cert.pem", certificate, 0o644),
        ("servercert.pem", certificate, 0o644),
        ("client-cert.pem", certificate, 0o644),
        ("clientcert.pem", certificate, 0o644),
        ("server-key.pem", key, 0o600),
        ("serverkey.pem", key, 0o600),
        ("client-key.pem", key, 0o600),
        ("clientkey.pem", key, 0o600),
    ] {
        let path = folder.join(name);
        if std::fs::read(&path).is_ok_and(|found| found == text.as_bytes()) {
            continue;
        }
        replace(&path, text.as_bytes(), mode).map_err(at(&path))?;
    }
    Ok(())
}
