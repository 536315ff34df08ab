"""The lab itself: hosts are apart from each other, daemons come back, machines move between hosts with bare virsh, nothing is left.

Knows nothing of Ferrovirt.
"""

from __future__ import annotations

import ipaddress
import json
import shutil
import subprocess
from pathlib import Path

import pytest

from ferrolab import bare, datacentre, nfs
from ferrolab.cgroup import folders
from ferrolab.layout import DEFAULT_STATE_ROOT, REGISTRY, LabLayout
from ferrolab.process import wait_until


def inside(lab: LabLayout, number: int, *words: str) -> str:
    """What a command in a host prints."""
    return datacentre.inside(lab.host(number), list(words), check=True).stdout.strip()


@pytest.mark.parametrize("words", [
    ("hostname",), ("cat", "/etc/vdsm/vdsm.id"), ("cat", "/proc/sys/kernel/random/boot_id"), ("cat", "/etc/machine-id"),
    ("sh", "-c", "virsh capabilities | grep -m1 uuid"), ("ip", "-4", "-o", "address", "show", "ovirtmgmt")])
def test_hosts_differ(lab: LabLayout, words: tuple[str, ...]) -> None:
    """What must name one host alone does."""
    first, second = inside(lab, 1, *words), inside(lab, 2, *words)
    assert first and second and first != second


def test_hosts_share_storage(lab: LabLayout) -> None:
    """A file that one host writes is there on the other."""
    inside(lab, 1, "sh", "-c", f"echo hello > {lab.shared}/greeting")
    assert inside(lab, 2, "cat", f"{lab.shared}/greeting") == "hello"


def test_a_bridge_can_be_made_in_a_host(lab: LabLayout) -> None:
    """What the host agent does for each network."""
    inside(lab, 1, "ip", "link", "add", "blue", "type", "bridge")
    inside(lab, 1, "ip", "link", "set", "eth1", "master", "blue")
    assert "blue" in inside(lab, 1, "ls", "/sys/class/net")
    inside(lab, 1, "ip", "link", "delete", "blue")
    assert not Path("/sys/class/net/blue").exists()


def test_a_killed_daemon_comes_back(lab: LabLayout) -> None:
    """As under systemd, libvirtd is there again after a kill."""
    host = lab.host(1)
    before = datacentre.service_state(host.services, "20-libvirtd")
    inside(lab, 1, "kill", "-9", str(before["pid"]))
    assert wait_until(lambda: datacentre.service_state(host.services, "20-libvirtd")["restarts"] > before["restarts"]
                      and datacentre.service_state(host.services, "20-libvirtd")["pid"], 10.0)
    datacentre.wait_for_libvirt(host)


def test_bare_live_migration(lab: LabLayout, image: Path) -> None:
    """The ground that Ferrovirt stands on: the tiny guest moves between the hosts with virsh alone."""
    guest = bare.BareGuest.prepare(lab, image, "bare")
    try:
        guest.create(lab.host(1))
        assert guest.wait_for_agent(lab.host(1)), "the guest's agent answers"
        moved = guest.migrate(lab.host(1), lab.host(2))
        assert moved.downtime_seconds < 5.0
        assert guest.wait_for_agent(lab.host(2)), "the guest's agent answers after the migration"
        assert "bare" not in inside(lab, 1, "virsh", "-q", "list", "--all", "--name")
    finally:
        guest.destroy()


def test_power_cut_and_return(lab: LabLayout) -> None:
    """A host that loses power loses its processes and keeps its disk."""
    host = lab.host(2)
    inside(lab, 2, "touch", "/var/lib/libvirt/kept")
    before = inside(lab, 2, "cat", "/proc/sys/kernel/random/boot_id")
    datacentre.power_off(lab, host)
    assert datacentre.host_process(lab, host) is None
    datacentre.power_on(lab, host)
    datacentre.wait_for_libvirt(host)
    assert inside(lab, 2, "cat", "/proc/sys/kernel/random/boot_id") != before
    inside(lab, 2, "rm", "/var/lib/libvirt/kept")


@pytest.mark.parametrize("damage", ["none", "registry", "records", "network"])
def test_down_leaves_nothing(lab: LabLayout, damage: str) -> None:
    """A second lab goes away completely, however little of its own notes is left."""
    other = datacentre.up("other", 1, DEFAULT_STATE_ROOT)
    assert not other.subnet.overlaps(lab.subnet)
    if damage == "registry":
        other.registry_file.unlink()
    elif damage == "records":
        shutil.rmtree(other.processes)
    elif damage == "network":
        subprocess.run(["ip", "netns", "delete", other.host(1).network_namespace], check=True)
    datacentre.down("other", DEFAULT_STATE_ROOT)
    datacentre.down("other", DEFAULT_STATE_ROOT)
    assert left_of(other) == []


def left_of(lab: LabLayout) -> list[object]:
    """What a lab named `other` has left on this machine."""
    left = [*Path("/run/netns").glob("fv-other-*"), *Path("/sys/class/net").glob("fv-other-*"),
            *Path("/sys/class/net").glob("fvother*"), *REGISTRY.glob("other*"), *DEFAULT_STATE_ROOT.glob("other")]
    left += [folder for group in lab.cgroups for folder in folders(group) if folder.exists()]
    left += [line for line in Path("/proc/self/mountinfo").read_text().splitlines() if "ferrovirt-lab/other" in line]
    found = subprocess.run(["pgrep", "-f", "--list-full", str(lab.state)], capture_output=True, text=True, check=False)
    return left + found.stdout.splitlines()


def test_a_kernel_of_its_own_comes_back_and_goes_without_a_trace(lab: LabLayout, kernel: Path) -> None:
    """A host that is an emulated machine: its kernel is not this one, it survives a power cut, and `down` needs no notes."""
    other = datacentre.up("other", 1, DEFAULT_STATE_ROOT, own_kernels=1, kernel=kernel)
    try:
        nfs.start(other, ["/exports/one"])
        assert inside(other, 1, "uname", "-r") != inside(lab, 1, "uname", "-r")
        assert inside(other, 1, "ls", "/usr/sbin/libvirtd") == "/usr/sbin/libvirtd"
        inside(other, 1, "touch", "/var/lib/libvirt/kept", "/usr/lib/lost")
        datacentre.power_off(other, other.host(1))
        assert not Path("/usr/lib/lost").exists()
        datacentre.power_on(other, other.host(1))
        assert inside(other, 1, "ls", "/var/lib/libvirt/kept") == "/var/lib/libvirt/kept"
        assert datacentre.inside(other.host(1), ["ls", "/usr/lib/lost"]).returncode != 0
        nfs.fall_silent(other)
        shutil.rmtree(other.processes)
    finally:
        datacentre.down("other", DEFAULT_STATE_ROOT)
    assert left_of(other) == []


def test_a_subnet_in_use_is_not_taken(lab: LabLayout) -> None:
    """The lab's own subnet is on an interface of this machine now."""
    shown = json.loads(subprocess.run(["ip", "-j", "-4", "address", "show", lab.bridge], check=True,
                                      capture_output=True, text=True).stdout)
    address = ipaddress.IPv4Address(shown[0]["addr_info"][0]["local"])
    assert address in lab.subnet
