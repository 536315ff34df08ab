//! Placement: the reasons of each filter, the order of the score, and that policy is never exceeded.

use proptest::prelude::*;
use uuid::Uuid;

use super::*;
use crate::GIB;

fn host(number: u128) -> HostView {
    HostView {
        id: HostId(Uuid::from_u128(number)),
        name: format!("h{number}"),
        cluster: ClusterId(Uuid::nil()),
        status: HostStatus::Up,
        facts: HostFacts {
            cpu_sockets: 1,
            cpu_cores: 8,
            cpu_threads: 2,
            memory: 16 * GIB,
            virtualization: "kvm".to_owned(),
            cpu_flags: ["vmx", "nx", "model_Nehalem"].map(str::to_owned).to_vec(),
            emulated_machines: vec!["pc-q35-7.2".to_owned()],
            ..HostFacts::default()
        },
        memory_free: Some(12 * GIB),
        networks: BTreeSet::new(),
        domains: BTreeSet::new(),
        loads: Vec::new(),
    }
}

fn load(number: u128, gib: u64, cpus: u32) -> Load {
    Load { vm: VmId(Uuid::from_u128(number)), memory_guaranteed: gib * GIB, cpus, pending: false }
}

fn request() -> Request {
    Request {
        vm: VmId(Uuid::max()),
        cluster: ClusterId(Uuid::nil()),
        level: ClusterLevel::LATEST,
        memory: 2 * GIB,
        memory_guaranteed: 2 * GIB,
        cpus: 2,
        cpu_type: Some("Intel Nehalem Family".to_owned()),
        cpu_model: None,
        machine: None,
        firmware: Firmware::Q35Bios,
        networks: BTreeMap::new(),
        domains: BTreeMap::new(),
        only: Vec::new(),
        preferred: Vec::new(),
        barred: Vec::new(),
        memory_overcommit_percent: 100,
        threads_as_cores: false,
    }
}

/// The reason that the only host gives, or "fits".
fn reason(change: impl FnOnce(&mut HostView, &mut Request)) -> String {
    let (mut host, mut request) = (host(1), request());
    change(&mut host, &mut request);
    match place(&Snapshot { hosts: vec![host] }, &request) {
        Ok(_) => "fits".to_owned(),
        Err(none) => none.why_not.into_iter().map(|why| why.reason).collect(),
    }
}

#[test]
fn each_filter_gives_its_reason() {
    let network = NetworkId(Uuid::from_u128(7));
    let domain = StorageDomainId(Uuid::from_u128(8));
    assert_eq!(reason(|_, _| ()), "fits");
    assert_eq!(reason(|host, _| host.status = HostStatus::NonResponsive), "host h1 is non responsive");
    assert_eq!(reason(|_, request| request.cpus = 9), "host h1 has 8 CPUs, 9 are needed");
    assert_eq!(reason(|_, request| (request.cpus, request.threads_as_cores) = (9, true)), "fits");
    assert_eq!(
        reason(|_, request| request.cpu_type = Some("Secure Intel Nehalem Family".to_owned())),
        "the CPU of host h1 is below Secure Intel Nehalem Family: it lacks spec_ctrl, ssbd"
    );
    assert_eq!(
        reason(|host, _| host.facts.cpu_flags.clear()),
        "the CPU of host h1 is below Intel Nehalem Family: it lacks vmx, nx, model_Nehalem"
    );
    assert_eq!(
        reason(|host, _| {
            host.facts.cpu_flags.clear();
            host.facts.virtualization = "tcg".to_owned();
        }),
        "fits"
    );
    assert_eq!(
        reason(|_, request| request.cpu_model = Some("EPYC,+ibpb".to_owned())),
        "host h1 can't offer CPU model EPYC,+ibpb"
    );
    assert_eq!(
        reason(|host, _| host.loads = vec![load(1, 14, 1)]),
        "host h1 may promise 1728 MiB of memory more, 2112 MiB are needed"
    );
    assert_eq!(
        reason(|host, request| {
            host.loads = vec![load(1, 14, 1)];
            request.memory_overcommit_percent = 150;
        }),
        "fits"
    );
    assert_eq!(
        reason(|host, _| host.memory_free = Some(GIB)),
        "host h1 has 1024 MiB of free memory, 2112 MiB are needed"
    );
    assert_eq!(
        reason(|host, _| host.loads = vec![Load { pending: true, ..load(1, 10, 1) }]),
        "host h1 has 1984 MiB of free memory, 2112 MiB are needed"
    );
    assert_eq!(
        reason(|_, request| request.firmware = Firmware::I440fxBios),
        "host h1 does not offer the chipset i440fx"
    );
    assert_eq!(
        reason(|_, request| request.machine = Some("pc-1.0".to_owned())),
        "host h1 does not offer machine type pc-1.0"
    );
    assert_eq!(
        reason(|_, request| drop(request.networks.insert(network, "red".to_owned()))),
        "host h1 lacks network red"
    );
    assert_eq!(
        reason(|_, request| drop(request.domains.insert(domain, "nfs".to_owned()))),
        "host h1 does not reach storage domain nfs"
    );
    assert_eq!(
        reason(|_, request| request.only = vec![HostId(Uuid::nil())]),
        "host h1 is not one that the VM may run on"
    );
    assert_eq!(
        reason(|host, request| request.barred = vec![(host.id, "the VM runs there".to_owned())]),
        "host h1 is left out: the VM runs there"
    );
    assert_eq!(reason(|host, _| host.cluster = ClusterId(Uuid::max())), "", "hosts of other clusters are not asked");
}

