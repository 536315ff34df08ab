//! What storage jobs ask of hosts about volumes: make, look at, grow, copy, remove. Each function is one request; the
//! caller is a step that keeps its host. Refuses to know rows beyond reading where things lie.

use ferrovirt_hostapi::{
    CommandKey, CopyVolumeRequest, CreateVolumeRequest, ResizeVolumeRequest, TaskRequest, TaskState, VolumeRef,
    VolumeRequest, VolumeState,
};
use ferrovirt_model::ids::{HostId, JobId, VmId};
use ferrovirt_model::refusal::Refusal;
use ferrovirt_model::storage::Disk;
use ferrovirt_store::Areas;
use serde::{Deserialize, Serialize};

use super::JobContext;
use crate::failure::{Failure, Result, Trouble};
use crate::hosts::{ANSWER, WORK, reach, within};

/// A task that a host does for a job, by the step and try that began it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct TaskOf {
    /// The step's word.
    pub step: String,
    /// The try.
    pub generation: u64,
}

impl TaskOf {
    /// The task that a key begins.
    #[must_use]
    pub fn key(key: &CommandKey) -> Self {
        Self { step: key.step.clone(), generation: key.generation }
    }

    /// The key that began it.
    #[must_use]
    pub fn command(&self, job: JobId) -> CommandKey {
        CommandKey { job_id: job.to_string(), step: self.step.clone(), generation: self.generation }
    }
}

/// What became of a task.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum TaskEnd {
    /// It goes on; percent done.
    Running(u32),
    /// Done.
    Succeeded,
    /// It failed, or the host no longer knows it.
    Failed(String),
}

async fn place(cx: &JobContext<'_>, disk: &Disk) -> Result<VolumeRef> {
    let mut reader = cx.engine.store().read().await?;
    Ok(reach::place(&mut reader, disk).await?.volume)
}

async fn parent(cx: &JobContext<'_>, disk: &Disk) -> Result<Option<(VolumeRef, String)>> {
    let Some(id) = disk.volume.as_ref().and_then(|volume| volume.parent) else { return Ok(None) };
    let mut reader = cx.engine.store().read().await?;
    let parent = reader.disks().volume(id).await?.ok_or_else(|| Refusal::no_such("Volume", id))?;
    let domain = reach::domain(&mut reader, parent.domain).await?;
    let place = VolumeRef {
        connection: Some(ferrovirt_plan::platform::connection_spec(&domain.connection)),
        domain_id: parent.domain.to_string(),
        disk_id: parent.disk.to_string(),
        volume_id: id.to_string(),
        data_center_id: reach::data_center_of(&domain).to_string(),
    };
    Ok(Some((place, parent.format.as_str().to_owned())))
}

/// Makes a disk's volume.
///
/// # Errors
/// The host's refusal (no room among them), or that it is away.
pub async fn create(cx: &JobContext<'_>, host: HostId, disk: &Disk, initial_size: u64) -> Result<VolumeState> {
    let (parent, parent_format) = parent(cx, disk).await?.unzip();
    let request = CreateVolumeRequest {
        key: Some(cx.key_of("create")),
        volume: Some(place(cx, disk).await?),
        format: disk.format.as_str().to_owned(),
        sparse: disk.sparse,
        virtual_size: disk.provisioned_size,
        initial_size,
        parent,
        parent_format: parent_format.unwrap_or_default(),
        description: disk.alias.clone(),
        incremental_backup: disk.incremental_backup,
    };
    let door = cx.host_door(host).await?;
    door.heard(door.client().create_volume(within(WORK, request)).await)
}

/// Removes a disk's volume; one that is gone already is fine.
///
/// # Errors
/// The host's refusal, or that it is away.
pub async fn remove(cx: &JobContext<'_>, host: HostId, disk: &Disk) -> Result<()> {
    let request = VolumeRequest {
        key: Some(cx.key_of("remove")),
        volume: Some(place(cx, disk).await?),
        wipe: disk.wipe_after_delete,
    };
    let door = cx.host_door(host).await?;
    door.heard(door.client().remove_volume(within(WORK, request)).await)?;
    Ok(())
}

