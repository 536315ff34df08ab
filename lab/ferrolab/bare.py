"""A guest driven by virsh alone: the ground truth that Ferrovirt is compared with. Knows nothing of Ferrovirt.

Its machine has what Ferrovirt gives a small VM: q35, one virtio disk, one virtio NIC, VNC, the guest agent's port; emulated.
"""

from __future__ import annotations

import re
import shutil
import time
import uuid
from dataclasses import dataclass
from pathlib import Path

from . import datacentre, hostfiles
from .errors import LabError
from .layout import HostLayout, LabLayout
from .process import wait_until

AGENT_SECONDS = 90.0
DOMAIN = """\
<domain type='qemu'>
  <name>{name}</name>
  <uuid>{identity}</uuid>
  <memory unit='MiB'>{memory}</memory>
  <vcpu>1</vcpu>
  <os><type arch='x86_64' machine='q35'>hvm</type><boot dev='hd'/></os>
  <features><acpi/></features>
  <cpu mode='custom' match='exact'><model>qemu64</model></cpu>
  <devices>
    <disk type='file' device='disk'>
      <driver name='qemu' type='qcow2' cache='none'/>
      <source file='{disk}'/>
      <target dev='vda' bus='virtio'/>
    </disk>
    <interface type='bridge'><source bridge='ovirtmgmt'/><model type='virtio'/></interface>
    <channel type='unix'><target type='virtio' name='org.qemu.guest_agent.0'/></channel>
    <graphics type='vnc' port='-1' autoport='yes' listen='0.0.0.0'/>
  </devices>
</domain>
"""


@dataclass(frozen=True)
class Migration:
    """How long a migration took, as the user waited for it, and how long the guest stood still, as QEMU measured it."""

    total_seconds: float
    downtime_seconds: float


@dataclass(frozen=True)
class BareGuest:
    """One guest with a disk of its own on the shared storage."""

    lab: LabLayout
    name: str
    xml: Path

    @classmethod
    def prepare(cls, lab: LabLayout, image: Path, name: str, memory_mib: int = 256) -> BareGuest:
        """Copies the image and writes the domain's XML."""
        folder = lab.shared / "bare"
        folder.mkdir(exist_ok=True)
        disk = folder / f"{name}.qcow2"
        shutil.copyfile(image, disk)
        xml = folder / f"{name}.xml"
        xml.write_text(DOMAIN.format(name=name, identity=uuid.uuid4(), memory=memory_mib, disk=disk))
        return cls(lab, name, xml)

    def create(self, host: HostLayout) -> float:
        """`virsh create`; returns the seconds it took inside the host."""
        return timed(host, ["virsh", "-q", "create", str(self.xml)])

    def wait_for_agent(self, host: HostLayout) -> bool:
        """Whether the guest's agent answers in time."""
        ping = ["virsh", "-q", "qemu-agent-command", "--timeout", "2", self.name, '{"execute":"guest-ping"}']
        return wait_until(lambda: datacentre.inside(host, ping).returncode == 0, AGENT_SECONDS, 0.3)

    def migrate(self, source: HostLayout, target: HostLayout) -> Migration:
        """A live peer-to-peer migration with virsh's own settings; unsafe, as libvirt can't know that the folder is shared."""
        total = timed(source, ["virsh", "-q", *migrate_words(self.name, target)])
        return Migration(total, downtime_seconds(target, self.name))

    def destroy(self) -> None:
        """Ends the guest wherever it is and removes its files."""
        for host in self.lab.hosts():
            if datacentre.host_process(self.lab, host) is not None:
                datacentre.inside(host, ["virsh", "-q", "destroy", self.name])
        self.xml.unlink(missing_ok=True)
        self.xml.with_suffix(".qcow2").unlink(missing_ok=True)


def migrate_words(name: str, target: HostLayout) -> list[str]:
    """virsh's words for a live migration with its own settings, by the way that the target's libvirt listens on now."""
    if target.joined_file.exists():
        uri = f"qemu+tls://{target.address}/system?pkipath={hostfiles.CERTIFICATES}"
    else:
        uri = f"qemu+tcp://{target.address}/system"
    return ["migrate", "--live", "--p2p", "--unsafe", name, uri, f"tcp://{target.address}"]


def downtime_seconds(target: HostLayout, name: str) -> float:
    """What QEMU measured for the last migration that arrived on the host."""
    text = datacentre.inside(target, ["virsh", "domjobinfo", name, "--completed"], check=True).stdout
    found = re.search(r"Total downtime:\s+(\d+)\s+ms", text)
    if found is None:
        raise LabError(f"libvirt tells no downtime for {name}: {text.strip()}")
    return int(found.group(1)) / 1000.0


def timed(host: HostLayout, argv: list[str]) -> float:
    """Runs a command in the host; returns its seconds, without those of entering the host's namespaces."""
    words = datacentre.enter_words(host)
    started = time.monotonic()
    datacentre.run([*words, "true"])
    entering = time.monotonic() - started
    started = time.monotonic()
    datacentre.run([*words, *argv], timeout=300.0)
    return max(0.0, time.monotonic() - started - entering)
