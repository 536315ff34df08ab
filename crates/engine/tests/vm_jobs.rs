//! The laws of VM jobs: they complete; a failure at each step leads back; a step done twice equals once; a crash in the
//! middle resumes; a deadline leads somewhere. And of migration: whoever dies, a guest never executes twice, and the rows
//! say where it executes. On real rows, the real runner and the real host door, with hosts that are doubles.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "a test that can't go on fails")]

mod support;

use std::time::Duration;

use ferrovirt_engine::action::{Action, Done};
use ferrovirt_engine::actions::disk::NewDisk;
use ferrovirt_engine::actions::named::Named;
use ferrovirt_engine::actions::storage::{Activate, Attach, Create, Deactivate};
use ferrovirt_engine::actions::vm::consoles::SetTicket;
use ferrovirt_engine::actions::vm::disks::{AttachDisk, Hanging, Which};
use ferrovirt_engine::actions::vm::nics::{AddNic, NicChange};
use ferrovirt_engine::actions::vm::{Add, CancelMigration, Migrate, Power, Remove, Start, Stop};
use ferrovirt_engine::reading::vms::VmView;
use ferrovirt_engine::{Failure, ListQuery, Result, listing, now};
use ferrovirt_hostapi::report::Body;
use ferrovirt_hostapi::{self as api, VmPhase};
use ferrovirt_model::host::HostStatus;
use ferrovirt_model::ids::{HostId, JobId, StorageConnectionId, StorageDomainId, VmId};
use ferrovirt_model::refusal::{Refusal, RefusalClass};
use ferrovirt_model::search::Entity;
use ferrovirt_model::secret::Secret;
use ferrovirt_model::storage::{DiskContent, DiskFormat, DiskState, DomainClass, StorageConnection, StorageKind};
use ferrovirt_model::template::BLANK;
use ferrovirt_model::vm::{Lock, LockPurpose, RunPhase, VmRun, VmStatus, lifecycle};
use ferrovirt_store::Areas;
use support::World;
use support::host::Fault;
use uuid::Uuid;

const PATIENCE: Duration = Duration::from_secs(60);

impl World {
    /// Asks once every host that answers is up: on a busy machine one may seem lost for a moment.
    async fn ask<A: Action>(&self, action: A) -> Result<Done<A::Output>> {
        for host in &self.hosts {
            if !self.shared.is_cut(*host) {
                self.until("a host is up", || self.host_is(*host, HostStatus::Up)).await;
            }
        }
        self.engine.act(&self.caller(), action).await
    }

    /// Asks, and waits for the job to end well.
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

    async fn started(&self) -> (VmId, HostId) {
        let vm = self.vm().await;
        self.act(Start::new(vm, None, false)).await.unwrap();
        let host = self.executing(vm);
        assert_eq!(host.len(), 1);
        (vm, host[0])
    }

    async fn view(&self, vm: VmId) -> VmView {
        self.store().read().await.unwrap().vms().view(vm).await.unwrap().unwrap()
    }

    fn executing(&self, vm: VmId) -> Vec<HostId> {
        self.shared.machines(|machines| machines.executing(&vm.to_string()))
    }

    fn other(&self, host: HostId) -> HostId {
        *self.hosts.iter().find(|one| **one != host).unwrap()
    }

    async fn runs(&self, vm: VmId) -> usize {
        let mut tx = self.store().begin().await.unwrap();
        tx.vms().lock_runs(vm).await.unwrap().len()
    }

    /// The VM is down, wherever one looks.
    async fn is_down(&self, vm: VmId) {
        self.idle().await;
        self.until("the rows say that it is down", || async {
            let view = self.view(vm).await;
            view.vm.lock.is_none() && view.run.is_none() && self.runs(vm).await == 0
        })
        .await;
        assert_eq!(self.executing(vm), []);
    }

