//! What hosts are asked: activate, deactivate, approve, refresh, and that a lost one was restarted.

use ferrovirt_engine::actions::host::{Activate, Approve, ConfirmRebooted, Deactivate, Refresh};
use ferrovirt_model::ids::{HostId, JobId};
use ferrovirt_wire::types;

use crate::api::call::Call;
use crate::api::fault::Fault;
use crate::api::links::reference;
use crate::api::registry::{Answer, Registry};
use crate::api::reply::Reply;
use crate::resources::shared::read_reference;

pub(super) fn register(r: &mut Registry) {
    r.on("HostService", "activate", activate);
    r.on("HostService", "deactivate", deactivate);
    r.on("HostService", "approve", approve);
    r.on("HostService", "refresh", refresh);
    r.on("HostService", "fence", fence);
}

async fn activate(call: Call) -> Answer {
    call.engine().act(&call.caller, Activate::new(call.id("host")?)).await?;
    Ok(Reply::action(call.action()?))
}

async fn deactivate(call: Call) -> Answer {
    let asked = call.action()?;
    let no_wait = asked.r#async.unwrap_or(false) || call.params.flag("async")?;
    let done = call.engine().act(&call.caller, Deactivate::new(call.id("host")?, asked.reason)).await?;
    Ok(with_job(&call, done.job, no_wait))
}

async fn approve(call: Call) -> Answer {
    let asked = call.action()?;
    let id: HostId = call.id("host")?;
    let inner = asked.host.as_ref().and_then(|host| host.cluster.as_deref());
    let named = asked.cluster.as_deref().or(inner);
    let cluster =
        read_reference("Cluster", named.and_then(|one| one.id.as_deref()), named.and_then(|one| one.name.as_deref()))?;
    let activate = asked.activate.unwrap_or(true);
    call.engine().act(&call.caller, Approve::new(id, cluster, activate)).await?;
    Ok(Reply::action(types::Action::default()))
}

async fn refresh(call: Call) -> Answer {
    call.engine().act(&call.caller, Refresh::new(call.id("host")?)).await?;
    Ok(Reply::action(types::Action::default()))
}

/// Power management is not served; the word of a user that the host was restarted is.
async fn fence(call: Call) -> Answer {
    let asked = call.action()?;
    let kind = asked.fence_type.as_deref().map(str::to_ascii_lowercase);
    match kind.as_deref() {
        Some("manual") => {
            call.engine().act(&call.caller, ConfirmRebooted::new(call.id("host")?)).await?;
            Ok(Reply::action(types::Action::default()))
        }
        Some("start" | "stop" | "restart" | "status") => {
            Err(Fault::not_served("HostService.fence by power management"))
        }
        Some(other) => Err(Fault::bad_parameter("fence_type", other, "manual, restart, start, stop or status")),
        None => Err(Fault::incomplete("Action", "fenceType", "fence")),
    }
}

fn with_job(call: &Call, job: Option<JobId>, no_wait: bool) -> Reply {
    match job {
        Some(id) => Reply::action_with_job(reference(call.hrefs.of("jobs", id), id), no_wait),
        None => Reply::action(types::Action::default()),
    }
}
