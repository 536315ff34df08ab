//! A new disk within an action: checked, written, locked, and the job that makes its volume begun. For actions that make
//! disks alone, and for those that make them for a VM.

use ferrovirt_model::ids::{
    DiskId, DiskProfileId, JobId, ObjectRef, PermissionId, RoleId, StorageDomainId, VmId, VolumeId,
};
use ferrovirt_model::permission::{Permission, Principal};
use ferrovirt_model::permits::Permit;
use ferrovirt_model::refusal::Refusal;
use ferrovirt_model::roles;
use ferrovirt_model::storage::lifecycle::{self, Ask};
use ferrovirt_model::storage::{Disk, DiskContent, DiskFormat, DiskState, DomainClass, StorageDomain, Volume};
use ferrovirt_plan::capacity;
use ferrovirt_plan::names::{self, NameKind};
use ferrovirt_store::Areas;
use ferrovirt_store::tx::Change;
use uuid::Uuid;

use crate::action::ActionContext;
use crate::actions::named::Named;
use crate::failure::{Failure, Result};
use crate::hosts::reach;
use crate::jobs::add_disk::AddDisk;

/// The largest disk, bytes: what hosts can make.
const LARGEST: u64 = 1 << 50;

/// A disk as a user describes it.
#[derive(Clone, Debug)]
pub struct NewDisk {
    /// The id, where the client chose one.
    pub id: Option<DiskId>,
    /// The name.
    pub alias: String,
    /// Free text.
    pub description: String,
    /// Bytes that a guest shall see.
    pub provisioned_size: u64,
    /// Bytes of content that are sure to come.
    pub initial_size: Option<u64>,
    /// raw or qcow2.
    pub format: DiskFormat,
    /// Takes space as it is written; raw disks do unless this says no, as qcow2 disks always do.
    pub sparse: Option<bool>,
    /// What it holds.
    pub content: DiskContent,
    /// Several VMs may write it.
    pub shareable: bool,
    /// Overwrite it when it is removed; the domain's own setting where it is not said.
    pub wipe_after_delete: Option<bool>,
    /// Errors reach the guest.
    pub propagate_errors: bool,
    /// Keep track of changes for incremental backups.
    pub incremental_backup: bool,
    /// Where it is to lie.
    pub domain: Named<StorageDomainId>,
    /// Its profile; the domain's first where none is named.
    pub profile: Option<DiskProfileId>,
}

impl NewDisk {
    /// Writes the disk, locked by a new job that makes its volume. With `vm`, the job's events speak of that VM; hanging
    /// the disk on it is the caller's part, after this.
    ///
    /// # Errors
    /// A refusal where the disk can't be made so or there; nothing is written then.
    pub async fn begin(&self, cx: &mut ActionContext<'_>, vm: Option<VmId>) -> Result<Disk> {
        let domain = domain(cx, &self.domain).await?;
        cx.require(Permit::CreateDisk, domain.id).await?;
        let job = JobId(Uuid::new_v4());
        let disk = self.disk(cx, &domain, job).await?;
        let profile = profile(cx, &domain, self.profile).await?;
        insert(cx, &disk, profile).await?;
        let mut objects: Vec<ObjectRef> = vec![disk.id.into(), domain.id.into()];
        objects.extend(vm.map(ObjectRef::from));
        let work = AddDisk::new(disk.id, self.initial_size.unwrap_or(0), vm);
        cx.begin_as(job, &work, format!("Adding disk {}", disk.alias), objects).await?;
        Ok(disk)
    }

