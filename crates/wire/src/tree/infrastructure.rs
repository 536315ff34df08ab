//! Users, jobs, events and the system itself. Which operations exist, not what they do.

use super::*;

pub(super) static ASSIGNED_PERMISSIONS_SERVICE: Service = Service {
    name: "AssignedPermissionsService",
    locators: &[Locator::id("permission", &PERMISSION_SERVICE)],
    operations: &[
        Operation::post("add")
            .takes("Permission")
            .gives("Permission")
            .mandatory(&["(permission.role.id|permission.role.name)"]),
        Operation::post("add_cluster_permission")
            .takes("Permission")
            .gives("Permission")
            .mandatory(&["(permission.role.id|permission.role.name)", "permission.cluster.id"])
            .variant_of("add"),
        Operation::post("add_data_center_permission")
            .takes("Permission")
            .gives("Permission")
            .mandatory(&["(permission.role.id|permission.role.name)", "permission.data_center.id"])
            .variant_of("add"),
        Operation::post("add_group_level")
            .takes("Permission")
            .gives("Permission")
            .mandatory(&["(permission.role.id|permission.role.name)", "permission.group.id"])
            .variant_of("add"),
        Operation::post("add_host_permission")
            .takes("Permission")
            .gives("Permission")
            .mandatory(&["(permission.role.id|permission.role.name)", "permission.host.id"])
            .variant_of("add"),
        Operation::post("add_storage_domain_permission")
            .takes("Permission")
            .gives("Permission")
            .mandatory(&["(permission.role.id|permission.role.name)", "permission.storage_domain.id"])
            .variant_of("add"),
        Operation::post("add_template_permission")
            .takes("Permission")
            .gives("Permission")
            .mandatory(&["(permission.role.id|permission.role.name)", "permission.template.id"])
            .variant_of("add"),
        Operation::post("add_user_level")
            .takes("Permission")
            .gives("Permission")
            .mandatory(&["(permission.role.id|permission.role.name)", "permission.user.id"])
            .variant_of("add"),
        Operation::post("add_vm_permission")
            .takes("Permission")
            .gives("Permission")
            .mandatory(&["(permission.role.id|permission.role.name)", "permission.vm.id"])
            .variant_of("add"),
        Operation::post("add_vm_pool_permission")
            .takes("Permission")
            .gives("Permission")
            .mandatory(&["(permission.role.id|permission.role.name)", "permission.vm_pool.id"])
            .variant_of("add"),
        Operation::get("list").gives_many("Permission").query(&[FOLLOW]),
    ],
};

pub(super) static ASSIGNED_ROLES_SERVICE: Service = Service {
    name: "AssignedRolesService",
    locators: &[Locator::id("role", &ROLE_SERVICE)],
    operations: &[Operation::get("list").gives_many("Role").query(&[FOLLOW, MAX]).priority(Priority::B)],
};

pub(super) static ASSIGNED_TAG_SERVICE: Service = Service {
    name: "AssignedTagService",
    locators: &[],
    operations: &[Operation::get("get").gives("Tag").query(&[FOLLOW]), Operation::delete("remove").query(&[ASYNC])],
};

pub(super) static ASSIGNED_TAGS_SERVICE: Service = Service {
    name: "AssignedTagsService",
    locators: &[Locator::id("tag", &ASSIGNED_TAG_SERVICE)],
    operations: &[
        Operation::post("add").takes("Tag").gives("Tag").mandatory(&["(tag.id|tag.name)"]),
        Operation::get("list").gives_many("Tag").query(&[FOLLOW, MAX]),
    ],
};

pub(super) static BOOKMARK_SERVICE: Service = Service {
    name: "BookmarkService",
    locators: &[],
    operations: &[
        Operation::get("get").gives("Bookmark").query(&[FOLLOW]),
        Operation::delete("remove").query(&[ASYNC]),
        Operation::put("update").takes("Bookmark").gives("Bookmark").query(&[ASYNC]),
    ],
};

pub(super) static BOOKMARKS_SERVICE: Service = Service {
    name: "BookmarksService",
    locators: &[Locator::id("bookmark", &BOOKMARK_SERVICE)],
    operations: &[
        Operation::post("add").takes("Bookmark").gives("Bookmark").mandatory(&["bookmark.name", "bookmark.value"]),
        Operation::get("list").gives_many("Bookmark").query(&[FOLLOW, MAX]),
    ],
};

