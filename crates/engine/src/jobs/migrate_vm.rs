//! Move a running VM to another host while it runs.
//!
//! ```text
//!  Place ─▶ Prepare(target) ─▶ Send ─▶ Watch ─▶ done
//! ```
//! The VM is never lost and never runs twice: QEMU itself hands the guest over once, the source keeps running it until
//! then, and the rows follow what both hosts say (`hosts::absorb`). This job asks, watches and cleans up; it never
//! decides where the guest is. When either host can't be asked, it waits, unless the run there is known to be over, as
//! when a user confirms that the host was rebooted; when time runs out, it leaves the rows as the hosts last told them.
//!
//! A source whose libvirt died at the very end stands, and knows nothing. It goes on only when the target itself says
//! that it never ran the guest, or that it does not know of it and has not been rebooted, and no row says otherwise.
//! The half of a guest that has been at the target is ended, and what nobody can tell stays as it is.

use std::time::Duration;

use async_trait::async_trait;
use ferrovirt_hostapi::{MigrateVmRequest, PrepareIncomingRequest, VmPhase, VmRequest, VmState};
use ferrovirt_model::Millis;
use ferrovirt_model::events::sentences;
use ferrovirt_model::host::{self, HostStatus};
use ferrovirt_model::ids::{HostId, JobId, UserId, VmId};
use ferrovirt_model::refusal::Refusal;
use ferrovirt_model::vm::lifecycle::{self, ExitKind, Observation};
use ferrovirt_model::vm::{RunParticulars, RunPhase, VmRun};
use ferrovirt_plan::migrate::{self, MigrationPlan};
use ferrovirt_store::Areas;
use ferrovirt_store::tx::{Change, Tx};
use serde::{Deserialize, Serialize};

use super::{Job, JobContext, Turn};
use crate::actions::vm::machine;
use crate::failure::{Failure, Result, Trouble};
use crate::hosts::{ANSWER, WORK, absorb, certificate_name, translate, within};
use crate::placing::{self, Terms};

/// How often the hosts are asked while the guest moves. Reports wake the job besides.
const LOOK: Duration = Duration::from_millis(500);

/// How long a target may be sought among hosts that are still on their way up, ms.
const SETTLING: Millis = 60_000;

/// Why a migration ended that a user has called off.
const CANCELLED: &str = "the migration was cancelled";

/// The job.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct MigrateVm {
    /// The VM.
    pub vm: VmId,
    /// The host that it leaves.
    pub source: HostId,
    /// The run there.
    pub generation: u64,
    /// Only to this host, where the user chose one.
    pub only: Option<HostId>,
    /// When it was asked for, ms.
    pub asked_at: Millis,
    /// Who called it off first, with the name that the log gets.
    #[serde(default)]
    pub cancelled_by: Option<(UserId, String)>,
    /// Where it stands.
    pub stage: Stage,
}

/// The steps.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub enum Stage {
    /// Choose the target.
    Place,
    /// The target makes room.
    Prepare(Target),
    /// The source begins to send.
    Send(Target, Arrival),
    /// The guest moves.
    Watch(Target),
    /// The source was asked to stop sending (on the way back).
    Stopping(Target),
}

/// Where the VM goes.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Target {
    /// The host.
    pub host: HostId,
    /// The run that begins there.
    pub generation: u64,
}

/// Where the target awaits the stream.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Arrival {
    /// Address of QEMU's stream.
    pub address: String,
    /// The target's libvirt.
    pub libvirt_uri: String,
}

/// What the source says of a run that should be moving.
enum Source {
    /// Still sending.
    Sending,
    /// It has left.
    Left(Option<Box<VmState>>),
    /// It runs here, and nothing is being sent.
    Staying(String),
    /// It stands here, and nobody here knows whether it has left.
    Undecided,
}

