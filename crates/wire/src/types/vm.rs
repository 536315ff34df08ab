//! The virtual machine. Plain types of the wire: no rule of any format stands here.

use serde::{Deserialize, Serialize};

use super::*;
use crate::word::words;

/// What VMs, templates and instance types have in common.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct VmBase {
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
}

/// A virtual machine.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Vm {
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
}

/// How many VMs a host carries.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct VmSummary {
    pub active: Option<i64>,
    pub migrating: Option<i64>,
    pub total: Option<i64>,
}

words! {
    /// What `vm_base.cpu_pinning_policy`, `vm.cpu_pinning_policy`, `template.cpu_pinning_policy` may say.
    CpuPinningPolicy {
        None = "none",
        Manual = "manual",
        ResizeAndPinNuma = "resize_and_pin_numa",
        Dedicated = "dedicated",
        IsolateThreads = "isolate_threads",
    }
}

words! {
    /// What `vm.numa_tune_mode`, `vm_numa_node.numa_tune_mode`, `snapshot.numa_tune_mode` may say.
    NumaTuneMode {
        Strict = "strict",
        Interleave = "interleave",
        Preferred = "preferred",
    }
}

words! {
    /// What `vm.status`, `snapshot.status` may say.
    VmStatus {
        Unassigned = "unassigned",
        Down = "down",
        Up = "up",
        PoweringUp = "powering_up",
        Paused = "paused",
        Migrating = "migrating",
        Unknown = "unknown",
        NotResponding = "not_responding",
        WaitForLaunch = "wait_for_launch",
        RebootInProgress = "reboot_in_progress",
        SavingState = "saving_state",
        RestoringState = "restoring_state",
        Suspended = "suspended",
        ImageLocked = "image_locked",
        PoweringDown = "powering_down",
    }
}

words! {
    /// What `vm_base.storage_error_resume_behaviour`, `vm.storage_error_resume_behaviour`, `template.storage_error_resume_behaviour` may say.
    VmStorageErrorResumeBehaviour {
        LeavePaused = "leave_paused",
        AutoResume = "auto_resume",
        Kill = "kill",
    }
}

words! {
    /// What `vm_base.type`, `vm.type`, `template.type` may say.
    VmType {
        Desktop = "desktop",
        Server = "server",
        HighPerformance = "high_performance",
    }
}
