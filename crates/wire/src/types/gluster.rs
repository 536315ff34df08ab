//! Gluster volumes, bricks and hooks. Plain types of the wire: no rule of any format stands here.

use serde::{Deserialize, Serialize};

use super::*;
use crate::word::words;

/// Profile of a Gluster brick.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct BrickProfileDetail {
    pub profile_details: Option<List<ProfileDetail>>,
    pub brick: Option<Box<GlusterBrick>>,
}

/// What Gluster profiles have in common.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct EntityProfileDetail {
    pub profile_details: Option<List<ProfileDetail>>,
}

/// Figures of one Gluster file operation.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct FopStatistic {
    pub name: Option<String>,
    pub statistics: Option<List<Statistic>>,
}

/// A brick of a Gluster volume.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct GlusterBrick {
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
    pub device: Option<String>,
    pub fs_name: Option<String>,
    pub gluster_clients: Option<List<GlusterClient>>,
    pub memory_pools: Option<List<GlusterMemoryPool>>,
    pub mnt_options: Option<String>,
    pub pid: Option<i64>,
    pub port: Option<i64>,
    pub brick_dir: Option<String>,
    pub server_id: Option<String>,
    pub status: Option<GlusterBrickStatus>,
    pub gluster_volume: Option<Box<GlusterVolume>>,
    pub statistics: Option<List<Statistic>>,
}

/// Details of a Gluster brick.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct GlusterBrickAdvancedDetails {
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
    pub device: Option<String>,
    pub fs_name: Option<String>,
    pub gluster_clients: Option<List<GlusterClient>>,
    pub memory_pools: Option<List<GlusterMemoryPool>>,
    pub mnt_options: Option<String>,
    pub pid: Option<i64>,
    pub port: Option<i64>,
}

/// Memory of a Gluster brick.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct GlusterBrickMemoryInfo {
    pub memory_pools: Option<List<GlusterMemoryPool>>,
}

/// A client of a Gluster brick.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct GlusterClient {
    pub bytes_read: Option<i64>,
    pub bytes_written: Option<i64>,
    pub client_port: Option<i64>,
    pub host_name: Option<String>,
}

/// A hook of a Gluster cluster.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct GlusterHook {
    pub href: Option<String>,
    pub id: Option<String>,
    pub actions: Option<Actions>,
    pub name: Option<String>,
    pub description: Option<String>,
    pub comment: Option<String>,
    pub creation_status: Option<CreationStatus>,
    #[serde(default)]
    pub link: Vec<Link>,
    pub checksum: Option<String>,
    pub conflict_status: Option<i64>,
    pub conflicts: Option<String>,
    pub content: Option<String>,
    pub content_type: Option<HookContentType>,
    pub gluster_command: Option<String>,
    pub stage: Option<HookStage>,
    pub status: Option<GlusterHookStatus>,
    pub cluster: Option<Box<Cluster>>,
    pub server_hooks: Option<List<GlusterServerHook>>,
}

/// A memory pool of a Gluster brick.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct GlusterMemoryPool {
    pub href: Option<String>,
    pub id: Option<String>,
    pub actions: Option<Actions>,
    pub name: Option<String>,
    pub description: Option<String>,
    pub comment: Option<String>,
    pub creation_status: Option<CreationStatus>,
    #[serde(default)]
    pub link: Vec<Link>,
    pub alloc_count: Option<i64>,
    pub cold_count: Option<i64>,
    pub hot_count: Option<i64>,
    pub max_alloc: Option<i64>,
    pub max_stdalloc: Option<i64>,
    pub padded_size: Option<i64>,
    pub pool_misses: Option<i64>,
    pub r#type: Option<String>,
}

/// A Gluster hook as it stands on one server.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct GlusterServerHook {
    pub href: Option<String>,
    pub id: Option<String>,
    pub actions: Option<Actions>,
    pub name: Option<String>,
    pub description: Option<String>,
    pub comment: Option<String>,
    pub creation_status: Option<CreationStatus>,
    #[serde(default)]
    pub link: Vec<Link>,
    pub checksum: Option<String>,
    pub content_type: Option<HookContentType>,
    pub status: Option<GlusterHookStatus>,
    pub host: Option<Box<Host>>,
}