/// Calls a migration off in a user's name. It may have gone too far: how it ended is told when it has.
///
/// # Errors
/// A refusal where it has ended; trouble with the store.
pub async fn call_off(tx: &mut Tx, id: JobId, by: (UserId, String)) -> Result<()> {
    let asked = tx.jobs().ask_cancel(id).await?;
    let Some(mut running) = tx.jobs().running(id).await?.filter(|_| asked) else {
        return Err(Refusal::rule("The VM is not being migrated.").into());
    };
    let broken = |error: serde_json::Error| Trouble::Broken(format!("a migration can't be called off: {error}"));
    let mut job: MigrateVm = serde_json::from_value(running.state).map_err(broken)?;
    if job.cancelled_by.is_none() {
        job.cancelled_by = Some(by);
        running.state = serde_json::to_value(&job).map_err(broken)?;
        // The row is locked since it was asked to give up: nobody saves it in between.
        if !tx.jobs().save(&running).await? {
            return Err(Trouble::Broken(format!("migration {id} changed while its row was locked")).into());
        }
    }
    Ok(())
}

fn cant_be_known() -> Failure {
    Refusal::rule("whether the VM has run on its target host can't be known any more; it stands on its source host")
        .into()
}

/// A host that refuses to decide has decided by itself meanwhile: the next look says how.
fn settled(answer: Result<()>) -> Result<()> {
    match answer {
        Err(Failure::Refused(_)) => Ok(()),
        other => other,
    }
}

impl MigrateVm {
    /// A migration of a run, from the beginning.
    #[must_use]
    pub fn new(run: &VmRun, only: Option<HostId>, asked_at: Millis) -> Self {
        Self {
            vm: run.vm,
            source: run.host,
            generation: run.generation,
            only,
            asked_at,
            cancelled_by: None,
            stage: Stage::Place,
        }
    }

    fn at(mut self, stage: Stage) -> Self {
        self.stage = stage;
        self
    }

    /// Where it goes, once that is chosen.
    #[must_use]
    pub fn target(&self) -> Option<Target> {
        match &self.stage {
            Stage::Place => None,
            Stage::Prepare(target) | Stage::Send(target, _) | Stage::Watch(target) | Stage::Stopping(target) => {
                Some(*target)
            }
        }
    }
}

#[async_trait]
impl Job for MigrateVm {
    const KIND: &'static str = "migrate_vm";
    const DEADLINE: Duration = Duration::from_secs(6 * 3600);

    fn step(&self) -> (&'static str, String) {
        match self.stage {
            Stage::Place => ("place", "Choosing a host".to_owned()),
            Stage::Prepare(_) => ("prepare", "Making room on the target host".to_owned()),
            Stage::Send(..) => ("send", "Beginning to send the guest".to_owned()),
            Stage::Watch(_) => ("watch", "Moving the guest".to_owned()),
            Stage::Stopping(_) => ("stopping", "Ending the migration".to_owned()),
        }
    }

    async fn forward(self, cx: &mut JobContext<'_>) -> Result<Turn<Self>> {
        if cx.cancelled && !matches!(self.stage, Stage::Watch(_)) {
            return Err(Refusal::rule(CANCELLED).into());
        }
        match self.stage.clone() {
            Stage::Place => self.place(cx).await,
            Stage::Prepare(target) => self.prepare(cx, target).await,
            Stage::Send(target, arrival) => self.send(cx, target, arrival).await,
            Stage::Watch(target) | Stage::Stopping(target) => self.watch(cx, target).await,
        }
    }

    async fn unwind(self, cx: &mut JobContext<'_>) -> Result<Turn<Self>> {
        match self.stage.clone() {
            Stage::Place => self.close(cx, None).await,
            Stage::Prepare(target) => {
                self.abandon(cx, target).await?;
                self.close(cx, Some(target)).await
            }
            Stage::Send(target, _) | Stage::Watch(target) => {
                self.ask_to_stop_if_there(cx).await?;
                Ok(Turn::Next(self.at(Stage::Stopping(target))))
            }
            Stage::Stopping(target) => self.stopped(cx, target).await,
        }
    }

