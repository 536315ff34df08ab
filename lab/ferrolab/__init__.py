"""A data centre on one machine: hosts are network, process, mount and cgroup namespaces with real libvirt and QEMU, or, where
this machine's kernel lacks what is to be tested, emulated machines with a kernel of their own.

Knows nothing of what Ferrovirt does with those hosts.
"""
