//! The root document and what belongs to no other area. Plain types of the wire: no rule of any format stands here.

use serde::{Deserialize, Serialize};

use super::*;
use crate::word::words;

/// The root document: product, special objects, summary, and links to all top collections.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Api {
    pub href: Option<String>,
    pub id: Option<String>,
    pub actions: Option<Actions>,
    pub creation_status: Option<CreationStatus>,
    #[serde(default)]
    pub link: Vec<Link>,
    pub engine_backup: Option<EngineBackupInfo>,
    pub product_info: Option<ProductInfo>,
    pub special_objects: Option<SpecialObjects>,
    pub summary: Option<ApiSummary>,
    pub time: Option<Timestamp>,
    pub authenticated_user: Option<Box<User>>,
    pub effective_user: Option<Box<User>>,
}

/// How many hosts, storage domains, users and VMs there are.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct ApiSummary {
    pub hosts: Option<ApiSummaryItem>,
    pub storage_domains: Option<ApiSummaryItem>,
    pub users: Option<ApiSummaryItem>,
    pub vms: Option<ApiSummaryItem>,
}

/// How many of one kind exist, and how many of them are active.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct ApiSummaryItem {
    pub active: Option<i64>,
    pub total: Option<i64>,
}

/// A saved search.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Bookmark {
    pub href: Option<String>,
    pub id: Option<String>,
    pub actions: Option<Actions>,
    pub name: Option<String>,
    pub description: Option<String>,
    pub comment: Option<String>,
    pub creation_status: Option<CreationStatus>,
    #[serde(default)]
    pub link: Vec<Link>,
    pub value: Option<String>,
}

/// An optional feature that a cluster can enable.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct ClusterFeature {
    pub href: Option<String>,
    pub id: Option<String>,
    pub actions: Option<Actions>,
    pub name: Option<String>,
    pub description: Option<String>,
    pub comment: Option<String>,
    pub creation_status: Option<CreationStatus>,
    #[serde(default)]
    pub link: Vec<Link>,
    pub cluster_level: Option<Box<ClusterLevel>>,
}

/// A compatibility level with the CPU types and permits it offers.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct ClusterLevel {
    pub href: Option<String>,
    pub id: Option<String>,
    pub actions: Option<Actions>,
    pub name: Option<String>,
    pub description: Option<String>,
    pub comment: Option<String>,
    pub creation_status: Option<CreationStatus>,
    #[serde(default)]
    pub link: Vec<Link>,
    pub cpu_types: Option<List<CpuType>>,
    pub permits: Option<List<Permit>>,
    pub cluster_features: Option<List<ClusterFeature>>,
}

/// A CPU type that a cluster can ask for.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct CpuType {
    pub architecture: Option<Architecture>,
    pub level: Option<i64>,
    pub name: Option<String>,
}

/// When the engine was last backed up.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct EngineBackupInfo {
    pub last_cinder_backup: Option<Timestamp>,
    pub last_db_backup: Option<Timestamp>,
    pub last_dwh_backup: Option<Timestamp>,
    pub last_engine_backup: Option<Timestamp>,
    pub last_grafana_backup: Option<Timestamp>,
    pub last_keycloak_backup: Option<Timestamp>,
}

/// A picture of a VM in the portals, in base64.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Icon {
    pub href: Option<String>,
    pub id: Option<String>,
    pub actions: Option<Actions>,
    pub name: Option<String>,
    pub description: Option<String>,
    pub comment: Option<String>,
    pub creation_status: Option<CreationStatus>,
    #[serde(default)]
    pub link: Vec<Link>,
    pub data: Option<String>,
    pub media_type: Option<String>,
}

/// A product that host errata belong to.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Product {
    pub href: Option<String>,
    pub id: Option<String>,
    pub actions: Option<Actions>,
    pub name: Option<String>,
    pub description: Option<String>,
    pub comment: Option<String>,
    pub creation_status: Option<CreationStatus>,
    #[serde(default)]
    pub link: Vec<Link>,
}

