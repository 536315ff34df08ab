//! The host door: the contract between engine and host agent, with its generated client and server stubs.
//!
//! The contract is `proto/host.proto`. Beside it stand the rules of its values and the one rule that all hosts keep alike
//! ([`epoch`]). This crate refuses to know what either side does with it.

#[allow(clippy::all, missing_docs, unreachable_pub, reason = "generated from the contract")]
mod generated {
    tonic::include_proto!("ferrovirt.host.v1");
}

pub use generated::*;

pub mod epoch;

impl std::fmt::Debug for FirstBootFile {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(formatter, "FirstBootFile {{ path: {:?}, {} bytes }}", self.path, self.content.len())
    }
}

impl std::fmt::Debug for ConsoleTicketRequest {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(formatter, "ConsoleTicketRequest {{ vm_id: {:?}, kind: {:?}, .. }}", self.vm_id, self.kind)
    }
}

/// The protocol number that this build speaks; it grows only when an old peer could misread a new one.
pub const PROTOCOL: u32 = 1;
/// The TCP port on which a host agent listens for the engine.
pub const HOST_PORT: u16 = 54321;
/// The TCP port on which a host serves image transfers.
pub const TRANSFER_PORT: u16 = 54322;

/// The folder on hosts in which kernels and initial RAM disks lie. A VM reads what it boots, so it boots nothing else of
/// its host's: engines refuse other paths, and so do hosts.
pub const BOOT_FOLDER: &str = "/var/lib/ferrovirt/boot";

/// Whether a path names a file below [`BOOT_FOLDER`], and leaves it by no way.
#[must_use]
pub fn is_boot_file(path: &str) -> bool {
    let below = path.strip_prefix(BOOT_FOLDER).and_then(|rest| rest.strip_prefix('/'));
    let plain = |part: &str| !matches!(part, "" | "." | "..") && !part.chars().any(char::is_control);
    below.is_some_and(|below| below.split('/').all(plain))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_file_to_boot_lies_in_its_folder() {
        assert!(
            is_boot_file("/var/lib/ferrovirt/boot/vmlinuz")
                && is_boot_file("/var/lib/ferrovirt/boot/rescue/initrd.img")
        );
        for path in [
            "",
            "/etc/shadow",
            "/var/lib/ferrovirt/boot",
            "/var/lib/ferrovirt/boot/",
            "/var/lib/ferrovirt/bootleg/vmlinuz",
            "/var/lib/ferrovirt/boot/../host.key",
            "/var/lib/ferrovirt/boot/a/../../../../../etc/shadow",
            "/var/lib/ferrovirt/boot//vmlinuz",
            "/var/lib/ferrovirt/boot/./vmlinuz",
            "/var/lib/ferrovirt/boot/a\n",
            "var/lib/ferrovirt/boot/vmlinuz",
            "iso://vmlinuz",
        ] {
            assert!(!is_boot_file(path), "{path}");
        }
    }

    #[test]
    fn what_is_secret_is_not_printed() {
        let file = FirstBootFile { path: "user_data".to_owned(), content: b"hunter2".to_vec() };
        let spec = VmSpec {
            first_boot: Some(FirstBoot { volume_label: "config-2".to_owned(), files: vec![file] }),
            ..VmSpec::default()
        };
        let printed = format!("{spec:?}");
        assert!(
            printed.contains("7 bytes") && !printed.contains("hunter2") && !printed.contains("104, 117"),
            "{printed}"
        );
        let ticket = ConsoleTicketRequest { password: "hunter2".to_owned(), ..ConsoleTicketRequest::default() };
        assert!(!format!("{ticket:?}").contains("hunter2"));
    }
}
