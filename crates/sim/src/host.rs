//! The host door of a simulated host: every request is answered as a healthy host would, at once.
//!
//! What a simulation can't be (byte transfers, consoles) answers UNIMPLEMENTED and says so.

use std::pin::Pin;
use std::sync::Arc;
use std::time::Duration;

use ferrovirt_hostapi as api;
use ferrovirt_hostapi::host_server::Host;
use ferrovirt_hostapi::report::Body;
use ferrovirt_hostapi::{Done, VmPhase, VmState};
use futures::Stream;
use tokio_stream::StreamExt;
use tokio_stream::wrappers::UnboundedReceiverStream;
use tonic::{Request, Response, Status, Streaming};

use crate::storage::named;
use crate::world::{Peers, World, now};
use crate::{migration, told};

type Answer<T> = Result<Response<T>, Status>;
type Flow<T> = Pin<Box<dyn Stream<Item = Result<T, Status>> + Send>>;

/// How long a guest takes until its agent answers, to shut down, or to come round again.
const GUEST: Duration = Duration::from_millis(1500);

/// A simulated host's door.
#[derive(Clone, Debug)]
pub struct Door {
    world: Arc<World>,
    peers: Arc<Peers>,
}

impl Door {
    /// The door of a host among its peers.
    #[must_use]
    pub fn new(world: Arc<World>, peers: Arc<Peers>) -> Self {
        Self { world, peers }
    }

    /// The request's content, if its engine may change something.
    fn change<T>(&self, request: Request<T>) -> Result<T, Status> {
        self.world.hold().admit(request.metadata())?;
        Ok(request.into_inner())
    }

    fn change_vm(&self, vm_id: &str, generation: u64, change: impl FnOnce(&mut VmState)) -> Answer<Done> {
        self.world.hold().change(vm_id, generation, |state| {
            change(state);
            Ok(())
        })?;
        done()
    }

    /// The guest is up in a while: it runs, and its agent answers.
    fn boot(&self, vm_id: String, generation: u64) {
        let world = Arc::clone(&self.world);
        tokio::spawn(async move {
            tokio::time::sleep(GUEST).await;
            let mut hold = world.hold();
            let up = hold.change(&vm_id, generation, |state| {
                if state.phase() == VmPhase::Rebooting {
                    state.phase = VmPhase::Running.into();
                }
                state.guest_agent |= state.phase() == VmPhase::Running;
                Ok(())
            });
            if let (Ok(()), Some(machine)) = (up, hold.machines.get(&vm_id).filter(|one| one.state.guest_agent)) {
                let facts = Body::Guest(told::guest(&machine.spec));
                hold.tell(&facts);
            }
        });
    }

    /// Puts a device into a running VM in place of what it had by that id, or takes it out.
    fn replug(&self, request: api::DeviceRequest, present: bool) -> Answer<Done> {
        use api::device_request::Device;
        let device = request.device.ok_or_else(|| Status::invalid_argument("a device is required"))?;
        let mut hold = self.world.hold();
        let spec = &mut hold.run(&request.vm_id, request.generation)?.spec;
        match device {
            Device::Disk(disk) => {
                spec.disks.retain(|one| one.disk_id != disk.disk_id);
                spec.disks.extend(present.then_some(disk));
            }
            Device::Nic(nic) => {
                spec.nics.retain(|one| one.id != nic.id);
                spec.nics.extend(present.then_some(nic));
            }
            Device::Cdrom(cdrom) => spec.cdrom = present.then_some(cdrom),
        }
        done()
    }

    /// Takes a domain into use.
    fn use_domain(&self, id: &str) -> Answer<api::DomainState> {
        let state = self.peers.storage.domain(id).ok_or_else(|| Status::not_found("no such storage domain"))?;
        let mut hold = self.world.hold();
        hold.domains.insert(id.to_owned());
        hold.tell(&Body::Domain(state.clone()));
        Ok(Response::new(state))
    }
}

fn done() -> Answer<Done> {
    Ok(Response::new(Done {}))
}

fn spec_of(vm: Option<api::VmSpec>) -> Result<api::VmSpec, Status> {
    vm.ok_or_else(|| Status::invalid_argument("a VM is required"))
}

#[tonic::async_trait]
impl Host for Door {
    type ReportsStream = Flow<api::Report>;
    type ConsoleStream = Flow<api::ConsoleBytes>;

    async fn hello(&self, request: Request<api::HelloRequest>) -> Answer<api::HelloReply> {
        self.world.hold().hello(request.into_inner().leader_epoch)?;
        Ok(Response::new(api::HelloReply {
            host_id: self.world.id.clone(),
            protocol: api::PROTOCOL,
            agent_version: env!("CARGO_PKG_VERSION").to_owned(),
            boot_id: self.world.boot.to_string(),
            agent_id: self.world.boot.to_string(),
            hardware_id: self.world.id.clone(),
        }))
    }

    async fn reports(&self, request: Request<api::ReportsRequest>) -> Answer<Self::ReportsStream> {
        self.change(request)?;
        let mut number = 0;
        let stream = UnboundedReceiverStream::new(self.world.listen()).map(move |body| {
            number += 1;
            Ok(api::Report { number, at: now(), body: Some(body) })
        });
        Ok(Response::new(Box::pin(stream)))
    }

