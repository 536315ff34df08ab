//! Measurements: how their transactions commit, and how what guests say is kept.

use std::collections::BTreeMap;
use std::sync::Arc;

use ferrovirt_model::ids::{DiskId, HostId, VmId};
use ferrovirt_model::vm::{Definition, GuestFacts, GuestPackage, RunPhase, VmRun, VmStatistics};
use ferrovirt_store::search::Compiled;
use ferrovirt_store::tx::{Change, Tx};
use ferrovirt_store::{Areas, Store};
use ferrovirt_testdb::TestDb;
use sqlx::types::Json;
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

/// A transaction that may write rows without those that they refer to.
async fn begin_without_references(store: &Store) -> Tx {
    let mut tx = store.begin().await.unwrap();
    sqlx::query("set local session_replication_role = replica").execute(tx.connection()).await.unwrap();
    tx
}

/// A VM without anything around it.
async fn add_vm(tx: &mut Tx, name: &str) -> VmId {
    let id = VmId(Uuid::new_v4());
    sqlx::query("insert into vm values ($1, $2, $1, $1, $3, null, null, null, 1, 1)")
        .bind(id.0)
        .bind(name)
        .bind(Json(Definition::default()))
        .execute(tx.connection())
        .await
        .unwrap();
    id
}

fn run_on(host: HostId, vm: VmId) -> VmRun {
    VmRun {
        vm,
        generation: 1,
        host,
        phase: RunPhase::Running,
        owner: true,
        pause_reason: None,
        guest_agent: false,
        started_at: None,
        migration: None,
        graphics: Vec::new(),
        reported_at: 0,
    }
}

#[tokio::test]
async fn packages_stand_apart_from_what_else_a_guest_says() {
    let db = TestDb::new().await;
    let store = Store::open(db.options(), 2).await.unwrap();
    let mut tx = begin_without_references(&store).await;
    let id = add_vm(&mut tx, "a").await;
    let package = GuestPackage { name: "bash".to_owned(), version: "5".to_owned() };
    let guest = GuestFacts { hostname: "a".to_owned(), packages: vec![package], ..GuestFacts::default() };
    tx.vms().set_guest(id, Some(&guest), 1).await.unwrap();
    assert_eq!(tx.vms().guest(id).await.unwrap().as_ref(), Some(&guest));
    let listed = tx.vms().view(id).await.unwrap().unwrap().guest.unwrap();
    assert_eq!((listed.hostname.as_str(), listed.packages.len()), ("a", 0));
    tx.vms().set_guest(id, None, 2).await.unwrap();
    assert_eq!(tx.vms().guest(id).await.unwrap(), None);
}

#[tokio::test]
async fn a_host_measures_its_own_vms_alone() {
    let db = TestDb::new().await;
    let store = Store::open(db.options(), 2).await.unwrap();
    let mut tx = begin_without_references(&store).await;
    let (here, elsewhere, host) = (add_vm(&mut tx, "a").await, add_vm(&mut tx, "b").await, HostId(Uuid::new_v4()));
    tx.vms().put_run(&run_on(host, here)).await.unwrap();
    tx.vms().put_run(&run_on(HostId(Uuid::new_v4()), elsewhere)).await.unwrap();
    let disks: Vec<DiskId> = [here, elsewhere].map(|_| DiskId(Uuid::new_v4())).to_vec();
    for (vm, disk) in [here, elsewhere].into_iter().zip(&disks) {
        sqlx::query(
            "insert into disk_attachment (vm_id, disk_id, interface, bootable, active, read_only, pass_discard)
             values ($1, $2, 'virtio', false, true, false, false)",
        )
        .bind(vm.0)
        .bind(disk.0)
        .execute(tx.connection())
        .await
        .unwrap();
        sqlx::query(
            "insert into volume (id, disk_id, domain_id, format, actual_size, active) values ($1, $1, $1, 'raw', 1, true)",
        )
        .bind(disk.0)
        .execute(tx.connection())
        .await
        .unwrap();
    }
    let measured = VmStatistics { memory_used: 7, ..VmStatistics::default() };
    let both = BTreeMap::from([(here, measured.clone()), (elsewhere, measured.clone())]);
    let sizes = disks.iter().map(|disk| (*disk, 4096)).collect();
    for _ in 0..2 {
        tx.vms().put_statistics(host, &both, 5).await.unwrap();
        tx.disks().put_actual_sizes(host, &sizes).await.unwrap();
    }
    assert_eq!(tx.vms().view(here).await.unwrap().unwrap().statistics.as_ref(), Some(&measured));
    assert_eq!(tx.vms().view(elsewhere).await.unwrap().unwrap().statistics, None);
    let found: Vec<(Uuid, i64)> =
        sqlx::query_as("select disk_id, actual_size from volume").fetch_all(tx.connection()).await.unwrap();
    assert_eq!(found.into_iter().collect::<BTreeMap<_, _>>(), BTreeMap::from([(disks[0].0, 4096), (disks[1].0, 1)]));
    tx.vms().forget_statistics(here).await.unwrap();
    assert_eq!(tx.vms().view(here).await.unwrap().unwrap().statistics, None);
}

