//! Storage domains in oVirt's file layout: make, look at, remove. Blocking; callers bring the deadline.
//!
//! A domain is built beside its place and renamed into it, so a half-made one is never taken for a domain. What this
//! module did not make it never erases.

use std::ffi::OsStr;
use std::fs::{self, DirBuilder, File, OpenOptions};
use std::io::{self, Read};
use std::os::unix::fs::{DirBuilderExt, OpenOptionsExt};
use std::path::{Path, PathBuf};
use std::time::Instant;

use ferrovirt_hostapi as api;

use super::metadata::{DomainMetadata, NewDomain};
use super::{Answer, StorageError, blocking, paths};
use crate::reports::now_ms;

/// Files of `dom_md` that hold leases and mailboxes, with their sizes at creation.
const FILES: [(&str, u64); 5] = [("ids", 0), ("inbox", 16 << 20), ("leases", 0), ("outbox", 16 << 20), ("xleases", 0)];
/// Room that a new domain takes.
const NEW_DOMAIN: u64 = 1 << 20;
/// Metadata larger than this is none.
const METADATA_LIMIT: u64 = 64 * 1024;

fn io_at(what: &str, path: &Path) -> impl FnOnce(io::Error) -> StorageError {
    let context = format!("{what} {}", path.display());
    move |source| StorageError::io(context, source)
}

fn storage_type(kind: &str) -> &'static str {
    match kind {
        "nfs" => "NFS",
        "localfs" => "LOCALFS",
        _ => "POSIXFS",
    }
}

/// Makes a domain on an empty mount; the same domain made again is fine.
pub(super) fn create(mount: &Path, request: &api::CreateDomainRequest) -> Answer<()> {
    let id = paths::id("storage domain", &request.domain_id)?;
    let connection = paths::connection(request.connection.as_ref())?;
    if !matches!(request.class.as_str(), "data" | "iso" | "export") {
        return Err(StorageError::Invalid(format!("class {:?} is none of data, iso, export", request.class)));
    }
    if !matches!(request.format.as_str(), "" | "v5") {
        return Err(StorageError::Invalid(format!("domains are made in format v5, not {:?}", request.format)));
    }
    let block_size = match request.block_size {
        0 | 512 => 512,
        4096 => 4096,
        other => return Err(StorageError::Invalid(format!("block size {other} is neither 512 nor 4096"))),
    };
    let place = mount.join(&id);
    let remote_path = match connection.kind.as_str() {
        "nfs" => format!("{}:{}", paths::server(connection)?, paths::remote_path(connection)?),
        _ => paths::remote_path(connection)?,
    };
    let metadata = DomainMetadata::new(&NewDomain {
        id: &id,
        name: &request.name,
        class: &request.class,
        storage_type: storage_type(&connection.kind),
        remote_path: &remote_path,
        block_size,
    });
    if place.exists() {
        return same(&place, &metadata);
    }
    let scratch = mount.join(format!("_creating_{id}"));
    refuse_foreign(mount, &scratch)?;
    require_room(mount, NEW_DOMAIN)?;
    if scratch.exists() {
        fs::remove_dir_all(&scratch).map_err(io_at("removing half-made", &scratch))?;
    }
    build(&scratch, &metadata).map_err(io_at("making a domain in", &scratch))?;
    fs::rename(&scratch, &place).map_err(io_at("naming", &place))?;
    blocking::sync_folder(Some(mount)).map_err(io_at("writing out", mount))
}

fn same(place: &Path, wanted: &DomainMetadata) -> Answer<()> {
    let found = read(place)?;
    if found.id() == wanted.id() && found.class() == wanted.class() {
        Ok(())
    } else {
        Err(StorageError::Refused(format!("{} holds another storage domain", place.display())))
    }
}

fn refuse_foreign(mount: &Path, scratch: &Path) -> Answer<()> {
    for entry in fs::read_dir(mount).map_err(io_at("reading", mount))? {
        let entry = entry.map_err(io_at("reading", mount))?;
        let name = entry.file_name();
        if entry.path() == scratch || name == "lost+found" || name == ".snapshot" || name == "__DIRECT_IO_TEST__" {
            continue;
        }
        let domain = entry.path().join("dom_md").exists();
        let what = if domain { "the storage domain" } else { "" };
        return Err(StorageError::Refused(format!(
            "the storage is not empty: it holds {what} {}; a new domain needs an empty folder",
            name.to_string_lossy()
        )));
    }
    Ok(())
}

