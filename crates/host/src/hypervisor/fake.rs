//! A hypervisor that exists only in memory: for tests of everything above the door, and for benches without QEMU.
//!
//! It can be told to fail, to go away, and to stop an agent dead between any two steps. Several fakes in one
//! [`FakeNetwork`] migrate to each other. It refuses to know VM policy, like the real one.

use std::collections::{BTreeMap, HashMap};
use std::sync::atomic::{AtomicI64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError, Weak};
use std::time::Duration;

use async_trait::async_trait;
use tokio::sync::broadcast;

use super::{
    Activity, AgentFacts, Answer, Counters, Domain, Ending, Event, Happening, Hypervisor, HypervisorError,
    HypervisorFacts, Job, MigrationOrder, Pause, Way,
};
use crate::domxml::{read, tree};

/// Fakes that can reach each other, by URI.
#[derive(Default, Clone)]
pub struct FakeNetwork {
    hosts: Arc<Mutex<HashMap<String, Weak<State>>>>,
}

/// What an agent may still do before it is stopped dead. Shared by everything that the agent touches.
#[derive(Clone)]
pub struct Fuse {
    left: Arc<AtomicI64>,
}

impl Default for Fuse {
    fn default() -> Self {
        Fuse { left: Arc::new(AtomicI64::new(i64::MAX)) }
    }
}

impl Fuse {
    /// Burns after so many steps.
    pub fn after(steps: i64) -> Self {
        Fuse { left: Arc::new(AtomicI64::new(steps)) }
    }

    /// One step; never returns once the fuse has burnt.
    async fn step(&self) {
        if self.left.fetch_sub(1, Ordering::SeqCst) <= 0 {
            std::future::pending::<()>().await;
        }
    }

    /// Whether it has burnt.
    pub fn burnt(&self) -> bool {
        self.left.load(Ordering::SeqCst) < 0
    }
}

/// One domain of the fake.
#[derive(Debug, Clone)]
struct FakeDomain {
    xml: String,
    activity: Activity,
    job: Option<Job>,
    abort: bool,
    /// QEMU has given the migration up, and libvirt waits to be told.
    stuck: bool,
    starts: u64,
}

struct State {
    domains: Mutex<BTreeMap<String, FakeDomain>>,
    endings: Mutex<BTreeMap<String, Ending>>,
    told: Mutex<Vec<String>>,
    asked: Mutex<Vec<Way>>,
    events: broadcast::Sender<Event>,
    script: Mutex<Script>,
    network: FakeNetwork,
}

/// How the fake behaves.
#[derive(Debug, Clone)]
pub struct Script {
    /// The next start fails with this.
    pub fail_start: Option<String>,
    /// A start that fails leaves the domain there, as when its end was not waited for.
    pub leaves_failed: bool,
    /// Migrations fail with this at their end.
    pub fail_migration: Option<String>,
    /// The source's libvirt dies in the next migration, at this step, and is back at once; see [`HANDED_OVER`].
    pub dies_at: Option<u64>,
    /// The next cancellation is lost by libvirt: QEMU has given the migration up, and libvirt waits for its end.
    pub loses_cancel: bool,
    /// How long a migration takes.
    pub migration: Duration,
    /// The guest obeys when it is asked to power off.
    pub obedient: bool,
    /// Nothing is answered.
    pub away: bool,
    /// The guest lets go of devices.
    pub lets_go: bool,
    /// A guest agent runs inside.
    pub agent: bool,
    /// It answers, and nothing comes of it.
    pub deaf_agent: bool,
}

impl Default for Script {
    fn default() -> Self {
        Script {
            fail_start: None,
            leaves_failed: false,
            fail_migration: None,
            dies_at: None,
            loses_cancel: false,
            migration: Duration::from_millis(100),
            obedient: true,
            away: false,
            lets_go: true,
            agent: false,
            deaf_agent: false,
        }
    }
}

/// The steps of a migration: this many rounds over memory, then the source stands.
pub const STANDS: u64 = 10;
/// The step at which the guest runs at the target, and the source has not been told.
pub const HANDED_OVER: u64 = STANDS + 1;

/// A view of the fake world through which one agent acts; the world outlives the agent.
#[derive(Clone)]
pub struct Fake {
    state: Arc<State>,
    fuse: Fuse,
}

