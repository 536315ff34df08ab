//! Connections: what is mounted where, and who needs it. A mount goes when nobody asked for it and no domain uses it.
//!
//! A server that stopped answering holds up whoever touches its mount, so nothing here does before it knows better. It
//! refuses to know what lies on a mount.

use std::collections::{BTreeSet, HashMap};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use ferrovirt_hostapi as api;
use nix::mount::{MntFlags, umount2};
use nix::sys::signal::{Signal, killpg};
use nix::unistd::Pid;
use tokio::process::Command;
use tokio::sync::{Mutex, OwnedRwLockReadGuard, RwLock};

use super::{Answer, StorageError, blocking, domains, paths};

/// How long `mount` and `umount` may take.
const DEADLINE: Duration = Duration::from_secs(60);
/// Storage that tells its free room later than this does not answer.
const PATIENCE: Duration = Duration::from_secs(5);

/// How a connection comes to stand under the storage root.
#[derive(Debug, PartialEq, Eq)]
enum Way {
    /// A local folder, by a link.
    Link { folder: String },
    /// A program call: `mount` with these arguments, the target at the end.
    Mount { arguments: Vec<String> },
}

fn way(connection: &api::StorageConnection) -> Answer<Way> {
    let path = paths::remote_path(connection)?;
    let options = options(&connection.mount_options)?;
    match connection.kind.as_str() {
        "localfs" => Ok(Way::Link { folder: path }),
        "nfs" => {
            let source = format!("{}:{path}", paths::server(connection)?);
            Ok(mount("nfs", &nfs_options(connection, options)?, source))
        }
        "posixfs" => match connection.vfs_type.as_str() {
            "" => Err(StorageError::Invalid("a POSIX connection needs its vfs_type".into())),
            "none" if path.starts_with('/') => Ok(Way::Link { folder: path }),
            "bind" if path.starts_with('/') => Ok(Way::Mount { arguments: vec!["--bind".into(), path] }),
            "none" | "bind" => Err(StorageError::Invalid(format!("{path:?} is no local folder"))),
            kind if kind.chars().all(|c| c.is_ascii_alphanumeric() || "._-".contains(c)) && !kind.starts_with('-') => {
                Ok(mount(kind, &guarded(options), path))
            }
            kind => Err(StorageError::Invalid(format!("{kind:?} is no file system type"))),
        },
        kind => Err(StorageError::Invalid(format!("storage of kind {kind:?} is not supported by this host"))),
    }
}

/// What a mount must not be without comes last: of two options that contradict each other, the last one holds.
fn guarded(mut options: Vec<String>) -> Vec<String> {
    options.extend(["nosuid", "nodev"].map(str::to_owned));
    options
}

fn mount(kind: &str, options: &[String], source: String) -> Way {
    let arguments = ["-t", kind, "-o", &options.join(",")].map(str::to_owned).into_iter().chain([source]).collect();
    Way::Mount { arguments }
}

fn options(text: &str) -> Answer<Vec<String>> {
    let all: Vec<String> = text.split(',').map(str::trim).filter(|one| !one.is_empty()).map(str::to_owned).collect();
    match all.iter().find(|one| one.chars().any(|c| c.is_control() || c.is_whitespace())) {
        Some(odd) => Err(StorageError::Invalid(format!("{odd:?} is no mount option"))),
        None => Ok(all),
    }
}

/// oVirt's options: soft mounts, so that a dead server is an error and not a hang; 10 s time-out, 3 retries.
fn nfs_options(connection: &api::StorageConnection, extra: Vec<String>) -> Answer<Vec<String>> {
    let timeout = if connection.nfs_timeout == 0 { 100 } else { connection.nfs_timeout };
    let retries = if connection.nfs_retransmissions == 0 { 3 } else { connection.nfs_retransmissions };
    let mut all: Vec<String> = ["soft", "nosharecache"].map(str::to_owned).into();
    all.extend([format!("timeo={timeout}"), format!("retrans={retries}")]);
    match connection.nfs_version.as_str() {
        "" | "auto" => {}
        "v3" => all.extend(["nolock".to_owned(), "vers=3".to_owned()]),
        "v4" => all.push("vers=4".into()),
        "v4_0" => all.push("vers=4.0".into()),
        "v4_1" => all.push("vers=4.1".into()),
        "v4_2" => all.push("vers=4.2".into()),
        other => return Err(StorageError::Invalid(format!("NFS version {other:?} is unknown"))),
    }
    all.extend(extra);
    Ok(guarded(all))
}

