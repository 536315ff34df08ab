//! What runs inside a VM, its snapshots and backups. Plain types of the wire: no rule of any format stands here.

use serde::{Deserialize, Serialize};

use super::*;
use crate::word::words;

/// An application installed in a guest.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Application {
    pub href: Option<String>,
    pub id: Option<String>,
    pub actions: Option<Actions>,
    pub name: Option<String>,
    pub description: Option<String>,
    pub comment: Option<String>,
    pub creation_status: Option<CreationStatus>,
    #[serde(default)]
    pub link: Vec<Link>,
    pub vm: Option<Box<Vm>>,
}

/// A backup of a VM that is being taken.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Backup {
    pub href: Option<String>,
    pub id: Option<String>,
    pub actions: Option<Actions>,
    pub name: Option<String>,
    pub description: Option<String>,
    pub comment: Option<String>,
    pub creation_status: Option<CreationStatus>,
    #[serde(default)]
    pub link: Vec<Link>,
    pub creation_date: Option<Timestamp>,
    pub from_checkpoint_id: Option<String>,
    pub modification_date: Option<Timestamp>,
    pub phase: Option<BackupPhase>,
    pub to_checkpoint_id: Option<String>,
    pub disks: Option<List<Disk>>,
    pub host: Option<Box<Host>>,
    pub snapshot: Option<Box<Snapshot>>,
    pub vm: Option<Box<Vm>>,
}

/// A point in time that incremental backups start from.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Checkpoint {
    pub href: Option<String>,
    pub id: Option<String>,
    pub actions: Option<Actions>,
    pub name: Option<String>,
    pub description: Option<String>,
    pub comment: Option<String>,
    pub creation_status: Option<CreationStatus>,
    #[serde(default)]
    pub link: Vec<Link>,
    pub creation_date: Option<Timestamp>,
    pub parent_id: Option<String>,
    pub state: Option<CheckpointState>,
    pub disks: Option<List<Disk>>,
    pub vm: Option<Box<Vm>>,
}

/// The operating system that the guest agent reported.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct GuestOperatingSystem {
    pub architecture: Option<String>,
    pub codename: Option<String>,
    pub distribution: Option<String>,
    pub family: Option<String>,
    pub kernel: Option<Kernel>,
    pub version: Option<Box<Version>>,
}

/// Kernel of a guest.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Kernel {
    pub version: Option<Box<Version>>,
}

/// A device that the guest agent reported, with its addresses.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct ReportedDevice {
    pub href: Option<String>,
    pub id: Option<String>,
    pub actions: Option<Actions>,
    pub name: Option<String>,
    pub description: Option<String>,
    pub comment: Option<String>,
    pub creation_status: Option<CreationStatus>,
    #[serde(default)]
    pub link: Vec<Link>,
    pub ips: Option<List<Ip>>,
    pub mac: Option<Mac>,
    pub r#type: Option<ReportedDeviceType>,
    pub vm: Option<Box<Vm>>,
}

/// A user that is logged in to a guest or to its console.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Session {
    pub href: Option<String>,
    pub id: Option<String>,
    pub actions: Option<Actions>,
    pub name: Option<String>,
    pub description: Option<String>,
    pub comment: Option<String>,
    pub creation_status: Option<CreationStatus>,
    #[serde(default)]
    pub link: Vec<Link>,
    pub console_user: Option<bool>,
    pub ip: Option<Ip>,
    pub protocol: Option<String>,
    pub user: Option<Box<User>>,
    pub vm: Option<Box<Vm>>,
}

