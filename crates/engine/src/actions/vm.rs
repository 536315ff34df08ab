//! What users ask of VMs.

pub mod machine;
mod start;

pub use start::Start;
