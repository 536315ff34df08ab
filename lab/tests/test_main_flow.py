"""The main flow through the unmodified oVirt SDK, step by step, each with oVirt's own event codes.

The tests build on each other in the order of this file; what a later file needs and an earlier step made is in `World`.
"""

from __future__ import annotations

import socket
import ssl
from pathlib import Path

import ovirtsdk4
import pytest
from ovirtsdk4 import types

from ferrolab import engine
from ferrolab.errors import LabError
from labclient import disks, machines
from labclient.connection import connect
from labclient.world import NAME, World

MEBIBYTE = 1 << 20
QUICK_MIGRATIONS = 8


def test_sign_in(world: World) -> None:
    """The root document greets like oVirt's."""
    assert world.connection.test(raise_exception=True)
    root = world.system.get()
    assert root.product_info.name == "oVirt Engine"
    assert root.product_info.version.major == 4
    assert root.authenticated_user.user_name.startswith("admin")


def test_a_wrong_password_is_refused(access: engine.Access) -> None:
    """The SDK sees an authentication error, not a broken reply."""
    wrong = engine.Access(access.url, access.user, "not this one", access.ca_file)
    with pytest.raises(ovirtsdk4.AuthError), connect(wrong) as connection:
        connection.system_service().get()


def test_data_center(world: World) -> None:
    """USER_ADD_STORAGE_POOL."""
    assert world.data_center.name == NAME
    world.events.expect(950)


def test_cluster(world: World) -> None:
    """USER_ADD_CLUSTER."""
    assert world.cluster.data_center.id == world.data_center.id
    world.events.expect(809)


def test_hosts(world: World) -> None:
    """USER_ADD_VDS, VDS_DETECTED."""
    assert [host.status for host in world.hosts] == [types.HostStatus.UP] * 2
    world.events.expect(42, 13)
    statistics = world.connection.follow_link(world.hosts[0].statistics)
    assert "memory.total" in [statistic.name for statistic in statistics]


def test_network(world: World) -> None:
    """NETWORK_ADD_NETWORK, NETWORK_ATTACH_NETWORK_TO_CLUSTER."""
    assert world.network.data_center.id == world.data_center.id
    world.events.expect(942, 946)


def test_storage_domain(world: World) -> None:
    """USER_ADD_STORAGE_DOMAIN, USER_ATTACH_STORAGE_DOMAIN_TO_POOL."""
    assert world.domain.name == NAME
    world.events.expect(956, 962)
    seen = world.system.storage_domains_service().storage_domain_service(world.domain.id).get()
    assert seen.available > 0


def test_upload(world: World) -> None:
    """USER_ADD_DISK_FINISHED_SUCCESS, TRANSFER_IMAGE_INITIATED, TRANSFER_IMAGE_SUCCEEDED."""
    seen = world.system.disks_service().disk_service(world.disk.id).get()
    assert seen.status == types.DiskStatus.OK
    world.events.expect(2021, 1031, 1032)


@pytest.mark.parametrize("through_engine", [False, True], ids=["host", "engine"])
def test_download(world: World, tmp_path: Path, through_engine: bool) -> None:
    """What comes back, from the host and through the engine, is what was uploaded."""
    copy = tmp_path / "copy.qcow2"
    disks.download(world.connection, world.access, world.disk, copy, through_engine=through_engine)
    assert disks.checksum(copy) == disks.checksum(world.image)
    world.events.expect(1031, 1032)


def test_upload_through_the_engine(world: World, tmp_path: Path) -> None:
    """A second disk takes the way of clients that can't reach hosts."""
    disk = disks.create(world.connection, "proxied", world.image, world.domain)
    disks.upload(world.connection, world.access, disk, world.image, through_engine=True)
    copy = tmp_path / "copy.qcow2"
    disks.download(world.connection, world.access, disk, copy)
    assert disks.checksum(copy) == disks.checksum(world.image)
    world.system.disks_service().disk_service(disk.id).remove()
    world.events.expect(2014)


