//! The application: what users ask (actions), long work with undo (jobs), what runs by itself (loops), the connections to
//! hosts, sign-on, and the news of all that.
//!
//! Knows nouns (`model`), decisions (`plan`), rows (`store`) and the host door (`hostapi`). Knows no HTTP, no XML, no
//! oVirt names.

pub mod action;
pub mod actions;
pub mod changes;
pub mod failure;
pub mod hosts;
pub mod jobs;
pub mod joining;
pub mod leader;
pub mod life;
pub mod listing;
pub mod loops;
pub mod overview;
pub mod pki;
pub mod placing;
pub mod reading;
pub mod seed;
pub mod session;
pub mod sign_on;

mod core;

pub use crate::core::{Engine, EngineConfig, now};
pub use failure::{Failure, Result, Trouble};
pub use listing::ListQuery;
pub use session::{Caller, Session};
