//! Storage domains and connections. Which operations exist, not what they do.

use super::*;

pub(super) static ATTACHED_STORAGE_DOMAIN_SERVICE: Service = Service {
    name: "AttachedStorageDomainService",
    locators: &[Locator::segment("disks", "disks", &ATTACHED_STORAGE_DOMAIN_DISKS_SERVICE)],
    operations: &[
        Operation::action("activate", "activate").parameters(&[ASYNC]),
        Operation::action("deactivate", "deactivate").parameters(&[ASYNC, FORCE]),
        Operation::get("get").gives("StorageDomain").query(&[FOLLOW]),
        Operation::delete("remove").query(&[ASYNC]),
    ],
};

pub(super) static ATTACHED_STORAGE_DOMAINS_SERVICE: Service = Service {
    name: "AttachedStorageDomainsService",
    locators: &[Locator::id("storage_domain", &ATTACHED_STORAGE_DOMAIN_SERVICE)],
    operations: &[
        Operation::post("add")
            .takes("StorageDomain")
            .gives("StorageDomain")
            .mandatory(&["(storage_domain.id|storage_domain.name)"]),
        Operation::get("list").gives_many("StorageDomain").query(&[FOLLOW, MAX]),
    ],
};

pub(super) static COPYABLE_SERVICE: Service = Service {
    name: "CopyableService",
    locators: &[],
    operations: &[Operation::action("copy", "copy").parameters(&[ASYNC]).unmounted()],
};

pub(super) static HOST_STORAGE_SERVICE: Service = Service {
    name: "HostStorageService",
    locators: &[Locator::id("storage", &STORAGE_SERVICE)],
    operations: &[Operation::get("list").gives_many("HostStorage").query(&[FOLLOW, REPORT_STATUS])],
};

pub(super) static ISCSI_BOND_SERVICE: Service = Service {
    name: "IscsiBondService",
    locators: &[
        Locator::segment("networks", "networks", &NETWORKS_SERVICE),
        Locator::segment("storage_server_connections", "storageserverconnections", &STORAGE_SERVER_CONNECTIONS_SERVICE),
    ],
    operations: &[
        Operation::get("get").gives("IscsiBond").query(&[FOLLOW]),
        Operation::delete("remove").query(&[ASYNC]),
        Operation::put("update").takes("IscsiBond").gives("IscsiBond").query(&[ASYNC]),
    ],
};

pub(super) static ISCSI_BONDS_SERVICE: Service = Service {
    name: "IscsiBondsService",
    locators: &[Locator::id("iscsi_bond", &ISCSI_BOND_SERVICE)],
    operations: &[
        Operation::post("add").takes("IscsiBond").gives("IscsiBond").mandatory(&["bond.name"]),
        Operation::get("list").gives_many("IscsiBond").query(&[FOLLOW, MAX]),
    ],
};

pub(super) static MOVEABLE_SERVICE: Service = Service {
    name: "MoveableService",
    locators: &[],
    operations: &[Operation::action("move", "move").parameters(&[ASYNC]).unmounted()],
};

pub(super) static OPENSTACK_VOLUME_AUTHENTICATION_KEY_SERVICE: Service = Service {
    name: "OpenstackVolumeAuthenticationKeyService",
    locators: &[],
    operations: &[
        Operation::get("get")
            .gives("OpenstackVolumeAuthenticationKey")
            .query(&[FOLLOW])
            .deprecated()
            .priority(Priority::C),
        Operation::delete("remove").query(&[ASYNC]).deprecated().priority(Priority::C),
        Operation::put("update")
            .takes("OpenstackVolumeAuthenticationKey")
            .gives("OpenstackVolumeAuthenticationKey")
            .deprecated()
            .priority(Priority::C),
    ],
};

pub(super) static OPENSTACK_VOLUME_AUTHENTICATION_KEYS_SERVICE: Service = Service {
    name: "OpenstackVolumeAuthenticationKeysService",
    locators: &[Locator::id("key", &OPENSTACK_VOLUME_AUTHENTICATION_KEY_SERVICE)],
    operations: &[
        Operation::post("add")
            .takes("OpenstackVolumeAuthenticationKey")
            .gives("OpenstackVolumeAuthenticationKey")
            .mandatory(&["key.usage_type", "key.uuid", "key.value"])
            .deprecated()
            .priority(Priority::C),
        Operation::get("list")
            .gives_many("OpenstackVolumeAuthenticationKey")
            .query(&[FOLLOW, MAX])
            .deprecated()
            .priority(Priority::C),
    ],
};

