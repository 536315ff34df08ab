//! The event log. What would flood it is left out here, the one place that every entry passes.

use ferrovirt_model::event::{About, LogEntry, Severity};
use ferrovirt_model::events::{EventCode, event_type};
use ferrovirt_model::ids::{ClusterId, DataCenterId, HostId, StorageDomainId, TemplateId, UserId, VmId};
use sqlx::postgres::PgRow;
use sqlx::{PgConnection, Row};
use uuid::Uuid;

use crate::Result;
use crate::rows;
use crate::search::Compiled;
use crate::tx::NewEvent;

/// The event log.
#[derive(Debug)]
pub struct Events<'c> {
    pub(crate) connection: &'c mut PgConnection,
}

impl Events<'_> {
    /// Appends entries and gives them their numbers, in order of commit.
    pub(crate) async fn append(&mut self, events: Vec<NewEvent>) -> Result<Vec<LogEntry>> {
        let mut logged = Vec::with_capacity(events.len());
        for event in events {
            if !self.floods(&event).await? {
                logged.push(self.append_one(event).await?);
            }
        }
        Ok(logged)
    }

    /// Whether the same was logged within the time in which it is said only once: the type's own time, or the time that
    /// an outside program asked for. The same: type, origin, the program's number, and every object that it is about.
    async fn floods(&mut self, event: &NewEvent) -> Result<bool> {
        let own = event_type(EventCode(event.code)).map_or(0, |kind| i64::from(kind.flood_seconds));
        let seconds = event.flood_rate.map_or(own, i64::from);
        if seconds <= 0 {
            return Ok(false);
        }
        let about = &event.about;
        let said = sqlx::query_scalar(
            "select exists (select 1 from event where code = $1 and at > $2 and origin = $3
                 and custom_id is not distinct from $4 and vm_id is not distinct from $5
                 and host_id is not distinct from $6 and template_id is not distinct from $7
                 and cluster_id is not distinct from $8 and data_center_id is not distinct from $9
                 and storage_domain_id is not distinct from $10 and ($11 or message = $12))",
        )
        .bind(i32::try_from(event.code).unwrap_or(i32::MAX))
        .bind(event.at - seconds * 1000)
        .bind(&event.origin)
        .bind(event.custom_id)
        .bind(about.vm.as_ref().map(|(id, _)| id.0))
        .bind(about.host.as_ref().map(|(id, _)| id.0))
        .bind(about.template.as_ref().map(|(id, _)| id.0))
        .bind(about.cluster.as_ref().map(|(id, _)| id.0))
        .bind(about.data_center.as_ref().map(|(id, _)| id.0))
        .bind(about.storage_domain.as_ref().map(|(id, _)| id.0))
        // What names no object in its columns names it in its words alone.
        .bind(about.names_an_object())
        .bind(&event.message)
        .fetch_one(&mut *self.connection)
        .await?;
        Ok(said)
    }

    async fn append_one(&mut self, event: NewEvent) -> Result<LogEntry> {
        let about = &event.about;
        let id: i64 = sqlx::query_scalar(
            "with next as (update counter set value = value + 1 where name = 'event' returning value)
             insert into event (id, code, severity, message, at, correlation_id, origin, custom_id, flood_rate, custom_data,
                 user_id, user_name, vm_id, vm_name, template_id, template_name, host_id, host_name, cluster_id,
                 cluster_name, data_center_id, data_center_name, storage_domain_id, storage_domain_name)
             select next.value, $1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17, $18, $19, $20,
                 $21, $22, $23 from next
             returning id",
        )
        .bind(i32::try_from(event.code).unwrap_or(i32::MAX))
        .bind(event.severity.as_str())
        .bind(&event.message)
        .bind(event.at)
        .bind(&event.correlation_id)
        .bind(&event.origin)
        .bind(event.custom_id)
        .bind(event.flood_rate)
        .bind(&event.custom_data)
        .bind(about.user.as_ref().map(|(id, _)| id.0))
        .bind(about.user.as_ref().map(|(_, name)| name))
        .bind(about.vm.as_ref().map(|(id, _)| id.0))
        .bind(about.vm.as_ref().map(|(_, name)| name))
        .bind(about.template.as_ref().map(|(id, _)| id.0))
        .bind(about.template.as_ref().map(|(_, name)| name))
        .bind(about.host.as_ref().map(|(id, _)| id.0))
        .bind(about.host.as_ref().map(|(_, name)| name))
        .bind(about.cluster.as_ref().map(|(id, _)| id.0))
        .bind(about.cluster.as_ref().map(|(_, name)| name))
        .bind(about.data_center.as_ref().map(|(id, _)| id.0))
        .bind(about.data_center.as_ref().map(|(_, name)| name))
        .bind(about.storage_domain.as_ref().map(|(id, _)| id.0))
        .bind(about.storage_domain.as_ref().map(|(_, name)| name))
        .fetch_one(&mut *self.connection)
        .await?;
        Ok(LogEntry {
            id,
            code: event.code,
            severity: event.severity,
            message: event.message,
            at: event.at,
            correlation_id: event.correlation_id,
            origin: event.origin,
            custom_id: event.custom_id,
            flood_rate: event.flood_rate,
            custom_data: event.custom_data,
            about: event.about,
        })
    }

    /// The entries that a search selects, newest first unless it sorts otherwise; `after`: larger numbers only; `scope`
    /// is a condition made of constants. Hidden entries are found by a search for `deleted` alone.
    ///
    /// # Errors
    /// Any [`crate::StoreError`].
    pub async fn list(&mut self, search: &Compiled, after: Option<i64>, scope: Option<&str>) -> Result<Vec<LogEntry>> {
        let mut conditions = Vec::new();
        if !search.where_sql.contains("event.deleted") {
            conditions.push("not event.deleted".to_owned());
        }
        conditions.extend(after.map(|id| format!("event.id > {id}")));
        conditions.extend(scope.map(|scope| format!("({scope})")));
        let all = (!conditions.is_empty()).then(|| conditions.join(" and "));
        let rows = search.fetch("event.*", "event", all.as_deref(), &mut *self.connection).await?;
        rows.iter().map(entry).collect()
    }

    /// One entry; `scope` is a condition made of constants.
    ///
    /// # Errors
    /// Any [`crate::StoreError`].
    pub async fn get(&mut self, id: i64, scope: Option<&str>) -> Result<Option<LogEntry>> {
        let sql = format!("select * from event where id = $1 and not deleted and ({})", scope.unwrap_or("true"));
        let row = sqlx::query(sqlx::AssertSqlSafe(sql)).bind(id).fetch_optional(&mut *self.connection).await?;
        row.as_ref().map(entry).transpose()
    }

    /// The newest entry that an outside program wrote so.
    ///
    /// # Errors
    /// Any [`crate::StoreError`].
    pub async fn newest_like(&mut self, written: &NewEvent) -> Result<Option<LogEntry>> {
        let row = sqlx::query(
            "select * from event where code = $1 and origin = $2 and custom_id is not distinct from $3 order by id desc limit 1",
        )
        .bind(i32::try_from(written.code).unwrap_or(i32::MAX))
        .bind(&written.origin)
        .bind(written.custom_id)
        .fetch_optional(&mut *self.connection)
        .await?;
        row.as_ref().map(entry).transpose()
    }

    /// When this type was last logged about this object: the base of flood control.
    ///
    /// # Errors
    /// Any [`crate::StoreError`].
    pub async fn last_of(&mut self, code: u32, object: Option<Uuid>) -> Result<Option<i64>> {
        let at = sqlx::query_scalar(
            "select at from event where code = $1 and ($2::uuid is null or $2 in (vm_id, host_id, storage_domain_id))
             order by id desc limit 1",
        )
        .bind(i32::try_from(code).unwrap_or(i32::MAX))
        .bind(object)
        .fetch_optional(&mut *self.connection)
        .await?;
        Ok(at)
    }

    /// Hides an entry, or shows it again. Says whether there is such an entry.
    ///
    /// # Errors
    /// Any [`crate::StoreError`].
    pub async fn hide(&mut self, id: i64, hidden: bool) -> Result<bool> {
        let done = sqlx::query("update event set deleted = $2 where id = $1")
            .bind(id)
            .bind(hidden)
            .execute(&mut *self.connection)
            .await?;
        Ok(done.rows_affected() == 1)
    }

    /// Shows every hidden entry again.
    ///
    /// # Errors
    /// Any [`crate::StoreError`].
    pub async fn show_all(&mut self) -> Result<()> {
        sqlx::query("update event set deleted = false where deleted").execute(&mut *self.connection).await?;
        Ok(())
    }
}

