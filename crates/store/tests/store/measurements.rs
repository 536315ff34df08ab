//! Measurements: how their transactions commit, and how what guests say is kept.

use ferrovirt_model::ids::VmId;
use ferrovirt_model::vm::{GuestFacts, GuestPackage};
use ferrovirt_store::tx::{Change, Tx};
use ferrovirt_store::{Areas, Store};
use ferrovirt_testdb::TestDb;
use uuid::Uuid;

async fn scalar(tx: &mut Tx, sql: &'static str) -> String {
    sqlx::query_scalar(sql).fetch_one(tx.connection()).await.unwrap()
}

#[tokio::test]
async fn measurements_do_not_wait_for_the_disk_and_all_else_does() {
    let db = TestDb::new().await;
    let store = Store::open(db.options().options([("synchronous_commit", "on")]), 1).await.unwrap();
    let mut tx = store.begin_measurements().await.unwrap();
    assert_eq!(scalar(&mut tx, "show synchronous_commit").await, "off");
    tx.commit().await.unwrap();
    for _ in 0..20 {
        // The one connection of this store comes back as it was.
        let mut tx = store.begin_measurements().await.unwrap();
        tx.changed(VmId(Uuid::new_v4()), Change::Updated);
        let before = scalar(&mut tx, "select pg_current_wal_insert_lsn()::text").await;
        tx.commit().await.unwrap();
        let mut tx = store.begin().await.unwrap();
        let flushed: bool = sqlx::query_scalar("select pg_current_wal_flush_lsn() > $1::pg_lsn")
            .bind(before)
            .fetch_one(tx.connection())
            .await
            .unwrap();
        assert!(flushed, "a change is on the disk when its commit is over");
    }
}

#[tokio::test]
async fn packages_stand_apart_from_what_else_a_guest_says() {
    let db = TestDb::new().await;
    let store = Store::open(db.options(), 2).await.unwrap();
    let mut tx = store.begin().await.unwrap();
    sqlx::query("set local session_replication_role = replica").execute(tx.connection()).await.unwrap();
    let id = VmId(Uuid::new_v4());
    sqlx::query("insert into vm values ($1, 'a', $1, $1, '{}', null, null, null, 1, 1)")
        .bind(id.0)
        .execute(tx.connection())
        .await
        .unwrap();
    let package = GuestPackage { name: "bash".to_owned(), version: "5".to_owned() };
    let guest = GuestFacts { hostname: "a".to_owned(), packages: vec![package], ..GuestFacts::default() };
    tx.vms().set_guest(id, Some(&guest), 1).await.unwrap();
    assert_eq!(tx.vms().guest(id).await.unwrap().as_ref(), Some(&guest));
    let listed = tx.vms().view(id).await.unwrap().unwrap().guest.unwrap();
    assert_eq!((listed.hostname.as_str(), listed.packages.len()), ("a", 0));
    tx.vms().set_guest(id, None, 2).await.unwrap();
    assert_eq!(tx.vms().guest(id).await.unwrap(), None);
}
