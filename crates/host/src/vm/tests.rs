//! Laws of a VM's life, on the fake hypervisor: two hosts, their ledgers, and agents that die at every step.

use std::collections::BTreeMap;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use async_trait::async_trait;
use ferrovirt_hostapi as api;
use ferrovirt_hostapi::{VmPhase, VmSpec};
use tokio::task::JoinHandle;

use super::VmError;
use super::actor::{Order, Surroundings};
use super::machines::Machines;
use super::place::Places;
use crate::domxml::{Accelerator, Place};
use crate::hypervisor::fake::{Fake, FakeNetwork, Fuse, HANDED_OVER, STANDS};
use crate::hypervisor::{Ending, Way};
use crate::ledger::Ledger;
use crate::reports::Reports;

const VM: &str = "11111111-1111-4111-8111-111111111111";

struct Anywhere;

#[async_trait]
impl Places for Anywhere {
    async fn prepare(&self, spec: &VmSpec) -> Result<Place, VmError> {
        let disks = spec.disks.iter().map(|disk| (disk.disk_id.clone(), (PathBuf::from("/x"), false)));
        Ok(Place {
            accelerator: Accelerator::Tcg,
            partition: None,
            disks: disks.collect::<BTreeMap<_, _>>(),
            cdrom: None,
            first_boot: None,
            console_password: "x".into(),
        })
    }

    async fn disk(&self, _disk: &api::DiskSpec) -> Result<(PathBuf, bool), VmError> {
        Ok(("/x".into(), false))
    }

    async fn nic(&self, _nic: &api::NicSpec) -> Result<(), VmError> {
        Ok(())
    }

    async fn cdrom(&self, _cdrom: &api::CdromSpec) -> Result<Option<PathBuf>, VmError> {
        Ok(None)
    }

    async fn clear(&self, _vm_id: &str) {}
}

/// One run of an agent.
struct Agent {
    machines: Machines,
    reports: Reports,
    router: JoinHandle<()>,
}

impl Drop for Agent {
    fn drop(&mut self) {
        self.router.abort();
    }
}

/// A host that outlives its agents.
struct Host {
    fake: Fake,
    folder: tempfile::TempDir,
}

impl Host {
    fn new(network: &FakeNetwork, uri: &str) -> Self {
        Host { fake: Fake::new(network, uri), folder: tempfile::tempdir().unwrap() }
    }

    async fn agent(&self, fuse: Fuse) -> Agent {
        let reports = Reports::new();
        let machines = Machines::open(Surroundings {
            hypervisor: Arc::new(self.fake.with_fuse(fuse)),
            places: Arc::new(Anywhere),
            ledger: Ledger::open(self.folder.path()).unwrap(),
            reports: reports.clone(),
            trust_storage: false,
            tls_folder: None,
        })
        .unwrap();
        let running = machines.clone();
        let router = tokio::spawn(async move { running.run().await });
        // The router asks for events before anything else; give it its turn.
        tokio::time::sleep(Duration::from_millis(5)).await;
        Agent { machines, reports, router }
    }

    async fn healthy(&self) -> Agent {
        let agent = self.agent(Fuse::default()).await;
        agent.settled().await;
        agent
    }
}

fn spec(generation: u64) -> VmSpec {
    VmSpec {
        id: VM.into(),
        name: "web".into(),
        memory: 64 << 20,
        cpu_sockets: 1,
        cpu_cores: 1,
        cpu_threads: 1,
        generation,
        ..VmSpec::default()
    }
}

fn key(step: &str) -> api::CommandKey {
    api::CommandKey { job_id: "job".into(), step: step.into(), generation: 1 }
}

impl Agent {
    async fn order(&self, generation: u64, order: Order) -> Result<(), VmError> {
        self.machines.command(VM, Some(generation), None, order).await
    }

    async fn start(&self, generation: u64) -> Result<(), VmError> {
        self.order(generation, Order::Start(Box::new(spec(generation)))).await
    }

