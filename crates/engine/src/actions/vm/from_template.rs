//! A VM from a template other than Blank: its row and NICs at once, its disks by a job.

use std::collections::BTreeMap;

use ferrovirt_model::cluster::Cluster;
use ferrovirt_model::events::sentences;
use ferrovirt_model::ids::{DiskId, JobId, NicId, ObjectRef, StorageDomainId};
use ferrovirt_model::refusal::Refusal;
use ferrovirt_model::storage::Disk;
use ferrovirt_model::template::{BLANK, Template};
use ferrovirt_model::vm::{DiskAttachment, Lock, LockPurpose, Vm, VmNic};
use ferrovirt_store::Areas;
use ferrovirt_store::disks::TemplateAttachment;
use ferrovirt_store::vms::DeviceOwner;
use uuid::Uuid;

use super::add::insert;
use super::devices::mac_address;
use super::disks::Hanging;
use crate::action::ActionContext;
use crate::actions::named::Named;
use crate::actions::permission;
use crate::actions::template::{self, DiskWish, Layering};
use crate::failure::Result;
use crate::jobs::create_vm_from_template::CreateVmFromTemplate;
use crate::jobs::disk_set::DiskSet;

/// How a VM gets what its template has.
#[derive(Clone, Debug, Default)]
pub struct FromTemplate {
    /// How its disks shall be, by the template's disk.
    pub disks: BTreeMap<DiskId, OwnDisk>,
    /// Where they are to lie, but for those that say it themselves; beside the template's where it is not said.
    pub domain: Option<Named<StorageDomainId>>,
    /// Who holds a role on the template gets it on the VM, too.
    pub permissions: bool,
}

/// How a VM shall have one of its template's disks.
#[derive(Clone, Debug, Default)]
pub struct OwnDisk {
    /// The disk.
    pub disk: DiskWish,
    /// How it hangs; what is not said is as in the template.
    pub hanging: Hanging,
}

impl FromTemplate {
    /// A disk that the template does not have can't be made from it, and a VM boots from one disk.
    ///
    /// # Errors
    /// A refusal that says which.
    pub(super) fn check(&self, template: &Template, hung: &[TemplateAttachment]) -> Result<()> {
        if let Some(id) = self.disks.keys().find(|id| !hung.iter().any(|hung| hung.disk == **id)) {
            return Err(Refusal::rule(format!("Template '{}' has no disk {id}.", template.name)).into());
        }
        if hung.iter().filter(|hung| self.boots(hung)).count() > 1 {
            return Err(Refusal::rule("Only one disk of a VM may be bootable.").into());
        }
        Ok(())
    }

    fn boots(&self, hung: &TemplateAttachment) -> bool {
        self.disks.get(&hung.disk).and_then(|own| own.hanging.bootable).unwrap_or(hung.bootable)
    }

    /// Writes the VM with its NICs and grants.
    async fn rows(&self, cx: &mut ActionContext<'_>, vm: &Vm, template: &Template) -> Result<()> {
        insert(cx, vm).await?;
        nics(cx, vm, template).await?;
        if self.permissions { permission::copy(cx, template.id, vm.id).await } else { Ok(()) }
    }

    fn wishes(&self, sources: &[Disk]) -> BTreeMap<DiskId, DiskWish> {
        let wish = |source: &Disk| {
            let mut wish = self.disks.get(&source.id).map(|own| own.disk.clone()).unwrap_or_default();
            wish.domain = wish.domain.or_else(|| self.domain.clone());
            (source.id, wish)
        };
        sources.iter().map(wish).collect()
    }

    fn attachment(&self, vm: &Vm, hung: &TemplateAttachment, target: DiskId) -> DiskAttachment {
        let hanging = self.disks.get(&hung.disk).map(|own| own.hanging).unwrap_or_default();
        DiskAttachment {
            vm: vm.id,
            disk: target,
            interface: hanging.interface.unwrap_or(hung.interface),
            bootable: self.boots(hung),
            active: hanging.active.unwrap_or(true),
            read_only: hanging.read_only.unwrap_or(false),
            pass_discard: hanging.pass_discard.unwrap_or(false),
        }
    }
}

/// Makes a VM of a template: thin, its disks layers on the template's, or with `clone` copies of them.
///
/// # Errors
/// A refusal where the template is held by a job or broken, or a disk can't be had so, or there is no room for the disks.
pub async fn make(
    cx: &mut ActionContext<'_>,
    vm: &Vm,
    template: &Template,
    cluster: &Cluster,
    clone: bool,
    own: &FromTemplate,
) -> Result<()> {
    let attachments = cx.tx.disks().of_templates(&[template.id]).await?;
    let ids: Vec<DiskId> = attachments.iter().map(|attachment| attachment.disk).collect();
    let mut sources: Vec<Disk> = cx.tx.disks().get(&ids).await?;
    sources.sort_by_key(|disk| disk.id);
    own.check(template, &attachments)?;
    let wishes = own.wishes(&sources);
    let domains = template::domains(cx, &sources, &wishes).await?;
    let template = template::free(cx, template.id).await?;
    if template.illegal {
        return Err(Refusal::rule(format!("The disks of template '{}' are broken.", template.name)).into());
    }
    let job = JobId(Uuid::new_v4());
    let mut vm = vm.clone();
    if sources.is_empty() {
        vm.template = if clone { BLANK } else { vm.template };
        own.rows(cx, &vm, &template).await?;
        let draft = sentences::USER_ADD_VM.draft().vm(vm.id, vm.name.clone());
        cx.log(draft.cluster(cluster.id, cluster.name.clone()).template(template.id, template.name));
        return Ok(());
    }
    vm.lock = Some(Lock { job, purpose: LockPurpose::Images });
    own.rows(cx, &vm, &template).await?;
    let layering = if clone { Layering::Copy } else { Layering::Layer };
    let made = template::write(cx, job, sources, &wishes, &domains, layering).await?;
    let mut objects: Vec<ObjectRef> = vec![vm.id.into(), template.id.into()];
    // Written in the order of the ids, which locks them, and hung up in the order of the template's.
    for hung in &attachments {
        let Some(one) = made.iter().find(|one| one.source.id == hung.disk) else { continue };
        let attachment = own.attachment(&vm, hung, one.target.id);
        cx.tx.vms().put_attachment(&attachment).await?;
        objects.push(one.target.id.into());
    }
    let disks = DiskSet::new(made.iter().map(template::Made::piece).collect());
    let work = CreateVmFromTemplate { vm: vm.id, clone, disks };
    cx.begin_as(job, &work, format!("Creating VM {} from template {}", vm.name, template.name), objects).await?;
    let draft = sentences::USER_ADD_VM_STARTED.draft().vm(vm.id, vm.name);
    cx.log(draft.cluster(cluster.id, cluster.name.clone()).template(template.id, template.name));
    Ok(())
}

/// The template's NICs, each with an address of its own.
async fn nics(cx: &mut ActionContext<'_>, vm: &Vm, template: &Template) -> Result<()> {
    for (_, nic) in cx.tx.vms().nics(&[template.id.0]).await? {
        let mac_address = mac_address(cx, vm, None).await?;
        let nic = VmNic { id: NicId(Uuid::new_v4()), mac_address, ..nic };
        cx.tx.vms().put_nic(DeviceOwner::Vm(vm.id), &nic).await?;
    }
    Ok(())
}
