//! A reference as users give it: an id, or the name where the kind has unique names.

use ferrovirt_model::catalogue::cluster_levels::ClusterLevel;
use ferrovirt_model::refusal::Refusal;
use ferrovirt_store::StoreError;

use crate::failure::{Failure, Result};

/// An object that a request names.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Named<Id> {
    /// By its id.
    Id(Id),
    /// By its name.
    Name(String),
}

impl<Id: ToString> Named<Id> {
    /// The text that the user gave.
    #[must_use]
    pub fn text(&self) -> String {
        match self {
            Self::Id(id) => id.to_string(),
            Self::Name(name) => name.clone(),
        }
    }
}

/// What the store says when a name is taken between the look and the write.
pub(super) fn name_taken(error: StoreError, kind: &'static str, name: &str) -> Failure {
    match error.constraint() {
        Some(constraint) if constraint.contains("name") => Refusal::NameTaken { kind, name: name.to_owned() }.into(),
        _ => error.into(),
    }
}

/// A compatibility level that data centres and clusters may have.
pub(super) fn check_level(version: (u32, u32)) -> Result<()> {
    let level = ClusterLevel::from(version);
    if level.is_supported() {
        return Ok(());
    }
    let levels: Vec<String> = ClusterLevel::SUPPORTED.iter().map(ToString::to_string).collect();
    Err(Refusal::bad_value("version", level, format!("the levels are {}", levels.join(", "))).into())
}
