//! Copies of whole volumes by `qemu-img convert`, as tasks. The target's old content is never read, and a copy that
//! does not end well leaves a volume that says so. It refuses to know templates.

use std::fs::OpenOptions;
use std::os::unix::fs::OpenOptionsExt;
use std::path::Path;
use std::sync::Arc;

use ferrovirt_hostapi as api;

use super::blocking::{LONG, SHORT, within};
use super::metadata::VolumeMetadata;
use super::paths::VolumePaths;
use super::tasks::Task;
use super::{Answer, Storage, StorageError, domains, qemu_img, volumes};

struct Copy {
    source: VolumePaths,
    source_format: &'static str,
    target: VolumePaths,
    metadata: VolumeMetadata,
}

/// Checks the request and begins the task. A key that was begun before begins nothing.
pub(super) async fn begin(storage: &Storage, request: api::CopyVolumeRequest) -> Answer<()> {
    let key = request.key.clone().unwrap_or_default();
    let absent = || StorageError::Invalid("a copy names a source and a target".into());
    let source = storage.reach(request.source.as_ref().ok_or_else(absent)?).await?;
    let target = storage.reach(request.target.as_ref().ok_or_else(absent)?).await?;
    let source_format = volumes::format(&request.source_format)?;
    let target_format = volumes::format(&request.target_format)?;
    if source.data == target.data {
        return Err(StorageError::Invalid("source and target are the same volume".into()));
    }
    let Some(task) = storage.inner.tasks.begin(&key).await? else { return Ok(()) };
    let storage = storage.clone();
    tokio::spawn(async move {
        let outcome = tokio::select! {
            outcome = run(&storage, &task, source, source_format, target, target_format) => outcome,
            () = task.cancelled() => Err(StorageError::Refused("cancelled".into())),
        };
        storage.inner.tasks.end(&task, outcome.map_err(|error| error.to_string()));
    });
    Ok(())
}

async fn run(
    storage: &Storage,
    task: &Arc<Task>,
    source: VolumePaths,
    source_format: &'static str,
    target: VolumePaths,
    target_format: &'static str,
) -> Answer<()> {
    let lock = storage.lock(&target);
    let _turn = lock.lock().await;
    let copy = within("checking a copy", SHORT, move || check(source, source_format, target, target_format)).await?;
    let (paths, metadata) = (copy.target.clone(), copy.metadata.clone());
    let scratch = within("emptying the target", LONG, move || volumes::begin_copy(&paths, &metadata)).await?;
    let outcome = convert(storage, task, &copy, &scratch).await;
    let (paths, sparse, file) = (copy.target.clone(), copy.metadata.sparse, scratch.clone());
    match outcome {
        Ok(()) => within("naming a copy", LONG, move || volumes::end_copy(&paths, &file, sparse)).await,
        Err(error) => {
            // The room comes back now; a copy that was cut off by a crash gives it back at the next try or removal.
            if let Err(left) = tokio::fs::remove_file(&scratch).await {
                tracing::warn!(path = %scratch.display(), error = %left, "a failed copy's file stays");
            }
            Err(error)
        }
    }
}

fn check(source: VolumePaths, source_format: &'static str, target: VolumePaths, target_format: &str) -> Answer<Copy> {
    let from = volumes::usable(&source, source_format)?;
    let metadata = volumes::read_metadata(&target)?;
    if metadata.format() != target_format {
        let text = format!("the target volume is {}, not {target_format}", metadata.format());
        return Err(StorageError::Refused(text));
    }
    if metadata.capacity < from.capacity {
        let text = format!("{} bytes do not fit into a volume of {}", from.capacity, metadata.capacity);
        return Err(StorageError::Invalid(text));
    }
    let content = volumes::allocated(&volumes::chain(&source, &from)?).min(metadata.capacity);
    let reserved = if metadata.sparse { 0 } else { std::fs::metadata(&target.data).map_or(0, |found| found.len()) };
    domains::require_room(&target.domain, content.saturating_sub(reserved))?;
    Ok(Copy { source, source_format, target, metadata })
}

async fn convert(storage: &Storage, task: &Arc<Task>, copy: &Copy, scratch: &Path) -> Answer<()> {
    if copy.metadata.qcow2 {
        let options = if copy.metadata.sparse { "compat=1.1" } else { "compat=1.1,preallocation=falloc" };
        let size = copy.metadata.capacity.to_string();
        let create = qemu_img::arguments([&"create", &"-q", &"-f", &"qcow2", &"-o", &options, &scratch, &size]);
        qemu_img::run(&create, qemu_img::Limits::HEADER).await?;
    }
    let cache = |path: &Path| if takes_direct(path) { "none" } else { "writeback" };
    let arguments = qemu_img::arguments([
        &"convert",
        &"-p",
        &"-n",
        // The target was made anew: it reads as zeroes.
        &"--target-is-zero",
        &"-t",
        &cache(scratch),
        &"-T",
        &cache(&copy.source.data),
        &"-f",
        &copy.source_format,
        &"-O",
        &copy.metadata.format(),
        &copy.source.data,
        &scratch,
    ]);
    let running = qemu_img::start(&arguments, qemu_img::Limits::COPY)?;
    storage.inner.tasks.worker(task, running.pid())?;
    running.finish(|percent| storage.inner.tasks.progress(task, percent)).await
}

/// Whether the file system takes direct I/O, which keeps a copy out of the host's page cache.
fn takes_direct(path: &Path) -> bool {
    OpenOptions::new().read(true).custom_flags(nix::libc::O_DIRECT).open(path).is_ok()
}
