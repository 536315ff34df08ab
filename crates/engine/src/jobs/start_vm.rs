//! Start a VM: find a host, promise the run, tell the host; on a host's refusal try the next one.
//!
//! ```text
//!  Place ─▶ Launch(host, generation) ─▶ Await ─▶ done
//!    ▲            │ refused, other hosts left
//!    └────────────┘
//! ```
//! A VM never runs twice: the promise is a row that owns the VM before any host is told, it is made only where no other
//! run of the VM is left, and a new one is made only after the host of the old one has said that it does not run it. A host
//! that says that it runs the VM already, in another run, ends the start: no other host is asked.

use std::time::Duration;

use async_trait::async_trait;
use ferrovirt_hostapi::{StartVmRequest, StopVmRequest};
use ferrovirt_model::Millis;
use ferrovirt_model::events::{EventSentence, sentences};
use ferrovirt_model::ids::{HostId, VmId};
use ferrovirt_model::refusal::Refusal;
use ferrovirt_model::vm::{Definition, RunParticulars, RunPhase, VmRun, lifecycle};
use ferrovirt_store::tx::Change;
use ferrovirt_store::{Areas, Tx};
use serde::{Deserialize, Serialize};
use uuid::Uuid;

use super::{Job, JobContext, Turn};
use crate::actions::vm::machine;
use crate::failure::{Failure, Result, Trouble};
use crate::hosts::{ANSWER, WORK, absorb, within};
use crate::placing::{self, Terms};

/// A host that took a start and has not reported it for so long, ms, is asked.
const SILENCE: Millis = 5_000;

/// The job.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct StartVm {
    /// The VM.
    pub vm: VmId,
    /// Only this host, where the user chose one.
    pub only: Option<HostId>,
    /// Start it with its CPUs stopped.
    pub paused: bool,
    /// The definition of this run alone, where it differs from the VM's.
    #[serde(default)]
    pub once: Option<Box<Definition>>,
    /// Give the guest first-boot data, even if it was given them before.
    #[serde(default)]
    pub initialize: bool,
    /// Hosts that refused it, with what they said.
    pub refused: Vec<(HostId, String)>,
    /// Where it stands.
    pub stage: Stage,
}

/// The steps.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub enum Stage {
    /// Find a host and promise the run.
    Place,
    /// Tell the host.
    Launch {
        /// The host.
        host: HostId,
        /// The run.
        generation: u64,
    },
    /// Wait until QEMU runs.
    Await {
        /// The host.
        host: HostId,
        /// The run.
        generation: u64,
    },
}

impl StartVm {
    /// A start, from the beginning.
    #[must_use]
    pub fn new(vm: VmId, only: Option<HostId>, paused: bool) -> Self {
        Self { vm, only, paused, once: None, initialize: false, refused: Vec::new(), stage: Stage::Place }
    }

    fn at(mut self, stage: Stage) -> Self {
        self.stage = stage;
        self
    }
}

#[async_trait]
impl Job for StartVm {
    const KIND: &'static str = "start_vm";
    const DEADLINE: Duration = Duration::from_secs(300);

    fn step(&self) -> (&'static str, String) {
        match self.stage {
            Stage::Place => ("place", "Choosing a host".to_owned()),
            Stage::Launch { .. } => ("launch", "Starting the VM on its host".to_owned()),
            Stage::Await { .. } => ("await", "Waiting until the VM runs".to_owned()),
        }
    }

    async fn forward(self, cx: &mut JobContext<'_>) -> Result<Turn<Self>> {
        if cx.cancelled {
            return Err(Refusal::rule("the start was cancelled").into());
        }
        match self.stage.clone() {
            Stage::Place => self.place(cx).await,
            Stage::Launch { host, generation } => self.launch(cx, host, generation).await,
            Stage::Await { host, generation } => self.wait(cx, host, generation).await,
        }
    }

    async fn unwind(self, cx: &mut JobContext<'_>) -> Result<Turn<Self>> {
        if let Stage::Launch { host, generation } | Stage::Await { host, generation } = self.stage {
            self.withdraw(cx, host, generation).await?;
        }
        self.tell_failure(cx).await?;
        let at = cx.now;
        let tx = cx.tx().await?;
        tx.vms().lock_row(self.vm).await?;
        // Another run may have been found meanwhile, beside the promise that owned the VM.
        absorb::hand_on(tx, self.vm, at).await?;
        tx.vms().set_lock(self.vm, None).await?;
        tx.changed(self.vm, Change::Updated);
        Ok(Turn::Done)
    }

