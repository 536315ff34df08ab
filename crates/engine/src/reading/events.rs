//! The event log as users read it.

use ferrovirt_model::event::LogEntry;
use ferrovirt_model::refusal::Refusal;
use ferrovirt_model::search::Entity;
use ferrovirt_store::{Areas, events};

use super::sees_all;
use crate::core::{Engine, now};
use crate::failure::Result;
use crate::listing::{self, ListQuery};
use crate::session::Caller;

fn scope(caller: &Caller) -> Option<String> {
    (!sees_all(caller)).then(|| events::seen_by(caller.session.user))
}

impl Engine {
    /// Entries by search, newest first unless it sorts otherwise.
    ///
    /// # Errors
    /// A refusal for a search that can't be read; trouble with the store.
    pub async fn list_events(&self, caller: &Caller, query: &ListQuery) -> Result<Vec<LogEntry>> {
        let search = listing::compile(Entity::Event, query, now())?;
        let mut reader = self.store().read().await?;
        Ok(reader.events().list(&search, query.from, scope(caller).as_deref()).await?)
    }

    /// An entry.
    ///
    /// # Errors
    /// [`Refusal::NoSuchObject`], or trouble with the store.
    pub async fn event(&self, caller: &Caller, id: i64) -> Result<LogEntry> {
        let found = self.store().read().await?.events().get(id, scope(caller).as_deref()).await?;
        found.ok_or_else(|| Refusal::no_such("Event", id).into())
    }
}
