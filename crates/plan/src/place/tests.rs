//! Placement: the reasons of each filter, the order of the score, and that policy is never exceeded.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use ferrovirt_model::catalogue::cluster_levels::ClusterLevel;
use ferrovirt_model::host::{Busy, HostStatus};
use ferrovirt_model::ids::{ClusterId, HostId, NetworkId, StorageDomainId, VmId};
use ferrovirt_model::vm::Firmware;
use proptest::prelude::*;
use uuid::Uuid;

use super::*;
use crate::GIB;
use crate::policy::{FilterUnit, Policy, WeightUnit};

fn id(number: u128) -> HostId {
    HostId(Uuid::from_u128(number))
}

fn vm(number: u128) -> VmId {
    VmId(Uuid::from_u128(number))
}

fn offer() -> Offer {
    Offer {
        cpu_flags: ["vmx", "nx", "model_Nehalem"].map(str::to_owned).to_vec(),
        machines: vec!["pc-q35-7.2".to_owned()],
        virtualization: "kvm".to_owned(),
        os_version: "12".to_owned(),
    }
}

fn host(number: u128) -> HostView {
    HostView {
        id: id(number),
        name: format!("h{number}"),
        cluster: ClusterId(Uuid::nil()),
        status: HostStatus::Up,
        offer: Arc::new(offer()),
        sockets: 1,
        cores: 8,
        threads: 2,
        memory: 16 * GIB,
        numa: Vec::new(),
        memory_free: Some(12 * GIB),
        cpu_percent: None,
        busy: Arc::default(),
        swap_percent: None,
        networks: BTreeSet::new(),
        domains: BTreeSet::new(),
        loads: Loads::default(),
    }
}

fn load(number: u128, gib: u64, cpus: u32) -> Load {
    Load {
        vm: vm(number),
        memory_guaranteed: gib * GIB,
        overhead: OVERHEAD,
        cpus,
        cpu_reserved_milli: 0,
        pending: false,
        highly_available: false,
    }
}

fn request() -> Request {
    Request {
        vm: VmId(Uuid::max()),
        cluster: ClusterId(Uuid::nil()),
        level: ClusterLevel::LATEST,
        memory: 2 * GIB,
        memory_guaranteed: 2 * GIB,
        overhead: OVERHEAD,
        cpus: 2,
        topology: (2, 1, 1),
        cpu_reserved_milli: 0,
        cpu_percent: None,
        cpu_type: Some("Intel Nehalem Family".to_owned()),
        cpu_model: None,
        pinned_cpus: BTreeSet::new(),
        high_performance: false,
        machine: None,
        firmware: Firmware::Q35Bios,
        networks: BTreeMap::new(),
        domains: BTreeMap::new(),
        only: Vec::new(),
        preferred: Vec::new(),
        barred: Vec::new(),
        source: None,
        highly_available: false,
        ha_reservation: false,
        memory_overcommit_percent: 100,
        threads_as_cores: false,
    }
}

fn policy(name: &str) -> Policy {
    Policy::named(name).expect("it is built in")
}

fn with(mut policy: Policy, name: &str, value: &str) -> Policy {
    policy.parameters.0.insert(name.to_owned(), value.to_owned());
    policy
}

fn snapshot(hosts: impl IntoIterator<Item = HostView>) -> Snapshot {
    Snapshot { hosts: hosts.into_iter().collect(), rules: Vec::new() }
}

fn chosen(snapshot: &Snapshot, request: &Request, policy: &Policy) -> u128 {
    place(snapshot, request, policy).expect("one fits").host.0.as_u128()
}

/// Who refuses the only host, and why; or "fits".
fn reason_by(policy: &Policy, change: impl FnOnce(&mut HostView, &mut Request)) -> String {
    let (mut host, mut request) = (host(1), request());
    change(&mut host, &mut request);
    match place(&snapshot([host]), &request, policy) {
        Ok(_) => "fits".to_owned(),
        Err(none) => none.why_not.iter().map(|why| format!("{}: {}", why.by.name(), why.reason)).collect(),
    }
}

fn reason(change: impl FnOnce(&mut HostView, &mut Request)) -> String {
    reason_by(&policy("none"), change)
}

