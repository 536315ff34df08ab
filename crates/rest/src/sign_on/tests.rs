//! Sign-on as clients do it: tokens, Basic, cookies, sign-out, and what is refused.

use std::sync::Arc;

use axum::body::Body;
use base64::Engine as _;
use http::{Request, Response, StatusCode, header};
use http_body_util::BodyExt;
use serde_json::Value;

use crate::config::WebConfig;
use crate::door::fake::{FakeDoor, PASSWORD};
use crate::web::Web;

const API: &str = "/ovirt-engine/api";
const TOKEN: &str = "/ovirt-engine/sso/oauth/token";

fn web() -> Arc<Web> {
    Web::new(FakeDoor::new(), WebConfig::new("engine.example", "127.0.0.1:443".parse().unwrap()))
}

async fn send(web: &Arc<Web>, request: Request<Body>) -> (StatusCode, Response<()>, Value) {
    let (parts, body) = Arc::clone(web).answer(request).await.into_parts();
    let bytes = body.collect().await.unwrap().to_bytes();
    (parts.status, Response::from_parts(parts, ()), serde_json::from_slice(&bytes).unwrap_or(Value::Null))
}

fn to(method: &str, path: &str) -> http::request::Builder {
    Request::builder().method(method).uri(path).header(header::HOST, "engine.example")
}

fn form(path: &str, body: &str) -> Request<Body> {
    to("POST", path)
        .header(header::CONTENT_TYPE, "application/x-www-form-urlencoded")
        .body(Body::from(body.to_owned()))
        .unwrap()
}

fn password_form(user: &str, password: &str) -> Request<Body> {
    let fields = form_urlencoded::Serializer::new(String::new())
        .extend_pairs([
            ("grant_type", "password"),
            ("scope", "ovirt-app-api"),
            ("username", user),
            ("password", password),
        ])
        .finish();
    form(TOKEN, &fields)
}

fn basic(password: &str) -> String {
    format!("Basic {}", base64::engine::general_purpose::STANDARD.encode(format!("admin@internal:{password}")))
}

async fn token(web: &Arc<Web>) -> String {
    let (status, _, value) = send(web, password_form("admin@internal", PASSWORD)).await;
    assert_eq!(status, StatusCode::OK, "{value}");
    value["access_token"].as_str().unwrap().to_owned()
}

async fn api(web: &Arc<Web>, headers: &[(&str, &str)]) -> (StatusCode, Response<()>) {
    api_with(web, "GET", API, headers).await
}

async fn api_with(web: &Arc<Web>, method: &str, path: &str, headers: &[(&str, &str)]) -> (StatusCode, Response<()>) {
    let request = headers.iter().fold(to(method, path), |request, (name, value)| request.header(*name, *value));
    let (status, response, _) = send(web, request.body(Body::empty()).unwrap()).await;
    (status, response)
}

fn cookie_of(response: &Response<()>) -> String {
    let text = response.headers()[header::SET_COOKIE].to_str().unwrap();
    text.split(';').next().unwrap().to_owned()
}

#[tokio::test]
async fn a_token_opens_the_api_until_it_is_revoked() {
    let web = web();
    let (_, response, value) = send(&web, password_form("admin@internal", PASSWORD)).await;
    assert_eq!(response.headers()[header::CONTENT_TYPE], "application/json");
    assert_eq!((&value["token_type"], &value["scope"]), (&"bearer".into(), &"ovirt-app-api".into()));
    assert_eq!(value["exp"], "1800000000000");
    let bearer = format!("Bearer {}", value["access_token"].as_str().unwrap());
    assert_eq!(api(&web, &[("authorization", &bearer)]).await.0, StatusCode::OK);
    let fields = format!("token={}", value["access_token"].as_str().unwrap());
    let (status, _, value) = send(&web, form("/ovirt-engine/sso/oauth/revoke", &fields)).await;
    assert_eq!((status, value), (StatusCode::OK, serde_json::json!({})));
    assert_eq!(api(&web, &[("authorization", &bearer)]).await.0, StatusCode::UNAUTHORIZED);
}

#[tokio::test]
async fn wrong_passwords_have_the_shape_of_the_scope() {
    let web = web();
    let (status, _, value) = send(&web, password_form("admin@internal", "wrong")).await;
    assert_eq!((status, &value["error_code"]), (StatusCode::BAD_REQUEST, &"access_denied".into()));
    assert!(value["error"].as_str().unwrap().starts_with("Cannot authenticate user 'admin@internal'"));
    let other = form(TOKEN, "grant_type=password&scope=ovirt-app-admin&username=a%40b&password=x");
    let (_, _, value) = send(&web, other).await;
    assert_eq!(value["error"], "access_denied");
    assert!(value["error_description"].is_string());
    assert_eq!(api(&web, &[("authorization", &basic("wrong"))]).await.0, StatusCode::UNAUTHORIZED);
}

