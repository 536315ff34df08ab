//! What a simulated host holds: VMs, domains in use, networks, and the listeners to its reports.
//!
//! Everything changes and is told under one lock, so that nobody hears of two changes in the wrong order.

use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::net::Ipv4Addr;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{SystemTime, UNIX_EPOCH};

use ferrovirt_hostapi::report::Body;
use ferrovirt_hostapi::{FullSync, NetworkAttachment, NetworkState, VmExit, VmPhase, VmSpec, VmState, epoch};
use tokio::sync::mpsc;
use tonic::Status;
use tonic::metadata::MetadataMap;
use uuid::Uuid;

use crate::storage::SharedStorage;
use crate::{network, told};

/// A VM on a simulated host.
#[derive(Clone, Debug)]
pub struct Machine {
    /// What the engine told.
    pub spec: VmSpec,
    /// What is reported of it.
    pub state: VmState,
}

/// The mutable part.
#[derive(Debug, Default)]
pub struct Holdings {
    /// VMs by id.
    pub machines: HashMap<String, Machine>,
    /// Ends that the engine has not acknowledged, by VM and generation.
    pub ended: BTreeMap<(String, u64), VmState>,
    /// Storage domains in use here.
    pub domains: BTreeSet<String>,
    /// Networks that stand.
    pub networks: Vec<NetworkAttachment>,
    /// The newest generation of each VM that was ever here.
    newest: HashMap<String, u64>,
    /// The highest epoch that was heard of an engine.
    epoch: Option<u64>,
    listeners: Vec<mpsc::UnboundedSender<Body>>,
}

/// One simulated host.
#[derive(Debug)]
pub struct World {
    /// The host's number, from 1.
    pub number: u32,
    /// The name that it calls itself.
    pub name: String,
    /// The id in its certificate.
    pub id: String,
    /// Where it listens.
    pub address: Ipv4Addr,
    /// Changes at each start of the simulator.
    pub boot: Uuid,
    booted_at: i64,
    storage: Arc<SharedStorage>,
    holdings: Mutex<Holdings>,
}

/// The time now, ms since the epoch.
#[must_use]
pub fn now() -> i64 {
    let since = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
    i64::try_from(since.as_millis()).unwrap_or(i64::MAX)
}

/// The hosts of one simulator and what they share.
#[derive(Debug, Default)]
pub struct Peers {
    worlds: std::sync::RwLock<Vec<Arc<World>>>,
    /// The storage that all of them reach.
    pub storage: Arc<SharedStorage>,
}

impl Peers {
    /// Adds an empty host.
    pub fn add(&self, number: u32, name: String, id: String, address: Ipv4Addr) -> Arc<World> {
        let world = Arc::new(World {
            number,
            name,
            id,
            address,
            boot: Uuid::new_v4(),
            booted_at: now(),
            storage: Arc::clone(&self.storage),
            holdings: Mutex::default(),
        });
        self.worlds.write().unwrap_or_else(PoisonError::into_inner).push(Arc::clone(&world));
        world
    }

    /// A host by the id in its certificate.
    #[must_use]
    pub fn find(&self, id: &str) -> Option<Arc<World>> {
        let worlds = self.worlds.read().unwrap_or_else(PoisonError::into_inner);
        worlds.iter().find(|world| world.id == id).cloned()
    }
}

impl Holdings {
    /// Tells every listener; forgets those that are gone.
    pub fn tell(&mut self, body: &Body) {
        self.listeners.retain(|listener| listener.send(body.clone()).is_ok());
    }

    /// A VM's run of that generation.
    ///
    /// # Errors
    /// NOT_FOUND where the VM is not here, FAILED_PRECONDITION where another run of it is.
    pub fn run(&mut self, vm_id: &str, generation: u64) -> Result<&mut Machine, Status> {
        let machine = self.machines.get_mut(vm_id).ok_or_else(|| Status::not_found("the VM is not here"))?;
        if machine.state.generation != generation {
            return Err(Status::failed_precondition("another run of the VM is here"));
        }
        Ok(machine)
    }

    /// Changes a run and tells it.
    ///
    /// # Errors
    /// As [`Holdings::run`], and what `change` refuses.
    pub fn change(
        &mut self,
        vm_id: &str,
        generation: u64,
        change: impl FnOnce(&mut VmState) -> Result<(), Status>,
    ) -> Result<(), Status> {
        let machine = self.run(vm_id, generation)?;
        change(&mut machine.state)?;
        let told = Body::Vm(machine.state.clone());
        self.tell(&told);
        Ok(())
    }

