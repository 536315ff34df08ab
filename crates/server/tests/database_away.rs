//! An engine whose database is not there yet, hangs, or dies: it asks for patience, and goes on when the database is back.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "a test that can't go on fails")]

use std::net::TcpListener;
use std::os::unix::fs::PermissionsExt;
use std::path::PathBuf;
use std::process::{Child, Command};
use std::sync::Arc;
use std::time::{Duration, Instant};

use ferrovirt_server::postgres::{Keeper, Postgres};
use ferrovirt_store::{Areas, Store};
use nix::errno::Errno;
use nix::sys::signal::{Signal, kill};
use nix::unistd::Pid;
use reqwest::StatusCode;
use rustls::crypto::ring;
use rustls::pki_types::CertificateDer;
use rustls::pki_types::pem::PemObject;

/// How long anything may take on a busy machine.
const PATIENCE: Duration = Duration::from_secs(60);
const PASSWORD: &str = "a password";

/// An engine's process beside a database server that it did not start.
struct World {
    folder: tempfile::TempDir,
    postgres: Postgres,
    ports: [u16; 3],
    engine: Option<Child>,
}

impl Drop for World {
    fn drop(&mut self) {
        if let Some(engine) = &mut self.engine {
            engine.kill().ok();
            engine.wait().ok();
        }
    }
}

impl World {
    /// Set up, and nothing runs.
    async fn new() -> Self {
        let folder = tempfile::Builder::new().prefix("fvaw").tempdir_in("/tmp").unwrap();
        std::fs::set_permissions(folder.path(), std::fs::Permissions::from_mode(0o755)).unwrap();
        let postgres = Postgres::of(folder.path().join("pg")).unwrap();
        postgres.make().await.unwrap();
        let held: Vec<TcpListener> = (0..3).map(|_| TcpListener::bind("127.0.0.1:0").unwrap()).collect();
        let ports = std::array::from_fn(|number| held[number].local_addr().unwrap().port());
        let world = Self { folder, postgres, ports, engine: None };
        std::fs::write(world.path("password"), PASSWORD).unwrap();
        let keeper = world.database().await;
        let ports = world.ports.map(|port| port.to_string());
        let mut setup = world.program("setup");
        setup.args(["--fqdn", "localhost", "--listen-address", "127.0.0.1", "--admin-password-file"]);
        setup.arg(world.path("password")).args(["--https-port", &ports[0], "--http-port", &ports[1]]);
        assert!(setup.args(["--transfer-port", &ports[2]]).status().unwrap().success());
        keeper.stop().await;
        world
    }

    fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    fn program(&self, verb: &str) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_ferrovirt-engine"));
        let url = format!("postgres:///engine?host={}&user=engine", self.path("pg").display());
        command.env("DATABASE_URL", url).arg("--data-dir").arg(self.path("data")).arg(verb);
        command
    }

    /// The database server, kept alive.
    async fn database(&self) -> Keeper {
        let keeper = self.postgres.clone().keep().await.unwrap();
        self.postgres.address().ensure_database().await.unwrap();
        keeper
    }

    /// Sends a signal to the database server and all its processes.
    fn signal_database(&self, signal: Signal) {
        let text = std::fs::read_to_string(self.path("pg/postmaster.pid")).unwrap();
        let server: i32 = text.lines().next().unwrap().trim().parse().unwrap();
        let children = std::fs::read_to_string(format!("/proc/{server}/task/{server}/children")).unwrap();
        for pid in std::iter::once(server).chain(children.split_whitespace().map(|pid| pid.parse().unwrap())) {
            match kill(Pid::from_raw(pid), signal) {
                // Chores of the server end by themselves.
                Ok(()) | Err(Errno::ESRCH) => {}
                Err(errno) => panic!("{pid}: {errno}"),
            }
        }
    }

    fn client(&self) -> reqwest::Client {
        let mut roots = rustls::RootCertStore::empty();
        roots.add(CertificateDer::from_pem_file(self.path("data/pki/ca.pem")).unwrap()).unwrap();
        let tls = rustls::ClientConfig::builder_with_provider(Arc::new(ring::default_provider()));
        let tls = tls.with_safe_default_protocol_versions().unwrap().with_root_certificates(roots);
        let client = reqwest::Client::builder().tls_backend_preconfigured(tls.with_no_client_auth());
        client.no_proxy().timeout(PATIENCE).build().unwrap()
    }

    /// The status of a list of the API, with what the client is told; `None` while nobody listens.
    async fn asked(&self, path: &str) -> Option<(StatusCode, bool, String)> {
        self.send(self.client().get(self.url(path))).await
    }

    fn url(&self, path: &str) -> String {
        format!("https://localhost:{}/ovirt-engine/{path}", self.ports[0])
    }

    async fn send(&self, request: reqwest::RequestBuilder) -> Option<(StatusCode, bool, String)> {
        let reply = request.basic_auth("admin@internal", Some(PASSWORD)).send().await.ok()?;
        let patience = reply.headers().contains_key("retry-after");
        Some((reply.status(), patience, reply.text().await.unwrap()))
    }

    async fn until(&self, path: &str, wanted: StatusCode) -> (bool, String) {
        let begun = Instant::now();
        loop {
            let seen = self.asked(path).await;
            match seen {
                Some((status, patience, text)) if status == wanted => return (patience, text),
                seen => assert!(begun.elapsed() < PATIENCE, "{path} is not {wanted}: {seen:?}"),
            }
            tokio::time::sleep(Duration::from_millis(100)).await;
        }
    }

    fn runs(&mut self) -> bool {
        self.engine.as_mut().unwrap().try_wait().unwrap().is_none()
    }
}

