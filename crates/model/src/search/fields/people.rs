//! Fields of users and groups, and of what is written down of their deeds: events and jobs.

use super::*;

const SEVERITIES: FieldKind =
    FieldKind::Ranked(&[("normal", "normal"), ("warning", "warning"), ("error", "error"), ("alert", "alert")]);

const USER_OR_GROUP: FieldKind = FieldKind::Word(&[("user", "user"), ("group", "group")]);

pub(super) const USER: Searchable = Searchable {
    fields: &[
        text("name"),
        text("lastname"),
        text("usrname"),
        text("department"),
        text("directory"),
        text("pool"),
        text("tag"),
        field("type", USER_OR_GROUP),
        text("user_and_domain"),
        field("title", FieldKind::Text),
        field("allnames", FieldKind::Text),
        id("id"),
    ],
    aliases: &[("login", "usrname"), ("username", "usrname")],
    relations: &[Entity::Vm, Entity::Host, Entity::Template, Entity::Event],
};

pub(super) const GROUP: Searchable = Searchable {
    fields: &[text("name"), id("id")],
    aliases: &[("grpname", "name"), ("groupname", "name"), ("allnames", "name")],
    relations: &[],
};

pub(super) const EVENT: Searchable = Searchable {
    fields: &[
        field("type", FieldKind::Integer),
        field("severity", SEVERITIES),
        text("message"),
        field("time", FieldKind::Moment),
        text("usrname"),
        text("event_host"),
        text("event_vm"),
        text("event_template"),
        text("event_storage"),
        text("event_datacenter"),
        text("event_volume"),
        text("correlation_id"),
        text("origin"),
        field("custom_event_id", FieldKind::Integer),
        field("deleted", FieldKind::Flag),
        id("usrid"),
        id("_event_vm_id"),
        id("_event_host_id"),
        id("_event_template_id"),
        id("_event_storage_id"),
        id("_event_datacenter_id"),
        id("_event_quota_id"),
        field("id", FieldKind::Integer),
    ],
    aliases: &[("username", "usrname"), ("code", "type")],
    relations: &[
        Entity::Vm,
        Entity::Host,
        Entity::Template,
        Entity::User,
        Entity::Cluster,
        Entity::Volume,
        Entity::Quota,
    ],
};

pub(super) const JOB: Searchable =
    Searchable { fields: &[text("correlation_id"), text("description"), id("id")], aliases: &[], relations: &[] };
