//! What hosts report becomes rows: the one writer of observed facts.
//!
//! Pushed reports and full ones go through the same functions. A run is changed only by reports of its own generation
//! from its own host, in the order of that host's stream: an answer to a question, which overtakes the stream, can end
//! a run and change nothing else, for a generation that has ended never lives again. A migration hands ownership over
//! exactly once: when the target says that the guest runs there, or the source says that it has left, whichever comes
//! first. What stands at a source that has handed its guest over is ended, and never owns the VM again.

mod found;

use std::collections::HashSet;

use ferrovirt_hostapi as host;
use ferrovirt_hostapi::report::Body;
use ferrovirt_model::events::{EventDraft, sentences};
use ferrovirt_model::host::{HostDomainView, HostLink};
use ferrovirt_model::ids::{HostId, StorageDomainId, VmId};
use ferrovirt_model::vm::lifecycle::{self, Delta, Exit, ExitKind};
use ferrovirt_model::vm::{LastStop, LockPurpose, Restart, RunPhase, VmRun};
use ferrovirt_store::Areas;
use ferrovirt_store::tx::{Change, Tx};

use self::found::Sequel;
pub use self::found::{end_half, take_in};
use super::{Shared, translate};
use crate::action::event;
use crate::core::{Engine, now};
use crate::failure::Result;

/// A host has answered: note who it is now.
///
/// # Errors
/// Trouble with the store.
pub async fn hello(engine: &Shared, id: HostId, reply: &host::HelloReply) -> Result<()> {
    let mut tx = engine.store().begin().await?;
    tx.hosts().set_hello(id, &reply.boot_id, &reply.hardware_id).await?;
    tx.hosts().set_link(id, HostLink::Initializing, Some(now())).await?;
    tx.changed(id, Change::Updated);
    tx.commit().await?;
    Ok(())
}

/// The connection is lost: grace begins, unless it has ended before.
///
/// # Errors
/// Trouble with the store.
pub async fn lost(engine: &Shared, id: HostId) -> Result<()> {
    let mut tx = engine.store().begin().await?;
    let Some(host) = tx.hosts().lock_row(id).await? else { return Ok(()) };
    if matches!(host.link, HostLink::Connected | HostLink::Initializing) {
        tx.hosts().set_link(id, HostLink::Connecting, None).await?;
        tx.changed(id, Change::Updated);
        tx.commit().await?;
    }
    Ok(())
}

/// One report. Answers the ends of runs that are stored now, so that the host need not tell them again: VM and run.
///
/// # Errors
/// Trouble with the store.
pub async fn report(engine: &Shared, id: HostId, report: host::Report) -> Result<Vec<(String, u64)>> {
    let Some(body) = report.body else { return Ok(Vec::new()) };
    if matches!(body, Body::Heartbeat(_)) {
        return Ok(Vec::new());
    }
    let ends = ends(&body);
    let storage = matches!(body, Body::Domain(_) | Body::FullSync(_));
    let turns_jobs = matches!(body, Body::Vm(_) | Body::VmGone(_) | Body::Task(_) | Body::FullSync(_));
    let missing = match &body {
        Body::FullSync(sync) => found::missing(engine, id, sync).await?,
        _ => HashSet::new(),
    };
    let mut tx = match body {
        Body::HostStatistics(_) => engine.store().begin_measurements().await?,
        _ => engine.store().begin().await?,
    };
    let sequels = apply(engine, &mut tx, id, body, &missing).await?;
    tx.commit().await?;
    for sequel in sequels {
        found::follow(engine, id, sequel).await?;
    }
    if storage {
        engine.kicks().storage.notify_one();
    }
    if turns_jobs {
        engine.jobs().wake();
        engine.kicks().restarts.notify_one();
    }
    Ok(ends)
}

/// What a host measured of its VMs, together: of two measurements of one VM the later counts.
///
/// # Errors
/// Trouble with the store.
pub async fn measurements(engine: &Shared, id: HostId, measured: Vec<host::VmStatistics>) -> Result<()> {
    let mut tx = engine.store().begin_measurements().await?;
    measure(&mut tx, id, measured, now()).await?;
    tx.commit().await?;
    Ok(())
}

