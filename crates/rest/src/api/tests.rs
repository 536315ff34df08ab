//! The door as clients see it: requests in, responses out, with a registry of a few handlers and no engine.

use std::sync::Arc;
use std::sync::atomic::Ordering;

use axum::body::Body;
use base64::Engine as _;
use ferrovirt_model::refusal::Refusal;
use ferrovirt_wire::{List, tree, types};
use http::{Request, Response, StatusCode, header};
use http_body_util::BodyExt;

use super::fault::Fault;
use super::registry::{Answer, Registry};
use super::reply::Reply;
use super::{call::Call, links};
use crate::config::WebConfig;
use crate::door::fake::{FakeDoor, PASSWORD};
use crate::web::Web;

const VM: &str = "11111111-2222-3333-4444-555555555555";

async fn list(call: Call) -> Answer {
    let query = call.list_query()?;
    let name = format!("{:?} {:?} {}", query.search, query.max, call.caller.filter);
    let mut vm = types::Vm { name: Some(name), ..Default::default() };
    let item = call.service.item().ok_or_else(Fault::not_found)?;
    links::decorate(item, &call.item_href(VM), VM, &mut vm);
    Ok(Reply::ok(List::from(vec![vm])))
}

async fn add(call: Call) -> Answer {
    let vm: types::Vm = call.body()?;
    call.require("Vm", "name", vm.name.is_some())?;
    Ok(Reply::created(call.item_href(VM), vm))
}

async fn get(call: Call) -> Answer {
    let id: ferrovirt_model::ids::VmId = call.id("vm")?;
    Ok(Reply::ok(types::Vm {
        id: Some(id.to_string()),
        stateless: Some(true),
        memory: Some(1 << 30),
        ..Default::default()
    }))
}

async fn start(call: Call) -> Answer {
    let action = call.action()?;
    if action.pause == Some(true) {
        return Err(Refusal::Locked { what: "VM", name: "web".to_owned() }.into());
    }
    Ok(Reply::action(types::Action::default()))
}

async fn stop(_: Call) -> Answer {
    panic!("a handler with a mistake")
}

async fn remove(_: Call) -> Answer {
    Ok(Reply::removed())
}

fn registry() -> Registry {
    let mut r = Registry::default();
    r.on("VmsService", "list", list);
    r.on("VmsService", "add", add);
    r.on("VmService", "get", get);
    r.on("VmService", "start", start);
    r.on("VmService", "stop", stop);
    r.on("VmService", "remove", remove);
    r
}

fn web_with(door: Arc<FakeDoor>) -> Arc<Web> {
    Web::with_registry(door, WebConfig::new("engine.example", "127.0.0.1:443".parse().unwrap()), registry())
}

fn basic() -> String {
    format!("Basic {}", base64::engine::general_purpose::STANDARD.encode(format!("admin@internal:{PASSWORD}")))
}

fn request(method: &str, path: &str) -> http::request::Builder {
    Request::builder()
        .method(method)
        .uri(path)
        .header(header::HOST, "engine.example")
        .header(header::AUTHORIZATION, basic())
}

async fn send(request: Request<Body>) -> (StatusCode, Response<()>, String) {
    send_to(web_with(FakeDoor::new()), request).await
}

async fn send_to(web: Arc<Web>, request: Request<Body>) -> (StatusCode, Response<()>, String) {
    let (parts, body) = web.answer(request).await.into_parts();
    let bytes = body.collect().await.unwrap().to_bytes();
    (parts.status, Response::from_parts(parts, ()), String::from_utf8(bytes.to_vec()).unwrap())
}

async fn get_text(path: &str) -> (StatusCode, String) {
    let (status, _, text) = send(request("GET", path).body(Body::empty()).unwrap()).await;
    (status, text)
}

