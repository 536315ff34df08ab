//! Change a vNIC profile.

use async_trait::async_trait;
use ferrovirt_model::events::{EventDraft, sentences};
use ferrovirt_model::ids::VnicProfileId;
use ferrovirt_model::permits::Permit;
use ferrovirt_model::refusal::Refusal;
use ferrovirt_store::Areas;
use ferrovirt_store::tx::Change;

use super::Wish;
use crate::action::{Action, ActionContext};
use crate::actions::named::name_taken;
use crate::actions::network;
use crate::failure::Result;

/// Change a profile.
#[derive(Clone, Debug)]
pub struct Update {
    profile: VnicProfileId,
    wish: Wish,
    draft: Option<EventDraft>,
}

impl Update {
    /// Lays `wish` over the profile.
    #[must_use]
    pub fn new(profile: VnicProfileId, wish: Wish) -> Self {
        Self { profile, wish, draft: None }
    }
}

#[async_trait]
impl Action for Update {
    type Output = ();

    async fn perform(&mut self, cx: &mut ActionContext<'_>) -> Result<()> {
        let id = self.profile;
        let before = cx.tx.networks().profiles(&[id]).await?.pop();
        let before = before.ok_or_else(|| Refusal::no_such("VnicProfile", id))?;
        let network = network::find(cx, before.network).await?;
        let failed = sentences::UPDATE_VNIC_PROFILE_FAILED.draft().with("VnicProfileName", &before.name);
        self.draft = Some(network::about(cx, failed, &network).await?);
        cx.require(Permit::ConfigureNetworkVnicProfile, id).await?;
        let mut after = before.clone();
        self.wish.lay_over(cx, &mut after).await?;
        if before.pass_through != after.pass_through {
            let users = cx.tx.networks().users_of_profile(id).await?;
            if !users.is_empty() {
                let sentence =
                    format!("Passthrough can't be changed while the profile is used by {}.", users.join(", "));
                return Err(Refusal::rule(sentence).into());
            }
        }
        let name = after.name.clone();
        let taken = |error| name_taken(error, "VM network interface profile", &name);
        cx.tx.networks().put_profile(&after).await.map_err(taken)?;
        cx.tx.changed(id, Change::Updated);
        let draft = sentences::UPDATE_VNIC_PROFILE.draft().with("VnicProfileName", &name);
        let draft = network::about(cx, draft, &network).await?;
        cx.log(draft);
        Ok(())
    }

    fn failed(&self) -> Option<EventDraft> {
        self.draft.clone()
    }
}
