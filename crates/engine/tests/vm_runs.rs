//! A VM never runs twice: reports that come late, runs that no row has, hosts that say "it is here already", migrations
//! that break off at their very end, and hosts that never come back. On real rows, the real runner and the real host door,
//! with hosts that are doubles.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "a test that can't go on fails")]

mod support;

use std::time::{Duration, Instant};

use ferrovirt_engine::action::{Action, Done};
use ferrovirt_engine::actions::host::ConfirmRebooted;
use ferrovirt_engine::actions::named::Named;
use ferrovirt_engine::actions::vm::{Add, CancelMigration, Migrate, Remove, Start, Stop};
use ferrovirt_engine::reading::vms::VmView;
use ferrovirt_engine::{Failure, Result, now};
use ferrovirt_hostapi::report::Body;
use ferrovirt_hostapi::{VmPhase, VmRequest};
use ferrovirt_model::host::HostStatus;
use ferrovirt_model::ids::{HostId, VmId};
use ferrovirt_model::refusal::Refusal;
use ferrovirt_model::template::BLANK;
use ferrovirt_model::vm::{RunPhase, VmRun};
use ferrovirt_store::Areas;
use support::World;
use support::host::Fault;

const PATIENCE: Duration = Duration::from_secs(60);

impl World {
    async fn up(&self, host: HostId) {
        self.until("a host is up", || self.host_is(host, HostStatus::Up)).await;
    }

    /// A host's stream breaks, and another one may open.
    async fn reconnect(&self, host: HostId) {
        self.shared.cut(host);
        self.until("the stream has broken", || async { !self.host_is(host, HostStatus::Up).await }).await;
        self.shared.mend(host);
    }

    async fn lost(&self, host: HostId) {
        self.until("a host is lost", || self.host_is(host, HostStatus::NonResponsive)).await;
    }

    async fn ask<A: Action>(&self, action: A) -> Result<Done<A::Output>> {
        for host in self.hosts.iter().filter(|host| !self.shared.is_cut(**host)) {
            self.up(*host).await;
        }
        self.engine.act(&self.caller(), action).await
    }

    async fn act<A: Action>(&self, action: A) -> Result<A::Output> {
        let done = self.ask(action).await?;
        if let Some(job) = done.job {
            assert!(self.engine.outlast(job, PATIENCE).await?, "the job takes too long");
        }
        Ok(done.value)
    }

    async fn vm(&self) -> VmId {
        let add = Add {
            id: None,
            name: "web".to_owned(),
            cluster: Named::Id(self.cluster),
            template: Named::Id(BLANK),
            template_version: None,
            cpu_profile: None,
            edit: Box::new(|_| Ok(())),
            clone: false,
            own: Default::default(),
        };
        self.act(add).await.unwrap()
    }

    async fn started(&self) -> (VmId, HostId, HostId) {
        let vm = self.vm().await;
        self.act(Start::new(vm, None, false)).await.unwrap();
        let host = self.executing(vm)[0];
        (vm, host, *self.hosts.iter().find(|one| **one != host).unwrap())
    }

    async fn view(&self, vm: VmId) -> VmView {
        self.store().read().await.unwrap().vms().view(vm).await.unwrap().unwrap()
    }

    async fn runs(&self, vm: VmId) -> Vec<VmRun> {
        self.store().read().await.unwrap().vms().runs(vm).await.unwrap()
    }

    fn executing(&self, vm: VmId) -> Vec<HostId> {
        self.shared.machines(|machines| machines.executing(&vm.to_string()))
    }

    async fn is_down(&self, vm: VmId) {
        self.idle().await;
        self.until("the rows say that it is down", || async {
            self.view(vm).await.vm.lock.is_none() && self.runs(vm).await.is_empty()
        })
        .await;
        assert_eq!(self.executing(vm), []);
    }

    async fn runs_on(&self, vm: VmId, host: HostId) {
        self.idle().await;
        self.until("the rows say where the guest executes", || async {
            let view = self.view(vm).await;
            let here = view.run.is_some_and(|run| run.host == host && run.phase == RunPhase::Running);
            here && view.vm.lock.is_none() && self.runs(vm).await.len() == 1
        })
        .await;
        assert_eq!(self.executing(vm), [host]);
    }

