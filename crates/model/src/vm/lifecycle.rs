//! What may be asked of a VM when, what a report changes, and which status users see.
//!
//! ```text
//!            start                     agent answers, or a minute passes
//!   Down ───────────▶ WaitForLaunch ─▶ PoweringUp ───────────▶ Up ◀────────────┐
//!    ▲                     │               │      pause/resume │ ▲ │ migrate    │ cancelled, failed,
//!    │  failed to start    │               │        ┌──────────┘ │ ▼            │ or done (other host)
//!    ├─────────────────────┴───────────────┤        ▼            │ Migrating ───┘
//!    │  exit                                ├──── Paused ────────┘
//!    └───────── PoweringDown ◀── shutdown ──┘
//!
//!   Unknown: the host can't be reached.   NotResponding: QEMU does not answer.   ImageLocked: a job works on its images.
//! ```
//!
//! Total functions over plain values; the tables at the end of the file are their tests.

use super::{LockPurpose, RunPhase, Vm, VmRun, VmStatus};
use crate::Millis;
use crate::refusal::Refusal;

/// How long a running guest without an agent counts as powering up, in ms. oVirt does the same for about a minute.
pub const POWERING_UP_GRACE: Millis = 60_000;

/// Why a run stands at the source of a migration whose end nobody saw: the guest may run at the target. Whoever lets it
/// go on without knowing makes two guests of one, or one whose memory is older than its disks.
pub const BROKEN_OFF: &str = "migration";

/// Whether a run stands at the source of a migration whose end nobody saw, or stood there when its host was last heard.
#[must_use]
pub fn undecided(run: &VmRun) -> bool {
    matches!(run.phase, RunPhase::Paused | RunPhase::Unknown) && run.pause_reason.as_deref() == Some(BROKEN_OFF)
}

/// Whether a run has the guest, as its host says.
#[must_use]
pub fn executes(run: &VmRun) -> bool {
    has_guest(run.phase) || (run.phase == RunPhase::MigratingOut && run.owner)
}

fn has_guest(phase: RunPhase) -> bool {
    use RunPhase::{NotResponding, Paused, Rebooting, Running, ShuttingDown};
    matches!(phase, Running | Paused | ShuttingDown | Rebooting | NotResponding)
}

/// Whether a run can be the VM's where nobody owns it: it has the guest, or nobody can ask its host. What stands at the
/// source of a migration and is not the owner has handed its guest over.
#[must_use]
pub fn may_inherit(run: &VmRun) -> bool {
    (executes(run) || run.phase == RunPhase::Unknown) && !undecided(run)
}

/// Whether a run may have the guest, now or later, for all that is known. A source that has handed its guest over is the
/// one that can't.
#[must_use]
pub fn may_execute(run: &VmRun) -> bool {
    run.owner || run.phase != RunPhase::MigratingOut
}

/// What a user may ask of a VM.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Ask {
    /// Start it.
    Start,
    /// Power it off.
    Stop,
    /// Ask the guest to shut down.
    Shutdown,
    /// Reboot it.
    Reboot,
    /// Stop its CPUs.
    Pause,
    /// Move it to another host.
    Migrate,
    /// Stop moving it.
    CancelMigration,
    /// Change its definition.
    Update,
    /// Remove it.
    Remove,
    /// Plug a device in or out, or change one.
    ChangeDevices,
    /// A ticket for its console.
    Console,
    /// Copy or replace its images.
    Images,
}

