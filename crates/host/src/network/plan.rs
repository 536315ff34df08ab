//! From the host as it is to the host as it must be: which steps, in which order. Pure; the same input, the same steps.
//!
//! Only devices that the agent made, or that the engine named, are touched. It refuses to know netlink.

use std::collections::BTreeSet;

use super::NetworkError;
use super::world::{Address, Book, Current, Kind, Load, Network, Route};

/// One change.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Step {
    /// A bridge with the MAC address of its port, so that neighbours and leases stay right.
    MakeBridge {
        name: String,
        mac: Option<String>,
        stp: bool,
    },
    MakeVlan {
        name: String,
        base: String,
        vlan: u16,
    },
    SetMtu {
        device: String,
        mtu: u32,
    },
    Up {
        device: String,
    },
    Attach {
        port: String,
        bridge: String,
    },
    Detach {
        port: String,
    },
    AddAddress {
        device: String,
        address: Address,
    },
    RemoveAddress {
        device: String,
        address: Address,
    },
    AddRoute {
        device: String,
        route: Route,
    },
    Remove {
        device: String,
    },
}

/// The steps, and what the agent then has to remember.
pub(super) fn plan(current: &Current, book: &Book, desired: &[Network]) -> Result<(Vec<Step>, Book), NetworkError> {
    let mut planner = Planner { current, steps: Vec::new(), book: book.clone(), gone: BTreeSet::new() };
    for old in &book.networks {
        let stays = desired.iter().any(|new| new.bridge == old.bridge && new.port() == old.port());
        if !stays {
            planner.take_down(old)?;
        }
    }
    for new in desired {
        let old = book.networks.iter().find(|old| old.bridge == new.bridge && old.port() == new.port());
        planner.stand(new, old)?;
    }
    planner.book.networks = desired.to_vec();
    Ok((planner.steps, planner.book))
}

struct Planner<'a> {
    current: &'a Current,
    steps: Vec<Step>,
    book: Book,
    /// Devices that earlier steps remove.
    gone: BTreeSet<String>,
}

