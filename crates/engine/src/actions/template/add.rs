//! Make a template from a VM that is down: its definition, its NICs, and copies of its disks.

use std::collections::BTreeMap;

use async_trait::async_trait;
use ferrovirt_model::cluster::Cluster;
use ferrovirt_model::events::{EventDraft, EventSentence, sentences};
use ferrovirt_model::ids::{
    ClusterId, DiskId, JobId, NicId, ObjectRef, PermissionId, RoleId, StorageDomainId, TemplateId, VmId,
};
use ferrovirt_model::permission::{Permission, Principal};
use ferrovirt_model::permits::Permit;
use ferrovirt_model::refusal::Refusal;
use ferrovirt_model::roles;
use ferrovirt_model::storage::{Disk, DiskState};
use ferrovirt_model::template::{BLANK, Template};
use ferrovirt_model::vm::lifecycle::{self, Ask};
use ferrovirt_model::vm::{DiskAttachment, Lock, LockPurpose, Vm, VmNic};
use ferrovirt_plan::names::{self, NameKind};
use ferrovirt_store::Areas;
use ferrovirt_store::disks::TemplateAttachment;
use ferrovirt_store::tx::Change;
use ferrovirt_store::vms::DeviceOwner;
use uuid::Uuid;

use super::copies::{self, DiskWish, Layering, Made};
use crate::action::{Action, ActionContext};
use crate::actions::named::Named;
use crate::actions::permission;
use crate::actions::vm::definition::{self, Edit};
use crate::failure::Result;
use crate::jobs::create_template::CreateTemplate;
use crate::jobs::disk_set::DiskSet;

/// What is said of a version.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NewVersion {
    /// The template that it is a version of.
    pub base: TemplateId,
    /// The version's own name.
    pub name: Option<String>,
}

/// Make a template.
pub struct Add {
    /// Its name; a version has the name of its base.
    pub name: String,
    /// What it is made from.
    pub vm: Named<VmId>,
    /// Where VMs made from it run; the VM's own cluster where none is named.
    pub cluster: Option<Named<ClusterId>>,
    /// What it has other than the VM.
    pub edit: Edit,
    /// It is a version of another template.
    pub version: Option<NewVersion>,
    /// Where its disks are to lie, but for those that say it themselves.
    pub domain: Option<Named<StorageDomainId>>,
    /// How its disks shall be, by the VM's disk.
    pub disks: BTreeMap<DiskId, DiskWish>,
    /// Who holds a role on the VM gets it on the template, too.
    pub permissions: bool,
    /// The VM, as far as it is known.
    pub found: Option<(VmId, String)>,
}

#[async_trait]
impl Action for Add {
    type Output = TemplateId;

    async fn perform(&mut self, cx: &mut ActionContext<'_>) -> Result<TemplateId> {
        let vm_id = self.find_vm(cx).await?;
        let known = cx.tx.vms().view(vm_id).await?.ok_or_else(|| Refusal::no_such("VM", vm_id))?.vm;
        self.found = Some((vm_id, known.name.clone()));
        let cluster = self.cluster(cx, &known).await?;
        cx.require(Permit::CreateTemplate, cluster.data_center).await?;
        let (attachments, sources) = sources(cx, vm_id).await?;
        let wishes = self.wishes(&sources);
        let domains = copies::domains(cx, &sources, &wishes).await?;
        let base = self.base(cx, &cluster).await?;
        let vm = cx.tx.vms().lock_row(vm_id).await?.ok_or_else(|| Refusal::no_such("VM", vm_id))?;
        cx.require(Permit::EditVmProperties, vm_id).await?;
        let run = cx.tx.vms().view(vm_id).await?.and_then(|view| view.run);
        lifecycle::may(&vm, run.as_ref(), Ask::Images, cx.now)?;
        let template = self.template(cx, &vm, &cluster, base).await?;
        cx.tx.templates().put(&template).await?;
        owner(cx, template.id).await?;
        if self.permissions {
            permission::copy(cx, vm_id, template.id).await?;
        }
        nics(cx, vm_id, template.id).await?;
        cx.tx.changed(template.id, Change::Created);
        cx.log(self.draft(sentences::USER_ADD_VM_TEMPLATE, &template, &vm));
        if sources.is_empty() {
            cx.log(self.draft(sentences::USER_ADD_VM_TEMPLATE_FINISHED_SUCCESS, &template, &vm));
            cx.log(self.draft(sentences::USER_ADD_VM_TEMPLATE_SUCCESS, &template, &vm));
            return Ok(template.id);
        }
        let job = JobId(Uuid::new_v4());
        let sources = lock_sources(cx, sources).await?;
        let made = copies::write(cx, job, sources, &wishes, &domains, Layering::Copy).await?;
        begin(cx, job, &template, &vm, &attachments, &made).await?;
        Ok(template.id)
    }