    /// What stands at a host since a migration is ended, never resumed; the VM is down, and can be started.
    async fn half_ends(&self, vm: VmId, host: HostId) {
        // The host's reports are heard before any job can ask it.
        self.shared.fault("get_vm", &[Fault::Away; 1000]);
        self.shared.mend(host);
        self.up(host).await;
        self.shared.no_more_faults("get_vm");
        self.until("nothing stands there", || async {
            !self.shared.machines(|machines| {
                machines.machine(host, &vm.to_string()).is_some_and(|machine| machine.state.phase() != VmPhase::Down)
            })
        })
        .await;
        self.is_down(vm).await;
        assert_eq!(self.shared.calls("resume_vm"), 0);
        self.shared.machines(|machines| machines.hold_moves = false);
        self.act(Start::new(vm, None, false)).await.unwrap();
        self.runs_on(vm, self.executing(vm)[0]).await;
        self.once_only();
    }

    /// The guest comes to its target, ends there, and the target forgets it, while its source can't be heard.
    async fn comes_and_ends(&self, vm: VmId, from: HostId, to: HostId) {
        self.shared.cut(from);
        self.shared.machines(|machines| {
            machines.finish_moves();
            machines.end(to, &vm.to_string(), "shutdown_by_guest");
        });
        self.until("its end is acknowledged", || async {
            self.shared.machines(|machines| machines.machine(to, &vm.to_string()).is_none())
        })
        .await;
    }

    /// The rows say that the VM is at the target of a migration, whatever is left of its source.
    async fn runs_on_target(&self, vm: VmId, target: HostId) {
        self.idle().await;
        self.until("the target owns it", || async {
            self.view(vm).await.run.is_some_and(|run| run.host == target && run.phase == RunPhase::Running)
        })
        .await;
    }

    fn once_only(&self) {
        let violations = self.shared.machines(|machines| machines.violations.clone());
        assert!(violations.is_empty(), "{violations:?}");
    }

    async fn called(&self, verb: &str, times: usize) {
        self.until(verb, || async { self.shared.calls(verb) >= times }).await;
    }

    async fn has_logged(&self, code: u32) {
        let codes = self.codes().await;
        assert!(codes.contains(&code), "event {code} is not in {codes:?}");
    }

    /// A guest runs where no row has it, and its host says so.
    fn plant(&self, host: HostId, vm: VmId, generation: u64, told: bool) {
        self.shared.machines(|machines| {
            machines.plant(host, &vm.to_string(), generation);
            if told {
                let state = machines.machine(host, &vm.to_string()).unwrap().state.clone();
                machines.news.push((host, Body::Vm(state)));
            }
        });
    }

    /// A host says of what is coming to it that it stands since a migration, and the engine has heard it.
    async fn stands(&self, vm: VmId, host: HostId) {
        self.shared.machines(|machines| {
            machines.halve(host, &vm.to_string());
            let state = machines.machine(host, &vm.to_string()).unwrap().state.clone();
            machines.news.push((host, Body::Vm(state)));
        });
        self.until("the rows say that it stands there", || async {
            let runs = self.runs(vm).await;
            runs.iter().any(|run| run.host == host && run.pause_reason.as_deref() == Some("migration"))
        })
        .await;
    }

    /// A migration whose source stands when it ends; whether the guest runs at its target.
    async fn broken_off(&self, vm: VmId, arrives: bool) {
        self.shared.machines(|machines| {
            machines.hold_moves = true;
            machines.break_off = Some(arrives);
        });
        let before = self.shared.calls("migrate_vm");
        self.ask(Migrate::new(vm, None, false)).await.unwrap();
        self.called("migrate_vm", before + 1).await;
    }
}