pub(super) static OPENSTACK_VOLUME_PROVIDER_SERVICE: Service = Service {
    name: "OpenstackVolumeProviderService",
    locators: &[
        Locator::segment("authentication_keys", "authenticationkeys", &OPENSTACK_VOLUME_AUTHENTICATION_KEYS_SERVICE),
        Locator::segment("certificates", "certificates", &EXTERNAL_PROVIDER_CERTIFICATES_SERVICE),
        Locator::segment("volume_types", "volumetypes", &OPENSTACK_VOLUME_TYPES_SERVICE),
    ],
    operations: &[
        Operation::get("get").gives("OpenStackVolumeProvider").query(&[FOLLOW]).deprecated().priority(Priority::B),
        Operation::action("import_certificates", "importcertificates")
            .parameters(&[CERTIFICATES])
            .mandatory(&["certificates[].content"])
            .deprecated()
            .priority(Priority::B),
        Operation::delete("remove").query(&[ASYNC, FORCE]).deprecated().priority(Priority::B),
        Operation::action("test_connectivity", "testconnectivity")
            .parameters(&[ASYNC])
            .deprecated()
            .priority(Priority::B),
        Operation::put("update")
            .takes("OpenStackVolumeProvider")
            .gives("OpenStackVolumeProvider")
            .query(&[ASYNC])
            .deprecated()
            .priority(Priority::B),
    ],
};

pub(super) static OPENSTACK_VOLUME_PROVIDERS_SERVICE: Service = Service {
    name: "OpenstackVolumeProvidersService",
    locators: &[Locator::id("provider", &OPENSTACK_VOLUME_PROVIDER_SERVICE)],
    operations: &[
        Operation::post("add")
            .takes("OpenStackVolumeProvider")
            .gives("OpenStackVolumeProvider")
            .mandatory(&["provider.name"])
            .deprecated()
            .priority(Priority::B),
        Operation::get("list")
            .gives_many("OpenStackVolumeProvider")
            .query(&[FOLLOW, MAX, SEARCH])
            .deprecated()
            .priority(Priority::B),
    ],
};

pub(super) static OPENSTACK_VOLUME_TYPE_SERVICE: Service = Service {
    name: "OpenstackVolumeTypeService",
    locators: &[],
    operations: &[Operation::get("get")
        .gives("OpenStackVolumeType")
        .query(&[FOLLOW])
        .deprecated()
        .priority(Priority::C)],
};

pub(super) static OPENSTACK_VOLUME_TYPES_SERVICE: Service = Service {
    name: "OpenstackVolumeTypesService",
    locators: &[Locator::id("type", &OPENSTACK_VOLUME_TYPE_SERVICE)],
    operations: &[Operation::get("list")
        .gives_many("OpenStackVolumeType")
        .query(&[FOLLOW, MAX])
        .deprecated()
        .priority(Priority::C)],
};

pub(super) static SNAPSHOT_CDROM_SERVICE: Service = Service {
    name: "SnapshotCdromService",
    locators: &[],
    operations: &[Operation::get("get").gives("Cdrom").query(&[FOLLOW]).priority(Priority::B)],
};

pub(super) static SNAPSHOT_CDROMS_SERVICE: Service = Service {
    name: "SnapshotCdromsService",
    locators: &[Locator::id("cdrom", &SNAPSHOT_CDROM_SERVICE)],
    operations: &[Operation::get("list").gives_many("Cdrom").query(&[FOLLOW, MAX]).priority(Priority::B)],
};

pub(super) static SNAPSHOT_SERVICE: Service = Service {
    name: "SnapshotService",
    locators: &[
        Locator::segment("cdroms", "cdroms", &SNAPSHOT_CDROMS_SERVICE),
        Locator::segment("disks", "disks", &SNAPSHOT_DISKS_SERVICE),
        Locator::segment("nics", "nics", &SNAPSHOT_NICS_SERVICE),
    ],
    operations: &[
        Operation::get("get").gives("Snapshot").query(&[FOLLOW]),
        Operation::delete("remove").query(&[ALL_CONTENT, ASYNC]),
        Operation::action("restore", "restore").parameters(&[ASYNC, DISKS, RESTORE_MEMORY]),
    ],
};

