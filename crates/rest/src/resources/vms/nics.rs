//! The NICs of VMs.

use std::collections::HashMap;

use ferrovirt_engine::actions::vm::nics::{AddNic, NicChange, PlugNic, RemoveNic, UpdateNic};
use ferrovirt_engine::reading::vms::VmView;
use ferrovirt_model::ids::{NicId, VmId, VnicProfileId};
use ferrovirt_model::refusal::Refusal;
use ferrovirt_model::vm::{NicModel, VmNic};
use ferrovirt_wire::{List, Word, types};

use super::guest;
use super::power::answer;
use crate::api::call::Call;
use crate::api::fault::Fault;
use crate::api::follow::{Batch, Follow, distinct};
use crate::api::hrefs::Hrefs;
use crate::api::links;
use crate::api::registry::{Answer, Registry};
use crate::api::reply::Reply;
use crate::resources::shared::{decorate, read_id};
use crate::resources::{statistics, vnic_profiles};

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
fn to_wire(hrefs: &Hrefs, vm: VmId, nic: &VmNic) -> types::Nic {
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
        synced: Some(true),
        vnic_profile: nic.profile.map(|id| Box::new(links::reference(hrefs.of("vnicprofiles", id), id))),
        ..types::Nic::default()
    };
    decorate("VmNicService", &hrefs.within("vms", vm, "nics", nic.id), nic.id, &mut document);
    document
}

/// NICs of VMs as documents, with what is followed, in the order of `nics`.
pub(super) async fn present(
    call: &Call,
    follow: &Follow,
    vms: &[VmView],
    nics: &[(VmId, VmNic)],
) -> Result<Vec<(VmId, types::Nic)>, Fault> {
    let mut shown: Vec<(VmId, types::Nic)> =
        nics.iter().map(|(vm, nic)| (*vm, to_wire(&call.hrefs, *vm, nic))).collect();
    if follow.wants("vnic_profile") {
        let ids: Vec<VnicProfileId> = distinct(nics.iter().filter_map(|(_, nic)| nic.profile));
        let found = call.engine().vnic_profiles_by_id(&call.caller, &ids).await?;
        let found = Batch::by(found, |profile| profile.id);
        for ((_, document), (_, nic)) in shown.iter_mut().zip(nics) {
            if let Some(profile) = nic.profile.and_then(|id| found.one(&id)) {
                document.vnic_profile = Some(Box::new(vnic_profiles::to_wire(&call.hrefs, profile)));
            }
        }
    }
    let vms: HashMap<VmId, &VmView> = vms.iter().map(|view| (view.vm.id, view)).collect();
    for ((vm, document), (_, nic)) in shown.iter_mut().zip(nics) {
        let Some(view) = vms.get(vm) else { continue };
        if follow.wants("reported_devices") {
            let href = call.hrefs.within("vms", vm, "nics", nic.id);
            document.reported_devices = Some(List::from(guest::devices_of_nic(&call.hrefs, view, nic, &href)));
        }
        if follow.wants("statistics") {
            document.statistics = Some(List::from(nic_statistics(&call.hrefs, view, nic)));
        }
    }
    Ok(shown)
}

/// How much a NIC carries now.
pub(super) fn nic_statistics(hrefs: &Hrefs, view: &VmView, nic: &VmNic) -> Vec<types::Statistic> {
    let rates = view.statistics.as_ref().and_then(|statistics| statistics.nics.get(&nic.id.to_string()));
    let rates = rates.cloned().unwrap_or_default();
    let href = hrefs.within("vms", view.vm.id, "nics", nic.id);
    statistics::present(&href, ferrovirt_model::catalogue::statistics::NIC, |name| {
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
    let shown = present(&call, &call.follow, &[view], &nics).await?;
    Ok(Reply::ok(shown.into_iter().map(|(_, nic)| nic).collect::<List<_>>()))
}

async fn one(call: &Call, vm: VmId, id: NicId) -> Result<types::Nic, Fault> {
    let (view, nic) = call.engine().vm_nic(&call.caller, vm, id).await?;
    let mut shown = present(call, &call.follow, &[view], &[(vm, nic)]).await?;
    shown.pop().map(|(_, nic)| nic).ok_or_else(Fault::not_found)
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
    call.engine().act(&call.caller, UpdateNic { vm, nic, change, vm_name: None }).await?;
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
