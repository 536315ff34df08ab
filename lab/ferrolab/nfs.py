"""The lab's NFS server: a machine of its own as far as the network can tell, that serves folders, falls silent and wakes.

It is NFS-Ganesha, which needs nothing of this machine's kernel. Knows nothing of who mounts what.
"""

from __future__ import annotations

import os
import signal
import socket
from pathlib import Path

from . import datacentre, network
from .errors import LabError
from .layout import LabLayout
from .process import wait_until

ROLE = "nfs"
SERVICE = "ganesha"
PORT = 2049
START_SECONDS = 30.0
# Its programs are in the layer, and know their libraries by their places in /usr.
START = 'mount -t overlay -o "lowerdir=$0/usr:/usr" overlay /usr && exec "$@"'

CONFIGURATION = """\
NFS_CORE_PARAM {{ Protocols = 4; Enable_UDP = false; Enable_NLM = false; Enable_RQUOTA = false;
    Plugins_Dir = "/usr/lib/x86_64-linux-gnu/ganesha"; }}
NFSv4 {{ Graceless = true; RecoveryRoot = "{folder}/recovery"; Only_Numeric_Owners = true; }}
EXPORT_DEFAULTS {{ Access_Type = RW; Squash = No_Root_Squash; SecType = sys; Protocols = 4; Transports = TCP; }}
{exports}"""
EXPORT = 'EXPORT {{ Export_Id = {number}; Path = "{folder}"; Pseudo = "{path}"; FSAL {{ Name = VFS; }} }}\n'


def exported(lab: LabLayout, path: str) -> Path:
    """The folder of this machine that the server shows under a path."""
    return lab.nfs_folder / "exports" / path.strip("/").replace("/", "-")


def start(lab: LabLayout, paths: list[str]) -> None:
    """Starts the server with an empty folder under each path, and waits until it answers."""
    layer = lab.kernel_folder / "layer"
    if not layer.exists():
        raise LabError(f"Lab '{lab.name}' was made without what an NFS server needs.")
    folder = lab.nfs_folder
    for needed in (folder / "services", folder / "logs", folder / "recovery", *(exported(lab, path) for path in paths)):
        needed.mkdir(parents=True)
    exports = "".join(EXPORT.format(number=number, folder=exported(lab, path), path=path)
                      for number, path in enumerate(paths, start=1))
    (folder / "ganesha.conf").write_text(CONFIGURATION.format(folder=folder, exports=exports))
    network.create_nfs_network(lab)
    server = ["ganesha.nfsd", "-F", "-f", f"{folder}/ganesha.conf", "-L", "STDERR", "-p", f"{folder}/pid", "-N", "NIV_EVENT"]
    datacentre.write_service(folder / "services", SERVICE, [
        "nsenter", f"--net={network.NAMESPACES / lab.nfs_namespace}",
        "unshare", "--mount", "sh", "-c", START, str(layer), *server])
    datacentre.start_supervisor(lab, ROLE, folder)
    if not wait_until(lambda: listens(lab), START_SECONDS, 0.1):
        raise LabError(f"The NFS server does not answer: {datacentre.tail(folder / 'logs' / f'{SERVICE}.log')}")


def listens(lab: LabLayout) -> bool:
    """Whether the server takes connections. One that fell silent does, too."""
    try:
        with socket.create_connection((lab.nfs_address, PORT), timeout=2.0):
            return True
    except OSError:
        return False


def fall_silent(lab: LabLayout) -> None:
    """From now on the server answers nothing, and loses nothing."""
    _signal(lab, signal.SIGSTOP)


def wake(lab: LabLayout) -> None:
    """It goes on where it was."""
    _signal(lab, signal.SIGCONT)


def _signal(lab: LabLayout, number: signal.Signals) -> None:
    state = datacentre.service_state(lab.nfs_folder / "services", SERVICE)
    if state is None or state["pid"] is None:
        raise LabError("The NFS server does not run.")
    os.kill(state["pid"], number)
