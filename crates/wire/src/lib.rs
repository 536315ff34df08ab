//! The vocabulary of the oVirt API, version 4: its types, its two formats, its tree of services, its faults.
//!
//! Pure: text in, values out and back. It knows no sibling crate, no HTTP, no clock and no database.

mod element;
mod error;
pub mod fault;
mod format;
pub mod json;
pub mod limits;
mod node;
mod pieces;
mod read;
pub mod root;
pub mod schema;
mod timestamp;
pub mod tree;
pub mod types;
mod word;
mod write;
pub mod xml;

pub use element::{Actions, Document, Element, Link, List};
pub use error::{ReadError, WriteError};
pub use format::Format;
pub use pieces::{Made, Pieces};
pub use timestamp::{NotADate, Timestamp};
pub use word::{UnknownWord, Word};

#[cfg(test)]
mod sample;
#[cfg(test)]
mod tests;
