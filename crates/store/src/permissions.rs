//! Roles and grants, and the one question that they answer: may this user do this to that?

use ferrovirt_model::ids::{GroupId, ObjectKind, ObjectRef, PermissionId, RoleId, UserId};
use ferrovirt_model::permission::{Permission, Principal, Role};
use sqlx::postgres::PgRow;
use sqlx::{PgConnection, Row};
use uuid::Uuid;

use crate::Result;
use crate::rows;

/// Roles and grants.
#[derive(Debug)]
pub struct Permissions<'c> {
    pub(crate) connection: &'c mut PgConnection,
}

/// The group that holds everyone, with oVirt's id.
pub const EVERYONE: GroupId = GroupId(Uuid::from_u128(0xeee0_0000_0000_0000_0000_1234_5678_9eee));

/// The ids of an object and all that it lies under, as rows `id`. A grant on any of them counts.
const ANCESTORS: &str = "
    select $2::uuid as id
    union select 'aaa00000-0000-0000-0000-123456789aaa'::uuid
    union select c.data_center_id from cluster c where c.id = $2
    union select unnest(array[h.cluster_id, c.data_center_id]) from host h join cluster c on c.id = h.cluster_id where h.id = $2
    union select unnest(array[v.cluster_id, c.data_center_id]) from vm v join cluster c on c.id = v.cluster_id where v.id = $2
    union select unnest(array[t.cluster_id, c.data_center_id]) from template t join cluster c on c.id = t.cluster_id
        where t.id = $2
    union select s.data_center_id from storage_domain s where s.id = $2
    union select n.data_center_id from network n where n.id = $2
    union select unnest(array[p.network_id, n.data_center_id]) from vnic_profile p join network n on n.id = p.network_id
        where p.id = $2
    union select unnest(array[p.cluster_id, c.data_center_id]) from cpu_profile p join cluster c on c.id = p.cluster_id
        where p.id = $2
    union select unnest(array[p.domain_id, s.data_center_id]) from disk_profile p join storage_domain s on s.id = p.domain_id
        where p.id = $2
    union select unnest(array[l.domain_id, s.data_center_id]) from volume l join storage_domain s on s.id = l.domain_id
        where l.disk_id = $2
    union select unnest(array[a.vm_id, v.cluster_id, c.data_center_id]) from disk_attachment a join vm v on v.id = a.vm_id
        join cluster c on c.id = v.cluster_id where a.disk_id = $2
    union select a.template_id from disk_attachment a where a.disk_id = $2 and a.template_id is not null";

