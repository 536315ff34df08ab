//! Reads the host's devices, addresses and routes by netlink, and does single steps. It refuses to know why.

use std::collections::BTreeMap;
use std::net::IpAddr;

use futures::TryStreamExt;
use rtnetlink::packet_route::AddressFamily;
use rtnetlink::packet_route::address::{AddressAttribute, AddressHeaderFlags, AddressScope};
use rtnetlink::packet_route::link::{
    BridgeStpState, InfoData, InfoKind, InfoVlan, LinkAttribute, LinkFlags, LinkInfo, LinkLayerType, LinkMessage,
};
use rtnetlink::packet_route::route::{RouteAddress, RouteAttribute, RouteMessage, RouteProtocol, RouteType};
use rtnetlink::{Handle, LinkBridge, LinkUnspec, LinkVlan, RouteMessageBuilder};

use super::NetworkError;
use super::plan::Step;
use super::world::{Address, Current, Kind, Link, Route};

/// The main routing table.
const MAIN: u32 = 254;

/// An open netlink socket in the calling thread's network namespace.
pub(super) struct Netlink {
    handle: Handle,
    connection: tokio::task::JoinHandle<()>,
}

impl Drop for Netlink {
    fn drop(&mut self) {
        self.connection.abort();
    }
}

fn failed(what: &str) -> impl FnOnce(rtnetlink::Error) -> NetworkError {
    let what = what.to_owned();
    move |error| match error {
        rtnetlink::Error::NetlinkError(message) => NetworkError::System { what, source: message.to_io() },
        other => NetworkError::System { what, source: std::io::Error::other(other.to_string()) },
    }
}

impl Netlink {
    pub(super) fn open() -> Result<Self, NetworkError> {
        let (connection, handle, _messages) = rtnetlink::new_connection()
            .map_err(|source| NetworkError::System { what: "opening a netlink socket".into(), source })?;
        Ok(Netlink { handle, connection: tokio::spawn(connection) })
    }

    /// The host as it is.
    pub(super) async fn read(&self) -> Result<Current, NetworkError> {
        let messages: Vec<LinkMessage> =
            self.handle.link().get().execute().try_collect().await.map_err(failed("reading the devices"))?;
        let names: BTreeMap<u32, String> =
            messages.iter().filter_map(|one| Some((one.header.index, name(one)?.to_owned()))).collect();
        let mut current = Current::default();
        for message in &messages {
            if let Some(name) = name(message) {
                current.links.insert(name.to_owned(), link(message, &names));
            }
        }
        self.read_addresses(&names, &mut current).await?;
        self.read_routes(&names, &mut current).await?;
        Ok(current)
    }

    async fn read_addresses(&self, names: &BTreeMap<u32, String>, current: &mut Current) -> Result<(), NetworkError> {
        let mut messages = self.handle.address().get().execute();
        while let Some(message) = messages.try_next().await.map_err(failed("reading the addresses"))? {
            let (AddressScope::Universe, Some(device)) = (message.header.scope, names.get(&message.header.index))
            else {
                continue;
            };
            // On a point-to-point device "local" is the host's own end.
            let local = message.attributes.iter().find_map(|one| match one {
                AddressAttribute::Local(ip) => Some(*ip),
                _ => None,
            });
            let any = message.attributes.iter().find_map(|one| match one {
                AddressAttribute::Address(ip) => Some(*ip),
                _ => None,
            });
            if let Some(ip) = local.or(any) {
                let permanent = message.header.flags.contains(AddressHeaderFlags::Permanent);
                let address = Address { ip, prefix: message.header.prefix_len, permanent };
                current.loads.entry(device.clone()).or_default().addresses.push(address);
            }
        }
        Ok(())
    }

    async fn read_routes(&self, names: &BTreeMap<u32, String>, current: &mut Current) -> Result<(), NetworkError> {
        for ipv6 in [false, true] {
            let mut ask = RouteMessage::default();
            ask.header.address_family = if ipv6 { AddressFamily::Inet6 } else { AddressFamily::Inet };
            let mut messages = self.handle.route().get(ask).execute();
            while let Some(message) = messages.try_next().await.map_err(failed("reading the routes"))? {
                if let Some((index, route)) = route(&message, ipv6)
                    && let Some(device) = names.get(&index)
                {
                    current.loads.entry(device.clone()).or_default().routes.push(route);
                }
            }
        }
        Ok(())
    }

    async fn index(&self, device: &str) -> Result<u32, NetworkError> {
        let mut found = self.handle.link().get().match_name(device.to_owned()).execute();
        let found = found.try_next().await.map_err(failed(&format!("finding {device}")))?;
        found.map(|one| one.header.index).ok_or_else(|| NetworkError::Invalid(format!("there is no device {device}")))
    }

