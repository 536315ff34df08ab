//! Laws of transactions and of the lease.

use std::time::Duration;

use ferrovirt_model::event::{About, Severity};
use ferrovirt_model::ids::{HostId, VmId};
use ferrovirt_store::tx::{Change, NewEvent};
use ferrovirt_store::{Address, Areas, Store, StoreError};
use ferrovirt_testdb::TestDb;
use uuid::Uuid;

async fn store(db: &TestDb) -> Store {
    Store::open(db.options(), 30).await.unwrap()
}

fn event(message: String) -> NewEvent {
    NewEvent {
        code: 30,
        severity: Severity::Normal,
        message,
        at: 1,
        correlation_id: String::new(),
        origin: "oVirt".to_owned(),
        custom_id: None,
        flood_rate: None,
        custom_data: None,
        about: About::default(),
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn numbers_are_seen_in_order_and_without_a_gap() {
    let db = TestDb::new().await;
    let store = store(&db).await;
    let reader = store.clone();
    let watching = tokio::spawn(async move {
        // Whoever has seen a number must never be shown a smaller one later.
        let (mut last, mut seen) = (0, 0);
        while seen < 200 {
            for notice in reader.read().await.unwrap().outbox().after(last, 1000).await.unwrap() {
                assert_eq!(notice.seq, last + 1);
                last = notice.seq;
                seen += 1;
            }
        }
    });
    let mut writers = tokio::task::JoinSet::new();
    for writer in 0..10 {
        let store = store.clone();
        writers.spawn(async move {
            for number in 0..10 {
                let mut tx = store.begin().await.unwrap();
                tx.log(event(format!("{writer}.{number}")));
                tx.changed(VmId(Uuid::new_v4()), Change::Updated);
                tx.commit().await.unwrap();
            }
        });
    }
    writers.join_all().await;
    tokio::time::timeout(Duration::from_secs(30), watching).await.unwrap().unwrap();
    let mut reader = store.read().await.unwrap();
    assert_eq!(reader.outbox().span().await.unwrap(), (1, 200));
}

#[tokio::test]
async fn what_is_not_committed_leaves_no_number_behind() {
    let db = TestDb::new().await;
    let store = store(&db).await;
    let mut tx = store.begin().await.unwrap();
    tx.log(event("lost".to_owned()));
    tx.changed(HostId(Uuid::new_v4()), Change::Created);
    drop(tx);
    let mut tx = store.begin().await.unwrap();
    tx.log(event("kept".to_owned()));
    let logged = tx.commit().await.unwrap();
    assert_eq!(logged.iter().map(|entry| entry.id).collect::<Vec<_>>(), [1]);
    assert_eq!(store.read().await.unwrap().outbox().span().await.unwrap(), (1, 1), "an event is a change too");
}

async fn take(store: &Store, holder: Uuid, seconds: f64) -> Option<i64> {
    let mut tx = store.begin().await.unwrap();
    let epoch = tx.lease().take(holder, seconds).await.unwrap();
    tx.commit().await.unwrap();
    epoch
}

#[tokio::test]
async fn one_holder_at_a_time_and_a_new_epoch_for_each() {
    let db = TestDb::new().await;
    let store = store(&db).await;
    let (one, two) = (Uuid::new_v4(), Uuid::new_v4());
    let first = take(&store, one, 60.0).await.unwrap();
    assert_eq!(take(&store, one, 60.0).await, Some(first), "a renewal keeps its epoch");
    assert_eq!(take(&store, two, 60.0).await, None);
    let mut tx = store.begin().await.unwrap();
    tx.lease().release(two).await.unwrap();
    tx.commit().await.unwrap();
    assert_eq!(take(&store, two, 60.0).await, None, "nobody gives away what another holds");
    let mut tx = store.begin().await.unwrap();
    tx.lease().release(one).await.unwrap();
    tx.commit().await.unwrap();
    let second = take(&store, two, 0.05).await.unwrap();
    assert!(second > first);
    let mut tx = store.begin().await.unwrap();
    assert!(!tx.lease().still_leads(first).await.unwrap(), "who led before may not write any more");
    assert!(tx.lease().still_leads(second).await.unwrap());
    tx.rollback().await.unwrap();
    tokio::time::sleep(Duration::from_millis(200)).await;
    assert!(take(&store, one, 60.0).await.unwrap() > second, "a lease that ran out is anyone's");
}

#[tokio::test]
async fn an_epoch_from_a_backup_is_overtaken_by_the_clock() {
    let (db, later) = (TestDb::new().await, TestDb::new().await);
    let before = take(&store(&db).await, Uuid::new_v4(), 60.0).await.unwrap();
    tokio::time::sleep(Duration::from_millis(1_100)).await;
    // The restored database knows nothing of what led since.
    let after = take(&store(&later).await, Uuid::new_v4(), 60.0).await.unwrap();
    assert!(after > before, "hosts refuse whoever leads by a smaller number than they have heard");
}

#[tokio::test]
async fn of_many_who_reach_for_the_lease_one_gets_it() {
    let db = TestDb::new().await;
    let store = store(&db).await;
    let mut all = tokio::task::JoinSet::new();
    for _ in 0..20 {
        let store = store.clone();
        all.spawn(async move { take(&store, Uuid::new_v4(), 60.0).await });
    }
    let won = all.join_all().await.into_iter().flatten().count();
    assert_eq!(won, 1);
}

#[tokio::test]
async fn an_address_that_nobody_answers_is_away_and_not_broken() {
    let folder = tempfile::tempdir().unwrap();
    let address = Address::Socket { folder: folder.path().to_owned(), user: "x".to_owned(), database: "x".to_owned() };
    let error = Store::open(address.options().unwrap(), 1).await.unwrap_err();
    assert!(error.is_away(), "{error:?}");
}

#[tokio::test]
async fn a_server_that_takes_no_writes_is_away() {
    let db = TestDb::new().await;
    let standby = db.options().options([("default_transaction_read_only", "on")]);
    let error = Store::open(standby, 1).await.unwrap_err();
    assert!(error.is_away(), "{error:?}");
}

#[tokio::test]
async fn a_statement_that_takes_too_long_is_ended_and_means_away() {
    let db = TestDb::new().await;
    let store = store(&db).await;
    let mut tx = store.begin().await.unwrap();
    let limit: String = sqlx::query_scalar("show statement_timeout").fetch_one(tx.connection()).await.unwrap();
    assert_eq!(limit, "30s");
    sqlx::query("set local statement_timeout = '50ms'").execute(tx.connection()).await.unwrap();
    let error = sqlx::query("select pg_sleep(5)").execute(tx.connection()).await.unwrap_err();
    assert!(StoreError::from(error).is_away());
}

#[tokio::test]
async fn who_comes_beside_an_engine_leaves_its_schema_as_it_is() {
    let db = TestDb::new().await;
    let store = store(&db).await;
    assert!(Store::open_beside(db.options(), 1).await.unwrap().healthy().await);
    let mut tx = store.begin().await.unwrap();
    let older = "delete from _sqlx_migrations where version = (select max(version) from _sqlx_migrations)";
    sqlx::query(older).execute(tx.connection()).await.unwrap();
    tx.commit().await.unwrap();
    let refused = Store::open_beside(db.options(), 1).await.unwrap_err();
    let StoreError::OtherSchema { found, own } = refused else { panic!("{refused}") };
    assert!(found < own);
}
