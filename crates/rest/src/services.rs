//! The small fixed addresses below `/ovirt-engine/services/`: health, certificates, sign-out, joining hosts.

use std::sync::Arc;

use axum::body::Body;
use axum::response::{IntoResponse, Response};
use http::{HeaderValue, Method, Request, StatusCode, header};

use crate::api::params::Params;
use crate::sign_on::sso;
use crate::web::Web;

mod join;

/// Probes compare this byte by byte.
const HEALTHY: &str = "DB Up!Welcome to Health Status!";

/// Answers below `/ovirt-engine/services/`.
pub(crate) async fn answer(web: &Arc<Web>, request: Request<Body>) -> Response {
    let path = request.uri().path().trim_end_matches('/').to_owned();
    let service = path.strip_prefix("/ovirt-engine/services/").unwrap_or_default();
    match service {
        "health" => health(web).await,
        "pki-resource" => pki_resource(web, &request),
        "sso-logout" => sso::logout(web, request).await,
        "host-join-tokens" | "host-enroll" | "host-reenroll" => {
            if request.method() != Method::POST {
                return with_allow(StatusCode::METHOD_NOT_ALLOWED, "POST");
            }
            match service {
                "host-join-tokens" => join::token(web, request).await,
                "host-enroll" => join::enroll(web, request).await,
                _ => join::reenroll(web, request).await,
            }
        }
        _ => StatusCode::NOT_FOUND.into_response(),
    }
}

/// Says whether the engine can work: it answers, and so does its database.
pub(crate) async fn health(web: &Arc<Web>) -> Response {
    if web.door.database_answers().await {
        plain(StatusCode::OK, "text/html;charset=UTF-8", HEALTHY.to_owned())
    } else {
        unhealthy()
    }
}

/// Said while the database does not answer.
pub(crate) fn unhealthy() -> Response {
    let mut response = plain(StatusCode::SERVICE_UNAVAILABLE, "text/html;charset=UTF-8", "DB Down!".to_owned());
    response.headers_mut().insert(header::RETRY_AFTER, HeaderValue::from_static("5"));
    response
}

/// Hands out public certificates and keys. Served over plain HTTP too: clients fetch them before they can trust anything.
pub(crate) fn pki_resource(web: &Arc<Web>, request: &Request<Body>) -> Response {
    let params = Params::new(request.uri().query(), Vec::new());
    let format = params.filled("format").unwrap_or("X509-PEM");
    let resource = params.filled("resource").unwrap_or("ca-certificate");
    let found = match (resource, format) {
        ("ca-certificate", "X509-PEM-CA") => Some(("application/x-x509-ca-cert", web.door.ca_certificate_pem())),
        ("ca-certificate", "X509-PEM") => Some(("application/x-x509-cert", web.door.ca_certificate_pem())),
        ("engine-certificate", "X509-PEM" | "X509-PEM-CA") => {
            Some(("application/x-x509-cert", web.door.engine_certificate_pem()))
        }
        ("engine-certificate", "OPENSSH-PUBKEY") => web.door.engine_ssh_key().map(|key| ("text/plain", key)),
        _ => return plain(StatusCode::BAD_REQUEST, "text/plain", "Unknown resource or format.\n".to_owned()),
    };
    match found {
        Some((media_type, text)) => plain(StatusCode::OK, media_type, text),
        None => StatusCode::NOT_FOUND.into_response(),
    }
}

fn plain(status: StatusCode, media_type: &'static str, text: String) -> Response {
    let mut response = Response::new(Body::from(text));
    *response.status_mut() = status;
    response.headers_mut().insert(header::CONTENT_TYPE, HeaderValue::from_static(media_type));
    response
}

fn with_allow(status: StatusCode, allow: &'static str) -> Response {
    let mut response = status.into_response();
    response.headers_mut().insert(header::ALLOW, HeaderValue::from_static(allow));
    response
}