    /// The VM executes on one host alone, and the rows say so.
    async fn runs_on(&self, vm: VmId, host: HostId) {
        self.idle().await;
        self.until("the rows say where the guest executes", || async {
            let view = self.view(vm).await;
            let here = view.run.is_some_and(|run| run.host == host && run.phase == RunPhase::Running);
            here && view.vm.lock.is_none() && self.runs(vm).await == 1
        })
        .await;
        assert_eq!(self.executing(vm), [host]);
        self.once_only();
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
}

fn refusal<T: std::fmt::Debug>(answer: Result<T>) -> Refusal {
    match answer.unwrap_err() {
        Failure::Refused(refusal) => refusal,
        Failure::Trouble(trouble) => panic!("{trouble}"),
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_vm_starts_on_one_host_and_stops() {
    let world = World::with_hosts(2).await;
    let (vm, host) = world.started().await;
    world.runs_on(vm, host).await;
    assert!(matches!(refusal(world.act(Start::new(vm, None, false)).await), Refusal::WrongState { .. }));
    world.act(Stop::new(vm, None)).await.unwrap();
    world.is_down(vm).await;
    world.once_only();
    for code in [34, 150, 153, 32, 33] {
        world.has_logged(code).await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_host_that_refuses_is_passed_over_and_when_all_refuse_nothing_is_left() {
    let world = World::with_hosts(2).await;
    let vm = world.vm().await;
    world.shared.fault("start_vm", &[Fault::Refuse]);
    world.act(Start::new(vm, None, false)).await.unwrap();
    world.runs_on(vm, world.executing(vm)[0]).await;
    world.act(Stop::new(vm, None)).await.unwrap();
    world.is_down(vm).await;
    world.shared.fault("start_vm", &[Fault::Refuse, Fault::Refuse]);
    refusal(world.act(Start::new(vm, None, false)).await);
    world.is_down(vm).await;
    world.has_logged(54).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_start_that_is_asked_twice_or_survives_a_crash_is_one_start() {
    let mut world = World::with_hosts(2).await;
    let vm = world.vm().await;
    world.shared.fault("start_vm", &[Fault::Away, Fault::LoseAnswer]);
    world.act(Start::new(vm, None, false)).await.unwrap();
    world.runs_on(vm, world.executing(vm)[0]).await;
    world.act(Stop::new(vm, None)).await.unwrap();
    world.is_down(vm).await;
    // The engine dies while the host has done it and not answered yet.
    let before = world.shared.calls("start_vm");
    world.shared.fault("start_vm", &[Fault::Hang]);
    world.ask(Start::new(vm, None, false)).await.unwrap();
    world.called("start_vm", before + 1).await;
    world.replace_engine().await;
    world.until("it runs", || async { world.executing(vm).len() == 1 }).await;
    world.runs_on(vm, world.executing(vm)[0]).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_start_survives_crashes_at_any_moment() {
    let mut world = World::with_hosts(2).await;
    let vm = world.vm().await;
    for pause in [0, 3, 9, 20, 45, 80] {
        world.ask(Start::new(vm, None, false)).await.unwrap();
        tokio::time::sleep(Duration::from_millis(pause)).await;
        world.replace_engine().await;
        world.until("it runs", || async { world.executing(vm).len() == 1 }).await;
        world.runs_on(vm, world.executing(vm)[0]).await;
        world.act(Stop::new(vm, None)).await.unwrap();
        world.is_down(vm).await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn an_overdue_start_is_taken_back_and_a_lost_host_is_left_unknown() {
    let world = World::with_hosts(2).await;
    let vm = world.vm().await;
    world.shared.fault("start_vm", &[Fault::LoseAnswer]);
    let job = world.ask(Start::new(vm, Some(world.hosts[0]), false)).await.unwrap().job.unwrap();
    world.called("start_vm", 1).await;
    world.shared.cut(world.hosts[0]);
    world.until("the host is lost", || world.host_is(world.hosts[0], HostStatus::NonResponsive)).await;
    // Forward is over, and back can't be gone: the host does not answer.
    world.overdue(job).await;
    world
        .until("the job unwinds", || async {
            let running = world.store().read().await.unwrap().jobs().running(job).await.unwrap();
            running.is_none_or(|running| running.heading == ferrovirt_store::jobs::Heading::Unwind)
        })
        .await;
    world.overdue(job).await;
    world.idle().await;
    let view = world.view(vm).await;
    assert_eq!((view.vm.lock, view.run.map(|run| run.phase)), (None, Some(RunPhase::Unknown)));
    assert!(matches!(refusal(world.act(Start::new(vm, None, false)).await), Refusal::WrongState { .. }), "not twice");
    // The host comes back, and it had done what it was asked.
    world.shared.mend(world.hosts[0]);
    world.runs_on(vm, world.hosts[0]).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_start_can_be_given_up() {
    let world = World::with_hosts(1).await;
    let vm = world.vm().await;
    world.shared.fault("start_vm", &[Fault::Away, Fault::Away, Fault::Away]);
    world.ask(Start::new(vm, None, false)).await.unwrap();
    world.called("start_vm", 1).await;
    world.ask(Stop::new(vm, None)).await.unwrap();
    world.is_down(vm).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn stopping_bears_refusals_lost_answers_and_crashes() {
    let mut world = World::with_hosts(1).await;
    let (vm, host) = world.started().await;
    world.shared.fault("stop_vm", &[Fault::Refuse]);
    refusal(world.act(Stop::new(vm, None)).await);
    world.runs_on(vm, host).await;
    world.has_logged(56).await;
    world.shared.fault("stop_vm", &[Fault::Away, Fault::LoseAnswer]);
    world.act(Stop::new(vm, None)).await.unwrap();
    world.is_down(vm).await;
    world.act(Start::new(vm, None, false)).await.unwrap();
    let before = world.shared.calls("stop_vm");
    world.shared.fault("stop_vm", &[Fault::Hang]);
    world.ask(Stop::new(vm, None)).await.unwrap();
    world.called("stop_vm", before + 1).await;
    world.replace_engine().await;
    world.is_down(vm).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn an_overdue_stop_lets_go_of_the_vm() {
    let world = World::with_hosts(1).await;
    let (vm, host) = world.started().await;
    world.shared.cut(host);
    let job = world.ask(Stop::new(vm, None)).await.unwrap().job.unwrap();
    world.overdue(job).await;
    world.idle().await;
    assert_eq!(world.view(vm).await.vm.lock, None);
    world.shared.mend(host);
    world.runs_on(vm, host).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_running_vm_is_asked_and_a_refusal_is_told() {
    let world = World::with_hosts(1).await;
    let (vm, host) = world.started().await;
    world.shared.fault("reboot_vm", &[Fault::Refuse]);
    refusal(world.act(Power::reboot(vm, false)).await);
    world.has_logged(158).await;
    world.shared.fault("reboot_vm", &[Fault::LoseAnswer]);
    world.act(Power::reboot(vm, true)).await.unwrap();
    world.runs_on(vm, host).await;
    world.shared.fault("shutdown_vm", &[Fault::Away]);
    world.act(Power::shutdown(vm, None)).await.unwrap();
    world.until("it is down", || async { world.view(vm).await.run.is_none() }).await;
    world.is_down(vm).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_vm_moves_and_a_failure_at_each_step_leaves_it_where_it_is() {
    let world = World::with_hosts(2).await;
    let (vm, from) = world.started().await;
    let to = world.other(from);
    let began = world.view(vm).await.run.unwrap().started_at;
    for verb in ["prepare_incoming", "migrate_vm"] {
        world.shared.fault(verb, &[Fault::Refuse]);
        refusal(world.act(Migrate::new(vm, None, false)).await);
        world.runs_on(vm, from).await;
        assert!(world.shared.machines(|machines| {
            machines.machine(to, &vm.to_string()).is_none_or(|machine| machine.state.phase() == VmPhase::Down)
        }));
    }
    world.shared.machines(|machines| machines.fail_move = Some("the stream broke".to_owned()));
    refusal(world.act(Migrate::new(vm, None, false)).await);
    world.runs_on(vm, from).await;
    world.has_logged(120).await;
    for verb in ["prepare_incoming", "migrate_vm", "get_vm"] {
        world.shared.fault(verb, &[Fault::Away, Fault::LoseAnswer]);
    }
    world.act(Migrate::new(vm, Some(Named::Id(to)), false)).await.unwrap();
    world.runs_on(vm, to).await;
    assert_eq!(world.view(vm).await.run.unwrap().started_at, began);
    world.has_logged(63).await;
    assert!(matches!(refusal(world.act(Migrate::new(vm, Some(Named::Id(to)), false)).await), Refusal::Rule { .. }));
}

#[tokio::test(flavor = "multi_thread")]
async fn the_end_of_a_migration_is_told_at_once_and_not_at_the_next_look() {
    let world = World::with_hosts(2).await;
    let (vm, from) = world.started().await;
    world.shared.machines(|machines| machines.hold_moves = true);
    let job = world.ask(Migrate::new(vm, None, false)).await.unwrap().job.unwrap();
    world.called("migrate_vm", 1).await;
    // Its next look is an hour away.
    world
        .until("the job sleeps", || async {
            let mut tx = world.store().begin().await.unwrap();
            let mut running = tx.jobs().running(job).await.unwrap().unwrap();
            let slept = running.wake_at > now() + 60_000;
            running.wake_at = now() + 3_600_000;
            tx.jobs().save(&running).await.unwrap();
            tx.commit().await.unwrap();
            tokio::time::sleep(Duration::from_millis(300)).await;
            slept
        })
        .await;
    world.shared.machines(|machines| machines.finish_moves());
    assert!(world.engine.outlast(job, PATIENCE).await.unwrap(), "nothing woke the job");
    world.runs_on(vm, world.other(from)).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_migration_can_be_cancelled() {
    let world = World::with_hosts(2).await;
    let (vm, from) = world.started().await;
    world.shared.machines(|machines| machines.hold_moves = true);
    world.ask(Migrate::new(vm, None, false)).await.unwrap();
    world.called("migrate_vm", 1).await;
    world.ask(CancelMigration::new(vm)).await.unwrap();
    world.runs_on(vm, from).await;
    world.has_logged(161).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_migration_survives_an_engine_that_dies_at_each_step() {
    let mut world = World::with_hosts(2).await;
    let (vm, mut from) = world.started().await;
    for verb in ["prepare_incoming", "migrate_vm", "get_vm"] {
        let to = world.other(from);
        let before = world.shared.calls(verb);
        world.shared.fault(verb, &[Fault::Hang]);
        world.ask(Migrate::new(vm, None, false)).await.unwrap();
        world.called(verb, before + 1).await;
        world.replace_engine().await;
        world.runs_on(vm, to).await;
        from = to;
    }
    for pause in [0, 5, 15, 40, 90, 200] {
        let to = world.other(from);
        world.ask(Migrate::new(vm, None, false)).await.unwrap();
        tokio::time::sleep(Duration::from_millis(pause)).await;
        world.replace_engine().await;
        world.runs_on(vm, to).await;
        from = to;
    }
}

/// When in a migration somebody dies.
const MOMENTS: [&str; 3] = ["prepare_incoming", "migrate_vm", "get_vm"];

#[tokio::test(flavor = "multi_thread")]
async fn an_agent_that_dies_in_a_migration_loses_nothing() {
    let world = World::with_hosts(2).await;
    let (vm, mut from) = world.started().await;
    for moment in MOMENTS {
        for side in ["source", "target"] {
            let to = world.other(from);
            let dies = if side == "source" { from } else { to };
            world.shared.machines(|machines| machines.hold_moves = true);
            let before = world.shared.calls(moment);
            world.ask(Migrate::new(vm, None, false)).await.unwrap();
            world.called(moment, before + 1).await;
            world.shared.cut(dies);
            // QEMU goes on without its agent, and hands the guest over.
            world.shared.machines(|machines| {
                machines.hold_moves = false;
                machines.finish_moves();
            });
            tokio::time::sleep(Duration::from_millis(300)).await;
            world.once_only();
            world.shared.mend(dies);
            world.until("the guest executes somewhere", || async { world.executing(vm).len() == 1 }).await;
            world.idle().await;
            from = world.executing(vm)[0];
            world.runs_on(vm, from).await;
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_target_that_loses_power_leaves_the_guest_at_its_source() {
    let world = World::with_hosts(2).await;
    let (vm, from) = world.started().await;
    let to = world.other(from);
    for moment in MOMENTS {
        world.shared.machines(|machines| machines.hold_moves = true);
        let before = world.shared.calls(moment);
        world.ask(Migrate::new(vm, None, false)).await.unwrap();
        world.called(moment, before + 1).await;
        world.power_off(to);
        // The target stays away: the VM is free again without it.
        if moment != "prepare_incoming" {
            world.runs_on(vm, from).await;
        }
        world.shared.mend(to);
        world.shared.machines(|machines| machines.hold_moves = false);
        world.idle().await;
        let now = world.executing(vm);
        assert_eq!(now.len(), 1);
        world.runs_on(vm, now[0]).await;
        if now[0] != from {
            world.act(Migrate::new(vm, Some(Named::Id(from)), false)).await.unwrap();
        }
        world.until("the target is up", || world.host_is(to, HostStatus::Up)).await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_source_that_loses_power_takes_its_guest_along_and_the_rows_say_so() {
    let world = World::with_hosts(2).await;
    for moment in MOMENTS {
        let vm = world.vm().await;
        world.act(Start::new(vm, None, false)).await.unwrap();
        let from = world.executing(vm)[0];
        world.shared.machines(|machines| machines.hold_moves = true);
        let before = world.shared.calls(moment);
        world.ask(Migrate::new(vm, None, false)).await.unwrap();
        world.called(moment, before + 1).await;
        world.power_off(from);
        world.until("the source is lost", || world.host_is(from, HostStatus::NonResponsive)).await;
        assert!(world.ask(Start::new(vm, None, false)).await.is_err(), "nobody knows yet that it does not execute");
        // The machine restarts and knows of nothing.
        world.shared.mend(from);
        world.shared.machines(|machines| machines.hold_moves = false);
        world.is_down(vm).await;
        world.once_only();
        world.until("the source is up", || world.host_is(from, HostStatus::Up)).await;
        world.act(Remove::new(vm, false)).await.unwrap();
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_guest_that_was_handed_over_outlives_its_source() {
    let world = World::with_hosts(2).await;
    let (vm, from) = world.started().await;
    let to = world.other(from);
    world.shared.machines(|machines| machines.hold_moves = true);
    world.ask(Migrate::new(vm, None, false)).await.unwrap();
    world.called("migrate_vm", 1).await;
    world.shared.cut(from);
    world.shared.machines(|machines| machines.finish_moves());
    world.power_off(from);
    // Without a word of the source, the target's word is enough.
    world.idle().await;
    let view = world.view(vm).await;
    assert_eq!(view.run.map(|run| (run.host, run.phase)), Some((to, RunPhase::Running)));
    assert_eq!(view.vm.lock, None);
    world.shared.mend(from);
    world.runs_on(vm, to).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_late_word_of_the_source_does_not_take_the_vm_back() {
    let world = World::with_hosts(2).await;
    let (vm, from) = world.started().await;
    let to = world.other(from);
    world.shared.machines(|machines| machines.hold_moves = true);
    world.ask(Migrate::new(vm, None, false)).await.unwrap();
    world.called("migrate_vm", 1).await;
    let owner = async || world.view(vm).await.run.map(|run| run.host);
    let say = |host: HostId, phase: VmPhase| {
        world.shared.machines(|machines| {
            let mut state = machines.machine(host, &vm.to_string()).unwrap().state.clone();
            state.phase = phase.into();
            machines.news.push((host, Body::Vm(state)));
        });
    };
    say(to, VmPhase::Running);
    world.until("the target has it", || async { owner().await == Some(to) }).await;
    say(from, VmPhase::Paused);
    tokio::time::sleep(Duration::from_millis(500)).await;
    assert_eq!(owner().await, Some(to));
    world.shared.machines(|machines| machines.finish_moves());
    world.runs_on(vm, to).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_power_off_is_never_lost_to_the_end_of_a_start() {
    let world = World::with_hosts(1).await;
    let vm = world.vm().await;
    for round in 0..30 {
        world.ask(Start::new(vm, None, false)).await.unwrap();
        tokio::time::sleep(Duration::from_millis(round * 7 % 90)).await;
        // Whatever the start has come to: at its very end, it holds the VM until it knows that nobody gave it up.
        while let Err(failure) = world.ask(Stop::new(vm, None)).await {
            assert!(
                matches!(failure, Failure::Refused(Refusal::WrongState { .. } | Refusal::Locked { .. })),
                "{failure}"
            );
            tokio::time::sleep(Duration::from_millis(5)).await;
        }
        world.idle().await;
        assert_eq!(world.executing(vm), [], "in round {round}");
        world
            .until("it is down", || async { lifecycle::status(&world.view(vm).await.vm, None, 0) == VmStatus::Down })
            .await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn no_host_speaks_for_the_vms_of_another() {
    let world = World::with_hosts(2).await;
    let (vm, from) = world.started().await;
    let tell = |host, name: &str| {
        let facts = api::GuestFacts { vm_id: vm.to_string(), hostname: name.to_owned(), ..Default::default() };
        world.shared.machines(|machines| machines.news.push((host, Body::Guest(facts))));
    };
    let told = || async { world.engine.vm_guest(&world.caller(), vm).await.unwrap().hostname };
    tell(from, "here");
    world.until("its own host is believed", || async { told().await == "here" }).await;
    for host in world.hosts.iter().filter(|host| **host != from) {
        tell(*host, "elsewhere");
    }
    tokio::time::sleep(Duration::from_secs(1)).await;
    assert_eq!(told().await, "here");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_new_certificate_of_the_engine_keeps_no_host_from_its_work() {
    let world = World::with_hosts(1).await;
    let vm = world.vm().await;
    let hellos = world.shared.calls("hello");
    world.engine.pki().renew_engine(ferrovirt_engine::now()).unwrap();
    world.engine.hosts().rotate(world.engine.pki().host_door_tls());
    world.act(Start::new(vm, None, false)).await.unwrap();
    assert_eq!(world.shared.calls("hello"), hellos, "the report stream never broke");
    world.runs_on(vm, world.hosts[0]).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn an_engine_that_does_not_lead_opens_consoles() {
    let world = World::with_hosts(1).await;
    let (vm, host) = world.started().await;
    let follower = world.another_engine().await;
    let asked = SetTicket { vm, password: Some(Secret::new("pass1234")), lifetime: None, name: None };
    follower.act(&world.caller(), asked).await.unwrap();
    let console =
        world.shared.machines(|machines| machines.machine(host, &vm.to_string()).unwrap().console_password.clone());
    assert_eq!(console, "pass1234");
}

#[tokio::test(flavor = "multi_thread")]
async fn what_an_engine_began_while_it_led_is_refused_once_another_leads() {
    let mut world = World::with_hosts(1).await;
    let (vm, host) = world.started().await;
    let old = std::sync::Arc::clone(&world.engine);
    let door = old.host_door(host).await.unwrap();
    let hellos = world.shared.calls("hello");
    world.replace_engine().await;
    world.until("the next leader says hello", || async { world.shared.calls("hello") > hellos }).await;
    let stop = api::StopVmRequest { vm_id: vm.to_string(), generation: 1, ..Default::default() };
    let refused = refusal(door.heard(door.client().stop_vm(stop).await));
    assert!(matches!(refused, Refusal::HostRefused { why, .. } if why.contains("leads no more")));
    assert!(matches!(old.host_door(host).await, Err(Failure::Trouble(_))), "and nothing new is begun");
    world.runs_on(vm, host).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_start_that_fits_nowhere_is_refused_at_once() {
    let world = World::with_hosts(0).await;
    let vm = world.vm().await;
    let answer = refusal(world.ask(Start::new(vm, None, false)).await);
    assert!(matches!(answer, Refusal::NoHost { .. }), "{answer}");
    let view = world.view(vm).await;
    assert_eq!((view.vm.lock, view.run), (None, None));
    world.has_logged(54).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn rows_and_model_tell_the_same_status() {
    use RunPhase::{
        MigratingIn, MigratingOut, NotResponding, Paused, Promised, Rebooting, Running, ShuttingDown, Starting, Unknown,
    };
    let world = World::with_hosts(1).await;
    let id = world.vm().await;
    let mut tx = world.store().begin().await.unwrap();
    let purposes = [
        LockPurpose::Starting,
        LockPurpose::Stopping,
        LockPurpose::Migrating,
        LockPurpose::Images,
        LockPurpose::Devices,
    ];
    let phases = [
        Promised,
        Starting,
        Running,
        Paused,
        ShuttingDown,
        Rebooting,
        MigratingOut,
        MigratingIn,
        NotResponding,
        Unknown,
    ];
    for purpose in purposes.into_iter().map(Some).chain([None]) {
        let lock = purpose.map(|purpose| Lock { job: JobId(Uuid::new_v4()), purpose });
        tx.vms().set_lock(id, lock).await.unwrap();
        for phase in phases.into_iter().map(Some).chain([None]) {
            for guest_agent in [true, false] {
                tx.vms().remove_run(id, 1).await.unwrap();
                if let Some(phase) = phase {
                    let run = VmRun {
                        vm: id,
                        generation: 1,
                        host: world.hosts[0],
                        phase,
                        owner: true,
                        pause_reason: None,
                        guest_agent,
                        started_at: Some(ferrovirt_engine::now()),
                        migration: None,
                        graphics: Vec::new(),
                        reported_at: 0,
                    };
                    tx.vms().put_run(&run).await.unwrap();
                }
                let view = tx.vms().view(id).await.unwrap().unwrap();
                let status = lifecycle::status(&view.vm, view.run.as_ref(), ferrovirt_engine::now());
                let query = ListQuery { search: Some(format!("status={}", status.as_str())), ..ListQuery::all() };
                let search = listing::compile(Entity::Vm, &query, ferrovirt_engine::now()).unwrap();
                let found = tx.vms().list_measured(&search, None).await.unwrap();
                assert_eq!(found.len(), 1, "{purpose:?} {phase:?} {guest_agent}: rows do not say {status:?}");
            }
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn an_overdue_migration_ends_at_its_source() {
    let world = World::with_hosts(2).await;
    let (vm, from) = world.started().await;
    world.shared.machines(|machines| machines.hold_moves = true);
    let job = world.ask(Migrate::new(vm, None, false)).await.unwrap().job.unwrap();
    world.called("migrate_vm", 1).await;
    world.overdue(job).await;
    world.runs_on(vm, from).await;
}

impl World {
    async fn domain(&self) -> StorageDomainId {
        let create = Create {
            id: None,
            name: "data1".to_owned(),
            description: String::new(),
            comment: String::new(),
            class: DomainClass::Data,
            connection: StorageConnection {
                id: StorageConnectionId(Uuid::nil()),
                kind: StorageKind::PosixFs,
                address: String::new(),
                path: "/shared".to_owned(),
                vfs_type: "none".to_owned(),
                mount_options: String::new(),
                nfs_version: "auto".to_owned(),
                nfs_timeout: None,
                nfs_retransmissions: None,
            },
            host: Named::Id(self.hosts[0]),
            wipe_after_delete: false,
            discard_after_delete: false,
            backup: false,
            warning_low_space_percent: None,
            critical_space_gib: None,
            block_size: 0,
        };
        let id = self.act(create).await.unwrap();
        self.act(Attach::new(Named::Id(id), self.data_center)).await.unwrap();
        id
    }

    /// A VM with so many new disks.
    async fn vm_with_disks(&self, domain: StorageDomainId, count: usize) -> VmId {
        let vm = self.vm().await;
        for number in 0..count {
            let new = NewDisk {
                id: None,
                alias: format!("disk{number}"),
                description: String::new(),
                provisioned_size: 1 << 30,
                initial_size: None,
                format: DiskFormat::Raw,
                sparse: None,
                content: DiskContent::Data,
                shareable: false,
                wipe_after_delete: None,
                propagate_errors: false,
                incremental_backup: false,
                domain: Named::Id(domain),
                profile: None,
            };
            let hanging = Hanging { bootable: Some(number == 0), ..Default::default() };
            let attach = AttachDisk { vm, disk: Which::New(Box::new(new)), hanging, names: Default::default() };
            self.act(attach).await.unwrap();
        }
        vm
    }

    fn volumes(&self) -> usize {
        self.shared.storage().volumes.len()
    }

    async fn is_gone(&self, vm: VmId) {
        self.idle().await;
        assert!(self.store().read().await.unwrap().vms().view(vm).await.unwrap().is_none());
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_vm_is_removed_with_its_disks_whatever_its_hosts_do() {
    let mut world = World::with_hosts(2).await;
    let domain = world.domain().await;
    let vm = world.vm_with_disks(domain, 2).await;
    assert_eq!(world.volumes(), 2);
    world.shared.fault("remove_volume", &[Fault::Away, Fault::LoseAnswer]);
    world.act(Remove::new(vm, false)).await.unwrap();
    world.is_gone(vm).await;
    assert_eq!(world.volumes(), 0);
    let vm = world.vm_with_disks(domain, 2).await;
    let before = world.shared.calls("remove_volume");
    world.shared.fault("remove_volume", &[Fault::Hang]);
    world.ask(Remove::new(vm, false)).await.unwrap();
    world.called("remove_volume", before + 1).await;
    world.replace_engine().await;
    world.is_gone(vm).await;
    assert_eq!(world.volumes(), 0);
    // A disk that stays is illegal and hangs on nothing.
    let vm = world.vm_with_disks(domain, 2).await;
    world.shared.fault("remove_volume", &[Fault::Refuse]);
    world.act(Remove::new(vm, false)).await.unwrap();
    world.is_gone(vm).await;
    assert_eq!(world.volumes(), 1);
    world.has_logged(172).await;
    let left = world.store().read().await.unwrap().disks().on_domain(domain).await.unwrap();
    assert_eq!(left.iter().map(|disk| (disk.state, disk.lock)).collect::<Vec<_>>(), [(DiskState::Illegal, None)]);
}

#[tokio::test(flavor = "multi_thread")]
async fn an_overdue_removal_gives_the_vm_and_its_disks_free() {
    let world = World::with_hosts(1).await;
    let domain = world.domain().await;
    let vm = world.vm_with_disks(domain, 2).await;
    world.shared.fault("remove_volume", &[Fault::Away; 40]);
    let job = world.ask(Remove::new(vm, false)).await.unwrap().job.unwrap();
    world.called("remove_volume", 1).await;
    world.overdue(job).await;
    world.is_down(vm).await;
    let disks = world.store().read().await.unwrap().disks().on_domain(domain).await.unwrap();
    assert!(disks.iter().all(|disk| disk.state == DiskState::Ok && disk.lock.is_none()));
    assert_eq!((disks.len(), world.volumes()), (2, 2));
    // Kept, where only the VM is to go.
    world.act(Remove::new(vm, true)).await.unwrap();
    world.is_gone(vm).await;
    assert_eq!(world.volumes(), 2);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_nic_is_plugged_into_a_running_vm_or_is_not() {
    let mut world = World::with_hosts(1).await;
    let (vm, host) = world.started().await;
    let nic =
        |name: &str| AddNic { vm, nic: NicChange { name: Some(name.to_owned()), ..Default::default() }, vm_name: None };
    let devices = |world: &World| {
        world.shared.machines(|machines| machines.machine(host, &vm.to_string()).unwrap().devices.len())
    };
    let plugged = async |world: &World| {
        let nics = world.engine.nics_of_vms(&[vm]).await.unwrap();
        nics.into_iter().map(|(_, nic)| nic.plugged).collect::<Vec<_>>()
    };
    world.act(nic("nic1")).await.unwrap();
    assert_eq!((devices(&world), plugged(&world).await), (1, vec![true]));
    world.has_logged(1012).await;
    world.shared.fault("attach_device", &[Fault::Refuse]);
    refusal(world.act(nic("nic2")).await);
    assert_eq!((devices(&world), plugged(&world).await), (1, vec![true, false]));
    assert_eq!(world.view(vm).await.vm.lock, None);
    world.has_logged(1013).await;
    world.shared.fault("attach_device", &[Fault::LoseAnswer]);
    world.act(nic("nic3")).await.unwrap();
    assert_eq!((devices(&world), plugged(&world).await), (2, vec![true, false, true]));
    let before = world.shared.calls("attach_device");
    world.shared.fault("attach_device", &[Fault::Hang]);
    world.ask(nic("nic4")).await.unwrap();
    world.called("attach_device", before + 1).await;
    world.replace_engine().await;
    world.idle().await;
    assert_eq!((devices(&world), plugged(&world).await), (3, vec![true, false, true, true]));
}

#[tokio::test(flavor = "multi_thread")]
async fn names_are_unique_and_changes_of_hardware_wait_for_the_next_start() {
    let world = World::with_hosts(1).await;
    let (vm, host) = world.started().await;
    let again = Add {
        id: None,
        name: "web".to_owned(),
        cluster: Named::Name("Default".to_owned()),
        template: Named::Name("Blank".to_owned()),
        template_version: None,
        cpu_profile: None,
        edit: Box::new(|_| Ok(())),
        clone: false,
        own: Default::default(),
    };
    assert!(matches!(refusal(world.act(again).await), Refusal::NameTaken { .. }));
    let update = ferrovirt_engine::actions::vm::Update {
        vm,
        name: None,
        cluster: None,
        cpu_profile: None,
        edit: Box::new(|definition| {
            definition.memory = 2 << 30;
            definition.description = "new".to_owned();
            Ok(())
        }),
        next_run: false,
        known_as: None,
    };
    world.act(update).await.unwrap();
    let view = world.view(vm).await;
    assert_eq!((view.vm.definition.memory, view.vm.definition.description.as_str()), (1 << 30, "new"));
    assert_eq!(view.vm.next_run.map(|next| next.memory), Some(2 << 30));
    world.runs_on(vm, host).await;
    world.act(Stop::new(vm, None)).await.unwrap();
    let view = world.view(vm).await;
    assert_eq!((view.vm.definition.memory, view.vm.next_run), (2 << 30, None));
    world.act(Remove::new(vm, false)).await.unwrap();
    world.has_logged(113).await;
    assert!(world.store().read().await.unwrap().vms().view(vm).await.unwrap().is_none());
}

#[tokio::test(flavor = "multi_thread")]
async fn a_start_from_a_domain_in_maintenance_is_refused_for_that() {
    let world = World::with_hosts(1).await;
    let domain = world.domain().await;
    let vm = world.vm_with_disks(domain, 1).await;
    world.act(Deactivate::new(domain)).await.unwrap();
    let refused = refusal(world.ask(Start::new(vm, None, false)).await);
    assert_eq!(refused.to_string(), "Storage Domain 'data1' is in maintenance: the domain must be active.");
    assert_eq!(refused.class(), RefusalClass::Conflict);
    assert_eq!(world.view(vm).await.vm.lock, None);
    world.act(Activate::new(domain)).await.unwrap();
    world.act(Start::new(vm, None, false)).await.unwrap();
}
