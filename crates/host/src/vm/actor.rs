//! The one task that owns a VM: commands, events and the ends of migrations come to it one after another.
//!
//! The order of writing is the law: a promise is in the ledger before libvirt is asked, an end is in the ledger before it
//! is told. Between any two steps the agent may die; what is then found is decided by `reconcile`.

mod commands;
mod devices;
mod moving;

use std::sync::{Arc, Weak};
use std::time::Duration;

use ferrovirt_hostapi as api;
use tokio::sync::{mpsc, oneshot};

use super::VmError;
use super::machines::Roster;
use super::place::Places;
use super::queue::{self, Admission, Ask, Denial, Known};
use super::reconcile::{Next, Sight, reconcile};
use super::state::{self, Passing};
use crate::hypervisor::{Activity, Domain, Ending, Happening, Hypervisor, HypervisorError, Job};
use crate::ledger::{Exit, ExitKind, Ledger, Record, Standing};
use crate::migration::Schedule;
use crate::reports::{Reports, now_ms};

/// Messages that may wait for one VM.
pub const MAILBOX: usize = 256;
/// A promise to take a VM that does not come is dropped after this long, milliseconds.
const ARRIVAL: i64 = 10 * 60 * 1000;
/// An actor without a VM leaves after so long without a message. Shorter than the round in which all are looked at.
const REST: Duration = Duration::from_secs(10);
/// The guest is said to reboot for at most this long.
const REBOOT: Duration = Duration::from_secs(60);

/// What an actor needs of its host.
#[derive(Clone)]
pub struct Surroundings {
    /// The hypervisor.
    pub hypervisor: Arc<dyn Hypervisor>,
    /// Files, bridges, filters.
    pub places: Arc<dyn Places>,
    /// What was promised.
    pub ledger: Ledger,
    /// Where states are told.
    pub reports: Reports,
    /// Lab only: file storage is shared though libvirt can't tell.
    pub trust_storage: bool,
    /// Certificates with which this host's libvirt reaches another by TLS.
    pub tls_folder: Option<std::path::PathBuf>,
}

/// What somebody wants of a VM.
#[derive(Debug, Clone)]
#[allow(clippy::large_enum_variant, reason = "an order lives for one command, and few are under way at a time")]
pub enum Order {
    /// Run it.
    Start(Box<api::VmSpec>),
    /// Pull the plug, for this reason.
    Stop(String),
    /// Ask the guest to power off.
    Shutdown {
        /// After so many seconds a guest whose agent did nothing is asked by its power button; 0: it is not.
        timeout: u32,
        /// Shown to its users; empty: nothing is.
        message: String,
    },
    /// Ask the guest to reboot; true: press reset.
    Reboot(bool),
    /// Stop the processors.
    Pause,
    /// Let the processors run.
    Resume,
    /// Send it away.
    Migrate(Box<api::MigrateVmRequest>),
    /// Stop sending it.
    CancelMigration,
    /// Promise to take it.
    Receive(Box<api::VmSpec>),
    /// Take the promise back.
    Abandon,
    /// Plug a device in.
    Attach(api::device_request::Device),
    /// Unplug it.
    Detach(api::device_request::Device),
    /// Change it.
    Update(api::device_request::Device),
    /// Let somebody see the screen: kind, password, seconds.
    Ticket(String, Secret, u32),
}

/// A text that can't be printed.
#[derive(Clone)]
pub struct Secret(pub String);

impl std::fmt::Debug for Secret {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter.write_str("(secret)")
    }
}

impl Order {
    fn ask(&self) -> Ask {
        match self {
            Order::Start(_) => Ask::Start,
            Order::Stop(_) => Ask::Stop,
            Order::Shutdown { .. } => Ask::Shutdown,
            Order::Reboot(_) => Ask::Reboot,
            Order::Pause => Ask::Pause,
            Order::Resume => Ask::Resume,
            Order::Migrate(request) => Ask::Migrate { target_generation: request.target_generation },
            Order::CancelMigration => Ask::CancelMigration,
            Order::Receive(_) => Ask::Receive,
            Order::Abandon => Ask::Abandon,
            Order::Attach(_) | Order::Detach(_) | Order::Update(_) => Ask::Change,
            Order::Ticket(..) => Ask::Ticket,
        }
    }
}

