//! The numbered report stream: what the engine is told, in order, without gaps.
//!
//! A stream opens with everything that is known (one `FullSync`, then capabilities, networks, statistics and guest
//! facts), goes on with changes, and beats at least every 15 s. Memory is bounded: a reader that falls behind loses its
//! stream, opens another and starts again from a full sync. It refuses to know where the facts come from.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use ferrovirt_hostapi::{
    Capabilities, DomainState, FullSync, GuestFacts, Heartbeat, HostStatistics, NetworkState, Report, TaskState,
    TicketState, VmGone, VmState, VmStatistics, report::Body,
};
use tokio::sync::{broadcast, mpsc};
use tokio_stream::wrappers::ReceiverStream;
use tokio_util::sync::CancellationToken;

/// A quiet stream says that it lives at least this often.
pub const HEARTBEAT: Duration = Duration::from_secs(15);
/// Changes that a slow reader may lag behind before its stream ends.
const LAG: usize = 1024;
/// Reports between the stream's task and the network.
const WINDOW: usize = 64;
/// Ended tasks are told in full syncs until this many newer ones exist.
const ENDED_TASKS: usize = 256;

/// Milliseconds since the epoch.
pub fn now_ms() -> i64 {
    SystemTime::now()
        .duration_since(UNIX_EPOCH)
        .map_or(0, |elapsed| i64::try_from(elapsed.as_millis()).unwrap_or(i64::MAX))
}

/// The one way in which anything gets told to the engine. Cheap to clone.
#[derive(Clone)]
pub struct Reports {
    inner: Arc<Inner>,
}

struct Inner {
    board: Mutex<Board>,
    changes: broadcast::Sender<Arc<Body>>,
    ending: CancellationToken,
}

/// The last word on everything: what a new stream starts with.
#[derive(Default)]
struct Board {
    vms: BTreeMap<String, VmState>,
    statistics: BTreeMap<String, VmStatistics>,
    guests: BTreeMap<String, GuestFacts>,
    domains: BTreeMap<String, DomainState>,
    tasks: BTreeMap<String, TaskState>,
    ended_tasks: std::collections::VecDeque<String>,
    tickets: BTreeMap<String, TicketState>,
    capabilities: Option<Capabilities>,
    host: Option<HostStatistics>,
    network: Option<NetworkState>,
}

impl Default for Reports {
    fn default() -> Self {
        Reports::new()
    }
}

impl Reports {
    /// A board with nothing on it.
    pub fn new() -> Self {
        let (changes, _) = broadcast::channel(LAG);
        Reports {
            inner: Arc::new(Inner { board: Mutex::new(Board::default()), changes, ending: CancellationToken::new() }),
        }
    }

    fn board(&self) -> MutexGuard<'_, Board> {
        // The board holds plain values: a panic elsewhere leaves it as true as it was.
        self.inner.board.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Sends while the board is locked, so that no stream sees a change twice or never.
    fn send(&self, board: MutexGuard<'_, Board>, body: Body) {
        // No receiver is no error: nobody listens, and the board remembers.
        let _ = self.inner.changes.send(Arc::new(body));
        drop(board);
    }

    /// The state of one VM, if it changed.
    pub fn push_vm(&self, state: VmState) {
        let mut board = self.board();
        if board.vms.get(&state.vm_id) == Some(&state) {
            return;
        }
        board.vms.insert(state.vm_id.clone(), state.clone());
        self.send(board, Body::Vm(state));
    }

    /// The host no longer knows the VM.
    pub fn push_vm_gone(&self, vm_id: &str, generation: u64) {
        let mut board = self.board();
        board.statistics.remove(vm_id);
        board.guests.remove(vm_id);
        if board.vms.remove(vm_id).is_some() {
            self.send(board, Body::VmGone(VmGone { vm_id: vm_id.to_owned(), generation }));
        }
    }

    /// Statistics of one VM.
    pub fn push_vm_statistics(&self, statistics: VmStatistics) {
        let mut board = self.board();
        board.statistics.insert(statistics.vm_id.clone(), statistics.clone());
        self.send(board, Body::VmStatistics(statistics));
    }

    /// What a guest says, if it says something new.
    pub fn push_guest(&self, facts: GuestFacts) {
        let mut board = self.board();
        if board.guests.get(&facts.vm_id) == Some(&facts) {
            return;
        }
        board.guests.insert(facts.vm_id.clone(), facts.clone());
        self.send(board, Body::Guest(facts));
    }

    /// Forgets statistics and guest facts of a VM that ended.
    pub fn clear_run(&self, vm_id: &str) {
        let mut board = self.board();
        board.statistics.remove(vm_id);
        board.guests.remove(vm_id);
    }

    /// The state of one storage domain.
    pub fn push_domain(&self, state: DomainState) {
        let mut board = self.board();
        board.domains.insert(state.domain_id.clone(), state.clone());
        self.send(board, Body::Domain(state));
    }

    /// The host watches this storage domain no longer.
    pub fn forget_domain(&self, domain_id: &str) {
        self.board().domains.remove(domain_id);
    }

