//! First-boot data as files of a config drive, version 2: what cloud-init and cloudbase-init read.
//!
//! The files and keys are those of oVirt's config drive, so that images made for it work unchanged; the format is
//! <https://docs.openstack.org/nova/latest/user/metadata.html>. The same data and incarnation always give the same bytes:
//! a guest that moves finds the same drive at its new host. Nothing here knows how a drive is made.

use ferrovirt_hostapi::{FirstBoot, FirstBootFile};
use ferrovirt_model::vm::{Initialization, NicInitialization};
use serde_json::{Map, Value, json};
use uuid::Uuid;

/// The label by which guests find the drive.
const LABEL: &str = "config-2";

/// The drive. A guest that has seen another incarnation reads the data anew.
#[must_use]
pub fn drive(data: &Initialization, incarnation: Uuid) -> FirstBoot {
    let mut files = vec![
        file("openstack/latest/meta_data.json", pretty(&meta_data(data, incarnation))),
        file("openstack/latest/user_data", user_data(data)),
    ];
    let network = network_data(data);
    // cloud-init 0.7.9 stumbles over an empty document: without settings there is no file.
    if !network.is_empty() {
        files.push(file("openstack/latest/network_data.json", pretty(&Value::Object(network))));
    }
    FirstBoot { volume_label: LABEL.to_owned(), files }
}

fn file(path: &str, text: String) -> FirstBootFile {
    FirstBootFile { path: path.to_owned(), content: text.into_bytes() }
}

fn pretty(value: &Value) -> String {
    format!("{value:#}\n")
}

fn filled(text: &Option<String>) -> Option<&str> {
    text.as_deref().map(str::trim).filter(|text| !text.is_empty())
}

/// Who the guest is. `dsmode` local: its network settings are applied before the network is up.
fn meta_data(data: &Initialization, incarnation: Uuid) -> Value {
    let mut document = json!({
        "availability_zone": "nova",
        "launch_index": "0",
        "meta": { "dsmode": "local", "essential": "false", "role": "server" },
        "uuid": incarnation.to_string(),
    });
    if let Some(name) = filled(&data.host_name) {
        document["hostname"] = name.into();
        document["name"] = name.into();
    }
    let keys = filled(&data.authorized_ssh_keys).into_iter().flat_map(str::lines).map(str::trim);
    let keys: Vec<&str> = keys.filter(|key| !key.is_empty()).collect();
    if !keys.is_empty() {
        document["public_keys"] = keys.into();
    }
    document
}

/// A cloud-config document: one key a line, each value in JSON, which YAML contains. The user's own script comes last, so
/// that what it says again counts.
fn user_data(data: &Initialization) -> String {
    let mut lines: Vec<(&str, Value)> = vec![
        ("chpasswd", json!({ "expire": false })),
        ("disable_root", false.into()),
        ("output", json!({ "all": ">> /var/log/cloud-init-output.log" })),
    ];
    if let Some(password) = &data.root_password {
        lines.push(("password", password.expose().into()));
        lines.push(("ssh_pwauth", true.into()));
    }
    lines.push(("ssh_deletekeys", data.regenerate_ssh_keys.into()));
    if let Some(zone) = filled(&data.timezone) {
        lines.push(("timezone", zone.into()));
    }
    if let Some(user) = filled(&data.user_name) {
        lines.push(("user", user.into()));
    }
    let mut text = String::from("#cloud-config\n");
    for (key, value) in lines {
        text.push_str(&format!("{key}: {value}\n"));
    }
    if let Some(script) = data.custom_script.as_deref().filter(|script| !script.trim().is_empty()) {
        text.push_str(script);
        if !script.ends_with('\n') {
            text.push('\n');
        }
    }
    text
}

fn network_data(data: &Initialization) -> Map<String, Value> {
    let (servers, domains) = (words(&data.dns_servers), words(&data.dns_search));
    let (mut links, mut networks) = (Vec::new(), Vec::new());
    for nic in data.nics.iter().filter(|nic| nic.on_boot && !nic.name.is_empty()) {
        let mut own: Vec<Value> = addresses(nic).into_iter().map(Value::Object).collect();
        if own.is_empty() {
            continue;
        }
        for network in &mut own {
            if !servers.is_empty() {
                network["dns_nameservers"] = servers.clone().into();
            }
            if !domains.is_empty() {
                network["dns_search"] = domains.clone().into();
            }
        }
        links.push(json!({ "id": nic.name, "name": nic.name, "type": "vif" }));
        networks.append(&mut own);
    }
    let mut document = Map::new();
    if !links.is_empty() {
        document.insert("links".to_owned(), links.into());
        document.insert("networks".to_owned(), networks.into());
    }
    if !servers.is_empty() {
        let services = servers.iter().map(|server| json!({ "address": server, "type": "dns" }));
        document.insert("services".to_owned(), services.collect());
    }
    document
}

