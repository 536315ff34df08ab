//! Change a VM. What a running VM can't take waits for its next start.

use async_trait::async_trait;
use ferrovirt_model::events::{EventDraft, sentences};
use ferrovirt_model::ids::{ClusterId, CpuProfileId, VmId};
use ferrovirt_model::permits::Permit;
use ferrovirt_model::refusal::Refusal;
use ferrovirt_model::vm::Vm;
use ferrovirt_model::vm::lifecycle::{self, Ask};
use ferrovirt_plan::names::{self, NameKind};
use ferrovirt_store::Areas;
use ferrovirt_store::tx::Change;

use super::add::{check_hosts, cluster, cpu_profile};
use super::cd;
use super::definition::{self, Edit};
use crate::action::{Action, ActionContext};
use crate::actions::named::{Named, name_taken};
use crate::failure::Result;

/// Change a VM.
pub struct Update {
    /// The VM.
    pub vm: VmId,
    /// Another name.
    pub name: Option<String>,
    /// Another cluster.
    pub cluster: Option<Named<ClusterId>>,
    /// Another CPU profile.
    pub cpu_profile: Option<CpuProfileId>,
    /// What changes of the definition.
    pub edit: Edit,
    /// Everything waits for the next start, even what could change at once.
    pub next_run: bool,
    /// The name that the log knows it by.
    pub known_as: Option<String>,
}

#[async_trait]
impl Action for Update {
    type Output = ();

    async fn perform(&mut self, cx: &mut ActionContext<'_>) -> Result<()> {
        let known = cx.tx.vms().view(self.vm).await?.ok_or_else(|| Refusal::no_such("VM", self.vm))?;
        let home = self.cluster.clone().unwrap_or(Named::Id(known.vm.cluster));
        let home = cluster(cx, &home).await?;
        let mut vm = cx.tx.vms().lock_row(self.vm).await?.ok_or_else(|| Refusal::no_such("VM", self.vm))?;
        self.known_as = Some(vm.name.clone());
        cx.require(Permit::EditVmProperties, self.vm).await?;
        let run = cx.tx.vms().view(self.vm).await?.and_then(|view| view.run);
        lifecycle::may(&vm, run.as_ref(), Ask::Update, cx.now)?;
        if home.id != vm.cluster {
            cx.require(Permit::EditVmProperties, home.id).await?;
            self.move_to(cx, &mut vm, &home, run.is_some()).await?;
        }
        self.rename(cx, &mut vm).await?;
        let mut wanted = vm.next_run.as_deref().unwrap_or(&vm.definition).clone();
        let held = wanted.cdrom;
        let given = wanted.clone();
        definition::change(&mut wanted, &self.edit)?;
        definition::require(cx, self.vm, Permit::EditAdminVmProperties, &given, &wanted).await?;
        definition::check(&wanted, &home)?;
        cd::check(cx, held, wanted.cdrom, home.data_center).await?;
        check_hosts(cx, &wanted.placement.hosts, home.id).await?;
        if let Some(profile) = self.cpu_profile.filter(|profile| vm.cpu_profile != Some(*profile)) {
            vm.cpu_profile = cpu_profile(cx, Some(profile), home.id).await?;
        }
        if run.is_none() {
            vm.definition = wanted;
            vm.next_run = None;
        } else {
            if !self.next_run {
                vm.definition = definition::without_restart(&vm.definition, &wanted);
            }
            vm.next_run = (wanted != vm.definition).then(|| Box::new(wanted));
        }
        cx.tx.vms().update(&vm).await.map_err(|error| name_taken(error, "VM", &vm.name))?;
        cx.tx.changed(self.vm, Change::Updated);
        cx.log(sentences::USER_UPDATE_VM.draft().vm(self.vm, vm.name));
        Ok(())
    }

    fn failed(&self) -> Option<EventDraft> {
        Some(sentences::USER_FAILED_UPDATE_VM.draft().vm(self.vm, self.known_as.clone()?))
    }
}

impl Update {
    async fn rename(&self, cx: &mut ActionContext<'_>, vm: &mut Vm) -> Result<()> {
        let Some(name) = self.name.clone().filter(|name| *name != vm.name) else { return Ok(()) };
        names::check(NameKind::Vm, "Vm", &name)?;
        if cx.tx.vms().id_by_name(&name, vm.cluster).await?.is_some_and(|id| id != vm.id) {
            return Err(Refusal::NameTaken { kind: "VM", name }.into());
        }
        vm.name = name;
        Ok(())
    }

    async fn move_to(
        &self,
        cx: &mut ActionContext<'_>,
        vm: &mut Vm,
        home: &ferrovirt_model::cluster::Cluster,
        running: bool,
    ) -> Result<()> {
        if running {
            return Err(Refusal::rule("The cluster of a running VM can't be changed.").into());
        }
        let old = cx.tx.clusters().get(&[vm.cluster]).await?.pop();
        if old.is_none_or(|old| old.data_center != home.data_center) {
            return Err(Refusal::rule("A VM can't be moved to a cluster of another data center.").into());
        }
        vm.cluster = home.id;
        vm.cpu_profile = cx.tx.clusters().cpu_profiles(&[home.id]).await?.first().map(|profile| profile.id);
        Ok(())
    }
}
