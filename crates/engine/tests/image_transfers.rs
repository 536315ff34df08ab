//! The laws of image transfers: opened, finalized, cancelled, paused, idle, with damaged content, over a lost host, an
//! agent that forgets and an engine that dies.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "a test that can't go on fails")]

mod support;

use std::time::Duration;

use ferrovirt_engine::actions::disk::{self, NewDisk};
use ferrovirt_engine::actions::named::Named;
use ferrovirt_engine::actions::storage::{Attach, Create};
use ferrovirt_engine::actions::transfer::{Begin, Steer, Subject};
use ferrovirt_engine::reading::transfers::TransferView;
use ferrovirt_engine::session::Caller;
use ferrovirt_model::ids::{DiskId, ObjectRef, PermissionId, RoleId, StorageConnectionId, TransferId, UserId};
use ferrovirt_model::permission::{Permission, Principal, User};
use ferrovirt_model::roles;
use ferrovirt_model::storage::{Disk, DiskContent, DiskFormat, DiskState, DomainClass, StorageConnection, StorageKind};
use ferrovirt_model::transfer::{Ask, Direction, Phase, TimeoutPolicy};
use ferrovirt_store::Areas;
use support::World;
use support::host::Fault;
use uuid::Uuid;

const GIB: u64 = 1 << 30;

