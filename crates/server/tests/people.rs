//! Passwords and members of groups, changed at the machine: while an engine has the folder, and while none has.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "a test that can't go on fails")]

use std::os::unix::fs::PermissionsExt;

use ferrovirt_model::ids::GroupId;
use ferrovirt_model::permission::Group;
use ferrovirt_model::secret::Secret;
use ferrovirt_server::data_folder::{DataFolder, write_private};
use ferrovirt_server::people;
use ferrovirt_server::postgres::Postgres;
use ferrovirt_server::setup::{Setup, setup};
use ferrovirt_store::sign_on::Session;
use ferrovirt_store::{Areas, Store};

/// The hash of the administrator's password, and how many notices were told.
async fn seen(store: &Store) -> (String, i64) {
    let mut reader = store.read().await.unwrap();
    let (_, hash) = reader.users().by_name("internal-authz", "admin").await.unwrap().unwrap();
    (hash.unwrap().expose().to_owned(), reader.outbox().span().await.unwrap().1)
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_password_is_changed_whether_an_engine_runs_or_not() {
    let parent = tempfile::Builder::new().prefix("fvpp").tempdir_in("/tmp").unwrap();
    std::fs::set_permissions(parent.path(), std::fs::Permissions::from_mode(0o755)).unwrap();
    let folder = DataFolder::at(&parent.path().join("d")).unwrap();
    let missing = people::change_password(&folder, "admin", &Secret::new("x")).await.unwrap_err().to_string();
    assert!(missing.contains("run setup first"), "{missing}");
    let admin_password_file = parent.path().join("password");
    write_private(&admin_password_file, "first\n").unwrap();
    let (listen_address, https_port, http_port, transfer_port) = (None, None, None, None);
    let fqdn = "engine.test".to_owned();
    let ask = Setup { fqdn, admin_password_file, listen_address, https_port, http_port, transfer_port };
    let short = setup(&folder, ask.clone()).await.unwrap_err().to_string();
    assert!(short.contains("at least 6 characters"), "{short}");
    write_private(&ask.admin_password_file, "first password\n").unwrap();
    setup(&folder, ask).await.unwrap();

    // No engine runs: the command starts the database, and stops it again.
    let whose = people::change_password(&folder, "admin@internal", &Secret::new("second password")).await.unwrap();
    assert_eq!(whose, "admin@internal");
    assert!(!folder.postgres().join("postmaster.pid").exists(), "it leaves nothing running");

    // One runs: it has the folder, and its database's server runs.
    let _held = folder.hold().unwrap();
    let postgres = Postgres::of(folder.postgres()).unwrap();
    let keeper = postgres.clone().keep().await.unwrap();
    let store = Store::open(postgres.address().options().unwrap(), 2).await.unwrap();
    let before = seen(&store).await;
    let mut tx = store.begin().await.unwrap();
    let user = tx.users().by_name("internal-authz", "admin").await.unwrap().unwrap().0.id;
    let (scope, persistent, idle_seconds) = ("ovirt-app-api".to_owned(), false, 3600);
    let now = ferrovirt_engine::now();
    let session = Session { user, scope, persistent, idle_seconds, created_at: now, used_at: now };
    tx.sign_on().insert(b"hash", &session, "test").await.unwrap();
    let crew = Group { id: GroupId(uuid::Uuid::from_u128(7)), name: "crew".to_owned(), domain: String::new() };
    tx.users().put_group(&crew).await.unwrap();
    tx.commit().await.unwrap();
    people::change_password(&folder, "admin", &Secret::new("third password")).await.unwrap();
    let after = seen(&store).await;
    assert_ne!(before.0, after.0);
    assert!(after.1 > before.1, "the running engine is told");
    assert_eq!(store.read().await.unwrap().sign_on().find(b"hash", now).await.unwrap(), None, "sessions end");
    people::set_member(&folder, "crew", "admin", true).await.unwrap();
    let groups = store.read().await.unwrap().users().groups_of(&[user]).await.unwrap();
    assert_eq!(groups.len(), 1);
    assert!(people::set_member(&folder, "fleet", "admin", true).await.is_err());
    store.close().await;
    keeper.stop().await;
}
