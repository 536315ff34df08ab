//! oVirt's single sign-on addresses: tokens for a name and password, what a token stands for, its end. Refuses every
//! grant but the password: there is no interactive sign-on behind these addresses.

use std::sync::Arc;

use axum::body::Body;
use axum::response::Response;
use ferrovirt_model::refusal::Refusal;
use ferrovirt_model::secret::Secret;
use http::{HeaderMap, HeaderValue, Method, Request, StatusCode, header};
use serde_json::{Value, json};
use time::OffsetDateTime;

use super::cookies;
use crate::api::fault::Fault;
use crate::api::params::Params;
use crate::body;
use crate::door::{DoorError, Grant, SignIn, TokenInfo};
use crate::web::{Peer, Web};

/// The scope of API clients; their errors have a shape of their own.
const API_SCOPE: &str = "ovirt-app-api";
const KNOWN_SCOPES: [&str; 3] = [API_SCOPE, "ovirt-app-admin", "ovirt-app-portal"];
const EXTENSION_PREFIX: &str = "ovirt-ext=";
/// The ways of signing on that these addresses refuse by name.
const HTTP_GRANT: &str = "urn:ovirt:params:oauth:grant-type:http";

/// Answers below `/ovirt-engine/sso/`.
pub(crate) async fn answer(web: &Arc<Web>, request: Request<Body>) -> Response {
    let path = request.uri().path().trim_end_matches('/').to_owned();
    let action = path.strip_prefix("/ovirt-engine/sso/").unwrap_or_default().to_owned();
    if action == "status" {
        return json_response(StatusCode::OK, &json!({ "status": "Welcome to oVirt SSO" }));
    }
    let known = ["oauth/token", "oauth/token-info", "oauth/revoke", "oauth/token-http-auth"];
    if !known.contains(&action.as_str()) {
        let described = "This way of signing on is not served.";
        let status = if action.starts_with("oauth/") || action.starts_with("openid/") { 501 } else { 404 };
        let status = StatusCode::from_u16(status).unwrap_or(StatusCode::NOT_FOUND);
        return json_response(status, &json!({ "error": "unsupported_response_type", "error_description": described }));
    }
    match read_form(web, request).await {
        Ok((form, peer)) => serve(web, &action, &form, peer).await,
        Err(fault) => json_response(fault.status, &oauth_error("invalid_request", &fault.detail)),
    }
}

async fn serve(web: &Arc<Web>, action: &str, form: &Params, peer: Option<Peer>) -> Response {
    match action {
        "oauth/token" => token(web, form, peer).await,
        "oauth/token-info" => token_info(web, form).await,
        "oauth/revoke" => match end(web, form.filled("token")).await {
            Ok(()) => json_response(StatusCode::OK, &json!({})),
            Err(error) => refused(form, error),
        },
        _ => refusal(form, StatusCode::NOT_IMPLEMENTED, "unsupported_grant_type", "Sign-on by Kerberos is not served."),
    }
}

/// Form fields come in the body, and from some clients in the query. GET carries no password: it would stand in logs.
async fn read_form(web: &Arc<Web>, request: Request<Body>) -> Result<(Params, Option<Peer>), Fault> {
    if request.method() != Method::POST {
        return Err(Fault::wrong_verb("POST".to_owned()));
    }
    let peer = request.extensions().get::<Peer>().copied();
    let (parts, body) = request.into_parts();
    let bytes = body::read(body, &web.config.limits).await?;
    let text = String::from_utf8(bytes.to_vec())
        .map_err(|_| Fault::new(StatusCode::BAD_REQUEST, "The form is not valid UTF-8."))?;
    let joined = match parts.uri.query() {
        Some(query) => format!("{text}&{query}"),
        None => text,
    };
    Ok((Params::from_form(&joined), peer))
}

async fn token(web: &Arc<Web>, form: &Params, peer: Option<Peer>) -> Response {
    match form.filled("grant_type") {
        Some("password") => {}
        Some("authorization_code" | HTTP_GRANT) => {
            let described = "Only the grant type 'password' is served.";
            return refusal(form, StatusCode::BAD_REQUEST, "unsupported_grant_type", described);
        }
        Some(other) => {
            let described = format!("The grant type '{other}' is not supported.");
            return refusal(form, StatusCode::BAD_REQUEST, "unsupported_grant_type", &described);
        }
        None => {
            let described = "The request lacks the parameter 'grant_type'.";
            return refusal(form, StatusCode::BAD_REQUEST, "invalid_request", described);
        }
    }
    if let Some(scope) = unknown_scope(form) {
        return refusal(form, StatusCode::BAD_REQUEST, "invalid_scope", &format!("The scope '{scope}' is not known."));
    }
    let (Some(user), Some(password)) = (form.filled("username"), form.text("password")) else {
        let described = "The request lacks the parameter 'username' or 'password'.";
        return refusal(form, StatusCode::BAD_REQUEST, "invalid_request", described);
    };
    let scope = form.filled("scope").map_or_else(|| API_SCOPE.to_owned(), tidy);
    let ask = SignIn {
        user: user.to_owned(),
        password: Secret::new(password),
        from: peer.map(|peer| peer.0),
        idle: None,
        scope: Some(scope.clone()),
    };
    match web.door.sign_in(ask).await {
        Ok(grant) => json_response(StatusCode::OK, &granted(&grant, &scope)),
        Err(error) => refused(form, error),
    }
}

