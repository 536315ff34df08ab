//! Making a join token: an administrator's deed, for a cluster, perhaps for one host.

use std::time::Duration;

use async_trait::async_trait;
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use ferrovirt_model::Millis;
use ferrovirt_model::default_objects::DEFAULT_NAME;
use ferrovirt_model::events::{EventDraft, sentences};
use ferrovirt_model::host::{Host, HostIntent, HostLink};
use ferrovirt_model::ids::HostId;
use ferrovirt_model::permits::Permit;
use ferrovirt_model::refusal::Refusal;
use ferrovirt_model::secret::Secret;
use ferrovirt_store::hosts as rows;
use ferrovirt_store::tx::{Areas, Change};
use serde_json::json;
use uuid::Uuid;

use super::{JoinToken, usable_name};
use crate::action::{Action, ActionContext};
use crate::core::Engine;
use crate::failure::Result;
use crate::session::{Caller, Session};
use crate::sign_on::{new_secret, token_hash};

/// The port of agents that say nothing else.
pub(super) const USUAL_PORT: u16 = ferrovirt_hostapi::HOST_PORT;

impl Engine {
    /// Makes a join token. `cluster` by name, the default one when absent; `host` binds the token to that host, which is
    /// added where there is none of that name.
    ///
    /// # Errors
    /// [`Refusal::NotAuthorized`] without the permit to add hosts to the cluster; names that do not exist.
    pub async fn create_join_token(
        &self,
        session: &Session,
        cluster: Option<String>,
        host: Option<String>,
        lifetime: Duration,
    ) -> Result<JoinToken> {
        let caller = Caller {
            session: session.clone(),
            correlation_id: Uuid::new_v4().to_string(),
            filter: !session.administrator,
        };
        let cluster = cluster.unwrap_or_else(|| DEFAULT_NAME.to_owned());
        let done = self.act(&caller, MakeToken { cluster, host, lifetime }).await?;
        self.kicks().hosts.notify_waiters();
        Ok(done.value)
    }
}

struct MakeToken {
    cluster: String,
    host: Option<String>,
    lifetime: Duration,
}

#[async_trait]
impl Action for MakeToken {
    type Output = JoinToken;

    async fn perform(&mut self, cx: &mut ActionContext<'_>) -> Result<JoinToken> {
        let found = cx.tx.clusters().by_name(&self.cluster).await?;
        let cluster = found.ok_or_else(|| Refusal::no_such("Cluster", &self.cluster))?;
        cx.require(Permit::CreateHost, cluster.id).await?;
        let hosts = cx.tx.hosts().all().await?;
        let bound = match self.host.as_deref() {
            None => None,
            Some(name) => Some(match hosts.iter().find(|host| host.name == name) {
                Some(host) if host.cluster != cluster.id => {
                    return Err(Refusal::rule(format!("Host '{name}' belongs to another cluster.")).into());
                }
                Some(host) => host.clone(),
                None => {
                    let host = awaited(name, cluster.id, cx.now)?;
                    cx.tx.hosts().put(&host).await?;
                    cx.tx.changed(host.id, Change::Created);
                    host
                }
            }),
        };
        let lifetime = i64::try_from(self.lifetime.as_millis()).unwrap_or(i64::MAX);
        let expires_at = cx.now.saturating_add(lifetime);
        let secret = new_secret();
        let row = rows::JoinToken { cluster: cluster.id, host: bound.as_ref().map(|host| host.id), expires_at };
        cx.tx.hosts().put_token(&token_hash(&secret), &row, Some(cx.caller.session.user.0), cx.now).await?;
        let (name, draft) = match &bound {
            Some(host) => {
                (host.name.clone(), sentences::VDS_INSTALL_IN_PROGRESS.draft().host(host.id, host.name.clone()))
            }
            None => ("(any)".to_owned(), sentences::VDS_INSTALL_IN_PROGRESS.draft()),
        };
        let message =
            format!("a join token was made for cluster {} and holds until {}", cluster.name, date(expires_at));
        cx.log(draft.cluster(cluster.id, cluster.name.clone()).with("VdsName", name).with("Message", message));
        Ok(JoinToken { token: written(cx.engine, &secret), expires_at })
    }

    fn failed(&self) -> Option<EventDraft> {
        let name = self.host.clone().unwrap_or_else(|| "(any)".to_owned());
        Some(sentences::USER_FAILED_ADD_VDS.draft().with("VdsName", name))
    }
}

/// A host that was named and has not come yet. Its name stands for its address until it says better.
fn awaited(name: &str, cluster: ferrovirt_model::ids::ClusterId, now: Millis) -> Result<Host> {
    if !usable_name(name) {
        return Err(Refusal::bad_value("name", name, "letters, digits, '-', '_' and '.' are accepted").into());
    }
    Ok(Host {
        id: HostId(Uuid::new_v4()),
        name: name.to_owned(),
        cluster,
        address: name.to_owned(),
        port: USUAL_PORT,
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
        created_at: now,
        spm_priority: 5,
    })
}

fn written(engine: &Engine, secret: &Secret) -> Secret {
    let config = engine.config();
    let authority = match config.https_port {
        443 => config.fqdn.clone(),
        port => format!("{}:{port}", config.fqdn),
    };
    let token = json!({
        "url": format!("https://{authority}/ovirt-engine"),
        "ca_sha256": engine.pki().ca_fingerprint(),
        "secret": secret.expose(),
    });
    Secret::new(URL_SAFE_NO_PAD.encode(token.to_string()))
}

/// A time for people, UTC.
pub(crate) fn date(at: Millis) -> String {
    let known = time::OffsetDateTime::from_unix_timestamp(at / 1000).ok();
    known.map_or_else(
        || "an unknown time".to_owned(),
        |at| format!("{} {:02}:{:02} UTC", at.date(), at.hour(), at.minute()),
    )
}
