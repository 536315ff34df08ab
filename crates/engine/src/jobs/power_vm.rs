//! Ask a running VM something that it does by itself: shut down, reboot, stop its CPUs, go on. The host passes it on and
//! the job ends; what comes of it is told by reports.

use std::time::Duration;

use async_trait::async_trait;
use ferrovirt_hostapi::{RebootVmRequest, ShutdownVmRequest, VmRequest};
use ferrovirt_model::events::sentences;
use ferrovirt_model::ids::{HostId, VmId};
use ferrovirt_store::Areas;
use serde::{Deserialize, Serialize};

use super::{Job, JobContext, Turn};
use crate::failure::Result;
use crate::hosts::{ANSWER, within};

/// How long a guest has to shut down before the host asks in another way.
const SHUTDOWN_SECONDS: u32 = 30;

/// The job.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct PowerVm {
    /// The VM.
    pub vm: VmId,
    /// Where it runs.
    pub host: HostId,
    /// The run.
    pub generation: u64,
    /// What is asked.
    pub verb: Verb,
    /// Why, for the users of the guest.
    #[serde(default)]
    pub reason: Option<String>,
}

/// What a running VM can be asked.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Verb {
    /// Shut down.
    Shutdown,
    /// Reboot; by force where the guest need not agree.
    Reboot {
        /// Without asking the guest.
        force: bool,
    },
    /// Restart the machine at once.
    Reset,
    /// Stop the CPUs.
    Pause,
    /// Let the CPUs go on.
    Resume,
}

#[async_trait]
impl Job for PowerVm {
    const KIND: &'static str = "power_vm";
    const DEADLINE: Duration = Duration::from_secs(60);

    fn step(&self) -> (&'static str, String) {
        let what = match self.verb {
            Verb::Shutdown => "Asking the guest to shut down",
            Verb::Reboot { .. } => "Asking the guest to restart",
            Verb::Reset => "Resetting the machine",
            Verb::Pause => "Stopping the CPUs",
            Verb::Resume => "Letting the CPUs go on",
        };
        ("tell", what.to_owned())
    }

    async fn forward(self, cx: &mut JobContext<'_>) -> Result<Turn<Self>> {
        let door = cx.host_door(self.host).await?;
        let (key, vm_id, generation) = (Some(cx.key()), self.vm.to_string(), self.generation);
        let mut client = door.client();
        let answer = match self.verb {
            Verb::Shutdown => {
                let request = ShutdownVmRequest {
                    key,
                    vm_id,
                    generation,
                    timeout_seconds: SHUTDOWN_SECONDS,
                    message: self.message(),
                };
                client.shutdown_vm(within(ANSWER, request)).await
            }
            Verb::Reboot { force } => {
                client.reboot_vm(within(ANSWER, RebootVmRequest { key, vm_id, generation, force })).await
            }
            Verb::Reset => {
                client.reboot_vm(within(ANSWER, RebootVmRequest { key, vm_id, generation, force: true })).await
            }
            Verb::Pause => client.pause_vm(within(ANSWER, VmRequest { key, vm_id, generation })).await,
            Verb::Resume => client.resume_vm(within(ANSWER, VmRequest { key, vm_id, generation })).await,
        };
        door.heard(answer)?;
        Ok(Turn::Done)
    }

    async fn unwind(self, cx: &mut JobContext<'_>) -> Result<Turn<Self>> {
        self.tell_failure(cx).await?;
        Ok(Turn::Done)
    }

    async fn give_up(self, cx: &mut JobContext<'_>) -> Result<()> {
        self.tell_failure(cx).await
    }
}

impl PowerVm {
    fn message(&self) -> String {
        let why = self.reason.as_deref().filter(|reason| !reason.is_empty());
        let why = why.map_or_else(String::new, |reason| format!(" Reason: {reason}"));
        format!("An administrator is shutting this virtual machine down.{why}")
    }

    async fn tell_failure(&self, cx: &mut JobContext<'_>) -> Result<()> {
        let tx = cx.tx().await?;
        let view = tx.vms().view(self.vm).await?;
        let host = tx.hosts().get(self.host).await?;
        let sentence = match self.verb {
            Verb::Shutdown => sentences::USER_FAILED_SHUTDOWN_VM,
            Verb::Reboot { .. } => sentences::USER_FAILED_REBOOT_VM,
            Verb::Reset => sentences::USER_FAILED_RESET_VM,
            Verb::Pause => sentences::USER_FAILED_PAUSE_VM,
            Verb::Resume => sentences::USER_FAILED_RESUME_VM,
        };
        if let (Some(view), Some(host)) = (view, host) {
            cx.log(sentence.draft().vm(self.vm, view.vm.name).host(host.id, host.name)).await?;
        }
        Ok(())
    }
}
