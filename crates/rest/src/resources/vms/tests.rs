//! The mapping of VMs, both ways.

use ferrovirt_engine::reading::vms::VmView;
use ferrovirt_model::ids::{ClusterId, VmId};
use ferrovirt_model::template::BLANK;
use ferrovirt_model::vm::{BootDevice, Definition, Firmware, Vm};
use ferrovirt_wire::{types, xml};
use uuid::Uuid;

use super::{from_wire, to_wire};
use crate::api::hrefs::Hrefs;

const GIB: u64 = 1 << 30;

fn changed(body: &str) -> Definition {
    let body: types::Vm = xml::from_slice(body.as_bytes()).unwrap();
    let mut definition = Definition::default();
    from_wire::edit(body).unwrap()(&mut definition).unwrap();
    definition
}

fn shown(definition: Definition) -> types::Vm {
    to_wire::vm(&Hrefs::new("/ovirt-engine/api"), &view(definition), 2)
}

fn view(definition: Definition) -> VmView {
    let vm = Vm {
        id: VmId(Uuid::from_u128(1)),
        name: "web".to_owned(),
        cluster: ClusterId(Uuid::from_u128(2)),
        template: BLANK,
        definition,
        cpu_profile: None,
        created_by: None,
        created_at: 1,
        generation: 0,
        lock: None,
        last_stop: None,
        next_run: None,
    };
    VmView { vm, run: None, guest: None, statistics: None, run_once: false, has_illegal_images: false }
}

#[test]
fn what_is_not_named_stays() {
    assert_eq!(changed("<vm><name>web</name><unknown>1</unknown></vm>"), Definition::default());
}

#[test]
fn memory_alone_takes_its_guarantee_and_its_limit_along() {
    let alone = changed("<vm><memory>2147483648</memory></vm>");
    assert_eq!((alone.memory, alone.memory_guaranteed, alone.memory_max), (2 * GIB, 2 * GIB, 8 * GIB));
    let chosen = changed(
        "<vm><memory>2147483648</memory><memory_policy><guaranteed>1073741824</guaranteed>\
         <max>4294967296</max></memory_policy></vm>",
    );
    assert_eq!((chosen.memory_guaranteed, chosen.memory_max), (GIB, 4 * GIB));
}

#[test]
fn what_is_shown_reads_back_as_the_same() {
    let definition = changed(
        "<vm><bios><type>q35_ovmf</type><boot_menu><enabled>true</enabled></boot_menu></bios>\
         <cpu><topology><sockets>2</sockets><cores>3</cores><threads>1</threads></topology></cpu>\
         <os><type>debian_9</type><boot><devices><device>network</device><device>hd</device></devices></boot></os>\
         <high_availability><enabled>true</enabled><priority>50</priority></high_availability>\
         <placement_policy><affinity>pinned</affinity></placement_policy><console><enabled>true</enabled></console>\
         <custom_properties><custom_property><name>hugepages</name><value>2048</value></custom_property>\
         </custom_properties><description>d</description></vm>",
    );
    assert_eq!(definition.firmware, Some(Firmware::Q35Uefi));
    assert_eq!(definition.boot_devices, [BootDevice::Network, BootDevice::HardDisk]);
    assert_eq!(definition.cpu.count(), 6);
    let mut back = Definition::default();
    from_wire::edit(shown(definition.clone())).unwrap()(&mut back).unwrap();
    // A definition without a time zone shows the default one, as oVirt does.
    back.time_zone = None;
    assert_eq!(back, definition);
}

#[test]
fn bad_values_name_their_element() {
    let body = |text: &str| from_wire::edit(xml::from_slice(text.as_bytes()).unwrap()).err().map(|fault| fault.detail);
    assert!(body("<vm><os><type>beos</type></os></vm>").unwrap().contains("os.type"));
    assert!(body("<vm><memory>-1</memory></vm>").unwrap().contains("memory"));
}

