//! Networks, vNIC profiles and network providers. Which operations exist, not what they do.

use super::*;

pub(super) static ASSIGNED_VNIC_PROFILE_SERVICE: Service = Service {
    name: "AssignedVnicProfileService",
    locators: &[Locator::segment("permissions", "permissions", &ASSIGNED_PERMISSIONS_SERVICE)],
    operations: &[
        Operation::get("get").gives("VnicProfile").query(&[FOLLOW]),
        Operation::delete("remove").query(&[ASYNC]),
    ],
};

pub(super) static ASSIGNED_VNIC_PROFILES_SERVICE: Service = Service {
    name: "AssignedVnicProfilesService",
    locators: &[Locator::id("profile", &ASSIGNED_VNIC_PROFILE_SERVICE)],
    operations: &[
        Operation::post("add").takes("VnicProfile").gives("VnicProfile").mandatory(&["profile.name"]),
        Operation::get("list").gives_many("VnicProfile").query(&[FOLLOW, MAX]),
    ],
};

pub(super) static CLUSTER_NETWORK_SERVICE: Service = Service {
    name: "ClusterNetworkService",
    locators: &[],
    operations: &[
        Operation::get("get").gives("Network").query(&[FOLLOW]),
        Operation::delete("remove"),
        Operation::put("update").takes("Network").gives("Network"),
    ],
};

pub(super) static CLUSTER_NETWORKS_SERVICE: Service = Service {
    name: "ClusterNetworksService",
    locators: &[Locator::id("network", &CLUSTER_NETWORK_SERVICE)],
    operations: &[
        Operation::post("add").takes("Network").gives("Network"),
        Operation::get("list").gives_many("Network").query(&[FOLLOW, MAX]),
    ],
};

pub(super) static DATA_CENTER_NETWORK_SERVICE: Service = Service {
    name: "DataCenterNetworkService",
    locators: &[],
    operations: &[
        Operation::get("get").gives("Network").query(&[FOLLOW]),
        Operation::delete("remove"),
        Operation::put("update").takes("Network").gives("Network"),
    ],
};

pub(super) static DATA_CENTER_NETWORKS_SERVICE: Service = Service {
    name: "DataCenterNetworksService",
    locators: &[Locator::id("network", &DATA_CENTER_NETWORK_SERVICE)],
    operations: &[
        Operation::post("add").takes("Network").gives("Network"),
        Operation::get("list").gives_many("Network").query(&[FOLLOW, MAX]),
    ],
};

pub(super) static EXTERNAL_NETWORK_PROVIDER_CONFIGURATION_SERVICE: Service = Service {
    name: "ExternalNetworkProviderConfigurationService",
    locators: &[],
    operations: &[Operation::get("get")
        .gives("ExternalNetworkProviderConfiguration")
        .query(&[FOLLOW])
        .priority(Priority::C)],
};

pub(super) static EXTERNAL_NETWORK_PROVIDER_CONFIGURATIONS_SERVICE: Service = Service {
    name: "ExternalNetworkProviderConfigurationsService",
    locators: &[Locator::id("configuration", &EXTERNAL_NETWORK_PROVIDER_CONFIGURATION_SERVICE)],
    operations: &[Operation::get("list")
        .gives_many("ExternalNetworkProviderConfiguration")
        .query(&[FOLLOW])
        .priority(Priority::C)],
};

pub(super) static HOST_NIC_SERVICE: Service = Service {
    name: "HostNicService",
    locators: &[
        Locator::segment(
            "link_layer_discovery_protocol_elements",
            "linklayerdiscoveryprotocolelements",
            &LINK_LAYER_DISCOVERY_PROTOCOL_SERVICE,
        ),
        Locator::segment("network_attachments", "networkattachments", &NETWORK_ATTACHMENTS_SERVICE),
        Locator::segment("network_labels", "networklabels", &NETWORK_LABELS_SERVICE),
        Locator::segment("statistics", "statistics", &STATISTICS_SERVICE),
        Locator::segment("virtual_function_allowed_labels", "virtualfunctionallowedlabels", &NETWORK_LABELS_SERVICE),
        Locator::segment(
            "virtual_function_allowed_networks",
            "virtualfunctionallowednetworks",
            &VIRTUAL_FUNCTION_ALLOWED_NETWORKS_SERVICE,
        ),
    ],
    operations: &[
        Operation::get("get").gives("HostNic").query(&[ALL_CONTENT, FOLLOW]),
        Operation::action("update_virtual_functions_configuration", "updatevirtualfunctionsconfiguration")
            .parameters(&[ASYNC, VIRTUAL_FUNCTIONS_CONFIGURATION]),
    ],
};

