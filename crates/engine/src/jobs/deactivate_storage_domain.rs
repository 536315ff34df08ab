//! Set a storage domain aside: every host lets it go.
//!
//! The undo only says that the domain is wanted again; the loop that keeps hosts in step does the rest.

use std::time::Duration;

use async_trait::async_trait;
use ferrovirt_model::events::{EventSentence, sentences};
use ferrovirt_model::ids::{DataCenterId, StorageDomainId};
use ferrovirt_model::refusal::Refusal;
use ferrovirt_model::storage::{DomainAttachment, DomainIntent, StorageDomain};
use ferrovirt_store::Areas;
use ferrovirt_store::tx::Change;
use serde::{Deserialize, Serialize};

use super::{Job, JobContext, Turn, domain_hosts};
use crate::failure::Result;

/// The job.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct DeactivateStorageDomain {
    /// The domain.
    pub domain: StorageDomainId,
    /// Where it belongs.
    pub data_center: DataCenterId,
    /// Where it stands.
    pub stage: Stage,
}

/// The steps.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Stage {
    /// Hosts let it go.
    Release,
    /// It is set aside: the log and the monitor of storage hear of it.
    Tell,
}

impl DeactivateStorageDomain {
    /// From the beginning.
    #[must_use]
    pub fn new(domain: StorageDomainId, data_center: DataCenterId) -> Self {
        Self { domain, data_center, stage: Stage::Release }
    }

    async fn tell(&self, cx: &mut JobContext<'_>, domain: &StorageDomain, sentence: EventSentence) -> Result<()> {
        let place = cx.tx().await?.data_centers().get(&[self.data_center]).await?.pop();
        let draft = sentence.draft().storage_domain(domain.id, domain.name.clone());
        let draft = place.into_iter().fold(draft, |draft, place| draft.data_center(place.id, place.name));
        cx.log(draft).await
    }

    async fn settle(&self, cx: &mut JobContext<'_>, domain: &StorageDomain, intent: DomainIntent) -> Result<()> {
        let attachment = domain.attachment.clone().map(|was| DomainAttachment { intent, ready: false, ..was });
        let tx = cx.tx().await?;
        tx.storage().forget_views(domain.id).await?;
        tx.storage().set_attachment(domain.id, attachment.as_ref(), None).await?;
        tx.changed(domain.id, Change::Updated);
        tx.changed(self.data_center, Change::Updated);
        Ok(())
    }

    async fn back(&self, cx: &mut JobContext<'_>) -> Result<()> {
        let Some(domain) = domain_hosts::domain(cx, self.domain).await? else { return Ok(()) };
        if self.stage == Stage::Release {
            self.settle(cx, &domain, DomainIntent::Active).await?;
            self.tell(cx, &domain, sentences::USER_DEACTIVATE_STORAGE_DOMAIN_FAILED).await?;
        }
        cx.engine.kicks().storage.notify_one();
        Ok(())
    }
}

#[async_trait]
impl Job for DeactivateStorageDomain {
    const KIND: &'static str = "deactivate_storage_domain";
    const DEADLINE: Duration = Duration::from_secs(300);

    fn step(&self) -> (&'static str, String) {
        match self.stage {
            Stage::Release => ("release", "Every host lets the storage domain go".to_owned()),
            Stage::Tell => ("tell", "Finishing".to_owned()),
        }
    }

    async fn forward(self, cx: &mut JobContext<'_>) -> Result<Turn<Self>> {
        let domain = domain_hosts::domain(cx, self.domain).await?;
        let domain = domain.ok_or_else(|| Refusal::no_such("Storage Domain", self.domain))?;
        match self.stage {
            Stage::Release => {
                domain_hosts::deactivate(cx, &domain, self.data_center).await?;
                self.settle(cx, &domain, DomainIntent::Maintenance).await?;
                Ok(Turn::Next(Self { stage: Stage::Tell, ..self }))
            }
            Stage::Tell => {
                self.tell(cx, &domain, sentences::STORAGE_DOMAIN_MOVED_TO_MAINTENANCE).await?;
                cx.engine.kicks().storage.notify_one();
                Ok(Turn::Done)
            }
        }
    }

    async fn unwind(self, cx: &mut JobContext<'_>) -> Result<Turn<Self>> {
        self.back(cx).await?;
        Ok(Turn::Done)
    }

    async fn give_up(self, cx: &mut JobContext<'_>) -> Result<()> {
        self.back(cx).await
    }
}
