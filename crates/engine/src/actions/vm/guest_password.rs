//! Passwords that guests are given at their first boot, as guests keep them. Refuses to know whose they are.

use std::sync::LazyLock;

use ferrovirt_model::refusal::Refusal;
use ferrovirt_model::secret::Secret;
use sha_crypt::{PasswordHasher, ShaCrypt};

use crate::failure::{Result, Trouble};

/// Longer ones are refused: the work of hashing grows with the square of the length.
const LONGEST: usize = 256;
/// The words by which `crypt` marks a hash, as cloud-init's `chpasswd` knows them.
const MARKS: [&str; 6] = ["$1$", "$2a$", "$2y$", "$5$", "$6$", "$y$"];

/// SHA-512-crypt, which every Linux of the last fifteen years understands.
static HASHER: LazyLock<ShaCrypt> = LazyLock::new(ShaCrypt::default);

/// The password as it is kept and as the guest is given it: hashed. What is a hash already stays.
///
/// # Errors
/// A refusal of a password that is too long; [`Trouble::Broken`] without a source of random numbers.
pub(super) fn hashed(password: &Secret) -> Result<Secret> {
    let text = password.expose();
    if text.len() > LONGEST {
        let sentence = format!("at most {LONGEST} bytes may be used");
        return Err(Refusal::bad_value("initialization.root_password", "(long)", sentence).into());
    }
    if MARKS.iter().any(|mark| text.strip_prefix(mark).is_some_and(|rest| rest.contains('$'))) {
        return Ok(password.clone());
    }
    let hash = HASHER
        .hash_password(text.as_bytes())
        .map_err(|error| Trouble::Broken(format!("a guest's password could not be hashed: {error}")))?;
    Ok(Secret::new(hash.as_str()))
}

#[cfg(test)]
mod tests {
    use sha_crypt::PasswordVerifier;

    use super::*;

    #[test]
    fn a_password_is_hashed_once() {
        let kept = hashed(&Secret::new("hunter2")).unwrap();
        assert!(kept.expose().starts_with("$6$") && !kept.expose().contains("hunter2"));
        assert!(HASHER.verify_password(b"hunter2", kept.expose()).is_ok());
        assert_eq!(hashed(&kept).unwrap(), kept);
        assert_ne!(hashed(&Secret::new("hunter2")).unwrap(), kept, "salted");
        assert!(hashed(&Secret::new("$6$is no hash")).unwrap().expose().matches('$').count() > 2);
        assert!(hashed(&Secret::new("x".repeat(257))).is_err());
    }
}