    async fn give_up(self, cx: &mut JobContext<'_>) -> Result<()> {
        let vm = self.vm;
        let (at, target) = (cx.now, self.target());
        let tx = cx.tx().await?;
        for mut run in tx.vms().lock_runs(vm).await? {
            // Nobody keeps this promise any more: what the target says when it is heard again decides.
            if target.is_some_and(|target| target.generation == run.generation) && run.phase == RunPhase::Promised {
                run.phase = RunPhase::Unknown;
                run.reported_at = at;
                tx.vms().put_run(&run).await?;
            }
        }
        tx.vms().set_lock(vm, None).await?;
        tx.changed(vm, Change::Updated);
        self.tell_failure(cx, target).await
    }
}

impl MigrateVm {
    async fn place(mut self, cx: &mut JobContext<'_>) -> Result<Turn<Self>> {
        let at = cx.now;
        if self.promise(cx.tx().await?, at).await? {
            return Ok(Turn::Next(self));
        }
        Ok(Turn::Wait(self, LOOK))
    }

    /// Chooses a target and promises it the run. `false`: none fits now, and one may in a moment.
    ///
    /// # Errors
    /// [`Refusal::NoHost`] with each host's reason.
    pub async fn promise(&mut self, tx: &mut Tx, at: Millis) -> Result<bool> {
        let vm = self.vm;
        let particulars = tx.vms().particulars(vm, self.generation).await?;
        let terms = Terms { particulars, only: self.only, barred: Vec::new(), source: Some(self.source) };
        let host = match placing::place(tx, vm, &terms, at).await {
            Err(Failure::Refused(Refusal::NoHost { .. }))
                if at - self.asked_at < SETTLING && machine::settling(tx, vm).await? =>
            {
                return Ok(false);
            }
            placed => placed?,
        };
        let generation = tx.vms().next_generation(vm).await?;
        let started_at = tx.vms().lock_runs(vm).await?.iter().find(|run| run.owner).and_then(|run| run.started_at);
        let arriving = VmRun {
            vm,
            generation,
            host,
            phase: RunPhase::Promised,
            owner: false,
            pause_reason: None,
            guest_agent: false,
            started_at,
            migration: None,
            graphics: Vec::new(),
            reported_at: at,
        };
        tx.vms().put_run(&arriving).await?;
        // What the run was started with goes with the guest: drives of its own must stand at the target, too.
        let particulars = RunParticulars { downtime_ms: None, ..terms.particulars };
        tx.vms().put_particulars(vm, generation, &particulars).await?;
        tx.changed(vm, Change::Updated);
        self.stage = Stage::Prepare(Target { host, generation });
        Ok(true)
    }

    async fn prepare(self, cx: &mut JobContext<'_>, target: Target) -> Result<Turn<Self>> {
        let mut reader = cx.engine.store().read().await?;
        let built = machine::build(&mut reader, self.vm, target.host, target.generation).await?;
        drop(reader);
        let door = cx.host_door(target.host).await?;
        let request = PrepareIncomingRequest {
            key: Some(cx.key()),
            vm: Some(built.spec),
            source_host_id: self.source.to_string(),
            data_center_id: built.data_center.to_string(),
        };
        let reply = door.client().prepare_incoming(within(WORK, request)).await;
        let reply = reply.map_err(|status| door.certain(&status))?.into_inner();
        self.tell_start(cx, target).await?;
        let arrival = Arrival { address: reply.address, libvirt_uri: reply.libvirt_uri };
        Ok(Turn::Next(self.at(Stage::Send(target, arrival))))
    }

