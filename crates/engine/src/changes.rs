//! News of changes: what committed transactions changed, in order, to everyone who listens.
//!
//! Truth is the outbox table; this is its loudspeaker. A listener that falls behind reads the table from where it was.

use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};
use std::time::Duration;

use ferrovirt_model::ids::ObjectKind;
use ferrovirt_store::Areas;
use ferrovirt_store::outbox::CHANNEL;
pub use ferrovirt_store::outbox::Notice;
use tokio::sync::broadcast;

use crate::core::Engine;
use crate::failure::{Result, Trouble};

/// How many notices a slow listener may be behind before it must read the table.
const BACKLOG: usize = 4096;
/// How many notices one read of the table brings.
const PAGE: i64 = 1000;

/// The loudspeaker.
#[derive(Debug)]
pub struct Changes {
    sender: broadcast::Sender<Arc<Notice>>,
    newest: AtomicI64,
}

impl Default for Changes {
    fn default() -> Self {
        Self { sender: broadcast::channel(BACKLOG).0, newest: AtomicI64::new(0) }
    }
}

/// What happened since a number.
#[derive(Debug)]
pub enum Since {
    /// These, in order; call again from the last one until none comes.
    Notices(Vec<Notice>),
    /// The table no longer reaches back so far: begin anew at `newest`.
    TooOld {
        /// The newest number.
        newest: i64,
    },
}

impl Changes {
    /// Hears what comes from now on, in order.
    #[must_use]
    pub fn subscribe(&self) -> broadcast::Receiver<Arc<Notice>> {
        self.sender.subscribe()
    }

    /// The number of the newest notice that was told.
    #[must_use]
    pub fn newest(&self) -> i64 {
        self.newest.load(Ordering::Acquire)
    }

    fn tell(&self, notice: Notice) {
        self.newest.store(notice.seq, Ordering::Release);
        // Nobody listening is as good as everybody having heard.
        let _listeners = self.sender.send(Arc::new(notice));
    }
}

impl Engine {
    /// What happened since `seq`.
    ///
    /// # Errors
    /// Trouble with the store.
    pub async fn changes_after(&self, seq: i64) -> Result<Since> {
        let mut reader = self.store().read().await?;
        let (oldest, newest) = reader.outbox().span().await?;
        if seq > newest || (oldest > 0 && seq + 1 < oldest) || (oldest == 0 && seq < newest) {
            return Ok(Since::TooOld { newest });
        }
        Ok(Since::Notices(reader.outbox().after(seq, PAGE).await?))
    }
}

/// Reads the outbox as its bell rings, and tells. Runs on every engine, for as long as it lives.
pub async fn run(engine: Arc<Engine>) {
    loop {
        let stopped = tokio::select! {
            stopped = relay(&engine) => stopped,
            // What waits for a database that hangs would wait for ever; what was missed is read again.
            () = engine.store().lost() => Err(Trouble::Unready("the database does not answer".to_owned()).into()),
        };
        if let Err(failure) = stopped {
            tracing::warn!(error = &failure as &dyn std::error::Error, "news of changes stopped; trying again");
        }
        tokio::time::sleep(Duration::from_secs(1)).await;
    }
}

async fn relay(engine: &Engine) -> Result<()> {
    let mut bell = engine.store().listen(CHANNEL).await?;
    let mut seq = engine.changes().newest();
    if seq == 0 {
        seq = engine.store().read().await?.outbox().span().await?.1;
        engine.changes().newest.store(seq, Ordering::Release);
    }
    loop {
        let notices = engine.store().read().await?.outbox().after(seq, PAGE).await?;
        let more = notices.len() == usize::try_from(PAGE).unwrap_or(usize::MAX);
        for notice in notices {
            seq = notice.seq;
            if notice.kind == "job" && notice.change == "created" {
                engine.jobs().wake();
            }
            if let Some(kind) = ObjectKind::parse(&notice.kind) {
                engine.heed(kind, &notice.object_id);
            }
            engine.changes().tell(notice);
        }
        if !more {
            // The bell can be missed while the connection is renewed; the period is the net below it.
            if let Ok(rung) = tokio::time::timeout(Duration::from_secs(5), bell.recv()).await {
                rung.map_err(ferrovirt_store::StoreError::from)?;
            }
        }
    }
}
