//! Network filters that we bring along under names that profiles use. Pure.

use super::tree::Element;

/// The description of a filter that libvirt does not bring itself; none for any other name.
pub fn known(name: &str) -> Option<String> {
    let parts: &[&str] = match name {
        // The name that clients expect of the default profile's filter.
        "vdsm-no-mac-spoofing" => &["no-mac-spoofing", "no-arp-mac-spoofing"],
        _ => return None,
    };
    let references = parts.iter().map(|part| Element::new("filterref").with("filter", part));
    Some(Element::new("filter").with("name", name).with("chain", "root").children(references).to_xml())
}
