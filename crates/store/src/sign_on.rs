//! Access tokens, console tickets and failed tries. Secrets are kept as hashes alone.

use ferrovirt_model::ids::{UserId, VmId};
use sqlx::{PgConnection, Row};

use crate::Result;

/// Tokens and failed tries.
#[derive(Debug)]
pub struct SignOn<'c> {
    pub(crate) connection: &'c mut PgConnection,
}

/// A session: what a token stands for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Session {
    /// Whose it is.
    pub user: UserId,
    /// OAuth scopes, separated by spaces.
    pub scope: String,
    /// Made by a cookie request.
    pub persistent: bool,
    /// It ends after so many seconds without use.
    pub idle_seconds: i64,
    /// When it was made, ms.
    pub created_at: i64,
    /// When it was last used, ms.
    pub used_at: i64,
}

/// What a console ticket opens.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ConsoleTicket {
    /// The VM.
    pub vm: VmId,
    /// vnc or spice.
    pub kind: String,
    /// Who asked for it.
    pub user: UserId,
}

/// A name at an address from which it signed on before.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Known {
    /// When it last did, ms.
    pub succeeded_at: i64,
    /// Failures in a row since, from there.
    pub failures: u32,
    /// When the last of them was, ms.
    pub failed_at: i64,
}

impl SignOn<'_> {
    /// Keeps a session by its token's hash.
    ///
    /// # Errors
    /// Any [`crate::StoreError`].
    pub async fn insert(&mut self, hash: &[u8], session: &Session, source: &str) -> Result<()> {
        sqlx::query(
            "insert into sign_on (token_hash, user_id, scope, persistent, idle_seconds, created_at, used_at, source)
             values ($1, $2, $3, $4, $5, $6, $7, $8)",
        )
        .bind(hash)
        .bind(session.user.0)
        .bind(&session.scope)
        .bind(session.persistent)
        .bind(session.idle_seconds)
        .bind(session.created_at)
        .bind(session.used_at)
        .bind(source)
        .execute(&mut *self.connection)
        .await?;
        Ok(())
    }

    /// The session of a token, unless it has been idle for too long. `used_at` is as it was before this call.
    ///
    /// # Errors
    /// Any [`crate::StoreError`].
    pub async fn find(&mut self, hash: &[u8], now: i64) -> Result<Option<Session>> {
        let row = sqlx::query("select * from sign_on where token_hash = $1 and used_at + idle_seconds * 1000 > $2")
            .bind(hash)
            .bind(now)
            .fetch_optional(&mut *self.connection)
            .await?;
        row.map(|row| {
            Ok(Session {
                user: UserId(row.try_get("user_id")?),
                scope: row.try_get("scope")?,
                persistent: row.try_get("persistent")?,
                idle_seconds: row.try_get("idle_seconds")?,
                created_at: row.try_get("created_at")?,
                used_at: row.try_get("used_at")?,
            })
        })
        .transpose()
    }

    /// Notes that a token was used.
    ///
    /// # Errors
    /// Any [`crate::StoreError`].
    pub async fn touch(&mut self, hash: &[u8], now: i64) -> Result<()> {
        sqlx::query("update sign_on set used_at = greatest(used_at, $2) where token_hash = $1")
            .bind(hash)
            .bind(now)
            .execute(&mut *self.connection)
            .await?;
        Ok(())
    }

    /// Ends a session. Says whose it was.
    ///
    /// # Errors
    /// Any [`crate::StoreError`].
    pub async fn remove(&mut self, hash: &[u8]) -> Result<Option<UserId>> {
        let user = sqlx::query_scalar("delete from sign_on where token_hash = $1 returning user_id")
            .bind(hash)
            .fetch_optional(&mut *self.connection)
            .await?;
        Ok(user.map(UserId))
    }

    /// Drops idle sessions, ended tickets, spent join tokens and old failures.
    ///
    /// # Errors
    /// Any [`crate::StoreError`].
    pub async fn prune(&mut self, now: i64) -> Result<u64> {
        let mut dropped = 0;
        for statement in [
            "delete from sign_on where used_at + idle_seconds * 1000 < $1",
            "delete from console_ticket where expires_at < $1",
            "delete from host_join_token where expires_at < $1",
            "delete from sign_on_failure where last_at < $1 - 3600000",
            "delete from sign_on_known where succeeded_at < $1 - 604800000",
        ] {
            dropped += sqlx::query(statement).bind(now).execute(&mut *self.connection).await?.rows_affected();
        }
        Ok(dropped)
    }

    /// Failures in a row of a subject (a name or an address), and when the last was.
    ///
    /// # Errors
    /// Any [`crate::StoreError`].
    pub async fn failures(&mut self, subject: &str) -> Result<(u32, i64)> {
        let row = sqlx::query("select failures, last_at from sign_on_failure where subject = $1")
            .bind(subject)
            .fetch_optional(&mut *self.connection)
            .await?;
        row.map_or(Ok((0, 0)), |row| Ok((row.try_get::<i32, _>("failures")?.unsigned_abs(), row.try_get("last_at")?)))
    }

    /// Counts a failure.
    ///
    /// # Errors
    /// Any [`crate::StoreError`].
    pub async fn failed(&mut self, subject: &str, now: i64) -> Result<()> {
        sqlx::query(
            "insert into sign_on_failure (subject, failures, last_at) values ($1, 1, $2)
             on conflict (subject) do update set failures = least(sign_on_failure.failures + 1, 1000), last_at = $2",
        )
        .bind(subject)
        .bind(now)
        .execute(&mut *self.connection)
        .await?;
        Ok(())
    }

    /// Forgets a subject's failures: it has succeeded.
    ///
    /// # Errors
    /// Any [`crate::StoreError`].
    pub async fn succeeded(&mut self, subject: &str) -> Result<()> {
        sqlx::query("delete from sign_on_failure where subject = $1")
            .bind(subject)
            .execute(&mut *self.connection)
            .await?;
        Ok(())
    }

    /// What is known of a name at an address.
    ///
    /// # Errors
    /// Any [`crate::StoreError`].
    pub async fn known(&mut self, name: &str, address: &str) -> Result<Option<Known>> {
        let row =
            sqlx::query("select succeeded_at, failures, failed_at from sign_on_known where name = $1 and address = $2")
                .bind(name)
                .bind(address)
                .fetch_optional(&mut *self.connection)
                .await?;
        row.map(|row| {
            Ok(Known {
                succeeded_at: row.try_get("succeeded_at")?,
                failures: row.try_get::<i32, _>("failures")?.unsigned_abs(),
                failed_at: row.try_get("failed_at")?,
            })
        })
        .transpose()
    }

    /// A name signed on from an address.
    ///
    /// # Errors
    /// Any [`crate::StoreError`].
    pub async fn known_succeeded(&mut self, name: &str, address: &str, now: i64) -> Result<()> {
        sqlx::query(
            "insert into sign_on_known (name, address, succeeded_at, failures, failed_at) values ($1, $2, $3, 0, 0)
             on conflict (name, address) do update set succeeded_at = $3, failures = 0",
        )
        .bind(name)
        .bind(address)
        .bind(now)
        .execute(&mut *self.connection)
        .await?;
        Ok(())
    }

    /// Counts a failure of a name at an address that it is known at.
    ///
    /// # Errors
    /// Any [`crate::StoreError`].
    pub async fn known_failed(&mut self, name: &str, address: &str, now: i64) -> Result<()> {
        sqlx::query(
            "update sign_on_known set failures = least(failures + 1, 1000), failed_at = $3
             where name = $1 and address = $2",
        )
        .bind(name)
        .bind(address)
        .bind(now)
        .execute(&mut *self.connection)
        .await?;
        Ok(())
    }

    /// Forgets from where a name signed on: its password is another one now.
    ///
    /// # Errors
    /// Any [`crate::StoreError`].
    pub async fn forget_known(&mut self, name: &str) -> Result<()> {
        sqlx::query("delete from sign_on_known where name = $1").bind(name).execute(&mut *self.connection).await?;
        Ok(())
    }

    /// Ends every session of a user. Says how many there were.
    ///
    /// # Errors
    /// Any [`crate::StoreError`].
    pub async fn remove_all(&mut self, user: UserId) -> Result<u64> {
        let done =
            sqlx::query("delete from sign_on where user_id = $1").bind(user.0).execute(&mut *self.connection).await?;
        Ok(done.rows_affected())
    }

    /// Keeps a console ticket by its hash.
    ///
    /// # Errors
    /// Any [`crate::StoreError`].
    pub async fn insert_console(&mut self, hash: &[u8], ticket: &ConsoleTicket, expires_at: i64) -> Result<()> {
        sqlx::query(
            "insert into console_ticket (ticket_hash, vm_id, kind, user_id, expires_at) values ($1, $2, $3, $4, $5)",
        )
        .bind(hash)
        .bind(ticket.vm.0)
        .bind(&ticket.kind)
        .bind(ticket.user.0)
        .bind(expires_at)
        .execute(&mut *self.connection)
        .await?;
        Ok(())
    }

    /// Uses a console ticket: it opens once.
    ///
    /// # Errors
    /// Any [`crate::StoreError`].
    pub async fn use_console(&mut self, hash: &[u8], now: i64) -> Result<Option<ConsoleTicket>> {
        let row = sqlx::query(
            "delete from console_ticket where ticket_hash = $1 and expires_at > $2 returning vm_id, kind, user_id",
        )
        .bind(hash)
        .bind(now)
        .fetch_optional(&mut *self.connection)
        .await?;
        row.map(|row| {
            Ok(ConsoleTicket {
                vm: VmId(row.try_get("vm_id")?),
                kind: row.try_get("kind")?,
                user: UserId(row.try_get("user_id")?),
            })
        })
        .transpose()
    }
}
