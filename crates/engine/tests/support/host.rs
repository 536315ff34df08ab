//! A double of a host agent behind the real host door: storage in memory, shared by all hosts, and faults on demand.
//!
//! It holds to the contract where jobs depend on it: an engine of an older epoch changes nothing, repeated requests are fine,
//! what is gone is gone, a ticket is memory only. Whatever else a host does, it refuses.

use std::collections::{BTreeMap, HashMap, HashSet, VecDeque};
use std::pin::Pin;
use std::sync::{Arc, Mutex, MutexGuard};
use std::time::Duration;

use ferrovirt_engine::pki::Pki;
use ferrovirt_hostapi as api;
use ferrovirt_hostapi::host_server::{Host, HostServer};
use ferrovirt_model::ids::HostId;
use tokio::net::TcpListener;
use tokio::sync::{Notify, broadcast};
use tokio::task::JoinHandle;
use tokio_stream::Stream;
use tokio_stream::wrappers::TcpListenerStream;
use tonic::metadata::MetadataMap;
use tonic::transport::{Identity as Shown, Server, ServerTlsConfig};
use tonic::{Request, Response, Status, Streaming};

use super::guests::Machines;
use super::identity::{self, Identity};

/// What goes wrong with one request.
#[derive(Clone, Copy, Debug)]
pub enum Fault {
    /// Nothing: a later request goes wrong.
    Spare,
    /// The host says no, and has done nothing.
    Refuse,
    /// The host has no room, and has done nothing.
    Full,
    /// No answer, and nothing was done.
    Away,
    /// It was done, and the answer got lost.
    LoseAnswer,
    /// It was done, and no answer ever comes.
    Hang,
    /// It was done, and the connection broke, which is told as an internal error.
    Break,
}

/// A volume.
#[derive(Clone, Debug)]
pub struct Volume {
    /// What it is.
    pub state: api::VolumeState,
    /// Its own bytes are being written by strangers.
    pub uploading: bool,
}

/// A ticket.
#[derive(Clone, Debug)]
pub struct Ticket {
    /// What was asked for.
    pub request: api::AddTicketRequest,
    /// How it stands.
    pub state: api::TicketState,
}

/// What all hosts see, and what each of them has.
#[derive(Debug, Default)]
pub struct Storage {
    /// Domains on the storage.
    pub domains: HashSet<String>,
    /// Which host uses which domain.
    pub active: HashSet<(HostId, String)>,
    /// Volumes by their id.
    pub volumes: BTreeMap<String, Volume>,
    /// Tickets by host and id.
    pub tickets: HashMap<(HostId, String), Ticket>,
    /// Copies by job and step: how often they were asked after.
    pub tasks: HashMap<String, api::TaskState>,
    /// Copies that fail.
    pub copies_fail: u32,
    /// What clients have uploaded is damaged.
    pub damaged: bool,
    /// Free bytes.
    pub available: u64,
}

/// What the tests and all hosts share.
#[derive(Debug)]
pub struct Shared {
    storage: Mutex<Storage>,
    faults: Mutex<HashMap<&'static str, VecDeque<Fault>>>,
    calls: Mutex<Vec<&'static str>>,
    cut: Mutex<HashSet<HostId>>,
    cutting: Notify,
    holding: Mutex<HashSet<HostId>>,
    held: Mutex<usize>,
    machines: Mutex<Machines>,
    epochs: Mutex<HashMap<HostId, u64>>,
    identities: Mutex<HashMap<HostId, Identity>>,
    news: broadcast::Sender<(HostId, api::report::Body)>,
}

impl Default for Shared {
    fn default() -> Self {
        let storage = Storage { available: 100 << 30, ..Default::default() };
        Self {
            storage: Mutex::new(storage),
            faults: Mutex::default(),
            calls: Mutex::default(),
            cut: Mutex::default(),
            cutting: Notify::new(),
            holding: Mutex::default(),
            held: Mutex::default(),
            machines: Mutex::default(),
            epochs: Mutex::default(),
            identities: Mutex::default(),
            news: broadcast::channel(1024).0,
        }
    }
}

