//! What documents say is what the engine knows: of illegal images, of runs with changes for once, of networks that lack
//! somewhere or stand otherwise than they are defined, of loads and sizes. And how requests are refused that can't be right.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "a test that can't go on fails")]

mod support;

use ferrovirt_model::ids::{DiskId, HostId, VmId};
use ferrovirt_model::network::HostNic;
use ferrovirt_model::storage::DiskState;
use ferrovirt_model::vm::RunParticulars;
use ferrovirt_store::Areas;
use http::StatusCode;
use serde_json::Value;
use support::{ADMIN, Stack};

async fn read(stack: &Stack, path: &str) -> Value {
    let (status, document) = stack.read(&stack.fill(path)).await;
    assert_eq!(status, StatusCode::OK, "{path}: {document}");
    document
}

/// A field of the VM, alone, in the plain list and in the list with something followed.
async fn three_ways(stack: &Stack, field: &str) -> [Value; 3] {
    let alone = read(stack, "/vms/{vm}").await;
    let listed = read(stack, "/vms?search=name%3Dweb").await;
    let followed = read(stack, "/vms?search=name%3Dweb&follow=nics").await;
    [alone[field].clone(), listed["vm"][0][field].clone(), followed["vm"][0][field].clone()]
}

#[tokio::test(flavor = "multi_thread")]
async fn a_vm_tells_of_its_broken_disks_as_soon_as_they_are() {
    let stack = Stack::populated().await;
    let disk = DiskId(stack.uuid("disk"));
    for (state, shown) in [(DiskState::Ok, "false"), (DiskState::Illegal, "true"), (DiskState::Ok, "false")] {
        let mut tx = stack.store.begin().await.unwrap();
        tx.disks().set_state(disk, state, None).await.unwrap();
        tx.commit().await.unwrap();
        assert_eq!(three_ways(&stack, "has_illegal_images").await, [shown; 3], "{state:?}");
        let found = read(&stack, &format!("/vms?search=has_illegal_images%3D{shown}+and+name%3Dweb")).await;
        assert_eq!(found["vm"].as_array().map_or(0, Vec::len), 1, "the search says what the document says: {found}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_vm_tells_of_a_run_with_changes_for_once() {
    let stack = Stack::populated().await;
    let vm = VmId(stack.uuid("vm"));
    assert_eq!(three_ways(&stack, "run_once").await, ["false"; 3]);
    let mut tx = stack.store.begin().await.unwrap();
    let view = tx.vms().view(vm).await.unwrap().unwrap();
    let definition = Some(Box::new(view.vm.definition.clone()));
    let once = RunParticulars { definition, ..RunParticulars::default() };
    tx.vms().put_particulars(vm, view.run.unwrap().generation, &once).await.unwrap();
    tx.commit().await.unwrap();
    assert_eq!(three_ways(&stack, "run_once").await, ["true"; 3]);
}

async fn nics(stack: &Stack, change: impl Fn(&mut Vec<HostNic>)) {
    let host = HostId(stack.uuid("host"));
    let mut tx = stack.store.begin().await.unwrap();
    let mut nics = tx.hosts().nics(&[host]).await.unwrap();
    change(&mut nics);
    tx.hosts().put_nics(host, &nics).await.unwrap();
    tx.commit().await.unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn a_required_network_that_a_host_lacks_is_not_operational() {
    let stack = Stack::populated().await;
    let shown = async || read(&stack, "/clusters/{cluster}/networks/{blue}").await["status"].clone();
    assert_eq!(shown().await, "operational");
    nics(&stack, |nics| nics.retain(|nic| nic.name != "eth1")).await;
    assert_eq!(shown().await, "non_operational");
    let optional = "<network><required>false</required></network>";
    let changed = stack.send(ADMIN, "PUT", &stack.fill("/clusters/{cluster}/networks/{blue}"), optional).await;
    assert_eq!(changed.status, StatusCode::OK, "{}", changed.text);
    assert_eq!(shown().await, "operational", "nobody requires it");
}

#[tokio::test(flavor = "multi_thread")]
async fn an_attachment_is_in_sync_while_the_network_stands_as_it_is_defined() {
    let stack = Stack::populated().await;
    let network = stack.known["blue"].clone();
    let shown = async || {
        let list = read(&stack, "/hosts/{host}/networkattachments").await;
        let all = list["network_attachment"].as_array().unwrap().clone();
        all.into_iter().find(|one| one["network"]["id"] == network.as_str()).unwrap()["in_sync"].clone()
    };
    assert_eq!(shown().await, "false", "it has no bridge");
    nics(&stack, |nics| {
        let nic = nics.iter().find(|nic| nic.name == "eth1").unwrap().clone();
        let id = ferrovirt_model::ids::HostNicId(stack.uuid("blue"));
        nics.push(HostNic { id, name: "blue".to_owned(), kind: "bridge".to_owned(), ..nic });
    })
    .await;
    assert_eq!(shown().await, "true");
    let other = "<network><mtu>9000</mtu></network>";
    let changed = stack.send(ADMIN, "PUT", &stack.fill("/networks/{blue}"), other).await;
    assert_eq!(changed.status, StatusCode::OK, "{}", changed.text);
    assert_eq!(shown().await, "false", "its packets are to be larger");
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_not_known_is_not_told() {
    let stack = Stack::populated().await;
    let host = read(&stack, "/hosts/{host}").await;
    assert!(host.get("ksm").is_none() && host.get("transparent_hugepages").is_none(), "{host}");
    let nic = read(&stack, "/vms/{vm}/nics/{nic}").await;
    assert!(nic.get("synced").is_none(), "{nic}");
}

#[tokio::test(flavor = "multi_thread")]
async fn loads_and_sizes_are_searched_by() {
    let stack = Stack::populated().await;
    let names = async |path: &str, tag: &str| -> Vec<String> {
        let list = read(&stack, path).await;
        let found = list[tag].as_array().cloned().unwrap_or_default();
        found.iter().map(|one| one["name"].as_str().unwrap().to_owned()).collect()
    };
    assert_eq!(names("/vms?search=network_usage%3D50", "vm").await, ["web"], "half a gigabit");
    assert_eq!(names("/vms?search=network_usage%3E50", "vm").await, Vec::<String>::new());
    assert_eq!(
        names("/hosts?search=network_usage%3D50", "host").await,
        ["node0", "node1"],
        "of what the NIC can carry"
    );
    assert_eq!(names("/instancetypes?search=name%3D*l*+and+mem%3E4096", "instance_type").await, ["Large", "XLarge"]);
    assert_eq!(names("/instancetypes?search=mem%3C4096+sortby+mem", "instance_type").await, ["Tiny", "Small"]);
    assert_eq!(names("/instancetypes?search=name%3DXLARGE", "instance_type").await, ["XLarge"]);
    assert_eq!(names("/networks?search=name%3Cc", "network").await, ["blue"]);
    let domain = "/domains/696E7465726E616C2D617574687A/users?search=username%3Dnobody";
    let list = read(&stack, domain).await;
    assert_eq!(list["user"].as_array().unwrap().len(), 1, "{list}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_malformed_id_in_a_body_is_a_bad_request_and_in_a_path_names_nothing() {
    let stack = Stack::populated().await;
    let bodies = [
        ("/vms", "<vm><name>x</name><cluster id=\"x\"/><template id=\"{nil}\"/></vm>"),
        ("/clusters", "<cluster><name>x</name><data_center id=\"x\"/></cluster>"),
        ("/networks", "<network><name>x</name><data_center id=\"x\"/></network>"),
        ("/vms/{vm}/nics", "<nic><name>x</name><vnic_profile id=\"x\"/></nic>"),
        ("/vms/{vm}/tags", "<tag id=\"x\"/>"),
        ("/vms/{vm}/permissions", "<permission><user id=\"x\"/><role><name>UserRole</name></role></permission>"),
        ("/users/{nobody}/permissions", "<permission><vm id=\"x\"/><role><name>UserRole</name></role></permission>"),
        ("/roles/{sign_on}/permits", "<permit id=\"x\"/>"),
    ];
    for (path, body) in bodies {
        let answer = stack.send(ADMIN, "POST", &stack.fill(path), &stack.fill(body)).await;
        assert_eq!(answer.status, StatusCode::BAD_REQUEST, "{path}: {}", answer.text);
    }
    for path in ["/vms/x", "/clusters/x", "/vms/x/nics"] {
        assert_eq!(stack.read(path).await.0, StatusCode::NOT_FOUND, "{path}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn current_consoles_are_those_of_the_running_guest() {
    let stack = Stack::populated().await;
    let count = async |query: &str| {
        let list = read(&stack, &format!("/vms/{{vm}}/graphicsconsoles{query}")).await;
        list["graphics_console"].as_array().map_or(0, Vec::len)
    };
    assert_eq!(count("").await, 2, "the definition has two");
    assert_eq!(count("?current=true").await, 1, "the guest has VNC alone");
    let (status, _) = stack.read(&stack.fill("/vms/{vm}/graphicsconsoles/766e63?current=true")).await;
    assert_eq!(status, StatusCode::OK);
    let (status, _) = stack.read(&stack.fill("/vms/{vm}/graphicsconsoles/7370696365?current=true")).await;
    assert_eq!(status, StatusCode::NOT_FOUND);
}
