//! The nouns of a data centre and the rules that need nothing but them.
//!
//! Pure: no runtime, clock, randomness or SQL. Time and ids come in as arguments. This crate knows no sibling.

pub mod catalogue;
pub mod cluster;
pub mod data_center;
pub mod default_objects;
pub mod event;
pub mod events;
pub mod host;
pub mod ids;
pub mod job;
pub mod network;
pub mod permission;
pub mod permits;
pub mod refusal;
pub mod roles;
pub mod search;
pub mod secret;
pub mod storage;
pub mod tag;
pub mod template;
pub mod transfer;
pub mod vm;

/// Milliseconds since the epoch, UTC.
pub type Millis = i64;
