//! What plain HTTP serves: the health page and the public certificates. All else is sent to HTTPS.

use std::sync::Arc;

use axum::body::Body;
use axum::response::{IntoResponse, Response};
use http::{HeaderValue, Request, StatusCode, header};

use crate::services;
use crate::web::Web;

/// Answers a request that came unencrypted.
pub(super) async fn answer(web: Arc<Web>, request: Request<Body>) -> Response {
    match request.uri().path().trim_end_matches('/') {
        "/ovirt-engine/services/health" => services::health(&web).await,
        "/ovirt-engine/services/pki-resource" => services::pki_resource(&web, &request),
        _ => redirect(&web, &request),
    }
}

/// To the configured name, never to what the request's Host header says.
fn redirect(web: &Web, request: &Request<Body>) -> Response {
    let path = request.uri().path_and_query().map_or("/", |path| path.as_str());
    let mut response = StatusCode::PERMANENT_REDIRECT.into_response();
    match HeaderValue::try_from(format!("{}{path}", web.config.origin())) {
        Ok(target) => {
            response.headers_mut().insert(header::LOCATION, target);
            response
        }
        Err(_) => StatusCode::BAD_REQUEST.into_response(),
    }
}
