//! What a VM boots from: firmware, direct kernel, and the order of its devices. Pure.

use std::collections::BTreeMap;

use ferrovirt_hostapi::{DirectBoot, Firmware, VmSpec, is_boot_file};

use super::SpecError;
use super::tree::Element;

/// Boot order by device: `disk/<id>`, `nic/<id>`, `cdrom`.
pub type Orders = BTreeMap<String, u32>;

/// Gives every device that may boot its place. The order of kinds (`hd`, `cdrom`, `network`) comes first; within a kind
/// the device's own order, then the order in which it was named.
pub fn orders(spec: &VmSpec) -> Orders {
    let mut disks: Vec<_> = spec.disks.iter().filter(|disk| disk.boot_order > 0).collect();
    disks.sort_by_key(|disk| disk.boot_order);
    if disks.is_empty() {
        disks.extend(spec.disks.first());
    }
    let mut nics: Vec<_> = spec.nics.iter().collect();
    nics.sort_by_key(|nic| if nic.boot_order == 0 { u32::MAX } else { nic.boot_order });
    let mut names = Vec::new();
    for kind in &spec.boot_devices {
        match kind.as_str() {
            "hd" => names.extend(disks.iter().map(|disk| format!("disk/{}", disk.disk_id))),
            "cdrom" if spec.cdrom.is_some() => names.push("cdrom".to_owned()),
            "network" => names.extend(nics.iter().map(|nic| format!("nic/{}", nic.id))),
            _ => {}
        }
    }
    if spec.boot_devices.is_empty() {
        let disks = disks.iter().map(|disk| (disk.boot_order, format!("disk/{}", disk.disk_id)));
        let nics = nics.iter().filter(|nic| nic.boot_order > 0).map(|nic| (nic.boot_order, format!("nic/{}", nic.id)));
        let mut explicit: Vec<_> = disks.chain(nics).collect();
        explicit.sort();
        names.extend(explicit.into_iter().map(|(_, name)| name));
    }
    let mut orders = Orders::new();
    for name in names {
        let next = orders.len() as u32 + 1;
        orders.entry(name).or_insert(next);
    }
    orders
}

/// The machine type's short form.
pub fn is_q35(spec: &VmSpec) -> bool {
    spec.machine.is_empty() || spec.machine.contains("q35")
}

pub(super) fn os(spec: &VmSpec) -> Result<Element, SpecError> {
    let firmware = Firmware::try_from(spec.firmware)
        .map_err(|_| SpecError::Unknown { what: "firmware", value: spec.firmware.to_string() })?;
    let machine = if spec.machine.is_empty() { "q35" } else { &spec.machine };
    let mut os = Element::new("os");
    let kind = Element::leaf("type", "hvm").with("arch", "x86_64").with("machine", machine);
    match firmware {
        Firmware::Bios => os.children.push(kind),
        Firmware::Uefi | Firmware::UefiSecure => {
            let enabled = if firmware == Firmware::UefiSecure { "yes" } else { "no" };
            os.set("firmware", "efi");
            os.children.push(kind);
            os.children.push(
                Element::new("firmware")
                    .child(Element::new("feature").with("enabled", enabled).with("name", "enrolled-keys"))
                    .child(Element::new("feature").with("enabled", enabled).with("name", "secure-boot")),
            );
        }
    }
    if let Some(direct) = &spec.direct_boot {
        os.children.extend(kernel(direct)?);
    }
    if spec.boot_menu {
        os.children.push(Element::new("bootmenu").with("enable", "yes").with("timeout", 10000));
    }
    os.children.push(Element::new("smbios").with("mode", "sysinfo"));
    if firmware == Firmware::Bios && spec.serial_console {
        os.children.push(Element::new("bios").with("useserial", "yes"));
    }
    Ok(os)
}

/// QEMU reads these files as root and hands them to the guest: whatever the engine says, only those that lie in their
/// folder are.
fn kernel(direct: &DirectBoot) -> Result<Vec<Element>, SpecError> {
    let files = [("kernel", &direct.kernel), ("initrd", &direct.initrd)];
    if let Some((what, path)) = files.into_iter().find(|(_, path)| !path.is_empty() && !is_boot_file(path)) {
        return Err(SpecError::NotToBoot { what, path: path.clone() });
    }
    if direct.kernel.is_empty() {
        return Ok(Vec::new());
    }
    let all = files.into_iter().chain([("cmdline", &direct.command_line)]);
    Ok(all.filter(|(_, text)| !text.is_empty()).map(|(name, text)| Element::leaf(name, text)).collect())
}
