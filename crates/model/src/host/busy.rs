//! For how long a host's CPUs have been busy. What the policy unit CPUOverloaded and the balancers ask.

use std::collections::VecDeque;

use serde::{Deserialize, Serialize};

use crate::Millis;

/// Percent up to which nobody calls a host busy: the least that a policy's `HighUtilization` may be.
const FLOOR: f64 = 50.0;
/// Minutes that are remembered.
const MINUTES: usize = 60;
/// Milliseconds without a measurement after which nothing is known of before.
const GAP: Millis = 3 * MINUTE;
const MINUTE: Millis = 60_000;

/// The least CPU use of a host in each of the last minutes, back to when it was last at or below half. After an hour the
/// oldest are forgotten.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct Busy {
    minutes: VecDeque<Minute>,
    last: Millis,
}

/// When a minute began, and the least percent in it.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
struct Minute(Millis, f64);

impl Busy {
    /// Notes a measurement: percent of all CPUs in use. One that is older than the newest is passed over.
    pub fn note(&mut self, at: Millis, percent: f64) {
        if at < self.last {
            return;
        }
        if at - self.last > GAP || percent <= FLOOR {
            self.minutes.clear();
        }
        self.last = at;
        if percent <= FLOOR {
            return;
        }
        match self.minutes.back_mut() {
            Some(minute) if at - minute.0 < MINUTE => minute.1 = minute.1.min(percent),
            _ => self.minutes.push_back(Minute(at, percent)),
        }
        if self.minutes.len() > MINUTES {
            self.minutes.pop_front();
        }
    }

    /// Whole minutes for which no measurement was at or below this many percent, up to the newest one.
    #[must_use]
    pub fn minutes_above(&self, percent: f64) -> u32 {
        let above = self.minutes.iter().rev().take_while(|minute| minute.1 > percent);
        let Some(first) = above.last() else { return 0 };
        u32::try_from((self.last - first.0) / MINUTE).unwrap_or(u32::MAX)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_overload_counts_from_its_first_measurement_and_ends_with_one_below() {
        let mut busy = Busy::default();
        for quarter in 0..=12 {
            busy.note(1_000_000 + quarter * 15_000, 90.0);
        }
        assert_eq!((busy.minutes_above(80.0), busy.minutes_above(90.0)), (3, 0));
        busy.note(1_000_000 + 13 * 15_000, 70.0);
        assert_eq!(busy.minutes_above(80.0), 0);
        busy.note(1_000_000 + 13 * 15_000, 40.0);
        assert_eq!(busy, Busy { last: 1_000_000 + 13 * 15_000, ..Busy::default() }, "an idle host has no history");
        busy.note(1_000_000 + 17 * 15_000, 95.0);
        busy.note(1_000_000 + 21 * 15_000, 95.0);
        assert_eq!(busy.minutes_above(80.0), 1);
    }

    #[test]
    fn silence_is_no_overload_and_the_past_is_not_rewritten() {
        let mut busy = Busy::default();
        busy.note(60_000, 99.0);
        busy.note(60_000 + GAP + 1, 99.0);
        assert_eq!(busy.minutes_above(80.0), 0);
        busy.note(1, 10.0);
        busy.note(60_000 + GAP + 1 + MINUTE, 99.0);
        assert_eq!(busy.minutes_above(80.0), 1);
        (0..500).for_each(|minute| busy.note(1_000_000_000 + minute * MINUTE, 99.0));
        assert_eq!(busy.minutes_above(80.0), 59);
    }
}
