//! Virtual machines, templates and pools. Which operations exist, not what they do.

use super::*;

pub(super) static ASSIGNED_CPU_PROFILE_SERVICE: Service = Service {
    name: "AssignedCpuProfileService",
    locators: &[],
    operations: &[
        Operation::get("get").gives("CpuProfile").query(&[FOLLOW]).priority(Priority::B),
        Operation::delete("remove").query(&[ASYNC]).priority(Priority::B),
    ],
};

pub(super) static ASSIGNED_CPU_PROFILES_SERVICE: Service = Service {
    name: "AssignedCpuProfilesService",
    locators: &[Locator::id("profile", &ASSIGNED_CPU_PROFILE_SERVICE)],
    operations: &[
        Operation::post("add")
            .takes("CpuProfile")
            .gives("CpuProfile")
            .mandatory(&["profile.name"])
            .priority(Priority::B),
        Operation::get("list").gives_many("CpuProfile").query(&[FOLLOW, MAX]).priority(Priority::B),
    ],
};

pub(super) static CLUSTER_SERVICE: Service = Service {
    name: "ClusterService",
    locators: &[
        Locator::segment("affinity_groups", "affinitygroups", &AFFINITY_GROUPS_SERVICE),
        Locator::segment("cpu_profiles", "cpuprofiles", &ASSIGNED_CPU_PROFILES_SERVICE),
        Locator::segment("enabled_features", "enabledfeatures", &CLUSTER_ENABLED_FEATURES_SERVICE),
        Locator::segment("external_network_providers", "externalnetworkproviders", &CLUSTER_EXTERNAL_PROVIDERS_SERVICE),
        Locator::segment("gluster_hooks", "glusterhooks", &GLUSTER_HOOKS_SERVICE),
        Locator::segment("gluster_volumes", "glustervolumes", &GLUSTER_VOLUMES_SERVICE),
        Locator::segment("network_filters", "networkfilters", &NETWORK_FILTERS_SERVICE),
        Locator::segment("networks", "networks", &CLUSTER_NETWORKS_SERVICE),
        Locator::segment("permissions", "permissions", &ASSIGNED_PERMISSIONS_SERVICE),
    ],
    operations: &[
        Operation::get("get").gives("Cluster").query(&[FILTER, FOLLOW]),
        Operation::action("refresh_gluster_heal_status", "refreshglusterhealstatus"),
        Operation::delete("remove").query(&[ASYNC]),
        Operation::action("reset_emulated_machine", "resetemulatedmachine").parameters(&[ASYNC]),
        Operation::action("sync_all_networks", "syncallnetworks").parameters(&[ASYNC]),
        Operation::put("update").takes("Cluster").gives("Cluster").query(&[ASYNC]),
        Operation::action("upgrade", "upgrade").parameters(&[
            ASYNC,
            CORRELATION_ID,
            UPGRADE_ACTION,
            UPGRADE_PERCENT_COMPLETE,
        ]),
    ],
};

pub(super) static CLUSTERS_SERVICE: Service = Service {
    name: "ClustersService",
    locators: &[Locator::id("cluster", &CLUSTER_SERVICE)],
    operations: &[
        Operation::post("add")
            .takes("Cluster")
            .gives("Cluster")
            .mandatory(&["cluster.name", "(cluster.data_center.id|cluster.data_center.name)"]),
        Operation::get("list").gives_many("Cluster").query(&[CASE_SENSITIVE, FILTER, FOLLOW, MAX, SEARCH]),
    ],
};

pub(super) static CPU_PROFILE_SERVICE: Service = Service {
    name: "CpuProfileService",
    locators: &[Locator::segment("permissions", "permissions", &ASSIGNED_PERMISSIONS_SERVICE)],
    operations: &[
        Operation::get("get").gives("CpuProfile").query(&[FOLLOW]),
        Operation::delete("remove").query(&[ASYNC]),
        Operation::put("update").takes("CpuProfile").gives("CpuProfile").query(&[ASYNC]),
    ],
};

pub(super) static CPU_PROFILES_SERVICE: Service = Service {
    name: "CpuProfilesService",
    locators: &[Locator::id("profile", &CPU_PROFILE_SERVICE)],
    operations: &[
        Operation::post("add")
            .takes("CpuProfile")
            .gives("CpuProfile")
            .mandatory(&["profile.cluster.id", "profile.name"]),
        Operation::get("list").gives_many("CpuProfile").query(&[FOLLOW, MAX]),
    ],
};

