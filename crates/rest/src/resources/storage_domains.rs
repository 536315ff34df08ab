//! Storage domains, alone and within their data centres, with their connections, disk profiles and ISO files.

use std::time::Duration;

use ferrovirt_engine::action::Done;
use ferrovirt_engine::actions::named::Named;
use ferrovirt_engine::actions::storage::{Create, Remove, Update, Way};
use ferrovirt_engine::reading::storage::DomainView;
use ferrovirt_model::ids::{HostId, ObjectKind, StorageDomainId};
use ferrovirt_wire::{List, types};

use super::disks;
use super::hung::Hung;
use super::shared::read_reference;
use crate::api::call::Call;
use crate::api::fault::Fault;
use crate::api::follow::{Batch, Follow};
use crate::api::registry::{Answer, Registry};
use crate::api::reply::Reply;
use crate::door::ListQuery;

mod attached;
mod connections;
pub(crate) mod map;
mod profiles;

/// How long a request waits for work on a domain that clients expect done when they are answered.
const PATIENCE: Duration = Duration::from_secs(20);

pub(crate) fn register(r: &mut Registry) {
    r.on("StorageDomainsService", "list", list);
    r.on("StorageDomainsService", "add", add);
    r.on("StorageDomainService", "get", get);
    r.on("StorageDomainService", "update", update);
    r.on("StorageDomainService", "remove", remove);
    r.on("StorageDomainService", "is_attached", is_attached);
    r.on("FilesService", "list", list_files);
    r.on("FileService", "get", get_file);
    attached::register(r);
    connections::register(r);
    profiles::register(r);
}

/// Whether the work that an action began has ended; a client that does not want to wait is not made to.
async fn ended<T>(call: &Call, done: &Done<T>) -> Result<bool, Fault> {
    let no_wait = call.params.flag("async")? || call.blocking == Some(false);
    match done.job {
        Some(job) if !no_wait => Ok(call.engine().outlast(job, PATIENCE).await?),
        Some(_) => Ok(false),
        None => Ok(true),
    }
}

async fn list(call: Call) -> Answer {
    let found = call.engine().list_storage_domains(&call.caller, &call.list_query()?).await?;
    Ok(Reply::ok(List::from(present(&call, &call.follow, found).await?)))
}

async fn get(call: Call) -> Answer {
    let id = call.id("storage_domain")?;
    Ok(Reply::ok(shown(&call, id).await?))
}