async fn measure(tx: &mut Tx, id: HostId, measured: Vec<host::VmStatistics>, at: i64) -> Result<()> {
    let sizes = measured.iter().flat_map(|statistics| &statistics.disks).filter(|disk| disk.actual_size > 0);
    let sizes = sizes.filter_map(|disk| Some((disk.disk_id.parse().ok()?, disk.actual_size))).collect();
    let newest = measured
        .into_iter()
        .filter_map(|statistics| Some((statistics.vm_id.parse().ok()?, translate::vm_statistics(statistics))))
        .collect();
    tx.vms().put_statistics(id, &newest, at).await?;
    tx.disks().put_actual_sizes(id, &sizes).await?;
    Ok(())
}

fn ends(body: &Body) -> Vec<(String, u64)> {
    let states = match body {
        Body::Vm(state) => std::slice::from_ref(state),
        Body::FullSync(sync) => sync.vms.as_slice(),
        _ => &[],
    };
    states
        .iter()
        .filter(|state| state.phase() == host::VmPhase::Down)
        .map(|state| (state.vm_id.clone(), state.generation))
        .collect()
}

async fn apply(
    engine: &Engine,
    tx: &mut Tx,
    id: HostId,
    body: Body,
    missing: &HashSet<(VmId, u64)>,
) -> Result<Vec<Sequel>> {
    let at = now();
    match body {
        Body::FullSync(sync) => return full(tx, id, sync, missing, at).await,
        Body::Vm(state) => return vm(tx, id, &state, at).await,
        other => rest(engine, tx, id, other, at).await?,
    }
    Ok(Vec::new())
}

async fn rest(engine: &Engine, tx: &mut Tx, id: HostId, body: Body, at: i64) -> Result<()> {
    match body {
        Body::Heartbeat(_) | Body::FullSync(_) | Body::Vm(_) => Ok(()),
        Body::Task(task) => match task.key.and_then(|key| key.job_id.parse().ok()) {
            Some(job) => Ok(tx.jobs().kick(job, at).await?),
            None => Ok(()),
        },
        Body::Capabilities(mut capabilities) => {
            if let Some(network) = capabilities.network.take() {
                networks(tx, id, &network).await?;
            }
            tx.hosts().set_facts(id, &translate::facts(capabilities), at).await?;
            tx.changed(id, Change::Updated);
            Ok(())
        }
        Body::HostStatistics(statistics) => {
            let mut newest = translate::host_statistics(statistics);
            newest.busy = tx.hosts().busy(id).await?;
            newest.busy.note(at, newest.cpu_percent());
            tx.hosts().set_statistics(id, &newest, at).await?;
            Ok(())
        }
        Body::VmGone(gone) => match gone.vm_id.parse() {
            Ok(vm_id) => ended_unless_known(tx, id, vm_id, gone.generation, at).await,
            Err(_) => Ok(()),
        },
        Body::VmStatistics(statistics) => measure(tx, id, vec![statistics], at).await,
        Body::Guest(guest) => {
            let Some(vm_id) = run_here(tx, id, &guest.vm_id).await? else { return Ok(()) };
            tx.vms().set_guest(vm_id, Some(&translate::guest(guest)), at).await?;
            tx.changed(vm_id, Change::Updated);
            Ok(())
        }
        Body::Domain(state) => domain(tx, id, &state, at).await,
        Body::Ticket(state) => ticket(engine, tx, id, &state, at).await,
        Body::Network(state) => networks(tx, id, &state).await,
    }
}

/// The VM of a report, where the host that tells of it has a run of it: no host speaks for the VMs of another.
async fn run_here(tx: &mut Tx, host: HostId, vm: &str) -> Result<Option<VmId>> {
    let Ok(vm) = vm.parse() else { return Ok(None) };
    Ok(tx.vms().has_run_on(vm, host).await?.then_some(vm))
}