pub(super) static DATA_CENTER_SERVICE: Service = Service {
    name: "DataCenterService",
    locators: &[
        Locator::segment("clusters", "clusters", &CLUSTERS_SERVICE),
        Locator::segment("iscsi_bonds", "iscsibonds", &ISCSI_BONDS_SERVICE),
        Locator::segment("networks", "networks", &DATA_CENTER_NETWORKS_SERVICE),
        Locator::segment("permissions", "permissions", &ASSIGNED_PERMISSIONS_SERVICE),
        Locator::segment("qoss", "qoss", &QOSS_SERVICE),
        Locator::segment("quotas", "quotas", &QUOTAS_SERVICE),
        Locator::segment("storage_domains", "storagedomains", &ATTACHED_STORAGE_DOMAINS_SERVICE),
    ],
    operations: &[
        Operation::action("clean_finished_tasks", "cleanfinishedtasks").parameters(&[ASYNC]),
        Operation::get("get").gives("DataCenter").query(&[FILTER, FOLLOW]),
        Operation::delete("remove").query(&[ASYNC, FORCE]),
        Operation::action("set_master", "setmaster")
            .parameters(&[ASYNC, STORAGE_DOMAIN])
            .mandatory(&["(storage_domain.id|storage_domain.name)"]),
        Operation::put("update").takes("DataCenter").gives("DataCenter").query(&[ASYNC]),
    ],
};

pub(super) static DATA_CENTERS_SERVICE: Service = Service {
    name: "DataCentersService",
    locators: &[Locator::id("data_center", &DATA_CENTER_SERVICE)],
    operations: &[
        Operation::post("add")
            .takes("DataCenter")
            .gives("DataCenter")
            .mandatory(&["data_center.local", "data_center.name"]),
        Operation::get("list").gives_many("DataCenter").query(&[CASE_SENSITIVE, FILTER, FOLLOW, MAX, SEARCH]),
    ],
};

pub(super) static EXTERNAL_TEMPLATE_IMPORTS_SERVICE: Service = Service {
    name: "ExternalTemplateImportsService",
    locators: &[],
    operations: &[Operation::post("add").takes("ExternalTemplateImport").gives("ExternalTemplateImport")],
};

pub(super) static EXTERNAL_VM_IMPORTS_SERVICE: Service = Service {
    name: "ExternalVmImportsService",
    locators: &[],
    operations: &[Operation::post("add").takes("ExternalVmImport").gives("ExternalVmImport")],
};

pub(super) static FILE_SERVICE: Service =
    Service { name: "FileService", locators: &[], operations: &[Operation::get("get").gives("File").query(&[FOLLOW])] };

pub(super) static FILES_SERVICE: Service = Service {
    name: "FilesService",
    locators: &[Locator::id("file", &FILE_SERVICE)],
    operations: &[Operation::get("list").gives_many("File").query(&[CASE_SENSITIVE, FOLLOW, MAX, REFRESH, SEARCH])],
};

pub(super) static HOST_CPU_UNITS_SERVICE: Service = Service {
    name: "HostCpuUnitsService",
    locators: &[],
    operations: &[Operation::get("list").gives_many("HostCpuUnit").query(&[FOLLOW]).priority(Priority::B)],
};

pub(super) static HOST_DEVICE_SERVICE: Service = Service {
    name: "HostDeviceService",
    locators: &[],
    operations: &[Operation::get("get").gives("HostDevice").query(&[FOLLOW])],
};

pub(super) static HOST_DEVICES_SERVICE: Service = Service {
    name: "HostDevicesService",
    locators: &[Locator::id("device", &HOST_DEVICE_SERVICE)],
    operations: &[Operation::get("list").gives_many("HostDevice").query(&[FOLLOW, MAX])],
};

pub(super) static HOST_HOOK_SERVICE: Service = Service {
    name: "HostHookService",
    locators: &[],
    operations: &[Operation::get("get").gives("Hook").query(&[FOLLOW])],
};

pub(super) static HOST_HOOKS_SERVICE: Service = Service {
    name: "HostHooksService",
    locators: &[Locator::id("hook", &HOST_HOOK_SERVICE)],
    operations: &[Operation::get("list").gives_many("Hook").query(&[FOLLOW, MAX])],
};

pub(super) static ICON_SERVICE: Service = Service {
    name: "IconService",
    locators: &[],
    operations: &[Operation::get("get").gives("Icon").query(&[FOLLOW]).priority(Priority::B)],
};

pub(super) static ICONS_SERVICE: Service = Service {
    name: "IconsService",
    locators: &[Locator::id("icon", &ICON_SERVICE)],
    operations: &[Operation::get("list").gives_many("Icon").query(&[FOLLOW, MAX]).priority(Priority::B)],
};

pub(super) static INSTANCE_TYPE_GRAPHICS_CONSOLE_SERVICE: Service = Service {
    name: "InstanceTypeGraphicsConsoleService",
    locators: &[],
    operations: &[
        Operation::get("get").gives("GraphicsConsole").query(&[FOLLOW]),
        Operation::delete("remove").query(&[ASYNC]),
    ],
};

