//! Scheduling policies, affinity and quotas. Plain types of the wire: no rule of any format stands here.

use serde::{Deserialize, Serialize};

use super::*;
use crate::word::words;

/// Rules on which VMs and hosts belong together or apart.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct AffinityGroup {
    pub href: Option<String>,
    pub id: Option<String>,
    pub actions: Option<Actions>,
    pub name: Option<String>,
    pub description: Option<String>,
    pub comment: Option<String>,
    pub creation_status: Option<CreationStatus>,
    #[serde(default)]
    pub link: Vec<Link>,
    pub broken: Option<bool>,
    pub enforcing: Option<bool>,
    pub hosts_rule: Option<AffinityRule>,
    pub positive: Option<bool>,
    pub priority: Option<f64>,
    pub vms_rule: Option<AffinityRule>,
    pub cluster: Option<Box<Cluster>>,
    pub host_labels: Option<List<AffinityLabel>>,
    pub hosts: Option<List<Host>>,
    pub vm_labels: Option<List<AffinityLabel>>,
    pub vms: Option<List<Vm>>,
}

/// A label that ties VMs to hosts.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct AffinityLabel {
    pub href: Option<String>,
    pub id: Option<String>,
    pub actions: Option<Actions>,
    pub name: Option<String>,
    pub description: Option<String>,
    pub comment: Option<String>,
    pub creation_status: Option<CreationStatus>,
    #[serde(default)]
    pub link: Vec<Link>,
    pub has_implicit_affinity_group: Option<bool>,
    pub read_only: Option<bool>,
    pub hosts: Option<List<Host>>,
    pub vms: Option<List<Vm>>,
}

/// Whether an affinity rule holds, and how strictly.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct AffinityRule {
    pub enabled: Option<bool>,
    pub enforcing: Option<bool>,
    pub positive: Option<bool>,
}

/// The balancer of a scheduling policy.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Balance {
    pub href: Option<String>,
    pub id: Option<String>,
    pub actions: Option<Actions>,
    pub name: Option<String>,
    pub description: Option<String>,
    pub comment: Option<String>,
    pub creation_status: Option<CreationStatus>,
    #[serde(default)]
    pub link: Vec<Link>,
    pub scheduling_policy: Option<Box<SchedulingPolicy>>,
    pub scheduling_policy_unit: Option<Box<SchedulingPolicyUnit>>,
}

/// A filter of a scheduling policy.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Filter {
    pub href: Option<String>,
    pub id: Option<String>,
    pub actions: Option<Actions>,
    pub name: Option<String>,
    pub description: Option<String>,
    pub comment: Option<String>,
    pub creation_status: Option<CreationStatus>,
    #[serde(default)]
    pub link: Vec<Link>,
    pub position: Option<i64>,
    pub scheduling_policy_unit: Option<Box<SchedulingPolicyUnit>>,
}

/// How hosts for VMs are chosen.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct SchedulingPolicy {
    pub href: Option<String>,
    pub id: Option<String>,
    pub actions: Option<Actions>,
    pub name: Option<String>,
    pub description: Option<String>,
    pub comment: Option<String>,
    pub creation_status: Option<CreationStatus>,
    #[serde(default)]
    pub link: Vec<Link>,
    pub default_policy: Option<bool>,
    pub locked: Option<bool>,
    pub properties: Option<List<Property>>,
    pub balances: Option<List<Balance>>,
    pub filters: Option<List<Filter>>,
    pub weight: Option<List<Weight>>,
}

/// A filter, weight or balancer that policies are made of.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct SchedulingPolicyUnit {
    pub href: Option<String>,
    pub id: Option<String>,
    pub actions: Option<Actions>,
    pub name: Option<String>,
    pub description: Option<String>,
    pub comment: Option<String>,
    pub creation_status: Option<CreationStatus>,
    #[serde(default)]
    pub link: Vec<Link>,
    pub enabled: Option<bool>,
    pub internal: Option<bool>,
    pub properties: Option<List<Property>>,
    pub r#type: Option<PolicyUnitType>,
}

/// A weight of a scheduling policy and its factor.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Weight {
    pub href: Option<String>,
    pub id: Option<String>,
    pub actions: Option<Actions>,
    pub name: Option<String>,
    pub description: Option<String>,
    pub comment: Option<String>,
    pub creation_status: Option<CreationStatus>,
    #[serde(default)]
    pub link: Vec<Link>,
    pub factor: Option<i64>,
    pub scheduling_policy: Option<Box<SchedulingPolicy>>,
    pub scheduling_policy_unit: Option<Box<SchedulingPolicyUnit>>,
}

/// Limits on what a data centre's users may take.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Quota {
    pub href: Option<String>,
    pub id: Option<String>,
    pub actions: Option<Actions>,
    pub name: Option<String>,
    pub description: Option<String>,
    pub comment: Option<String>,
    pub creation_status: Option<CreationStatus>,
    #[serde(default)]
    pub link: Vec<Link>,
    pub cluster_hard_limit_pct: Option<i64>,
    pub cluster_soft_limit_pct: Option<i64>,
    pub data_center: Option<Box<DataCenter>>,
    pub disks: Option<List<Disk>>,
    pub storage_hard_limit_pct: Option<i64>,
    pub storage_soft_limit_pct: Option<i64>,
    pub users: Option<List<User>>,
    pub vms: Option<List<Vm>>,
    pub permissions: Option<List<Permission>>,
    pub quota_cluster_limits: Option<List<QuotaClusterLimit>>,
    pub quota_storage_limits: Option<List<QuotaStorageLimit>>,
}

/// CPU and memory limits of a quota in a cluster.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct QuotaClusterLimit {
    pub href: Option<String>,
    pub id: Option<String>,
    pub actions: Option<Actions>,
    pub name: Option<String>,
    pub description: Option<String>,
    pub comment: Option<String>,
    pub creation_status: Option<CreationStatus>,
    #[serde(default)]
    pub link: Vec<Link>,
    pub memory_limit: Option<f64>,
    pub memory_usage: Option<f64>,
    pub vcpu_limit: Option<i64>,
    pub vcpu_usage: Option<i64>,
    pub cluster: Option<Box<Cluster>>,
    pub quota: Option<Box<Quota>>,
}

/// Storage limit of a quota, in GiB.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct QuotaStorageLimit {
    pub href: Option<String>,
    pub id: Option<String>,
    pub actions: Option<Actions>,
    pub name: Option<String>,
    pub description: Option<String>,
    pub comment: Option<String>,
    pub creation_status: Option<CreationStatus>,
    #[serde(default)]
    pub link: Vec<Link>,
    pub limit: Option<i64>,
    pub usage: Option<f64>,
    pub quota: Option<Box<Quota>>,
    pub storage_domain: Option<Box<StorageDomain>>,
}

words! {
    /// What `scheduling_policy_unit.type` may say.
    PolicyUnitType {
        Filter = "filter",
        Weight = "weight",
        LoadBalancing = "load_balancing",
    }
}
