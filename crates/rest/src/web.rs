//! The top of the web door: which part of it answers a path. Refuses to know what the parts do.

use std::net::IpAddr;
use std::panic::AssertUnwindSafe;
use std::sync::Arc;

use axum::body::Body;
use axum::response::{IntoResponse, Redirect, Response};
use futures::FutureExt;
use http::{Request, StatusCode};
use tokio::sync::Semaphore;
use tokio_util::sync::CancellationToken;

use crate::api::{self, registry::Registry};
use crate::config::WebConfig;
use crate::door::Door;
use crate::{console, headers, portal, resources, services, sign_on};

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
        let mut response = answer.unwrap_or_else(|_| {
            tracing::error!("a request handler panicked");
            StatusCode::INTERNAL_SERVER_ERROR.into_response()
        });
        headers::secure(&mut response);
        headers::allow_origin(&mut response, cross_origin);
        response
    }

    async fn route(self: Arc<Self>, request: Request<Body>) -> Response {
        if let Some(preflight) = headers::preflight(&self.config, &request) {
            return preflight;
        }
        let path = request.uri().path().to_owned();
        if path == "/" || path == "/ovirt-engine" {
            return Redirect::permanent("/ovirt-engine/").into_response();
        }
        let Some(rest) = path.strip_prefix("/ovirt-engine/") else {
            return StatusCode::NOT_FOUND.into_response();
        };
        let first = rest.split(['/', ';']).next().unwrap_or_default();
        match first {
            "api" => api::answer(self, request).await,
            "sso" => sign_on::sso::answer(&self, request).await,
            "services" if rest == "services/console" => console::answer(self, request).await,
            "services" => services::answer(&self, request).await,
            _ => portal::answer(&self.config, rest, &request),
        }
    }
}
