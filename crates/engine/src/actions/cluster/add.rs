//! Add a cluster to a data centre, with its management network and a CPU profile.

use async_trait::async_trait;
use ferrovirt_model::catalogue::policies;
use ferrovirt_model::cluster::{Cluster, ClusterNetwork, ClusterSettings};
use ferrovirt_model::data_center::DataCenter;
use ferrovirt_model::default_objects;
use ferrovirt_model::events::{EventDraft, sentences};
use ferrovirt_model::ids::{
    ClusterId, CpuProfileId, DataCenterId, GroupId, NetworkId, PermissionId, RoleId, SchedulingPolicyId,
};
use ferrovirt_model::network::Network;
use ferrovirt_model::permission::{Permission, Principal};
use ferrovirt_model::permits::Permit;
use ferrovirt_model::refusal::Refusal;
use ferrovirt_model::roles;
use ferrovirt_store::Areas;
use ferrovirt_store::clusters::CpuProfile;
use ferrovirt_store::tx::Change;
use uuid::Uuid;

use super::Wish;
use crate::action::{Action, ActionContext};
use crate::actions::named::{Named, name_taken};
use crate::failure::Result;

/// Add a cluster.
#[derive(Clone, Debug)]
pub struct Add {
    /// Where.
    pub data_center: Named<DataCenterId>,
    /// What it shall be. A name is needed.
    pub wish: Wish,
    /// The network by which the engine speaks to its hosts; `None`: the data centre's own.
    pub management_network: Option<Named<NetworkId>>,
}

impl Add {
    async fn data_center(&self, cx: &mut ActionContext<'_>) -> Result<DataCenter> {
        let known = match &self.data_center {
            Named::Id(id) => cx.tx.data_centers().lock_row(*id).await?,
            Named::Name(name) => cx.tx.data_centers().by_name(name).await?,
        };
        known.ok_or_else(|| Refusal::no_such("DataCenter", self.data_center.text()).into())
    }

    async fn management(&self, cx: &mut ActionContext<'_>, data_center: DataCenterId) -> Result<Network> {
        let wanted = match self.management_network.clone() {
            Some(wanted) => wanted,
            None => Named::Name(default_objects::MANAGEMENT_NETWORK_NAME.to_owned()),
        };
        let networks = cx.tx.networks().of_data_centers(&[data_center]).await?;
        let found = networks.into_iter().find(|network| match &wanted {
            Named::Id(id) => network.id == *id,
            Named::Name(name) => network.name == *name,
        });
        found.ok_or_else(|| Refusal::no_such("Network", wanted.text()).into())
    }
}

#[async_trait]
impl Action for Add {
    type Output = ClusterId;

    async fn perform(&mut self, cx: &mut ActionContext<'_>) -> Result<ClusterId> {
        let data_center = self.data_center(cx).await?;
        cx.require(Permit::CreateCluster, data_center.id).await?;
        let name = self.wish.name.clone().ok_or(Refusal::Missing { entity: "Cluster", field: "name" })?;
        let id = ClusterId(Uuid::new_v4());
        let settings = ClusterSettings {
            version: data_center.version,
            scheduling_policy: Some(SchedulingPolicyId(policies::NONE)),
            ..ClusterSettings::default()
        };
        let mut cluster = Cluster { id, name: name.clone(), data_center: data_center.id, settings };
        self.wish.lay_over(cx, &mut cluster).await?;
        if cluster.settings.version < data_center.version {
            let sentence = "The compatibility version of a Cluster can't be lower than that of its Data Center.";
            return Err(Refusal::rule(sentence).into());
        }
        let network = self.management(cx, data_center.id).await?;
        cx.tx.clusters().put(&cluster).await.map_err(|error| name_taken(error, "Cluster", &name))?;
        cx.tx.changed(id, Change::Created);
        let usage = ClusterNetwork {
            cluster: id,
            network: network.id,
            required: true,
            display: true,
            migration: true,
            management: true,
            default_route: true,
            gluster: false,
        };
        cx.tx.clusters().put_network(&usage).await?;
        let profile = CpuProfile {
            id: CpuProfileId(Uuid::new_v4()),
            name: name.clone(),
            description: String::new(),
            cluster: id,
        };
        cx.tx.clusters().insert_cpu_profile(&profile).await?;
        cx.tx.permissions().grant(&everyone_assigns(profile.id)).await?;
        cx.log(sentences::USER_ADD_CLUSTER.draft().cluster(id, name).data_center(data_center.id, data_center.name));
        Ok(id)
    }

    fn failed(&self) -> Option<EventDraft> {
        Some(sentences::USER_ADD_CLUSTER_FAILED.draft().with("ClusterName", self.wish.name.as_deref()?))
    }
}

/// As in oVirt, everyone may assign the profile that a cluster is born with; others are given to whom they are for.
fn everyone_assigns(profile: CpuProfileId) -> Permission {
    Permission {
        id: PermissionId(Uuid::new_v4()),
        principal: Principal::Group(GroupId(default_objects::EVERYONE)),
        role: RoleId(roles::CPU_PROFILE_OPERATOR),
        object: profile.into(),
    }
}
