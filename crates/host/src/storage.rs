//! Storage domains and volumes of this host: mounts, metadata, files. It refuses to know virtual machines.
//!
//! Everything here may be asked twice: what stands already as asked is success. Nothing waits on storage without a
//! deadline, and no image is opened by a program before its header was read in process.

pub(crate) mod blocking;
mod copy;
mod domains;
mod metadata;
mod mounts;
mod paths;
mod qcow2;
mod qemu_img;
mod tasks;
mod volumes;
mod watch;

use std::collections::HashMap;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError, RwLock, Weak};
use std::time::Duration;

use async_trait::async_trait;
use ferrovirt_hostapi as api;

use crate::config::Config;
use crate::reports::Reports;
use blocking::{LONG, SHORT, within};
use mounts::Parting;
use paths::VolumePaths;

/// Why storage did not do what was asked.
#[derive(Debug, thiserror::Error)]
pub enum StorageError {
    /// The request can't be meant.
    #[error("{0}")]
    Invalid(String),
    /// What is named does not exist here.
    #[error("{0}")]
    NotFound(String),
    /// The world stands in the way: not mounted, in use, exists with other content, wrong metadata.
    #[error("{0}")]
    Refused(String),
    /// No room; nothing was written.
    #[error("{0}")]
    Full(String),
    /// The storage does not answer in time; it may later.
    #[error("{0}")]
    NotAnswering(String),
    /// The storage itself failed.
    #[error("{context}: {source}")]
    Io {
        /// What was tried.
        context: String,
        /// What the system said.
        source: std::io::Error,
    },
}

impl StorageError {
    /// A failure of the system; a full file system is told as such.
    pub(crate) fn io(context: impl Into<String>, source: std::io::Error) -> Self {
        match source.raw_os_error() {
            Some(nix::libc::ENOSPC | nix::libc::EDQUOT) => StorageError::Full(format!("{}: {source}", context.into())),
            _ => StorageError::Io { context: context.into(), source },
        }
    }
}

impl From<StorageError> for tonic::Status {
    fn from(error: StorageError) -> Self {
        let text = error.to_string();
        match error {
            StorageError::Invalid(_) => tonic::Status::invalid_argument(text),
            StorageError::NotFound(_) => tonic::Status::not_found(text),
            StorageError::Refused(_) => tonic::Status::failed_precondition(text),
            StorageError::Full(_) => tonic::Status::resource_exhausted(text),
            StorageError::NotAnswering(_) => tonic::Status::unavailable(text),
            StorageError::Io { .. } => tonic::Status::internal(text),
        }
    }
}

/// What every request answers.
pub type Answer<T> = Result<T, StorageError>;

/// How a volume grows while a VM writes to it: only the hypervisor can tell QEMU.
#[async_trait]
pub trait LiveResize: Send + Sync {
    /// Grows the disk file at `path` in the VM to `size` bytes. False: the VM does not run here.
    async fn resize(&self, vm_id: &str, path: &Path, size: u64) -> Result<bool, String>;
}

/// The storage of one host. Cheap to clone.
#[derive(Clone)]
pub struct Storage {
    inner: Arc<Inner>,
}

struct Inner {
    root: PathBuf,
    mounts: mounts::Mounts,
    watch: Arc<watch::Watch>,
    tasks: tasks::Tasks,
    /// One change at a time a disk.
    disks: Mutex<HashMap<String, Weak<tokio::sync::Mutex<()>>>>,
    live_resize: RwLock<Option<Arc<dyn LiveResize>>>,
}

impl Storage {
    /// Opens the host's storage; domains that were active before a restart are watched again.
    pub async fn open(config: &Config, reports: Reports) -> Answer<Self> {
        let state_dir = config.state_dir.join("storage");
        let storage = Storage {
            inner: Arc::new(Inner {
                root: config.storage_root.clone(),
                mounts: mounts::Mounts::new(config.storage_root.clone()),
                watch: Arc::new(watch::Watch::open(&state_dir, reports.clone())?),
                tasks: tasks::Tasks::open(&state_dir, reports.clone())?,
                disks: Mutex::default(),
                live_resize: RwLock::default(),
            }),
        };
        for request in storage.inner.watch.remembered() {
            let (storage, reports) = (storage.clone(), reports.clone());
            tokio::spawn(async move {
                // Mounts may hang: the agent serves meanwhile, and VMs that run need none of this.
                let id = request.domain_id.clone();
                if let Err(error) = storage.activate_domain(request).await {
                    tracing::warn!(domain = id, %error, "a domain that was active can't be used");
                    reports.push_domain(watch::unready(&id, error.to_string()));
                }
            });
        }
        Ok(storage)
    }