pub(super) static HOST_NICS_SERVICE: Service = Service {
    name: "HostNicsService",
    locators: &[Locator::id("nic", &HOST_NIC_SERVICE)],
    operations: &[Operation::get("list").gives_many("HostNic").query(&[ALL_CONTENT, FOLLOW, MAX])],
};

pub(super) static INSTANCE_TYPE_NIC_SERVICE: Service = Service {
    name: "InstanceTypeNicService",
    locators: &[],
    operations: &[
        Operation::get("get").gives("Nic").query(&[FOLLOW]),
        Operation::delete("remove").query(&[ASYNC]),
        Operation::put("update").takes("Nic").gives("Nic").query(&[ASYNC]),
    ],
};

pub(super) static INSTANCE_TYPE_NICS_SERVICE: Service = Service {
    name: "InstanceTypeNicsService",
    locators: &[Locator::id("nic", &INSTANCE_TYPE_NIC_SERVICE)],
    operations: &[
        Operation::post("add").takes("Nic").gives("Nic"),
        Operation::get("list").gives_many("Nic").query(&[FOLLOW, MAX, SEARCH]),
    ],
};

pub(super) static LINK_LAYER_DISCOVERY_PROTOCOL_SERVICE: Service = Service {
    name: "LinkLayerDiscoveryProtocolService",
    locators: &[],
    operations: &[Operation::get("list")
        .gives_many("LinkLayerDiscoveryProtocolElement")
        .query(&[FOLLOW])
        .priority(Priority::B)],
};

pub(super) static MAC_POOL_SERVICE: Service = Service {
    name: "MacPoolService",
    locators: &[Locator::segment("permissions", "permissions", &ASSIGNED_PERMISSIONS_SERVICE)],
    operations: &[
        Operation::get("get").gives("MacPool").query(&[FOLLOW]),
        Operation::delete("remove").query(&[ASYNC]),
        Operation::put("update").takes("MacPool").gives("MacPool").query(&[ASYNC]),
    ],
};

pub(super) static MAC_POOLS_SERVICE: Service = Service {
    name: "MacPoolsService",
    locators: &[Locator::id("mac_pool", &MAC_POOL_SERVICE)],
    operations: &[
        Operation::post("add").takes("MacPool").gives("MacPool").mandatory(&[
            "pool.name",
            "pool.ranges[].from",
            "pool.ranges[].to",
        ]),
        Operation::get("list").gives_many("MacPool").query(&[FOLLOW, MAX]),
    ],
};

pub(super) static NETWORK_ATTACHMENT_SERVICE: Service = Service {
    name: "NetworkAttachmentService",
    locators: &[],
    operations: &[
        Operation::get("get").gives("NetworkAttachment").query(&[FOLLOW]),
        Operation::delete("remove").query(&[ASYNC]),
        Operation::put("update").takes("NetworkAttachment").gives("NetworkAttachment").query(&[ASYNC]),
    ],
};

pub(super) static NETWORK_ATTACHMENTS_SERVICE: Service = Service {
    name: "NetworkAttachmentsService",
    locators: &[Locator::id("attachment", &NETWORK_ATTACHMENT_SERVICE)],
    operations: &[
        Operation::post("add")
            .takes("NetworkAttachment")
            .gives("NetworkAttachment")
            .mandatory(&["(attachment.network.name|attachment.network.id)"]),
        Operation::get("list").gives_many("NetworkAttachment").query(&[FOLLOW, MAX]),
    ],
};

pub(super) static NETWORK_FILTER_SERVICE: Service = Service {
    name: "NetworkFilterService",
    locators: &[],
    operations: &[Operation::get("get").gives("NetworkFilter").query(&[FOLLOW])],
};

pub(super) static NETWORK_FILTERS_SERVICE: Service = Service {
    name: "NetworkFiltersService",
    locators: &[Locator::id("network_filter", &NETWORK_FILTER_SERVICE)],
    operations: &[Operation::get("list").gives_many("NetworkFilter").query(&[FOLLOW])],
};

pub(super) static NETWORK_LABEL_SERVICE: Service = Service {
    name: "NetworkLabelService",
    locators: &[],
    operations: &[
        Operation::get("get").gives("NetworkLabel").query(&[FOLLOW]),
        Operation::delete("remove").query(&[ASYNC]),
    ],
};

