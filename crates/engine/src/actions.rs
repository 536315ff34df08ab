//! What users ask, by area; one file a verb. The frame is in [`crate::action`].

pub mod cluster;
pub mod data_center;
pub mod host;
pub mod named;
pub mod network;
pub mod vm;
pub mod vnic_profile;
