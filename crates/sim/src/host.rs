//! The host door of a simulated host: every request is answered as a healthy host would, at once.
//!
//! What a simulation can't be (byte transfers, consoles) answers UNIMPLEMENTED and says so.

use std::pin::Pin;
use std::sync::Arc;
use std::time::Duration;

use ferrovirt_hostapi as api;
use ferrovirt_hostapi::host_server::Host;
use ferrovirt_hostapi::report::Body;
use ferrovirt_hostapi::{Done, VmExit, VmPhase, VmState};
use futures::Stream;
use tokio_stream::StreamExt;
use tokio_stream::wrappers::UnboundedReceiverStream;
use tonic::{Request, Response, Status, Streaming};

use crate::world::{DOMAIN_SIZE, Machine, World, guest, now, running};

type Answer<T> = Result<Response<T>, Status>;
type Flow<T> = Pin<Box<dyn Stream<Item = Result<T, Status>> + Send>>;

/// A simulated host's door.
#[derive(Clone, Debug)]
pub struct Door {
    world: Arc<World>,
    peers: Arc<Peers>,
}

/// The hosts of one simulator, for migrations among them.
#[derive(Debug, Default)]
pub struct Peers {
    worlds: std::sync::RwLock<Vec<Arc<World>>>,
}

impl Peers {
    /// Adds a host.
    pub fn add(&self, world: Arc<World>) {
        self.worlds.write().unwrap_or_else(std::sync::PoisonError::into_inner).push(world);
    }

    fn find(&self, id: &str) -> Option<Arc<World>> {
        let worlds = self.worlds.read().unwrap_or_else(std::sync::PoisonError::into_inner);
        worlds.iter().find(|world| world.id == id).cloned()
    }
}

impl Door {
    /// The door of a host among its peers.
    #[must_use]
    pub fn new(world: Arc<World>, peers: Arc<Peers>) -> Self {
        Self { world, peers }
    }

    /// Changes a VM's state and reports it. NOT_FOUND where it is not here.
    fn change(&self, vm_id: &str, generation: u64, change: impl FnOnce(&mut VmState)) -> Answer<Done> {
        let state = {
            let mut hold = self.world.hold();
            let machine = hold.machines.get_mut(vm_id).ok_or_else(|| Status::not_found("the VM is not here"))?;
            if machine.state.generation != generation {
                return Err(Status::failed_precondition("another run of the VM is here"));
            }
            change(&mut machine.state);
            machine.state.clone()
        };
        self.world.tell(Body::Vm(state));
        Ok(Response::new(Done {}))
    }

    fn end(world: &World, vm_id: &str, generation: u64, kind: &str) {
        let state = {
            let mut hold = world.hold();
            if hold.machines.get(vm_id).is_none_or(|machine| machine.state.generation != generation) {
                return;
            }
            let Some(machine) = hold.machines.remove(vm_id) else { return };
            VmState {
                phase: VmPhase::Down.into(),
                exit: Some(VmExit { kind: kind.to_owned(), message: String::new(), at: now() }),
                ..machine.state
            }
        };
        world.tell(Body::Vm(state));
    }

    fn domain(&self, id: &str, name: &str) -> api::DomainState {
        let state = api::DomainState {
            domain_id: id.to_owned(),
            ready: true,
            total: DOMAIN_SIZE,
            available: DOMAIN_SIZE - (DOMAIN_SIZE >> 4),
            latency_seconds: 0.001,
            name: name.to_owned(),
            class: "data".to_owned(),
            format: "v5".to_owned(),
            checked_at: now(),
            ..Default::default()
        };
        self.world.hold().domains.insert(id.to_owned(), state.clone());
        self.world.tell(Body::Domain(state.clone()));
        state
    }
}

fn done() -> Answer<Done> {
    Ok(Response::new(Done {}))
}

fn reference(volume: Option<api::VolumeRef>) -> Result<api::VolumeRef, Status> {
    volume.ok_or_else(|| Status::invalid_argument("a volume is required"))
}

#[tonic::async_trait]
impl Host for Door {
    type ReportsStream = Flow<api::Report>;
    type ConsoleStream = Flow<api::ConsoleBytes>;

