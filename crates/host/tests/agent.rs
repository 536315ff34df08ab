//! The agent as its engine meets it: the real binary, mutual TLS, real libvirt and QEMU under emulation.
//!
//! Needs root, libvirtd and QEMU; where one is missing it says so and passes.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::print_stderr, reason = "a test")]

use std::net::SocketAddr;
use std::os::unix::fs::PermissionsExt;
use std::path::Path;
use std::process::{Child, Command};
use std::time::Duration;

use ferrovirt_hostapi as api;
use ferrovirt_hostapi::epoch::EpochMark;
use ferrovirt_hostapi::host_client::HostClient;
use ferrovirt_hostapi::report::Body;
use rcgen::{CertificateParams, DnType, Issuer, KeyPair, SanType};
use tonic::service::interceptor::InterceptedService;
use tonic::transport::{Certificate, Channel, ClientTlsConfig, Endpoint, Identity};

#[path = "support/daemon.rs"]
mod daemon;

use daemon::Daemon;

const HOST: &str = "5f6b9b8e-0a2f-4e6e-9d3e-0123456789ab";
const VM: &str = "33333333-3333-4333-8333-333333333333";
const DOMAIN: &str = "44444444-4444-4444-8444-444444444444";
const DISK: &str = "55555555-5555-4555-8555-555555555555";
const VOLUME: &str = "66666666-6666-4666-8666-666666666666";
const POOL: &str = "77777777-7777-4777-8777-777777777777";

struct Authority {
    issuer: Issuer<'static, KeyPair>,
    pem: String,
}

impl Authority {
    fn new() -> Self {
        let key = KeyPair::generate().unwrap();
        let mut parameters = CertificateParams::new(Vec::new()).unwrap();
        parameters.is_ca = rcgen::IsCa::Ca(rcgen::BasicConstraints::Unconstrained);
        parameters.distinguished_name.push(DnType::CommonName, "test authority");
        let pem = parameters.self_signed(&key).unwrap().pem();
        Authority { issuer: Issuer::new(parameters, key), pem }
    }

    /// Certificate and key in PEM.
    fn issue(&self, uri: &str, name: &str) -> (String, String) {
        let key = KeyPair::generate().unwrap();
        let mut parameters = CertificateParams::new(vec!["localhost".to_owned()]).unwrap();
        parameters.distinguished_name.push(DnType::CommonName, name);
        parameters.subject_alt_names.push(SanType::URI(uri.try_into().unwrap()));
        let now = time::OffsetDateTime::now_utc();
        (parameters.not_before, parameters.not_after) = (now - time::Duration::days(1), now + time::Duration::days(90));
        (parameters.signed_by(&key, &self.issuer).unwrap().pem(), key.serialize_pem())
    }
}

struct Agent {
    child: Child,
}

