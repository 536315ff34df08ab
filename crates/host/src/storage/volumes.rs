//! Volumes of file domains: make, look at, grow, remove. Blocking parts only; `qemu-img` calls are the caller's.
//!
//! A volume is its data file with a `.meta` beside it. The data file gets its name last, so a volume that has a name is
//! whole; what is being removed loses its name first. It refuses to know running VMs.

use std::fs::{self, DirBuilder, File, OpenOptions};
use std::io;
use std::os::unix::fs::{DirBuilderExt, MetadataExt, OpenOptionsExt};
use std::path::{Path, PathBuf};
use std::time::{SystemTime, UNIX_EPOCH};

use ferrovirt_hostapi as api;

use super::metadata::{VolumeKind, VolumeMetadata};
use super::paths::{self, VolumePaths};
use super::qcow2::{self, Header};
use super::{Answer, StorageError, blocking, domains};

/// Largest virtual size that is made: 1 PiB, far beyond what a file system holds, far below what overflows.
const LARGEST: u64 = 1 << 50;
/// Room that the smallest volume takes with its metadata.
const SMALLEST: u64 = 1 << 20;

fn io_at(what: &str, path: &Path) -> impl FnOnce(io::Error) -> StorageError {
    let context = format!("{what} {}", path.display());
    move |source| StorageError::io(context, source)
}

/// What a request for a new volume asks, checked as far as that needs no storage.
#[derive(Debug, Clone)]
pub(super) struct NewVolume {
    pub(super) paths: VolumePaths,
    pub(super) parent: Option<(VolumePaths, &'static str)>,
    pub(super) qcow2: bool,
    pub(super) sparse: bool,
    pub(super) size: u64,
    initial_size: u64,
    description: String,
}

/// `raw` or `qcow2`, and nothing else.
pub(super) fn format(text: &str) -> Answer<&'static str> {
    match text {
        "raw" => Ok("raw"),
        "qcow2" => Ok("qcow2"),
        other => Err(StorageError::Invalid(format!("volume format {other:?} is neither raw nor qcow2"))),
    }
}

/// Refuses sizes that nothing can hold.
pub(super) fn size(bytes: u64) -> Answer<u64> {
    if bytes == 0 || bytes > LARGEST {
        return Err(StorageError::Invalid(format!("a volume of {bytes} bytes can't be made")));
    }
    // QEMU counts in sectors.
    Ok(bytes.next_multiple_of(512))
}

impl NewVolume {
    pub(super) fn of(root: &Path, request: &api::CreateVolumeRequest) -> Answer<Self> {
        let volume = request.volume.as_ref().ok_or_else(|| StorageError::Invalid("no volume is named".into()))?;
        let paths = VolumePaths::of(root, volume)?;
        let qcow2 = format(&request.format)? == "qcow2";
        let parent = match &request.parent {
            None => None,
            Some(parent) => Some((VolumePaths::of(root, parent)?, format(&request.parent_format)?)),
        };
        if let Some((parent, _)) = &parent {
            if !qcow2 {
                return Err(StorageError::Invalid("only a qcow2 volume can have a parent".into()));
            }
            if parent.domain != paths.domain || parent.data == paths.data {
                return Err(StorageError::Invalid("a parent is another volume of the same storage domain".into()));
            }
        }
        Ok(NewVolume {
            paths,
            parent,
            qcow2,
            sparse: request.sparse,
            size: size(request.virtual_size)?,
            initial_size: request.initial_size,
            description: request.description.clone(),
        })
    }

    /// Bytes that must be free before anything is written.
    fn needed(&self) -> u64 {
        let overhead = if self.qcow2 { self.size / 4096 } else { 0 };
        let content = if self.sparse { self.initial_size } else { self.size };
        let overhead = if self.sparse { overhead.min(SMALLEST) } else { overhead };
        content.saturating_add(overhead).saturating_add(SMALLEST)
    }

