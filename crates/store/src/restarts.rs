//! Highly available VMs that wait to be started again.

use ferrovirt_model::ids::VmId;
use ferrovirt_model::vm::Restart;
use sqlx::postgres::PgRow;
use sqlx::{PgConnection, Row};

use crate::Result;

/// Restarts.
#[derive(Debug)]
pub struct Restarts<'c> {
    pub(crate) connection: &'c mut PgConnection,
}

impl Restarts<'_> {
    /// All of them, in no order.
    ///
    /// # Errors
    /// Any [`crate::StoreError`].
    pub async fn all(&mut self) -> Result<Vec<Restart>> {
        let rows = sqlx::query("select * from vm_restart").fetch_all(&mut *self.connection).await?;
        rows.iter().map(restart).collect()
    }

    /// That of a VM.
    ///
    /// # Errors
    /// Any [`crate::StoreError`].
    pub async fn get(&mut self, vm: VmId) -> Result<Option<Restart>> {
        let query = sqlx::query("select * from vm_restart where vm_id = $1").bind(vm.0);
        query.fetch_optional(&mut *self.connection).await?.as_ref().map(restart).transpose()
    }

    /// Adds one, where the VM has none: tries that were made before still count.
    ///
    /// # Errors
    /// Any [`crate::StoreError`].
    pub async fn begin(&mut self, one: &Restart) -> Result<()> {
        let insert = "insert into vm_restart (vm_id, since, tries, next_try_at, told) values ($1, $2, $3, $4, $5)
             on conflict (vm_id) do nothing";
        self.write(insert, one).await
    }

    /// Adds one or writes it over.
    ///
    /// # Errors
    /// Any [`crate::StoreError`].
    pub async fn put(&mut self, one: &Restart) -> Result<()> {
        let insert = "insert into vm_restart (vm_id, since, tries, next_try_at, told) values ($1, $2, $3, $4, $5)
             on conflict (vm_id) do update set since = $2, tries = $3, next_try_at = $4, told = $5";
        self.write(insert, one).await
    }

    async fn write(&mut self, insert: &'static str, one: &Restart) -> Result<()> {
        sqlx::query(insert)
            .bind(one.vm.0)
            .bind(one.since)
            .bind(i32::try_from(one.tries).unwrap_or(i32::MAX))
            .bind(one.next_try_at)
            .bind(one.told)
            .execute(&mut *self.connection)
            .await?;
        Ok(())
    }

    /// The VM is not to be started again by itself any more.
    ///
    /// # Errors
    /// Any [`crate::StoreError`].
    pub async fn end(&mut self, vm: VmId) -> Result<()> {
        sqlx::query("delete from vm_restart where vm_id = $1").bind(vm.0).execute(&mut *self.connection).await?;
        Ok(())
    }
}

fn restart(row: &PgRow) -> Result<Restart> {
    Ok(Restart {
        vm: VmId(row.try_get("vm_id")?),
        since: row.try_get("since")?,
        tries: u32::try_from(row.try_get::<i32, _>("tries")?).unwrap_or_default(),
        next_try_at: row.try_get("next_try_at")?,
        told: row.try_get("told")?,
    })
}