/// A saved state of a VM.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Snapshot {
    pub href: Option<String>,
    pub id: Option<String>,
    pub actions: Option<Actions>,
    pub name: Option<String>,
    pub description: Option<String>,
    pub comment: Option<String>,
    pub creation_status: Option<CreationStatus>,
    #[serde(default)]
    pub link: Vec<Link>,
    pub auto_pinning_policy: Option<AutoPinningPolicy>,
    pub bios: Option<Bios>,
    pub console: Option<Console>,
    pub cpu: Option<Cpu>,
    pub cpu_pinning_policy: Option<CpuPinningPolicy>,
    pub cpu_shares: Option<i64>,
    pub creation_time: Option<Timestamp>,
    pub custom_compatibility_version: Option<Box<Version>>,
    pub custom_cpu_model: Option<String>,
    pub custom_emulated_machine: Option<String>,
    pub custom_properties: Option<List<CustomProperty>>,
    pub delete_protected: Option<bool>,
    pub display: Option<Display>,
    pub domain: Option<Box<Domain>>,
    pub high_availability: Option<HighAvailability>,
    pub initialization: Option<Initialization>,
    pub io: Option<Io>,
    pub large_icon: Option<Box<Icon>>,
    pub lease: Option<StorageDomainLease>,
    pub memory: Option<i64>,
    pub memory_policy: Option<MemoryPolicy>,
    pub migration: Option<MigrationOptions>,
    pub migration_downtime: Option<i64>,
    pub multi_queues_enabled: Option<bool>,
    pub origin: Option<String>,
    pub os: Option<OperatingSystem>,
    pub placement_policy: Option<VmPlacementPolicy>,
    pub rng_device: Option<RngDevice>,
    pub serial_number: Option<SerialNumber>,
    pub small_icon: Option<Box<Icon>>,
    pub soundcard_enabled: Option<bool>,
    pub sso: Option<Sso>,
    pub start_paused: Option<bool>,
    pub stateless: Option<bool>,
    pub storage_error_resume_behaviour: Option<VmStorageErrorResumeBehaviour>,
    pub time_zone: Option<TimeZone>,
    pub tpm_enabled: Option<bool>,
    pub tunnel_migration: Option<bool>,
    pub r#type: Option<VmType>,
    pub usb: Option<Usb>,
    pub virtio_scsi: Option<VirtioScsi>,
    pub virtio_scsi_multi_queues: Option<i64>,
    pub virtio_scsi_multi_queues_enabled: Option<bool>,
    pub cluster: Option<Box<Cluster>>,
    pub cpu_profile: Option<Box<CpuProfile>>,
    pub quota: Option<Box<Quota>>,
    pub storage_domain: Option<Box<StorageDomain>>,
    pub fqdn: Option<String>,
    pub guest_operating_system: Option<GuestOperatingSystem>,
    pub guest_time_zone: Option<TimeZone>,
    pub has_illegal_images: Option<bool>,
    pub next_run_configuration_exists: Option<bool>,
    pub numa_tune_mode: Option<NumaTuneMode>,
    pub payloads: Option<List<Payload>>,
    pub run_once: Option<bool>,
    pub start_time: Option<Timestamp>,
    pub status: Option<VmStatus>,
    pub status_detail: Option<String>,
    pub stop_reason: Option<String>,
    pub stop_time: Option<Timestamp>,
    pub use_latest_template_version: Option<bool>,
    pub affinity_labels: Option<List<AffinityLabel>>,
    pub applications: Option<List<Application>>,
    pub cdroms: Option<List<Cdrom>>,
    pub disk_attachments: Option<List<DiskAttachment>>,
    pub dynamic_cpu: Option<DynamicCpu>,
    pub external_host_provider: Option<Box<ExternalHostProvider>>,
    pub floppies: Option<List<Floppy>>,
    pub graphics_consoles: Option<List<GraphicsConsole>>,
    pub host: Option<Box<Host>>,
    pub host_devices: Option<List<HostDevice>>,
    pub instance_type: Option<Box<InstanceType>>,
    pub katello_errata: Option<List<KatelloErratum>>,
    pub mediated_devices: Option<List<VmMediatedDevice>>,
    pub nics: Option<List<Nic>>,
    pub host_numa_nodes: Option<List<NumaNode>>,
    pub original_template: Option<Box<Template>>,
    pub permissions: Option<List<Permission>>,
    pub reported_devices: Option<List<ReportedDevice>>,
    pub sessions: Option<List<Session>>,
    pub snapshots: Option<List<Snapshot>>,
    pub statistics: Option<List<Statistic>>,
    pub tags: Option<List<Tag>>,
    pub template: Option<Box<Template>>,
    pub vm_pool: Option<Box<VmPool>>,
    pub watchdogs: Option<List<Watchdog>>,
    pub date: Option<Timestamp>,
    pub persist_memorystate: Option<bool>,
    pub snapshot_status: Option<SnapshotStatus>,
    pub snapshot_type: Option<SnapshotType>,
    pub disks: Option<List<Disk>>,
    pub vm: Option<Box<Vm>>,
}

/// A time zone, and its distance from UTC.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct TimeZone {
    pub name: Option<String>,
    pub utc_offset: Option<String>,
}

words! {
    /// What `backup.phase` may say.
    BackupPhase {
        Initializing = "initializing",
        Starting = "starting",
        Ready = "ready",
        Finalizing = "finalizing",
        Succeeded = "succeeded",
        Failed = "failed",
    }
}

words! {
    /// What `checkpoint.state` may say.
    CheckpointState {
        Created = "created",
        Invalid = "invalid",
    }
}

words! {
    /// What `reported_device.type` may say.
    ReportedDeviceType {
        Network = "network",
    }
}

words! {
    /// What `snapshot.snapshot_status` may say.
    SnapshotStatus {
        Ok = "ok",
        Locked = "locked",
        InPreview = "in_preview",
    }
}

words! {
    /// What `snapshot.snapshot_type` may say.
    SnapshotType {
        Regular = "regular",
        Active = "active",
        Stateless = "stateless",
        Preview = "preview",
    }
}