    /// The file that becomes the volume.
    pub(super) fn scratch(&self) -> PathBuf {
        self.paths.disk.join(format!("{}.creating", self.paths.volume_id))
    }

    /// The backing file and its format, as the image will name them.
    pub(super) fn backing(&self) -> Option<(String, &'static str)> {
        self.parent.as_ref().map(|(parent, format)| (paths::relative_backing(&self.paths, parent), *format))
    }

    fn metadata(&self) -> VolumeMetadata {
        VolumeMetadata {
            capacity: self.size,
            created: SystemTime::now().duration_since(UNIX_EPOCH).map_or(0, |since| since.as_secs()),
            description: self.description.clone(),
            disk_type: "DATA".into(),
            domain: self.paths.domain_id.clone(),
            qcow2: self.qcow2,
            generation: 0,
            disk: self.paths.disk_id.clone(),
            legal: true,
            parent: self.parent.as_ref().map(|(parent, _)| parent.volume_id.clone()),
            sequence: 1,
            sparse: self.sparse,
            kind: VolumeKind::Leaf,
        }
    }
}

/// Reads a volume's metadata.
pub(super) fn read_metadata(paths: &VolumePaths) -> Answer<VolumeMetadata> {
    paths.refuse_links()?;
    let text = fs::read_to_string(&paths.meta).map_err(|source| match source.kind() {
        io::ErrorKind::NotFound => StorageError::NotFound(format!(
            "volume {} of disk {} does not exist in storage domain {}",
            paths.volume_id, paths.disk_id, paths.domain_id
        )),
        _ => StorageError::io(format!("reading {}", paths.meta.display()), source),
    })?;
    VolumeMetadata::parse(&text)
        .map_err(|error| StorageError::Refused(format!("metadata of volume {}: {error}", paths.volume_id)))
}

/// Writes a volume's metadata, whole or not at all.
pub(super) fn write_metadata(paths: &VolumePaths, metadata: &VolumeMetadata) -> Answer<()> {
    let text = metadata.text().map_err(|error| StorageError::Invalid(error.to_string()))?;
    blocking::replace(&paths.meta, text.as_bytes(), 0o660).map_err(io_at("writing", &paths.meta))
}

/// Marks a volume fit or unfit for use.
pub(super) fn set_legal(paths: &VolumePaths, legal: bool) -> Answer<()> {
    let mut metadata = read_metadata(paths)?;
    if metadata.legal == legal {
        return Ok(());
    }
    metadata.legal = legal;
    write_metadata(paths, &metadata)
}

/// The first half of a creation: what is there already, what stands in the way, is there room. True: nothing to do.
pub(super) fn begin(new: &NewVolume) -> Answer<bool> {
    let paths = &new.paths;
    domains::read(&paths.domain)?;
    paths.refuse_links()?;
    match (paths.meta.exists(), paths.data.exists()) {
        (true, true) => return same(new).map(|()| true),
        (false, true) => {
            let text = format!("{} has no metadata: it is not touched", paths.data.display());
            return Err(StorageError::Refused(text));
        }
        (_, false) => {}
    }
    if let Some((parent, parent_format)) = &new.parent {
        let metadata = usable(parent, parent_format)?;
        if metadata.capacity > new.size {
            let text = format!("{} bytes are less than the {} of the parent volume", new.size, metadata.capacity);
            return Err(StorageError::Invalid(text));
        }
    }
    domains::require_room(&paths.domain, new.needed())?;
    DirBuilder::new().mode(0o755).recursive(true).create(&paths.disk).map_err(io_at("making", &paths.disk))?;
    remove_file(&new.scratch())?;
    if !new.qcow2 {
        raw_file(&new.scratch(), new.size, new.sparse)?;
    }
    Ok(false)
}

