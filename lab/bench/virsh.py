"""A virsh that stays connected, and a watcher of libvirt's events: bare libvirt at its fastest, without the start of a process.

Knows nothing of Ferrovirt.
"""

from __future__ import annotations

import datetime
import itertools
import re
import subprocess
import threading
import time

from ferrolab import datacentre
from ferrolab.errors import LabError
from ferrolab.layout import HostLayout
from ferrolab.process import wait_until

EVENT = re.compile(r"^(\S+ \S+): event 'lifecycle' for domain '?([^':]+)'?: (\w+)")


class Virsh:
    """An interactive virsh inside a host."""

    def __init__(self, host: HostLayout) -> None:
        self.process = subprocess.Popen(
            [*datacentre.enter_words(host), "stdbuf", "-oL", "virsh", "-q"], text=True, bufsize=1,
            stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.STDOUT)
        self.numbers = itertools.count()
        self.call("uri")

    def call(self, command: str) -> float:
        """Runs a command to its end; returns its seconds."""
        mark = f"end-of-{next(self.numbers)}"
        started = time.monotonic()
        print(command, file=self.process.stdin)
        print(f"echo {mark}", file=self.process.stdin, flush=True)
        output: list[str] = []
        for line in self.process.stdout:
            if line.strip().endswith(mark):
                break
            output.append(line)
        took = time.monotonic() - started
        text = "".join(output)
        if "error:" in text or self.process.poll() is not None:
            raise LabError(f"virsh {command}: {text.strip()}")
        return took

    def close(self) -> None:
        """Ends it."""
        self.process.stdin.close()
        self.process.wait(timeout=10.0)


class LifecycleWatch:
    """Sees when libvirt says that a domain has started, by libvirt's own clock reading."""

    def __init__(self, host: HostLayout) -> None:
        self.seen: list[tuple[float, str, str]] = []
        self.process = subprocess.Popen(
            [*datacentre.enter_words(host), "env", "TZ=UTC", "stdbuf", "-oL", "virsh", "event", "--event", "lifecycle",
             "--loop", "--timestamp"], text=True, stdout=subprocess.PIPE, stderr=subprocess.STDOUT)
        self.thread = threading.Thread(target=self._read, daemon=True)
        self.thread.start()

    def _read(self) -> None:
        for line in self.process.stdout:
            found = EVENT.match(line)
            if found is not None:
                at = datetime.datetime.strptime(found.group(1), "%Y-%m-%d %H:%M:%S.%f%z").timestamp()
                self.seen.append((at, found.group(2), found.group(3)))

    def started_at(self, domain: str, since: float) -> float | None:
        """When the domain started after `since`, seconds since the epoch; None when it has not."""
        # libvirt's stamp has milliseconds: it may lie a part of one before a start that followed `since` at once.
        times = [at for at, name, what in self.seen if name == domain and what == "Started" and at >= since - 0.001]
        return min(times) if times else None

    def close(self) -> None:
        """Ends it."""
        self.process.terminate()
        self.process.wait(timeout=10.0)


def first_start(watches: list[LifecycleWatch], domain: str, since: float, timeout: float = 60.0) -> float:
    """Waits for the domain's start on any of the hosts."""
    found: list[float] = []

    def look() -> bool:
        found[:] = [at for watch in watches if (at := watch.started_at(domain, since)) is not None]
        return bool(found)

    if not wait_until(look, timeout, 0.002):
        raise LabError(f"{domain} did not start.")
    return min(found)
