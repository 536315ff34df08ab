"""The configuration that a lab host's system folders hold before anything runs on it. Pure texts; knows nothing of mounts."""

from __future__ import annotations

import uuid
from pathlib import Path

from .layout import HostLayout, LabLayout

# libvirt settings of every lab host. No security driver and no remembered owners: the shared folder is one file system
# that several "hosts" label at the same time. Root, because the folder belongs to root.
QEMU_CONF = """\
user = "root"
group = "root"
security_driver = "none"
remember_owner = 0
dynamic_ownership = 0
cgroup_controllers = [ "cpu", "memory", "blkio", "cpuset", "cpuacct" ]
migration_address = "0.0.0.0"
migration_host = "{address}"
vnc_listen = "0.0.0.0"
"""

LIBVIRTD_CONF = """\
host_uuid = "{hardware_id}"
unix_sock_group = "root"
unix_sock_rw_perms = "0770"
auth_unix_rw = "none"
auth_unix_ro = "none"
listen_addr = "{address}"
log_filters = "1:qemu.qemu_migration 3:qemu 3:libvirt 3:util"
log_outputs = "3:stderr"
"""

# Before a host has joined it has no certificate. TCP without authentication then serves measurements of bare libvirt; only
# this machine and the lab's own guests can reach it.
BEFORE_JOIN = """\
listen_tls = 0
listen_tcp = 1
auth_tcp = "none"
"""

# The folder where the host agent keeps the host's certificate for libvirt and QEMU.
CERTIFICATES = Path("/var/lib/ferrovirt/pki/tls")
AFTER_JOIN = f"""\
listen_tls = 1
listen_tcp = 0
auth_tls = "none"
ca_file = "{CERTIFICATES}/cacert.pem"
cert_file = "{CERTIFICATES}/servercert.pem"
key_file = "{CERTIFICATES}/serverkey.pem"
"""
QEMU_AFTER_JOIN = f"""\
migrate_tls_x509_cert_dir = "{CERTIFICATES}"
migrate_tls_x509_verify = 1
"""


def hosts_file(lab: LabLayout) -> str:
    """`/etc/hosts` of every lab host."""
    lines = ["127.0.0.1 localhost", f"{lab.engine_address} engine.{lab.name}.test engine"]
    lines += [f"{host.address} {host.fqdn} {host.name}" for host in lab.hosts()]
    return "\n".join(lines) + "\n"


def machine_id(host: HostLayout) -> str:
    """`/etc/machine-id`: 32 hexadecimal digits."""
    return uuid.uuid5(uuid.UUID(host.hardware_id), "machine-id").hex


def write(lab: LabLayout, host: HostLayout, etc: Path) -> None:
    """Writes the host's own files into its private copy of `/etc`."""
    texts = {
        "hosts": hosts_file(lab),
        "hostname": host.fqdn + "\n",
        "machine-id": machine_id(host) + "\n",
        "resolv.conf": "# A lab host resolves nothing but /etc/hosts.\n",
        # Two lab hosts share one mainboard, so its UUID can't name them.
        "vdsm/vdsm.id": host.hardware_id + "\n",
        **libvirt_texts(host, joined=False),
    }
    _write_all(etc, texts)
    # The distribution's NAT network would add a bridge and a DHCP server that no host of a data centre has.
    (etc / "libvirt/qemu/networks/autostart/default.xml").unlink(missing_ok=True)


def libvirt_texts(host: HostLayout, *, joined: bool) -> dict[str, str]:
    """libvirt's configuration before and after the host has a certificate."""
    daemon = LIBVIRTD_CONF.format(address=host.address, hardware_id=host.hardware_id)
    emulator = QEMU_CONF.format(address=host.address)
    if joined:
        return {"libvirt/libvirtd.conf": daemon + AFTER_JOIN, "libvirt/qemu.conf": emulator + QEMU_AFTER_JOIN}
    return {"libvirt/libvirtd.conf": daemon + BEFORE_JOIN, "libvirt/qemu.conf": emulator}


def write_after_join(host: HostLayout, etc: Path) -> None:
    """Makes libvirt listen with the host's certificate from its next start on."""
    _write_all(etc, libvirt_texts(host, joined=True))


def _write_all(etc: Path, texts: dict[str, str]) -> None:
    for name, text in texts.items():
        path = etc / name
        path.parent.mkdir(parents=True, exist_ok=True)
        # A link would lead out of the host's private folder.
        path.unlink(missing_ok=True)
        path.write_text(text)
