//! Image transfer: tickets and the HTTPS port on which clients read and write disks. It refuses to know who the user is:
//! a ticket's unguessable id is the credential, and only the engine makes tickets.
//!
//! The protocol is that of oVirt's imageio daemon, so that its clients work unchanged.

mod backend;
mod checksum;
mod extents;
mod file;
mod http;
mod nbd;
mod nbd_server;
mod serve;
mod ticket;

use std::collections::HashMap;
use std::path::PathBuf;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use ferrovirt_hostapi as api;

use crate::config::Config;
use crate::join::Identity;
use crate::reports::Reports;
use crate::storage::{Storage, StorageError};
use backend::Backend;
use ticket::Ticket;

/// How long a removal waits for requests under way, and the agent's end for its disks.
const REMOVE_DEADLINE: Duration = Duration::from_secs(60);
/// How often changed tickets are told.
const TELL: Duration = Duration::from_secs(2);

/// Why a ticket could not be handled.
#[derive(Debug, thiserror::Error)]
pub enum TransferError {
    /// The request can't be meant.
    #[error("{0}")]
    Invalid(String),
    /// There is no such ticket.
    #[error("there is no ticket {0}")]
    NotFound(String),
    /// A request still uses the ticket.
    #[error("ticket {0} is still in use")]
    Busy(String),
    /// The volume can't be opened.
    #[error("{0}")]
    Open(String),
    /// The storage said no.
    #[error(transparent)]
    Storage(#[from] StorageError),
}

impl From<TransferError> for tonic::Status {
    fn from(error: TransferError) -> Self {
        let text = error.to_string();
        match error {
            TransferError::Invalid(_) => tonic::Status::invalid_argument(text),
            TransferError::NotFound(_) => tonic::Status::not_found(text),
            TransferError::Busy(_) => tonic::Status::aborted(text),
            TransferError::Open(_) => tonic::Status::failed_precondition(text),
            TransferError::Storage(error) => error.into(),
        }
    }
}

/// The tickets of one host. Cheap to clone.
#[derive(Clone)]
pub struct Transfers {
    inner: Arc<Inner>,
}

struct Inner {
    storage: Storage,
    reports: Reports,
    run_dir: PathBuf,
    /// Name of the abstract socket for clients on this machine; none: not served.
    local_socket: Mutex<Option<String>>,
    tickets: Mutex<HashMap<String, Arc<Ticket>>>,
}

impl Transfers {
    /// No tickets: they live in memory only, as oVirt's do. Disks that a killed agent's tickets still hold are let go.
    pub async fn open(config: &Config, storage: Storage, reports: Reports) -> std::io::Result<Self> {
        let run_dir = config.run_dir.join("transfer");
        nbd_server::end_leftovers(&run_dir).await?;
        let inner = Inner { storage, reports, run_dir, local_socket: Mutex::default(), tickets: Mutex::default() };
        Ok(Transfers { inner: Arc::new(inner) })
    }

    /// Serves the transfer port on `listener`, and clients of this machine on oVirt's abstract socket where that is
    /// free. Never returns.
    pub async fn serve(self, listener: tokio::net::TcpListener, identity: Identity) {
        let teller = self.clone();
        tokio::spawn(async move { teller.tell().await });
        serve::local(&self);
        serve::tls(self, listener, identity).await;
    }

    fn tickets(&self) -> MutexGuard<'_, HashMap<String, Arc<Ticket>>> {
        self.inner.tickets.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn find(&self, id: &str) -> Result<Arc<Ticket>, TransferError> {
        self.tickets().get(id).cloned().ok_or_else(|| TransferError::NotFound(id.to_owned()))
    }

    /// Opens a disk for a while. The same ticket again is fine.
    pub async fn add_ticket(&self, request: api::AddTicketRequest) -> Result<api::TicketState, TransferError> {
        if uuid::Uuid::parse_str(&request.ticket_id).is_err() {
            return Err(TransferError::Invalid("a ticket's id must be an unguessable UUID".into()));
        }
        if let Ok(ticket) = self.find(&request.ticket_id) {
            return Ok(ticket.state());
        }
        let write = request.operations.iter().any(|one| one == "write");
        let read = request.operations.iter().any(|one| one == "read");
        if request.operations.iter().any(|one| one != "read" && one != "write") || !(read || write) {
            return Err(TransferError::Invalid(format!("operations {:?} are not read or write", request.operations)));
        }
        if request.timeout_seconds == 0 || request.size == 0 {
            return Err(TransferError::Invalid("a ticket needs a size and a timeout".into()));
        }
        let backend = self.open_volume(&request, write).await?;
        let ticket = Arc::new(Ticket::new(request, backend, read, write));
        let state = ticket.state();
        self.tickets().insert(state.ticket_id.clone(), ticket);
        self.inner.reports.push_ticket(state.clone());
        Ok(state)
    }

