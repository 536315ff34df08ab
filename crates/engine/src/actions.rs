//! What users ask, by area; one file a verb. The frame is in [`crate::action`].

pub mod cluster;
pub mod data_center;
pub mod disk;
pub mod event;
pub mod host;
pub mod job;
pub mod mac_pool;
pub mod named;
pub mod network;
pub mod objects;
pub mod permission;
pub mod role;
pub mod storage;
pub mod tag;
pub mod template;
pub mod transfer;
pub mod user;
pub mod vm;
pub mod vnic_profile;
