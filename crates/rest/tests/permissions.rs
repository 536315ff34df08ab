//! Who may do what through the API: on a real engine over a real database, without hosts. What an administrator may, a
//! user without a role may not; and whatever changes leaves a trace in the event log.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "a test that can't go on fails")]

mod support;

use std::collections::BTreeMap;

use ferrovirt_wire::tree::{self, Operation, Service, Verb};
use http::StatusCode;
use support::seeded::{self, SEER};
use support::{ADMIN, NIL, NOBODY, Stack, id_at_the_end};

/// One request of the story: verb, path, body, what to call the id of what it made, whether the log tells of it. oVirt has
/// events for a job of an outside program that begins and none for its steps, its end and its going (events 11000 and 11001
/// stand alone), so its own record, the list of jobs, tells of these.
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
fn body_of(service: &str, operation: &Operation) -> String {
    let Some(request) = operation.request else { return String::new() };
    let mut tag = String::new();
    for (at, letter) in request.char_indices() {
        if letter.is_ascii_uppercase() && at > 0 {
            tag.push('_');
        }
        tag.push(letter.to_ascii_lowercase());
    }
    // What some kinds need besides.
    let own = match (tag.as_str(), service) {
        ("step", _) => "<type>executing</type>",
        ("storage_domain", "AttachedStorageDomainsService") => "<id>{s_domain}</id>",
        ("storage_domain", _) => {
            "<type>data</type><host id=\"{s_host}\"/><storage><type>nfs</type><address>a</address><path>/p</path></storage>"
        }
        ("disk", _) => {
            "<format>cow</format><provisioned_size>1048576</provisioned_size>
             <storage_domains><storage_domain id=\"{s_domain}\"/></storage_domains>"
        }
        ("disk_attachment", _) => "<bootable>false</bootable><active>true</active><disk id=\"{s_disk}\"/>",
        ("image_transfer", _) => "<disk id=\"{s_disk}\"/><direction>upload</direction>",
        ("graphics_console", _) => "<protocol>spice</protocol>",
        ("cdrom", _) => "<file id=\"{s_disk}\"/>",
        ("action", _) => "<fence_type>manual</fence_type><storage_domain id=\"{s_domain}\"/>",
        ("permit", _) => "<id>18</id>",
        _ => "",
    };
    // The name of a permit or an assigned network says which one is meant.
    let name = match (tag.as_str(), service) {
        ("permit", _) | ("network", "ClusterNetworksService") | ("tag", "AssignedTagsService") => "",
        _ => "<name>probe</name>",
    };
    let id = match (tag.as_str(), service) {
        ("network", "ClusterNetworksService") => "<id>{s_network}</id>",
        ("tag", "AssignedTagsService") => "<id>{s_tag}</id>",
        _ => "",
    };
    format!(
        "<{tag}>{id}{name}<description>probe</description><user_name>probe</user_name><origin>probe</origin>
         <severity>normal</severity><custom_id>1</custom_id>{own}<local>false</local>
         <address>192.0.2.1</address><root_password>x</root_password><interface>virtio</interface>
         <cluster id=\"{{s_cluster}}\"/><data_center id=\"{{s_dc}}\"/><template id=\"{{nil}}\"/>
         <vm id=\"{{s_vm}}\"/><network id=\"{{s_network}}\"/><user id=\"{{s_jo}}\"/><role id=\"{{user_role}}\"/></{tag}>"
    )
}

/// Collections that the API declares and does not serve: what is served below other collections answers 404 there.
const UNSERVED: &[&str] = &["vmpools", "quotas", "iscsibonds", "glustervolumes", "externalhostproviders"];

/// Questions that are asked by POST and change nothing: whoever sees the object may ask.
const READS_BY_POST: &[&str] = &["StorageDomainService.is_attached"];

/// The paths of the API with real ids, as far as there is an object for them.
struct Paths<'s> {
    stack: &'s Stack,
    /// The first item of each collection that was looked up.
    found: BTreeMap<String, Option<String>>,
}

