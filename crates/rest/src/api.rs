//! The entry of the API: correlation, version, sign-on, resolution in the service tree, the handler, and the reply in
//! the client's format. Refuses to know any resource.

use std::panic::AssertUnwindSafe;
use std::sync::Arc;

use axum::body::Body;
use axum::response::Response;
use ferrovirt_wire::tree::{self, Match, Verb};
use ferrovirt_wire::{Format, WriteError};
use futures::{FutureExt, stream};
use http::{HeaderMap, HeaderValue, Method, Request, StatusCode, header};

use crate::door::Caller;
use crate::sign_on::{self, Signed};
use crate::web::{Peer, Web};
use crate::{body, event_stream};

pub mod address;
pub mod call;
pub mod correlation;
pub mod fault;
pub mod follow;
pub mod hrefs;
pub mod links;
pub mod list_query;
pub mod negotiation;
pub mod params;
pub mod registry;
pub mod reply;
pub mod root;
pub(crate) mod unserved;

use call::Call;
use fault::Fault;
use params::Params;
use registry::Answer;
use reply::{Content, Reply};

/// What is known of a request before anything is decided.
struct Asked {
    method: Method,
    path: String,
    headers: HeaderMap,
    params: Params,
    peer: Option<Peer>,
    wanted: negotiation::Wanted,
}

/// What a request led to, with what the head of the reply needs.
#[derive(Default)]
struct Outcome {
    on_action: bool,
    cookie: Option<HeaderValue>,
    link: Option<HeaderValue>,
    allow: Option<String>,
}

/// Answers a request below `/ovirt-engine/api`.
pub(crate) async fn answer(web: Arc<Web>, request: Request<Body>) -> Response {
    let (parts, body) = request.into_parts();
    let address = address::parse(parts.uri.path());
    let matrix = address.as_ref().map(|address| address.matrix.clone()).unwrap_or_default();
    let params = Params::new(parts.uri.query(), matrix);
    let wanted = negotiation::wanted(&parts.headers, &params);
    let correlation = correlation::of(&parts.headers, &params);
    let peer = parts.extensions.get::<Peer>().copied();
    let path = parts.uri.path().split(';').next().unwrap_or_default().trim_end_matches('/').to_owned();
    let asked = Asked { method: parts.method, path, headers: parts.headers, params, peer, wanted };

    let mut outcome = Outcome::default();
    let answer = match address {
        Ok(address) => serve(&web, &asked, address, body, &correlation, &mut outcome).await,
        Err(fault) => Err(fault),
    };
    let mut response = match answer {
        Ok(Served::Reply(reply)) => write(reply, asked.wanted.format),
        Ok(Served::Stream(response)) => response,
        Err(fault) => refuse(&asked, &fault, outcome.on_action, &correlation),
    };
    finish(&mut response, outcome, &correlation);
    response
}

enum Served {
    Reply(Reply),
    Stream(Response),
}

async fn serve(
    web: &Arc<Web>,
    asked: &Asked,
    address: address::Address,
    body: Body,
    correlation: &str,
    outcome: &mut Outcome,
) -> Result<Served, Fault> {
    check_version(&address, &asked.headers)?;
    let signed = sign_on::authenticate(web, &asked.method, &asked.headers, asked.peer).await?;
    outcome.cookie = signed.cookie.clone();
    let segments: Vec<&str> = address.segments.iter().map(String::as_str).collect();
    match segments.as_slice() {
        ["events", "stream"] if asked.method == Method::GET => {
            return event_stream::open(web, signed, &asked.headers, &asked.params).await.map(Served::Stream);
        }
        ["openapi.json"] if is_read(&asked.method) => return Ok(Served::Reply(root::openapi(web)?)),
        [] if is_read(&asked.method) => {
            outcome.link = root::link_header(&address.base);
            return root::answer(web, &signed.session, &address.base, &asked.params).await.map(Served::Reply);
        }
        _ => {}
    }
    let found = tree::resolve(&segments).ok_or_else(Fault::not_found)?;
    outcome.on_action = found.action.is_some();
    if asked.method == Method::OPTIONS {
        outcome.allow = Some(allowed(&found));
        return Ok(Served::Reply(Reply::raw(asked.wanted.format.content_type(), Vec::new())));
    }
    dispatch(web, asked, &address.base, found, body, correlation, signed).await.map(Served::Reply)
}

