//! An image transfer: a disk opened to a client for a while.
//!
//! ```text
//!  Initializing ─▶ Transferring ◀──▶ PausedByUser / PausedBySystem
//!       │               │ finalize            │ cancel
//!       ▼               ▼                     ▼
//!  FinishedFailure  FinalizingSuccess ─▶ FinishedSuccess      Cancelled* ─▶ FinalizingCleanup ─▶ FinishedCleanup
//! ```

use serde::{Deserialize, Serialize};

use crate::Millis;
use crate::ids::{DiskId, HostId, JobId, TransferId, UserId};
use crate::refusal::Refusal;
use crate::storage::DiskFormat;

/// An image transfer.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ImageTransfer {
    /// The id.
    pub id: TransferId,
    /// The disk.
    pub disk: DiskId,
    /// Which way.
    pub direction: Direction,
    /// What the client sees.
    pub format: DiskFormat,
    /// Where it stands.
    pub phase: Phase,
    /// The host that serves it.
    pub host: Option<HostId>,
    /// The secret part of its address on the host.
    pub ticket: uuid::Uuid,
    /// Bytes moved so far.
    pub transferred: u64,
    /// A request is under way.
    pub active: bool,
    /// Seconds without a request after which it is given up.
    pub inactivity_timeout: u32,
    /// What then happens.
    pub timeout_policy: TimeoutPolicy,
    /// The layer alone, without those under it.
    pub shallow: bool,
    /// File name for a browser's download.
    pub filename: String,
    /// Who asked.
    pub owner: Option<UserId>,
    /// The job that drives it.
    pub job: JobId,
    /// When it began.
    pub started_at: Millis,
    /// When it last changed.
    pub updated_at: Millis,
}

/// Which way the bytes go.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Direction {
    /// To the disk.
    Upload,
    /// From the disk.
    Download,
}

/// What happens to a transfer that nobody uses.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum TimeoutPolicy {
    /// Uploads pause, downloads are cancelled.
    Legacy,
    /// Paused.
    Pause,
    /// Cancelled.
    Cancel,
}

/// Where a transfer stands, in oVirt's terms.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Phase {
    /// A host is being asked.
    Initializing,
    /// Open.
    Transferring,
    /// Being opened again.
    Resuming,
    /// Closed by inactivity or a lost host.
    PausedSystem,
    /// Closed by the user, may be resumed.
    PausedUser,
    /// Given up by inactivity.
    CancelledSystem,
    /// Given up by the user.
    CancelledUser,
    /// The disk is being checked and released.
    FinalizingSuccess,
    /// Being cleaned up after an error.
    FinalizingFailure,
    /// Being cleaned up after a cancel.
    FinalizingCleanup,
    /// Done.
    FinishedSuccess,
    /// Failed.
    FinishedFailure,
    /// Cancelled and cleaned up.
    FinishedCleanup,
}

impl Phase {
    /// The name in rows and on the wire.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Initializing => "initializing",
            Self::Transferring => "transferring",
            Self::Resuming => "resuming",
            Self::PausedSystem => "paused_system",
            Self::PausedUser => "paused_user",
            Self::CancelledSystem => "cancelled_system",
            Self::CancelledUser => "cancelled_user",
            Self::FinalizingSuccess => "finalizing_success",
            Self::FinalizingFailure => "finalizing_failure",
            Self::FinalizingCleanup => "finalizing_cleanup",
            Self::FinishedSuccess => "finished_success",
            Self::FinishedFailure => "finished_failure",
            Self::FinishedCleanup => "finished_cleanup",
        }
    }

    /// Nothing more will happen.
    #[must_use]
    pub fn finished(self) -> bool {
        matches!(self, Self::FinishedSuccess | Self::FinishedFailure | Self::FinishedCleanup)
    }
}

/// What a user may ask of a transfer.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Ask {
    /// Done: check and release the disk.
    Finalize,
    /// Give up.
    Cancel,
    /// Close for a while.
    Pause,
    /// Open again.
    Resume,
    /// More time.
    Extend,
}

/// Whether `ask` is allowed in this phase.
///
/// # Errors
/// [`Refusal::Busy`] with the phase.
pub fn may(phase: Phase, ask: Ask) -> Result<(), Refusal> {
    use Phase::{PausedSystem, PausedUser, Resuming, Transferring};
    let allowed = match ask {
        Ask::Finalize | Ask::Cancel => {
            matches!(phase, Transferring | PausedSystem | PausedUser | Resuming | Phase::Initializing)
        }
        Ask::Pause => matches!(phase, Transferring | Resuming),
        Ask::Resume => matches!(phase, PausedSystem | PausedUser),
        Ask::Extend => matches!(phase, Transferring | Resuming),
    };
    if allowed && !(ask == Ask::Finalize && phase == Phase::Initializing) {
        return Ok(());
    }
    Err(Refusal::Busy {
        sentence: format!("The image transfer is in phase {}, which does not allow this.", phase.as_str()),
    })
}
