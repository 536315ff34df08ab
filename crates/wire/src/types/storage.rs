//! Storage domains and connections. Plain types of the wire: no rule of any format stands here.

use serde::{Deserialize, Serialize};

use super::*;
use crate::word::words;

/// Paths that iSCSI traffic may take.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct IscsiBond {
    pub href: Option<String>,
    pub id: Option<String>,
    pub actions: Option<Actions>,
    pub name: Option<String>,
    pub description: Option<String>,
    pub comment: Option<String>,
    pub creation_status: Option<CreationStatus>,
    #[serde(default)]
    pub link: Vec<Link>,
    pub data_center: Option<Box<DataCenter>>,
    pub networks: Option<List<Network>>,
    pub storage_connections: Option<List<StorageConnection>>,
}

/// An iSCSI target and how to log in to it.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct IscsiDetails {
    pub address: Option<String>,
    pub disk_id: Option<String>,
    pub initiator: Option<String>,
    pub lun_mapping: Option<i64>,
    pub password: Option<String>,
    pub paths: Option<i64>,
    pub port: Option<i64>,
    pub portal: Option<String>,
    pub product_id: Option<String>,
    pub serial: Option<String>,
    pub size: Option<i64>,
    pub status: Option<String>,
    pub storage_domain_id: Option<String>,
    pub target: Option<String>,
    pub username: Option<String>,
    pub vendor_id: Option<String>,
    pub volume_group_id: Option<String>,
}

/// A LUN.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct LogicalUnit {
    pub id: Option<String>,
    pub active_paths: Option<i64>,
    pub address: Option<String>,
    pub discard_max_size: Option<i64>,
    pub discard_zeroes_data: Option<bool>,
    pub disk_id: Option<String>,
    pub lun_mapping: Option<i64>,
    pub password: Option<String>,
    pub paths: Option<i64>,
    pub port: Option<i64>,
    pub portal: Option<String>,
    pub product_id: Option<String>,
    pub serial: Option<String>,
    pub size: Option<i64>,
    pub status: Option<LunStatus>,
    pub storage_domain_id: Option<String>,
    pub target: Option<String>,
    pub username: Option<String>,
    pub vendor_id: Option<String>,
    pub volume_group_id: Option<String>,
}

/// How a host reaches storage.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct StorageConnection {
    pub href: Option<String>,
    pub id: Option<String>,
    pub actions: Option<Actions>,
    pub name: Option<String>,
    pub description: Option<String>,
    pub comment: Option<String>,
    pub creation_status: Option<CreationStatus>,
    #[serde(default)]
    pub link: Vec<Link>,
    pub address: Option<String>,
    pub mount_options: Option<String>,
    pub nfs_retrans: Option<i64>,
    pub nfs_timeo: Option<i64>,
    pub nfs_version: Option<NfsVersion>,
    pub password: Option<String>,
    pub path: Option<String>,
    pub port: Option<i64>,
    pub portal: Option<String>,
    pub target: Option<String>,
    pub r#type: Option<StorageType>,
    pub username: Option<String>,
    pub vfs_type: Option<String>,
    pub gluster_volume: Option<Box<GlusterVolume>>,
    pub host: Option<Box<Host>>,
}

/// Log-in of one host to an iSCSI target.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct StorageConnectionExtension {
    pub href: Option<String>,
    pub id: Option<String>,
    pub actions: Option<Actions>,
    pub name: Option<String>,
    pub description: Option<String>,
    pub comment: Option<String>,
    pub creation_status: Option<CreationStatus>,
    #[serde(default)]
    pub link: Vec<Link>,
    pub password: Option<String>,
    pub target: Option<String>,
    pub username: Option<String>,
    pub host: Option<Box<Host>>,
}

/// A place for disks and images.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct StorageDomain {
    pub href: Option<String>,
    pub id: Option<String>,
    pub actions: Option<Actions>,
    pub name: Option<String>,
    pub description: Option<String>,
    pub comment: Option<String>,
    pub creation_status: Option<CreationStatus>,
    #[serde(default)]
    pub link: Vec<Link>,
    pub available: Option<i64>,
    pub backup: Option<bool>,
    pub block_size: Option<i64>,
    pub committed: Option<i64>,
    pub critical_space_action_blocker: Option<i64>,
    pub discard_after_delete: Option<bool>,
    pub external_status: Option<ExternalStatus>,
    pub import: Option<bool>,
    pub master: Option<bool>,
    pub status: Option<StorageDomainStatus>,
    pub storage: Option<Box<HostStorage>>,
    pub storage_format: Option<StorageFormat>,
    pub supports_discard: Option<bool>,
    pub supports_discard_zeroes_data: Option<bool>,
    pub r#type: Option<StorageDomainType>,
    pub used: Option<i64>,
    pub warning_low_space_indicator: Option<i64>,
    pub wipe_after_delete: Option<bool>,
    pub data_center: Option<Box<DataCenter>>,
    pub data_centers: Option<List<DataCenter>>,
    pub disk_profiles: Option<List<DiskProfile>>,
    pub disk_snapshots: Option<List<DiskSnapshot>>,
    pub disks: Option<List<Disk>>,
    pub files: Option<List<File>>,
    pub host: Option<Box<Host>>,
    pub images: Option<List<Image>>,
    pub permissions: Option<List<Permission>>,
    pub storage_connections: Option<List<StorageConnection>>,
    pub templates: Option<List<Template>>,
    pub vms: Option<List<Vm>>,
}

/// An LVM volume group of a block domain.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct VolumeGroup {
    pub id: Option<String>,
    pub logical_units: Option<List<LogicalUnit>>,
    pub name: Option<String>,
}

words! {
    /// What `logical_unit.status` may say.
    LunStatus {
        Free = "free",
        Used = "used",
        Unusable = "unusable",
    }
}

words! {
    /// What `storage_domain.status` may say.
    StorageDomainStatus {
        Active = "active",
        Inactive = "inactive",
        Locked = "locked",
        Mixed = "mixed",
        Unattached = "unattached",
        Maintenance = "maintenance",
        PreparingForMaintenance = "preparing_for_maintenance",
        Detaching = "detaching",
        Activating = "activating",
        Unknown = "unknown",
    }
}

words! {
    /// What `storage_domain.type` may say.
    StorageDomainType {
        Data = "data",
        Iso = "iso",
        Export = "export",
        Image = "image",
        Volume = "volume",
        ManagedBlockStorage = "managed_block_storage",
    }
}

words! {
    /// What `storage_domain.storage_format`, `data_center.storage_format` may say.
    StorageFormat {
        V1 = "v1",
        V2 = "v2",
        V3 = "v3",
        V4 = "v4",
        V5 = "v5",
    }
}
