//! The one CD drive of a VM. Its id is the nil id; its file's id is that of the disk that holds the image. With `current`
//! the drive of the running guest is meant, without it that of the starts to come.

use ferrovirt_engine::actions::vm::ChangeCd;
use ferrovirt_engine::reading::vms::VmView;
use ferrovirt_model::ids::{DiskId, VmId};
use ferrovirt_wire::types;
use uuid::Uuid;

use super::from_wire;
use crate::api::call::Call;
use crate::api::fault::Fault;
use crate::api::hrefs::Hrefs;
use crate::api::links;
use crate::api::registry::{Answer, Registry};
use crate::api::reply::Reply;
use crate::resources::related::{many, one};
use crate::resources::shared::decorate;

pub(super) fn register(r: &mut Registry) {
    r.on("VmCdromsService", "list", list);
    r.on("VmCdromsService", "add", add);
    r.on("VmCdromService", "get", get);
    r.on("VmCdromService", "update", update);
}

/// The drive as the VM's next start finds it.
pub(super) fn cdrom(hrefs: &Hrefs, view: &VmView) -> types::Cdrom {
    with_cd(hrefs, view.vm.id, view.vm.definition.cdrom)
}

fn with_cd(hrefs: &Hrefs, vm: VmId, cd: Option<DiskId>) -> types::Cdrom {
    let mut document = types::Cdrom {
        file: cd.map(|disk| Box::new(types::File { id: Some(disk.to_string()), ..types::File::default() })),
        vm: Some(Box::new(links::reference(hrefs.of("vms", vm), vm))),
        ..types::Cdrom::default()
    };
    let id = Uuid::nil();
    decorate("VmCdromService", &hrefs.within("vms", vm, "cdroms", id), id, &mut document);
    document
}

async fn list(call: Call) -> Answer {
    let view = call.engine().vm(&call.caller, call.id("vm")?).await?;
    many(&call, vec![cdrom(&call.hrefs, &view)]).await
}

/// The VM of the path, and whether its running guest's drive is meant.
fn drive(call: &Call) -> Result<(VmId, bool), Fault> {
    let id: Uuid = call.id("cdrom")?;
    if !id.is_nil() {
        return Err(Fault::no_such("Cdrom", &id.to_string()));
    }
    Ok((call.id("vm")?, call.params.flag("current")?))
}

async fn shown(call: &Call, vm: VmId, current: bool) -> Result<types::Cdrom, Fault> {
    if current {
        let cd = call.engine().cd_of_run(&call.caller, vm).await?;
        return Ok(with_cd(&call.hrefs, vm, cd));
    }
    let view = call.engine().vm(&call.caller, vm).await?;
    Ok(cdrom(&call.hrefs, &view))
}

async fn get(call: Call) -> Answer {
    let (vm, current) = drive(&call)?;
    one(&call, shown(&call, vm, current).await?).await
}

/// What the answer shows of a running guest's drive is what was asked for: the host is told by a job.
async fn update(call: Call) -> Answer {
    let (vm, current) = drive(&call)?;
    let cd = from_wire::cd(&call.body()?)?;
    if current {
        call.engine().act(&call.caller, ChangeCd::now(vm, cd)).await?;
        return Ok(Reply::ok(with_cd(&call.hrefs, vm, cd)));
    }
    call.engine().act(&call.caller, ChangeCd::for_starts(vm, cd)).await?;
    Ok(Reply::ok(shown(&call, vm, false).await?))
}

/// Every VM has its drive: to add one is to put a CD into it.
async fn add(call: Call) -> Answer {
    let vm: VmId = call.id("vm")?;
    let cd = from_wire::cd(&call.body()?)?;
    call.require("Cdrom", "file.id", cd.is_some())?;
    call.engine().act(&call.caller, ChangeCd::for_starts(vm, cd)).await?;
    let href = call.item_href(Uuid::nil());
    Ok(Reply::created(href, shown(&call, vm, false).await?))
}
