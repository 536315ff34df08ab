//! The decisions: where a VM runs, what its host is told, how it moves, what still fits, and which names are right.
//!
//! Pure: a snapshot and a request in, a plan with its reasons out. No clock, randomness, SQL or network; the same input
//! always gives the same plan.

pub mod capacity;
pub mod first_boot;
pub mod ha;
pub mod mac;
pub mod migrate;
pub mod names;
pub mod networks;
pub mod place;
pub mod platform;
pub mod policy;

pub use place::{NoHost, Placement, place};
pub use platform::platform;

/// One MiB in bytes.
pub const MIB: u64 = 1 << 20;
/// One GiB in bytes.
pub const GIB: u64 = 1 << 30;
