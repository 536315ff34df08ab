//! The transfer port: HTTP/1.1 over TLS, and oVirt's abstract socket for clients on this machine. It refuses to know
//! how tickets come to be.

use std::convert::Infallible;
use std::os::linux::net::SocketAddrExt;
use std::sync::Arc;
use std::time::Duration;

use bytes::{Bytes, BytesMut};
use http_body_util::{BodyExt, Full, Limited, StreamBody};
use hyper::body::{Body, Frame, Incoming};
use hyper::header::{self, HeaderMap, HeaderName, HeaderValue};
use hyper::{Method, Request, Response};
use hyper_util::rt::{TokioIo, TokioTimer};
use serde_json::json;
use tokio::io::{AsyncRead, AsyncWrite};
use tokio::net::{TcpListener, UnixListener};
use tokio::sync::{Semaphore, mpsc};
use tokio_stream::wrappers::ReceiverStream;

use super::Transfers;
use super::backend::STEP;
use super::checksum::{ALGORITHMS, BLOCK, Checksum, LARGEST, SMALLEST, USUAL};
use super::http::{Fault, Patch, Resource, content_range, file_name, patch, query, range, resource, yes_or_no};
use super::ticket::{NotAllowed, Use};
use crate::join::Identity;

/// A connection without a request is dropped after this.
const IDLE: Duration = Duration::from_secs(60);
/// A client that sends nothing in the middle of a body is dropped after this.
const STALLED: Duration = Duration::from_secs(60);
/// Connections at once.
const CONNECTIONS: usize = 512;
/// Bytes of a PATCH body.
const PATCH_LIMIT: usize = 4096;
/// oVirt's name of the socket for local clients, in Linux's abstract namespace (each network namespace has its own).
const LOCAL: &str = "/org/ovirt/imageio";
/// Seconds that a browser may remember what is allowed.
const PREFLIGHT_SECONDS: &str = "86400";

type Content = http_body_util::combinators::UnsyncBoxBody<Bytes, std::io::Error>;
type Answer = Result<Response<Content>, Fault>;

/// Serves clients of this machine where nobody else does.
pub(super) fn local(transfers: &Transfers) {
    let bound = std::os::unix::net::SocketAddr::from_abstract_name(LOCAL)
        .and_then(|address| std::os::unix::net::UnixListener::bind_addr(&address))
        .and_then(|listener| listener.set_nonblocking(true).map(|()| listener))
        .and_then(UnixListener::from_std);
    let listener = match bound {
        Ok(listener) => listener,
        Err(error) => {
            tracing::warn!(%error, "clients of this machine use the network: the local transfer socket is taken");
            return;
        }
    };
    transfers.set_local_socket(format!("\0{LOCAL}"));
    let transfers = transfers.clone();
    tokio::spawn(async move {
        loop {
            match listener.accept().await {
                Ok((stream, _)) => drop(tokio::spawn(connection(transfers.clone(), stream))),
                Err(error) => pause(&error).await,
            }
        }
    });
}

/// Serves the TLS port. Never returns.
pub(super) async fn tls(transfers: Transfers, listener: TcpListener, identity: Identity) {
    let turns = Arc::new(Semaphore::new(CONNECTIONS));
    loop {
        let Ok(turn) = Arc::clone(&turns).acquire_owned().await else { return };
        let stream = match listener.accept().await {
            Ok((stream, _)) => stream,
            Err(error) => {
                pause(&error).await;
                continue;
            }
        };
        let (transfers, acceptor) = (transfers.clone(), tokio_rustls::TlsAcceptor::from(identity.transfer_config()));
        tokio::spawn(async move {
            let _turn = turn;
            // A stream that can't take the option still works.
            let _ = stream.set_nodelay(true);
            match tokio::time::timeout(Duration::from_secs(10), acceptor.accept(stream)).await {
                Ok(Ok(stream)) => connection(transfers, stream).await,
                Ok(Err(error)) => tracing::debug!(%error, "a transfer client's handshake failed"),
                Err(_elapsed) => tracing::debug!("a transfer client did not finish its handshake"),
            }
        });
    }
}

