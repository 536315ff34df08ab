//! Pools of virtual machines. Plain types of the wire: no rule of any format stands here.

use serde::{Deserialize, Serialize};

use super::*;
use crate::word::words;

/// A set of equal VMs that users take from.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct VmPool {
    pub href: Option<String>,
    pub id: Option<String>,
    pub actions: Option<Actions>,
    pub name: Option<String>,
    pub description: Option<String>,
    pub comment: Option<String>,
    pub creation_status: Option<CreationStatus>,
    #[serde(default)]
    pub link: Vec<Link>,
    pub auto_storage_select: Option<bool>,
    pub display: Option<Display>,
    pub max_user_vms: Option<i64>,
    pub prestarted_vms: Option<i64>,
    pub rng_device: Option<RngDevice>,
    pub size: Option<i64>,
    pub soundcard_enabled: Option<bool>,
    pub stateful: Option<bool>,
    pub tpm_enabled: Option<bool>,
    pub r#type: Option<VmPoolType>,
    pub use_latest_template_version: Option<bool>,
    pub cluster: Option<Box<Cluster>>,
    pub instance_type: Option<Box<InstanceType>>,
    pub permissions: Option<List<Permission>>,
    pub template: Option<Box<Template>>,
    pub vm: Option<Box<Vm>>,
}

words! {
    /// What `vm_pool.type` may say.
    VmPoolType {
        Automatic = "automatic",
        Manual = "manual",
    }
}
