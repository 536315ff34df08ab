//! Services that several areas share. Which operations exist, not what they do.

use super::*;

pub(super) static AFFINITY_LABEL_HOST_SERVICE: Service = Service {
    name: "AffinityLabelHostService",
    locators: &[],
    operations: &[Operation::get("get").gives("Host").query(&[FOLLOW]), Operation::delete("remove")],
};

pub(super) static AFFINITY_LABEL_HOSTS_SERVICE: Service = Service {
    name: "AffinityLabelHostsService",
    locators: &[Locator::id("host", &AFFINITY_LABEL_HOST_SERVICE)],
    operations: &[
        Operation::post("add").takes("Host").gives("Host"),
        Operation::get("list").gives_many("Host").query(&[FOLLOW]),
    ],
};

pub(super) static AFFINITY_LABEL_SERVICE: Service = Service {
    name: "AffinityLabelService",
    locators: &[
        Locator::segment("hosts", "hosts", &AFFINITY_LABEL_HOSTS_SERVICE),
        Locator::segment("vms", "vms", &AFFINITY_LABEL_VMS_SERVICE),
    ],
    operations: &[
        Operation::get("get").gives("AffinityLabel").query(&[FOLLOW]),
        Operation::delete("remove"),
        Operation::put("update").takes("AffinityLabel").gives("AffinityLabel"),
    ],
};

pub(super) static AFFINITY_LABEL_VM_SERVICE: Service = Service {
    name: "AffinityLabelVmService",
    locators: &[],
    operations: &[Operation::get("get").gives("Vm").query(&[FOLLOW]), Operation::delete("remove")],
};

pub(super) static AFFINITY_LABEL_VMS_SERVICE: Service = Service {
    name: "AffinityLabelVmsService",
    locators: &[Locator::id("vm", &AFFINITY_LABEL_VM_SERVICE)],
    operations: &[
        Operation::post("add").takes("Vm").gives("Vm"),
        Operation::get("list").gives_many("Vm").query(&[FOLLOW]),
    ],
};

pub(super) static AFFINITY_LABELS_SERVICE: Service = Service {
    name: "AffinityLabelsService",
    locators: &[Locator::id("label", &AFFINITY_LABEL_SERVICE)],
    operations: &[
        Operation::post("add").takes("AffinityLabel").gives("AffinityLabel"),
        Operation::get("list").gives_many("AffinityLabel").query(&[FOLLOW, MAX]),
    ],
};

pub(super) static ASSIGNED_AFFINITY_LABEL_SERVICE: Service = Service {
    name: "AssignedAffinityLabelService",
    locators: &[],
    operations: &[Operation::get("get").gives("AffinityLabel").query(&[FOLLOW]), Operation::delete("remove")],
};

pub(super) static ASSIGNED_AFFINITY_LABELS_SERVICE: Service = Service {
    name: "AssignedAffinityLabelsService",
    locators: &[Locator::id("label", &ASSIGNED_AFFINITY_LABEL_SERVICE)],
    operations: &[
        Operation::post("add").takes("AffinityLabel").gives("AffinityLabel"),
        Operation::get("list").gives_many("AffinityLabel").query(&[FOLLOW]),
    ],
};

pub(super) static CLUSTER_ENABLED_FEATURE_SERVICE: Service = Service {
    name: "ClusterEnabledFeatureService",
    locators: &[],
    operations: &[Operation::get("get").gives("ClusterFeature").query(&[FOLLOW]), Operation::delete("remove")],
};

pub(super) static CLUSTER_ENABLED_FEATURES_SERVICE: Service = Service {
    name: "ClusterEnabledFeaturesService",
    locators: &[Locator::id("feature", &CLUSTER_ENABLED_FEATURE_SERVICE)],
    operations: &[
        Operation::post("add").takes("ClusterFeature").gives("ClusterFeature").mandatory(&["feature.id"]),
        Operation::get("list").gives_many("ClusterFeature").query(&[FOLLOW]),
    ],
};

pub(super) static CLUSTER_FEATURE_SERVICE: Service = Service {
    name: "ClusterFeatureService",
    locators: &[],
    operations: &[Operation::get("get").gives("ClusterFeature").query(&[FOLLOW]).priority(Priority::B)],
};