async fn dispatch(
    web: &Arc<Web>,
    asked: &Asked,
    base: &str,
    found: Match<'_>,
    body: Body,
    correlation: &str,
    signed: Signed,
) -> Answer {
    let operation =
        verb(&asked.method).and_then(|verb| found.operation(verb)).ok_or_else(|| Fault::wrong_verb(allowed(&found)))?;
    let name = format!("{}.{}", found.service.name, operation.method);
    let handler = web.registry.find(found.service.name, operation.method).ok_or_else(|| Fault::not_served(&name))?;
    let most = list_query::most(operation, &asked.params)?;
    let body = body::read(body, &web.config.limits).await?;
    let sent = if body.is_empty() { Format::Xml } else { negotiation::sent(&asked.headers, &body)? };
    let call = Call {
        door: Arc::clone(&web.door),
        caller: Caller {
            session: signed.session,
            correlation_id: correlation.to_owned(),
            filter: flag(asked, "filter")?,
        },
        service: found.service,
        operation,
        ids: found.ids.iter().map(|(name, id)| (*name, (*id).to_owned())).collect(),
        follow: asked.params.text("follow").map(follow::Follow::parse).unwrap_or_default(),
        hrefs: hrefs::Hrefs::new(base),
        all_content: flag(asked, "all_content")?,
        blocking: blocking(&asked.headers),
        wanted: asked.wanted,
        language: language(&asked.headers),
        href: asked.path.clone(),
        params: asked.params.clone(),
        sent,
        body,
    };
    match AssertUnwindSafe(handler(call)).catch_unwind().await {
        Ok(answer) => answer.map(|reply| reply.cut(most)),
        Err(_) => {
            tracing::error!(operation = name, correlation, "the handler panicked");
            Err(Fault::internal())
        }
    }
}

fn check_version(address: &address::Address, headers: &HeaderMap) -> Result<(), Fault> {
    let header = headers.get("version").and_then(|value| value.to_str().ok());
    let wanted = match (address.version, header) {
        (Some(version), _) => version.to_string(),
        (None, Some(version)) => version.trim().to_owned(),
        (None, None) => return Ok(()),
    };
    if wanted == "4" {
        return Ok(());
    }
    Err(Fault::new(StatusCode::BAD_REQUEST, format!("Version '{wanted}' of the API is not supported. Supported: 4")))
}

fn is_read(method: &Method) -> bool {
    matches!(*method, Method::GET | Method::HEAD)
}

fn verb(method: &Method) -> Option<Verb> {
    match *method {
        Method::GET | Method::HEAD => Some(Verb::Get),
        Method::POST => Some(Verb::Post),
        Method::PUT => Some(Verb::Put),
        Method::DELETE => Some(Verb::Delete),
        _ => None,
    }
}

fn allowed(found: &Match<'_>) -> String {
    let mut verbs = vec!["OPTIONS"];
    for verb in [Verb::Get, Verb::Post, Verb::Put, Verb::Delete] {
        if found.operation(verb).is_some() {
            verbs.push(verb.as_str());
        }
    }
    if verbs.contains(&"GET") {
        verbs.push("HEAD");
    }
    verbs.join(", ")
}

/// `Filter` and `All-Content` come as header or as parameter; the parameter wins, being the nearer one.
fn flag(asked: &Asked, name: &str) -> Result<bool, Fault> {
    if let Some(value) = asked.params.boolean(name)? {
        return Ok(value);
    }
    let header = asked.headers.get(name.replace('_', "-")).and_then(|value| value.to_str().ok());
    Ok(header.is_some_and(|value| value.trim().eq_ignore_ascii_case("true")))
}

fn blocking(headers: &HeaderMap) -> Option<bool> {
    let values = ["x-ovirt-expect", "expect"].into_iter().filter_map(|name| headers.get(name)?.to_str().ok());
    values.flat_map(|value| value.split(',')).find_map(|value| match value.trim().to_ascii_lowercase().as_str() {
        "201-created" => Some(true),
        "202-accepted" => Some(false),
        _ => None,
    })
}

fn language(headers: &HeaderMap) -> Option<String> {
    let text = headers.get(header::ACCEPT_LANGUAGE)?.to_str().ok()?;
    let first = text.split([',', ';']).next()?.trim();
    (!first.is_empty() && first != "*").then(|| first.to_owned())
}