/// As [`remove`], for an undo: a host that refuses is trouble there.
///
/// # Errors
/// Trouble, which is tried again.
pub async fn take_back(cx: &JobContext<'_>, host: HostId, disk: &Disk) -> Result<()> {
    match remove(cx, host, disk).await {
        Err(Failure::Refused(refusal)) => Err(Trouble::HostFailed { host, message: refusal.to_string() }.into()),
        other => other,
    }
}

/// The state of a disk's volume. `None`: the host looked, and it is not there or can't be read.
///
/// # Errors
/// That the host is away.
pub async fn look(cx: &JobContext<'_>, host: HostId, disk: &Disk) -> Result<Option<VolumeState>> {
    let request = VolumeRequest { key: Some(cx.key_of("look")), volume: Some(place(cx, disk).await?), wipe: false };
    let door = cx.host_door(host).await?;
    match door.heard(door.client().get_volume(within(ANSWER, request)).await) {
        Ok(state) => Ok(Some(state)),
        Err(Failure::Refused(refusal)) => {
            tracing::warn!(disk = %disk.id, %refusal, "a volume can't be looked at");
            Ok(None)
        }
        Err(trouble) => Err(trouble),
    }
}

/// Grows a disk's volume; where a VM runs on it, through that VM.
///
/// # Errors
/// The host's refusal, or that it is away.
pub async fn resize(
    cx: &JobContext<'_>,
    host: HostId,
    disk: &Disk,
    size: u64,
    vm: Option<VmId>,
) -> Result<VolumeState> {
    let request = ResizeVolumeRequest {
        key: Some(cx.key_of("resize")),
        volume: Some(place(cx, disk).await?),
        format: disk.format.as_str().to_owned(),
        virtual_size: size,
        vm_id: vm.map(|id| id.to_string()).unwrap_or_default(),
    };
    let door = cx.host_door(host).await?;
    door.heard(door.client().resize_volume(within(WORK, request)).await)
}

/// Begins to copy what a guest sees of one disk into the volume of another, which is there already. The task that it
/// names is to be asked with [`task`].
///
/// # Errors
/// The host's refusal, or that it is away.
pub async fn copy(cx: &JobContext<'_>, host: HostId, source: &Disk, target: &Disk) -> Result<TaskOf> {
    let key = cx.key_of(&format!("copy-{}", target.id));
    let task = TaskOf::key(&key);
    let request = CopyVolumeRequest {
        key: Some(key),
        source: Some(place(cx, source).await?),
        source_format: source.format.as_str().to_owned(),
        target: Some(place(cx, target).await?),
        target_format: target.format.as_str().to_owned(),
        target_sparse: target.sparse,
    };
    let door = cx.host_door(host).await?;
    door.heard(door.client().copy_volume(within(WORK, request)).await)?;
    Ok(task)
}

/// How a host's task stands.
///
/// # Errors
/// That the host is away.
pub async fn task(cx: &JobContext<'_>, host: HostId, task: &TaskOf) -> Result<TaskEnd> {
    let door = cx.host_door(host).await?;
    let request = TaskRequest { key: Some(task.command(cx.id)) };
    match door.heard(door.client().get_task(within(ANSWER, request)).await) {
        Ok(state) => Ok(task_end(state)),
        Err(Failure::Refused(refusal)) => Ok(TaskEnd::Failed(refusal.to_string())),
        Err(trouble) => Err(trouble),
    }
}

fn task_end(state: TaskState) -> TaskEnd {
    match (state.running, state.succeeded) {
        (true, _) => TaskEnd::Running(state.percent),
        (false, true) => TaskEnd::Succeeded,
        (false, false) => TaskEnd::Failed(state.error),
    }
}

/// Ends a host's task and waits for its end; one that is unknown is fine.
///
/// # Errors
/// That the host is away.
pub async fn cancel_task(cx: &JobContext<'_>, host: HostId, task: &TaskOf) -> Result<()> {
    let door = cx.host_door(host).await?;
    let request = TaskRequest { key: Some(task.command(cx.id)) };
    match door.heard(door.client().cancel_task(within(WORK, request)).await) {
        Ok(_) | Err(Failure::Refused(_)) => Ok(()),
        Err(trouble) => Err(trouble),
    }
}
