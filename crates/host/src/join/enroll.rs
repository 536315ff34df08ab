//! Joining: the token names the engine and the fingerprint of its authority, and nothing else is trusted before that
//! fingerprint fits. Re-enrolment signs the request with the host's own key. It refuses to know what runs on the host.

use std::net::{SocketAddr, UdpSocket};
use std::time::Duration;

use base64::Engine as _;
use base64::engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD};
use serde::Deserialize;
use serde_json::json;
use sha2::{Digest, Sha256};

use super::store::{KeyPem, Material, first_certificate};
use super::{Identity, JoinError, JoinOptions, at, folder, now_seconds, tls};
use crate::config::Config;
use crate::door::Epochs;

const DEADLINE: Duration = Duration::from_secs(30);
/// An authority's certificate is a few kilobytes.
const ANSWER_LIMIT: usize = 256 * 1024;

#[derive(Deserialize)]
struct Token {
    url: String,
    ca_sha256: String,
    secret: String,
}

fn token(text: &str) -> Result<Token, JoinError> {
    let bytes = URL_SAFE_NO_PAD
        .decode(text.trim().trim_end_matches('='))
        .map_err(|error| JoinError::Token(error.to_string()))?;
    let token: Token = serde_json::from_slice(&bytes).map_err(|error| JoinError::Token(error.to_string()))?;
    let url = reqwest::Url::parse(&token.url).map_err(|error| JoinError::Token(error.to_string()))?;
    if url.scheme() != "https" || url.host_str().is_none() {
        return Err(JoinError::Token(format!("{url} is no https address")));
    }
    Ok(token)
}

/// Tells the causes too: reqwest's own text stops at "error sending request".
fn unreachable(error: &reqwest::Error) -> JoinError {
    let mut text = error.to_string();
    let mut cause = std::error::Error::source(error);
    while let Some(one) = cause {
        text.push_str(&format!(": {one}"));
        cause = one.source();
    }
    JoinError::Engine(text)
}

fn builder() -> reqwest::ClientBuilder {
    tls::install_provider();
    reqwest::Client::builder().timeout(DEADLINE).no_proxy().redirect(reqwest::redirect::Policy::none())
}

/// A client that trusts this authority and no other.
fn trusting(ca_pem: &str) -> Result<reqwest::Client, JoinError> {
    let ca = reqwest::Certificate::from_der(&first_certificate(ca_pem)?).map_err(|error| unreachable(&error))?;
    builder().https_only(true).tls_certs_only([ca]).build().map_err(|error| unreachable(&error))
}

/// Fetches the authority's certificate from whoever answers, and believes it only if its fingerprint fits.
async fn authority(url: &str, expected: &str) -> Result<String, JoinError> {
    let client = builder().tls_danger_accept_invalid_certs(true).build().map_err(|error| unreachable(&error))?;
    let address = format!("{url}/services/pki-resource?resource=ca-certificate&format=X509-PEM-CA");
    let answer = client.get(address).send().await.map_err(|error| unreachable(&error))?;
    let pem = text(answer).await?;
    let found = hex::encode(Sha256::digest(first_certificate(&pem)?));
    if found.eq_ignore_ascii_case(expected.trim()) {
        return Ok(pem);
    }
    Err(JoinError::Fingerprint { url: url.to_owned(), found, expected: expected.to_owned() })
}

async fn text(mut answer: reqwest::Response) -> Result<String, JoinError> {
    let status = answer.status();
    let mut bytes = Vec::new();
    while let Some(chunk) = answer.chunk().await.map_err(|error| unreachable(&error))? {
        if bytes.len() + chunk.len() > ANSWER_LIMIT {
            return Err(JoinError::Engine("the answer is too long".into()));
        }
        bytes.extend_from_slice(&chunk);
    }
    let text = String::from_utf8_lossy(&bytes).into_owned();
    if status.is_success() {
        return Ok(text);
    }
    Err(JoinError::Refused { status: status.as_u16(), reason: text.chars().take(500).collect() })
}

#[derive(Deserialize)]
struct Enrolled {
    host_id: String,
    certificate_pem: String,
    ca_pem: String,
}

async fn post(client: &reqwest::Client, address: String, body: &serde_json::Value) -> Result<Enrolled, JoinError> {
    let answer = client.post(address).json(body).send().await.map_err(|error| unreachable(&error))?;
    let text = text(answer).await?;
    serde_json::from_str(&text).map_err(|error| JoinError::Engine(format!("the answer can't be read: {error}")))
}