    async fn start_vm(&self, request: Request<api::StartVmRequest>) -> Answer<api::StartVmReply> {
        let spec = spec_of(self.change(request)?.vm)?;
        let (id, generation) = (spec.id.clone(), spec.generation);
        let state = told::started(&spec);
        let state = self.world.hold().take_in(spec, state)?;
        self.boot(id, generation);
        Ok(Response::new(api::StartVmReply { state: Some(state) }))
    }

    async fn stop_vm(&self, request: Request<api::StopVmRequest>) -> Answer<Done> {
        let request = self.change(request)?;
        self.world.hold().end(&request.vm_id, request.generation, "powered_off");
        done()
    }

    async fn shutdown_vm(&self, request: Request<api::ShutdownVmRequest>) -> Answer<Done> {
        let request = self.change(request)?;
        self.change_vm(&request.vm_id, request.generation, |state| state.phase = VmPhase::ShuttingDown.into())?;
        let world = Arc::clone(&self.world);
        tokio::spawn(async move {
            tokio::time::sleep(GUEST).await;
            world.hold().end(&request.vm_id, request.generation, "shutdown_requested");
        });
        done()
    }

    async fn reboot_vm(&self, request: Request<api::RebootVmRequest>) -> Answer<Done> {
        let request = self.change(request)?;
        let changed = self.change_vm(&request.vm_id, request.generation, |state| {
            state.phase = VmPhase::Rebooting.into();
            state.started_at = now();
        });
        self.boot(request.vm_id, request.generation);
        changed
    }

    async fn pause_vm(&self, request: Request<api::VmRequest>) -> Answer<Done> {
        let request = self.change(request)?;
        self.change_vm(&request.vm_id, request.generation, |state| {
            state.phase = VmPhase::Paused.into();
            "user".clone_into(&mut state.pause_reason);
        })
    }

    async fn resume_vm(&self, request: Request<api::VmRequest>) -> Answer<Done> {
        let request = self.change(request)?;
        let changed = self.change_vm(&request.vm_id, request.generation, |state| {
            state.phase = VmPhase::Running.into();
            state.pause_reason.clear();
        });
        self.boot(request.vm_id, request.generation);
        changed
    }

    async fn get_vm(&self, request: Request<api::GetVmRequest>) -> Answer<VmState> {
        let id = request.into_inner().vm_id;
        let hold = self.world.hold();
        let newest_end = || hold.ended.iter().rfind(|((vm_id, _), _)| *vm_id == id).map(|(_, state)| state);
        let state = hold.machines.get(&id).map(|machine| &machine.state).or_else(newest_end);
        state.cloned().map(Response::new).ok_or_else(|| Status::not_found("the VM is not here"))
    }

    async fn acknowledge_vm(&self, request: Request<api::VmRequest>) -> Answer<Done> {
        let request = self.change(request)?;
        self.world.hold().ended.remove(&(request.vm_id, request.generation));
        done()
    }

    async fn migrate_vm(&self, request: Request<api::MigrateVmRequest>) -> Answer<Done> {
        let request = self.change(request)?;
        let target = self.peers.find(&request.target_host_id);
        let target = target.ok_or_else(|| Status::failed_precondition("the target is not simulated here"))?;
        migration::begin(&self.world, target, request)?;
        done()
    }

    async fn cancel_migration(&self, request: Request<api::VmRequest>) -> Answer<Done> {
        let request = self.change(request)?;
        migration::cancel(&self.world, &request.vm_id, request.generation)?;
        done()
    }

    async fn prepare_incoming(
        &self,
        request: Request<api::PrepareIncomingRequest>,
    ) -> Answer<api::PrepareIncomingReply> {
        let spec = spec_of(self.change(request)?.vm)?;
        let state = VmState { phase: VmPhase::MigratingIn.into(), ..told::started(&spec) };
        self.world.hold().take_in(spec, state)?;
        Ok(Response::new(api::PrepareIncomingReply {
            address: self.world.address.to_string(),
            libvirt_uri: "test:///default".to_owned(),
        }))
    }

    async fn abandon_incoming(&self, request: Request<api::VmRequest>) -> Answer<Done> {
        let request = self.change(request)?;
        self.world.hold().end(&request.vm_id, request.generation, "failed_to_start");
        done()
    }

    async fn attach_device(&self, request: Request<api::DeviceRequest>) -> Answer<Done> {
        self.replug(self.change(request)?, true)
    }

    async fn detach_device(&self, request: Request<api::DeviceRequest>) -> Answer<Done> {
        self.replug(self.change(request)?, false)
    }

    async fn update_nic(&self, request: Request<api::DeviceRequest>) -> Answer<Done> {
        self.replug(self.change(request)?, true)
    }

    async fn set_console_ticket(&self, request: Request<api::ConsoleTicketRequest>) -> Answer<Done> {
        self.change(request)?;
        done()
    }