pub(super) static NETWORK_LABELS_SERVICE: Service = Service {
    name: "NetworkLabelsService",
    locators: &[Locator::id("label", &NETWORK_LABEL_SERVICE)],
    operations: &[
        Operation::post("add").takes("NetworkLabel").gives("NetworkLabel").mandatory(&["label.id"]),
        Operation::get("list").gives_many("NetworkLabel").query(&[FOLLOW, MAX]),
    ],
};

pub(super) static NETWORK_SERVICE: Service = Service {
    name: "NetworkService",
    locators: &[
        Locator::segment("network_labels", "networklabels", &NETWORK_LABELS_SERVICE),
        Locator::segment("permissions", "permissions", &ASSIGNED_PERMISSIONS_SERVICE),
        Locator::segment("vnic_profiles", "vnicprofiles", &ASSIGNED_VNIC_PROFILES_SERVICE),
    ],
    operations: &[
        Operation::get("get").gives("Network").query(&[FOLLOW]),
        Operation::delete("remove").query(&[ASYNC]),
        Operation::put("update").takes("Network").gives("Network").query(&[ASYNC]),
    ],
};

pub(super) static NETWORKS_SERVICE: Service = Service {
    name: "NetworksService",
    locators: &[Locator::id("network", &NETWORK_SERVICE)],
    operations: &[
        Operation::post("add").takes("Network").gives("Network").mandatory(&["(network.id|network.name)"]),
        Operation::get("list").gives_many("Network").query(&[CASE_SENSITIVE, FOLLOW, MAX, SEARCH]),
    ],
};

pub(super) static NIC_NETWORK_FILTER_PARAMETER_SERVICE: Service = Service {
    name: "NicNetworkFilterParameterService",
    locators: &[],
    operations: &[
        Operation::get("get").gives("NetworkFilterParameter").query(&[FOLLOW]),
        Operation::delete("remove"),
        Operation::put("update").takes("NetworkFilterParameter").gives("NetworkFilterParameter"),
    ],
};

pub(super) static NIC_NETWORK_FILTER_PARAMETERS_SERVICE: Service = Service {
    name: "NicNetworkFilterParametersService",
    locators: &[Locator::id("parameter", &NIC_NETWORK_FILTER_PARAMETER_SERVICE)],
    operations: &[
        Operation::post("add").takes("NetworkFilterParameter").gives("NetworkFilterParameter"),
        Operation::get("list").gives_many("NetworkFilterParameter").query(&[FOLLOW]),
    ],
};

pub(super) static OPENSTACK_NETWORK_PROVIDER_SERVICE: Service = Service {
    name: "OpenstackNetworkProviderService",
    locators: &[
        Locator::segment("certificates", "certificates", &EXTERNAL_PROVIDER_CERTIFICATES_SERVICE),
        Locator::segment("networks", "networks", &OPENSTACK_NETWORKS_SERVICE),
    ],
    operations: &[
        Operation::get("get").gives("OpenStackNetworkProvider").query(&[FOLLOW]),
        Operation::action("import_certificates", "importcertificates")
            .parameters(&[CERTIFICATES])
            .mandatory(&["certificates[].content"]),
        Operation::delete("remove").query(&[ASYNC]),
        Operation::action("test_connectivity", "testconnectivity").parameters(&[ASYNC]),
        Operation::put("update").takes("OpenStackNetworkProvider").gives("OpenStackNetworkProvider").query(&[ASYNC]),
    ],
};

pub(super) static OPENSTACK_NETWORK_PROVIDERS_SERVICE: Service = Service {
    name: "OpenstackNetworkProvidersService",
    locators: &[Locator::id("provider", &OPENSTACK_NETWORK_PROVIDER_SERVICE)],
    operations: &[
        Operation::post("add")
            .takes("OpenStackNetworkProvider")
            .gives("OpenStackNetworkProvider")
            .mandatory(&["provider.name"]),
        Operation::get("list").gives_many("OpenStackNetworkProvider").query(&[FOLLOW, MAX, SEARCH]),
    ],
};

pub(super) static OPENSTACK_NETWORK_SERVICE: Service = Service {
    name: "OpenstackNetworkService",
    locators: &[Locator::segment("subnets", "subnets", &OPENSTACK_SUBNETS_SERVICE)],
    operations: &[
        Operation::get("get").gives("OpenStackNetwork").query(&[FOLLOW]).priority(Priority::B),
        Operation::action("import", "import").parameters(&[ASYNC, DATA_CENTER]).priority(Priority::B),
    ],
};

