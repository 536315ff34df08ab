"""`kill -9` of what runs a data centre, while a machine runs and while it moves: nothing is lost and nothing is there twice.

Knows the SDK for what users see, and looks at the hosts' processes for what is true.
"""

from __future__ import annotations

import os
import signal
import subprocess
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TypeVar

import ovirtsdk4
import pytest
from ovirtsdk4 import types

from ferrolab import datacentre
from ferrolab.cli import kill_service
from ferrolab.engine import AGENT_SERVICE, ENGINE_SERVICE, LIBVIRT_SERVICE
from ferrolab.errors import LabError
from ferrolab.layout import HostLayout
from ferrolab.process import wait_until
from labclient import machines
from labclient.events import EventReader
from labclient.world import NAME, World

# Acceptance: from so long after a kill of engine, agent or database on, what is shown is true.
TRUE_AGAIN_SECONDS = 15.0
# The same for what is not ours, and whose end is noticed later: libvirt and QEMU.
OTHERS_SECONDS = 90.0
# What changes is shown a moment after it has; what is shown longer than that and is not so, is a lie.
NEWS_SECONDS = 3.0
# How long the machine must rest, shown as it is, before a test ends.
STEADY_SECONDS = 5.0
# How long the network stays slow after a kill: the migration goes on until what is shown has had to be true for a while.
SLOW_SECONDS = 20.0
MIGRATION_SECONDS = 120.0
# What is shown of a machine, and what there is of it: a status and a host's name.
State = tuple[str, str | None]
Seen = TypeVar("Seen")
UNKNOWN: State = ("unknown", None)


def kill_engine(world: World) -> None:
    """Ends the engine's process without a chance to tidy up."""
    kill_service(world.lab, world.lab.engine_folder / "services", ENGINE_SERVICE, None)


def kill_agent(world: World, host: HostLayout) -> None:
    """Ends a host's agent likewise."""
    kill_service(world.lab, host.services, AGENT_SERVICE, host.name)


def database_processes(world: World) -> list[int]:
    """The engine's PostgreSQL: the server, and a process for each connection and chore."""
    server = int((world.lab.engine_folder / "data/pg/postmaster.pid").read_text().splitlines()[0])
    children = Path(f"/proc/{server}/task/{server}/children").read_text().split()
    return [server, *map(int, children)]


def signal_database(world: World, number: signal.Signals) -> None:
    """Sends a signal to the whole of it; a process that ended meanwhile needs none."""
    for pid in database_processes(world):
        try:
            os.kill(pid, number)
        except ProcessLookupError:
            continue


def answer(read: Callable[[], Seen]) -> Seen | None:
    """What the API answers; None while it does not."""
    try:
        return read()
    except (ovirtsdk4.Error, ovirtsdk4.ConnectionError):
        return None


def hosts_up(world: World) -> bool:
    """Whether every host is shown as up."""
    hosts = answer(world.system.hosts_service().list)
    return hosts is not None and all(host.status == types.HostStatus.UP for host in hosts)


def shown(world: World) -> State:
    """The machine as the API shows it."""
    vm = answer(machines.service_of(world.connection, world.vm).get)
    if vm is None:
        return UNKNOWN
    host = next((host.name for host in world.hosts if vm.host is not None and host.id == vm.host.id), None)
    return vm.status.value, host


def moves(host: HostLayout) -> bool:
    """Whether libvirt on a host is busy with the machine: a migration really goes on."""
    seen = datacentre.inside(host, ["virsh", "domjobinfo", NAME])
    return seen.returncode == 0 and "Unbounded" in seen.stdout


def true_state(world: World) -> State:
    """What the processes say: one emulator is a machine that is up, none one that is down, two are a migration."""
    found = world.emulators()
    running = [name for name, pids in found.items() for _ in pids]
    if len(running) > 1:
        source = next((host.name for host in world.lab.hosts() if moves(host)), None)
        return ("migrating", source) if source else UNKNOWN
    return ("up", running[0]) if running else ("down", None)


def is_true(world: World) -> bool:
    """Whether what is shown was so just before or is so just after it was read."""
    before = true_state(world)
    seen = shown(world)
    if seen == UNKNOWN or not hosts_up(world):
        return False
    # A source that has sent the machine away may go by either name until the target has it.
    return any(seen == state or (seen[0] == state[0] == "migrating") for state in (before, true_state(world)))


