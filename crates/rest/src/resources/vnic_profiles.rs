//! vNIC profiles: all of them, and those of one network; the packet filters that they name.

use ferrovirt_engine::actions::vnic_profile::{Add, Remove, Update, Wish};
use ferrovirt_model::catalogue::network_filters::{self, NetworkFilter};
use ferrovirt_model::ids::{NetworkId, ObjectKind, VnicProfileId};
use ferrovirt_model::network::VnicProfile;
use ferrovirt_wire::types;
use uuid::Uuid;

use super::hung;
use super::related::{inlined, many};
use super::shared::{decorate, number, read_id};
use crate::api::call::Call;
use crate::api::fault::Fault;
use crate::api::follow::Follow;
use crate::api::hrefs::Hrefs;
use crate::api::links::reference;
use crate::api::registry::{Answer, Registry};
use crate::api::reply::Reply;
use crate::api::unserved::{any, on, other, refuse, text};

pub(crate) fn register(r: &mut Registry) {
    r.on("VnicProfilesService", "list", list);
    r.on("VnicProfilesService", "add", add);
    r.on("VnicProfileService", "get", get);
    r.on("VnicProfileService", "update", update);
    r.on("VnicProfileService", "remove", remove);
    r.on("AssignedVnicProfilesService", "list", list_of_network);
    r.on("AssignedVnicProfilesService", "add", add);
    r.on("AssignedVnicProfileService", "get", get);
    r.on("AssignedVnicProfileService", "remove", remove);
    r.on("NetworkFiltersService", "list", list_filters);
    r.on("NetworkFilterService", "get", get_filter);
}

async fn list(call: Call) -> Answer {
    let found = call.engine().vnic_profiles(&call.caller).await?;
    many(&call, found.iter().map(|one| to_wire(&call.hrefs, one)).collect()).await
}

async fn list_of_network(call: Call) -> Answer {
    let network: NetworkId = call.id("network")?;
    call.engine().network(&call.caller, network).await?;
    let found = call.engine().vnic_profiles_of(&call.caller, &[network]).await?;
    many(&call, found.iter().map(|one| to_wire(&call.hrefs, one)).collect()).await
}

async fn get(call: Call) -> Answer {
    Ok(Reply::ok(shown(&call, asked(&call).await?).await?))
}

async fn add(call: Call) -> Answer {
    let body: types::VnicProfile = call.body()?;
    call.require("VnicProfile", "name", body.name.is_some())?;
    let network = match call.ids.iter().any(|(name, _)| *name == "network") {
        true => Some(call.id("network")?),
        false => read_id("Network", body.network.as_ref().and_then(|one| one.id.as_deref()))?,
    };
    let Some(network) = network else {
        return Err(Fault::incomplete("VnicProfile", "network.id", call.operation.method));
    };
    let done = call.engine().act(&call.caller, Add::new(network, from_wire(&body)?)).await?;
    Ok(Reply::created(call.hrefs.of("vnicprofiles", done.value), shown(&call, done.value).await?))
}

async fn update(call: Call) -> Answer {
    let id = asked(&call).await?;
    let wish = from_wire(&call.body()?)?;
    call.engine().act(&call.caller, Update::new(id, wish)).await?;
    Ok(Reply::ok(shown(&call, id).await?))
}

async fn remove(call: Call) -> Answer {
    let id = asked(&call).await?;
    call.engine().act(&call.caller, Remove::new(id)).await?;
    Ok(Reply::removed())
}

async fn list_filters(call: Call) -> Answer {
    let shown: types::List<types::NetworkFilter> =
        network_filters::NETWORK_FILTERS.iter().map(|one| filter_to_wire(&call.hrefs, one)).collect();
    Ok(Reply::ok(shown))
}

async fn get_filter(call: Call) -> Answer {
    let id: Uuid = call.id("network_filter")?;
    let found = network_filters::network_filter(id).ok_or_else(|| Fault::no_such("NetworkFilter", &id.to_string()))?;
    Ok(Reply::ok(filter_to_wire(&call.hrefs, found)))
}

