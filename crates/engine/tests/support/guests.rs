//! The machines of all host doubles: where each guest executes, and how it moves. Holds to the host contract where jobs
//! depend on it, and notes whenever a guest could execute in two places.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use ferrovirt_hostapi as api;
use ferrovirt_hostapi::VmPhase;
use ferrovirt_hostapi::report::Body;
use ferrovirt_model::ids::HostId;
use tonic::Status;

/// How many looks at the source a migration takes.
const LOOKS: u32 = 3;
/// How long guests stand while they move, ms.
pub const DOWNTIME: u64 = 42;

/// One run of a VM on one host.
#[derive(Clone, Debug)]
pub struct Machine {
    /// What the host says of it.
    pub state: api::VmState,
    /// Where it is being sent, and how many looks are left.
    moving: Option<(api::MigrateVmRequest, u32)>,
    /// NICs and disks that are in, by id.
    pub devices: Vec<String>,
    /// What the guest finds at its first boot.
    pub first_boot: Option<api::FirstBoot>,
    /// What opens its console.
    pub console_password: String,
    /// The disk whose CD lies in the drive.
    pub cd: Option<String>,
}

fn cd_of(drive: Option<&api::CdromSpec>) -> Option<String> {
    let drive = drive.filter(|drive| drive.present)?;
    drive.volume.as_ref().map(|volume| volume.disk_id.clone())
}

/// Every machine of every host.
#[derive(Debug, Default)]
pub struct Machines {
    all: BTreeMap<(HostId, String), Machine>,
    /// What the hosts have to tell.
    pub news: Vec<(HostId, Body)>,
    /// A sentence for each time that a guest could execute twice.
    pub violations: Vec<String>,
    /// Deeds that were done by a key, by host.
    done: HashMap<(HostId, String), u32>,
    /// Machines that full reports leave out.
    hidden: BTreeSet<(HostId, String)>,
    /// Migrations stand still until this is lifted.
    pub hold_moves: bool,
    /// Guests that are asked to shut down are at it until they are ended.
    pub hold_shutdowns: bool,
    /// The next migration fails with this.
    pub fail_move: Option<String>,
    /// The source's libvirt dies at the end of the next migration, and what it had there stands: does the guest run at the
    /// target?
    pub break_off: Option<bool>,
}

fn executes(state: &api::VmState) -> bool {
    let stands = state.phase() == VmPhase::Paused && state.pause_reason == "migration";
    !stands
        && matches!(
            state.phase(),
            VmPhase::Running
                | VmPhase::Paused
                | VmPhase::ShuttingDown
                | VmPhase::Rebooting
                | VmPhase::MigratingOut
                | VmPhase::NotResponding
        )
}

impl Machines {
    /// The hosts where a guest executes.
    pub fn executing(&self, vm: &str) -> Vec<HostId> {
        self.all
            .iter()
            .filter(|((_, id), machine)| id == vm && executes(&machine.state))
            .map(|((host, _), _)| *host)
            .collect()
    }

    /// A machine.
    pub fn machine(&self, host: HostId, vm: &str) -> Option<&Machine> {
        self.all.get(&(host, vm.to_owned()))
    }

    /// All that a host says at the beginning of a stream.
    pub fn states(&self, host: HostId) -> Vec<api::VmState> {
        let told = self.all.iter().filter(|(key, _)| key.0 == host && !self.hidden.contains(key));
        told.map(|(_, machine)| machine.state.clone()).collect()
    }

    /// Full reports leave a machine out, as one does that is older than the machine.
    pub fn hide(&mut self, host: HostId, vm: &str, hidden: bool) {
        let key = (host, vm.to_owned());
        let _known = if hidden { self.hidden.insert(key) } else { self.hidden.remove(&key) };
    }

