"""The first process of a lab host: covers system folders with private ones, then becomes the host's supervisor.

Runs as process 1 inside the host's namespaces, or under the host's own kernel; when it ends, the kernel ends every process of
the host, as a power cut does. Knows nothing of Ferrovirt.
"""

from __future__ import annotations

import json
import os
import shutil
import socket
import sys
import uuid
from pathlib import Path

from . import cgroup, hostfiles, network
from .command import run
from .layout import PRIVATE_FOLDERS, HostLayout, LabLayout
from .supervisor import Supervisor


def prepare_folders(lab: LabLayout, host: HostLayout) -> None:
    """Makes the host's own `/etc` and system folders, which are its disk: their content survives a power cut."""
    etc = host.private(Path("/etc"))
    if not etc.exists():
        unfinished = host.root / "etc-new"
        shutil.rmtree(unfinished, ignore_errors=True)
        shutil.copytree("/etc", unfinished, symlinks=True)
        hostfiles.write(lab, host, unfinished)
        unfinished.rename(etc)
    for folder in PRIVATE_FOLDERS:
        own = host.private(folder)
        if not own.exists():
            own.mkdir()
            _copy_tree_shape(folder, own)


def cover_folders(host: HostLayout) -> None:
    """Gives the host an `/etc`, a `/run` and libvirt folders of its own."""
    for folder in (Path("/etc"), *PRIVATE_FOLDERS):
        run(["mount", "--bind", str(host.private(folder)), str(folder)])
    # An empty /run is what a machine starts with; it also hides the machine's own D-Bus and systemd from libvirt.
    run(["mount", "-t", "tmpfs", "-o", "mode=755", "run", "/run"])
    Path("/run/lock").mkdir()
    Path("/run/libvirt").mkdir()


def _copy_tree_shape(source: Path, target: Path) -> None:
    """The package's empty folders with their owners and modes, without any content of this machine."""
    for folder in [path for path in source.rglob("*") if path.is_dir() and not path.is_symlink()]:
        own = target / folder.relative_to(source)
        own.mkdir(parents=True, exist_ok=True)
        facts = folder.stat()
        os.chown(own, facts.st_uid, facts.st_gid)
        own.chmod(facts.st_mode & 0o7777)


def mount_system_views(host: HostLayout) -> None:
    """Own views of processes, network devices, control groups, and a boot id of its own."""
    run(["mount", "-t", "proc", "proc", "/proc"])
    own_boot = host.folder / "boot_id"
    own_boot.write_text(f"{uuid.uuid4()}\n")
    run(["mount", "--bind", str(own_boot), "/proc/sys/kernel/random/boot_id"])
    # This sysfs shows the network namespace's own devices; control groups are mounted on it again afterwards.
    run(["mount", "-t", "sysfs", "sysfs", "/sys"])


def enter_namespaces(lab: LabLayout, host: HostLayout) -> None:
    """What a host of namespaces does first."""
    controllers = cgroup.present_controllers()
    mount_system_views(host)
    cgroup.mount_own_view(controllers)
    prepare_folders(lab, host)


def enter_own_kernel(lab: LabLayout, host: HostLayout) -> None:
    """What a host with a kernel of its own does first; its folders were prepared outside, where that is quick."""
    cgroup.mount_own_view([])
    for command in network.host_commands(lab, host):
        run(["ip", *command])


def main() -> None:
    """`python3 -m ferrolab.node LAB_JSON HOST_NUMBER`"""
    lab = LabLayout.from_json(json.loads(sys.argv[1]))
    host = lab.host(int(sys.argv[2]))
    if host.own_kernel:
        enter_own_kernel(lab, host)
    else:
        enter_namespaces(lab, host)
    cover_folders(host)
    socket.sethostname(host.fqdn)
    host.ready_file.write_text("ready\n")
    Supervisor(host.services, host.logs).run()


if __name__ == "__main__":
    main()
