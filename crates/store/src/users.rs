//! Users and groups.

use ferrovirt_model::ids::{GroupId, UserId};
use ferrovirt_model::permission::{Group, User};
use ferrovirt_model::secret::Secret;
use sqlx::postgres::PgRow;
use sqlx::{PgConnection, Row};
use uuid::Uuid;

use crate::Result;
use crate::search::Compiled;

/// Users and groups.
#[derive(Debug)]
pub struct Users<'c> {
    pub(crate) connection: &'c mut PgConnection,
}

impl Users<'_> {
    /// Adds a user or writes it over; the password has a method of its own.
    ///
    /// # Errors
    /// [`crate::StoreError::Constraint`] when the name is taken in its domain.
    pub async fn put(&mut self, user: &User) -> Result<()> {
        sqlx::query(
            "insert into app_user (id, name, domain, domain_entry_id, first_name, last_name, email, department, namespace,
                 principal)
             values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)
             on conflict (id) do update set first_name = $5, last_name = $6, email = $7, department = $8",
        )
        .bind(user.id.0)
        .bind(&user.name)
        .bind(&user.domain)
        .bind(&user.domain_entry_id)
        .bind(&user.first_name)
        .bind(&user.last_name)
        .bind(&user.email)
        .bind(&user.department)
        .bind(&user.namespace)
        .bind(&user.principal)
        .execute(&mut *self.connection)
        .await?;
        Ok(())
    }

    /// Writes the hash of a user's password.
    ///
    /// # Errors
    /// Any [`crate::StoreError`].
    pub async fn set_password(&mut self, id: UserId, hash: &Secret) -> Result<()> {
        sqlx::query("update app_user set password_hash = $2 where id = $1")
            .bind(id.0)
            .bind(hash.expose())
            .execute(&mut *self.connection)
            .await?;
        Ok(())
    }

    /// A user by domain and name, with the hash of their password.
    ///
    /// # Errors
    /// Any [`crate::StoreError`].
    pub async fn by_name(&mut self, domain: &str, name: &str) -> Result<Option<(User, Option<Secret>)>> {
        let row = sqlx::query("select * from app_user where domain = $1 and name = $2")
            .bind(domain)
            .bind(name)
            .fetch_optional(&mut *self.connection)
            .await?;
        row.as_ref()
            .map(|row| Ok((user(row)?, row.try_get::<Option<String>, _>("password_hash")?.map(Secret::new))))
            .transpose()
    }

    /// Users by id, in no order.
    ///
    /// # Errors
    /// Any [`crate::StoreError`].
    pub async fn get(&mut self, ids: &[UserId]) -> Result<Vec<User>> {
        let ids: Vec<Uuid> = ids.iter().map(|id| id.0).collect();
        let rows =
            sqlx::query("select * from app_user where id = any($1)").bind(ids).fetch_all(&mut *self.connection).await?;
        rows.iter().map(user).collect()
    }

    /// The users that a search selects.
    ///
    /// # Errors
    /// Any [`crate::StoreError`].
    pub async fn list(&mut self, search: &Compiled, scope: Option<&str>) -> Result<Vec<User>> {
        let rows = search.fetch("app_user.*", "app_user", scope, &mut *self.connection).await?;
        rows.iter().map(user).collect()
    }

    /// Removes a user with their grants and tokens.
    ///
    /// # Errors
    /// Any [`crate::StoreError`].
    pub async fn remove(&mut self, id: UserId) -> Result<()> {
        sqlx::query("delete from app_user where id = $1").bind(id.0).execute(&mut *self.connection).await?;
        Ok(())
    }

    /// Adds a group or writes it over.
    ///
    /// # Errors
    /// Any [`crate::StoreError`].
    pub async fn put_group(&mut self, group: &Group) -> Result<()> {
        sqlx::query(
            "insert into app_group (id, name, domain) values ($1, $2, $3) on conflict (id) do update set name = $2",
        )
        .bind(group.id.0)
        .bind(&group.name)
        .bind(&group.domain)
        .execute(&mut *self.connection)
        .await?;
        Ok(())
    }

    /// All groups, by name.
    ///
    /// # Errors
    /// Any [`crate::StoreError`].
    pub async fn groups(&mut self) -> Result<Vec<Group>> {
        let rows = sqlx::query("select * from app_group order by name").fetch_all(&mut *self.connection).await?;
        rows.iter().map(group).collect()
    }

    /// The groups that a search selects.
    ///
    /// # Errors
    /// Any [`crate::StoreError`].
    pub async fn list_groups(&mut self, search: &Compiled, scope: Option<&str>) -> Result<Vec<Group>> {
        let rows = search.fetch("app_group.*", "app_group", scope, &mut *self.connection).await?;
        rows.iter().map(group).collect()
    }

    /// Groups by id, in no order.
    ///
    /// # Errors
    /// Any [`crate::StoreError`].
    pub async fn groups_by_id(&mut self, ids: &[GroupId]) -> Result<Vec<Group>> {
        let ids: Vec<Uuid> = ids.iter().map(|id| id.0).collect();
        let rows = sqlx::query("select * from app_group where id = any($1)")
            .bind(ids)
            .fetch_all(&mut *self.connection)
            .await?;
        rows.iter().map(group).collect()
    }

    /// The groups that users are members of: user and group, by name.
    ///
    /// # Errors
    /// Any [`crate::StoreError`].
    pub async fn groups_of(&mut self, users: &[UserId]) -> Result<Vec<(UserId, Group)>> {
        let ids: Vec<Uuid> = users.iter().map(|id| id.0).collect();
        let rows = sqlx::query(
            "select g.*, m.user_id from app_group g join group_member m on m.group_id = g.id
             where m.user_id = any($1) order by g.name",
        )
        .bind(ids)
        .fetch_all(&mut *self.connection)
        .await?;
        rows.iter().map(|row| Ok((UserId(row.try_get("user_id")?), group(row)?))).collect()
    }

    /// Puts a user into a group; twice is once.
    ///
    /// # Errors
    /// [`crate::StoreError::Constraint`] where either is not there.
    pub async fn add_member(&mut self, group: GroupId, user: UserId) -> Result<()> {
        sqlx::query("insert into group_member (group_id, user_id) values ($1, $2) on conflict do nothing")
            .bind(group.0)
            .bind(user.0)
            .execute(&mut *self.connection)
            .await?;
        Ok(())
    }

    /// Takes a user out of a group. Says whether they were in it.
    ///
    /// # Errors
    /// Any [`crate::StoreError`].
    pub async fn remove_member(&mut self, group: GroupId, user: UserId) -> Result<bool> {
        let done = sqlx::query("delete from group_member where group_id = $1 and user_id = $2")
            .bind(group.0)
            .bind(user.0)
            .execute(&mut *self.connection)
            .await?;
        Ok(done.rows_affected() == 1)
    }

    /// Removes a group with its grants.
    ///
    /// # Errors
    /// Any [`crate::StoreError`].
    pub async fn remove_group(&mut self, id: GroupId) -> Result<()> {
        sqlx::query("delete from app_group where id = $1").bind(id.0).execute(&mut *self.connection).await?;
        Ok(())
    }
}