pub(super) static CLUSTER_EXTERNAL_PROVIDERS_SERVICE: Service = Service {
    name: "ClusterExternalProvidersService",
    locators: &[],
    operations: &[Operation::get("list").gives_many("ExternalProvider").query(&[FOLLOW]).priority(Priority::B)],
};

pub(super) static DOMAIN_GROUP_SERVICE: Service = Service {
    name: "DomainGroupService",
    locators: &[],
    operations: &[Operation::get("get").gives("Group").query(&[FOLLOW]).priority(Priority::B)],
};

pub(super) static DOMAIN_GROUPS_SERVICE: Service = Service {
    name: "DomainGroupsService",
    locators: &[Locator::id("group", &DOMAIN_GROUP_SERVICE)],
    operations: &[Operation::get("list")
        .gives_many("Group")
        .query(&[CASE_SENSITIVE, FOLLOW, MAX, SEARCH])
        .priority(Priority::B)],
};

pub(super) static DOMAIN_SERVICE: Service = Service {
    name: "DomainService",
    locators: &[
        Locator::segment("groups", "groups", &DOMAIN_GROUPS_SERVICE),
        Locator::segment("users", "users", &DOMAIN_USERS_SERVICE),
    ],
    operations: &[Operation::get("get").gives("Domain").query(&[FOLLOW])],
};

pub(super) static DOMAIN_USER_GROUPS_SERVICE: Service = Service {
    name: "DomainUserGroupsService",
    locators: &[],
    operations: &[Operation::get("list").gives_many("Group").query(&[FOLLOW]).priority(Priority::B)],
};

pub(super) static DOMAIN_USER_SERVICE: Service = Service {
    name: "DomainUserService",
    locators: &[],
    operations: &[Operation::get("get").gives("User").query(&[FOLLOW]).priority(Priority::B)],
};

pub(super) static DOMAIN_USERS_SERVICE: Service = Service {
    name: "DomainUsersService",
    locators: &[Locator::id("user", &DOMAIN_USER_SERVICE)],
    operations: &[Operation::get("list")
        .gives_many("User")
        .query(&[CASE_SENSITIVE, FOLLOW, MAX, SEARCH])
        .priority(Priority::B)],
};

pub(super) static DOMAINS_SERVICE: Service = Service {
    name: "DomainsService",
    locators: &[Locator::id("domain", &DOMAIN_SERVICE)],
    operations: &[Operation::get("list").gives_many("Domain").query(&[FOLLOW, MAX])],
};

pub(super) static ENGINE_KATELLO_ERRATA_SERVICE: Service = Service {
    name: "EngineKatelloErrataService",
    locators: &[Locator::id("katello_erratum", &KATELLO_ERRATUM_SERVICE)],
    operations: &[Operation::get("list").gives_many("KatelloErratum").query(&[FOLLOW, MAX]).priority(Priority::C)],
};

pub(super) static EVENT_SERVICE: Service = Service {
    name: "EventService",
    locators: &[],
    operations: &[Operation::get("get").gives("Event").query(&[FOLLOW]), Operation::delete("remove").query(&[ASYNC])],
};

pub(super) static EVENT_SUBSCRIPTION_SERVICE: Service = Service {
    name: "EventSubscriptionService",
    locators: &[],
    operations: &[
        Operation::get("get").gives("EventSubscription").priority(Priority::B),
        Operation::delete("remove").query(&[ASYNC]).priority(Priority::B),
    ],
};

pub(super) static EVENT_SUBSCRIPTIONS_SERVICE: Service = Service {
    name: "EventSubscriptionsService",
    locators: &[Locator::id("event_subscription", &EVENT_SUBSCRIPTION_SERVICE)],
    operations: &[
        Operation::post("add")
            .takes("EventSubscription")
            .gives("EventSubscription")
            .mandatory(&["event_subscription.event"])
            .priority(Priority::B),
        Operation::get("list").gives_many("EventSubscription").query(&[FOLLOW, MAX]).priority(Priority::B),
    ],
};

