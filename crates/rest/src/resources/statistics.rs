//! Statistics of everything that has some: one service of the tree stands below many things, so it is bound here once and
//! asks the area of the thing. Each area brings its values by name; names, units and ids are the catalogue's.

use ferrovirt_model::catalogue::statistics::{Statistic, StatisticKind, StatisticType, StatisticUnit};
use ferrovirt_wire::types;

use super::{disks, hosts, vms};
use crate::api::call::Call;
use crate::api::fault::Fault;
use crate::api::registry::{Answer, Registry};
use crate::api::reply::Reply;

pub(crate) fn register(r: &mut Registry) {
    r.on("StatisticsService", "list", list);
    r.on("StatisticService", "get", get);
}

async fn list(call: Call) -> Answer {
    Ok(Reply::ok(types::List::from(of(&call).await?)))
}

async fn get(call: Call) -> Answer {
    let id = call.text_id("statistic")?.to_owned();
    let found = of(&call).await?.into_iter().find(|one| one.id.as_deref() == Some(id.as_str()));
    Ok(Reply::ok(found.ok_or_else(|| Fault::no_such("Statistic", &id))?))
}

/// The statistics of the thing that the path names, innermost last.
async fn of(call: &Call) -> Result<Vec<types::Statistic>, Fault> {
    let things: Vec<&str> = call.ids.iter().map(|(name, _)| *name).filter(|name| *name != "statistic").collect();
    match things.as_slice() {
        ["disk"] | [.., "storage_domain", "disk"] => disks::statistics(call).await,
        ["host"] => hosts::statistics(call).await,
        ["host", "nic"] => hosts::nic_statistics(call).await,
        ["vm"] => vms::measures::statistics(call).await,
        ["vm", "nic"] => vms::measures::nic_statistics(call).await,
        _ => Err(Fault::not_served("StatisticsService.list")),
    }
}

/// A value of a statistic.
pub(crate) enum Figure {
    /// One number.
    Number(f64),
    /// Several, the newest last.
    Series(Vec<f64>),
    /// Text.
    Text(String),
}

/// Statistics as documents: those of the catalogue that have a value, below the thing at `href`.
pub(crate) fn present(
    href: &str,
    catalogue: &'static [Statistic],
    value: impl Fn(&str) -> Option<Figure>,
) -> Vec<types::Statistic> {
    catalogue.iter().filter_map(|one| Some(to_wire(href, one, value(one.name)?))).collect()
}

fn to_wire(href: &str, from: &Statistic, figure: Figure) -> types::Statistic {
    let datum = |number| types::Value { datum: Some(number), detail: None };
    let values = match figure {
        Figure::Number(number) => vec![datum(number)],
        Figure::Series(numbers) => numbers.into_iter().map(datum).collect(),
        Figure::Text(text) => vec![types::Value { datum: None, detail: Some(text) }],
    };
    types::Statistic {
        href: Some(format!("{href}/statistics/{}", from.id)),
        id: Some(from.id.to_string()),
        name: Some(from.name.to_owned()),
        kind: Some(match from.kind {
            StatisticKind::Gauge => types::StatisticKind::Gauge,
            StatisticKind::Counter => types::StatisticKind::Counter,
        }),
        r#type: Some(match from.value_type {
            StatisticType::Integer => types::ValueType::Integer,
            StatisticType::Decimal => types::ValueType::Decimal,
            StatisticType::Text => types::ValueType::String,
        }),
        unit: Some(match from.unit {
            StatisticUnit::None => types::StatisticUnit::None,
            StatisticUnit::Bytes => types::StatisticUnit::Bytes,
            StatisticUnit::BytesPerSecond => types::StatisticUnit::BytesPerSecond,
            StatisticUnit::BitsPerSecond => types::StatisticUnit::BitsPerSecond,
            StatisticUnit::Percent => types::StatisticUnit::Percent,
            StatisticUnit::Seconds => types::StatisticUnit::Seconds,
        }),
        values: Some(types::List::from(values)),
        ..Default::default()
    }
}
