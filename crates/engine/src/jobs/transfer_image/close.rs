//! Closing a transfer: for a while, for good, or because it was given up; and what its disk is worth afterwards.

use std::time::Duration;

use ferrovirt_model::events::sentences;
use ferrovirt_model::refusal::Refusal;
use ferrovirt_model::storage::{Disk, DiskState};
use ferrovirt_model::transfer::{Direction, ImageTransfer, Phase};
use ferrovirt_store::Areas;
use ferrovirt_store::tx::Change;

use super::ticket::{self, Removed};
use super::{LOOK, TransferImage};
use crate::failure::{Failure, Result};
use crate::hosts::reach;
use crate::jobs::{JobContext, Turn, volumes};

/// How long a paused transfer sleeps between looks; what users ask wakes it.
const ASLEEP: Duration = Duration::from_secs(15);

/// Whether the ticket is out of the way.
enum Closed {
    /// It is; with the host's complaint about what was written, if any.
    Yes(Option<String>),
    /// Not yet.
    Later,
}

impl TransferImage {
    /// Takes the ticket back. A host that is lost for good is passed over: its ticket ends by itself.
    async fn close(&mut self, cx: &JobContext<'_>, transfer: &ImageTransfer) -> Result<Closed> {
        let Some(host) = self.open else { return Ok(Closed::Yes(None)) };
        match ticket::remove(cx, host, transfer.ticket).await {
            Ok(Removed::Sound) => {
                self.open = None;
                Ok(Closed::Yes(None))
            }
            Ok(Removed::Unsound(why)) => {
                self.open = None;
                Ok(Closed::Yes(Some(why)))
            }
            Ok(Removed::InUse) => Ok(Closed::Later),
            Err(trouble) => {
                let known = cx.engine.store().read().await?.hosts().get(host).await?;
                if known.is_some_and(|host| reach::may_come_back(&host)) {
                    return Err(trouble);
                }
                tracing::warn!(host = %host, transfer = %self.transfer, "the host of a transfer is lost; its ticket ends by itself");
                self.open = None;
                Ok(Closed::Yes(None))
            }
        }
    }

    pub(super) async fn rest(mut self, cx: &mut JobContext<'_>, transfer: &ImageTransfer) -> Result<Turn<Self>> {
        match self.close(cx, transfer).await {
            // What is not whole yet need not be sound.
            Ok(Closed::Yes(_)) => Ok(Turn::Wait(self, ASLEEP)),
            Ok(Closed::Later) | Err(Failure::Trouble(_)) => Ok(Turn::Wait(self, LOOK)),
            Err(refused) => Err(refused),
        }
    }

    pub(super) async fn finalize(
        mut self,
        cx: &mut JobContext<'_>,
        transfer: &ImageTransfer,
        disk: &Disk,
    ) -> Result<Turn<Self>> {
        let complaint = match self.close(cx, transfer).await? {
            Closed::Yes(complaint) => complaint,
            Closed::Later => return Ok(Turn::Wait(self, LOOK)),
        };
        let upload = transfer.direction == Direction::Upload;
        let complaint = match complaint {
            None if upload => self.check(cx, disk).await?,
            other => other.filter(|_| upload),
        };
        if let Some(why) = complaint {
            tracing::warn!(transfer = %self.transfer, why, "what was uploaded can't be used");
            self.advance(cx, transfer.phase, Phase::FinalizingFailure).await?;
            return Ok(Turn::Wait(self, Duration::ZERO));
        }
        self.end(cx, transfer, Phase::FinishedSuccess, DiskState::Ok).await?;
        self.tell(cx, transfer, sentences::TRANSFER_IMAGE_SUCCEEDED).await?;
        Ok(Turn::Done)
    }