    async fn migrate(&self, generation: u64) -> Result<(), VmError> {
        let request = api::MigrateVmRequest {
            vm_id: VM.into(),
            generation,
            target_generation: generation + 1,
            target_host_id: "b".into(),
            target_address: "10.0.0.2".into(),
            target_libvirt_uri: "fake://b".into(),
            ..api::MigrateVmRequest::default()
        };
        self.order(generation, Order::Migrate(Box::new(request))).await
    }

    async fn settled(&self) {
        for _ in 0..5 {
            tokio::time::sleep(Duration::from_millis(10)).await;
            self.machines.settle().await;
        }
    }

    fn phase(&self) -> Option<VmPhase> {
        self.reports.vm(VM).map(|state| state.phase())
    }

    fn exit(&self) -> String {
        self.reports.vm(VM).and_then(|state| state.exit).map(|exit| exit.kind).unwrap_or_default()
    }

    async fn until(&self, wanted: VmPhase) {
        for _ in 0..500 {
            if self.phase() == Some(wanted) {
                return;
            }
            tokio::time::sleep(Duration::from_millis(10)).await;
        }
        panic!("{wanted:?} does not come: {:?}", self.reports.vm(VM));
    }
}

fn one() -> Host {
    Host::new(&FakeNetwork::default(), "fake://a")
}

#[tokio::test(start_paused = true)]
async fn a_vm_starts_once_and_the_same_start_again_is_fine() {
    let host = one();
    let agent = host.healthy().await;
    agent.start(3).await.unwrap();
    assert_eq!(agent.phase(), Some(VmPhase::Running));
    agent.start(3).await.unwrap();
    assert_eq!(host.fake.starts(VM), 1);
    assert!(matches!(agent.start(2).await, Err(VmError::RunsHere(_))), "an older run");
    assert!(matches!(agent.start(4).await, Err(VmError::RunsHere(_))), "a newer run beside it");
    assert!(host.fake.runs(VM));
}

#[tokio::test(start_paused = true)]
async fn the_ways_to_end_are_told_apart() {
    for (ending, word) in
        [(Ending::Shutdown, "shutdown_by_guest"), (Ending::Crashed, "crashed"), (Ending::Destroyed, "powered_off")]
    {
        let host = one();
        let agent = host.healthy().await;
        agent.start(1).await.unwrap();
        host.fake.end(VM, ending);
        agent.until(VmPhase::Down).await;
        assert_eq!(agent.exit(), word);
    }
    let host = one();
    let agent = host.healthy().await;
    agent.start(1).await.unwrap();
    agent.order(1, Order::Shutdown { timeout: 0, message: String::new() }).await.unwrap();
    agent.until(VmPhase::Down).await;
    assert_eq!(agent.exit(), "shutdown_requested");
    agent.start(2).await.unwrap();
    agent.order(2, Order::Stop("by the user".into())).await.unwrap();
    agent.order(2, Order::Stop("by the user".into())).await.unwrap();
    assert_eq!(agent.exit(), "powered_off");
    assert!(matches!(agent.start(2).await, Err(VmError::Denied(_))), "that run has ended");
    agent.machines.seen(VM, 2).await;
    agent.settled().await;
    assert_eq!(agent.phase(), None, "the engine has seen it");
    assert!(matches!(agent.start(2).await, Err(VmError::Denied(_))), "and its generation is remembered");
}

#[tokio::test(start_paused = true)]
async fn a_stop_that_overtakes_its_start_wins() {
    let host = one();
    let agent = host.healthy().await;
    agent.order(5, Order::Stop("too late".into())).await.unwrap();
    assert!(agent.start(5).await.is_err());
    assert!(!host.fake.runs(VM));
    drop(agent);
    let again = host.healthy().await;
    assert!(again.start(5).await.is_err(), "a restart forgets nothing");
    again.start(6).await.unwrap();
}

