//! Opening a transfer and keeping it open: the choice of the host, the ticket's life, inactivity, a lost host.

use std::time::Duration;

use ferrovirt_hostapi::TicketState;
use ferrovirt_model::events::{EventSentence, sentences};
use ferrovirt_model::host::{HostStatus, lifecycle};
use ferrovirt_model::ids::HostId;
use ferrovirt_model::storage::Disk;
use ferrovirt_model::transfer::{Direction, ImageTransfer, Phase, TimeoutPolicy};
use ferrovirt_store::Areas;
use ferrovirt_store::tx::Change;

use super::{TransferImage, ticket};
use crate::failure::{Failure, Result};
use crate::hosts::reach;
use crate::jobs::{JobContext, Turn};

/// How often the host is asked while it is open.
const ASK: i64 = 10_000;

impl TransferImage {
    pub(super) async fn open(
        mut self,
        cx: &mut JobContext<'_>,
        transfer: &ImageTransfer,
        disk: &Disk,
    ) -> Result<Turn<Self>> {
        let host = match self.choose(cx, disk).await {
            Ok(host) => host,
            Err(Failure::Refused(refusal)) => {
                tracing::warn!(transfer = %self.transfer, %refusal, "no host for an image transfer");
                return self.not_opened(cx, transfer, sentences::TRANSFER_IMAGE_STOPPED_BY_SYSTEM_MISSING_HOST).await;
            }
            Err(trouble) => return Err(trouble),
        };
        if self.open != Some(host) {
            // Saved before the host is asked, so that whoever ends the transfer knows whom to ask.
            return Ok(Turn::Next(Self { open: Some(host), ..self }));
        }
        match ticket::add(cx, host, transfer, disk).await {
            Ok(_) => {}
            Err(Failure::Refused(refusal)) => {
                tracing::warn!(transfer = %self.transfer, %refusal, "a host did not take a ticket");
                let sentence = sentences::TRANSFER_IMAGE_STOPPED_BY_SYSTEM_FAILED_TO_ADD_TICKET_TO_DAEMON;
                return self.not_opened(cx, transfer, sentence).await;
            }
            Err(trouble) => return Err(trouble),
        }
        let (id, at) = (self.transfer, cx.now);
        let tx = cx.tx().await?;
        if let Some(mut row) = tx.transfers().lock_row(id).await? {
            row.host = Some(host);
            tx.transfers().put(&row).await?;
        }
        self.advance(cx, transfer.phase, Phase::Transferring).await?;
        self.opened = true;
        self.asked_at = at;
        self.used_at = at;
        Ok(self.wait())
    }

    /// The host that has been asked, for as long as it may come back; else the one that the user chose; else any.
    async fn choose(&self, cx: &JobContext<'_>, disk: &Disk) -> Result<HostId> {
        let mut reader = cx.engine.store().read().await?;
        let place = reach::place(&mut reader, disk).await?;
        if let (None, Some(wanted)) = (self.open, self.wanted) {
            let host = reader.hosts().get(wanted).await?;
            if host.is_some_and(|host| lifecycle::status(&host) == HostStatus::Up) {
                return Ok(wanted);
            }
        }
        reach::keep_or_choose(&mut reader, &place.domain, self.open).await
    }

    /// It could not be opened: the first time that ends it, later the user may try again.
    async fn not_opened(
        self,
        cx: &mut JobContext<'_>,
        transfer: &ImageTransfer,
        sentence: EventSentence,
    ) -> Result<Turn<Self>> {
        let next = if transfer.phase == Phase::Resuming { Phase::PausedSystem } else { Phase::FinalizingFailure };
        if self.advance(cx, transfer.phase, next).await? {
            self.tell(cx, transfer, sentence).await?;
        }
        Ok(Turn::Wait(self, Duration::ZERO))
    }

    pub(super) async fn watch(
        mut self,
        cx: &mut JobContext<'_>,
        transfer: &ImageTransfer,
        disk: &Disk,
    ) -> Result<Turn<Self>> {
        let Some(host) = self.open else {
            // A row without a host in the job: open it anew.
            self.advance(cx, Phase::Transferring, Phase::Resuming).await?;
            return Ok(Turn::Wait(self, Duration::ZERO));
        };
        if self.host_lost(cx, host).await? {
            if self.advance(cx, Phase::Transferring, Phase::PausedSystem).await? {
                self.tell(cx, transfer, sentences::TRANSFER_IMAGE_STOPPED_BY_SYSTEM_MISSING_HOST).await?;
            }
            return Ok(self.wait());
        }
        if cx.now.saturating_sub(self.asked_at) >= ASK {
            self.asked_at = cx.now;
            self.ask(cx, host, transfer, disk).await?;
        }
        self.end_if_idle(cx, transfer).await?;
        Ok(self.wait())
    }