/// The status that users see.
#[must_use]
pub fn status(vm: &Vm, run: Option<&VmRun>, now: Millis) -> VmStatus {
    let purpose = vm.lock.map(|lock| lock.purpose);
    let Some(run) = run else {
        return match purpose {
            Some(LockPurpose::Starting) => VmStatus::WaitForLaunch,
            Some(LockPurpose::Stopping) => VmStatus::PoweringDown,
            Some(LockPurpose::Images) => VmStatus::ImageLocked,
            _ => VmStatus::Down,
        };
    };
    match run.phase {
        RunPhase::Promised | RunPhase::Starting => VmStatus::WaitForLaunch,
        RunPhase::Unknown => VmStatus::Unknown,
        RunPhase::NotResponding => VmStatus::NotResponding,
        RunPhase::Paused => VmStatus::Paused,
        RunPhase::ShuttingDown => VmStatus::PoweringDown,
        RunPhase::Rebooting => VmStatus::RebootInProgress,
        RunPhase::MigratingOut | RunPhase::MigratingIn => VmStatus::Migrating,
        RunPhase::Running => match purpose {
            Some(LockPurpose::Migrating) => VmStatus::Migrating,
            Some(LockPurpose::Starting) => VmStatus::PoweringUp,
            Some(LockPurpose::Stopping) => VmStatus::PoweringDown,
            Some(LockPurpose::Images | LockPurpose::Devices) | None => running_status(run, now),
        },
    }
}

fn running_status(run: &VmRun, now: Millis) -> VmStatus {
    let settled = run.started_at.is_some_and(|since| now.saturating_sub(since) >= POWERING_UP_GRACE);
    if run.guest_agent || settled { VmStatus::Up } else { VmStatus::PoweringUp }
}

/// Whether `ask` is allowed now; the refusal says why not.
///
/// # Errors
/// [`Refusal::Locked`] while a job holds the VM, [`Refusal::WrongState`] where the status does not allow it, and
/// [`Refusal::DeleteProtected`].
pub fn may(vm: &Vm, run: Option<&VmRun>, ask: Ask, now: Millis) -> Result<(), Refusal> {
    let status = status(vm, run, now);
    let migrating = vm.lock.is_some_and(|lock| lock.purpose == LockPurpose::Migrating);
    if ask == Ask::CancelMigration {
        return if migrating { Ok(()) } else { wrong(vm, status, "only a migrating VM has a migration to cancel") };
    }
    if let Some(lock) = vm.lock {
        // Powering off must always be possible while the guest runs, and a console does no harm.
        let harmless = matches!(ask, Ask::Console) || (ask == Ask::Stop && lock.purpose == LockPurpose::Starting);
        if !harmless {
            return Err(Refusal::Locked { what: "VM", name: vm.name.clone() });
        }
    }
    let (allowed, need) = allowed(ask, status);
    if !allowed {
        return wrong(vm, status, need);
    }
    if matches!(ask, Ask::Start | Ask::Migrate) && run.is_some_and(undecided) {
        let need = "its migration broke off at the very end, and its memory may be older than its disks; power it off, \
                    then start it";
        return wrong(vm, status, need);
    }
    if ask == Ask::Remove && vm.definition.delete_protected {
        return Err(Refusal::DeleteProtected { what: "VM", name: vm.name.clone() });
    }
    Ok(())
}

fn wrong(vm: &Vm, status: VmStatus, need: &'static str) -> Result<(), Refusal> {
    Err(Refusal::WrongState { what: "VM", name: vm.name.clone(), status: status.as_str().replace('_', " "), need })
}

fn allowed(ask: Ask, status: VmStatus) -> (bool, &'static str) {
    use VmStatus::{
        Down, Migrating, NotResponding, Paused, PoweringDown, PoweringUp, RebootInProgress, Unknown, Up, WaitForLaunch,
    };
    match ask {
        Ask::Start => (matches!(status, Down | Paused), "the VM must be down or paused to be started"),
        Ask::Stop => (
            matches!(
                status,
                Up | PoweringUp | Paused | PoweringDown | RebootInProgress | NotResponding | WaitForLaunch
            ),
            "the VM must run on a reachable host to be powered off",
        ),
        Ask::Shutdown => {
            (matches!(status, Up | PoweringUp | RebootInProgress | PoweringDown), "the VM must be up to be shut down")
        }
        Ask::Reboot => (matches!(status, Up | PoweringUp), "the VM must be up to be rebooted"),
        Ask::Pause => (matches!(status, Up | PoweringUp), "the VM must be up to be paused"),
        Ask::Migrate => (matches!(status, Up | PoweringUp | Paused), "the VM must run to be migrated"),
        Ask::CancelMigration => (status == Migrating, "only a migrating VM has a migration to cancel"),
        Ask::Update => {
            (!matches!(status, Unknown | Migrating | WaitForLaunch), "the VM can't be changed in this state")
        }
        Ask::Remove => (status == Down, "the VM must be down to be removed"),
        Ask::ChangeDevices => {
            (matches!(status, Down | Up | PoweringUp), "devices can be changed while the VM is down or up")
        }
        Ask::Console => (
            matches!(status, Up | PoweringUp | Paused | PoweringDown | RebootInProgress | Migrating),
            "the VM must run to have a console",
        ),
        Ask::Images => (status == Down, "the VM must be down"),
    }
}