/// A Gluster volume.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct GlusterVolume {
    pub href: Option<String>,
    pub id: Option<String>,
    pub actions: Option<Actions>,
    pub name: Option<String>,
    pub description: Option<String>,
    pub comment: Option<String>,
    pub creation_status: Option<CreationStatus>,
    #[serde(default)]
    pub link: Vec<Link>,
    pub disperse_count: Option<i64>,
    pub options: Option<List<OptionSetting>>,
    pub redundancy_count: Option<i64>,
    pub replica_count: Option<i64>,
    pub status: Option<GlusterVolumeStatus>,
    pub stripe_count: Option<i64>,
    pub transport_types: Option<TransportTypes>,
    pub volume_type: Option<GlusterVolumeType>,
    pub bricks: Option<List<GlusterBrick>>,
    pub cluster: Option<Box<Cluster>>,
    pub statistics: Option<List<Statistic>>,
}

/// Profile of a Gluster volume.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct GlusterVolumeProfileDetails {
    pub href: Option<String>,
    pub id: Option<String>,
    pub actions: Option<Actions>,
    pub name: Option<String>,
    pub description: Option<String>,
    pub comment: Option<String>,
    pub creation_status: Option<CreationStatus>,
    #[serde(default)]
    pub link: Vec<Link>,
    pub brick_profile_details: Option<List<BrickProfileDetail>>,
    pub nfs_profile_details: Option<List<NfsProfileDetail>>,
}

/// Profile of a Gluster NFS server.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct NfsProfileDetail {
    pub profile_details: Option<List<ProfileDetail>>,
    pub nfs_server_ip: Option<String>,
}

/// Figures of a Gluster profile.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct ProfileDetail {
    pub block_statistics: Option<List<BlockStatistic>>,
    pub duration: Option<i64>,
    pub fop_statistics: Option<List<FopStatistic>>,
    pub profile_type: Option<String>,
    pub statistics: Option<List<Statistic>>,
}

words! {
    /// Declared by the API for values that travel as plain text.
    AccessProtocol {
        Gluster = "gluster",
        Nfs = "nfs",
        Cifs = "cifs",
    }
}

words! {
    /// What `brick.status` may say.
    GlusterBrickStatus {
        Up = "up",
        Down = "down",
        Unknown = "unknown",
    }
}

words! {
    /// What `gluster_hook.status`, `server_hook.status` may say.
    GlusterHookStatus {
        Enabled = "enabled",
        Disabled = "disabled",
        Missing = "missing",
    }
}

words! {
    /// Declared by the API for values that travel as plain text.
    GlusterState {
        Up = "up",
        Down = "down",
        Unknown = "unknown",
    }
}

words! {
    /// What `gluster_volume.status` may say.
    GlusterVolumeStatus {
        Up = "up",
        Down = "down",
        Unknown = "unknown",
    }
}

words! {
    /// What `gluster_volume.volume_type` may say.
    GlusterVolumeType {
        Distribute = "distribute",
        Replicate = "replicate",
        DistributedReplicate = "distributed_replicate",
        Stripe = "stripe",
        DistributedStripe = "distributed_stripe",
        StripedReplicate = "striped_replicate",
        DistributedStripedReplicate = "distributed_striped_replicate",
        Disperse = "disperse",
        DistributedDisperse = "distributed_disperse",
    }
}

words! {
    /// What `gluster_hook.content_type`, `server_hook.content_type` may say.
    HookContentType {
        Text = "text",
        Binary = "binary",
    }
}

words! {
    /// What `gluster_hook.stage` may say.
    HookStage {
        Pre = "pre",
        Post = "post",
    }
}

words! {
    /// Declared by the API for values that travel as plain text.
    HookStatus {
        Enabled = "enabled",
        Disabled = "disabled",
        Missing = "missing",
    }
}

words! {
    /// Declared by the API for values that travel as plain text.
    ResolutionType {
        Add = "add",
        Copy = "copy",
    }
}

words! {
    /// What `gluster_volume.transport_types` may say.
    TransportType {
        Tcp = "tcp",
        Rdma = "rdma",
    }
}
