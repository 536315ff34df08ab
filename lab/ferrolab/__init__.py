"""A data centre on one machine: hosts are network, process, mount and cgroup namespaces with real libvirt and QEMU.

Knows nothing of what Ferrovirt does with those hosts.
"""