    /// Gives storage its way to grow disks of running VMs.
    pub fn set_live_resize(&self, resize: Arc<dyn LiveResize>) {
        *self.inner.live_resize.write().unwrap_or_else(PoisonError::into_inner) = Some(resize);
    }

    /// Where the volume's file stands on this host. Pure: names only, nothing is looked at.
    pub fn path_of(&self, volume: &api::VolumeRef) -> Answer<PathBuf> {
        VolumePaths::of(&self.inner.root, volume).map(|paths| paths.data)
    }

    /// Makes a volume ready for a VM or a transfer: mounted, fit for use, of that format, its chain of backing files
    /// inside the domain. Returns its file.
    pub async fn prepare(&self, volume: &api::VolumeRef, format: &str) -> Answer<PathBuf> {
        let paths = self.reach(volume).await?;
        let format = volumes::format(format)?;
        within("preparing a volume", SHORT, move || volumes::usable(&paths, format).map(|_| paths.data)).await
    }

    /// Makes a connection stand.
    pub async fn connect(&self, connection: &api::StorageConnection) -> Answer<()> {
        self.inner.mounts.connect(connection).await.map(drop)
    }

    /// Ends a connection; active domains keep theirs until they are deactivated.
    pub async fn disconnect(&self, connection: &api::StorageConnection) -> Answer<()> {
        self.inner.mounts.disconnect(connection).await
    }

    /// Makes a storage domain on empty storage.
    pub async fn create_domain(&self, request: api::CreateDomainRequest) -> Answer<api::DomainState> {
        let connection = paths::connection(request.connection.as_ref())?.clone();
        self.visit("making a storage domain", SHORT, &connection, move |mount| {
            domains::create(mount, &request)?;
            domains::look(&mount.join(paths::id("storage domain", &request.domain_id)?))
        })
        .await
    }

    /// Begins to use and to watch a domain.
    pub async fn activate_domain(&self, mut request: api::DomainRequest) -> Answer<api::DomainState> {
        let id = paths::id("storage domain", &request.domain_id)?;
        request.domain_id.clone_from(&id);
        let connection = paths::connection(request.connection.as_ref())?.clone();
        let mount = self.inner.mounts.hold(&connection, &id).await?;
        let place = mount.join(&id);
        let seen = place.clone();
        match within("looking at a storage domain", SHORT, move || domains::look(&seen)).await {
            Ok(state) => {
                self.inner.watch.add(request, place.clone(), state.clone())?;
                tokio::task::spawn_blocking(move || match domains::collect_garbage(&place) {
                    Ok(0) => {}
                    Ok(disks) => tracing::info!(disks, "removed disks that a crash had left half removed"),
                    Err(error) => tracing::warn!(%error, "half removed disks stay"),
                });
                Ok(state)
            }
            Err(error) => {
                if self.inner.watch.state(&id).is_none()
                    && let Err(trouble) = self.inner.mounts.release(&connection, &id, Parting::Gently).await
                {
                    tracing::warn!(domain = id, error = %trouble, "the mount of a domain that can't be used stays");
                }
                Err(error)
            }
        }
    }

    /// Stops to use a domain.
    pub async fn deactivate_domain(&self, request: &api::DomainRequest) -> Answer<()> {
        let id = paths::id("storage domain", &request.domain_id)?;
        let was = self.inner.watch.remove(&id)?;
        let connection = was.as_ref().and_then(|was| was.connection.as_ref()).or(request.connection.as_ref());
        self.inner.mounts.release(paths::connection(connection)?, &id, Parting::Surely).await
    }

    /// Erases a domain that this software made.
    pub async fn remove_domain(&self, request: &api::DomainRequest) -> Answer<()> {
        let id = paths::id("storage domain", &request.domain_id)?;
        if self.inner.watch.state(&id).is_some() {
            return Err(StorageError::Refused(format!("storage domain {id} is active on this host")));
        }
        let connection = paths::connection(request.connection.as_ref())?;
        self.visit("removing a storage domain", LONG, connection, move |mount| domains::remove(mount, &id)).await
    }

    /// The state of a domain: of its last look when it is active, of a look now otherwise.
    pub async fn domain(&self, request: &api::DomainRequest) -> Answer<api::DomainState> {
        let id = paths::id("storage domain", &request.domain_id)?;
        if let Some(state) = self.inner.watch.state(&id) {
            return Ok(state);
        }
        let connection = paths::connection(request.connection.as_ref())?;
        self.visit("looking at a storage domain", SHORT, connection, move |mount| domains::look(&mount.join(id))).await
    }