/// The entries that a user who is no administrator may read, as a condition: their own deeds, and what is about objects
/// on which they hold something.
#[must_use]
pub fn seen_by(user: UserId) -> String {
    format!(
        "event.user_id = '{user}' or exists (select 1 from permission p
             where (p.user_id = '{user}' or p.group_id in (select group_id from group_member where user_id = '{user}'))
               and p.object_id in (event.vm_id, event.template_id, event.host_id, event.cluster_id,
                   event.data_center_id, event.storage_domain_id))"
    )
}

fn entry(row: &PgRow) -> Result<LogEntry> {
    Ok(LogEntry {
        id: row.try_get("id")?,
        code: row.try_get::<i32, _>("code")?.unsigned_abs(),
        severity: rows::word(row, "event", "severity", Severity::parse)?,
        message: row.try_get("message")?,
        at: row.try_get("at")?,
        correlation_id: row.try_get("correlation_id")?,
        origin: row.try_get("origin")?,
        custom_id: row.try_get("custom_id")?,
        flood_rate: row.try_get("flood_rate")?,
        custom_data: row.try_get("custom_data")?,
        about: About {
            user: named(row, "user_id", "user_name")?.map(|(id, name)| (UserId(id), name)),
            vm: named(row, "vm_id", "vm_name")?.map(|(id, name)| (VmId(id), name)),
            template: named(row, "template_id", "template_name")?.map(|(id, name)| (TemplateId(id), name)),
            host: named(row, "host_id", "host_name")?.map(|(id, name)| (HostId(id), name)),
            cluster: named(row, "cluster_id", "cluster_name")?.map(|(id, name)| (ClusterId(id), name)),
            data_center: named(row, "data_center_id", "data_center_name")?.map(|(id, name)| (DataCenterId(id), name)),
            storage_domain: named(row, "storage_domain_id", "storage_domain_name")?
                .map(|(id, name)| (StorageDomainId(id), name)),
        },
    })
}

fn named(row: &PgRow, id: &str, name: &str) -> Result<Option<(Uuid, String)>> {
    let id: Option<Uuid> = row.try_get(id)?;
    let name: Option<String> = row.try_get(name)?;
    Ok(id.zip(name))
}
