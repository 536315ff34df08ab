//! What stands behind the listeners: a request for patience until the engine has its database, and the engine from then
//! on. Refuses to know connections.

use std::sync::{Arc, OnceLock};

use axum::body::Body;
use axum::response::Response;
use http::Request;

use super::{ServeError, plain};
use crate::away;
use crate::config::WebConfig;
use crate::door::Door;
use crate::transfer_proxy::TransferProxy;
use crate::web::{self, Web};

/// What a listener is for.
#[derive(Clone, Copy, Debug)]
pub(super) enum Role {
    Web,
    Plain,
    Transfer,
}

/// What stands behind the listeners.
pub struct Entrance {
    pub(super) config: WebConfig,
    opened: OnceLock<Opened>,
}

struct Opened {
    web: Arc<Web>,
    transfer: TransferProxy,
}

impl Entrance {
    pub(super) fn new(config: WebConfig) -> Self {
        Self { config, opened: OnceLock::new() }
    }

    /// From now on requests are answered by an engine. The first one that is named stays.
    ///
    /// # Errors
    /// [`ServeError::Proxy`].
    pub fn open(&self, door: Arc<dyn Door>) -> Result<(), ServeError> {
        let transfer = TransferProxy::new(Arc::clone(&door))?;
        let web = Web::new(door, self.config.clone());
        self.opened.get_or_init(|| Opened { web, transfer });
        Ok(())
    }

    /// Long replies end.
    pub(super) fn stop(&self) {
        if let Some(opened) = self.opened.get() {
            opened.web.stopping.cancel();
        }
    }

    pub(super) async fn answer(&self, role: Role, request: Request<Body>) -> Response {
        match (self.opened.get(), role) {
            (Some(opened), Role::Web) => Arc::clone(&opened.web).answer(request).await,
            (Some(opened), Role::Plain) => plain::answer(Arc::clone(&opened.web), request).await,
            (Some(opened), Role::Transfer) => opened.transfer.answer(request).await,
            (None, Role::Web) => web::answer_without_engine(&self.config, &request),
            (None, Role::Plain | Role::Transfer) => away::Asked::of(&request).answer(),
        }
    }
}
