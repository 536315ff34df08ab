//! What users are told of VMs: why something was refused, and what the event log says of what was asked. On real rows, the
//! real runner and the real host door, with hosts that are doubles.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "a test that can't go on fails")]

mod support;

use std::time::Duration;

use ferrovirt_engine::action::{Action, Done};
use ferrovirt_engine::actions::named::Named;
use ferrovirt_engine::actions::vm::{Add, Migrate, Start};
use ferrovirt_engine::{Failure, Result};
use ferrovirt_model::host::HostStatus;
use ferrovirt_model::ids::{HostId, VmId};
use ferrovirt_model::refusal::Refusal;
use ferrovirt_model::template::BLANK;
use ferrovirt_store::Areas;
use support::World;

const PATIENCE: Duration = Duration::from_secs(60);

impl World {
    /// Asks once every host that answers is up: on a busy machine one may seem lost for a moment.
    async fn ask<A: Action>(&self, action: A) -> Result<Done<A::Output>> {
        for host in self.hosts.iter().filter(|host| !self.shared.is_cut(**host)) {
            self.until("a host is up", || self.host_is(*host, HostStatus::Up)).await;
        }
        self.engine.act(&self.caller(), action).await
    }

    /// Asks, and waits for the job to end well.
    async fn act<A: Action>(&self, action: A) -> Result<A::Output> {
        let done = self.ask(action).await?;
        if let Some(job) = done.job {
            assert!(self.engine.outlast(job, PATIENCE).await?, "the job takes too long");
        }
        Ok(done.value)
    }

    async fn vm(&self) -> VmId {
        let add = Add {
            id: None,
            name: "web".to_owned(),
            cluster: Named::Id(self.cluster),
            template: Named::Id(BLANK),
            template_version: None,
            cpu_profile: None,
            edit: Box::new(|_| Ok(())),
            clone: false,
            own: Default::default(),
        };
        self.act(add).await.unwrap()
    }

    /// A VM that runs, its host, and another host where there is one.
    async fn started(&self) -> (VmId, HostId, Option<HostId>) {
        let vm = self.vm().await;
        self.act(Start::new(vm, None, false)).await.unwrap();
        let host = self.shared.machines(|machines| machines.executing(&vm.to_string()))[0];
        (vm, host, self.hosts.iter().copied().find(|one| *one != host))
    }

    async fn name(&self, host: HostId) -> String {
        self.store().read().await.unwrap().hosts().get(host).await.unwrap().unwrap().name
    }
}

fn refusal<T: std::fmt::Debug>(answer: Result<T>) -> Refusal {
    match answer.unwrap_err() {
        Failure::Refused(refusal) => refusal,
        Failure::Trouble(trouble) => panic!("{trouble}"),
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_migration_that_fits_nowhere_is_refused_at_once_with_each_hosts_reason() {
    let world = World::with_hosts(1).await;
    let (vm, host, _) = world.started().await;
    let refused = refusal(world.ask(Migrate::new(vm, None, false)).await);
    assert!(matches!(refused, Refusal::NoHost { .. }), "{refused}");
    assert!(refused.to_string().contains("the VM runs there already"), "{refused}");
    let view = world.store().read().await.unwrap().vms().view(vm).await.unwrap().unwrap();
    assert_eq!((view.vm.lock, view.run.map(|run| run.host)), (None, Some(host)));
    let codes = world.codes().await;
    assert!(!codes.contains(&62) && !codes.contains(&166), "nothing began: {codes:?}");
    let failed = world.told_of(65).await;
    assert!(failed.len() == 1 && failed[0].contains("the VM runs there already"), "{failed:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_migration_names_the_host_that_the_scheduler_chose() {
    let world = World::with_hosts(2).await;
    let (vm, from, to) = world.started().await;
    world.act(Migrate::new(vm, None, false)).await.unwrap();
    let (from, to) = (world.name(from).await, world.name(to.unwrap()).await);
    let begun = format!("Migration of VM web from host {from} to host {to} was started by admin@internal.");
    assert_eq!(world.told_of(62).await, [begun]);
}
