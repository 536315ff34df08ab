//! VMs, their runs, facts, NICs and disk attachments.

use std::collections::BTreeMap;

use ferrovirt_model::ids::{
    ClusterId, CpuProfileId, DiskId, HostId, JobId, NicId, TemplateId, UserId, VmId, VnicProfileId,
};
use ferrovirt_model::vm::{
    DiskAttachment, GuestFacts, Lock, LockPurpose, RunParticulars, Vm, VmNic, VmRun, VmStatistics,
};
use sqlx::postgres::PgRow;
use sqlx::types::Json;
use sqlx::{PgConnection, Row};
use uuid::Uuid;

use crate::Result;
use crate::rows::{self, bigint};
use crate::search::Compiled;

pub(crate) mod known;

/// VMs, runs, NICs, attachments.
#[derive(Debug)]
pub struct Vms<'c> {
    pub(crate) connection: &'c mut PgConnection,
}

/// A VM with the run that owns it and what is known of both: what lists and pages show.
#[derive(Clone, Debug, PartialEq)]
pub struct VmView {
    /// What the user asked for.
    pub vm: Vm,
    /// The run that owns it.
    pub run: Option<VmRun>,
    /// What its guest says; without the packages, which have their own query.
    pub guest: Option<GuestFacts>,
    /// The newest measurements; without them where they were not asked for.
    pub statistics: Option<VmStatistics>,
    /// The run has a definition of its own: the VM was started with changes for this once.
    pub run_once: bool,
    /// A disk of it is known to be broken.
    pub has_illegal_images: bool,
}

/// Who has a NIC.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum DeviceOwner {
    /// A VM.
    Vm(VmId),
    /// A template.
    Template(TemplateId),
}

impl DeviceOwner {
    pub(crate) fn columns(self) -> (Option<Uuid>, Option<Uuid>) {
        match self {
            Self::Vm(id) => (Some(id.0), None),
            Self::Template(id) => (None, Some(id.0)),
        }
    }
}

const VIEW: &str = "vm.*, r.generation as run_generation, r.host_id as run_host_id, r.phase as run_phase,
    r.owner as run_owner, r.pause_reason as run_pause_reason, r.guest_agent as run_guest_agent,
    r.started_at as run_started_at, r.migration as run_migration, r.graphics as run_graphics,
    r.reported_at as run_reported_at, coalesce(jsonb_typeof(r.particulars->'definition') = 'object', false) as run_once,
    vm.id in (select a.vm_id from disk_attachment a join disk d on d.id = a.disk_id
        where d.state = 'illegal' and a.vm_id is not null) as has_illegal_images, f.guest";
const VIEW_FROM: &str = "vm left join vm_run r on r.vm_id = vm.id and r.owner left join vm_facts f on f.vm_id = vm.id";
const MEASURED_FROM: &str =
    "vm left join vm_run r on r.vm_id = vm.id and r.owner left join vm_facts f on f.vm_id = vm.id
    left join vm_statistics m on m.vm_id = vm.id";

