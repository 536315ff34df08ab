//! The disks that a new template or a new VM gets from another's: checked, written, locked by the job that makes them.

use std::collections::BTreeMap;

use ferrovirt_model::ids::{DiskId, JobId, StorageDomainId, VolumeId};
use ferrovirt_model::permits::Permit;
use ferrovirt_model::refusal::Refusal;
use ferrovirt_model::storage::lifecycle::{self, Ask};
use ferrovirt_model::storage::{Disk, DiskFormat, DiskState, StorageDomain, Volume};
use ferrovirt_plan::capacity;
use ferrovirt_store::Areas;
use uuid::Uuid;

use crate::action::ActionContext;
use crate::actions::disk::new_disk;
use crate::actions::named::Named;
use crate::failure::{Result, Trouble};
use crate::hosts::reach;
use crate::jobs::disk_set::Piece;

/// How one of the disks shall be; what is `None` is as the source has it.
#[derive(Clone, Debug, Default)]
pub struct DiskWish {
    /// The name.
    pub alias: Option<String>,
    /// raw or qcow2.
    pub format: Option<DiskFormat>,
    /// Takes space as it is written.
    pub sparse: Option<bool>,
    /// Where it is to lie.
    pub domain: Option<Named<StorageDomainId>>,
}

/// Whether new disks stand on their sources or apart from them.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Layering {
    /// A layer on top of the source, beside it.
    Layer,
    /// A copy of its own.
    Copy,
}

/// A new disk beside its source.
#[derive(Clone, Debug)]
pub(crate) struct Made {
    /// What it is made from.
    pub(crate) source: Disk,
    /// The new one.
    pub(crate) target: Disk,
}

impl Made {
    /// What the job does for it.
    #[must_use]
    pub(crate) fn piece(&self) -> Piece {
        let layered = self.target.volume.as_ref().is_some_and(|volume| volume.parent.is_some());
        Piece { source: (!layered).then_some(self.source.id), target: self.target.id }
    }
}

/// Locks the domains that the new disks will lie on, in the order of their ids.
///
/// # Errors
/// A refusal where one can't be used; trouble with the store.
pub(in crate::actions) async fn domains(
    cx: &mut ActionContext<'_>,
    sources: &[Disk],
    wishes: &BTreeMap<DiskId, DiskWish>,
) -> Result<BTreeMap<DiskId, StorageDomain>> {
    let mut wanted = Vec::with_capacity(sources.len());
    for source in sources {
        let own = source.volume.as_ref().map(|volume| volume.domain);
        let own = own.ok_or_else(|| Refusal::rule(format!("Disk '{}' has no volume.", source.alias)))?;
        let id = match wishes.get(&source.id).and_then(|wish| wish.domain.as_ref()) {
            None => own,
            Some(Named::Id(id)) => *id,
            Some(Named::Name(name)) => {
                let known = cx.tx.storage().id_by_name(name).await?;
                known.ok_or_else(|| Refusal::no_such("StorageDomain", name))?
            }
        };
        wanted.push((id, source));
    }
    wanted.sort_by_key(|(id, _)| *id);
    let mut found = BTreeMap::new();
    for (id, source) in wanted {
        let domain = new_disk::domain(cx, &Named::Id(id)).await?;
        cx.require(Permit::CreateDisk, id).await?;
        let home = reach::place(&mut cx.tx, source).await?.domain;
        if reach::data_center_of(&home) != reach::data_center_of(&domain) {
            return Err(Refusal::rule("A disk can only be copied within its data centre.").into());
        }
        for one in [&domain, &home] {
            let host_up = reach::some_host_up(&mut cx.tx, one).await?;
            lifecycle::may(one, host_up, Ask::Use)?;
        }
        found.insert(source.id, domain);
    }
    Ok(found)
}

/// Writes the new disks, locked by `job`. Their domains come from [`domains`].
///
/// # Errors
/// A refusal where a source can't be read or there is no room; trouble with the store.
pub(in crate::actions) async fn write(
    cx: &mut ActionContext<'_>,
    job: JobId,
    sources: Vec<Disk>,
    wishes: &BTreeMap<DiskId, DiskWish>,
    domains: &BTreeMap<DiskId, StorageDomain>,
    layering: Layering,
) -> Result<Vec<Made>> {
    let mut made = Vec::with_capacity(sources.len());
    let mut taken: BTreeMap<StorageDomainId, u64> = BTreeMap::new();
    for source in sources {
        lifecycle::may_touch(&source, true)?;
        let domain = domains.get(&source.id);
        let domain = domain.ok_or_else(|| Trouble::Broken(format!("no domain was locked for disk {}", source.id)))?;
        let wish = wishes.get(&source.id).cloned().unwrap_or_default();
        let target = target(&source, &wish, domain, layering, job, cx.now)?;
        let room = taken.entry(domain.id).or_default();
        *room = room.saturating_add(needed(&source, &target));
        capacity::may_take(domain, *room)?;
        let profile = cx.tx.storage().disk_profiles(Some(domain.id)).await?.first().map(|profile| profile.id);
        new_disk::insert(cx, &target, profile).await?;
        made.push(Made { source, target });
    }
    Ok(made)
}

/// Bytes that a new disk may take: nothing yet for a layer; all layers of the source become one in a copy.
fn needed(source: &Disk, target: &Disk) -> u64 {
    let Some(volume) = &source.volume else { return 0 };
    let layered = target.volume.as_ref().is_some_and(|volume| volume.parent.is_some());
    let content = match (layered, volume.parent.is_some()) {
        (true, _) => 0,
        (false, true) => source.provisioned_size,
        (false, false) => volume.actual_size,
    };
    capacity::needed(target.provisioned_size, content, target.sparse, target.format)
}

fn target(
    source: &Disk,
    wish: &DiskWish,
    domain: &StorageDomain,
    layering: Layering,
    job: JobId,
    now: i64,
) -> Result<Disk> {
    let volume = source.volume.as_ref().ok_or_else(|| Trouble::Broken(format!("disk {} has no volume", source.id)))?;
    let layer = layering == Layering::Layer;
    if layer {
        check_layer(source, volume, wish, domain)?;
    }
    let format = if layer { DiskFormat::Qcow2 } else { wish.format.unwrap_or(source.format) };
    let sparse = layer || format == DiskFormat::Qcow2 || wish.sparse.unwrap_or(source.sparse);
    let id = DiskId(Uuid::new_v4());
    let volume = Volume {
        id: VolumeId(Uuid::new_v4()),
        disk: id,
        domain: domain.id,
        format,
        actual_size: 0,
        parent: layer.then_some(volume.id),
    };
    Ok(Disk {
        id,
        alias: wish.alias.clone().unwrap_or_else(|| source.alias.clone()),
        format,
        sparse,
        shareable: false,
        incremental_backup: source.incremental_backup && format == DiskFormat::Qcow2,
        state: DiskState::Locked,
        lock: Some(job),
        volume: Some(volume),
        created_at: now,
        ..source.clone()
    })
}

/// A layer lies beside its source and is qcow2: who wants anything else wants a copy.
fn check_layer(source: &Disk, volume: &Volume, wish: &DiskWish, domain: &StorageDomain) -> Result<()> {
    let must = match () {
        () if volume.domain != domain.id => "must lie on the same storage domain",
        () if wish.format == Some(DiskFormat::Raw) => "is of format cow",
        () if wish.sparse == Some(false) => "takes space as it is written",
        () => return Ok(()),
    };
    Err(Refusal::rule(format!("A layer on disk '{}' {must}; ask for a clone.", source.alias)).into())
}
