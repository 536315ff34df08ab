//! Which engine leads: the holder of a lease in the database turns jobs, loops and host connections; the others serve.
//!
//! The lease lives [`LEASE`]; it is renewed three times in that span. When it can't be renewed, or the database does not
//! answer, the engine tries again for as long as the lease surely holds, and stops leading before it can end for others.
//! Jobs prove the epoch again in each transaction, and hosts refuse an engine of an epoch smaller than they have heard.

use std::sync::Arc;
use std::time::{Duration, Instant};

use ferrovirt_store::Areas;

use crate::core::Engine;
use crate::failure::{Result, Trouble};
use crate::{hosts, jobs, loops};

/// How long a lease lives without renewal.
pub const LEASE: Duration = Duration::from_secs(6);
/// How long after its last renewal an engine leads at most. What is left of the lease is for a machine that is late.
const LEADS: Duration = Duration::from_secs(5);
/// Between two renewals.
const PERIOD: Duration = Duration::from_secs(2);
/// How long one try may take.
const PATIENCE: Duration = Duration::from_secs(3);
/// The pause after a renewal that failed, and the least time that the next one must have.
const AGAIN: Duration = Duration::from_millis(500);

/// Seeks and keeps the lease for as long as the engine lives. `stop` ends it and gives the lease up.
pub async fn run(engine: Arc<Engine>, mut stop: tokio::sync::watch::Receiver<bool>) {
    let mut duties: Option<tokio::task::JoinSet<()>> = None;
    let mut renewed = Instant::now();
    loop {
        let asked = Instant::now();
        let held = engine.leading().map(|_| renewed.elapsed());
        let pause = match take(&engine, patience(held)).await {
            Ok(Some(epoch)) => {
                renewed = asked;
                lead(&engine, epoch, &mut duties);
                PERIOD.saturating_sub(asked.elapsed())
            }
            Ok(None) => {
                step_down(&engine, &mut duties);
                PERIOD
            }
            Err(failure) => {
                tracing::warn!(error = &failure as &dyn std::error::Error, "the leader's lease could not be renewed");
                let again = engine.leading().and_then(|_| try_again(renewed.elapsed()));
                if again.is_none() {
                    step_down(&engine, &mut duties);
                }
                again.unwrap_or(PERIOD)
            }
        };
        tokio::select! {
            () = tokio::time::sleep(pause) => {}
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

/// How long a try may take where the lease was last renewed so long ago, or is not held.
fn patience(held: Option<Duration>) -> Duration {
    held.map_or(PATIENCE, |age| PATIENCE.min(LEADS.saturating_sub(age)))
}

/// After how long a lease of this age is tried again once that has failed; `None`: the lead is over.
fn try_again(age: Duration) -> Option<Duration> {
    (age + AGAIN + AGAIN <= LEADS).then_some(AGAIN)
}

fn lead(engine: &Arc<Engine>, epoch: i64, duties: &mut Option<tokio::task::JoinSet<()>>) {
    if engine.leading() != Some(epoch) {
        // What began in an epoch before ends with it.
        step_down(engine, duties);
        tracing::info!(epoch, "this engine leads");
        engine.set_leading(Some(epoch));
        *duties = Some(begin(engine, epoch));
    }
}

async fn take(engine: &Engine, patience: Duration) -> Result<Option<i64>> {
    let taken = async {
        let mut tx = engine.store().begin().await?;
        let epoch = tx.lease().take(engine.process(), LEASE.as_secs_f64()).await?;
        tx.commit().await?;
        Ok(epoch)
    };
    // A database that hangs must not keep a leader past its lease.
    let late = |_| Err(Trouble::Unready("the database did not answer in time".to_owned()).into());
    tokio::time::timeout(patience, taken).await.unwrap_or_else(late)
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

#[cfg(test)]
mod tests {
    use super::*;

    /// Lets the renewals of a lease of this age fail, each after any of some times, until the lead is over.
    fn fails(age: Duration) {
        for takes in [0, 200, 900, 1500, 60_000].map(Duration::from_millis) {
            let failed = age + takes.min(patience(Some(age)));
            assert!(failed <= LEADS, "it leads {failed:?} after the last renewal");
            if let Some(pause) = try_again(failed) {
                assert!(patience(Some(failed + pause)) >= AGAIN, "the next try has time");
                fails(failed + pause);
            }
        }
    }

    #[test]
    fn no_engine_leads_past_its_lease_however_the_database_fails() {
        assert!(LEADS < LEASE);
        for renewal_took in [0, 1000, 2500, 3000].map(Duration::from_millis) {
            fails(PERIOD.max(renewal_took));
        }
    }

    #[test]
    fn a_database_that_is_back_in_time_costs_no_lead() {
        let mut age = PERIOD;
        let mut tries = 1;
        while let Some(pause) = try_again(age) {
            (age, tries) = (age + pause, tries + 1);
        }
        assert!(tries > 3 && age >= LEADS - AGAIN - AGAIN, "{tries} tries, until {age:?}");
        assert_eq!(patience(None), PATIENCE, "whoever does not lead may wait");
    }
}