/// Where an answer goes.
pub type Reply = oneshot::Sender<Result<(), VmError>>;

/// What comes to an actor.
pub enum Message {
    /// A command of the engine.
    Command {
        /// Job, step and try; none where the caller gave none.
        key: Option<String>,
        /// Of which run; `None` for orders that name no run.
        generation: Option<u64>,
        /// What is wanted.
        order: Box<Order>,
        /// Where the answer goes.
        reply: Reply,
    },
    /// Something happened.
    Happened(Happening),
    /// Look at it: after a restart, a reconnection, a gap in the events, or for good measure.
    Look,
    /// The migration ended.
    MigrationEnded(Result<(), HypervisorError>),
    /// How far the migration is.
    Progress(Option<Job>),
    /// The numbers of a migration that is over did not come in time.
    NumbersLate,
    /// The guest of this generation has had its time to power off by itself.
    PressButton(u64),
    /// The engine has seen how this generation ended.
    Seen(u64),
    /// A guest agent spoke.
    GuestSpoke,
    /// Says when everything before it has been handled.
    Barrier(oneshot::Sender<()>),
}

/// A migration that this run of the agent began or found.
struct Moving {
    schedule: Schedule,
    deadline: Option<tokio::time::Instant>,
    /// Our own task waits for libvirt's answer.
    awaited: bool,
    cancelled: bool,
    last: Job,
    /// Since when these numbers have not changed.
    still_since: tokio::time::Instant,
    /// Its numbers are there, or nobody waits for them any more.
    counted: bool,
    /// libvirt has answered how it ended.
    ended: bool,
    /// Why it was cancelled by the agent.
    why: Option<String>,
    /// Stop the VM once it is clear that it stays here.
    stop: Option<(String, Reply)>,
}

/// The owner of one VM.
pub struct Actor {
    vm_id: String,
    record: Option<Record>,
    passing: Passing,
    moving: Option<Moving>,
    seen_arriving: bool,
    stopping: Option<String>,
    reboot_until: Option<tokio::time::Instant>,
    /// Answers to those who wait for a device to be let go of.
    unplugging: Vec<(String, Reply)>,
    world: Surroundings,
    mailbox: mpsc::WeakSender<Message>,
}

impl Actor {
    /// Tells what the ledger knows and starts the task that owns the VM. It ends when every sender is gone, or when it
    /// has no VM and has been left alone for a while.
    pub fn spawn(
        vm_id: &str,
        record: Option<Record>,
        world: Surroundings,
        roster: Weak<Roster>,
    ) -> mpsc::Sender<Message> {
        let (sender, mut receiver) = mpsc::channel(MAILBOX);
        let mut actor = Actor {
            vm_id: vm_id.to_owned(),
            record,
            // Until libvirt has been asked, nobody may think that it does not run.
            passing: Passing { stuck: true, ..Passing::default() },
            moving: None,
            seen_arriving: false,
            stopping: None,
            reboot_until: None,
            unplugging: Vec::new(),
            world,
            mailbox: sender.downgrade(),
        };
        actor.publish();
        tokio::spawn(async move {
            loop {
                tokio::select! {
                    biased;
                    message = receiver.recv() => match message {
                        Some(message) => actor.handle(message).await,
                        None => return,
                    },
                    () = tokio::time::sleep(REST), if actor.is_free() => {
                        let leaves = roster.upgrade().is_some_and(|roster| {
                            roster.leave(&actor.vm_id, || receiver.is_empty())
                        });
                        if leaves {
                            return;
                        }
                    }
                }
            }
        });
        sender
    }

    /// It has no VM, and nothing under way.
    fn is_free(&self) -> bool {
        let gone = self.record.as_ref().is_none_or(|record| record.standing == Standing::Gone);
        gone && self.moving.is_none() && self.unplugging.is_empty()
    }

