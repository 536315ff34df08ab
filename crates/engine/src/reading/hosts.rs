//! Hosts and their NICs, as users read them.

use std::collections::HashSet;

use ferrovirt_model::ids::{ClusterId, HostId, VmId};
use ferrovirt_model::network::{HostNic, Network};
use ferrovirt_model::search::Entity;
use ferrovirt_model::vm::RunParticulars;
use ferrovirt_store::Areas;
pub use ferrovirt_store::hosts::HostView;
use ferrovirt_store::visibility::Seen;

use super::{only_seen, scope, the_one};
use crate::core::{Engine, now};
use crate::failure::Result;
use crate::listing::{self, ListQuery};
use crate::placing::{self, Terms};
use crate::session::Caller;

/// Whether a network stands as it is defined on the host that has these NICs.
#[must_use]
pub fn in_sync(nics: &[HostNic], network: &Network) -> bool {
    ferrovirt_plan::networks::in_sync(nics, network)
}

impl Engine {
    /// Hosts by search.
    ///
    /// # Errors
    /// A refusal for a search that can't be read; trouble with the store.
    pub async fn list_hosts(&self, caller: &Caller, query: &ListQuery) -> Result<Vec<HostView>> {
        let search = listing::compile(Entity::Host, query, now())?;
        let scope = scope(caller, Seen::Host);
        Ok(self.store().read().await?.hosts().list(&search, scope.as_deref()).await?)
    }

    /// Hosts by id, in no order; those that the caller may not know of are left out.
    ///
    /// # Errors
    /// Trouble with the store.
    pub async fn host_views(&self, caller: &Caller, ids: &[HostId]) -> Result<Vec<HostView>> {
        let mut reader = self.store().read().await?;
        let found = reader.hosts().views(ids).await?;
        only_seen(&mut reader, caller, Seen::Host, found, |one| one.host.id).await
    }

    /// A host.
    ///
    /// # Errors
    /// [`ferrovirt_model::refusal::Refusal::NoSuchObject`], or trouble with the store.
    pub async fn host_view(&self, caller: &Caller, id: HostId) -> Result<HostView> {
        the_one(self.host_views(caller, &[id]).await?, "Host", id)
    }

    /// The id of the host with this name, where the caller may know of it.
    ///
    /// # Errors
    /// Trouble with the store.
    pub async fn host_named(&self, caller: &Caller, name: &str) -> Result<Option<HostId>> {
        let found = self.list_hosts(caller, &ListQuery::all()).await?;
        Ok(found.into_iter().find(|one| one.host.name == name).map(|one| one.host.id))
    }

    /// The NICs of hosts, by name. The caller asks for hosts that they may know of.
    ///
    /// # Errors
    /// Trouble with the store.
    pub async fn host_nics(&self, ids: &[HostId]) -> Result<Vec<HostNic>> {
        Ok(self.store().read().await?.hosts().nics(ids).await?)
    }

    /// Ids of the hosts of a cluster.
    ///
    /// # Errors
    /// Trouble with the store.
    pub async fn hosts_of_cluster(&self, id: ClusterId) -> Result<Vec<HostId>> {
        let hosts = self.store().read().await?.hosts().of_clusters(&[id]).await?;
        Ok(hosts.into_iter().map(|host| host.id).collect())
    }

    /// The hosts to which each of these VMs may move now.
    ///
    /// # Errors
    /// [`ferrovirt_model::refusal::Refusal::NoSuchObject`] for a VM that is not there; trouble with the store.
    pub async fn migration_targets(&self, vms: &[VmId]) -> Result<HashSet<HostId>> {
        let mut common: Option<HashSet<HostId>> = None;
        for vm in vms {
            let targets = self.targets_of(*vm).await?;
            common = Some(match common {
                Some(before) => before.intersection(&targets).copied().collect(),
                None => targets,
            });
        }
        Ok(common.unwrap_or_default())
    }

    async fn targets_of(&self, vm: VmId) -> Result<HashSet<HostId>> {
        let mut reader = self.store().read().await?;
        let run = reader.vms().view(vm).await?.and_then(|view| view.run);
        let particulars = match &run {
            Some(run) => reader.vms().particulars(vm, run.generation).await?,
            None => RunParticulars::default(),
        };
        let source = run.map(|run| run.host);
        let terms = Terms { particulars, source, ..Terms::default() };
        Ok(placing::decide(&mut reader, vm, &terms).await?.fitting().into_iter().collect())
    }
}