async fn networks(tx: &mut Tx, id: HostId, state: &host::NetworkState) -> Result<()> {
    // First the host, then its NICs, as everybody else who writes them.
    if tx.hosts().lock_row(id).await?.is_none() {
        return Ok(());
    }
    tx.hosts().put_nics(id, &translate::nics(id, state)).await?;
    tx.changed(id, Change::Updated);
    Ok(())
}

async fn full(
    tx: &mut Tx,
    id: HostId,
    sync: host::FullSync,
    missing: &HashSet<(VmId, u64)>,
    at: i64,
) -> Result<Vec<Sequel>> {
    for run in tx.vms().runs_on(id).await? {
        if missing.contains(&(run.vm, run.generation)) {
            ended_unless_known(tx, id, run.vm, run.generation, at).await?;
        }
    }
    let mut sequels = Vec::new();
    for state in &sync.vms {
        sequels.extend(vm(tx, id, state, at).await?);
    }
    for state in &sync.domains {
        domain(tx, id, state, at).await?;
    }
    Ok(sequels)
}

/// A host says nothing of a run that it should have: the run has ended there, and nobody knows why.
async fn ended_unless_known(tx: &mut Tx, id: HostId, vm_id: VmId, generation: u64, at: i64) -> Result<()> {
    let gone =
        host::VmState { vm_id: vm_id.to_string(), generation, phase: host::VmPhase::Down.into(), ..Default::default() };
    vm(tx, id, &gone, at).await.map(drop)
}

async fn vm(tx: &mut Tx, id: HostId, state: &host::VmState, at: i64) -> Result<Vec<Sequel>> {
    let Ok(vm_id) = state.vm_id.parse::<VmId>() else { return Ok(Vec::new()) };
    let Some(known) = tx.vms().lock_row(vm_id).await? else {
        tracing::warn!(host = %id, vm = %vm_id, "a host runs a VM that the engine does not know");
        return Ok(Vec::new());
    };
    let runs = tx.vms().lock_runs(vm_id).await?;
    let Some(run) = runs.iter().find(|run| run.generation == state.generation && run.host == id) else {
        let lives = state.phase() != host::VmPhase::Down;
        return Ok(lives.then_some(Sequel::Unknown(vm_id)).into_iter().collect());
    };
    let mut sequels = Vec::new();
    let seen = translate::observation(state);
    let news = lifecycle::absorb(run, &seen, at);
    if let Some(lock) = known.lock.as_ref().filter(|_| turns(run, &news)) {
        tx.jobs().kick(lock.job, at).await?;
    }
    match news {
        Delta::Nothing => {}
        Delta::Changed(next) => {
            if takes_over(&next, &runs, known.generation) {
                sequels.extend(left_behind(&runs, next.generation));
            }
            changed(tx, &runs, run, *next, known.generation, at).await?;
        }
        Delta::Ended(exit) => {
            if exit.kind == ExitKind::Migrated {
                note_downtime(tx, &runs, run, state).await?;
            }
            if had_guest(run, &runs, seen.exit.as_ref()) {
                // It had arrived, and the word of that came together with its end.
                sequels.extend(left_behind(&runs, run.generation));
                release_owner(tx, &runs, run.generation).await?;
                let arrived = VmRun { owner: true, ..run.clone() };
                ended(tx, &runs, &arrived, &exit, at).await?;
            } else {
                ended(tx, &runs, run, &exit, at).await?;
            }
        }
    }
    let may_come = known.lock.is_some() && run.generation == known.generation;
    if seen.undecided() && !run.owner && !may_come {
        // Whoever owned the VM since may have ended already: what stands here is older than its disks. The newest run of
        // a VM that a job holds is no such thing: it may be what a migration is coming to.
        sequels.push(Sequel::LeftBehind(id, vm_id, run.generation));
    }
    Ok(sequels)
}

/// Whether the job that holds the VM waits for such news: how far it is comes with its next look.
fn turns(run: &VmRun, news: &Delta) -> bool {
    match news {
        Delta::Nothing => false,
        Delta::Changed(next) => next.phase != run.phase,
        Delta::Ended(_) => true,
    }
}

