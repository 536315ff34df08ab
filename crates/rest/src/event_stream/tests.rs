//! The stream as a reader sees it: order, resumption, resets, lag, and what stays hidden.

use std::sync::Arc;
use std::time::Duration;

use axum::body::{Body, BodyDataStream};
use base64::Engine as _;
use ferrovirt_model::secret::Secret;
use futures::StreamExt;
use http::{Request, StatusCode, header};

use crate::config::WebConfig;
use crate::door::fake::{FakeDoor, PASSWORD, USER};
use crate::door::{Door, Notice, SignIn};
use crate::web::Web;

fn change(seq: i64) -> Notice {
    Notice { seq, kind: "vm".to_owned(), object_id: format!("vm{seq}"), change: "updated".to_owned() }
}

fn change_of(seq: i64, kind: &str, id: impl ToString) -> Notice {
    Notice { kind: kind.to_owned(), object_id: id.to_string(), ..change(seq) }
}

async fn open(door: &Arc<FakeDoor>, last: Option<&str>) -> BodyDataStream {
    let basic = base64::engine::general_purpose::STANDARD.encode(format!("admin:{PASSWORD}"));
    open_as(door, &format!("Basic {basic}"), last).await
}

async fn open_as(door: &Arc<FakeDoor>, credentials: &str, last: Option<&str>) -> BodyDataStream {
    let web = Web::new(Arc::clone(door) as _, WebConfig::new("engine.example", "127.0.0.1:443".parse().unwrap()));
    let mut request = Request::get("/ovirt-engine/api/events/stream").header(header::AUTHORIZATION, credentials);
    if let Some(last) = last {
        request = request.header("last-event-id", last);
    }
    let response = web.answer(request.body(Body::empty()).unwrap()).await;
    assert_eq!(response.status(), StatusCode::OK);
    assert!(response.headers()[header::CONTENT_TYPE].to_str().unwrap().starts_with("text/event-stream"));
    response.into_body().into_data_stream()
}

async fn next(stream: &mut BodyDataStream) -> String {
    let piece = tokio::time::timeout(Duration::from_secs(5), stream.next()).await.unwrap().unwrap().unwrap();
    String::from_utf8(piece.to_vec()).unwrap()
}

#[tokio::test]
async fn a_new_reader_gets_what_happens_from_now_on() {
    let door = FakeDoor::new();
    door.change(change(1));
    let mut stream = open(&door, None).await;
    door.change(change(2));
    let text = next(&mut stream).await;
    assert!(text.contains("id: 2\n") && text.contains("event: change\n"), "{text}");
    assert!(text.contains(r#"{"change":"updated","id":"vm2","kind":"vm"}"#), "{text}");
}

#[tokio::test]
async fn a_returning_reader_gets_what_it_missed_once() {
    let door = FakeDoor::new();
    (1..=3).for_each(|sequence| door.change(change(sequence)));
    let mut stream = open(&door, Some("1")).await;
    assert!(next(&mut stream).await.contains("id: 2\n"));
    door.change(change(4));
    assert!(next(&mut stream).await.contains("id: 3\n"));
    assert!(next(&mut stream).await.contains("id: 4\n"));
}

#[tokio::test]
async fn a_reader_that_was_away_too_long_starts_anew() {
    let door = FakeDoor::new();
    (1..=3).for_each(|sequence| door.change(change(sequence)));
    *door.forgotten_before.lock().unwrap() = 2;
    let mut stream = open(&door, Some("1")).await;
    let text = next(&mut stream).await;
    assert!(text.contains("event: reset\n") && text.contains("id: 3\n"), "{text}");
    door.change(change(4));
    assert!(next(&mut stream).await.contains("id: 4\n"));
}

#[tokio::test]
async fn a_reader_that_falls_behind_misses_nothing() {
    let door = FakeDoor::new();
    let mut stream = open(&door, None).await;
    // More than the channel holds.
    (1..=20).for_each(|sequence| door.change(change(sequence)));
    for sequence in 1..=20 {
        assert!(next(&mut stream).await.contains(&format!("id: {sequence}\n")));
    }
}

#[tokio::test]
async fn hidden_objects_stay_hidden() {
    let door = FakeDoor::new();
    door.hidden.lock().unwrap().push("vm1".to_owned());
    let mut stream = open(&door, None).await;
    door.change(change(1));
    door.change(change(2));
    assert!(next(&mut stream).await.contains("id: 2\n"));
}

async fn token(door: &Arc<FakeDoor>) -> Secret {
    let password = Secret::new(PASSWORD);
    let ask = SignIn { user: "admin".to_owned(), password, from: None, idle: None, scope: None };
    door.sign_in(ask).await.unwrap().token
}

#[tokio::test]
async fn rights_that_change_count_from_the_very_notice() {
    let door = FakeDoor::new();
    let token = token(&door).await;
    let mut stream = open_as(&door, &format!("Bearer {}", token.expose()), None).await;
    door.change(change_of(1, "host", "h"));
    assert!(next(&mut stream).await.contains("id: 1\n"));
    door.administrator.store(false, std::sync::atomic::Ordering::Relaxed);
    door.change(change_of(2, "role", "r"));
    door.change(change_of(3, "host", "h"));
    door.change(change(4));
    assert!(next(&mut stream).await.contains("id: 2\n"));
    assert!(next(&mut stream).await.contains("id: 4\n"), "hosts are for administrators");
}

#[tokio::test]
async fn a_stream_ends_with_its_session_and_one_of_a_password_with_any_change_of_its_user() {
    let door = FakeDoor::new();
    let token = token(&door).await;
    let mut of_token = open_as(&door, &format!("Bearer {}", token.expose()), None).await;
    let mut of_password = open(&door, None).await;
    door.change(change_of(1, "user", uuid::Uuid::nil()));
    assert!(next(&mut of_token).await.contains("id: 1\n"), "another user");
    assert!(next(&mut of_password).await.contains("id: 1\n"));
    door.change(change_of(2, "user", USER));
    assert!(next(&mut of_token).await.contains("id: 2\n"));
    let ended = tokio::time::timeout(Duration::from_secs(5), of_password.next()).await.unwrap();
    assert!(ended.is_none(), "the password may be another one now");
    door.sign_out(&token).await.unwrap();
    door.change(change_of(3, "user", USER));
    assert!(tokio::time::timeout(Duration::from_secs(5), of_token.next()).await.unwrap().is_none());
}
