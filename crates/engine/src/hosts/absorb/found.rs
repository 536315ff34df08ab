//! Runs on which rows and host disagree: a host names one that no row has, or does not name one that it should have.
//!
//! Neither is believed at the first word, which may be older than what a job has written meanwhile: the host is asked
//! again. What lives without a row gets one: the VM is taken back where nobody else owns it, and else its users are
//! warned. Either way it is started nowhere before that run has ended. What stands since a migration is nobody's guest,
//! and is ended.

use std::collections::HashSet;
use std::time::Duration;

use ferrovirt_hostapi as host;
use ferrovirt_hostapi::{CommandKey, StopVmRequest};
use ferrovirt_model::events::sentences;
use ferrovirt_model::ids::{HostId, VmId};
use ferrovirt_model::vm::lifecycle::{self, Delta};
use ferrovirt_model::vm::{RunPhase, VmRun};
use ferrovirt_store::Areas;
use ferrovirt_store::tx::{Change, Tx};

use super::{named, release_owner, restored, takes_over};
use crate::action::event;
use crate::core::{Engine, now};
use crate::failure::Result;
use crate::hosts::{ANSWER, translate, within};

/// How long a host may take to answer while the row of a VM is locked.
const WHILE_LOCKED: Duration = Duration::from_secs(5);

/// What a report leaves to be done once it is stored.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Sequel {
    /// The host has the VM in a run that no row has.
    Unknown(VmId),
    /// What stayed behind at this host, the source of a migration whose guest runs elsewhere: VM and run.
    LeftBehind(HostId, VmId, u64),
}

/// Does what a report left to be done.
///
/// # Errors
/// Trouble with the store or with a host that is asked. The stream ends, and the next one begins with all.
pub(super) async fn follow(engine: &Engine, id: HostId, sequel: Sequel) -> Result<()> {
    match sequel {
        Sequel::Unknown(vm) => {
            let mut tx = engine.store().begin().await?;
            take_in(engine, &mut tx, id, vm, now()).await?;
            let runs = tx.vms().lock_runs(vm).await?;
            tx.commit().await?;
            let stands = |run: &&VmRun| run.host == id && !run.owner && lifecycle::undecided(run);
            if let Some(run) = runs.iter().find(stands) {
                try_to_end_half(engine, id, vm, run.generation).await;
            }
        }
        Sequel::LeftBehind(source, vm, generation) => try_to_end_half(engine, source, vm, generation).await,
    }
    Ok(())
}

async fn try_to_end_half(engine: &Engine, source: HostId, vm: VmId, generation: u64) {
    if let Err(failure) = end_half(engine, source, vm, generation).await {
        // It stands and does no harm; its host's next full report leads here again.
        let error = &failure as &dyn std::error::Error;
        tracing::warn!(host = %source, %vm, generation, error, "what a migration left behind stays there");
    }
}

/// The runs that a full report should name and does not, and that the host, asked again, does not have either: a report
/// that waited to be read says nothing of what was started meanwhile.
pub(super) async fn missing(engine: &Engine, id: HostId, sync: &host::FullSync) -> Result<HashSet<(VmId, u64)>> {
    let named: HashSet<(&str, u64)> = sync.vms.iter().map(|state| (state.vm_id.as_str(), state.generation)).collect();
    let runs = engine.store().read().await?.vms().runs_on(id).await?;
    let mut missing = HashSet::new();
    for run in runs {
        // A promise is the job's to keep or to take back: the host may not have been told yet.
        if run.phase == RunPhase::Promised || named.contains(&(run.vm.to_string().as_str(), run.generation)) {
            continue;
        }
        let state = engine.host_door(id).await?.vm(run.vm, ANSWER).await?;
        if state.is_none_or(|state| state.generation != run.generation) {
            missing.insert((run.vm, run.generation));
        }
    }
    Ok(missing)
}

/// Makes a row of what a host runs and no row has. The host is asked while the VM is locked, so that all it says later
/// is absorbed later.
///
/// # Errors
/// Trouble with the store or the host.
pub async fn take_in(engine: &Engine, tx: &mut Tx, id: HostId, vm: VmId, at: i64) -> Result<()> {
    let Some(known) = tx.vms().lock_row(vm).await? else { return Ok(()) };
    let runs = tx.vms().lock_runs(vm).await?;
    let Some(state) = engine.host_door(id).await?.vm(vm, WHILE_LOCKED).await? else { return Ok(()) };
    if let Some(same) = runs.iter().find(|run| run.generation == state.generation) {
        if same.host != id {
            tracing::error!(vm = %vm, host = %id, other = %same.host, "two hosts have the same run of a VM");
        }
        return Ok(());
    }
    let unseen = VmRun {
        vm,
        generation: state.generation,
        host: id,
        phase: RunPhase::Promised,
        owner: false,
        pause_reason: None,
        guest_agent: false,
        started_at: None,
        migration: None,
        graphics: Vec::new(),
        reported_at: at,
    };
    let Delta::Changed(run) = lifecycle::absorb(&unseen, &translate::observation(&state), at) else { return Ok(()) };
    let mut run = *run;
    tx.vms().raise_generation(vm, run.generation).await?;
    let owner = runs.iter().find(|run| run.owner);
    // What is on its way in waits for its migration; it has no guest yet. What stands since one has it no more.
    let alone = owner.is_none() && run.phase != RunPhase::MigratingIn && !lifecycle::undecided(&run);
    if alone || takes_over(&run, &runs, known.generation.max(run.generation)) {
        release_owner(tx, &runs, run.generation).await?;
        run.owner = true;
    }
    tx.vms().put_run(&run).await?;
    tx.changed(vm, Change::Updated);
    tell(tx, &run, owner, at).await
}

async fn tell(tx: &mut Tx, found: &VmRun, owner: Option<&VmRun>, at: i64) -> Result<()> {
    let VmRun { vm, host, generation, phase, .. } = found;
    tracing::warn!(%vm, %host, generation, ?phase, "a run without a row is taken in");
    let Some(owner) = owner else {
        return if found.owner { restored(tx, found, at).await } else { Ok(()) };
    };
    let there = lifecycle::executes(found) && !lifecycle::undecided(found);
    if there && !lifecycle::undecided(owner) && owner.phase != RunPhase::MigratingOut {
        let other = tx.hosts().get(owner.host).await?.map(|host| host.name).unwrap_or_default();
        let why =
            format!("it runs there, and on host {other} too as far as is known; power it off until it runs nowhere");
        let draft = named(tx, found, sentences::RUN_VM_FAILED.draft()).await?.with("ErrMsg", why);
        tx.log(event(&draft, "", at));
    }
    Ok(())
}

/// Ends what stands at the source of a migration whose guest has come to its target.
///
/// # Errors
/// Trouble with the host, or its refusal.
pub async fn end_half(engine: &Engine, id: HostId, vm: VmId, generation: u64) -> Result<()> {
    let door = engine.host_door(id).await?;
    let key = CommandKey { job_id: engine.installation().to_string(), step: format!("half/{vm}"), generation };
    let reason = "it runs on another host".to_owned();
    let request = StopVmRequest { key: Some(key), vm_id: vm.to_string(), generation, reason };
    door.heard(door.client().stop_vm(within(ANSWER, request)).await).map(drop)
}
