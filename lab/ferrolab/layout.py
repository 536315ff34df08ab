"""Where everything of one lab lives: names, paths and addresses. Pure: looks at nothing and changes nothing."""

from __future__ import annotations

import ipaddress
import re
import uuid
from dataclasses import dataclass
from pathlib import Path

from .errors import LabError

DEFAULT_STATE_ROOT = Path("/var/lib/ferrovirt-lab")
REGISTRY = Path("/run/ferrovirt-lab")
MAXIMUM_HOSTS = 8
# Interface names have at most 15 characters and are made from the lab's name.
LAB_NAME = re.compile(r"[a-z]{1,6}")
# Mount points that every lab host covers with folders of its own. Those that a fresh machine lacks are made, and removed again.
MISSING_MOUNT_POINTS = (Path("/var/lib/ferrovirt"), Path("/rhev"))
PRIVATE_FOLDERS = (Path("/var/lib/libvirt"), Path("/var/cache/libvirt"), Path("/var/log/libvirt"), *MISSING_MOUNT_POINTS)


@dataclass(frozen=True)
class HostLayout:
    """One lab host."""

    lab: str
    number: int
    folder: Path
    address: str
    namespace_uuid: uuid.UUID
    # False: it is namespaces of this machine. True: it is an emulated machine, whose kernel is Debian's.
    own_kernel: bool = False

    @property
    def name(self) -> str:
        """Its short host name."""
        return f"host{self.number}"

    @property
    def fqdn(self) -> str:
        """Its full name; `.test` is reserved by RFC 6761."""
        return f"{self.name}.{self.lab}.test"

    @property
    def network_namespace(self) -> str:
        """Its network namespace, also the name of its cgroup."""
        return f"fv-{self.lab}-{self.name}"

    @property
    def links(self) -> tuple[str, str]:
        """The lab's ends of its two network cards."""
        return (f"fv{self.lab}{self.number}a", f"fv{self.lab}{self.number}b")

    @property
    def hardware_id(self) -> str:
        """Stands for the UUID of its mainboard; the same after each `up` of the same lab."""
        return str(uuid.uuid5(self.namespace_uuid, self.name))

    @property
    def services(self) -> Path:
        """Folder of the services that its supervisor keeps running."""
        return self.folder / "services"

    @property
    def logs(self) -> Path:
        """Folder of its log files."""
        return self.folder / "logs"

    @property
    def root(self) -> Path:
        """Folder that holds its private copies of system folders."""
        return self.folder / "root"

    def private(self, folder: Path) -> Path:
        """Where one of its private folders lies, seen from outside."""
        return self.root / str(folder).strip("/").replace("/", "-")

    @property
    def joined_file(self) -> Path:
        """Exists when the host has joined an engine and its libvirt listens with the host's certificate."""
        return self.folder / "joined"

    @property
    def orders_socket(self) -> Path:
        """Where a host with a kernel of its own takes commands; its other end is a port of the emulated machine."""
        return self.folder / "orders"

    @property
    def first_program(self) -> Path:
        """What a host with a kernel of its own runs first, after its kernel's initramfs."""
        return self.folder / "start"

    @property
    def ready_file(self) -> Path:
        """Exists when the host has mounted everything and its supervisor runs."""
        return self.folder / "ready"


