//! The engine's process: configuration, the database server that it keeps, and wiring. Refuses to know what is served
//! and decided.

// As in the web door, whose documents name each other in long chains: an optimised build asks the same question here.
#![recursion_limit = "512"]

pub mod config;
pub mod data_folder;
pub mod error;
pub mod people;
pub mod postgres;
pub mod run;
pub mod setup;

pub use error::{Result, ServerError};
