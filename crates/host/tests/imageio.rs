//! oVirt's own transfer client against the transfer port: real files, real qcow2, real TLS.
//!
//! It needs `qemu-img`, `qemu-nbd`, Python 3 with venv, and `ovirt-imageio` from PyPI, which it installs under `target`.

#![allow(clippy::unwrap_used, clippy::panic, reason = "a test that can't go on fails")]

use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::OnceLock;

use ferrovirt_host::config::Config;
use ferrovirt_host::join::Identity;
use ferrovirt_host::reports::Reports;
use ferrovirt_host::storage::Storage;
use ferrovirt_host::transfer::Transfers;
use ferrovirt_hostapi as api;
use rcgen::{CertificateParams, Issuer, KeyPair, SanType};

const DOMAIN: &str = "0f6b9b8e-0a2f-4e6e-9d3e-0123456789ab";
const HOST: &str = "5f6b9b8e-0a2f-4e6e-9d3e-0123456789ab";
const SIZE: u64 = 64 << 20;

/// Python with the client, made once.
fn python() -> &'static Path {
    static PYTHON: OnceLock<PathBuf> = OnceLock::new();
    PYTHON.get_or_init(|| {
        let target = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../target/venv-host-test");
        let python = target.join("bin/python3");
        let has_client = |python: &Path| {
            Command::new(python)
                .args(["-c", "import ovirt_imageio.client"])
                .status()
                .is_ok_and(|status| status.success())
        };
        if !has_client(&python) {
            assert!(Command::new("python3").args(["-m", "venv"]).arg(&target).status().unwrap().success());
            let pip = Command::new(&python).args(["-m", "pip", "install", "-q", "ovirt-imageio==2.5.1"]).status();
            assert!(pip.unwrap().success(), "the client can't be installed");
        }
        python
    })
}

/// A host that joined, with one storage domain and its transfer port open.
struct World {
    folder: tempfile::TempDir,
    config: Config,
    storage: Storage,
    transfers: Transfers,
    reports: Reports,
    port: u16,
}

