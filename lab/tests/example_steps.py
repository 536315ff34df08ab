"""The order in which the SDK's examples run, what each expects to find, and how it is called. Holds none of their code.

The examples speak of fixed names (mydc, mycluster, myhost, mydata, myvm ...); most make what later ones need.
"""

from __future__ import annotations

import json
import subprocess
import tarfile
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import ovirtsdk4
from ovirtsdk4 import types

from ferrolab import datacentre, engine, nfs
from ferrolab.layout import LabLayout
from labclient import disks, infrastructure, machines
from labclient.connection import by_name, wait_for

Arguments = list[str]


@dataclass
class Ground:
    """What preparations have to do their work with."""

    lab: LabLayout
    access: engine.Access
    image: Path
    folder: Path
    connection: ovirtsdk4.Connection
    environment: dict[str, str]
    disk: types.Disk | None = None

    @property
    def system(self):
        """The root of the API's services."""
        return self.connection.system_service()

    def machine(self, name: str) -> types.Vm:
        """A machine that an example has made."""
        return by_name(self.system.vms_service(), name)


@dataclass(frozen=True)
class Step:
    """One example. `interrupt_after` seconds it gets SIGINT, when it would run for ever and that is its normal end."""

    name: str
    arguments: Callable[[Ground], Arguments] = lambda _ground: []
    prepare: Callable[[Ground], None] = lambda _ground: None
    interrupt_after: float | None = None
    # Ends by KeyboardInterrupt, which Python reports as a failure.
    endless: bool = False
    # Looks at what it did and said.
    check: Callable[[Ground, str], None] = lambda _ground, _said: None


def nfs_and_its_host(ground: Ground) -> None:
    """An NFS server of the name that add_nfs_data_storage_domain speaks of, and a myhost whose kernel can mount from it."""
    nfs.start(ground.lab, ["/nfs/ovirt/40/mydata"])
    host = ground.lab.hosts()[-1]
    line = f"{ground.lab.nfs_address} server0.example.com"
    datacentre.inside(host, ["sh", "-c", f"echo '{line}' >> /etc/hosts"], check=True)
    cluster = infrastructure.ensure_cluster(ground.connection, "ofnfs", by_name(ground.system.data_centers_service(), "mydc"))
    engine.join(ground.lab, host, ground.access, cluster.name)
    infrastructure.ensure_host(ground.connection, host, cluster, "myhost")


def put_nfs_away(ground: Ground) -> None:
    """The names mydata and myhost are free again, and the emulated machine takes no time from the others."""
    host = by_name(ground.system.hosts_service(), "myhost")
    infrastructure.remove_storage_domain(
        ground.connection, by_name(ground.system.storage_domains_service(), "mydata"),
        by_name(ground.system.data_centers_service(), "mydc"), host)
    service = ground.system.hosts_service().host_service(host.id)
    service.deactivate()
    wait_for(service.get, lambda seen: seen.status == types.HostStatus.MAINTENANCE, "myhost is in maintenance")
    service.remove()
    wait_for(lambda: by_name(ground.system.hosts_service(), "myhost"), lambda left: left is None, "myhost is removed")
    ground.system.clusters_service().cluster_service(by_name(ground.system.clusters_service(), "ofnfs").id).remove()
    datacentre.power_off(ground.lab, ground.lab.hosts()[-1])


def waiting_host(ground: Ground) -> None:
    """A host of the name that add_host speaks of has joined by a token and waits to be added."""
    put_nfs_away(ground)
    first = ground.lab.hosts()[0]
    datacentre.inside(first, ["hostname", "node40.example.com"], check=True)
    engine.join(ground.lab, first, ground.access, "mycluster")
    wait_for(ground.system.hosts_service().list, lambda seen: any(host.name == "node40.example.com" for host in seen),
             "the host asks to be added")


def hosts_and_storage(ground: Ground) -> None:
    """A second host in mycluster, mydata in mydc, and a disk with content."""
    cluster = by_name(ground.system.clusters_service(), "mycluster")
    data_center = by_name(ground.system.data_centers_service(), "mydc")
    second = ground.lab.hosts()[1]
    engine.join(ground.lab, second, ground.access, cluster.name)
    infrastructure.ensure_host(ground.connection, second, cluster, "otherhost")
    first = by_name(ground.system.hosts_service(), "myhost")
    for name in ("mydata", "bs-scsi-012"):
        folder = ground.lab.shared / name
        folder.mkdir(exist_ok=True)
        domain = infrastructure.ensure_storage_domain(ground.connection, name, data_center, first, folder)
        if name == "mydata":
            ground.disk = disks.create(ground.connection, "content", ground.image, domain)
            disks.upload(ground.connection, ground.access, ground.disk, ground.image)


