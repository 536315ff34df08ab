//! Storage domains within their data centre: attaching, activating, setting aside; and the disks on them.

use ferrovirt_engine::actions::storage::{Activate, Attach, Deactivate, Detach};
use ferrovirt_engine::reading::storage::DomainView;
use ferrovirt_model::ids::{DataCenterId, StorageDomainId};
use ferrovirt_wire::{List, types};

use super::{ended, map};
use crate::api::call::Call;
use crate::api::fault::Fault;
use crate::api::links;
use crate::api::registry::{Answer, Registry};
use crate::api::reply::Reply;
use crate::resources::related::inlined;
use crate::resources::shared::read_reference;

pub(super) fn register(r: &mut Registry) {
    r.on("AttachedStorageDomainsService", "list", list);
    r.on("AttachedStorageDomainsService", "add", add);
    r.on("AttachedStorageDomainService", "get", get);
    r.on("AttachedStorageDomainService", "remove", remove);
    r.on("AttachedStorageDomainService", "activate", activate);
    r.on("AttachedStorageDomainService", "deactivate", deactivate);
}

/// The domain of the path, which must belong to the data centre of the path.
pub(crate) async fn of_path(call: &Call) -> Result<DomainView, Fault> {
    let (place, id) = (call.id("data_center")?, call.id("storage_domain")?);
    Ok(call.engine().attached_storage_domain(&call.caller, place, id).await?)
}

async fn present(call: &Call, found: Vec<DomainView>) -> Result<Vec<types::StorageDomain>, Fault> {
    inlined(call, &call.follow, found.iter().map(|view| map::attached(&call.hrefs, view)).collect()).await
}

async fn list(call: Call) -> Answer {
    let place: DataCenterId = call.id("data_center")?;
    call.engine().data_center(&call.caller, place).await?;
    let found = call.engine().attached_storage_domains(&call.caller, &[place]).await?;
    Ok(Reply::ok(List::from(present(&call, found).await?)))
}

async fn get(call: Call) -> Answer {
    let view = of_path(&call).await?;
    let shown = present(&call, vec![view]).await?.pop().ok_or_else(Fault::not_found)?;
    Ok(Reply::ok(shown))
}

async fn add(call: Call) -> Answer {
    let place: DataCenterId = call.id("data_center")?;
    let body: types::StorageDomain = call.body()?;
    let domain = read_reference::<StorageDomainId>("StorageDomain", body.id.as_deref(), body.name.as_deref())?
        .ok_or_else(|| Fault::incomplete("StorageDomain", "id|name", "add"))?;
    let done = call.engine().act(&call.caller, Attach::new(domain, place)).await?;
    let ended = ended(&call, &done).await?;
    let view = call.engine().attached_storage_domain(&call.caller, place, done.value).await?;
    let href = call.item_href(done.value);
    let shown = map::attached(&call.hrefs, &view);
    Ok(if ended { Reply::created(href, shown) } else { Reply::accepted(href, shown) })
}

async fn remove(call: Call) -> Answer {
    let view = of_path(&call).await?;
    call.engine().act(&call.caller, Detach::new(view.domain.id)).await?;
    Ok(Reply::removed())
}

async fn activate(call: Call) -> Answer {
    let (action, view) = (call.action()?, of_path(&call).await?);
    let done = call.engine().act(&call.caller, Activate::new(view.domain.id)).await?;
    answer(&call, &action, done).await
}

async fn deactivate(call: Call) -> Answer {
    let (action, view) = (call.action()?, of_path(&call).await?);
    let done = call.engine().act(&call.caller, Deactivate::new(view.domain.id)).await?;
    answer(&call, &action, done).await
}

async fn answer(call: &Call, action: &types::Action, done: ferrovirt_engine::action::Done<()>) -> Answer {
    let no_wait = action.r#async.unwrap_or(false);
    if !no_wait {
        ended(call, &done).await?;
    }
    let Some(job) = done.job else { return Ok(Reply::action(types::Action::default())) };
    Ok(Reply::action_with_job(links::reference(call.hrefs.of("jobs", job), job), no_wait))
}
