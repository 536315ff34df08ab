//! Take a storage domain into use on every host of its data centre: after it was attached, or out of maintenance.
//!
//! ```text
//!  Use (every up host) ─▶ Tell ─▶ done
//!      undo: every host lets it go ─▶ unattached, or maintenance as before
//! ```

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
pub struct ActivateStorageDomain {
    /// The domain.
    pub domain: StorageDomainId,
    /// Where it belongs.
    pub data_center: DataCenterId,
    /// It is attached by this, not only activated.
    pub attaching: bool,
    /// Where it stands.
    pub stage: Stage,
}

/// The steps.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Stage {
    /// Hosts take it into use.
    Use,
    /// It is in use: the log and the monitor of storage hear of it.
    Tell,
}

impl ActivateStorageDomain {
    /// From the beginning.
    #[must_use]
    pub fn new(domain: StorageDomainId, data_center: DataCenterId, attaching: bool) -> Self {
        Self { domain, data_center, attaching, stage: Stage::Use }
    }

    async fn tell(&self, cx: &mut JobContext<'_>, domain: &StorageDomain, sentence: EventSentence) -> Result<()> {
        let place = cx.tx().await?.data_centers().get(&[self.data_center]).await?.pop();
        let draft = sentence.draft().storage_domain(domain.id, domain.name.clone());
        let draft = place.into_iter().fold(draft, |draft, place| draft.data_center(place.id, place.name));
        cx.log(draft).await
    }

    /// Writes how the domain stands, and releases it.
    async fn settle(
        &self,
        cx: &mut JobContext<'_>,
        domain: &StorageDomain,
        to: Option<DomainAttachment>,
    ) -> Result<()> {
        let tx = cx.tx().await?;
        tx.storage().set_attachment(domain.id, to.as_ref(), None).await?;
        tx.changed(domain.id, Change::Updated);
        tx.changed(self.data_center, Change::Updated);
        Ok(())
    }

    async fn back(&self, cx: &mut JobContext<'_>, domain: &StorageDomain) -> Result<()> {
        cx.tx().await?.storage().forget_views(domain.id).await?;
        let before = domain.attachment.clone().filter(|_| !self.attaching);
        let before = before.map(|was| DomainAttachment { intent: DomainIntent::Maintenance, ready: false, ..was });
        self.settle(cx, domain, before).await?;
        let failed = match self.attaching {
            true => sentences::USER_ATTACH_STORAGE_DOMAIN_TO_POOL_FAILED,
            false => sentences::USER_ACTIVATE_STORAGE_DOMAIN_FAILED,
        };
        self.tell(cx, domain, failed).await
    }
}

#[async_trait]
impl Job for ActivateStorageDomain {
    const KIND: &'static str = "activate_storage_domain";
    const DEADLINE: Duration = Duration::from_secs(300);

    fn step(&self) -> (&'static str, String) {
        match self.stage {
            Stage::Use => ("use", "Taking the storage domain into use on every host".to_owned()),
            Stage::Tell => ("tell", "Finishing".to_owned()),
        }
    }

    async fn forward(self, cx: &mut JobContext<'_>) -> Result<Turn<Self>> {
        let domain = domain_hosts::domain(cx, self.domain).await?;
        let domain = domain.ok_or_else(|| Refusal::no_such("Storage Domain", self.domain))?;
        match self.stage {
            Stage::Use => {
                domain_hosts::activate(cx, &domain, self.data_center).await?;
                let attachment = domain.attachment.clone();
                let active =
                    attachment.map(|was| DomainAttachment { intent: DomainIntent::Active, ready: true, ..was });
                self.settle(cx, &domain, active).await?;
                Ok(Turn::Next(Self { stage: Stage::Tell, ..self }))
            }
            Stage::Tell => {
                if self.attaching {
                    self.tell(cx, &domain, sentences::USER_ATTACH_STORAGE_DOMAIN_TO_POOL).await?;
                }
                self.tell(cx, &domain, sentences::USER_ACTIVATED_STORAGE_DOMAIN).await?;
                cx.engine.kicks().storage.notify_one();
                Ok(Turn::Done)
            }
        }
    }

    async fn unwind(self, cx: &mut JobContext<'_>) -> Result<Turn<Self>> {
        if self.stage == Stage::Tell {
            // It is in use; only the story of it was not told in time.
            return Ok(Turn::Done);
        }
        let Some(domain) = domain_hosts::domain(cx, self.domain).await? else { return Ok(Turn::Done) };
        domain_hosts::let_go(cx, &domain, self.data_center).await?;
        self.back(cx, &domain).await?;
        Ok(Turn::Done)
    }

    async fn give_up(self, cx: &mut JobContext<'_>) -> Result<()> {
        let Some(domain) = domain_hosts::domain(cx, self.domain).await? else { return Ok(()) };
        match self.stage {
            Stage::Use => self.back(cx, &domain).await,
            Stage::Tell => Ok(()),
        }
    }
}
