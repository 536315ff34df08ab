//! Networks of the host: desired, current, apply, verify, roll back. It refuses to know which VM uses them.
//!
//! VM networks are Linux bridges, set by netlink. A change that cuts the engine off is undone: unless the engine comes
//! in again within its time, the host goes back to the networks it had. The same happens when the agent dies in between.

mod netlink;
mod plan;
mod world;

use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::time::Duration;

use ferrovirt_hostapi as api;
use serde::{Deserialize, Serialize};
use tokio::sync::Mutex;

use crate::config::Config;
use crate::reports::Reports;
use crate::storage::blocking::replace;
use netlink::Netlink;
use plan::{differences, plan};
use world::{Book, Current, Kind, Network};

/// How often the networks are looked at.
const PERIOD: Duration = Duration::from_secs(5);
/// How long the engine has, where it names no time.
const CONNECTIVITY: Duration = Duration::from_secs(120);

/// Why networks did not become what was asked.
#[derive(Debug, thiserror::Error)]
pub enum NetworkError {
    /// The request can't be meant.
    #[error("{0}")]
    Invalid(String),
    /// A network that shall go is used.
    #[error("{0}")]
    InUse(String),
    /// This host can't do it.
    #[error("{0}")]
    Unsupported(String),
    /// The kernel said no.
    #[error("{what}: {source}")]
    System {
        /// What was tried.
        what: String,
        /// What the system said.
        source: std::io::Error,
    },
    /// All steps were done and the host is still not as asked; it was brought back.
    #[error("the networks did not come out as asked, and were brought back: {0}")]
    Verify(String),
    /// The steps failed, and bringing the host back failed too.
    #[error("{failure}; bringing the networks back failed too: {rollback}")]
    Rollback {
        /// Why the change failed.
        failure: String,
        /// Why the way back failed.
        rollback: String,
    },
}

impl From<NetworkError> for tonic::Status {
    fn from(error: NetworkError) -> Self {
        let text = error.to_string();
        match error {
            NetworkError::Invalid(_) => tonic::Status::invalid_argument(text),
            NetworkError::InUse(_) => tonic::Status::failed_precondition(text),
            NetworkError::Unsupported(_) => tonic::Status::unimplemented(text),
            _ => tonic::Status::internal(text),
        }
    }
}

/// The networks of one host. Cheap to clone.
#[derive(Clone)]
pub struct Networks {
    inner: Arc<Inner>,
}

struct Inner {
    path: PathBuf,
    reports: Reports,
    saved: Mutex<Saved>,
    /// A change waits for the engine to come in again.
    waiting: AtomicBool,
    /// Which change a watchdog belongs to.
    change: AtomicU64,
}

/// What is on disk. With `previous`, the change to `current` is not confirmed.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
struct Saved {
    current: Book,
    previous: Option<Book>,
}

impl Networks {
    /// Opens the host's networks: brings back what a crash left half done, and sets up what a restart of the machine
    /// took away. A failure is logged and told as networks out of sync; the agent serves on.
    pub async fn open(config: &Config, reports: Reports) -> Result<Self, NetworkError> {
        let folder = config.state_dir.join("network");
        let path = folder.join("networks.json");
        std::fs::create_dir_all(&folder).map_err(at(&folder))?;
        let saved = load(&path)?;
        let inner = Inner {
            path,
            reports,
            saved: Mutex::new(saved.clone()),
            waiting: AtomicBool::new(false),
            change: AtomicU64::new(0),
        };
        let networks = Networks { inner: Arc::new(inner) };
        if !saved.current.networks.is_empty() || saved.previous.is_some() {
            let wanted = saved.previous.clone().unwrap_or_else(|| saved.current.clone());
            let mut guard = networks.inner.saved.lock().await;
            if let Err(error) = networks.go(&mut guard, &wanted.networks).await {
                tracing::error!(%error, "the host's networks could not be set up");
            }
        }
        let watcher = networks.clone();
        tokio::spawn(async move { watcher.watch().await });
        Ok(networks)
    }