pub(super) static INSTANCE_TYPE_GRAPHICS_CONSOLES_SERVICE: Service = Service {
    name: "InstanceTypeGraphicsConsolesService",
    locators: &[Locator::id("console", &INSTANCE_TYPE_GRAPHICS_CONSOLE_SERVICE)],
    operations: &[
        Operation::post("add").takes("GraphicsConsole").gives("GraphicsConsole").mandatory(&["console.protocol"]),
        Operation::get("list").gives_many("GraphicsConsole").query(&[FOLLOW, MAX]),
    ],
};

pub(super) static INSTANCE_TYPE_SERVICE: Service = Service {
    name: "InstanceTypeService",
    locators: &[
        Locator::segment("graphics_consoles", "graphicsconsoles", &INSTANCE_TYPE_GRAPHICS_CONSOLES_SERVICE),
        Locator::segment("nics", "nics", &INSTANCE_TYPE_NICS_SERVICE),
        Locator::segment("watchdogs", "watchdogs", &INSTANCE_TYPE_WATCHDOGS_SERVICE),
    ],
    operations: &[
        Operation::get("get").gives("InstanceType").query(&[FOLLOW]),
        Operation::delete("remove").query(&[ASYNC]),
        Operation::put("update").takes("InstanceType").gives("InstanceType").query(&[ASYNC]),
    ],
};

pub(super) static INSTANCE_TYPE_WATCHDOG_SERVICE: Service = Service {
    name: "InstanceTypeWatchdogService",
    locators: &[],
    operations: &[
        Operation::get("get").gives("Watchdog").query(&[FOLLOW]),
        Operation::delete("remove").query(&[ASYNC]),
        Operation::put("update").takes("Watchdog").gives("Watchdog").query(&[ASYNC]),
    ],
};

pub(super) static INSTANCE_TYPE_WATCHDOGS_SERVICE: Service = Service {
    name: "InstanceTypeWatchdogsService",
    locators: &[Locator::id("watchdog", &INSTANCE_TYPE_WATCHDOG_SERVICE)],
    operations: &[
        Operation::post("add").takes("Watchdog").gives("Watchdog"),
        Operation::get("list").gives_many("Watchdog").query(&[FOLLOW, MAX, SEARCH]),
    ],
};

pub(super) static INSTANCE_TYPES_SERVICE: Service = Service {
    name: "InstanceTypesService",
    locators: &[Locator::id("instance_type", &INSTANCE_TYPE_SERVICE)],
    operations: &[
        Operation::post("add").takes("InstanceType").gives("InstanceType").mandatory(&["instance_type.name"]),
        Operation::get("list").gives_many("InstanceType").query(&[CASE_SENSITIVE, FOLLOW, MAX, SEARCH]),
    ],
};

pub(super) static OPERATING_SYSTEM_SERVICE: Service = Service {
    name: "OperatingSystemService",
    locators: &[],
    operations: &[Operation::get("get").gives("OperatingSystemInfo").query(&[FOLLOW])],
};

pub(super) static OPERATING_SYSTEMS_SERVICE: Service = Service {
    name: "OperatingSystemsService",
    locators: &[Locator::id("operating_system", &OPERATING_SYSTEM_SERVICE)],
    operations: &[Operation::get("list").gives_many("OperatingSystemInfo").query(&[FOLLOW, MAX])],
};

pub(super) static TEMPLATE_CDROM_SERVICE: Service = Service {
    name: "TemplateCdromService",
    locators: &[],
    operations: &[Operation::get("get").gives("Cdrom").query(&[FOLLOW]).priority(Priority::B)],
};

pub(super) static TEMPLATE_CDROMS_SERVICE: Service = Service {
    name: "TemplateCdromsService",
    locators: &[Locator::id("cdrom", &TEMPLATE_CDROM_SERVICE)],
    operations: &[Operation::get("list").gives_many("Cdrom").query(&[FOLLOW, MAX]).priority(Priority::B)],
};

pub(super) static TEMPLATE_GRAPHICS_CONSOLE_SERVICE: Service = Service {
    name: "TemplateGraphicsConsoleService",
    locators: &[],
    operations: &[
        Operation::get("get").gives("GraphicsConsole").query(&[FOLLOW]).priority(Priority::B),
        Operation::delete("remove").query(&[ASYNC]).priority(Priority::B),
    ],
};

pub(super) static TEMPLATE_GRAPHICS_CONSOLES_SERVICE: Service = Service {
    name: "TemplateGraphicsConsolesService",
    locators: &[Locator::id("console", &TEMPLATE_GRAPHICS_CONSOLE_SERVICE)],
    operations: &[
        Operation::post("add")
            .takes("GraphicsConsole")
            .gives("GraphicsConsole")
            .mandatory(&["console.protocol"])
            .priority(Priority::B),
        Operation::get("list").gives_many("GraphicsConsole").query(&[FOLLOW, MAX]).priority(Priority::B),
    ],
};

