"""Names a process so that it can never be confused with a later one of the same number, and ends it.

A process is its number, its start time in clock ticks since boot (proc(5), field 22) and the boot it belongs to.
Knows nothing of what the process is for.
"""

from __future__ import annotations

import os
import signal
import time
from dataclasses import dataclass
from pathlib import Path


def boot_id() -> str:
    """The kernel's name for this boot: start times mean nothing across a reboot."""
    return Path("/proc/sys/kernel/random/boot_id").read_text().strip()


def start_time(pid: int) -> int | None:
    """Start time of a live process in clock ticks since boot; None when it is gone or a zombie."""
    try:
        stat = Path(f"/proc/{pid}/stat").read_text()
    except (FileNotFoundError, ProcessLookupError):
        return None
    fields = stat[stat.rindex(")") + 2:].split()
    return None if fields[0] in "ZX" else int(fields[19])


@dataclass(frozen=True)
class ProcessIdentity:
    """One incarnation of a process."""

    pid: int
    start_time: int
    boot: str

    @classmethod
    def of(cls, pid: int) -> ProcessIdentity | None:
        """The identity of a live process; None when there is none."""
        ticks = start_time(pid)
        return None if ticks is None else cls(pid, ticks, boot_id())

    def alive(self) -> bool:
        """Whether exactly this process still runs."""
        return self.boot == boot_id() and start_time(self.pid) == self.start_time

    def send(self, number: signal.Signals) -> None:
        """Sends a signal to this process and to no later one of the same number."""
        try:
            handle = os.pidfd_open(self.pid)
        except ProcessLookupError:
            return
        try:
            # The handle is held, so the number can't be reused between this look and the signal.
            if self.alive():
                signal.pidfd_send_signal(handle, number)
        except ProcessLookupError:
            pass
        finally:
            os.close(handle)

    def end(self, grace: float) -> None:
        """Asks the process to end, waits `grace` seconds, then kills it and waits until it is gone."""
        self.send(signal.SIGTERM)
        if not wait_until(lambda: not self.alive(), grace):
            self.send(signal.SIGKILL)
            wait_until(lambda: not self.alive(), 10.0)

    def to_json(self) -> dict[str, object]:
        """The form that is written to a state file."""
        return {"pid": self.pid, "start_time": self.start_time, "boot": self.boot}

    @classmethod
    def from_json(cls, value: dict[str, object]) -> ProcessIdentity:
        """The reverse of `to_json`."""
        return cls(int(str(value["pid"])), int(str(value["start_time"])), str(value["boot"]))


def children(pid: int) -> list[int]:
    """Direct children of a process, of all its threads."""
    found: list[int] = []
    try:
        for task in Path(f"/proc/{pid}/task").iterdir():
            found += [int(child) for child in (task / "children").read_text().split()]
    except (FileNotFoundError, ProcessLookupError):
        pass
    return found


def resident_kib(pid: int) -> int:
    """Resident memory of a process in KiB; 0 when it is gone."""
    try:
        for line in Path(f"/proc/{pid}/status").read_text().splitlines():
            if line.startswith("VmRSS:"):
                return int(line.split()[1])
    except (FileNotFoundError, ProcessLookupError):
        pass
    return 0


def wait_until(happened, timeout: float, period: float = 0.05) -> bool:
    """Polls `happened()` until it is true or `timeout` seconds are over; returns its last answer."""
    deadline = time.monotonic() + timeout
    while not happened():
        if time.monotonic() >= deadline:
            return bool(happened())
        time.sleep(period)
    return True
