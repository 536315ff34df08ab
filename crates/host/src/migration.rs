//! The convergence schedule of a live migration, pure.
//!
//! libvirt says each time that QEMU begins another round over the guest's memory. A round that leaves no less than the
//! best one before is a stall. After so many stalls the longest pause grows, in the steps that the engine's policy
//! names; the last step cancels, or lets the target run and fetch the rest.

use ferrovirt_hostapi::ConvergenceStep;

/// What is to be done now.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Action {
    /// Allow a pause of so many milliseconds.
    Downtime(u64),
    /// Give up: the VM stays here.
    Abort,
    /// Run at the target now.
    PostCopy,
}

/// How a migration is helped to an end.
#[derive(Debug, Clone)]
pub struct Schedule {
    steps: Vec<ConvergenceStep>,
    next: usize,
    stalls: u32,
    best: Option<u64>,
}

impl Schedule {
    /// A schedule of these steps, by their number of stalls. Step 0, where there is one, holds from the beginning.
    pub fn new(mut steps: Vec<ConvergenceStep>) -> Self {
        steps.sort_by_key(|step| step.stalls);
        Schedule { steps, next: 0, stalls: 0, best: None }
    }

    /// The pause to allow from the beginning; 0: the hypervisor's default.
    pub fn opening(&mut self) -> u64 {
        let mut downtime = 0;
        while let Some(step) =
            self.steps.get(self.next).filter(|step| step.stalls == 0 && !step.abort && !step.post_copy)
        {
            downtime = u64::from(step.downtime_ms);
            self.next += 1;
        }
        downtime
    }

    /// A new round began with so many bytes left. Returns what is due.
    pub fn round(&mut self, remaining: u64) -> Option<Action> {
        match self.best {
            Some(best) if remaining >= best => self.stalls += 1,
            _ => self.best = Some(remaining),
        }
        let mut due = None;
        while let Some(step) = self.steps.get(self.next).filter(|step| step.stalls <= self.stalls) {
            due = Some(if step.abort {
                Action::Abort
            } else if step.post_copy {
                Action::PostCopy
            } else {
                Action::Downtime(u64::from(step.downtime_ms))
            });
            self.next += 1;
        }
        due
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn step(stalls: u32, downtime_ms: u32) -> ConvergenceStep {
        ConvergenceStep { stalls, downtime_ms, ..ConvergenceStep::default() }
    }

    #[test]
    fn the_pause_grows_with_each_stall_and_then_it_gives_up() {
        let abort = ConvergenceStep { stalls: 3, abort: true, ..ConvergenceStep::default() };
        let mut schedule = Schedule::new(vec![step(0, 100), step(1, 150), step(2, 200), abort]);
        assert_eq!(schedule.opening(), 100);
        assert_eq!(schedule.round(1000), None);
        assert_eq!(schedule.round(500), None, "it converges");
        assert_eq!(schedule.round(500), Some(Action::Downtime(150)));
        assert_eq!(schedule.round(400), None);
        assert_eq!(schedule.round(600), Some(Action::Downtime(200)));
        assert_eq!(schedule.round(600), Some(Action::Abort));
        assert_eq!(schedule.round(600), None);
    }

    #[test]
    fn no_schedule_does_nothing() {
        let mut schedule = Schedule::new(Vec::new());
        assert_eq!(schedule.opening(), 0);
        for _ in 0..100 {
            assert_eq!(schedule.round(1), None);
        }
    }

    proptest! {
        #[test]
        fn every_step_is_due_at_most_once_and_a_converging_guest_is_left_alone(
            stalls in prop::collection::vec(1..20_u32, 0..8),
            rounds in prop::collection::vec(0..100_u64, 0..50),
        ) {
            let steps: Vec<_> = stalls.iter().map(|stalls| step(*stalls, 100)).collect();
            let mut schedule = Schedule::new(steps.clone());
            let due = rounds.iter().filter(|remaining| schedule.round(**remaining).is_some()).count();
            prop_assert!(due <= steps.len());
            let mut falling = rounds.clone();
            falling.sort_unstable_by(|a, b| b.cmp(a));
            falling.dedup();
            let mut schedule = Schedule::new(steps);
            prop_assert!(falling.iter().all(|remaining| schedule.round(*remaining).is_none()));
        }
    }
}
