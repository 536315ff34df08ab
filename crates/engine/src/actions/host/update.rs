//! Change a host's name, texts, address or cluster.

use async_trait::async_trait;
use ferrovirt_model::events::{EventDraft, sentences};
use ferrovirt_model::host::lifecycle::{self, Ask};
use ferrovirt_model::host::{Host, HostStatus};
use ferrovirt_model::ids::HostId;
use ferrovirt_model::permits::Permit;
use ferrovirt_model::refusal::Refusal;
use ferrovirt_store::Areas;
use ferrovirt_store::tx::Change;

use super::Wish;
use crate::action::{Action, ActionContext};
use crate::actions::named::name_taken;
use crate::failure::Result;

/// Change a host.
#[derive(Clone, Debug)]
pub struct Update {
    host: HostId,
    wish: Wish,
    name: Option<String>,
}

impl Update {
    /// Lays `wish` over the host.
    #[must_use]
    pub fn new(host: HostId, wish: Wish) -> Self {
        Self { host, wish, name: None }
    }

    /// Moves it to another cluster, where the request names one.
    async fn lay_cluster(&self, cx: &mut ActionContext<'_>, host: &mut Host) -> Result<()> {
        let Some(named) = &self.wish.cluster else { return Ok(()) };
        let cluster = super::cluster(cx, named).await?;
        if cluster.id == host.cluster {
            return Ok(());
        }
        cx.require(Permit::EditHostConfiguration, cluster.id).await?;
        at_rest(host, "its cluster can be changed only in maintenance")?;
        host.cluster = cluster.id;
        Ok(())
    }
}

/// How a host is reached, and where it belongs, change only while it does nothing.
fn at_rest(host: &Host, need: &'static str) -> Result<()> {
    let status = lifecycle::status(host);
    let free = matches!(
        status,
        HostStatus::Maintenance | HostStatus::Installing | HostStatus::InstallFailed | HostStatus::PendingApproval
    );
    if free {
        return Ok(());
    }
    let status = status.as_str().replace('_', " ");
    Err(Refusal::WrongState { what: "Host", name: host.name.clone(), status, need }.into())
}

#[async_trait]
impl Action for Update {
    type Output = ();

    async fn perform(&mut self, cx: &mut ActionContext<'_>) -> Result<()> {
        let id = self.host;
        let before = super::locked(cx, id).await?;
        self.name = Some(before.name.clone());
        cx.require(Permit::EditHostConfiguration, id).await?;
        lifecycle::may(&before, Ask::Update)?;
        let mut after = before.clone();
        self.wish.lay_over(cx, &mut after).await?;
        if (&after.address, after.port) != (&before.address, before.port) {
            at_rest(&before, "its address can be changed only in maintenance")?;
        }
        self.lay_cluster(cx, &mut after).await?;
        let name = after.name.clone();
        cx.tx.hosts().put(&after).await.map_err(|error| name_taken(error, "Host", &name))?;
        cx.tx.changed(id, Change::Updated);
        cx.log(sentences::USER_UPDATE_VDS.draft().host(id, name));
        cx.engine.kicks().hosts.notify_one();
        Ok(())
    }

    fn failed(&self) -> Option<EventDraft> {
        Some(sentences::USER_FAILED_UPDATE_VDS.draft().host(self.host, self.name.clone()?))
    }
}
