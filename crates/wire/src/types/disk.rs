//! Disks, images and their transfer. Plain types of the wire: no rule of any format stands here.

use serde::{Deserialize, Serialize};

use super::*;
use crate::word::words;

/// A virtual disk.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Disk {
    pub href: Option<String>,
    pub id: Option<String>,
    pub actions: Option<Actions>,
    pub name: Option<String>,
    pub description: Option<String>,
    pub comment: Option<String>,
    pub creation_status: Option<CreationStatus>,
    #[serde(default)]
    pub link: Vec<Link>,
    pub instance_type: Option<Box<InstanceType>>,
    pub template: Option<Box<Template>>,
    pub vm: Option<Box<Vm>>,
    pub vms: Option<List<Vm>>,
    pub active: Option<bool>,
    pub actual_size: Option<i64>,
    pub alias: Option<String>,
    pub backup: Option<DiskBackup>,
    pub backup_mode: Option<DiskBackupMode>,
    pub bootable: Option<bool>,
    pub content_type: Option<DiskContentType>,
    pub external_disk: Option<String>,
    pub format: Option<DiskFormat>,
    pub image_id: Option<String>,
    pub initial_size: Option<i64>,
    pub interface: Option<DiskInterface>,
    pub logical_name: Option<String>,
    pub lun_storage: Option<Box<HostStorage>>,
    pub propagate_errors: Option<bool>,
    pub provisioned_size: Option<i64>,
    pub qcow_version: Option<QcowVersion>,
    pub read_only: Option<bool>,
    pub sgio: Option<ScsiGenericIO>,
    pub shareable: Option<bool>,
    pub sparse: Option<bool>,
    pub status: Option<DiskStatus>,
    pub storage_type: Option<DiskStorageType>,
    pub total_size: Option<i64>,
    pub uses_scsi_reservation: Option<bool>,
    pub wipe_after_delete: Option<bool>,
    pub disk_profile: Option<Box<DiskProfile>>,
    pub disk_snapshots: Option<List<DiskSnapshot>>,
    pub openstack_volume_type: Option<Box<OpenStackVolumeType>>,
    pub permissions: Option<List<Permission>>,
    pub quota: Option<Box<Quota>>,
    pub snapshot: Option<Box<Snapshot>>,
    pub statistics: Option<List<Statistic>>,
    pub storage_domain: Option<Box<StorageDomain>>,
    pub storage_domains: Option<List<StorageDomain>>,
}

/// How a disk hangs on a VM.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct DiskAttachment {
    pub href: Option<String>,
    pub id: Option<String>,
    pub actions: Option<Actions>,
    pub name: Option<String>,
    pub description: Option<String>,
    pub comment: Option<String>,
    pub creation_status: Option<CreationStatus>,
    #[serde(default)]
    pub link: Vec<Link>,
    pub active: Option<bool>,
    pub bootable: Option<bool>,
    pub interface: Option<DiskInterface>,
    pub logical_name: Option<String>,
    pub pass_discard: Option<bool>,
    pub read_only: Option<bool>,
    pub uses_scsi_reservation: Option<bool>,
    pub disk: Option<Box<Disk>>,
    pub template: Option<Box<Template>>,
    pub vm: Option<Box<Vm>>,
}

/// Limits for disks of a storage domain.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct DiskProfile {
    pub href: Option<String>,
    pub id: Option<String>,
    pub actions: Option<Actions>,
    pub name: Option<String>,
    pub description: Option<String>,
    pub comment: Option<String>,
    pub creation_status: Option<CreationStatus>,
    #[serde(default)]
    pub link: Vec<Link>,
    pub permissions: Option<List<Permission>>,
    pub qos: Option<Box<Qos>>,
    pub storage_domain: Option<Box<StorageDomain>>,
}

/// A disk inside a snapshot.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct DiskSnapshot {
    pub href: Option<String>,
    pub id: Option<String>,
    pub actions: Option<Actions>,
    pub name: Option<String>,
    pub description: Option<String>,
    pub comment: Option<String>,
    pub creation_status: Option<CreationStatus>,
    #[serde(default)]
    pub link: Vec<Link>,
    pub instance_type: Option<Box<InstanceType>>,
    pub template: Option<Box<Template>>,
    pub vm: Option<Box<Vm>>,
    pub vms: Option<List<Vm>>,
    pub active: Option<bool>,
    pub actual_size: Option<i64>,
    pub alias: Option<String>,
    pub backup: Option<DiskBackup>,
    pub backup_mode: Option<DiskBackupMode>,
    pub bootable: Option<bool>,
    pub content_type: Option<DiskContentType>,
    pub external_disk: Option<String>,
    pub format: Option<DiskFormat>,
    pub image_id: Option<String>,
    pub initial_size: Option<i64>,
    pub interface: Option<DiskInterface>,
    pub logical_name: Option<String>,
    pub lun_storage: Option<Box<HostStorage>>,
    pub propagate_errors: Option<bool>,
    pub provisioned_size: Option<i64>,
    pub qcow_version: Option<QcowVersion>,
    pub read_only: Option<bool>,
    pub sgio: Option<ScsiGenericIO>,
    pub shareable: Option<bool>,
    pub sparse: Option<bool>,
    pub status: Option<DiskStatus>,
    pub storage_type: Option<DiskStorageType>,
    pub total_size: Option<i64>,
    pub uses_scsi_reservation: Option<bool>,
    pub wipe_after_delete: Option<bool>,
    pub disk_profile: Option<Box<DiskProfile>>,
    pub disk_snapshots: Option<List<DiskSnapshot>>,
    pub openstack_volume_type: Option<Box<OpenStackVolumeType>>,
    pub permissions: Option<List<Permission>>,
    pub quota: Option<Box<Quota>>,
    pub snapshot: Option<Box<Snapshot>>,
    pub statistics: Option<List<Statistic>>,
    pub storage_domain: Option<Box<StorageDomain>>,
    pub storage_domains: Option<List<StorageDomain>>,
    pub disk: Option<Box<Disk>>,
    pub parent: Option<Box<DiskSnapshot>>,
}