/// What stands at the sources of migrations whose guest has come to the run `heir`.
fn left_behind(runs: &[VmRun], heir: u64) -> impl Iterator<Item = Sequel> {
    let behind = runs.iter().filter(move |run| run.generation < heir && lifecycle::undecided(run));
    behind.map(|run| Sequel::LeftBehind(run.host, run.vm, run.generation))
}

/// Whether a migration's target that ends says that the guest had run there: its source has an older one. What only stood
/// never had it.
fn had_guest(run: &VmRun, runs: &[VmRun], exit: Option<&Exit>) -> bool {
    let ran = exit.is_some_and(|exit| !matches!(exit.kind, ExitKind::FailedToStart | ExitKind::Migrated));
    ran && !run.owner
        && !lifecycle::undecided(run)
        && runs.iter().any(|other| other.owner && other.generation < run.generation)
}

/// How long the guest stood, which only its source knows, is kept with the run that goes on.
async fn note_downtime(tx: &mut Tx, runs: &[VmRun], source: &VmRun, state: &host::VmState) -> Result<()> {
    let downtime = state.migration.as_ref().map(|migration| migration.downtime_ms).filter(|ms| *ms > 0);
    let heir = runs.iter().filter(|run| run.generation > source.generation).max_by_key(|run| run.generation);
    if let (Some(downtime), Some(heir)) = (downtime, heir) {
        let mut particulars = tx.vms().particulars(heir.vm, heir.generation).await?;
        particulars.downtime_ms = Some(downtime);
        tx.vms().put_particulars(heir.vm, heir.generation, &particulars).await?;
    }
    Ok(())
}

/// The guest executes where a run of a migration's target says so. Only the newest run takes over: a source that is
/// late to say that it stopped for the hand-over does not get the VM back. Where nobody owns the VM, whatever executes
/// does, but for what stands at a source: that one has handed its guest over.
fn takes_over(run: &VmRun, runs: &[VmRun], newest: u64) -> bool {
    let free = !runs.iter().any(|other| other.owner);
    !run.owner && lifecycle::executes(run) && !lifecycle::undecided(run) && (free || run.generation == newest)
}

async fn changed(tx: &mut Tx, runs: &[VmRun], before: &VmRun, mut next: VmRun, newest: u64, at: i64) -> Result<()> {
    if takes_over(&next, runs, newest) {
        release_owner(tx, runs, next.generation).await?;
        next.owner = true;
        let VmRun { vm, host, generation, .. } = &next;
        tracing::info!(%vm, %host, generation, "this run owns the VM now");
    }
    tx.vms().put_run(&next).await?;
    tx.changed(next.vm, Change::Updated);
    if next.phase != before.phase {
        note_phase(tx, before, &next, at).await?;
    }
    Ok(())
}

async fn release_owner(tx: &mut Tx, runs: &[VmRun], heir: u64) -> Result<()> {
    for run in runs.iter().filter(|run| run.owner && run.generation != heir) {
        let mut former = run.clone();
        former.owner = false;
        // Its guest executes elsewhere, so it has left, whether or not its host can say so.
        former.phase = RunPhase::MigratingOut;
        tx.vms().put_run(&former).await?;
    }
    Ok(())
}

/// Logs what users want to know of a changed phase. Starts and migrations are logged by their jobs.
async fn note_phase(tx: &mut Tx, before: &VmRun, next: &VmRun, at: i64) -> Result<()> {
    let sentence = match (before.phase, next.phase, next.pause_reason.as_deref()) {
        (_, RunPhase::NotResponding, _) => sentences::VM_NOT_RESPONDING,
        (_, RunPhase::Paused, Some("io_error")) => sentences::VM_PAUSED_EIO,
        (_, RunPhase::Paused, Some("no_space")) => sentences::VM_PAUSED_ENOSPC,
        (RunPhase::Paused, RunPhase::Running, _) if before.pause_reason.as_deref() == Some("io_error") => {
            sentences::VM_RECOVERED_FROM_PAUSE_ERROR
        }
        (RunPhase::Unknown | RunPhase::NotResponding, RunPhase::Running, _) => return restored(tx, next, at).await,
        _ => return Ok(()),
    };
    let draft = named(tx, next, sentence.draft()).await?;
    tx.log(event(&draft, "", at));
    Ok(())
}

