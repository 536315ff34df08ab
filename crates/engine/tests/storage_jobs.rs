//! The laws of storage jobs: they complete; a failure at each step leads back; a step done twice equals once; a crash in
//! the middle resumes. On real rows, the real runner and the real host door, with hosts that are doubles.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "a test that can't go on fails")]

mod support;

use std::time::Duration;

use ferrovirt_engine::actions::disk::{self, NewDisk, Settings};
use ferrovirt_engine::actions::host;
use ferrovirt_engine::actions::named::Named;
use ferrovirt_engine::actions::storage::{Activate, Attach, Create, Deactivate, Detach, Remove, Way};
use ferrovirt_engine::{Failure, Result};
use ferrovirt_model::data_center::DataCenterStatus;
use ferrovirt_model::ids::{DiskId, StorageConnectionId, StorageDomainId};
use ferrovirt_model::refusal::Refusal;
use ferrovirt_model::storage::{
    Disk, DiskContent, DiskFormat, DiskState, DomainClass, DomainStatus, StorageConnection, StorageKind,
};
use ferrovirt_store::Areas;
use support::World;
use support::host::Fault;
use uuid::Uuid;

const GIB: u64 = 1 << 30;
const PATIENCE: Duration = Duration::from_secs(30);

fn new_domain(world: &World) -> Create {
    Create {
        id: None,
        name: "data1".to_owned(),
        description: String::new(),
        comment: String::new(),
        class: DomainClass::Data,
        connection: StorageConnection {
            id: StorageConnectionId(Uuid::nil()),
            kind: StorageKind::PosixFs,
            address: String::new(),
            path: "/shared".to_owned(),
            vfs_type: "none".to_owned(),
            mount_options: String::new(),
            nfs_version: "auto".to_owned(),
            nfs_timeout: None,
            nfs_retransmissions: None,
        },
        host: Named::Id(world.hosts[0]),
        wipe_after_delete: false,
        discard_after_delete: false,
        backup: false,
        warning_low_space_percent: None,
        critical_space_gib: None,
        block_size: 0,
    }
}

fn new_disk(domain: StorageDomainId) -> NewDisk {
    NewDisk {
        id: None,
        alias: "disk1".to_owned(),
        description: String::new(),
        provisioned_size: GIB,
        initial_size: None,
        format: DiskFormat::Raw,
        sparse: None,
        content: DiskContent::Data,
        shareable: false,
        wipe_after_delete: None,
        propagate_errors: false,
        incremental_backup: false,
        domain: Named::Id(domain),
        profile: None,
    }
}

impl World {
    async fn act<A: ferrovirt_engine::action::Action>(&self, action: A) -> Result<A::Output> {
        let done = self.engine.act(&self.caller(), action).await?;
        if let Some(job) = done.job {
            assert!(self.engine.outlast(job, PATIENCE).await?, "the job takes too long");
        }
        Ok(done.value)
    }

    async fn domain(&self) -> StorageDomainId {
        let id = self.act(new_domain(self)).await.unwrap();
        self.act(Attach::new(Named::Id(id), self.data_center)).await.unwrap();
        id
    }

    async fn status(&self, id: StorageDomainId) -> DomainStatus {
        self.engine.storage_domain(&self.caller(), id).await.unwrap().status
    }

    async fn disk(&self, id: DiskId) -> Option<Disk> {
        self.store().read().await.unwrap().disks().get(&[id]).await.unwrap().pop()
    }

    async fn logged(&self, codes: &[u32]) {
        let all = self.codes().await;
        let mut rest = all.as_slice();
        for code in codes {
            let at = rest.iter().position(|one| one == code);
            rest = &rest[at.unwrap_or_else(|| panic!("event {code} is not in {all:?} where it belongs")) + 1..];
        }
    }
}

