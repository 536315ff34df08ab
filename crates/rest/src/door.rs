//! What the web door asks of the engine besides the resources: sessions, certificates, changes, consoles, transfers and
//! joining hosts. The engine stands behind it in production, a fake in the tests. Refuses to know HTTP.

use std::net::IpAddr;
use std::sync::Arc;
use std::time::Duration;

use async_trait::async_trait;
use ferrovirt_model::ids::HostId;
use ferrovirt_model::refusal::Refusal;
use ferrovirt_model::secret::Secret;
use thiserror::Error;
use time::OffsetDateTime;
use tokio::io::{AsyncRead, AsyncWrite};
use tokio::sync::broadcast;
use tokio_rustls::rustls::ClientConfig;
use uuid::Uuid;

pub use ferrovirt_engine::changes::{Notice, Since};
pub use ferrovirt_engine::{Caller, Engine, ListQuery, Session};

mod engine;
#[cfg(test)]
pub(crate) mod fake;

pub use engine::EngineDoor;

/// Why the engine did not do what it was asked.
#[derive(Debug, Error)]
pub enum DoorError {
    /// The user can act on it.
    #[error(transparent)]
    Refused(#[from] Refusal),
    /// A part that is needed is away for the moment, the database first of all.
    #[error("a needed part is away: {0}")]
    Away(String),
    /// Other transactions were in the way, again and again.
    #[error("other transactions were in the way")]
    Conflict,
    /// A host that is needed does not answer.
    #[error("host {0} does not answer")]
    HostAway(HostId),
    /// We must act on it.
    #[error("{0}")]
    Trouble(String),
}

impl From<ferrovirt_engine::Failure> for DoorError {
    fn from(failure: ferrovirt_engine::Failure) -> Self {
        use ferrovirt_engine::{Failure, Trouble};
        match failure {
            Failure::Refused(refusal) => Self::Refused(refusal),
            Failure::Trouble(trouble) if trouble.database_away() => Self::Away(trouble.to_string()),
            Failure::Trouble(trouble) if trouble.conflict() => Self::Conflict,
            Failure::Trouble(Trouble::HostAway(host)) => Self::HostAway(host),
            Failure::Trouble(trouble) => Self::Trouble(story(&trouble)),
        }
    }
}

/// An error with all its causes, for the log.
fn story(error: &dyn std::error::Error) -> String {
    let mut story = error.to_string();
    let mut cause = error.source();
    while let Some(next) = cause {
        story.push_str(": ");
        story.push_str(&next.to_string());
        cause = next.source();
    }
    story
}

/// A name and a password, with what the engine needs to slow down guessing.
#[derive(Clone, Debug)]
pub struct SignIn {
    /// As typed, profile included: `admin@internal`.
    pub user: String,
    /// The password.
    pub password: Secret,
    /// Where it came from.
    pub from: Option<IpAddr>,
    /// An idle time-out of the client's choice.
    pub idle: Option<Duration>,
    /// What the token is to be good for: OAuth scopes, separated by spaces. The API where nothing is named.
    pub scope: Option<String>,
}

/// What may be told of a token.
#[derive(Clone, Debug)]
pub struct TokenInfo {
    /// Whose it is.
    pub session: Session,
    /// OAuth scopes, separated by spaces.
    pub scope: String,
    /// When it ends if it is not used.
    pub expires: OffsetDateTime,
}

/// An open session and the secret that stands for it.
#[derive(Clone, Debug)]
pub struct Grant {
    /// The bearer token and cookie value.
    pub token: Secret,
    /// Whose it is.
    pub session: Session,
    /// When it ends if it is not used.
    pub expires: OffsetDateTime,
}

/// How many of a kind there are.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Count {
    /// Up, running or active.
    pub active: i64,
    /// All.
    pub total: i64,
}

/// The figures of the root document.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Summary {
    /// Hosts that are up.
    pub hosts: Count,
    /// Storage domains that are active.
    pub storage_domains: Count,
    /// Users that are signed on.
    pub users: Count,
    /// VMs that run.
    pub vms: Count,
}

/// The ticket for a host that wants to join.
#[derive(Clone, Debug)]
pub struct JoinToken {
    /// What the host's administrator passes on.
    pub token: Secret,
    /// Until when it holds.
    pub expires: OffsetDateTime,
}

