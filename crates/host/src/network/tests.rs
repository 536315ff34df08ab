//! Real devices in a network namespace that each test makes for its own thread. It needs root.

use futures::future::LocalBoxFuture;
use rtnetlink::LinkVeth;

use super::*;

/// Runs a test in a namespace with `eth0` (10.77.0.2/24, default route) and `eth1`. Nothing stays behind.
fn in_namespace(test: impl FnOnce(World) -> LocalBoxFuture<'static, ()> + Send + 'static) {
    let thread = std::thread::spawn(move || {
        nix::sched::unshare(nix::sched::CloneFlags::CLONE_NEWNET).expect("this test needs root");
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
        runtime.block_on(async {
            let world = World::new().await;
            test(world).await;
        });
    });
    if let Err(panic) = thread.join() {
        std::panic::resume_unwind(panic);
    }
}

struct World {
    folder: tempfile::TempDir,
}

impl World {
    async fn new() -> Self {
        let (connection, handle, _) = rtnetlink::new_connection().unwrap();
        tokio::spawn(connection);
        for (nic, wire) in [("eth0", "wire0"), ("eth1", "wire1")] {
            handle.link().add(LinkVeth::new(nic, wire).build()).execute().await.unwrap();
        }
        let netlink = Netlink::open().unwrap();
        for device in ["lo", "eth0", "wire0", "eth1", "wire1"] {
            netlink.apply(&plan::Step::Up { device: device.into() }).await.unwrap();
        }
        let address = world::Address { ip: "10.77.0.2".parse().unwrap(), prefix: 24, permanent: true };
        netlink.apply(&plan::Step::AddAddress { device: "eth0".into(), address }).await.unwrap();
        let route =
            world::Route { destination: None, gateway: Some("10.77.0.1".parse().unwrap()), metric: None, ipv6: false };
        netlink.apply(&plan::Step::AddRoute { device: "eth0".into(), route }).await.unwrap();
        World { folder: tempfile::tempdir().unwrap() }
    }

    async fn networks(&self) -> Networks {
        let config = Config { state_dir: self.folder.path().into(), ..Config::default() };
        Networks::open(&config, Reports::new()).await.unwrap()
    }
}

fn attachment(name: &str, nic: &str) -> api::NetworkAttachment {
    api::NetworkAttachment {
        network_id: format!("id of {name}"),
        name: name.into(),
        bridge: name.into(),
        nic: nic.into(),
        vm_network: true,
        ..Default::default()
    }
}

fn request(desired: &[api::NetworkAttachment], check_seconds: u32) -> api::SetupNetworksRequest {
    api::SetupNetworksRequest {
        desired: desired.to_vec(),
        check_connectivity: check_seconds > 0,
        connectivity_timeout_seconds: check_seconds,
        ..Default::default()
    }
}

fn nic<'a>(state: &'a api::NetworkState, name: &str) -> Option<&'a api::HostNic> {
    state.nics.iter().find(|nic| nic.name == name)
}

/// The device that has the host's address and default route.
fn holder(state: &api::NetworkState) -> &str {
    let holders: Vec<&str> = state
        .nics
        .iter()
        .filter(|nic| nic.ipv4 == ["10.77.0.2/24"] && nic.gateway == "10.77.0.1")
        .map(|nic| nic.name.as_str())
        .collect();
    assert_eq!(holders.len(), 1, "{state:?}");
    holders[0]
}

#[test]
fn a_bridge_takes_the_address_and_gives_it_back() {
    in_namespace(|world| {
        Box::pin(async move {
            let networks = world.networks().await;
            let mut inside = attachment("inside", "");
            inside.mtu = 9000;
            inside.ipv4 = Some(api::IpAssignment {
                method: "static".into(),
                address: "10.78.0.1".into(),
                netmask: "255.255.255.0".into(),
                ..Default::default()
            });
            let desired = [attachment("ovirtmgmt", "eth0"), inside];
            for _ in 0..2 {
                let state = networks.setup(&request(&desired, 0)).await.unwrap();
                assert_eq!(holder(&state), "ovirtmgmt");
                assert_eq!(nic(&state, "eth0").unwrap().master, "ovirtmgmt");
                let bridge = nic(&state, "ovirtmgmt").unwrap();
                assert_eq!((bridge.kind.as_str(), bridge.up), ("bridge", true));
                assert_eq!(bridge.mac_address, nic(&state, "eth0").unwrap().mac_address);
                let inside = nic(&state, "inside").unwrap();
                assert_eq!((inside.mtu, inside.ipv4.as_slice()), (9000, ["10.78.0.1/24".to_owned()].as_slice()));
                assert!(state.networks.len() == 2 && state.networks.iter().all(|one| one.in_sync), "{state:?}");
            }
            let state = networks.setup(&request(&[], 0)).await.unwrap();
            assert_eq!(holder(&state), "eth0");
            assert!(nic(&state, "ovirtmgmt").is_none() && nic(&state, "inside").is_none());
        })
    });
}

