//! What users ask of VMs.

pub mod machine;
mod migrate;
mod power;
mod start;
mod stop;

pub use migrate::{CancelMigration, Migrate};
pub use power::Power;
pub use start::Start;
pub use stop::Stop;
