//! The host door: the contract between engine and host agent, with its generated client and server stubs.
//!
//! The contract is `proto/host.proto`. This crate holds no behaviour; it refuses to know what either side does with it.

#[allow(clippy::all, missing_docs, unreachable_pub, reason = "generated from the contract")]
mod generated {
    tonic::include_proto!("ferrovirt.host.v1");
}

pub use generated::*;

/// The protocol number that this build speaks; it grows only when an old peer could misread a new one.
pub const PROTOCOL: u32 = 1;
/// The TCP port on which a host agent listens for the engine.
pub const HOST_PORT: u16 = 54321;
/// The TCP port on which a host serves image transfers.
pub const TRANSFER_PORT: u16 = 54322;
