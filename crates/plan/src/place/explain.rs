//! A decision in words: for each host, chosen or refused, by which unit and why.

use ferrovirt_model::ids::HostId;
use serde::{Deserialize, Serialize};

use super::{NoHost, Placement, Snapshot, WhyNot};
use crate::policy::Policy;

/// Hosts that an explanation names. Of a larger cluster it counts the rest.
const NAMED: usize = 100;

/// "Why here?" and "why nowhere?".
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct Explanation {
    /// The policy's name.
    pub policy: String,
    /// The host that was chosen; nothing where none fits.
    pub chosen: Option<HostId>,
    /// How many hosts fit.
    pub fit: usize,
    /// How many were refused.
    pub refused: usize,
    /// The hosts that fit, the best first, then the refused ones by id; no more than a hundred of either.
    pub hosts: Vec<HostVerdict>,
}

/// What was found of one host.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct HostVerdict {
    /// The host.
    pub host: HostId,
    /// Its name then.
    pub name: String,
    /// What its weights sum up to; the smallest sum was chosen. Nothing of a host that was refused.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub sum: Option<f64>,
    /// What each weight said that told hosts apart.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub weights: Vec<WeightShare>,
    /// Which filter refused it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub filter: Option<String>,
    /// Why, as half a sentence.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub reason: Option<String>,
}

/// What one weight said of one host.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct WeightShare {
    /// The unit's name.
    pub unit: String,
    /// Its number: the smaller, the better.
    pub number: f64,
    /// How many hosts it finds better.
    pub rank: u32,
    /// How much it counts.
    pub factor: u32,
}

impl Explanation {
    /// Words a decision.
    #[must_use]
    pub fn of(decision: Result<&Placement, &NoHost>, snapshot: &Snapshot, policy: &Policy) -> Self {
        let why_not = match decision {
            Ok(placement) => &placement.why_not,
            Err(none) => &none.why_not,
        };
        let mut explanation = Self {
            policy: policy.name.clone(),
            chosen: decision.ok().map(|placement| placement.host),
            fit: decision.map_or(0, |placement| placement.fit.len()),
            refused: why_not.len(),
            hosts: Vec::new(),
        };
        if let Ok(placement) = decision {
            explanation.hosts.extend(fitting(placement, snapshot));
        }
        explanation.hosts.extend(why_not.iter().take(NAMED).map(refused));
        explanation
    }
}

fn fitting<'a>(placement: &'a Placement, snapshot: &'a Snapshot) -> impl Iterator<Item = HostVerdict> + 'a {
    placement.fit.iter().take(NAMED).map(|score| {
        let name = snapshot.hosts.iter().find(|host| host.id == score.host).map(|host| host.name.clone());
        let weights = placement.ranks.columns.iter().map(|column| WeightShare {
            unit: column.unit.name().to_owned(),
            number: column.numbers.get(score.row).copied().unwrap_or_default(),
            rank: column.ranks.get(score.row).copied().unwrap_or_default(),
            factor: column.factor,
        });
        HostVerdict {
            host: score.host,
            name: name.unwrap_or_default(),
            sum: Some(score.sum.0.0),
            weights: weights.collect(),
            filter: None,
            reason: None,
        }
    })
}

fn refused(why: &WhyNot) -> HostVerdict {
    HostVerdict {
        host: why.host,
        name: why.name.clone(),
        sum: None,
        weights: Vec::new(),
        filter: Some(why.by.name().to_owned()),
        reason: Some(why.reason.to_string()),
    }
}