    async fn hello(&self, _request: Request<api::HelloRequest>) -> Answer<api::HelloReply> {
        Ok(Response::new(api::HelloReply {
            host_id: self.world.id.clone(),
            protocol: api::PROTOCOL,
            agent_version: env!("CARGO_PKG_VERSION").to_owned(),
            boot_id: self.world.boot.to_string(),
            agent_id: self.world.boot.to_string(),
            hardware_id: self.world.id.clone(),
        }))
    }

    async fn reports(&self, _request: Request<api::ReportsRequest>) -> Answer<Self::ReportsStream> {
        let mut number = 0;
        let stream = UnboundedReceiverStream::new(self.world.listen()).map(move |body| {
            number += 1;
            Ok(api::Report { number, at: now(), body: Some(body) })
        });
        Ok(Response::new(Box::pin(stream)))
    }

    async fn start_vm(&self, request: Request<api::StartVmRequest>) -> Answer<api::StartVmReply> {
        let spec = request.into_inner().vm.ok_or_else(|| Status::invalid_argument("a VM is required"))?;
        let state = {
            let mut hold = self.world.hold();
            if let Some(machine) = hold.machines.get(&spec.id)
                && machine.state.generation != spec.generation
            {
                return Err(Status::failed_precondition("another run of the VM is here"));
            }
            let machine = hold.machines.entry(spec.id.clone()).or_insert_with(|| {
                let mut state = running(&spec);
                if spec.start_paused {
                    state.phase = VmPhase::Paused.into();
                }
                Machine { state, spec: spec.clone() }
            });
            machine.state.clone()
        };
        self.world.tell(Body::Vm(state.clone()));
        self.world.tell(Body::Guest(guest(&spec)));
        Ok(Response::new(api::StartVmReply { state: Some(state) }))
    }

    async fn stop_vm(&self, request: Request<api::StopVmRequest>) -> Answer<Done> {
        let request = request.into_inner();
        Self::end(&self.world, &request.vm_id, request.generation, "powered_off");
        done()
    }

    async fn shutdown_vm(&self, request: Request<api::ShutdownVmRequest>) -> Answer<Done> {
        let request = request.into_inner();
        self.change(&request.vm_id, request.generation, |state| state.phase = VmPhase::ShuttingDown.into())?;
        let world = Arc::clone(&self.world);
        tokio::spawn(async move {
            tokio::time::sleep(Duration::from_secs(2)).await;
            Self::end(&world, &request.vm_id, request.generation, "shutdown_requested");
        });
        done()
    }

    async fn reboot_vm(&self, request: Request<api::RebootVmRequest>) -> Answer<Done> {
        let request = request.into_inner();
        self.change(&request.vm_id, request.generation, |state| state.started_at = now())
    }

    async fn pause_vm(&self, request: Request<api::VmRequest>) -> Answer<Done> {
        let request = request.into_inner();
        self.change(&request.vm_id, request.generation, |state| {
            state.phase = VmPhase::Paused.into();
            "user".clone_into(&mut state.pause_reason);
        })
    }

    async fn resume_vm(&self, request: Request<api::VmRequest>) -> Answer<Done> {
        let request = request.into_inner();
        self.change(&request.vm_id, request.generation, |state| {
            state.phase = VmPhase::Running.into();
            state.pause_reason.clear();
        })
    }

    async fn get_vm(&self, request: Request<api::GetVmRequest>) -> Answer<VmState> {
        let id = request.into_inner().vm_id;
        let state = self.world.hold().machines.get(&id).map(|machine| machine.state.clone());
        state.map(Response::new).ok_or_else(|| Status::not_found("the VM is not here"))
    }

    async fn acknowledge_vm(&self, _request: Request<api::VmRequest>) -> Answer<Done> {
        done()
    }

    async fn migrate_vm(&self, request: Request<api::MigrateVmRequest>) -> Answer<Done> {
        let request = request.into_inner();
        let target = self
            .peers
            .find(&request.target_host_id)
            .ok_or_else(|| Status::failed_precondition("the target is not simulated here"))?;
        self.change(&request.vm_id, request.generation, |state| {
            state.phase = VmPhase::MigratingOut.into();
            state.migration = Some(api::MigrationProgress { active: true, ..Default::default() });
            state.migration_target_host_id.clone_from(&request.target_host_id);
        })?;
        tokio::spawn(send(self.clone(), target, request));
        done()
    }

