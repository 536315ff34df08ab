"""Data centre, cluster, hosts, network and storage. Each `ensure_` finds the named thing or makes it. Knows no machine or disk."""

from __future__ import annotations

from pathlib import Path

import ovirtsdk4
from ovirtsdk4 import types

from ferrolab.layout import HostLayout

from .connection import by_name, wait_for

HOST_SECONDS = 120.0
STORAGE_SECONDS = 120.0


def ensure_data_center(connection: ovirtsdk4.Connection, name: str) -> types.DataCenter:
    """A data centre with shared storage."""
    service = connection.system_service().data_centers_service()
    return by_name(service, name) or service.add(types.DataCenter(name=name, local=False))


def ensure_cluster(connection: ovirtsdk4.Connection, name: str, data_center: types.DataCenter) -> types.Cluster:
    """A cluster whose processor type is taken from its first host."""
    service = connection.system_service().clusters_service()
    return by_name(service, name) or service.add(types.Cluster(
        name=name, data_center=types.DataCenter(id=data_center.id), cpu=types.Cpu(architecture=types.Architecture.X86_64)))


def ensure_host(connection: ovirtsdk4.Connection, host: HostLayout, cluster: types.Cluster,
                name: str | None = None) -> types.Host:
    """Adopts a host whose agent has joined, under its own name or another, and waits until it is up."""
    service = connection.system_service().hosts_service()
    name = name or host.name
    known = by_name(service, name) or service.add(types.Host(
        name=name, address=host.address, cluster=types.Cluster(id=cluster.id),
        ssh=types.Ssh(authentication_method=types.SshAuthenticationMethod.PUBLICKEY)))
    return wait_for(service.host_service(known.id).get, lambda seen: seen.status == types.HostStatus.UP,
                    f"{name} comes up", timeout=HOST_SECONDS,
                    refuse=lambda seen: seen.status == types.HostStatus.INSTALL_FAILED)


def ensure_network(connection: ovirtsdk4.Connection, name: str, data_center: types.DataCenter,
                   cluster: types.Cluster) -> types.Network:
    """A VM network of the data centre, assigned to the cluster, not required on its hosts."""
    service = connection.system_service().networks_service()
    found = [network for network in service.list(search=f'name="{name}"')
             if network.name == name and network.data_center.id == data_center.id]
    network = found[0] if found else service.add(types.Network(
        name=name, data_center=types.DataCenter(id=data_center.id), usages=[types.NetworkUsage.VM]))
    assigned = connection.system_service().clusters_service().cluster_service(cluster.id).networks_service()
    if network.id not in [entry.id for entry in assigned.list()]:
        assigned.add(types.Network(id=network.id, required=False))
    return network


def ensure_storage_domain(connection: ovirtsdk4.Connection, name: str, data_center: types.DataCenter,
                          host: types.Host, path: Path) -> types.StorageDomain:
    """A data domain in a folder that every host sees, attached to the data centre and active."""
    storage = types.HostStorage(type=types.StorageType.POSIXFS, path=str(path), vfs_type="bind")
    return ensure_storage_domain_on(connection, name, data_center, host, storage)


def ensure_storage_domain_on(connection: ovirtsdk4.Connection, name: str, data_center: types.DataCenter,
                             host: types.Host, storage: types.HostStorage) -> types.StorageDomain:
    """A data domain on any storage, attached to the data centre and active."""
    service = connection.system_service().storage_domains_service()
    domain = by_name(service, name)
    if domain is None:
        domain = service.add(types.StorageDomain(
            name=name, type=types.StorageDomainType.DATA, host=types.Host(id=host.id), storage=storage))
        wait_for(service.storage_domain_service(domain.id).get,
                 lambda seen: seen.status == types.StorageDomainStatus.UNATTACHED,
                 f"storage domain {name} is made", timeout=STORAGE_SECONDS)
    attached = connection.system_service().data_centers_service().data_center_service(
        data_center.id).storage_domains_service()
    if domain.id not in [entry.id for entry in attached.list()]:
        attached.add(types.StorageDomain(id=domain.id))
    wait_for(attached.storage_domain_service(domain.id).get,
             lambda seen: seen.status == types.StorageDomainStatus.ACTIVE,
             f"storage domain {name} becomes active", timeout=STORAGE_SECONDS)
    return domain


def remove_storage_domain(connection: ovirtsdk4.Connection, domain: types.StorageDomain, data_center: types.DataCenter,
                          host: types.Host) -> None:
    """Maintenance, detach, remove with its content."""
    attached = connection.system_service().data_centers_service().data_center_service(
        data_center.id).storage_domains_service().storage_domain_service(domain.id)
    attached.deactivate()
    wait_for(attached.get, lambda seen: seen.status == types.StorageDomainStatus.MAINTENANCE,
             f"storage domain {domain.name} goes into maintenance", timeout=STORAGE_SECONDS)
    attached.remove()
    service = connection.system_service().storage_domains_service().storage_domain_service(domain.id)
    wait_for(service.get, lambda seen: seen.status == types.StorageDomainStatus.UNATTACHED,
             f"storage domain {domain.name} is detached", timeout=STORAGE_SECONDS)
    service.remove(host=host.name, format=True)


def vnic_profile_of(connection: ovirtsdk4.Connection, network: types.Network) -> types.VnicProfile:
    """The profile that came with a network."""
    profiles = connection.system_service().vnic_profiles_service().list()
    return next(profile for profile in profiles if profile.network.id == network.id)


def network_of(connection: ovirtsdk4.Connection, name: str, data_center: types.DataCenter) -> types.Network:
    """The network of that name in the data centre."""
    networks = connection.system_service().networks_service().list()
    return next(network for network in networks
                if network.name == name and network.data_center.id == data_center.id)
