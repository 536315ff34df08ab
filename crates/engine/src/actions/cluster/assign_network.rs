//! Let a cluster use a network of its data centre, or change how it does. Hosts follow by the network loop.

use async_trait::async_trait;
use ferrovirt_model::cluster::{Cluster, ClusterNetwork};
use ferrovirt_model::events::{EventDraft, sentences};
use ferrovirt_model::ids::{ClusterId, NetworkId};
use ferrovirt_model::network::Network;
use ferrovirt_model::permits::Permit;
use ferrovirt_model::refusal::Refusal;
use ferrovirt_store::Areas;
use ferrovirt_store::tx::Change;

use crate::action::{Action, ActionContext};
use crate::actions::named::Named;
use crate::failure::Result;

/// What a network is for in a cluster; what is left open stays.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Usage {
    /// A host without it is not operational.
    pub required: Option<bool>,
    /// Consoles listen here.
    pub display: Option<bool>,
    /// Migrations go here.
    pub migration: Option<bool>,
    /// The engine speaks to hosts here.
    pub management: Option<bool>,
    /// It holds the default route.
    pub default_route: Option<bool>,
    /// Gluster traffic.
    pub gluster: Option<bool>,
}

/// Let a cluster use a network.
#[derive(Clone, Debug)]
pub struct AssignNetwork {
    cluster: ClusterId,
    network: Named<NetworkId>,
    usage: Usage,
    /// The cluster must use it already.
    change: bool,
    draft: Option<EventDraft>,
}

impl AssignNetwork {
    /// Begins the use of a network.
    #[must_use]
    pub fn new(cluster: ClusterId, network: Named<NetworkId>, usage: Usage) -> Self {
        Self { cluster, network, usage, change: false, draft: None }
    }

    /// Changes the use of a network.
    #[must_use]
    pub fn change(cluster: ClusterId, network: NetworkId, usage: Usage) -> Self {
        Self { cluster, network: Named::Id(network), usage, change: true, draft: None }
    }

    async fn network(&self, cx: &mut ActionContext<'_>, cluster: &Cluster) -> Result<Network> {
        let networks = cx.tx.networks().of_data_centers(&[cluster.data_center]).await?;
        let found = networks.into_iter().find(|network| match &self.network {
            Named::Id(id) => network.id == *id,
            Named::Name(name) => network.name == *name,
        });
        found.ok_or_else(|| Refusal::no_such("Network", self.network.text()).into())
    }

    /// The new use; a role that only one network of the cluster can have leaves the one that had it.
    async fn settle(
        &self,
        cx: &mut ActionContext<'_>,
        network: &Network,
        before: Option<&ClusterNetwork>,
    ) -> Result<ClusterNetwork> {
        let old = |pick: fn(&ClusterNetwork) -> bool, otherwise| before.map_or(otherwise, pick);
        let usage = ClusterNetwork {
            cluster: self.cluster,
            network: network.id,
            required: self.usage.required.unwrap_or_else(|| old(|usage| usage.required, true)),
            display: self.usage.display.unwrap_or_else(|| old(|usage| usage.display, false)),
            migration: self.usage.migration.unwrap_or_else(|| old(|usage| usage.migration, false)),
            management: self.usage.management.unwrap_or_else(|| old(|usage| usage.management, false)),
            default_route: self.usage.default_route.unwrap_or_else(|| old(|usage| usage.default_route, false)),
            gluster: self.usage.gluster.unwrap_or_else(|| old(|usage| usage.gluster, false)),
        };
        if usage.management && !usage.required {
            return Err(Refusal::rule("The management network must be required.").into());
        }
        let others = cx.tx.clusters().networks(&[self.cluster]).await?;
        for mut other in others.into_iter().filter(|other| other.network != network.id) {
            let kept = other.clone();
            other.display &= !usage.display;
            other.migration &= !usage.migration;
            other.management &= !usage.management;
            other.default_route &= !usage.default_route;
            if other != kept {
                cx.tx.clusters().put_network(&other).await?;
            }
        }
        let gave_up = |pick: fn(&ClusterNetwork) -> bool| before.is_some_and(pick) && !pick(&usage);
        if gave_up(|usage| usage.management) || gave_up(|usage| usage.display) || gave_up(|usage| usage.migration) {
            let sentence = "A role of a network can't be dropped: give it to another network of the Cluster.";
            return Err(Refusal::rule(sentence).into());
        }
        Ok(usage)
    }
}

#[async_trait]
impl Action for AssignNetwork {
    type Output = NetworkId;

    async fn perform(&mut self, cx: &mut ActionContext<'_>) -> Result<NetworkId> {
        let id = self.cluster;
        let cluster = cx.tx.clusters().lock_row(id).await?.ok_or_else(|| Refusal::no_such("Cluster", id))?;
        let network = self.network(cx, &cluster).await?;
        let (done, failed) = match self.change {
            true => (sentences::NETWORK_UPDTAE_NETWORK_ON_CLUSTER, sentences::NETWORK_UPDTAE_NETWORK_ON_CLUSTER_FAILED),
            false => {
                (sentences::NETWORK_ATTACH_NETWORK_TO_CLUSTER, sentences::NETWORK_ATTACH_NETWORK_TO_CLUSTER_FAILED)
            }
        };
        self.draft = Some(failed.draft().cluster(id, cluster.name.clone()).network(&network.name));
        let permit = if self.change { Permit::ConfigureClusterNetwork } else { Permit::AssignClusterNetwork };
        cx.require(permit, id).await?;
        let before = cx.tx.clusters().networks(&[id]).await?.into_iter().find(|usage| usage.network == network.id);
        match (&before, self.change) {
            (None, true) => return Err(Refusal::no_such("Network", network.id).into()),
            (Some(_), false) => {
                return Err(Refusal::rule("The Network is already attached to the Cluster.").into());
            }
            _ => {}
        }
        let usage = self.settle(cx, &network, before.as_ref()).await?;
        cx.tx.clusters().put_network(&usage).await?;
        cx.tx.changed(id, Change::Updated);
        cx.tx.changed(network.id, Change::Updated);
        cx.log(done.draft().cluster(id, cluster.name).network(&network.name));
        cx.engine.kicks().networks.notify_one();
        Ok(network.id)
    }

    fn failed(&self) -> Option<EventDraft> {
        self.draft.clone()
    }
}