    async fn handle(&mut self, message: Message) {
        match message {
            Message::Command { key, generation, order, reply } => self.command(key, generation, *order, reply).await,
            Message::Happened(happening) => self.happened(happening).await,
            Message::Look => self.look(None).await,
            Message::MigrationEnded(result) => self.migration_ended(result).await,
            Message::Progress(job) => self.progress(job).await,
            Message::NumbersLate => self.numbers(None).await,
            Message::PressButton(generation) => self.press_button(generation).await,
            Message::Seen(generation) => self.seen_by_engine(generation).await,
            // Nobody waiting any more is no error.
            Message::Barrier(reached) => drop(reached.send(())),
            Message::GuestSpoke => {
                self.passing.guest_agent = self.standing() == Some(Standing::Running);
                self.publish();
            }
        }
    }

    fn standing(&self) -> Option<Standing> {
        self.record.as_ref().map(|record| record.standing)
    }

    fn known(&self) -> Option<Known> {
        self.record.as_ref().map(|record| Known {
            standing: record.standing,
            generation: record.generation,
            target_generation: record.target.as_ref().map(|target| target.generation),
            never_ran: record.standing == Standing::Down
                && record.started_at == 0
                && record.exit.as_ref().is_some_and(|exit| exit.kind == ExitKind::FailedToStart),
            undecided: self.passing.undecided,
        })
    }

    async fn command(&mut self, key: Option<String>, generation: Option<u64>, order: Order, reply: Reply) {
        if let Some(done) = key.as_ref().and_then(|key| self.record.as_ref()?.outcome(key).cloned()) {
            // Nobody waiting for the answer is no error: the engine asks again.
            let _ = reply.send(done);
            return;
        }
        let generation = generation.or_else(|| self.record.as_ref().map(|record| record.generation)).unwrap_or(0);
        match queue::admit(self.known(), generation, order.ask()) {
            Err(denial) => {
                let text = denial.to_string();
                let _ = reply.send(Err(match denial {
                    Denial::RunsAlready(_) => VmError::RunsHere(text),
                    _ => VmError::Denied(text),
                }));
            }
            Ok(Admission::Already) => {
                self.already(generation, &order).await;
                let _ = reply.send(Ok(()));
            }
            Ok(Admission::Do) => {
                if let Some((reply, result)) = self.carry_out(order, reply).await {
                    self.remember(key, &result);
                    let _ = reply.send(result);
                }
            }
        }
    }

    /// A VM that was stopped before this host heard of it must not be started by a command that comes late.
    async fn already(&mut self, generation: u64, order: &Order) {
        let unheard = self.record.as_ref().is_none_or(|record| record.generation < generation);
        if unheard && matches!(order, Order::Stop(_) | Order::Abandon) {
            let spec = api::VmSpec { id: self.vm_id.clone(), generation, ..api::VmSpec::default() };
            self.record = Some(Record::new(spec, Standing::Gone, now_ms()));
            if let Err(error) = self.save() {
                tracing::error!(vm = %self.vm_id, %error, "a stopped generation could not be remembered");
            }
        }
    }

    /// Only what is certain is remembered: a denial or a lost connection may end otherwise the next time.
    fn remember(&mut self, key: Option<String>, result: &Result<(), VmError>) {
        let (Some(key), Some(record)) = (key, self.record.as_mut()) else { return };
        if matches!(result, Ok(()) | Err(VmError::Failed(_))) {
            record.remember(key, result.clone());
            if let Err(error) = self.save() {
                tracing::error!(vm = %self.vm_id, %error, "the outcome of a command could not be remembered");
            }
        }
    }

    fn save(&self) -> Result<(), VmError> {
        let Some(record) = &self.record else { return Ok(()) };
        self.world.ledger.save(record).map_err(|error| VmError::Failed(format!("the ledger can't be written: {error}")))
    }

    /// Begins the record of a new run; what was answered to earlier commands stays known. Returns the old record.
    fn renew(&mut self, mut spec: api::VmSpec, standing: Standing) -> Option<Record> {
        let kept = self.record.take();
        // The drive is made, and the record lives longer than the secrets on it need to.
        spec.first_boot = None;
        let mut record = Record::new(spec, standing, now_ms());
        if let Some(kept) = &kept {
            record.outcomes.clone_from(&kept.outcomes);
        }
        self.record = Some(record);
        kept
    }

