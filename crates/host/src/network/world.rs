//! What the host's networks are, and what the engine wants them to be. Pure nouns: nothing is read or changed here.

use std::collections::{BTreeMap, BTreeSet};
use std::net::IpAddr;

use ferrovirt_hostapi as api;
use serde::{Deserialize, Serialize};

use super::NetworkError;

/// Linux cuts device names after 15 bytes.
const NAME_LIMIT: usize = 15;

/// What a device is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Kind {
    /// A card, or the end of a wire that leaves this network namespace.
    Physical,
    Bridge,
    Bond,
    Vlan,
    /// A VM's end, made by the hypervisor.
    Tap,
    Virtual,
    Loopback,
}

impl Kind {
    pub(super) fn name(self) -> &'static str {
        match self {
            Kind::Physical => "physical",
            Kind::Bridge => "bridge",
            Kind::Bond => "bond",
            Kind::Vlan => "vlan",
            Kind::Tap | Kind::Virtual | Kind::Loopback => "virtual",
        }
    }
}

/// A network device.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Link {
    pub(super) index: u32,
    pub(super) mac: String,
    pub(super) mtu: u32,
    pub(super) up: bool,
    pub(super) kind: Kind,
    /// The bridge or bond that it belongs to.
    pub(super) master: Option<String>,
    /// What a VLAN device stands on.
    pub(super) base: Option<String>,
    pub(super) vlan: u16,
}

/// An address with its prefix length.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub(super) struct Address {
    pub(super) ip: IpAddr,
    pub(super) prefix: u8,
    /// Set by hand; otherwise leased.
    pub(super) permanent: bool,
}

impl Address {
    pub(super) fn text(&self) -> String {
        format!("{}/{}", self.ip, self.prefix)
    }
}

/// A route that somebody set; those that the kernel makes by itself are not kept.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub(super) struct Route {
    /// None: the default route.
    pub(super) destination: Option<(IpAddr, u8)>,
    pub(super) gateway: Option<IpAddr>,
    pub(super) metric: Option<u32>,
    pub(super) ipv6: bool,
}

/// What belongs to a device by addresses, as it is moved from one to another.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Load {
    pub(super) addresses: Vec<Address>,
    pub(super) routes: Vec<Route>,
}

/// The host as it is.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(super) struct Current {
    pub(super) links: BTreeMap<String, Link>,
    /// By device. Global addresses only: link-local ones come by themselves.
    pub(super) loads: BTreeMap<String, Load>,
}

impl Current {
    pub(super) fn load(&self, device: &str) -> Load {
        self.loads.get(device).cloned().unwrap_or_default()
    }

    /// Devices that belong to a bridge.
    pub(super) fn ports<'a>(&'a self, bridge: &'a str) -> impl Iterator<Item = (&'a String, &'a Link)> {
        self.links.iter().filter(move |(_, link)| link.master.as_deref() == Some(bridge))
    }
}

/// A fixed address of a network.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Fixed {
    pub(super) ip: IpAddr,
    pub(super) prefix: u8,
    pub(super) gateway: Option<IpAddr>,
}

/// One network that the engine wants on this host.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Network {
    pub(super) id: String,
    pub(super) name: String,
    /// None: not for VMs, its addresses stand on the port.
    pub(super) bridge: Option<String>,
    /// None: no way out of the host.
    pub(super) nic: Option<String>,
    pub(super) vlan: u16,
    /// 0: as it is.
    pub(super) mtu: u32,
    pub(super) stp: bool,
    pub(super) fixed: Vec<Fixed>,
}

impl Network {
    /// The device that leads out: the NIC, or a VLAN device on it.
    pub(super) fn port(&self) -> Option<String> {
        let nic = self.nic.as_ref()?;
        Some(if self.vlan == 0 { nic.clone() } else { format!("{nic}.{}", self.vlan) })
    }

    /// The device that carries the network's addresses.
    pub(super) fn top(&self) -> Option<String> {
        self.bridge.clone().or_else(|| self.port())
    }

    fn read(asked: &api::NetworkAttachment) -> Result<Self, NetworkError> {
        let odd = |why: String| NetworkError::Invalid(format!("network {:?}: {why}", asked.name));
        let device = |text: &str| {
            let sound = !text.is_empty()
                && text.len() <= NAME_LIMIT
                && !matches!(text, "." | ".." | "all" | "default" | "lo")
                && text.chars().all(|c| c.is_ascii_alphanumeric() || "_.-:@".contains(c));
            if sound { Ok(text.to_owned()) } else { Err(odd(format!("{text:?} is no device name"))) }
        };
        let nic = if asked.nic.is_empty() { None } else { Some(device(&asked.nic)?) };
        let bridge = if asked.vm_network {
            Some(device(if asked.bridge.is_empty() { &asked.name } else { &asked.bridge })?)
        } else {
            None
        };
        if nic.is_none() && bridge.is_none() {
            return Err(odd("it is not for VMs and names no NIC".into()));
        }
        let vlan = u16::try_from(asked.vlan).ok().filter(|vlan| *vlan < 4095);
        let vlan = vlan.ok_or_else(|| odd(format!("{} is no VLAN", asked.vlan)))?;
        if vlan != 0 && nic.is_none() {
            return Err(odd("a VLAN needs a NIC".into()));
        }
        if asked.mtu != 0 && !(68..=65_536).contains(&asked.mtu) {
            return Err(odd(format!("an MTU of {} is out of range", asked.mtu)));
        }
        let mut fixed = Vec::new();
        for (assignment, ipv6) in [(&asked.ipv4, false), (&asked.ipv6, true)] {
            fixed.extend(assignment.as_ref().map(|one| self::fixed(one, ipv6).map_err(odd)).transpose()?.flatten());
        }
        let network = Network {
            id: asked.network_id.clone(),
            name: asked.name.clone(),
            bridge,
            nic,
            vlan,
            mtu: asked.mtu,
            stp: asked.stp,
            fixed,
        };
        network.port().map_or(Ok(()), |port| device(&port).map(drop))?;
        Ok(network)
    }
}