#[tokio::test]
async fn a_slow_down_says_for_how_long() {
    let (status, response, _) = send(&web(), password_form("slow@internal", PASSWORD)).await;
    assert_eq!(status, StatusCode::BAD_REQUEST);
    assert_eq!(response.headers()[header::RETRY_AFTER], "7");
}

#[tokio::test]
async fn other_grants_and_verbs_are_refused() {
    let web = web();
    let (status, _, value) = send(&web, form(TOKEN, "grant_type=client_credentials&scope=ovirt-app-api")).await;
    assert_eq!((status, &value["error_code"]), (StatusCode::BAD_REQUEST, &"unsupported_grant_type".into()));
    let by_get = to("GET", "/ovirt-engine/sso/oauth/token?grant_type=password&username=admin&password=x");
    assert_eq!(send(&web, by_get.body(Body::empty()).unwrap()).await.0, StatusCode::METHOD_NOT_ALLOWED);
    assert_eq!(send(&web, form("/ovirt-engine/sso/oauth/token-http-auth", "")).await.0, StatusCode::NOT_IMPLEMENTED);
    assert_eq!(send(&web, form("/ovirt-engine/sso/oauth/authorize", "")).await.0, StatusCode::NOT_IMPLEMENTED);
}

#[tokio::test]
async fn token_info_tells_of_a_token_and_is_no_use_of_it() {
    let door = FakeDoor::new();
    let web = Web::new(Arc::clone(&door) as _, WebConfig::new("engine.example", "127.0.0.1:443".parse().unwrap()));
    let ask = "grant_type=password&username=admin&password=correct+horse&scope=ovirt-app-admin++ovirt-ext%3Dtoken%3Ax";
    let (_, _, made) = send(&web, form(TOKEN, ask)).await;
    let scope = "ovirt-app-admin ovirt-ext=token:x";
    assert_eq!(made["scope"], scope);
    let fields = format!("token={}", made["access_token"].as_str().unwrap());
    let (status, _, value) = send(&web, form("/ovirt-engine/sso/oauth/token-info", &fields)).await;
    assert_eq!((status, &value["user_id"]), (StatusCode::OK, &"admin@internal".into()));
    assert_eq!((&value["scope"], &value["exp"]), (&scope.into(), &"1800000000000".into()));
    assert!(value["active"] == true && value["token_type"] == "bearer" && value.get("client_id") == Some(&Value::Null));
    assert_eq!(door.uses.load(std::sync::atomic::Ordering::Relaxed), 0);
    let (status, _, _) = send(&web, form("/ovirt-engine/sso/oauth/token-info", "token=unknown")).await;
    assert_eq!(status, StatusCode::BAD_REQUEST);
}

#[tokio::test]
async fn sign_out_always_answers_json() {
    let web = web();
    let (status, _, value) = send(&web, form("/ovirt-engine/services/sso-logout", "scope=&token=")).await;
    assert_eq!((status, value), (StatusCode::OK, serde_json::json!({})));
    let token = token(&web).await;
    send(&web, form("/ovirt-engine/services/sso-logout", &format!("scope=ovirt-app-api&token={token}"))).await;
    assert_eq!(api(&web, &[("authorization", &format!("Bearer {token}"))]).await.0, StatusCode::UNAUTHORIZED);
}

#[tokio::test]
async fn basic_alone_leaves_no_session_and_persistent_auth_leaves_a_cookie() {
    let web = web();
    let (status, response) = api(&web, &[("authorization", &basic(PASSWORD))]).await;
    assert!(status == StatusCode::OK && !response.headers().contains_key(header::SET_COOKIE));
    let (_, response) = api(&web, &[("authorization", &basic(PASSWORD)), ("prefer", "persistent-auth")]).await;
    let cookie = cookie_of(&response);
    assert_eq!(api(&web, &[("cookie", &cookie)]).await.0, StatusCode::OK);
    // The password again with the open session's cookie opens no second one.
    let headers = [("authorization", &*basic(PASSWORD)), ("prefer", "persistent-auth"), ("cookie", &cookie)];
    assert!(!api(&web, &headers).await.1.headers().contains_key(header::SET_COOKIE));
    let headers = [("authorization", &*basic(PASSWORD)), ("prefer", "persistent-auth, new-auth"), ("cookie", &cookie)];
    assert_ne!(cookie_of(&api(&web, &headers).await.1), cookie);
}

