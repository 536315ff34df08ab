//! Signing on: names and passwords, sessions, and what slows down guessing.
//!
//! A session is a row under the hash of its token; the token itself is known to its owner alone. Refuses to know cookies,
//! headers and grant types.

pub mod accounts;
pub mod console;
mod guard;
mod names;
mod password;
mod recent;
pub mod tunnel;

use std::net::IpAddr;
use std::time::Duration;

use ferrovirt_model::Millis;
use ferrovirt_model::events::sentences;
use ferrovirt_model::ids::{ObjectKind, UserId};
use ferrovirt_model::permission::User;
use ferrovirt_model::permits::Permit;
use ferrovirt_model::refusal::Refusal;
use ferrovirt_model::secret::Secret;
use ferrovirt_store::sign_on as rows;
use ferrovirt_store::tx::{Areas, Tx};
use sha2::{Digest, Sha256};
use uuid::Uuid;

use crate::action::event;
use crate::core::{Engine, now};
use crate::failure::Result;
use crate::session::Session;

pub use names::{INTERNAL_DOMAIN, INTERNAL_PROFILE};
pub use password::{check_new as check_new_password, hash as hash_password};

/// The scope without which a token does not open the API.
pub const API_SCOPE: &str = "ovirt-app-api";
/// The shortest idle time-out that a client may ask for.
const SHORTEST_IDLE: Duration = Duration::from_secs(1);
/// The longest one.
const LONGEST_IDLE: Duration = Duration::from_secs(7 * 24 * 3600);
/// Names session ids in the event log; the id says nothing of the token.
const SESSIONS: Uuid = Uuid::from_u128(0x6f1d_4c0e_21b9_4d0b_9a54_1f3b_7d1c_c2a1);

/// An open session and the secret that stands for it.
#[derive(Clone, Debug)]
pub struct Grant {
    /// The bearer token. 256 random bits.
    pub token: Secret,
    /// Whose it is.
    pub session: Session,
    /// When it ends if it is not used.
    pub expires_at: Millis,
}

/// What may be told of a token.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TokenInfo {
    /// Whose it is.
    pub session: Session,
    /// OAuth scopes, separated by spaces.
    pub scope: String,
    /// When it ends if it is not used.
    pub expires_at: Millis,
}

/// What sign-on keeps in memory; losing it costs time, nothing else.
#[derive(Debug, Default)]
pub struct SignOn {
    recent: recent::Recent,
    doorman: password::Doorman,
}

impl Engine {
    /// Opens a session. `typed` is the name with its profile, `idle` a time-out of the client's choice, `scope` what its
    /// token is to be good for: OAuth scopes, separated by spaces.
    ///
    /// # Errors
    /// [`Refusal::BadCredentials`], [`Refusal::SignOnDelayed`] after failures, [`Refusal::NotAuthorized`] without the
    /// permit to sign in.
    pub async fn sign_in(
        &self,
        typed: &str,
        password: &Secret,
        from: Option<IpAddr>,
        idle: Option<Duration>,
        scope: &str,
    ) -> Result<Grant> {
        let user = self.check(typed, password, from).await?;
        let token = new_secret();
        let hash = token_hash(&token);
        let idle = idle.map_or(self.config().session_idle, |idle| idle.clamp(SHORTEST_IDLE, LONGEST_IDLE));
        let at = now();
        let idle_seconds = i64::try_from(idle.as_secs().max(1)).unwrap_or(i64::MAX);
        let row = rows::Session {
            user: user.id,
            scope: scope.to_owned(),
            persistent: false,
            idle_seconds,
            created_at: at,
            used_at: at,
        };
        let mut tx = self.store().begin().await?;
        tx.sign_on().insert(&hash, &row, &source(from)).await?;
        let session = session_of(&mut tx, user, &hash).await?;
        log_in(&mut tx, &session, from, at);
        tx.commit().await?;
        Ok(Grant { token, session, expires_at: at + idle_seconds * 1000 })
    }

