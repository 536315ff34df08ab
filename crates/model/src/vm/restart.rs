//! That a highly available VM waits to be started again.

use crate::Millis;
use crate::ids::VmId;

/// A highly available VM whose run ended though nobody asked for it, until it runs again and has settled.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Restart {
    /// The VM.
    pub vm: VmId,
    /// When its run ended, ms.
    pub since: Millis,
    /// Tries so far.
    pub tries: u32,
    /// When it is to be tried, ms.
    pub next_try_at: Millis,
    /// The event log says that it was tried in vain many times.
    pub told: bool,
}

impl Restart {
    /// A VM whose run has just ended: it is tried at once.
    #[must_use]
    pub fn new(vm: VmId, at: Millis) -> Self {
        Self { vm, since: at, tries: 0, next_try_at: at, told: false }
    }
}
