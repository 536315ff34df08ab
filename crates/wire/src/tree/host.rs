//! Hosts and all that hangs on one. Which operations exist, not what they do.

use super::*;

pub(super) static EXTERNAL_DISCOVERED_HOST_SERVICE: Service = Service {
    name: "ExternalDiscoveredHostService",
    locators: &[],
    operations: &[Operation::get("get").gives("ExternalDiscoveredHost").query(&[FOLLOW]).priority(Priority::C)],
};

pub(super) static EXTERNAL_DISCOVERED_HOSTS_SERVICE: Service = Service {
    name: "ExternalDiscoveredHostsService",
    locators: &[Locator::id("host", &EXTERNAL_DISCOVERED_HOST_SERVICE)],
    operations: &[Operation::get("list")
        .gives_many("ExternalDiscoveredHost")
        .query(&[FOLLOW, MAX])
        .priority(Priority::C)],
};

pub(super) static EXTERNAL_HOST_GROUP_SERVICE: Service = Service {
    name: "ExternalHostGroupService",
    locators: &[],
    operations: &[Operation::get("get").gives("ExternalHostGroup").query(&[FOLLOW]).priority(Priority::C)],
};

pub(super) static EXTERNAL_HOST_GROUPS_SERVICE: Service = Service {
    name: "ExternalHostGroupsService",
    locators: &[Locator::id("group", &EXTERNAL_HOST_GROUP_SERVICE)],
    operations: &[Operation::get("list").gives_many("ExternalHostGroup").query(&[FOLLOW, MAX]).priority(Priority::C)],
};

pub(super) static EXTERNAL_HOST_PROVIDER_SERVICE: Service = Service {
    name: "ExternalHostProviderService",
    locators: &[
        Locator::segment("certificates", "certificates", &EXTERNAL_PROVIDER_CERTIFICATES_SERVICE),
        Locator::segment("compute_resources", "computeresources", &EXTERNAL_COMPUTE_RESOURCES_SERVICE),
        Locator::segment("discovered_hosts", "discoveredhosts", &EXTERNAL_DISCOVERED_HOSTS_SERVICE),
        Locator::segment("host_groups", "hostgroups", &EXTERNAL_HOST_GROUPS_SERVICE),
        Locator::segment("hosts", "hosts", &EXTERNAL_HOSTS_SERVICE),
    ],
    operations: &[
        Operation::get("get").gives("ExternalHostProvider").query(&[FOLLOW]),
        Operation::action("import_certificates", "importcertificates")
            .parameters(&[CERTIFICATES])
            .mandatory(&["certificates[].content"]),
        Operation::delete("remove").query(&[ASYNC]),
        Operation::action("test_connectivity", "testconnectivity").parameters(&[ASYNC]),
        Operation::put("update").takes("ExternalHostProvider").gives("ExternalHostProvider").query(&[ASYNC]),
    ],
};

pub(super) static EXTERNAL_HOST_PROVIDERS_SERVICE: Service = Service {
    name: "ExternalHostProvidersService",
    locators: &[Locator::id("provider", &EXTERNAL_HOST_PROVIDER_SERVICE)],
    operations: &[
        Operation::post("add")
            .takes("ExternalHostProvider")
            .gives("ExternalHostProvider")
            .mandatory(&["provider.name"]),
        Operation::get("list").gives_many("ExternalHostProvider").query(&[FOLLOW, MAX, SEARCH]),
    ],
};

pub(super) static EXTERNAL_HOST_SERVICE: Service = Service {
    name: "ExternalHostService",
    locators: &[],
    operations: &[Operation::get("get").gives("ExternalHost").query(&[FOLLOW]).priority(Priority::C)],
};

pub(super) static EXTERNAL_HOSTS_SERVICE: Service = Service {
    name: "ExternalHostsService",
    locators: &[Locator::id("host", &EXTERNAL_HOST_SERVICE)],
    operations: &[Operation::get("list").gives_many("ExternalHost").query(&[FOLLOW, MAX]).priority(Priority::C)],
};

pub(super) static FENCE_AGENT_SERVICE: Service = Service {
    name: "FenceAgentService",
    locators: &[],
    operations: &[
        Operation::get("get").gives("Agent").query(&[FOLLOW]),
        Operation::delete("remove").query(&[ASYNC]),
        Operation::put("update").takes("Agent").gives("Agent").query(&[ASYNC]),
    ],
};

pub(super) static FENCE_AGENTS_SERVICE: Service = Service {
    name: "FenceAgentsService",
    locators: &[Locator::id("agent", &FENCE_AGENT_SERVICE)],
    operations: &[
        Operation::post("add").takes("Agent").gives("Agent").mandatory(&[
            "agent.address",
            "agent.order",
            "agent.password",
            "agent.type",
            "agent.username",
        ]),
        Operation::get("list").gives_many("Agent").query(&[FOLLOW, MAX]),
    ],
};

