//! Where the engine's database is, and that it exists. Refuses to know who runs the server.

use std::path::PathBuf;
use std::str::FromStr;

use ferrovirt_model::secret::Secret;
use sqlx::postgres::{PgConnectOptions, PgConnection};
use sqlx::{Connection, Row};

use crate::{Result, StoreError};

/// A database.
#[derive(Clone, Debug)]
pub enum Address {
    /// An outside server, as a `postgres://` URL.
    Url(Secret),
    /// A server on this machine that listens in a folder.
    Socket {
        /// The folder of its socket.
        folder: PathBuf,
        /// The user to sign on as.
        user: String,
        /// The database's name.
        database: String,
    },
}

impl Address {
    /// How to connect.
    ///
    /// # Errors
    /// [`StoreError::Statement`] when the URL can't be read.
    pub fn options(&self) -> Result<PgConnectOptions> {
        match self {
            Self::Url(url) => PgConnectOptions::from_str(url.expose()).map_err(StoreError::Statement),
            Self::Socket { folder, user, database } => {
                Ok(PgConnectOptions::new_without_pgpass().socket(folder).username(user).database(database))
            }
        }
    }

    /// Makes the database of a server on this machine where it is missing. That of an outside server is its
    /// administrators' to make.
    ///
    /// # Errors
    /// [`StoreError::Away`] when the server can't be reached.
    pub async fn ensure_database(&self) -> Result<()> {
        let Self::Socket { database, .. } = self else { return Ok(()) };
        let mut connection = PgConnection::connect_with(&self.options()?.database("postgres")).await?;
        let there = sqlx::query("select 1 as there from pg_database where datname = $1")
            .bind(database)
            .fetch_optional(&mut connection)
            .await?;
        if there.map(|row| row.try_get::<i32, _>("there")).transpose()?.is_none() {
            let name = database.replace('"', "\"\"");
            let statement = format!("create database \"{name}\"");
            sqlx::query(sqlx::AssertSqlSafe(statement)).execute(&mut connection).await?;
        }
        connection.close().await?;
        Ok(())
    }
}
