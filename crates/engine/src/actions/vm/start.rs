//! Start a VM, or let a paused one go on.

use std::collections::BTreeSet;

use async_trait::async_trait;
use ferrovirt_model::events::{EventDraft, sentences};
use ferrovirt_model::ids::{DiskId, HostId, JobId, VmId};
use ferrovirt_model::permits::Permit;
use ferrovirt_model::refusal::Refusal;
use ferrovirt_model::storage::{self, DomainIntent};
use ferrovirt_model::vm::lifecycle::{self, Ask};
use ferrovirt_model::vm::{Definition, Lock, LockPurpose, Vm, VmRun};
use ferrovirt_store::Areas;
use ferrovirt_store::tx::Change;

use super::cd;
use super::definition::{self, Edit};
use crate::action::{Action, ActionContext};
use crate::failure::Result;
use crate::jobs::power_vm::{PowerVm, Verb};
use crate::jobs::start_vm::StartVm;

/// Start a VM.
pub struct Start {
    /// The VM.
    pub vm: VmId,
    /// Only on this host.
    pub host: Option<HostId>,
    /// With its CPUs stopped.
    pub paused: bool,
    /// What it has other than its definition, in this run alone.
    pub once: Option<Edit>,
    /// Give the guest first-boot data, even if it was given them before.
    pub initialize: bool,
    name: Option<String>,
}

impl Start {
    /// A start of `vm`.
    #[must_use]
    pub fn new(vm: VmId, host: Option<HostId>, paused: bool) -> Self {
        Self { vm, host, paused, once: None, initialize: false, name: None }
    }
}

impl Start {
    /// A paused VM is not started again: its CPUs go on.
    async fn go_on(&self, cx: &mut ActionContext<'_>, vm: &Vm, run: &VmRun) -> Result<()> {
        let job = PowerVm { vm: self.vm, host: run.host, generation: run.generation, verb: Verb::Resume, reason: None };
        cx.begin(&job, format!("Resuming VM {}", vm.name), vec![self.vm.into()]).await?;
        let mut draft = sentences::USER_RESUME_VM.draft().vm(self.vm, vm.name.clone());
        if let Some(host) = cx.tx.hosts().get(run.host).await? {
            draft = draft.host(host.id, host.name);
        }
        cx.log(draft);
        Ok(())
    }
}

impl Start {
    /// The definition of a run that differs from the VM's own.
    async fn once(&self, cx: &mut ActionContext<'_>, vm: &Vm) -> Result<Option<Box<Definition>>> {
        let Some(edit) = &self.once else { return Ok(None) };
        let cluster = cx.tx.clusters().get(&[vm.cluster]).await?.pop();
        let cluster = cluster.ok_or_else(|| Refusal::no_such("Cluster", vm.cluster))?;
        let given = vm.next_run.as_deref().unwrap_or(&vm.definition);
        let mut once = given.clone();
        definition::change(&mut once, edit)?;
        definition::require(cx, self.vm, Permit::EditAdminVmProperties, given, &once).await?;
        definition::check(&once, &cluster)?;
        cd::check(cx, given.cdrom, once.cdrom, cluster.data_center).await?;
        Ok(Some(Box::new(once)))
    }
}

#[async_trait]
impl Action for Start {
    type Output = ();

    async fn perform(&mut self, cx: &mut ActionContext<'_>) -> Result<()> {
        let vm = cx.tx.vms().lock_row(self.vm).await?.ok_or_else(|| Refusal::no_such("VM", self.vm))?;
        self.name = Some(vm.name.clone());
        cx.require(Permit::RunVm, self.vm).await?;
        if self.host.is_some() {
            cx.require(Permit::EditAdminVmProperties, self.vm).await?;
        }
        let run = cx.tx.vms().view(self.vm).await?.and_then(|view| view.run);
        lifecycle::may(&vm, run.as_ref(), Ask::Start, cx.now)?;
        if let Some(run) = run {
            return self.go_on(cx, &vm, &run).await;
        }
        let given = vm.next_run.as_deref().unwrap_or(&vm.definition);
        let once = self.once(cx, &vm).await?;
        storage_ready(&mut cx.tx, self.vm, once.as_deref().unwrap_or(given).cdrom).await?;
        let job = JobId(uuid::Uuid::new_v4());
        cx.tx.vms().set_lock(self.vm, Some(Lock { job, purpose: LockPurpose::Starting })).await?;
        let mut start = StartVm::new(self.vm, self.host, self.paused || vm.definition.start_paused);
        start.once = once;
        start.initialize = self.initialize;
        // Where no host will take it, whoever asks is told now. A job waits only for hosts that are on their way up.
        start.promise(&mut cx.tx, cx.now).await?;
        cx.begin_as(job, &start, format!("Starting VM {}", vm.name), vec![self.vm.into()]).await?;
        cx.tx.changed(self.vm, Change::Updated);
        cx.log(sentences::USER_INITIATED_RUN_VM.draft().vm(self.vm, vm.name));
        Ok(())
    }

    fn failed(&self) -> Option<EventDraft> {
        let name = self.name.clone()?;
        Some(sentences::USER_FAILED_RUN_VM.draft().vm(self.vm, name))
    }
}

/// A VM does not start while one of its disks is being worked on or is broken, or lies on a domain that was set aside.
///
/// # Errors
/// A refusal that names the disk or domain; trouble with the store.
pub async fn storage_ready(areas: &mut impl Areas, vm: VmId, cdrom: Option<DiskId>) -> Result<()> {
    let attachments = areas.vms().attachments(&[vm]).await?;
    let ids: Vec<_> = attachments.iter().filter(|one| one.active).map(|one| one.disk).chain(cdrom).collect();
    let disks = areas.disks().get(&ids).await?;
    for disk in &disks {
        storage::lifecycle::may_touch(disk, true)?;
    }
    let domains: BTreeSet<_> = disks.iter().filter_map(|disk| disk.volume.as_ref()).map(|one| one.domain).collect();
    let domains: Vec<_> = domains.into_iter().collect();
    for domain in areas.storage().get(&domains).await? {
        // Whether hosts reach one that is in use is the scheduler's to say, with each host's reason.
        if domain.attachment.as_ref().is_none_or(|attachment| attachment.intent != DomainIntent::Active) {
            storage::lifecycle::may(&domain, false, storage::lifecycle::Ask::Use)?;
        }
    }
    Ok(())
}
