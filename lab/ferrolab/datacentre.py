"""Brings a whole lab up and takes it down again. Knows hosts, their daemons and the network, and nothing of the engine's API."""

from __future__ import annotations

import contextlib
import fcntl
import ipaddress
import json
import os
import shutil
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

from . import cgroup, kernelhost, network, orders
from .command import checked, run
from .errors import LabError
from .layout import DEFAULT_STATE_ROOT, MISSING_MOUNT_POINTS, REGISTRY, HostLayout, LabLayout
from .process import ProcessIdentity, children, wait_until

PACKAGE_ROOT = Path(__file__).resolve().parent.parent
LIBVIRT_SECONDS = 60.0
# A host with a kernel of its own boots first, emulated.
READY_SECONDS = {False: 30.0, True: 120.0}


@contextlib.contextmanager
def machine_lock() -> Iterator[None]:
    """One lab command at a time changes this machine."""
    REGISTRY.mkdir(mode=0o755, exist_ok=True)
    with open(REGISTRY / "lock", "w", encoding="ascii") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield


def registered() -> list[LabLayout]:
    """Every lab of this machine that is up, or was when something went wrong."""
    return [LabLayout.from_json(json.loads(path.read_text())) for path in sorted(REGISTRY.glob("*.json"))]


def find(name: str) -> LabLayout:
    """The registered lab of that name."""
    for lab in registered():
        if lab.name == name:
            return lab
    raise LabError(f"There is no lab '{name}' on this machine; `lab/lab up` makes one.")


def up(name: str, host_count: int, state_root: Path, *, own_kernels: int = 0, kernel: Path | None = None) -> LabLayout:
    """Makes a new lab with running libvirt daemons; removes what it made when that fails.

    The last `own_kernels` hosts have a kernel of their own and boot from the folder `kernel`, which `lab/kernel/build` made."""
    require_root()
    if own_kernels and kernel is None:
        raise LabError("Hosts with a kernel of their own need something to boot from.")
    with machine_lock():
        if any(lab.name == name for lab in registered()):
            raise LabError(f"Lab '{name}' exists already; `lab/lab down --name {name}` removes it.")
        lab = LabLayout(name, state_root.resolve() / name, network.free_subnet(
            [net for lab in registered() for net in (lab.subnet, lab.data_subnet)]), host_count, own_kernels)
        # A lab that was cut off by a power failure left its folders without a registry entry.
        remove_everything(lab)
        lab.registry_file.write_text(json.dumps(lab.to_json()))
        network.note_namespaces_folder()
    try:
        build(lab, kernel)
    except BaseException:
        down(name, state_root)
        raise
    return lab


def build(lab: LabLayout, kernel: Path | None) -> None:
    """Network first, then DHCP, then the hosts side by side."""
    # The engine's PostgreSQL runs as another user and must reach its folder.
    os.umask(0o022)
    lab.state.mkdir(parents=True, mode=0o755)
    for folder in (lab.shared, lab.processes, lab.engine_folder / "services", lab.engine_folder / "logs",
                   lab.state / "dnsmasq/services", lab.state / "dnsmasq/logs"):
        folder.mkdir(parents=True)
    for folder in MISSING_MOUNT_POINTS:
        folder.mkdir(exist_ok=True)
    network.create_bridges(lab)
    service = {"argv": network.dnsmasq_arguments(lab)}
    (lab.state / "dnsmasq/services/dnsmasq.json").write_text(json.dumps(service))
    start_supervisor(lab, "network", lab.state / "dnsmasq")
    if kernel is not None:
        kernelhost.install(lab, kernel)
    for host in lab.hosts():
        network.create_host_network(lab, host)
        for folder in (host.services, host.logs, host.root):
            folder.mkdir(parents=True)
        write_service(host.services, "10-virtlogd", ["virtlogd"])
        write_service(host.services, "20-libvirtd", ["libvirtd", "--listen"])
        if host.own_kernel:
            write_service(host.services, "00-orders", [sys.executable, "-m", "ferrolab.orders"])
        begin_power_on(lab, host)
    for host in lab.hosts():
        wait_until_on(lab, host)
        wait_for_libvirt(host)