fn locked<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

impl Fake {
    /// An empty host that others reach by this URI.
    pub fn new(network: &FakeNetwork, uri: &str) -> Self {
        let (events, _) = broadcast::channel(256);
        let state = Arc::new(State {
            domains: Mutex::default(),
            endings: Mutex::default(),
            told: Mutex::default(),
            asked: Mutex::default(),
            events,
            script: Mutex::default(),
            network: network.clone(),
        });
        locked(&network.hosts).insert(uri.to_owned(), Arc::downgrade(&state));
        Fake { state, fuse: Fuse::default() }
    }

    /// The same world, seen by an agent with a fuse.
    pub fn with_fuse(&self, fuse: Fuse) -> Self {
        Fake { state: Arc::clone(&self.state), fuse }
    }

    /// Changes how it behaves.
    pub fn script(&self, change: impl FnOnce(&mut Script)) {
        change(&mut locked(&self.state.script));
    }

    /// Ends a domain from inside or by a crash.
    pub fn end(&self, id: &str, ending: Ending) {
        self.state.end(id, ending);
    }

    /// A disk fails, and the domain stands.
    pub fn disk_error(&self, id: &str, full: bool) {
        if let Some(domain) = locked(&self.state.domains).get_mut(id) {
            domain.activity = Activity::Paused(Pause::IoError);
        }
        self.state.say(id, Happening::IoError { device: "ua-disk".into(), full });
    }

    /// Runs of this id that the world has seen begin by `start`.
    pub fn starts(&self, id: &str) -> u64 {
        locked(&self.state.domains).get(id).map_or(0, |domain| domain.starts)
    }

    /// Whether the guest's processors run here.
    pub fn runs(&self, id: &str) -> bool {
        locked(&self.state.domains).get(id).is_some_and(|domain| domain.activity == Activity::Running)
    }

    /// How the guest was asked to power off, in order.
    pub fn asked(&self) -> Vec<Way> {
        locked(&self.state.asked).clone()
    }

    /// What the guest's users were shown.
    pub fn told(&self) -> Vec<String> {
        locked(&self.state.told).clone()
    }

    /// The agent inside comes or goes.
    pub fn guest_agent(&self, id: &str, there: bool) {
        self.script(|script| script.agent = there);
        self.state.say(id, Happening::GuestAgent(there));
    }

    async fn enter(&self) -> Answer<()> {
        self.fuse.step().await;
        if locked(&self.state.script).away {
            return Err(HypervisorError::Away("scripted".into()));
        }
        Ok(())
    }

    fn change<T>(&self, id: &str, change: impl FnOnce(&mut FakeDomain) -> Answer<T>) -> Answer<T> {
        change(locked(&self.state.domains).get_mut(id).ok_or(HypervisorError::Missing)?)
    }

    async fn leave<T>(&self, result: Answer<T>) -> Answer<T> {
        self.fuse.step().await;
        result
    }

    async fn set(&self, id: &str, activity: Activity) -> Answer<()> {
        self.enter().await?;
        let result = self.change(id, |domain| {
            domain.activity = activity;
            Ok(())
        });
        self.state.say(id, Happening::Changed);
        self.leave(result).await
    }
}

impl State {
    fn say(&self, id: &str, what: Happening) {
        // Nobody listening is no error.
        let _ = self.events.send(Event::Domain { id: id.to_owned(), what });
    }

    fn end(&self, id: &str, ending: Ending) {
        let removed = locked(&self.domains).remove(id);
        if let Some(domain) = removed {
            if let Ok(description) = read::description(&domain.xml) {
                locked(&self.endings).insert(description.name, ending);
            }
            self.say(id, Happening::Ended(ending));
        }
    }

