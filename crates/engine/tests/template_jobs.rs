//! The laws of template jobs: they complete; a failure at each step leads back; a step done twice equals once; a crash in
//! the middle resumes; the deadline leads somewhere. On real rows, the real runner and the real host door.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "a test that can't go on fails")]

mod support;

use std::collections::BTreeMap;
use std::time::Duration;

use ferrovirt_engine::actions::disk::{self, NewDisk};
use ferrovirt_engine::actions::named::Named;
use ferrovirt_engine::actions::storage::{Attach, Create, Deactivate};
use ferrovirt_engine::actions::template::DiskWish;
use ferrovirt_engine::actions::vm::disks::Hanging;
use ferrovirt_engine::actions::vm::from_template::{FromTemplate, OwnDisk};
use ferrovirt_engine::actions::{template, vm};
use ferrovirt_engine::{Failure, ListQuery, Result, now};
use ferrovirt_model::ids::{DiskId, NicId, StorageConnectionId, StorageDomainId, TemplateId, VmId};
use ferrovirt_model::refusal::{Refusal, RefusalClass};
use ferrovirt_model::storage::{Disk, DiskContent, DiskFormat, DiskState, DomainClass, StorageConnection, StorageKind};
use ferrovirt_model::template::{BLANK, Template};
use ferrovirt_model::vm::{DiskAttachment, DiskInterface, NicModel, Vm, VmNic};
use ferrovirt_store::Areas;
use ferrovirt_store::vms::DeviceOwner;
use support::World;
use support::host::Fault;
use uuid::Uuid;

const GIB: u64 = 1 << 30;
const PATIENCE: Duration = Duration::from_secs(60);

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