    async fn cancel_migration(&self, request: Request<api::VmRequest>) -> Answer<Done> {
        let request = request.into_inner();
        self.change(&request.vm_id, request.generation, |state| {
            state.phase = VmPhase::Running.into();
            state.migration = Some(api::MigrationProgress { cancelled: true, ..Default::default() });
        })
    }

    async fn prepare_incoming(
        &self,
        request: Request<api::PrepareIncomingRequest>,
    ) -> Answer<api::PrepareIncomingReply> {
        let spec = request.into_inner().vm.ok_or_else(|| Status::invalid_argument("a VM is required"))?;
        let state = VmState { phase: VmPhase::MigratingIn.into(), ..running(&spec) };
        self.world.hold().machines.insert(spec.id.clone(), Machine { spec, state: state.clone() });
        self.world.tell(Body::Vm(state));
        Ok(Response::new(api::PrepareIncomingReply {
            address: "127.0.0.1".to_owned(),
            libvirt_uri: "test:///default".to_owned(),
        }))
    }

    async fn abandon_incoming(&self, request: Request<api::VmRequest>) -> Answer<Done> {
        let request = request.into_inner();
        Self::end(&self.world, &request.vm_id, request.generation, "failed_to_start");
        done()
    }

    async fn attach_device(&self, _request: Request<api::DeviceRequest>) -> Answer<Done> {
        done()
    }

    async fn detach_device(&self, _request: Request<api::DeviceRequest>) -> Answer<Done> {
        done()
    }

    async fn update_nic(&self, _request: Request<api::DeviceRequest>) -> Answer<Done> {
        done()
    }

    async fn set_console_ticket(&self, _request: Request<api::ConsoleTicketRequest>) -> Answer<Done> {
        done()
    }

    async fn console(&self, _request: Request<Streaming<api::ConsoleBytes>>) -> Answer<Self::ConsoleStream> {
        Err(Status::unimplemented("a simulated VM has no picture"))
    }

    async fn connect_storage(&self, _request: Request<api::StorageConnection>) -> Answer<Done> {
        done()
    }

    async fn disconnect_storage(&self, _request: Request<api::StorageConnection>) -> Answer<Done> {
        done()
    }

    async fn create_domain(&self, request: Request<api::CreateDomainRequest>) -> Answer<api::DomainState> {
        let request = request.into_inner();
        Ok(Response::new(self.domain(&request.domain_id, &request.name)))
    }

    async fn activate_domain(&self, request: Request<api::DomainRequest>) -> Answer<api::DomainState> {
        let request = request.into_inner();
        Ok(Response::new(self.domain(&request.domain_id, "")))
    }

    async fn deactivate_domain(&self, request: Request<api::DomainRequest>) -> Answer<Done> {
        self.world.hold().domains.remove(&request.into_inner().domain_id);
        done()
    }

    async fn remove_domain(&self, request: Request<api::DomainRequest>) -> Answer<Done> {
        self.world.hold().domains.remove(&request.into_inner().domain_id);
        done()
    }

    async fn get_domain(&self, request: Request<api::DomainRequest>) -> Answer<api::DomainState> {
        let id = request.into_inner().domain_id;
        let state = self.world.hold().domains.get(&id).cloned();
        state.map(Response::new).ok_or_else(|| Status::not_found("the storage domain is not active here"))
    }

    async fn create_volume(&self, request: Request<api::CreateVolumeRequest>) -> Answer<api::VolumeState> {
        let request = request.into_inner();
        let volume = reference(request.volume)?;
        let state = api::VolumeState {
            format: request.format,
            virtual_size: request.virtual_size,
            actual_size: request.initial_size,
            sparse: request.sparse,
            legal: true,
            description: request.description,
            volume: Some(volume.clone()),
            ..Default::default()
        };
        self.world.hold().volumes.insert(volume.volume_id, state.clone());
        Ok(Response::new(state))
    }

    async fn copy_volume(&self, request: Request<api::CopyVolumeRequest>) -> Answer<Done> {
        let key = request.into_inner().key;
        self.world.tell(Body::Task(api::TaskState { key, succeeded: true, percent: 100, ..Default::default() }));
        done()
    }

    async fn remove_volume(&self, request: Request<api::VolumeRequest>) -> Answer<Done> {
        let volume = reference(request.into_inner().volume)?;
        self.world.hold().volumes.remove(&volume.volume_id);
        done()
    }

