//! Network interfaces of hosts. A bridge is not one of them where a NIC carries its network: the NIC shows the bridge's
//! addresses, as clients of this API expect.

use ferrovirt_model::ids::{HostId, HostNicId};
use ferrovirt_model::network::HostNic;
use ferrovirt_wire::types;

use crate::api::call::Call;
use crate::api::fault::Fault;
use crate::api::hrefs::Hrefs;
use crate::api::links::reference;
use crate::api::registry::{Answer, Registry};
use crate::resources::related::{many, one};
use crate::resources::shared::{decorate, filled, number, word};

pub(super) fn register(r: &mut Registry) {
    r.on("HostNicsService", "list", list);
    r.on("HostNicService", "get", get);
}

async fn list(call: Call) -> Answer {
    let found = of(&call).await?;
    many(&call, present(&call.hrefs, &found)).await
}

async fn get(call: Call) -> Answer {
    let id: HostNicId = call.id("nic")?;
    let found = of(&call).await?;
    let shown = present(&call.hrefs, &found).into_iter().find(|one| one.id.as_deref() == Some(id.to_string().as_str()));
    one(&call, shown.ok_or_else(|| Fault::no_such("HostNic", &id.to_string()))?).await
}

/// The NICs of the host that the path names.
pub(super) async fn of(call: &Call) -> Result<Vec<HostNic>, Fault> {
    let host: HostId = call.id("host")?;
    call.engine().host_view(&call.caller, host).await?;
    Ok(call.engine().host_nics(&[host]).await?)
}

/// The NICs of one host as documents.
pub(super) fn present(hrefs: &Hrefs, all: &[HostNic]) -> Vec<types::HostNic> {
    let carried = |bridge: &HostNic| {
        all.iter().any(|nic| nic.kind != "bridge" && nic.network.is_some() && nic.network == bridge.network)
    };
    all.iter()
        .filter(|nic| nic.kind != "bridge" || !carried(nic))
        .map(|nic| {
            let bridge = all.iter().find(|one| {
                one.kind == "bridge" && nic.kind != "bridge" && one.network.is_some() && one.network == nic.network
            });
            to_wire(hrefs, nic, bridge)
        })
        .collect()
}

fn to_wire(hrefs: &Hrefs, nic: &HostNic, bridge: Option<&HostNic>) -> types::HostNic {
    let addressed = bridge.unwrap_or(nic);
    let method = match addressed.ipv4_method.as_str() {
        "" => {
            if addressed.ipv4.is_empty() {
                "none"
            } else {
                "static"
            }
        }
        method => method,
    };
    let mut one = types::HostNic {
        name: Some(nic.name.clone()),
        base_interface: filled(&nic.base_nic),
        boot_protocol: word(method),
        bridged: Some(bridge.is_some() || nic.kind == "bridge"),
        custom_configuration: Some(false),
        ip: ipv4(addressed),
        ipv6: ipv6(addressed),
        ipv6_boot_protocol: Some(if addressed.ipv6.is_empty() {
            types::BootProtocol::None
        } else {
            types::BootProtocol::Autoconf
        }),
        mac: Some(types::Mac { address: filled(&nic.mac_address) }),
        mtu: number(nic.mtu),
        properties: Some(types::List::default()),
        speed: (nic.speed > 0).then(|| number(nic.speed)).flatten(),
        status: Some(if nic.up { types::NicStatus::Up } else { types::NicStatus::Down }),
        vlan: (nic.vlan > 0).then(|| types::Vlan { id: number(nic.vlan) }),
        host: Some(Box::new(reference(hrefs.of("hosts", nic.host), nic.host))),
        network: nic.network.map(|id| Box::new(reference(hrefs.of("networks", id), id))),
        ..Default::default()
    };
    decorate("HostNicService", &hrefs.within("hosts", nic.host, "nics", nic.id), nic.id, &mut one);
    one
}

/// The first address of IPv4, its prefix as a netmask.
pub(super) fn ipv4(nic: &HostNic) -> Option<types::Ip> {
    let (address, prefix) = nic.ipv4.first().map(|text| text.split_once('/').unwrap_or((text.as_str(), "32")))?;
    let bits: u32 = prefix.parse().ok().filter(|bits| *bits <= 32)?;
    let mask = u32::MAX.checked_shl(32 - bits).unwrap_or(0);
    Some(types::Ip {
        address: Some(address.to_owned()),
        gateway: filled(&nic.gateway),
        netmask: Some(std::net::Ipv4Addr::from(mask).to_string()),
        version: Some(types::IpVersion::V4),
    })
}

/// The first address of IPv6 that is not of the link alone, else the first.
fn ipv6(nic: &HostNic) -> Option<types::Ip> {
    let global = nic.ipv6.iter().find(|text| !text.starts_with("fe80"));
    let (address, prefix) =
        global.or(nic.ipv6.first()).map(|text| text.split_once('/').unwrap_or((text.as_str(), "128")))?;
    Some(types::Ip {
        address: Some(address.to_owned()),
        gateway: None,
        netmask: Some(prefix.to_owned()),
        version: Some(types::IpVersion::V6),
    })
}

#[cfg(test)]
mod tests {
    use ferrovirt_model::ids::NetworkId;
    use uuid::Uuid;

    use super::*;

    fn nic(name: &str, kind: &str, ipv4: &[&str], network: Option<u128>) -> HostNic {
        HostNic {
            id: HostNicId(Uuid::new_v5(&Uuid::nil(), name.as_bytes())),
            host: HostId(Uuid::from_u128(1)),
            name: name.to_owned(),
            mac_address: "52:54:00:00:00:01".to_owned(),
            mtu: 1500,
            up: true,
            speed: 0,
            ipv4: ipv4.iter().map(|text| (*text).to_owned()).collect(),
            ipv6: Vec::new(),
            kind: kind.to_owned(),
            master: String::new(),
            base_nic: String::new(),
            vlan: 0,
            gateway: String::new(),
            ipv4_method: String::new(),
            network: network.map(|id| NetworkId(Uuid::from_u128(id))),
        }
    }

    #[test]
    fn a_nic_shows_the_addresses_of_its_bridge() {
        let all = [nic("eth0", "physical", &[], Some(9)), nic("ovirtmgmt", "bridge", &["192.0.2.7/25"], Some(9))];
        let shown = present(&Hrefs::new("/api"), &all);
        assert_eq!(shown.len(), 1);
        assert_eq!((shown[0].name.as_deref(), shown[0].bridged), (Some("eth0"), Some(true)));
        let ip = shown[0].ip.as_ref().unwrap();
        assert_eq!((ip.address.as_deref(), ip.netmask.as_deref()), (Some("192.0.2.7"), Some("255.255.255.128")));
    }

    #[test]
    fn a_bridge_without_a_nic_stands_for_itself() {
        let shown = present(&Hrefs::new("/api"), &[nic("red", "bridge", &[], Some(8))]);
        assert_eq!(shown[0].name.as_deref(), Some("red"));
    }
}
