"""Commands for a host that no namespace leads into: asked over a socket, carried out by a service inside the host.

Between the two lies a port of the emulated machine, so no network has to stand. One command at a time; each ends before the
next begins. Knows nothing of what the commands do.
"""

from __future__ import annotations

import base64
import contextlib
import json
import os
import secrets
import socket
import subprocess
import sys
import time
from pathlib import Path

from .errors import LabError

PORT = "ferrolab.orders"
# Beyond a command's own time: the way there, or the end of a command that somebody gave up.
GRACE_SECONDS = 10.0


def ask(place: Path, argv: list[str], timeout: float) -> subprocess.CompletedProcess[str]:
    """Runs a program inside the host to its end, whatever that is."""
    order = {"id": secrets.token_hex(8), "argv": argv, "timeout": timeout}
    words = " ".join(argv)
    with socket.socket(socket.AF_UNIX) as line:
        line.settimeout(timeout + GRACE_SECONDS)
        try:
            line.connect(str(place))
            line.sendall(json.dumps(order).encode() + b"\n")
            answer = _answer(line, str(order["id"]), time.monotonic() + timeout + GRACE_SECONDS)
        except OSError as error:
            raise LabError(f"The host does not answer to `{words}`: {error}.") from error
    if answer["code"] is None:
        raise LabError(f"`{words}` did not end within {timeout:.0f} s.")
    return subprocess.CompletedProcess(argv, answer["code"], _text(answer["stdout"]), _text(answer["stderr"]))


def _answer(line: socket.socket, wanted: str, deadline: float) -> dict:
    """The answer to this order; one to an order that somebody gave up may come first."""
    received = b""
    while time.monotonic() < deadline:
        received += (part := line.recv(1 << 16))
        if not part:
            raise ConnectionError("the host is gone")
        *whole, received = received.split(b"\n")
        for answer in whole:
            with contextlib.suppress(json.JSONDecodeError):
                if (found := json.loads(answer))["id"] == wanted:
                    return found
    raise TimeoutError("no answer in time")


def _text(encoded: str) -> str:
    return base64.b64decode(encoded).decode(errors="replace")


def port() -> Path:
    """The device of the port, by the name that the emulator gave it; there is no udev to make links."""
    for name in Path("/sys/class/virtio-ports").glob("*/name"):
        if name.read_text().strip() == PORT:
            return Path("/dev") / name.parent.name
    raise LabError(f"This machine has no port {PORT}.")


def carry_out(order: dict) -> dict:
    """Runs the program of one order and tells how it ended; code None: not in time."""
    try:
        done = subprocess.run(order["argv"], stdin=subprocess.DEVNULL, capture_output=True, timeout=order["timeout"],
                              check=False, cwd="/")
        code, stdout, stderr = done.returncode, done.stdout, done.stderr
    except subprocess.TimeoutExpired:
        code, stdout, stderr = None, b"", b""
    except OSError as error:
        code, stdout, stderr = 127, b"", str(error).encode()
    return {"id": order["id"], "code": code, "stdout": base64.b64encode(stdout).decode(),
            "stderr": base64.b64encode(stderr).decode()}


def main() -> None:
    """`python3 -m ferrolab.orders`, inside the host."""
    device = os.open(port(), os.O_RDWR)
    received = b""
    while True:
        part = os.read(device, 1 << 16)
        if not part:
            # Nobody is at the other end now.
            time.sleep(0.05)
            continue
        received += part
        *whole, received = received.split(b"\n")
        for line in whole:
            try:
                order = json.loads(line)
            except json.JSONDecodeError as error:
                print(f"an order that can't be read: {error}", file=sys.stderr, flush=True)
                continue
            answer = json.dumps(carry_out(order)).encode() + b"\n"
            while answer:
                answer = answer[os.write(device, answer):]


if __name__ == "__main__":
    main()
