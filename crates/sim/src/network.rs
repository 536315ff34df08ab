//! The NICs of a simulated host: one with its address, and a bridge for each network that the engine asked for.

use std::net::Ipv4Addr;

use ferrovirt_hostapi::{HostNic, NetworkAttachment, NetworkPresence, NetworkState};

/// The NIC that a host was born with.
pub const NIC: &str = "eth0";
const SPEED: u64 = 25_000_000_000;
const MTU: u32 = 1500;

/// What a host says of its networks.
#[must_use]
pub fn state(number: u32, address: Ipv4Addr, attached: &[NetworkAttachment]) -> NetworkState {
    let own = format!("{address}/8");
    let over = attached.iter().find(|network| network.nic == NIC);
    let mut nics = vec![HostNic {
        name: NIC.to_owned(),
        mac_address: mac_address(number, 0),
        mtu: MTU,
        up: true,
        speed_bits_per_second: SPEED,
        ipv4: over.is_none().then(|| own.clone()).into_iter().collect(),
        kind: "physical".to_owned(),
        master: over.map(|network| network.bridge.clone()).unwrap_or_default(),
        ..HostNic::default()
    }];
    nics.extend((1..).zip(attached).map(|(index, network)| HostNic {
        name: network.bridge.clone(),
        mac_address: mac_address(number, index),
        mtu: if network.mtu == 0 { MTU } else { network.mtu },
        up: true,
        // A network that stands on the NIC carries the host's address.
        ipv4: (network.nic == NIC).then(|| own.clone()).into_iter().collect(),
        ipv4_method: if network.nic == NIC { "static".to_owned() } else { "none".to_owned() },
        kind: "bridge".to_owned(),
        ..HostNic::default()
    }));
    NetworkState { nics, networks: attached.iter().map(presence).collect() }
}

fn presence(network: &NetworkAttachment) -> NetworkPresence {
    NetworkPresence {
        network_id: network.network_id.clone(),
        name: network.name.clone(),
        bridge: network.bridge.clone(),
        nic: network.nic.clone(),
        mtu: network.mtu,
        vlan: network.vlan,
        in_sync: true,
    }
}

/// Locally administered, one of its own for each host and device.
fn mac_address(number: u32, index: u8) -> String {
    let [_, high, middle, low] = number.to_be_bytes();
    format!("02:5f:{high:02x}:{middle:02x}:{low:02x}:{index:02x}")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_address_moves_to_the_bridge_over_the_nic() {
        let address = Ipv4Addr::new(127, 93, 0, 1);
        let named = |name: &str, nic: &str| NetworkAttachment {
            network_id: name.to_owned(),
            bridge: name.to_owned(),
            nic: nic.to_owned(),
            ..NetworkAttachment::default()
        };
        let before = state(1, address, &[]);
        assert_eq!(before.nics.len(), 1);
        assert_eq!(before.nics[0].ipv4, ["127.93.0.1/8"]);
        let after = state(1, address, &[named("ovirtmgmt", NIC), named("red", "")]);
        let of = |name: &str| after.nics.iter().find(|nic| nic.name == name).unwrap();
        assert_eq!((of(NIC).master.as_str(), of(NIC).ipv4.len()), ("ovirtmgmt", 0));
        assert_eq!((of("ovirtmgmt").kind.as_str(), of("ovirtmgmt").ipv4.len()), ("bridge", 1));
        assert!(of("red").up && of("red").ipv4.is_empty());
        let macs: std::collections::BTreeSet<&str> = after.nics.iter().map(|nic| nic.mac_address.as_str()).collect();
        assert_eq!(macs.len(), 3);
    }
}
