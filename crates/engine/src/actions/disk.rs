//! What users ask of disks.

mod add;
mod copy;
pub mod new_disk;
pub mod remove;
mod update;

pub use add::Add;
pub use copy::Copy;
pub(super) use copy::check_idle;
pub use new_disk::NewDisk;
pub use remove::Remove;
pub use update::{Settings, Update};
