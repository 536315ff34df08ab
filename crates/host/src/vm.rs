//! Virtual machines: one actor owns each VM, a pure queue says what may be asked when, the ledger remembers.
//!
//! ```text
//!                 StartVm                        MigrateVm
//!   (nothing) ───────────► Promised ──► Running ───────────► Leaving ──┐
//!       │                     │          ▲   │  ◄──────────────┘  │    │ it runs elsewhere
//!       │ PrepareIncoming     │  arrived │   │ it ended     failed│    │
//!       └───────────────► Arriving ──────┘   ▼                         ▼
//!                             │             Down ◄─────────────────────┘
//!                             │ nothing came  │ the engine has seen it, or a newer run begins
//!                             └──► Gone ◄─────┘
//! ```
//!
//! - **Promised**: the ledger says that we shall run it; QEMU may or may not exist. Written before libvirt is asked.
//! - **Running**: libvirt has it; whether its processors stand, and why, is always read from libvirt.
//! - **Leaving**: a migration away was begun. Only libvirt knows whether it still runs here.
//! - **Arriving**: we promised to take it; libvirt may show it standing still. It does not run here yet.
//! - **Down**: it ended; the exit says how. Told to the engine until it has seen it.
//! - **Gone**: nothing is left but the generation, which keeps a late command of an old run from doing anything.
//!
//! Laws: a VM never runs twice here, and never on the word of an older generation; what runs is never stopped because
//! the agent stopped; the truth about running comes from libvirt, the truth about promises from the ledger.

pub mod actor;
pub mod drive;
pub mod machines;
pub mod place;
pub mod queue;
pub mod reconcile;
pub mod state;

use crate::hypervisor::HypervisorError;

/// Why a VM's command was not done.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error, serde::Serialize, serde::Deserialize)]
pub enum VmError {
    /// The host does not know the VM.
    #[error("the host does not run this VM")]
    Unknown,
    /// It can't be asked now.
    #[error("{0}")]
    Denied(String),
    /// It is here already, in another run: it must be started nowhere until that one has ended.
    #[error("{0}")]
    RunsHere(String),
    /// The request is wrong in itself.
    #[error("{0}")]
    Invalid(String),
    /// The hypervisor is away; whether it was done is unknown, and will be reported.
    #[error("{0}")]
    Away(String),
    /// It was tried and failed.
    #[error("{0}")]
    Failed(String),
}

impl From<HypervisorError> for VmError {
    fn from(error: HypervisorError) -> Self {
        let text = error.to_string();
        match error {
            HypervisorError::Missing => VmError::Unknown,
            HypervisorError::Refused(_) => VmError::Denied(text),
            HypervisorError::Away(_) => VmError::Away(text),
            HypervisorError::Aborted | HypervisorError::GuestSilent(_) | HypervisorError::Failed(_) => {
                VmError::Failed(text)
            }
        }
    }
}

impl From<VmError> for tonic::Status {
    fn from(error: VmError) -> Self {
        let text = error.to_string();
        match error {
            VmError::Unknown => tonic::Status::not_found(text),
            VmError::Denied(_) => tonic::Status::failed_precondition(text),
            VmError::RunsHere(_) => tonic::Status::already_exists(text),
            VmError::Invalid(_) => tonic::Status::invalid_argument(text),
            VmError::Away(_) => tonic::Status::unavailable(text),
            // Not `internal`, which a broken connection is called, too: this one is the host's own word.
            VmError::Failed(_) => tonic::Status::aborted(text),
        }
    }
}

#[cfg(test)]
mod tests;