pub(super) static TEMPLATE_MEDIATED_DEVICE_SERVICE: Service = Service {
    name: "TemplateMediatedDeviceService",
    locators: &[],
    operations: &[
        Operation::get("get").gives("VmMediatedDevice").query(&[FOLLOW]).priority(Priority::B),
        Operation::delete("remove").query(&[ASYNC]).priority(Priority::B),
        Operation::put("update")
            .takes("VmMediatedDevice")
            .gives("VmMediatedDevice")
            .query(&[ASYNC])
            .priority(Priority::B),
    ],
};

pub(super) static TEMPLATE_MEDIATED_DEVICES_SERVICE: Service = Service {
    name: "TemplateMediatedDevicesService",
    locators: &[Locator::id("device", &TEMPLATE_MEDIATED_DEVICE_SERVICE)],
    operations: &[
        Operation::post("add").takes("VmMediatedDevice").gives("VmMediatedDevice").priority(Priority::B),
        Operation::get("list").gives_many("VmMediatedDevice").query(&[FOLLOW, MAX]).priority(Priority::B),
    ],
};

pub(super) static TEMPLATE_SERVICE: Service = Service {
    name: "TemplateService",
    locators: &[
        Locator::segment("cdroms", "cdroms", &TEMPLATE_CDROMS_SERVICE),
        Locator::segment("disk_attachments", "diskattachments", &TEMPLATE_DISK_ATTACHMENTS_SERVICE),
        Locator::segment("graphics_consoles", "graphicsconsoles", &TEMPLATE_GRAPHICS_CONSOLES_SERVICE),
        Locator::segment("mediated_devices", "mediateddevices", &TEMPLATE_MEDIATED_DEVICES_SERVICE),
        Locator::segment("nics", "nics", &TEMPLATE_NICS_SERVICE),
        Locator::segment("permissions", "permissions", &ASSIGNED_PERMISSIONS_SERVICE),
        Locator::segment("tags", "tags", &ASSIGNED_TAGS_SERVICE),
        Locator::segment("watchdogs", "watchdogs", &TEMPLATE_WATCHDOGS_SERVICE),
    ],
    operations: &[
        Operation::action("export", "export").parameters(&[EXCLUSIVE, STORAGE_DOMAIN]),
        Operation::action("export_to_export_domain", "export")
            .parameters(&[EXCLUSIVE, STORAGE_DOMAIN])
            .mandatory(&["(storage_domain.id|storage_domain.name)"])
            .variant_of("export"),
        Operation::action("export_to_path_on_host", "export")
            .parameters(&[DIRECTORY, EXCLUSIVE, FILENAME, HOST, STORAGE_DOMAIN])
            .mandatory(&["(host.id|host.name)", "directory"])
            .variant_of("export"),
        Operation::get("get").gives("Template").query(&[FILTER, FOLLOW]),
        Operation::delete("remove").query(&[ASYNC]),
        Operation::put("update").takes("Template").gives("Template").query(&[ASYNC]),
    ],
};

pub(super) static TEMPLATE_WATCHDOG_SERVICE: Service = Service {
    name: "TemplateWatchdogService",
    locators: &[],
    operations: &[
        Operation::get("get").gives("Watchdog").query(&[FOLLOW]).priority(Priority::B),
        Operation::delete("remove").query(&[ASYNC]).priority(Priority::B),
        Operation::put("update").takes("Watchdog").gives("Watchdog").query(&[ASYNC]).priority(Priority::B),
    ],
};

pub(super) static TEMPLATE_WATCHDOGS_SERVICE: Service = Service {
    name: "TemplateWatchdogsService",
    locators: &[Locator::id("watchdog", &TEMPLATE_WATCHDOG_SERVICE)],
    operations: &[
        Operation::post("add")
            .takes("Watchdog")
            .gives("Watchdog")
            .mandatory(&["watchdog.action", "watchdog.model"])
            .priority(Priority::B),
        Operation::get("list").gives_many("Watchdog").query(&[FOLLOW, MAX]).priority(Priority::B),
    ],
};