impl Shared {
    /// The storage, to be looked at or changed behind everybody's back.
    pub fn storage(&self) -> MutexGuard<'_, Storage> {
        self.storage.lock().unwrap()
    }

    /// Works on the machines of all hosts, and tells what changed.
    pub fn machines<T>(&self, deed: impl FnOnce(&mut Machines) -> T) -> T {
        let mut machines = self.machines.lock().unwrap();
        let answer = deed(&mut machines);
        for news in machines.news.drain(..) {
            let _listeners = self.news.send(news);
        }
        answer
    }

    /// A host that was cut off answers again.
    pub fn mend(&self, host: HostId) {
        self.cut.lock().unwrap().remove(&host);
    }

    /// The next requests of a verb go wrong so.
    pub fn fault(&self, verb: &'static str, faults: &[Fault]) {
        self.faults.lock().unwrap().entry(verb).or_default().extend(faults);
    }

    /// How often a verb was asked.
    pub fn calls(&self, verb: &str) -> usize {
        self.calls.lock().unwrap().iter().filter(|call| **call == verb).count()
    }

    /// Ends a host's streams and refuses whatever it is asked.
    pub fn cut(&self, host: HostId) {
        self.cut.lock().unwrap().insert(host);
        self.cutting.notify_waiters();
    }

    /// From now on a host's new streams wait with their first report, which says how the host is when they open.
    pub fn hold_reports(&self, host: HostId) {
        self.holding.lock().unwrap().insert(host);
    }

    /// Lets what was held go.
    pub fn let_reports_go(&self, host: HostId) {
        self.holding.lock().unwrap().remove(&host);
    }

    /// How many streams have been held so far.
    pub fn held(&self) -> usize {
        *self.held.lock().unwrap()
    }

    fn is_holding(&self, host: HostId) -> bool {
        self.holding.lock().unwrap().contains(&host)
    }

    /// What was still to go wrong with a verb goes well.
    pub fn no_more_faults(&self, verb: &'static str) {
        self.faults.lock().unwrap().remove(verb);
    }

    /// Whether a host is cut off.
    pub fn is_cut(&self, host: HostId) -> bool {
        self.cut.lock().unwrap().contains(&host)
    }

    /// Works on a host's identity.
    pub fn identity<T>(&self, host: HostId, deed: impl FnOnce(&mut Identity) -> T) -> T {
        deed(self.identities.lock().unwrap().entry(host).or_default())
    }

    /// The rule about leader epochs, as every host keeps it.
    fn hear(&self, host: HostId, rule: impl FnOnce(Option<u64>) -> Result<u64, Status>) -> Result<(), Status> {
        let mut epochs = self.epochs.lock().unwrap();
        let highest = rule(epochs.get(&host).copied())?;
        epochs.insert(host, highest);
        Ok(())
    }

    fn next_fault(&self, verb: &'static str) -> Option<Fault> {
        self.calls.lock().unwrap().push(verb);
        self.faults.lock().unwrap().get_mut(verb).and_then(VecDeque::pop_front)
    }
}

/// One host.
#[derive(Clone)]
pub struct Double {
    id: HostId,
    shared: Arc<Shared>,
}

impl Double {
    /// Serves the host door on a free port of this machine.
    pub async fn serve(id: HostId, pki: &Pki, shared: Arc<Shared>) -> (u16, JoinHandle<()>) {
        let key = rcgen::KeyPair::generate().unwrap();
        let issued =
            pki.issue_host(&identity::request(&key), id, &["127.0.0.1".to_owned()], ferrovirt_engine::now()).unwrap();
        shared.identity(id, |identity| *identity = Identity::new(&key, issued.certificate_pem.clone()));
        let shown = Shown::from_pem(issued.certificate_pem, key.serialize_pem());
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let port = listener.local_addr().unwrap().port();
        let double = Self { id, shared };
        let server = Server::builder()
            .tls_config(ServerTlsConfig::new().identity(shown))
            .unwrap()
            .add_service(HostServer::new(double))
            .serve_with_incoming(TcpListenerStream::new(listener));
        let task = tokio::spawn(async move { server.await.unwrap() });
        (port, task)
    }

