//! The images that disks consist of, which the wire calls disk snapshots: the one that is written to, and below it those
//! of a template that it stands on. Snapshots of VMs are not made yet, so there are no others.

use ferrovirt_engine::reading::disks::DiskView;
use ferrovirt_model::ids::{DiskId, VmId};
use ferrovirt_model::storage::Volume;
use ferrovirt_wire::types;

use super::map;
use crate::api::call::Call;
use crate::api::fault::Fault;
use crate::api::hrefs::Hrefs;
use crate::api::links;
use crate::api::registry::{Answer, Registry};
use crate::resources::related::{many, one};
use crate::resources::shared::{decorate, number};
use crate::resources::vms::snapshots::active_id;

pub(super) fn register(r: &mut Registry) {
    r.on("DiskSnapshotsService", "list", list);
    r.on("DiskSnapshotService", "get", get);
}

/// The disks that the path names, and the address of the collection.
async fn owners(call: &Call) -> Result<(Vec<DiskView>, String), Fault> {
    if call.ids.iter().any(|(name, _)| *name == "storage_domain") {
        let view = call.engine().storage_domain(&call.caller, call.id("storage_domain")?).await?;
        let id = view.domain.id;
        let found = call.engine().disks_on(&call.caller, &[id]).await?;
        return Ok((found, format!("{}/disksnapshots", call.hrefs.of("storagedomains", id))));
    }
    let id: DiskId = call.id("disk")?;
    let view = call.engine().disk(&call.caller, id).await?;
    Ok((vec![view], format!("{}/disksnapshots", call.hrefs.of("disks", id))))
}

async fn list(call: Call) -> Answer {
    let (with_active, with_template) = (call.params.flag("include_active")?, call.params.flag("include_template")?);
    let (found, base) = owners(&call).await?;
    many(&call, images(&call, &base, &found, with_active, with_template).await?).await
}

/// The images of disks below an address: those that snapshots hold, and where it is asked the active ones and those of
/// templates.
pub(crate) async fn images(
    call: &Call,
    base: &str,
    found: &[DiskView],
    with_active: bool,
    with_template: bool,
) -> Result<Vec<types::DiskSnapshot>, Fault> {
    let mut shown = Vec::new();
    for view in found {
        if with_active && let Some(volume) = &view.disk.volume {
            shown.push(document(&call.hrefs, base, view, volume));
        }
    }
    if with_template {
        let below = call.engine().images_below(found).await?;
        shown.extend(below.iter().map(|(view, volume)| document(&call.hrefs, base, view, volume)));
    }
    Ok(shown)
}

async fn get(call: Call) -> Answer {
    let wanted = call.text_id("snapshot")?.to_owned();
    let (found, base) = owners(&call).await?;
    let below = call.engine().images_below(&found).await?;
    let own = found.iter().filter_map(|view| Some((view, view.disk.volume.as_ref()?)));
    let mut all = own.chain(below.iter().map(|(view, volume)| (view, volume)));
    let found = all.find(|(_, volume)| volume.id.to_string() == wanted);
    let (view, volume) = found.ok_or_else(|| Fault::no_such("DiskSnapshot", &wanted))?;
    one(&call, document(&call.hrefs, &base, view, volume)).await
}

fn document(hrefs: &Hrefs, base: &str, view: &DiskView, volume: &Volume) -> types::DiskSnapshot {
    let disk = map::to_wire(hrefs, view);
    let id = view.disk.id;
    let snapshot = |vm: &VmId| {
        let active = active_id(*vm);
        Box::new(links::reference(hrefs.within("vms", vm, "snapshots", active), active))
    };
    let mut shown = types::DiskSnapshot {
        active: Some(view.template.is_none()),
        actual_size: number(volume.actual_size),
        alias: disk.alias,
        content_type: disk.content_type,
        format: Some(map::format(volume.format)),
        image_id: Some(volume.id.to_string()),
        name: disk.name,
        propagate_errors: disk.propagate_errors,
        provisioned_size: disk.provisioned_size,
        shareable: disk.shareable,
        sparse: disk.sparse,
        status: disk.status,
        storage_type: disk.storage_type,
        wipe_after_delete: disk.wipe_after_delete,
        disk: Some(Box::new(links::reference(hrefs.of("disks", id), id))),
        parent: volume.parent.map(|parent| Box::new(links::reference(format!("{base}/{parent}"), parent))),
        snapshot: view.vms.first().map(snapshot),
        storage_domains: disk.storage_domains,
        ..Default::default()
    };
    decorate("DiskSnapshotService", &format!("{base}/{}", volume.id), volume.id, &mut shown);
    shown
}
