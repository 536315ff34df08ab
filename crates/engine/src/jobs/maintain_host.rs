//! Empty a host and set it aside: every VM that runs on it is moved away, then the host is in maintenance.
//!
//! The VMs are moved by migration jobs of their own; this one asks the scheduler for their targets, begins them, a few at a
//! time, and waits. A VM that can't be moved after some tries, or that no host takes, turns the job back: the host is
//! active again, and nothing that moved comes back. Activating the host meanwhile cancels the job.

use std::collections::BTreeMap;
use std::time::Duration;

use async_trait::async_trait;
use ferrovirt_model::Millis;
use ferrovirt_model::events::sentences;
use ferrovirt_model::host::{Host, HostIntent};
use ferrovirt_model::ids::{HostId, JobId, ObjectRef, VmId};
use ferrovirt_model::refusal::Refusal;
use ferrovirt_model::vm::lifecycle::{self, Ask};
use ferrovirt_model::vm::{Lock, LockPurpose, MigrationSupport, RunPhase, Vm, VmRun};
use ferrovirt_store::Areas;
use ferrovirt_store::tx::{Change, Tx};
use serde::{Deserialize, Serialize};
use uuid::Uuid;

use super::migrate_vm::MigrateVm;
use super::{Job, JobContext, JobOrder, Turn};
use crate::failure::{Failure, Result};

/// How often the host's VMs are looked at. Reports wake the job besides.
const LOOK: Duration = Duration::from_secs(1);
/// Migrations away from the host at the same time.
const AT_ONCE: usize = 4;
/// How often the move of one VM is begun.
const TRIES: u32 = 3;
/// How long a target is sought for a VM that no host takes, ms: what others begin or end may make room.
const SOUGHT: Millis = 3_000;

/// The job.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct MaintainHost {
    /// The host.
    pub host: HostId,
    /// Why, as the user said.
    pub reason: Option<String>,
    /// How often the move of each VM was begun.
    tries: BTreeMap<VmId, u32>,
    /// Since when no host takes each VM, ms.
    #[serde(default)]
    nowhere: BTreeMap<VmId, Millis>,
}

impl MaintainHost {
    /// Empties `host`.
    #[must_use]
    pub fn new(host: HostId, reason: Option<String>) -> Self {
        Self { host, reason, tries: BTreeMap::new(), nowhere: BTreeMap::new() }
    }
}

/// The unfinished jobs that empty a host.
///
/// # Errors
/// Trouble with the store.
pub async fn of_host(areas: &mut impl Areas, host: HostId) -> Result<Vec<JobId>> {
    let object = ObjectRef::from(host);
    let jobs = areas.jobs().unfinished().await?;
    Ok(jobs
        .into_iter()
        .filter(|running| running.job.kind == MaintainHost::KIND && running.job.objects.contains(&object))
        .map(|running| running.job.id)
        .collect())
}

#[async_trait]
impl Job for MaintainHost {
    const KIND: &'static str = "maintain_host";
    const DEADLINE: Duration = Duration::from_secs(12 * 3600);

    fn step(&self) -> (&'static str, String) {
        ("empty", "Moving the host's VMs away".to_owned())
    }

    async fn forward(mut self, cx: &mut JobContext<'_>) -> Result<Turn<Self>> {
        if cx.cancelled {
            return Err(Refusal::rule("the host was activated again").into());
        }
        let id = self.host;
        let tx = cx.tx().await?;
        let Some(host) = tx.hosts().lock_row(id).await? else { return Ok(Turn::Done) };
        if host.intent != HostIntent::PreparingForMaintenance {
            return Err(Refusal::rule("the host was activated again").into());
        }
        let runs = tx.vms().runs_on(id).await?;
        if runs.is_empty() {
            return self.rest(cx, host).await;
        }
        let mut moving = 0;
        let mut next = Vec::new();
        for run in runs.iter().filter(|run| run.owner) {
            let Some(vm) = tx.vms().lock_row(run.vm).await? else { continue };
            match &vm.lock {
                Some(lock) => moving += usize::from(lock.purpose == LockPurpose::Migrating),
                None => next.push((vm, run)),
            }
        }
        for (vm, run) in next.into_iter().take(AT_ONCE.saturating_sub(moving)) {
            self.send_away(cx, vm, run).await?;
        }
        Ok(Turn::Wait(self, LOOK))
    }

