//! What the scheduler must know of all VMs, and what it decided.

use std::collections::{BTreeSet, HashMap};

use ferrovirt_model::Millis;
use ferrovirt_model::ids::{ClusterId, HostId, NetworkId, StorageDomainId, VmId};
use ferrovirt_model::vm::RunPhase;
use sqlx::types::Json;
use sqlx::{PgConnection, Row};

use crate::{Result, rows};

/// Placements.
#[derive(Debug)]
pub struct Placements<'c> {
    pub(crate) connection: &'c mut PgConnection,
}

/// What a run takes of its host.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct RunLoad {
    /// The host.
    pub host: HostId,
    /// The VM.
    pub vm: VmId,
    /// What the run does.
    pub phase: RunPhase,
    /// Bytes that the host must have in any case.
    pub memory_guaranteed: u64,
    /// Virtual CPUs.
    pub cpus: u32,
    /// The VM is restarted when it fails.
    pub highly_available: bool,
}

/// What the hosts of a cluster can reach.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Reach {
    /// Networks that stand on them.
    pub networks: HashMap<HostId, BTreeSet<NetworkId>>,
    /// Storage domains that are ready.
    pub domains: HashMap<HostId, BTreeSet<StorageDomainId>>,
}

impl Placements<'_> {
    /// Waits until nobody else promises anything of a cluster's hosts, and keeps it so until the transaction ends: what
    /// one start is promised no other may be. Users go on to add VMs and hosts meanwhile.
    ///
    /// # Errors
    /// Any [`crate::StoreError`].
    pub async fn reserve(&mut self, cluster: ClusterId) -> Result<()> {
        sqlx::query("select from cluster where id = $1 for no key update")
            .bind(cluster.0)
            .execute(&mut *self.connection)
            .await?;
        Ok(())
    }

    /// What every run on the hosts of a cluster takes, promised ones included.
    ///
    /// # Errors
    /// Any [`crate::StoreError`].
    pub async fn loads(&mut self, cluster: ClusterId) -> Result<Vec<RunLoad>> {
        let rows = sqlx::query(
            "select run.host_id, run.vm_id, run.phase,
                    (asked.its ->> 'memory_guaranteed')::bigint as memory_guaranteed,
                    (asked.its -> 'cpu' ->> 'sockets')::integer * (asked.its -> 'cpu' ->> 'cores')::integer
                        * (asked.its -> 'cpu' ->> 'threads')::integer as cpus,
                    (asked.its -> 'high_availability' ->> 'enabled')::boolean as highly_available
             from vm_run run join host on host.id = run.host_id join vm on vm.id = run.vm_id
             cross join lateral (
                 select coalesce(nullif(run.particulars -> 'definition', 'null'), vm.definition) as its
             ) as asked
             where host.cluster_id = $1",
        )
        .bind(cluster.0)
        .fetch_all(&mut *self.connection)
        .await?;
        let load = |row: &sqlx::postgres::PgRow| {
            Ok(RunLoad {
                host: HostId(row.try_get("host_id")?),
                vm: VmId(row.try_get("vm_id")?),
                phase: rows::read_enum(row, "vm_run", "phase")?,
                memory_guaranteed: u64::try_from(row.try_get::<i64, _>("memory_guaranteed")?).unwrap_or(0),
                cpus: u32::try_from(row.try_get::<i32, _>("cpus")?).unwrap_or(0),
                highly_available: row.try_get("highly_available")?,
            })
        };
        rows.iter().map(load).collect()
    }

    /// Writes why the scheduler decided as it did for a VM. The newest decision replaces the one before.
    ///
    /// # Errors
    /// Any [`crate::StoreError`].
    pub async fn put(&mut self, vm: VmId, decision: &serde_json::Value, at: Millis) -> Result<()> {
        sqlx::query(
            "insert into placement (vm_id, decided_at, decision) select id, $2, $3 from vm where id = $1
             on conflict (vm_id) do update set decided_at = $2, decision = $3",
        )
        .bind(vm.0)
        .bind(at)
        .bind(Json(decision))
        .execute(&mut *self.connection)
        .await?;
        Ok(())
    }

    /// The newest decision for a VM, and when it was taken.
    ///
    /// # Errors
    /// Any [`crate::StoreError`].
    pub async fn get(&mut self, vm: VmId) -> Result<Option<(Millis, serde_json::Value)>> {
        let query = sqlx::query("select decided_at, decision from placement where vm_id = $1").bind(vm.0);
        let Some(row) = query.fetch_optional(&mut *self.connection).await? else { return Ok(None) };
        Ok(Some((row.try_get("decided_at")?, row.try_get::<Json<_>, _>("decision")?.0)))
    }

    /// The networks of each host of a cluster, and the storage domains that it reaches.
    ///
    /// # Errors
    /// Any [`crate::StoreError`].
    pub async fn reach(&mut self, cluster: ClusterId) -> Result<Reach> {
        let mut reach = Reach::default();
        let networks = sqlx::query(
            "select host_nic.host_id, host_nic.network_id as id from host_nic join host on host.id = host_nic.host_id
             where host.cluster_id = $1 and host_nic.network_id is not null",
        );
        for row in networks.bind(cluster.0).fetch_all(&mut *self.connection).await? {
            let id = NetworkId(row.try_get("id")?);
            reach.networks.entry(HostId(row.try_get("host_id")?)).or_default().insert(id);
        }
        let domains = sqlx::query(
            "select view.host_id, view.domain_id as id from host_domain_view view join host on host.id = view.host_id
             where host.cluster_id = $1 and view.ready",
        );
        for row in domains.bind(cluster.0).fetch_all(&mut *self.connection).await? {
            let id = StorageDomainId(row.try_get("id")?);
            reach.domains.entry(HostId(row.try_get("host_id")?)).or_default().insert(id);
        }
        Ok(reach)
    }
}