def user_and_machines(ground: Ground) -> None:
    """user2, and myvm1 to myvm3."""
    ground.system.users_service().add(types.User(user_name="user2@internal-authz", domain=types.Domain(name="internal-authz")))
    for name in ("myvm1", "myvm2", "myvm3"):
        ground.system.vms_service().add(types.Vm(name=name, cluster=types.Cluster(name="mycluster"),
                                                 template=types.Template(name="Blank")))


def third_version(ground: Ground) -> None:
    """Versions two and three of mytemplate, from the machine that was cloned from the first."""
    vm = machines.wait_down(ground.connection, ground.machine("myclonedvm"))
    templates = ground.system.templates_service()
    base = by_name(templates, "mytemplate")
    for number in (2, 3):
        made = templates.add(types.Template(name="mytemplate", vm=types.Vm(id=vm.id), version=types.TemplateVersion(
            version_name=f"version {number}", base_template=types.Template(id=base.id))))
        wait_for(templates.template_service(made.id).get, lambda seen: seen.status == types.TemplateStatus.OK,
                 f"version {number} is made")


def host_elsewhere(ground: Ground) -> None:
    """myhost works in another cluster of mydc."""
    clusters = ground.system.clusters_service()
    clusters.add(types.Cluster(name="elsewhere", data_center=types.DataCenter(name="mydc"),
                               cpu=types.Cpu(architecture=types.Architecture.X86_64)))
    service = ground.system.hosts_service().host_service(by_name(ground.system.hosts_service(), "myhost").id)
    service.deactivate()
    wait_for(service.get, lambda seen: seen.status == types.HostStatus.MAINTENANCE, "myhost is in maintenance")
    service.update(types.Host(cluster=types.Cluster(name="elsewhere")))
    service.activate()
    wait_for(service.get, lambda seen: seen.status == types.HostStatus.UP, "myhost is up elsewhere")


def machine_for_tags(ground: Ground) -> None:
    """myvm0."""
    ground.system.vms_service().add(types.Vm(name="myvm0", cluster=types.Cluster(name="mycluster"),
                                             template=types.Template(name="Blank")))
    machines.wait_down(ground.connection, ground.machine("myvm0"))


def machine_is_down(ground: Ground) -> None:
    """myvm stands still."""
    machines.wait_down(ground.connection, ground.machine("myvm"))


def one_host_is_enough(ground: Ground) -> None:
    """remove_host asks for maintenance and removal at once; only a host in maintenance can go at once."""
    host = by_name(ground.system.hosts_service(), "myhost")
    service = ground.system.hosts_service().host_service(host.id)
    service.deactivate()
    wait_for(service.get, lambda seen: seen.status == types.HostStatus.MAINTENANCE, "myhost is in maintenance")


def open_transfer(ground: Ground) -> Arguments:
    """A transfer for cancel_transfer, which signs in by options of its own. Cancelling a download keeps its disk."""
    transfers = ground.system.image_transfers_service()
    transfer = transfers.add(types.ImageTransfer(
        disk=types.Disk(id=ground.disk.id), direction=types.ImageTransferDirection.DOWNLOAD, format=types.DiskFormat.RAW))
    wait_for(transfers.image_transfer_service(transfer.id).get,
             lambda seen: seen.phase == types.ImageTransferPhase.TRANSFERRING, "the transfer opens")
    password = ground.folder / "password"
    password.write_text(ground.access.password)
    return ["--engine-url", ground.access.base.removesuffix("/ovirt-engine"), "--username", ground.access.user,
            "--password-file", str(password), "--cafile", str(ground.access.ca_file), transfer.id]


def small_image(ground: Ground) -> Arguments:
    """Arguments of upload_disk, with an image of its own."""
    image = ground.folder / "fresh.qcow2"
    subprocess.run(["qemu-img", "create", "-q", "-f", "qcow2", str(image), "8M"], check=True)
    return ["-c", "lab", "--sd-name", "mydata", "--disk-format", "qcow2", "--disk-sparse", str(image)]


def appliance(ground: Ground) -> Arguments:
    """Arguments of upload_from_ova, with an archive that holds the guest's image."""
    archive = ground.folder / "appliance.ova"
    with tarfile.open(archive, "w") as tar:
        tar.add(ground.image, arcname="appliance.qcow2")
    return ["-c", "lab", "--ova-disk-name", "appliance.qcow2", "--sd-name", "mydata", "--disk-format", "qcow2", "--disk-sparse",
            str(archive)]