async fn pause(error: &std::io::Error) {
    tracing::warn!(%error, "the transfer port can't accept");
    tokio::time::sleep(Duration::from_millis(200)).await;
}

async fn connection(transfers: Transfers, stream: impl AsyncRead + AsyncWrite + Unpin + Send + 'static) {
    let service = hyper::service::service_fn(move |request| {
        let transfers = transfers.clone();
        async move { Ok::<_, Infallible>(answer(transfers, request).await) }
    });
    let served = hyper::server::conn::http1::Builder::new()
        .timer(TokioTimer::new())
        .header_read_timeout(IDLE)
        .serve_connection(TokioIo::new(stream), service)
        .await;
    if let Err(error) = served {
        tracing::debug!(%error, "a transfer connection ended early");
    }
}

async fn answer(transfers: Transfers, request: Request<Incoming>) -> Response<Content> {
    let cross = cross_origin(request.headers(), request.method());
    let close = query(request.uri().query(), "close") == Some("y");
    let mut response = match handle(transfers, request).await {
        Ok(response) => response,
        Err(fault) => refusal(&fault),
    };
    response.headers_mut().extend(cross);
    if close {
        response.headers_mut().insert(header::CONNECTION, HeaderValue::from_static("close"));
    }
    response
}

/// Any origin may come: the ticket is the credential, and it is in the address.
fn cross_origin(asked: &HeaderMap, method: &Method) -> HeaderMap {
    let mut told = HeaderMap::new();
    let methods = if *method == Method::OPTIONS { "OPTIONS,GET,PUT" } else { "*" };
    for (question, name, value) in [
        (header::ORIGIN, header::ACCESS_CONTROL_ALLOW_ORIGIN, "*"),
        (header::ACCESS_CONTROL_REQUEST_HEADERS, header::ACCESS_CONTROL_ALLOW_HEADERS, "*"),
        (header::ACCESS_CONTROL_REQUEST_METHOD, header::ACCESS_CONTROL_ALLOW_METHODS, methods),
    ] {
        if asked.contains_key(question) {
            told.insert(name, HeaderValue::from_static(value));
        }
    }
    if !told.is_empty() {
        told.insert(header::ACCESS_CONTROL_MAX_AGE, HeaderValue::from_static(PREFLIGHT_SECONDS));
    }
    told
}

fn full(status: u16, kind: &'static str, body: impl Into<Bytes>) -> Response<Content> {
    let body = Full::new(body.into()).map_err(|never| match never {}).boxed_unsync();
    let mut response = Response::new(body);
    *response.status_mut() = hyper::StatusCode::from_u16(status).unwrap_or(hyper::StatusCode::INTERNAL_SERVER_ERROR);
    response.headers_mut().insert(header::CONTENT_TYPE, HeaderValue::from_static(kind));
    response
}

fn refusal(fault: &Fault) -> Response<Content> {
    let mut response = full(fault.status, "text/plain; charset=UTF-8", format!("{}\n", fault.text));
    if fault.status == 403 {
        response.headers_mut().insert(header::CONNECTION, HeaderValue::from_static("close"));
    }
    response
}

fn success() -> Response<Content> {
    full(200, "text/plain; charset=UTF-8", Bytes::new())
}

fn told(value: &serde_json::Value) -> Response<Content> {
    full(200, "application/json", value.to_string())
}

fn forbidden(error: &NotAllowed) -> Fault {
    Fault::new(403, error.to_string())
}

fn failed(error: &std::io::Error) -> Fault {
    tracing::warn!(%error, "a transfer's disk failed");
    Fault::new(500, format!("the disk failed: {error}"))
}