/// A host's request for its certificate.
#[derive(Clone, Debug)]
pub struct Enroll {
    /// The secret inside the join token.
    pub secret: Secret,
    /// The certificate request in PEM.
    pub csr_pem: String,
    /// The machine's own id (SMBIOS UUID).
    pub hardware_id: String,
    /// Its host name.
    pub hostname: String,
    /// Where the engine dials it.
    pub address: String,
    /// The agent's port.
    pub port: u16,
}

/// A known host's request for a new certificate, signed with its registered key.
#[derive(Clone, Debug)]
pub struct Reenroll {
    /// Which host.
    pub host: HostId,
    /// The certificate request in PEM.
    pub csr_pem: String,
    /// Seconds since the epoch at the host, against replays.
    pub timestamp: i64,
    /// The signature in base64.
    pub signature: String,
}

/// A host that is enrolled.
#[derive(Clone, Debug)]
pub struct Enrolled {
    /// Its id.
    pub host: HostId,
    /// Its certificate in PEM.
    pub certificate_pem: String,
    /// The authority in PEM.
    pub ca_pem: String,
}

/// Bytes of a console, both ways.
pub trait Duplex: AsyncRead + AsyncWrite + Send + Unpin {}

impl<T: AsyncRead + AsyncWrite + Send + Unpin> Duplex for T {}

/// The engine as the web door sees it.
#[async_trait]
pub trait Door: Send + Sync + 'static {
    /// The engine itself, for the resources.
    fn engine(&self) -> &Arc<Engine>;

    /// Opens a session.
    async fn sign_in(&self, ask: SignIn) -> Result<Grant, DoorError>;
    /// Checks a name and password for one request, without a session.
    async fn verify(&self, ask: SignIn) -> Result<Session, DoorError>;
    /// The session of a token of the API, if it is known and was not idle for too long. Counts as use.
    async fn session(&self, token: &Secret) -> Result<Option<Session>, DoorError>;
    /// A session as it stands now, its rights read anew; nothing once it has ended. One without a token lasts for as long
    /// as its user may sign in. Does not count as use.
    async fn look_again(&self, session: &Session, token: Option<&Secret>) -> Result<Option<Session>, DoorError>;
    /// What may be told of a token. Does not count as use.
    async fn token_info(&self, token: &Secret) -> Result<Option<TokenInfo>, DoorError>;
    /// Ends a session; unknown tokens are fine.
    async fn sign_out(&self, token: &Secret) -> Result<(), DoorError>;

    /// Whether the database answers, within a short time-out.
    async fn database_answers(&self) -> bool;
    /// Ends when the database has stopped to answer; at once where it has already.
    async fn database_lost(&self);
    /// The figures of the root document.
    async fn summary(&self, session: &Session) -> Result<Summary, DoorError>;
    /// The id of this installation.
    fn instance_id(&self) -> Uuid;
    /// The authority's certificate in PEM.
    fn ca_certificate_pem(&self) -> String;
    /// The engine's certificate in PEM.
    fn engine_certificate_pem(&self) -> String;
    /// How the engine proves itself to the transfer doors of hosts, and checks them.
    fn host_tls(&self) -> Arc<ClientConfig>;
    /// The engine's public key in OpenSSH form, where the engine signs on to hosts by SSH.
    fn engine_ssh_key(&self) -> Option<String>;

    /// News of changes from now on, in order.
    fn changes(&self) -> broadcast::Receiver<Arc<Notice>>;
    /// The number of the newest notice that was told.
    fn newest_change(&self) -> i64;
    /// What happened after a number; to be asked again from the last one until nothing comes.
    async fn changes_after(&self, number: i64) -> Result<Since, DoorError>;
    /// Whether a session may know of a change.
    async fn may_see(&self, session: &Session, notice: &Notice) -> Result<bool, DoorError>;

    /// The bytes of the console that a one-time ticket stands for.
    async fn open_console(&self, ticket: &Secret, from: Option<IpAddr>) -> Result<Box<dyn Duplex>, DoorError>;
    /// The `https://address:port` of the host that serves a transfer ticket.
    async fn transfer_target(&self, ticket: Uuid) -> Result<Option<String>, DoorError>;

    /// A ticket for a host that wants to join.
    async fn create_join_token(
        &self,
        session: &Session,
        cluster: Option<String>,
        host: Option<String>,
        lifetime: Duration,
    ) -> Result<JoinToken, DoorError>;
    /// Signs a joining host's certificate.
    async fn enroll(&self, ask: Enroll) -> Result<Enrolled, DoorError>;
    /// Signs a known host's new certificate.
    async fn reenroll(&self, ask: Reenroll) -> Result<Enrolled, DoorError>;
}