/// Name and version of the engine.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct ProductInfo {
    pub instance_id: Option<String>,
    pub name: Option<String>,
    pub vendor: Option<String>,
    pub version: Option<Box<Version>>,
}

/// The objects that always exist: the blank template and the root tag.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct SpecialObjects {
    pub blank_template: Option<Box<Template>>,
    pub root_tag: Option<Box<Tag>>,
}

/// A configuration option of the engine.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct SystemOption {
    pub href: Option<String>,
    pub id: Option<String>,
    pub actions: Option<Actions>,
    pub name: Option<String>,
    pub description: Option<String>,
    pub comment: Option<String>,
    pub creation_status: Option<CreationStatus>,
    #[serde(default)]
    pub link: Vec<Link>,
    pub values: Option<List<SystemOptionValue>>,
}

/// The value of an option at one compatibility level.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct SystemOptionValue {
    pub value: Option<String>,
    pub version: Option<String>,
}

/// A label that users hang on entities; tags form a tree.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Tag {
    pub href: Option<String>,
    pub id: Option<String>,
    pub actions: Option<Actions>,
    pub name: Option<String>,
    pub description: Option<String>,
    pub comment: Option<String>,
    pub creation_status: Option<CreationStatus>,
    #[serde(default)]
    pub link: Vec<Link>,
    pub group: Option<Box<Group>>,
    pub host: Option<Box<Host>>,
    pub parent: Option<Box<Tag>>,
    pub template: Option<Box<Template>>,
    pub user: Option<Box<User>>,
    pub vm: Option<Box<Vm>>,
}

/// A maker of hardware.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Vendor {
    pub href: Option<String>,
    pub id: Option<String>,
    pub actions: Option<Actions>,
    pub name: Option<String>,
    pub description: Option<String>,
    pub comment: Option<String>,
    pub creation_status: Option<CreationStatus>,
    #[serde(default)]
    pub link: Vec<Link>,
}

/// A package that an erratum replaces.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Package {
    pub name: Option<String>,
}

/// A fix that is available for a host or a guest.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct KatelloErratum {
    pub href: Option<String>,
    pub id: Option<String>,
    pub actions: Option<Actions>,
    pub name: Option<String>,
    pub description: Option<String>,
    pub comment: Option<String>,
    pub creation_status: Option<CreationStatus>,
    #[serde(default)]
    pub link: Vec<Link>,
    pub issued: Option<Timestamp>,
    pub packages: Option<List<Package>>,
    pub severity: Option<String>,
    pub solution: Option<String>,
    pub summary: Option<String>,
    pub title: Option<String>,
    pub r#type: Option<String>,
    pub host: Option<Box<Host>>,
    pub vm: Option<Box<Vm>>,
}

/// A guest operating system that the engine knows.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct OperatingSystemInfo {
    pub href: Option<String>,
    pub id: Option<String>,
    pub actions: Option<Actions>,
    pub name: Option<String>,
    pub description: Option<String>,
    pub comment: Option<String>,
    pub creation_status: Option<CreationStatus>,
    #[serde(default)]
    pub link: Vec<Link>,
    pub architecture: Option<Architecture>,
    pub large_icon: Option<Box<Icon>>,
    pub small_icon: Option<Box<Icon>>,
    pub tpm_support: Option<TpmSupport>,
}

words! {
    /// What `cpu_type.architecture`, `cpu.architecture`, `operating_system.architecture` may say.
    Architecture {
        Undefined = "undefined",
        X86_64 = "x86_64",
        Ppc64 = "ppc64",
        S390x = "s390x",
        Aarch64 = "aarch64",
        Loongarch64 = "loongarch64",
    }
}

words! {
    /// What `operating_system.tpm_support` may say.
    TpmSupport {
        Unsupported = "unsupported",
        Supported = "supported",
        Required = "required",
    }
}