pub(super) static SNAPSHOTS_SERVICE: Service = Service {
    name: "SnapshotsService",
    locators: &[Locator::id("snapshot", &SNAPSHOT_SERVICE)],
    operations: &[
        Operation::post("add").takes("Snapshot").gives("Snapshot").mandatory(&["snapshot.description"]),
        Operation::get("list").gives_many("Snapshot").query(&[ALL_CONTENT, FOLLOW, MAX]),
    ],
};

pub(super) static STORAGE_DOMAIN_SERVER_CONNECTION_SERVICE: Service = Service {
    name: "StorageDomainServerConnectionService",
    locators: &[],
    operations: &[
        Operation::get("get").gives("StorageConnection").query(&[FOLLOW]),
        Operation::delete("remove").query(&[ASYNC]),
    ],
};

pub(super) static STORAGE_DOMAIN_SERVER_CONNECTIONS_SERVICE: Service = Service {
    name: "StorageDomainServerConnectionsService",
    locators: &[Locator::id("connection", &STORAGE_DOMAIN_SERVER_CONNECTION_SERVICE)],
    operations: &[
        Operation::post("add").takes("StorageConnection").gives("StorageConnection").mandatory(&["connection.id"]),
        Operation::get("list").gives_many("StorageConnection").query(&[FOLLOW, MAX]),
    ],
};

pub(super) static STORAGE_DOMAIN_SERVICE: Service = Service {
    name: "StorageDomainService",
    locators: &[
        Locator::segment("disk_profiles", "diskprofiles", &ASSIGNED_DISK_PROFILES_SERVICE),
        Locator::segment("disk_snapshots", "disksnapshots", &DISK_SNAPSHOTS_SERVICE),
        Locator::segment("disks", "disks", &STORAGE_DOMAIN_DISKS_SERVICE),
        Locator::segment("files", "files", &FILES_SERVICE),
        Locator::segment("images", "images", &IMAGES_SERVICE),
        Locator::segment("permissions", "permissions", &ASSIGNED_PERMISSIONS_SERVICE),
        Locator::segment("storage_connections", "storageconnections", &STORAGE_DOMAIN_SERVER_CONNECTIONS_SERVICE),
        Locator::segment("templates", "templates", &STORAGE_DOMAIN_TEMPLATES_SERVICE),
        Locator::segment("vms", "vms", &STORAGE_DOMAIN_VMS_SERVICE),
    ],
    operations: &[
        Operation::get("get").gives("StorageDomain").query(&[FILTER, FOLLOW]),
        Operation::action("is_attached", "isattached")
            .parameters(&[ASYNC, HOST])
            .results(&[IS_ATTACHED])
            .mandatory(&["host.id"]),
        Operation::action("reduce_luns", "reduceluns").parameters(&[LOGICAL_UNITS]),
        Operation::action("refresh_luns", "refreshluns").parameters(&[ASYNC, LOGICAL_UNITS]),
        Operation::delete("remove").query(&[ASYNC, DESTROY, FORMAT, HOST_STRING]),
        Operation::put("update").takes("StorageDomain").gives("StorageDomain").query(&[ASYNC]),
        Operation::action("update_ovf_store", "updateovfstore").parameters(&[ASYNC]),
    ],
};

pub(super) static STORAGE_DOMAIN_TEMPLATE_SERVICE: Service = Service {
    name: "StorageDomainTemplateService",
    locators: &[Locator::segment("disks", "disks", &STORAGE_DOMAIN_CONTENT_DISKS_SERVICE)],
    operations: &[
        Operation::get("get").gives("Template").query(&[FOLLOW]),
        Operation::action("import", "import").parameters(&[
            ASYNC,
            CLONE,
            CLUSTER,
            EXCLUSIVE,
            STORAGE_DOMAIN,
            TEMPLATE,
            VM,
        ]),
        Operation::action("register", "register").parameters(&[
            ALLOW_PARTIAL_IMPORT,
            ASYNC,
            CLONE,
            CLUSTER,
            EXCLUSIVE,
            REGISTRATION_CONFIGURATION,
            TEMPLATE,
            VNIC_PROFILE_MAPPINGS,
        ]),
        Operation::delete("remove").query(&[ASYNC]),
    ],
};

