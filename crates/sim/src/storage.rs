//! The storage that all simulated hosts of a process reach: domains and volumes, without a byte in them.

use std::collections::{BTreeMap, HashMap};
use std::sync::{Mutex, MutexGuard, PoisonError};

use ferrovirt_hostapi::{
    CreateDomainRequest, CreateVolumeRequest, DomainState, ResizeVolumeRequest, VolumeRef, VolumeState,
};
use tonic::Status;

use crate::world::now;

/// Bytes of a simulated storage domain.
pub const DOMAIN_SIZE: u64 = 100 << 40;

#[derive(Clone, Debug)]
struct Domain {
    name: String,
    class: String,
    format: String,
}

#[derive(Debug, Default)]
struct Content {
    domains: BTreeMap<String, Domain>,
    volumes: HashMap<String, VolumeState>,
}

/// Storage domains and their volumes.
#[derive(Debug, Default)]
pub struct SharedStorage {
    content: Mutex<Content>,
}

fn no_volume() -> Status {
    Status::not_found("no such volume")
}

/// The volume that a request names.
///
/// # Errors
/// INVALID_ARGUMENT when it names none.
pub fn named(volume: Option<VolumeRef>) -> Result<VolumeRef, Status> {
    volume.ok_or_else(|| Status::invalid_argument("a volume is required"))
}

impl SharedStorage {
    fn content(&self) -> MutexGuard<'_, Content> {
        self.content.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Makes a domain; one that is there already stays as it is.
    pub fn create_domain(&self, request: CreateDomainRequest) {
        let made = Domain { name: request.name, class: request.class, format: request.format };
        self.content().domains.entry(request.domain_id).or_insert(made);
    }

    /// Erases a domain with its volumes.
    pub fn remove_domain(&self, id: &str) {
        let mut content = self.content();
        content.domains.remove(id);
        content.volumes.retain(|_, state| state.volume.as_ref().is_none_or(|volume| volume.domain_id != id));
    }

    /// How a domain is seen by any host; `None` where there is no such domain.
    #[must_use]
    pub fn domain(&self, id: &str) -> Option<DomainState> {
        let content = self.content();
        let domain = content.domains.get(id)?;
        let used: u64 = within(&content, id).map(|volume| volume.actual_size).sum();
        Some(DomainState {
            domain_id: id.to_owned(),
            ready: true,
            total: DOMAIN_SIZE,
            available: DOMAIN_SIZE.saturating_sub(used),
            latency_seconds: 0.001,
            name: domain.name.clone(),
            class: domain.class.clone(),
            format: domain.format.clone(),
            checked_at: now(),
            ..DomainState::default()
        })
    }

    /// Makes a volume; one that is there already stays as it is.
    ///
    /// # Errors
    /// INVALID_ARGUMENT, or NOT_FOUND for a domain that is not there.
    pub fn create_volume(&self, request: CreateVolumeRequest) -> Result<VolumeState, Status> {
        let volume = named(request.volume)?;
        let mut content = self.content();
        if !content.domains.contains_key(&volume.domain_id) {
            return Err(Status::not_found("no such storage domain"));
        }
        let actual_size = if request.sparse { request.initial_size } else { request.virtual_size };
        let state = content.volumes.entry(volume.volume_id.clone()).or_insert(VolumeState {
            format: request.format,
            virtual_size: request.virtual_size,
            actual_size,
            sparse: request.sparse,
            legal: true,
            description: request.description,
            volume: Some(volume),
            ..VolumeState::default()
        });
        Ok(state.clone())
    }

    /// Takes over the size of another volume, as a copy would.
    ///
    /// # Errors
    /// NOT_FOUND where one of them is not there.
    pub fn copy_volume(&self, source: &VolumeRef, target: &VolumeRef) -> Result<(), Status> {
        let mut content = self.content();
        let size = content.volumes.get(&source.volume_id).ok_or_else(no_volume)?.actual_size;
        content.volumes.get_mut(&target.volume_id).ok_or_else(no_volume)?.actual_size = size;
        Ok(())
    }

    /// Removes a volume; one that is gone is fine.
    pub fn remove_volume(&self, volume: &VolumeRef) {
        self.content().volumes.remove(&volume.volume_id);
    }

    /// Grows a volume.
    ///
    /// # Errors
    /// INVALID_ARGUMENT or NOT_FOUND.
    pub fn resize_volume(&self, request: ResizeVolumeRequest) -> Result<VolumeState, Status> {
        let volume = named(request.volume)?;
        let mut content = self.content();
        let state = content.volumes.get_mut(&volume.volume_id).ok_or_else(no_volume)?;
        state.virtual_size = state.virtual_size.max(request.virtual_size);
        Ok(state.clone())
    }

    /// A volume.
    ///
    /// # Errors
    /// NOT_FOUND.
    pub fn volume(&self, volume: &VolumeRef) -> Result<VolumeState, Status> {
        self.content().volumes.get(&volume.volume_id).cloned().ok_or_else(no_volume)
    }

    /// The volumes of a domain.
    #[must_use]
    pub fn volumes(&self, domain: &str) -> Vec<VolumeState> {
        within(&self.content(), domain).cloned().collect()
    }
}

fn within<'c>(content: &'c Content, domain: &'c str) -> impl Iterator<Item = &'c VolumeState> {
    let there = move |state: &&VolumeState| state.volume.as_ref().is_some_and(|volume| volume.domain_id == domain);
    content.volumes.values().filter(there)
}