    /// Saves where nobody waits who could be told of a failure.
    fn save_or_log(&self) {
        if let Err(error) = self.save() {
            tracing::error!(vm = %self.vm_id, %error, "the VM's record could not be written");
        }
    }

    fn stand(&mut self, standing: Standing) {
        if let Some(record) = self.record.as_mut()
            && record.standing != standing
        {
            tracing::info!(vm = %self.vm_id, generation = record.generation, from = ?record.standing, to = ?standing, "VM");
            record.standing = standing;
            record.since = now_ms();
        }
    }

    fn publish(&self) {
        let Some(record) = &self.record else { return };
        if record.standing == Standing::Gone {
            self.world.reports.push_vm_gone(&self.vm_id, record.generation);
        } else {
            self.world.reports.push_vm(state::state(record, &self.passing));
        }
    }

    async fn happened(&mut self, happening: Happening) {
        match happening {
            Happening::Ended(Ending::Migrated) if self.awaits_numbers() => self.wait_for_numbers(),
            Happening::Ended(ending) => self.look(Some(ending)).await,
            Happening::JobDone(job) => self.numbers(Some(job)).await,
            Happening::Changed | Happening::Arrived => self.look(None).await,
            Happening::Rebooted => {
                self.passing.rebooting = false;
                self.reboot_until = None;
                self.publish();
            }
            Happening::IoError { full, .. } => {
                self.passing.no_space = full;
                self.look(None).await;
            }
            Happening::GuestAgent(there) => {
                self.passing.guest_agent |= there;
                self.publish();
            }
            Happening::Iteration(_) => self.round().await,
            Happening::DeviceRemoved(alias) => self.device_removed(&alias),
            Happening::DeviceKept(alias) => self.device_kept(&alias),
        }
    }

    /// Looks at libvirt and draws the conclusions.
    async fn look(&mut self, ending: Option<Ending>) {
        if self.record.is_none() && !self.adopt().await {
            return;
        }
        let seen = match self.world.hypervisor.domain(&self.vm_id).await {
            Ok(seen) => seen.filter(|domain| domain.generation.is_some()),
            Err(error) => {
                // Nothing is concluded from silence.
                tracing::warn!(vm = %self.vm_id, %error, "the VM can't be looked at");
                return;
            }
        };
        let ending = match (&seen, ending) {
            // What is still to arrive has no end: what libvirt remembers of one is an earlier run's.
            (None, None) if self.standing().is_some_and(|now| now.is_alive() && now != Standing::Arriving) => {
                self.world.hypervisor.how_ended(&self.name()).await
            }
            (_, ending) => ending,
        };
        let job = self.standing() == Some(Standing::Leaving)
            && seen.is_some()
            && matches!(self.world.hypervisor.job(&self.vm_id).await, Ok(Some(_)) | Err(HypervisorError::Away(_)));
        self.conclude(seen, ending, job).await;
    }

    fn name(&self) -> String {
        self.record.as_ref().map(|record| record.spec.name.clone()).unwrap_or_default()
    }

    async fn conclude(&mut self, seen: Option<Domain>, ending: Option<Ending>, job: bool) {
        let Some(standing) = self.standing() else { return };
        let next = reconcile(Sight {
            standing,
            activity: seen.as_ref().map(|domain| domain.activity),
            ending,
            asked_shutdown: self.record.as_ref().is_some_and(|record| record.asked_shutdown),
            migrating: self.moving.as_ref().is_some_and(|moving| moving.awaited),
            job,
            seen_arriving: self.seen_arriving,
        });
        if standing == Standing::Arriving && seen.is_some() {
            self.seen_arriving = true;
        }
        if job && self.moving.is_none() {
            self.follow_found_migration();
        }
        self.passing.guest_agent |=
            seen.as_ref().is_some_and(|domain| domain.channels.iter().any(|channel| channel.connected));
        if let Some(domain) = &seen
            && !matches!(domain.activity, Activity::Paused(_))
        {
            self.passing.no_space = false;
        }
        if self.reboot_until.is_some_and(|until| until <= tokio::time::Instant::now()) {
            self.passing.rebooting = false;
            self.reboot_until = None;
        }
        self.passing.seen = seen;
        self.passing.stuck = false;
        self.passing.undecided = next == Next::Doubt;
        match next {
            Next::Stay => self.expire_arrival().await,
            Next::Doubt => self.stand(Standing::Leaving),
            Next::Become(Standing::Running) => self.runs(),
            Next::Become(Standing::Gone) => self.vanish().await,
            Next::Become(standing) => self.stand(standing),
            Next::End(kind) => self.end(kind, String::new()).await,
        }
        self.found_migration_is_over();
        self.publish();
    }