fn offering(host: &mut HostView, change: impl FnOnce(&mut Offer)) {
    let mut own = offer();
    change(&mut own);
    host.offer = Arc::new(own);
}

#[test]
fn status_pins_and_what_the_caller_keeps_out() {
    assert_eq!(reason(|_, _| ()), "fits");
    assert_eq!(reason(|host, _| host.status = HostStatus::NonResponsive), "Host status: it is non responsive");
    assert_eq!(
        reason(|_, request| request.only = vec![HostId(Uuid::nil())]),
        "PinToHost: it is not one that the VM may run on"
    );
    assert_eq!(
        reason(|host, request| request.barred = vec![(host.id, "it failed to start it.".to_owned())]),
        "Left out: it is left out: it failed to start it"
    );
    assert_eq!(reason(|host, request| request.source = Some(host.id)), "Migration: the VM runs there already");
    assert_eq!(reason(|host, _| host.cluster = ClusterId(Uuid::max())), "", "hosts of other clusters are not asked");
}

#[test]
fn cpus_of_a_host() {
    assert_eq!(reason(|_, request| request.cpus = 9), "CPU: it has 8 CPUs, 9 are needed");
    assert_eq!(reason(|_, request| (request.cpus, request.threads_as_cores) = (9, true)), "fits");
    assert_eq!(
        reason(|host, request| {
            host.loads.add(Load { cpu_reserved_milli: 6500, ..load(1, 1, 7) });
            request.cpu_reserved_milli = 2000;
        }),
        "CPU: 1.500 CPUs are left to reserve, 2 are needed"
    );
    assert_eq!(
        reason(|_, request| request.pinned_cpus = BTreeSet::from([3, 16])),
        "CpuPinning: the VM is pinned to CPU 16, it has 16 CPUs"
    );
    assert_eq!(reason(|_, request| request.pinned_cpus = BTreeSet::from([15])), "fits");
    let busy = |host: &mut HostView, percent, minutes: i64| {
        let mut busy = Busy::default();
        (0..=minutes).for_each(|minute| busy.note(minute * 60_000, percent));
        (host.cpu_percent, host.busy) = (Some(percent), Arc::new(busy));
    };
    assert_eq!(reason(|host, _| busy(host, 99.0, 2)), "CPUOverloaded: its CPUs are loaded to 99 %, for 2 minutes now");
    assert_eq!(reason(|host, _| busy(host, 99.0, 1)), "fits");
    assert_eq!(reason(|host, _| busy(host, 97.0, 9)), "fits", "one of eight CPUs may still be free");
}

#[test]
fn what_processors_and_qemu_offer() {
    assert_eq!(
        reason(|_, request| request.cpu_type = Some("Secure Intel Nehalem Family".to_owned())),
        "CPU-Level: its CPU is below Secure Intel Nehalem Family: it lacks spec_ctrl, ssbd"
    );
    assert_eq!(
        reason(|host, _| offering(host, |offer| offer.cpu_flags.clear())),
        "CPU-Level: its CPU is below Intel Nehalem Family: it lacks vmx, nx, model_Nehalem"
    );
    let emulating = |offer: &mut Offer| {
        offer.cpu_flags.clear();
        offer.virtualization = "tcg".to_owned();
    };
    assert_eq!(reason(|host, _| offering(host, emulating)), "fits");
    assert_eq!(
        reason(|_, request| request.cpu_model = Some("EPYC,+ibpb".to_owned())),
        "CPU-Level: it can't offer CPU model EPYC,+ibpb"
    );
    assert_eq!(
        reason(|_, request| request.firmware = Firmware::I440fxBios),
        "Emulated-Machine: it does not offer the chipset i440fx"
    );
    assert_eq!(
        reason(|_, request| request.machine = Some("pc-1.0".to_owned())),
        "Emulated-Machine: it does not offer machine type pc-1.0"
    );
}

