//! Remove a pool of MAC addresses that nothing draws from. NICs keep the addresses that they have.

use async_trait::async_trait;
use ferrovirt_model::events::{EventDraft, sentences};
use ferrovirt_model::ids::MacPoolId;
use ferrovirt_model::permits::Permit;
use ferrovirt_model::refusal::Refusal;
use ferrovirt_store::Areas;
use ferrovirt_store::tx::Change;

use crate::action::{Action, ActionContext};
use crate::failure::Result;

/// Remove a pool.
#[derive(Clone, Debug)]
pub struct Remove {
    pool: MacPoolId,
    was: Option<String>,
}

impl Remove {
    /// Removes `pool`.
    #[must_use]
    pub fn new(pool: MacPoolId) -> Self {
        Self { pool, was: None }
    }
}

#[async_trait]
impl Action for Remove {
    type Output = ();

    async fn perform(&mut self, cx: &mut ActionContext<'_>) -> Result<()> {
        let id = self.pool;
        let pool = cx.tx.networks().lock_mac_pool(id).await?.ok_or_else(|| Refusal::no_such("MAC Pool", id))?;
        self.was = Some(pool.name.clone());
        cx.require(Permit::DeleteMacPool, id).await?;
        if pool.default {
            return Err(Refusal::rule("The default MAC Pool can't be removed.").into());
        }
        let users = cx.tx.networks().users_of_mac_pool(id).await?;
        if !users.is_empty() {
            return Err(Refusal::InUse { what: "MAC Pool", name: pool.name, users: users.join(", ") }.into());
        }
        cx.tx.permissions().forget(id.into()).await?;
        cx.tx.networks().remove_mac_pool(id).await?;
        cx.tx.changed(id, Change::Removed);
        cx.log(sentences::MAC_POOL_REMOVE_SUCCESS.draft().with("MacPoolName", &pool.name).with("MacPoolId", id));
        Ok(())
    }

    fn failed(&self) -> Option<EventDraft> {
        let draft = sentences::MAC_POOL_REMOVE_FAILED.draft().with("MacPoolName", self.was.as_deref()?);
        Some(draft.with("MacPoolId", self.pool))
    }
}
