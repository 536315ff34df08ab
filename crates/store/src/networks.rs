//! Logical networks, vNIC profiles and MAC pools.

use ferrovirt_model::ids::{DataCenterId, MacPoolId, NetworkId, VnicProfileId};
use ferrovirt_model::network::{MacPool, Network, VnicProfile};
use sqlx::postgres::PgRow;
use sqlx::types::Json;
use sqlx::{PgConnection, Row};
use uuid::Uuid;

use crate::Result;
use crate::rows;
use crate::search::Compiled;

/// Networks, vNIC profiles, MAC pools.
#[derive(Debug)]
pub struct Networks<'c> {
    pub(crate) connection: &'c mut PgConnection,
}

impl Networks<'_> {
    /// Adds a network or writes it over.
    ///
    /// # Errors
    /// [`crate::StoreError::Constraint`] when the name is taken in its data centre.
    pub async fn put(&mut self, network: &Network) -> Result<()> {
        sqlx::query(
            "insert into network (id, name, data_center_id, description, comment, vlan, mtu, vm_network, stp,
                 port_isolation, device_name)
             values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11)
             on conflict (id) do update set name = $2, description = $4, comment = $5, vlan = $6, mtu = $7,
                 vm_network = $8, stp = $9, port_isolation = $10, device_name = $11",
        )
        .bind(network.id.0)
        .bind(&network.name)
        .bind(network.data_center.0)
        .bind(&network.description)
        .bind(&network.comment)
        .bind(network.vlan.map(i32::from))
        .bind(i32::try_from(network.mtu).unwrap_or_default())
        .bind(network.vm_network)
        .bind(network.stp)
        .bind(network.port_isolation)
        .bind(&network.device_name)
        .execute(&mut *self.connection)
        .await?;
        Ok(())
    }

    /// Removes a network with its profiles.
    ///
    /// # Errors
    /// Any [`crate::StoreError`].
    pub async fn remove(&mut self, id: NetworkId) -> Result<()> {
        sqlx::query("delete from network where id = $1").bind(id.0).execute(&mut *self.connection).await?;
        Ok(())
    }

    /// Networks by id, in no order.
    ///
    /// # Errors
    /// Any [`crate::StoreError`].
    pub async fn get(&mut self, ids: &[NetworkId]) -> Result<Vec<Network>> {
        let ids: Vec<Uuid> = ids.iter().map(|id| id.0).collect();
        let rows =
            sqlx::query("select * from network where id = any($1)").bind(ids).fetch_all(&mut *self.connection).await?;
        rows.iter().map(network).collect()
    }

    /// The networks of data centres, by name.
    ///
    /// # Errors
    /// Any [`crate::StoreError`].
    pub async fn of_data_centers(&mut self, ids: &[DataCenterId]) -> Result<Vec<Network>> {
        let ids: Vec<Uuid> = ids.iter().map(|id| id.0).collect();
        let rows = sqlx::query("select * from network where data_center_id = any($1) order by name")
            .bind(ids)
            .fetch_all(&mut *self.connection)
            .await?;
        rows.iter().map(network).collect()
    }

    /// The networks that a search selects.
    ///
    /// # Errors
    /// Any [`crate::StoreError`].
    pub async fn list(&mut self, search: &Compiled, scope: Option<&str>) -> Result<Vec<Network>> {
        let rows = search.fetch("network.*", "network", scope, &mut *self.connection).await?;
        rows.iter().map(network).collect()
    }

    /// Names of the VMs that have a NIC on a network.
    ///
    /// # Errors
    /// Any [`crate::StoreError`].
    pub async fn vms_on(&mut self, id: NetworkId) -> Result<Vec<String>> {
        Ok(sqlx::query_scalar(
            "select distinct vm.name from vm join nic on nic.vm_id = vm.id join vnic_profile p on p.id = nic.profile_id
             where p.network_id = $1 order by 1",
        )
        .bind(id.0)
        .fetch_all(&mut *self.connection)
        .await?)
    }

    /// Adds a vNIC profile or writes it over.
    ///
    /// # Errors
    /// [`crate::StoreError::Constraint`] when the name is taken on its network.
    pub async fn put_profile(&mut self, profile: &VnicProfile) -> Result<()> {
        sqlx::query(
            "insert into vnic_profile (id, name, network_id, description, comment, filter, port_mirroring, pass_through,
                 migratable)
             values ($1, $2, $3, $4, $5, $6, $7, $8, $9)
             on conflict (id) do update set name = $2, description = $4, comment = $5, filter = $6, port_mirroring = $7,
                 pass_through = $8, migratable = $9",
        )
        .bind(profile.id.0)
        .bind(&profile.name)
        .bind(profile.network.0)
        .bind(&profile.description)
        .bind(&profile.comment)
        .bind(&profile.filter)
        .bind(profile.port_mirroring)
        .bind(profile.pass_through)
        .bind(profile.migratable)
        .execute(&mut *self.connection)
        .await?;
        Ok(())
    }

    /// Removes a vNIC profile.
    ///
    /// # Errors
    /// Any [`crate::StoreError`].
    pub async fn remove_profile(&mut self, id: VnicProfileId) -> Result<()> {
        sqlx::query("delete from vnic_profile where id = $1").bind(id.0).execute(&mut *self.connection).await?;
        Ok(())
    }

    /// vNIC profiles by id, in no order.
    ///
    /// # Errors
    /// Any [`crate::StoreError`].
    pub async fn profiles(&mut self, ids: &[VnicProfileId]) -> Result<Vec<VnicProfile>> {
        let ids: Vec<Uuid> = ids.iter().map(|id| id.0).collect();
        let rows = sqlx::query("select * from vnic_profile where id = any($1)")
            .bind(ids)
            .fetch_all(&mut *self.connection)
            .await?;
        rows.iter().map(profile).collect()
    }

    /// All vNIC profiles, or those of one network, by name.
    ///
    /// # Errors
    /// Any [`crate::StoreError`].
    pub async fn profiles_of(&mut self, network: Option<NetworkId>) -> Result<Vec<VnicProfile>> {
        let rows =
            sqlx::query("select * from vnic_profile where $1::uuid is null or network_id = $1 order by name, id")
                .bind(network.map(|id| id.0))
                .fetch_all(&mut *self.connection)
                .await?;
        rows.iter().map(profile).collect()
    }

    /// The vNIC profiles of networks, by name.
    ///
    /// # Errors
    /// Any [`crate::StoreError`].
    pub async fn profiles_of_networks(&mut self, ids: &[NetworkId]) -> Result<Vec<VnicProfile>> {
        let ids: Vec<Uuid> = ids.iter().map(|id| id.0).collect();
        let rows = sqlx::query("select * from vnic_profile where network_id = any($1) order by name, id")
            .bind(ids)
            .fetch_all(&mut *self.connection)
            .await?;
        rows.iter().map(profile).collect()
    }

    /// Names of the VMs and templates that have a NIC of a profile.
    ///
    /// # Errors
    /// Any [`crate::StoreError`].
    pub async fn users_of_profile(&mut self, id: VnicProfileId) -> Result<Vec<String>> {
        Ok(sqlx::query_scalar(
            "select distinct coalesce(vm.name, template.name) from nic left join vm on vm.id = nic.vm_id
                 left join template on template.id = nic.template_id where nic.profile_id = $1 order by 1",
        )
        .bind(id.0)
        .fetch_all(&mut *self.connection)
        .await?)
    }

    /// Names of the templates that have a NIC on a network.
    ///
    /// # Errors
    /// Any [`crate::StoreError`].
    pub async fn templates_on(&mut self, id: NetworkId) -> Result<Vec<String>> {
        Ok(sqlx::query_scalar(
            "select distinct t.name from template t join nic on nic.template_id = t.id
                 join vnic_profile p on p.id = nic.profile_id where p.network_id = $1 order by 1",
        )
        .bind(id.0)
        .fetch_all(&mut *self.connection)
        .await?)
    }

    /// Names of the data centres and clusters that take their addresses from a MAC pool.
    ///
    /// # Errors
    /// Any [`crate::StoreError`].
    pub async fn users_of_mac_pool(&mut self, id: MacPoolId) -> Result<Vec<String>> {
        Ok(sqlx::query_scalar(
            "select name from data_center where mac_pool_id = $1 union
             select name from cluster where settings->>'mac_pool' = $1::text order by 1",
        )
        .bind(id.0)
        .fetch_all(&mut *self.connection)
        .await?)
    }

    /// Removes a MAC pool.
    ///
    /// # Errors
    /// [`crate::StoreError::Constraint`] while a data centre uses it.
    pub async fn remove_mac_pool(&mut self, id: MacPoolId) -> Result<()> {
        sqlx::query("delete from mac_pool where id = $1").bind(id.0).execute(&mut *self.connection).await?;
        Ok(())
    }

    /// All MAC pools, by name.
    ///
    /// # Errors
    /// Any [`crate::StoreError`].
    pub async fn mac_pools(&mut self) -> Result<Vec<MacPool>> {
        let rows = sqlx::query("select * from mac_pool order by name").fetch_all(&mut *self.connection).await?;
        rows.iter().map(mac_pool).collect()
    }

    /// A MAC pool, its row locked until the transaction ends: two VMs never get the same address.
    ///
    /// # Errors
    /// Any [`crate::StoreError`].
    pub async fn lock_mac_pool(&mut self, id: MacPoolId) -> Result<Option<MacPool>> {
        let row = sqlx::query("select * from mac_pool where id = $1 for update")
            .bind(id.0)
            .fetch_optional(&mut *self.connection)
            .await?;
        row.as_ref().map(mac_pool).transpose()
    }

    /// Adds a MAC pool or writes it over.
    ///
    /// # Errors
    /// [`crate::StoreError::Constraint`] when the name is taken.
    pub async fn put_mac_pool(&mut self, pool: &MacPool) -> Result<()> {
        sqlx::query(
            "insert into mac_pool (id, name, description, allow_duplicates, is_default, ranges)
             values ($1, $2, $3, $4, $5, $6)
             on conflict (id) do update set name = $2, description = $3, allow_duplicates = $4, ranges = $6",
        )
        .bind(pool.id.0)
        .bind(&pool.name)
        .bind(&pool.description)
        .bind(pool.allow_duplicates)
        .bind(pool.default)
        .bind(Json(&pool.ranges))
        .execute(&mut *self.connection)
        .await?;
        Ok(())
    }
}

