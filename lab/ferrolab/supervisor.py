"""Keeps the services of one folder running as systemd would: restarts what ends, waiting longer each time, and collects orphans.

A service is a file `NAME.json` with `argv` and optional `env`; a new file is started, a removed one is stopped.
Beside it stands `NAME.state` with the process, and the number of restarts. Knows nothing of what the services do.
"""

from __future__ import annotations

import ctypes
import json
import os
import signal
import sys
import time
from dataclasses import dataclass
from pathlib import Path

PERIOD_SECONDS = 0.1
FIRST_DELAY_SECONDS = 0.2
LONGEST_DELAY_SECONDS = 5.0
# A service that lived this long starts again at the first delay.
HEALTHY_SECONDS = 10.0
STOP_SECONDS = 15.0
PR_SET_CHILD_SUBREAPER = 36


@dataclass
class Service:
    """One service and its present process, if any."""

    name: str
    argv: list[str]
    env: dict[str, str]
    pid: int | None = None
    started: float = 0.0
    delay: float = 0.0
    next_start: float = 0.0
    restarts: int = -1


class Supervisor:
    """Owns every service of one folder."""

    def __init__(self, services: Path, logs: Path) -> None:
        self.folder = services
        self.logs = logs
        self.services: dict[str, Service] = {}
        self.stopping = False

    def run(self) -> None:
        """Turns until SIGTERM or SIGINT, then stops every service, in the reverse order of their names."""
        signal.signal(signal.SIGTERM, self._stop)
        signal.signal(signal.SIGINT, self._stop)
        while not self.stopping:
            self._read_folder()
            self._collect()
            self._start_due()
            time.sleep(PERIOD_SECONDS)
        for name in sorted(self.services, reverse=True):
            self._end(self.services[name])

    def _stop(self, _number: int, _frame: object) -> None:
        self.stopping = True

    def _read_folder(self) -> None:
        wanted = {path.stem: path for path in sorted(self.folder.glob("*.json"))}
        for name in [name for name in self.services if name not in wanted]:
            self._end(self.services.pop(name))
        for name, path in wanted.items():
            if name not in self.services:
                value = json.loads(path.read_text())
                self.services[name] = Service(name, value["argv"], value.get("env", {}))

    def _collect(self) -> None:
        """Waits for every child that ended; as process 1 of a host these are also the orphans of its daemons."""
        while True:
            try:
                pid, status = os.waitpid(-1, os.WNOHANG)
            except ChildProcessError:
                return
            if pid == 0:
                return
            for service in self.services.values():
                if service.pid == pid:
                    self._ended(service, status)

    def _ended(self, service: Service, status: int) -> None:
        now = time.monotonic()
        healthy = now - service.started >= HEALTHY_SECONDS
        service.delay = FIRST_DELAY_SECONDS if healthy else min(
            max(service.delay * 2, FIRST_DELAY_SECONDS), LONGEST_DELAY_SECONDS)
        service.next_start = now + service.delay
        service.pid = None
        code = os.waitstatus_to_exitcode(status)
        print(f"{service.name} ended with {code}; starting it again in {service.delay:.1f} s", flush=True)
        self._write_state(service)

    def _start_due(self) -> None:
        now = time.monotonic()
        for name in sorted(self.services):
            service = self.services[name]
            if service.pid is None and now >= service.next_start:
                self._start(service)

    def _start(self, service: Service) -> None:
        service.started = time.monotonic()
        service.restarts += 1
        pid = os.fork()
        if pid == 0:
            self._become(service)
        service.pid = pid
        self._write_state(service)

    def _become(self, service: Service) -> None:
        """The child: never returns."""
        try:
            signal.signal(signal.SIGTERM, signal.SIG_DFL)
            signal.signal(signal.SIGINT, signal.SIG_DFL)
            os.setsid()
            log = os.open(self.logs / f"{service.name}.log", os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o640)
            nothing = os.open("/dev/null", os.O_RDONLY)
            for source, target in ((nothing, 0), (log, 1), (log, 2)):
                os.dup2(source, target)
            os.execvpe(service.argv[0], service.argv, {**os.environ, **service.env})
        except OSError as error:
            os.write(2, f"{service.argv[0]}: {error}\n".encode())
        finally:
            os._exit(127)

    def _end(self, service: Service) -> None:
        if service.pid is None:
            return
        os.kill(service.pid, signal.SIGTERM)
        deadline = time.monotonic() + STOP_SECONDS
        while True:
            done, _ = os.waitpid(service.pid, os.WNOHANG)
            if done:
                break
            if time.monotonic() > deadline:
                os.kill(service.pid, signal.SIGKILL)
            time.sleep(0.02)
        service.pid = None
        self._write_state(service)

    def _write_state(self, service: Service) -> None:
        path = self.folder / f"{service.name}.state"
        unfinished = path.with_suffix(".state-new")
        unfinished.write_text(json.dumps({"pid": service.pid, "restarts": service.restarts}))
        unfinished.replace(path)


def become_subreaper() -> None:
    """Orphans of the services become this process's children (prctl(2)), as they do in a host, where it is process 1."""
    library = ctypes.CDLL(None, use_errno=True)
    if library.prctl(PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0) != 0:
        raise OSError(ctypes.get_errno(), "prctl")


def main() -> None:
    """`python3 -m ferrolab.supervisor SERVICES LOGS`"""
    become_subreaper()
    Supervisor(Path(sys.argv[1]), Path(sys.argv[2])).run()


if __name__ == "__main__":
    main()
