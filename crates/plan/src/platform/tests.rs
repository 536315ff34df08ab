//! Golden machines: what a host is told, for the usual kinds of VM. `INSTA_UPDATE=always cargo test -p ferrovirt-plan`
//! writes them anew; the difference is the review.

use ferrovirt_model::cluster::ClusterSettings;
use ferrovirt_model::ids::{
    ClusterId, HostId, NetworkId, NicId, StorageConnectionId, StorageDomainId, TemplateId, VmId, VnicProfileId,
    VolumeId,
};
use ferrovirt_model::storage::{DiskContent, DiskFormat, DiskState, DomainClass, StorageDomain, StorageKind, Volume};
use ferrovirt_model::vm::{Cpu, Definition, Display, NicModel};
use uuid::Uuid;

use super::*;
use crate::GIB;

pub(crate) fn vm() -> Vm {
    Vm {
        id: VmId(Uuid::from_u128(1)),
        name: "web".to_owned(),
        cluster: ClusterId(Uuid::from_u128(2)),
        template: TemplateId(Uuid::nil()),
        definition: Definition::default(),
        cpu_profile: None,
        created_by: None,
        created_at: 0,
        generation: 0,
        lock: None,
        last_stop: None,
        next_run: None,
    }
}

pub(crate) fn cluster() -> Cluster {
    let settings = ClusterSettings { cpu_type: Some("Intel Nehalem Family".to_owned()), ..ClusterSettings::default() };
    Cluster {
        id: ClusterId(Uuid::from_u128(2)),
        name: "Default".to_owned(),
        data_center: DataCenterId(Uuid::from_u128(3)),
        settings,
    }
}

fn connection() -> StorageConnection {
    StorageConnection {
        id: StorageConnectionId(Uuid::from_u128(4)),
        kind: StorageKind::Nfs,
        address: "192.0.2.9".to_owned(),
        path: "/export/data".to_owned(),
        vfs_type: String::new(),
        mount_options: String::new(),
        nfs_version: "v4_2".to_owned(),
        nfs_timeout: None,
        nfs_retransmissions: None,
    }
}

pub(crate) fn domain() -> StorageDomain {
    StorageDomain {
        id: StorageDomainId(Uuid::from_u128(5)),
        name: "nfs".to_owned(),
        description: String::new(),
        comment: String::new(),
        class: DomainClass::Data,
        connection: connection(),
        format: "v5".to_owned(),
        wipe_after_delete: false,
        discard_after_delete: false,
        backup: false,
        warning_low_space_percent: 10,
        critical_space_gib: 5,
        attachment: None,
        lock: None,
        available: Some(100 * GIB),
        used: Some(0),
        committed: 0,
    }
}

fn disk(number: u128, interface: DiskInterface, bootable: bool) -> DiskDevice {
    let id = DiskId(Uuid::from_u128(number));
    let volume = Volume {
        id: VolumeId(Uuid::from_u128(number + 1000)),
        disk: id,
        domain: StorageDomainId(Uuid::from_u128(5)),
        format: DiskFormat::Qcow2,
        actual_size: 0,
        parent: None,
    };
    let disk = Disk {
        id,
        alias: format!("disk{number}"),
        description: String::new(),
        provisioned_size: GIB,
        format: DiskFormat::Qcow2,
        sparse: true,
        content: DiskContent::Data,
        shareable: false,
        wipe_after_delete: false,
        propagate_errors: false,
        incremental_backup: false,
        state: DiskState::Ok,
        lock: None,
        volume: Some(volume),
        created_at: 0,
    };
    let vm = VmId(Uuid::from_u128(1));
    let attachment =
        DiskAttachment { vm, disk: id, interface, bootable, active: true, read_only: false, pass_discard: false };
    DiskDevice { attachment, disk, connection: connection() }
}

fn nic(number: u128, model: NicModel, connected: bool) -> NicDevice {
    let network = NetworkId(Uuid::from_u128(9));
    let profile = VnicProfile {
        id: VnicProfileId(Uuid::from_u128(8)),
        name: "ovirtmgmt".to_owned(),
        network,
        description: String::new(),
        comment: String::new(),
        filter: Some("vdsm-no-mac-spoofing".to_owned()),
        port_mirroring: false,
        pass_through: false,
        migratable: true,
    };
    let network = Network {
        id: network,
        name: "ovirtmgmt".to_owned(),
        data_center: DataCenterId(Uuid::from_u128(3)),
        description: String::new(),
        comment: String::new(),
        vlan: None,
        mtu: 9000,
        vm_network: true,
        stp: false,
        port_isolation: false,
        device_name: "ovirtmgmt".to_owned(),
    };
    let nic = VmNic {
        id: NicId(Uuid::from_u128(number)),
        name: format!("nic{number}"),
        profile: Some(profile.id),
        model,
        mac_address: format!("56:6f:00:00:00:{number:02x}"),
        linked: true,
        plugged: true,
        description: String::new(),
    };
    NicDevice { nic, profile: connected.then_some(profile), network: connected.then_some(network) }
}

