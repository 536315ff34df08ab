//! How a simulated host joins: the same requests as a real one's `join`, with its key kept in memory.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde::Deserialize;
use thiserror::Error;

/// What keeps the simulator from its work.
#[derive(Debug, Error)]
pub enum SimError {
    /// A request to the engine failed.
    #[error("the engine did not answer {what}")]
    Request {
        /// What was asked.
        what: String,
        /// Why.
        #[source]
        source: reqwest::Error,
    },
    /// The engine refused.
    #[error("the engine refused {what}: {status} {body}")]
    Refused {
        /// What was asked.
        what: String,
        /// The status code.
        status: u16,
        /// Its words.
        body: String,
    },
    /// A key, certificate or answer can't be used.
    #[error("{0}")]
    Unusable(String),
}

/// What a joined host proves itself with.
#[derive(Clone, Debug)]
pub struct Identity {
    /// Its id.
    pub host_id: String,
    /// Certificate, PEM.
    pub certificate: String,
    /// Key, PEM.
    pub key: String,
    /// The authority, PEM.
    pub ca: String,
}

#[derive(Deserialize)]
struct Token {
    secret: String,
}

#[derive(Deserialize)]
struct Enrolled {
    host_id: String,
    certificate_pem: String,
    ca_pem: String,
}

/// Joins with a one-time token.
///
/// # Errors
/// [`SimError`], when the token is spent or the engine refuses.
pub async fn join(
    client: &reqwest::Client,
    engine: &str,
    token: &str,
    name: &str,
    address: std::net::SocketAddrV4,
) -> Result<Identity, SimError> {
    let unusable =
        |what: &dyn std::fmt::Display| SimError::Unusable(format!("the join token or key of {name}: {what}"));
    let decoded = URL_SAFE_NO_PAD.decode(token.trim_end_matches('=')).map_err(|error| unusable(&error))?;
    let token: Token = serde_json::from_slice(&decoded).map_err(|error| unusable(&error))?;
    let key = rcgen::KeyPair::generate().map_err(|error| unusable(&error))?;
    let request = rcgen::CertificateParams::default().serialize_request(&key).map_err(|error| unusable(&error))?;
    let body = serde_json::json!({
        "secret": token.secret,
        "csr_pem": request.pem().map_err(|error| unusable(&error))?,
        "hardware_id": uuid::Uuid::new_v4().to_string(),
        "hostname": name,
        "address": address.ip().to_string(),
        "port": address.port(),
    });
    let what = format!("the enrolment of {name}");
    let reply = client.post(format!("{engine}/services/host-enroll")).json(&body).send().await;
    let enrolled: Enrolled = answer(&what, reply).await?;
    Ok(Identity {
        host_id: enrolled.host_id,
        certificate: enrolled.certificate_pem,
        key: key.serialize_pem(),
        ca: enrolled.ca_pem,
    })
}

/// The JSON of a successful answer.
///
/// # Errors
/// [`SimError::Request`] or [`SimError::Refused`].
pub async fn answer<T: serde::de::DeserializeOwned>(
    what: &str,
    reply: Result<reqwest::Response, reqwest::Error>,
) -> Result<T, SimError> {
    let failed = |source| SimError::Request { what: what.to_owned(), source };
    let reply = reply.map_err(failed)?;
    let status = reply.status();
    if !status.is_success() {
        let body = reply.text().await.map_err(failed)?;
        return Err(SimError::Refused { what: what.to_owned(), status: status.as_u16(), body });
    }
    reply.json().await.map_err(failed)
}