    async fn host_lost(&self, cx: &JobContext<'_>, host: HostId) -> Result<bool> {
        let host = cx.engine.store().read().await?.hosts().get(host).await?;
        Ok(!host.is_some_and(|host| reach::may_come_back(&host)))
    }

    /// Extends the ticket's life. A host whose agent has restarted has forgotten it: it gets it anew.
    async fn ask(
        &mut self,
        cx: &mut JobContext<'_>,
        host: HostId,
        transfer: &ImageTransfer,
        disk: &Disk,
    ) -> Result<()> {
        let state = match ticket::extend(cx, host, transfer.ticket).await {
            Ok(Some(state)) => state,
            Ok(None) => match ticket::add(cx, host, transfer, disk).await {
                Ok(state) => state,
                Err(Failure::Refused(refusal)) => {
                    tracing::warn!(transfer = %self.transfer, %refusal, "a lost ticket could not be made anew");
                    if self.advance(cx, Phase::Transferring, Phase::PausedSystem).await? {
                        self.tell(cx, transfer, sentences::TRANSFER_IMAGE_STOPPED_BY_SYSTEM_MISSING_TICKET).await?;
                    }
                    return Ok(());
                }
                Err(Failure::Trouble(_)) => return Ok(()),
            },
            // It may be back in a moment; when it is lost for good the next turns see that.
            Err(Failure::Trouble(_)) => return Ok(()),
            Err(refused) => return Err(refused),
        };
        self.note(cx, &state).await
    }

    async fn note(&mut self, cx: &mut JobContext<'_>, state: &TicketState) -> Result<()> {
        let (id, at) = (self.transfer, cx.now);
        if state.last_used_at > self.host_used_at {
            self.host_used_at = state.last_used_at;
            self.used_at = at;
        }
        let tx = cx.tx().await?;
        let Some(mut row) = tx.transfers().lock_row(id).await? else { return Ok(()) };
        // A ticket that was made anew counts from nothing; what went through before was not lost.
        let transferred = row.transferred.max(state.transferred);
        if row.phase == Phase::Transferring && (row.transferred, row.active) != (transferred, state.active) {
            row.transferred = transferred;
            row.active = state.active;
            row.updated_at = at;
            tx.transfers().put(&row).await?;
            tx.changed(id, Change::Updated);
        }
        Ok(())
    }

    async fn end_if_idle(&self, cx: &mut JobContext<'_>, transfer: &ImageTransfer) -> Result<()> {
        let patience = i64::from(transfer.inactivity_timeout) * 1000;
        let idle = cx.now.saturating_sub(transfer.updated_at.max(self.used_at));
        if patience == 0 || transfer.active || idle <= patience {
            return Ok(());
        }
        let (phase, sentence) = when_idle(transfer);
        if self.advance(cx, Phase::Transferring, phase).await? {
            self.tell(cx, transfer, sentence).await?;
        }
        Ok(())
    }
}

fn when_idle(transfer: &ImageTransfer) -> (Phase, EventSentence) {
    match (transfer.timeout_policy, transfer.direction) {
        (TimeoutPolicy::Legacy, Direction::Upload) => {
            (Phase::PausedSystem, sentences::UPLOAD_IMAGE_PAUSED_BY_SYSTEM_TIMEOUT)
        }
        (TimeoutPolicy::Legacy, Direction::Download) => {
            (Phase::CancelledSystem, sentences::DOWNLOAD_IMAGE_CANCELED_TIMEOUT)
        }
        (TimeoutPolicy::Pause, _) => (Phase::PausedSystem, sentences::TRANSFER_IMAGE_PAUSED_ON_TIMEOUT),
        (TimeoutPolicy::Cancel, _) => (Phase::CancelledSystem, sentences::TRANSFER_IMAGE_CANCELED_ON_TIMEOUT),
    }
}