    fn failed(&self) -> Option<EventDraft> {
        let draft = sentences::USER_FAILED_ADD_VM_TEMPLATE.draft().with("VmTemplateName", &self.name);
        let (id, name) = self.found.clone()?;
        Some(draft.vm(id, name))
    }
}

impl Add {
    fn draft(&self, sentence: EventSentence, template: &Template, vm: &Vm) -> EventDraft {
        sentence.draft().template(template.id, template.name.clone()).vm(vm.id, vm.name.clone())
    }

    async fn find_vm(&self, cx: &mut ActionContext<'_>) -> Result<VmId> {
        let name = match &self.vm {
            Named::Id(id) => return Ok(*id),
            Named::Name(name) => name,
        };
        // Names are unique within a data centre: the one of the named cluster is meant, or the only one.
        let clusters = match &self.cluster {
            Some(named) => vec![find_cluster(cx, named).await?],
            None => cx.tx.clusters().all().await?,
        };
        let mut found = Vec::new();
        for cluster in clusters {
            found.extend(cx.tx.vms().id_by_name(name, cluster.id).await?);
        }
        found.sort();
        found.dedup();
        match found.as_slice() {
            [one] => Ok(*one),
            [] => Err(Refusal::no_such("VM", name).into()),
            _ => Err(Refusal::rule(format!("There are several VMs '{name}': name one by its id.")).into()),
        }
    }

    /// The template's cluster, its row and its data centre's locked: names are given under that lock.
    async fn cluster(&self, cx: &mut ActionContext<'_>, vm: &Vm) -> Result<Cluster> {
        let home = find_cluster(cx, &Named::Id(vm.cluster)).await?;
        let wanted = match &self.cluster {
            Some(named) => find_cluster(cx, named).await?,
            None => home.clone(),
        };
        if wanted.data_center != home.data_center {
            return Err(Refusal::rule("The template's cluster lies in another data centre than the VM.").into());
        }
        cx.tx.data_centers().lock_row(wanted.data_center).await?;
        let locked = cx.tx.clusters().lock_row(wanted.id).await?;
        locked.ok_or_else(|| Refusal::no_such("Cluster", wanted.id).into())
    }

    fn wishes(&self, sources: &[Disk]) -> BTreeMap<DiskId, DiskWish> {
        let wish = |source: &Disk| {
            let mut wish = self.disks.get(&source.id).cloned().unwrap_or_default();
            wish.domain = wish.domain.or_else(|| self.domain.clone());
            (source.id, wish)
        };
        sources.iter().map(wish).collect()
    }

    /// The base of a new version; for a template of its own, its name is free.
    async fn base(&self, cx: &mut ActionContext<'_>, cluster: &Cluster) -> Result<Option<Template>> {
        if let Some(version) = &self.version {
            let base = super::free(cx, version.base).await?;
            super::check_not_blank(&base, "given versions")?;
            cx.require(Permit::EditTemplateProperties, base.id).await?;
            let versions = cx.tx.templates().versions(base.base).await?;
            let newest = versions.iter().map(|one| one.version_number).max().unwrap_or(1);
            return Ok(Some(Template { version_number: newest + 1, ..base }));
        }
        names::check(NameKind::Template, "Template", &self.name)?;
        let same = cx.tx.templates().by_name(&self.name).await?;
        check_name(cx, same, &self.name, cluster).await?;
        Ok(None)
    }

    async fn template(
        &self,
        cx: &mut ActionContext<'_>,
        vm: &Vm,
        cluster: &Cluster,
        base: Option<Template>,
    ) -> Result<Template> {
        let mut wanted = vm.definition.clone();
        wanted.description.clear();
        wanted.comment.clear();
        wanted.delete_protected = false;
        // Hosts that a VM is pinned to are that VM's matter.
        wanted.placement.hosts.clear();
        let given = wanted.clone();
        definition::change(&mut wanted, &self.edit)?;
        definition::require(cx, cluster.id, Permit::EditAdminTemplateProperties, &given, &wanted).await?;
        definition::check(&wanted, cluster)?;
        let id = TemplateId(Uuid::new_v4());
        let named = self.version.as_ref().and_then(|version| version.name.clone());
        Ok(Template {
            id,
            name: base.as_ref().map_or_else(|| self.name.clone(), |base| base.name.clone()),
            cluster: Some(cluster.id),
            definition: wanted,
            version_name: named.unwrap_or_else(|| "base version".to_owned()),
            version_number: base.as_ref().map_or(1, |base| base.version_number),
            base: base.map_or(id, |base| base.base),
            created_by: Some(cx.caller.session.user),
            created_at: cx.now,
            lock: None,
            illegal: false,
            sealed: false,
        })
    }
}

