"""The demo as a newcomer types it: started twice, it shows a running data centre; stopped, it leaves nothing behind.

Runs under a name of its own, beside whatever else is on this machine. Knows what a machine can be littered with.
"""

from __future__ import annotations

import os
import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from ovirtsdk4 import types

from ferrolab import datacentre, engine
from ferrolab.layout import DEFAULT_STATE_ROOT, MISSING_MOUNT_POINTS, REGISTRY
from labclient.connection import connect

NAME = "trial"
DEMO = Path(__file__).resolve().parent.parent / "demo"
BINARIES = Path(os.environ.get("FERROVIRT_BINARIES", DEMO.parent.parent / "target/release"))
START_SECONDS = 600.0


def demo(*words: str) -> str:
    """What the demo prints; it ends well."""
    done = subprocess.run([sys.executable, str(DEMO), *words], capture_output=True, text=True, timeout=START_SECONDS, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


def processes() -> set[str]:
    """The processes of the demo's lab: by their cgroup, or because they name its folder."""
    found = set()
    for process in Path("/proc").glob("[0-9]*"):
        try:
            group, words = (process / "cgroup").read_text(), (process / "cmdline").read_bytes().decode(errors="replace")
        except (FileNotFoundError, ProcessLookupError):
            continue
        if f"fv-{NAME}-" in group or f"{DEFAULT_STATE_ROOT}/{NAME}/" in words:
            found.add(f"{process.name} {words}")
    return found


def things() -> set[str]:
    """What a lab makes on a machine: interfaces, namespaces, mounts, cgroups, folders and files."""
    folders = [Path("/sys/class/net"), Path("/run/netns"), REGISTRY, DEFAULT_STATE_ROOT]
    found = {str(entry) for folder in folders if folder.exists() for entry in folder.iterdir()}
    found |= {str(folder) for folder in (*folders, *MISSING_MOUNT_POINTS) if folder.exists()}
    found |= {str(group) for group in Path("/sys/fs/cgroup").rglob("fv-*")}
    return found | {line.split()[4] for line in Path("/proc/self/mountinfo").read_text().splitlines()}


def of_other_labs(thing: str) -> bool:
    """Whether a thing belongs to a lab that somebody else has made meanwhile, or to all labs together."""
    names = [lab.name for lab in datacentre.registered() if lab.name != NAME] if REGISTRY.exists() else []
    files = [REGISTRY / "lock", REGISTRY / "made-netns-folder"]
    shared = [*MISSING_MOUNT_POINTS, REGISTRY, *files, DEFAULT_STATE_ROOT, Path("/run/netns")]
    return bool(names) and (thing in map(str, shared) or any(
        re.search(rf"fv-?{name}(-|[0-9]+[ab]$)|/{name}(/|\\.json|$)", thing) for name in names))


@pytest.fixture
def environment(tmp_path: Path) -> Iterator[Path]:
    """Where the demo writes what programs need; no demo of this name runs before and after."""
    # What a killed run may have left.
    datacentre.down(NAME, DEFAULT_STATE_ROOT)
    try:
        yield tmp_path / "lab.env"
    finally:
        datacentre.down(NAME, DEFAULT_STATE_ROOT)


def test_demo_twice_and_its_end(environment: Path, image: Path) -> None:
    """Each time it ends with the guest's address and a finished migration, and programs find what `lab.env` says."""
    where = ["--name", NAME, "--environment", str(environment)]
    begin = ["start", *where, "--binaries", str(BINARIES), "--image", str(image)]
    before = things()
    for _ in range(2):
        said = demo(*begin)
        address = re.search(r"^  Guest +([0-9.]+)$", said, re.MULTILINE).group(1)
        target = re.search(r"migrated tiny live to (host[12])$", said, re.MULTILINE).group(1)
        told = dict(line.split("=", 1) for line in environment.read_text().splitlines())
        assert environment.stat().st_mode & 0o777 == 0o600
        assert told["FERROVIRT_URL"].removesuffix("/api") in said and told["FERROVIRT_PASSWORD"] in said
        access = engine.Access(
            told["FERROVIRT_URL"], told["FERROVIRT_USER"], told["FERROVIRT_PASSWORD"], Path(told["FERROVIRT_CA"]))
        with connect(access) as connection:
            system = connection.system_service()
            vm = system.vms_service().list(search="name=tiny")[0]
            assert vm.status == types.VmStatus.UP
            assert system.hosts_service().host_service(vm.host.id).get().name == target
            # VM_MIGRATION_DONE
            assert 63 in [event.code for event in system.events_service().list(max=100)]
        assert subprocess.run(["ping", "-c", "3", "-W", "2", address], capture_output=True, check=False).returncode == 0
    assert processes() and things() - before
    demo("stop", *where)
    assert processes() == set()
    assert {thing for thing in things() - before if not of_other_labs(thing)} == set()
    assert not environment.exists()
