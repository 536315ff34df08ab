//! A world for tests of jobs: a real database, engines that lead it, hosts that are doubles behind the real host door.
//! Refuses to know what is tested.

#![allow(dead_code, unreachable_pub, reason = "each test file uses its part of the world")]

pub mod guests;
pub mod host;
pub mod identity;

use std::future::Future;
use std::sync::Arc;
use std::time::{Duration, Instant};

use ferrovirt_engine::pki::{Pki, PkiConfig};
use ferrovirt_engine::session::{Caller, Session};
use ferrovirt_engine::{Engine, EngineConfig, leader, now, seed};
use ferrovirt_model::host::{Host, HostIntent, HostLink, HostStatus, lifecycle};
use ferrovirt_model::ids::{ClusterId, DataCenterId, HostId, JobId, UserId};
use ferrovirt_model::job::JobStatus;
use ferrovirt_model::secret::Secret;
use ferrovirt_store::{Areas, Store};
use ferrovirt_testdb::TestDb;
use tokio::sync::watch;
use tokio::task::JoinHandle;
use uuid::Uuid;

use self::host::{Double, Shared};

/// How long anything may take on a busy machine.
const PATIENCE: Duration = Duration::from_secs(60);

/// Everything.
pub struct World {
    _db: TestDb,
    _folder: tempfile::TempDir,
    store: Store,
    pki: Pki,
    /// The engine that leads.
    pub engine: Arc<Engine>,
    leading: Option<(watch::Sender<bool>, JoinHandle<()>)>,
    /// What all hosts share, and what they are told to do wrong.
    pub shared: Arc<Shared>,
    /// The hosts, in order.
    pub hosts: Vec<HostId>,
    servers: Vec<JoinHandle<()>>,
    /// The first data centre.
    pub data_center: DataCenterId,
    /// Its cluster.
    pub cluster: ClusterId,
    admin: UserId,
}

fn config() -> EngineConfig {
    EngineConfig {
        fqdn: "engine.test".to_owned(),
        https_port: 443,
        transfer_port: 54323,
        host_grace: Duration::from_secs(2),
        session_idle: Duration::from_secs(3600),
    }
}

impl World {
    /// A world with so many hosts, all of them up.
    pub async fn with_hosts(count: usize) -> Self {
        let db = TestDb::new().await;
        let folder = tempfile::tempdir().unwrap();
        let store = Store::open(db.options(), 20).await.unwrap();
        seed::first_objects(&store, now()).await.unwrap();
        let admin = seed::administrator(&store, &Secret::new("no hash".to_owned())).await.unwrap();
        let pki = Pki::open(PkiConfig::new(folder.path(), "engine.test"), now()).unwrap();
        let engine = Engine::new(store.clone(), pki.clone(), config()).await.unwrap();
        let mut tx = store.begin().await.unwrap();
        let cluster = tx.clusters().by_name("Default").await.unwrap().unwrap();
        // These hosts have no networks to show.
        for usage in tx.clusters().networks(&[cluster.id]).await.unwrap() {
            tx.clusters().remove_network(cluster.id, usage.network).await.unwrap();
        }
        tx.commit().await.unwrap();
        let mut world = Self {
            _db: db,
            _folder: folder,
            store,
            pki,
            engine,
            leading: None,
            shared: Arc::new(Shared::default()),
            hosts: Vec::new(),
            servers: Vec::new(),
            data_center: cluster.data_center,
            cluster: cluster.id,
            admin,
        };
        for number in 1..=count {
            world.add_host(&format!("host{number}")).await;
        }
        world.lead();
        for id in world.hosts.clone() {
            world.until("a host is up", || world.host_is(id, HostStatus::Up)).await;
        }
        world
    }

    async fn add_host(&mut self, name: &str) {
        let id = HostId(Uuid::new_v4());
        let (port, server) = Double::serve(id, &self.pki, Arc::clone(&self.shared)).await;
        let host = Host {
            id,
            name: name.to_owned(),
            cluster: self.cluster,
            address: "127.0.0.1".to_owned(),
            port,
            description: String::new(),
            comment: String::new(),
            intent: HostIntent::Active,
            link: HostLink::Unassigned,
            problem: None,
            maintenance_reason: None,
            hardware_id: Uuid::new_v4().to_string(),
            enrolled: true,
            certificate_expires_at: None,
            seen_at: None,
            boot_id: String::new(),
            created_at: now(),
            spm_priority: 5,
        };
        let mut tx = self.store.begin().await.unwrap();
        tx.hosts().put(&host).await.unwrap();
        tx.hosts()
            .record_certificate(id, &id.to_string(), b"key", now() - 3_600_000, now() + 1_000_000_000)
            .await
            .unwrap();
        tx.commit().await.unwrap();
        self.hosts.push(id);
        self.servers.push(server);
    }