async fn world(hosts: usize) -> (World, DiskId) {
    let world = World::with_hosts(hosts).await;
    let create = Create {
        id: None,
        name: "data1".to_owned(),
        description: String::new(),
        comment: String::new(),
        class: DomainClass::Data,
        connection: StorageConnection {
            id: StorageConnectionId(Uuid::nil()),
            kind: StorageKind::Nfs,
            address: "nfs.test".to_owned(),
            path: "/export".to_owned(),
            vfs_type: String::new(),
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
    };
    let domain = world.work(create).await;
    world.work(Attach::new(Named::Id(domain), world.data_center)).await;
    let disk = NewDisk {
        id: None,
        alias: "disk1".to_owned(),
        description: String::new(),
        provisioned_size: GIB,
        initial_size: None,
        format: DiskFormat::Qcow2,
        sparse: None,
        content: DiskContent::Data,
        shareable: false,
        wipe_after_delete: None,
        propagate_errors: false,
        incremental_backup: false,
        domain: Named::Id(domain),
        profile: None,
    };
    let disk = world.work(disk::Add { disk }).await;
    (world, disk)
}

impl World {
    async fn work<A: ferrovirt_engine::action::Action>(&self, action: A) -> A::Output {
        let done = self.engine.act(&self.caller(), action).await.unwrap();
        if let Some(job) = done.job {
            assert!(self.engine.outlast(job, Duration::from_secs(30)).await.unwrap(), "the job takes too long");
        }
        done.value
    }

    async fn begin(&self, begin: Begin) -> TransferId {
        self.engine.act(&self.caller(), begin).await.unwrap().value
    }

    async fn open(&self, begin: Begin) -> TransferId {
        let id = self.begin(begin).await;
        self.reaches(id, Phase::Transferring).await;
        id
    }

    async fn steer(&self, transfer: TransferId, ask: Ask) {
        self.engine.act(&self.caller(), Steer { transfer, ask }).await.unwrap();
    }

    async fn view(&self, id: TransferId) -> TransferView {
        self.engine.transfer(&self.caller(), id).await.unwrap()
    }

    async fn reaches(&self, id: TransferId, phase: Phase) {
        self.until(&format!("the transfer is {phase:?}"), || async { self.view(id).await.transfer.phase == phase })
            .await;
    }

    async fn disk(&self, id: DiskId) -> Option<Disk> {
        self.store().read().await.unwrap().disks().get(&[id]).await.unwrap().pop()
    }

    async fn state(&self, id: DiskId) -> (DiskState, bool) {
        let disk = self.disk(id).await.unwrap();
        (disk.state, disk.lock.is_some())
    }
}

fn upload(disk: DiskId) -> Begin {
    Begin::new(Subject::Disk(disk), Direction::Upload)
}

fn download(disk: DiskId) -> Begin {
    Begin::new(Subject::Disk(disk), Direction::Download)
}

#[tokio::test(flavor = "multi_thread")]
async fn an_upload_is_opened_and_finalized() {
    let (world, disk) = world(1).await;
    let id = world.open(upload(disk)).await;
    let view = world.view(id).await;
    let ticket = view.transfer.ticket;
    assert_eq!(view.transfer_url, Some(format!("https://127.0.0.1:54322/images/{ticket}")));
    assert_eq!(view.proxy_url, Some(format!("https://engine.test:54323/images/{ticket}")));
    let target = world.engine.transfer_target(ticket).await.unwrap();
    assert_eq!(target.as_deref(), Some("https://127.0.0.1:54322"));
    assert_eq!(world.state(disk).await, (DiskState::Locked, true));
    world.steer(id, Ask::Finalize).await;
    world.reaches(id, Phase::FinishedSuccess).await;
    world.idle().await;
    assert_eq!(world.state(disk).await, (DiskState::Ok, false));
    assert!(world.shared.storage().tickets.is_empty());
    assert_eq!(world.engine.transfer_target(ticket).await.unwrap(), None);
    let codes = world.codes().await;
    assert!(codes.contains(&1031) && codes.contains(&1032), "{codes:?}");
}

/// Gives a new user a role on an object; they ask as no administrator.
async fn user_with(world: &World, name: &str, role: Uuid, object: ObjectRef) -> Caller {
    let user = User {
        id: UserId(Uuid::new_v4()),
        name: name.to_owned(),
        domain: "internal-authz".to_owned(),
        domain_entry_id: name.to_owned(),
        first_name: String::new(),
        last_name: String::new(),
        email: String::new(),
        department: String::new(),
        namespace: "*".to_owned(),
        principal: format!("{name}@internal"),
    };
    let mut tx = world.store().begin().await.unwrap();
    tx.users().put(&user).await.unwrap();
    let principal = Principal::User(user.id);
    let grant = Permission { id: PermissionId(Uuid::new_v4()), principal, role: RoleId(role), object };
    tx.permissions().grant(&grant).await.unwrap();
    tx.commit().await.unwrap();
    let mut caller = world.caller();
    caller.session.user = user.id;
    caller.session.administrator = false;
    caller
}

#[tokio::test(flavor = "multi_thread")]
async fn whoever_merely_sees_the_disk_gets_no_address_of_its_bytes() {
    let (world, disk) = world(1).await;
    let id = world.open(download(disk)).await;
    let looks_on = user_with(&world, "looks-on", roles::USER_ROLE, disk.into()).await;
    let may_change = user_with(&world, "may-change", roles::DISK_OPERATOR, disk.into()).await;
    let seen = world.engine.transfer(&looks_on, id).await.unwrap();
    assert_eq!((seen.transfer.phase, seen.transfer_url, seen.proxy_url), (Phase::Transferring, None, None));
    let listed = world.engine.list_transfers(&looks_on).await.unwrap();
    assert!(listed.len() == 1 && listed[0].transfer_url.is_none() && listed[0].proxy_url.is_none());
    let mut read_only = looks_on;
    // Sees all, as the role ReadOnlyAdmin does, and may change nothing.
    read_only.session.administrator = true;
    assert_eq!(world.engine.transfer(&read_only, id).await.unwrap().proxy_url, None);
    let own = world.engine.transfer(&may_change, id).await.unwrap();
    assert!(own.transfer_url.is_some() && own.proxy_url.is_some());
    world.steer(id, Ask::Cancel).await;
    world.reaches(id, Phase::FinishedCleanup).await;
    let begun = world.engine.act(&may_change, download(disk)).await.unwrap().value;
    world.reaches(begun, Phase::Transferring).await;
    let mut tx = world.store().begin().await.unwrap();
    let grant = tx.permissions().of_user(may_change.session.user).await.unwrap().remove(0);
    tx.permissions().revoke(grant.id).await.unwrap();
    tx.commit().await.unwrap();
    let view = world.engine.transfer(&may_change, begun).await.unwrap();
    assert!(view.proxy_url.is_some(), "whoever began it holds its ticket already");
    world.steer(begun, Ask::Cancel).await;
    world.idle().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_cancelled_upload_leaves_no_disk_and_a_cancelled_download_leaves_it() {
    let (world, disk) = world(1).await;
    let id = world.open(download(disk)).await;
    world.steer(id, Ask::Cancel).await;
    world.reaches(id, Phase::FinishedCleanup).await;
    world.idle().await;
    assert_eq!(world.state(disk).await, (DiskState::Ok, false));
    let id = world.open(upload(disk)).await;
    world.steer(id, Ask::Cancel).await;
    world.reaches(id, Phase::FinishedCleanup).await;
    world.idle().await;
    assert!(world.disk(disk).await.is_none());
    assert!(world.shared.storage().volumes.is_empty());
    assert!(world.codes().await.contains(&1033));
}

#[tokio::test(flavor = "multi_thread")]
async fn damaged_content_makes_the_disk_illegal() {
    let (world, disk) = world(1).await;
    let id = world.open(upload(disk)).await;
    world.shared.storage().damaged = true;
    world.steer(id, Ask::Finalize).await;
    world.reaches(id, Phase::FinishedFailure).await;
    world.idle().await;
    assert_eq!(world.state(disk).await, (DiskState::Illegal, false));
    assert!(world.codes().await.contains(&1034));
    // A new upload mends it.
    world.shared.storage().damaged = false;
    let id = world.open(upload(disk)).await;
    world.steer(id, Ask::Finalize).await;
    world.reaches(id, Phase::FinishedSuccess).await;
    world.idle().await;
    assert_eq!(world.state(disk).await, (DiskState::Ok, false));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_transfer_that_never_opened_leaves_the_disk_as_it_was() {
    let (world, disk) = world(1).await;
    world.shared.fault("add_ticket", &[Fault::Refuse]);
    let id = world.begin(upload(disk)).await;
    world.reaches(id, Phase::FinishedFailure).await;
    world.idle().await;
    assert_eq!(world.state(disk).await, (DiskState::Ok, false));
}

#[tokio::test(flavor = "multi_thread")]
async fn it_is_paused_and_resumed_and_lost_answers_do_not_matter() {
    let (world, disk) = world(1).await;
    world.shared.fault("add_ticket", &[Fault::LoseAnswer, Fault::Away]);
    world.shared.fault("remove_ticket", &[Fault::LoseAnswer, Fault::Away]);
    let id = world.open(upload(disk)).await;
    world.steer(id, Ask::Pause).await;
    world.until("the ticket is gone", || async { world.shared.storage().tickets.is_empty() }).await;
    assert_eq!(world.view(id).await.transfer.phase, Phase::PausedUser);
    world.steer(id, Ask::Resume).await;
    world.reaches(id, Phase::Transferring).await;
    assert_eq!(world.shared.storage().tickets.len(), 1);
    world.steer(id, Ask::Finalize).await;
    world.reaches(id, Phase::FinishedSuccess).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn nobody_uses_it() {
    let (world, disk) = world(1).await;
    for (direction, policy, phase) in [
        (Direction::Upload, TimeoutPolicy::Legacy, Phase::PausedSystem),
        (Direction::Download, TimeoutPolicy::Legacy, Phase::FinishedCleanup),
        (Direction::Download, TimeoutPolicy::Pause, Phase::PausedSystem),
    ] {
        let mut begin = Begin::new(Subject::Disk(disk), direction);
        begin.inactivity_timeout = Some(1);
        begin.timeout_policy = policy;
        let id = world.begin(begin).await;
        world.reaches(id, phase).await;
        if phase == Phase::PausedSystem {
            world.steer(id, Ask::Finalize).await;
            world.reaches(id, Phase::FinishedSuccess).await;
        }
        world.idle().await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_new_engine_and_a_new_agent_carry_it_on() {
    let (mut world, disk) = world(1).await;
    let id = world.open(upload(disk)).await;
    world.replace_engine().await;
    // The agent restarts: tickets are memory only.
    world.shared.storage().tickets.clear();
    world.until("the ticket stands again", || async { world.shared.storage().tickets.len() == 1 }).await;
    assert_eq!(world.view(id).await.transfer.phase, Phase::Transferring);
    world.shared.fault("remove_ticket", &[Fault::Hang]);
    world.steer(id, Ask::Finalize).await;
    world.until("the host was asked", || async { world.shared.calls("remove_ticket") > 0 }).await;
    world.replace_engine().await;
    world.reaches(id, Phase::FinishedSuccess).await;
    world.idle().await;
    assert_eq!(world.state(disk).await, (DiskState::Ok, false));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_lost_host_pauses_it_and_another_one_takes_over() {
    let (mut world, disk) = world(2).await;
    let mut begin = upload(disk);
    begin.host = Some(world.hosts[1]);
    let id = world.open(begin).await;
    world.lose_host(1);
    world.reaches(id, Phase::PausedSystem).await;
    world.steer(id, Ask::Resume).await;
    world.reaches(id, Phase::Transferring).await;
    assert_eq!(world.view(id).await.transfer.host, Some(world.hosts[0]));
    world.steer(id, Ask::Finalize).await;
    world.reaches(id, Phase::FinishedSuccess).await;
}