    async fn change(&self, what: &str, message: LinkMessage) -> Result<(), NetworkError> {
        self.handle.link().change(message).execute().await.map_err(failed(what))
    }

    /// Does one step. What is so already is fine.
    pub(super) async fn apply(&self, step: &Step) -> Result<(), NetworkError> {
        let done = self.step(step).await;
        match (&done, step) {
            (Err(NetworkError::System { source, .. }), Step::AddAddress { .. } | Step::AddRoute { .. })
                if source.kind() == std::io::ErrorKind::AlreadyExists =>
            {
                Ok(())
            }
            (Err(NetworkError::System { source, .. }), Step::RemoveAddress { .. })
                if source.raw_os_error() == Some(nix::libc::EADDRNOTAVAIL) =>
            {
                Ok(())
            }
            (Err(NetworkError::System { source, .. }), Step::MakeVlan { name, .. })
                if source.raw_os_error() == Some(nix::libc::EOPNOTSUPP) =>
            {
                let text = format!("{name}: this kernel has no VLANs (802.1Q); load the module 8021q");
                Err(NetworkError::Unsupported(text))
            }
            _ => done,
        }
    }

    async fn step(&self, step: &Step) -> Result<(), NetworkError> {
        match step {
            Step::MakeBridge { name, mac, stp } => {
                let state = if *stp { BridgeStpState::KernelStp } else { BridgeStpState::Disabled };
                let mut message = LinkBridge::new(name).stp_state(state).forward_delay(if *stp { 1500 } else { 0 });
                if let Some(mac) = mac.as_deref().and_then(mac_bytes) {
                    message = message.address(mac);
                }
                self.handle
                    .link()
                    .add(message.build())
                    .execute()
                    .await
                    .map_err(failed(&format!("making bridge {name}")))
            }
            Step::MakeVlan { name, base, vlan } => {
                let message = LinkVlan::new(name, self.index(base).await?, *vlan).build();
                self.handle.link().add(message).execute().await.map_err(failed(&format!("making VLAN device {name}")))
            }
            Step::SetMtu { device, mtu } => {
                let message = LinkUnspec::new_with_index(self.index(device).await?).mtu(*mtu).build();
                self.change(&format!("setting the MTU of {device}"), message).await
            }
            Step::Up { device } => {
                let message = LinkUnspec::new_with_index(self.index(device).await?).up().build();
                self.change(&format!("setting {device} up"), message).await
            }
            Step::Attach { port, bridge } => {
                let (port_index, bridge_index) = (self.index(port).await?, self.index(bridge).await?);
                let message = LinkUnspec::new_with_index(port_index).controller(bridge_index).build();
                self.change(&format!("attaching {port} to {bridge}"), message).await
            }
            Step::Detach { port } => {
                let message = LinkUnspec::new_with_index(self.index(port).await?).nocontroller().build();
                self.change(&format!("detaching {port}"), message).await
            }
            Step::AddAddress { device, address } => {
                let index = self.index(device).await?;
                let add = self.handle.address().add(index, address.ip, address.prefix);
                add.execute().await.map_err(failed(&format!("adding {} to {device}", address.text())))
            }
            Step::RemoveAddress { device, address } => self.remove_address(device, address).await,
            Step::AddRoute { device, route } => self.add_route(device, route).await,
            Step::Remove { device } => {
                let index = self.index(device).await?;
                self.handle.link().del(index).execute().await.map_err(failed(&format!("removing {device}")))
            }
        }
    }

    async fn remove_address(&self, device: &str, address: &Address) -> Result<(), NetworkError> {
        let index = self.index(device).await?;
        let what = format!("removing {} from {device}", address.text());
        let mut found = self.handle.address().get().set_link_index_filter(index).execute();
        while let Some(message) = found.try_next().await.map_err(failed(&what))? {
            let is_it = message.attributes.iter().any(
                |one| matches!(one, AddressAttribute::Local(ip) | AddressAttribute::Address(ip) if *ip == address.ip),
            );
            if message.header.index == index && is_it && message.header.prefix_len == address.prefix {
                return self.handle.address().del(message).execute().await.map_err(failed(&what));
            }
        }
        Ok(())
    }

