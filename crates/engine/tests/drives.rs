//! The laws of drives: first-boot data reach the guest once and go with it when it moves; CDs come and go, in the running
//! guest by a job that leads somewhere whatever its host does.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "a test that can't go on fails")]

mod support;

use std::time::Duration;

use ferrovirt_engine::action::Action;
use ferrovirt_engine::actions::disk::{self, NewDisk};
use ferrovirt_engine::actions::named::Named;
use ferrovirt_engine::actions::storage::{Attach, Create};
use ferrovirt_engine::actions::vm::{Add, ChangeCd, Migrate, Start, Stop};
use ferrovirt_engine::session::Caller;
use ferrovirt_engine::{Failure, Result};
use ferrovirt_hostapi as api;
use ferrovirt_model::host::HostStatus;
use ferrovirt_model::ids::{DiskId, HostId, StorageConnectionId, StorageDomainId, UserId, VmId};
use ferrovirt_model::refusal::Refusal;
use ferrovirt_model::secret::Secret;
use ferrovirt_model::storage::{DiskContent, DiskFormat, DomainClass, StorageConnection, StorageKind};
use ferrovirt_model::template::BLANK;
use ferrovirt_model::vm::{BootDevice, Definition, Initialization};
use ferrovirt_store::Areas;
use support::World;
use support::guests::Machine;
use support::host::Fault;
use uuid::Uuid;

const PATIENCE: Duration = Duration::from_secs(60);

impl World {
    async fn act<A: Action>(&self, action: A) -> Result<A::Output> {
        for host in &self.hosts {
            self.until("a host is up", || self.host_is(*host, HostStatus::Up)).await;
        }
        let done = self.engine.act(&self.caller(), action).await?;
        if let Some(job) = done.job {
            assert!(self.engine.outlast(job, PATIENCE).await?, "the job takes too long");
        }
        Ok(done.value)
    }

    async fn vm(&self, edit: impl Fn(&mut Definition) + Send + Sync + 'static) -> VmId {
        let add = Add {
            id: None,
            name: "web".to_owned(),
            cluster: Named::Id(self.cluster),
            template: Named::Id(BLANK),
            template_version: None,
            cpu_profile: None,
            edit: Box::new(move |definition| {
                edit(definition);
                Ok(())
            }),
            clone: false,
            own: Default::default(),
        };
        self.act(add).await.unwrap()
    }

    async fn domain(&self) -> StorageDomainId {
        let create = Create {
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
            host: Named::Id(self.hosts[0]),
            wipe_after_delete: false,
            discard_after_delete: false,
            backup: false,
            warning_low_space_percent: None,
            critical_space_gib: None,
            block_size: 0,
        };
        let id = self.act(create).await.unwrap();
        self.act(Attach::new(Named::Id(id), self.data_center)).await.unwrap();
        id
    }

    async fn disk(&self, domain: StorageDomainId, alias: &str, content: DiskContent) -> DiskId {
        let new = NewDisk {
            id: None,
            alias: alias.to_owned(),
            description: String::new(),
            provisioned_size: 1 << 20,
            initial_size: None,
            format: DiskFormat::Raw,
            sparse: None,
            content,
            shareable: false,
            wipe_after_delete: None,
            propagate_errors: false,
            incremental_backup: false,
            domain: Named::Id(domain),
            profile: None,
        };
        self.act(disk::Add { disk: new }).await.unwrap()
    }

    /// The machine where the guest executes.
    fn machine(&self, vm: VmId) -> (HostId, Machine) {
        self.shared.machines(|machines| {
            let hosts = machines.executing(&vm.to_string());
            assert_eq!(hosts.len(), 1, "it executes in one place");
            (hosts[0], machines.machine(hosts[0], &vm.to_string()).unwrap().clone())
        })
    }

    async fn start(&self, vm: VmId) -> Machine {
        self.act(Start::new(vm, None, false)).await.unwrap();
        self.machine(vm).1
    }

    async fn stop(&self, vm: VmId) {
        self.act(Stop::new(vm, None)).await.unwrap();
        self.until("it is down", || async {
            self.store().read().await.unwrap().vms().view(vm).await.unwrap().unwrap().run.is_none()
        })
        .await;
    }

    async fn cd_of_run(&self, vm: VmId) -> Option<DiskId> {
        self.engine.cd_of_run(&self.caller(), vm).await.unwrap()
    }