    async fn serve_one<Ask: Send, Answer>(
        &self,
        verb: &'static str,
        ask: Request<Ask>,
        deed: fn(&mut Storage, HostId, Ask) -> Result<Answer, Status>,
    ) -> Result<Response<Answer>, Status> {
        let (told, _, ask) = ask.into_parts();
        self.meddle(verb, &told, || deed(&mut self.shared.storage(), self.id, ask)).await
    }

    async fn serve_identity<Ask: Send, Answer>(
        &self,
        verb: &'static str,
        ask: Request<Ask>,
        deed: fn(&mut Identity, Ask) -> Result<Answer, Status>,
    ) -> Result<Response<Answer>, Status> {
        let (told, _, ask) = ask.into_parts();
        self.meddle(verb, &told, || self.shared.identity(self.id, |identity| deed(identity, ask))).await
    }

    async fn serve_vm<Ask: Send, Answer>(
        &self,
        verb: &'static str,
        ask: Request<Ask>,
        deed: fn(&mut Machines, HostId, Ask) -> Result<Answer, Status>,
    ) -> Result<Response<Answer>, Status> {
        let (told, _, ask) = ask.into_parts();
        self.meddle(verb, &told, || self.shared.machines(|machines| deed(machines, self.id, ask))).await
    }

    async fn meddle<Answer>(
        &self,
        verb: &'static str,
        told: &MetadataMap,
        deed: impl FnOnce() -> Result<Answer, Status> + Send,
    ) -> Result<Response<Answer>, Status> {
        if self.shared.is_cut(self.id) {
            return Err(Status::unavailable("this host is gone"));
        }
        // What only looks is answered to whoever asks.
        if !verb.starts_with("get_") {
            self.shared.hear(self.id, |highest| api::epoch::admit(highest, told))?;
        }
        let fault = self.shared.next_fault(verb);
        match fault {
            Some(Fault::Refuse) => return Err(Status::failed_precondition("told to refuse")),
            Some(Fault::Full) => return Err(Status::resource_exhausted("the storage is full; nothing was written")),
            Some(Fault::Away) => return Err(Status::unavailable("told to be away")),
            Some(Fault::Spare | Fault::LoseAnswer | Fault::Hang | Fault::Break) | None => {}
        }
        let answer = deed()?;
        match fault {
            Some(Fault::LoseAnswer) => Err(Status::unavailable("told to lose the answer")),
            Some(Fault::Break) => Err(Status::internal("h2 protocol error")),
            Some(Fault::Hang) => std::future::pending().await,
            _ => Ok(Response::new(answer)),
        }
    }
}

fn volume_of(volume: Option<&api::VolumeRef>) -> String {
    volume.map(|volume| volume.volume_id.clone()).unwrap_or_default()
}

impl Storage {
    fn domain(&self, id: &str) -> api::DomainState {
        api::DomainState {
            domain_id: id.to_owned(),
            ready: true,
            total: 200 << 30,
            available: self.available,
            ..Default::default()
        }
    }

    fn require_domain(&self, id: &str) -> Result<(), Status> {
        if self.domains.contains(id) { Ok(()) } else { Err(Status::not_found("there is no such domain")) }
    }

    fn require_volume(&mut self, volume: Option<&api::VolumeRef>) -> Result<&mut Volume, Status> {
        let id = volume_of(volume);
        self.volumes.get_mut(&id).ok_or_else(|| Status::not_found("there is no such volume"))
    }

    fn create_domain(&mut self, _: HostId, ask: api::CreateDomainRequest) -> Result<api::DomainState, Status> {
        self.domains.insert(ask.domain_id.clone());
        Ok(self.domain(&ask.domain_id))
    }

    fn activate_domain(&mut self, host: HostId, ask: api::DomainRequest) -> Result<api::DomainState, Status> {
        self.require_domain(&ask.domain_id)?;
        self.active.insert((host, ask.domain_id.clone()));
        Ok(self.domain(&ask.domain_id))
    }

    fn deactivate_domain(&mut self, host: HostId, ask: api::DomainRequest) -> Result<api::Done, Status> {
        self.active.remove(&(host, ask.domain_id));
        Ok(api::Done {})
    }

