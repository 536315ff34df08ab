//! Add a vNIC profile to a network.

use async_trait::async_trait;
use ferrovirt_model::events::{EventDraft, sentences};
use ferrovirt_model::ids::{NetworkId, VnicProfileId};
use ferrovirt_model::permits::Permit;
use ferrovirt_model::refusal::Refusal;
use ferrovirt_store::Areas;
use ferrovirt_store::tx::Change;

use super::Wish;
use crate::action::{Action, ActionContext};
use crate::actions::named::name_taken;
use crate::actions::network;
use crate::failure::Result;

/// Add a profile.
#[derive(Clone, Debug)]
pub struct Add {
    network: NetworkId,
    wish: Wish,
    draft: Option<EventDraft>,
}

impl Add {
    /// Adds a profile to `network`. A name is needed.
    #[must_use]
    pub fn new(network: NetworkId, wish: Wish) -> Self {
        Self { network, wish, draft: None }
    }
}

#[async_trait]
impl Action for Add {
    type Output = VnicProfileId;

    async fn perform(&mut self, cx: &mut ActionContext<'_>) -> Result<VnicProfileId> {
        let network = network::find(cx, self.network).await?;
        let name = self.wish.name.clone().ok_or(Refusal::Missing { entity: "VnicProfile", field: "name" })?;
        let failed = sentences::ADD_VNIC_PROFILE_FAILED.draft().with("VnicProfileName", &name);
        self.draft = Some(network::about(cx, failed, &network).await?);
        cx.require(Permit::CreateNetworkVnicProfile, network.id).await?;
        let mut profile = super::default_of(&network);
        profile.name.clone_from(&name);
        self.wish.lay_over(cx, &mut profile).await?;
        let taken = |error| name_taken(error, "VM network interface profile", &name);
        cx.tx.networks().put_profile(&profile).await.map_err(taken)?;
        cx.tx.changed(profile.id, Change::Created);
        let draft = sentences::ADD_VNIC_PROFILE.draft().with("VnicProfileName", &name);
        let draft = network::about(cx, draft, &network).await?;
        cx.log(draft);
        Ok(profile.id)
    }

    fn failed(&self) -> Option<EventDraft> {
        self.draft.clone()
    }
}
