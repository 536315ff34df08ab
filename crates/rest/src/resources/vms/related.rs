//! What is inlined into VMs when a link is followed: one read a link for all VMs, whatever their number.

use std::collections::HashMap;

use ferrovirt_engine::reading::vms::VmView;
use ferrovirt_model::ids::{ClusterId, HostId, ObjectKind, TemplateId, VmId};
use ferrovirt_wire::{List, types};

use super::{attachments, cdroms, consoles, guest, measures, nics, snapshots};
use crate::api::call::Call;
use crate::api::fault::Fault;
use crate::api::follow::distinct;
use crate::resources::hung::Hung;
use crate::resources::{clusters, hosts, templates};

type Shown<'a> = &'a mut [types::Vm];

/// Inlines what the request follows. `shown` stands in the order of `views`.
pub(super) async fn inline(call: &Call, views: &[VmView], shown: Shown<'_>) -> Result<(), Fault> {
    if call.follow.is_empty() || views.is_empty() {
        return Ok(());
    }
    plain(call, views, shown);
    let ids: Vec<VmId> = views.iter().map(|view| view.vm.id).collect();
    devices(call, views, &ids, shown).await?;
    if call.follow.wants("applications") {
        let found: HashMap<VmId, _> = call.engine().guests_of_vms(&ids).await?.into_iter().collect();
        for (id, document) in ids.iter().zip(shown.iter_mut()) {
            let facts = found.get(id).cloned().unwrap_or_default();
            document.applications = Some(List::from(guest::applications(&call.hrefs, *id, &facts)));
        }
    }
    let mut hung = Hung::read(call, &call.follow, ObjectKind::Vm, ids.iter().map(|id| id.0)).await?;
    for (id, document) in ids.iter().zip(shown.iter_mut()) {
        document.permissions = hung.permissions(*id);
        document.tags = hung.tags(*id);
    }
    references(call, views, shown).await?;
    made_from(call, views, shown).await
}

/// What the rows of the VMs hold already.
fn plain(call: &Call, views: &[VmView], shown: Shown<'_>) {
    for (view, document) in views.iter().zip(shown.iter_mut()) {
        if call.follow.wants("graphics_consoles") {
            document.graphics_consoles = Some(List::from(consoles::of(&call.hrefs, view)));
        }
        if call.follow.wants("reported_devices") {
            document.reported_devices = Some(List::from(guest::devices(&call.hrefs, view)));
        }
        if call.follow.wants("sessions") {
            document.sessions = Some(List::from(guest::sessions(&call.hrefs, view)));
        }
        if call.follow.wants("statistics") {
            document.statistics = Some(List::from(measures::of(&call.hrefs, view)));
        }
        if call.follow.wants("snapshots") {
            document.snapshots = Some(List::from(vec![snapshots::document(&call.hrefs, view)]));
        }
        if call.follow.wants("cdroms") {
            document.cdroms = Some(List::from(vec![cdroms::cdrom(&call.hrefs, view)]));
        }
    }
}

async fn devices(call: &Call, views: &[VmView], ids: &[VmId], shown: Shown<'_>) -> Result<(), Fault> {
    if let Some(below) = call.follow.at("nics") {
        let found = call.engine().nics_of_vms(ids).await?;
        let mut sorted = by_vm(nics::present(call, below, views, &found).await?);
        for (id, document) in ids.iter().zip(shown.iter_mut()) {
            document.nics = Some(List::from(sorted.remove(id).unwrap_or_default()));
        }
    }
    if let Some(below) = call.follow.at("disk_attachments") {
        let found = call.engine().attachments_of_vms(ids).await?;
        let mut sorted = by_vm(attachments::present(call, below, &found).await?);
        for (id, document) in ids.iter().zip(shown.iter_mut()) {
            document.disk_attachments = Some(List::from(sorted.remove(id).unwrap_or_default()));
        }
    }
    Ok(())
}

fn by_vm<T>(rows: Vec<(VmId, T)>) -> HashMap<VmId, Vec<T>> {
    let mut sorted: HashMap<VmId, Vec<T>> = HashMap::new();
    for (id, row) in rows {
        sorted.entry(id).or_default().push(row);
    }
    sorted
}

async fn references(call: &Call, views: &[VmView], shown: Shown<'_>) -> Result<(), Fault> {
    if let Some(below) = call.follow.at("cluster") {
        let ids: Vec<ClusterId> = distinct(views.iter().map(|view| view.vm.cluster));
        let found = call.engine().clusters(&call.caller, &ids).await?;
        let found = Box::pin(clusters::present(call, below, found)).await?;
        let found: HashMap<_, _> = found.into_iter().map(|one| (one.id.clone().unwrap_or_default(), one)).collect();
        for (view, document) in views.iter().zip(shown.iter_mut()) {
            if let Some(one) = found.get(&view.vm.cluster.to_string()) {
                document.cluster = Some(Box::new(one.clone()));
            }
        }
    }
    if let Some(below) = call.follow.at("host") {
        let ids: Vec<HostId> = distinct(views.iter().filter_map(|view| view.run.as_ref()).map(|run| run.host));
        let found = call.engine().host_views(&call.caller, &ids).await?;
        let found = Box::pin(hosts::present(call, below, found)).await?;
        let found: HashMap<_, _> = found.into_iter().map(|one| (one.id.clone().unwrap_or_default(), one)).collect();
        for (view, document) in views.iter().zip(shown.iter_mut()) {
            if let Some(one) = view.run.as_ref().and_then(|run| found.get(&run.host.to_string())) {
                document.host = Some(Box::new(one.clone()));
            }
        }
    }
    Ok(())
}

/// The template of a VM goes by two links. What is to be inlined below may differ between them; both are served by one read.
async fn made_from(call: &Call, views: &[VmView], shown: Shown<'_>) -> Result<(), Fault> {
    let (template, original) = (call.follow.at("template"), call.follow.at("original_template"));
    if template.is_none() && original.is_none() {
        return Ok(());
    }
    let ids: Vec<TemplateId> = distinct(views.iter().map(|view| view.vm.template));
    let rows = call.engine().templates(&call.caller, &ids).await?;
    for (below, is_original) in [(template, false), (original, true)] {
        let Some(below) = below else { continue };
        let found = Box::pin(templates::present(call, below, &rows)).await?;
        let found: HashMap<_, _> = rows.iter().map(|row| row.id).zip(found).collect();
        for (view, document) in views.iter().zip(shown.iter_mut()) {
            let Some(one) = found.get(&view.vm.template) else { continue };
            let place = if is_original { &mut document.original_template } else { &mut document.template };
            *place = Some(Box::new(one.clone()));
        }
    }
    Ok(())
}