    async fn send(self, cx: &mut JobContext<'_>, target: Target, arrival: Arrival) -> Result<Turn<Self>> {
        let plan = self.plan(cx).await?;
        let door = cx.host_door(self.source).await?;
        let request = MigrateVmRequest {
            key: Some(cx.key()),
            vm_id: self.vm.to_string(),
            generation: self.generation,
            target_generation: target.generation,
            target_host_id: target.host.to_string(),
            target_address: arrival.address,
            target_libvirt_uri: arrival.libvirt_uri,
            target_name: certificate_name(target.host),
            bandwidth_mib_per_second: plan.bandwidth_mib_per_second,
            auto_converge: plan.auto_converge,
            compressed: plan.compressed,
            encrypted: plan.encrypted,
            post_copy: plan.post_copy,
            parallel_connections: plan.parallel_connections,
            convergence: plan.convergence,
            timeout_seconds: plan.timeout_seconds,
        };
        match door.client().migrate_vm(within(ANSWER, request)).await {
            Ok(_) => Ok(Turn::Next(self.at(Stage::Watch(target)))),
            Err(status) => match door.certain(&status) {
                Failure::Trouble(Trouble::HostAway(_)) if self.is_over(cx, self.generation).await? => {
                    Err(Refusal::rule("the VM has ended on its source host").into())
                }
                failure => Err(failure),
            },
        }
    }

    async fn plan(&self, cx: &JobContext<'_>) -> Result<MigrationPlan> {
        let mut reader = cx.engine.store().read().await?;
        let view = reader.vms().view(self.vm).await?.ok_or_else(|| Refusal::no_such("VM", self.vm))?;
        let cluster = reader.clusters().get(&[view.vm.cluster]).await?.pop();
        let cluster = cluster.ok_or_else(|| Refusal::no_such("Cluster", view.vm.cluster))?;
        let nics = reader.hosts().nics(&[self.source]).await?;
        let speed = nics.iter().filter(|nic| nic.up && nic.kind == "physical").map(|nic| nic.speed).max();
        Ok(migrate::plan(&view.vm, &cluster, speed.filter(|speed| *speed > 0)))
    }

    async fn watch(self, cx: &mut JobContext<'_>, target: Target) -> Result<Turn<Self>> {
        if cx.cancelled {
            self.ask_to_stop_if_there(cx).await?;
        }
        match self.ask_source(cx).await {
            Ok(Source::Sending) => Ok(Turn::Wait(self, LOOK)),
            Ok(Source::Left(state)) => self.arrive(cx, target, state).await,
            Ok(Source::Staying(why)) => Err(Refusal::rule(why).into()),
            Ok(Source::Undecided) => self.decide(cx, target).await,
            Err(Failure::Trouble(Trouble::HostAway(_))) if self.runs_there(cx, target).await? => {
                self.arrive(cx, target, None).await
            }
            Err(failure) => Err(failure),
        }
    }

    /// The target says that the guest runs there: whatever became of the source, it has left it.
    async fn runs_there(&self, cx: &JobContext<'_>, target: Target) -> Result<bool> {
        let state = self.ask_run(cx, target.host, target.generation).await?;
        Ok(state.is_some_and(|state| translate::observation(&state).executes()))
    }

    /// The source stands and does not know whether the guest has left: what the target says of it decides.
    async fn decide(self, cx: &mut JobContext<'_>, target: Target) -> Result<Turn<Self>> {
        let state = match cx.host_door(target.host).await?.vm(self.vm, ANSWER).await {
            Err(Failure::Trouble(Trouble::HostAway(_))) if self.is_over(cx, target.generation).await? => {
                return Err(cant_be_known());
            }
            answer => answer?.filter(|state| state.generation == target.generation),
        };
        let never_ran =
            |seen: &Observation| seen.exit.as_ref().is_some_and(|exit| exit.kind == ExitKind::FailedToStart);
        match state.as_ref().map(translate::observation) {
            Some(seen) if seen.executes() => return self.arrive(cx, target, None).await,
            Some(seen) if seen.phase.is_some() => {}
            seen if self.has_moved(cx).await? || seen.as_ref().is_some_and(|seen| !never_ran(seen)) => {
                // It has run there, so what stands at the source is older than its disks.
                settled(absorb::end_half(cx.engine, self.source, self.vm, self.generation).await)?;
            }
            _ if self.has_rebooted(cx, target.host).await? => return Err(cant_be_known()),
            _ => settled(self.let_go_on(cx).await)?,
        }
        Ok(Turn::Wait(self, LOOK))
    }

