"""Resident memory of the daemons at rest. Knows how to find them and nothing of what they do."""

from __future__ import annotations

import json
import subprocess
import sys
import time
from pathlib import Path

from measurements import Peer, Report, under

from ferrolab import datacentre
from ferrolab.engine import AGENT_SERVICE, ENGINE_SERVICE
from ferrolab.errors import LabError
from ferrolab.layout import LabLayout
from ferrolab.process import resident_kib

REST_SECONDS = 30.0
GUEST_SECONDS = 600.0
GUEST_MEMORY = Path(__file__).resolve().parent / "guest_memory"


def measure_daemons(lab: LabLayout, report: Report) -> None:
    """Engine (its own process, PostgreSQL beside it) and host agents, after a while in which nothing was asked."""
    time.sleep(REST_SECONDS)
    state = datacentre.service_state(lab.engine_folder / "services", ENGINE_SERVICE)
    report.add("resident memory: engine, idle", resident_kib(state["pid"]) / 1024, "MiB", limit=under(100, "MiB"))
    agents = []
    for host in lab.hosts():
        state = datacentre.service_state(host.services, AGENT_SERVICE)
        status = datacentre.inside(host, ["cat", f"/proc/{state['pid']}/status"], check=True).stdout
        agents.append(next(int(line.split()[1]) for line in status.splitlines() if line.startswith("VmRSS:")) / 1024)
    report.add("resident memory: host agent", max(agents), "MiB", limit=under(40, "MiB"), samples=len(agents))


def measure_guest_agents(image: Path, report: Report) -> None:
    """The guest agent beside qemu-guest-agent in one running guest: both were asked the same, and ours has told its facts."""
    done = subprocess.run([sys.executable, str(GUEST_MEMORY), str(image)], capture_output=True, text=True, check=False,
                          timeout=GUEST_SECONDS)
    if done.returncode != 0:
        raise LabError(f"{GUEST_MEMORY.name} ended with {done.returncode}: {done.stderr[-500:]}")
    for found in json.loads(done.stdout):
        peer = Peer(found["compared_with"]["name"], found["compared_with"]["value"])
        if found["name"] == "guest agent: resident memory":
            report.add("resident memory: guest agent", found["value"] / 1024, "MiB", peer=Peer(peer.name, peer.value / 1024),
                       limit=under(4, "MiB"))
        else:
            report.add(found["name"], found["value"], found["unit"], peer=peer)
