//! The agent as a whole: wires the rooms together, and runs them until it is told to stop. VMs outlive it.

use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use async_trait::async_trait;
use tokio::net::TcpListener;
use tokio_util::sync::CancellationToken;

use crate::config::Config;
use crate::door::{self, Constants, Epochs, Rooms};
use crate::facts::{self, Gathering, hardware, probe};
use crate::guest::Listeners;
use crate::hypervisor::libvirt::Libvirt;
use crate::hypervisor::{Hypervisor, HypervisorError};
use crate::join::{Identity, JoinError};
use crate::ledger::{Ledger, LedgerError};
use crate::network::{NetworkError, Networks};
use crate::reports::Reports;
use crate::storage::{LiveResize, Storage, StorageError};
use crate::transfer::Transfers;
use crate::vm::actor::Surroundings;
use crate::vm::machines::Machines;
use crate::vm::place::HostPlaces;

/// libvirt is waited for this long before the door opens; VMs are taken over when it comes, sooner or later.
const LIBVIRT: Duration = Duration::from_secs(10);

/// Why the agent could not begin, or ended.
#[derive(Debug, thiserror::Error)]
pub enum AgentError {
    /// No identity.
    #[error("this host's identity")]
    Join(#[from] JoinError),
    /// No ledger.
    #[error("the ledger")]
    Ledger(#[from] LedgerError),
    /// No storage.
    #[error("storage")]
    Storage(#[from] StorageError),
    /// No networks.
    #[error("networks")]
    Network(#[from] NetworkError),
    /// libvirt's library.
    #[error("libvirt")]
    Hypervisor(#[from] HypervisorError),
    /// A file or a port.
    #[error("{what}")]
    System {
        /// Which.
        what: String,
        /// What the system said.
        source: std::io::Error,
    },
    /// The door broke.
    #[error("the door")]
    Door(#[from] tonic::transport::Error),
}

fn at(what: impl ToString) -> impl FnOnce(std::io::Error) -> AgentError {
    let what = what.to_string();
    move |source| AgentError::System { what, source }
}

struct Resize(Arc<dyn Hypervisor>);

#[async_trait]
impl LiveResize for Resize {
    async fn resize(&self, vm_id: &str, path: &Path, size: u64) -> Result<bool, String> {
        self.0.resize_disk(vm_id, path, size).await.map_err(|error| error.to_string())
    }
}

/// Runs the agent until `stop`.
pub async fn run(config: Config, stop: CancellationToken) -> Result<(), AgentError> {
    let identity = Identity::load(&config)?;
    make_folders(&config)?;
    let hardware_id = hardware::hardware_id(&config.hardware_id_file).map_err(at(config.hardware_id_file.display()))?;
    let reports = Reports::new();
    let libvirt = Libvirt::new(&config.libvirt_uri)?;
    let verdict = probe::decide(&config).await;
    tracing::info!(kvm_usable = verdict.kvm_usable, accelerator = ?verdict.accelerator, "virtualization");
    if !libvirt.connected(LIBVIRT).await {
        tracing::warn!(uri = %config.libvirt_uri, "libvirt does not answer; VMs are taken over when it does");
    }
    let hypervisor: Arc<dyn Hypervisor> = Arc::new(libvirt);
    let storage = Storage::open(&config, reports.clone()).await?;
    storage.set_live_resize(Arc::new(Resize(hypervisor.clone())));
    let ledger = Ledger::open(&config.state_dir.join("vms"))?;
    let places = Arc::new(HostPlaces::new(&config, storage.clone(), hypervisor.clone(), verdict.accelerator));
    let machines = Machines::open(Surroundings {
        hypervisor: hypervisor.clone(),
        places: places.clone(),
        ledger: ledger.clone(),
        reports: reports.clone(),
        trust_storage: config.local_test_unsafe_migration,
        tls_folder: Some(identity.tls_folder()),
    })?;
    let networks = Networks::open(&config, reports.clone()).await?;
    let transfers = Transfers::open(&config, storage.clone(), reports.clone()).await.map_err(at("transfers"))?;
    let constants = constants(&config, &identity, &hardware_id);
    let gathering = Gathering {
        hypervisor: hypervisor.clone(),
        reports: reports.clone(),
        guests: Listeners::new(hypervisor, reports.clone(), machines.clone()),
        constants: facts::capabilities::Constants {
            hardware_id,
            verdict,
            transfer_port: config.transfer_listen.port(),
        },
        accelerator: verdict.accelerator,
        interval: Duration::from_secs(config.statistics_interval_seconds.max(1)),
    };
    let door = TcpListener::bind(config.listen).await.map_err(at(config.listen))?;
    let transfer = TcpListener::bind(config.transfer_listen).await.map_err(at(config.transfer_listen))?;
    // What runs is taken over before the engine can ask: its first full report is true.
    machines.look_at_all().await;
    places.sweep(&ledger).await;
    let epochs = Arc::new(Epochs::open(&config.state_dir).map_err(at(config.state_dir.display()))?);
    let rooms = Rooms {
        machines: machines.clone(),
        storage,
        transfers: transfers.clone(),
        networks,
        identity: identity.clone(),
        reports,
        epochs,
        constants: Arc::new(constants),
    };
    tokio::spawn(async move { machines.run().await });
    tokio::spawn(facts::run(gathering));
    tokio::spawn(identity.clone().keep());
    tokio::spawn(transfers.clone().serve(transfer, identity));
    tracing::info!(listen = %config.listen, transfer = %config.transfer_listen, "the agent serves");
    door::serve(rooms, door, stop).await?;
    transfers.end().await;
    tracing::info!("the agent ends; the VMs run on");
    Ok(())
}

fn constants(config: &Config, identity: &Identity, hardware_id: &str) -> Constants {
    let address = config.address.clone().unwrap_or_else(|| identity.address());
    Constants {
        hardware_id: hardware_id.to_owned(),
        boot_id: hardware::boot_id(),
        agent_id: uuid::Uuid::new_v4().to_string(),
        libvirt_uri: config.migration_libvirt_uri.replace("{address}", &bracketed(&address)),
        migration_address: config.migration_address.map_or(address, |address| address.to_string()),
    }
}

fn make_folders(config: &Config) -> Result<(), AgentError> {
    let folders: [&PathBuf; 2] = [&config.state_dir, &config.run_dir];
    folders.into_iter().try_for_each(|folder| std::fs::create_dir_all(folder).map_err(at(folder.display())))
}

/// An IPv6 address stands in brackets within a URI.
fn bracketed(address: &str) -> String {
    if address.contains(':') && !address.starts_with('[') { format!("[{address}]") } else { address.to_owned() }
}