impl Permissions<'_> {
    /// Whether a user holds a permit on an object or anything that it lies under, by themself or through a group.
    ///
    /// # Errors
    /// Any [`crate::StoreError`].
    pub async fn holds(&mut self, user: UserId, object: ObjectRef, permit: u32) -> Result<bool> {
        let sql = format!(
            "select exists (
                 select 1 from permission p join role r on r.id = p.role_id
                 where $3 = any(r.permits)
                   and (p.user_id = $1 or p.group_id = $4
                        or p.group_id in (select group_id from group_member where user_id = $1))
                   and p.object_id in ({ANCESTORS}))"
        );
        Ok(sqlx::query_scalar(sqlx::AssertSqlSafe(sql))
            .bind(user.0)
            .bind(object.id)
            .bind(i32::try_from(permit).unwrap_or(i32::MAX))
            .bind(EVERYONE.0)
            .fetch_one(&mut *self.connection)
            .await?)
    }

    /// Whether a user holds a permit on anything at all, by themself or through a group: what signing in asks for. What
    /// everyone holds does not count, so that a user needs a grant of their own to come in, as in oVirt.
    ///
    /// # Errors
    /// Any [`crate::StoreError`].
    pub async fn holds_anywhere(&mut self, user: UserId, permit: u32) -> Result<bool> {
        Ok(sqlx::query_scalar(
            "select exists (select 1 from permission p join role r on r.id = p.role_id
                 where $2 = any(r.permits)
                   and (p.user_id = $1 or p.group_id in (select group_id from group_member where user_id = $1)))",
        )
        .bind(user.0)
        .bind(i32::try_from(permit).unwrap_or(i32::MAX))
        .fetch_one(&mut *self.connection)
        .await?)
    }

    /// Whether a user has an administrator's role anywhere: such users see what lies under it without filtering.
    ///
    /// # Errors
    /// Any [`crate::StoreError`].
    pub async fn is_administrator(&mut self, user: UserId) -> Result<bool> {
        Ok(sqlx::query_scalar(
            "select exists (select 1 from permission p join role r on r.id = p.role_id
                 where r.administrative and (p.user_id = $1 or p.group_id in
                     (select group_id from group_member where user_id = $1)))",
        )
        .bind(user.0)
        .fetch_one(&mut *self.connection)
        .await?)
    }

    /// Whether a user may know of an object: any role on it or above it, by themself or through a group. What everyone
    /// holds counts on the very object alone, as in lists.
    ///
    /// # Errors
    /// Any [`crate::StoreError`].
    pub async fn sees(&mut self, user: UserId, object: ObjectRef) -> Result<bool> {
        let sql = format!(
            "select exists (
                 select 1 from permission p
                 where (p.user_id = $1 or p.group_id = $3
                        or p.group_id in (select group_id from group_member where user_id = $1))
                   and p.object_id in ({ANCESTORS})
                   and (p.object_id = $2 or p.group_id is distinct from $3))"
        );
        Ok(sqlx::query_scalar(sqlx::AssertSqlSafe(sql))
            .bind(user.0)
            .bind(object.id)
            .bind(EVERYONE.0)
            .fetch_one(&mut *self.connection)
            .await?)
    }

    /// Adds a role or writes it over.
    ///
    /// # Errors
    /// [`crate::StoreError::Constraint`] when the name is taken.
    pub async fn put_role(&mut self, role: &Role) -> Result<()> {
        let permits: Vec<i32> = role.permits.iter().filter_map(|permit| i32::try_from(*permit).ok()).collect();
        sqlx::query(
            "insert into role (id, name, description, administrative, mutable, permits) values ($1, $2, $3, $4, $5, $6)
             on conflict (id) do update set name = $2, description = $3, permits = $6",
        )
        .bind(role.id.0)
        .bind(&role.name)
        .bind(&role.description)
        .bind(role.administrative)
        .bind(role.mutable)
        .bind(permits)
        .execute(&mut *self.connection)
        .await?;
        Ok(())
    }

    /// All roles, by name.
    ///
    /// # Errors
    /// Any [`crate::StoreError`].
    pub async fn roles(&mut self) -> Result<Vec<Role>> {
        let rows = sqlx::query("select * from role order by name").fetch_all(&mut *self.connection).await?;
        rows.iter().map(role).collect()
    }

    /// A role, its row locked until the transaction ends.
    ///
    /// # Errors
    /// Any [`crate::StoreError`].
    pub async fn lock_role(&mut self, id: RoleId) -> Result<Option<Role>> {
        let row = sqlx::query("select * from role where id = $1 for update")
            .bind(id.0)
            .fetch_optional(&mut *self.connection)
            .await?;
        row.as_ref().map(role).transpose()
    }

    /// How many grants give a role.
    ///
    /// # Errors
    /// Any [`crate::StoreError`].
    pub async fn grants_of_role(&mut self, id: RoleId) -> Result<i64> {
        Ok(sqlx::query_scalar("select count(*) from permission where role_id = $1")
            .bind(id.0)
            .fetch_one(&mut *self.connection)
            .await?)
    }

    /// Removes a role.
    ///
    /// # Errors
    /// [`crate::StoreError::Constraint`] while a grant gives it.
    pub async fn remove_role(&mut self, id: RoleId) -> Result<()> {
        sqlx::query("delete from role where id = $1").bind(id.0).execute(&mut *self.connection).await?;
        Ok(())
    }

    /// Grants a role; the same grant twice is one.
    ///
    /// # Errors
    /// Any [`crate::StoreError`].
    pub async fn grant(&mut self, permission: &Permission) -> Result<()> {
        let (user, group) = match permission.principal {
            Principal::User(id) => (Some(id.0), None),
            Principal::Group(id) => (None, Some(id.0)),
        };
        sqlx::query(
            "insert into permission (id, user_id, group_id, role_id, object_kind, object_id) values ($1, $2, $3, $4, $5, $6)
             on conflict do nothing",
        )
        .bind(permission.id.0)
        .bind(user)
        .bind(group)
        .bind(permission.role.0)
        .bind(permission.object.kind.as_str())
        .bind(permission.object.id)
        .execute(&mut *self.connection)
        .await?;
        Ok(())
    }

    /// The grants on one object.
    ///
    /// # Errors
    /// Any [`crate::StoreError`].
    pub async fn on(&mut self, object: ObjectRef) -> Result<Vec<Permission>> {
        let rows = sqlx::query("select * from permission where object_id = $1 order by id")
            .bind(object.id)
            .fetch_all(&mut *self.connection)
            .await?;
        rows.iter().map(permission).collect()
    }

    /// The grants that a user holds by themself.
    ///
    /// # Errors
    /// Any [`crate::StoreError`].
    pub async fn of_user(&mut self, user: UserId) -> Result<Vec<Permission>> {
        let rows = sqlx::query("select * from permission where user_id = $1 order by id")
            .bind(user.0)
            .fetch_all(&mut *self.connection)
            .await?;
        rows.iter().map(permission).collect()
    }

    /// The grants on some objects.
    ///
    /// # Errors
    /// Any [`crate::StoreError`].
    pub async fn on_objects(&mut self, objects: &[Uuid]) -> Result<Vec<Permission>> {
        let rows = sqlx::query("select * from permission where object_id = any($1) order by id")
            .bind(objects)
            .fetch_all(&mut *self.connection)
            .await?;
        rows.iter().map(permission).collect()
    }

    /// The grants that users and groups hold by themselves.
    ///
    /// # Errors
    /// Any [`crate::StoreError`].
    pub async fn of_principals(&mut self, principals: &[Uuid]) -> Result<Vec<Permission>> {
        let rows = sqlx::query("select * from permission where user_id = any($1) or group_id = any($1) order by id")
            .bind(principals)
            .fetch_all(&mut *self.connection)
            .await?;
        rows.iter().map(permission).collect()
    }

    /// The name of an object that grants and tags speak of; `None` where it is not there.
    ///
    /// # Errors
    /// Any [`crate::StoreError`].
    pub async fn name_of(&mut self, object: ObjectRef) -> Result<Option<String>> {
        let sql = match object.kind {
            ObjectKind::System => return Ok((object == ObjectRef::SYSTEM).then(|| "System".to_owned())),
            ObjectKind::Disk => "select alias from disk where id = $1",
            ObjectKind::User => "select principal from app_user where id = $1",
            ObjectKind::Group => "select name from app_group where id = $1",
            ObjectKind::DataCenter => "select name from data_center where id = $1",
            ObjectKind::Cluster => "select name from cluster where id = $1",
            ObjectKind::Host => "select name from host where id = $1",
            ObjectKind::Vm => "select name from vm where id = $1",
            ObjectKind::Template => "select name from template where id = $1",
            ObjectKind::StorageDomain => "select name from storage_domain where id = $1",
            ObjectKind::Network => "select name from network where id = $1",
            ObjectKind::VnicProfile => "select name from vnic_profile where id = $1",
            ObjectKind::MacPool => "select name from mac_pool where id = $1",
            ObjectKind::CpuProfile => "select name from cpu_profile where id = $1",
            ObjectKind::DiskProfile => "select name from disk_profile where id = $1",
            ObjectKind::Role => "select name from role where id = $1",
            ObjectKind::Tag => "select name from tag where id = $1",
            ObjectKind::Job | ObjectKind::Event | ObjectKind::ImageTransfer => return Ok(None),
        };
        Ok(sqlx::query_scalar(sql).bind(object.id).fetch_optional(&mut *self.connection).await?)
    }

    /// How many users and groups hold a role on everything: the last administrator must stay.
    ///
    /// # Errors
    /// Any [`crate::StoreError`].
    pub async fn holders_of_system_role(&mut self, role: RoleId) -> Result<i64> {
        Ok(sqlx::query_scalar(
            "select count(*) from permission where role_id = $1 and object_id = 'aaa00000-0000-0000-0000-123456789aaa'
                 and user_id is not null",
        )
        .bind(role.0)
        .fetch_one(&mut *self.connection)
        .await?)
    }

    /// One grant.
    ///
    /// # Errors
    /// Any [`crate::StoreError`].
    pub async fn get(&mut self, id: PermissionId) -> Result<Option<Permission>> {
        let row = sqlx::query("select * from permission where id = $1")
            .bind(id.0)
            .fetch_optional(&mut *self.connection)
            .await?;
        row.as_ref().map(permission).transpose()
    }

    /// Takes a grant back.
    ///
    /// # Errors
    /// Any [`crate::StoreError`].
    pub async fn revoke(&mut self, id: PermissionId) -> Result<()> {
        sqlx::query("delete from permission where id = $1").bind(id.0).execute(&mut *self.connection).await?;
        Ok(())
    }

    /// Drops the grants on an object that is gone.
    ///
    /// # Errors
    /// Any [`crate::StoreError`].
    pub async fn forget(&mut self, object: ObjectRef) -> Result<()> {
        sqlx::query("delete from permission where object_id = $1")
            .bind(object.id)
            .execute(&mut *self.connection)
            .await?;
        sqlx::query("delete from tag_assignment where object_id = $1")
            .bind(object.id)
            .execute(&mut *self.connection)
            .await?;
        Ok(())
    }
}

fn role(row: &PgRow) -> Result<Role> {
    Ok(Role {
        id: RoleId(row.try_get("id")?),
        name: row.try_get("name")?,
        description: row.try_get("description")?,
        administrative: row.try_get("administrative")?,
        mutable: row.try_get("mutable")?,
        permits: row.try_get::<Vec<i32>, _>("permits")?.into_iter().map(i32::unsigned_abs).collect(),
    })
}

fn permission(row: &PgRow) -> Result<Permission> {
    let user: Option<Uuid> = row.try_get("user_id")?;
    let group: Option<Uuid> = row.try_get("group_id")?;
    let principal = match (user, group) {
        (Some(user), _) => Principal::User(UserId(user)),
        (None, group) => Principal::Group(GroupId(group.unwrap_or_default())),
    };
    Ok(Permission {
        id: PermissionId(row.try_get("id")?),
        principal,
        role: RoleId(row.try_get("role_id")?),
        object: ObjectRef {
            kind: rows::word(row, "permission", "object_kind", ObjectKind::parse)?,
            id: row.try_get("object_id")?,
        },
    })
}