def test_a_disk_larger_than_the_storage_is_refused(world: World) -> None:
    """Nothing is written, and the fault names the storage and that it is too small."""
    def files() -> set[Path]:
        return set((world.lab.shared / "data").rglob("*"))

    domain = world.system.storage_domains_service().storage_domain_service(world.domain.id).get()
    before, files_before = {disk.id for disk in world.system.disks_service().list()}, files()
    # A size that a disk may have, and that this storage has not.
    size = (domain.available // MEBIBYTE + 1) * MEBIBYTE
    assert size < 1 << 50
    with pytest.raises(ovirtsdk4.Error) as caught:
        world.system.disks_service().add(types.Disk(
            name="endless", format=types.DiskFormat.RAW, sparse=False, provisioned_size=size,
            storage_domains=[types.StorageDomain(id=world.domain.id)]))
    assert f"Low disk space on storage domain {domain.name}" in caught.value.fault.detail
    assert {disk.id for disk in world.system.disks_service().list()} == before
    assert files() == files_before


def test_machine(world: World) -> None:
    """USER_ADD_VM, USER_ATTACH_DISK_TO_VM, NETWORK_ADD_VM_INTERFACE."""
    assert machines.vnc_console(world.connection, world.vm) is not None
    world.events.expect(34, 2016, 932)


def test_start(world: World) -> None:
    """USER_INITIATED_RUN_VM, USER_STARTED_VM, then USER_RUN_VM when it is up; the guest tells its address."""
    vm = world.running_vm()
    world.events.expect(150, 153, 32)
    assert vm.status == types.VmStatus.UP
    assert any(world.lab.subnet.supernet_of(network) for network in map(
        lambda address: type(world.lab.subnet)(address), machines.addresses(world.connection, vm)))
    assert vm.guest_operating_system is not None and vm.guest_operating_system.kernel is not None
    assert sorted(len(found) for found in world.emulators().values()) == [0, 1]


def test_locked_and_unknown(world: World) -> None:
    """A running machine can't be removed; one that does not exist is not found."""
    with pytest.raises(ovirtsdk4.Error) as caught:
        machines.service_of(world.connection, world.vm).remove()
    assert caught.value.code == 409
    with pytest.raises(ovirtsdk4.NotFoundError):
        world.system.vms_service().vm_service("5f2a3c8e-0000-4000-8000-000000000000").get()


def test_migrate(world: World) -> None:
    """VM_MIGRATION_START, VM_MIGRATION_DONE; one QEMU at the end, on the target."""
    vm = world.running_vm()
    target = machines.other_host(world.connection, vm)
    machines.migrate(world.connection, vm, target)
    world.events.expect(62, 63)
    running = world.emulators()
    assert len(running[target.name]) == 1
    assert sum(len(found) for found in running.values()) == 1


def test_quick_migrations_there_and_back(world: World) -> None:
    """Each begins as soon as the last one ended, so that a host hears of a VM that it had a moment ago; none fails, and the VM
    is never said to have gone down."""
    vm = world.running_vm()
    for _ in range(QUICK_MIGRATIONS):
        machines.migrate(world.connection, vm, machines.other_host(world.connection, vm))
    codes = world.events.codes()
    world.events.expect(62, 63)
    assert codes.count(63) >= QUICK_MIGRATIONS - 1, codes
    assert not {61, 65, 119, 120, 140} & set(codes), codes
    assert sum(len(found) for found in world.emulators().values()) == 1


def test_console_ticket(world: World) -> None:
    """VM_SET_TICKET; the password opens the console where the engine says it is."""
    vm = world.running_vm()
    console = machines.vnc_console(world.connection, vm)
    service = machines.service_of(world.connection, vm).graphics_consoles_service()
    ticket = service.console_service(console.id).ticket()
    assert ticket.value and ticket.expiry > 0
    world.events.expect(164)
    current = next(seen for seen in service.list(current=True) if seen.protocol == types.GraphicsType.VNC)
    with socket.create_connection((current.address, current.port), timeout=10.0) as stream:
        assert stream.recv(12).startswith(b"RFB 003.")


def test_transfers_speak_tls_with_the_data_centers_certificate(world: World) -> None:
    """The transfer port of a host shows a certificate that the CA signed for its address."""
    context = ssl.create_default_context(cafile=str(world.access.ca_file))
    address = world.lab.host(1).address
    with socket.create_connection((address, 54322), timeout=10.0) as plain, \
            context.wrap_socket(plain, server_hostname=address) as secured:
        assert secured.version() in ("TLSv1.2", "TLSv1.3")


def test_an_action_that_can_not_be_served_says_so(world: World) -> None:
    """What is declared and not served answers with a fault, never with a pretended success."""
    vm = world.running_vm()
    service = machines.service_of(world.connection, vm)
    try:
        service.snapshots_service().add(types.Snapshot(description="not yet"))
    except ovirtsdk4.Error as error:
        assert error.code == 501
        assert error.fault is not None
    else:
        raise LabError("snapshots are served now: test them")