@dataclass(frozen=True)
class LabLayout:
    """One lab. `subnet` is the guests' and hosts' network, `data_subnet` a second one without hosts in it.

    The last `own_kernels` of its hosts have a kernel of their own."""

    name: str
    state: Path
    subnet: ipaddress.IPv4Network
    host_count: int
    own_kernels: int = 0

    def __post_init__(self) -> None:
        if not LAB_NAME.fullmatch(self.name):
            raise LabError(f"'{self.name}' is no lab name: one to six small letters, please.")
        if not 1 <= self.host_count <= MAXIMUM_HOSTS:
            raise LabError(f"A lab has 1 to {MAXIMUM_HOSTS} hosts, not {self.host_count}.")
        if not 0 <= self.own_kernels <= self.host_count:
            raise LabError(f"{self.own_kernels} of {self.host_count} hosts can't have a kernel of their own.")

    @property
    def data_subnet(self) -> ipaddress.IPv4Network:
        """The network of the hosts' second card."""
        return ipaddress.IPv4Network((int(self.subnet.network_address) + (100 << 8), self.subnet.prefixlen))

    @property
    def bridge(self) -> str:
        """The bridge of the hosts' first card."""
        return f"fv-{self.name}-a"

    @property
    def data_bridge(self) -> str:
        """The bridge of the hosts' second card."""
        return f"fv-{self.name}-b"

    @property
    def engine_address(self) -> str:
        """The machine's own address in the lab network, where the engine listens."""
        return str(self.subnet[1])

    @property
    def nfs_address(self) -> str:
        """The address of the lab's NFS server, where one runs."""
        return str(self.subnet[10])

    @property
    def nfs_namespace(self) -> str:
        """The NFS server's network namespace, also the name of its cgroup."""
        return f"fv-{self.name}-nfs"

    @property
    def nfs_link(self) -> str:
        """The lab's end of the NFS server's network card."""
        return f"fv{self.name}nfs"

    @property
    def nfs_folder(self) -> Path:
        """Folder of the NFS server: exports, services, logs."""
        return self.state / "nfs"

    @property
    def kernel_folder(self) -> Path:
        """What hosts with a kernel of their own boot from, and the NFS server's programs."""
        return self.state / "kernel"

    @property
    def shared(self) -> Path:
        """Storage that every host sees at this same path."""
        return self.state / "shared"

    @property
    def engine_folder(self) -> Path:
        """Folder of the engine: data, services, logs."""
        return self.state / "engine"

    @property
    def processes(self) -> Path:
        """Folder of the recorded processes."""
        return self.state / "processes"

    @property
    def registry_file(self) -> Path:
        """Tells other labs of this machine that this one exists."""
        return REGISTRY / f"{self.name}.json"

    @property
    def cgroups(self) -> list[str]:
        """Every cgroup of this lab, hosts up to the maximum: `down` must find those of a forgotten size, too."""
        return [f"fv-{self.name}-{role}" for role in ("engine", "network", "nfs")] + [
            host.network_namespace for host in self.possible_hosts()]

    def host(self, number: int) -> HostLayout:
        """The host of that number, from 1."""
        return HostLayout(self.name, number, self.state / "hosts" / f"host{number}", str(self.subnet[10 + number]),
                          uuid.uuid5(uuid.NAMESPACE_DNS, f"{self.name}.test"),
                          self.host_count - self.own_kernels < number <= self.host_count)

    def hosts(self) -> list[HostLayout]:
        """The hosts of this lab."""
        return [self.host(number) for number in range(1, self.host_count + 1)]

    def possible_hosts(self) -> list[HostLayout]:
        """The hosts that a lab of this name could have."""
        return [self.host(number) for number in range(1, MAXIMUM_HOSTS + 1)]

    def named_host(self, name: str) -> HostLayout:
        """The host of that name."""
        for host in self.hosts():
            if host.name == name:
                return host
        raise LabError(f"Lab '{self.name}' has no host '{name}'.")

    def to_json(self) -> dict[str, object]:
        """The form that is written to the registry."""
        return {"name": self.name, "state": str(self.state), "subnet": str(self.subnet), "host_count": self.host_count,
                "own_kernels": self.own_kernels}

    @classmethod
    def from_json(cls, value: dict[str, object]) -> LabLayout:
        """The reverse of `to_json`. A lab that an older checkout made, beside this one, says nothing of kernels."""
        return cls(str(value["name"]), Path(str(value["state"])), ipaddress.IPv4Network(str(value["subnet"])),
                   int(str(value["host_count"])), int(str(value.get("own_kernels", 0))))
