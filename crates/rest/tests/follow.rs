//! `follow=` on a real engine over a real database: what is inlined, and what a plain user gets of it.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "a test that can't go on fails")]

mod support;

use std::collections::BTreeMap;

use ferrovirt_wire::tree::{self, Step};
use http::StatusCode;
use serde_json::Value;
use support::{ADMIN, NOBODY, Stack};

const VM: &str = "<vm><name>web</name><cluster id=\"{cluster}\"/><template id=\"{nil}\"/></vm>";
const USER_GRANT: &str = "<permission><user id=\"{nobody}\"/><role><name>UserVmManager</name></role></permission>";

async fn stack_with_a_vm() -> Stack {
    let mut stack = Stack::new().await;
    stack.make("vm", "/vms", VM).await;
    stack.make("template", "/templates", "<template><name>golden</name><vm id=\"{vm}\"/></template>").await;
    stack.make("tag", "/tags", "<tag><name>red</name></tag>").await;
    for owner in ["/vms/{vm}", "/templates/{template}"] {
        stack.make("", &format!("{owner}/tags"), "<tag id=\"{tag}\"/>").await;
    }
    stack.make("grant", "/vms/{vm}/permissions", USER_GRANT).await;
    stack
}

async fn read(stack: &Stack, who: &str, path: &str) -> String {
    let answer = stack.send(who, "GET", &stack.fill(path), "").await;
    assert_eq!(answer.status, StatusCode::OK, "{path}: {}", answer.text);
    answer.text
}

#[tokio::test(flavor = "multi_thread")]
async fn a_vm_shows_its_grants_tags_and_template_where_they_are_followed() {
    let stack = stack_with_a_vm().await;
    let plain = read(&stack, ADMIN, "/vms/{vm}").await;
    assert!(!plain.contains("<permissions>") && !plain.contains("<tags>"), "{plain}");
    let path =
        "/vms/{vm}?follow=permissions.role.permits,permissions.user,tags,template.tags,original_template,cluster";
    let followed = read(&stack, ADMIN, path).await;
    let grant = stack.fill("/ovirt-engine/api/vms/{vm}/permissions/{grant}\" id=\"{grant}\"");
    let tag = stack.fill("/ovirt-engine/api/vms/{vm}/tags/{tag}\" id=\"{tag}\"");
    for text in [
        grant.as_str(),
        tag.as_str(),
        "<name>UserVmManager</name>",
        "<user_name>nobody@internal-authz</user_name>",
        "<name>run_vm</name>",
        "<name>Blank</name>",
    ] {
        assert!(followed.contains(text), "{text} in {followed}");
    }
    let blank = followed.matches("<name>Blank</name>").count();
    assert_eq!(blank, 2, "the template, by both its links: {followed}");
}

/// Where a link's target is served and yet not put in, and why.
const NOT_INLINED: &[(&str, &str, &str)] = &[
    ("HostNicService", "networkattachments", "the type of host NICs has no element for them"),
    ("DiskSnapshotService", "parent", "the images of a chain stand in one list, the parent with them"),
];

/// Links and elements whose names differ.
const ALSO_CALLED: &[(&str, &str)] = &[("numanodes", "host_numa_nodes"), ("weights", "weight")];

fn plain(name: &str) -> String {
    name.replace('_', "")
}

fn below_base(href: &str) -> &str {
    href.strip_prefix("/ovirt-engine/api").unwrap_or_else(|| panic!("{href}"))
}

fn items(list: &Value) -> Vec<Value> {
    let found = list.as_object().and_then(|fields| fields.values().find_map(Value::as_array));
    found.cloned().unwrap_or_default()
}

/// What a document leads to: the name to follow and the address.
fn ways(document: &Value) -> Vec<(String, String, bool)> {
    let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
    let links = document["link"].as_array().into_iter().flatten();
    let mut found: Vec<_> = links.map(|link| (text(&link["rel"]), text(&link["href"]), true)).collect();
    for (name, value) in document.as_object().into_iter().flatten() {
        if value["href"].is_string() {
            found.push((name.clone(), text(&value["href"]), false));
        }
    }
    found
}

