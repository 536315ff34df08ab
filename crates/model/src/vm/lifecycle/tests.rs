//! The tables of the VM's life.

use uuid::Uuid;

use super::*;
use crate::ids::{ClusterId, HostId, JobId, TemplateId, VmId};
use crate::vm::{Definition, Lock};

fn vm(lock: Option<LockPurpose>) -> Vm {
    Vm {
        id: VmId(Uuid::from_u128(1)),
        name: "web".to_owned(),
        cluster: ClusterId(Uuid::from_u128(2)),
        template: TemplateId(Uuid::nil()),
        definition: Definition::default(),
        cpu_profile: None,
        created_by: None,
        created_at: 0,
        generation: 7,
        lock: lock.map(|purpose| Lock { job: JobId(Uuid::from_u128(3)), purpose }),
        last_stop: None,
        next_run: None,
    }
}

fn run(phase: RunPhase, guest_agent: bool) -> VmRun {
    VmRun {
        vm: VmId(Uuid::from_u128(1)),
        generation: 7,
        host: HostId(Uuid::from_u128(4)),
        phase,
        owner: true,
        pause_reason: None,
        guest_agent,
        started_at: Some(1_000),
        migration: None,
        graphics: Vec::new(),
        reported_at: 1_000,
    }
}

#[test]
fn status_follows_lock_and_run() {
    let down = |purpose| status(&vm(purpose), None, 2_000);
    assert_eq!(down(None), VmStatus::Down);
    assert_eq!(down(Some(LockPurpose::Starting)), VmStatus::WaitForLaunch);
    assert_eq!(down(Some(LockPurpose::Stopping)), VmStatus::PoweringDown, "down means that it can be started again");
    assert_eq!(down(Some(LockPurpose::Images)), VmStatus::ImageLocked);
    let running = |purpose, phase, agent, now| status(&vm(purpose), Some(&run(phase, agent)), now);
    assert_eq!(running(None, RunPhase::Promised, false, 2_000), VmStatus::WaitForLaunch);
    assert_eq!(running(None, RunPhase::Running, false, 2_000), VmStatus::PoweringUp);
    assert_eq!(running(None, RunPhase::Running, true, 2_000), VmStatus::Up);
    assert_eq!(running(None, RunPhase::Running, false, 61_000), VmStatus::Up);
    assert_eq!(running(Some(LockPurpose::Migrating), RunPhase::Running, true, 2_000), VmStatus::Migrating);
    assert_eq!(running(Some(LockPurpose::Starting), RunPhase::Running, true, 2_000), VmStatus::PoweringUp);
    assert_eq!(running(Some(LockPurpose::Stopping), RunPhase::Running, true, 2_000), VmStatus::PoweringDown);
    assert_eq!(running(None, RunPhase::Unknown, true, 2_000), VmStatus::Unknown);
}

#[test]
fn asks_are_refused_with_a_reason() {
    assert_eq!(may(&vm(None), None, Ask::Start, 0), Ok(()));
    let refusal = may(&vm(None), Some(&run(RunPhase::Running, true)), Ask::Start, 2_000).unwrap_err();
    assert_eq!(refusal.to_string(), "VM 'web' is up: the VM must be down or paused to be started.");
    let locked = may(&vm(Some(LockPurpose::Images)), None, Ask::Start, 0).unwrap_err();
    assert!(matches!(locked, Refusal::Locked { .. }));
    assert_eq!(may(&vm(Some(LockPurpose::Starting)), Some(&run(RunPhase::Running, false)), Ask::Stop, 2_000), Ok(()));
}

#[test]
fn a_vm_of_unknown_whereabouts_is_neither_started_nor_removed() {
    let lost = run(RunPhase::Unknown, true);
    for ask in [Ask::Start, Ask::Remove, Ask::Migrate, Ask::Update] {
        assert!(may(&vm(None), Some(&lost), ask, 2_000).is_err(), "{ask:?}");
    }
}

#[test]
fn what_stands_since_a_broken_off_migration_is_powered_off_and_never_resumed() {
    let mut stands = run(RunPhase::Paused, true);
    assert_eq!(may(&vm(None), Some(&stands), Ask::Start, 2_000), Ok(()), "others go on");
    stands.pause_reason = Some(BROKEN_OFF.to_owned());
    assert!(undecided(&stands));
    for ask in [Ask::Start, Ask::Migrate, Ask::Remove] {
        assert!(may(&vm(None), Some(&stands), ask, 2_000).is_err(), "{ask:?}");
    }
    assert_eq!(may(&vm(None), Some(&stands), Ask::Stop, 2_000), Ok(()));
}