    async fn count(&self, code: u32) -> usize {
        self.codes().await.into_iter().filter(|one| *one == code).count()
    }
}

fn refusal<T: std::fmt::Debug>(answer: Result<T>) -> Refusal {
    match answer.unwrap_err() {
        Failure::Refused(refusal) => refusal,
        Failure::Trouble(trouble) => panic!("{trouble}"),
    }
}

fn file(machine: &Machine, name: &str) -> String {
    let drive: &api::FirstBoot = machine.first_boot.as_ref().expect("the guest has a drive with first-boot data");
    let file = drive.files.iter().find(|file| file.path.ends_with(name)).expect("the file is there");
    String::from_utf8(file.content.clone()).unwrap()
}

fn initialized(definition: &mut Definition) {
    definition.initialization = Some(Initialization {
        host_name: Some("web.example.com".to_owned()),
        root_password: Some(Secret::new("hunter2")),
        ..Initialization::default()
    });
}

#[tokio::test(flavor = "multi_thread")]
async fn first_boot_data_come_once_and_again_when_asked_for() {
    let world = World::with_hosts(1).await;
    let vm = world.vm(initialized).await;
    let row = world.store().read().await.unwrap().vms().view(vm).await.unwrap().unwrap().vm;
    let kept = row.definition.initialization.unwrap().root_password.unwrap();
    assert!(kept.expose().starts_with("$6$"), "a password is hashed before it is stored");
    // A start that fails has initialized nobody.
    world.shared.fault("start_vm", &[Fault::Refuse]);
    refusal(world.act(Start::new(vm, None, false)).await);
    let first = world.start(vm).await;
    assert!(file(&first, "meta_data.json").contains("web.example.com"));
    assert!(file(&first, "user_data").contains(kept.expose()));
    world.stop(vm).await;
    assert_eq!(world.start(vm).await.first_boot, None, "the guest has had its first boot");
    world.stop(vm).await;
    let mut again = Start::new(vm, None, false);
    again.initialize = true;
    world.act(again).await.unwrap();
    let again = world.machine(vm).1;
    assert_ne!(file(&again, "meta_data.json"), file(&first, "meta_data.json"), "another incarnation");
    world.stop(vm).await;
    // Data of one start alone.
    let edit = |definition: &mut Definition| {
        let data = Initialization { user_name: Some("guest".to_owned()), ..Initialization::default() };
        definition.initialization = Some(data);
        Ok(())
    };
    let mut once = Start::new(vm, None, false);
    once.initialize = true;
    once.once = Some(Box::new(edit));
    world.act(once).await.unwrap();
    let once = world.machine(vm).1;
    assert!(file(&once, "user_data").contains("\"guest\"") && !file(&once, "user_data").contains("password"));
    let row = world.store().read().await.unwrap().vms().view(vm).await.unwrap().unwrap().vm;
    assert_eq!(row.definition.initialization.unwrap().user_name, None);
}

