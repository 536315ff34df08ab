//! Remove a data centre with its networks. Clusters must be gone; storage must be detached, or is forgotten by force.

use async_trait::async_trait;
use ferrovirt_model::events::{EventDraft, sentences};
use ferrovirt_model::ids::DataCenterId;
use ferrovirt_model::permits::Permit;
use ferrovirt_model::refusal::Refusal;
use ferrovirt_model::storage::DomainIntent;
use ferrovirt_store::Areas;
use ferrovirt_store::tx::Change;

use crate::action::{Action, ActionContext};
use crate::failure::Result;

/// Remove a data centre.
#[derive(Clone, Debug)]
pub struct Remove {
    data_center: DataCenterId,
    force: bool,
    name: Option<String>,
}

impl Remove {
    /// Removes it; with `force`, storage domains in maintenance are detached in the rows, whatever stands on them.
    #[must_use]
    pub fn new(data_center: DataCenterId, force: bool) -> Self {
        Self { data_center, force, name: None }
    }

    async fn let_storage_go(&self, cx: &mut ActionContext<'_>, name: &str) -> Result<()> {
        let domains = cx.tx.storage().of_data_centers(&[self.data_center]).await?;
        let in_use: Vec<&str> = domains
            .iter()
            .filter(|domain| {
                let aside = domain.attachment.as_ref().is_some_and(|one| one.intent == DomainIntent::Maintenance);
                !self.force || !aside
            })
            .map(|domain| domain.name.as_str())
            .collect();
        if !in_use.is_empty() {
            let users = format!("the storage domains {}", in_use.join(", "));
            return Err(Refusal::InUse { what: "Data Center", name: name.to_owned(), users }.into());
        }
        for domain in &domains {
            cx.tx.storage().lock_row(domain.id).await?;
            cx.tx.storage().set_attachment(domain.id, None, None).await?;
            cx.tx.changed(domain.id, Change::Updated);
        }
        Ok(())
    }

    async fn remove_networks(&self, cx: &mut ActionContext<'_>) -> Result<()> {
        for network in cx.tx.networks().of_data_centers(&[self.data_center]).await? {
            for profile in cx.tx.networks().profiles_of_networks(&[network.id]).await? {
                cx.tx.permissions().forget(profile.id.into()).await?;
                cx.tx.changed(profile.id, Change::Removed);
            }
            cx.tx.permissions().forget(network.id.into()).await?;
            cx.tx.networks().remove(network.id).await?;
            cx.tx.changed(network.id, Change::Removed);
        }
        Ok(())
    }
}

#[async_trait]
impl Action for Remove {
    type Output = ();

    async fn perform(&mut self, cx: &mut ActionContext<'_>) -> Result<()> {
        let id = self.data_center;
        let data_center = cx.tx.data_centers().lock_row(id).await?.ok_or_else(|| Refusal::no_such("DataCenter", id))?;
        let name = data_center.name;
        self.name = Some(name.clone());
        cx.require(Permit::DeleteStoragePool, id).await?;
        let clusters = cx.tx.clusters().of_data_centers(&[id]).await?;
        if !clusters.is_empty() {
            let names: Vec<String> = clusters.into_iter().map(|cluster| cluster.name).collect();
            let users = format!("the clusters {}", names.join(", "));
            return Err(Refusal::InUse { what: "Data Center", name, users }.into());
        }
        self.let_storage_go(cx, &name).await?;
        self.remove_networks(cx).await?;
        cx.tx.permissions().forget(id.into()).await?;
        cx.tx.data_centers().remove(id).await?;
        cx.tx.changed(id, Change::Removed);
        let sentence = match self.force {
            true => sentences::USER_FORCE_REMOVE_STORAGE_POOL,
            false => sentences::USER_REMOVE_STORAGE_POOL,
        };
        cx.log(sentence.draft().data_center(id, name));
        Ok(())
    }

    fn failed(&self) -> Option<EventDraft> {
        Some(sentences::USER_REMOVE_STORAGE_POOL_FAILED.draft().data_center(self.data_center, self.name.clone()?))
    }
}
