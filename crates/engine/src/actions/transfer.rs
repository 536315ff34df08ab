//! What users ask of image transfers.

mod begin;
mod steer;

pub use begin::{Begin, Subject};
pub use steer::Steer;
