//! Image transfers.

use ferrovirt_model::ids::{DiskId, HostId, JobId, TransferId, UserId};
use ferrovirt_model::storage::DiskFormat;
use ferrovirt_model::transfer::ImageTransfer;
use sqlx::postgres::PgRow;
use sqlx::{PgConnection, Row};
use uuid::Uuid;

use crate::Result;
use crate::rows::{self, bigint};

/// Image transfers.
#[derive(Debug)]
pub struct Transfers<'c> {
    pub(crate) connection: &'c mut PgConnection,
}

impl Transfers<'_> {
    /// Adds a transfer or writes over what changes in its life.
    ///
    /// # Errors
    /// Any [`crate::StoreError`].
    pub async fn put(&mut self, transfer: &ImageTransfer) -> Result<()> {
        sqlx::query(
            "insert into image_transfer (id, disk_id, direction, format, phase, host_id, ticket, transferred, active,
                 inactivity_timeout, timeout_policy, shallow, filename, owner_id, job_id, started_at, updated_at)
             values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17)
             on conflict (id) do update set phase = $5, host_id = $6, ticket = $7, transferred = $8, active = $9,
                 updated_at = $17",
        )
        .bind(transfer.id.0)
        .bind(transfer.disk.0)
        .bind(rows::enum_word(&transfer.direction))
        .bind(transfer.format.as_str())
        .bind(transfer.phase.as_str())
        .bind(transfer.host.map(|id| id.0))
        .bind(transfer.ticket)
        .bind(bigint(transfer.transferred))
        .bind(transfer.active)
        .bind(i32::try_from(transfer.inactivity_timeout).unwrap_or(i32::MAX))
        .bind(rows::enum_word(&transfer.timeout_policy))
        .bind(transfer.shallow)
        .bind(&transfer.filename)
        .bind(transfer.owner.map(|id| id.0))
        .bind(transfer.job.0)
        .bind(transfer.started_at)
        .bind(transfer.updated_at)
        .execute(&mut *self.connection)
        .await?;
        Ok(())
    }

    /// A transfer, its row locked until the transaction ends.
    ///
    /// # Errors
    /// Any [`crate::StoreError`].
    pub async fn lock_row(&mut self, id: TransferId) -> Result<Option<ImageTransfer>> {
        let row = sqlx::query("select * from image_transfer where id = $1 for update")
            .bind(id.0)
            .fetch_optional(&mut *self.connection)
            .await?;
        row.as_ref().map(transfer).transpose()
    }

    /// A transfer.
    ///
    /// # Errors
    /// Any [`crate::StoreError`].
    pub async fn get(&mut self, id: TransferId) -> Result<Option<ImageTransfer>> {
        let row = sqlx::query("select * from image_transfer where id = $1")
            .bind(id.0)
            .fetch_optional(&mut *self.connection)
            .await?;
        row.as_ref().map(transfer).transpose()
    }

    /// The transfer of a ticket.
    ///
    /// # Errors
    /// Any [`crate::StoreError`].
    pub async fn by_ticket(&mut self, ticket: Uuid) -> Result<Option<ImageTransfer>> {
        let row = sqlx::query("select * from image_transfer where ticket = $1")
            .bind(ticket)
            .fetch_optional(&mut *self.connection)
            .await?;
        row.as_ref().map(transfer).transpose()
    }

    /// All transfers, newest first.
    ///
    /// # Errors
    /// Any [`crate::StoreError`].
    pub async fn all(&mut self) -> Result<Vec<ImageTransfer>> {
        let rows = sqlx::query("select * from image_transfer order by started_at desc")
            .fetch_all(&mut *self.connection)
            .await?;
        rows.iter().map(transfer).collect()
    }

    /// Drops finished transfers that last changed before `before` (ms).
    ///
    /// # Errors
    /// Any [`crate::StoreError`].
    pub async fn prune(&mut self, before: i64) -> Result<u64> {
        let done = sqlx::query("delete from image_transfer where phase like 'finished%' and updated_at < $1")
            .bind(before)
            .execute(&mut *self.connection)
            .await?;
        Ok(done.rows_affected())
    }
}

fn transfer(row: &PgRow) -> Result<ImageTransfer> {
    Ok(ImageTransfer {
        id: TransferId(row.try_get("id")?),
        disk: DiskId(row.try_get("disk_id")?),
        direction: rows::read_enum(row, "image_transfer", "direction")?,
        format: rows::word(row, "image_transfer", "format", DiskFormat::parse)?,
        phase: rows::read_enum(row, "image_transfer", "phase")?,
        host: row.try_get::<Option<Uuid>, _>("host_id")?.map(HostId),
        ticket: row.try_get("ticket")?,
        transferred: rows::size(row, "transferred")?,
        active: row.try_get("active")?,
        inactivity_timeout: row.try_get::<i32, _>("inactivity_timeout")?.unsigned_abs(),
        timeout_policy: rows::read_enum(row, "image_transfer", "timeout_policy")?,
        shallow: row.try_get("shallow")?,
        filename: row.try_get("filename")?,
        owner: row.try_get::<Option<Uuid>, _>("owner_id")?.map(UserId),
        job: JobId(row.try_get("job_id")?),
        started_at: row.try_get("started_at")?,
        updated_at: row.try_get("updated_at")?,
    })
}