    /// The migration as libvirt does it by itself: an agent that dies in the middle changes nothing.
    async fn migrate(self: Arc<Self>, id: String, order: MigrationOrder) -> Answer<()> {
        let peer = locked(&self.network.hosts).get(&order.target_uri).and_then(Weak::upgrade);
        let peer = peer.ok_or_else(|| HypervisorError::Failed("the target's libvirt does not answer".into()))?;
        {
            let mut arriving = locked(&peer.domains);
            if arriving.contains_key(&id) {
                return Err(HypervisorError::Failed("the domain is active at the target".into()));
            }
            let activity = Activity::Paused(Pause::Migration);
            arriving.insert(
                id.clone(),
                FakeDomain { xml: order.target_xml, activity, job: None, abort: false, stuck: false, starts: 0 },
            );
        }
        peer.say(&id, Happening::Changed);
        let script = locked(&self.script).clone();
        let mut verdict = Ok(());
        for round in 0..STANDS {
            tokio::time::sleep(script.migration / 10).await;
            if script.dies_at == Some(round) {
                return self.daemon_dies(&peer, &id, round);
            }
            if self.loses_the_cancellation(&id, &script) {
                self.wait_for_release(&peer, &id).await;
                verdict = Err(HypervisorError::Failed("migration job: unexpectedly failed".into()));
                break;
            }
            let mut domains = locked(&self.domains);
            let Some(domain) = domains.get_mut(&id) else {
                verdict = Err(HypervisorError::Failed("the domain ended".into()));
                break;
            };
            if domain.abort {
                verdict = Err(HypervisorError::Aborted);
                break;
            }
            let (processed, remaining) = (round * 100, 1000 - round * 100);
            domain.job =
                Some(Job { elapsed_ms: round * 10, total: 1000, processed, remaining, downtime_ms: 0, iteration: 1 });
        }
        if let (Ok(()), Some(text)) = (&verdict, script.fail_migration) {
            verdict = Err(HypervisorError::Failed(text));
        }
        match &verdict {
            Ok(()) => {
                // As QEMU does: the source stands before the target runs.
                if let Some(domain) = locked(&self.domains).get_mut(&id) {
                    domain.activity = Activity::Paused(Pause::Migration);
                }
                if script.dies_at == Some(STANDS) {
                    return self.daemon_dies(&peer, &id, STANDS);
                }
                if let Some(domain) = locked(&peer.domains).get_mut(&id) {
                    domain.activity = Activity::Running;
                }
                peer.say(&id, Happening::Arrived);
                if script.dies_at == Some(HANDED_OVER) {
                    return self.daemon_dies(&peer, &id, HANDED_OVER);
                }
                self.end(&id, Ending::Migrated);
                // libvirt tells the numbers last, when the domain is gone.
                let done = Job { elapsed_ms: 100, total: 1000, processed: 1000, downtime_ms: 42, ..Job::default() };
                self.say(&id, Happening::JobDone(done));
            }
            Err(_) => self.stays(&peer, &id),
        }
        verdict
    }

    /// Nothing came of a migration.
    fn stays(&self, peer: &State, id: &str) {
        peer.end(id, Ending::Failed);
        if let Some(domain) = locked(&self.domains).get_mut(id) {
            (domain.job, domain.abort) = (None, false);
        }
        self.say(id, Happening::Changed);
    }

    fn loses_the_cancellation(&self, id: &str, script: &Script) -> bool {
        let mut domains = locked(&self.domains);
        let Some(domain) = domains.get_mut(id).filter(|domain| domain.abort && script.loses_cancel) else {
            return false;
        };
        (domain.stuck, domain.job) = (true, Some(Job::default()));
        true
    }

    /// The target's QEMU has ended; the source's libvirt ends nothing before it is told again.
    async fn wait_for_release(&self, peer: &State, id: &str) {
        peer.end(id, Ending::Failed);
        while locked(&self.domains).get(id).is_some_and(|domain| domain.stuck) {
            tokio::time::sleep(Duration::from_millis(10)).await;
        }
    }
}

impl State {
    /// libvirt at the source dies and is back. As libvirt does: what it had not finished sending runs on at its source,
    /// and the target, whose peer is gone, drops what came; a source that stood already stands, for libvirt does not
    /// know any more what became of the guest.
    fn daemon_dies(&self, peer: &State, id: &str, step: u64) -> Answer<()> {
        locked(&self.script).dies_at = None;
        if step < HANDED_OVER {
            peer.end(id, Ending::Failed);
        }
        if let Some(domain) = locked(&self.domains).get_mut(id) {
            (domain.job, domain.abort) = (None, false);
        }
        // Nobody listening is no error.
        let _ = self.events.send(Event::Lost);
        let _ = self.events.send(Event::Reconnected);
        Err(HypervisorError::Away("libvirt died".into()))
    }
}

