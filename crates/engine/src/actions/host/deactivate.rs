//! Empty a host and set it aside.

use async_trait::async_trait;
use ferrovirt_model::events::{EventDraft, sentences};
use ferrovirt_model::host::lifecycle::{self, Ask};
use ferrovirt_model::host::{Host, HostIntent, HostStatus};
use ferrovirt_model::ids::{HostId, VmId};
use ferrovirt_model::permits::Permit;
use ferrovirt_model::refusal::Refusal;
use ferrovirt_model::vm::MigrationSupport;
use ferrovirt_store::Areas;
use ferrovirt_store::tx::Change;

use crate::action::{Action, ActionContext};
use crate::failure::Result;
use crate::jobs::maintain_host::MaintainHost;

/// Move a host into maintenance.
#[derive(Clone, Debug)]
pub struct Deactivate {
    host: HostId,
    reason: Option<String>,
    name: Option<String>,
}

impl Deactivate {
    /// Sends `host` into maintenance.
    #[must_use]
    pub fn new(host: HostId, reason: Option<String>) -> Self {
        let reason = reason.map(|reason| reason.trim().to_owned()).filter(|reason| !reason.is_empty());
        Self { host, reason, name: None }
    }

    async fn reason_fits(&self, cx: &mut ActionContext<'_>, host: &Host) -> Result<()> {
        let cluster = cx.tx.clusters().get(&[host.cluster]).await?.pop();
        let needed = cluster.is_some_and(|cluster| cluster.settings.maintenance_reason_required);
        if needed && self.reason.is_none() {
            return Err(Refusal::Missing { entity: "Host maintenance", field: "reason" }.into());
        }
        Ok(())
    }
}

/// VMs that can't leave the host, and VMs of which nobody knows whether they run.
async fn vms_fit(cx: &mut ActionContext<'_>, host: &Host) -> Result<()> {
    let runs = cx.tx.vms().runs_on(host.id).await?;
    if runs.is_empty() {
        return Ok(());
    }
    if lifecycle::status(host) == HostStatus::NonResponsive {
        let need = "its VMs may still run: confirm that it has been restarted first";
        let status = "non responsive".to_owned();
        return Err(Refusal::WrongState { what: "Host", name: host.name.clone(), status, need }.into());
    }
    let ids: Vec<VmId> = runs.iter().map(|run| run.vm).collect();
    let views = cx.tx.vms().views(&ids).await?;
    let pinned: Vec<&str> = views
        .iter()
        .filter(|view| view.vm.definition.placement.affinity == MigrationSupport::Pinned)
        .map(|view| view.vm.name.as_str())
        .collect();
    if pinned.is_empty() {
        return Ok(());
    }
    let sentence = format!(
        "Cannot switch Host {} to Maintenance mode: these VMs are pinned to it and can't be migrated: {}.",
        host.name,
        pinned.join(", ")
    );
    Err(Refusal::Busy { sentence }.into())
}

#[async_trait]
impl Action for Deactivate {
    type Output = ();

    async fn perform(&mut self, cx: &mut ActionContext<'_>) -> Result<()> {
        let id = self.host;
        let host = super::locked(cx, id).await?;
        self.name = Some(host.name.clone());
        cx.require(Permit::ManipulateHost, id).await?;
        lifecycle::may(&host, Ask::Deactivate)?;
        self.reason_fits(cx, &host).await?;
        vms_fit(cx, &host).await?;
        cx.tx.hosts().set_intent(id, HostIntent::PreparingForMaintenance, self.reason.as_deref()).await?;
        cx.tx.changed(id, Change::Updated);
        let job = MaintainHost::new(id, self.reason.clone());
        cx.begin(&job, format!("Moving host {} into maintenance", host.name), vec![id.into()]).await?;
        let draft = match &self.reason {
            Some(reason) => sentences::USER_VDS_MAINTENANCE.draft().with("Reason", reason),
            None => sentences::USER_VDS_MAINTENANCE_WITHOUT_REASON.draft(),
        };
        cx.log(draft.host(id, host.name));
        Ok(())
    }

    fn failed(&self) -> Option<EventDraft> {
        Some(sentences::VDS_MAINTENANCE_FAILED.draft().host(self.host, self.name.clone()?))
    }
}
