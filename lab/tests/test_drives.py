"""First-boot data and CDs: what the engine is asked for stands in the machine's drives, on whichever host runs it.

Looks at libvirt's description and at the files of the host; what a guest makes of them is the guest's matter.
"""

from __future__ import annotations

import re
import xml.etree.ElementTree as ElementTree
from collections.abc import Iterator

import ovirtsdk4
import pytest
from ovirtsdk4 import types

from ferrolab import datacentre
from ferrolab.layout import HostLayout
from labclient import disks, machines
from labclient.connection import wait_for
from labclient.world import World

NAME = "drives"
TRAY = "00000000-0000-0000-0000-000000000000"
MEBIBYTE = 1 << 20


@pytest.fixture(scope="module")
def cd(world: World) -> Iterator[types.Disk]:
    """A disk that holds a CD image, for all that the engine knows."""
    service = world.system.disks_service()
    disk = service.add(types.Disk(
        name="install.iso", content_type=types.DiskContentType.ISO, provisioned_size=MEBIBYTE,
        format=types.DiskFormat.RAW, sparse=True, storage_domains=[types.StorageDomain(id=world.domain.id)]))
    yield disks.wait_until_ok(world.connection, disk)
    service.disk_service(disk.id).remove()
    wait_for(lambda: [one for one in service.list() if one.id == disk.id], lambda seen: not seen, "the CD is removed")


@pytest.fixture(scope="module")
def vm(world: World, cd: types.Disk) -> Iterator[types.Vm]:
    """A machine of drives alone, with first-boot data."""
    del cd
    service = world.system.vms_service()
    vm = service.add(types.Vm(
        name=NAME, cluster=types.Cluster(id=world.cluster.id), template=types.Template(name="Blank"),
        memory=128 * MEBIBYTE, initialization=types.Initialization(
            host_name="drives.example.com", user_name="root", root_password="hunter2",
            authorized_ssh_keys="ssh-ed25519 AAAA lab")))
    yield machines.wait_down(world.connection, vm)
    service.vm_service(vm.id).remove()
    wait_for(lambda: [one for one in service.list() if one.id == vm.id], lambda seen: not seen, "the VM is removed")


def host_of(world: World, vm: types.Vm) -> HostLayout:
    """The host that runs it now."""
    return world.host_of(machines.service_of(world.connection, vm).get())


def drives(host: HostLayout) -> dict[str, str | None]:
    """The file in each CD drive of the machine, by the device's alias; none for an empty one."""
    xml = datacentre.inside(host, ["virsh", "-c", "qemu:///system", "dumpxml", NAME], check=True).stdout
    found = {}
    for device in ElementTree.fromstring(xml).findall("./devices/disk[@device='cdrom']"):
        source = device.find("source")
        found[device.find("alias").get("name")] = None if source is None else source.get("file")
    return found


def first_boot(world: World, vm: types.Vm) -> str | None:
    """The meta data on the drive of the host that runs it; none without a drive. Only its owner may read the image."""
    host = host_of(world, vm)
    path = drives(host).get("ua-first-boot")
    if path is None:
        return None
    mode = datacentre.inside(host, ["stat", "-c", "%a", path], check=True).stdout.strip()
    assert mode == "600"
    target = "/tmp/meta_data.json"
    datacentre.inside(host, ["rm", "-f", target], check=True)
    datacentre.inside(host, ["xorriso", "-no_rc", "-osirrox", "on", "-indev", path, "-extract",
                             "/openstack/latest/meta_data.json", target], check=True)
    return datacentre.inside(host, ["cat", target], check=True).stdout


def power_off(world: World, vm: types.Vm) -> None:
    """Pulls the plug and waits."""
    machines.service_of(world.connection, vm).stop()
    machines.wait_down(world.connection, vm)


def left(world: World, vm: types.Vm) -> list[str]:
    """The hosts that keep a drive of the machine."""
    hosts = world.lab.hosts()
    path = f"/run/ferrovirt/drives/{vm.id}.iso"
    return [host.name for host in hosts if datacentre.inside(host, ["test", "-e", path]).returncode == 0]


def start(world: World, machine: types.Vm, **words: object) -> None:
    """Starts it, in whichever way, and waits until QEMU runs."""
    service = machines.service_of(world.connection, machine)
    service.start(**words)
    running = (types.VmStatus.UP, types.VmStatus.POWERING_UP)
    wait_for(service.get, lambda seen: seen.status in running, f"{NAME} runs", timeout=machines.START_SECONDS)


def test_first_boot_data_go_with_the_guest_and_end_with_its_run(world: World, vm: types.Vm) -> None:
    """They come at the first start, stand on one host alone, and go; VM_MIGRATION_DONE says how long the guest stood."""
    assert machines.service_of(world.connection, vm).get().initialization.root_password is None
    start(world, vm)
    before = first_boot(world, vm)
    assert before is not None and "drives.example.com" in before
    machines.migrate(world.connection, vm, machines.other_host(world.connection, vm))
    assert first_boot(world, vm) == before
    assert left(world, vm) == [host_of(world, vm).name]
    moved = world.system.events_service().list(search=f"type=63 and vm.name={NAME}", max=1)[0]
    assert re.search(r"downtime: *0*[1-9]", moved.description), moved.description
    power_off(world, vm)
    assert left(world, vm) == []
    start(world, vm)
    assert first_boot(world, vm) is None
    power_off(world, vm)
    start(world, vm, use_cloud_init=True)
    again = first_boot(world, vm)
    assert again is not None and again != before
    power_off(world, vm)


def test_a_cd_is_changed_for_later_and_at_once(world: World, vm: types.Vm, cd: types.Disk) -> None:
    """USER_CHANGE_DISK_VM, USER_EJECT_VM_DISK."""
    tray = machines.service_of(world.connection, vm).cdroms_service().cdrom_service(TRAY)
    inserted, empty = types.Cdrom(file=types.File(id=cd.id)), types.Cdrom(file=types.File(id=""))
    tray.update(inserted)
    assert tray.get().file.id == cd.id
    start(world, vm)
    host = host_of(world, vm)
    assert cd.id in (drives(host)["ua-cdrom"] or "")
    with pytest.raises(ovirtsdk4.Error):
        world.system.disks_service().disk_service(cd.id).remove()
    tray.update(empty, current=True)
    wait_for(lambda: drives(host)["ua-cdrom"], lambda seen: seen is None, "the CD is out")
    wait_for(lambda: tray.get(current=True).file, lambda seen: seen is None, "the engine says so")
    tray.update(inserted, current=True)
    wait_for(lambda: drives(host)["ua-cdrom"], lambda seen: seen is not None and cd.id in seen, "the CD is in")
    world.events.expect(38, 528)
    tray.update(empty)
    assert tray.get().file is None
    power_off(world, vm)
    start(world, vm, vm=types.Vm(cdroms=[inserted]))
    assert cd.id in (drives(host_of(world, vm))["ua-cdrom"] or "")
    power_off(world, vm)
