//! Which hosts are lost, which lack what their cluster needs, and which never came.

use std::sync::Arc;

use ferrovirt_model::events::sentences;
use ferrovirt_model::host::{Host, HostIntent, HostLink};
use ferrovirt_model::vm::{RunPhase, lifecycle};
use ferrovirt_store::Areas;
use ferrovirt_store::tx::{Change, Tx};

use crate::action::event;
use crate::core::{Engine, now};
use crate::failure::Result;

/// How long an added host may take to join when no token for it is alive, ms.
const INSTALL_PATIENCE: i64 = 30 * 60 * 1000;

/// One pass.
pub(super) async fn run(engine: Arc<Engine>) -> Result<()> {
    let hosts = engine.store().read().await?.hosts().all().await?;
    for host in &hosts {
        if host.link == HostLink::Connecting && grace_over(&engine, host) {
            lose(&engine, host).await?;
        }
    }
    super::host_health::run(&engine, &hosts).await?;
    give_up_installs(&engine).await
}

fn grace_over(engine: &Engine, host: &Host) -> bool {
    let grace = i64::try_from(engine.config().host_grace.as_millis()).unwrap_or(i64::MAX);
    now().saturating_sub(host.seen_at.unwrap_or_default()) > grace
}

/// A host is silent for too long: nobody knows what its VMs do.
async fn lose(engine: &Engine, host: &Host) -> Result<()> {
    let at = now();
    let mut tx = engine.store().begin().await?;
    let Some(current) = tx.hosts().lock_row(host.id).await? else { return Ok(()) };
    if current.link != HostLink::Connecting || !grace_over(engine, &current) {
        return Ok(());
    }
    tx.hosts().set_link(host.id, HostLink::NonResponsive, None).await?;
    tx.changed(host.id, Change::Updated);
    if host.intent == HostIntent::Active || host.intent == HostIntent::PreparingForMaintenance {
        tx.log(event(&sentences::VDS_HOST_NOT_RESPONDING.draft().host(host.id, host.name.clone()), "", at));
    }
    doubt_runs(&mut tx, host, at).await?;
    tx.commit().await?;
    engine.kicks().storage.notify_one();
    Ok(())
}

async fn doubt_runs(tx: &mut Tx, host: &Host, at: i64) -> Result<()> {
    for mut run in tx.vms().runs_on(host.id).await? {
        // A promise is its job's to keep or to take back, and a source that has handed its guest over has none.
        if matches!(run.phase, RunPhase::Unknown | RunPhase::Promised) || !lifecycle::may_execute(&run) {
            continue;
        }
        run.phase = RunPhase::Unknown;
        run.reported_at = at;
        tx.vms().put_run(&run).await?;
        tx.changed(run.vm, Change::Updated);
        if let Some(view) = tx.vms().view(run.vm).await? {
            let draft =
                sentences::VM_SET_TO_UNKNOWN_STATUS.draft().vm(run.vm, view.vm.name).host(host.id, host.name.clone());
            tx.log(event(&draft, "", at));
        }
    }
    Ok(())
}

async fn give_up_installs(engine: &Engine) -> Result<()> {
    let at = now();
    let mut tx = engine.store().begin().await?;
    for id in tx.hosts().overdue_installs(at, at - INSTALL_PATIENCE).await? {
        tx.hosts().set_intent(id, HostIntent::InstallFailed, Some("it did not join in time")).await?;
        tx.changed(id, Change::Updated);
    }
    tx.commit().await?;
    Ok(())
}