    /// A host loses power: its guests are gone, and what was on its way to it comes back.
    pub fn power_off(&mut self, host: HostId) {
        self.all.retain(|(at, _), _| *at != host);
        let orphans: Vec<(HostId, String)> = self
            .all
            .iter()
            .filter(|(_, machine)| {
                machine.moving.as_ref().is_some_and(|(request, _)| request.target_host_id == host.to_string())
            })
            .map(|(key, _)| key.clone())
            .collect();
        for (at, vm) in orphans {
            self.stay(at, &vm, api::MigrationProgress { error: "the target is gone".to_owned(), ..Default::default() });
        }
        // What waited for a guest that is gone ends, too.
        let waiting: Vec<(HostId, String)> = self
            .all
            .iter()
            .filter(|((_, vm), machine)| machine.state.phase() == VmPhase::MigratingIn && self.sender_of(vm).is_none())
            .map(|(key, _)| key.clone())
            .collect();
        for (at, vm) in waiting {
            self.end(at, &vm, "failed_to_start");
        }
    }

    fn sender_of(&self, vm: &str) -> Option<HostId> {
        self.all.iter().find(|((_, id), machine)| id == vm && machine.moving.is_some()).map(|((host, _), _)| *host)
    }

    fn tell(&mut self, host: HostId, vm: &str) {
        if let Some(machine) = self.all.get(&(host, vm.to_owned())) {
            self.news.push((host, Body::Vm(machine.state.clone())));
        }
        let hosts = self.executing(vm);
        if hosts.len() > 1 {
            self.violations.push(format!("VM {vm} executes on {hosts:?}"));
        }
    }

    /// A run ends.
    pub fn end(&mut self, host: HostId, vm: &str, kind: &str) {
        if let Some(machine) = self.all.get_mut(&(host, vm.to_owned())) {
            machine.state.phase = VmPhase::Down.into();
            machine.state.exit = Some(api::VmExit { kind: kind.to_owned(), ..Default::default() });
            machine.moving = None;
            self.tell(host, vm);
        }
    }

    /// A guest that was on its way stays where it is.
    fn stay(&mut self, host: HostId, vm: &str, how: api::MigrationProgress) {
        let target = self.all.get_mut(&(host, vm.to_owned())).and_then(|machine| {
            machine.state.phase = VmPhase::Running.into();
            machine.state.migration = Some(how);
            machine.moving.take()
        });
        self.tell(host, vm);
        let target = target.and_then(|(request, _)| request.target_host_id.parse().ok());
        if let Some(target) = target.filter(|target| *target != host)
            && self.machine(target, vm).is_some_and(|machine| machine.state.phase() == VmPhase::MigratingIn)
        {
            self.end(target, vm, "failed_to_start");
        }
    }

    /// Lets every migration come to its end now, as QEMU does whether or not an agent looks.
    pub fn finish_moves(&mut self) {
        let moving: Vec<(HostId, String)> =
            self.all.iter().filter(|(_, machine)| machine.moving.is_some()).map(|(key, _)| key.clone()).collect();
        for (host, vm) in moving {
            self.arrive(host, &vm);
        }
    }

    fn arrive(&mut self, host: HostId, vm: &str) {
        let Some((request, _)) = self.all.get(&(host, vm.to_owned())).and_then(|machine| machine.moving.clone()) else {
            return;
        };
        if let Some(error) = self.fail_move.take() {
            return self.stay(host, vm, api::MigrationProgress { error, ..Default::default() });
        }
        let target = request.target_host_id.parse().ok().filter(|target: &HostId| {
            self.machine(*target, vm).is_some_and(|machine| machine.state.generation == request.target_generation)
        });
        let Some(target) = target else {
            let error = "the target is gone".to_owned();
            return self.stay(host, vm, api::MigrationProgress { error, ..Default::default() });
        };
        if let Some(arrives) = self.break_off.take() {
            return self.stand(host, target, vm, arrives);
        }
        if let Some(machine) = self.all.get_mut(&(host, vm.to_owned())) {
            machine.state.migration = Some(api::MigrationProgress { downtime_ms: DOWNTIME, ..Default::default() });
        }
        self.end(host, vm, "migrated");
        if let Some(machine) = self.all.get_mut(&(target, vm.to_owned())) {
            machine.state.phase = VmPhase::Running.into();
        }
        self.tell(target, vm);
    }

