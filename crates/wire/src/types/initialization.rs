//! What the first boot of a guest sets up. Plain types of the wire: no rule of any format stands here.

use serde::{Deserialize, Serialize};

use super::*;
use crate::word::words;

/// An SSH key that may log in to a guest.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct AuthorizedKey {
    pub href: Option<String>,
    pub id: Option<String>,
    pub actions: Option<Actions>,
    pub name: Option<String>,
    pub description: Option<String>,
    pub comment: Option<String>,
    pub creation_status: Option<CreationStatus>,
    #[serde(default)]
    pub link: Vec<Link>,
    pub key: Option<String>,
    pub user: Option<Box<User>>,
}

/// Settings for cloud-init in their older shape.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct CloudInit {
    pub authorized_keys: Option<List<AuthorizedKey>>,
    pub files: Option<List<File>>,
    pub host: Option<Box<Host>>,
    pub network_configuration: Option<NetworkConfiguration>,
    pub regenerate_ssh_keys: Option<bool>,
    pub timezone: Option<String>,
    pub users: Option<List<User>>,
}

/// The description of a VM in a foreign format.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Configuration {
    pub data: Option<String>,
    pub r#type: Option<ConfigurationType>,
}

/// What the first boot of a guest sets up: names, users, keys, network, script.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Initialization {
    pub active_directory_ou: Option<String>,
    pub authorized_ssh_keys: Option<String>,
    pub cloud_init: Option<CloudInit>,
    pub cloud_init_network_protocol: Option<CloudInitNetworkProtocol>,
    pub configuration: Option<Configuration>,
    pub custom_script: Option<String>,
    pub dns_search: Option<String>,
    pub dns_servers: Option<String>,
    pub domain: Option<String>,
    pub host_name: Option<String>,
    pub input_locale: Option<String>,
    pub nic_configurations: Option<List<NicConfiguration>>,
    pub org_name: Option<String>,
    pub regenerate_ids: Option<bool>,
    pub regenerate_ssh_keys: Option<bool>,
    pub root_password: Option<String>,
    pub system_locale: Option<String>,
    pub timezone: Option<String>,
    pub ui_language: Option<String>,
    pub user_locale: Option<String>,
    pub user_name: Option<String>,
    pub windows_license_key: Option<String>,
}

/// Network settings for the first boot of a guest.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct NetworkConfiguration {
    pub dns: Option<Dns>,
    pub nics: Option<List<Nic>>,
}

/// Settings of one guest NIC for its first boot.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct NicConfiguration {
    pub boot_protocol: Option<BootProtocol>,
    pub ip: Option<Ip>,
    pub ipv6: Option<Ip>,
    pub ipv6_boot_protocol: Option<BootProtocol>,
    pub name: Option<String>,
    pub on_boot: Option<bool>,
}

/// Files that a guest finds on a CD or floppy.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Payload {
    pub files: Option<List<File>>,
    pub r#type: Option<VmDeviceType>,
    pub volume_id: Option<String>,
}

/// How a portal user is logged in to the guest.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Sso {
    pub methods: Option<List<Method>>,
}

words! {
    /// What `nic_configuration.boot_protocol`, `nic_configuration.ipv6_boot_protocol`, `host_nic.boot_protocol` may say.
    BootProtocol {
        Autoconf = "autoconf",
        Dhcp = "dhcp",
        PolyDhcpAutoconf = "poly_dhcp_autoconf",
        Static = "static",
        None = "none",
    }
}

words! {
    /// What `initialization.cloud_init_network_protocol` may say.
    CloudInitNetworkProtocol {
        Eni = "eni",
        OpenstackMetadata = "openstack_metadata",
    }
}

words! {
    /// What `configuration.type` may say.
    ConfigurationType {
        Ovf = "ovf",
        Ova = "ova",
    }
}

words! {
    /// Declared by the API for values that travel as plain text.
    PayloadEncoding {
        Base64 = "base64",
        Plaintext = "plaintext",
    }
}

words! {
    /// What `payload.type` may say.
    VmDeviceType {
        Floppy = "floppy",
        Cdrom = "cdrom",
    }
}
