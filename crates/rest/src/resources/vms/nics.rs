//! The NICs of VMs.

use std::collections::HashMap;

use ferrovirt_engine::actions::vm::nics::{AddNic, NicChange, PlugNic, RemoveNic, UpdateNic};
use ferrovirt_engine::reading::vms::VmView;
use ferrovirt_model::ids::{NicId, VmId, VnicProfileId};
use ferrovirt_model::refusal::Refusal;
use ferrovirt_model::vm::{NicModel, VmNic};
use ferrovirt_wire::{Word, types};

use super::guest;
use super::power::answer;
use crate::api::call::Call;
use crate::api::fault::Fault;
use crate::api::follow::{Follow, distinct};
use crate::api::hrefs::Hrefs;
use crate::api::links;
use crate::api::registry::{Answer, Registry};
use crate::api::reply::Reply;
use crate::resources::related::{hang, id_of, inlined, many, put};
use crate::resources::shared::{decorate, read_id};
use crate::resources::statistics;

pub(super) fn register(r: &mut Registry) {
    r.on("VmNicsService", "list", list);
    r.on("VmNicsService", "add", add);
    r.on("VmNicService", "get", get);
    r.on("VmNicService", "update", update);
    r.on("VmNicService", "remove", remove);
    r.on("VmNicService", "activate", activate);
    r.on("VmNicService", "deactivate", deactivate);
}

/// A NIC as a document.
pub(super) fn to_wire(hrefs: &Hrefs, vm: VmId, nic: &VmNic) -> types::Nic {
    let mut document = types::Nic {
        name: Some(nic.name.clone()),
        description: (!nic.description.is_empty()).then(|| nic.description.clone()),
        vm: Some(Box::new(links::reference(hrefs.of("vms", vm), vm))),
        interface: Some(match nic.model {
            NicModel::Virtio => types::NicInterface::Virtio,
            NicModel::E1000 => types::NicInterface::E1000,
            NicModel::E1000e => types::NicInterface::E1000e,
            NicModel::Rtl8139 => types::NicInterface::Rtl8139,
        }),
        linked: Some(nic.linked),
        mac: Some(types::Mac { address: Some(nic.mac_address.clone()) }),
        plugged: Some(nic.plugged),
        vnic_profile: nic.profile.map(|id| Box::new(links::reference(hrefs.of("vnicprofiles", id), id))),
        ..types::Nic::default()
    };
    decorate("VmNicService", &hrefs.within("vms", vm, "nics", nic.id), nic.id, &mut document);
    document
}

/// The lists below NICs of VMs that are followed.
pub(crate) async fn lists(call: &Call, follow: &Follow, shown: &mut [types::Nic]) -> Result<(), Fault> {
    if !follow.wants("reported_devices") && !follow.wants("statistics") {
        return Ok(());
    }
    let ids: Vec<VmId> = distinct(shown.iter().filter_map(|one| id_of(one.vm.as_deref())));
    let views = call.engine().vms(&call.caller, &ids).await?;
    let views: HashMap<VmId, VmView> = views.into_iter().map(|view| (view.vm.id, view)).collect();
    let (mut devices, mut measured) = (Vec::new(), Vec::new());
    for one in shown.iter() {
        let view = id_of(one.vm.as_deref()).and_then(|id: VmId| views.get(&id));
        let (Some(view), Some(id), Some(href)) = (view, &one.id, &one.href) else { continue };
        let address = one.mac.as_ref().and_then(|mac| mac.address.as_deref()).unwrap_or_default();
        let own = guest::devices_of_nic(&call.hrefs, view, address, href);
        devices.extend(own.into_iter().map(|device| (id.clone(), device)));
        measured.extend(nic_statistics(href, view, id).into_iter().map(|figure| (id.clone(), figure)));
    }
    if let Some(below) = follow.at("reported_devices") {
        hang(call, below, shown, |one| &mut one.reported_devices, devices).await?;
    }
    if follow.wants("statistics") {
        put(shown, |one| &mut one.statistics, measured);
    }
    Ok(())
}

/// How much a NIC carries now, by its address and its id.
pub(super) fn nic_statistics(href: &str, view: &VmView, id: &str) -> Vec<types::Statistic> {
    let rates = view.statistics.as_ref().and_then(|statistics| statistics.nics.get(id));
    let rates = rates.cloned().unwrap_or_default();
    statistics::present(href, ferrovirt_model::catalogue::statistics::NIC, |name| {
        let value = match name {
            "data.current.rx" => rates.received_bytes_per_second,
            "data.current.tx" => rates.sent_bytes_per_second,
            "data.current.rx.bps" => rates.received_bytes_per_second * 8.0,
            "data.current.tx.bps" => rates.sent_bytes_per_second * 8.0,
            "data.total.rx" => rates.received_bytes as f64,
            "data.total.tx" => rates.sent_bytes as f64,
            "errors.total.rx" => rates.receive_errors as f64,
            "errors.total.tx" => rates.send_errors as f64,
            _ => return None,
        };
        Some(statistics::Figure::Number(value))
    })
}

