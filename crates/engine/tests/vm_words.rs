//! What users are told of VMs: why something was refused, and what the event log says of what was asked. On real rows, the
//! real runner and the real host door, with hosts that are doubles.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "a test that can't go on fails")]

mod support;

use std::time::Duration;

use ferrovirt_engine::action::{Action, Done};
use ferrovirt_engine::actions::named::Named;
use ferrovirt_engine::actions::vm::nics::{AddNic, NicChange, RemoveNic};
use ferrovirt_engine::actions::vm::{Add, CancelMigration, Migrate, Power, Remove, Start, Stop};
use ferrovirt_engine::{Failure, Result};
use ferrovirt_model::host::HostStatus;
use ferrovirt_model::ids::{HostId, VmId};
use ferrovirt_model::refusal::Refusal;
use ferrovirt_model::template::BLANK;
use ferrovirt_store::Areas;
use support::World;
use support::host::Fault;

const PATIENCE: Duration = Duration::from_secs(60);

impl World {
    /// Asks once every host that answers is up: on a busy machine one may seem lost for a moment.
    async fn ask<A: Action>(&self, action: A) -> Result<Done<A::Output>> {
        for host in self.hosts.iter().filter(|host| !self.shared.is_cut(**host)) {
            self.until("a host is up", || self.host_is(*host, HostStatus::Up)).await;
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

    /// A VM that runs, its host, and another host where there is one.
    async fn started(&self) -> (VmId, HostId, Option<HostId>) {
        let vm = self.vm().await;
        self.act(Start::new(vm, None, false)).await.unwrap();
        let host = self.shared.machines(|machines| machines.executing(&vm.to_string()))[0];
        (vm, host, self.hosts.iter().copied().find(|one| *one != host))
    }

    async fn called(&self, verb: &str, times: usize) {
        self.until(verb, || async { self.shared.calls(verb) >= times }).await;
    }

    async fn runs(&self, vm: VmId) -> usize {
        self.store().read().await.unwrap().vms().runs(vm).await.unwrap().len()
    }

    async fn name(&self, host: HostId) -> String {
        self.store().read().await.unwrap().hosts().get(host).await.unwrap().unwrap().name
    }
}

fn refusal<T: std::fmt::Debug>(answer: Result<T>) -> Refusal {
    match answer.unwrap_err() {
        Failure::Refused(refusal) => refusal,
        Failure::Trouble(trouble) => panic!("{trouble}"),
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_migration_that_fits_nowhere_is_refused_at_once_with_each_hosts_reason() {
    let world = World::with_hosts(1).await;
    let (vm, host, _) = world.started().await;
    let refused = refusal(world.ask(Migrate::new(vm, None, false)).await);
    assert!(matches!(refused, Refusal::NoHost { .. }), "{refused}");
    assert!(refused.to_string().contains("the VM runs there already"), "{refused}");
    let view = world.store().read().await.unwrap().vms().view(vm).await.unwrap().unwrap();
    assert_eq!((view.vm.lock, view.run.map(|run| run.host)), (None, Some(host)));
    let codes = world.codes().await;
    assert!(!codes.contains(&62) && !codes.contains(&166), "nothing began: {codes:?}");
    let failed = world.told_of(65).await;
    assert!(failed.len() == 1 && failed[0].contains("the VM runs there already"), "{failed:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_migration_names_the_host_that_the_scheduler_chose() {
    let world = World::with_hosts(2).await;
    let (vm, from, to) = world.started().await;
    world.act(Migrate::new(vm, None, false)).await.unwrap();
    let (from, to) = (world.name(from).await, world.name(to.unwrap()).await);
    let begun = format!("Migration of VM web from host {from} to host {to} was started by admin@internal.");
    assert_eq!(world.told_of(62).await, [begun]);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_migration_that_is_called_off_says_once_from_where_and_who_did_it() {
    let world = World::with_hosts(2).await;
    let (vm, from, _) = world.started().await;
    world.shared.machines(|machines| machines.hold_moves = true);
    let job = world.ask(Migrate::new(vm, None, false)).await.unwrap().job.unwrap();
    world.called("migrate_vm", 1).await;
    let mut other = world.caller();
    other.session.principal = "operator@internal".to_owned();
    // The source says that it goes on, so whoever asks again is in time.
    world.shared.fault("cancel_migration", &[Fault::Refuse; 3]);
    world.engine.act(&other, CancelMigration::new(vm)).await.unwrap();
    world.engine.act(&world.caller(), CancelMigration::new(vm)).await.unwrap();
    assert_eq!(world.told_of(161).await, Vec::<String>::new(), "it has not ended yet");
    assert!(world.engine.outlast(job, PATIENCE).await.is_err());
    world.idle().await;
    let from = world.name(from).await;
    let told = format!("Migration of VM web from host {from} was cancelled by operator@internal.");
    assert_eq!(world.told_of(161).await, [told]);
    let codes = world.codes().await;
    assert!(![63, 65, 120, 162, 166].iter().any(|code| codes.contains(code)), "{codes:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_migration_that_is_called_off_too_late_says_that_it_has_arrived() {
    let world = World::with_hosts(2).await;
    let (vm, _, to) = world.started().await;
    world.shared.machines(|machines| machines.hold_moves = true);
    let job = world.ask(Migrate::new(vm, None, false)).await.unwrap().job.unwrap();
    world.called("migrate_vm", 1).await;
    world.shared.fault("cancel_migration", &[Fault::Refuse; 1000]);
    world.ask(CancelMigration::new(vm)).await.unwrap();
    world.shared.machines(|machines| machines.finish_moves());
    assert!(world.engine.outlast(job, PATIENCE).await.unwrap());
    assert_eq!(world.shared.machines(|machines| machines.executing(&vm.to_string())), [to.unwrap()]);
    assert_eq!((world.told_of(161).await.len(), world.told_of(63).await.len()), (0, 1));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_migration_that_breaks_while_it_is_called_off_says_that_it_failed() {
    let world = World::with_hosts(2).await;
    let (vm, _, _) = world.started().await;
    world.shared.machines(|machines| machines.hold_moves = true);
    let job = world.ask(Migrate::new(vm, None, false)).await.unwrap().job.unwrap();
    world.called("migrate_vm", 1).await;
    world.shared.fault("cancel_migration", &[Fault::Refuse; 1000]);
    world.ask(CancelMigration::new(vm)).await.unwrap();
    world.shared.machines(|machines| {
        machines.fail_move = Some("the stream broke".to_owned());
        machines.finish_moves();
    });
    assert!(world.engine.outlast(job, PATIENCE).await.is_err());
    world.idle().await;
    let failed = world.told_of(120).await;
    assert!(failed.len() == 1 && failed[0].contains("the stream broke"), "{failed:?}");
    assert_eq!(world.told_of(161).await.len(), 0);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_vm_shows_why_it_was_shut_down_or_powered_off() {
    let world = World::with_hosts(1).await;
    let (vm, ..) = world.started().await;
    let shown = async || world.store().read().await.unwrap().vms().view(vm).await.unwrap().unwrap().vm.last_stop;
    let down = async || {
        world.until("it is down", || async { world.runs(vm).await == 0 }).await;
        world.idle().await;
    };
    world.act(Power::shutdown(vm, Some(" disks are full ".to_owned()))).await.unwrap();
    down().await;
    assert_eq!(shown().await.map(|stop| stop.reason).as_deref(), Some("disks are full"));
    world.act(Start::new(vm, None, false)).await.unwrap();
    world.act(Stop::new(vm, Some("for good".to_owned()))).await.unwrap();
    down().await;
    assert_eq!(shown().await.map(|stop| stop.reason).as_deref(), Some("for good"));
    // What was said of one run is not said of the next.
    world.act(Start::new(vm, None, false)).await.unwrap();
    world.act(Power::shutdown(vm, None)).await.unwrap();
    down().await;
    assert_ne!(shown().await.map(|stop| stop.reason).as_deref(), Some("for good"));
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_refused_while_a_vm_moves_is_told_with_the_names_of_all() {
    let world = World::with_hosts(2).await;
    let (vm, from, _) = world.started().await;
    let host = world.name(from).await;
    let nic = NicChange { name: Some("nic1".to_owned()), ..Default::default() };
    let nic1 = world.act(AddNic { vm, nic: nic.clone(), vm_name: None }).await.unwrap();
    world.idle().await;
    world.shared.machines(|machines| machines.hold_moves = true);
    world.ask(Migrate::new(vm, None, false)).await.unwrap();
    world.called("migrate_vm", 1).await;
    let busy = "Related operation is currently in progress on VM 'web'. Please try again later";
    let user = "admin@internal";
    refusal(world.ask(Migrate::new(vm, None, false)).await);
    assert_eq!(world.told_of(65).await, [format!("Migration of VM web from host {host} failed: {busy}.")]);
    refusal(world.ask(Stop::new(vm, None)).await);
    let told = format!("VM web could not be powered off (host: {host}, user: {user}). Reason: {busy}.");
    assert_eq!(world.told_of(56).await, [told]);
    refusal(world.ask(Power::shutdown(vm, None)).await);
    let told = format!("Shutting down VM web failed (host: {host}, user: {user}). Reason: {busy}.");
    assert_eq!(world.told_of(74).await, [told]);
    refusal(world.ask(Remove::new(vm, false)).await);
    let told = format!("VM web could not be removed (user: {user}). Reason: {busy}.");
    assert_eq!(world.told_of(59).await, [told]);
    let nic = NicChange { name: Some("nic2".to_owned()), ..nic };
    refusal(world.ask(AddNic { vm, nic, vm_name: None }).await);
    let told = format!("Interface nic2 (VirtIO) could not be added to VM web (user: {user}). Reason: {busy}.");
    assert_eq!(world.told_of(933).await, [told]);
    refusal(world.ask(RemoveNic { vm, nic: nic1, names: Default::default() }).await);
    let told = format!("Interface nic1 (VirtIO) could not be removed from VM web (user: {user}). Reason: {busy}.");
    assert_eq!(world.told_of(931).await, [told]);
    world.shared.machines(|machines| machines.hold_moves = false);
    world.idle().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn nothing_that_was_refused_is_told_of_the_unknown() {
    let world = World::with_hosts(1).await;
    let vm = world.vm().await;
    refusal(world.ask(Stop::new(vm, None)).await);
    refusal(world.ask(Power::shutdown(vm, None)).await);
    refusal(world.ask(Migrate::new(vm, None, false)).await);
    for code in [56, 74, 65] {
        let told = world.told_of(code).await;
        assert!(told.len() == 1 && told[0].contains("host") && told[0].contains("none"), "{told:?}");
    }
    let unknown: Vec<_> = world.told().await.into_iter().filter(|(_, said)| said.contains("<UNKNOWN>")).collect();
    assert_eq!(unknown, []);
}
