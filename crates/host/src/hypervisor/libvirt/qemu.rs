//! Tests on real libvirt and QEMU: two private libvirt daemons in namespaces of their own, guests under emulation.
//!
//! They need root, `unshare`, libvirtd and QEMU; where one is missing they say so and pass. Everything that they start
//! lives in process namespaces that end with the test.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::Arc;
use std::time::Duration;

use async_trait::async_trait;
use ferrovirt_hostapi as api;
use ferrovirt_hostapi::{VmPhase, VmSpec};

use super::Libvirt;
use crate::domxml::{Accelerator, Place};
use crate::hypervisor::contract::{World, run, small_domain};
use crate::hypervisor::{Ending, Event, Happening, Hypervisor};
use crate::ledger::Ledger;
use crate::reports::Reports;
use crate::vm::VmError;
use crate::vm::actor::{Order, Secret, Surroundings};
use crate::vm::drive;
use crate::vm::machines::Machines;
use crate::vm::place::Places;

#[path = "../../../tests/support/daemon.rs"]
mod daemon;

use daemon::Daemon;

const VM: &str = "22222222-2222-4222-8222-222222222222";

async fn connect(daemon: &Daemon) -> Libvirt {
    let libvirt = Libvirt::new(&daemon.local_uri()).unwrap();
    assert!(libvirt.connected(Duration::from_secs(30)).await, "libvirtd does not answer: {}", daemon.log());
    libvirt
}