fn view(domain: &FakeDomain) -> Answer<Domain> {
    let description = read::description(&domain.xml).map_err(|error| HypervisorError::Failed(error.to_string()))?;
    Ok(Domain {
        id: description.id,
        name: description.name,
        generation: description.generation,
        activity: domain.activity,
        graphics: description.graphics,
        channels: description.channels,
        process: None,
        devices: description.devices,
    })
}

#[async_trait]
impl Hypervisor for Fake {
    fn events(&self) -> broadcast::Receiver<Event> {
        self.state.events.subscribe()
    }

    async fn facts(&self, _accelerator: crate::domxml::Accelerator) -> Answer<HypervisorFacts> {
        self.enter().await?;
        Ok(HypervisorFacts {
            libvirt_version: "0.0.0".into(),
            machines: vec!["pc".into(), "q35".into()],
            ..Default::default()
        })
    }

    async fn domains(&self) -> Answer<Vec<Domain>> {
        self.enter().await?;
        locked(&self.state.domains).values().map(view).collect()
    }

    async fn domain(&self, id: &str) -> Answer<Option<Domain>> {
        self.enter().await?;
        locked(&self.state.domains).get(id).map(view).transpose()
    }

    async fn how_ended(&self, name: &str) -> Option<Ending> {
        locked(&self.state.endings).get(name).copied()
    }

    async fn migratable_xml(&self, id: &str) -> Answer<String> {
        self.live_xml(id).await
    }

    async fn live_xml(&self, id: &str) -> Answer<String> {
        self.enter().await?;
        self.change(id, |domain| Ok(domain.xml.clone()))
    }

    async fn start(&self, xml: &str, paused: bool) -> Answer<()> {
        self.enter().await?;
        let (failure, leaves) = {
            let mut script = locked(&self.state.script);
            (script.fail_start.take(), script.leaves_failed)
        };
        if let Some(text) = &failure
            && !leaves
        {
            return self.leave(Err(HypervisorError::Failed(text.clone()))).await;
        }
        let description = read::description(xml).map_err(|error| HypervisorError::Failed(error.to_string()))?;
        let activity = if paused { Activity::Paused(Pause::User) } else { Activity::Running };
        {
            let mut domains = locked(&self.state.domains);
            if domains.contains_key(&description.id) {
                return Err(HypervisorError::Failed("the domain runs already".into()));
            }
            let domain = FakeDomain { xml: xml.to_owned(), activity, job: None, abort: false, stuck: false, starts: 1 };
            domains.insert(description.id.clone(), domain);
        }
        locked(&self.state.endings).remove(&description.name);
        self.state.say(&description.id, Happening::Changed);
        self.leave(failure.map_or(Ok(()), |text| Err(HypervisorError::Failed(text)))).await
    }

    async fn power_off(&self, id: &str) -> Answer<()> {
        self.enter().await?;
        let result = self.change(id, |_| Ok(()));
        self.state.end(id, Ending::Destroyed);
        self.leave(result).await
    }

    async fn ask_shutdown(&self, id: &str, way: Way) -> Answer<()> {
        self.enter().await?;
        locked(&self.state.asked).push(way);
        let (agent, deaf) = {
            let script = locked(&self.state.script);
            (script.agent, script.deaf_agent)
        };
        if way == Way::Agent && !agent {
            return Err(HypervisorError::GuestSilent("the fake guest has no agent".into()));
        }
        let result = self.change(id, |_| Ok(()));
        if locked(&self.state.script).obedient && !(way == Way::Agent && deaf) {
            self.state.end(id, Ending::Shutdown);
        }
        self.leave(result).await
    }

    async fn tell_users(&self, id: &str, text: &str) -> Answer<()> {
        self.change(id, |_| Ok(()))?;
        locked(&self.state.told).push(text.to_owned());
        Ok(())
    }

    async fn ask_reboot(&self, id: &str, way: Way) -> Answer<()> {
        self.enter().await?;
        if way == Way::Agent {
            return Err(HypervisorError::GuestSilent("the fake guest has no agent".into()));
        }
        self.reset(id).await
    }

    async fn reset(&self, id: &str) -> Answer<()> {
        self.enter().await?;
        let result = self.change(id, |_| Ok(()));
        self.state.say(id, Happening::Rebooted);
        self.leave(result).await
    }

