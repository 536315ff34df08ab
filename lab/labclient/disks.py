"""Uploads and downloads disks with ovirt_imageio's own client. Knows no machine."""

from __future__ import annotations

from pathlib import Path

import ovirtsdk4
from ovirt_imageio import client
from ovirtsdk4 import types

from ferrolab.engine import Access

from .connection import wait_for

TRANSFER_SECONDS = 120.0
ENDED = (types.ImageTransferPhase.FINISHED_FAILURE, types.ImageTransferPhase.CANCELLED_SYSTEM,
         types.ImageTransferPhase.CANCELLED_USER, types.ImageTransferPhase.FINALIZING_FAILURE)


def create(connection: ovirtsdk4.Connection, name: str, image: Path, domain: types.StorageDomain) -> types.Disk:
    """An empty qcow2 disk that has room for the image."""
    facts = client.info(str(image))
    service = connection.system_service().disks_service()
    disk = service.add(types.Disk(
        name=name, description=f"content of {image.name}", content_type=types.DiskContentType.DATA,
        provisioned_size=facts["virtual-size"], initial_size=client.measure(str(image), "qcow2")["required"],
        format=types.DiskFormat.COW, sparse=True, storage_domains=[types.StorageDomain(id=domain.id)]))
    return wait_until_ok(connection, disk)


def wait_until_ok(connection: ovirtsdk4.Connection, disk: types.Disk) -> types.Disk:
    """Waits until nothing works on the disk any more."""
    service = connection.system_service().disks_service().disk_service(disk.id)
    return wait_for(service.get, lambda seen: seen.status == types.DiskStatus.OK, f"disk {disk.name} is ready",
                    refuse=lambda seen: seen.status == types.DiskStatus.ILLEGAL)


def _transfer(connection: ovirtsdk4.Connection, disk: types.Disk, direction: types.ImageTransferDirection):
    """An open transfer of the disk's content as the guest sees it, and its service."""
    transfers = connection.system_service().image_transfers_service()
    transfer = transfers.add(types.ImageTransfer(
        disk=types.Disk(id=disk.id), direction=direction, format=types.DiskFormat.RAW))
    service = transfers.image_transfer_service(transfer.id)
    transfer = wait_for(service.get, lambda seen: seen.phase == types.ImageTransferPhase.TRANSFERRING,
                        f"transfer of {disk.name} opens", timeout=TRANSFER_SECONDS,
                        refuse=lambda seen: seen.phase in ENDED)
    return transfer, service


def _finish(service, disk: types.Disk) -> None:
    service.finalize()
    wait_for(service.get, lambda seen: seen.phase == types.ImageTransferPhase.FINISHED_SUCCESS,
             f"transfer of {disk.name} ends", timeout=TRANSFER_SECONDS, refuse=lambda seen: seen.phase in ENDED)


def upload(connection: ovirtsdk4.Connection, access: Access, disk: types.Disk, image: Path, *,
           through_engine: bool = False) -> None:
    """Writes the image into the disk, at the host or through the engine."""
    transfer, service = _transfer(connection, disk, types.ImageTransferDirection.UPLOAD)
    url = transfer.proxy_url if through_engine else transfer.transfer_url
    client.upload(str(image), url, str(access.ca_file))
    _finish(service, disk)
    wait_until_ok(connection, disk)


def download(connection: ovirtsdk4.Connection, access: Access, disk: types.Disk, image: Path, *,
             through_engine: bool = False) -> None:
    """Reads the disk into a new qcow2 image."""
    transfer, service = _transfer(connection, disk, types.ImageTransferDirection.DOWNLOAD)
    url = transfer.proxy_url if through_engine else transfer.transfer_url
    client.download(url, str(image), str(access.ca_file), fmt="qcow2")
    _finish(service, disk)
    wait_until_ok(connection, disk)


def checksum(image: Path) -> str:
    """Checksum of an image's content as a guest sees it."""
    return client.checksum(str(image))["checksum"]
