//! Data centres.

use ferrovirt_model::data_center::{DataCenter, DataCenterStatus};
use ferrovirt_model::ids::{DataCenterId, MacPoolId};
use sqlx::postgres::PgRow;
use sqlx::{PgConnection, Row};
use uuid::Uuid;

use crate::Result;
use crate::rows;
use crate::search::Compiled;

/// Data centres.
#[derive(Debug)]
pub struct DataCenters<'c> {
    pub(crate) connection: &'c mut PgConnection,
}

impl DataCenters<'_> {
    /// Adds a data centre or writes it over, its status excepted.
    ///
    /// # Errors
    /// [`crate::StoreError::Constraint`] when the name is taken.
    pub async fn put(&mut self, data_center: &DataCenter) -> Result<()> {
        sqlx::query(
            "insert into data_center (id, name, description, comment, local, version_major, version_minor, quota_mode,
                 mac_pool_id, status)
             values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)
             on conflict (id) do update set name = $2, description = $3, comment = $4, local = $5, version_major = $6,
                 version_minor = $7, quota_mode = $8, mac_pool_id = $9",
        )
        .bind(data_center.id.0)
        .bind(&data_center.name)
        .bind(&data_center.description)
        .bind(&data_center.comment)
        .bind(data_center.local)
        .bind(i32::try_from(data_center.version.0).unwrap_or_default())
        .bind(i32::try_from(data_center.version.1).unwrap_or_default())
        .bind(rows::enum_word(&data_center.quota_mode))
        .bind(data_center.mac_pool.0)
        .bind(rows::enum_word(&data_center.status))
        .execute(&mut *self.connection)
        .await?;
        Ok(())
    }

    /// Writes the derived status. Says whether it changed.
    ///
    /// # Errors
    /// Any [`crate::StoreError`].
    pub async fn set_status(&mut self, id: DataCenterId, status: DataCenterStatus) -> Result<bool> {
        let done = sqlx::query("update data_center set status = $2 where id = $1 and status <> $2")
            .bind(id.0)
            .bind(rows::enum_word(&status))
            .execute(&mut *self.connection)
            .await?;
        Ok(done.rows_affected() == 1)
    }

    /// Removes a data centre.
    ///
    /// # Errors
    /// [`crate::StoreError::Constraint`] while clusters, networks or domains belong to it.
    pub async fn remove(&mut self, id: DataCenterId) -> Result<()> {
        sqlx::query("delete from data_center where id = $1").bind(id.0).execute(&mut *self.connection).await?;
        Ok(())
    }

    /// Data centres by id, in no order.
    ///
    /// # Errors
    /// Any [`crate::StoreError`].
    pub async fn get(&mut self, ids: &[DataCenterId]) -> Result<Vec<DataCenter>> {
        let ids: Vec<Uuid> = ids.iter().map(|id| id.0).collect();
        let rows = sqlx::query("select * from data_center where id = any($1)")
            .bind(ids)
            .fetch_all(&mut *self.connection)
            .await?;
        rows.iter().map(data_center).collect()
    }

    /// A data centre, its row locked until the transaction ends.
    ///
    /// # Errors
    /// Any [`crate::StoreError`].
    pub async fn lock_row(&mut self, id: DataCenterId) -> Result<Option<DataCenter>> {
        let row = sqlx::query("select * from data_center where id = $1 for update")
            .bind(id.0)
            .fetch_optional(&mut *self.connection)
            .await?;
        row.as_ref().map(data_center).transpose()
    }

    /// The data centre of that name.
    ///
    /// # Errors
    /// Any [`crate::StoreError`].
    pub async fn by_name(&mut self, name: &str) -> Result<Option<DataCenter>> {
        let row = sqlx::query("select * from data_center where name = $1")
            .bind(name)
            .fetch_optional(&mut *self.connection)
            .await?;
        row.as_ref().map(data_center).transpose()
    }

    /// All data centres.
    ///
    /// # Errors
    /// Any [`crate::StoreError`].
    pub async fn all(&mut self) -> Result<Vec<DataCenter>> {
        let rows = sqlx::query("select * from data_center order by name").fetch_all(&mut *self.connection).await?;
        rows.iter().map(data_center).collect()
    }

    /// The data centres that a search selects.
    ///
    /// # Errors
    /// Any [`crate::StoreError`].
    pub async fn list(&mut self, search: &Compiled, scope: Option<&str>) -> Result<Vec<DataCenter>> {
        let rows = search.fetch("data_center.*", "data_center", scope, &mut *self.connection).await?;
        rows.iter().map(data_center).collect()
    }
}

fn data_center(row: &PgRow) -> Result<DataCenter> {
    Ok(DataCenter {
        id: DataCenterId(row.try_get("id")?),
        name: row.try_get("name")?,
        description: row.try_get("description")?,
        comment: row.try_get("comment")?,
        local: row.try_get("local")?,
        version: (
            row.try_get::<i32, _>("version_major")?.unsigned_abs(),
            row.try_get::<i32, _>("version_minor")?.unsigned_abs(),
        ),
        quota_mode: rows::read_enum(row, "data_center", "quota_mode")?,
        mac_pool: MacPoolId(row.try_get("mac_pool_id")?),
        status: rows::read_enum(row, "data_center", "status")?,
    })
}
