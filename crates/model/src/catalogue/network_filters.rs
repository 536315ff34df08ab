//! Network filters that a vNIC profile may name: libvirt's own, and the one that the host agent defines.
//!
//! Only the id of [`NO_MAC_SPOOFING`] is known to clients; the others were drawn once and stay.

use uuid::{Uuid, uuid};

/// A network filter.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct NetworkFilter {
    /// Its id.
    pub id: Uuid,
    /// The name that libvirt knows it by.
    pub name: &'static str,
    /// The version since which it may be used, as the API shows it.
    pub since: (u16, u16),
}

const fn filter(name: &'static str, since: (u16, u16), id: Uuid) -> NetworkFilter {
    NetworkFilter { id, name, since }
}

/// Keeps a guest from sending under a MAC address that it was not given: the filter of new profiles.
pub const NO_MAC_SPOOFING: Uuid = uuid!("d2370ab4-fee3-11e9-a310-8c1645ce738e");

/// Every network filter.
pub const NETWORK_FILTERS: &[NetworkFilter] = &[
    filter("vdsm-no-mac-spoofing", (3, 2), NO_MAC_SPOOFING),
    filter("allow-arp", (3, 6), uuid!("206e9a63-2fb0-5f47-b85e-7382eb7c3792")),
    filter("allow-dhcp", (3, 6), uuid!("ae00b401-e3b3-5b16-986f-011a33275f59")),
    filter("allow-incoming-ipv4", (3, 6), uuid!("dcfa12d1-9ec9-55dc-893d-6ecaecbce53b")),
    filter("allow-ipv4", (3, 6), uuid!("26c1241a-5ade-5588-af3b-eccd482692cd")),
    filter("clean-traffic", (3, 6), uuid!("b4df9ba2-bae9-5e36-a21f-86d5d475b4b0")),
    filter("clean-traffic-gateway", (4, 2), uuid!("5d14c1b1-d94c-5975-b151-2b36786bbeb0")),
    filter("no-arp-ip-spoofing", (3, 6), uuid!("61ee6bb7-352c-5a60-9e1a-a5ddee5c4d44")),
    filter("no-arp-mac-spoofing", (3, 6), uuid!("1bca809e-6c1d-5a5e-8b19-703ff9d50e43")),
    filter("no-arp-spoofing", (3, 6), uuid!("8671f508-8474-523a-8cbc-923b2fd46c70")),
    filter("no-ip-multicast", (3, 6), uuid!("162187ce-1547-5523-a04d-01148cb0d4a1")),
    filter("no-ip-spoofing", (3, 6), uuid!("159884c8-661a-5e2a-b7da-b4d44251d677")),
    filter("no-mac-broadcast", (3, 6), uuid!("2dd7b3d2-562c-5e34-a3b9-51ab9d3ad2cf")),
    filter("no-mac-spoofing", (3, 6), uuid!("758b0d51-b9c1-59fb-a8d9-f7439ed14b93")),
    filter("no-other-l2-traffic", (3, 6), uuid!("72b9d12a-c368-5249-9588-70ac6da6aee6")),
    filter("no-other-rarp-traffic", (3, 6), uuid!("250b08c8-57af-5db6-891f-f19653334a97")),
    filter("qemu-announce-self", (3, 6), uuid!("d8d8c34b-88cb-5480-8e8e-0af5d59fe771")),
    filter("qemu-announce-self-rarp", (3, 6), uuid!("f425c80c-a7c1-5914-bda9-7c6fcfe189bc")),
];

/// The filter with this id.
#[must_use]
pub fn network_filter(id: Uuid) -> Option<&'static NetworkFilter> {
    NETWORK_FILTERS.iter().find(|filter| filter.id == id)
}
