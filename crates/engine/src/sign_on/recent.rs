//! What was checked a moment ago: sessions for two seconds, name and password pairs for a minute.
//!
//! Pairs stand under a hash keyed with random bits of this process, so that the memory of the engine holds no password.
//! What changes of users, roles and groups is forgotten as it is heard of; these times are the net below that. Refuses to
//! know the store.

use std::collections::HashMap;
use std::hash::Hash;
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use ferrovirt_model::ids::UserId;
use ferrovirt_model::secret::Secret;
use sha2::{Digest, Sha256};

use crate::session::Session;

const SESSION: Duration = Duration::from_secs(2);
const PAIR: Duration = Duration::from_secs(60);
/// So many are remembered at most; then all begin anew.
const MOST: usize = 4096;

type Key = [u8; 32];

/// Counts how often something was forgotten: what was looked up before the last time may be what was to be forgotten.
pub(super) type AsOf = u64;

#[derive(Debug)]
struct Entries<K> {
    by_key: HashMap<K, (Instant, Session)>,
    as_of: AsOf,
}

#[derive(Debug)]
struct Memory<K> {
    entries: Mutex<Entries<K>>,
    lifetime: Duration,
}

impl<K: Hash + Eq> Memory<K> {
    fn new(lifetime: Duration) -> Self {
        Self { entries: Mutex::new(Entries { by_key: HashMap::new(), as_of: 0 }), lifetime }
    }

    fn entries(&self) -> MutexGuard<'_, Entries<K>> {
        self.entries.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn get(&self, key: &K) -> Option<Session> {
        let entries = self.entries();
        entries.by_key.get(key).filter(|(at, _)| at.elapsed() < self.lifetime).map(|(_, session)| session.clone())
    }

    fn put(&self, key: K, session: &Session, as_of: AsOf) {
        let mut entries = self.entries();
        if entries.as_of != as_of {
            return;
        }
        let entries = &mut entries.by_key;
        if entries.len() >= MOST {
            entries.retain(|_, (at, _)| at.elapsed() < self.lifetime);
        }
        if entries.len() >= MOST {
            entries.clear();
        }
        entries.insert(key, (Instant::now(), session.clone()));
    }

    fn forget(&self, gone: impl Fn(&K, &Session) -> bool) {
        let mut entries = self.entries();
        entries.as_of += 1;
        entries.by_key.retain(|key, (_, session)| !gone(key, session));
    }
}

/// The memory.
#[derive(Debug)]
pub(super) struct Recent {
    sessions: Memory<Key>,
    pairs: Memory<Key>,
    secret: [u8; 32],
}

impl Default for Recent {
    fn default() -> Self {
        Self { sessions: Memory::new(SESSION), pairs: Memory::new(PAIR), secret: rand::random() }
    }
}

impl Recent {
    /// What a pair is remembered by.
    pub(super) fn pair(&self, typed: &str, password: &Secret) -> Key {
        let length = u64::try_from(typed.len()).unwrap_or(u64::MAX).to_be_bytes();
        let mut hash = Sha256::new();
        for part in [&self.secret[..], &length, typed.as_bytes(), password.expose().as_bytes()] {
            hash.update(part);
        }
        hash.finalize().into()
    }

    /// To be asked before the rows are read that are to be remembered.
    pub(super) fn as_of(&self) -> (AsOf, AsOf) {
        (self.sessions.entries().as_of, self.pairs.entries().as_of)
    }

    pub(super) fn verified(&self, key: &Key) -> Option<Session> {
        self.pairs.get(key)
    }

    pub(super) fn remember_verified(&self, key: Key, session: &Session, (_, as_of): (AsOf, AsOf)) {
        self.pairs.put(key, session, as_of);
    }

    pub(super) fn session(&self, hash: &Key) -> Option<Session> {
        self.sessions.get(hash)
    }

    pub(super) fn remember_session(&self, hash: Key, session: &Session, (as_of, _): (AsOf, AsOf)) {
        self.sessions.put(hash, session, as_of);
    }

    pub(super) fn forget_session(&self, hash: &Key) {
        self.sessions.forget(|key, _| key == hash);
    }

    /// Forgets a user, or everyone: passwords or rights have changed.
    pub(super) fn forget(&self, user: Option<UserId>) {
        let gone = |session: &Session| user.is_none_or(|user| session.user == user);
        self.sessions.forget(|_, session| gone(session));
        self.pairs.forget(|_, session| gone(session));
    }
}

#[cfg(test)]
mod tests {
    use uuid::Uuid;

    use super::*;

    fn session() -> Session {
        let name = String::new;
        let (domain, principal) = (name(), name());
        let user = UserId(Uuid::from_u128(1));
        Session { id: Uuid::nil(), user, name: name(), domain, principal, administrator: true }
    }

    #[test]
    fn what_was_read_before_something_was_forgotten_is_not_remembered() {
        let recent = Recent::default();
        let key = recent.pair("admin", &Secret::new("x"));
        let before = recent.as_of();
        recent.forget(Some(UserId(Uuid::from_u128(1))));
        recent.remember_verified(key, &session(), before);
        recent.remember_session([1; 32], &session(), before);
        assert!(recent.verified(&key).is_none() && recent.session(&[1; 32]).is_none());
        recent.remember_verified(key, &session(), recent.as_of());
        assert!(recent.verified(&key).is_some());
        recent.forget(Some(UserId(Uuid::from_u128(2))));
        assert!(recent.verified(&key).is_some(), "another user's change is none of theirs");
        recent.forget(None);
        assert!(recent.verified(&key).is_none());
    }
}
