//! Remove a vNIC profile that nothing uses.

use async_trait::async_trait;
use ferrovirt_model::events::{EventDraft, sentences};
use ferrovirt_model::ids::VnicProfileId;
use ferrovirt_model::permits::Permit;
use ferrovirt_model::refusal::Refusal;
use ferrovirt_store::Areas;
use ferrovirt_store::tx::Change;

use crate::action::{Action, ActionContext};
use crate::actions::network;
use crate::failure::Result;

/// Remove a profile.
#[derive(Clone, Debug)]
pub struct Remove {
    profile: VnicProfileId,
    draft: Option<EventDraft>,
}

impl Remove {
    /// Removes `profile`.
    #[must_use]
    pub fn new(profile: VnicProfileId) -> Self {
        Self { profile, draft: None }
    }
}

#[async_trait]
impl Action for Remove {
    type Output = ();

    async fn perform(&mut self, cx: &mut ActionContext<'_>) -> Result<()> {
        let id = self.profile;
        let profile = cx.tx.networks().profiles(&[id]).await?.pop();
        let profile = profile.ok_or_else(|| Refusal::no_such("VnicProfile", id))?;
        let network = network::find(cx, profile.network).await?;
        let failed = sentences::REMOVE_VNIC_PROFILE_FAILED.draft().with("VnicProfileName", &profile.name);
        self.draft = Some(network::about(cx, failed, &network).await?);
        cx.require(Permit::DeleteNetworkVnicProfile, id).await?;
        let users = cx.tx.networks().users_of_profile(id).await?;
        if !users.is_empty() {
            return Err(Refusal::InUse { what: "vNIC profile", name: profile.name, users: users.join(", ") }.into());
        }
        cx.tx.permissions().forget(id.into()).await?;
        cx.tx.networks().remove_profile(id).await?;
        cx.tx.changed(id, Change::Removed);
        let draft = sentences::REMOVE_VNIC_PROFILE.draft().with("VnicProfileName", &profile.name);
        let draft = network::about(cx, draft, &network).await?;
        cx.log(draft);
        Ok(())
    }

    fn failed(&self) -> Option<EventDraft> {
        self.draft.clone()
    }
}
