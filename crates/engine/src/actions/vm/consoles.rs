//! A way to a VM's screen: a one-time password at its host, or a ticket for the engine's own tunnel.

use std::time::Duration;

use async_trait::async_trait;
use ferrovirt_hostapi::ConsoleTicketRequest;
use ferrovirt_model::events::{EventDraft, sentences};
use ferrovirt_model::ids::VmId;
use ferrovirt_model::permits::Permit;
use ferrovirt_model::refusal::Refusal;
use ferrovirt_model::secret::Secret;
use ferrovirt_model::vm::lifecycle::{self, Ask};
use ferrovirt_model::vm::{ConsoleKind, Vm, VmRun};
use ferrovirt_store::Areas;
use rand::RngExt;

use crate::action::{Action, ActionContext};
use crate::failure::Result;
use crate::hosts::{ANSWER, within};
use crate::sign_on::console;

/// How long a password holds where none is named.
pub const LIFETIME: Duration = Duration::from_secs(120);
/// The longest that a password may hold.
const LONGEST: Duration = Duration::from_secs(24 * 3600);
/// Letters and digits that nobody mistakes for one another.
const ALPHABET: &[u8] = b"abcdefghijkmnpqrstuvwxyzABCDEFGHJKLMNPQRSTUVWXYZ23456789";
/// VNC's own limit (RFC 6143, 7.2.2: a DES key of 8 bytes).
const LENGTH: usize = 8;

/// A password that a console's viewer must give.
#[derive(Clone, Debug)]
pub struct Ticket {
    /// The password.
    pub password: Secret,
    /// How long it holds.
    pub lifetime: Duration,
}

async fn console_of(cx: &mut ActionContext<'_>, id: VmId, name: &mut Option<String>) -> Result<(Vm, VmRun)> {
    let view = cx.tx.vms().view(id).await?.ok_or_else(|| Refusal::no_such("VM", id))?;
    *name = Some(view.vm.name.clone());
    cx.require(Permit::ConnectToVm, id).await?;
    lifecycle::may(&view.vm, view.run.as_ref(), Ask::Console, cx.now)?;
    if view.vm.definition.display.consoles.is_empty() {
        return Err(Refusal::rule("The VM has no graphical console.").into());
    }
    let run = view.run.ok_or_else(|| Refusal::rule("The VM does not run."))?;
    Ok((view.vm, run))
}

/// Set the console's password at the host.
#[derive(Clone, Debug)]
pub struct SetTicket {
    /// The VM.
    pub vm: VmId,
    /// A password of the caller's choice.
    pub password: Option<Secret>,
    /// How long it is to hold.
    pub lifetime: Option<Duration>,
    /// The VM's name, as far as it is known.
    pub name: Option<String>,
}

#[async_trait]
impl Action for SetTicket {
    type Output = Ticket;

    async fn perform(&mut self, cx: &mut ActionContext<'_>) -> Result<Ticket> {
        let (vm, run) = console_of(cx, self.vm, &mut self.name).await?;
        let lifetime = self.lifetime.unwrap_or(LIFETIME);
        if lifetime.is_zero() || lifetime > LONGEST {
            return Err(Refusal::bad_value("ticket.expiry", lifetime.as_secs(), "it is 1 to 86400 seconds").into());
        }
        let password = self.password.clone().unwrap_or_else(fresh);
        let door = cx.engine.host_door_for_user(&mut cx.tx, run.host).await?;
        let request = ConsoleTicketRequest {
            vm_id: self.vm.to_string(),
            kind: "vnc".to_owned(),
            password: password.expose().to_owned(),
            lifetime_seconds: u32::try_from(lifetime.as_secs()).unwrap_or(u32::MAX),
        };
        cx.acts_outside();
        door.heard(door.client().set_console_ticket(within(ANSWER, request)).await)?;
        cx.log(sentences::VM_SET_TICKET.draft().vm(self.vm, vm.name));
        Ok(Ticket { password, lifetime })
    }

    fn failed(&self) -> Option<EventDraft> {
        Some(sentences::VM_SET_TICKET_FAILED.draft().vm(self.vm, self.name.clone()?))
    }
}

fn fresh() -> Secret {
    let mut random = rand::rng();
    let letters = (0..LENGTH).map(|_| char::from(ALPHABET[random.random_range(0..ALPHABET.len())]));
    Secret::new(letters.collect::<String>())
}

/// A one-time ticket for the engine's tunnel to the console.
#[derive(Clone, Debug)]
pub struct ProxyTicket {
    /// The VM.
    pub vm: VmId,
    /// The VM's name, as far as it is known.
    pub name: Option<String>,
}

#[async_trait]
impl Action for ProxyTicket {
    type Output = Secret;

    async fn perform(&mut self, cx: &mut ActionContext<'_>) -> Result<Secret> {
        let (vm, _run) = console_of(cx, self.vm, &mut self.name).await?;
        let (user, now) = (cx.caller.session.user, cx.now);
        let ticket = console::issue(&mut cx.tx, self.vm, ConsoleKind::Vnc, user, now).await?;
        cx.log(sentences::VM_SET_TICKET.draft().vm(self.vm, vm.name));
        Ok(ticket)
    }

    fn failed(&self) -> Option<EventDraft> {
        Some(sentences::VM_SET_TICKET_FAILED.draft().vm(self.vm, self.name.clone()?))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn passwords_are_long_and_differ() {
        let (one, other) = (fresh(), fresh());
        assert_eq!(one.expose().len(), LENGTH);
        assert_ne!(one.expose(), other.expose());
    }
}
