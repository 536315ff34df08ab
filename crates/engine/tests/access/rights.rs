//! Laws of rights that change: what was remembered is forgotten, and what is open is looked at anew.

use std::sync::Arc;
use std::time::Duration;

use ferrovirt_engine::actions::named::Named;
use ferrovirt_engine::actions::permission::{Add, Remove, To};
use ferrovirt_engine::actions::role::{self, RemovePermit, Wanted};
use ferrovirt_engine::actions::user::{self, AddGroup, RemoveGroup};
use ferrovirt_engine::changes::{self, Notice};
use ferrovirt_engine::session::{Caller, Session};
use ferrovirt_engine::sign_on::{API_SCOPE, accounts};
use ferrovirt_model::ids::{ClusterId, ObjectRef, PermissionId, RoleId, UserId};
use ferrovirt_model::permits::Permit;
use ferrovirt_model::refusal::Refusal;
use ferrovirt_model::roles;
use ferrovirt_model::secret::Secret;
use ferrovirt_store::Areas;

use crate::world::{PASSWORD, World, refusal};

impl World {
    async fn admin_asks(&self) -> Caller {
        let session = self.engine.verify("admin", &Secret::new(PASSWORD), None).await.unwrap();
        Caller { session, correlation_id: "test".to_owned(), filter: false }
    }

    async fn jo(&self) -> UserId {
        let ask = user::Add::new("jo", None);
        let admin = self.admin_asks().await;
        self.engine.add_user(&admin, ask, Some(Secret::new(PASSWORD))).await.unwrap().id
    }

    async fn jo_signs_on(&self) -> ferrovirt_engine::Result<Session> {
        self.engine.verify("jo", &Secret::new(PASSWORD), None).await
    }

    async fn give(&self, to: To, role: uuid::Uuid, object: impl Into<ObjectRef>) -> PermissionId {
        let ask = Add::new(to, Named::Id(RoleId(role)), object.into());
        self.engine.act(&self.admin_asks().await, ask).await.unwrap().value.id
    }

    async fn cluster(&self) -> ClusterId {
        self.engine.store().read().await.unwrap().clusters().by_name("Default").await.unwrap().unwrap().id
    }
}

fn to_user(id: UserId) -> To {
    To::User(Named::Id(id))
}

#[tokio::test]
async fn rights_that_come_from_a_group_end_with_it_at_once() {
    let world = World::new().await;
    let jo = world.jo().await;
    let admin = world.admin_asks().await;
    world.give(to_user(jo), roles::USER_ROLE, world.cluster().await).await;
    let crew = world.engine.act(&admin, AddGroup { name: "crew".to_owned() }).await.unwrap().value.id;
    accounts::set_member(world.engine.store(), "crew", "jo", true).await.unwrap();
    world.give(To::Group(Named::Id(crew)), roles::SUPER_USER, ObjectRef::SYSTEM).await;
    assert!(world.jo_signs_on().await.unwrap().administrator);
    world.engine.act(&admin, RemoveGroup::new(crew)).await.unwrap();
    assert!(!world.jo_signs_on().await.unwrap().administrator, "not after a minute");
}

#[tokio::test]
async fn a_role_that_loses_a_permit_counts_at_once() {
    let world = World::new().await;
    let jo = world.jo().await;
    let admin = world.admin_asks().await;
    let (name, description, permits) = ("Guest".to_owned(), String::new(), vec![Wanted::Name("run_vm".to_owned())]);
    let ask = role::Add { name, description, administrative: false, permits };
    let role = world.engine.act(&admin, ask).await.unwrap().value.id;
    world.give(to_user(jo), role.0, world.cluster().await).await;
    world.jo_signs_on().await.unwrap();
    world.engine.act(&admin, RemovePermit::new(role, Permit::Login.id())).await.unwrap();
    assert_eq!(refusal(world.jo_signs_on().await), Refusal::NotAuthorized { permit: "login" });
}

