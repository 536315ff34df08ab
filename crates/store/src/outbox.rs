//! Change notices: what the event stream tells, numbered in order of commit.

use ferrovirt_model::ids::ObjectKind;
use sqlx::{PgConnection, Row};

use crate::Result;
use crate::tx::Change;

/// The channel on which new notices ring.
pub const CHANNEL: &str = "ferrovirt_outbox";

/// Change notices.
#[derive(Debug)]
pub struct Outbox<'c> {
    pub(crate) connection: &'c mut PgConnection,
}

/// One notice.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Notice {
    /// Grows with time, without gaps that matter.
    pub seq: i64,
    /// The kind of object.
    pub kind: String,
    /// Its id.
    pub object_id: String,
    /// created, updated or removed.
    pub change: String,
}

impl Outbox<'_> {
    /// Adds notices and rings the bell. The counter's row stays locked until the commit.
    pub(crate) async fn append(&mut self, changes: &[(ObjectKind, String, Change)]) -> Result<()> {
        let count = i64::try_from(changes.len()).unwrap_or(i64::MAX);
        let kinds: Vec<&str> = changes.iter().map(|(kind, ..)| kind.as_str()).collect();
        let ids: Vec<&str> = changes.iter().map(|(_, id, _)| id.as_str()).collect();
        let words: Vec<&str> = changes.iter().map(|(.., change)| change.as_str()).collect();
        sqlx::query(
            "with base as (update counter set value = value + $1 where name = 'outbox' returning value - $1 as value)
             insert into outbox (seq, kind, object_id, change, at)
             select base.value + n, k, o, c, (extract(epoch from clock_timestamp()) * 1000)::bigint
             from base, unnest($2::text[], $3::text[], $4::text[]) with ordinality as t(k, o, c, n)",
        )
        .bind(count)
        .bind(kinds)
        .bind(ids)
        .bind(words)
        .execute(&mut *self.connection)
        .await?;
        sqlx::query("select pg_notify($1, '')").bind(CHANNEL).execute(&mut *self.connection).await?;
        Ok(())
    }

    /// Notices after `seq`, oldest first, at most `limit`.
    ///
    /// # Errors
    /// Any [`crate::StoreError`].
    pub async fn after(&mut self, seq: i64, limit: i64) -> Result<Vec<Notice>> {
        let rows = sqlx::query("select seq, kind, object_id, change from outbox where seq > $1 order by seq limit $2")
            .bind(seq)
            .bind(limit)
            .fetch_all(&mut *self.connection)
            .await?;
        rows.iter()
            .map(|row| {
                Ok(Notice {
                    seq: row.try_get("seq")?,
                    kind: row.try_get("kind")?,
                    object_id: row.try_get("object_id")?,
                    change: row.try_get("change")?,
                })
            })
            .collect()
    }

    /// The oldest and the newest number: what can be resumed from. `(0, 0)` before the first notice.
    ///
    /// # Errors
    /// Any [`crate::StoreError`].
    pub async fn span(&mut self) -> Result<(i64, i64)> {
        let row = sqlx::query(
            "select coalesce((select min(seq) from outbox), 0) as oldest,
                    (select value from counter where name = 'outbox') as newest",
        )
        .fetch_one(&mut *self.connection)
        .await?;
        Ok((row.try_get("oldest")?, row.try_get("newest")?))
    }

    /// Drops notices older than `before` (ms).
    ///
    /// # Errors
    /// Any [`crate::StoreError`].
    pub async fn prune(&mut self, before: i64) -> Result<u64> {
        let done = sqlx::query("delete from outbox where at < $1").bind(before).execute(&mut *self.connection).await?;
        Ok(done.rows_affected())
    }
}
