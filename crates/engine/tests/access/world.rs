//! An engine over a fresh database with its first objects, and nothing that runs by itself.

use std::sync::Arc;
use std::time::Duration;

use ferrovirt_engine::pki::{Pki, PkiConfig};
use ferrovirt_engine::{Engine, EngineConfig, now, seed, sign_on};
use ferrovirt_model::event::LogEntry;
use ferrovirt_model::refusal::Refusal;
use ferrovirt_model::secret::Secret;
use ferrovirt_store::{Areas, Store};
use ferrovirt_testdb::TestDb;

pub(crate) const PASSWORD: &str = "correct horse";

pub(crate) struct World {
    pub(crate) engine: Arc<Engine>,
    _folder: tempfile::TempDir,
    _db: TestDb,
}

impl World {
    pub(crate) async fn new() -> Self {
        let db = TestDb::new().await;
        let folder = tempfile::tempdir().unwrap();
        let store = Store::open(db.options(), 8).await.unwrap();
        seed::first_objects(&store, now()).await.unwrap();
        let hash = sign_on::hash_password(&Secret::new(PASSWORD)).unwrap();
        seed::administrator(&store, &hash).await.unwrap();
        let pki = Pki::open(PkiConfig::new(folder.path(), "engine.test"), now()).unwrap();
        let config = EngineConfig {
            fqdn: "engine.test".to_owned(),
            https_port: 8443,
            transfer_port: 54323,
            host_grace: Duration::from_secs(60),
            session_idle: Duration::from_secs(1800),
        };
        let engine = Engine::new(store, pki, config).await.unwrap();
        Self { engine, _folder: folder, _db: db }
    }

    /// The event log, oldest first.
    pub(crate) async fn log(&self) -> Vec<LogEntry> {
        let mut entries = Vec::new();
        let mut reader = self.engine.store().read().await.unwrap();
        for id in 1.. {
            match reader.events().get(id, None).await.unwrap() {
                Some(entry) => entries.push(entry),
                None => break,
            }
        }
        entries
    }

    pub(crate) async fn codes(&self) -> Vec<u32> {
        self.log().await.into_iter().map(|entry| entry.code).collect()
    }
}

/// The refusal of an outcome that must be one.
pub(crate) fn refusal<T: std::fmt::Debug>(outcome: ferrovirt_engine::Result<T>) -> Refusal {
    match outcome {
        Err(ferrovirt_engine::Failure::Refused(refusal)) => refusal,
        other => panic!("a refusal was due, not {other:?}"),
    }
}
