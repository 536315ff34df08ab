"""The order in which the SDK's examples run, what each expects to find, and how it is called. Holds none of their code.

The examples speak of fixed names (mydc, mycluster, myhost, mydata, myvm ...); most make what later ones need.
"""

from __future__ import annotations

import subprocess
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import ovirtsdk4
from ovirtsdk4 import types

from ferrolab import engine
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


def hosts_and_storage(ground: Ground) -> None:
    """myhost and a second host in mycluster, mydata in mydc, and a disk with content."""
    cluster = by_name(ground.system.clusters_service(), "mycluster")
    data_center = by_name(ground.system.data_centers_service(), "mydc")
    names = ["myhost", "otherhost"]
    for host, name in zip(ground.lab.hosts(), names, strict=True):
        engine.join(ground.lab, host, ground.access, cluster.name)
        infrastructure.ensure_host(ground.connection, host, cluster, name)
    first = by_name(ground.system.hosts_service(), "myhost")
    for name in ("mydata", "bs-scsi-012"):
        folder = ground.lab.shared / name
        folder.mkdir(exist_ok=True)
        domain = infrastructure.ensure_storage_domain(ground.connection, name, data_center, first, folder)
        if name == "mydata":
            ground.disk = disks.create(ground.connection, "content", ground.image, domain)
            disks.upload(ground.connection, ground.access, ground.disk, ground.image)


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


def of_disk(*words: str) -> Callable[[Ground], Arguments]:
    """Arguments with the identifier of the disk that has content in place of DISK."""
    return lambda ground: ["-c", "lab", *(ground.disk.id if word == "DISK" else word for word in words)]


def words(*given: str) -> Callable[[Ground], Arguments]:
    """Fixed arguments."""
    return lambda _ground: list(given)


STEPS = [
    Step("test_connection"), Step("show_summary"), Step("disable_compression"), Step("connection_builder"),
    Step("data_center_maintenance"), Step("add_data_center"), Step("update_data_center"), Step("add_cluster"),
    Step("list_storage_domains", words("-c", "lab"), hosts_and_storage), Step("list_host_statistics"),
    Step("list_cluster_networks"),
    Step("add_floating_disk"), Step("add_disks", words("-c", "lab", "--sd-name", "mydata", "--size", "1m", "--format", "qcow2",
                                                      "--sparse", "--count", "2")),
    Step("delete_disks", words("-c", "lab", "--sd-name", "mydata")),
    Step("upload_disk", small_image), Step("download_disk", of_disk("DISK", "downloaded.qcow2")),
    Step("checksum_disk", of_disk("DISK")), Step("image_transfer", of_disk("--read-delay", "1", "download", "DISK"), interrupt_after=8.0),
    Step("cancel_transfer", open_transfer),
    Step("add_vm"), Step("list_vms"), Step("search_vms"), Step("page_vms"), Step("add_vnc_console", prepare=machine_is_down),
    Step("add_vm_disk"), Step("list_vm_disks"), Step("deactivate_disk_attachment"), Step("extend_disk", prepare=machine_is_down),
    Step("set_vm_serial_number"), Step("enable_serial_console"), Step("pin_vm"),
    Step("start_vm"), Step("get_vm_ip"), Step("asynchronous_inventory"), Step("stop_vm"),
    Step("start_vm_with_boot_devices", prepare=machine_is_down), Step("stop_vm"),
    Step("add_tag", prepare=machine_for_tags), Step("list_tags"), Step("assign_tag_to_vm"), Step("list_tags_of_vm"),
    Step("unassign_tag_to_vm"), Step("remove_tag"),
    Step("add_template", prepare=machine_is_down), Step("add_independet_vm"),
    Step("add_logical_network"), Step("assign_network_to_cluster"), Step("add_vm_nic"), Step("print_vm_mac_duplicates"),
    Step("poll_events", interrupt_after=12.0, endless=True),
    Step("remove_vm", prepare=machine_is_down), Step("remove_host", prepare=one_host_is_enough),
]