#[tokio::test(start_paused = true)]
async fn a_failed_start_is_told_and_may_be_tried_again() {
    let host = one();
    let agent = host.healthy().await;
    host.fake.script(|script| script.fail_start = Some("no such bridge".into()));
    let start = key("start");
    let command = |order| agent.machines.command(VM, Some(1), Some(&start), order);
    let first = command(Order::Start(Box::new(spec(1)))).await;
    assert!(matches!(&first, Err(VmError::Failed(text)) if text.contains("no such bridge")));
    assert_eq!(agent.exit(), "failed_to_start");
    assert_eq!(command(Order::Start(Box::new(spec(1)))).await, first, "the same command has the same outcome");
    agent.start(2).await.unwrap();
}

#[tokio::test(start_paused = true)]
async fn a_known_command_is_not_done_again() {
    let host = one();
    let agent = host.healthy().await;
    agent.start(1).await.unwrap();
    let stop = key("stop");
    agent.machines.command(VM, Some(1), Some(&stop), Order::Stop(String::new())).await.unwrap();
    agent.start(2).await.unwrap();
    agent.machines.command(VM, Some(1), Some(&stop), Order::Stop(String::new())).await.unwrap();
    assert!(host.fake.runs(VM), "the late copy of a stop hits no later run");
}

#[tokio::test(start_paused = true)]
async fn silence_of_libvirt_ends_nothing() {
    let host = one();
    let agent = host.healthy().await;
    agent.start(1).await.unwrap();
    host.fake.script(|script| script.away = true);
    agent.machines.look_at_all().await;
    agent.settled().await;
    assert_eq!(agent.phase(), Some(VmPhase::Running));
    assert!(matches!(agent.order(1, Order::Pause).await, Err(VmError::Away(_))));
    host.fake.script(|script| script.away = false);
    agent.order(1, Order::Pause).await.unwrap();
    assert_eq!(agent.phase(), Some(VmPhase::Paused));
}

#[tokio::test(start_paused = true)]
async fn a_disk_error_says_what_it_is() {
    let host = one();
    let agent = host.healthy().await;
    agent.start(1).await.unwrap();
    host.fake.disk_error(VM, true);
    agent.until(VmPhase::Paused).await;
    agent.settled().await;
    assert_eq!(agent.reports.vm(VM).unwrap().pause_reason, "no_space");
    agent.order(1, Order::Resume).await.unwrap();
    host.fake.disk_error(VM, false);
    agent.until(VmPhase::Paused).await;
    agent.settled().await;
    assert_eq!(agent.reports.vm(VM).unwrap().pause_reason, "io_error");
}

#[tokio::test(start_paused = true)]
async fn devices_come_and_go() {
    let host = one();
    let agent = host.healthy().await;
    agent.start(1).await.unwrap();
    let nic = api::NicSpec { id: "n1".into(), mac_address: "52:54:00:00:00:01".into(), ..Default::default() };
    let device = api::device_request::Device::Nic(nic);
    agent.order(1, Order::Attach(device.clone())).await.unwrap();
    agent.order(1, Order::Attach(device.clone())).await.unwrap();
    host.fake.script(|script| script.lets_go = false);
    assert!(matches!(agent.order(1, Order::Detach(device.clone())).await, Err(VmError::Failed(_))));
    host.fake.script(|script| script.lets_go = true);
    agent.order(1, Order::Detach(device.clone())).await.unwrap();
    agent.order(1, Order::Detach(device)).await.unwrap();
}

/// Two hosts; the VM runs on the first as generation 1.
async fn two() -> (Host, Host) {
    let network = FakeNetwork::default();
    (Host::new(&network, "fake://a"), Host::new(&network, "fake://b"))
}

#[tokio::test(start_paused = true)]
async fn a_migration_moves_the_vm_and_its_generation() {
    let (a, b) = two().await;
    let (source, target) = (a.healthy().await, b.healthy().await);
    source.start(1).await.unwrap();
    target.order(2, Order::Receive(Box::new(spec(2)))).await.unwrap();
    target.order(2, Order::Receive(Box::new(spec(2)))).await.unwrap();
    assert_eq!(target.phase(), Some(VmPhase::MigratingIn));
    source.migrate(1).await.unwrap();
    source.migrate(1).await.unwrap();
    assert_eq!(source.phase(), Some(VmPhase::MigratingOut));
    assert_eq!(target.phase(), Some(VmPhase::MigratingIn), "it does not run there yet");
    target.until(VmPhase::Running).await;
    source.until(VmPhase::Down).await;
    assert_eq!(source.exit(), "migrated");
    assert_eq!(target.reports.vm(VM).unwrap().generation, 2);
    assert!(b.fake.runs(VM) && !a.fake.runs(VM));
    assert!(target.order(1, Order::Stop(String::new())).await.is_err(), "a command of the old run");
}