fn write(reply: Reply, format: Format) -> Response {
    let (media_type, body, file_name) = match reply.content {
        Content::Raw { media_type, bytes, file_name } => (media_type, Ok(Body::from(bytes)), file_name),
        Content::Document(document) => (format.content_type(), document.write(format).map(Body::from), None),
        Content::Pieces(pieces) => (format.content_type(), flowing(pieces(format)), None),
    };
    let body = match body {
        Ok(body) => body,
        Err(error) => {
            tracing::error!(%error, "a reply could not be written");
            return document_response(StatusCode::INTERNAL_SERVER_ERROR, &Fault::internal(), false, format);
        }
    };
    let mut response = typed(reply.status, media_type, body);
    if let Some(location) = reply.location.and_then(|location| HeaderValue::try_from(location).ok()) {
        response.headers_mut().insert(header::LOCATION, location);
    }
    let disposition = file_name.map(|name| format!("attachment; filename=\"{}\"", plain_file_name(&name)));
    if let Some(disposition) = disposition.and_then(|text| HeaderValue::try_from(text).ok()) {
        response.headers_mut().insert(header::CONTENT_DISPOSITION, disposition);
    }
    response
}

/// A body that is written as fast as the client takes it; one of a single piece has a length. An error after the first
/// piece cuts the answer off, which every client notices.
fn flowing(mut pieces: reply::Pieces) -> Result<Body, WriteError> {
    let first = pieces.next().unwrap_or_else(|| Ok(Vec::new()))?;
    let Some(second) = pieces.next() else { return Ok(Body::from(first)) };
    let rest = [Ok(first), second].into_iter().chain(pieces);
    Ok(Body::from_stream(stream::iter(rest.inspect(|piece| {
        if let Err(error) = piece {
            tracing::error!(%error, "a long reply could not be written to its end");
        }
    }))))
}

fn plain_file_name(name: &str) -> String {
    name.chars()
        .map(|letter| if letter.is_ascii_alphanumeric() || "._-".contains(letter) { letter } else { '_' })
        .collect()
}

fn refuse(asked: &Asked, fault: &Fault, on_action: bool, correlation: &str) -> Response {
    tracing::debug!(status = fault.status.as_u16(), path = asked.path, correlation, detail = fault.detail, "refused");
    let mut response = document_response(fault.status, fault, on_action, asked.wanted.format);
    let headers = response.headers_mut();
    if fault.status == StatusCode::UNAUTHORIZED {
        headers.insert(header::WWW_AUTHENTICATE, sign_on::challenge(&asked.headers));
    }
    if let Some(seconds) = fault.retry_after {
        headers.insert(header::RETRY_AFTER, HeaderValue::from(seconds));
    }
    if let Some(allow) = fault.allow.as_deref().and_then(|allow| HeaderValue::try_from(allow).ok()) {
        headers.insert(header::ALLOW, allow);
    }
    response
}

pub(crate) fn document_response(status: StatusCode, fault: &Fault, on_action: bool, format: Format) -> Response {
    let bytes = reply::fault_document(fault, on_action).write(format).unwrap_or_else(|error| {
        tracing::error!(%error, "a fault could not be written");
        Vec::new()
    });
    typed(status, format.content_type(), bytes)
}

fn typed(status: StatusCode, media_type: &'static str, body: impl Into<Body>) -> Response {
    let mut response = Response::new(body.into());
    *response.status_mut() = status;
    response.headers_mut().insert(header::CONTENT_TYPE, HeaderValue::from_static(media_type));
    response
}

fn finish(response: &mut Response, outcome: Outcome, correlation: &str) {
    let headers = response.headers_mut();
    if let Ok(value) = HeaderValue::try_from(correlation) {
        headers.insert(correlation::HEADER, value);
    }
    if let Some(cookie) = outcome.cookie {
        headers.append(header::SET_COOKIE, cookie);
    }
    if let Some(link) = outcome.link {
        headers.insert(header::LINK, link);
    }
    if let Some(allow) = outcome.allow.and_then(|allow| HeaderValue::try_from(allow).ok()) {
        headers.insert(header::ALLOW, allow);
    }
    headers.append(header::VARY, HeaderValue::from_static("Accept, Accept-Language"));
}

#[cfg(test)]
mod tests;