    /// Makes exactly these networks stand. Where the engine asked to check that it still reaches the host, the change
    /// stays only if `confirm` comes in time.
    pub async fn setup(&self, request: &api::SetupNetworksRequest) -> Result<api::NetworkState, NetworkError> {
        let desired = world::desired(&request.desired)?;
        if let Some(pid) = network_manager() {
            return Err(NetworkError::Unsupported(format!(
                "NetworkManager (process {pid}) runs on this host; setting up networks through it (nmstate) is not \
                 supported yet: set them up with it, or stop it"
            )));
        }
        let mut saved = self.inner.saved.lock().await;
        // The engine speaks: what waited for that is confirmed.
        self.settle(&mut saved)?;
        let before = saved.current.clone();
        if before.networks != desired || !self.all_in_sync(&desired).await? {
            self.change(&mut saved, &desired, request.check_connectivity).await?;
            if request.check_connectivity {
                self.watchdog(request.connectivity_timeout_seconds);
            }
        }
        let state = state(&Netlink::open()?.read().await?, &saved.current);
        self.inner.reports.push_network(state.clone());
        Ok(state)
    }

    async fn all_in_sync(&self, desired: &[Network]) -> Result<bool, NetworkError> {
        let current = Netlink::open()?.read().await?;
        Ok(desired.iter().all(|network| differences(&current, network).is_empty()))
    }

    async fn change(&self, saved: &mut Saved, desired: &[Network], unconfirmed: bool) -> Result<(), NetworkError> {
        let before = saved.current.clone();
        saved.previous = Some(before.clone());
        let outcome = match self.go(saved, desired).await {
            Ok(current) => {
                let wrong: Vec<String> = desired.iter().flat_map(|network| differences(&current, network)).collect();
                if wrong.is_empty() { Ok(()) } else { Err(NetworkError::Verify(wrong.join("; "))) }
            }
            Err(error) => Err(error),
        };
        if let Err(failure) = outcome {
            let back = self.go(saved, &before.networks).await;
            saved.previous = None;
            self.save(saved)?;
            return Err(match back {
                Ok(_) => failure,
                Err(rollback) => {
                    NetworkError::Rollback { failure: failure.to_string(), rollback: rollback.to_string() }
                }
            });
        }
        if !unconfirmed {
            saved.previous = None;
        }
        self.save(saved)
    }

    /// Plans and does the steps to `desired`, remembering first what it is about to do.
    async fn go(&self, saved: &mut Saved, desired: &[Network]) -> Result<Current, NetworkError> {
        let netlink = Netlink::open()?;
        let current = netlink.read().await?;
        let (steps, book) = plan(&current, &saved.current, desired)?;
        saved.current = book;
        self.save(saved)?;
        for step in &steps {
            tracing::info!(?step, "network");
            netlink.apply(step).await?;
        }
        netlink.read().await
    }

    fn save(&self, saved: &Saved) -> Result<(), NetworkError> {
        let text = serde_json::to_vec_pretty(saved).map_err(|error| at(&self.inner.path)(error.into()))?;
        replace(&self.inner.path, &text, 0o600).map_err(at(&self.inner.path))
    }

    fn settle(&self, saved: &mut Saved) -> Result<(), NetworkError> {
        self.inner.waiting.store(false, Ordering::SeqCst);
        self.inner.change.fetch_add(1, Ordering::SeqCst);
        if saved.previous.take().is_some() { self.save(saved) } else { Ok(()) }
    }

    fn watchdog(&self, seconds: u32) {
        let time = if seconds == 0 { CONNECTIVITY } else { Duration::from_secs(seconds.into()) };
        let mine = self.inner.change.fetch_add(1, Ordering::SeqCst) + 1;
        self.inner.waiting.store(true, Ordering::SeqCst);
        let networks = self.clone();
        tokio::spawn(async move {
            tokio::time::sleep(time).await;
            let mut saved = networks.inner.saved.lock().await;
            if networks.inner.change.load(Ordering::SeqCst) != mine {
                return;
            }
            networks.inner.waiting.store(false, Ordering::SeqCst);
            let Some(before) = saved.previous.clone() else { return };
            tracing::warn!("the engine did not come back after a change of networks: going back");
            let outcome = networks.go(&mut saved, &before.networks).await;
            saved.previous = None;
            if let Err(error) = outcome.map(drop).and_then(|()| networks.save(&saved)) {
                tracing::error!(%error, "the networks could not be brought back");
            }
            drop(saved);
            networks.push().await;
        });
    }

