//! Remove a cluster that nothing lies in.

use async_trait::async_trait;
use ferrovirt_model::events::{EventDraft, sentences};
use ferrovirt_model::ids::ClusterId;
use ferrovirt_model::permits::Permit;
use ferrovirt_model::refusal::Refusal;
use ferrovirt_store::Areas;
use ferrovirt_store::tx::Change;

use crate::action::{Action, ActionContext};
use crate::failure::Result;

/// Remove a cluster.
#[derive(Clone, Debug)]
pub struct Remove {
    cluster: ClusterId,
    name: Option<String>,
}

impl Remove {
    /// Removes `cluster`.
    #[must_use]
    pub fn new(cluster: ClusterId) -> Self {
        Self { cluster, name: None }
    }
}

#[async_trait]
impl Action for Remove {
    type Output = ();

    async fn perform(&mut self, cx: &mut ActionContext<'_>) -> Result<()> {
        let id = self.cluster;
        let cluster = cx.tx.clusters().lock_row(id).await?.ok_or_else(|| Refusal::no_such("Cluster", id))?;
        let name = cluster.name;
        self.name = Some(name.clone());
        cx.require(Permit::DeleteCluster, id).await?;
        let members = cx.tx.clusters().members(id).await?;
        if !members.is_empty() {
            let named: Vec<String> = members.iter().map(|(kind, member)| format!("{kind} {member}")).collect();
            return Err(Refusal::InUse { what: "Cluster", name, users: named.join(", ") }.into());
        }
        for profile in cx.tx.clusters().cpu_profiles(&[id]).await? {
            cx.tx.permissions().forget(profile.id.into()).await?;
        }
        cx.tx.permissions().forget(id.into()).await?;
        cx.tx.clusters().remove(id).await?;
        cx.tx.changed(id, Change::Removed);
        cx.log(sentences::USER_REMOVE_CLUSTER.draft().cluster(id, name));
        Ok(())
    }

    fn failed(&self) -> Option<EventDraft> {
        Some(sentences::USER_REMOVE_CLUSTER_FAILED.draft().cluster(self.cluster, self.name.clone()?))
    }
}
