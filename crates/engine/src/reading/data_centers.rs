//! Data centres, as users read them.

use ferrovirt_model::data_center::DataCenter;
use ferrovirt_model::ids::DataCenterId;
use ferrovirt_model::search::Entity;
use ferrovirt_store::Areas;
use ferrovirt_store::visibility::Seen;

use super::{only_seen, scope, the_one};
use crate::core::{Engine, now};
use crate::failure::Result;
use crate::listing::{self, ListQuery};
use crate::session::Caller;

impl Engine {
    /// Data centres by search.
    ///
    /// # Errors
    /// A refusal for a search that can't be read; trouble with the store.
    pub async fn list_data_centers(&self, caller: &Caller, query: &ListQuery) -> Result<Vec<DataCenter>> {
        let search = listing::compile(Entity::DataCenter, query, now())?;
        let scope = scope(caller, Seen::DataCenter);
        Ok(self.store().read().await?.data_centers().list(&search, scope.as_deref()).await?)
    }

    /// Data centres by id, in no order; those that the caller may not know of are left out.
    ///
    /// # Errors
    /// Trouble with the store.
    pub async fn data_centers(&self, caller: &Caller, ids: &[DataCenterId]) -> Result<Vec<DataCenter>> {
        let mut reader = self.store().read().await?;
        let found = reader.data_centers().get(ids).await?;
        only_seen(&mut reader, caller, Seen::DataCenter, found, |one| one.id).await
    }

    /// A data centre.
    ///
    /// # Errors
    /// [`ferrovirt_model::refusal::Refusal::NoSuchObject`], or trouble with the store.
    pub async fn data_center(&self, caller: &Caller, id: DataCenterId) -> Result<DataCenter> {
        the_one(self.data_centers(caller, &[id]).await?, "DataCenter", id)
    }
}
