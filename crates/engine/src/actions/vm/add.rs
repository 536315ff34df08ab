//! Make a VM: its row, its owner's grant. From Blank at once; from another template with its disks, by a job.

use async_trait::async_trait;
use ferrovirt_model::cluster::Cluster;
use ferrovirt_model::events::{EventDraft, sentences};
use ferrovirt_model::ids::{ClusterId, CpuProfileId, PermissionId, RoleId, TemplateId, VmId};
use ferrovirt_model::permission::{Permission, Principal};
use ferrovirt_model::permits::Permit;
use ferrovirt_model::refusal::Refusal;
use ferrovirt_model::roles;
use ferrovirt_model::template::{BLANK, Template};
use ferrovirt_model::vm::Vm;
use ferrovirt_plan::names::{self, NameKind};
use ferrovirt_store::Areas;
use ferrovirt_store::tx::Change;
use uuid::Uuid;

use super::cd;
use super::definition::{self, Edit};
use super::from_template::{self, FromTemplate};
use crate::action::{Action, ActionContext};
use crate::actions::named::{Named, name_taken};
use crate::failure::Result;

/// Make a VM.
pub struct Add {
    /// The id, where the client chose one.
    pub id: Option<VmId>,
    /// The name.
    pub name: String,
    /// Where it is to run.
    pub cluster: Named<ClusterId>,
    /// What it is made from.
    pub template: Named<TemplateId>,
    /// Which version of the template, where it is given by name; the newest otherwise.
    pub template_version: Option<u32>,
    /// The profile that limits its CPU use; the cluster's first where none is named.
    pub cpu_profile: Option<CpuProfileId>,
    /// What it has other than the template.
    pub edit: Edit,
    /// Its disks are full copies of the template's instead of layers on top of them.
    pub clone: bool,
    /// How it gets what the template has, where it is not just so.
    pub own: FromTemplate,
}

#[async_trait]
impl Action for Add {
    type Output = VmId;

    async fn perform(&mut self, cx: &mut ActionContext<'_>) -> Result<VmId> {
        names::check(NameKind::Vm, "Vm", &self.name)?;
        let cluster = cluster(cx, &self.cluster).await?;
        let template = template(cx, &self.template, self.template_version, &cluster).await?;
        cx.require(Permit::CreateVm, cluster.id).await?;
        if template.id != BLANK {
            cx.require(Permit::CreateVm, template.id).await?;
        }
        let vm = self.vm(cx, &cluster, &template).await?;
        if template.id == BLANK {
            self.own.check(&template, &[])?;
            insert(cx, &vm).await?;
            cx.log(sentences::USER_ADD_VM.draft().vm(vm.id, vm.name.clone()).cluster(cluster.id, cluster.name));
        } else {
            from_template::make(cx, &vm, &template, &cluster, self.clone, &self.own).await?;
        }
        Ok(vm.id)
    }

    fn failed(&self) -> Option<EventDraft> {
        Some(sentences::USER_FAILED_ADD_VM.draft().with("VmName", &self.name))
    }
}

impl Add {
    async fn vm(&self, cx: &mut ActionContext<'_>, cluster: &Cluster, template: &Template) -> Result<Vm> {
        let mut wanted = template.definition.clone();
        // They speak of the template.
        wanted.description.clear();
        wanted.comment.clear();
        wanted.delete_protected = false;
        let given = wanted.clone();
        definition::change(&mut wanted, &self.edit)?;
        definition::require(cx, cluster.id, Permit::EditAdminVmProperties, &given, &wanted).await?;
        definition::check(&wanted, cluster)?;
        cd::check(cx, None, wanted.cdrom, cluster.data_center).await?;
        check_hosts(cx, &wanted.placement.hosts, cluster.id).await?;
        if let Some(id) = self.id
            && cx.tx.vms().view(id).await?.is_some()
        {
            return Err(Refusal::IdTaken { kind: "VM", id: id.to_string() }.into());
        }
        if cx.tx.vms().id_by_name(&self.name, cluster.id).await?.is_some() {
            return Err(Refusal::NameTaken { kind: "VM", name: self.name.clone() }.into());
        }
        Ok(Vm {
            id: self.id.unwrap_or_else(|| VmId(Uuid::new_v4())),
            name: self.name.clone(),
            cluster: cluster.id,
            template: template.id,
            definition: wanted,
            cpu_profile: cpu_profile(cx, self.cpu_profile, cluster.id).await?,
            created_by: Some(cx.caller.session.user),
            created_at: cx.now,
            generation: 0,
            lock: None,
            last_stop: None,
            next_run: None,
        })
    }
}

