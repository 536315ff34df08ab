//! Network interfaces and their addresses, from `getifaddrs(3)`.

use std::collections::BTreeMap;
use std::net::IpAddr;

use ferrovirt_guest::protocol::{Address, Interface};
use nix::ifaddrs::getifaddrs;
use nix::net::if_::InterfaceFlags;
use nix::sys::socket::SockaddrStorage;

fn ip(address: &SockaddrStorage) -> Option<IpAddr> {
    let four = address.as_sockaddr_in().map(|four| IpAddr::V4(four.ip()));
    four.or_else(|| address.as_sockaddr_in6().map(|six| IpAddr::V6(six.ip())))
}

fn prefix_length(mask: IpAddr) -> u8 {
    let ones = match mask {
        IpAddr::V4(mask) => mask.to_bits().leading_ones(),
        IpAddr::V6(mask) => mask.to_bits().leading_ones(),
    };
    u8::try_from(ones).unwrap_or(u8::MAX)
}

fn mac(bytes: [u8; 6]) -> String {
    bytes.map(|byte| format!("{byte:02x}")).join(":")
}

/// All interfaces, by name; `with_loopback` as libvirt expects of the QEMU guest agent.
pub(crate) fn interfaces(with_loopback: bool) -> Vec<Interface> {
    let mut found: BTreeMap<String, Interface> = BTreeMap::new();
    let Ok(addresses) = getifaddrs() else { return Vec::new() };
    for entry in addresses {
        if entry.flags.contains(InterfaceFlags::IFF_LOOPBACK) && !with_loopback {
            continue;
        }
        let interface = found
            .entry(entry.interface_name.clone())
            .or_insert_with(|| Interface { name: entry.interface_name.clone(), ..Interface::default() });
        let Some(address) = &entry.address else { continue };
        if let Some(hardware) = address.as_link_addr().and_then(|link| link.addr()) {
            interface.mac = mac(hardware);
        } else if let Some(address) = ip(address) {
            let prefix_length = entry.netmask.as_ref().and_then(ip).map(prefix_length).unwrap_or_default();
            interface.addresses.push(Address { address, prefix_length });
        }
    }
    found.into_values().collect()
}

pub(crate) fn read() -> Vec<Interface> {
    interfaces(false)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_loopback_is_there_when_asked_for() {
        let all = interfaces(true);
        let loopback = all.iter().find(|interface| interface.name == "lo").expect("a loopback interface");
        let local = Address { address: [127, 0, 0, 1].into(), prefix_length: 8 };
        assert!(loopback.addresses.contains(&local), "{loopback:?}");
        assert!(read().iter().all(|interface| interface.name != "lo"));
        assert_eq!(mac([0x52, 0x54, 0, 1, 2, 0xff]), "52:54:00:01:02:ff");
    }
}
