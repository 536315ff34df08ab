//! The console of a VM in the browser: a WebSocket whose binary messages are the bytes of the console. The one-time
//! ticket in the query is the only credential, and is never logged. Refuses to know the console's protocol.

use std::sync::Arc;
use std::time::Duration;

use axum::body::Body;
use axum::extract::FromRequestParts;
use axum::extract::ws::{CloseFrame, Message, WebSocket, WebSocketUpgrade, close_code};
use axum::response::{IntoResponse, Response};
use bytes::Bytes;
use ferrovirt_model::secret::Secret;
use futures::{SinkExt, StreamExt};
use http::{Request, StatusCode};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::sync::OwnedSemaphorePermit;
use tokio::time::timeout;

use crate::api::fault::Fault;
use crate::api::params::Params;
use crate::door::Duplex;
use crate::headers;
use crate::web::{Peer, Web};

/// What noVNC and websockify name the framing.
const SUBPROTOCOL: &str = "binary";
/// Largest piece in either direction, in bytes.
const PIECE: usize = 64 * 1024;
/// A browser that takes no data for so long is gone.
const STUCK: Duration = Duration::from_secs(60);

/// Answers `/ovirt-engine/services/console`.
pub(crate) async fn answer(web: Arc<Web>, request: Request<Body>) -> Response {
    let params = Params::new(request.uri().query(), Vec::new());
    let Some(ticket) = params.filled("ticket").map(Secret::new) else {
        return (StatusCode::UNAUTHORIZED, "The console needs a ticket.\n").into_response();
    };
    if headers::from_foreign_page(request.headers(), &web.config) {
        return (StatusCode::FORBIDDEN, "The request came from a page of another origin.\n").into_response();
    }
    let peer = request.extensions().get::<Peer>().copied();
    let (mut parts, _) = request.into_parts();
    let upgrade = match WebSocketUpgrade::from_request_parts(&mut parts, &()).await {
        Ok(upgrade) => upgrade,
        Err(rejection) => return rejection.into_response(),
    };
    let Ok(permit) = Arc::clone(&web.streams).try_acquire_owned() else {
        return (StatusCode::SERVICE_UNAVAILABLE, "Too many open consoles.\n").into_response();
    };
    // The ticket is spent before the upgrade: a refusal is an honest status, and a second try finds it used.
    let console = match web.door.open_console(&ticket, peer.map(|peer| peer.0)).await {
        Ok(console) => console,
        Err(error) => {
            let fault = Fault::from(error);
            let status = if fault.status == StatusCode::BAD_REQUEST { StatusCode::FORBIDDEN } else { fault.status };
            return (status, format!("{}\n", fault.detail)).into_response();
        }
    };
    let stopping = web.stopping.clone();
    upgrade.protocols([SUBPROTOCOL]).max_message_size(PIECE).on_upgrade(move |socket| async move {
        stopping.run_until_cancelled(carry(socket, console, permit)).await;
    })
}

/// Carries bytes both ways until either side ends.
async fn carry(socket: WebSocket, console: Box<dyn Duplex>, _permit: OwnedSemaphorePermit) {
    let (mut to_browser, mut from_browser) = socket.split();
    let (mut from_console, mut to_console) = tokio::io::split(console);
    let down = async {
        let mut piece = vec![0; PIECE];
        loop {
            let length = match from_console.read(&mut piece).await {
                Ok(0) | Err(_) => break,
                Ok(length) => length,
            };
            let message = Message::Binary(Bytes::copy_from_slice(&piece[..length]));
            if !matches!(timeout(STUCK, to_browser.send(message)).await, Ok(Ok(()))) {
                return;
            }
        }
        let farewell = CloseFrame { code: close_code::NORMAL, reason: "the console is closed".into() };
        if timeout(STUCK, to_browser.send(Message::Close(Some(farewell)))).await.is_err() {
            tracing::debug!("a browser did not take the end of its console");
        }
    };
    let up = async {
        while let Some(Ok(message)) = from_browser.next().await {
            let bytes = match message {
                Message::Binary(bytes) => bytes,
                Message::Text(text) => Bytes::from(text),
                Message::Close(_) => break,
                Message::Ping(_) | Message::Pong(_) => continue,
            };
            if to_console.write_all(&bytes).await.is_err() || to_console.flush().await.is_err() {
                break;
            }
        }
    };
    tokio::select! {
        () = down => {}
        () = up => {}
    }
}