pub(super) static EVENTS_SERVICE: Service = Service {
    name: "EventsService",
    locators: &[Locator::id("event", &EVENT_SERVICE)],
    operations: &[
        Operation::post("add").takes("Event").gives("Event").mandatory(&[
            "event.custom_id",
            "event.description",
            "event.origin",
            "event.severity",
        ]),
        Operation::get("list").gives_many("Event").query(&[CASE_SENSITIVE, FOLLOW, FROM, MAX, SEARCH]),
        Operation::action("undelete", "undelete").parameters(&[ASYNC]),
    ],
};

pub(super) static EXTERNAL_COMPUTE_RESOURCE_SERVICE: Service = Service {
    name: "ExternalComputeResourceService",
    locators: &[],
    operations: &[Operation::get("get").gives("ExternalComputeResource").query(&[FOLLOW]).priority(Priority::C)],
};

pub(super) static EXTERNAL_COMPUTE_RESOURCES_SERVICE: Service = Service {
    name: "ExternalComputeResourcesService",
    locators: &[Locator::id("resource", &EXTERNAL_COMPUTE_RESOURCE_SERVICE)],
    operations: &[Operation::get("list")
        .gives_many("ExternalComputeResource")
        .query(&[FOLLOW, MAX])
        .priority(Priority::C)],
};

pub(super) static EXTERNAL_PROVIDER_CERTIFICATE_SERVICE: Service = Service {
    name: "ExternalProviderCertificateService",
    locators: &[],
    operations: &[Operation::get("get").gives("Certificate").query(&[FOLLOW]).priority(Priority::B)],
};

pub(super) static EXTERNAL_PROVIDER_CERTIFICATES_SERVICE: Service = Service {
    name: "ExternalProviderCertificatesService",
    locators: &[Locator::id("certificate", &EXTERNAL_PROVIDER_CERTIFICATE_SERVICE)],
    operations: &[Operation::get("list").gives_many("Certificate").query(&[FOLLOW, MAX]).priority(Priority::B)],
};

pub(super) static EXTERNAL_PROVIDER_SERVICE: Service = Service {
    name: "ExternalProviderService",
    locators: &[Locator::segment("certificates", "certificates", &EXTERNAL_PROVIDER_CERTIFICATES_SERVICE)],
    operations: &[
        Operation::action("import_certificates", "importcertificates")
            .parameters(&[CERTIFICATES])
            .mandatory(&["certificates[].content"])
            .unmounted(),
        Operation::action("test_connectivity", "testconnectivity").parameters(&[ASYNC]).unmounted(),
    ],
};

pub(super) static GROUP_SERVICE: Service = Service {
    name: "GroupService",
    locators: &[
        Locator::segment("permissions", "permissions", &ASSIGNED_PERMISSIONS_SERVICE),
        Locator::segment("roles", "roles", &ASSIGNED_ROLES_SERVICE),
        Locator::segment("tags", "tags", &ASSIGNED_TAGS_SERVICE),
    ],
    operations: &[Operation::get("get").gives("Group").query(&[FOLLOW]), Operation::delete("remove").query(&[ASYNC])],
};

pub(super) static GROUPS_SERVICE: Service = Service {
    name: "GroupsService",
    locators: &[Locator::id("group", &GROUP_SERVICE)],
    operations: &[
        Operation::post("add").takes("Group").gives("Group").mandatory(&["group.name"]),
        Operation::get("list").gives_many("Group").query(&[CASE_SENSITIVE, FOLLOW, MAX, SEARCH]),
    ],
};

pub(super) static JOB_SERVICE: Service = Service {
    name: "JobService",
    locators: &[Locator::segment("steps", "steps", &STEPS_SERVICE)],
    operations: &[
        Operation::action("clear", "clear").parameters(&[ASYNC]),
        Operation::action("end", "end").parameters(&[ASYNC, FORCE, SUCCEEDED]),
        Operation::get("get").gives("Job").query(&[FOLLOW]),
    ],
};

pub(super) static JOBS_SERVICE: Service = Service {
    name: "JobsService",
    locators: &[Locator::id("job", &JOB_SERVICE)],
    operations: &[
        Operation::post("add").takes("Job").gives("Job").mandatory(&["job.description"]),
        Operation::get("list").gives_many("Job").query(&[CASE_SENSITIVE, FOLLOW, MAX, SEARCH]),
    ],
};