impl Vms<'_> {
    /// Adds a VM.
    ///
    /// # Errors
    /// Any [`crate::StoreError`].
    pub async fn insert(&mut self, vm: &Vm) -> Result<()> {
        sqlx::query(
            "insert into vm (id, name, cluster_id, template_id, definition, next_run, cpu_profile_id, created_by, created_at,
                 generation, lock_job_id, lock_purpose, last_stop)
             values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13)",
        )
        .bind(vm.id.0)
        .bind(&vm.name)
        .bind(vm.cluster.0)
        .bind(vm.template.0)
        .bind(Json(&vm.definition))
        .bind(vm.next_run.as_ref().map(Json))
        .bind(vm.cpu_profile.map(|id| id.0))
        .bind(vm.created_by.map(|id| id.0))
        .bind(vm.created_at)
        .bind(bigint(vm.generation))
        .bind(vm.lock.map(|lock| lock.job.0))
        .bind(vm.lock.map(|lock| rows::enum_word(&lock.purpose)))
        .bind(vm.last_stop.as_ref().map(Json))
        .execute(&mut *self.connection)
        .await?;
        Ok(())
    }

    /// Writes what actions may change; lock, generation and last stop have writers of their own.
    ///
    /// # Errors
    /// Any [`crate::StoreError`].
    pub async fn update(&mut self, vm: &Vm) -> Result<()> {
        sqlx::query(
            "update vm set name = $2, cluster_id = $3, definition = $4, next_run = $5, cpu_profile_id = $6 where id = $1",
        )
        .bind(vm.id.0)
        .bind(&vm.name)
        .bind(vm.cluster.0)
        .bind(Json(&vm.definition))
        .bind(vm.next_run.as_ref().map(Json))
        .bind(vm.cpu_profile.map(|id| id.0))
        .execute(&mut *self.connection)
        .await?;
        Ok(())
    }

    /// Lets the change that waits for the next start become what is. Says whether there was one.
    ///
    /// # Errors
    /// Any [`crate::StoreError`].
    pub async fn apply_next_run(&mut self, id: VmId) -> Result<bool> {
        let done = sqlx::query(
            "update vm set definition = next_run, next_run = null where id = $1 and jsonb_typeof(next_run) = 'object'",
        )
        .bind(id.0)
        .execute(&mut *self.connection)
        .await?;
        Ok(done.rows_affected() > 0)
    }

    /// Removes a VM with its runs, NICs and attachments.
    ///
    /// # Errors
    /// Any [`crate::StoreError`].
    pub async fn remove(&mut self, id: VmId) -> Result<()> {
        sqlx::query("delete from vm where id = $1").bind(id.0).execute(&mut *self.connection).await?;
        Ok(())
    }

    /// A VM, its row locked until the transaction ends.
    ///
    /// # Errors
    /// Any [`crate::StoreError`].
    pub async fn lock_row(&mut self, id: VmId) -> Result<Option<Vm>> {
        let row = sqlx::query("select * from vm where id = $1 for update")
            .bind(id.0)
            .fetch_optional(&mut *self.connection)
            .await?;
        row.as_ref().map(vm).transpose()
    }

    /// A VM with its run and facts.
    ///
    /// # Errors
    /// Any [`crate::StoreError`].
    pub async fn view(&mut self, id: VmId) -> Result<Option<VmView>> {
        Ok(self.views(&[id]).await?.pop())
    }

    /// VMs by id, in no order.
    ///
    /// # Errors
    /// Any [`crate::StoreError`].
    pub async fn views(&mut self, ids: &[VmId]) -> Result<Vec<VmView>> {
        let ids: Vec<Uuid> = ids.iter().map(|id| id.0).collect();
        let sql = format!("select {VIEW}, m.statistics from {MEASURED_FROM} where vm.id = any($1)");
        let rows = sqlx::query(sqlx::AssertSqlSafe(sql)).bind(ids).fetch_all(&mut *self.connection).await?;
        rows.iter().map(measured).collect()
    }

    /// The VMs that a search selects, with their measurements.
    ///
    /// # Errors
    /// Any [`crate::StoreError`].
    pub async fn list_measured(&mut self, search: &Compiled, scope: Option<&str>) -> Result<Vec<VmView>> {
        let columns = format!("{VIEW}, m.statistics");
        let rows = search.fetch(&columns, MEASURED_FROM, scope, &mut *self.connection).await?;
        rows.iter().map(measured).collect()
    }

    /// The VM of that name in a data centre.
    ///
    /// # Errors
    /// Any [`crate::StoreError`].
    pub async fn id_by_name(&mut self, name: &str, cluster: ClusterId) -> Result<Option<VmId>> {
        let id: Option<Uuid> = sqlx::query_scalar(
            "select vm.id from vm join cluster c on c.id = vm.cluster_id
             where vm.name = $1 and c.data_center_id = (select data_center_id from cluster where id = $2)",
        )
        .bind(name)
        .bind(cluster.0)
        .fetch_optional(&mut *self.connection)
        .await?;
        Ok(id.map(VmId))
    }

    /// VMs that run on a host or are being received by it, with all their runs there.
    ///
    /// # Errors
    /// Any [`crate::StoreError`].
    pub async fn runs_on(&mut self, host: HostId) -> Result<Vec<VmRun>> {
        let rows = sqlx::query("select * from vm_run where host_id = $1")
            .bind(host.0)
            .fetch_all(&mut *self.connection)
            .await?;
        rows.iter().map(run).collect()
    }

    /// Whether a VM has a run on a host, promised ones included.
    ///
    /// # Errors
    /// Any [`crate::StoreError`].
    pub async fn has_run_on(&mut self, id: VmId, host: HostId) -> Result<bool> {
        let known = sqlx::query_scalar("select exists (select from vm_run where vm_id = $1 and host_id = $2)")
            .bind(id.0)
            .bind(host.0)
            .fetch_one(&mut *self.connection)
            .await?;
        Ok(known)
    }

    /// All runs of a VM, oldest first.
    ///
    /// # Errors
    /// Any [`crate::StoreError`].
    pub async fn runs(&mut self, id: VmId) -> Result<Vec<VmRun>> {
        let rows = sqlx::query("select * from vm_run where vm_id = $1 order by generation")
            .bind(id.0)
            .fetch_all(&mut *self.connection)
            .await?;
        rows.iter().map(run).collect()
    }

    /// All runs of a VM, oldest first, their rows locked until the transaction ends.
    ///
    /// # Errors
    /// Any [`crate::StoreError`].
    pub async fn lock_runs(&mut self, id: VmId) -> Result<Vec<VmRun>> {
        let rows = sqlx::query("select * from vm_run where vm_id = $1 order by generation for update")
            .bind(id.0)
            .fetch_all(&mut *self.connection)
            .await?;
        rows.iter().map(run).collect()
    }

    /// Writes the lock that a job holds, or none.
    ///
    /// # Errors
    /// Any [`crate::StoreError`].
    pub async fn set_lock(&mut self, id: VmId, lock: Option<Lock>) -> Result<()> {
        sqlx::query("update vm set lock_job_id = $2, lock_purpose = $3 where id = $1")
            .bind(id.0)
            .bind(lock.map(|lock| lock.job.0))
            .bind(lock.map(|lock| rows::enum_word(&lock.purpose)))
            .execute(&mut *self.connection)
            .await?;
        Ok(())
    }

    /// Writes which template a VM stands on.
    ///
    /// # Errors
    /// Any [`crate::StoreError`].
    pub async fn set_template(&mut self, id: VmId, template: TemplateId) -> Result<()> {
        sqlx::query("update vm set template_id = $2 where id = $1")
            .bind(id.0)
            .bind(template.0)
            .execute(&mut *self.connection)
            .await?;
        Ok(())
    }

    /// The next generation of a VM: larger than any that was ever given.
    ///
    /// # Errors
    /// Any [`crate::StoreError`].
    pub async fn next_generation(&mut self, id: VmId) -> Result<u64> {
        let row = sqlx::query("update vm set generation = generation + 1 where id = $1 returning generation")
            .bind(id.0)
            .fetch_one(&mut *self.connection)
            .await?;
        rows::size(&row, "generation")
    }

    /// A run of this generation was found: the next one is larger.
    ///
    /// # Errors
    /// Any [`crate::StoreError`].
    pub async fn raise_generation(&mut self, id: VmId, found: u64) -> Result<()> {
        sqlx::query("update vm set generation = $2 where id = $1 and generation < $2")
            .bind(id.0)
            .bind(bigint(found))
            .execute(&mut *self.connection)
            .await?;
        Ok(())
    }

    /// Adds a run or writes it over; at most one owns the VM, which the schema enforces.
    ///
    /// # Errors
    /// Any [`crate::StoreError`].
    pub async fn put_run(&mut self, run: &VmRun) -> Result<()> {
        sqlx::query(
            "insert into vm_run (vm_id, generation, host_id, phase, owner, pause_reason, guest_agent, started_at, migration,
                 graphics, reported_at)
             values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11)
             on conflict (vm_id, generation) do update set host_id = $3, phase = $4, owner = $5, pause_reason = $6,
                 guest_agent = $7, started_at = $8, migration = $9, graphics = $10, reported_at = $11",
        )
        .bind(run.vm.0)
        .bind(bigint(run.generation))
        .bind(run.host.0)
        .bind(rows::enum_word(&run.phase))
        .bind(run.owner)
        .bind(&run.pause_reason)
        .bind(run.guest_agent)
        .bind(run.started_at)
        .bind(run.migration.as_ref().map(Json))
        .bind(Json(&run.graphics))
        .bind(run.reported_at)
        .execute(&mut *self.connection)
        .await?;
        Ok(())
    }

    /// Writes what a run has that its VM's definition does not say.
    ///
    /// # Errors
    /// Any [`crate::StoreError`].
    pub async fn put_particulars(&mut self, id: VmId, generation: u64, what: &RunParticulars) -> Result<()> {
        sqlx::query("update vm_run set particulars = $3 where vm_id = $1 and generation = $2")
            .bind(id.0)
            .bind(bigint(generation))
            .bind(Json(what))
            .execute(&mut *self.connection)
            .await?;
        Ok(())
    }

    /// What a run has that its VM's definition does not say; nothing of it for a run that is gone.
    ///
    /// # Errors
    /// Any [`crate::StoreError`].
    pub async fn particulars(&mut self, id: VmId, generation: u64) -> Result<RunParticulars> {
        let row = sqlx::query("select particulars from vm_run where vm_id = $1 and generation = $2")
            .bind(id.0)
            .bind(bigint(generation))
            .fetch_optional(&mut *self.connection)
            .await?;
        let found = row.as_ref().map_or(Ok(None), |row| rows::json_option(row, "particulars"))?;
        Ok(found.unwrap_or_default())
    }

    /// Whether no guest of the VM has been given its first-boot data yet.
    ///
    /// # Errors
    /// Any [`crate::StoreError`].
    pub async fn awaits_first_boot(&mut self, id: VmId) -> Result<bool> {
        let known: Option<Option<i64>> = sqlx::query_scalar("select initialized_at from vm where id = $1")
            .bind(id.0)
            .fetch_optional(&mut *self.connection)
            .await?;
        Ok(known.is_some_and(|at| at.is_none()))
    }

    /// A guest of the VM has been given its first-boot data.
    ///
    /// # Errors
    /// Any [`crate::StoreError`].
    pub async fn set_initialized(&mut self, id: VmId, at: i64) -> Result<()> {
        sqlx::query("update vm set initialized_at = coalesce(initialized_at, $2) where id = $1")
            .bind(id.0)
            .bind(at)
            .execute(&mut *self.connection)
            .await?;
        Ok(())
    }

    /// The names of VMs and templates whose drive holds this CD, now or at their next start.
    ///
    /// # Errors
    /// Any [`crate::StoreError`].
    pub async fn users_of_cd(&mut self, disk: DiskId) -> Result<Vec<String>> {
        Ok(sqlx::query_scalar(
            "select name from vm where definition ->> 'cdrom' = $1 or next_run ->> 'cdrom' = $1
                 or exists (select from vm_run r where r.vm_id = vm.id and r.particulars ->> 'cdrom' = $1)
             union select name from template where definition ->> 'cdrom' = $1
             order by name",
        )
        .bind(disk.to_string())
        .fetch_all(&mut *self.connection)
        .await?)
    }

    /// Removes a run that has ended.
    ///
    /// # Errors
    /// Any [`crate::StoreError`].
    pub async fn remove_run(&mut self, id: VmId, generation: u64) -> Result<()> {
        sqlx::query("delete from vm_run where vm_id = $1 and generation = $2")
            .bind(id.0)
            .bind(bigint(generation))
            .execute(&mut *self.connection)
            .await?;
        Ok(())
    }

    /// Writes how the last run ended.
    ///
    /// # Errors
    /// Any [`crate::StoreError`].
    pub async fn set_last_stop(&mut self, id: VmId, stop: &ferrovirt_model::vm::LastStop) -> Result<()> {
        sqlx::query("update vm set last_stop = $2 where id = $1")
            .bind(id.0)
            .bind(Json(stop))
            .execute(&mut *self.connection)
            .await?;
        Ok(())
    }

    /// Writes what the guest says; `None` forgets it, as at the end of a run.
    ///
    /// # Errors
    /// Any [`crate::StoreError`].
    pub async fn set_guest(&mut self, id: VmId, guest: Option<&GuestFacts>, now: i64) -> Result<()> {
        sqlx::query(
            "insert into vm_facts (vm_id, guest, packages, updated_at)
             select id, $2::jsonb - 'packages', $2::jsonb->'packages', $3 from vm where id = $1
             on conflict (vm_id) do update set guest = excluded.guest, packages = excluded.packages, updated_at = $3",
        )
        .bind(id.0)
        .bind(guest.map(Json))
        .bind(now)
        .execute(&mut *self.connection)
        .await?;
        Ok(())
    }

    /// Writes the newest measurements of VMs that have a run on a host; no host speaks for the VMs of another, and what it
    /// says of them is left out.
    ///
    /// # Errors
    /// Any [`crate::StoreError`].
    pub async fn put_statistics(
        &mut self,
        host: HostId,
        measured: &BTreeMap<VmId, VmStatistics>,
        now: i64,
    ) -> Result<()> {
        let ids: Vec<Uuid> = measured.keys().map(|id| id.0).collect();
        let statistics: Vec<Json<&VmStatistics>> = measured.values().map(Json).collect();
        // In one order, so that two hosts of a migration do not wait for each other.
        sqlx::query(
            "insert into vm_statistics (vm_id, statistics, updated_at)
             select told.vm_id, told.statistics, $4 from unnest($2::uuid[], $3::jsonb[]) told (vm_id, statistics)
             where exists (select from vm_run r where r.vm_id = told.vm_id and r.host_id = $1) order by told.vm_id
             on conflict (vm_id) do update set statistics = excluded.statistics, updated_at = excluded.updated_at",
        )
        .bind(host.0)
        .bind(ids)
        .bind(statistics)
        .bind(now)
        .execute(&mut *self.connection)
        .await?;
        Ok(())
    }

    /// Forgets the measurements of a VM, as at the end of a run.
    ///
    /// # Errors
    /// Any [`crate::StoreError`].
    pub async fn forget_statistics(&mut self, id: VmId) -> Result<()> {
        sqlx::query("delete from vm_statistics where vm_id = $1").bind(id.0).execute(&mut *self.connection).await?;
        Ok(())
    }

    /// What the guest says, packages included.
    ///
    /// # Errors
    /// Any [`crate::StoreError`].
    pub async fn guest(&mut self, id: VmId) -> Result<Option<GuestFacts>> {
        Ok(self.guests(&[id]).await?.pop().map(|(_, guest)| guest))
    }

    /// What the guests of these VMs say, packages included.
    ///
    /// # Errors
    /// Any [`crate::StoreError`].
    pub async fn guests(&mut self, ids: &[VmId]) -> Result<Vec<(VmId, GuestFacts)>> {
        let ids: Vec<Uuid> = ids.iter().map(|id| id.0).collect();
        let rows = sqlx::query(
            "select vm_id, guest || jsonb_build_object('packages', coalesce(packages, '[]')) as guest from vm_facts
             where vm_id = any($1) and jsonb_typeof(guest) = 'object'",
        )
        .bind(ids)
        .fetch_all(&mut *self.connection)
        .await?;
        rows.iter().map(|row| Ok((VmId(row.try_get("vm_id")?), rows::json(row, "guest")?))).collect()
    }

    /// NICs of VMs or templates, by name.
    ///
    /// # Errors
    /// Any [`crate::StoreError`].
    pub async fn nics(&mut self, owners: &[Uuid]) -> Result<Vec<(Uuid, VmNic)>> {
        let rows = sqlx::query(
            "select *, coalesce(vm_id, template_id) as owner_id from nic
             where vm_id = any($1) or template_id = any($1) order by name",
        )
        .bind(owners)
        .fetch_all(&mut *self.connection)
        .await?;
        rows.iter().map(|row| Ok((row.try_get("owner_id")?, nic(row)?))).collect()
    }

    /// Adds a NIC or writes it over.
    ///
    /// # Errors
    /// Any [`crate::StoreError`].
    pub async fn put_nic(&mut self, owner: DeviceOwner, nic: &VmNic) -> Result<()> {
        let (vm, template) = owner.columns();
        sqlx::query(
            "insert into nic (id, vm_id, template_id, name, profile_id, model, mac_address, linked, plugged, description)
             values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)
             on conflict (id) do update set name = $4, profile_id = $5, model = $6, mac_address = $7, linked = $8,
                 plugged = $9, description = $10",
        )
        .bind(nic.id.0)
        .bind(vm)
        .bind(template)
        .bind(&nic.name)
        .bind(nic.profile.map(|id| id.0))
        .bind(rows::enum_word(&nic.model))
        .bind(&nic.mac_address)
        .bind(nic.linked)
        .bind(nic.plugged)
        .bind(&nic.description)
        .execute(&mut *self.connection)
        .await?;
        Ok(())
    }

    /// Removes a NIC.
    ///
    /// # Errors
    /// Any [`crate::StoreError`].
    pub async fn remove_nic(&mut self, id: NicId) -> Result<()> {
        sqlx::query("delete from nic where id = $1").bind(id.0).execute(&mut *self.connection).await?;
        Ok(())
    }

    /// Every MAC address in use, for the pools.
    ///
    /// # Errors
    /// Any [`crate::StoreError`].
    pub async fn mac_addresses(&mut self) -> Result<Vec<String>> {
        Ok(sqlx::query_scalar("select mac_address from nic where mac_address <> ''")
            .fetch_all(&mut *self.connection)
            .await?)
    }

    /// The disks of a VM, and how they hang on it; in the order in which they were attached.
    ///
    /// # Errors
    /// Any [`crate::StoreError`].
    pub async fn attachments(&mut self, vms: &[VmId]) -> Result<Vec<DiskAttachment>> {
        let ids: Vec<Uuid> = vms.iter().map(|id| id.0).collect();
        let rows = sqlx::query("select * from disk_attachment where vm_id = any($1) order by place")
            .bind(ids)
            .fetch_all(&mut *self.connection)
            .await?;
        rows.iter().map(attachment).collect()
    }

    /// The VMs that a disk hangs on.
    ///
    /// # Errors
    /// Any [`crate::StoreError`].
    pub async fn attachments_of_disks(&mut self, disks: &[DiskId]) -> Result<Vec<DiskAttachment>> {
        let ids: Vec<Uuid> = disks.iter().map(|id| id.0).collect();
        let rows = sqlx::query("select * from disk_attachment where disk_id = any($1) and vm_id is not null")
            .bind(ids)
            .fetch_all(&mut *self.connection)
            .await?;
        rows.iter().map(attachment).collect()
    }

    /// Attaches a disk or writes how it hangs.
    ///
    /// # Errors
    /// Any [`crate::StoreError`].
    pub async fn put_attachment(&mut self, attachment: &DiskAttachment) -> Result<()> {
        sqlx::query(
            "insert into disk_attachment (vm_id, disk_id, interface, bootable, active, read_only, pass_discard)
             values ($1, $2, $3, $4, $5, $6, $7)
             on conflict (vm_id, disk_id) do update set interface = $3, bootable = $4, active = $5, read_only = $6,
                 pass_discard = $7",
        )
        .bind(attachment.vm.0)
        .bind(attachment.disk.0)
        .bind(rows::enum_word(&attachment.interface))
        .bind(attachment.bootable)
        .bind(attachment.active)
        .bind(attachment.read_only)
        .bind(attachment.pass_discard)
        .execute(&mut *self.connection)
        .await?;
        Ok(())
    }

    /// Detaches a disk.
    ///
    /// # Errors
    /// Any [`crate::StoreError`].
    pub async fn remove_attachment(&mut self, vm: VmId, disk: DiskId) -> Result<()> {
        sqlx::query("delete from disk_attachment where vm_id = $1 and disk_id = $2")
            .bind(vm.0)
            .bind(disk.0)
            .execute(&mut *self.connection)
            .await?;
        Ok(())
    }
}

