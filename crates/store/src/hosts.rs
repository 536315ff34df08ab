//! Hosts, what they say of themselves, their NICs and the tokens by which they join.

use ferrovirt_model::host::{Busy, Host, HostFacts, HostIntent, HostLink, HostStatistics};
use ferrovirt_model::ids::{ClusterId, HostId, HostNicId, NetworkId};
use ferrovirt_model::network::HostNic;
use sqlx::postgres::PgRow;
use sqlx::types::Json;
use sqlx::{PgConnection, Row};
use uuid::Uuid;

use crate::Result;
use crate::rows;
use crate::search::Compiled;

/// Hosts, their facts, NICs and join tokens.
#[derive(Debug)]
pub struct Hosts<'c> {
    pub(crate) connection: &'c mut PgConnection,
}

/// A host with what it says of itself: what lists and pages show.
#[derive(Clone, Debug, PartialEq)]
pub struct HostView {
    /// What is wanted of it.
    pub host: Host,
    /// What it says of itself; `None` before its first report.
    pub facts: Option<HostFacts>,
    /// The newest measurements.
    pub statistics: Option<HostStatistics>,
    /// VMs that it runs.
    pub active_vms: u32,
    /// VMs that leave it or arrive.
    pub migrating_vms: u32,
}

/// A token by which a host may join once.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct JoinToken {
    /// Where the host goes.
    pub cluster: ClusterId,
    /// The host that it is for; `None`: a new one.
    pub host: Option<HostId>,
    /// When it ends, ms.
    pub expires_at: i64,
}

const VIEW: &str = "host.*, f.facts, f.statistics,
    (select count(*) from vm_run r where r.host_id = host.id and r.owner) as active_vms,
    (select count(*) from vm_run r where r.host_id = host.id and r.phase in ('migrating_in', 'migrating_out'))
        as migrating_vms";
const VIEW_FROM: &str = "host left join host_facts f on f.host_id = host.id";

