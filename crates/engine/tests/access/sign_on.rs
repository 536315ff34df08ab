//! Laws of signing on.

use std::net::IpAddr;
use std::time::Duration;

use ferrovirt_engine::actions::named::Named;
use ferrovirt_engine::actions::permission::{self, To};
use ferrovirt_engine::sign_on::{API_SCOPE, accounts, console, hash_password, new_secret};
use ferrovirt_engine::{Caller, now};
use ferrovirt_model::ids::{ObjectRef, UserId, VmId};
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
        let grant = world.engine.sign_in(typed, &Secret::new(PASSWORD), from(1), None, API_SCOPE).await.unwrap();
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
    let grant = engine.sign_in("admin", &Secret::new(PASSWORD), from(1), None, API_SCOPE).await.unwrap();
    assert_eq!(engine.session(&grant.token).await.unwrap(), Some(grant.session.clone()));
    assert_eq!(engine.token_info(&grant.token).await.unwrap().unwrap().scope, "ovirt-app-api");
    assert_eq!(engine.session(&new_secret()).await.unwrap(), None);
    engine.sign_out(&grant.token).await.unwrap();
    assert_eq!(engine.session(&grant.token).await.unwrap(), None, "at once, whatever is remembered");
    assert_eq!(engine.look_again(&grant.session, Some(&grant.token)).await.unwrap(), None);
    engine.sign_out(&grant.token).await.unwrap();
    assert_eq!(world.codes().await, [30, 31]);
}

#[tokio::test]
async fn an_idle_session_ends_and_looking_at_it_is_no_use() {
    let world = World::new().await;
    let engine = &world.engine;
    let idle = Some(Duration::from_secs(1));
    let grant = engine.sign_in("admin", &Secret::new(PASSWORD), None, idle, API_SCOPE).await.unwrap();
    for _ in 0..3 {
        tokio::time::sleep(Duration::from_millis(300)).await;
        assert!(engine.token_info(&grant.token).await.unwrap().is_some());
        assert!(engine.look_again(&grant.session, Some(&grant.token)).await.unwrap().is_some());
    }
    tokio::time::sleep(Duration::from_millis(300)).await;
    assert_eq!(engine.look_again(&grant.session, Some(&grant.token)).await.unwrap(), None);
    assert_eq!(engine.session(&grant.token).await.unwrap(), None);
}

#[tokio::test]
async fn wrong_passwords_and_unknown_names_look_the_same_and_are_logged() {
    let world = World::new().await;
    for typed in ["admin@internal", "nobody@internal", "admin@elsewhere"] {
        let refused = refusal(world.engine.sign_in(typed, &Secret::new("wrong"), from(1), None, API_SCOPE).await);
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
        let refused = refusal(world.engine.sign_in("admin", &Secret::new("guess"), from(last), None, API_SCOPE).await);
        assert!(matches!(refused, Refusal::BadCredentials { .. }), "guess {last}: {refused}");
    }
    let refused =
        refusal(world.engine.sign_in("admin@internal", &Secret::new(PASSWORD), from(9), None, API_SCOPE).await);
    assert_eq!(refused, Refusal::SignOnDelayed { seconds: 1 }, "another spelling is the same name");
    tokio::time::sleep(Duration::from_millis(1100)).await;
    world.engine.sign_in("admin", &Secret::new(PASSWORD), from(9), None, API_SCOPE).await.unwrap();
    let again = refusal(world.engine.sign_in("admin", &Secret::new("typo"), from(9), None, API_SCOPE).await);
    assert!(matches!(again, Refusal::BadCredentials { .. }), "the count began anew");
}

#[tokio::test]
async fn guessing_at_many_names_from_one_address_slows_down() {
    let world = World::new().await;
    for number in 0..10 {
        let name = format!("user{number}");
        let refused = refusal(world.engine.sign_in(&name, &Secret::new("guess"), from(7), None, API_SCOPE).await);
        assert!(matches!(refused, Refusal::BadCredentials { .. }), "{refused}");
    }
    let refused = refusal(world.engine.sign_in("admin", &Secret::new(PASSWORD), from(7), None, API_SCOPE).await);
    assert!(matches!(refused, Refusal::SignOnDelayed { .. }), "{refused}");
    world.engine.sign_in("admin", &Secret::new(PASSWORD), from(8), None, API_SCOPE).await.unwrap();
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
    let refused = refusal(world.engine.sign_in("guest@internal", &Secret::new(PASSWORD), None, None, API_SCOPE).await);
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
    // Any action that changes the user; elsewhere the notice does it.
    let caller = Caller { session, correlation_id: String::new(), filter: false };
    accounts::change_password(engine.store(), "admin", &Secret::new("another")).await.unwrap();
    let role = Named::Name("UserRole".to_owned());
    let to = To::User(Named::Id(caller.session.user));
    engine.act(&caller, permission::Add::new(to, role, ObjectRef::SYSTEM)).await.unwrap();
    refusal(engine.verify("admin@internal", &Secret::new(PASSWORD), from(1)).await);
    engine.verify("admin@internal", &Secret::new("another"), from(1)).await.unwrap();
}

