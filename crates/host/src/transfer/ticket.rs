//! One ticket: what it opens, how long it lives, who uses it, how much went through. It refuses to know HTTP.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use ferrovirt_hostapi as api;
use tokio::sync::watch;

use super::backend::Backend;
use crate::reports::now_ms;

/// A ticket and the disk that it opens.
pub(super) struct Ticket {
    pub(super) request: api::AddTicketRequest,
    pub(super) backend: Backend,
    read: bool,
    write: bool,
    inner: Mutex<Inner>,
    /// Requests under way.
    users: watch::Sender<usize>,
}

struct Inner {
    timeout: Duration,
    expires: Instant,
    expires_at: i64,
    last_used_at: i64,
    canceled: bool,
    done: Ranges,
}

/// Why a request may not use a ticket.
#[derive(Debug, thiserror::Error, PartialEq, Eq)]
pub(super) enum NotAllowed {
    #[error("Transfer was canceled")]
    Canceled,
    #[error("Ticket has expired")]
    Expired,
    #[error("Ticket does not allow {0}")]
    Operation(&'static str),
}

impl Ticket {
    pub(super) fn new(request: api::AddTicketRequest, backend: Backend, read: bool, write: bool) -> Self {
        let timeout = Duration::from_secs(request.timeout_seconds.into());
        let inner = Inner {
            timeout,
            expires: Instant::now() + timeout,
            expires_at: now_ms() + i64::from(request.timeout_seconds) * 1000,
            last_used_at: now_ms(),
            canceled: false,
            done: Ranges::default(),
        };
        Ticket { request, backend, read, write, inner: Mutex::new(inner), users: watch::Sender::new(0) }
    }

    fn inner(&self) -> MutexGuard<'_, Inner> {
        self.inner.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Bytes that the client may address.
    pub(super) fn size(&self) -> u64 {
        self.request.size
    }

    /// Writing includes reading.
    pub(super) fn may_write(&self) -> bool {
        self.write
    }

    /// A client writes the structure of an image, not only a disk's content.
    pub(super) fn writes_image(&self) -> bool {
        self.write && self.request.format == "qcow2"
    }

    /// Begins a request. It counts as use until the guard goes.
    pub(super) fn begin(self: &Arc<Self>, operation: &'static str) -> Result<Use, NotAllowed> {
        let inner = self.inner();
        if inner.canceled {
            return Err(NotAllowed::Canceled);
        }
        if Instant::now() >= inner.expires {
            return Err(NotAllowed::Expired);
        }
        let allowed = if operation == "write" { self.write } else { self.read || self.write };
        if !allowed {
            return Err(NotAllowed::Operation(operation));
        }
        // Counted under the lock, so that no request begins after a cancellation.
        self.users.send_modify(|users| *users += 1);
        drop(inner);
        Ok(Use { ticket: Arc::clone(self) })
    }

    /// Lives `seconds` from now; later use extends it by its usual time again.
    pub(super) fn extend(&self, seconds: u32) {
        let mut inner = self.inner();
        inner.expires = Instant::now() + Duration::from_secs(seconds.into());
        inner.expires_at = now_ms() + i64::from(seconds) * 1000;
    }

    fn touch(&self) {
        let mut inner = self.inner();
        inner.expires = Instant::now() + inner.timeout;
        inner.expires_at = now_ms() + i64::try_from(inner.timeout.as_millis()).unwrap_or(i64::MAX);
        inner.last_used_at = now_ms();
    }

    pub(super) fn cancel(&self) {
        self.inner().canceled = true;
    }

    /// Waits until no request uses the ticket.
    pub(super) async fn unused(&self, deadline: Duration) -> bool {
        let mut users = self.users.subscribe();
        let gone = users.wait_for(|users| *users == 0);
        matches!(tokio::time::timeout(deadline, gone).await, Ok(Ok(_)))
    }

    /// Lets the disk go, its content on stable storage.
    pub(super) async fn close(&self) -> std::io::Result<()> {
        self.backend.close(self.write).await
    }

    pub(super) fn state(&self) -> api::TicketState {
        let inner = self.inner();
        api::TicketState {
            ticket_id: self.request.ticket_id.clone(),
            transfer_id: self.request.transfer_id.clone(),
            active: *self.users.borrow() > 0,
            transferred: inner.done.total(),
            expires_at: inner.expires_at,
            canceled: inner.canceled,
            last_used_at: inner.last_used_at,
        }
    }
}

/// One request under way.
pub(super) struct Use {
    pub(super) ticket: Arc<Ticket>,
}

impl Use {
    /// Says that bytes went through: the ticket lives on. An error once the ticket was cancelled.
    pub(super) fn moved(&self, start: u64, length: u64) -> Result<(), NotAllowed> {
        self.ticket.touch();
        let mut inner = self.ticket.inner();
        if inner.canceled {
            return Err(NotAllowed::Canceled);
        }
        inner.done.add(start, start.saturating_add(length));
        Ok(())
    }
}

impl Drop for Use {
    fn drop(&mut self) {
        self.ticket.touch();
        self.ticket.users.send_modify(|users| *users -= 1);
    }
}

/// Ranges of bytes that went through, each byte counted once however often it went.
#[derive(Debug, Default)]
struct Ranges {
    /// Start to end, never touching each other.
    all: BTreeMap<u64, u64>,
}

impl Ranges {
    fn add(&mut self, start: u64, end: u64) {
        if start >= end {
            return;
        }
        let (mut start, mut end) = (start, end);
        while let Some((&one, &one_end)) = self.all.range(..=end).next_back() {
            if one_end < start {
                break;
            }
            self.all.remove(&one);
            start = start.min(one);
            end = end.max(one_end);
        }
        self.all.insert(start, end);
    }

    fn total(&self) -> u64 {
        self.all.iter().map(|(start, end)| end - start).sum()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn each_byte_counts_once(ranges in prop::collection::vec((0_u64..200, 0_u64..60), 0..40)) {
            let mut bytes = vec![false; 300];
            let mut counted = Ranges::default();
            for (start, length) in ranges {
                counted.add(start, start + length);
                bytes[start as usize..(start + length) as usize].fill(true);
            }
            prop_assert_eq!(counted.total(), bytes.iter().filter(|byte| **byte).count() as u64);
        }
    }
}
