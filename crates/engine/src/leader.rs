//! Which engine leads: the holder of a lease in the database turns jobs, loops and host connections; the others serve.
//!
//! The lease lives [`LEASE`]; it is renewed three times in that span. When it can't be renewed, or the database does not
//! answer, the engine stops leading before the lease can end for others. Jobs prove the epoch again in each transaction,
//! and hosts refuse an engine of an epoch smaller than they have heard.

use std::sync::Arc;
use std::time::{Duration, Instant};

use ferrovirt_store::Areas;

use crate::core::Engine;
use crate::failure::{Result, Trouble};
use crate::{hosts, jobs, loops};

/// How long a lease lives without renewal.
pub const LEASE: Duration = Duration::from_secs(6);

/// Seeks and keeps the lease for as long as the engine lives. `stop` ends it and gives the lease up.
pub async fn run(engine: Arc<Engine>, mut stop: tokio::sync::watch::Receiver<bool>) {
    let mut duties: Option<tokio::task::JoinSet<()>> = None;
    let mut renewed = Instant::now();
    loop {
        let asked = Instant::now();
        match take(&engine).await {
            Ok(Some(epoch)) => {
                renewed = asked;
                if engine.leading() != Some(epoch) {
                    tracing::info!(epoch, "this engine leads");
                    engine.set_leading(Some(epoch));
                    duties = Some(begin(&engine, epoch));
                }
            }
            Ok(None) => step_down(&engine, &mut duties),
            Err(failure) => {
                tracing::warn!(error = &failure as &dyn std::error::Error, "the leader's lease could not be renewed");
                if renewed.elapsed() > LEASE * 2 / 3 {
                    step_down(&engine, &mut duties);
                }
            }
        }
        tokio::select! {
            () = tokio::time::sleep(LEASE / 3) => {}
            _changed = stop.changed() => {
                step_down(&engine, &mut duties);
                if let Err(failure) = release(&engine).await {
                    tracing::warn!(error = &failure as &dyn std::error::Error, "the leader's lease could not be given up");
                }
                return;
            }
        }
    }
}

async fn take(engine: &Engine) -> Result<Option<i64>> {
    let taken = async {
        let mut tx = engine.store().begin().await?;
        let epoch = tx.lease().take(engine.process(), LEASE.as_secs_f64()).await?;
        tx.commit().await?;
        Ok(epoch)
    };
    // A database that hangs must not keep a leader past its lease.
    let late = |_| Err(Trouble::Unready("the database did not answer in time".to_owned()).into());
    tokio::time::timeout(LEASE / 2, taken).await.unwrap_or_else(late)
}

async fn release(engine: &Engine) -> Result<()> {
    let mut tx = engine.store().begin().await?;
    tx.lease().release(engine.process()).await?;
    tx.commit().await?;
    Ok(())
}

fn begin(engine: &Arc<Engine>, epoch: i64) -> tokio::task::JoinSet<()> {
    let mut duties = tokio::task::JoinSet::new();
    duties.spawn(jobs::runner::run(Arc::clone(engine), epoch));
    duties.spawn(hosts::keeper::run(Arc::clone(engine), epoch));
    loops::spawn_all(&mut duties, engine, epoch);
    duties
}

fn step_down(engine: &Engine, duties: &mut Option<tokio::task::JoinSet<()>>) {
    engine.set_leading(None);
    if let Some(mut tasks) = duties.take() {
        tracing::info!("this engine no longer leads");
        tasks.abort_all();
    }
}
