//! What users may read: lists by search, single objects, and many at once for links that are followed.
//!
//! Administrators who do not ask to act as plain users see everything; others see what a grant lets them know of. What
//! may not be known of is not there. One query a level, whatever the number of objects.

pub mod clusters;
pub mod data_centers;
pub mod disks;
pub mod events;
pub mod hosts;
pub mod jobs;
pub mod networks;
pub mod people;
pub mod storage;
pub mod tags;
pub mod templates;
pub mod transfers;
pub mod vms;

use std::collections::HashSet;

use ferrovirt_model::refusal::Refusal;
use ferrovirt_store::tx::{Areas, Reader};
use ferrovirt_store::visibility::Seen;
use uuid::Uuid;

use crate::failure::Result;
use crate::session::Caller;

/// Whether the caller sees objects without a grant on each.
#[must_use]
pub fn sees_all(caller: &Caller) -> bool {
    caller.session.administrator && !caller.filter
}

/// The condition that narrows a list to what the caller may know of.
fn scope(caller: &Caller, kind: Seen) -> Option<String> {
    (!sees_all(caller)).then(|| kind.by(caller.session.user))
}

/// Several conditions as one; none where there are none.
fn every(conditions: impl IntoIterator<Item = Option<String>>) -> Option<String> {
    let all: Vec<String> = conditions.into_iter().flatten().map(|one| format!("({one})")).collect();
    (!all.is_empty()).then(|| all.join(" and "))
}

/// Drops what the caller may not know of.
async fn only_seen<T, Id: Into<Uuid>>(
    reader: &mut Reader,
    caller: &Caller,
    kind: Seen,
    mut found: Vec<T>,
    id: impl Fn(&T) -> Id,
) -> Result<Vec<T>> {
    if sees_all(caller) || found.is_empty() {
        return Ok(found);
    }
    let ids: Vec<Uuid> = found.iter().map(|one| id(one).into()).collect();
    let seen: HashSet<Uuid> = kind.among(&ids, caller.session.user, reader.connection()).await?.into_iter().collect();
    found.retain(|one| seen.contains(&id(one).into()));
    Ok(found)
}

/// The one object of an answer.
fn the_one<T>(mut found: Vec<T>, kind: &'static str, id: impl ToString) -> Result<T> {
    found.pop().ok_or_else(|| Refusal::no_such(kind, id).into())
}

impl crate::core::Engine {
    /// The values that administrators gave to an option, each with its version.
    ///
    /// # Errors
    /// Trouble with the store.
    pub async fn option_values(&self, name: &str) -> Result<Vec<(String, String)>> {
        Ok(ferrovirt_store::Areas::options(&mut self.store().read().await?).of(name).await?)
    }
}
