//! Disks and their volumes.

use std::collections::BTreeMap;

use ferrovirt_model::ids::{DiskId, DiskProfileId, HostId, JobId, StorageDomainId, TemplateId, VolumeId};
use ferrovirt_model::storage::{Disk, DiskFormat, DiskState, Volume};
use ferrovirt_model::vm::DiskInterface;
use sqlx::postgres::PgRow;
use sqlx::{PgConnection, Row};
use uuid::Uuid;

use crate::Result;
use crate::rows::{self, bigint};
use crate::search::Compiled;

/// Disks and volumes.
#[derive(Debug)]
pub struct Disks<'c> {
    pub(crate) connection: &'c mut PgConnection,
}

/// How a disk hangs on a template.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TemplateAttachment {
    /// The template.
    pub template: TemplateId,
    /// The disk.
    pub disk: DiskId,
    /// The bus that VMs made from it get.
    pub interface: DiskInterface,
    /// VMs made from it boot from this disk.
    pub bootable: bool,
}

const VIEW: &str = "disk.*, v.id as volume_id, v.domain_id, v.format as volume_format, v.actual_size, v.parent_id";
const VIEW_FROM: &str = "disk left join volume v on v.disk_id = disk.id and v.active";

impl Disks<'_> {
    /// Adds a disk with its volume.
    ///
    /// # Errors
    /// [`crate::StoreError::Constraint`] when the id is taken.
    pub async fn insert(&mut self, disk: &Disk) -> Result<()> {
        sqlx::query(
            "insert into disk (id, alias, description, provisioned_size, format, sparse, content, shareable,
                 wipe_after_delete, propagate_errors, incremental_backup, state, lock_job_id, created_at)
             values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14)",
        )
        .bind(disk.id.0)
        .bind(&disk.alias)
        .bind(&disk.description)
        .bind(bigint(disk.provisioned_size))
        .bind(disk.format.as_str())
        .bind(disk.sparse)
        .bind(rows::enum_word(&disk.content))
        .bind(disk.shareable)
        .bind(disk.wipe_after_delete)
        .bind(disk.propagate_errors)
        .bind(disk.incremental_backup)
        .bind(disk.state.as_str())
        .bind(disk.lock.map(|job| job.0))
        .bind(disk.created_at)
        .execute(&mut *self.connection)
        .await?;
        if let Some(volume) = &disk.volume {
            self.insert_volume(volume).await?;
        }
        Ok(())
    }

    async fn insert_volume(&mut self, volume: &Volume) -> Result<()> {
        sqlx::query(
            "insert into volume (id, disk_id, domain_id, format, actual_size, parent_id, active)
             values ($1, $2, $3, $4, $5, $6, true)",
        )
        .bind(volume.id.0)
        .bind(volume.disk.0)
        .bind(volume.domain.0)
        .bind(volume.format.as_str())
        .bind(bigint(volume.actual_size))
        .bind(volume.parent.map(|id| id.0))
        .execute(&mut *self.connection)
        .await?;
        Ok(())
    }

    /// Writes what actions may change.
    ///
    /// # Errors
    /// Any [`crate::StoreError`].
    pub async fn update(&mut self, disk: &Disk) -> Result<()> {
        sqlx::query(
            "update disk set alias = $2, description = $3, provisioned_size = $4, shareable = $5, wipe_after_delete = $6,
                 propagate_errors = $7, incremental_backup = $8
             where id = $1",
        )
        .bind(disk.id.0)
        .bind(&disk.alias)
        .bind(&disk.description)
        .bind(bigint(disk.provisioned_size))
        .bind(disk.shareable)
        .bind(disk.wipe_after_delete)
        .bind(disk.propagate_errors)
        .bind(disk.incremental_backup)
        .execute(&mut *self.connection)
        .await?;
        Ok(())
    }

    /// Writes a disk's state and the job that holds it.
    ///
    /// # Errors
    /// Any [`crate::StoreError`].
    pub async fn set_state(&mut self, id: DiskId, state: DiskState, lock: Option<JobId>) -> Result<()> {
        sqlx::query("update disk set state = $2, lock_job_id = $3 where id = $1")
            .bind(id.0)
            .bind(state.as_str())
            .bind(lock.map(|job| job.0))
            .execute(&mut *self.connection)
            .await?;
        Ok(())
    }

    /// Writes the bytes that a volume takes on its storage. Says whether they changed.
    ///
    /// # Errors
    /// Any [`crate::StoreError`].
    pub async fn set_actual_size(&mut self, id: VolumeId, bytes: u64) -> Result<bool> {
        let done = sqlx::query("update volume set actual_size = $2 where id = $1 and actual_size <> $2")
            .bind(id.0)
            .bind(bigint(bytes))
            .execute(&mut *self.connection)
            .await?;
        Ok(done.rows_affected() == 1)
    }

    /// Writes the bytes that the volumes in use of disks take on their storage, where they changed, and where a VM with a
    /// run on that host has the disk.
    ///
    /// # Errors
    /// Any [`crate::StoreError`].
    pub async fn put_actual_sizes(&mut self, host: HostId, sizes: &BTreeMap<DiskId, u64>) -> Result<()> {
        if sizes.is_empty() {
            return Ok(());
        }
        // Rows are locked in one order, so that two hosts that have a disk do not wait for each other.
        sqlx::query(
            "with told as (
                 select v.id, told.bytes from unnest($2::uuid[], $3::bigint[]) told (disk_id, bytes)
                 join volume v on v.disk_id = told.disk_id and v.active and v.actual_size <> told.bytes
                 where exists (select from disk_attachment a join vm_run r on r.vm_id = a.vm_id
                     where a.disk_id = told.disk_id and r.host_id = $1)
                 order by v.id for update of v)
             update volume set actual_size = told.bytes from told where volume.id = told.id",
        )
        .bind(host.0)
        .bind(sizes.keys().map(|id| id.0).collect::<Vec<_>>())
        .bind(sizes.values().map(|bytes| bigint(*bytes)).collect::<Vec<_>>())
        .execute(&mut *self.connection)
        .await?;
        Ok(())
    }

    /// Removes a disk with its volumes and attachments.
    ///
    /// # Errors
    /// [`crate::StoreError::Constraint`] while other volumes stand on one of its own.
    pub async fn remove(&mut self, id: DiskId) -> Result<()> {
        sqlx::query("delete from disk where id = $1").bind(id.0).execute(&mut *self.connection).await?;
        Ok(())
    }

    /// Removes several disks at once, with what stands on what among them.
    ///
    /// # Errors
    /// [`crate::StoreError::Constraint`] while other volumes stand on one of theirs.
    pub async fn remove_all(&mut self, ids: &[DiskId]) -> Result<()> {
        let ids: Vec<Uuid> = ids.iter().map(|id| id.0).collect();
        sqlx::query("delete from disk where id = any($1)").bind(ids).execute(&mut *self.connection).await?;
        Ok(())
    }

    /// A disk, its row locked until the transaction ends.
    ///
    /// # Errors
    /// Any [`crate::StoreError`].
    pub async fn lock_row(&mut self, id: DiskId) -> Result<Option<Disk>> {
        let there = sqlx::query("select 1 from disk where id = $1 for update")
            .bind(id.0)
            .fetch_optional(&mut *self.connection)
            .await?;
        if there.is_none() {
            return Ok(None);
        }
        Ok(self.get(&[id]).await?.pop())
    }

    /// Disks by id, in no order.
    ///
    /// # Errors
    /// Any [`crate::StoreError`].
    pub async fn get(&mut self, ids: &[DiskId]) -> Result<Vec<Disk>> {
        let ids: Vec<Uuid> = ids.iter().map(|id| id.0).collect();
        let sql = format!("select {VIEW} from {VIEW_FROM} where disk.id = any($1)");
        let rows = sqlx::query(sqlx::AssertSqlSafe(sql)).bind(ids).fetch_all(&mut *self.connection).await?;
        rows.iter().map(disk).collect()
    }

    /// The disks that have a volume on a domain.
    ///
    /// # Errors
    /// Any [`crate::StoreError`].
    pub async fn on_domain(&mut self, id: StorageDomainId) -> Result<Vec<Disk>> {
        let sql = format!("select {VIEW} from {VIEW_FROM} where v.domain_id = $1 order by disk.alias");
        let rows = sqlx::query(sqlx::AssertSqlSafe(sql)).bind(id.0).fetch_all(&mut *self.connection).await?;
        rows.iter().map(disk).collect()
    }

    /// The disks that have a volume on one of some domains, with the domain in their volume.
    ///
    /// # Errors
    /// Any [`crate::StoreError`].
    pub async fn on_domains(&mut self, ids: &[StorageDomainId]) -> Result<Vec<Disk>> {
        let ids: Vec<Uuid> = ids.iter().map(|id| id.0).collect();
        let sql = format!("select {VIEW} from {VIEW_FROM} where v.domain_id = any($1) order by disk.alias");
        let rows = sqlx::query(sqlx::AssertSqlSafe(sql)).bind(ids).fetch_all(&mut *self.connection).await?;
        rows.iter().map(disk).collect()
    }

    /// The disks whose present volumes are named, in no order.
    ///
    /// # Errors
    /// Any [`crate::StoreError`].
    pub async fn of_volumes(&mut self, ids: &[VolumeId]) -> Result<Vec<Disk>> {
        let ids: Vec<Uuid> = ids.iter().map(|id| id.0).collect();
        let sql = format!("select {VIEW} from {VIEW_FROM} where v.id = any($1)");
        let rows = sqlx::query(sqlx::AssertSqlSafe(sql)).bind(ids).fetch_all(&mut *self.connection).await?;
        rows.iter().map(disk).collect()
    }

    /// One volume, whichever disk it belongs to.
    ///
    /// # Errors
    /// Any [`crate::StoreError`].
    pub async fn volume(&mut self, id: VolumeId) -> Result<Option<Volume>> {
        let row =
            sqlx::query("select * from volume where id = $1").bind(id.0).fetch_optional(&mut *self.connection).await?;
        let Some(row) = row else { return Ok(None) };
        Ok(Some(Volume {
            id,
            disk: DiskId(row.try_get("disk_id")?),
            domain: StorageDomainId(row.try_get("domain_id")?),
            format: rows::word(&row, "volume", "format", DiskFormat::parse)?,
            actual_size: rows::size(&row, "actual_size")?,
            parent: row.try_get::<Option<Uuid>, _>("parent_id")?.map(VolumeId),
        }))
    }

    /// Writes which disk profile a disk has.
    ///
    /// # Errors
    /// [`crate::StoreError::Constraint`] when there is no such profile.
    pub async fn set_profile(&mut self, id: DiskId, profile: Option<DiskProfileId>) -> Result<()> {
        sqlx::query("update disk set disk_profile_id = $2 where id = $1")
            .bind(id.0)
            .bind(profile.map(|profile| profile.0))
            .execute(&mut *self.connection)
            .await?;
        Ok(())
    }

    /// The disk profiles of disks, where they have one.
    ///
    /// # Errors
    /// Any [`crate::StoreError`].
    pub async fn profiles(&mut self, disks: &[DiskId]) -> Result<Vec<(DiskId, DiskProfileId)>> {
        let ids: Vec<Uuid> = disks.iter().map(|id| id.0).collect();
        let rows: Vec<(Uuid, Uuid)> =
            sqlx::query_as("select id, disk_profile_id from disk where id = any($1) and disk_profile_id is not null")
                .bind(ids)
                .fetch_all(&mut *self.connection)
                .await?;
        Ok(rows.into_iter().map(|(disk, profile)| (DiskId(disk), DiskProfileId(profile))).collect())
    }

    /// The disks that a search selects.
    ///
    /// # Errors
    /// Any [`crate::StoreError`].
    pub async fn list(&mut self, search: &Compiled, scope: Option<&str>) -> Result<Vec<Disk>> {
        let rows = search.fetch(VIEW, VIEW_FROM, scope, &mut *self.connection).await?;
        rows.iter().map(disk).collect()
    }

    /// Names of the disks whose volumes stand on a volume of this disk.
    ///
    /// # Errors
    /// Any [`crate::StoreError`].
    pub async fn standing_on(&mut self, id: DiskId) -> Result<Vec<String>> {
        Ok(sqlx::query_scalar(
            "select distinct d.alias from volume child join volume parent on parent.id = child.parent_id
             join disk d on d.id = child.disk_id where parent.disk_id = $1 and child.disk_id <> $1 order by 1",
        )
        .bind(id.0)
        .fetch_all(&mut *self.connection)
        .await?)
    }

    /// The disks of templates, in the order in which they were attached.
    ///
    /// # Errors
    /// Any [`crate::StoreError`].
    pub async fn of_templates(&mut self, ids: &[TemplateId]) -> Result<Vec<TemplateAttachment>> {
        let ids: Vec<Uuid> = ids.iter().map(|id| id.0).collect();
        let rows = sqlx::query("select * from disk_attachment where template_id = any($1) order by place")
            .bind(ids)
            .fetch_all(&mut *self.connection)
            .await?;
        rows.iter().map(template_attachment).collect()
    }

    /// The templates that hold disks.
    ///
    /// # Errors
    /// Any [`crate::StoreError`].
    pub async fn templates_of(&mut self, disks: &[DiskId]) -> Result<Vec<TemplateAttachment>> {
        let ids: Vec<Uuid> = disks.iter().map(|id| id.0).collect();
        let rows = sqlx::query("select * from disk_attachment where disk_id = any($1) and template_id is not null")
            .bind(ids)
            .fetch_all(&mut *self.connection)
            .await?;
        rows.iter().map(template_attachment).collect()
    }

    /// Hangs a disk on a template.
    ///
    /// # Errors
    /// Any [`crate::StoreError`].
    pub async fn put_template_attachment(&mut self, attachment: &TemplateAttachment) -> Result<()> {
        sqlx::query(
            "insert into disk_attachment (template_id, disk_id, interface, bootable, active, read_only, pass_discard)
             values ($1, $2, $3, $4, true, false, false)
             on conflict (template_id, disk_id) do update set interface = $3, bootable = $4",
        )
        .bind(attachment.template.0)
        .bind(attachment.disk.0)
        .bind(rows::enum_word(&attachment.interface))
        .bind(attachment.bootable)
        .execute(&mut *self.connection)
        .await?;
        Ok(())
    }
}

