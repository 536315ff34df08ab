//! A VM from a template other than Blank: its row and NICs at once, its disks by a job.

use ferrovirt_model::cluster::Cluster;
use ferrovirt_model::events::sentences;
use ferrovirt_model::ids::{DiskId, JobId, NicId, ObjectRef};
use ferrovirt_model::refusal::Refusal;
use ferrovirt_model::storage::Disk;
use ferrovirt_model::template::{BLANK, Template};
use ferrovirt_model::vm::{DiskAttachment, Lock, LockPurpose, Vm, VmNic};
use ferrovirt_store::Areas;
use ferrovirt_store::vms::DeviceOwner;
use uuid::Uuid;

use super::add::insert;
use super::devices::mac_address;
use crate::action::ActionContext;
use crate::actions::template::{self, Layering};
use crate::failure::Result;
use crate::jobs::create_vm_from_template::CreateVmFromTemplate;
use crate::jobs::disk_set::DiskSet;

/// Makes a VM of a template: thin, its disks layers on the template's, or with `clone` copies of them.
///
/// # Errors
/// A refusal where the template is held by a job or broken, or there is no room for the disks.
pub async fn make(
    cx: &mut ActionContext<'_>,
    vm: &Vm,
    template: &Template,
    cluster: &Cluster,
    clone: bool,
) -> Result<()> {
    let attachments = cx.tx.disks().of_templates(&[template.id]).await?;
    let ids: Vec<DiskId> = attachments.iter().map(|attachment| attachment.disk).collect();
    let mut sources: Vec<Disk> = cx.tx.disks().get(&ids).await?;
    sources.sort_by_key(|disk| disk.id);
    let domains = template::domains(cx, &sources).await?;
    let template = template::free(cx, template.id).await?;
    if template.illegal {
        return Err(Refusal::rule(format!("The disks of template '{}' are broken.", template.name)).into());
    }
    let job = JobId(Uuid::new_v4());
    let mut vm = vm.clone();
    if sources.is_empty() {
        vm.template = if clone { BLANK } else { vm.template };
        insert(cx, &vm).await?;
        nics(cx, &vm, &template).await?;
        let draft = sentences::USER_ADD_VM.draft().vm(vm.id, vm.name.clone());
        cx.log(draft.cluster(cluster.id, cluster.name.clone()).template(template.id, template.name));
        return Ok(());
    }
    vm.lock = Some(Lock { job, purpose: LockPurpose::Images });
    insert(cx, &vm).await?;
    nics(cx, &vm, &template).await?;
    let layering = if clone { Layering::Copy } else { Layering::Layer };
    let made = template::vm_disks(cx, job, sources, &domains, layering).await?;
    let mut objects: Vec<ObjectRef> = vec![vm.id.into(), template.id.into()];
    for one in &made {
        let Some(hung) = attachments.iter().find(|attachment| attachment.disk == one.source.id) else { continue };
        let attachment = DiskAttachment {
            vm: vm.id,
            disk: one.target.id,
            interface: hung.interface,
            bootable: hung.bootable,
            active: true,
            read_only: false,
            pass_discard: false,
        };
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