impl Drop for Agent {
    fn drop(&mut self) {
        // It may have ended by the test's own hand.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

impl Agent {
    fn start(config: &Path) -> Agent {
        let program = env!("CARGO_BIN_EXE_ferrovirt-host");
        Agent { child: Command::new(program).arg("--config").arg(config).arg("run").spawn().unwrap() }
    }

    /// Memory of its own, without the pages of the program file: an unoptimised one is large.
    fn own_kib(&self) -> u64 {
        let status = std::fs::read_to_string(format!("/proc/{}/status", self.child.id())).unwrap();
        let line = status.lines().find_map(|line| line.strip_prefix("RssAnon:")).unwrap();
        line.split_whitespace().next().unwrap().parse().unwrap()
    }
}

fn free_port() -> u16 {
    std::net::TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port()
}

fn prepare(folder: &Path, authority: &Authority, daemon: &Daemon) -> SocketAddr {
    let (certificate_pem, key) = authority.issue(&format!("ferrovirt:host:{HOST}"), HOST);
    let identity = serde_json::json!({
        "host_id": HOST, "engine_url": "https://localhost:1/ovirt-engine", "address": "127.0.0.1", "hostname": "h1",
        "key": key, "certificate_pem": certificate_pem, "ca_pem": authority.pem,
    });
    std::fs::create_dir_all(folder.join("state/pki")).unwrap();
    std::fs::write(folder.join("state/pki/identity.json"), identity.to_string()).unwrap();
    let listen = SocketAddr::from(([127, 0, 0, 1], free_port()));
    let text = format!(
        "state_dir = \"{0}/state\"\nrun_dir = \"{0}/run\"\nstorage_root = \"{0}/storage\"\nhardware_id_file = \"{0}/vdsm.id\"\n\
         virtualization = \"tcg\"\nlisten = \"{listen}\"\ntransfer_listen = \"127.0.0.1:{1}\"\nlibvirt_uri = \"{2}\"\n\
         statistics_interval_seconds = 1\n",
        folder.display(),
        free_port(),
        daemon.local_uri(),
    );
    std::fs::write(folder.join("host.toml"), text).unwrap();
    std::fs::create_dir_all(folder.join("disks")).unwrap();
    listen
}

/// The engine of a leader epoch.
type Client = HostClient<InterceptedService<Channel, EpochMark>>;

async fn connect(listen: SocketAddr, authority: &Authority, uri: &str, epoch: u64) -> Option<Client> {
    let (certificate, key) = authority.issue(uri, "engine");
    let tls = ClientTlsConfig::new()
        .ca_certificate(Certificate::from_pem(&authority.pem))
        .identity(Identity::from_pem(certificate, key))
        .domain_name("localhost");
    let endpoint = Endpoint::from_shared(format!("https://{listen}")).unwrap().tls_config(tls).unwrap();
    for _ in 0..300 {
        if let Ok(channel) = endpoint.connect().await {
            return Some(HostClient::with_interceptor(channel, EpochMark::new(epoch)));
        }
        tokio::time::sleep(Duration::from_millis(100)).await;
    }
    None
}

async fn hello(client: &mut Client, epoch: u64) -> Result<api::HelloReply, tonic::Status> {
    let request = api::HelloRequest { engine_id: "e".into(), protocol: 1, leader_epoch: epoch };
    client.hello(request).await.map(tonic::Response::into_inner)
}

/// Reads the stream until a report answers.
async fn told<T>(client: &mut Client, mut wanted: impl FnMut(Body) -> Option<T>) -> T {
    let mut stream = client.reports(api::ReportsRequest { engine_id: "e".into() }).await.unwrap().into_inner();
    let mut number = 0;
    let found = tokio::time::timeout(Duration::from_secs(60), async {
        while let Some(report) = stream.message().await.unwrap() {
            number += 1;
            assert_eq!(report.number, number);
            if let Some(found) = report.body.and_then(&mut wanted) {
                return found;
            }
        }
        panic!("the stream ended");
    });
    found.await.expect("it is told")
}

fn connection(folder: &Path) -> api::StorageConnection {
    let path = folder.join("disks").display().to_string();
    api::StorageConnection { id: DOMAIN.into(), kind: "localfs".into(), path, ..Default::default() }
}

fn volume(folder: &Path) -> api::VolumeRef {
    api::VolumeRef {
        connection: Some(connection(folder)),
        domain_id: DOMAIN.into(),
        disk_id: DISK.into(),
        volume_id: VOLUME.into(),
        data_center_id: POOL.into(),
    }
}

async fn make_disk(client: &mut Client, folder: &Path) {
    client.connect_storage(connection(folder)).await.unwrap();
    let request = api::CreateDomainRequest {
        connection: Some(connection(folder)),
        domain_id: DOMAIN.into(),
        name: "data".into(),
        class: "data".into(),
        format: "v5".into(),
        ..Default::default()
    };
    client.create_domain(request).await.unwrap();
    let request = api::DomainRequest {
        connection: Some(connection(folder)),
        domain_id: DOMAIN.into(),
        data_center_id: POOL.into(),
        ..Default::default()
    };
    assert!(client.activate_domain(request).await.unwrap().into_inner().ready);
    let request = api::CreateVolumeRequest {
        volume: Some(volume(folder)),
        format: "qcow2".into(),
        sparse: true,
        virtual_size: 64 << 20,
        ..Default::default()
    };
    client.create_volume(request).await.unwrap();
}

fn start_request(folder: &Path, generation: u64) -> api::StartVmRequest {
    let disk = api::DiskSpec {
        disk_id: DISK.into(),
        volume: Some(volume(folder)),
        format: "qcow2".into(),
        interface: "virtio".into(),
        ..Default::default()
    };
    let vm = api::VmSpec {
        id: VM.into(),
        name: "web".into(),
        memory: 64 << 20,
        cpu_sockets: 1,
        cpu_cores: 1,
        cpu_threads: 1,
        generation,
        disks: vec![disk],
        graphics: vec![api::GraphicsSpec { kind: "vnc".into(), listen_address: "127.0.0.1".into() }],
        memory_balloon: true,
        first_boot: Some(api::FirstBoot {
            volume_label: "config-2".into(),
            files: vec![api::FirstBootFile { path: "openstack/latest/user_data".into(), content: b"secret1".to_vec() }],
        }),
        ..Default::default()
    };
    let key = api::CommandKey { job_id: "j".into(), step: "start".into(), generation };
    api::StartVmRequest { key: Some(key), vm: Some(vm), data_center_id: POOL.into() }
}

async fn screen_greets(client: &mut Client) {
    let (sender, receiver) = tokio::sync::mpsc::channel(1);
    sender.send(api::ConsoleBytes { vm_id: VM.into(), kind: "vnc".into(), data: Vec::new() }).await.unwrap();
    let stream = client.console(tokio_stream::wrappers::ReceiverStream::new(receiver)).await.unwrap();
    let first = tokio::time::timeout(Duration::from_secs(10), stream.into_inner().message()).await.unwrap();
    assert!(first.unwrap().unwrap().data.starts_with(b"RFB 003"));
}

fn vm_of(sync: api::FullSync) -> Option<api::VmState> {
    sync.vms.into_iter().find(|vm| vm.vm_id == VM)
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_engine_runs_a_vm_through_the_door_and_agents_come_and_go() {
    let Some(daemon) = Daemon::start("agent", 26630) else { return };
    let folder = tempfile::tempdir().unwrap();
    let folder = folder.path();
    let authority = Authority::new();
    let listen = prepare(folder, &authority, &daemon);
    let agent = Agent::start(&folder.join("host.toml"));
    let mut client = connect(listen, &authority, "ferrovirt:engine", 2).await.expect("the agent serves");
    let early = client.reports(api::ReportsRequest::default()).await.unwrap_err();
    assert_eq!(early.code(), tonic::Code::Unavailable, "hello comes first");
    assert_eq!(hello(&mut client, 2).await.unwrap().host_id, HOST);

    let capabilities = told(&mut client, |body| match body {
        Body::Capabilities(told) if !told.libvirt_version.is_empty() => Some(told),
        _ => None,
    });
    let capabilities = capabilities.await;
    assert_eq!(capabilities.virtualization, "tcg");
    assert!(capabilities.cpu_flags.iter().any(|flag| flag.starts_with("model_")), "{:?}", capabilities.cpu_flags);
    assert!(capabilities.emulated_machines.iter().any(|machine| machine == "q35"));

    make_disk(&mut client, folder).await;
    let began = std::time::Instant::now();
    let state = client.start_vm(start_request(folder, 1)).await.unwrap().into_inner().state.unwrap();
    eprintln!("the VM was started in {:?}", began.elapsed());
    assert_eq!(state.phase(), api::VmPhase::Running);
    let drive = folder.join(format!("run/drives/{VM}.iso"));
    assert_eq!(std::fs::metadata(&drive).unwrap().permissions().mode() & 0o777, 0o600);
    for record in std::fs::read_dir(folder.join("state/vms")).unwrap() {
        let text = std::fs::read_to_string(record.unwrap().path()).unwrap();
        assert!(!text.contains(&hex::encode("secret1")), "first-boot data stand on the drive alone");
    }
    client.start_vm(start_request(folder, 1)).await.unwrap();
    let other = client.start_vm(start_request(folder, 2)).await.unwrap_err();
    assert_eq!(other.code(), tonic::Code::AlreadyExists, "it never runs twice");
    screen_greets(&mut client).await;
    let ticket = api::ConsoleTicketRequest {
        vm_id: VM.into(),
        kind: "vnc".into(),
        password: "pass1234".into(),
        lifetime_seconds: 60,
    };
    // Another connection needs no hello of its own: each request says for whom it speaks.
    let mut other = connect(listen, &authority, "ferrovirt:engine", 2).await.expect("the agent serves");
    other.set_console_ticket(ticket.clone()).await.unwrap();
    let mut old = connect(listen, &authority, "ferrovirt:engine", 1).await.expect("the agent serves");
    assert_eq!(old.set_console_ticket(ticket).await.unwrap_err().code(), tonic::Code::PermissionDenied);
    let statistics = told(&mut client, |body| match body {
        Body::VmStatistics(told) if told.elapsed_seconds > 0 => Some(told),
        _ => None,
    });
    assert_eq!(statistics.await.disks[0].disk_id, DISK);
    let own = agent.own_kib();
    eprintln!("the agent has {own} KiB of its own");
    assert!(own < 20 * 1024, "{own} KiB");

    // Killed: its successor says the truth in its first report, and clears what no run needs.
    drop(agent);
    let orphan = folder.join(format!("run/drives/{POOL}.iso"));
    let half_made = folder.join(format!("run/drives/{VM}.making/tree"));
    std::fs::write(&orphan, "secret").unwrap();
    std::fs::create_dir_all(&half_made).unwrap();
    let agent = Agent::start(&folder.join("host.toml"));
    let mut client = connect(listen, &authority, "ferrovirt:engine", 3).await.expect("the agent is back");
    assert_eq!(hello(&mut client, 1).await.unwrap_err().code(), tonic::Code::PermissionDenied, "another engine led");
    hello(&mut client, 3).await.unwrap();
    let state = told(&mut client, |body| match body {
        Body::FullSync(sync) => Some(vm_of(sync)),
        _ => None,
    });
    let state = state.await.expect("the VM is in the first report");
    assert_eq!((state.phase(), state.generation), (api::VmPhase::Running, 1));
    assert!(drive.exists(), "its guest may still read it");
    assert!(!orphan.exists() && !half_made.exists(), "nobody reads these");

    // Told to stop: it ends, with every stream that is open, and the VM runs on.
    let mut open = client.reports(api::ReportsRequest::default()).await.unwrap().into_inner();
    let (tunnel, receiver) = tokio::sync::mpsc::channel(1);
    tunnel.send(api::ConsoleBytes { vm_id: VM.into(), kind: "vnc".into(), data: Vec::new() }).await.unwrap();
    let _screen = client.console(tokio_stream::wrappers::ReceiverStream::new(receiver)).await.unwrap();
    let told_at = std::time::Instant::now();
    nix::sys::signal::kill(nix::unistd::Pid::from_raw(agent.child.id() as i32), nix::sys::signal::Signal::SIGTERM)
        .unwrap();
    let mut agent = agent;
    let ended = tokio::task::spawn_blocking(move || agent.child.wait().unwrap().success()).await.unwrap();
    assert!(ended, "a clean end");
    eprintln!("the agent ended {:?} after it was told to", told_at.elapsed());
    while let Ok(Some(_)) = open.message().await {}
    let _agent = Agent::start(&folder.join("host.toml"));
    let mut client = connect(listen, &authority, "ferrovirt:engine", 3).await.expect("the agent is back");
    hello(&mut client, 3).await.unwrap();
    let stop = api::StopVmRequest { vm_id: VM.into(), generation: 1, ..Default::default() };
    client.stop_vm(stop).await.unwrap();
    let state = client.get_vm(api::GetVmRequest { vm_id: VM.into() }).await.unwrap().into_inner();
    assert_eq!((state.phase(), state.exit.unwrap().kind.as_str()), (api::VmPhase::Down, "powered_off"));
    assert!(!drive.exists(), "the drive goes with the run");
    client.acknowledge_vm(api::VmRequest { vm_id: VM.into(), generation: 1, ..Default::default() }).await.unwrap();
    tokio::time::sleep(Duration::from_millis(500)).await;
    let gone = client.get_vm(api::GetVmRequest { vm_id: VM.into() }).await.unwrap_err();
    assert_eq!(gone.code(), tonic::Code::NotFound);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn nobody_but_the_engine_comes_in() {
    let Some(daemon) = Daemon::start("strangers", 26670) else { return };
    let folder = tempfile::tempdir().unwrap();
    let authority = Authority::new();
    let listen = prepare(folder.path(), &authority, &daemon);
    let _agent = Agent::start(&folder.path().join("host.toml"));
    let mut engine = connect(listen, &authority, "ferrovirt:engine", 1).await.expect("the agent serves");
    hello(&mut engine, 1).await.unwrap();
    for (authority, uri) in [(&authority, "ferrovirt:host:another"), (&Authority::new(), "ferrovirt:engine")] {
        let stranger = tokio::time::timeout(Duration::from_secs(1), connect(listen, authority, uri, 9)).await;
        if let Ok(Some(mut stranger)) = stranger {
            assert!(hello(&mut stranger, 9).await.is_err());
        }
    }
}
