//! The top of the web door: which part of it answers a path. Refuses to know what the parts do.

use std::net::IpAddr;
use std::panic::AssertUnwindSafe;
use std::sync::Arc;

use axum::body::Body;
use axum::response::{IntoResponse, Redirect, Response};
use futures::FutureExt;
use http::{HeaderValue, Request, StatusCode};
use tokio::sync::Semaphore;
use tokio_util::sync::CancellationToken;

use crate::api::{self, registry::Registry};
use crate::config::WebConfig;
use crate::door::Door;
use crate::{away, console, headers, portal, resources, services, sign_on};

/// Under which all paths lie.
const BASE: &str = "/ovirt-engine/";

/// Everything a request may need.
pub struct Web {
    /// The way to the engine.
    pub door: Arc<dyn Door>,
    /// The handlers of the API.
    pub registry: Registry,
    /// Names, addresses and limits.
    pub config: WebConfig,
    /// Bounds the open event streams and consoles.
    pub(crate) streams: Arc<Semaphore>,
    /// Fires when the engine stops: long replies end then.
    pub(crate) stopping: CancellationToken,
}

/// Where a request came from.
#[derive(Clone, Copy, Debug)]
pub struct Peer(pub IpAddr);

impl Web {
    /// The door with all resources.
    #[must_use]
    pub fn new(door: Arc<dyn Door>, config: WebConfig) -> Arc<Self> {
        Self::with_registry(door, config, resources::registry())
    }

    pub(crate) fn with_registry(door: Arc<dyn Door>, config: WebConfig, registry: Registry) -> Arc<Self> {
        let streams = Arc::new(Semaphore::new(config.limits.streams));
        Arc::new(Self { door, registry, config, streams, stopping: CancellationToken::new() })
    }

    /// Answers one request. A panic below it costs this request only.
    pub async fn answer(self: Arc<Self>, request: Request<Body>) -> Response {
        let cross_origin = headers::cross_origin(&self.config, &request);
        let answer = AssertUnwindSafe(self.route(request)).catch_unwind().await;
        let response = answer.unwrap_or_else(|_| {
            tracing::error!("a request handler panicked");
            StatusCode::INTERNAL_SERVER_ERROR.into_response()
        });
        guarded(response, cross_origin)
    }

    async fn route(self: Arc<Self>, request: Request<Body>) -> Response {
        if let Some(answer) = without_engine(&self.config, &request) {
            return answer;
        }
        let asked = away::Asked::of(&request);
        let door = Arc::clone(&self.door);
        tokio::select! {
            biased;
            answer = self.with_engine(request) => answer,
            // A database that hangs would never end what waits for it.
            () = door.database_lost() => asked.answer(),
        }
    }

    async fn with_engine(self: Arc<Self>, request: Request<Body>) -> Response {
        let rest = request.uri().path().strip_prefix(BASE).unwrap_or_default();
        match first(rest) {
            "api" => api::answer(self, request).await,
            "sso" => sign_on::sso::answer(&self, request).await,
            "services" if rest == "services/console" => console::answer(self, request).await,
            _ => services::answer(&self, request).await,
        }
    }
}

/// Answers a request before there is an engine: pages as ever, and a request for patience in place of all else.
pub(crate) fn answer_without_engine(config: &WebConfig, request: &Request<Body>) -> Response {
    let cross_origin = headers::cross_origin(config, request);
    let answer = without_engine(config, request).unwrap_or_else(|| away::Asked::of(request).answer());
    guarded(answer, cross_origin)
}

/// The answer to what needs no engine.
fn without_engine(config: &WebConfig, request: &Request<Body>) -> Option<Response> {
    if let Some(preflight) = headers::preflight(config, request) {
        return Some(preflight);
    }
    let path = request.uri().path();
    if path == "/" || path == "/ovirt-engine" {
        return Some(Redirect::permanent(BASE).into_response());
    }
    let Some(rest) = path.strip_prefix(BASE) else {
        return Some(StatusCode::NOT_FOUND.into_response());
    };
    let needs_engine = matches!(first(rest), "api" | "sso" | "services");
    (!needs_engine).then(|| portal::answer(config, rest, request))
}

fn first(rest: &str) -> &str {
    rest.split(['/', ';']).next().unwrap_or_default()
}

fn guarded(mut response: Response, cross_origin: Option<HeaderValue>) -> Response {
    headers::secure(&mut response);
    headers::allow_origin(&mut response, cross_origin);
    response
}