pub(super) static KATELLO_ERRATA_SERVICE: Service = Service {
    name: "KatelloErrataService",
    locators: &[Locator::id("katello_erratum", &KATELLO_ERRATUM_SERVICE)],
    operations: &[Operation::get("list").gives_many("KatelloErratum").query(&[FOLLOW, MAX]).priority(Priority::C)],
};

pub(super) static KATELLO_ERRATUM_SERVICE: Service = Service {
    name: "KatelloErratumService",
    locators: &[],
    operations: &[Operation::get("get").gives("KatelloErratum").query(&[FOLLOW]).priority(Priority::C)],
};

pub(super) static PERMISSION_SERVICE: Service = Service {
    name: "PermissionService",
    locators: &[],
    operations: &[
        Operation::get("get").gives("Permission").query(&[FOLLOW]),
        Operation::delete("remove").query(&[ASYNC]),
    ],
};

pub(super) static PERMIT_SERVICE: Service = Service {
    name: "PermitService",
    locators: &[],
    operations: &[Operation::get("get").gives("Permit").query(&[FOLLOW]), Operation::delete("remove").query(&[ASYNC])],
};

pub(super) static PERMITS_SERVICE: Service = Service {
    name: "PermitsService",
    locators: &[Locator::id("permit", &PERMIT_SERVICE)],
    operations: &[
        Operation::post("add").takes("Permit").gives("Permit").mandatory(&["(permit.id|permit.name)"]),
        Operation::get("list").gives_many("Permit").query(&[FOLLOW, MAX]),
    ],
};

pub(super) static ROLE_SERVICE: Service = Service {
    name: "RoleService",
    locators: &[Locator::segment("permits", "permits", &PERMITS_SERVICE)],
    operations: &[
        Operation::get("get").gives("Role").query(&[FOLLOW]).priority(Priority::B),
        Operation::delete("remove").query(&[ASYNC]).priority(Priority::B),
        Operation::put("update").takes("Role").gives("Role").query(&[ASYNC]).priority(Priority::B),
    ],
};

pub(super) static ROLES_SERVICE: Service = Service {
    name: "RolesService",
    locators: &[Locator::id("role", &ROLE_SERVICE)],
    operations: &[
        Operation::post("add").takes("Role").gives("Role").mandatory(&["role.name", "role.permits[].id"]),
        Operation::get("list").gives_many("Role").query(&[FOLLOW, MAX]),
    ],
};

pub(super) static SSH_PUBLIC_KEY_SERVICE: Service = Service {
    name: "SshPublicKeyService",
    locators: &[],
    operations: &[
        Operation::get("get").gives("SshPublicKey").query(&[FOLLOW]),
        Operation::delete("remove").query(&[ASYNC]),
        Operation::put("update").takes("SshPublicKey").gives("SshPublicKey").query(&[ASYNC]).deprecated(),
    ],
};

pub(super) static SSH_PUBLIC_KEYS_SERVICE: Service = Service {
    name: "SshPublicKeysService",
    locators: &[Locator::id("key", &SSH_PUBLIC_KEY_SERVICE)],
    operations: &[
        Operation::post("add").takes("SshPublicKey").gives("SshPublicKey").mandatory(&["key.content"]),
        Operation::get("list").gives_many("SshPublicKey").query(&[FOLLOW, MAX]),
    ],
};

pub(super) static STATISTIC_SERVICE: Service = Service {
    name: "StatisticService",
    locators: &[],
    operations: &[Operation::get("get").gives("Statistic").query(&[FOLLOW])],
};

pub(super) static STATISTICS_SERVICE: Service = Service {
    name: "StatisticsService",
    locators: &[Locator::id("statistic", &STATISTIC_SERVICE)],
    operations: &[Operation::get("list").gives_many("Statistic").query(&[FOLLOW, MAX])],
};

pub(super) static STEP_SERVICE: Service = Service {
    name: "StepService",
    locators: &[Locator::segment("statistics", "statistics", &STATISTICS_SERVICE)],
    operations: &[
        Operation::action("end", "end").parameters(&[ASYNC, FORCE, SUCCEEDED]).mandatory(&["succeeded"]),
        Operation::get("get").gives("Step").query(&[FOLLOW]),
    ],
};

