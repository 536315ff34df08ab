//! Templates on the wire. What they share with VMs is written and read by the VMs' mapping, under the same names; this
//! file moves it over.

use ferrovirt_engine::reading::templates::TemplateAttachment;
use ferrovirt_model::ids::TemplateId;
use ferrovirt_model::template::{BLANK, Template};
use ferrovirt_model::vm::{DiskInterface, NicModel, VmNic};
use ferrovirt_wire::types;

use crate::api::hrefs::Hrefs;
use crate::api::links;
use crate::resources::{shared, vms};

macro_rules! shared_fields {
    ($($field:ident)*) => {
        /// What a template's body says, as a VM's body says it.
        pub(super) fn as_vm(body: types::Template) -> types::Vm {
            types::Vm { $($field: body.$field,)* ..Default::default() }
        }

        fn from_vm(document: types::Vm) -> types::Template {
            types::Template { $($field: document.$field,)* ..Default::default() }
        }
    };
}

shared_fields! {
    name description comment bios console cpu cpu_pinning_policy cpu_shares custom_compatibility_version custom_cpu_model
    custom_emulated_machine custom_properties delete_protected display high_availability initialization io memory
    memory_policy migration migration_downtime multi_queues_enabled origin os placement_policy rng_device serial_number
    soundcard_enabled sso start_paused stateless storage_error_resume_behaviour time_zone tpm_enabled r#type usb
    virtio_scsi virtio_scsi_multi_queues virtio_scsi_multi_queues_enabled cluster cpu_profile auto_pinning_policy
    large_icon lease quota small_icon tunnel_migration
}

/// The document of a template.
pub(super) fn document(hrefs: &Hrefs, template: &Template) -> types::Template {
    let mut defined = types::Vm::default();
    vms::to_wire::define(&mut defined, hrefs, &template.definition);
    let mut document = from_vm(defined);
    document.name = Some(template.name.clone());
    document.creation_time = Some(types::Timestamp(template.created_at));
    document.cluster = template.cluster.map(|id| Box::new(links::reference(hrefs.of("clusters", id), id)));
    document.status = Some(match (template.illegal, template.lock) {
        (_, Some(_)) => types::TemplateStatus::Locked,
        (true, None) => types::TemplateStatus::Illegal,
        (false, None) => types::TemplateStatus::Ok,
    });
    let base =
        (template.id != BLANK).then(|| Box::new(links::reference(hrefs.of("templates", template.base), template.base)));
    document.version = Some(types::TemplateVersion {
        version_name: Some(template.version_name.clone()),
        version_number: shared::number(template.version_number),
        base_template: base,
    });
    shared::decorate("TemplateService", &hrefs.of("templates", template.id), template.id, &mut document);
    document
}

/// The document of a template's disk attachment, which has the disk's id.
pub(super) fn attachment(hrefs: &Hrefs, hung: &TemplateAttachment) -> types::DiskAttachment {
    let (disk, template) = (hung.disk, hung.template);
    let mut document = types::DiskAttachment {
        active: Some(true),
        bootable: Some(hung.bootable),
        interface: Some(match hung.interface {
            DiskInterface::Virtio => types::DiskInterface::Virtio,
            DiskInterface::VirtioScsi => types::DiskInterface::VirtioScsi,
            DiskInterface::Sata => types::DiskInterface::Sata,
            DiskInterface::Ide => types::DiskInterface::Ide,
        }),
        pass_discard: Some(false),
        read_only: Some(false),
        uses_scsi_reservation: Some(false),
        disk: Some(Box::new(links::reference(hrefs.of("disks", disk), disk))),
        template: Some(Box::new(links::reference(hrefs.of("templates", template), template))),
        ..Default::default()
    };
    let href = hrefs.within("templates", template, "diskattachments", disk);
    shared::decorate("TemplateDiskAttachmentService", &href, disk, &mut document);
    document
}

/// The document of a template's NIC.
pub(super) fn nic(hrefs: &Hrefs, template: TemplateId, nic: &VmNic) -> types::Nic {
    let mut document = types::Nic {
        name: Some(nic.name.clone()),
        description: shared::filled(&nic.description),
        interface: Some(match nic.model {
            NicModel::Virtio => types::NicInterface::Virtio,
            NicModel::E1000 => types::NicInterface::E1000,
            NicModel::E1000e => types::NicInterface::E1000e,
            NicModel::Rtl8139 => types::NicInterface::Rtl8139,
        }),
        linked: Some(nic.linked),
        plugged: Some(nic.plugged),
        template: Some(Box::new(links::reference(hrefs.of("templates", template), template))),
        vnic_profile: nic.profile.map(|id| Box::new(links::reference(hrefs.of("vnicprofiles", id), id))),
        ..Default::default()
    };
    let href = hrefs.within("templates", template, "nics", nic.id);
    shared::decorate("TemplateNicService", &href, nic.id, &mut document);
    document
}

#[cfg(test)]
mod tests {
    use ferrovirt_model::ids::ClusterId;
    use ferrovirt_model::vm::Definition;
    use uuid::Uuid;

    use super::*;

    fn template(lock: Option<u128>, illegal: bool) -> Template {
        Template {
            id: TemplateId(Uuid::from_u128(5)),
            name: "golden".to_owned(),
            cluster: Some(ClusterId(Uuid::from_u128(6))),
            definition: Definition { memory: 2 << 30, description: "made by hand".to_owned(), ..Definition::default() },
            version_name: "base version".to_owned(),
            version_number: 1,
            base: TemplateId(Uuid::from_u128(5)),
            created_by: None,
            created_at: 7,
            lock: lock.map(|id| Uuid::from_u128(id).into()),
            illegal,
            sealed: false,
        }
    }

    #[test]
    fn a_template_shows_what_its_vms_will_have() {
        let document = document(&Hrefs::new("/api"), &template(None, false));
        assert_eq!((document.name.as_deref(), document.memory), (Some("golden"), Some(2 << 30)));
        assert_eq!(document.description.as_deref(), Some("made by hand"));
        assert_eq!(document.status, Some(types::TemplateStatus::Ok));
        assert!(document.version.unwrap().base_template.is_some());
        let rels: Vec<_> = document.link.iter().filter_map(|link| link.rel.as_deref()).collect();
        assert!(rels.contains(&"diskattachments") && rels.contains(&"nics"), "{rels:?}");
    }

    #[test]
    fn its_status_is_that_of_its_disks_and_its_job() {
        let status = |lock, illegal| document(&Hrefs::new("/api"), &template(lock, illegal)).status;
        assert_eq!(status(Some(1), true), Some(types::TemplateStatus::Locked));
        assert_eq!(status(None, true), Some(types::TemplateStatus::Illegal));
    }

    #[test]
    fn what_is_written_is_read_by_the_vms_mapping() {
        let written = document(&Hrefs::new("/api"), &template(None, false));
        let edit = vms::from_wire::edit(as_vm(written)).unwrap();
        let mut read = Definition::default();
        edit(&mut read).unwrap();
        assert_eq!((read.memory, read.description.as_str()), (2 << 30, "made by hand"));
    }
}