/// Logs that a VM's status is known again, and which it is.
async fn restored(tx: &mut Tx, run: &VmRun, at: i64) -> Result<()> {
    let Some(view) = tx.vms().view(run.vm).await? else { return Ok(()) };
    let status = lifecycle::status(&view.vm, Some(run), at).as_str().replace('_', " ");
    let draft = named(tx, run, sentences::VM_STATUS_RESTORED.draft()).await?.with("VmStatus", status);
    tx.log(event(&draft, "", at));
    Ok(())
}

async fn named(tx: &mut Tx, run: &VmRun, draft: EventDraft) -> Result<EventDraft> {
    let mut draft = draft;
    if let Some(view) = tx.vms().view(run.vm).await? {
        draft = draft.vm(run.vm, view.vm.name);
    }
    if let Some(host) = tx.hosts().get(run.host).await? {
        draft = draft.host(host.id, host.name);
    }
    Ok(draft)
}

async fn ended(tx: &mut Tx, runs: &[VmRun], run: &VmRun, exit: &Exit, at: i64) -> Result<()> {
    let asked = tx.vms().particulars(run.vm, run.generation).await?.stop_reason;
    tx.vms().remove_run(run.vm, run.generation).await?;
    tx.changed(run.vm, Change::Updated);
    if runs.len() == 1 {
        // While another run is left it may turn out to have the guest, whose words still stand then.
        tx.vms().set_guest(run.vm, None, at).await?;
        tx.vms().forget_statistics(run.vm).await?;
    }
    if exit.kind == ExitKind::Migrated {
        return left(tx, runs, run, at).await;
    }
    if !run.owner {
        // A target that never got the guest, or a source that had handed it over: the owner's run says what is true.
        return Ok(());
    }
    if hand_on(tx, run.vm, at).await? {
        return Ok(());
    }
    down(tx, run, exit, asked, at).await
}

/// A VM whose owner has ended is not down where its guest may run in another run: it executes there, or its host can't
/// be asked. That run owns it then. One that waits for a migration's guest has none, and one that stands at its source
/// has it no more. Answers whether there is an owner.
///
/// # Errors
/// Trouble with the store.
pub async fn hand_on(tx: &mut Tx, vm: VmId, at: i64) -> Result<bool> {
    let runs = tx.vms().lock_runs(vm).await?;
    if runs.iter().any(|run| run.owner) {
        return Ok(true);
    }
    let Some(mut heir) = runs.into_iter().rev().find(lifecycle::may_inherit) else { return Ok(false) };
    heir.owner = true;
    tx.vms().put_run(&heir).await?;
    tx.changed(vm, Change::Updated);
    if heir.phase == RunPhase::Unknown {
        let draft = named(tx, &heir, sentences::VM_SET_TO_UNKNOWN_STATUS.draft()).await?;
        tx.log(event(&draft, "", at));
    }
    Ok(true)
}

/// The guest has left its source: the target owns it, whatever the target has said so far.
async fn left(tx: &mut Tx, runs: &[VmRun], source: &VmRun, at: i64) -> Result<()> {
    if !source.owner {
        return Ok(());
    }
    let heir = runs.iter().filter(|run| run.generation > source.generation).max_by_key(|run| run.generation);
    if let Some(heir) = heir {
        let mut heir = heir.clone();
        heir.owner = true;
        tx.vms().put_run(&heir).await?;
        return Ok(());
    }
    let message = "It had left its host, and its new host does not have it.".to_owned();
    down(tx, source, &Exit { kind: ExitKind::Lost, message }, None, at).await
}

