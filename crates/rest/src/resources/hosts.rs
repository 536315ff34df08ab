//! Hosts: lists, single ones, and what they are asked. Their NICs and statistics are in the files below.

use std::collections::{BTreeMap, HashMap};

use ferrovirt_engine::actions::host::{Add, Remove, Update};
use ferrovirt_engine::reading::hosts::HostView;
use ferrovirt_model::ids::{HostId, ObjectKind, VmId};
use ferrovirt_model::network::HostNic;
use ferrovirt_wire::types;

use super::related::{hang, id_of, ids_of, inlined, put};
use super::{hung, statistics as figures};
use crate::api::call::Call;
use crate::api::fault::Fault;
use crate::api::follow::{Follow, distinct};
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
    inlined(call, follow, found.iter().map(|one| map::to_wire(&call.hrefs, one)).collect()).await
}

/// The lists below hosts that are followed.
pub(super) async fn lists(call: &Call, follow: &Follow, shown: &mut [types::Host]) -> Result<(), Fault> {
    hung::permissions(call, follow, ObjectKind::Host, shown, |one| &mut one.permissions).await?;
    hung::tags(call, follow, ObjectKind::Host, shown, |one| &mut one.tags).await?;
    let ids: Vec<HostId> = ids_of(shown);
    if let Some(below) = follow.at("nics") {
        let found = nics_by_host(call, &ids).await?;
        let rows = found.iter().flat_map(|(host, nics)| with_owner(host, nics::present(&call.hrefs, nics)));
        hang(call, below, shown, |one| &mut one.nics, rows.collect()).await?;
    }
    if let Some(below) = follow.at("network_attachments") {
        let found = nics_by_host(call, &ids).await?;
        let networks = attachments::networks_on(call, found.values().flatten()).await?;
        let shown_of = |nics: &[HostNic]| attachments::present(&call.hrefs, nics, &networks);
        let rows = found.iter().flat_map(|(host, nics)| with_owner(host, shown_of(nics)));
        hang(call, below, shown, |one| &mut one.network_attachments, rows.collect()).await?;
    }
    // The type calls the list otherwise than the link does.
    let numa_nodes = follow.at("numa_nodes").or(follow.at("host_numa_nodes"));
    if numa_nodes.is_none() && !follow.wants("statistics") {
        return Ok(());
    }
    let views = call.engine().host_views(&call.caller, &ids).await?;
    if let Some(below) = numa_nodes {
        let rows = views.iter().flat_map(|view| with_owner(&view.host.id, numa::present(&call.hrefs, view)));
        hang(call, below, shown, |one| &mut one.host_numa_nodes, rows.collect()).await?;
    }
    if follow.wants("statistics") {
        let rows = views.iter().flat_map(|view| with_owner(&view.host.id, measures::of_host(&call.hrefs, view)));
        put(shown, |one| &mut one.statistics, rows);
    }
    Ok(())
}

/// The lists below NICs of hosts that are followed.
pub(super) async fn lists_of_nics(call: &Call, follow: &Follow, shown: &mut [types::HostNic]) -> Result<(), Fault> {
    if !follow.wants("statistics") {
        return Ok(());
    }
    let ids: Vec<HostId> = distinct(shown.iter().filter_map(|one| id_of(one.host.as_deref())));
    let views = call.engine().host_views(&call.caller, &ids).await?;
    let views: HashMap<HostId, HostView> = views.into_iter().map(|view| (view.host.id, view)).collect();
    for one in shown {
        let view = id_of(one.host.as_deref()).and_then(|id: HostId| views.get(&id));
        let (Some(view), Some(href), Some(name)) = (view, &one.href, &one.name) else { continue };
        one.statistics = Some(measures::of_nic(href, view, name).into());
    }
    Ok(())
}

/// The NICs that attachments name, where they are followed: they are their hosts'.
pub(super) async fn lists_of_attachments(
    call: &Call,
    follow: &Follow,
    shown: &mut [types::NetworkAttachment],
) -> Result<(), Fault> {
    let Some(below) = follow.at("host_nic") else { return Ok(()) };
    let ids: Vec<HostId> = distinct(shown.iter().filter_map(|one| id_of(one.host.as_deref())));
    let found = nics_by_host(call, &ids).await?;
    let documents = found.values().flat_map(|nics| nics::present(&call.hrefs, nics)).collect();
    let documents = inlined(call, below, documents).await?;
    let found: HashMap<Option<String>, types::HostNic> =
        documents.into_iter().map(|one| (one.id.clone(), one)).collect();
    for nic in shown.iter_mut().filter_map(|one| one.host_nic.as_deref_mut()) {
        if let Some(one) = found.get(&nic.id) {
            *nic = one.clone();
        }
    }
    Ok(())
}

async fn nics_by_host(call: &Call, hosts: &[HostId]) -> Result<BTreeMap<HostId, Vec<HostNic>>, Fault> {
    let mut sorted: BTreeMap<HostId, Vec<HostNic>> = BTreeMap::new();
    for nic in call.engine().host_nics(hosts).await? {
        sorted.entry(nic.host).or_default().push(nic);
    }
    Ok(sorted)
}

fn with_owner<T>(host: &HostId, shown: Vec<T>) -> Vec<(String, T)> {
    shown.into_iter().map(|one| (host.to_string(), one)).collect()
}