/// A name that another template of the data centre has is taken.
pub(super) async fn check_name(
    cx: &mut ActionContext<'_>,
    same: Vec<Template>,
    name: &str,
    cluster: &Cluster,
) -> Result<()> {
    for other in same {
        let home = match other.cluster {
            Some(id) => cx.tx.clusters().get(&[id]).await?.pop().map(|home| home.data_center),
            None => None,
        };
        if other.id == BLANK || home == Some(cluster.data_center) {
            return Err(Refusal::NameTaken { kind: "Template", name: name.to_owned() }.into());
        }
    }
    Ok(())
}

async fn find_cluster(cx: &mut ActionContext<'_>, named: &Named<ClusterId>) -> Result<Cluster> {
    let found = match named {
        Named::Id(id) => cx.tx.clusters().get(&[*id]).await?.pop(),
        Named::Name(name) => cx.tx.clusters().by_name(name).await?,
    };
    found.ok_or_else(|| Refusal::no_such("Cluster", named.text()).into())
}

/// The VM's disks that a template gets: those that others share stay out.
async fn sources(cx: &mut ActionContext<'_>, vm: VmId) -> Result<(Vec<DiskAttachment>, Vec<Disk>)> {
    let attachments = cx.tx.vms().attachments(&[vm]).await?;
    let ids: Vec<DiskId> = attachments.iter().map(|one| one.disk).collect();
    let mut disks = cx.tx.disks().get(&ids).await?;
    disks.retain(|disk| !disk.shareable);
    disks.sort_by_key(|disk| disk.id);
    Ok((attachments, disks))
}

async fn lock_sources(cx: &mut ActionContext<'_>, known: Vec<Disk>) -> Result<Vec<Disk>> {
    let mut locked = Vec::with_capacity(known.len());
    for disk in known {
        let disk = cx.tx.disks().lock_row(disk.id).await?.ok_or_else(|| Refusal::no_such("Disk", disk.id))?;
        locked.push(disk);
    }
    Ok(locked)
}

async fn owner(cx: &mut ActionContext<'_>, template: TemplateId) -> Result<()> {
    let grant = Permission {
        id: PermissionId(Uuid::new_v4()),
        principal: Principal::User(cx.caller.session.user),
        role: RoleId(roles::TEMPLATE_OWNER),
        object: template.into(),
    };
    Ok(cx.tx.permissions().grant(&grant).await?)
}

/// A template's NICs have no address: each VM gets its own.
async fn nics(cx: &mut ActionContext<'_>, vm: VmId, template: TemplateId) -> Result<()> {
    for (_, nic) in cx.tx.vms().nics(&[vm.0]).await? {
        let nic = VmNic { id: NicId(Uuid::new_v4()), mac_address: String::new(), ..nic };
        cx.tx.vms().put_nic(DeviceOwner::Template(template), &nic).await?;
    }
    Ok(())
}

async fn begin(
    cx: &mut ActionContext<'_>,
    job: JobId,
    template: &Template,
    vm: &Vm,
    attachments: &[DiskAttachment],
    made: &[Made],
) -> Result<()> {
    let mut objects: Vec<ObjectRef> = vec![template.id.into(), vm.id.into()];
    // Written in the order of the ids, which locks them, and hung up in the order of the VM's.
    for attachment in attachments {
        let Some(one) = made.iter().find(|one| one.source.id == attachment.disk) else { continue };
        let hung = TemplateAttachment {
            template: template.id,
            disk: one.target.id,
            interface: attachment.interface,
            bootable: attachment.bootable,
        };
        cx.tx.disks().put_template_attachment(&hung).await?;
        cx.tx.disks().set_state(one.source.id, DiskState::Locked, Some(job)).await?;
        cx.tx.changed(one.source.id, Change::Updated);
        objects.push(one.target.id.into());
    }
    cx.tx.templates().set_lock(template.id, Some(job), false).await?;
    cx.tx.vms().set_lock(vm.id, Some(Lock { job, purpose: LockPurpose::Images })).await?;
    cx.tx.changed(vm.id, Change::Updated);
    let disks = DiskSet::new(made.iter().map(Made::piece).collect());
    let work = CreateTemplate { template: template.id, vm: vm.id, disks };
    let description = format!("Creating template {} from VM {}", template.name, vm.name);
    cx.begin_as(job, &work, description, objects).await
}
