//! Volumes on a real folder with the real `qemu-img`: made, made again, chained, grown, copied, removed.

use std::fs;
use std::os::unix::fs::FileExt;
use std::time::Duration;

use super::*;

pub(crate) const DOMAIN: &str = "0f6b9b8e-0a2f-4e6e-9d3e-0123456789ab";
const MIB: u64 = 1 << 20;

/// A host with one active domain on a folder.
pub(crate) struct World {
    pub(crate) storage: Storage,
    pub(crate) data: tempfile::TempDir,
    state: tempfile::TempDir,
    pub(crate) reports: Reports,
}

impl World {
    pub(crate) fn config(state: &Path) -> Config {
        Config {
            state_dir: state.join("state"),
            run_dir: state.join("run"),
            storage_root: state.join("mnt"),
            ..Config::default()
        }
    }

    pub(crate) async fn new() -> Self {
        let (state, data) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
        let reports = Reports::new();
        let storage = Storage::open(&World::config(state.path()), reports.clone()).await.unwrap();
        let world = World { storage, data, state, reports };
        let request = api::CreateDomainRequest {
            connection: Some(world.connection()),
            domain_id: DOMAIN.into(),
            name: "local".into(),
            class: "data".into(),
            format: "v5".into(),
            ..Default::default()
        };
        world.storage.create_domain(request).await.unwrap();
        assert!(world.storage.activate_domain(world.domain()).await.unwrap().ready);
        world
    }

    pub(crate) fn connection(&self) -> api::StorageConnection {
        api::StorageConnection {
            kind: "localfs".into(),
            path: self.data.path().to_string_lossy().into_owned(),
            ..Default::default()
        }
    }

    fn domain(&self) -> api::DomainRequest {
        api::DomainRequest { connection: Some(self.connection()), domain_id: DOMAIN.into(), ..Default::default() }
    }

    pub(crate) fn volume(&self, disk: u8, volume: u8) -> api::VolumeRef {
        api::VolumeRef {
            connection: Some(self.connection()),
            domain_id: DOMAIN.into(),
            disk_id: format!("{disk:08x}-0000-4000-8000-000000000000"),
            volume_id: format!("{volume:08x}-0000-4000-9000-000000000000"),
            ..Default::default()
        }
    }

    pub(crate) fn new_volume(&self, volume: api::VolumeRef, format: &str, sparse: bool) -> api::CreateVolumeRequest {
        api::CreateVolumeRequest {
            volume: Some(volume),
            format: format.into(),
            sparse,
            virtual_size: 16 * MIB,
            ..Default::default()
        }
    }

    fn resize(volume: api::VolumeRef, format: &str, size: u64) -> api::ResizeVolumeRequest {
        api::ResizeVolumeRequest {
            volume: Some(volume),
            format: format.into(),
            virtual_size: size,
            ..Default::default()
        }
    }

    fn remove(volume: api::VolumeRef, wipe: bool) -> api::VolumeRequest {
        api::VolumeRequest { volume: Some(volume), wipe, ..Default::default() }
    }

    async fn copy(
        &self,
        source: (api::VolumeRef, &str),
        target: (api::VolumeRef, &str),
        generation: u64,
    ) -> api::TaskState {
        let key = Some(api::CommandKey { job_id: "job".into(), step: "copy".into(), generation });
        let request = api::CopyVolumeRequest {
            key: key.clone(),
            source: Some(source.0),
            source_format: source.1.into(),
            target: Some(target.0),
            target_format: target.1.into(),
            target_sparse: true,
        };
        self.storage.copy_volume(request.clone()).await.unwrap();
        self.storage.copy_volume(request).await.unwrap();
        for _ in 0..400 {
            let state = self.storage.task(&api::TaskRequest { key: key.clone() });
            if !state.running {
                return state;
            }
            tokio::time::sleep(Duration::from_millis(25)).await;
        }
        panic!("the copy does not end");
    }
}

