//! The files of the portal, from the engine's own binary, and the welcome page that leads there. Refuses to know what the
//! portal does.

use std::borrow::Cow;

use axum::body::Body;
use axum::response::{IntoResponse, Redirect, Response};
use http::{HeaderValue, Method, Request, StatusCode, header};
use rust_embed::{EmbeddedFile, RustEmbed};

use crate::config::WebConfig;

mod compressed;

/// The built administration portal. A build without it still works, and says so on the page.
#[derive(RustEmbed)]
#[folder = "../../portal/admin/dist"]
#[allow_missing = true]
struct Admin;

const ADMIN: &str = "webadmin";
const PAGE: &str = "index.html";
const WELCOME: &str = include_str!("portal/welcome.html");
/// File names with a digest in them never change their content.
const FOR_EVER: &str = "public, max-age=31536000, immutable";

/// Answers everything below `/ovirt-engine/` that no other part answers. `rest` is the path without that prefix.
pub(crate) fn answer(config: &WebConfig, rest: &str, request: &Request<Body>) -> Response {
    if !matches!(*request.method(), Method::GET | Method::HEAD) {
        return StatusCode::METHOD_NOT_ALLOWED.into_response();
    }
    let mut response = match rest.split_once('/') {
        None if rest.is_empty() => page(WELCOME.to_owned()),
        None if rest == ADMIN => Redirect::permanent("/ovirt-engine/webadmin/").into_response(),
        Some((ADMIN, file)) => admin(file, request),
        _ => StatusCode::NOT_FOUND.into_response(),
    };
    if let Ok(policy) = HeaderValue::try_from(content_policy(config)) {
        response.headers_mut().insert(header::CONTENT_SECURITY_POLICY, policy);
    }
    response
}

/// Scripts, styles and fonts of our own only; besides the engine, pages may speak to the transfer proxy.
fn content_policy(config: &WebConfig) -> String {
    let transfer = match config.transfer {
        Some(address) => format!(" https://{}:{}", config.fqdn, address.port()),
        None => String::new(),
    };
    format!(
        "default-src 'self'; connect-src 'self'{transfer}; img-src 'self' data: blob:; object-src 'none'; \
         base-uri 'self'; form-action 'self'; frame-ancestors 'none'"
    )
}

fn admin(file: &str, request: &Request<Body>) -> Response {
    let wanted = if file.is_empty() { PAGE } else { file };
    if let Some(found) = Admin::get(wanted) {
        return asset(wanted, found, request);
    }
    // Paths without a file ending are places inside the portal.
    let is_place = !wanted.rsplit('/').next().unwrap_or_default().contains('.');
    match Admin::get(PAGE) {
        Some(found) if is_place => asset(PAGE, found, request),
        Some(_) => StatusCode::NOT_FOUND.into_response(),
        None => (StatusCode::NOT_FOUND, "This engine was built without the administration portal.\n").into_response(),
    }
}

fn asset(name: &str, file: EmbeddedFile, request: &Request<Body>) -> Response {
    let tag = format!("\"{}\"", hex(&file.metadata.sha256_hash()[..16]));
    let seen = request.headers().get(header::IF_NONE_MATCH).and_then(|value| value.to_str().ok());
    let fresh = seen.is_some_and(|seen| seen.split(',').any(|one| one.trim().trim_start_matches("W/") == tag));
    let mut response = if fresh {
        StatusCode::NOT_MODIFIED.into_response()
    } else {
        let media_type = file.metadata.mimetype().to_owned();
        content(&tag, media_type, file.data, request)
    };
    let caching = if name.starts_with("assets/") { FOR_EVER } else { "no-cache" };
    let headers = response.headers_mut();
    headers.insert(header::CACHE_CONTROL, HeaderValue::from_static(caching));
    headers.insert(header::VARY, HeaderValue::from_static("Accept-Encoding"));
    if let Ok(tag) = HeaderValue::try_from(tag) {
        headers.insert(header::ETAG, tag);
    }
    response
}

fn content(tag: &str, media_type: String, data: Cow<'static, [u8]>, request: &Request<Body>) -> Response {
    let gzip = accepts_gzip(request) && compressed::worth_it(&media_type, data.len());
    let mut response = match gzip.then(|| compressed::gzip(tag, &data)).flatten() {
        Some(small) => {
            let mut response = Response::new(Body::from(small));
            response.headers_mut().insert(header::CONTENT_ENCODING, HeaderValue::from_static("gzip"));
            response
        }
        None => Response::new(Body::from(data.into_owned())),
    };
    let text = media_type.starts_with("text/") || media_type.ends_with("javascript") || media_type.ends_with("json");
    let media_type = if text { format!("{media_type}; charset=utf-8") } else { media_type };
    if let Ok(value) = HeaderValue::try_from(media_type) {
        response.headers_mut().insert(header::CONTENT_TYPE, value);
    }
    response
}

fn accepts_gzip(request: &Request<Body>) -> bool {
    let header = request.headers().get(header::ACCEPT_ENCODING).and_then(|value| value.to_str().ok());
    header.is_some_and(|text| {
        text.split(',').any(|one| matches!(one.trim(), "gzip") || one.trim().starts_with("gzip;q=1"))
    })
}

fn page(html: String) -> Response {
    let mut response = Response::new(Body::from(html));
    let headers = response.headers_mut();
    headers.insert(header::CONTENT_TYPE, HeaderValue::from_static("text/html; charset=utf-8"));
    headers.insert(header::CACHE_CONTROL, HeaderValue::from_static("no-cache"));
    response
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn get(rest: &str) -> Response {
        let config = WebConfig::new("engine.example", "127.0.0.1:443".parse().unwrap());
        answer(&config, rest, &Request::get(format!("/ovirt-engine/{rest}")).body(Body::empty()).unwrap())
    }

    #[test]
    fn the_welcome_page_leads_to_the_portal() {
        let response = get("");
        assert_eq!(response.status(), StatusCode::OK);
        assert!(WELCOME.contains("href=\"webadmin/\""));
        assert_eq!(get("webadmin").headers()[header::LOCATION], "/ovirt-engine/webadmin/");
    }

    #[test]
    fn pages_allow_no_inline_script() {
        let policy = get("").headers()[header::CONTENT_SECURITY_POLICY].to_str().unwrap().to_owned();
        assert!(policy.contains("default-src 'self'") && !policy.contains("unsafe-inline"), "{policy}");
        assert!(!WELCOME.contains("<script") && !WELCOME.contains("style="));
    }

    #[test]
    fn unknown_files_are_not_the_page() {
        assert_eq!(get("webadmin/assets/nothing-1234.js").status(), StatusCode::NOT_FOUND);
        assert_eq!(get("elsewhere/x").status(), StatusCode::NOT_FOUND);
    }
}