#[test]
fn a_vm_carries_what_clients_read() {
    let text = String::from_utf8(xml::to_vec(&shown(Definition::default())).unwrap()).unwrap();
    for part in [
        "<status>down</status>",
        "<next_run_configuration_exists>false</next_run_configuration_exists>",
        "rel=\"diskattachments\"",
        "href=\"/ovirt-engine/api/vms/00000000-0000-0000-0000-000000000001/start\"",
        "<origin>ovirt</origin>",
        "<memory>1073741824</memory>",
    ] {
        assert!(text.contains(part), "{part} is not in {text}");
    }
    assert!(!text.contains("<host "), "it does not run");
}

#[test]
fn first_boot_data_are_read_in_both_forms_and_a_password_is_never_shown() {
    let flat = changed(
        "<vm><initialization><host_name>web</host_name><user_name>root</user_name><root_password>hunter2</root_password>\
         <nic_configurations><nic_configuration><name>eth0</name><boot_protocol>static</boot_protocol>\
         <ip><address>192.0.2.10</address><netmask>255.255.255.0</netmask></ip></nic_configuration></nic_configurations>\
         </initialization></vm>",
    );
    let data = flat.initialization.clone().unwrap();
    assert_eq!((data.host_name.as_deref(), data.user_name.as_deref()), (Some("web"), Some("root")));
    assert_eq!(data.root_password.as_ref().map(|password| password.expose()), Some("hunter2"));
    assert!(data.nics[0].on_boot && data.nics[0].protocol == "static");
    let shown = shown(flat.clone()).initialization.unwrap();
    assert_eq!((shown.root_password, shown.host_name.as_deref()), (None, Some("web")));
    // What a client was not shown it can't send back: it stays.
    let mut again = flat;
    let body: types::Vm =
        xml::from_slice(b"<vm><initialization><host_name>db</host_name></initialization></vm>").unwrap();
    from_wire::edit(body).unwrap()(&mut again).unwrap();
    let data = again.initialization.unwrap();
    assert_eq!(data.host_name.as_deref(), Some("db"));
    assert_eq!(data.root_password.map(|password| password.expose().to_owned()).as_deref(), Some("hunter2"));
    let nested = changed(
        "<vm><initialization><cloud_init><host><address>web</address></host><users><user><user_name>root</user_name>\
         <password>hunter2</password></user></users></cloud_init></initialization></vm>",
    );
    let data = nested.initialization.unwrap();
    assert_eq!((data.host_name.as_deref(), data.user_name.as_deref()), (Some("web"), Some("root")));
    assert!(data.root_password.is_some());
}

#[test]
fn a_cd_is_named_by_its_disk_and_an_empty_name_ejects() {
    let id = "00000000-0000-0000-0000-000000000005";
    let inserted = changed(&format!("<vm><cdroms><cdrom><file id='{id}'/></cdrom></cdroms></vm>"));
    assert_eq!(inserted.cdrom.map(|disk| disk.to_string()).as_deref(), Some(id));
    let shown = super::cdroms::cdrom(&Hrefs::new("/ovirt-engine/api"), &view(inserted));
    assert_eq!(shown.file.and_then(|file| file.id).as_deref(), Some(id));
    let cd = |body: &str| from_wire::cd(&xml::from_slice(body.as_bytes()).unwrap());
    assert_eq!(cd("<cdrom><file id=''/></cdrom>"), Ok(None));
    assert_eq!(cd("<cdrom><file/></cdrom>"), Ok(None));
    assert!(cd("<cdrom><file id='install.iso'/></cdrom>").is_err());
}

