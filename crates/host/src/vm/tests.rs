//! Laws of a VM's life on the fake hypervisor.