    /// Another run has owned the VM since. Where the VM has ended meanwhile, too, a late word of the source may have given
    /// it back to what stands there.
    async fn has_moved(&self, cx: &JobContext<'_>) -> Result<bool> {
        let mut reader = cx.engine.store().read().await?;
        let view = reader.vms().view(self.vm).await?;
        let ended = view.and_then(|view| view.vm.last_stop).is_some_and(|stop| stop.at > self.asked_at);
        let owned = |run: &VmRun| run.owner && run.generation == self.generation;
        Ok(ended || !reader.vms().runs(self.vm).await?.iter().any(owned))
    }

    /// The host's machine has begun anew since the migration began: it knows nothing of what ran before.
    async fn has_rebooted(&self, cx: &JobContext<'_>, host: HostId) -> Result<bool> {
        let views = cx.engine.store().read().await?.hosts().views(&[host]).await?;
        Ok(views.into_iter().filter_map(|view| view.facts?.boot_time).any(|at| at > self.asked_at))
    }

    /// The guest has never run at the target: it goes on where it stands.
    async fn let_go_on(&self, cx: &JobContext<'_>) -> Result<()> {
        let door = cx.host_door(self.source).await?;
        let request =
            VmRequest { key: Some(cx.key_of("stay")), vm_id: self.vm.to_string(), generation: self.generation };
        door.heard(door.client().resume_vm(within(ANSWER, request)).await).map(drop)
    }

    /// Whether a run of the VM is known to be over.
    async fn is_over(&self, cx: &JobContext<'_>, generation: u64) -> Result<bool> {
        let runs = cx.engine.store().read().await?.vms().runs(self.vm).await?;
        Ok(runs.iter().all(|run| run.generation != generation))
    }

    /// What a host says of a run of the VM; `None`: it does not have that one, or can't be asked and the run is over.
    async fn ask_run(&self, cx: &JobContext<'_>, host: HostId, generation: u64) -> Result<Option<VmState>> {
        match cx.host_door(host).await?.vm(self.vm, ANSWER).await {
            Err(Failure::Trouble(Trouble::HostAway(_))) if self.is_over(cx, generation).await? => Ok(None),
            answer => Ok(answer?.filter(|state| state.generation == generation)),
        }
    }

    /// The source no longer has the guest: done when the target says that it runs there.
    async fn arrive(self, cx: &mut JobContext<'_>, target: Target, last: Option<Box<VmState>>) -> Result<Turn<Self>> {
        let state = self.ask_run(cx, target.host, target.generation).await?;
        let at = cx.now;
        let (vm, source) = (self.vm, self.source);
        let tx = cx.tx().await?;
        tx.vms().lock_row(vm).await?;
        if let Some(state) = &last {
            absorb::answered(tx, source, state, at).await?;
        }
        match &state {
            Some(state) => absorb::answered(tx, target.host, state, at).await?,
            // Whoever owns the VM by then: it is not there.
            None => absorb::gone(tx, target.host, vm, target.generation, at).await?,
        }
        let runs = tx.vms().lock_runs(vm).await?;
        let Some(run) = runs.iter().find(|run| run.generation == target.generation) else {
            return Err(Refusal::rule("the VM left its source and is not on its target").into());
        };
        if !run.owner || !lifecycle::executes(run) {
            return Ok(Turn::Wait(self, LOOK));
        }
        tx.vms().set_lock(vm, None).await?;
        tx.changed(vm, Change::Updated);
        // Whichever word of the source's came first: its answer to this job, or its report.
        let told = last.and_then(|state| state.migration).map(|migration| migration.downtime_ms).filter(|ms| *ms > 0);
        let kept = tx.vms().particulars(vm, target.generation).await?.downtime_ms;
        let downtime = told.or(kept).unwrap_or(0);
        self.tell_success(cx, target, downtime).await?;
        Ok(Turn::Done)
    }

