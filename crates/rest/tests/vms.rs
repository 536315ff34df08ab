//! VMs through the API: on a real engine over a real database, without hosts. What reaches further than the machine needs
//! a permit of its own, and what is asked and not served is refused instead of forgotten.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "a test that can't go on fails")]

mod support;

use http::StatusCode;
use support::{ADMIN, NOBODY, Stack};

/// A user who may make, change and run the VMs of the cluster, and administers nothing; and a VM.
async fn stack_with_an_owner() -> Stack {
    let mut stack = Stack::new().await;
    let permits: String = ["create_vm", "edit_vm_properties", "run_vm", "create_template", "edit_template_properties"]
        .map(|name| format!("<permit><name>{name}</name></permit>"))
        .concat();
    stack.make("owner", "/roles", &format!("<role><name>Owner</name><permits>{permits}</permits></role>")).await;
    let grant = "<permission><user id=\"{nobody}\"/><role id=\"{owner}\"/></permission>";
    stack.make("grant", "/datacenters/{data_center}/permissions", grant).await;
    stack.make("vm", "/vms", "<vm><name>web</name><cluster id=\"{cluster}\"/><template id=\"{nil}\"/></vm>").await;
    stack
}

impl Stack {
    async fn ask(&self, who: &str, verb: &str, path: &str, body: &str) -> (StatusCode, String) {
        let answer = self.send(who, verb, &self.fill(path), &self.fill(body)).await;
        (answer.status, answer.text)
    }

    /// The administrator and the owner ask for the same: what each gets.
    async fn both(&self, verb: &str, path: &str, body: &str) -> (StatusCode, StatusCode) {
        let (owner, _) = self.ask(NOBODY, verb, path, &body.replace("{who}", "o")).await;
        let (admin, _) = self.ask(ADMIN, verb, path, &body.replace("{who}", "a")).await;
        (owner, admin)
    }
}

const KERNEL: &str = "<os><kernel>/var/lib/ferrovirt/boot/vmlinuz</kernel>\
                      <initrd>/var/lib/ferrovirt/boot/initrd.img</initrd><cmdline>quiet</cmdline></os>";

#[tokio::test(flavor = "multi_thread")]
async fn no_guest_reads_its_hosts_files() {
    let stack = stack_with_an_owner().await;
    let new =
        |os: &str| format!("<vm><name>{{who}}1</name><cluster id=\"{{cluster}}\"/><template id=\"{{nil}}\"/>{os}</vm>");
    for path in ["/etc/shadow", "/var/lib/ferrovirt/boot/../engine.key", "iso://vmlinuz"] {
        for element in ["kernel", "initrd"] {
            let os = format!("<os><{element}>{path}</{element}></os>");
            let refused = (StatusCode::FORBIDDEN, StatusCode::BAD_REQUEST);
            assert_eq!(stack.both("POST", "/vms", &new(&os)).await, refused);
            assert_eq!(stack.both("PUT", "/vms/{vm}", &format!("<vm>{os}</vm>")).await, refused);
            let start = format!("<action><vm>{os}</vm></action>");
            assert_eq!(stack.both("POST", "/vms/{vm}/start", &start).await, refused);
            let template = format!("<template><name>t</name><vm id=\"{{vm}}\"/>{os}</template>");
            assert_eq!(stack.both("POST", "/templates", &template).await, refused);
        }
    }
    let (status, text) = stack.ask(ADMIN, "PUT", "/vms/{vm}", "<vm><os><initrd>/etc/shadow</initrd></os></vm>").await;
    assert!(status == StatusCode::BAD_REQUEST && text.contains("/var/lib/ferrovirt/boot"), "{text}");
    let allowed = (StatusCode::FORBIDDEN, StatusCode::CREATED);
    assert_eq!(stack.both("POST", "/vms", &new(KERNEL)).await, allowed);
    assert_eq!(
        stack.both("PUT", "/vms/{vm}", &format!("<vm>{KERNEL}</vm>")).await,
        (StatusCode::FORBIDDEN, StatusCode::OK)
    );
    // What an administrator set its owner may send back, and not change.
    assert_eq!(stack.ask(NOBODY, "PUT", "/vms/{vm}", &format!("<vm>{KERNEL}</vm>")).await.0, StatusCode::OK);
    let other = KERNEL.replace("initrd.img", "other.img");
    assert_eq!(stack.ask(NOBODY, "PUT", "/vms/{vm}", &format!("<vm>{other}</vm>")).await.0, StatusCode::FORBIDDEN);
    // There is no host, which is what a start that may be hears.
    let start = format!("<action><vm>{other}</vm></action>");
    assert_eq!(stack.both("POST", "/vms/{vm}/start", &start).await, (StatusCode::FORBIDDEN, StatusCode::CONFLICT));
}