    /// It runs here: from now on that is remembered.
    fn runs(&mut self) {
        let generation = self.passing.seen.as_ref().and_then(|domain| domain.generation);
        let was = self.standing();
        self.stand(Standing::Running);
        self.seen_arriving = false;
        let Some(record) = self.record.as_mut() else { return };
        // What runs decides its generation; only the arrival of a migration whose source wrote none keeps ours.
        record.generation = record.generation.max(generation.unwrap_or(0));
        record.exit = None;
        if record.started_at == 0 {
            record.started_at = record.since;
        }
        if was == Some(Standing::Leaving) {
            record.target = None;
            if let Some(progress) = self.passing.progress.as_mut().filter(|progress| progress.active) {
                // Nobody was told how the migration ended: libvirt went away meanwhile, or the agent did.
                progress.active = false;
                progress.error = "the migration was broken off".to_owned();
            }
        }
        self.save_or_log();
    }

    /// It ended: first written, then told.
    async fn end(&mut self, kind: ExitKind, message: String) {
        let message = match (kind, self.stopping.take()) {
            (ExitKind::PoweredOff, Some(reason)) => reason,
            (ExitKind::PoweredOff, None) => "somebody on the host stopped it".to_owned(),
            (ExitKind::Migrated, _) if message.is_empty() => {
                "it runs on another host; that host knows its state".to_owned()
            }
            (ExitKind::Lost, _) => "it is gone, and nothing says why".to_owned(),
            _ => message,
        };
        self.stand(Standing::Down);
        if let Some(record) = self.record.as_mut() {
            record.exit = Some(Exit { kind, message, at: now_ms() });
        }
        self.save_or_log();
        self.passing = Passing { progress: self.passing.progress.take(), ..Passing::default() };
        self.moving_is_over(kind);
        self.unplugging.clear();
        self.world.reports.clear_run(&self.vm_id);
        self.world.places.clear(&self.vm_id).await;
    }

    /// A promise came to nothing: only the generation stays.
    async fn vanish(&mut self) {
        self.stand(Standing::Gone);
        self.seen_arriving = false;
        self.save_or_log();
        self.passing = Passing::default();
        self.world.places.clear(&self.vm_id).await;
    }

    async fn expire_arrival(&mut self) {
        let late = self.record.as_ref().is_some_and(|record| {
            record.standing == Standing::Arriving && !self.seen_arriving && now_ms() - record.since > ARRIVAL
        });
        if late {
            tracing::warn!(vm = %self.vm_id, "a VM that was promised did not come");
            self.vanish().await;
        }
    }

    /// A domain of ours without a record: the ledger was lost, and the VM runs on.
    async fn adopt(&mut self) -> bool {
        let Ok(Some(domain)) = self.world.hypervisor.domain(&self.vm_id).await else { return false };
        let Some(generation) = domain.generation else { return false };
        let spec =
            api::VmSpec { id: self.vm_id.clone(), name: domain.name.clone(), generation, ..api::VmSpec::default() };
        let arriving = domain.activity == Activity::Paused(crate::hypervisor::Pause::Migration);
        let standing = if arriving { Standing::Arriving } else { Standing::Running };
        tracing::warn!(vm = %self.vm_id, generation, ?standing, "a VM without a record runs here, and is taken over");
        let mut record = Record::new(spec, standing, now_ms());
        record.started_at = if arriving { 0 } else { record.since };
        self.record = Some(record);
        self.save_or_log();
        true
    }

    async fn seen_by_engine(&mut self, generation: u64) {
        let down = self
            .record
            .as_ref()
            .is_some_and(|record| record.standing == Standing::Down && record.generation == generation);
        if down {
            self.vanish().await;
            self.publish();
        }
    }
}
