//! Disks, images and their transfer. Which operations exist, not what they do.

use super::*;

pub(super) static ASSIGNED_DISK_PROFILE_SERVICE: Service = Service {
    name: "AssignedDiskProfileService",
    locators: &[],
    operations: &[
        Operation::get("get").gives("DiskProfile").query(&[FOLLOW]).priority(Priority::B),
        Operation::delete("remove").query(&[ASYNC]).priority(Priority::B),
    ],
};

pub(super) static ASSIGNED_DISK_PROFILES_SERVICE: Service = Service {
    name: "AssignedDiskProfilesService",
    locators: &[Locator::id("profile", &ASSIGNED_DISK_PROFILE_SERVICE)],
    operations: &[
        Operation::post("add")
            .takes("DiskProfile")
            .gives("DiskProfile")
            .mandatory(&["profile.name"])
            .priority(Priority::B),
        Operation::get("list").gives_many("DiskProfile").query(&[FOLLOW, MAX]).priority(Priority::B),
    ],
};

pub(super) static ATTACHED_STORAGE_DOMAIN_DISK_SERVICE: Service = Service {
    name: "AttachedStorageDomainDiskService",
    locators: &[
        Locator::segment("permissions", "permissions", &ASSIGNED_PERMISSIONS_SERVICE),
        Locator::segment("statistics", "statistics", &STATISTICS_SERVICE),
    ],
    operations: &[
        Operation::action("copy", "copy").parameters(&[DISK, STORAGE_DOMAIN]).deprecated(),
        Operation::action("export", "export").parameters(&[STORAGE_DOMAIN]),
        Operation::get("get").gives("Disk").query(&[FOLLOW]),
        Operation::action("move", "move").parameters(&[ASYNC, FILTER, STORAGE_DOMAIN]),
        Operation::action("register", "register"),
        Operation::delete("remove"),
        Operation::action("sparsify", "sparsify"),
        Operation::put("update").takes("Disk").gives("Disk"),
    ],
};

pub(super) static ATTACHED_STORAGE_DOMAIN_DISKS_SERVICE: Service = Service {
    name: "AttachedStorageDomainDisksService",
    locators: &[Locator::id("disk", &ATTACHED_STORAGE_DOMAIN_DISK_SERVICE)],
    operations: &[
        Operation::post("add").takes("Disk").gives("Disk").query(&[UNREGISTERED]).deprecated(),
        Operation::get("list").gives_many("Disk").query(&[FOLLOW, MAX]),
    ],
};

pub(super) static DISK_PROFILE_SERVICE: Service = Service {
    name: "DiskProfileService",
    locators: &[Locator::segment("permissions", "permissions", &ASSIGNED_PERMISSIONS_SERVICE)],
    operations: &[
        Operation::get("get").gives("DiskProfile").query(&[FOLLOW]),
        Operation::delete("remove").query(&[ASYNC]),
        Operation::put("update").takes("DiskProfile").gives("DiskProfile").query(&[ASYNC]),
    ],
};

pub(super) static DISK_PROFILES_SERVICE: Service = Service {
    name: "DiskProfilesService",
    locators: &[Locator::id("disk_profile", &DISK_PROFILE_SERVICE)],
    operations: &[
        Operation::post("add")
            .takes("DiskProfile")
            .gives("DiskProfile")
            .mandatory(&["profile.name", "profile.storage_domain.id"]),
        Operation::get("list").gives_many("DiskProfile").query(&[FOLLOW, MAX]),
    ],
};

pub(super) static DISK_SERVICE: Service = Service {
    name: "DiskService",
    locators: &[
        Locator::segment("disk_snapshots", "disksnapshots", &DISK_SNAPSHOTS_SERVICE),
        Locator::segment("permissions", "permissions", &ASSIGNED_PERMISSIONS_SERVICE),
        Locator::segment("statistics", "statistics", &STATISTICS_SERVICE),
    ],
    operations: &[
        Operation::action("convert", "convert").parameters(&[DISK, FOLLOW]).mandatory(&["(disk.format|disk.sparse)"]),
        Operation::action("copy", "copy")
            .parameters(&[ASYNC, DISK, DISK_PROFILE, FILTER, QUOTA, STORAGE_DOMAIN])
            .mandatory(&["(storage_domain.id|storage_domain.name)"]),
        Operation::action("export", "export")
            .parameters(&[ASYNC, FILTER, STORAGE_DOMAIN])
            .mandatory(&["(storage_domain.id|storage_domain.name)"]),
        Operation::get("get").gives("Disk").query(&[ALL_CONTENT, FOLLOW]),
        Operation::action("move", "move")
            .parameters(&[ASYNC, DISK_PROFILE, FILTER, QUOTA, STORAGE_DOMAIN])
            .mandatory(&["(storage_domain.id|storage_domain.name)"]),
        Operation::action("reduce", "reduce").parameters(&[ASYNC]),
        Operation::action("refresh_lun", "refreshlun").parameters(&[HOST]).mandatory(&["(host.id|host.name)"]),
        Operation::delete("remove").query(&[ASYNC]),
        Operation::action("sparsify", "sparsify"),
        Operation::put("update").takes("Disk").gives("Disk"),
    ],
};

