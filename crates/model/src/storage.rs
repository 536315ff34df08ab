//! Storage: connections, domains, disks and their volumes.

use serde::{Deserialize, Serialize};

use crate::Millis;
use crate::ids::{DataCenterId, DiskId, JobId, StorageConnectionId, StorageDomainId, VolumeId};

pub mod lifecycle;

/// A way to reach storage.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct StorageConnection {
    /// The id.
    pub id: StorageConnectionId,
    /// The protocol.
    pub kind: StorageKind,
    /// Server, where there is one.
    pub address: String,
    /// Export or directory.
    pub path: String,
    /// File system type of a POSIX connection.
    pub vfs_type: String,
    /// Extra mount options.
    pub mount_options: String,
    /// auto, v3, v4, v4_1 or v4_2.
    pub nfs_version: String,
    /// Tenths of a second, as the mount option.
    pub nfs_timeout: Option<u32>,
    /// Retransmissions.
    pub nfs_retransmissions: Option<u32>,
}

/// Storage protocols.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum StorageKind {
    /// A directory of one host.
    LocalFs,
    /// Anything that mounts and that all hosts share.
    PosixFs,
    /// NFS.
    Nfs,
}

impl StorageKind {
    /// The name in rows and on the host door.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::LocalFs => "localfs",
            Self::PosixFs => "posixfs",
            Self::Nfs => "nfs",
        }
    }

    /// Reads what [`StorageKind::as_str`] wrote.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        [Self::LocalFs, Self::PosixFs, Self::Nfs].into_iter().find(|kind| kind.as_str() == text)
    }
}

/// A storage domain.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct StorageDomain {
    /// The id, also on the storage.
    pub id: StorageDomainId,
    /// Unique.
    pub name: String,
    /// Free text.
    pub description: String,
    /// Free text.
    pub comment: String,
    /// What it may hold.
    pub class: DomainClass,
    /// How it is reached.
    pub connection: StorageConnection,
    /// On-storage format, v5 for new ones.
    pub format: String,
    /// Overwrite removed disks.
    pub wipe_after_delete: bool,
    /// Give removed space back.
    pub discard_after_delete: bool,
    /// Its disks can't be run.
    pub backup: bool,
    /// Percent of free space under which it warns.
    pub warning_low_space_percent: u32,
    /// GiB of free space under which it refuses.
    pub critical_space_gib: u32,
    /// The data centre that it belongs to, and how it stands there.
    pub attachment: Option<DomainAttachment>,
    /// The job that makes or removes it.
    pub lock: Option<JobId>,
    /// Free bytes, as the newest report has it.
    pub available: Option<u64>,
    /// Used bytes, as the newest report has it.
    pub used: Option<u64>,
    /// Bytes that its disks may grow to.
    pub committed: u64,
}

/// What a storage domain may hold.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum DomainClass {
    /// Disks.
    Data,
    /// CD images.
    Iso,
    /// Exported VMs.
    Export,
}

impl DomainClass {
    /// The name in rows and on the host door.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Data => "data",
            Self::Iso => "iso",
            Self::Export => "export",
        }
    }

    /// Reads what [`DomainClass::as_str`] wrote.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        [Self::Data, Self::Iso, Self::Export].into_iter().find(|class| class.as_str() == text)
    }
}

/// How a storage domain stands in its data centre.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct DomainAttachment {
    /// The data centre.
    pub data_center: DataCenterId,
    /// What is wanted or being done. Written by actions and jobs.
    pub intent: DomainIntent,
    /// At least one up host reaches it. Written by the storage monitor.
    pub ready: bool,
    /// The first data domain of a data centre; kept for clients, it has no duty here.
    pub master: bool,
}

/// What is wanted of an attached domain.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum DomainIntent {
    /// Being attached.
    Attaching,
    /// Being activated.
    Activating,
    /// In use.
    Active,
    /// Being set aside.
    PreparingForMaintenance,
    /// Set aside.
    Maintenance,
    /// Being detached.
    Detaching,
}

