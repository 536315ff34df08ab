//! Clusters, the networks that they use and their CPU profiles.

use ferrovirt_model::cluster::{Cluster, ClusterNetwork};
use ferrovirt_model::ids::{ClusterId, CpuProfileId, DataCenterId, NetworkId};
use sqlx::postgres::PgRow;
use sqlx::types::Json;
use sqlx::{PgConnection, Row};
use uuid::Uuid;

use crate::Result;
use crate::rows;
use crate::search::Compiled;

/// Clusters, their networks and CPU profiles.
#[derive(Debug)]
pub struct Clusters<'c> {
    pub(crate) connection: &'c mut PgConnection,
}

/// A CPU profile.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CpuProfile {
    /// The id.
    pub id: CpuProfileId,
    /// The name.
    pub name: String,
    /// Free text.
    pub description: String,
    /// The cluster.
    pub cluster: ClusterId,
}

impl Clusters<'_> {
    /// Adds a cluster or writes it over.
    ///
    /// # Errors
    /// [`crate::StoreError::Constraint`] when the name is taken.
    pub async fn put(&mut self, cluster: &Cluster) -> Result<()> {
        sqlx::query(
            "insert into cluster (id, name, data_center_id, settings) values ($1, $2, $3, $4)
             on conflict (id) do update set name = $2, data_center_id = $3, settings = $4",
        )
        .bind(cluster.id.0)
        .bind(&cluster.name)
        .bind(cluster.data_center.0)
        .bind(Json(&cluster.settings))
        .execute(&mut *self.connection)
        .await?;
        Ok(())
    }

    /// Removes a cluster.
    ///
    /// # Errors
    /// [`crate::StoreError::Constraint`] while hosts, VMs or templates belong to it.
    pub async fn remove(&mut self, id: ClusterId) -> Result<()> {
        sqlx::query("delete from cluster where id = $1").bind(id.0).execute(&mut *self.connection).await?;
        Ok(())
    }

    /// Clusters by id, in no order.
    ///
    /// # Errors
    /// Any [`crate::StoreError`].
    pub async fn get(&mut self, ids: &[ClusterId]) -> Result<Vec<Cluster>> {
        let ids: Vec<Uuid> = ids.iter().map(|id| id.0).collect();
        let rows =
            sqlx::query("select * from cluster where id = any($1)").bind(ids).fetch_all(&mut *self.connection).await?;
        rows.iter().map(cluster).collect()
    }

    /// A cluster, its row locked until the transaction ends.
    ///
    /// # Errors
    /// Any [`crate::StoreError`].
    pub async fn lock_row(&mut self, id: ClusterId) -> Result<Option<Cluster>> {
        let row = sqlx::query("select * from cluster where id = $1 for update")
            .bind(id.0)
            .fetch_optional(&mut *self.connection)
            .await?;
        row.as_ref().map(cluster).transpose()
    }

    /// The cluster of that name.
    ///
    /// # Errors
    /// Any [`crate::StoreError`].
    pub async fn by_name(&mut self, name: &str) -> Result<Option<Cluster>> {
        let row = sqlx::query("select * from cluster where name = $1")
            .bind(name)
            .fetch_optional(&mut *self.connection)
            .await?;
        row.as_ref().map(cluster).transpose()
    }

    /// The clusters of data centres.
    ///
    /// # Errors
    /// Any [`crate::StoreError`].
    pub async fn of_data_centers(&mut self, ids: &[DataCenterId]) -> Result<Vec<Cluster>> {
        let ids: Vec<Uuid> = ids.iter().map(|id| id.0).collect();
        let rows = sqlx::query("select * from cluster where data_center_id = any($1) order by name")
            .bind(ids)
            .fetch_all(&mut *self.connection)
            .await?;
        rows.iter().map(cluster).collect()
    }

    /// The clusters that a search selects.
    ///
    /// # Errors
    /// Any [`crate::StoreError`].
    pub async fn list(&mut self, search: &Compiled, scope: Option<&str>) -> Result<Vec<Cluster>> {
        let rows = search.fetch("cluster.*", "cluster", scope, &mut *self.connection).await?;
        rows.iter().map(cluster).collect()
    }

    /// How clusters use networks.
    ///
    /// # Errors
    /// Any [`crate::StoreError`].
    pub async fn networks(&mut self, ids: &[ClusterId]) -> Result<Vec<ClusterNetwork>> {
        let ids: Vec<Uuid> = ids.iter().map(|id| id.0).collect();
        let rows = sqlx::query("select * from cluster_network where cluster_id = any($1)")
            .bind(ids)
            .fetch_all(&mut *self.connection)
            .await?;
        rows.iter().map(cluster_network).collect()
    }

    /// Lets a cluster use a network, or changes how.
    ///
    /// # Errors
    /// Any [`crate::StoreError`].
    pub async fn put_network(&mut self, usage: &ClusterNetwork) -> Result<()> {
        sqlx::query(
            "insert into cluster_network (cluster_id, network_id, required, display, migration, management, default_route,
                 gluster)
             values ($1, $2, $3, $4, $5, $6, $7, $8)
             on conflict (cluster_id, network_id) do update set required = $3, display = $4, migration = $5,
                 management = $6, default_route = $7, gluster = $8",
        )
        .bind(usage.cluster.0)
        .bind(usage.network.0)
        .bind(usage.required)
        .bind(usage.display)
        .bind(usage.migration)
        .bind(usage.management)
        .bind(usage.default_route)
        .bind(usage.gluster)
        .execute(&mut *self.connection)
        .await?;
        Ok(())
    }

    /// Ends a cluster's use of a network.
    ///
    /// # Errors
    /// Any [`crate::StoreError`].
    pub async fn remove_network(&mut self, cluster: ClusterId, network: NetworkId) -> Result<()> {
        sqlx::query("delete from cluster_network where cluster_id = $1 and network_id = $2")
            .bind(cluster.0)
            .bind(network.0)
            .execute(&mut *self.connection)
            .await?;
        Ok(())
    }

    /// The CPU profiles of clusters.
    ///
    /// # Errors
    /// Any [`crate::StoreError`].
    pub async fn cpu_profiles(&mut self, ids: &[ClusterId]) -> Result<Vec<CpuProfile>> {
        let ids: Vec<Uuid> = ids.iter().map(|id| id.0).collect();
        let rows = sqlx::query("select * from cpu_profile where cluster_id = any($1) order by name")
            .bind(ids)
            .fetch_all(&mut *self.connection)
            .await?;
        rows.iter().map(cpu_profile).collect()
    }

    /// Every cluster, by name.
    ///
    /// # Errors
    /// Any [`crate::StoreError`].
    pub async fn all(&mut self) -> Result<Vec<Cluster>> {
        let rows = sqlx::query("select * from cluster order by name").fetch_all(&mut *self.connection).await?;
        rows.iter().map(cluster).collect()
    }

    /// Names of the hosts, VMs and templates of a cluster, each with its kind in words.
    ///
    /// # Errors
    /// Any [`crate::StoreError`].
    pub async fn members(&mut self, id: ClusterId) -> Result<Vec<(String, String)>> {
        Ok(sqlx::query_as(
            "select 'host', name from host where cluster_id = $1 union all
             select 'VM', name from vm where cluster_id = $1 union all
             select 'template', name from template where cluster_id = $1 order by 1, 2",
        )
        .bind(id.0)
        .fetch_all(&mut *self.connection)
        .await?)
    }

    /// Names of the VMs of a cluster that have a NIC on a network.
    ///
    /// # Errors
    /// Any [`crate::StoreError`].
    pub async fn vms_on_network(&mut self, id: ClusterId, network: NetworkId) -> Result<Vec<String>> {
        Ok(sqlx::query_scalar(
            "select distinct vm.name from vm join nic on nic.vm_id = vm.id join vnic_profile p on p.id = nic.profile_id
             where vm.cluster_id = $1 and p.network_id = $2 order by 1",
        )
        .bind(id.0)
        .bind(network.0)
        .fetch_all(&mut *self.connection)
        .await?)
    }

    /// How networks are used, whichever cluster uses them.
    ///
    /// # Errors
    /// Any [`crate::StoreError`].
    pub async fn usages_of(&mut self, networks: &[NetworkId]) -> Result<Vec<ClusterNetwork>> {
        let ids: Vec<Uuid> = networks.iter().map(|id| id.0).collect();
        let rows = sqlx::query("select * from cluster_network where network_id = any($1)")
            .bind(ids)
            .fetch_all(&mut *self.connection)
            .await?;
        rows.iter().map(cluster_network).collect()
    }

    /// Every CPU profile, by name.
    ///
    /// # Errors
    /// Any [`crate::StoreError`].
    pub async fn all_cpu_profiles(&mut self) -> Result<Vec<CpuProfile>> {
        let rows = sqlx::query("select * from cpu_profile order by name, id").fetch_all(&mut *self.connection).await?;
        rows.iter().map(cpu_profile).collect()
    }

    /// Adds a CPU profile.
    ///
    /// # Errors
    /// Any [`crate::StoreError`].
    pub async fn insert_cpu_profile(&mut self, profile: &CpuProfile) -> Result<()> {
        sqlx::query("insert into cpu_profile (id, name, description, cluster_id) values ($1, $2, $3, $4)")
            .bind(profile.id.0)
            .bind(&profile.name)
            .bind(&profile.description)
            .bind(profile.cluster.0)
            .execute(&mut *self.connection)
            .await?;
        Ok(())
    }
}

