//! What a simulated host holds: VMs, storage domains, volumes, tickets, and the listeners to its reports.

use std::collections::{BTreeMap, HashMap};
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::{SystemTime, UNIX_EPOCH};

use ferrovirt_hostapi::report::Body;
use ferrovirt_hostapi::{
    Capabilities, DomainState, FullSync, GraphicsState, GuestFacts, GuestNic, GuestOs, GuestPackage, HostStatistics,
    NetworkPresence, NetworkState, TicketState, VmPhase, VmSpec, VmState, VmStatistics, VolumeState,
};
use tokio::sync::mpsc;
use uuid::Uuid;

/// Bytes of memory of a simulated host.
pub const MEMORY: u64 = 512 << 30;
/// Bytes of a simulated storage domain.
pub const DOMAIN_SIZE: u64 = 100 << 40;

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
    /// Storage domains by id.
    pub domains: BTreeMap<String, DomainState>,
    /// Volumes by id.
    pub volumes: HashMap<String, VolumeState>,
    /// Tickets by id.
    pub tickets: HashMap<String, TicketState>,
    /// Networks that stand.
    pub networks: Vec<NetworkPresence>,
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
    /// Changes at each start of the simulator.
    pub boot: Uuid,
    holdings: Mutex<Holdings>,
}

/// The time now, ms since the epoch.
#[must_use]
pub fn now() -> i64 {
    let since = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
    i64::try_from(since.as_millis()).unwrap_or(i64::MAX)
}

impl World {
    /// An empty host.
    #[must_use]
    pub fn new(number: u32, name: String, id: String) -> Self {
        Self { number, name, id, boot: Uuid::new_v4(), holdings: Mutex::default() }
    }

    /// What it holds, for reading and writing.
    pub fn hold(&self) -> MutexGuard<'_, Holdings> {
        self.holdings.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Listens to reports: a full one and the host's own first, changes after.
    pub fn listen(&self) -> mpsc::UnboundedReceiver<Body> {
        let (sender, receiver) = mpsc::unbounded_channel();
        let mut hold = self.hold();
        let full = FullSync {
            vms: hold.machines.values().map(|machine| machine.state.clone()).collect(),
            domains: hold.domains.values().cloned().collect(),
            tasks: Vec::new(),
            tickets: hold.tickets.values().cloned().collect(),
        };
        let network = NetworkState { nics: Vec::new(), networks: hold.networks.clone() };
        let mut first = vec![Body::Capabilities(self.capabilities(network)), Body::FullSync(full)];
        first.extend(hold.machines.values().map(|machine| Body::Guest(guest(&machine.spec))));
        for body in first {
            // The listener exists: it is the receiver just made.
            let _sent = sender.send(body);
        }
        hold.listeners.push(sender);
        receiver
    }

    fn capabilities(&self, network: NetworkState) -> Capabilities {
        Capabilities {
            hostname: self.name.clone(),
            cpu_model: "Simulated CPU".to_owned(),
            cpu_vendor: "GenuineIntel".to_owned(),
            cpu_flags: ["vmx", "nx", "model_Nehalem", "model_Westmere", "model_Haswell-noTSX"]
                .map(str::to_owned)
                .into(),
            cpu_sockets: 2,
            cpu_cores_per_socket: 32,
            cpu_threads_per_core: 2,
            cpu_mhz: 2800.0,
            memory: MEMORY,
            kernel_version: "6.1.0".to_owned(),
            os_name: "Simulated".to_owned(),
            os_version: "1".to_owned(),
            libvirt_version: "9.0.0".to_owned(),
            qemu_version: "7.2.0".to_owned(),
            agent_version: env!("CARGO_PKG_VERSION").to_owned(),
            kvm_usable: true,
            virtualization: "kvm".to_owned(),
            emulated_machines: vec!["pc".to_owned(), "q35".to_owned()],
            hardware_id: self.id.clone(),
            boot_time: now(),
            network: Some(network),
            transfer_port: u64::from(ferrovirt_hostapi::TRANSFER_PORT),
            ..Default::default()
        }
    }

    /// The host's measurements now, and those of a share of its VMs: each VM about once in 15 calls.
    pub fn measure(&self, tick: u64) {
        let hold = self.hold();
        let running = hold.machines.len() as u64;
        let statistics = HostStatistics {
            memory_total: MEMORY,
            memory_used: running << 30,
            memory_free: MEMORY.saturating_sub(running << 30),
            cpu_idle_percent: 90.0,
            cpu_user_percent: 8.0,
            cpu_system_percent: 2.0,
            active_vms: u32::try_from(running).unwrap_or(u32::MAX),
            ..Default::default()
        };
        let mut bodies = vec![Body::HostStatistics(statistics)];
        for (index, machine) in hold.machines.values().enumerate() {
            if index as u64 % 15 == tick % 15 {
                bodies.push(Body::VmStatistics(vm_statistics(machine)));
            }
        }
        drop(hold);
        for body in bodies {
            self.tell(body);
        }
    }

    /// Tells every listener; forgets those that are gone.
    pub fn tell(&self, body: Body) {
        self.hold().listeners.retain(|listener| listener.send(body.clone()).is_ok());
    }
}

fn vm_statistics(machine: &Machine) -> VmStatistics {
    let memory = machine.spec.memory;
    VmStatistics {
        vm_id: machine.spec.id.clone(),
        memory_installed: memory,
        memory_used: memory / 3,
        memory_free: memory - memory / 3,
        cpu_guest_percent: 4.0,
        cpu_total_percent: 5.0,
        elapsed_seconds: u64::try_from((now() - machine.state.started_at) / 1000).unwrap_or_default(),
        ..Default::default()
    }
}

/// What the state of a VM is that has just begun to run.
#[must_use]
pub fn running(spec: &VmSpec) -> VmState {
    VmState {
        vm_id: spec.id.clone(),
        generation: spec.generation,
        phase: VmPhase::Running.into(),
        guest_agent: true,
        started_at: now(),
        graphics: spec
            .graphics
            .iter()
            .map(|graphics| GraphicsState {
                kind: graphics.kind.clone(),
                address: graphics.listen_address.clone(),
                port: 5900,
                tls_port: 0,
            })
            .collect(),
        ..Default::default()
    }
}

/// What a simulated guest says of itself.
#[must_use]
pub fn guest(spec: &VmSpec) -> GuestFacts {
    let number = spec.id.bytes().fold(0_u32, |sum, byte| sum.wrapping_mul(31).wrapping_add(u32::from(byte)));
    let [_, b, c, d] = number.to_be_bytes();
    GuestFacts {
        vm_id: spec.id.clone(),
        agent_version: env!("CARGO_PKG_VERSION").to_owned(),
        hostname: spec.name.clone(),
        fqdn: format!("{}.sim.internal", spec.name),
        os: Some(GuestOs {
            family: "linux".to_owned(),
            distribution: "Debian GNU/Linux".to_owned(),
            version: "12".to_owned(),
            codename: "bookworm".to_owned(),
            kernel: "6.1.0".to_owned(),
            architecture: "x86_64".to_owned(),
            pretty_name: "Debian GNU/Linux 12".to_owned(),
        }),
        timezone_name: "UTC".to_owned(),
        nics: spec
            .nics
            .iter()
            .map(|nic| GuestNic {
                name: "eth0".to_owned(),
                mac_address: nic.mac_address.clone(),
                addresses: vec![format!("10.{b}.{c}.{d}")],
            })
            .collect(),
        packages: vec![GuestPackage { name: "linux-image-amd64".to_owned(), version: "6.1.0".to_owned() }],
        memory_total: spec.memory,
        ..Default::default()
    }
}