/// The second half: metadata, then the name.
pub(super) fn end(new: &NewVolume) -> Answer<()> {
    let scratch = new.scratch();
    fs::set_permissions(&scratch, std::os::unix::fs::PermissionsExt::from_mode(0o660))
        .map_err(io_at("opening up", &scratch))?;
    File::open(&scratch).and_then(|file| file.sync_all()).map_err(io_at("writing out", &scratch))?;
    if let Some((parent, _)) = &new.parent {
        let kind = if parent.disk_id == new.paths.disk_id { VolumeKind::Internal } else { VolumeKind::Shared };
        let mut metadata = read_metadata(parent)?;
        if metadata.kind == VolumeKind::Leaf || kind == VolumeKind::Shared {
            metadata.kind = kind;
            write_metadata(parent, &metadata)?;
        }
    }
    write_metadata(&new.paths, &new.metadata())?;
    fs::rename(&scratch, &new.paths.data).map_err(io_at("naming", &new.paths.data))?;
    blocking::sync_folder(Some(&new.paths.disk)).map_err(io_at("writing out", &new.paths.disk))
}

/// Undoes a creation that failed; what can't be removed now is removed by the next try.
pub(super) fn abandon(new: &NewVolume) -> Answer<()> {
    remove_file(&new.scratch())?;
    // Fails where other volumes of the disk stand there, which is as it should be.
    let _ = fs::remove_dir(&new.paths.disk);
    Ok(())
}

fn same(new: &NewVolume) -> Answer<()> {
    let found = read_metadata(&new.paths)?;
    let wanted = new.metadata();
    if found.capacity == wanted.capacity && found.qcow2 == wanted.qcow2 && found.parent == wanted.parent {
        return Ok(());
    }
    Err(StorageError::Refused(format!("volume {} exists already, and differs", new.paths.volume_id)))
}

fn raw_file(path: &Path, size: u64, sparse: bool) -> Answer<()> {
    let file = OpenOptions::new().write(true).create_new(true).mode(0o660).open(path).map_err(io_at("making", path))?;
    file.set_len(size).map_err(io_at("sizing", path))?;
    if sparse {
        return Ok(());
    }
    blocking::allocate(&file, 0, size).map_err(|source| match source.raw_os_error() {
        Some(nix::libc::ENOSPC) => StorageError::Full(format!("{size} bytes could not be reserved")),
        _ => StorageError::io(format!("reserving {}", path.display()), source),
    })
}

/// The metadata of a volume that may be used as `expected` format, its whole chain checked.
pub(super) fn usable(paths: &VolumePaths, expected: &str) -> Answer<VolumeMetadata> {
    let metadata = read_metadata(paths)?;
    if !metadata.legal {
        return Err(StorageError::Refused(format!("volume {} is not fit for use", paths.volume_id)));
    }
    if metadata.format() != expected {
        let text = format!("volume {} is {}, not {expected}", paths.volume_id, metadata.format());
        return Err(StorageError::Refused(text));
    }
    chain(paths, &metadata)?;
    Ok(metadata)
}

/// Every file that the volume reads from, itself first.
pub(super) fn chain(paths: &VolumePaths, metadata: &VolumeMetadata) -> Answer<Vec<PathBuf>> {
    qcow2::chain(&paths.data, metadata.qcow2, &paths.domain.join("images"))
        .map_err(|error| StorageError::Refused(format!("volume {} can't be used: {error}", paths.volume_id)))
}

/// The state of a volume, from its metadata and its header.
pub(super) fn state(paths: &VolumePaths, volume: &api::VolumeRef) -> Answer<api::VolumeState> {
    let metadata = read_metadata(paths)?;
    let file = fs::metadata(&paths.data).map_err(|source| match source.kind() {
        io::ErrorKind::NotFound => StorageError::NotFound(format!("volume {} has no data", paths.volume_id)),
        _ => StorageError::io(format!("looking at {}", paths.data.display()), source),
    })?;
    let (virtual_size, sound) = if metadata.qcow2 {
        let header = File::open(&paths.data).map_err(qcow2::Qcow2Error::Io).and_then(|open| Header::read(&open));
        match header.and_then(|header| header.sound().map(|()| header.size)) {
            Ok(size) => (size, true),
            Err(_damaged) => (metadata.capacity, false),
        }
    } else {
        (file.len(), true)
    };
    Ok(api::VolumeState {
        volume: Some(volume.clone()),
        format: metadata.format().to_owned(),
        virtual_size,
        actual_size: file.blocks().saturating_mul(512),
        sparse: metadata.sparse,
        parent_volume_id: metadata.parent.unwrap_or_default(),
        legal: metadata.legal && sound,
        description: metadata.description,
    })
}