/// The clusters of one data centre, as a condition.
#[must_use]
pub fn within(data_center: DataCenterId) -> String {
    format!("cluster.data_center_id = '{data_center}'")
}

fn cluster(row: &PgRow) -> Result<Cluster> {
    Ok(Cluster {
        id: ClusterId(row.try_get("id")?),
        name: row.try_get("name")?,
        data_center: DataCenterId(row.try_get("data_center_id")?),
        settings: rows::json(row, "settings")?,
    })
}

fn cluster_network(row: &PgRow) -> Result<ClusterNetwork> {
    Ok(ClusterNetwork {
        cluster: ClusterId(row.try_get("cluster_id")?),
        network: NetworkId(row.try_get("network_id")?),
        required: row.try_get("required")?,
        display: row.try_get("display")?,
        migration: row.try_get("migration")?,
        management: row.try_get("management")?,
        default_route: row.try_get("default_route")?,
        gluster: row.try_get("gluster")?,
    })
}

fn cpu_profile(row: &PgRow) -> Result<CpuProfile> {
    Ok(CpuProfile {
        id: CpuProfileId(row.try_get("id")?),
        name: row.try_get("name")?,
        description: row.try_get("description")?,
        cluster: ClusterId(row.try_get("cluster_id")?),
    })
}