fn vm(row: &PgRow) -> Result<Vm> {
    let lock: Option<Uuid> = row.try_get("lock_job_id")?;
    let lock = match lock {
        Some(job) => {
            Some(Lock { job: JobId(job), purpose: rows::read_enum::<LockPurpose>(row, "vm", "lock_purpose")? })
        }
        None => None,
    };
    Ok(Vm {
        id: VmId(row.try_get("id")?),
        name: row.try_get("name")?,
        cluster: ClusterId(row.try_get("cluster_id")?),
        template: TemplateId(row.try_get("template_id")?),
        definition: rows::json(row, "definition")?,
        cpu_profile: row.try_get::<Option<Uuid>, _>("cpu_profile_id")?.map(CpuProfileId),
        created_by: row.try_get::<Option<Uuid>, _>("created_by")?.map(UserId),
        created_at: row.try_get("created_at")?,
        generation: rows::size(row, "generation")?,
        lock,
        last_stop: rows::json_option(row, "last_stop")?,
        next_run: rows::json_option(row, "next_run")?,
    })
}

fn run(row: &PgRow) -> Result<VmRun> {
    Ok(VmRun {
        vm: VmId(row.try_get("vm_id")?),
        generation: rows::size(row, "generation")?,
        host: HostId(row.try_get("host_id")?),
        phase: rows::read_enum(row, "vm_run", "phase")?,
        owner: row.try_get("owner")?,
        pause_reason: row.try_get("pause_reason")?,
        guest_agent: row.try_get("guest_agent")?,
        started_at: row.try_get("started_at")?,
        migration: rows::json_option(row, "migration")?,
        graphics: rows::json(row, "graphics")?,
        reported_at: row.try_get("reported_at")?,
    })
}

