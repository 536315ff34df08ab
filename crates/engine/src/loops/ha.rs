//! Starts highly available VMs again whose run ended though nobody asked for it. Which ones wait is written where the end is
//! absorbed; this loop tries them, each try counted in the transaction that promises the run.
//!
//! It knows no other way to a run than the start job: a VM with a run left anywhere, however silent its host, is left alone.

use std::collections::HashMap;
use std::sync::Arc;

use ferrovirt_model::Millis;
use ferrovirt_model::events::sentences;
use ferrovirt_model::ids::{HostId, JobId, VmId};
use ferrovirt_model::vm::{Lock, LockPurpose, Restart, Vm};
use ferrovirt_plan::ha::{self, Outlook};
use ferrovirt_store::Areas;
use ferrovirt_store::tx::{Change, Tx};
use ferrovirt_store::vms::VmView;

use crate::action::event;
use crate::actions::vm::start::storage_ready;
use crate::core::{Engine, now};
use crate::failure::{Failure, Result};
use crate::jobs::JobOrder;
use crate::jobs::start_vm::{Stage, StartVm};

/// One pass.
pub(super) async fn run(engine: Arc<Engine>) -> Result<()> {
    let mut reader = engine.store().read().await?;
    let waiting = reader.restarts().all().await?;
    if waiting.is_empty() {
        return Ok(());
    }
    let ids: Vec<VmId> = waiting.iter().map(|restart| restart.vm).collect();
    let views: HashMap<VmId, VmView> =
        reader.vms().views(&ids).await?.into_iter().map(|view| (view.vm.id, view)).collect();
    drop(reader);
    // One that was removed meanwhile takes its row with it.
    let mut known: Vec<(Restart, &VmView)> =
        waiting.into_iter().filter_map(|restart| Some((restart, views.get(&restart.vm)?))).collect();
    known.sort_by_key(|(restart, view)| ha::rank(restart, &view.vm));
    let at = now();
    for (restart, view) in known {
        let turned = match ha::outlook(&restart, &view.vm, view.run.as_ref(), at) {
            Outlook::Over => end(&engine, restart.vm, at).await,
            Outlook::Due => attempt(&engine, restart.vm, at).await,
            Outlook::Later if ha::in_vain(&restart) => tell_vain(&engine, restart.vm, at).await,
            Outlook::Later | Outlook::Wait => Ok(()),
        };
        if let Err(failure) = turned {
            // What is wrong with one VM does not keep the others down.
            tracing::warn!(vm = %restart.vm, error = &failure as &dyn std::error::Error, "a restart stumbled; it is tried again");
        }
    }
    Ok(())
}

/// What is to be looked at again under the VM's lock: its row, its restart and what may be done now.
async fn locked(tx: &mut Tx, id: VmId, at: Millis) -> Result<Option<(Vm, Restart, Outlook)>> {
    let Some(vm) = tx.vms().lock_row(id).await? else { return Ok(None) };
    let Some(restart) = tx.restarts().get(id).await? else { return Ok(None) };
    let run = tx.vms().view(id).await?.and_then(|view| view.run);
    let outlook = ha::outlook(&restart, &vm, run.as_ref(), at);
    Ok(Some((vm, restart, outlook)))
}

async fn end(engine: &Engine, id: VmId, at: Millis) -> Result<()> {
    let mut tx = engine.store().begin().await?;
    if let Some((_, _, Outlook::Over)) = locked(&mut tx, id, at).await? {
        tx.restarts().end(id).await?;
        tx.commit().await?;
    }
    Ok(())
}

async fn attempt(engine: &Engine, id: VmId, at: Millis) -> Result<()> {
    let mut tx = engine.store().begin().await?;
    let Some((vm, restart, Outlook::Due)) = locked(&mut tx, id, at).await? else { return Ok(()) };
    let refusal = match begin(&mut tx, &vm, &restart, at).await {
        Ok(true) => {
            tx.commit().await?;
            engine.jobs().wake();
            return Ok(());
        }
        // A host is on its way up, and may take it in a moment: that is no try.
        Ok(false) => return Ok(()),
        Err(Failure::Refused(refusal)) => refusal,
        Err(trouble) => return Err(trouble),
    };
    drop(tx);
    let mut tx = engine.store().begin().await?;
    let Some((vm, restart, Outlook::Due)) = locked(&mut tx, id, at).await? else { return Ok(()) };
    tracing::warn!(vm = %id, %refusal, tries = restart.tries, "a highly available VM can't be started again");
    tx.restarts().put(&ha::tried(&restart, at)).await?;
    let draft = sentences::HA_VM_RESTART_FAILED.draft().vm(id, vm.name.clone()).because(&refusal.to_string());
    tx.log(event(&draft, "", at));
    tx.commit().await?;
    Ok(())
}

/// Counts the try and begins the start. `false`: none of it was done, and in a moment it may be.
///
/// # Errors
/// A refusal where it can't be started now.
async fn begin(tx: &mut Tx, vm: &Vm, restart: &Restart, at: Millis) -> Result<bool> {
    let given = vm.next_run.as_deref().unwrap_or(&vm.definition);
    storage_ready(tx, vm.id, given.cdrom).await?;
    let job = JobId(uuid::Uuid::new_v4());
    tx.vms().set_lock(vm.id, Some(Lock { job, purpose: LockPurpose::Starting })).await?;
    let mut start = StartVm::new(vm.id, None, given.start_paused);
    if !start.promise(tx, at).await? {
        return Ok(false);
    }
    tx.restarts().put(&ha::tried(restart, at)).await?;
    if let Stage::Launch { host, .. } = start.stage {
        tell_begun(tx, vm, host, at).await?;
    }
    let order = JobOrder {
        id: job,
        description: format!("Restarting VM {}", vm.name),
        objects: vec![vm.id.into()],
        owner: None,
        correlation_id: String::new(),
    };
    order.insert(tx, &start, at).await?;
    tx.changed(vm.id, Change::Updated);
    Ok(true)
}

async fn tell_begun(tx: &mut Tx, vm: &Vm, host: HostId, at: Millis) -> Result<()> {
    let mut draft = sentences::VDS_INITIATED_RUN_VM.draft().vm(vm.id, vm.name.clone());
    if let Some(host) = tx.hosts().get(host).await? {
        draft = draft.host(host.id, host.name);
    }
    tx.log(event(&draft, "", at));
    Ok(())
}

/// The short intervals are over, and the VM is still down.
async fn tell_vain(engine: &Engine, id: VmId, at: Millis) -> Result<()> {
    let mut tx = engine.store().begin().await?;
    let Some((vm, restart, Outlook::Later)) = locked(&mut tx, id, at).await? else { return Ok(()) };
    let draft = sentences::EXCEEDED_MAXIMUM_NUM_OF_RESTART_HA_VM_ATTEMPTS.draft().vm(vm.id, vm.name);
    tx.log(event(&draft, "", at));
    tx.restarts().put(&Restart { told: true, ..restart }).await?;
    tx.commit().await?;
    Ok(())
}
