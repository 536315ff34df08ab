//! Move a running VM to another host, and stop moving it.

use async_trait::async_trait;
use ferrovirt_model::events::{EventDraft, sentences};
use ferrovirt_model::ids::{HostId, JobId, VmId};
use ferrovirt_model::permits::Permit;
use ferrovirt_model::refusal::Refusal;
use ferrovirt_model::vm::lifecycle::{self, Ask};
use ferrovirt_model::vm::{Lock, LockPurpose, MigrationSupport};
use ferrovirt_store::Areas;
use ferrovirt_store::tx::Change;

use super::known::Known;
use crate::action::{Action, ActionContext};
use crate::actions::named::Named;
use crate::failure::Result;
use crate::jobs::migrate_vm::{self, MigrateVm};

/// Move a VM.
#[derive(Clone, Debug)]
pub struct Migrate {
    /// The VM.
    pub vm: VmId,
    /// To this host, or wherever the scheduler thinks best.
    pub host: Option<Named<HostId>>,
    /// Even if the VM may be moved by users only on purpose.
    pub force: bool,
    known: Known,
}

impl Migrate {
    /// A migration of `vm`.
    #[must_use]
    pub fn new(vm: VmId, host: Option<Named<HostId>>, force: bool) -> Self {
        Self { vm, host, force, known: Known::default() }
    }
}

#[async_trait]
impl Action for Migrate {
    type Output = ();

    async fn perform(&mut self, cx: &mut ActionContext<'_>) -> Result<()> {
        let vm = cx.tx.vms().lock_row(self.vm).await?.ok_or_else(|| Refusal::no_such("VM", self.vm))?;
        self.known = Known::find(cx, self.vm).await?;
        cx.require(Permit::MigrateVm, self.vm).await?;
        let target = match &self.host {
            Some(Named::Id(id)) => Some(cx.tx.hosts().get(*id).await?.ok_or_else(|| Refusal::no_such("Host", id))?),
            Some(Named::Name(name)) => {
                Some(cx.tx.hosts().by_name(name).await?.ok_or_else(|| Refusal::no_such("Host", name))?)
            }
            None => None,
        };
        if let Some(target) = &target {
            ferrovirt_model::host::lifecycle::may(target, ferrovirt_model::host::lifecycle::Ask::Use)?;
        }
        let run = cx.tx.vms().view(self.vm).await?.and_then(|view| view.run);
        lifecycle::may(&vm, run.as_ref(), Ask::Migrate, cx.now)?;
        if vm.definition.placement.affinity == MigrationSupport::Pinned && !self.force {
            return Err(Refusal::rule("The VM is pinned to its host and can't be migrated.").into());
        }
        let run = run.ok_or_else(|| Refusal::rule("The VM does not run."))?;
        let only = target.as_ref().map(|target| target.id);
        if only == Some(run.host) {
            return Err(Refusal::rule("The VM runs on that host already.").into());
        }
        let source = cx.tx.hosts().get(run.host).await?.ok_or_else(|| Refusal::no_such("Host", run.host))?;
        let id = JobId(uuid::Uuid::new_v4());
        let mut job = MigrateVm::new(&run, only, cx.now);
        // Where no host will take it, whoever asks is told now. A job waits only for hosts that are on their way up.
        job.promise(&mut cx.tx, cx.now).await?;
        let target = match job.target() {
            Some(target) => cx.tx.hosts().get(target.host).await?,
            None => target,
        };
        cx.tx.vms().set_lock(self.vm, Some(Lock { job: id, purpose: LockPurpose::Migrating })).await?;
        cx.begin_as(id, &job, format!("Migrating VM {}", vm.name), vec![self.vm.into()]).await?;
        cx.tx.changed(self.vm, Change::Updated);
        let target = target.map_or_else(|| "of the scheduler's choice".to_owned(), |target| target.name);
        let draft = sentences::VM_MIGRATION_START.draft().vm(self.vm, vm.name).host(source.id, source.name);
        cx.log(draft.with("DestinationVdsName", target));
        Ok(())
    }

    fn failed(&self) -> Option<EventDraft> {
        self.known.draft(sentences::VM_MIGRATION_FAILED, self.vm)
    }
}

/// Stop moving a VM: it stays where it is.
#[derive(Clone, Debug)]
pub struct CancelMigration {
    /// The VM.
    pub vm: VmId,
    name: Option<String>,
}

impl CancelMigration {
    /// Stops the migration of `vm`.
    #[must_use]
    pub fn new(vm: VmId) -> Self {
        Self { vm, name: None }
    }
}

#[async_trait]
impl Action for CancelMigration {
    type Output = ();

    async fn perform(&mut self, cx: &mut ActionContext<'_>) -> Result<()> {
        let vm = cx.tx.vms().lock_row(self.vm).await?.ok_or_else(|| Refusal::no_such("VM", self.vm))?;
        self.name = Some(vm.name.clone());
        cx.require(Permit::MigrateVm, self.vm).await?;
        let run = cx.tx.vms().view(self.vm).await?.and_then(|view| view.run);
        lifecycle::may(&vm, run.as_ref(), Ask::CancelMigration, cx.now)?;
        let lock = vm.lock.ok_or_else(|| Refusal::rule("The VM is not being migrated."))?;
        let session = &cx.caller.session;
        migrate_vm::call_off(&mut cx.tx, lock.job, (session.user, session.principal.clone())).await?;
        // The migration tells how it ended: by this, or at its target all the same.
        cx.job_tells();
        cx.engine.jobs().wake();
        Ok(())
    }

    fn failed(&self) -> Option<EventDraft> {
        Some(sentences::VM_CANCEL_MIGRATION_FAILED.draft().vm(self.vm, self.name.clone()?))
    }
}