#[test]
fn memory_and_swap() {
    assert_eq!(
        reason(|host, _| host.loads.add(load(1, 14, 1))),
        "Memory: it may promise 1728 MiB of memory more, 2112 MiB are needed"
    );
    assert_eq!(
        reason(|host, request| {
            host.loads.add(load(1, 14, 1));
            request.memory_overcommit_percent = 150;
        }),
        "fits"
    );
    assert_eq!(
        reason(|host, _| host.memory_free = Some(GIB)),
        "Memory: it has 1024 MiB of free memory, 2112 MiB are needed"
    );
    assert_eq!(
        reason(|host, _| host.loads.add(Load { pending: true, ..load(1, 10, 1) })),
        "Memory: it has 1984 MiB of free memory, 2112 MiB are needed"
    );
    let strict = with(policy("none"), "MaximumAllowedSwapUsage", "30");
    assert_eq!(
        reason_by(&strict, |host, _| host.swap_percent = Some(31)),
        "Swap: 31 % of its swap are in use, 30 % are allowed"
    );
    assert_eq!(reason_by(&strict, |host, _| host.swap_percent = Some(30)), "fits");
}

#[test]
fn networks_and_storage() {
    let network = NetworkId(Uuid::from_u128(7));
    let domain = StorageDomainId(Uuid::from_u128(8));
    assert_eq!(
        reason(|_, request| drop(request.networks.insert(network, "red".to_owned()))),
        "Network: it lacks network red"
    );
    assert_eq!(
        reason(|_, request| drop(request.domains.insert(domain, "nfs".to_owned()))),
        "Storage domains: it does not reach storage domain nfs"
    );
}

#[test]
fn a_cluster_under_maintenance_starts_only_what_is_highly_available() {
    let maintenance = policy("cluster_maintenance");
    let refusal = "ClusterInMaintenance: the cluster is under maintenance, where only highly available VMs are started";
    assert_eq!(reason_by(&maintenance, |_, _| ()), refusal);
    assert_eq!(reason_by(&maintenance, |_, request| request.highly_available = true), "fits");
    assert_eq!(reason_by(&maintenance, |_, request| request.source = Some(id(9))), "fits");
}

#[test]
fn while_a_cluster_is_upgraded_no_vm_moves_back() {
    let mut upgrade = policy("none");
    upgrade.filters.push(FilterUnit::InClusterUpgrade);
    upgrade.weights = vec![(WeightUnit::InClusterUpgrade, 1)];
    let (mut old, mut new, mut source) = (host(1), host(2), host(3));
    offering(&mut old, |offer| offer.os_version = "9.10".to_owned());
    offering(&mut new, |offer| offer.os_version = "12.5".to_owned());
    offering(&mut source, |offer| offer.os_version = "12.4".to_owned());
    let moving = Request { source: Some(id(3)), ..request() };
    let placement = place(&snapshot([old.clone(), new.clone(), source]), &moving, &upgrade).expect("the new one fits");
    assert_eq!(placement.host, id(2));
    let older = placement.why_not.iter().find(|why| why.host == id(1)).map(|why| why.reason.to_string());
    assert_eq!(older.as_deref(), Some("its system 9.10 is older than 12.4, where the VM runs"));
    assert_eq!(chosen(&snapshot([old, new]), &request(), &upgrade), 2, "a start takes the newest system");
}

#[test]
fn even_distribution_looks_at_load_then_at_memory() {
    let (mut one, mut two, mut three) = (host(1), host(2), host(3));
    (one.cpu_percent, two.cpu_percent, three.cpu_percent) = (Some(60.0), Some(20.0), Some(20.0));
    two.loads.add(load(1, 4, 1));
    let all = snapshot([one, two.clone(), three.clone()]);
    assert_eq!(chosen(&all, &request(), &policy("evenly_distributed")), 3);
    let order: Vec<_> = place(&all, &request(), &policy("none")).expect("all fit").others().collect();
    assert_eq!(order, [id(2), id(1)]);
    let dense = with(policy("none"), "VCpuToPhysicalCpuRatio", "0.5");
    three.loads.add(load(2, 0, 3));
    two.cpu_percent = Some(70.0);
    assert_eq!(
        chosen(&snapshot([two, three]), &request(), &dense),
        2,
        "three and two CPUs are more than half of eight"
    );
}