pub(super) static OPENSTACK_NETWORKS_SERVICE: Service = Service {
    name: "OpenstackNetworksService",
    locators: &[Locator::id("network", &OPENSTACK_NETWORK_SERVICE)],
    operations: &[Operation::get("list").gives_many("OpenStackNetwork").query(&[FOLLOW, MAX]).priority(Priority::B)],
};

pub(super) static OPENSTACK_SUBNET_SERVICE: Service = Service {
    name: "OpenstackSubnetService",
    locators: &[],
    operations: &[
        Operation::get("get").gives("OpenStackSubnet").query(&[FOLLOW]).priority(Priority::B),
        Operation::delete("remove").query(&[ASYNC]).priority(Priority::B),
    ],
};

pub(super) static OPENSTACK_SUBNETS_SERVICE: Service = Service {
    name: "OpenstackSubnetsService",
    locators: &[Locator::id("subnet", &OPENSTACK_SUBNET_SERVICE)],
    operations: &[
        Operation::post("add").takes("OpenStackSubnet").gives("OpenStackSubnet").priority(Priority::B),
        Operation::get("list").gives_many("OpenStackSubnet").query(&[FOLLOW, MAX]).priority(Priority::B),
    ],
};

pub(super) static SNAPSHOT_NIC_SERVICE: Service = Service {
    name: "SnapshotNicService",
    locators: &[],
    operations: &[Operation::get("get").gives("Nic").query(&[FOLLOW]).priority(Priority::B)],
};

pub(super) static SNAPSHOT_NICS_SERVICE: Service = Service {
    name: "SnapshotNicsService",
    locators: &[Locator::id("nic", &SNAPSHOT_NIC_SERVICE)],
    operations: &[Operation::get("list").gives_many("Nic").query(&[FOLLOW, MAX]).priority(Priority::B)],
};

pub(super) static TEMPLATE_NIC_SERVICE: Service = Service {
    name: "TemplateNicService",
    locators: &[],
    operations: &[
        Operation::get("get").gives("Nic").query(&[FOLLOW]),
        Operation::delete("remove").query(&[ASYNC]),
        Operation::put("update").takes("Nic").gives("Nic").query(&[ASYNC]),
    ],
};

pub(super) static TEMPLATE_NICS_SERVICE: Service = Service {
    name: "TemplateNicsService",
    locators: &[Locator::id("nic", &TEMPLATE_NIC_SERVICE)],
    operations: &[
        Operation::post("add").takes("Nic").gives("Nic").mandatory(&["nic.name"]),
        Operation::get("list").gives_many("Nic").query(&[FOLLOW, MAX]),
    ],
};

pub(super) static UNMANAGED_NETWORK_SERVICE: Service = Service {
    name: "UnmanagedNetworkService",
    locators: &[],
    operations: &[
        Operation::get("get").gives("UnmanagedNetwork").query(&[FOLLOW]),
        Operation::delete("remove").query(&[ASYNC]),
    ],
};

pub(super) static UNMANAGED_NETWORKS_SERVICE: Service = Service {
    name: "UnmanagedNetworksService",
    locators: &[Locator::id("unmanaged_network", &UNMANAGED_NETWORK_SERVICE)],
    operations: &[Operation::get("list").gives_many("UnmanagedNetwork").query(&[FOLLOW, MAX])],
};

pub(super) static VIRTUAL_FUNCTION_ALLOWED_NETWORK_SERVICE: Service = Service {
    name: "VirtualFunctionAllowedNetworkService",
    locators: &[],
    operations: &[
        Operation::get("get").gives("Network").query(&[FOLLOW]).priority(Priority::B),
        Operation::delete("remove").query(&[ASYNC]).priority(Priority::B),
    ],
};

pub(super) static VIRTUAL_FUNCTION_ALLOWED_NETWORKS_SERVICE: Service = Service {
    name: "VirtualFunctionAllowedNetworksService",
    locators: &[Locator::id("network", &VIRTUAL_FUNCTION_ALLOWED_NETWORK_SERVICE)],
    operations: &[
        Operation::post("add")
            .takes("Network")
            .gives("Network")
            .mandatory(&["(network.id|network.name)"])
            .priority(Priority::B),
        Operation::get("list").gives_many("Network").query(&[FOLLOW, MAX]).priority(Priority::B),
    ],
};

