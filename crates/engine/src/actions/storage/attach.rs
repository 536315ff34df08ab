//! Attach a storage domain to a data centre, and take it into use there.

use async_trait::async_trait;
use ferrovirt_model::data_center::DataCenter;
use ferrovirt_model::events::{EventDraft, sentences};
use ferrovirt_model::ids::{DataCenterId, JobId, StorageDomainId};
use ferrovirt_model::permits::Permit;
use ferrovirt_model::refusal::Refusal;
use ferrovirt_model::storage::lifecycle::{self, Ask};
use ferrovirt_model::storage::{DomainAttachment, DomainClass, DomainIntent, StorageDomain, StorageKind};
use ferrovirt_store::Areas;
use ferrovirt_store::tx::Change;
use uuid::Uuid;

use crate::action::{Action, ActionContext};
use crate::actions::named::Named;
use crate::failure::Result;
use crate::hosts::reach;
use crate::jobs::activate_storage_domain::ActivateStorageDomain;

/// Attach a domain.
#[derive(Clone, Debug)]
pub struct Attach {
    /// The domain.
    pub domain: Named<StorageDomainId>,
    /// Where it shall belong.
    pub data_center: DataCenterId,
    names: Option<(String, String)>,
}

impl Attach {
    /// Attaches `domain` to `data_center`.
    #[must_use]
    pub fn new(domain: Named<StorageDomainId>, data_center: DataCenterId) -> Self {
        Self { domain, data_center, names: None }
    }
}

#[async_trait]
impl Action for Attach {
    type Output = StorageDomainId;

    async fn perform(&mut self, cx: &mut ActionContext<'_>) -> Result<StorageDomainId> {
        let place = cx.tx.data_centers().lock_row(self.data_center).await?;
        let place = place.ok_or_else(|| Refusal::no_such("DataCenter", self.data_center))?;
        let id = match &self.domain {
            Named::Id(id) => *id,
            Named::Name(name) => {
                cx.tx.storage().id_by_name(name).await?.ok_or_else(|| Refusal::no_such("StorageDomain", name))?
            }
        };
        let (domain, host_up) = super::locked(cx, id).await?;
        self.names = Some((domain.name.clone(), place.name.clone()));
        cx.require(Permit::ManipulateStorageDomain, id).await?;
        cx.require(Permit::ManipulateStorageDomain, place.id).await?;
        lifecycle::may(&domain, host_up, Ask::Attach)?;
        check_kind(&domain, &place)?;
        if reach::up_hosts(&mut cx.tx, place.id).await?.is_empty() {
            return Err(Refusal::NoActiveHost.into());
        }
        let job = JobId(Uuid::new_v4());
        let attachment = DomainAttachment {
            data_center: place.id,
            intent: DomainIntent::Attaching,
            ready: false,
            master: domain.class == DomainClass::Data && !has_master(cx, place.id).await?,
        };
        cx.tx.storage().set_attachment(id, Some(&attachment), Some(job)).await?;
        let work = ActivateStorageDomain::new(id, place.id, true);
        let description = format!("Attaching storage domain {} to data centre {}", domain.name, place.name);
        cx.begin_as(job, &work, description, vec![id.into(), place.id.into()]).await?;
        cx.tx.changed(id, Change::Updated);
        cx.tx.changed(place.id, Change::Updated);
        cx.job_tells();
        Ok(id)
    }

    fn failed(&self) -> Option<EventDraft> {
        let (domain, place) = self.names.as_ref()?;
        let draft = sentences::USER_ATTACH_STORAGE_DOMAIN_TO_POOL_FAILED.draft();
        Some(draft.with("StorageDomainName", domain).with("StoragePoolName", place))
    }
}

fn check_kind(domain: &StorageDomain, place: &DataCenter) -> Result<()> {
    let local = domain.connection.kind == StorageKind::LocalFs;
    let sentence = match (local, place.local) {
        (true, false) => "A storage domain of one host can only be attached to a data centre for local storage.",
        (false, true) if domain.class == DomainClass::Data => {
            "A shared data domain can't be attached to a data centre for local storage."
        }
        _ => return Ok(()),
    };
    Err(Refusal::rule(sentence).into())
}

async fn has_master(cx: &mut ActionContext<'_>, place: DataCenterId) -> Result<bool> {
    let domains = cx.tx.storage().of_data_centers(&[place]).await?;
    Ok(domains.iter().any(|domain| domain.attachment.as_ref().is_some_and(|attachment| attachment.master)))
}
