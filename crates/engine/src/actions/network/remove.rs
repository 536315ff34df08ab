//! Remove a logical network that nothing uses.

use async_trait::async_trait;
use ferrovirt_model::events::{EventDraft, sentences};
use ferrovirt_model::ids::NetworkId;
use ferrovirt_model::permits::Permit;
use ferrovirt_model::refusal::Refusal;
use ferrovirt_store::Areas;
use ferrovirt_store::tx::Change;

use crate::action::{Action, ActionContext};
use crate::failure::Result;

/// Remove a network.
#[derive(Clone, Debug)]
pub struct Remove {
    network: NetworkId,
    draft: Option<EventDraft>,
}

impl Remove {
    /// Removes `network`.
    #[must_use]
    pub fn new(network: NetworkId) -> Self {
        Self { network, draft: None }
    }
}

#[async_trait]
impl Action for Remove {
    type Output = ();

    async fn perform(&mut self, cx: &mut ActionContext<'_>) -> Result<()> {
        let id = self.network;
        let network = super::find(cx, id).await?;
        let failed = sentences::NETWORK_REMOVE_NETWORK_FAILED.draft();
        self.draft = Some(super::about(cx, failed, &network).await?);
        cx.require(Permit::DeleteStoragePoolNetwork, id).await?;
        if cx.tx.clusters().usages_of(&[id]).await?.iter().any(|usage| usage.management) {
            return Err(Refusal::rule("The management network of a cluster can't be removed.").into());
        }
        let mut users = cx.tx.networks().vms_on(id).await?;
        users.extend(cx.tx.networks().templates_on(id).await?);
        if !users.is_empty() {
            return Err(Refusal::InUse { what: "Network", name: network.name, users: users.join(", ") }.into());
        }
        for profile in cx.tx.networks().profiles_of_networks(&[id]).await? {
            cx.tx.permissions().forget(profile.id.into()).await?;
            cx.tx.changed(profile.id, Change::Removed);
        }
        cx.tx.permissions().forget(id.into()).await?;
        cx.tx.networks().remove(id).await?;
        cx.tx.changed(id, Change::Removed);
        let draft = super::about(cx, sentences::NETWORK_REMOVE_NETWORK.draft(), &network).await?;
        cx.log(draft);
        cx.engine.kicks().networks.notify_one();
        Ok(())
    }

    fn failed(&self) -> Option<EventDraft> {
        self.draft.clone()
    }
}