async fn handle(transfers: Transfers, request: Request<Incoming>) -> Answer {
    let what = resource(request.uri().path())?;
    match (request.method().clone(), what) {
        (Method::GET, Resource::Algorithms) => Ok(told(&json!({ "algorithms": ALGORITHMS }))),
        (Method::GET, Resource::Extents(id)) => extents(&begin(&transfers, &id, "read")?, &request).await,
        (Method::GET, Resource::Checksum(id)) => checksum(&transfers, &id, &request).await,
        (Method::OPTIONS, Resource::Image(id)) => options(&transfers, &id),
        (Method::GET, Resource::Image(id)) => get(begin(&transfers, &id, "read")?, &request).await,
        (Method::PUT, Resource::Image(id)) => put(&transfers, &id, request).await,
        (Method::PATCH, Resource::Image(id)) => change(&transfers, &id, request).await,
        (method, _) => Err(Fault::new(405, format!("Method {method} not defined for this path"))),
    }
}

fn begin(transfers: &Transfers, id: &str, operation: &'static str) -> Result<Use, Fault> {
    // The id is a credential: it is not repeated in an answer or a log.
    let ticket = transfers.find(id).map_err(|_| Fault::new(403, "No such ticket"))?;
    ticket.begin(operation).map_err(|error| forbidden(&error))
}

fn options(transfers: &Transfers, id: &str) -> Answer {
    let mut answer = json!({});
    let mut allow = vec!["OPTIONS", "GET"];
    let mut features = vec!["checksum", "extents"];
    let write = if id == "*" {
        true
    } else {
        let used = begin(transfers, id, "read")?;
        let (readers, writers) = used.ticket.backend.connections();
        answer["max_readers"] = readers.into();
        answer["max_writers"] = writers.into();
        used.ticket.may_write()
    };
    if write {
        allow.extend(["PUT", "PATCH"]);
        features.extend(["flush", "zero"]);
    }
    answer["features"] = features.into();
    if let Some(socket) = transfers.local_socket() {
        answer["unix_socket"] = socket.into();
    }
    let mut response = told(&answer);
    if let Ok(allow) = HeaderValue::from_str(&allow.join(",")) {
        response.headers_mut().insert(header::ALLOW, allow);
    }
    Ok(response)
}

fn text(headers: &HeaderMap, name: HeaderName) -> Option<&str> {
    headers.get(name).map(|value| value.to_str().unwrap_or("\u{fffd}"))
}

async fn get(used: Use, request: &Request<Incoming>) -> Answer {
    let asked = text(request.headers(), header::RANGE).map(range).transpose()?;
    let size = used.ticket.size();
    let available = used.ticket.backend.size().await.map_err(|error| failed(&error))?.min(size);
    let (first, length) = match asked {
        None => (0, available),
        Some((first, None)) if first < available => (first, available - first),
        Some((first, Some(last))) if last < available => (first, last - first + 1),
        Some(_) => return Err(Fault::new(416, format!("Requested more bytes than available: {available}"))),
    };
    let (sender, receiver) = mpsc::channel::<Result<Frame<Bytes>, std::io::Error>>(2);
    let mut disposition = "attachment".to_owned();
    let name = file_name(&used.ticket.request.filename);
    if !name.is_empty() {
        disposition.push_str(&format!("; filename={name}"));
    }
    tokio::spawn(pump(used, first, length, sender));
    let mut response = Response::new(StreamBody::new(ReceiverStream::new(receiver)).boxed_unsync());
    let headers = response.headers_mut();
    headers.insert(header::CONTENT_LENGTH, length.into());
    headers.insert(header::CONTENT_TYPE, HeaderValue::from_static("application/octet-stream"));
    if let Ok(disposition) = HeaderValue::from_str(&disposition) {
        headers.insert(header::CONTENT_DISPOSITION, disposition);
    }
    if asked.is_some() {
        let told = format!("bytes {first}-{}/{size}", first + length - 1);
        headers.insert(header::CONTENT_RANGE, HeaderValue::from_str(&told).map_err(|_| Fault::new(500, "range"))?);
        *response.status_mut() = hyper::StatusCode::PARTIAL_CONTENT;
    }
    Ok(response)
}