    /// Progress or end of a long task.
    pub fn push_task(&self, state: TaskState) {
        let key =
            state.key.as_ref().map(|key| format!("{}/{}/{}", key.job_id, key.step, key.generation)).unwrap_or_default();
        let mut board = self.board();
        if !state.running {
            board.ended_tasks.retain(|ended| *ended != key);
            board.ended_tasks.push_back(key.clone());
            if board.ended_tasks.len() > ENDED_TASKS
                && let Some(oldest) = board.ended_tasks.pop_front()
            {
                board.tasks.remove(&oldest);
            }
        }
        board.tasks.insert(key, state.clone());
        self.send(board, Body::Task(state));
    }

    /// The state of one transfer ticket.
    pub fn push_ticket(&self, state: TicketState) {
        let mut board = self.board();
        board.tickets.insert(state.ticket_id.clone(), state.clone());
        self.send(board, Body::Ticket(state));
    }

    /// The ticket is gone.
    pub fn forget_ticket(&self, ticket_id: &str) {
        self.board().tickets.remove(ticket_id);
    }

    /// What the host is, if that changed.
    pub fn push_capabilities(&self, capabilities: Capabilities) {
        let mut board = self.board();
        if board.capabilities.as_ref() == Some(&capabilities) {
            return;
        }
        board.capabilities = Some(capabilities.clone());
        self.send(board, Body::Capabilities(capabilities));
    }

    /// Statistics of the host.
    pub fn push_host_statistics(&self, statistics: HostStatistics) {
        let mut board = self.board();
        board.host = Some(statistics.clone());
        self.send(board, Body::HostStatistics(statistics));
    }

    /// The host's networks, if they changed.
    pub fn push_network(&self, state: NetworkState) {
        let mut board = self.board();
        if board.network.as_ref() == Some(&state) {
            return;
        }
        board.network = Some(state.clone());
        self.send(board, Body::Network(state));
    }

    /// The last told state of a VM.
    pub fn vm(&self, vm_id: &str) -> Option<VmState> {
        self.board().vms.get(vm_id).cloned()
    }

    /// The last told states of all VMs.
    pub fn vms(&self) -> Vec<VmState> {
        self.board().vms.values().cloned().collect()
    }

    /// Ends every stream, for the agent ends.
    pub fn end(&self) {
        self.inner.ending.cancel();
    }

    /// A new stream: everything, then changes. It ends when the reader leaves or falls behind.
    pub fn stream(&self) -> ReceiverStream<Result<Report, tonic::Status>> {
        let (sender, receiver) = mpsc::channel(WINDOW);
        let (opening, changes) = {
            let board = self.board();
            (board.opening(), self.inner.changes.subscribe())
        };
        let ending = self.inner.ending.clone();
        tokio::spawn(async move {
            // Half a stream is none: the next one begins anew with everything.
            let _ = ending.run_until_cancelled(tell(opening, changes, sender)).await;
        });
        ReceiverStream::new(receiver)
    }
}

impl Board {
    fn opening(&self) -> Vec<Body> {
        let mut bodies = vec![Body::FullSync(FullSync {
            vms: self.vms.values().cloned().collect(),
            domains: self.domains.values().cloned().collect(),
            tasks: self.tasks.values().cloned().collect(),
            tickets: self.tickets.values().cloned().collect(),
        })];
        bodies.extend(self.capabilities.clone().map(Body::Capabilities));
        bodies.extend(self.network.clone().map(Body::Network));
        bodies.extend(self.host.clone().map(Body::HostStatistics));
        bodies.extend(self.statistics.values().cloned().map(Body::VmStatistics));
        bodies.extend(self.guests.values().cloned().map(Body::Guest));
        bodies
    }
}

async fn tell(
    opening: Vec<Body>,
    mut changes: broadcast::Receiver<Arc<Body>>,
    sender: mpsc::Sender<Result<Report, tonic::Status>>,
) {
    let mut number = 0;
    let mut numbered = |body: Body| {
        number += 1;
        Report { number, at: now_ms(), body: Some(body) }
    };
    for body in opening {
        if sender.send(Ok(numbered(body))).await.is_err() {
            return;
        }
    }
    loop {
        let body = tokio::select! {
            () = sender.closed() => return,
            change = tokio::time::timeout(HEARTBEAT, changes.recv()) => match change {
                Err(_elapsed) => Body::Heartbeat(Heartbeat {}),
                Ok(Ok(body)) => Body::clone(&body),
                Ok(Err(broadcast::error::RecvError::Closed)) => return,
                Ok(Err(broadcast::error::RecvError::Lagged(missed))) => {
                    let status = tonic::Status::data_loss(format!("{missed} reports were missed: open the stream anew"));
                    // The reader may be gone already; then there is nobody to tell.
                    let _ = sender.send(Err(status)).await;
                    return;
                }
            },
        };
        if sender.send(Ok(numbered(body))).await.is_err() {
            return;
        }
    }
}

#[cfg(test)]
mod tests;
