//! Clusters, the networks that they use and their CPU profiles, as users read them.

use std::collections::HashSet;

use ferrovirt_model::cluster::{Cluster, ClusterNetwork};
use ferrovirt_model::host::{HostStatus, lifecycle};
use ferrovirt_model::ids::{ClusterId, CpuProfileId, DataCenterId, HostId, NetworkId};
use ferrovirt_model::network::Network;
use ferrovirt_model::search::Entity;
pub use ferrovirt_store::clusters::CpuProfile;
use ferrovirt_store::visibility::Seen;
use ferrovirt_store::{Areas, Reader, clusters};

use super::{every, only_seen, scope, the_one};
use crate::core::{Engine, now};
use crate::failure::Result;
use crate::listing::{self, ListQuery};
use crate::session::Caller;

/// A network with how one cluster uses it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct UsedNetwork {
    /// The network.
    pub network: Network,
    /// How it is used.
    pub usage: ClusterNetwork,
    /// It stands on every host of the cluster that could run VMs, where it is required.
    pub operational: bool,
}

/// The required networks that do not stand on some host of their cluster that is up or would be with them.
async fn lacking(
    reader: &mut Reader,
    clusters: &[ClusterId],
    usages: &[ClusterNetwork],
) -> Result<HashSet<(ClusterId, NetworkId)>> {
    let mut hosts = reader.hosts().of_clusters(clusters).await?;
    hosts.retain(|host| matches!(lifecycle::status(host), HostStatus::Up | HostStatus::NonOperational));
    let ids: Vec<HostId> = hosts.iter().map(|host| host.id).collect();
    let nics = reader.hosts().nics(&ids).await?;
    let there: HashSet<(HostId, NetworkId)> = nics.iter().filter_map(|nic| Some((nic.host, nic.network?))).collect();
    let required = usages.iter().filter(|usage| usage.required);
    let lacks = |usage: &&ClusterNetwork| {
        let mut own = hosts.iter().filter(|host| host.cluster == usage.cluster);
        own.any(|host| !there.contains(&(host.id, usage.network)))
    };
    Ok(required.filter(lacks).map(|usage| (usage.cluster, usage.network)).collect())
}

impl Engine {
    /// Clusters by search; of one data centre alone, where it is named.
    ///
    /// # Errors
    /// A refusal for a search that can't be read; trouble with the store.
    pub async fn list_clusters(
        &self,
        caller: &Caller,
        query: &ListQuery,
        within: Option<DataCenterId>,
    ) -> Result<Vec<Cluster>> {
        let search = listing::compile(Entity::Cluster, query, now())?;
        let scope = every([scope(caller, Seen::Cluster), within.map(clusters::within)]);
        Ok(self.store().read().await?.clusters().list(&search, scope.as_deref()).await?)
    }

    /// Clusters by id, in no order; those that the caller may not know of are left out.
    ///
    /// # Errors
    /// Trouble with the store.
    pub async fn clusters(&self, caller: &Caller, ids: &[ClusterId]) -> Result<Vec<Cluster>> {
        let mut reader = self.store().read().await?;
        let found = reader.clusters().get(ids).await?;
        only_seen(&mut reader, caller, Seen::Cluster, found, |one| one.id).await
    }

    /// A cluster.
    ///
    /// # Errors
    /// [`ferrovirt_model::refusal::Refusal::NoSuchObject`], or trouble with the store.
    pub async fn cluster(&self, caller: &Caller, id: ClusterId) -> Result<Cluster> {
        the_one(self.clusters(caller, &[id]).await?, "Cluster", id)
    }

    /// The clusters of data centres.
    ///
    /// # Errors
    /// Trouble with the store.
    pub async fn clusters_of_data_centers(&self, caller: &Caller, ids: &[DataCenterId]) -> Result<Vec<Cluster>> {
        let mut reader = self.store().read().await?;
        let found = reader.clusters().of_data_centers(ids).await?;
        only_seen(&mut reader, caller, Seen::Cluster, found, |one| one.id).await
    }

    /// The networks of clusters with their use, by name.
    ///
    /// # Errors
    /// Trouble with the store.
    pub async fn cluster_networks(&self, caller: &Caller, ids: &[ClusterId]) -> Result<Vec<UsedNetwork>> {
        let mut reader = self.store().read().await?;
        let usages = reader.clusters().networks(ids).await?;
        let networks: Vec<NetworkId> = usages.iter().map(|usage| usage.network).collect();
        let found = reader.networks().get(&networks).await?;
        let networks = only_seen(&mut reader, caller, Seen::Network, found, |one| one.id).await?;
        let lacking = lacking(&mut reader, ids, &usages).await?;
        let mut used: Vec<UsedNetwork> = usages
            .into_iter()
            .filter_map(|usage| {
                let network = networks.iter().find(|network| network.id == usage.network)?.clone();
                let operational = !lacking.contains(&(usage.cluster, usage.network));
                Some(UsedNetwork { network, usage, operational })
            })
            .collect();
        used.sort_by(|one, other| one.network.name.cmp(&other.network.name));
        Ok(used)
    }

    /// One network of a cluster.
    ///
    /// # Errors
    /// [`ferrovirt_model::refusal::Refusal::NoSuchObject`] where the cluster does not use it; trouble with the store.
    pub async fn cluster_network(
        &self,
        caller: &Caller,
        cluster: ClusterId,
        network: NetworkId,
    ) -> Result<UsedNetwork> {
        self.cluster(caller, cluster).await?;
        let mut found = self.cluster_networks(caller, &[cluster]).await?;
        found.retain(|used| used.network.id == network);
        the_one(found, "Network", network)
    }

    /// The networks over which the engine speaks to hosts, by cluster.
    ///
    /// # Errors
    /// Trouble with the store.
    pub async fn management_networks(&self, ids: &[ClusterId]) -> Result<Vec<(ClusterId, NetworkId)>> {
        let usages = self.store().read().await?.clusters().networks(ids).await?;
        Ok(usages.into_iter().filter(|usage| usage.management).map(|usage| (usage.cluster, usage.network)).collect())
    }

    /// CPU profiles of clusters, or all of them.
    ///
    /// # Errors
    /// Trouble with the store.
    pub async fn cpu_profiles(&self, caller: &Caller, clusters: Option<&[ClusterId]>) -> Result<Vec<CpuProfile>> {
        let mut reader = self.store().read().await?;
        let found = match clusters {
            Some(ids) => reader.clusters().cpu_profiles(ids).await?,
            None => reader.clusters().all_cpu_profiles().await?,
        };
        only_seen(&mut reader, caller, Seen::Cluster, found, |one| one.cluster).await
    }

    /// One CPU profile.
    ///
    /// # Errors
    /// [`ferrovirt_model::refusal::Refusal::NoSuchObject`], or trouble with the store.
    pub async fn cpu_profile(&self, caller: &Caller, id: CpuProfileId) -> Result<CpuProfile> {
        let mut found = self.cpu_profiles(caller, None).await?;
        found.retain(|profile| profile.id == id);
        the_one(found, "CpuProfile", id)
    }
}
