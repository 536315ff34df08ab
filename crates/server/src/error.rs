//! Why the engine's process can't go on. Knows no remedy but the sentence.

use std::path::{Path, PathBuf};

use ferrovirt_engine::Failure;
use thiserror::Error;

/// The result of what the process does.
pub type Result<T> = std::result::Result<T, ServerError>;

/// Why the process can't go on.
#[derive(Debug, Error)]
pub enum ServerError {
    /// A file or folder.
    #[error("{}", path.display())]
    File {
        /// Which.
        path: PathBuf,
        /// What the system says.
        #[source]
        source: std::io::Error,
    },
    /// The configuration says something that can't be.
    #[error("{}: {what}", path.display())]
    Configuration {
        /// The file.
        path: PathBuf,
        /// What is wrong.
        what: String,
    },
    /// Another engine uses the data folder.
    #[error("another engine runs on {}", .0.display())]
    InUse(PathBuf),
    /// The process was told to stop while it waited for its database.
    #[error("stopped before the database was there")]
    Stopped,
    /// The database server.
    #[error("PostgreSQL: {0}")]
    Postgres(String),
    /// The engine's own database server does not start.
    #[error("PostgreSQL: {0}")]
    PostgresDown(String),
    /// The data door.
    #[error("the database")]
    Store(#[from] ferrovirt_store::StoreError),
    /// The application.
    #[error("the engine")]
    Engine(#[from] Failure),
    /// The web door.
    #[error("the web door")]
    Web(#[from] ferrovirt_rest::ServeError),
}

impl ServerError {
    /// The database is away for the moment: trying again later may help.
    #[must_use]
    pub fn database_away(&self) -> bool {
        match self {
            Self::PostgresDown(_) => true,
            Self::Store(error) => error.is_away(),
            Self::Engine(Failure::Trouble(trouble)) => trouble.database_away(),
            _ => false,
        }
    }
}

impl From<ferrovirt_engine::Trouble> for ServerError {
    fn from(trouble: ferrovirt_engine::Trouble) -> Self {
        Self::Engine(trouble.into())
    }
}

/// Names the file that an error is about.
pub(crate) fn at(path: &Path) -> impl Fn(std::io::Error) -> ServerError + '_ {
    move |source| ServerError::File { path: path.to_owned(), source }
}
