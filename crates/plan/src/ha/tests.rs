//! Restarts: when one is due, in which order, and when it is over.

use ferrovirt_model::ids::{HostId, JobId, VmId};
use ferrovirt_model::vm::{Lock, LockPurpose, RunPhase};
use proptest::prelude::*;
use uuid::Uuid;

use super::*;
use crate::platform::tests::vm as plain;

fn available(priority: u32) -> Vm {
    let mut vm = plain();
    vm.definition.high_availability.enabled = true;
    vm.definition.high_availability.priority = priority;
    vm
}

fn run(phase: RunPhase, started_at: Option<Millis>) -> VmRun {
    VmRun {
        vm: plain().id,
        generation: 2,
        host: HostId(Uuid::nil()),
        phase,
        owner: true,
        pause_reason: None,
        guest_agent: false,
        started_at,
        migration: None,
        graphics: Vec::new(),
        reported_at: 0,
    }
}

#[test]
fn a_vm_that_is_down_is_tried_when_its_time_has_come() {
    let vm = available(1);
    let restart = Restart { next_try_at: 1_000, ..Restart::new(vm.id, 500) };
    assert_eq!(outlook(&restart, &vm, None, 999), Outlook::Later);
    assert_eq!(outlook(&restart, &vm, None, 1_000), Outlook::Due);
}

#[test]
fn one_that_a_job_holds_or_that_may_run_is_left_alone() {
    let mut vm = available(1);
    let restart = Restart::new(vm.id, 500);
    for phase in [RunPhase::Promised, RunPhase::Unknown, RunPhase::NotResponding, RunPhase::MigratingIn] {
        assert_eq!(outlook(&restart, &vm, Some(&run(phase, None)), 900_000), Outlook::Wait, "{phase:?}");
    }
    vm.lock = Some(Lock { job: JobId(Uuid::nil()), purpose: LockPurpose::Images });
    assert_eq!(outlook(&restart, &vm, None, 1_000), Outlook::Wait);
}

#[test]
fn it_is_over_once_the_vm_has_run_for_a_while_or_is_not_highly_available_any_more() {
    let vm = available(1);
    let restart = Restart::new(vm.id, 500);
    let again = run(RunPhase::Running, Some(1_000));
    assert_eq!(outlook(&restart, &vm, Some(&again), 1_000 + SETTLED - 1), Outlook::Wait);
    assert_eq!(outlook(&restart, &vm, Some(&again), 1_000 + SETTLED), Outlook::Over);
    let lost = run(RunPhase::Unknown, Some(1_000));
    assert_eq!(outlook(&restart, &vm, Some(&lost), 1_000 + SETTLED), Outlook::Wait, "nobody knows whether it runs");
    assert_eq!(outlook(&restart, &plain(), None, 1_000), Outlook::Over);
}

#[test]
fn the_pauses_grow_after_ten_tries_and_that_is_told_once() {
    let mut restart = Restart::new(plain().id, 0);
    for number in 1..=SHORT_TRIES {
        assert!(!in_vain(&restart));
        restart = tried(&restart, 0);
        let pause = if number < SHORT_TRIES { SHORT_PAUSE } else { LONG_PAUSE };
        assert_eq!((restart.tries, restart.next_try_at), (number, pause));
    }
    assert!(in_vain(&restart));
    assert!(!in_vain(&Restart { told: true, ..restart }));
}

proptest! {
    #[test]
    fn higher_priorities_come_first_and_then_what_waits_longest(ones in prop::collection::vec((0_u32..4, 0_i64..4), 0..20)) {
        let mut ones: Vec<(Restart, Vm)> = ones.into_iter().zip(1_u128..).map(|((priority, since), id)| {
            (Restart::new(VmId(Uuid::from_u128(id)), since), available(priority))
        }).collect();
        ones.sort_by_key(|(restart, vm)| rank(restart, vm));
        for pair in ones.windows(2) {
            let (one, next) = (&pair[0], &pair[1]);
            let priority = |vm: &Vm| vm.definition.high_availability.priority;
            let in_order = (priority(&next.1), one.0.since, one.0.vm) <= (priority(&one.1), next.0.since, next.0.vm);
            prop_assert!(priority(&one.1) >= priority(&next.1));
            prop_assert!(priority(&one.1) > priority(&next.1) || in_order);
        }
    }

    #[test]
    fn a_try_always_delays_the_next_one(tries in 0_u32..u32::MAX, now in 0_i64..i64::MAX) {
        let before = Restart { tries, ..Restart::new(plain().id, 0) };
        let after = tried(&before, now);
        prop_assert!(after.tries > before.tries);
        prop_assert!(after.next_try_at >= now.saturating_add(SHORT_PAUSE));
        prop_assert_eq!(outlook(&after, &available(1), None, now.min(i64::MAX - 1)), Outlook::Later);
    }
}
