//! Connections to host agents: one channel a host, mutual TLS, and what their answers mean.
//!
//! Any engine may ask a host; the leader alone listens to reports ([`keeper`]). Each request says for which leader epoch it
//! speaks, and hosts refuse an older one than they have heard: the leader's own work speaks for the epoch in which it began,
//! what a user asks of whichever engine serves for the leader of the moment. A host's certificate must carry the name
//! that [`certificate_name`] makes of its id, so an address that moved to another machine is noticed.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError, RwLock};
use std::time::Duration;

use ferrovirt_hostapi::epoch::EpochMark;
use ferrovirt_hostapi::host_client::HostClient;
use ferrovirt_hostapi::{GetVmRequest, HelloReply, HelloRequest, PROTOCOL, VmState};
use ferrovirt_model::host::Host;
use ferrovirt_model::ids::{HostId, VmId};
use ferrovirt_model::refusal::Refusal;
use ferrovirt_model::secret::Secret;
use ferrovirt_store::Areas;
use tonic::service::interceptor::InterceptedService;
use tonic::transport::{Certificate, Channel, ClientTlsConfig, Endpoint, Identity};
use uuid::Uuid;

use crate::core::Engine;
use crate::failure::{Failure, Result, Trouble};

pub mod absorb;
pub mod keeper;
pub mod reach;
pub mod translate;

/// How long a host may take to answer an ordinary request.
pub const ANSWER: Duration = Duration::from_secs(20);
/// How long a host may take for work on storage or to start a VM.
pub const WORK: Duration = Duration::from_secs(180);

/// The name in a host's certificate that binds it to the host's id.
#[must_use]
pub fn certificate_name(id: HostId) -> String {
    format!("{id}.host.ferrovirt.internal")
}

/// What the engine shows to hosts and whom it trusts, PEM.
#[derive(Clone, Debug)]
pub struct HostTls {
    /// The internal authority.
    pub ca: String,
    /// The engine's certificate.
    pub certificate: String,
    /// Its key.
    pub key: Secret,
}

/// Connections to hosts.
#[derive(Debug)]
pub struct Hosts {
    tls: RwLock<HostTls>,
    channels: Mutex<HashMap<HostId, (String, Channel)>>,
}

/// The generated client; each request carries the door's epoch.
pub type Client = HostClient<InterceptedService<Channel, EpochMark>>;

/// A host that can be asked.
#[derive(Clone, Debug)]
pub struct HostDoor {
    /// The host.
    pub id: HostId,
    /// Its name, for sentences.
    pub name: String,
    epoch: u64,
    client: Client,
}

impl Hosts {
    /// No connection yet.
    #[must_use]
    pub fn new(tls: HostTls) -> Self {
        Self { tls: RwLock::new(tls), channels: Mutex::default() }
    }

    /// Shows another certificate from the next connection on. Report streams and requests under way keep theirs.
    pub fn rotate(&self, tls: HostTls) {
        *self.tls.write().unwrap_or_else(PoisonError::into_inner) = tls;
        self.channels.lock().unwrap_or_else(PoisonError::into_inner).clear();
    }

    /// The door of a host, for requests that speak for the leader of `epoch`. Connects at the first request.
    ///
    /// # Errors
    /// [`Trouble::Certificates`] when the address or our certificate can't be used.
    pub fn door(&self, host: &Host, epoch: i64) -> Result<HostDoor> {
        let epoch = u64::try_from(epoch).map_err(|_| Trouble::Broken(format!("{epoch} is no leader epoch")))?;
        let client = HostClient::with_interceptor(self.channel(host)?, EpochMark::new(epoch));
        let client = client.max_decoding_message_size(64 << 20);
        Ok(HostDoor { id: host.id, name: host.name.clone(), epoch, client })
    }