#[tokio::test(start_paused = true)]
async fn a_failed_or_cancelled_migration_leaves_the_vm_where_it_is() {
    for cancel in [false, true] {
        let (a, b) = two().await;
        let (source, target) = (a.healthy().await, b.healthy().await);
        source.start(1).await.unwrap();
        target.order(2, Order::Receive(Box::new(spec(2)))).await.unwrap();
        if !cancel {
            a.fake.script(|script| script.fail_migration = Some("the link broke".into()));
        }
        source.migrate(1).await.unwrap();
        tokio::time::sleep(Duration::from_millis(30)).await;
        if cancel {
            source.order(1, Order::CancelMigration).await.unwrap();
        }
        source.until(VmPhase::Running).await;
        target.settled().await;
        let progress = source.reports.vm(VM).unwrap().migration.unwrap();
        assert_eq!((progress.cancelled, progress.error.is_empty()), (cancel, cancel));
        assert_eq!(target.phase(), None, "the promise is over");
        assert!(a.fake.runs(VM) && !b.fake.runs(VM));
        source.order(1, Order::CancelMigration).await.unwrap();
    }
}

#[tokio::test(start_paused = true)]
async fn a_cancellation_that_libvirt_loses_ends_the_migration_all_the_same() {
    for restarts in [false, true] {
        let (a, b) = two().await;
        let (mut source, target) = (a.healthy().await, b.healthy().await);
        a.fake.script(|script| script.loses_cancel = true);
        source.start(1).await.unwrap();
        target.order(2, Order::Receive(Box::new(spec(2)))).await.unwrap();
        source.migrate(1).await.unwrap();
        tokio::time::sleep(Duration::from_millis(30)).await;
        source.order(1, Order::CancelMigration).await.unwrap();
        tokio::time::sleep(Duration::from_secs(1)).await;
        assert_eq!(source.phase(), Some(VmPhase::MigratingOut), "libvirt still waits");
        if restarts {
            drop(source);
            source = a.healthy().await;
        }
        for _ in 0..10 {
            tokio::time::sleep(Duration::from_secs(3)).await;
        }
        assert_eq!(source.phase(), Some(VmPhase::Running), "restarted: {restarts}");
        let progress = source.reports.vm(VM).unwrap().migration.unwrap();
        assert!(!progress.active && (restarts || progress.cancelled), "{progress:?}");
        target.settled().await;
        assert_eq!(target.phase(), None, "the promise is over");
        assert!(a.fake.runs(VM) && !b.fake.runs(VM));
        source.order(1, Order::Stop("enough".into())).await.unwrap();
    }
}

#[tokio::test(start_paused = true)]
async fn a_migration_whose_end_nobody_was_told_is_not_said_to_go_on() {
    let (a, b) = two().await;
    let target = b.healthy().await;
    a.fake.script(|script| {
        script.migration = Duration::from_secs(3);
        script.fail_migration = Some("the link broke".into());
    });
    {
        let agent = a.healthy().await;
        agent.start(1).await.unwrap();
        target.order(2, Order::Receive(Box::new(spec(2)))).await.unwrap();
        agent.migrate(1).await.unwrap();
    }
    let source = a.healthy().await;
    tokio::time::sleep(Duration::from_secs(1)).await;
    assert!(source.reports.vm(VM).unwrap().migration.unwrap().active, "the agent finds it going on");
    source.until(VmPhase::Running).await;
    let progress = source.reports.vm(VM).unwrap().migration.unwrap();
    assert!(!progress.active && !progress.error.is_empty(), "{progress:?}");
}

