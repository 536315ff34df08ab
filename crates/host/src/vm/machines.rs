//! All VMs of the host: finds the actor of each, brings it the events, and takes over what runs after a restart.

use std::collections::HashMap;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use ferrovirt_hostapi::CommandKey;
use tokio::sync::{broadcast, mpsc, oneshot};

use super::VmError;
use super::actor::{Actor, Message, Order, Surroundings};
use crate::hypervisor::Event;
use crate::ledger::{LedgerError, Record, Standing, key_text};
use crate::reports::now_ms;

/// Everything is looked at this often, whatever the events said.
const ROUND: Duration = Duration::from_secs(30);
/// A VM whose monitor is stuck keeps the others waiting for no longer than this.
const PATIENCE: Duration = Duration::from_secs(10);
/// Generations of VMs that are gone are remembered for so long, milliseconds.
const MEMORY: i64 = 7 * 24 * 3600 * 1000;
/// An end that no engine acknowledged is told for so long, milliseconds.
const UNSEEN: i64 = 24 * 3600 * 1000;

/// The host's VMs. Cheap to clone.
#[derive(Clone)]
pub struct Machines {
    inner: Arc<Inner>,
}

/// The actors by VM. Whoever wants to speak to one must come here, so that one that is alone can leave unseen.
#[derive(Default)]
pub struct Roster {
    actors: Mutex<HashMap<String, mpsc::Sender<Message>>>,
}

impl Roster {
    fn locked(&self) -> MutexGuard<'_, HashMap<String, mpsc::Sender<Message>>> {
        self.actors.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// An actor without a VM wants to leave. It may where nobody else holds a way to it and nothing waits for it: the
    /// next one who asks for this VM gets a new actor, which reads in the ledger what this one knows.
    pub fn leave(&self, vm_id: &str, idle: impl FnOnce() -> bool) -> bool {
        let mut actors = self.locked();
        let alone = actors.get(vm_id).is_some_and(|sender| sender.strong_count() == 1);
        let leaves = alone && idle();
        if leaves {
            actors.remove(vm_id);
        }
        leaves
    }
}

struct Inner {
    roster: Arc<Roster>,
    world: Surroundings,
    /// The hypervisor has said once what runs, and every VM has been looked at.
    ready: AtomicBool,
}

impl Machines {
    /// Reads the ledger and makes an actor for every VM in it. Call [`Machines::run`] to bring them the events.
    pub fn open(world: Surroundings) -> Result<Self, LedgerError> {
        let machines =
            Machines { inner: Arc::new(Inner { roster: Arc::default(), world, ready: AtomicBool::new(false) }) };
        for record in machines.inner.world.ledger.load()? {
            if record.standing == Standing::Gone && now_ms() - record.since > MEMORY {
                machines.inner.world.ledger.forget(&record.vm_id)?;
                continue;
            }
            machines.place(record);
        }
        Ok(machines)
    }

    fn place(&self, record: Record) {
        let vm_id = record.vm_id.clone();
        let actor = self.spawn(&vm_id, Some(record));
        self.inner.roster.locked().insert(vm_id, actor);
    }

    fn spawn(&self, vm_id: &str, record: Option<Record>) -> mpsc::Sender<Message> {
        Actor::spawn(vm_id, record, self.inner.world.clone(), Arc::downgrade(&self.inner.roster))
    }

    fn actor(&self, vm_id: &str) -> Option<mpsc::Sender<Message>> {
        self.inner.roster.locked().get(vm_id).cloned()
    }

    /// A VM's actor, which knows what the ledger knows: without it, an old run could be taken for a new one.
    fn actor_or_new(&self, vm_id: &str) -> Result<mpsc::Sender<Message>, LedgerError> {
        let mut actors = self.inner.roster.locked();
        if let Some(actor) = actors.get(vm_id) {
            return Ok(actor.clone());
        }
        let actor = self.spawn(vm_id, self.inner.world.ledger.read(vm_id)?);
        actors.insert(vm_id.to_owned(), actor.clone());
        Ok(actor)
    }

    /// How many VMs have an actor now.
    pub fn count(&self) -> usize {
        self.inner.roster.locked().len()
    }

    /// Does what is asked, or says why not. `generation` is of the run that is meant.
    pub async fn command(
        &self,
        vm_id: &str,
        generation: Option<u64>,
        key: Option<&CommandKey>,
        order: Order,
    ) -> Result<(), VmError> {
        if uuid::Uuid::parse_str(vm_id).is_err() {
            return Err(VmError::Invalid(format!("{vm_id:?} is no id of a VM")));
        }
        let (reply, answer) = oneshot::channel();
        let message = Message::Command { key: key_text(key), generation, order: Box::new(order), reply };
        let ended = || VmError::Away("the agent is ending".into());
        let actor = self.actor_or_new(vm_id).map_err(|error| VmError::Away(format!("the ledger: {error}")))?;
        actor.send(message).await.map_err(|_| ended())?;
        drop(actor);
        answer.await.map_err(|_| ended())?
    }

