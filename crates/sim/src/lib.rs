//! Simulated hosts behind the real host contract: for scale, for portal work and for benchmarks.
//!
//! A simulated host joins like a real one, keeps its VMs and volumes in memory, and reports them. Its VMs run at once and
//! their guests answer; nothing is executed. Nothing depends on this crate.

pub mod datacentre;
pub mod host;
pub mod join;
pub mod world;