    async fn pause(&self, id: &str) -> Answer<()> {
        self.set(id, Activity::Paused(Pause::User)).await
    }

    async fn resume(&self, id: &str) -> Answer<()> {
        self.set(id, Activity::Running).await
    }

    async fn attach(&self, id: &str, device_xml: &str) -> Answer<()> {
        self.enter().await?;
        let fail = |error: tree::XmlError| HypervisorError::Failed(error.to_string());
        let device = tree::parse(device_xml).map_err(fail)?;
        let result = self.change(id, |domain| {
            let mut root = tree::parse(&domain.xml).map_err(fail)?;
            let devices = root.get_mut("devices").ok_or(HypervisorError::Missing)?;
            devices.children.push(device);
            domain.xml = root.to_xml();
            Ok(())
        });
        self.leave(result).await
    }

    async fn detach(&self, id: &str, device_xml: &str) -> Answer<()> {
        self.enter().await?;
        let fail = |error: tree::XmlError| HypervisorError::Failed(error.to_string());
        let device = tree::parse(device_xml).map_err(fail)?;
        let name = |device: &tree::Element| {
            device.get("alias").and_then(|alias| alias.attribute("name")).unwrap_or_default().to_owned()
        };
        let alias = name(&device);
        let lets_go = locked(&self.state.script).lets_go;
        let result = self.change(id, |domain| {
            if lets_go {
                let mut root = tree::parse(&domain.xml).map_err(fail)?;
                let devices = root.get_mut("devices").ok_or(HypervisorError::Missing)?;
                devices.children.retain(|held| name(held) != alias);
                domain.xml = root.to_xml();
            }
            Ok(())
        });
        self.state.say(id, if lets_go { Happening::DeviceRemoved(alias) } else { Happening::DeviceKept(alias) });
        self.leave(result).await
    }

    async fn update(&self, id: &str, _device_xml: &str) -> Answer<()> {
        self.enter().await?;
        let result = self.change(id, |_| Ok(()));
        self.leave(result).await
    }

    async fn migrate(&self, id: &str, order: &MigrationOrder) -> Answer<()> {
        self.enter().await?;
        self.change(id, |domain| {
            domain.job = Some(Job::default());
            Ok(())
        })?;
        let moving = tokio::spawn(Arc::clone(&self.state).migrate(id.to_owned(), order.clone()));
        let result = moving.await.map_err(|error| HypervisorError::Failed(error.to_string()))?;
        self.leave(result).await
    }

    async fn job(&self, id: &str) -> Answer<Option<Job>> {
        self.change(id, |domain| Ok(domain.job))
    }

    async fn abort_job(&self, id: &str) -> Answer<()> {
        self.enter().await?;
        self.change(id, |domain| {
            if domain.job.is_none() {
                return Err(HypervisorError::Refused("no job runs".into()));
            }
            domain.abort = true;
            Ok(())
        })
    }

    async fn release_migration(&self, id: &str) -> Answer<bool> {
        self.enter().await?;
        self.change(id, |domain| Ok(std::mem::take(&mut domain.stuck)))
    }

    async fn set_downtime(&self, id: &str, _milliseconds: u64) -> Answer<()> {
        self.change(id, |_| Ok(()))
    }

    async fn switch_to_post_copy(&self, _id: &str) -> Answer<()> {
        Err(HypervisorError::Refused("the fake knows no post-copy".into()))
    }

    async fn resize_disk(&self, id: &str, path: &std::path::Path, _size: u64) -> Answer<bool> {
        let path = path.to_string_lossy().into_owned();
        match self.change(id, |domain| Ok(domain.xml.contains(&path))) {
            Err(HypervisorError::Missing) => Ok(false),
            other => other,
        }
    }

    async fn counters(&self) -> Answer<Vec<Counters>> {
        self.enter().await?;
        let domains = locked(&self.state.domains);
        Ok(domains.keys().map(|id| Counters { id: id.clone(), processors: 1, ..Counters::default() }).collect())
    }

    async fn ask_guest(&self, id: &str) -> Answer<AgentFacts> {
        self.change(id, |_| Err(HypervisorError::GuestSilent("the fake guest has no agent".into())))
    }

    async fn ensure_filter(&self, _name: &str) -> Answer<()> {
        Ok(())
    }
}
