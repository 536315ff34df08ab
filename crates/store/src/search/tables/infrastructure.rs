//! Hosts, clusters, data centres, storage domains, disks, networks and profiles.

use ferrovirt_model::search::Entity;

use super::{Column, EntitySql, column, many, no_number, nothing};

/// As `host::lifecycle::status`.
const HOST_STATUS: &str = "case
    when host.intent in ('pending_approval', 'installing', 'install_failed', 'maintenance') then host.intent
    when host.link = 'non_responsive' then 'non_responsive'
    when host.intent = 'preparing_for_maintenance' then host.intent
    when host.link <> 'connected' then host.link
    when host.problem is not null then 'non_operational'
    else 'up' end";

/// As `storage::lifecycle::status`.
const DOMAIN_STATUS: &str = "case
    when storage_domain.data_center_id is null
        then case when storage_domain.lock_job_id is null then 'unattached' else 'locked' end
    when storage_domain.intent = 'attaching' then 'locked'
    when storage_domain.intent <> 'active' then storage_domain.intent
    when storage_domain.ready then 'active'
    when exists (select 1 from host s_h join cluster s_c on s_c.id = s_h.cluster_id
        where s_c.data_center_id = storage_domain.data_center_id and s_h.intent = 'active' and s_h.link = 'connected'
            and s_h.problem is null) then 'inactive'
    else 'unknown' end";

const COMMITTED: &str = "(select coalesce(sum(greatest(s_d.provisioned_size, s_v.actual_size)), 0)::bigint
    from volume s_v join disk s_d on s_d.id = s_v.disk_id where s_v.domain_id = storage_domain.id)";

pub(super) static HOST: EntitySql = EntitySql {
    from: "host left join host_facts f on f.host_id = host.id",
    joins: &[("s_cluster", "join cluster s_cluster on s_cluster.id = host.cluster_id")],
    order: "lower(host.name), host.id",
    columns: HOST_COLUMNS,
    links: &[
        (Entity::Vm, "r.host_id = host.id"),
        (
            Entity::Template,
            "template.id in (select s_vm.template_id from vm s_vm join vm_run s_r on s_r.vm_id = s_vm.id
                where s_r.owner and s_r.host_id = host.id)",
        ),
        (Entity::Event, "event.host_id = host.id"),
        (Entity::User, "app_user.id in (select p.user_id from permission p where p.object_id = host.id)"),
        (
            Entity::StorageDomain,
            "storage_domain.data_center_id = (select s_c.data_center_id from cluster s_c where s_c.id = host.cluster_id)",
        ),
        (Entity::HostNic, "host_nic.host_id = host.id"),
    ],
};

const HOST_COLUMNS: &[Column] = &[
    column("name", "host.name"),
    column("comment", "host.comment"),
    column("status", HOST_STATUS),
    column("external_status", "'ok'::text"),
    column("cluster", "s_cluster.name"),
    column("datacenter", "(select s_dc.name from data_center s_dc where s_dc.id = s_cluster.data_center_id)"),
    column("address", "host.address"),
    column(
        "cpu_usage",
        "round((f.statistics->>'cpu_user_percent')::numeric + (f.statistics->>'cpu_system_percent')::numeric)::bigint",
    ),
    column(
        "mem_usage",
        "round((f.statistics->>'memory_used')::numeric * 100
            / nullif((f.statistics->>'memory_total')::numeric, 0))::bigint",
    ),
    // The load of the busiest NIC in percent of its speed.
    column(
        "network_usage",
        "(select round(max(greatest((s_nic.value->>'received_bytes_per_second')::numeric,
                (s_nic.value->>'sent_bytes_per_second')::numeric) * 800
                / nullif((s_own.details->>'speed')::numeric, 0)))::bigint
            from jsonb_each(f.statistics->'nics') s_nic join host_nic s_own
                on s_own.host_id = host.id and s_own.name = s_nic.key)",
    ),
    column("load", "(f.statistics->>'load_average_5m')::float8"),
    column("version", "f.facts->>'agent_version'"),
    column("cpus", "(f.facts->>'cpu_sockets')::bigint * (f.facts->>'cpu_cores')::bigint"),
    column("memory", "(f.facts->>'memory')::bigint"),
    column("cpu_speed", "(f.facts->>'cpu_mhz')::float8"),
    column("cpu_model", "f.facts->>'cpu_model'"),
    column("active_vms", "(select count(*) from vm_run s_r where s_r.host_id = host.id and s_r.owner)"),
    column(
        "migrating_vms",
        "(select count(*) from vm_run s_r
            where s_r.host_id = host.id and s_r.phase in ('migrating_in', 'migrating_out'))",
    ),
    column(
        "committed_mem",
        "(select coalesce(sum((s_vm.definition->>'memory')::bigint), 0)::bigint
            from vm_run s_r join vm s_vm on s_vm.id = s_r.vm_id where s_r.host_id = host.id and s_r.owner)",
    ),
    many(
        "tag",
        "s_tag.name",
        "from tag s_tag join tag_assignment s_on on s_on.tag_id = s_tag.id where s_on.object_id = host.id",
    ),
    column("type", "'rhel'::text"),
    column("architecture", "coalesce(s_cluster.settings->>'architecture', 'undefined')"),
    column("update_available", "false::boolean"),
    no_number("ha_score"),
    no_number("spm_id"),
    column("hw_id", "host.hardware_id"),
    column("id", "host.id"),
];