#[test]
fn power_saving_fills_hosts_up_to_the_bound_and_wakes_empty_ones_last() {
    let (mut full, mut used, empty) = (host(1), host(2), host(3));
    (full.cpu_percent, used.cpu_percent) = (Some(79.0), Some(40.0));
    full.loads.add(load(1, 1, 1));
    used.loads.add(load(2, 1, 1));
    let all = snapshot([full, used, empty]);
    assert_eq!(chosen(&all, &request(), &policy("power_saving")), 2);
    let small = Request { cpu_percent: Some(1.0), ..request() };
    assert_eq!(chosen(&all, &small, &policy("power_saving")), 1);
}

#[test]
fn guests_preference_reservation_and_topology() {
    let (mut one, mut two) = (host(1), host(2));
    one.loads.add(load(1, 1, 1));
    let all = snapshot([one.clone(), two.clone()]);
    assert_eq!(chosen(&all, &request(), &policy("vm_evenly_distributed")), 2);
    let preferring = Request { preferred: vec![id(1)], ..request() };
    assert_eq!(chosen(&all, &preferring, &policy("vm_evenly_distributed")), 1);
    let mut reserve = policy("none");
    reserve.weights = vec![(WeightUnit::HaReservation, 1)];
    two.loads.add(load(2, 1, 1));
    one.loads.remove(vm(1));
    one.loads.add(Load { highly_available: true, ..load(1, 1, 1) });
    let all = snapshot([one, two.clone()]);
    let available = Request { highly_available: true, ha_reservation: true, ..request() };
    assert_eq!(chosen(&all, &available, &reserve), 2);
    assert_eq!(chosen(&all, &Request { ha_reservation: false, ..available }, &reserve), 1, "no reserve is asked for");
    let mut fast = policy("none");
    fast.weights = vec![(WeightUnit::HighPerformanceCpu, 1), (WeightUnit::SingleNumaNode, 1)];
    two.sockets = 2;
    let all = snapshot([host(1), two]);
    assert_eq!(chosen(&all, &Request { high_performance: true, ..request() }, &fast), 2);
    let mut split = host(1);
    split.numa = vec![(GIB, 8), (GIB, 8)];
    assert_eq!(chosen(&snapshot([split, host(2)]), &request(), &fast), 2, "no node of the first holds it");
}

#[test]
fn packing_fills_hosts_in_use_and_keeps_places_for_large_vms() {
    let large = |number| HostView { cores: 40, memory: 140 * GIB, memory_free: None, ..host(number) };
    let (mut open, mut broken) = (large(2), large(3));
    open.loads.add(load(1, 2, 2));
    broken.loads.add(load(2, 60, 10));
    let all = snapshot([large(1), open, broken]);
    assert_eq!(chosen(&all, &request(), &policy("ferrovirt_packed")), 3, "no place for a large VM is lost there");
    let mut wide = request();
    (wide.cpus, wide.memory_guaranteed) = (32, 100 * GIB);
    assert_eq!(chosen(&all, &wide, &policy("ferrovirt_packed")), 2, "a host in use before an unused one");
}

fn group(positive: bool, hard: bool, vms: &[u128], parties: Parties) -> AffinityRule {
    AffinityRule {
        group: "g".into(),
        priority: 1.0,
        hard,
        positive,
        vms: vms.iter().copied().map(vm).collect(),
        parties,
    }
}

#[test]
fn hard_groups_bind_and_soft_ones_weigh() {
    let me = u128::MAX;
    let (mut one, two) = (host(1), host(2));
    one.loads.add(load(1, 1, 4));
    let bound = |rule| Snapshot { rules: vec![rule], ..snapshot([one.clone(), two.clone()]) };
    let why = |rule| {
        let placement = place(&bound(rule), &request(), &policy("none")).expect("one fits");
        placement.why_not.iter().map(|why| format!("{}: {}", why.by.name(), why.reason)).collect::<String>()
    };
    assert_eq!(
        why(group(true, true, &[me, 1], Parties::EachOther)),
        "VmAffinityGroups: affinity group g holds the VM to others that run elsewhere"
    );
    assert_eq!(
        why(group(false, true, &[me, 1], Parties::EachOther)),
        "VmAffinityGroups: affinity group g keeps the VM from one that runs there"
    );
    assert_eq!(why(group(true, true, &[me, 7], Parties::EachOther)), "", "nobody of the group runs");
    let first = || Parties::Hosts(BTreeSet::from([id(1)]));
    assert_eq!(
        why(group(true, true, &[me], first())),
        "VmToHostsAffinityGroups: affinity group g holds the VM to other hosts"
    );
    assert_eq!(
        why(group(false, true, &[me], first())),
        "VmToHostsAffinityGroups: affinity group g keeps the VM from it"
    );
    assert_eq!(why(group(true, true, &[9], first())), "", "the VM is not in the group");
    let soft = bound(group(true, false, &[me], first()));
    assert_eq!(chosen(&soft, &request(), &policy("none")), 1, "the factor of 20 outweighs the load");
    let mut apart = policy("none");
    apart.weights = vec![(WeightUnit::VmAffinity, 1)];
    assert_eq!(chosen(&bound(group(false, false, &[me, 1], Parties::EachOther)), &request(), &apart), 2);
    assert_eq!(chosen(&bound(group(true, false, &[me, 1], Parties::EachOther)), &request(), &apart), 1);
}

