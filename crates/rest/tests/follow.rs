//! `follow=` on a real engine over a real database: what is inlined, and what a plain user gets of it.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "a test that can't go on fails")]

mod support;

use std::fmt::Write;

use http::StatusCode;
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
    // The link of what is inlined says nothing that the inlined list does not.
    assert!(!followed.contains("rel=\"permissions\" href=\"/ovirt-engine/api/vms/"), "{followed}");
}

#[tokio::test(flavor = "multi_thread")]
async fn every_link_that_clients_follow_is_inlined_into_a_list() {
    let mut stack = stack_with_a_vm().await;
    let nic = "<nic><name>nic1</name><vnic_profile id=\"{vnic_profile}\"/></nic>";
    stack.make("nic", "/vms/{vm}/nics", nic).await;
    let lists = [
        (
            "/vms",
            "permissions,tags,nics.vnic_profile,disk_attachments.disk,cdroms,reported_devices,statistics,snapshots",
        ),
        ("/vms", "graphics_consoles,applications,sessions"),
        ("/templates", "permissions,tags,nics,disk_attachments.disk,cdroms,graphics_consoles"),
        ("/clusters", "permissions,networks,cpu_profiles"),
        ("/datacenters", "permissions,clusters,networks"),
        ("/networks", "permissions,vnic_profiles"),
    ];
    for (list, follow) in lists {
        let text = read(&stack, ADMIN, &format!("{list}?follow={follow}")).await;
        let mut missing = String::new();
        for link in follow.split(',').map(|path| path.split('.').next().unwrap()) {
            let inlined = text.contains(&format!("<{link}>")) || text.contains(&format!("<{link}/>"));
            if !inlined {
                write!(missing, "{link} ").unwrap();
            }
        }
        assert!(missing.is_empty(), "{list} lacks {missing}: {text}");
    }
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