    fn remove_domain(&mut self, host: HostId, ask: api::DomainRequest) -> Result<api::Done, Status> {
        if self.active.contains(&(host, ask.domain_id.clone())) {
            return Err(Status::failed_precondition("the domain is active on this host"));
        }
        self.domains.remove(&ask.domain_id);
        Ok(api::Done {})
    }

    fn get_domain(&mut self, _: HostId, ask: api::DomainRequest) -> Result<api::DomainState, Status> {
        self.require_domain(&ask.domain_id)?;
        Ok(self.domain(&ask.domain_id))
    }

    fn create_volume(&mut self, _: HostId, ask: api::CreateVolumeRequest) -> Result<api::VolumeState, Status> {
        let volume = ask.volume.clone().unwrap_or_default();
        self.require_domain(&volume.domain_id)?;
        let state = api::VolumeState {
            volume: Some(volume.clone()),
            format: ask.format,
            virtual_size: ask.virtual_size,
            actual_size: 4096,
            sparse: ask.sparse,
            parent_volume_id: volume_of(ask.parent.as_ref()),
            legal: true,
            description: ask.description,
        };
        let made = self.volumes.entry(volume.volume_id).or_insert(Volume { state, uploading: false });
        Ok(made.state.clone())
    }

    fn remove_volume(&mut self, _: HostId, ask: api::VolumeRequest) -> Result<api::Done, Status> {
        self.volumes.remove(&volume_of(ask.volume.as_ref()));
        Ok(api::Done {})
    }

    fn resize_volume(&mut self, _: HostId, ask: api::ResizeVolumeRequest) -> Result<api::VolumeState, Status> {
        let volume = self.require_volume(ask.volume.as_ref())?;
        volume.state.virtual_size = volume.state.virtual_size.max(ask.virtual_size);
        Ok(volume.state.clone())
    }

    fn get_volume(&mut self, _: HostId, ask: api::VolumeRequest) -> Result<api::VolumeState, Status> {
        Ok(self.require_volume(ask.volume.as_ref())?.state.clone())
    }

    fn copy_volume(&mut self, _: HostId, ask: api::CopyVolumeRequest) -> Result<api::Done, Status> {
        self.require_volume(ask.source.as_ref())?;
        self.require_volume(ask.target.as_ref())?.state.actual_size = 1 << 20;
        let key = ask.key.unwrap_or_default();
        let name = format!("{}/{}/{}", key.job_id, key.step, key.generation);
        let succeeded = self.copies_fail == 0;
        self.copies_fail = self.copies_fail.saturating_sub(1);
        let state = api::TaskState { key: Some(key), running: false, succeeded, ..Default::default() };
        self.tasks.entry(name).or_insert(state);
        Ok(api::Done {})
    }

    fn get_task(&mut self, _: HostId, ask: api::TaskRequest) -> Result<api::TaskState, Status> {
        let key = ask.key.unwrap_or_default();
        let name = format!("{}/{}/{}", key.job_id, key.step, key.generation);
        let unknown = api::TaskState { error: "unknown".to_owned(), ..Default::default() };
        Ok(self.tasks.get(&name).cloned().unwrap_or(unknown))
    }

    fn cancel_task(&mut self, _: HostId, _: api::TaskRequest) -> Result<api::Done, Status> {
        Ok(api::Done {})
    }

    fn add_ticket(&mut self, host: HostId, ask: api::AddTicketRequest) -> Result<api::TicketState, Status> {
        let image = ask.format == "qcow2" && ask.operations.iter().any(|one| one == "write");
        let volume = self.require_volume(ask.volume.as_ref())?;
        if image {
            volume.uploading = true;
            volume.state.legal = false;
        }
        let state = api::TicketState {
            ticket_id: ask.ticket_id.clone(),
            transfer_id: ask.transfer_id.clone(),
            ..Default::default()
        };
        let ticket = self.tickets.entry((host, ask.ticket_id.clone())).or_insert(Ticket { request: ask, state });
        Ok(ticket.state.clone())
    }

