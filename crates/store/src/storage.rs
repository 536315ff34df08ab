//! Storage connections and domains, and how hosts see them.

use ferrovirt_model::host::HostDomainView;
use ferrovirt_model::ids::{DataCenterId, DiskProfileId, HostId, JobId, StorageConnectionId, StorageDomainId};
use ferrovirt_model::storage::{
    DomainAttachment, DomainClass, DomainIntent, StorageConnection, StorageDomain, StorageKind,
};
use sqlx::postgres::PgRow;
use sqlx::{PgConnection, Row};
use uuid::Uuid;

use crate::Result;
use crate::rows;
use crate::search::Compiled;

/// Storage domains and connections.
#[derive(Debug)]
pub struct Storage<'c> {
    pub(crate) connection: &'c mut PgConnection,
}

/// A disk profile of a domain.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DiskProfile {
    /// The id.
    pub id: DiskProfileId,
    /// The name.
    pub name: String,
    /// Free text.
    pub description: String,
    /// The domain.
    pub domain: StorageDomainId,
}

const VIEW: &str = "storage_domain.*, c.id as connection_id, c.kind, c.address, c.path, c.vfs_type, c.mount_options,
    c.nfs_version, c.nfs_timeout, c.nfs_retransmissions,
    coalesce((select sum(greatest(d.provisioned_size, v.actual_size)) from volume v join disk d on d.id = v.disk_id
              where v.domain_id = storage_domain.id), 0)::bigint as committed";
const VIEW_FROM: &str = "storage_domain join storage_connection c on c.id = storage_domain.connection_id";

