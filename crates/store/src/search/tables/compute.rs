//! VMs, templates and their NICs. The status expressions say in SQL what the life-cycle modules of the model say.

use ferrovirt_model::search::Entity;

use super::{Column, EntitySql, column, many, nothing};

/// As `vm::lifecycle::status`; a guest without an agent counts as up after a minute.
const VM_STATUS: &str = "case
    when r.vm_id is null then case vm.lock_purpose
        when 'starting' then 'wait_for_launch' when 'stopping' then 'powering_down'
        when 'images' then 'image_locked' else 'down' end
    when r.phase in ('promised', 'starting') then 'wait_for_launch'
    when r.phase = 'shutting_down' then 'powering_down'
    when r.phase = 'rebooting' then 'reboot_in_progress'
    when r.phase in ('migrating_out', 'migrating_in') then 'migrating'
    when r.phase <> 'running' then r.phase
    when vm.lock_purpose = 'migrating' then 'migrating'
    when vm.lock_purpose = 'starting' then 'powering_up'
    when vm.lock_purpose = 'stopping' then 'powering_down'
    when r.guest_agent or r.started_at <= extract(epoch from now()) * 1000 - 60000 then 'up'
    else 'powering_up' end";

pub(super) static VM: EntitySql = EntitySql {
    from: "vm left join vm_run r on r.vm_id = vm.id and r.owner left join vm_facts f on f.vm_id = vm.id",
    joins: &[
        ("s_measured", "left join vm_statistics s_measured on s_measured.vm_id = vm.id"),
        ("s_cluster", "join cluster s_cluster on s_cluster.id = vm.cluster_id"),
        ("s_host", "left join host s_host on s_host.id = r.host_id"),
    ],
    order: "lower(vm.name), vm.id",
    columns: VM_COLUMNS,
    links: &[
        (Entity::Host, "host.id = r.host_id"),
        (Entity::Template, "template.id = vm.template_id"),
        (Entity::Event, "event.vm_id = vm.id"),
        (Entity::User, "app_user.id in (select p.user_id from permission p where p.object_id = vm.id)"),
        (
            Entity::StorageDomain,
            "storage_domain.id in (select sv.domain_id from volume sv join disk_attachment sa on sa.disk_id = sv.disk_id
                where sa.vm_id = vm.id)",
        ),
        (Entity::Nic, "nic.vm_id = vm.id"),
    ],
};

const VM_COLUMNS: &[Column] = &[
    column("name", "vm.name"),
    column("comment", "vm.definition->>'comment'"),
    column("description", "vm.definition->>'description'"),
    column("status", VM_STATUS),
    many(
        "ip",
        "s_address.value",
        "from jsonb_array_elements(coalesce(f.guest->'nics', '[]')) s_nic,
            jsonb_array_elements_text(s_nic.value->'addresses') s_address where r.vm_id is not null",
    ),
    column("fqdn", "f.guest->>'fqdn'"),
    column("on_host", "s_host.name"),
    column("address", "s_host.address"),
    column("uptime", "(s_measured.statistics->>'elapsed_seconds')::bigint"),
    column("os", "(vm.definition->>'os')::bigint"),
    column("creationdate", "vm.created_at"),
    column("cpu_usage", "round((s_measured.statistics->>'cpu_total_percent')::numeric)::bigint"),
    column(
        "mem_usage",
        "round((s_measured.statistics->>'memory_used')::numeric * 100
            / nullif((s_measured.statistics->>'memory_installed')::numeric, 0))::bigint",
    ),
    // The load of the busiest NIC in percent of a gigabit, as its statistic has it.
    column(
        "network_usage",
        "(select round(max(greatest((s_nic.value->>'received_bytes_per_second')::numeric,
                (s_nic.value->>'sent_bytes_per_second')::numeric)) / 1250000)::bigint
            from jsonb_each(s_measured.statistics->'nics') s_nic)",
    ),
    column("memory", "(vm.definition->>'memory')::bigint"),
    column("guaranteed_memory", "(vm.definition->>'memory_guaranteed')::bigint"),
    column("migration_progress_percent", "(r.migration->>'percent')::bigint"),
    many(
        "apps",
        "concat(s_package.value->>'name', '-', s_package.value->>'version')",
        "from jsonb_array_elements(coalesce(f.packages, '[]')) s_package where true",
    ),
    column("cluster", "s_cluster.name"),
    column(
        "datacenter",
        "(select s_dc.name from data_center s_dc join cluster s_c on s_c.data_center_id = s_dc.id
        where s_c.id = vm.cluster_id)",
    ),
    nothing("pool"),
    nothing("quota"),
    many(
        "loggedinuser",
        "s_session.value->>'user'",
        "from jsonb_array_elements(coalesce(f.guest->'sessions', '[]')) s_session where r.vm_id is not null",
    ),
    many(
        "tag",
        "s_tag.name",
        "from tag s_tag join tag_assignment s_on on s_on.tag_id = s_tag.id where s_on.object_id = vm.id",
    ),
    column("type", "vm.definition->>'workload'"),
    column("id", "vm.id"),
    column("architecture", "coalesce(s_cluster.settings->>'architecture', 'undefined')"),
    column("custom_emulated_machine", "vm.definition->>'machine'"),
    column("custom_cpu_type", "vm.definition->'cpu'->>'model'"),
    column("compatibility_level", "concat(s_cluster.settings->'version'->>0, '.', s_cluster.settings->'version'->>1)"),
    column(
        "custom_compatibility_level",
        "nullif(concat(vm.definition->'compatibility'->>0, '.', vm.definition->'compatibility'->>1), '.')",
    ),
    column("created_by_user_id", "vm.created_by"),
    column("next_run_config_exists", "(vm.next_run is not null)"),
    column(
        "has_illegal_images",
        "exists (select 1 from disk_attachment s_a join disk s_d on s_d.id = s_a.disk_id
            where s_a.vm_id = vm.id and s_d.state = 'illegal')",
    ),
    column("bios_type", "coalesce(vm.definition->>'firmware', s_cluster.settings->>'firmware')"),
    nothing("k8s_namespace"),
    column(
        "vcpus",
        "(vm.definition->'cpu'->>'sockets')::bigint * (vm.definition->'cpu'->>'cores')::bigint
            * (vm.definition->'cpu'->>'threads')::bigint",
    ),
];