impl Planner<'_> {
    fn exists(&self, device: &str) -> bool {
        self.current.links.contains_key(device) && !self.gone.contains(device)
    }

    fn take_down(&mut self, old: &Network) -> Result<(), NetworkError> {
        let port = old.port();
        if let Some(bridge) = old.bridge.as_deref().filter(|bridge| self.exists(bridge)) {
            let used: Vec<&str> = self
                .current
                .ports(bridge)
                .filter(|(name, link)| link.kind == Kind::Tap && Some(*name) != port.as_ref())
                .map(|(name, _)| name.as_str())
                .collect();
            if !used.is_empty() {
                let text = format!("network {:?} is used by virtual machines ({})", old.name, used.join(", "));
                return Err(NetworkError::InUse(text));
            }
            if !self.book.adopted.remove(bridge) {
                if let Some(port) = port.as_deref().filter(|port| self.is_port(port, bridge)) {
                    self.steps.push(Step::Detach { port: port.to_owned() });
                }
                self.steps.push(Step::Remove { device: bridge.to_owned() });
                self.gone.insert(bridge.to_owned());
            }
        } else if let Some(port) = &port {
            for address in self.fixed(old) {
                if self.current.load(port).addresses.iter().any(|held| same(held, &address)) {
                    self.steps.push(Step::RemoveAddress { device: port.clone(), address });
                }
            }
        }
        if let Some(port) = port.filter(|port| old.vlan != 0 && self.exists(port)) {
            self.steps.push(Step::Remove { device: port.clone() });
            self.gone.insert(port);
        }
        if let Some(nic) = old.nic.as_ref().filter(|_| old.vlan == 0)
            && let Some(load) = self.book.carried.remove(nic)
            && self.exists(nic)
        {
            self.give(nic, &load);
        }
        Ok(())
    }

    fn stand(&mut self, new: &Network, old: Option<&Network>) -> Result<(), NetworkError> {
        let port = new.port();
        if let Some(port) = &port {
            self.stand_port(new, port)?;
        }
        let Some(bridge) = &new.bridge else {
            if let Some(port) = &port {
                self.set_fixed(new, old, port, &self.current.load(port));
            }
            return Ok(());
        };
        let made = self.stand_bridge(new, bridge, port.as_deref())?;
        match &port {
            Some(port) if made || !self.is_port(port, bridge) => {
                let load = self.current.load(port);
                self.attach(port, bridge, &load);
                if new.vlan == 0 && !load.addresses.is_empty() {
                    self.book.carried.insert(port.clone(), load.clone());
                }
                self.give(bridge, &uncovered(&load, new));
            }
            Some(port) => self.shift(port, bridge, new, old),
            None => {}
        }
        let on_bridge = if made { Load::default() } else { self.current.load(bridge) };
        self.set_fixed(new, old, bridge, &on_bridge);
        Ok(())
    }

    fn stand_port(&mut self, new: &Network, port: &str) -> Result<(), NetworkError> {
        let nic = new.nic.as_deref().unwrap_or(port);
        let refuse = |why: String| Err(NetworkError::Invalid(format!("network {:?}: {why}", new.name)));
        let Some(link) = self.current.links.get(nic) else {
            return refuse(format!("the host has no NIC {nic}"));
        };
        if matches!(link.kind, Kind::Loopback | Kind::Tap | Kind::Bridge) {
            return refuse(format!("{nic} can't carry a network"));
        }
        let master = self.current.links.get(port).and_then(|link| link.master.as_ref());
        if let Some(master) =
            master.filter(|master| Some(*master) != new.bridge.as_ref() && !self.gone.contains(*master))
        {
            let ours = self.steps.iter().any(|step| *step == Step::Detach { port: port.to_owned() });
            if !ours {
                return refuse(format!("{port} belongs to {master} already"));
            }
        }
        // A frame with a tag passes the NIC below: its MTU comes first.
        if new.mtu > link.mtu || (new.vlan == 0 && new.mtu != 0 && new.mtu != link.mtu) {
            self.steps.push(Step::SetMtu { device: nic.to_owned(), mtu: new.mtu });
        }
        if !link.up {
            self.steps.push(Step::Up { device: nic.to_owned() });
        }
        if new.vlan != 0 {
            match self.current.links.get(port).filter(|_| self.exists(port)) {
                Some(found) if found.kind == Kind::Vlan && found.vlan == new.vlan => {
                    self.adjust(port, new.mtu, found.mtu, found.up);
                }
                Some(_) => return refuse(format!("{port} is something else than VLAN {} on {nic}", new.vlan)),
                None => {
                    self.steps.push(Step::MakeVlan { name: port.to_owned(), base: nic.to_owned(), vlan: new.vlan });
                    self.adjust(port, new.mtu, 0, false);
                }
            }
        }
        Ok(())
    }

    fn adjust(&mut self, device: &str, wanted: u32, mtu: u32, up: bool) {
        if wanted != 0 && wanted != mtu {
            self.steps.push(Step::SetMtu { device: device.to_owned(), mtu: wanted });
        }
        if !up {
            self.steps.push(Step::Up { device: device.to_owned() });
        }
    }

    /// True: the bridge is made by the steps.
    fn stand_bridge(&mut self, new: &Network, bridge: &str, port: Option<&str>) -> Result<bool, NetworkError> {
        let Some(found) = self.current.links.get(bridge).filter(|_| self.exists(bridge)) else {
            let nic = port
                .and_then(|port| self.current.links.get(port))
                .or_else(|| self.current.links.get(new.nic.as_ref()?));
            let mac = nic.map(|link| link.mac.clone());
            self.steps.push(Step::MakeBridge { name: bridge.to_owned(), mac, stp: new.stp });
            self.adjust(bridge, new.mtu, 0, false);
            return Ok(true);
        };
        if found.kind != Kind::Bridge {
            let text = format!("network {:?}: {bridge} is a device of another kind", new.name);
            return Err(NetworkError::Invalid(text));
        }
        let ours = self.book.networks.iter().any(|old| old.bridge.as_deref() == Some(bridge));
        if !ours {
            self.book.adopted.insert(bridge.to_owned());
        }
        self.adjust(bridge, new.mtu, found.mtu, found.up);
        Ok(false)
    }

    fn is_port(&self, port: &str, bridge: &str) -> bool {
        !self.gone.contains(port)
            && self.current.links.get(port).is_some_and(|link| link.master.as_deref() == Some(bridge))
    }

    fn attach(&mut self, port: &str, bridge: &str, load: &Load) {
        self.steps.push(Step::Attach { port: port.to_owned(), bridge: bridge.to_owned() });
        for address in &load.addresses {
            self.steps.push(Step::RemoveAddress { device: port.to_owned(), address: address.clone() });
        }
    }

    /// What the NIC brought stands on the bridge as far as the network has no address of its own: follows a new wish.
    fn shift(&mut self, port: &str, bridge: &str, new: &Network, old: Option<&Network>) {
        let (Some(old), Some(load)) = (old, self.book.carried.get(port).cloned()) else { return };
        let (before, after) = (uncovered(&load, old), uncovered(&load, new));
        for address in before.addresses.iter().filter(|one| !after.addresses.contains(one)) {
            self.steps.push(Step::RemoveAddress { device: bridge.to_owned(), address: address.clone() });
        }
        let fresh = |routes: &Vec<Route>, route: &Route| !routes.contains(route);
        self.give(
            bridge,
            &Load {
                addresses: after.addresses.iter().filter(|one| !before.addresses.contains(one)).cloned().collect(),
                routes: after.routes.iter().filter(|one| fresh(&before.routes, one)).cloned().collect(),
            },
        );
    }

    /// Puts addresses and routes on a device.
    fn give(&mut self, device: &str, load: &Load) {
        for address in &load.addresses {
            self.steps.push(Step::AddAddress { device: device.to_owned(), address: address.clone() });
        }
        // Routes by which gateways are reached come before those that use the gateways.
        let mut routes: Vec<&Route> = load.routes.iter().collect();
        routes.sort_by_key(|route| (route.gateway.is_some(), route.destination.is_none()));
        for route in routes {
            self.steps.push(Step::AddRoute { device: device.to_owned(), route: route.clone() });
        }
    }

    fn fixed(&self, network: &Network) -> Vec<Address> {
        network.fixed.iter().map(|one| Address { ip: one.ip, prefix: one.prefix, permanent: true }).collect()
    }

    /// Makes the fixed addresses stand, and takes down those of an older wish.
    fn set_fixed(&mut self, new: &Network, old: Option<&Network>, device: &str, held: &Load) {
        let wanted = self.fixed(new);
        let mut removed = false;
        for address in old.map(|old| self.fixed(old)).unwrap_or_default() {
            let stays = wanted.iter().any(|one| same(one, &address));
            if !stays && held.addresses.iter().any(|one| same(one, &address)) {
                self.steps.push(Step::RemoveAddress { device: device.to_owned(), address });
                removed = true;
            }
        }
        for address in wanted {
            if !held.addresses.iter().any(|one| same(one, &address)) {
                self.steps.push(Step::AddAddress { device: device.to_owned(), address });
            }
        }
        for gateway in new.fixed.iter().filter_map(|one| one.gateway) {
            let route = Route { destination: None, gateway: Some(gateway), metric: None, ipv6: gateway.is_ipv6() };
            // The kernel drops the routes of an address that goes.
            let stands =
                !removed && held.routes.iter().any(|one| one.destination.is_none() && one.gateway == Some(gateway));
            if !stands {
                self.steps.push(Step::AddRoute { device: device.to_owned(), route });
            }
        }
    }
}