#[tokio::test]
async fn members_are_put_into_groups_and_taken_out() {
    let world = World::new().await;
    let jo = world.jo().await;
    let store = world.engine.store();
    let crew =
        world.engine.act(&world.admin_asks().await, AddGroup { name: "crew".to_owned() }).await.unwrap().value.id;
    world.give(To::Group(Named::Id(crew)), roles::SUPER_USER, ObjectRef::SYSTEM).await;
    assert_eq!(refusal(world.jo_signs_on().await), Refusal::NotAuthorized { permit: "login" });
    accounts::set_member(store, "crew", "jo@internal", true).await.unwrap();
    assert!(world.jo_signs_on().await.unwrap().administrator);
    let groups = store.read().await.unwrap().users().groups_of(&[jo]).await.unwrap();
    assert_eq!(groups.iter().map(|(_, group)| group.id).collect::<Vec<_>>(), [crew]);
    accounts::set_member(store, "crew", "jo", false).await.unwrap();
    let again = refusal(accounts::set_member(store, "crew", "jo", false).await);
    assert!(matches!(again, Refusal::NoSuchObject { kind: "Member", .. }));
    let nowhere = refusal(accounts::set_member(store, "fleet", "jo", true).await);
    assert!(matches!(nowhere, Refusal::NoSuchObject { kind: "Group", .. }));
    let everyone = refusal(accounts::set_member(store, "Everyone", "jo", true).await);
    assert!(matches!(everyone, Refusal::Predefined { .. }));
}

#[tokio::test(flavor = "multi_thread")]
async fn what_another_process_changes_is_forgotten_when_it_is_told() {
    let world = World::new().await;
    let jo = world.jo().await;
    world.give(to_user(jo), roles::USER_ROLE, world.cluster().await).await;
    let telling = tokio::spawn(changes::run(Arc::clone(&world.engine)));
    world.jo_signs_on().await.unwrap();
    accounts::change_password(world.engine.store(), "jo", &Secret::new("another")).await.unwrap();
    let forgotten = async {
        while world.jo_signs_on().await.is_ok() {
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
    };
    // The pair itself would be remembered for a minute.
    tokio::time::timeout(Duration::from_secs(30), forgotten).await.unwrap();
    telling.abort();
}

#[tokio::test]
async fn a_session_is_looked_at_anew() {
    let world = World::new().await;
    let engine = &world.engine;
    let jo = world.jo().await;
    world.give(to_user(jo), roles::USER_ROLE, world.cluster().await).await;
    let grant = world.give(to_user(jo), roles::SUPER_USER, ObjectRef::SYSTEM).await;
    let alone = world.jo_signs_on().await.unwrap();
    let open = engine.sign_in("jo", &Secret::new(PASSWORD), None, None, API_SCOPE).await.unwrap();
    assert!(alone.administrator && open.session.administrator);
    engine.act(&world.admin_asks().await, Remove::new(grant, None)).await.unwrap();
    for (session, token) in [(&alone, None), (&open.session, Some(&open.token))] {
        let now = engine.look_again(session, token).await.unwrap().unwrap();
        assert!(!now.administrator && now.user == jo);
    }
    engine.act(&world.admin_asks().await, user::Remove::new(jo)).await.unwrap();
    assert_eq!(engine.look_again(&alone, None).await.unwrap(), None);
    assert_eq!(engine.look_again(&open.session, Some(&open.token)).await.unwrap(), None);
}

#[tokio::test]
async fn users_hear_of_the_entries_of_the_log_that_they_may_read() {
    let world = World::new().await;
    let jo = world.jo().await;
    let cluster = world.cluster().await;
    world.give(to_user(jo), roles::USER_ROLE, cluster).await;
    let session = world.jo_signs_on().await.unwrap();
    let log = world.log().await;
    let notice =
        |id: i64| Notice { seq: id, kind: "event".to_owned(), object_id: id.to_string(), change: "created".to_owned() };
    let caller = Caller { session: session.clone(), correlation_id: String::new(), filter: false };
    let mut heard = 0;
    for entry in &log {
        let may_read = world.engine.event(&caller, entry.id).await.is_ok();
        assert_eq!(world.engine.may_see(&session, &notice(entry.id)).await.unwrap(), may_read, "{}", entry.message);
        heard += usize::from(may_read);
    }
    assert!(heard >= 2 && heard < log.len(), "their signing on and the grant on the cluster, not all: {heard}");
}
