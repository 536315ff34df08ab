//! Approve a host that joined by itself.

use async_trait::async_trait;
use ferrovirt_model::events::{EventDraft, sentences};
use ferrovirt_model::host::HostIntent;
use ferrovirt_model::host::lifecycle::{self, Ask};
use ferrovirt_model::ids::{ClusterId, HostId};
use ferrovirt_model::permits::Permit;
use ferrovirt_store::Areas;
use ferrovirt_store::tx::Change;

use crate::action::{Action, ActionContext};
use crate::actions::named::Named;
use crate::failure::Result;

/// Approve a host.
#[derive(Clone, Debug)]
pub struct Approve {
    host: HostId,
    cluster: Option<Named<ClusterId>>,
    activate: bool,
    name: Option<String>,
}

impl Approve {
    /// Approves `host`, into another cluster than it asked for where one is named.
    #[must_use]
    pub fn new(host: HostId, cluster: Option<Named<ClusterId>>, activate: bool) -> Self {
        Self { host, cluster, activate, name: None }
    }
}

#[async_trait]
impl Action for Approve {
    type Output = ();

    async fn perform(&mut self, cx: &mut ActionContext<'_>) -> Result<()> {
        let mut target = None;
        if let Some(named) = &self.cluster {
            target = Some(super::cluster(cx, named).await?.id);
        }
        let id = self.host;
        let mut host = super::locked(cx, id).await?;
        self.name = Some(host.name.clone());
        cx.require(Permit::EditHostConfiguration, id).await?;
        lifecycle::may(&host, Ask::Approve)?;
        if let Some(cluster) = target {
            cx.require(Permit::CreateHost, cluster).await?;
            host.cluster = cluster;
        }
        host.intent = match (host.enrolled, self.activate) {
            (false, _) => HostIntent::Installing,
            (true, true) => HostIntent::Active,
            (true, false) => HostIntent::Maintenance,
        };
        cx.tx.hosts().put(&host).await?;
        cx.tx.changed(id, Change::Updated);
        cx.log(sentences::VDS_APPROVE.draft().host(id, host.name));
        cx.engine.kicks().hosts.notify_one();
        Ok(())
    }

    fn failed(&self) -> Option<EventDraft> {
        Some(sentences::VDS_APPROVE_FAILED.draft().host(self.host, self.name.clone()?))
    }
}
