//! The fields, comparisons, words and relations of the oVirt search language, as `search_language.tsv` lists them, are
//! understood for every kind of object that is listed here.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "a test that can't go on fails")]

use ferrovirt_model::search::{self, Entity, Field, FieldKind};

/// What the table has and searches here have not: kind, field, comparison, and why.
const LEFT_OUT: &[(&str, &str, &[&str], &str)] = &[
    ("network", "stp", &["<", ">", "<=", ">="], "yes and no have no order"),
    ("network", "vmnetwork", &["<", ">", "<=", ">="], "yes and no have no order"),
    ("vnicprofile", "passthrough", &["<", ">", "<=", ">="], "yes and no have no order"),
    ("vnicprofile", "port_mirroring", &["<", ">", "<=", ">="], "yes and no have no order"),
];

fn kind(name: &str) -> Entity {
    match name {
        "vm" => Entity::Vm,
        "template" => Entity::Template,
        "instancetype" => Entity::InstanceType,
        "host" => Entity::Host,
        "cluster" => Entity::Cluster,
        "datacenter" => Entity::DataCenter,
        "storage" => Entity::StorageDomain,
        "disk" => Entity::Disk,
        "network" => Entity::Network,
        "vnicprofile" => Entity::VnicProfile,
        "user" | "aduser" => Entity::User,
        "group" | "adgroup" => Entity::Group,
        "event" => Entity::Event,
        "job" => Entity::Job,
        "vnic" => Entity::Nic,
        "nic" => Entity::HostNic,
        "cluster_network" => Entity::ClusterNetwork,
        "host_network" => Entity::HostNetwork,
        "volume" => Entity::Volume,
        "quota" => Entity::Quota,
        "provider" => Entity::Provider,
        other => panic!("{other} is no kind that is searched here"),
    }
}

fn example(field: &Field) -> &'static str {
    match field.kind {
        FieldKind::Text | FieldKind::OrderedText | FieldKind::OperatingSystem => "abc",
        FieldKind::Integer | FieldKind::Decimal | FieldKind::Size { .. } => "5",
        FieldKind::Flag => "true",
        FieldKind::Moment => "yesterday",
        FieldKind::Span => "3d",
        FieldKind::Id => "00000000-0000-0000-0000-000000000000",
        FieldKind::Word(words) | FieldKind::Ranked(words) => words[0].0,
    }
}

#[test]
fn the_whole_language_is_understood() {
    let table = include_str!("search_language.tsv");
    let mut wrong = Vec::new();
    let mut rows = 0;
    for row in table.lines().skip(1) {
        let columns: Vec<&str> = row.split('\t').collect();
        let [name, field, operators, words, relations] = columns.as_slice() else { panic!("{row}") };
        rows += 1;
        let entity = kind(name);
        let Some(found) = entity.field(field) else {
            wrong.push(format!("{name} has no field {field}"));
            continue;
        };
        let left_out = LEFT_OUT.iter().find(|(kind, known, _, _)| kind == name && known == field);
        for operator in operators.split(' ').filter(|operator| !operator.is_empty()) {
            let served = search::read(entity, &format!("{field} {operator} {}", example(found)), 0);
            let expected = left_out.is_none_or(|(_, _, operators, _)| !operators.contains(&operator));
            if served.is_ok() != expected {
                wrong.push(format!("{name}: {field} {operator} …: {served:?}"));
            }
        }
        for word in words.split(',').filter(|word| !word.is_empty()) {
            if let Err(error) = search::read(entity, &format!("{field} = {word}"), 0) {
                wrong.push(format!("{name}: {field} = {word}: {error}"));
            }
        }
        for relation in relations.split(',').filter(|relation| !relation.is_empty()) {
            if entity.relation(relation).is_none() {
                wrong.push(format!("{name} is not related to {relation}"));
            }
        }
    }
    wrong.dedup();
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
    assert!(rows > 200, "only {rows} rows were read");
}
