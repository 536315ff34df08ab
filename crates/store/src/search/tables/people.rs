//! Users, groups, events and jobs.

use ferrovirt_model::search::Entity;

use super::{EntitySql, column, many, no_id, nothing};

pub(super) static USER: EntitySql = EntitySql {
    from: "app_user",
    joins: &[],
    order: "lower(app_user.name), app_user.id",
    columns: &[
        column("name", "app_user.first_name"),
        column("lastname", "app_user.last_name"),
        // Clients give the name with its domain or without.
        many(
            "usrname",
            "s_name.value",
            "from (values (app_user.name), (app_user.principal), (app_user.name || '@' || app_user.domain)) s_name (value)
                where true",
        ),
        column("department", "app_user.department"),
        column("directory", "app_user.domain"),
        nothing("pool"),
        many(
            "tag",
            "s_tag.name",
            "from tag s_tag join tag_assignment s_on on s_on.tag_id = s_tag.id where s_on.object_id = app_user.id",
        ),
        column("type", "'user'::text"),
        column("user_and_domain", "app_user.name || '@' || app_user.domain"),
        nothing("title"),
        many(
            "allnames",
            "s_name.value",
            "from (values (app_user.name), (app_user.first_name), (app_user.last_name)) s_name (value) where true",
        ),
        column("id", "app_user.id"),
    ],
    links: &[
        (Entity::Vm, "vm.id in (select p.object_id from permission p where p.user_id = app_user.id)"),
        (Entity::Host, "host.id in (select p.object_id from permission p where p.user_id = app_user.id)"),
        (
            Entity::Template,
            "template.id in (select p.object_id from permission p
                where p.user_id = app_user.id and p.object_kind = 'template')",
        ),
        (Entity::Event, "event.user_id = app_user.id"),
    ],
};

pub(super) static GROUP: EntitySql = EntitySql {
    from: "app_group",
    joins: &[],
    order: "lower(app_group.name), app_group.id",
    columns: &[column("name", "app_group.name"), column("id", "app_group.id")],
    links: &[],
};

pub(super) static EVENT: EntitySql = EntitySql {
    from: "event",
    joins: &[],
    order: "event.id desc",
    columns: &[
        column("type", "event.code::bigint"),
        column("severity", "event.severity"),
        column("message", "event.message"),
        column("time", "event.at"),
        column("usrname", "event.user_name"),
        column("event_host", "event.host_name"),
        column("event_vm", "event.vm_name"),
        column("event_template", "event.template_name"),
        column("event_storage", "event.storage_domain_name"),
        column("event_datacenter", "event.data_center_name"),
        nothing("event_volume"),
        column("correlation_id", "event.correlation_id"),
        column("origin", "event.origin"),
        column("custom_event_id", "event.custom_id::bigint"),
        column("deleted", "event.deleted"),
        column("usrid", "event.user_id"),
        column("_event_vm_id", "event.vm_id"),
        column("_event_host_id", "event.host_id"),
        column("_event_template_id", "event.template_id"),
        column("_event_storage_id", "event.storage_domain_id"),
        column("_event_datacenter_id", "event.data_center_id"),
        no_id("_event_quota_id"),
        column("id", "event.id"),
    ],
    links: &[
        (Entity::Vm, "vm.id = event.vm_id"),
        (Entity::Host, "host.id = event.host_id"),
        (Entity::Template, "template.id = event.template_id"),
        (Entity::User, "app_user.id = event.user_id"),
        (Entity::Cluster, "cluster.id = event.cluster_id"),
        (Entity::Volume, "gluster_volume.id is not null"),
        (Entity::Quota, "quota.id is not null"),
    ],
};

pub(super) static JOB: EntitySql = EntitySql {
    from: "job",
    joins: &[],
    // The newest first: whoever asks for some of many wants those.
    order: "job.started_at desc, job.id",
    columns: &[
        column("correlation_id", "job.correlation_id"),
        column("description", "job.description"),
        column("id", "job.id"),
    ],
    links: &[],
};
