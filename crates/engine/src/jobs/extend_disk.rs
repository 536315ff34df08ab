//! Make a disk bigger, through the VM that runs on it where one does. A disk never becomes smaller: the undo finds out
//! how big it is and writes that.

use std::time::Duration;

use async_trait::async_trait;
use ferrovirt_model::events::{EventSentence, sentences};
use ferrovirt_model::ids::{DiskId, HostId, VmId};
use ferrovirt_model::storage::{Disk, DiskState};
use ferrovirt_model::vm::RunPhase;
use ferrovirt_store::Areas;
use ferrovirt_store::tx::{Change, Reader};
use serde::{Deserialize, Serialize};

use super::{Job, JobContext, Turn, volumes};
use crate::failure::Result;
use crate::hosts::reach;

const GIB: u64 = 1 << 30;

/// The job.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct ExtendDisk {
    /// The disk.
    pub disk: DiskId,
    /// Bytes that a guest shall see.
    pub size: u64,
    /// Who does it, once it was chosen.
    pub by: Option<Worker>,
}

/// The host that grows the volume, and the VM through which it does.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Worker {
    /// The host.
    pub host: HostId,
    /// The VM that has the disk open there.
    pub vm: Option<VmId>,
}

impl ExtendDisk {
    /// From the beginning.
    #[must_use]
    pub fn new(disk: DiskId, size: u64) -> Self {
        Self { disk, size, by: None }
    }

    async fn parts(&self, cx: &JobContext<'_>) -> Result<(Disk, Option<Worker>)> {
        let mut reader = cx.engine.store().read().await?;
        let disk = reach::disk(&mut reader, self.disk).await?;
        let worker = match user(&mut reader, self.disk).await? {
            User::None => {
                let place = reach::place(&mut reader, &disk).await?;
                let kept = self.by.filter(|by| by.vm.is_none()).map(|by| by.host);
                let host = reach::keep_or_choose(&mut reader, &place.domain, kept).await?;
                Some(Worker { host, vm: None })
            }
            User::Runs(worker) => Some(worker),
            User::Moves => None,
        };
        Ok((disk, worker))
    }

    async fn settle(&self, cx: &mut JobContext<'_>, disk: &Disk, seen: Seen, sentence: EventSentence) -> Result<()> {
        let tx = cx.tx().await?;
        let Some(mut current) = tx.disks().lock_row(disk.id).await? else { return Ok(()) };
        if let Some(size) = seen.size {
            current.provisioned_size = size;
            tx.disks().update(&current).await?;
        }
        if let (Some(volume), Some(actual)) = (&current.volume, seen.actual) {
            tx.disks().set_actual_size(volume.id, actual).await?;
        }
        tx.disks().set_state(disk.id, DiskState::Ok, None).await?;
        tx.changed(disk.id, Change::Updated);
        cx.log(sentence.draft().disk(&disk.alias).with("NewSize", self.size.div_ceil(GIB))).await
    }
}

/// What a host saw of the volume.
#[derive(Clone, Copy, Default)]
struct Seen {
    size: Option<u64>,
    actual: Option<u64>,
}

/// Who has the disk open.
enum User {
    None,
    Runs(Worker),
    /// On its way to another host: wait.
    Moves,
}

async fn user(reader: &mut Reader, disk: DiskId) -> Result<User> {
    let attachments = reader.vms().attachments_of_disks(&[disk]).await?;
    let vms: Vec<VmId> = attachments.iter().filter(|one| one.active).map(|one| one.vm).collect();
    for view in reader.vms().views(&vms).await? {
        let Some(run) = view.run else { continue };
        return Ok(match run.phase {
            RunPhase::Running | RunPhase::Paused => User::Runs(Worker { host: run.host, vm: Some(view.vm.id) }),
            _ => User::Moves,
        });
    }
    Ok(User::None)
}

#[async_trait]
impl Job for ExtendDisk {
    const KIND: &'static str = "extend_disk";
    const DEADLINE: Duration = Duration::from_secs(900);

    fn step(&self) -> (&'static str, String) {
        match self.by {
            None => ("choose", "Choosing a host for the work".to_owned()),
            Some(_) => ("extend", "Extending the disk on its storage".to_owned()),
        }
    }

    async fn forward(self, cx: &mut JobContext<'_>) -> Result<Turn<Self>> {
        let (disk, worker) = self.parts(cx).await?;
        let Some(worker) = worker else { return Ok(Turn::Wait(self, Duration::from_secs(1))) };
        if self.by != Some(worker) {
            return Ok(Turn::Next(Self { by: Some(worker), ..self }));
        }
        let grown = volumes::resize(cx, worker.host, &disk, self.size, worker.vm).await?;
        let seen = Seen { size: Some(grown.virtual_size.max(self.size)), actual: Some(grown.actual_size) };
        self.settle(cx, &disk, seen, sentences::USER_EXTEND_DISK_SIZE_SUCCESS).await?;
        Ok(Turn::Done)
    }

    async fn unwind(self, cx: &mut JobContext<'_>) -> Result<Turn<Self>> {
        let known = cx.engine.store().read().await?.disks().get(&[self.disk]).await?.pop();
        let Some(disk) = known else { return Ok(Turn::Done) };
        let mut seen = Seen::default();
        if let Some(worker) = self.by {
            let found = volumes::look(cx, worker.host, &disk).await?;
            let found = found.map(|state| (state.virtual_size.max(disk.provisioned_size), state.actual_size));
            seen = Seen { size: found.map(|(size, _)| size), actual: found.map(|(_, actual)| actual) };
        }
        self.settle(cx, &disk, seen, sentences::USER_EXTEND_DISK_SIZE_FAILURE).await?;
        Ok(Turn::Done)
    }

    async fn give_up(self, cx: &mut JobContext<'_>) -> Result<()> {
        let Some(disk) = cx.tx().await?.disks().lock_row(self.disk).await? else { return Ok(()) };
        self.settle(cx, &disk, Seen::default(), sentences::USER_EXTEND_DISK_SIZE_FAILURE).await
    }
}
