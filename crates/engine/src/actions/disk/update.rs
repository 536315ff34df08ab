//! Change a disk: its name and settings at once, its size by a job.

use async_trait::async_trait;
use ferrovirt_model::events::{EventDraft, sentences};
use ferrovirt_model::ids::{DiskId, DiskProfileId, JobId};
use ferrovirt_model::permits::Permit;
use ferrovirt_model::refusal::Refusal;
use ferrovirt_model::storage::{Disk, DiskFormat, DiskState, lifecycle};
use ferrovirt_plan::capacity;
use ferrovirt_plan::names::{self, NameKind};
use ferrovirt_store::Areas;
use ferrovirt_store::tx::Change;
use uuid::Uuid;

use crate::action::{Action, ActionContext};
use crate::failure::Result;
use crate::hosts::reach;
use crate::jobs::extend_disk::ExtendDisk;

const GIB: u64 = 1 << 30;

/// What is to be different; what is left out stays.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Settings {
    /// The name.
    pub alias: Option<String>,
    /// Free text.
    pub description: Option<String>,
    /// Bytes; a disk can grow only.
    pub provisioned_size: Option<u64>,
    /// Several VMs may write it.
    pub shareable: Option<bool>,
    /// Overwrite it when it is removed.
    pub wipe_after_delete: Option<bool>,
    /// Errors reach the guest.
    pub propagate_errors: Option<bool>,
    /// Keep track of changes for incremental backups.
    pub incremental_backup: Option<bool>,
    /// Its profile.
    pub profile: Option<DiskProfileId>,
}

/// Update a disk.
#[derive(Clone, Debug)]
pub struct Update {
    /// The disk.
    pub disk: DiskId,
    /// What is to be different.
    pub settings: Settings,
    alias: Option<String>,
}

impl Update {
    /// Changes `disk`.
    #[must_use]
    pub fn new(disk: DiskId, settings: Settings) -> Self {
        Self { disk, settings, alias: None }
    }

    fn size(&self, disk: &Disk) -> Result<Option<u64>> {
        let Some(size) = self.settings.provisioned_size.filter(|size| *size != disk.provisioned_size) else {
            return Ok(None);
        };
        if size < disk.provisioned_size {
            let why = format!("a disk can only grow, and this one has {} bytes", disk.provisioned_size);
            return Err(Refusal::bad_value("provisioned_size", size, why).into());
        }
        Ok(Some(size))
    }

    async fn change(&self, cx: &mut ActionContext<'_>, disk: &Disk) -> Result<()> {
        let wanted = self.settings.clone();
        let mut next = disk.clone();
        if let Some(alias) = wanted.alias {
            names::check(NameKind::Disk, "Disk", &alias)?;
            next.alias = alias;
        }
        next.description = wanted.description.unwrap_or(next.description);
        next.shareable = wanted.shareable.unwrap_or(next.shareable);
        next.wipe_after_delete = wanted.wipe_after_delete.unwrap_or(next.wipe_after_delete);
        next.propagate_errors = wanted.propagate_errors.unwrap_or(next.propagate_errors);
        next.incremental_backup = wanted.incremental_backup.unwrap_or(next.incremental_backup);
        check(&next)?;
        if let Some(profile) = wanted.profile {
            cx.require(Permit::AttachDiskProfile, profile).await?;
            cx.tx.disks().set_profile(disk.id, Some(profile)).await?;
        }
        cx.tx.disks().update(&next).await?;
        cx.tx.changed(disk.id, Change::Updated);
        Ok(())
    }

    async fn extend(&self, cx: &mut ActionContext<'_>, disk: &Disk, size: u64) -> Result<()> {
        let place = reach::place(&mut cx.tx, disk).await?;
        let host_up = reach::some_host_up(&mut cx.tx, &place.domain).await?;
        lifecycle::may(&place.domain, host_up, lifecycle::Ask::Use)?;
        let layers = cx.tx.disks().standing_on(disk.id).await?;
        if !layers.is_empty() {
            let users = format!("disks that stand on it: {}", layers.join(", "));
            return Err(Refusal::InUse { what: "Disk", name: disk.alias.clone(), users }.into());
        }
        let more = if disk.sparse { 0 } else { size - disk.provisioned_size };
        capacity::may_take(&place.domain, more)?;
        let job = JobId(Uuid::new_v4());
        cx.tx.disks().set_state(disk.id, DiskState::Locked, Some(job)).await?;
        let work = ExtendDisk::new(disk.id, size);
        cx.begin_as(job, &work, format!("Extending disk {}", disk.alias), vec![disk.id.into()]).await?;
        let draft = sentences::USER_EXTENDED_DISK_SIZE.draft().disk(&disk.alias);
        cx.log(draft.with("NewSize", size.div_ceil(GIB)));
        Ok(())
    }
}

fn check(disk: &Disk) -> Result<()> {
    if disk.format == DiskFormat::Qcow2 && disk.shareable {
        return Err(Refusal::rule("A disk of format cow can't be shareable.").into());
    }
    if disk.format == DiskFormat::Raw && disk.incremental_backup {
        return Err(Refusal::rule("A disk of format raw can't take part in incremental backups.").into());
    }
    Ok(())
}

#[async_trait]
impl Action for Update {
    type Output = ();

    async fn perform(&mut self, cx: &mut ActionContext<'_>) -> Result<()> {
        let disk = cx.tx.disks().lock_row(self.disk).await?.ok_or_else(|| Refusal::no_such("Disk", self.disk))?;
        self.alias = Some(disk.alias.clone());
        cx.require(Permit::EditDiskProperties, self.disk).await?;
        lifecycle::may_touch(&disk, true)?;
        let size = self.size(&disk)?;
        self.change(cx, &disk).await?;
        match size {
            Some(size) => self.extend(cx, &disk, size).await?,
            None => cx.log(sentences::USER_UPDATE_DISK.draft().disk(&disk.alias)),
        }
        Ok(())
    }

    fn failed(&self) -> Option<EventDraft> {
        Some(sentences::USER_FAILED_UPDATE_DISK.draft().disk(self.alias.as_ref()?))
    }
}