impl Hosts<'_> {
    /// Adds a host or writes over all that actions may change.
    ///
    /// # Errors
    /// Any [`crate::StoreError`].
    pub async fn put(&mut self, host: &Host) -> Result<()> {
        sqlx::query(
            "insert into host (id, name, cluster_id, address, port, description, comment, intent, link, problem,
                 maintenance_reason, hardware_id, enrolled, certificate_expires_at, seen_at, boot_id, created_at, spm_priority)
             values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17, $18)
             on conflict (id) do update set name = $2, cluster_id = $3, address = $4, port = $5, description = $6,
                 comment = $7, intent = $8, maintenance_reason = $11, hardware_id = $12, enrolled = $13,
                 certificate_expires_at = $14, spm_priority = $18",
        )
        .bind(host.id.0)
        .bind(&host.name)
        .bind(host.cluster.0)
        .bind(&host.address)
        .bind(i32::from(host.port))
        .bind(&host.description)
        .bind(&host.comment)
        .bind(host.intent.as_str())
        .bind(host.link.as_str())
        .bind(&host.problem)
        .bind(&host.maintenance_reason)
        .bind(&host.hardware_id)
        .bind(host.enrolled)
        .bind(host.certificate_expires_at)
        .bind(host.seen_at)
        .bind(&host.boot_id)
        .bind(host.created_at)
        .bind(host.spm_priority)
        .execute(&mut *self.connection)
        .await?;
        Ok(())
    }

    /// A host.
    ///
    /// # Errors
    /// Any [`crate::StoreError`].
    pub async fn get(&mut self, id: HostId) -> Result<Option<Host>> {
        let row =
            sqlx::query("select * from host where id = $1").bind(id.0).fetch_optional(&mut *self.connection).await?;
        row.as_ref().map(host).transpose()
    }

    /// A host, its row locked until the transaction ends.
    ///
    /// # Errors
    /// Any [`crate::StoreError`].
    pub async fn lock_row(&mut self, id: HostId) -> Result<Option<Host>> {
        let row = sqlx::query("select * from host where id = $1 for update")
            .bind(id.0)
            .fetch_optional(&mut *self.connection)
            .await?;
        row.as_ref().map(host).transpose()
    }

    /// The host of that name.
    ///
    /// # Errors
    /// Any [`crate::StoreError`].
    pub async fn by_name(&mut self, name: &str) -> Result<Option<Host>> {
        let row =
            sqlx::query("select * from host where name = $1").bind(name).fetch_optional(&mut *self.connection).await?;
        row.as_ref().map(host).transpose()
    }

    /// The hosts of clusters, by name.
    ///
    /// # Errors
    /// Any [`crate::StoreError`].
    pub async fn of_clusters(&mut self, ids: &[ClusterId]) -> Result<Vec<Host>> {
        let ids: Vec<Uuid> = ids.iter().map(|id| id.0).collect();
        let rows = sqlx::query("select * from host where cluster_id = any($1) order by name")
            .bind(ids)
            .fetch_all(&mut *self.connection)
            .await?;
        rows.iter().map(host).collect()
    }

    /// All hosts, by name.
    ///
    /// # Errors
    /// Any [`crate::StoreError`].
    pub async fn all(&mut self) -> Result<Vec<Host>> {
        let rows = sqlx::query("select * from host order by name").fetch_all(&mut *self.connection).await?;
        rows.iter().map(host).collect()
    }

    /// Hosts by id with what they say of themselves, in no order.
    ///
    /// # Errors
    /// Any [`crate::StoreError`].
    pub async fn views(&mut self, ids: &[HostId]) -> Result<Vec<HostView>> {
        let ids: Vec<Uuid> = ids.iter().map(|id| id.0).collect();
        let rows = sqlx::query(sqlx::AssertSqlSafe(format!("select {VIEW} from {VIEW_FROM} where host.id = any($1)")))
            .bind(ids)
            .fetch_all(&mut *self.connection)
            .await?;
        rows.iter().map(view).collect()
    }

    /// The hosts that a search selects.
    ///
    /// # Errors
    /// Any [`crate::StoreError`].
    pub async fn list(&mut self, search: &Compiled, scope: Option<&str>) -> Result<Vec<HostView>> {
        let rows = search.fetch(VIEW, VIEW_FROM, scope, &mut *self.connection).await?;
        rows.iter().map(view).collect()
    }

    /// Removes a host.
    ///
    /// # Errors
    /// [`crate::StoreError::Constraint`] while runs still name it.
    pub async fn remove(&mut self, id: HostId) -> Result<()> {
        sqlx::query("delete from host where id = $1").bind(id.0).execute(&mut *self.connection).await?;
        Ok(())
    }

    /// Writes what is wanted of a host.
    ///
    /// # Errors
    /// Any [`crate::StoreError`].
    pub async fn set_intent(&mut self, id: HostId, intent: HostIntent, reason: Option<&str>) -> Result<()> {
        sqlx::query("update host set intent = $2, maintenance_reason = $3 where id = $1")
            .bind(id.0)
            .bind(intent.as_str())
            .bind(reason)
            .execute(&mut *self.connection)
            .await?;
        Ok(())
    }

    /// Writes what is known of the connection; `seen_at` only where the host was heard. Says whether the link changed.
    ///
    /// # Errors
    /// Any [`crate::StoreError`].
    pub async fn set_link(&mut self, id: HostId, link: HostLink, seen_at: Option<i64>) -> Result<bool> {
        let before: Option<String> = sqlx::query_scalar(
            "update host set link = $2, seen_at = coalesce($3, host.seen_at)
             from (select id, link from host where id = $1 for update) old where host.id = old.id returning old.link",
        )
        .bind(id.0)
        .bind(link.as_str())
        .bind(seen_at)
        .fetch_optional(&mut *self.connection)
        .await?;
        Ok(before.is_some_and(|before| before != link.as_str()))
    }

    /// Writes the boot id and hardware id of the newest hello.
    ///
    /// # Errors
    /// Any [`crate::StoreError`].
    pub async fn set_hello(&mut self, id: HostId, boot_id: &str, hardware_id: &str) -> Result<()> {
        sqlx::query("update host set boot_id = $2, hardware_id = $3 where id = $1")
            .bind(id.0)
            .bind(boot_id)
            .bind(hardware_id)
            .execute(&mut *self.connection)
            .await?;
        Ok(())
    }

    /// Writes why a host is not operational, or that it is. Says whether that changed.
    ///
    /// # Errors
    /// Any [`crate::StoreError`].
    pub async fn set_problem(&mut self, id: HostId, problem: Option<&str>) -> Result<bool> {
        let done = sqlx::query("update host set problem = $2 where id = $1 and problem is distinct from $2")
            .bind(id.0)
            .bind(problem)
            .execute(&mut *self.connection)
            .await?;
        Ok(done.rows_affected() == 1)
    }

    /// Writes what a host says of itself.
    ///
    /// # Errors
    /// Any [`crate::StoreError`].
    pub async fn set_facts(&mut self, id: HostId, facts: &HostFacts, now: i64) -> Result<()> {
        sqlx::query(
            "insert into host_facts (host_id, facts, updated_at) select id, $2, $3 from host where id = $1
             on conflict (host_id) do update set facts = $2, updated_at = $3",
        )
        .bind(id.0)
        .bind(Json(facts))
        .bind(now)
        .execute(&mut *self.connection)
        .await?;
        Ok(())
    }

    /// For how long a host's CPUs have been busy, by its newest measurements.
    ///
    /// # Errors
    /// Any [`crate::StoreError`].
    pub async fn busy(&mut self, id: HostId) -> Result<Busy> {
        let row = sqlx::query("select statistics -> 'busy' as busy from host_facts where host_id = $1")
            .bind(id.0)
            .fetch_optional(&mut *self.connection)
            .await?;
        Ok(row.as_ref().map_or(Ok(None), |row| rows::json_option(row, "busy"))?.unwrap_or_default())
    }

    /// Writes the newest measurements.
    ///
    /// # Errors
    /// Any [`crate::StoreError`].
    pub async fn set_statistics(&mut self, id: HostId, statistics: &HostStatistics, now: i64) -> Result<()> {
        sqlx::query(
            "insert into host_facts (host_id, statistics, updated_at) select id, $2, $3 from host where id = $1
             on conflict (host_id) do update set statistics = $2, updated_at = $3",
        )
        .bind(id.0)
        .bind(Json(statistics))
        .bind(now)
        .execute(&mut *self.connection)
        .await?;
        Ok(())
    }

    /// Writes the NICs that a host reports; those it no longer has go. A NIC keeps its id while its name stays.
    ///
    /// # Errors
    /// Any [`crate::StoreError`].
    pub async fn put_nics(&mut self, id: HostId, nics: &[HostNic]) -> Result<()> {
        let names: Vec<&str> = nics.iter().map(|nic| nic.name.as_str()).collect();
        sqlx::query("delete from host_nic where host_id = $1 and name <> all($2)")
            .bind(id.0)
            .bind(names)
            .execute(&mut *self.connection)
            .await?;
        for nic in nics {
            sqlx::query(
                "insert into host_nic (id, host_id, name, mac_address, network_id, details) values ($1, $2, $3, $4,
                     (select n.id from network n where n.id = $5), $6)
                 on conflict (host_id, name) do update set mac_address = $4, network_id = excluded.network_id, details = $6",
            )
            .bind(nic.id.0)
            .bind(id.0)
            .bind(&nic.name)
            .bind(&nic.mac_address)
            .bind(nic.network.map(|id| id.0))
            .bind(Json(nic))
            .execute(&mut *self.connection)
            .await?;
        }
        Ok(())
    }

    /// The NICs of hosts, by name.
    ///
    /// # Errors
    /// Any [`crate::StoreError`].
    pub async fn nics(&mut self, ids: &[HostId]) -> Result<Vec<HostNic>> {
        let ids: Vec<Uuid> = ids.iter().map(|id| id.0).collect();
        let rows = sqlx::query("select * from host_nic where host_id = any($1) order by host_id, name")
            .bind(ids)
            .fetch_all(&mut *self.connection)
            .await?;
        rows.iter()
            .map(|row| {
                let mut nic: HostNic = rows::json(row, "details")?;
                nic.id = HostNicId(row.try_get("id")?);
                nic.network = row.try_get::<Option<Uuid>, _>("network_id")?.map(NetworkId);
                Ok(nic)
            })
            .collect()
    }

    /// Keeps a join token by its hash.
    ///
    /// # Errors
    /// Any [`crate::StoreError`].
    pub async fn put_token(&mut self, hash: &[u8], token: &JoinToken, by: Option<Uuid>, now: i64) -> Result<()> {
        sqlx::query(
            "insert into host_join_token (token_hash, cluster_id, host_id, created_by, created_at, expires_at)
             values ($1, $2, $3, $4, $5, $6)",
        )
        .bind(hash)
        .bind(token.cluster.0)
        .bind(token.host.map(|id| id.0))
        .bind(by)
        .bind(now)
        .bind(token.expires_at)
        .execute(&mut *self.connection)
        .await?;
        Ok(())
    }

    /// Uses a join token: it works once, and not after its end.
    ///
    /// # Errors
    /// Any [`crate::StoreError`].
    pub async fn use_token(&mut self, hash: &[u8], now: i64) -> Result<Option<JoinToken>> {
        let row = sqlx::query(
            "update host_join_token set used_at = $2 where token_hash = $1 and used_at is null and expires_at > $2
             returning cluster_id, host_id, expires_at",
        )
        .bind(hash)
        .bind(now)
        .fetch_optional(&mut *self.connection)
        .await?;
        row.map(|row| {
            Ok(JoinToken {
                cluster: ClusterId(row.try_get("cluster_id")?),
                host: row.try_get::<Option<Uuid>, _>("host_id")?.map(HostId),
                expires_at: row.try_get("expires_at")?,
            })
        })
        .transpose()
    }

    /// Hosts added without having joined whose last token has ended, or that never had one and are older than `before`.
    ///
    /// # Errors
    /// Any [`crate::StoreError`].
    pub async fn overdue_installs(&mut self, now: i64, before: i64) -> Result<Vec<HostId>> {
        let ids: Vec<Uuid> = sqlx::query_scalar(
            "select id from host where intent = 'installing' and created_at < $2 and not exists
                 (select 1 from host_join_token t where t.host_id = host.id and t.used_at is null and t.expires_at > $1)",
        )
        .bind(now)
        .bind(before)
        .fetch_all(&mut *self.connection)
        .await?;
        Ok(ids.into_iter().map(HostId).collect())
    }

    /// Notes the key that a host is about to take into use: until a certificate is recorded, it counts beside its own.
    ///
    /// # Errors
    /// Any [`crate::StoreError`].
    pub async fn expect_key(&mut self, id: HostId, key: &[u8]) -> Result<()> {
        sqlx::query("update host set next_public_key = $2 where id = $1")
            .bind(id.0)
            .bind(key)
            .execute(&mut *self.connection)
            .await?;
        Ok(())
    }

    /// Records a certificate that was issued, and the key that it binds. With another key than before, an expected one
    /// counts no more; a host that renews with the same key may still take the next one into use.
    ///
    /// # Errors
    /// Any [`crate::StoreError`].
    pub async fn record_certificate(
        &mut self,
        id: HostId,
        serial: &str,
        key: &[u8],
        issued: i64,
        expires: i64,
    ) -> Result<()> {
        sqlx::query(
            "insert into certificate (serial, subject, host_id, issued_at, expires_at) values ($1, $2, $3, $4, $5)",
        )
        .bind(serial)
        .bind(id.to_string())
        .bind(id.0)
        .bind(issued)
        .bind(expires)
        .execute(&mut *self.connection)
        .await?;
        sqlx::query(
            "update host set certificate_expires_at = $2, public_key = $3, enrolled = true,
                 next_public_key = case when public_key = $3 then next_public_key end
             where id = $1",
        )
        .bind(id.0)
        .bind(expires)
        .bind(key)
        .execute(&mut *self.connection)
        .await?;
        Ok(())
    }

    /// Notes when a host asked for a new certificate, in seconds of its own clock. False where it asked so late before: the
    /// request is a replay.
    ///
    /// # Errors
    /// Any [`crate::StoreError`].
    pub async fn advance_reenrolment(&mut self, id: HostId, asked_at: i64) -> Result<bool> {
        let done = sqlx::query(
            "insert into host_reenrolment (host_id, asked_at) values ($1, $2)
             on conflict (host_id) do update set asked_at = $2 where host_reenrolment.asked_at < $2",
        )
        .bind(id.0)
        .bind(asked_at)
        .execute(&mut *self.connection)
        .await?;
        Ok(done.rows_affected() == 1)
    }

    /// When a host's newest certificate began and when it ends, ms.
    ///
    /// # Errors
    /// Any [`crate::StoreError`].
    pub async fn certificate_validity(&mut self, id: HostId) -> Result<Option<(i64, i64)>> {
        Ok(sqlx::query_as(
            "select issued_at, expires_at from certificate where host_id = $1 order by issued_at desc, expires_at desc limit 1",
        )
        .bind(id.0)
        .fetch_optional(&mut *self.connection)
        .await?)
    }

    /// The public keys (DER) of which a host holds one: the one that it last proved to hold, and the one that it may have
    /// taken into use since.
    ///
    /// # Errors
    /// Any [`crate::StoreError`].
    pub async fn public_keys(&mut self, id: HostId) -> Result<Vec<Vec<u8>>> {
        let keys: Vec<Vec<u8>> = sqlx::query_scalar(
            "select key from host, unnest(array[public_key, next_public_key]) key where id = $1 and key is not null",
        )
        .bind(id.0)
        .fetch_all(&mut *self.connection)
        .await?;
        Ok(keys)
    }
}

