//! Headers that guard a browser: on every response, and the cross-origin rules. Refuses to know what is inside.

use axum::body::Body;
use axum::response::{IntoResponse, Response};
use http::header::{self, HeaderName};
use http::{HeaderMap, HeaderValue, Method, Request, StatusCode};

use crate::config::WebConfig;

/// Adds the guarding headers; what a part set itself stays.
pub(crate) fn secure(response: &mut Response) {
    let headers = response.headers_mut();
    let guards: [(HeaderName, &str); 5] = [
        (header::X_CONTENT_TYPE_OPTIONS, "nosniff"),
        (header::X_FRAME_OPTIONS, "DENY"),
        (header::REFERRER_POLICY, "no-referrer"),
        (header::STRICT_TRANSPORT_SECURITY, "max-age=31536000"),
        // A document of the API that a browser opens may run and load nothing.
        (header::CONTENT_SECURITY_POLICY, "default-src 'none'; frame-ancestors 'none'"),
    ];
    for (name, value) in guards {
        headers.entry(name).or_insert(HeaderValue::from_static(value));
    }
    headers.entry(header::CACHE_CONTROL).or_insert(HeaderValue::from_static("no-store"));
}

/// The origin of a request, if it is one that the configuration allows.
pub(crate) fn cross_origin(config: &WebConfig, request: &Request<Body>) -> Option<HeaderValue> {
    let origin = request.headers().get(header::ORIGIN)?;
    config.allowed_origins.iter().any(|allowed| allowed.as_bytes() == origin.as_bytes()).then(|| origin.clone())
}

/// Lets a browser of an allowed origin read the response.
pub(crate) fn allow_origin(response: &mut Response, origin: Option<HeaderValue>) {
    let Some(origin) = origin else { return };
    let headers = response.headers_mut();
    headers.insert(header::ACCESS_CONTROL_ALLOW_ORIGIN, origin);
    headers.insert(header::ACCESS_CONTROL_ALLOW_CREDENTIALS, HeaderValue::from_static("true"));
    headers.insert(header::ACCESS_CONTROL_EXPOSE_HEADERS, HeaderValue::from_static("Correlation-Id, Location, Link"));
    headers.append(header::VARY, HeaderValue::from_static("Origin"));
}

/// The answer to a browser that asks before it sends a cross-origin request.
pub(crate) fn preflight(config: &WebConfig, request: &Request<Body>) -> Option<Response> {
    let asks =
        request.method() == Method::OPTIONS && request.headers().contains_key(header::ACCESS_CONTROL_REQUEST_METHOD);
    if !asks {
        return None;
    }
    if cross_origin(config, request).is_none() {
        return Some(StatusCode::FORBIDDEN.into_response());
    }
    let mut response = StatusCode::NO_CONTENT.into_response();
    let headers = response.headers_mut();
    headers.insert(header::ACCESS_CONTROL_ALLOW_METHODS, HeaderValue::from_static("GET, HEAD, POST, PUT, DELETE"));
    headers.insert(
        header::ACCESS_CONTROL_ALLOW_HEADERS,
        HeaderValue::from_static("Accept, Authorization, Content-Type, Correlation-Id, Filter, All-Content, Prefer, Session-TTL, Version, X-Ovirt-Expect, JSESSIONID"),
    );
    headers.insert(header::ACCESS_CONTROL_MAX_AGE, HeaderValue::from_static("3600"));
    Some(response)
}

/// Whether a browser sent the request from a page of another origin. Requests of other programs carry no such header.
pub(crate) fn from_foreign_page(headers: &HeaderMap, config: &WebConfig) -> bool {
    let elsewhere = |site: &HeaderValue| !matches!(site.as_bytes(), b"same-origin" | b"none");
    if headers.get("sec-fetch-site").is_some_and(elsewhere) {
        return !allowed_by_configuration(headers, config);
    }
    let Some(origin) = headers.get(header::ORIGIN).and_then(|value| value.to_str().ok()) else { return false };
    !(same_host(origin, headers) || allowed_by_configuration(headers, config))
}

fn allowed_by_configuration(headers: &HeaderMap, config: &WebConfig) -> bool {
    let origin = headers.get(header::ORIGIN).map(HeaderValue::as_bytes);
    config.allowed_origins.iter().any(|allowed| Some(allowed.as_bytes()) == origin)
}

/// The page's origin is the address that the request itself went to.
fn same_host(origin: &str, headers: &HeaderMap) -> bool {
    let host = headers.get(header::HOST).and_then(|value| value.to_str().ok());
    let authority = origin.strip_prefix("https://");
    authority.is_some() && authority.map(without_default_port) == host.map(without_default_port)
}

fn without_default_port(authority: &str) -> &str {
    authority.strip_suffix(":443").unwrap_or(authority)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn config() -> WebConfig {
        WebConfig::new("engine.example", "127.0.0.1:443".parse().unwrap())
    }

    fn headers(pairs: &[(&'static str, &str)]) -> HeaderMap {
        pairs
            .iter()
            .map(|(name, value)| (HeaderName::from_static(name), HeaderValue::from_str(value).unwrap()))
            .collect()
    }

    #[test]
    fn pages_of_other_origins_are_told_apart() {
        let foreign = |pairs: &[(&'static str, &str)]| from_foreign_page(&headers(pairs), &config());
        assert!(!foreign(&[("host", "engine.example")]));
        assert!(!foreign(&[("host", "engine.example"), ("origin", "https://engine.example")]));
        assert!(!foreign(&[
            ("host", "engine.example:8443"),
            ("origin", "https://engine.example:8443"),
            ("sec-fetch-site", "same-origin")
        ]));
        assert!(foreign(&[("host", "engine.example"), ("origin", "https://evil.example")]));
        assert!(foreign(&[("host", "engine.example"), ("origin", "http://engine.example")]));
        assert!(foreign(&[("host", "engine.example"), ("sec-fetch-site", "same-site")]));
        assert!(foreign(&[("host", "engine.example"), ("origin", "null")]));
    }

    #[test]
    fn configured_origins_may_ask() {
        let mut config = config();
        config.allowed_origins.push("https://tool.example".to_owned());
        let asked = headers(&[
            ("host", "engine.example"),
            ("origin", "https://tool.example"),
            ("sec-fetch-site", "cross-site"),
        ]);
        assert!(!from_foreign_page(&asked, &config));
    }
}
