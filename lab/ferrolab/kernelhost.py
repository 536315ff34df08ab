"""Starts a lab host with a kernel of its own: an emulated machine with Debian's kernel over this machine's own files.

Its root file system is this machine's, read only, with memory laid over it; the lab's folder is where it is everywhere. So its
programs and libraries are this machine's, to the byte, and its kernel can do what this machine's may lack: NFS, for one. Stays
as the emulator, whose death is the host's power cut. Knows nothing of what happens inside.
"""

from __future__ import annotations

import json
import os
import shutil
import socket
import subprocess
import sys
import uuid
from pathlib import Path

from . import cgroup, node, orders
from .errors import LabError
from .layout import HostLayout, LabLayout

MEMORY_MIB = 1536
FILES = ("vmlinuz", "initrd.img", "layer")
# QEMU's own server for virtio-fs; Debian keeps it beside QEMU's other helpers.
FILE_SERVER = "/usr/lib/qemu/virtiofsd"
# The lab's folder is written from both sides, so nothing of it may be remembered; the machine's programs stay as they are.
MACHINE_OPTIONS = ("source=/", "cache=always", "sandbox=chroot", "log_level=warn")
LAB_OPTIONS = ("cache=auto", "timeout=0", "sandbox=chroot", "log_level=warn")
KERNEL_WORDS = "console=ttyS0 quiet panic=-1 random.trust_cpu=on mitigations=off"


def install(lab: LabLayout, prepared: Path) -> None:
    """Copies what the hosts boot from into the lab."""
    lab.kernel_folder.mkdir(exist_ok=True)
    for name in FILES:
        source, target = prepared / name, lab.kernel_folder / name
        if not source.exists():
            raise LabError(f"{source} is missing; run `make kernel`.")
        if source.is_dir():
            shutil.copytree(source, target, symlinks=True, dirs_exist_ok=True)
        else:
            shutil.copy2(source, target)


def write_first_program(lab: LabLayout, host: HostLayout) -> None:
    """The program that the initramfs hands over to."""
    package = Path(__file__).resolve().parent.parent
    host.first_program.write_text(
        f"#!/bin/sh\nexport PATH={os.defpath}:/usr/sbin:/sbin PYTHONPATH={package} PYTHONDONTWRITEBYTECODE=1\n"
        f"exec {sys.executable} -m ferrolab.node '{json.dumps(lab.to_json())}' {host.number}\n")
    host.first_program.chmod(0o755)


def serve_files(host: HostLayout, tag: str, options: tuple[str, ...], *, read_only: bool = False) -> Path:
    """Starts a server of files; it ends with the emulator. Returns the socket that it listens on."""
    place = host.folder / f"files-{tag}"
    place.unlink(missing_ok=True)
    with socket.socket(socket.AF_UNIX) as listener:
        listener.bind(str(place))
        listener.listen(1)
        words = [FILE_SERVER, f"--fd={listener.fileno()}", *(word for option in options for word in ("-o", option))]
        if read_only:
            words = ["unshare", "--mount", "sh", "-c", 'mount -o remount,bind,ro / && exec "$@"', "sh", *words]
        subprocess.Popen(words, stdin=subprocess.DEVNULL, pass_fds=[listener.fileno()])
    return place


def card_words(host: HostLayout) -> list[str]:
    """The emulator's words for both network cards."""
    first, second = uuid.UUID(host.hardware_id).bytes[:2]
    words = []
    for index, link in enumerate(host.links):
        address = f"52:54:00:{first:02x}:{second:02x}:{index:02x}"
        words += ["-netdev", f"tap,id=card{index},ifname={link},script=no,downscript=no",
                  "-device", f"virtio-net-pci,netdev=card{index},mac={address}"]
    return words


def emulator_words(lab: LabLayout, host: HostLayout, shares: dict[str, Path]) -> list[str]:
    """The emulator's command line. Emulation always, as for the hosts' own guests."""
    words = [
        "qemu-system-x86_64", "-name", host.network_namespace, "-accel", "tcg", "-machine", "q35", "-cpu", "Nehalem", "-smp", "2",
        "-m", str(MEMORY_MIB), "-object", f"memory-backend-memfd,id=memory,size={MEMORY_MIB}M,share=on",
        "-numa", "node,memdev=memory", "-nodefaults", "-no-user-config", "-display", "none", "-no-reboot",
        "-uuid", host.hardware_id, "-serial", f"file:{host.logs}/console.log", "-device", "virtio-rng-pci",
        "-device", "virtio-serial-pci", "-chardev", f"socket,id=orders,path={host.orders_socket},server=on,wait=off",
        "-device", f"virtserialport,chardev=orders,name={orders.PORT}",
        "-kernel", f"{lab.kernel_folder}/vmlinuz", "-initrd", f"{lab.kernel_folder}/initrd.img",
        "-append", f"{KERNEL_WORDS} lab_state={lab.state} lab_start={host.first_program}"]
    for tag, place in shares.items():
        words += ["-chardev", f"socket,id={tag},path={place}", "-device", f"vhost-user-fs-pci,chardev={tag},tag={tag}"]
    return words + card_words(host)


def main() -> None:
    """`python3 -m ferrolab.kernelhost LAB_JSON HOST_NUMBER`"""
    lab = LabLayout.from_json(json.loads(sys.argv[1]))
    host = lab.host(int(sys.argv[2]))
    cgroup.enter(host.network_namespace)
    node.prepare_folders(lab, host)
    write_first_program(lab, host)
    shares = {"machine": serve_files(host, "machine", MACHINE_OPTIONS, read_only=True),
              "lab": serve_files(host, "lab", (f"source={lab.state}", *LAB_OPTIONS))}
    words = emulator_words(lab, host, shares)
    os.execvp(words[0], words)


if __name__ == "__main__":
    main()