#[test]
fn what_no_vm_here_does_is_refused_by_name() {
    let asked = |body: &str| from_wire::edit(xml::from_slice(format!("<vm>{body}</vm>").as_bytes()).unwrap()).err();
    for (element, body) in [
        ("stateless", "<stateless>true</stateless>"),
        ("lease", "<lease><storage_domain id='1'/></lease>"),
        ("quota", "<quota id='1'/>"),
        ("use_latest_template_version", "<use_latest_template_version>true</use_latest_template_version>"),
        ("auto_pinning_policy", "<auto_pinning_policy>adjust</auto_pinning_policy>"),
        ("cpu_pinning_policy", "<cpu_pinning_policy>dedicated</cpu_pinning_policy>"),
        ("migration_downtime", "<migration_downtime>100</migration_downtime>"),
        ("tunnel_migration", "<tunnel_migration>true</tunnel_migration>"),
        ("affinity_labels", "<affinity_labels><affinity_label id='1'/></affinity_labels>"),
        ("external_host_provider", "<external_host_provider id='1'/>"),
        ("small_icon", "<small_icon id='1'/>"),
        ("large_icon", "<large_icon><data>AA==</data></large_icon>"),
        ("payloads", "<payloads><payload><type>cdrom</type></payload></payloads>"),
        ("floppies", "<floppies><floppy><file id='a'/></floppy></floppies>"),
        ("watchdogs", "<watchdogs><watchdog><model>i6300esb</model></watchdog></watchdogs>"),
        ("host_devices", "<host_devices><host_device id='1'/></host_devices>"),
        ("numa_tune_mode", "<numa_tune_mode>strict</numa_tune_mode>"),
        ("virtio_scsi_multi_queues", "<virtio_scsi_multi_queues>4</virtio_scsi_multi_queues>"),
        (
            "virtio_scsi_multi_queues_enabled",
            "<virtio_scsi_multi_queues_enabled>true</virtio_scsi_multi_queues_enabled>",
        ),
        ("rng_device.rate", "<rng_device><source>urandom</source><rate><bytes>8</bytes></rate></rng_device>"),
    ] {
        let fault = asked(body).unwrap_or_else(|| panic!("{body} passed"));
        assert_eq!(fault.status.as_u16(), 501, "{body}");
        assert!(fault.detail.contains(&format!("vm.{element} ")), "{}", fault.detail);
    }
    for body in [
        "<stateless>false</stateless><migration_downtime>-1</migration_downtime><lease/><quota/><payloads/><watchdogs/>",
        "<virtio_scsi_multi_queues>0</virtio_scsi_multi_queues><numa_tune_mode>interleave</numa_tune_mode>",
        "<cpu_pinning_policy>none</cpu_pinning_policy><auto_pinning_policy>disabled</auto_pinning_policy>",
    ] {
        assert!(asked(body).is_none(), "{body}");
    }
}

#[test]
fn an_instance_type_gives_a_size_and_the_document_wins_over_it() {
    let small = "<instance_type><name>Small</name></instance_type>";
    let plain = changed(&format!("<vm>{small}</vm>"));
    assert_eq!((plain.memory, plain.memory_guaranteed, plain.memory_max), (2 * GIB, 2 * GIB, 8 * GIB));
    assert_eq!(plain.cpu.count(), 1);
    let large = changed("<vm><instance_type id='00000009-0009-0009-0009-0000000000f1'/></vm>");
    assert_eq!((large.memory, large.cpu.sockets), (8 * GIB, 2));
    let own = changed(&format!(
        "<vm>{small}<memory>{}</memory><cpu><topology><cores>3</cores></topology></cpu></vm>",
        4 * GIB
    ));
    assert_eq!((own.memory, own.memory_guaranteed, own.cpu.count()), (4 * GIB, 4 * GIB, 3));
    // It is shown as long as the size is that of the type; what is shown reads back without resizing anything.
    let type_of = |definition: &Definition| shown(definition.clone()).instance_type.and_then(|one| one.id);
    assert_eq!(type_of(&plain).as_deref(), Some("00000005-0005-0005-0005-0000000002e6"));
    assert_eq!(type_of(&own), None);
    let mut back = plain.clone();
    from_wire::edit(shown(plain.clone())).unwrap()(&mut back).unwrap();
    assert_eq!(back.memory, plain.memory);
    let mut grown = plain.clone();
    let body =
        format!("<vm><instance_type id='00000005-0005-0005-0005-0000000002e6'/><memory>{}</memory></vm>", 3 * GIB);
    from_wire::edit(xml::from_slice(body.as_bytes()).unwrap()).unwrap()(&mut grown).unwrap();
    assert_eq!(grown.memory, 3 * GIB);
    let wrong = from_wire::edit(xml::from_slice(b"<vm><instance_type><name>Huge</name></instance_type></vm>").unwrap());
    assert_eq!(wrong.err().unwrap().status.as_u16(), 404);
}
