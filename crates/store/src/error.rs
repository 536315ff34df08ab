//! What can go wrong at the data door.

use thiserror::Error;

/// The result of a store call.
pub type Result<T> = std::result::Result<T, StoreError>;

/// Trouble with the database.
#[derive(Debug, Error)]
pub enum StoreError {
    /// The server can't be reached or ended the connection; trying again later may help.
    #[error("the database is away")]
    Away(#[source] sqlx::Error),
    /// Another transaction was in the way; trying again at once helps.
    #[error("another transaction was in the way")]
    Conflict(#[source] sqlx::Error),
    /// A constraint of the schema refused the change.
    #[error("the database refused the change by {constraint}")]
    Constraint {
        /// The constraint's name.
        constraint: String,
        /// The server's error.
        #[source]
        source: sqlx::Error,
    },
    /// The schema could not be brought up to date.
    #[error("the schema could not be brought up to date")]
    Migration(#[source] sqlx::migrate::MigrateError),
    /// A row holds what this engine can't read.
    #[error("a row of {table} can't be read: {what}")]
    Unreadable {
        /// Where it stands.
        table: &'static str,
        /// What is wrong.
        what: String,
    },
    /// A statement is wrong.
    #[error("a statement failed")]
    Statement(#[source] sqlx::Error),
}

impl StoreError {
    /// The server is away: callers answer "try later".
    #[must_use]
    pub fn is_away(&self) -> bool {
        matches!(self, Self::Away(_))
    }

    /// The constraint that refused the change, where one did.
    #[must_use]
    pub fn constraint(&self) -> Option<&str> {
        match self {
            Self::Constraint { constraint, .. } => Some(constraint),
            _ => None,
        }
    }
}

impl From<sqlx::Error> for StoreError {
    fn from(error: sqlx::Error) -> Self {
        match &error {
            sqlx::Error::Io(_) | sqlx::Error::PoolTimedOut | sqlx::Error::PoolClosed | sqlx::Error::Tls(_) => {
                Self::Away(error)
            }
            sqlx::Error::Database(database) => {
                let code = database.code().unwrap_or_default().into_owned();
                if let Some(constraint) = database.constraint() {
                    return Self::Constraint { constraint: constraint.to_owned(), source: error };
                }
                // Class 57: operator intervention; class 08: connection; 53: out of resources.
                if code.starts_with("57") || code.starts_with("08") || code.starts_with("53") {
                    Self::Away(error)
                } else if code == "40001" || code == "40P01" {
                    Self::Conflict(error)
                } else {
                    Self::Statement(error)
                }
            }
            _ => Self::Statement(error),
        }
    }
}