/// Reads ahead by two steps of what the client took.
async fn pump(used: Use, first: u64, length: u64, sender: mpsc::Sender<Result<Frame<Bytes>, std::io::Error>>) {
    let (mut at, end) = (first, first + length);
    while at < end {
        let step = usize::try_from((end - at).min(STEP as u64)).unwrap_or(STEP);
        let read = used.ticket.backend.read(at, step).await;
        let read = read.and_then(|bytes| used.moved(at, step as u64).map(|()| bytes).map_err(std::io::Error::other));
        let stop = read.is_err();
        // An error here cuts the connection, which is how a client learns that the body is not whole.
        if sender.send(read.map(Frame::data)).await.is_err() || stop {
            return;
        }
        at += step as u64;
    }
}

async fn put(transfers: &Transfers, id: &str, request: Request<Incoming>) -> Answer {
    let length = text(request.headers(), header::CONTENT_LENGTH).and_then(|text| text.parse::<u64>().ok());
    let length = length.ok_or_else(|| Fault::new(400, "Content-Length header is required"))?;
    let offset = text(request.headers(), header::CONTENT_RANGE).map(content_range).transpose()?.unwrap_or(0);
    let flush = yes_or_no(query(request.uri().query(), "flush"), "flush", true)?;
    let used = begin(transfers, id, "write")?;
    allowed(&used, offset, length)?;
    let (mut body, mut at, mut held) = (request.into_body(), offset, BytesMut::with_capacity(STEP));
    loop {
        let frame = tokio::time::timeout(STALLED, body.frame())
            .await
            .map_err(|_elapsed| Fault::new(400, "the client stopped sending"))?;
        match frame {
            Some(Ok(frame)) => held.extend_from_slice(frame.data_ref().map_or(&[][..], |data| data)),
            Some(Err(error)) => return Err(Fault::new(400, format!("the body broke off: {error}"))),
            None => break,
        }
        while held.len() >= STEP {
            at = write(&used, at, held.split_to(STEP).freeze()).await?;
        }
    }
    if !held.is_empty() {
        at = write(&used, at, held.freeze()).await?;
    }
    if at - offset != length {
        return Err(Fault::new(400, format!("Expected {length} bytes, got {}", at - offset)));
    }
    if flush {
        used.ticket.backend.flush().await.map_err(|error| failed(&error))?;
    }
    Ok(success())
}

async fn write(used: &Use, at: u64, bytes: Bytes) -> Result<u64, Fault> {
    let length = bytes.len() as u64;
    used.ticket.backend.write(at, bytes).await.map_err(|error| failed(&error))?;
    used.moved(at, length).map_err(|error| forbidden(&error))?;
    Ok(at + length)
}

fn allowed(used: &Use, offset: u64, length: u64) -> Result<(), Fault> {
    match offset.checked_add(length) {
        Some(end) if end <= used.ticket.size() => Ok(()),
        _ => Err(Fault::new(416, "Requested range out of allowed range")),
    }
}