def power_on(lab: LabLayout, host: HostLayout) -> None:
    """Starts a host that is off."""
    begin_power_on(lab, host)
    wait_until_on(lab, host)


def begin_power_on(lab: LabLayout, host: HostLayout) -> None:
    """Presses the button of a host that is off."""
    if host_process(lab, host) is not None:
        raise LabError(f"{host.name} is on already.")
    cgroup.create(host.network_namespace)
    host.ready_file.unlink(missing_ok=True)
    # Reports of the processes before the power cut mean nothing now.
    for state in host.services.glob("*.state"):
        state.unlink()
    launcher = "ferrolab.kernelhost" if host.own_kernel else "ferrolab.launch"
    process = spawn([sys.executable, "-m", launcher, json.dumps(lab.to_json()), str(host.number)], host.logs / "supervisor.log")
    record(lab, host.name, process.pid)


def wait_until_on(lab: LabLayout, host: HostLayout) -> None:
    """Waits until the host's first process supervises the others."""
    seconds = READY_SECONDS[host.own_kernel]
    if not wait_until(lambda: host.ready_file.exists() or recorded(lab, host.name) is None, seconds) \
            or not host.ready_file.exists():
        raise LabError(f"{host.name} did not start: {tail(host.logs / 'supervisor.log')}; {tail(host.logs / 'console.log')}")
    outer = recorded(lab, host.name)
    if outer is not None and not host.own_kernel:
        cgroup.move_launcher(host.network_namespace, outer.pid)


def power_off(lab: LabLayout, host: HostLayout) -> None:
    """Cuts the power: every process of the host is gone at once, its disks stay."""
    outer = recorded(lab, host.name)
    if outer is not None:
        outer.send(signal.SIGKILL)
    cgroup.kill(host.network_namespace)
    cgroup.remove(host.network_namespace)


def wait_for_libvirt(host: HostLayout) -> None:
    """Waits until the host's libvirt answers."""
    answer = [""]

    def answers() -> bool:
        done = inside(host, ["virsh", "-q", "-c", "qemu:///system", "uri"])
        answer[0] = done.stderr.strip()
        return done.returncode == 0

    if not wait_until(answers, LIBVIRT_SECONDS, 0.2):
        raise LabError(f"libvirt of {host.name} does not answer: {answer[0]}; {tail(host.logs / '20-libvirtd.log')}")


def start_supervisor(lab: LabLayout, role: str, folder: Path) -> None:
    """Starts a supervisor outside the hosts, in a cgroup of its own."""
    group = f"fv-{lab.name}-{role}"
    cgroup.create(group)
    process = spawn([sys.executable, "-m", "ferrolab.supervisor", str(folder / "services"), str(folder / "logs")],
                    folder / "logs/supervisor.log", group)
    record(lab, role, process.pid)


def spawn(argv: list[str], log: Path, group: str | None = None) -> subprocess.Popen[bytes]:
    """Starts a process that outlives this command."""
    with open(log, "ab") as output:
        return subprocess.Popen(
            argv, stdin=subprocess.DEVNULL, stdout=output, stderr=output, start_new_session=True, cwd="/",
            env={**os.environ, "PYTHONPATH": str(PACKAGE_ROOT), "PYTHONDONTWRITEBYTECODE": "1"},
            preexec_fn=(lambda: cgroup.enter(group)) if group else None)


def write_service(services: Path, name: str, argv: list[str], env: dict[str, str] | None = None) -> None:
    """Hands a service to the supervisor of that folder, which starts it within moments."""
    unfinished = services / f"{name}.json-new"
    unfinished.write_text(json.dumps({"argv": argv, "env": env or {}}))
    unfinished.replace(services / f"{name}.json")


def service_state(services: Path, name: str) -> dict[str, int | None] | None:
    """Process and restarts of a service; None before its first start. In a host the number is the host's own."""
    try:
        return json.loads((services / f"{name}.state").read_text())
    except FileNotFoundError:
        return None


