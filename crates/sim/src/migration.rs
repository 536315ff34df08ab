//! How a VM moves between two simulated hosts: progress in tenths, a hand-over, and an end on either side.

use std::sync::Arc;
use std::time::Duration;

use ferrovirt_hostapi::report::Body;
use ferrovirt_hostapi::{MigrateVmRequest, MigrationProgress, VmPhase, VmState};
use tonic::Status;

use crate::world::World;

/// Between two reports of progress.
const STEP: Duration = Duration::from_millis(250);
/// How long the guest is said to stand still, ms.
const DOWNTIME: u64 = 40;

/// Begins to send a VM away; one that is leaving already goes on.
///
/// # Errors
/// NOT_FOUND or FAILED_PRECONDITION where the VM is not here in that generation.
pub fn begin(source: &Arc<World>, target: Arc<World>, request: MigrateVmRequest) -> Result<(), Status> {
    let mut hold = source.hold();
    let machine = hold.run(&request.vm_id, request.generation)?;
    if is_leaving(&machine.state) {
        return Ok(());
    }
    let total = machine.spec.memory;
    hold.change(&request.vm_id, request.generation, |state| {
        state.phase = VmPhase::MigratingOut.into();
        state.migration = Some(MigrationProgress {
            active: true,
            bytes_total: total,
            bytes_remaining: total,
            ..MigrationProgress::default()
        });
        state.migration_target_host_id.clone_from(&request.target_host_id);
        Ok(())
    })?;
    drop(hold);
    tokio::spawn(send(Arc::clone(source), target, request));
    Ok(())
}

/// Stops a migration that is under way.
///
/// # Errors
/// FAILED_PRECONDITION when there is none.
pub fn cancel(source: &World, vm_id: &str, generation: u64) -> Result<(), Status> {
    source.hold().change(vm_id, generation, |state| {
        if !is_leaving(state) || state.migration.as_ref().is_some_and(|migration| migration.percent == 100) {
            return Err(Status::failed_precondition("the VM is not being migrated"));
        }
        stay(state, MigrationProgress { cancelled: true, ..MigrationProgress::default() });
        Ok(())
    })
}

fn is_leaving(state: &VmState) -> bool {
    state.migration.as_ref().is_some_and(|migration| migration.active)
}

fn stay(state: &mut VmState, last: MigrationProgress) {
    state.phase = VmPhase::Running.into();
    state.migration = Some(last);
    state.migration_target_host_id.clear();
}

async fn send(source: Arc<World>, target: Arc<World>, request: MigrateVmRequest) {
    for tenth in 1..10 {
        tokio::time::sleep(STEP).await;
        let going = source.hold().change(&request.vm_id, request.generation, |state| {
            let migration = state.migration.as_mut().filter(|migration| migration.active);
            let migration = migration.ok_or_else(|| Status::cancelled("the migration was stopped"))?;
            migration.percent = tenth * 10;
            migration.bytes_processed = migration.bytes_total / 10 * u64::from(tenth);
            migration.bytes_remaining = migration.bytes_total - migration.bytes_processed;
            migration.elapsed_ms += u64::try_from(STEP.as_millis()).unwrap_or_default();
            Ok(())
        });
        if going.is_err() {
            return;
        }
    }
    hand_over(&source, &target, &request);
}

/// The guest changes hands. Never are two hosts held at once: two VMs may pass each other.
fn hand_over(source: &World, target: &World, request: &MigrateVmRequest) {
    let (vm_id, generation) = (request.vm_id.as_str(), request.generation);
    let mut last = None;
    let leaving = source.hold().change(vm_id, generation, |state| {
        let migration = state.migration.as_mut().filter(|migration| migration.active);
        let migration = migration.ok_or_else(|| Status::cancelled("the migration was stopped"))?;
        // From here on nothing can be stopped.
        migration.percent = 100;
        migration.downtime_ms = DOWNTIME;
        last = Some(state.clone());
        Ok(())
    });
    let (Ok(()), Some(last)) = (leaving, last) else { return };
    if receive(target, request, &last) {
        source.hold().end(vm_id, generation, "migrated");
        return;
    }
    let error = "the target no longer waits for the VM".to_owned();
    let kept = source.hold().change(vm_id, generation, |state| {
        stay(state, MigrationProgress { error, ..MigrationProgress::default() });
        Ok(())
    });
    if kept.is_err() {
        tracing::debug!(vm = vm_id, "a VM that could not leave has ended meanwhile");
    }
}

/// The target takes the guest as it was.
fn receive(target: &World, request: &MigrateVmRequest, last: &VmState) -> bool {
    let mut hold = target.hold();
    let arrived = hold.change(&request.vm_id, request.target_generation, |state| {
        state.phase = VmPhase::Running.into();
        state.started_at = last.started_at;
        state.guest_agent = last.guest_agent;
        Ok(())
    });
    if arrived.is_err() {
        return false;
    }
    if let Some(machine) = hold.machines.get(&request.vm_id).filter(|machine| machine.state.guest_agent) {
        let facts = Body::Guest(crate::told::guest(&machine.spec));
        hold.tell(&facts);
    }
    true
}
