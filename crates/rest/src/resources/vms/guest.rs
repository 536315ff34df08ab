//! What guests say: their network devices, packages and users. None of it has an id of its own: ids follow from the VM
//! and the name. Guests are not trusted: what they say is shown, and nothing follows from it.

use std::net::IpAddr;

use ferrovirt_engine::reading::vms::VmView;
use ferrovirt_model::ids::{NicId, VmId};
use ferrovirt_model::vm::{GuestFacts, GuestNic};
use ferrovirt_wire::{List, types};

use crate::api::call::Call;
use crate::api::fault::Fault;
use crate::api::hrefs::Hrefs;
use crate::api::links;
use crate::api::registry::{Answer, Registry};
use crate::resources::related::{Followed, many, one};
use crate::resources::shared::{decorate, derived_id, filled};

pub(super) fn register(r: &mut Registry) {
    r.on("VmReportedDevicesService", "list", list_devices);
    r.on("VmReportedDeviceService", "get", get_device);
    r.on("VmApplicationsService", "list", list_applications);
    r.on("VmApplicationService", "get", get_application);
    r.on("VmSessionsService", "list", list_sessions);
    r.on("VmSessionService", "get", get_session);
}

fn address(text: &str) -> Option<types::Ip> {
    let plain = text.split('/').next().unwrap_or(text);
    let version = match plain.parse::<IpAddr>() {
        Ok(IpAddr::V4(_)) => types::IpVersion::V4,
        Ok(IpAddr::V6(_)) => types::IpVersion::V6,
        Err(_) => return None,
    };
    Some(types::Ip { address: Some(plain.to_owned()), version: Some(version), ..types::Ip::default() })
}

fn device(hrefs: &Hrefs, vm: VmId, below: &str, nic: &GuestNic) -> types::ReportedDevice {
    let ips: Vec<types::Ip> = nic.addresses.iter().filter_map(|text| address(text)).collect();
    let mut document = types::ReportedDevice {
        name: Some(nic.name.clone()),
        description: Some("guest reported data".to_owned()),
        ips: (!ips.is_empty()).then(|| List::from(ips)),
        mac: Some(types::Mac { address: Some(nic.mac_address.to_lowercase()) }),
        r#type: Some(types::ReportedDeviceType::Network),
        vm: Some(Box::new(links::reference(hrefs.of("vms", vm), vm))),
        ..types::ReportedDevice::default()
    };
    let id = derived_id(vm.0, &format!("device/{}/{}", nic.name, nic.mac_address));
    decorate("VmReportedDeviceService", &format!("{below}/reporteddevices/{id}"), id, &mut document);
    document
}

/// Every device that a VM's guest reports.
pub(super) fn devices(hrefs: &Hrefs, view: &VmView) -> Vec<types::ReportedDevice> {
    let below = hrefs.of("vms", view.vm.id);
    let nics = view.guest.iter().flat_map(|guest| &guest.nics);
    nics.map(|nic| device(hrefs, view.vm.id, &below, nic)).collect()
}

/// The devices that carry a NIC's address.
pub(super) fn devices_of_nic(hrefs: &Hrefs, view: &VmView, mac: &str, href: &str) -> Vec<types::ReportedDevice> {
    let nics = view.guest.iter().flat_map(|guest| &guest.nics);
    nics.filter(|one| one.mac_address.eq_ignore_ascii_case(mac))
        .map(|one| device(hrefs, view.vm.id, href, one))
        .collect()
}

/// Devices below a VM, or below one of its NICs.
async fn devices_of_path(call: &Call) -> Result<Vec<types::ReportedDevice>, Fault> {
    let vm: VmId = call.id("vm")?;
    if call.ids.iter().any(|(name, _)| *name == "nic") {
        let nic: NicId = call.id("nic")?;
        let (view, nic) = call.engine().vm_nic(&call.caller, vm, nic).await?;
        let href = call.hrefs.within("vms", vm, "nics", nic.id);
        return Ok(devices_of_nic(&call.hrefs, &view, &nic.mac_address, &href));
    }
    let view = call.engine().vm(&call.caller, vm).await?;
    Ok(devices(&call.hrefs, &view))
}

