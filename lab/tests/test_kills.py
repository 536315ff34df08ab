"""`kill -9` of the engine and of an agent, while a machine runs and while it moves: nothing is lost and nothing is there twice.

Knows the SDK for what users see, and looks at the hosts' processes for what is true.
"""

from __future__ import annotations

import subprocess
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager

import ovirtsdk4
import pytest
from ovirtsdk4 import types

from ferrolab import datacentre
from ferrolab.cli import kill_service
from ferrolab.engine import AGENT_SERVICE, ENGINE_SERVICE
from ferrolab.layout import HostLayout
from ferrolab.process import wait_until
from labclient import machines
from labclient.world import NAME, World

# Acceptance: the status is true again within this time.
TRUE_AGAIN_SECONDS = 15.0
# How long what is shown must stay true to count.
STEADY_SECONDS = 3.0
MIGRATION_SECONDS = 120.0


def kill_engine(world: World) -> None:
    """Ends the engine's process without a chance to tidy up."""
    kill_service(world.lab, world.lab.engine_folder / "services", ENGINE_SERVICE, None)


def kill_agent(world: World, host: HostLayout) -> None:
    """Ends a host's agent likewise."""
    kill_service(world.lab, host.services, AGENT_SERVICE, host.name)


def seen(world: World) -> types.Vm | None:
    """The machine as the API shows it; None while the engine does not answer."""
    try:
        return machines.service_of(world.connection, world.vm).get()
    except (ovirtsdk4.Error, ovirtsdk4.ConnectionError):
        return None


def hosts_up(world: World) -> bool:
    """Whether every host is shown as up."""
    try:
        return all(host.status == types.HostStatus.UP for host in world.system.hosts_service().list())
    except (ovirtsdk4.Error, ovirtsdk4.ConnectionError):
        return False


def true_place(world: World) -> str | None:
    """The name of the host whose one QEMU runs the machine; None while there is none or more than one."""
    running = [name for name, found in world.emulators().items() for _ in found]
    return running[0] if len(running) == 1 else None


def shown_place(world: World) -> str | None:
    """The name of the host that the API shows for a machine that is up."""
    vm = seen(world)
    if vm is None or vm.status != types.VmStatus.UP or vm.host is None:
        return None
    return next((host.name for host in world.hosts if host.id == vm.host.id), None)


def guest_answers(address: str) -> bool:
    """Whether the guest answers a ping."""
    return subprocess.run(["ping", "-c", "1", "-W", "2", address], capture_output=True, check=False).returncode == 0


def assert_true_again(world: World, since: float) -> None:
    """The API shows the machine where it is, up, and both hosts up, in time and from then on; the guest lives.

    Right after a kill the engine may not have noticed yet, so what it shows counts only once it has stayed so."""
    steady: float | None = None
    while steady is None or time.monotonic() - steady < STEADY_SECONDS:
        if hosts_up(world) and shown_place(world) is not None and shown_place(world) == true_place(world):
            steady = steady or time.monotonic()
        else:
            steady = None
            assert time.monotonic() - since < TRUE_AGAIN_SECONDS, (
                world.emulators(), seen(world) and seen(world).status, hosts_up(world))
        time.sleep(0.2)
    assert steady - since <= TRUE_AGAIN_SECONDS
    assert guest_answers(machines.wait_for_address(world.connection, world.vm))


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


def test_engine_killed_beside_a_running_machine(world: World) -> None:
    """The machine does not notice."""
    world.running_vm()
    before = world.emulators()
    started = time.monotonic()
    kill_engine(world)
    assert_true_again(world, started)
    assert world.emulators() == before


def test_agent_killed_beside_a_running_machine(world: World) -> None:
    """The agent finds its machine again and starts no second one."""
    host = world.host_of(world.running_vm())
    before = world.emulators()
    started = time.monotonic()
    kill_agent(world, host)
    assert_true_again(world, started)
    assert world.emulators() == before


def kill_source(world: World, source: HostLayout, _target: HostLayout) -> None:
    """The agent that the machine leaves."""
    kill_agent(world, source)


def kill_target(world: World, _source: HostLayout, target: HostLayout) -> None:
    """The agent that the machine comes to."""
    kill_agent(world, target)


def kill_the_engine(world: World, _source: HostLayout, _target: HostLayout) -> None:
    """The engine."""
    kill_engine(world)


@pytest.mark.parametrize("victim", [kill_the_engine, kill_source, kill_target])
def test_killed_during_a_migration(world: World, victim: Callable[[World, HostLayout, HostLayout], None]) -> None:
    """Whether the migration then ends or is given up: one machine, running, where the API says."""
    vm = world.running_vm()
    source = world.host_of(vm)
    target = next(host for host in world.lab.hosts() if host.name != source.name)
    target_id = next(host.id for host in world.hosts if host.name == target.name)
    with slow_cards(world):
        machines.service_of(world.connection, vm).migrate(host=types.Host(id=target_id))
        assert wait_until(lambda: len(world.emulators()[target.name]) == 1, 20.0, 0.1), "the migration is under way"
        victim(world, source, target)
    # The card is fast again, so that a migration that goes on can end; the clock starts when nothing is under way.
    started = time.monotonic()
    assert wait_until(lambda: true_place(world) is not None, MIGRATION_SECONDS, 0.2), world.emulators()
    assert_true_again(world, max(started, time.monotonic() - 1.0))
    active = [host.name for host in world.lab.hosts() if NAME in datacentre.inside(
        host, ["virsh", "-q", "list", "--name", "--state-running"], check=True).stdout.split()]
    assert active == [true_place(world)]


def test_a_migration_works_after_all_that(world: World) -> None:
    """No lock or promise of the killed migrations is left."""
    vm = world.running_vm()
    machines.migrate(world.connection, vm, machines.other_host(world.connection, vm))
    assert shown_place(world) == true_place(world)
