//! Power a VM off: tell its host, and wait until the host says that the run has ended.

use std::time::Duration;

use async_trait::async_trait;
use ferrovirt_hostapi::StopVmRequest;
use ferrovirt_model::events::sentences;
use ferrovirt_model::ids::{HostId, VmId};
use ferrovirt_store::Areas;
use ferrovirt_store::tx::Change;
use serde::{Deserialize, Serialize};

use super::{Job, JobContext, Turn};
use crate::failure::Result;
use crate::hosts::{WORK, within};

/// The job.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct StopVm {
    /// The VM.
    pub vm: VmId,
    /// Where it runs.
    pub host: HostId,
    /// The run.
    pub generation: u64,
    /// Why, for the log.
    pub reason: Option<String>,
    /// The host has been told.
    pub told: bool,
}

#[async_trait]
impl Job for StopVm {
    const KIND: &'static str = "stop_vm";
    const DEADLINE: Duration = Duration::from_secs(180);

    fn step(&self) -> (&'static str, String) {
        if self.told {
            ("await", "Waiting until the VM is down".to_owned())
        } else {
            ("tell", "Powering the VM off".to_owned())
        }
    }

    async fn forward(mut self, cx: &mut JobContext<'_>) -> Result<Turn<Self>> {
        if !self.told {
            let door = cx.host_door(self.host).await?;
            let request = StopVmRequest {
                key: Some(cx.key()),
                vm_id: self.vm.to_string(),
                generation: self.generation,
                reason: self.reason.clone().unwrap_or_default(),
            };
            door.heard(door.client().stop_vm(within(WORK, request)).await)?;
            self.told = true;
            return Ok(Turn::Next(self));
        }
        let (vm, generation) = (self.vm, self.generation);
        let tx = cx.tx().await?;
        if tx.vms().lock_runs(vm).await?.iter().any(|run| run.generation == generation) {
            return Ok(Turn::Wait(self, Duration::from_millis(500)));
        }
        tx.vms().set_lock(vm, None).await?;
        tx.changed(vm, Change::Updated);
        Ok(Turn::Done)
    }

    async fn unwind(self, cx: &mut JobContext<'_>) -> Result<Turn<Self>> {
        // Nothing can bring a VM back that was powered off; what the host reports is what is true.
        self.release(cx).await?;
        Ok(Turn::Done)
    }

    async fn give_up(self, cx: &mut JobContext<'_>) -> Result<()> {
        self.release(cx).await
    }
}

impl StopVm {
    async fn release(&self, cx: &mut JobContext<'_>) -> Result<()> {
        let vm = self.vm;
        let tx = cx.tx().await?;
        tx.vms().set_lock(vm, None).await?;
        tx.changed(vm, Change::Updated);
        let view = tx.vms().view(vm).await?;
        let host = tx.hosts().get(self.host).await?;
        if let (Some(view), Some(host)) = (view, host) {
            cx.log(sentences::USER_FAILED_STOP_VM.draft().vm(vm, view.vm.name).host(host.id, host.name)).await?;
        }
        Ok(())
    }
}