async fn list_devices(call: Call) -> Answer {
    many(&call, devices_of_path(&call).await?).await
}

async fn get_device(call: Call) -> Answer {
    let found = devices_of_path(&call).await?;
    pick(&call, "reported_device", found, |one| one.id.as_deref()).await
}

/// The one of some documents that the path names.
async fn pick<T: Followed + ferrovirt_wire::Element>(
    call: &Call,
    kind: &'static str,
    found: Vec<T>,
    id: impl Fn(&T) -> Option<&str>,
) -> Answer {
    let wanted = call.text_id(kind)?;
    let found = found.into_iter().find(|one| id(one) == Some(wanted));
    one(call, found.ok_or_else(|| Fault::no_such(kind, wanted))?).await
}

/// The packages that a guest has installed.
pub(super) fn applications(hrefs: &Hrefs, vm: VmId, guest: &GuestFacts) -> Vec<types::Application> {
    let packages = guest.packages.iter().map(|package| match package.version.as_str() {
        "" => package.name.clone(),
        version => format!("{}-{version}", package.name),
    });
    packages
        .map(|name| {
            let id = derived_id(vm.0, &format!("application/{name}"));
            let mut document = types::Application {
                name: Some(name),
                vm: Some(Box::new(links::reference(hrefs.of("vms", vm), vm))),
                ..types::Application::default()
            };
            decorate("VmApplicationService", &hrefs.within("vms", vm, "applications", id), id, &mut document);
            document
        })
        .collect()
}

async fn applications_of_path(call: &Call) -> Result<Vec<types::Application>, Fault> {
    let vm: VmId = call.id("vm")?;
    let guest = call.engine().vm_guest(&call.caller, vm).await?;
    Ok(applications(&call.hrefs, vm, &guest))
}

async fn list_applications(call: Call) -> Answer {
    many(&call, applications_of_path(&call).await?).await
}

async fn get_application(call: Call) -> Answer {
    let found = applications_of_path(&call).await?;
    pick(&call, "application", found, |one| one.id.as_deref()).await
}

/// The users that are logged in.
pub(super) fn sessions(hrefs: &Hrefs, view: &VmView) -> Vec<types::Session> {
    let vm = view.vm.id;
    let all = view.guest.iter().flat_map(|guest| guest.sessions.iter().enumerate());
    all.map(|(index, session)| {
        let name = match session.domain.as_str() {
            "" => session.user.clone(),
            domain => format!("{}@{domain}", session.user),
        };
        let id = derived_id(vm.0, &format!("session/{index}/{name}/{}", session.address));
        let mut document = types::Session {
            console_user: Some(session.console),
            ip: filled(&session.address)
                .map(|text| address(&text).unwrap_or(types::Ip { address: Some(text), ..types::Ip::default() })),
            user: Some(Box::new(types::User { user_name: Some(name), ..types::User::default() })),
            vm: Some(Box::new(links::reference(hrefs.of("vms", vm), vm))),
            ..types::Session::default()
        };
        decorate("VmSessionService", &hrefs.within("vms", vm, "sessions", id), id, &mut document);
        document
    })
    .collect()
}

async fn list_sessions(call: Call) -> Answer {
    let view = call.engine().vm(&call.caller, call.id("vm")?).await?;
    many(&call, sessions(&call.hrefs, &view)).await
}

async fn get_session(call: Call) -> Answer {
    let view = call.engine().vm(&call.caller, call.id("vm")?).await?;
    pick(&call, "session", sessions(&call.hrefs, &view), |one| one.id.as_deref()).await
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_no_address_is_left_out() {
        assert_eq!(address("10.0.0.7/24").and_then(|ip| ip.version), Some(types::IpVersion::V4));
        assert_eq!(address("fe80::1").and_then(|ip| ip.version), Some(types::IpVersion::V6));
        assert_eq!(address("<script>"), None);
    }
}