/// Who needs one mount.
#[derive(Default)]
struct Use {
    connected: bool,
    domains: BTreeSet<String>,
    visitors: Arc<RwLock<()>>,
}

/// A mount that stands for one piece of work. A thread takes it along, and the mount stays as long as the thread.
pub(super) struct Visit {
    pub(super) folder: PathBuf,
    _stay: OwnedRwLockReadGuard<()>,
}

/// How a mount goes that nobody needs any more.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Parting {
    /// Not while its server is silent: machines of an agent that was restarted may run from it.
    Gently,
    /// For good: nothing runs from it, and what still waits for a silent server fails now.
    Surely,
}

/// All connections of the host.
pub(super) struct Mounts {
    root: PathBuf,
    used: Mutex<HashMap<String, Arc<Mutex<Use>>>>,
}

impl Mounts {
    pub(super) fn new(root: PathBuf) -> Self {
        Mounts { root, used: Mutex::default() }
    }

    async fn entry(&self, name: &str) -> Arc<Mutex<Use>> {
        Arc::clone(self.used.lock().await.entry(name.to_owned()).or_default())
    }

    /// Makes the connection stand; a repeat is fine. Returns its folder.
    pub(super) async fn connect(&self, connection: &api::StorageConnection) -> Answer<PathBuf> {
        self.need(connection, |user| user.connected = true).await
    }

    /// Makes the connection stand for work on a domain that needs it anyway.
    pub(super) async fn stand_by(&self, connection: &api::StorageConnection) -> Answer<()> {
        self.need(connection, |_user| ()).await.map(drop)
    }

    /// Makes the connection stand for one piece of work; `tidy` comes after it.
    pub(super) async fn visit(&self, connection: &api::StorageConnection) -> Answer<Visit> {
        let mut visitors = None;
        let folder = self.need(connection, |user| visitors = Arc::clone(&user.visitors).try_read_owned().ok()).await?;
        // Only `leave` writes, and it holds the same turn as `need`.
        let stay = visitors.ok_or_else(|| StorageError::Refused(format!("{} is being left", folder.display())))?;
        Ok(Visit { folder, _stay: stay })
    }

    /// Lets the connection go if nobody needs it.
    pub(super) async fn tidy(&self, connection: &api::StorageConnection) -> Answer<()> {
        self.leave(connection, Parting::Gently, |_user| ()).await
    }

    /// As `connect`, on behalf of an active domain.
    pub(super) async fn hold(&self, connection: &api::StorageConnection, domain: &str) -> Answer<PathBuf> {
        self.need(connection, |user| user.domains.extend([domain.to_owned()])).await
    }

    async fn need(&self, connection: &api::StorageConnection, note: impl FnOnce(&mut Use)) -> Answer<PathBuf> {
        let name = paths::mount_name(connection)?;
        let way = way(connection)?;
        let entry = self.entry(&name).await;
        // One mount at a time a connection: a server that hangs delays no other.
        let mut user = entry.lock().await;
        let folder = stand(&self.root, &name, &way).await?;
        note(&mut user);
        Ok(folder)
    }

    /// The domain needs the mount no longer.
    pub(super) async fn release(
        &self,
        connection: &api::StorageConnection,
        domain: &str,
        parting: Parting,
    ) -> Answer<()> {
        self.leave(connection, parting, |user| user.domains.retain(|held| held != domain)).await
    }

    /// The engine needs the connection no longer; active domains keep it.
    pub(super) async fn disconnect(&self, connection: &api::StorageConnection) -> Answer<()> {
        self.leave(connection, Parting::Gently, |user| user.connected = false).await
    }

