//! Drops what has served its time: idle sessions, spent tickets and tokens, ended jobs, old notices, finished transfers.

use std::sync::Arc;

use ferrovirt_store::Areas;

use crate::core::{Engine, now};
use crate::failure::Result;

const MINUTE: i64 = 60_000;

/// One pass. Times as in oVirt: succeeded jobs stay 10 minutes, failed ones an hour, transfers 15 minutes at least.
pub(super) async fn run(engine: Arc<Engine>) -> Result<()> {
    let at = now();
    let mut tx = engine.store().begin().await?;
    tx.sign_on().prune(at).await?;
    tx.jobs().prune(at - 10 * MINUTE, at - 60 * MINUTE).await?;
    tx.outbox().prune(at - 60 * MINUTE).await?;
    tx.transfers().prune(at - 30 * MINUTE).await?;
    tx.commit().await?;
    Ok(())
}
