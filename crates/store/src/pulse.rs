//! Whether the database answers, asked over a connection of its own. A server that hangs ends no connection, and nobody who
//! waits for it would hear of it otherwise. Refuses to know who waits.

use std::time::Duration;

use sqlx::postgres::PgConnection;
use tokio::sync::watch;

use crate::{Result, Store, StoreError, connect};

/// How often the server is asked while it answers.
const EVERY: Duration = Duration::from_secs(2);
/// How long an answer may take before the server counts as lost.
const PATIENCE: Duration = Duration::from_secs(5);
/// How often it is asked while it is lost.
const AGAIN: Duration = Duration::from_millis(500);

/// Whether the server is lost.
#[derive(Debug, Default)]
pub(crate) struct Pulse {
    lost: watch::Sender<bool>,
}

impl Store {
    /// Asks the server for as long as it is polled, and tells those who wait in [`Store::lost`]. One that takes no writes
    /// is as good as none.
    pub async fn watch(&self) {
        let lost = &self.pulse.lost;
        let mut connection = None;
        loop {
            let late = |_| Err(StoreError::from(sqlx::Error::PoolTimedOut));
            match tokio::time::timeout(PATIENCE, self.beat(&mut connection)).await.unwrap_or_else(late) {
                Ok(()) => {
                    if *lost.borrow() {
                        tracing::info!("the database answers again");
                        self.renew();
                        lost.send_replace(false);
                    }
                    tokio::time::sleep(EVERY).await;
                }
                Err(error) => {
                    connection = None;
                    if !lost.send_replace(true) {
                        tracing::warn!(error = &error as &dyn std::error::Error, "the database does not answer");
                    }
                    tokio::time::sleep(AGAIN).await;
                }
            }
        }
    }

    async fn beat(&self, held: &mut Option<PgConnection>) -> Result<()> {
        let connection = match held {
            Some(connection) => connection,
            None => held.insert(connect(&self.options).await?),
        };
        if sqlx::query_scalar("select pg_is_in_recovery()").fetch_one(connection).await? {
            let standby = std::io::Error::other("it is a standby, which takes no writes");
            return Err(StoreError::Away(sqlx::Error::Io(standby)));
        }
        Ok(())
    }

    /// Ends when the server is lost; at once where it is already. Needs [`Store::watch`] beside it.
    pub async fn lost(&self) {
        let mut heard = self.pulse.lost.subscribe();
        if heard.wait_for(|lost| *lost).await.is_err() {
            // Nobody asks any more.
            std::future::pending::<()>().await;
        }
    }
}
