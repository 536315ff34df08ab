//! Disks, as users read them.

use std::collections::HashMap;

use ferrovirt_model::ids::{DiskId, DiskProfileId, StorageDomainId, TemplateId, VmId, VolumeId};
use ferrovirt_model::refusal::Refusal;
use ferrovirt_model::search::Entity;
use ferrovirt_model::storage::{Disk, Volume};
use ferrovirt_model::vm::DiskRates;
use ferrovirt_store::disks;
use ferrovirt_store::tx::{Areas, Reader};
use ferrovirt_store::visibility::Seen;

use super::{every, only_seen, scope, the_one};
use crate::core::{Engine, now};
use crate::failure::Result;
use crate::listing::{self, ListQuery};
use crate::session::Caller;

/// A disk with who uses it.
#[derive(Clone, Debug, PartialEq)]
pub struct DiskView {
    /// The disk.
    pub disk: Disk,
    /// Its profile.
    pub profile: Option<DiskProfileId>,
    /// The VMs that it hangs on.
    pub vms: Vec<VmId>,
    /// The template that it belongs to.
    pub template: Option<TemplateId>,
}

async fn views(reader: &mut Reader, disks: Vec<Disk>) -> Result<Vec<DiskView>> {
    if disks.is_empty() {
        return Ok(Vec::new());
    }
    let ids: Vec<DiskId> = disks.iter().map(|disk| disk.id).collect();
    let mut vms: HashMap<DiskId, Vec<VmId>> = HashMap::new();
    for attachment in reader.vms().attachments_of_disks(&ids).await? {
        vms.entry(attachment.disk).or_default().push(attachment.vm);
    }
    let templates: HashMap<DiskId, TemplateId> =
        reader.disks().templates_of(&ids).await?.into_iter().map(|one| (one.disk, one.template)).collect();
    let profiles: HashMap<DiskId, DiskProfileId> = reader.disks().profiles(&ids).await?.into_iter().collect();
    Ok(disks
        .into_iter()
        .map(|disk| DiskView {
            profile: profiles.get(&disk.id).copied(),
            vms: vms.remove(&disk.id).unwrap_or_default(),
            template: templates.get(&disk.id).copied(),
            disk,
        })
        .collect())
}

impl Engine {
    /// Disks by search.
    ///
    /// # Errors
    /// A refusal for a search that can't be read; trouble with the store.
    pub async fn list_disks(&self, caller: &Caller, query: &ListQuery) -> Result<Vec<DiskView>> {
        let search = listing::compile(Entity::Disk, query, now())?;
        let scope = scope(caller, Seen::Disk);
        let mut reader = self.store().read().await?;
        let found = reader.disks().list(&search, scope.as_deref()).await?;
        views(&mut reader, found).await
    }

    /// Disks by id, in no order; those that the caller may not know of are left out.
    ///
    /// # Errors
    /// Trouble with the store.
    pub async fn disks(&self, caller: &Caller, ids: &[DiskId]) -> Result<Vec<DiskView>> {
        let mut reader = self.store().read().await?;
        let found = reader.disks().get(ids).await?;
        let found = only_seen(&mut reader, caller, Seen::Disk, found, |one| one.id).await?;
        views(&mut reader, found).await
    }

    /// A disk.
    ///
    /// # Errors
    /// [`Refusal::NoSuchObject`], or trouble with the store.
    pub async fn disk(&self, caller: &Caller, id: DiskId) -> Result<DiskView> {
        the_one(self.disks(caller, &[id]).await?, "Disk", id)
    }

    /// The disks on some storage domains, by alias.
    ///
    /// # Errors
    /// Trouble with the store.
    pub async fn disks_on(&self, caller: &Caller, domains: &[StorageDomainId]) -> Result<Vec<DiskView>> {
        let mut reader = self.store().read().await?;
        let found = reader.disks().on_domains(domains).await?;
        let found = only_seen(&mut reader, caller, Seen::Disk, found, |one| one.id).await?;
        views(&mut reader, found).await
    }

    /// The images of CDs on a storage domain, by search as disks are searched.
    ///
    /// # Errors
    /// A refusal for a search that can't be read; trouble with the store.
    pub async fn list_isos(
        &self,
        caller: &Caller,
        domain: StorageDomainId,
        query: &ListQuery,
    ) -> Result<Vec<DiskView>> {
        let search = listing::compile(Entity::Disk, query, now())?;
        let scope = every([scope(caller, Seen::Disk), Some(disks::isos_on(domain))]);
        let mut reader = self.store().read().await?;
        let found = reader.disks().list(&search, scope.as_deref()).await?;
        views(&mut reader, found).await
    }

    /// A disk on one storage domain.
    ///
    /// # Errors
    /// [`Refusal::NoSuchObject`] where it is not there or lies elsewhere.
    pub async fn disk_on(&self, caller: &Caller, domain: StorageDomainId, id: DiskId) -> Result<DiskView> {
        let view = self.disk(caller, id).await?;
        match &view.disk.volume {
            Some(volume) if volume.domain == domain => Ok(view),
            _ => Err(Refusal::no_such("Disk", id).into()),
        }
    }

    /// The images of templates that disks the caller was given stand on, each with the disk that it belongs to. One
    /// read for each level of templates.
    ///
    /// # Errors
    /// Trouble with the store.
    pub async fn images_below(&self, disks: &[DiskView]) -> Result<Vec<(DiskView, Volume)>> {
        let mut reader = self.store().read().await?;
        let mut found: Vec<(DiskView, Volume)> = Vec::new();
        let parents = |volume: Option<&Volume>| volume.and_then(|volume| volume.parent);
        let mut wanted: Vec<VolumeId> = disks.iter().filter_map(|view| parents(view.disk.volume.as_ref())).collect();
        loop {
            wanted.sort();
            wanted.dedup();
            // What is there already is not read again, so that no chain can go in a circle.
            wanted.retain(|id| found.iter().all(|(_, volume)| volume.id != *id));
            if wanted.is_empty() {
                return Ok(found);
            }
            let holders = reader.disks().of_volumes(&wanted).await?;
            let level = views(&mut reader, holders).await?;
            wanted.clear();
            for view in level {
                let Some(volume) = view.disk.volume.clone() else { continue };
                wanted.extend(volume.parent);
                found.push((view, volume));
            }
        }
    }

    /// How fast disks that the caller was given are read and written now; those with which no VM runs are left out.
    ///
    /// # Errors
    /// Trouble with the store.
    pub async fn rates_of_disks(&self, disks: &[DiskView]) -> Result<Vec<(DiskId, DiskRates)>> {
        let mut ids: Vec<VmId> = disks.iter().flat_map(|view| view.vms.iter().copied()).collect();
        ids.sort();
        ids.dedup();
        let vms = self.store().read().await?.vms().views(&ids).await?;
        let running = vms.into_iter().filter(|vm| vm.run.is_some()).filter_map(|vm| vm.statistics);
        let rates: HashMap<String, DiskRates> = running.flat_map(|statistics| statistics.disks).collect();
        let of = |view: &DiskView| Some((view.disk.id, rates.get(&view.disk.id.to_string())?.clone()));
        Ok(disks.iter().filter_map(of).collect())
    }
}
