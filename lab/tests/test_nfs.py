"""NFS storage on a host with a kernel of its own: from the first mount to the last, with a server that falls silent in between.

The tests build on each other in the order of this file. They look at the server's folder and at the host's mount table for what
is true.
"""

from __future__ import annotations

import os
import subprocess
import time
from collections.abc import Iterator
from pathlib import Path

import ovirtsdk4
import pytest
from conftest import keep_logs
from ovirtsdk4 import types

from ferrolab import datacentre, engine, nfs
from ferrolab.cli import kill_service
from ferrolab.layout import DEFAULT_STATE_ROOT, LabLayout
from labclient import disks, infrastructure
from labclient.connection import wait_for
from labclient.world import World

LAB_NAME = "nfs"
FIRST, SECOND = "/exports/first", "/exports/second"
MEBIBYTE = 1 << 20
# A host looks at its storage every ten seconds, and waits eight for an answer.
NOTICED_SECONDS = 40.0
# It serves while its storage hangs, so this is the time of a process, not of storage.
AGENT_SECONDS = 30.0
ACTIVE, INACTIVE = types.StorageDomainStatus.ACTIVE, types.StorageDomainStatus.INACTIVE
MAINTENANCE, UNATTACHED = types.StorageDomainStatus.MAINTENANCE, types.StorageDomainStatus.UNATTACHED


@pytest.fixture(scope="module")
def nfs_world(kernel: Path, binaries: Path, image: Path) -> Iterator[World]:
    """An NFS server with two exports, an engine, and one host that is an emulated machine."""
    datacentre.down(LAB_NAME, DEFAULT_STATE_ROOT)
    lab = datacentre.up(LAB_NAME, 1, DEFAULT_STATE_ROOT, own_kernels=1, kernel=kernel)
    try:
        nfs.start(lab, [FIRST, SECOND])
        engine.install(lab, binaries)
        with World.open(lab, engine.start(lab), image) as world:
            yield world
    finally:
        keep_logs(lab)
        datacentre.down(LAB_NAME, DEFAULT_STATE_ROOT)


@pytest.fixture(scope="module")
def domain(nfs_world: World) -> types.StorageDomain:
    """The domain on the first export, active."""
    return infrastructure.ensure_storage_domain_on(
        nfs_world.connection, "first", nfs_world.data_center, nfs_world.hosts[0], export(nfs_world.lab, FIRST))