    fn extend_ticket(&mut self, host: HostId, ask: api::ExtendTicketRequest) -> Result<api::TicketState, Status> {
        let ticket = self.tickets.get(&(host, ask.ticket_id));
        ticket.map(|ticket| ticket.state.clone()).ok_or_else(|| Status::not_found("there is no such ticket"))
    }

    fn get_ticket(&mut self, host: HostId, ask: api::TicketRequest) -> Result<api::TicketState, Status> {
        let ticket = self.tickets.get(&(host, ask.ticket_id));
        ticket.map(|ticket| ticket.state.clone()).ok_or_else(|| Status::not_found("there is no such ticket"))
    }

    fn remove_ticket(&mut self, host: HostId, ask: api::TicketRequest) -> Result<api::Done, Status> {
        let Some(ticket) = self.tickets.remove(&(host, ask.ticket_id)) else { return Ok(api::Done {}) };
        let damaged = self.damaged;
        let volume = self.require_volume(ticket.request.volume.as_ref())?;
        if volume.uploading && damaged {
            return Err(Status::failed_precondition("the image is damaged"));
        }
        volume.uploading = false;
        volume.state.legal = true;
        Ok(api::Done {})
    }
}

type Reports = Pin<Box<dyn Stream<Item = Result<api::Report, Status>> + Send>>;
type Console = Pin<Box<dyn Stream<Item = Result<api::ConsoleBytes, Status>> + Send>>;

/// What a host can do.
fn capabilities() -> api::Capabilities {
    api::Capabilities {
        cpu_sockets: 2,
        cpu_cores_per_socket: 8,
        cpu_threads_per_core: 1,
        memory: 64 << 30,
        virtualization: "tcg".to_owned(),
        ..Default::default()
    }
}

/// A report stream that says what the host has and what becomes of it, until it is cut off.
fn reports(double: Double) -> Reports {
    let (sender, receiver) = tokio::sync::mpsc::channel(64);
    tokio::spawn(async move {
        // Heard from before the look at what is there, so nothing falls between the two.
        let mut news = double.shared.news.subscribe();
        let states = double.shared.machines(|machines| machines.states(double.id));
        let all = api::FullSync { vms: states, ..Default::default() };
        let first = [api::report::Body::Capabilities(capabilities()), api::report::Body::FullSync(all)];
        let mut waiting: VecDeque<api::report::Body> = first.into();
        let mut number = 0;
        if double.shared.is_holding(double.id) {
            *double.shared.held.lock().unwrap() += 1;
        }
        while double.shared.is_holding(double.id) {
            tokio::time::sleep(Duration::from_millis(10)).await;
        }
        loop {
            let cut = double.shared.cutting.notified();
            if double.shared.is_cut(double.id) {
                return;
            }
            let body = match waiting.pop_front() {
                Some(body) => Some(body),
                None => tokio::select! {
                    heard = news.recv() => match heard {
                        Ok((host, body)) => (host == double.id).then_some(body),
                        Err(_) => return,
                    },
                    () = tokio::time::sleep(Duration::from_secs(5)) => {
                        Some(api::report::Body::Heartbeat(api::Heartbeat {}))
                    }
                    () = cut => None,
                },
            };
            let Some(body) = body else { continue };
            number += 1;
            if sender.send(Ok(api::Report { number, at: 0, body: Some(body) })).await.is_err() {
                return;
            }
        }
    });
    Box::pin(tokio_stream::wrappers::ReceiverStream::new(receiver))
}