#[test]
fn the_score_prefers_then_spreads_then_is_stable() {
    let (mut one, two, mut three) = (host(1), host(2), host(3));
    one.loads = vec![load(1, 1, 4)];
    three.loads = vec![load(2, 1, 1)];
    let snapshot = Snapshot { hosts: vec![three.clone(), one, two] };
    let placement = place(&snapshot, &request()).expect("all fit");
    assert_eq!(placement.host, HostId(Uuid::from_u128(2)));
    assert_eq!(placement.others, [3, 1].map(|number| HostId(Uuid::from_u128(number))));
    let preferring = Request { preferred: vec![three.id], ..request() };
    assert_eq!(place(&snapshot, &preferring).map(|placement| placement.host), Ok(three.id));
    let equal = Snapshot { hosts: vec![host(5), host(4)] };
    assert_eq!(place(&equal, &request()).map(|placement| placement.host), Ok(HostId(Uuid::from_u128(4))));
}

fn snapshots() -> impl Strategy<Value = Snapshot> {
    let loads = prop::collection::vec((0_u64..8, 1_u32..8, any::<bool>()), 0..6);
    let one = (1_u64..64, 1_u32..16, loads, prop::option::of(0_u64..64), any::<bool>());
    prop::collection::vec(one, 0..6).prop_map(|hosts| {
        let hosts = hosts.into_iter().zip(1..).map(|((gib, cores, loads, free, up), number)| {
            let mut view = host(number);
            view.facts.memory = gib * GIB;
            view.facts.cpu_cores = cores;
            view.memory_free = free.map(|free| free * GIB);
            view.status = if up { HostStatus::Up } else { HostStatus::Maintenance };
            view.loads =
                loads.into_iter().map(|(gib, cpus, pending)| Load { pending, ..load(99, gib, cpus) }).collect();
            view
        });
        Snapshot { hosts: hosts.collect() }
    })
}

proptest! {
    #[test]
    fn policy_is_never_exceeded_and_every_host_is_accounted_for(
        snapshot in snapshots(), gib in 0_u64..32, cpus in 1_u32..16, percent in prop::sample::select(&[100_u32, 150, 200][..]),
    ) {
        let request = Request { memory_guaranteed: gib * GIB, cpus, memory_overcommit_percent: percent, ..request() };
        match place(&snapshot, &request) {
            Err(none) => prop_assert_eq!(none.why_not.len(), snapshot.hosts.len()),
            Ok(placement) => {
                prop_assert_eq!(1 + placement.others.len() + placement.why_not.len(), snapshot.hosts.len());
                let host = snapshot.hosts.iter().find(|host| host.id == placement.host).expect("one of them");
                let promised: u64 = host.loads.iter().map(|load| load.memory_guaranteed).sum();
                prop_assert!(host.status == HostStatus::Up);
                prop_assert!((promised + gib * GIB) * 100 <= host.facts.memory * u64::from(percent));
                prop_assert!(cpus <= host.facts.cpu_cores);
            }
        }
    }

    #[test]
    fn the_order_of_hosts_does_not_matter(snapshot in snapshots(), turn in 0_usize..6) {
        let mut turned = snapshot.clone();
        let hosts = turned.hosts.len();
        turned.hosts.rotate_left(turn % hosts.max(1));
        prop_assert_eq!(place(&snapshot, &request()), place(&turned, &request()));
    }
}
