//! Image transfers: a disk opened to a client for a while. The bytes go elsewhere.

use ferrovirt_engine::actions::transfer::{Begin, Steer, Subject};
use ferrovirt_engine::reading::transfers::TransferView;
use ferrovirt_model::ids::{DiskId, TransferId, VolumeId};
use ferrovirt_model::transfer::{Ask, Direction, TimeoutPolicy};
use ferrovirt_wire::types;

use super::disks::map;
use super::related::{many, one};
use super::shared::{decorate, number, read_id, word};
use crate::api::call::Call;
use crate::api::fault::Fault;
use crate::api::hrefs::Hrefs;
use crate::api::links;
use crate::api::registry::{Answer, Registry};
use crate::api::reply::Reply;

pub(crate) fn register(r: &mut Registry) {
    r.on("ImageTransfersService", "list", list);
    r.on("ImageTransfersService", "add", add);
    r.on("ImageTransferService", "get", get);
    r.on("ImageTransferService", "finalize", |call| steer(call, Ask::Finalize));
    r.on("ImageTransferService", "cancel", |call| steer(call, Ask::Cancel));
    r.on("ImageTransferService", "pause", |call| steer(call, Ask::Pause));
    r.on("ImageTransferService", "resume", |call| steer(call, Ask::Resume));
    r.on("ImageTransferService", "extend", |call| steer(call, Ask::Extend));
}

fn to_wire(hrefs: &Hrefs, view: &TransferView) -> types::ImageTransfer {
    let transfer = &view.transfer;
    let disk = transfer.disk;
    // An old name of the disk, without an address of its own.
    let image = types::Image { id: Some(disk.to_string()), ..Default::default() };
    let mut shown = types::ImageTransfer {
        active: Some(transfer.active),
        direction: Some(match transfer.direction {
            Direction::Upload => types::ImageTransferDirection::Upload,
            Direction::Download => types::ImageTransferDirection::Download,
        }),
        format: Some(map::format(transfer.format)),
        inactivity_timeout: Some(i64::from(transfer.inactivity_timeout)),
        phase: word(transfer.phase.as_str()),
        proxy_url: view.proxy_url.clone(),
        shallow: Some(transfer.shallow),
        timeout_policy: Some(match transfer.timeout_policy {
            TimeoutPolicy::Legacy => types::ImageTransferTimeoutPolicy::Legacy,
            TimeoutPolicy::Pause => types::ImageTransferTimeoutPolicy::Pause,
            TimeoutPolicy::Cancel => types::ImageTransferTimeoutPolicy::Cancel,
        }),
        transfer_url: view.transfer_url.clone(),
        transferred: number(transfer.transferred),
        disk: Some(Box::new(links::reference(hrefs.of("disks", disk), disk))),
        host: transfer.host.map(|id| Box::new(links::reference(hrefs.of("hosts", id), id))),
        image: Some(Box::new(image)),
        ..Default::default()
    };
    decorate("ImageTransferService", &hrefs.of("imagetransfers", transfer.id), transfer.id, &mut shown);
    shown
}

async fn list(call: Call) -> Answer {
    let found = call.engine().list_transfers(&call.caller).await?;
    many(&call, found.iter().map(|view| to_wire(&call.hrefs, view)).collect()).await
}

async fn get(call: Call) -> Answer {
    let id: TransferId = call.id("image_transfer")?;
    let view = call.engine().transfer(&call.caller, id).await?;
    one(&call, to_wire(&call.hrefs, &view)).await
}

async fn add(call: Call) -> Answer {
    let body: types::ImageTransfer = call.body()?;
    if body.backup.is_some() {
        return Err(Fault::not_served("ImageTransfersService.add (of a backup)"));
    }
    let begin = from_wire(&body)?;
    let done = call.engine().act(&call.caller, begin).await?;
    let view = call.engine().transfer(&call.caller, done.value).await?;
    Ok(Reply::created(call.hrefs.of("imagetransfers", done.value), to_wire(&call.hrefs, &view)))
}

fn from_wire(body: &types::ImageTransfer) -> Result<Begin, Fault> {
    let disk = match (body.disk.as_deref(), body.image.as_deref()) {
        (Some(disk), _) => read_id::<DiskId>("Disk", disk.id.as_deref())?,
        (None, Some(image)) => read_id::<DiskId>("Disk", image.id.as_deref())?,
        (None, None) => None,
    };
    let volume = match body.snapshot.as_deref() {
        Some(snapshot) => read_id::<VolumeId>("DiskSnapshot", snapshot.id.as_deref())?,
        None => None,
    };
    let subject = match (disk, volume) {
        (Some(disk), _) => Subject::Disk(disk),
        (None, Some(volume)) => Subject::Volume(volume),
        (None, None) => return Err(Fault::incomplete("ImageTransfer", "disk.id|snapshot.id", "add")),
    };
    let direction = match body.direction {
        Some(types::ImageTransferDirection::Download) => Direction::Download,
        Some(types::ImageTransferDirection::Upload) | None => Direction::Upload,
    };
    let mut begin = Begin::new(subject, direction);
    begin.format = body.format.map(map::read_format);
    begin.host = match body.host.as_deref() {
        Some(host) => read_id("Host", host.id.as_deref())?,
        None => None,
    };
    begin.inactivity_timeout = body.inactivity_timeout.map(|seconds| u32::try_from(seconds.max(0)).unwrap_or(u32::MAX));
    begin.timeout_policy = match body.timeout_policy {
        Some(types::ImageTransferTimeoutPolicy::Pause) => TimeoutPolicy::Pause,
        Some(types::ImageTransferTimeoutPolicy::Cancel) => TimeoutPolicy::Cancel,
        Some(types::ImageTransferTimeoutPolicy::Legacy) | None => TimeoutPolicy::Legacy,
    };
    begin.shallow = body.shallow.unwrap_or(false);
    Ok(begin)
}

async fn steer(call: Call, ask: Ask) -> Answer {
    let transfer: TransferId = call.id("image_transfer")?;
    let done = call.engine().act(&call.caller, Steer { transfer, ask }).await?;
    let job = done.job.map(|job| Box::new(links::reference(call.hrefs.of("jobs", job), job)));
    Ok(Reply::action(types::Action { job, ..Default::default() }))
}
