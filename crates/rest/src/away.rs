//! What is answered while the engine has no database: come again soon, in the shape that the client reads. Refuses to know
//! why, and until when.

use axum::body::Body;
use axum::response::{IntoResponse, Response};
use ferrovirt_wire::Format;
use http::{HeaderValue, Request, header};
use serde_json::json;

use crate::api::fault::Fault;
use crate::api::params::Params;
use crate::api::{self, address, negotiation};
use crate::services;
use crate::sign_on::sso::json_response;

/// What the answer depends on.
pub(crate) struct Asked {
    path: String,
    format: Format,
}

impl Asked {
    /// Of a request that is about to be answered.
    pub(crate) fn of(request: &Request<Body>) -> Self {
        let matrix = address::parse(request.uri().path()).map(|address| address.matrix).unwrap_or_default();
        let params = Params::new(request.uri().query(), matrix);
        let path = request.uri().path().trim_end_matches('/').to_owned();
        Self { path, format: negotiation::wanted(request.headers(), &params).format }
    }

    /// The request for patience.
    pub(crate) fn answer(&self) -> Response {
        let fault = Fault::without_database();
        let rest = self.path.strip_prefix("/ovirt-engine/").unwrap_or_default();
        let mut response = match rest.split(['/', ';']).next().unwrap_or_default() {
            "api" => api::document_response(fault.status, &fault, false, self.format),
            "services" if rest == "services/health" => services::unhealthy(),
            "sso" | "services" => {
                json_response(fault.status, &json!({ "error_code": "server_error", "error": fault.detail }))
            }
            _ => (fault.status, format!("{}\n", fault.detail)).into_response(),
        };
        if let Some(seconds) = fault.retry_after {
            response.headers_mut().insert(header::RETRY_AFTER, HeaderValue::from(seconds));
        }
        response
    }
}
