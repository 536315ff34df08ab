//! A user asserts that a lost host has been restarted: what ran on it no longer does.

use async_trait::async_trait;
use ferrovirt_model::events::{EventDraft, sentences};
use ferrovirt_model::host::{HostStatus, lifecycle};
use ferrovirt_model::ids::HostId;
use ferrovirt_model::permits::Permit;
use ferrovirt_model::refusal::Refusal;
use ferrovirt_store::Areas;
use ferrovirt_store::tx::Change;

use crate::action::{Action, ActionContext};
use crate::failure::Result;
use crate::hosts::absorb;

/// Confirm that a host has been restarted.
#[derive(Clone, Debug)]
pub struct ConfirmRebooted {
    host: HostId,
    name: Option<String>,
}

impl ConfirmRebooted {
    /// Ends all runs of `host`.
    #[must_use]
    pub fn new(host: HostId) -> Self {
        Self { host, name: None }
    }
}

#[async_trait]
impl Action for ConfirmRebooted {
    type Output = ();

    async fn perform(&mut self, cx: &mut ActionContext<'_>) -> Result<()> {
        let id = self.host;
        let host = super::locked(cx, id).await?;
        self.name = Some(host.name.clone());
        cx.require(Permit::ManipulateHost, id).await?;
        let status = lifecycle::status(&host);
        if status != HostStatus::NonResponsive {
            let need = "only a host that does not respond can be confirmed as restarted";
            let status = status.as_str().replace('_', " ");
            return Err(Refusal::WrongState { what: "Host", name: host.name, status, need }.into());
        }
        for run in cx.tx.vms().runs_on(id).await? {
            absorb::gone(&mut cx.tx, id, run.vm, run.generation, cx.now).await?;
        }
        cx.tx.changed(id, Change::Updated);
        cx.log(sentences::USER_CLEAR_UNKNOWN_VMS.draft().host(id, host.name));
        cx.engine.jobs().wake();
        cx.engine.kicks().hosts.notify_one();
        Ok(())
    }

    fn failed(&self) -> Option<EventDraft> {
        None
    }
}
