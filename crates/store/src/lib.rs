//! The data door: all SQL of the engine's database, one file a table group.
//!
//! Plain SQL text, values always bound. Nothing here decides: callers bring nouns and get nouns. Every change goes
//! through a [`Tx`], which also carries the event-log entries and change notices of the same deed, numbered at commit so
//! that readers see numbers in order.

pub mod address;
pub mod clusters;
pub mod data_centers;
pub mod disks;
pub mod error;
pub mod events;
pub mod hosts;
pub mod jobs;
pub mod lease;
pub mod networks;
pub mod options;
pub mod outbox;
pub mod overview;
pub mod permissions;
mod rows;
pub mod search;
pub mod sign_on;
pub mod storage;
pub mod tags;
pub mod templates;
pub mod transfers;
pub mod tx;
pub mod users;
pub mod visibility;
pub mod vms;

pub use address::Address;
pub use error::{Result, StoreError};
pub use tx::{Areas, Reader, Tx};

use sqlx::postgres::{PgConnectOptions, PgPoolOptions};
use std::sync::Arc;
use std::time::Duration;

/// The pool of connections to the engine's database.
#[derive(Clone, Debug)]
pub struct Store {
    pool: sqlx::PgPool,
    known_vms: Arc<vms::known::KnownVms>,
}

impl Store {
    /// Connects and brings the schema up to date.
    ///
    /// # Errors
    /// [`StoreError::Away`] when the server can't be reached, [`StoreError::Migration`] when the schema is of a newer
    /// engine or a migration fails.
    pub async fn open(options: PgConnectOptions, connections: u32) -> Result<Self> {
        let options = options.application_name("ferrovirt-engine");
        let known_vms = Arc::new(vms::known::KnownVms::default());
        let known = Arc::clone(&known_vms);
        let pool = PgPoolOptions::new()
            .max_connections(connections)
            .acquire_timeout(Duration::from_secs(5))
            // Another server may answer now.
            .after_connect(move |_, _| {
                known.clear();
                Box::pin(async { Ok(()) })
            })
            .connect_with(options)
            .await?;
        sqlx::migrate!().run(&pool).await.map_err(StoreError::Migration)?;
        Ok(Self { pool, known_vms })
    }

    /// A transaction for a change.
    ///
    /// # Errors
    /// [`StoreError::Away`] when no connection can be had.
    pub async fn begin(&self) -> Result<Tx> {
        Ok(Tx::new(self.pool.begin().await?))
    }

    /// A transaction for measurements: its commit does not wait for the disk, so that a crash of the database loses those
    /// of the last moment. One that changes anything else as well, and says so, waits like any other.
    ///
    /// # Errors
    /// [`StoreError::Away`] when no connection can be had.
    pub async fn begin_measurements(&self) -> Result<Tx> {
        let begin = "begin; set local synchronous_commit = off";
        Ok(Tx::of_measurements(self.pool.begin_with(begin).await?))
    }

    /// A connection for reading.
    ///
    /// # Errors
    /// [`StoreError::Away`] when no connection can be had.
    pub async fn read(&self) -> Result<Reader> {
        Ok(Reader::new(self.pool.acquire().await?, Arc::clone(&self.known_vms)))
    }

    /// A connection of its own that hears `notify`: the outbox's bell.
    ///
    /// # Errors
    /// [`StoreError::Away`] when the server can't be reached.
    pub async fn listen(&self, channel: &str) -> Result<sqlx::postgres::PgListener> {
        let mut listener = sqlx::postgres::PgListener::connect_with(&self.pool).await?;
        listener.listen(channel).await?;
        Ok(listener)
    }

    /// The database answers.
    pub async fn healthy(&self) -> bool {
        sqlx::query("select 1").execute(&self.pool).await.is_ok()
    }

    /// Ends all connections.
    pub async fn close(&self) {
        self.pool.close().await;
    }
}
