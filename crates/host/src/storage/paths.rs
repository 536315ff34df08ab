//! Names on disk: mount folders, domains, disks and volumes in oVirt's file layout. It reads nothing but link types.
//!
//! Every id must be a UUID, so no request can name a path of its own making, and nothing beneath a mount may be a
//! symbolic link: whoever writes to the storage server must not lead the agent out of it.

use std::path::{Component, Path, PathBuf};

use ferrovirt_hostapi as api;

use super::{Answer, StorageError};

/// The folder of an ISO domain that holds its images.
pub(super) const ISO_IMAGES: &str = "11111111-1111-1111-1111-111111111111";

/// Prefix of what is being removed.
pub(super) const REMOVED: &str = "_remove_me_";
/// Prefix of what is being removed and must be overwritten first.
pub(super) const REMOVED_ZERO: &str = "_remove_me_ZERO_";

/// A UUID in its canonical text, or the reason why the text is none.
pub(super) fn id(what: &str, text: &str) -> Answer<String> {
    uuid::Uuid::parse_str(text)
        .map(|id| id.hyphenated().to_string())
        .map_err(|_| StorageError::Invalid(format!("{what} id {text:?} is no UUID")))
}

/// The folder name of a connection under the storage root: `server:_path`, underscores doubled as oVirt does.
pub(super) fn mount_name(connection: &api::StorageConnection) -> Answer<String> {
    let path = remote_path(connection)?;
    let remote = if connection.kind == "nfs" { format!("{}:{path}", server(connection)?) } else { path };
    Ok(remote.replace('_', "__").replace('/', "_"))
}

/// The path of a connection, absolute, without a slash at its end.
pub(super) fn remote_path(connection: &api::StorageConnection) -> Answer<String> {
    let path = connection.path.as_str();
    let refuse = |why: &str| Err(StorageError::Invalid(format!("storage path {path:?} {why}")));
    if connection.kind == "posixfs" && !path.starts_with('/') {
        return device(path);
    }
    if !path.starts_with('/') {
        return refuse("is not absolute");
    }
    if path.chars().any(char::is_control) {
        return refuse("holds control characters");
    }
    if Path::new(path).components().any(|part| matches!(part, Component::ParentDir)) {
        return refuse("holds ..");
    }
    let trimmed = path.trim_end_matches('/');
    if trimmed.is_empty() {
        return refuse("is the root folder");
    }
    if trimmed.len() > 200 {
        return refuse("is longer than 200 characters");
    }
    Ok(trimmed.to_owned())
}

/// What a POSIX file system may be mounted from when it is no path, for example `monitor1,monitor2:/volumes/data`.
fn device(text: &str) -> Answer<String> {
    let sound = !text.is_empty()
        && text.len() <= 200
        && !text.starts_with('-')
        && text.chars().all(|c| c.is_ascii_alphanumeric() || "./:,_[]@=-".contains(c))
        && !text.split('/').any(|part| part == "..");
    if sound {
        Ok(text.to_owned())
    } else {
        Err(StorageError::Invalid(format!("storage path {text:?} can't be mounted")))
    }
}

/// The NFS server's name or address.
pub(super) fn server(connection: &api::StorageConnection) -> Answer<&str> {
    let server = connection.address.as_str();
    let sound = !server.is_empty()
        && !server.starts_with('-')
        && server.chars().all(|c| c.is_ascii_alphanumeric() || ".:-_[]%".contains(c));
    if sound { Ok(server) } else { Err(StorageError::Invalid(format!("{server:?} is no server address"))) }
}

/// Where one volume and what surrounds it stand.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct VolumePaths {
    pub(super) domain_id: String,
    pub(super) disk_id: String,
    pub(super) volume_id: String,
    pub(super) mount: PathBuf,
    pub(super) domain: PathBuf,
    pub(super) disk: PathBuf,
    pub(super) data: PathBuf,
    pub(super) meta: PathBuf,
}

impl VolumePaths {
    /// Names only; nothing is looked at.
    pub(super) fn of(root: &Path, volume: &api::VolumeRef) -> Answer<Self> {
        let connection = connection(volume.connection.as_ref())?;
        let mount = root.join(mount_name(connection)?);
        let domain_id = id("storage domain", &volume.domain_id)?;
        let disk_id = id("disk", &volume.disk_id)?;
        let volume_id = id("volume", &volume.volume_id)?;
        let domain = mount.join(&domain_id);
        let disk = domain.join("images").join(&disk_id);
        let data = disk.join(&volume_id);
        let meta = disk.join(format!("{volume_id}.meta"));
        Ok(VolumePaths { domain_id, disk_id, volume_id, mount, domain, disk, data, meta })
    }

