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
pub mod placements;
mod pulse;
pub mod restarts;
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

use pulse::Pulse;
use sqlx::postgres::{PgConnectOptions, PgConnection, PgPoolOptions};
use sqlx::{Connection, Executor, PgPool};
use std::sync::Arc;
use std::time::Duration;
use tokio::sync::watch;

/// How long a new connection may take, and how long one is waited for.
const ACQUIRE: Duration = Duration::from_secs(5);
/// What each connection asks of the server. No statement of a request takes so long but by waiting for a lock; and an
/// engine that is gone must not hold its locks for ever.
const SESSION: &str = "set statement_timeout = '30s'; set idle_in_transaction_session_timeout = '60s';
    set tcp_keepalives_idle = 20; set tcp_keepalives_interval = 5; set tcp_keepalives_count = 3";

/// The pool of connections to the engine's database.
#[derive(Clone, Debug)]
pub struct Store {
    options: PgConnectOptions,
    connections: u32,
    /// Renewed when the server answers again after a silence.
    pool: Arc<watch::Sender<PgPool>>,
    known_vms: Arc<vms::known::KnownVms>,
    pulse: Arc<Pulse>,
}

impl Store {
    /// Connects and brings the schema up to date.
    ///
    /// # Errors
    /// [`StoreError::Away`] when the server can't be reached, [`StoreError::Migration`] when the schema is of a newer
    /// engine or a migration fails.
    pub async fn open(options: PgConnectOptions, connections: u32) -> Result<Self> {
        let options = options.application_name("ferrovirt-engine");
        migrate(&options).await?;
        Ok(Self::over(options, connections))
    }

    /// Connects beside a running engine, whose schema is left as it is.
    ///
    /// # Errors
    /// [`StoreError::Away`] when the server can't be reached, [`StoreError::OtherSchema`] when the engine is another one.
    pub async fn open_beside(options: PgConnectOptions, connections: u32) -> Result<Self> {
        let mut connection = connect(&options).await?;
        let found: i64 = sqlx::query_scalar("select max(version) from _sqlx_migrations where success")
            .fetch_one(&mut connection)
            .await?;
        connection.close().await?;
        let own = sqlx::migrate!().iter().map(|one| one.version).max().unwrap_or_default();
        if found != own {
            return Err(StoreError::OtherSchema { found, own });
        }
        Ok(Self::over(options, connections))
    }

    fn over(options: PgConnectOptions, connections: u32) -> Self {
        let known_vms = Arc::new(vms::known::KnownVms::default());
        let pool = pool(&options, connections, &known_vms);
        let pool = Arc::new(watch::Sender::new(pool));
        Self { options, connections, pool, known_vms, pulse: Arc::default() }
    }

    fn pool(&self) -> PgPool {
        self.pool.borrow().clone()
    }

    /// Connections of before a silence may be dead without knowing it, and may wait for ever: new ones take their place.
    fn renew(&self) {
        let old = self.pool.send_replace(pool(&self.options, self.connections, &self.known_vms));
        // Ends when those who hold a connection still have given it back.
        tokio::spawn(async move { old.close().await });
    }

    /// A transaction for a change.
    ///
    /// # Errors
    /// [`StoreError::Away`] when no connection can be had.
    pub async fn begin(&self) -> Result<Tx> {
        Ok(Tx::new(self.pool().begin().await?))
    }

    /// A transaction for measurements: its commit does not wait for the disk, so that a crash of the database loses those
    /// of the last moment. One that changes anything else as well, and says so, waits like any other.
    ///
    /// # Errors
    /// [`StoreError::Away`] when no connection can be had.
    pub async fn begin_measurements(&self) -> Result<Tx> {
        let begin = "begin; set local synchronous_commit = off";
        Ok(Tx::of_measurements(self.pool().begin_with(begin).await?))
    }

    /// A connection for reading.
    ///
    /// # Errors
    /// [`StoreError::Away`] when no connection can be had.
    pub async fn read(&self) -> Result<Reader> {
        Ok(Reader::new(self.pool().acquire().await?, Arc::clone(&self.known_vms)))
    }

    /// A connection of its own that hears `notify`: the outbox's bell.
    ///
    /// # Errors
    /// [`StoreError::Away`] when the server can't be reached.
    pub async fn listen(&self, channel: &str) -> Result<sqlx::postgres::PgListener> {
        let mut listener = sqlx::postgres::PgListener::connect_with(&self.pool()).await?;
        listener.listen(channel).await?;
        Ok(listener)
    }

    /// The database answers.
    pub async fn healthy(&self) -> bool {
        sqlx::query("select 1").execute(&self.pool()).await.is_ok()
    }

    /// Ends all connections.
    pub async fn close(&self) {
        self.pool().close().await;
    }
}

fn pool(options: &PgConnectOptions, connections: u32, known_vms: &Arc<vms::known::KnownVms>) -> PgPool {
    let known = Arc::clone(known_vms);
    PgPoolOptions::new()
        .max_connections(connections)
        .acquire_timeout(ACQUIRE)
        .after_connect(move |connection, _| {
            // Another server may answer now.
            known.clear();
            Box::pin(async move { connection.execute(SESSION).await.map(|_done| ()) })
        })
        .connect_lazy_with(options.clone())
}

/// Over a connection of its own: a migration may take as long as it needs.
async fn migrate(options: &PgConnectOptions) -> Result<()> {
    let mut connection = connect(options).await?;
    sqlx::migrate!().run(&mut connection).await?;
    Ok(connection.close().await?)
}

async fn connect(options: &PgConnectOptions) -> Result<PgConnection> {
    let late = |_| Err(sqlx::Error::PoolTimedOut);
    Ok(tokio::time::timeout(ACQUIRE, PgConnection::connect_with(options)).await.unwrap_or_else(late)?)
}
