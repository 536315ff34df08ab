//! Plans on paper: each test applies the steps to a paper host and looks at what comes out.

use std::collections::BTreeMap;

use super::super::world::{Fixed, Link};
use super::*;

/// A host with two NICs; the first has an address and the default route.
fn host() -> Current {
    let nic = |index| Link {
        index,
        mac: format!("52:54:00:00:00:0{index}"),
        mtu: 1500,
        up: true,
        kind: Kind::Physical,
        master: None,
        base: None,
        vlan: 0,
    };
    let load = Load {
        addresses: vec![Address { ip: "10.0.0.2".parse().unwrap(), prefix: 24, permanent: true }],
        routes: vec![Route {
            destination: None,
            gateway: Some("10.0.0.1".parse().unwrap()),
            metric: None,
            ipv6: false,
        }],
    };
    Current {
        links: BTreeMap::from([("eth0".to_owned(), nic(1)), ("eth1".to_owned(), nic(2))]),
        loads: BTreeMap::from([("eth0".to_owned(), load)]),
    }
}

fn network(name: &str, nic: Option<&str>) -> Network {
    Network {
        id: name.into(),
        name: name.into(),
        bridge: Some(name.into()),
        nic: nic.map(str::to_owned),
        vlan: 0,
        mtu: 0,
        stp: false,
        fixed: Vec::new(),
    }
}

fn link(kind: Kind) -> Link {
    Link { index: 9, mac: String::new(), mtu: 1500, up: false, kind, master: None, base: None, vlan: 0 }
}

/// Does a step as the kernel would.
fn apply(host: &mut Current, step: &Step) {
    match step.clone() {
        Step::MakeBridge { name, mac, .. } => {
            let made = Link { mac: mac.unwrap_or_default(), ..link(Kind::Bridge) };
            assert!(host.links.insert(name, made).is_none());
        }
        Step::MakeVlan { name, base, vlan } => {
            assert!(host.links.insert(name, Link { base: Some(base), vlan, ..link(Kind::Vlan) }).is_none());
        }
        Step::SetMtu { device, mtu } => host.links.get_mut(&device).unwrap().mtu = mtu,
        Step::Up { device } => host.links.get_mut(&device).unwrap().up = true,
        Step::Attach { port, bridge } => {
            assert_eq!(host.links[&bridge].kind, Kind::Bridge);
            host.links.get_mut(&port).unwrap().master = Some(bridge);
        }
        Step::Detach { port } => host.links.get_mut(&port).unwrap().master = None,
        Step::AddAddress { device, address } => {
            assert!(host.links.contains_key(&device));
            host.loads.entry(device).or_default().addresses.push(address);
        }
        Step::RemoveAddress { device, address } => {
            let load = host.loads.get_mut(&device).unwrap();
            load.addresses.retain(|one| *one != address);
            // With its last address a device loses the routes over its gateways.
            if load.addresses.is_empty() {
                load.routes.clear();
            }
        }
        Step::AddRoute { device, route } => host.loads.entry(device).or_default().routes.push(route),
        Step::Remove { device } => {
            host.links.remove(&device).unwrap();
            host.loads.remove(&device);
            host.links
                .values_mut()
                .filter(|link| link.master.as_ref() == Some(&device))
                .for_each(|link| link.master = None);
        }
    }
}

fn go(host: &mut Current, book: &Book, desired: &[Network]) -> Book {
    let (steps, book) = plan(host, book, desired).unwrap();
    steps.iter().for_each(|step| apply(host, step));
    host.loads.retain(|_, load| *load != Load::default());
    for network in desired {
        assert_eq!(differences(host, network), Vec::<String>::new(), "after {steps:?}");
    }
    let (again, _) = plan(host, &book, desired).unwrap();
    assert_eq!(again, [], "a second time there is nothing to do");
    book
}

#[test]
fn a_network_takes_the_nics_address_and_gives_it_back() {
    let (mut current, before) = (host(), host());
    let book = go(&mut current, &Book::default(), &[network("ovirtmgmt", Some("eth0"))]);
    assert_eq!(current.load("ovirtmgmt"), before.load("eth0"));
    assert_eq!(current.load("eth0"), Load::default());
    assert_eq!(current.links["ovirtmgmt"].mac, before.links["eth0"].mac);
    let book = go(&mut current, &book, &[]);
    assert_eq!(current, before);
    assert_eq!(book, Book::default());
}

