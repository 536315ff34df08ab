//! Who this installation is, and which engine leads.

use sqlx::{PgConnection, Row};
use uuid::Uuid;

use crate::Result;

/// The engine's identity and the leader's lease.
#[derive(Debug)]
pub struct Lease<'c> {
    pub(crate) connection: &'c mut PgConnection,
}

impl Lease<'_> {
    /// The installation's id; `fresh` becomes it where there is none yet. The flag says whether it did.
    ///
    /// # Errors
    /// Any [`crate::StoreError`].
    pub async fn installation(&mut self, fresh: Uuid, now: i64) -> Result<(Uuid, bool)> {
        let inserted = sqlx::query("insert into engine (id, created_at) values ($1, $2) on conflict do nothing")
            .bind(fresh)
            .bind(now)
            .execute(&mut *self.connection)
            .await?
            .rows_affected();
        let id = sqlx::query_scalar("select id from engine").fetch_one(&mut *self.connection).await?;
        Ok((id, inserted == 1))
    }

    /// Takes or renews the lease for `seconds`; the epoch when `holder` has it now. The server's clock decides, so
    /// engines with wrong clocks can't both lead. A new holder gets the next epoch, never below the clock's seconds: hosts
    /// refuse an engine of a smaller epoch than they have heard, and a database restored from a backup has forgotten
    /// who led since. A renewal keeps its own.
    ///
    /// # Errors
    /// Any [`crate::StoreError`].
    pub async fn take(&mut self, holder: Uuid, seconds: f64) -> Result<Option<i64>> {
        let row = sqlx::query(
            "insert into leader_lease (holder, epoch, expires_at)
             values ($1, extract(epoch from now())::bigint, now() + make_interval(secs => $2))
             on conflict (only_one) do update set
                 epoch = case when leader_lease.holder = $1 then leader_lease.epoch
                     else greatest(leader_lease.epoch + 1, excluded.epoch) end,
                 holder = $1,
                 expires_at = now() + make_interval(secs => $2)
             where leader_lease.holder = $1 or leader_lease.expires_at < now()
             returning epoch",
        )
        .bind(holder)
        .bind(seconds)
        .fetch_optional(&mut *self.connection)
        .await?;
        row.map(|row| Ok(row.try_get("epoch")?)).transpose()
    }

    /// Locks the lease's row and says whether `epoch` still leads: called inside a job's transaction, so that an engine
    /// that lost the lease while it slept can't write.
    ///
    /// # Errors
    /// Any [`crate::StoreError`].
    pub async fn still_leads(&mut self, epoch: i64) -> Result<bool> {
        let current: Option<i64> = sqlx::query_scalar("select epoch from leader_lease for share")
            .fetch_optional(&mut *self.connection)
            .await?;
        Ok(current == Some(epoch))
    }

    /// The epoch of the engine that took the lead last; `None` before any did. What a user asks of whichever engine serves
    /// speaks for that one; the leader's own work carries the epoch in which it began.
    ///
    /// # Errors
    /// Any [`crate::StoreError`].
    pub async fn epoch(&mut self) -> Result<Option<i64>> {
        Ok(sqlx::query_scalar("select epoch from leader_lease").fetch_optional(&mut *self.connection).await?)
    }

    /// Gives the lease up, so that another engine need not wait.
    ///
    /// # Errors
    /// Any [`crate::StoreError`].
    pub async fn release(&mut self, holder: Uuid) -> Result<()> {
        sqlx::query("update leader_lease set expires_at = now() - interval '1 second' where holder = $1")
            .bind(holder)
            .execute(&mut *self.connection)
            .await?;
        Ok(())
    }
}
