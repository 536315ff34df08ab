//! What users ask of VMs.

pub mod add;
pub mod cd;
pub mod consoles;
pub mod definition;
mod devices;
pub mod disks;
pub mod from_template;
mod guest_password;
mod known;
pub mod machine;
mod migrate;
pub mod nics;
mod power;
pub mod remove;
pub mod start;
mod stop;
mod update;

pub use add::Add;
pub use cd::ChangeCd;
pub use migrate::{CancelMigration, Migrate};
pub use power::Power;
pub use remove::Remove;
pub use start::Start;
pub use stop::Stop;
pub use update::Update;