fn measured(row: &PgRow) -> Result<VmView> {
    view(row, rows::json_option(row, "statistics")?)
}

fn view(row: &PgRow, statistics: Option<VmStatistics>) -> Result<VmView> {
    let vm = vm(row)?;
    let host: Option<Uuid> = row.try_get("run_host_id")?;
    let run = match host {
        None => None,
        Some(host) => Some(VmRun {
            vm: vm.id,
            generation: rows::size(row, "run_generation")?,
            host: HostId(host),
            phase: rows::read_enum(row, "vm_run", "run_phase")?,
            owner: row.try_get("run_owner")?,
            pause_reason: row.try_get("run_pause_reason")?,
            guest_agent: row.try_get("run_guest_agent")?,
            started_at: row.try_get("run_started_at")?,
            migration: rows::json_option(row, "run_migration")?,
            graphics: rows::json(row, "run_graphics")?,
            reported_at: row.try_get("run_reported_at")?,
        }),
    };
    Ok(VmView {
        vm,
        run,
        guest: rows::json_option(row, "guest")?,
        statistics,
        run_once: row.try_get("run_once")?,
        has_illegal_images: row.try_get("has_illegal_images")?,
    })
}

fn nic(row: &PgRow) -> Result<VmNic> {
    Ok(VmNic {
        id: NicId(row.try_get("id")?),
        name: row.try_get("name")?,
        profile: row.try_get::<Option<Uuid>, _>("profile_id")?.map(VnicProfileId),
        model: rows::read_enum(row, "nic", "model")?,
        mac_address: row.try_get("mac_address")?,
        linked: row.try_get("linked")?,
        plugged: row.try_get("plugged")?,
        description: row.try_get("description")?,
    })
}

fn attachment(row: &PgRow) -> Result<DiskAttachment> {
    Ok(DiskAttachment {
        vm: VmId(row.try_get("vm_id")?),
        disk: DiskId(row.try_get("disk_id")?),
        interface: rows::read_enum(row, "disk_attachment", "interface")?,
        bootable: row.try_get("bootable")?,
        active: row.try_get("active")?,
        read_only: row.try_get("read_only")?,
        pass_discard: row.try_get("pass_discard")?,
    })
}
