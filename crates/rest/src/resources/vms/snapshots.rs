//! The one snapshot that every VM has: the one that stands for its present state, and the disks in it.

use ferrovirt_engine::reading::vms::VmView;
use ferrovirt_model::ids::{DiskId, VmId};
use ferrovirt_wire::types::Timestamp;
use ferrovirt_wire::{List, types};
use uuid::Uuid;

use crate::api::call::Call;
use crate::api::fault::Fault;
use crate::api::hrefs::Hrefs;
use crate::api::links;
use crate::api::registry::{Answer, Registry};
use crate::api::reply::Reply;
use crate::resources::disks;
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
    Ok(Reply::ok(List::from(vec![document(&call.hrefs, &view)])))
}

async fn get(call: Call) -> Answer {
    let view = asked(&call).await?;
    Ok(Reply::ok(document(&call.hrefs, &view)))
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

/// The disks as the snapshot holds them, which is as they are.
async fn disks_of(call: &Call) -> Result<Vec<types::Disk>, Fault> {
    let view = asked(call).await?;
    let vm = view.vm.id;
    let ids: Vec<DiskId> = call.engine().attachments_of_vms(&[vm]).await?.iter().map(|one| one.disk).collect();
    let mut found = call.engine().disks(&call.caller, &ids).await?;
    found.sort_by(|one, other| one.disk.alias.cmp(&other.disk.alias));
    let snapshot = call.hrefs.within("vms", vm, "snapshots", active_id(vm));
    let ids: Vec<DiskId> = found.iter().map(|view| view.disk.id).collect();
    let mut shown = disks::present(call, &call.follow, found).await?;
    for (id, one) in ids.iter().zip(&mut shown) {
        one.snapshot = Some(Box::new(links::reference(&snapshot, active_id(vm))));
        decorate("SnapshotDiskService", &format!("{snapshot}/disks/{id}"), id, one);
    }
    Ok(shown)
}

async fn list_disks(call: Call) -> Answer {
    Ok(Reply::ok(List::from(disks_of(&call).await?)))
}

async fn get_disk(call: Call) -> Answer {
    let wanted: DiskId = call.id("disk")?;
    let id = wanted.to_string();
    let found = disks_of(&call).await?.into_iter().find(|one| one.id.as_deref() == Some(id.as_str()));
    Ok(Reply::ok(found.ok_or_else(|| Fault::no_such("Disk", &id))?))
}
