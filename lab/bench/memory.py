"""Resident memory of the daemons at rest. Knows how to find them and nothing of what they do."""

from __future__ import annotations

import os
import pty
import subprocess
import tempfile
import time
from pathlib import Path

from measurements import Peer, Report

from ferrolab import datacentre
from ferrolab.command import run
from ferrolab.engine import AGENT_SERVICE, ENGINE_SERVICE
from ferrolab.errors import LabError
from ferrolab.layout import LabLayout
from ferrolab.process import resident_kib

REST_SECONDS = 30.0
GUEST_REST_SECONDS = 15.0


def measure_daemons(lab: LabLayout, report: Report) -> None:
    """Engine (its own process, PostgreSQL beside it) and host agents, after a while in which nothing was asked."""
    time.sleep(REST_SECONDS)
    state = datacentre.service_state(lab.engine_folder / "services", ENGINE_SERVICE)
    report.add("resident memory: engine, idle", resident_kib(state["pid"]) / 1024, "MiB", limit="under 100 MiB")
    agents = []
    for host in lab.hosts():
        state = datacentre.service_state(host.services, AGENT_SERVICE)
        status = datacentre.inside(host, ["cat", f"/proc/{state['pid']}/status"], check=True).stdout
        agents.append(next(int(line.split()[1]) for line in status.splitlines() if line.startswith("VmRSS:")) / 1024)
    report.add("resident memory: host agent", max(agents), "MiB", limit="under 40 MiB", samples=len(agents))


def measure_guest_agents(agent: Path, cache: Path, report: Report) -> None:
    """The guest agent beside qemu-guest-agent, each alone on a terminal that nobody reads, as on a silent port."""
    if not agent.exists():
        raise LabError(f"{agent} is missing; run `make guest`.")
    ours = _rest([str(agent), "--qemu-port", "{port}", "--facts-port", "{second}"])
    theirs = _rest([str(_stock_agent(cache)), "--method", "isa-serial", "--path", "{port}", "--statedir", "{folder}"])
    report.add("resident memory: guest agent", ours, "MiB", peer=Peer("qemu-guest-agent", theirs), limit="under 4 MiB")


def _stock_agent(cache: Path) -> Path:
    """Debian's qemu-guest-agent, unpacked and not installed."""
    folder = cache / "qemu-guest-agent"
    program = folder / "tree/usr/sbin/qemu-ga"
    if not program.exists():
        folder.mkdir(parents=True, exist_ok=True)
        run(["sh", "-c", f"cd '{folder}' && apt-get -q download qemu-guest-agent && dpkg-deb -x *.deb tree"], timeout=300.0)
    return program


def _rest(words: list[str]) -> float:
    """MiB of a program at rest."""
    terminals = [pty.openpty() for _ in range(2)]
    with tempfile.TemporaryDirectory() as folder:
        names = {"port": os.ttyname(terminals[0][1]), "second": os.ttyname(terminals[1][1]), "folder": folder}
        process = subprocess.Popen([word.format(**names) for word in words], stdin=subprocess.DEVNULL,
                                   stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        try:
            time.sleep(GUEST_REST_SECONDS)
            if process.poll() is not None:
                raise LabError(f"{words[0]} ended with {process.returncode}.")
            return resident_kib(process.pid) / 1024
        finally:
            process.terminate()
            process.wait(timeout=10.0)
            for ends in terminals:
                for end in ends:
                    os.close(end)
