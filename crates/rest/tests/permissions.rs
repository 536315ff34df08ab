//! Who may do what through the API: on a real engine over a real database, without hosts. What an administrator may, a
//! user without a role may not; and whatever changes leaves a trace in the event log.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "a test that can't go on fails")]

mod support;

use ferrovirt_wire::tree::{self, Operation, Verb};
use http::StatusCode;
use support::{ADMIN, NIL, NOBODY, Stack, id_at_the_end};

/// One request of the story: verb, path, body, what to call the id of what it made, whether the log tells of it.
type Deed = (&'static str, &'static str, &'static str, &'static str, bool);

const DEEDS: &[Deed] = &[
    ("POST", "/datacenters", "<data_center><name>dc2</name><local>false</local></data_center>", "dc2", true),
    ("PUT", "/datacenters/{dc2}", "<data_center><description>two</description></data_center>", "", true),
    (
        "POST",
        "/clusters",
        "<cluster><name>c2</name><data_center id=\"{dc2}\"/><cpu><architecture>x86_64</architecture></cpu></cluster>",
        "c2",
        true,
    ),
    ("PUT", "/clusters/{c2}", "<cluster><description>two</description></cluster>", "", true),
    ("DELETE", "/clusters/{c2}", "", "", true),
    ("POST", "/networks", "<network><name>blue</name><data_center id=\"{data_center}\"/></network>", "blue", true),
    ("PUT", "/networks/{blue}", "<network><description>two</description></network>", "", true),
    ("POST", "/vnicprofiles", "<vnic_profile><name>p2</name><network id=\"{blue}\"/></vnic_profile>", "p2", true),
    ("DELETE", "/vnicprofiles/{p2}", "", "", true),
    ("DELETE", "/networks/{blue}", "", "", true),
    ("DELETE", "/datacenters/{dc2}", "", "", true),
    (
        "POST",
        "/macpools",
        "<mac_pool><name>m2</name><ranges><range><from>02:00:00:00:00:00</from><to>02:00:00:00:00:ff</to></range></ranges></mac_pool>",
        "m2",
        true,
    ),
    ("PUT", "/macpools/{m2}", "<mac_pool><description>two</description></mac_pool>", "", true),
    ("DELETE", "/macpools/{m2}", "", "", true),
    ("POST", "/vms", "<vm><name>web</name><cluster id=\"{cluster}\"/><template id=\"{nil}\"/></vm>", "vm", true),
    ("PUT", "/vms/{vm}", "<vm><description>two</description></vm>", "", true),
    ("POST", "/templates", "<template><name>golden</name><vm id=\"{vm}\"/></template>", "template", true),
    ("PUT", "/templates/{template}", "<template><description>two</description></template>", "", true),
    ("POST", "/tags", "<tag><name>red</name></tag>", "tag", true),
    ("PUT", "/tags/{tag}", "<tag><description>two</description></tag>", "", true),
    ("POST", "/vms/{vm}/tags", "<tag><name>red</name></tag>", "", true),
    ("DELETE", "/vms/{vm}/tags/{tag}", "", "", true),
    ("POST", "/templates/{template}/tags", "<tag id=\"{tag}\"/>", "", true),
    ("DELETE", "/tags/{tag}", "", "", true),
    ("POST", "/users", "<user><user_name>jo@internal-authz</user_name></user>", "jo", true),
    ("POST", "/groups", "<group><name>crew</name></group>", "crew", true),
    (
        "POST",
        "/roles",
        "<role><name>Starter</name><permits><permit><name>run_vm</name></permit></permits></role>",
        "role",
        true,
    ),
    ("PUT", "/roles/{role}", "<role><description>two</description></role>", "", true),
    ("POST", "/roles/{role}/permits", "<permit><name>stop_vm</name></permit>", "", true),
    ("DELETE", "/roles/{role}/permits/18", "", "", true),
    (
        "POST",
        "/vms/{vm}/permissions",
        "<permission><user id=\"{jo}\"/><role id=\"{role}\"/></permission>",
        "grant",
        true,
    ),
    ("DELETE", "/vms/{vm}/permissions/{grant}", "", "", true),
    (
        "POST",
        "/permissions",
        "<permission><group id=\"{crew}\"/><role><name>UserRole</name></role></permission>",
        "grant2",
        true,
    ),
    ("DELETE", "/permissions/{grant2}", "", "", true),
    (
        "POST",
        "/users/{jo}/permissions",
        "<permission><cluster id=\"{cluster}\"/><role><name>UserRole</name></role></permission>",
        "",
        true,
    ),
    ("DELETE", "/roles/{role}", "", "", true),
    ("DELETE", "/groups/{crew}", "", "", true),
    ("DELETE", "/users/{jo}", "", "", true),
    (
        "POST",
        "/events",
        "<event><description>Smoke.</description><origin>probe</origin><severity>alert</severity><custom_id>7</custom_id></event>",
        "event",
        true,
    ),
    ("DELETE", "/events/{event}", "", "", true),
    ("POST", "/events/undelete", "<action/>", "", true),
    ("POST", "/jobs", "<job><description>Backup</description></job>", "job", true),
    ("POST", "/jobs/{job}/steps", "<step><description>Read</description><type>executing</type></step>", "step", false),
    ("POST", "/jobs/{job}/steps/{step}/end", "<action><succeeded>true</succeeded></action>", "", false),
    ("POST", "/jobs/{job}/end", "<action><succeeded>true</succeeded></action>", "", false),
    ("POST", "/jobs/{job}/clear", "<action/>", "", false),
    ("DELETE", "/templates/{template}", "", "", true),
    ("DELETE", "/vms/{vm}", "", "", true),
];

