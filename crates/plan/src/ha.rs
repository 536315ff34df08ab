//! High availability: which VMs are started again, in which order, and how often. Refuses to know how a start goes, and
//! whether an end is certain: a run is there until its host or a user has said that it has ended.

use std::cmp::Reverse;

use ferrovirt_model::Millis;
use ferrovirt_model::vm::lifecycle;
use ferrovirt_model::vm::{Restart, Vm, VmRun};

/// Tries in short intervals, as oVirt's `NumOfTriesToRunFailedAutoStartVmInShortIntervals`.
pub const SHORT_TRIES: u32 = 10;
/// The pause between those, ms: oVirt's `RetryToRunAutoStartVmShortIntervalInSeconds`.
pub const SHORT_PAUSE: Millis = 30_000;
/// The pause between later ones, ms: oVirt's `RetryToRunAutoStartVmLongIntervalInSeconds`.
pub const LONG_PAUSE: Millis = 1_800_000;
/// For how long a VM runs, ms, until earlier tries count no more: one that fails again and again must come to the long
/// pauses, though it ran for a moment each time.
pub const SETTLED: Millis = 300_000;

/// What becomes of a restart now.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Outlook {
    /// It is over: the VM has settled, or is not highly available any more.
    Over,
    /// The VM runs, may run, or a job holds it.
    Wait,
    /// It is down, and its time has not come.
    Later,
    /// It is down, and may be tried.
    Due,
}

/// What becomes of the restart of a VM whose owning run is `run`.
#[must_use]
pub fn outlook(restart: &Restart, vm: &Vm, run: Option<&VmRun>, now: Millis) -> Outlook {
    if !vm.definition.high_availability.enabled {
        return Outlook::Over;
    }
    let Some(run) = run else {
        return match (&vm.lock, restart.next_try_at <= now) {
            (Some(_), _) => Outlook::Wait,
            (None, true) => Outlook::Due,
            (None, false) => Outlook::Later,
        };
    };
    // A migration does not change when the guest began.
    let settled = run.started_at.is_some_and(|began| now.saturating_sub(began) >= SETTLED);
    if settled && lifecycle::executes(run) { Outlook::Over } else { Outlook::Wait }
}

/// The order in which VMs are tried: the higher priority first, then what waits longest.
#[must_use]
pub fn rank(restart: &Restart, vm: &Vm) -> impl Ord + use<> {
    (Reverse(vm.definition.high_availability.priority), restart.since, restart.vm)
}

/// A restart after one more try has begun: whatever comes of it, the next one is not due before the pause is over.
#[must_use]
pub fn tried(restart: &Restart, now: Millis) -> Restart {
    let tries = restart.tries.saturating_add(1);
    let pause = if tries < SHORT_TRIES { SHORT_PAUSE } else { LONG_PAUSE };
    Restart { tries, next_try_at: now.saturating_add(pause), ..*restart }
}

/// Whether the short intervals are over and nobody was told of that.
#[must_use]
pub fn in_vain(restart: &Restart) -> bool {
    restart.tries >= SHORT_TRIES && !restart.told
}

#[cfg(test)]
mod tests;