    /// The host's one channel: who comes first makes it, and nobody replaces one that leads to the same address.
    fn channel(&self, host: &Host) -> Result<Channel> {
        let address = authority(&host.address, host.port);
        let mut channels = self.channels.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some((dialled, channel)) = channels.get(&host.id)
            && *dialled == address
        {
            return Ok(channel.clone());
        }
        let channel = self.dial(host.id, &address)?;
        channels.insert(host.id, (address, channel.clone()));
        Ok(channel)
    }

    fn dial(&self, id: HostId, address: &str) -> Result<Channel> {
        let tls = self.tls.read().unwrap_or_else(PoisonError::into_inner).clone();
        let config = ClientTlsConfig::new()
            .ca_certificate(Certificate::from_pem(&tls.ca))
            .identity(Identity::from_pem(&tls.certificate, tls.key.expose()))
            .domain_name(certificate_name(id));
        let certificates = |error: tonic::transport::Error| Trouble::Certificates(format!("{address}: {error}"));
        let channel = Endpoint::from_shared(format!("https://{address}"))
            .map_err(certificates)?
            .tls_config(config)
            .map_err(certificates)?
            .connect_timeout(Duration::from_secs(5))
            .http2_keep_alive_interval(Duration::from_secs(5))
            .keep_alive_timeout(Duration::from_secs(5))
            .keep_alive_while_idle(true)
            .tcp_nodelay(true)
            .connect_lazy();
        Ok(channel)
    }

    /// Forgets a connection: the next request dials anew.
    pub fn forget(&self, id: HostId) {
        self.channels.lock().unwrap_or_else(PoisonError::into_inner).remove(&id);
    }
}

/// `host:port`, with brackets where the address is IPv6.
pub(crate) fn authority(address: &str, port: u16) -> String {
    if address.contains(':') { format!("[{address}]:{port}") } else { format!("{address}:{port}") }
}

impl HostDoor {
    /// The generated client; give its answers to [`HostDoor::heard`].
    #[must_use]
    pub fn client(&self) -> Client {
        self.client.clone()
    }

    /// Says hello: the host hears the epoch, and says who it is.
    ///
    /// # Errors
    /// As [`HostDoor::heard`].
    pub async fn hello(&self, engine: Uuid, deadline: Duration) -> Result<HelloReply> {
        let hello = HelloRequest { engine_id: engine.to_string(), protocol: PROTOCOL, leader_epoch: self.epoch };
        self.heard(self.client().hello(within(deadline, hello)).await)
    }

    /// What the host says of a VM; `None`: it does not have it. Nothing is concluded from any other answer.
    ///
    /// # Errors
    /// [`Trouble::HostAway`], or [`Trouble::HostFailed`] where the host itself can't say.
    pub async fn vm(&self, id: VmId, deadline: Duration) -> Result<Option<VmState>> {
        match self.client().get_vm(within(deadline, GetVmRequest { vm_id: id.to_string() })).await {
            Ok(reply) => Ok(Some(reply.into_inner())),
            Err(status) if status.code() == tonic::Code::NotFound => Ok(None),
            Err(status) => match self.certain(&status) {
                Failure::Refused(refusal) => {
                    Err(Trouble::HostFailed { host: self.id, message: refusal.to_string() }.into())
                }
                trouble @ Failure::Trouble(_) => Err(trouble),
            },
        }
    }

    /// What an answer means: the host's own "no" is a refusal; silence is trouble, and whether the host did it is unknown.
    ///
    /// # Errors
    /// [`Refusal::HostRefused`] or [`Trouble::HostAway`].
    pub fn heard<T>(&self, answer: std::result::Result<tonic::Response<T>, tonic::Status>) -> Result<T> {
        answer.map(tonic::Response::into_inner).map_err(|status| self.failure(&status))
    }