async fn list(call: Call) -> Answer {
    let view = call.engine().vm(&call.caller, call.id("vm")?).await?;
    let nics = call.engine().nics_of_vms(&[view.vm.id]).await?;
    many(&call, nics.iter().map(|(vm, nic)| to_wire(&call.hrefs, *vm, nic)).collect()).await
}

async fn one(call: &Call, vm: VmId, id: NicId) -> Result<types::Nic, Fault> {
    let (_, nic) = call.engine().vm_nic(&call.caller, vm, id).await?;
    let shown = vec![to_wire(&call.hrefs, vm, &nic)];
    inlined(call, &call.follow, shown).await?.pop().ok_or_else(Fault::not_found)
}

async fn get(call: Call) -> Answer {
    Ok(Reply::ok(one(&call, call.id("vm")?, call.id("nic")?).await?))
}

/// What a document says of a NIC. A profile element without an id takes the NIC off its network.
async fn from_wire(call: &Call, body: &types::Nic) -> Result<NicChange, Fault> {
    let model = match body.interface {
        None => None,
        Some(types::NicInterface::Virtio) => Some(NicModel::Virtio),
        Some(types::NicInterface::E1000) => Some(NicModel::E1000),
        Some(types::NicInterface::E1000e) => Some(NicModel::E1000e),
        Some(types::NicInterface::Rtl8139) => Some(NicModel::Rtl8139),
        Some(other) => {
            let why = "virtio, e1000, e1000e and rtl8139 are served";
            return Err(Refusal::bad_value("interface", other.as_str(), why).into());
        }
    };
    let profile = match body.vnic_profile.as_deref() {
        None => None,
        Some(profile) => {
            let id = profile.id.as_deref().filter(|id| !id.is_empty());
            Some(match (read_id("VnicProfile", id)?, profile.name.as_deref()) {
                (Some(id), _) => Some(id),
                (None, Some(name)) => Some(profile_by_name(call, name).await?),
                (None, None) => None,
            })
        }
    };
    Ok(NicChange {
        name: body.name.clone(),
        profile,
        model,
        mac_address: body.mac.as_ref().and_then(|mac| mac.address.clone()).filter(|address| !address.is_empty()),
        linked: body.linked,
        plugged: body.plugged,
        description: body.description.clone(),
    })
}

/// Profiles have unique names within a network only: a name that is not unique names none.
async fn profile_by_name(call: &Call, name: &str) -> Result<VnicProfileId, Fault> {
    let mut found = call.engine().vnic_profiles(&call.caller).await?;
    found.retain(|profile| profile.name == name);
    match found.as_slice() {
        [one] => Ok(one.id),
        _ => Err(Fault::no_such("VnicProfile", name)),
    }
}

async fn add(call: Call) -> Answer {
    let vm: VmId = call.id("vm")?;
    let body: types::Nic = call.body()?;
    call.require("Nic", "name", body.name.is_some())?;
    let nic = from_wire(&call, &body).await?;
    let done = call.engine().act(&call.caller, AddNic { vm, nic, vm_name: None }).await?;
    let document = one(&call, vm, done.value).await?;
    Ok(Reply::created(call.item_href(done.value), document))
}

async fn update(call: Call) -> Answer {
    let (vm, nic): (VmId, NicId) = (call.id("vm")?, call.id("nic")?);
    let change = from_wire(&call, &call.body()?).await?;
    call.engine().act(&call.caller, UpdateNic { vm, nic, change, names: Default::default() }).await?;
    Ok(Reply::ok(one(&call, vm, nic).await?))
}

async fn remove(call: Call) -> Answer {
    let action = RemoveNic { vm: call.id("vm")?, nic: call.id("nic")?, names: Default::default() };
    call.engine().act(&call.caller, action).await?;
    Ok(Reply::removed())
}

async fn plug(call: Call, plugged: bool) -> Answer {
    let body = call.action()?;
    let action = PlugNic { vm: call.id("vm")?, nic: call.id("nic")?, plugged, names: Default::default() };
    let done = call.engine().act(&call.caller, action).await?;
    Ok(answer(&call, &body, &done))
}

async fn activate(call: Call) -> Answer {
    plug(call, true).await
}

async fn deactivate(call: Call) -> Answer {
    plug(call, false).await
}