#[tokio::test(start_paused = true)]
async fn a_stop_during_a_migration_stops_it_where_it_is() {
    let (a, b) = two().await;
    let (source, target) = (a.healthy().await, b.healthy().await);
    source.start(1).await.unwrap();
    target.order(2, Order::Receive(Box::new(spec(2)))).await.unwrap();
    source.migrate(1).await.unwrap();
    tokio::time::sleep(Duration::from_millis(30)).await;
    source.order(1, Order::Stop("enough".into())).await.unwrap();
    assert_eq!(source.exit(), "powered_off");
    target.settled().await;
    assert!(!a.fake.runs(VM) && !b.fake.runs(VM));
}

#[tokio::test(start_paused = true)]
async fn a_promise_that_nobody_needs_is_taken_back_but_never_from_what_runs() {
    let (a, b) = two().await;
    let (source, target) = (a.healthy().await, b.healthy().await);
    source.start(1).await.unwrap();
    target.order(2, Order::Receive(Box::new(spec(2)))).await.unwrap();
    target.order(2, Order::Abandon).await.unwrap();
    assert_eq!(target.phase(), None);
    target.order(3, Order::Receive(Box::new(spec(3)))).await.unwrap();
    let request = api::MigrateVmRequest { target_generation: 3, ..migration_request() };
    source.order(1, Order::Migrate(Box::new(request))).await.unwrap();
    target.until(VmPhase::Running).await;
    assert!(target.order(3, Order::Abandon).await.is_err());
    assert!(b.fake.runs(VM));
}

fn migration_request() -> api::MigrateVmRequest {
    api::MigrateVmRequest {
        vm_id: VM.into(),
        generation: 1,
        target_host_id: "b".into(),
        target_address: "10.0.0.2".into(),
        target_libvirt_uri: "fake://b".into(),
        ..api::MigrateVmRequest::default()
    }
}

#[tokio::test(start_paused = true)]
async fn an_agent_that_dies_between_any_two_steps_of_a_start_neither_loses_nor_doubles_the_vm() {
    for steps in 0..40 {
        let host = one();
        let fuse = Fuse::after(steps);
        let dying = host.agent(fuse.clone()).await;
        let start = tokio::time::timeout(Duration::from_secs(5), dying.start(1)).await;
        drop(dying);
        let agent = host.healthy().await;
        let ran = host.fake.runs(VM);
        match agent.phase() {
            Some(VmPhase::Running) => assert!(ran, "after {steps} steps"),
            Some(VmPhase::Down) => assert!(!ran && agent.exit() == "failed_to_start", "after {steps} steps"),
            None => assert!(!ran, "after {steps} steps a VM runs that nobody told of"),
            other => panic!("after {steps} steps: {other:?}"),
        }
        agent.start(1).await.unwrap_or_else(|error| panic!("after {steps} steps the engine's retry: {error}"));
        assert_eq!(host.fake.starts(VM), 1);
        assert!(matches!(agent.start(2).await, Err(VmError::RunsHere(_))));
        if matches!(start, Ok(Ok(()))) && !fuse.burnt() {
            return;
        }
    }
    panic!("the start never came to its end");
}

#[tokio::test(start_paused = true)]
async fn an_agent_that_dies_between_any_two_steps_of_a_stop_tells_the_end_once_it_is_back() {
    for steps in 0..40 {
        let host = one();
        {
            let agent = host.healthy().await;
            agent.start(1).await.unwrap();
        }
        let fuse = Fuse::after(steps);
        let dying = host.agent(fuse.clone()).await;
        let stop = tokio::time::timeout(Duration::from_secs(5), dying.order(1, Order::Stop("x".into()))).await;
        drop(dying);
        let agent = host.healthy().await;
        assert_eq!(host.fake.runs(VM), agent.phase() == Some(VmPhase::Running), "after {steps} steps");
        agent.order(1, Order::Stop("x".into())).await.unwrap();
        agent.until(VmPhase::Down).await;
        assert_eq!(agent.exit(), "powered_off", "after {steps} steps");
        if matches!(stop, Ok(Ok(()))) && !fuse.burnt() {
            return;
        }
    }
    panic!("the stop never came to its end");
}

