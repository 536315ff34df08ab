//! What a VM finds on this host: files, bridges, filters. Made ready before libvirt is asked, so that what is missing is
//! said in plain words.

use std::collections::BTreeMap;
use std::os::unix::fs::{OpenOptionsExt, PermissionsExt};
use std::path::{Path, PathBuf};
use std::sync::Arc;

use async_trait::async_trait;
use ferrovirt_hostapi::{CdromSpec, DiskSpec, NicSpec, VmSpec};
use uuid::Uuid;

use super::{VmError, drive};
use crate::config::{Config, DiskCache};
use crate::domxml::{Accelerator, Place};
use crate::hypervisor::Hypervisor;
use crate::ledger::Ledger;
use crate::storage::Storage;

/// Prepares this host for a VM.
#[async_trait]
pub trait Places: Send + Sync + 'static {
    /// Everything that the VM needs.
    async fn prepare(&self, spec: &VmSpec) -> Result<Place, VmError>;
    /// One more disk: its file, and whether it takes `O_DIRECT`.
    async fn disk(&self, disk: &DiskSpec) -> Result<(PathBuf, bool), VmError>;
    /// One more NIC.
    async fn nic(&self, nic: &NicSpec) -> Result<(), VmError>;
    /// A disc.
    async fn cdrom(&self, cdrom: &CdromSpec) -> Result<Option<PathBuf>, VmError>;
    /// Removes what was made for the VM.
    async fn clear(&self, vm_id: &str);
}

/// The real host.
pub struct HostPlaces {
    storage: Storage,
    hypervisor: Arc<dyn Hypervisor>,
    accelerator: Accelerator,
    partition: Option<String>,
    cache: DiskCache,
    folder: PathBuf,
}

impl HostPlaces {
    /// The places of this host.
    pub fn new(config: &Config, storage: Storage, hypervisor: Arc<dyn Hypervisor>, accelerator: Accelerator) -> Self {
        HostPlaces {
            storage,
            hypervisor,
            accelerator,
            partition: config.resource_partition.clone(),
            cache: config.disk_cache,
            folder: config.run_dir.join("drives"),
        }
    }

    /// Removes first-boot data of runs that the ledger does not call alive. QEMU keeps a drive that it has open.
    pub async fn sweep(&self, ledger: &Ledger) {
        let swept = match ledger.load() {
            Ok(records) => {
                let alive = |id: &str| {
                    records.iter().any(|record| record.vm_id.eq_ignore_ascii_case(id) && record.standing.is_alive())
                };
                drive::sweep(&self.folder, alive).await.map_err(|error| words(&error))
            }
            Err(error) => Err(error.to_string()),
        };
        if let Err(error) = swept {
            tracing::error!(%error, "first-boot data that no run needs may be left on this host");
        }
    }

    fn drive(&self, vm_id: &str) -> Result<PathBuf, VmError> {
        let id = Uuid::parse_str(vm_id).map_err(|_| VmError::Invalid(format!("{vm_id:?} is no id of a VM")))?;
        Ok(self.folder.join(format!("{id}.iso")))
    }

    /// The drive with first-boot data. The folder can be crossed, for QEMU, and not listed.
    async fn first_boot(&self, spec: &VmSpec) -> Result<Option<PathBuf>, VmError> {
        let Some(data) = &spec.first_boot else { return Ok(None) };
        let path = self.drive(&spec.id)?;
        let fail = |error: std::io::Error| VmError::Failed(format!("{}: {error}", self.folder.display()));
        tokio::fs::create_dir_all(&self.folder).await.map_err(fail)?;
        tokio::fs::set_permissions(&self.folder, PermissionsExt::from_mode(0o711)).await.map_err(fail)?;
        drive::make(&path, data).await.map_err(|error| VmError::Failed(words(&error)))?;
        Ok(Some(path))
    }
}

/// An error with its cause.
fn words(error: &dyn std::error::Error) -> String {
    error.source().map_or_else(|| error.to_string(), |cause| format!("{error}: {cause}"))
}

fn takes_direct(path: &Path) -> bool {
    std::fs::OpenOptions::new().read(true).custom_flags(nix::libc::O_DIRECT).open(path).is_ok()
}

/// Whether a bridge of that name stands on this host.
fn bridge_stands(name: &str) -> bool {
    !name.contains('/')
        && (Path::new("/sys/class/net").join(name).join("bridge").exists()
            || Path::new("/sys/class/net").join(name).join("brif").exists())
}

/// A VNC password of the eight characters that the protocol takes.
pub fn random_password() -> String {
    Uuid::new_v4().simple().to_string().chars().take(8).collect()
}

#[async_trait]
impl Places for HostPlaces {
    async fn prepare(&self, spec: &VmSpec) -> Result<Place, VmError> {
        let mut disks = BTreeMap::new();
        for disk in &spec.disks {
            disks.insert(disk.disk_id.clone(), self.disk(disk).await?);
        }
        for nic in &spec.nics {
            self.nic(nic).await?;
        }
        let cdrom = match &spec.cdrom {
            Some(cdrom) => self.cdrom(cdrom).await?,
            None => None,
        };
        Ok(Place {
            accelerator: self.accelerator,
            partition: self.partition.clone(),
            disks,
            cdrom,
            first_boot: self.first_boot(spec).await?,
            console_password: random_password(),
        })
    }

    async fn disk(&self, disk: &DiskSpec) -> Result<(PathBuf, bool), VmError> {
        let volume =
            disk.volume.as_ref().ok_or_else(|| VmError::Invalid(format!("disk {} names no volume", disk.disk_id)))?;
        let format = if disk.format.is_empty() { "raw" } else { &disk.format };
        let path = self.storage.prepare(volume, format).await.map_err(|error| VmError::Failed(error.to_string()))?;
        let direct = match self.cache {
            DiskCache::None => true,
            DiskCache::Writethrough => false,
            DiskCache::Auto => {
                let path = path.clone();
                tokio::task::spawn_blocking(move || takes_direct(&path)).await.unwrap_or(false)
            }
        };
        Ok((path, direct))
    }

    async fn nic(&self, nic: &NicSpec) -> Result<(), VmError> {
        if nic.bridge.is_empty() {
            return Ok(());
        }
        if !bridge_stands(&nic.bridge) {
            return Err(VmError::Denied(format!("network bridge {} does not stand on this host", nic.bridge)));
        }
        if !nic.filter.is_empty() {
            self.hypervisor.ensure_filter(&nic.filter).await?;
        }
        Ok(())
    }

    async fn cdrom(&self, cdrom: &CdromSpec) -> Result<Option<PathBuf>, VmError> {
        let Some(volume) = cdrom.volume.as_ref().filter(|_| cdrom.present) else { return Ok(None) };
        let path = self.storage.prepare(volume, "raw").await.map_err(|error| VmError::Failed(error.to_string()))?;
        Ok(Some(path))
    }

    async fn clear(&self, vm_id: &str) {
        let Ok(path) = self.drive(vm_id) else { return };
        if let Err(error) = drive::remove(&path).await {
            tracing::warn!(vm = vm_id, error = %words(&error), "the drive with first-boot data could not be removed");
        }
    }
}
