//! Accepts connections of one listener and speaks HTTP on them, within the limits. Refuses to know paths.

use std::convert::Infallible;
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use axum::body::Body;
use axum::response::Response;
use futures::FutureExt as _;
use futures::future::BoxFuture;
use http::{HeaderValue, Request, header};
use hyper::body::Incoming;
use hyper::service::service_fn;
use hyper_util::rt::{TokioExecutor, TokioIo, TokioTimer};
use hyper_util::server::conn::auto::Builder;
use hyper_util::server::graceful::GracefulShutdown;
use tokio::io::{AsyncRead, AsyncWrite};
use tokio::net::{TcpListener, TcpStream};
use tokio::task::JoinSet;
use tokio::time::timeout;
use tokio_rustls::TlsAcceptor;
use tokio_util::sync::CancellationToken;

use super::entrance::{Entrance, Role};
use super::gate::Gate;
use crate::config::Limits;
use crate::web::Peer;

/// How many requests one HTTP/2 connection may have open.
const STREAMS_OF_CONNECTION: u32 = 256;
/// HTTP/2 pings find dead peers.
const PING: Duration = Duration::from_secs(30);

/// One open listener.
pub(super) struct Listener {
    pub(super) socket: TcpListener,
    pub(super) address: SocketAddr,
    pub(super) tls: Option<TlsAcceptor>,
    pub(super) role: Role,
    pub(super) entrance: Arc<Entrance>,
    pub(super) limits: Limits,
    pub(super) gate: Gate,
}

/// Answers the requests of one connection.
trait Answerer: Fn(Request<Incoming>) -> BoxFuture<'static, Result<Response, Infallible>> + Send + 'static {}

impl<F: Fn(Request<Incoming>) -> BoxFuture<'static, Result<Response, Infallible>> + Send + 'static> Answerer for F {}

/// Boxed: whoever uses this crate need not follow every handler to know that an answer may cross threads.
fn answer(
    entrance: Arc<Entrance>,
    role: Role,
    request: Request<Incoming>,
    peer: SocketAddr,
) -> BoxFuture<'static, Result<Response, Infallible>> {
    let mut request = request.map(Body::new);
    request.extensions_mut().insert(Peer(peer.ip()));
    name_host(&mut request);
    async move { Ok(entrance.answer(role, request).await) }.boxed()
}

/// HTTP/2 names the host in its own field; the parts behind look for the header.
fn name_host(request: &mut Request<Body>) {
    if request.headers().contains_key(header::HOST) {
        return;
    }
    let authority = request.uri().authority().and_then(|authority| HeaderValue::try_from(authority.as_str()).ok());
    if let Some(authority) = authority {
        request.headers_mut().insert(header::HOST, authority);
    }
}

/// Serves a listener until the stop, then lets open requests end.
pub(super) async fn serve(listener: Listener, stop: CancellationToken) {
    let graceful = GracefulShutdown::new();
    let mut open = JoinSet::new();
    loop {
        let accepted = tokio::select! {
            accepted = listener.socket.accept() => accepted,
            () = stop.cancelled() => break,
        };
        while open.try_join_next().is_some() {}
        let (stream, peer) = match accepted {
            Ok(accepted) => accepted,
            Err(error) => {
                // Out of file handles, most likely: closing connections will free some.
                tracing::warn!(%error, address = %listener.address, "a connection could not be accepted");
                tokio::time::sleep(Duration::from_millis(50)).await;
                continue;
            }
        };
        let Some(pass) = listener.gate.enter(peer.ip()) else {
            tracing::debug!(%peer, "too many connections");
            continue;
        };
        let watcher = graceful.watcher();
        let (tls, limits) = (listener.tls.clone(), listener.limits);
        let (entrance, role) = (Arc::clone(&listener.entrance), listener.role);
        open.spawn(async move {
            let _pass = pass;
            let answerer = move |request| answer(Arc::clone(&entrance), role, request, peer);
            connection(stream, peer, tls, answerer, limits, watcher).await;
        });
    }
    drop(listener.socket);
    if timeout(listener.limits.stop, graceful.shutdown()).await.is_err() {
        tracing::info!(address = %listener.address, "open requests were cut at the stop");
    }
    open.shutdown().await;
}

async fn connection(
    stream: TcpStream,
    peer: SocketAddr,
    tls: Option<TlsAcceptor>,
    answerer: impl Answerer,
    limits: Limits,
    watcher: hyper_util::server::graceful::Watcher,
) {
    if let Err(error) = stream.set_nodelay(true) {
        tracing::debug!(%error, %peer, "no-delay could not be set");
    }
    match tls {
        None => speak(stream, peer, answerer, limits, watcher).await,
        Some(acceptor) => match timeout(limits.handshake, acceptor.accept(stream)).await {
            Ok(Ok(encrypted)) => speak(encrypted, peer, answerer, limits, watcher).await,
            Ok(Err(error)) => tracing::debug!(%error, %peer, "the TLS handshake failed"),
            Err(_) => tracing::debug!(%peer, "the TLS handshake took too long"),
        },
    }
}

async fn speak(
    stream: impl AsyncRead + AsyncWrite + Send + Unpin + 'static,
    peer: SocketAddr,
    answerer: impl Answerer,
    limits: Limits,
    watcher: hyper_util::server::graceful::Watcher,
) {
    let builder = builder(limits);
    let connection = builder.serve_connection_with_upgrades(TokioIo::new(stream), service_fn(answerer));
    if let Err(error) = watcher.watch(connection.into_owned()).await {
        tracing::debug!(error, %peer, "a connection ended early");
    }
}

fn builder(limits: Limits) -> Builder<TokioExecutor> {
    let mut builder = Builder::new(TokioExecutor::new());
    builder.http1().timer(TokioTimer::new()).header_read_timeout(limits.head).max_buf_size(limits.head_bytes);
    builder
        .http2()
        .timer(TokioTimer::new())
        .keep_alive_interval(PING)
        .keep_alive_timeout(limits.handshake)
        .max_header_list_size(u32::try_from(limits.head_bytes).unwrap_or(u32::MAX))
        .max_concurrent_streams(STREAMS_OF_CONNECTION);
    builder
}