    async fn give_up(self, cx: &mut JobContext<'_>) -> Result<()> {
        // The host can't be asked, so the run stays, with its owner, as unknown: the VM must not be started elsewhere.
        if let Stage::Launch { generation, .. } | Stage::Await { generation, .. } = self.stage {
            let at = cx.now;
            let tx = cx.tx().await?;
            for mut run in tx.vms().lock_runs(self.vm).await? {
                if run.generation == generation && run.phase == RunPhase::Promised {
                    run.phase = RunPhase::Unknown;
                    run.reported_at = at;
                    tx.vms().put_run(&run).await?;
                }
            }
        }
        self.tell_failure(cx).await?;
        cx.tx().await?.vms().set_lock(self.vm, None).await?;
        cx.tx().await?.changed(self.vm, Change::Updated);
        Ok(())
    }
}

impl StartVm {
    async fn place(mut self, cx: &mut JobContext<'_>) -> Result<Turn<Self>> {
        let at = cx.now;
        if self.promise(cx.tx().await?, at).await? {
            return Ok(Turn::Next(self));
        }
        Ok(Turn::Wait(self, Duration::from_millis(500)))
    }

    /// Chooses a host and promises it the run. `false`: none fits now, and one may in a moment.
    ///
    /// # Errors
    /// [`Refusal::NoHost`] with each host's reason.
    pub async fn promise(&mut self, tx: &mut Tx, at: Millis) -> Result<bool> {
        let vm_id = self.vm;
        machine::runs_nowhere(tx, vm_id).await?;
        tx.vms().apply_next_run(vm_id).await?;
        let particulars = self.particulars(tx).await?;
        let barred = self.refused.clone();
        let terms = Terms { particulars, only: self.only, barred, source: None };
        let host = match placing::place(tx, vm_id, &terms, at).await {
            Err(Failure::Refused(Refusal::NoHost { .. })) if machine::settling(tx, vm_id).await? => return Ok(false),
            placed => placed?,
        };
        let generation = tx.vms().next_generation(vm_id).await?;
        let promise = VmRun {
            vm: vm_id,
            generation,
            host,
            phase: RunPhase::Promised,
            owner: true,
            pause_reason: None,
            guest_agent: false,
            started_at: None,
            migration: None,
            graphics: Vec::new(),
            reported_at: at,
        };
        tx.vms().put_run(&promise).await?;
        tx.vms().put_particulars(vm_id, generation, &terms.particulars).await?;
        tx.changed(vm_id, Change::Updated);
        self.stage = Stage::Launch { host, generation };
        Ok(true)
    }

    /// What the run has of its own. First-boot data that nobody has read yet come by themselves.
    async fn particulars(&self, tx: &mut Tx) -> Result<RunParticulars> {
        let vm = tx.vms().view(self.vm).await?.ok_or_else(|| Refusal::no_such("VM", self.vm))?.vm;
        let definition = self.once.as_deref().unwrap_or(&vm.definition);
        let new = definition.initialization.is_some() && tx.vms().awaits_first_boot(self.vm).await?;
        Ok(RunParticulars {
            first_boot: (new || self.initialize).then(Uuid::new_v4),
            cdrom: definition.cdrom,
            definition: self.once.clone(),
            downtime_ms: None,
            stop_reason: None,
        })
    }

    async fn launch(mut self, cx: &mut JobContext<'_>, host: HostId, generation: u64) -> Result<Turn<Self>> {
        let mut reader = cx.engine.store().read().await?;
        let runs = reader.vms().runs(self.vm).await?;
        if !runs.iter().any(|run| run.generation == generation) {
            return Err(Refusal::rule("its host was said to have been rebooted").into());
        }
        if let Some(run) = runs.iter().find(|run| run.generation != generation && lifecycle::may_execute(run)) {
            return Err(machine::may_run(&mut reader, run).await?.into());
        }
        let built = machine::build(&mut reader, self.vm, host, generation).await?;
        drop(reader);
        let mut spec = built.spec;
        spec.start_paused |= self.paused;
        let door = cx.host_door(host).await?;
        let request =
            StartVmRequest { key: Some(cx.key()), vm: Some(spec), data_center_id: built.data_center.to_string() };
        let status = match door.client().start_vm(within(WORK, request)).await {
            // What it does now its host's reports tell, in their order.
            Ok(_) => {
                if cx.owner.is_some() {
                    self.tell(cx, host, sentences::USER_STARTED_VM).await?;
                }
                return Ok(Turn::Next(self.at(Stage::Await { host, generation })));
            }
            Err(status) => status,
        };
        match door.certain(&status) {
            Failure::Refused(refusal) if status.code() == tonic::Code::AlreadyExists => Err(refusal.into()),
            Failure::Refused(refusal) => {
                // A definite no: the host does not run it, so the promise can be taken back and another host asked.
                tracing::warn!(vm = %self.vm, host = %host, %refusal, "a host refused to start a VM");
                let vm = self.vm;
                let tx = cx.tx().await?;
                tx.vms().remove_run(vm, generation).await?;
                tx.changed(vm, Change::Updated);
                self.refused.push((host, refusal.to_string()));
                Ok(Turn::Next(self.at(Stage::Place)))
            }
            trouble @ Failure::Trouble(_) => Err(trouble),
        }
    }

