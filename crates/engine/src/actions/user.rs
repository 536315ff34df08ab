//! What users ask of users and groups. A user is an account of the internal directory.

mod add;
mod group;
mod remove;

pub use add::Add;
pub use group::{AddGroup, RemoveGroup};
pub use remove::Remove;