fn build(scratch: &Path, metadata: &DomainMetadata) -> io::Result<()> {
    let mut folder = DirBuilder::new();
    folder.mode(0o755).recursive(true);
    let dom_md = scratch.join("dom_md");
    folder.create(&dom_md)?;
    let images = scratch.join("images");
    folder.create(&images)?;
    if metadata.class() == "iso" {
        folder.create(images.join(paths::ISO_IMAGES))?;
    }
    for (name, size) in FILES {
        let file = OpenOptions::new().write(true).create_new(true).mode(0o660).open(dom_md.join(name))?;
        file.set_len(size)?;
        file.sync_all()?;
    }
    blocking::replace(&dom_md.join("metadata"), metadata.text().as_bytes(), 0o660)?;
    blocking::sync_folder(Some(scratch))
}

/// Reads and checks a domain's metadata.
pub(super) fn read(place: &Path) -> Answer<DomainMetadata> {
    paths::refuse_link(place)?;
    paths::refuse_link(&place.join("dom_md"))?;
    let path = place.join("dom_md/metadata");
    paths::refuse_link(&path)?;
    let text = read_direct(&path).map_err(|source| match source.kind() {
        io::ErrorKind::NotFound => StorageError::NotFound(format!("there is no storage domain at {}", place.display())),
        _ => StorageError::io(format!("reading {}", path.display()), source),
    })?;
    let metadata = DomainMetadata::parse(&text)
        .map_err(|error| StorageError::Refused(format!("the domain's metadata can't be used: {error}")))?;
    let named = place.file_name().unwrap_or_default();
    if OsStr::new(metadata.id()) != named {
        let text = format!("the metadata names domain {} in the place of {}", metadata.id(), named.to_string_lossy());
        return Err(StorageError::Refused(text));
    }
    if !matches!(metadata.version(), "4" | "5") {
        return Err(StorageError::Refused(format!("the domain has format {}; 4 and 5 are known", metadata.version())));
    }
    Ok(metadata)
}

/// Reads a small file past the page cache where the file system can, so that a dead disk is noticed.
fn read_direct(path: &Path) -> io::Result<String> {
    const BLOCK: usize = 4096;
    let direct = OpenOptions::new().read(true).custom_flags(nix::libc::O_DIRECT).open(path);
    if let Ok(mut file) = direct {
        let length = usize::try_from(file.metadata()?.len().min(METADATA_LIMIT)).unwrap_or(BLOCK);
        let want = length.next_multiple_of(BLOCK).max(BLOCK);
        let mut room = vec![0_u8; want + BLOCK];
        let start = room.as_ptr().align_offset(BLOCK);
        if let Ok(got) = file.read(&mut room[start..start + want]) {
            let bytes = room[start..start + got].to_vec();
            return String::from_utf8(bytes).map_err(|error| io::Error::new(io::ErrorKind::InvalidData, error));
        }
    }
    let mut text = String::new();
    File::open(path)?.take(METADATA_LIMIT).read_to_string(&mut text)?;
    Ok(text)
}

/// Total and available bytes of the file system.
pub(super) fn room(folder: &Path) -> Answer<(u64, u64)> {
    let found = nix::sys::statvfs::statvfs(folder)
        .map_err(|errno| StorageError::io(format!("measuring {}", folder.display()), errno.into()))?;
    let unit = found.fragment_size();
    Ok((found.blocks().saturating_mul(unit), found.blocks_available().saturating_mul(unit)))
}

/// Refuses work that would not fit, before it begins.
pub(super) fn require_room(folder: &Path, needed: u64) -> Answer<()> {
    let (_total, available) = room(folder)?;
    if available >= needed {
        return Ok(());
    }
    Err(StorageError::Full(format!(
        "the storage has {available} bytes left where {needed} are needed; nothing was written"
    )))
}