    /// The source stands and knows nothing; the target runs the guest, or dropped it.
    fn stand(&mut self, host: HostId, target: HostId, vm: &str, arrives: bool) {
        self.halve(host, vm);
        self.tell(host, vm);
        let Some(machine) = self.all.get_mut(&(target, vm.to_owned())) else { return };
        if arrives {
            machine.state.phase = VmPhase::Running.into();
            self.tell(target, vm);
        } else {
            self.forget(target, vm);
        }
    }

    /// What is here stands since a migration, and does not know whether its guest has left.
    pub fn halve(&mut self, host: HostId, vm: &str) {
        if let Some(machine) = self.all.get_mut(&(host, vm.to_owned())) {
            machine.state.phase = VmPhase::Paused.into();
            machine.state.pause_reason = "migration".to_owned();
            machine.state.migration = None;
            machine.moving = None;
        }
    }

    /// What was said to stand waits for its guest, as before.
    pub fn waits_again(&mut self, host: HostId, vm: &str) {
        if let Some(machine) = self.all.get_mut(&(host, vm.to_owned())) {
            machine.state.phase = VmPhase::MigratingIn.into();
            machine.state.pause_reason.clear();
            self.tell(host, vm);
        }
    }

    /// A promise came to nothing: the host knows of it no longer.
    pub fn forget(&mut self, host: HostId, vm: &str) {
        if let Some(machine) = self.all.remove(&(host, vm.to_owned())) {
            let gone = api::VmGone { vm_id: vm.to_owned(), generation: machine.state.generation };
            self.news.push((host, Body::VmGone(gone)));
        }
    }

    /// A guest has left its source, and its target never had it and does not say so.
    pub fn lose_between(&mut self, source: HostId, target: HostId, vm: &str) {
        self.all.remove(&(target, vm.to_owned()));
        self.end(source, vm, "migrated");
    }

    /// A guest runs on a host of which no engine has told it; nobody hears of it now.
    pub fn plant(&mut self, host: HostId, vm: &str, generation: u64) {
        let state = api::VmState {
            vm_id: vm.to_owned(),
            generation,
            phase: VmPhase::Running.into(),
            started_at: 1,
            ..Default::default()
        };
        let machine = Machine {
            state,
            moving: None,
            devices: Vec::new(),
            first_boot: None,
            cd: None,
            console_password: String::new(),
        };
        self.all.insert((host, vm.to_owned()), machine);
    }

    /// Whether a keyed deed is new here.
    fn first_time(&mut self, host: HostId, key: Option<&api::CommandKey>) -> bool {
        let key = key.cloned().unwrap_or_default();
        let times = self.done.entry((host, format!("{}/{}/{}", key.job_id, key.step, key.generation))).or_default();
        *times += 1;
        *times == 1
    }

    fn run(&mut self, host: HostId, vm: &str, generation: u64) -> Result<&mut Machine, Status> {
        let found = self.all.get_mut(&(host, vm.to_owned()));
        let found = found.filter(|machine| machine.state.phase() != VmPhase::Down);
        let machine = found.ok_or_else(|| Status::not_found("the VM is not here"))?;
        if machine.state.generation != generation {
            return Err(Status::failed_precondition("another run of the VM is here"));
        }
        Ok(machine)
    }