#[tokio::test(flavor = "multi_thread")]
async fn what_an_administrator_may_a_user_without_a_role_may_not() {
    let mut stack = Stack::new().await;
    for (verb, path, body, name, logged) in DEEDS {
        let (path, body) = (stack.fill(path), stack.fill(body));
        let refused = stack.send(NOBODY, verb, &path, &body).await;
        assert!(
            matches!(refused.status, StatusCode::FORBIDDEN | StatusCode::NOT_FOUND),
            "{verb} {path}: {} {}",
            refused.status,
            refused.text
        );
        let before = stack.newest_event().await;
        let done = stack.send(ADMIN, verb, &path, &body).await;
        assert!(done.status.is_success(), "{verb} {path}: {} {}", done.status, done.text);
        assert!(!done.text.is_empty(), "{verb} {path}: clients refuse empty bodies");
        let after = stack.newest_event().await;
        assert_eq!(after > before, *logged, "{verb} {path} and the event log");
        if !name.is_empty() {
            let id = id_at_the_end(done.location.as_deref()).unwrap_or_else(|| panic!("{path}: {}", done.text));
            stack.known.insert((*name).to_owned(), id);
        }
    }
}

/// A body that satisfies what most requests need, so that they come as far as the question who asks.
fn body_of(operation: &Operation) -> String {
    let Some(request) = operation.request else { return String::new() };
    let mut tag = String::new();
    for (at, letter) in request.char_indices() {
        if letter.is_ascii_uppercase() && at > 0 {
            tag.push('_');
        }
        tag.push(letter.to_ascii_lowercase());
    }
    // What some kinds need besides.
    let free = "11111111-2222-3333-4444-555555555555";
    let own = match tag.as_str() {
        "step" => "<type>executing</type>".to_owned(),
        "storage_domain" => {
            format!(
                "<id>{free}</id><type>data</type><host id=\"{free}\"/><storage><type>nfs</type><address>a</address><path>/p</path></storage>"
            )
        }
        "disk" => format!(
            "<format>cow</format><provisioned_size>1048576</provisioned_size>
             <storage_domains><storage_domain id=\"{free}\"/></storage_domains>"
        ),
        "disk_attachment" => format!("<bootable>false</bootable><active>true</active><disk id=\"{free}\"/>"),
        "image_transfer" => format!("<disk id=\"{free}\"/><direction>upload</direction>"),
        "graphics_console" => "<protocol>vnc</protocol>".to_owned(),
        "cdrom" => format!("<file id=\"{free}\"/>"),
        "action" => format!("<fence_type>manual</fence_type><storage_domain id=\"{free}\"/>"),
        _ => String::new(),
    };
    format!(
        "<{tag}><name>probe</name><description>probe</description><user_name>probe</user_name><origin>probe</origin>
         <severity>normal</severity><custom_id>1</custom_id>{own}<local>false</local>
         <address>192.0.2.1</address><root_password>x</root_password><interface>virtio</interface>
         <cluster id=\"{{cluster}}\"/><data_center id=\"{{data_center}}\"/><template id=\"{{nil}}\"/>
         <vm id=\"{{vm}}\"/><network id=\"{{network}}\"/><user id=\"{{nobody}}\"/><role id=\"{{user_role}}\"/></{tag}>"
    )
}

