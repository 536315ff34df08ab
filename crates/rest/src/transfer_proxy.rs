//! Carries image transfers of clients that can't reach the host themselves. The unguessable ticket in the path is the
//! credential; the engine knows which host serves it. Refuses to know images: bytes stream through both ways.

use std::sync::Arc;
use std::time::Duration;

use axum::body::Body;
use axum::response::{IntoResponse, Response};
use http::header::{self, HeaderName};
use http::{HeaderMap, HeaderValue, Method, Request, StatusCode};
use uuid::Uuid;

use crate::api::fault::Fault;
use crate::door::Door;

/// Time to reach the host's door.
const CONNECT: Duration = Duration::from_secs(10);
/// A host that sends nothing for so long is gone; flushing a large image may take a while.
const SILENCE: Duration = Duration::from_secs(120);
/// Headers of one hop, which are not passed on (RFC 9110, 7.6.1).
const OF_ONE_HOP: [HeaderName; 7] = [
    header::CONNECTION,
    header::HOST,
    header::PROXY_AUTHORIZATION,
    header::TE,
    header::TRAILER,
    header::TRANSFER_ENCODING,
    header::UPGRADE,
];

/// The proxy and its connections to hosts.
pub(crate) struct TransferProxy {
    door: Arc<dyn Door>,
    client: reqwest::Client,
}

impl TransferProxy {
    /// With the engine's own client certificate.
    pub(crate) fn new(door: Arc<dyn Door>) -> Result<Self, reqwest::Error> {
        let tls = tokio_rustls::rustls::ClientConfig::clone(&door.host_tls());
        let client = reqwest::Client::builder()
            .tls_backend_preconfigured(tls)
            .http1_only()
            .no_proxy()
            .redirect(reqwest::redirect::Policy::none())
            .connect_timeout(CONNECT)
            .read_timeout(SILENCE)
            .build()?;
        Ok(Self { door, client })
    }

    /// Answers one request of a transfer client.
    pub(crate) async fn answer(&self, request: Request<Body>) -> Response {
        let origin = request.headers().contains_key(header::ORIGIN);
        let mut response = match self.forward(request).await {
            Ok(response) => response,
            Err((status, sentence)) => (status, format!("{sentence}\n")).into_response(),
        };
        if origin {
            allow_any_origin(response.headers_mut());
        }
        response
    }

    async fn forward(&self, request: Request<Body>) -> Result<Response, (StatusCode, String)> {
        let (parts, body) = request.into_parts();
        let path = parts.uri.path();
        if parts.method == Method::OPTIONS && (path == "*" || path == "/images/*") {
            return Ok(capabilities());
        }
        let ticket = ticket_of(path).ok_or((StatusCode::NOT_FOUND, "There is nothing here but images.".to_owned()))?;
        let target = tokio::select! {
            biased;
            target = self.door.transfer_target(ticket) => target.map_err(Fault::from),
            () = self.door.database_lost() => Err(Fault::without_database()),
        };
        let target = target.map_err(|fault| (fault.status, fault.detail))?;
        let target = target.ok_or((StatusCode::FORBIDDEN, "The ticket is not known.".to_owned()))?;
        let path = parts.uri.path_and_query().map_or(path, |path| path.as_str());
        let mut headers = parts.headers;
        OF_ONE_HOP.iter().for_each(|name| {
            headers.remove(name);
        });
        let has_body = !matches!(parts.method, Method::GET | Method::HEAD | Method::OPTIONS);
        let asks_options = parts.method == Method::OPTIONS;
        let mut onward = self.client.request(parts.method, format!("{target}{path}")).headers(headers);
        if has_body {
            onward = onward.body(reqwest::Body::wrap_stream(body.into_data_stream()));
        }
        let answer = onward.send().await.map_err(|error| {
            tracing::warn!(error = %error.without_url(), host = target, "a host did not answer a transfer");
            (StatusCode::BAD_GATEWAY, "The host of this transfer does not answer.".to_owned())
        })?;
        if asks_options && answer.status().is_success() { Ok(options(answer).await) } else { Ok(back(answer)) }
    }
}

/// A host's answer to OPTIONS without its unix socket: that one is on the host, and a client that finds the proxy's
/// address local would look for it here. An answer that can't be read offers the least.
async fn options(answer: reqwest::Response) -> Response {
    let headers = answer.headers().clone();
    let Ok(serde_json::Value::Object(mut can)) = answer.json::<serde_json::Value>().await else {
        return capabilities();
    };
    can.remove("unix_socket");
    let mut response = capabilities();
    *response.body_mut() = Body::from(serde_json::Value::Object(can).to_string());
    if let Some(allow) = headers.get(header::ALLOW) {
        response.headers_mut().insert(header::ALLOW, allow.clone());
    }
    response
}

/// `/images/<ticket>`, with or without a part of the image behind it.
fn ticket_of(path: &str) -> Option<Uuid> {
    let rest = path.strip_prefix("/images/")?;
    Uuid::parse_str(rest.split('/').next()?).ok()
}

fn back(answer: reqwest::Response) -> Response {
    let status = answer.status();
    let mut headers = answer.headers().clone();
    OF_ONE_HOP.iter().for_each(|name| {
        headers.remove(name);
    });
    let mut response = Response::new(Body::from_stream(answer.bytes_stream()));
    *response.status_mut() = status;
    *response.headers_mut() = headers;
    response
}

/// What the proxy as such can do, before any ticket is named.
fn capabilities() -> Response {
    let mut response = Response::new(Body::from(r#"{"features": ["extents", "zero", "flush"]}"#));
    let headers = response.headers_mut();
    headers.insert(header::CONTENT_TYPE, HeaderValue::from_static("application/json"));
    headers.insert(header::ALLOW, HeaderValue::from_static("GET,PUT,PATCH,OPTIONS"));
    response
}

/// Browsers upload from the portal's page to this other port. The ticket protects the image, not the origin.
fn allow_any_origin(headers: &mut HeaderMap) {
    headers.insert(header::ACCESS_CONTROL_ALLOW_ORIGIN, HeaderValue::from_static("*"));
    headers.insert(header::ACCESS_CONTROL_ALLOW_METHODS, HeaderValue::from_static("GET, PUT, PATCH, OPTIONS"));
    let request = "Cache-Control, Pragma, Authorization, Content-Type, Content-Length, Content-Range, Range";
    headers.insert(header::ACCESS_CONTROL_ALLOW_HEADERS, HeaderValue::from_static(request));
    let expose = "Authorization, Content-Length, Content-Range, Range";
    headers.insert(header::ACCESS_CONTROL_EXPOSE_HEADERS, HeaderValue::from_static(expose));
    headers.insert(header::ACCESS_CONTROL_MAX_AGE, HeaderValue::from_static("3600"));
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_images_of_a_ticket_are_forwarded() {
        let ticket = "0f2b2b0e-8b7d-4a0a-9f5e-0d6f2f1d1c11";
        assert!(ticket_of(&format!("/images/{ticket}")).is_some());
        assert!(ticket_of(&format!("/images/{ticket}/extents")).is_some());
        assert!(ticket_of("/images/../etc/passwd").is_none());
        assert!(ticket_of("/tickets/x").is_none());
    }
}
