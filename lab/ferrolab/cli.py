"""The command line of the lab. Knows the words of the user and nothing of how a lab is made."""

from __future__ import annotations

import argparse
import json
import os
import signal
import sys
from pathlib import Path

from . import datacentre
from .errors import LabError
from .layout import DEFAULT_STATE_ROOT, HostLayout, LabLayout

KERNEL = datacentre.PACKAGE_ROOT.parent / "target/lab/kernel"
EXEC_SECONDS = 3600.0


def parser() -> argparse.ArgumentParser:
    """Every command and option."""
    top = argparse.ArgumentParser(prog="lab", description="A data centre on one machine.")
    shared = argparse.ArgumentParser(add_help=False)
    shared.add_argument("--name", default="lab", help="name of the lab, one to six small letters (default: lab)")
    shared.add_argument("--state", type=Path, default=DEFAULT_STATE_ROOT, help="folder that holds the labs' folders")
    commands = top.add_subparsers(dest="command", required=True)
    start = commands.add_parser("up", parents=[shared], help="make a lab")
    start.add_argument("--hosts", type=int, default=2, help="number of hosts (default: 2)")
    start.add_argument("--own-kernels", type=int, default=0, help="so many of them, the last ones, get a kernel of their own")
    start.add_argument("--kernel", type=Path, default=KERNEL, help="what these boot from, made by `make kernel`")
    commands.add_parser("down", parents=[shared], help="remove a lab and everything it made")
    commands.add_parser("status", parents=[shared], help="show a lab as JSON")
    commands.add_parser("kill-engine", parents=[shared], help="kill -9 the engine; its supervisor starts it again")
    for name, text in (("kill-agent", "kill -9 the host agent; its supervisor starts it again"),
                       ("power-off", "cut the power of a host"), ("power-on", "switch a host on")):
        commands.add_parser(name, parents=[shared], help=text).add_argument("host")
    execute = commands.add_parser("exec", parents=[shared], help="run a command inside a host")
    execute.add_argument("host")
    execute.add_argument("words", nargs=argparse.REMAINDER)
    return top


def status(lab: LabLayout) -> dict[str, object]:
    """What runs, for people and programs."""
    hosts = {}
    for host in lab.hosts():
        hosts[host.name] = {
            "address": host.address, "on": datacentre.host_process(lab, host) is not None,
            "services": services(host.services)}
    return {"name": lab.name, "state": str(lab.state), "engine_address": lab.engine_address, "shared": str(lab.shared),
            "engine": services(lab.engine_folder / "services"), "hosts": hosts}


def services(folder: Path) -> dict[str, object]:
    """The services of one supervisor with their processes."""
    return {path.stem: datacentre.service_state(folder, path.stem) for path in sorted(folder.glob("*.json"))}


def kill_service(lab: LabLayout, services_folder: Path, name: str, host_name: str | None) -> None:
    """`kill -9` of a service's process."""
    state = datacentre.service_state(services_folder, name)
    if state is None or state["pid"] is None:
        raise LabError(f"{name} does not run.")
    if host_name is None:
        os.kill(state["pid"], signal.SIGKILL)
    else:
        datacentre.inside(lab.named_host(host_name), ["kill", "-9", str(state["pid"])], check=True)


def execute_inside(host: HostLayout, words: list[str]) -> None:
    """Becomes the command inside the host; where no namespace leads, shows what it printed and ends as it did."""
    if not host.own_kernel:
        argv = [*datacentre.enter_words(host), *words]
        os.execvp(argv[0], argv)
    done = datacentre.inside(host, words, timeout=EXEC_SECONDS)
    print(done.stdout, end="")
    print(done.stderr, end="", file=sys.stderr)
    sys.exit(done.returncode)


def execute(arguments: argparse.Namespace) -> None:
    """Does what the user asked."""
    if arguments.command == "up":
        kernel = arguments.kernel.resolve() if arguments.own_kernels else None
        lab = datacentre.up(arguments.name, arguments.hosts, arguments.state, own_kernels=arguments.own_kernels, kernel=kernel)
        print(json.dumps(status(lab), indent=2))
        return
    if arguments.command == "down":
        datacentre.down(arguments.name, arguments.state)
        return
    lab = datacentre.find(arguments.name)
    if arguments.command == "status":
        print(json.dumps(status(lab), indent=2))
    elif arguments.command == "kill-engine":
        kill_service(lab, lab.engine_folder / "services", "engine", None)
    elif arguments.command == "kill-agent":
        kill_service(lab, lab.named_host(arguments.host).services, "30-agent", arguments.host)
    elif arguments.command == "power-off":
        datacentre.power_off(lab, lab.named_host(arguments.host))
    elif arguments.command == "power-on":
        datacentre.power_on(lab, lab.named_host(arguments.host))
    elif arguments.command == "exec":
        words = arguments.words[1:] if arguments.words[:1] == ["--"] else arguments.words
        execute_inside(lab.named_host(arguments.host), words)


def main() -> None:
    """Ends with 1 and a sentence when something is wrong."""
    try:
        execute(parser().parse_args())
    except LabError as error:
        print(f"lab: {error}", file=sys.stderr)
        sys.exit(1)
