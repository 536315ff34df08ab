//! The key of a host double: made anew when the engine asks, and taken into use when the engine has signed it. Refuses to
//! know how connections are secured.

use ferrovirt_hostapi as api;
use rcgen::{KeyPair, PublicKeyData};
use tonic::Status;

/// What a host proves its identity with.
#[derive(Clone, Debug, Default)]
pub struct Identity {
    /// The key in use, PEM.
    key: String,
    certificate: String,
    pending: Option<String>,
}

/// A certificate request for a key, PEM.
pub fn request(key: &KeyPair) -> String {
    rcgen::CertificateParams::default().serialize_request(key).unwrap().pem().unwrap()
}

impl Identity {
    /// A key and its certificate are in use.
    pub fn new(key: &KeyPair, certificate: String) -> Self {
        Self { key: key.serialize_pem(), certificate, pending: None }
    }

    /// The key in use.
    pub fn key(&self) -> KeyPair {
        KeyPair::from_pem(&self.key).unwrap()
    }

    pub fn begin_rotation(&mut self, _: api::Empty) -> Result<api::SigningRequest, Status> {
        let key = KeyPair::generate().unwrap();
        self.pending = Some(key.serialize_pem());
        Ok(api::SigningRequest { csr_pem: request(&key) })
    }

    pub fn finish_rotation(&mut self, signed: api::SignedCertificate) -> Result<api::Done, Status> {
        let Some(pending) = self.pending.clone() else {
            let again = self.certificate == signed.certificate_pem;
            return again.then_some(api::Done {}).ok_or_else(|| Status::invalid_argument("no rotation was begun"));
        };
        let (_, pem) = x509_parser::pem::parse_x509_pem(signed.certificate_pem.as_bytes()).unwrap();
        let bound = pem.parse_x509().unwrap().public_key().raw.to_vec();
        if bound != KeyPair::from_pem(&pending).unwrap().subject_public_key_info() {
            return Err(Status::invalid_argument("it belongs to another key"));
        }
        *self = Self { key: pending, certificate: signed.certificate_pem, pending: None };
        Ok(api::Done {})
    }
}
