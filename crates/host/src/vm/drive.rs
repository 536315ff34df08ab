//! The small read-only drive on which a guest finds its first-boot data: an ISO 9660 image, made by xorriso.
//!
//! The same files always give the same bytes, so that a guest that moves finds at its new host what it has read already.
//! The files may hold secrets: they lie in a folder of ours alone, and go when the image is made. It refuses to know what
//! the files say.

use std::io;
use std::os::unix::fs::PermissionsExt;
use std::path::{Component, Path, PathBuf};
use std::process::Stdio;
use std::time::{Duration, SystemTime};

use ferrovirt_hostapi::{FirstBoot, FirstBootFile};
use tokio::process::Command;

/// Making an image takes some milliseconds.
const PATIENCE: Duration = Duration::from_secs(30);
/// No first-boot data are larger than this, in bytes.
const LARGEST: usize = 4 << 20;
/// The date of everything in the image: `YYYYMMDDhhmmsscc`.
const DATE: &str = "1970010100000000";

/// Why there is no image.
#[derive(Debug, thiserror::Error)]
pub enum DriveError {
    /// What was asked for can't be written.
    #[error("{0}")]
    Bad(String),
    /// A file or folder.
    #[error("{path}")]
    File {
        /// Which.
        path: PathBuf,
        /// What the system said.
        source: io::Error,
    },
    /// xorriso.
    #[error("xorriso, which makes the drive with first-boot data: {0}")]
    Tool(String),
}

fn at(path: &Path) -> impl FnOnce(io::Error) -> DriveError {
    let path = path.to_owned();
    move |source| DriveError::File { path, source }
}

/// Makes the image at `path`, in place of an older one. Only its owner can read it.
pub async fn make(path: &Path, data: &FirstBoot) -> Result<(), DriveError> {
    let staging = path.with_extension("making");
    remove(&staging).await?;
    let result = build(&staging, path, data).await;
    // What is left of the files must not outlive the attempt.
    let removed = remove(&staging).await;
    result.and(removed)
}

/// Removes what is there: an image or a folder of files.
pub async fn remove(path: &Path) -> Result<(), DriveError> {
    let removed = match tokio::fs::symlink_metadata(path).await {
        Ok(found) if found.is_dir() => tokio::fs::remove_dir_all(path).await,
        Ok(_) => tokio::fs::remove_file(path).await,
        Err(error) => Err(error),
    };
    match removed {
        Err(error) if error.kind() != io::ErrorKind::NotFound => Err(at(path)(error)),
        _ => Ok(()),
    }
}

/// Removes what a killed agent left in the folder of drives: half-made ones, with the files as they are, and drives of
/// runs that are not, or that it never wrote down. `needed` says whether a VM's drive is still needed.
pub async fn sweep(folder: &Path, needed: impl Fn(&str) -> bool) -> Result<(), DriveError> {
    let mut list = match tokio::fs::read_dir(folder).await {
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(()),
        list => list.map_err(at(folder))?,
    };
    while let Some(entry) = list.next_entry().await.map_err(at(folder))? {
        let path = entry.path();
        let is_drive = path.extension().is_some_and(|extension| extension == "iso");
        let kept = is_drive && path.file_stem().and_then(std::ffi::OsStr::to_str).is_some_and(&needed);
        if !kept {
            tracing::info!(path = %path.display(), "removing first-boot data that no run needs");
            remove(&path).await?;
        }
    }
    Ok(())
}

async fn build(staging: &Path, path: &Path, data: &FirstBoot) -> Result<(), DriveError> {
    let (tree, image) = (staging.join("tree"), staging.join("image"));
    {
        let (staging, tree, image, data) = (staging.to_owned(), tree.clone(), image.clone(), data.clone());
        let written = tokio::task::spawn_blocking(move || lay_out(&staging, &tree, &image, &data)).await;
        written.map_err(|error| DriveError::Tool(error.to_string()))??;
    }
    burn(&tree, &image, &data.volume_label).await?;
    tokio::fs::rename(&image, path).await.map_err(at(path))
}

/// The files as a tree, and an empty image that nobody else can open.
fn lay_out(staging: &Path, tree: &Path, image: &Path, data: &FirstBoot) -> Result<(), DriveError> {
    if data.files.iter().map(|file| file.content.len()).sum::<usize>() > LARGEST {
        return Err(DriveError::Bad("the first-boot data are too large".to_owned()));
    }
    std::fs::create_dir_all(staging).map_err(at(staging))?;
    std::fs::set_permissions(staging, PermissionsExt::from_mode(0o700)).map_err(at(staging))?;
    std::fs::create_dir(tree).map_err(at(tree))?;
    let mut made = vec![tree.to_owned()];
    for file in &data.files {
        let path = tree.join(inside(file)?);
        let mut folders: Vec<&Path> = path.ancestors().skip(1).take_while(|folder| *folder != tree).collect();
        folders.reverse();
        for folder in folders {
            if !made.iter().any(|known| known == folder) {
                std::fs::create_dir(folder).map_err(at(folder))?;
                made.push(folder.to_owned());
            }
        }
        std::fs::write(&path, &file.content).map_err(at(&path))?;
        made.push(path);
    }
    for path in made.iter().rev() {
        let opened = std::fs::File::open(path).map_err(at(path))?;
        opened.set_modified(SystemTime::UNIX_EPOCH).map_err(at(path))?;
    }
    std::fs::write(image, b"").map_err(at(image))?;
    std::fs::set_permissions(image, PermissionsExt::from_mode(0o600)).map_err(at(image))
}

