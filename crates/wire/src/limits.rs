//! How much of a document is read before it is refused. A document comes from whoever reaches the port.

/// Bytes of a document. The largest legitimate body (an OVF inside a `configuration`) is far below.
pub const MAX_BYTES: usize = 10 * 1024 * 1024;

/// Levels of nesting. The deepest legitimate body needs about a dozen. Reading costs stack for each level, up to 80 KiB of
/// it without optimisation, and threads have 2 MiB.
pub const MAX_DEPTH: usize = 20;

/// Elements (members and items in JSON) of a document: a list of thousands of VMs stays below.
pub const MAX_ELEMENTS: usize = 250_000;