async fn add(call: Call) -> Answer {
    let body: types::StorageDomain = call.body()?;
    if body.import == Some(true) {
        return Err(Fault::not_served("StorageDomainsService.add (import)"));
    }
    let given = |text: &Option<String>| text.as_deref().is_some_and(|text| !text.is_empty());
    call.require("StorageDomain", "name", given(&body.name))?;
    call.require("StorageDomain", "type", body.r#type.is_some())?;
    call.require("StorageDomain", "storage", body.storage.is_some())?;
    let host = host(body.host.as_deref())?.ok_or_else(|| Fault::incomplete("StorageDomain", "host.id|name", "add"))?;
    let create: Create = map::create(&body, host)?;
    let done = call.engine().act(&call.caller, create).await?;
    let ended = ended(&call, &done).await?;
    let href = call.hrefs.of("storagedomains", done.value);
    let made = shown(&call, done.value).await?;
    Ok(if ended { Reply::created(href, made) } else { Reply::accepted(href, made) })
}

async fn update(call: Call) -> Answer {
    let id: StorageDomainId = call.id("storage_domain")?;
    let settings = map::settings(&call.body()?)?;
    call.engine().act(&call.caller, Update::new(id, settings)).await?;
    Ok(Reply::ok(shown(&call, id).await?))
}

async fn remove(call: Call) -> Answer {
    let id: StorageDomainId = call.id("storage_domain")?;
    let way = match (call.params.flag("destroy")?, call.params.flag("format")?) {
        (true, _) => Way::Destroy,
        (false, true) => Way::Format,
        (false, false) => Way::Keep,
    };
    // The host is given by name or by id, and a name may look like anything but an id.
    let host = call.params.filled("host").map(|text| match text.parse() {
        Ok(id) => Named::Id(id),
        Err(_) => Named::Name(text.to_owned()),
    });
    let done = call.engine().act(&call.caller, Remove::new(id, way, host)).await?;
    ended(&call, &done).await?;
    Ok(Reply::removed())
}

async fn is_attached(call: Call) -> Answer {
    let view = call.engine().storage_domain(&call.caller, call.id("storage_domain")?).await?;
    let is_attached = Some(view.domain.attachment.is_some());
    Ok(Reply::action(types::Action { is_attached, ..Default::default() }))
}

fn host(host: Option<&types::Host>) -> Result<Option<Named<HostId>>, Fault> {
    let Some(host) = host else { return Ok(None) };
    read_reference("Host", host.id.as_deref(), host.name.as_deref())
}

async fn shown(call: &Call, id: StorageDomainId) -> Result<types::StorageDomain, Fault> {
    let found = call.engine().storage_domain(&call.caller, id).await?;
    present(call, &call.follow, vec![found]).await?.pop().ok_or_else(Fault::not_found)
}

/// Storage domains as documents, with what the client follows.
pub(crate) async fn present(
    call: &Call,
    follow: &Follow,
    found: Vec<DomainView>,
) -> Result<Vec<types::StorageDomain>, Fault> {
    let mut shown: Vec<types::StorageDomain> = found.iter().map(|view| map::to_wire(&call.hrefs, view)).collect();
    inline(call, follow, &found, &mut shown).await?;
    Ok(shown)
}

/// Puts what the client follows into documents of domains, one read a link.
async fn inline(
    call: &Call,
    follow: &Follow,
    found: &[DomainView],
    shown: &mut [types::StorageDomain],
) -> Result<(), Fault> {
    let ids: Vec<StorageDomainId> = found.iter().map(|view| view.domain.id).collect();
    let mut hung = Hung::read(call, follow, ObjectKind::StorageDomain, ids.iter().map(|id| id.0)).await?;
    for (id, one) in ids.iter().zip(shown.iter_mut()) {
        one.permissions = hung.permissions(*id);
    }
    if let Some(below) = follow.at("disks") {
        let rows = call.engine().disks_on(&call.caller, &ids).await?;
        let owners: Vec<_> = rows.iter().map(|row| row.disk.volume.as_ref().map(|volume| volume.domain)).collect();
        let mapped = Box::pin(disks::present(call, below, rows)).await?;
        let batch = Batch::by(owners.into_iter().zip(mapped), |row| row.0);
        for (id, one) in ids.iter().zip(shown.iter_mut()) {
            one.disks = Some(batch.of(&Some(*id)).iter().map(|row| row.1.clone()).collect());
        }
    }
    if follow.wants("disk_profiles") {
        let rows = call.engine().disk_profiles(&call.caller, None).await?;
        let batch = Batch::by(rows, |row| row.domain);
        for (id, one) in ids.iter().zip(shown.iter_mut()) {
            one.disk_profiles = Some(batch.of(id).iter().map(|row| profiles::to_wire(&call.hrefs, row)).collect());
        }
    }
    if follow.wants("storage_connections") {
        for (view, one) in found.iter().zip(shown.iter_mut()) {
            let connection = connections::to_wire(&call.hrefs, &view.domain.connection);
            one.storage_connections = Some(List::from(vec![connection]));
        }
    }
    Ok(())
}

/// The images of CDs on the domain of the path, as files.
async fn iso_files(call: &Call, query: &ListQuery) -> Result<Vec<types::File>, Fault> {
    let id: StorageDomainId = call.id("storage_domain")?;
    call.engine().storage_domain(&call.caller, id).await?;
    let isos = call.engine().list_isos(&call.caller, id, query).await?;
    Ok(isos.iter().map(|view| map::file(&call.hrefs, id, &view.disk)).collect())
}

async fn list_files(call: Call) -> Answer {
    let files = iso_files(&call, &call.list_query()?).await?;
    Ok(Reply::ok(List::from(files)))
}

async fn get_file(call: Call) -> Answer {
    let id = call.text_id("file")?.to_owned();
    let file = iso_files(&call, &ListQuery::all()).await?.into_iter().find(|file| file.id.as_deref() == Some(&id));
    Ok(Reply::ok(file.ok_or_else(|| Fault::no_such("File", &id))?))
}
