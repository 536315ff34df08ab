//! The engine itself: what every action, job and loop holds on to.

use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use ferrovirt_model::Millis;
use ferrovirt_store::Store;
use uuid::Uuid;

use crate::changes::Changes;
use crate::failure::Result;
use crate::hosts::Hosts;
use crate::jobs::runner::Runner;
use crate::loops::Kicks;
use crate::loops::host_health::Lacks;
use crate::loops::network_sync::NetworkMemory;
use crate::pki::Pki;
use crate::sign_on::SignOn;

/// Settings of an engine.
#[derive(Clone, Debug)]
pub struct EngineConfig {
    /// The name by which clients and hosts reach it.
    pub fqdn: String,
    /// Port of the API.
    pub https_port: u16,
    /// Port of the transfer proxy.
    pub transfer_port: u16,
    /// How long a host may be silent before it counts as lost.
    pub host_grace: Duration,
    /// How long a session may be idle, unless its owner asked for less.
    pub session_idle: Duration,
}

/// One engine. Any number of them serve; one leads.
pub struct Engine {
    /// Names this process as holder of the leader's lease.
    process: Uuid,
    installation: Uuid,
    config: EngineConfig,
    store: Store,
    pki: Pki,
    sign_on: SignOn,
    hosts: Hosts,
    jobs: Runner,
    changes: Changes,
    kicks: Kicks,
    networks: NetworkMemory,
    lacks: Lacks,
    /// The epoch in which this engine leads; 0: it does not.
    epoch: AtomicI64,
}

impl Engine {
    /// An engine over an open store. Loops begin with [`crate::leader::run`].
    ///
    /// # Errors
    /// Trouble with the store.
    pub async fn new(store: Store, pki: Pki, config: EngineConfig) -> Result<Arc<Self>> {
        let mut tx = store.begin().await?;
        let (installation, _fresh) = ferrovirt_store::Areas::lease(&mut tx).installation(Uuid::new_v4(), now()).await?;
        tx.commit().await?;
        Ok(Arc::new(Self {
            process: Uuid::new_v4(),
            installation,
            config,
            store,
            hosts: Hosts::new(pki.host_door_tls()),
            pki,
            sign_on: SignOn::default(),
            jobs: Runner::default(),
            changes: Changes::default(),
            kicks: Kicks::default(),
            networks: NetworkMemory::default(),
            lacks: Lacks::default(),
            epoch: AtomicI64::new(0),
        }))
    }

    /// This process.
    #[must_use]
    pub fn process(&self) -> Uuid {
        self.process
    }

    /// This installation: the instance id that clients see.
    #[must_use]
    pub fn installation(&self) -> Uuid {
        self.installation
    }

    /// Settings.
    #[must_use]
    pub fn config(&self) -> &EngineConfig {
        &self.config
    }

    /// The data door.
    #[must_use]
    pub fn store(&self) -> &Store {
        &self.store
    }

    /// The authority and the engine's own certificate.
    #[must_use]
    pub fn pki(&self) -> &Pki {
        &self.pki
    }

    /// What sign-on keeps in memory.
    pub(crate) fn sign_on(&self) -> &SignOn {
        &self.sign_on
    }

    /// Connections to hosts.
    #[must_use]
    pub fn hosts(&self) -> &Hosts {
        &self.hosts
    }

    /// The runner of jobs.
    #[must_use]
    pub fn jobs(&self) -> &Runner {
        &self.jobs
    }

    /// News of changes.
    #[must_use]
    pub fn changes(&self) -> &Changes {
        &self.changes
    }

    /// Wakes loops.
    #[must_use]
    pub fn kicks(&self) -> &Kicks {
        &self.kicks
    }

    /// What was asked of hosts about their networks.
    pub(crate) fn networks_memory(&self) -> &NetworkMemory {
        &self.networks
    }

    /// Since when hosts lack what they need.
    pub(crate) fn lacks(&self) -> &Lacks {
        &self.lacks
    }

    /// The epoch in which this engine leads, where it does.
    #[must_use]
    pub fn leading(&self) -> Option<i64> {
        Some(self.epoch.load(Ordering::Acquire)).filter(|epoch| *epoch > 0)
    }

    pub(crate) fn set_leading(&self, epoch: Option<i64>) {
        self.epoch.store(epoch.unwrap_or_default(), Ordering::Release);
    }
}

/// The time now, ms since the epoch.
#[must_use]
pub fn now() -> Millis {
    let since = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
    Millis::try_from(since.as_millis()).unwrap_or(Millis::MAX)
}
