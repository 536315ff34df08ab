//! Read a host's capabilities and networks anew, at once.

use std::time::Duration;

use async_trait::async_trait;
use ferrovirt_hostapi::report::Body;
use ferrovirt_hostapi::{Capabilities, NetworkState, ReportsRequest};
use ferrovirt_model::events::{EventDraft, sentences};
use ferrovirt_model::host::lifecycle::{self, Ask};
use ferrovirt_model::ids::HostId;
use ferrovirt_model::permits::Permit;
use ferrovirt_model::refusal::Refusal;
use ferrovirt_store::Areas;
use ferrovirt_store::tx::Change;

use crate::action::{Action, ActionContext};
use crate::failure::{Result, Trouble};
use crate::hosts::{HostDoor, translate};

/// How long a host has to tell what it can.
const PATIENCE: Duration = Duration::from_secs(15);

/// Read a host's capabilities.
#[derive(Clone, Debug)]
pub struct Refresh {
    host: HostId,
    name: Option<String>,
}

impl Refresh {
    /// Reads `host` anew.
    #[must_use]
    pub fn new(host: HostId) -> Self {
        Self { host, name: None }
    }
}

/// A stream of reports begins with all that the host knows of itself.
async fn ask(door: &HostDoor, engine_id: String) -> Result<(Capabilities, Option<NetworkState>)> {
    let mut stream = door.heard(door.client().reports(ReportsRequest { engine_id }).await)?;
    let mut known = None;
    loop {
        let report = match stream.message().await {
            Ok(Some(report)) => report,
            Ok(None) => return Err(Trouble::HostAway(door.id).into()),
            Err(status) => return Err(door.failure(&status)),
        };
        match (report.body, known.take()) {
            (Some(Body::Capabilities(mut capabilities)), _) => match capabilities.network.take() {
                Some(network) => return Ok((capabilities, Some(network))),
                None => known = Some(capabilities),
            },
            (Some(Body::Network(network)), Some(capabilities)) => return Ok((capabilities, Some(network))),
            (Some(Body::FullSync(_)), before) => known = before,
            // Whatever else comes: the networks were not told.
            (_, Some(capabilities)) => return Ok((capabilities, None)),
            (_, None) => {}
        }
    }
}

#[async_trait]
impl Action for Refresh {
    type Output = ();

    async fn perform(&mut self, cx: &mut ActionContext<'_>) -> Result<()> {
        let id = self.host;
        let host = cx.tx.hosts().get(id).await?.ok_or_else(|| Refusal::no_such("Host", id))?;
        self.name = Some(host.name.clone());
        cx.require(Permit::ManipulateHost, id).await?;
        lifecycle::may(&host, Ask::Use)?;
        let door = cx.engine.host_door_for_user(&mut cx.tx, id).await?;
        let asked = ask(&door, cx.engine.installation().to_string());
        let answer = tokio::time::timeout(PATIENCE, asked).await;
        let (capabilities, network) = answer.map_err(|_elapsed| Trouble::HostAway(id))??;
        cx.tx.hosts().set_facts(id, &translate::facts(capabilities), cx.now).await?;
        if let Some(network) = network {
            cx.tx.hosts().put_nics(id, &translate::nics(id, &network)).await?;
        }
        cx.tx.changed(id, Change::Updated);
        cx.log(sentences::HOST_REFRESHED_CAPABILITIES.draft().host(id, host.name));
        Ok(())
    }

    fn failed(&self) -> Option<EventDraft> {
        Some(sentences::HOST_REFRESH_CAPABILITIES_FAILED.draft().host(self.host, self.name.clone()?))
    }
}