#[test]
fn a_decision_explains_itself() {
    let (mut one, mut two) = (host(1), host(2));
    one.loads.add(load(1, 1, 4));
    two.status = HostStatus::Maintenance;
    let all = snapshot([one, two, host(3)]);
    let none = policy("none");
    let placement = place(&all, &request(), &none).expect("two fit");
    let explanation = Explanation::of(Ok(&placement), &all, &none);
    assert_eq!((explanation.chosen, explanation.fit, explanation.refused), (Some(id(3)), 2, 1));
    let names: Vec<_> = explanation.hosts.iter().map(|host| host.name.as_str()).collect();
    assert_eq!(names, ["h3", "h1", "h2"]);
    assert_eq!(explanation.hosts[2].filter.as_deref(), Some("Host status"));
    assert_eq!(explanation.hosts[1].weights[0].unit, "OptimalForCpuEvenDistribution");
    assert_eq!((explanation.hosts[1].weights[0].rank, explanation.hosts[1].sum), (1, Some(3.0)));
    let nowhere = place(&all, &Request { cpus: 99, ..request() }, &none).expect_err("none has 99 CPUs");
    assert_eq!(Explanation::of(Err(&nowhere), &all, &none).hosts.len(), 3);
    let refusal = ferrovirt_model::refusal::Refusal::from(nowhere).to_string();
    assert!(refusal.contains("Host h1: it has 8 CPUs, 99 are needed. Host h2: it is maintenance."), "{refusal}");
}

#[test]
fn loads_are_counted_as_they_come_and_go() {
    let mut loads: Loads =
        [load(1, 1, 2), Load { pending: true, highly_available: true, ..load(2, 2, 3) }].into_iter().collect();
    assert_eq!((loads.len(), loads.cpus(), loads.memory()), (2, 5, 3 * GIB + 2 * OVERHEAD));
    assert_eq!((loads.pending_cpus(), loads.pending_memory(), loads.highly_available()), (3, 2 * GIB + OVERHEAD, 1));
    assert_eq!(loads.remove(vm(2)).map(|load| load.cpus), Some(3));
    assert_eq!(loads.remove(vm(2)), None);
    assert_eq!(loads, [load(1, 1, 2)].into_iter().collect());
}

fn snapshots() -> impl Strategy<Value = Snapshot> {
    let loads = prop::collection::vec((0_u64..8, 1_u32..8, any::<bool>(), 0_u128..12), 0..6);
    let one =
        (1_u64..64, 1_u32..16, loads, prop::option::of(0_u64..64), any::<bool>(), prop::option::of(0.0..100.0_f64));
    let rule =
        (any::<bool>(), any::<bool>(), prop::collection::btree_set(0_u128..12, 1..4), prop::option::of(1_u128..6));
    (prop::collection::vec(one, 0..6), prop::collection::vec(rule, 0..3)).prop_map(|(hosts, rules)| {
        let hosts = hosts.into_iter().zip(1..).map(|((gib, cores, loads, free, up, percent), number)| HostView {
            memory: gib * GIB,
            cores,
            memory_free: free.map(|free| free * GIB),
            cpu_percent: percent,
            status: if up { HostStatus::Up } else { HostStatus::Maintenance },
            loads: loads.into_iter().map(|(gib, cpus, pending, vm)| Load { pending, ..load(vm, gib, cpus) }).collect(),
            ..host(number)
        });
        let rules = rules.into_iter().map(|(positive, hard, vms, hosts)| {
            let vms: Vec<u128> = vms.into_iter().chain([u128::MAX]).collect();
            let parties = hosts.map_or(Parties::EachOther, |host| Parties::Hosts(BTreeSet::from([id(host)])));
            group(positive, hard, &vms, parties)
        });
        Snapshot { hosts: hosts.collect(), rules: rules.collect() }
    })
}