    async fn ask_source(&self, cx: &JobContext<'_>) -> Result<Source> {
        let Some(state) = self.ask_run(cx, self.source, self.generation).await? else {
            return Ok(Source::Left(None));
        };
        if state.phase() == VmPhase::Down {
            return Ok(Source::Left(Some(Box::new(state))));
        }
        if translate::observation(&state).undecided() {
            return Ok(Source::Undecided);
        }
        let migration = state.migration.clone().unwrap_or_default();
        if state.phase() == VmPhase::MigratingOut || migration.active {
            return Ok(Source::Sending);
        }
        if migration.cancelled {
            return Ok(Source::Staying(CANCELLED.to_owned()));
        }
        if migration.error.is_empty() {
            return Ok(Source::Staying("the source host stopped sending and did not say why".to_owned()));
        }
        Ok(Source::Staying(migration.error))
    }

    async fn ask_to_stop(&self, cx: &JobContext<'_>) -> Result<()> {
        let door = cx.host_door(self.source).await?;
        let request =
            VmRequest { key: Some(cx.key_of("cancel")), vm_id: self.vm.to_string(), generation: self.generation };
        match door.heard(door.client().cancel_migration(within(ANSWER, request)).await) {
            // Nothing to cancel any more: the next look says how it ended.
            Ok(_) | Err(Failure::Refused(_)) => Ok(()),
            Err(trouble) => Err(trouble),
        }
    }

    async fn stopped(self, cx: &mut JobContext<'_>, target: Target) -> Result<Turn<Self>> {
        let left = match self.ask_source(cx).await {
            Ok(Source::Sending) => {
                self.ask_to_stop(cx).await?;
                return Ok(Turn::Wait(self, LOOK));
            }
            Ok(Source::Staying(_)) => {
                self.abandon(cx, target).await?;
                return self.close(cx, Some(target)).await;
            }
            Ok(Source::Undecided) => {
                return match self.clone().decide(cx, target).await {
                    Err(Failure::Refused(how)) => self.close_as(cx, target, &how).await,
                    other => other,
                };
            }
            Ok(Source::Left(state)) => state,
            Err(Failure::Trouble(Trouble::HostAway(_))) if self.runs_there(cx, target).await? => None,
            Err(failure) => return Err(failure),
        };
        if left.is_none() {
            // Nothing is known of a hand-over: the target need not wait, where nothing has come to it.
            match self.abandon(cx, target).await {
                Err(Failure::Trouble(Trouble::HostFailed { .. })) => {}
                other => other?,
            }
        }
        // It had moved, or ended, before it could be stopped.
        match self.clone().arrive(cx, target, left).await {
            Err(Failure::Refused(how)) => self.close_as(cx, target, &how).await,
            other => other,
        }
    }

    /// As [`MigrateVm::ask_to_stop`]; a source that can't be asked now is asked when it is heard again.
    async fn ask_to_stop_if_there(&self, cx: &JobContext<'_>) -> Result<()> {
        match self.ask_to_stop(cx).await {
            Err(Failure::Trouble(Trouble::HostAway(_))) => Ok(()),
            other => other,
        }
    }

    /// The target need not wait any longer.
    async fn abandon(&self, cx: &JobContext<'_>, target: Target) -> Result<()> {
        let door = cx.host_door(target.host).await?;
        let request =
            VmRequest { key: Some(cx.key_of("abandon")), vm_id: self.vm.to_string(), generation: target.generation };
        match door.heard(door.client().abandon_incoming(within(ANSWER, request)).await) {
            Ok(_) => Ok(()),
            Err(Failure::Refused(refusal)) => {
                Err(Trouble::HostFailed { host: target.host, message: refusal.to_string() }.into())
            }
            // The source keeps the guest, so what a lost target was promised is void: it has nothing to run.
            Err(Failure::Trouble(Trouble::HostAway(_))) if self.lost(cx, target.host).await? => Ok(()),
            Err(trouble) => Err(trouble),
        }
    }

