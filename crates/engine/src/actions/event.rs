//! What users ask of the event log.

mod add;
mod remove;

pub use add::Add;
pub use remove::{Remove, Restore};