pub(super) static VM_NIC_SERVICE: Service = Service {
    name: "VmNicService",
    locators: &[
        Locator::segment(
            "network_filter_parameters",
            "networkfilterparameters",
            &NIC_NETWORK_FILTER_PARAMETERS_SERVICE,
        ),
        Locator::segment("reported_devices", "reporteddevices", &VM_REPORTED_DEVICES_SERVICE),
        Locator::segment("statistics", "statistics", &STATISTICS_SERVICE),
    ],
    operations: &[
        Operation::action("activate", "activate").parameters(&[ASYNC]),
        Operation::action("deactivate", "deactivate").parameters(&[ASYNC]),
        Operation::get("get").gives("Nic").query(&[FOLLOW]),
        Operation::delete("remove").query(&[ASYNC]),
        Operation::put("update").takes("Nic").gives("Nic").query(&[ASYNC]),
    ],
};

pub(super) static VM_NICS_SERVICE: Service = Service {
    name: "VmNicsService",
    locators: &[Locator::id("nic", &VM_NIC_SERVICE)],
    operations: &[
        Operation::post("add").takes("Nic").gives("Nic").mandatory(&["nic.name"]),
        Operation::get("list").gives_many("Nic").query(&[FOLLOW, MAX]),
    ],
};

pub(super) static VNIC_PROFILE_SERVICE: Service = Service {
    name: "VnicProfileService",
    locators: &[Locator::segment("permissions", "permissions", &ASSIGNED_PERMISSIONS_SERVICE)],
    operations: &[
        Operation::get("get").gives("VnicProfile").query(&[FOLLOW]),
        Operation::delete("remove").query(&[ASYNC]),
        Operation::put("update").takes("VnicProfile").gives("VnicProfile").query(&[ASYNC]),
    ],
};

pub(super) static VNIC_PROFILES_SERVICE: Service = Service {
    name: "VnicProfilesService",
    locators: &[Locator::id("profile", &VNIC_PROFILE_SERVICE)],
    operations: &[
        Operation::post("add")
            .takes("VnicProfile")
            .gives("VnicProfile")
            .mandatory(&["profile.name", "profile.network.id"]),
        Operation::get("list").gives_many("VnicProfile").query(&[FOLLOW, MAX]),
    ],
};

/// Every service of this file.
pub(super) static SERVICES: &[&Service] = &[
    &ASSIGNED_VNIC_PROFILE_SERVICE,
    &ASSIGNED_VNIC_PROFILES_SERVICE,
    &CLUSTER_NETWORK_SERVICE,
    &CLUSTER_NETWORKS_SERVICE,
    &DATA_CENTER_NETWORK_SERVICE,
    &DATA_CENTER_NETWORKS_SERVICE,
    &EXTERNAL_NETWORK_PROVIDER_CONFIGURATION_SERVICE,
    &EXTERNAL_NETWORK_PROVIDER_CONFIGURATIONS_SERVICE,
    &HOST_NIC_SERVICE,
    &HOST_NICS_SERVICE,
    &INSTANCE_TYPE_NIC_SERVICE,
    &INSTANCE_TYPE_NICS_SERVICE,
    &LINK_LAYER_DISCOVERY_PROTOCOL_SERVICE,
    &MAC_POOL_SERVICE,
    &MAC_POOLS_SERVICE,
    &NETWORK_ATTACHMENT_SERVICE,
    &NETWORK_ATTACHMENTS_SERVICE,
    &NETWORK_FILTER_SERVICE,
    &NETWORK_FILTERS_SERVICE,
    &NETWORK_LABEL_SERVICE,
    &NETWORK_LABELS_SERVICE,
    &NETWORK_SERVICE,
    &NETWORKS_SERVICE,
    &NIC_NETWORK_FILTER_PARAMETER_SERVICE,
    &NIC_NETWORK_FILTER_PARAMETERS_SERVICE,
    &OPENSTACK_NETWORK_PROVIDER_SERVICE,
    &OPENSTACK_NETWORK_PROVIDERS_SERVICE,
    &OPENSTACK_NETWORK_SERVICE,
    &OPENSTACK_NETWORKS_SERVICE,
    &OPENSTACK_SUBNET_SERVICE,
    &OPENSTACK_SUBNETS_SERVICE,
    &SNAPSHOT_NIC_SERVICE,
    &SNAPSHOT_NICS_SERVICE,
    &TEMPLATE_NIC_SERVICE,
    &TEMPLATE_NICS_SERVICE,
    &UNMANAGED_NETWORK_SERVICE,
    &UNMANAGED_NETWORKS_SERVICE,
    &VIRTUAL_FUNCTION_ALLOWED_NETWORK_SERVICE,
    &VIRTUAL_FUNCTION_ALLOWED_NETWORKS_SERVICE,
    &VM_NIC_SERVICE,
    &VM_NICS_SERVICE,
    &VNIC_PROFILE_SERVICE,
    &VNIC_PROFILES_SERVICE,
];
