//! Each call of the contract, as one order to the room it belongs to.

use ferrovirt_hostapi as api;
use ferrovirt_hostapi::host_server::Host;
use tokio_stream::wrappers::ReceiverStream;
use tonic::{Request, Response, Status, Streaming};

use super::{Rooms, console};
use crate::vm::VmError;
use crate::vm::actor::{Order, Secret};

/// The service.
pub(super) struct Door {
    pub(super) rooms: Rooms,
}

type Answer<T> = Result<Response<T>, Status>;

fn done<E: Into<Status>>(result: Result<(), E>) -> Answer<api::Done> {
    result.map(|()| Response::new(api::Done {})).map_err(Into::into)
}

fn told<T, E: Into<Status>>(result: Result<T, E>) -> Answer<T> {
    result.map(Response::new).map_err(Into::into)
}

impl Door {
    /// The request's content, if its engine may change something.
    fn change<T>(&self, request: Request<T>) -> Result<T, Status> {
        self.rooms.epochs.admit(request.metadata())?;
        self.rooms.identity.engine_seen();
        self.rooms.networks.confirm();
        Ok(request.into_inner())
    }

    async fn order(
        &self,
        vm_id: &str,
        generation: u64,
        key: Option<&api::CommandKey>,
        order: Order,
    ) -> Answer<api::Done> {
        done(self.rooms.machines.command(vm_id, Some(generation), key, order).await)
    }
}

fn spec_of(spec: Option<api::VmSpec>) -> Result<Box<api::VmSpec>, Status> {
    spec.map(Box::new).ok_or_else(|| Status::invalid_argument("the request holds no VM"))
}

fn device_of(device: Option<api::device_request::Device>) -> Result<api::device_request::Device, Status> {
    device.ok_or_else(|| Status::invalid_argument("the request holds no device"))
}

#[tonic::async_trait]
impl Host for Door {
    async fn hello(&self, request: Request<api::HelloRequest>) -> Answer<api::HelloReply> {
        let hello = request.get_ref();
        if hello.protocol == 0 {
            return Err(Status::invalid_argument("the engine names no protocol"));
        }
        self.rooms.epochs.hello(hello.leader_epoch)?;
        self.rooms.identity.engine_seen();
        self.rooms.networks.confirm();
        let constants = &self.rooms.constants;
        Ok(Response::new(api::HelloReply {
            host_id: self.rooms.identity.host_id(),
            protocol: api::PROTOCOL.min(hello.protocol),
            agent_version: env!("CARGO_PKG_VERSION").to_owned(),
            boot_id: constants.boot_id.clone(),
            agent_id: constants.agent_id.clone(),
            hardware_id: constants.hardware_id.clone(),
        }))
    }

    type ReportsStream = ReceiverStream<Result<api::Report, Status>>;

    async fn reports(&self, request: Request<api::ReportsRequest>) -> Answer<Self::ReportsStream> {
        self.change(request)?;
        if !self.rooms.machines.is_ready() {
            return Err(Status::unavailable("the hypervisor has not said yet what runs here"));
        }
        Ok(Response::new(self.rooms.reports.stream()))
    }

    async fn start_vm(&self, request: Request<api::StartVmRequest>) -> Answer<api::StartVmReply> {
        let request = self.change(request)?;
        let spec = spec_of(request.vm)?;
        let (id, generation) = (spec.id.clone(), spec.generation);
        self.rooms.machines.command(&id, Some(generation), request.key.as_ref(), Order::Start(spec)).await?;
        Ok(Response::new(api::StartVmReply { state: self.rooms.reports.vm(&id) }))
    }

    async fn stop_vm(&self, request: Request<api::StopVmRequest>) -> Answer<api::Done> {
        let request = self.change(request)?;
        self.order(&request.vm_id, request.generation, request.key.as_ref(), Order::Stop(request.reason)).await
    }

    async fn shutdown_vm(&self, request: Request<api::ShutdownVmRequest>) -> Answer<api::Done> {
        let request = self.change(request)?;
        let order = Order::Shutdown { timeout: request.timeout_seconds, message: request.message };
        self.order(&request.vm_id, request.generation, request.key.as_ref(), order).await
    }

    async fn reboot_vm(&self, request: Request<api::RebootVmRequest>) -> Answer<api::Done> {
        let request = self.change(request)?;
        self.order(&request.vm_id, request.generation, request.key.as_ref(), Order::Reboot(request.force)).await
    }