    /// Refuses symbolic links from the domain down to the volume. Missing parts are no error here.
    pub(super) fn refuse_links(&self) -> Answer<()> {
        for path in [&self.domain, &self.domain.join("images"), &self.disk, &self.data, &self.meta] {
            refuse_link(path)?;
        }
        Ok(())
    }
}

/// Refuses a symbolic link; a missing path is fine.
pub(super) fn refuse_link(path: &Path) -> Answer<()> {
    match std::fs::symlink_metadata(path) {
        Ok(found) if found.file_type().is_symlink() => {
            Err(StorageError::Refused(format!("{} is a symbolic link; storage domains hold none", path.display())))
        }
        Ok(_) => Ok(()),
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => Ok(()),
        Err(source) => Err(StorageError::io(format!("looking at {}", path.display()), source)),
    }
}

/// The connection that a request must carry.
pub(super) fn connection(connection: Option<&api::StorageConnection>) -> Answer<&api::StorageConnection> {
    connection.ok_or_else(|| StorageError::Invalid("the request names no storage connection".into()))
}

/// How a volume names its backing file: by file name inside one disk, by a path beside it otherwise.
pub(super) fn relative_backing(child: &VolumePaths, parent: &VolumePaths) -> String {
    if child.disk_id == parent.disk_id {
        parent.volume_id.clone()
    } else {
        format!("../{}/{}", parent.disk_id, parent.volume_id)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn nfs(path: &str) -> api::StorageConnection {
        api::StorageConnection {
            kind: "nfs".into(),
            address: "nas.example.com".into(),
            path: path.into(),
            ..Default::default()
        }
    }

    #[test]
    fn mounts_are_named_as_ovirt_names_them() {
        assert_eq!(mount_name(&nfs("/export/vm_data/")).unwrap(), "nas.example.com:_export_vm__data");
        let local = api::StorageConnection { kind: "localfs".into(), path: "/srv/a".into(), ..Default::default() };
        assert_eq!(mount_name(&local).unwrap(), "_srv_a");
        let ceph = api::StorageConnection { kind: "posixfs".into(), path: "m1,m2:/v".into(), ..Default::default() };
        assert_eq!(mount_name(&ceph).unwrap(), "m1,m2:_v");
    }

    #[test]
    fn paths_that_lead_elsewhere_are_refused() {
        for path in ["relative", "/", "//", "/a/../b", "/a\nb", "", "/.."] {
            assert!(mount_name(&nfs(path)).is_err(), "{path:?}");
        }
        for path in ["-o", "x/../y:/z", "a b"] {
            let posix = api::StorageConnection { kind: "posixfs".into(), path: path.into(), ..Default::default() };
            assert!(mount_name(&posix).is_err(), "{path:?}");
        }
        let mut odd = nfs("/a");
        odd.address = "-oroot".into();
        assert!(mount_name(&odd).is_err());
    }

    #[test]
    fn ids_are_uuids_and_nothing_else() {
        let volume = |disk: &str| api::VolumeRef {
            connection: Some(nfs("/e")),
            domain_id: "0f6b9b8e-0a2f-4e6e-9d3e-0123456789ab".into(),
            disk_id: disk.into(),
            volume_id: "1f6b9b8e-0a2f-4e6e-9d3e-0123456789ab".into(),
            ..Default::default()
        };
        assert!(VolumePaths::of(Path::new("/r"), &volume("../../etc")).is_err());
        let paths = VolumePaths::of(Path::new("/r"), &volume("2F6B9B8E-0A2F-4E6E-9D3E-0123456789AB")).unwrap();
        assert_eq!(
            paths.data,
            Path::new(
                "/r/nas.example.com:_e/0f6b9b8e-0a2f-4e6e-9d3e-0123456789ab/images/2f6b9b8e-0a2f-4e6e-9d3e-0123456789ab/1f6b9b8e-0a2f-4e6e-9d3e-0123456789ab"
            )
        );
    }
}