pub(super) static TEMPLATES_SERVICE: Service = Service {
    name: "TemplatesService",
    locators: &[Locator::id("template", &TEMPLATE_SERVICE)],
    operations: &[
        Operation::post("add").takes("Template").gives("Template").query(&[CLONE_PERMISSIONS, SEAL]),
        Operation::post("add_from_configuration")
            .takes("Template")
            .gives("Template")
            .query(&[CLONE_PERMISSIONS, SEAL])
            .mandatory(&[
                "(template.cluster.id|template.cluster.name)",
                "template.initialization.configuration.data",
                "template.initialization.configuration.type",
            ])
            .variant_of("add"),
        Operation::post("add_from_vm")
            .takes("Template")
            .gives("Template")
            .query(&[CLONE_PERMISSIONS, SEAL])
            .mandatory(&["(template.vm.id|template.vm.name)", "template.name"])
            .variant_of("add"),
        Operation::post("add_from_vm_snapshot")
            .takes("Template")
            .gives("Template")
            .query(&[CLONE_PERMISSIONS, SEAL])
            .mandatory(&["(template.vm.id|template.vm.name)", "template.name", "template.vm.snapshots[].id"])
            .variant_of("add"),
        Operation::get("list").gives_many("Template").query(&[CASE_SENSITIVE, FILTER, FOLLOW, MAX, SEARCH]),
    ],
};

pub(super) static VM_APPLICATION_SERVICE: Service = Service {
    name: "VmApplicationService",
    locators: &[],
    operations: &[Operation::get("get").gives("Application").query(&[FILTER, FOLLOW]).priority(Priority::B)],
};

pub(super) static VM_APPLICATIONS_SERVICE: Service = Service {
    name: "VmApplicationsService",
    locators: &[Locator::id("application", &VM_APPLICATION_SERVICE)],
    operations: &[Operation::get("list").gives_many("Application").query(&[FILTER, FOLLOW, MAX]).priority(Priority::B)],
};

pub(super) static VM_CDROM_SERVICE: Service = Service {
    name: "VmCdromService",
    locators: &[],
    operations: &[
        Operation::get("get").gives("Cdrom").query(&[CURRENT, FOLLOW]),
        Operation::put("update").takes("Cdrom").gives("Cdrom").query(&[CURRENT]),
    ],
};

pub(super) static VM_CDROMS_SERVICE: Service = Service {
    name: "VmCdromsService",
    locators: &[Locator::id("cdrom", &VM_CDROM_SERVICE)],
    operations: &[
        Operation::post("add").takes("Cdrom").gives("Cdrom").mandatory(&["cdrom.file.id"]),
        Operation::get("list").gives_many("Cdrom").query(&[FOLLOW, MAX]),
    ],
};

pub(super) static VM_GRAPHICS_CONSOLE_SERVICE: Service = Service {
    name: "VmGraphicsConsoleService",
    locators: &[],
    operations: &[
        Operation::get("get").gives("GraphicsConsole").query(&[CURRENT, FOLLOW]),
        Operation::action("proxy_ticket", "proxyticket").parameters(&[ASYNC]).results(&[PROXY_TICKET]),
        Operation::action("remote_viewer_connection_file", "remoteviewerconnectionfile")
            .results(&[REMOTE_VIEWER_CONNECTION_FILE]),
        Operation::delete("remove").query(&[ASYNC]),
        Operation::action("ticket", "ticket").parameters(&[TICKET]).results(&[TICKET]),
    ],
};

pub(super) static VM_GRAPHICS_CONSOLES_SERVICE: Service = Service {
    name: "VmGraphicsConsolesService",
    locators: &[Locator::id("console", &VM_GRAPHICS_CONSOLE_SERVICE)],
    operations: &[
        Operation::post("add").takes("GraphicsConsole").gives("GraphicsConsole").mandatory(&["console.protocol"]),
        Operation::get("list").gives_many("GraphicsConsole").query(&[CURRENT, FOLLOW, MAX]),
    ],
};

pub(super) static VM_HOST_DEVICE_SERVICE: Service = Service {
    name: "VmHostDeviceService",
    locators: &[],
    operations: &[
        Operation::get("get").gives("HostDevice").query(&[FOLLOW]),
        Operation::delete("remove").query(&[ASYNC]),
    ],
};

pub(super) static VM_HOST_DEVICES_SERVICE: Service = Service {
    name: "VmHostDevicesService",
    locators: &[Locator::id("device", &VM_HOST_DEVICE_SERVICE)],
    operations: &[
        Operation::post("add").takes("HostDevice").gives("HostDevice").mandatory(&["(device.id|device.name)"]),
        Operation::get("list").gives_many("HostDevice").query(&[FOLLOW, MAX]),
    ],
};

pub(super) static VM_MEDIATED_DEVICE_SERVICE: Service = Service {
    name: "VmMediatedDeviceService",
    locators: &[],
    operations: &[
        Operation::get("get").gives("VmMediatedDevice").query(&[FOLLOW]).priority(Priority::B),
        Operation::delete("remove").query(&[ASYNC]).priority(Priority::B),
        Operation::put("update")
            .takes("VmMediatedDevice")
            .gives("VmMediatedDevice")
            .query(&[ASYNC])
            .priority(Priority::B),
    ],
};