pub(super) static HOST_SERVICE: Service = Service {
    name: "HostService",
    locators: &[
        Locator::segment("affinity_labels", "affinitylabels", &ASSIGNED_AFFINITY_LABELS_SERVICE),
        Locator::segment("cpu_units", "cpuunits", &HOST_CPU_UNITS_SERVICE),
        Locator::segment("devices", "devices", &HOST_DEVICES_SERVICE),
        Locator::segment(
            "external_network_provider_configurations",
            "externalnetworkproviderconfigurations",
            &EXTERNAL_NETWORK_PROVIDER_CONFIGURATIONS_SERVICE,
        ),
        Locator::segment("fence_agents", "fenceagents", &FENCE_AGENTS_SERVICE),
        Locator::segment("hooks", "hooks", &HOST_HOOKS_SERVICE),
        Locator::segment("katello_errata", "katelloerrata", &KATELLO_ERRATA_SERVICE),
        Locator::segment("network_attachments", "networkattachments", &NETWORK_ATTACHMENTS_SERVICE),
        Locator::segment("nics", "nics", &HOST_NICS_SERVICE),
        Locator::segment("numa_nodes", "numanodes", &HOST_NUMA_NODES_SERVICE),
        Locator::segment("permissions", "permissions", &ASSIGNED_PERMISSIONS_SERVICE),
        Locator::segment("statistics", "statistics", &STATISTICS_SERVICE),
        Locator::segment("storage", "storage", &HOST_STORAGE_SERVICE),
        Locator::segment(
            "storage_connection_extensions",
            "storageconnectionextensions",
            &STORAGE_SERVER_CONNECTION_EXTENSIONS_SERVICE,
        ),
        Locator::segment("tags", "tags", &ASSIGNED_TAGS_SERVICE),
        Locator::segment("unmanaged_networks", "unmanagednetworks", &UNMANAGED_NETWORKS_SERVICE),
    ],
    operations: &[
        Operation::action("activate", "activate").parameters(&[ASYNC]),
        Operation::action("approve", "approve").parameters(&[ACTIVATE, ASYNC, CLUSTER, HOST, REBOOT]),
        Operation::action("approve_using_root_password", "approve")
            .parameters(&[ACTIVATE, ASYNC, CLUSTER, HOST, REBOOT])
            .mandatory(&["host.root_password"])
            .variant_of("approve"),
        Operation::action("approve_using_ssh", "approve")
            .parameters(&[ACTIVATE, ASYNC, CLUSTER, HOST, REBOOT])
            .mandatory(&["host.ssh.authentication_method", "host.ssh.user.password", "host.ssh.user.user_name"])
            .variant_of("approve"),
        Operation::action("commit_net_config", "commitnetconfig").parameters(&[ASYNC]),
        Operation::action("copy_host_networks", "copyhostnetworks")
            .parameters(&[ASYNC, SOURCE_HOST])
            .mandatory(&["source_host.id"]),
        Operation::action("deactivate", "deactivate").parameters(&[ASYNC, REASON, STOP_GLUSTER_SERVICE]),
        Operation::action("discover_iscsi", "discoveriscsi")
            .parameters(&[ASYNC, ISCSI])
            .results(&[DISCOVERED_TARGETS])
            .mandatory(&["iscsi.address"]),
        Operation::action("enroll_certificate", "enrollcertificate").parameters(&[ASYNC]),
        Operation::action("fence", "fence")
            .parameters(&[ASYNC, FENCE_TYPE, MAINTENANCE_AFTER_RESTART])
            .results(&[POWER_MANAGEMENT])
            .mandatory(&["fence_type"]),
        Operation::action("force_select_spm", "forceselectspm").parameters(&[ASYNC]),
        Operation::get("get").gives("Host").query(&[ALL_CONTENT, FILTER, FOLLOW]),
        Operation::action("install", "install").parameters(&[
            ACTIVATE,
            ASYNC,
            DEPLOY_HOSTED_ENGINE,
            HOST,
            IMAGE,
            REBOOT,
            ROOT_PASSWORD,
            SSH,
            UNDEPLOY_HOSTED_ENGINE,
        ]),
        Operation::action("install_using_root_password", "install")
            .parameters(&[
                ACTIVATE,
                ASYNC,
                DEPLOY_HOSTED_ENGINE,
                HOST,
                IMAGE,
                REBOOT,
                ROOT_PASSWORD,
                SSH,
                UNDEPLOY_HOSTED_ENGINE,
            ])
            .variant_of("install"),
        Operation::action("install_using_ssh", "install")
            .parameters(&[
                ACTIVATE,
                ASYNC,
                DEPLOY_HOSTED_ENGINE,
                HOST,
                IMAGE,
                REBOOT,
                ROOT_PASSWORD,
                SSH,
                UNDEPLOY_HOSTED_ENGINE,
            ])
            .variant_of("install"),
        Operation::action("iscsi_discover", "iscsidiscover")
            .parameters(&[ASYNC, ISCSI])
            .results(&[ISCSI_TARGETS])
            .mandatory(&["iscsi.address"])
            .deprecated(),
        Operation::action("iscsi_login", "iscsilogin")
            .parameters(&[ASYNC, ISCSI])
            .mandatory(&["iscsi.address", "iscsi.target"]),
        Operation::action("refresh", "refresh").parameters(&[ASYNC]),
        Operation::delete("remove").query(&[ASYNC, FORCE]),
        Operation::action("setup_networks", "setupnetworks").parameters(&[
            ASYNC,
            CHECK_CONNECTIVITY,
            COMMIT_ON_SUCCESS,
            CONNECTIVITY_TIMEOUT,
            MODIFIED_BONDS,
            MODIFIED_LABELS,
            MODIFIED_NETWORK_ATTACHMENTS,
            REMOVED_BONDS,
            REMOVED_LABELS,
            REMOVED_NETWORK_ATTACHMENTS,
            SYNCHRONIZED_NETWORK_ATTACHMENTS,
        ]),
        Operation::action("sync_all_networks", "syncallnetworks").parameters(&[ASYNC]),
        Operation::action("unregistered_storage_domains_discover", "unregisteredstoragedomainsdiscover")
            .parameters(&[ASYNC, ISCSI])
            .results(&[STORAGE_DOMAINS]),
        Operation::put("update").takes("Host").gives("Host").query(&[ASYNC]),
        Operation::put("update_using_root_password").takes("Host").gives("Host").query(&[ASYNC]).variant_of("update"),
        Operation::put("update_using_ssh").takes("Host").gives("Host").query(&[ASYNC]).variant_of("update"),
        Operation::action("upgrade", "upgrade").parameters(&[ASYNC, IMAGE, REBOOT, TIMEOUT]),
        Operation::action("upgrade_check", "upgradecheck"),
    ],
};

