"""How fast the engine answers, and how soon it serves after a restart. Knows the API's addresses and nothing of hosts."""

from __future__ import annotations

import os
import signal
import socket
import time
from pathlib import Path

from measurements import Report, median, percentile, under
from raw_client import RawClient

from ferrolab import datacentre, engine
from ferrolab.errors import LabError
from ferrolab.layout import LabLayout
from ferrolab.process import wait_until
from ferrolab.standalone import StandaloneEngine

ROOT_REQUESTS = 2000
LIST_REQUESTS = 200
SIMULATED_HOSTS = 20
SIMULATED_MACHINES = 1000
RESTARTS = 5


def measure_root(client: RawClient, report: Report) -> None:
    """GET /api."""
    seconds = client.times("", ROOT_REQUESTS)
    report.add("GET /api, p99", percentile(seconds, 99) * 1000, "ms", limit=under(5, "ms"), samples=len(seconds))
    report.add("GET /api, median", median(seconds) * 1000, "ms", samples=len(seconds))


def measure_restarts(lab: LabLayout, report: Report) -> None:
    """From the start of the engine's process to the first answer that says that engine and database serve."""
    services = lab.engine_folder / "services"
    seconds = []
    for _ in range(RESTARTS):
        before = datacentre.service_state(services, engine.ENGINE_SERVICE)
        os.kill(before["pid"], signal.SIGTERM)
        if not wait_until(lambda before=before: started(services, before["pid"]), 60.0, 0.002):
            raise LabError("The engine's supervisor did not start it again.")
        begun = time.monotonic()
        if not wait_until(lambda: listening(lab.engine_address) and engine.healthy(lab), 60.0, 0.005):
            raise LabError("The engine does not serve after a restart.")
        seconds.append(time.monotonic() - begun)
    report.add("engine restart to first served request", median(seconds), "s", limit=under(2, "s"), samples=RESTARTS)


def started(services: Path, old: int) -> bool:
    """Whether the supervisor has started another process."""
    state = datacentre.service_state(services, engine.ENGINE_SERVICE)
    return state is not None and state["pid"] not in (None, old)


def listening(address: str) -> bool:
    """Whether the engine's port is open: cheaper to ask often than a request."""
    with socket.socket() as probe:
        probe.settimeout(1.0)
        return probe.connect_ex((address, 443)) == 0


def measure_lists(binaries: Path, report: Report) -> None:
    """GET /vms of an engine of its own with simulated hosts and machines."""
    with StandaloneEngine.temporary(binaries, "bench") as standalone:
        standalone.simulate(SIMULATED_HOSTS, SIMULATED_MACHINES)
        client = RawClient(standalone.access)
        count = client.request("GET", "/vms").count(b"<vm ")
        if count < SIMULATED_MACHINES:
            raise LabError(f"The engine lists {count} machines instead of {SIMULATED_MACHINES}.")
        seconds = client.times("/vms", LIST_REQUESTS)
        client.close()
        report.add(f"GET /vms of {count} machines, XML, p95", percentile(seconds, 95) * 1000, "ms", limit=under(50, "ms"),
                   samples=len(seconds))
        report.add(f"GET /vms of {count} machines, XML, median", median(seconds) * 1000, "ms", samples=len(seconds))
        report.add(f"GET /vms of {count} machines, XML, p99", percentile(seconds, 99) * 1000, "ms", samples=len(seconds))
        report.add(f"resident memory: engine with {count} simulated machines", standalone.resident_mib(), "MiB")