#[tokio::test(flavor = "multi_thread")]
async fn no_served_change_is_open_to_a_user_without_a_role() {
    let mut stack = Stack::new().await;
    let vm = "<vm><name>web</name><cluster id=\"{cluster}\"/><template id=\"{nil}\"/></vm>";
    let made = stack.send(ADMIN, "POST", "/vms", &stack.fill(vm)).await;
    stack.known.insert("vm".to_owned(), id_at_the_end(made.location.as_deref()).unwrap());
    let served = ferrovirt_rest::served();
    let (mut asked, mut met_the_guard) = (0, 0);
    for (path, service) in tree::paths() {
        for operation in service.operations {
            let changes = operation.verb != Verb::Get;
            if !changes || !served.contains(&format!("{}.{}", service.name, operation.method)) {
                continue;
            }
            let path = stack.fill(&path.replace("{profile}", "{vnic_profile}"));
            let path = with_free_ids(&path);
            let path = operation.action.map_or_else(|| path.clone(), |action| format!("{path}/{action}"));
            let verb = operation.verb.as_str();
            let answer = stack.send(NOBODY, verb, &path, &stack.fill(&body_of(operation))).await;
            let name = format!("{}.{} {verb} {path}", service.name, operation.method);
            assert!(answer.status.is_client_error(), "{name}: {} {}", answer.status, answer.text);
            assert_ne!(answer.status, StatusCode::UNAUTHORIZED, "{name}");
            asked += 1;
            if matches!(answer.status, StatusCode::FORBIDDEN | StatusCode::NOT_FOUND) {
                met_the_guard += 1;
            } else {
                println!("{name}: {} {}", answer.status, answer.text.replace('\n', " "));
            }
        }
    }
    assert!(asked > 60, "only {asked} changes are served");
    assert_eq!(met_the_guard, asked, "every change comes as far as the guard");
    for list in ["/vms", "/clusters", "/datacenters", "/networks", "/tags", "/roles", "/templates", "/users", "/hosts"]
    {
        let text = stack.send(ADMIN, "GET", list, "").await.text;
        assert!(!text.contains(">probe<"), "{list}: {text}");
    }
    let still = stack.send(ADMIN, "GET", &stack.fill("/vms/{vm}"), "").await;
    assert_eq!(still.status, StatusCode::OK);
}

/// Ids of objects that there are none of.
fn with_free_ids(path: &str) -> String {
    let segments = path
        .split('/')
        .map(|segment| if segment.starts_with('{') { "11111111-2222-3333-4444-555555555555" } else { segment });
    segments.collect::<Vec<_>>().join("/")
}