    fn take_in(&mut self, host: HostId, spec: &api::VmSpec, phase: VmPhase) -> Result<api::VmState, Status> {
        if let Some(here) = self.machine(host, &spec.id).filter(|machine| machine.state.phase() != VmPhase::Down) {
            if here.state.generation == spec.generation {
                return Ok(here.state.clone());
            }
            return Err(Status::already_exists("another run of the VM is here"));
        }
        let mut devices: Vec<String> = spec.nics.iter().map(|nic| nic.id.clone()).collect();
        devices.extend(spec.disks.iter().map(|disk| disk.disk_id.clone()));
        let state = api::VmState {
            vm_id: spec.id.clone(),
            generation: spec.generation,
            phase: phase.into(),
            started_at: ferrovirt_engine::now(),
            ..Default::default()
        };
        let machine = Machine {
            state: state.clone(),
            moving: None,
            devices,
            first_boot: spec.first_boot.clone(),
            console_password: String::new(),
            cd: cd_of(spec.cdrom.as_ref()),
        };
        self.all.insert((host, spec.id.clone()), machine);
        self.tell(host, &spec.id);
        Ok(state)
    }

    pub fn start_vm(&mut self, host: HostId, ask: api::StartVmRequest) -> Result<api::StartVmReply, Status> {
        let spec = ask.vm.unwrap_or_default();
        let state = self.take_in(host, &spec, VmPhase::Running)?;
        Ok(api::StartVmReply { state: Some(state) })
    }

    pub fn stop_vm(&mut self, host: HostId, ask: api::StopVmRequest) -> Result<api::Done, Status> {
        match self.run(host, &ask.vm_id, ask.generation) {
            Ok(_) => self.end(host, &ask.vm_id, "powered_off"),
            Err(status) if status.code() == tonic::Code::NotFound => {}
            Err(status) => return Err(status),
        }
        Ok(api::Done {})
    }

    pub fn shutdown_vm(&mut self, host: HostId, ask: api::ShutdownVmRequest) -> Result<api::Done, Status> {
        let machine = self.run(host, &ask.vm_id, ask.generation)?;
        machine.state.phase = VmPhase::ShuttingDown.into();
        if self.hold_shutdowns {
            self.tell(host, &ask.vm_id);
        } else {
            self.end(host, &ask.vm_id, "shutdown_requested");
        }
        Ok(api::Done {})
    }

    pub fn reboot_vm(&mut self, host: HostId, ask: api::RebootVmRequest) -> Result<api::Done, Status> {
        self.run(host, &ask.vm_id, ask.generation)?;
        Ok(api::Done {})
    }

    pub fn pause_vm(&mut self, host: HostId, ask: api::VmRequest) -> Result<api::Done, Status> {
        self.run(host, &ask.vm_id, ask.generation)?.state.phase = VmPhase::Paused.into();
        self.tell(host, &ask.vm_id);
        Ok(api::Done {})
    }

    pub fn resume_vm(&mut self, host: HostId, ask: api::VmRequest) -> Result<api::Done, Status> {
        let machine = self.run(host, &ask.vm_id, ask.generation)?;
        machine.state.phase = VmPhase::Running.into();
        machine.state.pause_reason.clear();
        self.tell(host, &ask.vm_id);
        Ok(api::Done {})
    }

    pub fn set_console_ticket(&mut self, host: HostId, ask: api::ConsoleTicketRequest) -> Result<api::Done, Status> {
        let machine = self.all.get_mut(&(host, ask.vm_id)).filter(|machine| executes(&machine.state));
        machine.ok_or_else(|| Status::not_found("the VM is not here"))?.console_password = ask.password;
        Ok(api::Done {})
    }

    pub fn get_vm(&mut self, host: HostId, ask: api::GetVmRequest) -> Result<api::VmState, Status> {
        let hold = self.hold_moves;
        let machine = self.all.get_mut(&(host, ask.vm_id.clone()));
        let ready = machine.and_then(|machine| machine.moving.as_mut()).is_some_and(|(_, looks)| {
            *looks = looks.saturating_sub(1);
            *looks == 0 && !hold
        });
        if ready {
            self.arrive(host, &ask.vm_id);
        }
        let found = self.machine(host, &ask.vm_id).map(|machine| machine.state.clone());
        found.ok_or_else(|| Status::not_found("the VM is not here"))
    }

