//! Add a host: one that has joined and waits is adopted; for one that has not joined yet a place is kept.

use async_trait::async_trait;
use ferrovirt_model::cluster::Cluster;
use ferrovirt_model::events::{EventDraft, sentences};
use ferrovirt_model::host::{Host, HostIntent, HostLink};
use ferrovirt_model::ids::{ClusterId, HostId};
use ferrovirt_model::permits::Permit;
use ferrovirt_model::refusal::Refusal;
use ferrovirt_store::Areas;
use ferrovirt_store::tx::Change;
use uuid::Uuid;

use super::{Wish, same_address};
use crate::action::{Action, ActionContext};
use crate::actions::named::{Named, name_taken};
use crate::failure::Result;

/// oVirt's SPM priority of new hosts.
const SPM_PRIORITY: i32 = 5;

/// Add a host.
#[derive(Clone, Debug)]
pub struct Add {
    wish: Wish,
    activate: bool,
}

impl Add {
    /// Adds a host; name, address and cluster are needed. A host that has joined already is set to work at once, or
    /// goes into maintenance when `activate` is false.
    #[must_use]
    pub fn new(wish: Wish, activate: bool) -> Self {
        Self { wish, activate }
    }

    /// A host that joined and waits, by the address or the name that the request gives.
    async fn waiting(&self, cx: &mut ActionContext<'_>, name: &str, address: &str) -> Result<Option<Host>> {
        let all = cx.tx.hosts().all().await?;
        let mut waiting = all.into_iter().filter(|host| host.intent == HostIntent::PendingApproval);
        let found = waiting.find(|host| {
            same_address(&host.address, address.trim())
                || same_address(&host.name, name)
                || same_address(&host.name, address)
        });
        match found {
            Some(host) => Ok(cx.tx.hosts().lock_row(host.id).await?),
            None => Ok(None),
        }
    }

    async fn adopt(&self, cx: &mut ActionContext<'_>, mut host: Host, cluster: ClusterId) -> Result<Host> {
        // It is dialled where it said that it is, whatever name the request knows it by.
        let wish = Wish { address: None, port: None, ..self.wish.clone() };
        wish.lay_over(cx, &mut host).await?;
        host.cluster = cluster;
        host.intent = if self.activate { HostIntent::Active } else { HostIntent::Maintenance };
        cx.tx.changed(host.id, Change::Updated);
        Ok(host)
    }

    async fn keep_a_place(&self, cx: &mut ActionContext<'_>, name: &str, cluster: ClusterId) -> Result<Host> {
        let mut host = Host {
            id: HostId(Uuid::new_v4()),
            name: name.to_owned(),
            cluster,
            address: String::new(),
            port: ferrovirt_hostapi::HOST_PORT,
            description: String::new(),
            comment: String::new(),
            intent: HostIntent::Installing,
            link: HostLink::Unassigned,
            problem: None,
            maintenance_reason: None,
            hardware_id: String::new(),
            enrolled: false,
            certificate_expires_at: None,
            seen_at: None,
            boot_id: String::new(),
            created_at: cx.now,
            spm_priority: SPM_PRIORITY,
        };
        self.wish.lay_over(cx, &mut host).await?;
        cx.tx.changed(host.id, Change::Created);
        Ok(host)
    }
}

#[async_trait]
impl Action for Add {
    type Output = HostId;

    async fn perform(&mut self, cx: &mut ActionContext<'_>) -> Result<HostId> {
        let missing = |field| Refusal::Missing { entity: "Host", field };
        let name = self.wish.name.clone().ok_or(missing("name"))?;
        let address = self.wish.address.clone().ok_or(missing("address"))?;
        let named: Named<ClusterId> = self.wish.cluster.clone().ok_or(missing("cluster"))?;
        let cluster: Cluster = super::cluster(cx, &named).await?;
        cx.require(Permit::CreateHost, cluster.id).await?;
        let host = match self.waiting(cx, &name, &address).await? {
            Some(host) => self.adopt(cx, host, cluster.id).await?,
            None => self.keep_a_place(cx, &name, cluster.id).await?,
        };
        cx.tx.hosts().put(&host).await.map_err(|error| name_taken(error, "Host", &name))?;
        cx.log(sentences::USER_ADD_VDS.draft().host(host.id, name).cluster(cluster.id, cluster.name));
        cx.engine.kicks().hosts.notify_one();
        Ok(host.id)
    }

    fn failed(&self) -> Option<EventDraft> {
        Some(sentences::USER_FAILED_ADD_VDS.draft().with("VdsName", self.wish.name.as_deref()?))
    }
}