/// Exactly one host runs the VM, and its agent says so; the other says that it does not.
async fn check_pair(a: &Host, b: &Host, source: &Agent, target: &Agent, place: &str) {
    tokio::time::sleep(Duration::from_secs(3)).await;
    source.settled().await;
    target.settled().await;
    assert!(a.fake.runs(VM) ^ b.fake.runs(VM), "{place}: it runs on one host");
    assert_eq!(source.phase() == Some(VmPhase::Running), a.fake.runs(VM), "{place}: source says {:?}", source.phase());
    assert_eq!(target.phase() == Some(VmPhase::Running), b.fake.runs(VM), "{place}: target says {:?}", target.phase());
    if b.fake.runs(VM) {
        assert_eq!(source.exit(), "migrated", "{place}");
        assert_eq!(target.reports.vm(VM).unwrap().generation, 2, "{place}");
    }
}

#[tokio::test(start_paused = true)]
async fn a_source_agent_that_dies_between_any_two_steps_of_a_migration_loses_nothing() {
    for fails in [false, true] {
        let mut finished = false;
        for steps in 0..60 {
            let (a, b) = two().await;
            let target = b.healthy().await;
            {
                let agent = a.healthy().await;
                agent.start(1).await.unwrap();
            }
            if fails {
                a.fake.script(|script| script.fail_migration = Some("the link broke".into()));
            }
            target.order(2, Order::Receive(Box::new(spec(2)))).await.unwrap();
            let fuse = Fuse::after(steps);
            let dying = a.agent(fuse.clone()).await;
            let asked = tokio::time::timeout(Duration::from_millis(500), dying.migrate(1)).await;
            tokio::time::sleep(Duration::from_millis(10 * (steps as u64 % 20))).await;
            finished = matches!(asked, Ok(Ok(()))) && !fuse.burnt();
            drop(dying);
            let source = a.healthy().await;
            check_pair(&a, &b, &source, &target, &format!("fails={fails}, after {steps} steps")).await;
            if finished {
                break;
            }
        }
        assert!(finished, "the migration never came to its end");
    }
}

#[tokio::test(start_paused = true)]
async fn a_target_agent_that_dies_between_any_two_steps_of_a_migration_loses_nothing() {
    for fails in [false, true] {
        for steps in 0..30 {
            let (a, b) = two().await;
            let source = a.healthy().await;
            source.start(1).await.unwrap();
            if fails {
                a.fake.script(|script| script.fail_migration = Some("the link broke".into()));
            }
            let dying = b.agent(Fuse::after(steps)).await;
            let receive = Order::Receive(Box::new(spec(2)));
            let promised = tokio::time::timeout(Duration::from_millis(500), dying.order(2, receive)).await;
            if matches!(promised, Ok(Ok(()))) {
                source.migrate(1).await.unwrap();
                tokio::time::sleep(Duration::from_millis(7 * steps as u64)).await;
            }
            drop(dying);
            let target = b.healthy().await;
            let place = format!("fails={fails}, after {steps} steps");
            check_pair(&a, &b, &source, &target, &place).await;
        }
    }
}

/// The source's libvirt dies at a step of a migration; `restarts`: so does its agent.
async fn migration_without_libvirt(step: u64, restarts: bool) -> (Host, Host, Agent, Agent) {
    let (a, b) = two().await;
    let (mut source, target) = (a.healthy().await, b.healthy().await);
    source.start(1).await.unwrap();
    target.order(2, Order::Receive(Box::new(spec(2)))).await.unwrap();
    a.fake.script(|script| script.dies_at = Some(step));
    source.migrate(1).await.unwrap();
    tokio::time::sleep(Duration::from_millis(300)).await;
    if restarts {
        drop(source);
        source = a.healthy().await;
    }
    tokio::time::sleep(Duration::from_secs(40)).await;
    source.settled().await;
    (a, b, source, target)
}