    async fn leave(
        &self,
        connection: &api::StorageConnection,
        parting: Parting,
        note: impl FnOnce(&mut Use),
    ) -> Answer<()> {
        let name = paths::mount_name(connection)?;
        let entry = self.entry(&name).await;
        let mut user = entry.lock().await;
        note(&mut user);
        if user.connected || !user.domains.is_empty() {
            return Ok(());
        }
        // Whoever visits it still lets it go afterwards.
        let Ok(_alone) = Arc::clone(&user.visitors).try_write_owned() else { return Ok(()) };
        fall(&self.root, &name, parting).await
    }
}

async fn stand(root: &Path, name: &str, way: &Way) -> Answer<PathBuf> {
    let target = root.join(name);
    let root = root.to_path_buf();
    match way {
        Way::Link { folder } => {
            let (folder, link) = (PathBuf::from(folder), target.clone());
            blocking::within("connecting storage", blocking::SHORT, move || link_to(&root, &folder, &link)).await?;
        }
        Way::Mount { arguments } => {
            let folder = target.clone();
            if !blocking::within("reading the mount table", blocking::SHORT, move || mounted(&folder)).await? {
                let folder = target.clone();
                blocking::within("making a mount point", blocking::SHORT, move || {
                    std::fs::create_dir_all(&folder)
                        .map_err(|source| StorageError::io(format!("making {}", folder.display()), source))
                })
                .await?;
                if let Err(error) = run("mount", arguments.iter().map(String::as_str), &target, DEADLINE).await {
                    let folder = target.clone();
                    let gone = blocking::within("removing a mount point", blocking::SHORT, move || remove(&folder));
                    if let Err(trouble) = gone.await {
                        tracing::warn!(error = %trouble, "the mount point of a failed mount stays");
                    }
                    return Err(error);
                }
            }
        }
    }
    Ok(target)
}

fn link_to(root: &Path, folder: &Path, link: &Path) -> Answer<()> {
    let context = |what: &str, source| StorageError::io(format!("{what} {}", folder.display()), source);
    let found = std::fs::metadata(folder).map_err(|source| match source.kind() {
        std::io::ErrorKind::NotFound => StorageError::NotFound(format!("folder {} does not exist", folder.display())),
        _ => context("looking at", source),
    })?;
    if !found.is_dir() {
        return Err(StorageError::Refused(format!("{} is no folder", folder.display())));
    }
    std::fs::create_dir_all(root).map_err(|source| context("making the storage root for", source))?;
    match std::os::unix::fs::symlink(folder, link) {
        Ok(()) => Ok(()),
        Err(error) if error.kind() == std::io::ErrorKind::AlreadyExists => match std::fs::read_link(link) {
            Ok(stands) if stands == folder => Ok(()),
            _ => Err(StorageError::Refused(format!("{} stands in the way of the connection", link.display()))),
        },
        Err(source) => Err(context("linking", source)),
    }
}

async fn fall(root: &Path, name: &str, parting: Parting) -> Answer<()> {
    let target = root.join(name);
    let folder = target.clone();
    if blocking::within("reading the mount table", blocking::SHORT, move || mounted(&folder)).await? {
        unmount(&target, parting).await?;
    }
    blocking::within("removing a mount point", blocking::SHORT, move || remove(&target)).await
}

async fn unmount(target: &Path, parting: Parting) -> Answer<()> {
    let folder = target.to_path_buf();
    match blocking::within("leaving a mount", PATIENCE, move || domains::room(&folder)).await {
        Err(silent @ StorageError::NotAnswering(_)) if parting == Parting::Gently => Err(silent),
        Err(StorageError::NotAnswering(_)) => detach(target).await,
        _ => run("umount", [], target, DEADLINE).await,
    }
}

/// Takes a mount away whose server is silent. By the system call alone: `umount` would look at the folder first, and hang.
async fn detach(target: &Path) -> Answer<()> {
    let folder = target.to_path_buf();
    let flags = MntFlags::MNT_FORCE | MntFlags::MNT_DETACH | MntFlags::UMOUNT_NOFOLLOW;
    let gone = blocking::within("detaching a mount", PATIENCE, move || {
        umount2(&folder, flags)
            .map_err(|errno| StorageError::io(format!("detaching {}", folder.display()), errno.into()))
    })
    .await;
    // The kernel may still wait for the server to take its leave when the mount is gone already.
    match gone {
        Err(silent @ StorageError::NotAnswering(_)) if mounted(target)? => Err(silent),
        Err(StorageError::NotAnswering(_)) => Ok(()),
        other => other,
    }
}