impl Storage<'_> {
    /// Adds a connection.
    ///
    /// # Errors
    /// Any [`crate::StoreError`].
    pub async fn insert_connection(&mut self, connection: &StorageConnection) -> Result<()> {
        let whole = |value: Option<u32>| value.and_then(|value| i32::try_from(value).ok());
        sqlx::query(
            "insert into storage_connection (id, kind, address, path, vfs_type, mount_options, nfs_version, nfs_timeout,
                 nfs_retransmissions)
             values ($1, $2, $3, $4, $5, $6, $7, $8, $9)",
        )
        .bind(connection.id.0)
        .bind(connection.kind.as_str())
        .bind(&connection.address)
        .bind(&connection.path)
        .bind(&connection.vfs_type)
        .bind(&connection.mount_options)
        .bind(&connection.nfs_version)
        .bind(whole(connection.nfs_timeout))
        .bind(whole(connection.nfs_retransmissions))
        .execute(&mut *self.connection)
        .await?;
        Ok(())
    }

    /// Whether another domain already stands on the same place.
    ///
    /// # Errors
    /// Any [`crate::StoreError`].
    pub async fn domain_at(&mut self, connection: &StorageConnection) -> Result<Option<String>> {
        Ok(sqlx::query_scalar(
            "select d.name from storage_domain d join storage_connection c on c.id = d.connection_id
             where c.kind = $1 and c.address = $2 and c.path = $3",
        )
        .bind(connection.kind.as_str())
        .bind(&connection.address)
        .bind(&connection.path)
        .fetch_optional(&mut *self.connection)
        .await?)
    }

    /// Adds a domain, whose connection is there already.
    ///
    /// # Errors
    /// [`crate::StoreError::Constraint`] when the name is taken.
    pub async fn insert(&mut self, domain: &StorageDomain) -> Result<()> {
        sqlx::query(
            "insert into storage_domain (id, name, description, comment, class, connection_id, format, wipe_after_delete,
                 discard_after_delete, backup, warning_low_space_percent, critical_space_gib, data_center_id, intent, ready,
                 master, lock_job_id)
             values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17)",
        )
        .bind(domain.id.0)
        .bind(&domain.name)
        .bind(&domain.description)
        .bind(&domain.comment)
        .bind(domain.class.as_str())
        .bind(domain.connection.id.0)
        .bind(&domain.format)
        .bind(domain.wipe_after_delete)
        .bind(domain.discard_after_delete)
        .bind(domain.backup)
        .bind(i32::try_from(domain.warning_low_space_percent).unwrap_or(100))
        .bind(i32::try_from(domain.critical_space_gib).unwrap_or(i32::MAX))
        .bind(domain.attachment.as_ref().map(|attachment| attachment.data_center.0))
        .bind(domain.attachment.as_ref().map(|attachment| attachment.intent.as_str()))
        .bind(domain.attachment.as_ref().is_some_and(|attachment| attachment.ready))
        .bind(domain.attachment.as_ref().is_some_and(|attachment| attachment.master))
        .bind(domain.lock.map(|job| job.0))
        .execute(&mut *self.connection)
        .await?;
        Ok(())
    }

    /// Writes what actions may change: names and thresholds.
    ///
    /// # Errors
    /// [`crate::StoreError::Constraint`] when the name is taken.
    pub async fn update(&mut self, domain: &StorageDomain) -> Result<()> {
        sqlx::query(
            "update storage_domain set name = $2, description = $3, comment = $4, wipe_after_delete = $5,
                 discard_after_delete = $6, backup = $7, warning_low_space_percent = $8, critical_space_gib = $9
             where id = $1",
        )
        .bind(domain.id.0)
        .bind(&domain.name)
        .bind(&domain.description)
        .bind(&domain.comment)
        .bind(domain.wipe_after_delete)
        .bind(domain.discard_after_delete)
        .bind(domain.backup)
        .bind(i32::try_from(domain.warning_low_space_percent).unwrap_or(100))
        .bind(i32::try_from(domain.critical_space_gib).unwrap_or(i32::MAX))
        .execute(&mut *self.connection)
        .await?;
        Ok(())
    }

    /// Writes how a domain stands in a data centre, and the job that holds it.
    ///
    /// # Errors
    /// Any [`crate::StoreError`].
    pub async fn set_attachment(
        &mut self,
        id: StorageDomainId,
        attachment: Option<&DomainAttachment>,
        lock: Option<JobId>,
    ) -> Result<()> {
        sqlx::query(
            "update storage_domain set data_center_id = $2, intent = $3, ready = $4, master = $5, lock_job_id = $6
             where id = $1",
        )
        .bind(id.0)
        .bind(attachment.map(|attachment| attachment.data_center.0))
        .bind(attachment.map(|attachment| attachment.intent.as_str()))
        .bind(attachment.is_some_and(|attachment| attachment.ready))
        .bind(attachment.is_some_and(|attachment| attachment.master))
        .bind(lock.map(|job| job.0))
        .execute(&mut *self.connection)
        .await?;
        Ok(())
    }

    /// Writes whether some up host reaches the domain. Says whether that changed.
    ///
    /// # Errors
    /// Any [`crate::StoreError`].
    pub async fn set_ready(&mut self, id: StorageDomainId, ready: bool) -> Result<bool> {
        let done = sqlx::query("update storage_domain set ready = $2 where id = $1 and ready <> $2")
            .bind(id.0)
            .bind(ready)
            .execute(&mut *self.connection)
            .await?;
        Ok(done.rows_affected() == 1)
    }

    /// Writes the space that a host last reported. Says whether it changed.
    ///
    /// # Errors
    /// Any [`crate::StoreError`].
    pub async fn set_space(&mut self, id: StorageDomainId, total: u64, available: u64) -> Result<bool> {
        let used = total.saturating_sub(available);
        let done = sqlx::query(
            "update storage_domain set available = $2, used = $3
             where id = $1 and (available is distinct from $2 or used is distinct from $3)",
        )
        .bind(id.0)
        .bind(rows::bigint(available))
        .bind(rows::bigint(used))
        .execute(&mut *self.connection)
        .await?;
        Ok(done.rows_affected() == 1)
    }

    /// Removes a domain and its connection.
    ///
    /// # Errors
    /// [`crate::StoreError::Constraint`] while volumes lie on it.
    pub async fn remove(&mut self, id: StorageDomainId) -> Result<()> {
        sqlx::query(
            "with gone as (delete from storage_domain where id = $1 returning connection_id)
             select connection_id from gone",
        )
        .bind(id.0)
        .fetch_optional(&mut *self.connection)
        .await?;
        sqlx::query(
            "delete from storage_connection c where not exists (select 1 from storage_domain d where d.connection_id = c.id)",
        )
        .execute(&mut *self.connection)
        .await?;
        Ok(())
    }

    /// Domains by id, in no order.
    ///
    /// # Errors
    /// Any [`crate::StoreError`].
    pub async fn get(&mut self, ids: &[StorageDomainId]) -> Result<Vec<StorageDomain>> {
        let ids: Vec<Uuid> = ids.iter().map(|id| id.0).collect();
        self.select("storage_domain.id = any($1)", ids).await
    }

    /// The domains of data centres, by name.
    ///
    /// # Errors
    /// Any [`crate::StoreError`].
    pub async fn of_data_centers(&mut self, ids: &[DataCenterId]) -> Result<Vec<StorageDomain>> {
        let ids: Vec<Uuid> = ids.iter().map(|id| id.0).collect();
        self.select("storage_domain.data_center_id = any($1)", ids).await
    }

    async fn select(&mut self, condition: &'static str, ids: Vec<Uuid>) -> Result<Vec<StorageDomain>> {
        let sql = format!("select {VIEW} from {VIEW_FROM} where {condition} order by storage_domain.name");
        let rows = sqlx::query(sqlx::AssertSqlSafe(sql)).bind(ids).fetch_all(&mut *self.connection).await?;
        rows.iter().map(domain).collect()
    }

    /// Locks a domain's row until the transaction ends, and reads it.
    ///
    /// # Errors
    /// Any [`crate::StoreError`].
    pub async fn lock_row(&mut self, id: StorageDomainId) -> Result<Option<StorageDomain>> {
        let there = sqlx::query("select 1 from storage_domain where id = $1 for update")
            .bind(id.0)
            .fetch_optional(&mut *self.connection)
            .await?;
        if there.is_none() {
            return Ok(None);
        }
        Ok(self.get(&[id]).await?.pop())
    }

    /// The domain of that name.
    ///
    /// # Errors
    /// Any [`crate::StoreError`].
    pub async fn id_by_name(&mut self, name: &str) -> Result<Option<StorageDomainId>> {
        let id: Option<Uuid> = sqlx::query_scalar("select id from storage_domain where name = $1")
            .bind(name)
            .fetch_optional(&mut *self.connection)
            .await?;
        Ok(id.map(StorageDomainId))
    }

    /// The domains that a search selects.
    ///
    /// # Errors
    /// Any [`crate::StoreError`].
    pub async fn list(&mut self, search: &Compiled, scope: Option<&str>) -> Result<Vec<StorageDomain>> {
        let rows = search.fetch(VIEW, VIEW_FROM, scope, &mut *self.connection).await?;
        rows.iter().map(domain).collect()
    }

    /// Writes how a host sees a domain.
    ///
    /// # Errors
    /// Any [`crate::StoreError`].
    pub async fn put_view(&mut self, view: &HostDomainView) -> Result<()> {
        sqlx::query(
            "insert into host_domain_view (host_id, domain_id, ready, problem, latency_seconds, checked_at)
             select $1, id, $3, $4, $5, $6 from storage_domain where id = $2
             on conflict (host_id, domain_id) do update set ready = $3, problem = $4, latency_seconds = $5, checked_at = $6",
        )
        .bind(view.host.0)
        .bind(view.domain.0)
        .bind(view.ready)
        .bind(&view.problem)
        .bind(view.latency_seconds)
        .bind(view.checked_at)
        .execute(&mut *self.connection)
        .await?;
        Ok(())
    }

    /// How hosts see domains; of one host, or of all.
    ///
    /// # Errors
    /// Any [`crate::StoreError`].
    pub async fn host_views(&mut self, host: Option<HostId>) -> Result<Vec<HostDomainView>> {
        let rows = sqlx::query("select * from host_domain_view where $1::uuid is null or host_id = $1")
            .bind(host.map(|id| id.0))
            .fetch_all(&mut *self.connection)
            .await?;
        rows.iter()
            .map(|row| {
                Ok(HostDomainView {
                    host: HostId(row.try_get("host_id")?),
                    domain: StorageDomainId(row.try_get("domain_id")?),
                    ready: row.try_get("ready")?,
                    problem: row.try_get("problem")?,
                    latency_seconds: row.try_get("latency_seconds")?,
                    checked_at: row.try_get("checked_at")?,
                })
            })
            .collect()
    }

    /// Forgets how hosts see a domain: it has been set aside.
    ///
    /// # Errors
    /// Any [`crate::StoreError`].
    pub async fn forget_views(&mut self, id: StorageDomainId) -> Result<()> {
        sqlx::query("delete from host_domain_view where domain_id = $1")
            .bind(id.0)
            .execute(&mut *self.connection)
            .await?;
        Ok(())
    }

    /// Forgets how one host sees a domain: it does not use it any more.
    ///
    /// # Errors
    /// Any [`crate::StoreError`].
    pub async fn forget_view(&mut self, host: HostId, id: StorageDomainId) -> Result<()> {
        sqlx::query("delete from host_domain_view where host_id = $1 and domain_id = $2")
            .bind(host.0)
            .bind(id.0)
            .execute(&mut *self.connection)
            .await?;
        Ok(())
    }

    /// Names of the VMs that run somewhere and have a disk of this domain plugged in.
    ///
    /// # Errors
    /// Any [`crate::StoreError`].
    pub async fn running_users(&mut self, id: StorageDomainId) -> Result<Vec<String>> {
        Ok(sqlx::query_scalar(
            "select distinct vm.name from vm join vm_run r on r.vm_id = vm.id
             join disk_attachment a on a.vm_id = vm.id and a.active join volume v on v.disk_id = a.disk_id
             where v.domain_id = $1 order by vm.name",
        )
        .bind(id.0)
        .fetch_all(&mut *self.connection)
        .await?)
    }

    /// Adds a disk profile.
    ///
    /// # Errors
    /// Any [`crate::StoreError`].
    pub async fn insert_disk_profile(&mut self, profile: &DiskProfile) -> Result<()> {
        sqlx::query("insert into disk_profile (id, name, description, domain_id) values ($1, $2, $3, $4)")
            .bind(profile.id.0)
            .bind(&profile.name)
            .bind(&profile.description)
            .bind(profile.domain.0)
            .execute(&mut *self.connection)
            .await?;
        Ok(())
    }

    /// The disk profiles of domains, or all.
    ///
    /// # Errors
    /// Any [`crate::StoreError`].
    pub async fn disk_profiles(&mut self, domain: Option<StorageDomainId>) -> Result<Vec<DiskProfile>> {
        let rows = sqlx::query("select * from disk_profile where $1::uuid is null or domain_id = $1 order by name")
            .bind(domain.map(|id| id.0))
            .fetch_all(&mut *self.connection)
            .await?;
        rows.iter()
            .map(|row| {
                Ok(DiskProfile {
                    id: DiskProfileId(row.try_get("id")?),
                    name: row.try_get("name")?,
                    description: row.try_get("description")?,
                    domain: StorageDomainId(row.try_get("domain_id")?),
                })
            })
            .collect()
    }
}

