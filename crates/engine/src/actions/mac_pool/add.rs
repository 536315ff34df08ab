//! Add a pool of MAC addresses.

use async_trait::async_trait;
use ferrovirt_model::events::{EventDraft, sentences};
use ferrovirt_model::ids::{MacPoolId, ObjectRef};
use ferrovirt_model::network::MacPool;
use ferrovirt_model::permits::Permit;
use ferrovirt_model::refusal::Refusal;
use ferrovirt_store::Areas;
use ferrovirt_store::tx::Change;
use uuid::Uuid;

use super::Wish;
use crate::action::{Action, ActionContext};
use crate::actions::named::name_taken;
use crate::failure::Result;

/// Add a pool.
#[derive(Clone, Debug)]
pub struct Add {
    wish: Wish,
}

impl Add {
    /// Adds a pool; name and ranges are needed.
    #[must_use]
    pub fn new(wish: Wish) -> Self {
        Self { wish }
    }
}

#[async_trait]
impl Action for Add {
    type Output = MacPoolId;

    async fn perform(&mut self, cx: &mut ActionContext<'_>) -> Result<MacPoolId> {
        cx.require(Permit::CreateMacPool, ObjectRef::SYSTEM).await?;
        let name = self.wish.name.clone().ok_or(Refusal::Missing { entity: "MacPool", field: "name" })?;
        let mut pool = MacPool {
            id: MacPoolId(Uuid::new_v4()),
            name: name.clone(),
            description: String::new(),
            allow_duplicates: false,
            default: false,
            ranges: Vec::new(),
        };
        self.wish.lay_over(cx, &mut pool).await?;
        cx.tx.networks().put_mac_pool(&pool).await.map_err(|error| name_taken(error, "MAC Pool", &name))?;
        cx.tx.changed(pool.id, Change::Created);
        cx.log(sentences::MAC_POOL_ADD_SUCCESS.draft().with("MacPoolName", &name).with("MacPoolId", pool.id));
        Ok(pool.id)
    }

    fn failed(&self) -> Option<EventDraft> {
        Some(sentences::MAC_POOL_ADD_FAILED.draft().with("MacPoolName", self.wish.name.as_deref()?))
    }
}