pub(super) static STEPS_SERVICE: Service = Service {
    name: "StepsService",
    locators: &[Locator::id("step", &STEP_SERVICE)],
    operations: &[
        Operation::post("add").takes("Step").gives("Step").mandatory(&["step.description", "step.type"]),
        Operation::get("list").gives_many("Step").query(&[FOLLOW, MAX]),
    ],
};

pub(super) static SYSTEM_PERMISSIONS_SERVICE: Service = Service {
    name: "SystemPermissionsService",
    locators: &[Locator::id("permission", &PERMISSION_SERVICE)],
    operations: &[
        Operation::post("add")
            .takes("Permission")
            .gives("Permission")
            .mandatory(&["(permission.role.id|permission.role.name)"]),
        Operation::post("add_cluster_permission")
            .takes("Permission")
            .gives("Permission")
            .mandatory(&["(permission.role.id|permission.role.name)", "permission.cluster.id"])
            .variant_of("add"),
        Operation::post("add_data_center_permission")
            .takes("Permission")
            .gives("Permission")
            .mandatory(&["(permission.role.id|permission.role.name)", "permission.data_center.id"])
            .variant_of("add"),
        Operation::post("add_group_level")
            .takes("Permission")
            .gives("Permission")
            .mandatory(&["(permission.role.id|permission.role.name)", "permission.group.id"])
            .variant_of("add"),
        Operation::post("add_host_permission")
            .takes("Permission")
            .gives("Permission")
            .mandatory(&["(permission.role.id|permission.role.name)", "permission.host.id"])
            .variant_of("add"),
        Operation::post("add_storage_domain_permission")
            .takes("Permission")
            .gives("Permission")
            .mandatory(&["(permission.role.id|permission.role.name)", "permission.storage_domain.id"])
            .variant_of("add"),
        Operation::post("add_template_permission")
            .takes("Permission")
            .gives("Permission")
            .mandatory(&["(permission.role.id|permission.role.name)", "permission.template.id"])
            .variant_of("add"),
        Operation::post("add_user_level")
            .takes("Permission")
            .gives("Permission")
            .mandatory(&["(permission.role.id|permission.role.name)", "permission.user.id"])
            .variant_of("add"),
        Operation::post("add_vm_permission")
            .takes("Permission")
            .gives("Permission")
            .mandatory(&["(permission.role.id|permission.role.name)", "permission.vm.id"])
            .variant_of("add"),
        Operation::post("add_vm_pool_permission")
            .takes("Permission")
            .gives("Permission")
            .mandatory(&["(permission.role.id|permission.role.name)", "permission.vm_pool.id"])
            .variant_of("add"),
        Operation::get("list").gives_many("Permission").query(&[FOLLOW]),
    ],
};