fn refusal<T: std::fmt::Debug>(answer: Result<T>) -> Refusal {
    match answer.unwrap_err() {
        Failure::Refused(refusal) => refusal,
        Failure::Trouble(trouble) => panic!("{trouble}"),
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_full_report_from_before_a_start_does_not_end_what_was_started() {
    let world = World::with_hosts(1).await;
    let (vm, host) = (world.vm().await, world.hosts[0]);
    world.shared.fault("start_vm", &[Fault::Away; 100]);
    world.ask(Start::new(vm, None, false)).await.unwrap();
    world.called("start_vm", 1).await;
    // The host's next stream opens before the start is done, and is heard after it.
    world.shared.hold_reports(host);
    world.reconnect(host).await;
    world.until("a stream has opened", || async { world.shared.held() == 1 }).await;
    world.shared.no_more_faults("start_vm");
    world.until("it runs", || async { world.executing(vm) == [host] }).await;
    // Long enough for the job to have gone on.
    tokio::time::sleep(Duration::from_secs(1)).await;
    world.shared.let_reports_go(host);
    world.up(host).await;
    world.runs_on(vm, host).await;
    let codes = world.codes().await;
    assert!(!codes.contains(&61) && !codes.contains(&119), "nobody is told that it went down: {codes:?}");
    world.once_only();
}

#[tokio::test(flavor = "multi_thread")]
async fn a_host_that_does_not_name_a_run_is_asked_before_it_is_believed() {
    let world = World::with_hosts(2).await;
    let (vm, host, _) = world.started().await;
    world.runs_on(vm, host).await;
    // Nothing is concluded from silence.
    world.shared.fault("get_vm", &[Fault::Away]);
    world.shared.machines(|machines| machines.hide(host, &vm.to_string(), true));
    world.reconnect(host).await;
    world.called("get_vm", 2).await;
    world.up(host).await;
    assert!(world.view(vm).await.run.is_some(), "it runs, though the report left it out");
    world.shared.machines(|machines| machines.hide(host, &vm.to_string(), false));
    world.runs_on(vm, host).await;
    // A machine that was restarted has it no longer.
    world.power_off(host);
    world.reconnect(host).await;
    world.is_down(vm).await;
    world.has_logged(119).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_host_that_runs_it_already_ends_the_start_and_gives_the_vm_back() {
    let world = World::with_hosts(2).await;
    let vm = world.vm().await;
    let (first, second) = (world.hosts[0], world.hosts[1]);
    world.shared.cut(second);
    world.until("the other host is away", || async { !world.host_is(second, HostStatus::Up).await }).await;
    world.plant(first, vm, 40, false);
    let job = world.ask(Start::new(vm, None, false)).await.unwrap().job.unwrap();
    world.shared.mend(second);
    world.engine.outlast(job, PATIENCE).await.unwrap_err();
    world.up(second).await;
    world.runs_on(vm, first).await;
    world.once_only();
    let run = world.view(vm).await.run.unwrap();
    assert_eq!((run.generation, run.owner), (40, true));
    for code in [54, 163] {
        world.has_logged(code).await;
    }
    world.act(Stop::new(vm, None)).await.unwrap();
    world.is_down(vm).await;
    world.act(Start::new(vm, None, false)).await.unwrap();
    assert!(world.view(vm).await.run.unwrap().generation > 40);
}

#[tokio::test(flavor = "multi_thread")]
async fn what_lives_without_a_row_is_taken_back() {
    let world = World::with_hosts(2).await;
    let vm = world.vm().await;
    world.plant(world.hosts[1], vm, 7, true);
    world.runs_on(vm, world.hosts[1]).await;
    world.has_logged(163).await;
    assert!(matches!(refusal(world.act(Start::new(vm, None, false)).await), Refusal::WrongState { .. }));
    world.act(Stop::new(vm, None)).await.unwrap();
    world.is_down(vm).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_second_run_is_told_and_blocks_starts_until_it_has_ended() {
    let world = World::with_hosts(2).await;
    let (vm, ..) = world.started().await;
    world.act(Stop::new(vm, None)).await.unwrap();
    world.is_down(vm).await;
    world.act(Start::new(vm, None, false)).await.unwrap();
    let host = world.executing(vm)[0];
    let other = *world.hosts.iter().find(|one| **one != host).unwrap();
    world.plant(other, vm, 1, true);
    world.until("its row is there", || async { world.runs(vm).await.len() == 2 }).await;
    world.has_logged(818).await;
    assert_eq!(world.view(vm).await.run.unwrap().host, host, "an older run takes nothing over");
    world.act(Stop::new(vm, None)).await.unwrap();
    world.runs_on(vm, other).await;
    assert!(matches!(refusal(world.act(Start::new(vm, None, false)).await), Refusal::WrongState { .. }));
    world.act(Stop::new(vm, None)).await.unwrap();
    world.is_down(vm).await;
}

/// A run of the VM at a host, as a migration leaves it that was given up while its target was away.
async fn leave_run(world: &World, vm: VmId, host: HostId, generation: u64) {
    let run = VmRun {
        vm,
        generation,
        host,
        phase: RunPhase::Unknown,
        owner: false,
        pause_reason: None,
        guest_agent: false,
        started_at: None,
        migration: None,
        graphics: Vec::new(),
        reported_at: now(),
    };
    let mut tx = world.store().begin().await.unwrap();
    tx.vms().put_run(&run).await.unwrap();
    tx.vms().raise_generation(vm, generation).await.unwrap();
    tx.commit().await.unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn a_vm_is_neither_started_nor_removed_while_any_run_of_it_may_be_alive() {
    let world = World::with_hosts(2).await;
    let vm = world.vm().await;
    leave_run(&world, vm, world.hosts[1], 1).await;
    for answer in [world.act(Start::new(vm, None, false)).await, world.act(Remove::new(vm, false)).await] {
        let refused = refusal(answer);
        assert!(matches!(&refused, Refusal::Busy { sentence } if sentence.contains("host2")), "{refused}");
    }
    assert_eq!((world.executing(vm), world.view(vm).await.vm.lock), (vec![], None));
    world.shared.cut(world.hosts[1]);
    world.lost(world.hosts[1]).await;
    world.act(ConfirmRebooted::new(world.hosts[1])).await.unwrap();
    world.act(Start::new(vm, None, false)).await.unwrap();
    world.runs_on(vm, world.hosts[0]).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn the_death_of_a_source_does_not_make_a_vm_startable_that_its_lost_target_may_run() {
    let world = World::with_hosts(2).await;
    let (vm, from, to) = world.started().await;
    world.runs_on(vm, from).await;
    world.shared.cut(to);
    world.lost(to).await;
    leave_run(&world, vm, to, 2).await;
    world.power_off(from);
    world.lost(from).await;
    world.act(ConfirmRebooted::new(from)).await.unwrap();
    let run = world.view(vm).await.run.expect("it may run at its target");
    assert_eq!((run.host, run.phase), (to, RunPhase::Unknown));
    world.shared.mend(from);
    world.up(from).await;
    assert!(matches!(refusal(world.act(Start::new(vm, None, false)).await), Refusal::WrongState { .. }));
    world.shared.mend(to);
    world.is_down(vm).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_source_that_never_comes_back_frees_the_vm_once_it_is_confirmed_dead() {
    for moment in ["prepare_incoming", "migrate_vm", "get_vm"] {
        let world = World::with_hosts(2).await;
        let (vm, from, to) = world.started().await;
        world.shared.machines(|machines| machines.hold_moves = true);
        let before = world.shared.calls(moment);
        world.ask(Migrate::new(vm, None, false)).await.unwrap();
        world.called(moment, before + 1).await;
        world.power_off(from);
        world.lost(from).await;
        assert!(world.ask(Start::new(vm, None, false)).await.is_err(), "nobody knows yet that it does not execute");
        world.act(ConfirmRebooted::new(from)).await.unwrap();
        world.is_down(vm).await;
        world.act(Start::new(vm, None, false)).await.unwrap();
        world.runs_on(vm, to).await;
        world.once_only();
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_migration_that_breaks_off_at_its_end_goes_on_where_the_guest_is() {
    let world = World::with_hosts(2).await;
    let (vm, from, to) = world.started().await;
    // The guest never ran at the target, which says so.
    world.broken_off(vm, false).await;
    world.shared.machines(|machines| machines.finish_moves());
    world.runs_on(vm, from).await;
    world.has_logged(120).await;
    // The guest runs at the target: what stands at the source is ended.
    world.broken_off(vm, true).await;
    world.shared.machines(|machines| machines.finish_moves());
    world.runs_on(vm, to).await;
    let stands = |machines: &mut support::guests::Machines| {
        machines.machine(from, &vm.to_string()).is_some_and(|machine| machine.state.phase() != VmPhase::Down)
    };
    assert!(!world.shared.machines(stands));
    world.once_only();
}

#[tokio::test(flavor = "multi_thread")]
async fn a_target_that_stands_before_its_guest_has_come_is_not_ended() {
    let world = World::with_hosts(2).await;
    let (vm, from, to) = world.started().await;
    world.shared.machines(|machines| machines.hold_moves = true);
    world.ask(Migrate::new(vm, None, false)).await.unwrap();
    world.called("migrate_vm", 1).await;
    world.stands(vm, to).await;
    // What the first word led to is done before the second one is read.
    world.shared.machines(|machines| machines.waits_again(to, &vm.to_string()));
    world
        .until("the rows say that it waits", || async {
            world.runs(vm).await.iter().any(|run| run.host == to && run.phase == RunPhase::MigratingIn)
        })
        .await;
    assert_eq!(world.shared.calls("stop_vm"), 0, "what the guest is coming to was ended");
    world.shared.machines(|machines| machines.finish_moves());
    world.runs_on(vm, to).await;
    world.once_only();
    assert_ne!(from, to);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_target_that_only_stood_and_was_ended_never_was_the_vm() {
    let world = World::with_hosts(2).await;
    let (vm, from, to) = world.started().await;
    world.shared.machines(|machines| machines.hold_moves = true);
    world.ask(Migrate::new(vm, None, false)).await.unwrap();
    world.called("migrate_vm", 1).await;
    world.stands(vm, to).await;
    world.shared.machines(|machines| {
        machines.end(to, &vm.to_string(), "powered_off");
        machines.fail_move = Some("the other side is gone".to_owned());
        machines.finish_moves();
    });
    world.runs_on(vm, from).await;
    let codes = world.codes().await;
    assert!(!codes.contains(&61), "it never went down: {codes:?}");
    world.once_only();
}

#[tokio::test(flavor = "multi_thread")]
async fn what_stands_at_a_source_waits_for_its_lost_target() {
    let world = World::with_hosts(2).await;
    let (vm, from, to) = world.started().await;
    world.broken_off(vm, true).await;
    world.shared.cut(to);
    world.shared.machines(|machines| machines.finish_moves());
    world.lost(to).await;
    world.ask(CancelMigration::new(vm)).await.unwrap();
    tokio::time::sleep(Duration::from_secs(2)).await;
    assert!(world.runs(vm).await.iter().any(|run| run.host == to), "its target is not given up");
    assert!(world.ask(Start::new(vm, None, false)).await.is_err());
    assert_eq!(world.executing(vm), [to]);
    world.shared.mend(to);
    world.runs_on(vm, to).await;
    world.once_only();
    assert_ne!(from, to);
}

#[tokio::test(flavor = "multi_thread")]
async fn what_stands_at_a_source_whose_target_is_dead_is_not_resumed() {
    let world = World::with_hosts(2).await;
    let (vm, from, to) = world.started().await;
    world.broken_off(vm, true).await;
    world.shared.cut(to);
    world.shared.machines(|machines| machines.finish_moves());
    world.power_off(to);
    world.lost(to).await;
    world.act(ConfirmRebooted::new(to)).await.unwrap();
    world.idle().await;
    let view = world.view(vm).await;
    assert_eq!((view.vm.lock, view.run.map(|run| (run.host, run.phase))), (None, Some((from, RunPhase::Paused))));
    let refused = refusal(world.act(Start::new(vm, None, false)).await);
    assert!(refused.to_string().contains("older than its disks"), "{refused}");
    assert_eq!(world.executing(vm), []);
    world.act(Stop::new(vm, None)).await.unwrap();
    world.is_down(vm).await;
    world.act(Start::new(vm, None, false)).await.unwrap();
    world.runs_on(vm, from).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_broken_connection_is_no_refusal_of_a_start() {
    let world = World::with_hosts(2).await;
    let vm = world.vm().await;
    world.shared.fault("start_vm", &[Fault::Break]);
    world.act(Start::new(vm, None, false)).await.unwrap();
    world.runs_on(vm, world.executing(vm)[0]).await;
    world.once_only();
    world.shared.fault("prepare_incoming", &[Fault::Break]);
    world.shared.fault("migrate_vm", &[Fault::Break]);
    world.act(Migrate::new(vm, None, false)).await.unwrap();
    world.runs_on(vm, world.executing(vm)[0]).await;
    world.once_only();
}

#[tokio::test(flavor = "multi_thread")]
async fn a_guest_that_left_and_never_came_is_down() {
    let world = World::with_hosts(2).await;
    let (vm, from, to) = world.started().await;
    world.shared.machines(|machines| machines.hold_moves = true);
    world.ask(Migrate::new(vm, None, false)).await.unwrap();
    world.called("migrate_vm", 1).await;
    world.shared.machines(|machines| machines.lose_between(from, to, &vm.to_string()));
    world.is_down(vm).await;
    world.has_logged(119).await;
    world.shared.machines(|machines| machines.hold_moves = false);
    world.act(Start::new(vm, None, false)).await.unwrap();
    world.once_only();
}

#[tokio::test(flavor = "multi_thread")]
async fn a_guest_that_came_and_ended_before_its_source_spoke_is_not_resumed_there() {
    let world = World::with_hosts(2).await;
    let (vm, from, to) = world.started().await;
    world.broken_off(vm, true).await;
    world.comes_and_ends(vm, from, to).await;
    world.lost(from).await;
    world.half_ends(vm, from).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_late_word_of_a_source_does_not_have_it_resumed_after_its_guest_ended_elsewhere() {
    let world = World::with_hosts(2).await;
    let (vm, from, to) = world.started().await;
    let before = world.shared.machines(|machines| machines.machine(from, &vm.to_string()).unwrap().state.clone());
    world.broken_off(vm, true).await;
    world.comes_and_ends(vm, from, to).await;
    world.lost(from).await;
    // What stands there is not ended at its first word, and a report from before the migration is read after all.
    world.shared.fault("stop_vm", &[Fault::Away; 1000]);
    world.shared.fault("get_vm", &[Fault::Away; 1000]);
    world.shared.mend(from);
    world.up(from).await;
    world.called("stop_vm", 1).await;
    world.shared.machines(|machines| machines.news.push((from, Body::Vm(before))));
    world.until("the late word is heard", || async { world.view(vm).await.run.is_some() }).await;
    world.shared.no_more_faults("stop_vm");
    world.half_ends(vm, from).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_guest_that_came_and_ended_while_no_engine_led_is_not_resumed_at_its_source() {
    let mut world = World::with_hosts(2).await;
    let (vm, from, to) = world.started().await;
    world.broken_off(vm, true).await;
    world.lose_engine().await;
    world.shared.cut(from);
    world.shared.machines(|machines| {
        machines.finish_moves();
        machines.end(to, &vm.to_string(), "shutdown_by_guest");
    });
    world.replace_engine().await;
    world
        .until("its end is acknowledged", || async {
            world.shared.machines(|machines| machines.machine(to, &vm.to_string()).is_none())
        })
        .await;
    world.half_ends(vm, from).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_stands_at_a_lost_source_does_not_own_the_vm_after_its_target_died() {
    let world = World::with_hosts(2).await;
    let (vm, from, to) = world.started().await;
    world.broken_off(vm, true).await;
    world.shared.cut(from);
    world.shared.machines(|machines| machines.finish_moves());
    world.runs_on_target(vm, to).await;
    world.power_off(to);
    world.lost(to).await;
    world.act(ConfirmRebooted::new(to)).await.unwrap();
    assert!(world.view(vm).await.run.is_none(), "its guest is gone");
    world.shared.mend(to);
    world.half_ends(vm, from).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_stands_at_a_source_that_is_lost_again_does_not_inherit_the_vm() {
    let world = World::with_hosts(2).await;
    let (vm, from, to) = world.started().await;
    world.shared.fault("stop_vm", &[Fault::Away; 1000]);
    world.broken_off(vm, true).await;
    world.shared.cut(from);
    world.shared.machines(|machines| machines.finish_moves());
    world.runs_on_target(vm, to).await;
    // It is heard, can't be ended, and is lost once more.
    world.shared.mend(from);
    world.up(from).await;
    world
        .until("what stands is known", || async {
            world.runs(vm).await.iter().any(|run| run.host == from && run.phase == RunPhase::Paused)
        })
        .await;
    world.shared.cut(from);
    world
        .until("its row is as unknown as its host", || async {
            world.runs(vm).await.iter().any(|run| run.host == from && run.phase == RunPhase::Unknown)
        })
        .await;
    world.shared.machines(|machines| machines.end(to, &vm.to_string(), "shutdown_by_guest"));
    world.until("its end is known", || async { world.runs(vm).await.iter().all(|run| run.host == from) }).await;
    assert!(world.view(vm).await.run.is_none(), "what stands there is not the VM");
    assert!(matches!(refusal(world.ask(Start::new(vm, None, false)).await), Refusal::Busy { .. }));
    world.shared.no_more_faults("stop_vm");
    world.half_ends(vm, from).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_stands_without_a_row_is_ended() {
    let world = World::with_hosts(2).await;
    let (vm, host) = (world.vm().await, world.hosts[1]);
    world.shared.machines(|machines| {
        machines.plant(host, &vm.to_string(), 7);
        machines.halve(host, &vm.to_string());
        let state = machines.machine(host, &vm.to_string()).unwrap().state.clone();
        machines.news.push((host, Body::Vm(state)));
    });
    world.half_ends(vm, host).await;
    let codes = world.codes().await;
    assert!(!codes.contains(&163) && !codes.contains(&818), "it never was the VM: {codes:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_vm_that_is_taken_back_is_told_as_it_is() {
    let world = World::with_hosts(1).await;
    let (vm, host) = (world.vm().await, world.hosts[0]);
    world.shared.machines(|machines| {
        machines.plant(host, &vm.to_string(), 7);
        let pause = VmRequest { vm_id: vm.to_string(), generation: 7, key: None };
        machines.pause_vm(host, pause).unwrap();
    });
    world.until("it is taken back", || async { world.view(vm).await.run.is_some() }).await;
    let query = ferrovirt_engine::ListQuery::all();
    let events = ferrovirt_engine::listing::compile(ferrovirt_model::search::Entity::Event, &query, now()).unwrap();
    let events = world.store().read().await.unwrap().events().list(&events, None, None).await.unwrap();
    let told = events.iter().find(|event| event.code == 163).unwrap();
    assert!(told.message.contains("web is paused again"), "{}", told.message);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_host_that_does_not_answer_holds_a_vm_for_a_moment_only() {
    let world = World::with_hosts(1).await;
    let vm = world.vm().await;
    world.shared.fault("get_vm", &[Fault::Hang]);
    let begun = Instant::now();
    world.plant(world.hosts[0], vm, 7, true);
    world.called("get_vm", 1).await;
    // Whoever wants to lock the VM waits for the host's answer.
    let mut tx = world.store().begin().await.unwrap();
    tx.vms().lock_row(vm).await.unwrap();
    tx.rollback().await.unwrap();
    assert!(begun.elapsed() < Duration::from_secs(15), "{:?}", begun.elapsed());
    world.runs_on(vm, world.hosts[0]).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_broken_connection_is_no_word_on_a_guest_that_moves() {
    let world = World::with_hosts(2).await;
    let (vm, from, to) = world.started().await;
    world.shared.machines(|machines| machines.hold_moves = true);
    world.ask(Migrate::new(vm, None, false)).await.unwrap();
    world.called("migrate_vm", 1).await;
    let before = world.shared.calls("get_vm");
    world.shared.fault("get_vm", &[Fault::Break; 4]);
    world.called("get_vm", before + 5).await;
    assert_eq!((world.shared.calls("cancel_migration"), world.executing(vm)), (0, vec![from]));
    world.shared.machines(|machines| machines.hold_moves = false);
    world.runs_on(vm, to).await;
    world.has_logged(63).await;
    world.once_only();
}

#[tokio::test(flavor = "multi_thread")]
async fn a_broken_connection_does_not_show_a_vm_down_whose_migration_could_not_be_stopped() {
    let world = World::with_hosts(2).await;
    let (vm, from, to) = world.started().await;
    world.shared.machines(|machines| machines.hold_moves = true);
    let job = world.ask(Migrate::new(vm, None, false)).await.unwrap().job.unwrap();
    world.called("migrate_vm", 1).await;
    // The job learns from answers alone: what the hosts report is held.
    for host in [from, to] {
        world.shared.hold_reports(host);
        world.reconnect(host).await;
    }
    world.until("streams have opened", || async { world.shared.held() == 2 }).await;
    world.shared.fault("cancel_migration", &[Fault::Refuse; 1000]);
    world.overdue(job).await;
    world.called("cancel_migration", 2).await;
    // Each turn asks the source, then the target; whichever way the turns fall, the target's answer breaks.
    let before = world.shared.calls("get_vm");
    world.shared.fault("get_vm", &[Fault::Spare, Fault::Break].repeat(3));
    world.shared.machines(|machines| machines.finish_moves());
    world.called("get_vm", before + 7).await;
    for host in [from, to] {
        world.shared.let_reports_go(host);
    }
    world.runs_on(vm, to).await;
    world.once_only();
    let codes = world.codes().await;
    assert!(!codes.contains(&61) && !codes.contains(&119), "nobody is told that it went down: {codes:?}");
    world.has_logged(63).await;
}
