"""What `make dev` gives: an engine with simulated hosts and machines that behave as real ones do, and nothing after Ctrl-C.

Knows the API by its JSON and nothing of how a host is simulated.
"""

from __future__ import annotations

import json
import os
import re
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from ferrolab.engine import Access
from ferrolab.process import wait_until

REPOSITORY = Path(__file__).resolve().parent.parent.parent
HOSTS = 2
MACHINES = 3


class Dev:
    """A running `lab/dev`, and the API of its engine."""

    def __init__(self) -> None:
        binaries = Path(os.environ.get("FERROVIRT_BINARIES", REPOSITORY / "target/release"))
        self.process = subprocess.Popen(
            [sys.executable, str(REPOSITORY / "lab/dev"), "--binaries", str(binaries), "--hosts", str(HOSTS), "--machines",
             str(MACHINES)], stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, start_new_session=True)
        said: dict[str, str] = {}
        for line in self.process.stdout:
            name, _, value = line.strip().partition("  ")
            said[name] = value.strip()
            if "Ctrl-C ends it all" in line:
                break
        assert "Portal" in said and "CA" in said, said
        self.folder = Path(said["CA"]).parent
        self.access = Access(f"{said['Portal'].rstrip('/')}/api", said["User"], said["Password"], Path(said["CA"]))

    def get(self, path: str) -> dict:
        """What an address of the API holds."""
        return json.loads(self.access.request("GET", f"/api/{path}"))

    def machine(self, name: str) -> dict:
        """A machine as it is now."""
        return self.get(f"vms?search=name%3D{name}")["vm"][0]

    def tell(self, name: str, verb: str, body: dict | None = None) -> None:
        """Has a machine do something."""
        self.access.request("POST", f"/api/vms/{self.machine(name)['id']}/{verb}", body or {})

    def becomes(self, name: str, status: str) -> None:
        """Waits for a machine's status."""
        assert wait_until(lambda: self.machine(name)["status"] == status, 30.0, 0.2), self.machine(name)["status"]


@pytest.fixture(scope="module")
def dev() -> Iterator[Dev]:
    """One for all tests of this file; the last test ends it."""
    running = Dev()
    try:
        yield running
    finally:
        if running.process.poll() is None:
            running.process.send_signal(signal.SIGINT)
        running.process.communicate(timeout=60)


def test_hosts_are_up_with_their_networks(dev: Dev) -> None:
    """Each host is up and carries the management network on its NIC."""
    network = dev.get("networks?search=name%3Dovirtmgmt")["network"][0]["id"]
    hosts = dev.get("hosts?follow=nics")["host"]
    assert [host["status"] for host in hosts] == ["up"] * HOSTS
    for host in hosts:
        carried = {nic["name"]: nic.get("network", {}).get("id") for nic in host["nics"]["host_nic"]}
        assert carried == {"eth0": network}


def test_machines_run_with_disk_and_nic(dev: Dev) -> None:
    """Every machine is up, and its guest tells its name and address."""
    machines = dev.get("vms?follow=nics,diskattachments")["vm"]
    assert [machine["status"] for machine in machines] == ["up"] * MACHINES
    for machine in machines:
        assert machine["nics"]["nic"][0]["vnic_profile"]["id"]
        assert machine["disk_attachments"]["disk_attachment"][0]["bootable"] == "true"
        assert machine["fqdn"] == f"{machine['name']}.sim.internal"


def test_a_machine_migrates(dev: Dev) -> None:
    """It goes to the other host with its guest up, and the status says so meanwhile."""
    before = dev.machine("vm-00001")["host"]["id"]
    dev.tell("vm-00001", "migrate")
    dev.becomes("vm-00001", "migrating")
    dev.becomes("vm-00001", "up")
    assert dev.machine("vm-00001")["host"]["id"] != before
    assert 63 in {int(event["code"]) for event in dev.get("events?search=vm.name%3Dvm-00001")["event"]}


def test_a_migration_is_cancelled(dev: Dev) -> None:
    """The machine stays where it is, and runs."""
    before = dev.machine("vm-00002")["host"]["id"]
    dev.tell("vm-00002", "migrate")
    dev.becomes("vm-00002", "migrating")
    dev.tell("vm-00002", "cancelmigration")
    dev.becomes("vm-00002", "up")
    assert dev.machine("vm-00002")["host"]["id"] == before


def test_a_machine_stops_and_starts(dev: Dev) -> None:
    """Power off, start, shut down by the guest, start again."""
    for verb in ("stop", "shutdown"):
        dev.tell("vm-00003", verb)
        dev.becomes("vm-00003", "down")
        assert "host" not in dev.machine("vm-00003")
        dev.tell("vm-00003", "start")
        dev.becomes("vm-00003", "up")


def test_measurements_move(dev: Dev) -> None:
    """What is shown of a machine's CPU is another value after some seconds."""
    address = f"vms/{dev.machine('vm-00001')['id']}/statistics"

    def cpu() -> float:
        return next(statistic["values"]["value"][0]["datum"] for statistic in dev.get(address)["statistic"]
                    if statistic["name"] == "cpu.current.guest")

    first = cpu()
    assert wait_until(lambda: cpu() != first, 15.0, 0.5)


def test_nothing_is_left(dev: Dev) -> None:
    """Ctrl-C ends engine, its PostgreSQL and the simulator, and removes their files."""
    mark = re.compile(re.escape(str(dev.folder)).encode())

    def processes() -> list[str]:
        found = []
        for entry in Path("/proc").iterdir():
            try:
                if entry.name.isdigit() and mark.search((entry / "cmdline").read_bytes()):
                    found.append(entry.name)
            except OSError:
                continue
        return found

    assert len(processes()) >= 3
    dev.process.send_signal(signal.SIGINT)
    dev.process.wait(timeout=60)
    assert dev.process.returncode == 0
    assert wait_until(lambda: not processes(), 10.0), processes()
    assert not dev.folder.exists()