    async fn wait(self, cx: &mut JobContext<'_>, host: HostId, generation: u64) -> Result<Turn<Self>> {
        let (vm_id, at) = (self.vm, cx.now);
        let runs = cx.engine.store().read().await?.vms().runs(vm_id).await?;
        let told = |run: &VmRun| run.generation != generation || run.phase != RunPhase::Promised;
        if !runs.iter().all(|run| told(run) || at - run.reported_at < SILENCE)
            && matches!(cx.host_door(host).await?.vm(vm_id, ANSWER).await, Ok(None))
        {
            return Err(Refusal::rule("its host does not know it any more").into());
        }
        let tx = cx.tx().await?;
        // VMs are locked before their runs: reports do so, too, and they come at this very moment.
        tx.vms().lock_row(vm_id).await?;
        let runs = tx.vms().lock_runs(vm_id).await?;
        let Some(run) = runs.into_iter().find(|run| run.generation == generation) else {
            return Err(Refusal::rule("the VM ended while it was starting").into());
        };
        match run.phase {
            RunPhase::Promised | RunPhase::Starting | RunPhase::Unknown => {
                Ok(Turn::Wait(self, Duration::from_millis(500)))
            }
            _ => {
                if tx.vms().particulars(vm_id, generation).await?.first_boot.is_some() {
                    tx.vms().set_initialized(vm_id, at).await?;
                }
                tx.vms().set_lock(vm_id, None).await?;
                tx.changed(vm_id, Change::Updated);
                self.tell(cx, host, sentences::USER_RUN_VM).await?;
                Ok(Turn::Done)
            }
        }
    }

    /// Makes sure that a host does not run the VM, and takes the promise back.
    async fn withdraw(&self, cx: &mut JobContext<'_>, host: HostId, generation: u64) -> Result<()> {
        let door = cx.host_door(host).await?;
        let request = StopVmRequest {
            key: Some(cx.key()),
            vm_id: self.vm.to_string(),
            generation,
            reason: "its start was given up".to_owned(),
        };
        let (vm, at, engine) = (self.vm, cx.now, cx.engine);
        match door.heard(door.client().stop_vm(within(WORK, request)).await) {
            Ok(_) => {}
            // Another run is there, so this one is not.
            Err(Failure::Refused(refusal)) => match door.vm(vm, ANSWER).await? {
                Some(state) if state.generation == generation => {
                    return Err(Trouble::HostFailed { host, message: refusal.to_string() }.into());
                }
                _ => {}
            },
            // Whoever ended the promise knew that the host does not run it.
            Err(Failure::Trouble(Trouble::HostAway(_))) if !self.is_promised(cx, generation).await? => return Ok(()),
            Err(trouble) => return Err(trouble),
        }
        let tx = cx.tx().await?;
        tx.vms().lock_row(vm).await?;
        tx.vms().remove_run(vm, generation).await?;
        absorb::take_in(engine, tx, host, vm, at).await
    }

    async fn is_promised(&self, cx: &JobContext<'_>, generation: u64) -> Result<bool> {
        let runs = cx.engine.store().read().await?.vms().runs(self.vm).await?;
        Ok(runs.iter().any(|run| run.generation == generation))
    }

    async fn tell(&self, cx: &mut JobContext<'_>, host: HostId, sentence: EventSentence) -> Result<()> {
        let tx = cx.tx().await?;
        let vm = tx.vms().view(self.vm).await?.ok_or_else(|| Refusal::no_such("VM", self.vm))?.vm;
        let host = tx.hosts().get(host).await?.ok_or_else(|| Refusal::no_such("Host", host))?;
        cx.log(sentence.draft().vm(vm.id, vm.name.clone()).host(host.id, host.name.clone())).await
    }

    async fn tell_failure(&self, cx: &mut JobContext<'_>) -> Result<()> {
        let Some(view) = cx.tx().await?.vms().view(self.vm).await? else { return Ok(()) };
        // Nobody asked for a start that the system makes by itself, and no user's name belongs into its end.
        let asked = cx.owner.is_some();
        let sentence = if asked { sentences::USER_FAILED_RUN_VM } else { sentences::HA_VM_RESTART_FAILED };
        cx.log(sentence.draft().vm(self.vm, view.vm.name)).await
    }
}
