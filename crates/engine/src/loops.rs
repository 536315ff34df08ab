//! What runs by itself: each loop takes no input, looks at the world, and acts by actions, jobs or derived fields.
//!
//! A loop is woken by its period or by a kick. It must bear being dropped at any await, and being run twice.

use std::future::Future;
use std::sync::Arc;
use std::time::Duration;

use tokio::sync::Notify;
use tokio::task::JoinSet;

use crate::core::Engine;
use crate::failure::Result;

pub mod certificates;
pub mod ha;
pub mod host_health;
pub mod host_monitor;
pub mod network_sync;
pub mod session_gc;
pub mod storage_activation;
pub mod storage_monitor;
pub mod transfers;

/// Wakes loops before their period ends.
#[derive(Debug, Default)]
pub struct Kicks {
    /// Hosts came, went or changed.
    pub hosts: Notify,
    /// Networks changed, or how clusters use them.
    pub networks: Notify,
    /// A run may have ended though nobody asked for it.
    pub restarts: Notify,
    /// Storage changed, or how hosts see it.
    pub storage: Notify,
}

/// Starts every loop of the leader.
pub(crate) fn spawn_all(duties: &mut JoinSet<()>, engine: &Arc<Engine>, epoch: i64) {
    let every = |seconds| Duration::from_secs(seconds);
    duties.spawn(turn(
        "host_monitor",
        Arc::clone(engine),
        epoch,
        every(2),
        |engine| &engine.kicks().hosts,
        host_monitor::run,
    ));
    duties.spawn(turn("ha", Arc::clone(engine), epoch, every(2), |engine| &engine.kicks().restarts, ha::run));
    duties.spawn(turn(
        "network_sync",
        Arc::clone(engine),
        epoch,
        every(2),
        |engine| &engine.kicks().networks,
        network_sync::run,
    ));
    duties.spawn(turn(
        "storage_monitor",
        Arc::clone(engine),
        epoch,
        every(5),
        |engine| &engine.kicks().storage,
        storage_monitor::run,
    ));
    duties.spawn(turn("storage_activation", Arc::clone(engine), epoch, every(3), |_| &NEVER, storage_activation::run));
    duties.spawn(turn("certificates", Arc::clone(engine), epoch, every(60), |_| &NEVER, certificates::run));
    duties.spawn(turn("transfers", Arc::clone(engine), epoch, every(300), |_| &NEVER, transfers::run));
    duties.spawn(turn("session_gc", Arc::clone(engine), epoch, every(60), |_| &NEVER, session_gc::run));
}

static NEVER: Notify = Notify::const_new();

/// Turns one loop while this engine leads.
async fn turn<F, Fut>(
    name: &'static str,
    engine: Arc<Engine>,
    epoch: i64,
    period: Duration,
    kick: fn(&Engine) -> &Notify,
    run: F,
) where
    F: Fn(Arc<Engine>) -> Fut + Send,
    Fut: Future<Output = Result<()>> + Send,
{
    while engine.leading() == Some(epoch) {
        if let Err(failure) = run(Arc::clone(&engine)).await {
            tracing::warn!(name, error = &failure as &dyn std::error::Error, "a loop stumbled; it goes on");
        }
        let kicked = kick(&engine).notified();
        let _timed_out = tokio::time::timeout(period, kicked).await;
    }
}