#[test]
fn without_the_engines_word_the_change_is_undone() {
    in_namespace(|world| {
        Box::pin(async move {
            let networks = world.networks().await;
            networks.setup(&request(&[attachment("ovirtmgmt", "eth0")], 1)).await.unwrap();
            tokio::time::sleep(Duration::from_millis(1500)).await;
            let state = networks.state().await.unwrap();
            assert_eq!((holder(&state), state.networks.len()), ("eth0", 0));
            networks.setup(&request(&[attachment("ovirtmgmt", "eth0")], 1)).await.unwrap();
            networks.confirm();
            tokio::time::sleep(Duration::from_millis(1500)).await;
            let state = networks.state().await.unwrap();
            assert_eq!((holder(&state), state.networks.len()), ("ovirtmgmt", 1));
        })
    });
}

#[test]
fn a_restart_brings_back_what_was_confirmed() {
    in_namespace(|world| {
        Box::pin(async move {
            let networks = world.networks().await;
            networks.setup(&request(&[attachment("ovirtmgmt", "eth0")], 0)).await.unwrap();
            networks
                .setup(&request(&[attachment("ovirtmgmt", "eth0"), attachment("blue", "eth1")], 600))
                .await
                .unwrap();
            // The agent dies before the engine came in again.
            let networks = world.networks().await;
            let state = networks.state().await.unwrap();
            assert_eq!(holder(&state), "ovirtmgmt");
            assert!(nic(&state, "blue").is_none() && nic(&state, "eth1").unwrap().master.is_empty(), "{state:?}");
            // The machine restarts: the bridge is gone, the system gave the NIC its address.
            let netlink = Netlink::open().unwrap();
            netlink.apply(&plan::Step::Remove { device: "ovirtmgmt".into() }).await.unwrap();
            let address = world::Address { ip: "10.77.0.2".parse().unwrap(), prefix: 24, permanent: true };
            netlink.apply(&plan::Step::AddAddress { device: "eth0".into(), address }).await.unwrap();
            let state = world.networks().await.state().await.unwrap();
            assert_eq!(nic(&state, "ovirtmgmt").unwrap().ipv4, ["10.77.0.2/24"]);
        })
    });
}

#[test]
fn a_change_that_fails_leaves_the_host_as_it_was() {
    in_namespace(|world| {
        Box::pin(async move {
            let networks = world.networks().await;
            let before = networks.state().await.unwrap();
            // A veth takes no such MTU: the step fails after the bridge was made.
            let mut huge = attachment("huge", "eth1");
            huge.mtu = 65_536;
            let error = networks.setup(&request(&[attachment("ovirtmgmt", "eth0"), huge], 0)).await.unwrap_err();
            assert!(error.to_string().contains("MTU"), "{error}");
            assert_eq!(networks.state().await.unwrap(), before);
            assert!(networks.setup(&request(&[attachment("a", "eth9")], 0)).await.is_err());
            assert_eq!(networks.state().await.unwrap(), before);
        })
    });
}

#[test]
fn a_vlan_stands_or_the_kernel_is_named() {
    in_namespace(|world| {
        Box::pin(async move {
            let networks = world.networks().await;
            let before = networks.state().await.unwrap();
            let mut tagged = attachment("tagged", "eth1");
            tagged.vlan = 42;
            match networks.setup(&request(&[tagged], 0)).await {
                Ok(state) => assert_eq!(nic(&state, "eth1.42").unwrap().master, "tagged"),
                Err(error) => {
                    assert!(error.to_string().contains("8021q"), "{error}");
                    assert_eq!(networks.state().await.unwrap(), before);
                }
            }
        })
    });
}