def never_twice(world: World, source: HostLayout, target: HostLayout) -> None:
    """A machine that executes at the target does not execute at the source after that. One that is still to arrive is paused."""
    executes = [NAME in datacentre.inside(host, ["virsh", "-q", "list", "--name", "--state-running"]).stdout.split()
                for host in (target, source)]
    assert executes != [True, True]


def true_place(world: World) -> str | None:
    """The name of the host whose one QEMU runs the machine; None while there is none or more than one."""
    return true_state(world)[1] if true_state(world)[0] == "up" else None


def guest_answers(address: str) -> bool:
    """Whether the guest answers a ping."""
    return subprocess.run(["ping", "-c", "1", "-W", "2", address], capture_output=True, check=False).returncode == 0


def watch(world: World, killed: float, rests: str, *, within: float = TRUE_AGAIN_SECONDS,
          also: Callable[[], None] = lambda: None) -> None:
    """Looks again and again until the machine rests in that state, and has for a while. From some time after the kill on, each
    look must find what is shown to be true, but for the moment that news need."""
    false_since: float | None = killed
    rests_since: float | None = None
    while rests_since is None or time.monotonic() - rests_since < STEADY_SECONDS:
        also()
        if is_true(world):
            false_since = None
            rests_since = (rests_since or time.monotonic()) if true_state(world)[0] == rests else None
        else:
            rests_since = None
            false_since = false_since or time.monotonic()
            late = time.monotonic() - killed > within
            assert not late or time.monotonic() - false_since <= NEWS_SECONDS, (
                shown(world), true_state(world), world.emulators(), hosts_up(world))
        assert time.monotonic() - killed < MIGRATION_SECONDS, "it comes to rest"
        time.sleep(0.2)


@contextmanager
def slow_cards(world: World) -> Iterator[None]:
    """Makes the hosts' network so slow that a migration takes many seconds."""
    for host in world.lab.hosts():
        datacentre.inside(host, ["tc", "qdisc", "add", "dev", "eth0", "root", "tbf", "rate", "30mbit", "burst", "64k",
                                 "latency", "50ms"], check=True)
    try:
        yield
    finally:
        fast_cards(world)


def fast_cards(world: World) -> None:
    """Takes the brake away; harmless where there is none."""
    for host in world.lab.hosts():
        datacentre.inside(host, ["tc", "qdisc", "delete", "dev", "eth0", "root"])


def assert_untouched(world: World, killed: float, before: dict[str, list[int]]) -> None:
    """The status is true again in time, and it is the same machine all along."""
    watch(world, killed, "up")
    assert world.emulators() == before
    assert guest_answers(machines.wait_for_address(world.connection, world.vm))


def test_engine_killed_beside_a_running_machine(world: World) -> None:
    """The machine does not notice."""
    world.running_vm()
    before = world.emulators()
    killed = time.monotonic()
    kill_engine(world)
    assert_untouched(world, killed, before)


def test_agent_killed_beside_a_running_machine(world: World) -> None:
    """The agent finds its machine again and starts no second one."""
    host = world.host_of(world.running_vm())
    before = world.emulators()
    killed = time.monotonic()
    kill_agent(world, host)
    assert_untouched(world, killed, before)


def test_database_that_hangs_and_dies_beside_a_running_machine(world: World) -> None:
    """While it is away the engine asks for patience; the machine does not notice."""
    world.running_vm()
    before = world.emulators()
    engine = datacentre.service_state(world.lab.engine_folder / "services", ENGINE_SERVICE)["pid"]
    signal_database(world, signal.SIGSTOP)
    try:
        with pytest.raises(LabError, match=": 503 .*database"):
            world.access.request("GET", "/api/vms")
    finally:
        killed = time.monotonic()
        signal_database(world, signal.SIGKILL)
    assert_untouched(world, killed, before)
    assert datacentre.service_state(world.lab.engine_folder / "services", ENGINE_SERVICE)["pid"] == engine


def kill_source(world: World, source: HostLayout, _target: HostLayout) -> None:
    """The agent that the machine leaves."""
    kill_agent(world, source)


def kill_target(world: World, _source: HostLayout, target: HostLayout) -> None:
    """The agent that the machine comes to."""
    kill_agent(world, target)


