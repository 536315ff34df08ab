//! An image transfer from its ticket to its end. The phase in the transfer's row says what is wanted: actions write what
//! users ask, this job carries it out and writes what follows.
//!
//! ```text
//!  Initializing ─open─▶ Transferring ──▶ Finalizing* ─close─▶ check ─▶ Finished*
//!       ▲                  │ idle, host lost
//!       └─ Resuming ◀─ Paused* (closed)
//! ```
//! The disk is locked by this job all the while. An engine that takes over finds the ticket where it stood.

use std::time::Duration;

use async_trait::async_trait;
use ferrovirt_model::Millis;
use ferrovirt_model::events::{EventSentence, sentences};
use ferrovirt_model::ids::{HostId, TransferId};
use ferrovirt_model::storage::{Disk, DiskState};
use ferrovirt_model::transfer::{Direction, ImageTransfer, Phase};
use ferrovirt_store::Areas;
use ferrovirt_store::tx::Change;
use serde::{Deserialize, Serialize};

use super::{Job, JobContext, Turn};
use crate::failure::{Failure, Result};

mod close;
mod open;
mod ticket;

/// How often the job looks at phase and host while nothing happens.
const LOOK: Duration = Duration::from_secs(3);

/// The job.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct TransferImage {
    /// The transfer.
    pub transfer: TransferId,
    /// The host that the user chose.
    pub wanted: Option<HostId>,
    /// The host that has the ticket, or may have it.
    pub open: Option<HostId>,
    /// A client may have written or read: the ticket stood at least once.
    pub opened: bool,
    /// When the host was last asked.
    pub asked_at: Millis,
    /// The last use that the host told, by its clock.
    pub host_used_at: i64,
    /// When that was heard.
    pub used_at: Millis,
}

impl TransferImage {
    /// From the beginning.
    #[must_use]
    pub fn new(transfer: TransferId, wanted: Option<HostId>) -> Self {
        Self { transfer, wanted, open: None, opened: false, asked_at: 0, host_used_at: 0, used_at: 0 }
    }

    fn wait(self) -> Turn<Self> {
        Turn::Wait(self, LOOK)
    }

    async fn read(&self, cx: &JobContext<'_>) -> Result<Option<(ImageTransfer, Option<Disk>)>> {
        let mut reader = cx.engine.store().read().await?;
        let Some(transfer) = reader.transfers().get(self.transfer).await? else { return Ok(None) };
        let disk = reader.disks().get(&[transfer.disk]).await?.pop();
        Ok(Some((transfer, disk)))
    }

    /// Writes the next phase, unless a user has asked for another one meanwhile.
    async fn advance(&self, cx: &mut JobContext<'_>, from: Phase, to: Phase) -> Result<bool> {
        let (id, at) = (self.transfer, cx.now);
        let tx = cx.tx().await?;
        let Some(mut transfer) = tx.transfers().lock_row(id).await? else { return Ok(false) };
        if transfer.phase != from {
            return Ok(false);
        }
        transfer.phase = to;
        transfer.updated_at = at;
        transfer.active &= to == Phase::Transferring;
        tx.transfers().put(&transfer).await?;
        tx.changed(id, Change::Updated);
        Ok(true)
    }

    async fn tell(&self, cx: &mut JobContext<'_>, transfer: &ImageTransfer, what: EventSentence) -> Result<()> {
        let alias =
            cx.tx().await?.disks().get(&[transfer.disk]).await?.pop().map(|disk| disk.alias).unwrap_or_default();
        cx.log(what.draft().disk(&alias).with("TransferType", word(transfer.direction))).await
    }

    /// The last phase: the disk is released in a state that says what its content is worth.
    async fn end(&self, cx: &mut JobContext<'_>, transfer: &ImageTransfer, to: Phase, state: DiskState) -> Result<()> {
        let job = cx.id;
        self.advance(cx, transfer.phase, to).await?;
        let tx = cx.tx().await?;
        if let Some(disk) = tx.disks().lock_row(transfer.disk).await?
            && disk.lock == Some(job)
        {
            tx.disks().set_state(disk.id, state, None).await?;
            tx.changed(disk.id, Change::Updated);
        }
        Ok(())
    }

    /// What a disk is worth when its transfer ended badly.
    fn worth(&self, transfer: &ImageTransfer) -> DiskState {
        if self.opened && transfer.direction == Direction::Upload { DiskState::Illegal } else { DiskState::Ok }
    }

    async fn fail(&self, cx: &mut JobContext<'_>) -> Result<()> {
        let Some((transfer, _)) = self.read(cx).await? else { return Ok(()) };
        if transfer.phase.finished() {
            return Ok(());
        }
        self.end(cx, &transfer, Phase::FinishedFailure, self.worth(&transfer)).await?;
        self.tell(cx, &transfer, sentences::TRANSFER_IMAGE_FAILED).await
    }
}

/// The way as the event log names it.
#[must_use]
pub fn word(direction: Direction) -> &'static str {
    match direction {
        Direction::Upload => "Upload",
        Direction::Download => "Download",
    }
}

#[async_trait]
impl Job for TransferImage {
    const KIND: &'static str = "transfer_image";
    /// Slow lines and paused transfers have all the time that users give them; inactivity ends the others.
    const DEADLINE: Duration = Duration::from_secs(30 * 24 * 3600);

    fn step(&self) -> (&'static str, String) {
        match self.open {
            None => ("closed", "Waiting for the transfer to be opened or ended".to_owned()),
            Some(_) => ("open", "Serving the disk to its client".to_owned()),
        }
    }

    async fn forward(self, cx: &mut JobContext<'_>) -> Result<Turn<Self>> {
        let Some((transfer, disk)) = self.read(cx).await? else { return Ok(Turn::Done) };
        let Some(disk) = disk else {
            self.fail(cx).await?;
            return Ok(Turn::Done);
        };
        match transfer.phase {
            Phase::Initializing | Phase::Resuming => self.open(cx, &transfer, &disk).await,
            Phase::Transferring => self.watch(cx, &transfer, &disk).await,
            Phase::PausedUser | Phase::PausedSystem => self.rest(cx, &transfer).await,
            Phase::FinalizingSuccess => self.finalize(cx, &transfer, &disk).await,
            Phase::CancelledUser | Phase::CancelledSystem | Phase::FinalizingCleanup => {
                self.clean_up(cx, &transfer, &disk).await
            }
            Phase::FinalizingFailure => self.close_failed(cx, &transfer).await,
            Phase::FinishedSuccess | Phase::FinishedFailure | Phase::FinishedCleanup => Ok(Turn::Done),
        }
    }

    /// Something that can't be carried on with: the ticket is taken back where its host can be asked, and ends by itself
    /// where not.
    async fn unwind(self, cx: &mut JobContext<'_>) -> Result<Turn<Self>> {
        if let (Some(host), Some((transfer, _))) = (self.open, self.read(cx).await?) {
            match ticket::remove(cx, host, transfer.ticket).await {
                Ok(_) | Err(Failure::Refused(_)) => {}
                Err(Failure::Trouble(trouble)) => {
                    tracing::warn!(host = %host, error = %trouble, "a ticket is left to end by itself");
                }
            }
        }
        self.fail(cx).await?;
        Ok(Turn::Done)
    }

    async fn give_up(self, cx: &mut JobContext<'_>) -> Result<()> {
        self.fail(cx).await
    }
}
