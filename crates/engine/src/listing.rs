//! What a list is asked with.

use ferrovirt_model::Millis;
use ferrovirt_model::search::{self, Entity};
use ferrovirt_store::search::{self as sql, Compiled, Options};

use crate::failure::Result;

/// A list request: search text, size and place.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ListQuery {
    /// In the search language.
    pub search: Option<String>,
    /// At most so many; with `page N` the size of a page.
    pub max: Option<u32>,
    /// Text compares with case.
    pub case_sensitive: bool,
    /// Events: larger ids only.
    pub from: Option<i64>,
}

impl ListQuery {
    /// Everything.
    #[must_use]
    pub fn all() -> Self {
        Self::default()
    }
}

/// Compiles a list request for an entity.
///
/// # Errors
/// A refusal with the place, when the text can't be understood.
pub fn compile(entity: Entity, query: &ListQuery, now: Millis) -> Result<Compiled> {
    let text = query.search.as_deref().unwrap_or_default();
    let parsed = search::read(entity, text, now)?;
    Ok(sql::compile(entity, &parsed, Options { case_sensitive: query.case_sensitive, max: query.max }))
}
