//! What certificates say, and that a renewal is taken up.

use ferrovirt_model::ids::HostId;
use rcgen::{CertificateParams, KeyPair};
use uuid::Uuid;
use x509_parser::prelude::{FromDer, X509Certificate};

use super::*;

const NOW: Millis = 1_700_000_000_000;

fn opened(folder: &Path) -> Pki {
    Pki::open(PkiConfig::new(folder, "engine.example"), NOW).unwrap()
}

fn request(names: &[&str]) -> (KeyPair, String) {
    let key = KeyPair::generate().unwrap();
    let names: Vec<String> = names.iter().map(|name| (*name).to_owned()).collect();
    let csr = CertificateParams::new(names).unwrap().serialize_request(&key).unwrap().pem().unwrap();
    (key, csr)
}

#[test]
fn a_second_start_finds_the_same_authority_and_certificate() {
    let folder = tempfile::tempdir().unwrap();
    let (one, two) = (opened(folder.path()), opened(folder.path()));
    assert_eq!(one.ca_certificate_pem(), two.ca_certificate_pem());
    assert_eq!(one.engine_certificate_pem(), two.engine_certificate_pem());
    let renamed = Pki::open(PkiConfig::new(folder.path(), "other.example"), NOW).unwrap();
    assert_ne!(
        one.engine_certificate_pem(),
        renamed.engine_certificate_pem(),
        "another name needs another certificate"
    );
    for entry in std::fs::read_dir(folder.path()).unwrap() {
        use std::os::unix::fs::PermissionsExt;
        let entry = entry.unwrap();
        assert_eq!(entry.metadata().unwrap().permissions().mode() & 0o777, 0o600, "{:?}", entry.path());
    }
}

#[test]
fn a_host_certificate_says_what_the_engine_says_and_not_what_the_request_says() {
    let folder = tempfile::tempdir().unwrap();
    let pki = opened(folder.path());
    let (key, csr) = request(&["engine.example", "other-host"]);
    let id = HostId(Uuid::from_u128(7));
    let issued = pki.issue_host(&csr, id, &["10.0.0.7".to_owned(), "h7.example".to_owned()], NOW).unwrap();
    let der = authority::first_certificate(&issued.certificate_pem).unwrap();
    let (_, certificate) = X509Certificate::from_der(&der).unwrap();
    let text = format!("{:?}", certificate.subject_alternative_name().unwrap().unwrap().value);
    assert!(text.contains("h7.example") && text.contains(&format!("ferrovirt:host:{id}")), "{text}");
    assert!(text.contains(&certificate_name(id)) && !text.contains("other-host") && !text.contains("ferrovirt:engine"));
    assert_eq!(certificate.subject().to_string(), format!("CN={id}"));
    assert_eq!(certificate.public_key().raw, rcgen::PublicKeyData::subject_public_key_info(&key));
    assert_eq!(issued.expires_at, NOW + i64::try_from(USUAL_LIFETIME.as_millis()).unwrap());
    assert!(!certificate.is_ca());
}

#[test]
fn a_request_without_proof_of_its_key_is_refused() {
    let folder = tempfile::tempdir().unwrap();
    let pki = opened(folder.path());
    let (_, csr) = request(&["h1"]);
    let mut lines: Vec<String> = csr.lines().map(str::to_owned).collect();
    let last = lines.len() - 2;
    let flipped = if lines[last].starts_with('A') { "B" } else { "A" };
    lines[last].replace_range(0..1, flipped);
    let id = HostId(Uuid::from_u128(1));
    assert!(pki.issue_host(&lines.join("\n"), id, &[], NOW).is_err());
    assert!(pki.issue_host("no request", id, &[], NOW).is_err());
    assert!(pki.issue_host(&csr, id, &["a name".to_owned()], NOW).is_err(), "no host has a space in its name");
}

#[test]
fn a_renewal_is_served_at_once_and_found_at_the_next_start() {
    let folder = tempfile::tempdir().unwrap();
    let pki = opened(folder.path());
    let before = pki.server_certificate();
    let day: Millis = 24 * 3600 * 1000;
    assert!(!pki.engine_due(NOW + 50 * day));
    assert!(pki.engine_due(NOW + 59 * day), "more than a third of 90 days is left");
    pki.renew_engine(NOW + 59 * day).unwrap();
    assert_ne!(before.cert, pki.server_certificate().cert);
    assert!(!pki.engine_due(NOW + 60 * day));
    let again = Pki::open(PkiConfig::new(folder.path(), "engine.example"), NOW + 60 * day).unwrap();
    assert_eq!(again.engine_certificate_pem(), pki.engine_certificate_pem());
}
