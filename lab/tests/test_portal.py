"""The main flow by hand in the portal: Chromium, driven by Playwright, against the lab's engine.

Knows how to start the browser test and what it needs; the steps and what they assert are in portal/e2e/main-flow.spec.ts.
"""

from __future__ import annotations

import os
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from ferrolab import datacentre
from labclient.world import World

REPOSITORY = Path(__file__).resolve().parent.parent.parent
SCREENSHOTS = REPOSITORY / "target/portal-screenshots"
# Longer than the browser test gives itself, which then says at which step it was.
SECONDS = 1000.0
# What the flow must have a picture of, in both themes, to be worth looking at.
PICTURES = ("sign-in", "create-data-centre", "create-cluster", "create-network", "data-centre-networks", "create-domain", "domain",
            "dashboard", "vms", "create-vm-general", "vm-general", "vm-guest", "console-typed", "migrating", "vm-events", "remove-vm",
            "remove-domain", "remove-data-centres")


@contextmanager
def slow_cards(world: World) -> Iterator[None]:
    """Makes the hosts' network so slow that a migration lasts some seconds and its progress can be seen."""
    for host in world.lab.hosts():
        datacentre.inside(host, ["tc", "qdisc", "add", "dev", "eth0", "root", "tbf", "rate", "60mbit", "burst", "64k",
                                 "latency", "50ms"], check=True)
    try:
        yield
    finally:
        for host in world.lab.hosts():
            datacentre.inside(host, ["tc", "qdisc", "delete", "dev", "eth0", "root"])


def test_main_flow_in_the_portal(world: World) -> None:
    """Everything from sign-in to removal, the console included; the pictures are in target/portal-screenshots."""
    assert world.domain.name, "the data centre is up"
    # Where the portal makes a storage domain of its own.
    folder = world.lab.shared / "portal"
    folder.mkdir(exist_ok=True)
    SCREENSHOTS.mkdir(parents=True, exist_ok=True)
    for picture in SCREENSHOTS.glob("*.png"):
        picture.unlink()
    environment = os.environ | world.access.environment() | {
        "FERROVIRT_CLUSTER": world.cluster.name, "FERROVIRT_DATA_CENTER": world.data_center.name, "FERROVIRT_STORAGE_PATH": str(folder),
        "FERROVIRT_IMAGE": str(world.image), "FERROVIRT_SLOW_MIGRATION": "1", "FERROVIRT_SCREENSHOTS": str(SCREENSHOTS)}
    with slow_cards(world):
        done = subprocess.run(["npm", "--prefix", str(REPOSITORY / "portal"), "run", "e2e:live"], env=environment,
                              stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, timeout=SECONDS, check=False)
    assert done.returncode == 0, done.stdout
    assert " 1 passed" in done.stdout, done.stdout
    missing = [f"{name}-{theme}.png" for name in PICTURES for theme in ("light", "dark")
               if not (SCREENSHOTS / f"{name}-{theme}.png").exists()]
    assert not missing
    system = world.system
    for service in (system.vms_service(), system.storage_domains_service(), system.networks_service(), system.clusters_service(),
                    system.data_centers_service()):
        assert not any(thing.name.startswith("portal-") for thing in service.list()), "nothing of it is left"
    assert list(folder.iterdir()) == [], "the storage domain was erased"
