//! Golden files of domain XML: `goldens/<name>.xml`. `FERROVIRT_BLESS=1` rewrites them, and the diff is the review.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use ferrovirt_hostapi::{CdromSpec, DirectBoot, DiskSpec, Firmware, GraphicsSpec, NicSpec, VmSpec};
use proptest::prelude::*;

use super::*;

const ID: &str = "6f1b1f7e-0000-4000-8000-000000000001";

fn place(accelerator: Accelerator) -> Place {
    let disks = ["d1", "d2", "d3", "d4"].map(|id| (id.to_owned(), (PathBuf::from(format!("/rhev/{id}")), id != "d4")));
    Place {
        accelerator,
        partition: None,
        disks: BTreeMap::from(disks),
        cdrom: None,
        first_boot: None,
        console_password: "secret00".into(),
    }
}

fn disk(id: &str, interface: &str, boot_order: u32) -> DiskSpec {
    DiskSpec {
        disk_id: id.into(),
        format: "qcow2".into(),
        interface: interface.into(),
        boot_order,
        ..DiskSpec::default()
    }
}

fn nic(id: &str, model: &str) -> NicSpec {
    NicSpec {
        id: id.into(),
        mac_address: "56:6f:1b:00:00:01".into(),
        bridge: "ovirtmgmt".into(),
        model: model.into(),
        linked: true,
        ..NicSpec::default()
    }
}

fn small() -> VmSpec {
    VmSpec {
        id: ID.into(),
        name: "web".into(),
        memory: 512 << 20,
        cpu_sockets: 1,
        cpu_cores: 1,
        cpu_threads: 1,
        generation: 3,
        boot_devices: vec!["hd".into()],
        disks: vec![disk("d1", "virtio", 1)],
        nics: vec![nic("n1", "virtio")],
        graphics: vec![GraphicsSpec { kind: "vnc".into(), listen_address: "0.0.0.0".into() }],
        memory_balloon: true,
        random_generator: true,
        os_family: "linux".into(),
        ..VmSpec::default()
    }
}

fn check(name: &str, spec: &VmSpec, place: &Place) {
    let xml = domain(spec, place).unwrap().to_xml();
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("src/domxml/goldens").join(format!("{name}.xml"));
    if std::env::var_os("FERROVIRT_BLESS").is_some() {
        std::fs::write(&path, &xml).unwrap();
    }
    let golden = std::fs::read_to_string(&path).unwrap_or_default();
    assert!(golden == xml, "{} differs; FERROVIRT_BLESS=1 rewrites it. Now:\n{xml}", path.display());
    let read = read::description(&xml).unwrap();
    assert_eq!((read.id.as_str(), read.generation), (ID, Some(spec.generation)));
}

#[test]
fn small_linux_under_emulation() {
    check("small-tcg", &small(), &place(Accelerator::Tcg));
}

#[test]
fn pc_with_bios_and_every_bus() {
    let spec = VmSpec {
        machine: "pc".into(),
        disks: vec![disk("d1", "virtio", 2), disk("d2", "virtio_scsi", 1), disk("d3", "sata", 0), disk("d4", "ide", 0)],
        nics: vec![nic("n1", "e1000"), NicSpec { bridge: String::new(), ..nic("n2", "rtl8139") }],
        cdrom: Some(CdromSpec { volume: None, present: false }),
        boot_devices: vec!["hd".into(), "cdrom".into(), "network".into()],
        boot_menu: true,
        io_threads: 2,
        multi_queues: true,
        serial_console: true,
        cpu_model: "Nehalem".into(),
        ..small()
    };
    check("pc-every-bus", &spec, &place(Accelerator::Kvm));
}

#[test]
fn uefi_with_room_to_grow() {
    let spec = VmSpec {
        machine: "pc-q35-7.2".into(),
        firmware: Firmware::Uefi.into(),
        memory: 1 << 30,
        memory_max: 4 << 30,
        memory_guaranteed: 512 << 20,
        cpu_sockets_max: 8,
        cpu_cores: 2,
        cpu_host_passthrough: true,
        cpu_shares: 2048,
        pinned_cpus: vec![0, 2],
        serial_number: "abc & <d>".into(),
        ..small()
    };
    let place = Place { partition: Some("/lab1".into()), ..place(Accelerator::Kvm) };
    check("uefi-growing", &spec, &place);
}