/// Every volume of a domain. A volume that can't be read is left out and logged, so that one damaged disk hides no other.
pub(super) fn list(root: &Path, of: &api::VolumeRef) -> Answer<Vec<api::VolumeState>> {
    let domain = VolumePaths::of(
        root,
        &api::VolumeRef { disk_id: of.domain_id.clone(), volume_id: of.domain_id.clone(), ..of.clone() },
    )?;
    domains::read(&domain.domain)?;
    let mut found = Vec::new();
    let images = domain.domain.join("images");
    for disk in ids_in(&images)? {
        for volume in ids_in(&images.join(&disk))? {
            let volume = api::VolumeRef { disk_id: disk.clone(), volume_id: volume, ..of.clone() };
            match VolumePaths::of(root, &volume).and_then(|paths| state(&paths, &volume)) {
                Ok(state) => found.push(state),
                Err(error) => tracing::warn!(volume = volume.volume_id, %error, "a volume can't be read"),
            }
        }
    }
    Ok(found)
}

/// Entries whose names are UUIDs.
fn ids_in(folder: &Path) -> Answer<Vec<String>> {
    let mut ids = Vec::new();
    for entry in fs::read_dir(folder).map_err(io_at("reading", folder))? {
        let name = entry.map_err(io_at("reading", folder))?.file_name().to_string_lossy().into_owned();
        if name.len() == 36 && uuid::Uuid::parse_str(&name).is_ok() {
            ids.push(name);
        }
    }
    ids.sort();
    Ok(ids)
}

/// What is left to do after a volume lost its name.
#[derive(Debug)]
pub(super) enum Leftover {
    /// A folder that held the only volume of its disk.
    Folder(PathBuf),
    /// Files in the folder of a disk that has other volumes.
    Files(Vec<PathBuf>),
}

/// Takes a volume's name away, so that nobody finds it any more. None: it is gone already.
pub(super) fn unname(paths: &VolumePaths, wipe: bool) -> Answer<Option<Leftover>> {
    domains::read(&paths.domain)?;
    paths.refuse_links()?;
    if !paths.disk.exists() {
        return Ok(None);
    }
    let siblings: Vec<String> = ids_in(&paths.disk)?.into_iter().filter(|volume| *volume != paths.volume_id).collect();
    let shared = read_metadata(paths).is_ok_and(|found| found.kind == VolumeKind::Shared);
    refuse_parent(paths, &siblings, shared)?;
    let prefix = if wipe { paths::REMOVED_ZERO } else { paths::REMOVED };
    if siblings.is_empty() {
        let away = paths.disk.with_file_name(format!("{prefix}{}", paths.disk_id));
        fs::rename(&paths.disk, &away).map_err(io_at("renaming", &paths.disk))?;
        blocking::sync_folder(away.parent()).map_err(io_at("writing out", &away))?;
        return Ok(Some(Leftover::Folder(away)));
    }
    let mut files = Vec::new();
    let lease = paths.disk.join(format!("{}.lease", paths.volume_id));
    for path in [&paths.data, &paths.meta, &lease] {
        let away = path.with_file_name(format!("{prefix}{}", path.file_name().unwrap_or_default().to_string_lossy()));
        match fs::rename(path, &away) {
            Ok(()) => files.push(away),
            Err(error) if error.kind() == io::ErrorKind::NotFound => {
                if away.exists() {
                    files.push(away);
                }
            }
            Err(source) => return Err(io_at("renaming", path)(source)),
        }
    }
    Ok((!files.is_empty()).then_some(Leftover::Files(files)))
}

