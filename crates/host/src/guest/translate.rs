//! What guests say, in the contract's words. Pure. Everything has been bounded before, or is bounded here.

use ferrovirt_guest::Facts;
use ferrovirt_guest::bounded::clean_text;
use ferrovirt_hostapi::{GuestDisk, GuestFacts, GuestNic, GuestOs, GuestPackage, GuestSession};

use crate::hypervisor::AgentFacts;

/// A stock agent may list this many of anything.
const MOST: usize = 256;

/// Facts that our agent pushed.
pub(super) fn facts(id: &str, facts: &Facts) -> GuestFacts {
    let memory = facts.memory.clone().unwrap_or_default();
    let names = facts.host_name.clone().unwrap_or_default();
    let zone = facts.time_zone.clone().unwrap_or_default();
    GuestFacts {
        vm_id: id.to_owned(),
        agent_version: facts.hello.as_ref().map(|hello| hello.agent_version.clone()).unwrap_or_default(),
        hostname: names.host_name,
        fqdn: names.fqdn,
        os: facts.operating_system.as_ref().map(|os| GuestOs {
            family: os.family.clone(),
            distribution: os.distribution.clone(),
            version: os.version.clone(),
            codename: os.codename.clone(),
            kernel: os.kernel.clone(),
            architecture: os.architecture.clone(),
            pretty_name: os.name.clone(),
        }),
        timezone_name: zone.name,
        timezone_offset_minutes: zone.offset_seconds / 60,
        nics: nics(facts),
        sessions: facts
            .sessions
            .iter()
            .flat_map(|sessions| &sessions.sessions)
            .map(|session| GuestSession {
                user: session.user.clone(),
                domain: String::new(),
                address: session.remote_host.clone(),
                since: i64::try_from(session.login_time).unwrap_or(0).saturating_mul(1000),
                console: session.remote_host.is_empty(),
            })
            .collect(),
        disks: facts
            .file_systems
            .iter()
            .flat_map(|list| &list.file_systems)
            .map(|file_system| GuestDisk {
                path: file_system.mount_point.clone(),
                file_system: file_system.kind.clone(),
                total: file_system.total,
                used: file_system.used,
            })
            .collect(),
        packages: facts
            .packages
            .iter()
            .flat_map(|list| &list.packages)
            .map(|package| GuestPackage { name: package.name.clone(), version: package.version.clone() })
            .collect(),
        memory_total: memory.total,
        memory_free: memory.free,
        memory_available: memory.available,
        memory_buffers: memory.buffers,
        memory_cached: memory.cached,
        swap_total: memory.swap_total,
        swap_free: memory.swap_free,
        disk_mapping: facts
            .disks
            .iter()
            .flat_map(|disks| &disks.disks)
            .filter(|disk| !disk.serial.is_empty())
            .map(|disk| (disk.serial.clone(), disk.device.clone()))
            .collect(),
    }
}

fn nics(facts: &Facts) -> Vec<GuestNic> {
    let interfaces = facts.network.iter().flat_map(|network| &network.interfaces);
    interfaces
        .map(|nic| GuestNic {
            name: nic.name.clone(),
            mac_address: nic.mac.clone(),
            addresses: nic.addresses.iter().map(|address| address.address.to_string()).collect(),
        })
        .collect()
}

/// Facts that libvirt got from a stock agent, by the names of virDomainGetGuestInfo.
pub(super) fn stock(id: &str, said: &AgentFacts) -> GuestFacts {
    let text = |name: &str| said.parameters.get(name).map(|value| clean_text(value)).unwrap_or_default();
    let number = |name: &str| said.parameters.get(name).and_then(|value| value.parse::<u64>().ok()).unwrap_or(0);
    let count = |name: &str| usize::try_from(number(name)).unwrap_or(0).min(MOST);
    let hostname = text("hostname");
    let id_text = text("os.id");
    GuestFacts {
        vm_id: id.to_owned(),
        fqdn: hostname.clone(),
        hostname,
        os: (!id_text.is_empty()).then(|| GuestOs {
            family: if id_text == "mswindows" { "windows".into() } else { "linux".into() },
            distribution: id_text,
            version: text("os.version-id"),
            codename: String::new(),
            kernel: text("os.kernel-release"),
            architecture: text("os.machine"),
            pretty_name: text("os.pretty-name"),
        }),
        timezone_name: text("timezone.name"),
        timezone_offset_minutes: i32::try_from(number("timezone.offset") / 60).unwrap_or(0),
        nics: said
            .interfaces
            .iter()
            .take(MOST)
            .filter(|(name, _, _)| name != "lo")
            .map(|(name, mac, addresses)| GuestNic {
                name: clean_text(name),
                mac_address: clean_text(mac),
                addresses: addresses
                    .iter()
                    .take(MOST)
                    .filter_map(|address| {
                        let bare = address.split('/').next()?;
                        bare.parse::<std::net::IpAddr>().ok().map(|address| address.to_string())
                    })
                    .collect(),
            })
            .collect(),
        sessions: (0..count("user.count"))
            .map(|index| GuestSession {
                user: text(&format!("user.{index}.name")),
                domain: text(&format!("user.{index}.domain")),
                since: i64::try_from(number(&format!("user.{index}.login-time"))).unwrap_or(0),
                ..GuestSession::default()
            })
            .collect(),
        disks: (0..count("fs.count"))
            .map(|index| GuestDisk {
                path: text(&format!("fs.{index}.mountpoint")),
                file_system: text(&format!("fs.{index}.fstype")),
                total: number(&format!("fs.{index}.total-bytes")),
                used: number(&format!("fs.{index}.used-bytes")),
            })
            .collect(),
        ..GuestFacts::default()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_stock_agent_is_bounded() {
        let mut said = AgentFacts::default();
        said.parameters.insert("user.count".into(), "4000000000".into());
        said.parameters.insert("os.id".into(), "debian\u{7}".into());
        said.interfaces.push((
            "eth0".into(),
            "52:54:00:00:00:01".into(),
            vec!["10.0.0.5/24".into(), "<script>".into()],
        ));
        let told = stock("a", &said);
        assert_eq!(told.sessions.len(), MOST);
        assert_eq!(told.nics[0].addresses, ["10.0.0.5"]);
        assert!(!told.os.unwrap().distribution.contains('\u{7}'));
    }
}