pub(super) static HOST_NIC: EntitySql = EntitySql {
    from: "host_nic",
    joins: &[],
    order: "host_nic.name, host_nic.id",
    columns: &[
        column("mac", "host_nic.mac_address"),
        column("network_name", "(select s_n.name from network s_n where s_n.id = host_nic.network_id)"),
        column("name", "host_nic.name"),
        column("id", "host_nic.id"),
    ],
    links: &[],
};

pub(super) static CLUSTER: EntitySql = EntitySql {
    from: "cluster",
    joins: &[],
    order: "lower(cluster.name), cluster.id",
    columns: &[
        column("name", "cluster.name"),
        column("comment", "cluster.settings->>'comment'"),
        column("description", "cluster.settings->>'description'"),
        column("cpu_type", "cluster.settings->>'cpu_type'"),
        column("compatibility_level", "concat(cluster.settings->'version'->>0, '.', cluster.settings->'version'->>1)"),
        column("architecture", "coalesce(cluster.settings->>'architecture', 'undefined')"),
        column("id", "cluster.id"),
    ],
    links: &[
        (Entity::DataCenter, "data_center.id = cluster.data_center_id"),
        (Entity::StorageDomain, "storage_domain.data_center_id = cluster.data_center_id"),
        (Entity::ClusterNetwork, "cluster_network.cluster_id = cluster.id"),
    ],
};

pub(super) static DATA_CENTER: EntitySql = EntitySql {
    from: "data_center",
    joins: &[],
    order: "lower(data_center.name), data_center.id",
    columns: &[
        column("name", "data_center.name"),
        column("comment", "data_center.comment"),
        column("description", "data_center.description"),
        column("compatibility_version", "concat(data_center.version_major, '.', data_center.version_minor)"),
        column("local", "data_center.local"),
        column("status", "data_center.status"),
        column("id", "data_center.id"),
    ],
    links: &[
        (Entity::Cluster, "cluster.data_center_id = data_center.id"),
        (Entity::StorageDomain, "storage_domain.data_center_id = data_center.id"),
        (Entity::Network, "network.data_center_id = data_center.id"),
    ],
};

pub(super) static STORAGE_DOMAIN: EntitySql = EntitySql {
    from: "storage_domain join storage_connection c on c.id = storage_domain.connection_id",
    joins: &[("s_dc", "left join data_center s_dc on s_dc.id = storage_domain.data_center_id")],
    order: "lower(storage_domain.name), storage_domain.id",
    columns: &[
        column("name", "storage_domain.name"),
        column("comment", "storage_domain.comment"),
        column("description", "storage_domain.description"),
        column("status", DOMAIN_STATUS),
        column(
            "shared_status",
            "case when storage_domain.data_center_id is null then 'unattached'
                when storage_domain.ready then 'active' else 'inactive' end",
        ),
        column("external_status", "'ok'::text"),
        column("datacenter", "s_dc.name"),
        column("type", "c.kind"),
        column("free_size", "storage_domain.available"),
        column("used_size", "storage_domain.used"),
        column("total_size", "(storage_domain.available + storage_domain.used)"),
        column("committed", COMMITTED),
        column("low_space_threshold", "storage_domain.warning_low_space_percent::bigint"),
        column("critical_space_threshold", "storage_domain.critical_space_gib::bigint"),
        column("wipe_after_delete", "storage_domain.wipe_after_delete"),
        column("discard_after_delete", "storage_domain.discard_after_delete"),
        column("backup", "storage_domain.backup"),
        column("id", "storage_domain.id"),
    ],
    links: &[
        (
            Entity::Host,
            "host.cluster_id in (select s_c.id from cluster s_c
                where s_c.data_center_id = storage_domain.data_center_id)",
        ),
        (Entity::Cluster, "cluster.data_center_id = storage_domain.data_center_id"),
    ],
};

