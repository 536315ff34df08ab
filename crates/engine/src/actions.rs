//! What users ask, by area; one file a verb. The frame is in [`crate::action`].

pub mod vm;
