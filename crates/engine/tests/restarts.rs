//! Highly available VMs come back by themselves, and never twice: on real rows, the real loop and runner and the real host
//! door, with hosts that are doubles.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "a test that can't go on fails")]

mod support;

use std::time::Duration;

use ferrovirt_engine::action::{Action, Done};
use ferrovirt_engine::actions::host::ConfirmRebooted;
use ferrovirt_engine::actions::named::Named;
use ferrovirt_engine::actions::vm::definition::Edit;
use ferrovirt_engine::actions::vm::{Add, Power, Start, Stop, Update};
use ferrovirt_engine::{Result, now};
use ferrovirt_model::host::HostStatus;
use ferrovirt_model::ids::{HostId, VmId};
use ferrovirt_model::template::BLANK;
use ferrovirt_model::vm::{Definition, Restart, RunPhase, VmRun};
use ferrovirt_plan::ha::{SHORT_PAUSE, SHORT_TRIES};
use ferrovirt_store::Areas;
use support::World;
use support::host::Fault;

const PATIENCE: Duration = Duration::from_secs(60);

fn highly_available(definition: &mut Definition) -> std::result::Result<(), ferrovirt_model::refusal::Refusal> {
    definition.high_availability.enabled = true;
    definition.high_availability.priority = 50;
    Ok(())
}

/// `memory`: bytes, all of them guaranteed.
fn sized(definition: &mut Definition, memory: u64) {
    definition.memory = memory;
    definition.memory_max = memory;
    definition.memory_guaranteed = memory;
}

impl World {
    /// Asks, and waits for the job to end, well or not.
    async fn act<A: Action>(&self, action: A) -> Result<Done<A::Output>> {
        let done = self.engine.act(&self.caller(), action).await?;
        if let Some(job) = done.job {
            assert!(self.engine.outlast(job, PATIENCE).await?, "the job takes too long");
        }
        Ok(done)
    }

    async fn vm(&self, available: bool) -> VmId {
        let add = Add {
            id: None,
            name: "web".to_owned(),
            cluster: Named::Id(self.cluster),
            template: Named::Id(BLANK),
            template_version: None,
            cpu_profile: None,
            edit: if available { Box::new(highly_available) } else { Box::new(|_| Ok(())) },
            clone: false,
            own: Default::default(),
        };
        self.act(add).await.unwrap().value
    }

    /// A highly available VM that runs, and its host.
    async fn started(&self) -> (VmId, HostId) {
        let vm = self.vm(true).await;
        self.act(Start::new(vm, None, false)).await.unwrap();
        (vm, self.where_it_executes(vm)[0])
    }

    fn where_it_executes(&self, vm: VmId) -> Vec<HostId> {
        self.shared.machines(|machines| machines.executing(&vm.to_string()))
    }

    async fn edit(&self, vm: VmId, change: fn(&mut Definition)) {
        let edit: Edit = Box::new(move |definition| {
            change(definition);
            Ok(())
        });
        let update = Update { vm, name: None, cluster: None, cpu_profile: None, edit, next_run: false, known_as: None };
        self.act(update).await.unwrap();
    }

    /// QEMU dies.
    fn crash(&self, host: HostId, vm: VmId) {
        self.shared.machines(|machines| machines.end(host, &vm.to_string(), "crashed"));
    }

    /// QEMU dies, and its host refuses the first try to start it again.
    async fn crash_and_refuse(&self, host: HostId, vm: VmId) {
        self.shared.fault("start_vm", &[Fault::Refuse]);
        self.crash(host, vm);
        self.until("the try has failed", || async { self.told_of(9603).await.len() == 1 }).await;
        self.idle().await;
    }

    async fn owner(&self, vm: VmId) -> Option<VmRun> {
        self.store().read().await.unwrap().vms().view(vm).await.unwrap().unwrap().run
    }

    async fn runs_again(&self, vm: VmId, after: u64) -> VmRun {
        let again = |run: &VmRun| run.generation > after && run.phase == RunPhase::Running;
        self.until("the VM runs again", || async { self.owner(vm).await.as_ref().is_some_and(again) }).await;
        self.idle().await;
        self.owner(vm).await.unwrap()
    }

    async fn restart(&self, vm: VmId) -> Option<Restart> {
        self.store().read().await.unwrap().restarts().get(vm).await.unwrap()
    }