pub(super) static DISK_SNAPSHOT_SERVICE: Service = Service {
    name: "DiskSnapshotService",
    locators: &[],
    operations: &[
        Operation::get("get").gives("DiskSnapshot").query(&[FOLLOW]),
        Operation::delete("remove").query(&[ASYNC]),
    ],
};

pub(super) static DISK_SNAPSHOTS_SERVICE: Service = Service {
    name: "DiskSnapshotsService",
    locators: &[Locator::id("snapshot", &DISK_SNAPSHOT_SERVICE)],
    operations: &[Operation::get("list").gives_many("DiskSnapshot").query(&[
        FOLLOW,
        INCLUDE_ACTIVE,
        INCLUDE_TEMPLATE,
        MAX,
    ])],
};

pub(super) static DISKS_SERVICE: Service = Service {
    name: "DisksService",
    locators: &[Locator::id("disk", &DISK_SERVICE)],
    operations: &[
        Operation::post("add").takes("Disk").gives("Disk").mandatory(&["disk.format", "disk.interface"]),
        Operation::post("add_lun")
            .takes("Disk")
            .gives("Disk")
            .mandatory(&[
                "disk.format",
                "disk.interface",
                "disk.lun_storage.logical_units[].address",
                "disk.lun_storage.logical_units[].id",
                "disk.lun_storage.logical_units[].port",
                "disk.lun_storage.logical_units[].target",
                "disk.lun_storage.type",
            ])
            .variant_of("add"),
        Operation::post("add_on_storage_domain")
            .takes("Disk")
            .gives("Disk")
            .mandatory(&["disk.format", "disk.interface", "disk.provisioned_size"])
            .variant_of("add"),
        Operation::get("list").gives_many("Disk").query(&[CASE_SENSITIVE, FOLLOW, MAX, SEARCH]),
    ],
};

pub(super) static IMAGE_SERVICE: Service = Service {
    name: "ImageService",
    locators: &[],
    operations: &[
        Operation::get("get").gives("Image").query(&[FOLLOW]),
        Operation::action("import", "import")
            .parameters(&[ASYNC, CLUSTER, DISK, IMPORT_AS_TEMPLATE, STORAGE_DOMAIN, TEMPLATE])
            .mandatory(&["(storage_domain.id|storage_domain.name)"]),
    ],
};

pub(super) static IMAGE_TRANSFER_SERVICE: Service = Service {
    name: "ImageTransferService",
    locators: &[],
    operations: &[
        Operation::action("cancel", "cancel"),
        Operation::action("extend", "extend"),
        Operation::action("finalize", "finalize"),
        Operation::get("get").gives("ImageTransfer").query(&[FOLLOW]),
        Operation::action("pause", "pause"),
        Operation::action("resume", "resume"),
    ],
};

pub(super) static IMAGE_TRANSFERS_SERVICE: Service = Service {
    name: "ImageTransfersService",
    locators: &[Locator::id("image_transfer", &IMAGE_TRANSFER_SERVICE)],
    operations: &[
        Operation::post("add").takes("ImageTransfer").gives("ImageTransfer"),
        Operation::post("add_for_disk")
            .takes("ImageTransfer")
            .gives("ImageTransfer")
            .mandatory(&["image_transfer.disk.id"])
            .variant_of("add"),
        Operation::post("add_for_image")
            .takes("ImageTransfer")
            .gives("ImageTransfer")
            .mandatory(&["image_transfer.image.id"])
            .variant_of("add")
            .deprecated(),
        Operation::post("add_for_snapshot")
            .takes("ImageTransfer")
            .gives("ImageTransfer")
            .mandatory(&["image_transfer.snapshot.id"])
            .variant_of("add"),
        Operation::get("list").gives_many("ImageTransfer").query(&[FOLLOW]),
    ],
};

