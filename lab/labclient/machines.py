"""Makes, starts, moves and ends virtual machines. Knows nothing of how their disks are filled."""

from __future__ import annotations

import ovirtsdk4
from ovirtsdk4 import types

from .connection import by_name, wait_for

START_SECONDS = 120.0
ADDRESS_SECONDS = 180.0
MIGRATION_SECONDS = 120.0
SHUTDOWN_SECONDS = 120.0
MEBIBYTE = 1 << 20


def ensure(connection: ovirtsdk4.Connection, name: str, cluster: types.Cluster, disk: types.Disk,
           profile: types.VnicProfile) -> types.Vm:
    """A small machine with one disk, one NIC and a VNC console."""
    return by_name(connection.system_service().vms_service(), name) or create(connection, name, cluster, disk, profile)


def create(connection: ovirtsdk4.Connection, name: str, cluster: types.Cluster, disk: types.Disk,
           profile: types.VnicProfile, memory: int = 256 * MEBIBYTE) -> types.Vm:
    """Makes the machine, then its disk attachment, NIC and console."""
    vms = connection.system_service().vms_service()
    vm = vms.add(types.Vm(
        name=name, cluster=types.Cluster(id=cluster.id), template=types.Template(name="Blank"), memory=memory,
        bios=types.Bios(type=types.BiosType.Q35_SEA_BIOS), display=types.Display(type=types.DisplayType.VNC),
        os=types.OperatingSystem(boot=types.Boot(devices=[types.BootDevice.HD]))))
    service = vms.vm_service(vm.id)
    wait_down(connection, vm)
    service.disk_attachments_service().add(types.DiskAttachment(
        disk=types.Disk(id=disk.id), interface=types.DiskInterface.VIRTIO, bootable=True, active=True))
    service.nics_service().add(types.Nic(
        name="nic1", interface=types.NicInterface.VIRTIO, vnic_profile=types.VnicProfile(id=profile.id)))
    if vnc_console(connection, vm) is None:
        service.graphics_consoles_service().add(types.GraphicsConsole(protocol=types.GraphicsType.VNC))
    return service.get()


def service_of(connection: ovirtsdk4.Connection, vm: types.Vm):
    """The service of one machine."""
    return connection.system_service().vms_service().vm_service(vm.id)


def vnc_console(connection: ovirtsdk4.Connection, vm: types.Vm) -> types.GraphicsConsole | None:
    """The machine's VNC console."""
    consoles = service_of(connection, vm).graphics_consoles_service().list()
    return next((console for console in consoles if console.protocol == types.GraphicsType.VNC), None)


def start(connection: ovirtsdk4.Connection, vm: types.Vm) -> types.Vm:
    """Starts the machine unless it runs, and waits until it is up."""
    service = service_of(connection, vm)
    if service.get().status == types.VmStatus.DOWN:
        service.start()
    return wait_for(service.get, lambda seen: seen.status == types.VmStatus.UP, f"{vm.name} comes up",
                    timeout=START_SECONDS)


def addresses(connection: ovirtsdk4.Connection, vm: types.Vm) -> list[str]:
    """IPv4 addresses that the guest reports."""
    devices = service_of(connection, vm).reported_devices_service().list()
    return [ip.address for device in devices for ip in device.ips or [] if ip.version == types.IpVersion.V4
            and not ip.address.startswith("127.")]


def wait_for_address(connection: ovirtsdk4.Connection, vm: types.Vm) -> str:
    """The address that the guest got from its network."""
    return wait_for(lambda: addresses(connection, vm), bool, f"the guest of {vm.name} reports its address",
                    timeout=ADDRESS_SECONDS)[0]


def other_host(connection: ovirtsdk4.Connection, vm: types.Vm) -> types.Host:
    """A host of the machine's cluster that is up and does not run it."""
    vm = service_of(connection, vm).get()
    return next(host for host in connection.system_service().hosts_service().list()
                if host.id != vm.host.id and host.cluster.id == vm.cluster.id and host.status == types.HostStatus.UP)


def migrate(connection: ovirtsdk4.Connection, vm: types.Vm, target: types.Host) -> types.Vm:
    """Moves the running machine and waits until it is up there."""
    service = service_of(connection, vm)
    service.migrate(host=types.Host(id=target.id))
    return wait_for(service.get, lambda seen: seen.status == types.VmStatus.UP and seen.host.id == target.id,
                    f"{vm.name} moves to {target.name}", timeout=MIGRATION_SECONDS,
                    refuse=lambda seen: seen.status == types.VmStatus.DOWN)


def shut_down(connection: ovirtsdk4.Connection, vm: types.Vm) -> None:
    """Asks the guest to end and waits until it has."""
    service_of(connection, vm).shutdown()
    wait_down(connection, vm)


def wait_down(connection: ovirtsdk4.Connection, vm: types.Vm) -> types.Vm:
    """Waits until the machine is down and nothing works on it."""
    return wait_for(service_of(connection, vm).get, lambda seen: seen.status == types.VmStatus.DOWN,
                    f"{vm.name} is down", timeout=SHUTDOWN_SECONDS)