#[tokio::test]
async fn nothing_of_the_tree_answers_anonymous_callers() {
    let web = web_with(FakeDoor::new());
    let mut asked = 0;
    for (path, service) in tree::paths() {
        let path = path.replace(['{', '}'], "");
        for operation in service.operations {
            let uri = match operation.action {
                Some(action) => format!("/ovirt-engine/api{path}/{action}"),
                None => format!("/ovirt-engine/api{path}"),
            };
            let anonymous = Request::builder().method(operation.verb.as_str()).uri(&uri).body(Body::empty()).unwrap();
            let response = Arc::clone(&web).answer(anonymous).await;
            assert_eq!(response.status(), StatusCode::UNAUTHORIZED, "{} {uri}", operation.verb.as_str());
            assert!(response.headers().contains_key(header::WWW_AUTHENTICATE), "{uri}");
            asked += 1;
        }
    }
    assert!(asked > 700, "only {asked} operations were asked");
}

#[tokio::test]
async fn what_is_declared_but_not_served_says_so() {
    let (status, text) = get_text("/ovirt-engine/api/quotas-of-nobody").await;
    assert_eq!(status, StatusCode::NOT_FOUND, "{text}");
    let (status, text) = get_text("/ovirt-engine/api/bookmarks").await;
    assert_eq!(status, StatusCode::NOT_IMPLEMENTED);
    assert!(text.contains("<fault>") && text.contains("BookmarksService.list"), "{text}");
}

#[tokio::test]
async fn wrong_verbs_name_the_right_ones() {
    let (status, response, text) = send(request("PUT", "/ovirt-engine/api/vms").body(Body::empty()).unwrap()).await;
    assert_eq!(status, StatusCode::METHOD_NOT_ALLOWED, "{text}");
    assert_eq!(response.headers()[header::ALLOW], "OPTIONS, GET, POST, HEAD");
    let (status, _, _) = send(request("PATCH", "/ovirt-engine/api/vms").body(Body::empty()).unwrap()).await;
    assert_eq!(status, StatusCode::METHOD_NOT_ALLOWED);
}

#[tokio::test]
async fn lists_carry_hrefs_links_and_actions_on_items_only() {
    let (status, text) = get_text("/ovirt-engine/api/vms;max=3?search=name%3Da*&filter").await;
    assert_eq!(status, StatusCode::OK);
    assert!(text.contains(&format!("href=\"/ovirt-engine/api/vms/{VM}\"")), "{text}");
    assert!(text.contains(&format!("href=\"/ovirt-engine/api/vms/{VM}/nics\"")), "{text}");
    assert!(text.contains(&format!("href=\"/ovirt-engine/api/vms/{VM}/start\"")), "{text}");
    assert!(text.contains("name=a*") && text.contains("Some(3) true"), "{text}");
    let (_, text) = get_text("/ovirt-engine/api/v4/vms").await;
    assert!(text.contains(&format!("href=\"/ovirt-engine/api/v4/vms/{VM}\"")), "{text}");
}

#[tokio::test]
async fn json_keeps_ovirts_quirks() {
    let asked = request("GET", &format!("/ovirt-engine/api/vms/{VM}")).header(header::ACCEPT, "application/json");
    let (status, response, text) = send(asked.body(Body::empty()).unwrap()).await;
    assert_eq!(
        (status, &response.headers()[header::CONTENT_TYPE]),
        (StatusCode::OK, &"application/json".parse().unwrap())
    );
    let value: serde_json::Value = serde_json::from_str(&text).unwrap();
    assert_eq!((&value["memory"], &value["stateless"]), (&"1073741824".into(), &"true".into()));
}

