//! Pools of MAC addresses.

use ferrovirt_engine::actions::mac_pool::{Add, Remove, Update, Wish};
use ferrovirt_model::ids::{MacPoolId, ObjectKind};
use ferrovirt_model::network::MacPool;
use ferrovirt_wire::types;

use super::hung;
use super::related::{many, one};
use super::shared::decorate;
use crate::api::call::Call;
use crate::api::fault::Fault;
use crate::api::follow::Follow;
use crate::api::hrefs::Hrefs;
use crate::api::registry::{Answer, Registry};
use crate::api::reply::Reply;

pub(crate) fn register(r: &mut Registry) {
    r.on("MacPoolsService", "list", list);
    r.on("MacPoolsService", "add", add);
    r.on("MacPoolService", "get", get);
    r.on("MacPoolService", "update", update);
    r.on("MacPoolService", "remove", remove);
}

async fn list(call: Call) -> Answer {
    let found = call.engine().mac_pools(&call.caller).await?;
    many(&call, found.iter().map(|one| to_wire(&call.hrefs, one)).collect()).await
}

async fn get(call: Call) -> Answer {
    let found = call.engine().mac_pool(&call.caller, call.id("mac_pool")?).await?;
    one(&call, to_wire(&call.hrefs, &found)).await
}

async fn add(call: Call) -> Answer {
    let body: types::MacPool = call.body()?;
    call.require("MacPool", "name", body.name.is_some())?;
    let done = call.engine().act(&call.caller, Add::new(from_wire(&body, "add")?)).await?;
    Ok(Reply::created(call.item_href(done.value), shown(&call, done.value).await?))
}

async fn update(call: Call) -> Answer {
    let id: MacPoolId = call.id("mac_pool")?;
    let wish = from_wire(&call.body()?, "update")?;
    call.engine().act(&call.caller, Update::new(id, wish)).await?;
    Ok(Reply::ok(shown(&call, id).await?))
}

async fn remove(call: Call) -> Answer {
    call.engine().act(&call.caller, Remove::new(call.id("mac_pool")?)).await?;
    Ok(Reply::removed())
}

async fn shown(call: &Call, id: MacPoolId) -> Result<types::MacPool, Fault> {
    Ok(to_wire(&call.hrefs, &call.engine().mac_pool(&call.caller, id).await?))
}

/// What a body says of a pool. A range that is named needs both its ends.
fn from_wire(body: &types::MacPool, method: &'static str) -> Result<Wish, Fault> {
    let range = |range: &types::Range| match (&range.from, &range.to) {
        (Some(first), Some(last)) => Ok((first.clone(), last.clone())),
        _ => Err(Fault::incomplete("MacPool", "ranges.from|to", method)),
    };
    let ranges = body.ranges.as_ref().map(|ranges| ranges.items.iter().map(range).collect());
    Ok(Wish {
        name: body.name.clone(),
        description: body.description.clone(),
        allow_duplicates: body.allow_duplicates,
        ranges: ranges.transpose()?,
    })
}

/// The lists below pools that are followed.
pub(super) async fn lists(call: &Call, follow: &Follow, shown: &mut [types::MacPool]) -> Result<(), Fault> {
    hung::permissions(call, follow, ObjectKind::MacPool, shown, |one| &mut one.permissions).await
}

/// The document of a pool.
pub(super) fn to_wire(hrefs: &Hrefs, from: &MacPool) -> types::MacPool {
    let ranges =
        from.ranges.iter().map(|(first, last)| types::Range { from: Some(first.clone()), to: Some(last.clone()) });
    let mut one = types::MacPool {
        name: Some(from.name.clone()),
        description: Some(from.description.clone()),
        allow_duplicates: Some(from.allow_duplicates),
        default_pool: Some(from.default),
        ranges: Some(ranges.collect()),
        ..Default::default()
    };
    decorate("MacPoolService", &hrefs.of("macpools", from.id), from.id, &mut one);
    one
}