#[test]
fn every_cut_short_change_leads_back() {
    let desired = [network("ovirtmgmt", Some("eth0")), Network { vlan: 7, ..network("blue", Some("eth1")) }];
    let (steps, book) = plan(&host(), &Book::default(), &desired).unwrap();
    for done in 0..=steps.len() {
        let mut current = host();
        steps.iter().take(done).for_each(|step| apply(&mut current, step));
        let (back, _) = plan(&current, &book, &[]).unwrap();
        for step in &back {
            // The kernel says "exists" where the address was not gone yet, and that is fine.
            let stands = matches!(step, Step::AddAddress { device, address }
                if current.load(device).addresses.contains(address))
                || matches!(step, Step::AddRoute { device, route } if current.load(device).routes.contains(route));
            if !stands {
                apply(&mut current, step);
            }
        }
        current.loads.retain(|_, load| *load != Load::default());
        assert_eq!(current, host(), "after {done} steps");
    }
}

#[test]
fn networks_without_a_way_out_with_tags_and_sizes() {
    let mut current = host();
    let desired = [
        network("inside", None),
        Network { vlan: 100, mtu: 9000, ..network("storage", Some("eth1")) },
        Network { bridge: None, vlan: 200, ..network("backup", Some("eth1")) },
    ];
    let book = go(&mut current, &Book::default(), &desired);
    assert_eq!(current.links["eth1"].mtu, 9000, "a tagged frame passes the NIC");
    assert_eq!(current.links["eth1.100"].master.as_deref(), Some("storage"));
    assert_eq!(current.links["eth1.200"].master, None);
    let book = go(&mut current, &book, &desired[..1]);
    assert!(!current.links.contains_key("eth1.100") && !current.links.contains_key("eth1.200"));
    go(&mut current, &book, &[]);
    assert_eq!(current.links.len(), 2);
}

#[test]
fn fixed_addresses_come_change_and_go() {
    let mut current = host();
    let fixed = |ip: &str| Fixed { ip: ip.parse().unwrap(), prefix: 24, gateway: Some("10.0.0.1".parse().unwrap()) };
    let with = |ip: &str| Network { fixed: vec![fixed(ip)], ..network("ovirtmgmt", Some("eth0")) };
    let book = go(&mut current, &Book::default(), &[with("10.0.0.9")]);
    assert_eq!(current.load("ovirtmgmt").addresses.len(), 1);
    let book = go(&mut current, &book, &[with("10.0.0.10")]);
    assert_eq!(current.load("ovirtmgmt").addresses[0].text(), "10.0.0.10/24");
    let book = go(&mut current, &book, &[network("ovirtmgmt", Some("eth0"))]);
    assert_eq!(current.load("ovirtmgmt").addresses[0].text(), "10.0.0.2/24", "what the NIC brought");
    go(&mut current, &book, &[]);
    assert_eq!(current, host());
}

#[test]
fn a_bridge_that_was_there_is_used_and_kept() {
    let mut current = host();
    current.links.insert("ovirtmgmt".into(), Link { up: true, ..link(Kind::Bridge) });
    current.links.get_mut("eth0").unwrap().master = Some("ovirtmgmt".into());
    let load = current.loads.remove("eth0").unwrap();
    current.loads.insert("ovirtmgmt".into(), load);
    let before = current.clone();
    let book = go(&mut current, &Book::default(), &[network("ovirtmgmt", Some("eth0"))]);
    assert_eq!(current, before);
    go(&mut current, &book, &[]);
    assert_eq!(current, before);
}

#[test]
fn what_is_not_ours_or_in_use_is_not_touched() {
    let plan_of = |current: &Current, book: &Book, desired: &[Network]| plan(current, book, desired).map(drop);
    let mut current = host();
    assert!(matches!(
        plan_of(&current, &Book::default(), &[network("a", Some("eth9"))]),
        Err(NetworkError::Invalid(_))
    ));
    assert!(plan_of(&current, &Book::default(), &[network("eth1", None)]).is_err());
    current.links.get_mut("eth1").unwrap().master = Some("bond0".into());
    assert!(plan_of(&current, &Book::default(), &[network("a", Some("eth1"))]).is_err());
    let book = go(&mut current, &Book::default(), &[network("blue", None)]);
    current.links.insert("vnet0".into(), Link { master: Some("blue".into()), ..link(Kind::Tap) });
    assert!(matches!(plan_of(&current, &book, &[]), Err(NetworkError::InUse(_))));
}

#[test]
fn a_nic_moves_from_one_network_to_another() {
    let mut current = host();
    let book = go(&mut current, &Book::default(), &[network("blue", Some("eth0"))]);
    let book = go(&mut current, &book, &[network("red", Some("eth0"))]);
    assert_eq!(current.links["eth0"].master.as_deref(), Some("red"));
    assert!(!current.links.contains_key("blue"));
    go(&mut current, &book, &[]);
    assert_eq!(current, host());
}