    /// Checks a name and password for one request. A good pair is remembered for a minute, so that a program that sends
    /// them with each request does not wait for the check each time.
    ///
    /// # Errors
    /// As [`Engine::sign_in`].
    pub async fn verify(&self, typed: &str, password: &Secret, from: Option<IpAddr>) -> Result<Session> {
        let key = self.sign_on().recent.pair(typed, password);
        if let Some(session) = self.sign_on().recent.verified(&key) {
            return Ok(session);
        }
        let as_of = self.sign_on().recent.as_of();
        let user = self.check(typed, password, from).await?;
        let mut tx = self.store().begin().await?;
        let hash: [u8; 32] = rand::random();
        let session = session_of(&mut tx, user, &hash).await?;
        log_in(&mut tx, &session, from, now());
        tx.commit().await?;
        self.sign_on().recent.remember_verified(key, &session, as_of);
        Ok(session)
    }

    /// The session of a token of the API, unless it is unknown or was idle for too long. Counts as use.
    ///
    /// # Errors
    /// Trouble with the store.
    pub async fn session(&self, token: &Secret) -> Result<Option<Session>> {
        let hash = token_hash(token);
        if let Some(session) = self.sign_on().recent.session(&hash) {
            return Ok(Some(session));
        }
        let as_of = self.sign_on().recent.as_of();
        let Some((row, session)) = self.find(&hash).await? else { return Ok(None) };
        if !row.scope.split_whitespace().any(|scope| scope == API_SCOPE) {
            return Ok(None);
        }
        let at = now();
        if at - row.used_at > touch_after(row.idle_seconds) {
            let mut tx = self.store().begin().await?;
            tx.sign_on().touch(&hash, at).await?;
            tx.commit().await?;
        }
        self.sign_on().recent.remember_session(hash, &session, as_of);
        Ok(Some(session))
    }

    /// A session as it stands now, its rights read anew; `None` once it has ended. One without a token lasts for as long as
    /// its user may sign in. Does not count as use.
    ///
    /// # Errors
    /// Trouble with the store.
    pub async fn look_again(&self, session: &Session, token: Option<&Secret>) -> Result<Option<Session>> {
        if let Some(token) = token {
            return Ok(self.find(&token_hash(token)).await?.map(|(_, session)| session));
        }
        let mut reader = self.store().read().await?;
        if !reader.permissions().holds_anywhere(session.user, Permit::Login.id()).await? {
            return Ok(None);
        }
        let administrator = reader.permissions().is_administrator(session.user).await?;
        Ok(Some(Session { administrator, ..session.clone() }))
    }

    /// What may be told of a token. Does not count as use.
    ///
    /// # Errors
    /// Trouble with the store.
    pub async fn token_info(&self, token: &Secret) -> Result<Option<TokenInfo>> {
        let found = self.find(&token_hash(token)).await?;
        Ok(found.map(|(row, session)| TokenInfo {
            session,
            scope: row.scope,
            expires_at: row.used_at + row.idle_seconds * 1000,
        }))
    }

    /// Ends a session. A token that is not known is fine.
    ///
    /// # Errors
    /// Trouble with the store.
    pub async fn sign_out(&self, token: &Secret) -> Result<()> {
        let hash = token_hash(token);
        self.sign_on().recent.forget_session(&hash);
        let mut tx = self.store().begin().await?;
        if let Some(id) = tx.sign_on().remove(&hash).await?
            && let Some(user) = tx.users().get(&[id]).await?.pop()
        {
            let session = session_of(&mut tx, user, &hash).await?;
            let draft = sentences::USER_VDC_LOGOUT
                .draft()
                .user(session.user, session.principal.clone())
                .with("SourceIP", "the API")
                .with("SessionID", session.id);
            tx.log(event(&draft, "", now()));
        }
        tx.commit().await?;
        Ok(())
    }

    /// Forgets what was remembered of those whose password or rights a change may concern: a user's their own, a role's or
    /// a group's anyone's.
    pub(crate) fn heed(&self, kind: ObjectKind, id: &str) {
        match kind {
            ObjectKind::User => {
                if let Ok(id) = id.parse() {
                    self.sign_on().recent.forget(Some(UserId(id)));
                }
            }
            ObjectKind::Role | ObjectKind::Group => self.sign_on().recent.forget(None),
            _ => {}
        }
    }