    async fn disk(&self, cx: &mut ActionContext<'_>, domain: &StorageDomain, job: JobId) -> Result<Disk> {
        self.check()?;
        let host_up = reach::some_host_up(&mut cx.tx, domain).await?;
        lifecycle::may(domain, host_up, Ask::Use)?;
        if domain.class != DomainClass::Data {
            let sentence = format!("Storage domain '{}' is no data domain: disks can't be made there.", domain.name);
            return Err(Refusal::rule(sentence).into());
        }
        let sparse = self.sparse.unwrap_or(true);
        let initial = self.initial_size.unwrap_or(0);
        capacity::may_take(domain, capacity::needed(self.provisioned_size, initial, sparse, self.format))?;
        let id = self.id.unwrap_or_else(|| DiskId(Uuid::new_v4()));
        if !cx.tx.disks().get(&[id]).await?.is_empty() {
            return Err(Refusal::IdTaken { kind: "Disk", id: id.to_string() }.into());
        }
        let volume = Volume {
            id: VolumeId(Uuid::new_v4()),
            disk: id,
            domain: domain.id,
            format: self.format,
            actual_size: 0,
            parent: None,
        };
        Ok(Disk {
            id,
            alias: self.alias.clone(),
            description: self.description.clone(),
            provisioned_size: self.provisioned_size,
            format: self.format,
            sparse,
            content: self.content,
            shareable: self.shareable,
            wipe_after_delete: self.wipe_after_delete.unwrap_or(domain.wipe_after_delete),
            propagate_errors: self.propagate_errors,
            incremental_backup: self.incremental_backup,
            state: DiskState::Locked,
            lock: Some(job),
            volume: Some(volume),
            created_at: cx.now,
        })
    }

    fn check(&self) -> Result<()> {
        names::check(NameKind::Disk, "Disk", &self.alias)?;
        if self.provisioned_size == 0 || self.provisioned_size > LARGEST {
            let why = "it must be more than 0 and at most 1 PiB";
            return Err(Refusal::bad_value("provisioned_size", self.provisioned_size, why).into());
        }
        if self.initial_size.is_some_and(|initial| initial > self.provisioned_size) {
            let given = self.initial_size.unwrap_or_default();
            return Err(Refusal::bad_value("initial_size", given, "it can't exceed the provisioned size").into());
        }
        if self.format == DiskFormat::Qcow2 && self.shareable {
            return Err(Refusal::rule("A disk of format cow can't be shareable: use raw.").into());
        }
        if self.format == DiskFormat::Raw && self.incremental_backup {
            return Err(Refusal::rule("A disk of format raw can't take part in incremental backups: use cow.").into());
        }
        Ok(())
    }
}

/// The domain that a request names, its row locked until the commit, so that two new disks don't take the same room.
///
/// # Errors
/// [`Refusal::NoSuchObject`].
pub async fn domain(cx: &mut ActionContext<'_>, named: &Named<StorageDomainId>) -> Result<StorageDomain> {
    let id = match named {
        Named::Id(id) => *id,
        Named::Name(name) => {
            cx.tx.storage().id_by_name(name).await?.ok_or_else(|| Refusal::no_such("StorageDomain", name))?
        }
    };
    Ok(cx.tx.storage().lock_row(id).await?.ok_or_else(|| Refusal::no_such("StorageDomain", id))?)
}

/// The profile that was named, which the caller may attach, or the domain's first.
///
/// # Errors
/// A refusal where it is another domain's or not for the caller.
pub(super) async fn profile(
    cx: &mut ActionContext<'_>,
    domain: &StorageDomain,
    asked: Option<DiskProfileId>,
) -> Result<Option<DiskProfileId>> {
    let of_domain = cx.tx.storage().disk_profiles(Some(domain.id)).await?;
    match asked {
        None => Ok(of_domain.first().map(|profile| profile.id)),
        Some(id) if of_domain.iter().any(|profile| profile.id == id) => {
            cx.require(Permit::AttachDiskProfile, id).await?;
            Ok(Some(id))
        }
        Some(id) => {
            let sentence = format!("Disk profile {id} does not belong to storage domain '{}'.", domain.name);
            Err(Refusal::rule(sentence).into())
        }
    }
}

/// Writes a new disk and makes its maker its operator.
///
/// # Errors
/// [`Refusal::IdTaken`] where another took the id meanwhile.
pub async fn insert(cx: &mut ActionContext<'_>, disk: &Disk, profile: Option<DiskProfileId>) -> Result<()> {
    cx.tx.disks().insert(disk).await.map_err(|error| match error.constraint() {
        Some("disk_pkey") => Failure::from(Refusal::IdTaken { kind: "Disk", id: disk.id.to_string() }),
        _ => error.into(),
    })?;
    cx.tx.disks().set_profile(disk.id, profile).await?;
    let grant = Permission {
        id: PermissionId(Uuid::new_v4()),
        principal: Principal::User(cx.caller.session.user),
        role: RoleId(roles::DISK_OPERATOR),
        object: disk.id.into(),
    };
    cx.tx.permissions().grant(&grant).await?;
    cx.tx.changed(disk.id, Change::Created);
    Ok(())
}