/// Refuses to remove what other volumes read from.
fn refuse_parent(paths: &VolumePaths, siblings: &[String], shared: bool) -> Answer<()> {
    let refuse =
        |child: &str| Err(StorageError::Refused(format!("volume {} is the parent of volume {child}", paths.volume_id)));
    let parent_of = |disk: &str, volume: &str| {
        let meta = paths.domain.join("images").join(disk).join(format!("{volume}.meta"));
        let text = fs::read_to_string(meta).unwrap_or_default();
        VolumeMetadata::parse(&text).ok().and_then(|metadata| metadata.parent)
    };
    for volume in siblings {
        if parent_of(&paths.disk_id, volume).as_deref() == Some(&paths.volume_id) {
            return refuse(volume);
        }
    }
    if !shared {
        return Ok(());
    }
    let images = paths.domain.join("images");
    for disk in ids_in(&images)? {
        for volume in ids_in(&images.join(&disk))? {
            if parent_of(&disk, &volume).as_deref() == Some(&paths.volume_id) {
                return refuse(&volume);
            }
        }
    }
    Ok(())
}

/// Erases what lost its name; overwrites first where its name says so.
pub(super) fn erase(leftover: &Leftover) -> Answer<()> {
    match leftover {
        Leftover::Folder(folder) => erase_folder(folder),
        Leftover::Files(files) => files.iter().try_for_each(|file| erase_file(file, needs_wipe(file))),
    }
}

fn needs_wipe(path: &Path) -> bool {
    path.file_name().is_some_and(|name| name.to_string_lossy().starts_with(paths::REMOVED_ZERO))
}

/// Erases the folder of a disk that is being removed.
pub(super) fn erase_folder(folder: &Path) -> Answer<()> {
    let wipe = needs_wipe(folder);
    for entry in fs::read_dir(folder).map_err(io_at("reading", folder))? {
        let path = entry.map_err(io_at("reading", folder))?.path();
        if !domains::of_volume(&path.file_name().unwrap_or_default().to_string_lossy()) {
            return Err(StorageError::Refused(format!("{} belongs to no volume: the folder stays", path.display())));
        }
        erase_file(&path, wipe)?;
    }
    fs::remove_dir(folder).map_err(io_at("removing", folder))
}

fn erase_file(path: &Path, wipe: bool) -> Answer<()> {
    let found = match fs::symlink_metadata(path) {
        Ok(found) => found,
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(()),
        Err(source) => return Err(io_at("looking at", path)(source)),
    };
    if wipe && found.is_file() {
        let file = OpenOptions::new().write(true).open(path).map_err(io_at("opening", path))?;
        blocking::write_zeroes(&file, 0, found.len()).map_err(io_at("overwriting", path))?;
    }
    remove_file(path)
}

fn remove_file(path: &Path) -> Answer<()> {
    match fs::remove_file(path) {
        Ok(()) => Ok(()),
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(()),
        Err(source) => Err(io_at("removing", path)(source)),
    }
}

/// Checks a resize. Returns the metadata, and whether anything is to be done.
pub(super) fn begin_resize(paths: &VolumePaths, wanted: &str, size: u64) -> Answer<(VolumeMetadata, bool)> {
    let metadata = usable(paths, wanted)?;
    let current = if metadata.qcow2 {
        let header = File::open(&paths.data).map_err(qcow2::Qcow2Error::Io).and_then(|file| Header::read(&file));
        header.map_err(|error| StorageError::Refused(error.to_string()))?.size
    } else {
        fs::metadata(&paths.data).map_err(io_at("looking at", &paths.data))?.len()
    };
    if size < current {
        return Err(StorageError::Invalid(format!("a volume of {current} bytes can't shrink to {size}")));
    }
    if size > current && !metadata.sparse {
        domains::require_room(&paths.domain, size - current + SMALLEST)?;
    }
    Ok((metadata, size > current))
}