#[tokio::test(start_paused = true)]
async fn a_libvirt_that_dies_at_any_step_of_a_migration_leaves_one_guest_or_one_that_stands() {
    for restarts in [false, true] {
        for step in 0..=HANDED_OVER {
            let place = format!("step {step}, restarts={restarts}");
            let (a, b, source, target) = migration_without_libvirt(step, restarts).await;
            assert!(!(a.fake.runs(VM) && b.fake.runs(VM)), "{place}");
            let told = source.reports.vm(VM).unwrap();
            if step < STANDS {
                check_pair(&a, &b, &source, &target, &place).await;
                continue;
            }
            let sending = told.migration.clone().unwrap_or_default().active;
            assert_eq!(
                (told.phase(), told.pause_reason.as_str(), sending),
                (VmPhase::Paused, "migration", false),
                "{place}"
            );
            let other = [Order::Pause, Order::Reboot(true), Order::Shutdown { timeout: 0, message: String::new() }];
            for order in other {
                assert!(matches!(source.order(1, order).await, Err(VmError::Denied(_))), "{place}");
            }
            assert!(source.migrate(1).await.is_ok(), "the same migration again begins nothing");
            assert!(!a.fake.runs(VM), "{place}");
            if step == HANDED_OVER {
                assert_eq!(target.phase(), Some(VmPhase::Running), "{place}");
                source.order(1, Order::Stop("it runs on its new host".into())).await.unwrap();
                assert_eq!(source.phase(), Some(VmPhase::Down), "{place}");
                assert!(b.fake.runs(VM) && a.fake.starts(VM) == 0, "{place}");
            } else {
                assert_eq!(target.phase(), None, "{place}");
                source.order(1, Order::Resume).await.unwrap();
                assert_eq!(source.phase(), Some(VmPhase::Running), "{place}");
                assert!(a.fake.runs(VM), "{place}");
                source.order(1, Order::Pause).await.unwrap();
            }
        }
    }
}