fn contract_domain(id: &str, name: &str) -> String {
    small_domain("qemu", id, name)
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn qemu_keeps_the_contract() {
    let Some(daemon) = Daemon::start("contract", 26510) else { return };
    let libvirt = connect(&daemon).await;
    run(&World { hypervisor: &libvirt, domain_xml: contract_domain, obedient: false, starts_paused: true }).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_daemon_that_restarts_is_found_again_and_the_guest_runs_on() {
    let Some(daemon) = Daemon::start("restart", 26530) else { return };
    let libvirt = connect(&daemon).await;
    let id = uuid::Uuid::new_v4().to_string();
    libvirt.start(&contract_domain(&id, "survivor"), false).await.unwrap();
    let mut events = libvirt.events();
    // libvirtd is the first process of its namespace and can't be restarted there; cutting the connection is the same.
    let cut = Command::new("virt-admin")
        .args([
            "-c",
            &format!(
                "libvirtd+unix:///system?socket={}",
                daemon.folder.path().join("run/libvirt/libvirt-admin-sock").display()
            ),
        ])
        .args(["client-disconnect", "libvirtd", "1"])
        .output();
    let Ok(output) = cut else { return };
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    let back = tokio::time::timeout(Duration::from_secs(30), async {
        loop {
            if matches!(events.recv().await, Ok(Event::Reconnected)) {
                return;
            }
        }
    });
    back.await.expect("it connects again");
    assert!(libvirt.domain(&id).await.unwrap().is_some());
    libvirt.power_off(&id).await.unwrap();
    let ended = tokio::time::timeout(Duration::from_secs(10), async {
        loop {
            if let Ok(Event::Domain { what: Happening::Ended(ending), .. }) = events.recv().await {
                return ending;
            }
        }
    });
    assert_eq!(ended.await.expect("events come over the new connection"), Ending::Destroyed);
}

struct Files(PathBuf);

#[async_trait]
impl Places for Files {
    async fn prepare(&self, spec: &VmSpec) -> Result<Place, VmError> {
        let first_boot = match &spec.first_boot {
            Some(data) => {
                let path = self.drive();
                drive::make(&path, data).await.map_err(|error| VmError::Failed(error.to_string()))?;
                Some(path)
            }
            None => None,
        };
        let disks = spec.disks.iter().map(|disk| (disk.disk_id.clone(), (self.0.join(&disk.disk_id), false)));
        Ok(Place {
            accelerator: Accelerator::Tcg,
            partition: None,
            disks: disks.collect::<BTreeMap<_, _>>(),
            cdrom: match &spec.cdrom {
                Some(cdrom) => self.cdrom(cdrom).await?,
                None => None,
            },
            first_boot,
            console_password: crate::vm::place::random_password(),
        })
    }

    async fn disk(&self, disk: &api::DiskSpec) -> Result<(PathBuf, bool), VmError> {
        Ok((self.0.join(&disk.disk_id), false))
    }

    async fn nic(&self, _nic: &api::NicSpec) -> Result<(), VmError> {
        Ok(())
    }

    async fn cdrom(&self, cdrom: &api::CdromSpec) -> Result<Option<PathBuf>, VmError> {
        Ok(cdrom.volume.as_ref().filter(|_| cdrom.present).map(|volume| self.0.join(&volume.disk_id)))
    }

    async fn clear(&self, _vm_id: &str) {
        drive::remove(&self.drive()).await.unwrap();
    }
}

impl Files {
    /// Both hosts have the same folder here, and drives of their own all the same; only the guest's is there at a time.
    fn drive(&self) -> PathBuf {
        self.0.join("first-boot.iso")
    }
}

fn cd(id: &str) -> api::CdromSpec {
    let volume = api::VolumeRef { disk_id: id.into(), ..Default::default() };
    api::CdromSpec { present: true, volume: Some(volume) }
}

/// How libvirt describes the VM now.
async fn daemon_xml(daemon: &Daemon) -> String {
    connect(daemon).await.live_xml(VM).await.unwrap()
}

/// The file in the CD drive.
fn cd_of(xml: &str) -> Option<String> {
    let drive = crate::domxml::edit::cdrom(xml).unwrap().expect("the VM has a drive");
    drive.get("source").and_then(|source| source.attribute("file")).map(str::to_owned)
}

struct Agent {
    machines: Machines,
    reports: Reports,
    router: tokio::task::JoinHandle<()>,
}

impl Drop for Agent {
    fn drop(&mut self) {
        self.router.abort();
    }
}

impl Agent {
    async fn start(hypervisor: Libvirt, disks: &Path, ledger: &Path) -> Agent {
        let reports = Reports::new();
        let world = Surroundings {
            hypervisor: Arc::new(hypervisor),
            places: Arc::new(Files(disks.to_owned())),
            ledger: Ledger::open(ledger).unwrap(),
            reports: reports.clone(),
            trust_storage: true,
            tls_folder: None,
        };
        let machines = Machines::open(world).unwrap();
        let running = machines.clone();
        let router = tokio::spawn(async move { running.run().await });
        Agent { machines, reports, router }
    }

    async fn order(&self, generation: u64, order: Order) -> Result<(), VmError> {
        self.machines.command(VM, Some(generation), None, order).await
    }

    async fn until(&self, wanted: VmPhase) -> api::VmState {
        for _ in 0..600 {
            if let Some(state) = self.reports.vm(VM).filter(|state| state.phase() == wanted) {
                return state;
            }
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
        panic!("{wanted:?} does not come: {:?}", self.reports.vm(VM));
    }
}

fn spec(generation: u64) -> VmSpec {
    let disk = |id: &str, interface: &str| api::DiskSpec {
        disk_id: id.into(),
        format: "raw".into(),
        interface: interface.into(),
        ..Default::default()
    };
    VmSpec {
        id: VM.into(),
        name: "travels".into(),
        memory: 96 << 20,
        memory_max: 256 << 20,
        cpu_sockets: 1,
        cpu_sockets_max: 2,
        cpu_cores: 1,
        cpu_threads: 1,
        generation,
        io_threads: 1,
        disks: vec![disk("d1", "virtio"), disk("d2", "virtio_scsi"), disk("d3", "sata")],
        cdrom: Some(cd("cd1")),
        first_boot: Some(api::FirstBoot {
            volume_label: "config-2".into(),
            files: vec![api::FirstBootFile { path: "openstack/latest/user_data".into(), content: b"#".to_vec() }],
        }),
        nics: vec![api::NicSpec { id: "n1".into(), mac_address: "52:54:00:12:34:56".into(), ..Default::default() }],
        graphics: vec![api::GraphicsSpec { kind: "vnc".into(), listen_address: "127.0.0.1".into() }],
        serial_console: true,
        memory_balloon: true,
        random_generator: true,
        boot_devices: vec!["hd".into(), "cdrom".into()],
        ..VmSpec::default()
    }
}

/// A disk that the guest boots from and then does nothing for ever.
fn make_disks(folder: &Path) {
    for id in ["d1", "d2", "d3", "d4", "cd1", "cd2"] {
        let mut sector = vec![0xf4, 0xeb, 0xfd];
        sector.resize(510, 0);
        sector.extend([0x55, 0xaa]);
        sector.resize(1 << 20, 0);
        std::fs::write(folder.join(id), sector).unwrap();
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_vm_lives_on_qemu_is_taken_over_and_travels() {
    let (Some(first), Some(second)) = (Daemon::start("first", 26550), Daemon::start("second", 26590)) else { return };
    let (disks, ledgers) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
    make_disks(disks.path());
    let (a, b) = (ledgers.path().join("a"), ledgers.path().join("b"));
    let source = Agent::start(connect(&first).await, disks.path(), &a).await;
    let target = Agent::start(connect(&second).await, disks.path(), &b).await;

    source.order(1, Order::Start(Box::new(spec(1)))).await.unwrap();
    let state = source.until(VmPhase::Running).await;
    assert!(state.graphics[0].port >= 5900, "{state:?}");
    source.order(1, Order::Pause).await.unwrap();
    assert_eq!(source.until(VmPhase::Paused).await.pause_reason, "user");
    source.order(1, Order::Resume).await.unwrap();
    source.order(1, Order::Ticket("vnc".into(), Secret("pass1234".into()), 60)).await.unwrap();
    let plugged = api::DiskSpec { disk_id: "d4".into(), interface: "virtio".into(), ..Default::default() };
    source.order(1, Order::Attach(api::device_request::Device::Disk(plugged))).await.unwrap();
    let nic = api::NicSpec { id: "n1".into(), mac_address: "52:54:00:12:34:56".into(), ..Default::default() };
    source.order(1, Order::Update(api::device_request::Device::Nic(nic))).await.unwrap();

    // The CD is changed and ejected in the running guest; the drive with first-boot data has a bay of its own.
    let discs = || async { daemon_xml(&first).await.matches("<source file='").count() };
    assert_eq!(discs().await, 6, "four disks, a CD and first-boot data");
    for (order, file) in [
        (Order::Attach(api::device_request::Device::Cdrom(cd("cd2"))), Some("cd2")),
        (Order::Detach(api::device_request::Device::Cdrom(api::CdromSpec::default())), None),
        (Order::Attach(api::device_request::Device::Cdrom(cd("cd1"))), Some("cd1")),
    ] {
        source.order(1, order).await.unwrap();
        assert_eq!(cd_of(&daemon_xml(&first).await), file.map(|file| disks.path().join(file).display().to_string()));
    }

    // The agent dies; its successor takes the VM over.
    drop(source);
    let source = Agent::start(connect(&first).await, disks.path(), &a).await;
    source.until(VmPhase::Running).await;
    assert!(source.order(2, Order::Start(Box::new(spec(2)))).await.is_err());

    target.order(2, Order::Receive(Box::new(spec(2)))).await.unwrap();
    let request = api::MigrateVmRequest {
        vm_id: VM.into(),
        generation: 1,
        target_generation: 2,
        target_host_id: "second".into(),
        target_address: "127.0.0.1".into(),
        target_libvirt_uri: second.uri(),
        auto_converge: true,
        ..Default::default()
    };
    source.order(1, Order::Migrate(Box::new(request))).await.unwrap();
    let arrived = target.until(VmPhase::Running).await;
    assert_eq!(arrived.generation, 2);
    let left = source.until(VmPhase::Down).await;
    assert_eq!(left.exit.unwrap().kind, "migrated");
    assert!(left.migration.unwrap().downtime_ms > 0, "the guest stood for a while");
    let drive = disks.path().join("cd1").display().to_string();
    assert_eq!(cd_of(&daemon_xml(&second).await), Some(drive), "the CD came along");

    // The target's agent dies as well; the generation stands in the domain.
    drop(target);
    std::fs::remove_dir_all(&b).unwrap();
    let target = Agent::start(connect(&second).await, disks.path(), &b).await;
    assert_eq!(target.until(VmPhase::Running).await.generation, 2);
    target.order(2, Order::Stop("done".into())).await.unwrap();
    assert_eq!(target.until(VmPhase::Down).await.exit.unwrap().kind, "powered_off");
}