    /// Works on a connection that stands afterwards only if someone else needs it.
    async fn visit<T: Send + 'static>(
        &self,
        what: &str,
        deadline: Duration,
        connection: &api::StorageConnection,
        work: impl FnOnce(&Path) -> Answer<T> + Send + 'static,
    ) -> Answer<T> {
        let visit = self.inner.mounts.visit(connection).await?;
        let work = move || {
            // The whole visit goes along, not the folder's name alone.
            let visit = visit;
            work(&visit.folder)
        };
        let done = within(what, deadline, work).await;
        if let Err(error) = self.inner.mounts.tidy(connection).await {
            tracing::warn!(%error, "a mount that nobody needs stays");
        }
        done
    }

    /// The states of all active domains.
    pub fn domain_states(&self) -> Vec<api::DomainState> {
        self.inner.watch.states()
    }

    /// Makes a volume.
    pub async fn create_volume(&self, request: api::CreateVolumeRequest) -> Answer<api::VolumeState> {
        let new = volumes::NewVolume::of(&self.inner.root, &request)?;
        let volume = request.volume.ok_or_else(|| StorageError::Invalid("no volume is named".into()))?;
        self.reach(&volume).await?;
        let lock = self.lock(&new.paths);
        let _turn = lock.lock().await;
        let (begun, paths) = (new.clone(), new.paths.clone());
        let stands = within("making a volume", LONG, move || volumes::begin(&begun)).await?;
        if !stands && let Err(error) = self.fill(&new).await {
            within("undoing a volume", SHORT, move || volumes::abandon(&new)).await?;
            return Err(error);
        }
        within("looking at a volume", SHORT, move || volumes::state(&paths, &volume)).await
    }

    async fn fill(&self, new: &volumes::NewVolume) -> Answer<()> {
        if new.qcow2 {
            let scratch = new.scratch();
            let mut options = "compat=1.1".to_owned();
            if !new.sparse {
                options.push_str(",preallocation=falloc");
            }
            let mut arguments = qemu_img::arguments([&"create", &"-q", &"-f", &"qcow2", &"-o", &options]);
            if let Some((backing, format)) = new.backing() {
                // Its chain was checked in process: `-u` keeps the program from opening it.
                arguments.extend(qemu_img::arguments([&"-u", &"-b", &backing, &"-F", &format]));
            }
            arguments.extend(qemu_img::arguments([&scratch, &new.size.to_string()]));
            qemu_img::run(&arguments, qemu_img::Limits::HEADER).await?;
        }
        let new = new.clone();
        within("naming a volume", SHORT, move || volumes::end(&new)).await
    }

    /// Removes a volume: it loses its name at once; a wipe goes on behind.
    pub async fn remove_volume(&self, request: &api::VolumeRequest) -> Answer<()> {
        let paths = self.reach(named(request)?).await?;
        let wipe = request.wipe;
        let lock = self.lock(&paths);
        let _turn = lock.lock().await;
        let leftover = within("removing a volume", SHORT, move || volumes::unname(&paths, wipe)).await?;
        let Some(leftover) = leftover else { return Ok(()) };
        if !wipe {
            return within("removing a volume", LONG, move || volumes::erase(&leftover)).await;
        }
        tokio::task::spawn_blocking(move || {
            if let Err(error) = volumes::erase(&leftover) {
                tracing::error!(%error, "a removed volume could not be wiped; the next activation of its domain tries again");
            }
        });
        Ok(())
    }

    /// Grows a volume; a running VM's by the hypervisor.
    pub async fn resize_volume(&self, request: &api::ResizeVolumeRequest) -> Answer<api::VolumeState> {
        let volume = request.volume.clone().ok_or_else(|| StorageError::Invalid("no volume is named".into()))?;
        let paths = self.reach(&volume).await?;
        let (format, size) = (volumes::format(&request.format)?, volumes::size(request.virtual_size)?);
        let lock = self.lock(&paths);
        let _turn = lock.lock().await;
        let seen = paths.clone();
        let (metadata, grows) =
            within("checking a volume", SHORT, move || volumes::begin_resize(&seen, format, size)).await?;
        if grows && !self.resize_live(&request.vm_id, &paths.data, size).await? {
            if metadata.qcow2 {
                let arguments =
                    qemu_img::arguments([&"resize", &"-q", &"-f", &"qcow2", &paths.data, &size.to_string()]);
                qemu_img::run(&arguments, qemu_img::Limits::HEADER).await?;
            } else {
                let grown = paths.clone();
                within("growing a volume", LONG, move || volumes::grow_raw(&grown, metadata.sparse, size)).await?;
            }
        }
        within("recording a size", SHORT, move || {
            volumes::end_resize(&paths, size)?;
            volumes::state(&paths, &volume)
        })
        .await
    }

    async fn resize_live(&self, vm_id: &str, path: &Path, size: u64) -> Answer<bool> {
        if vm_id.is_empty() {
            return Ok(false);
        }
        let resize = self.inner.live_resize.read().unwrap_or_else(PoisonError::into_inner).clone();
        match resize {
            Some(resize) => resize.resize(vm_id, path, size).await.map_err(StorageError::Refused),
            None => Err(StorageError::Refused("this host can't grow the disk of a running VM".into())),
        }
    }

    /// The state of a volume.
    pub async fn volume(&self, request: &api::VolumeRequest) -> Answer<api::VolumeState> {
        let volume = named(request)?.clone();
        let paths = self.reach(&volume).await?;
        within("looking at a volume", SHORT, move || volumes::state(&paths, &volume)).await
    }

    /// Every volume of a domain.
    pub async fn list_volumes(&self, request: &api::DomainRequest) -> Answer<api::VolumeList> {
        let of = api::VolumeRef {
            connection: request.connection.clone(),
            domain_id: paths::id("storage domain", &request.domain_id)?,
            data_center_id: request.data_center_id.clone(),
            ..Default::default()
        };
        self.inner.watch.require_answering(&of.domain_id)?;
        self.inner.mounts.stand_by(paths::connection(of.connection.as_ref())?).await?;
        let root = self.inner.root.clone();
        let volumes = within("listing volumes", SHORT, move || volumes::list(&root, &of)).await?;
        Ok(api::VolumeList { volumes })
    }

    /// Begins to copy a volume into another; progress and end are told as task reports.
    pub async fn copy_volume(&self, request: api::CopyVolumeRequest) -> Answer<()> {
        copy::begin(self, request).await
    }

    /// The state of a task; an unknown one is told as failed.
    pub fn task(&self, request: &api::TaskRequest) -> api::TaskState {
        self.inner.tasks.state(&request.key.clone().unwrap_or_default())
    }

    /// The states of all known tasks.
    pub fn task_states(&self) -> Vec<api::TaskState> {
        self.inner.tasks.states()
    }

    /// Cancels a task and waits for its end.
    pub async fn cancel_task(&self, request: &api::TaskRequest) -> Answer<()> {
        self.inner.tasks.cancel(&request.key.clone().unwrap_or_default()).await
    }

    /// Marks a volume unfit for use while strangers write its very bytes. A crash leaves it unfit.
    pub async fn begin_upload(&self, volume: &api::VolumeRef) -> Answer<PathBuf> {
        let paths = self.reach(volume).await?;
        within("opening a volume for upload", SHORT, move || volumes::set_legal(&paths, false).map(|()| paths.data))
            .await
    }

    /// Checks uploaded content: a qcow2 must stand alone, or on the volume's own parent, and have the size that the
    /// disk was made with. Only then the volume is fit for use.
    pub async fn verify(&self, volume: &api::VolumeRef) -> Answer<()> {
        let paths = self.reach(volume).await?;
        within("checking an upload", SHORT, move || {
            let promised = volumes::read_metadata(&paths)?.capacity;
            volumes::verify(&paths, promised)
        })
        .await
    }

    /// The paths of a volume, its connection standing and its domain answering.
    async fn reach(&self, volume: &api::VolumeRef) -> Answer<VolumePaths> {
        let paths = VolumePaths::of(&self.inner.root, volume)?;
        self.inner.watch.require_answering(&paths.domain_id)?;
        self.inner.mounts.stand_by(paths::connection(volume.connection.as_ref())?).await?;
        Ok(paths)
    }

    fn lock(&self, paths: &VolumePaths) -> Arc<tokio::sync::Mutex<()>> {
        let mut disks = self.inner.disks.lock().unwrap_or_else(PoisonError::into_inner);
        disks.retain(|_, lock| lock.strong_count() > 0);
        let key = format!("{}/{}", paths.domain_id, paths.disk_id);
        if let Some(lock) = disks.get(&key).and_then(Weak::upgrade) {
            return lock;
        }
        let lock = Arc::new(tokio::sync::Mutex::new(()));
        disks.insert(key, Arc::downgrade(&lock));
        lock
    }
}

fn named(request: &api::VolumeRequest) -> Answer<&api::VolumeRef> {
    request.volume.as_ref().ok_or_else(|| StorageError::Invalid("no volume is named".into()))
}

#[cfg(test)]
mod tests;