#[tokio::test(start_paused = true)]
async fn a_vm_that_is_half_arrived_is_not_called_running_after_a_restart() {
    let (a, b) = two().await;
    let source = a.healthy().await;
    source.start(1).await.unwrap();
    {
        let target = b.healthy().await;
        target.order(2, Order::Receive(Box::new(spec(2)))).await.unwrap();
        source.migrate(1).await.unwrap();
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
    let target = b.agent(Fuse::default()).await;
    target.machines.settle().await;
    assert_eq!(target.phase(), Some(VmPhase::MigratingIn));
    target.until(VmPhase::Running).await;
}

#[tokio::test(start_paused = true)]
async fn a_lost_ledger_kills_nothing() {
    let host = one();
    {
        let agent = host.healthy().await;
        agent.start(7).await.unwrap();
    }
    for entry in std::fs::read_dir(host.folder.path()).unwrap() {
        std::fs::remove_file(entry.unwrap().path()).unwrap();
    }
    let agent = host.healthy().await;
    assert_eq!(agent.phase(), Some(VmPhase::Running));
    assert_eq!(agent.reports.vm(VM).unwrap().generation, 7);
    assert!(matches!(agent.start(8).await, Err(VmError::RunsHere(_))));
}

#[tokio::test(start_paused = true)]
async fn what_runs_here_unknown_is_told_to_whoever_would_start_it_again() {
    let host = one();
    {
        let agent = host.healthy().await;
        agent.start(7).await.unwrap();
    }
    for entry in std::fs::read_dir(host.folder.path()).unwrap() {
        std::fs::remove_file(entry.unwrap().path()).unwrap();
    }
    // An agent whose libvirt is away at its start has not looked yet when the order comes.
    host.fake.script(|script| script.away = true);
    let agent = host.healthy().await;
    host.fake.script(|script| script.away = false);
    for order in [Order::Start(Box::new(spec(8))), Order::Receive(Box::new(spec(8)))] {
        let refused = agent.order(8, order).await.unwrap_err();
        assert!(matches!(&refused, VmError::RunsHere(_)), "{refused}");
        assert_eq!(tonic::Status::from(refused).code(), tonic::Code::AlreadyExists);
    }
    let told = agent.reports.vm(VM).unwrap();
    assert_eq!((told.phase(), told.generation), (VmPhase::Running, 7));
}

#[tokio::test(start_paused = true)]
async fn a_start_that_failed_and_left_a_domain_is_no_definite_no() {
    let host = one();
    let agent = host.healthy().await;
    host.fake.script(|script| {
        script.fail_start = Some("the monitor did not answer in time".into());
        script.leaves_failed = true;
    });
    let start = key("start");
    let command = || agent.machines.command(VM, Some(1), Some(&start), Order::Start(Box::new(spec(1))));
    assert!(matches!(command().await, Err(VmError::Away(_))));
    assert!(host.fake.runs(VM));
    assert_eq!(agent.phase(), Some(VmPhase::Running), "what runs is told");
    command().await.unwrap();
    assert_eq!(host.fake.starts(VM), 1);
}

#[tokio::test(start_paused = true)]
async fn before_libvirt_answers_nobody_is_told_that_nothing_runs() {
    let host = one();
    {
        let agent = host.healthy().await;
        agent.start(1).await.unwrap();
    }
    host.fake.script(|script| script.away = true);
    let agent = host.healthy().await;
    assert!(!agent.machines.is_ready());
    assert_eq!(agent.phase(), Some(VmPhase::NotResponding), "the ledger knows of it");
    host.fake.script(|script| script.away = false);
    agent.machines.look_at_all().await;
    assert!(agent.machines.is_ready());
    assert_eq!(agent.phase(), Some(VmPhase::Running));
}

#[tokio::test(start_paused = true)]
async fn actors_of_gone_vms_leave_and_what_they_knew_stays_known() {
    let host = one();
    let agent = host.healthy().await;
    agent.start(4).await.unwrap();
    agent.order(4, Order::Stop(String::new())).await.unwrap();
    tokio::time::sleep(Duration::from_secs(60)).await;
    assert_eq!(agent.machines.count(), 1, "its end is not acknowledged yet");
    agent.machines.seen(VM, 4).await;
    tokio::time::sleep(Duration::from_secs(60)).await;
    assert_eq!(agent.machines.count(), 0);
    assert!(matches!(agent.start(4).await, Err(VmError::Denied(_))), "that run has ended");
    assert!(matches!(agent.start(3).await, Err(VmError::Denied(_))), "an older run");
    agent.start(5).await.unwrap();
    tokio::time::sleep(Duration::from_secs(60)).await;
    assert_eq!((agent.machines.count(), host.fake.runs(VM)), (1, true));
}

#[tokio::test(start_paused = true)]
async fn a_guest_whose_agent_does_nothing_hears_its_power_button() {
    let host = one();
    let agent = host.healthy().await;
    host.fake.script(|script| script.deaf_agent = true);
    agent.start(1).await.unwrap();
    host.fake.guest_agent(VM, true);
    agent.settled().await;
    let order = Order::Shutdown { timeout: 30, message: "maintenance".into() };
    agent.order(1, order).await.unwrap();
    assert_eq!(host.fake.told(), ["maintenance"]);
    tokio::time::sleep(Duration::from_secs(20)).await;
    assert_eq!((agent.phase(), host.fake.asked()), (Some(VmPhase::ShuttingDown), vec![Way::Agent]));
    tokio::time::sleep(Duration::from_secs(11)).await;
    assert_eq!((agent.exit().as_str(), host.fake.asked()), ("shutdown_requested", vec![Way::Agent, Way::Acpi]));
}

#[tokio::test(start_paused = true)]
async fn the_source_tells_how_long_the_guest_stood() {
    let network = FakeNetwork::default();
    let (a, b) = (Host::new(&network, "fake://a"), Host::new(&network, "fake://b"));
    let (source, target) = (a.healthy().await, b.healthy().await);
    source.start(1).await.unwrap();
    target.order(2, Order::Receive(Box::new(spec(2)))).await.unwrap();
    source.migrate(1).await.unwrap();
    source.until(VmPhase::Down).await;
    let told = source.reports.vm(VM).unwrap();
    assert_eq!(told.exit.unwrap().kind, "migrated");
    assert_eq!(told.migration.unwrap().downtime_ms, 42);
}