def of_disk(*words: str) -> Callable[[Ground], Arguments]:
    """Arguments with the identifier of the disk that has content in place of DISK."""
    return lambda ground: ["-c", "lab", *(ground.disk.id if word == "DISK" else word for word in words)]


def words(*given: str) -> Callable[[Ground], Arguments]:
    """Fixed arguments."""
    return lambda _ground: list(given)


def made(collection: str, name: str) -> Callable[[Ground, str], None]:
    """There is something of that name in a collection of the root."""
    def check(ground: Ground, _said: str) -> None:
        found = getattr(ground.system, f"{collection}_service")().list()
        assert name in [one.name for one in found]
    return check


def gone(collection: str, name: str) -> Callable[[Ground, str], None]:
    """There is nothing of that name in a collection of the root."""
    def check(ground: Ground, _said: str) -> None:
        found = getattr(ground.system, f"{collection}_service")().list()
        assert name not in [one.name for one in found]
    return check


def said(*texts: str) -> Callable[[Ground, str], None]:
    """It prints each text."""
    def check(_ground: Ground, said: str) -> None:
        missing = [text for text in texts if text not in said]
        assert not missing, said
    return check


def status(expected: types.VmStatus) -> Callable[[Ground, str], None]:
    """myvm has that status."""
    def check(ground: Ground, _said: str) -> None:
        assert ground.machine("myvm").status == expected
    return check


def sizes_match(ground: Ground, _said: str) -> None:
    """What was downloaded holds what was uploaded."""
    files = [ground.image, ground.folder / "downloaded.qcow2"]
    subprocess.run(["qemu-img", "compare", *map(str, files)], check=True)


def granted(ground: Ground, _said: str) -> None:
    """user2 holds the role on each machine."""
    user = ground.system.users_service().list(search="usrname=user2@internal-authz")[0]
    for name in ("myvm1", "myvm2", "myvm3"):
        service = machines.service_of(ground.connection, ground.machine(name))
        assert user.id in [grant.user.id for grant in service.permissions_service().list() if grant.user]


def in_my_cluster(ground: Ground, _said: str) -> None:
    """myhost is up in mycluster."""
    host = by_name(ground.system.hosts_service(), "myhost")
    assert ground.connection.follow_link(host.cluster).name == "mycluster"
    assert host.status == types.HostStatus.UP


def runs(ground: Ground, _said: str) -> None:
    """myvm was started and is not down again."""
    status = ground.machine("myvm").status
    assert status in (types.VmStatus.WAIT_FOR_LAUNCH, types.VmStatus.POWERING_UP, types.VmStatus.UP), status


def loaded_cd(ground: Ground) -> Arguments:
    """Arguments of change_vm_cd, with a disk that holds a CD's image."""
    image = ground.folder / "cd.iso"
    subprocess.run(["xorriso", "-as", "mkisofs", "-quiet", "-o", str(image), str(ground.folder / "sitecustomize.py")], check=True)
    disk = ground.system.disks_service().add(types.Disk(
        name="cd", content_type=types.DiskContentType.ISO, format=types.DiskFormat.RAW, provisioned_size=image.stat().st_size,
        storage_domains=[types.StorageDomain(name="mydata")]))
    wait_for(ground.system.disks_service().disk_service(disk.id).get, lambda seen: seen.status == types.DiskStatus.OK,
             "the disk for the CD is made")
    disks.upload(ground.connection, ground.access, disk, image)
    return ["-c", "lab", "--disk-id", disk.id, "myvm"]


def on_nfs(ground: Ground, _said: str) -> None:
    """mydata is active in mydc, and lies on the server."""
    attached = ground.system.data_centers_service().data_center_service(
        by_name(ground.system.data_centers_service(), "mydc").id).storage_domains_service().list()
    assert [(one.name, one.status) for one in attached] == [("mydata", types.StorageDomainStatus.ACTIVE)]
    assert [path.name for path in nfs.exported(ground.lab, "/nfs/ovirt/40/mydata").iterdir()] == [attached[0].id]


def has_cd(ground: Ground, _said: str) -> None:
    """The guest's drive holds the CD."""
    disk = by_name(ground.system.disks_service(), "cd")
    cdroms = machines.service_of(ground.connection, ground.machine("myvm")).cdroms_service()
    drive = cdroms.cdrom_service(cdroms.list()[0].id)
    wait_for(lambda: drive.get(current=True), lambda seen: seen.file is not None and seen.file.id == disk.id,
             "the CD is in the drive")


def thin_disk(ground: Ground) -> str:
    """The identifier of the disk of myvm, which stands on a template's."""
    attachments = machines.service_of(ground.connection, ground.machine("myvm")).disk_attachments_service()
    return attachments.list()[0].disk.id