/// Writes a new VM and makes its maker its manager.
///
/// # Errors
/// A refusal where name or id was taken meanwhile; trouble with the store.
pub async fn insert(cx: &mut ActionContext<'_>, vm: &Vm) -> Result<()> {
    cx.tx.vms().insert(vm).await.map_err(|error| name_taken(error, "VM", &vm.name))?;
    let grant = Permission {
        id: PermissionId(Uuid::new_v4()),
        principal: Principal::User(cx.caller.session.user),
        role: RoleId(roles::USER_VM_MANAGER),
        object: vm.id.into(),
    };
    cx.tx.permissions().grant(&grant).await?;
    cx.tx.changed(vm.id, Change::Created);
    Ok(())
}

/// The cluster that a request names, its row locked: names of VMs are unique within its data centre.
pub(super) async fn cluster(cx: &mut ActionContext<'_>, named: &Named<ClusterId>) -> Result<Cluster> {
    let found = match named {
        Named::Id(id) => cx.tx.clusters().lock_row(*id).await?,
        Named::Name(name) => match cx.tx.clusters().by_name(name).await? {
            Some(cluster) => cx.tx.clusters().lock_row(cluster.id).await?,
            None => None,
        },
    };
    let cluster = found.ok_or_else(|| Refusal::no_such("Cluster", named.text()))?;
    // The data centre's row is the lock under which names within it are given.
    cx.tx.data_centers().lock_row(cluster.data_center).await?;
    Ok(cluster)
}

/// The template that a request names: of several versions the one that was asked for, or the newest.
async fn template(
    cx: &mut ActionContext<'_>,
    named: &Named<TemplateId>,
    version: Option<u32>,
    cluster: &Cluster,
) -> Result<Template> {
    let found = match named {
        Named::Id(id) => cx.tx.templates().get(&[*id]).await?,
        Named::Name(name) => cx.tx.templates().by_name(name).await?,
    };
    let newest = found
        .into_iter()
        .filter(|one| version.is_none_or(|version| one.version_number == version))
        .max_by_key(|one| one.version_number)
        .ok_or_else(|| Refusal::no_such("Template", named.text()))?;
    if let Some(home) = newest.cluster
        && home != cluster.id
    {
        let home = cx.tx.clusters().get(&[home]).await?.pop();
        if home.is_none_or(|home| home.data_center != cluster.data_center) {
            return Err(Refusal::rule(format!("The template {} lies in another data center.", newest.name)).into());
        }
    }
    Ok(newest)
}

/// The CPU profile that was named, which the caller may assign, or the cluster's first.
pub(super) async fn cpu_profile(
    cx: &mut ActionContext<'_>,
    wanted: Option<CpuProfileId>,
    cluster: ClusterId,
) -> Result<Option<CpuProfileId>> {
    let profiles = cx.tx.clusters().cpu_profiles(&[cluster]).await?;
    let Some(id) = wanted else { return Ok(profiles.first().map(|profile| profile.id)) };
    if !profiles.iter().any(|profile| profile.id == id) {
        return Err(Refusal::no_such("CPU profile", id).into());
    }
    cx.require(Permit::AssignCpuProfile, id).await?;
    Ok(Some(id))
}

/// Hosts that a VM prefers or is pinned to must be of its cluster.
pub(super) async fn check_hosts(
    cx: &mut ActionContext<'_>,
    hosts: &[ferrovirt_model::ids::HostId],
    cluster: ClusterId,
) -> Result<()> {
    for id in hosts {
        let host = cx.tx.hosts().get(*id).await?.ok_or_else(|| Refusal::no_such("Host", id))?;
        if host.cluster != cluster {
            return Err(Refusal::rule(format!("Host {} is not in the VM's cluster.", host.name)).into());
        }
    }
    Ok(())
}