/// What a host reports of a run, in this module's words.
#[derive(Clone, Debug, PartialEq)]
pub struct Observation {
    /// The run's number as the host knows it.
    pub generation: u64,
    /// The phase, `None` where the VM is gone from the host.
    pub phase: Option<RunPhase>,
    /// Why it is paused.
    pub pause_reason: Option<String>,
    /// The guest agent has answered.
    pub guest_agent: bool,
    /// When QEMU began.
    pub started_at: Option<Millis>,
    /// Progress of a migration away.
    pub migration: Option<super::MigrationProgress>,
    /// Console addresses.
    pub graphics: Vec<super::GraphicsAddress>,
    /// How it ended, where it did.
    pub exit: Option<Exit>,
}

impl Observation {
    /// Whether the host says that it has the guest.
    #[must_use]
    pub fn executes(&self) -> bool {
        self.phase.is_some_and(has_guest)
    }

    /// Whether the host says that the VM stands since a migration away whose end nobody saw.
    #[must_use]
    pub fn undecided(&self) -> bool {
        self.phase == Some(RunPhase::Paused) && self.pause_reason.as_deref() == Some(BROKEN_OFF)
    }
}

/// How a run ended.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Exit {
    /// The kind.
    pub kind: ExitKind,
    /// In words.
    pub message: String,
}

/// The kinds of end.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ExitKind {
    /// The guest shut itself down.
    ShutdownByGuest,
    /// The guest shut down because it was asked.
    ShutdownRequested,
    /// Power off was asked.
    PoweredOff,
    /// QEMU died.
    Crashed,
    /// It never ran.
    FailedToStart,
    /// It runs elsewhere now.
    Migrated,
    /// The host no longer knows of it, and does not know why.
    Lost,
}

impl ExitKind {
    /// Nobody asked for this end.
    #[must_use]
    pub fn unexpected(self) -> bool {
        matches!(self, Self::Crashed | Self::Lost | Self::FailedToStart)
    }
}

/// What a report changes.
#[derive(Clone, Debug, PartialEq)]
pub enum Delta {
    /// Nothing: the report is of an older run, or says what is known.
    Nothing,
    /// The row becomes this.
    Changed(Box<VmRun>),
    /// The run has ended.
    Ended(Exit),
}

/// What `seen` changes in `run`. A report of another generation never touches the run: each incarnation speaks for
/// itself alone, so a late word from an old one can't bring a stopped VM back.
#[must_use]
pub fn absorb(run: &VmRun, seen: &Observation, now: Millis) -> Delta {
    if seen.generation != run.generation {
        return Delta::Nothing;
    }
    let Some(phase) = seen.phase else {
        let exit = seen.exit.clone().unwrap_or(Exit {
            kind: ExitKind::Lost,
            message: "the host no longer runs the VM and does not know why".to_owned(),
        });
        return Delta::Ended(exit);
    };
    let mut next = run.clone();
    next.phase = phase;
    next.pause_reason.clone_from(&seen.pause_reason);
    next.guest_agent = run.guest_agent || seen.guest_agent;
    // A host that the guest moved to knows when it came there; when it began is known from before.
    next.started_at = run.started_at.or(seen.started_at);
    next.migration.clone_from(&seen.migration);
    next.graphics.clone_from(&seen.graphics);
    if next == *run {
        return Delta::Nothing;
    }
    next.reported_at = now;
    Delta::Changed(Box::new(next))
}

#[cfg(test)]
mod tests;
