//! Forgets transfers that ended a while ago. What is under way is driven by each transfer's own job.

use std::sync::Arc;

use ferrovirt_store::Areas;

use crate::core::{Engine, now};
use crate::failure::Result;

/// Clients read the last phase for some time after the end; oVirt promises 15 minutes, ms.
const KEPT: i64 = 60 * 60 * 1000;

/// One pass.
pub(super) async fn run(engine: Arc<Engine>) -> Result<()> {
    let mut tx = engine.store().begin().await?;
    tx.transfers().prune(now() - KEPT).await?;
    tx.commit().await?;
    Ok(())
}