fn network(row: &PgRow) -> Result<Network> {
    Ok(Network {
        id: NetworkId(row.try_get("id")?),
        name: row.try_get("name")?,
        data_center: DataCenterId(row.try_get("data_center_id")?),
        description: row.try_get("description")?,
        comment: row.try_get("comment")?,
        vlan: row.try_get::<Option<i32>, _>("vlan")?.and_then(|vlan| u16::try_from(vlan).ok()),
        mtu: row.try_get::<i32, _>("mtu")?.unsigned_abs(),
        vm_network: row.try_get("vm_network")?,
        stp: row.try_get("stp")?,
        port_isolation: row.try_get("port_isolation")?,
        device_name: row.try_get("device_name")?,
    })
}

fn profile(row: &PgRow) -> Result<VnicProfile> {
    Ok(VnicProfile {
        id: VnicProfileId(row.try_get("id")?),
        name: row.try_get("name")?,
        network: NetworkId(row.try_get("network_id")?),
        description: row.try_get("description")?,
        comment: row.try_get("comment")?,
        filter: row.try_get("filter")?,
        port_mirroring: row.try_get("port_mirroring")?,
        pass_through: row.try_get("pass_through")?,
        migratable: row.try_get("migratable")?,
    })
}

fn mac_pool(row: &PgRow) -> Result<MacPool> {
    Ok(MacPool {
        id: MacPoolId(row.try_get("id")?),
        name: row.try_get("name")?,
        description: row.try_get("description")?,
        allow_duplicates: row.try_get("allow_duplicates")?,
        default: row.try_get("is_default")?,
        ranges: rows::json(row, "ranges")?,
    })
}
