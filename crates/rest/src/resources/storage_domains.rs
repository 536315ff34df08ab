//! Storage domains, alone and within their data centres, with their connections, disk profiles and ISO files.

use std::time::Duration;

use ferrovirt_engine::action::Done;
use ferrovirt_engine::actions::named::Named;
use ferrovirt_engine::actions::storage::{Create, Remove, Update, Way};
use ferrovirt_engine::reading::storage::DomainView;
use ferrovirt_model::ids::{HostId, ObjectKind, StorageDomainId};
use ferrovirt_model::storage::DiskContent;
use ferrovirt_wire::{List, types};

use super::related::{each, hang, ids_of, inlined, many, one, put};
use super::shared::read_reference;
use super::{disks, hung};
use crate::api::call::Call;
use crate::api::fault::Fault;
use crate::api::follow::Follow;
use crate::api::registry::{Answer, Registry};
use crate::api::reply::Reply;
use crate::door::ListQuery;

mod attached;
mod connections;
pub(crate) mod map;
mod profiles;

pub(crate) use profiles::to_wire as disk_profile;

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
    inlined(call, follow, found.iter().map(|view| map::to_wire(&call.hrefs, view)).collect()).await
}

/// The lists below storage domains that are followed.
pub(super) async fn lists(call: &Call, follow: &Follow, shown: &mut [types::StorageDomain]) -> Result<(), Fault> {
    hung::permissions(call, follow, ObjectKind::StorageDomain, shown, |one| &mut one.permissions).await?;
    let ids: Vec<StorageDomainId> = ids_of(shown);
    if ["disks", "files", "disk_snapshots"].into_iter().any(|link| follow.wants(link)) {
        lists_of_disks(call, follow, &ids, shown).await?;
    }
    if let Some(below) = follow.at("disk_profiles") {
        let found = call.engine().disk_profiles(&call.caller, None).await?;
        let rows = found.iter().map(|one| (one.domain.to_string(), disk_profile(&call.hrefs, one))).collect();
        hang(call, below, shown, |one| &mut one.disk_profiles, rows).await?;
    }
    if follow.wants("storage_connections") {
        let found = call.engine().storage_domains(&call.caller, &ids).await?;
        let row = |view: &DomainView| {
            (view.domain.id.to_string(), connections::to_wire(&call.hrefs, &view.domain.connection))
        };
        put(shown, |one| &mut one.storage_connections, found.iter().map(row));
    }
    if let Some(below) = follow.at("data_centers") {
        let places = shown.iter_mut().filter_map(|one| one.data_centers.as_mut());
        each(call, below, places.flat_map(|list| &mut list.items).collect()).await?;
    }
    Ok(())
}

/// What lies on domains: as disks, as files, as images of snapshots.
async fn lists_of_disks(
    call: &Call,
    follow: &Follow,
    ids: &[StorageDomainId],
    shown: &mut [types::StorageDomain],
) -> Result<(), Fault> {
    let found = call.engine().disks_on(&call.caller, ids).await?;
    let with_place = || found.iter().filter_map(|view| Some((view.disk.volume.as_ref()?.domain, view)));
    if let Some(below) = follow.at("disks") {
        let rows = with_place().map(|(id, view)| (id.to_string(), disks::map::to_wire(&call.hrefs, view)));
        hang(call, below, shown, |one| &mut one.disks, rows.collect()).await?;
    }
    if let Some(below) = follow.at("files") {
        let isos = with_place().filter(|(_, view)| view.disk.content == DiskContent::Iso);
        let rows = isos.map(|(id, view)| (id.to_string(), map::file(&call.hrefs, id, &view.disk)));
        hang(call, below, shown, |one| &mut one.files, rows.collect()).await?;
    }
    if let Some(below) = follow.at("disk_snapshots") {
        let mut rows = Vec::new();
        for id in ids {
            let base = format!("{}/disksnapshots", call.hrefs.of("storagedomains", id));
            let own = with_place().filter(|(place, _)| place == id).map(|(_, view)| view.clone()).collect::<Vec<_>>();
            let found = disks::images(call, &base, &own, false, false).await?;
            rows.extend(found.into_iter().map(|one| (id.to_string(), one)));
        }
        hang(call, below, shown, |one| &mut one.disk_snapshots, rows).await?;
    }
    Ok(())
}

/// The lists below disk profiles that are followed.
pub(super) async fn lists_of_disk_profiles(
    call: &Call,
    follow: &Follow,
    shown: &mut [types::DiskProfile],
) -> Result<(), Fault> {
    hung::permissions(call, follow, ObjectKind::DiskProfile, shown, |one| &mut one.permissions).await
}

/// The images of CDs on the domain of the path, as files.
async fn iso_files(call: &Call, query: &ListQuery) -> Result<Vec<types::File>, Fault> {
    let id: StorageDomainId = call.id("storage_domain")?;
    call.engine().storage_domain(&call.caller, id).await?;
    let isos = call.engine().list_isos(&call.caller, id, query).await?;
    Ok(isos.iter().map(|view| map::file(&call.hrefs, id, &view.disk)).collect())
}

async fn list_files(call: Call) -> Answer {
    many(&call, iso_files(&call, &call.list_query()?).await?).await
}

async fn get_file(call: Call) -> Answer {
    let id = call.text_id("file")?.to_owned();
    let file = iso_files(&call, &ListQuery::all()).await?.into_iter().find(|file| file.id.as_deref() == Some(&id));
    one(&call, file.ok_or_else(|| Fault::no_such("File", &id))?).await
}