/// The profile of the path; below a network it must be one of its own.
async fn asked(call: &Call) -> Result<VnicProfileId, Fault> {
    let id: VnicProfileId = call.id("profile")?;
    if call.ids.iter().any(|(name, _)| *name == "network") {
        let network: NetworkId = call.id("network")?;
        if call.engine().vnic_profile(&call.caller, id).await?.network != network {
            return Err(Fault::not_found());
        }
    }
    Ok(id)
}

async fn shown(call: &Call, id: VnicProfileId) -> Result<types::VnicProfile, Fault> {
    let found = call.engine().vnic_profile(&call.caller, id).await?;
    let shown = vec![to_wire(&call.hrefs, &found)];
    inlined(call, &call.follow, shown).await?.pop().ok_or_else(Fault::not_found)
}

/// The lists below profiles that are followed.
pub(super) async fn lists(call: &Call, follow: &Follow, shown: &mut [types::VnicProfile]) -> Result<(), Fault> {
    hung::permissions(call, follow, ObjectKind::VnicProfile, shown, |one| &mut one.permissions).await
}

/// A vNIC profile as a document.
pub(crate) fn to_wire(hrefs: &Hrefs, from: &VnicProfile) -> types::VnicProfile {
    let filter = from
        .filter
        .as_deref()
        .and_then(|name| network_filters::NETWORK_FILTERS.iter().find(|filter| filter.name == name));
    let mode = match from.pass_through {
        true => types::VnicPassThroughMode::Enabled,
        false => types::VnicPassThroughMode::Disabled,
    };
    let mut one = types::VnicProfile {
        name: Some(from.name.clone()),
        description: Some(from.description.clone()),
        comment: Some(from.comment.clone()),
        migratable: from.pass_through.then_some(from.migratable),
        pass_through: Some(types::VnicPassThrough { mode: Some(mode) }),
        port_mirroring: Some(from.port_mirroring),
        network: Some(Box::new(reference(hrefs.of("networks", from.network), from.network))),
        network_filter: filter.map(|filter| Box::new(reference(hrefs.of("networkfilters", filter.id), filter.id))),
        ..Default::default()
    };
    decorate("VnicProfileService", &hrefs.of("vnicprofiles", from.id), from.id, &mut one);
    one
}

/// What profiles ask for and nothing here does.
fn unserved(body: &types::VnicProfile) -> Result<(), Fault> {
    let mode = body.pass_through.as_ref().and_then(|one| one.mode);
    let asked = [
        ("port_mirroring", on(body.port_mirroring)),
        ("pass_through", other(mode.as_ref(), &types::VnicPassThroughMode::Disabled)),
        ("qos", body.qos.as_deref().is_some_and(|qos| text(qos.id.as_ref()))),
        ("failover", body.failover.as_deref().is_some_and(|profile| text(profile.id.as_ref()))),
        ("custom_properties", any(body.custom_properties.as_ref())),
    ];
    refuse("vnic_profile", &asked)
}

fn from_wire(body: &types::VnicProfile) -> Result<Wish, Fault> {
    unserved(body)?;
    // An empty element takes the filter away.
    let filter = match body.network_filter.as_deref() {
        Some(named) => Some(read_id("NetworkFilter", named.id.as_deref().filter(|id| !id.is_empty()))?),
        None => None,
    };
    Ok(Wish {
        name: body.name.clone(),
        description: body.description.clone(),
        comment: body.comment.clone(),
        filter,
        port_mirroring: body.port_mirroring,
        pass_through: body
            .pass_through
            .as_ref()
            .and_then(|one| one.mode)
            .map(|mode| mode == types::VnicPassThroughMode::Enabled),
        migratable: body.migratable,
    })
}

/// A network filter as a document.
pub(super) fn filter_to_wire(hrefs: &Hrefs, from: &NetworkFilter) -> types::NetworkFilter {
    let version = types::Version { major: number(from.since.0), minor: number(from.since.1), ..Default::default() };
    let mut one = types::NetworkFilter {
        name: Some(from.name.to_owned()),
        version: Some(Box::new(version)),
        ..Default::default()
    };
    decorate("NetworkFilterService", &hrefs.of("networkfilters", from.id), from.id, &mut one);
    one
}