#[tokio::test(flavor = "multi_thread")]
async fn users_see_what_they_hold_a_role_on_and_nothing_else() {
    let mut stack = Stack::new().await;
    for name in ["web", "db"] {
        let vm = format!("<vm><name>{name}</name><cluster id=\"{{cluster}}\"/><template id=\"{{nil}}\"/></vm>");
        let made = stack.send(ADMIN, "POST", "/vms", &stack.fill(&vm)).await;
        stack.known.insert(name.to_owned(), id_at_the_end(made.location.as_deref()).unwrap());
    }
    let grant = stack.fill("<permission><user id=\"{nobody}\"/><role id=\"{user_role}\"/></permission>");
    let given = stack.send(ADMIN, "POST", &stack.fill("/vms/{web}/permissions"), &grant).await;
    assert_eq!(given.status, StatusCode::CREATED, "{}", given.text);
    let text = stack.send(NOBODY, "GET", "/vms", "").await.text;
    assert!(text.contains("<name>web</name>") && !text.contains("<name>db</name>"), "{text}");
    assert_eq!(stack.send(NOBODY, "GET", &stack.fill("/vms/{db}"), "").await.status, StatusCode::NOT_FOUND);
    let permissions = stack.send(NOBODY, "GET", &stack.fill("/vms/{db}/permissions"), "").await;
    assert_eq!(permissions.status, StatusCode::NOT_FOUND);
    let own = stack.send(NOBODY, "GET", &stack.fill("/users/{nobody}/permissions"), "").await;
    assert!(own.status == StatusCode::OK && own.text.contains("<permission "), "{}", own.text);
    assert_eq!(stack.send(NOBODY, "GET", &stack.fill("/users/{nobody}"), "").await.status, StatusCode::OK);
    let users = stack.send(NOBODY, "GET", "/users", "").await.text;
    assert_eq!(users.matches("<user ").count(), 1, "{users}");
    assert_eq!(stack.send(NOBODY, "GET", "/tags", "").await.status, StatusCode::FORBIDDEN);
    let templates = stack.send(NOBODY, "GET", "/templates", "").await.text;
    assert!(templates.contains("<name>Blank</name>"), "{templates}");
}

#[tokio::test(flavor = "multi_thread")]
async fn the_same_event_from_outside_is_written_once_in_its_time() {
    let stack = Stack::new().await;
    let event = "<event><description>Smoke.</description><origin>probe</origin><severity>warning</severity>
        <custom_id>7</custom_id><flood_rate>60</flood_rate></event>";
    let first = stack.send(ADMIN, "POST", "/events", event).await;
    let second = stack.send(ADMIN, "POST", "/events", event).await;
    assert_eq!((first.status, second.status), (StatusCode::CREATED, StatusCode::CREATED), "{}", second.text);
    assert_eq!(first.location, second.location);
    let other = stack.send(ADMIN, "POST", "/events", &event.replace('7', "8")).await;
    assert_ne!(other.location, first.location);
    let found = stack.send(ADMIN, "GET", "/events?search=origin%3Dprobe", "").await.text;
    assert_eq!(found.matches("<event ").count(), 2, "{found}");
    assert!(found.contains("<code>9802</code>"), "{found}");
}

#[tokio::test(flavor = "multi_thread")]
async fn the_last_administrator_stays() {
    let stack = Stack::new().await;
    let text = stack.send(ADMIN, "GET", "/permissions", "").await.text;
    let super_user = ferrovirt_model::roles::SUPER_USER.to_string();
    let grant = text.split("<permission ").find(|grant| grant.contains(&super_user)).unwrap();
    let id = grant.split(" id=\"").nth(1).or_else(|| grant.split("id=\"").nth(1)).unwrap().split('"').next().unwrap();
    let refused = stack.send(ADMIN, "DELETE", &format!("/permissions/{id}"), "").await;
    assert_eq!(refused.status, StatusCode::BAD_REQUEST, "{}", refused.text);
    let predefined = stack.send(ADMIN, "DELETE", &format!("/roles/{super_user}"), "").await;
    assert!(predefined.status.is_client_error(), "{}", predefined.text);
    let everyone = stack.send(ADMIN, "DELETE", "/groups/eee00000-0000-0000-0000-123456789eee", "").await;
    assert!(everyone.status.is_client_error(), "{}", everyone.text);
    let root = stack.send(ADMIN, "DELETE", &format!("/tags/{NIL}"), "").await;
    assert!(root.status.is_client_error(), "{}", root.text);
}
