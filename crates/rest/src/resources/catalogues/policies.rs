//! Scheduling policies and the units that they are made of. Read only: the built-in ones can't be changed.

use ferrovirt_model::catalogue::policies::{self, BuiltInPolicy};
use ferrovirt_model::catalogue::policy_units::{POLICY_UNITS, PolicyUnit, UnitKind};
use ferrovirt_wire::types;
use uuid::Uuid;

use crate::api::call::Call;
use crate::api::fault::Fault;
use crate::api::follow::Follow;
use crate::api::hrefs::Hrefs;
use crate::api::links::reference;
use crate::api::registry::{Answer, Registry};
use crate::api::reply::Reply;
use crate::resources::related::{hang, many, one};
use crate::resources::shared::{decorate, number};

pub(super) fn register(r: &mut Registry) {
    r.on("SchedulingPoliciesService", "list", list);
    r.on("SchedulingPolicyService", "get", get);
    r.on("SchedulingPolicyUnitsService", "list", list_units);
    r.on("SchedulingPolicyUnitService", "get", get_unit);
    r.on("FiltersService", "list", list_filters);
    r.on("FilterService", "get", get_filter);
    r.on("WeightsService", "list", list_weights);
    r.on("WeightService", "get", get_weight);
    r.on("BalancesService", "list", list_balances);
    r.on("BalanceService", "get", get_balance);
}

async fn list(call: Call) -> Answer {
    many(&call, policies::BUILT_IN_POLICIES.iter().map(|one| to_wire(&call.hrefs, one)).collect()).await
}

async fn get(call: Call) -> Answer {
    one(&call, to_wire(&call.hrefs, asked(&call)?)).await
}

async fn list_units(call: Call) -> Answer {
    // The wire has no word for selectors.
    let shown: types::List<types::SchedulingPolicyUnit> =
        POLICY_UNITS.iter().filter_map(|unit| unit_to_wire(&call.hrefs, unit)).collect();
    Ok(Reply::ok(shown))
}

async fn get_unit(call: Call) -> Answer {
    let id: Uuid = call.id("unit")?;
    let found = POLICY_UNITS.iter().find(|unit| unit.id == id).and_then(|unit| unit_to_wire(&call.hrefs, unit));
    Ok(Reply::ok(found.ok_or_else(|| Fault::no_such("SchedulingPolicyUnit", &id.to_string()))?))
}

async fn list_filters(call: Call) -> Answer {
    many(&call, filters(&call.hrefs, asked(&call)?)).await
}

async fn get_filter(call: Call) -> Answer {
    let id = call.text_id("filter")?;
    let found = filters(&call.hrefs, asked(&call)?).into_iter().find(|one| one.id.as_deref() == Some(id));
    one(&call, found.ok_or_else(|| Fault::no_such("Filter", id))?).await
}

async fn list_weights(call: Call) -> Answer {
    many(&call, weights(&call.hrefs, asked(&call)?)).await
}

async fn get_weight(call: Call) -> Answer {
    let id = call.text_id("weight")?;
    let found = weights(&call.hrefs, asked(&call)?).into_iter().find(|one| one.id.as_deref() == Some(id));
    one(&call, found.ok_or_else(|| Fault::no_such("Weight", id))?).await
}

async fn list_balances(call: Call) -> Answer {
    many(&call, balances(&call.hrefs, asked(&call)?)).await
}

async fn get_balance(call: Call) -> Answer {
    let id = call.text_id("balance")?;
    let found = balances(&call.hrefs, asked(&call)?).into_iter().find(|one| one.id.as_deref() == Some(id));
    one(&call, found.ok_or_else(|| Fault::no_such("Balance", id))?).await
}

fn asked(call: &Call) -> Result<&'static BuiltInPolicy, Fault> {
    let id: Uuid = call.id("policy")?;
    let found = policies::BUILT_IN_POLICIES.iter().find(|policy| policy.id == id);
    found.ok_or_else(|| Fault::no_such("SchedulingPolicy", &id.to_string()))
}

/// The lists below policies that are followed.
pub(crate) async fn lists(call: &Call, follow: &Follow, shown: &mut [types::SchedulingPolicy]) -> Result<(), Fault> {
    let own: Vec<&BuiltInPolicy> = policies::BUILT_IN_POLICIES.iter().collect();
    if let Some(below) = follow.at("filters") {
        let rows = each_of(&own, |policy| filters(&call.hrefs, policy));
        hang(call, below, shown, |one| &mut one.filters, rows).await?;
    }
    // The type calls the list by one of its items, the link by all.
    if let Some(below) = follow.at("weights").or(follow.at("weight")) {
        let rows = each_of(&own, |policy| weights(&call.hrefs, policy));
        hang(call, below, shown, |one| &mut one.weight, rows).await?;
    }
    if let Some(below) = follow.at("balances") {
        let rows = each_of(&own, |policy| balances(&call.hrefs, policy));
        hang(call, below, shown, |one| &mut one.balances, rows).await?;
    }
    Ok(())
}

