//! Searches compiled: the fragments of the usual ones, and that every field and relation has its place in the schema.

mod running;

use ferrovirt_model::search::{self, Entity};

use super::tables;
use super::{Bind, Compiled, Options, compile};

fn compiled(entity: Entity, text: &str, options: Options) -> Compiled {
    let query = search::parse(entity, text, 1_773_224_430_000).unwrap_or_else(|error| unreachable!("{text}: {error}"));
    compile(entity, &query, options)
}

fn vms(text: &str) -> Compiled {
    compiled(Entity::Vm, text, Options::default())
}

#[test]
fn every_field_and_relation_has_its_place() {
    let through_others = [
        Entity::Nic,
        Entity::HostNic,
        Entity::ClusterNetwork,
        Entity::HostNetwork,
        Entity::Volume,
        Entity::Quota,
        Entity::Provider,
    ];
    let kinds = Entity::LISTED.into_iter().chain(through_others);
    for entity in kinds {
        let table = tables::of(entity);
        for field in entity.fields() {
            assert_eq!(table.column(field.name).field, field.name, "{entity:?}");
        }
        assert_eq!(table.columns.len(), entity.fields().len(), "{entity:?}");
        for relation in entity.relations() {
            assert_ne!(table.link(*relation), "false", "{entity:?} to {relation:?}");
        }
    }
}

#[test]
fn values_are_bound_and_wildcards_escaped() {
    let search = vms("name=web*_1% and memory>=1024");
    assert_eq!(search.where_sql, "(vm.name ilike $1 and (vm.definition->>'memory')::bigint >= $2)");
    assert_eq!(search.binds, [Bind::Text("web%\\_1\\%".to_owned()), Bind::Integer(1 << 30)]);
    assert_eq!(search.order_sql, "lower(vm.name), vm.id");
    let hostile = vms("name=\"x'; drop table vm; --\"");
    assert_eq!(hostile.where_sql, "lower(vm.name) = lower($1)");
}

#[test]
fn text_with_an_order_is_compared_by_it() {
    let search = compiled(Entity::Network, "name >= m and name < Z*", Options::default());
    assert_eq!(search.where_sql, "(lower(network.name) >= lower($1) and lower(network.name) < lower($2))");
    assert!(search::parse(Entity::Vm, "name > a", 0).is_err(), "names of VMs have none");
}

#[test]
fn capitals_count_when_asked() {
    let options = Options { case_sensitive: true, max: Some(5) };
    let search = compiled(Entity::Vm, "name=Web or name=W* page 3", options);
    assert_eq!(search.where_sql, "(vm.name = $1 or vm.name like $2)");
    assert_eq!((search.limit, search.offset), (Some(5), 10));
    assert_eq!((vms("page 2").limit, vms("page 2").offset), (Some(100), 100));
    assert_eq!(vms("name=x").limit, None);
}

#[test]
fn joins_are_made_for_what_is_mentioned() {
    assert_eq!(vms("name=x").joins, "");
    assert_eq!(vms("cluster=c").joins, "join cluster s_cluster on s_cluster.id = vm.cluster_id");
    let profiles = compiled(Entity::VnicProfile, "datacenter=d", Options::default()).joins;
    assert!(profiles.starts_with("join network s_n") && profiles.contains("join data_center s_dc"), "{profiles}");
    assert!(vms("sortby cluster desc").order_sql.starts_with("lower(s_cluster.name) desc nulls last, "));
}

#[test]
fn many_values_and_other_kinds_are_asked_by_exists() {
    assert!(vms("tag=gold").where_sql.starts_with("exists (select 1 from tag s_tag join"));
    assert!(vms("tag!=gold").where_sql.ends_with("lower(s_tag.name) = lower($1))) is not true"));
    let hosts = vms("host.status=up").where_sql;
    assert!(hosts.starts_with("exists (select 1 from host left join host_facts f on"), "{hosts}");
    assert!(hosts.contains("host.id = r.host_id and case"), "{hosts}");
}

#[test]
fn severities_have_an_order_and_days_a_length() {
    let events = compiled(Entity::Event, "severity > normal and time = today", Options::default());
    assert_eq!(events.where_sql, "(event.severity in ($1, $2, $3) and (event.at >= $4 and event.at < $5))");
    assert_eq!(compiled(Entity::Event, "severity < normal", Options::default()).where_sql, "false");
}
