//! Changes to a description that libvirt gave us: for the migration target and for the console. Pure.

use super::devices::CDROM_ALIAS;
use super::tree::{self, Element, XmlError};

/// The description for the target of a migration: the same machine, under the generation of the run that begins there,
/// with screens that listen on the target's own address. Loopback is every host's own and stays.
pub fn for_target(xml: &str, id: &str, generation: u64, address: &str) -> Result<String, XmlError> {
    let mut domain = tree::parse(xml)?;
    let metadata = super::metadata(id, generation);
    match domain.get_mut("metadata") {
        Some(held) => *held = metadata,
        None => domain.children.push(metadata),
    }
    if let Some(devices) = domain.get_mut("devices") {
        for graphics in devices.children.iter_mut().filter(|device| device.local_name() == "graphics") {
            move_screen(graphics, address);
        }
    }
    Ok(domain.to_xml())
}

fn move_screen(graphics: &mut Element, address: &str) {
    let moves = |held: Option<&str>| held.is_some_and(|held| !matches!(held, "127.0.0.1" | "::1" | "0.0.0.0" | "::"));
    if moves(graphics.attribute("listen")) {
        graphics.set("listen", address);
    }
    for listen in graphics.children.iter_mut().filter(|child| child.local_name() == "listen") {
        if moves(listen.attribute("address")) {
            listen.set("address", address);
        }
    }
}

/// The screen of that kind with a new password, to update the running domain; none where it has no such screen.
pub fn console_password(xml: &str, kind: &str, password: &str, valid_to: &str) -> Result<Option<String>, XmlError> {
    let domain = tree::parse(xml)?;
    let Some(devices) = domain.get("devices") else { return Ok(None) };
    let Some(graphics) = devices.all("graphics").find(|graphics| graphics.attribute("type") == Some(kind)) else {
        return Ok(None);
    };
    let mut graphics = graphics.clone();
    graphics.set("passwd", password);
    graphics.set("passwdValidTo", valid_to);
    Ok(Some(graphics.to_xml()))
}

/// The device with this alias as libvirt describes it now.
pub fn device(xml: &str, alias: &str) -> Result<Option<Element>, XmlError> {
    let domain = tree::parse(xml)?;
    let devices = domain.get("devices").map(|devices| devices.children.clone()).unwrap_or_default();
    Ok(devices.into_iter().find(|device| device.get("alias").and_then(|held| held.attribute("name")) == Some(alias)))
}

/// The CD-ROM drive.
pub fn cdrom(xml: &str) -> Result<Option<Element>, XmlError> {
    device(xml, CDROM_ALIAS)
}

/// A NIC as it runs, with another link, network and filter: model and MAC address can't change while it runs.
pub fn nic(current: &Element, wanted: &Element) -> Element {
    let mut nic = current.clone();
    for name in ["link", "filterref"] {
        nic.children.retain(|child| child.name != name);
        nic.children.extend(wanted.get(name).cloned());
    }
    if let (Some(source), Some(held)) = (wanted.get("source"), nic.get_mut("source")) {
        held.attributes.clone_from(&source.attributes);
    }
    nic
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn screens_listen_where_the_machine_goes() {
        let screen = |address: &str| {
            format!(
                "<domain><devices><graphics type='vnc' listen='{address}'><listen type='address' address='{address}'/>\
                 </graphics></devices></domain>"
            )
        };
        let moved = for_target(&screen("192.0.2.1"), "a", 8, "192.0.2.2").unwrap();
        assert!(!moved.contains("192.0.2.1") && moved.matches("192.0.2.2").count() == 2, "{moved}");
        assert!(for_target(&screen("127.0.0.1"), "a", 8, "192.0.2.2").unwrap().contains("127.0.0.1"));
    }

    #[test]
    fn the_target_gets_its_own_generation() {
        let xml = "<domain><metadata><x/></metadata><devices/></domain>";
        let changed = for_target(xml, "a", 8, "192.0.2.2").unwrap();
        let tree = tree::parse(&changed).unwrap();
        assert_eq!(tree.path(&["metadata", "vm", "generation"]).unwrap().text, "8");
    }

    #[test]
    fn a_password_changes_nothing_else() {
        let xml = "<domain><devices><graphics type='vnc' port='5901' autoport='yes' passwd='old'/></devices></domain>";
        let changed = console_password(xml, "vnc", "n3w", "2026-01-01T00:00:00").unwrap().unwrap();
        let tree = tree::parse(&changed).unwrap();
        assert_eq!(tree.attribute("port"), Some("5901"));
        assert_eq!(tree.attribute("passwd"), Some("n3w"));
        assert!(console_password(xml, "spice", "n3w", "").unwrap().is_none());
    }
}