pub(super) static TEMPLATE: EntitySql = EntitySql {
    from: "template",
    joins: &[("s_cluster", "left join cluster s_cluster on s_cluster.id = template.cluster_id")],
    order: "lower(template.name), template.version_number, template.id",
    columns: &[
        column("name", "template.name"),
        column("comment", "template.definition->>'comment'"),
        column("description", "template.definition->>'description'"),
        column("os", "(template.definition->>'os')::bigint"),
        column("creationdate", "template.created_at"),
        column("childcount", "(select count(*) from vm s_vm where s_vm.template_id = template.id)"),
        column("mem", "(template.definition->>'memory')::bigint"),
        column(
            "status",
            "case when template.lock_job_id is not null then 'locked' when template.illegal then 'illegal' else 'ok' end",
        ),
        column("sealed", "template.sealed"),
        column("cluster", "s_cluster.name"),
        column("datacenter", "(select s_dc.name from data_center s_dc where s_dc.id = s_cluster.data_center_id)"),
        nothing("quota"),
        column("architecture", "coalesce(s_cluster.settings->>'architecture', 'undefined')"),
        column("version_name", "template.version_name"),
        many(
            "tag",
            "s_tag.name",
            "from tag s_tag join tag_assignment s_on on s_on.tag_id = s_tag.id
                where s_on.object_id = template.id and s_on.object_kind = 'template'",
        ),
        column("id", "template.id"),
    ],
    links: &[
        (Entity::Vm, "vm.template_id = template.id"),
        (
            Entity::Host,
            "host.id in (select s_r.host_id from vm_run s_r join vm s_vm on s_vm.id = s_r.vm_id
                where s_r.owner and s_vm.template_id = template.id)",
        ),
        (Entity::Event, "event.template_id = template.id"),
        (
            Entity::User,
            "app_user.id in (select p.user_id from permission p
                where p.object_id = template.id and p.object_kind = 'template')",
        ),
        (
            Entity::StorageDomain,
            "storage_domain.id in (select sv.domain_id from volume sv join disk_attachment sa on sa.disk_id = sv.disk_id
                where sa.template_id = template.id)",
        ),
        (Entity::Nic, "nic.template_id = template.id"),
    ],
};

pub(super) static NIC: EntitySql = EntitySql {
    from: "nic",
    joins: &[],
    order: "nic.name, nic.id",
    columns: &[
        column("mac", "nic.mac_address"),
        column(
            "network_name",
            "(select s_n.name from network s_n join vnic_profile s_p on s_p.network_id = s_n.id
                where s_p.id = nic.profile_id)",
        ),
        column("name", "nic.name"),
        column("id", "nic.id"),
    ],
    links: &[],
};
