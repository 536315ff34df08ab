//! The authority itself: one key, one certificate, and the act of signing. Refuses to know files of others and who asks.

use std::net::IpAddr;
use std::path::Path;
use std::time::Duration;

use ferrovirt_model::Millis;
use rcgen::string::Ia5String;
use rcgen::{
    BasicConstraints, CertificateParams, CertificateSigningRequestParams, DistinguishedName, DnType,
    ExtendedKeyUsagePurpose, IsCa, Issuer, KeyPair, KeyUsagePurpose, PKCS_ECDSA_P256_SHA256, PublicKeyData, SanType,
    SerialNumber,
};
use rustls::pki_types::CertificateDer;
use rustls::pki_types::pem::PemObject;
use sha2::{Digest, Sha256};
use time::OffsetDateTime;
use x509_parser::prelude::{FromDer, X509Certificate};

use super::{DAY, Issued, files, odd};
use crate::failure::Trouble;

/// How long the authority lives.
const LIFETIME: Duration = DAY.saturating_mul(3652);
/// Certificates begin a little in the past, because clocks differ.
const BACKDATE: Duration = Duration::from_secs(300);

pub(super) struct Authority {
    issuer: Issuer<'static, KeyPair>,
    certificate_pem: String,
    certificate: CertificateDer<'static>,
    expires_at: Millis,
}

impl std::fmt::Debug for Authority {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Authority").field("expires_at", &self.expires_at).finish_non_exhaustive()
    }
}

/// What a certificate shall say.
pub(super) struct Order {
    pub(super) common_name: String,
    /// DNS names and IP addresses.
    pub(super) names: Vec<String>,
    pub(super) uri: String,
    pub(super) lifetime: Duration,
}

impl Authority {
    /// The authority of a folder. The key is written before the certificate, so a crash between the two loses nothing.
    pub(super) fn open(folder: &Path, now: Millis) -> Result<Self, Trouble> {
        let (key_path, certificate_path) = (folder.join("ca-key.pem"), folder.join("ca.pem"));
        let key = match files::read(&key_path)? {
            Some(pem) => KeyPair::from_pem(&pem).map_err(|error| odd("the authority's key")(&error))?,
            None if certificate_path.exists() => {
                let what = format!("{} is missing, and its certificate is there", key_path.display());
                return Err(Trouble::Certificates(what));
            }
            None => {
                let key = new_key()?;
                files::replace(&key_path, &key.serialize_pem())?;
                key
            }
        };
        let certificate_pem = match files::read(&certificate_path)? {
            Some(pem) => pem,
            None => {
                let pem = self_signed(&key, now)?;
                files::replace(&certificate_path, &pem)?;
                pem
            }
        };
        let certificate = first_certificate(&certificate_pem)?;
        let (_, expires_at) = validity(&certificate)?;
        let issuer = Issuer::from_ca_cert_der(&certificate, key).map_err(|error| odd("the authority")(&error))?;
        Ok(Self { issuer, certificate_pem, certificate, expires_at })
    }

    pub(super) fn certificate_pem(&self) -> &str {
        &self.certificate_pem
    }

    pub(super) fn certificate(&self) -> &CertificateDer<'static> {
        &self.certificate
    }

    pub(super) fn fingerprint(&self) -> String {
        hex::encode(Sha256::digest(&self.certificate))
    }

    pub(super) fn expires_at(&self) -> Millis {
        self.expires_at
    }

    /// Signs a certificate for a key.
    pub(super) fn issue(&self, order: &Order, key: &impl PublicKeyData, now: Millis) -> Result<Issued, Trouble> {
        let refuse = |error: rcgen::Error| odd(&order.common_name)(&error);
        let (begin, end) = span(order.lifetime, now)?;
        let end = end.min(moment(self.expires_at)?);
        let mut params = CertificateParams::default();
        params.distinguished_name = common_name(&order.common_name);
        params.subject_alt_names = order.names.iter().map(|name| alternative(name)).collect::<Result<_, _>>()?;
        params.subject_alt_names.push(SanType::URI(ia5(&order.uri)?));
        params.not_before = begin;
        params.not_after = end;
        params.is_ca = IsCa::ExplicitNoCa;
        // libvirt takes no certificate without key encipherment, though an elliptic key never does it.
        params.key_usages = vec![KeyUsagePurpose::DigitalSignature, KeyUsagePurpose::KeyEncipherment];
        params.extended_key_usages = vec![ExtendedKeyUsagePurpose::ServerAuth, ExtendedKeyUsagePurpose::ClientAuth];
        params.use_authority_key_identifier_extension = true;
        let serial = serial();
        params.serial_number = Some(SerialNumber::from_slice(&serial));
        let certificate = params.signed_by(key, &self.issuer).map_err(refuse)?;
        let (issued_at, expires_at) = validity(certificate.der())?;
        Ok(Issued {
            certificate_pem: certificate.pem(),
            ca_pem: self.certificate_pem.clone(),
            serial: hex::encode(serial),
            public_key: key.subject_public_key_info(),
            issued_at,
            expires_at,
        })
    }
}

