//! The engine of the tests: one user, sessions in memory, changes by hand. No database, no clock of its own.

use std::collections::HashMap;
use std::net::IpAddr;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use async_trait::async_trait;
use ferrovirt_model::ids::{HostId, UserId};
use ferrovirt_model::refusal::Refusal;
use ferrovirt_model::secret::Secret;
use time::OffsetDateTime;
use tokio::sync::{broadcast, watch};
use tokio_rustls::rustls::crypto::ring;
use tokio_rustls::rustls::pki_types::{CertificateDer, PrivateKeyDer, PrivatePkcs8KeyDer};
use tokio_rustls::rustls::sign::CertifiedKey;
use tokio_rustls::rustls::{ClientConfig, RootCertStore};
use uuid::Uuid;

use super::{
    Count, Door, DoorError, Duplex, Engine, Enroll, Enrolled, Grant, JoinToken, Notice, Reenroll, Session, SignIn,
    Since, Summary, TokenInfo,
};
use crate::serve::Certificates;

pub(crate) const PASSWORD: &str = "correct horse";
pub(crate) const USER: Uuid = Uuid::from_u128(0x1111);
/// A user whose password is never looked up: the database hangs.
pub(crate) const HANGING: &str = "hanging";
pub(crate) const CONSOLE_TICKET: &str = "one-time";

/// The fake engine.
pub(crate) struct FakeDoor {
    pub(crate) sessions: Mutex<HashMap<String, Session>>,
    pub(crate) scopes: Mutex<HashMap<String, String>>,
    /// How often a session was used.
    pub(crate) uses: AtomicUsize,
    pub(crate) log: Mutex<Vec<Notice>>,
    pub(crate) forgotten_before: Mutex<i64>,
    pub(crate) live: broadcast::Sender<Arc<Notice>>,
    pub(crate) database: AtomicBool,
    pub(crate) lost: watch::Sender<bool>,
    pub(crate) administrator: AtomicBool,
    pub(crate) hidden: Mutex<Vec<String>>,
    pub(crate) transfer: Mutex<Option<(Uuid, String)>>,
    console_ticket: Mutex<Option<String>>,
    certificate: Arc<CertifiedKey>,
    pub(crate) certificate_der: CertificateDer<'static>,
}

impl FakeDoor {
    pub(crate) fn new() -> Arc<Self> {
        let made = rcgen::generate_simple_self_signed(vec!["localhost".to_owned(), "127.0.0.1".to_owned()]).unwrap();
        let certificate_der = made.cert.der().clone();
        let key = PrivateKeyDer::from(PrivatePkcs8KeyDer::from(made.signing_key.serialize_der()));
        let key = ring::default_provider().key_provider.load_private_key(key).unwrap();
        Arc::new(Self {
            sessions: Mutex::default(),
            scopes: Mutex::default(),
            uses: AtomicUsize::new(0),
            log: Mutex::default(),
            forgotten_before: Mutex::new(0),
            live: broadcast::channel(4).0,
            database: AtomicBool::new(true),
            lost: watch::Sender::new(false),
            administrator: AtomicBool::new(true),
            hidden: Mutex::default(),
            transfer: Mutex::default(),
            console_ticket: Mutex::new(Some(CONSOLE_TICKET.to_owned())),
            certificate: Arc::new(CertifiedKey::new(vec![certificate_der.clone()], key)),
            certificate_der,
        })
    }

    /// Writes a change to the log and tells the readers.
    pub(crate) fn change(&self, notice: Notice) {
        self.log.lock().unwrap().push(notice.clone());
        self.live.send(Arc::new(notice)).ok();
    }

    fn check(&self, ask: &SignIn) -> Result<Session, DoorError> {
        if !self.database.load(Ordering::Relaxed) {
            return Err(DoorError::Away("no database".to_owned()));
        }
        let name = ask.user.split('@').next().unwrap().to_owned();
        if name == "slow" {
            return Err(Refusal::SignOnDelayed { seconds: 7 }.into());
        }
        if ask.password.expose() != PASSWORD {
            return Err(Refusal::BadCredentials { user: ask.user.clone() }.into());
        }
        let administrator = self.administrator.load(Ordering::Relaxed);
        let (principal, domain) = (format!("{name}@internal"), "internal-authz".to_owned());
        Ok(Session { id: Uuid::nil(), user: UserId(USER), name, domain, principal, administrator })
    }
}

impl Certificates for FakeDoor {
    fn current(&self) -> Arc<CertifiedKey> {
        Arc::clone(&self.certificate)
    }
}

#[async_trait]
impl Door for FakeDoor {
    fn engine(&self) -> &Arc<Engine> {
        panic!("the fake has no engine behind it")
    }

    async fn sign_in(&self, ask: SignIn) -> Result<Grant, DoorError> {
        let id = Uuid::new_v4();
        let session = Session { id, ..self.check(&ask)? };
        let token = format!("token-{id}");
        self.sessions.lock().unwrap().insert(token.clone(), session.clone());
        self.scopes.lock().unwrap().insert(token.clone(), ask.scope.unwrap_or_else(|| "ovirt-app-api".to_owned()));
        let expires = OffsetDateTime::from_unix_timestamp(1_800_000_000).unwrap();
        Ok(Grant { token: Secret::new(token), session, expires })
    }

    async fn verify(&self, ask: SignIn) -> Result<Session, DoorError> {
        if ask.user == HANGING {
            std::future::pending::<()>().await;
        }
        self.check(&ask)
    }

