//! Data centres, clusters, networks and hosts: what users may make of them, and the laws of the job that empties a host.
//! On real rows, the real runner and the real host door, with hosts that are doubles.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "a test that can't go on fails")]

mod support;

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use ferrovirt_engine::action::{Action, ActionContext};
use ferrovirt_engine::actions::cluster::{self, AssignNetwork, UnassignNetwork, Usage};
use ferrovirt_engine::actions::named::Named;
use ferrovirt_engine::actions::{data_center, host, mac_pool, network, vnic_profile};
use ferrovirt_engine::{Failure, ListQuery, Result, now};
use ferrovirt_model::events::EventDraft;
use ferrovirt_model::host::{HostIntent, HostStatus, lifecycle};
use ferrovirt_model::ids::{ClusterId, DataCenterId, HostId, VmId};
use ferrovirt_model::refusal::Refusal;
use ferrovirt_model::template::BLANK;
use ferrovirt_model::vm::{Definition, MigrationSupport, RunPhase, Vm, VmRun};
use ferrovirt_store::Areas;
use support::World;
use tokio::sync::Notify;
use uuid::Uuid;

const PATIENCE: Duration = Duration::from_secs(30);

impl World {
    async fn act<A: ferrovirt_engine::action::Action>(&self, action: A) -> Result<A::Output> {
        Ok(self.engine.act(&self.caller(), action).await?.value)
    }

    async fn new_data_center(&self, name: &str) -> DataCenterId {
        let wish = data_center::Wish { name: Some(name.to_owned()), ..Default::default() };
        self.act(data_center::Add { wish }).await.unwrap()
    }

    async fn new_cluster(&self, name: &str, data_center: DataCenterId) -> ClusterId {
        let wish = cluster::Wish { name: Some(name.to_owned()), ..Default::default() };
        let add = cluster::Add { data_center: Named::Id(data_center), wish, management_network: None };
        self.act(add).await.unwrap()
    }

    async fn status(&self, id: HostId) -> HostStatus {
        lifecycle::status(&self.store().read().await.unwrap().hosts().get(id).await.unwrap().unwrap())
    }

    /// A VM that runs on a host, as far as the rows say.
    async fn running_vm(&self, name: &str, host: HostId, affinity: MigrationSupport) -> VmId {
        let id = VmId(Uuid::new_v4());
        let mut definition = Definition::default();
        definition.placement.affinity = affinity;
        let vm = Vm {
            id,
            name: name.to_owned(),
            cluster: self.cluster,
            template: BLANK,
            definition,
            cpu_profile: None,
            created_by: None,
            created_at: now(),
            generation: 1,
            lock: None,
            last_stop: None,
            next_run: None,
        };
        let run = VmRun {
            vm: id,
            generation: 1,
            host,
            phase: RunPhase::Running,
            owner: true,
            pause_reason: None,
            guest_agent: false,
            started_at: Some(now()),
            migration: None,
            graphics: Vec::new(),
            reported_at: now(),
        };
        let mut tx = self.store().begin().await.unwrap();
        tx.vms().insert(&vm).await.unwrap();
        tx.vms().put_run(&run).await.unwrap();
        tx.commit().await.unwrap();
        id
    }

    /// The VM is gone from wherever it ran.
    async fn end_run(&self, vm: VmId) {
        let mut tx = self.store().begin().await.unwrap();
        tx.vms().remove_run(vm, 1).await.unwrap();
        tx.commit().await.unwrap();
    }
}

