//! Reading rows: small helpers that turn columns into nouns and say where it went wrong.

use serde::de::DeserializeOwned;
use sqlx::postgres::PgRow;
use sqlx::{Row, types::Json};

use crate::{Result, StoreError};

/// A jsonb column as a noun.
pub(crate) fn json<T: DeserializeOwned>(row: &PgRow, column: &str) -> Result<T> {
    let Json(value) = row.try_get::<Json<T>, _>(column)?;
    Ok(value)
}

/// A nullable jsonb column as a noun.
pub(crate) fn json_option<T: DeserializeOwned>(row: &PgRow, column: &str) -> Result<Option<T>> {
    let value = row.try_get::<Option<Json<T>>, _>(column)?;
    Ok(value.map(|Json(value)| value))
}

/// A text column whose words are known.
pub(crate) fn word<T>(row: &PgRow, table: &'static str, column: &str, parse: impl Fn(&str) -> Option<T>) -> Result<T> {
    let text: &str = row.try_get(column)?;
    parse(text).ok_or_else(|| StoreError::Unreadable { table, what: format!("{column} is '{text}'") })
}

/// A bigint column that is never negative.
pub(crate) fn size(row: &PgRow, column: &str) -> Result<u64> {
    let value: i64 = row.try_get(column)?;
    Ok(value.unsigned_abs())
}

/// A serde enum as its bare word; unit variants alone have one.
pub(crate) fn enum_word<T: serde::Serialize>(value: &T) -> String {
    match serde_json::to_value(value) {
        Ok(serde_json::Value::String(word)) => word,
        Ok(other) => other.to_string(),
        Err(_) => String::new(),
    }
}

/// Reads what [`enum_word`] wrote.
pub(crate) fn read_enum<T: DeserializeOwned>(row: &PgRow, table: &'static str, column: &str) -> Result<T> {
    let text: &str = row.try_get(column)?;
    serde_json::from_value(serde_json::Value::String(text.to_owned()))
        .map_err(|error| StoreError::Unreadable { table, what: format!("{column} is '{text}': {error}") })
}

/// A size as PostgreSQL holds it; sizes beyond 8 EiB don't exist.
pub(crate) fn bigint(value: u64) -> i64 {
    i64::try_from(value).unwrap_or(i64::MAX)
}
