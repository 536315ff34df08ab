//! How names map when a VM or template is registered from storage. Plain types of the wire: no rule of any format stands here.

use serde::{Deserialize, Serialize};

use super::*;

/// How names of an imported VM or template map to ours.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct RegistrationConfiguration {
    pub affinity_group_mappings: Option<List<RegistrationAffinityGroupMapping>>,
    pub affinity_label_mappings: Option<List<RegistrationAffinityLabelMapping>>,
    pub cluster_mappings: Option<List<RegistrationClusterMapping>>,
    pub domain_mappings: Option<List<RegistrationDomainMapping>>,
    pub lun_mappings: Option<List<RegistrationLunMapping>>,
    pub role_mappings: Option<List<RegistrationRoleMapping>>,
    pub vnic_profile_mappings: Option<List<RegistrationVnicProfileMapping>>,
}

/// One affinity group there, and ours.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct RegistrationAffinityGroupMapping {
    pub from: Option<Box<AffinityGroup>>,
    pub to: Option<Box<AffinityGroup>>,
}

/// One affinity label there, and ours.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct RegistrationAffinityLabelMapping {
    pub from: Option<Box<AffinityLabel>>,
    pub to: Option<Box<AffinityLabel>>,
}

/// One cluster there, and ours.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct RegistrationClusterMapping {
    pub from: Option<Box<Cluster>>,
    pub to: Option<Box<Cluster>>,
}

/// One user domain there, and ours.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct RegistrationDomainMapping {
    pub from: Option<Box<Domain>>,
    pub to: Option<Box<Domain>>,
}

/// One direct LUN there, and ours.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct RegistrationLunMapping {
    pub from: Option<Box<Disk>>,
    pub to: Option<Box<Disk>>,
}

/// One role there, and ours.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct RegistrationRoleMapping {
    pub from: Option<Box<Role>>,
    pub to: Option<Box<Role>>,
}

/// One vNIC profile there, and ours.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct RegistrationVnicProfileMapping {
    pub from: Option<Box<VnicProfile>>,
    pub to: Option<Box<VnicProfile>>,
}

/// Which vNIC profile takes the place of a source network's profile.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct VnicProfileMapping {
    pub source_network_name: Option<String>,
    pub source_network_profile_name: Option<String>,
    pub target_vnic_profile: Option<Box<VnicProfile>>,
}