pub(super) static VM_MEDIATED_DEVICES_SERVICE: Service = Service {
    name: "VmMediatedDevicesService",
    locators: &[Locator::id("device", &VM_MEDIATED_DEVICE_SERVICE)],
    operations: &[
        Operation::post("add").takes("VmMediatedDevice").gives("VmMediatedDevice").priority(Priority::B),
        Operation::get("list").gives_many("VmMediatedDevice").query(&[FOLLOW, MAX]).priority(Priority::B),
    ],
};

pub(super) static VM_POOL_SERVICE: Service = Service {
    name: "VmPoolService",
    locators: &[Locator::segment("permissions", "permissions", &ASSIGNED_PERMISSIONS_SERVICE)],
    operations: &[
        Operation::action("allocate_vm", "allocatevm").parameters(&[ASYNC]),
        Operation::get("get").gives("VmPool").query(&[FILTER, FOLLOW]),
        Operation::delete("remove").query(&[ASYNC]),
        Operation::put("update").takes("VmPool").gives("VmPool").query(&[ASYNC, SEAL]),
    ],
};

pub(super) static VM_POOLS_SERVICE: Service = Service {
    name: "VmPoolsService",
    locators: &[Locator::id("pool", &VM_POOL_SERVICE)],
    operations: &[
        Operation::post("add").takes("VmPool").gives("VmPool").query(&[SEAL]).mandatory(&[
            "pool.name",
            "(pool.cluster.id|pool.cluster.name)",
            "(pool.template.id|pool.template.name)",
        ]),
        Operation::get("list").gives_many("VmPool").query(&[CASE_SENSITIVE, FILTER, FOLLOW, MAX, SEARCH]),
    ],
};

pub(super) static VM_REPORTED_DEVICE_SERVICE: Service = Service {
    name: "VmReportedDeviceService",
    locators: &[],
    operations: &[Operation::get("get").gives("ReportedDevice").query(&[FOLLOW])],
};

pub(super) static VM_REPORTED_DEVICES_SERVICE: Service = Service {
    name: "VmReportedDevicesService",
    locators: &[Locator::id("reported_device", &VM_REPORTED_DEVICE_SERVICE)],
    operations: &[Operation::get("list").gives_many("ReportedDevice").query(&[FOLLOW, MAX])],
};

