//! Which operating system this is, from `os-release(5)` and `uname(2)`.

use std::collections::BTreeMap;

use ferrovirt_guest::protocol::OperatingSystem;

use super::line;

/// The fields of `os-release`, unquoted; empty where the system has no such file.
pub(crate) fn release() -> BTreeMap<String, String> {
    let text = ["/etc/os-release", "/usr/lib/os-release"].iter().map(line).find(|text| !text.is_empty());
    parse(&text.unwrap_or_default())
}

/// Lines of `KEY=value` with shell quoting.
pub(crate) fn parse(text: &str) -> BTreeMap<String, String> {
    let fields = text.lines().filter(|line| !line.starts_with('#')).filter_map(|line| line.split_once('='));
    fields.map(|(key, value)| (key.trim().to_owned(), unquote(value.trim()))).collect()
}

fn unquote(value: &str) -> String {
    let inner = ['"', '\'']
        .iter()
        .find_map(|quote| value.strip_prefix(*quote).and_then(|rest| rest.strip_suffix(*quote)))
        .unwrap_or(value);
    let mut plain = String::with_capacity(inner.len());
    let mut escaped = false;
    for character in inner.chars() {
        escaped = character == '\\' && !escaped;
        if !escaped {
            plain.push(character);
        }
    }
    plain
}

/// What `uname(2)` says.
pub(crate) struct Kernel {
    pub(crate) release: String,
    pub(crate) version: String,
    pub(crate) machine: String,
}

pub(crate) fn kernel() -> Kernel {
    let text = |value: &std::ffi::OsStr| value.to_string_lossy().into_owned();
    match nix::sys::utsname::uname() {
        Ok(names) => {
            Kernel { release: text(names.release()), version: text(names.version()), machine: text(names.machine()) }
        }
        Err(_) => {
            Kernel { release: line("/proc/sys/kernel/osrelease"), version: String::new(), machine: String::new() }
        }
    }
}

pub(crate) fn read() -> OperatingSystem {
    let release = release();
    let field = |key: &str| release.get(key).cloned().unwrap_or_default();
    let kernel = kernel();
    let mut name = field("PRETTY_NAME");
    if name.is_empty() {
        // Systems older than os-release say it here, in one line.
        name = ["/etc/redhat-release", "/etc/system-release"]
            .iter()
            .map(line)
            .find(|text| !text.is_empty())
            .unwrap_or_default();
    }
    OperatingSystem {
        family: "linux".to_owned(),
        distribution: field("ID"),
        name,
        version: field("VERSION_ID"),
        codename: field("VERSION_CODENAME"),
        kernel: kernel.release,
        architecture: kernel.machine,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn quotes_and_escapes_are_undone() {
        let fields = parse("# a comment\nID=debian\nPRETTY_NAME=\"A \\\"B\\\" \\$5\"\nNAME='x'\nbroken\n");
        assert_eq!(fields["ID"], "debian");
        assert_eq!(fields["PRETTY_NAME"], "A \"B\" $5");
        assert_eq!(fields["NAME"], "x");
        assert_eq!(fields.len(), 3);
    }
}
