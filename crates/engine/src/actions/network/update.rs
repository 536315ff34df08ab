//! Change a logical network. Hosts follow by the network loop.

use async_trait::async_trait;
use ferrovirt_model::events::{EventDraft, sentences};
use ferrovirt_model::ids::NetworkId;
use ferrovirt_model::network::Network;
use ferrovirt_model::permits::Permit;
use ferrovirt_model::refusal::Refusal;
use ferrovirt_store::Areas;
use ferrovirt_store::tx::Change;

use super::Wish;
use crate::action::{Action, ActionContext};
use crate::actions::named::name_taken;
use crate::failure::Result;

/// Change a network.
#[derive(Clone, Debug)]
pub struct Update {
    network: NetworkId,
    wish: Wish,
    draft: Option<EventDraft>,
}

impl Update {
    /// Lays `wish` over the network.
    #[must_use]
    pub fn new(network: NetworkId, wish: Wish) -> Self {
        Self { network, wish, draft: None }
    }
}

/// What the network's use forbids.
async fn fits(cx: &mut ActionContext<'_>, before: &Network, after: &Network) -> Result<()> {
    let managed = cx.tx.clusters().usages_of(&[before.id]).await?.iter().any(|usage| usage.management);
    if managed && before.name != after.name {
        return Err(Refusal::rule("The name of the management network can't be changed.").into());
    }
    if before.vm_network && !after.vm_network {
        let vms = cx.tx.networks().vms_on(before.id).await?;
        if !vms.is_empty() {
            let users = format!("the VMs {}", vms.join(", "));
            return Err(Refusal::InUse { what: "Network", name: before.name.clone(), users }.into());
        }
    }
    if before.port_isolation != after.port_isolation && !cx.tx.networks().vms_on(before.id).await?.is_empty() {
        return Err(Refusal::rule("Port isolation can't be changed while VMs use the network.").into());
    }
    Ok(())
}

#[async_trait]
impl Action for Update {
    type Output = ();

    async fn perform(&mut self, cx: &mut ActionContext<'_>) -> Result<()> {
        let id = self.network;
        let before = super::find(cx, id).await?;
        let failed = sentences::NETWORK_UPDATE_NETWORK_FAILED.draft();
        self.draft = Some(super::about(cx, failed, &before).await?);
        cx.require(Permit::ConfigureStoragePoolNetwork, id).await?;
        cx.tx.data_centers().lock_row(before.data_center).await?;
        let mut after = before.clone();
        self.wish.lay_over(cx, &mut after).await?;
        fits(cx, &before, &after).await?;
        let name = after.name.clone();
        cx.tx.networks().put(&after).await.map_err(|error| name_taken(error, "Network", &name))?;
        cx.tx.changed(id, Change::Updated);
        let draft = super::about(cx, sentences::NETWORK_UPDATE_NETWORK.draft(), &after).await?;
        cx.log(draft);
        cx.engine.kicks().networks.notify_one();
        Ok(())
    }

    fn failed(&self) -> Option<EventDraft> {
        self.draft.clone()
    }
}