async fn change(transfers: &Transfers, id: &str, request: Request<Incoming>) -> Answer {
    if request.body().size_hint().lower() > PATCH_LIMIT as u64 {
        return Err(Fault::new(400, "the message is too long"));
    }
    let body = tokio::time::timeout(STALLED, Limited::new(request.into_body(), PATCH_LIMIT).collect())
        .await
        .map_err(|_elapsed| Fault::new(400, "the client stopped sending"))?
        .map_err(|error| Fault::new(400, error.to_string()))?;
    let asked = patch(&body.to_bytes())?;
    let used = begin(transfers, id, "write")?;
    let flush = match asked {
        Patch::Flush => true,
        Patch::Zero { offset, size, flush } => {
            allowed(&used, offset, size)?;
            let sparse = used.ticket.request.sparse;
            // In steps, so that a cancellation is seen and progress is told.
            let (mut at, end) = (offset, offset + size);
            while at < end {
                let step = (end - at).min(super::nbd::ZERO_STEP);
                used.ticket.backend.zero(at, step, sparse).await.map_err(|error| failed(&error))?;
                used.moved(at, step).map_err(|error| forbidden(&error))?;
                at += step;
            }
            flush
        }
    };
    if flush {
        used.ticket.backend.flush().await.map_err(|error| failed(&error))?;
    }
    Ok(success())
}

async fn extents(used: &Use, request: &Request<Incoming>) -> Answer {
    match query(request.uri().query(), "context") {
        None | Some("zero") => {}
        Some("dirty") => return Err(Fault::new(404, "Ticket does not support dirty extents")),
        Some(other) => return Err(Fault::new(400, format!("Unsupported value {other:?} for \"context\""))),
    }
    let all = used.ticket.backend.extents().await.map_err(|error| failed(&error))?;
    let size = used.ticket.size();
    let within: Vec<_> = all
        .into_iter()
        .filter(|extent| extent.start < size)
        .map(|mut extent| {
            extent.length = extent.length.min(size - extent.start);
            extent
        })
        .collect();
    Ok(told(&json!(within)))
}

async fn checksum(transfers: &Transfers, id: &str, request: &Request<Incoming>) -> Answer {
    let asked = request.uri().query();
    let algorithm = query(asked, "algorithm").unwrap_or(USUAL).to_owned();
    let block = match query(asked, "block_size").map(str::parse::<usize>) {
        None => BLOCK,
        Some(Ok(block)) if (SMALLEST..=LARGEST).contains(&block) && block % 4096 == 0 => block,
        Some(_) => return Err(Fault::new(400, format!("Block size out of allowed range: {SMALLEST}-{LARGEST}"))),
    };
    let mut checksum = Checksum::new(&algorithm, block)
        .ok_or_else(|| Fault::new(400, format!("Unsupported value {algorithm:?} for \"algorithm\"")))?;
    let used = begin(transfers, id, "read")?;
    let size = used.ticket.backend.size().await.map_err(|error| failed(&error))?.min(used.ticket.size());
    let zeroes: Vec<_> = used.ticket.backend.extents().await.map_err(|error| failed(&error))?;
    let mut zeroes = zeroes.into_iter().filter(|extent| extent.zero).peekable();
    let mut at = 0;
    while at < size {
        let length = usize::try_from((size - at).min(block as u64)).unwrap_or(block);
        let end = at + length as u64;
        while zeroes.next_if(|extent| extent.start + extent.length <= at).is_some() {}
        if zeroes.peek().is_some_and(|extent| extent.start <= at && extent.start + extent.length >= end) {
            checksum.zeroes(length);
        } else {
            let bytes = read_block(&used, at, length).await?;
            checksum = tokio::task::spawn_blocking(move || {
                checksum.data(&bytes);
                checksum
            })
            .await
            .map_err(|error| Fault::new(500, error.to_string()))?;
        }
        used.moved(0, 0).map_err(|error| forbidden(&error))?;
        at = end;
    }
    Ok(told(&json!({ "algorithm": algorithm, "block_size": block, "checksum": checksum.text() })))
}

async fn read_block(used: &Use, start: u64, length: usize) -> Result<BytesMut, Fault> {
    let mut block = BytesMut::with_capacity(length);
    while block.len() < length {
        let step = (length - block.len()).min(STEP);
        let at = start + block.len() as u64;
        block.extend_from_slice(&used.ticket.backend.read(at, step).await.map_err(|error| failed(&error))?);
    }
    Ok(block)
}