#[test]
fn windows_with_secure_boot() {
    let spec = VmSpec {
        firmware: Firmware::UefiSecure.into(),
        os_family: "windows".into(),
        clock_offset: "localtime".into(),
        clock_adjustment_seconds: 3600,
        tpm: true,
        sound_model: "ich9".into(),
        video_model: "virtio".into(),
        graphics_monitors: 2,
        keyboard: "de".into(),
        ..small()
    };
    check("windows-secure", &spec, &place(Accelerator::Kvm));
}

#[test]
fn headless_with_direct_boot_and_config_drive() {
    let disks = vec![DiskSpec {
        read_only: true,
        shareable: true,
        discard: true,
        serial: "s1".into(),
        propagate_errors: true,
        ..disk("d4", "virtio", 0)
    }];
    let spec = VmSpec {
        graphics: Vec::new(),
        disks,
        nics: vec![NicSpec {
            mtu: 9000,
            filter: "vdsm-no-mac-spoofing".into(),
            queues: 4,
            linked: false,
            ..nic("n1", "virtio")
        }],
        direct_boot: Some(DirectBoot {
            kernel: "/var/lib/ferrovirt/boot/k".into(),
            initrd: "/var/lib/ferrovirt/boot/i".into(),
            command_line: "console=ttyS0 a=\"b\"".into(),
        }),
        memory_balloon: false,
        ..small()
    };
    let place = Place { first_boot: Some("/run/ferrovirt/drives/x.iso".into()), ..place(Accelerator::Tcg) };
    check("headless-direct", &spec, &place);
}

#[test]
fn what_has_no_word_is_refused() {
    let place = place(Accelerator::Tcg);
    let refused = [
        VmSpec { disks: vec![disk("d1", "floppy", 0)], ..small() },
        VmSpec { disks: vec![disk("nowhere", "virtio", 0)], ..small() },
        VmSpec { nics: vec![nic("n1", "ne2k")], ..small() },
        VmSpec { graphics: vec![GraphicsSpec { kind: "rdp".into(), ..Default::default() }], ..small() },
        VmSpec { clock_offset: "moon".into(), ..small() },
        VmSpec { cpu_cores: 0, ..small() },
        VmSpec { memory: 0, ..small() },
        VmSpec { name: String::new(), ..small() },
    ];
    for spec in refused {
        assert!(domain(&spec, &place).is_err(), "{spec:?}");
    }
}

#[test]
fn no_guest_boots_another_file_of_its_host() {
    let boots = |kernel: &str, initrd: &str| {
        let direct = DirectBoot { kernel: kernel.into(), initrd: initrd.into(), command_line: String::new() };
        domain(&VmSpec { direct_boot: Some(direct), ..small() }, &place(Accelerator::Tcg))
    };
    let kernel = "/var/lib/ferrovirt/boot/vmlinuz";
    assert!(boots(kernel, "").is_ok() && boots("", "").is_ok());
    for (kernel, initrd) in [
        (kernel, "/etc/shadow"),
        ("/etc/shadow", ""),
        ("", "/etc/shadow"),
        (kernel, "/var/lib/ferrovirt/boot/../host.key"),
    ] {
        let refused = boots(kernel, initrd).unwrap_err();
        assert!(matches!(refused, SpecError::NotToBoot { .. }), "{refused}");
    }
}

#[test]
fn a_hot_plugged_disk_takes_a_free_name() {
    let taken = ["vda".to_owned(), "vdb".to_owned()];
    let element = devices::plug_disk(&disk("d9", "virtio", 0), Path::new("/x"), true, true, &taken).unwrap();
    assert_eq!(element.get("target").unwrap().attribute("dev"), Some("vdc"));
    assert!(devices::plug_disk(&disk("d9", "sata", 0), Path::new("/x"), true, true, &[]).is_err());
    assert_eq!(devices::letters(0), "a");
    assert_eq!(devices::letters(25), "z");
    assert_eq!(devices::letters(26), "aa");
}

proptest! {
    #[test]
    fn no_text_breaks_out_of_its_place(name in "\\PC{1,40}", serial in "\\PC{0,40}", keyboard in "\\PC{0,10}") {
        let spec = VmSpec { name: name.clone(), serial_number: serial, keyboard, ..small() };
        let xml = domain(&spec, &place(Accelerator::Tcg)).unwrap().to_xml();
        let read = read::description(&xml).unwrap();
        prop_assert_eq!(read.name, name.trim());
        prop_assert_eq!(read.generation, Some(3));
    }
}
