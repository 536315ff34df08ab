//! Add a logical network to a data centre, with the profile by which VMs join it.

use async_trait::async_trait;
use ferrovirt_model::events::{EventDraft, sentences};
use ferrovirt_model::ids::{DataCenterId, NetworkId};
use ferrovirt_model::network::Network;
use ferrovirt_model::permits::Permit;
use ferrovirt_model::refusal::Refusal;
use ferrovirt_plan::names;
use ferrovirt_store::Areas;
use ferrovirt_store::tx::Change;
use uuid::Uuid;

use super::Wish;
use crate::action::{Action, ActionContext};
use crate::actions::named::{Named, name_taken};
use crate::actions::vnic_profile;
use crate::failure::Result;

/// Add a network.
#[derive(Clone, Debug)]
pub struct Add {
    data_center: Named<DataCenterId>,
    wish: Wish,
    with_profile: bool,
    draft: Option<EventDraft>,
}

impl Add {
    /// Adds a network; `with_profile` unless the request says that none is wanted. A name is needed.
    #[must_use]
    pub fn new(data_center: Named<DataCenterId>, wish: Wish, with_profile: bool) -> Self {
        Self { data_center, wish, with_profile, draft: None }
    }
}

#[async_trait]
impl Action for Add {
    type Output = NetworkId;

    async fn perform(&mut self, cx: &mut ActionContext<'_>) -> Result<NetworkId> {
        let known = match &self.data_center {
            Named::Id(id) => cx.tx.data_centers().lock_row(*id).await?,
            Named::Name(name) => cx.tx.data_centers().by_name(name).await?,
        };
        let data_center = known.ok_or_else(|| Refusal::no_such("DataCenter", self.data_center.text()))?;
        let name = self.wish.name.clone().ok_or(Refusal::Missing { entity: "Network", field: "name" })?;
        let failed = sentences::NETWORK_ADD_NETWORK_FAILED.draft().network(&name);
        self.draft = Some(failed.data_center(data_center.id, data_center.name.clone()));
        cx.require(Permit::CreateStoragePoolNetwork, data_center.id).await?;
        let id = NetworkId(Uuid::new_v4());
        let mut network = Network {
            id,
            name: name.clone(),
            data_center: data_center.id,
            description: String::new(),
            comment: String::new(),
            vlan: None,
            mtu: 0,
            vm_network: true,
            stp: false,
            port_isolation: false,
            device_name: names::network_device(&name, id.0),
        };
        self.wish.lay_over(cx, &mut network).await?;
        cx.tx.networks().put(&network).await.map_err(|error| name_taken(error, "Network", &name))?;
        cx.tx.changed(id, Change::Created);
        if network.vm_network && self.with_profile {
            let profile = vnic_profile::default_of(&network);
            cx.tx.networks().put_profile(&profile).await?;
            cx.tx.changed(profile.id, Change::Created);
        }
        let draft = sentences::NETWORK_ADD_NETWORK.draft().network(&name);
        cx.log(draft.data_center(data_center.id, data_center.name));
        Ok(id)
    }

    fn failed(&self) -> Option<EventDraft> {
        self.draft.clone()
    }
}
