//! Change a pool of MAC addresses. NICs keep the addresses that they have, inside the new ranges or not.

use async_trait::async_trait;
use ferrovirt_model::events::{EventDraft, sentences};
use ferrovirt_model::ids::MacPoolId;
use ferrovirt_model::permits::Permit;
use ferrovirt_model::refusal::Refusal;
use ferrovirt_store::Areas;
use ferrovirt_store::tx::Change;

use super::Wish;
use crate::action::{Action, ActionContext};
use crate::actions::named::name_taken;
use crate::failure::Result;

/// Change a pool.
#[derive(Clone, Debug)]
pub struct Update {
    pool: MacPoolId,
    wish: Wish,
    was: Option<String>,
}

impl Update {
    /// Lays `wish` over the pool.
    #[must_use]
    pub fn new(pool: MacPoolId, wish: Wish) -> Self {
        Self { pool, wish, was: None }
    }
}

#[async_trait]
impl Action for Update {
    type Output = ();

    async fn perform(&mut self, cx: &mut ActionContext<'_>) -> Result<()> {
        let id = self.pool;
        let mut pool = cx.tx.networks().lock_mac_pool(id).await?.ok_or_else(|| Refusal::no_such("MAC Pool", id))?;
        self.was = Some(pool.name.clone());
        cx.require(Permit::EditMacPool, id).await?;
        self.wish.lay_over(cx, &mut pool).await?;
        cx.tx.networks().put_mac_pool(&pool).await.map_err(|error| name_taken(error, "MAC Pool", &pool.name))?;
        cx.tx.changed(id, Change::Updated);
        cx.log(sentences::MAC_POOL_EDIT_SUCCESS.draft().with("MacPoolName", &pool.name).with("MacPoolId", id));
        Ok(())
    }

    fn failed(&self) -> Option<EventDraft> {
        let draft = sentences::MAC_POOL_EDIT_FAILED.draft().with("MacPoolName", self.was.as_deref()?);
        Some(draft.with("MacPoolId", self.pool))
    }
}
