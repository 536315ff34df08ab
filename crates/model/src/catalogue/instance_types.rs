//! Instance types: sizes for VMs that exist from the start. A size fills what a request leaves open.

use uuid::{Uuid, uuid};

use crate::vm::Definition;

/// A size. Memory in MiB.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct InstanceType {
    /// Its fixed id.
    pub id: Uuid,
    /// Its name.
    pub name: &'static str,
    /// What it is for, a sentence.
    pub description: &'static str,
    /// Memory; the guaranteed memory is the same.
    pub memory_mib: u64,
    /// Memory that may be reached by hot plug.
    pub max_memory_mib: u64,
    /// Sockets, each of one core with one thread.
    pub sockets: u32,
}

const fn size(id: Uuid, name: &'static str, description: &'static str, memory_mib: u64, sockets: u32) -> InstanceType {
    InstanceType { id, name, description, memory_mib, max_memory_mib: memory_mib * 4, sockets }
}

/// Every instance type, from the smallest on.
pub const INSTANCE_TYPES: &[InstanceType] = &[
    size(uuid!("00000003-0003-0003-0003-0000000000be"), "Tiny", "One CPU and 512 MiB.", 512, 1),
    size(uuid!("00000005-0005-0005-0005-0000000002e6"), "Small", "One CPU and 2 GiB.", 2048, 1),
    size(uuid!("00000007-0007-0007-0007-00000000010a"), "Medium", "Two CPUs and 4 GiB.", 4096, 2),
    size(uuid!("00000009-0009-0009-0009-0000000000f1"), "Large", "Two CPUs and 8 GiB.", 8192, 2),
    size(uuid!("0000000b-000b-000b-000b-00000000021f"), "XLarge", "Four CPUs and 16 GiB.", 16_384, 4),
];

impl InstanceType {
    /// Whether a machine still has this size.
    #[must_use]
    pub fn fits(&self, definition: &Definition) -> bool {
        definition.memory == self.memory_mib << 20
            && definition.memory_guaranteed == definition.memory
            && definition.memory_max == self.max_memory_mib << 20
            && (definition.cpu.sockets, definition.cpu.cores, definition.cpu.threads) == (self.sockets, 1, 1)
    }
}

/// The instance type with this id.
#[must_use]
pub fn instance_type(id: Uuid) -> Option<&'static InstanceType> {
    INSTANCE_TYPES.iter().find(|size| size.id == id)
}