fn words(list: &Option<String>) -> Vec<String> {
    let words = list.iter().flat_map(|list| list.split([' ', ',', ';', '\n', '\t']));
    words.filter(|word| !word.is_empty()).map(str::to_owned).collect()
}

/// The networks of one NIC: one a protocol family that it has settings for.
fn addresses(nic: &NicInitialization) -> Vec<Map<String, Value>> {
    let families = [
        ("ipv4", &nic.protocol, &nic.address, &nic.netmask, &nic.gateway),
        ("ipv6", &nic.ipv6_protocol, &nic.ipv6_address, &nic.ipv6_netmask, &nic.ipv6_gateway),
    ];
    let mut networks = Vec::new();
    for (family, protocol, address, netmask, gateway) in families {
        let mut network = Map::new();
        let kind = match protocol.as_str() {
            "static" => {
                for (key, value) in [("ip_address", address), ("netmask", netmask), ("gateway", gateway)] {
                    if let Some(value) = filled(value) {
                        network.insert(key.to_owned(), value.into());
                    }
                }
                family.to_owned()
            }
            "dhcp" => format!("{family}_dhcp"),
            // Addresses that routers hand out need no word: guests take them by themselves.
            _ => continue,
        };
        network.insert("id".to_owned(), nic.name.as_str().into());
        network.insert("link".to_owned(), nic.name.as_str().into());
        network.insert("type".to_owned(), kind.into());
        networks.push(network);
    }
    networks
}

#[cfg(test)]
mod tests {
    use ferrovirt_model::secret::Secret;

    use super::*;

    const INCARNATION: Uuid = Uuid::from_u128(7);

    fn written(data: &Initialization) -> String {
        let drive = drive(data, INCARNATION);
        let files = drive.files.iter().map(|file| {
            let text = String::from_utf8(file.content.clone()).unwrap();
            format!("=== {}\n{text}", file.path)
        });
        format!("label {}\n{}", drive.volume_label, files.collect::<String>())
    }

    fn nic(name: &str, protocol: &str) -> NicInitialization {
        NicInitialization {
            name: name.to_owned(),
            protocol: protocol.to_owned(),
            on_boot: true,
            ..NicInitialization::default()
        }
    }

    #[test]
    fn everything_at_once() {
        let fixed = NicInitialization {
            address: Some("192.0.2.10".to_owned()),
            netmask: Some("255.255.255.0".to_owned()),
            gateway: Some("192.0.2.1".to_owned()),
            ipv6_protocol: "static".to_owned(),
            ipv6_address: Some("2001:db8::10".to_owned()),
            ipv6_netmask: Some("64".to_owned()),
            ..nic("eth0", "static")
        };
        let later = NicInitialization { on_boot: false, ..nic("eth2", "dhcp") };
        let data = Initialization {
            host_name: Some("web.example.com".to_owned()),
            user_name: Some("admin".to_owned()),
            root_password: Some(Secret::new("$6$salt$hash")),
            authorized_ssh_keys: Some("ssh-ed25519 AAAA a@b\r\n\n ssh-rsa BBBB c: \"d\"\n".to_owned()),
            custom_script: Some("packages:\n  - nginx".to_owned()),
            timezone: Some("Europe/Prague".to_owned()),
            dns_servers: Some("192.0.2.53 192.0.2.54".to_owned()),
            dns_search: Some("example.com".to_owned()),
            regenerate_ssh_keys: true,
            nics: vec![fixed, nic("eth1", "dhcp"), later],
        };
        insta::assert_snapshot!(written(&data));
    }

    #[test]
    fn nothing_is_said_that_was_not_asked_for() {
        insta::assert_snapshot!(written(&Initialization::default()));
    }

    #[test]
    fn dns_alone_and_nics_without_a_protocol() {
        let data = Initialization {
            dns_servers: Some("192.0.2.53".to_owned()),
            nics: vec![nic("eth0", "none")],
            ..Initialization::default()
        };
        let document = Value::Object(network_data(&data));
        assert_eq!(document, json!({ "services": [{ "address": "192.0.2.53", "type": "dns" }] }));
    }

    #[test]
    fn no_text_leaves_its_line() {
        let data = Initialization {
            user_name: Some("a\nruncmd: [reboot]".to_owned()),
            timezone: Some("\"\nx: y".to_owned()),
            ..Initialization::default()
        };
        assert!(!user_data(&data).lines().any(|line| line.starts_with("runcmd") || line.starts_with('x')));
    }
}
