//! Take a storage domain out of its data centre. Nothing is done on hosts: they let it go when it was set aside.

use async_trait::async_trait;
use ferrovirt_model::events::{EventDraft, sentences};
use ferrovirt_model::ids::{DataCenterId, StorageDomainId};
use ferrovirt_model::permits::Permit;
use ferrovirt_model::refusal::Refusal;
use ferrovirt_model::storage::lifecycle::{self, Ask};
use ferrovirt_model::storage::{DomainAttachment, DomainClass};
use ferrovirt_store::Areas;
use ferrovirt_store::tx::Change;

use crate::action::{Action, ActionContext};
use crate::failure::Result;

/// Detach a domain.
#[derive(Clone, Debug)]
pub struct Detach {
    /// The domain.
    pub domain: StorageDomainId,
    name: Option<String>,
}

impl Detach {
    /// Detaches `domain`.
    #[must_use]
    pub fn new(domain: StorageDomainId) -> Self {
        Self { domain, name: None }
    }
}

#[async_trait]
impl Action for Detach {
    type Output = ();

    async fn perform(&mut self, cx: &mut ActionContext<'_>) -> Result<()> {
        let (domain, host_up) = super::locked(cx, self.domain).await?;
        self.name = Some(domain.name.clone());
        cx.require(Permit::ManipulateStorageDomain, self.domain).await?;
        lifecycle::may(&domain, host_up, Ask::Detach)?;
        let attachment = domain.attachment.ok_or_else(|| Refusal::no_such("StorageDomain", self.domain))?;
        let disks: Vec<String> =
            cx.tx.disks().on_domain(self.domain).await?.into_iter().map(|disk| disk.alias).collect();
        if !disks.is_empty() {
            // What lies on a detached domain could not be found again: its disks are known to this engine alone.
            let users = format!("disks: {}", disks.join(", "));
            return Err(Refusal::InUse { what: "Storage Domain", name: domain.name, users }.into());
        }
        cx.tx.storage().set_attachment(self.domain, None, None).await?;
        cx.tx.storage().forget_views(self.domain).await?;
        if attachment.master {
            pass_on(cx, attachment.data_center, self.domain).await?;
        }
        cx.tx.changed(self.domain, Change::Updated);
        cx.tx.changed(attachment.data_center, Change::Updated);
        let place = cx.tx.data_centers().get(&[attachment.data_center]).await?.pop();
        let draft = sentences::USER_DETACH_STORAGE_DOMAIN_FROM_POOL.draft().storage_domain(self.domain, domain.name);
        cx.log(place.into_iter().fold(draft, |draft, place| draft.data_center(place.id, place.name)));
        Ok(())
    }

    fn failed(&self) -> Option<EventDraft> {
        let draft = sentences::USER_DETACH_STORAGE_DOMAIN_FROM_POOL_FAILED.draft();
        Some(draft.storage_domain(self.domain, self.name.clone()?))
    }
}

/// Clients expect one data domain of a data centre to be called its master.
async fn pass_on(cx: &mut ActionContext<'_>, place: DataCenterId, from: StorageDomainId) -> Result<()> {
    let domains = cx.tx.storage().of_data_centers(&[place]).await?;
    let heir = domains.into_iter().find(|domain| domain.id != from && domain.class == DomainClass::Data);
    if let Some(heir) = heir
        && let Some(attachment) = heir.attachment
    {
        let attachment = DomainAttachment { master: true, ..attachment };
        cx.tx.storage().set_attachment(heir.id, Some(&attachment), heir.lock).await?;
        cx.tx.changed(heir.id, Change::Updated);
    }
    Ok(())
}