/// A file's path, which must not lead out of the tree.
fn inside(file: &FirstBootFile) -> Result<&Path, DriveError> {
    let path = Path::new(&file.path);
    let plain = path.components().all(|part| matches!(part, Component::Normal(_)));
    if !plain || file.path.is_empty() {
        return Err(DriveError::Bad(format!("{:?} is no path on a drive", file.path)));
    }
    Ok(path)
}

async fn burn(tree: &Path, image: &Path, label: &str) -> Result<(), DriveError> {
    let plain = |character: char| character.is_ascii_alphanumeric() || matches!(character, '-' | '_');
    if label.is_empty() || label.len() > 16 || !label.chars().all(plain) {
        return Err(DriveError::Bad(format!("{label:?} is no label of a drive")));
    }
    let mut command = Command::new("xorriso");
    command.args(["-no_rc", "-abort_on", "FAILURE", "-outdev"]).arg(image);
    command.args(["-volid", label, "-joliet", "on", "-rockridge", "on", "-padding", "0"]);
    command.args(["-volume_date", "uuid", DATE, "-volume_date", "all_file_dates", DATE, "-map"]).arg(tree).arg("/");
    command.args(["-alter_date_r", "b", "=0", "/", "--", "-alter_date_r", "c", "=0", "/", "--", "-commit", "-end"]);
    command.stdin(Stdio::null()).stdout(Stdio::null()).kill_on_drop(true);
    let output = tokio::time::timeout(PATIENCE, command.output()).await;
    let output = output.map_err(|_| DriveError::Tool("it does not come to an end".to_owned()))?;
    let output = output.map_err(|error| match error.kind() {
        io::ErrorKind::NotFound => DriveError::Tool("it is not installed on this host".to_owned()),
        _ => DriveError::Tool(error.to_string()),
    })?;
    if output.status.success() {
        return Ok(());
    }
    let text = String::from_utf8_lossy(&output.stderr);
    let last = text.lines().rev().find(|line| !line.trim().is_empty()).unwrap_or("it failed and did not say why");
    Err(DriveError::Tool(last.to_owned()))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn data(files: &[(&str, &str)]) -> FirstBoot {
        let files = files.iter().map(|(path, text)| FirstBootFile { path: (*path).into(), content: (*text).into() });
        FirstBoot { volume_label: "config-2".into(), files: files.collect() }
    }

    fn extract(image: &Path, file: &str, into: &Path) -> String {
        let target = into.join("extracted");
        let output = std::process::Command::new("xorriso")
            .args(["-no_rc", "-osirrox", "on", "-indev"])
            .arg(image)
            .args(["-extract", file])
            .arg(&target)
            .output()
            .expect("xorriso is installed");
        assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
        let text = std::fs::read_to_string(&target).unwrap();
        std::fs::remove_file(target).unwrap();
        text
    }

    #[tokio::test]
    async fn the_drive_holds_the_files_and_is_always_the_same() {
        let folder = tempfile::tempdir().unwrap();
        let (first, second) = (folder.path().join("a.iso"), folder.path().join("b.iso"));
        let data =
            data(&[("openstack/latest/meta_data.json", "{}\n"), ("openstack/latest/user_data", "#cloud-config\n")]);
        make(&first, &data).await.unwrap();
        // Dates are kept to the second.
        tokio::time::sleep(Duration::from_millis(1100)).await;
        make(&second, &data).await.unwrap();
        make(&second, &data).await.unwrap();
        assert_eq!(extract(&first, "/openstack/latest/meta_data.json", folder.path()), "{}\n");
        assert_eq!(extract(&first, "/openstack/latest/user_data", folder.path()), "#cloud-config\n");
        let (first, second) = (std::fs::read(&first).unwrap(), std::fs::read(&second).unwrap());
        assert!(first == second, "both drives are the same");
        // ECMA-119 8.4: the primary volume descriptor, with the label at byte 41.
        assert_eq!((&first[32769..32774], &first[32808..32816]), (&b"CD001"[..], &b"config-2"[..]));
        let left: Vec<_> = std::fs::read_dir(folder.path()).unwrap().map(|entry| entry.unwrap().file_name()).collect();
        assert_eq!(left.len(), 2, "{left:?}");
        let mode = std::fs::metadata(folder.path().join("a.iso")).unwrap().permissions().mode();
        assert_eq!(mode & 0o777, 0o600);
    }

    #[tokio::test]
    async fn no_file_leaves_the_drive_and_nothing_stays_of_a_failure() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("a.iso");
        for bad in ["../a", "/etc/passwd", "", "a/../../b"] {
            assert!(make(&path, &data(&[("kept", "secret"), (bad, "x")])).await.is_err(), "{bad}");
        }
        let label = FirstBoot { volume_label: "a b".into(), ..data(&[("kept", "secret")]) };
        assert!(make(&path, &label).await.is_err());
        assert_eq!(std::fs::read_dir(folder.path()).unwrap().count(), 0);
    }

    #[tokio::test]
    async fn what_a_killed_agent_left_goes_and_what_a_run_needs_stays() {
        let folder = tempfile::tempdir().unwrap();
        let drives = folder.path().join("drives");
        sweep(&drives, |_| true).await.unwrap();
        std::fs::create_dir_all(drives.join("runs.making/tree")).unwrap();
        std::fs::write(drives.join("runs.making/tree/user_data"), "secret").unwrap();
        std::fs::write(drives.join("runs.iso"), "drive").unwrap();
        std::fs::write(drives.join("unheard-of.iso"), "drive").unwrap();
        sweep(&drives, |id| id == "runs").await.unwrap();
        let left: Vec<_> = std::fs::read_dir(&drives).unwrap().map(|entry| entry.unwrap().file_name()).collect();
        assert_eq!(left, ["runs.iso"]);
    }
}
