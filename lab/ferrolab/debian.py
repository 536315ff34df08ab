"""Debian's packages without installing them: fetched by apt, kept by version, and made into an initramfs.

Knows nothing of what is booted from it.
"""

from __future__ import annotations

import gzip
import os
import re
import stat
import tempfile
from pathlib import Path

from .command import run
from .errors import LabError

KERNEL = "linux-image-cloud-amd64"
DOWNLOAD_SECONDS = 600.0


def kernel_package() -> str:
    """The package that the kernel's metapackage stands for today."""
    found = re.search(r"Depends: (linux-image-\S+)", run(["apt-cache", "depends", KERNEL]).stdout)
    if not found:
        raise LabError(f"apt knows no {KERNEL}: run apt-get update")
    return found.group(1)


def fetch(package: str, cache: Path) -> Path:
    """Unpacks a package into a folder named by its version, and gives that folder."""
    line = run(["apt-get", "download", "--print-uris", package]).stdout.split()
    if len(line) < 2:
        raise LabError(f"apt cannot download {package}: run apt-get update")
    unpacked = cache / line[1].removesuffix(".deb")
    if unpacked.is_dir():
        return unpacked
    cache.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=cache) as scratch:
        run(["env", f"--chdir={scratch}", "apt-get", "-q", "download", package], timeout=DOWNLOAD_SECONDS)
        deb = next(Path(scratch).glob("*.deb"))
        run(["dpkg-deb", "-x", str(deb), f"{scratch}/tree"])
        os.rename(f"{scratch}/tree", unpacked)
    return unpacked


def kernel_image(package: Path) -> Path:
    """The kernel of an unpacked package."""
    return next((package / "boot").glob("vmlinuz-*"))


def modules_in_order(package: Path, wanted: list[str]) -> list[Path]:
    """The wanted drivers with all that they stand on, each after what it needs. What is built in has no file and no place here."""
    files = {path.stem.replace("-", "_"): path for path in package.rglob("*.ko")}
    ordered: list[Path] = []

    def add(name: str) -> None:
        path = files.get(name.replace("-", "_"))
        if path is None or path in ordered:
            return
        needs = re.search(rb"\0depends=([^\0]*)\0", path.read_bytes())
        for needed in needs.group(1).decode().split(",") if needs else []:
            add(needed)
        ordered.append(path)

    for name in wanted:
        add(name)
    return ordered


def write_initramfs(tree: Path, target: Path) -> None:
    """Writes the tree as a compressed cpio archive (https://docs.kernel.org/driver-api/early-userspace/buffer-format.html)."""
    def entry(out: gzip.GzipFile, number: int, name: str, mode: int, data: bytes = b"") -> None:
        fields = [number, mode, 0, 0, 1, 0, len(data), 0, 0, 0, 0, len(name) + 1, 0]
        out.write(b"070701" + b"".join(b"%08x" % field for field in fields) + name.encode() + b"\0")
        out.write(b"\0" * (-(110 + len(name) + 1) % 4) + data + b"\0" * (-len(data) % 4))

    with gzip.GzipFile(target, "wb", compresslevel=9, mtime=0) as out:
        for number, path in enumerate(sorted(tree.rglob("*")), start=1):
            status = path.lstat()
            data = b""
            if stat.S_ISLNK(status.st_mode):
                data = os.readlink(path).encode()
            elif stat.S_ISREG(status.st_mode):
                data = path.read_bytes()
            entry(out, number, str(path.relative_to(tree)), status.st_mode, data)
        entry(out, 0, "TRAILER!!!", 0)