pub(super) static IMAGES_SERVICE: Service = Service {
    name: "ImagesService",
    locators: &[Locator::id("image", &IMAGE_SERVICE)],
    operations: &[Operation::get("list").gives_many("Image").query(&[FOLLOW, MAX])],
};

pub(super) static OPENSTACK_IMAGE_PROVIDER_SERVICE: Service = Service {
    name: "OpenstackImageProviderService",
    locators: &[
        Locator::segment("certificates", "certificates", &EXTERNAL_PROVIDER_CERTIFICATES_SERVICE),
        Locator::segment("images", "images", &OPENSTACK_IMAGES_SERVICE),
    ],
    operations: &[
        Operation::get("get").gives("OpenStackImageProvider").query(&[FOLLOW]),
        Operation::action("import_certificates", "importcertificates")
            .parameters(&[CERTIFICATES])
            .mandatory(&["certificates[].content"]),
        Operation::delete("remove").query(&[ASYNC]),
        Operation::action("test_connectivity", "testconnectivity").parameters(&[ASYNC]),
        Operation::put("update").takes("OpenStackImageProvider").gives("OpenStackImageProvider").query(&[ASYNC]),
    ],
};

pub(super) static OPENSTACK_IMAGE_PROVIDERS_SERVICE: Service = Service {
    name: "OpenstackImageProvidersService",
    locators: &[Locator::id("provider", &OPENSTACK_IMAGE_PROVIDER_SERVICE)],
    operations: &[
        Operation::post("add")
            .takes("OpenStackImageProvider")
            .gives("OpenStackImageProvider")
            .mandatory(&["provider.name"]),
        Operation::get("list").gives_many("OpenStackImageProvider").query(&[FOLLOW, MAX, SEARCH]),
    ],
};

pub(super) static OPENSTACK_IMAGE_SERVICE: Service = Service {
    name: "OpenstackImageService",
    locators: &[],
    operations: &[
        Operation::get("get").gives("OpenStackImage").query(&[FOLLOW]),
        Operation::action("import", "import")
            .parameters(&[ASYNC, CLUSTER, DISK, IMPORT_AS_TEMPLATE, STORAGE_DOMAIN, TEMPLATE])
            .mandatory(&["(storage_domain.id|storage_domain.name)"]),
    ],
};

pub(super) static OPENSTACK_IMAGES_SERVICE: Service = Service {
    name: "OpenstackImagesService",
    locators: &[Locator::id("image", &OPENSTACK_IMAGE_SERVICE)],
    operations: &[Operation::get("list").gives_many("OpenStackImage").query(&[FOLLOW, MAX])],
};

pub(super) static SNAPSHOT_DISK_SERVICE: Service = Service {
    name: "SnapshotDiskService",
    locators: &[],
    operations: &[Operation::get("get").gives("Disk").query(&[FOLLOW])],
};

pub(super) static SNAPSHOT_DISKS_SERVICE: Service = Service {
    name: "SnapshotDisksService",
    locators: &[Locator::id("disk", &SNAPSHOT_DISK_SERVICE)],
    operations: &[Operation::get("list").gives_many("Disk").query(&[FOLLOW, MAX])],
};

pub(super) static STORAGE_DOMAIN_CONTENT_DISK_SERVICE: Service = Service {
    name: "StorageDomainContentDiskService",
    locators: &[],
    operations: &[Operation::get("get").gives("Disk").query(&[FILTER, FOLLOW]).priority(Priority::C)],
};

pub(super) static STORAGE_DOMAIN_CONTENT_DISKS_SERVICE: Service = Service {
    name: "StorageDomainContentDisksService",
    locators: &[Locator::id("disk", &STORAGE_DOMAIN_CONTENT_DISK_SERVICE)],
    operations: &[Operation::get("list")
        .gives_many("Disk")
        .query(&[CASE_SENSITIVE, FOLLOW, MAX, SEARCH])
        .priority(Priority::C)],
};