#[tokio::test]
async fn creation_answers_201_with_location_and_reads_both_formats() {
    let xml = request("POST", "/ovirt-engine/api/vms").header(header::CONTENT_TYPE, "application/xml");
    let (status, response, text) = send(xml.body(Body::from("<vm><name>web</name></vm>")).unwrap()).await;
    assert_eq!(status, StatusCode::CREATED);
    assert_eq!(response.headers()[header::LOCATION], format!("/ovirt-engine/api/vms/{VM}"));
    assert!(text.contains("<name>web</name>"));
    let json = request("POST", "/ovirt-engine/api/vms").header(header::CONTENT_TYPE, "application/json");
    assert_eq!(send(json.body(Body::from(r#"{"name":"web"}"#)).unwrap()).await.0, StatusCode::CREATED);
}

#[tokio::test]
async fn broken_bodies_are_told_with_their_place() {
    let sent = request("POST", "/ovirt-engine/api/vms").body(Body::from("<vm><memory>much</memory></vm>")).unwrap();
    let (status, _, text) = send(sent).await;
    assert_eq!(status, StatusCode::BAD_REQUEST);
    assert!(text.contains("vm/memory"), "{text}");
    let (status, _, text) = send(request("POST", "/ovirt-engine/api/vms").body(Body::from("<vm/>")).unwrap()).await;
    assert_eq!(status, StatusCode::BAD_REQUEST);
    assert!(text.contains("Vm [name] required for add"), "{text}");
    let (status, _, _) = send(request("POST", "/ovirt-engine/api/vms").body(Body::empty()).unwrap()).await;
    assert_eq!(status, StatusCode::BAD_REQUEST);
}

#[tokio::test]
async fn large_bodies_are_refused() {
    let sent = request("POST", "/ovirt-engine/api/vms").body(Body::from(vec![b' '; 10 * 1024 * 1024 + 1])).unwrap();
    assert_eq!(send(sent).await.0, StatusCode::PAYLOAD_TOO_LARGE);
}

#[tokio::test]
async fn actions_take_empty_bodies_and_wrap_their_faults() {
    let path = format!("/ovirt-engine/api/vms/{VM}/start");
    let (status, _, text) = send(request("POST", &path).body(Body::empty()).unwrap()).await;
    assert_eq!(status, StatusCode::OK);
    assert!(text.contains("<action><status>complete</status></action>"), "{text}");
    let sent = request("POST", &path).body(Body::from("<action><pause>true</pause></action>")).unwrap();
    let (status, _, text) = send(sent).await;
    assert_eq!(status, StatusCode::CONFLICT);
    assert!(text.contains("<status>failed</status>") && text.contains("<reason>Operation Failed</reason>"), "{text}");
    assert_eq!(send(request("GET", &path).body(Body::empty()).unwrap()).await.0, StatusCode::METHOD_NOT_ALLOWED);
}

#[tokio::test]
async fn removal_answers_200_with_a_body() {
    let (status, _, text) =
        send(request("DELETE", &format!("/ovirt-engine/api/vms/{VM}")).body(Body::empty()).unwrap()).await;
    assert_eq!(status, StatusCode::OK);
    assert!(!text.is_empty());
}

#[tokio::test]
async fn ids_that_are_none_and_panics_cost_one_request() {
    let (status, text) = get_text("/ovirt-engine/api/vms/web").await;
    assert_eq!(status, StatusCode::NOT_FOUND, "{text}");
    let (status, _, text) =
        send(request("POST", &format!("/ovirt-engine/api/vms/{VM}/stop")).body(Body::empty()).unwrap()).await;
    assert_eq!(status, StatusCode::INTERNAL_SERVER_ERROR);
    assert!(text.contains("<fault>"), "{text}");
}

#[tokio::test]
async fn the_correlation_id_and_a_content_type_are_on_every_response() {
    for path in ["/ovirt-engine/api", "/ovirt-engine/api/vms", "/ovirt-engine/api/nothing", "/ovirt-engine/api/tags"] {
        let asked = request("GET", path).header("correlation-id", "my_id").body(Body::empty()).unwrap();
        let (_, response, _) = send(asked).await;
        assert_eq!(response.headers()["correlation-id"], "my_id", "{path}");
        assert_eq!(response.headers()[header::CONTENT_TYPE], "application/xml", "{path}");
        assert_eq!(response.headers()[header::X_CONTENT_TYPE_OPTIONS], "nosniff", "{path}");
    }
}

#[tokio::test]
async fn only_version_4_is_spoken() {
    let asked =
        |version| request("GET", "/ovirt-engine/api/vms").header("version", version).body(Body::empty()).unwrap();
    assert_eq!(send(asked("4")).await.0, StatusCode::OK);
    assert_eq!(send(asked("3")).await.0, StatusCode::BAD_REQUEST);
    assert_eq!(get_text("/ovirt-engine/api/v3/vms").await.0, StatusCode::BAD_REQUEST);
}

#[tokio::test]
async fn the_root_document_has_links_product_and_the_caller() {
    let (status, response, text) = send(request("GET", "/ovirt-engine/api").body(Body::empty()).unwrap()).await;
    assert_eq!(status, StatusCode::OK);
    for part in [
        "<link href=\"/ovirt-engine/api/vms?search={query}\" rel=\"vms/search\"/>",
        "<name>oVirt Engine</name>",
        "<major>4</major>",
        "<blank_template href=\"/ovirt-engine/api/templates/00000000-0000-0000-0000-000000000000\"",
        "<vms><active>2</active><total>5</total></vms>",
        "<engine_backup",
        "<authenticated_user href=\"/ovirt-engine/api/users/00000000-0000-0000-0000-000000001111\"",
    ] {
        assert!(text.contains(part), "{part} is not in {text}");
    }
    assert!(response.headers()[header::LINK].to_str().unwrap().contains("</ovirt-engine/api/vms>; rel=\"vms\","));
    let (status, response, _) = send(request("HEAD", "/ovirt-engine/api").body(Body::empty()).unwrap()).await;
    assert!(status == StatusCode::OK && response.headers().contains_key(header::LINK));
}

#[tokio::test]
async fn users_without_a_role_of_administrators_see_no_summary() {
    let door = FakeDoor::new();
    door.administrator.store(false, Ordering::Relaxed);
    let (_, _, text) = send_to(web_with(door), request("GET", "/ovirt-engine/api").body(Body::empty()).unwrap()).await;
    assert!(!text.contains("<summary>") && !text.contains("engine_backup"), "{text}");
}

#[tokio::test]
async fn schema_and_openapi_are_served() {
    let (status, response, text) = send(request("GET", "/ovirt-engine/api?schema").body(Body::empty()).unwrap()).await;
    assert_eq!(status, StatusCode::OK);
    assert!(response.headers()[header::CONTENT_DISPOSITION].to_str().unwrap().starts_with("attachment"));
    assert!(text.contains("schema"));
    let (status, text) = get_text("/ovirt-engine/api/openapi.json").await;
    assert_eq!(status, StatusCode::OK);
    let document: serde_json::Value = serde_json::from_str(&text).unwrap();
    assert!(document["openapi"].as_str().unwrap().starts_with("3.1"));
    let served = |path: &str, verb: &str| document["paths"][path][verb]["x-ferrovirt-served"].clone();
    assert_eq!(served("/vms", "get"), serde_json::Value::Null, "what is served bears no mark");
    assert_eq!(served("/", "get"), serde_json::Value::Null, "the root is served");
    assert_eq!(served("/bookmarks", "get"), serde_json::Value::Bool(false));
}

#[tokio::test]
async fn without_its_database_the_engine_asks_for_patience() {
    let door = FakeDoor::new();
    door.database.store(false, Ordering::Relaxed);
    let (status, response, text) =
        send_to(web_with(door), request("GET", "/ovirt-engine/api/vms").body(Body::empty()).unwrap()).await;
    assert_eq!(status, StatusCode::SERVICE_UNAVAILABLE, "{text}");
    assert!(response.headers().contains_key(header::RETRY_AFTER));
}

#[tokio::test]
async fn texts_of_users_are_escaped_in_faults() {
    let (_, text) = get_text("/ovirt-engine/api/vms/%3Cscript%3E").await;
    assert!(!text.contains("<script>"), "{text}");
}
