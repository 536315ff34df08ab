//! Networks, vNIC profiles and MAC pools, as users read them.

use ferrovirt_model::ids::{DataCenterId, MacPoolId, NetworkId, VnicProfileId};
use ferrovirt_model::network::{MacPool, Network, VnicProfile};
use ferrovirt_model::permits::Permit;
use ferrovirt_model::refusal::Refusal;
use ferrovirt_model::search::Entity;
use ferrovirt_store::Areas;
use ferrovirt_store::visibility::Seen;

use super::{only_seen, scope, the_one};
use crate::core::{Engine, now};
use crate::failure::Result;
use crate::listing::{self, ListQuery};
use crate::session::Caller;

impl Engine {
    /// Networks by search.
    ///
    /// # Errors
    /// A refusal for a search that can't be read; trouble with the store.
    pub async fn list_networks(&self, caller: &Caller, query: &ListQuery) -> Result<Vec<Network>> {
        let search = listing::compile(Entity::Network, query, now())?;
        let scope = scope(caller, Seen::Network);
        Ok(self.store().read().await?.networks().list(&search, scope.as_deref()).await?)
    }

    /// Networks by id, in no order; those that the caller may not know of are left out.
    ///
    /// # Errors
    /// Trouble with the store.
    pub async fn networks(&self, caller: &Caller, ids: &[NetworkId]) -> Result<Vec<Network>> {
        let mut reader = self.store().read().await?;
        let found = reader.networks().get(ids).await?;
        only_seen(&mut reader, caller, Seen::Network, found, |one| one.id).await
    }

    /// A network.
    ///
    /// # Errors
    /// [`Refusal::NoSuchObject`], or trouble with the store.
    pub async fn network(&self, caller: &Caller, id: NetworkId) -> Result<Network> {
        the_one(self.networks(caller, &[id]).await?, "Network", id)
    }

    /// The networks of data centres, by name.
    ///
    /// # Errors
    /// Trouble with the store.
    pub async fn networks_of_data_centers(&self, caller: &Caller, ids: &[DataCenterId]) -> Result<Vec<Network>> {
        let mut reader = self.store().read().await?;
        let found = reader.networks().of_data_centers(ids).await?;
        only_seen(&mut reader, caller, Seen::Network, found, |one| one.id).await
    }

    /// Every vNIC profile, by name.
    ///
    /// # Errors
    /// Trouble with the store.
    pub async fn vnic_profiles(&self, caller: &Caller) -> Result<Vec<VnicProfile>> {
        let mut reader = self.store().read().await?;
        let found = reader.networks().profiles_of(None).await?;
        only_seen(&mut reader, caller, Seen::VnicProfile, found, |one| one.id).await
    }

    /// The vNIC profiles of networks, by name.
    ///
    /// # Errors
    /// Trouble with the store.
    pub async fn vnic_profiles_of(&self, caller: &Caller, networks: &[NetworkId]) -> Result<Vec<VnicProfile>> {
        let mut reader = self.store().read().await?;
        let found = reader.networks().profiles_of_networks(networks).await?;
        only_seen(&mut reader, caller, Seen::VnicProfile, found, |one| one.id).await
    }

    /// vNIC profiles by id, in no order; those that the caller may not know of are left out.
    ///
    /// # Errors
    /// Trouble with the store.
    pub async fn vnic_profiles_by_id(&self, caller: &Caller, ids: &[VnicProfileId]) -> Result<Vec<VnicProfile>> {
        let mut reader = self.store().read().await?;
        let found = reader.networks().profiles(ids).await?;
        only_seen(&mut reader, caller, Seen::VnicProfile, found, |one| one.id).await
    }

    /// A vNIC profile.
    ///
    /// # Errors
    /// [`Refusal::NoSuchObject`], or trouble with the store.
    pub async fn vnic_profile(&self, caller: &Caller, id: VnicProfileId) -> Result<VnicProfile> {
        let mut reader = self.store().read().await?;
        let found = reader.networks().profiles(&[id]).await?;
        the_one(only_seen(&mut reader, caller, Seen::VnicProfile, found, |one| one.id).await?, "VnicProfile", id)
    }

    /// Every MAC pool, by name. They are the administrators' business.
    ///
    /// # Errors
    /// [`Refusal::NotAuthorized`] for others; trouble with the store.
    pub async fn mac_pools(&self, caller: &Caller) -> Result<Vec<MacPool>> {
        if !caller.session.administrator {
            return Err(Refusal::NotAuthorized { permit: Permit::ConfigureMacPool.name() }.into());
        }
        Ok(self.store().read().await?.networks().mac_pools().await?)
    }

    /// A MAC pool.
    ///
    /// # Errors
    /// [`Refusal::NoSuchObject`]; otherwise as [`Engine::mac_pools`].
    pub async fn mac_pool(&self, caller: &Caller, id: MacPoolId) -> Result<MacPool> {
        let mut found = self.mac_pools(caller).await?;
        found.retain(|pool| pool.id == id);
        the_one(found, "MacPool", id)
    }
}
