//! What a transfer asks of its host: one request a function. Refuses to know phases.

use ferrovirt_hostapi::{AddTicketRequest, ExtendTicketRequest, TicketRequest, TicketState};
use ferrovirt_model::ids::HostId;
use ferrovirt_model::storage::{Disk, DiskFormat};
use ferrovirt_model::transfer::{Direction, ImageTransfer};
use tonic::Code;
use uuid::Uuid;

use crate::failure::{Failure, Result};
use crate::hosts::{ANSWER, WORK, reach, within};
use crate::jobs::JobContext;

/// Seconds that a ticket lives without use and without the engine: long enough for an engine to be replaced.
const LIFE: u32 = 300;
/// Room for the tables of a qcow2 image beside its content.
const OVERHEAD: u64 = 64 << 20;

/// What became of a ticket that is to be removed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Removed {
    /// It is gone, and what was written is sound as far as the host can tell.
    Sound,
    /// It is gone, and the host says that what was written can't be used.
    Unsound(String),
    /// A request still uses it.
    InUse,
}

/// Bytes that a client may address.
fn size(transfer: &ImageTransfer, disk: &Disk) -> u64 {
    match transfer.format {
        DiskFormat::Raw => disk.provisioned_size,
        DiskFormat::Qcow2 => disk.provisioned_size.saturating_add(disk.provisioned_size / 10).saturating_add(OVERHEAD),
    }
}

/// Opens the disk on a host; a ticket that stands there already is fine.
pub(super) async fn add(
    cx: &JobContext<'_>,
    host: HostId,
    transfer: &ImageTransfer,
    disk: &Disk,
) -> Result<TicketState> {
    let mut reader = cx.engine.store().read().await?;
    let place = reach::place(&mut reader, disk).await?;
    drop(reader);
    let operations: &[&str] = match transfer.direction {
        Direction::Upload => &["read", "write"],
        Direction::Download => &["read"],
    };
    let request = AddTicketRequest {
        ticket_id: transfer.ticket.to_string(),
        transfer_id: transfer.id.to_string(),
        volume: Some(place.volume),
        format: transfer.format.as_str().to_owned(),
        volume_format: disk.format.as_str().to_owned(),
        size: size(transfer, disk),
        operations: operations.iter().map(|&one| one.to_owned()).collect(),
        timeout_seconds: LIFE,
        inactivity_timeout_seconds: transfer.inactivity_timeout,
        filename: transfer.filename.clone(),
        sparse: disk.sparse,
    };
    let door = cx.host_door(host).await?;
    door.heard(door.client().add_ticket(within(WORK, request)).await)
}

/// Lets a ticket live on, and hears how it stands. `None`: the host does not have it.
pub(super) async fn extend(cx: &JobContext<'_>, host: HostId, ticket: Uuid) -> Result<Option<TicketState>> {
    let door = cx.host_door(host).await?;
    let request = ExtendTicketRequest { ticket_id: ticket.to_string(), timeout_seconds: LIFE };
    match door.heard(door.client().extend_ticket(within(ANSWER, request)).await) {
        Ok(state) => Ok(Some(state)),
        Err(Failure::Refused(_)) => Ok(None),
        Err(trouble) => Err(trouble),
    }
}

/// Closes a ticket; one that is gone is fine.
pub(super) async fn remove(cx: &JobContext<'_>, host: HostId, ticket: Uuid) -> Result<Removed> {
    let door = cx.host_door(host).await?;
    let request = TicketRequest { ticket_id: ticket.to_string() };
    match door.client().remove_ticket(within(WORK, request)).await {
        Ok(_) => Ok(Removed::Sound),
        Err(status) if status.code() == Code::Aborted => Ok(Removed::InUse),
        Err(status) => match door.failure(&status) {
            Failure::Refused(refusal) => Ok(Removed::Unsound(refusal.to_string())),
            trouble => Err(trouble),
        },
    }
}