fn refusal<T: std::fmt::Debug>(answer: Result<T>) -> Refusal {
    match answer.unwrap_err() {
        Failure::Refused(refusal) => refusal,
        Failure::Trouble(trouble) => panic!("{trouble}"),
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_domain_lives_from_its_making_to_its_removal() {
    let world = World::with_hosts(2).await;
    let id = world.act(new_domain(&world)).await.unwrap();
    assert_eq!(world.status(id).await, DomainStatus::Unattached);
    world.act(Attach::new(Named::Name("data1".to_owned()), world.data_center)).await.unwrap();
    assert_eq!(world.status(id).await, DomainStatus::Active);
    assert_eq!(world.shared.storage().active.len(), 2, "both hosts use it");
    world.act(Deactivate::new(id)).await.unwrap();
    assert_eq!(world.status(id).await, DomainStatus::Maintenance);
    assert_eq!(world.shared.storage().active.len(), 0);
    world.act(Activate::new(id)).await.unwrap();
    assert_eq!(world.status(id).await, DomainStatus::Active);
    assert!(matches!(refusal(world.act(Detach::new(id)).await), Refusal::WrongState { .. }));
    world.act(Deactivate::new(id)).await.unwrap();
    world.act(Detach::new(id)).await.unwrap();
    assert_eq!(world.status(id).await, DomainStatus::Unattached);
    world.act(Remove::new(id, Way::Format, None)).await.unwrap();
    assert!(world.shared.storage().domains.is_empty());
    assert!(world.engine.storage_domain(&world.caller(), id).await.is_err());
    world.logged(&[956, 962, 966, 968, 1029, 966, 965, 968, 1029, 964, 960]).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_refused_step_leads_back() {
    let world = World::with_hosts(2).await;
    world.shared.fault("create_domain", &[Fault::Refuse]);
    assert!(refusal(world.act(new_domain(&world)).await).to_string().contains("told to refuse"));
    world.idle().await;
    assert!(world.shared.storage().domains.is_empty());
    world.logged(&[957]).await;

    let id = world.act(new_domain(&world)).await.unwrap();
    world.shared.fault("activate_domain", &[Fault::Refuse, Fault::Refuse]);
    refusal(world.act(Attach::new(Named::Id(id), world.data_center)).await);
    world.idle().await;
    assert_eq!(world.status(id).await, DomainStatus::Unattached);
    world.logged(&[963]).await;

    world.shared.fault("activate_domain", &[Fault::Refuse]);
    world.act(Attach::new(Named::Id(id), world.data_center)).await.unwrap();
    assert_eq!(world.status(id).await, DomainStatus::Active, "one host is enough");

    world.shared.fault("deactivate_domain", &[Fault::Refuse]);
    refusal(world.act(Deactivate::new(id)).await);
    world.idle().await;
    world.logged(&[969]).await;
    world.until("both hosts use it again", || async { world.shared.storage().active.len() == 2 }).await;
    world.until("it is active again", || async { world.status(id).await == DomainStatus::Active }).await;

    world.act(Deactivate::new(id)).await.unwrap();
    world.act(Detach::new(id)).await.unwrap();
    world.shared.fault("remove_domain", &[Fault::Refuse]);
    refusal(world.act(Remove::new(id, Way::Format, None)).await);
    world.idle().await;
    assert_eq!(world.status(id).await, DomainStatus::Unattached);
    world.logged(&[961]).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_disk_lives_and_every_refusal_leads_back() {
    let world = World::with_hosts(1).await;
    let domain = world.domain().await;
    let id = world.act(disk::Add { disk: new_disk(domain) }).await.unwrap();
    assert_eq!(world.disk(id).await.unwrap().state, DiskState::Ok);
    world.logged(&[2020, 2021]).await;

    world.shared.fault("create_volume", &[Fault::Full]);
    assert!(refusal(world.act(disk::Add { disk: new_disk(domain) }).await).to_string().contains("full"));
    world.idle().await;
    assert_eq!(world.shared.storage().volumes.len(), 1);
    world.logged(&[2022]).await;

    let bigger = || Settings { provisioned_size: Some(2 * GIB), ..Default::default() };
    world.shared.fault("resize_volume", &[Fault::Refuse]);
    refusal(world.act(disk::Update::new(id, bigger())).await);
    world.idle().await;
    let kept = world.disk(id).await.unwrap();
    assert_eq!((kept.provisioned_size, kept.state), (GIB, DiskState::Ok));
    world.act(disk::Update::new(id, bigger())).await.unwrap();
    assert_eq!(world.disk(id).await.unwrap().provisioned_size, 2 * GIB);
    world.logged(&[377, 370, 377, 371]).await;

    world.shared.fault("remove_volume", &[Fault::Refuse]);
    refusal(world.act(disk::Remove::new(id)).await);
    world.idle().await;
    assert_eq!(world.disk(id).await.unwrap().state, DiskState::Ok);
    world.act(disk::Remove::new(id)).await.unwrap();
    assert!(world.disk(id).await.is_none());
    assert!(world.shared.storage().volumes.is_empty());
    world.logged(&[2038, 2015, 2038, 2014]).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_full_domain_refuses_before_any_host_is_asked() {
    let world = World::with_hosts(1).await;
    let domain = world.domain().await;
    let big = NewDisk { provisioned_size: 99 * GIB, sparse: Some(false), ..new_disk(domain) };
    let answer = refusal(world.act(disk::Add { disk: big }).await);
    assert!(matches!(answer, Refusal::NoSpace { .. }), "{answer}");
    assert_eq!(world.shared.calls("create_volume"), 0);
    world.logged(&[2023]).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_step_done_twice_equals_once() {
    let world = World::with_hosts(1).await;
    for verb in ["create_domain", "activate_domain", "create_volume", "resize_volume", "copy_volume", "remove_volume"] {
        world.shared.fault(verb, &[Fault::LoseAnswer, Fault::Away]);
    }
    let domain = world.domain().await;
    let id = world.act(disk::Add { disk: new_disk(domain) }).await.unwrap();
    let bigger = Settings { provisioned_size: Some(2 * GIB), ..Default::default() };
    world.act(disk::Update::new(id, bigger)).await.unwrap();
    let copy = world.act(disk::Copy::new(id, None, Some("copy".to_owned()))).await.unwrap();
    assert_eq!(world.shared.storage().volumes.len(), 2);
    world.act(disk::Remove::new(copy)).await.unwrap();
    assert_eq!(world.shared.storage().volumes.len(), 1);
    let kept = world.disk(id).await.unwrap();
    assert_eq!((kept.provisioned_size, kept.state), (2 * GIB, DiskState::Ok));
}

#[tokio::test(flavor = "multi_thread")]
async fn another_engine_takes_every_job_to_its_end() {
    let mut world = World::with_hosts(1).await;
    let domain = world.domain().await;
    for (verb, action) in [
        ("create_volume", disk::Add { disk: new_disk(domain) }),
        ("create_volume", disk::Add { disk: NewDisk { alias: "disk2".to_owned(), ..new_disk(domain) } }),
    ] {
        let before = world.shared.calls(verb);
        world.shared.fault(verb, &[Fault::Hang]);
        let done = world.engine.act(&world.caller(), action).await.unwrap();
        world.until("the host was asked", || async { world.shared.calls(verb) > before }).await;
        world.replace_engine().await;
        world
            .until("the job has ended", || async {
                world.disk(done.value).await.is_some_and(|disk| disk.state == DiskState::Ok && disk.lock.is_none())
            })
            .await;
    }
    world.shared.fault("deactivate_domain", &[Fault::Hang]);
    world.engine.act(&world.caller(), Deactivate::new(domain)).await.unwrap();
    world.until("the host was asked", || async { world.shared.calls("deactivate_domain") > 0 }).await;
    world.replace_engine().await;
    world.until("it is set aside", || async { world.status(domain).await == DomainStatus::Maintenance }).await;
    assert_eq!(world.shared.storage().volumes.len(), 2);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_copy_is_begun_anew_and_given_up_when_it_never_works() {
    let world = World::with_hosts(1).await;
    let domain = world.domain().await;
    let id = world.act(disk::Add { disk: new_disk(domain) }).await.unwrap();
    world.shared.storage().copies_fail = 1;
    let copy = world.act(disk::Copy::new(id, None, Some("copy".to_owned()))).await.unwrap();
    assert_eq!(world.disk(copy).await.unwrap().state, DiskState::Ok);
    world.shared.storage().copies_fail = 9;
    refusal(world.act(disk::Copy::new(id, None, Some("never".to_owned()))).await);
    world.idle().await;
    let source = world.disk(id).await.unwrap();
    assert_eq!((source.state, source.lock), (DiskState::Ok, None));
    assert_eq!(world.shared.storage().volumes.len(), 2);
    world.logged(&[2004, 2006, 2004, 2007]).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_deadline_always_leads_somewhere() {
    let world = World::with_hosts(1).await;
    let domain = world.domain().await;
    world.shared.fault("create_volume", &[Fault::Away; 99]);
    world.shared.fault("remove_volume", &[Fault::Away; 99]);
    let done = world.engine.act(&world.caller(), disk::Add { disk: new_disk(domain) }).await.unwrap();
    let job = done.job.unwrap();
    world.until("the host was asked", || async { world.shared.calls("create_volume") > 0 }).await;
    world.overdue(job).await;
    world.until("it turned back", || async { world.shared.calls("remove_volume") > 0 }).await;
    world.overdue(job).await;
    world.idle().await;
    let left = world.disk(done.value).await.unwrap();
    assert_eq!(
        (left.state, left.lock),
        (DiskState::Illegal, None),
        "nobody knows what the host has, and the user can go on"
    );
    world.logged(&[2020, 2022]).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_host_that_comes_back_uses_what_it_should() {
    let world = World::with_hosts(2).await;
    let domain = world.domain().await;
    let host = world.hosts[1];
    world.shared.storage().active.remove(&(host, domain.to_string()));
    let mut tx = world.store().begin().await.unwrap();
    tx.storage().forget_view(host, domain).await.unwrap();
    tx.commit().await.unwrap();
    world.until("the host uses it again", || async { world.shared.storage().active.len() == 2 }).await;
}

impl World {
    async fn place_is(&self, status: DataCenterStatus) {
        self.until("the data centre has this status", || async {
            let place = self.store().read().await.unwrap().data_centers().get(&[self.data_center]).await.unwrap().pop();
            place.unwrap().status == status
        })
        .await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_data_center_whose_hosts_were_set_aside_raises_no_alert_and_one_whose_host_is_lost_does() {
    let mut world = World::with_hosts(1).await;
    world.domain().await;
    world.place_is(DataCenterStatus::Up).await;
    world.act(host::Deactivate::new(world.hosts[0], None)).await.unwrap();
    world.place_is(DataCenterStatus::Problematic).await;
    assert_eq!(world.told_of(10811).await, Vec::<String>::new());
    world.act(host::Activate::new(world.hosts[0])).await.unwrap();
    world.place_is(DataCenterStatus::Up).await;
    world.lose_host(0);
    world.place_is(DataCenterStatus::Problematic).await;
    assert_eq!(world.told_of(10811).await.len(), 1);
}