def record(lab: LabLayout, name: str, pid: int) -> None:
    """Remembers a process for `down`."""
    identity = ProcessIdentity.of(pid)
    if identity is not None:
        (lab.processes / f"{name}.json").write_text(json.dumps(identity.to_json()))


def recorded(lab: LabLayout, name: str) -> ProcessIdentity | None:
    """A remembered process that still runs."""
    try:
        identity = ProcessIdentity.from_json(json.loads((lab.processes / f"{name}.json").read_text()))
    except (FileNotFoundError, json.JSONDecodeError):
        return None
    return identity if identity.alive() else None


def host_process(lab: LabLayout, host: HostLayout) -> int | None:
    """The number, seen from outside, of the host's first process, or of the emulator of a host with a kernel of its own; None
    when the host is off."""
    outer = recorded(lab, host.name)
    if outer is None:
        return None
    if host.own_kernel:
        return outer.pid
    inner = children(outer.pid)
    return inner[0] if len(inner) == 1 else None


def enter_words(host: HostLayout) -> list[str]:
    """The words before a command that run it inside the host; there are none for a host with a kernel of its own."""
    if host.own_kernel:
        raise LabError(f"No namespace leads into {host.name}: it has a kernel of its own.")
    lab = find(host.lab)
    first = host_process(lab, host)
    if first is None:
        raise LabError(f"{host.name} is off.")
    return ["nsenter", "--target", str(first), "--mount", "--uts", "--ipc", "--net", "--pid", "--cgroup", "--wd=/", "--"]


def inside(host: HostLayout, argv: list[str], *, check: bool = False, timeout: float = 60.0
           ) -> subprocess.CompletedProcess[str]:
    """Runs a program inside the host to its end."""
    if not host.own_kernel:
        return run([*enter_words(host), *argv], check=check, timeout=timeout)
    return checked(orders.ask(host.orders_socket, argv, timeout), check)


def down(name: str, state_root: Path) -> None:
    """Removes the lab of that name with everything that it could have made, whatever state it is in."""
    require_root()
    with machine_lock():
        known = [lab for lab in registered() if lab.name == name]
        # The subnet plays no part in removing; any will do for a lab that nobody registered.
        lab = known[0] if known else LabLayout(name, state_root.resolve() / name, ipaddress.IPv4Network("10.93.0.0/24"), 1)
        remove_everything(lab)
        lab.registry_file.unlink(missing_ok=True)
        if not registered():
            network.forget_namespaces_folder()
            for folder in (*MISSING_MOUNT_POINTS, state_root, DEFAULT_STATE_ROOT):
                with contextlib.suppress(OSError):
                    folder.rmdir()
            shutil.rmtree(REGISTRY)


def remove_everything(lab: LabLayout) -> None:
    """Engine first, so that nothing tells hosts what to do; then hosts, network and files."""
    engine = recorded(lab, "engine")
    if engine is not None:
        engine.end(grace=20.0)
    for record_file in sorted(lab.processes.glob("*.json")) if lab.processes.exists() else ():
        identity = recorded(lab, record_file.stem)
        if identity is not None:
            # Outside the hosts a supervisor must collect its children; a host's processes end with its first one.
            identity.end(grace=5.0 if record_file.stem in ("network", "nfs") else 0.0)
    for group in lab.cgroups:
        cgroup.kill(group)
    network.remove(lab)
    for group in lab.cgroups:
        cgroup.remove(group)
    mounted = [line.split()[4] for line in Path("/proc/self/mountinfo").read_text().splitlines()]
    for point in sorted((point for point in mounted if Path(point).is_relative_to(lab.state)), reverse=True):
        run(["umount", "--lazy", point])
    if lab.state.exists():
        shutil.rmtree(lab.state)


def require_root() -> None:
    """Namespaces, bridges and mounts need root."""
    if os.geteuid() != 0:
        raise LabError("The lab makes namespaces and bridges and must run as root.")


def tail(path: Path) -> str:
    """The last lines of a log."""
    try:
        return " / ".join(path.read_text(errors="replace").splitlines()[-5:])
    except FileNotFoundError:
        return "it wrote no log"
