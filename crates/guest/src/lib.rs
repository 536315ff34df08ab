//! What a guest agent and its host say to each other over the port `org.ferrovirt.guest.0`.
//!
//! The guest is never trusted: every text, list and number is cleaned and bounded while it is read, so a value of these
//! types that came off the wire is already safe to store and to show. This library knows no libvirt, no engine and no
//! clock; the agent itself is the binary beside it.

pub mod bounded;
pub mod facts;
pub mod protocol;
pub mod reader;

pub use facts::{Change, Facts};
pub use protocol::{FACTS_PORT, PROTOCOL_VERSION, QEMU_AGENT_PORT};
pub use reader::{Limits, Reader, Received, Refused};