pub(super) static STORAGE_DOMAIN_DISK_SERVICE: Service = Service {
    name: "StorageDomainDiskService",
    locators: &[
        Locator::segment("permissions", "permissions", &ASSIGNED_PERMISSIONS_SERVICE),
        Locator::segment("statistics", "statistics", &STATISTICS_SERVICE),
    ],
    operations: &[
        Operation::action("copy", "copy").parameters(&[DISK, STORAGE_DOMAIN]).deprecated(),
        Operation::action("export", "export").parameters(&[STORAGE_DOMAIN]),
        Operation::get("get").gives("Disk").query(&[FOLLOW]),
        Operation::action("move", "move").parameters(&[ASYNC, FILTER, STORAGE_DOMAIN]),
        Operation::action("reduce", "reduce").parameters(&[ASYNC]),
        Operation::delete("remove"),
        Operation::action("sparsify", "sparsify"),
        Operation::put("update").takes("Disk").gives("Disk"),
    ],
};

pub(super) static STORAGE_DOMAIN_DISKS_SERVICE: Service = Service {
    name: "StorageDomainDisksService",
    locators: &[Locator::id("disk", &STORAGE_DOMAIN_DISK_SERVICE)],
    operations: &[
        Operation::post("add").takes("Disk").gives("Disk").query(&[UNREGISTERED]).deprecated(),
        Operation::get("list").gives_many("Disk").query(&[FOLLOW, MAX, UNREGISTERED]),
    ],
};

pub(super) static STORAGE_DOMAIN_VM_DISK_ATTACHMENT_SERVICE: Service = Service {
    name: "StorageDomainVmDiskAttachmentService",
    locators: &[],
    operations: &[Operation::get("get").gives("DiskAttachment").query(&[FOLLOW])],
};

pub(super) static STORAGE_DOMAIN_VM_DISK_ATTACHMENTS_SERVICE: Service = Service {
    name: "StorageDomainVmDiskAttachmentsService",
    locators: &[Locator::id("attachment", &STORAGE_DOMAIN_VM_DISK_ATTACHMENT_SERVICE)],
    operations: &[Operation::get("list").gives_many("DiskAttachment").query(&[FOLLOW])],
};

pub(super) static TEMPLATE_DISK_ATTACHMENT_SERVICE: Service = Service {
    name: "TemplateDiskAttachmentService",
    locators: &[],
    operations: &[
        Operation::get("get").gives("DiskAttachment").query(&[FOLLOW]),
        Operation::delete("remove").query(&[FORCE, STORAGE_DOMAIN_STRING]),
    ],
};

pub(super) static TEMPLATE_DISK_ATTACHMENTS_SERVICE: Service = Service {
    name: "TemplateDiskAttachmentsService",
    locators: &[Locator::id("attachment", &TEMPLATE_DISK_ATTACHMENT_SERVICE)],
    operations: &[Operation::get("list").gives_many("DiskAttachment").query(&[FOLLOW])],
};

pub(super) static TEMPLATE_DISK_SERVICE: Service = Service {
    name: "TemplateDiskService",
    locators: &[],
    operations: &[
        Operation::action("copy", "copy")
            .parameters(&[ASYNC, FILTER, STORAGE_DOMAIN])
            .mandatory(&["(storage_domain.id|storage_domain.name)"])
            .unmounted(),
        Operation::action("export", "export")
            .parameters(&[ASYNC, FILTER, STORAGE_DOMAIN])
            .mandatory(&["(storage_domain.id|storage_domain.name)"])
            .unmounted(),
        Operation::get("get").gives("Disk").query(&[FOLLOW]).unmounted(),
        Operation::delete("remove").query(&[ASYNC]).unmounted(),
    ],
};

pub(super) static TEMPLATE_DISKS_SERVICE: Service = Service {
    name: "TemplateDisksService",
    locators: &[Locator::id("disk", &TEMPLATE_DISK_SERVICE)],
    operations: &[Operation::get("list").gives_many("Disk").query(&[FOLLOW, MAX]).unmounted()],
};

pub(super) static VM_BACKUP_DISK_SERVICE: Service = Service {
    name: "VmBackupDiskService",
    locators: &[],
    operations: &[Operation::get("get").gives("Disk").query(&[FOLLOW])],
};

pub(super) static VM_BACKUP_DISKS_SERVICE: Service = Service {
    name: "VmBackupDisksService",
    locators: &[Locator::id("disk", &VM_BACKUP_DISK_SERVICE)],
    operations: &[Operation::get("list").gives_many("Disk").query(&[FOLLOW, MAX])],
};

