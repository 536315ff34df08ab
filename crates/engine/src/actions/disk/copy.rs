//! Copy a disk to a storage domain as a new disk.

use async_trait::async_trait;
use ferrovirt_model::events::{EventDraft, sentences};
use ferrovirt_model::ids::{DiskId, DiskProfileId, JobId, StorageDomainId, VmId, VolumeId};
use ferrovirt_model::permits::Permit;
use ferrovirt_model::refusal::Refusal;
use ferrovirt_model::storage::{Disk, DiskState, StorageDomain, Volume, lifecycle};
use ferrovirt_plan::capacity;
use ferrovirt_plan::names::{self, NameKind};
use ferrovirt_store::Areas;
use ferrovirt_store::tx::Change;
use uuid::Uuid;

use super::new_disk;
use crate::action::{Action, ActionContext};
use crate::actions::named::Named;
use crate::failure::Result;
use crate::hosts::reach;
use crate::jobs::copy_disk::CopyDisk;

/// Copy a disk.
#[derive(Clone, Debug)]
pub struct Copy {
    /// What is copied.
    pub disk: DiskId,
    /// Where the copy is to lie; beside the disk where it is not said.
    pub domain: Option<Named<StorageDomainId>>,
    /// The copy's name; the disk's own where it is not said.
    pub alias: Option<String>,
    /// The copy's profile; the domain's first where it is not said.
    pub profile: Option<DiskProfileId>,
    named: Option<(String, String)>,
}

impl Copy {
    /// Copies `disk`.
    #[must_use]
    pub fn new(disk: DiskId, domain: Option<Named<StorageDomainId>>, alias: Option<String>) -> Self {
        Self { disk, domain, alias, profile: None, named: None }
    }

    /// Bytes that the copy may take: all layers of the source become one.
    fn needed(source: &Disk) -> u64 {
        let layered = source.volume.as_ref().is_some_and(|volume| volume.parent.is_some());
        let actual = source.volume.as_ref().map_or(0, |volume| volume.actual_size);
        let content = if layered { source.provisioned_size } else { actual };
        capacity::needed(source.provisioned_size, content, source.sparse, source.format)
    }

    fn target(&self, source: &Disk, domain: &StorageDomain, job: JobId, now: i64) -> Disk {
        let id = DiskId(Uuid::new_v4());
        let volume = Volume {
            id: VolumeId(Uuid::new_v4()),
            disk: id,
            domain: domain.id,
            format: source.format,
            actual_size: 0,
            parent: None,
        };
        Disk {
            id,
            alias: self.alias.clone().unwrap_or_else(|| source.alias.clone()),
            state: DiskState::Locked,
            lock: Some(job),
            volume: Some(volume),
            created_at: now,
            ..source.clone()
        }
    }
}

#[async_trait]
impl Action for Copy {
    type Output = DiskId;

    async fn perform(&mut self, cx: &mut ActionContext<'_>) -> Result<DiskId> {
        let place = reach::disk(&mut cx.tx, self.disk).await?;
        let place = reach::place(&mut cx.tx, &place).await?;
        let wanted = self.domain.clone().unwrap_or(Named::Id(place.domain.id));
        let domain = new_disk::domain(cx, &wanted).await?;
        let source = cx.tx.disks().lock_row(self.disk).await?.ok_or_else(|| Refusal::no_such("Disk", self.disk))?;
        self.named = Some((source.alias.clone(), domain.name.clone()));
        cx.require(Permit::ConfigureDiskStorage, self.disk).await?;
        cx.require(Permit::CreateDisk, domain.id).await?;
        lifecycle::may_touch(&source, true)?;
        check_idle(cx, &source).await?;
        for one in [&domain, &place.domain] {
            let host_up = reach::some_host_up(&mut cx.tx, one).await?;
            lifecycle::may(one, host_up, lifecycle::Ask::Use)?;
        }
        if reach::data_center_of(&domain) != reach::data_center_of(&place.domain) {
            return Err(Refusal::rule("A disk can only be copied within its data centre.").into());
        }
        capacity::may_take(&domain, Self::needed(&source))?;
        let job = JobId(Uuid::new_v4());
        let target = self.target(&source, &domain, job, cx.now);
        names::check(NameKind::Disk, "Disk", &target.alias)?;
        let profile = new_disk::profile(cx, &domain, self.profile).await?;
        new_disk::insert(cx, &target, profile).await?;
        cx.tx.disks().set_state(source.id, DiskState::Locked, Some(job)).await?;
        cx.tx.changed(source.id, Change::Updated);
        let work = CopyDisk::new(source.id, target.id);
        let objects = vec![source.id.into(), target.id.into(), domain.id.into()];
        cx.begin_as(job, &work, format!("Copying disk {}", source.alias), objects).await?;
        let draft = sentences::USER_COPIED_DISK.draft().disk(&source.alias);
        cx.log(draft.storage_domain(domain.id, domain.name));
        Ok(target.id)
    }

    fn failed(&self) -> Option<EventDraft> {
        let (alias, domain) = self.named.as_ref()?;
        let draft = sentences::USER_COPIED_DISK_FINISHED_FAILURE.draft().disk(alias);
        Some(draft.with("StorageDomainName", domain))
    }
}

/// No VM runs with the disk: what is copied must stand still.
///
/// # Errors
/// [`Refusal::InUse`].
pub(in crate::actions) async fn check_idle(cx: &mut ActionContext<'_>, disk: &Disk) -> Result<()> {
    let attachments = cx.tx.vms().attachments_of_disks(&[disk.id]).await?;
    let vms: Vec<VmId> = attachments.iter().filter(|one| one.active).map(|one| one.vm).collect();
    match cx.tx.vms().views(&vms).await?.into_iter().find(|view| view.run.is_some()) {
        Some(view) => {
            let users = format!("running virtual machine {}", view.vm.name);
            Err(Refusal::InUse { what: "Disk", name: disk.alias.clone(), users }.into())
        }
        None => Ok(()),
    }
}