pub(super) static STORAGE_DOMAIN_TEMPLATES_SERVICE: Service = Service {
    name: "StorageDomainTemplatesService",
    locators: &[Locator::id("template", &STORAGE_DOMAIN_TEMPLATE_SERVICE)],
    operations: &[Operation::get("list").gives_many("Template").query(&[FOLLOW, MAX, UNREGISTERED])],
};

pub(super) static STORAGE_DOMAIN_VM_SERVICE: Service = Service {
    name: "StorageDomainVmService",
    locators: &[
        Locator::segment("disk_attachments", "diskattachments", &STORAGE_DOMAIN_VM_DISK_ATTACHMENTS_SERVICE),
        Locator::segment("disks", "disks", &STORAGE_DOMAIN_CONTENT_DISKS_SERVICE),
    ],
    operations: &[
        Operation::get("get").gives("Vm").query(&[FOLLOW]),
        Operation::action("import", "import").parameters(&[
            ASYNC,
            CLONE,
            CLUSTER,
            COLLAPSE_SNAPSHOTS,
            EXCLUSIVE,
            STORAGE_DOMAIN,
            VM,
        ]),
        Operation::action("register", "register").parameters(&[
            ALLOW_PARTIAL_IMPORT,
            ASYNC,
            CLONE,
            CLUSTER,
            REASSIGN_BAD_MACS,
            REGISTRATION_CONFIGURATION,
            VM,
            VNIC_PROFILE_MAPPINGS,
        ]),
        Operation::delete("remove").query(&[ASYNC]),
    ],
};

pub(super) static STORAGE_DOMAIN_VMS_SERVICE: Service = Service {
    name: "StorageDomainVmsService",
    locators: &[Locator::id("vm", &STORAGE_DOMAIN_VM_SERVICE)],
    operations: &[Operation::get("list").gives_many("Vm").query(&[FOLLOW, MAX, UNREGISTERED])],
};

pub(super) static STORAGE_DOMAINS_SERVICE: Service = Service {
    name: "StorageDomainsService",
    locators: &[Locator::id("storage_domain", &STORAGE_DOMAIN_SERVICE)],
    operations: &[
        Operation::post("add").takes("StorageDomain").gives("StorageDomain").mandatory(&[
            "storage_domain.storage.type",
            "storage_domain.type",
            "(storage_domain.host.id|storage_domain.host.name)",
        ]),
        Operation::post("add_block_domain")
            .takes("StorageDomain")
            .gives("StorageDomain")
            .mandatory(&[
                "(storage_domain.host.id|storage_domain.host.name)",
                "storage_domain.storage.type",
                "storage_domain.type",
            ])
            .variant_of("add"),
        Operation::post("add_by_path")
            .takes("StorageDomain")
            .gives("StorageDomain")
            .mandatory(&[
                "(storage_domain.host.id|storage_domain.host.name)",
                "storage_domain.storage.address",
                "storage_domain.storage.path",
                "storage_domain.storage.type",
                "storage_domain.type",
            ])
            .variant_of("add"),
        Operation::post("add_direct_lun")
            .takes("StorageDomain")
            .gives("StorageDomain")
            .mandatory(&[
                "(storage_domain.host.id|storage_domain.host.name)",
                "storage_domain.storage.logical_units[].address",
                "storage_domain.storage.logical_units[].id",
                "storage_domain.storage.logical_units[].port",
                "storage_domain.storage.logical_units[].target",
                "storage_domain.storage.type",
                "storage_domain.type",
            ])
            .variant_of("add"),
        Operation::post("add_gluster_or_postfs")
            .takes("StorageDomain")
            .gives("StorageDomain")
            .mandatory(&[
                "(storage_domain.host.id|storage_domain.host.name)",
                "storage_domain.storage.path",
                "storage_domain.storage.type",
                "storage_domain.storage.vfs_type",
                "storage_domain.type",
            ])
            .variant_of("add"),
        Operation::post("add_local")
            .takes("StorageDomain")
            .gives("StorageDomain")
            .mandatory(&[
                "(storage_domain.host.id|storage_domain.host.name)",
                "storage_domain.storage.path",
                "storage_domain.storage.type",
                "storage_domain.type",
            ])
            .variant_of("add"),
        Operation::get("list").gives_many("StorageDomain").query(&[CASE_SENSITIVE, FILTER, FOLLOW, MAX, SEARCH]),
    ],
};

