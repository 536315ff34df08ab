//! Options that differ from the catalogue's defaults.

use sqlx::{PgConnection, Row};

use crate::Result;

/// Options.
#[derive(Debug)]
pub struct Options<'c> {
    pub(crate) connection: &'c mut PgConnection,
}

impl Options<'_> {
    /// The values that were set, by version.
    ///
    /// # Errors
    /// Any [`crate::StoreError`].
    pub async fn of(&mut self, name: &str) -> Result<Vec<(String, String)>> {
        let rows = sqlx::query("select version, value from system_option where name = $1 order by version")
            .bind(name)
            .fetch_all(&mut *self.connection)
            .await?;
        rows.iter().map(|row| Ok((row.try_get("version")?, row.try_get("value")?))).collect()
    }

    /// Sets a value.
    ///
    /// # Errors
    /// Any [`crate::StoreError`].
    pub async fn set(&mut self, name: &str, version: &str, value: &str) -> Result<()> {
        sqlx::query(
            "insert into system_option (name, version, value) values ($1, $2, $3)
             on conflict (name, version) do update set value = $3",
        )
        .bind(name)
        .bind(version)
        .bind(value)
        .execute(&mut *self.connection)
        .await?;
        Ok(())
    }
}
