//! Laws of signing on.

use std::net::IpAddr;
use std::time::Duration;

use ferrovirt_engine::now;
use ferrovirt_engine::sign_on::{console, hash_password, new_secret};
use ferrovirt_model::ids::{UserId, VmId};
use ferrovirt_model::permission::User;
use ferrovirt_model::refusal::Refusal;
use ferrovirt_model::secret::Secret;
use ferrovirt_store::Areas;
use uuid::Uuid;

use crate::world::{PASSWORD, World, refusal};

fn from(last: u8) -> Option<IpAddr> {
    Some(IpAddr::from([192, 0, 2, last]))
}

#[tokio::test]
async fn three_spellings_open_the_same_account() {
    let world = World::new().await;
    let mut users = Vec::new();
    for typed in ["admin", "admin@internal", "admin@ovirt@internalsso"] {
        let grant = world.engine.sign_in(typed, &Secret::new(PASSWORD), from(1), None).await.unwrap();
        assert!(grant.session.administrator && grant.session.principal == "admin@internal");
        users.push(grant.session.user);
    }
    users.dedup();
    assert_eq!(users.len(), 1);
    assert_eq!(world.codes().await, [30, 30, 30]);
}

#[tokio::test]
async fn a_token_opens_until_it_is_signed_out() {
    let world = World::new().await;
    let engine = &world.engine;
    let grant = engine.sign_in("admin", &Secret::new(PASSWORD), from(1), None).await.unwrap();
    assert_eq!(engine.session(&grant.token).await.unwrap(), Some(grant.session.clone()));
    assert_eq!(engine.token_info(&grant.token).await.unwrap().unwrap().scope, "ovirt-app-api");
    assert_eq!(engine.session(&new_secret()).await.unwrap(), None);
    engine.sign_out(&grant.token).await.unwrap();
    assert_eq!(engine.session(&grant.token).await.unwrap(), None, "at once, whatever is remembered");
    assert!(!engine.still_open(&grant.token).await.unwrap());
    engine.sign_out(&grant.token).await.unwrap();
    assert_eq!(world.codes().await, [30, 31]);
}

#[tokio::test]
async fn an_idle_session_ends_and_looking_at_it_is_no_use() {
    let world = World::new().await;
    let engine = &world.engine;
    let idle = Some(Duration::from_secs(1));
    let grant = engine.sign_in("admin", &Secret::new(PASSWORD), None, idle).await.unwrap();
    for _ in 0..3 {
        tokio::time::sleep(Duration::from_millis(300)).await;
        assert!(engine.still_open(&grant.token).await.unwrap());
    }
    tokio::time::sleep(Duration::from_millis(300)).await;
    assert!(!engine.still_open(&grant.token).await.unwrap());
    assert_eq!(engine.session(&grant.token).await.unwrap(), None);
}

#[tokio::test]
async fn wrong_passwords_and_unknown_names_look_the_same_and_are_logged() {
    let world = World::new().await;
    for typed in ["admin@internal", "nobody@internal", "admin@elsewhere"] {
        let refused = refusal(world.engine.sign_in(typed, &Secret::new("wrong"), from(1), None).await);
        assert_eq!(refused, Refusal::BadCredentials { user: typed.to_owned() });
    }
    let log = world.log().await;
    assert_eq!(log.iter().map(|entry| entry.code).collect::<Vec<_>>(), [114, 114, 114]);
    assert!(
        log.iter().all(|entry| !entry.message.contains("wrong password wrong") && entry.message.contains("192.0.2.1"))
    );
}

#[tokio::test]
async fn guessing_at_a_name_slows_down_and_a_good_password_ends_that() {
    let world = World::new().await;
    // Each guess from another address: the name alone counts.
    for last in 1..=5 {
        let refused = refusal(world.engine.sign_in("admin", &Secret::new("guess"), from(last), None).await);
        assert!(matches!(refused, Refusal::BadCredentials { .. }), "guess {last}: {refused}");
    }
    let refused = refusal(world.engine.sign_in("admin@internal", &Secret::new(PASSWORD), from(9), None).await);
    assert_eq!(refused, Refusal::SignOnDelayed { seconds: 1 }, "another spelling is the same name");
    tokio::time::sleep(Duration::from_millis(1100)).await;
    world.engine.sign_in("admin", &Secret::new(PASSWORD), from(9), None).await.unwrap();
    let again = refusal(world.engine.sign_in("admin", &Secret::new("typo"), from(9), None).await);
    assert!(matches!(again, Refusal::BadCredentials { .. }), "the count began anew");
}

