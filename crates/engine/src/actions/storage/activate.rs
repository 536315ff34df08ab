//! Take a storage domain that was set aside into use again.

use async_trait::async_trait;
use ferrovirt_model::events::{EventDraft, sentences};
use ferrovirt_model::ids::{JobId, StorageDomainId};
use ferrovirt_model::permits::Permit;
use ferrovirt_model::refusal::Refusal;
use ferrovirt_model::storage::lifecycle::{self, Ask};
use ferrovirt_model::storage::{DomainAttachment, DomainIntent};
use ferrovirt_store::Areas;
use ferrovirt_store::tx::Change;
use uuid::Uuid;

use crate::action::{Action, ActionContext};
use crate::failure::Result;
use crate::hosts::reach;
use crate::jobs::activate_storage_domain::ActivateStorageDomain;

/// Activate a domain.
#[derive(Clone, Debug)]
pub struct Activate {
    /// The domain.
    pub domain: StorageDomainId,
    name: Option<String>,
    place: String,
}

impl Activate {
    /// Activates `domain` where it is attached.
    #[must_use]
    pub fn new(domain: StorageDomainId) -> Self {
        Self { domain, name: None, place: String::new() }
    }
}

#[async_trait]
impl Action for Activate {
    type Output = ();

    async fn perform(&mut self, cx: &mut ActionContext<'_>) -> Result<()> {
        let (domain, host_up) = super::locked(cx, self.domain).await?;
        self.name = Some(domain.name.clone());
        self.place = super::place_name(cx, &domain).await?;
        cx.require(Permit::ManipulateStorageDomain, self.domain).await?;
        lifecycle::may(&domain, host_up, Ask::Activate)?;
        let attachment = domain.attachment.clone().ok_or_else(|| Refusal::no_such("StorageDomain", self.domain))?;
        if reach::up_hosts(&mut cx.tx, attachment.data_center).await?.is_empty() {
            return Err(Refusal::NoActiveHost.into());
        }
        let job = JobId(Uuid::new_v4());
        let place = attachment.data_center;
        let activating = DomainAttachment { intent: DomainIntent::Activating, ..attachment };
        cx.tx.storage().set_attachment(self.domain, Some(&activating), Some(job)).await?;
        let work = ActivateStorageDomain::new(self.domain, place, false);
        let description = format!("Activating storage domain {}", domain.name);
        cx.begin_as(job, &work, description, vec![self.domain.into(), place.into()]).await?;
        cx.tx.changed(self.domain, Change::Updated);
        cx.job_tells();
        Ok(())
    }

    fn failed(&self) -> Option<EventDraft> {
        let draft = sentences::USER_ACTIVATE_STORAGE_DOMAIN_FAILED.draft().with("StoragePoolName", &self.place);
        Some(draft.storage_domain(self.domain, self.name.clone()?))
    }
}
