//! VMs, their NICs and disk attachments, and what their guests say, as users read them.

use std::sync::Arc;

use ferrovirt_model::ids::{DiskId, NicId, VmId};
use ferrovirt_model::search::Entity;
use ferrovirt_model::vm::{DiskAttachment, GuestFacts, VmNic};
use ferrovirt_store::Areas;
use ferrovirt_store::visibility::Seen;
pub use ferrovirt_store::vms::VmView;
use uuid::Uuid;

use super::{only_seen, scope, the_one};
use crate::core::{Engine, now};
use crate::failure::Result;
use crate::listing::{self, ListQuery};
use crate::session::Caller;

impl Engine {
    /// VMs by search, without their measurements.
    ///
    /// # Errors
    /// A refusal for a search that can't be read; trouble with the store.
    pub async fn list_vms(&self, caller: &Caller, query: &ListQuery) -> Result<Vec<Arc<VmView>>> {
        let search = listing::compile(Entity::Vm, query, now())?;
        let scope = scope(caller, Seen::Vm);
        Ok(self.store().read().await?.list_vms(&search, scope.as_deref()).await?)
    }

    /// VMs by search, with their measurements.
    ///
    /// # Errors
    /// As for [`Engine::list_vms`].
    pub async fn list_measured_vms(&self, caller: &Caller, query: &ListQuery) -> Result<Vec<VmView>> {
        let search = listing::compile(Entity::Vm, query, now())?;
        let scope = scope(caller, Seen::Vm);
        Ok(self.store().read().await?.vms().list_measured(&search, scope.as_deref()).await?)
    }

    /// VMs by id, in no order; those that the caller may not know of are left out.
    ///
    /// # Errors
    /// Trouble with the store.
    pub async fn vms(&self, caller: &Caller, ids: &[VmId]) -> Result<Vec<VmView>> {
        let mut reader = self.store().read().await?;
        let found = reader.vms().views(ids).await?;
        only_seen(&mut reader, caller, Seen::Vm, found, |one| one.vm.id).await
    }

    /// A VM.
    ///
    /// # Errors
    /// [`ferrovirt_model::refusal::Refusal::NoSuchObject`], or trouble with the store.
    pub async fn vm(&self, caller: &Caller, id: VmId) -> Result<VmView> {
        the_one(self.vms(caller, &[id]).await?, "VM", id)
    }

    /// The CD in the drive of a VM's running guest; `None` for none, and where it does not run.
    ///
    /// # Errors
    /// [`ferrovirt_model::refusal::Refusal::NoSuchObject`], or trouble with the store.
    pub async fn cd_of_run(&self, caller: &Caller, id: VmId) -> Result<Option<DiskId>> {
        let Some(run) = self.vm(caller, id).await?.run else { return Ok(None) };
        Ok(self.store().read().await?.vms().particulars(id, run.generation).await?.cdrom)
    }

    /// The NICs of VMs that the caller was given, each with its VM, by name.
    ///
    /// # Errors
    /// Trouble with the store.
    pub async fn nics_of_vms(&self, ids: &[VmId]) -> Result<Vec<(VmId, VmNic)>> {
        let ids: Vec<Uuid> = ids.iter().map(|id| id.0).collect();
        let found = self.store().read().await?.vms().nics(&ids).await?;
        Ok(found.into_iter().map(|(owner, nic)| (VmId(owner), nic)).collect())
    }

    /// A NIC of a VM, with the VM.
    ///
    /// # Errors
    /// [`ferrovirt_model::refusal::Refusal::NoSuchObject`], or trouble with the store.
    pub async fn vm_nic(&self, caller: &Caller, vm: VmId, id: NicId) -> Result<(VmView, VmNic)> {
        let view = self.vm(caller, vm).await?;
        let nics = self.nics_of_vms(&[vm]).await?;
        let found = nics.into_iter().map(|(_, nic)| nic).filter(|nic| nic.id == id).collect();
        Ok((view, the_one(found, "NIC", id)?))
    }

    /// How disks hang on VMs that the caller was given.
    ///
    /// # Errors
    /// Trouble with the store.
    pub async fn attachments_of_vms(&self, ids: &[VmId]) -> Result<Vec<DiskAttachment>> {
        Ok(self.store().read().await?.vms().attachments(ids).await?)
    }

    /// How one disk hangs on a VM, with the VM.
    ///
    /// # Errors
    /// [`ferrovirt_model::refusal::Refusal::NoSuchObject`], or trouble with the store.
    pub async fn vm_attachment(&self, caller: &Caller, vm: VmId, disk: DiskId) -> Result<(VmView, DiskAttachment)> {
        let view = self.vm(caller, vm).await?;
        let mut found = self.attachments_of_vms(&[vm]).await?;
        found.retain(|attachment| attachment.disk == disk);
        Ok((view, the_one(found, "Disk attachment", disk)?))
    }

    /// All that the guest of a VM says, packages included.
    ///
    /// # Errors
    /// [`ferrovirt_model::refusal::Refusal::NoSuchObject`], or trouble with the store.
    pub async fn vm_guest(&self, caller: &Caller, id: VmId) -> Result<GuestFacts> {
        self.vm(caller, id).await?;
        Ok(self.store().read().await?.vms().guest(id).await?.unwrap_or_default())
    }

    /// All that the guests of VMs that the caller was given say, packages included.
    ///
    /// # Errors
    /// Trouble with the store.
    pub async fn guests_of_vms(&self, ids: &[VmId]) -> Result<Vec<(VmId, GuestFacts)>> {
        Ok(self.store().read().await?.vms().guests(ids).await?)
    }
}
