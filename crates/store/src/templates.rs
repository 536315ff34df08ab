//! Templates.

use ferrovirt_model::catalogue::instance_types::{INSTANCE_TYPES, InstanceType};
use ferrovirt_model::ids::{ClusterId, JobId, TemplateId, UserId};
use ferrovirt_model::template::Template;
use sqlx::postgres::PgRow;
use sqlx::types::Json;
use sqlx::{PgConnection, Row};
use uuid::Uuid;

use crate::Result;
use crate::rows;
use crate::search::Compiled;

/// Templates.
#[derive(Debug)]
pub struct Templates<'c> {
    pub(crate) connection: &'c mut PgConnection,
}

impl Templates<'_> {
    /// The ids of the instance types that a search selects: sizes of the catalogue, found as templates are.
    ///
    /// # Errors
    /// Any [`crate::StoreError`].
    pub async fn instance_types(&mut self, search: &Compiled) -> Result<Vec<Uuid>> {
        let rows = search.fetch("template.id", &sizes(), None, &mut *self.connection).await?;
        rows.iter().map(|row| Ok(row.try_get("id")?)).collect()
    }

    /// Adds a template or writes over what actions may change.
    ///
    /// # Errors
    /// Any [`crate::StoreError`].
    pub async fn put(&mut self, template: &Template) -> Result<()> {
        sqlx::query(
            "insert into template (id, name, cluster_id, definition, version_name, version_number, base_id, created_by,
                 created_at, lock_job_id, illegal, sealed)
             values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12)
             on conflict (id) do update set name = $2, cluster_id = $3, definition = $4, version_name = $5",
        )
        .bind(template.id.0)
        .bind(&template.name)
        .bind(template.cluster.map(|id| id.0))
        .bind(Json(&template.definition))
        .bind(&template.version_name)
        .bind(i32::try_from(template.version_number).unwrap_or(i32::MAX))
        .bind(template.base.0)
        .bind(template.created_by.map(|id| id.0))
        .bind(template.created_at)
        .bind(template.lock.map(|job| job.0))
        .bind(template.illegal)
        .bind(template.sealed)
        .execute(&mut *self.connection)
        .await?;
        Ok(())
    }

    /// Writes the job that holds a template and whether its disks are broken.
    ///
    /// # Errors
    /// Any [`crate::StoreError`].
    pub async fn set_lock(&mut self, id: TemplateId, lock: Option<JobId>, illegal: bool) -> Result<()> {
        sqlx::query("update template set lock_job_id = $2, illegal = $3 where id = $1")
            .bind(id.0)
            .bind(lock.map(|job| job.0))
            .bind(illegal)
            .execute(&mut *self.connection)
            .await?;
        Ok(())
    }

    /// Removes a template with its NICs and attachments.
    ///
    /// # Errors
    /// [`crate::StoreError::Constraint`] while VMs were made from it.
    pub async fn remove(&mut self, id: TemplateId) -> Result<()> {
        sqlx::query("delete from template where id = $1").bind(id.0).execute(&mut *self.connection).await?;
        Ok(())
    }

    /// Templates by id, in no order.
    ///
    /// # Errors
    /// Any [`crate::StoreError`].
    pub async fn get(&mut self, ids: &[TemplateId]) -> Result<Vec<Template>> {
        let ids: Vec<Uuid> = ids.iter().map(|id| id.0).collect();
        let rows =
            sqlx::query("select * from template where id = any($1)").bind(ids).fetch_all(&mut *self.connection).await?;
        rows.iter().map(template).collect()
    }

    /// A template, its row locked until the transaction ends.
    ///
    /// # Errors
    /// Any [`crate::StoreError`].
    pub async fn lock_row(&mut self, id: TemplateId) -> Result<Option<Template>> {
        let row = sqlx::query("select * from template where id = $1 for update")
            .bind(id.0)
            .fetch_optional(&mut *self.connection)
            .await?;
        row.as_ref().map(template).transpose()
    }

    /// Templates of that name, newest version first.
    ///
    /// # Errors
    /// Any [`crate::StoreError`].
    pub async fn by_name(&mut self, name: &str) -> Result<Vec<Template>> {
        let rows = sqlx::query("select * from template where name = $1 order by version_number desc")
            .bind(name)
            .fetch_all(&mut *self.connection)
            .await?;
        rows.iter().map(template).collect()
    }

    /// Templates by id of which a condition holds.
    ///
    /// # Errors
    /// Any [`crate::StoreError`].
    pub async fn get_within(&mut self, ids: &[TemplateId], scope: Option<&str>) -> Result<Vec<Template>> {
        let ids: Vec<Uuid> = ids.iter().map(|id| id.0).collect();
        let sql = format!("select * from template where id = any($1) and ({})", scope.unwrap_or("true"));
        let rows = sqlx::query(sqlx::AssertSqlSafe(sql)).bind(ids).fetch_all(&mut *self.connection).await?;
        rows.iter().map(template).collect()
    }

    /// The versions of a template, the first one included.
    ///
    /// # Errors
    /// Any [`crate::StoreError`].
    pub async fn versions(&mut self, base: TemplateId) -> Result<Vec<Template>> {
        let rows = sqlx::query("select * from template where base_id = $1 order by version_number")
            .bind(base.0)
            .fetch_all(&mut *self.connection)
            .await?;
        rows.iter().map(template).collect()
    }

    /// Names of the VMs that were made from a template.
    ///
    /// # Errors
    /// Any [`crate::StoreError`].
    pub async fn vms_of(&mut self, id: TemplateId) -> Result<Vec<String>> {
        Ok(sqlx::query_scalar("select name from vm where template_id = $1 order by name")
            .bind(id.0)
            .fetch_all(&mut *self.connection)
            .await?)
    }

    /// The templates that a search selects.
    ///
    /// # Errors
    /// Any [`crate::StoreError`].
    pub async fn list(&mut self, search: &Compiled, scope: Option<&str>) -> Result<Vec<Template>> {
        let rows = search.fetch("template.*", "template", scope, &mut *self.connection).await?;
        rows.iter().map(template).collect()
    }
}

