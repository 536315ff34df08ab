//! What can go wrong at the data door.

use sqlx::migrate::MigrateError;
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
    Migration(#[source] MigrateError),
    /// The schema is another engine's: its last migration, and the last one that is known here.
    #[error("the database has schema {found}, and this program is made for schema {own}")]
    OtherSchema {
        /// The schema's.
        found: i64,
        /// This program's.
        own: i64,
    },
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
        if is_away(&error) {
            return Self::Away(error);
        }
        let sqlx::Error::Database(database) = &error else { return Self::Statement(error) };
        if let Some(constraint) = database.constraint() {
            return Self::Constraint { constraint: constraint.to_owned(), source: error };
        }
        match database.code().as_deref() {
            // A serialisation failure, a deadlock.
            Some("40001" | "40P01") => Self::Conflict(error),
            _ => Self::Statement(error),
        }
    }
}

impl From<MigrateError> for StoreError {
    fn from(error: MigrateError) -> Self {
        match error {
            MigrateError::Execute(source) | MigrateError::ExecuteMigration(source, _) if is_away(&source) => {
                Self::Away(source)
            }
            other => Self::Migration(other),
        }
    }
}

/// Whether the server is out of reach, or can't do for the moment what it could do later.
fn is_away(error: &sqlx::Error) -> bool {
    match error {
        sqlx::Error::Io(_) | sqlx::Error::PoolTimedOut | sqlx::Error::PoolClosed | sqlx::Error::Tls(_) => true,
        sqlx::Error::Database(database) => {
            let code = database.code().unwrap_or_default();
            // Class 08: connection; 53: out of resources; 57: operator intervention, a statement that took too long
            // included. 25006: a standby, which takes no writes until it is the primary; 25P03: the server ended an idle
            // transaction.
            ["08", "53", "57"].iter().any(|class| code.starts_with(class)) || code == "25006" || code == "25P03"
        }
        _ => false,
    }
}