/// Scopes with one space between them.
fn tidy(scope: &str) -> String {
    scope.split_whitespace().collect::<Vec<_>>().join(" ")
}

fn unknown_scope(form: &Params) -> Option<&str> {
    let known = |scope: &str| KNOWN_SCOPES.contains(&scope) || scope.starts_with(EXTENSION_PREFIX);
    form.filled("scope")?.split_whitespace().find(|scope| !known(scope))
}

fn granted(grant: &Grant, scope: &str) -> Value {
    json!({
        "access_token": grant.token.expose(),
        "scope": scope,
        "exp": expiry(grant.expires),
        "token_type": "bearer",
    })
}

/// A text of epoch milliseconds: clients parse it so.
fn expiry(at: OffsetDateTime) -> String {
    (at.unix_timestamp_nanos() / 1_000_000).to_string()
}

/// What a token stands for. Whoever holds the token may ask: it would open everything it names anyway. Asking is no use of
/// it: whoever only watches it lets it end.
async fn token_info(web: &Arc<Web>, form: &Params) -> Response {
    let Some(token) = form.filled("token") else {
        return refusal(form, StatusCode::BAD_REQUEST, "invalid_request", "The request lacks the parameter 'token'.");
    };
    match web.door.token_info(&Secret::new(token)).await {
        Ok(Some(info)) => json_response(StatusCode::OK, &told(&info)),
        Ok(None) => {
            refusal(form, StatusCode::BAD_REQUEST, "invalid_grant", "The provided authorization grant has expired.")
        }
        Err(error) => refused(form, error),
    }
}

/// `user_id` is the name with its profile. Tokens for a password belong to no registered client.
fn told(info: &TokenInfo) -> Value {
    let session = &info.session;
    json!({
        "active": true,
        "token_type": "bearer",
        "client_id": null,
        "user_id": session.principal,
        "scope": info.scope,
        "exp": expiry(info.expires),
        "ovirt": {
            "version": "0",
            "user_id": session.user.to_string(),
            "principal_id": session.name,
            "authz": session.domain,
            "capability_credentials_change": false,
        },
    })
}

/// Ends the session of a form's token. Clients that send it empty have nothing to end.
pub(crate) async fn end(web: &Arc<Web>, token: Option<&str>) -> Result<(), DoorError> {
    match token {
        Some(token) => web.door.sign_out(&Secret::new(token)).await,
        None => Ok(()),
    }
}

/// `/ovirt-engine/services/sso-logout`: ends the form's token and the cookie's session, and always answers JSON.
pub(crate) async fn logout(web: &Arc<Web>, request: Request<Body>) -> Response {
    let headers = request.headers().clone();
    let form = match read_form(web, request).await {
        Ok((form, _)) => form,
        Err(fault) => return json_response(fault.status, &oauth_error("invalid_request", &fault.detail)),
    };
    let cookie =
        cookies::session_cookie(&headers).filter(|_| !crate::headers::from_foreign_page(&headers, &web.config));
    let tokens = [form.filled("token").map(Secret::new), bearer(&headers), cookie.map(|cookie| cookie.token)];
    for token in tokens.into_iter().flatten() {
        if let Err(error) = web.door.sign_out(&token).await {
            return refused(&form, error);
        }
    }
    let mut response = json_response(StatusCode::OK, &json!({}));
    response.headers_mut().append(header::SET_COOKIE, cookies::forget());
    response
}

fn bearer(headers: &HeaderMap) -> Option<Secret> {
    let text = headers.get(header::AUTHORIZATION)?.to_str().ok()?;
    let (scheme, token) = text.split_once(' ')?;
    scheme.eq_ignore_ascii_case("bearer").then(|| Secret::new(token.trim()))
}

fn refused(form: &Params, error: DoorError) -> Response {
    match error {
        DoorError::Refused(refusal_of) => {
            let seconds = match &refusal_of {
                Refusal::SignOnDelayed { seconds } => Some(*seconds),
                _ => None,
            };
            let mut response = refusal(form, StatusCode::BAD_REQUEST, "access_denied", &refusal_of.to_string());
            if let Some(seconds) = seconds {
                response.headers_mut().insert(header::RETRY_AFTER, HeaderValue::from(seconds));
            }
            response
        }
        other => {
            let fault = Fault::from(other);
            let mut response = refusal(form, fault.status, "server_error", &fault.detail);
            if let Some(seconds) = fault.retry_after {
                response.headers_mut().insert(header::RETRY_AFTER, HeaderValue::from(seconds));
            }
            response
        }
    }
}

/// Clients of the pure API scope read `error_code` and a text in `error`; all others the OAuth names (RFC 6749, 5.2).
fn refusal(form: &Params, status: StatusCode, code: &str, described: &str) -> Response {
    let api_only = form.filled("scope").is_none_or(|scope| scope == API_SCOPE);
    let body = if api_only { json!({ "error_code": code, "error": described }) } else { oauth_error(code, described) };
    json_response(status, &body)
}

fn oauth_error(code: &str, described: &str) -> Value {
    json!({ "error": code, "error_description": described })
}

pub(crate) fn json_response(status: StatusCode, value: &Value) -> Response {
    let mut response = Response::new(Body::from(value.to_string()));
    *response.status_mut() = status;
    response.headers_mut().insert(header::CONTENT_TYPE, HeaderValue::from_static("application/json"));
    response
}
