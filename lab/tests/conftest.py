"""One lab for the whole test session, always stopped again. Knows how to bring every test its world, and asserts nothing."""

from __future__ import annotations

import os
import signal
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from ferrolab import datacentre, engine  # noqa: E402
from ferrolab.layout import DEFAULT_STATE_ROOT, LabLayout  # noqa: E402
from labclient.world import World  # noqa: E402

REPOSITORY = Path(__file__).resolve().parent.parent.parent
LAB_NAME = "test"


def pytest_configure(config: pytest.Config) -> None:
    """A terminated run unwinds like an interrupted one, so that the lab is stopped."""
    del config
    signal.signal(signal.SIGTERM, lambda number, _frame: sys.exit(128 + number))


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """The bare lab first, then the main flow by program and by browser, then faults on what it made, and its removal."""
    order = ["test_lab", "test_main_flow", "test_drives", "test_portal", "test_kills", "test_removal"]
    items.sort(key=lambda item: order.index(item.module.__name__) if item.module.__name__ in order else -1)


@pytest.fixture(scope="session")
def lab() -> Iterator[LabLayout]:
    """Two hosts with libvirt and nothing of Ferrovirt."""
    # What a killed run may have left.
    datacentre.down(LAB_NAME, DEFAULT_STATE_ROOT)
    lab = datacentre.up(LAB_NAME, 2, DEFAULT_STATE_ROOT)
    try:
        yield lab
    finally:
        keep_logs(lab)
        datacentre.down(LAB_NAME, DEFAULT_STATE_ROOT)


def keep_logs(lab: LabLayout) -> None:
    """Copies the logs to target/lab-logs, where they outlive the lab."""
    target = REPOSITORY / "target/lab-logs"
    target.mkdir(parents=True, exist_ok=True)
    for log in lab.state.rglob("logs/*.log"):
        name = "-".join((lab.name, *log.relative_to(lab.state).parts))
        (target / name).write_bytes(log.read_bytes())


@pytest.fixture(scope="session")
def image() -> Path:
    """The tiny guest's disk."""
    path = Path(os.environ.get("FERROVIRT_GUEST_IMAGE", REPOSITORY / "target/lab/tiny.qcow2"))
    assert path.exists(), f"{path} is missing; run `make guest`."
    return path


@pytest.fixture(scope="session")
def kernel() -> Path:
    """What hosts with a kernel of their own boot from, and the NFS server's programs."""
    path = Path(os.environ.get("FERROVIRT_LAB_KERNEL", REPOSITORY / "target/lab/kernel"))
    assert (path / "vmlinuz").exists(), f"{path} is missing; run `make kernel`."
    return path


@pytest.fixture(scope="session")
def binaries() -> Path:
    """The programs under test."""
    return Path(os.environ.get("FERROVIRT_BINARIES", REPOSITORY / "target/release"))


@pytest.fixture(scope="session")
def access(lab: LabLayout, binaries: Path) -> engine.Access:
    """A running engine in the lab."""
    engine.install(lab, binaries)
    return engine.start(lab)


@pytest.fixture(scope="session")
def world(lab: LabLayout, access: engine.Access, image: Path) -> Iterator[World]:
    """A signed-in user and what has been made so far."""
    with World.open(lab, access, image) as world:
        yield world