#[tokio::test]
async fn guessing_at_many_names_from_one_address_slows_down() {
    let world = World::new().await;
    for number in 0..10 {
        let name = format!("user{number}");
        let refused = refusal(world.engine.sign_in(&name, &Secret::new("guess"), from(7), None).await);
        assert!(matches!(refused, Refusal::BadCredentials { .. }), "{refused}");
    }
    let refused = refusal(world.engine.sign_in("admin", &Secret::new(PASSWORD), from(7), None).await);
    assert!(matches!(refused, Refusal::SignOnDelayed { .. }), "{refused}");
    world.engine.sign_in("admin", &Secret::new(PASSWORD), from(8), None).await.unwrap();
}

#[tokio::test]
async fn without_the_permit_a_right_password_opens_nothing() {
    let world = World::new().await;
    let user = User {
        id: UserId(Uuid::new_v4()),
        name: "guest".to_owned(),
        domain: "internal-authz".to_owned(),
        domain_entry_id: "guest".to_owned(),
        first_name: String::new(),
        last_name: String::new(),
        email: String::new(),
        department: String::new(),
        namespace: "*".to_owned(),
        principal: "guest@internal".to_owned(),
    };
    let mut tx = world.engine.store().begin().await.unwrap();
    tx.users().put(&user).await.unwrap();
    tx.users().set_password(user.id, &hash_password(&Secret::new(PASSWORD)).unwrap()).await.unwrap();
    tx.commit().await.unwrap();
    let refused = refusal(world.engine.sign_in("guest@internal", &Secret::new(PASSWORD), None, None).await);
    assert_eq!(refused, Refusal::NotAuthorized { permit: "login" });
    assert_eq!(world.codes().await, [114]);
}

#[tokio::test]
async fn a_verified_pair_is_remembered_and_forgotten_when_the_user_changes() {
    let world = World::new().await;
    let engine = &world.engine;
    let session = engine.verify("admin@internal", &Secret::new(PASSWORD), from(1)).await.unwrap();
    assert_eq!(engine.verify("admin@internal", &Secret::new(PASSWORD), from(1)).await.unwrap(), session);
    assert_eq!(world.codes().await, [30], "the second time was not a new sign-on");
    refusal(engine.verify("admin@internal", &Secret::new("wrong"), from(1)).await);
    let mut tx = engine.store().begin().await.unwrap();
    tx.users().set_password(session.user, &hash_password(&Secret::new("another")).unwrap()).await.unwrap();
    tx.commit().await.unwrap();
    engine.forget_user(session.user);
    refusal(engine.verify("admin@internal", &Secret::new(PASSWORD), from(1)).await);
    engine.verify("admin@internal", &Secret::new("another"), from(1)).await.unwrap();
}

#[tokio::test]
async fn no_secret_stands_in_the_database() {
    let world = World::new().await;
    let grant = world.engine.sign_in("admin", &Secret::new(PASSWORD), from(1), None).await.unwrap();
    let text = format!("{:?}", world.log().await);
    assert!(!text.contains(grant.token.expose()) && !text.contains(PASSWORD));
    assert!(!format!("{grant:?}").contains(grant.token.expose()), "and none can be printed");
}

#[tokio::test]
async fn a_console_ticket_that_is_unknown_opens_nothing() {
    let world = World::new().await;
    let stale = Refusal::StaleToken { what: "console ticket" };
    let opened = world.engine.open_console(&new_secret(), from(1)).await.map(|_| ());
    assert_eq!(refusal(opened), stale);
    // A ticket is for a VM that exists.
    let mut tx = world.engine.store().begin().await.unwrap();
    let user = tx.users().by_name("internal-authz", "admin").await.unwrap().unwrap().0.id;
    let kind = ferrovirt_model::vm::ConsoleKind::Vnc;
    assert!(console::issue(&mut tx, VmId(Uuid::new_v4()), kind, user, now()).await.is_err());
}
