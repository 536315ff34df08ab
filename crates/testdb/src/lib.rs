//! A real, private PostgreSQL for tests: one server a test process, one database a test, cloned from a migrated template.
//!
//! Only tests may depend on this crate. It knows the engine's migrations, and nothing that runs over them. The server
//! ends with the process, however that ends, and leaves no file behind.

mod server;

use std::sync::OnceLock;
use std::sync::atomic::{AtomicU32, Ordering};

use sqlx::Connection;
use sqlx::postgres::{PgConnectOptions, PgConnection};
use thiserror::Error;

use server::Server;

/// Why there is no database to test with.
#[derive(Debug, Error)]
pub enum TestDbError {
    /// The machine lacks PostgreSQL, or the server did not start.
    #[error("no PostgreSQL to test with: {0}")]
    Server(String),
    /// A statement failed while the database was made.
    #[error("the database could not be made")]
    Statement(#[from] sqlx::Error),
    /// The engine's schema could not be made.
    #[error("the schema could not be made")]
    Migration(#[from] sqlx::migrate::MigrateError),
}

/// A database of one test's own.
#[derive(Debug)]
pub struct TestDb {
    options: PgConnectOptions,
}

/// The name of the database that has the schema and is cloned.
const TEMPLATE: &str = "migrated";

static SERVER: OnceLock<Result<Server, String>> = OnceLock::new();
static NEXT: AtomicU32 = AtomicU32::new(1);

impl TestDb {
    /// A database with the engine's schema and no rows but those of the migrations.
    ///
    /// # Panics
    /// Where there is no PostgreSQL on this machine: a test that can't run must not pass.
    #[expect(clippy::panic, reason = "a test that can't run must fail, and this crate is for tests alone")]
    pub async fn new() -> Self {
        match Self::cloned(TEMPLATE).await {
            Ok(database) => database,
            Err(error) => panic!("{error}: {error:?}"),
        }
    }

    /// A database without any table.
    ///
    /// # Panics
    /// As [`TestDb::new`].
    #[expect(clippy::panic, reason = "a test that can't run must fail, and this crate is for tests alone")]
    pub async fn empty() -> Self {
        match Self::cloned("template1").await {
            Ok(database) => database,
            Err(error) => panic!("{error}: {error:?}"),
        }
    }

    /// How to connect to it.
    #[must_use]
    pub fn options(&self) -> PgConnectOptions {
        self.options.clone()
    }

    async fn cloned(template: &str) -> Result<Self, TestDbError> {
        let server =
            tokio::task::spawn_blocking(server).await.map_err(|error| TestDbError::Server(error.to_string()))??;
        let name = format!("test_{}", NEXT.fetch_add(1, Ordering::Relaxed));
        let mut connection = PgConnection::connect_with(&server.options("postgres")).await?;
        let statement = format!("create database {name} template {template}");
        sqlx::query(sqlx::AssertSqlSafe(statement)).execute(&mut connection).await?;
        connection.close().await?;
        Ok(Self { options: server.options(&name) })
    }
}

fn server() -> Result<&'static Server, TestDbError> {
    SERVER
        .get_or_init(|| started().map_err(|error| error.to_string()))
        .as_ref()
        .map_err(|error| TestDbError::Server(error.clone()))
}

fn started() -> Result<Server, TestDbError> {
    let server = Server::start()?;
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .map_err(|error| TestDbError::Server(error.to_string()))?;
    runtime.block_on(async {
        let mut connection = PgConnection::connect_with(&server.options("postgres")).await?;
        sqlx::query(sqlx::AssertSqlSafe(format!("create database {TEMPLATE}"))).execute(&mut connection).await?;
        connection.close().await?;
        let mut connection = PgConnection::connect_with(&server.options(TEMPLATE)).await?;
        sqlx::migrate!("../store/migrations").run(&mut connection).await?;
        Ok::<_, TestDbError>(connection.close().await?)
    })?;
    Ok(server)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn two_tests_do_not_meet() {
        let (one, two) = (TestDb::new().await, TestDb::new().await);
        let mut first = PgConnection::connect_with(&one.options()).await.unwrap();
        let mut second = PgConnection::connect_with(&two.options()).await.unwrap();
        let statement = "insert into app_group (id, name, domain) values (gen_random_uuid(), 'a', 'b')";
        sqlx::query(statement).execute(&mut first).await.unwrap();
        let count: i64 = sqlx::query_scalar("select count(*) from app_group").fetch_one(&mut second).await.unwrap();
        assert_eq!(count, 0);
    }
}
