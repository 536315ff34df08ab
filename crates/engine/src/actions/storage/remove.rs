//! Remove a storage domain: erase it, leave what it holds alone, or forget it whatever state it is in.

use async_trait::async_trait;
use ferrovirt_model::events::{EventDraft, sentences};
use ferrovirt_model::host::{Host, HostStatus, lifecycle as host_lifecycle};
use ferrovirt_model::ids::{HostId, JobId, StorageDomainId};
use ferrovirt_model::permits::Permit;
use ferrovirt_model::refusal::Refusal;
use ferrovirt_model::storage::StorageDomain;
use ferrovirt_model::storage::lifecycle::{self, Ask};
use ferrovirt_store::Areas;
use ferrovirt_store::tx::Change;
use uuid::Uuid;

use crate::action::{Action, ActionContext};
use crate::actions::named::Named;
use crate::failure::Result;
use crate::jobs::remove_storage_domain::RemoveStorageDomain;

/// What becomes of its content.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Way {
    /// It is erased from its storage.
    Format,
    /// It stays where it is; the domain must be detached.
    Keep,
    /// It stays where it is, and so do disks that can't be reached any more; the domain may be in any data centre.
    Destroy,
}

/// Remove a domain.
#[derive(Clone, Debug)]
pub struct Remove {
    /// The domain.
    pub domain: StorageDomainId,
    /// What becomes of its content.
    pub way: Way,
    /// The host that erases it; any that is up where none is named.
    pub host: Option<Named<HostId>>,
    name: Option<String>,
}

impl Remove {
    /// Removes `domain`.
    #[must_use]
    pub fn new(domain: StorageDomainId, way: Way, host: Option<Named<HostId>>) -> Self {
        Self { domain, way, host, name: None }
    }
}

#[async_trait]
impl Action for Remove {
    type Output = ();

    async fn perform(&mut self, cx: &mut ActionContext<'_>) -> Result<()> {
        let (domain, host_up) = super::locked(cx, self.domain).await?;
        self.name = Some(domain.name.clone());
        cx.require(Permit::DeleteStorageDomain, self.domain).await?;
        match self.way {
            Way::Destroy => self.destroy(cx, &domain).await,
            Way::Keep => {
                lifecycle::may(&domain, host_up, Ask::Remove)?;
                forget(cx, &domain).await?;
                cx.log(sentences::USER_REMOVE_STORAGE_DOMAIN.draft().storage_domain(self.domain, domain.name));
                Ok(())
            }
            Way::Format => {
                lifecycle::may(&domain, host_up, Ask::Remove)?;
                self.erase(cx, &domain).await
            }
        }
    }

    fn failed(&self) -> Option<EventDraft> {
        let draft = sentences::USER_REMOVE_STORAGE_DOMAIN_FAILED.draft();
        Some(draft.storage_domain(self.domain, self.name.clone()?))
    }
}

impl Remove {
    async fn erase(&self, cx: &mut ActionContext<'_>, domain: &StorageDomain) -> Result<()> {
        let host = match &self.host {
            Some(named) => super::create::host(cx, named).await?,
            None => any_up(cx).await?,
        };
        let job = JobId(Uuid::new_v4());
        cx.tx.storage().set_attachment(domain.id, None, Some(job)).await?;
        let work = RemoveStorageDomain { domain: domain.id, host: host.id };
        cx.begin_as(job, &work, format!("Removing storage domain {}", domain.name), vec![domain.id.into()]).await?;
        cx.tx.changed(domain.id, Change::Updated);
        cx.job_tells();
        Ok(())
    }

    async fn destroy(&self, cx: &mut ActionContext<'_>, domain: &StorageDomain) -> Result<()> {
        if domain.lock.is_some() {
            return Err(Refusal::Locked { what: "Storage Domain", name: domain.name.clone() }.into());
        }
        let users = cx.tx.storage().running_users(domain.id).await?;
        if !users.is_empty() {
            let users = format!("running virtual machines: {}", users.join(", "));
            return Err(Refusal::InUse { what: "Storage Domain", name: domain.name.clone(), users }.into());
        }
        let disks = cx.tx.disks().on_domain(domain.id).await?;
        if let Some(disk) = disks.iter().find(|disk| disk.lock.is_some()) {
            return Err(Refusal::Locked { what: "Disk", name: disk.alias.clone() }.into());
        }
        let ids: Vec<_> = disks.iter().map(|disk| disk.id).collect();
        if let Some(template) = cx.tx.disks().templates_of(&ids).await?.first() {
            let users = format!("template {}", template.template);
            return Err(Refusal::InUse { what: "Storage Domain", name: domain.name.clone(), users }.into());
        }
        // Layers go before what they stand on: all of them lie on this domain.
        cx.tx.disks().remove_all(&ids).await?;
        for disk in ids {
            cx.tx.permissions().forget(disk.into()).await?;
            cx.tx.changed(disk, Change::Removed);
        }
        forget(cx, domain).await?;
        cx.log(sentences::USER_FORCE_REMOVE_STORAGE_DOMAIN.draft().storage_domain(domain.id, domain.name.clone()));
        Ok(())
    }
}

async fn forget(cx: &mut ActionContext<'_>, domain: &StorageDomain) -> Result<()> {
    cx.tx.storage().remove(domain.id).await?;
    cx.tx.permissions().forget(domain.id.into()).await?;
    cx.tx.changed(domain.id, Change::Removed);
    if let Some(attachment) = &domain.attachment {
        cx.tx.changed(attachment.data_center, Change::Updated);
    }
    Ok(())
}

async fn any_up(cx: &mut ActionContext<'_>) -> Result<Host> {
    let hosts = cx.tx.hosts().all().await?;
    let up = hosts.into_iter().find(|host| host_lifecycle::status(host) == HostStatus::Up);
    Ok(up.ok_or(Refusal::NoActiveHost)?)
}
