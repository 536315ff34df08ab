//! What exists without anybody making it: guest systems, CPU types, policies, statistics, options. Tables and look-ups,
//! no behaviour.
//!
//! Names, numbers and ids are those that clients of the oVirt API know; each table says which part of it they rely on.

pub mod cluster_levels;
pub mod cpu_types;
pub mod instance_types;
pub mod migration_policies;
pub mod network_filters;
pub mod operating_systems;
pub mod policies;
pub mod policy_units;
pub mod statistics;
pub mod system_options;