pub(super) static VM_CHECKPOINT_DISK_SERVICE: Service = Service {
    name: "VmCheckpointDiskService",
    locators: &[],
    operations: &[Operation::get("get").gives("Disk").query(&[FOLLOW]).priority(Priority::B)],
};

pub(super) static VM_CHECKPOINT_DISKS_SERVICE: Service = Service {
    name: "VmCheckpointDisksService",
    locators: &[Locator::id("disk", &VM_CHECKPOINT_DISK_SERVICE)],
    operations: &[Operation::get("list").gives_many("Disk").query(&[FOLLOW, MAX]).priority(Priority::B)],
};

pub(super) static VM_DISK_SERVICE: Service = Service {
    name: "VmDiskService",
    locators: &[
        Locator::segment("permissions", "permissions", &ASSIGNED_PERMISSIONS_SERVICE),
        Locator::segment("statistics", "statistics", &STATISTICS_SERVICE),
    ],
    operations: &[
        Operation::action("activate", "activate").parameters(&[ASYNC]).unmounted(),
        Operation::action("deactivate", "deactivate").parameters(&[ASYNC]).unmounted(),
        Operation::action("export", "export").parameters(&[ASYNC, FILTER]).unmounted(),
        Operation::get("get").gives("Disk").query(&[FOLLOW]).unmounted(),
        Operation::action("move", "move").parameters(&[ASYNC, FILTER]).unmounted(),
        Operation::action("reduce", "reduce").parameters(&[ASYNC]).unmounted(),
        Operation::delete("remove").query(&[ASYNC]).unmounted(),
        Operation::put("update").takes("Disk").gives("Disk").query(&[ASYNC]).unmounted(),
    ],
};

pub(super) static VM_DISKS_SERVICE: Service = Service {
    name: "VmDisksService",
    locators: &[Locator::id("disk", &VM_DISK_SERVICE)],
    operations: &[
        Operation::post("add").takes("Disk").gives("Disk").unmounted(),
        Operation::get("list").gives_many("Disk").query(&[FOLLOW, MAX]).unmounted(),
    ],
};

/// Every service of this file.
pub(super) static SERVICES: &[&Service] = &[
    &ASSIGNED_DISK_PROFILE_SERVICE,
    &ASSIGNED_DISK_PROFILES_SERVICE,
    &ATTACHED_STORAGE_DOMAIN_DISK_SERVICE,
    &ATTACHED_STORAGE_DOMAIN_DISKS_SERVICE,
    &DISK_PROFILE_SERVICE,
    &DISK_PROFILES_SERVICE,
    &DISK_SERVICE,
    &DISK_SNAPSHOT_SERVICE,
    &DISK_SNAPSHOTS_SERVICE,
    &DISKS_SERVICE,
    &IMAGE_SERVICE,
    &IMAGE_TRANSFER_SERVICE,
    &IMAGE_TRANSFERS_SERVICE,
    &IMAGES_SERVICE,
    &OPENSTACK_IMAGE_PROVIDER_SERVICE,
    &OPENSTACK_IMAGE_PROVIDERS_SERVICE,
    &OPENSTACK_IMAGE_SERVICE,
    &OPENSTACK_IMAGES_SERVICE,
    &SNAPSHOT_DISK_SERVICE,
    &SNAPSHOT_DISKS_SERVICE,
    &STORAGE_DOMAIN_CONTENT_DISK_SERVICE,
    &STORAGE_DOMAIN_CONTENT_DISKS_SERVICE,
    &STORAGE_DOMAIN_DISK_SERVICE,
    &STORAGE_DOMAIN_DISKS_SERVICE,
    &STORAGE_DOMAIN_VM_DISK_ATTACHMENT_SERVICE,
    &STORAGE_DOMAIN_VM_DISK_ATTACHMENTS_SERVICE,
    &TEMPLATE_DISK_ATTACHMENT_SERVICE,
    &TEMPLATE_DISK_ATTACHMENTS_SERVICE,
    &TEMPLATE_DISK_SERVICE,
    &TEMPLATE_DISKS_SERVICE,
    &VM_BACKUP_DISK_SERVICE,
    &VM_BACKUP_DISKS_SERVICE,
    &VM_CHECKPOINT_DISK_SERVICE,
    &VM_CHECKPOINT_DISKS_SERVICE,
    &VM_DISK_SERVICE,
    &VM_DISKS_SERVICE,
];