    /// Whether a host has been silent for longer than its grace.
    async fn lost(&self, cx: &JobContext<'_>, host: HostId) -> Result<bool> {
        let host = cx.engine.store().read().await?.hosts().get(host).await?;
        Ok(host.is_none_or(|host| host::lifecycle::status(&host) == HostStatus::NonResponsive))
    }

    /// As [`MigrateVm::close`], where it ended in another way than it was turned back for.
    async fn close_as(self, cx: &mut JobContext<'_>, target: Target, how: &Refusal) -> Result<Turn<Self>> {
        cx.failure = how.to_string();
        self.close(cx, Some(target)).await
    }

    async fn close(self, cx: &mut JobContext<'_>, target: Option<Target>) -> Result<Turn<Self>> {
        let vm = self.vm;
        let tx = cx.tx().await?;
        if let Some(target) = target {
            let runs = tx.vms().lock_runs(vm).await?;
            if runs.iter().any(|run| run.generation == target.generation && !run.owner) {
                tx.vms().remove_run(vm, target.generation).await?;
            }
        }
        tx.vms().set_lock(vm, None).await?;
        tx.changed(vm, Change::Updated);
        self.tell_failure(cx, target).await?;
        Ok(Turn::Done)
    }

    async fn names(&self, cx: &mut JobContext<'_>, target: Option<Target>) -> Result<Option<(String, String, String)>> {
        let tx = cx.tx().await?;
        let Some(view) = tx.vms().view(self.vm).await? else { return Ok(None) };
        let source = tx.hosts().get(self.source).await?.map(|host| host.name).unwrap_or_default();
        let target = match target {
            Some(target) => tx.hosts().get(target.host).await?.map(|host| host.name).unwrap_or_default(),
            None => String::new(),
        };
        Ok(Some((view.vm.name, source, target)))
    }

    /// A user's own terms was logged when it was asked for.
    async fn tell_start(&self, cx: &mut JobContext<'_>, target: Target) -> Result<()> {
        if cx.owner.is_some() {
            return Ok(());
        }
        let Some((name, source, to)) = self.names(cx, Some(target)).await? else { return Ok(()) };
        let sentence = sentences::VM_MIGRATION_START_SYSTEM_INITIATED;
        let draft = sentence.draft().vm(self.vm, name).host(self.source, source).with("DestinationVdsName", to);
        cx.log(draft).await
    }

    async fn tell_success(&self, cx: &mut JobContext<'_>, target: Target, downtime_ms: u64) -> Result<()> {
        let Some((name, source, to)) = self.names(cx, Some(target)).await? else { return Ok(()) };
        let took = format!("{:.1} s", (cx.now - self.asked_at) as f64 / 1000.0);
        let draft = sentences::VM_MIGRATION_DONE
            .draft()
            .vm(self.vm, name)
            .host(self.source, source)
            .with("DestinationVdsName", to)
            .with("Duration", took.clone())
            .with("TotalDuration", took)
            .with("ActualDowntime", format!("{downtime_ms} ms"));
        cx.log(draft).await
    }

    /// Whoever called it off is told so where it ended by that.
    async fn tell_failure(&self, cx: &mut JobContext<'_>, target: Option<Target>) -> Result<()> {
        let Some((name, source, to)) = self.names(cx, target).await? else { return Ok(()) };
        if cx.cancelled && cx.failure == CANCELLED {
            let draft = sentences::VM_CANCEL_MIGRATION.draft().vm(self.vm, name).host(self.source, source);
            let draft = match self.cancelled_by.clone() {
                Some((user, principal)) => draft.user(user, principal),
                None => draft,
            };
            return cx.log(draft).await;
        }
        let sentence = match target {
            Some(_) => sentences::VM_MIGRATION_TO_SERVER_FAILED,
            None => sentences::VM_MIGRATION_NO_VDS_TO_MIGRATE_TO,
        };
        let draft = sentence.draft().vm(self.vm, name).host(self.source, source).with("DestinationVdsName", to);
        let why = cx.failure.clone();
        cx.log(draft.because(&why)).await
    }
}
