//! The search language of lists: text in, a checked tree out.
//!
//! ```text
//! query      = [ condition ] [ "sortby" field [ "asc" | "desc" ] ] [ "page" number ]
//! condition  = all { "or" all }
//! all        = unit { [ "and" ] unit }
//! unit       = "(" condition ")" | [ relation "." ] field operator value | text
//! operator   = "=" | "!=" | "<" | ">" | "<=" | ">="
//! ```
//!
//! Words are case-insensitive. A value is quoted, or runs up to the next keyword: `name=VM Network and more` is one value,
//! because what follows the `and` is no condition. `*` in text stands for anything. Text without a field is looked for in
//! every free text field. Times are UTC. The tree knows fields of [`fields`], and nothing of tables.

mod ast;
pub mod fields;
mod moments;
mod parser;
mod scanner;
mod values;

pub use ast::{Comparison, Condition, Direction, Operator, Pattern, Query, Sort, Value};
pub use fields::{Entity, Field, FieldKind};

use crate::Millis;
use crate::refusal::Refusal;

/// The longest search text that is read, in characters.
pub const MAX_LENGTH: usize = 4096;
/// How deep parentheses may nest.
pub const MAX_DEPTH: usize = 32;
/// How many conditions a search may have.
pub const MAX_CONDITIONS: usize = 256;
/// How many items a page has when the caller names no number.
pub const DEFAULT_PAGE_SIZE: u32 = 100;

/// What is wrong with a search, and where (characters from 1 on).
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum SearchError {
    /// No field of that name.
    #[error("unknown field '{name}' at {at}")]
    UnknownField {
        /// What was written.
        name: String,
        /// Where.
        at: usize,
    },
    /// The field does not know this comparison.
    #[error("field '{field}' can't be compared by '{operator}' at {at}")]
    OperatorNotAllowed {
        /// Which field.
        field: &'static str,
        /// What was written.
        operator: &'static str,
        /// Where.
        at: usize,
    },
    /// The value is not of the field's kind.
    #[error("'{value}' is no value of field '{field}' at {at}: {need}")]
    BadValue {
        /// Which field.
        field: &'static str,
        /// What was written.
        value: String,
        /// What would be right.
        need: String,
        /// Where.
        at: usize,
    },
    /// Something else should stand here.
    #[error("expected {need} at {at}")]
    Expected {
        /// What should stand there.
        need: &'static str,
        /// Where.
        at: usize,
    },
    /// The field can't be sorted by.
    #[error("field '{field}' can't be sorted by at {at}")]
    NotSortable {
        /// Which field.
        field: &'static str,
        /// Where.
        at: usize,
    },
    /// One of the limits.
    #[error("the search is too {what}")]
    TooMuch {
        /// Long, deep or complex.
        what: &'static str,
    },
}

/// Reads a search over a kind of object. `now` resolves today, yesterday and weekdays.
///
/// # Errors
/// A [`SearchError`] that names the place.
pub fn parse(entity: Entity, text: &str, now: Millis) -> Result<Query, SearchError> {
    parser::parse(entity, text, now)
}

/// As [`parse`], with the refusal that users read.
///
/// # Errors
/// [`Refusal::BadSearch`].
pub fn read(entity: Entity, text: &str, now: Millis) -> Result<Query, Refusal> {
    parse(entity, text, now).map_err(|error| Refusal::BadSearch { text: text.to_owned(), why: error.to_string() })
}

#[cfg(test)]
mod tests;
