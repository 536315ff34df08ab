//! Passwords: argon2id, a few at a time, off the threads that serve. Refuses to know whose they are.

use std::sync::{Arc, OnceLock};
use std::time::Duration;

use argon2::password_hash::phc::PasswordHash;
use argon2::password_hash::{PasswordHasher, PasswordVerifier};
use argon2::{Algorithm, Argon2, Params, Version};
use ferrovirt_model::refusal::Refusal;
use ferrovirt_model::secret::Secret;
use tokio::sync::{OwnedSemaphorePermit, Semaphore};

use crate::failure::{Result, Trouble};

/// Checks at a time: each takes 19 MiB and some tens of milliseconds of a processor.
const AT_ONCE: usize = 2;
/// Whoever waits longer for their turn is told to come back.
const PATIENCE: Duration = Duration::from_secs(10);
/// Bytes. Longer ones are refused unread: hashing must not become a way to keep the engine busy.
pub(super) const LONGEST: usize = 1024;

/// Characters. What oVirt's own directory asks for where nobody has changed it: `MIN_LENGTH` of `aaa-jdbc`.
pub(super) const SHORTEST: usize = 6;

/// Whether a password may be given to a user.
///
/// # Errors
/// [`Refusal::Missing`] for an empty one; [`Refusal::BadValue`] for one that is too short or too long.
pub fn check_new(password: &Secret) -> std::result::Result<(), Refusal> {
    let text = password.expose();
    if text.is_empty() {
        return Err(Refusal::Missing { entity: "User", field: "password" });
    }
    if text.chars().count() < SHORTEST {
        return Err(Refusal::bad_value("password", "…", format!("it needs at least {SHORTEST} characters")));
    }
    if text.len() > LONGEST {
        return Err(Refusal::bad_value("password", "…", format!("it has at most {LONGEST} bytes")));
    }
    Ok(())
}

/// Lets checks in, a few at a time.
#[derive(Debug)]
pub(super) struct Doorman {
    places: Arc<Semaphore>,
}

impl Default for Doorman {
    fn default() -> Self {
        Self { places: Arc::new(Semaphore::new(AT_ONCE)) }
    }
}

/// One check's place.
pub(super) struct Turn {
    place: OwnedSemaphorePermit,
}

impl Doorman {
    pub(super) async fn turn(&self) -> Result<Turn> {
        match tokio::time::timeout(PATIENCE, Arc::clone(&self.places).acquire_owned()).await {
            Ok(Ok(place)) => Ok(Turn { place }),
            _ => Err(Refusal::SignOnDelayed { seconds: PATIENCE.as_secs() }.into()),
        }
    }
}

impl Turn {
    /// Whether the password fits the hash. Without a hash it takes as long, and the answer is no.
    pub(super) async fn fits(self, password: &Secret, hash: Option<Secret>) -> Result<bool> {
        let password = password.clone();
        let checked = tokio::task::spawn_blocking(move || {
            let _place = self.place;
            fits(&password, hash.as_ref())
        });
        checked.await.map_err(|error| Trouble::Broken(format!("a password check ended badly: {error}")))?
    }
}

/// argon2id with 19 MiB and two passes: OWASP's advice, password storage cheat sheet.
fn hasher() -> Result<Argon2<'static>> {
    let params = Params::new(19 * 1024, 2, 1, None).map_err(|error| Trouble::Broken(format!("argon2: {error}")))?;
    Ok(Argon2::new(Algorithm::Argon2id, Version::V0x13, params))
}

/// The hash that is kept of a password. Slow; call it off the threads that serve.
///
/// # Errors
/// [`crate::Trouble::Broken`] without a source of random numbers.
pub fn hash(password: &Secret) -> Result<Secret> {
    let hashed = hasher()?
        .hash_password(password.expose().as_bytes())
        .map_err(|error| Trouble::Broken(format!("a password could not be hashed: {error}")))?;
    Ok(Secret::new(hashed.to_string()))
}

/// The hash that a name without one is checked against, so that it takes as long.
fn nobody() -> Result<Secret> {
    static HASH: OnceLock<Secret> = OnceLock::new();
    if let Some(hash) = HASH.get() {
        return Ok(hash.clone());
    }
    let made = hash(&crate::sign_on::new_secret())?;
    Ok(HASH.get_or_init(|| made).clone())
}

fn fits(password: &Secret, kept: Option<&Secret>) -> Result<bool> {
    let compared = kept.map_or_else(nobody, |kept| Ok(kept.clone()))?;
    let parsed =
        PasswordHash::new(compared.expose()).map_err(|error| Trouble::Broken(format!("a kept hash: {error}")))?;
    let bytes = password.expose().as_bytes();
    let bytes = if bytes.len() > LONGEST { b"" } else { bytes };
    let fits = hasher()?.verify_password(bytes, &parsed).is_ok();
    Ok(fits && kept.is_some() && bytes.len() == password.expose().len())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_new_password_is_neither_short_nor_endless() {
        let check = |text: &str| check_new(&Secret::new(text));
        assert!(matches!(check(""), Err(Refusal::Missing { .. })));
        // Characters count, not bytes.
        for short in ["x", "short", "äöüßé"] {
            let said = check(short).unwrap_err().to_string();
            assert_eq!(said, "The value '…' of password is not valid: it needs at least 6 characters.");
        }
        assert!(check("sixsix").is_ok() && check(&"x".repeat(1024)).is_ok());
        assert!(check(&"x".repeat(1025)).is_err());
    }

    #[test]
    fn a_password_fits_its_own_hash_alone() {
        let kept = hash(&Secret::new("correct horse")).unwrap();
        assert!(kept.expose().starts_with("$argon2id$v=19$m=19456,t=2,p=1$"));
        assert!(fits(&Secret::new("correct horse"), Some(&kept)).unwrap());
        assert!(!fits(&Secret::new("correct hors"), Some(&kept)).unwrap());
        assert!(!fits(&Secret::new(""), None).unwrap());
        assert!(!fits(&Secret::new("x".repeat(5000)), Some(&kept)).unwrap());
    }
}