macro_rules! host_double {
    (
        served { $($verb:ident($ask:ident) -> $answer:ident;)* }
        identity { $($proof:ident($proof_ask:ident) -> $proof_answer:ident;)* }
        machines { $($deed:ident($deed_ask:ident) -> $deed_answer:ident;)* }
        refused { $($other:ident($other_ask:ident) -> $other_answer:ident;)* }
    ) => {
        #[tonic::async_trait]
        impl Host for Double {
            type ReportsStream = Reports;
            type ConsoleStream = Console;

            async fn hello(&self, ask: Request<api::HelloRequest>) -> Result<Response<api::HelloReply>, Status> {
                if self.shared.is_cut(self.id) {
                    return Err(Status::unavailable("this host is gone"));
                }
                let epoch = ask.into_inner().leader_epoch;
                self.shared.hear(self.id, |highest| api::epoch::greet(highest, epoch))?;
                self.shared.calls.lock().unwrap().push("hello");
                Ok(Response::new(api::HelloReply {
                    host_id: self.id.to_string(),
                    protocol: api::PROTOCOL,
                    boot_id: "boot".to_owned(),
                    hardware_id: self.id.to_string(),
                    ..Default::default()
                }))
            }

            async fn reports(&self, ask: Request<api::ReportsRequest>) -> Result<Response<Reports>, Status> {
                self.shared.hear(self.id, |highest| api::epoch::admit(highest, ask.metadata()))?;
                Ok(Response::new(reports(self.clone())))
            }

            async fn console(&self, _: Request<Streaming<api::ConsoleBytes>>) -> Result<Response<Console>, Status> {
                Err(Status::unimplemented("a double has no consoles"))
            }

            $(async fn $verb(&self, request: Request<api::$ask>) -> Result<Response<api::$answer>, Status> {
                self.serve_one(stringify!($verb), request, Storage::$verb).await
            })*

            $(async fn $proof(
                &self,
                request: Request<api::$proof_ask>,
            ) -> Result<Response<api::$proof_answer>, Status> {
                self.serve_identity(stringify!($proof), request, Identity::$proof).await
            })*

            $(async fn $deed(
                &self,
                request: Request<api::$deed_ask>,
            ) -> Result<Response<api::$deed_answer>, Status> {
                self.serve_vm(stringify!($deed), request, Machines::$deed).await
            })*

            $(async fn $other(&self, _: Request<api::$other_ask>) -> Result<Response<api::$other_answer>, Status> {
                Err(Status::unimplemented(stringify!($other)))
            })*
        }
    };
}

host_double! {
    served {
        create_domain(CreateDomainRequest) -> DomainState;
        activate_domain(DomainRequest) -> DomainState;
        deactivate_domain(DomainRequest) -> Done;
        remove_domain(DomainRequest) -> Done;
        get_domain(DomainRequest) -> DomainState;
        create_volume(CreateVolumeRequest) -> VolumeState;
        copy_volume(CopyVolumeRequest) -> Done;
        remove_volume(VolumeRequest) -> Done;
        resize_volume(ResizeVolumeRequest) -> VolumeState;
        get_volume(VolumeRequest) -> VolumeState;
        get_task(TaskRequest) -> TaskState;
        cancel_task(TaskRequest) -> Done;
        add_ticket(AddTicketRequest) -> TicketState;
        extend_ticket(ExtendTicketRequest) -> TicketState;
        get_ticket(TicketRequest) -> TicketState;
        remove_ticket(TicketRequest) -> Done;
    }
    identity {
        begin_rotation(Empty) -> SigningRequest;
        finish_rotation(SignedCertificate) -> Done;
    }
    machines {
        start_vm(StartVmRequest) -> StartVmReply;
        stop_vm(StopVmRequest) -> Done;
        shutdown_vm(ShutdownVmRequest) -> Done;
        reboot_vm(RebootVmRequest) -> Done;
        pause_vm(VmRequest) -> Done;
        resume_vm(VmRequest) -> Done;
        get_vm(GetVmRequest) -> VmState;
        acknowledge_vm(VmRequest) -> Done;
        migrate_vm(MigrateVmRequest) -> Done;
        cancel_migration(VmRequest) -> Done;
        prepare_incoming(PrepareIncomingRequest) -> PrepareIncomingReply;
        abandon_incoming(VmRequest) -> Done;
        attach_device(DeviceRequest) -> Done;
        detach_device(DeviceRequest) -> Done;
        update_nic(DeviceRequest) -> Done;
        set_console_ticket(ConsoleTicketRequest) -> Done;
    }
    refused {
        connect_storage(StorageConnection) -> Done;
        disconnect_storage(StorageConnection) -> Done;
        list_volumes(DomainRequest) -> VolumeList;
        setup_networks(SetupNetworksRequest) -> NetworkState;
    }
}