/// The local address that leads to the engine. Nothing is sent.
async fn address_towards(url: &str) -> Result<String, JoinError> {
    let odd = |what: &str| JoinError::Engine(format!("{what}; name the host's address with --address"));
    let url = reqwest::Url::parse(url).map_err(|error| odd(&error.to_string()))?;
    let target = (
        url.host_str().unwrap_or_default().trim_matches(['[', ']']).to_owned(),
        url.port_or_known_default().unwrap_or(443),
    );
    let found = tokio::net::lookup_host(target).await.map_err(|error| odd(&error.to_string()))?;
    for engine in found {
        let any: SocketAddr =
            if engine.is_ipv4() { ([0, 0, 0, 0], 0).into() } else { (std::net::Ipv6Addr::UNSPECIFIED, 0).into() };
        let local = UdpSocket::bind(any).and_then(|socket| socket.connect(engine).and_then(|()| socket.local_addr()));
        if let Ok(local) = local {
            return Ok(local.ip().to_string());
        }
    }
    Err(odd("no local address leads to the engine"))
}

/// Joins an engine and stores the identity. Joining again with a new token replaces it.
pub async fn join(config: &Config, options: JoinOptions<'_>) -> Result<Identity, JoinError> {
    let token = token(options.token)?;
    let url = token.url.trim_end_matches('/').to_owned();
    let ca_pem = authority(&url, &token.ca_sha256).await?;
    let hostname = nix::unistd::gethostname()
        .map_err(|errno| JoinError::Engine(format!("the host's name can't be read: {errno}")))?
        .to_string_lossy()
        .into_owned();
    let address = match options.address.map(str::to_owned).or_else(|| config.address.clone()) {
        Some(address) => address,
        None => address_towards(&url).await?,
    };
    let key = KeyPem::generate()?;
    let csr_pem = key.request(&hostname, &[hostname.clone(), address.clone()])?;
    let body = json!({
        "secret": token.secret,
        "csr_pem": csr_pem,
        "hardware_id": options.hardware_id,
        "hostname": hostname,
        "address": address,
        "port": config.listen.port(),
    });
    let enrolled = post(&trusting(&ca_pem)?, format!("{url}/services/host-enroll"), &body).await?;
    let material = Material {
        host_id: enrolled.host_id,
        engine_url: url,
        address,
        hostname,
        key,
        certificate_pem: enrolled.certificate_pem,
        ca_pem: enrolled.ca_pem,
    };
    if first_certificate(&material.ca_pem)? != first_certificate(&ca_pem)? {
        return Err(JoinError::Certificate("the engine answered with another authority than the token names".into()));
    }
    material.check()?;
    material.save(&folder(config))?;
    Epochs::forget(&config.state_dir).map_err(at(&config.state_dir))?;
    Identity::load(config)
}

/// What a re-enrolling host signs: host id, time and request, one a line.
pub(super) fn signed_text(host_id: &str, timestamp: i64, csr_pem: &str) -> String {
    format!("{host_id}\n{timestamp}\n{csr_pem}")
}

/// Gets a new certificate with the host's own key as the credential, however old its certificate is. The request is for
/// that same key: an answer that gets lost costs nothing, and the engine's next rotation brings a new key.
pub(super) async fn reenroll(material: &Material) -> Result<Material, JoinError> {
    let csr_pem = material.key.request(&material.host_id, &[material.hostname.clone(), material.address.clone()])?;
    let timestamp = now_seconds();
    let signature = material.key.sign(signed_text(&material.host_id, timestamp, &csr_pem).as_bytes())?;
    let body = json!({
        "host_id": material.host_id,
        "csr_pem": csr_pem,
        "timestamp": timestamp,
        "signature": STANDARD.encode(signature),
    });
    let address = format!("{}/services/host-reenroll", material.engine_url);
    let enrolled = post(&trusting(&material.ca_pem)?, address, &body).await?;
    let renewed = Material {
        certificate_pem: enrolled.certificate_pem,
        // The authority that this host trusts may only be replaced by one that it has reason to trust: the answer came
        // over a connection that the old one vouches for.
        ca_pem: enrolled.ca_pem,
        ..material.clone()
    };
    renewed.check()?;
    Ok(renewed)
}
