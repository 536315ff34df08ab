//! Add a data centre, with the management network that its clusters will use.

use async_trait::async_trait;
use ferrovirt_model::catalogue::cluster_levels::ClusterLevel;
use ferrovirt_model::data_center::{DataCenter, DataCenterStatus, QuotaMode};
use ferrovirt_model::default_objects;
use ferrovirt_model::events::{EventDraft, sentences};
use ferrovirt_model::ids::{DataCenterId, MacPoolId, NetworkId, ObjectRef};
use ferrovirt_model::network::Network;
use ferrovirt_model::permits::Permit;
use ferrovirt_model::refusal::Refusal;
use ferrovirt_store::Areas;
use ferrovirt_store::tx::Change;
use uuid::Uuid;

use super::Wish;
use crate::action::{Action, ActionContext};
use crate::actions::named::name_taken;
use crate::actions::vnic_profile;
use crate::failure::Result;

/// Add a data centre.
#[derive(Clone, Debug)]
pub struct Add {
    /// What it shall be. A name is needed.
    pub wish: Wish,
}

#[async_trait]
impl Action for Add {
    type Output = DataCenterId;

    async fn perform(&mut self, cx: &mut ActionContext<'_>) -> Result<DataCenterId> {
        cx.require(Permit::CreateStoragePool, ObjectRef::SYSTEM).await?;
        let name = self.wish.name.clone().ok_or(Refusal::Missing { entity: "DataCenter", field: "name" })?;
        let id = DataCenterId(Uuid::new_v4());
        let mut data_center = DataCenter {
            id,
            name: name.clone(),
            description: String::new(),
            comment: String::new(),
            local: false,
            version: (ClusterLevel::LATEST.major, ClusterLevel::LATEST.minor),
            quota_mode: QuotaMode::Disabled,
            mac_pool: MacPoolId(default_objects::DEFAULT_MAC_POOL),
            status: DataCenterStatus::Uninitialized,
        };
        self.wish.lay_over(cx, &mut data_center).await?;
        cx.tx.data_centers().put(&data_center).await.map_err(|error| name_taken(error, "Data Center", &name))?;
        cx.tx.changed(id, Change::Created);
        add_management_network(cx, id).await?;
        let level = ClusterLevel::from(data_center.version);
        let quota = format!("{:?}", data_center.quota_mode).to_lowercase();
        let draft = sentences::USER_ADD_STORAGE_POOL.draft().data_center(id, name);
        cx.log(draft.with("CompatibilityVersion", level).with("QuotaEnforcementType", quota));
        Ok(id)
    }

    fn failed(&self) -> Option<EventDraft> {
        Some(sentences::USER_ADD_STORAGE_POOL_FAILED.draft().with("StoragePoolName", self.wish.name.as_deref()?))
    }
}

/// The network by which the engine speaks to hosts, with the profile by which VMs join it.
async fn add_management_network(cx: &mut ActionContext<'_>, data_center: DataCenterId) -> Result<()> {
    let name = default_objects::MANAGEMENT_NETWORK_NAME.to_owned();
    let network = Network {
        id: NetworkId(Uuid::new_v4()),
        name: name.clone(),
        data_center,
        description: "Management network".to_owned(),
        comment: String::new(),
        vlan: None,
        mtu: 0,
        vm_network: true,
        stp: false,
        port_isolation: false,
        device_name: name,
    };
    cx.tx.networks().put(&network).await?;
    cx.tx.changed(network.id, Change::Created);
    let profile = vnic_profile::default_of(&network);
    cx.tx.networks().put_profile(&profile).await?;
    cx.tx.changed(profile.id, Change::Created);
    Ok(())
}