fn new_disk(domain: StorageDomainId, alias: &str) -> NewDisk {
    NewDisk {
        id: None,
        alias: alias.to_owned(),
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

fn add_vm(world: &World, name: &str, template: TemplateId, clone: bool) -> vm::Add {
    vm::Add {
        id: None,
        name: name.to_owned(),
        cluster: Named::Id(world.cluster),
        template: Named::Id(template),
        template_version: None,
        cpu_profile: None,
        edit: Box::new(|_| Ok(())),
        clone,
        own: Default::default(),
    }
}

fn add_template(name: &str, vm: VmId) -> template::Add {
    template::Add {
        name: name.to_owned(),
        vm: Named::Id(vm),
        cluster: None,
        edit: Box::new(|_| Ok(())),
        version: None,
        domain: None,
        disks: BTreeMap::new(),
        permissions: false,
        found: None,
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

    /// A VM with two disks and a NIC.
    async fn vm_with_disks(&self) -> VmId {
        let domain = self.act(new_domain(self)).await.unwrap();
        self.act(Attach::new(Named::Id(domain), self.data_center)).await.unwrap();
        let vm = self.act(add_vm(self, "origin", BLANK, false)).await.unwrap();
        for number in 1..=2 {
            self.hang(vm, domain, number).await;
        }
        let nic = VmNic {
            id: NicId(Uuid::new_v4()),
            name: "nic1".to_owned(),
            profile: None,
            model: NicModel::Virtio,
            mac_address: "56:6f:00:00:00:01".to_owned(),
            linked: true,
            plugged: true,
            description: String::new(),
        };
        let mut tx = self.store().begin().await.unwrap();
        tx.vms().put_nic(DeviceOwner::Vm(vm), &nic).await.unwrap();
        tx.commit().await.unwrap();
        vm
    }

    /// Makes the disk of a number and attaches it; the first one boots.
    async fn hang(&self, vm: VmId, domain: StorageDomainId, number: usize) {
        let disk = self.act(disk::Add { disk: new_disk(domain, &format!("disk{number}")) }).await.unwrap();
        let attachment = DiskAttachment {
            vm,
            disk,
            interface: DiskInterface::VirtioScsi,
            bootable: number == 1,
            active: true,
            read_only: false,
            pass_discard: false,
        };
        let mut tx = self.store().begin().await.unwrap();
        tx.vms().put_attachment(&attachment).await.unwrap();
        tx.commit().await.unwrap();
    }

    async fn vm(&self, id: VmId) -> Option<Vm> {
        self.store().read().await.unwrap().vms().view(id).await.unwrap().map(|view| view.vm)
    }

    async fn vm_named(&self, name: &str) -> Option<VmId> {
        self.store().read().await.unwrap().vms().id_by_name(name, self.cluster).await.unwrap()
    }

    async fn template(&self, id: TemplateId) -> Option<Template> {
        self.store().read().await.unwrap().templates().get(&[id]).await.unwrap().pop()
    }

    async fn template_named(&self, name: &str) -> Option<Template> {
        self.store().read().await.unwrap().templates().by_name(name).await.unwrap().pop()
    }

    async fn disks_of_vm(&self, vm: VmId) -> Vec<Disk> {
        let mut reader = self.store().read().await.unwrap();
        let ids: Vec<DiskId> = reader.vms().attachments(&[vm]).await.unwrap().into_iter().map(|one| one.disk).collect();
        reader.disks().get(&ids).await.unwrap()
    }

    async fn disks_of_template(&self, template: TemplateId) -> Vec<Disk> {
        let mut reader = self.store().read().await.unwrap();
        let ids: Vec<DiskId> =
            reader.disks().of_templates(&[template]).await.unwrap().into_iter().map(|one| one.disk).collect();
        reader.disks().get(&ids).await.unwrap()
    }

    /// The names of disks, in the order of the ids.
    async fn names(&self, ids: Vec<DiskId>) -> Vec<String> {
        let disks = self.store().read().await.unwrap().disks().get(&ids).await.unwrap();
        let name = |id| disks.iter().find(|disk| disk.id == id).map(|disk| disk.alias.clone());
        ids.into_iter().filter_map(name).collect()
    }

    fn volumes(&self) -> usize {
        self.shared.storage().volumes.len()
    }

    /// The VM can be used as if nothing had been.
    async fn vm_is_free(&self, vm: VmId) {
        assert_eq!(self.vm(vm).await.unwrap().lock, None);
        for disk in self.disks_of_vm(vm).await {
            assert_eq!((disk.state, disk.lock), (DiskState::Ok, None), "{}", disk.alias);
        }
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
async fn a_template_lives_from_its_vm_to_the_last_vm_made_of_it() {
    let world = World::with_hosts(2).await;
    let origin = world.vm_with_disks().await;
    let golden = world.act(add_template("golden", origin)).await.unwrap();
    let template = world.template(golden).await.unwrap();
    assert_eq!((template.lock, template.illegal), (None, false));
    let disks = world.disks_of_template(golden).await;
    assert_eq!((disks.len(), world.volumes()), (2, 4));
    assert!(disks.iter().all(|disk| disk.state == DiskState::Ok && disk.volume.as_ref().unwrap().parent.is_none()));
    world.vm_is_free(origin).await;
    world.logged(&[48, 51, 29]).await;
    let same = refusal(world.act(add_template("golden", origin)).await);
    assert!(matches!(same, Refusal::NameTaken { .. }), "{same}");

    let thin = world.act(add_vm(&world, "thin", golden, false)).await.unwrap();
    world.vm_is_free(thin).await;
    let layers = world.disks_of_vm(thin).await;
    assert_eq!(layers.len(), 2);
    for layer in &layers {
        let volume = layer.volume.as_ref().unwrap();
        let below = disks.iter().find(|disk| disk.volume.as_ref().map(|one| one.id) == volume.parent);
        assert!(below.is_some() && volume.format == DiskFormat::Qcow2, "{layer:?}");
        let made = world.shared.storage().volumes[&volume.id.to_string()].state.parent_volume_id.clone();
        assert_eq!(Some(made), volume.parent.map(|id| id.to_string()), "the host was told of the layer below");
    }
    let nics = world.store().read().await.unwrap().vms().nics(&[thin.0]).await.unwrap();
    assert!(nics.len() == 1 && !nics[0].1.mac_address.is_empty() && nics[0].1.mac_address != "56:6f:00:00:00:01");
    world.logged(&[37, 53]).await;

    assert!(matches!(refusal(world.act(template::Remove::new(golden)).await), Refusal::InUse { .. }));
    world.act(vm::Remove::new(thin, false)).await.unwrap();
    world.act(template::Remove::new(golden)).await.unwrap();
    assert!(world.template(golden).await.is_none());
    assert_eq!(world.volumes(), 2, "the first VM keeps its own");
    world.logged(&[110, 50, 251]).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn disks_stay_in_the_order_in_which_they_were_attached() {
    let world = World::with_hosts(1).await;
    let origin = world.vm_with_disks().await;
    let domain = world.disks_of_vm(origin).await[0].volume.as_ref().unwrap().domain;
    for number in 3..=6 {
        world.hang(origin, domain, number).await;
    }
    let wanted: Vec<String> = (1..=6).map(|number| format!("disk{number}")).collect();
    let golden = world.act(add_template("golden", origin)).await.unwrap();
    let made = world.store().read().await.unwrap().disks().of_templates(&[golden]).await.unwrap();
    assert_eq!(world.names(made.into_iter().map(|one| one.disk).collect()).await, wanted);
    for (name, clone) in [("thin", false), ("apart", true)] {
        let vm = world.act(add_vm(&world, name, golden, clone)).await.unwrap();
        let made = world.store().read().await.unwrap().vms().attachments(&[vm]).await.unwrap();
        assert_eq!(world.names(made.into_iter().map(|one| one.disk).collect()).await, wanted, "{name}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_clone_stands_on_its_own() {
    let world = World::with_hosts(1).await;
    let origin = world.vm_with_disks().await;
    let golden = world.act(add_template("golden", origin)).await.unwrap();
    let clone = world.act(add_vm(&world, "clone", golden, true)).await.unwrap();
    assert_eq!(world.vm(clone).await.unwrap().template, BLANK);
    assert!(world.disks_of_vm(clone).await.iter().all(|disk| disk.volume.as_ref().unwrap().parent.is_none()));
    world.act(template::Remove::new(golden)).await.unwrap();
    world.vm_is_free(clone).await;
    assert_eq!(world.volumes(), 4);
}

impl World {
    /// Another domain of the data centre.
    async fn another_domain(&self) -> StorageDomainId {
        let mut second = new_domain(self);
        second.name = "data2".to_owned();
        second.connection.path = "/shared2".to_owned();
        let domain = self.act(second).await.unwrap();
        self.act(Attach::new(Named::Id(domain), self.data_center)).await.unwrap();
        domain
    }
}

fn own(disk: DiskId, wish: DiskWish) -> FromTemplate {
    let own = OwnDisk { disk: wish, hanging: Hanging { interface: Some(DiskInterface::Virtio), ..Default::default() } };
    FromTemplate { disks: BTreeMap::from([(disk, own)]), ..Default::default() }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_vm_has_its_templates_disks_as_it_asks() {
    let world = World::with_hosts(1).await;
    let origin = world.vm_with_disks().await;
    let golden = world.act(add_template("golden", origin)).await.unwrap();
    let second = world.another_domain().await;
    let disks = world.disks_of_template(golden).await;
    let (one, other) = (&disks[0], &disks[1]);
    let home = one.volume.as_ref().unwrap().domain;
    let wish = DiskWish {
        alias: Some("system".to_owned()),
        format: Some(DiskFormat::Qcow2),
        sparse: Some(true),
        domain: Some(Named::Name("data2".to_owned())),
    };

    // A copy lies where it is asked to, and is what it is asked to be; the disk that was not named is as the template's.
    let clone = vm::Add { own: own(one.id, wish.clone()), ..add_vm(&world, "clone", golden, true) };
    let clone = world.act(clone).await.unwrap();
    let made = world.disks_of_vm(clone).await;
    let named = made.iter().find(|disk| disk.alias == "system").unwrap();
    let volume = named.volume.as_ref().unwrap();
    assert_eq!((volume.domain, volume.format, volume.parent), (second, DiskFormat::Qcow2, None));
    let told = world.shared.storage().volumes[&volume.id.to_string()].state.format.clone();
    assert_eq!(told, "qcow2", "the host made it so");
    let rest = made.iter().find(|disk| disk.id != named.id).unwrap();
    assert_eq!((rest.alias.as_str(), rest.format), (other.alias.as_str(), other.format));
    assert_eq!(rest.volume.as_ref().unwrap().domain, home);
    let hung = world.store().read().await.unwrap().vms().attachments(&[clone]).await.unwrap();
    let interface = |disk: &Disk| hung.iter().find(|hung| hung.disk == disk.id).unwrap().interface;
    assert_eq!((interface(named), interface(rest)), (DiskInterface::Virtio, DiskInterface::VirtioScsi));
    // All of them, by one word.
    let all = FromTemplate { domain: Some(Named::Id(second)), ..Default::default() };
    let moved = world.act(vm::Add { own: all, ..add_vm(&world, "moved", golden, true) }).await.unwrap();
    assert!(world.disks_of_vm(moved).await.iter().all(|disk| disk.volume.as_ref().unwrap().domain == second));

    // A layer lies on its template's disk, and a raw disk is none.
    let before = world.volumes();
    for wrong in [
        wish.clone(),
        DiskWish { format: Some(DiskFormat::Raw), ..Default::default() },
        DiskWish { sparse: Some(false), ..Default::default() },
    ] {
        let thin = vm::Add { own: own(one.id, wrong), ..add_vm(&world, "never", golden, false) };
        let refused = refusal(world.act(thin).await);
        assert!(refused.to_string().contains("ask for a clone"), "{refused}");
    }
    let here = DiskWish { domain: Some(Named::Id(home)), ..wish.clone() };
    let thin = vm::Add { own: own(one.id, here), ..add_vm(&world, "thin", golden, false) };
    let thin = world.act(thin).await.unwrap();
    assert!(world.disks_of_vm(thin).await.iter().any(|disk| disk.alias == "system"));
    assert_eq!(world.volumes(), before + 2);

    // What the template has not can't be had of it.
    let stranger = DiskId(Uuid::new_v4());
    for template in [golden, BLANK] {
        let add = vm::Add { own: own(stranger, DiskWish::default()), ..add_vm(&world, "never", template, true) };
        let refused = refusal(world.act(add).await);
        assert!(refused.class() == RefusalClass::BadRequest && refused.to_string().contains(&stranger.to_string()));
    }
    let two = OwnDisk { hanging: Hanging { bootable: Some(true), ..Default::default() }, ..Default::default() };
    let own = FromTemplate { disks: disks.iter().map(|disk| (disk.id, two.clone())).collect(), ..Default::default() };
    let refused = refusal(world.act(vm::Add { own, ..add_vm(&world, "never", golden, true) }).await);
    assert!(refused.to_string().contains("bootable"), "{refused}");
    assert!(world.vm_named("never").await.is_none() && world.volumes() == before + 2);
}

#[tokio::test(flavor = "multi_thread")]
async fn the_domain_that_a_disk_is_asked_to_lie_on_must_take_it() {
    let world = World::with_hosts(1).await;
    let origin = world.vm_with_disks().await;
    let golden = world.act(add_template("golden", origin)).await.unwrap();
    let disk = world.disks_of_template(golden).await[0].id;
    let mut away = new_domain(&world);
    away.name = "away".to_owned();
    away.connection.path = "/away".to_owned();
    let away = world.act(away).await.unwrap();
    let add = |domain| {
        let wish = DiskWish { domain: Some(Named::Id(domain)), ..Default::default() };
        vm::Add { own: own(disk, wish), ..add_vm(&world, "never", golden, true) }
    };
    refusal(world.act(add(away)).await);
    let second = world.another_domain().await;
    world.act(Deactivate::new(second)).await.unwrap();
    refusal(world.act(add(second)).await);
    assert!(world.vm_named("never").await.is_none());
}

#[tokio::test(flavor = "multi_thread")]
async fn blank_stays_as_it_is() {
    let world = World::with_hosts(0).await;
    assert!(matches!(refusal(world.act(template::Remove::new(BLANK)).await), Refusal::Predefined { .. }));
    let update = template::Update {
        template: BLANK,
        name: Some("White".to_owned()),
        version_name: None,
        edit: Box::new(|_| Ok(())),
        was: None,
    };
    assert!(matches!(refusal(world.act(update).await), Refusal::Predefined { .. }));
    let vm = world.act(add_vm(&world, "bare", BLANK, false)).await.unwrap();
    let bare = world.act(add_template("bare", vm)).await.unwrap();
    assert_eq!(world.template(bare).await.unwrap().lock, None, "without disks no host is needed");
    let found = world.engine.list_templates(&world.caller(), &ListQuery::all()).await.unwrap();
    assert_eq!(found.iter().map(|one| one.name.as_str()).collect::<Vec<_>>(), ["bare", "Blank"]);
    world.act(add_vm(&world, "from-bare", bare, false)).await.unwrap();
    assert!(matches!(refusal(world.act(template::Remove::new(bare)).await), Refusal::InUse { .. }));
}

#[tokio::test(flavor = "multi_thread")]
async fn each_refused_step_leads_back() {
    let world = World::with_hosts(1).await;
    let origin = world.vm_with_disks().await;
    for verb in ["create_volume", "copy_volume"] {
        world.shared.fault(verb, &[Fault::Refuse]);
        refusal(world.act(add_template("never", origin)).await);
        world.idle().await;
        assert!(world.template_named("never").await.is_none());
        assert_eq!(world.volumes(), 2, "{verb}");
        world.vm_is_free(origin).await;
        world.logged(&[48, 52]).await;
    }
    world.shared.storage().copies_fail = 9;
    refusal(world.act(add_template("never", origin)).await);
    world.idle().await;
    world.shared.storage().copies_fail = 0;
    assert_eq!(world.volumes(), 2, "a copy that never works leaves nothing");

    let golden = world.act(add_template("golden", origin)).await.unwrap();
    for (verb, clone) in [("create_volume", false), ("copy_volume", true)] {
        world.shared.fault(verb, &[Fault::Refuse]);
        refusal(world.act(add_vm(&world, "never", golden, clone)).await);
        world.idle().await;
        assert!(world.vm_named("never").await.is_none());
        assert_eq!(world.volumes(), 4, "{verb}");
        world.logged(&[37, 60]).await;
    }

    world.shared.fault("remove_volume", &[Fault::Refuse]);
    refusal(world.act(template::Remove::new(golden)).await);
    world.idle().await;
    let broken = world.template(golden).await.unwrap();
    assert!(broken.illegal && broken.lock.is_none(), "nobody knows whether the volume is whole");
    assert!(world.engine.act(&world.caller(), add_vm(&world, "never", golden, false)).await.is_err());
    world.act(template::Remove::new(golden)).await.unwrap();
    assert!(world.template(golden).await.is_none());
    assert_eq!(world.volumes(), 2);
    world.logged(&[50, 110, 50, 251]).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn the_second_disk_fails_and_the_first_goes_too() {
    let world = World::with_hosts(1).await;
    let origin = world.vm_with_disks().await;
    let before = world.shared.calls("create_volume");
    world.shared.fault("copy_volume", &[Fault::LoseAnswer, Fault::Away]);
    world.shared.fault("create_volume", &[Fault::LoseAnswer, Fault::Away]);
    // The first disk's volume takes three requests, the second's is refused.
    let done = world.engine.act(&world.caller(), add_template("never", origin)).await.unwrap();
    world.until("the first disk is made", || async { world.shared.calls("create_volume") >= before + 3 }).await;
    world.shared.fault("create_volume", &[Fault::Full]);
    world.engine.outlast(done.job.unwrap(), PATIENCE).await.unwrap_err();
    world.idle().await;
    assert_eq!(world.volumes(), 2);
    assert!(world.template(done.value).await.is_none());
    world.vm_is_free(origin).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_step_done_twice_equals_once() {
    let world = World::with_hosts(1).await;
    let origin = world.vm_with_disks().await;
    for verb in ["create_volume", "copy_volume", "remove_volume"] {
        world.shared.fault(verb, &[Fault::LoseAnswer, Fault::Away, Fault::LoseAnswer]);
    }
    let golden = world.act(add_template("golden", origin)).await.unwrap();
    assert_eq!(world.volumes(), 4);
    world.shared.fault("create_volume", &[Fault::LoseAnswer, Fault::Away]);
    let thin = world.act(add_vm(&world, "thin", golden, false)).await.unwrap();
    assert_eq!(world.volumes(), 6);
    world.act(vm::Remove::new(thin, false)).await.unwrap();
    world.act(template::Remove::new(golden)).await.unwrap();
    assert_eq!(world.volumes(), 2);
    world.vm_is_free(origin).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn another_engine_takes_every_job_to_its_end() {
    let mut world = World::with_hosts(1).await;
    let origin = world.vm_with_disks().await;
    for verb in ["create_volume", "copy_volume", "get_task"] {
        let before = world.shared.calls(verb);
        world.shared.fault(verb, &[Fault::Hang]);
        let name = verb.replace('_', "-");
        let made = world.engine.act(&world.caller(), add_template(&name, origin)).await.unwrap().value;
        world.until("the host was asked", || async { world.shared.calls(verb) > before }).await;
        world.replace_engine().await;
        world.until("the template is there", || async { world.template(made).await.unwrap().lock.is_none() }).await;
        world.vm_is_free(origin).await;
    }
    assert_eq!(world.volumes(), 8);
    let golden = world.template_named("get-task").await.unwrap().id;
    let before = world.shared.calls("create_volume");
    world.shared.fault("create_volume", &[Fault::Hang]);
    let thin = world.engine.act(&world.caller(), add_vm(&world, "thin", golden, false)).await.unwrap().value;
    world.until("the host was asked", || async { world.shared.calls("create_volume") > before }).await;
    world.replace_engine().await;
    world.until("the VM is there", || async { world.vm(thin).await.unwrap().lock.is_none() }).await;
    let other = world.template_named("copy-volume").await.unwrap().id;
    let before = world.shared.calls("remove_volume");
    world.shared.fault("remove_volume", &[Fault::Hang]);
    world.engine.act(&world.caller(), template::Remove::new(other)).await.unwrap();
    world.until("the host was asked", || async { world.shared.calls("remove_volume") > before }).await;
    world.replace_engine().await;
    world.until("the template is gone", || async { world.template(other).await.is_none() }).await;
    assert_eq!(world.volumes(), 8, "two templates and two times two disks");
}

#[tokio::test(flavor = "multi_thread")]
async fn the_deadline_leads_back() {
    let world = World::with_hosts(1).await;
    let origin = world.vm_with_disks().await;
    let before = world.shared.calls("copy_volume");
    world.shared.fault("copy_volume", &[Fault::Away; 200]);
    let done = world.engine.act(&world.caller(), add_template("late", origin)).await.unwrap();
    world.until("the host was asked", || async { world.shared.calls("copy_volume") > before }).await;
    let job = done.job.unwrap();
    let mut tx = world.store().begin().await.unwrap();
    let mut running = tx.jobs().running(job).await.unwrap().unwrap();
    running.deadline = now() - 1;
    assert!(tx.jobs().save(&running).await.unwrap());
    tx.commit().await.unwrap();
    world.idle().await;
    assert!(world.template(done.value).await.is_none());
    assert_eq!(world.volumes(), 2);
    world.vm_is_free(origin).await;
}