fn host(row: &PgRow) -> Result<Host> {
    let port: i32 = row.try_get("port")?;
    Ok(Host {
        id: HostId(row.try_get("id")?),
        name: row.try_get("name")?,
        cluster: ClusterId(row.try_get("cluster_id")?),
        address: row.try_get("address")?,
        port: u16::try_from(port).unwrap_or_default(),
        description: row.try_get("description")?,
        comment: row.try_get("comment")?,
        intent: rows::word(row, "host", "intent", HostIntent::parse)?,
        link: rows::word(row, "host", "link", HostLink::parse)?,
        problem: row.try_get("problem")?,
        maintenance_reason: row.try_get("maintenance_reason")?,
        hardware_id: row.try_get("hardware_id")?,
        enrolled: row.try_get("enrolled")?,
        certificate_expires_at: row.try_get("certificate_expires_at")?,
        seen_at: row.try_get("seen_at")?,
        boot_id: row.try_get("boot_id")?,
        created_at: row.try_get("created_at")?,
        spm_priority: row.try_get("spm_priority")?,
    })
}

fn view(row: &PgRow) -> Result<HostView> {
    let count = |column: &str| -> Result<u32> { Ok(u32::try_from(row.try_get::<i64, _>(column)?).unwrap_or(u32::MAX)) };
    Ok(HostView {
        host: host(row)?,
        facts: rows::json_option(row, "facts")?,
        statistics: rows::json_option(row, "statistics")?,
        active_vms: count("active_vms")?,
        migrating_vms: count("migrating_vms")?,
    })
}