pub(super) static CLUSTER_FEATURES_SERVICE: Service = Service {
    name: "ClusterFeaturesService",
    locators: &[Locator::id("feature", &CLUSTER_FEATURE_SERVICE)],
    operations: &[Operation::get("list").gives_many("ClusterFeature").query(&[FOLLOW]).priority(Priority::B)],
};

pub(super) static CLUSTER_LEVEL_SERVICE: Service = Service {
    name: "ClusterLevelService",
    locators: &[Locator::segment("cluster_features", "clusterfeatures", &CLUSTER_FEATURES_SERVICE)],
    operations: &[Operation::get("get").gives("ClusterLevel").query(&[FOLLOW])],
};

pub(super) static CLUSTER_LEVELS_SERVICE: Service = Service {
    name: "ClusterLevelsService",
    locators: &[Locator::id("level", &CLUSTER_LEVEL_SERVICE)],
    operations: &[Operation::get("list").gives_many("ClusterLevel").query(&[FOLLOW])],
};

pub(super) static DISK_ATTACHMENT_SERVICE: Service = Service {
    name: "DiskAttachmentService",
    locators: &[],
    operations: &[
        Operation::get("get").gives("DiskAttachment").query(&[FOLLOW]),
        Operation::delete("remove").query(&[DETACH_ONLY]),
        Operation::put("update").takes("DiskAttachment").gives("DiskAttachment"),
    ],
};

pub(super) static DISK_ATTACHMENTS_SERVICE: Service = Service {
    name: "DiskAttachmentsService",
    locators: &[Locator::id("attachment", &DISK_ATTACHMENT_SERVICE)],
    operations: &[
        Operation::post("add").takes("DiskAttachment").gives("DiskAttachment"),
        Operation::post("add_providing_disk_id")
            .takes("DiskAttachment")
            .gives("DiskAttachment")
            .mandatory(&["attachment.disk.id"])
            .variant_of("add"),
        Operation::post("add_signature1")
            .takes("DiskAttachment")
            .gives("DiskAttachment")
            .mandatory(&["attachment.bootable", "attachment.interface", "attachment.pass_discard"])
            .variant_of("add"),
        Operation::get("list").gives_many("DiskAttachment").query(&[FOLLOW]),
    ],
};

pub(super) static MEASURABLE_SERVICE: Service = Service {
    name: "MeasurableService",
    locators: &[Locator::segment("statistics", "statistics", &STATISTICS_SERVICE)],
    operations: &[],
};

pub(super) static SYSTEM_OPTION_SERVICE: Service = Service {
    name: "SystemOptionService",
    locators: &[],
    operations: &[Operation::get("get").gives("SystemOption").query(&[VERSION])],
};

pub(super) static SYSTEM_OPTIONS_SERVICE: Service = Service {
    name: "SystemOptionsService",
    locators: &[Locator::id("option", &SYSTEM_OPTION_SERVICE)],
    operations: &[],
};

/// Every service of this file.
pub(super) static SERVICES: &[&Service] = &[
    &AFFINITY_LABEL_HOST_SERVICE,
    &AFFINITY_LABEL_HOSTS_SERVICE,
    &AFFINITY_LABEL_SERVICE,
    &AFFINITY_LABEL_VM_SERVICE,
    &AFFINITY_LABEL_VMS_SERVICE,
    &AFFINITY_LABELS_SERVICE,
    &ASSIGNED_AFFINITY_LABEL_SERVICE,
    &ASSIGNED_AFFINITY_LABELS_SERVICE,
    &CLUSTER_ENABLED_FEATURE_SERVICE,
    &CLUSTER_ENABLED_FEATURES_SERVICE,
    &CLUSTER_FEATURE_SERVICE,
    &CLUSTER_FEATURES_SERVICE,
    &CLUSTER_LEVEL_SERVICE,
    &CLUSTER_LEVELS_SERVICE,
    &DISK_ATTACHMENT_SERVICE,
    &DISK_ATTACHMENTS_SERVICE,
    &MEASURABLE_SERVICE,
    &SYSTEM_OPTION_SERVICE,
    &SYSTEM_OPTIONS_SERVICE,
];
