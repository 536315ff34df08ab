"""What a program has made in its data centre, each thing on first use. Knows the steps and asserts nothing."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from functools import cached_property
from pathlib import Path

import ovirtsdk4
from ovirtsdk4 import types

from ferrolab import datacentre, engine
from ferrolab.layout import HostLayout, LabLayout

from . import connection as client
from . import disks, infrastructure, machines
from .events import EventReader

NAME = "metal"


class World:
    """One data centre. A property makes its thing, and all that it stands on, when it is first read."""

    def __init__(self, lab: LabLayout, access: engine.Access, image: Path, connection: ovirtsdk4.Connection) -> None:
        self.lab = lab
        self.access = access
        self.image = image
        self.connection = connection
        self.events = EventReader(connection)

    @classmethod
    @contextmanager
    def open(cls, lab: LabLayout, access: engine.Access, image: Path) -> Iterator[World]:
        """Signs in, and out at the end."""
        with client.connect(access) as connection:
            yield cls(lab, access, image, connection)

    @property
    def system(self):
        """The root of the API's services."""
        return self.connection.system_service()

    @cached_property
    def data_center(self) -> types.DataCenter:
        """The data centre."""
        return infrastructure.ensure_data_center(self.connection, NAME)

    @cached_property
    def cluster(self) -> types.Cluster:
        """The cluster of both hosts."""
        return infrastructure.ensure_cluster(self.connection, NAME, self.data_center)

    @cached_property
    def hosts(self) -> list[types.Host]:
        """Both hosts, up."""
        for host in self.lab.hosts():
            engine.join(self.lab, host, self.access, self.cluster.name)
        return [infrastructure.ensure_host(self.connection, host, self.cluster) for host in self.lab.hosts()]

    @cached_property
    def network(self) -> types.Network:
        """A network of the data centre's own, beside the management network that guests get addresses in."""
        return infrastructure.ensure_network(self.connection, "blue", self.data_center, self.cluster)

    @cached_property
    def domain(self) -> types.StorageDomain:
        """The shared storage domain, active."""
        folder = self.lab.shared / "data"
        folder.mkdir(exist_ok=True)
        return infrastructure.ensure_storage_domain(self.connection, NAME, self.data_center, self.hosts[0], folder)

    @cached_property
    def disk(self) -> types.Disk:
        """The disk that the guest boots from, with its content."""
        disk = disks.create(self.connection, NAME, self.image, self.domain)
        disks.upload(self.connection, self.access, disk, self.image)
        return disk

    @cached_property
    def vm(self) -> types.Vm:
        """The machine, down when it is new."""
        management = infrastructure.network_of(self.connection, "ovirtmgmt", self.data_center)
        profile = infrastructure.vnic_profile_of(self.connection, management)
        return machines.ensure(self.connection, NAME, self.cluster, self.disk, profile)

    def running_vm(self) -> types.Vm:
        """The machine, up, with a guest that reported its address."""
        machines.start(self.connection, self.vm)
        machines.wait_for_address(self.connection, self.vm)
        return machines.service_of(self.connection, self.vm).get()

    def host_of(self, vm: types.Vm) -> HostLayout:
        """The lab host that runs the machine, as the engine says."""
        host = next(host for host in self.hosts if host.id == vm.host.id)
        return self.lab.named_host(host.name)

    def emulators(self) -> dict[str, list[int]]:
        """The QEMU processes of the machine on every lab host, whatever libvirt or Ferrovirt say of them."""
        found = {}
        for host in self.lab.hosts():
            seen = datacentre.inside(host, ["pgrep", "-f", f"^[^ ]*qemu[^ ]* .*guest={NAME}[, ]"])
            found[host.name] = [int(pid) for pid in seen.stdout.split()]
        return found