#[tokio::test]
async fn no_secret_stands_in_the_database() {
    let world = World::new().await;
    let grant = world.engine.sign_in("admin", &Secret::new(PASSWORD), from(1), None, API_SCOPE).await.unwrap();
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

#[tokio::test]
async fn a_token_of_other_scopes_does_not_open_the_api() {
    let world = World::new().await;
    let engine = &world.engine;
    let password = Secret::new(PASSWORD);
    for (scope, opens) in [
        ("ovirt-app-admin", false),
        ("ovirt-ext=token-info:validate", false),
        ("ovirt-app-api-not", false),
        ("ovirt-app-admin ovirt-app-api", true),
    ] {
        let grant = engine.sign_in("admin", &password, None, None, scope).await.unwrap();
        assert_eq!(engine.session(&grant.token).await.unwrap().is_some(), opens, "{scope}");
        assert_eq!(engine.token_info(&grant.token).await.unwrap().unwrap().scope, scope);
    }
}

#[tokio::test]
async fn strangers_do_not_lock_a_user_out_where_they_signed_on_before() {
    let world = World::new().await;
    let engine = &world.engine;
    let right = Secret::new(PASSWORD);
    let tries = async |password: &Secret, last| engine.sign_in("admin", password, from(last), None, API_SCOPE).await;
    tries(&right, 9).await.unwrap();
    // Guesses at the name from many addresses, and at many names from the user's own: both wait for long now.
    let mut tx = engine.store().begin().await.unwrap();
    for _ in 0..20 {
        tx.sign_on().failed("name:admin", now()).await.unwrap();
        tx.sign_on().failed("address:192.0.2.9", now()).await.unwrap();
    }
    tx.commit().await.unwrap();
    let elsewhere = refusal(tries(&right, 100).await);
    assert!(matches!(elsewhere, Refusal::SignOnDelayed { .. }), "{elsewhere}");
    tries(&right, 9).await.unwrap();
    let elsewhere = refusal(tries(&right, 100).await);
    assert!(matches!(elsewhere, Refusal::SignOnDelayed { .. }), "and it buys strangers no guess: {elsewhere}");
    let other = refusal(engine.sign_in("user1", &right, from(9), None, API_SCOPE).await);
    assert!(matches!(other, Refusal::SignOnDelayed { .. }), "nor other names at the address: {other}");
}

#[tokio::test]
async fn guessing_where_a_name_is_known_slows_down_too() {
    let world = World::new().await;
    let engine = &world.engine;
    let tries = async |password| engine.sign_in("admin", &Secret::new(password), from(9), None, API_SCOPE).await;
    tries(PASSWORD).await.unwrap();
    for guess in 1..=5 {
        let bad = refusal(tries("guess").await);
        assert!(matches!(bad, Refusal::BadCredentials { .. }), "guess {guess}: {bad}");
    }
    assert_eq!(refusal(tries(PASSWORD).await), Refusal::SignOnDelayed { seconds: 1 });
    // Nobody elsewhere waits for that.
    engine.sign_in("admin", &Secret::new(PASSWORD), from(8), None, API_SCOPE).await.unwrap();
}

#[tokio::test]
async fn another_password_ends_sessions_and_forgets_what_was_counted() {
    let world = World::new().await;
    let engine = &world.engine;
    let open = engine.sign_in("admin", &Secret::new(PASSWORD), from(1), None, API_SCOPE).await.unwrap();
    for last in 1..=5 {
        refusal(engine.sign_in("admin", &Secret::new("guess"), from(last), None, API_SCOPE).await);
    }
    accounts::change_password(engine.store(), "admin@internal", &Secret::new("another")).await.unwrap();
    assert_eq!(engine.session(&open.token).await.unwrap(), None);
    refusal(engine.sign_in("admin", &Secret::new(PASSWORD), from(1), None, API_SCOPE).await);
    engine.sign_in("admin", &Secret::new("another"), from(1), None, API_SCOPE).await.unwrap();
    let log = world.log().await;
    let told = log.iter().find(|entry| entry.code == 346).unwrap();
    assert_eq!(told.message, "The password of admin@internal was changed.");
    let empty = accounts::change_password(engine.store(), "admin", &Secret::new("")).await;
    assert_eq!(refusal(empty), Refusal::Missing { entity: "User", field: "password" });
    let short = accounts::change_password(engine.store(), "admin", &Secret::new("short")).await;
    assert!(matches!(refusal(short), Refusal::BadValue { field: "password", .. }));
    engine.sign_in("admin", &Secret::new("another"), from(1), None, API_SCOPE).await.unwrap();
    let nobody = accounts::change_password(engine.store(), "nobody", &Secret::new("some password")).await;
    assert!(matches!(refusal(nobody), Refusal::NoSuchObject { kind: "User", .. }));
}
