//! Pools of MAC addresses.

use ferrovirt_model::network::MacPool;
use ferrovirt_wire::types;

use super::shared::decorate;
use crate::api::call::Call;
use crate::api::hrefs::Hrefs;
use crate::api::registry::{Answer, Registry};
use crate::api::reply::Reply;

pub(crate) fn register(r: &mut Registry) {
    r.on("MacPoolsService", "list", list);
    r.on("MacPoolService", "get", get);
}

async fn list(call: Call) -> Answer {
    let found = call.engine().mac_pools().await?;
    let shown: types::List<types::MacPool> = found.iter().map(|one| to_wire(&call.hrefs, one)).collect();
    Ok(Reply::ok(shown))
}

async fn get(call: Call) -> Answer {
    let found = call.engine().mac_pool(call.id("mac_pool")?).await?;
    Ok(Reply::ok(to_wire(&call.hrefs, &found)))
}

fn to_wire(hrefs: &Hrefs, from: &MacPool) -> types::MacPool {
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
