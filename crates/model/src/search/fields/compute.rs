//! Fields of VMs, templates and their NICs.

use super::*;

const VM_STATUS: FieldKind = FieldKind::Word(&[
    ("down", "down"),
    ("up", "up"),
    ("poweringup", "powering_up"),
    ("poweringdown", "powering_down"),
    ("paused", "paused"),
    ("migrating", "migrating"),
    ("migratingfrom", "migrating"),
    ("migratingto", "migrating"),
    ("unknown", "unknown"),
    ("notresponding", "not_responding"),
    ("waitforlaunch", "wait_for_launch"),
    ("rebootinprogress", "reboot_in_progress"),
    ("imagelocked", "image_locked"),
    ("unassigned", "unassigned"),
    ("savingstate", "saving_state"),
    ("restoringstate", "restoring_state"),
    ("suspended", "suspended"),
    ("imageillegal", "image_illegal"),
]);

const WORKLOADS: FieldKind =
    FieldKind::Word(&[("desktop", "desktop"), ("server", "server"), ("highperformance", "high_performance")]);

const FIRMWARES: FieldKind = FieldKind::Word(&[
    ("i440fx_sea_bios", "i440fx_bios"),
    ("q35_sea_bios", "q35_bios"),
    ("q35_ovmf", "q35_uefi"),
    ("q35_secure_boot", "q35_secure_boot"),
]);

const TEMPLATE_STATUS: FieldKind = FieldKind::Word(&[("ok", "ok"), ("locked", "locked"), ("illegal", "illegal")]);

pub(super) const VM: Searchable = Searchable {
    fields: &[
        text("name"),
        text("comment"),
        text("description"),
        field("status", VM_STATUS),
        text("ip"),
        text("fqdn"),
        text("on_host"),
        text("address"),
        field("uptime", FieldKind::Span),
        field("os", FieldKind::OperatingSystem),
        field("creationdate", FieldKind::Moment),
        field("cpu_usage", FieldKind::Integer),
        field("mem_usage", FieldKind::Integer),
        field("network_usage", FieldKind::Integer),
        field("memory", MIB),
        field("guaranteed_memory", MIB),
        field("migration_progress_percent", FieldKind::Integer),
        field("apps", FieldKind::Text),
        text("cluster"),
        text("datacenter"),
        text("pool"),
        text("quota"),
        text("loggedinuser"),
        text("tag"),
        field("type", WORKLOADS),
        id("id"),
        field("architecture", ARCHITECTURES),
        text("custom_emulated_machine"),
        text("custom_cpu_type"),
        text("compatibility_level"),
        field("custom_compatibility_level", FieldKind::Text),
        id("created_by_user_id"),
        field("next_run_config_exists", FieldKind::Flag),
        field("has_illegal_images", FieldKind::Flag),
        field("bios_type", FIRMWARES),
        field("vcpus", FieldKind::Integer),
        field("k8s_namespace", FieldKind::Text),
    ],
    aliases: &[("host", "on_host")],
    relations: &[Entity::Host, Entity::Template, Entity::Event, Entity::User, Entity::StorageDomain, Entity::Nic],
};

pub(super) const TEMPLATE: Searchable = Searchable {
    fields: &[
        text("name"),
        text("comment"),
        text("description"),
        field("os", FieldKind::OperatingSystem),
        field("creationdate", FieldKind::Moment),
        field("childcount", FieldKind::Integer),
        field("mem", MIB),
        field("status", TEMPLATE_STATUS),
        field("sealed", FieldKind::Flag),
        text("cluster"),
        text("datacenter"),
        text("quota"),
        field("architecture", ARCHITECTURES),
        text("version_name"),
        text("tag"),
        id("id"),
    ],
    aliases: &[("_vmt_id", "id"), ("memory", "mem")],
    relations: &[Entity::Vm, Entity::Host, Entity::Event, Entity::User, Entity::StorageDomain, Entity::Nic],
};

pub(super) const NIC: Searchable = Searchable {
    fields: &[ordered("mac"), ordered("network_name"), text("name"), id("id")],
    aliases: &[],
    relations: &[],
};
