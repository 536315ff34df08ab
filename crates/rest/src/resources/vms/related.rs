//! What is put into VMs when a link is followed, beside their references: one read a link for all VMs, whatever their
//! number.

use ferrovirt_engine::reading::vms::VmView;
use ferrovirt_model::ids::{ObjectKind, VmId};
use ferrovirt_wire::types;

use super::{attachments, cdroms, consoles, guest, measures, nics, snapshots};
use crate::api::call::Call;
use crate::api::fault::Fault;
use crate::api::follow::Follow;
use crate::resources::hung;
use crate::resources::related::{hang, ids_of, put};

/// What the rows of the VMs hold already.
pub(super) async fn known(
    call: &Call,
    follow: &Follow,
    views: &[VmView],
    shown: &mut [types::Vm],
) -> Result<(), Fault> {
    if let Some(below) = follow.at("graphics_consoles") {
        let rows = of_each(views, |view| consoles::of(&call.hrefs, view));
        hang(call, below, shown, |one| &mut one.graphics_consoles, rows).await?;
    }
    if let Some(below) = follow.at("reported_devices") {
        let rows = of_each(views, |view| guest::devices(&call.hrefs, view));
        hang(call, below, shown, |one| &mut one.reported_devices, rows).await?;
    }
    if let Some(below) = follow.at("sessions") {
        let rows = of_each(views, |view| guest::sessions(&call.hrefs, view));
        hang(call, below, shown, |one| &mut one.sessions, rows).await?;
    }
    if follow.wants("statistics") {
        put(shown, |one| &mut one.statistics, of_each(views, |view| measures::of(&call.hrefs, view)));
    }
    if let Some(below) = follow.at("snapshots") {
        let rows = of_each(views, |view| vec![snapshots::document(&call.hrefs, view)]);
        hang(call, below, shown, |one| &mut one.snapshots, rows).await?;
    }
    if let Some(below) = follow.at("cdroms") {
        let rows = of_each(views, |view| vec![cdroms::cdrom(&call.hrefs, view)]);
        hang(call, below, shown, |one| &mut one.cdroms, rows).await?;
    }
    Ok(())
}

fn of_each<T>(views: &[VmView], of: impl Fn(&VmView) -> Vec<T>) -> Vec<(String, T)> {
    views.iter().flat_map(|view| of(view).into_iter().map(|one| (view.vm.id.to_string(), one))).collect()
}

/// The lists below VMs that are followed and stand in rows of their own.
pub(crate) async fn lists(call: &Call, follow: &Follow, shown: &mut [types::Vm]) -> Result<(), Fault> {
    hung::permissions(call, follow, ObjectKind::Vm, shown, |one| &mut one.permissions).await?;
    hung::tags(call, follow, ObjectKind::Vm, shown, |one| &mut one.tags).await?;
    let ids: Vec<VmId> = ids_of(shown);
    if let Some(below) = follow.at("nics") {
        let found = call.engine().nics_of_vms(&ids).await?;
        let rows = found.iter().map(|(vm, nic)| (vm.to_string(), nics::to_wire(&call.hrefs, *vm, nic))).collect();
        hang(call, below, shown, |one| &mut one.nics, rows).await?;
    }
    if let Some(below) = follow.at("disk_attachments") {
        let found = call.engine().attachments_of_vms(&ids).await?;
        let rows = found.iter().map(|one| (one.vm.to_string(), attachments::to_wire(&call.hrefs, one))).collect();
        hang(call, below, shown, |one| &mut one.disk_attachments, rows).await?;
    }
    if let Some(below) = follow.at("applications") {
        let mut rows = Vec::new();
        for (vm, facts) in call.engine().guests_of_vms(&ids).await? {
            let own = guest::applications(&call.hrefs, vm, &facts);
            rows.extend(own.into_iter().map(|one| (vm.to_string(), one)));
        }
        hang(call, below, shown, |one| &mut one.applications, rows).await?;
    }
    Ok(())
}
