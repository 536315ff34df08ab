//! What users ask of VMs.

pub mod add;
pub mod definition;
pub mod from_template;
pub mod machine;
mod migrate;
mod power;
pub mod remove;
mod start;
mod stop;
mod update;

pub use add::Add;
pub use migrate::{CancelMigration, Migrate};
pub use power::Power;
pub use remove::Remove;
pub use start::Start;
pub use stop::Stop;
pub use update::Update;
