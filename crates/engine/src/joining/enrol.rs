//! A host joins: its token is spent, its row is made or found, its certificate is signed, all in one transaction.

use ferrovirt_model::Millis;
use ferrovirt_model::events::sentences;
use ferrovirt_model::host::{Host, HostIntent, HostLink};
use ferrovirt_model::ids::HostId;
use ferrovirt_model::refusal::Refusal;
use ferrovirt_model::secret::Secret;
use ferrovirt_store::hosts as rows;
use ferrovirt_store::tx::{Areas, Change, Tx};
use uuid::Uuid;

use super::{Enrolled, usable_name};
use crate::action::event;
use crate::core::{Engine, now};
use crate::failure::{Failure, Result, Trouble};
use crate::sign_on::token_hash;

/// A host's request for its first certificate.
#[derive(Clone, Debug)]
pub struct Enroll {
    /// The secret inside the join token.
    pub secret: Secret,
    /// The certificate request, PEM.
    pub csr_pem: String,
    /// The machine's own id.
    pub hardware_id: String,
    /// Its host name.
    pub hostname: String,
    /// Where the engine dials it.
    pub address: String,
    /// The agent's port.
    pub port: u16,
}

impl Engine {
    /// Lets a host in by its token. A token is spent only if all else went well.
    ///
    /// # Errors
    /// [`Refusal::StaleToken`] for a token that is unknown, used or old; [`Refusal::BadValue`] for a request that is not
    /// usable.
    pub async fn enroll(&self, ask: Enroll) -> Result<Enrolled> {
        check(&ask)?;
        let at = now();
        let mut tx = self.store().begin().await?;
        let spent = tx.hosts().use_token(&token_hash(&ask.secret), at).await?;
        let token = spent.ok_or(Refusal::StaleToken { what: "join token" })?;
        let (host, fresh) = place(&mut tx, &token, &ask, at).await?;
        let names = [host.address.clone(), ask.address.clone(), ask.hostname.clone()];
        let issued = self.pki().issue_host(&ask.csr_pem, host.id, &names, at).map_err(unusable)?;
        tx.hosts().put(&host).await?;
        tx.hosts().set_link(host.id, HostLink::Unassigned, None).await?;
        tx.hosts()
            .record_certificate(host.id, &issued.serial, &issued.public_key, issued.issued_at, issued.expires_at)
            .await?;
        tx.changed(host.id, if fresh { Change::Created } else { Change::Updated });
        let draft = match host.intent {
            HostIntent::PendingApproval => sentences::VDS_REGISTER_SUCCEEDED.draft().with("VdsName1", &host.name),
            _ => sentences::VDS_INSTALL.draft(),
        };
        tx.log(event(&draft.host(host.id, host.name.clone()), "", at));
        tx.commit().await?;
        self.hosts().forget(host.id);
        self.kicks().hosts.notify_waiters();
        tracing::info!(host = %host.id, name = host.name, address = host.address, "a host joined");
        Ok(Enrolled { host: host.id, certificate_pem: issued.certificate_pem, ca_pem: issued.ca_pem })
    }
}

fn check(ask: &Enroll) -> Result<()> {
    for (field, value) in [("address", &ask.address), ("hostname", &ask.hostname)] {
        if !usable_name(value) {
            return Err(Refusal::bad_value(field, value, "an address or host name is needed").into());
        }
    }
    if ask.port == 0 {
        return Err(Refusal::bad_value("port", ask.port, "1 to 65535 is accepted").into());
    }
    if ask.hardware_id.len() > 200 || ask.csr_pem.len() > 20_000 {
        return Err(Refusal::bad_value("csr_pem", "…", "the request is too long").into());
    }
    Ok(())
}

/// What the authority refuses is the sender's to mend.
pub(super) fn unusable(trouble: Trouble) -> Failure {
    match trouble {
        Trouble::Certificates(why) => Refusal::bad_value("csr_pem", "…", why).into(),
        other => other.into(),
    }
}

/// The row of the joining host, and whether it is new.
async fn place(tx: &mut Tx, token: &rows::JoinToken, ask: &Enroll, now: Millis) -> Result<(Host, bool)> {
    let awaited = match token.host {
        Some(id) => Some(tx.hosts().lock_row(id).await?.ok_or(Refusal::StaleToken { what: "join token" })?),
        None => awaited(tx, token, ask).await?,
    };
    let Some(mut host) = awaited else { return Ok((unasked(tx, token, ask, now).await?, true)) };
    // An address that an administrator gave stays: it may be one that the host itself does not know.
    if host.enrolled || host.address == host.name {
        host.address.clone_from(&ask.address);
    }
    host.port = ask.port;
    host.hardware_id.clone_from(&ask.hardware_id);
    if matches!(host.intent, HostIntent::Installing | HostIntent::InstallFailed) {
        host.intent = HostIntent::Active;
        host.maintenance_reason = None;
    }
    Ok((host, false))
}

/// The host that an administrator added by this one's address or name, and that did not come yet.
async fn awaited(tx: &mut Tx, token: &rows::JoinToken, ask: &Enroll) -> Result<Option<Host>> {
    let waits = |host: &&Host| {
        host.cluster == token.cluster
            && !host.enrolled
            && matches!(host.intent, HostIntent::Installing | HostIntent::InstallFailed)
            && (host.address == ask.address || host.address == ask.hostname || host.name == ask.hostname)
    };
    let hosts = tx.hosts().all().await?;
    match hosts.iter().find(waits) {
        Some(host) => Ok(tx.hosts().lock_row(host.id).await?),
        None => Ok(None),
    }
}

/// A host that nobody named: it waits for approval under its own name.
async fn unasked(tx: &mut Tx, token: &rows::JoinToken, ask: &Enroll, now: Millis) -> Result<Host> {
    let taken: Vec<String> = tx.hosts().all().await?.into_iter().map(|host| host.name).collect();
    let mut numbered = (2..).map(|number| format!("{}-{number}", ask.hostname));
    let name = if taken.contains(&ask.hostname) { numbered.find(|name| !taken.contains(name)) } else { None };
    Ok(Host {
        id: HostId(Uuid::new_v4()),
        name: name.unwrap_or_else(|| ask.hostname.clone()),
        cluster: token.cluster,
        address: ask.address.clone(),
        port: ask.port,
        description: String::new(),
        comment: String::new(),
        intent: HostIntent::PendingApproval,
        link: HostLink::Unassigned,
        problem: None,
        maintenance_reason: None,
        hardware_id: ask.hardware_id.clone(),
        enrolled: true,
        certificate_expires_at: None,
        seen_at: None,
        boot_id: String::new(),
        created_at: now,
        spm_priority: 5,
    })
}