pub(super) static VM_SERVICE: Service = Service {
    name: "VmService",
    locators: &[
        Locator::segment("affinity_labels", "affinitylabels", &ASSIGNED_AFFINITY_LABELS_SERVICE),
        Locator::segment("applications", "applications", &VM_APPLICATIONS_SERVICE),
        Locator::segment("backups", "backups", &VM_BACKUPS_SERVICE),
        Locator::segment("cdroms", "cdroms", &VM_CDROMS_SERVICE),
        Locator::segment("checkpoints", "checkpoints", &VM_CHECKPOINTS_SERVICE),
        Locator::segment("disk_attachments", "diskattachments", &DISK_ATTACHMENTS_SERVICE),
        Locator::segment("graphics_consoles", "graphicsconsoles", &VM_GRAPHICS_CONSOLES_SERVICE),
        Locator::segment("host_devices", "hostdevices", &VM_HOST_DEVICES_SERVICE),
        Locator::segment("katello_errata", "katelloerrata", &KATELLO_ERRATA_SERVICE),
        Locator::segment("mediated_devices", "mediateddevices", &VM_MEDIATED_DEVICES_SERVICE),
        Locator::segment("nics", "nics", &VM_NICS_SERVICE),
        Locator::segment("numa_nodes", "numanodes", &VM_NUMA_NODES_SERVICE),
        Locator::segment("permissions", "permissions", &ASSIGNED_PERMISSIONS_SERVICE),
        Locator::segment("reported_devices", "reporteddevices", &VM_REPORTED_DEVICES_SERVICE),
        Locator::segment("sessions", "sessions", &VM_SESSIONS_SERVICE),
        Locator::segment("snapshots", "snapshots", &SNAPSHOTS_SERVICE),
        Locator::segment("statistics", "statistics", &STATISTICS_SERVICE),
        Locator::segment("tags", "tags", &ASSIGNED_TAGS_SERVICE),
        Locator::segment("watchdogs", "watchdogs", &VM_WATCHDOGS_SERVICE),
    ],
    operations: &[
        Operation::action("auto_pin_cpu_and_numa_nodes", "autopincpuandnumanodes")
            .parameters(&[ASYNC, OPTIMIZE_CPU_SETTINGS])
            .deprecated(),
        Operation::action("cancel_migration", "cancelmigration").parameters(&[ASYNC]),
        Operation::action("clone", "clone")
            .parameters(&[ASYNC, DISCARD_SNAPSHOTS, STORAGE_DOMAIN, VM])
            .mandatory(&["vm.name"]),
        Operation::action("commit_snapshot", "commitsnapshot").parameters(&[ASYNC]),
        Operation::action("detach", "detach").parameters(&[ASYNC]),
        Operation::action("export", "export").parameters(&[ASYNC, DISCARD_SNAPSHOTS, EXCLUSIVE, STORAGE_DOMAIN]),
        Operation::action("export_to_export_domain", "export")
            .parameters(&[ASYNC, DISCARD_SNAPSHOTS, EXCLUSIVE, STORAGE_DOMAIN])
            .mandatory(&["(storage_domain.id|storage_domain.name)"])
            .variant_of("export"),
        Operation::action("export_to_path_on_host", "export")
            .parameters(&[ASYNC, DIRECTORY, DISCARD_SNAPSHOTS, EXCLUSIVE, FILENAME, HOST, STORAGE_DOMAIN])
            .mandatory(&["directory", "(host.id|host.name)"])
            .variant_of("export"),
        Operation::action("freeze_filesystems", "freezefilesystems").parameters(&[ASYNC]),
        Operation::get("get").gives("Vm").query(&[ALL_CONTENT, FILTER, FOLLOW, NEXT_RUN, OVF_AS_OVA]),
        Operation::action("logon", "logon").parameters(&[ASYNC]),
        Operation::action("maintenance", "maintenance")
            .parameters(&[ASYNC, MAINTENANCE_ENABLED])
            .mandatory(&["maintenance_enabled"]),
        Operation::action("migrate", "migrate").parameters(&[
            ASYNC,
            CLUSTER,
            FORCE,
            HOST,
            MIGRATE_VMS_IN_AFFINITY_CLOSURE,
        ]),
        Operation::action("preview_snapshot", "previewsnapshot")
            .parameters(&[ASYNC, DISKS, LEASE, RESTORE_MEMORY, SNAPSHOT, VM])
            .mandatory(&["snapshot.id"]),
        Operation::action("reboot", "reboot").parameters(&[ASYNC, FORCE]),
        Operation::delete("remove").query(&[ASYNC, DETACH_ONLY, FORCE]),
        Operation::action("reorder_mac_addresses", "reordermacaddresses").parameters(&[ASYNC]),
        Operation::action("reset", "reset").parameters(&[ASYNC]),
        Operation::action("screenshot", "screenshot"),
        Operation::action("shutdown", "shutdown").parameters(&[ASYNC, FORCE, REASON]),
        Operation::action("start", "start").parameters(&[
            ASYNC,
            ATTACH_WGT,
            AUTHORIZED_KEY,
            FILTER,
            PAUSE,
            USE_CLOUD_INIT,
            USE_IGNITION,
            USE_INITIALIZATION,
            USE_SYSPREP,
            VM,
            VOLATILE,
        ]),
        Operation::action("stop", "stop").parameters(&[ASYNC, FORCE, REASON]),
        Operation::action("suspend", "suspend").parameters(&[ASYNC]),
        Operation::action("thaw_filesystems", "thawfilesystems").parameters(&[ASYNC]),
        Operation::action("ticket", "ticket").parameters(&[ASYNC, TICKET]).results(&[TICKET]),
        Operation::action("undo_snapshot", "undosnapshot").parameters(&[ASYNC]),
        Operation::put("update").takes("Vm").gives("Vm").query(&[ASYNC, NEXT_RUN]),
    ],
};

pub(super) static VM_SESSION_SERVICE: Service = Service {
    name: "VmSessionService",
    locators: &[],
    operations: &[Operation::get("get").gives("Session").query(&[FOLLOW]).priority(Priority::B)],
};

pub(super) static VM_SESSIONS_SERVICE: Service = Service {
    name: "VmSessionsService",
    locators: &[Locator::id("session", &VM_SESSION_SERVICE)],
    operations: &[Operation::get("list").gives_many("Session").query(&[FOLLOW, MAX]).priority(Priority::B)],
};

pub(super) static VM_WATCHDOG_SERVICE: Service = Service {
    name: "VmWatchdogService",
    locators: &[],
    operations: &[
        Operation::get("get").gives("Watchdog").query(&[FOLLOW]),
        Operation::delete("remove").query(&[ASYNC]),
        Operation::put("update").takes("Watchdog").gives("Watchdog").query(&[ASYNC]),
    ],
};

pub(super) static VM_WATCHDOGS_SERVICE: Service = Service {
    name: "VmWatchdogsService",
    locators: &[Locator::id("watchdog", &VM_WATCHDOG_SERVICE)],
    operations: &[
        Operation::post("add").takes("Watchdog").gives("Watchdog").mandatory(&["watchdog.action", "watchdog.model"]),
        Operation::get("list").gives_many("Watchdog").query(&[FOLLOW, MAX]),
    ],
};