impl DomainIntent {
    /// The name in rows.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Attaching => "attaching",
            Self::Activating => "activating",
            Self::Active => "active",
            Self::PreparingForMaintenance => "preparing_for_maintenance",
            Self::Maintenance => "maintenance",
            Self::Detaching => "detaching",
        }
    }

    /// Reads what [`DomainIntent::as_str`] wrote.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        [
            Self::Attaching,
            Self::Activating,
            Self::Active,
            Self::PreparingForMaintenance,
            Self::Maintenance,
            Self::Detaching,
        ]
        .into_iter()
        .find(|intent| intent.as_str() == text)
    }
}

/// The status of a domain that users see, in oVirt's terms.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum DomainStatus {
    /// In no data centre.
    Unattached,
    /// A job works on it.
    Locked,
    /// In use.
    Active,
    /// Wanted, yet no host reaches it.
    Inactive,
    /// Being activated.
    Activating,
    /// Set aside.
    Maintenance,
    /// Being set aside.
    PreparingForMaintenance,
    /// Being detached.
    Detaching,
    /// No host is up to look.
    Unknown,
}

impl DomainStatus {
    /// The name in searches and on the wire.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Unattached => "unattached",
            Self::Locked => "locked",
            Self::Active => "active",
            Self::Inactive => "inactive",
            Self::Activating => "activating",
            Self::Maintenance => "maintenance",
            Self::PreparingForMaintenance => "preparing_for_maintenance",
            Self::Detaching => "detaching",
            Self::Unknown => "unknown",
        }
    }
}

/// A disk.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Disk {
    /// The id, also on the storage.
    pub id: DiskId,
    /// The name that users give; need not be unique.
    pub alias: String,
    /// Free text.
    pub description: String,
    /// Bytes that a guest sees.
    pub provisioned_size: u64,
    /// raw or qcow2.
    pub format: DiskFormat,
    /// Takes space as it is written.
    pub sparse: bool,
    /// What it holds.
    pub content: DiskContent,
    /// Several VMs may write it.
    pub shareable: bool,
    /// Overwrite it when it is removed.
    pub wipe_after_delete: bool,
    /// Errors reach the guest.
    pub propagate_errors: bool,
    /// Keep track of changes for incremental backups.
    pub incremental_backup: bool,
    /// Written by jobs.
    pub state: DiskState,
    /// The job that holds it.
    pub lock: Option<JobId>,
    /// Where its active volume lies.
    pub volume: Option<Volume>,
    /// When it was made.
    pub created_at: Millis,
}

/// Disk formats.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum DiskFormat {
    /// Plain bytes.
    Raw,
    /// qcow2, which oVirt calls cow.
    Qcow2,
}

impl DiskFormat {
    /// The name in rows and on the host door.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Raw => "raw",
            Self::Qcow2 => "qcow2",
        }
    }

    /// Reads what [`DiskFormat::as_str`] wrote.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        [Self::Raw, Self::Qcow2].into_iter().find(|format| format.as_str() == text)
    }
}

/// What a disk holds.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum DiskContent {
    /// A guest's data.
    Data,
    /// A CD image.
    Iso,
}

/// Whether a disk can be used.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum DiskState {
    /// Yes.
    Ok,
    /// A job works on it.
    Locked,
    /// Its content is known to be broken.
    Illegal,
}

impl DiskState {
    /// The name in rows and on the wire.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Ok => "ok",
            Self::Locked => "locked",
            Self::Illegal => "illegal",
        }
    }

    /// Reads what [`DiskState::as_str`] wrote.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        [Self::Ok, Self::Locked, Self::Illegal].into_iter().find(|state| state.as_str() == text)
    }
}

/// One volume of a disk.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Volume {
    /// The id, also on the storage; oVirt's image_id.
    pub id: VolumeId,
    /// The disk.
    pub disk: DiskId,
    /// Where it lies.
    pub domain: StorageDomainId,
    /// raw or qcow2.
    pub format: DiskFormat,
    /// Bytes that it takes.
    pub actual_size: u64,
    /// The volume under it: a template's, for a thin VM.
    pub parent: Option<VolumeId>,
}