impl Paths<'_> {
    /// A path with the seeded objects' ids. `None`: there is no such object, and none can be.
    async fn real(&mut self, path: &str) -> Option<String> {
        let mut real = String::new();
        let mut collections: Vec<&str> = Vec::new();
        for segment in path.split('/').filter(|segment| !segment.is_empty()) {
            if segment.starts_with('{') {
                let id = self.item(&real, &collections).await?;
                real = format!("{real}/{id}");
            } else {
                if UNSERVED.contains(&segment) {
                    return None;
                }
                collections.push(segment);
                real = format!("{real}/{segment}");
            }
        }
        Some(real)
    }

    async fn item(&mut self, collection: &str, collections: &[&str]) -> Option<String> {
        let known = |name: &str| self.stack.known.get(name).cloned();
        let (last, above) = (*collections.last()?, collections.len().checked_sub(2).map(|at| collections[at]));
        match (last, above) {
            ("permissions", above) => return known(&format!("grant/{}", above.unwrap_or_default())),
            ("diskattachments", Some("vms")) => return known("s_disk"),
            ("diskattachments", Some("templates")) => return known("s_template_disk"),
            ("nics", Some("vms")) => return known("s_nic"),
            // These have ids, or items, of their own there.
            ("users" | "groups", Some("domains")) | ("networks", Some("hosts")) => {}
            _ => {
                if let Some(id) = seeded::of_collection(last).and_then(known) {
                    return Some(id);
                }
            }
        }
        if !self.found.contains_key(collection) {
            let listed = self.stack.send(ADMIN, "GET", collection, "").await;
            let id = (listed.status == StatusCode::OK).then(|| first_id(&listed.text)).flatten();
            self.found.insert(collection.to_owned(), id);
        }
        self.found[collection].clone()
    }
}

/// The id of the first item of a list: the one in its first tag that has one.
fn first_id(list: &str) -> Option<String> {
    let tag = list.split('<').find(|tag| tag.contains(" id=\""))?;
    tag.split(" id=\"").nth(1)?.split('"').next().map(str::to_owned)
}

fn served_operations(changes: bool) -> Vec<(String, &'static Service, &'static Operation)> {
    let served = ferrovirt_rest::served();
    let mut found = Vec::new();
    for (path, service) in tree::paths() {
        for operation in service.operations {
            let name = format!("{}.{}", service.name, operation.method);
            if (operation.verb != Verb::Get) == changes && served.contains(&name) {
                found.push((path.clone(), service, operation));
            }
        }
    }
    found
}

/// What a user without any role is told of a change, and one who sees everything and holds no permit.
#[tokio::test(flavor = "multi_thread")]
async fn no_served_change_is_open_to_whoever_lacks_its_permit() {
    let mut stack = Stack::new().await;
    stack.seed().await;
    let mut paths = Paths { stack: &stack, found: BTreeMap::new() };
    let (mut asked, mut wrong) = (0, Vec::new());
    for (path, service, operation) in served_operations(true) {
        let real = paths.real(&path).await;
        let is_there = real.is_some();
        let real = real.unwrap_or_else(|| with_free_ids(&path));
        let real = operation.action.map_or_else(|| real.clone(), |action| format!("{real}/{action}"));
        let (verb, body) = (operation.verb.as_str(), stack.fill(&body_of(service.name, operation)));
        let name = format!("{}.{} {verb} {path}", service.name, operation.method);
        let nobody = stack.send(NOBODY, verb, &real, &body).await;
        if !matches!(nobody.status, StatusCode::FORBIDDEN | StatusCode::NOT_FOUND) {
            wrong.push(format!("nobody: {name}: {} {}", nobody.status, nobody.text));
        }
        let seer = stack.send(SEER, verb, &real, &body).await;
        let refused = READS_BY_POST.contains(&format!("{}.{}", service.name, operation.method).as_str())
            || seer.status == StatusCode::FORBIDDEN
            || !is_there && seer.status == StatusCode::NOT_FOUND;
        if !refused {
            wrong.push(format!("seer: {name} ({real}): {} {}", seer.status, seer.text));
        }
        if !is_there && !UNSERVED.iter().any(|segment| path.contains(segment)) {
            wrong.push(format!("{name}: nothing is seeded"));
        }
        asked += 1;
    }
    assert!(asked > 150, "only {asked} changes are served");
    assert!(wrong.is_empty(), "{} of {asked}:\n{}", wrong.len(), wrong.join("\n"));
    for list in ["/vms", "/clusters", "/datacenters", "/networks", "/tags", "/roles", "/templates", "/users", "/hosts"]
    {
        let text = stack.send(ADMIN, "GET", list, "").await.text;
        assert!(!text.contains(">probe<"), "{list}: {text}");
    }
    let still = stack.send(ADMIN, "GET", &stack.fill("/vms/{s_vm}"), "").await;
    assert_eq!(still.status, StatusCode::OK);
}

/// What everybody may read who can sign on, as in oVirt: what is the same on every installation, and how rights are made.
const OPEN_TO_ALL: &[&str] = &[
    "BalancesService",
    "BalanceService",
    "ClusterLevelsService",
    "ClusterLevelService",
    "ClusterFeaturesService",
    "DomainsService",
    "DomainService",
    "FiltersService",
    "FilterService",
    "InstanceTypesService",
    "InstanceTypeService",
    "NetworkFiltersService",
    "NetworkFilterService",
    "OperatingSystemsService",
    "OperatingSystemService",
    "PermitsService",
    "PermitService",
    "RolesService",
    "RoleService",
    "SchedulingPoliciesService",
    "SchedulingPolicyService",
    "SchedulingPolicyUnitsService",
    "SchedulingPolicyUnitService",
    "SystemOptionService",
    "WeightsService",
    "WeightService",
];