    async fn open_volume(&self, request: &api::AddTicketRequest, write: bool) -> Result<Backend, TransferError> {
        let volume = request.volume.as_ref().ok_or_else(|| TransferError::Invalid("no volume is named".into()))?;
        let own_bytes = request.format == request.volume_format;
        match (request.format.as_str(), request.volume_format.as_str()) {
            ("raw" | "qcow2", "raw" | "qcow2") if own_bytes => {}
            ("raw", "qcow2") => {}
            (seen, stored) => {
                return Err(TransferError::Invalid(format!("a {stored} volume can't be served as {seen}")));
            }
        }
        if !own_bytes {
            let path = self.inner.storage.prepare(volume, "qcow2").await?;
            return nbd_server::start(&self.inner.run_dir, &request.ticket_id, &path, write)
                .await
                .map(|server| Backend::Nbd(Box::new(server)))
                .map_err(TransferError::Open);
        }
        // Strangers write the image's very structure: it is unfit for use until it was checked.
        let path = if write && request.format == "qcow2" {
            self.inner.storage.begin_upload(volume).await?
        } else {
            self.inner.storage.prepare(volume, &request.volume_format).await?
        };
        let fixed = request.format == "raw";
        file::FileBackend::open(&path, write, fixed)
            .await
            .map(Backend::File)
            .map_err(|error| TransferError::Open(format!("{}: {error}", path.display())))
    }

    /// Sets how long the ticket lives from now without use.
    pub fn extend_ticket(&self, request: &api::ExtendTicketRequest) -> Result<api::TicketState, TransferError> {
        let ticket = self.find(&request.ticket_id)?;
        ticket.extend(request.timeout_seconds);
        Ok(ticket.state())
    }

    /// The state of a ticket.
    pub fn ticket(&self, request: &api::TicketRequest) -> Result<api::TicketState, TransferError> {
        self.find(&request.ticket_id).map(|ticket| ticket.state())
    }

    /// The states of all tickets.
    pub fn ticket_states(&self) -> Vec<api::TicketState> {
        self.tickets().values().map(|ticket| ticket.state()).collect()
    }

    /// Closes a ticket: no request begins any more, those under way are stopped, and the disk is let go. An unknown
    /// ticket is fine. Where a client wrote an image's own bytes, the image is checked now; a bad one is an error, and
    /// its volume stays unfit for use.
    pub async fn remove_ticket(&self, request: &api::TicketRequest) -> Result<(), TransferError> {
        let Ok(ticket) = self.find(&request.ticket_id) else { return Ok(()) };
        ticket.cancel();
        if !ticket.unused(REMOVE_DEADLINE).await {
            return Err(TransferError::Busy(request.ticket_id.clone()));
        }
        ticket.close().await.map_err(|error| TransferError::Open(format!("closing the disk: {error}")))?;
        self.tickets().remove(&request.ticket_id);
        self.inner.reports.push_ticket(ticket.state());
        self.inner.reports.forget_ticket(&request.ticket_id);
        match (&ticket.request.volume, ticket.writes_image()) {
            (Some(volume), true) => Ok(self.inner.storage.verify(volume).await?),
            _ => Ok(()),
        }
    }

    /// Lets every disk go, with all that clients were told is written: the agent ends.
    pub async fn end(&self) {
        let tickets: Vec<Arc<Ticket>> = self.tickets().drain().map(|(_, ticket)| ticket).collect();
        let closings = tickets.iter().map(async |ticket| {
            ticket.cancel();
            if let Err(error) = ticket.close().await {
                tracing::error!(ticket = ticket.request.ticket_id, %error, "a disk could not be closed");
            }
        });
        if tokio::time::timeout(REMOVE_DEADLINE, futures::future::join_all(closings)).await.is_err() {
            tracing::error!("a disk did not close in time");
        }
    }

    fn local_socket(&self) -> Option<String> {
        self.inner.local_socket.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    fn set_local_socket(&self, name: String) {
        *self.inner.local_socket.lock().unwrap_or_else(PoisonError::into_inner) = Some(name);
    }

    /// Tells tickets whose state changed.
    async fn tell(&self) {
        let mut told: HashMap<String, api::TicketState> = HashMap::new();
        loop {
            tokio::time::sleep(TELL).await;
            let states = self.ticket_states();
            told.retain(|id, _| states.iter().any(|state| state.ticket_id == *id));
            for state in states {
                if told.get(&state.ticket_id) != Some(&state) {
                    told.insert(state.ticket_id.clone(), state.clone());
                    self.inner.reports.push_ticket(state);
                }
            }
        }
    }
}