#[tokio::test]
async fn a_connection_stands_only_while_its_domain_is_used() {
    let world = World::new().await;
    let connections = || fs::read_dir(world.state.path().join("mnt")).unwrap().count();
    world.storage.create_volume(world.new_volume(world.volume(1, 1), "raw", true)).await.unwrap();
    assert_eq!(connections(), 1);
    world.storage.deactivate_domain(&world.domain()).await.unwrap();
    assert_eq!(connections(), 0);
    assert!(world.storage.domain(&world.domain()).await.unwrap().ready, "it can be looked at all the same");
    assert_eq!(connections(), 0);
    world.storage.remove_domain(&world.domain()).await.unwrap();
    assert_eq!(connections(), 0);
}

#[tokio::test(flavor = "multi_thread")]
async fn volumes_of_every_kind_are_made_once() {
    let world = World::new().await;
    for (disk, format, sparse) in [(1, "raw", true), (2, "raw", false), (3, "qcow2", true), (4, "qcow2", false)] {
        let request = world.new_volume(world.volume(disk, disk), format, sparse);
        let state = world.storage.create_volume(request.clone()).await.unwrap();
        assert_eq!((state.format.as_str(), state.virtual_size, state.legal), (format, 16 * MIB, true));
        assert_eq!(state.actual_size >= 16 * MIB, !sparse, "{format} {sparse}: {}", state.actual_size);
        assert_eq!(world.storage.create_volume(request).await.unwrap(), state);
    }
    let mut other = world.new_volume(world.volume(1, 1), "raw", true);
    other.virtual_size = 32 * MIB;
    assert!(matches!(world.storage.create_volume(other).await, Err(StorageError::Refused(_))));
    assert_eq!(world.storage.list_volumes(&world.domain()).await.unwrap().volumes.len(), 4);
    let meta = fs::read_to_string(world.storage.path_of(&world.volume(3, 3)).unwrap().with_extension("meta")).unwrap();
    assert!(meta.contains("FORMAT=COW\n") && meta.ends_with("EOF\n"), "{meta}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_full_domain_refuses_before_anything_is_written() {
    let world = World::new().await;
    for (format, sparse, size, initial) in [
        ("raw", false, 1 << 50, 0),
        ("qcow2", false, 1 << 50, 0),
        ("raw", true, 1 << 40, 1 << 50),
        ("qcow2", true, 1 << 40, 1 << 50),
    ] {
        let mut request = world.new_volume(world.volume(9, 9), format, sparse);
        request.virtual_size = size;
        request.initial_size = initial;
        let error = world.storage.create_volume(request).await.unwrap_err();
        assert!(matches!(error, StorageError::Full(_)), "{format} {sparse}: {error}");
        assert_eq!(tonic::Status::from(error).code(), tonic::Code::ResourceExhausted);
    }
    assert_eq!(fs::read_dir(world.data.path().join(DOMAIN).join("images")).unwrap().count(), 0);
    let mut request = world.new_volume(world.volume(9, 9), "raw", true);
    request.virtual_size = u64::MAX;
    assert!(matches!(world.storage.create_volume(request).await, Err(StorageError::Invalid(_))));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_chain_is_relative_checked_and_keeps_its_parents() {
    let world = World::new().await;
    let (base, thin, snapshot) = (world.volume(1, 1), world.volume(2, 2), world.volume(2, 3));
    world.storage.create_volume(world.new_volume(base.clone(), "raw", true)).await.unwrap();
    let mut request = world.new_volume(thin.clone(), "qcow2", true);
    request.parent = Some(base.clone());
    request.parent_format = "raw".into();
    world.storage.create_volume(request).await.unwrap();
    let mut request = world.new_volume(snapshot.clone(), "qcow2", true);
    request.parent = Some(thin.clone());
    request.parent_format = "qcow2".into();
    let state = world.storage.create_volume(request.clone()).await.unwrap();
    assert_eq!(state.parent_volume_id, thin.volume_id);
    let path = world.storage.prepare(&snapshot, "qcow2").await.unwrap();
    assert!(matches!(world.storage.prepare(&snapshot, "raw").await, Err(StorageError::Refused(_))));

    let info =
        std::process::Command::new("qemu-img").args(["info", "-f", "qcow2", "--backing-chain"]).arg(&path).output();
    let info = String::from_utf8(info.unwrap().stdout).unwrap();
    assert!(info.contains(&format!("backing file: {}", thin.volume_id)), "{info}");
    assert!(info.contains(&format!("backing file: ../{}/{}", base.disk_id, base.volume_id)), "{info}");

    for parent in [&base, &thin] {
        let error = world.storage.remove_volume(&World::remove(parent.clone(), false)).await.unwrap_err();
        assert!(error.to_string().contains("is the parent"), "{error}");
    }
    request.volume = Some(world.volume(2, 4));
    request.virtual_size = MIB;
    assert!(matches!(world.storage.create_volume(request).await, Err(StorageError::Invalid(_))));
    for volume in [snapshot, thin, base] {
        world.storage.remove_volume(&World::remove(volume.clone(), false)).await.unwrap();
        world.storage.remove_volume(&World::remove(volume, false)).await.unwrap();
    }
    assert_eq!(fs::read_dir(world.data.path().join(DOMAIN).join("images")).unwrap().count(), 0);
}

#[tokio::test(flavor = "multi_thread")]
async fn volumes_grow_and_never_shrink() {
    let world = World::new().await;
    for (disk, format, sparse) in [(1, "raw", true), (2, "raw", false), (3, "qcow2", true)] {
        let volume = world.volume(disk, disk);
        world.storage.create_volume(world.new_volume(volume.clone(), format, sparse)).await.unwrap();
        for _ in 0..2 {
            let state = world.storage.resize_volume(&World::resize(volume.clone(), format, 32 * MIB)).await.unwrap();
            assert_eq!(state.virtual_size, 32 * MIB);
        }
        let shrink = world.storage.resize_volume(&World::resize(volume.clone(), format, 16 * MIB)).await;
        assert!(matches!(shrink, Err(StorageError::Invalid(_))));
        let mut live = World::resize(volume, format, 64 * MIB);
        live.vm_id = "vm".into();
        assert!(
            matches!(world.storage.resize_volume(&live).await, Err(StorageError::Refused(_))),
            "no hypervisor is given"
        );
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_disk_whose_guest_wrote_a_qcow2_header_stays_raw() {
    let world = World::new().await;
    let (raw, copy) = (world.volume(1, 1), world.volume(2, 2));
    world.storage.create_volume(world.new_volume(raw.clone(), "raw", true)).await.unwrap();
    world.storage.create_volume(world.new_volume(copy.clone(), "raw", true)).await.unwrap();
    let secret = world.data.path().join("secret");
    fs::write(&secret, "secret").unwrap();
    let evil = world.data.path().join("evil");
    let made = std::process::Command::new("qemu-img")
        .args(["create", "-q", "-u", "-f", "qcow2", "-F", "raw", "-b"])
        .arg(&secret)
        .arg(&evil)
        .arg("16M")
        .status()
        .unwrap();
    assert!(made.success());
    let header = fs::read(&evil).unwrap();
    let file = fs::OpenOptions::new().write(true).open(world.storage.path_of(&raw).unwrap()).unwrap();
    file.write_all_at(&header, 0).unwrap();
    let state = world.copy((raw.clone(), "raw"), (copy.clone(), "raw"), 1).await;
    assert!(state.succeeded, "{state:?}");
    let copied = fs::read(world.storage.path_of(&copy).unwrap()).unwrap();
    assert!(copied.starts_with(&header[..512]), "the header is data");
    assert_eq!(copied.len() as u64, 16 * MIB);
}

#[tokio::test(flavor = "multi_thread")]
async fn copies_convert_fill_and_report() {
    let world = World::new().await;
    let (raw, cow, back) = (world.volume(1, 1), world.volume(2, 2), world.volume(3, 3));
    for (volume, format, sparse) in [(&raw, "raw", true), (&cow, "qcow2", true), (&back, "raw", false)] {
        world.storage.create_volume(world.new_volume(volume.clone(), format, sparse)).await.unwrap();
    }
    let file = fs::OpenOptions::new().write(true).open(world.storage.path_of(&raw).unwrap()).unwrap();
    file.write_all_at(&vec![7_u8; 3 << 20], 5 * MIB).unwrap();
    let state = world.copy((raw.clone(), "raw"), (cow.clone(), "qcow2"), 1).await;
    assert!(state.succeeded && state.percent == 100, "{state:?}");
    let state = world.copy((cow, "qcow2"), (back.clone(), "raw"), 2).await;
    assert!(state.succeeded, "{state:?}");
    let content = fs::read(world.storage.path_of(&raw).unwrap()).unwrap();
    assert!(fs::read(world.storage.path_of(&back).unwrap()).unwrap() == content);
    let state = world.storage.volume(&World::remove(back, false)).await.unwrap();
    assert!(state.legal && state.actual_size >= 16 * MIB, "still preallocated: {state:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_failed_copy_leaves_a_volume_that_says_so() {
    let world = World::new().await;
    let (cow, target) = (world.volume(1, 1), world.volume(2, 2));
    world.storage.create_volume(world.new_volume(cow.clone(), "qcow2", true)).await.unwrap();
    world.storage.create_volume(world.new_volume(target.clone(), "raw", true)).await.unwrap();
    let path = world.storage.path_of(&cow).unwrap();
    // The level 1 table now lies where no table can lie: only QEMU notices.
    fs::OpenOptions::new().write(true).open(&path).unwrap().write_all_at(&[0xff; 8], 40).unwrap();
    let state = world.copy((cow, "qcow2"), (target.clone(), "raw"), 1).await;
    assert!(!state.succeeded && !state.error.is_empty(), "{state:?}");
    assert!(!world.storage.volume(&World::remove(target.clone(), false)).await.unwrap().legal);
    assert!(world.storage.prepare(&target, "raw").await.is_err());
    assert!(!world.storage.path_of(&target).unwrap().with_extension("creating").exists());
}

#[tokio::test(flavor = "multi_thread")]
async fn uploads_are_taken_only_as_promised() {
    let world = World::new().await;
    let volume = world.volume(1, 1);
    world.storage.create_volume(world.new_volume(volume.clone(), "qcow2", true)).await.unwrap();
    let path = world.storage.begin_upload(&volume).await.unwrap();
    assert!(world.storage.prepare(&volume, "qcow2").await.is_err(), "unfit while strangers write");
    world.storage.verify(&volume).await.unwrap();
    world.storage.prepare(&volume, "qcow2").await.unwrap();
    let cases: [&[&str]; 3] = [
        &["-u", "-F", "raw", "-b", "/etc/shadow"],
        &["-o", "data_file=/tmp/ferrovirt-no-such-file,data_file_raw=off"],
        &["-o", "compat=1.1"],
    ];
    for (case, size) in cases.into_iter().zip(["16M", "16M", "1T"]) {
        fs::remove_file(&path).unwrap();
        let mut command = std::process::Command::new("qemu-img");
        let made = command.args(["create", "-q", "-f", "qcow2"]).args(case).arg(&path).arg(size).status().unwrap();
        assert!(made.success());
        let error = world.storage.verify(&volume).await.unwrap_err();
        assert!(error.to_string().contains("refused"), "{error}");
        assert!(world.storage.prepare(&volume, "qcow2").await.is_err(), "{case:?}");
    }
    let _ = fs::remove_file("/tmp/ferrovirt-no-such-file");
    fs::write(&path, "# Disk DescriptorFile\nRW 1 FLAT \"/etc/shadow\" 0\n").unwrap();
    assert!(world.storage.verify(&volume).await.is_err());
}

#[tokio::test(flavor = "multi_thread")]
async fn wiping_goes_on_behind_and_ends_after_a_crash() {
    let world = World::new().await;
    let images = world.data.path().join(DOMAIN).join("images");
    let volume = world.volume(1, 1);
    world.storage.create_volume(world.new_volume(volume.clone(), "raw", false)).await.unwrap();
    world.storage.remove_volume(&World::remove(volume.clone(), true)).await.unwrap();
    assert!(!images.join(&volume.disk_id).exists());
    // What a crash leaves: a disk that lost its name and still lies there.
    let left = images.join(format!("_remove_me_{}", world.volume(7, 7).disk_id));
    fs::create_dir(&left).unwrap();
    fs::write(left.join(world.volume(7, 7).volume_id), "old").unwrap();
    world.storage.activate_domain(world.domain()).await.unwrap();
    for _ in 0..200 {
        if fs::read_dir(&images).unwrap().count() == 0 {
            return;
        }
        tokio::time::sleep(Duration::from_millis(25)).await;
    }
    panic!("removed disks stay: {:?}", fs::read_dir(&images).unwrap().collect::<Vec<_>>());
}

#[tokio::test(flavor = "multi_thread")]
async fn active_domains_are_watched_again_after_a_restart() {
    let world = World::new().await;
    assert!(matches!(world.storage.remove_domain(&world.domain()).await, Err(StorageError::Refused(_))));
    let again = Storage::open(&World::config(world.state.path()), world.reports.clone()).await.unwrap();
    for _ in 0..200 {
        if again.domain_states().iter().any(|state| state.ready) {
            break;
        }
        tokio::time::sleep(Duration::from_millis(25)).await;
    }
    assert_eq!(again.domain_states().len(), 1);
    again.deactivate_domain(&world.domain()).await.unwrap();
    again.deactivate_domain(&world.domain()).await.unwrap();
    again.remove_domain(&world.domain()).await.unwrap();
    assert!(!world.data.path().join(DOMAIN).exists());
}

/// Mounts for real, in a mount namespace of the test's own thread; it needs root.
#[test]
fn a_small_file_system_is_mounted_filled_and_let_go() {
    let thread = std::thread::spawn(|| {
        use nix::mount::{MsFlags, mount};
        nix::sched::unshare(nix::sched::CloneFlags::CLONE_NEWNS).expect("this test needs root");
        let private = MsFlags::MS_REC | MsFlags::MS_PRIVATE;
        mount(None::<&str>, "/", None::<&str>, private, None::<&str>).unwrap();
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
        runtime.block_on(fill_a_small_file_system());
    });
    if let Err(panic) = thread.join() {
        std::panic::resume_unwind(panic);
    }
}

async fn fill_a_small_file_system() {
    let state = tempfile::tempdir().unwrap();
    let storage = Storage::open(&World::config(state.path()), Reports::new()).await.unwrap();
    let connection = api::StorageConnection {
        kind: "posixfs".into(),
        path: "small_disk".into(),
        vfs_type: "tmpfs".into(),
        mount_options: "size=48m".into(),
        ..Default::default()
    };
    let domain =
        api::DomainRequest { connection: Some(connection.clone()), domain_id: DOMAIN.into(), ..Default::default() };
    let create = api::CreateDomainRequest {
        connection: Some(connection.clone()),
        domain_id: DOMAIN.into(),
        name: "small".into(),
        class: "data".into(),
        ..Default::default()
    };
    // What is in memory is gone with its mount, which must stand from here on.
    storage.connect(&connection).await.unwrap();
    let made = storage.create_domain(create).await.unwrap();
    assert!(made.total <= 48 * MIB, "{made:?}");
    storage.activate_domain(domain.clone()).await.unwrap();
    let volume = |number: u8, size: u64, sparse: bool| api::CreateVolumeRequest {
        volume: Some(api::VolumeRef {
            connection: Some(connection.clone()),
            domain_id: DOMAIN.into(),
            disk_id: format!("{number:08x}-0000-4000-8000-000000000000"),
            volume_id: format!("{number:08x}-0000-4000-9000-000000000000"),
            ..Default::default()
        }),
        format: "raw".into(),
        sparse,
        virtual_size: size,
        ..Default::default()
    };
    storage.create_volume(volume(1, 30 * MIB, false)).await.unwrap();
    let images = storage.path_of(volume(1, 1, true).volume.as_ref().unwrap()).unwrap();
    let images = images.parent().and_then(Path::parent).unwrap().to_path_buf();
    for sparse in [false, true] {
        let mut request = volume(2, 30 * MIB, sparse);
        request.initial_size = 30 * MIB;
        assert!(matches!(storage.create_volume(request).await, Err(StorageError::Full(_))));
    }
    let grow = World::resize(volume(1, 1, true).volume.unwrap(), "raw", 60 * MIB);
    assert!(matches!(storage.resize_volume(&grow).await, Err(StorageError::Full(_))));
    assert_eq!(fs::read_dir(&images).unwrap().count(), 1);
    storage.disconnect(&connection).await.unwrap();
    assert!(images.exists(), "the active domain keeps its mount");
    storage.deactivate_domain(&domain).await.unwrap();
    assert!(!images.exists() && fs::read_dir(state.path().join("mnt")).unwrap().count() == 0);
}