/// An image in a storage domain.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Image {
    pub href: Option<String>,
    pub id: Option<String>,
    pub actions: Option<Actions>,
    pub name: Option<String>,
    pub description: Option<String>,
    pub comment: Option<String>,
    pub creation_status: Option<CreationStatus>,
    #[serde(default)]
    pub link: Vec<Link>,
    pub size: Option<i64>,
    pub r#type: Option<ImageFileType>,
    pub storage_domain: Option<Box<StorageDomain>>,
}

/// Upload or download of a disk's data.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct ImageTransfer {
    pub href: Option<String>,
    pub id: Option<String>,
    pub actions: Option<Actions>,
    pub name: Option<String>,
    pub description: Option<String>,
    pub comment: Option<String>,
    pub creation_status: Option<CreationStatus>,
    #[serde(default)]
    pub link: Vec<Link>,
    pub active: Option<bool>,
    pub direction: Option<ImageTransferDirection>,
    pub format: Option<DiskFormat>,
    pub inactivity_timeout: Option<i64>,
    pub phase: Option<ImageTransferPhase>,
    pub proxy_url: Option<String>,
    pub shallow: Option<bool>,
    pub timeout_policy: Option<ImageTransferTimeoutPolicy>,
    pub transfer_url: Option<String>,
    pub transferred: Option<i64>,
    pub backup: Option<Box<Backup>>,
    pub disk: Option<Box<Disk>>,
    pub host: Option<Box<Host>>,
    pub image: Option<Box<Image>>,
    pub snapshot: Option<Box<DiskSnapshot>>,
}

words! {
    /// What `disk.backup`, `disk_snapshot.backup` may say.
    DiskBackup {
        None = "none",
        Incremental = "incremental",
    }
}

words! {
    /// What `disk.backup_mode`, `disk_snapshot.backup_mode` may say.
    DiskBackupMode {
        Full = "full",
        Incremental = "incremental",
    }
}

words! {
    /// What `disk.content_type`, `disk_snapshot.content_type` may say.
    DiskContentType {
        Data = "data",
        OvfStore = "ovf_store",
        MemoryDumpVolume = "memory_dump_volume",
        MemoryMetadataVolume = "memory_metadata_volume",
        Iso = "iso",
        HostedEngine = "hosted_engine",
        HostedEngineSanlock = "hosted_engine_sanlock",
        HostedEngineMetadata = "hosted_engine_metadata",
        HostedEngineConfiguration = "hosted_engine_configuration",
        BackupScratch = "backup_scratch",
    }
}

words! {
    /// What `disk.format`, `disk_snapshot.format`, `image_transfer.format` may say.
    DiskFormat {
        Cow = "cow",
        Raw = "raw",
    }
}

words! {
    /// What `disk.interface`, `disk_attachment.interface`, `disk_snapshot.interface` may say.
    DiskInterface {
        Ide = "ide",
        VirtioScsi = "virtio_scsi",
        Virtio = "virtio",
        SpaprVscsi = "spapr_vscsi",
        Sata = "sata",
    }
}

words! {
    /// What `disk.status`, `disk_snapshot.status` may say.
    DiskStatus {
        Illegal = "illegal",
        Locked = "locked",
        Ok = "ok",
    }
}

words! {
    /// What `disk.storage_type`, `disk_snapshot.storage_type` may say.
    DiskStorageType {
        Image = "image",
        Lun = "lun",
        Cinder = "cinder",
        ManagedBlockStorage = "managed_block_storage",
    }
}

words! {
    /// Declared by the API for values that travel as plain text.
    DiskType {
        Data = "data",
        System = "system",
    }
}

words! {
    /// What `image.type` may say.
    ImageFileType {
        Iso = "iso",
        Floppy = "floppy",
        Disk = "disk",
    }
}

words! {
    /// What `image_transfer.direction` may say.
    ImageTransferDirection {
        Upload = "upload",
        Download = "download",
    }
}

words! {
    /// What `image_transfer.phase` may say.
    ImageTransferPhase {
        Unknown = "unknown",
        Initializing = "initializing",
        Transferring = "transferring",
        Resuming = "resuming",
        PausedSystem = "paused_system",
        PausedUser = "paused_user",
        Cancelled = "cancelled",
        FinalizingSuccess = "finalizing_success",
        FinalizingFailure = "finalizing_failure",
        FinishedSuccess = "finished_success",
        FinishedFailure = "finished_failure",
        CancelledSystem = "cancelled_system",
        CancelledUser = "cancelled_user",
        FinalizingCleanup = "finalizing_cleanup",
        FinishedCleanup = "finished_cleanup",
    }
}

words! {
    /// What `image_transfer.timeout_policy` may say.
    ImageTransferTimeoutPolicy {
        Legacy = "legacy",
        Pause = "pause",
        Cancel = "cancel",
    }
}

words! {
    /// What `disk.qcow_version`, `disk_snapshot.qcow_version` may say.
    QcowVersion {
        Qcow2V2 = "qcow2_v2",
        Qcow2V3 = "qcow2_v3",
    }
}

words! {
    /// What `disk.sgio`, `disk_snapshot.sgio` may say.
    ScsiGenericIO {
        Filtered = "filtered",
        Unfiltered = "unfiltered",
        Disabled = "disabled",
    }
}
