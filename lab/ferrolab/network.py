"""The lab's network: two bridges, two cards for each host, in a network namespace or an emulated machine, and DHCP for guests.

Knows nothing of what runs in the hosts.
"""

from __future__ import annotations

import ipaddress
import json
import os
from pathlib import Path

from .command import run
from .errors import LabError
from .layout import REGISTRY, HostLayout, LabLayout

NAMESPACES = Path("/run/netns")
NAMESPACES_NOTE = REGISTRY / "made-netns-folder"


def free_subnet(taken: list[ipaddress.IPv4Network]) -> ipaddress.IPv4Network:
    """The first /24 of 10.93.0.0 - 10.93.99.0 that, with its data network, no interface, route or other lab uses."""
    used = list(taken)
    for interface in json.loads(run(["ip", "-j", "-4", "address"]).stdout):
        used += [ipaddress.IPv4Interface(f"{entry['local']}/{entry['prefixlen']}").network
                 for entry in interface.get("addr_info", [])]
    for route in json.loads(run(["ip", "-j", "-4", "route"]).stdout):
        if route["dst"] != "default":
            used.append(ipaddress.IPv4Network(route["dst"], strict=False))
    for third in range(100):
        pair = [ipaddress.IPv4Network(f"10.93.{third + offset}.0/24") for offset in (0, 100)]
        if not any(mine.overlaps(other) for mine in pair for other in used):
            return pair[0]
    raise LabError("Every network of 10.93.0.0/16 is in use.")


def note_namespaces_folder() -> None:
    """Remembers that ip(8) will make its folder for the lab; `forget_namespaces_folder` removes it again."""
    if not _is_mounted(NAMESPACES):
        NAMESPACES_NOTE.touch()


def forget_namespaces_folder() -> None:
    """Removes ip(8)'s folder where it was made for a lab and nobody else has a namespace in it now."""
    if not NAMESPACES_NOTE.exists():
        return
    NAMESPACES_NOTE.unlink()
    if NAMESPACES.exists() and not any(NAMESPACES.iterdir()):
        while _is_mounted(NAMESPACES):
            run(["umount", str(NAMESPACES)])
        NAMESPACES.rmdir()


def _is_mounted(folder: Path) -> bool:
    points = [line.split()[4] for line in Path("/proc/self/mountinfo").read_text().splitlines()]
    return str(folder) in points


def create_bridges(lab: LabLayout) -> None:
    """Makes both bridges with the machine's own address on each."""
    for bridge, subnet in ((lab.bridge, lab.subnet), (lab.data_bridge, lab.data_subnet)):
        run(["ip", "link", "add", bridge, "type", "bridge", "forward_delay", "0", "stp_state", "0"])
        run(["ip", "link", "set", bridge, "up"])
        run(["ip", "address", "add", f"{subnet[1]}/{subnet.prefixlen}", "dev", bridge])


def create_host_network(lab: LabLayout, host: HostLayout) -> None:
    """Makes the host's two cards; for a host of namespaces also its namespace, with all that is inside."""
    if host.own_kernel:
        for link, bridge in zip(host.links, (lab.bridge, lab.data_bridge), strict=True):
            run(["ip", "tuntap", "add", "dev", link, "mode", "tap"])
            run(["ip", "link", "set", link, "master", bridge, "up"])
        return
    space = host.network_namespace
    run(["ip", "netns", "add", space])
    for link, card, bridge in zip(host.links, ("eth0", "eth1"), (lab.bridge, lab.data_bridge), strict=True):
        _create_card(link, card, space, bridge)
    for command in host_commands(lab, host):
        run(["ip", "-n", space, *command])


def _create_card(link: str, card: str, space: str, bridge: str) -> None:
    run(["ip", "link", "add", link, "type", "veth", "peer", "name", card, "netns", space])
    run(["ip", "link", "set", link, "master", bridge, "up"])


def host_commands(lab: LabLayout, host: HostLayout) -> list[list[str]]:
    """What ip(8) is told inside the host: eth0 in the bridge `ovirtmgmt`, which has the host's address, and a free eth1."""
    return [
        ["link", "set", "lo", "up"],
        ["link", "add", "ovirtmgmt", "type", "bridge", "forward_delay", "0", "stp_state", "0"],
        ["link", "set", "eth0", "master", "ovirtmgmt", "up"],
        ["link", "set", "eth1", "up"],
        ["link", "set", "ovirtmgmt", "up"],
        ["address", "add", f"{host.address}/{lab.subnet.prefixlen}", "dev", "ovirtmgmt"],
        ["route", "add", "default", "via", lab.engine_address],
    ]


def create_nfs_network(lab: LabLayout) -> None:
    """Makes the NFS server's namespace with one card that has its address."""
    run(["ip", "netns", "add", lab.nfs_namespace])
    _create_card(lab.nfs_link, "eth0", lab.nfs_namespace, lab.bridge)
    for command in (["link", "set", "lo", "up"], ["link", "set", "eth0", "up"],
                    ["address", "add", f"{lab.nfs_address}/{lab.subnet.prefixlen}", "dev", "eth0"]):
        run(["ip", "-n", lab.nfs_namespace, *command])


def dnsmasq_arguments(lab: LabLayout) -> list[str]:
    """DHCP without DNS for the guests, on the lab's two bridges alone."""
    arguments = ["dnsmasq", "--keep-in-foreground", "--conf-file=/dev/null", "--port=0", "--bind-interfaces",
                 "--except-interface=lo", "--log-facility=-", "--pid-file=", "--user=root",
                 f"--dhcp-leasefile={lab.state}/dnsmasq/leases", "--dhcp-authoritative"]
    for bridge, subnet in ((lab.bridge, lab.subnet), (lab.data_bridge, lab.data_subnet)):
        arguments += [f"--interface={bridge}", f"--dhcp-range={subnet[100]},{subnet[250]},255.255.255.0,12h"]
    return arguments


def remove(lab: LabLayout) -> None:
    """Removes every link and namespace that a lab of this name could have made; those that are gone are fine."""
    spaces = [lab.nfs_namespace, *(host.network_namespace for host in lab.possible_hosts())]
    for link in (lab.nfs_link, *(link for host in lab.possible_hosts() for link in host.links)):
        _delete_link(link)
    for space in spaces:
        if (NAMESPACES / space).exists():
            run(["ip", "netns", "delete", space])
    for bridge in (lab.bridge, lab.data_bridge):
        _delete_link(bridge)


def _delete_link(name: str) -> None:
    if os.path.exists(f"/sys/class/net/{name}"):
        gone = run(["ip", "link", "delete", name], check=False)
        if gone.returncode != 0 and os.path.exists(f"/sys/class/net/{name}"):
            raise LabError(f"The network link {name} can't be removed: {gone.stderr.strip()}")
