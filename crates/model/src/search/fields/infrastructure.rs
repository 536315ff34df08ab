//! Fields of hosts, clusters, data centres, storage domains, disks, networks and profiles.

use super::*;

const HOST_STATUS: FieldKind = FieldKind::Word(&[
    ("up", "up"),
    ("down", "down"),
    ("maintenance", "maintenance"),
    ("preparingformaintenance", "preparing_for_maintenance"),
    ("nonresponsive", "non_responsive"),
    ("nonoperational", "non_operational"),
    ("pendingapproval", "pending_approval"),
    ("installing", "installing"),
    ("installfailed", "install_failed"),
    ("initializing", "initializing"),
    ("connecting", "connecting"),
    ("unassigned", "unassigned"),
    ("error", "error"),
    ("reboot", "reboot"),
    ("installingos", "installing_os"),
    ("kdumping", "kdumping"),
]);

const DOMAIN_STATUS: FieldKind = FieldKind::Word(&[
    ("active", "active"),
    ("inactive", "inactive"),
    ("unattached", "unattached"),
    ("maintenance", "maintenance"),
    ("preparingformaintenance", "preparing_for_maintenance"),
    ("activating", "activating"),
    ("detaching", "detaching"),
    ("locked", "locked"),
    ("unknown", "unknown"),
    ("uninitialized", "uninitialized"),
]);

const SHARED_STATUS: FieldKind = FieldKind::Word(&[
    ("unattached", "unattached"),
    ("active", "active"),
    ("inactive", "inactive"),
    ("mixed", "mixed"),
]);

const EXTERNAL_STATUS: FieldKind = FieldKind::Word(&[
    ("ok", "ok"),
    ("info", "info"),
    ("warning", "warning"),
    ("error", "error"),
    ("failure", "failure"),
]);

const STORAGE_KINDS: FieldKind = FieldKind::Word(&[
    ("nfs", "nfs"),
    ("localfs", "localfs"),
    ("posixfs", "posixfs"),
    ("fcp", "fcp"),
    ("iscsi", "iscsi"),
    ("glusterfs", "glusterfs"),
    ("glance", "glance"),
    ("cinder", "cinder"),
    ("managed_block_storage", "managed_block_storage"),
    ("unmanaged", "unmanaged"),
    ("unknown", "unknown"),
]);

const DATA_CENTER_STATUS: FieldKind = FieldKind::Word(&[
    ("up", "up"),
    ("maintenance", "maintenance"),
    ("uninitialized", "uninitialized"),
    ("notoperational", "not_operational"),
    ("nonresponsive", "problematic"),
    ("contend", "contend"),
]);

const DISK_STATUS: FieldKind =
    FieldKind::Word(&[("ok", "ok"), ("locked", "locked"), ("illegal", "illegal"), ("unassigned", "unassigned")]);

const DISK_KINDS: FieldKind = FieldKind::Word(&[
    ("image", "image"),
    ("lun", "lun"),
    ("cinder", "cinder"),
    ("managed_block_storage", "managed_block_storage"),
    ("kubernetes", "kubernetes"),
]);

const DISK_CONTENTS: FieldKind = FieldKind::Word(&[
    ("data", "data"),
    ("iso", "iso"),
    ("ovf_store", "ovf_store"),
    ("memory_dump_volume", "memory_dump_volume"),
    ("memory_metadata_volume", "memory_metadata_volume"),
    ("hosted_engine", "hosted_engine"),
    ("hosted_engine_sanlock", "hosted_engine_sanlock"),
    ("hosted_engine_metadata", "hosted_engine_metadata"),
    ("hosted_engine_configuration", "hosted_engine_configuration"),
    ("backup_scratch", "backup_scratch"),
]);

const ALLOCATIONS: FieldKind =
    FieldKind::Word(&[("sparse", "sparse"), ("preallocated", "preallocated"), ("unassigned", "unassigned")]);

const HOST_KINDS: FieldKind = FieldKind::Word(&[("rhel", "rhel"), ("rhevh", "rhevh")]);

