//! Let a host run VMs, or stop emptying it.

use async_trait::async_trait;
use ferrovirt_model::events::{EventDraft, sentences};
use ferrovirt_model::host::HostIntent;
use ferrovirt_model::host::lifecycle::{self, Ask};
use ferrovirt_model::ids::HostId;
use ferrovirt_model::permits::Permit;
use ferrovirt_store::Areas;
use ferrovirt_store::tx::Change;

use crate::action::{Action, ActionContext};
use crate::failure::Result;
use crate::jobs::maintain_host;

/// Activate a host.
#[derive(Clone, Debug)]
pub struct Activate {
    host: HostId,
    name: Option<String>,
}

impl Activate {
    /// Activates `host`.
    #[must_use]
    pub fn new(host: HostId) -> Self {
        Self { host, name: None }
    }
}

#[async_trait]
impl Action for Activate {
    type Output = ();

    async fn perform(&mut self, cx: &mut ActionContext<'_>) -> Result<()> {
        let id = self.host;
        let host = super::locked(cx, id).await?;
        self.name = Some(host.name.clone());
        cx.require(Permit::ManipulateHost, id).await?;
        lifecycle::may(&host, Ask::Activate)?;
        cx.tx.hosts().set_intent(id, HostIntent::Active, None).await?;
        // What is wrong with it is found anew.
        cx.tx.hosts().set_problem(id, None).await?;
        for job in maintain_host::of_host(&mut cx.tx, id).await? {
            cx.tx.jobs().ask_cancel(job).await?;
        }
        cx.tx.changed(id, Change::Updated);
        cx.log(sentences::VDS_ACTIVATE.draft().host(id, host.name));
        cx.engine.jobs().wake();
        cx.engine.kicks().hosts.notify_one();
        Ok(())
    }

    fn failed(&self) -> Option<EventDraft> {
        Some(sentences::VDS_ACTIVATE_FAILED.draft().host(self.host, self.name.clone()?))
    }
}