    /// What a status means; see [`HostDoor::heard`].
    #[must_use]
    pub fn failure(&self, status: &tonic::Status) -> Failure {
        use tonic::Code;
        match status.code() {
            Code::Unavailable | Code::DeadlineExceeded | Code::Cancelled | Code::Unknown | Code::Unauthenticated => {
                tracing::debug!(host = %self.id, code = ?status.code(), message = status.message(), "no answer from a host");
                Trouble::HostAway(self.id).into()
            }
            _ => Refusal::HostRefused { host: self.name.clone(), why: status.message().to_owned() }.into(),
        }
    }

    /// As [`HostDoor::failure`], for work that must not be done elsewhere while this host may have done it: only codes
    /// that an agent gives and that no broken connection is called by count as the host's own "no".
    #[must_use]
    pub fn certain(&self, status: &tonic::Status) -> Failure {
        use tonic::Code;
        match status.code() {
            Code::FailedPrecondition | Code::AlreadyExists | Code::InvalidArgument | Code::NotFound | Code::Aborted => {
                self.failure(status)
            }
            code => {
                tracing::warn!(host = %self.id, ?code, message = status.message(), "no certain answer from a host");
                Trouble::HostAway(self.id).into()
            }
        }
    }
}

/// Wraps a request with its deadline.
pub fn within<T>(deadline: Duration, message: T) -> tonic::Request<T> {
    let mut request = tonic::Request::new(message);
    request.set_timeout(deadline);
    request
}

impl Engine {
    /// The door of a host by its id, for a loop of the leader: it ends with the epoch in which it began.
    ///
    /// # Errors
    /// [`Trouble::Unready`] where this engine does not lead, [`Refusal::NoSuchObject`], or trouble with the store.
    pub async fn host_door(&self, id: HostId) -> Result<HostDoor> {
        let epoch = self.leading().ok_or_else(leads_no_more)?;
        self.host_door_in(epoch, id).await
    }

    /// As [`Engine::host_door`], of a host that was read.
    ///
    /// # Errors
    /// [`Trouble::Unready`] where this engine does not lead, or trouble with certificates.
    pub fn door_of(&self, host: &Host) -> Result<HostDoor> {
        let epoch = self.leading().ok_or_else(leads_no_more)?;
        self.hosts().door(host, epoch)
    }

    /// The door of a host for work of the leader that began in `epoch`, and that nobody ends with it.
    ///
    /// # Errors
    /// [`Trouble::Unready`] where that epoch is over, [`Refusal::NoSuchObject`], or trouble with the store.
    pub async fn host_door_in(&self, epoch: i64, id: HostId) -> Result<HostDoor> {
        let host = self.store().read().await?.hosts().get(id).await?.ok_or_else(|| Refusal::no_such("Host", id))?;
        self.door_in(epoch, &host)
    }

    /// As [`Engine::host_door_in`], of a host that was read.
    ///
    /// # Errors
    /// [`Trouble::Unready`] where that epoch is over, or trouble with certificates.
    pub fn door_in(&self, epoch: i64, host: &Host) -> Result<HostDoor> {
        if self.leading() != Some(epoch) {
            return Err(leads_no_more().into());
        }
        self.hosts().door(host, epoch)
    }

    /// The door of a host for what a user asks of this engine, whether it leads or not.
    ///
    /// # Errors
    /// [`Trouble::Unready`] before any engine has led, [`Refusal::NoSuchObject`], or trouble with the store.
    pub async fn host_door_for_user<A: Areas>(&self, rows: &mut A, id: HostId) -> Result<HostDoor> {
        let host = rows.hosts().get(id).await?.ok_or_else(|| Refusal::no_such("Host", id))?;
        let epoch = rows.lease().epoch().await?;
        let epoch = epoch.ok_or_else(|| Trouble::Unready("no engine has led yet".to_owned()))?;
        self.hosts().door(&host, epoch)
    }
}

fn leads_no_more() -> Trouble {
    Trouble::Unready("this engine does not lead".to_owned())
}

/// Shared by the keeper's tasks.
pub(crate) type Shared = Arc<Engine>;