/// A user who holds nothing on an object reads nothing of it, wherever it is asked for.
#[tokio::test(flavor = "multi_thread")]
async fn nothing_that_is_not_ones_own_can_be_read() {
    let mut stack = Stack::new().await;
    stack.seed().await;
    // Names, and ids but that of the role, which everybody may read. Links of what one may read name no object either.
    let ids = stack.known.iter().filter(|(name, id)| {
        (name.starts_with("s_") || name.starts_with("grant/")) && id.len() == NIL.len() && *name != "s_role"
    });
    let foreign: Vec<&str> = ids.map(|(_, id)| id.as_str()).chain([seeded::MARK]).collect();
    let mut paths = Paths { stack: &stack, found: BTreeMap::new() };
    let (mut items, mut lists, mut wrong) = (0, 0, Vec::new());
    for (path, service, operation) in served_operations(false) {
        let name = format!("{}.{}", service.name, operation.method);
        // What only a host or a guest would tell of is not there.
        let Some(real) = paths.real(&path).await else { continue };
        let admin = stack.send(ADMIN, "GET", &real, "").await;
        // Some collections are served below some objects alone.
        if admin.status == StatusCode::NOT_IMPLEMENTED {
            continue;
        }
        if admin.status != StatusCode::OK {
            wrong.push(format!("admin: {name} {path} ({real}): {} {}", admin.status, admin.text));
            continue;
        }
        let nobody = stack.send(NOBODY, "GET", &real, "").await;
        // What lies below a directory that everybody knows is told apart itself.
        let of_item = path.strip_prefix("/domains/{domain}").unwrap_or(&path).contains('{');
        let hidden = matches!(nobody.status, StatusCode::FORBIDDEN | StatusCode::NOT_FOUND);
        let empty = nobody.status == StatusCode::OK && !foreign.iter().any(|word| nobody.text.contains(word));
        let open = OPEN_TO_ALL.contains(&service.name);
        let right = match (open, of_item) {
            (true, _) => nobody.status == StatusCode::OK,
            (false, true) => hidden,
            (false, false) => hidden || empty,
        };
        if !right {
            wrong.push(format!("nobody: {name} {path} ({real}): {} {}", nobody.status, nobody.text));
        }
        *(if of_item { &mut items } else { &mut lists }) += 1;
    }
    assert!(items > 100 && lists > 20, "only {items} items and {lists} lists are read");
    assert!(wrong.is_empty(), "{} of {}:\n{}", wrong.len(), items + lists, wrong.join("\n"));
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
async fn whoever_chooses_a_pool_for_a_cluster_needs_a_permit_on_the_pool_too() {
    let mut stack = Stack::new().await;
    stack.seed().await;
    let give = async |object: &str, role: &str| {
        let grant = format!("<permission><user id=\"{{nobody}}\"/><role><name>{role}</name></role></permission>");
        let given = stack.send(ADMIN, "POST", &stack.fill(&format!("{object}/permissions")), &stack.fill(&grant)).await;
        assert_eq!(given.status, StatusCode::CREATED, "{}", given.text);
    };
    let change = async |body: &str| {
        let answer = stack.send(NOBODY, "PUT", &stack.fill("/clusters/{s_cluster}"), &stack.fill(body)).await;
        (answer.status, answer.text)
    };
    give("/clusters/{s_cluster}", "ClusterAdmin").await;
    let pool = "<cluster><mac_pool id=\"{s_pool}\"/></cluster>";
    let (status, text) = change(pool).await;
    assert_eq!(status, StatusCode::FORBIDDEN, "{text}");
    assert_eq!(change("<cluster><description>mine</description></cluster>").await.0, StatusCode::OK);
    give("/macpools/{s_pool}", "MacPoolUser").await;
    assert_eq!(change(pool).await.0, StatusCode::OK);
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

#[tokio::test(flavor = "multi_thread")]
async fn a_password_that_anybody_guesses_is_refused() {
    let stack = Stack::new().await;
    let body =
        |word: &str| format!("<user><user_name>kim@internal-authz</user_name><password>{word}</password></user>");
    let refused = stack.send(ADMIN, "POST", "/users", &body("x")).await;
    assert_eq!(refused.status, StatusCode::BAD_REQUEST);
    assert!(refused.text.contains("it needs at least 6 characters"), "{}", refused.text);
    assert_eq!(stack.send(NOBODY, "POST", "/users", &body("x")).await.status, StatusCode::FORBIDDEN);
    assert_eq!(stack.send(ADMIN, "POST", "/users", &body("sixsix")).await.status, StatusCode::CREATED);
}