/// One look at a domain: is it there, whose is it, how full, how slow.
pub(super) fn look(place: &Path) -> Answer<api::DomainState> {
    let started = Instant::now();
    let metadata = read(place)?;
    let latency_seconds = started.elapsed().as_secs_f64();
    let (total, available) = room(place)?;
    Ok(api::DomainState {
        domain_id: metadata.id().to_owned(),
        ready: true,
        problem: String::new(),
        total,
        available,
        latency_seconds,
        name: metadata.name().to_owned(),
        class: metadata.class().to_owned(),
        format: format!("v{}", metadata.version()),
        checked_at: now_ms(),
    })
}

/// Erases a domain: first makes sure that every file in it belongs there, then removes. Gone already is fine.
pub(super) fn remove(mount: &Path, domain_id: &str) -> Answer<()> {
    let place = mount.join(domain_id);
    let leaving = mount.join(format!("_removing_{domain_id}"));
    paths::refuse_link(&place)?;
    if place.exists() {
        read(&place)?;
        foreign(&place)?;
        // From here on it is no domain any more, however far the removal comes.
        fs::rename(&place, &leaving).map_err(io_at("renaming", &place))?;
    }
    if leaving.exists() {
        fs::remove_dir_all(&leaving).map_err(io_at("removing", &leaving))?;
    }
    blocking::sync_folder(Some(mount)).map_err(io_at("writing out", mount))
}

/// Refuses a domain folder that holds anything which no domain holds.
fn foreign(place: &Path) -> Answer<()> {
    for path in entries(place)? {
        match name_of(&path).as_str() {
            "dom_md" => only(&path, |name| {
                name == "metadata" || name == ".metadata.new" || FILES.iter().any(|(file, _)| *file == name)
            })?,
            "images" => {
                for disk in entries(&path)? {
                    let name = name_of(&disk);
                    let bare = name.trim_start_matches(paths::REMOVED_ZERO).trim_start_matches(paths::REMOVED);
                    if uuid::Uuid::parse_str(bare).is_err() {
                        return Err(not_ours(&disk));
                    }
                    if name != paths::ISO_IMAGES {
                        only(&disk, of_volume)?;
                    }
                }
            }
            "master" => only(&path, |name| name == "vms" || name == "tasks")?,
            _ => return Err(not_ours(&path)),
        }
    }
    Ok(())
}

/// Whether a file name belongs to a volume: its data, metadata, lease, or what stands for them for a moment.
pub(super) fn of_volume(name: &str) -> bool {
    let bare = name.trim_start_matches('.').trim_start_matches(paths::REMOVED_ZERO).trim_start_matches(paths::REMOVED);
    let id = bare.split('.').next().unwrap_or_default();
    let rest = bare.strip_prefix(id).unwrap_or_default();
    uuid::Uuid::parse_str(id).is_ok() && matches!(rest, "" | ".meta" | ".lease" | ".meta.new" | ".creating")
}

fn only(folder: &Path, belongs: impl Fn(&str) -> bool) -> Answer<()> {
    for path in entries(folder)? {
        if !belongs(&name_of(&path)) {
            return Err(not_ours(&path));
        }
    }
    Ok(())
}

fn entries(folder: &Path) -> Answer<Vec<PathBuf>> {
    let list = fs::read_dir(folder).map_err(io_at("reading", folder))?;
    list.map(|entry| entry.map(|entry| entry.path()).map_err(io_at("reading", folder))).collect()
}

fn name_of(path: &Path) -> String {
    path.file_name().unwrap_or_default().to_string_lossy().into_owned()
}

fn not_ours(path: &Path) -> StorageError {
    StorageError::Refused(format!("{} belongs to no storage domain; nothing was removed", path.display()))
}

/// Ends removals that a crash interrupted.
pub(super) fn collect_garbage(place: &Path) -> Answer<usize> {
    let mut removed = 0;
    for disk in entries(&place.join("images"))? {
        if name_of(&disk).starts_with(paths::REMOVED) && paths::refuse_link(&disk).is_ok() {
            super::volumes::erase_folder(&disk)?;
            removed += 1;
        }
    }
    Ok(removed)
}

#[cfg(test)]
mod tests;