/// A list's VMs by name.
async fn listed(store: &Store) -> Vec<(String, Arc<ferrovirt_store::vms::VmView>)> {
    let all = store.read().await.unwrap().list_vms(&Compiled::default(), None).await.unwrap();
    let mut named: Vec<_> = all.into_iter().map(|view| (view.vm.name.clone(), view)).collect();
    named.sort_by(|one, other| one.0.cmp(&other.0));
    named
}

#[tokio::test]
async fn a_list_reads_again_what_has_changed_and_nothing_else() {
    let db = TestDb::new().await;
    let store = Store::open(db.options(), 2).await.unwrap();
    let mut tx = begin_without_references(&store).await;
    let (a, b) = (add_vm(&mut tx, "a").await, add_vm(&mut tx, "b").await);
    let host = HostId(Uuid::new_v4());
    tx.vms().put_run(&run_on(host, a)).await.unwrap();
    tx.commit().await.unwrap();
    let first = listed(&store).await;
    assert_eq!(first.iter().map(|(name, _)| name.as_str()).collect::<Vec<_>>(), ["a", "b"]);

    // What is measured is no part of a list, and what nobody wrote is not read again.
    let mut tx = begin_without_references(&store).await;
    tx.vms().put_statistics(host, &BTreeMap::from([(a, VmStatistics::default())]), 5).await.unwrap();
    tx.commit().await.unwrap();
    let second = listed(&store).await;
    assert!(first.iter().zip(&second).all(|((_, one), (_, other))| Arc::ptr_eq(one, other)));

    // Each of the three rows counts, written once or twice in a transaction.
    let mut tx = begin_without_references(&store).await;
    let guest = GuestFacts { hostname: "within".to_owned(), ..GuestFacts::default() };
    tx.vms().set_guest(a, Some(&guest), 6).await.unwrap();
    tx.commit().await.unwrap();
    assert_eq!(listed(&store).await[0].1.guest.as_ref().unwrap().hostname, "within");
    let mut tx = begin_without_references(&store).await;
    for phase in [RunPhase::Paused, RunPhase::NotResponding] {
        tx.vms().put_run(&VmRun { phase, ..run_on(host, a) }).await.unwrap();
    }
    tx.commit().await.unwrap();
    assert_eq!(listed(&store).await[0].1.run.as_ref().unwrap().phase, RunPhase::NotResponding);
    let mut tx = begin_without_references(&store).await;
    let mut changed = tx.vms().lock_row(b).await.unwrap().unwrap();
    changed.name = "c".to_owned();
    tx.vms().update(&changed).await.unwrap();
    // A list beside the transaction sees nothing of it.
    assert_eq!(listed(&store).await[1].0, "b");
    tx.commit().await.unwrap();
    assert_eq!(listed(&store).await[1].0, "c");

    let mut tx = store.begin().await.unwrap();
    tx.vms().remove(a).await.unwrap();
    tx.commit().await.unwrap();
    let last = listed(&store).await;
    assert_eq!(last.len(), 1);
    assert!(Arc::ptr_eq(&last[0].1, &listed(&store).await[0].1));
}