fn host(virtualization: &str) -> HostFacts {
    HostFacts {
        virtualization: virtualization.to_owned(),
        emulated_machines: ["pc-q35-7.2", "pc-i440fx-7.2", "q35", "pc"].map(str::to_owned).to_vec(),
        ..HostFacts::default()
    }
}

fn machine<'a>(
    vm: &'a Vm,
    cluster: &'a Cluster,
    host: &'a HostFacts,
    disks: &'a [DiskDevice],
    nics: &'a [NicDevice],
) -> Machine<'a> {
    Machine {
        vm,
        cluster,
        data_center: cluster.data_center,
        host,
        host_hardware_id: "hardware",
        generation: 7,
        disks,
        nics,
        cdrom: None,
        display_address: "192.0.2.1",
        first_boot: None,
    }
}

#[test]
fn a_linux_server() {
    let (mut vm, cluster, host) = (vm(), cluster(), host("kvm"));
    vm.definition.os = 24;
    vm.definition.cpu = Cpu { sockets: 2, cores: 2, ..Cpu::default() };
    vm.definition.boot_devices = vec![BootDevice::Network, BootDevice::Cdrom, BootDevice::HardDisk];
    let disks = [disk(20, DiskInterface::VirtioScsi, true), disk(21, DiskInterface::Virtio, false)];
    let nics = [nic(30, NicModel::Virtio, true), nic(31, NicModel::E1000e, false)];
    insta::assert_debug_snapshot!(platform(&machine(&vm, &cluster, &host, &disks, &nics)));
}

#[test]
fn a_windows_desktop() {
    let (mut vm, cluster, host) = (vm(), cluster(), host("kvm"));
    let windows = operating_systems::named("windows_11").expect("in the catalogue");
    vm.definition.os = windows.id;
    vm.definition.firmware = Some(Firmware::Q35SecureBoot);
    vm.definition.time_zone = Some("Etc/GMT-3".to_owned());
    vm.definition.sound = true;
    vm.definition.usb = true;
    vm.definition.serial_number = SerialNumber::Host;
    let disks = [disk(20, DiskInterface::Sata, true)];
    let cdrom = disk(22, DiskInterface::Sata, false);
    let machine = Machine { cdrom: Some(&cdrom), ..machine(&vm, &cluster, &host, &disks, &[]) };
    insta::assert_debug_snapshot!(platform(&machine));
}

#[test]
fn a_headless_vm_on_an_emulating_host() {
    let (mut vm, cluster, host) = (vm(), cluster(), host("tcg"));
    vm.definition.firmware = Some(Firmware::I440fxBios);
    vm.definition.display = Display { consoles: Vec::new(), ..Display::default() };
    vm.definition.cpu.host_passthrough = true;
    vm.definition.serial_console = true;
    insta::assert_debug_snapshot!(platform(&machine(&vm, &cluster, &host, &[], &[])));
}

#[test]
fn what_is_not_plugged_is_left_out_and_what_has_no_volume_is_refused() {
    let (vm, cluster, host) = (vm(), cluster(), host("kvm"));
    let mut broken = disk(20, DiskInterface::Virtio, true);
    broken.disk.volume = None;
    assert_eq!(
        platform(&machine(&vm, &cluster, &host, &[broken.clone()], &[])),
        Err(Incomplete::NoVolume(broken.disk.id))
    );
    broken.attachment.active = false;
    let mut unplugged = nic(30, NicModel::Virtio, true);
    unplugged.nic.plugged = false;
    let spec = platform(&machine(&vm, &cluster, &host, &[broken], &[unplugged]))
        .map(|spec| (spec.disks.len(), spec.nics.len()));
    assert_eq!(spec, Ok((0, 0)));
}

#[test]
fn pins_are_read_as_lists() {
    let mut vm = vm();
    vm.definition.cpu.pins = [(0, "1-4,^3".to_owned()), (1, "9, x".to_owned())].into();
    assert_eq!(pinned_cpus(&vm.definition.cpu), [1, 2, 4, 9]);
}

#[test]
fn the_request_for_a_place_follows_the_definition() {
    let (mut vm, cluster) = (vm(), cluster());
    let host = HostId(Uuid::from_u128(77));
    vm.definition.placement.hosts = vec![host];
    let request = crate::place::Request::of(&vm, &cluster);
    assert_eq!((request.only.len(), request.preferred), (0, vec![host]));
    vm.definition.placement.affinity = ferrovirt_model::vm::MigrationSupport::Pinned;
    assert_eq!(crate::place::Request::of(&vm, &cluster).only, [host]);
}