/// `asked`: why a user asked for this end, if it is one that users ask for.
async fn down(tx: &mut Tx, run: &VmRun, exit: &Exit, asked: Option<String>, at: i64) -> Result<()> {
    let unexpected = exit.kind.unexpected();
    let reason = asked.filter(|_| !unexpected).unwrap_or_else(|| exit.message.clone());
    let stop = LastStop { at, reason, unexpected };
    tx.vms().set_last_stop(run.vm, &stop).await?;
    tx.vms().apply_next_run(run.vm).await?;
    let vm = tx.vms().lock_row(run.vm).await?;
    let held = vm.as_ref().and_then(|vm| vm.lock.as_ref()).map(|lock| lock.purpose);
    if held == Some(LockPurpose::Starting) && exit.kind == ExitKind::FailedToStart {
        // The starting job tells this story, and may have another host to try.
        return Ok(());
    }
    let sentence = if unexpected { sentences::VM_DOWN_ERROR } else { sentences::VM_DOWN };
    let draft = named(tx, run, sentence.draft()).await?.with("ExitMessage", exit_sentence(exit));
    tx.log(event(&draft, "", at));
    let available = vm.is_some_and(|vm| vm.definition.high_availability.enabled);
    if !unexpected || held == Some(LockPurpose::Stopping) || run.phase == RunPhase::ShuttingDown {
        // Somebody wanted it down, however it got there: whatever it waited for is over.
        tx.restarts().end(run.vm).await?;
    } else if available {
        tx.restarts().begin(&Restart::new(run.vm, at)).await?;
        let draft = named(tx, run, sentences::HA_VM_FAILED.draft()).await?;
        tx.log(event(&draft, "", at));
    }
    Ok(())
}

fn exit_sentence(exit: &Exit) -> String {
    let what = match exit.kind {
        ExitKind::ShutdownByGuest => "The guest shut down by itself.",
        ExitKind::ShutdownRequested => "The guest shut down as it was asked to.",
        ExitKind::PoweredOff => "It was powered off.",
        ExitKind::Crashed => "The hypervisor process ended.",
        ExitKind::FailedToStart => "It could not be started.",
        ExitKind::Migrated => "It runs on another host.",
        ExitKind::Lost => "Its host no longer runs it.",
    };
    if exit.message.is_empty() { what.to_owned() } else { format!("{what} {}", exit.message) }
}

async fn domain(tx: &mut Tx, id: HostId, state: &host::DomainState, at: i64) -> Result<()> {
    let Ok(domain_id) = state.domain_id.parse::<StorageDomainId>() else { return Ok(()) };
    let view = HostDomainView {
        host: id,
        domain: domain_id,
        ready: state.ready,
        problem: state.problem.clone(),
        latency_seconds: state.latency_seconds,
        checked_at: at,
    };
    tx.storage().put_view(&view).await?;
    if state.ready && tx.storage().set_space(domain_id, state.total, state.available).await? {
        tx.changed(domain_id, Change::Updated);
    }
    Ok(())
}

async fn ticket(engine: &Engine, tx: &mut Tx, host: HostId, state: &host::TicketState, at: i64) -> Result<()> {
    let Ok(id) = state.transfer_id.parse() else { return Ok(()) };
    let Some(mut transfer) = tx.transfers().lock_row(id).await? else { return Ok(()) };
    let news = transfer.transferred != state.transferred || transfer.active != state.active;
    if transfer.host != Some(host) || !news {
        return Ok(());
    }
    transfer.transferred = state.transferred;
    transfer.active = state.active;
    transfer.updated_at = at;
    tx.transfers().put(&transfer).await?;
    tx.changed(id, Change::Updated);
    engine.jobs().wake();
    Ok(())
}

/// What a host answered to a question about a VM: an end is absorbed as if it had been reported; of what lives, the
/// host's stream tells.
///
/// # Errors
/// Trouble with the store.
pub async fn answered(tx: &mut Tx, id: HostId, state: &host::VmState, at: i64) -> Result<()> {
    if state.phase() == host::VmPhase::Down { vm(tx, id, state, at).await.map(drop) } else { Ok(()) }
}

/// A run is over on its host, as its host answered or a user asserts; nobody knows why.
///
/// # Errors
/// Trouble with the store.
pub async fn gone(tx: &mut Tx, id: HostId, vm: VmId, generation: u64, at: i64) -> Result<()> {
    ended_unless_known(tx, id, vm, generation, at).await
}