    async fn pause_vm(&self, request: Request<api::VmRequest>) -> Answer<api::Done> {
        let request = self.change(request)?;
        self.order(&request.vm_id, request.generation, request.key.as_ref(), Order::Pause).await
    }

    async fn resume_vm(&self, request: Request<api::VmRequest>) -> Answer<api::Done> {
        let request = self.change(request)?;
        self.order(&request.vm_id, request.generation, request.key.as_ref(), Order::Resume).await
    }

    async fn get_vm(&self, request: Request<api::GetVmRequest>) -> Answer<api::VmState> {
        let id = request.into_inner().vm_id;
        // "It is not here" is believed: it must be known first.
        if !self.rooms.machines.is_ready() {
            return Err(Status::unavailable("the hypervisor has not said yet what runs here"));
        }
        told(self.rooms.reports.vm(&id).ok_or(VmError::Unknown))
    }

    async fn acknowledge_vm(&self, request: Request<api::VmRequest>) -> Answer<api::Done> {
        let request = self.change(request)?;
        self.rooms.machines.seen(&request.vm_id, request.generation).await;
        Ok(Response::new(api::Done {}))
    }

    async fn migrate_vm(&self, request: Request<api::MigrateVmRequest>) -> Answer<api::Done> {
        let request = Box::new(self.change(request)?);
        let (id, generation, key) = (request.vm_id.clone(), request.generation, request.key.clone());
        self.order(&id, generation, key.as_ref(), Order::Migrate(request)).await
    }

    async fn cancel_migration(&self, request: Request<api::VmRequest>) -> Answer<api::Done> {
        let request = self.change(request)?;
        self.order(&request.vm_id, request.generation, request.key.as_ref(), Order::CancelMigration).await
    }

    async fn prepare_incoming(
        &self,
        request: Request<api::PrepareIncomingRequest>,
    ) -> Answer<api::PrepareIncomingReply> {
        let request = self.change(request)?;
        let spec = spec_of(request.vm)?;
        let (id, generation) = (spec.id.clone(), spec.generation);
        self.rooms.machines.command(&id, Some(generation), request.key.as_ref(), Order::Receive(spec)).await?;
        Ok(Response::new(api::PrepareIncomingReply {
            address: self.rooms.constants.migration_address.clone(),
            libvirt_uri: self.rooms.constants.libvirt_uri.clone(),
        }))
    }

    async fn abandon_incoming(&self, request: Request<api::VmRequest>) -> Answer<api::Done> {
        let request = self.change(request)?;
        self.order(&request.vm_id, request.generation, request.key.as_ref(), Order::Abandon).await
    }

    async fn attach_device(&self, request: Request<api::DeviceRequest>) -> Answer<api::Done> {
        let request = self.change(request)?;
        let order = Order::Attach(device_of(request.device)?);
        self.order(&request.vm_id, request.generation, request.key.as_ref(), order).await
    }

    async fn detach_device(&self, request: Request<api::DeviceRequest>) -> Answer<api::Done> {
        let request = self.change(request)?;
        let order = Order::Detach(device_of(request.device)?);
        self.order(&request.vm_id, request.generation, request.key.as_ref(), order).await
    }

    async fn update_nic(&self, request: Request<api::DeviceRequest>) -> Answer<api::Done> {
        let request = self.change(request)?;
        let order = Order::Update(device_of(request.device)?);
        self.order(&request.vm_id, request.generation, request.key.as_ref(), order).await
    }

    async fn set_console_ticket(&self, request: Request<api::ConsoleTicketRequest>) -> Answer<api::Done> {
        let request = self.change(request)?;
        let order = Order::Ticket(request.kind, Secret(request.password), request.lifetime_seconds);
        done(self.rooms.machines.command(&request.vm_id, None, None, order).await)
    }

    type ConsoleStream = ReceiverStream<Result<api::ConsoleBytes, Status>>;

    async fn console(&self, request: Request<Streaming<api::ConsoleBytes>>) -> Answer<Self::ConsoleStream> {
        let mut bytes = request.into_inner();
        let first = bytes.message().await?.ok_or_else(|| Status::invalid_argument("the tunnel names no VM"))?;
        let state = self.rooms.reports.vm(&first.vm_id).ok_or(VmError::Unknown)?;
        console::tunnel(&state, first, bytes).await.map(Response::new)
    }