pub(super) static STORAGE_SERVER_CONNECTION_EXTENSION_SERVICE: Service = Service {
    name: "StorageServerConnectionExtensionService",
    locators: &[],
    operations: &[
        Operation::get("get").gives("StorageConnectionExtension").query(&[FOLLOW]).priority(Priority::C),
        Operation::delete("remove").query(&[ASYNC]).priority(Priority::C),
        Operation::put("update")
            .takes("StorageConnectionExtension")
            .gives("StorageConnectionExtension")
            .query(&[ASYNC])
            .priority(Priority::C),
    ],
};

pub(super) static STORAGE_SERVER_CONNECTION_EXTENSIONS_SERVICE: Service = Service {
    name: "StorageServerConnectionExtensionsService",
    locators: &[Locator::id("storage_connection_extension", &STORAGE_SERVER_CONNECTION_EXTENSION_SERVICE)],
    operations: &[
        Operation::post("add")
            .takes("StorageConnectionExtension")
            .gives("StorageConnectionExtension")
            .mandatory(&["extension.password", "extension.target", "extension.username"])
            .priority(Priority::C),
        Operation::get("list").gives_many("StorageConnectionExtension").query(&[FOLLOW, MAX]).priority(Priority::C),
    ],
};

pub(super) static STORAGE_SERVER_CONNECTION_SERVICE: Service = Service {
    name: "StorageServerConnectionService",
    locators: &[],
    operations: &[
        Operation::get("get").gives("StorageConnection").query(&[FOLLOW]),
        Operation::delete("remove").query(&[ASYNC, HOST_STRING]),
        Operation::put("update").takes("StorageConnection").gives("StorageConnection").query(&[ASYNC, FORCE]),
        Operation::put("update_glusterfs")
            .takes("StorageConnection")
            .gives("StorageConnection")
            .query(&[ASYNC, FORCE])
            .variant_of("update"),
        Operation::put("update_iscsi")
            .takes("StorageConnection")
            .gives("StorageConnection")
            .query(&[ASYNC, FORCE])
            .variant_of("update"),
        Operation::put("update_local")
            .takes("StorageConnection")
            .gives("StorageConnection")
            .query(&[ASYNC, FORCE])
            .variant_of("update"),
        Operation::put("update_nfs")
            .takes("StorageConnection")
            .gives("StorageConnection")
            .query(&[ASYNC, FORCE])
            .variant_of("update"),
        Operation::put("update_vfs")
            .takes("StorageConnection")
            .gives("StorageConnection")
            .query(&[ASYNC, FORCE])
            .variant_of("update"),
    ],
};

pub(super) static STORAGE_SERVER_CONNECTIONS_SERVICE: Service = Service {
    name: "StorageServerConnectionsService",
    locators: &[Locator::id("storage_connection", &STORAGE_SERVER_CONNECTION_SERVICE)],
    operations: &[
        Operation::post("add").takes("StorageConnection").gives("StorageConnection").mandatory(&["connection.type"]),
        Operation::post("add_glusterfs")
            .takes("StorageConnection")
            .gives("StorageConnection")
            .mandatory(&["connection.path", "connection.type", "connection.vfs_type"])
            .variant_of("add"),
        Operation::post("add_iscsi")
            .takes("StorageConnection")
            .gives("StorageConnection")
            .mandatory(&["connection.address", "connection.port", "connection.target", "connection.type"])
            .variant_of("add"),
        Operation::post("add_local")
            .takes("StorageConnection")
            .gives("StorageConnection")
            .mandatory(&["connection.path", "connection.type"])
            .variant_of("add"),
        Operation::post("add_nfs")
            .takes("StorageConnection")
            .gives("StorageConnection")
            .mandatory(&["connection.address", "connection.path", "connection.type"])
            .variant_of("add"),
        Operation::post("add_vfs")
            .takes("StorageConnection")
            .gives("StorageConnection")
            .mandatory(&["connection.path", "connection.type", "connection.vfs_type"])
            .variant_of("add"),
        Operation::get("list").gives_many("StorageConnection").query(&[FOLLOW, MAX]),
    ],
};