@pytest.fixture(scope="module")
def content(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """An image of a few random bytes, with room."""
    raw = tmp_path_factory.mktemp("nfs") / "content.raw"
    raw.write_bytes(os.urandom(4 * MEBIBYTE))
    os.truncate(raw, 32 * MEBIBYTE)
    path = raw.with_suffix(".qcow2")
    subprocess.run(["qemu-img", "convert", "-f", "raw", "-O", "qcow2", str(raw), str(path)], check=True)
    return path


@pytest.fixture(scope="module")
def disk(nfs_world: World, domain: types.StorageDomain, content: Path) -> types.Disk:
    """A disk with that content."""
    made = disks.create(nfs_world.connection, "content", content, domain)
    disks.upload(nfs_world.connection, nfs_world.access, made, content)
    return made


def export(lab: LabLayout, path: str, **settings: object) -> types.HostStorage:
    """One of the server's exports."""
    return types.HostStorage(type=types.StorageType.NFS, address=lab.nfs_address, path=path, **settings)


def mounts(lab: LabLayout) -> dict[str, set[str]]:
    """The NFS mounts of the host, by what is mounted, with the options that the kernel uses."""
    table = datacentre.inside(lab.host(1), ["cat", "/proc/self/mounts"], check=True).stdout
    lines = [line.split() for line in table.splitlines()]
    return {source: set(options.split(",")) for source, _place, kind, options, *_rest in lines if kind.startswith("nfs")}


def attached(world: World, domain: types.StorageDomain):
    """The domain's service in its data centre."""
    return world.system.data_centers_service().data_center_service(
        world.data_center.id).storage_domains_service().storage_domain_service(domain.id)


def host_service(world: World):
    """The host's service."""
    return world.system.hosts_service().host_service(world.hosts[0].id)


def wait_for_status(world: World, domain: types.StorageDomain, status: types.StorageDomainStatus,
                    timeout: float = NOTICED_SECONDS) -> None:
    """Waits for the domain; all the while the host must be up."""
    def read() -> types.StorageDomain:
        assert host_service(world).get().status == types.HostStatus.UP
        return attached(world, domain).get()

    wait_for(read, lambda seen: seen.status == status, f"{domain.name} becomes {status.value}", timeout=timeout)


def test_a_domain_is_made_on_the_server(nfs_world: World, domain: types.StorageDomain) -> None:
    """USER_ADD_STORAGE_DOMAIN, USER_ATTACH_STORAGE_DOMAIN_TO_POOL; its metadata lie on the server and say what they are."""
    nfs_world.events.expect(956, 962)
    metadata = nfs.exported(nfs_world.lab, FIRST) / domain.id / "dom_md/metadata"
    said = metadata.read_text().splitlines()
    assert f"SDUUID={domain.id}" in said and "TYPE=NFS" in said
    assert f"REMOTE_PATH={nfs_world.lab.nfs_address}:{FIRST}" in said
    seen = nfs_world.system.storage_domains_service().storage_domain_service(domain.id).get()
    assert seen.storage.type == types.StorageType.NFS and seen.available > 0


def test_mounted_with_our_options(nfs_world: World, domain: types.StorageDomain) -> None:
    """Soft, with ten seconds and three tries; no programs with others' rights, no devices."""
    assert domain.name == "first"
    used = mounts(nfs_world.lab)[f"{nfs_world.lab.nfs_address}:{FIRST}"]
    assert {"soft", "nosharecache", "nosuid", "nodev", "timeo=100", "retrans=3", "proto=tcp", "vers=4.2"} <= used


def test_mounted_with_the_users_options(nfs_world: World, domain: types.StorageDomain) -> None:
    """Version, time-out, tries and further options are the user's; a domain that goes takes mount and content along."""
    lab, connection, host = nfs_world.lab, nfs_world.connection, nfs_world.hosts[0]
    wanted = export(lab, SECOND, nfs_version=types.NfsVersion.V4_1, nfs_timeo=50, nfs_retrans=2, mount_options="rsize=65536")
    second = infrastructure.ensure_storage_domain_on(connection, "second", nfs_world.data_center, host, wanted)
    source = f"{lab.nfs_address}:{SECOND}"
    assert {"vers=4.1", "timeo=50", "retrans=2", "rsize=65536", "soft"} <= mounts(lab)[source]
    infrastructure.remove_storage_domain(connection, second, nfs_world.data_center, host)
    nfs_world.events.expect(968, 964, 960)
    assert source not in mounts(lab) and f"{lab.nfs_address}:{FIRST}" in mounts(lab)
    assert list(nfs.exported(lab, SECOND).iterdir()) == []


def test_upload_and_download(nfs_world: World, disk: types.Disk, content: Path, tmp_path: Path) -> None:
    """What was uploaded lies on the server and comes back."""
    image, = (path for path in nfs.exported(nfs_world.lab, FIRST).glob(f"*/images/{disk.id}/*") if not path.suffix)
    subprocess.run(["qemu-img", "compare", "-f", "qcow2", "-F", "qcow2", str(image), str(content)], check=True)
    copy = tmp_path / "copy.qcow2"
    disks.download(nfs_world.connection, nfs_world.access, disk, copy)
    assert disks.checksum(copy) == disks.checksum(content)


def test_a_preallocated_disk_takes_its_room(nfs_world: World, domain: types.StorageDomain) -> None:
    """The server has given every byte before anyone writes."""
    made = nfs_world.system.disks_service().add(types.Disk(
        name="whole", format=types.DiskFormat.RAW, sparse=False, provisioned_size=16 * MEBIBYTE,
        storage_domains=[types.StorageDomain(id=domain.id)]))
    disks.wait_until_ok(nfs_world.connection, made)
    folder = nfs.exported(nfs_world.lab, FIRST) / domain.id / "images" / made.id
    assert max(path.stat().st_blocks for path in folder.iterdir()) * 512 >= 16 * MEBIBYTE
    nfs_world.system.disks_service().disk_service(made.id).remove()


def test_a_silent_server_hangs_nobody(nfs_world: World, domain: types.StorageDomain, disk: types.Disk) -> None:
    """The domain is inactive, the host is up, and what needs the domain is refused at once."""
    nfs.fall_silent(nfs_world.lab)
    wait_for_status(nfs_world, domain, INACTIVE)
    before = time.monotonic()
    with pytest.raises(ovirtsdk4.Error, match="inactive"):
        nfs_world.system.disks_service().disk_service(disk.id).update(types.Disk(provisioned_size=64 * MEBIBYTE))
    assert time.monotonic() - before < NOTICED_SECONDS


def test_an_agent_comes_back_while_the_server_is_silent(nfs_world: World, domain: types.StorageDomain) -> None:
    """A killed agent finds its mount hanging and serves all the same."""
    host = nfs_world.lab.host(1)
    kill_service(nfs_world.lab, host.services, engine.AGENT_SERVICE, host.name)
    service = host_service(nfs_world)
    wait_for(service.get, lambda seen: seen.status != types.HostStatus.UP, "the engine notices", timeout=AGENT_SECONDS, period=0.1)
    wait_for(service.get, lambda seen: seen.status == types.HostStatus.UP, "the host is up again", timeout=AGENT_SECONDS)
    wait_for_status(nfs_world, domain, INACTIVE)
    assert f"{nfs_world.lab.nfs_address}:{FIRST}" in mounts(nfs_world.lab)


def test_the_domain_comes_back_with_its_server(nfs_world: World, domain: types.StorageDomain, disk: types.Disk,
                                               content: Path, tmp_path: Path) -> None:
    """By itself, with its content, on the same mount."""
    nfs.wake(nfs_world.lab)
    wait_for_status(nfs_world, domain, ACTIVE, timeout=90.0)
    copy = tmp_path / "copy.qcow2"
    disks.download(nfs_world.connection, nfs_world.access, disk, copy)
    assert disks.checksum(copy) == disks.checksum(content)


def test_a_silent_domain_can_be_set_aside(nfs_world: World, domain: types.StorageDomain) -> None:
    """STORAGE_DOMAIN_MOVED_TO_MAINTENANCE; nothing of it is mounted any more, although nobody answers, and it comes back."""
    nfs.fall_silent(nfs_world.lab)
    wait_for_status(nfs_world, domain, INACTIVE)
    attached(nfs_world, domain).deactivate()
    wait_for_status(nfs_world, domain, MAINTENANCE)
    nfs_world.events.expect(1029)
    assert mounts(nfs_world.lab) == {}
    nfs.wake(nfs_world.lab)
    attached(nfs_world, domain).activate()
    wait_for_status(nfs_world, domain, ACTIVE)


def test_set_aside_and_removed(nfs_world: World, domain: types.StorageDomain, disk: types.Disk) -> None:
    """Nothing is mounted and nothing is left on the server."""
    service = nfs_world.system.disks_service().disk_service(disk.id)
    service.remove()
    wait_for(lambda: [one for one in nfs_world.system.disks_service().list() if one.id == disk.id], lambda left: not left,
             "the disk is removed")
    infrastructure.remove_storage_domain(nfs_world.connection, domain, nfs_world.data_center, nfs_world.hosts[0])
    assert mounts(nfs_world.lab) == {}
    assert list(nfs.exported(nfs_world.lab, FIRST).iterdir()) == []
