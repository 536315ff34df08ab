//! Hosts: lists, single ones, and what they are asked. Their NICs and statistics are in the files below.

use ferrovirt_engine::actions::host::{Add, Remove, Update};
use ferrovirt_engine::reading::hosts::HostView;
use ferrovirt_model::ids::{HostId, ObjectKind, VmId};
use ferrovirt_wire::types;

use super::hung::Hung;
use super::{clusters, statistics as figures};
use crate::api::call::Call;
use crate::api::fault::Fault;
use crate::api::follow::{Batch, Follow, distinct};
use crate::api::registry::{Answer, Registry};
use crate::api::reply::Reply;
use crate::door::ListQuery;

mod attachments;
mod map;
mod measures;
mod nics;
mod numa;
mod verbs;

pub(crate) use measures::{nic_statistics, statistics};

pub(crate) fn register(r: &mut Registry) {
    r.on("HostsService", "list", list);
    r.on("HostsService", "add", add);
    r.on("HostService", "get", get);
    r.on("HostService", "update", update);
    r.on("HostService", "remove", remove);
    verbs::register(r);
    nics::register(r);
    attachments::register(r);
    numa::register(r);
}

async fn list(call: Call) -> Answer {
    let query = call.list_query()?;
    let targets_of = call.params.filled("migration_target_of");
    // What is narrowed here may not be cut before.
    let query = if targets_of.is_some() { ListQuery { max: None, ..query } } else { query };
    let mut found = call.engine().list_hosts(&call.caller, &query).await?;
    if let Some(vms) = targets_of {
        let ids: Result<Vec<VmId>, Fault> = vms
            .split(',')
            .map(|id| {
                id.trim().parse().map_err(|_| Fault::bad_parameter("migration_target_of", id, "a list of VM ids"))
            })
            .collect();
        let targets = call.engine().migration_targets(&ids?).await?;
        found.retain(|view| targets.contains(&view.host.id));
    }
    let shown = present(&call, &call.follow, found).await?;
    Ok(Reply::ok(types::List::from(shown)))
}

async fn get(call: Call) -> Answer {
    Ok(Reply::ok(shown(&call, call.id("host")?).await?))
}

async fn add(call: Call) -> Answer {
    let body: types::Host = call.body()?;
    call.require("Host", "name", body.name.is_some())?;
    call.require("Host", "address", body.address.is_some())?;
    let cluster = body.cluster.as_ref().is_some_and(|one| one.id.is_some() || one.name.is_some());
    call.require("Host", "cluster.id|name", cluster)?;
    let activate = call.params.boolean("activate")?.unwrap_or(true);
    let done = call.engine().act(&call.caller, Add::new(map::from_wire(&body)?, activate)).await?;
    Ok(Reply::created(call.hrefs.of("hosts", done.value), shown(&call, done.value).await?))
}

async fn update(call: Call) -> Answer {
    let id: HostId = call.id("host")?;
    let wish = map::from_wire(&call.body()?)?;
    call.engine().act(&call.caller, Update::new(id, wish)).await?;
    Ok(Reply::ok(shown(&call, id).await?))
}

async fn remove(call: Call) -> Answer {
    // `force` asks to remove a host whose data centre is broken; nothing here stands in the way of that anyway.
    call.params.flag("force")?;
    call.engine().act(&call.caller, Remove::new(call.id("host")?)).await?;
    Ok(Reply::removed())
}

async fn shown(call: &Call, id: HostId) -> Result<types::Host, Fault> {
    let found = call.engine().host_view(&call.caller, id).await?;
    present(call, &call.follow, vec![found]).await?.pop().ok_or_else(Fault::not_found)
}

/// Hosts as documents, with what the client follows.
pub(crate) async fn present(call: &Call, follow: &Follow, found: Vec<HostView>) -> Result<Vec<types::Host>, Fault> {
    let ids: Vec<HostId> = found.iter().map(|one| one.host.id).collect();
    let mut shown: Vec<types::Host> = found.iter().map(|one| map::to_wire(&call.hrefs, one)).collect();
    if follow.wants("nics") {
        let batch = Batch::by(call.engine().host_nics(&ids).await?, |row| row.host);
        for (id, one) in ids.iter().zip(&mut shown) {
            one.nics = Some(nics::present(&call.hrefs, batch.of(id)).into());
        }
    }
    let mut hung = Hung::read(call, follow, ObjectKind::Host, ids.iter().map(|id| id.0)).await?;
    for (id, one) in ids.iter().zip(&mut shown) {
        one.permissions = hung.permissions(*id);
        one.tags = hung.tags(*id);
    }
    if follow.wants("statistics") {
        for (view, one) in found.iter().zip(&mut shown) {
            one.statistics = Some(measures::of_host(&call.hrefs, view).into());
        }
    }
    if let Some(below) = follow.at("cluster") {
        let rows = call.engine().clusters(&call.caller, &distinct(found.iter().map(|one| one.host.cluster))).await?;
        let keys: Vec<_> = rows.iter().map(|row| row.id).collect();
        let mapped = clusters::present(call, below, rows).await?;
        let batch = Batch::by(keys.into_iter().zip(mapped), |row| row.0);
        for (view, one) in found.iter().zip(&mut shown) {
            if let Some((_, cluster)) = batch.one(&view.host.cluster) {
                one.cluster = Some(Box::new(cluster.clone()));
            }
        }
    }
    Ok(shown)
}