/// The images of CDs on one domain, as a condition.
#[must_use]
pub fn isos_on(domain: StorageDomainId) -> String {
    format!("disk.content = 'iso' and v.domain_id = '{domain}'")
}

fn template_attachment(row: &PgRow) -> Result<TemplateAttachment> {
    Ok(TemplateAttachment {
        template: TemplateId(row.try_get("template_id")?),
        disk: DiskId(row.try_get("disk_id")?),
        interface: rows::read_enum(row, "disk_attachment", "interface")?,
        bootable: row.try_get("bootable")?,
    })
}

fn disk(row: &PgRow) -> Result<Disk> {
    let id = DiskId(row.try_get("id")?);
    let volume: Option<Uuid> = row.try_get("volume_id")?;
    let volume = match volume {
        None => None,
        Some(volume) => Some(Volume {
            id: VolumeId(volume),
            disk: id,
            domain: StorageDomainId(row.try_get("domain_id")?),
            format: rows::word(row, "volume", "volume_format", DiskFormat::parse)?,
            actual_size: rows::size(row, "actual_size")?,
            parent: row.try_get::<Option<Uuid>, _>("parent_id")?.map(VolumeId),
        }),
    };
    Ok(Disk {
        id,
        alias: row.try_get("alias")?,
        description: row.try_get("description")?,
        provisioned_size: rows::size(row, "provisioned_size")?,
        format: rows::word(row, "disk", "format", DiskFormat::parse)?,
        sparse: row.try_get("sparse")?,
        content: rows::read_enum(row, "disk", "content")?,
        shareable: row.try_get("shareable")?,
        wipe_after_delete: row.try_get("wipe_after_delete")?,
        propagate_errors: row.try_get("propagate_errors")?,
        incremental_backup: row.try_get("incremental_backup")?,
        state: rows::word(row, "disk", "state", DiskState::parse)?,
        lock: row.try_get::<Option<Uuid>, _>("lock_job_id")?.map(JobId),
        volume,
        created_at: row.try_get("created_at")?,
    })
}
