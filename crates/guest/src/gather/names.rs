//! The names of this guest, without asking any name server.

use ferrovirt_guest::protocol::HostName;

use super::line;

/// The kernel's name and, where `/etc/hosts` gives one, the name with its domain.
pub(crate) fn read() -> HostName {
    let host_name = line("/proc/sys/kernel/hostname");
    let fqdn = qualify(&host_name, &line("/etc/hosts"));
    HostName { host_name, fqdn }
}

fn qualify(host_name: &str, hosts: &str) -> String {
    if host_name.contains('.') {
        return host_name.to_owned();
    }
    let start = format!("{host_name}.");
    let names =
        hosts.lines().filter_map(|line| line.split('#').next()).flat_map(|line| line.split_whitespace().skip(1));
    let found = names.into_iter().find(|name| !host_name.is_empty() && name.starts_with(&start));
    found.unwrap_or(host_name).to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_domain_comes_from_the_hosts_file() {
        let hosts = "127.0.0.1 localhost\n# 1.1.1.1 web.wrong.org\n127.0.1.1 web.example.org web\n";
        assert_eq!(qualify("web", hosts), "web.example.org");
        assert_eq!(qualify("db", hosts), "db");
        assert_eq!(qualify("a.b", hosts), "a.b");
        assert_eq!(qualify("", hosts), "");
    }
}
