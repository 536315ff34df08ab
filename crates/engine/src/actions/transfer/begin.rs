//! Open a disk to a client: to write it, or to read it.

use async_trait::async_trait;
use ferrovirt_model::events::{EventDraft, sentences};
use ferrovirt_model::host::lifecycle as host_lifecycle;
use ferrovirt_model::ids::{DiskId, HostId, JobId, TransferId, VolumeId};
use ferrovirt_model::permits::Permit;
use ferrovirt_model::refusal::Refusal;
use ferrovirt_model::storage::{Disk, DiskFormat, DiskState, lifecycle};
use ferrovirt_model::transfer::{Direction, ImageTransfer, Phase, TimeoutPolicy};
use ferrovirt_store::Areas;
use ferrovirt_store::tx::Change;
use uuid::Uuid;

use crate::action::{Action, ActionContext};
use crate::actions::disk;
use crate::failure::Result;
use crate::hosts::reach;
use crate::jobs::transfer_image::{TransferImage, word};

/// Seconds without use after which a transfer is given up, where the client does not say.
const INACTIVITY: u32 = 60;

/// What is transferred.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Subject {
    /// A disk.
    Disk(DiskId),
    /// One volume; it must be its disk's active one.
    Volume(VolumeId),
}

/// Begin a transfer.
#[derive(Clone, Debug)]
pub struct Begin {
    /// What is transferred.
    pub subject: Subject,
    /// Which way.
    pub direction: Direction,
    /// What the client sends or wants; the disk's own format where it is not said.
    pub format: Option<DiskFormat>,
    /// The host that shall serve it.
    pub host: Option<HostId>,
    /// Seconds; 0: never given up.
    pub inactivity_timeout: Option<u32>,
    /// What happens then.
    pub timeout_policy: TimeoutPolicy,
    /// The layer alone, without those under it.
    pub shallow: bool,
    alias: Option<String>,
}

impl Begin {
    /// A transfer with the usual settings.
    #[must_use]
    pub fn new(subject: Subject, direction: Direction) -> Self {
        Self {
            subject,
            direction,
            format: None,
            host: None,
            inactivity_timeout: None,
            timeout_policy: TimeoutPolicy::Legacy,
            shallow: false,
            alias: None,
        }
    }

    async fn disk(&self, cx: &mut ActionContext<'_>) -> Result<Disk> {
        let id = match self.subject {
            Subject::Disk(id) => id,
            Subject::Volume(id) => {
                let volume = cx.tx.disks().volume(id).await?.ok_or_else(|| Refusal::no_such("DiskSnapshot", id))?;
                volume.disk
            }
        };
        let disk = cx.tx.disks().lock_row(id).await?.ok_or_else(|| Refusal::no_such("Disk", id))?;
        match (self.subject, &disk.volume) {
            (Subject::Volume(id), Some(volume)) if volume.id != id => {
                Err(Refusal::rule("Only the active volume of a disk can be transferred by this version.").into())
            }
            _ => Ok(disk),
        }
    }

    fn check(&self, disk: &Disk, format: DiskFormat) -> Result<()> {
        if format == DiskFormat::Qcow2 && disk.format == DiskFormat::Raw {
            let sentence = "A disk of format raw can't be transferred in format cow: ask for format raw.";
            return Err(Refusal::rule(sentence).into());
        }
        let layered = disk.volume.as_ref().is_some_and(|volume| volume.parent.is_some());
        if layered && format == DiskFormat::Qcow2 && !self.shallow {
            let sentence = "The disk stands on another one: ask for format raw, or for its own layer alone (shallow).";
            return Err(Refusal::rule(sentence).into());
        }
        Ok(())
    }

    async fn check_users(&self, cx: &mut ActionContext<'_>, disk: &Disk) -> Result<()> {
        disk::check_idle(cx, disk).await?;
        if self.direction == Direction::Download {
            return Ok(());
        }
        let mut users = cx.tx.disks().standing_on(disk.id).await?;
        users.extend(
            cx.tx.disks().templates_of(&[disk.id]).await?.iter().map(|one| format!("template {}", one.template)),
        );
        if users.is_empty() {
            return Ok(());
        }
        Err(Refusal::InUse { what: "Disk", name: disk.alias.clone(), users: users.join(", ") }.into())
    }
}

#[async_trait]
impl Action for Begin {
    type Output = TransferId;

    async fn perform(&mut self, cx: &mut ActionContext<'_>) -> Result<TransferId> {
        let disk = self.disk(cx).await?;
        self.alias = Some(disk.alias.clone());
        cx.require(Permit::EditDiskProperties, disk.id).await?;
        let upload = self.direction == Direction::Upload;
        // An upload may be what mends an illegal disk.
        lifecycle::may_touch(&disk, !upload)?;
        let format = self.format.unwrap_or(disk.format);
        self.check(&disk, format)?;
        self.check_users(cx, &disk).await?;
        let place = reach::place(&mut cx.tx, &disk).await?;
        let host_up = reach::some_host_up(&mut cx.tx, &place.domain).await?;
        lifecycle::may(&place.domain, host_up, lifecycle::Ask::Use)?;
        if let Some(id) = self.host {
            let host = cx.tx.hosts().get(id).await?.ok_or_else(|| Refusal::no_such("Host", id))?;
            host_lifecycle::may(&host, host_lifecycle::Ask::Use)?;
        }
        let (id, job) = (TransferId(Uuid::new_v4()), JobId(Uuid::new_v4()));
        let transfer = ImageTransfer {
            id,
            disk: disk.id,
            direction: self.direction,
            format,
            phase: Phase::Initializing,
            host: None,
            ticket: Uuid::new_v4(),
            transferred: 0,
            active: false,
            inactivity_timeout: self.inactivity_timeout.unwrap_or(INACTIVITY),
            timeout_policy: self.timeout_policy,
            shallow: self.shallow,
            filename: String::new(),
            owner: Some(cx.caller.session.user),
            job,
            started_at: cx.now,
            updated_at: cx.now,
        };
        cx.tx.transfers().put(&transfer).await?;
        cx.tx.disks().set_state(disk.id, DiskState::Locked, Some(job)).await?;
        let work = TransferImage::new(id, self.host);
        let description = format!("{} of disk {}", word(self.direction), disk.alias);
        cx.begin_as(job, &work, description, vec![disk.id.into(), id.into()]).await?;
        cx.tx.changed(id, Change::Created);
        cx.tx.changed(disk.id, Change::Updated);
        let draft = sentences::TRANSFER_IMAGE_INITIATED.draft().disk(&disk.alias);
        cx.log(draft.with("TransferType", word(self.direction)));
        Ok(id)
    }

    fn failed(&self) -> Option<EventDraft> {
        let draft = sentences::TRANSFER_IMAGE_FAILED.draft().disk(self.alias.as_ref()?);
        Some(draft.with("TransferType", word(self.direction)))
    }
}