fn each_of<T>(policies: &[&BuiltInPolicy], units: impl Fn(&BuiltInPolicy) -> Vec<T>) -> Vec<(String, T)> {
    policies.iter().flat_map(|policy| units(policy).into_iter().map(|one| (policy.id.to_string(), one))).collect()
}

/// The document of a policy.
pub(crate) fn to_wire(hrefs: &Hrefs, from: &BuiltInPolicy) -> types::SchedulingPolicy {
    let properties = from
        .properties
        .iter()
        .map(|(name, value)| types::Property { name: Some((*name).to_owned()), value: Some((*value).to_owned()) });
    let mut one = types::SchedulingPolicy {
        name: Some(from.name.to_owned()),
        default_policy: Some(from.id == policies::NONE),
        locked: Some(true),
        properties: Some(properties.collect()),
        ..Default::default()
    };
    decorate("SchedulingPolicyService", &hrefs.of("schedulingpolicies", from.id), from.id, &mut one);
    one
}

fn unit_named(kind: UnitKind, name: &str) -> Option<&'static PolicyUnit> {
    POLICY_UNITS.iter().find(|unit| unit.kind == kind && unit.name == name)
}

fn unit_reference(hrefs: &Hrefs, unit: &PolicyUnit) -> Box<types::SchedulingPolicyUnit> {
    Box::new(reference(hrefs.of("schedulingpolicyunits", unit.id), unit.id))
}

fn filters(hrefs: &Hrefs, policy: &BuiltInPolicy) -> Vec<types::Filter> {
    let units =
        policy.filters.iter().filter_map(|(name, position)| Some((unit_named(UnitKind::Filter, name)?, position)));
    units
        .map(|(unit, position)| types::Filter {
            href: Some(hrefs.within("schedulingpolicies", policy.id, "filters", unit.id)),
            id: Some(unit.id.to_string()),
            position: number(*position),
            scheduling_policy_unit: Some(unit_reference(hrefs, unit)),
            ..Default::default()
        })
        .collect()
}

fn weights(hrefs: &Hrefs, policy: &BuiltInPolicy) -> Vec<types::Weight> {
    let units = policy.weights.iter().filter_map(|(name, factor)| Some((unit_named(UnitKind::Weight, name)?, factor)));
    units
        .map(|(unit, factor)| types::Weight {
            href: Some(hrefs.within("schedulingpolicies", policy.id, "weights", unit.id)),
            id: Some(unit.id.to_string()),
            factor: number(*factor),
            scheduling_policy_unit: Some(unit_reference(hrefs, unit)),
            ..Default::default()
        })
        .collect()
}

fn balances(hrefs: &Hrefs, policy: &BuiltInPolicy) -> Vec<types::Balance> {
    let unit = unit_named(UnitKind::Balancer, policy.balancer);
    unit.map(|unit| types::Balance {
        href: Some(hrefs.within("schedulingpolicies", policy.id, "balances", unit.id)),
        id: Some(unit.id.to_string()),
        scheduling_policy_unit: Some(unit_reference(hrefs, unit)),
        ..Default::default()
    })
    .into_iter()
    .collect()
}

/// The document of a unit; the wire has no word for selectors.
pub(crate) fn unit_to_wire(hrefs: &Hrefs, from: &PolicyUnit) -> Option<types::SchedulingPolicyUnit> {
    let kind = match from.kind {
        UnitKind::Filter => types::PolicyUnitType::Filter,
        UnitKind::Weight => types::PolicyUnitType::Weight,
        UnitKind::Balancer => types::PolicyUnitType::LoadBalancing,
        UnitKind::Selector => return None,
    };
    let properties = from
        .parameters
        .iter()
        .map(|(name, pattern)| types::Property { name: Some((*name).to_owned()), value: Some((*pattern).to_owned()) });
    let mut one = types::SchedulingPolicyUnit {
        name: Some(from.name.to_owned()),
        enabled: Some(true),
        internal: Some(true),
        properties: Some(properties.collect()),
        r#type: Some(kind),
        ..Default::default()
    };
    decorate("SchedulingPolicyUnitService", &hrefs.of("schedulingpolicyunits", from.id), from.id, &mut one);
    Some(one)
}