/// One user alone, as a condition.
#[must_use]
pub fn only(user: UserId) -> String {
    format!("app_user.id = '{user}'")
}

/// The groups of one user, as a condition.
#[must_use]
pub fn groups_with(user: UserId) -> String {
    format!("app_group.id in (select group_id from group_member where user_id = '{user}')")
}

/// The users of a directory domain, as a condition; of a domain that there is not, nobody.
#[must_use]
pub fn of_domain(known: bool) -> &'static str {
    if known { "app_user.domain = 'internal-authz'" } else { "false" }
}

/// The groups of the directory domain, as a condition.
pub const GROUPS_OF_DOMAIN: &str = "app_group.domain = 'internal-authz'";

fn group(row: &PgRow) -> Result<Group> {
    Ok(Group { id: GroupId(row.try_get("id")?), name: row.try_get("name")?, domain: row.try_get("domain")? })
}

fn user(row: &PgRow) -> Result<User> {
    Ok(User {
        id: UserId(row.try_get("id")?),
        name: row.try_get("name")?,
        domain: row.try_get("domain")?,
        domain_entry_id: row.try_get("domain_entry_id")?,
        first_name: row.try_get("first_name")?,
        last_name: row.try_get("last_name")?,
        email: row.try_get("email")?,
        department: row.try_get("department")?,
        namespace: row.try_get("namespace")?,
        principal: row.try_get("principal")?,
    })
}