    async fn resize_volume(&self, request: Request<api::ResizeVolumeRequest>) -> Answer<api::VolumeState> {
        let request = request.into_inner();
        let volume = reference(request.volume)?;
        let mut hold = self.world.hold();
        let state = hold.volumes.get_mut(&volume.volume_id).ok_or_else(|| Status::not_found("no such volume"))?;
        state.virtual_size = request.virtual_size;
        Ok(Response::new(state.clone()))
    }

    async fn get_volume(&self, request: Request<api::VolumeRequest>) -> Answer<api::VolumeState> {
        let volume = reference(request.into_inner().volume)?;
        let state = self.world.hold().volumes.get(&volume.volume_id).cloned();
        state.map(Response::new).ok_or_else(|| Status::not_found("no such volume"))
    }

    async fn list_volumes(&self, request: Request<api::DomainRequest>) -> Answer<api::VolumeList> {
        let id = request.into_inner().domain_id;
        let hold = self.world.hold();
        let here = |state: &&api::VolumeState| state.volume.as_ref().is_some_and(|volume| volume.domain_id == id);
        Ok(Response::new(api::VolumeList { volumes: hold.volumes.values().filter(here).cloned().collect() }))
    }

    async fn get_task(&self, request: Request<api::TaskRequest>) -> Answer<api::TaskState> {
        let key = request.into_inner().key;
        Ok(Response::new(api::TaskState { key, succeeded: true, percent: 100, ..Default::default() }))
    }

    async fn cancel_task(&self, _request: Request<api::TaskRequest>) -> Answer<Done> {
        done()
    }

    async fn add_ticket(&self, _request: Request<api::AddTicketRequest>) -> Answer<api::TicketState> {
        Err(Status::unimplemented("a simulated host moves no bytes"))
    }

    async fn extend_ticket(&self, _request: Request<api::ExtendTicketRequest>) -> Answer<api::TicketState> {
        Err(Status::unimplemented("a simulated host moves no bytes"))
    }

    async fn get_ticket(&self, _request: Request<api::TicketRequest>) -> Answer<api::TicketState> {
        Err(Status::not_found("no such ticket"))
    }

    async fn remove_ticket(&self, _request: Request<api::TicketRequest>) -> Answer<Done> {
        done()
    }

    async fn setup_networks(&self, request: Request<api::SetupNetworksRequest>) -> Answer<api::NetworkState> {
        let desired = request.into_inner().desired;
        let networks: Vec<api::NetworkPresence> = desired
            .into_iter()
            .map(|network| api::NetworkPresence {
                network_id: network.network_id,
                name: network.name,
                bridge: network.bridge,
                nic: network.nic,
                mtu: network.mtu,
                vlan: network.vlan,
                in_sync: true,
            })
            .collect();
        let state = api::NetworkState { nics: Vec::new(), networks: networks.clone() };
        self.world.hold().networks = networks;
        self.world.tell(Body::Network(state.clone()));
        Ok(Response::new(state))
    }

    async fn begin_rotation(&self, _request: Request<api::Empty>) -> Answer<api::SigningRequest> {
        Err(Status::unimplemented("a simulated host keeps its certificate for its life"))
    }

    async fn finish_rotation(&self, _request: Request<api::SignedCertificate>) -> Answer<Done> {
        Err(Status::unimplemented("a simulated host keeps its certificate for its life"))
    }
}

/// Moves a VM: five steps of a fifth each, unless it was cancelled or ended meanwhile.
async fn send(door: Door, target: Arc<World>, request: api::MigrateVmRequest) {
    for percent in [20, 40, 60, 80] {
        tokio::time::sleep(Duration::from_millis(200)).await;
        let going = door.change(&request.vm_id, request.generation, |state| {
            if let Some(migration) = state.migration.as_mut().filter(|migration| migration.active) {
                migration.percent = percent;
            }
        });
        let cancelled = door
            .world
            .hold()
            .machines
            .get(&request.vm_id)
            .is_none_or(|machine| machine.state.migration.as_ref().is_none_or(|migration| !migration.active));
        if going.is_err() || cancelled {
            return;
        }
    }
    let arrived = {
        let mut hold = target.hold();
        hold.machines.get_mut(&request.vm_id).map(|machine| {
            machine.state.phase = VmPhase::Running.into();
            machine.state.clone()
        })
    };
    Door::end(&door.world, &request.vm_id, request.generation, "migrated");
    if let Some(state) = arrived {
        target.tell(Body::Vm(state));
    }
}
