//! Erase a storage domain from its storage and forget it. Its row is locked by this job until it is gone.

use std::time::Duration;

use async_trait::async_trait;
use ferrovirt_model::events::sentences;
use ferrovirt_model::ids::{HostId, StorageDomainId};
use ferrovirt_store::Areas;
use ferrovirt_store::tx::Change;
use serde::{Deserialize, Serialize};

use super::{Job, JobContext, Turn, domain_hosts};
use crate::failure::Result;
use crate::hosts::{WORK, reach, within};

/// The job.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct RemoveStorageDomain {
    /// The domain.
    pub domain: StorageDomainId,
    /// The host that erases it.
    pub host: HostId,
}

impl RemoveStorageDomain {
    async fn keep(&self, cx: &mut JobContext<'_>) -> Result<()> {
        let Some(domain) = domain_hosts::domain(cx, self.domain).await? else { return Ok(()) };
        let tx = cx.tx().await?;
        tx.storage().set_attachment(domain.id, domain.attachment.as_ref(), None).await?;
        tx.changed(domain.id, Change::Updated);
        cx.log(sentences::USER_REMOVE_STORAGE_DOMAIN_FAILED.draft().storage_domain(domain.id, domain.name)).await
    }
}

#[async_trait]
impl Job for RemoveStorageDomain {
    const KIND: &'static str = "remove_storage_domain";
    const DEADLINE: Duration = Duration::from_secs(600);

    fn step(&self) -> (&'static str, String) {
        ("erase", "Erasing the storage domain".to_owned())
    }

    async fn forward(self, cx: &mut JobContext<'_>) -> Result<Turn<Self>> {
        let Some(domain) = domain_hosts::domain(cx, self.domain).await? else { return Ok(Turn::Done) };
        let request = reach::request(&domain, reach::data_center_of(&domain), cx.key());
        let door = cx.host_door(self.host).await?;
        door.heard(door.client().remove_domain(within(WORK, request)).await)?;
        cx.log(sentences::USER_REMOVE_STORAGE_DOMAIN.draft().storage_domain(domain.id, domain.name)).await?;
        let tx = cx.tx().await?;
        tx.storage().remove(domain.id).await?;
        tx.permissions().forget(domain.id.into()).await?;
        tx.changed(domain.id, Change::Removed);
        Ok(Turn::Done)
    }

    /// What was erased can't come back, but the domain can be removed again: that removes the rest.
    async fn unwind(self, cx: &mut JobContext<'_>) -> Result<Turn<Self>> {
        self.keep(cx).await?;
        Ok(Turn::Done)
    }

    async fn give_up(self, cx: &mut JobContext<'_>) -> Result<()> {
        self.keep(cx).await
    }
}