#[tokio::test(flavor = "multi_thread")]
async fn what_a_run_was_started_with_goes_with_the_guest() {
    let world = World::with_hosts(2).await;
    let domain = world.domain().await;
    let cd = world.disk(domain, "install.iso", DiskContent::Iso).await;
    let vm = world.vm(initialized).await;
    let edit = move |definition: &mut Definition| {
        definition.cdrom = Some(cd);
        definition.boot_devices = vec![BootDevice::Cdrom];
        Ok(())
    };
    let mut once = Start::new(vm, None, false);
    once.once = Some(Box::new(edit));
    world.act(once).await.unwrap();
    let (from, before) = world.machine(vm);
    assert_eq!(before.cd, Some(cd.to_string()));
    for _ in 0..2 {
        world.act(Migrate::new(vm, None, false)).await.unwrap();
        let (_, after) = world.machine(vm);
        assert_eq!((after.first_boot.as_ref(), after.cd.as_ref()), (before.first_boot.as_ref(), before.cd.as_ref()));
        assert_eq!(world.cd_of_run(vm).await, Some(cd));
        let view = world.store().read().await.unwrap().vms().view(vm).await.unwrap().unwrap();
        let generation = view.run.unwrap().generation;
        let particulars = world.store().read().await.unwrap().vms().particulars(vm, generation).await.unwrap();
        assert_eq!(particulars.downtime_ms, Some(support::guests::DOWNTIME));
    }
    assert_eq!(world.machine(vm).0, from);
    world.stop(vm).await;
    assert_eq!(world.start(vm).await.cd, None, "the CD was of that run alone");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_cd_comes_with_the_next_start_or_into_the_running_guest() {
    let mut world = World::with_hosts(1).await;
    let domain = world.domain().await;
    let (one, two) =
        (world.disk(domain, "one.iso", DiskContent::Iso).await, world.disk(domain, "two.iso", DiskContent::Iso).await);
    let vm = world.vm(|_| ()).await;
    refusal(world.act(ChangeCd::now(vm, Some(one))).await);
    world.act(ChangeCd::for_starts(vm, Some(one))).await.unwrap();
    assert_eq!(world.cd_of_run(vm).await, None, "it does not run");
    assert_eq!(world.start(vm).await.cd, Some(one.to_string()));
    world.act(ChangeCd::for_starts(vm, None)).await.unwrap();
    assert_eq!((world.machine(vm).1.cd, world.cd_of_run(vm).await), (Some(one.to_string()), Some(one)));
    // In the running guest, by a host that says nothing, loses its answer, or dies of its engine.
    world.shared.fault("attach_device", &[Fault::Away, Fault::LoseAnswer]);
    world.act(ChangeCd::now(vm, Some(two))).await.unwrap();
    assert_eq!((world.machine(vm).1.cd, world.cd_of_run(vm).await), (Some(two.to_string()), Some(two)));
    let before = world.shared.calls("attach_device");
    world.shared.fault("attach_device", &[Fault::Hang]);
    world.engine.act(&world.caller(), ChangeCd::now(vm, Some(one))).await.unwrap();
    world.until("the host is asked", || async { world.shared.calls("attach_device") > before }).await;
    world.replace_engine().await;
    world.idle().await;
    assert_eq!((world.machine(vm).1.cd, world.cd_of_run(vm).await), (Some(one.to_string()), Some(one)));
    world.act(ChangeCd::now(vm, None)).await.unwrap();
    assert_eq!((world.machine(vm).1.cd, world.cd_of_run(vm).await), (None, None));
    assert_eq!((world.count(38).await, world.count(528).await), (2, 1));
    // A host that refuses: what lies there stays there.
    world.act(ChangeCd::now(vm, Some(one))).await.unwrap();
    world.shared.fault("attach_device", &[Fault::Refuse]);
    refusal(world.act(ChangeCd::now(vm, Some(two))).await);
    assert_eq!((world.machine(vm).1.cd, world.cd_of_run(vm).await), (Some(one.to_string()), Some(one)));
    assert!(world.count(102).await >= 1);
    // A CD in a drive is not removed under it.
    assert!(matches!(refusal(world.act(disk::Remove::new(one)).await), Refusal::InUse { .. }));
    world.stop(vm).await;
    world.act(disk::Remove::new(one)).await.unwrap();
    assert_eq!(world.start(vm).await.cd, None);
}

#[tokio::test(flavor = "multi_thread")]
async fn only_cds_go_into_drives_and_only_by_those_who_may() {
    let world = World::with_hosts(1).await;
    let domain = world.domain().await;
    let data = world.disk(domain, "data", DiskContent::Data).await;
    let cd = world.disk(domain, "one.iso", DiskContent::Iso).await;
    let vm = world.vm(|_| ()).await;
    assert!(matches!(refusal(world.act(ChangeCd::for_starts(vm, Some(data))).await), Refusal::Rule { .. }));
    let nothing = DiskId(Uuid::new_v4());
    assert!(matches!(refusal(world.act(ChangeCd::for_starts(vm, Some(nothing))).await), Refusal::NoSuchObject { .. }));
    let mut once = Start::new(vm, None, false);
    once.once = Some(Box::new(move |definition| {
        definition.cdrom = Some(data);
        Ok(())
    }));
    assert!(matches!(refusal(world.act(once).await), Refusal::Rule { .. }));
    world.start(vm).await;
    let mut session = world.caller().session;
    (session.user, session.administrator) = (UserId(Uuid::new_v4()), false);
    let stranger = Caller { session, ..world.caller() };
    for action in [ChangeCd::for_starts(vm, Some(cd)), ChangeCd::now(vm, Some(cd)), ChangeCd::now(vm, None)] {
        refusal(world.engine.act(&stranger, action).await.map(|done| done.value));
    }
    assert_eq!(world.cd_of_run(vm).await, None);
}