    async fn find(&self, hash: &[u8]) -> Result<Option<(rows::Session, Session)>> {
        let mut reader = self.store().read().await?;
        let Some(row) = reader.sign_on().find(hash, now()).await? else { return Ok(None) };
        let Some(user) = reader.users().get(&[row.user]).await?.pop() else { return Ok(None) };
        let session = session_of(&mut reader, user, hash).await?;
        Ok(Some((row, session)))
    }

    /// Checks name, password and the permit to sign in. Takes the same time whether the name exists or not.
    async fn check(&self, typed: &str, password: &Secret, from: Option<IpAddr>) -> Result<User> {
        let account = names::parse(typed);
        let subjects = guard::Subjects::new(&account, from);
        let bad = || Refusal::BadCredentials { user: typed.to_owned() };
        // Checks go a few at a time, and each looks at the failures that the ones before it left.
        let turn = self.sign_on().doorman.turn().await?;
        let mut reader = self.store().read().await?;
        let standing = guard::may_try(&mut reader, &subjects, now()).await?;
        let found = match &account {
            Some(account) => reader.users().by_name(&account.domain, &account.name).await?,
            None => None,
        };
        drop(reader);
        let (user, hash) = found.map_or((None, None), |(user, hash)| (Some(user), hash));
        let good = turn.fits(password, hash).await?;
        let Some(user) = user.filter(|_| good) else {
            self.failed(typed, (&subjects, standing), from, "wrong name or password").await?;
            return Err(bad().into());
        };
        let mut tx = self.store().begin().await?;
        if !tx.permissions().holds_anywhere(user.id, Permit::Login.id()).await? {
            drop(tx);
            self.failed(typed, (&subjects, standing), from, "no permit to sign in").await?;
            return Err(Refusal::NotAuthorized { permit: Permit::Login.name() }.into());
        }
        guard::succeeded(&mut tx, &subjects, standing, now()).await?;
        tx.commit().await?;
        Ok(user)
    }

    async fn failed(
        &self,
        typed: &str,
        (subjects, standing): (&guard::Subjects, guard::Standing),
        from: Option<IpAddr>,
        why: &str,
    ) -> Result<()> {
        let at = now();
        let mut tx = self.store().begin().await?;
        guard::failed(&mut tx, subjects, standing, at).await?;
        let name: String = typed.chars().filter(|c| !c.is_control()).take(100).collect();
        let draft = sentences::USER_VDC_LOGIN_FAILED
            .draft()
            .with("UserName", name)
            .with("SourceIP", source(from))
            .with("LoginErrMsg", why);
        tx.log(event(&draft, "", at));
        tx.commit().await?;
        Ok(())
    }
}

async fn session_of<A: Areas + Send>(areas: &mut A, user: User, hash: &[u8]) -> Result<Session> {
    let administrator = areas.permissions().is_administrator(user.id).await?;
    Ok(Session {
        id: Uuid::new_v5(&SESSIONS, &Sha256::digest(hash)),
        user: user.id,
        name: user.name,
        domain: user.domain,
        principal: user.principal,
        administrator,
    })
}

fn log_in(tx: &mut Tx, session: &Session, from: Option<IpAddr>, at: Millis) {
    let draft = sentences::USER_VDC_LOGIN
        .draft()
        .user(session.user, session.principal.clone())
        .with("SourceIP", source(from))
        .with("SessionID", session.id);
    tx.log(event(&draft, "", at));
}

fn source(from: Option<IpAddr>) -> String {
    from.map_or_else(|| "unknown address".to_owned(), |address| address.to_string())
}

/// Use is written at most so often, ms: a tenth of the idle time, half a minute at most.
fn touch_after(idle_seconds: i64) -> i64 {
    (idle_seconds * 100).min(30_000)
}

/// 256 random bits as text.
#[must_use]
pub fn new_secret() -> Secret {
    use base64::Engine as _;
    let bytes: [u8; 32] = rand::random();
    Secret::new(base64::engine::general_purpose::URL_SAFE_NO_PAD.encode(bytes))
}

/// What is kept of a token.
#[must_use]
pub fn token_hash(token: &Secret) -> [u8; 32] {
    Sha256::digest(token.expose().as_bytes()).into()
}