#[tokio::test(flavor = "multi_thread")]
async fn what_reaches_beyond_the_machine_needs_its_own_permit() {
    let mut stack = stack_with_an_owner().await;
    let new = "<vm><name>{who}2</name><cluster id=\"{cluster}\"/><template id=\"{nil}\"/>";
    let pins = "<cpu><cpu_tune><vcpu_pins><vcpu_pin><vcpu>0</vcpu><cpu_set>0</cpu_set></vcpu_pin></vcpu_pins></cpu_tune></cpu>";
    let properties = "<custom_properties><custom_property><name>sap_agent</name><value>true</value></custom_property></custom_properties>";
    for (part, name) in [(pins, "pins"), (properties, "properties")] {
        let new = new.replace('2', name);
        assert_eq!(
            stack.both("POST", "/vms", &format!("{new}{part}</vm>")).await,
            (StatusCode::FORBIDDEN, StatusCode::CREATED)
        );
        assert_eq!(
            stack.both("PUT", "/vms/{vm}", &format!("<vm>{part}</vm>")).await,
            (StatusCode::FORBIDDEN, StatusCode::OK)
        );
        assert_eq!(
            stack.ask(NOBODY, "PUT", "/vms/{vm}", &format!("<vm>{part}</vm>")).await.0,
            StatusCode::OK,
            "the same"
        );
    }
    let once = "<action><vm><custom_properties><custom_property><name>a</name><value>b</value></custom_property></custom_properties></vm></action>";
    assert_eq!(stack.both("POST", "/vms/{vm}/start", once).await, (StatusCode::FORBIDDEN, StatusCode::CONFLICT));
    assert_eq!(stack.both("POST", "/vms/{vm}/start", "<action/>").await, (StatusCode::CONFLICT, StatusCode::CONFLICT));

    // Whoever may assign the profile that a cluster is born with: everyone. Whoever may assign one that is given to none.
    let profiles = stack.ask(ADMIN, "GET", "/clusters/{cluster}/cpuprofiles", "").await.1;
    let id = profiles.split("<cpu_profile ").nth(1).and_then(|rest| rest.split("id=\"").nth(1)).unwrap();
    stack.known.insert("profile".to_owned(), id.split('"').next().unwrap().to_owned());
    let named = "<cpu_profile id=\"{profile}\"/></vm>";
    let made = (StatusCode::CREATED, StatusCode::CREATED);
    assert_eq!(stack.both("POST", "/vms", &format!("{new}{named}").replace('2', "free")).await, made);
    let grants = "/groups/eee00000-0000-0000-0000-123456789eee/permissions/14124e3a-fedf-11e9-8092-8c1645ce738e";
    assert_eq!(stack.ask(ADMIN, "DELETE", grants, "").await.0, StatusCode::OK);
    let refused = (StatusCode::FORBIDDEN, StatusCode::CREATED);
    assert_eq!(stack.both("POST", "/vms", &format!("{new}{named}").replace('2', "held")).await, refused);
    let same = format!("<vm>{named}");
    assert_eq!(stack.both("PUT", "/vms/{vm}", &same).await, (StatusCode::OK, StatusCode::OK), "it has it already");
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_asked_and_not_served_is_refused_and_what_is_shown_may_be_sent_back() {
    let mut stack = stack_with_an_owner().await;
    stack.make("blue", "/networks", "<network><name>blue</name><data_center id=\"{data_center}\"/></network>").await;
    for (path, root, elements) in [
        ("/vms/{vm}", "vm", &["<stateless>true</stateless>", "<storage_domain id=\"{nil}\"/>"][..]),
        (
            "/clusters/{cluster}",
            "cluster",
            &[
                "<switch_type>ovs</switch_type>",
                "<serial_number><policy>host</policy></serial_number>",
                "<required_rng_sources><required_rng_source>hwrng</required_rng_source></required_rng_sources>",
                "<log_max_memory_used_threshold>80</log_max_memory_used_threshold>",
                "<gluster_service>true</gluster_service>",
                "<external_network_providers><external_provider id=\"1\"/></external_network_providers>",
                "<custom_scheduling_policy_properties><property><name>a</name></property></custom_scheduling_policy_properties>",
            ],
        ),
        (
            "/datacenters/{data_center}",
            "data_center",
            &["<quota_mode>enabled</quota_mode>", "<quota_mode>audit</quota_mode>"],
        ),
        (
            "/networks/{blue}",
            "network",
            &[
                "<port_isolation>true</port_isolation>",
                "<qos id=\"1\"/>",
                "<dns_resolver_configuration><name_servers><name_server>192.0.2.1</name_server></name_servers></dns_resolver_configuration>",
            ],
        ),
        (
            "/vnicprofiles/{vnic_profile}",
            "vnic_profile",
            &[
                "<port_mirroring>true</port_mirroring>",
                "<pass_through><mode>enabled</mode></pass_through>",
                "<qos id=\"1\"/>",
                "<failover id=\"1\"/>",
                "<custom_properties><custom_property><name>a</name></custom_property></custom_properties>",
            ],
        ),
    ] {
        for element in elements {
            let (status, text) = stack.ask(ADMIN, "PUT", path, &format!("<{root}>{element}</{root}>")).await;
            assert_eq!(status, StatusCode::NOT_IMPLEMENTED, "{path} {element}: {text}");
            let name = element.trim_start_matches('<').split(['>', ' ']).next().unwrap();
            assert!(text.contains(&format!("{root}.{name}")), "{text}");
        }
        let (_, shown) = stack.ask(ADMIN, "GET", path, "").await;
        let (status, text) = stack.ask(ADMIN, "PUT", path, &shown).await;
        assert_eq!(status, StatusCode::OK, "{path} {shown}: {text}");
    }
    let host = "<host><name>h</name><address>192.0.2.7</address><cluster id=\"{cluster}\"/>";
    for element in [
        "<power_management><enabled>true</enabled></power_management>",
        "<ssh><port>2222</port></ssh>",
        "<os><custom_kernel_cmdline>quiet</custom_kernel_cmdline></os>",
    ] {
        let (status, text) = stack.ask(ADMIN, "POST", "/hosts", &format!("{host}{element}</host>")).await;
        assert_eq!(status, StatusCode::NOT_IMPLEMENTED, "{element}: {text}");
    }
    let harmless = "<ssh><authentication_method>publickey</authentication_method></ssh></host>";
    stack.make("host", "/hosts", &format!("{host}{harmless}")).await;
    let (_, shown) = stack.ask(ADMIN, "GET", "/hosts/{host}", "").await;
    assert_eq!(stack.ask(ADMIN, "PUT", "/hosts/{host}", &shown).await.0, StatusCode::OK, "{shown}");

    for start in ["<volatile>true</volatile>", "<authorized_key/>", "<vm><stateless>true</stateless></vm>"] {
        let (status, text) = stack.ask(ADMIN, "POST", "/vms/{vm}/start", &format!("<action>{start}</action>")).await;
        assert_eq!(status, StatusCode::NOT_IMPLEMENTED, "{start}: {text}");
    }
    let new = "<vm><name>n</name><cluster id=\"{cluster}\"/><template id=\"{nil}\"/>";
    for (query, body) in [
        ("?seal=true", "</vm>"),
        ("?auto_pinning_policy=adjust", "</vm>"),
        (
            "",
            "<disk_attachments><disk_attachment><disk><format>raw</format></disk></disk_attachment></disk_attachments></vm>",
        ),
    ] {
        let (status, text) = stack.ask(ADMIN, "POST", &format!("/vms{query}"), &format!("{new}{body}")).await;
        assert_eq!(status, StatusCode::NOT_IMPLEMENTED, "{query} {body}: {text}");
    }
    let stranger = "<disk_attachments><disk_attachment><disk id=\"{vm}\"/></disk_attachment></disk_attachments></vm>";
    let (status, text) = stack.ask(ADMIN, "POST", "/vms", &format!("{new}{stranger}")).await;
    assert!(status == StatusCode::BAD_REQUEST && text.contains("has no disk"), "{text}");
}

#[tokio::test(flavor = "multi_thread")]
async fn hosts_may_be_named() {
    let mut stack = stack_with_an_owner().await;
    let host = "<host><name>h</name><address>192.0.2.7</address><cluster id=\"{cluster}\"/></host>";
    stack.make("host", "/hosts", host).await;
    let pinned =
        |name: &str| format!("<placement_policy><hosts><host><name>{name}</name></host></hosts></placement_policy>");
    let (status, text) = stack.ask(ADMIN, "PUT", "/vms/{vm}", &format!("<vm>{}</vm>", pinned("h"))).await;
    assert!(
        status == StatusCode::OK && text.contains(&stack.fill("<host href=\"/ovirt-engine/api/hosts/{host}\"")),
        "{text}"
    );
    let none = format!("<vm>{}</vm>", pinned("nowhere"));
    assert_eq!(stack.ask(ADMIN, "PUT", "/vms/{vm}", &none).await.0, StatusCode::NOT_FOUND);
    let start = format!("<action><vm>{}</vm></action>", pinned("nowhere"));
    assert_eq!(stack.ask(ADMIN, "POST", "/vms/{vm}/start", &start).await.0, StatusCode::NOT_FOUND);
}

#[tokio::test(flavor = "multi_thread")]
async fn permissions_are_cloned_where_that_is_asked() {
    let mut stack = stack_with_an_owner().await;
    let grant = "<permission><user id=\"{nobody}\"/><role id=\"{user_role}\"/></permission>";
    stack.make("held", "/vms/{vm}/permissions", grant).await;
    let golden = "<template><name>{who}</name><vm id=\"{vm}\"/></template>";
    let refused = (StatusCode::FORBIDDEN, StatusCode::CREATED);
    assert_eq!(
        stack.both("POST", "/templates?clone_permissions=true", golden).await,
        refused,
        "a grant is given by who may give"
    );
    stack
        .make(
            "golden",
            "/templates?clone_permissions=true",
            "<template><name>golden</name><vm id=\"{vm}\"/></template>",
        )
        .await;
    stack.make("bare", "/templates", "<template><name>bare</name><vm id=\"{vm}\"/></template>").await;
    let new = "<vm><name>{name}</name><cluster id=\"{cluster}\"/><template id=\"{golden}\"/></vm>";
    stack.make("with", "/vms?clone_permissions=true", &new.replace("{name}", "with")).await;
    stack.make("without", "/vms", &new.replace("{name}", "without")).await;
    for (path, held) in
        [("/templates/{golden}", true), ("/templates/{bare}", false), ("/vms/{with}", true), ("/vms/{without}", false)]
    {
        let (_, text) = stack.ask(ADMIN, "GET", &format!("{path}/permissions"), "").await;
        assert_eq!(text.contains(&stack.fill("{user_role}")), held, "{path}: {text}");
    }
}