fn domain(row: &PgRow) -> Result<StorageDomain> {
    let data_center: Option<Uuid> = row.try_get("data_center_id")?;
    let attachment = match data_center {
        None => None,
        Some(id) => Some(DomainAttachment {
            data_center: DataCenterId(id),
            intent: rows::word(row, "storage_domain", "intent", DomainIntent::parse)?,
            ready: row.try_get("ready")?,
            master: row.try_get("master")?,
        }),
    };
    Ok(StorageDomain {
        id: StorageDomainId(row.try_get("id")?),
        name: row.try_get("name")?,
        description: row.try_get("description")?,
        comment: row.try_get("comment")?,
        class: rows::word(row, "storage_domain", "class", DomainClass::parse)?,
        connection: connection(row)?,
        format: row.try_get("format")?,
        wipe_after_delete: row.try_get("wipe_after_delete")?,
        discard_after_delete: row.try_get("discard_after_delete")?,
        backup: row.try_get("backup")?,
        warning_low_space_percent: row.try_get::<i32, _>("warning_low_space_percent")?.unsigned_abs(),
        critical_space_gib: row.try_get::<i32, _>("critical_space_gib")?.unsigned_abs(),
        attachment,
        lock: row.try_get::<Option<Uuid>, _>("lock_job_id")?.map(JobId),
        available: row.try_get::<Option<i64>, _>("available")?.map(i64::unsigned_abs),
        used: row.try_get::<Option<i64>, _>("used")?.map(i64::unsigned_abs),
        committed: rows::size(row, "committed")?,
    })
}

fn connection(row: &PgRow) -> Result<StorageConnection> {
    Ok(StorageConnection {
        id: StorageConnectionId(row.try_get("connection_id")?),
        kind: rows::word(row, "storage_connection", "kind", StorageKind::parse)?,
        address: row.try_get("address")?,
        path: row.try_get("path")?,
        vfs_type: row.try_get("vfs_type")?,
        mount_options: row.try_get("mount_options")?,
        nfs_version: row.try_get("nfs_version")?,
        nfs_timeout: row.try_get::<Option<i32>, _>("nfs_timeout")?.map(i32::unsigned_abs),
        nfs_retransmissions: row.try_get::<Option<i32>, _>("nfs_retransmissions")?.map(i32::unsigned_abs),
    })
}
