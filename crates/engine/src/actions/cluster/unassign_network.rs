//! End a cluster's use of a network. Hosts follow by the network loop.

use async_trait::async_trait;
use ferrovirt_model::events::{EventDraft, sentences};
use ferrovirt_model::ids::{ClusterId, NetworkId};
use ferrovirt_model::permits::Permit;
use ferrovirt_model::refusal::Refusal;
use ferrovirt_store::Areas;
use ferrovirt_store::tx::Change;

use crate::action::{Action, ActionContext};
use crate::actions::network;
use crate::failure::Result;

/// End a cluster's use of a network.
#[derive(Clone, Debug)]
pub struct UnassignNetwork {
    cluster: ClusterId,
    network: NetworkId,
    draft: Option<EventDraft>,
}

impl UnassignNetwork {
    /// Ends the use of `network` by `cluster`.
    #[must_use]
    pub fn new(cluster: ClusterId, network: NetworkId) -> Self {
        Self { cluster, network, draft: None }
    }
}

#[async_trait]
impl Action for UnassignNetwork {
    type Output = ();

    async fn perform(&mut self, cx: &mut ActionContext<'_>) -> Result<()> {
        let id = self.cluster;
        let cluster = cx.tx.clusters().lock_row(id).await?.ok_or_else(|| Refusal::no_such("Cluster", id))?;
        let network = network::find(cx, self.network).await?;
        let failed = sentences::NETWORK_DETACH_NETWORK_TO_CLUSTER_FAILED.draft();
        self.draft = Some(failed.cluster(id, cluster.name.clone()).network(&network.name));
        cx.require(Permit::AssignClusterNetwork, id).await?;
        let usages = cx.tx.clusters().networks(&[id]).await?;
        let usage = usages.iter().find(|usage| usage.network == network.id);
        let usage = usage.ok_or_else(|| Refusal::no_such("Network", network.id))?.clone();
        if usage.management {
            return Err(Refusal::rule("The management network can't be detached from its Cluster.").into());
        }
        let vms = cx.tx.clusters().vms_on_network(id, network.id).await?;
        if !vms.is_empty() {
            let users = format!("the VMs {}", vms.join(", "));
            return Err(Refusal::InUse { what: "Network", name: network.name, users }.into());
        }
        // Its roles go back to the management network.
        if let Some(mut heir) = usages.into_iter().find(|usage| usage.management) {
            heir.display |= usage.display;
            heir.migration |= usage.migration;
            heir.default_route |= usage.default_route;
            cx.tx.clusters().put_network(&heir).await?;
        }
        cx.tx.clusters().remove_network(id, network.id).await?;
        cx.tx.changed(id, Change::Updated);
        cx.tx.changed(network.id, Change::Updated);
        let draft = sentences::NETWORK_DETACH_NETWORK_TO_CLUSTER.draft();
        cx.log(draft.cluster(id, cluster.name).network(&network.name));
        cx.engine.kicks().networks.notify_one();
        Ok(())
    }

    fn failed(&self) -> Option<EventDraft> {
        self.draft.clone()
    }
}
