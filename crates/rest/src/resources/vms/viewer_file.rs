//! The connection file of remote-viewer (virt-viewer's key file): what a desktop client needs to open a console.
//! Refuses to know where the password came from.

use ferrovirt_model::secret::Secret;

/// One console as remote-viewer reads it.
pub(crate) struct ConnectionFile<'a> {
    /// `vnc` or `spice`.
    pub(crate) protocol: &'a str,
    /// The host's address.
    pub(crate) address: &'a str,
    /// The unencrypted port.
    pub(crate) port: Option<u16>,
    /// The encrypted port.
    pub(crate) tls_port: Option<u16>,
    /// The console's one-time password.
    pub(crate) password: &'a Secret,
    /// The VM's name.
    pub(crate) vm: &'a str,
}

impl ConnectionFile<'_> {
    /// The text of the file. It asks the viewer to delete it: the password inside is for one use.
    #[must_use]
    pub(crate) fn text(&self) -> String {
        let mut lines = vec!["[virt-viewer]".to_owned()];
        let mut set = |key: &str, value: &str| lines.push(format!("{key}={}", one_line(value)));
        set("type", self.protocol);
        set("host", self.address);
        if let Some(port) = self.port {
            set("port", &port.to_string());
        }
        if let Some(port) = self.tls_port {
            set("tls-port", &port.to_string());
        }
        set("password", self.password.expose());
        set("delete-this-file", "1");
        set("fullscreen", "0");
        set("title", &format!("{}:%d", self.vm));
        set("toggle-fullscreen", "shift+f11");
        set("release-cursor", "shift+f12");
        lines.push(String::new());
        lines.join("\n")
    }
}

/// A name with a line break in it must not become a setting of its own.
fn one_line(text: &str) -> String {
    text.chars().filter(|letter| !letter.is_control()).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_can_not_smuggle_settings_in() {
        let password = Secret::new("pass");
        let file = ConnectionFile {
            protocol: "vnc",
            address: "192.0.2.7",
            port: Some(5901),
            tls_port: None,
            password: &password,
            vm: "web\nproxy=http://evil.example",
        };
        let text = file.text();
        assert!(text.starts_with("[virt-viewer]\ntype=vnc\nhost=192.0.2.7\nport=5901\npassword=pass\n"), "{text}");
        assert!(!text.lines().any(|line| line.starts_with("proxy")), "{text}");
    }
}
