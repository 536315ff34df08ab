//! A document as both formats give it: named nodes with text, values and children. It knows no type and no format.

use std::borrow::Cow;

use crate::{
    error::ReadError,
    limits::{MAX_BYTES, MAX_DEPTH, MAX_ELEMENTS},
};

/// A named part of a document.
#[derive(Debug, PartialEq)]
pub(crate) struct Node<'d> {
    pub(crate) name: Cow<'d, str>,
    /// From 1; `None` where the format has not kept it.
    pub(crate) line: Option<usize>,
    pub(crate) content: Content<'d>,
}

/// What a node holds.
#[derive(Debug, PartialEq)]
pub(crate) enum Content<'d> {
    Null,
    Boolean(bool),
    Integer(i64),
    Decimal(f64),
    Text(Cow<'d, str>),
    /// Only where the format tells lists from records; elsewhere a list is a run of nodes with one name.
    List(Vec<Node<'d>>),
    /// `text` is what stands between the children, for formats that have it.
    Record {
        text: Cow<'d, str>,
        children: Vec<Node<'d>>,
    },
}

/// Counts what was read and stops a document that is too much.
#[derive(Debug, Default)]
pub(crate) struct Budget {
    elements: usize,
}

impl Budget {
    /// Refuses a document by its size alone.
    pub(crate) fn check_size(document: &[u8]) -> Result<(), ReadError> {
        if document.len() > MAX_BYTES {
            return Err(ReadError::new(format!("the document is larger than {MAX_BYTES} bytes")));
        }
        Ok(())
    }

    /// Takes one element at `depth` (the root is at 1).
    pub(crate) fn take(&mut self, depth: usize) -> Result<(), ReadError> {
        self.elements += 1;
        if depth > MAX_DEPTH {
            return Err(ReadError::new(format!("the document is nested deeper than {MAX_DEPTH} levels")));
        }
        if self.elements > MAX_ELEMENTS {
            return Err(ReadError::new(format!("the document has more than {MAX_ELEMENTS} elements")));
        }
        Ok(())
    }
}

/// Refuses characters that XML 1.0 (section 2.2) cannot carry. What came in as JSON must go out as XML too.
pub(crate) fn check_characters(text: &str) -> Result<(), ReadError> {
    match text.chars().find(|character| !is_allowed(*character)) {
        Some(character) => Err(ReadError::new(format!("the character U+{:04X} is not allowed", u32::from(character)))),
        None => Ok(()),
    }
}

/// Whether XML 1.0 can carry the character.
pub(crate) fn is_allowed(character: char) -> bool {
    matches!(character, '\t' | '\n' | '\r' | '\u{20}'..='\u{d7ff}' | '\u{e000}'..='\u{fffd}' | '\u{10000}'..)
}
