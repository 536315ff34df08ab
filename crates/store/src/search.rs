//! Searches as SQL: the compiled form of a search, and how it is run.
//!
//! What users write is parsed by `ferrovirt_model::search`; the tables that say which field is which expression stand in
//! the files beside this one. Values are always bound, never part of the text.

mod compile;
mod tables;
#[cfg(test)]
mod tests;

pub use compile::{Options, compile};
use sqlx::postgres::{PgArguments, PgRow};
use sqlx::{Arguments, PgConnection};

use crate::{Result, StoreError};

/// A value of a compiled search.
#[derive(Clone, Debug, PartialEq)]
pub enum Bind {
    /// Text.
    Text(String),
    /// A whole number.
    Integer(i64),
    /// A number.
    Number(f64),
    /// Yes or no.
    Flag(bool),
    /// An id.
    Id(uuid::Uuid),
}

/// A search as SQL fragments; the area brings its columns and its main table (whose alias is its name).
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Compiled {
    /// `left join …` for the other entities that it asks about; empty for none.
    pub joins: String,
    /// A condition, without `where`; empty for none. Parameters are `$1` … in the order of `binds`.
    pub where_sql: String,
    /// What to sort by, without `order by`; empty for the area's own order.
    pub order_sql: String,
    /// At most so many.
    pub limit: Option<i64>,
    /// After so many.
    pub offset: i64,
    /// The values.
    pub binds: Vec<Bind>,
}

impl Compiled {
    /// Whether it leaves nothing out.
    #[must_use]
    pub fn selects_all(&self) -> bool {
        self.where_sql.is_empty() && self.limit.is_none() && self.offset == 0
    }

    /// Runs `select columns from main joins where scope and condition order by … limit …`.
    ///
    /// `from` is the main table with joins that the columns need; `scope` is a condition of the caller's own, made of
    /// constants alone. A search that joins many rows to one selects each main row once: `exists`-like conditions are
    /// the compiler's duty.
    ///
    /// # Errors
    /// Any [`StoreError`].
    pub async fn fetch(
        &self,
        columns: &str,
        from: &str,
        scope: Option<&str>,
        connection: &mut PgConnection,
    ) -> Result<Vec<PgRow>> {
        let condition = match (self.where_sql.as_str(), scope) {
            ("", None) => String::from("true"),
            ("", Some(scope)) => scope.to_owned(),
            (own, None) => own.to_owned(),
            (own, Some(scope)) => format!("({own}) and ({scope})"),
        };
        let order = if self.order_sql.is_empty() { "1" } else { &self.order_sql };
        let limit = self.limit.map_or_else(String::new, |limit| format!(" limit {limit}"));
        let sql = format!(
            "select {columns} from {from} {joins} where {condition} order by {order}{limit} offset {offset}",
            joins = self.joins,
            offset = self.offset,
        );
        let mut arguments = PgArguments::default();
        for bind in &self.binds {
            let added = match bind {
                Bind::Text(text) => arguments.add(text),
                Bind::Integer(number) => arguments.add(number),
                Bind::Number(number) => arguments.add(number),
                Bind::Flag(flag) => arguments.add(flag),
                Bind::Id(id) => arguments.add(id),
            };
            added.map_err(|error| StoreError::Statement(sqlx::Error::Encode(error)))?;
        }
        Ok(sqlx::query_with(sqlx::AssertSqlSafe(sql), arguments).fetch_all(connection).await?)
    }
}
