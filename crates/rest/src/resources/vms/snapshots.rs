//! The one snapshot that every VM has: the one that stands for its present state, and the disks in it.

use std::collections::HashMap;

use ferrovirt_engine::reading::vms::VmView;
use ferrovirt_model::ids::{DiskId, VmId};
use ferrovirt_wire::types;
use ferrovirt_wire::types::Timestamp;
use uuid::Uuid;

use crate::api::call::Call;
use crate::api::fault::Fault;
use crate::api::follow::{Follow, distinct};
use crate::api::hrefs::Hrefs;
use crate::api::links;
use crate::api::registry::{Answer, Registry};
use crate::resources::disks;
use crate::resources::related::{hang, id_of, inlined, many, one};
use crate::resources::shared::{decorate, derived_id};

pub(super) fn register(r: &mut Registry) {
    r.on("SnapshotsService", "list", list);
    r.on("SnapshotService", "get", get);
    r.on("SnapshotDisksService", "list", list_disks);
    r.on("SnapshotDiskService", "get", get_disk);
}

/// The id of a VM's snapshot that stands for the present.
pub(crate) fn active_id(vm: VmId) -> Uuid {
    derived_id(vm.0, "snapshot/active")
}

/// The snapshot that stands for the present state.
pub(super) fn document(hrefs: &Hrefs, view: &VmView) -> types::Snapshot {
    let vm = view.vm.id;
    let mut document = types::Snapshot {
        description: Some("Active VM".to_owned()),
        date: Some(Timestamp(view.vm.created_at)),
        persist_memorystate: Some(false),
        snapshot_status: Some(types::SnapshotStatus::Ok),
        snapshot_type: Some(types::SnapshotType::Active),
        vm: Some(Box::new(links::reference(hrefs.of("vms", vm), vm))),
        ..types::Snapshot::default()
    };
    let id = active_id(vm);
    decorate("SnapshotService", &hrefs.within("vms", vm, "snapshots", id), id, &mut document);
    document
}

async fn list(call: Call) -> Answer {
    let view = call.engine().vm(&call.caller, call.id("vm")?).await?;
    many(&call, vec![document(&call.hrefs, &view)]).await
}

async fn get(call: Call) -> Answer {
    let view = asked(&call).await?;
    one(&call, document(&call.hrefs, &view)).await
}

/// The VM of the path, whose only snapshot is the one of the path.
async fn asked(call: &Call) -> Result<VmView, Fault> {
    let view = call.engine().vm(&call.caller, call.id("vm")?).await?;
    let wanted = call.text_id("snapshot")?;
    if active_id(view.vm.id).to_string() != wanted {
        return Err(Fault::no_such("Snapshot", wanted));
    }
    Ok(view)
}

/// The disks as the snapshots of VMs hold them, which is as they are, each with its VM.
async fn disks_of(call: &Call, vms: &[VmId]) -> Result<Vec<(VmId, types::Disk)>, Fault> {
    let attachments = call.engine().attachments_of_vms(vms).await?;
    let ids = distinct(attachments.iter().map(|one| one.disk));
    let mut found = call.engine().disks(&call.caller, &ids).await?;
    found.sort_by(|one, other| one.disk.alias.cmp(&other.disk.alias));
    let mut shown = Vec::new();
    for view in &found {
        let id = view.disk.id;
        for attachment in attachments.iter().filter(|one| one.disk == id) {
            let vm = attachment.vm;
            let snapshot = call.hrefs.within("vms", vm, "snapshots", active_id(vm));
            let mut one = disks::map::to_wire(&call.hrefs, view);
            one.snapshot = Some(Box::new(links::reference(&snapshot, active_id(vm))));
            decorate("SnapshotDiskService", &format!("{snapshot}/disks/{id}"), id, &mut one);
            shown.push((vm, one));
        }
    }
    Ok(shown)
}

/// The lists below snapshots that are followed.
pub(crate) async fn lists(call: &Call, follow: &Follow, shown: &mut [types::Snapshot]) -> Result<(), Fault> {
    let Some(below) = follow.at("disks") else { return Ok(()) };
    let vms: Vec<VmId> = distinct(shown.iter().filter_map(|one| id_of(one.vm.as_deref())));
    let rows = disks_of(call, &vms).await?.into_iter().map(|(vm, one)| (active_id(vm).to_string(), one)).collect();
    hang(call, below, shown, |one| &mut one.disks, rows).await
}

/// Puts snapshots in the place of references to them. A snapshot stands below its VM, which its address names.
pub(crate) async fn fill(call: &Call, below: &Follow, places: Vec<&mut types::Snapshot>) -> Result<(), Fault> {
    let above = call.hrefs.of("vms", "");
    let vm = |one: &types::Snapshot| -> Option<VmId> {
        one.href.as_deref()?.strip_prefix(&above)?.split('/').next()?.parse().ok()
    };
    let vms: Vec<VmId> = distinct(places.iter().filter_map(|one| vm(one)));
    let views = call.engine().vms(&call.caller, &vms).await?;
    let found = inlined(call, below, views.iter().map(|view| document(&call.hrefs, view)).collect()).await?;
    let found: HashMap<Option<String>, types::Snapshot> = found.into_iter().map(|one| (one.id.clone(), one)).collect();
    for place in places {
        if let Some(one) = found.get(&place.id) {
            *place = one.clone();
        }
    }
    Ok(())
}

async fn list_disks(call: Call) -> Answer {
    let view = asked(&call).await?;
    let found = disks_of(&call, &[view.vm.id]).await?;
    many(&call, found.into_iter().map(|(_, one)| one).collect()).await
}

async fn get_disk(call: Call) -> Answer {
    let wanted: DiskId = call.id("disk")?;
    let id = wanted.to_string();
    let view = asked(&call).await?;
    let mut found = disks_of(&call, &[view.vm.id]).await?.into_iter().map(|(_, one)| one);
    let found = found.find(|one| one.id.as_deref() == Some(id.as_str()));
    one(&call, found.ok_or_else(|| Fault::no_such("Disk", &id))?).await
}
