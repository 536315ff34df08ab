//! Change a cluster.

use async_trait::async_trait;
use ferrovirt_model::catalogue::cluster_levels::ClusterLevel;
use ferrovirt_model::catalogue::cpu_types;
use ferrovirt_model::cluster::Cluster;
use ferrovirt_model::events::{EventDraft, sentences};
use ferrovirt_model::host::{HostStatus, lifecycle};
use ferrovirt_model::ids::{ClusterId, HostId};
use ferrovirt_model::permits::Permit;
use ferrovirt_model::refusal::Refusal;
use ferrovirt_store::Areas;
use ferrovirt_store::tx::Change;

use super::Wish;
use crate::action::{Action, ActionContext};
use crate::actions::named::name_taken;
use crate::failure::Result;

/// Change a cluster.
#[derive(Clone, Debug)]
pub struct Update {
    cluster: ClusterId,
    wish: Wish,
    name: Option<String>,
}

impl Update {
    /// Lays `wish` over the cluster.
    #[must_use]
    pub fn new(cluster: ClusterId, wish: Wish) -> Self {
        Self { cluster, wish, name: None }
    }
}

/// What the data centre, the hosts and the VMs forbid.
async fn fits(cx: &mut ActionContext<'_>, before: &Cluster, after: &Cluster) -> Result<()> {
    if after.settings.version != before.settings.version {
        level_fits(cx, before, after).await?;
    }
    if after.settings.cpu_type != before.settings.cpu_type {
        cpu_fits(cx, after).await?;
    }
    if after.settings.architecture != before.settings.architecture && before.settings.architecture.is_some() {
        let members = cx.tx.clusters().members(before.id).await?;
        if !members.is_empty() {
            let sentence =
                "The CPU architecture can't be changed while there are hosts, VMs or templates in the Cluster.";
            return Err(Refusal::rule(sentence).into());
        }
    }
    Ok(())
}

async fn level_fits(cx: &mut ActionContext<'_>, before: &Cluster, after: &Cluster) -> Result<()> {
    let data_center = cx.tx.data_centers().get(&[before.data_center]).await?.pop();
    if data_center.is_some_and(|data_center| after.settings.version < data_center.version) {
        let sentence = "The compatibility version of a Cluster can't be lower than that of its Data Center.";
        return Err(Refusal::rule(sentence).into());
    }
    let lower = after.settings.version < before.settings.version;
    if lower && !cx.tx.clusters().members(before.id).await?.is_empty() {
        let sentence =
            "The compatibility version can't be lowered while there are hosts, VMs or templates in the Cluster.";
        return Err(Refusal::rule(sentence).into());
    }
    Ok(())
}

/// Every up host must have what the CPU type needs; hosts that emulate CPUs have all.
async fn cpu_fits(cx: &mut ActionContext<'_>, after: &Cluster) -> Result<()> {
    let level = ClusterLevel::from(after.settings.version);
    let Some(cpu) = after.settings.cpu_type.as_deref().and_then(|name| cpu_types::named(level, name)) else {
        return Ok(());
    };
    let hosts: Vec<HostId> = cx
        .tx
        .hosts()
        .of_clusters(&[after.id])
        .await?
        .iter()
        .filter(|host| lifecycle::status(host) == HostStatus::Up)
        .map(|host| host.id)
        .collect();
    for view in cx.tx.hosts().views(&hosts).await? {
        let Some(facts) = view.facts.filter(|facts| facts.virtualization != "tcg") else { continue };
        let lacking = cpu.lacking(&facts.cpu_flags);
        if !lacking.is_empty() {
            let (host, cpu) = (view.host.name, cpu.name);
            let sentence = format!("The CPU of host {host} lacks what {cpu} needs: {}.", lacking.join(", "));
            return Err(Refusal::rule(sentence).into());
        }
    }
    Ok(())
}

#[async_trait]
impl Action for Update {
    type Output = ();

    async fn perform(&mut self, cx: &mut ActionContext<'_>) -> Result<()> {
        let id = self.cluster;
        let before = cx.tx.clusters().lock_row(id).await?.ok_or_else(|| Refusal::no_such("Cluster", id))?;
        self.name = Some(before.name.clone());
        cx.require(Permit::EditClusterConfiguration, id).await?;
        let mut after = before.clone();
        self.wish.lay_over(cx, &mut after).await?;
        fits(cx, &before, &after).await?;
        let name = after.name.clone();
        cx.tx.clusters().put(&after).await.map_err(|error| name_taken(error, "Cluster", &name))?;
        cx.tx.changed(id, Change::Updated);
        cx.log(sentences::USER_UPDATE_CLUSTER.draft().cluster(id, name));
        cx.engine.kicks().hosts.notify_one();
        Ok(())
    }

    fn failed(&self) -> Option<EventDraft> {
        Some(sentences::USER_UPDATE_CLUSTER_FAILED.draft().cluster(self.cluster, self.name.clone()?))
    }
}
