//! Remove a disk.

use async_trait::async_trait;
use ferrovirt_model::events::{EventDraft, sentences};
use ferrovirt_model::ids::{DiskId, JobId, StorageDomainId, VmId};
use ferrovirt_model::permits::Permit;
use ferrovirt_model::refusal::Refusal;
use ferrovirt_model::storage::{Disk, DiskState, lifecycle};
use ferrovirt_store::Areas;
use ferrovirt_store::tx::Change;
use uuid::Uuid;

use crate::action::{Action, ActionContext};
use crate::failure::Result;
use crate::hosts::reach;
use crate::jobs::remove_disk::RemoveDisk;

/// Remove a disk.
#[derive(Clone, Debug)]
pub struct Remove {
    /// The disk.
    pub disk: DiskId,
    alias: Option<String>,
    domain: Option<(StorageDomainId, String)>,
}

impl Remove {
    /// Removes `disk`.
    #[must_use]
    pub fn new(disk: DiskId) -> Self {
        Self { disk, alias: None, domain: None }
    }
}

#[async_trait]
impl Action for Remove {
    type Output = ();

    async fn perform(&mut self, cx: &mut ActionContext<'_>) -> Result<()> {
        let disk = reach::disk(&mut cx.tx, self.disk).await?;
        let place = reach::place(&mut cx.tx, &disk).await?;
        cx.tx.storage().lock_row(place.domain.id).await?;
        let disk = cx.tx.disks().lock_row(self.disk).await?.ok_or_else(|| Refusal::no_such("Disk", self.disk))?;
        self.alias = Some(disk.alias.clone());
        self.domain = Some((place.domain.id, place.domain.name.clone()));
        cx.require(Permit::DeleteDisk, self.disk).await?;
        let host_up = reach::some_host_up(&mut cx.tx, &place.domain).await?;
        lifecycle::may(&place.domain, host_up, lifecycle::Ask::Use)?;
        check_unused(cx, &disk).await?;
        begin(cx, &disk).await?;
        let draft = sentences::USER_REMOVE_DISK_INITIATED.draft().disk(&disk.alias);
        cx.log(draft.storage_domain(place.domain.id, place.domain.name));
        Ok(())
    }

    fn failed(&self) -> Option<EventDraft> {
        let draft = sentences::USER_FINISHED_FAILED_REMOVE_DISK.draft().disk(self.alias.as_ref()?);
        let (id, name) = self.domain.clone()?;
        Some(draft.storage_domain(id, name))
    }
}

/// Locks a disk whose row the transaction holds, and begins the job that removes it. For actions that remove disks with
/// something else, too; they check who uses it.
///
/// # Errors
/// [`Refusal::Locked`].
pub async fn begin(cx: &mut ActionContext<'_>, disk: &Disk) -> Result<()> {
    lifecycle::may_touch(disk, false)?;
    let job = JobId(Uuid::new_v4());
    cx.tx.disks().set_state(disk.id, DiskState::Locked, Some(job)).await?;
    let work = RemoveDisk::new(disk.id, disk.state);
    cx.begin_as(job, &work, format!("Removing disk {}", disk.alias), vec![disk.id.into()]).await?;
    cx.tx.changed(disk.id, Change::Updated);
    Ok(())
}

async fn check_unused(cx: &mut ActionContext<'_>, disk: &Disk) -> Result<()> {
    let in_use = |users: String| Refusal::InUse { what: "Disk", name: disk.alias.clone(), users };
    let attachments = cx.tx.vms().attachments_of_disks(&[disk.id]).await?;
    let vms: Vec<VmId> = attachments.iter().filter(|one| one.active).map(|one| one.vm).collect();
    let running = cx.tx.vms().views(&vms).await?.into_iter().find(|view| view.run.is_some());
    if let Some(view) = running {
        return Err(in_use(format!("running virtual machine {}", view.vm.name)).into());
    }
    if let Some(template) = cx.tx.disks().templates_of(&[disk.id]).await?.first() {
        let name = cx.tx.templates().get(&[template.template]).await?.pop().map(|one| one.name).unwrap_or_default();
        return Err(in_use(format!("template {name}")).into());
    }
    let drives = cx.tx.vms().users_of_cd(disk.id).await?;
    if !drives.is_empty() {
        return Err(in_use(format!("the CD drives of {}", drives.join(", "))).into());
    }
    let layers = cx.tx.disks().standing_on(disk.id).await?;
    if !layers.is_empty() {
        return Err(in_use(format!("disks that stand on it: {}", layers.join(", "))).into());
    }
    Ok(())
}