/// Whether a document has, inlined, what stands at the end of the way.
fn has(document: &Value, name: &str, target: &Value, is_list: bool) -> bool {
    let called = ALSO_CALLED.iter().find(|(link, _)| *link == name).map_or(name, |(_, element)| element);
    let fields = document.as_object().into_iter().flatten();
    let Some((_, inlined)) = fields.into_iter().find(|(key, _)| plain(key) == plain(called)) else { return false };
    let ids = |list: &Value| items(list).iter().map(|one| one["id"].clone()).collect::<Vec<_>>();
    if is_list {
        return ids(inlined) == ids(target);
    }
    let fields = |value: &Value| value.as_object().map(|fields| fields.keys().cloned().collect::<Vec<_>>());
    fields(inlined) == fields(target)
}

/// The service of the tree at the address of a document.
fn service_at(href: &str) -> &'static str {
    let segments: Vec<&str> = below_base(href).split('/').filter(|part| !part.is_empty()).collect();
    tree::resolve(&segments).unwrap_or_else(|| panic!("{href}")).service.name
}

fn served(service: &str, method: &str) -> bool {
    let name = format!("{service}.{method}");
    include_str!("../served.txt").lines().any(|line| line == name)
}

#[tokio::test(flavor = "multi_thread")]
async fn everything_served_that_a_document_leads_to_can_be_followed() {
    let stack = Stack::populated().await;
    let (mut seen, mut wrong): (BTreeMap<(&str, String), bool>, Vec<String>) = (BTreeMap::new(), Vec::new());
    let mut ahead = vec![(tree::ROOT, String::new())];
    while let Some((service, path)) = ahead.pop() {
        for locator in service.locators {
            if let Step::Segment(segment) = locator.step {
                ahead.push((locator.child, format!("{path}/{segment}")));
            }
        }
        if !served(service.name, "list") {
            continue;
        }
        let all = if path.ends_with("/disksnapshots") { "include_active=true&include_template=true" } else { "" };
        let (_, list) = stack.read(&format!("{path}?{all}")).await;
        for one in items(&list).iter().take(3) {
            let id = one["id"].as_str().unwrap();
            if let Some(item) = service.item() {
                ahead.push((item, format!("{path}/{id}")));
            }
            let Some(href) = one["href"].as_str() else { continue };
            let own = service_at(href);
            for (name, address, is_list) in ways(one) {
                let known = NOT_INLINED.iter().any(|(service, link, _)| *service == own && *link == name);
                if known || seen.get(&(own, name.clone())).is_some_and(|verified| *verified) {
                    continue;
                }
                let (status, target) = stack.read(below_base(&address)).await;
                let verified = seen.entry((own, name.clone())).or_default();
                if status != StatusCode::OK {
                    continue;
                }
                *verified = true;
                let (_, single) = stack.read(&format!("{}?follow={name}", below_base(href))).await;
                let (_, many) = stack.read(&format!("{path}?{all}&follow={name}")).await;
                let many = items(&many).into_iter().find(|found| found["id"] == id).unwrap_or_default();
                for (how, document) in [("alone", single), ("in its list", many)] {
                    if !has(&document, &name, &target, is_list) {
                        wrong.push(format!("{own} {how} at {path}: {name} is not {target} but {document}"));
                    }
                }
            }
        }
    }
    let short: Vec<String> = wrong.iter().map(|text| text.chars().take(600).collect()).collect();
    assert!(wrong.is_empty(), "{} of {}:\n{}", wrong.len(), seen.len(), short.join("\n"));
    let verified = seen.values().filter(|verified| **verified).count();
    assert!(verified > 140, "only {verified} links were followed: {seen:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_plain_user_follows_into_nothing_that_is_hidden() {
    let mut stack = stack_with_a_vm().await;
    stack.make("other", "/vms", &VM.replace("web", "db")).await;
    let own = read(&stack, NOBODY, "/vms?follow=permissions,tags").await;
    assert!(own.contains("<name>web</name>") && !own.contains("<name>db</name>"), "{own}");
    for path in ["/vms/{other}/statistics", "/vms/{other}/permissions", "/vms/{other}/tags", "/vms/{other}/snapshots"] {
        let answer = stack.send(NOBODY, "GET", &stack.fill(path), "").await;
        assert_eq!(answer.status, StatusCode::NOT_FOUND, "{path}: {}", answer.text);
        read(&stack, ADMIN, path).await;
    }
    read(&stack, NOBODY, "/vms/{vm}/statistics").await;
    let followed = read(&stack, NOBODY, "/vms/{vm}?follow=template.permissions").await;
    assert!(!followed.contains("/templates/{template}/permissions/"), "{followed}");
}