    async fn connect_storage(&self, request: Request<api::StorageConnection>) -> Answer<api::Done> {
        let connection = self.change(request)?;
        done(self.rooms.storage.connect(&connection).await)
    }

    async fn disconnect_storage(&self, request: Request<api::StorageConnection>) -> Answer<api::Done> {
        let connection = self.change(request)?;
        done(self.rooms.storage.disconnect(&connection).await)
    }

    async fn create_domain(&self, request: Request<api::CreateDomainRequest>) -> Answer<api::DomainState> {
        let request = self.change(request)?;
        told(self.rooms.storage.create_domain(request).await)
    }

    async fn activate_domain(&self, request: Request<api::DomainRequest>) -> Answer<api::DomainState> {
        let request = self.change(request)?;
        told(self.rooms.storage.activate_domain(request).await)
    }

    async fn deactivate_domain(&self, request: Request<api::DomainRequest>) -> Answer<api::Done> {
        let request = self.change(request)?;
        done(self.rooms.storage.deactivate_domain(&request).await)
    }

    async fn remove_domain(&self, request: Request<api::DomainRequest>) -> Answer<api::Done> {
        let request = self.change(request)?;
        done(self.rooms.storage.remove_domain(&request).await)
    }

    async fn get_domain(&self, request: Request<api::DomainRequest>) -> Answer<api::DomainState> {
        told(self.rooms.storage.domain(request.get_ref()).await)
    }

    async fn create_volume(&self, request: Request<api::CreateVolumeRequest>) -> Answer<api::VolumeState> {
        let request = self.change(request)?;
        told(self.rooms.storage.create_volume(request).await)
    }

    async fn copy_volume(&self, request: Request<api::CopyVolumeRequest>) -> Answer<api::Done> {
        let request = self.change(request)?;
        done(self.rooms.storage.copy_volume(request).await)
    }

    async fn remove_volume(&self, request: Request<api::VolumeRequest>) -> Answer<api::Done> {
        let request = self.change(request)?;
        done(self.rooms.storage.remove_volume(&request).await)
    }

    async fn resize_volume(&self, request: Request<api::ResizeVolumeRequest>) -> Answer<api::VolumeState> {
        let request = self.change(request)?;
        told(self.rooms.storage.resize_volume(&request).await)
    }

    async fn get_volume(&self, request: Request<api::VolumeRequest>) -> Answer<api::VolumeState> {
        told(self.rooms.storage.volume(request.get_ref()).await)
    }

    async fn list_volumes(&self, request: Request<api::DomainRequest>) -> Answer<api::VolumeList> {
        told(self.rooms.storage.list_volumes(request.get_ref()).await)
    }

    async fn get_task(&self, request: Request<api::TaskRequest>) -> Answer<api::TaskState> {
        Ok(Response::new(self.rooms.storage.task(request.get_ref())))
    }

    async fn cancel_task(&self, request: Request<api::TaskRequest>) -> Answer<api::Done> {
        let request = self.change(request)?;
        done(self.rooms.storage.cancel_task(&request).await)
    }

    async fn add_ticket(&self, request: Request<api::AddTicketRequest>) -> Answer<api::TicketState> {
        let request = self.change(request)?;
        told(self.rooms.transfers.add_ticket(request).await)
    }

    async fn extend_ticket(&self, request: Request<api::ExtendTicketRequest>) -> Answer<api::TicketState> {
        let request = self.change(request)?;
        told(self.rooms.transfers.extend_ticket(&request))
    }

    async fn get_ticket(&self, request: Request<api::TicketRequest>) -> Answer<api::TicketState> {
        told(self.rooms.transfers.ticket(request.get_ref()))
    }

    async fn remove_ticket(&self, request: Request<api::TicketRequest>) -> Answer<api::Done> {
        let request = self.change(request)?;
        done(self.rooms.transfers.remove_ticket(&request).await)
    }

    async fn setup_networks(&self, request: Request<api::SetupNetworksRequest>) -> Answer<api::NetworkState> {
        let request = self.change(request)?;
        told(self.rooms.networks.setup(&request).await)
    }

    async fn begin_rotation(&self, request: Request<api::Empty>) -> Answer<api::SigningRequest> {
        self.change(request)?;
        told(self.rooms.identity.begin_rotation())
    }

    async fn finish_rotation(&self, request: Request<api::SignedCertificate>) -> Answer<api::Done> {
        let signed = self.change(request)?;
        done(self.rooms.identity.finish_rotation(&signed))
    }
}
