//! Two kinds of "it did not happen": a refusal, on which the user can act, and trouble, on which we must.

use ferrovirt_model::ids::HostId;
use ferrovirt_model::refusal::Refusal;
use ferrovirt_store::StoreError;
use thiserror::Error;

/// The result of what the engine does.
pub type Result<T> = std::result::Result<T, Failure>;

/// Why something did not happen.
#[derive(Debug, Error)]
pub enum Failure {
    /// The user can act.
    #[error(transparent)]
    Refused(#[from] Refusal),
    /// We must act.
    #[error(transparent)]
    Trouble(#[from] Trouble),
}

/// Something is broken or out of reach.
#[derive(Debug, Error)]
pub enum Trouble {
    /// The data door.
    #[error("the store failed")]
    Store(#[from] StoreError),
    /// No connection to a host; whether it did what was asked is not known.
    #[error("host {0} can't be reached")]
    HostAway(HostId),
    /// A host answered that it failed.
    #[error("host {host} failed: {message}")]
    HostFailed {
        /// The host.
        host: HostId,
        /// What it said.
        message: String,
    },
    /// Certificates.
    #[error("certificates: {0}")]
    Certificates(String),
    /// Files, sockets.
    #[error("{what}")]
    Io {
        /// What was tried.
        what: String,
        /// The system's error.
        #[source]
        source: std::io::Error,
    },
    /// What is needed is not there for the moment.
    #[error("not ready: {0}")]
    Unready(String),
    /// A rule of the engine's own was broken: a bug.
    #[error("a rule was broken: {0}")]
    Broken(String),
}

impl Trouble {
    /// The database is away: "try later".
    #[must_use]
    pub fn database_away(&self) -> bool {
        matches!(self, Self::Store(error) if error.is_away())
    }

    /// Another transaction was in the way: "try again".
    #[must_use]
    pub fn conflict(&self) -> bool {
        matches!(self, Self::Store(StoreError::Conflict(_)))
    }
}

impl From<StoreError> for Failure {
    fn from(error: StoreError) -> Self {
        Self::Trouble(Trouble::Store(error))
    }
}

impl Failure {
    /// What the event log says after "failed": the refusal's sentence, or that it was not the user's doing.
    #[must_use]
    pub fn sentence(&self) -> String {
        match self {
            Self::Refused(refusal) => refusal.to_string(),
            Self::Trouble(Trouble::HostFailed { message, .. }) => message.clone(),
            Self::Trouble(trouble) => trouble.to_string(),
        }
    }
}