fn policies() -> impl Strategy<Value = Policy> {
    let names: &[&str] = &["none", "evenly_distributed", "vm_evenly_distributed", "power_saving", "ferrovirt_packed"];
    prop::sample::select(names).prop_map(policy)
}

/// Whether the VM may run there by the hard rules, found anew from their meaning.
fn keeps_rules(snapshot: &Snapshot, chosen: &HostView) -> bool {
    let runs = |host: &HostView, rule: &AffinityRule| host.loads.iter().any(|load| rule.vms.contains(&load.vm));
    snapshot.rules.iter().filter(|rule| rule.hard).all(|rule| match &rule.parties {
        Parties::Hosts(hosts) => hosts.contains(&chosen.id) == rule.positive,
        Parties::EachOther if rule.positive => {
            runs(chosen, rule) || !snapshot.hosts.iter().any(|host| runs(host, rule))
        }
        Parties::EachOther => !runs(chosen, rule),
    })
}

proptest! {
    #[test]
    fn policy_is_never_exceeded_and_every_host_is_accounted_for(
        snapshot in snapshots(), policy in policies(), gib in 0_u64..32, cpus in 1_u32..16,
        percent in prop::sample::select(&[100_u32, 150, 200][..]),
    ) {
        let request = Request { memory_guaranteed: gib * GIB, cpus, memory_overcommit_percent: percent, ..request() };
        match place(&snapshot, &request, &policy) {
            Err(none) => prop_assert_eq!(none.why_not.len(), snapshot.hosts.len()),
            Ok(placement) => {
                prop_assert_eq!(placement.fit.len() + placement.why_not.len(), snapshot.hosts.len());
                prop_assert!(placement.why_not.iter().all(|why| placement.fit.iter().all(|fit| fit.host != why.host)));
                prop_assert!(placement.fit.windows(2).all(|pair| pair[0] > pair[1]));
                let host = snapshot.hosts.iter().find(|host| host.id == placement.host).expect("one of them");
                let promised: u64 = host.loads.iter().map(|load| load.memory_guaranteed).sum();
                prop_assert!(host.status == HostStatus::Up);
                prop_assert!((promised + gib * GIB) * 100 <= host.memory * u64::from(percent));
                prop_assert!(cpus <= host.cores);
                prop_assert!(keeps_rules(&snapshot, host));
                prop_assert_eq!(may_run(&snapshot, host, &request, &policy), Ok(()));
            }
        }
    }

    #[test]
    fn the_order_of_hosts_does_not_matter(snapshot in snapshots(), policy in policies(), turn in 0_usize..6) {
        let mut turned = snapshot.clone();
        let hosts = turned.hosts.len();
        turned.hosts.rotate_left(turn % hosts.max(1));
        prop_assert_eq!(place(&snapshot, &request(), &policy), place(&turned, &request(), &policy));
    }

    #[test]
    fn a_weight_of_factor_0_has_no_say(snapshot in snapshots(), policy in policies()) {
        let mut silent = policy.clone();
        silent.weights.extend(WeightUnit::ALL.iter().map(|unit| (*unit, 0)));
        prop_assert_eq!(place(&snapshot, &request(), &policy), place(&snapshot, &request(), &silent));
    }

    #[test]
    fn ranks_count_who_is_better(numbers in prop::collection::vec(-5.0_f64..5.0, 0..12)) {
        let numbers: Vec<f64> = numbers.into_iter().map(f64::round).collect();
        let expected: Vec<u32> = numbers
            .iter()
            .map(|own| numbers.iter().filter(|other| other.total_cmp(own).is_lt()).count() as u32)
            .collect();
        prop_assert_eq!(ranks::ranks_of(&numbers), expected);
    }
}
