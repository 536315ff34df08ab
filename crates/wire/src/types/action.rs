//! What actions take and answer, and the fault. Plain types of the wire: no rule of any format stands here.

use serde::{Deserialize, Serialize};

use super::*;
use crate::word::words;

/// Body and answer of every action: its inputs, and `status`, `job` and `fault` in the answer.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Action {
    pub href: Option<String>,
    pub id: Option<String>,
    pub actions: Option<Actions>,
    pub name: Option<String>,
    pub description: Option<String>,
    pub comment: Option<String>,
    pub creation_status: Option<CreationStatus>,
    #[serde(default)]
    pub link: Vec<Link>,
    pub activate: Option<bool>,
    pub allow_partial_import: Option<bool>,
    pub r#async: Option<bool>,
    pub attach_wgt: Option<bool>,
    pub attachment: Option<Box<DiskAttachment>>,
    pub authorized_key: Option<Box<AuthorizedKey>>,
    pub auto_pinning_policy: Option<AutoPinningPolicy>,
    pub bricks: Option<List<GlusterBrick>>,
    pub certificates: Option<List<Certificate>>,
    pub check_connectivity: Option<bool>,
    pub clone: Option<bool>,
    pub clone_permissions: Option<bool>,
    pub cluster: Option<Box<Cluster>>,
    pub collapse_snapshots: Option<bool>,
    pub commit_on_success: Option<bool>,
    pub connection: Option<Box<StorageConnection>>,
    pub connectivity_timeout: Option<i64>,
    pub correlation_id: Option<String>,
    pub data_center: Option<Box<DataCenter>>,
    pub deploy_hosted_engine: Option<bool>,
    pub details: Option<Box<GlusterVolumeProfileDetails>>,
    pub directory: Option<String>,
    pub discard_snapshots: Option<bool>,
    pub discovered_targets: Option<List<IscsiDetails>>,
    pub disk: Option<Box<Disk>>,
    pub disk_profile: Option<Box<DiskProfile>>,
    pub disks: Option<List<Disk>>,
    pub exclusive: Option<bool>,
    pub fault: Option<Fault>,
    pub fence_type: Option<String>,
    pub filename: Option<String>,
    pub filter: Option<bool>,
    pub fix_layout: Option<bool>,
    pub follow: Option<String>,
    pub force: Option<bool>,
    pub grace_period: Option<GracePeriod>,
    pub host: Option<Box<Host>>,
    pub image: Option<String>,
    pub image_transfer: Option<Box<ImageTransfer>>,
    pub import_as_template: Option<bool>,
    pub is_attached: Option<bool>,
    pub iscsi: Option<IscsiDetails>,
    pub iscsi_targets: Option<IscsiTargets>,
    pub job: Option<Box<Job>>,
    pub lease: Option<StorageDomainLease>,
    pub logical_units: Option<List<LogicalUnit>>,
    pub maintenance_after_restart: Option<bool>,
    pub maintenance_enabled: Option<bool>,
    pub migrate_vms_in_affinity_closure: Option<bool>,
    pub modified_bonds: Option<List<HostNic>>,
    pub modified_labels: Option<List<NetworkLabel>>,
    pub modified_network_attachments: Option<List<NetworkAttachment>>,
    pub optimize_cpu_settings: Option<bool>,
    pub option: Option<OptionSetting>,
    pub pause: Option<bool>,
    pub permission: Option<Box<Permission>>,
    pub power_management: Option<PowerManagement>,
    pub proxy_ticket: Option<ProxyTicket>,
    pub quota: Option<Box<Quota>>,
    pub reason: Option<String>,
    pub reassign_bad_macs: Option<bool>,
    pub reboot: Option<bool>,
    pub registration_configuration: Option<RegistrationConfiguration>,
    pub remote_viewer_connection_file: Option<String>,
    pub removed_bonds: Option<List<HostNic>>,
    pub removed_labels: Option<List<NetworkLabel>>,
    pub removed_network_attachments: Option<List<NetworkAttachment>>,
    pub resolution_type: Option<String>,
    pub restore_memory: Option<bool>,
    pub root_password: Option<String>,
    pub seal: Option<bool>,
    pub snapshot: Option<Box<Snapshot>>,
    pub source_host: Option<Box<Host>>,
    pub ssh: Option<Box<Ssh>>,
    pub status: Option<String>,
    pub stop_gluster_service: Option<bool>,
    pub storage_domain: Option<Box<StorageDomain>>,
    pub storage_domains: Option<List<StorageDomain>>,
    pub succeeded: Option<bool>,
    pub synchronized_network_attachments: Option<List<NetworkAttachment>>,
    pub template: Option<Box<Template>>,
    pub ticket: Option<Ticket>,
    pub timeout: Option<i64>,
    pub undeploy_hosted_engine: Option<bool>,
    pub upgrade_action: Option<ClusterUpgradeAction>,
    pub upgrade_percent_complete: Option<i64>,
    pub use_cloud_init: Option<bool>,
    pub use_ignition: Option<bool>,
    pub use_initialization: Option<bool>,
    pub use_sysprep: Option<bool>,
    pub virtual_functions_configuration: Option<HostNicVirtualFunctionsConfiguration>,
    pub vm: Option<Box<Vm>>,
    pub vnic_profile_mappings: Option<List<VnicProfileMapping>>,
    pub volatile: Option<bool>,
}

/// Why a request was refused: what the caller sees instead of the entity.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Fault {
    pub detail: Option<String>,
    pub reason: Option<String>,
}

/// How long an action waits before it takes effect, in milliseconds.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct GracePeriod {
    pub expiry: Option<i64>,
}

/// One-time password for the console proxy.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct ProxyTicket {
    pub value: Option<String>,
}

/// One-time console password; `expiry` is its lifetime in seconds.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Ticket {
    pub expiry: Option<i64>,
    pub value: Option<String>,
}

words! {
    /// What `action.auto_pinning_policy`, `vm_base.auto_pinning_policy`, `vm.auto_pinning_policy` may say.
    AutoPinningPolicy {
        Disabled = "disabled",
        Existing = "existing",
        Adjust = "adjust",
    }
}

words! {
    /// What `action.upgrade_action` may say.
    ClusterUpgradeAction {
        Start = "start",
        UpdateProgress = "update_progress",
        Finish = "finish",
    }
}