fn is_a_request_for_patience((patience, text): &(bool, String)) {
    assert!(patience, "{text}");
    assert!(text.contains("<fault>") && text.contains("database"), "{text}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_engine_outlives_every_absence_of_its_database() {
    let mut world = World::new().await;

    // It is not there yet.
    let run = world.program("run").spawn().unwrap();
    world.engine = Some(run);
    let (patience, text) = world.until("services/health", StatusCode::SERVICE_UNAVAILABLE).await;
    assert!(patience && text == "DB Down!", "{text}");
    is_a_request_for_patience(&world.until("api/vms", StatusCode::SERVICE_UNAVAILABLE).await);
    let keeper = world.database().await;
    world.until("services/health", StatusCode::OK).await;
    world.until("api/vms", StatusCode::OK).await;

    // It hangs: no connection ends, and nothing is answered.
    world.signal_database(Signal::SIGSTOP);
    let hung = tokio::time::timeout(PATIENCE / 2, world.asked("api/vms")).await;
    world.signal_database(Signal::SIGCONT);
    let (status, patience, text) = hung.expect("a request does not wait for a database that hangs").unwrap();
    assert_eq!(status, StatusCode::SERVICE_UNAVAILABLE, "{text}");
    is_a_request_for_patience(&(patience, text));
    world.until("api/vms", StatusCode::OK).await;

    // It goes away in order, and comes back.
    keeper.stop().await;
    is_a_request_for_patience(&world.until("api/vms", StatusCode::SERVICE_UNAVAILABLE).await);
    let keeper = world.database().await;
    world.until("api/vms", StatusCode::OK).await;

    // It dies, and is started again.
    world.signal_database(Signal::SIGKILL);
    tokio::time::sleep(Duration::from_secs(1)).await;
    world.until("api/vms", StatusCode::OK).await;
    assert!(world.runs(), "it is the same process all the time");

    let engine = Pid::from_raw(i32::try_from(world.engine.as_ref().unwrap().id()).unwrap());
    kill(engine, Signal::SIGTERM).unwrap();
    let begun = Instant::now();
    while world.runs() {
        assert!(begun.elapsed() < PATIENCE, "it does not stop");
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
    assert!(world.engine.as_mut().unwrap().wait().unwrap().success());
    keeper.stop().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_engine_that_hangs_with_its_database_can_be_stopped() {
    let mut world = World::new().await;
    let keeper = world.database().await;
    let run = world.program("run").spawn().unwrap();
    world.engine = Some(run);
    world.until("api/vms", StatusCode::OK).await;
    world.signal_database(Signal::SIGSTOP);
    let engine = Pid::from_raw(i32::try_from(world.engine.as_ref().unwrap().id()).unwrap());
    kill(engine, Signal::SIGTERM).unwrap();
    let begun = Instant::now();
    while world.runs() && begun.elapsed() < PATIENCE {
        tokio::time::sleep(Duration::from_millis(100)).await;
    }
    world.signal_database(Signal::SIGCONT);
    assert!(!world.runs(), "it does not stop");
    keeper.stop().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_request_in_the_middle_of_a_transaction_does_not_wait_for_a_database_that_hangs() {
    let mut world = World::new().await;
    let keeper = world.database().await;
    let run = world.program("run").spawn().unwrap();
    world.engine = Some(run);
    world.until("api/vms", StatusCode::OK).await;
    // Another transaction holds the row that the request asks for.
    let store = Store::open(world.postgres.address().options().unwrap(), 1).await.unwrap();
    let mut other = store.begin().await.unwrap();
    let center = other.data_centers().by_name("Default").await.unwrap().unwrap().id;
    other.data_centers().lock_row(center).await.unwrap();
    let change = world.client().put(world.url(&format!("api/datacenters/{center}")));
    let change =
        change.header("content-type", "application/xml").body("<data_center><comment>x</comment></data_center>");
    let mut changed = std::pin::pin!(world.send(change));
    tokio::select! {
        answer = &mut changed => panic!("it waits for the row: {answer:?}"),
        () = tokio::time::sleep(Duration::from_secs(1)) => {}
    }
    world.signal_database(Signal::SIGSTOP);
    let hung = tokio::time::timeout(PATIENCE / 2, changed).await;
    world.signal_database(Signal::SIGCONT);
    let (status, patience, text) = hung.expect("a request does not wait for a database that hangs").unwrap();
    assert_eq!(status, StatusCode::SERVICE_UNAVAILABLE, "{text}");
    is_a_request_for_patience(&(patience, text));
    other.rollback().await.unwrap();
    store.close().await;
    world.until("api/vms", StatusCode::OK).await;
    keeper.stop().await;
}