/// The fixed address of an assignment. None: none is asked, or somebody else gives it.
fn fixed(assignment: &api::IpAssignment, ipv6: bool) -> Result<Option<Fixed>, String> {
    match assignment.method.as_str() {
        // A lease is the business of the system's DHCP client; router advertisements are the kernel's.
        "" | "none" | "dhcp" | "autoconf" | "poly_dhcp_autoconf" => return Ok(None),
        "static" => {}
        other => return Err(format!("{other:?} is no way to get an address")),
    }
    let parse = |text: &str| {
        let ip: IpAddr = text.parse().map_err(|_| format!("{text:?} is no address"))?;
        if ip.is_ipv6() == ipv6 { Ok(ip) } else { Err(format!("{text:?} is of the other family")) }
    };
    let gateway = if assignment.gateway.is_empty() { None } else { Some(parse(&assignment.gateway)?) };
    Ok(Some(Fixed { ip: parse(&assignment.address)?, prefix: prefix(&assignment.netmask, ipv6)?, gateway }))
}

/// `24`, or `255.255.255.0`.
fn prefix(text: &str, ipv6: bool) -> Result<u8, String> {
    let odd = || format!("{text:?} is no netmask");
    let limit = if ipv6 { 128 } else { 32 };
    if let Ok(prefix) = text.parse::<u8>() {
        return if prefix <= limit { Ok(prefix) } else { Err(odd()) };
    }
    let mask: std::net::Ipv4Addr = text.parse().map_err(|_| odd())?;
    let bits = u32::from(mask);
    let ones = bits.leading_ones();
    if !ipv6 && bits.checked_shl(ones).unwrap_or(0) == 0 { u8::try_from(ones).map_err(|_| odd()) } else { Err(odd()) }
}

/// Reads a request; refuses what contradicts itself.
pub(super) fn desired(asked: &[api::NetworkAttachment]) -> Result<Vec<Network>, NetworkError> {
    let networks = asked.iter().map(Network::read).collect::<Result<Vec<_>, _>>()?;
    let mut tops = BTreeSet::new();
    let mut ports = BTreeSet::new();
    for network in &networks {
        let odd = |why: String| Err(NetworkError::Invalid(format!("network {:?}: {why}", network.name)));
        if let Some(bridge) = &network.bridge
            && (!tops.insert(bridge.clone()) || network.nic.as_ref() == Some(bridge))
        {
            return odd(format!("the device name {bridge} is taken"));
        }
        if let Some(port) = network.port()
            && !ports.insert(port.clone())
        {
            return odd(format!("another network uses {port}"));
        }
    }
    Ok(networks)
}

/// What the agent remembers of its own doing, over restarts.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Book {
    /// The networks that must stand.
    pub(super) networks: Vec<Network>,
    /// What each NIC carried before a network took it.
    pub(super) carried: BTreeMap<String, Load>,
    /// Bridges that were there before: used, and never removed.
    pub(super) adopted: BTreeSet<String>,
}

#[cfg(test)]
mod tests {
    use super::*;

    fn attachment(name: &str, nic: &str) -> api::NetworkAttachment {
        api::NetworkAttachment { name: name.into(), nic: nic.into(), vm_network: true, ..Default::default() }
    }

    #[test]
    fn requests_that_contradict_themselves_are_refused() {
        let with = |change: fn(&mut api::NetworkAttachment)| {
            let mut one = attachment("blue", "eth0");
            change(&mut one);
            desired(&[one])
        };
        assert!(with(|_| ()).is_ok());
        assert!(with(|one| one.bridge = "a/b".into()).is_err());
        assert!(with(|one| one.bridge = "sixteen-letters-".into()).is_err());
        assert!(with(|one| one.vlan = 4095).is_err());
        assert!(with(|one| (one.nic, one.vlan) = (String::new(), 5)).is_err());
        assert!(with(|one| (one.nic, one.vm_network) = (String::new(), false)).is_err());
        assert!(with(|one| one.mtu = 10).is_err());
        assert!(with(|one| one.bridge = "eth0".into()).is_err());
        assert!(desired(&[attachment("blue", "eth0"), attachment("red", "eth0")]).is_err());
        assert!(desired(&[attachment("blue", "eth0"), attachment("blue", "eth1")]).is_err());
    }

    #[test]
    fn addresses_are_read() {
        let assignment = |address: &str, netmask: &str, gateway: &str| api::IpAssignment {
            method: "static".into(),
            address: address.into(),
            netmask: netmask.into(),
            gateway: gateway.into(),
        };
        let read = fixed(&assignment("10.0.0.2", "255.255.255.0", "10.0.0.1"), false).unwrap().unwrap();
        assert_eq!((read.prefix, read.gateway), (24, Some("10.0.0.1".parse().unwrap())));
        assert_eq!(fixed(&assignment("fd00::2", "64", ""), true).unwrap().unwrap().prefix, 64);
        assert_eq!(prefix("0.0.0.0", false), Ok(0));
        assert_eq!(prefix("255.255.255.255", false), Ok(32));
        for (address, netmask, ipv6) in [
            ("10.0.0.2", "255.0.255.0", false),
            ("10.0.0.2", "33", false),
            ("fd00::2", "24", false),
            ("x", "24", false),
        ] {
            assert!(fixed(&assignment(address, netmask, ""), ipv6).is_err(), "{address} {netmask}");
        }
    }
}
