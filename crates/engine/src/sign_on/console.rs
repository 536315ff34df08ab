//! Console tickets: one use, two minutes, kept as hashes. What they open is in `tunnel`. Refuses to decide who may have
//! one: the action that calls does.

use std::time::Duration;

use ferrovirt_model::Millis;
use ferrovirt_model::ids::{UserId, VmId};
use ferrovirt_model::secret::Secret;
use ferrovirt_model::vm::ConsoleKind;
use ferrovirt_store::sign_on::ConsoleTicket;
use ferrovirt_store::tx::{Areas, Tx};

use super::{new_secret, token_hash};
use crate::failure::Result;

/// How long a ticket waits for its use.
pub const LIFETIME: Duration = Duration::from_secs(120);

/// Makes a ticket for a VM's console, inside the transaction of the action that grants it.
///
/// # Errors
/// Trouble with the store.
pub async fn issue(tx: &mut Tx, vm: VmId, kind: ConsoleKind, user: UserId, now: Millis) -> Result<Secret> {
    let ticket = new_secret();
    let expires_at = now + i64::try_from(LIFETIME.as_millis()).unwrap_or_default();
    let row = ConsoleTicket { vm, kind: word(kind).to_owned(), user };
    tx.sign_on().insert_console(&token_hash(&ticket), &row, expires_at).await?;
    Ok(ticket)
}

/// The kind's name in rows and at the host door.
fn word(kind: ConsoleKind) -> &'static str {
    match kind {
        ConsoleKind::Vnc => "vnc",
        ConsoleKind::Spice => "spice",
    }
}