    async fn unwind(self, cx: &mut JobContext<'_>) -> Result<Turn<Self>> {
        self.give_up(cx).await?;
        Ok(Turn::Done)
    }

    async fn give_up(self, cx: &mut JobContext<'_>) -> Result<()> {
        let (id, cancelled) = (self.host, cx.cancelled);
        let tx = cx.tx().await?;
        let Some(host) = tx.hosts().lock_row(id).await? else { return Ok(()) };
        if host.intent == HostIntent::PreparingForMaintenance {
            tx.hosts().set_intent(id, HostIntent::Active, None).await?;
            tx.changed(id, Change::Updated);
        }
        if !cancelled {
            cx.log(sentences::VDS_MAINTENANCE_FAILED.draft().host(id, host.name)).await?;
        }
        Ok(())
    }
}

impl MaintainHost {
    /// Nothing runs there any more.
    async fn rest(self, cx: &mut JobContext<'_>, host: Host) -> Result<Turn<Self>> {
        let tx = cx.tx().await?;
        tx.hosts().set_intent(host.id, HostIntent::Maintenance, self.reason.as_deref()).await?;
        tx.hosts().set_problem(host.id, None).await?;
        tx.changed(host.id, Change::Updated);
        cx.log(sentences::VDS_MAINTENANCE.draft().host(host.id, host.name)).await?;
        cx.engine.kicks().storage.notify_one();
        Ok(Turn::Done)
    }

    /// Begins the move of one VM, unless it can't be moved in its present state: then its turn comes later.
    async fn send_away(&mut self, cx: &mut JobContext<'_>, vm: Vm, run: &VmRun) -> Result<()> {
        if matches!(run.phase, RunPhase::Unknown | RunPhase::NotResponding) {
            return Ok(());
        }
        if vm.definition.placement.affinity == MigrationSupport::Pinned {
            return Err(Refusal::rule(format!("VM {} is pinned to the host and can't be migrated", vm.name)).into());
        }
        let at = cx.now;
        if lifecycle::may(&vm, Some(run), Ask::Migrate, at).is_err() {
            return Ok(());
        }
        if self.tries.get(&vm.id).is_some_and(|tries| *tries == TRIES) {
            return Err(Refusal::rule(format!("VM {} could not be moved to another host", vm.name)).into());
        }
        let mut job = MigrateVm::new(run, None, at);
        let placed = job.promise(cx.tx().await?, at).await;
        if let Err(Failure::Refused(refusal @ Refusal::NoHost { .. })) = placed {
            return self.no_host(cx, &vm, run, &refusal).await;
        }
        placed?;
        self.nowhere.remove(&vm.id);
        *self.tries.entry(vm.id).or_default() += 1;
        let correlation_id = cx.correlation_id.clone();
        begin_migration(cx.tx().await?, &vm, &job, correlation_id, at).await?;
        // The runner looks for new jobs every few seconds besides; this one is committed with the step.
        Ok(())
    }

    /// No host takes a VM: told once, and the end of the job when it stays so.
    async fn no_host(&mut self, cx: &mut JobContext<'_>, vm: &Vm, run: &VmRun, why: &Refusal) -> Result<()> {
        let since = match self.nowhere.get(&vm.id) {
            Some(since) => *since,
            None => {
                let source = cx.tx().await?.hosts().get(run.host).await?.map(|host| host.name).unwrap_or_default();
                let draft = sentences::VM_MIGRATION_NO_VDS_TO_MIGRATE_TO.draft().vm(vm.id, vm.name.clone());
                cx.log(draft.host(run.host, source).because(&why.to_string())).await?;
                self.nowhere.insert(vm.id, cx.now);
                cx.now
            }
        };
        if cx.now - since < SOUGHT {
            return Ok(());
        }
        Err(Refusal::rule(format!("VM {} could not be moved to another host. {why}", vm.name)).into())
    }
}

async fn begin_migration(tx: &mut Tx, vm: &Vm, job: &MigrateVm, correlation_id: String, at: Millis) -> Result<()> {
    let id = JobId(Uuid::new_v4());
    tx.vms().set_lock(vm.id, Some(Lock { job: id, purpose: LockPurpose::Migrating })).await?;
    let order = JobOrder {
        id,
        description: format!("Migrating VM {}", vm.name),
        objects: vec![vm.id.into()],
        owner: None,
        correlation_id,
    };
    order.insert(tx, job, at).await?;
    tx.changed(vm.id, Change::Updated);
    Ok(())
}