/// Removes the link or the empty folder of a connection. Nothing may be mounted there.
fn remove(target: &Path) -> Answer<()> {
    let link = std::fs::symlink_metadata(target).is_ok_and(|found| found.file_type().is_symlink());
    let done = if link { std::fs::remove_file(target) } else { std::fs::remove_dir(target) };
    match done {
        Ok(()) => Ok(()),
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => Ok(()),
        Err(source) => Err(StorageError::io(format!("removing {}", target.display()), source)),
    }
}

/// Whether something is mounted at the folder. Reads the kernel's table, which never waits for a server.
fn mounted(folder: &Path) -> Answer<bool> {
    let table = std::fs::read_to_string("/proc/thread-self/mountinfo")
        .map_err(|source| StorageError::io("reading /proc/thread-self/mountinfo", source))?;
    let wanted = folder.to_string_lossy();
    Ok(table.lines().filter_map(|line| line.split(' ').nth(4)).any(|point| unescape(point) == wanted))
}

/// The kernel writes blanks and backslashes in octal.
fn unescape(point: &str) -> String {
    point.replace("\\040", " ").replace("\\011", "\t").replace("\\012", "\n").replace("\\134", "\\")
}

/// A program with the helpers that it starts, `mount.nfs` for one; all end when it is dropped before it was told of their end.
struct Helpers(Option<Pid>);

impl Helpers {
    /// They have ended by themselves.
    fn done(mut self) {
        self.0 = None;
    }
}

impl Drop for Helpers {
    fn drop(&mut self) {
        let Some(group) = self.0 else { return };
        if let Err(error) = killpg(group, Signal::SIGKILL) {
            tracing::warn!(%error, "the helpers of a mount could not be ended");
        }
    }
}