pub(super) static VMS_SERVICE: Service = Service {
    name: "VmsService",
    locators: &[Locator::id("vm", &VM_SERVICE)],
    operations: &[
        Operation::post("add").takes("Vm").gives("Vm").query(&[
            AUTO_PINNING_POLICY,
            CLONE,
            CLONE_PERMISSIONS,
            FILTER,
            SEAL,
        ]),
        Operation::post("add_from_configuration")
            .takes("Vm")
            .gives("Vm")
            .query(&[AUTO_PINNING_POLICY, CLONE, CLONE_PERMISSIONS, FILTER, SEAL])
            .mandatory(&["vm.initialization.configuration.data", "vm.initialization.configuration.type"])
            .variant_of("add"),
        Operation::post("add_from_scratch")
            .takes("Vm")
            .gives("Vm")
            .query(&[AUTO_PINNING_POLICY, CLONE, CLONE_PERMISSIONS, FILTER, SEAL])
            .mandatory(&["(vm.cluster.id|vm.cluster.name)", "(vm.template.id|vm.template.name)", "vm.name"])
            .variant_of("add"),
        Operation::post("add_from_snapshot")
            .takes("Vm")
            .gives("Vm")
            .query(&[AUTO_PINNING_POLICY, CLONE, CLONE_PERMISSIONS, FILTER, SEAL])
            .mandatory(&[
                "(vm.cluster.id|vm.cluster.name)",
                "(vm.template.id|vm.template.name)",
                "vm.name",
                "vm.snapshots[].id",
            ])
            .variant_of("add"),
        Operation::get("list").gives_many("Vm").query(&[
            ALL_CONTENT,
            CASE_SENSITIVE,
            FILTER,
            FOLLOW,
            MAX,
            OVF_AS_OVA,
            SEARCH,
        ]),
    ],
};

/// Every service of this file.
pub(super) static SERVICES: &[&Service] = &[
    &ASSIGNED_CPU_PROFILE_SERVICE,
    &ASSIGNED_CPU_PROFILES_SERVICE,
    &CLUSTER_SERVICE,
    &CLUSTERS_SERVICE,
    &CPU_PROFILE_SERVICE,
    &CPU_PROFILES_SERVICE,
    &DATA_CENTER_SERVICE,
    &DATA_CENTERS_SERVICE,
    &EXTERNAL_TEMPLATE_IMPORTS_SERVICE,
    &EXTERNAL_VM_IMPORTS_SERVICE,
    &FILE_SERVICE,
    &FILES_SERVICE,
    &HOST_CPU_UNITS_SERVICE,
    &HOST_DEVICE_SERVICE,
    &HOST_DEVICES_SERVICE,
    &HOST_HOOK_SERVICE,
    &HOST_HOOKS_SERVICE,
    &ICON_SERVICE,
    &ICONS_SERVICE,
    &INSTANCE_TYPE_GRAPHICS_CONSOLE_SERVICE,
    &INSTANCE_TYPE_GRAPHICS_CONSOLES_SERVICE,
    &INSTANCE_TYPE_SERVICE,
    &INSTANCE_TYPE_WATCHDOG_SERVICE,
    &INSTANCE_TYPE_WATCHDOGS_SERVICE,
    &INSTANCE_TYPES_SERVICE,
    &OPERATING_SYSTEM_SERVICE,
    &OPERATING_SYSTEMS_SERVICE,
    &TEMPLATE_CDROM_SERVICE,
    &TEMPLATE_CDROMS_SERVICE,
    &TEMPLATE_GRAPHICS_CONSOLE_SERVICE,
    &TEMPLATE_GRAPHICS_CONSOLES_SERVICE,
    &TEMPLATE_MEDIATED_DEVICE_SERVICE,
    &TEMPLATE_MEDIATED_DEVICES_SERVICE,
    &TEMPLATE_SERVICE,
    &TEMPLATE_WATCHDOG_SERVICE,
    &TEMPLATE_WATCHDOGS_SERVICE,
    &TEMPLATES_SERVICE,
    &VM_APPLICATION_SERVICE,
    &VM_APPLICATIONS_SERVICE,
    &VM_CDROM_SERVICE,
    &VM_CDROMS_SERVICE,
    &VM_GRAPHICS_CONSOLE_SERVICE,
    &VM_GRAPHICS_CONSOLES_SERVICE,
    &VM_HOST_DEVICE_SERVICE,
    &VM_HOST_DEVICES_SERVICE,
    &VM_MEDIATED_DEVICE_SERVICE,
    &VM_MEDIATED_DEVICES_SERVICE,
    &VM_POOL_SERVICE,
    &VM_POOLS_SERVICE,
    &VM_REPORTED_DEVICE_SERVICE,
    &VM_REPORTED_DEVICES_SERVICE,
    &VM_SERVICE,
    &VM_SESSION_SERVICE,
    &VM_SESSIONS_SERVICE,
    &VM_WATCHDOG_SERVICE,
    &VM_WATCHDOGS_SERVICE,
    &VMS_SERVICE,
];