pub(super) static SYSTEM_SERVICE: Service = Service {
    name: "SystemService",
    locators: &[
        Locator::segment("affinity_labels", "affinitylabels", &AFFINITY_LABELS_SERVICE),
        Locator::segment("bookmarks", "bookmarks", &BOOKMARKS_SERVICE),
        Locator::segment("cluster_levels", "clusterlevels", &CLUSTER_LEVELS_SERVICE),
        Locator::segment("clusters", "clusters", &CLUSTERS_SERVICE),
        Locator::segment("cpu_profiles", "cpuprofiles", &CPU_PROFILES_SERVICE),
        Locator::segment("data_centers", "datacenters", &DATA_CENTERS_SERVICE),
        Locator::segment("disk_profiles", "diskprofiles", &DISK_PROFILES_SERVICE),
        Locator::segment("disks", "disks", &DISKS_SERVICE),
        Locator::segment("domains", "domains", &DOMAINS_SERVICE),
        Locator::segment("events", "events", &EVENTS_SERVICE),
        Locator::segment("external_host_providers", "externalhostproviders", &EXTERNAL_HOST_PROVIDERS_SERVICE),
        Locator::segment("external_template_imports", "externaltemplateimports", &EXTERNAL_TEMPLATE_IMPORTS_SERVICE),
        Locator::segment("external_vm_imports", "externalvmimports", &EXTERNAL_VM_IMPORTS_SERVICE),
        Locator::segment("groups", "groups", &GROUPS_SERVICE),
        Locator::segment("hosts", "hosts", &HOSTS_SERVICE),
        Locator::segment("icons", "icons", &ICONS_SERVICE),
        Locator::segment("image_transfers", "imagetransfers", &IMAGE_TRANSFERS_SERVICE),
        Locator::segment("instance_types", "instancetypes", &INSTANCE_TYPES_SERVICE),
        Locator::segment("jobs", "jobs", &JOBS_SERVICE),
        Locator::segment("katello_errata", "katelloerrata", &ENGINE_KATELLO_ERRATA_SERVICE),
        Locator::segment("mac_pools", "macpools", &MAC_POOLS_SERVICE),
        Locator::segment("network_filters", "networkfilters", &NETWORK_FILTERS_SERVICE),
        Locator::segment("networks", "networks", &NETWORKS_SERVICE),
        Locator::segment("openstack_image_providers", "openstackimageproviders", &OPENSTACK_IMAGE_PROVIDERS_SERVICE),
        Locator::segment(
            "openstack_network_providers",
            "openstacknetworkproviders",
            &OPENSTACK_NETWORK_PROVIDERS_SERVICE,
        ),
        Locator::segment("openstack_volume_providers", "openstackvolumeproviders", &OPENSTACK_VOLUME_PROVIDERS_SERVICE),
        Locator::segment("operating_systems", "operatingsystems", &OPERATING_SYSTEMS_SERVICE),
        Locator::segment("options", "options", &SYSTEM_OPTIONS_SERVICE),
        Locator::segment("permissions", "permissions", &SYSTEM_PERMISSIONS_SERVICE),
        Locator::segment("roles", "roles", &ROLES_SERVICE),
        Locator::segment("scheduling_policies", "schedulingpolicies", &SCHEDULING_POLICIES_SERVICE),
        Locator::segment("scheduling_policy_units", "schedulingpolicyunits", &SCHEDULING_POLICY_UNITS_SERVICE),
        Locator::segment("storage_connections", "storageconnections", &STORAGE_SERVER_CONNECTIONS_SERVICE),
        Locator::segment("storage_domains", "storagedomains", &STORAGE_DOMAINS_SERVICE),
        Locator::segment("tags", "tags", &TAGS_SERVICE),
        Locator::segment("templates", "templates", &TEMPLATES_SERVICE),
        Locator::segment("users", "users", &USERS_SERVICE),
        Locator::segment("vm_pools", "vmpools", &VM_POOLS_SERVICE),
        Locator::segment("vms", "vms", &VMS_SERVICE),
        Locator::segment("vnic_profiles", "vnicprofiles", &VNIC_PROFILES_SERVICE),
    ],
    operations: &[
        Operation::get("get").gives("Api").query(&[FOLLOW]),
        Operation::action("reload_configurations", "reloadconfigurations").parameters(&[ASYNC]),
    ],
};

pub(super) static TAG_SERVICE: Service = Service {
    name: "TagService",
    locators: &[],
    operations: &[
        Operation::get("get").gives("Tag").query(&[FOLLOW]),
        Operation::delete("remove").query(&[ASYNC]),
        Operation::put("update").takes("Tag").gives("Tag").query(&[ASYNC]),
    ],
};

pub(super) static TAGS_SERVICE: Service = Service {
    name: "TagsService",
    locators: &[Locator::id("tag", &TAG_SERVICE)],
    operations: &[
        Operation::post("add").takes("Tag").gives("Tag").mandatory(&["tag.name"]),
        Operation::get("list").gives_many("Tag").query(&[FOLLOW, MAX]),
    ],
};

pub(super) static USER_OPTION_SERVICE: Service = Service {
    name: "UserOptionService",
    locators: &[],
    operations: &[
        Operation::get("get").gives("UserOption").priority(Priority::B),
        Operation::delete("remove").priority(Priority::B),
    ],
};

pub(super) static USER_OPTIONS_SERVICE: Service = Service {
    name: "UserOptionsService",
    locators: &[Locator::id("option", &USER_OPTION_SERVICE)],
    operations: &[
        Operation::post("add")
            .takes("UserOption")
            .gives("UserOption")
            .mandatory(&["option.content", "option.name"])
            .priority(Priority::B),
        Operation::get("list").gives_many("UserOption").priority(Priority::B),
    ],
};