pub(super) static DISK: EntitySql = EntitySql {
    from: "disk left join volume v on v.disk_id = disk.id and v.active",
    joins: &[],
    order: "lower(disk.alias), disk.id",
    columns: &[
        column("alias", "disk.alias"),
        column("description", "disk.description"),
        column("provisioned_size", "disk.provisioned_size"),
        column("actual_size", "v.actual_size"),
        column("creation_date", "disk.created_at"),
        column("last_modified", "disk.created_at"),
        column("shareable", "disk.shareable"),
        column("status", "case when disk.lock_job_id is not null then 'locked' else disk.state end"),
        column("disk_type", "'image'::text"),
        column("disk_content_type", "disk.content"),
        column("allocation_policy", "case when disk.sparse then 'sparse' else 'preallocated' end"),
        column(
            "number_of_vms",
            "(select count(*) from disk_attachment s_a where s_a.disk_id = disk.id and s_a.vm_id is not null)",
        ),
        many(
            "vm_names",
            "s_vm.name",
            "from vm s_vm join disk_attachment s_a on s_a.vm_id = s_vm.id where s_a.disk_id = disk.id",
        ),
        nothing("quota"),
        column("wipe_after_delete", "disk.wipe_after_delete"),
        column("id", "disk.id"),
    ],
    links: &[
        (
            Entity::DataCenter,
            "data_center.id in (select s_sd.data_center_id from storage_domain s_sd
                join volume s_v on s_v.domain_id = s_sd.id where s_v.disk_id = disk.id)",
        ),
        (Entity::StorageDomain, "storage_domain.id = v.domain_id"),
        (Entity::Vm, "vm.id in (select s_a.vm_id from disk_attachment s_a where s_a.disk_id = disk.id)"),
    ],
};

pub(super) static NETWORK: EntitySql = EntitySql {
    from: "network",
    joins: &[("s_dc", "join data_center s_dc on s_dc.id = network.data_center_id")],
    order: "(select s_d.name from data_center s_d where s_d.id = network.data_center_id), lower(network.name), network.id",
    columns: &[
        column("name", "network.name"),
        column("comment", "network.comment"),
        column("description", "network.description"),
        column("vlanid", "network.vlan::bigint"),
        column("stp", "network.stp"),
        column("mtu", "network.mtu::bigint"),
        column("vmnetwork", "network.vm_network"),
        column("datacenter", "s_dc.name"),
        nothing("label"),
        nothing("provider_name"),
        nothing("qos_name"),
        column("id", "network.id"),
    ],
    links: &[
        (Entity::ClusterNetwork, "cluster_network.network_id = network.id"),
        (Entity::HostNetwork, "host_nic.network_id = network.id"),
        (Entity::Provider, "provider.id is not null"),
    ],
};

pub(super) static CLUSTER_NETWORK: EntitySql = EntitySql {
    from: "cluster_network",
    joins: &[],
    order: "cluster_network.cluster_id, cluster_network.network_id",
    columns: &[
        column("cluster_name", "(select s_c.name from cluster s_c where s_c.id = cluster_network.cluster_id)"),
        column("network_name", "(select s_n.name from network s_n where s_n.id = cluster_network.network_id)"),
    ],
    links: &[],
};

pub(super) static HOST_NETWORK: EntitySql = EntitySql {
    from: "host_nic",
    joins: &[],
    order: "host_nic.name, host_nic.id",
    columns: &[column("host_name", "(select s_h.name from host s_h where s_h.id = host_nic.host_id)")],
    links: &[],
};

pub(super) static VNIC_PROFILE: EntitySql = EntitySql {
    from: "vnic_profile",
    joins: &[
        ("s_n", "join network s_n on s_n.id = vnic_profile.network_id"),
        ("s_dc", "join data_center s_dc on s_dc.id = s_n.data_center_id"),
    ],
    order: "lower(vnic_profile.name), vnic_profile.id",
    columns: &[
        column("name", "vnic_profile.name"),
        column("description", "vnic_profile.description"),
        column("datacenter", "s_dc.name"),
        column("network_name", "s_n.name"),
        column("network_filter", "vnic_profile.filter"),
        column("compatibility_version", "concat(s_dc.version_major, '.', s_dc.version_minor)"),
        nothing("qos_name"),
        column("passthrough", "vnic_profile.pass_through"),
        column("port_mirroring", "vnic_profile.port_mirroring"),
        nothing("failover"),
        column("id", "vnic_profile.id"),
    ],
    links: &[],
};

pub(super) static VOLUME: EntitySql = EntitySql {
    from: "(select null::uuid as id where false) gluster_volume",
    joins: &[],
    order: "gluster_volume.id",
    columns: &[
        nothing("name"),
        nothing("type"),
        nothing("transport_type"),
        no_number("replica_count"),
        no_number("stripe_count"),
        nothing("status"),
    ],
    links: &[],
};

pub(super) static QUOTA: EntitySql = EntitySql {
    from: "(select null::uuid as id where false) quota",
    joins: &[],
    order: "quota.id",
    columns: &[
        nothing("name"),
        nothing("description"),
        nothing("storagepoolname"),
        no_number("thresholdstoragepercentage"),
        no_number("thresholdclusterpercentage"),
        no_number("gracestoragepercentage"),
        no_number("graceclusterpercentage"),
        nothing("enforcementtype"),
    ],
    links: &[],
};

pub(super) static PROVIDER: EntitySql = EntitySql {
    from: "(select null::uuid as id where false) provider",
    joins: &[],
    order: "provider.id",
    columns: &[nothing("name"), nothing("description"), nothing("url"), nothing("type")],
    links: &[],
};
