//! Storage domains, their profiles and connections, as users read them.

use std::collections::HashMap;

use ferrovirt_model::ids::{DataCenterId, DiskProfileId, StorageConnectionId, StorageDomainId};
use ferrovirt_model::refusal::Refusal;
use ferrovirt_model::search::Entity;
use ferrovirt_model::storage::{DomainStatus, StorageConnection, StorageDomain, lifecycle};
use ferrovirt_store::search::Compiled;
pub use ferrovirt_store::storage::DiskProfile;
use ferrovirt_store::tx::{Areas, Reader};
use ferrovirt_store::visibility::Seen;

use super::{only_seen, scope, the_one};
use crate::core::{Engine, now};
use crate::failure::Result;
use crate::hosts::reach;
use crate::listing::{self, ListQuery};
use crate::session::Caller;

/// A storage domain with the status that users see.
#[derive(Clone, Debug, PartialEq)]
pub struct DomainView {
    /// The domain.
    pub domain: StorageDomain,
    /// How it stands.
    pub status: DomainStatus,
}

async fn views(reader: &mut Reader, domains: Vec<StorageDomain>) -> Result<Vec<DomainView>> {
    let mut up: HashMap<DataCenterId, bool> = HashMap::new();
    let mut seen = Vec::with_capacity(domains.len());
    for domain in domains {
        let host_up = match &domain.attachment {
            None => false,
            Some(attachment) => match up.get(&attachment.data_center) {
                Some(known) => *known,
                None => {
                    let known = !reach::up_hosts(reader, attachment.data_center).await?.is_empty();
                    up.insert(attachment.data_center, known);
                    known
                }
            },
        };
        seen.push(DomainView { status: lifecycle::status(&domain, host_up), domain });
    }
    Ok(seen)
}

impl Engine {
    /// Storage domains by search.
    ///
    /// # Errors
    /// A refusal for a search that can't be read; trouble with the store.
    pub async fn list_storage_domains(&self, caller: &Caller, query: &ListQuery) -> Result<Vec<DomainView>> {
        let search = listing::compile(Entity::StorageDomain, query, now())?;
        let scope = scope(caller, Seen::StorageDomain);
        let mut reader = self.store().read().await?;
        let found = reader.storage().list(&search, scope.as_deref()).await?;
        views(&mut reader, found).await
    }

    /// Storage domains by id, in no order; those that the caller may not know of are left out.
    ///
    /// # Errors
    /// Trouble with the store.
    pub async fn storage_domains(&self, caller: &Caller, ids: &[StorageDomainId]) -> Result<Vec<DomainView>> {
        let mut reader = self.store().read().await?;
        let found = reader.storage().get(ids).await?;
        let found = only_seen(&mut reader, caller, Seen::StorageDomain, found, |one| one.id).await?;
        views(&mut reader, found).await
    }

    /// A storage domain.
    ///
    /// # Errors
    /// [`Refusal::NoSuchObject`], or trouble with the store.
    pub async fn storage_domain(&self, caller: &Caller, id: StorageDomainId) -> Result<DomainView> {
        the_one(self.storage_domains(caller, &[id]).await?, "StorageDomain", id)
    }

    /// The storage domains of data centres, by name.
    ///
    /// # Errors
    /// Trouble with the store.
    pub async fn attached_storage_domains(&self, caller: &Caller, of: &[DataCenterId]) -> Result<Vec<DomainView>> {
        let mut reader = self.store().read().await?;
        let found = reader.storage().of_data_centers(of).await?;
        let found = only_seen(&mut reader, caller, Seen::StorageDomain, found, |one| one.id).await?;
        views(&mut reader, found).await
    }

    /// A storage domain of one data centre.
    ///
    /// # Errors
    /// [`Refusal::NoSuchObject`] where it is not there or belongs to another.
    pub async fn attached_storage_domain(
        &self,
        caller: &Caller,
        data_center: DataCenterId,
        id: StorageDomainId,
    ) -> Result<DomainView> {
        let view = self.storage_domain(caller, id).await?;
        match &view.domain.attachment {
            Some(attachment) if attachment.data_center == data_center => Ok(view),
            _ => Err(Refusal::no_such("StorageDomain", id).into()),
        }
    }

    /// The disk profiles of a domain, or all that the caller may know of, by name.
    ///
    /// # Errors
    /// Trouble with the store.
    pub async fn disk_profiles(&self, caller: &Caller, of: Option<StorageDomainId>) -> Result<Vec<DiskProfile>> {
        let mut reader = self.store().read().await?;
        let found = reader.storage().disk_profiles(of).await?;
        only_seen(&mut reader, caller, Seen::StorageDomain, found, |one| one.domain).await
    }

    /// A disk profile.
    ///
    /// # Errors
    /// [`Refusal::NoSuchObject`], or trouble with the store.
    pub async fn disk_profile(&self, caller: &Caller, id: DiskProfileId) -> Result<DiskProfile> {
        let all = self.disk_profiles(caller, None).await?;
        the_one(all.into_iter().filter(|profile| profile.id == id).collect(), "DiskProfile", id)
    }

    /// Every way to storage that some domain uses.
    ///
    /// # Errors
    /// Trouble with the store.
    pub async fn storage_connections(&self, caller: &Caller) -> Result<Vec<StorageConnection>> {
        let mut reader = self.store().read().await?;
        let scope = scope(caller, Seen::StorageDomain);
        let domains = reader.storage().list(&Compiled::default(), scope.as_deref()).await?;
        Ok(domains.into_iter().map(|domain| domain.connection).collect())
    }

    /// One way to storage.
    ///
    /// # Errors
    /// [`Refusal::NoSuchObject`], or trouble with the store.
    pub async fn storage_connection(&self, caller: &Caller, id: StorageConnectionId) -> Result<StorageConnection> {
        let all = self.storage_connections(caller).await?;
        the_one(all.into_iter().filter(|one| one.id == id).collect(), "StorageConnection", id)
    }
}
