//! The engine's process: configuration, the database server that it keeps, and wiring. Refuses to know what is served
//! and decided.

pub mod config;
pub mod data_folder;
pub mod error;
pub mod postgres;
pub mod run;
pub mod setup;

pub use error::{Result, ServerError};