    async fn console(&self, _request: Request<Streaming<api::ConsoleBytes>>) -> Answer<Self::ConsoleStream> {
        Err(Status::unimplemented("a simulated VM has no picture"))
    }

    async fn connect_storage(&self, request: Request<api::StorageConnection>) -> Answer<Done> {
        self.change(request)?;
        done()
    }

    async fn disconnect_storage(&self, request: Request<api::StorageConnection>) -> Answer<Done> {
        self.change(request)?;
        done()
    }

    async fn create_domain(&self, request: Request<api::CreateDomainRequest>) -> Answer<api::DomainState> {
        let request = self.change(request)?;
        let id = request.domain_id.clone();
        self.peers.storage.create_domain(request);
        self.use_domain(&id)
    }

    async fn activate_domain(&self, request: Request<api::DomainRequest>) -> Answer<api::DomainState> {
        self.use_domain(&self.change(request)?.domain_id)
    }

    async fn deactivate_domain(&self, request: Request<api::DomainRequest>) -> Answer<Done> {
        let id = self.change(request)?.domain_id;
        self.world.hold().domains.remove(&id);
        done()
    }

    async fn remove_domain(&self, request: Request<api::DomainRequest>) -> Answer<Done> {
        let id = self.change(request)?.domain_id;
        self.world.hold().domains.remove(&id);
        self.peers.storage.remove_domain(&id);
        done()
    }

    async fn get_domain(&self, request: Request<api::DomainRequest>) -> Answer<api::DomainState> {
        let id = request.into_inner().domain_id;
        let used = self.world.hold().domains.contains(&id);
        let state = self.peers.storage.domain(&id).filter(|_| used);
        state.map(Response::new).ok_or_else(|| Status::not_found("the storage domain is not active here"))
    }

    async fn create_volume(&self, request: Request<api::CreateVolumeRequest>) -> Answer<api::VolumeState> {
        self.peers.storage.create_volume(self.change(request)?).map(Response::new)
    }

    async fn copy_volume(&self, request: Request<api::CopyVolumeRequest>) -> Answer<Done> {
        let request = self.change(request)?;
        self.peers.storage.copy_volume(&named(request.source)?, &named(request.target)?)?;
        let told = api::TaskState { key: request.key, succeeded: true, percent: 100, ..Default::default() };
        self.world.hold().tell(&Body::Task(told));
        done()
    }

    async fn remove_volume(&self, request: Request<api::VolumeRequest>) -> Answer<Done> {
        self.peers.storage.remove_volume(&named(self.change(request)?.volume)?);
        done()
    }

    async fn resize_volume(&self, request: Request<api::ResizeVolumeRequest>) -> Answer<api::VolumeState> {
        self.peers.storage.resize_volume(self.change(request)?).map(Response::new)
    }

    async fn get_volume(&self, request: Request<api::VolumeRequest>) -> Answer<api::VolumeState> {
        self.peers.storage.volume(&named(request.into_inner().volume)?).map(Response::new)
    }

    async fn list_volumes(&self, request: Request<api::DomainRequest>) -> Answer<api::VolumeList> {
        let volumes = self.peers.storage.volumes(&request.into_inner().domain_id);
        Ok(Response::new(api::VolumeList { volumes }))
    }

    async fn get_task(&self, request: Request<api::TaskRequest>) -> Answer<api::TaskState> {
        let key = request.into_inner().key;
        Ok(Response::new(api::TaskState { key, succeeded: true, percent: 100, ..Default::default() }))
    }

    async fn cancel_task(&self, request: Request<api::TaskRequest>) -> Answer<Done> {
        self.change(request)?;
        done()
    }

    async fn add_ticket(&self, request: Request<api::AddTicketRequest>) -> Answer<api::TicketState> {
        self.change(request)?;
        Err(Status::unimplemented("a simulated host moves no bytes"))
    }

    async fn extend_ticket(&self, request: Request<api::ExtendTicketRequest>) -> Answer<api::TicketState> {
        self.change(request)?;
        Err(Status::unimplemented("a simulated host moves no bytes"))
    }

    async fn get_ticket(&self, _request: Request<api::TicketRequest>) -> Answer<api::TicketState> {
        Err(Status::not_found("no such ticket"))
    }

    async fn remove_ticket(&self, request: Request<api::TicketRequest>) -> Answer<Done> {
        self.change(request)?;
        done()
    }

    async fn setup_networks(&self, request: Request<api::SetupNetworksRequest>) -> Answer<api::NetworkState> {
        let desired = self.change(request)?.desired;
        let state = self.world.network(&desired);
        let mut hold = self.world.hold();
        hold.networks = desired;
        hold.tell(&Body::Network(state.clone()));
        Ok(Response::new(state))
    }

    async fn begin_rotation(&self, request: Request<api::Empty>) -> Answer<api::SigningRequest> {
        self.change(request)?;
        Err(Status::unimplemented("a simulated host keeps its certificate for its life"))
    }

    async fn finish_rotation(&self, request: Request<api::SignedCertificate>) -> Answer<Done> {
        self.change(request)?;
        Err(Status::unimplemented("a simulated host keeps its certificate for its life"))
    }
}
