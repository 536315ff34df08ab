//! Make a storage domain on empty storage. Its row is there already, locked by this job.

use std::time::Duration;

use async_trait::async_trait;
use ferrovirt_hostapi::CreateDomainRequest;
use ferrovirt_model::events::sentences;
use ferrovirt_model::ids::{HostId, StorageDomainId};
use ferrovirt_model::storage::StorageDomain;
use ferrovirt_plan::platform;
use ferrovirt_store::Areas;
use ferrovirt_store::tx::Change;
use serde::{Deserialize, Serialize};

use super::{Job, JobContext, Turn};
use crate::failure::{Failure, Result};
use crate::hosts::{WORK, reach, within};

/// The job.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct CreateStorageDomain {
    /// The domain.
    pub domain: StorageDomainId,
    /// The host that makes it.
    pub host: HostId,
    /// 512 or 4096 bytes.
    pub block_size: u32,
}

impl CreateStorageDomain {
    async fn domain(&self, cx: &JobContext<'_>) -> Result<Option<StorageDomain>> {
        Ok(cx.engine.store().read().await?.storage().get(&[self.domain]).await?.pop())
    }

    async fn forget(&self, cx: &mut JobContext<'_>, name: &str) -> Result<()> {
        let id = self.domain;
        let tx = cx.tx().await?;
        tx.storage().remove(id).await?;
        tx.permissions().forget(id.into()).await?;
        tx.changed(id, Change::Removed);
        cx.log(sentences::USER_ADD_STORAGE_DOMAIN_FAILED.draft().storage_domain(id, name)).await
    }
}

#[async_trait]
impl Job for CreateStorageDomain {
    const KIND: &'static str = "create_storage_domain";
    const DEADLINE: Duration = Duration::from_secs(300);

    fn step(&self) -> (&'static str, String) {
        ("create", "Making the storage domain on its storage".to_owned())
    }

    async fn forward(self, cx: &mut JobContext<'_>) -> Result<Turn<Self>> {
        let mut reader = cx.engine.store().read().await?;
        let domain = reach::domain(&mut reader, self.domain).await?;
        drop(reader);
        let request = CreateDomainRequest {
            key: Some(cx.key()),
            connection: Some(platform::connection_spec(&domain.connection)),
            domain_id: domain.id.to_string(),
            name: domain.name.clone(),
            class: domain.class.as_str().to_owned(),
            format: domain.format.clone(),
            block_size: self.block_size,
        };
        let door = cx.host_door(self.host).await?;
        let seen = door.heard(door.client().create_domain(within(WORK, request)).await)?;
        let tx = cx.tx().await?;
        tx.storage().set_space(domain.id, seen.total, seen.available).await?;
        tx.storage().set_attachment(domain.id, None, None).await?;
        tx.changed(domain.id, Change::Updated);
        cx.log(sentences::USER_ADD_STORAGE_DOMAIN.draft().storage_domain(domain.id, domain.name)).await?;
        Ok(Turn::Done)
    }

    async fn unwind(self, cx: &mut JobContext<'_>) -> Result<Turn<Self>> {
        let Some(domain) = self.domain(cx).await? else { return Ok(Turn::Done) };
        let door = cx.host_door(self.host).await?;
        let request = reach::request(&domain, reach::data_center_of(&domain), cx.key());
        match door.heard(door.client().remove_domain(within(WORK, request)).await) {
            Ok(_) => {}
            // A host that can't reach the storage has made nothing there, and one that finds something else leaves it alone.
            Err(Failure::Refused(refusal)) => {
                tracing::warn!(domain = %domain.id, %refusal, "nothing to remove of a storage domain that was not made");
            }
            Err(trouble) => return Err(trouble),
        }
        self.forget(cx, &domain.name).await?;
        Ok(Turn::Done)
    }

    async fn give_up(self, cx: &mut JobContext<'_>) -> Result<()> {
        let Some(domain) = self.domain(cx).await? else { return Ok(()) };
        self.forget(cx, &domain.name).await
    }
}
