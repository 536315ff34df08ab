//! Change a data centre.

use async_trait::async_trait;
use ferrovirt_model::catalogue::cluster_levels::ClusterLevel;
use ferrovirt_model::data_center::DataCenter;
use ferrovirt_model::events::{EventDraft, sentences};
use ferrovirt_model::ids::{ClusterId, DataCenterId};
use ferrovirt_model::permits::Permit;
use ferrovirt_model::refusal::Refusal;
use ferrovirt_store::Areas;
use ferrovirt_store::tx::Change;

use super::Wish;
use crate::action::{Action, ActionContext};
use crate::actions::named::name_taken;
use crate::failure::Result;

/// Change a data centre.
#[derive(Clone, Debug)]
pub struct Update {
    data_center: DataCenterId,
    wish: Wish,
    name: Option<String>,
}

impl Update {
    /// Lays `wish` over the data centre.
    #[must_use]
    pub fn new(data_center: DataCenterId, wish: Wish) -> Self {
        Self { data_center, wish, name: None }
    }

    /// What clusters and storage forbid.
    async fn fits(&self, cx: &mut ActionContext<'_>, before: &DataCenter, after: &DataCenter) -> Result<()> {
        let clusters = cx.tx.clusters().of_data_centers(&[before.id]).await?;
        let older: Vec<&str> = clusters
            .iter()
            .filter(|cluster| cluster.settings.version < after.version)
            .map(|cluster| cluster.name.as_str())
            .collect();
        if after.version != before.version && !older.is_empty() {
            let level = ClusterLevel::from(after.version);
            let sentence = format!(
                "Cannot update Data Center compatibility version to {level}: these clusters are of an older level: {}.",
                older.join(", ")
            );
            return Err(Refusal::rule(sentence).into());
        }
        if after.local != before.local {
            let ids: Vec<ClusterId> = clusters.iter().map(|cluster| cluster.id).collect();
            let domains = cx.tx.storage().of_data_centers(&[before.id]).await?;
            if !domains.is_empty() || !cx.tx.hosts().of_clusters(&ids).await?.is_empty() {
                let sentence = "Cannot change the storage type of a Data Center that has hosts or storage domains.";
                return Err(Refusal::rule(sentence).into());
            }
        }
        Ok(())
    }
}

#[async_trait]
impl Action for Update {
    type Output = ();

    async fn perform(&mut self, cx: &mut ActionContext<'_>) -> Result<()> {
        let id = self.data_center;
        let before = cx.tx.data_centers().lock_row(id).await?.ok_or_else(|| Refusal::no_such("DataCenter", id))?;
        self.name = Some(before.name.clone());
        cx.require(Permit::EditStoragePoolConfiguration, id).await?;
        let mut after = before.clone();
        self.wish.lay_over(cx, &mut after).await?;
        self.fits(cx, &before, &after).await?;
        let name = after.name.clone();
        cx.tx.data_centers().put(&after).await.map_err(|error| name_taken(error, "Data Center", &name))?;
        cx.tx.changed(id, Change::Updated);
        cx.log(sentences::USER_UPDATE_STORAGE_POOL.draft().data_center(id, name));
        Ok(())
    }

    fn failed(&self) -> Option<EventDraft> {
        Some(sentences::USER_UPDATE_STORAGE_POOL_FAILED.draft().data_center(self.data_center, self.name.clone()?))
    }
}
