//! What was checked a moment ago: sessions for two seconds, name and password pairs for a minute.
//!
//! Pairs stand under a hash keyed with random bits of this process, so that the memory of the engine holds no password.
//! A right that was taken away counts no later than these times. Refuses to know the store.

use std::collections::HashMap;
use std::hash::Hash;
use std::sync::{Mutex, PoisonError};
use std::time::{Duration, Instant};

use ferrovirt_model::secret::Secret;
use sha2::{Digest, Sha256};

use crate::session::Session;

const SESSION: Duration = Duration::from_secs(2);
const PAIR: Duration = Duration::from_secs(60);
/// So many are remembered at most; then all begin anew.
const MOST: usize = 4096;

type Key = [u8; 32];

#[derive(Debug)]
struct Memory<K> {
    entries: Mutex<HashMap<K, (Instant, Session)>>,
    lifetime: Duration,
}

impl<K: Hash + Eq> Memory<K> {
    fn new(lifetime: Duration) -> Self {
        Self { entries: Mutex::default(), lifetime }
    }

    fn get(&self, key: &K) -> Option<Session> {
        let entries = self.entries.lock().unwrap_or_else(PoisonError::into_inner);
        entries.get(key).filter(|(at, _)| at.elapsed() < self.lifetime).map(|(_, session)| session.clone())
    }

    fn put(&self, key: K, session: &Session) {
        let mut entries = self.entries.lock().unwrap_or_else(PoisonError::into_inner);
        if entries.len() >= MOST {
            entries.retain(|_, (at, _)| at.elapsed() < self.lifetime);
        }
        if entries.len() >= MOST {
            entries.clear();
        }
        entries.insert(key, (Instant::now(), session.clone()));
    }

    fn remove(&self, key: &K) {
        self.entries.lock().unwrap_or_else(PoisonError::into_inner).remove(key);
    }

    fn retain(&self, keep: impl Fn(&Session) -> bool) {
        self.entries.lock().unwrap_or_else(PoisonError::into_inner).retain(|_, (_, session)| keep(session));
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

    pub(super) fn verified(&self, key: &Key) -> Option<Session> {
        self.pairs.get(key)
    }

    pub(super) fn remember_verified(&self, key: Key, session: &Session) {
        self.pairs.put(key, session);
    }

    pub(super) fn session(&self, hash: &Key) -> Option<Session> {
        self.sessions.get(hash)
    }

    pub(super) fn remember_session(&self, hash: Key, session: &Session) {
        self.sessions.put(hash, session);
    }

    pub(super) fn forget_session(&self, hash: &Key) {
        self.sessions.remove(hash);
    }

    /// Forgets a user: their password or rights have changed.
    pub(super) fn forget_user(&self, user: ferrovirt_model::ids::UserId) {
        self.sessions.retain(|session| session.user != user);
        self.pairs.retain(|session| session.user != user);
    }
}
