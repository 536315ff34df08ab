//! Remove a host that runs nothing. Its session ends with its row.

use async_trait::async_trait;
use ferrovirt_model::events::{EventDraft, sentences};
use ferrovirt_model::host::lifecycle::{self, Ask};
use ferrovirt_model::ids::HostId;
use ferrovirt_model::permits::Permit;
use ferrovirt_model::refusal::Refusal;
use ferrovirt_store::Areas;
use ferrovirt_store::tx::Change;

use crate::action::{Action, ActionContext};
use crate::failure::Result;
use crate::jobs::maintain_host;

/// Remove a host.
#[derive(Clone, Debug)]
pub struct Remove {
    host: HostId,
    name: Option<String>,
}

impl Remove {
    /// Removes `host`.
    #[must_use]
    pub fn new(host: HostId) -> Self {
        Self { host, name: None }
    }
}

#[async_trait]
impl Action for Remove {
    type Output = ();

    async fn perform(&mut self, cx: &mut ActionContext<'_>) -> Result<()> {
        let id = self.host;
        let host = super::locked(cx, id).await?;
        self.name = Some(host.name.clone());
        cx.require(Permit::DeleteHost, id).await?;
        lifecycle::may(&host, Ask::Remove)?;
        let runs = cx.tx.vms().runs_on(id).await?;
        if !runs.is_empty() {
            let ids: Vec<_> = runs.iter().map(|run| run.vm).collect();
            let names: Vec<String> = cx.tx.vms().views(&ids).await?.into_iter().map(|view| view.vm.name).collect();
            let users = format!("the VMs {}", names.join(", "));
            return Err(Refusal::InUse { what: "Host", name: host.name, users }.into());
        }
        if !maintain_host::of_host(&mut cx.tx, id).await?.is_empty() {
            return Err(Refusal::Locked { what: "Host", name: host.name }.into());
        }
        cx.tx.permissions().forget(id.into()).await?;
        cx.tx.hosts().remove(id).await?;
        cx.tx.changed(id, Change::Removed);
        cx.log(sentences::USER_REMOVE_VDS.draft().host(id, host.name));
        cx.engine.hosts().forget(id);
        cx.engine.kicks().hosts.notify_one();
        Ok(())
    }

    fn failed(&self) -> Option<EventDraft> {
        Some(sentences::USER_FAILED_REMOVE_VDS.draft().host(self.host, self.name.clone()?))
    }
}
