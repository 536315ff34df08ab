//! The state that the engine is told, from what is remembered, seen and under way. Pure.

use ferrovirt_hostapi::{GraphicsState, MigrationProgress, VmExit, VmPhase, VmState};

use crate::hypervisor::{Activity, Domain, Pause};
use crate::ledger::{Record, Standing};

/// What only this run of the agent knows of a VM.
#[derive(Debug, Clone, Default)]
pub struct Passing {
    /// What libvirt showed last.
    pub seen: Option<Domain>,
    /// The guest was asked to power off and still runs.
    pub shutting_down: bool,
    /// The guest was asked to reboot.
    pub rebooting: bool,
    /// A disk failed because its storage is full.
    pub no_space: bool,
    /// A guest agent has answered in this run.
    pub guest_agent: bool,
    /// The migration under way, or the last one.
    pub progress: Option<MigrationProgress>,
    /// libvirt has not said yet what the VM does.
    pub stuck: bool,
    /// It stands since a migration away whose end nobody saw.
    pub undecided: bool,
}

/// The contract's state.
pub fn state(record: &Record, passing: &Passing) -> VmState {
    let seen = passing.seen.as_ref();
    let graphics = seen.into_iter().flat_map(|domain| &domain.graphics).map(|graphics| GraphicsState {
        kind: graphics.kind.clone(),
        address: graphics.address.clone(),
        port: graphics.port.map_or(-1, i32::from),
        tls_port: -1,
    });
    let phase = phase(record, passing);
    VmState {
        vm_id: record.vm_id.clone(),
        generation: record.generation,
        phase: phase.into(),
        pause_reason: if phase == VmPhase::Paused { pause_reason(passing).to_owned() } else { String::new() },
        exit: record.exit.as_ref().map(|exit| VmExit {
            kind: exit.kind.word().to_owned(),
            message: exit.message.clone(),
            at: exit.at,
        }),
        migration: passing.progress.clone().map(|progress| still_sending(progress, passing.undecided)),
        guest_agent: passing.guest_agent,
        started_at: record.started_at,
        graphics: graphics.collect(),
        qemu_pid: seen.and_then(|domain| domain.process).unwrap_or(0),
        migration_target_host_id: record.target.as_ref().map(|target| target.host_id.clone()).unwrap_or_default(),
    }
}

/// Nothing is being sent where the VM only stands.
fn still_sending(progress: MigrationProgress, undecided: bool) -> MigrationProgress {
    MigrationProgress { active: progress.active && !undecided, ..progress }
}

fn phase(record: &Record, passing: &Passing) -> VmPhase {
    match record.standing {
        Standing::Promised => VmPhase::Starting,
        Standing::Leaving if passing.undecided => VmPhase::Paused,
        Standing::Leaving => VmPhase::MigratingOut,
        Standing::Arriving => VmPhase::MigratingIn,
        Standing::Down | Standing::Gone => VmPhase::Down,
        Standing::Running if passing.stuck => VmPhase::NotResponding,
        Standing::Running => match passing.seen.as_ref().map(|domain| domain.activity) {
            Some(Activity::Paused(_)) => VmPhase::Paused,
            Some(Activity::Ending) => VmPhase::ShuttingDown,
            _ if passing.shutting_down => VmPhase::ShuttingDown,
            _ if passing.rebooting => VmPhase::Rebooting,
            _ => VmPhase::Running,
        },
    }
}

fn pause_reason(passing: &Passing) -> &'static str {
    match passing.seen.as_ref().map(|domain| domain.activity) {
        Some(Activity::Paused(pause)) => match pause {
            Pause::IoError if passing.no_space => "no_space",
            Pause::IoError => "io_error",
            Pause::NoSpace => "no_space",
            Pause::Migration => "migration",
            Pause::Watchdog => "watchdog",
            Pause::PostCopyFailed => "post_copy_failed",
            Pause::User | Pause::Starting | Pause::Other => "user",
        },
        _ => "",
    }
}
