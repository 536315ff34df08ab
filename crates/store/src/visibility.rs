//! What a user who is no administrator may know of: conditions over the grants, for lists and for many objects at once.
//!
//! A user sees an object through a grant on it or on something above it. Data centres, clusters, networks and hosts are
//! also seen from below: whoever may use a VM may know the cluster that it lies in. Grants to everyone count only on the
//! object that they name.

use ferrovirt_model::ids::UserId;
use sqlx::PgConnection;
use uuid::Uuid;

use crate::Result;

/// A kind of object whose lists can be narrowed to what a user may know.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Seen {
    /// Data centres.
    DataCenter,
    /// Clusters.
    Cluster,
    /// Networks.
    Network,
    /// vNIC profiles.
    VnicProfile,
    /// Hosts.
    Host,
    /// VMs.
    Vm,
    /// Storage domains.
    StorageDomain,
    /// Disks.
    Disk,
}

/// Objects from which a grant reaches each kind, as expressions over the kind's table.
impl Seen {
    fn table(self) -> &'static str {
        match self {
            Self::DataCenter => "data_center",
            Self::Cluster => "cluster",
            Self::Network => "network",
            Self::VnicProfile => "vnic_profile",
            Self::Host => "host",
            Self::Vm => "vm",
            Self::StorageDomain => "storage_domain",
            Self::Disk => "disk",
        }
    }

    /// Ids above the object, one array.
    fn above(self) -> &'static str {
        match self {
            Self::DataCenter => "array[]::uuid[]",
            Self::Cluster => "array[cluster.data_center_id]",
            Self::Network => "array[network.data_center_id]",
            Self::VnicProfile => {
                "array[vnic_profile.network_id,
                    (select v_n.data_center_id from network v_n where v_n.id = vnic_profile.network_id)]"
            }
            Self::Host => {
                "array[host.cluster_id, (select v_c.data_center_id from cluster v_c where v_c.id = host.cluster_id)]"
            }
            Self::StorageDomain => "array[storage_domain.data_center_id]",
            Self::Disk => {
                "array(select unnest(array[v_v.domain_id, v_s.data_center_id]) from volume v_v
                        join storage_domain v_s on v_s.id = v_v.domain_id where v_v.disk_id = disk.id
                    union select unnest(array[v_a.vm_id, v_a.template_id]) from disk_attachment v_a
                        where v_a.disk_id = disk.id
                    union select unnest(array[v_m.cluster_id, v_c.data_center_id]) from disk_attachment v_a
                        join vm v_m on v_m.id = v_a.vm_id join cluster v_c on v_c.id = v_m.cluster_id
                        where v_a.disk_id = disk.id)"
            }
            Self::Vm => {
                "array[vm.cluster_id, (select v_c.data_center_id from cluster v_c where v_c.id = vm.cluster_id)]"
            }
        }
    }

    /// Whether `p.object_id` lies below the object.
    fn below(self) -> &'static str {
        match self {
            Self::DataCenter => {
                "p.object_id in (
                    select v_c.id from cluster v_c where v_c.data_center_id = data_center.id
                    union select v_n.id from network v_n where v_n.data_center_id = data_center.id
                    union select v_s.id from storage_domain v_s where v_s.data_center_id = data_center.id
                    union select v_m.id from vm v_m join cluster v_c on v_c.id = v_m.cluster_id
                        where v_c.data_center_id = data_center.id)"
            }
            Self::Cluster => {
                "p.object_id in (
                    select v_m.id from vm v_m where v_m.cluster_id = cluster.id
                    union select v_h.id from host v_h where v_h.cluster_id = cluster.id)"
            }
            Self::Network => {
                "p.object_id in (select v_p.id from vnic_profile v_p where v_p.network_id = network.id
                    union select v_i.vm_id from nic v_i join vnic_profile v_p on v_p.id = v_i.profile_id
                        where v_p.network_id = network.id)"
            }
            Self::VnicProfile => {
                "p.object_id in (select v_i.vm_id from nic v_i where v_i.profile_id = vnic_profile.id)"
            }
            Self::Vm | Self::Disk => "false",
            Self::StorageDomain => {
                "p.object_id in (
                    select v_v.disk_id from volume v_v where v_v.domain_id = storage_domain.id
                    union select v_p.id from disk_profile v_p where v_p.domain_id = storage_domain.id
                    union select v_a.vm_id from disk_attachment v_a join volume v_v on v_v.disk_id = v_a.disk_id
                        where v_v.domain_id = storage_domain.id)"
            }
            Self::Host => "p.object_id in (select v_r.vm_id from vm_run v_r where v_r.host_id = host.id and v_r.owner)",
        }
    }

    /// The condition on the kind's table, made of constants: what `user` may know of.
    #[must_use]
    pub fn by(self, user: UserId) -> String {
        let (table, above, below) = (self.table(), self.above(), self.below());
        format!(
            "exists (select 1 from permission p where
                (p.user_id = '{user}' or p.group_id in (select group_id from group_member where user_id = '{user}'))
                    and (p.object_id = {table}.id or p.object_id = any({above})
                        or p.object_id = 'aaa00000-0000-0000-0000-123456789aaa' or {below})
                or p.group_id = 'eee00000-0000-0000-0000-123456789eee' and p.object_id = {table}.id)"
        )
    }

    /// Those of these objects that `user` may know of.
    ///
    /// # Errors
    /// Any [`crate::StoreError`].
    pub async fn among(self, ids: &[Uuid], user: UserId, connection: &mut PgConnection) -> Result<Vec<Uuid>> {
        let table = self.table();
        let sql = format!("select id from {table} where id = any($1) and {}", self.by(user));
        Ok(sqlx::query_scalar(sqlx::AssertSqlSafe(sql)).bind(ids).fetch_all(connection).await?)
    }
}

#[cfg(test)]
mod tests {
    use ferrovirt_testdb::TestDb;

    use super::*;
    use crate::{Areas, Store};

    #[tokio::test]
    async fn each_condition_is_valid_sql() {
        let db = TestDb::new().await;
        let store = Store::open(db.options(), 2).await.unwrap();
        let mut reader = store.read().await.unwrap();
        let infrastructure = [Seen::DataCenter, Seen::Cluster, Seen::Network, Seen::VnicProfile, Seen::Host];
        for kind in infrastructure.into_iter().chain([Seen::Vm, Seen::StorageDomain, Seen::Disk]) {
            let seen = kind.among(&[Uuid::nil()], UserId(Uuid::nil()), reader.connection()).await.unwrap();
            assert!(seen.is_empty(), "{kind:?}");
        }
    }
}
