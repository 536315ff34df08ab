//! The engine behind the web door: each question handed on in the engine's own words. Refuses to decide anything.

use std::net::IpAddr;
use std::sync::Arc;
use std::time::Duration;

use async_trait::async_trait;
use ferrovirt_engine::sign_on::{self, API_SCOPE};
use ferrovirt_engine::{joining, overview};
use ferrovirt_model::Millis;
use ferrovirt_model::secret::Secret;
use time::OffsetDateTime;
use tokio::sync::broadcast;
use tokio_rustls::rustls::ClientConfig;
use uuid::Uuid;

use super::{
    Count, Door, DoorError, Duplex, Engine, Enroll, Enrolled, Grant, JoinToken, Notice, Reenroll, Session, SignIn,
    Since, Summary, TokenInfo,
};

/// The engine, as the web door asks it.
pub struct EngineDoor {
    engine: Arc<Engine>,
}

impl EngineDoor {
    /// The door of an engine.
    #[must_use]
    pub fn new(engine: Arc<Engine>) -> Self {
        Self { engine }
    }
}

fn moment(at: Millis) -> OffsetDateTime {
    OffsetDateTime::from_unix_timestamp(at / 1000).unwrap_or(OffsetDateTime::UNIX_EPOCH)
}

fn count(from: overview::Count) -> Count {
    Count { active: from.active, total: from.total }
}

fn enrolled(from: joining::Enrolled) -> Enrolled {
    Enrolled { host: from.host, certificate_pem: from.certificate_pem, ca_pem: from.ca_pem }
}

#[async_trait]
impl Door for EngineDoor {
    fn engine(&self) -> &Arc<Engine> {
        &self.engine
    }

    async fn sign_in(&self, ask: SignIn) -> Result<Grant, DoorError> {
        let scope = ask.scope.as_deref().unwrap_or(API_SCOPE);
        let grant = self.engine.sign_in(&ask.user, &ask.password, ask.from, ask.idle, scope).await?;
        Ok(Grant { token: grant.token, session: grant.session, expires: moment(grant.expires_at) })
    }

    async fn verify(&self, ask: SignIn) -> Result<Session, DoorError> {
        Ok(self.engine.verify(&ask.user, &ask.password, ask.from).await?)
    }

    async fn session(&self, token: &Secret) -> Result<Option<Session>, DoorError> {
        Ok(self.engine.session(token).await?)
    }

    async fn look_again(&self, session: &Session, token: Option<&Secret>) -> Result<Option<Session>, DoorError> {
        Ok(self.engine.look_again(session, token).await?)
    }

    async fn token_info(&self, token: &Secret) -> Result<Option<TokenInfo>, DoorError> {
        let found = self.engine.token_info(token).await?;
        let told = |info: sign_on::TokenInfo| TokenInfo {
            session: info.session,
            scope: info.scope,
            expires: moment(info.expires_at),
        };
        Ok(found.map(told))
    }

    async fn sign_out(&self, token: &Secret) -> Result<(), DoorError> {
        Ok(self.engine.sign_out(token).await?)
    }

    async fn database_answers(&self) -> bool {
        self.engine.database_answers().await
    }

    async fn database_lost(&self) {
        self.engine.store().lost().await;
    }

    async fn summary(&self, _session: &Session) -> Result<Summary, DoorError> {
        let figures = self.engine.summary().await?;
        Ok(Summary {
            hosts: count(figures.hosts),
            storage_domains: count(figures.storage_domains),
            users: count(figures.users),
            vms: count(figures.vms),
        })
    }

    fn instance_id(&self) -> Uuid {
        self.engine.installation()
    }

    fn ca_certificate_pem(&self) -> String {
        self.engine.pki().ca_certificate_pem()
    }

    fn engine_certificate_pem(&self) -> String {
        self.engine.pki().engine_certificate_pem()
    }

    fn host_tls(&self) -> Arc<ClientConfig> {
        self.engine.pki().host_tls()
    }

    fn engine_ssh_key(&self) -> Option<String> {
        None
    }

    fn changes(&self) -> broadcast::Receiver<Arc<Notice>> {
        self.engine.changes().subscribe()
    }

    fn newest_change(&self) -> i64 {
        self.engine.newest_change()
    }

    async fn changes_after(&self, number: i64) -> Result<Since, DoorError> {
        Ok(self.engine.changes_after(number).await?)
    }

    async fn may_see(&self, session: &Session, notice: &Notice) -> Result<bool, DoorError> {
        Ok(self.engine.may_see(session, notice).await?)
    }

    async fn open_console(&self, ticket: &Secret, from: Option<IpAddr>) -> Result<Box<dyn Duplex>, DoorError> {
        let console = self.engine.open_console(ticket, from).await?;
        Ok(Box::new(console))
    }

    async fn transfer_target(&self, ticket: Uuid) -> Result<Option<String>, DoorError> {
        Ok(self.engine.transfer_target(ticket).await?)
    }

    async fn create_join_token(
        &self,
        session: &Session,
        cluster: Option<String>,
        host: Option<String>,
        lifetime: Duration,
    ) -> Result<JoinToken, DoorError> {
        let made = self.engine.create_join_token(session, cluster, host, lifetime).await?;
        Ok(JoinToken { token: made.token, expires: moment(made.expires_at) })
    }

    async fn enroll(&self, ask: Enroll) -> Result<Enrolled, DoorError> {
        let Enroll { secret, csr_pem, hardware_id, hostname, address, port } = ask;
        let ask = joining::Enroll { secret, csr_pem, hardware_id, hostname, address, port };
        Ok(enrolled(self.engine.enroll(ask).await?))
    }

    async fn reenroll(&self, ask: Reenroll) -> Result<Enrolled, DoorError> {
        let Reenroll { host, csr_pem, timestamp, signature } = ask;
        let ask = joining::Reenroll { host, csr_pem, timestamp, signature };
        Ok(enrolled(self.engine.reenroll(ask).await?))
    }
}