    /// The engine has seen how this run ended: it need not be told again.
    pub async fn seen(&self, vm_id: &str, generation: u64) {
        if let Some(actor) = self.actor(vm_id) {
            // An actor that is gone has nothing to forget.
            let _ = actor.send(Message::Seen(generation)).await;
        }
    }

    /// A guest agent spoke.
    pub fn guest_spoke(&self, vm_id: &str) {
        if let Some(actor) = self.actor(vm_id) {
            // A full mailbox loses only a hint that comes again.
            let _ = actor.try_send(Message::GuestSpoke);
        }
    }

    /// Looks at every VM that is known or runs. Done at the start, and whenever events may have been missed.
    pub async fn look_at_all(&self) {
        let running = match self.inner.world.hypervisor.domains().await {
            Ok(running) => running,
            Err(error) => {
                tracing::warn!(%error, "the hypervisor does not say what runs");
                return;
            }
        };
        let ours = running.into_iter().filter(|domain| domain.generation.is_some()).map(|domain| domain.id);
        let mut ids: Vec<String> = ours.collect();
        ids.extend(self.inner.roster.locked().keys().cloned());
        ids.sort();
        ids.dedup();
        for id in ids {
            match self.actor_or_new(&id) {
                // An actor ends with the agent alone, while somebody speaks to it.
                Ok(actor) => drop(actor.send(Message::Look).await),
                Err(error) => tracing::error!(vm = %id, %error, "a record of the ledger can't be read"),
            }
        }
        if !self.is_ready() {
            self.settle().await;
            self.inner.ready.store(true, Ordering::SeqCst);
        }
    }

    /// Whether a full report would be true: before the hypervisor has been asked once, a VM that is not in it might run.
    pub fn is_ready(&self) -> bool {
        self.inner.ready.load(Ordering::SeqCst)
    }

    /// Waits until every actor has handled what came before; a VM whose monitor is stuck is not waited for long.
    pub async fn settle(&self) {
        let actors: Vec<_> = self.inner.roster.locked().values().cloned().collect();
        let mut waiting = Vec::new();
        for actor in actors {
            let (reached, reach) = oneshot::channel();
            if actor.send(Message::Barrier(reached)).await.is_ok() {
                waiting.push(reach);
            }
        }
        if tokio::time::timeout(PATIENCE, futures::future::join_all(waiting)).await.is_err() {
            tracing::warn!("a VM could not be looked at in time");
        }
    }

    /// Brings events to the actors until the hypervisor is dropped.
    pub async fn run(&self) {
        let mut events = self.inner.world.hypervisor.events();
        self.look_at_all().await;
        let mut round = tokio::time::interval_at(tokio::time::Instant::now() + ROUND, ROUND);
        loop {
            tokio::select! {
                _ = round.tick() => {
                    self.look_at_all().await;
                    self.forget_old();
                }
                event = events.recv() => match event {
                    Ok(Event::Domain { id, what }) => self.deliver(&id, Message::Happened(what)),
                    Ok(Event::Reconnected) | Err(broadcast::error::RecvError::Lagged(_)) => self.look_at_all().await,
                    Ok(Event::Lost) => {}
                    Err(broadcast::error::RecvError::Closed) => return,
                },
            }
        }
    }

    /// An event never waits: a full mailbox is a VM that is busy, and the next round looks at it.
    fn deliver(&self, vm_id: &str, message: Message) {
        match self.actor_or_new(vm_id).map(|actor| actor.try_send(message)) {
            Ok(Ok(())) => {}
            Ok(Err(_)) => tracing::warn!(vm = vm_id, "a VM is too busy to hear of an event"),
            Err(error) => tracing::error!(vm = vm_id, %error, "a record of the ledger can't be read"),
        }
    }

    /// Ends that nobody acknowledged, and generations long past.
    fn forget_old(&self) {
        let records = match self.inner.world.ledger.load() {
            Ok(records) => records,
            Err(error) => {
                tracing::error!(%error, "the ledger can't be read");
                return;
            }
        };
        for record in records {
            let age = now_ms() - record.since;
            if record.standing == Standing::Down && age > UNSEEN {
                self.deliver(&record.vm_id, Message::Seen(record.generation));
            }
        }
    }
}
