"""An engine without a lab, on a loopback address of its own, with simulated hosts and machines. For benchmarks and portal work.

Knows the command lines of engine and simulator.
"""

from __future__ import annotations

import json
import os
import secrets
import shutil
import signal
import socket
import ssl
import subprocess
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from .command import run
from .engine import HEALTHY, SETUP_SECONDS, Access, opener
from .errors import LabError
from .process import resident_kib, wait_until

# Any address of 127.0.0.0/8 is this machine's; these leave 127.0.0.1:443 to whoever has it.
ADDRESSES = [f"127.0.0.{number}" for number in range(93, 113)]
PORTS = (443, 80, 54323)
READY_SECONDS = 300.0


def free_address() -> str:
    """The first address that no other engine listens on."""
    for address in ADDRESSES:
        try:
            for port in PORTS:
                with socket.socket() as probe:
                    probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
                    probe.bind((address, port))
        except OSError:
            continue
        return address
    raise LabError("Too many engines run on this machine.")


class StandaloneEngine:
    """A running engine, and a simulator once `simulate` was called."""

    def __init__(self, binaries: Path, folder: Path) -> None:
        self.binaries = binaries
        self.folder = folder
        self.address = free_address()
        self.access = Access(f"https://{self.address}/ovirt-engine/api", "admin@internal", secrets.token_urlsafe(12),
                             folder / "ca.pem")
        self.processes: list[subprocess.Popen[bytes]] = []

    @classmethod
    @contextmanager
    def temporary(cls, binaries: Path, name: str) -> Iterator[StandaloneEngine]:
        """An engine whose data go away with it."""
        folder = Path(tempfile.mkdtemp(prefix=f"ferrovirt-{name}-", dir="/var/tmp"))
        # The engine's PostgreSQL runs as another user and must reach its folder.
        folder.chmod(0o755)
        engine = cls(binaries, folder)
        try:
            engine.start()
            yield engine
        finally:
            engine.stop()
            shutil.rmtree(folder)

    def start(self) -> None:
        """Sets up and starts the engine; returns when it serves."""
        password = self.folder / "admin-password"
        password.touch(mode=0o600)
        password.write_text(self.access.password)
        program = str(self.binaries / "ferrovirt-engine")
        data = ["--data-dir", str(self.folder / "data")]
        run([program, *data, "setup", "--fqdn", self.address, "--admin-password-file", str(password),
             "--listen-address", self.address], timeout=SETUP_SECONDS)
        self._spawn([program, *data, "run"], "engine.log")
        context = ssl._create_unverified_context()  # noqa: S323

        def page(name: str) -> bytes:
            try:
                with opener(context).open(f"{self.access.base}/services/{name}", timeout=5.0) as reply:
                    return reply.read()
            except OSError:
                return b""

        if not wait_until(lambda: page("health") == HEALTHY or self.processes[0].poll() is not None, 60.0, 0.1) \
                or self.processes[0].poll() is not None:
            raise LabError(f"The engine does not serve: {self._words('engine.log')}")
        self.access.ca_file.write_bytes(page("pki-resource?resource=ca-certificate&format=X509-PEM-CA"))

    def simulate(self, hosts: int, machines: int) -> None:
        """Starts simulated hosts with that many running machines in all; returns when the engine shows them."""
        password = self.folder / "sim-password"
        password.write_text(self.access.password)
        password.chmod(0o600)
        self._spawn([str(self.binaries / "ferrovirt-sim"), "hosts", "--count", str(hosts), "--vms", str(machines),
                     "--engine", self.access.base, "--password-file", str(password),
                     "--first-address", f"127.{self.address.rpartition('.')[2]}.0.1"], "simulator.log")
        deadline = time.monotonic() + READY_SECONDS
        while self.count("vms?search=status%3Dup") < machines:
            if self.processes[-1].poll() is not None or time.monotonic() > deadline:
                raise LabError(f"The simulator does not bring {machines} machines: {self._words('simulator.log')}")
            time.sleep(1.0)

    def count(self, collection: str) -> int:
        """How many entities a collection of the API has, or a search selects."""
        reply = json.loads(self.access.request("GET", f"/api/{collection}") or b"{}")
        return sum(len(entries) for entries in reply.values() if isinstance(entries, list))

    def resident_mib(self) -> float:
        """Resident memory of the engine's own process."""
        return resident_kib(self.processes[0].pid) / 1024

    def stop(self) -> None:
        """Ends simulator and engine, the engine with time to end its PostgreSQL."""
        for process in reversed(self.processes):
            process.send_signal(signal.SIGTERM)
            try:
                process.wait(timeout=30.0)
            except subprocess.TimeoutExpired:
                os.killpg(process.pid, signal.SIGKILL)
                process.wait()
        self.processes.clear()

    def _spawn(self, argv: list[str], log: str) -> None:
        with open(self.folder / log, "ab") as output:
            self.processes.append(subprocess.Popen(
                argv, stdin=subprocess.DEVNULL, stdout=output, stderr=output, start_new_session=True))

    def _words(self, log: str) -> str:
        return " / ".join((self.folder / log).read_text(errors="replace").splitlines()[-5:])