/// A new key: ECDSA on P-256.
pub(super) fn new_key() -> Result<KeyPair, Trouble> {
    KeyPair::generate_for(&PKCS_ECDSA_P256_SHA256).map_err(|error| odd("a new key")(&error))
}

/// The key of a request whose sender has proven to hold it.
pub(super) fn requested_key(csr_pem: &str) -> Result<rcgen::PublicKey, Trouble> {
    CertificateSigningRequestParams::from_pem(csr_pem)
        .map(|request| request.public_key)
        .map_err(|error| odd("the certificate request")(&error))
}

/// From when and until when a certificate holds.
pub(super) fn validity(certificate: &CertificateDer<'_>) -> Result<(Millis, Millis), Trouble> {
    let (_, parsed) = X509Certificate::from_der(certificate).map_err(|error| odd("a certificate")(&error))?;
    let validity = parsed.validity();
    Ok((validity.not_before.timestamp() * 1000, validity.not_after.timestamp() * 1000))
}

/// The first certificate of a PEM text.
pub(super) fn first_certificate(pem: &str) -> Result<CertificateDer<'static>, Trouble> {
    CertificateDer::from_pem_slice(pem.as_bytes()).map_err(|error| odd("a certificate")(&error))
}

fn self_signed(key: &KeyPair, now: Millis) -> Result<String, Trouble> {
    let (begin, end) = span(LIFETIME, now)?;
    let mut params = CertificateParams::default();
    // The serial makes two installations' authorities tell apart in a browser's list.
    let serial = serial();
    params.distinguished_name = common_name(&format!("Ferrovirt authority {}", hex::encode(&serial[..4])));
    params.serial_number = Some(SerialNumber::from_slice(&serial));
    params.not_before = begin;
    params.not_after = end;
    params.is_ca = IsCa::Ca(BasicConstraints::Constrained(0));
    params.key_usages = vec![KeyUsagePurpose::KeyCertSign, KeyUsagePurpose::CrlSign];
    params.self_signed(key).map(|certificate| certificate.pem()).map_err(|error| odd("the authority")(&error))
}

fn common_name(name: &str) -> DistinguishedName {
    let mut distinguished = DistinguishedName::new();
    distinguished.push(DnType::CommonName, name);
    distinguished
}

fn ia5(text: &str) -> Result<Ia5String, Trouble> {
    Ia5String::try_from(text).map_err(|error| odd(text)(&error))
}

fn alternative(name: &str) -> Result<SanType, Trouble> {
    if let Ok(address) = name.parse::<IpAddr>() {
        return Ok(SanType::IpAddress(address));
    }
    let usable = |c: char| c.is_ascii_alphanumeric() || matches!(c, '-' | '.' | '_');
    if name.len() > 253 || !name.chars().all(usable) {
        return Err(Trouble::Certificates(format!("'{name}' is no host name")));
    }
    Ok(SanType::DnsName(ia5(name)?))
}

/// 127 random bits: positive, and never of the same number twice.
fn serial() -> [u8; 16] {
    let mut bytes: [u8; 16] = rand::random();
    bytes[0] = bytes[0] & 0x7f | 0x40;
    bytes
}

fn span(lifetime: Duration, now: Millis) -> Result<(OffsetDateTime, OffsetDateTime), Trouble> {
    let now = moment(now)?;
    Ok((now - BACKDATE.min(lifetime / 10), now + lifetime))
}

fn moment(at: Millis) -> Result<OffsetDateTime, Trouble> {
    OffsetDateTime::from_unix_timestamp(at / 1000).map_err(|error| odd("a time")(&error))
}