    async fn add_route(&self, device: &str, route: &Route) -> Result<(), NetworkError> {
        let index = self.index(device).await?;
        let what = format!("adding a route to {device}");
        let odd = |error: String| NetworkError::Invalid(format!("{what}: {error}"));
        let any: IpAddr =
            if route.ipv6 { std::net::Ipv6Addr::UNSPECIFIED.into() } else { std::net::Ipv4Addr::UNSPECIFIED.into() };
        let (destination, prefix) = route.destination.unwrap_or((any, 0));
        let mut message = RouteMessageBuilder::<IpAddr>::new()
            .output_interface(index)
            .destination_prefix(destination, prefix)
            .map_err(|error| odd(error.to_string()))?;
        if let Some(gateway) = route.gateway {
            message = message.gateway(gateway).map_err(|error| odd(error.to_string()))?;
        }
        if let Some(metric) = route.metric {
            message = message.priority(metric);
        }
        self.handle.route().add(message.build()).execute().await.map_err(failed(&what))
    }
}

fn name(message: &LinkMessage) -> Option<&str> {
    message.attributes.iter().find_map(|one| match one {
        LinkAttribute::IfName(name) => Some(name.as_str()),
        _ => None,
    })
}

fn link(message: &LinkMessage, names: &BTreeMap<u32, String>) -> Link {
    let mut link = Link {
        index: message.header.index,
        mac: String::new(),
        mtu: 0,
        up: message.header.flags.contains(LinkFlags::Up),
        kind: if message.header.link_layer_type == LinkLayerType::Loopback { Kind::Loopback } else { Kind::Physical },
        master: None,
        base: None,
        vlan: 0,
    };
    let (mut base, mut elsewhere) = (None, false);
    for attribute in &message.attributes {
        match attribute {
            LinkAttribute::Address(bytes) => {
                link.mac = bytes.iter().map(|byte| format!("{byte:02x}")).collect::<Vec<_>>().join(":");
            }
            LinkAttribute::Mtu(mtu) => link.mtu = *mtu,
            LinkAttribute::Controller(index) => link.master = names.get(index).cloned(),
            LinkAttribute::Link(index) => base = names.get(index).cloned(),
            LinkAttribute::LinkNetNsId(_) => elsewhere = true,
            LinkAttribute::LinkInfo(infos) => infos.iter().for_each(|info| read_info(info, &mut link)),
            _ => {}
        }
    }
    if link.kind == Kind::Vlan {
        link.base = base;
    }
    if link.kind == Kind::Virtual && elsewhere {
        // The other end of the pair lies in another namespace: seen from here, a wire.
        link.kind = Kind::Physical;
    }
    link
}

fn read_info(info: &LinkInfo, link: &mut Link) {
    match info {
        LinkInfo::Kind(kind) => {
            link.kind = match kind {
                InfoKind::Bridge => Kind::Bridge,
                InfoKind::Bond => Kind::Bond,
                InfoKind::Vlan => Kind::Vlan,
                InfoKind::Tun => Kind::Tap,
                _ => Kind::Virtual,
            }
        }
        LinkInfo::Data(InfoData::Vlan(all)) => {
            link.vlan =
                all.iter().find_map(|one| if let InfoVlan::Id(id) = one { Some(*id) } else { None }).unwrap_or(0);
        }
        _ => {}
    }
}

/// The device and the route, of a route that somebody set in the main table.
fn route(message: &RouteMessage, ipv6: bool) -> Option<(u32, Route)> {
    let header = &message.header;
    let made_by_kernel =
        matches!(header.protocol, RouteProtocol::Kernel | RouteProtocol::Ra | RouteProtocol::IcmpRedirect);
    if made_by_kernel || header.kind != RouteType::Unicast {
        return None;
    }
    let (mut index, mut table) = (None, u32::from(header.table));
    let mut route = Route { destination: None, gateway: None, metric: None, ipv6 };
    let ip = |address: &RouteAddress| match address {
        RouteAddress::Inet(ip) => Some(IpAddr::from(*ip)),
        RouteAddress::Inet6(ip) => Some(IpAddr::from(*ip)),
        _ => None,
    };
    for attribute in &message.attributes {
        match attribute {
            RouteAttribute::Oif(device) => index = Some(*device),
            RouteAttribute::Table(number) => table = *number,
            RouteAttribute::Priority(metric) => route.metric = Some(*metric),
            RouteAttribute::Gateway(address) => route.gateway = ip(address),
            RouteAttribute::Destination(address) => {
                route.destination = ip(address).map(|ip| (ip, header.destination_prefix_length));
            }
            _ => {}
        }
    }
    (table == MAIN).then_some((index?, route))
}

fn mac_bytes(text: &str) -> Option<Vec<u8>> {
    let bytes: Option<Vec<u8>> = text.split(':').map(|part| u8::from_str_radix(part, 16).ok()).collect();
    bytes.filter(|bytes| bytes.len() == 6)
}
