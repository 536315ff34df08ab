"""One tiny guest under QEMU's own emulation, with both agent ports at hand. It knows no libvirt and no engine."""

import json
import socket
import subprocess
import time
from pathlib import Path

PORTS = {"qemu": "org.qemu.guest_agent.0", "facts": "org.ferrovirt.guest.0"}


class Port:
    """The host's end of one agent port."""

    def __init__(self, path, deadline):
        self.socket = socket.socket(socket.AF_UNIX)
        self.held = b""
        while True:
            try:
                self.socket.connect(str(path))
                return
            except (FileNotFoundError, ConnectionRefusedError):
                if time.monotonic() > deadline:
                    raise
                time.sleep(0.05)

    def send(self, message):
        """Writes one message."""
        self.socket.sendall(json.dumps(message).encode() + b"\n")

    def receive(self, timeout):
        """The next message, without the byte that stands before an answer to guest-sync-delimited."""
        deadline = time.monotonic() + timeout
        while b"\n" not in self.held:
            self.socket.settimeout(max(0.01, deadline - time.monotonic()))
            piece = self.socket.recv(65536)
            if not piece:
                raise ConnectionError("the machine closed the port")
            self.held += piece
        line, _, self.held = self.held.partition(b"\n")
        return json.loads(line.lstrip(b"\xff"))

    def ask(self, command, arguments=None, timeout=30):
        """One command of the QEMU guest agent protocol and its answer."""
        self.send({"execute": command, "arguments": arguments or {}})
        return self.receive(timeout)

    def close(self):
        """Hangs up."""
        self.socket.close()


class Machine:
    """A running tiny guest; a context manager, so that QEMU never outlives a test."""

    def __init__(self, folder, arguments, machine="pc", memory=128):
        self.folder = Path(folder)
        self.started = time.monotonic()
        command = [
            "qemu-system-x86_64", "-accel", "tcg", "-machine", machine, "-cpu", "max", "-m", str(memory),
            "-nodefaults", "-display", "none", "-serial", f"file:{self.folder}/console",
            "-qmp", f"unix:{self.folder}/qmp,server=on,wait=off", "-device", "virtio-serial-pci",
            "-netdev", "user,id=net", "-device", "virtio-net-pci,netdev=net,mac=52:54:00:00:00:05",
        ]
        for name, port in PORTS.items():
            command += ["-chardev", f"socket,id={name},path={self.folder}/{name},server=on,wait=off"]
            command += ["-device", f"virtserialport,chardev={name},name={port}"]
        # pylint: disable-next=consider-using-with
        self.process = subprocess.Popen(command + arguments, stdin=subprocess.DEVNULL)

    def port(self, name):
        """Connects to a port of PORTS."""
        return Port(self.folder / name, time.monotonic() + 20)

    def press_power_button(self):
        """What a host does to a machine without an agent."""
        monitor = self.port("qmp")
        monitor.receive(5)
        for command in ["qmp_capabilities", "system_powerdown"]:
            monitor.send({"execute": command})
            monitor.receive(5)
        monitor.close()

    def console(self):
        """What the guest wrote to its serial port."""
        path = self.folder / "console"
        return path.read_text(errors="replace") if path.exists() else ""

    def age(self):
        """Seconds since the start."""
        return time.monotonic() - self.started

    def __enter__(self):
        return self

    def __exit__(self, *_):
        if self.process.poll() is None:
            self.process.kill()
        self.process.wait()