pub(super) const HOST: Searchable = Searchable {
    fields: &[
        text("name"),
        text("comment"),
        field("status", HOST_STATUS),
        field("external_status", EXTERNAL_STATUS),
        text("cluster"),
        text("datacenter"),
        text("address"),
        field("cpu_usage", FieldKind::Integer),
        field("mem_usage", FieldKind::Integer),
        field("network_usage", FieldKind::Integer),
        field("load", FieldKind::Decimal),
        text("version"),
        field("cpus", FieldKind::Integer),
        field("memory", MIB),
        field("cpu_speed", FieldKind::Decimal),
        text("cpu_model"),
        field("active_vms", FieldKind::Integer),
        field("migrating_vms", FieldKind::Integer),
        field("committed_mem", MIB),
        text("tag"),
        field("type", HOST_KINDS),
        field("architecture", ARCHITECTURES),
        field("update_available", FieldKind::Flag),
        field("ha_score", FieldKind::Integer),
        field("spm_id", FieldKind::Integer),
        field("hw_id", FieldKind::Text),
        id("id"),
    ],
    aliases: &[],
    relations: &[Entity::Vm, Entity::Template, Entity::Event, Entity::User, Entity::StorageDomain, Entity::HostNic],
};

pub(super) const HOST_NIC: Searchable = Searchable {
    fields: &[ordered("mac"), ordered("network_name"), text("name"), id("id")],
    aliases: &[],
    relations: &[],
};

pub(super) const CLUSTER: Searchable = Searchable {
    fields: &[
        text("name"),
        text("comment"),
        text("description"),
        text("cpu_type"),
        field("compatibility_level", FieldKind::Text),
        field("architecture", ARCHITECTURES),
        id("id"),
    ],
    aliases: &[],
    relations: &[Entity::DataCenter, Entity::StorageDomain, Entity::ClusterNetwork],
};

pub(super) const DATA_CENTER: Searchable = Searchable {
    fields: &[
        text("name"),
        text("comment"),
        text("description"),
        text("compatibility_version"),
        field("local", FieldKind::Flag),
        field("status", DATA_CENTER_STATUS),
        id("id"),
    ],
    aliases: &[],
    relations: &[Entity::Cluster, Entity::StorageDomain, Entity::Network],
};

pub(super) const STORAGE_DOMAIN: Searchable = Searchable {
    fields: &[
        text("name"),
        text("comment"),
        text("description"),
        field("status", DOMAIN_STATUS),
        field("shared_status", SHARED_STATUS),
        field("external_status", EXTERNAL_STATUS),
        text("datacenter"),
        field("type", STORAGE_KINDS),
        field("free_size", GIB),
        field("used_size", GIB),
        field("total_size", GIB),
        field("committed", GIB),
        field("low_space_threshold", FieldKind::Integer),
        field("critical_space_threshold", FieldKind::Integer),
        field("wipe_after_delete", FieldKind::Flag),
        field("discard_after_delete", FieldKind::Flag),
        field("backup", FieldKind::Flag),
        id("id"),
    ],
    aliases: &[("size", "free_size")],
    relations: &[Entity::Host, Entity::Cluster],
};

pub(super) const DISK: Searchable = Searchable {
    fields: &[
        text("alias"),
        text("description"),
        field("provisioned_size", BYTES),
        field("actual_size", BYTES),
        field("creation_date", FieldKind::Moment),
        field("last_modified", FieldKind::Moment),
        field("shareable", FieldKind::Flag),
        field("status", DISK_STATUS),
        field("disk_type", DISK_KINDS),
        field("disk_content_type", DISK_CONTENTS),
        field("allocation_policy", ALLOCATIONS),
        field("number_of_vms", FieldKind::Integer),
        text("vm_names"),
        text("quota"),
        field("wipe_after_delete", FieldKind::Flag),
        id("id"),
    ],
    aliases: &[("name", "alias"), ("size", "provisioned_size")],
    relations: &[Entity::DataCenter, Entity::StorageDomain, Entity::Vm],
};