fn refusal<T: std::fmt::Debug>(answer: Result<T>) -> Refusal {
    match answer.unwrap_err() {
        Failure::Refused(refusal) => refusal,
        Failure::Trouble(trouble) => panic!("{trouble}"),
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_data_center_lives_from_its_making_to_its_removal() {
    let world = World::with_hosts(0).await;
    let caller = world.caller();
    let dc = world.new_data_center("dc1").await;
    let taken = data_center::Wish { name: Some("dc1".to_owned()), ..Default::default() };
    assert!(matches!(refusal(world.act(data_center::Add { wish: taken }).await), Refusal::NameTaken { .. }));
    let networks = world.engine.networks_of_data_centers(&caller, &[dc]).await.unwrap();
    assert_eq!(networks.iter().map(|one| one.name.as_str()).collect::<Vec<_>>(), ["ovirtmgmt"]);

    let cluster = world.new_cluster("c1", dc).await;
    let used = world.engine.cluster_networks(&caller, &[cluster]).await.unwrap();
    assert!(used[0].usage.management && used[0].usage.required);
    assert!(matches!(refusal(world.act(data_center::Remove::new(dc, false)).await), Refusal::InUse { .. }));
    assert!(matches!(refusal(world.act(network::Remove::new(networks[0].id)).await), Refusal::Rule { .. }));

    world.act(cluster::Remove::new(cluster)).await.unwrap();
    world.act(data_center::Remove::new(dc, false)).await.unwrap();
    assert!(matches!(refusal(world.engine.data_center(&caller, dc).await), Refusal::NoSuchObject { .. }));
    let codes = world.codes().await;
    for code in [950, 951, 809, 955, 9441, 813, 954] {
        assert!(codes.contains(&code), "event {code} is not in {codes:?}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_network_is_added_used_and_removed() {
    let world = World::with_hosts(0).await;
    let caller = world.caller();
    let dc = world.new_data_center("dc1").await;
    let cluster = world.new_cluster("c1", dc).await;
    let wish = network::Wish { name: Some("red".to_owned()), vlan: Some(Some(7)), ..Default::default() };
    let red = world.act(network::Add::new(Named::Name("dc1".to_owned()), wish.clone(), true)).await.unwrap();
    let same_tag = network::Wish { name: Some("blue".to_owned()), ..wish };
    assert!(matches!(refusal(world.act(network::Add::new(Named::Id(dc), same_tag, true)).await), Refusal::Rule { .. }));
    let profiles = world.engine.vnic_profiles_of(&caller, &[red]).await.unwrap();
    assert_eq!(profiles[0].name, "red");
    assert_eq!(profiles[0].filter.as_deref(), Some("vdsm-no-mac-spoofing"));

    let usage = Usage { required: Some(false), display: Some(true), ..Default::default() };
    world.act(AssignNetwork::new(cluster, Named::Name("red".to_owned()), usage)).await.unwrap();
    let used = world.engine.cluster_networks(&caller, &[cluster]).await.unwrap();
    let display: Vec<&str> = used.iter().filter(|one| one.usage.display).map(|one| one.network.name.as_str()).collect();
    assert_eq!(display, ["red"], "one network alone carries consoles");
    world.act(UnassignNetwork::new(cluster, red)).await.unwrap();
    let used = world.engine.cluster_networks(&caller, &[cluster]).await.unwrap();
    assert!(used.len() == 1 && used[0].usage.display, "the role goes back");

    let odd = vnic_profile::Wish {
        name: Some("fast".to_owned()),
        pass_through: Some(true),
        port_mirroring: Some(true),
        ..Default::default()
    };
    assert!(matches!(refusal(world.act(vnic_profile::Add::new(red, odd)).await), Refusal::Rule { .. }));
    world.act(network::Remove::new(red)).await.unwrap();
    assert!(world.engine.vnic_profiles_of(&caller, &[red]).await.unwrap().is_empty());
}

#[tokio::test(flavor = "multi_thread")]
async fn a_mac_pool_goes_only_when_nothing_draws_from_it() {
    let world = World::with_hosts(0).await;
    let dc = world.new_data_center("dc1").await;
    let cluster = world.new_cluster("c1", dc).await;
    let wish = |name: &str, first: &str, last: &str| mac_pool::Wish {
        name: Some(name.to_owned()),
        ranges: Some(vec![(first.to_owned(), last.to_owned())]),
        ..Default::default()
    };
    let rejected =
        [wish("red", "02:00", "02:01"), mac_pool::Wish { name: Some("red".to_owned()), ..Default::default() }];
    for one in rejected {
        refusal(world.act(mac_pool::Add::new(one)).await);
    }
    let good = wish("red", "02:00:00:00:00:00", "02:00:00:01:00:00");
    let red = world.act(mac_pool::Add::new(good.clone())).await.unwrap();
    assert!(matches!(refusal(world.act(mac_pool::Add::new(good)).await), Refusal::NameTaken { .. }));

    let takes = cluster::Wish { mac_pool: Some(red), ..Default::default() };
    world.act(cluster::Update::new(cluster, takes)).await.unwrap();
    assert!(matches!(refusal(world.act(mac_pool::Remove::new(red)).await), Refusal::InUse { .. }));
    world.act(mac_pool::Update::new(red, wish("rose", "02:00:00:00:00:00", "02:00:00:00:00:0F"))).await.unwrap();
    let pool = world.engine.mac_pool(&world.caller(), red).await.unwrap();
    assert_eq!((pool.name.as_str(), pool.ranges[0].1.as_str()), ("rose", "02:00:00:00:00:0f"));

    world.act(cluster::Remove::new(cluster)).await.unwrap();
    world.act(mac_pool::Remove::new(red)).await.unwrap();
    let default = world.engine.mac_pools(&world.caller()).await.unwrap().into_iter().find(|pool| pool.default).unwrap();
    assert!(matches!(refusal(world.act(mac_pool::Remove::new(default.id)).await), Refusal::Rule { .. }));
    let codes = world.codes().await;
    for code in [10700, 10701, 10702, 10704, 10705] {
        assert!(codes.contains(&code), "event {code} is not in {codes:?}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_host_that_waits_is_adopted_and_another_gets_a_place() {
    let world = World::with_hosts(1).await;
    let waiting = world.hosts[0];
    let mut tx = world.store().begin().await.unwrap();
    tx.hosts().set_intent(waiting, HostIntent::PendingApproval, None).await.unwrap();
    tx.commit().await.unwrap();
    let wish = |name: &str, address: &str| host::Wish {
        name: Some(name.to_owned()),
        address: Some(address.to_owned()),
        cluster: Some(Named::Id(world.cluster)),
        ..Default::default()
    };
    let adopted = world.act(host::Add::new(wish("first", "127.0.0.1"), true)).await.unwrap();
    assert_eq!(adopted, waiting);
    world.until("the adopted host is up", || async { world.status(waiting).await == HostStatus::Up }).await;
    let second = world.act(host::Add::new(wish("second", "h2.example"), true)).await.unwrap();
    assert_eq!(world.status(second).await, HostStatus::Installing);
    assert!(matches!(
        refusal(world.act(host::Add::new(wish("third", "H2.example"), true)).await),
        Refusal::Rule { .. }
    ));
    assert!(matches!(refusal(world.act(host::Remove::new(adopted)).await), Refusal::WrongState { .. }));
    world.act(host::Remove::new(second)).await.unwrap();
    let left = world.engine.list_hosts(&world.caller(), &ListQuery::all()).await.unwrap();
    assert_eq!(left.len(), 1);
    let codes = world.codes().await;
    assert!(codes.contains(&42) && codes.contains(&44) && codes.contains(&13), "{codes:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn an_empty_host_goes_into_maintenance_and_back() {
    let world = World::with_hosts(1).await;
    let id = world.hosts[0];
    let done = world.engine.act(&world.caller(), host::Deactivate::new(id, Some("disks".to_owned()))).await.unwrap();
    assert!(world.engine.outlast(done.job.unwrap(), PATIENCE).await.unwrap());
    assert_eq!(world.status(id).await, HostStatus::Maintenance);
    let view = world.engine.host_view(&world.caller(), id).await.unwrap();
    assert_eq!(view.host.maintenance_reason.as_deref(), Some("disks"));
    world.act(host::Activate::new(id)).await.unwrap();
    world.until("the host is up", || async { world.status(id).await == HostStatus::Up }).await;
    let codes = world.codes().await;
    for code in [600, 15, 16] {
        assert!(codes.contains(&code), "event {code} is not in {codes:?}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn pinned_vms_keep_a_host_from_maintenance_and_are_named() {
    let world = World::with_hosts(1).await;
    world.running_vm("nailed", world.hosts[0], MigrationSupport::Pinned).await;
    let sentence = refusal(world.act(host::Deactivate::new(world.hosts[0], None)).await).to_string();
    assert!(sentence.contains("nailed"), "{sentence}");
    assert_eq!(world.status(world.hosts[0]).await, HostStatus::Up);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_vm_that_no_other_host_takes_turns_the_job_back() {
    let world = World::with_hosts(1).await;
    let id = world.hosts[0];
    let vm = world.running_vm("web", id, MigrationSupport::Migratable).await;
    let done = world.engine.act(&world.caller(), host::Deactivate::new(id, None)).await.unwrap();
    assert_eq!(world.status(id).await, HostStatus::PreparingForMaintenance);
    let why = refusal(world.engine.outlast(done.job.unwrap(), PATIENCE).await).to_string();
    assert!(why.contains("web") && why.contains("the VM runs there already"), "{why}");
    assert_eq!(world.status(id).await, HostStatus::Up);
    world.idle().await;
    let nowhere = world.told_of(166).await;
    assert_eq!(nowhere.len(), 1, "{nowhere:?}");
    assert!(nowhere[0].starts_with("No host can take VM web by migration. Reason: ") && nowhere[0].contains("host1"));
    let view = world.store().read().await.unwrap().vms().view(vm).await.unwrap().unwrap();
    assert!(view.vm.lock.is_none() && view.run.is_some(), "the VM runs on where it was");
    assert!(world.codes().await.contains(&17));
}

#[tokio::test(flavor = "multi_thread")]
async fn another_engine_goes_on_with_emptying_a_host() {
    let mut world = World::with_hosts(1).await;
    let id = world.hosts[0];
    // A VM of which nobody knows what it does: the job waits for it.
    let vm = world.running_vm("web", id, MigrationSupport::Migratable).await;
    let mut tx = world.store().begin().await.unwrap();
    let mut run = tx.vms().runs_on(id).await.unwrap().pop().unwrap();
    run.phase = RunPhase::NotResponding;
    tx.vms().put_run(&run).await.unwrap();
    tx.commit().await.unwrap();
    let done = world.engine.act(&world.caller(), host::Deactivate::new(id, None)).await.unwrap();
    tokio::time::sleep(Duration::from_millis(500)).await;
    assert_eq!(world.status(id).await, HostStatus::PreparingForMaintenance);
    world.replace_engine().await;
    world.end_run(vm).await;
    assert!(world.engine.outlast(done.job.unwrap(), PATIENCE).await.unwrap());
    assert_eq!(world.status(id).await, HostStatus::Maintenance);
}

#[tokio::test(flavor = "multi_thread")]
async fn activating_a_host_cancels_its_emptying() {
    let world = World::with_hosts(1).await;
    let id = world.hosts[0];
    world.running_vm("web", id, MigrationSupport::Migratable).await;
    let mut tx = world.store().begin().await.unwrap();
    let mut run = tx.vms().runs_on(id).await.unwrap().pop().unwrap();
    run.phase = RunPhase::NotResponding;
    tx.vms().put_run(&run).await.unwrap();
    tx.commit().await.unwrap();
    let done = world.engine.act(&world.caller(), host::Deactivate::new(id, None)).await.unwrap();
    world.act(host::Activate::new(id)).await.unwrap();
    assert!(world.engine.outlast(done.job.unwrap(), PATIENCE).await.is_err());
    world.idle().await;
    assert_eq!(world.status(id).await, HostStatus::Up);
    assert!(!world.codes().await.contains(&17), "nothing failed: it was called off");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_lost_host_is_confirmed_as_restarted() {
    let mut world = World::with_hosts(1).await;
    let id = world.hosts[0];
    let vm = world.running_vm("web", id, MigrationSupport::Migratable).await;
    assert!(matches!(refusal(world.act(host::ConfirmRebooted::new(id)).await), Refusal::WrongState { .. }));
    world.lose_host(0);
    world.until("the host is lost", || async { world.status(id).await == HostStatus::NonResponsive }).await;
    assert!(matches!(refusal(world.act(host::Deactivate::new(id, None)).await), Refusal::WrongState { .. }));
    world.act(host::ConfirmRebooted::new(id)).await.unwrap();
    let view = world.store().read().await.unwrap().vms().view(vm).await.unwrap().unwrap();
    assert!(view.run.is_none(), "nothing runs there any more");
    assert!(world.codes().await.contains(&348));
    world.act(host::Remove::new(id)).await.unwrap();
}

/// Locks two data centres, in this order.
struct LockBoth {
    rows: [DataCenterId; 2],
    outside: bool,
    attempts: Arc<AtomicUsize>,
    /// Rings when the first row is locked.
    begun: Arc<Notify>,
}

#[async_trait::async_trait]
impl Action for LockBoth {
    type Output = ();

    async fn perform(&mut self, cx: &mut ActionContext<'_>) -> Result<()> {
        self.attempts.fetch_add(1, Ordering::SeqCst);
        cx.own_things();
        cx.job_tells();
        if self.outside {
            cx.acts_outside();
        }
        for row in self.rows {
            cx.tx.data_centers().lock_row(row).await?.unwrap();
            self.begun.notify_one();
        }
        Ok(())
    }

    fn failed(&self) -> Option<EventDraft> {
        None
    }
}

/// Lets an action meet another transaction that locks the same two rows the other way round. Returns how the action
/// ended, and how often it was tried.
async fn deadlock(outside: bool) -> (Result<()>, usize) {
    let world = World::with_hosts(0).await;
    let rows = [world.new_data_center("one").await, world.new_data_center("two").await];
    let (attempts, begun) = (Arc::new(AtomicUsize::new(0)), Arc::new(Notify::new()));
    let action = LockBoth { rows, outside, attempts: Arc::clone(&attempts), begun: Arc::clone(&begun) };
    let mut other = world.store().begin().await.unwrap();
    other.data_centers().lock_row(rows[1]).await.unwrap();
    let meeting = async {
        begun.notified().await;
        // Who waits first looks for a deadlock first, and gives up: that is the action.
        tokio::time::sleep(Duration::from_millis(300)).await;
        other.data_centers().lock_row(rows[0]).await.unwrap();
        other.commit().await.unwrap();
    };
    let (outcome, ()) =
        tokio::time::timeout(PATIENCE, async { tokio::join!(world.act(action), meeting) }).await.unwrap();
    (outcome, attempts.load(Ordering::SeqCst))
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_action_that_met_another_in_a_deadlock_is_tried_again() {
    let (outcome, attempts) = deadlock(false).await;
    outcome.unwrap();
    assert_eq!(attempts, 2);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_action_that_acts_outside_is_not_tried_again() {
    let (outcome, attempts) = deadlock(true).await;
    assert!(matches!(outcome, Err(Failure::Trouble(trouble)) if trouble.conflict()));
    assert_eq!(attempts, 1);
}