    /// The engine came in: a change that waited for that stays. Cheap when nothing waits; call it at each request.
    pub fn confirm(&self) {
        if !self.inner.waiting.load(Ordering::SeqCst) {
            return;
        }
        let mine = self.inner.change.load(Ordering::SeqCst);
        let networks = self.clone();
        tokio::spawn(async move {
            let mut saved = networks.inner.saved.lock().await;
            // A change that began since then needs a word of its own.
            if networks.inner.change.load(Ordering::SeqCst) != mine {
                return;
            }
            if let Err(error) = networks.settle(&mut saved) {
                tracing::error!(%error, "a change of networks stays, but could not be recorded as confirmed");
            }
        });
    }

    /// The host's networks now.
    pub async fn state(&self) -> Result<api::NetworkState, NetworkError> {
        // A change under way is waited for: what stands in the middle of it is nobody's network.
        let saved = self.inner.saved.lock().await;
        Ok(state(&Netlink::open()?.read().await?, &saved.current))
    }

    async fn push(&self) {
        match self.state().await {
            Ok(state) => self.inner.reports.push_network(state),
            Err(error) => tracing::warn!(%error, "the networks can't be read"),
        }
    }

    async fn watch(&self) {
        loop {
            self.push().await;
            tokio::time::sleep(PERIOD).await;
        }
    }
}

fn at(path: &Path) -> impl FnOnce(std::io::Error) -> NetworkError {
    let what = path.display().to_string();
    move |source| NetworkError::System { what, source }
}

fn load(path: &Path) -> Result<Saved, NetworkError> {
    match std::fs::read(path) {
        Ok(text) => serde_json::from_slice(&text).map_err(|error| at(path)(error.into())),
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => Ok(Saved::default()),
        Err(source) => Err(at(path)(source)),
    }
}

/// The process id of a NetworkManager in this network namespace.
fn network_manager() -> Option<u32> {
    let ours = std::fs::read_link("/proc/self/ns/net").ok()?;
    std::fs::read_dir("/proc").ok()?.filter_map(|entry| entry.ok()?.file_name().to_str()?.parse::<u32>().ok()).find(
        |pid| {
            std::fs::read_to_string(format!("/proc/{pid}/comm")).is_ok_and(|name| name.trim() == "NetworkManager")
                && std::fs::read_link(format!("/proc/{pid}/ns/net")).is_ok_and(|theirs| theirs == ours)
        },
    )
}

/// Link speed in bits a second; 0 where the driver does not tell.
fn speed(device: &str) -> u64 {
    let text = std::fs::read_to_string(format!("/sys/class/net/{device}/speed")).unwrap_or_default();
    text.trim().parse::<u64>().map_or(0, |megabits| megabits * 1_000_000)
}

fn state(current: &Current, book: &Book) -> api::NetworkState {
    let shown = current.links.iter().filter(|(_, link)| !matches!(link.kind, Kind::Loopback | Kind::Tap));
    let nics = shown.map(|(name, link)| {
        let load = current.load(name);
        let of = |ipv6: bool| {
            load.addresses.iter().filter(|one| one.ip.is_ipv6() == ipv6).map(world::Address::text).collect::<Vec<_>>()
        };
        let default = load.routes.iter().find(|route| route.destination.is_none() && !route.ipv6);
        let method = match load.addresses.iter().find(|one| one.ip.is_ipv4()) {
            None => "none",
            Some(address) if address.permanent => "static",
            Some(_) => "dhcp",
        };
        api::HostNic {
            name: name.clone(),
            mac_address: link.mac.clone(),
            mtu: link.mtu,
            up: link.up,
            speed_bits_per_second: if link.kind == Kind::Physical { speed(name) } else { 0 },
            ipv4: of(false),
            ipv6: of(true),
            kind: link.kind.name().to_owned(),
            master: link.master.clone().unwrap_or_default(),
            base_nic: link.base.clone().unwrap_or_default(),
            vlan: link.vlan.into(),
            gateway: default.and_then(|route| route.gateway).map(|ip| ip.to_string()).unwrap_or_default(),
            ipv4_method: method.to_owned(),
        }
    });
    let networks = book.networks.iter().map(|network| api::NetworkPresence {
        network_id: network.id.clone(),
        name: network.name.clone(),
        bridge: network.bridge.clone().unwrap_or_default(),
        nic: network.nic.clone().unwrap_or_default(),
        mtu: network.top().and_then(|top| current.links.get(&top)).map_or(network.mtu, |link| link.mtu),
        vlan: network.vlan.into(),
        in_sync: differences(current, network).is_empty(),
    });
    api::NetworkState { nics: nics.collect(), networks: networks.collect() }
}

#[cfg(test)]
mod tests;