def two_images(_ground: Ground, said: str) -> None:
    """The chain goes from the template's image to the machine's own."""
    base, own = json.loads(said[said.index("["):])
    assert base["parent"] is None and own["parent"] == base["id"], said


UP, DOWN = types.VmStatus.UP, types.VmStatus.DOWN

STEPS = [
    Step("test_connection"), Step("show_summary"), Step("disable_compression"), Step("connection_builder"),
    Step("data_center_maintenance"), Step("add_data_center", check=made("data_centers", "mydc")), Step("update_data_center"),
    Step("add_cluster", check=made("clusters", "mycluster")), Step("add_mac_pool", check=made("mac_pools", "mymacpool")),
    Step("add_role", check=made("roles", "myrole")), Step("list_roles", check=said("myrole: ", "SuperUser: ")),
    Step("add_group", check=made("groups", "mygroup")),
    Step("add_nfs_data_storage_domain", prepare=nfs_and_its_host, check=made("storage_domains", "mydata")),
    Step("attach_nfs_data_storage_domain", check=on_nfs),
    Step("add_host", prepare=waiting_host, check=made("hosts", "myhost")),
    Step("list_storage_domains", words("-c", "lab"), hosts_and_storage, check=said("mydata")), Step("list_host_statistics"),
    Step("list_cluster_networks", check=said("ovirtmgmt")),
    Step("add_floating_disk", check=made("disks", "mydisk")),
    Step("add_disks", words("-c", "lab", "--sd-name", "mydata", "--size", "1m", "--format", "qcow2", "--sparse", "--count", "2")),
    Step("delete_disks", words("-c", "lab", "--sd-name", "mydata")),
    Step("upload_disk", small_image), Step("upload_from_ova", appliance, check=made("disks", "appliance.qcow2")),
    Step("checksum_image", lambda ground: [str(ground.image)], check=said("checksum")),
    Step("download_disk", of_disk("DISK", "downloaded.qcow2"), check=sizes_match),
    Step("checksum_disk", of_disk("DISK"), check=said("checksum")),
    Step("image_transfer", of_disk("--read-delay", "1", "download", "DISK"), interrupt_after=8.0),
    Step("cancel_transfer", open_transfer),
    Step("add_vm", check=made("vms", "myvm")), Step("list_vms", check=said("myvm")), Step("search_vms"), Step("page_vms"),
    Step("add_vnc_console", prepare=machine_is_down),
    Step("add_vm_disk"), Step("list_vm_disks", check=said("mydisk")), Step("deactivate_disk_attachment"),
    Step("extend_disk", prepare=machine_is_down),
    Step("set_vm_serial_number"), Step("enable_serial_console"), Step("pin_vm"),
    Step("follow_vm_links", check=said("cluster: mycluster", "template: Blank")),
    Step("start_vm", check=status(UP)), Step("get_vm_ip"), Step("asynchronous_inventory"),
    Step("change_vm_cd", loaded_cd, check=has_cd),
    Step("stop_vm", check=status(DOWN)),
    Step("start_vm_with_boot_devices", prepare=machine_is_down, check=runs), Step("stop_vm", check=status(DOWN)),
    Step("start_vm_with_cloud_init", prepare=machine_is_down, check=runs), Step("stop_vm", check=status(DOWN)),
    Step("add_tag", prepare=machine_for_tags, check=made("tags", "mytag")), Step("list_tags", check=said("mytag")),
    Step("assign_tag_to_vm"), Step("list_tags_of_vm", check=said("mytag")),
    Step("unassign_tag_to_vm"), Step("remove_tag", check=gone("tags", "mytag")),
    Step("add_template", prepare=machine_is_down, check=made("templates", "mytemplate")),
    Step("add_independet_vm", check=made("vms", "myclonedvm")),
    Step("add_logical_network", check=made("networks", "mynetwork")), Step("assign_network_to_cluster"),
    Step("add_vm_nic"), Step("print_vm_mac_duplicates"),
    Step("assign_permission_to_vms", prepare=user_and_machines, check=granted),
    Step("poll_events", interrupt_after=12.0, endless=True),
    Step("remove_vm", prepare=machine_is_down, check=gone("vms", "myvm")),
    Step("add_vm_from_template_version", prepare=third_version, check=made("vms", "myvm")),
    Step("list_vm_snapshots", check=said("myvm:Active VM:", ":mydata")),
    Step("list_disk_snapshots", lambda ground: ["-c", "lab", thin_disk(ground)], check=two_images),
    Step("change_host_cluster", prepare=host_elsewhere, check=in_my_cluster),
    Step("remove_host", prepare=one_host_is_enough, check=gone("hosts", "myhost")),
]