    async fn session(&self, token: &Secret) -> Result<Option<Session>, DoorError> {
        self.uses.fetch_add(1, Ordering::Relaxed);
        Ok(self.sessions.lock().unwrap().get(token.expose()).cloned())
    }

    async fn token_info(&self, token: &Secret) -> Result<Option<TokenInfo>, DoorError> {
        let session = self.sessions.lock().unwrap().get(token.expose()).cloned();
        let scope = self.scopes.lock().unwrap().get(token.expose()).cloned().unwrap_or_default();
        let expires = OffsetDateTime::from_unix_timestamp(1_800_000_000).unwrap();
        Ok(session.map(|session| TokenInfo { session, scope, expires }))
    }

    async fn look_again(&self, session: &Session, token: Option<&Secret>) -> Result<Option<Session>, DoorError> {
        let open = token.is_none_or(|token| self.sessions.lock().unwrap().contains_key(token.expose()));
        let administrator = self.administrator.load(Ordering::Relaxed);
        Ok(open.then(|| Session { administrator, ..session.clone() }))
    }

    async fn sign_out(&self, token: &Secret) -> Result<(), DoorError> {
        self.sessions.lock().unwrap().remove(token.expose());
        Ok(())
    }

    async fn database_answers(&self) -> bool {
        self.database.load(Ordering::Relaxed)
    }

    async fn database_lost(&self) {
        let mut heard = self.lost.subscribe();
        heard.wait_for(|lost| *lost).await.unwrap();
    }

    async fn summary(&self, _session: &Session) -> Result<Summary, DoorError> {
        Ok(Summary { vms: Count { active: 2, total: 5 }, ..Summary::default() })
    }

    fn instance_id(&self) -> Uuid {
        Uuid::from_u128(7)
    }

    fn ca_certificate_pem(&self) -> String {
        "-----BEGIN CERTIFICATE-----\nca\n-----END CERTIFICATE-----\n".to_owned()
    }

    fn engine_certificate_pem(&self) -> String {
        "-----BEGIN CERTIFICATE-----\nengine\n-----END CERTIFICATE-----\n".to_owned()
    }

    fn host_tls(&self) -> Arc<ClientConfig> {
        let mut roots = RootCertStore::empty();
        roots.add(self.certificate_der.clone()).unwrap();
        let builder = ClientConfig::builder_with_provider(Arc::new(ring::default_provider()));
        let builder = builder.with_safe_default_protocol_versions().unwrap();
        Arc::new(builder.with_root_certificates(roots).with_no_client_auth())
    }

    fn engine_ssh_key(&self) -> Option<String> {
        None
    }

    fn changes(&self) -> broadcast::Receiver<Arc<Notice>> {
        self.live.subscribe()
    }

    fn newest_change(&self) -> i64 {
        self.log.lock().unwrap().last().map_or(0, |notice| notice.seq)
    }

    async fn changes_after(&self, number: i64) -> Result<Since, DoorError> {
        if number < *self.forgotten_before.lock().unwrap() {
            return Ok(Since::TooOld { newest: self.newest_change() });
        }
        let log = self.log.lock().unwrap();
        // Short stretches, so that readers must ask again.
        Ok(Since::Notices(log.iter().filter(|notice| notice.seq > number).take(3).cloned().collect()))
    }

    async fn may_see(&self, session: &Session, notice: &Notice) -> Result<bool, DoorError> {
        let for_administrators = notice.kind == "host" && !session.administrator;
        Ok(!for_administrators && !self.hidden.lock().unwrap().contains(&notice.object_id))
    }

    async fn open_console(&self, ticket: &Secret, _from: Option<IpAddr>) -> Result<Box<dyn Duplex>, DoorError> {
        let expected = self.console_ticket.lock().unwrap().take();
        if expected.as_deref() != Some(ticket.expose()) {
            return Err(Refusal::StaleToken { what: "console ticket" }.into());
        }
        // An echo stands for the VNC server.
        let (ours, theirs) = tokio::io::duplex(1 << 16);
        tokio::spawn(async move {
            let (mut read, mut write) = tokio::io::split(theirs);
            tokio::io::copy(&mut read, &mut write).await.ok();
        });
        Ok(Box::new(ours))
    }

    async fn transfer_target(&self, ticket: Uuid) -> Result<Option<String>, DoorError> {
        let known = self.transfer.lock().unwrap().clone();
        Ok(known.filter(|(known, _)| *known == ticket).map(|(_, target)| target))
    }

    async fn create_join_token(
        &self,
        session: &Session,
        cluster: Option<String>,
        _host: Option<String>,
        _lifetime: Duration,
    ) -> Result<JoinToken, DoorError> {
        if !session.administrator {
            return Err(Refusal::NotAuthorized { permit: "create_host" }.into());
        }
        let token = Secret::new(format!("join-{}", cluster.unwrap_or_default()));
        Ok(JoinToken { token, expires: OffsetDateTime::from_unix_timestamp(1_800_000_000).unwrap() })
    }

    async fn enroll(&self, ask: Enroll) -> Result<Enrolled, DoorError> {
        if ask.secret.expose() != "join-secret" {
            return Err(Refusal::StaleToken { what: "join token" }.into());
        }
        Ok(Enrolled {
            host: HostId(Uuid::from_u128(9)),
            certificate_pem: format!("certificate for {}", ask.hostname),
            ca_pem: self.ca_certificate_pem(),
        })
    }

    async fn reenroll(&self, _ask: Reenroll) -> Result<Enrolled, DoorError> {
        Err(Refusal::rule("The signature does not match the registered key.").into())
    }
}
