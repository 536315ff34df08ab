//! Set a storage domain aside.

use async_trait::async_trait;
use ferrovirt_model::events::{EventDraft, sentences};
use ferrovirt_model::ids::{JobId, StorageDomainId};
use ferrovirt_model::permits::Permit;
use ferrovirt_model::refusal::Refusal;
use ferrovirt_model::storage::lifecycle::{self, Ask};
use ferrovirt_model::storage::{DomainAttachment, DomainIntent, StorageDomain};
use ferrovirt_store::Areas;
use ferrovirt_store::tx::Change;
use uuid::Uuid;

use crate::action::{Action, ActionContext};
use crate::failure::Result;
use crate::jobs::deactivate_storage_domain::DeactivateStorageDomain;

/// Deactivate a domain.
#[derive(Clone, Debug)]
pub struct Deactivate {
    /// The domain.
    pub domain: StorageDomainId,
    name: Option<String>,
    place: String,
}

impl Deactivate {
    /// Sets `domain` aside.
    #[must_use]
    pub fn new(domain: StorageDomainId) -> Self {
        Self { domain, name: None, place: String::new() }
    }
}

#[async_trait]
impl Action for Deactivate {
    type Output = ();

    async fn perform(&mut self, cx: &mut ActionContext<'_>) -> Result<()> {
        let (domain, host_up) = super::locked(cx, self.domain).await?;
        self.name = Some(domain.name.clone());
        self.place = super::place_name(cx, &domain).await?;
        cx.require(Permit::ManipulateStorageDomain, self.domain).await?;
        lifecycle::may(&domain, host_up, Ask::Deactivate)?;
        let attachment = domain.attachment.clone().ok_or_else(|| Refusal::no_such("StorageDomain", self.domain))?;
        check_unused(cx, &domain).await?;
        let job = JobId(Uuid::new_v4());
        let place = attachment.data_center;
        let leaving = DomainAttachment { intent: DomainIntent::PreparingForMaintenance, ..attachment };
        cx.tx.storage().set_attachment(self.domain, Some(&leaving), Some(job)).await?;
        let work = DeactivateStorageDomain::new(self.domain, place);
        let description = format!("Deactivating storage domain {}", domain.name);
        cx.begin_as(job, &work, description, vec![self.domain.into(), place.into()]).await?;
        cx.tx.changed(self.domain, Change::Updated);
        let name = cx.tx.data_centers().get(&[place]).await?.pop().map(|place| place.name).unwrap_or_default();
        let draft = sentences::USER_DEACTIVATED_STORAGE_DOMAIN.draft();
        cx.log(draft.storage_domain(self.domain, domain.name).data_center(place, name));
        Ok(())
    }

    fn failed(&self) -> Option<EventDraft> {
        let draft = sentences::USER_DEACTIVATE_STORAGE_DOMAIN_FAILED.draft().with("StoragePoolName", &self.place);
        Some(draft.storage_domain(self.domain, self.name.clone()?))
    }
}

/// Nothing runs from it and no job works on its disks.
async fn check_unused(cx: &mut ActionContext<'_>, domain: &StorageDomain) -> Result<()> {
    let users = cx.tx.storage().running_users(domain.id).await?;
    if !users.is_empty() {
        let users = format!("running virtual machines: {}", users.join(", "));
        return Err(Refusal::InUse { what: "Storage Domain", name: domain.name.clone(), users }.into());
    }
    let disks = cx.tx.disks().on_domain(domain.id).await?;
    if let Some(disk) = disks.into_iter().find(|disk| disk.lock.is_some()) {
        return Err(Refusal::Locked { what: "Disk", name: disk.alias }.into());
    }
    Ok(())
}