#[test]
fn a_source_that_handed_its_guest_over_is_the_only_run_that_cant_execute() {
    let source = |owner| VmRun { owner, ..run(RunPhase::MigratingOut, true) };
    assert!(may_execute(&source(true)) && executes(&source(true)));
    assert!(!may_execute(&source(false)) && !executes(&source(false)));
    for phase in [RunPhase::Promised, RunPhase::Unknown, RunPhase::MigratingIn, RunPhase::Running] {
        let other = VmRun { owner: false, ..run(phase, true) };
        assert!(may_execute(&other), "{phase:?}");
        assert_eq!(executes(&other), phase == RunPhase::Running, "{phase:?}");
    }
}

#[test]
fn what_has_the_guest_or_cant_be_asked_inherits_a_vm_and_what_stands_since_a_migration_does_not() {
    for phase in [RunPhase::Running, RunPhase::Paused, RunPhase::NotResponding, RunPhase::Unknown] {
        assert!(may_inherit(&VmRun { owner: false, ..run(phase, true) }), "{phase:?}");
    }
    for phase in [RunPhase::Promised, RunPhase::MigratingIn, RunPhase::MigratingOut] {
        assert!(!may_inherit(&VmRun { owner: false, ..run(phase, true) }), "{phase:?}");
    }
    for phase in [RunPhase::Paused, RunPhase::Unknown] {
        let stands = VmRun { owner: false, pause_reason: Some(BROKEN_OFF.to_owned()), ..run(phase, true) };
        assert!(!may_inherit(&stands), "{phase:?}");
    }
}

#[test]
fn a_protected_vm_stays() {
    let mut protected = vm(None);
    protected.definition.delete_protected = true;
    assert!(matches!(may(&protected, None, Ask::Remove, 0), Err(Refusal::DeleteProtected { .. })));
}

fn seen(generation: u64, phase: Option<RunPhase>) -> Observation {
    Observation {
        generation,
        phase,
        pause_reason: None,
        guest_agent: false,
        started_at: None,
        migration: None,
        graphics: Vec::new(),
        exit: None,
    }
}

#[test]
fn a_report_of_another_generation_changes_nothing() {
    let now = run(RunPhase::Running, true);
    assert_eq!(absorb(&now, &seen(6, None), 5_000), Delta::Nothing);
    assert_eq!(absorb(&now, &seen(8, Some(RunPhase::Running)), 5_000), Delta::Nothing);
}

#[test]
fn an_end_without_a_reason_is_a_loss() {
    let ended = absorb(&run(RunPhase::Running, true), &seen(7, None), 5_000);
    assert!(matches!(ended, Delta::Ended(Exit { kind: ExitKind::Lost, .. })));
}

#[test]
fn an_agent_that_answered_once_stays_known() {
    let Delta::Changed(next) = absorb(&run(RunPhase::Running, true), &seen(7, Some(RunPhase::Paused)), 5_000) else {
        unreachable!("the phase changed");
    };
    assert!(next.guest_agent);
    assert_eq!(next.started_at, Some(1_000));
    assert_eq!(next.reported_at, 5_000);
}

#[test]
fn a_guest_began_when_it_was_first_told_to_have_begun() {
    let mut run = run(RunPhase::MigratingIn, true);
    let mut told = seen(7, Some(RunPhase::Running));
    told.started_at = Some(4_000);
    let Delta::Changed(next) = absorb(&run, &told, 5_000) else { unreachable!("the phase changed") };
    assert_eq!(next.started_at, Some(1_000));
    run.started_at = None;
    let Delta::Changed(next) = absorb(&run, &told, 5_000) else { unreachable!("the phase changed") };
    assert_eq!(next.started_at, Some(4_000));
}

#[test]
fn the_same_report_twice_changes_nothing() {
    let now = run(RunPhase::Running, false);
    let mut again = seen(7, Some(RunPhase::Running));
    again.started_at = Some(1_000);
    assert_eq!(absorb(&now, &again, 9_000), Delta::Nothing);
}
