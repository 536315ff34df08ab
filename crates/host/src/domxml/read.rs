//! Reads what libvirt says of a running domain. Pure.

use std::path::PathBuf;

use super::NAMESPACE;
use super::tree::{self, Element, XmlError};
use crate::hypervisor::{Channel, Device, Graphics};

/// What stands in a domain's description.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Description {
    /// The VM's id.
    pub id: String,
    /// Its name.
    pub name: String,
    /// The generation, of a domain that is ours.
    pub generation: Option<u64>,
    /// Its screens.
    pub graphics: Vec<Graphics>,
    /// Its virtio-serial ports.
    pub channels: Vec<Channel>,
    /// Its disks and NICs.
    pub devices: Vec<Device>,
}

/// Reads a domain's description.
pub fn description(xml: &str) -> Result<Description, XmlError> {
    let domain = tree::parse(xml)?;
    let text = |name: &str| domain.get(name).map(|element| element.text.clone()).unwrap_or_default();
    let nothing = Element::new("devices");
    let devices = domain.get("devices").unwrap_or(&nothing);
    Ok(Description {
        id: text("uuid"),
        name: text("name"),
        generation: generation(&domain),
        graphics: devices.all("graphics").filter_map(graphics).collect(),
        channels: devices.all("channel").filter_map(channel).collect(),
        devices: devices.children.iter().filter_map(device).collect(),
    })
}

fn generation(domain: &Element) -> Option<u64> {
    let ours = domain
        .get("metadata")?
        .all("vm")
        .find(|vm| vm.attributes.iter().any(|(name, value)| name.starts_with("xmlns") && value == NAMESPACE))?;
    ours.get("generation")?.text.parse().ok()
}

fn graphics(element: &Element) -> Option<Graphics> {
    let listen = element.all("listen").find(|listen| listen.attribute("type") == Some("address"));
    let address = listen.and_then(|listen| listen.attribute("address")).or(element.attribute("listen"));
    Some(Graphics {
        kind: element.attribute("type")?.to_owned(),
        address: address.unwrap_or("127.0.0.1").to_owned(),
        port: element.attribute("port").and_then(|port| port.parse::<u16>().ok()).filter(|port| *port > 0),
    })
}

fn channel(element: &Element) -> Option<Channel> {
    let target = element.get("target")?;
    Some(Channel {
        name: target.attribute("name")?.to_owned(),
        path: PathBuf::from(element.get("source")?.attribute("path")?),
        connected: target.attribute("state") == Some("connected"),
    })
}

fn device(element: &Element) -> Option<Device> {
    if element.name != "disk" && element.name != "interface" {
        return None;
    }
    Some(Device {
        alias: element.get("alias")?.attribute("name")?.to_owned(),
        target: element.get("target")?.attribute("dev")?.to_owned(),
    })
}

/// Machine types and CPU models that guests can get, from libvirt's domain capabilities.
pub fn usable_models(domain_capabilities: &str) -> Result<Vec<String>, XmlError> {
    let root = tree::parse(domain_capabilities)?;
    let custom = root.get("cpu").and_then(|cpu| cpu.all("mode").find(|mode| mode.attribute("name") == Some("custom")));
    Ok(custom
        .map(|mode| {
            mode.all("model")
                .filter(|model| model.attribute("usable") == Some("yes"))
                .map(|model| model.text.clone())
                .collect()
        })
        .unwrap_or_default())
}

/// Machine types of x86-64 and the security driver, from libvirt's capabilities.
pub fn machines_and_security(capabilities: &str) -> Result<(Vec<String>, String), XmlError> {
    let root = tree::parse(capabilities)?;
    let mut machines = Vec::new();
    for guest in root.all("guest") {
        let Some(arch) = guest.get("arch").filter(|arch| arch.attribute("name") == Some("x86_64")) else { continue };
        for machine in arch.all("machine").chain(arch.all("domain").flat_map(|domain| domain.all("machine"))) {
            if !machines.contains(&machine.text) {
                machines.push(machine.text.clone());
            }
        }
    }
    let drivers = root.get("host").into_iter().flat_map(|host| host.all("secmodel"));
    let driver = drivers
        .filter_map(|model| model.get("model").map(|name| name.text.clone()))
        .find(|name| name == "selinux" || name == "apparmor")
        .unwrap_or_default();
    Ok((machines, driver))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_running_domain_is_read() {
        let xml = "<domain type='qemu' id='3'><name>web</name><uuid>u-1</uuid>
            <metadata><f:vm xmlns:f='http://ferrovirt.org/vm/1'><f:id>u-1</f:id><f:generation>7</f:generation></f:vm></metadata>
            <devices>
              <disk type='file'><target dev='vda' bus='virtio'/><alias name='ua-d1'/></disk>
              <graphics type='vnc' port='5903' listen='10.0.0.1'><listen type='address' address='10.0.0.1'/></graphics>
              <channel type='unix'><source mode='bind' path='/x/org.ferrovirt.guest.0'/>
                <target type='virtio' name='org.ferrovirt.guest.0' state='connected'/></channel>
            </devices></domain>";
        let read = description(xml).unwrap();
        assert_eq!((read.id.as_str(), read.name.as_str(), read.generation), ("u-1", "web", Some(7)));
        assert_eq!(read.graphics[0].port, Some(5903));
        assert!(read.channels[0].connected);
        assert_eq!(read.devices[0].target, "vda");
    }

    #[test]
    fn a_foreign_domain_has_no_generation() {
        let xml = "<domain><name>x</name><uuid>u</uuid><metadata><vm xmlns='http://other/'><generation>7</generation></vm></metadata></domain>";
        assert_eq!(description(xml).unwrap().generation, None);
    }
}