    pub fn acknowledge_vm(&mut self, host: HostId, ask: api::VmRequest) -> Result<api::Done, Status> {
        let key = (host, ask.vm_id.clone());
        let ended =
            |machine: &Machine| machine.state.phase() == VmPhase::Down && machine.state.generation == ask.generation;
        if self.all.get(&key).is_some_and(ended) {
            self.all.remove(&key);
            self.news.push((host, Body::VmGone(api::VmGone { vm_id: ask.vm_id, generation: ask.generation })));
        }
        Ok(api::Done {})
    }

    pub fn prepare_incoming(
        &mut self,
        host: HostId,
        ask: api::PrepareIncomingRequest,
    ) -> Result<api::PrepareIncomingReply, Status> {
        let spec = ask.vm.unwrap_or_default();
        self.take_in(host, &spec, VmPhase::MigratingIn)?;
        Ok(api::PrepareIncomingReply { address: "127.0.0.1".to_owned(), libvirt_uri: "test:///default".to_owned() })
    }

    pub fn abandon_incoming(&mut self, host: HostId, ask: api::VmRequest) -> Result<api::Done, Status> {
        match self.run(host, &ask.vm_id, ask.generation) {
            Ok(machine) if machine.state.phase() != VmPhase::MigratingIn => {
                Err(Status::failed_precondition("the guest runs here"))
            }
            Ok(_) => {
                self.end(host, &ask.vm_id, "failed_to_start");
                Ok(api::Done {})
            }
            Err(_) => Ok(api::Done {}),
        }
    }

    pub fn migrate_vm(&mut self, host: HostId, ask: api::MigrateVmRequest) -> Result<api::Done, Status> {
        if !self.first_time(host, ask.key.as_ref()) {
            return Ok(api::Done {});
        }
        let machine = self.run(host, &ask.vm_id, ask.generation)?;
        machine.state.phase = VmPhase::MigratingOut.into();
        machine.state.migration = Some(api::MigrationProgress { active: true, ..Default::default() });
        machine.state.migration_target_host_id.clone_from(&ask.target_host_id);
        let vm = ask.vm_id.clone();
        machine.moving = Some((ask, LOOKS));
        self.tell(host, &vm);
        Ok(api::Done {})
    }

    pub fn cancel_migration(&mut self, host: HostId, ask: api::VmRequest) -> Result<api::Done, Status> {
        if self.run(host, &ask.vm_id, ask.generation)?.moving.is_none() {
            return Err(Status::failed_precondition("the VM is not being moved"));
        }
        self.stay(host, &ask.vm_id, api::MigrationProgress { cancelled: true, ..Default::default() });
        Ok(api::Done {})
    }

    pub fn attach_device(&mut self, host: HostId, ask: api::DeviceRequest) -> Result<api::Done, Status> {
        let id = device_id(&ask);
        let machine = self.run(host, &ask.vm_id, ask.generation)?;
        if let Some(api::device_request::Device::Cdrom(drive)) = &ask.device {
            machine.cd = cd_of(Some(drive));
            return Ok(api::Done {});
        }
        if !machine.devices.contains(&id) {
            machine.devices.push(id);
        }
        Ok(api::Done {})
    }

    pub fn detach_device(&mut self, host: HostId, ask: api::DeviceRequest) -> Result<api::Done, Status> {
        let id = device_id(&ask);
        let machine = self.run(host, &ask.vm_id, ask.generation)?;
        if let Some(api::device_request::Device::Cdrom(_)) = &ask.device {
            machine.cd = None;
            return Ok(api::Done {});
        }
        machine.devices.retain(|device| *device != id);
        Ok(api::Done {})
    }

    pub fn update_nic(&mut self, host: HostId, ask: api::DeviceRequest) -> Result<api::Done, Status> {
        self.run(host, &ask.vm_id, ask.generation)?;
        Ok(api::Done {})
    }
}

fn device_id(ask: &api::DeviceRequest) -> String {
    match &ask.device {
        Some(api::device_request::Device::Nic(nic)) => nic.id.clone(),
        Some(api::device_request::Device::Disk(disk)) => disk.disk_id.clone(),
        _ => String::new(),
    }
}