impl World {
    async fn new() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let config = Config {
            state_dir: folder.path().join("state"),
            run_dir: folder.path().join("run"),
            storage_root: folder.path().join("mnt"),
            ..Config::default()
        };
        enroll(&folder.path().join("state/pki"), &folder.path().join("ca.pem"));
        std::fs::create_dir(folder.path().join("data")).unwrap();
        let reports = Reports::new();
        let storage = Storage::open(&config, reports.clone()).await.unwrap();
        let transfers = Transfers::open(&config, storage.clone(), reports.clone()).await.unwrap();
        let listener = tokio::net::TcpListener::bind("0.0.0.0:0").await.unwrap();
        let port = listener.local_addr().unwrap().port();
        tokio::spawn(transfers.clone().serve(listener, Identity::load(&config).unwrap()));
        let world = World { folder, config, storage, transfers, reports, port };
        let request = api::CreateDomainRequest {
            connection: Some(world.connection()),
            domain_id: DOMAIN.into(),
            name: "local".into(),
            class: "data".into(),
            ..Default::default()
        };
        world.storage.create_domain(request).await.unwrap();
        world
    }

    fn connection(&self) -> api::StorageConnection {
        let path = self.folder.path().join("data").to_string_lossy().into_owned();
        api::StorageConnection { kind: "localfs".into(), path, ..Default::default() }
    }

    async fn volume(&self, number: u8, format: &str) -> api::VolumeRef {
        let volume = api::VolumeRef {
            connection: Some(self.connection()),
            domain_id: DOMAIN.into(),
            disk_id: format!("{number:08x}-0000-4000-8000-000000000000"),
            volume_id: format!("{number:08x}-0000-4000-9000-000000000000"),
            ..Default::default()
        };
        let request = api::CreateVolumeRequest {
            volume: Some(volume.clone()),
            format: format.into(),
            sparse: true,
            virtual_size: SIZE,
            ..Default::default()
        };
        self.storage.create_volume(request).await.unwrap();
        volume
    }

    async fn ticket(&self, volume: &api::VolumeRef, formats: (&str, &str), operations: &[&str]) -> String {
        let id = uuid::Uuid::new_v4().to_string();
        let request = api::AddTicketRequest {
            ticket_id: id.clone(),
            transfer_id: "transfer".into(),
            volume: Some(volume.clone()),
            format: formats.0.into(),
            volume_format: formats.1.into(),
            size: SIZE,
            operations: operations.iter().map(|one| (*one).to_owned()).collect(),
            timeout_seconds: 60,
            inactivity_timeout_seconds: 60,
            filename: "disk one.img".into(),
            sparse: true,
        };
        self.transfers.add_ticket(request.clone()).await.unwrap();
        self.transfers.add_ticket(request).await.unwrap();
        id
    }

    async fn close(&self, ticket: &str) -> Result<api::TicketState, String> {
        let request = api::TicketRequest { ticket_id: ticket.into() };
        let state = self.transfers.ticket(&request).unwrap();
        self.transfers.remove_ticket(&request).await.map_err(|error| error.to_string())?;
        self.transfers.remove_ticket(&request).await.unwrap();
        Ok(state)
    }

    /// Runs a verb of the client on the network; `address` 127.0.0.2 keeps it from taking the local socket.
    async fn client(
        &self,
        verb: &str,
        before: &[&Path],
        ticket: &str,
        after: &[&Path],
        address: &str,
    ) -> serde_json::Value {
        let mut command = tokio::process::Command::new(python());
        command
            .arg(Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/imageio_client.py"))
            .arg(verb)
            .args(before)
            .arg(format!("https://{address}:{}/images/{ticket}", self.port))
            .arg(self.folder.path().join("ca.pem"))
            .args(after);
        let output = command.output().await.unwrap();
        let said = String::from_utf8_lossy(&output.stderr);
        assert!(output.status.success(), "{verb}: {said}");
        serde_json::from_slice(&output.stdout).unwrap_or_else(|error| panic!("{verb}: {error}: {said}"))
    }

    fn file(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    /// A qcow2 with a few areas of data.
    fn source(&self) -> PathBuf {
        let (raw, path) = (self.file("source.raw"), self.file("source.qcow2"));
        let file = std::fs::File::create(&raw).unwrap();
        file.set_len(SIZE).unwrap();
        for (at, byte, length) in
            [(0, 1_u8, 1000), (5 << 20, 2, 3 << 20), (40 << 20, 3, 100_000), (SIZE - 4096, 4, 4096)]
        {
            std::os::unix::fs::FileExt::write_all_at(&file, &vec![byte; length], at).unwrap();
        }
        qemu_img(&["convert", "-f", "raw", "-O", "qcow2", raw.to_str().unwrap(), path.to_str().unwrap()]);
        path
    }
}

fn qemu_img(arguments: &[&str]) {
    assert!(Command::new("qemu-img").args(arguments).status().unwrap().success(), "{arguments:?}");
}

/// Leaves the files that `join` would leave.
fn enroll(folder: &Path, ca_file: &Path) {
    let ca_key = KeyPair::generate().unwrap();
    let mut parameters = CertificateParams::new(Vec::new()).unwrap();
    parameters.is_ca = rcgen::IsCa::Ca(rcgen::BasicConstraints::Unconstrained);
    parameters.distinguished_name.push(rcgen::DnType::CommonName, "test authority");
    let ca = parameters.self_signed(&ca_key).unwrap();
    let issuer = Issuer::new(parameters, ca_key);
    let key = KeyPair::generate().unwrap();
    let mut parameters = CertificateParams::new(vec!["127.0.0.1".to_owned(), "127.0.0.2".to_owned()]).unwrap();
    parameters.subject_alt_names.push(SanType::URI(format!("ferrovirt:host:{HOST}").try_into().unwrap()));
    parameters.distinguished_name.push(rcgen::DnType::CommonName, HOST);
    parameters.not_after = rcgen::date_time_ymd(2199, 1, 1);
    let certificate = parameters.signed_by(&key, &issuer).unwrap();
    std::fs::create_dir_all(folder).unwrap();
    std::fs::write(ca_file, ca.pem()).unwrap();
    let identity = serde_json::json!({
        "host_id": HOST, "engine_url": "https://localhost/ovirt-engine", "address": "127.0.0.1", "hostname": "h",
        "key": key.serialize_pem(), "certificate_pem": certificate.pem(), "ca_pem": ca.pem(),
    });
    std::fs::write(folder.join("identity.json"), identity.to_string()).unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn disks_go_up_and_come_back_whole() {
    let world = World::new().await;
    let source = world.source();
    // The tickets' path: straight to a raw file, through NBD to a qcow2, each by TLS and by the local socket.
    for (number, format, address) in
        [(1, "raw", "127.0.0.2"), (2, "raw", "127.0.0.1"), (3, "qcow2", "127.0.0.2"), (4, "qcow2", "127.0.0.1")]
    {
        let volume = world.volume(number, format).await;
        let ticket = world.ticket(&volume, ("raw", format), &["write"]).await;
        world.client("upload", &[&source], &ticket, &[], address).await;
        let state = world.close(&ticket).await.unwrap();
        assert_eq!(state.transferred, SIZE, "every byte counts once");

        let ticket = world.ticket(&volume, ("raw", format), &["read"]).await;
        let target = world.file(&format!("back{number}.qcow2"));
        let told = world.client("download", &[&source], &ticket, &[&target], address).await;
        assert_eq!((&told["same"], &told["checksum"]), (&true.into(), &true.into()), "{format} {address}: {told}");
        assert_eq!(told["size"], SIZE);
        assert_eq!(told["algorithm"], "blake2b");
        assert_eq!(told["workers"], serde_json::json!([8, 8]));
        let data = told["data"].as_u64().unwrap();
        assert!((3 << 20..8 << 20).contains(&data), "holes are told: {told}");
        world.close(&ticket).await.unwrap();

        let request = api::VolumeRequest { volume: Some(volume), ..Default::default() };
        let state = world.storage.volume(&request).await.unwrap();
        assert!(state.legal && state.actual_size < SIZE / 2, "zeroes take no room: {state:?}");
    }
    assert!(world.transfers.ticket_states().is_empty());
    drop(world.reports);
}

#[tokio::test(flavor = "multi_thread")]
async fn an_image_of_its_own_bytes_is_checked() {
    let world = World::new().await;
    let source = world.source();
    let volume = world.volume(1, "qcow2").await;
    let ticket = world.ticket(&volume, ("qcow2", "qcow2"), &["write"]).await;
    assert!(world.storage.prepare(&volume, "qcow2").await.is_err(), "unfit while it is written");
    let told = world.client("put", &[&source], &ticket, &[], "127.0.0.2").await;
    assert_eq!(told, serde_json::json!({"status": 200, "same": true}));
    world.close(&ticket).await.unwrap();
    world.storage.prepare(&volume, "qcow2").await.unwrap();

    let evil = world.file("evil.qcow2");
    qemu_img(&["create", "-q", "-u", "-f", "qcow2", "-F", "raw", "-b", "/etc/shadow", evil.to_str().unwrap(), "64M"]);
    let ticket = world.ticket(&volume, ("qcow2", "qcow2"), &["write"]).await;
    world.client("put", &[&evil], &ticket, &[], "127.0.0.2").await;
    let error = world.close(&ticket).await.unwrap_err();
    assert!(error.contains("backing file"), "{error}");
    assert!(world.storage.prepare(&volume, "qcow2").await.is_err(), "a bad image stays unfit");
}

#[tokio::test(flavor = "multi_thread")]
async fn requests_at_the_edges_get_imageios_statuses() {
    let world = World::new().await;
    let volume = world.volume(1, "raw").await;
    let ticket = world.ticket(&volume, ("raw", "raw"), &["read", "write"]).await;
    let told = world.client("requests", &[], &ticket, &[], "127.0.0.2").await;
    let expected = serde_json::json!({
        "whole": [200, true, "attachment; filename=disk one.img"],
        "part": [206, format!("bytes 10-19/{SIZE}"), 10],
        "beyond": 416, "many": 416, "unknown": 403, "put_beyond": 416, "put_range": 400,
        "put": 200, "read_back": "yyyyyyyyyy", "zero": 200, "flush": 200, "patch": 400, "dirty": 404,
        "algorithms": ["blake2b", "blake2s", "sha1", "sha224", "sha256", "sha384", "sha512"],
        "block_size": 400, "method": 405,
        "star": ["checksum", "extents", "flush", "zero"],
        "allow": "OPTIONS,GET,PUT,PATCH",
        "cors": ["*", "*", "OPTIONS,GET,PUT"],
    });
    assert_eq!(told, expected);
    world.close(&ticket).await.unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn a_disk_that_somebody_writes_is_not_opened_twice() {
    let world = World::new().await;
    let volume = world.volume(1, "qcow2").await;
    let ticket = world.ticket(&volume, ("raw", "qcow2"), &["write"]).await;
    let request = api::AddTicketRequest {
        ticket_id: uuid::Uuid::new_v4().to_string(),
        volume: Some(volume),
        format: "raw".into(),
        volume_format: "qcow2".into(),
        size: SIZE,
        operations: vec!["write".into()],
        timeout_seconds: 60,
        ..Default::default()
    };
    let error = world.transfers.add_ticket(request.clone()).await.unwrap_err();
    assert!(error.to_string().contains("lock"), "{error}");
    world.close(&ticket).await.unwrap();
    world.transfers.add_ticket(request.clone()).await.unwrap();
    world.close(&request.ticket_id).await.unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn a_disk_that_a_killed_agent_held_is_let_go_and_whole() {
    let world = World::new().await;
    let source = world.source();
    let volume = world.volume(1, "qcow2").await;
    let ticket = world.ticket(&volume, ("raw", "qcow2"), &["write"]).await;
    world.client("upload", &[&source], &ticket, &[], "127.0.0.2").await;
    let record = world.file("run/transfer").join(format!("{ticket}.process"));
    assert!(record.exists());
    // The first agent closes nothing, as one that was killed; the second is on its own.
    let second = Transfers::open(&world.config, world.storage.clone(), world.reports.clone()).await.unwrap();
    assert!(!record.exists());
    let mut request = api::AddTicketRequest {
        ticket_id: ticket.clone(),
        volume: Some(volume.clone()),
        format: "raw".into(),
        volume_format: "qcow2".into(),
        size: SIZE,
        operations: vec!["write".into()],
        timeout_seconds: 60,
        ..Default::default()
    };
    second.add_ticket(request.clone()).await.unwrap();
    second.remove_ticket(&api::TicketRequest { ticket_id: ticket }).await.unwrap();
    assert_eq!(std::fs::read_dir(world.file("run/transfer")).unwrap().count(), 0, "nothing is left of it");
    let path = world.storage.prepare(&volume, "qcow2").await.unwrap();
    qemu_img(&["compare", "-f", "qcow2", "-F", "qcow2", source.to_str().unwrap(), path.to_str().unwrap()]);
    // A server that does not begin leaves no record.
    let _writes = world.ticket(&volume, ("raw", "qcow2"), &["write"]).await;
    request.ticket_id = uuid::Uuid::new_v4().to_string();
    second.add_ticket(request.clone()).await.unwrap_err();
    assert!(!world.file("run/transfer").join(format!("{}.process", request.ticket_id)).exists());
}

#[tokio::test(flavor = "multi_thread")]
async fn an_agent_that_ends_lets_its_disks_go() {
    let world = World::new().await;
    let volume = world.volume(1, "qcow2").await;
    let ticket = world.ticket(&volume, ("raw", "qcow2"), &["write"]).await;
    // Written, and never flushed by the client.
    world.client("requests", &[], &ticket, &[], "127.0.0.2").await;
    world.transfers.end().await;
    assert!(world.transfers.ticket_states().is_empty());
    assert_eq!(std::fs::read_dir(world.file("run/transfer")).unwrap().count(), 0, "no server is left");
    let path = world.storage.prepare(&volume, "qcow2").await.unwrap();
    qemu_img(&["check", "-q", "-f", "qcow2", path.to_str().unwrap()]);
}

#[tokio::test(flavor = "multi_thread")]
async fn tickets_run_out_and_are_extended() {
    let world = World::new().await;
    let volume = world.volume(1, "raw").await;
    let ticket = world.ticket(&volume, ("raw", "raw"), &["read"]).await;
    world.transfers.extend_ticket(&api::ExtendTicketRequest { ticket_id: ticket.clone(), timeout_seconds: 0 }).unwrap();
    let told = world.client("requests", &[], &ticket, &[], "127.0.0.2").await;
    assert_eq!((&told["part"][0], &told["beyond"]), (&403.into(), &403.into()));
}
