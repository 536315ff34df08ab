//! What every list of the service tree has in common, on a real engine over a real database: `max` and `search`.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "a test that can't go on fails")]

mod support;

use std::collections::{BTreeMap, BTreeSet};

use ferrovirt_wire::tree::{self, Service, Step, Verb};
use http::StatusCode;
use serde_json::Value;
use support::{NIL, Stack};

/// Lists that can't have two items here, and why.
const ONE_AT_MOST: &[(&str, &str)] = &[
    ("DomainsService", "there is one directory domain"),
    ("ClusterFeaturesService", "no feature is optional"),
    ("ClusterEnabledFeaturesService", "no feature is optional"),
    ("SnapshotsService", "a VM has the one snapshot that stands for the present"),
    ("VmCdromsService", "a VM has one drive"),
    ("TemplateCdromsService", "a template has one drive"),
    ("TemplateWatchdogsService", "there are no watchdogs"),
    ("StorageDomainServerConnectionsService", "a domain has one connection"),
    ("BalancesService", "a policy has one balancer"),
    ("DomainUserGroupsService", "nothing makes a user a member of a group yet"),
];

/// Things whose statistics are not served, by the segment of their collection.
const WITHOUT_STATISTICS: &[&str] = &["steps", "numanodes"];

/// Whether the statistics of a thing at this address are not served.
fn without_statistics(path: &str) -> bool {
    let above = path.strip_suffix("/statistics").and_then(|above| above.rsplit('/').nth(1));
    above.is_some_and(|collection| WITHOUT_STATISTICS.contains(&collection))
}

fn served(service: &Service) -> bool {
    let name = format!("{}.list", service.name);
    include_str!("../served.txt").lines().any(|line| line == name)
}

/// Whether the list of a service is served and takes `max`.
fn takes_max(service: &Service) -> bool {
    let list = service.operation("list").filter(|one| one.verb == Verb::Get);
    served(service) && list.is_some_and(|one| one.query.iter().any(|parameter| parameter.name == "max"))
}

#[tokio::test(flavor = "multi_thread")]
async fn every_list_that_takes_max_refuses_what_is_no_number() {
    let stack = Stack::new().await;
    let mut wrong = Vec::new();
    for (pattern, service) in tree::paths() {
        if !takes_max(service) {
            continue;
        }
        let path: Vec<&str> = pattern.split('/').map(|part| if part.starts_with('{') { NIL } else { part }).collect();
        for max in ["x", "1.5", "99999999999999999999"] {
            let (status, _) = stack.read(&format!("{}?max={max}", path.join("/"))).await;
            if status != StatusCode::BAD_REQUEST {
                wrong.push(format!("{pattern}?max={max}: {status}"));
            }
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

/// The items of a list, whatever they are called.
fn items(list: &Value) -> Vec<Value> {
    let found = list.as_object().and_then(|fields| fields.values().find_map(Value::as_array));
    found.cloned().unwrap_or_default()
}

#[tokio::test(flavor = "multi_thread")]
async fn every_list_that_takes_max_answers_no_more() {
    let stack = Stack::populated().await;
    let (mut longest, mut wrong): (BTreeMap<&str, usize>, Vec<String>) = (BTreeMap::new(), Vec::new());
    let mut ahead = vec![(tree::ROOT, String::new())];
    while let Some((service, path)) = ahead.pop() {
        for locator in service.locators {
            if let Step::Segment(segment) = locator.step {
                ahead.push((locator.child, format!("{path}/{segment}")));
            }
        }
        if !served(service) || without_statistics(&path) {
            continue;
        }
        // Lists that show a part unless more is asked for.
        let all = if path.ends_with("/disksnapshots") { "include_active=true&include_template=true" } else { "" };
        let (status, list) = stack.read(&format!("{path}?{all}")).await;
        if status != StatusCode::OK {
            wrong.push(format!("{path}: {status} {list}"));
            continue;
        }
        let found = items(&list);
        if takes_max(service) {
            let length = longest.entry(service.name).or_default();
            *length = (*length).max(found.len());
            let (status, one) = stack.read(&format!("{path}?{all}&max=1")).await;
            if (status, items(&one).len()) != (StatusCode::OK, found.len().min(1)) {
                wrong.push(format!("{path} has {}, with max=1: {status} {one}", found.len()));
            }
        }
        let Some(item) = service.item() else { continue };
        for one in found.iter().take(3) {
            ahead.push((item, format!("{path}/{}", one["id"].as_str().unwrap())));
        }
    }
    let short: BTreeSet<&str> = longest.iter().filter(|(_, length)| **length < 2).map(|(name, _)| *name).collect();
    let unseen: Vec<&str> = tree::services()
        .filter(|service| takes_max(service))
        .map(|service| service.name)
        .filter(|name| short.contains(name) || !longest.contains_key(name))
        .filter(|name| ONE_AT_MOST.iter().all(|(known, _)| known != name))
        .collect();
    assert!(wrong.is_empty() && unseen.is_empty(), "{}\nno second item of {unseen:?}", wrong.join("\n"));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_list_that_is_narrowed_by_its_parent_is_cut_after_that() {
    let mut stack = Stack::populated().await;
    stack.make("dc3", "/datacenters", "<data_center><name>dc3</name><local>false</local></data_center>").await;
    let cluster = "<cluster><name>z_last</name><data_center id=\"{dc3}\"/><cpu><architecture>x86_64</architecture></cpu></cluster>";
    stack.make("last", "/clusters", cluster).await;
    let (_, list) = stack.read(&stack.fill("/datacenters/{dc3}/clusters?max=1")).await;
    assert_eq!(items(&list).len(), 1, "{list}");
    let internal = "/domains/696E7465726E616C2D617574687A/groups?max=1";
    let (_, list) = stack.read(internal).await;
    assert_eq!(items(&list).len(), 1, "{list}");
}

#[tokio::test(flavor = "multi_thread")]
async fn files_are_searched_by_name() {
    let stack = Stack::populated().await;
    let names = async |query: &str| -> Vec<String> {
        let (status, list) = stack.read(&stack.fill(&format!("/storagedomains/{{domain}}/files?{query}"))).await;
        assert_eq!(status, StatusCode::OK, "{query}: {list}");
        items(&list).iter().map(|one| one["name"].as_str().unwrap().to_owned()).collect()
    };
    assert_eq!(names("").await, ["iso", "iso2"], "disks are no files");
    assert_eq!(names("search=name%3DISO2").await, ["iso2"]);
    assert_eq!(names("search=name%3DISO2&case_sensitive=true").await, Vec::<String>::new());
    assert_eq!(names("search=iso*").await, ["iso", "iso2"]);
    let (status, refused) = stack.read(&stack.fill("/storagedomains/{domain}/files?search=colour%3Dred")).await;
    assert_eq!(status, StatusCode::BAD_REQUEST, "{refused}");
}
