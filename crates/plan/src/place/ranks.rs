//! Joining the weights: oVirt's selectors.
//!
//! The sum of ranks, oVirt's `RankSelector`: in each unit a host's rank is the number of hosts that the unit finds
//! strictly better (there counted from the other end, with the same order); ranks times factors are summed, and the
//! smallest sum wins. The sum of numbers, `BasicWeighting`: numbers times factors. Ties go to the smaller host id.

use std::cmp::Reverse;

use ferrovirt_model::ids::HostId;

use super::rules::Ties;
use super::{HostView, Request, weights};
use crate::policy::{Policy, SelectorUnit, WeightUnit};

/// How well a host suits. Larger is better; the order of the fields is the order of the decision.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Score {
    /// What the weights sum up to.
    pub sum: Reverse<Sum>,
    /// Whatever else: the same answer each time.
    pub tie: Reverse<HostId>,
    /// The host.
    pub host: HostId,
    /// Its row in [`Ranks`].
    pub row: usize,
}

/// A sum of weights, totally ordered.
#[derive(Clone, Copy, Debug)]
pub struct Sum(pub f64);

impl PartialEq for Sum {
    fn eq(&self, other: &Self) -> bool {
        self.0.total_cmp(&other.0).is_eq()
    }
}

impl Eq for Sum {}

impl PartialOrd for Sum {
    fn partial_cmp(&self, other: &Self) -> Option<std::cmp::Ordering> {
        Some(self.cmp(other))
    }
}

impl Ord for Sum {
    fn cmp(&self, other: &Self) -> std::cmp::Ordering {
        self.0.total_cmp(&other.0)
    }
}

/// What the weights that told hosts apart said of them.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Ranks {
    /// A column for each such unit.
    pub columns: Vec<Column>,
}

/// What one unit said.
#[derive(Clone, Debug, PartialEq)]
pub struct Column {
    /// The unit.
    pub unit: WeightUnit,
    /// How much it counts.
    pub factor: u32,
    /// The number of each host, by row.
    pub numbers: Vec<f64>,
    /// The rank of each host, by row.
    pub ranks: Vec<u32>,
}

/// Asks every weight of the policy, and joins what they say.
pub(super) fn rank(hosts: &[&HostView], request: &Request, policy: &Policy, ties: &Ties<'_>) -> (Ranks, Vec<Score>) {
    let mut columns = Vec::new();
    let mut sums = vec![0.0_f64; hosts.len()];
    for (unit, factor) in policy.weights.iter().copied().filter(|(_, factor)| *factor > 0) {
        let Some(numbers) = weights::numbers(unit, hosts, request, &policy.parameters, ties) else { continue };
        let ranks = ranks_of(&numbers);
        for (row, sum) in sums.iter_mut().enumerate() {
            let value = match policy.selector {
                SelectorUnit::Rank => ranks.get(row).map(|rank| f64::from(*rank)),
                SelectorUnit::Basic => numbers.get(row).copied(),
            };
            *sum += value.unwrap_or(0.0) * f64::from(factor);
        }
        columns.push(Column { unit, factor, numbers, ranks });
    }
    let scores = hosts.iter().zip(sums).enumerate().map(|(row, (host, sum))| Score {
        sum: Reverse(Sum(sum)),
        tie: Reverse(host.id),
        host: host.id,
        row,
    });
    (Ranks { columns }, scores.collect())
}

/// For each number, how many are smaller.
pub(super) fn ranks_of(numbers: &[f64]) -> Vec<u32> {
    let mut order: Vec<(i64, u32)> = numbers.iter().map(|number| ordered(*number)).zip(0..).collect();
    order.sort_unstable();
    let mut ranks = vec![0; numbers.len()];
    let (mut rank, mut last) = (0, None);
    for (place, (number, row)) in (0_u32..).zip(order) {
        if last != Some(number) {
            (rank, last) = (place, Some(number));
        }
        if let Some(own) = ranks.get_mut(row as usize) {
            *own = rank;
        }
    }
    ranks
}

/// A whole number that orders as the given one: the order of IEEE 754, as `f64::total_cmp` has it.
fn ordered(number: f64) -> i64 {
    let bits = number.to_bits() as i64;
    bits ^ (((bits >> 63) as u64) >> 1) as i64
}
