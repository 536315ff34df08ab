//! Power a VM off. A start that is still under way is given up instead.

use async_trait::async_trait;
use ferrovirt_model::events::{EventDraft, sentences};
use ferrovirt_model::ids::{JobId, VmId};
use ferrovirt_model::permits::Permit;
use ferrovirt_model::refusal::Refusal;
use ferrovirt_model::vm::lifecycle::{self, Ask};
use ferrovirt_model::vm::{Lock, LockPurpose, VmRun};
use ferrovirt_store::Areas;
use ferrovirt_store::tx::Change;

use super::known::Known;
use crate::action::{Action, ActionContext};
use crate::failure::Result;
use crate::jobs::stop_vm::StopVm;

/// Power a VM off.
#[derive(Clone, Debug)]
pub struct Stop {
    /// The VM.
    pub vm: VmId,
    /// Why, for the log.
    pub reason: Option<String>,
    known: Known,
}

impl Stop {
    /// A power-off of `vm`.
    #[must_use]
    pub fn new(vm: VmId, reason: Option<String>) -> Self {
        Self { vm, reason, known: Known::default() }
    }
}

#[async_trait]
impl Action for Stop {
    type Output = ();

    async fn perform(&mut self, cx: &mut ActionContext<'_>) -> Result<()> {
        let vm = cx.tx.vms().lock_row(self.vm).await?.ok_or_else(|| Refusal::no_such("VM", self.vm))?;
        self.known = Known::find(cx, self.vm).await?;
        cx.require(Permit::StopVm, self.vm).await?;
        let run = cx.tx.vms().view(self.vm).await?.and_then(|view| view.run);
        lifecycle::may(&vm, run.as_ref(), Ask::Stop, cx.now)?;
        let mut draft = sentences::USER_STOP_VM.draft().vm(self.vm, vm.name.clone()).reason(self.reason.as_deref());
        if let Some(run) = &run
            && let Some(host) = cx.tx.hosts().get(run.host).await?
        {
            draft = draft.host(host.id, host.name);
        }
        if let Some(lock) = vm.lock {
            cx.tx.jobs().ask_cancel(lock.job).await?;
            cx.engine.jobs().wake();
        } else {
            let run = run.ok_or_else(|| Refusal::rule("The VM does not run."))?;
            keep_reason(cx, &run, self.reason.as_deref()).await?;
            let id = JobId(uuid::Uuid::new_v4());
            let job = StopVm {
                vm: self.vm,
                host: run.host,
                generation: run.generation,
                reason: self.reason.clone(),
                told: false,
            };
            cx.tx.vms().set_lock(self.vm, Some(Lock { job: id, purpose: LockPurpose::Stopping })).await?;
            cx.begin_as(id, &job, format!("Powering off VM {}", vm.name), vec![self.vm.into()]).await?;
        }
        cx.tx.changed(self.vm, Change::Updated);
        cx.log(draft);
        Ok(())
    }

    fn failed(&self) -> Option<EventDraft> {
        self.known.draft(sentences::USER_FAILED_STOP_VM, self.vm)
    }
}

/// Writes why a run is to end, or that nobody has said why: the VM shows it when the run has ended.
pub(super) async fn keep_reason(cx: &mut ActionContext<'_>, run: &VmRun, reason: Option<&str>) -> Result<()> {
    let mut particulars = cx.tx.vms().particulars(run.vm, run.generation).await?;
    particulars.stop_reason = reason.map(str::trim).filter(|reason| !reason.is_empty()).map(str::to_owned);
    cx.tx.vms().put_particulars(run.vm, run.generation, &particulars).await?;
    Ok(())
}