    /// Lets the present engine lead.
    fn lead(&mut self) {
        let (stop, stopped) = watch::channel(false);
        let task = tokio::spawn(leader::run(Arc::clone(&self.engine), stopped));
        self.leading = Some((stop, task));
    }

    /// The engine dies in the middle of whatever it does; another one takes over.
    pub async fn replace_engine(&mut self) {
        self.lose_engine().await;
        self.engine = self.another_engine().await;
        self.lead();
    }

    /// The engine dies in the middle of whatever it does, and nobody leads. It still serves.
    pub async fn lose_engine(&mut self) {
        if let Some((stop, task)) = self.leading.take() {
            stop.send(true).unwrap();
            task.await.unwrap();
        }
    }

    /// One more engine, which serves and does not lead.
    pub async fn another_engine(&self) -> Arc<Engine> {
        Engine::new(self.store.clone(), self.pki.clone(), config()).await.unwrap()
    }

    /// A host is gone, with its address.
    pub fn lose_host(&mut self, index: usize) {
        self.servers[index].abort();
        self.shared.cut(self.hosts[index]);
    }

    /// A host loses its power: it is not there, and neither are its guests.
    pub fn power_off(&self, host: HostId) {
        self.shared.cut(host);
        self.shared.machines(|machines| machines.power_off(host));
    }

    /// Whether a host has a status.
    pub async fn host_is(&self, id: HostId, status: HostStatus) -> bool {
        let host = self.store.read().await.unwrap().hosts().get(id).await.unwrap().unwrap();
        lifecycle::status(&host) == status
    }

    /// Waits until something is so.
    pub async fn until<F: Future<Output = bool>>(&self, what: &str, so: impl Fn() -> F) {
        let begun = Instant::now();
        while !so().await {
            assert!(begun.elapsed() < PATIENCE, "it never came that {what}; the log: {:?}", self.codes().await);
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
    }

    /// The database.
    pub fn store(&self) -> &Store {
        &self.store
    }

    /// The first administrator.
    pub fn caller(&self) -> Caller {
        let session = Session {
            id: Uuid::new_v4(),
            user: self.admin,
            name: "admin".to_owned(),
            domain: "internal-authz".to_owned(),
            principal: "admin@internal".to_owned(),
            administrator: true,
        };
        Caller { session, correlation_id: "test".to_owned(), filter: false }
    }

    /// The codes of the event log, oldest first.
    pub async fn codes(&self) -> Vec<u32> {
        self.told().await.into_iter().map(|(code, _)| code).collect()
    }

    /// What the event log says under a code, oldest first.
    pub async fn told_of(&self, code: u32) -> Vec<String> {
        self.told().await.into_iter().filter(|(one, _)| *one == code).map(|(_, message)| message).collect()
    }

    /// Codes and words of the event log, oldest first.
    pub async fn told(&self) -> Vec<(u32, String)> {
        let query = ferrovirt_engine::ListQuery::all();
        let everything =
            ferrovirt_engine::listing::compile(ferrovirt_model::search::Entity::Event, &query, now()).unwrap();
        let mut entries = self.store.read().await.unwrap().events().list(&everything, None, None).await.unwrap();
        entries.sort_by_key(|entry| entry.id);
        entries.into_iter().map(|entry| (entry.code, entry.message)).collect()
    }

    /// A job's time is up: it turns back or is given up. The job saves its row all the while, so this says it until it
    /// is heard.
    pub async fn overdue(&self, job: JobId) {
        let mut heading = None;
        loop {
            let mut tx = self.store.begin().await.unwrap();
            let Some(mut running) = tx.jobs().running(job).await.unwrap() else { return };
            if *heading.get_or_insert(running.heading) != running.heading || running.job.status != JobStatus::Started {
                return;
            }
            running.deadline = 1;
            if tx.jobs().save(&running).await.unwrap() {
                tx.commit().await.unwrap();
            }
            tokio::time::sleep(Duration::from_millis(100)).await;
        }
    }

    /// No job is under way.
    pub async fn idle(&self) {
        self.until("all jobs have ended", || async {
            self.store.read().await.unwrap().jobs().unfinished().await.unwrap().is_empty()
        })
        .await;
    }
}

impl Drop for World {
    fn drop(&mut self) {
        if let Some((_, task)) = &self.leading {
            task.abort();
        }
        for server in &self.servers {
            server.abort();
        }
    }
}