pub(super) static HOSTS_SERVICE: Service = Service {
    name: "HostsService",
    locators: &[Locator::id("host", &HOST_SERVICE)],
    operations: &[
        Operation::post("add")
            .takes("Host")
            .gives("Host")
            .query(&[ACTIVATE, DEPLOY_HOSTED_ENGINE, REBOOT, UNDEPLOY_HOSTED_ENGINE])
            .mandatory(&["host.address", "host.name", "(host.cluster.id|host.cluster.name)"]),
        Operation::post("add_using_root_password")
            .takes("Host")
            .gives("Host")
            .query(&[ACTIVATE, DEPLOY_HOSTED_ENGINE, REBOOT, UNDEPLOY_HOSTED_ENGINE])
            .mandatory(&["(host.cluster.id|host.cluster.name)", "host.address", "host.name", "host.root_password"])
            .variant_of("add"),
        Operation::post("add_using_ssh")
            .takes("Host")
            .gives("Host")
            .query(&[ACTIVATE, DEPLOY_HOSTED_ENGINE, REBOOT, UNDEPLOY_HOSTED_ENGINE])
            .mandatory(&["(host.cluster.id|host.cluster.name)", "host.address", "host.name"])
            .variant_of("add"),
        Operation::get("list").gives_many("Host").query(&[
            ALL_CONTENT,
            CASE_SENSITIVE,
            CHECK_VMS_IN_AFFINITY_CLOSURE,
            FILTER,
            FOLLOW,
            MAX,
            MIGRATION_TARGET_OF,
            SEARCH,
        ]),
    ],
};

/// Every service of this file.
pub(super) static SERVICES: &[&Service] = &[
    &EXTERNAL_DISCOVERED_HOST_SERVICE,
    &EXTERNAL_DISCOVERED_HOSTS_SERVICE,
    &EXTERNAL_HOST_GROUP_SERVICE,
    &EXTERNAL_HOST_GROUPS_SERVICE,
    &EXTERNAL_HOST_PROVIDER_SERVICE,
    &EXTERNAL_HOST_PROVIDERS_SERVICE,
    &EXTERNAL_HOST_SERVICE,
    &EXTERNAL_HOSTS_SERVICE,
    &FENCE_AGENT_SERVICE,
    &FENCE_AGENTS_SERVICE,
    &HOST_SERVICE,
    &HOSTS_SERVICE,
];