def kill_the_engine(world: World, _source: HostLayout, _target: HostLayout) -> None:
    """The engine."""
    kill_engine(world)


def kill_the_database(world: World, _source: HostLayout, _target: HostLayout) -> None:
    """The engine's PostgreSQL."""
    signal_database(world, signal.SIGKILL)


def kill_source_libvirt(world: World, source: HostLayout, _target: HostLayout) -> None:
    """libvirt where the machine leaves: whoever moves it."""
    kill_service(world.lab, source.services, LIBVIRT_SERVICE, source.name)


def kill_target_libvirt(world: World, _source: HostLayout, target: HostLayout) -> None:
    """libvirt where the machine comes to."""
    kill_service(world.lab, target.services, LIBVIRT_SERVICE, target.name)


def kill_source_emulator(world: World, source: HostLayout, _target: HostLayout) -> None:
    """The machine itself."""
    datacentre.inside(source, ["kill", "-9", *map(str, world.emulators()[source.name])], check=True)


def kill_target_emulator(world: World, _source: HostLayout, target: HostLayout) -> None:
    """The machine that is still to be."""
    datacentre.inside(target, ["kill", "-9", *map(str, world.emulators()[target.name])], check=True)


@pytest.mark.parametrize(("victim", "rests", "within"), [
    *((victim, "up", TRUE_AGAIN_SECONDS) for victim in (kill_the_engine, kill_source, kill_target, kill_the_database)),
    *((victim, "up", OTHERS_SECONDS) for victim in (kill_source_libvirt, kill_target_libvirt, kill_target_emulator)),
    (kill_source_emulator, "down", OTHERS_SECONDS)])
def test_killed_during_a_migration(
        world: World, victim: Callable[[World, HostLayout, HostLayout], None], rests: str, within: float) -> None:
    """Whether the migration then ends or is given up: never two machines that execute, and what the API says is so. Only
    the death of the machine itself ends it."""
    vm = world.running_vm()
    source = world.host_of(vm)
    target = next(host for host in world.lab.hosts() if host.name != source.name)
    target_id = next(host.id for host in world.hosts if host.name == target.name)
    with slow_cards(world):
        machines.service_of(world.connection, vm).migrate(host=types.Host(id=target_id))
        assert wait_until(lambda: true_state(world) == ("migrating", source.name), 20.0, 0.1), "the migration is under way"
        killed = time.monotonic()
        victim(world, source, target)

        def look() -> None:
            never_twice(world, source, target)
            if time.monotonic() - killed > SLOW_SECONDS:
                fast_cards(world)

        watch(world, killed, rests, within=within, also=look)
    if rests == "up":
        assert guest_answers(machines.wait_for_address(world.connection, vm))
    active = [host.name for host in world.lab.hosts() if NAME in datacentre.inside(
        host, ["virsh", "-q", "list", "--name", "--state-running"], check=True).stdout.split()]
    assert active == ([true_place(world)] if rests == "up" else [])


def test_a_highly_available_machine_comes_back_when_its_emulator_is_killed(world: World) -> None:
    """It runs again by itself, once, and the log says so with oVirt's codes."""
    vm = world.running_vm()
    service = machines.service_of(world.connection, vm)
    service.update(types.Vm(high_availability=types.HighAvailability(enabled=True, priority=50)))
    try:
        host = world.host_of(vm)
        before = world.emulators()[host.name]
        log = EventReader(world.connection)
        killed = time.monotonic()
        datacentre.inside(host, ["kill", "-9", *map(str, before)], check=True)
        assert wait_until(lambda: true_state(world)[0] == "up" and world.emulators().get(host.name) != before,
                          MIGRATION_SECONDS, 0.1), "it runs again"
        watch(world, killed, "up", within=OTHERS_SECONDS)
        assert guest_answers(machines.wait_for_address(world.connection, vm))
        assert [code for code in log.codes() if code in (119, 9602, 506, 32)] == [119, 9602, 506, 32]
    finally:
        service.update(types.Vm(high_availability=types.HighAvailability(enabled=False)))


def test_a_migration_works_after_all_that(world: World) -> None:
    """No lock or promise of the killed migrations is left."""
    vm = world.running_vm()
    machines.migrate(world.connection, vm, machines.other_host(world.connection, vm))
    assert is_true(world)