    /// Takes a run in and tells it; the same run again changes nothing.
    ///
    /// # Errors
    /// FAILED_PRECONDITION for a run that is older than one that was here, ALREADY_EXISTS while another one is.
    pub fn take_in(&mut self, spec: VmSpec, state: VmState) -> Result<VmState, Status> {
        if self.newest.get(&spec.id).is_some_and(|newest| *newest > spec.generation) {
            return Err(Status::failed_precondition("a newer run of the VM has been here"));
        }
        if let Some(machine) = self.machines.get(&spec.id) {
            if machine.state.generation == spec.generation {
                return Ok(machine.state.clone());
            }
            return Err(Status::already_exists("another run of the VM is here"));
        }
        self.newest.insert(spec.id.clone(), spec.generation);
        self.tell(&Body::Vm(state.clone()));
        self.machines.insert(spec.id.clone(), Machine { spec, state: state.clone() });
        Ok(state)
    }

    /// Ends a run, keeps the end until the engine acknowledges it, and tells it. A run that is not here is fine.
    pub fn end(&mut self, vm_id: &str, generation: u64, kind: &str) {
        if self.run(vm_id, generation).is_err() {
            return;
        }
        let Some(machine) = self.machines.remove(vm_id) else { return };
        let state = VmState {
            phase: VmPhase::Down.into(),
            exit: Some(VmExit { kind: kind.to_owned(), message: String::new(), at: now() }),
            ..machine.state
        };
        self.ended.insert((vm_id.to_owned(), generation), state.clone());
        self.tell(&Body::Vm(state));
    }

    /// An engine says hello.
    ///
    /// # Errors
    /// PERMISSION_DENIED for one that no longer leads.
    pub fn hello(&mut self, epoch: u64) -> Result<(), Status> {
        self.epoch = Some(epoch::greet(self.epoch, epoch)?);
        Ok(())
    }

    /// A request would change something.
    ///
    /// # Errors
    /// As real hosts refuse it ([`epoch::admit`]).
    pub fn admit(&mut self, metadata: &MetadataMap) -> Result<(), Status> {
        self.epoch = Some(epoch::admit(self.epoch, metadata)?);
        Ok(())
    }
}

impl World {
    /// What it holds, for reading and writing.
    pub fn hold(&self) -> MutexGuard<'_, Holdings> {
        self.holdings.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// What it says of its NICs and networks.
    #[must_use]
    pub fn network(&self, attached: &[NetworkAttachment]) -> NetworkState {
        network::state(self.number, self.address, attached)
    }

    /// Listens to reports: the host's own and a full one first, changes after.
    pub fn listen(&self) -> mpsc::UnboundedReceiver<Body> {
        let (sender, receiver) = mpsc::unbounded_channel();
        let mut hold = self.hold();
        let running = hold.machines.values().map(|machine| machine.state.clone());
        let full = FullSync {
            vms: running.chain(hold.ended.values().cloned()).collect(),
            domains: hold.domains.iter().filter_map(|id| self.storage.domain(id)).collect(),
            tasks: Vec::new(),
            tickets: Vec::new(),
        };
        let own = told::capabilities(&self.name, &self.id, self.booted_at, self.network(&hold.networks));
        let mut first = vec![Body::Capabilities(own), Body::FullSync(full)];
        let answering = hold.machines.values().filter(|machine| machine.state.guest_agent);
        first.extend(answering.map(|machine| Body::Guest(told::guest(&machine.spec))));
        for body in first {
            // The listener exists: it is the receiver just made.
            let _sent = sender.send(body);
        }
        hold.listeners.push(sender);
        receiver
    }

    /// Tells the host's measurements at a second and those of its VMs.
    pub fn measure(&self, second: u64) {
        let mut hold = self.hold();
        let mut bodies: Vec<Body> =
            hold.machines.values().map(|machine| Body::VmStatistics(told::vm_statistics(machine, second))).collect();
        bodies.push(Body::HostStatistics(told::host_statistics(hold.machines.values(), self.booted_at, second)));
        for body in bodies {
            hold.tell(&body);
        }
    }

    /// Tells how the storage domains in use are.
    pub fn watch_domains(&self) {
        let mut hold = self.hold();
        let states: Vec<Body> =
            hold.domains.iter().filter_map(|id| self.storage.domain(id)).map(Body::Domain).collect();
        for state in states {
            hold.tell(&state);
        }
    }
}
