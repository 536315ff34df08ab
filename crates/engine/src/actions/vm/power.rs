//! Shut down, reboot, and the going-on of a paused VM: what a running VM is asked without holding it.

use async_trait::async_trait;
use ferrovirt_model::events::{EventDraft, sentences};
use ferrovirt_model::ids::VmId;
use ferrovirt_model::permits::Permit;
use ferrovirt_model::refusal::Refusal;
use ferrovirt_model::vm::lifecycle::{self, Ask};
use ferrovirt_store::Areas;

use super::known::Known;
use super::stop::keep_reason;
use crate::action::{Action, ActionContext};
use crate::failure::Result;
use crate::jobs::power_vm::{PowerVm, Verb};

/// Ask a running VM to shut down or reboot.
#[derive(Clone, Debug)]
pub struct Power {
    /// The VM.
    pub vm: VmId,
    /// What is asked.
    pub verb: Verb,
    /// Why, for the log.
    pub reason: Option<String>,
    known: Known,
}

impl Power {
    /// Asks the guest to shut down.
    #[must_use]
    pub fn shutdown(vm: VmId, reason: Option<String>) -> Self {
        Self { vm, verb: Verb::Shutdown, reason, known: Known::default() }
    }

    /// Asks the guest to restart, or restarts it by force.
    #[must_use]
    pub fn reboot(vm: VmId, force: bool) -> Self {
        Self { vm, verb: Verb::Reboot { force }, reason: None, known: Known::default() }
    }

    /// Restarts the machine without asking the guest.
    #[must_use]
    pub fn reset(vm: VmId) -> Self {
        Self { vm, verb: Verb::Reset, reason: None, known: Known::default() }
    }

    fn terms(&self) -> (Permit, Ask) {
        match self.verb {
            Verb::Shutdown => (Permit::ShutDownVm, Ask::Shutdown),
            Verb::Reboot { .. } => (Permit::RebootVm, Ask::Reboot),
            Verb::Reset => (Permit::ResetVm, Ask::Reboot),
            Verb::Pause => (Permit::HibernateVm, Ask::Pause),
            Verb::Resume => (Permit::RunVm, Ask::Start),
        }
    }
}

#[async_trait]
impl Action for Power {
    type Output = ();

    async fn perform(&mut self, cx: &mut ActionContext<'_>) -> Result<()> {
        let vm = cx.tx.vms().lock_row(self.vm).await?.ok_or_else(|| Refusal::no_such("VM", self.vm))?;
        self.known = Known::find(cx, self.vm).await?;
        let (permit, ask) = self.terms();
        cx.require(permit, self.vm).await?;
        let run = cx.tx.vms().view(self.vm).await?.and_then(|view| view.run);
        lifecycle::may(&vm, run.as_ref(), ask, cx.now)?;
        let run = run.ok_or_else(|| Refusal::rule("The VM does not run."))?;
        let host = cx.tx.hosts().get(run.host).await?.ok_or_else(|| Refusal::no_such("Host", run.host))?;
        if self.verb == Verb::Shutdown {
            keep_reason(cx, &run, self.reason.as_deref()).await?;
        }
        let job = PowerVm {
            vm: self.vm,
            host: run.host,
            generation: run.generation,
            verb: self.verb,
            reason: self.reason.clone(),
        };
        let (words, sentence) = match self.verb {
            Verb::Shutdown => ("Shutting down", sentences::USER_INITIATED_SHUTDOWN_VM),
            Verb::Reboot { .. } => ("Rebooting", sentences::USER_REBOOT_VM),
            Verb::Reset => ("Resetting", sentences::USER_RESET_VM),
            Verb::Pause => ("Pausing", sentences::USER_PAUSE_VM),
            Verb::Resume => ("Resuming", sentences::USER_RESUME_VM),
        };
        cx.begin(&job, format!("{words} VM {}", vm.name), vec![self.vm.into()]).await?;
        let draft = sentence.draft().vm(self.vm, vm.name).host(host.id, host.name);
        cx.log(draft.reason(self.reason.as_deref()));
        Ok(())
    }

    fn failed(&self) -> Option<EventDraft> {
        let sentence = match self.verb {
            Verb::Shutdown => sentences::USER_FAILED_SHUTDOWN_VM,
            Verb::Reboot { .. } => sentences::USER_FAILED_REBOOT_VM,
            Verb::Reset => sentences::USER_FAILED_RESET_VM,
            Verb::Pause => sentences::USER_FAILED_PAUSE_VM,
            Verb::Resume => sentences::USER_FAILED_RESUME_VM,
        };
        self.known.draft(sentence, self.vm)
    }
}