/// The part of a load that no fixed address of the network replaces: whole families stay or go.
fn uncovered(load: &Load, network: &Network) -> Load {
    let free = |ipv6: bool| network.fixed.iter().all(|one| one.ip.is_ipv6() != ipv6);
    Load {
        addresses: load.addresses.iter().filter(|one| free(one.ip.is_ipv6())).cloned().collect(),
        routes: load.routes.iter().filter(|one| free(one.ipv6)).cloned().collect(),
    }
}

pub(super) fn same(left: &Address, right: &Address) -> bool {
    left.ip == right.ip && left.prefix == right.prefix
}

/// What is not as it must be, a sentence each; nothing where all is well.
pub(super) fn differences(current: &Current, network: &Network) -> Vec<String> {
    let mut found = Vec::new();
    let device = |name: &str, found: &mut Vec<String>| match current.links.get(name) {
        None => found.push(format!("{name} does not exist")),
        Some(link) => {
            if !link.up {
                found.push(format!("{name} is down"));
            }
            if network.mtu != 0
                && link.mtu != network.mtu
                && Some(name) != network.nic.as_deref().filter(|_| network.vlan != 0)
            {
                found.push(format!("{name} has an MTU of {} instead of {}", link.mtu, network.mtu));
            }
        }
    };
    let port = network.port();
    for name in network.bridge.iter().chain(&port) {
        device(name, &mut found);
    }
    if let (Some(bridge), Some(port)) = (&network.bridge, &port)
        && current.links.get(port).is_some_and(|link| link.master.as_ref() != Some(bridge))
    {
        found.push(format!("{port} does not belong to {bridge}"));
    }
    let load = network.top().map(|top| current.load(&top)).unwrap_or_default();
    for one in &network.fixed {
        if !load.addresses.iter().any(|held| held.ip == one.ip && held.prefix == one.prefix) {
            found.push(format!("the address {}/{} is missing", one.ip, one.prefix));
        }
    }
    found
}

#[cfg(test)]
mod tests;
