"""The end of the main flow: shut the machine down and remove all that was made, with oVirt's event codes."""

from __future__ import annotations

import ovirtsdk4
import pytest
from ovirtsdk4 import types

from labclient import infrastructure, machines
from labclient.connection import wait_for
from labclient.world import World


def gone(service) -> bool:
    """Whether the entity is not found any more."""
    try:
        service.get()
    except ovirtsdk4.NotFoundError:
        return True
    return False


def test_shut_down(world: World) -> None:
    """USER_INITIATED_SHUTDOWN_VM, VM_DOWN; no QEMU is left."""
    vm = world.running_vm()
    machines.shut_down(world.connection, vm)
    world.events.expect(73, 61)
    assert not any(world.emulators().values())


def test_remove_machine_and_disk(world: World) -> None:
    """USER_REMOVE_VM_FINISHED; its disk goes with it."""
    service = machines.service_of(world.connection, world.vm)
    disk = world.system.disks_service().disk_service(world.disk.id)
    service.remove()
    wait_for(lambda: gone(service) and gone(disk), bool, "machine and disk are removed")
    world.events.expect(113)
    assert list((world.lab.shared / "data").rglob(world.disk.id)) == []


def test_remove_network(world: World) -> None:
    """NETWORK_REMOVE_NETWORK."""
    world.system.networks_service().network_service(world.network.id).remove()
    world.events.expect(944)


def test_remove_storage_domain(world: World) -> None:
    """USER_DEACTIVATED_STORAGE_DOMAIN, USER_DETACH_STORAGE_DOMAIN_FROM_POOL, USER_REMOVE_STORAGE_DOMAIN; its files go, too."""
    infrastructure.remove_storage_domain(world.connection, world.domain, world.data_center, world.hosts[0])
    world.events.expect(968, 964, 960)
    assert list((world.lab.shared / "data").rglob("metadata")) == []


def test_remove_hosts(world: World) -> None:
    """Maintenance, then USER_REMOVE_VDS."""
    for host in world.hosts:
        service = world.system.hosts_service().host_service(host.id)
        service.deactivate()
        wait_for(service.get, lambda seen: seen.status == types.HostStatus.MAINTENANCE, f"{host.name} is in maintenance")
        service.remove()
        wait_for(lambda service=service: gone(service), bool, f"{host.name} is removed")
    world.events.expect(44)


def test_remove_cluster_and_data_center(world: World) -> None:
    """USER_REMOVE_CLUSTER, USER_REMOVE_STORAGE_POOL."""
    world.system.clusters_service().cluster_service(world.cluster.id).remove()
    world.events.expect(813)
    service = world.system.data_centers_service().data_center_service(world.data_center.id)
    service.remove()
    world.events.expect(954)
    with pytest.raises(ovirtsdk4.NotFoundError):
        service.get()