    async fn is_down(&self, vm: VmId) {
        self.until("the VM is down", || async { self.owner(vm).await.is_none() }).await;
    }

    /// The loop has looked at everything that waits, more than once.
    async fn passes(&self) {
        for _ in 0..3 {
            self.engine.kicks().restarts.notify_one();
            tokio::time::sleep(Duration::from_millis(200)).await;
        }
    }

    /// The next try is due now.
    async fn due(&self, vm: VmId, tries: u32) {
        let before = self.restart(vm).await.unwrap();
        let mut tx = self.store().begin().await.unwrap();
        tx.restarts().put(&Restart { tries, next_try_at: now(), ..before }).await.unwrap();
        tx.commit().await.unwrap();
        self.engine.kicks().restarts.notify_one();
    }

    fn is_sound(&self) {
        let violations = self.shared.machines(|machines| machines.violations.clone());
        assert!(violations.is_empty(), "{violations:?}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_highly_available_vm_whose_process_dies_runs_again_once() {
    let world = World::with_hosts(2).await;
    let (vm, host) = world.started().await;
    let first = world.owner(vm).await.unwrap().generation;
    world.crash(host, vm);
    world.runs_again(vm, first).await;
    assert_eq!(world.where_it_executes(vm).len(), 1);
    world.is_sound();
    let codes = world.codes().await;
    let since = codes.iter().position(|code| *code == 119).expect("its end is logged");
    let told: Vec<u32> =
        codes[since..].iter().copied().filter(|code| [119, 9602, 506, 32, 153].contains(code)).collect();
    assert_eq!(
        told,
        [119, 9602, 506, 32],
        "in the order in which clients wait for them, and nobody is said to have asked"
    );
    let restart = world.restart(vm).await.expect("until it has settled, its tries count");
    assert_eq!(restart.tries, 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_vm_that_is_not_highly_available_stays_down() {
    let world = World::with_hosts(1).await;
    let vm = world.vm(false).await;
    world.act(Start::new(vm, None, false)).await.unwrap();
    world.crash(world.hosts[0], vm);
    world.is_down(vm).await;
    world.passes().await;
    assert!(world.owner(vm).await.is_none() && world.restart(vm).await.is_none());
    assert!(!world.codes().await.contains(&9602));
}

#[tokio::test(flavor = "multi_thread")]
async fn what_users_and_guests_switch_off_stays_off() {
    let world = World::with_hosts(1).await;
    let (vm, host) = world.started().await;
    world.act(Stop::new(vm, None)).await.unwrap();
    world.is_down(vm).await;
    world.act(Start::new(vm, None, false)).await.unwrap();
    world.act(Power::shutdown(vm, None)).await.unwrap();
    world.is_down(vm).await;
    world.act(Start::new(vm, None, false)).await.unwrap();
    world.shared.machines(|machines| machines.end(host, &vm.to_string(), "shutdown_by_guest"));
    world.is_down(vm).await;
    world.passes().await;
    assert!(world.owner(vm).await.is_none() && world.restart(vm).await.is_none());
    assert!(!world.codes().await.contains(&9602));
}

#[tokio::test(flavor = "multi_thread")]
async fn one_that_dies_while_it_is_being_powered_off_stays_off() {
    let world = World::with_hosts(1).await;
    let (vm, host) = world.started().await;
    world.shared.fault("stop_vm", &[Fault::Away]);
    let stop = world.engine.act(&world.caller(), Stop::new(vm, None)).await.unwrap();
    world.until("its host was asked", || async { world.shared.calls("stop_vm") >= 1 }).await;
    world.crash(host, vm);
    assert!(world.engine.outlast(stop.job.unwrap(), PATIENCE).await.unwrap());
    world.is_down(vm).await;
    world.passes().await;
    assert!(world.owner(vm).await.is_none() && world.restart(vm).await.is_none());
}

#[tokio::test(flavor = "multi_thread")]
async fn one_that_dies_while_it_is_shutting_down_stays_off() {
    let world = World::with_hosts(1).await;
    let (vm, host) = world.started().await;
    world.shared.machines(|machines| machines.hold_shutdowns = true);
    world.act(Power::shutdown(vm, None)).await.unwrap();
    let shuts_down = |run: &VmRun| run.phase == RunPhase::ShuttingDown;
    world.until("it shuts down", || async { world.owner(vm).await.as_ref().is_some_and(shuts_down) }).await;
    world.crash(host, vm);
    world.is_down(vm).await;
    world.passes().await;
    assert!(world.owner(vm).await.is_none() && world.restart(vm).await.is_none());
    assert!(!world.codes().await.contains(&9602));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_silent_host_says_nothing_of_its_vms_and_a_users_word_brings_them_back_elsewhere() {
    let world = World::with_hosts(2).await;
    let (vm, host) = world.started().await;
    let first = world.owner(vm).await.unwrap().generation;
    world.power_off(host);
    world.until("the host is lost", || world.host_is(host, HostStatus::NonResponsive)).await;
    world.passes().await;
    assert_eq!(world.owner(vm).await.map(|run| run.generation), Some(first), "it may run there");
    assert!(world.restart(vm).await.is_none());
    world.act(ConfirmRebooted::new(host)).await.unwrap();
    let run = world.runs_again(vm, first).await;
    assert_ne!(run.host, host);
    world.is_sound();
}

#[tokio::test(flavor = "multi_thread")]
async fn what_fits_nowhere_is_tried_again_and_a_takeover_forgets_nothing() {
    let mut world = World::with_hosts(1).await;
    let (vm, host) = world.started().await;
    let first = world.owner(vm).await.unwrap().generation;
    world.crash_and_refuse(host, vm).await;
    let restart = world.restart(vm).await.unwrap();
    assert_eq!(restart.tries, 1);
    assert!(restart.next_try_at > now() + SHORT_PAUSE / 2, "not at once again");
    let failed = world.told_of(9603).await;
    assert!(failed[0].contains("web") && !failed[0].contains("UNKNOWN"), "{failed:?}");
    assert!(!world.codes().await.contains(&54), "no user's start has failed");
    world.passes().await;
    assert!(world.owner(vm).await.is_none());
    world.replace_engine().await;
    world.until("its host is up", || world.host_is(host, HostStatus::Up)).await;
    world.due(vm, 1).await;
    world.runs_again(vm, first).await;
    assert_eq!(world.restart(vm).await.unwrap().tries, 2);
    world.is_sound();
}

#[tokio::test(flavor = "multi_thread")]
async fn one_that_no_host_can_take_says_why_and_comes_back_when_it_fits() {
    let world = World::with_hosts(1).await;
    let (vm, host) = world.started().await;
    let first = world.owner(vm).await.unwrap().generation;
    world.crash_and_refuse(host, vm).await;
    world.edit(vm, |definition| sized(definition, 1 << 42)).await;
    world.due(vm, 1).await;
    world.until("the next try has failed", || async { world.told_of(9603).await.len() == 2 }).await;
    let failed = world.told_of(9603).await;
    assert!(failed[1].contains("host1") && failed[1].contains("MiB"), "{failed:?}");
    let restart = world.restart(vm).await.unwrap();
    assert!(restart.tries == 2 && restart.next_try_at > now(), "{restart:?}");
    assert!(world.owner(vm).await.is_none(), "nothing of the start is left");
    world.edit(vm, |definition| sized(definition, 1 << 28)).await;
    world.due(vm, 2).await;
    world.runs_again(vm, first).await;
    world.is_sound();
}

#[tokio::test(flavor = "multi_thread")]
async fn after_many_tries_administrators_are_told_once() {
    let world = World::with_hosts(1).await;
    let (vm, host) = world.started().await;
    world.crash_and_refuse(host, vm).await;
    world.shared.fault("start_vm", &[Fault::Refuse]);
    world.due(vm, SHORT_TRIES - 1).await;
    world.until("it is told", || async { !world.told_of(9605).await.is_empty() }).await;
    world.passes().await;
    assert_eq!(world.told_of(9605).await.len(), 1);
    let restart = world.restart(vm).await.unwrap();
    assert!(restart.tries == SHORT_TRIES && restart.told);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_vm_that_is_made_ordinary_while_it_waits_is_left_alone() {
    let world = World::with_hosts(1).await;
    let (vm, host) = world.started().await;
    world.crash_and_refuse(host, vm).await;
    world.edit(vm, |definition| definition.high_availability.enabled = false).await;
    world.passes().await;
    assert!(world.restart(vm).await.is_none() && world.owner(vm).await.is_none());
}
