//! The scheduler at work: the cluster's policy decides, what is promised counts, and every decision can be read.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "a test that can't go on fails")]

mod support;

use std::time::Duration;

use ferrovirt_engine::action::Action;
use ferrovirt_engine::actions::cluster;
use ferrovirt_engine::actions::named::Named;
use ferrovirt_engine::actions::vm::{Add, Start};
use ferrovirt_engine::{Failure, Result, placing};
use ferrovirt_model::ids::{HostId, VmId};
use ferrovirt_model::refusal::Refusal;
use ferrovirt_model::template::BLANK;
use ferrovirt_plan::place::Explanation;
use support::World;

const PATIENCE: Duration = Duration::from_secs(60);
const GIB: u64 = 1 << 30;

impl World {
    /// Asks, and waits for the job to end well.
    async fn act<A: Action>(&self, action: A) -> Result<A::Output> {
        let done = self.engine.act(&self.caller(), action).await?;
        if let Some(job) = done.job {
            assert!(self.engine.outlast(job, PATIENCE).await?, "the job takes too long");
        }
        Ok(done.value)
    }

    async fn vm(&self, name: &str, gib: u64) -> VmId {
        let add = Add {
            id: None,
            name: name.to_owned(),
            cluster: Named::Id(self.cluster),
            template: Named::Id(BLANK),
            template_version: None,
            cpu_profile: None,
            edit: Box::new(move |definition| {
                definition.memory = gib * GIB;
                definition.memory_max = gib * GIB;
                definition.memory_guaranteed = gib * GIB;
                Ok(())
            }),
            clone: false,
            own: Default::default(),
        };
        self.act(add).await.unwrap()
    }

    async fn start(&self, vm: VmId) -> HostId {
        self.act(Start::new(vm, None, false)).await.unwrap();
        self.shared.machines(|machines| machines.executing(&vm.to_string()))[0]
    }

    async fn policy(&self, name: &str) {
        let policy = Some(Named::Name(name.to_owned()));
        let wish = cluster::Wish { scheduling_policy: policy, ..cluster::Wish::default() };
        self.act(cluster::Update::new(self.cluster, wish)).await.unwrap();
    }

    async fn kept(&self, vm: VmId) -> Explanation {
        placing::kept(&mut self.store().read().await.unwrap(), vm).await.unwrap().expect("a decision was kept").1
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn the_policy_of_the_cluster_spreads_or_fills() {
    let world = World::with_hosts(2).await;
    world.policy("evenly_distributed").await;
    let (one, two) = (world.vm("one", 1).await, world.vm("two", 1).await);
    let (first, second) = (world.start(one).await, world.start(two).await);
    assert_ne!(first, second);
    world.policy("ferrovirt_packed").await;
    let (three, four) = (world.vm("three", 2).await, world.vm("four", 2).await);
    assert_eq!(world.start(three).await, world.start(four).await);
    let explanation = world.kept(four).await;
    assert_eq!((explanation.policy.as_str(), explanation.fit), ("ferrovirt_packed", 2));
    assert_eq!(explanation.hosts[0].weights[0].unit, "FerrovirtPacking");
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_promised_to_one_start_is_not_promised_to_another() {
    let world = World::with_hosts(2).await;
    // A host has 64 GiB: one such VM fills it, and the second must not be promised the same memory.
    let vms = [world.vm("one", 40).await, world.vm("two", 40).await, world.vm("three", 40).await];
    let starts = futures::future::join_all(vms.map(|vm| world.act(Start::new(vm, None, false)))).await;
    let (well, ill): (Vec<_>, Vec<_>) = starts.into_iter().partition(Result::is_ok);
    assert_eq!((well.len(), ill.len()), (2, 1));
    let refusals: Vec<_> = ill.into_iter().filter_map(Result::err).collect();
    let Failure::Refused(Refusal::NoHost { reasons }) = &refusals[0] else { panic!("{refusals:?}") };
    for host in ["Host host1: it may promise ", "Host host2: it may promise "] {
        assert!(reasons.contains(host), "{reasons}");
    }
    let hosts: Vec<_> =
        vms.iter().flat_map(|vm| world.shared.machines(|machines| machines.executing(&vm.to_string()))).collect();
    assert_eq!(hosts.len(), 2);
    assert_ne!(hosts[0], hosts[1]);
}

#[tokio::test(flavor = "multi_thread")]
async fn asking_where_a_vm_may_move_changes_nothing() {
    let world = World::with_hosts(3).await;
    let vm = world.vm("one", 1).await;
    let here = world.start(vm).await;
    let before = world.kept(vm).await;
    let targets = world.engine.migration_targets(&[vm]).await.unwrap();
    let others = world.hosts.iter().copied().filter(|host| *host != here).collect();
    assert_eq!(targets, others);
    assert_eq!(world.kept(vm).await, before);
    assert_eq!((before.chosen, before.fit, before.refused), (Some(here), 3, 0));
}