pub(super) static STORAGE_SERVICE: Service = Service {
    name: "StorageService",
    locators: &[],
    operations: &[Operation::get("get").gives("HostStorage").query(&[FOLLOW, REPORT_STATUS])],
};

pub(super) static VM_BACKUP_SERVICE: Service = Service {
    name: "VmBackupService",
    locators: &[Locator::segment("disks", "disks", &VM_BACKUP_DISKS_SERVICE)],
    operations: &[Operation::action("finalize", "finalize"), Operation::get("get").gives("Backup").query(&[FOLLOW])],
};

pub(super) static VM_BACKUPS_SERVICE: Service = Service {
    name: "VmBackupsService",
    locators: &[Locator::id("backup", &VM_BACKUP_SERVICE)],
    operations: &[
        Operation::post("add")
            .takes("Backup")
            .gives("Backup")
            .query(&[REQUIRE_CONSISTENCY, USE_ACTIVE])
            .mandatory(&["backup.disks"]),
        Operation::get("list").gives_many("Backup").query(&[FOLLOW, MAX]),
    ],
};

pub(super) static VM_CHECKPOINT_SERVICE: Service = Service {
    name: "VmCheckpointService",
    locators: &[Locator::segment("disks", "disks", &VM_CHECKPOINT_DISKS_SERVICE)],
    operations: &[
        Operation::get("get").gives("Checkpoint").query(&[FOLLOW]),
        Operation::delete("remove").query(&[ASYNC]),
    ],
};

pub(super) static VM_CHECKPOINTS_SERVICE: Service = Service {
    name: "VmCheckpointsService",
    locators: &[Locator::id("checkpoint", &VM_CHECKPOINT_SERVICE)],
    operations: &[Operation::get("list").gives_many("Checkpoint").query(&[FOLLOW, MAX])],
};

/// Every service of this file.
pub(super) static SERVICES: &[&Service] = &[
    &ATTACHED_STORAGE_DOMAIN_SERVICE,
    &ATTACHED_STORAGE_DOMAINS_SERVICE,
    &COPYABLE_SERVICE,
    &HOST_STORAGE_SERVICE,
    &ISCSI_BOND_SERVICE,
    &ISCSI_BONDS_SERVICE,
    &MOVEABLE_SERVICE,
    &OPENSTACK_VOLUME_AUTHENTICATION_KEY_SERVICE,
    &OPENSTACK_VOLUME_AUTHENTICATION_KEYS_SERVICE,
    &OPENSTACK_VOLUME_PROVIDER_SERVICE,
    &OPENSTACK_VOLUME_PROVIDERS_SERVICE,
    &OPENSTACK_VOLUME_TYPE_SERVICE,
    &OPENSTACK_VOLUME_TYPES_SERVICE,
    &SNAPSHOT_CDROM_SERVICE,
    &SNAPSHOT_CDROMS_SERVICE,
    &SNAPSHOT_SERVICE,
    &SNAPSHOTS_SERVICE,
    &STORAGE_DOMAIN_SERVER_CONNECTION_SERVICE,
    &STORAGE_DOMAIN_SERVER_CONNECTIONS_SERVICE,
    &STORAGE_DOMAIN_SERVICE,
    &STORAGE_DOMAIN_TEMPLATE_SERVICE,
    &STORAGE_DOMAIN_TEMPLATES_SERVICE,
    &STORAGE_DOMAIN_VM_SERVICE,
    &STORAGE_DOMAIN_VMS_SERVICE,
    &STORAGE_DOMAINS_SERVICE,
    &STORAGE_SERVER_CONNECTION_EXTENSION_SERVICE,
    &STORAGE_SERVER_CONNECTION_EXTENSIONS_SERVICE,
    &STORAGE_SERVER_CONNECTION_SERVICE,
    &STORAGE_SERVER_CONNECTIONS_SERVICE,
    &STORAGE_SERVICE,
    &VM_BACKUP_SERVICE,
    &VM_BACKUPS_SERVICE,
    &VM_CHECKPOINT_SERVICE,
    &VM_CHECKPOINTS_SERVICE,
];
