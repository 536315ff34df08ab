//! What guests say: one listener a running VM on its facts port, and slow questions to stock guest agents.
//!
//! What comes from a guest is bounded by the reader of the guest crate, and believed by nobody.

mod listen;
mod translate;

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};

use ferrovirt_hostapi::VmStatistics;
use tokio::task::AbortHandle;

use crate::hypervisor::Hypervisor;
use crate::reports::Reports;
use crate::vm::machines::Machines;

/// Listens to every VM that runs. Cheap to clone.
#[derive(Clone)]
pub struct Listeners {
    inner: Arc<Inner>,
}

struct Inner {
    hypervisor: Arc<dyn Hypervisor>,
    reports: Reports,
    machines: Machines,
    tasks: Mutex<HashMap<String, AbortHandle>>,
    memory: Mutex<HashMap<String, ferrovirt_guest::protocol::Memory>>,
}

impl Listeners {
    /// Nobody is listened to yet.
    pub fn new(hypervisor: Arc<dyn Hypervisor>, reports: Reports, machines: Machines) -> Self {
        let inner = Inner { hypervisor, reports, machines, tasks: Mutex::default(), memory: Mutex::default() };
        Listeners { inner: Arc::new(inner) }
    }

    /// Listens to these VMs and to no other. A listener that ended (its QEMU did) begins again.
    pub fn follow<'a>(&self, running: impl Iterator<Item = &'a String>) {
        let wanted: Vec<&String> = running.collect();
        let mut tasks = self.inner.tasks.lock().unwrap_or_else(PoisonError::into_inner);
        tasks.retain(|id, task| {
            let keep = wanted.contains(&id) && !task.is_finished();
            if !keep {
                task.abort();
            }
            keep
        });
        for id in wanted {
            if !tasks.contains_key(id) {
                let task = tokio::spawn(listen::listen(self.clone(), id.clone()));
                tasks.insert(id.clone(), task.abort_handle());
            }
        }
        let mut memory = self.inner.memory.lock().unwrap_or_else(PoisonError::into_inner);
        memory.retain(|id, _| tasks.contains_key(id));
    }

    /// Adds to statistics what only the guest knows.
    pub fn complete(&self, statistics: &mut VmStatistics) {
        let memory = self.inner.memory.lock().unwrap_or_else(PoisonError::into_inner);
        let Some(said) = memory.get(&statistics.vm_id) else { return };
        // A guest that claims more than it was given is not believed.
        let most = statistics.memory_installed;
        statistics.memory_free = said.available.min(most);
        statistics.memory_used = said.total.saturating_sub(said.available).min(most);
        statistics.memory_buffered = said.buffers.min(most);
        statistics.memory_cached = said.cached.min(most);
    }
}
