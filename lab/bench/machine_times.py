"""Start and live migration of one machine, through Ferrovirt and with bare virsh in the same run. Knows how to drive both."""

from __future__ import annotations

import re
import time
import uuid
from pathlib import Path

from measurements import Peer, Report, at_most, median
from raw_client import RawClient
from virsh import LifecycleWatch, Virsh, first_start

from ferrolab import datacentre
from ferrolab.bare import AGENT_SECONDS, downtime_seconds, migrate_words
from ferrolab.errors import LabError
from ferrolab.layout import HostLayout
from ferrolab.process import wait_until
from labclient import machines
from labclient.world import NAME, World

START_ROUNDS = 9
MIGRATION_ROUNDS = 8
POLL_SECONDS = 0.02
MIGRATION_SECONDS = 120.0


def bare_copy(world: World, host: HostLayout) -> Path:
    """The XML of the running machine under another name: the same domain for bare virsh."""
    text = datacentre.inside(host, ["virsh", "dumpxml", "--inactive", "--security-info", NAME], check=True).stdout
    text = re.sub(r"<name>.*?</name>", "<name>bare</name>", text, count=1)
    text = re.sub(r"<uuid>.*?</uuid>", f"<uuid>{uuid.uuid4()}</uuid>", text, count=1)
    text = re.sub(r"<metadata>.*?</metadata>", "", text, count=1, flags=re.DOTALL)
    # libvirt fills in what belongs to one incarnation: socket paths, and the SMBIOS copy of the UUID.
    text = re.sub(r"<source mode='bind' path='[^']*'/>", "", text)
    text = re.sub(r"<sysinfo .*?</sysinfo>", "", text, flags=re.DOTALL)
    text = re.sub(r"<smbios mode='sysinfo'/>", "", text)
    # The console listens on its host's own address, which the other host does not have.
    text = re.sub(r"<graphics .*?</graphics>", "<graphics type='vnc' autoport='yes' listen='0.0.0.0'/>", text, flags=re.DOTALL)
    path = world.lab.shared / "bare.xml"
    path.write_text(text)
    return path


def measure_starts(world: World, client: RawClient, report: Report) -> Path:
    """POST start to QEMU running, less `virsh create` to QEMU running. Leaves the machine down; returns the bare copy."""
    vm = world.running_vm()
    host = world.host_of(vm)
    copy = bare_copy(world, host)
    stop(world)
    watches = [LifecycleWatch(entry) for entry in world.lab.hosts()]
    virsh = Virsh(host)
    ours, bare = [], []
    try:
        time.sleep(1.0)
        for _ in range(START_ROUNDS):
            since = time.time()
            client.request("POST", f"/vms/{vm.id}/start", b"<action/>")
            ours.append(first_start(watches, NAME, since) - since)
            wait_until_running(world)
            stop(world)
            since = time.time()
            virsh.call(f"create {copy}")
            bare.append(first_start(watches, "bare", since) - since)
            virsh.call("destroy bare")
    finally:
        virsh.close()
        for watch in watches:
            watch.close()
    report.add("start overhead: POST start to QEMU running, less virsh create", (median(ours) - median(bare)) * 1000, "ms",
               limit=at_most(150, "ms"), samples=START_ROUNDS)
    report.add("start: POST start to QEMU running", median(ours) * 1000, "ms",
               peer=Peer("virsh create of the same domain", median(bare) * 1000), samples=START_ROUNDS)
    return copy


def wait_until_running(world: World) -> None:
    """Waits until the engine knows that the machine runs, so that it can be stopped."""
    service = machines.service_of(world.connection, world.vm)
    if not wait_until(lambda: service.get().status.value in ("powering_up", "up"), 30.0, 0.1):
        raise LabError("The engine does not notice that the machine runs.")


def stop(world: World) -> None:
    """Cuts the machine's power and waits until it is down."""
    machines.service_of(world.connection, world.vm).stop()
    machines.wait_down(world.connection, world.vm)


def measure_migrations(world: World, client: RawClient, report: Report, copy: Path) -> None:
    """Time that the user waits and the guest's downtime, through Ferrovirt and bare, between the same two hosts."""
    ours = [migrate_ours(world, client) for _ in range(MIGRATION_ROUNDS)]
    stop(world)
    bare = migrate_bare(world, copy)
    for name, index, unit, scale in (("time", 0, "s", 1.0), ("downtime", 1, "ms", 1000.0)):
        report.add(f"live migration: {name}", median([pair[index] for pair in ours]) * scale, unit,
                   peer=Peer("virsh migrate of the same domain", median([pair[index] for pair in bare]) * scale),
                   limit=at_most(1.1, "times"), samples=MIGRATION_ROUNDS)


def migrate_ours(world: World, client: RawClient) -> tuple[float, float]:
    """One migration through the API: seconds until the API shows the machine up on the target, seconds of downtime."""
    vm = world.running_vm()
    target = next(host for host in world.hosts if host.id != vm.host.id)
    body = f'<action><host id="{target.id}"/></action>'.encode()
    started = time.monotonic()
    client.request("POST", f"/vms/{vm.id}/migrate", body)
    arrived = re.compile(rb"<host [^>]*id=\"" + target.id.encode() + rb"\"")

    def there() -> bool:
        reply = client.request("GET", f"/vms/{vm.id}")
        return arrived.search(reply) is not None and b"<status>up</status>" in reply

    if not wait_until(there, MIGRATION_SECONDS, POLL_SECONDS):
        raise LabError("The migration did not end.")
    return time.monotonic() - started, downtime_seconds(world.lab.named_host(target.name), NAME)


def migrate_bare(world: World, copy: Path) -> list[tuple[float, float]]:
    """The same number of migrations of the bare copy, there and back."""
    hosts = world.lab.hosts()
    sessions = [Virsh(host) for host in hosts]
    results = []
    try:
        sessions[0].call(f"create {copy}")
        ping = ["virsh", "-q", "qemu-agent-command", "--timeout", "2", "bare", '{"execute":"guest-ping"}']
        if not wait_until(lambda: datacentre.inside(hosts[0], ping).returncode == 0, AGENT_SECONDS, 0.3):
            raise LabError("The bare guest does not boot.")
        for number in range(MIGRATION_ROUNDS):
            source, target = number % 2, (number + 1) % 2
            took = sessions[source].call(" ".join(migrate_words("bare", hosts[target])))
            results.append((took, downtime_seconds(hosts[target], "bare")))
    finally:
        for host, session in zip(hosts, sessions, strict=True):
            datacentre.inside(host, ["virsh", "-q", "destroy", "bare"])
            session.close()
    return results
