//! Simulated hosts behind the real host contract: for scale, for portal work and for benchmarks.
//!
//! A simulated host joins like a real one, keeps its VMs in memory, shares its storage with the other hosts of the same
//! process, and reports all of it. Its VMs run at once and their guests answer; nothing is executed. Nothing depends on
//! this crate.

pub mod datacentre;
mod doors;
pub mod host;
pub mod join;
pub mod migration;
pub mod network;
pub mod storage;
pub mod told;
pub mod world;