pub(super) static USER_SERVICE: Service = Service {
    name: "UserService",
    locators: &[
        Locator::segment("event_subscriptions", "eventsubscriptions", &EVENT_SUBSCRIPTIONS_SERVICE),
        Locator::segment("groups", "groups", &DOMAIN_USER_GROUPS_SERVICE),
        Locator::segment("options", "options", &USER_OPTIONS_SERVICE),
        Locator::segment("permissions", "permissions", &ASSIGNED_PERMISSIONS_SERVICE),
        Locator::segment("roles", "roles", &ASSIGNED_ROLES_SERVICE),
        Locator::segment("ssh_public_keys", "sshpublickeys", &SSH_PUBLIC_KEYS_SERVICE),
        Locator::segment("tags", "tags", &ASSIGNED_TAGS_SERVICE),
    ],
    operations: &[
        Operation::get("get").gives("User").query(&[FOLLOW]),
        Operation::delete("remove").query(&[ASYNC]),
        Operation::put("update").takes("User").gives("User").deprecated(),
    ],
};

pub(super) static USERS_SERVICE: Service = Service {
    name: "UsersService",
    locators: &[Locator::id("user", &USER_SERVICE)],
    operations: &[
        Operation::post("add")
            .takes("User")
            .gives("User")
            .mandatory(&["user.user_name", "(user.domain.id|user.domain.name)"]),
        Operation::get("list").gives_many("User").query(&[CASE_SENSITIVE, FOLLOW, MAX, SEARCH]),
    ],
};

/// Every service of this file.
pub(super) static SERVICES: &[&Service] = &[
    &ASSIGNED_PERMISSIONS_SERVICE,
    &ASSIGNED_ROLES_SERVICE,
    &ASSIGNED_TAG_SERVICE,
    &ASSIGNED_TAGS_SERVICE,
    &BOOKMARK_SERVICE,
    &BOOKMARKS_SERVICE,
    &CLUSTER_EXTERNAL_PROVIDERS_SERVICE,
    &DOMAIN_GROUP_SERVICE,
    &DOMAIN_GROUPS_SERVICE,
    &DOMAIN_SERVICE,
    &DOMAIN_USER_GROUPS_SERVICE,
    &DOMAIN_USER_SERVICE,
    &DOMAIN_USERS_SERVICE,
    &DOMAINS_SERVICE,
    &ENGINE_KATELLO_ERRATA_SERVICE,
    &EVENT_SERVICE,
    &EVENT_SUBSCRIPTION_SERVICE,
    &EVENT_SUBSCRIPTIONS_SERVICE,
    &EVENTS_SERVICE,
    &EXTERNAL_COMPUTE_RESOURCE_SERVICE,
    &EXTERNAL_COMPUTE_RESOURCES_SERVICE,
    &EXTERNAL_PROVIDER_CERTIFICATE_SERVICE,
    &EXTERNAL_PROVIDER_CERTIFICATES_SERVICE,
    &EXTERNAL_PROVIDER_SERVICE,
    &GROUP_SERVICE,
    &GROUPS_SERVICE,
    &JOB_SERVICE,
    &JOBS_SERVICE,
    &KATELLO_ERRATA_SERVICE,
    &KATELLO_ERRATUM_SERVICE,
    &PERMISSION_SERVICE,
    &PERMIT_SERVICE,
    &PERMITS_SERVICE,
    &ROLE_SERVICE,
    &ROLES_SERVICE,
    &SSH_PUBLIC_KEY_SERVICE,
    &SSH_PUBLIC_KEYS_SERVICE,
    &STATISTIC_SERVICE,
    &STATISTICS_SERVICE,
    &STEP_SERVICE,
    &STEPS_SERVICE,
    &SYSTEM_PERMISSIONS_SERVICE,
    &SYSTEM_SERVICE,
    &TAG_SERVICE,
    &TAGS_SERVICE,
    &USER_OPTION_SERVICE,
    &USER_OPTIONS_SERVICE,
    &USER_SERVICE,
    &USERS_SERVICE,
];