/// Grows a raw volume that no VM uses.
pub(super) fn grow_raw(paths: &VolumePaths, sparse: bool, size: u64) -> Answer<()> {
    let file = OpenOptions::new().write(true).open(&paths.data).map_err(io_at("opening", &paths.data))?;
    let current = file.metadata().map_err(io_at("looking at", &paths.data))?.len();
    if !sparse {
        blocking::allocate(&file, current, size).map_err(io_at("reserving", &paths.data))?;
    }
    file.set_len(size).and_then(|()| file.sync_all()).map_err(io_at("growing", &paths.data))
}

/// Records the new size.
pub(super) fn end_resize(paths: &VolumePaths, size: u64) -> Answer<()> {
    let mut metadata = read_metadata(paths)?;
    metadata.capacity = size;
    write_metadata(paths, &metadata)
}

/// Makes the data file of a copy's target empty again, whatever an earlier try left in it, and marks it unfit.
/// Returns the scratch file for the image when `qemu-img` must make it.
pub(super) fn begin_copy(target: &VolumePaths, metadata: &VolumeMetadata) -> Answer<PathBuf> {
    if metadata.parent.is_some() {
        return Err(StorageError::Refused("a volume with a parent can't be the target of a copy".into()));
    }
    set_legal(target, false)?;
    let scratch = target.disk.join(format!("{}.creating", target.volume_id));
    remove_file(&scratch)?;
    if !metadata.qcow2 {
        raw_file(&scratch, metadata.capacity, metadata.sparse)?;
    }
    Ok(scratch)
}

/// Puts the copied data in the target's place and marks it fit.
pub(super) fn end_copy(target: &VolumePaths, scratch: &Path, sparse: bool) -> Answer<()> {
    let file = OpenOptions::new().read(true).write(true).open(scratch).map_err(io_at("opening", scratch))?;
    if !sparse {
        let length = file.metadata().map_err(io_at("looking at", scratch))?.len();
        blocking::allocate(&file, 0, length).map_err(io_at("reserving", scratch))?;
    }
    file.sync_all().map_err(io_at("writing out", scratch))?;
    fs::set_permissions(scratch, std::os::unix::fs::PermissionsExt::from_mode(0o660))
        .map_err(io_at("opening up", scratch))?;
    fs::rename(scratch, &target.data).map_err(io_at("naming", &target.data))?;
    blocking::sync_folder(Some(&target.disk)).map_err(io_at("writing out", &target.disk))?;
    set_legal(target, true)
}

/// Bytes that the files of a chain take.
pub(super) fn allocated(files: &[PathBuf]) -> u64 {
    files.iter().filter_map(|file| fs::metadata(file).ok()).map(|found| found.blocks().saturating_mul(512)).sum()
}

/// Checks uploaded content against what was promised, and marks the volume fit or unfit by it.
pub(super) fn verify(paths: &VolumePaths, size: u64) -> Answer<()> {
    let metadata = read_metadata(paths)?;
    if !metadata.qcow2 {
        return set_legal(paths, true);
    }
    let header = File::open(&paths.data).map_err(qcow2::Qcow2Error::Io).and_then(|file| Header::read(&file));
    let promised = header.and_then(|header| {
        let parent = metadata.parent.as_ref().and(header.backing_file.clone());
        header.as_promised(size, parent.as_deref())
    });
    let whole = promised.map_err(|error| error.to_string()).and_then(|()| {
        // A parent is checked by where it really is, so that both forms of its name are taken.
        let files = chain(paths, &metadata).map_err(|error| error.to_string())?;
        let parent = files.get(1).and_then(|file| file.file_name()).map(|name| name.to_string_lossy().into_owned());
        if parent == metadata.parent { Ok(()) } else { Err("its backing file is not the volume's parent".to_owned()) }
    });
    match whole {
        Ok(()) => set_legal(paths, true),
        Err(why) => {
            set_legal(paths, false)?;
            Err(StorageError::Refused(format!("the uploaded image is refused: {why}")))
        }
    }
}
