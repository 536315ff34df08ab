//! The host door: the gRPC service that the engine speaks to, behind mutual TLS.
//!
//! It turns requests into orders and errors into statuses, and nothing more. One rule it enforces: a request whose leader
//! epoch is lower than the highest that was ever heard changes nothing on this host, for another engine leads now.

mod console;
mod epoch;
mod service;

use std::sync::Arc;
use std::time::Duration;

use ferrovirt_hostapi::host_server::HostServer;
use tokio::net::TcpListener;
use tokio_util::sync::CancellationToken;

pub use epoch::Epochs;

use crate::join::Identity;
use crate::network::Networks;
use crate::reports::Reports;
use crate::storage::Storage;
use crate::transfer::Transfers;
use crate::vm::machines::Machines;

/// First-boot data and full reports are the largest messages.
const LARGEST_MESSAGE: usize = 16 * 1024 * 1024;

/// How long requests under way may take to end when the agent is told to stop.
const LAST_WORDS: Duration = Duration::from_millis(1200);

/// What stands behind the door.
#[derive(Clone)]
pub struct Rooms {
    /// VMs.
    pub machines: Machines,
    /// Storage domains and volumes.
    pub storage: Storage,
    /// Image transfers.
    pub transfers: Transfers,
    /// Networks.
    pub networks: Networks,
    /// Who this host is.
    pub identity: Identity,
    /// What is told.
    pub reports: Reports,
    /// The highest epoch seen.
    pub epochs: Arc<Epochs>,
    /// What does not change while the agent runs.
    pub constants: Arc<Constants>,
}

/// Facts of this run of the agent.
#[derive(Debug, Clone)]
pub struct Constants {
    /// The machine's id.
    pub hardware_id: String,
    /// Changes when the machine restarts.
    pub boot_id: String,
    /// Changes when the agent restarts.
    pub agent_id: String,
    /// How a migration source reaches this host's libvirt.
    pub libvirt_uri: String,
    /// The address that a migration stream comes in at.
    pub migration_address: String,
}

/// Serves until it is told to stop. VMs run on.
pub async fn serve(
    rooms: Rooms,
    listener: TcpListener,
    stop: CancellationToken,
) -> Result<(), tonic::transport::Error> {
    let incoming = rooms.identity.incoming(listener);
    let (reports, told) = (rooms.reports.clone(), stop.clone());
    let service = HostServer::new(service::Door { rooms })
        .max_decoding_message_size(LARGEST_MESSAGE)
        .max_encoding_message_size(LARGEST_MESSAGE);
    let serving = tonic::transport::Server::builder()
        .http2_keepalive_interval(Some(Duration::from_secs(10)))
        .http2_keepalive_timeout(Some(Duration::from_secs(10)))
        .add_service(service)
        .serve_with_incoming_shutdown(incoming, stop.cancelled_owned());
    let last_words = async {
        told.cancelled().await;
        reports.end();
        tokio::time::sleep(LAST_WORDS).await;
    };
    tokio::select! {
        served = serving => served,
        // Consoles and requests that go on are cut off: their ends come again.
        () = last_words => Ok(()),
    }
}