async fn run(
    program: &str,
    arguments: impl IntoIterator<Item = &str>,
    target: &Path,
    deadline: Duration,
) -> Answer<()> {
    let io = |source| StorageError::io(format!("running {program}"), source);
    let mut command = Command::new(program);
    command.args(arguments).arg(target).env("LC_ALL", "C").stdin(std::process::Stdio::null());
    command.stdout(std::process::Stdio::piped()).stderr(std::process::Stdio::piped());
    let child = command.process_group(0).kill_on_drop(true).spawn().map_err(io)?;
    let helpers = Helpers(child.id().and_then(|id| i32::try_from(id).ok()).map(Pid::from_raw));
    let output = tokio::time::timeout(deadline, child.wait_with_output())
        .await
        .map_err(|_elapsed| StorageError::NotAnswering(format!("{program} {} did not end", target.display())))?
        .map_err(io)?;
    helpers.done();
    if output.status.success() {
        return Ok(());
    }
    let said = String::from_utf8_lossy(&output.stderr).trim().replace('\n', " ");
    Err(StorageError::Refused(format!("{program} {}: {said}", target.display())))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn connection(kind: &str, vfs: &str, path: &str) -> api::StorageConnection {
        api::StorageConnection { kind: kind.into(), vfs_type: vfs.into(), path: path.into(), ..Default::default() }
    }

    fn arguments(connection: &api::StorageConnection) -> String {
        match way(connection).unwrap() {
            Way::Mount { arguments } => arguments.join(" "),
            Way::Link { folder } => format!("link {folder}"),
        }
    }

    #[test]
    fn nfs_is_mounted_with_ovirts_options() {
        let mut nfs = connection("nfs", "", "/export");
        nfs.address = "nas".into();
        assert_eq!(arguments(&nfs), "-t nfs -o soft,nosharecache,timeo=100,retrans=3,nosuid,nodev nas:/export");
        nfs.nfs_version = "v3".into();
        nfs.nfs_timeout = 600;
        nfs.nfs_retransmissions = 6;
        nfs.mount_options = "sync, suid, dev".into();
        assert_eq!(
            arguments(&nfs),
            "-t nfs -o soft,nosharecache,timeo=600,retrans=6,nolock,vers=3,sync,suid,dev,nosuid,nodev nas:/export"
        );
        nfs.nfs_version = "v9".into();
        assert!(way(&nfs).is_err());
    }

    #[test]
    fn posix_folders_are_linked_bound_or_mounted() {
        assert_eq!(arguments(&connection("posixfs", "none", "/srv/x")), "link /srv/x");
        assert_eq!(arguments(&connection("posixfs", "bind", "/srv/x/")), "--bind /srv/x");
        assert_eq!(arguments(&connection("posixfs", "xfs", "/dev/vdb")), "-t xfs -o nosuid,nodev /dev/vdb");
        let mut own = connection("posixfs", "xfs", "/dev/vdb");
        own.mount_options = "suid,dev".into();
        assert_eq!(arguments(&own), "-t xfs -o suid,dev,nosuid,nodev /dev/vdb", "ours hold");
        assert!(way(&connection("posixfs", "-v", "/srv/x")).is_err());
        assert!(way(&connection("posixfs", "", "/srv/x")).is_err());
        assert!(way(&connection("iscsi", "", "/srv/x")).is_err());
    }

    #[tokio::test]
    async fn a_mount_stands_as_long_as_anyone_needs_it() {
        let (root, data) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
        let local = connection("localfs", "", data.path().to_str().unwrap());
        let mounts = Mounts::new(root.path().join("mnt"));
        let folder = mounts.connect(&local).await.unwrap();
        assert_eq!(mounts.connect(&local).await.unwrap(), folder);
        mounts.hold(&local, "domain").await.unwrap();
        mounts.disconnect(&local).await.unwrap();
        assert!(folder.exists(), "the domain still needs it");
        mounts.release(&local, "domain", Parting::Surely).await.unwrap();
        assert!(!folder.exists());
        assert!(data.path().exists());
        mounts.disconnect(&local).await.unwrap();
    }

    #[tokio::test]
    async fn a_visit_leaves_nothing_behind_and_takes_nothing_away() {
        let (root, data) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
        let local = connection("localfs", "", data.path().to_str().unwrap());
        let mounts = Mounts::new(root.path().join("mnt"));
        let (first, second) = (mounts.visit(&local).await.unwrap(), mounts.visit(&local).await.unwrap());
        let folder = first.folder.clone();
        drop(first);
        mounts.tidy(&local).await.unwrap();
        assert!(folder.exists(), "the second visit goes on");
        drop(second);
        mounts.hold(&local, "domain").await.unwrap();
        mounts.tidy(&local).await.unwrap();
        assert!(folder.exists(), "the domain needs it");
        mounts.release(&local, "domain", Parting::Gently).await.unwrap();
        assert!(!folder.exists());
        drop(mounts.visit(&local).await.unwrap());
        mounts.tidy(&local).await.unwrap();
        assert!(!folder.exists());
    }

    #[tokio::test]
    async fn a_program_that_does_not_end_takes_its_helpers_along() {
        let folder = tempfile::tempdir().unwrap();
        let note = folder.path().join("helper");
        let script = "sleep 300 & echo $! > \"$0\"; wait";
        let error = run("sh", ["-c", script], &note, Duration::from_secs(2)).await.unwrap_err();
        assert!(matches!(error, StorageError::NotAnswering(_)), "{error}");
        let helper = PathBuf::from("/proc").join(std::fs::read_to_string(&note).unwrap().trim());
        let state = || std::fs::read_to_string(helper.join("stat")).unwrap_or_default();
        for _ in 0..100 {
            // Who collects it is not ours to say.
            if state().is_empty() || state().contains(") Z ") {
                return;
            }
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
        panic!("the helper lives: {}", state());
    }

    #[tokio::test]
    async fn a_missing_folder_is_named() {
        let root = tempfile::tempdir().unwrap();
        let error =
            Mounts::new(root.path().into()).connect(&connection("localfs", "", "/nonexistent/x")).await.unwrap_err();
        assert!(error.to_string().contains("/nonexistent/x"), "{error}");
    }
}
