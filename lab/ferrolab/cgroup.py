"""Control groups, versions 1 and 2: one for each part of a lab, which is also how its processes are found again.

A lab host sees its own group as the root of the hierarchy (cgroup_namespaces(7)), so its libvirt has a `/machine` of its own.
Knows nothing of hosts or libvirt.
"""

from __future__ import annotations

import errno
import os
import signal
import time
from pathlib import Path

from .command import run
from .errors import LabError
from .process import ProcessIdentity, wait_until

# What libvirt applies to a machine, plus pids. The devices controller would only refuse things in a lab.
CONTROLLERS = ("cpu", "cpuacct", "cpuset", "memory", "blkio")
ROOT = Path("/sys/fs/cgroup")


def unified() -> bool:
    """Whether this machine has only version 2."""
    return (ROOT / "cgroup.controllers").exists()


def folders(name: str) -> list[Path]:
    """The folders of the group, one a mounted hierarchy."""
    if unified():
        return [ROOT / name]
    return [ROOT / controller / name for controller in present_controllers()]


def create(name: str) -> None:
    """Makes the group; one that exists is as good."""
    found = folders(name)
    if not found:
        raise LabError(f"No control groups are mounted under {ROOT}.")
    for folder in found:
        folder.mkdir(exist_ok=True)
        if (folder / "cpuset.cpus").exists() and not unified():
            for setting in ("cpuset.cpus", "cpuset.mems"):
                (folder / setting).write_text((folder.parent / setting).read_text())
    if unified():
        _enable_controllers(ROOT)


def enter(name: str) -> None:
    """Moves the calling process into the group."""
    for folder in folders(name):
        (folder / "cgroup.procs").write_text(str(os.getpid()))


def members(name: str) -> list[int]:
    """Every process in the group and in the groups below it."""
    found: set[int] = set()
    for folder in folders(name):
        for procs in folder.rglob("cgroup.procs") if folder.exists() else ():
            try:
                found.update(int(line) for line in procs.read_text().split())
            except (FileNotFoundError, OSError):
                continue
    # A process of a namespace that can't be seen from here reads as 0.
    return sorted(found - {0, os.getpid()})


def kill(name: str) -> None:
    """Kills every process of the group, and those that they start meanwhile."""
    deadline = time.monotonic() + 20.0
    while found := members(name):
        identities = [identity for pid in found if (identity := ProcessIdentity.of(pid))]
        for identity in identities:
            identity.send(signal.SIGKILL)
        wait_until(lambda: not any(identity.alive() for identity in identities), 2.0)
        if not identities:
            # Only zombies are left; whoever started them has to collect them.
            break
        if time.monotonic() > deadline:
            raise LabError(f"Processes of {name} do not end: {found}.")


def remove(name: str) -> None:
    """Removes the group with the groups below it; it must hold no process."""
    for folder in folders(name):
        if not folder.exists():
            continue
        below = sorted((path for path in folder.rglob("*") if path.is_dir()), key=lambda path: -len(path.parts))
        for group in [*below, folder]:
            if not wait_until(lambda group=group: _try_remove(group), 5.0):
                raise LabError(f"The control group {group} can't be removed.")


def _try_remove(group: Path) -> bool:
    try:
        group.rmdir()
    except FileNotFoundError:
        return True
    except OSError:
        return False
    return True


def present_controllers() -> list[str]:
    """The version 1 hierarchies of this machine; empty with version 2."""
    if unified():
        return []
    return [controller for controller in CONTROLLERS if (ROOT / controller / "cgroup.procs").exists()]


def mount_own_view(controllers: list[str]) -> None:
    """Mounts the hierarchies again, seen from the calling process's cgroup namespace. For the inside of a lab host.

    `controllers` are those of `present_controllers()` before anything was mounted anew.
    """
    if not controllers:
        run(["mount", "-t", "cgroup2", "cgroup2", str(ROOT)])
        (ROOT / "init").mkdir(exist_ok=True)
        (ROOT / "init" / "cgroup.procs").write_text(str(os.getpid()))
        _enable_controllers(ROOT)
        return
    run(["mount", "-t", "tmpfs", "-o", "mode=755", "cgroups", str(ROOT)])
    for controller in controllers:
        (ROOT / controller).mkdir()
        run(["mount", "-t", "cgroup", "-o", controller, "cgroup", str(ROOT / controller)])


def move_launcher(name: str, pid: int) -> None:
    """Version 2 lets a group have either processes or controlled groups below it: the launcher makes room."""
    if unified():
        group = ROOT / name / "launcher"
        group.mkdir(exist_ok=True)
        (group / "cgroup.procs").write_text(str(pid))


def _enable_controllers(group: Path) -> None:
    """Hands every controller down to the groups below; waits for a launcher that is still in the way."""
    wanted = " ".join(f"+{controller}" for controller in (group / "cgroup.controllers").read_text().split())
    deadline = time.monotonic() + 5.0
    while True:
        try:
            (group / "cgroup.subtree_control").write_text(wanted)
            return
        except OSError as error:
            if error.errno != errno.EBUSY or time.monotonic() > deadline:
                raise LabError(f"The controllers of {group} can't be handed down: {error}.") from error
            time.sleep(0.05)