/// The templates that a user may know of, as a condition: a grant on it, above it, or on a VM made from it; what is given
/// to everyone counts where it names the template.
#[must_use]
pub fn seen_by(user: UserId) -> String {
    format!(
        "exists (select 1 from permission p where
            (p.user_id = '{user}' or p.group_id in (select group_id from group_member where user_id = '{user}'))
                and (p.object_id in (template.id, template.cluster_id, 'aaa00000-0000-0000-0000-123456789aaa',
                        (select s_c.data_center_id from cluster s_c where s_c.id = template.cluster_id))
                    or p.object_id in (select s_v.id from vm s_v where s_v.template_id = template.id))
            or p.group_id = 'eee00000-0000-0000-0000-123456789eee' and p.object_id = template.id)"
    )
}

/// The catalogue of sizes as a table that has the columns of templates. What stands in it are constants of ours.
fn sizes() -> String {
    let row = |one: &InstanceType| {
        let memory = one.memory_mib << 20;
        format!(
            "('{}'::uuid, '{}', jsonb_build_object('description', '{}', 'memory', {memory}))",
            one.id, one.name, one.description
        )
    };
    let rows: Vec<String> = INSTANCE_TYPES.iter().map(row).collect();
    format!(
        "(select s.*, null::uuid as cluster_id, 0::bigint as created_at, null::uuid as lock_job_id, false as illegal,
            false as sealed, ''::text as version_name, 1 as version_number
            from (values {}) s (id, name, definition)) template",
        rows.join(", ")
    )
}

fn template(row: &PgRow) -> Result<Template> {
    Ok(Template {
        id: TemplateId(row.try_get("id")?),
        name: row.try_get("name")?,
        cluster: row.try_get::<Option<Uuid>, _>("cluster_id")?.map(ClusterId),
        definition: rows::json(row, "definition")?,
        version_name: row.try_get("version_name")?,
        version_number: row.try_get::<i32, _>("version_number")?.unsigned_abs(),
        base: TemplateId(row.try_get("base_id")?),
        created_by: row.try_get::<Option<Uuid>, _>("created_by")?.map(UserId),
        created_at: row.try_get("created_at")?,
        lock: row.try_get::<Option<Uuid>, _>("lock_job_id")?.map(JobId),
        illegal: row.try_get("illegal")?,
        sealed: row.try_get("sealed")?,
    })
}