#[tokio::test]
async fn sign_out_ends_the_cookies_session() {
    let web = web();
    let (_, response) = api(&web, &[("authorization", &basic(PASSWORD)), ("prefer", "persistent-auth")]).await;
    let cookie = cookie_of(&response);
    let (status, response) = api_with(&web, "POST", "/ovirt-engine/services/sso-logout", &[("cookie", &cookie)]).await;
    assert_eq!(status, StatusCode::OK);
    assert!(response.headers()[header::SET_COOKIE].to_str().unwrap().contains("Max-Age=0"));
    assert_eq!(api(&web, &[("cookie", &cookie)]).await.0, StatusCode::UNAUTHORIZED);
}

#[tokio::test]
async fn foreign_pages_can_change_nothing_with_a_cookie() {
    let web = web();
    let (_, response) = api(&web, &[("authorization", &basic(PASSWORD)), ("prefer", "persistent-auth")]).await;
    let cookie = cookie_of(&response);
    let path = "/ovirt-engine/api/vms";
    let foreign = [("cookie", &*cookie), ("origin", "https://evil.example")];
    assert_eq!(api_with(&web, "POST", path, &foreign).await.0, StatusCode::FORBIDDEN);
    let own = [("cookie", &*cookie), ("origin", "https://engine.example"), ("sec-fetch-site", "same-origin")];
    assert_ne!(api_with(&web, "POST", path, &own).await.0, StatusCode::FORBIDDEN);
}

#[tokio::test]
async fn foreign_pages_can_change_nothing_with_a_password_that_the_browser_repeats() {
    let web = web();
    let (password, path) = (basic(PASSWORD), "/ovirt-engine/api/vms/x/stop");
    for foreign in [
        &[("origin", "https://evil.example")][..],
        &[("origin", "null"), ("sec-fetch-site", "cross-site")],
        &[("sec-fetch-site", "same-site")],
    ] {
        let headers: Vec<_> = [("authorization", &*password)].into_iter().chain(foreign.iter().copied()).collect();
        assert_eq!(api_with(&web, "POST", path, &headers).await.0, StatusCode::FORBIDDEN, "{foreign:?}");
        assert_eq!(api(&web, &headers).await.0, StatusCode::OK, "reading changes nothing: {foreign:?}");
    }
    // The engine's own page, and programs that are no browser.
    let own = [("authorization", &*password), ("origin", "https://engine.example"), ("sec-fetch-site", "same-origin")];
    assert_ne!(api_with(&web, "POST", path, &own).await.0, StatusCode::FORBIDDEN);
    assert_ne!(api_with(&web, "POST", path, &own[..1]).await.0, StatusCode::FORBIDDEN);
    let bearer = format!("Bearer {}", token(&web).await);
    let script = [("authorization", &*bearer), ("origin", "https://tool.example")];
    assert_ne!(api_with(&web, "POST", path, &script).await.0, StatusCode::FORBIDDEN);
}

#[tokio::test]
async fn protected_sessions_want_their_id_in_the_header() {
    let web = web();
    let prefer = "persistent-auth, csrf-protection";
    let (_, response) = api(&web, &[("authorization", &basic(PASSWORD)), ("prefer", prefer)]).await;
    let cookie = cookie_of(&response);
    assert_eq!(api(&web, &[("cookie", &cookie)]).await.0, StatusCode::FORBIDDEN);
    let id = cookie.strip_prefix("JSESSIONID=").unwrap();
    assert_eq!(api(&web, &[("cookie", &cookie), ("jsessionid", id)]).await.0, StatusCode::OK);
}

#[tokio::test]
async fn scripts_get_a_challenge_that_opens_no_window() {
    let web = web();
    let (_, response) = api(&web, &[]).await;
    assert_eq!(response.headers()[header::WWW_AUTHENTICATE], "Basic realm=\"RESTAPI\"");
    let (_, response) = api(&web, &[("sec-fetch-mode", "cors")]).await;
    assert_eq!(response.headers()[header::WWW_AUTHENTICATE], "Bearer realm=\"RESTAPI\"");
}

#[tokio::test]
async fn the_idle_time_is_a_number_of_minutes() {
    let web = web();
    let headers = [("authorization", &*basic(PASSWORD)), ("session-ttl", "soon")];
    assert_eq!(api(&web, &headers).await.0, StatusCode::BAD_REQUEST);
}
