//! The addresses of joining hosts: a token for the administrator, a certificate for the host, a new one for a known host.
//! JSON both ways: agents are not clients of the API.

use std::sync::Arc;
use std::time::Duration;

use axum::body::Body;
use axum::response::Response;
use ferrovirt_model::ids::HostId;
use ferrovirt_model::secret::Secret;
use http::{Request, StatusCode};
use serde::Deserialize;
use serde::de::DeserializeOwned;
use serde_json::{Value, json};
use time::format_description::well_known::Rfc3339;

use crate::api::fault::Fault;
use crate::body;
use crate::door::{Enroll, Enrolled, Reenroll};
use crate::sign_on::{self, sso::json_response};
use crate::web::{Peer, Web};

/// What holds where the administrator names no lifetime.
const USUAL_LIFETIME: u64 = 3600;
/// The longest that a token may wait for its host, in seconds: 30 days.
const LONGEST_LIFETIME: u64 = 30 * 24 * 3600;

#[derive(Deserialize)]
struct TokenAsk {
    cluster: Option<String>,
    host: Option<String>,
    lifetime_seconds: Option<u64>,
}

#[derive(Deserialize)]
struct EnrollAsk {
    secret: Secret,
    csr_pem: String,
    hardware_id: String,
    hostname: String,
    address: String,
    port: u16,
}

#[derive(Deserialize)]
struct ReenrollAsk {
    host_id: HostId,
    csr_pem: String,
    timestamp: i64,
    signature: String,
}

/// `POST host-join-tokens`: for an administrator.
pub(super) async fn token(web: &Arc<Web>, request: Request<Body>) -> Response {
    respond(create_token(web, request).await)
}

/// `POST host-enroll`: the token's secret is the credential.
pub(super) async fn enroll(web: &Arc<Web>, request: Request<Body>) -> Response {
    respond(enroll_host(web, request).await)
}

/// `POST host-reenroll`: the signature by the registered key is the credential.
pub(super) async fn reenroll(web: &Arc<Web>, request: Request<Body>) -> Response {
    respond(reenroll_host(web, request).await)
}

async fn create_token(web: &Arc<Web>, request: Request<Body>) -> Result<Value, Fault> {
    let (parts, body) = request.into_parts();
    let peer = parts.extensions.get::<Peer>().copied();
    let signed = sign_on::authenticate(web, &parts.method, &parts.headers, peer).await?;
    let ask: TokenAsk = read(web, body).await?;
    let seconds = ask.lifetime_seconds.unwrap_or(USUAL_LIFETIME).clamp(60, LONGEST_LIFETIME);
    let made = web.door.create_join_token(&signed.session, ask.cluster, ask.host, Duration::from_secs(seconds)).await?;
    let expires = made.expires.format(&Rfc3339).map_err(|error| {
        tracing::error!(%error, "a time could not be written");
        Fault::internal()
    })?;
    Ok(json!({ "token": made.token.expose(), "expires": expires }))
}

async fn enroll_host(web: &Arc<Web>, request: Request<Body>) -> Result<Value, Fault> {
    let ask: EnrollAsk = read(web, request.into_body()).await?;
    let EnrollAsk { secret, csr_pem, hardware_id, hostname, address, port } = ask;
    let enrolled = web.door.enroll(Enroll { secret, csr_pem, hardware_id, hostname, address, port }).await?;
    Ok(certificate(&enrolled))
}

async fn reenroll_host(web: &Arc<Web>, request: Request<Body>) -> Result<Value, Fault> {
    let ask: ReenrollAsk = read(web, request.into_body()).await?;
    let ReenrollAsk { host_id, csr_pem, timestamp, signature } = ask;
    let enrolled = web.door.reenroll(Reenroll { host: host_id, csr_pem, timestamp, signature }).await?;
    Ok(certificate(&enrolled))
}

fn certificate(enrolled: &Enrolled) -> Value {
    json!({
        "host_id": enrolled.host.to_string(),
        "certificate_pem": enrolled.certificate_pem,
        "ca_pem": enrolled.ca_pem,
    })
}

async fn read<T: DeserializeOwned>(web: &Arc<Web>, body: Body) -> Result<T, Fault> {
    let bytes = body::read(body, &web.config.limits).await?;
    serde_json::from_slice(&bytes)
        .map_err(|error| Fault::titled(StatusCode::BAD_REQUEST, "Malformed request", error.to_string()))
}

fn respond(outcome: Result<Value, Fault>) -> Response {
    match outcome {
        Ok(value) => json_response(StatusCode::OK, &value),
        Err(fault) => json_response(fault.status, &json!({ "reason": fault.reason, "detail": fault.detail })),
    }
}
