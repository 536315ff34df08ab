//! What goes wrong between a document and a value, and where in the document.

use std::fmt;

use serde::{de, ser};

/// A document could not be read: the caller's mistake, told with its place.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ReadError {
    /// Names from the root to the culprit, joined by `/`: `vm/cpu/topology/cores`. Empty when the text itself is broken
    /// before any element.
    pub place: String,
    /// Line of the culprit, from 1, where the format has kept it.
    pub line: Option<usize>,
    /// What is wrong, as a sentence without its full stop.
    pub problem: String,
}

impl ReadError {
    pub(crate) fn new(problem: impl Into<String>) -> Self {
        Self { place: String::new(), line: None, problem: problem.into() }
    }

    /// The same error, one level further out.
    pub(crate) fn inside(mut self, name: &str, line: Option<usize>) -> Self {
        if self.place.is_empty() {
            self.place.push_str(name);
        } else {
            self.place.insert(0, '/');
            self.place.insert_str(0, name);
        }
        self.line = self.line.or(line);
        self
    }
}

impl fmt::Display for ReadError {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(&self.problem)?;
        if !self.place.is_empty() {
            write!(formatter, ", at {}", self.place)?;
        }
        match self.line {
            Some(line) => write!(formatter, ", line {line}"),
            None => Ok(()),
        }
    }
}

impl std::error::Error for ReadError {}

impl de::Error for ReadError {
    fn custom<T: fmt::Display>(message: T) -> Self {
        Self::new(message.to_string())
    }

    fn unknown_variant(variant: &str, expected: &'static [&'static str]) -> Self {
        Self::new(format!("'{}' is not one of {}", shortened(variant), expected.join(", ")))
    }
}

/// Enough of a text to recognise it in a message.
pub(crate) fn shortened(text: &str) -> String {
    const ENOUGH: usize = 60;
    match text.char_indices().nth(ENOUGH) {
        Some((end, _)) => format!("{}...", &text[..end]),
        None => text.to_owned(),
    }
}

/// A value could not be written: it holds what the API has no form for.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("cannot be written: {0}")]
pub struct WriteError(pub(crate) String);

impl ser::Error for WriteError {
    fn custom<T: fmt::Display>(message: T) -> Self {
        Self(message.to_string())
    }
}
