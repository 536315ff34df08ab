//! Where each search field stands in the schema: one table a kind of object, in the files beside this one.
//!
//! Expressions speak of the main table by its name, of the aliases of [`EntitySql::from`], and of those of its joins,
//! which are added where they are mentioned. Times are ms since the epoch, sizes bytes, as everywhere in the schema.

mod compute;
mod infrastructure;
mod people;

use ferrovirt_model::search::Entity;

/// How a kind of object is searched.
pub(super) struct EntitySql {
    /// The main table with the joins that its area always brings; the same aliases stand in that area's own list.
    pub(super) from: &'static str,
    /// Further joins to one row at most: alias and text.
    pub(super) joins: &'static [(&'static str, &'static str)],
    /// The list's own order, total.
    pub(super) order: &'static str,
    /// The fields.
    pub(super) columns: &'static [Column],
    /// How rows of related kinds are tied to the main row.
    pub(super) links: &'static [(Entity, &'static str)],
}

/// Where a field stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Column {
    pub(super) field: &'static str,
    /// The expression.
    pub(super) sql: &'static str,
    /// `from … where …` for a field of many values; the expression is then of these rows.
    pub(super) through: Option<&'static str>,
}

const fn column(field: &'static str, sql: &'static str) -> Column {
    Column { field, sql, through: None }
}

const fn many(field: &'static str, sql: &'static str, through: &'static str) -> Column {
    Column { field, sql, through: Some(through) }
}

/// What is not kept yet: equal to nothing.
const fn nothing(field: &'static str) -> Column {
    column(field, "null::text")
}

const fn no_number(field: &'static str) -> Column {
    column(field, "null::bigint")
}

const fn no_id(field: &'static str) -> Column {
    column(field, "null::uuid")
}

/// Stands in for a field that a table lacks; a test keeps it unused.
const ABSENT: Column = Column { field: "", sql: "null::text", through: None };

impl EntitySql {
    pub(super) fn column(&self, field: &str) -> Column {
        self.columns.iter().find(|column| column.field == field).copied().unwrap_or(ABSENT)
    }

    pub(super) fn link(&self, relation: Entity) -> &'static str {
        self.links.iter().find(|(related, _)| *related == relation).map_or("false", |(_, link)| link)
    }
}

/// Where a kind of object is found. Instance types are found as templates are: they have the same fields.
pub(super) fn of(entity: Entity) -> &'static EntitySql {
    match entity {
        Entity::Vm => &compute::VM,
        Entity::Template | Entity::InstanceType => &compute::TEMPLATE,
        Entity::Nic => &compute::NIC,
        Entity::Host => &infrastructure::HOST,
        Entity::HostNic => &infrastructure::HOST_NIC,
        Entity::Cluster => &infrastructure::CLUSTER,
        Entity::DataCenter => &infrastructure::DATA_CENTER,
        Entity::StorageDomain => &infrastructure::STORAGE_DOMAIN,
        Entity::Disk => &infrastructure::DISK,
        Entity::Network => &infrastructure::NETWORK,
        Entity::ClusterNetwork => &infrastructure::CLUSTER_NETWORK,
        Entity::HostNetwork => &infrastructure::HOST_NETWORK,
        Entity::VnicProfile => &infrastructure::VNIC_PROFILE,
        Entity::User => &people::USER,
        Entity::Group => &people::GROUP,
        Entity::Event => &people::EVENT,
        Entity::Job => &people::JOB,
        Entity::Volume => &infrastructure::VOLUME,
        Entity::Quota => &infrastructure::QUOTA,
        Entity::Provider => &infrastructure::PROVIDER,
    }
}