    /// Looks at what was uploaded. Says what is wrong with it.
    async fn check(&self, cx: &mut JobContext<'_>, disk: &Disk) -> Result<Option<String>> {
        let mut reader = cx.engine.store().read().await?;
        let place = reach::place(&mut reader, disk).await?;
        let host = match reach::any(&mut reader, &place.domain).await {
            Ok(host) => host.id,
            // Nobody can look now; the next try may.
            Err(Failure::Refused(refusal)) => return Err(wait_for(&refusal, &place)),
            Err(trouble) => return Err(trouble),
        };
        drop(reader);
        let Some(seen) = volumes::look(cx, host, disk).await? else {
            return Ok(Some("the volume can't be read".to_owned()));
        };
        if !seen.legal {
            return Ok(Some("the image is damaged or incomplete".to_owned()));
        }
        if seen.virtual_size > disk.provisioned_size.next_multiple_of(512) {
            return Ok(Some(format!("the image has {} bytes, the disk {}", seen.virtual_size, disk.provisioned_size)));
        }
        if let Some(volume) = &disk.volume {
            let tx = cx.tx().await?;
            tx.disks().set_actual_size(volume.id, seen.actual_size).await?;
        }
        Ok(None)
    }

    pub(super) async fn clean_up(
        mut self,
        cx: &mut JobContext<'_>,
        transfer: &ImageTransfer,
        disk: &Disk,
    ) -> Result<Turn<Self>> {
        if let Closed::Later = self.close(cx, transfer).await? {
            return Ok(Turn::Wait(self, LOOK));
        }
        if transfer.phase != Phase::FinalizingCleanup {
            self.advance(cx, transfer.phase, Phase::FinalizingCleanup).await?;
            return Ok(Turn::Next(self));
        }
        let attached = !cx.engine.store().read().await?.vms().attachments_of_disks(&[disk.id]).await?.is_empty();
        if transfer.direction == Direction::Download {
            self.end(cx, transfer, Phase::FinishedCleanup, DiskState::Ok).await?;
        } else if attached || !self.opened || !self.remove_disk(cx, disk).await? {
            self.end(cx, transfer, Phase::FinishedCleanup, self.worth(transfer)).await?;
        } else {
            self.advance(cx, transfer.phase, Phase::FinishedCleanup).await?;
        }
        cx.log(
            sentences::TRANSFER_IMAGE_CANCELLED
                .draft()
                .disk(&disk.alias)
                .with("TransferType", super::word(transfer.direction)),
        )
        .await?;
        Ok(Turn::Done)
    }

    /// A cancelled upload leaves nothing. `false`: the host would not remove it.
    async fn remove_disk(&self, cx: &mut JobContext<'_>, disk: &Disk) -> Result<bool> {
        let mut reader = cx.engine.store().read().await?;
        let place = reach::place(&mut reader, disk).await?;
        let host = match reach::any(&mut reader, &place.domain).await {
            Ok(host) => host.id,
            Err(Failure::Refused(refusal)) => return Err(wait_for(&refusal, &place)),
            Err(trouble) => return Err(trouble),
        };
        drop(reader);
        match volumes::remove(cx, host, disk).await {
            Ok(()) => {}
            Err(Failure::Refused(refusal)) => {
                tracing::warn!(disk = %disk.id, %refusal, "a cancelled upload leaves its disk behind");
                return Ok(false);
            }
            Err(trouble) => return Err(trouble),
        }
        let tx = cx.tx().await?;
        tx.disks().remove(disk.id).await?;
        tx.permissions().forget(disk.id.into()).await?;
        tx.changed(disk.id, Change::Removed);
        Ok(true)
    }

    pub(super) async fn close_failed(
        mut self,
        cx: &mut JobContext<'_>,
        transfer: &ImageTransfer,
    ) -> Result<Turn<Self>> {
        match self.close(cx, transfer).await? {
            Closed::Later => Ok(Turn::Wait(self, LOOK)),
            Closed::Yes(_) => {
                self.fail(cx).await?;
                Ok(Turn::Done)
            }
        }
    }
}

/// No host is there for the moment: trouble, which is tried again, not a reason to turn back.
fn wait_for(refusal: &Refusal, place: &reach::Place) -> Failure {
    let what = format!("storage domain {}: {refusal}", place.domain.name);
    crate::failure::Trouble::Unready(what).into()
}