pub(super) const NETWORK: Searchable = Searchable {
    fields: &[
        ordered("name"),
        ordered("comment"),
        ordered("description"),
        field("vlanid", FieldKind::Integer),
        field("stp", FieldKind::Flag),
        field("mtu", FieldKind::Integer),
        field("vmnetwork", FieldKind::Flag),
        ordered("datacenter"),
        ordered("label"),
        ordered("provider_name"),
        ordered("qos_name"),
        id("id"),
    ],
    aliases: &[("qos", "qos_name")],
    relations: &[Entity::ClusterNetwork, Entity::HostNetwork, Entity::Provider],
};

pub(super) const CLUSTER_NETWORK: Searchable =
    Searchable { fields: &[ordered("cluster_name"), ordered("network_name")], aliases: &[], relations: &[] };

pub(super) const HOST_NETWORK: Searchable =
    Searchable { fields: &[ordered("host_name")], aliases: &[], relations: &[] };

pub(super) const VNIC_PROFILE: Searchable = Searchable {
    fields: &[
        ordered("name"),
        ordered("description"),
        ordered("datacenter"),
        ordered("network_name"),
        ordered("network_filter"),
        ordered("compatibility_version"),
        ordered("qos_name"),
        field("passthrough", FieldKind::Flag),
        field("port_mirroring", FieldKind::Flag),
        ordered("failover"),
        id("id"),
    ],
    aliases: &[],
    relations: &[],
};

const VOLUME_STATUS: FieldKind =
    FieldKind::Word(&[("up", "up"), ("down", "down"), ("warning", "warning"), ("unknown", "unknown")]);

const VOLUME_KINDS: FieldKind = FieldKind::Word(&[
    ("distribute", "distribute"),
    ("replicate", "replicate"),
    ("distributed_replicate", "distributed_replicate"),
    ("stripe", "stripe"),
    ("distributed_stripe", "distributed_stripe"),
    ("striped_replicate", "striped_replicate"),
    ("distributed_striped_replicate", "distributed_striped_replicate"),
    ("disperse", "disperse"),
    ("distributed_disperse", "distributed_disperse"),
    ("tier", "tier"),
    ("unknown", "unknown"),
]);

pub(super) const VOLUME: Searchable = Searchable {
    fields: &[
        text("name"),
        field("type", VOLUME_KINDS),
        field("transport_type", FieldKind::Word(&[("tcp", "tcp"), ("rdma", "rdma")])),
        field("replica_count", FieldKind::Integer),
        field("stripe_count", FieldKind::Integer),
        field("status", VOLUME_STATUS),
    ],
    aliases: &[],
    relations: &[],
};

const ENFORCEMENTS: FieldKind = FieldKind::Ranked(&[
    ("disabled", "disabled"),
    ("soft_enforcement", "soft_enforcement"),
    ("hard_enforcement", "hard_enforcement"),
]);

pub(super) const QUOTA: Searchable = Searchable {
    fields: &[
        ordered("name"),
        ordered("description"),
        ordered("storagepoolname"),
        field("thresholdstoragepercentage", FieldKind::Integer),
        field("thresholdclusterpercentage", FieldKind::Integer),
        field("gracestoragepercentage", FieldKind::Integer),
        field("graceclusterpercentage", FieldKind::Integer),
        field("enforcementtype", ENFORCEMENTS),
    ],
    aliases: &[],
    relations: &[],
};

const PROVIDER_KINDS: FieldKind = FieldKind::Word(&[
    ("openstack_network", "openstack_network"),
    ("foreman", "foreman"),
    ("openstack_image", "openstack_image"),
    ("openstack_volume", "openstack_volume"),
    ("vmware", "vmware"),
    ("external_network", "external_network"),
    ("kvm", "kvm"),
    ("xen", "xen"),
    ("kubevirt", "kubevirt"),
]);

pub(super) const PROVIDER: Searchable = Searchable {
    fields: &[text("name"), text("description"), text("url"), field("type", PROVIDER_KINDS)],
    aliases: &[],
    relations: &[],
};
